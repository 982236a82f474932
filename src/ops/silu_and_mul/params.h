// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "device/params.h"

struct silu_and_mul_params {
  const void* input;
  void* output;
  int64_t tokens;
  int64_t n;             // of an output row
  int64_t input_stride;  // of a row
  int64_t output_stride;
  int32_t vector;  // 16-byte accesses are allowed, and n is a multiple of one
};
