// SPDX-License-Identifier: Apache-2.0
// gemm by matrix instructions. A block sums a tile of the output, slice by slice of k; its waves share the tile out among
// themselves. The sums then go through LDS, so that bias, residual and output are read and written 16 bytes a lane.
#include "device/tile/copy.h"
#include "device/tile/fragment.h"
#include "ops/gemm/finish.h"
#include "ops/gemm/params.h"
#include "ops/gemm/tiles.h"

namespace hipinfer {

// A wave's part of a block's tile.
template <class Tiling, class T>
struct wave_product {
  static constexpr int m = Tiling::wave_rows / tile::size, n = Tiling::wave_columns / tile::size;
  static constexpr int steps = Tiling::row_bytes / tile::step_bytes;
  static_assert(m >= 1 && n >= 1 && steps >= 1);

  int first_row, first_column;
  tile::lds_reader<Tiling::row_bytes> a_at, b_at;
  tile::accumulator sum[m][n] = {};

  HIPINFER_DEVICE wave_product()
      : first_row(thread_id() / wave_size / Tiling::waves_n * Tiling::wave_rows),
        first_column(thread_id() / wave_size % Tiling::waves_n * Tiling::wave_columns),
        a_at(tile::lds_reader<Tiling::row_bytes>::of_a(first_row)),
        b_at(tile::lds_reader<Tiling::row_bytes>::of_b(first_column)) {}

  HIPINFER_DEVICE void add(const typename Tiling::slot& slot) {
#pragma unroll
    for (int s = 0; s < steps; ++s) {
      tile::fragment_a<T> a[m];
      tile::fragment_b<T> b[n];
#pragma unroll
      for (int i = 0; i < m; ++i) a_at.read(a[i].words, slot.a.at, s, i * tile::size);
#pragma unroll
      for (int j = 0; j < n; ++j) b_at.read(b[j].words, slot.b.at, s, j * tile::size);
#pragma unroll
      for (int i = 0; i < m; ++i) {
#pragma unroll
        for (int j = 0; j < n; ++j) tile::multiply_accumulate(sum[i][j], a[i], b[j]);
      }
    }
  }
};

// Sixteen rows of a wave's sums at a time, between the layout of accumulators and that of memory. Rows are a vector apart from
// the banks of the row before.
template <class Tiling>
struct strip {
  static constexpr int pitch = Tiling::wave_columns + 4;
  float at[tile::size * pitch];
};

template <class Tiling>
union block_lds {
  typename Tiling::lds operands;
  strip<Tiling> strips[Tiling::threads / wave_size];
};

template <class Tiling, class T, class Out>
HIPINFER_DEVICE void store_product(const gemm_params& p, tile_position at, wave_product<Tiling, T>& product,
                                   strip<Tiling>& lds) {
  constexpr int width = 8, lanes_a_row = Tiling::wave_columns / width, rows_a_pass = wave_size / lanes_a_row;
  static_assert(lanes_a_row <= wave_size && tile::size % rows_a_pass == 0);
  const int row = lane_id() / lanes_a_row, column = lane_id() % lanes_a_row * width;
  const int64_t n = at.column + product.first_column + column;
#pragma unroll
  for (int i = 0; i < wave_product<Tiling, T>::m; ++i) {
    wave_barrier();  // the strip before has been read
#pragma unroll
    for (int j = 0; j < wave_product<Tiling, T>::n; ++j) {
      tile::for_each(product.sum[i][j], [&](int r, int c, float& value) {
        lds.at[r * strip<Tiling>::pitch + j * tile::size + c] = value;
      });
    }
    wave_barrier();  // this one is there
#pragma unroll
    for (int r = 0; r < tile::size; r += rows_a_pass) {
      const int64_t m = at.row + product.first_row + i * tile::size + r + row;
      float sums[width];
      load_floats<width>(lds.at + (r + row) * strip<Tiling>::pitch + column, sums);
      if (m < p.m && n < p.n) finish_row<T, Out, width>(p, m, n, sums);
    }
  }
}

template <class Tiling, bool Aligned, class T, class Out>
HIPINFER_DEVICE void gemm_mma(const gemm_params& p) {
#if defined(__CUDACC__)
  extern __shared__ __align__(128) unsigned char dynamic_lds[];  // of `lds_kib`, which launch.cpp asks for
  block_lds<Tiling>& lds = *reinterpret_cast<block_lds<Tiling>*>(dynamic_lds);
#else
  __shared__ block_lds<Tiling> lds;
#endif
  const int64_t tiles_m = (p.m + Tiling::rows - 1) / Tiling::rows,
                tiles_n = (p.n + Tiling::columns - 1) / Tiling::columns;
  for (int64_t t = block_id(); t < tiles_m * tiles_n; t += block_count<Tiling::threads>()) {
    const tile_position at = tile_at<Tiling::rows, Tiling::columns>(on_own_die(t, tiles_m * tiles_n), tiles_m, tiles_n);
    wave_product<Tiling, T> product;
    tile::slices<Tiling, T, Aligned> in(lds.operands, {p.input, p.input_stride, at.row, p.m},
                                        {p.weight, p.weight_stride, at.column, p.n}, p.k);
    while (in.more()) product.add(in.next());
    lds_barrier();  // the last slice has been read by all: LDS holds strips now
    store_product<Tiling, T, Out>(p, at, product, lds.strips[thread_id() / wave_size]);
    lds_barrier();  // the strips have been read
  }
}

}  // namespace hipinfer
