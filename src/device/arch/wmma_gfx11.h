// SPDX-License-Identifier: Apache-2.0
// WMMA of RDNA 3 (gfx11): v_wmma_f32_16x16x16, wave32, operands held twice. The layout is also compiled for
// the host, by tests/mma_layouts.cpp. Source: ROCm/amd_matrix_instruction_calculator.
#pragma once

#include "device/tile/index.h"

namespace hipinfer::tile {

// The instruction computes D[i][j] = sum of A[i][k] B[k][j] with A[i][k] at lanes i and i + 16, element k, B
// alike, and D[i][j] at lane j + 16 (i % 2), register i / 2. Our rows are its j and our columns its i: it
// gets our b as A and our a as B. So a lane holds every second column of one row, and the lane 16 away the
// others.
struct wmma_gfx11_layout {
  static constexpr int lanes = 32, step_bytes = 32, operand_words = 8, accumulator_elements = 8, lane_rows = 1;
  static constexpr int row_xor[2] = {16, 0};  // the two lanes of a row; 0: none

  HIPINFER_INDEX int a_row(int lane, int) { return lane % 16; }
  HIPINFER_INDEX int a_byte(int, int word) { return word * 4; }
  HIPINFER_INDEX int b_column(int lane, int) { return lane % 16; }
  HIPINFER_INDEX int b_byte(int, int word) { return word * 4; }
  HIPINFER_INDEX int row(int lane, int) { return lane % 16; }
  HIPINFER_INDEX int column(int lane, int e) { return 2 * e + lane / 16; }
  HIPINFER_INDEX int slot(int) { return 0; }
  HIPINFER_INDEX int row_of_slot(int lane, int) { return lane % 16; }
  HIPINFER_INDEX int relaid_k(int, int e) { return e; }
  HIPINFER_INDEX int relaid_place(int k) { return k; }
  // Element e of an operand made of an accumulator is this element of it, in this lane or in the one 16 away.
  HIPINFER_INDEX int relay_element(int e) { return e / 2; }
  HIPINFER_INDEX bool relay_from_other(int lane, int e) { return e % 2 != lane / 16; }
};

#if defined(__AMDGCN__) && defined(__GFX11__)

using layout = wmma_gfx11_layout;

namespace detail {
typedef float floats8 __attribute__((ext_vector_type(8)));
template <class T>
struct wmma_operand {
  typedef short type __attribute__((ext_vector_type(16)));
};
template <>
struct wmma_operand<f16> {
  typedef _Float16 type __attribute__((ext_vector_type(16)));
};

typedef int ints4 __attribute__((ext_vector_type(4)));
typedef int ints8 __attribute__((ext_vector_type(8)));

// A step of 8-bit elements is two instructions.
template <class T>
constexpr int parts = 2 / sizeof(T);

template <class T>
HIPINFER_DEVICE void multiply(float (&sum)[8], const uint32_t* a, const uint32_t* b, int) {
  typename wmma_operand<T>::type first, second;
  __builtin_memcpy(&first, b, sizeof first);
  __builtin_memcpy(&second, a, sizeof second);
  floats8 c = {sum[0], sum[1], sum[2], sum[3], sum[4], sum[5], sum[6], sum[7]};
  if constexpr (is_same<T, f16>)
    c = __builtin_amdgcn_wmma_f32_16x16x16_f16_w32(first, second, c);
  else
    c = __builtin_amdgcn_wmma_f32_16x16x16_bf16_w32(first, second, c);
  for (int e = 0; e < 8; ++e) sum[e] = c[e];
}
template <class T>
HIPINFER_DEVICE void multiply(int32_t (&sum)[8], const uint32_t* a, const uint32_t* b, int part) {
  static_assert(is_same<T, i8>);
  ints4 first, second;
  __builtin_memcpy(&first, b + 4 * part, sizeof first);
  __builtin_memcpy(&second, a + 4 * part, sizeof second);
  ints8 c = {sum[0], sum[1], sum[2], sum[3], sum[4], sum[5], sum[6], sum[7]};
  c = __builtin_amdgcn_wmma_i32_16x16x16_iu8_w32(true, first, true, second, c, false);
  for (int e = 0; e < 8; ++e) sum[e] = c[e];
}

// Every lane needs the whole row: it swaps its half, packed two to a word, with the lane 16 away.
template <class T>
HIPINFER_DEVICE void relay_halves(const float (&sum)[8], uint32_t* words) {
  const bool own_first = !layout::relay_from_other(lane_id(), 0);
  for (int i = 0; i < 4; ++i) {
    const uint32_t own = pack_weights<T>(sum[2 * i], sum[2 * i + 1]);
    const uint32_t other = lane_xor<16>(own);
    const uint32_t even = own_first ? own : other, odd = own_first ? other : own;
    words[2 * i] = (even & 0xffff) | odd << 16;
    words[2 * i + 1] = even >> 16 | (odd & 0xffff0000);
  }
}
}  // namespace detail

#endif

}  // namespace hipinfer::tile
