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
  int64_t rows;  // heads of q and k of all tokens
  int64_t q_heads;
  int64_t inner;        // heads of a token: row r is head r % inner of token r / inner, keys after queries
  int64_t n;            // D
  int64_t half;         // R / 2
  int64_t cached;       // P
  int64_t q_stride[2];  // of a token, of a head
  int64_t k_stride[2];
  int64_t q_out_stride[2];
  int64_t k_out_stride[2];
  int64_t cos_sin_stride;  // of a position
  float eps;
  int32_t interleaved;
  int32_t lanes_log2;  // 2^lanes_log2 threads share a head
  int32_t vector;      // 16-byte accesses are allowed, of halves of R and of D
};
