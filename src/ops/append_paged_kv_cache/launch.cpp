// SPDX-License-Identifier: Apache-2.0
#include "core/kv_writes.h"
#include "gen/ops.h"
#include "ops/append_paged_kv_cache/params.h"

namespace hipinfer {

void append_paged_kv_cache_launch(call& c, const append_paged_kv_cache_args& a) {
  append_paged_kv_cache_params p{};
  check_scales(c, a);
  check_row_extents(c, "append_key", a.append_key);
  fill_cache(c, p, a);
  p.append_key = a.append_key.data;
  p.append_value = a.append_value.data;
  p.tokens = a.append_key.shape[0];
  p.heads = static_cast<int32_t>(a.k_cache.shape[2]);
  p.head_dim = static_cast<int32_t>(a.k_cache.shape[3]);
  for (int i = 0; i < 2; ++i) {
    p.key_stride[i] = a.append_key.stride[i];
    p.value_stride[i] = a.append_value.stride[i];
  }
  const int64_t width = 16 / dtype_bytes(a.append_key.type);
  p.vector = p.head_dim % width == 0 && steps_of(a.k_cache, width) && steps_of(a.v_cache, width) &&
             a.append_key.aligned(16) && a.append_value.aligned(16);
  if (p.tokens == 0 || a.k_cache.elements() == 0 || p.requests == 0 || p.table_size == 0) return;
  c.run<append_paged_kv_cache_tune>(p, [&](const append_paged_kv_cache_tune& t) {
    // The kernel for unaligned heads takes aligned ones, too.
    const int64_t units = t.vector ? p.head_dim / width : p.head_dim;
    const int64_t each = heads_a_thread(c, p.tokens, p.heads, units, t.heads);
    p.units = make_divisor(units, most_slots);
    p.chunks = static_cast<int32_t>(ceil_div<int64_t>(p.heads, each));
    return share_grid(p, p.chunks * units);
  });
}

}  // namespace hipinfer
