// SPDX-License-Identifier: Apache-2.0
// A thread moves a vector of several of a token's keys and the same ones of their values: it finds their slot once for all
// of them. It reads the first vectors before, because the look-ups wait for each other and the vectors for none of them.
#include "device/fp8_bytes.h"
#include "device/kv_write.h"
#include "device/loaded.h"
#include "ops/kv/params.h"

namespace hipinfer {

// Element i of a head in a token's slot.
HIPINFER_DEVICE uint8_t* cache_row(void* cache, const int64_t (&stride)[3], cache_slot to, int64_t head, int64_t i,
                                   int element_bytes) {
  return static_cast<uint8_t*>(cache) +
         (to.page * stride[0] + to.slot * stride[1] + head * stride[2] + i) * element_bytes;
}

// A vector of a key and the same one of its value.
template <class T, int Width>
struct both {
  loaded<T, Width> key, value;
};

// Rounds both together, so that the code for it is there once.
template <int Width, class T>
HIPINFER_DEVICE void quantise(const both<T, Width>& x, dtype type, float k_factor, float v_factor, uint8_t* key,
                              uint8_t* value) {
  float own[Width], all[2 * Width];
  to_floats(x.key.get(), own);
  for (int n = 0; n < Width; ++n) all[n] = own[n] * k_factor;
  to_floats(x.value.get(), own);
  for (int n = 0; n < Width; ++n) all[Width + n] = own[n] * v_factor;
  const vec<uint8_t, 2 * Width> bytes = fp8_bytes(type, all);
  vec<uint8_t, Width> half;
  for (int n = 0; n < Width; ++n) half.at[n] = bytes.at[n];
  store<Width>(key, half);
  for (int n = 0; n < Width; ++n) half.at[n] = bytes.at[Width + n];
  store<Width>(value, half);
}

// The two widths have kernels of their own: in one, the parameters would not fit into the scalar registers.
template <int Width, class T, int Threads>
HIPINFER_DEVICE void append(const append_paged_kv_cache_params& p) {
  constexpr int batch = 2;  // heads, of four accesses together
  const token_share share = share_of<Threads>(p);
  if (!share.there) return;
  const small_division chunk = divide(share.slot, p.units);
  const int first = chunk.quotient;
  int left = p.heads - first;
  const int64_t i = chunk.rest * int64_t{Width};
  const T* key = static_cast<const T*>(p.append_key) + share.token * p.key_stride[0] + first * p.key_stride[1] + i;
  const T* value =
      static_cast<const T*>(p.append_value) + share.token * p.value_stride[0] + first * p.value_stride[1] + i;
  both<T, Width> x[batch];
  const auto read = [&] {
    for (int k = 0; k < batch; ++k) {
      if (k * p.chunks >= left) continue;
      x[k].key.load_from(key + k * p.chunks * p.key_stride[1]);
      x[k].value.load_from(value + k * p.chunks * p.value_stride[1]);
    }
  };
  read();
  const cache_slot to = slot_of_token(p, share.token);
  if (to.page < 0) return;
  const bool fp8 = is_fp8(p.cache_type);
  const int bytes = fp8 ? 1 : static_cast<int>(sizeof(T));
  uint8_t* new_key = cache_row(p.k_cache, p.k_cache_stride, to, first, i, bytes);
  uint8_t* new_value = cache_row(p.v_cache, p.v_cache_stride, to, first, i, bytes);
  const int64_t key_step = p.chunks * p.k_cache_stride[2] * bytes, value_step = p.chunks * p.v_cache_stride[2] * bytes;
  const float k_factor = fp8 ? cache_factor(p.k_scale) : 1.0f, v_factor = fp8 ? cache_factor(p.v_scale) : 1.0f;
  for (;;) {
    if (fp8) {
#pragma unroll 1
      for (int k = 0; k < batch && k * p.chunks < left; ++k) {
        quantise(x[0], p.cache_type, k_factor, v_factor, new_key + k * key_step, new_value + k * value_step);
        x[0] = x[1];
      }
    } else {
      for (int k = 0; k < batch; ++k) {
        if (k * p.chunks >= left) continue;
        store<Width>(reinterpret_cast<T*>(new_key + k * key_step), x[k].key.get());
        store<Width>(reinterpret_cast<T*>(new_value + k * value_step), x[k].value.get());
      }
    }
    left -= batch * p.chunks;
    if (left <= 0) return;
    key += batch * p.chunks * p.key_stride[1];
    value += batch * p.chunks * p.value_stride[1];
    new_key += batch * key_step;
    new_value += batch * value_step;
    read();
  }
}

}  // namespace hipinfer
