// SPDX-License-Identifier: Apache-2.0
#include "ops/ropes/launch.h"
#include "gen/ops.h"
#include "ops/rope_theta/params.h"

namespace hipinfer {
namespace {

void check_positions(const call& c, const rope_theta_args& a) {
  if (a.indptr.given() != a.offsets.given()) {
    c.refuse(HIPINFER_STATUS_NULL_POINTER, a.indptr.given() ? "offsets" : "indptr", "is NULL, but %s is given",
             a.indptr.given() ? "indptr" : "offsets");
  }
  if (!a.positions.given() && !a.indptr.given()) {
    c.refuse(HIPINFER_STATUS_NULL_POINTER, "positions", "is NULL, and so are indptr and offsets");
  }
  if (a.positions.given() && a.indptr.given()) {
    c.refuse(HIPINFER_STATUS_INVALID_ARGUMENT, "positions", "is given, and so are indptr and offsets");
  }
}

}  // namespace

void rope_theta_launch(call& c, const rope_theta_args& a) {
  rope_theta_params p{};
  set_rope_heads(c, p, a);
  check_positions(c, a);
  const int64_t r = a.rotary_dim == 0 ? p.head_dim : a.rotary_dim;
  check_rotary_dimension(c, "rotary_dim", r, p.head_dim);
  if (r == 0 || r > 512) {
    c.refuse(HIPINFER_STATUS_INVALID_SHAPE, "rotary_dim", "rotary dimension %lld, expected 2 to 512",
             static_cast<long long>(r));
  }
  const rope_frequencies f = frequencies_of(c, a, a.theta, r);
  p.step = f.step;
  p.inverse_factor = f.inverse_factor;
  p.slope_frequency = f.slope_frequency;
  p.slope_index = f.slope_index;
  p.offset = f.offset;
  p.amplitude = f.amplitude;
  p.positions = a.positions.data;
  p.indptr = a.indptr.data;
  p.offsets = a.offsets.data;
  p.requests = a.offsets.given() ? a.offsets.shape[0] : 0;
  p.wide = (a.positions.given() ? a.positions : a.indptr).type == dtype::i64;
  const int64_t units = set_rope_units(p, a.q.type, p.head_dim, r, a.interleaved != 0, rope_heads_aligned(a),
                                       p.q_in_place && (p.k_in_place || p.k_heads == 0));
  p.pairs = make_divisor(p.half, most_slots);
  const int64_t heads = int64_t{p.q_heads} + p.k_heads;
  if (p.tokens * heads * units == 0) return;
  c.run<rope_theta_tune>(p, [&](const rope_theta_tune& t) {
    // As many tokens a block as the table of the kernel has room for, while every compute unit has four blocks; and so
    // many heads a thread that all of a block's threads have some.
    const int64_t room = std::min<int64_t>(2048 / r, t.tokens), spread = p.tokens / (4 * c.compute_units());
    p.tokens_per_block = static_cast<int32_t>(std::clamp<int64_t>(spread, 1, room));
    const int64_t enough = ceil_div(p.tokens_per_block * heads * units, int64_t{item_threads});
    int64_t slots = set_rope_chunks(p, enough) * units;
    // Chunks are rounded up: a few threads' second turn would take as long as all threads' first.
    for (int64_t each = enough + 1; each <= 2 * enough && p.tokens_per_block * slots > item_threads; ++each)
      slots = set_rope_chunks(p, each) * units;
    p.slots = make_divisor(slots, most_slots);
    return block_grid(ceil_div<int64_t>(p.tokens, p.tokens_per_block));
  });
}

}  // namespace hipinfer
