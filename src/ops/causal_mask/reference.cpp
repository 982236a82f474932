// SPDX-License-Identifier: Apache-2.0
#include "core/reference.h"
#include "gen/ops.h"
#include "ops/causal_mask/params.h"

namespace hipinfer {
namespace {

template <class T>
void causal_mask(const causal_mask_params& p) {
  parallel_rows(p.batch * p.heads * p.queries, p.keys, [&](int64_t row) {
    const int64_t q = row % p.queries, h = row / p.queries % p.heads, b = row / p.queries / p.heads;
    const T* x = static_cast<const T*>(p.input) + b * p.input_stride[0] + h * p.input_stride[1] + q * p.input_stride[2];
    T* y = static_cast<T*>(p.output) + b * p.output_stride[0] + h * p.output_stride[1] + q * p.output_stride[2];
    for (int64_t k = 0; k < p.keys; ++k) y[k] = k > q + (p.keys - p.queries) ? narrow<T>(p.value) : x[k];
  });
}

}  // namespace

void causal_mask_reference(const causal_mask_params& p, const bound_dtypes& types) {
  with_float(types[causal_mask_dtype::data], [&]<class T>() { causal_mask<T>(p); });
}

}  // namespace hipinfer
