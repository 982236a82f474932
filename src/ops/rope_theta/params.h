// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "device/params.h"

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
  double step;  // rope_frequencies of ops/ropes/launch.h
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
