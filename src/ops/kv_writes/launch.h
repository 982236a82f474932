// SPDX-License-Identifier: Apache-2.0
// What operations that write into a KV cache share on the host.
#pragma once

#include "core/rows.h"

namespace hipinfer {

// The fields of slot_of (device/paged_kv.h). kv_indices, kv_indptr and kv_last_page_len may be missing together.
template <class Params, class Args>
void fill_cache(Params& p, const Args& a) {
  p.k_cache = a.k_cache.data;
  p.v_cache = a.v_cache.data;
  p.k_scale = a.k_scale.data;
  p.v_scale = a.v_scale.data;
  p.batch_indices = a.batch_indices.data;
  p.positions = a.positions.data;
  p.kv_indices = a.kv_indices.data;
  p.kv_indptr = a.kv_indptr.data;
  p.kv_last_page_len = a.kv_last_page_len.data;
  p.pages = a.k_cache.shape[0];
  p.page_size = a.k_cache.shape[1];
  p.requests = a.kv_indices.given() ? a.kv_last_page_len.shape[0] : p.pages;
  if (p.page_size == 0) p.requests = 0;  // nobody has a slot
  p.table_size = a.kv_indices.given() ? a.kv_indices.shape[0] : 0;
  p.wide = a.positions.type == dtype::i64;
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
