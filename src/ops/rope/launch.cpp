// SPDX-License-Identifier: Apache-2.0
#include "ops/rope/launch.h"
#include "core/kv_writes.h"
#include "gen/qk_norm_rope.h"
#include "gen/rope.h"
#include "gen/rope_append_kv.h"
#include "gen/rope_quantize_fp8.h"
#include "ops/rope/params.h"

namespace hipinfer {
namespace {

void check_table(const call& c, const rope_append_kv_args& a) {
  const bool given = a.kv_indices.given();
  for (const auto& [name, t] :
       {std::pair{"kv_indptr", &a.kv_indptr}, std::pair{"kv_last_page_len", &a.kv_last_page_len}}) {
    if (t->given() == given) continue;
    c.refuse(HIPINFER_STATUS_NULL_POINTER, given ? name : "kv_indices", "is NULL, but %s is given",
             given ? "kv_indices" : name);
  }
}

void check_pair(const call& c, const char* in, bool in_given, const char* out, bool out_given) {
  if (in_given == out_given) return;
  c.refuse(HIPINFER_STATUS_NULL_POINTER, in_given ? out : in, "is NULL, but %s is given", in_given ? in : out);
}

// A row of the grid has blocks for the rotary parts, then blocks for the others.
grid split_grid(rope_quantize_fp8_params& p, int64_t slots, int64_t plain_slots) {
  constexpr int64_t most = most_slots - 2 * item_threads;  // for what is rounded up
  p.slots = make_divisor(std::max<int64_t>(slots, 1), most_slots);
  p.plain_slots = make_divisor(std::max<int64_t>(plain_slots, 1), most_slots);
  p.row_tokens = static_cast<uint32_t>(std::min(p.tokens, most / (slots + plain_slots)));
  p.rotary_blocks = static_cast<uint32_t>(ceil_div<int64_t>(p.row_tokens * slots, item_threads));
  return {p.rotary_blocks + ceil_div<int64_t>(p.row_tokens * plain_slots, item_threads),
          ceil_div<int64_t>(p.tokens, p.row_tokens)};
}

void check_norm_heads(const call& c, const qk_norm_rope_args& a) {
  if (a.k.given() != a.k_out.given() || a.k.given() != a.k_weight.given()) {
    const char* missing = !a.k.given() ? "k" : !a.k_out.given() ? "k_out" : "k_weight";
    c.refuse(HIPINFER_STATUS_NULL_POINTER, missing, "is NULL: k, k_out and k_weight are given together");
  }
  if (a.q.shape[2] == 0) c.refuse(HIPINFER_STATUS_INVALID_SHAPE, "q", "heads of length 0 have no mean");
  check_rotary_dimension(c, "cos_sin", a.cos_sin.shape[1], a.q.shape[2]);
}

}  // namespace

void rope_launch(call& c, const rope_args& a) {
  rope_params p{};
  const int64_t r = a.cos_sin.shape[1];
  set_heads_in_place(c, p, a);
  check_rotary_dimension(c, "cos_sin", r, p.head_dim);
  p.cos_sin = a.cos_sin.data;
  p.cached = a.cos_sin.shape[0];
  p.cos_sin_stride = a.cos_sin.stride[0];
  p.positions = a.positions.data;
  p.wide = a.positions.type == dtype::i64;
  const int64_t units =
      set_units(p, a.q.type, p.head_dim, r, a.interleaved != 0, heads_aligned(a) && a.cos_sin.aligned(16),
                p.q_in_place && (p.k_in_place || p.k_heads == 0));
  const int64_t heads = int64_t{p.q_heads} + p.k_heads;
  if (p.tokens * heads * units == 0) return;
  c.run<rope_tune>(p, [&](const rope_tune& t) {
    return share_grid(p, set_chunks(p, heads_a_thread(c, p.tokens, heads, units, t.heads)) * units);
  });
}

void rope_append_kv_launch(call& c, const rope_append_kv_args& a) {
  rope_append_kv_params p{};
  const int64_t r = a.cos_sin.shape[1];
  check_table(c, a);
  check_scales(c, a);
  check_rotary_dimension(c, "cos_sin", r, a.q.shape[2]);
  for (const auto& [name, t] : {std::pair{"q", &a.q}, std::pair{"k", &a.k}, std::pair{"v", &a.v}})
    check_row_extents(c, name, *t);
  fill_cache(c, p, a);
  p.fp8 = (bit(p.cache_type) & quantised_dtypes) != 0;
  p.q_out = a.q_out.data;
  p.q = a.q.data;
  p.k = a.k.data;
  p.v = a.v.data;
  p.cos_sin = a.cos_sin.data;
  p.pos_ids = a.pos_ids.given() ? a.pos_ids.data : a.positions.data;
  p.tokens = a.q.shape[0];
  p.q_heads = static_cast<int32_t>(a.q.shape[1]);
  p.kv_heads = static_cast<int32_t>(a.k.shape[1]);
  p.head_dim = static_cast<int32_t>(a.q.shape[2]);
  p.value_dim = static_cast<int32_t>(a.v.shape[2]);
  p.cached = a.cos_sin.shape[0];
  for (int i = 0; i < 2; ++i) {
    p.q_out_stride[i] = a.q_out.stride[i];
    p.q_stride[i] = a.q.stride[i];
    p.k_stride[i] = a.k.stride[i];
    p.v_stride[i] = a.v.stride[i];
  }
  p.cos_sin_stride = a.cos_sin.stride[0];
  p.q_in_place = p.q == p.q_out;
  const int64_t width = 16 / dtype_bytes(a.q.type);
  const bool aligned = p.value_dim % width == 0 && a.q_out.aligned(16) && a.q.aligned(16) && a.k.aligned(16) &&
                       a.v.aligned(16) && a.cos_sin.aligned(16) && steps_of(a.k_cache, width) &&
                       steps_of(a.v_cache, width);
  set_units(p, a.q.type, p.head_dim, r, a.interleaved != 0, aligned, false);
  if (p.tokens * (p.q_heads * int64_t{p.head_dim} + p.kv_heads * (int64_t{p.head_dim} + p.value_dim)) == 0) return;
  c.run<rope_append_kv_tune>(p, [&](const rope_append_kv_tune& t) {
    // Units are those of the kernel that serves: the one for unaligned heads takes aligned ones, too.
    const int64_t units = set_units(p, a.q.type, p.head_dim, r, a.interleaved != 0, t.vector != 0, false);
    const int64_t value_units = p.vector ? p.value_dim / width : p.value_dim;
    const int64_t heads = int64_t{p.q_heads} + 2 * p.kv_heads;
    const int64_t each = heads_a_thread(c, p.tokens, heads, std::max(units, value_units), t.heads);
    p.value_units = make_divisor(std::max<int64_t>(value_units, 1), most_slots);
    p.q_chunks = static_cast<int32_t>(ceil_div<int64_t>(p.q_heads, each));
    p.kv_chunks = static_cast<int32_t>(ceil_div<int64_t>(p.kv_heads, each));
    return share_grid(p, (p.q_chunks + p.kv_chunks) * units + p.kv_chunks * value_units);
  });
}

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
  if (r + nope > most_row_extent) {
    c.refuse(HIPINFER_STATUS_INVALID_SHAPE, a.q_nope.given() ? "q_nope" : "k_nope",
             "%lld elements beside %lld that are rotated, expected at most %lld together", static_cast<long long>(nope),
             static_cast<long long>(r), static_cast<long long>(most_row_extent));
  }
  p.nope_dim = static_cast<int32_t>(nope);
  set_units(p, a.q_rope.type, r, r, a.interleaved != 0, aligned && nope % (2 * width) == 0, false);
  const int64_t heads = int64_t{p.q_heads} + p.k_heads;
  if (p.tokens * heads * (r + nope) == 0) return;
  c.run<rope_quantize_fp8_tune>(p, [&](const rope_quantize_fp8_tune& t) {
    // Units are those of the kernel that serves: the one for unaligned heads takes aligned ones, too.
    const int64_t units = set_units(p, a.q_rope.type, r, r, a.interleaved != 0, t.vector != 0, false);
    const int64_t plain_units = p.vector ? nope / (2 * width) : nope;
    const int64_t chunks = set_chunks(p, heads_a_thread(c, p.tokens, heads, units + plain_units, t.heads));
    p.plain_units = make_divisor(std::max<int64_t>(plain_units, 1), most_slots);
    return split_grid(p, chunks * units, chunks * plain_units);
  });
}

void qk_norm_rope_launch(call& c, const qk_norm_rope_args& a) {
  qk_norm_rope_params p{};
  const int64_t rotary = a.cos_sin.shape[1];
  check_norm_heads(c, a);
  set_heads(c, p, a);
  p.q_weight = a.q_weight.data;
  p.k_weight = a.k_weight.data;
  p.cos_sin = a.cos_sin.data;
  p.positions = a.positions.data;
  p.inverse_n = 1 / static_cast<float>(p.head_dim);
  p.half = static_cast<int32_t>(rotary / 2);
  p.wide = a.positions.type == dtype::i64;
  p.weights_are_f32 = a.q_weight.type == dtype::f32;
  p.cached = a.cos_sin.shape[0];
  p.cos_sin_stride = a.cos_sin.stride[0];
  p.eps = a.eps;
  p.interleaved = a.interleaved;
  const int64_t own = 16 / dtype_bytes(a.q.type);  // elements of a lane
  const bool steps = steps_of(a.q_weight, own) && (!a.k.given() || steps_of(a.k_weight, own));
  p.vector = heads_aligned(a) && steps && a.cos_sin.aligned(16) && p.head_dim % own == 0 && rotary % own == 0;
  const int64_t heads = int64_t{p.q_heads} + p.k_heads;
  if (p.tokens * heads == 0) return;
  p.lanes_log2 = 0;
  while ((1 << p.lanes_log2) < item_threads && (own << p.lanes_log2) < p.head_dim) ++p.lanes_log2;
  const int64_t lanes = int64_t{1} << p.lanes_log2;
  p.whole = rotary == p.head_dim && lanes <= c.wave_size();
  c.run<qk_norm_rope_tune>(p, [&](const qk_norm_rope_tune& t) {
    const int64_t each = heads_a_thread(c, p.tokens, heads, lanes, t.heads);
    const int64_t chunks = set_chunks(p, each);
    p.turns = static_cast<int32_t>(each);
    return share_grid(p, chunks * lanes);
  });
}

}  // namespace hipinfer
