// SPDX-License-Identifier: Apache-2.0
#include "ops/ropes/launch.h"
#include "gen/ops.h"
#include "ops/rope/params.h"

namespace hipinfer {

void rope_launch(call& c, const rope_args& a) {
  rope_params p{};
  const int64_t r = a.cos_sin.shape[1];
  set_rope_heads(c, p, a);
  check_rotary_dimension(c, "cos_sin", r, p.head_dim);
  p.cos_sin = a.cos_sin.data;
  p.cached = a.cos_sin.shape[0];
  p.cos_sin_stride = a.cos_sin.stride[0];
  p.positions = a.positions.data;
  p.wide = a.positions.type == dtype::i64;
  const int64_t units =
      set_rope_units(p, a.q.type, p.head_dim, r, a.interleaved != 0, rope_heads_aligned(a) && a.cos_sin.aligned(16),
                     p.q_in_place && (p.k_in_place || p.k_heads == 0));
  const int64_t heads = int64_t{p.q_heads} + p.k_heads;
  if (p.tokens * heads * units == 0) return;
  c.run<rope_tune>(p, [&](const rope_tune& t) {
    return share_grid(p, set_rope_chunks(p, heads_a_thread(c, p.tokens, heads, units, t.heads)) * units);
  });
}

}  // namespace hipinfer
