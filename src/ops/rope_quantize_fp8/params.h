// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "device/params.h"

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
