// SPDX-License-Identifier: Apache-2.0
#include "core/reference.h"
#include "gen/ops.h"
#include "ops/argmax/params.h"

namespace hipinfer {
namespace {

template <class T, class I>
void argmax(const argmax_params& p) {
  parallel_rows(p.rows, p.n, [&](int64_t row) {
    const T* x = static_cast<const T*>(p.input) + row * p.input_stride;
    int64_t found = -1;
    for (int64_t i = 0; i < p.n; ++i) {
      if (std::isnan(widen(x[i]))) continue;
      if (found < 0 || widen(x[i]) > widen(x[found])) found = i;
    }
    static_cast<I*>(p.output)[row] = static_cast<I>(found < 0 ? 0 : found);
  });
}

}  // namespace

void argmax_reference(const argmax_params& p, const bound_dtypes& types) {
  with_float(types[argmax_dtype::data],
             [&]<class T>() { with_index(types[argmax_dtype::index], [&]<class I>() { argmax<T, I>(p); }); });
}

}  // namespace hipinfer
