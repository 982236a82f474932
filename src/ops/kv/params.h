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

struct append_paged_mla_kv_cache_params {
  void* cache[2];         // of latent keys, and of their rotated parts
  const void* append[2];  // new ones
  const void* batch_indices;
  const void* positions;
  const void* kv_indices;
  const void* kv_indptr;
  const void* kv_last_page_len;
  int64_t tokens;  // T
  int64_t pages;
  int64_t page_size;
  int64_t requests;
  int64_t table_size;      // I
  int64_t table_slots;     // I * S
  int64_t page_stride[2];  // of the caches
  int64_t slot_stride[2];
  int64_t append_stride[2];  // of an entry
  hipinfer::divisor page;    // page_size
  hipinfer::divisor slots;   // threads of a token: the accesses of both parts
  uint32_t row_tokens;       // of a row of the grid
  uint32_t latent;           // accesses of a token's latent key, which come first
  int32_t wide;              // indices are i64
  int32_t vector;            // 16-byte accesses are allowed
};

// Everything is in bytes: keys, then values, each of which is rows of a length of its own.
struct copy_blocks_params {
  void* cache[2];
  const void* block_mapping;
  int64_t pairs;
  int64_t pages;
  int64_t slots[2];        // in a page; 1 where its rows follow each other
  int64_t heads[2];        // in a slot; 1 likewise
  int64_t row_bytes[2];    // of a head; of a page where its rows follow each other
  int64_t page_stride[2];  // bytes
  int64_t slot_stride[2];
  int64_t head_stride[2];
  int64_t mapping_stride;              // of a pair
  hipinfer::divisor pair_accesses[2];  // accesses of `access` bytes: of a pair
  hipinfer::divisor row_accesses[2];
  hipinfer::divisor heads_by[2];
  int64_t accesses[2];  // of all pairs
  int32_t access;       // bytes that divide every row: 16, 8, 4, 2 or 1
  int32_t each;         // accesses a thread takes
  int32_t both;         // 1: every second block takes values
  int32_t wide;         // block_mapping is i64
};

struct get_batch_indices_positions_params {
  void* batch_indices;
  void* positions;
  const void* append_indptr;
  const void* seq_lens;
  int64_t tokens;
  int64_t requests;
  int32_t wide;      // append_indptr and seq_lens are i64
  int32_t wide_out;  // batch_indices and positions are i64
};

struct get_seq_lens_params {
  void* seq_lens;
  const void* kv_indptr;
  const void* kv_last_page_len;
  int64_t requests;
  int64_t page_size;
  int32_t wide;      // the table is i64
  int32_t wide_out;  // the lengths are i64
};
