// SPDX-License-Identifier: Apache-2.0
#include "ops/ropes/reference.h"
#include "gen/ops.h"
#include "ops/rope_append_kv/params.h"

namespace hipinfer {
namespace {

template <class T, class Q>
void rope_append_kv(const rope_append_kv_params& p) {
  using real = accumulator<T>;
  const real k_scale = p.k_scale == nullptr ? 1 : *static_cast<const real*>(p.k_scale);
  parallel_rows(p.tokens, (p.q_heads + p.kv_heads) * p.head_dim + p.kv_heads * p.value_dim, [&](int64_t t) {
    const real* angles = angles_at<T>(p, index_at(p.pos_ids, p.wide, t));
    for (int64_t h = 0; h < p.q_heads; ++h) {
      rotate_head(static_cast<const T*>(p.q) + t * p.q_stride[0] + h * p.q_stride[1],
                  static_cast<T*>(p.q_out) + t * p.q_out_stride[0] + h * p.q_out_stride[1], angles, p.half, p.head_dim,
                  p.interleaved != 0);
    }
    const cache_slot to = slot_of(p, index_at(p.batch_indices, p.wide, t), index_at(p.positions, p.wide, t));
    if (to.page < 0) return;
    for (int64_t h = 0; h < p.kv_heads; ++h) {
      const auto place = [&](void* cache, const int64_t* stride) {
        return static_cast<Q*>(cache) + to.page * stride[0] + to.slot * stride[1] + h * stride[2];
      };
      rotate_head(static_cast<const T*>(p.k) + t * p.k_stride[0] + h * p.k_stride[1],
                  place(p.k_cache, p.k_cache_stride), angles, p.half, p.head_dim, p.interleaved != 0, 1 / k_scale);
      write_cache(static_cast<const T*>(p.v) + t * p.v_stride[0] + h * p.v_stride[1], p.value_dim,
                  place(p.v_cache, p.v_cache_stride), p.v_scale);
    }
  });
}

}  // namespace

void rope_append_kv_reference(const rope_append_kv_params& p, const bound_dtypes& types) {
  with_cache(types[rope_append_kv_dtype::data], types[rope_append_kv_dtype::cache],
             [&]<class T, class Q>() { rope_append_kv<T, Q>(p); });
}

}  // namespace hipinfer
