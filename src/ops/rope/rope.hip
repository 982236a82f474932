// SPDX-License-Identifier: Apache-2.0
// A thread a unit of a head (device/rope.h); the heads of a token, queries first, then keys, follow each other. Angles are
// read for each head again: they come from the cache that the first of a token's heads has filled.
#include "device/rope.h"
#include "ops/rope/params.h"

namespace hipinfer {
namespace {

constexpr int threads = 256;

template <class T>
HIPINFER_DEVICE void rope(const rope_params& p) {
  with_pairs<T>(p, [&](auto width, auto layout) {
    const int64_t of_token = (p.q_heads + p.k_heads) * p.units;
    const int64_t item = item_id<threads>();
    if (item >= p.tokens * of_token) return;
    const division token = divide(item, of_token), head = divide(token.rest, p.units);
    const rope_head<T> own = head_of<T>(p, token.quotient, head.quotient);
    rope_unit<T, width.value, layout.interleaved>(
        p, own.x, head.rest, own.in_place, 1.0f,
        [&] { return angles_at(p, index_at(p.positions, p.wide, token.quotient)); }, [&] { return own.y; });
  });
}

}  // namespace

#define INSTANTIATE(T)                                                      \
  HIPINFER_KERNEL(threads) rope_heads_##T(HIPINFER_PARAMS(rope_params) p) { \
    rope<T>(p);                                                             \
  }
INSTANTIATE(f32)
INSTANTIATE(f16)
INSTANTIATE(bf16)

}  // namespace hipinfer
