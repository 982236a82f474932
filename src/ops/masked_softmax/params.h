// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "device/params.h"

struct masked_softmax_params {
  const void* input;
  const void* mask;  // or NULL
  void* output;
  int64_t rows;  // B * H * Q
  int64_t queries;
  int64_t heads;
  int64_t n;                // K
  int64_t input_stride[3];  // of a request, of a head, of a query
  int64_t output_stride[3];
  int64_t mask_stride[4];
  hipinfer::divisor inner_by;  // rows are numbered by request, head and query, the query innermost;
  hipinfer::divisor middle_by;
  float scale;
  int32_t heads_inside;  // or the head, where all heads have one mask
  int32_t causal;
  int32_t mask_bytes;  // of an element: 1 is a bool
  int32_t lanes_log2;  // 2^lanes_log2 threads share a row
  int32_t vector;      // 16-byte accesses are allowed, n is a multiple of them, and the mask can be read along
};
