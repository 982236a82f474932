// SPDX-License-Identifier: Apache-2.0
// The host side of device/index.h's item_id, a grid of one thread an item, and of share_of, one of as many threads a token.
#pragma once

#include <algorithm>

#include "core/divisor.h"
#include "core/op.h"
#include "core/products.h"

namespace hipinfer {

constexpr int item_threads = 256;
constexpr int64_t row_blocks = 1 << 20;  // past them run() would cut the grid

// More blocks than that go on in the second dimension.
inline grid block_grid(int64_t blocks) {
  return blocks <= row_blocks ? grid{blocks} : grid{row_blocks, ceil_div(blocks, row_blocks)};
}
inline grid item_grid(int64_t items) {
  return block_grid(ceil_div<int64_t>(items, item_threads));
}

// The most threads of a token that share_grid takes.
constexpr int64_t most_slots = row_blocks * item_threads;

// `slots` threads a token; Params has slots (a divisor), row_tokens and tokens. A row of the grid has as many tokens as
// its threads can be counted in 31 bits.
template <class Params>
grid share_grid(Params& p, int64_t slots) {
  p.slots = make_divisor(slots, most_slots);
  p.row_tokens = static_cast<uint32_t>(std::min(p.tokens, most_slots / slots));
  return {ceil_div<int64_t>(p.row_tokens * slots, item_threads), ceil_div<int64_t>(p.tokens, p.row_tokens)};
}

// What kernels of share_grid count in 32 bits.
constexpr int64_t most_row_extent = 1 << 26;
inline void check_row_extents(const call& c, const char* argument, const view& x) {
  for (int i = 1; i < x.rank; ++i) {
    if (x.shape[i] <= most_row_extent) continue;
    c.refuse(HIPINFER_STATUS_INVALID_SHAPE, argument, "extent %lld of a token, expected at most %lld",
             static_cast<long long>(x.shape[i]), static_cast<long long>(most_row_extent));
  }
}

// How many of a token's `heads` a thread takes one of `units` parts of: `most`, unless that left the device idle, and more
// where the threads would be too many for share_grid. Units are at most 2^26.
inline int64_t heads_a_thread(const call& c, int64_t tokens, int64_t heads, int64_t units, int64_t most) {
  const int64_t share = saturated_product({tokens, heads, units}) / (512 * c.compute_units());
  const int64_t enough = std::clamp<int64_t>(share, 1, most);
  return std::max(enough, ceil_div(heads * units, most_slots / 4));
}

}  // namespace hipinfer
