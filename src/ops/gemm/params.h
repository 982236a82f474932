// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "device/params.h"

struct gemm_params {
  const void* input;     // [m, k]
  const void* weight;    // [n, k]
  const void* bias;      // [n] or NULL
  const void* residual;  // [m, n] or NULL, of the output's dtype
  void* output;          // [m, n]
  int64_t m;
  int64_t n;
  int64_t k;
  int64_t input_stride;  // of a row, in elements; so are the others
  int64_t weight_stride;
  int64_t residual_stride;
  int64_t output_stride;
  int32_t vector;           // 16-byte reads of input and weight are allowed
  int32_t vector_out;       // and 8 elements at once of bias, residual and output
  int32_t batch_invariant;  // one kernel's arithmetic must serve every m
  int32_t tile;             // 256, 128 or 64: the kernels with such tiles; 0: none
};
