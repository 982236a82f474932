// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "device/params.h"

// rmsnorm and layernorm in all their forms.
struct norm_params {
  const void* input;
  const void* weight;  // or NULL: ones
  void* output;
  int64_t rows;             // T * H
  hipinfer::divisor inner;  // row r is head r % inner of token r / inner
  int64_t n;
  int64_t input_stride[2];  // of a token, of a head
  int64_t output_stride[2];
  float eps;
  float inverse_n;     // 1 / n
  int32_t lanes_log2;  // 2^lanes_log2 threads share a row
  int32_t vector;      // 16-byte accesses are allowed, and n is a multiple of them
  int32_t many;        // rows for the whole device with 32 elements a thread, which their length fits
  hipinfer::dtype weight_type;
  hipinfer::dtype output_type;
  const void* bias;          // of layernorm, or NULL: zeros
  const void* scale;         // of results quantised with one scale
  void* scales;              // of results quantised with a scale a row
  int64_t scales_stride[2];  // of a token, of a head
};

struct gated_rmsnorm_params {
  const void* input;
  const void* gate;
  const void* weight;  // or NULL: ones
  void* output;
  int64_t rows;             // T * H
  hipinfer::divisor inner;  // row r is head r % inner of token r / inner
  int64_t n;
  int64_t input_stride[2];  // of a token, of a head
  int64_t gate_stride[2];
  int64_t output_stride[2];
  float eps;
  float inverse_n;     // 1 / n
  int32_t lanes_log2;  // 2^lanes_log2 threads share a row
  int32_t vector;      // 16-byte accesses are allowed, and n is a multiple of them
  int32_t silu;        // of the gate, and not the sigmoid
  hipinfer::dtype weight_type;
};

struct fused_add_norm_params {
  const void* input;
  void* residual;
  const void* weight;
  void* output;  // the input, unless results are quantised
  int64_t rows;
  int64_t n;
  int64_t input_stride;  // of a row
  int64_t residual_stride;
  int64_t output_stride;
  float eps;
  float inverse_n;     // 1 / n
  int32_t lanes_log2;  // 2^lanes_log2 threads share a row
  int32_t vector;      // 16-byte accesses are allowed, and n is a multiple of them
  hipinfer::dtype weight_type;
  hipinfer::dtype output_type;
  const void* scale;  // of results quantised with one scale
  void* scales;       // of results quantised with a scale a row
  int64_t scales_stride;
};

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

struct gated_residual_rmsnorm_params {
  const void* branch;
  const void* residual;
  const void* weight;       // or NULL: ones
  const void* next_weight;  // likewise
  const void* alpha;        // f32, or NULL: ones. The next likewise
  const void* beta;
  void* stream;  // the sum
  void* output;  // its norm, or NULL: not wanted
  int64_t rows;
  int64_t n;
  int64_t branch_stride;  // of a row
  int64_t residual_stride;
  int64_t stream_stride;
  int64_t output_stride;
  float factor;
  float eps;
  float next_eps;
  float gain;  // added to weights; 0 without any
  float next_gain;
  float inverse_n;     // 1 / n
  int32_t lanes_log2;  // 2^lanes_log2 threads share a row
  int32_t vector;      // 16-byte accesses are allowed, and n is a multiple of them
  hipinfer::dtype weight_type;
  hipinfer::dtype stream_type;
};
