// SPDX-License-Identifier: Apache-2.0
// Fragments that come straight from global memory, 16 bytes a lane, for operands of which nothing is used twice. They hold a
// wider step of k than others on NVIDIA; which of its k an instruction adds does not matter, as long as both operands agree, so the
// two operands of a product are both read this way.
#pragma once

#include "device/tile/fragment.h"
#include "device/tile/multiplied.h"

namespace hipinfer::tile {

#if defined(__CUDACC__)
constexpr int direct_bytes = 64;  // of a row
#else
constexpr int direct_bytes = step_bytes;
#endif
template <class T>
constexpr int direct_step = direct_bytes / sizeof(T);

// 16 rows by direct_step of k. Which operand it is shows when it is multiplied.
template <class T>
struct direct_fragment {
  static constexpr int reads = direct_bytes * size / wave_size / 16 * (layout::operand_words == 8 ? 2 : 1);
  vec<uint32_t, 4> at[reads];
};

// Row (of 16) and first byte of the 16 that this lane reads by read `i`.
HIPINFER_DEVICE int direct_row([[maybe_unused]] int i) {
#if defined(__CUDACC__)
  return layout::direct_row(lane_id(), i);
#else
  return layout::a_row(lane_id(), 0);
#endif
}
HIPINFER_DEVICE int direct_byte([[maybe_unused]] int i) {
#if defined(__CUDACC__)
  return layout::direct_byte(lane_id());
#else
  return layout::a_byte(lane_id(), 4 * i);
#endif
}

template <class T>
HIPINFER_DEVICE void multiply_accumulate(accumulator_of<T>& sum, const direct_fragment<T>& a,
                                         const direct_fragment<T>& b) {
  using other = multiplied<T>;
  using type = typename other::type;
#pragma unroll
  for (int s = 0; s < direct_bytes / step_bytes; ++s) {
#pragma unroll
    for (int half = 0; half < other::halves; ++half) {
      uint32_t left[layout::operand_words], right[layout::operand_words];
#pragma unroll
      for (int w = 0; w < layout::operand_words; ++w) {
#if defined(__CUDACC__)
        left[w] = other::convert(a.at[layout::direct_a_read(w)].at[layout::direct_a_word(s, w)], half);
        right[w] = other::convert(b.at[layout::direct_b_read(w)].at[layout::direct_b_word(s, w)], half);
#else
        left[w] = other::convert(a.at[w / 4].at[w % 4], half);
        right[w] = other::convert(b.at[w / 4].at[w % 4], half);
#endif
      }
#pragma unroll
      for (int part = 0; part < parts<type>; ++part) detail::multiply<type>(sum.at, left, right, part);
    }
  }
}

}  // namespace hipinfer::tile
