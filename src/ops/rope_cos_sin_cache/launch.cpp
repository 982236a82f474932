// SPDX-License-Identifier: Apache-2.0
#include <cmath>
#include <numbers>

#include "core/op.h"
#include "generated/ops.h"
#include "ops/rope_cos_sin_cache/params.h"

namespace hipinfer {
namespace {

double or_default(double x, double value) {
  return x == 0 ? value : x;
}

}  // namespace

void rope_cos_sin_cache_launch(call& c, const rope_cos_sin_cache_args& a) {
  rope_cos_sin_cache_params p{};
  const int64_t r = a.output.shape[1];
  if (r < 2 || r % 2 != 0 || r > 512) {
    c.refuse(HIPINFER_STATUS_INVALID_SHAPE, "output", "rotary dimension %lld, expected an even number from 2 to 512",
             static_cast<long long>(r));
  }
  p.output = a.output.data;
  p.positions = a.output.shape[0];
  p.half = r / 2;
  p.output_stride = a.output.stride[0];
  const bool linear = a.options.scaling == HIPINFER_ROPE_SCALING_LINEAR;
  const bool llama31 = a.options.scaling == HIPINFER_ROPE_SCALING_LLAMA31;
  const double factor = or_default(a.options.factor, llama31 ? 8 : 1);
  const double low = or_default(a.options.low_freq_factor, 1);
  const double high = or_default(a.options.high_freq_factor, 4);
  const double context = or_default(a.options.original_context, 8192);
  if (llama31 && !(high > low)) {
    c.refuse(HIPINFER_STATUS_INVALID_ARGUMENT, "high_freq_factor", "%.9g, expected more than low_freq_factor, %.9g",
             high, low);
  }
  for (int64_t i = 0; i < p.half; ++i) {
    double f = std::pow(static_cast<double>(a.theta), -2.0 * static_cast<double>(i) / static_cast<double>(r));
    if (linear) f /= factor;
    if (llama31) {
      const double periods = context * f / (2 * std::numbers::pi);  // of this frequency in the training context
      if (periods < low) {
        f /= factor;
      } else if (periods <= high) {
        const double smooth = (periods - low) / (high - low);
        f = (1 - smooth) * f / factor + smooth * f;
      }
    }
    p.frequency[i] = f;
  }
  if (p.positions == 0) return;
  c.run<rope_cos_sin_cache_tune>(
      p, [&](const rope_cos_sin_cache_tune&) { return grid{ceil_div<int64_t>(p.positions * p.half, 256)}; });
}

}  // namespace hipinfer
