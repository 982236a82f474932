// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "device/params.h"

struct quantize_per_group_params {
  const void* input;
  void* output;
  void* scales;
  int64_t rows;             // T * S: a group is a row here
  hipinfer::divisor inner;  // row r is group r % inner of token r / inner
  int64_t n;                // group_size
  int64_t input_stride[2];  // of a token, of a group
  int64_t output_stride[2];
  int64_t scale_stride[2];
  int32_t lanes_log2;  // 2^lanes_log2 threads share a row
  int32_t vector;      // 16-byte accesses are allowed, and n is a multiple of them
  hipinfer::dtype output_type;
};
