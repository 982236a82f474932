// SPDX-License-Identifier: Apache-2.0
#include "ops/kv_writes/launch.h"
#include "core/items.h"
#include "generated/ops.h"
#include "ops/append_paged_kv_cache/params.h"

namespace hipinfer {

void append_paged_kv_cache_launch(call& c, const append_paged_kv_cache_args& a) {
  append_paged_kv_cache_params p{};
  check_scales(c, a);
  fill_cache(p, a);
  p.append_key = a.append_key.data;
  p.append_value = a.append_value.data;
  p.entries = a.append_key.shape[0];
  p.heads = a.k_cache.shape[2];
  p.head_dim = a.k_cache.shape[3];
  for (int i = 0; i < 2; ++i) {
    p.key_stride[i] = a.append_key.stride[i];
    p.value_stride[i] = a.append_value.stride[i];
  }
  const int64_t width = 16 / dtype_bytes(a.append_key.type);
  p.vector = steps_of(a.k_cache, width) && steps_of(a.v_cache, width) && a.append_key.aligned(16) &&
             a.append_value.aligned(16);
  p.vectors = p.vector ? ceil_div(p.head_dim, width) : p.head_dim;
  if (p.entries == 0 || a.k_cache.elements() == 0 || p.requests == 0 || p.table_size == 0) return;
  c.run<append_paged_kv_cache_tune>(
      p, [&](const append_paged_kv_cache_tune&) { return item_grid(p.entries * p.heads * p.vectors); });
}

}  // namespace hipinfer
