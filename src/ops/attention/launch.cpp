// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>
#include <limits>

#include "core/items.h"
#include "core/kv_writes.h"
#include "core/rows.h"
#include "gen/masked_softmax.h"
#include "gen/paged_attention_decode.h"
#include "gen/paged_attention_prefill.h"
#include "ops/attention/params.h"

namespace hipinfer {
namespace {

// Keys that lie side by side, [N, Hk, D], are one page of 2^30 slots, and what is past its end is nobody's.
constexpr int64_t most_keys = int64_t{1} << 30;
template <class Args>
bool has_pages(const Args& a) {
  return a.k_cache.rank == 4;
}

template <class Args>
void check_paged_attention(const call& c, const Args& a) {
  const int64_t d = a.query.shape[2], q_heads = a.query.shape[1], kv_heads = a.k_cache.extent(2);
  const bool pages = has_pages(a);
  if (a.kv_indices.given() != pages || a.kv_last_page_len.given() != pages) {
    c.refuse(HIPINFER_STATUS_INVALID_ARGUMENT, a.kv_indices.given() != pages ? "kv_indices" : "kv_last_page_len",
             pages ? "missing: k_cache has pages" : "given, but k_cache has no pages: expected shape [P, S, Hk, D]");
  }
  const int64_t page_size = pages ? a.k_cache.shape[1] : 1, table = pages ? a.kv_indices.shape[0] : a.k_cache.shape[0];
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
  constexpr int64_t most_group = int64_t{1} << 30;
  if (page_size > most_keys || table > most_keys / page_size) {
    c.refuse(HIPINFER_STATUS_UNSUPPORTED, pages ? "kv_indices" : "k_cache",
             "%lld pages of %lld slots, expected at most 2^30 slots in all", static_cast<long long>(table),
             static_cast<long long>(page_size));
  }
  if (kv_heads > 0 && q_heads / kv_heads > most_group) {
    c.refuse(HIPINFER_STATUS_UNSUPPORTED, "query", "more than 2^30 query heads a key/value head");
  }
  // Kernels divide by it.
  if (a.sm_scale > 0 && a.sm_scale < 1e-30f) {
    c.refuse(HIPINFER_STATUS_INVALID_ARGUMENT, "sm_scale", "%g, expected 0 or from 1e-30 on",
             static_cast<double>(a.sm_scale));
  }
  check_scales(c, a);
}

bool is_fp8(dtype d) {
  return (bit(d) & quantised_dtypes) != 0;
}

// The fields that both parameter structs have; after check_paged_attention.
template <class Params, class Args>
void fill_paged_attention(Params& p, const Args& a) {
  p.output = a.output.data;
  p.lse = a.lse.data;
  p.query = a.query.data;
  p.k_cache = a.k_cache.data;
  p.v_cache = a.v_cache.data;
  p.kv_indptr = static_cast<const int32_t*>(a.kv_indptr.data);
  p.kv_indices = static_cast<const int32_t*>(a.kv_indices.data);
  p.kv_last_page_len = static_cast<const int32_t*>(a.kv_last_page_len.data);
  p.batch = a.kv_indptr.shape[0] - 1;
  p.q_heads = a.query.shape[1];
  p.kv_heads = a.k_cache.extent(2);
  p.group = p.kv_heads == 0 ? 1 : static_cast<int32_t>(p.q_heads / p.kv_heads);
  for (int i = 0; i < 2; ++i) {
    p.output_stride[i] = a.output.stride[i];
    p.query_stride[i] = a.query.stride[i];
  }
  p.lse_stride = a.lse.stride[0];
  const int first = has_pages(a) ? 0 : 1;
  for (int i = first; i < 3; ++i) {
    p.k_stride[i] = a.k_cache.stride[i - first];
    p.v_stride[i] = a.v_cache.stride[i - first];
  }
  p.head_dim = static_cast<int32_t>(a.query.shape[2]);
  const double default_scale = 1 / std::sqrt(static_cast<double>(p.head_dim));
  const double scale = a.sm_scale > 0 ? static_cast<double>(a.sm_scale) : default_scale;
  constexpr double log2_e = 1.4426950408889634;
  p.k_scale = static_cast<const float*>(a.k_scale.data);
  p.v_scale = static_cast<const float*>(a.v_scale.data);
  p.k_scales = a.k_scale.given() && a.k_scale.shape[0] > 1;
  p.v_scales = a.v_scale.given() && a.v_scale.shape[0] > 1;
  p.cache_type = a.k_cache.type;
  p.sinks = static_cast<const float*>(a.sinks.data);
  p.alibi_slopes = static_cast<const float*>(a.alibi_slopes.data);
  p.window = a.sliding_window;
  const bool capped = a.logits_soft_cap > 0;
  p.shaped = capped || a.alibi_slopes.given();
  p.cap_log2 = static_cast<float>(a.logits_soft_cap * log2_e);
  const double factor = capped ? scale / static_cast<double>(a.logits_soft_cap) : scale * log2_e;
  p.score_scale = static_cast<float>(std::min<double>(factor, std::numeric_limits<float>::max()));
  p.scale_log2 = p.shaped ? 1 : static_cast<float>(scale * log2_e);
  const int64_t cache_pages = a.k_cache.shape[0];
  if (has_pages(a)) {
    p.table_pages = cache_pages > 0 ? static_cast<int32_t>(a.kv_indices.shape[0]) : 0;
    p.last_page = static_cast<int32_t>(std::min<int64_t>(cache_pages - 1, INT32_MAX));
    p.page_size = static_cast<int32_t>(a.k_cache.shape[1]);
  } else {
    p.table_pages = static_cast<int32_t>(cache_pages);
    p.page_size = most_keys;
  }
  // A lane reads 8 elements of fp8 at a time.
  const int cache_bytes = is_fp8(a.k_cache.type) ? 8 : 16;
  p.vector =
      a.output.aligned(16) && a.query.aligned(16) && a.k_cache.aligned(cache_bytes) && a.v_cache.aligned(cache_bytes);
  const auto near = [](int64_t stride) { return stride / 8 == static_cast<int32_t>(stride / 8); };
  p.near = p.vector && near(p.k_stride[0]) && near(p.k_stride[1]) && near(p.v_stride[0]) && near(p.v_stride[1]);
}

// Blocks wanted on a compute unit, whose waves wait for memory most of the time. An H200 holds four of the matrix kernels' at a time: 133
// chunks of 8 heads, eight blocks more than two rounds of them, took 157 us; 132, with pages in registers, take 138.
constexpr int64_t blocks_per_unit = 8;
// Keys in the shortest chunk. A chunk costs a partial result of D + 2 floats a head. On an H200 1 x 1000 keys take 8.8 us, 10.6 with 128.
constexpr int64_t least_keys = 64;
constexpr int64_t least_keys_invariant = 256;
// Where the whole table has no more keys nothing is cut: the launch that merges takes longer than they do.
constexpr int64_t whole_keys = 256;
// While chunks have fewer keys, half as many are enough: on an H200 16 x 1000 keys take 28 us for 32, 16 x 8192 139 for 145.
constexpr int64_t short_keys = 2048;

}  // namespace

// Shapes alone decide: how many chunks there is room for is fixed here, how long a chunk is follows on the device from
// kv_indptr.
size_t paged_attention_decode_workspace(call& c, const paged_attention_decode_args& a,
                                        paged_attention_decode_params& p) {
  check_paged_attention(c, a);
  fill_paged_attention(p, a);
  p.pieces =
      p.near && a.k_cache.aligned(16) && a.v_cache.aligned(16) && p.head_dim % (is_fp8(a.k_cache.type) ? 16 : 8) == 0;
  const int heads = p.shaped ? paged_attention_decode_shaped_heads : paged_attention_decode_heads;
  p.group_tiles = static_cast<int32_t>(std::max<int64_t>(1, ceil_div<int64_t>(p.group, heads)));
  p.tile_heads = static_cast<int32_t>(ceil_div<int64_t>(p.group, p.group_tiles));
  const bool invariant = c.batch_invariant();
  p.least_pages = static_cast<int32_t>(ceil_div<int64_t>(invariant ? least_keys_invariant : least_keys, p.page_size));
  if (!invariant && p.table_pages <= whole_keys / p.page_size)
    p.least_pages = std::max(p.least_pages, p.table_pages + 1);
  // Room for every chunk of least_pages: the chunks then are of that length whatever the batch. Otherwise no more than
  // fill the device, and as many for each request, if they are of one length; a longer total makes longer chunks.
  int64_t most = INT32_MAX;
  if (!invariant) {
    const int64_t blocks_a_chunk = std::max<int64_t>(1, p.kv_heads * p.group_tiles);
    most = std::max<int64_t>(1, blocks_per_unit * c.compute_units() / blocks_a_chunk);
    if (p.batch > 0 && most > p.batch) most -= most % p.batch;
    p.short_pages = static_cast<int32_t>(ceil_div<int64_t>(short_keys, p.page_size));
  }
  p.most_chunks = static_cast<int32_t>(std::min<int64_t>(most, INT32_MAX));
  p.spare = static_cast<int32_t>(std::min<int64_t>(p.most_chunks, p.table_pages / p.least_pages));
  p.slots = p.batch + p.spare;
  if (p.window > 0 && p.batch > 0 && !invariant) {
    const int64_t pages =
        (int64_t{p.window} + p.page_size - 2) / p.page_size + 1;  // that a window's keys are in at the most
    p.window_slots = static_cast<int32_t>(std::min<int64_t>(p.slots / p.batch, INT32_MAX));
    p.window_chunk = static_cast<int32_t>(std::max<int64_t>(p.least_pages, ceil_div<int64_t>(pages, p.window_slots)));
  }
  if (c.on_cpu() || p.spare == 0) return 0;
  const int64_t bytes = saturated_product({p.slots, p.q_heads, p.head_dim + 2, sizeof(float)});
  if (bytes > most_reach) {
    c.refuse(HIPINFER_STATUS_OVERFLOW, "query", "partial results of %lld chunks of %lld heads are past 2^60 bytes",
             static_cast<long long>(p.slots), static_cast<long long>(p.q_heads));
  }
  return static_cast<size_t>(bytes);
}

void paged_attention_decode_launch(call& c, const paged_attention_decode_args& a, paged_attention_decode_params& p) {
  if (p.batch == 0 || p.q_heads == 0) return;
  if (p.spare > 0 && a.workspace != nullptr && !c.on_cpu()) {
    p.partial_value = static_cast<float*>(a.workspace);
    p.partial_most = p.partial_value + p.slots * p.q_heads * p.head_dim;
    p.partial_sum = p.partial_most + p.slots * p.q_heads;
    c.choose(&p, "merge");  // refuses before anything runs
  }
  c.run<paged_attention_decode_tune>(p, [&](const paged_attention_decode_tune& tune) {
    if (tune.heads == 0) return grid{p.slots * p.kv_heads * p.group_tiles};
    grid g = block_grid(saturated_product({p.slots, p.kv_heads, ceil_div(p.group, tune.heads)}));
    g.dynamic_lds_bytes = int64_t{tune.lds_kib} << 10;
    return g;
  });
  if (p.spare == 0) return;
  c.run<paged_attention_decode_tune>(
      p, [&](const paged_attention_decode_tune&) { return grid{p.batch * p.q_heads}; }, "merge");
}

void paged_attention_prefill_launch(call& c, const paged_attention_prefill_args& a) {
  check_paged_attention(c, a);
  paged_attention_prefill_params p{};
  fill_paged_attention(p, a);
  p.qo_indptr = static_cast<const int32_t*>(a.qo_indptr.data);
  p.tokens = a.query.shape[0];
  if (a.custom_mask.given() != a.mask_indptr.given()) {
    c.refuse(HIPINFER_STATUS_INVALID_ARGUMENT, a.custom_mask.given() ? "custom_mask" : "mask_indptr",
             "custom_mask and mask_indptr go together");
  }
  p.custom_mask = static_cast<const uint8_t*>(a.custom_mask.data);
  p.mask_bytes = a.custom_mask.given() ? a.custom_mask.shape[0] : 0;
  p.mask_indptr = a.mask_indptr.data;
  p.wide_mask_indptr = a.mask_indptr.type == dtype::i64;
  p.ahead = a.causal && !a.custom_mask.given() ? 0 : a.window_right > 0 ? a.window_right : -1;
  if (p.batch == 0 || p.tokens == 0 || p.q_heads == 0) return;
  p.group_by = make_divisor(p.group, p.group + int64_t{256});
  c.run<paged_attention_prefill_tune>(p, [&](const paged_attention_prefill_tune& tune) {
    // The kernel's tiles begin at a request's first row: a request may leave one of them incomplete.
    const int64_t slots = p.tokens * p.group / tune.rows + p.batch;
    grid g = block_grid(saturated_product({slots, p.kv_heads}));
    g.dynamic_lds_bytes = int64_t{tune.lds_kib} << 10;
    return g;
  });
}

void masked_softmax_launch(call& c, const masked_softmax_args& a) {
  masked_softmax_params p{};
  p.input = a.input.data;
  p.mask = a.mask.data;
  p.output = a.output.data;
  p.heads = a.input.shape[1];
  p.queries = a.input.shape[2];
  p.rows = a.input.shape[0] * p.heads * p.queries;
  p.n = a.input.shape[3];
  std::copy_n(a.input.stride, 3, p.input_stride);
  std::copy_n(a.output.stride, 3, p.output_stride);
  std::copy_n(a.mask.stride, 4, p.mask_stride);
  p.scale = a.scale;
  p.causal = a.causal;
  p.mask_bytes = a.mask.given() ? dtype_bytes(a.mask.type) : 0;
  set_vector(p, {&a.input, &a.output});
  if (a.mask.given()) p.vector &= p.mask_stride[3] == 1 && steps_of(a.mask, 16 / dtype_bytes(a.input.type));
  if (p.rows == 0 || p.n == 0) return;
  p.heads_inside = a.mask.given() && p.mask_stride[1] == 0;
  p.inner_by = make_divisor(p.heads_inside ? p.heads : p.queries, p.rows);
  p.middle_by = make_divisor(p.heads_inside ? p.queries : p.heads, p.rows);
  run_rows<masked_softmax_tune>(c, p);
}

}  // namespace hipinfer
