// SPDX-License-Identifier: Apache-2.0
#include <bit>

#include "core/items.h"
#include "gen/argmax.h"
#include "gen/softmax.h"
#include "gen/top_k_top_p_sampling_from_logits.h"
#include "ops/sampling/params.h"

namespace hipinfer {

void softmax_launch(call& c, const softmax_args& a) {
  softmax_params p{};
  p.input = a.input.data;
  p.output = a.output.data;
  p.temperatures = a.temperatures.data;
  p.rows = a.input.shape[0];
  p.n = a.input.shape[1];
  p.input_stride = a.input.stride[0];
  p.output_stride = a.output.stride[0];
  p.temperature = a.temperature;
  p.input_type = a.input.type;
  p.output_type = a.output.type;
  p.vector = a.input.aligned(16) && a.output.aligned(16) && p.n % (16 / dtype_bytes(a.input.type)) == 0;
  if (a.output.elements() == 0) return;
  if (p.output != nullptr && p.output == p.input && a.output.type != a.input.type) {
    c.refuse(HIPINFER_STATUS_ALIASING, "output", "is the same memory as input, with dtype %s in place of %s",
             dtype_name(a.output.type), dtype_name(a.input.type));
  }
  c.run<softmax_tune>(p, [&](const softmax_tune& t) {
    // Blocks of a row that is overwritten would have to wait for each other.
    if (p.output != p.input) {
      while (1 << p.parts_log2 < t.parts && p.rows << (p.parts_log2 + 2) <= c.compute_units()) ++p.parts_log2;
    }
    return block_grid(p.rows << p.parts_log2);
  });
}

void argmax_launch(call& c, const argmax_args& a) {
  argmax_params p{};
  p.input = a.input.data;
  p.output = a.output.data;
  p.rows = a.input.shape[0];
  p.n = a.input.shape[1];
  p.input_stride = a.input.stride[0];
  p.vector = a.input.aligned(16);
  if (p.n == 0) c.refuse(HIPINFER_STATUS_INVALID_SHAPE, "input", "rows of length 0 have no maximum");
  if (a.output.type == dtype::i32 && p.n - 1 > INT32_MAX) {
    c.refuse(HIPINFER_STATUS_INVALID_SHAPE, "input", "rows of length %lld have indices that output's i32 cannot hold",
             static_cast<long long>(p.n));
  }
  if (p.rows == 0) return;
  c.run<argmax_tune>(p, [&](const argmax_tune&) { return grid{p.rows}; });
}

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
