// SPDX-License-Identifier: Apache-2.0
#include "ops/norms/reference.h"
#include "generated/ops.h"
#include "ops/layernorm/params.h"

namespace hipinfer {
namespace {

template <class T, class W>
void layernorm(const layernorm_params& p) {
  parallel_rows(p.rows, p.n, [&](int64_t r) {
    const auto row = layernorm_of_definition<T, W>(p, r);
    T* y = row_at(static_cast<T*>(p.output), p.output_stride, r, p.inner);
    for (int64_t i = 0; i < p.n; ++i) y[i] = narrow<T>(row[i]);
  });
}

}  // namespace

void layernorm_reference(const layernorm_params& p, const bound_dtypes& types) {
  with_float(types[layernorm_dtype::data],
             [&]<class T>() { with_float(types[layernorm_dtype::weight], [&]<class W>() { layernorm<T, W>(p); }); });
}

}  // namespace hipinfer
