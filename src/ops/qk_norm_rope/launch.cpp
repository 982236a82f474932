// SPDX-License-Identifier: Apache-2.0
#include "core/items.h"
#include "core/rows.h"
#include "gen/ops.h"
#include "ops/qk_norm_rope/params.h"

namespace hipinfer {
namespace {

void check_heads(const call& c, const qk_norm_rope_args& a, int64_t rotary, int64_t head_dim) {
  if (a.k.given() != a.k_out.given() || a.k.given() != a.k_weight.given()) {
    const char* missing = !a.k.given() ? "k" : !a.k_out.given() ? "k_out" : "k_weight";
    c.refuse(HIPINFER_STATUS_NULL_POINTER, missing, "is NULL: k, k_out and k_weight are given together");
  }
  if (head_dim == 0) c.refuse(HIPINFER_STATUS_INVALID_SHAPE, "q", "heads of length 0 have no mean");
  if (rotary % 2 != 0 || rotary > head_dim) {
    c.refuse(HIPINFER_STATUS_INVALID_SHAPE, "cos_sin",
             "rotary dimension %lld, expected an even number up to the head's %lld", static_cast<long long>(rotary),
             static_cast<long long>(head_dim));
  }
}

}  // namespace

void qk_norm_rope_launch(call& c, const qk_norm_rope_args& a) {
  qk_norm_rope_params p{};
  const int64_t rotary = a.cos_sin.shape[1];
  check_heads(c, a, rotary, a.q.shape[2]);
  check_row_extents(c, "q", a.q);
  if (a.k.given()) check_row_extents(c, "k", a.k);
  p.q = a.q.data;
  p.k = a.k.data;
  p.q_out = a.q_out.data;
  p.k_out = a.k_out.data;
  p.q_weight = a.q_weight.data;
  p.k_weight = a.k_weight.data;
  p.cos_sin = a.cos_sin.data;
  p.positions = a.positions.data;
  p.tokens = a.q.shape[0];
  p.q_heads = static_cast<int32_t>(a.q.shape[1]);
  p.k_heads = a.k.given() ? static_cast<int32_t>(a.k.shape[1]) : 0;
  p.n = static_cast<int32_t>(a.q.shape[2]);
  p.inverse_n = 1 / static_cast<float>(p.n);
  p.half = static_cast<int32_t>(rotary / 2);
  p.wide = a.positions.type == dtype::i64;
  p.weights_are_f32 = a.q_weight.type == dtype::f32;
  p.cached = a.cos_sin.shape[0];
  p.cos_sin_stride = a.cos_sin.stride[0];
  p.eps = a.eps;
  p.interleaved = a.interleaved;
  set_row_strides(p.q_stride, a.q);
  set_row_strides(p.q_out_stride, a.q_out);
  if (a.k.given()) {
    set_row_strides(p.k_stride, a.k);
    set_row_strides(p.k_out_stride, a.k_out);
  }
  set_vector(p, {&a.q, &a.q_out, &a.k, &a.k_out, &a.q_weight, &a.k_weight});
  const int64_t own = 16 / dtype_bytes(a.q.type);  // elements of a lane
  p.vector = p.vector && rotary % own == 0 && a.cos_sin.aligned(16);
  const int64_t heads = int64_t{p.q_heads} + p.k_heads;
  if (p.tokens * heads == 0) return;
  p.lanes_log2 = 0;
  while ((1 << p.lanes_log2) < item_threads && (own << p.lanes_log2) < p.n) ++p.lanes_log2;
  const int64_t lanes = int64_t{1} << p.lanes_log2;
  p.whole = rotary == p.n && lanes <= c.wave_size();
  c.run<qk_norm_rope_tune>(p, [&](const qk_norm_rope_tune& t) {
    const int64_t each = heads_a_thread(c, p.tokens, heads, lanes, t.heads);
    p.q_chunks = static_cast<int32_t>(ceil_div<int64_t>(p.q_heads, each));
    p.k_chunks = static_cast<int32_t>(ceil_div<int64_t>(p.k_heads, each));
    p.turns = static_cast<int32_t>(each);
    return share_grid(p, (p.q_chunks + p.k_chunks) * lanes);
  });
}

}  // namespace hipinfer
