// SPDX-License-Identifier: Apache-2.0
// What operations that write into a KV cache share on the host: the families kv and rope.
#pragma once

#include "core/items.h"
#include "core/rows.h"

namespace hipinfer {

constexpr int64_t most_table_slots = INT32_MAX;  // kernels divide positions in 32 bits

// Fills what slot_of (device/kv_write.h) asks for. kv_indices, kv_indptr and kv_last_page_len may be missing together: the
// cache is contiguous then.
template <class Params, class Args>
void fill_table(const call& c, Params& p, const Args& a, const view& cache) {
  const int64_t pages_given = a.kv_indices.given() ? a.kv_indices.shape[0] : 0, slots = cache.shape[1];
  if (slots > 0 && pages_given > most_table_slots / slots) {
    c.refuse(HIPINFER_STATUS_INVALID_SHAPE, "kv_indices", "%lld pages of %lld slots, expected at most 2^31 - 1 slots",
             static_cast<long long>(pages_given), static_cast<long long>(slots));
  }
  p.batch_indices = a.batch_indices.data;
  p.positions = a.positions.data;
  p.kv_indices = a.kv_indices.data;
  p.kv_indptr = a.kv_indptr.data;
  p.kv_last_page_len = a.kv_last_page_len.data;
  p.pages = cache.shape[0];
  p.page_size = slots;
  p.requests = a.kv_indices.given() ? a.kv_last_page_len.shape[0] : p.pages;
  p.table_size = pages_given;
  p.table_slots = pages_given * slots;
  p.page = make_divisor(std::max<int64_t>(slots, 1), std::max<int64_t>(p.table_slots, 1));
  p.wide = a.positions.type == dtype::i64;
}

// The same, and the caches of keys and values.
template <class Params, class Args>
void fill_cache(const call& c, Params& p, const Args& a) {
  fill_table(c, p, a, a.k_cache);
  p.k_cache = a.k_cache.data;
  p.v_cache = a.v_cache.data;
  p.k_scale = a.k_scale.data;
  p.v_scale = a.v_scale.data;
  p.cache_type = a.k_cache.type;
  for (int i = 0; i < 3; ++i) {
    p.k_cache_stride[i] = a.k_cache.stride[i];
    p.v_cache_stride[i] = a.v_cache.stride[i];
  }
}

// Scales are for fp8 alone: a cache of the keys' own dtype holds them as they are.
template <class Args>
void check_scales(const call& c, const Args& a) {
  if (bit(a.k_cache.type) & quantised_dtypes) return;
  if (!a.k_scale.given() && !a.v_scale.given()) return;
  c.refuse(HIPINFER_STATUS_INVALID_DTYPE, a.k_scale.given() ? "k_scale" : "v_scale",
           "is given, but the cache is %s, expected fp8", dtype_name(a.k_cache.type));
}

}  // namespace hipinfer
