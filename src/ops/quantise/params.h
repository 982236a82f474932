// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "device/params.h"

// The common index space of both tensors, dimension 0 innermost, as core/elementwise.h fills it in.
struct quantize_per_tensor_params {
  const void* input;
  const void* scale;
  void* output;
  int64_t n;  // elements
  int64_t shape[6];
  int64_t input_stride[6];
  int64_t output_stride[6];
  hipinfer::divisor steps[6];  // shape, dimension 0 in steps of a thread's elements
  int64_t items;               // steps in all
  hipinfer::dtype input_type;
  hipinfer::dtype output_type;
  int32_t rank;    // entries of the arrays that are in use, from 1
  int32_t vector;  // rows of dimension 0 are contiguous and 16-byte aligned
  int32_t each;    // vectors a thread takes, where there is one dimension and it is contiguous
};

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

struct quantize_per_group_params {
  const void* input;
  void* output;
  void* scales;
  int64_t rows;             // T * S: a group is a row here
  hipinfer::divisor inner;  // row r is group r % inner of token r / inner
  int64_t n;                // group_size
  int64_t input_stride[2];  // of a token, of a group
  int64_t output_stride[2];
  int64_t scale_stride[2];
  int32_t lanes_log2;  // 2^lanes_log2 threads share a row
  int32_t vector;      // 16-byte accesses are allowed, and n is a multiple of them
  hipinfer::dtype output_type;
};

// Rows are counted in vectors of 8 elements, or without them in elements.
struct dequantize_params {
  const void* input;
  const void* scales;
  void* output;
  int64_t input_stride;  // of a row
  int64_t output_stride;
  int64_t scale_stride[2];          // of a row of scales, of a scale
  hipinfer::divisor row_vectors;    // vectors of a row
  hipinfer::divisor group_vectors;  // of a group along a row
  hipinfer::divisor group_rows_by;  // rows of a group
  int64_t vectors;                  // of all rows
  hipinfer::dtype input_type;
  int32_t vector;  // rows are aligned for 8 elements; they and, but for a last one, groups are multiples of 8 long
  int32_t each;    // vectors a thread takes
};
