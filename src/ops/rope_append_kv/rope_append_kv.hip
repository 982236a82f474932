// SPDX-License-Identifier: Apache-2.0
// A thread a unit of a head (device/rope.h): of a token's queries, then its keys, then its values. The head's elements are
// read first; the angles, and the slot in the cache, are found while they are on their way.
#include "device/kv_write.h"
#include "device/rope.h"
#include "ops/rope_append_kv/params.h"

namespace hipinfer {
namespace {

using params = rope_append_kv_params;

constexpr int threads = 256;

HIPINFER_DEVICE cache_slot slot_of_token(const params& p, int64_t token) {
  return slot_of(p, index_at(p.batch_indices, p.wide, token), index_at(p.positions, p.wide, token));
}

template <int Width, bool Interleaved, class T, class Q>
HIPINFER_DEVICE void turn(const params& p, int64_t token, int64_t item) {
  const division head = divide(item, p.units);
  const auto angles = [&] { return angles_at(p, index_at(p.pos_ids, p.wide, token)); };
  if (head.quotient < p.q_heads) {
    const int64_t h = head.quotient;
    const T* x = static_cast<const T*>(p.q) + token * p.q_stride[0] + h * p.q_stride[1];
    T* y = static_cast<T*>(p.q_out) + token * p.q_out_stride[0] + h * p.q_out_stride[1];
    rope_unit<T, Width, Interleaved>(p, x, head.rest, p.q_in_place != 0, 1.0f, angles, [&] { return y; });
  } else {
    const int64_t h = head.quotient - p.q_heads;
    const T* x = static_cast<const T*>(p.k) + token * p.k_stride[0] + h * p.k_stride[1];
    rope_unit<Q, Width, Interleaved>(p, x, head.rest, false, cache_factor<T, Q>(p.k_scale), angles, [&]() -> Q* {
      const cache_slot to = slot_of_token(p, token);
      return to.page < 0 ? nullptr : cache_row<Q>(p.k_cache, p.k_cache_stride, to, h);
    });
  }
}

template <int Width, class T, class Q>
HIPINFER_DEVICE void move(const params& p, int64_t token, int64_t item) {
  const division head = divide(item, p.value_units);
  const int64_t h = head.quotient, i = head.rest * Width, left = p.value_dim - i;
  const T* x = static_cast<const T*>(p.v) + token * p.v_stride[0] + h * p.v_stride[1] + i;
  const vec<T, Width> v = load_upto<Width>(x, left);
  const cache_slot to = slot_of_token(p, token);
  if (to.page < 0) return;
  Q* y = cache_row<Q>(p.v_cache, p.v_cache_stride, to, h) + i;
  store_upto<Width>(y, left, stored_as<Q>(v, cache_factor<T, Q>(p.v_scale)));
}

template <int Width, class T, class Q>
HIPINFER_DEVICE void rope_append_kv(const params& p) {
  const int64_t turning = (p.q_heads + p.kv_heads) * p.units, of_token = turning + p.kv_heads * p.value_units;
  const int64_t item = item_id<threads>();
  if (item >= p.tokens * of_token) return;
  const division token = divide(item, of_token);
  if (token.rest >= turning)
    move<Width, T, Q>(p, token.quotient, token.rest - turning);
  else if (p.interleaved)
    turn<Width, true, T, Q>(p, token.quotient, token.rest);
  else
    turn<Width, false, T, Q>(p, token.quotient, token.rest);
}

}  // namespace

// Kernels of their own for the two widths: with both in one, what the parameters take of scalar registers spills.
#define INSTANTIATE(T, Q)                                                               \
  HIPINFER_KERNEL(threads) rope_append_kv_vector_##T##_##Q(HIPINFER_PARAMS(params) p) { \
    rope_append_kv<vector_width<T>, T, Q>(p);                                           \
  }                                                                                     \
  HIPINFER_KERNEL(threads) rope_append_kv_rows_##T##_##Q(HIPINFER_PARAMS(params) p) {   \
    rope_append_kv<1, T, Q>(p);                                                         \
  }
#define CACHES(T)          \
  INSTANTIATE(T, T)        \
  INSTANTIATE(T, e4m3fn)   \
  INSTANTIATE(T, e4m3fnuz) \
  INSTANTIATE(T, e5m2)     \
  INSTANTIATE(T, e5m2fnuz)
CACHES(f32)
CACHES(f16)
CACHES(bf16)

}  // namespace hipinfer
