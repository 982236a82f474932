// SPDX-License-Identifier: Apache-2.0
#include "core/rows.h"
#include "generated/ops.h"
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
  p.q = a.q.data;
  p.k = a.k.data;
  p.q_out = a.q_out.data;
  p.k_out = a.k_out.data;
  p.q_weight = a.q_weight.data;
  p.k_weight = a.k_weight.data;
  p.cos_sin = a.cos_sin.data;
  p.positions = a.positions.data;
  p.q_heads = a.q.shape[1];
  p.inner = p.q_heads + (a.k.given() ? a.k.shape[1] : 0);
  p.rows = a.q.shape[0] * p.inner;
  p.n = a.q.shape[2];
  p.half = rotary / 2;
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
  p.vector = p.vector && p.half % (16 / dtype_bytes(a.q.type)) == 0 && a.cos_sin.aligned(16);
  if (p.rows == 0) return;
  c.run<qk_norm_rope_tune>(p, [&](const qk_norm_rope_tune& t) {
    // A lane has a vector in each half of the rotated elements, and one in the rest.
    const int64_t columns = p.vector ? std::max(p.half, p.n - rotary) : p.n;
    const int64_t own = p.vector ? 16 / dtype_bytes(a.q.type) : 8;
    p.lanes_log2 = 0;
    while ((1 << p.lanes_log2) < t.lanes && (own << p.lanes_log2) < columns) ++p.lanes_log2;
    return grid{ceil_div<int64_t>(p.rows, t.lanes >> p.lanes_log2)};
  });
}

}  // namespace hipinfer
