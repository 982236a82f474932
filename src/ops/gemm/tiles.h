// SPDX-License-Identifier: Apache-2.0
// The tiles of the output, and the order in which blocks take them.
#pragma once

#include "device/types.h"
#include "ops/gemm/segments.h"

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

// Blocks go to dies in turn. This gives each die neighbours of the order: block t takes the place of a run that its die has.
HIPINFER_DEVICE int64_t on_own_die(int64_t t, int64_t count) {
  if constexpr (dies == 1) {
    return t;
  } else {
    const int64_t each = count / dies, longer = count % dies, die = t % dies;  // the first `longer` dies have one more
    return die * each + (die < longer ? die : longer) + t / dies;
  }
}

// The tiles of a call: of the matrices of a batch, or of the segments of gemm_grouped, of which some slots are empty.
template <int Rows, int Columns, bool Segments>
class tile_list {
 public:
  HIPINFER_DEVICE explicit tile_list(const gemm_params& p)
      : down_(Segments ? segment_slots<Rows>(p) : (p.m + Rows - 1) / Rows), across_((p.n + Columns - 1) / Columns) {}

  HIPINFER_DEVICE int64_t count(const gemm_params& p) const {
    return down_ * across_ * (Segments ? int64_t{1} : p.batches);
  }
  // Tile t: of which product, and where in it. False: there is none.
  HIPINFER_DEVICE bool at(const gemm_params& p, int64_t t, gemm_matrices& matrices, tile_position& at) const {
    if constexpr (Segments) {
      const tile_position slot = tile_at<1, Columns>(t, down_, across_);
      at = {0, slot.column};
      return segment_at<Rows>(p, slot.row, matrices);
    } else {
      const int64_t tiles = down_ * across_;
      matrices = matrices_of(p, t / tiles);
      at = tile_at<Rows, Columns>(t % tiles, down_, across_);
      return true;
    }
  }

 private:
  int64_t down_, across_;
};

}  // namespace hipinfer
