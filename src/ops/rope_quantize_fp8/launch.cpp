// SPDX-License-Identifier: Apache-2.0
#include "ops/ropes/launch.h"
#include "generated/ops.h"
#include "ops/rope_quantize_fp8/params.h"

namespace hipinfer {
namespace {

void check_pair(const call& c, const char* in, bool in_given, const char* out, bool out_given) {
  if (in_given == out_given) return;
  c.refuse(HIPINFER_STATUS_NULL_POINTER, in_given ? out : in, "is NULL, but %s is given", in_given ? in : out);
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
  const auto part = [&](const view& t, auto& data, int64_t (&stride)[2]) {
    data = t.data;
    set_row_strides(stride, t);
    aligned = aligned && (!t.given() || steps_of(t, width));
  };
  part(a.q_rope_out, p.q_rope_out, p.q_rope_out_stride);
  part(a.k_rope_out, p.k_rope_out, p.k_rope_out_stride);
  part(a.q_nope_out, p.q_nope_out, p.q_nope_out_stride);
  part(a.k_nope_out, p.k_nope_out, p.k_nope_out_stride);
  part(a.q_rope, p.q_rope, p.q_rope_stride);
  part(a.k_rope, p.k_rope, p.k_rope_stride);
  part(a.q_nope, p.q_nope, p.q_nope_stride);
  part(a.k_nope, p.k_nope, p.k_nope_stride);
  const int64_t nope = a.q_nope.given() ? a.q_nope.shape[2] : a.k_nope.given() ? a.k_nope.extent(1) : 0;
  p.nope_dim = static_cast<int32_t>(nope);
  const int64_t units = set_rope_units(p, a.q_rope.type, r, r, a.interleaved != 0, aligned && nope % width == 0, false);
  const int64_t head_units = units + (p.vector ? nope / width : nope), heads = int64_t{p.q_heads} + p.k_heads;
  if (p.tokens * heads * head_units == 0) return;
  p.head_units = make_divisor(head_units, most_slots);
  c.run<rope_quantize_fp8_tune>(p, [&](const rope_quantize_fp8_tune& t) {
    return share_grid(p, set_rope_chunks(p, heads_a_thread(c, p.tokens, heads, head_units, t.heads)) * head_units);
  });
}

}  // namespace hipinfer
