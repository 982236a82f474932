// SPDX-License-Identifier: Apache-2.0
// gemm for few rows of input, by matrix instructions. The weight is read once, straight into registers, which bounds the time. The
// waves of a block share out k for the same columns, then their sums are added, in order. Where scales are of blocks of k, a wave
// multiplies the sums of whole blocks first.
#include "device/tile/copy.h"
#include "device/tile/direct.h"
#include "ops/gemm/finish.h"
#include "ops/gemm/params.h"
#include "ops/gemm/segments.h"

namespace hipinfer {

// What waves add: sums as instructions give them, or those of blocks times their scales.
template <class T, gemm_scaling Scaling>
struct waves_sum {
  using type = tile::detail::sum_type<T>;
};
template <class T>
struct waves_sum<T, gemm_scaling::blocks> {
  using type = float;
};

// Tiles of 16: of rows, all of them; of columns one a block, with each of the weights. Ahead: steps of k that are under way at once in
// a wave.
template <int TilesM, int Weights, int Waves, int Ahead, class T, gemm_scaling Scaling>
struct narrow {
  static constexpr int columns = tile::size, pitch = tile::size + 1;
  static constexpr bool in_blocks = Scaling == gemm_scaling::blocks;
  static constexpr int ahead = tile::same_bits<T> ? Ahead : Ahead / 2;  // what is converted leaves registers for fewer
  static constexpr int step = tile::direct_step<T>, block_steps = gemm_scale_block / step;
  static constexpr int chunk = (in_blocks && ahead < block_steps ? block_steps : ahead) * step;  // of a wave at a time
  static_assert(!in_blocks || (gemm_scale_block % step == 0 && Weights == 1));
  using fragment = tile::direct_fragment<T>;
  using number = typename waves_sum<T, Scaling>::type;
  struct lds {
    number sums[Waves][TilesM][tile::size * pitch];
  };

  const gemm_params& p;
  const gemm_matrices& matrices;
  int64_t first_column;
  const T* a[TilesM][fragment::reads];  // where this lane reads, at k = 0
  const T* b[Weights][fragment::reads];
  tile::sums<number> sum[TilesM][Weights] = {};

  HIPINFER_DEVICE narrow(const gemm_params& p, const gemm_matrices& matrices, int64_t first_column)
      : p(p), matrices(matrices), first_column(first_column) {
    // Rows past the end read the last one; their sums are not stored.
    const auto rows_of = [](const T* data, int64_t stride, int64_t first, int64_t rows,
                            const T*(&at)[fragment::reads]) {
#pragma unroll
      for (int i = 0; i < fragment::reads; ++i) {
        const int64_t row = first + tile::direct_row(i);
        at[i] = data + (row < rows ? row : rows - 1) * stride + inside(i);
      }
    };
#pragma unroll
    for (int m = 0; m < TilesM; ++m)
      rows_of(static_cast<const T*>(p.input) + matrices.input, p.input_stride, m * tile::size, matrices.rows, a[m]);
#pragma unroll
    for (int w = 0; w < Weights; ++w)
      rows_of(weight_row<T>(p, matrices, w, 0), w == 0 ? p.weight_stride : p.up_stride, first_column, p.n, b[w]);
  }

  HIPINFER_DEVICE static int inside(int i) { return tile::direct_byte(i) / static_cast<int>(sizeof(T)); }

  template <bool Whole>
  HIPINFER_DEVICE static void read(fragment& to, const T* const (&at)[fragment::reads], int64_t k, int64_t end) {
#pragma unroll
    for (int i = 0; i < fragment::reads; ++i) {
      if constexpr (Whole)
        to.at[i] = load<4>(reinterpret_cast<const uint32_t*>(at[i] + k));
      else
        to.at[i] = tile::detail::piece_upto<tile::detail::piece>(at[i] + k, end - k - inside(i));
    }
  }

  // Steps from k on: all reads begin before the first product.
  template <bool Whole, int Steps>
  HIPINFER_DEVICE void read_steps(fragment (&left)[Steps][TilesM], fragment (&right)[Steps][Weights], int64_t k) const {
#pragma unroll
    for (int s = 0; s < Steps; ++s) {
#pragma unroll
      for (int n = 0; n < Weights; ++n) read<Whole>(right[s][n], b[n], k + s * step, p.k);
    }
#pragma unroll
    for (int s = 0; s < Steps; ++s) {
#pragma unroll
      for (int m = 0; m < TilesM; ++m) read<Whole>(left[s][m], a[m], k + s * step, p.k);
    }
  }

  template <bool Whole, int Steps>
  HIPINFER_DEVICE void add(int64_t k) {
    fragment left[Steps][TilesM], right[Steps][Weights];
    read_steps<Whole>(left, right, k);
#pragma unroll
    for (int s = 0; s < Steps; ++s) {
#pragma unroll
      for (int m = 0; m < TilesM; ++m) {
#pragma unroll
        for (int n = 0; n < Weights; ++n) tile::multiply_accumulate(sum[m][n], left[s][m], right[s][n]);
      }
      // What is converted for a step has no registers yet while the one before is multiplied.
      if constexpr (!tile::same_bits<T>) keep_order();
    }
  }

  // Whole blocks of k, the last of which may end in a row's end. Their scales are read before their products (gemm_mma.hip).
  template <bool Whole, int Steps>
  HIPINFER_DEVICE void add_blocks(int64_t k) {
    constexpr int together = Steps < ahead ? Steps : ahead;
    static_assert(Steps % block_steps == 0 && (together % block_steps == 0 || block_steps % together == 0));
    tile::accumulator_of<T> part[TilesM] = {};
    float scales[TilesM][tile::layout::lane_rows];
#pragma unroll
    for (int first = 0; first < Steps; first += together) {
      fragment left[together][TilesM], right[together][Weights];
      read_steps<Whole>(left, right, k + first * step);
#pragma unroll
      for (int s = 0; s < together; ++s) {
        if ((first + s) % block_steps == 0) read_scales(scales, (k + (first + s) * step) / gemm_scale_block);
#pragma unroll
        for (int m = 0; m < TilesM; ++m) tile::multiply_accumulate(part[m], left[s][m], right[s][0]);
        if ((first + s + 1) % block_steps == 0) add_scaled(part, scales);
        keep_order();  // what is converted for later products has no registers yet
      }
    }
  }
  HIPINFER_DEVICE void read_scales(float (&scales)[TilesM][tile::layout::lane_rows], int64_t block) const {
    const float of_columns = weight_scale(p, matrices, first_column, block);  // of all 16
#pragma unroll
    for (int m = 0; m < TilesM; ++m) {
#pragma unroll
      for (int slot = 0; slot < tile::layout::lane_rows; ++slot) {
        const int64_t row = m * tile::size + tile::layout::row_of_slot(lane_id(), slot);
        scales[m][slot] = input_scale(p, matrices, row < matrices.rows ? row : matrices.rows - 1, block) * of_columns;
      }
    }
  }
  // A block's sums, which begin again at 0.
  HIPINFER_DEVICE void add_scaled(tile::accumulator_of<T> (&part)[TilesM],
                                  const float (&scales)[TilesM][tile::layout::lane_rows]) {
#pragma unroll
    for (int m = 0; m < TilesM; ++m) {
#pragma unroll
      for (int e = 0; e < tile::layout::accumulator_elements; ++e) {
        sum[m][0].at[e] = fma(tile::value_of<T>(part[m].at[e]), scales[m][tile::layout::slot(e)], sum[m][0].at[e]);
        part[m].at[e] = 0;
      }
    }
  }
};

template <int Rows, int Columns, int Weights, int Waves, int Ahead, class T, gemm_scaling Scaling = gemm_scaling::whole,
          bool Segments = false>
HIPINFER_DEVICE void gemm_narrow(const gemm_params& p) {
  constexpr int tiles_m = Rows / tile::size;
  using block = narrow<tiles_m, Weights, Waves, Ahead, T, Scaling>;
  static_assert(Rows % tile::size == 0 && Columns == block::columns, "tile_m and tile_n of this kernel's row");
  using number = typename block::number;
  constexpr int threads = Waves * wave_size;
  __shared__ typename block::lds lds;
  const int wave = thread_id() / wave_size;
  const int64_t tiles = (p.n + block::columns - 1) / block::columns;
  const int64_t products = Segments ? segment_slots<Rows>(p) : p.batches;
  for (int64_t t = block_id(); t < tiles * products; t += block_count<threads>()) {
    gemm_matrices matrices;
    if constexpr (Segments) {
      if (!segment_at<Rows>(p, t / tiles, matrices)) continue;
    } else {
      matrices = matrices_of(p, t / tiles);
    }
    const int64_t first = t % tiles * block::columns;
    block product(p, matrices, first);
    int64_t k = wave * block::chunk;
    constexpr int steps = block::chunk / block::step;
    if constexpr (block::in_blocks) {
      for (; k + block::chunk <= p.k; k += Waves * block::chunk) product.template add_blocks<true, steps>(k);
      const int64_t end = k + block::chunk < p.k ? k + block::chunk : p.k;  // of the last chunk, which one wave has
      for (; k < end; k += gemm_scale_block) product.template add_blocks<false, block::block_steps>(k);
    } else {
      for (; k + block::chunk <= p.k; k += Waves * block::chunk) product.template add<true, steps>(k);
      const int64_t end = k + block::chunk < p.k ? k + block::chunk : p.k;
      for (; k + block::step <= end; k += block::step) product.template add<true, 1>(k);
      if (k < end) product.template add<false, 1>(k);
    }
    // Every thread adds the waves' sums of the same outputs, of one weight after the other.
    constexpr int outputs = tiles_m * tile::size * block::columns, each = (outputs + threads - 1) / threads;
    number totals[Weights][each] = {};
#pragma unroll
    for (int n = 0; n < Weights; ++n) {
#pragma unroll
      for (int m = 0; m < tiles_m; ++m) {
        number* sums = lds.sums[wave][m];
        tile::for_each(product.sum[m][n],
                       [&](int row, int column, number& value) { sums[row * block::pitch + column] = value; });
      }
      block_barrier();  // the sums of all waves are there
#pragma unroll
      for (int i = 0; i < each; ++i) {
        const int at = thread_id() + i * threads, row = at / block::columns, column = at % block::columns;
        if (at >= outputs) continue;
#pragma unroll
        for (int w = 0; w < Waves; ++w) {
          totals[n][i] += lds.sums[w][row / tile::size][row % tile::size * block::pitch + column];
        }
      }
      block_barrier();  // and have been read
    }
#pragma unroll
    for (int i = 0; i < each; ++i) {
      const int at = thread_id() + i * threads, row = at / block::columns, column = at % block::columns;
      float sum;
      if constexpr (block::in_blocks)
        sum = totals[0][i];
      else
        sum = tile::value_of<T>(totals[0][i]);
      if constexpr (Weights == 2) sum = silu(sum) * totals[1][i];
      // A segment may have rows past this tile's.
      if (at < outputs && row < matrices.rows && first + column < p.n) finish<T>(p, matrices, row, first + column, sum);
    }
  }
}

}  // namespace hipinfer
