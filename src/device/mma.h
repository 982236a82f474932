// SPDX-License-Identifier: Apache-2.0
// Matrix tiles: 16 x 16 sums in fp32 of f16 or bf16 products, by the matrix instructions of the target (MFMA,
// WMMA, mma.sync). Every function is for a whole wave: all of its lanes call it, in uniform control flow.
//
//   mma::accumulator sum{};
//   mma::fragment_a<T> a; mma::fragment_b<T> b;
//   for (int i = 0; i < depth; i += mma::k) {
//     mma::load_a(a, x + i, x_stride);  // rows 0 to 15 of x, k from i on
//     mma::load_b(b, w + i, w_stride);  // rows 0 to 15 of w, the product's columns
//     mma::multiply_accumulate<T>(sum, a, b);
//   }
//   mma::for_each(sum, [&](int row, int column, float& value) { ... });
//
// Both operands are stored with k contiguous: sum[row][column] += a[row][k] * b[column][k]. On gfx90a the
// instructions read and give subnormal values as zero.
//
// On AMD the instruction computes the transpose, b times a. So on every target a lane holds whole pieces of
// one row (two rows on NVIDIA), a row's maximum or sum costs one or two lane exchanges (row_reduce), and an
// accumulator becomes the next product's a without leaving its lanes (relay; gfx11 swaps halves). This is
// what attention needs:
//
//   S = Q K^T   load_a(q), load_b(k), multiply_accumulate
//   m = rows' maxima (fold_rows over all tiles of S, then finish_rows); P = exp(S - m) by for_each_slot
//   O = P V     relay(p, accumulators of P), load_b_transposed(v, V), multiply_accumulate
//
// relay takes relay_accumulators tiles side by side (two on gfx950, where k is 32). It may rename k;
// load_b_transposed renames it alike, so that pair goes together and is not mixed with load_a and load_b.
#pragma once

#include "device/reduce.h"
#include "device/types.h"
#include "device/vec.h"

namespace hipinfer::mma::detail {
template <class T>
constexpr bool is_f16 = false;
template <>
inline constexpr bool is_f16<f16> = true;

// Two values rounded to T, the first in the low half.
template <class T>
HIPINFER_DEVICE uint32_t pack(float low, float high) {
  return bit_cast<uint16_t>(from_float<T>(low)) | static_cast<uint32_t>(bit_cast<uint16_t>(from_float<T>(high))) << 16;
}
}  // namespace hipinfer::mma::detail

#include "device/arch/mfma.h"
#include "device/arch/mma_sync.h"
#include "device/arch/wmma_gfx11.h"
#include "device/arch/wmma_gfx12.h"

namespace hipinfer::mma {

static_assert(layout::lanes == wave_size);

constexpr int size = 16;                      // rows and columns of a tile
constexpr int k = layout::k;                  // products a multiply_accumulate adds to each sum
constexpr int lane_rows = layout::lane_rows;  // rows of a tile that a lane has elements of
constexpr int relay_accumulators = layout::operand_accumulators;

namespace detail {
struct words {
  uint32_t at[layout::operand_elements / 2];
};

// Runs of elements side by side in k, each in accesses of up to 16 bytes.
template <class T, class Row, class K>
HIPINFER_DEVICE void load_runs(words& out, const T* tile, int64_t stride, Row row, K k_of) {
  constexpr int access = layout::run < 8 ? layout::run : 8;
#pragma unroll
  for (int e = 0; e < layout::operand_elements; e += access) {
    using word = typename hipinfer::detail::word<access * 2>::type;
    const word w = *reinterpret_cast<const word*>(tile + row(e) * stride + k_of(e));
    __builtin_memcpy(&out.at[e / 2], &w, sizeof w);
  }
}
}  // namespace detail

// 16 rows by k of the left operand; 16 columns by k of the right one.
template <class T>
struct fragment_a {
  static_assert(sizeof(T) == 2);
  detail::words words;
};
template <class T>
struct fragment_b {
  static_assert(sizeof(T) == 2);
  detail::words words;
};

// 16 x 16 sums; accumulator{} is zero.
struct accumulator {
  float at[layout::accumulator_elements];
};

// A value for each row that a lane has elements of: the same in all lanes of a row once finish_rows is done.
struct row_values {
  float at[lane_rows];
};

// From row-major memory of any kind; `stride` is in elements. Every row is aligned to 16 bytes.
template <class T>
HIPINFER_DEVICE void load_a(fragment_a<T>& a, const T* tile, int64_t stride) {
  const int lane = lane_id();
  detail::load_runs(
      a.words, tile, stride, [&](int e) { return layout::a_row(lane, e); },
      [&](int e) { return layout::a_k(lane, e); });
}
template <class T>
HIPINFER_DEVICE void load_b(fragment_b<T>& b, const T* tile, int64_t stride) {
  const int lane = lane_id();
  detail::load_runs(
      b.words, tile, stride, [&](int e) { return layout::b_column(lane, e); },
      [&](int e) { return layout::b_k(lane, e); });
}

// The same from LDS, with the target's own instruction where it has one.
template <class T>
HIPINFER_DEVICE void load_a_lds(fragment_a<T>& a, const T* tile, int stride) {
#if defined(__CUDACC__)
  const int lane = lane_id();
  detail::load_matrices(a.words, tile + layout::a_address_row(lane) * stride + layout::a_address_k(lane));
#else
  load_a(a, tile, stride);
#endif
}
template <class T>
HIPINFER_DEVICE void load_b_lds(fragment_b<T>& b, const T* tile, int stride) {
#if defined(__CUDACC__)
  const int lane = lane_id();
  detail::load_matrices(b.words, tile + layout::b_address_column(lane) * stride + layout::b_address_k(lane));
#else
  load_b(b, tile, stride);
#endif
}

// The partner of relay: b from LDS that holds it k by k, 16 columns side by side (the rows of V).
template <class T>
HIPINFER_DEVICE void load_b_transposed(fragment_b<T>& b, const T* tile, int stride) {
  const int lane = lane_id();
#if defined(__CUDACC__)
  detail::load_matrices_transposed(
      b.words, tile + layout::b_transposed_address_k(lane) * stride + layout::b_transposed_address_column(lane));
#else
  uint16_t bits[layout::operand_elements];
#pragma unroll
  for (int e = 0; e < layout::operand_elements; ++e) {
    bits[e] = bit_cast<uint16_t>(tile[layout::relaid_k(lane, e) * stride + layout::b_column(lane, e)]);
  }
#pragma unroll
  for (int i = 0; i < layout::operand_elements / 2; ++i) {
    b.words.at[i] = bits[2 * i] | static_cast<uint32_t>(bits[2 * i + 1]) << 16;
  }
#endif
}

// sum[row][column] += a[row][k] * b[column][k] over k.
template <class T>
HIPINFER_DEVICE void multiply_accumulate(accumulator& sum, const fragment_a<T>& a, const fragment_b<T>& b) {
  detail::multiply<T>(sum.at, a.words, b.words);
}

// Rounds accumulators, side by side in their columns, to the a of a product over those columns.
template <class T>
HIPINFER_DEVICE void relay(fragment_a<T>& a, const accumulator (&sums)[relay_accumulators]) {
#if defined(__GFX11__)
  detail::relay_halves<T>(sums[0].at, a.words);
#else
#pragma unroll
  for (int e = 0; e < layout::operand_elements; e += 2) {
    const accumulator& from = sums[layout::relay_accumulator(e)];  // of both elements
    a.words.at[e / 2] = detail::pack<T>(from.at[layout::relay_element(e)], from.at[layout::relay_element(e + 1)]);
  }
#endif
}

// f(row, column, float&) for the elements of the calling lane.
template <class F>
HIPINFER_DEVICE void for_each(accumulator& sum, F f) {
  const int lane = lane_id();
#pragma unroll
  for (int e = 0; e < layout::accumulator_elements; ++e) f(layout::row(lane, e), layout::column(lane, e), sum.at[e]);
}
// f(slot, float&): `slot`, a constant once unrolled, is the element's row's place in row_values.
template <class F>
HIPINFER_DEVICE void for_each_slot(accumulator& sum, F f) {
#pragma unroll
  for (int e = 0; e < layout::accumulator_elements; ++e) f(layout::slot(e), sum.at[e]);
}
// f(slot, row) for the rows that the calling lane has elements of.
template <class F>
HIPINFER_DEVICE void for_each_row(F f) {
  const int lane = lane_id();
#pragma unroll
  for (int slot = 0; slot < lane_rows; ++slot) f(slot, layout::row_of_slot(lane, slot));
}

// Folds a lane's own elements of a tile into its rows' values; finish_rows then folds the lanes of a row
// together.
template <class Op>
HIPINFER_DEVICE void fold_rows(row_values& rows, const accumulator& sum, Op op) {
#pragma unroll
  for (int e = 0; e < layout::accumulator_elements; ++e) {
    rows.at[layout::slot(e)] = op(rows.at[layout::slot(e)], sum.at[e]);
  }
}
template <class Op>
HIPINFER_DEVICE void finish_rows(row_values& rows, Op op) {
#pragma unroll
  for (int i = 0; i < lane_rows; ++i) {
    rows.at[i] = op(rows.at[i], lane_xor<layout::row_xor[0]>(rows.at[i]));
    if constexpr (layout::row_xor[1] != 0) rows.at[i] = op(rows.at[i], lane_xor<layout::row_xor[1]>(rows.at[i]));
  }
}
// Both, for one tile: each row reduced across its 16 columns.
template <class Op>
HIPINFER_DEVICE row_values row_reduce(const accumulator& sum, Op op) {
  row_values rows;
#pragma unroll
  for (int i = 0; i < lane_rows; ++i) rows.at[i] = Op::identity;
  fold_rows(rows, sum, op);
  finish_rows(rows, op);
  return rows;
}

}  // namespace hipinfer::mma
