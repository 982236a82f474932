// SPDX-License-Identifier: Apache-2.0
// A thread a unit of several heads (device/rope.h): a token's angles are read once for all of them.
#include "device/rope.h"
#include "ops/rope/params.h"

namespace hipinfer {
namespace {

constexpr int threads = 256;

template <class T>
HIPINFER_DEVICE void rope(const rope_params& p) {
  const token_share share = share_of<threads>(p);
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

}  // namespace

#define INSTANTIATE(T)                                                                  \
  HIPINFER_KERNEL_RESIDENT(threads, 4) rope_heads_##T(HIPINFER_PARAMS(rope_params) p) { \
    await_previous_kernel();                                                            \
    rope<T>(p);                                                                         \
  }
INSTANTIATE(f32)
INSTANTIATE(f16)
INSTANTIATE(bf16)

}  // namespace hipinfer
