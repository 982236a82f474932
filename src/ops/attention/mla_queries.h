// SPDX-License-Identifier: Apache-2.0
// The shape of latent attention's tiles, and the queries of a wave, whose two parts lie apart in memory, as the left operand of its
// products with keys.
#pragma once

#include "device/tile/accumulator.h"
#include "ops/attention/kv_tiles.h"
#include "ops/attention/mla_work.h"

namespace hipinfer {

constexpr int mla_latent = 512, mla_rotated = 64;  // columns that the products have

// A wave has 16 rows, and of the columns of their sums one of `Parts` parts; the waves of the others find the same scores, or, with Shares,
// two of them half of the tile's keys each. KeepsPages: there are registers for the page of every key that a thread brings.
template <int Waves, int Parts, bool Shares = false, bool KeepsPages = true>
struct mla_tiling {
  static constexpr bool shares = Shares;
  static constexpr int waves = Waves, parts = Parts, threads = Waves * wave_size, keys = mla_key_tile;
  static constexpr int rows = Waves / Parts * tile::size;
  static constexpr int key_tiles = keys / tile::size / (Shares ? 2 : 1);  // of a wave
  static constexpr int column_tiles = mla_latent / tile::size / Parts;
  static constexpr int columns = mla_latent + mla_rotated, slices = columns / 64;
  static_assert(Waves % Parts == 0 && column_tiles * Parts * tile::size == mla_latent);
  static_assert(!Shares || (Parts % 2 == 0 && key_tiles == tile::relay_accumulators));  // a step of P each
  struct latent : kv_tiling<keys, mla_latent, threads> {
    static constexpr bool keeps_pages = KeepsPages;
  };
  struct rotated : kv_tiling<keys, mla_rotated, threads> {
    static constexpr bool keeps_pages = true;
  };
  HIPINFER_DEVICE static int wave() { return thread_id() / wave_size; }
  HIPINFER_DEVICE static int first_key() { return Shares ? wave() % 2 * key_tiles * tile::size : 0; }
  HIPINFER_DEVICE static int first_row() { return thread_id() / wave_size / Parts * tile::size; }
  HIPINFER_DEVICE static int first_column() { return thread_id() / wave_size % Parts * column_tiles * tile::size; }
};

// Sixteen bytes of a row's queries from `column` of both parts on; past the end of a part, 0.
template <class T>
HIPINFER_DEVICE tile::piece mla_query_piece(const paged_mla_attention_params& p, const mla_work& w, int row,
                                            int column) {
  const int there = w.has(row) ? row : w.rows - 1;  // what rows past the last one give is not stored
  const bool rotated = column >= mla_latent;
  const int inside = rotated ? column - mla_latent : column;
  if (inside >= (rotated ? p.rotated : p.latent)) return {};
  const int64_t* stride = rotated ? p.pe_stride : p.nope_stride;
  const T* from =
      static_cast<const T*>(rotated ? p.q_pe : p.q_nope) + w.token(there) * stride[0] + w.head(there) * stride[1];
  return load<4>(reinterpret_cast<const uint32_t*>(from + inside));
}

// In LDS, where registers are short,
template <class Tiling, class T, bool InLds = wave_size == 32>
class mla_queries {
 public:
  struct lds {
    tile::lds_tile<Tiling::rows, 128> slices[Tiling::slices];
  };
  HIPINFER_DEVICE explicit mla_queries(lds& all) : all_(all), at_(tile::lds_reader<128>::of_a(Tiling::first_row())) {}
  // The block's threads share the rows out: the first barrier of the walk over keys comes before they are read.
  HIPINFER_DEVICE void load(const paged_mla_attention_params& p, const mla_work& w) {
    constexpr int pieces = Tiling::columns / 8;
#pragma unroll 4
    for (int i = thread_id(); i < Tiling::rows * pieces; i += Tiling::threads) {
      const int row = i / pieces, at = i % pieces;
      store(reinterpret_cast<uint32_t*>(all_.slices[at / 8].at + tile::swizzled<128>(row, at % 8)),
            mla_query_piece<T>(p, w, row, at * 8));
    }
  }
  HIPINFER_DEVICE tile::fragment_a<T> fragment(int s) const {
    constexpr int slice_steps = 128 / tile::step_bytes;
    tile::fragment_a<T> a;
    at_.read(a.words, all_.slices[s / slice_steps].at, s % slice_steps, 0);
    return a;
  }

 private:
  lds& all_;
  tile::lds_reader<128> at_;
};
// or in registers.
template <class Tiling, class T>
class mla_queries<Tiling, T, false> {
 public:
  struct lds {};
  HIPINFER_DEVICE explicit mla_queries(lds&) {}
  HIPINFER_DEVICE void load(const paged_mla_attention_params& p, const mla_work& w) {
    const int lane = lane_id(), row = Tiling::first_row() + tile::layout::a_row(lane, 0);
#pragma unroll
    for (int s = 0; s < steps; ++s) {
      const int column = (s * tile::step_bytes + tile::layout::a_byte(lane, 0)) / static_cast<int>(sizeof(T));
      const tile::piece x = mla_query_piece<T>(p, w, row, column);
#pragma unroll
      for (int i = 0; i < 4; ++i) at_[s].words.at[i] = x.at[i];
    }
  }
  HIPINFER_DEVICE const tile::fragment_a<T>& fragment(int s) const { return at_[s]; }

 private:
  static constexpr int steps = Tiling::columns / tile::step<T>;
  static_assert(tile::layout::operand_words == 4);
  tile::fragment_a<T> at_[steps];
};

}  // namespace hipinfer
