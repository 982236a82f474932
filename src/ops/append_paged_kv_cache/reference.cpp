// SPDX-License-Identifier: Apache-2.0
#include "ops/kv_writes/reference.h"
#include "gen/ops.h"
#include "ops/append_paged_kv_cache/params.h"

namespace hipinfer {
namespace {

template <class T, class Q>
void append(const append_paged_kv_cache_params& p) {
  parallel_rows(p.tokens, 2 * p.heads * p.head_dim, [&](int64_t entry) {
    const cache_slot to = slot_of(p, index_at(p.batch_indices, p.wide, entry), index_at(p.positions, p.wide, entry));
    if (to.page < 0) return;
    const auto move = [&](const void* from, const int64_t* stride, void* cache, const int64_t* cache_stride,
                          const void* scale) {
      for (int64_t h = 0; h < p.heads; ++h) {
        const T* x = static_cast<const T*>(from) + entry * stride[0] + h * stride[1];
        Q* y = static_cast<Q*>(cache) + to.page * cache_stride[0] + to.slot * cache_stride[1] + h * cache_stride[2];
        write_cache(x, p.head_dim, y, scale);
      }
    };
    move(p.append_key, p.key_stride, p.k_cache, p.k_cache_stride, p.k_scale);
    move(p.append_value, p.value_stride, p.v_cache, p.v_cache_stride, p.v_scale);
  });
}

}  // namespace

void append_paged_kv_cache_reference(const append_paged_kv_cache_params& p, const bound_dtypes& types) {
  with_cache(types[append_paged_kv_cache_dtype::data], types[append_paged_kv_cache_dtype::cache],
             [&]<class T, class Q>() { append<T, Q>(p); });
}

}  // namespace hipinfer
