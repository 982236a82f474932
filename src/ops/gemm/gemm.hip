// SPDX-License-Identifier: Apache-2.0
// gemm without matrix instructions. gemv: a wave sums a few output columns for at most 8 rows, bound by the
// read of the weight. simt: 64 x 64 tiles from LDS, for every dtype and alignment.
#include "device/reduce.h"
#include "device/vec.h"
#include "ops/gemm/finish.h"
#include "ops/gemm/params.h"
#include "ops/gemm/tiles.h"

namespace hipinfer {

constexpr int threads = 256;

// ---- gemv ----

constexpr int gemv_rows = 4;  // at once; of 16-bit rows that are aligned, other kernels take two and more
constexpr int gemv_waves = threads / wave_size;
constexpr int gemv_columns = 2;  // a wave's

// Lanes stride over k, Width elements a step; each sum then goes through the same butterfly. The order of an
// element's sum is the same for every Rows.
template <int Weights, class T, int Rows, int Width>
HIPINFER_DEVICE void gemv_block(const gemm_params& p, int first_row) {
  const int lane = lane_id();
  const int64_t wave = block_id() * gemv_waves + thread_id() / wave_size;
  const int64_t body = p.k / Width * Width;
  constexpr int outputs = gemv_columns / Weights;  // with two weights, a column of each
  const int64_t groups = (p.n + outputs - 1) / outputs;
  for (int64_t g = wave; g < groups * p.batches; g += block_count<threads>() * gemv_waves) {
    const gemm_matrices matrices = matrices_of(p, g / groups);
    const int64_t first = g % groups * outputs;
    const T* x[Rows];
#pragma unroll
    for (int r = 0; r < Rows; ++r) {
      // Past the last row the first is read, and nothing is stored.
      const int row = first_row + r < p.m ? first_row + r : first_row;
      x[r] = static_cast<const T*>(p.input) + matrices.input + row * p.input_stride;
    }
    const T* w[gemv_columns];
#pragma unroll
    for (int c = 0; c < gemv_columns; ++c) {
      w[c] = weight_row<T>(p, matrices, c % Weights, first + c / Weights < p.n ? first + c / Weights : first);
    }
    float sum[Rows][gemv_columns] = {};
    // Four steps' reads are under way at once where registers allow.
#pragma unroll Rows == 1 ? 4 : 1
    for (int64_t k = lane * Width; k < body; k += wave_size * Width) {
      float wf[gemv_columns][Width];
#pragma unroll
      for (int c = 0; c < gemv_columns; ++c) load_floats<Width>(w[c] + k, wf[c]);
#pragma unroll
      for (int r = 0; r < Rows; ++r) {
        float xf[Width];
        load_floats<Width>(x[r] + k, xf);
#pragma unroll
        for (int c = 0; c < gemv_columns; ++c) {
#pragma unroll
          for (int i = 0; i < Width; ++i) sum[r][c] = fma(xf[i], wf[c][i], sum[r][c]);
        }
      }
    }
    for (int64_t k = body + lane; k < p.k; k += wave_size) {
#pragma unroll
      for (int r = 0; r < Rows; ++r) {
#pragma unroll
        for (int c = 0; c < gemv_columns; ++c) sum[r][c] = fma(to_float(x[r][k]), to_float(w[c][k]), sum[r][c]);
      }
    }
    // A lane keeps one sum.
    float mine = 0;
#pragma unroll
    for (int r = 0; r < Rows; ++r) {
#pragma unroll
      for (int c = 0; c < gemv_columns; ++c) {
        const float total = wave_reduce<wave_size>(sum[r][c], add{});
        if (lane == r * gemv_columns + c) mine = total;
      }
    }
    const int row = first_row + lane / gemv_columns, column = lane % gemv_columns / Weights;
    if constexpr (Weights == 2) mine = silu(mine) * lane_xor<1>(mine);  // of the lanes with gates
    if (lane % Weights == 0 && lane < Rows * gemv_columns && row < p.m && first + column < p.n)
      finish<T>(p, matrices, row, first + column, mine);
  }
}

template <int Weights, class T, int Width>
HIPINFER_DEVICE void gemv_any_rows(const gemm_params& p) {
  if (p.m == 1) {
    gemv_block<Weights, T, 1, Width>(p, 0);
  } else {
    for (int row = 0; row < p.m; row += gemv_rows) gemv_block<Weights, T, gemv_rows, Width>(p, row);
  }
}

// Of any number of rows; from `Rows` on other kernels are faster.
template <int Threads, int Rows, int Columns, int Weights, class T>
HIPINFER_DEVICE void gemv(const gemm_params& p) {
  static_assert(Threads == threads);
  static_assert(Rows % gemv_rows == 0 && Columns == gemv_columns * (threads / 64),
                "tile_m and tile_n of this kernel's row; blocks of narrower waves have more columns");
  static_assert(gemv_rows * gemv_columns <= wave_size, "a lane stores one sum");
  if (p.vector)
    gemv_any_rows<Weights, T, vector_width<T>>(p);
  else
    gemv_any_rows<Weights, T, 1>(p);
}

// ---- simt ----

constexpr int simt_tile = 64;
constexpr int simt_k = 16;
constexpr int simt_each = 4;               // a thread's sums are 4 x 4
constexpr int simt_pitch = simt_tile + 4;  // keeps rows at 16 bytes, and off each other's banks

// A tile's operands, k-major, so that a thread reads its 4 rows of one k in one access.
struct alignas(16) simt_stage {
  float input[simt_k][simt_pitch];
  float weight[simt_k][simt_pitch];
};

// Four elements of a row from k on; zero past its end. Where reads are of vectors, the stride is 1.
template <class T>
HIPINFER_DEVICE void load_four(const gemm_params& p, const T* row, int64_t k, int64_t stride, float (&out)[simt_each]) {
  if (p.vector && k + simt_each <= p.k) {
    load_floats<simt_each>(row + k, out);
  } else {
#pragma unroll
    for (int i = 0; i < simt_each; ++i) out[i] = k + i < p.k ? to_float(row[(k + i) * stride]) : 0.0f;
  }
}

template <int Weights, class T, bool Segments>
HIPINFER_DEVICE void simt_at(const gemm_params& p, const gemm_matrices& matrices, tile_position at, simt_stage& stage) {
  // Loads: thread t takes 4 elements of k of row t / 4. Sums: 4 rows from `down` on, 4 columns from `across`
  // on.
  const int row = thread_id() / (simt_k / simt_each), k_inside = thread_id() % (simt_k / simt_each) * simt_each;
  const int down = thread_id() / (simt_tile / simt_each) * simt_each;
  const int across = thread_id() % (simt_tile / simt_each) * simt_each;
  // Rows past the end read the last one; their sums are not stored.
  const int64_t input_row = at.row + row < matrices.rows ? at.row + row : matrices.rows - 1;
  const int64_t column = at.column + row / Weights < p.n ? at.column + row / Weights : p.n - 1;
  const T* x = static_cast<const T*>(p.input) + matrices.input + input_row * p.input_stride;
  const T* w = weight_row<T>(p, matrices, row % Weights, column);
  float sum[simt_each][simt_each] = {};
  const auto add = [&](int64_t first, int64_t end) {
    for (int64_t k = first; k < end; k += simt_k) {
      float xf[simt_each], wf[simt_each];
      load_four(p, x, k + k_inside, 1, xf);
      load_four(p, w, k + k_inside, Segments ? p.weight_k_stride : 1, wf);
      block_barrier();  // the step before, or the tile before, has been read
#pragma unroll
      for (int i = 0; i < simt_each; ++i) {
        stage.input[k_inside + i][row] = xf[i];
        stage.weight[k_inside + i][row] = wf[i];
      }
      block_barrier();  // this step is there
#pragma unroll
      for (int i = 0; i < simt_k; ++i) {
        float a[simt_each], b[simt_each];
        load_floats<simt_each>(&stage.input[i][down], a);
        load_floats<simt_each>(&stage.weight[i][across], b);
#pragma unroll
        for (int r = 0; r < simt_each; ++r) {
#pragma unroll
          for (int c = 0; c < simt_each; ++c) sum[r][c] = fma(a[r], b[c], sum[r][c]);
        }
      }
    }
  };
  if constexpr (!quantised<T>) {
    add(0, p.k);
  } else {
    // Of a block of k sums of i8 are exact in fp32, and those of all are in double.
    double total[simt_each][simt_each] = {};
    for (int64_t k = 0; k < p.k; k += gemm_scale_block) {
      add(k, k + gemm_scale_block < p.k ? k + gemm_scale_block : p.k);
#pragma unroll
      for (int r = 0; r < simt_each; ++r) {
#pragma unroll
        for (int c = 0; c < simt_each; ++c) {
          const int64_t m = at.row + down + r, n = at.column + across + c;
          float scale = 1;
          if (p.scaling == gemm_scaling::blocks && m < matrices.rows && n < p.n)
            scale =
                input_scale(p, matrices, m, k / gemm_scale_block) * weight_scale(p, matrices, n, k / gemm_scale_block);
          total[r][c] = fma(static_cast<double>(sum[r][c]), static_cast<double>(scale), total[r][c]);
          sum[r][c] = 0;
        }
      }
    }
#pragma unroll
    for (int r = 0; r < simt_each; ++r) {
#pragma unroll
      for (int c = 0; c < simt_each; ++c) sum[r][c] = static_cast<float>(total[r][c]);
    }
  }
  // One at a time, for what is done to a sum is long code. With two weights, neighbours are a gate and what it gates.
  constexpr int outputs = simt_each / Weights;
#pragma unroll 1
  for (int e = 0; e < simt_each * outputs; ++e) {
    float value = 0;
#pragma unroll
    for (int held = 0; held < simt_each * outputs; ++held) {
      const float (&of)[simt_each] = sum[held / outputs];
      const int c = held % outputs * Weights;
      if (e == held) value = Weights == 2 ? silu(of[c]) * of[c + Weights - 1] : of[c];
    }
    const int64_t m = at.row + down + e / outputs, n = at.column + across / Weights + e % outputs;
    if (m < matrices.rows && n < p.n) finish<T>(p, matrices, m, n, value);
  }
}

template <int Threads, int Rows, int Columns, int Weights, class T, bool Segments = false>
HIPINFER_DEVICE void simt(const gemm_params& p) {
  static_assert(Threads == threads);
  static_assert(Rows == simt_tile && Columns == simt_tile, "tile_m and tile_n of this kernel's row");
  static_assert(simt_tile * simt_k == threads * simt_each && simt_tile * simt_tile == threads * simt_each * simt_each);
  __shared__ simt_stage stage;
  const tile_list<simt_tile, simt_tile / Weights, Segments> tiles(p);
  for (int64_t t = block_id(); t < tiles.count(p); t += block_count<threads>()) {
    gemm_matrices matrices;
    tile_position at;
    if (tiles.at(p, t, matrices, at)) simt_at<Weights, T, Segments>(p, matrices, at, stage);
  }
}

}  // namespace hipinfer
