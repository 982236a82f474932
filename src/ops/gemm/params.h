// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "device/params.h"

enum class gemm_function : int32_t { none, relu, silu, gelu, gelu_tanh };
// Of quantised operands: what is multiplied by the scales, whole sums or those over blocks of k.
enum class gemm_scaling : int32_t { whole, blocks };
constexpr int64_t gemm_scale_block = 128;

struct gemm_params {
  const void* input;     // [batches, m, k]
  const void* weight;    // [batches, n, k]; of gate_up_swiglu the gate's
  const void* up;        // [n, k] of gate_up_swiglu
  const void* bias;      // [n] or NULL
  const void* residual;  // [batches, m, n] or NULL, of the output's dtype
  void* output;          // [batches, m, n]
  int64_t batches;
  int64_t m;
  int64_t n;
  int64_t k;
  int64_t input_batch_stride;  // of a matrix, in elements
  int64_t weight_batch_stride;
  int64_t residual_batch_stride;
  int64_t output_batch_stride;
  int64_t input_stride;  // of a row
  int64_t weight_stride;
  int64_t up_stride;
  int64_t residual_stride;
  int64_t output_stride;
  int32_t near;              // a tile's rows lie less than 2^32 bytes apart, and not backwards
  int32_t vector;            // so they do, and 16-byte reads of input and weight are allowed
  int32_t vector_out;        // and 8 elements at once of bias, residual and output
  int32_t output_f32;        // output and residual are f32, whatever input is
  int32_t batch_invariant;   // one kernel's arithmetic must serve every m
  gemm_function activation;  // of product and bias
  // Of gemm_scaled.
  gemm_scaling scaling;
  int32_t output_bf16;         // output, bias and residual are bf16; else, without output_f32, f16
  int32_t weight_scale_shift;  // 2^this rows of the weight share a scale: one or a block
  const float* input_scale;    // NULL: 1
  const float* weight_scale;
  int64_t input_scale_stride[3];  // of a matrix, a row and a block of k; 0 where there is one for all
  int64_t weight_scale_stride[3];
  // Of gemm_grouped, whose batch is the weight's alone: segment s of the rows is [indptr[s], indptr[s + 1]).
  const void* indptr;
  const void* weight_indices;  // of each segment its weight; NULL: they are in order
  int64_t segments;
  int64_t weights;
  int64_t weight_k_stride;  // of an element; 1 in any other operation
  int64_t rows;             // of a segment in the mean; in any other operation m
  int32_t wide_indptr;      // of i64, not of i32
  int32_t wide_weight_indices;
};
