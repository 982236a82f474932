// SPDX-License-Identifier: Apache-2.0
// C = A B by the matrix units, one wave a tile, for shapes that are whole tiles.
#pragma once
#include "device.h"

// A lane holds `Per` neighbours in k of one row of A and one column of B, as the bytes of a Fragment.
template <class Fragment, class T>
__device__ Fragment fragment(const T* from, int step, int per) {
  T values[sizeof(Fragment) / sizeof(T)];
  for (int j = 0; j < per; ++j) values[j] = from[i64(j) * step];
  Fragment f;
  __builtin_memcpy(&f, values, sizeof(f));
  return f;
}

template <int Count, class T>
struct vector_of {
  typedef T type __attribute__((ext_vector_type(Count)));
};
template <int Count, class T>
using vec = typename vector_of<Count, T>::type;

// `unit(a, b, c)` multiplies; `row(lane, i)` is the row of the i-th value that a lane holds of C.
template <int Size, int K, class Fragment, int Count, class Sum, class T, class Unit, class Row>
__device__ void tiles(const T* a, const T* b, Sum* c, int n, int k, Unit unit, Row row) {
  const int lane = lane_id(), top = blockIdx.y * Size, left = blockIdx.x * Size;
  constexpr int per = sizeof(Fragment) / sizeof(T);
  const int first = per == K ? 0 : lane / Size * per;
  vec<Count, Sum> sum = {};
  for (int at = 0; at < k; at += K) {
    sum = unit(fragment<Fragment>(a + (top + lane % Size) * k + at + first, 1, per),
               fragment<Fragment>(b + (at + first) * n + left + lane % Size, n, per), sum);
  }
  for (int i = 0; i < Count; ++i) c[(top + row(lane, i)) * n + left + lane % Size] = sum[i];
}

#define UNIT(name, T, Sum, size, k, Fragment, count, call, row_of)                         \
  KERNEL name(const T* a, const T* b, Sum* c, int n, int depth) {                          \
    tiles<size, k, Fragment, count>(                                                       \
        a, b, c, n, depth, [](Fragment x, Fragment y, vec<count, Sum> z) { return call; }, \
        [](int lane, int i) { return row_of; });                                           \
  }
typedef vec<4, half> half4;
typedef vec<8, half> half8;
typedef vec<16, half> half16;
typedef vec<4, short> short4;
typedef vec<8, short> short8;
typedef vec<16, short> short16;
typedef vec<8, __bf16> bfloat8;
typedef vec<2, int> int2;
typedef vec<4, int> int4;
typedef vec<8, int> int8;

#if defined(__GFX9__) && !defined(__gfx906__) && !defined(__gfx9_generic__)
#define ROW_16 lane / 16 * 4 + i
#define ROW_32 i / 4 * 8 + lane / 32 * 4 + i % 4
#define MFMA(shape) __builtin_amdgcn_mfma_##shape(x, y, z, 0, 0, 0)
UNIT(unit_f32, float, float, 16, 4, float, 4, MFMA(f32_16x16x4f32), ROW_16)
UNIT(unit_f32_wide, float, float, 32, 2, float, 16, MFMA(f32_32x32x2f32), ROW_32)
UNIT(unit_f16, half, float, 16, 16, half4, 4, MFMA(f32_16x16x16f16), ROW_16)
UNIT(unit_f16_wide, half, float, 32, 8, half4, 16, MFMA(f32_32x32x8f16), ROW_32)
#if !defined(__gfx908__)
UNIT(unit_f64, double, double, 16, 4, double, 4, MFMA(f64_16x16x4f64), lane / 16 + 4 * i)
UNIT(unit_bf16, short, float, 16, 16, short4, 4, MFMA(f32_16x16x16bf16_1k), ROW_16)
UNIT(unit_bf16_wide, short, float, 32, 8, short4, 16, MFMA(f32_32x32x8bf16_1k), ROW_32)
#endif
#if defined(__gfx908__) || defined(__gfx90a__)
UNIT(unit_i8, signed char, int, 16, 16, int, 4, MFMA(i32_16x16x16i8), ROW_16)
UNIT(unit_i8_wide, signed char, int, 32, 8, int, 16, MFMA(i32_32x32x8i8), ROW_32)
#else
UNIT(unit_i8, signed char, int, 16, 32, long, 4, MFMA(i32_16x16x32_i8), ROW_16)
UNIT(unit_i8_wide, signed char, int, 32, 16, long, 16, MFMA(i32_32x32x16_i8), ROW_32)
#endif
#if defined(__gfx942__) || defined(__gfx950__)
UNIT(unit_fp8, u8, float, 16, 32, long, 4, MFMA(f32_16x16x32_fp8_fp8), ROW_16)
UNIT(unit_bf8, u8, float, 16, 32, long, 4, MFMA(f32_16x16x32_bf8_bf8), ROW_16)
UNIT(unit_fp8_wide, u8, float, 32, 16, long, 16, MFMA(f32_32x32x16_fp8_fp8), ROW_32)
#endif
#if defined(__gfx950__)
UNIT(unit_f16_deep, half, float, 16, 32, half8, 4, MFMA(f32_16x16x32_f16), ROW_16)
UNIT(unit_bf16_deep, __bf16, float, 32, 16, bfloat8, 16, MFMA(f32_32x32x16_bf16), ROW_32)
UNIT(unit_i8_deep, signed char, int, 16, 64, int4, 4, MFMA(i32_16x16x64_i8), ROW_16)
// Scales are powers of two, stored with a bias of 127; byte 1 is A's, byte 0 is B's: 2 and 1/4.
UNIT(unit_fp8_scaled, u8, float, 16, 128, int8, 4,
     __builtin_amdgcn_mfma_scale_f32_16x16x128_f8f6f4(x, y, z, 0, 0, 1, 0x8000, 0, 125), ROW_16)
#endif

#elif defined(__GFX11__)
// Both halves of a wave of 32, all quarters of one of 64, hold the same of A and B; rows of C alternate between them.
#if WAVE == 64
#define WMMA(shape, ...) __builtin_amdgcn_wmma_##shape##_w64(__VA_ARGS__)
#define ROW 4 * i + lane / 16
constexpr int part = 4;
#else
#define WMMA(shape, ...) __builtin_amdgcn_wmma_##shape##_w32(__VA_ARGS__)
#define ROW 2 * i + lane / 16
constexpr int part = 8;
#endif
UNIT(unit_f16, half, float, 16, 16, half16, part, WMMA(f32_16x16x16_f16, x, y, z), ROW)
UNIT(unit_bf16, short, float, 16, 16, short16, part, WMMA(f32_16x16x16_bf16, x, y, z), ROW)
UNIT(unit_i8, signed char, int, 16, 16, int4, part, WMMA(i32_16x16x16_iu8, true, x, true, y, z, false), ROW)

#elif defined(__GFX12__)
#if WAVE == 64
#define WMMA(shape, ...) __builtin_amdgcn_wmma_##shape##_w64_gfx12(__VA_ARGS__)
#define ROW ((lane / 16 & 1) * 2 + lane / 32) * 4 + i
constexpr int part = 4;
typedef half4 halves;
typedef short4 shorts;
typedef int bytes;
#else
#define WMMA(shape, ...) __builtin_amdgcn_wmma_##shape##_w32_gfx12(__VA_ARGS__)
#define ROW lane / 16 * 8 + i
constexpr int part = 8;
typedef half8 halves;
typedef short8 shorts;
typedef int2 bytes;
#endif
UNIT(unit_f16, half, float, 16, 16, halves, part, WMMA(f32_16x16x16_f16, x, y, z), ROW)
UNIT(unit_bf16, short, float, 16, 16, shorts, part, WMMA(f32_16x16x16_bf16, x, y, z), ROW)
UNIT(unit_i8, signed char, int, 16, 16, bytes, part, WMMA(i32_16x16x16_iu8, true, x, true, y, z, false), ROW)
UNIT(unit_fp8, u8, float, 16, 16, bytes, part, WMMA(f32_16x16x16_fp8_fp8, x, y, z), ROW)
UNIT(unit_bf8, u8, float, 16, 16, bytes, part, WMMA(f32_16x16x16_bf8_bf8, x, y, z), ROW)
#endif
