// SPDX-License-Identifier: Apache-2.0
// mma.sync of NVIDIA (sm_80 and later): two m16n8k16, or m16n8k32 of 8-bit elements, make a 16 x 16 tile. The layout is also
// compiled for the host, by tests/mma_layouts.cpp. Source: PTX ISA, "Matrix Fragments for mma.m16n8k16", "... mma.m16n8k32" and
// "ldmatrix".
#pragma once

#include "device/tile/index.h"

namespace hipinfer::tile {

// With g = lane / 4 and t = lane % 4 an instruction holds A[i][k] at row g + 8 (e / 2 % 2), k = 2 t + e % 2 +
// 8 (e / 4); B[k][j] at k = 2 t + e % 2 + 8 (e / 2), column g; D[i][j] at row g + 8 (e / 2), column 2 t + e
// % 2. Elements 4 to 7 of B and D are those of the second instruction, which has columns 8 to 15.
struct mma_sync_layout {
  static constexpr int lanes = 32, step_bytes = 32, operand_words = 4, accumulator_elements = 8, lane_rows = 2;
  static constexpr int row_xor[2] = {1, 2};  // the four lanes of a row

  HIPINFER_INDEX int a_row(int lane, int word) { return lane / 4 + word % 2 * 8; }
  HIPINFER_INDEX int a_byte(int lane, int word) { return lane % 4 * 4 + word / 2 * 16; }
  HIPINFER_INDEX int b_column(int lane, int word) { return lane / 4 + word / 2 * 8; }
  HIPINFER_INDEX int b_byte(int lane, int word) { return lane % 4 * 4 + word % 2 * 16; }
  HIPINFER_INDEX int row(int lane, int e) { return lane / 4 + e / 2 % 2 * 8; }
  HIPINFER_INDEX int column(int lane, int e) { return lane % 4 * 2 + e % 2 + e / 4 * 8; }
  HIPINFER_INDEX int slot(int e) { return e / 2 % 2; }
  HIPINFER_INDEX int row_of_slot(int lane, int slot) { return lane / 4 + 8 * slot; }
  HIPINFER_INDEX int relaid_k(int lane, int e) { return lane % 4 * 2 + e % 2 + e / 2 % 2 * 8; }
  // Element e of an operand made of accumulators is this element of this one of them.
  HIPINFER_INDEX int relay_accumulator(int) { return 0; }
  HIPINFER_INDEX int relay_element(int e) { return e; }

  // ldmatrix.x4: lane l gives the address of row l % 8 of 8 x 8 matrix l / 8; register r of the result is of
  // matrix r.
  HIPINFER_INDEX int a_address_row(int lane) { return lane % 16; }
  HIPINFER_INDEX int a_address_byte(int lane) { return lane / 16 * 16; }
  HIPINFER_INDEX int b_address_column(int lane) { return lane / 16 * 8 + lane % 8; }
  HIPINFER_INDEX int b_address_byte(int lane) { return lane / 8 % 2 * 16; }
  // Of operands that are read 16 bytes a lane (tile/direct.h): read i of a lane is of this row, at this byte of 64; they are two steps,
  // and register r of a step is this word of that read. A step's k are not neighbours, but the same for A and B.
  HIPINFER_INDEX int direct_row(int lane, int i) { return lane / 4 + i * 8; }
  HIPINFER_INDEX int direct_byte(int lane) { return lane % 4 * 16; }
  HIPINFER_INDEX int direct_a_read(int r) { return r % 2; }
  HIPINFER_INDEX int direct_a_word(int step, int r) { return 2 * step + r / 2; }
  HIPINFER_INDEX int direct_b_read(int r) { return r / 2; }
  HIPINFER_INDEX int direct_b_word(int step, int r) { return 2 * step + r % 2; }
  // With .trans, for a b that is stored k by k.
  HIPINFER_INDEX int b_transposed_address_k(int lane) { return lane % 16; }
  HIPINFER_INDEX int b_transposed_address_column(int lane) { return lane / 16 * 8; }
};

#if defined(__CUDACC__)

using layout = mma_sync_layout;

namespace detail {
template <class T>
HIPINFER_DEVICE void multiply_half(float* sum, const uint32_t* a, const uint32_t* b) {
  if constexpr (is_same<T, f16>) {
    asm("mma.sync.aligned.m16n8k16.row.col.f32.f16.f16.f32 {%0, %1, %2, %3}, {%4, %5, %6, %7}, {%8, %9}, "
        "{%0, %1, %2, %3};"
        : "+f"(sum[0]), "+f"(sum[1]), "+f"(sum[2]), "+f"(sum[3])
        : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "r"(b[0]), "r"(b[1]));
  } else if constexpr (is_same<T, bf16>) {
    asm("mma.sync.aligned.m16n8k16.row.col.f32.bf16.bf16.f32 {%0, %1, %2, %3}, {%4, %5, %6, %7}, {%8, %9}, "
        "{%0, %1, %2, %3};"
        : "+f"(sum[0]), "+f"(sum[1]), "+f"(sum[2]), "+f"(sum[3])
        : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "r"(b[0]), "r"(b[1]));
  } else {
    static_assert(is_same<T, e4m3fn>);
    asm("mma.sync.aligned.m16n8k32.row.col.f32.e4m3.e4m3.f32 {%0, %1, %2, %3}, {%4, %5, %6, %7}, {%8, %9}, "
        "{%0, %1, %2, %3};"
        : "+f"(sum[0]), "+f"(sum[1]), "+f"(sum[2]), "+f"(sum[3])
        : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "r"(b[0]), "r"(b[1]));
  }
}
template <class T>
HIPINFER_DEVICE void multiply_half(int32_t* sum, const uint32_t* a, const uint32_t* b) {
  static_assert(is_same<T, i8>);
  asm("mma.sync.aligned.m16n8k32.row.col.s32.s8.s8.s32 {%0, %1, %2, %3}, {%4, %5, %6, %7}, {%8, %9}, "
      "{%0, %1, %2, %3};"
      : "+r"(sum[0]), "+r"(sum[1]), "+r"(sum[2]), "+r"(sum[3])
      : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "r"(b[0]), "r"(b[1]));
}

template <class T>
constexpr int parts = 1;

template <class T>
HIPINFER_DEVICE void multiply(sum_type<T> (&sum)[8], const uint32_t* a, const uint32_t* b, int) {
  multiply_half<T>(sum, a, b);
  multiply_half<T>(sum + 4, a, b + 2);
}

HIPINFER_DEVICE void load_matrices(uint32_t* words, const void* p) {
  const uint32_t address = static_cast<uint32_t>(__cvta_generic_to_shared(p));
  asm volatile("ldmatrix.sync.aligned.m8n8.x4.shared.b16 {%0, %1, %2, %3}, [%4];"
               : "=r"(words[0]), "=r"(words[1]), "=r"(words[2]), "=r"(words[3])
               : "r"(address)
               : "memory");
}
HIPINFER_DEVICE void load_matrices_transposed(uint32_t* words, const void* p) {
  const uint32_t address = static_cast<uint32_t>(__cvta_generic_to_shared(p));
  asm volatile("ldmatrix.sync.aligned.m8n8.x4.trans.shared.b16 {%0, %1, %2, %3}, [%4];"
               : "=r"(words[0]), "=r"(words[1]), "=r"(words[2]), "=r"(words[3])
               : "r"(address)
               : "memory");
}
// Of an 8 x 8 matrix whose row lane / 4 a lane has elements 2 (lane % 4) and the next of: the same of its transpose.
HIPINFER_DEVICE uint32_t transposed_halves(uint32_t x) {
  uint32_t out;
  asm("movmatrix.sync.aligned.m8n8.trans.b16 %0, %1;" : "=r"(out) : "r"(x));
  return out;
}
}  // namespace detail

#endif

}  // namespace hipinfer::tile
