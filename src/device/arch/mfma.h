// SPDX-License-Identifier: Apache-2.0
// MFMA of CDNA: v_mfma_f32_16x16x16 (gfx90a, gfx942) and, with K doubled, v_mfma_f32_16x16x32 (gfx950),
// wave64. The layout is also compiled for the host, by tests/mma_layouts.cpp. Source:
// ROCm/amd_matrix_instruction_calculator.
#pragma once

#include "device/mma_index.h"

namespace hipinfer::mma {

// The instruction computes D[i][j] = sum of A[i][k] B[k][j] with A[i][k] at lane i + 16 (k / run), element k
// % run, B alike, and D[i][j] at lane j + 16 (i / 4), register i % 4. Our rows are its j and our columns its
// i: it gets our b as A and our a as B. So a lane holds one row, and four columns side by side.
template <int K>
struct mfma_layout {
  static constexpr int k = K, lanes = 64;
  static constexpr int operand_elements = K / 4, accumulator_elements = 4;
  static constexpr int run = K / 4;  // elements of a lane that are side by side in k
  static constexpr int lane_rows = 1;
  static constexpr int operand_accumulators = K / 16;
  static constexpr int row_xor[2] = {16, 32};  // the four lanes of a row

  HIPINFER_INDEX int a_row(int lane, int) { return lane % 16; }
  HIPINFER_INDEX int a_k(int lane, int e) { return lane / 16 * run + e; }
  HIPINFER_INDEX int b_column(int lane, int) { return lane % 16; }
  HIPINFER_INDEX int b_k(int lane, int e) { return lane / 16 * run + e; }
  HIPINFER_INDEX int row(int lane, int) { return lane % 16; }
  HIPINFER_INDEX int column(int lane, int e) { return lane / 16 * 4 + e; }
  HIPINFER_INDEX int slot(int) { return 0; }
  HIPINFER_INDEX int row_of_slot(int lane, int) { return lane % 16; }
  // An operand made of accumulators takes its lane's four columns of each.
  HIPINFER_INDEX int relaid_k(int lane, int e) { return e / 4 * 16 + lane / 16 * 4 + e % 4; }
  // Element e of an operand made of accumulators is this element of this one of them.
  HIPINFER_INDEX int relay_accumulator(int e) { return e / 4; }
  HIPINFER_INDEX int relay_element(int e) { return e % 4; }
};

#if defined(__AMDGCN__) && defined(__GFX9__)

#if defined(__gfx950__)
using layout = mfma_layout<32>;
#else
using layout = mfma_layout<16>;
#endif

namespace detail {
typedef float floats4 __attribute__((ext_vector_type(4)));
template <class T>
struct mfma_operand;
template <>
struct mfma_operand<f16> {
  typedef _Float16 type __attribute__((ext_vector_type(layout::operand_elements)));
};
template <>
struct mfma_operand<bf16> {
#if defined(__gfx950__)
  typedef __bf16 type __attribute__((ext_vector_type(layout::operand_elements)));
#else
  typedef short type __attribute__((ext_vector_type(layout::operand_elements)));
#endif
};

template <class T, class Words>
HIPINFER_DEVICE void multiply(float (&sum)[4], const Words& a, const Words& b) {
  using operand = typename mfma_operand<T>::type;
  const operand first = bit_cast<operand>(b), second = bit_cast<operand>(a);
  floats4 c = {sum[0], sum[1], sum[2], sum[3]};
#if defined(__gfx950__)
  if constexpr (is_f16<T>)
    c = __builtin_amdgcn_mfma_f32_16x16x32_f16(first, second, c, 0, 0, 0);
  else
    c = __builtin_amdgcn_mfma_f32_16x16x32_bf16(first, second, c, 0, 0, 0);
#else
  if constexpr (is_f16<T>)
    c = __builtin_amdgcn_mfma_f32_16x16x16f16(first, second, c, 0, 0, 0);
  else
    c = __builtin_amdgcn_mfma_f32_16x16x16bf16_1k(first, second, c, 0, 0, 0);
#endif
  for (int e = 0; e < 4; ++e) sum[e] = c[e];
}
}  // namespace detail

#endif

}  // namespace hipinfer::mma
