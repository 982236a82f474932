// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "device/params.h"

struct fused_add_rmsnorm_params {
  void* input;
  void* residual;
  const void* weight;
  int64_t rows;
  int64_t n;
  int64_t input_stride;  // of a row
  int64_t residual_stride;
  float eps;
  int32_t vector;  // 16-byte accesses are allowed
};
