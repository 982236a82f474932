// SPDX-License-Identifier: Apache-2.0
#include "ops/ropes/launch.h"
#include "gen/ops.h"
#include "ops/rope_quantize_fp8/params.h"

namespace hipinfer {
namespace {

void check_pair(const call& c, const char* in, bool in_given, const char* out, bool out_given) {
  if (in_given == out_given) return;
  c.refuse(HIPINFER_STATUS_NULL_POINTER, in_given ? out : in, "is NULL, but %s is given", in_given ? in : out);
}

// A row of the grid has blocks for the rotary parts, then blocks for the others.
grid share_grid(rope_quantize_fp8_params& p, int64_t slots, int64_t plain_slots) {
  constexpr int64_t most = most_slots - 2 * item_threads;  // for what is rounded up
  p.slots = make_divisor(std::max<int64_t>(slots, 1), most_slots);
  p.plain_slots = make_divisor(std::max<int64_t>(plain_slots, 1), most_slots);
  p.row_tokens = static_cast<uint32_t>(std::min(p.tokens, most / (slots + plain_slots)));
  p.rotary_blocks = static_cast<uint32_t>(ceil_div<int64_t>(p.row_tokens * slots, item_threads));
  return {p.rotary_blocks + ceil_div<int64_t>(p.row_tokens * plain_slots, item_threads),
          ceil_div<int64_t>(p.tokens, p.row_tokens)};
}

}  // namespace

void rope_quantize_fp8_launch(call& c, const rope_quantize_fp8_args& a) {
  rope_quantize_fp8_params p{};
  const int64_t r = a.cos_sin.shape[1];
  check_pair(c, "q_nope", a.q_nope.given(), "q_nope_out", a.q_nope_out.given());
  check_pair(c, "k_nope", a.k_nope.given(), "k_nope_out", a.k_nope_out.given());
  check_rotary_dimension(c, "cos_sin", r, r);
  check_row_extents(c, "q_rope", a.q_rope);
  check_row_extents(c, "k_rope", a.k_rope);
  if (a.q_nope.given()) check_row_extents(c, "q_nope", a.q_nope);
  if (a.k_nope.given()) check_row_extents(c, "k_nope", a.k_nope);
  p.cos_sin = a.cos_sin.data;
  p.positions = a.positions.data;
  p.wide = a.positions.type == dtype::i64;
  p.tokens = a.q_rope.shape[0];
  p.q_heads = static_cast<int32_t>(a.q_rope.shape[1]);
  p.k_heads = a.k_rope.rank == 3 ? static_cast<int32_t>(a.k_rope.shape[1]) : 1;
  p.head_dim = static_cast<int32_t>(r);
  p.output_type = a.q_rope_out.type;
  p.cached = a.cos_sin.shape[0];
  p.cos_sin_stride = a.cos_sin.stride[0];
  p.q_factor = a.quant_scale_q;
  p.k_factor = a.quant_scale_kv;
  const int64_t width = 16 / dtype_bytes(a.q_rope.type);
  bool aligned = a.cos_sin.aligned(16);
  const auto part = [&](const view& t, auto& data, int64_t (&stride)[2], int64_t accesses = 1) {
    data = t.data;
    set_row_strides(stride, t);
    aligned = aligned && (!t.given() || steps_of(t, accesses * width));
  };
  part(a.q_rope_out, p.q_rope_out, p.q_rope_out_stride);
  part(a.k_rope_out, p.k_rope_out, p.k_rope_out_stride);
  part(a.q_nope_out, p.q_nope_out, p.q_nope_out_stride, 2);
  part(a.k_nope_out, p.k_nope_out, p.k_nope_out_stride, 2);
  part(a.q_rope, p.q_rope, p.q_rope_stride);
  part(a.k_rope, p.k_rope, p.k_rope_stride);
  part(a.q_nope, p.q_nope, p.q_nope_stride);
  part(a.k_nope, p.k_nope, p.k_nope_stride);
  const int64_t nope = a.q_nope.given() ? a.q_nope.shape[2] : a.k_nope.given() ? a.k_nope.extent(1) : 0;
  p.nope_dim = static_cast<int32_t>(nope);
  set_rope_units(p, a.q_rope.type, r, r, a.interleaved != 0, aligned && nope % (2 * width) == 0, false);
  const int64_t heads = int64_t{p.q_heads} + p.k_heads;
  if (p.tokens * heads * (r + nope) == 0) return;
  c.run<rope_quantize_fp8_tune>(p, [&](const rope_quantize_fp8_tune& t) {
    // Units are those of the kernel that serves: the one for unaligned heads takes aligned ones, too.
    const int64_t units = set_rope_units(p, a.q_rope.type, r, r, a.interleaved != 0, t.vector != 0, false);
    const int64_t plain_units = p.vector ? nope / (2 * width) : nope;
    const int64_t chunks = set_rope_chunks(p, heads_a_thread(c, p.tokens, heads, units + plain_units, t.heads));
    p.plain_units = make_divisor(std::max<int64_t>(plain_units, 1), most_slots);
    return share_grid(p, chunks * units, chunks * plain_units);
  });
}

}  // namespace hipinfer
