// SPDX-License-Identifier: Apache-2.0
#include <cmath>

#include "core/op.h"
#include "generated/ops.h"
#include "ops/paged_attention_prefill/params.h"

namespace hipinfer {
namespace {

constexpr int64_t tile_rows = 64;  // as the kernel's

void check_shapes(const call& c, const paged_attention_prefill_args& a) {
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
  if (kv_heads > 0 && q_heads / kv_heads > INT32_MAX) {
    c.refuse(HIPINFER_STATUS_UNSUPPORTED, "query", "more than 2^31-1 query heads a key/value head");
  }
}

}  // namespace

void paged_attention_prefill_launch(call& c, const paged_attention_prefill_args& a) {
  check_shapes(c, a);
  paged_attention_prefill_params p{};
  p.output = a.output.data;
  p.lse = a.lse.data;
  p.query = a.query.data;
  p.k_cache = a.k_cache.data;
  p.v_cache = a.v_cache.data;
  p.qo_indptr = static_cast<const int32_t*>(a.qo_indptr.data);
  p.kv_indptr = static_cast<const int32_t*>(a.kv_indptr.data);
  p.kv_indices = static_cast<const int32_t*>(a.kv_indices.data);
  p.kv_last_page_len = static_cast<const int32_t*>(a.kv_last_page_len.data);
  p.batch = a.kv_last_page_len.shape[0];
  p.tokens = a.query.shape[0];
  p.q_heads = a.query.shape[1];
  p.kv_heads = a.k_cache.shape[2];
  for (int i = 0; i < 2; ++i) {
    p.output_stride[i] = a.output.stride[i];
    p.query_stride[i] = a.query.stride[i];
  }
  p.lse_stride = a.lse.stride[0];
  for (int i = 0; i < 3; ++i) {
    p.k_stride[i] = a.k_cache.stride[i];
    p.v_stride[i] = a.v_cache.stride[i];
  }
  p.head_dim = static_cast<int32_t>(a.query.shape[2]);
  const double default_scale = 1 / std::sqrt(static_cast<double>(p.head_dim));
  p.sm_scale = a.options.sm_scale > 0 ? static_cast<double>(a.options.sm_scale) : default_scale;
  p.scale_log2 = static_cast<float>(p.sm_scale * 1.4426950408889634);
  p.table_pages = static_cast<int32_t>(a.kv_indices.shape[0]);
  p.page_size = static_cast<int32_t>(a.k_cache.shape[1]);
  p.causal = a.options.causal;
  p.vector = a.output.aligned(16) && a.query.aligned(16) && a.k_cache.aligned(16) && a.v_cache.aligned(16);
  if (p.batch == 0 || p.tokens == 0 || p.q_heads == 0) return;
  p.group = static_cast<int32_t>(p.q_heads / p.kv_heads);
  // The kernel's tiles begin at a request's first row: a request may leave one of them incomplete.
  p.slots = p.tokens * p.group / tile_rows + p.batch;
  c.run<paged_attention_prefill_tune>(p, [&](const paged_attention_prefill_tune&) { return grid{p.slots * p.kv_heads}; });
}

}  // namespace hipinfer
