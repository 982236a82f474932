// SPDX-License-Identifier: Apache-2.0
#include "ops/kv_writes/launch.h"
#include "gen/ops.h"
#include "ops/rope_append_kv/params.h"
#include "ops/ropes/launch.h"

namespace hipinfer {
namespace {

void check_table(const call& c, const rope_append_kv_args& a) {
  const bool given = a.kv_indices.given();
  for (const auto& [name, t] :
       {std::pair{"kv_indptr", &a.kv_indptr}, std::pair{"kv_last_page_len", &a.kv_last_page_len}}) {
    if (t->given() == given) continue;
    c.refuse(HIPINFER_STATUS_NULL_POINTER, given ? name : "kv_indices", "is NULL, but %s is given",
             given ? "kv_indices" : name);
  }
}

}  // namespace

void rope_append_kv_launch(call& c, const rope_append_kv_args& a) {
  rope_append_kv_params p{};
  const int64_t r = a.cos_sin.shape[1];
  check_table(c, a);
  check_scales(c, a);
  check_rotary_dimension(c, "cos_sin", r, a.q.shape[2]);
  for (const auto& [name, t] : {std::pair{"q", &a.q}, std::pair{"k", &a.k}, std::pair{"v", &a.v}})
    check_row_extents(c, name, *t);
  fill_cache(c, p, a);
  p.fp8 = (bit(p.cache_type) & quantised_dtypes) != 0;
  p.q_out = a.q_out.data;
  p.q = a.q.data;
  p.k = a.k.data;
  p.v = a.v.data;
  p.cos_sin = a.cos_sin.data;
  p.pos_ids = a.pos_ids.given() ? a.pos_ids.data : a.positions.data;
  p.tokens = a.q.shape[0];
  p.q_heads = static_cast<int32_t>(a.q.shape[1]);
  p.kv_heads = static_cast<int32_t>(a.k.shape[1]);
  p.head_dim = static_cast<int32_t>(a.q.shape[2]);
  p.value_dim = static_cast<int32_t>(a.v.shape[2]);
  p.cached = a.cos_sin.shape[0];
  for (int i = 0; i < 2; ++i) {
    p.q_out_stride[i] = a.q_out.stride[i];
    p.q_stride[i] = a.q.stride[i];
    p.k_stride[i] = a.k.stride[i];
    p.v_stride[i] = a.v.stride[i];
  }
  p.cos_sin_stride = a.cos_sin.stride[0];
  p.q_in_place = p.q == p.q_out;
  const int64_t width = 16 / dtype_bytes(a.q.type);
  const bool aligned = p.value_dim % width == 0 && a.q_out.aligned(16) && a.q.aligned(16) && a.k.aligned(16) &&
                       a.v.aligned(16) && a.cos_sin.aligned(16) && steps_of(a.k_cache, width) &&
                       steps_of(a.v_cache, width);
  set_rope_units(p, a.q.type, p.head_dim, r, a.interleaved != 0, aligned, false);
  if (p.tokens * (p.q_heads * int64_t{p.head_dim} + p.kv_heads * (int64_t{p.head_dim} + p.value_dim)) == 0) return;
  c.run<rope_append_kv_tune>(p, [&](const rope_append_kv_tune& t) {
    // Units are those of the kernel that serves: the one for unaligned heads takes aligned ones, too.
    const int64_t units = set_rope_units(p, a.q.type, p.head_dim, r, a.interleaved != 0, t.vector != 0, false);
    const int64_t value_units = p.vector ? p.value_dim / width : p.value_dim;
    const int64_t heads = int64_t{p.q_heads} + 2 * p.kv_heads;
    const int64_t each = heads_a_thread(c, p.tokens, heads, std::max(units, value_units), t.heads);
    p.value_units = make_divisor(std::max<int64_t>(value_units, 1), most_slots);
    p.q_chunks = static_cast<int32_t>(ceil_div<int64_t>(p.q_heads, each));
    p.kv_chunks = static_cast<int32_t>(ceil_div<int64_t>(p.kv_heads, each));
    return share_grid(p, (p.q_chunks + p.kv_chunks) * units + p.kv_chunks * value_units);
  });
}

}  // namespace hipinfer
