// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "device/params.h"

struct causal_mask_params {
  const void* input;
  void* output;
  int64_t batch;
  int64_t heads;
  int64_t queries;
  int64_t keys;
  int64_t input_stride[3];  // of a request, of a head, of a query
  int64_t output_stride[3];
  hipinfer::divisor row_vectors;  // vectors, or where there are none elements, of a row
  hipinfer::divisor queries_by;
  hipinfer::divisor heads_by;
  int64_t vectors;  // of all rows
  float value;
  int32_t each;    // vectors a thread takes
  int32_t vector;  // 16-byte accesses are allowed, and keys is a multiple of them
};
