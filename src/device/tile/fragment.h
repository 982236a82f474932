// SPDX-License-Identifier: Apache-2.0
// Fragments: what a wave's registers hold of matrices, and 16 x 16 sums of products of f16, bf16, fp8 (in fp32) or i8 (in i32), by the
// matrix instructions of the target (MFMA, WMMA, mma.sync). Not every target takes every fp8 (multiplied.h). Every function is for a
// whole wave: all of its lanes call it, in uniform control flow.
//
//   tile::accumulator_of<T> sum{};
//   tile::fragment_a<T> a; tile::fragment_b<T> b;
//   for (int s = 0; s < steps; ++s) {
//     a_at.read(a.words, lds_a, s, 0);  // of lds_reader<RowBytes>::of_a(row): rows 0 to 15 from that one on
//     b_at.read(b.words, lds_b, s, 0);  // of of_b: the product's columns
//     tile::multiply_accumulate(sum, a, b);
//   }
//   tile::for_each(sum, [&](int row, int column, float& value) { ... });
//
// Both operands are stored with k contiguous: sum[row][column] += a[row][k] * b[column][k]. A fragment is 16 rows by a step of k, 64
// bytes of each row on CDNA and 32 elsewhere, whatever the instruction's own k is. On gfx90a the instructions read and give
// subnormal values as zero.
//
// On AMD the instruction computes the transpose, b times a. So on every target a lane holds whole pieces of one row (two rows on
// NVIDIA), a row's maximum or sum costs one or two lane exchanges (accumulator.h), and accumulators become the next product's a
// without leaving their lanes.
#pragma once

#include "device/reduce.h"
#include "device/tile/lds.h"
#include "device/types.h"
#include "device/vec.h"

namespace hipinfer::tile::detail {
template <class A, class B>
constexpr bool is_same = false;
template <class A>
inline constexpr bool is_same<A, A> = true;

// Two weights, which are not negative, rounded to T, the first in the low half. Without an instruction for bf16, of which rounding by
// the book takes five, a tie gives the larger number, and a NaN any.
template <class T>
HIPINFER_DEVICE uint32_t pack_weights(float low, float high) {
  if constexpr (!is_bf16<T>)
    return f16_pair_from(low, high);
  else if constexpr (rounds_to_bf16)
    return bf16_pair_from(low, high);
  else
    return (bit_cast<uint32_t>(low) + 0x8000) >> 16 | ((bit_cast<uint32_t>(high) + 0x8000) & 0xffff0000);
}

// What products of T are summed in.
template <class T>
struct sum_of {
  using type = float;
};
template <>
struct sum_of<i8> {
  using type = int32_t;
};
template <class T>
using sum_type = typename sum_of<T>::type;
}  // namespace hipinfer::tile::detail

#include "device/arch/mfma.h"
#include "device/arch/mma_sync.h"
#include "device/arch/wgmma.h"
#include "device/arch/wmma_gfx11.h"
#include "device/arch/wmma_gfx12.h"

namespace hipinfer::tile {

static_assert(layout::lanes == wave_size);

constexpr int size = 16;  // rows and columns of a product
constexpr int step_bytes = layout::step_bytes;
template <class T>
constexpr int step = step_bytes / sizeof(T);  // products that multiply_accumulate adds to each sum

namespace detail {
struct words {
  uint32_t at[layout::operand_words];
};
}  // namespace detail

// 16 rows by a step of the left operand; 16 columns by a step of the right one.
template <class T>
struct fragment_a {
  detail::words words;
};
template <class T>
struct fragment_b {
  detail::words words;
};

// 16 x 16 sums; {} is zero.
template <class Number>
struct sums {
  Number at[layout::accumulator_elements];
};
using accumulator = sums<float>;
template <class T>
using accumulator_of = sums<detail::sum_type<T>>;

// Where this lane reads in LDS, found once: of a fragment that begins at a row which is a multiple of 16, at step 0. Other rows
// and steps are a constant away.
template <int RowBytes>
class lds_reader {
 public:
  // For a, and for b, whose lanes differ on NVIDIA.
  HIPINFER_DEVICE static lds_reader of_a(int first_row) {
#if defined(__CUDACC__)
    return {first_row + layout::a_address_row(lane_id()), layout::a_address_byte(lane_id())};
#else
    return {first_row + layout::a_row(lane_id(), 0), layout::a_byte(lane_id(), 0)};
#endif
  }
  HIPINFER_DEVICE static lds_reader of_b(int first_row) {
#if defined(__CUDACC__)
    return {first_row + layout::b_address_column(lane_id()), layout::b_address_byte(lane_id())};
#else
    return {first_row + layout::b_column(lane_id(), 0), layout::b_byte(lane_id(), 0)};
#endif
  }

  // `at_step` and `rows_below` are constants once unrolled; rows_below is a multiple of 16.
  HIPINFER_DEVICE void read(detail::words& to, const unsigned char* lds, int at_step, int rows_below) const {
    const unsigned char* row = lds + rows_below * RowBytes;
#if defined(__CUDACC__)
    detail::load_matrices(to.at, row + (first_ ^ at_step * step_bytes));
#else
#pragma unroll
    for (int w = 0; w < layout::operand_words; w += 4) {
      const auto* at = reinterpret_cast<const uint32_t*>(row + (first_ ^ (at_step * step_bytes + w * 4)));
      const vec<uint32_t, 4> v = load<4>(at);
#pragma unroll
      for (int i = 0; i < 4; ++i) to.at[w + i] = v.at[i];
    }
#endif
  }

 private:
  // The swizzle is an exclusive or, and so are the steps: they change bits of the offset that the row does not.
  HIPINFER_DEVICE lds_reader(int row, int byte) : first_(swizzled<RowBytes>(row, byte / 16)) {}
  int first_;
};

// Instructions of a step that depend on each other; several products go through one after another before the next.
template <class T>
constexpr int parts = detail::parts<T>;

// sum[row][column] += a[row][k] * b[column][k] over the k of one part of a step.
template <class T>
HIPINFER_DEVICE void multiply_part(accumulator_of<T>& sum, const fragment_a<T>& a, const fragment_b<T>& b, int part) {
  detail::multiply<T>(sum.at, a.words.at, b.words.at, part);
}
// Over all k of a step.
template <class T>
HIPINFER_DEVICE void multiply_accumulate(accumulator_of<T>& sum, const fragment_a<T>& a, const fragment_b<T>& b) {
#pragma unroll
  for (int part = 0; part < parts<T>; ++part) multiply_part(sum, a, b, part);
}

// f(row, column, Number&) for the elements of the calling lane, which is `lane`.
template <class Number, class F>
HIPINFER_DEVICE void for_each(int lane, sums<Number>& sum, F f) {
#pragma unroll
  for (int e = 0; e < layout::accumulator_elements; ++e) f(layout::row(lane, e), layout::column(lane, e), sum.at[e]);
}
template <class Number, class F>
HIPINFER_DEVICE void for_each(sums<Number>& sum, F f) {
  for_each(lane_id(), sum, f);
}

}  // namespace hipinfer::tile
