// SPDX-License-Identifier: Apache-2.0
#include "core/reference.h"
#include "gen/ops.h"
#include "ops/scale/params.h"

namespace hipinfer {
namespace {

template <class T>
void scale(const scale_params& p) {
  const T* input = static_cast<const T*>(p.input);
  T* output = static_cast<T*>(p.output);
  parallel_rows(p.n, 1, [&](int64_t i) {
    int64_t from = 0, to = 0;
    for (int d = 0; d < p.rank; ++d) {
      from += i % p.shape[d] * p.input_stride[d];
      to += i % p.shape[d] * p.output_stride[d];
      i /= p.shape[d];
    }
    output[to] = narrow<T>(widen(input[from]) * p.factor);
  });
}

}  // namespace

void scale_reference(const scale_params& p, const bound_dtypes& types) {
  with_float(types[scale_dtype::data], [&]<class T>() { scale<T>(p); });
}

}  // namespace hipinfer
