// SPDX-License-Identifier: Apache-2.0
#include <vector>

#include "core/reference.h"
#include "gen/ops.h"
#include "ops/masked_softmax/params.h"

namespace hipinfer {
namespace {

template <class T>
void masked_softmax(const masked_softmax_params& p) {
  using real = accumulator<T>;
  constexpr real nothing = -std::numeric_limits<real>::infinity();
  parallel_rows(p.rows, 8 * p.n, [&](int64_t row) {
    const int64_t q = row % p.queries, h = row / p.queries % p.heads, b = row / p.queries / p.heads;
    const T* x = static_cast<const T*>(p.input) + b * p.input_stride[0] + h * p.input_stride[1] + q * p.input_stride[2];
    T* y = static_cast<T*>(p.output) + b * p.output_stride[0] + h * p.output_stride[1] + q * p.output_stride[2];
    const int64_t mask = b * p.mask_stride[0] + h * p.mask_stride[1] + q * p.mask_stride[2];
    std::vector<real> scores(p.n);
    real top = nothing;
    double sum = 0;  // a long row in fp32 would lose the last digits
    for (int64_t k = 0; k < p.n; ++k) {
      const int64_t at = mask + k * p.mask_stride[3];
      real s = widen(x[k]) * p.scale;
      if (p.mask_bytes == 1)
        s = static_cast<const uint8_t*>(p.mask)[at] != 0 ? s : nothing;
      else if (p.mask_bytes == sizeof(T))
        s += widen(static_cast<const T*>(p.mask)[at]);
      else if (p.mask_bytes != 0)
        s += static_cast<real>(static_cast<const float*>(p.mask)[at]);
      if (p.causal && k > q + (p.n - p.queries)) s = nothing;
      scores[k] = s;
      top = std::fmax(top, s);
    }
    const real base = top == nothing ? 0 : top;
    for (real& s : scores) sum += s = std::exp(s - base);
    for (int64_t k = 0; k < p.n; ++k) y[k] = narrow<T>(static_cast<real>(sum == 0 ? 0 : scores[k] / sum));
  });
}

}  // namespace

void masked_softmax_reference(const masked_softmax_params& p, const bound_dtypes& types) {
  with_float(types[masked_softmax_dtype::data], [&]<class T>() { masked_softmax<T>(p); });
}

}  // namespace hipinfer
