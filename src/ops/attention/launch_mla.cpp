// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "core/items.h"
#include "core/rows.h"
#include "gen/paged_mla_attention.h"
#include "ops/attention/params.h"

namespace hipinfer {
namespace {

constexpr int64_t most_latent = 1024, most_rotated = 256;
constexpr int64_t most_keys = int64_t{1} << 30;
constexpr int64_t most_rows = INT32_MAX;  // kernels count them in 31 bits
// Keys in the shortest chunk. A guess: a chunk writes and reads 4 * (C + 2) bytes a row, a key has 2 * (C + R).
constexpr int64_t least_keys = 128;
// Bytes of partial results at the most; then chunks are longer. FlashInfer's users give 128 MiB.
constexpr int64_t most_workspace = int64_t{96} << 20;

void check(const call& c, const paged_mla_attention_args& a) {
  const int64_t latent = a.q_nope.shape[2], rotated = a.q_pe.shape[2];
  const int64_t page_size = a.ckv_cache.shape[1], table = a.kv_indices.shape[0];
  if (latent == 0) c.refuse(HIPINFER_STATUS_INVALID_SHAPE, "q_nope", "the latent key has no columns");
  if (page_size == 0) c.refuse(HIPINFER_STATUS_INVALID_SHAPE, "ckv_cache", "pages have no slots");
  if (latent > most_latent) {
    c.refuse(HIPINFER_STATUS_UNSUPPORTED, "q_nope", "C = %lld columns, expected at most %lld",
             static_cast<long long>(latent), static_cast<long long>(most_latent));
  }
  if (rotated > most_rotated) {
    c.refuse(HIPINFER_STATUS_UNSUPPORTED, "q_pe", "R = %lld columns, expected at most %lld",
             static_cast<long long>(rotated), static_cast<long long>(most_rotated));
  }
  if (page_size > most_keys || table > most_keys / page_size) {
    c.refuse(HIPINFER_STATUS_UNSUPPORTED, "kv_indices", "%lld pages of %lld slots, expected at most 2^30 slots in all",
             static_cast<long long>(table), static_cast<long long>(page_size));
  }
  if (saturated_product({a.q_nope.shape[0], a.q_nope.shape[1]}) > most_rows) {
    c.refuse(HIPINFER_STATUS_UNSUPPORTED, "q_nope", "%lld tokens of %lld heads, expected fewer than 2^31 in all",
             static_cast<long long>(a.q_nope.shape[0]), static_cast<long long>(a.q_nope.shape[1]));
  }
}

// Rows of a tile: those of a request of the mean length, as far as the target has matrix kernels for them. In a BATCH_INVARIANT context
// those of one token, so that no other request decides. Gives how many of its blocks a compute unit holds.
int64_t choose_rows(const call& c, paged_mla_attention_params& p) {
  const int64_t rows = p.tokens * p.heads;
  const int64_t mean = c.batch_invariant() ? p.heads : ceil_div<int64_t>(rows, std::max<int64_t>(1, p.batch));
  const int32_t wanted = mean <= 16 ? 16 : mean <= 32 ? 32 : 64;
  paged_mla_attention_tune tune{};
  const auto look = [&](int32_t tile) {
    p.rows = tile;
    c.each_row(&p, "main", [&](const kernel_row& row) {
      tune = c.numbers<paged_mla_attention_tune>(row);
      return false;  // the first one serves
    });
    return tune.rows > 0;
  };
  for (int32_t tile = wanted; tile >= 16; tile /= 2) {
    if (look(tile)) return tune.blocks;
  }
  look(wanted);
  return tune.blocks;
}

// Chunks that each of so many tiles is cut into, if requests are alike, on a device that holds so many blocks: the last blocks to run leave
// part of it idle, and more chunks leave less, but each has to be worth its cost.
int64_t chunks_of(int64_t tiles, int64_t held) {
  const int64_t least = std::max<int64_t>(1, held / tiles);
  const auto time = [&](int64_t chunks) {
    return static_cast<double>(ceil_div<int64_t>(chunks * tiles, held)) / static_cast<double>(chunks);
  };
  int64_t best = least;
  for (int64_t chunks = least + 1; chunks <= 4 * least && chunks * tiles <= 4 * held; ++chunks) {
    if (time(chunks) < 0.8 * time(best)) best = chunks;
  }
  return best;
}

}  // namespace

// Shapes alone decide how many tiles and chunks there is room for; how long a chunk is follows on the device from the lengths.
size_t paged_mla_attention_workspace(call& c, const paged_mla_attention_args& a, paged_mla_attention_params& p) {
  check(c, a);
  p.output = a.output.data;
  p.lse = a.lse.data;
  p.q_nope = a.q_nope.data;
  p.q_pe = a.q_pe.data;
  p.ckv_cache = a.ckv_cache.data;
  p.kpe_cache = a.kpe_cache.data;
  p.qo_indptr = static_cast<const int32_t*>(a.qo_indptr.data);
  p.kv_indptr = static_cast<const int32_t*>(a.kv_indptr.data);
  p.kv_indices = static_cast<const int32_t*>(a.kv_indices.data);
  p.kv_len = static_cast<const int32_t*>(a.kv_len.data);
  p.batch = a.kv_len.shape[0];
  p.tokens = a.q_nope.shape[0];
  p.heads = a.q_nope.shape[1];
  for (int i = 0; i < 2; ++i) {
    p.output_stride[i] = a.output.stride[i];
    p.nope_stride[i] = a.q_nope.stride[i];
    p.pe_stride[i] = a.q_pe.stride[i];
    p.ckv_stride[i] = a.ckv_cache.stride[i];
    p.kpe_stride[i] = a.kpe_cache.stride[i];
  }
  p.lse_stride = a.lse.stride[0];
  if (a.q_pe.shape[2] == 0) {  // kernels read nothing of it, and may find where it would be
    p.kpe_cache = p.ckv_cache;
    std::copy_n(p.ckv_stride, 2, p.kpe_stride);
  }
  constexpr double log2_e = 1.4426950408889634;
  p.scale_log2 = static_cast<float>(static_cast<double>(a.sm_scale) * log2_e);
  p.latent = static_cast<int32_t>(a.q_nope.shape[2]);
  p.rotated = static_cast<int32_t>(a.q_pe.shape[2]);
  p.causal = a.causal;
  const int64_t pages = a.ckv_cache.shape[0], page_size = a.ckv_cache.shape[1];
  p.table_pages = pages > 0 ? static_cast<int32_t>(a.kv_indices.shape[0]) : 0;
  p.last_page = static_cast<int32_t>(std::min<int64_t>(pages - 1, INT32_MAX));
  p.page_size = static_cast<int32_t>(page_size);
  const auto near = [](int64_t stride) { return stride / 8 == static_cast<int32_t>(stride / 8); };
  p.near = a.output.aligned(16) && a.q_nope.aligned(16) && a.q_pe.aligned(16) && a.ckv_cache.aligned(16) &&
           a.kpe_cache.aligned(16) && p.latent % 8 == 0 && p.rotated % 8 == 0 && near(p.ckv_stride[0]) &&
           near(p.ckv_stride[1]) && near(p.kpe_stride[0]) && near(p.kpe_stride[1]);
  const int64_t rows = p.tokens * p.heads;
  const int64_t blocks = choose_rows(c, p);
  const int64_t tiles = rows / p.rows + p.batch;  // at the most: each request may have one that is not full
  p.least_keys = least_keys;
  if (!c.batch_invariant() && !c.on_cpu() && rows > 0 && p.batch > 0) {
    const int64_t alike = std::max(std::min(p.batch, p.tokens), ceil_div<int64_t>(rows, p.rows));
    const int64_t held = std::max<int64_t>(1, blocks) * c.compute_units();
    const int64_t most = p.table_pages * page_size / least_keys;
    // Tiles that fill the device several times over need no more; else requests that are longer than others are cut, too.
    if (alike <= 2 * held && most > 1) {
      const int64_t room = most_workspace / (int64_t{p.rows} * (p.latent + 2) * static_cast<int64_t>(sizeof(float)));
      p.spare = std::min({alike * chunks_of(alike, held), saturated_product({tiles, most}), room / 2});
    }
  }
  p.slots = tiles + p.spare;
  if (p.spare == 0) return 0;
  // A request that is cut has at most twice as many chunks as its keys fill.
  p.parts = std::min(p.slots, 2 * p.spare);
  // The partial results are within most_workspace.
  const auto plan = static_cast<size_t>(saturated_product({p.batch, 2, sizeof(int32_t)}));
  return static_cast<size_t>(p.parts) * static_cast<size_t>(int64_t{p.rows} * (p.latent + 2)) * sizeof(float) + plan;
}

void paged_mla_attention_launch(call& c, const paged_mla_attention_args& a, paged_mla_attention_params& p) {
  if (p.batch == 0 || p.tokens == 0 || p.heads == 0) return;
  p.heads_by = make_divisor(p.heads, most_rows);
  if (p.spare > 0 && a.workspace != nullptr && !c.on_cpu()) {
    p.partial_value = static_cast<float*>(a.workspace);
    p.partial_most = p.partial_value + p.parts * p.rows * p.latent;
    p.partial_sum = p.partial_most + p.parts * p.rows;
    p.plan = reinterpret_cast<int32_t*>(p.partial_sum + p.parts * p.rows);
    c.choose(&p, "merge");  // refuses before anything runs
  }
  c.run<paged_mla_attention_tune>(p, [&](const paged_mla_attention_tune& tune) {
    grid g = block_grid(p.slots);
    g.dynamic_lds_bytes = int64_t{tune.lds_kib} << 10;
    return g;
  });
  if (p.spare == 0) return;
  c.run<paged_mla_attention_tune>(
      p, [&](const paged_mla_attention_tune&) { return block_grid(p.tokens * p.heads); }, "merge");
}

}  // namespace hipinfer
