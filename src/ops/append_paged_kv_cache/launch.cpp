// SPDX-License-Identifier: Apache-2.0
#include "core/op.h"
#include "generated/ops.h"
#include "ops/append_paged_kv_cache/params.h"

namespace hipinfer {

void append_paged_kv_cache_launch(call& c, const append_paged_kv_cache_args& a) {
  append_paged_kv_cache_params p{};
  p.k_cache = a.k_cache.data;
  p.v_cache = a.v_cache.data;
  p.append_key = a.append_key.data;
  p.append_value = a.append_value.data;
  p.batch_indices = static_cast<const int32_t*>(a.batch_indices.data);
  p.positions = static_cast<const int32_t*>(a.positions.data);
  p.kv_indices = static_cast<const int32_t*>(a.kv_indices.data);
  p.kv_indptr = static_cast<const int32_t*>(a.kv_indptr.data);
  p.kv_last_page_len = static_cast<const int32_t*>(a.kv_last_page_len.data);
  p.pages = a.k_cache.shape[0];
  p.page_size = a.k_cache.shape[1];
  p.heads = a.k_cache.shape[2];
  p.head_dim = a.k_cache.shape[3];
  p.entries = a.append_key.shape[0];
  p.requests = a.kv_last_page_len.shape[0];
  p.table_size = a.kv_indices.shape[0];
  for (int i = 0; i < 3; ++i) {
    p.k_cache_stride[i] = a.k_cache.stride[i];
    p.v_cache_stride[i] = a.v_cache.stride[i];
  }
  for (int i = 0; i < 2; ++i) {
    p.key_stride[i] = a.append_key.stride[i];
    p.value_stride[i] = a.append_value.stride[i];
  }
  const int64_t width = 16 / dtype_bytes(a.k_cache.type);
  p.vector = p.head_dim % width == 0 && a.k_cache.aligned(16) && a.v_cache.aligned(16) && a.append_key.aligned(16) &&
             a.append_value.aligned(16);
  // The fewest lanes, by powers of two, that cover a head at once; never more than a block's 256.
  while (p.lanes_log2 < 8 && ((p.vector ? width : 1) << p.lanes_log2) < p.head_dim) ++p.lanes_log2;
  if (p.entries == 0 || a.k_cache.elements() == 0 || p.requests == 0 || p.table_size == 0) return;
  c.run<append_paged_kv_cache_tune>(p, [&](const append_paged_kv_cache_tune&) { return grid{p.entries}; });
}

}  // namespace hipinfer
