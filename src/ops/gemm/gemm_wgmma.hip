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

// The scales of a slice: of the input's rows, and of the 64 columns of each warpgroup. They come so many slices ahead that they are in
// LDS when their slice is.
template <class Tiling>
struct slice_scales {
  static constexpr int ahead = Tiling::slots - Tiling::busy + 1;
  float of_row[Tiling::rows], of_columns[Tiling::threads / 128];
};

template <class Tiling>
struct wgmma_lds {
  union {
    typename Tiling::lds operands;
    output_rows<Tiling> sums;
  };
  slice_scales<Tiling>
      scales[slice_scales<Tiling>::ahead + 2];  // those that come, that of this slice, and that of the one before
};

template <bool First, class A, class B>
struct one_of {
  using type = A;
};
template <class A, class B>
struct one_of<false, A, B> {
  using type = B;
};

// Sums over slices, and what is made of them, of 64 columns a warpgroup.
template <class Tiling, class T, gemm_scaling Scaling>
class warpgroup_product {
 public:
  // Sums of fp8 keep 13 bits, and those of blocks of k have scales: a slice's are added to the others in fp32. Meanwhile the next
  // slice is multiplied, where there are registers for both: else the other warpgroup's.
  using multiplied = typename tile::multiplied<T>::type;
  static constexpr bool by_slice = tile::detail::is_same<multiplied, e4m3fn> || Scaling == gemm_scaling::blocks;
  using slice_sum = tile::detail::sum_type<multiplied>;
  using sum = typename one_of<by_slice, float, slice_sum>::type;

  static constexpr int rows = Tiling::rows, elements = rows / 2;
  static constexpr bool both = Scaling == gemm_scaling::whole || rows <= 64;
  static_assert(Tiling::columns * Tiling::weights == Tiling::threads / 2 && Tiling::row_bytes == 128);
  static_assert(sizeof(typename Tiling::slot) % 1024 == 0);

  // The first of the columns that this thread's warpgroup has.
  HIPINFER_DEVICE static int first_column() { return thread_id() / 128 * 64; }

  // Begins the products of a slice, of which every other one has Parity 1, and waits for those of the one before. finish(age, part,
  // sums) adds what waits for it: age 0 is this slice, 1 the one before.
  template <int Parity, bool First, class Finish>
  HIPINFER_DEVICE void add(const typename Tiling::slot& slot, Finish finish) {
    const uint64_t a = tile::detail::wgmma_operand(slot.b[0].at + first_column() * Tiling::row_bytes);
    const uint64_t b = tile::detail::wgmma_operand(slot.a.at);
    tile::detail::wgmma_begin();
#pragma unroll
    for (int s = 0; s < Tiling::row_bytes / tile::wgmma_layout::step_bytes; ++s) {
      const uint64_t left = a + s * tile::detail::wgmma_step, right = b + s * tile::detail::wgmma_step;
      if constexpr (by_slice)
        tile::detail::wgmma<multiplied, rows>(part_[both ? Parity : 0], left, right, s > 0);
      else
        tile::detail::wgmma<multiplied, rows>(sum_, left, right, true);
    }
    tile::detail::wgmma_close();
    if constexpr (by_slice && !both) {
      tile::detail::await_wgmma<0>();
      finish(0, part_[0], sum_);
    } else {
      tile::detail::await_wgmma<1>();
      if constexpr (by_slice && !First) finish(1, part_[1 - Parity], sum_);
    }
  }
  template <int Parity, class Finish>
  HIPINFER_DEVICE void add_last(Finish finish) {
    tile::detail::await_wgmma<0>();
    if constexpr (by_slice && both) finish(1, part_[Parity], sum_);
  }

  HIPINFER_DEVICE void store(float* lds) const {
    const int thread = thread_id() % 128;
#pragma unroll
    for (int e = 0; e < elements; ++e) {
      lds[tile::wgmma_layout::column(thread, e) * output_rows<Tiling>::pitch + first_column() +
          tile::wgmma_layout::row(thread, e)] = bit_cast<float>(sum_[e]);
    }
  }

 private:
  sum sum_[elements] = {};
  slice_sum part_[by_slice && both ? 2 : 1][by_slice ? elements : 1];
};

// Begins to bring the scales of slice n of a block's k, if there is one. Past the end of rows the last one's are read.
template <class Tiling, class T>
HIPINFER_DEVICE void bring_scales(const gemm_params& p, const gemm_matrices& matrices, tile_position at,
                                  int64_t first_k, int64_t k, int n, slice_scales<Tiling>& to) {
  const int64_t inside = int64_t{n} * tile::slice_of<Tiling, T>;
  if (inside >= k) return;
  const int64_t block = (first_k + inside) / gemm_scale_block;
  const auto bring = [](float* to, const float* from) {
    if (from != nullptr)
      copy_float_to_lds(to, from);
    else
      *to = 1;
  };
  const int thread = thread_id();
  if (thread < Tiling::rows) {
    const int64_t row = at.row + thread;
    bring(&to.of_row[thread], input_scale_at(p, matrices, row < matrices.rows ? row : matrices.rows - 1, block));
  }
  if (thread < Tiling::threads / 128) {
    const int64_t column = at.column + thread * 64;
    bring(&to.of_columns[thread], weight_scale_at(p, matrices, column < p.n ? column : p.n - 1, block));
  }
}

// The sums over slices, each times its scales where there are scales of blocks.
template <class Tiling, bool Aligned, class T, gemm_scaling Scaling>
HIPINFER_DEVICE void add_slices(const gemm_params& p, const gemm_matrices& matrices, tile_position at, int64_t first_k,
                                int64_t k, wgmma_lds<Tiling>& lds, warpgroup_product<Tiling, T, Scaling>& product) {
  const tile::operand input{static_cast<const T*>(p.input) + matrices.input + first_k, p.input_stride, at.row,
                            matrices.rows};
  tile::operand weights[Tiling::weights];
  weights[0] = {weight_row<T>(p, matrices, 0, 0) + first_k, p.weight_stride, at.column, p.n};
  if constexpr (Tiling::weights == 2)
    weights[1] = {weight_row<T>(p, matrices, 1, 0) + first_k, p.up_stride, at.column, p.n};
  // Copies that `slices` closes a group of, of the slices up to there; without them groups are closed here.
  constexpr bool by_slices = tile::slices<Tiling, T, Aligned>::async;
  if constexpr (Scaling == gemm_scaling::blocks) {
#pragma unroll
    for (int n = 0; n < slice_scales<Tiling>::ahead; ++n) {
      bring_scales<Tiling, T>(p, matrices, at, first_k, k, n, lds.scales[n]);
      if constexpr (!by_slices) close_copies();
    }
  }
  tile::slices<Tiling, T, Aligned> in(lds.operands, input, weights, k);
  constexpr bool scaled = Scaling == gemm_scaling::blocks;
  using scales_type = slice_scales<Tiling>;
  const auto scales_of = [&](int n) -> scales_type& { return lds.scales[n % (scales_type::ahead + 2)]; };
  int n = 0;
  const auto finish = [&](int age, auto& part, auto& sum) {
    const scales_type& scales = scales_of(n - age);
    const float* of_row = scales.of_row + tile::wgmma_layout::column(thread_id() % 128, 0);
    const float of_columns = scaled ? scales.of_columns[thread_id() / 128] : 1.0f;
#pragma unroll
    for (int e = 0; e < Tiling::rows / 2; ++e) {
      const float value = tile::value_of<T>(part[e]);
      sum[e] = scaled ? fma(value, of_row[tile::wgmma_layout::column(0, e)] * of_columns, sum[e]) : sum[e] + value;
    }
  };
  const auto add = [&]<int Parity, bool First>() {
    if constexpr (scaled && !by_slices) await_copies<scales_type::ahead - 1>();
    const typename Tiling::slot& slot = in.next();
    if constexpr (scaled) {
      bring_scales<Tiling, T>(p, matrices, at, first_k, k, n + scales_type::ahead, scales_of(n + scales_type::ahead));
      if constexpr (!by_slices) close_copies();
    }
    product.template add<Parity, First>(slot, finish);
    ++n;
  };
  if (k == 0) return;
  add.template operator()<0, true>();
  while (true) {
    if (!in.more()) return product.template add_last<0>(finish);
    add.template operator()<1, false>();
    if (!in.more()) return product.template add_last<1>(finish);
    add.template operator()<0, false>();
  }
}

template <class Tiling, int Kib, bool Aligned, class T, gemm_scaling Scaling = gemm_scaling::whole,
          bool Segments = false>
HIPINFER_DEVICE void gemm_wgmma(const gemm_params& p) {
  wgmma_lds<Tiling>& lds = tile::launched_lds<wgmma_lds<Tiling>, Kib>();
  using product_type = warpgroup_product<Tiling, T, Scaling>;
  using sum_type = typename product_type::sum;
  constexpr int width = 8, vectors = Tiling::columns / width, slice = tile::slice_of<Tiling, T>;
  const tile_list<Tiling::rows, Tiling::columns, Segments> tiles(p);
  const int64_t count = tiles.count(p);
  const int splits = cluster_blocks(), rank = cluster_rank();
  const int64_t slices = (p.k + slice - 1) / slice;
  const int64_t first_k = slices * rank / splits * slice, end_k = slices * (rank + 1) / splits * slice;
  const int64_t k = (end_k < p.k ? end_k : p.k) - first_k;
  for (int64_t t = block_id() / splits; t < count; t += block_count<Tiling::threads>() / splits) {
    gemm_matrices matrices;
    tile_position at;
    if (!tiles.at(p, t, matrices, at)) continue;
    product_type product;
    add_slices<Tiling, Aligned, T, Scaling>(p, matrices, at, first_k, k, lds, product);
    lds_barrier();  // the last slice has been read by all
    product.store(lds.sums.at);
    const int rows = static_cast<int>(matrices.rows - at.row < Tiling::rows ? matrices.rows - at.row : Tiling::rows);
    const int begin = rows * rank / splits, end = rows * (rank + 1) / splits;  // those that this block finishes
    if (splits == 1)
      lds_barrier();
    else
      cluster_barrier();
    for (int v = thread_id(); v < (end - begin) * vectors; v += Tiling::threads) {
      const int row = begin + v / vectors, column = v % vectors * width;
      float* sums = lds.sums.at + row * output_rows<Tiling>::pitch + column;
      float values[Tiling::weights][width];
#pragma unroll
      for (int w = 0; w < Tiling::weights; ++w) {
        sum_type total[width] = {};
        for (int r = 0; r < splits; ++r) {
          float more[width];
          if (splits == 1)
            load_floats<width>(sums + w * Tiling::columns, more);
          else
            load_from_cluster(sums + w * Tiling::columns, r, more);
#pragma unroll
          for (int i = 0; i < width; ++i) total[i] += bit_cast<sum_type>(more[i]);
        }
#pragma unroll
        for (int i = 0; i < width; ++i)
          values[w][i] = product_type::by_slice ? static_cast<float>(total[i]) : tile::value_of<T>(total[i]);
      }
      if constexpr (Tiling::weights == 2) {
#pragma unroll
        for (int i = 0; i < width; ++i) values[0][i] = silu(values[0][i]) * values[1][i];
      }
      if constexpr (quantised<T> && Scaling == gemm_scaling::whole) {
        const float of_row = input_scale(p, matrices, at.row + row, 0);
#pragma unroll
        for (int i = 0; i < width; ++i) {
          const int64_t n = at.column + column + i;
          values[0][i] *= of_row * weight_scale(p, matrices, n < p.n ? n : p.n - 1, 0);
        }
      }
      store_floats<width>(sums, values[0]);
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
