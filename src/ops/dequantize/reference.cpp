// SPDX-License-Identifier: Apache-2.0
#include "core/reference.h"
#include "gen/ops.h"
#include "ops/dequantize/params.h"

namespace hipinfer {
namespace {

template <class Q, class T>
void dequantize(const dequantize_params& p) {
  using real = accumulator<T>;
  parallel_rows(p.rows, p.n, [&](int64_t r) {
    const Q* x = static_cast<const Q*>(p.input) + r * p.input_stride;
    const real* scales = static_cast<const real*>(p.scales) + r / p.group_rows * p.scale_stride[0];
    T* y = static_cast<T*>(p.output) + r * p.output_stride;
    for (int64_t i = 0; i < p.n; ++i) {
      y[i] = narrow<T>(static_cast<real>(widen(x[i])) * scales[i / p.group_size * p.scale_stride[1]]);
    }
  });
}

}  // namespace

void dequantize_reference(const dequantize_params& p, const bound_dtypes& types) {
  with_quantised(types[dequantize_dtype::input], [&]<class Q>() {
    with_float(types[dequantize_dtype::output], [&]<class T>() { dequantize<Q, T>(p); });
  });
}

}  // namespace hipinfer
