// SPDX-License-Identifier: Apache-2.0
// The matrices of a product, and what is done to sums over k: scales of quantised operands, bias, activation, residual, then one
// rounding. T is what the operands are; with quantised ones bias, residual and output are of another type, which the call says.
#pragma once

#include "device/math.h"
#include "device/vec.h"
#include "ops/gemm/params.h"

namespace hipinfer {

// One product among those of a call: the rows of its input and output, and where its matrices begin, in elements.
struct gemm_matrices {
  int64_t rows;
  int64_t input, weight, residual, output, input_scale, weight_scale;
};
HIPINFER_DEVICE gemm_matrices matrices_of(const gemm_params& p, int64_t batch) {
  return {p.m,
          batch * p.input_batch_stride,
          batch * p.weight_batch_stride,
          batch * p.residual_batch_stride,
          batch * p.output_batch_stride,
          batch * p.input_scale_stride[0],
          batch * p.weight_scale_stride[0]};
}

template <class T>
constexpr bool quantised = sizeof(T) == 1;

// Row n of weight w; the second one belongs to no batch.
template <class T>
HIPINFER_DEVICE const T* weight_row(const gemm_params& p, const gemm_matrices& matrices, int w, int64_t n) {
  return w == 0 ? static_cast<const T*>(p.weight) + matrices.weight + n * p.weight_stride
                : static_cast<const T*>(p.up) + n * p.up_stride;
}

HIPINFER_DEVICE float apply(gemm_function f, float x) {
  switch (f) {
    case gemm_function::relu:
      return x < 0 ? 0 : x;  // a NaN stays one
    case gemm_function::silu:
      return silu(x);
    case gemm_function::gelu:
      return gelu(x);
    case gemm_function::gelu_tanh:
      return gelu_tanh(x);
    default:
      return x;
  }
}

// Calls body with a value of the output's type: a branch that all threads agree on.
template <class T, class Body>
HIPINFER_DEVICE void with_output(const gemm_params& p, Body body) {
  if (p.output_f32)
    body(0.0f);
  else if constexpr (!quantised<T>)
    body(T{});
  else if (p.output_bf16)
    body(bf16{});
  else
    body(f16{});
}

// What a unit of the input's row stands for, and of the weight's row, which is a column of the output; in a block of k.
// Where it is; NULL: it is 1.
HIPINFER_DEVICE const float* input_scale_at(const gemm_params& p, const gemm_matrices& at, int64_t row, int64_t block) {
  if (p.input_scale == nullptr) return nullptr;
  return p.input_scale + at.input_scale + row * p.input_scale_stride[1] + block * p.input_scale_stride[2];
}
HIPINFER_DEVICE const float* weight_scale_at(const gemm_params& p, const gemm_matrices& at, int64_t column,
                                             int64_t block) {
  if (p.weight_scale == nullptr) return nullptr;
  return p.weight_scale + at.weight_scale + (column >> p.weight_scale_shift) * p.weight_scale_stride[1] +
         block * p.weight_scale_stride[2];
}
HIPINFER_DEVICE float input_scale(const gemm_params& p, const gemm_matrices& at, int64_t row, int64_t block) {
  const float* scale = input_scale_at(p, at, row, block);
  return scale == nullptr ? 1.0f : *scale;
}
HIPINFER_DEVICE float weight_scale(const gemm_params& p, const gemm_matrices& at, int64_t column, int64_t block) {
  const float* scale = weight_scale_at(p, at, column, block);
  return scale == nullptr ? 1.0f : *scale;
}

// Adds the bias of Width columns, if there is one.
template <class T, int Width>
HIPINFER_DEVICE void add_bias(const gemm_params& p, int64_t column, float (&sums)[Width]) {
  if (p.bias == nullptr) return;
  const auto add = [&]<class Bias>(Bias) {
    float bias[Width];
    load_floats<Width>(static_cast<const Bias*>(p.bias) + column, bias);
#pragma unroll
    for (int i = 0; i < Width; ++i) sums[i] += bias[i];
  };
  if constexpr (quantised<T>)
    with_output<T>(p, add);
  else
    add(T{});
}

// Width sums side by side, to which bias and activation have been applied, in one access.
template <class T, int Width>
HIPINFER_DEVICE void store_row(const gemm_params& p, const gemm_matrices& at, int64_t row, int64_t column,
                               float (&sums)[Width]) {
  with_output<T>(p, [&]<class Out>(Out) {
    if (p.residual != nullptr) {
      float more[Width];
      load_floats<Width>(static_cast<const Out*>(p.residual) + at.residual + row * p.residual_stride + column, more);
#pragma unroll
      for (int i = 0; i < Width; ++i) sums[i] += more[i];
    }
    store_floats<Width>(static_cast<Out*>(p.output) + at.output + row * p.output_stride + column, sums);
  });
}

// One value: a sum to which scales have been applied.
template <class T>
HIPINFER_DEVICE void finish_value(const gemm_params& p, const gemm_matrices& at, int64_t row, int64_t column,
                                  float value) {
  float one[1] = {value};
  add_bias<T>(p, column, one);
  one[0] = apply(p.activation, one[0]);
  store_row<T>(p, at, row, column, one);
}
// One sum.
template <class T>
HIPINFER_DEVICE void finish(const gemm_params& p, const gemm_matrices& at, int64_t row, int64_t column, float sum) {
  // Where scales are of blocks, the sums over each have been multiplied.
  if (quantised<T> && p.scaling == gemm_scaling::whole)
    sum *= input_scale(p, at, row, 0) * weight_scale(p, at, column, 0);
  finish_value<T>(p, at, row, column, sum);
}

// Width values in LDS, all inside, of a call without an activation whose rows are aligned for one access of all.
template <class T, int Width>
HIPINFER_DEVICE void finish_whole(const gemm_params& p, const gemm_matrices& at, int64_t row, int64_t column,
                                  const float* values) {
  float all[Width];
  load_floats<Width>(values, all);
  add_bias<T>(p, column, all);
  store_row<T>(p, at, row, column, all);
}

// Width values in LDS of any call. What an activation gives replaces them there, so that they can be stored in one access where that
// is possible.
template <class T, int Width>
HIPINFER_DEVICE void finish_row(const gemm_params& p, const gemm_matrices& at, int64_t row, int64_t column,
                                float* values) {
  if (!p.vector_out || column + Width > p.n) {
#pragma unroll 1
    for (int i = 0; i < Width && column + i < p.n; ++i) finish_value<T>(p, at, row, column + i, values[i]);
    return;
  }
#pragma unroll 1
  for (int i = 0; i < Width; ++i) {
    float one[1] = {values[i]};
    add_bias<T>(p, column + i, one);
    values[i] = apply(p.activation, one[0]);
  }
  float all[Width];
  load_floats<Width>(values, all);
  store_row<T>(p, at, row, column, all);
}

}  // namespace hipinfer
