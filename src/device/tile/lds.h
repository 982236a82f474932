// SPDX-License-Identifier: Apache-2.0
// Operand tiles in LDS: rows of 64 or 128 bytes of k, in pieces of 16 bytes that change places within a row, so that the 16 rows
// of a fragment, each read 16 bytes wide, lie on different banks. Nothing is padded.
#pragma once

#include "device/tile/index.h"

namespace hipinfer::tile {

constexpr int piece_bytes = 16;

// Where piece `piece` of row `row` stands, in bytes: exchanged by exclusive or with the row's place among the rows that repeat
// every 128 bytes of banks. (gfx950 has 256 bytes of banks, and serves 16 bytes a lane in as many turns.)
template <int RowBytes>
HIPINFER_INDEX_FREE int swizzled(int row, int piece) {
  static_assert(RowBytes == 64 || RowBytes == 128);
  constexpr int pieces = RowBytes / piece_bytes, rows_a_line = 128 / RowBytes;
  return row * RowBytes + (piece ^ row / rows_a_line % pieces) * piece_bytes;
}

template <int Rows, int RowBytes>
struct alignas(128) lds_tile {
  static constexpr int rows = Rows, row_bytes = RowBytes, pieces = RowBytes / piece_bytes;
  unsigned char at[Rows * RowBytes];
};

}  // namespace hipinfer::tile
