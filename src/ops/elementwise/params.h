// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "device/params.h"

// Maps: the common index space of both tensors, dimension 0 innermost, as core/elementwise.h fills it in.
struct map_params {
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
  float factor;    // of scale
};

struct embedding_params {
  const void* table;
  const void* indices;
  void* output;
  int64_t tokens;
  int64_t vocabulary;
  int64_t n;
  int64_t table_stride;  // of a row
  int64_t output_stride;
  hipinfer::divisor row_vectors;  // vectors, or where there are none elements, of a row
  int64_t vectors;                // of all rows
  int32_t wide;                   // indices are i64
  int32_t vector;                 // 16-byte accesses are allowed, and n is a multiple of them
  int32_t each;                   // vectors a thread takes
};

struct causal_mask_params {
  const void* input;
  void* output;
  int64_t batch;
  int64_t heads;
  int64_t queries;
  int64_t keys;
  int64_t input_stride[3];  // of a request, of a head, of a query
  int64_t output_stride[3];
  hipinfer::divisor row_vectors;  // vectors, or where there are none elements, of a row
  hipinfer::divisor queries_by;
  hipinfer::divisor heads_by;
  int64_t vectors;  // of all rows
  float value;
  int32_t each;    // vectors a thread takes
  int32_t vector;  // 16-byte accesses are allowed, and keys is a multiple of them
};
