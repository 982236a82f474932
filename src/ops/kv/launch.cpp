// SPDX-License-Identifier: Apache-2.0
#include "core/elementwise.h"
#include "core/kv_writes.h"
#include "gen/append_paged_kv_cache.h"
#include "gen/append_paged_mla_kv_cache.h"
#include "gen/copy_blocks.h"
#include "gen/get_batch_indices_positions.h"
#include "gen/get_seq_lens.h"
#include "ops/kv/params.h"

namespace hipinfer {
namespace {

// One tensor's part of the parameters, of a call with pairs. Slots and heads in either order, if nothing lies between them,
// are one row.
void set_pages(const call& c, copy_blocks_params& p, int which, const view& cache) {
  if (!cache.given()) return;
  const int64_t bytes = dtype_bytes(cache.type), d = cache.shape[3];
  int64_t slots = cache.shape[1], heads = cache.shape[2], row = d;
  if (saturated_product({p.pairs, slots, heads, d, bytes}) > most_reach) {
    c.refuse(HIPINFER_STATUS_OVERFLOW, "block_mapping", "%lld pairs copy more than 2^60 bytes",
             static_cast<long long>(p.pairs));
  }
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

void append_paged_mla_kv_cache_launch(call& c, const append_paged_mla_kv_cache_args& a) {
  append_paged_mla_kv_cache_params p{};
  check_row_extents(c, "append_ckv", a.append_ckv);
  check_row_extents(c, "append_kpe", a.append_kpe);
  fill_table(c, p, a, a.ckv_cache);
  p.tokens = a.append_ckv.shape[0];
  const view* caches[] = {&a.ckv_cache, &a.kpe_cache};
  const view* fresh[] = {&a.append_ckv, &a.append_kpe};
  const int64_t width = 16 / dtype_bytes(a.append_ckv.type);
  p.vector = true;
  for (int part = 0; part < 2; ++part) {
    p.cache[part] = caches[part]->data;
    p.append[part] = fresh[part]->data;
    p.page_stride[part] = caches[part]->stride[0];
    p.slot_stride[part] = caches[part]->stride[1];
    p.append_stride[part] = fresh[part]->stride[0];
    p.vector &= fresh[part]->shape[1] % width == 0 && caches[part]->aligned(16) && fresh[part]->aligned(16);
  }
  const int64_t latent = a.append_ckv.shape[1], all = latent + a.append_kpe.shape[1];
  if (p.tokens == 0 || all == 0 || p.pages == 0 || p.page_size == 0 || p.requests == 0 || p.table_size == 0) return;
  c.run<append_paged_mla_kv_cache_tune>(p, [&](const append_paged_mla_kv_cache_tune& t) {
    // The kernel for unaligned rows takes aligned ones, too.
    const int64_t each = t.vector ? width : 1;
    p.latent = static_cast<uint32_t>(latent / each);
    return share_grid(p, all / each);
  });
}

void copy_blocks_launch(call& c, const copy_blocks_args& a) {
  copy_blocks_params p{};
  p.pairs = a.block_mapping.shape[0];
  if (p.pairs == 0) return;
  set_pages(c, p, 0, a.k_cache);
  set_pages(c, p, 1, a.v_cache);
  p.block_mapping = a.block_mapping.data;
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

void get_batch_indices_positions_launch(call& c, const get_batch_indices_positions_args& a) {
  get_batch_indices_positions_params p{};
  p.batch_indices = a.batch_indices.data;
  p.positions = a.positions.data;
  p.append_indptr = a.append_indptr.data;
  p.seq_lens = a.seq_lens.data;
  p.tokens = a.positions.shape[0];
  p.requests = a.seq_lens.shape[0];
  p.wide = a.append_indptr.type == dtype::i64;
  p.wide_out = a.positions.type == dtype::i64;
  if (p.tokens == 0) return;
  c.run<get_batch_indices_positions_tune>(p,
                                          [&](const get_batch_indices_positions_tune&) { return item_grid(p.tokens); });
}

void get_seq_lens_launch(call& c, const get_seq_lens_args& a) {
  get_seq_lens_params p{};
  p.seq_lens = a.seq_lens.data;
  p.kv_indptr = a.kv_indptr.data;
  p.kv_last_page_len = a.kv_last_page_len.data;
  p.requests = a.seq_lens.shape[0];
  p.page_size = a.page_size;
  p.wide = a.kv_indptr.type == dtype::i64;
  p.wide_out = a.seq_lens.type == dtype::i64;
  if (p.seq_lens == p.kv_last_page_len && p.wide != p.wide_out && p.requests > 0) {
    c.refuse(HIPINFER_STATUS_ALIASING, "seq_lens", "is the same memory as kv_last_page_len, but of another dtype");
  }
  if (p.requests == 0) return;
  c.run<get_seq_lens_tune>(p, [&](const get_seq_lens_tune&) { return item_grid(p.requests); });
}

}  // namespace hipinfer
