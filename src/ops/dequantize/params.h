// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "device/params.h"

struct dequantize_params {
  const void* input;
  const void* scales;
  void* output;
  int64_t rows;
  int64_t n;
  int64_t group_rows;  // from 1
  int64_t group_size;  // from 1
  int64_t groups;      // along a row
  int64_t input_stride;
  int64_t output_stride;
  int64_t scale_stride[2];          // of a row of scales, of a scale
  hipinfer::divisor row_vectors;    // vectors of a row; where there are none, elements, here and below
  hipinfer::divisor group_vectors;  // of a group along a row
  hipinfer::divisor group_rows_by;  // group_rows
  int64_t vectors;                  // of all rows
  hipinfer::dtype input_type;
  int32_t vector;  // rows are aligned for 8 elements; they and, but for a last one, groups are multiples of 8 long
  int32_t each;    // vectors a thread takes
};
