// SPDX-License-Identifier: Apache-2.0
// The order in which blocks take tiles of the output.
#pragma once

#include "device/types.h"

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

}  // namespace hipinfer
