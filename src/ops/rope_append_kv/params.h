// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "device/params.h"

struct rope_append_kv_params {
  void* q_out;
  void* k_cache;
  void* v_cache;
  const void* q;
  const void* k;
  const void* v;
  const void* cos_sin;  // f32
  const void* positions;
  const void* pos_ids;  // rows of cos_sin
  const void* batch_indices;
  const void* kv_indices;  // NULL: the cache is contiguous
  const void* kv_indptr;
  const void* kv_last_page_len;
  const void* k_scale;  // f32, or NULL
  const void* v_scale;
  int64_t tokens;
  int64_t cached;  // C
  int64_t pages;
  int64_t page_size;
  int64_t requests;
  int64_t table_size;         // I
  int64_t table_slots;        // I * S
  int64_t k_cache_stride[3];  // of a page, of a slot, of a head
  int64_t v_cache_stride[3];
  int64_t q_out_stride[2];  // of a token, of a head
  int64_t q_stride[2];
  int64_t k_stride[2];
  int64_t v_stride[2];
  int64_t cos_sin_stride;         // of a position
  hipinfer::divisor page;         // page_size
  hipinfer::divisor slots;        // threads of a token: units of chunks of queries, keys and values
  hipinfer::divisor units;        // of a query or key
  hipinfer::divisor value_units;  // accesses of a value
  uint32_t row_tokens;            // of a row of the grid
  int32_t rotary_units;           // of a head: accesses, or pairs of accesses, of what is rotated
  int32_t half;                   // R / 2
  int32_t head_dim;
  int32_t value_dim;
  int32_t q_heads;
  int32_t kv_heads;
  int32_t q_chunks;   // a chunk is what a thread has of a token's queries: each q_chunks-th head
  int32_t kv_chunks;  // and of its keys, and of its values
  int32_t interleaved;
  int32_t q_in_place;
  int32_t wide;    // indices are i64
  int32_t vector;  // 16-byte reads are allowed, and writes of as many elements
  int32_t fp8;     // the cache is
  hipinfer::dtype cache_type;
};
