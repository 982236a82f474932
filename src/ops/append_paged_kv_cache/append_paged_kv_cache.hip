// SPDX-License-Identifier: Apache-2.0
// A thread moves one vector of a key and the same one of its value: what finds their slot is done once for both.
#include "device/kv_write.h"
#include "ops/append_paged_kv_cache/params.h"

namespace hipinfer {
namespace {

using params = append_paged_kv_cache_params;

constexpr int threads = 256;

template <int Width, class T, class Q>
HIPINFER_DEVICE void append(const params& p) {
  const int64_t of_entry = p.heads * p.vectors;
  const int64_t item = item_id<threads>();
  if (item >= p.entries * of_entry) return;
  const division entry = divide(item, of_entry), head = divide(entry.rest, p.vectors);
  const int64_t t = entry.quotient, h = head.quotient, i = head.rest * Width, left = p.head_dim - i;
  const T* key = static_cast<const T*>(p.append_key) + t * p.key_stride[0] + h * p.key_stride[1] + i;
  const T* value = static_cast<const T*>(p.append_value) + t * p.value_stride[0] + h * p.value_stride[1] + i;
  // Read before the slot is known: the look-ups wait for each other, and these need not wait for them.
  const vec<T, Width> k = load_upto<Width>(key, left), v = load_upto<Width>(value, left);
  const cache_slot to = slot_of(p, index_at(p.batch_indices, p.wide, t), index_at(p.positions, p.wide, t));
  if (to.page < 0) return;
  const float k_factor = cache_factor<T, Q>(p.k_scale), v_factor = cache_factor<T, Q>(p.v_scale);
  store_upto<Width>(cache_row<Q>(p.k_cache, p.k_cache_stride, to, h) + i, left, stored_as<Q>(k, k_factor));
  store_upto<Width>(cache_row<Q>(p.v_cache, p.v_cache_stride, to, h) + i, left, stored_as<Q>(v, v_factor));
}

template <class T, class Q>
HIPINFER_DEVICE void append(const params& p) {
  if (p.vector)
    append<vector_width<T>, T, Q>(p);
  else
    append<1, T, Q>(p);
}

}  // namespace

#define INSTANTIATE(T, Q)                                                                     \
  HIPINFER_KERNEL(threads) append_paged_kv_cache_heads_##T##_##Q(HIPINFER_PARAMS(params) p) { \
    append<T, Q>(p);                                                                          \
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
