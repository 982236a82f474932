// SPDX-License-Identifier: Apache-2.0
// The host side of device/index.h's item_id: a grid of one thread an item.
#pragma once

#include "core/op.h"

namespace hipinfer {

constexpr int item_threads = 256;

// Past 2^20 blocks, where run() would cut the grid, they go on in the second dimension.
inline grid block_grid(int64_t blocks) {
  constexpr int64_t row = 1 << 20;
  return blocks <= row ? grid{blocks} : grid{row, ceil_div(blocks, row)};
}
inline grid item_grid(int64_t items) {
  return block_grid(ceil_div<int64_t>(items, item_threads));
}

}  // namespace hipinfer
