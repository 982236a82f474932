// SPDX-License-Identifier: Apache-2.0
#include <bit>

#include "core/op.h"
#include "gen/ops.h"
#include "ops/top_k_top_p_sampling_from_logits/params.h"

namespace hipinfer {

void top_k_top_p_sampling_from_logits_launch(call& c, const top_k_top_p_sampling_from_logits_args& a) {
  top_k_top_p_sampling_from_logits_params p{};
  p.output = static_cast<int32_t*>(a.output.data);
  p.valid = static_cast<uint8_t*>(a.valid.data);
  p.logits = a.logits.data;
  p.temperatures = a.temperatures.data;
  p.top_ks = static_cast<const int32_t*>(a.top_ks.data);
  p.top_ps = a.top_ps.data;
  p.philox = static_cast<const int64_t*>(a.philox.data);
  p.rows = a.logits.shape[0];
  p.n = a.logits.shape[1];
  p.logits_stride = a.logits.stride[0];
  p.seed = static_cast<int64_t>(a.seed);
  p.offset = static_cast<int64_t>(a.offset);
  p.temperature = a.temperature;
  p.top_p = a.top_p;
  p.top_k = a.top_k;
  if (p.n < 1 || p.n > INT32_MAX) {
    c.refuse(HIPINFER_STATUS_INVALID_SHAPE, "logits", "rows of length %lld, expected from 1 to %d",
             static_cast<long long>(p.n), INT32_MAX);
  }
  p.weight_bits = 62 - std::bit_width(static_cast<uint64_t>(p.n));
  p.vector = a.logits.aligned(16);
  if (p.rows == 0) return;
  c.run<top_k_top_p_sampling_from_logits_tune>(
      p, [&](const top_k_top_p_sampling_from_logits_tune&) { return grid{p.rows}; });
}

}  // namespace hipinfer
