// SPDX-License-Identifier: Apache-2.0
// gemm by Hopper's warpgroup instructions, for any number of rows. A block sums Tiling::rows rows of the input by 64 or 128 of the
// weight; the weight is the instruction's left operand, so that few rows waste nothing: its other side is 16 rows or more. Where
// tiles are few, the blocks of a cluster share out k, and add each other's sums in LDS in the order of their ranks.
#include "device/tile/copy.h"
#include "device/tile/fragment.h"
#include "ops/gemm/finish.h"
#include "ops/gemm/params.h"
#include "ops/gemm/tiles.h"

namespace hipinfer {

// The sums of a block, as rows of the output: of two weights, those of the first and then those of the second.
template <class Tiling>
struct output_rows {
  static constexpr int columns = Tiling::columns * Tiling::weights, pitch = columns + 4;
  float at[Tiling::rows * pitch];
};

template <class Tiling>
union wgmma_lds {
  typename Tiling::lds operands;
  output_rows<Tiling> sums;
};

// Of the tile, 64 columns a warpgroup.
template <class Tiling, class T>
struct warpgroup_product {
  static constexpr int rows = Tiling::rows;
  static_assert(Tiling::columns * Tiling::weights == Tiling::threads / 2 && Tiling::row_bytes == 128);
  static_assert(sizeof(typename Tiling::slot) % 1024 == 0);
  float sum[rows / 2] = {};

  // Begins the products of a slice, and waits for those of the one before.
  HIPINFER_DEVICE void add(const typename Tiling::slot& slot) {
    const uint64_t a = tile::detail::wgmma_operand(slot.b[0].at + thread_id() / 128 * 64 * Tiling::row_bytes);
    const uint64_t b = tile::detail::wgmma_operand(slot.a.at);
    tile::detail::wgmma_begin();
#pragma unroll
    for (int s = 0; s < Tiling::row_bytes / tile::wgmma_layout::step_bytes; ++s) {
      tile::detail::wgmma<T, rows>(sum, a + s * tile::detail::wgmma_step, b + s * tile::detail::wgmma_step);
    }
    tile::detail::wgmma_close();
    tile::detail::await_wgmma<1>();
  }
  HIPINFER_DEVICE void store(float* lds) const {
    const int thread = thread_id() % 128, first_column = thread_id() / 128 * 64;
#pragma unroll
    for (int e = 0; e < rows / 2; ++e) {
      lds[tile::wgmma_layout::column(thread, e) * output_rows<Tiling>::pitch + first_column +
          tile::wgmma_layout::row(thread, e)] = sum[e];
    }
  }
};

template <class Tiling, bool Aligned, class T>
HIPINFER_DEVICE void gemm_wgmma(const gemm_params& p) {
  extern __shared__ __align__(1024) unsigned char dynamic_lds[];
  wgmma_lds<Tiling>& lds = *reinterpret_cast<wgmma_lds<Tiling>*>(dynamic_lds);
  constexpr int width = 8, vectors = Tiling::columns / width, slice = Tiling::row_bytes / sizeof(T);
  const int64_t tiles_m = (p.m + Tiling::rows - 1) / Tiling::rows,
                tiles_n = (p.n + Tiling::columns - 1) / Tiling::columns;
  const int64_t tiles = tiles_m * tiles_n, count = tiles * p.batches;
  const int splits = cluster_blocks(), rank = cluster_rank();
  const int64_t slices = (p.k + slice - 1) / slice;
  const int64_t first_k = slices * rank / splits * slice, end_k = slices * (rank + 1) / splits * slice;
  const int64_t k = (end_k < p.k ? end_k : p.k) - first_k;
  for (int64_t t = block_id() / splits; t < count; t += block_count<Tiling::threads>() / splits) {
    const gemm_offsets matrices = offsets_of(p, t / tiles);
    const tile_position at = tile_at<Tiling::rows, Tiling::columns>(t % tiles, tiles_m, tiles_n);
    warpgroup_product<Tiling, T> product;
    {
      const tile::operand input{static_cast<const T*>(p.input) + matrices.input + first_k, p.input_stride, at.row, p.m};
      tile::operand weights[Tiling::weights];
      weights[0] = {weight_row<T>(p, matrices, 0, 0) + first_k, p.weight_stride, at.column, p.n};
      if constexpr (Tiling::weights == 2)
        weights[1] = {weight_row<T>(p, matrices, 1, 0) + first_k, p.up_stride, at.column, p.n};
      tile::slices<Tiling, T, Aligned> in(lds.operands, input, weights, k);
      while (in.more()) product.add(in.next());
      tile::detail::await_wgmma<0>();
    }
    lds_barrier();  // the last slice has been read by all
    product.store(lds.sums.at);
    const int rows = static_cast<int>(p.m - at.row < Tiling::rows ? p.m - at.row : Tiling::rows);
    const int begin = rows * rank / splits, end = rows * (rank + 1) / splits;  // those that this block finishes
    if (splits == 1)
      lds_barrier();
    else
      cluster_barrier();
    for (int v = thread_id(); v < (end - begin) * vectors; v += Tiling::threads) {
      const int row = begin + v / vectors, column = v % vectors * width;
      float* sums = lds.sums.at + row * output_rows<Tiling>::pitch + column;
      if (splits > 1) {
#pragma unroll
        for (int w = 0; w < Tiling::weights; ++w) {
          float total[width] = {};
          for (int r = 0; r < splits; ++r) {
            float more[width];
            load_from_cluster(sums + w * Tiling::columns, r, more);
#pragma unroll
            for (int i = 0; i < width; ++i) total[i] += more[i];
          }
          store_floats<width>(sums + w * Tiling::columns, total);
        }
      }
      if constexpr (Tiling::weights == 2) {
#pragma unroll
        for (int i = 0; i < width; ++i) sums[i] = silu(sums[i]) * sums[i + Tiling::columns];
      }
      if (p.vector_out && p.activation == gemm_function::none && at.column + column + width <= p.n)
        finish_whole<T, width>(p, matrices, at.row + row, at.column + column, sums);
      else if (at.column + column < p.n)
        finish_row<T, width>(p, matrices, at.row + row, at.column + column, sums);
    }
    if (splits == 1)
      lds_barrier();  // the sums have been read
    else
      cluster_barrier();
  }
}

}  // namespace hipinfer
