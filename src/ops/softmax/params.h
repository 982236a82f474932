// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "device/params.h"

struct softmax_params {
  const void* input;
  void* output;
  const void* temperatures;  // f32 for each row, or NULL: temperature
  int64_t rows;
  int64_t n;
  int64_t input_stride;  // of a row
  int64_t output_stride;
  float temperature;
  hipinfer::dtype input_type;
  hipinfer::dtype output_type;
  int32_t vector;      // 16-byte accesses are allowed, and n is a multiple of them
  int32_t parts_log2;  // 2^parts_log2 blocks share a row
};
