// SPDX-License-Identifier: Apache-2.0
// What decode and prefill have in common on the host: the checks and the fields of their parameter structs.
#pragma once

#include <cmath>

#include "core/op.h"

namespace hipinfer {

template <class Args>
void check_paged_attention(const call& c, const Args& a) {
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
  p.batch = a.kv_last_page_len.shape[0];
  p.q_heads = a.query.shape[1];
  p.kv_heads = a.k_cache.shape[2];
  p.group = p.kv_heads == 0 ? 1 : static_cast<int32_t>(p.q_heads / p.kv_heads);
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
  p.sm_scale = a.sm_scale > 0 ? static_cast<double>(a.sm_scale) : default_scale;
  p.scale_log2 = static_cast<float>(p.sm_scale * 1.4426950408889634);
  p.table_pages = static_cast<int32_t>(a.kv_indices.shape[0]);
  p.page_size = static_cast<int32_t>(a.k_cache.shape[1]);
  p.vector = a.output.aligned(16) && a.query.aligned(16) && a.k_cache.aligned(16) && a.v_cache.aligned(16);
}

}  // namespace hipinfer
