// SPDX-License-Identifier: Apache-2.0
// The matrices of a batch, and what is done to sums over k: bias, activation, residual, then one rounding.
#pragma once

#include "device/math.h"
#include "device/vec.h"
#include "ops/gemm/params.h"

namespace hipinfer {

// Where a batch's matrices begin, in elements.
struct gemm_offsets {
  int64_t input, weight, residual, output;
};
HIPINFER_DEVICE gemm_offsets offsets_of(const gemm_params& p, int64_t batch) {
  return {batch * p.input_batch_stride, batch * p.weight_batch_stride, batch * p.residual_batch_stride,
          batch * p.output_batch_stride};
}

// Row n of weight w; the second one belongs to no batch.
template <class T>
HIPINFER_DEVICE const T* weight_row(const gemm_params& p, const gemm_offsets& matrices, int w, int64_t n) {
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

// The bias of a column, 0 without one.
template <class T>
HIPINFER_DEVICE float bias_of(const gemm_params& p, int64_t column) {
  return p.bias != nullptr ? to_float(static_cast<const T*>(p.bias)[column]) : 0.0f;
}

// Width sums side by side, to which bias and activation have been applied, in one access.
namespace detail {
template <class Out, int Width>
HIPINFER_DEVICE void store_row(const gemm_params& p, const gemm_offsets& at, int64_t row, int64_t column,
                               float (&sums)[Width]) {
  if (p.residual != nullptr) {
    float more[Width];
    load_floats<Width>(static_cast<const Out*>(p.residual) + at.residual + row * p.residual_stride + column, more);
#pragma unroll
    for (int i = 0; i < Width; ++i) sums[i] += more[i];
  }
  store_floats<Width>(static_cast<Out*>(p.output) + at.output + row * p.output_stride + column, sums);
}
template <class T, int Width>
HIPINFER_DEVICE void store(const gemm_params& p, const gemm_offsets& at, int64_t row, int64_t column,
                           float (&sums)[Width]) {
  if (p.output_f32)
    store_row<float>(p, at, row, column, sums);
  else
    store_row<T>(p, at, row, column, sums);
}
}  // namespace detail

// One sum.
template <class T>
HIPINFER_DEVICE void finish(const gemm_params& p, const gemm_offsets& at, int64_t row, int64_t column, float sum) {
  float one[1] = {apply(p.activation, sum + bias_of<T>(p, column))};
  detail::store<T>(p, at, row, column, one);
}

// Width sums in LDS, all inside, of a call without an activation whose rows are aligned for one access of all.
template <class T, int Width>
HIPINFER_DEVICE void finish_whole(const gemm_params& p, const gemm_offsets& at, int64_t row, int64_t column,
                                  const float* sums) {
  float all[Width];
  load_floats<Width>(sums, all);
  if (p.bias != nullptr) {
    float bias[Width];
    load_floats<Width>(static_cast<const T*>(p.bias) + column, bias);
#pragma unroll
    for (int i = 0; i < Width; ++i) all[i] += bias[i];
  }
  detail::store<T>(p, at, row, column, all);
}

// Width sums in LDS of any call. What an activation gives replaces them there, so that they can be stored in one access where that
// is possible.
template <class T, int Width>
HIPINFER_DEVICE void finish_row(const gemm_params& p, const gemm_offsets& at, int64_t row, int64_t column,
                                float* sums) {
  if (!p.vector_out || column + Width > p.n) {
#pragma unroll 1
    for (int i = 0; i < Width && column + i < p.n; ++i) finish<T>(p, at, row, column + i, sums[i]);
    return;
  }
#pragma unroll 1
  for (int i = 0; i < Width; ++i) sums[i] = apply(p.activation, sums[i] + bias_of<T>(p, column + i));
  float all[Width];
  load_floats<Width>(sums, all);
  detail::store<T>(p, at, row, column, all);
}

}  // namespace hipinfer
