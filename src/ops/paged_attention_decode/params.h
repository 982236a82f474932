// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "device/params.h"

struct paged_attention_decode_params {
  void* output;
  void* lse;  // NULL: not wanted
  const void* query;
  const void* k_cache;
  const void* v_cache;
  const int32_t* kv_indptr;
  const int32_t* kv_indices;
  const int32_t* kv_last_page_len;
  float* partial_value;  // [slots, q_heads, head_dim]: weighted sums of values, of requests in several chunks
  float* partial_most;   // [slots, q_heads]: the largest score, unscaled
  float* partial_sum;    // [slots, q_heads]: the sum of weights, relative to it
  int64_t batch;
  int64_t q_heads;
  int64_t kv_heads;
  int64_t output_stride[2];  // of a request, of a head
  int64_t lse_stride;        // of a request
  int64_t query_stride[2];   // of a request, of a head
  int64_t k_stride[3];       // of a page, of a slot, of a head
  int64_t v_stride[3];
  int64_t slots;  // chunks there is room for: one a request and `spare` more
  double sm_scale;
  float scale_log2;  // sm_scale * log2(e)
  int32_t table_pages;
  int32_t page_size;
  int32_t head_dim;
  int32_t group;        // query heads that share a key/value head
  int32_t group_tiles;  // a block serves one of so many parts of a group,
  int32_t tile_heads;   // each of so many heads (the last one of fewer)
  int32_t spare;
  int32_t least_pages;  // no chunk is shorter
  int32_t vector;       // 16-byte accesses are allowed
};
