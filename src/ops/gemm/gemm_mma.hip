// SPDX-License-Identifier: Apache-2.0
// gemm by matrix instructions. A block sums a tile of the output, slice by slice of k; its waves share the tile out among
// themselves. The sums then go through LDS, so that bias, residual and output are read and written 16 bytes a lane. Where scales are of
// blocks of k, the sums of each are multiplied, and added in fp32.
#include "device/tile/copy.h"
#include "device/tile/fragment.h"
#include "ops/gemm/finish.h"
#include "ops/gemm/params.h"
#include "ops/gemm/tiles.h"

namespace hipinfer {

// A wave's part of a block's tile; T is what is multiplied.
template <class Tiling, class T>
struct wave_product {
  static constexpr int m = Tiling::wave_rows / tile::size, columns = Tiling::wave_columns / tile::size;
  static constexpr int n = columns * Tiling::weights;  // those of the first weight, then those of the second
  static constexpr int steps = Tiling::row_bytes / tile::step_bytes;
  static_assert(m >= 1 && n >= 1 && steps >= 1);

  tile::lds_reader<Tiling::row_bytes> a_at, b_at;
  tile::accumulator_of<T> sum[m][n] = {};

  // Of the tile, the part of the wave that a thread is in begins here.
  HIPINFER_DEVICE static int first_row(int thread) { return thread / wave_size / Tiling::waves_n * Tiling::wave_rows; }
  HIPINFER_DEVICE static int first_column(int thread) {
    return thread / wave_size % Tiling::waves_n * Tiling::wave_columns;
  }

  HIPINFER_DEVICE wave_product()
      : a_at(tile::lds_reader<Tiling::row_bytes>::of_a(first_row(thread_id()))),
        b_at(tile::lds_reader<Tiling::row_bytes>::of_b(first_column(thread_id()))) {}

  // Rows of fragments one after another. Each is read from LDS while the ones before it are multiplied, and so are the columns'
  // fragments of the next step: compilers, left alone, read what they multiply next.
  HIPINFER_DEVICE void add(const typename Tiling::slot& slot) {
    // The columns' fragments of the next step have registers of their own, but where compilers then spill: with 128 rows a wave, and
    // on gfx11, which holds operands twice.
    constexpr int sets = m > 4 || tile::layout::operand_words > 4 ? 1 : 2;
    constexpr int ahead = 1, groups = steps * m;
    tile::fragment_a<T> a[ahead + 1];
    tile::fragment_b<T> b[sets][n];
    const auto read_a = [&](int q) { a_at.read(a[q % (ahead + 1)].words, slot.a.at, q / m, q % m * tile::size); };
    const auto read_b = [&](int s, int j) {
      b_at.read(b[s % sets][j].words, slot.b[j / columns].at, s, j % columns * tile::size);
    };
#pragma unroll
    for (int j = 0; j < n; ++j) read_b(0, j);
#pragma unroll
    for (int q = 0; q < ahead && q < groups; ++q) read_a(q);
#pragma unroll
    for (int q = 0; q < groups; ++q) {
      const int s = q / m, i = q % m;
      if (q + ahead < groups) read_a(q + ahead);
      if (sets == 1 && s > 0 && i == 0) {
#pragma unroll
        for (int j = 0; j < n; ++j) read_b(s, j);
      }
      if (sets == 2 && s + 1 < steps) {
#pragma unroll
        for (int j = 0; j < n; ++j) {
          if (j * m / n == i) read_b(s + 1, j);
        }
      }
#pragma unroll
      for (int part = 0; part < tile::parts<T>; ++part) {
#pragma unroll
        for (int j = 0; j < n; ++j) tile::multiply_part(sum[i][j], a[q % (ahead + 1)], b[s % sets][j], part);
      }
      keep_order();
    }
  }
};

// The sums of blocks of k, each multiplied by its scales. These are read before the block is multiplied: no branch, of a scale that
// was left out, may stand between a matrix instruction and what takes its result (LLVM 22 forgets to wait there).
template <class Tiling, class T>
struct scaled_product {
  using part = wave_product<Tiling, typename tile::multiplied<T>::type>;
  static constexpr int slice = tile::slice_of<Tiling, T>;
  static_assert(gemm_scale_block % slice == 0 && Tiling::weights == 1);

  tile::accumulator sum[part::m][part::n] = {};
  float rows[part::m][tile::layout::lane_rows], columns[part::n];  // past the end, the last one's

  HIPINFER_DEVICE void read_scales(const gemm_params& p, const gemm_matrices& matrices, tile_position at,
                                   int64_t block) {
    const int lane = lane_id();
    const int64_t first_row = at.row + part::first_row(thread_id());
    const int64_t first_column = at.column + part::first_column(thread_id());
#pragma unroll
    for (int j = 0; j < part::n; ++j) {
      const int64_t column = first_column + j * tile::size;  // 16 columns have one scale
      columns[j] = weight_scale(p, matrices, column < p.n ? column : p.n - 1, block);
    }
#pragma unroll
    for (int i = 0; i < part::m; ++i) {
#pragma unroll
      for (int slot = 0; slot < tile::layout::lane_rows; ++slot) {
        const int64_t row = first_row + i * tile::size + tile::layout::row_of_slot(lane, slot);
        rows[i][slot] = input_scale(p, matrices, row < matrices.rows ? row : matrices.rows - 1, block);
      }
    }
  }
  // The sums of a block, which begin again at 0.
  HIPINFER_DEVICE void add(part& of) {
#pragma unroll
    for (int i = 0; i < part::m; ++i) {
#pragma unroll
      for (int j = 0; j < part::n; ++j) {
#pragma unroll
        for (int e = 0; e < tile::layout::accumulator_elements; ++e) {
          const float scale = rows[i][tile::layout::slot(e)] * columns[j];
          sum[i][j].at[e] = fma(tile::value_of<T>(of.sum[i][j].at[e]), scale, sum[i][j].at[e]);
          of.sum[i][j].at[e] = 0;
        }
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

// silu(gate) * up, in place of the gate.
HIPINFER_DEVICE void gate_by(tile::accumulator& gate, const tile::accumulator& up) {
#pragma unroll
  for (int e = 0; e < tile::layout::accumulator_elements; ++e) gate.at[e] = silu(gate.at[e]) * up.at[e];
}

// Sums side by side in LDS, times the scales of their columns and of their row.
template <int Width>
HIPINFER_DEVICE void multiply_row(float* sums, const float (&columns)[Width], float row) {
  float all[Width];
  load_floats<Width>(sums, all);
#pragma unroll
  for (int i = 0; i < Width; ++i) all[i] *= row * columns[i];
  store_floats<Width>(sums, all);
}

// `value_of(sum)` is what a sum stands for, but for scales of whole sums.
template <class Tiling, class T, gemm_scaling Scaling, class Sums, class Value>
HIPINFER_DEVICE void store_product(const gemm_params& p, const gemm_matrices& matrices, tile_position at, Sums& sums_of,
                                   Value value_of, block_lds<Tiling>& all_lds) {
  constexpr bool scaled = quantised<T> && Scaling == gemm_scaling::whole;
  using product = wave_product<Tiling, typename tile::multiplied<T>::type>;
  constexpr int width = 8, lanes_a_row = Tiling::wave_columns / width;
  constexpr int rows_a_pass = wave_size / lanes_a_row < tile::size ? wave_size / lanes_a_row : tile::size;
  static_assert(lanes_a_row <= wave_size && tile::size % rows_a_pass == 0);
  const int thread = found_here(thread_id()), lane = thread % wave_size;
  strip<Tiling>& lds = all_lds.strips[thread / wave_size];
  const int row = lane / lanes_a_row, column = lane % lanes_a_row * width;
  const int64_t first_row = at.row + product::first_row(thread);
  const int64_t n = at.column + product::first_column(thread) + column;
  const bool plain = p.vector_out && p.activation == gemm_function::none && at.column + Tiling::columns <= p.n;
  float scales[width];  // of this thread's columns
  if constexpr (scaled) {
#pragma unroll
    for (int i = 0; i < width; ++i) scales[i] = weight_scale(p, matrices, n + i < p.n ? n + i : p.n - 1, 0);
  }
  // What is done to sums is long code, of which there is one copy; only the sums' registers differ from strip to strip.
#pragma unroll 1
  for (int i = 0; i < product::m; ++i) {
    wave_barrier();  // the strip before has been read
#pragma unroll
    for (int held = 0; held < product::m; ++held) {
      if (i != held) continue;
#pragma unroll
      for (int j = 0; j < product::columns; ++j) {
        auto& sum = sums_of[held][j];
        if constexpr (Tiling::weights == 2) gate_by(sum, sums_of[held][j + product::columns]);
        tile::for_each(lane, sum, [&](int r, int c, auto& value) {
          lds.at[r * strip<Tiling>::pitch + j * tile::size + c] = value_of(value);
        });
      }
    }
    wave_barrier();  // this one is there
    float* sums = lds.at + row * strip<Tiling>::pitch + column;
    const int64_t first = first_row + i * tile::size + row;
    if constexpr (scaled) {
#pragma unroll
      for (int r = 0; r < tile::size; r += rows_a_pass) {
        if (row < rows_a_pass && first + r < matrices.rows)
          multiply_row(sums + r * strip<Tiling>::pitch, scales, input_scale(p, matrices, first + r, 0));
      }
    }
    if (plain) {
#pragma unroll
      for (int r = 0; r < tile::size; r += rows_a_pass) {
        if (row < rows_a_pass && first + r < matrices.rows)
          finish_whole<T, width>(p, matrices, first + r, n, sums + r * strip<Tiling>::pitch);
      }
    } else {
#pragma unroll 1
      for (int r = 0; r < tile::size; r += rows_a_pass) {
        if (row < rows_a_pass && first + r < matrices.rows && n < p.n) {
          finish_row<T, width>(p, matrices, first + r, n, sums + r * strip<Tiling>::pitch);
        }
      }
    }
  }
}

template <class Tiling, int Kib, bool Aligned, class T, gemm_scaling Scaling = gemm_scaling::whole,
          bool Segments = false>
HIPINFER_DEVICE void gemm_mma(const gemm_params& p) {
  block_lds<Tiling>& lds = tile::launched_lds<block_lds<Tiling>, Kib>();
  const tile_list<Tiling::rows, Tiling::columns, Segments> tiles(p);
  const int64_t count = tiles.count(p);
  for (int64_t t = block_id(); t < count; t += block_count<Tiling::threads>()) {
    gemm_matrices matrices;
    tile_position at;
    if (!tiles.at(p, on_own_die(t, count), matrices, at)) continue;
    wave_product<Tiling, typename tile::multiplied<T>::type> product;
    const tile::operand input{static_cast<const T*>(p.input) + matrices.input, p.input_stride, at.row, matrices.rows};
    tile::operand weights[Tiling::weights];
    weights[0] = {weight_row<T>(p, matrices, 0, 0), p.weight_stride, at.column, p.n};
    if constexpr (Tiling::weights == 2) weights[1] = {weight_row<T>(p, matrices, 1, 0), p.up_stride, at.column, p.n};
    tile::slices<Tiling, T, Aligned> in(lds.operands, input, weights, p.k);
    if constexpr (Scaling == gemm_scaling::whole) {
      while (in.more()) product.add(in.next());
      lds_barrier();  // the last slice has been read by all: LDS holds strips now
      store_product<Tiling, T, Scaling>(
          p, matrices, at, product.sum, [](auto sum) { return tile::value_of<T>(sum); }, lds);
    } else {
      scaled_product<Tiling, T> scaled;
      for (int64_t block = 0; in.more(); ++block) {
        scaled.read_scales(p, matrices, at, block);
#pragma unroll
        for (int k = 0; k < gemm_scale_block && in.more(); k += scaled.slice) product.add(in.next());
        scaled.add(product);
      }
      lds_barrier();  // as above
      store_product<Tiling, T, Scaling>(p, matrices, at, scaled.sum, [](float sum) { return sum; }, lds);
    }
    lds_barrier();  // the strips have been read
  }
}

}  // namespace hipinfer
