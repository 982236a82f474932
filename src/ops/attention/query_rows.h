// SPDX-License-Identifier: Apache-2.0
// The queries of a wave, as the left operand of its products with keys.
#pragma once

#include "device/tile/fragment.h"

namespace hipinfer {

// Where a wave's queries wait. In LDS, where they do not fit in registers beside the sums:
template <class Tiling, class T>
class queries_in_lds {
 public:
  struct lds {
    tile::lds_tile<Tiling::rows, 128> slices[Tiling::pieces / 8];
  };
  HIPINFER_DEVICE explicit queries_in_lds(lds& all)
      : all_(all), at_(tile::lds_reader<128>::of_a(Tiling::first_row())) {}
  // row(r) points to query row r of the block.
  template <class Row>
  HIPINFER_DEVICE void load(int head_dim, Row row) {
    const int lane = lane_id(), piece = lane % 8;
#pragma unroll
    for (int r = 0; r < Tiling::wave_rows; r += wave_size / 8) {
      const int at = Tiling::first_row() + r + lane / 8;
      const T* from = row(at);
#pragma unroll
      for (int s = 0; s < Tiling::pieces / 8; ++s) {
        const int column = (s * 8 + piece) * static_cast<int>(tile::piece_bytes / sizeof(T));
        tile::piece x{};
        if (column < head_dim) x = hipinfer::load<4>(reinterpret_cast<const uint32_t*>(from + column));
        store(reinterpret_cast<uint32_t*>(all_.slices[s].at + tile::swizzled<128>(at, piece)), x);
      }
    }
    wave_barrier();  // only this wave reads them
  }
  HIPINFER_DEVICE tile::fragment_a<T> fragment(int m, int s) const {
    constexpr int slice_steps = 128 / tile::step_bytes;
    tile::fragment_a<T> a;
    at_.read(a.words, all_.slices[s / slice_steps].at, s % slice_steps, m * tile::size);
    return a;
  }

 private:
  lds& all_;
  tile::lds_reader<128> at_;
};
// Or in registers.
template <class Tiling, class T>
class queries_in_registers {
 public:
  struct lds {};
  HIPINFER_DEVICE explicit queries_in_registers(lds&) {}
  template <class Row>
  HIPINFER_DEVICE void load(int head_dim, Row row) {
    const int lane = lane_id();
#pragma unroll
    for (int m = 0; m < Tiling::fragments; ++m) {
      const T* from = row(Tiling::first_row() + m * tile::size + tile::layout::a_row(lane, 0));
#pragma unroll
      for (int s = 0; s < steps; ++s) {
        const int column = (s * tile::step_bytes + tile::layout::a_byte(lane, 0)) / static_cast<int>(sizeof(T));
        tile::piece x{};
        if (column < head_dim) x = hipinfer::load<4>(reinterpret_cast<const uint32_t*>(from + column));
#pragma unroll
        for (int i = 0; i < 4; ++i) at_[m][s].words.at[i] = x.at[i];
      }
    }
  }
  HIPINFER_DEVICE const tile::fragment_a<T>& fragment(int m, int s) const { return at_[m][s]; }

 private:
  static constexpr int steps = Tiling::columns / tile::step<T>;
  tile::fragment_a<T> at_[Tiling::fragments][steps];
};
// On NVIDIA there are 32 rows a wave, and on gfx11 each operand is held twice.
template <class Tiling, class T, bool InLds = has_async_copy || (tile::layout::operand_words > 4)>
struct query_rows {
  using type = queries_in_registers<Tiling, T>;
};
template <class Tiling, class T>
struct query_rows<Tiling, T, true> {
  using type = queries_in_lds<Tiling, T>;
};

}  // namespace hipinfer
