// SPDX-License-Identifier: Apache-2.0
// What options make of the scores of a tile of keys, and which keys a row does not see.
#pragma once

#include "device/tile/accumulator.h"
#include "ops/attention/online_softmax.h"

namespace hipinfer {

// Many scores at once would take more registers: hence the places that keep_order keeps.
template <class Tiling, class Params, class Rows>
class tile_scores {
 public:
  static constexpr int fragments = Tiling::fragments, key_tiles = Tiling::key_tiles;
  using scores = tile::accumulator[fragments][key_tiles];

  HIPINFER_DEVICE tile_scores(const Params& p, const Rows& rows, scores& s) : p_(p), rows_(rows), scores_(s) {}

  // Of the tile that begins at key `first`.
  HIPINFER_DEVICE void shape_and_mask(int first) {
    if constexpr (Tiling::shapes) {
      if (p_.shaped) shape(first);
    }
    mask(first);
  }

 private:
  HIPINFER_DEVICE void shape(int first) {
    scale_scores(p_, [&](auto scale) {
#pragma unroll
      for (int m = 0; m < fragments; ++m) {
#pragma unroll
        for (int c = 0; c < key_tiles; ++c) {
          tile::for_each_slot(scores_[m][c], [&](int, float& x) { scale(x); });
          keep_order();
        }
      }
    });
    if (p_.alibi_slopes == nullptr) return;
#pragma unroll
    for (int m = 0; m < fragments; ++m) {
      const int lane = found_here(lane_id());
      float slope[tile::lane_rows];
      int from[tile::lane_rows];
#pragma unroll
      for (int i = 0; i < tile::lane_rows; ++i) {
        const int row = row_of(lane, m, i), there = rows_.has(row) ? row : 0;
        slope[i] = slope_of(p_, rows_.head(there));
        from[i] = first - rows_.position(there);
      }
      for_each_score(lane, m, [&](int i, int c, int inside, float& x) {
        x = fma(slope[i], static_cast<float>(from[i] + (c * tile::size + inside)), x);
      });
    }
  }
  HIPINFER_DEVICE void mask(int first) {
#pragma unroll
    for (int m = 0; m < fragments; ++m) {
      const int lane = found_here(lane_id());
      // Keys from the first one that the row sees on: one comparison finds those before it, too.
      uint32_t from[tile::lane_rows], seen[tile::lane_rows];
#pragma unroll
      for (int i = 0; i < tile::lane_rows; ++i) {
        const int row = row_of(lane, m, i), begin = rows_.begin(p_, row), limit = rows_.limit(row);
        from[i] = static_cast<uint32_t>(first - begin);
        seen[i] = limit > begin ? limit - begin : 0;
      }
      for_each_score(lane, m, [&](int i, int c, int inside, float& x) {
        if (from[i] + (c * tile::size + inside) >= seen[i]) x = -infinity;
      });
      if constexpr (Tiling::shapes && !Rows::alike) {
        if (p_.custom_mask != nullptr) mask_by_bits(lane, m, first);
      }
    }
  }
  HIPINFER_DEVICE void mask_by_bits(int lane, int m, int first) {
#pragma unroll
    for (int c = 0; c < key_tiles; c += 2) {
      uint32_t seen[tile::lane_rows];
#pragma unroll
      for (int i = 0; i < tile::lane_rows; ++i) seen[i] = rows_.seen(p_, row_of(lane, m, i), first + c * tile::size);
#pragma unroll
      for (int k = 0; k < 2; ++k) {
#pragma unroll
        for (int e = 0; e < tile::layout::accumulator_elements; ++e) {
          // A bit becomes a word of such bits, which chooses: conditions would take more scalar registers than there are.
          const uint32_t word = seen[tile::layout::slot(e)] << (31 - k * tile::size - tile::layout::column(lane, e));
          const uint32_t all = found_here(static_cast<int>(word) >> 31);
          float& x = scores_[m][c + k].at[e];
          x = bit_cast<float>((bit_cast<uint32_t>(x) & all) | (bit_cast<uint32_t>(-infinity) & ~all));
        }
      }
      keep_order();
    }
  }
  HIPINFER_DEVICE static int row_of(int lane, int m, int i) {
    return Tiling::first_row() + m * tile::size + tile::layout::row_of_slot(lane, i);
  }
  // f(slot of the row, 16 keys of the tile, key among these, score&) for the scores of fragment m.
  template <class F>
  HIPINFER_DEVICE void for_each_score(int lane, int m, F f) {
#pragma unroll
    for (int c = 0; c < key_tiles; ++c) {
#pragma unroll
      for (int e = 0; e < tile::layout::accumulator_elements; ++e)
        f(tile::layout::slot(e), c, tile::layout::column(lane, e), scores_[m][c].at[e]);
      keep_order();
    }
  }

  const Params& p_;
  const Rows& rows_;
  scores& scores_;
};

}  // namespace hipinfer
