// SPDX-License-Identifier: Apache-2.0
// MFMA of CDNA: 16 x 16 products of wave64. The layout is also compiled for the host, by tests/mma_layouts.cpp. Source:
// ROCm/amd_matrix_instruction_calculator.
#pragma once

#include "device/tile/index.h"

namespace hipinfer::tile {

// A lane holds 16 bytes side by side of a row, four lanes 64 bytes of it: the k of one instruction of gfx950, of two of gfx90a
// and gfx942, of two (gfx90a: four) for 8-bit elements. An instruction takes as many of each lane's bytes as it has room for, in
// order: which k it then adds does not matter, as long as both operands agree.
//
// Within an instruction, D[i][j] = sum of A[i][k] B[k][j] with A[i][k] at lane i + 16 (k / run), element k % run, B alike, and
// D[i][j] at lane j + 16 (i / 4), register i % 4. Our rows are its j and our columns its i: it gets our b as A and our a as B. So a
// lane holds one row, and four columns side by side.
struct mfma_layout {
  static constexpr int lanes = 64, step_bytes = 64, operand_words = 4, accumulator_elements = 4, lane_rows = 1;
  static constexpr int row_xor[2] = {16, 32};  // the four lanes of a row

  HIPINFER_INDEX int a_row(int lane, int) { return lane % 16; }
  HIPINFER_INDEX int a_byte(int lane, int word) { return lane / 16 * 16 + word * 4; }
  HIPINFER_INDEX int b_column(int lane, int) { return lane % 16; }
  HIPINFER_INDEX int b_byte(int lane, int word) { return lane / 16 * 16 + word * 4; }
  HIPINFER_INDEX int row(int lane, int) { return lane % 16; }
  HIPINFER_INDEX int column(int lane, int e) { return lane / 16 * 4 + e; }
  HIPINFER_INDEX int slot(int) { return 0; }
  HIPINFER_INDEX int row_of_slot(int lane, int) { return lane % 16; }
  // Of a 16-bit operand made of accumulators: a lane takes its own four columns of each.
  HIPINFER_INDEX int relaid_k(int lane, int e) { return e / 4 * 16 + lane / 16 * 4 + e % 4; }
  HIPINFER_INDEX int relay_accumulator(int e) { return e / 4; }
  HIPINFER_INDEX int relay_element(int e) { return e % 4; }
  // Where its k stand in a step: the inverse of relaid_k.
  HIPINFER_INDEX int relaid_place(int k) { return k % 16 / 4 * 8 + k / 16 * 4 + k % 4; }
};

#if defined(__AMDGCN__) && defined(__GFX9__)

using layout = mfma_layout;

namespace detail {
typedef float floats4 __attribute__((ext_vector_type(4)));
typedef _Float16 halves4 __attribute__((ext_vector_type(4)));
typedef _Float16 halves8 __attribute__((ext_vector_type(8)));
typedef short shorts4 __attribute__((ext_vector_type(4)));
typedef __bf16 bfloats8 __attribute__((ext_vector_type(8)));

typedef int ints4 __attribute__((ext_vector_type(4)));

// Bytes of a lane that an instruction takes. gfx950 has fp8 of 16 and 8 bytes as gfx942 has.
template <class T>
constexpr int run_bytes =
#if defined(__gfx950__)
    in_hardware<T> ? 8 : 16;
#elif defined(__gfx90a__)
    sizeof(T) == 1 ? 4 : 8;
#else
    8;
#endif

template <int Bytes, class V>
HIPINFER_DEVICE V part(const uint32_t* words, int n) {
  static_assert(sizeof(V) == Bytes);
  V v;
  __builtin_memcpy(&v, words + n * Bytes / 4, Bytes);
  return v;
}

template <class T>
HIPINFER_DEVICE floats4 mfma(floats4 c, const uint32_t* first, const uint32_t* second, int n) {
  constexpr int bytes = run_bytes<T>;
#if defined(__gfx950__)
  if constexpr (is_same<T, f16>)
    return __builtin_amdgcn_mfma_f32_16x16x32_f16(part<bytes, halves8>(first, n), part<bytes, halves8>(second, n), c, 0,
                                                  0, 0);
  else if constexpr (is_same<T, bf16>)
    return __builtin_amdgcn_mfma_f32_16x16x32_bf16(part<bytes, bfloats8>(first, n), part<bytes, bfloats8>(second, n), c,
                                                   0, 0, 0);
#else
  if constexpr (is_same<T, f16>)
    return __builtin_amdgcn_mfma_f32_16x16x16f16(part<bytes, halves4>(first, n), part<bytes, halves4>(second, n), c, 0,
                                                 0, 0);
  else if constexpr (is_same<T, bf16>)
    return __builtin_amdgcn_mfma_f32_16x16x16bf16_1k(part<bytes, shorts4>(first, n), part<bytes, shorts4>(second, n), c,
                                                     0, 0, 0);
#endif
#if defined(__gfx942__) || defined(__gfx950__)
  else if constexpr (in_hardware<T>)
    return __builtin_amdgcn_mfma_f32_16x16x32_fp8_fp8(part<bytes, long>(first, n), part<bytes, long>(second, n), c, 0,
                                                      0, 0);
#endif
}
// Of i8.
template <class T>
HIPINFER_DEVICE ints4 mfma(ints4 c, const uint32_t* first, const uint32_t* second, int n) {
  static_assert(is_same<T, i8>);
  constexpr int bytes = run_bytes<T>;
#if defined(__gfx950__)
  return __builtin_amdgcn_mfma_i32_16x16x64_i8(part<bytes, ints4>(first, n), part<bytes, ints4>(second, n), c, 0, 0, 0);
#elif defined(__gfx90a__)
  return __builtin_amdgcn_mfma_i32_16x16x16i8(part<bytes, int>(first, n), part<bytes, int>(second, n), c, 0, 0, 0);
#else
  return __builtin_amdgcn_mfma_i32_16x16x32_i8(part<bytes, long>(first, n), part<bytes, long>(second, n), c, 0, 0, 0);
#endif
}

template <class T>
constexpr int parts = 16 / run_bytes<T>;

template <class T>
HIPINFER_DEVICE void multiply(sum_type<T> (&sum)[4], const uint32_t* a, const uint32_t* b, int part) {
  typedef sum_type<T> sums4 __attribute__((ext_vector_type(4)));
  sums4 c = {sum[0], sum[1], sum[2], sum[3]};
  c = mfma<T>(c, b, a, part);
#pragma unroll
  for (int e = 0; e < 4; ++e) sum[e] = c[e];
}
}  // namespace detail

#endif

}  // namespace hipinfer::tile
