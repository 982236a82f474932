// SPDX-License-Identifier: Apache-2.0
// WMMA of RDNA 4 (gfx12): v_wmma_f32_16x16x16, wave32. The layout is also compiled for the host, by
// tests/mma_layouts.cpp. Source: ROCm/amd_matrix_instruction_calculator.
#pragma once

#include "device/tile/index.h"

namespace hipinfer::tile {

// The instruction computes D[i][j] = sum of A[i][k] B[k][j] with A[i][k] at lane i + 16 (k / 4 % 2), element
// 4 (k / 8) + k % 4, B alike, and D[i][j] at lane j + 16 (i / 8), register i % 8. Our rows are its j and our
// columns its i: it gets our b as A and our a as B. So a lane holds eight columns side by side of one row.
// The sum is the same under any renaming of k that A and B share: we call a lane's eight elements k = 8 (lane
// / 16) + e, which makes them one 16-byte access and the columns of an accumulator.
struct wmma_gfx12_layout {
  static constexpr int lanes = 32, step_bytes = 32, operand_words = 4, accumulator_elements = 8, lane_rows = 1;
  static constexpr int row_xor[2] = {16, 0};  // the two lanes of a row; 0: none

  HIPINFER_INDEX int a_row(int lane, int) { return lane % 16; }
  HIPINFER_INDEX int a_byte(int lane, int word) { return lane / 16 * 16 + word * 4; }
  HIPINFER_INDEX int b_column(int lane, int) { return lane % 16; }
  HIPINFER_INDEX int b_byte(int lane, int word) { return lane / 16 * 16 + word * 4; }
  HIPINFER_INDEX int row(int lane, int) { return lane % 16; }
  HIPINFER_INDEX int column(int lane, int e) { return lane / 16 * 8 + e; }
  HIPINFER_INDEX int slot(int) { return 0; }
  HIPINFER_INDEX int row_of_slot(int lane, int) { return lane % 16; }
  HIPINFER_INDEX int relaid_k(int lane, int e) { return lane / 16 * 8 + e; }
  HIPINFER_INDEX int relaid_place(int k) { return k; }
  // Element e of an operand made of accumulators is this element of this one of them.
  HIPINFER_INDEX int relay_accumulator(int) { return 0; }
  HIPINFER_INDEX int relay_element(int e) { return e; }
};

#if defined(__AMDGCN__) && defined(__GFX12__)

using layout = wmma_gfx12_layout;

namespace detail {
typedef float floats8 __attribute__((ext_vector_type(8)));
template <class T>
struct wmma_operand {
  typedef short type __attribute__((ext_vector_type(8)));
};
template <>
struct wmma_operand<f16> {
  typedef _Float16 type __attribute__((ext_vector_type(8)));
};

typedef int ints2 __attribute__((ext_vector_type(2)));
template <class T>
  requires(sizeof(T) == 1)
struct wmma_operand<T> {
  using type = ints2;
};

// A step of 8-bit elements is two instructions.
template <class T>
constexpr int parts = 2 / sizeof(T);

template <class T>
HIPINFER_DEVICE void multiply(sum_type<T> (&sum)[8], const uint32_t* a, const uint32_t* b, int part) {
  typename wmma_operand<T>::type first, second;
  __builtin_memcpy(&first, b + 2 * part, sizeof first);
  __builtin_memcpy(&second, a + 2 * part, sizeof second);
  typedef sum_type<T> sums8 __attribute__((ext_vector_type(8)));
  sums8 c = {sum[0], sum[1], sum[2], sum[3], sum[4], sum[5], sum[6], sum[7]};
  if constexpr (is_same<T, f16>)
    c = __builtin_amdgcn_wmma_f32_16x16x16_f16_w32_gfx12(first, second, c);
  else if constexpr (is_same<T, bf16>)
    c = __builtin_amdgcn_wmma_f32_16x16x16_bf16_w32_gfx12(first, second, c);
  else if constexpr (is_same<T, i8>)
    c = __builtin_amdgcn_wmma_i32_16x16x16_iu8_w32_gfx12(true, first, true, second, c, false);
  else
    c = __builtin_amdgcn_wmma_f32_16x16x16_fp8_fp8_w32_gfx12(first, second, c);
  for (int e = 0; e < 8; ++e) sum[e] = c[e];
}
}  // namespace detail

#endif

}  // namespace hipinfer::tile
