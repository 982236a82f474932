// SPDX-License-Identifier: Apache-2.0
// gemm by matrix instructions whose operands come straight from memory to registers: for few rows of input, where the weight is read once
// and bounds the time, and for more where tiles are few. The waves of a block share out k for the same tile, then their sums are added,
// in order. Where scales are of blocks of k, a wave multiplies the sums of whole blocks first.
#include "device/tile/copy.h"
#include "device/tile/direct.h"
#include "ops/gemm/finish.h"
#include "ops/gemm/params.h"
#include "ops/gemm/tiles.h"

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

// A block's tile in units of 16: rows, and columns of each of the weights. Ahead: steps of k that are under way at once in a wave.
template <int TilesM, int TilesN, int Weights, int Waves, int Ahead, class T, gemm_scaling Scaling>
struct narrow {
  static constexpr int columns = TilesN * tile::size, pitch = tile::size + 1;
  static constexpr int across = TilesN * Weights;  // the columns of the first weight, then those of the second
  static constexpr bool in_blocks = Scaling == gemm_scaling::blocks;
  static constexpr int ahead = tile::same_bits<T> ? Ahead : Ahead / 2;  // what is converted leaves registers for fewer
  static constexpr int step = tile::direct_step<T>, block_steps = gemm_scale_block / step;
  static constexpr int chunk = (in_blocks && ahead < block_steps ? block_steps : ahead) * step;  // of a wave at a time
  static_assert(!in_blocks || (gemm_scale_block % step == 0 && across == 1));
  using fragment = tile::direct_fragment<T>;
  using number = typename waves_sum<T, Scaling>::type;
  struct lds {
    number sums[Waves][TilesM][tile::size * pitch];
  };

  const gemm_params& p;
  const gemm_matrices& matrices;
  int64_t first_column;
  const T* a[TilesM][fragment::reads];  // where this lane reads, at k = 0
  const T* b[across][fragment::reads];
  tile::sums<number> sum[TilesM][across] = {};

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
    for (int n = 0; n < across; ++n)
      rows_of(weight_row<T>(p, matrices, n / TilesN, 0), n < TilesN ? p.weight_stride : p.up_stride,
              first_column + n % TilesN * tile::size, p.n, b[n]);
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
  HIPINFER_DEVICE void read_steps(fragment (&left)[Steps][TilesM], fragment (&right)[Steps][across], int64_t k) const {
#pragma unroll
    for (int s = 0; s < Steps; ++s) {
#pragma unroll
      for (int n = 0; n < across; ++n) read<Whole>(right[s][n], b[n], k + s * step, p.k);
    }
#pragma unroll
    for (int s = 0; s < Steps; ++s) {
#pragma unroll
      for (int m = 0; m < TilesM; ++m) read<Whole>(left[s][m], a[m], k + s * step, p.k);
    }
  }

  template <bool Whole, int Steps>
  HIPINFER_DEVICE void add(int64_t k) {
    fragment left[Steps][TilesM], right[Steps][across];
    read_steps<Whole>(left, right, k);
#pragma unroll
    for (int s = 0; s < Steps; ++s) {
#pragma unroll
      for (int m = 0; m < TilesM; ++m) {
#pragma unroll
        for (int n = 0; n < across; ++n) tile::multiply_accumulate(sum[m][n], left[s][m], right[s][n]);
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
      fragment left[together][TilesM], right[together][across];
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

// The part of a product from a row on.
HIPINFER_DEVICE gemm_matrices rows_from(const gemm_params& p, gemm_matrices of, int64_t row) {
  of.rows -= row;
  of.input += row * p.input_stride;
  of.residual += row * p.residual_stride;
  of.output += row * p.output_stride;
  of.input_scale += row * p.input_scale_stride[1];
  return of;
}

// The rows of a call: no more than a tile's, any number, or those of gemm_grouped.
enum class narrow_rows { few, many, segments };

template <int Rows, int Columns, int Weights, int Waves, int Ahead, class T, gemm_scaling Scaling = gemm_scaling::whole,
          narrow_rows Kind = narrow_rows::few>
HIPINFER_DEVICE void gemm_narrow(const gemm_params& p) {
  constexpr int tiles_m = Rows / tile::size, tiles_n = Columns / Weights / tile::size;
  static_assert(Rows % tile::size == 0 && Columns % (Weights * tile::size) == 0);
  using block = narrow<tiles_m, tiles_n, Weights, Waves, Ahead, T, Scaling>;
  using number = typename block::number;
  constexpr int threads = Waves * wave_size;
  __shared__ typename block::lds lds;
  const int wave = thread_id() / wave_size;
  const int64_t across = (p.n + block::columns - 1) / block::columns;
  const tile_list<Rows, block::columns, false> tiles(p);
  const int64_t count = Kind == narrow_rows::many       ? tiles.count(p)
                        : Kind == narrow_rows::segments ? across * segment_slots<Rows>(p)
                                                        : across * p.batches;
  for (int64_t t = block_id(); t < count; t += block_count<threads>()) {
    gemm_matrices matrices;
    int64_t first = t % across * block::columns;
    if constexpr (Kind == narrow_rows::many) {
      tile_position at;
      tiles.at(p, on_own_die(t, count), matrices, at);
      matrices = rows_from(p, matrices, at.row);
      first = at.column;
    } else if constexpr (Kind == narrow_rows::segments) {
      if (!segment_at<Rows>(p, t / across, matrices)) continue;
    } else {
      matrices = matrices_of(p, t / across);
    }
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
    // Every thread adds the waves' sums of the same outputs: of 16 columns after the other, of one weight after the other.
    constexpr int outputs = Rows * tile::size, each = (outputs + threads - 1) / threads;
#pragma unroll 1
    for (int c = 0; c < tiles_n; ++c) {
      number totals[Weights][each] = {};
#pragma unroll
      for (int w = 0; w < Weights; ++w) {
#pragma unroll
        for (int held = 0; held < tiles_n; ++held) {
          if (c != held) continue;
#pragma unroll
          for (int m = 0; m < tiles_m; ++m) {
            number* sums = lds.sums[wave][m];
            tile::for_each(product.sum[m][w * tiles_n + held],
                           [&](int row, int column, number& value) { sums[row * block::pitch + column] = value; });
          }
        }
        block_barrier();  // the sums of all waves are there
#pragma unroll
        for (int i = 0; i < each; ++i) {
          const int at = thread_id() + i * threads, row = at / tile::size, column = at % tile::size;
          if (at >= outputs) continue;
#pragma unroll
          for (int v = 0; v < Waves; ++v) {
            totals[w][i] += lds.sums[v][row / tile::size][row % tile::size * block::pitch + column];
          }
        }
        block_barrier();  // and have been read
      }
#pragma unroll
      for (int i = 0; i < each; ++i) {
        const int at = thread_id() + i * threads, row = at / tile::size;
        const int64_t column = first + c * tile::size + at % tile::size;
        float sum;
        if constexpr (block::in_blocks)
          sum = totals[0][i];
        else
          sum = tile::value_of<T>(totals[0][i]);
        if constexpr (Weights == 2) sum = silu(sum) * totals[1][i];
        // A product may have rows past this tile's.
        if (at < outputs && row < matrices.rows && column < p.n) finish<T>(p, matrices, row, column, sum);
      }
    }
  }
}

}  // namespace hipinfer
