// SPDX-License-Identifier: Apache-2.0
// What attention does with accumulators: values of a row, and products whose left operand they become.
//
//   S = Q K^T   fragments of lds_reader, multiply_accumulate
//   m = rows' maxima (fold_rows over all accumulators of S, then finish_rows); P = exp(S - m) by for_each_slot
//   O = P V     relay(p, accumulators of P), transposed_reader, multiply_accumulate
//
// relay takes relay_accumulators side by side. It may rename k; transposed.h renames it alike, so that pair goes together.
#pragma once

#include "device/reduce.h"
#include "device/tile/fragment.h"

namespace hipinfer::tile {

constexpr int lane_rows = layout::lane_rows;               // rows of a product that a lane has elements of
constexpr int relay_accumulators = step_bytes / 2 / size;  // whose 16-bit columns make a step

// A value for each row that a lane has elements of: the same in all lanes of a row once finish_rows is done.
struct row_values {
  float at[lane_rows];
};

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

// Folds a lane's own elements into its rows' values; finish_rows then folds the lanes of a row together.
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
// Both, for one accumulator: each row reduced across its 16 columns.
template <class Op>
HIPINFER_DEVICE row_values row_reduce(const accumulator& sum, Op op) {
  row_values rows;
#pragma unroll
  for (int i = 0; i < lane_rows; ++i) rows.at[i] = Op::identity;
  fold_rows(rows, sum, op);
  finish_rows(rows, op);
  return rows;
}

// Rounds accumulators of weights, side by side in their columns, to the a of a product over those columns.
template <class T>
HIPINFER_DEVICE void relay(fragment_a<T>& a, const accumulator (&sums)[relay_accumulators]) {
  static_assert(sizeof(T) == 2);
#if defined(__GFX11__)
  detail::relay_halves<T>(sums[0].at, a.words.at);
#else
#pragma unroll
  for (int e = 0; e < 2 * layout::operand_words; e += 2) {
    const accumulator& from = sums[layout::relay_accumulator(e)];  // of both elements
    a.words.at[e / 2] =
        detail::pack_weights<T>(from.at[layout::relay_element(e)], from.at[layout::relay_element(e + 1)]);
  }
#endif
}

}  // namespace hipinfer::tile
