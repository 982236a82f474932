// SPDX-License-Identifier: Apache-2.0
// Operand tiles whose rows in memory are k, as those of V are in P V. On NVIDIA they lie in LDS as in memory, and ldmatrix
// transposes; on AMD the threads that bring them transpose four rows at a time, and lay k out as relay (accumulator.h) has it, so
// that a fragment is 16 bytes a lane.
#pragma once

#include "device/tile/fragment.h"

namespace hipinfer::tile {

using piece = vec<uint32_t, 4>;  // 16 bytes of a row

template <int Rows, int Columns>
struct alignas(128) transposed_tile {
#if defined(__CUDACC__)
  static constexpr int slice_columns = 64;
  unsigned char at[(Columns + slice_columns - 1) / slice_columns * Rows * 128];
#else
  static constexpr int row_bytes = Rows >= 64 ? 128 : 2 * Rows, pieces = row_bytes / piece_bytes;  // of k, of a column
  static_assert(row_bytes >= 64 && Rows % (row_bytes / 2) == 0);
  unsigned char at[Columns * Rows * 2];
#endif

  // Where element [row][column] stands, in bytes.
  HIPINFER_INDEX int place(int row, int column) {
#if defined(__CUDACC__)
    return column / slice_columns * Rows * 128 + swizzled<128>(row, column % slice_columns / 8) + column % 8 * 2;
#else
    constexpr int step_rows = step_bytes / 2;
    const int byte = row / step_rows * step_bytes + layout::relaid_place(row % step_rows) * 2;
    return byte / row_bytes * Columns * row_bytes + column * row_bytes +
           (byte % row_bytes / piece_bytes ^ twist(column)) * piece_bytes + byte % piece_bytes;
#endif
  }

#if !defined(__CUDACC__)
  // Rows `row` to row + 3, a multiple of 4, of columns `column` to column + 7, a multiple of 8.
  HIPINFER_DEVICE void put(int row, int column, const piece* rows) {
    const int first = place(row, column);
#pragma unroll
    for (int i = 0; i < 8; ++i) {
      vec<uint32_t, 2> words;
#pragma unroll
      for (int w = 0; w < 2; ++w) {
        const uint32_t upper = rows[2 * w].at[i / 2], lower = rows[2 * w + 1].at[i / 2];
        words.at[w] = i % 2 == 0 ? (upper & 0xffff) | lower << 16 : upper >> 16 | (lower & 0xffff0000);
      }
      store(reinterpret_cast<uint32_t*>(at + ((first ^ twist(i) * piece_bytes) + i * row_bytes)), words);
    }
  }

  // By which a column's pieces change places. Neighbours in a fragment, and columns that neighbours write to, which are 8 apart, are
  // on different banks.
  HIPINFER_INDEX int twist(int column) { return (column / (128 / row_bytes) ^ column / 8) % pieces; }
#endif
};

// Where this lane reads fragments of the columns from `first_column` on, found once.
template <int Rows, int Columns>
class transposed_reader {
  using tile = transposed_tile<Rows, Columns>;

 public:
  HIPINFER_DEVICE explicit transposed_reader(int first_column) {
    const int lane = lane_id();
#if defined(__CUDACC__)
    first_ =
        tile::place(layout::b_transposed_address_k(lane), first_column + layout::b_transposed_address_column(lane));
#else
    const int column = layout::b_column(lane, 0), piece = layout::b_byte(lane, 0) / piece_bytes;
    first_ = (first_column + column) * tile::row_bytes +
             (piece ^ tile::twist(column) ^ tile::twist(first_column)) * piece_bytes;
#endif
  }

  // b of 16 columns from 16 `n` on and the k of step `s`, both constants once unrolled. first_column / 16 has none of the bits of n, or no
  // twist; on NVIDIA it is a multiple of 4, or has none of the two low ones.
  template <class T>
  HIPINFER_DEVICE void read(fragment_b<T>& b, const tile& lds, int s, int n) const {
    static_assert(sizeof(T) == 2);
#if defined(__CUDACC__)
    const unsigned char* slice = lds.at + (n / 4 * Rows + s * step_bytes / 2) * 128;
    detail::load_matrices_transposed(b.words.at, slice + (first_ ^ n % 4 * 2 * piece_bytes));
#else
    const int byte = s * step_bytes;
    const unsigned char* slice = lds.at + (byte / tile::row_bytes * Columns + n * size) * tile::row_bytes;
#pragma unroll
    for (int w = 0; w < layout::operand_words; w += 4) {
      const int turn = byte % tile::row_bytes ^ tile::twist(n * size) * piece_bytes ^ w * 4;
      const piece v = load<4>(reinterpret_cast<const uint32_t*>(slice + (first_ ^ turn)));
#pragma unroll
      for (int i = 0; i < 4; ++i) b.words.at[w + i] = v.at[i];
    }
#endif
  }

 private:
  int first_;
};

}  // namespace hipinfer::tile
