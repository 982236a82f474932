// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "device/params.h"

struct gated_params {
  const void* gate;
  const void* up;
  const void* scale;  // of quantised results
  void* output;
  int64_t rows;
  int64_t n;
  int64_t gate_stride;  // of a row
  int64_t up_stride;
  int64_t output_stride;
  hipinfer::divisor row_vectors;  // vectors, or where there are none elements, of a row
  int64_t vectors;                // of all rows
  hipinfer::dtype output_type;
  int32_t vector;  // 16-byte accesses are allowed, and n is a multiple of them
  int32_t each;    // vectors a thread takes
};

// A block or a part of one has a row and finds its scale.
struct gated_rows_params {
  const void* gate;
  const void* up;
  void* output;
  void* scales;
  int64_t rows;
  int64_t n;
  int64_t gate_stride;  // of a row
  int64_t up_stride;
  int64_t output_stride;
  int64_t scales_stride;
  int32_t lanes_log2;  // 2^lanes_log2 threads share a row
  int32_t vector;      // 16-byte accesses are allowed, and n is a multiple of them
  hipinfer::dtype output_type;
};
