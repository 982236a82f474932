// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "device/params.h"

// The common index space of both tensors, dimension 0 innermost, as core/elementwise.h fills it in.
struct scale_params {
  const void* input;
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
  float factor;
};
