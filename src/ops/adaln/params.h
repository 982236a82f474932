// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "device/params.h"

struct adaln_params {
  const void* input;
  const void* scale;
  const void* shift;
  void* output;
  int64_t rows;             // B * T
  hipinfer::divisor inner;  // T: row r is token r % inner of batch element r / inner
  int64_t n;
  int64_t input_stride[2];  // of a batch element, of a token
  int64_t output_stride[2];
  int64_t scale_stride;  // of a batch element
  int64_t shift_stride;
  float eps;
  float inverse_n;              // 1 / n
  int32_t rms;                  // the root-mean-square norm
  int32_t lanes_log2;           // 2^lanes_log2 threads share a row
  int32_t vector;               // 16-byte accesses are allowed, and n is a multiple of them
  hipinfer::dtype weight_type;  // of scale and shift
};
