// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "device/params.h"

namespace hipinfer {

// The largest rotary dimension where angles come from theta.
constexpr int most_rotary = 512;
// Cosines and sines that a block of rope_theta shares in LDS: four tokens' at the largest rotary dimension.
constexpr int rope_theta_table_floats = 4 * most_rotary;

}  // namespace hipinfer

struct rope_params {
  const void* q;
  const void* k;
  void* q_out;
  void* k_out;
  const void* cos_sin;  // f32
  const void* positions;
  int64_t tokens;
  int64_t cached;       // P
  int64_t q_stride[2];  // of a token, of a head
  int64_t k_stride[2];
  int64_t q_out_stride[2];
  int64_t k_out_stride[2];
  int64_t cos_sin_stride;   // of a position
  hipinfer::divisor slots;  // threads of a token: units of chunks of heads
  hipinfer::divisor units;  // of a head, all that are visited
  uint32_t row_tokens;      // of a row of the grid
  int32_t rotary_units;     // of a head: accesses, or pairs of accesses, of what is rotated
  int32_t half;             // R / 2
  int32_t head_dim;
  int32_t q_heads;
  int32_t k_heads;   // 0: no keys
  int32_t q_chunks;  // a chunk is what a thread has of a token's queries: each q_chunks-th head
  int32_t k_chunks;
  int32_t interleaved;
  int32_t q_in_place;
  int32_t k_in_place;
  int32_t wide;    // positions are i64
  int32_t vector;  // 16-byte accesses are allowed
};

struct rope_theta_params {
  const void* q;
  const void* k;
  void* q_out;
  void* k_out;
  const void* positions;  // or NULL, and
  const void* indptr;
  const void* offsets;
  int64_t tokens;
  int64_t requests;
  int64_t q_stride[2];  // of a token, of a head
  int64_t k_stride[2];
  int64_t q_out_stride[2];
  int64_t k_out_stride[2];
  double step;  // rope_frequencies of launch_theta.cpp
  double inverse_factor;
  double slope_frequency;
  double slope_index;
  double offset;
  double amplitude;
  hipinfer::divisor slots;  // what threads share of a token: units of chunks of heads
  hipinfer::divisor units;  // of a head, all that are visited
  hipinfer::divisor pairs;  // of a head: R / 2
  int32_t tokens_per_block;
  int32_t rotary_units;  // of a head: accesses, or pairs of accesses, of what is rotated
  int32_t half;          // R / 2
  int32_t head_dim;
  int32_t q_heads;
  int32_t k_heads;   // 0: no keys
  int32_t q_chunks;  // a chunk is each q_chunks-th of a token's queries
  int32_t k_chunks;
  int32_t interleaved;
  int32_t q_in_place;
  int32_t k_in_place;
  int32_t wide;    // positions, indptr and offsets are i64
  int32_t vector;  // 16-byte accesses are allowed
};

struct rope_cos_sin_cache_params {
  void* output;
  int64_t positions;
  int64_t half;             // R / 2
  hipinfer::divisor pairs;  // half
  int64_t output_stride;    // of a position
  double amplitude;         // of cosine and sine
  double frequency[256];    // radians a position
};

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

struct rope_quantize_fp8_params {
  void* q_rope_out;
  void* k_rope_out;
  void* q_nope_out;  // NULL with q_nope
  void* k_nope_out;
  const void* q_rope;
  const void* k_rope;
  const void* q_nope;
  const void* k_nope;
  const void* cos_sin;  // f32
  const void* positions;
  int64_t tokens;
  int64_t cached;                // P
  int64_t q_rope_out_stride[2];  // of a token, of a head
  int64_t k_rope_out_stride[2];
  int64_t q_nope_out_stride[2];
  int64_t k_nope_out_stride[2];
  int64_t q_rope_stride[2];
  int64_t k_rope_stride[2];
  int64_t q_nope_stride[2];
  int64_t k_nope_stride[2];
  int64_t cos_sin_stride;         // of a position
  hipinfer::divisor slots;        // threads of a token: units of chunks of rotary parts
  hipinfer::divisor units;        // of a rotary part
  hipinfer::divisor plain_slots;  // and of the other parts
  hipinfer::divisor plain_units;
  uint32_t row_tokens;     // of a row of the grid
  uint32_t rotary_blocks;  // of a row of the grid, before those of the other parts
  int32_t rotary_units;    // of a rotary part: accesses, or pairs of accesses
  int32_t half;            // R / 2
  int32_t head_dim;        // R
  int32_t nope_dim;        // N
  int32_t q_heads;
  int32_t k_heads;
  int32_t q_chunks;  // a chunk is what a thread has of a token's queries: each q_chunks-th head
  int32_t k_chunks;
  float q_factor;
  float k_factor;
  int32_t interleaved;
  int32_t wide;    // positions are i64
  int32_t vector;  // 16-byte reads are allowed, and writes of as many elements
  hipinfer::dtype output_type;
};

struct qk_norm_rope_params {
  const void* q;
  const void* k;
  void* q_out;
  void* k_out;
  const void* q_weight;
  const void* k_weight;
  const void* cos_sin;  // f32
  const void* positions;
  int64_t tokens;
  int64_t cached;       // P
  int64_t q_stride[2];  // of a token, of a head
  int64_t k_stride[2];
  int64_t q_out_stride[2];
  int64_t k_out_stride[2];
  int64_t cos_sin_stride;   // of a position
  hipinfer::divisor slots;  // threads of a token: lanes of chunks of heads
  uint32_t row_tokens;      // of a row of the grid
  int32_t head_dim;         // D
  int32_t half;             // R / 2
  int32_t q_heads;
  int32_t k_heads;   // 0: no keys
  int32_t q_chunks;  // a chunk is what a group of lanes has of a token's queries: each q_chunks-th head
  int32_t k_chunks;
  int32_t turns;       // heads of the largest chunk
  int32_t lanes_log2;  // 2^lanes_log2 threads share a head
  float inverse_n;     // 1 / D
  float eps;
  int32_t interleaved;
  int32_t wide;  // positions are i64
  int32_t weights_are_f32;
  int32_t whole;   // all elements are rotated, and a head's lanes are of one wave
  int32_t vector;  // 16-byte accesses are allowed, of pairs and of D
};
