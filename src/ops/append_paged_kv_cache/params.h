// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "device/params.h"

struct append_paged_kv_cache_params {
  void* k_cache;
  void* v_cache;
  const void* append_key;
  const void* append_value;
  const void* k_scale;  // f32, or NULL
  const void* v_scale;
  const void* batch_indices;
  const void* positions;
  const void* kv_indices;
  const void* kv_indptr;
  const void* kv_last_page_len;
  int64_t tokens;  // T
  int64_t pages;
  int64_t page_size;
  int64_t requests;
  int64_t table_size;         // I
  int64_t table_slots;        // I * S
  int64_t k_cache_stride[3];  // of a page, of a slot, of a head
  int64_t v_cache_stride[3];
  int64_t key_stride[2];  // of an entry, of a head
  int64_t value_stride[2];
  hipinfer::divisor page;   // page_size
  hipinfer::divisor slots;  // threads of a token: units of chunks of heads
  hipinfer::divisor units;  // accesses of a head
  uint32_t row_tokens;      // of a row of the grid
  int32_t heads;
  int32_t head_dim;
  int32_t chunks;  // a chunk is what a thread has of a token: each chunks-th head
  int32_t wide;    // indices are i64
  int32_t vector;  // 16-byte reads are allowed, and writes of as many elements
  hipinfer::dtype cache_type;
};
