// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "device/params.h"

struct gelu_and_mul_params {
  const void* gate;
  const void* up;
  void* output;
  int64_t rows;
  int64_t n;
  int64_t gate_stride;  // of a row
  int64_t up_stride;
  int64_t output_stride;
  hipinfer::divisor row_vectors;  // vectors, or where there are none elements, of a row
  int64_t vectors;                // of all rows
  int32_t vector;                 // 16-byte accesses are allowed, and n is a multiple of them
  int32_t each;                   // vectors a thread takes
};
