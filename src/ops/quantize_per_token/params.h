// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "device/params.h"

struct quantize_per_token_params {
  const void* input;
  void* output;
  void* scales;
  int64_t rows;
  int64_t n;
  int64_t input_stride;  // of a row
  int64_t output_stride;
  int64_t scale_stride;
  int32_t lanes_log2;  // 2^lanes_log2 threads share a row
  int32_t vector;      // 16-byte accesses are allowed, and n is a multiple of them
  int32_t many;        // rows for the whole device with 32 elements a thread, which their length fits
  hipinfer::dtype output_type;
};
