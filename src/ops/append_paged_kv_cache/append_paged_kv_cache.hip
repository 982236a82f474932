// SPDX-License-Identifier: Apache-2.0
// A thread moves a vector of several of a token's keys and the same ones of their values: what finds their slot is done once
// for all of them. The first vectors are read before: the look-ups wait for each other, and these need not wait for them.
#include "device/kv_write.h"
#include "ops/append_paged_kv_cache/params.h"

namespace hipinfer {
namespace {

using params = append_paged_kv_cache_params;

constexpr int threads = 256;

// A thread's key and value vectors: of each `apart`-th of the `left` heads from its first one on.
template <class T>
struct source {
  const T* key;
  const T* value;
  int left, apart;
};

template <int Width, class T>
HIPINFER_DEVICE void copy(const params& p, source<T> from, int64_t token, int first, int64_t i) {
  constexpr int batch = 2;  // heads, of four accesses together
  loaded<T, Width> k[batch], v[batch];
  const int64_t key_step = from.apart * p.key_stride[1], value_step = from.apart * p.value_stride[1];
  const auto read = [&] {
    for (int n = 0; n < batch; ++n) {
      if (n * from.apart >= from.left) continue;
      k[n].load_from(from.key + n * key_step);
      v[n].load_from(from.value + n * value_step);
    }
  };
  read();
  const cache_slot to = slot_of_token(p, token);
  if (to.page < 0) return;
  T* key = cache_row<T>(p.k_cache, p.k_cache_stride, to, first) + i;
  T* value = cache_row<T>(p.v_cache, p.v_cache_stride, to, first) + i;
  const int64_t to_key = from.apart * p.k_cache_stride[2], to_value = from.apart * p.v_cache_stride[2];
  for (;;) {
    for (int n = 0; n < batch; ++n) {
      if (n * from.apart >= from.left) continue;
      store<Width>(key + n * to_key, k[n].get());
      store<Width>(value + n * to_value, v[n].get());
    }
    from.left -= batch * from.apart;
    if (from.left <= 0) return;
    from.key += batch * key_step;
    from.value += batch * value_step;
    key += batch * to_key;
    value += batch * to_value;
    read();
  }
}

// A head at a time: its key and its value are rounded together, and the rounding is there once.
template <int Width, class T>
HIPINFER_DEVICE void quantise(const params& p, source<T> from, int64_t token, int first, int64_t i) {
  loaded<T, Width> k, v;
  k.load_from(from.key);
  v.load_from(from.value);
  const float k_factor = cache_factor(p.k_scale), v_factor = cache_factor(p.v_scale);
  const cache_slot to = slot_of_token(p, token);
  if (to.page < 0) return;
  uint8_t* key = cache_row<uint8_t>(p.k_cache, p.k_cache_stride, to, first) + i;
  uint8_t* value = cache_row<uint8_t>(p.v_cache, p.v_cache_stride, to, first) + i;
  for (;;) {
    float x[2 * Width], own[Width];
    to_floats(k.get(), own);
    for (int n = 0; n < Width; ++n) x[n] = own[n] * k_factor;
    to_floats(v.get(), own);
    for (int n = 0; n < Width; ++n) x[Width + n] = own[n] * v_factor;
    const vec<uint8_t, 2 * Width> bytes = fp8_bytes(p.cache_type, x);
    vec<uint8_t, Width> half;
    for (int n = 0; n < Width; ++n) half.at[n] = bytes.at[n];
    store<Width>(key, half);
    for (int n = 0; n < Width; ++n) half.at[n] = bytes.at[Width + n];
    store<Width>(value, half);
    from.left -= from.apart;
    if (from.left <= 0) return;
    k.load_from(from.key += from.apart * p.key_stride[1]);
    v.load_from(from.value += from.apart * p.value_stride[1]);
    key += from.apart * p.k_cache_stride[2];
    value += from.apart * p.v_cache_stride[2];
  }
}

template <int Width, class T>
HIPINFER_DEVICE void append(const params& p) {
  const token_share share = share_of<threads>(p);
  if (!share.there) return;
  const small_division chunk = divide(share.slot, p.units);
  const int first = chunk.quotient;
  const int64_t i = chunk.rest * int64_t{Width};
  const source<T> from{
      static_cast<const T*>(p.append_key) + share.token * p.key_stride[0] + first * p.key_stride[1] + i,
      static_cast<const T*>(p.append_value) + share.token * p.value_stride[0] + first * p.value_stride[1] + i,
      p.heads - first, p.chunks};
  if (is_fp8(p.cache_type))
    quantise<Width>(p, from, share.token, first, i);
  else
    copy<Width>(p, from, share.token, first, i);
}

template <class T>
HIPINFER_DEVICE void append(const params& p) {
  if (p.vector)
    append<vector_width<T>, T>(p);
  else
    append<1, T>(p);
}

}  // namespace

#define INSTANTIATE(T)                                                                  \
  HIPINFER_KERNEL(threads) append_paged_kv_cache_heads_##T(HIPINFER_PARAMS(params) p) { \
    append<T>(p);                                                                       \
  }
INSTANTIATE(f32)
INSTANTIATE(f16)
INSTANTIATE(bf16)

}  // namespace hipinfer
