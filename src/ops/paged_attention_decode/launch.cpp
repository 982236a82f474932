// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>

#include "core/op.h"
#include "generated/ops.h"
#include "ops/paged_attention_decode/params.h"

namespace hipinfer {
namespace {

// Blocks wanted on a compute unit: its waves wait for memory most of the time.
constexpr int64_t blocks_per_unit = 8;
// Keys in the shortest chunk. A chunk costs a partial result of D + 2 floats a head, which is small against these.
constexpr int64_t least_keys = 128;
constexpr int64_t least_keys_invariant = 256;

// Everything but the workspace's address. Shapes alone decide: how many chunks there is room for is fixed here, how
// long a chunk is follows on the device from kv_indptr.
paged_attention_decode_params prepare(const call& c, const paged_attention_decode_args& a) {
  const int64_t d = a.query.shape[2], q_heads = a.query.shape[1], kv_heads = a.k_cache.shape[2];
  const int64_t page_size = a.k_cache.shape[1], table = a.kv_indices.shape[0];
  if (d == 0) c.refuse(HIPINFER_STATUS_INVALID_SHAPE, "query", "the head dimension is 0");
  if (page_size == 0) c.refuse(HIPINFER_STATUS_INVALID_SHAPE, "k_cache", "pages have no slots");
  if (kv_heads == 0 ? q_heads != 0 : q_heads % kv_heads != 0) {
    c.refuse(HIPINFER_STATUS_INVALID_SHAPE, "query", "Hq = %lld heads, expected a multiple of Hk = %lld (from k_cache)",
             static_cast<long long>(q_heads), static_cast<long long>(kv_heads));
  }
  if (d % 8 != 0 || d > 256) {
    c.refuse(HIPINFER_STATUS_UNSUPPORTED, "query", "head dimension %lld, expected a multiple of 8 up to 256",
             static_cast<long long>(d));
  }
  constexpr int64_t most_keys = int64_t{1} << 30;
  if (page_size > most_keys || table > most_keys / page_size) {
    c.refuse(HIPINFER_STATUS_UNSUPPORTED, "kv_indices", "%lld pages of %lld slots, expected at most 2^30 slots in all",
             static_cast<long long>(table), static_cast<long long>(page_size));
  }
  paged_attention_decode_params p{};
  p.output = a.output.data;
  p.lse = a.lse.data;
  p.query = a.query.data;
  p.k_cache = a.k_cache.data;
  p.v_cache = a.v_cache.data;
  p.kv_indptr = static_cast<const int32_t*>(a.kv_indptr.data);
  p.kv_indices = static_cast<const int32_t*>(a.kv_indices.data);
  p.kv_last_page_len = static_cast<const int32_t*>(a.kv_last_page_len.data);
  p.batch = a.query.shape[0];
  p.q_heads = q_heads;
  p.kv_heads = kv_heads;
  for (int i = 0; i < 2; ++i) {
    p.output_stride[i] = a.output.stride[i];
    p.query_stride[i] = a.query.stride[i];
  }
  p.lse_stride = a.lse.stride[0];
  for (int i = 0; i < 3; ++i) {
    p.k_stride[i] = a.k_cache.stride[i];
    p.v_stride[i] = a.v_cache.stride[i];
  }
  p.sm_scale = a.options.sm_scale > 0 ? static_cast<double>(a.options.sm_scale) : 1 / std::sqrt(static_cast<double>(d));
  p.scale_log2 = static_cast<float>(p.sm_scale * 1.4426950408889634);
  p.table_pages = static_cast<int32_t>(table);
  p.page_size = static_cast<int32_t>(page_size);
  p.head_dim = static_cast<int32_t>(d);
  p.vector = a.output.aligned(16) && a.query.aligned(16) && a.k_cache.aligned(16) && a.v_cache.aligned(16);
  const int64_t group = kv_heads == 0 ? 1 : q_heads / kv_heads;
  if (group > INT32_MAX) c.refuse(HIPINFER_STATUS_UNSUPPORTED, "query", "more than 2^31-1 query heads a key/value head");
  p.group = static_cast<int32_t>(group);
  p.group_tiles = static_cast<int32_t>(std::max<int64_t>(1, ceil_div<int64_t>(group, 8)));
  p.tile_heads = static_cast<int32_t>(ceil_div<int64_t>(group, p.group_tiles));
  const bool invariant = c.batch_invariant();
  p.least_pages = static_cast<int32_t>(ceil_div(invariant ? least_keys_invariant : least_keys, page_size));
  // Room for every chunk of least_pages: the chunks then are of that length whatever the batch. Otherwise no more than
  // fill the device; a longer total makes longer chunks.
  int64_t spare = table / p.least_pages;
  if (!invariant) {
    const int64_t blocks_a_chunk = std::max<int64_t>(1, kv_heads * p.group_tiles);
    spare = std::min(spare, ceil_div(blocks_per_unit * c.compute_units(), blocks_a_chunk));
  }
  p.spare = static_cast<int32_t>(spare);
  p.slots = p.batch + spare;
  return p;
}

}  // namespace

size_t paged_attention_decode_workspace(call& c, const paged_attention_decode_args& a) {
  const paged_attention_decode_params p = prepare(c, a);
  if (c.on_cpu() || p.spare == 0) return 0;
  return static_cast<size_t>(p.slots * p.q_heads * (p.head_dim + 2)) * sizeof(float);
}

void paged_attention_decode_launch(call& c, const paged_attention_decode_args& a) {
  paged_attention_decode_params p = prepare(c, a);
  if (p.batch == 0 || p.q_heads == 0) return;
  if (p.spare > 0 && a.workspace != nullptr) {
    p.partial_value = static_cast<float*>(a.workspace);
    p.partial_most = p.partial_value + p.slots * p.q_heads * p.head_dim;
    p.partial_sum = p.partial_most + p.slots * p.q_heads;
    c.choose(&p, "merge");  // refuses before anything runs
  }
  c.run<paged_attention_decode_tune>(p, [&](const paged_attention_decode_tune&) {
    return grid{p.slots * p.kv_heads * p.group_tiles};
  });
  if (p.spare == 0) return;
  c.run<paged_attention_decode_tune>(
      p, [&](const paged_attention_decode_tune&) { return grid{p.batch * p.q_heads}; }, "merge");
}

}  // namespace hipinfer
