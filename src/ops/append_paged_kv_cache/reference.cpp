// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "core/reference.h"
#include "generated/ops.h"
#include "ops/append_paged_kv_cache/params.h"

namespace hipinfer {
namespace {

template <class T>
void append(const append_paged_kv_cache_params& p) {
  parallel_rows(p.entries, 2 * p.heads * p.head_dim, [&](int64_t entry) {
    const int64_t request = p.batch_indices[entry], position = p.positions[entry];
    if (request < 0 || request >= p.requests || position < 0) return;
    const int64_t begin = p.kv_indptr[request], pages = p.kv_indptr[request + 1] - begin;
    const int64_t last = std::clamp<int64_t>(p.kv_last_page_len[request], 0, p.page_size);
    if (pages < 1 || position >= (pages - 1) * p.page_size + last) return;
    const int64_t at = begin + position / p.page_size, slot = position % p.page_size;
    if (at < 0 || at >= p.table_size) return;
    const int64_t page = p.kv_indices[at];
    if (page < 0 || page >= p.pages) return;
    for (int64_t h = 0; h < p.heads; ++h) {
      const T* key = static_cast<const T*>(p.append_key) + entry * p.key_stride[0] + h * p.key_stride[1];
      const T* value = static_cast<const T*>(p.append_value) + entry * p.value_stride[0] + h * p.value_stride[1];
      T* k = static_cast<T*>(p.k_cache) + page * p.k_cache_stride[0] + slot * p.k_cache_stride[1] +
             h * p.k_cache_stride[2];
      T* v = static_cast<T*>(p.v_cache) + page * p.v_cache_stride[0] + slot * p.v_cache_stride[1] +
             h * p.v_cache_stride[2];
      std::copy_n(key, p.head_dim, k);
      std::copy_n(value, p.head_dim, v);
    }
  });
}

}  // namespace

void append_paged_kv_cache_reference(const append_paged_kv_cache_params& p, const bound_dtypes& types) {
  with_float(types[append_paged_kv_cache_dtype::data], [&]<class T>() { append<T>(p); });
}

}  // namespace hipinfer
