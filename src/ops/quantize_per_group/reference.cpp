// SPDX-License-Identifier: Apache-2.0
#include <cmath>

#include "core/reference.h"
#include "gen/ops.h"
#include "ops/quantize_per_group/params.h"

namespace hipinfer {
namespace {

template <class Q, class T>
void quantize_per_group(const quantize_per_group_params& p) {
  using real = accumulator<T>;
  parallel_rows(p.rows, p.n, [&](int64_t r) {
    const int64_t outer = r / p.inner.by, inner = r % p.inner.by;
    const T* x = static_cast<const T*>(p.input) + outer * p.input_stride[0] + inner * p.input_stride[1];
    Q* y = static_cast<Q*>(p.output) + outer * p.output_stride[0] + inner * p.output_stride[1];
    real largest = 0;
    for (int64_t i = 0; i < p.n; ++i) largest = std::fmax(largest, std::fabs(static_cast<real>(widen(x[i]))));
    const real scale = dynamic_scale<Q>(largest);
    static_cast<real*>(p.scales)[outer * p.scale_stride[0] + inner * p.scale_stride[1]] = scale;
    for (int64_t i = 0; i < p.n; ++i) y[i] = narrow<Q>(widen(x[i]) / scale);
  });
}

}  // namespace

void quantize_per_group_reference(const quantize_per_group_params& p, const bound_dtypes& types) {
  with_quantised(types[quantize_per_group_dtype::output], [&]<class Q>() {
    with_float(types[quantize_per_group_dtype::input], [&]<class T>() { quantize_per_group<Q, T>(p); });
  });
}

}  // namespace hipinfer
