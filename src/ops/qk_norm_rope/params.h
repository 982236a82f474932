// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "device/params.h"

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
  int32_t n;                // D
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
