// SPDX-License-Identifier: Apache-2.0
// What is done to sums over k: bias and residual are added, then one rounding.
#pragma once

#include "device/vec.h"
#include "ops/gemm/params.h"

namespace hipinfer {

template <class T, class Out>
HIPINFER_DEVICE void finish(const gemm_params& p, int64_t row, int64_t column, float sum) {
  if (p.bias != nullptr) sum += to_float(static_cast<const T*>(p.bias)[column]);
  if (p.residual != nullptr) sum += to_float(static_cast<const Out*>(p.residual)[row * p.residual_stride + column]);
  static_cast<Out*>(p.output)[row * p.output_stride + column] = from_float<Out>(sum);
}

// Width sums side by side, the first of which is inside. One access where p.vector_out says that rows are aligned for it, and
// all of them are inside.
template <class T, class Out, int Width>
HIPINFER_DEVICE void finish_row(const gemm_params& p, int64_t row, int64_t column, float (&sums)[Width]) {
  if (!p.vector_out || column + Width > p.n) {
#pragma unroll
    for (int i = 0; i < Width; ++i) {
      if (column + i < p.n) finish<T, Out>(p, row, column + i, sums[i]);
    }
    return;
  }
  float more[Width];
  if (p.bias != nullptr) {
    load_floats<Width>(static_cast<const T*>(p.bias) + column, more);
#pragma unroll
    for (int i = 0; i < Width; ++i) sums[i] += more[i];
  }
  if (p.residual != nullptr) {
    load_floats<Width>(static_cast<const Out*>(p.residual) + row * p.residual_stride + column, more);
#pragma unroll
    for (int i = 0; i < Width; ++i) sums[i] += more[i];
  }
  store_floats<Width>(static_cast<Out*>(p.output) + row * p.output_stride + column, sums);
}

}  // namespace hipinfer
