// SPDX-License-Identifier: Apache-2.0
// What the kernels of gemm share: the order in which blocks take tiles of the output, and what is done to a
// sum.
#pragma once

#include "device/types.h"
#include "ops/gemm/params.h"

namespace hipinfer {

struct tile_position {
  int64_t row, column;  // of the tile's first element
};

// Tile t of an order that walks down `group` rows of tiles before it goes one column of tiles to the right,
// so that blocks that run together share rows of the input and of the weight in L2.
template <int Rows, int Columns>
HIPINFER_DEVICE tile_position tile_at(int64_t t, int64_t tiles_m, int64_t tiles_n) {
  constexpr int64_t group = 8;
  const int64_t first = t / (group * tiles_n) * group;
  const int64_t inside = t % (group * tiles_n);
  const int64_t height = tiles_m - first < group ? tiles_m - first : group;
  return {(first + inside % height) * Rows, inside / height * Columns};
}

// Adds bias and residual to a sum over k, rounds once, stores.
template <class T, class Out>
HIPINFER_DEVICE void finish(const gemm_params& p, int64_t row, int64_t column, float sum) {
  if (p.bias != nullptr) sum += to_float(static_cast<const T*>(p.bias)[column]);
  if (p.residual != nullptr) sum += to_float(static_cast<const Out*>(p.residual)[row * p.residual_stride + column]);
  static_cast<Out*>(p.output)[row * p.output_stride + column] = from_float<Out>(sum);
}

}  // namespace hipinfer
