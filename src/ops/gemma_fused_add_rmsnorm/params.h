// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "device/params.h"

struct gemma_fused_add_rmsnorm_params {
  void* input;
  void* residual;
  const void* weight;
  int64_t rows;
  int64_t inner;  // 1
  int64_t n;
  int64_t input_stride[2];  // of a row; the other is 0
  int64_t residual_stride[2];
  float eps;
  int32_t lanes_log2;  // 2^lanes_log2 threads share a row
  int32_t vector;      // 16-byte accesses are allowed
  int32_t whole;       // and n is a multiple of them
};
