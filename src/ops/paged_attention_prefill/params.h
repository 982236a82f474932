// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "device/params.h"

struct paged_attention_prefill_params {
  void* output;
  void* lse;  // NULL: not wanted
  const void* query;
  const void* k_cache;
  const void* v_cache;
  const int32_t* qo_indptr;
  const int32_t* kv_indptr;
  const int32_t* kv_indices;
  const int32_t* kv_last_page_len;
  int64_t batch;
  int64_t tokens;
  int64_t q_heads;
  int64_t kv_heads;
  int64_t output_stride[2];  // of a token, of a head
  int64_t lse_stride;        // of a token
  int64_t query_stride[2];   // of a token, of a head
  int64_t k_stride[3];       // of a page, of a slot, of a head
  int64_t v_stride[3];
  int64_t slots;  // tiles of query rows there may be
  double sm_scale;
  float scale_log2;  // sm_scale * log2(e)
  int32_t table_pages;
  int32_t page_size;
  int32_t head_dim;
  int32_t group;  // query heads that share a key/value head
  int32_t causal;
  int32_t vector;  // 16-byte accesses are allowed
};
