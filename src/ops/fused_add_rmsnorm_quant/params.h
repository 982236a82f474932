// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "device/params.h"

struct fused_add_rmsnorm_quant_params {
  const void* input;
  void* residual;
  const void* weight;
  const void* scale;
  void* output;
  int64_t rows;
  int64_t n;
  int64_t input_stride;  // of a row
  int64_t residual_stride;
  int64_t output_stride;
  float eps;
  float inverse_n;     // 1 / n
  int32_t lanes_log2;  // 2^lanes_log2 threads share a row
  int32_t vector;      // 16-byte accesses are allowed, and n is a multiple of them
  hipinfer::dtype weight_type;
  hipinfer::dtype output_type;
};
