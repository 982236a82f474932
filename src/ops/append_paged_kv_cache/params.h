// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "device/params.h"

struct append_paged_kv_cache_params {
  void* k_cache;
  void* v_cache;
  const void* append_key;
  const void* append_value;
  const int32_t* batch_indices;
  const int32_t* positions;
  const int32_t* kv_indices;
  const int32_t* kv_indptr;
  const int32_t* kv_last_page_len;
  int64_t entries;  // T
  int64_t heads;
  int64_t head_dim;
  int64_t pages;
  int64_t page_size;
  int64_t requests;
  int64_t table_size;         // I
  int64_t k_cache_stride[3];  // of a page, of a slot, of a head
  int64_t v_cache_stride[3];
  int64_t key_stride[2];  // of an entry, of a head
  int64_t value_stride[2];
  int32_t lanes_log2;  // 2^lanes_log2 threads share a head
  int32_t vector;      // 16-byte accesses are allowed, and n is a multiple of them
};
