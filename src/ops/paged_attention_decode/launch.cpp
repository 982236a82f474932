// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "core/op.h"
#include "gen/ops.h"
#include "ops/paged_attention/launch.h"
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
  check_paged_attention(c, a);
  paged_attention_decode_params p{};
  fill_paged_attention(p, a);
  p.group_tiles = static_cast<int32_t>(std::max<int64_t>(1, ceil_div<int64_t>(p.group, 8)));
  p.tile_heads = static_cast<int32_t>(ceil_div<int64_t>(p.group, p.group_tiles));
  const bool invariant = c.batch_invariant();
  p.least_pages = static_cast<int32_t>(ceil_div<int64_t>(invariant ? least_keys_invariant : least_keys, p.page_size));
  // Room for every chunk of least_pages: the chunks then are of that length whatever the batch. Otherwise no more than
  // fill the device; a longer total makes longer chunks.
  int64_t spare = p.table_pages / p.least_pages;
  if (!invariant) {
    const int64_t blocks_a_chunk = std::max<int64_t>(1, p.kv_heads * p.group_tiles);
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
  c.run<paged_attention_decode_tune>(
      p, [&](const paged_attention_decode_tune&) { return grid{p.slots * p.kv_heads * p.group_tiles}; });
  if (p.spare == 0) return;
  c.run<paged_attention_decode_tune>(
      p, [&](const paged_attention_decode_tune&) { return grid{p.batch * p.q_heads}; }, "merge");
}

}  // namespace hipinfer
