// SPDX-License-Identifier: Apache-2.0
// gemm by matrix instructions. A block sums a Tile x Tile piece of the output: slices of 32 k of both
// operands go from global memory through registers to LDS, while the slice before is multiplied. Eight waves
// of 32 lanes or four of 64.
#include "device/mma.h"
#include "ops/gemm/params.h"
#include "ops/gemm/tiles.h"

namespace hipinfer {

constexpr int threads = 256;

template <int Tile>
struct shape {
  static constexpr int depth = 32;                      // k of a slice
  static constexpr int pitch = depth + 8;               // 80 bytes: rows stay at 16 bytes and spread over the banks
  static constexpr int pieces = depth / 8;              // 16-byte pieces of a row of a slice
  static constexpr int each = Tile * pieces / threads;  // pieces a thread moves, of each operand
  static constexpr int rows_apart = threads / pieces;   // of its pieces
  static constexpr int waves = threads / wave_size, waves_m = 2, waves_n = waves / waves_m;
  static constexpr int wave_m = Tile / waves_m, wave_n = Tile / waves_n;  // a wave's part of the tile
  static constexpr int tiles_m = wave_m / mma::size, tiles_n = wave_n / mma::size;
  static constexpr int slice_bytes = 2 * Tile * pitch * 2;
  // Two slices in LDS save a barrier a step; they are worth it where two such blocks are still resident.
  static constexpr int slices = resident_lds_bytes >= 4 * slice_bytes ? 2 : 1;
  static_assert(each >= 1 && tiles_m >= 1 && tiles_n >= 1 && depth % mma::k == 0 && slices * slice_bytes <= 48 << 10);
};

template <class T, int Tile>
struct alignas(16) slice {
  T input[Tile * shape<Tile>::pitch];
  T weight[Tile * shape<Tile>::pitch];
};

using piece = vec<uint16_t, 8>;

// Eight elements from `k` on: one access, or element by element with zeros from p.k on.
template <bool Whole, class T>
HIPINFER_DEVICE piece load_piece(const T* row, int64_t k, int64_t end) {
  const uint16_t* bits = reinterpret_cast<const uint16_t*>(row) + k;
  if constexpr (Whole) {
    return load<8>(bits);
  } else {
    piece v;
#pragma unroll
    for (int i = 0; i < 8; ++i) v.at[i] = k + i < end ? bits[i] : uint16_t{0};
    return v;
  }
}

// What a thread moves: its pieces of rows of both operands.
template <class T, int Tile>
struct mover {
  using s = shape<Tile>;
  const T* input[s::each];
  const T* weight[s::each];
  piece held[2][s::each];
  int row, k_inside;

  HIPINFER_DEVICE mover(const gemm_params& p, tile_position at)
      : row(thread_id() / s::pieces), k_inside(thread_id() % s::pieces * 8) {
#pragma unroll
    for (int i = 0; i < s::each; ++i) {
      // Rows past the end read the last one; their sums are not stored.
      const int64_t m = at.row + row + i * s::rows_apart, n = at.column + row + i * s::rows_apart;
      input[i] = static_cast<const T*>(p.input) + (m < p.m ? m : p.m - 1) * p.input_stride;
      weight[i] = static_cast<const T*>(p.weight) + (n < p.n ? n : p.n - 1) * p.weight_stride;
    }
  }

  template <bool Whole>
  HIPINFER_DEVICE void load_as(int64_t k, int64_t end) {
#pragma unroll
    for (int i = 0; i < s::each; ++i) {
      held[0][i] = load_piece<Whole>(input[i], k + k_inside, end);
      held[1][i] = load_piece<Whole>(weight[i], k + k_inside, end);
    }
  }
  HIPINFER_DEVICE void load_slice(const gemm_params& p, int64_t k) {
    if (p.vector && k + s::depth <= p.k)
      load_as<true>(k, p.k);
    else
      load_as<false>(k, p.k);
  }
  HIPINFER_DEVICE void store_slice(slice<T, Tile>& to) const {
#pragma unroll
    for (int i = 0; i < s::each; ++i) {
      const int at = (row + i * s::rows_apart) * s::pitch + k_inside;
      store(reinterpret_cast<uint16_t*>(to.input + at), held[0][i]);
      store(reinterpret_cast<uint16_t*>(to.weight + at), held[1][i]);
    }
  }
};

template <class T, class Out, int Tile>
HIPINFER_DEVICE void multiply_tile(const gemm_params& p, tile_position at, slice<T, Tile>* slices) {
  using s = shape<Tile>;
  const int wave = thread_id() / wave_size;
  const int wave_row = wave / s::waves_n * s::wave_m, wave_column = wave % s::waves_n * s::wave_n;
  mover<T, Tile> moves(p, at);
  mma::accumulator sum[s::tiles_m][s::tiles_n] = {};
  if (p.k > 0) {
    moves.load_slice(p, 0);
    block_barrier();  // the tile before has been read
    moves.store_slice(slices[0]);
    block_barrier();  // the first slice is there
  }
  int now = 0;
  for (int64_t k = 0; k < p.k; k += s::depth) {
    const bool more = k + s::depth < p.k;
    if (more) moves.load_slice(p, k + s::depth);
    const T* a_slice = slices[now].input + wave_row * s::pitch;
    const T* b_slice = slices[now].weight + wave_column * s::pitch;
#pragma unroll
    for (int inside = 0; inside < s::depth; inside += mma::k) {
      mma::fragment_a<T> a[s::tiles_m];
      mma::fragment_b<T> b[s::tiles_n];
#pragma unroll
      for (int i = 0; i < s::tiles_m; ++i) mma::load_a_lds(a[i], a_slice + i * mma::size * s::pitch + inside, s::pitch);
#pragma unroll
      for (int j = 0; j < s::tiles_n; ++j) mma::load_b_lds(b[j], b_slice + j * mma::size * s::pitch + inside, s::pitch);
#pragma unroll
      for (int i = 0; i < s::tiles_m; ++i) {
#pragma unroll
        for (int j = 0; j < s::tiles_n; ++j) mma::multiply_accumulate<T>(sum[i][j], a[i], b[j]);
      }
    }
    if (more) {
      if constexpr (s::slices == 1) block_barrier();  // the slice has been read by all: it may be replaced
      now = (now + 1) % s::slices;
      moves.store_slice(slices[now]);  // of two slices, this one was read before the last barrier
      block_barrier();                 // the next slice is there
    }
  }
#pragma unroll
  for (int i = 0; i < s::tiles_m; ++i) {
#pragma unroll
    for (int j = 0; j < s::tiles_n; ++j) {
      mma::for_each(sum[i][j], [&](int row, int column, float& value) {
        const int64_t m = at.row + wave_row + i * mma::size + row, n = at.column + wave_column + j * mma::size + column;
        if (m < p.m && n < p.n) finish<T, Out>(p, m, n, value);
      });
    }
  }
}

template <int Threads, int Tile, class T, class Out>
HIPINFER_DEVICE void gemm_mma(const gemm_params& p) {
  static_assert(Threads == threads);
  __shared__ slice<T, Tile> slices[shape<Tile>::slices];
  const int64_t tiles_m = (p.m + Tile - 1) / Tile, tiles_n = (p.n + Tile - 1) / Tile;
  for (int64_t t = block_id(); t < tiles_m * tiles_n; t += block_count<threads>()) {
    multiply_tile<T, Out, Tile>(p, tile_at<Tile, Tile>(t, tiles_m, tiles_n), slices);
  }
}

}  // namespace hipinfer
