// SPDX-License-Identifier: Apache-2.0
#include "core/elementwise.h"
#include "gen/ops.h"
#include "ops/copy_blocks/params.h"

namespace hipinfer {
namespace {

// One tensor's part of the parameters. Slots and heads in either order, if nothing lies between them, are one row.
void set_pages(copy_blocks_params& p, int which, const view& cache) {
  if (!cache.given()) return;
  const int64_t bytes = dtype_bytes(cache.type), d = cache.shape[3];
  int64_t slots = cache.shape[1], heads = cache.shape[2], row = d;
  const bool nhd = (heads == 1 || cache.stride[2] == d) && (slots == 1 || cache.stride[1] == heads * d);
  const bool hnd = (slots == 1 || cache.stride[1] == d) && (heads == 1 || cache.stride[2] == slots * d);
  if (nhd || hnd) {
    row = slots * heads * d;
    slots = heads = 1;
  }
  p.cache[which] = cache.data;
  p.slots[which] = slots;
  p.heads[which] = heads;
  p.row_bytes[which] = row * bytes;
  p.page_stride[which] = cache.stride[0] * bytes;
  p.slot_stride[which] = cache.stride[1] * bytes;
  p.head_stride[which] = cache.stride[2] * bytes;
}

// Whether every row begins at a multiple of `bytes`, and is as long.
bool steps(const copy_blocks_params& p, int64_t bytes) {
  int64_t all = 0;
  for (int k = 0; k < 2; ++k) {
    all |= static_cast<int64_t>(reinterpret_cast<uintptr_t>(p.cache[k])) | p.page_stride[k];
    if (p.slots[k] > 1) all |= p.slot_stride[k];
    if (p.heads[k] > 1) all |= p.head_stride[k];
    all |= p.row_bytes[k];
  }
  return all % bytes == 0;
}

}  // namespace

void copy_blocks_launch(call& c, const copy_blocks_args& a) {
  copy_blocks_params p{};
  set_pages(p, 0, a.k_cache);
  set_pages(p, 1, a.v_cache);
  p.block_mapping = a.block_mapping.data;
  p.pairs = a.block_mapping.shape[0];
  p.mapping_stride = a.block_mapping.stride[0];
  p.pages = a.k_cache.shape[0];
  p.wide = a.block_mapping.type == dtype::i64;
  p.access = 16;
  while (!steps(p, p.access)) p.access /= 2;
  for (int k = 0; k < 2; ++k) {
    const int64_t a_row = p.row_bytes[k] / p.access, of_pair = p.slots[k] * p.heads[k] * a_row;
    p.accesses[k] = p.pairs * of_pair;
    if (of_pair == 0) continue;
    p.pair_accesses[k] = make_divisor(of_pair, p.accesses[k]);
    p.row_accesses[k] = make_divisor(a_row, of_pair);
    p.heads_by[k] = make_divisor(p.heads[k], of_pair);
  }
  const int64_t most = std::max(p.accesses[0], p.accesses[1]);
  if (p.pages == 0 || most == 0) return;
  p.both = p.accesses[1] > 0;
  c.run<copy_blocks_tune>(p, [&](const copy_blocks_tune& t) { return vector_grid(c, p, most, t.each, 1 + p.both); });
}

}  // namespace hipinfer
