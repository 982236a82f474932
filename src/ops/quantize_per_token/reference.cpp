// SPDX-License-Identifier: Apache-2.0
#include <cmath>

#include "core/reference.h"
#include "gen/ops.h"
#include "ops/quantize_per_token/params.h"

namespace hipinfer {
namespace {

template <class Q, class T>
void quantize_per_token(const quantize_per_token_params& p) {
  using real = accumulator<T>;
  parallel_rows(p.rows, p.n, [&](int64_t r) {
    const T* x = static_cast<const T*>(p.input) + r * p.input_stride;
    Q* y = static_cast<Q*>(p.output) + r * p.output_stride;
    real largest = 0;
    for (int64_t i = 0; i < p.n; ++i) largest = std::fmax(largest, std::fabs(static_cast<real>(widen(x[i]))));
    const real scale = dynamic_scale<Q>(largest);
    static_cast<real*>(p.scales)[r * p.scale_stride] = scale;
    for (int64_t i = 0; i < p.n; ++i) y[i] = narrow<Q>(widen(x[i]) / scale);
  });
}

}  // namespace

void quantize_per_token_reference(const quantize_per_token_params& p, const bound_dtypes& types) {
  with_quantised(types[quantize_per_token_dtype::output], [&]<class Q>() {
    with_float(types[quantize_per_token_dtype::input], [&]<class T>() { quantize_per_token<Q, T>(p); });
  });
}

}  // namespace hipinfer
