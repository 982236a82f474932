// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "device/params.h"

struct rmsnorm_params {
  const void* input;
  const void* weight;
  void* output;
  int64_t rows;             // T * H
  hipinfer::divisor inner;  // row r is head r % inner of token r / inner
  int64_t n;
  int64_t input_stride[2];  // of a token, of a head
  int64_t output_stride[2];
  float eps;
  float inverse_n;     // 1 / n
  int32_t lanes_log2;  // 2^lanes_log2 threads share a row
  int32_t vector;      // 16-byte accesses are allowed, and n is a multiple of them
  int32_t many;        // rows for the whole device with 32 elements a thread, which their length fits
  hipinfer::dtype weight_type;
};
