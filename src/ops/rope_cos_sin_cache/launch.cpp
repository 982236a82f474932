// SPDX-License-Identifier: Apache-2.0
#include "ops/ropes/launch.h"
#include "gen/ops.h"
#include "ops/rope_cos_sin_cache/params.h"

namespace hipinfer {

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
  p.pairs = make_divisor(p.half, p.positions * p.half);
  p.output_stride = a.output.stride[0];
  const rope_frequencies f = frequencies_of(c, a, a.theta, r);
  for (int64_t i = 0; i < p.half; ++i) p.frequency[i] = f.at(i);
  p.amplitude = f.amplitude;
  if (p.positions == 0) return;
  c.run<rope_cos_sin_cache_tune>(p, [&](const rope_cos_sin_cache_tune&) { return item_grid(p.positions * p.half); });
}

}  // namespace hipinfer
