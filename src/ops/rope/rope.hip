// SPDX-License-Identifier: Apache-2.0
// A thread has a unit (units.h) of several heads: a token's angles are read once for all of them.
#include "ops/rope/params.h"
#include "ops/rope/units.h"

namespace hipinfer {

template <class T, int Threads>
HIPINFER_DEVICE void rope(const rope_params& p) {
  const token_share share = share_of<Threads>(p);
  if (!share.there) return;
  with_pairs<T>(p, [&](auto width, auto layout) {
    const small_division chunk = divide(share.slot, p.units);
    const rope_chunk<T> own = chunk_of<T>(p, share.token, chunk.quotient);
    rope_unit<width.value, layout.interleaved>(
        p, own.from, own.count, unit_of<width.value, layout.interleaved>(p, chunk.rest),
        (own.key ? p.k_in_place : p.q_in_place) != 0,
        [&] { return angles_at(p, index_at(p.positions, p.wide, share.token)); },
        [&](auto body) { body(plain_heads<T>{own.to}); });
  });
}

}  // namespace hipinfer
