// SPDX-License-Identifier: Apache-2.0
#include "core/op.h"
#include "generated/ops.h"
#include "ops/rope/params.h"

namespace hipinfer {

void rope_launch(call& c, const rope_args& a) {
  rope_params p{};
  const int64_t r = a.cos_sin.shape[1];
  p.q = a.q.data;
  p.q_out = a.q_out.data;
  p.cos_sin = a.cos_sin.data;
  p.positions = a.positions.data;
  p.tokens = a.q.shape[0];
  p.q_heads = a.q.shape[1];
  p.head_dim = a.q.shape[2];
  p.half = r / 2;
  p.cached = a.cos_sin.shape[0];
  p.cos_sin_stride = a.cos_sin.stride[0];
  p.interleaved = a.interleaved;
  p.q_in_place = p.q == p.q_out;
  if (a.k.given() != a.k_out.given()) {
    c.refuse(HIPINFER_STATUS_NULL_POINTER, a.k.given() ? "k_out" : "k", "is NULL, but %s is given",
             a.k.given() ? "k" : "k_out");
  }
  if (r % 2 != 0 || r > p.head_dim) {
    c.refuse(HIPINFER_STATUS_INVALID_SHAPE, "cos_sin",
             "rotary dimension %lld, expected an even number up to the head's %lld", static_cast<long long>(r),
             static_cast<long long>(p.head_dim));
  }
  const int64_t width = 16 / dtype_bytes(a.q.type);
  bool vector = p.head_dim % width == 0 && (a.interleaved ? r : p.half) % width == 0 && a.q.aligned(16) &&
                a.q_out.aligned(16) && a.cos_sin.aligned(16);
  for (int i = 0; i < 2; ++i) {
    p.q_stride[i] = a.q.stride[i];
    p.q_out_stride[i] = a.q_out.stride[i];
  }
  if (a.k.given()) {
    p.k = a.k.data;
    p.k_out = a.k_out.data;
    p.k_heads = a.k.shape[1];
    p.k_in_place = p.k == p.k_out;
    vector = vector && a.k.aligned(16) && a.k_out.aligned(16);
    for (int i = 0; i < 2; ++i) {
      p.k_stride[i] = a.k.stride[i];
      p.k_out_stride[i] = a.k_out.stride[i];
    }
  }
  p.vector = vector;
  // The fewest lanes, by powers of two, that cover a head's pairs at once; never more than a block's 256.
  const int64_t a_lane = !vector ? 1 : a.interleaved ? width / 2 : width;
  while (p.lanes_log2 < 8 && (a_lane << p.lanes_log2) < p.half) ++p.lanes_log2;
  if (p.tokens == 0 || p.head_dim == 0 || p.q_heads + p.k_heads == 0) return;
  c.run<rope_tune>(p, [&](const rope_tune&) { return grid{p.tokens}; });
}

}  // namespace hipinfer
