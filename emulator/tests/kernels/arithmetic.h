// SPDX-License-Identifier: Apache-2.0
// What compilers make of arithmetic that the machine has no instruction for, and of what it has one for.
#pragma once
#include "device.h"
#pragma clang fp contract(off)

#define EACH_ITEM                                      \
  const int i = blockIdx.x * blockDim.x + threadIdx.x; \
  if (i >= n) return;

template <class T>
__device__ void divide(const T* a, const T* b, T* quotient, T* rest, int n) {
  EACH_ITEM
  quotient[i] = a[i] / b[i];
  rest[i] = a[i] % b[i];
}
KERNEL divide_i64(const i64* a, const i64* b, i64* quotient, i64* rest, int n) {
  divide(a, b, quotient, rest, n);
}
KERNEL divide_u64(const u64* a, const u64* b, u64* quotient, u64* rest, int n) {
  divide(a, b, quotient, rest, n);
}
KERNEL divide_i32(const int* a, const int* b, int* quotient, int* rest, int n) {
  divide(a, b, quotient, rest, n);
}
KERNEL divide_u32(const u32* a, const u32* b, u32* quotient, u32* rest, int n) {
  divide(a, b, quotient, rest, n);
}
KERNEL divide_i16(const short* a, const short* b, short* quotient, short* rest, int n) {
  divide(a, b, quotient, rest, n);
}
KERNEL divide_u8(const u8* a, const u8* b, u8* quotient, u8* rest, int n) {
  divide(a, b, quotient, rest, n);
}

KERNEL multiply_wide(const u64* a, const u64* b, u64* low, u64* high, int n) {
  EACH_ITEM
  const unsigned __int128 product = static_cast<unsigned __int128>(a[i]) * b[i];
  low[i] = static_cast<u64>(product);
  high[i] = static_cast<u64>(product >> 64);
}

// Eight results each, in this order: + - * / sqrt fma floor rint.
template <class T>
__device__ void calculate(const T* a, const T* b, const T* c, T* out, int n) {
  EACH_ITEM
  const T x = a[i], y = b[i], z = c[i];
  const T all[] = {T(x + y),
                   T(x - y),
                   T(x * y),
                   T(x / y),
                   T(__builtin_elementwise_sqrt(x)),
                   T(__builtin_elementwise_fma(x, y, z)),
                   T(__builtin_elementwise_floor(x)),
                   T(__builtin_elementwise_rint(x))};
  for (int j = 0; j < 8; ++j) out[j * n + i] = all[j];
}
KERNEL calculate_f64(const double* a, const double* b, const double* c, double* out, int n) {
  calculate(a, b, c, out, n);
}
KERNEL calculate_f32(const float* a, const float* b, const float* c, float* out, int n) {
  calculate(a, b, c, out, n);
}
KERNEL calculate_f16(const half* a, const half* b, const half* c, half* out, int n) {
  calculate(a, b, c, out, n);
}

typedef half half2 __attribute__((ext_vector_type(2)));
KERNEL calculate_half2(const half2* a, const half2* b, half2* out, int n) {
  EACH_ITEM
  const half2 x = a[i], y = b[i];
  out[i] = x * y;
  out[n + i] = __builtin_elementwise_fma(x, y, y.yx);
  out[2 * n + i] = __builtin_elementwise_max(x, -y);
  out[3 * n + i] = x - y.yy;
}

KERNEL approximate(const float* x, float* out, int n) {
  EACH_ITEM
  out[i] = __builtin_exp2f(x[i]);
  out[n + i] = __builtin_log2f(__builtin_fabsf(x[i]) + 1.5f);
  out[2 * n + i] = __builtin_sinf(x[i]);
  out[3 * n + i] = __builtin_expf(x[i]);
  out[4 * n + i] = __builtin_logf(__builtin_fabsf(x[i]) + 0.5f);
}

template <class T>
__device__ void saturate(const T* a, const T* b, T* out, int n) {
  EACH_ITEM
  const T x = a[i], y = b[i];
  const T all[] = {T(__builtin_elementwise_add_sat(x, y)),
                   T(__builtin_elementwise_sub_sat(x, y)),
                   T(x * y),
                   T(x >> (y & 7)),
                   T(x << (y & 7)),
                   T(x < y ? -x : y),
                   T(__builtin_elementwise_max(x, y)),
                   T((x & y) | (x ^ ~y))};
  for (int j = 0; j < 8; ++j) out[j * n + i] = all[j];
}
KERNEL saturate_i8(const signed char* a, const signed char* b, signed char* out, int n) {
  saturate(a, b, out, n);
}
KERNEL saturate_u8(const u8* a, const u8* b, u8* out, int n) {
  saturate(a, b, out, n);
}
KERNEL saturate_i16(const short* a, const short* b, short* out, int n) {
  saturate(a, b, out, n);
}
KERNEL saturate_u16(const u16* a, const u16* b, u16* out, int n) {
  saturate(a, b, out, n);
}
KERNEL saturate_i32(const int* a, const int* b, int* out, int n) {
  saturate(a, b, out, n);
}
KERNEL saturate_i64(const i64* a, const i64* b, i64* out, int n) {
  saturate(a, b, out, n);
}

static inline __device__ u64 swap_bytes(u64 v) {
#ifdef __OPTIMIZE__
  return __builtin_bswap64(v);
#else
  // At -O0 clang 22 moves only the lower halves of registers before v_perm_b32 on gfx11.
  u64 result = 0;
  for (int i = 0; i < 8; ++i) result = result << 8 | (v >> 8 * i & 0xff);
  return result;
#endif
}

KERNEL count_bits(const u64* x, u64* out, int n) {
  EACH_ITEM
  const u64 v = x[i];
  const u64 all[] = {static_cast<u64>(__builtin_popcountll(v)),
                     v ? static_cast<u64>(__builtin_clzll(v)) : 64,
                     v ? static_cast<u64>(__builtin_ctzll(v)) : 64,
                     __builtin_bitreverse64(v),
                     swap_bytes(v),
                     __builtin_rotateleft64(v, static_cast<u32>(v & 63)),
                     __builtin_bitreverse32(static_cast<u32>(v)),
                     __builtin_rotateright32(static_cast<u32>(v), static_cast<u32>(v >> 59))};
  for (int j = 0; j < 8; ++j) out[j * n + i] = all[j];
}

KERNEL convert(const double* x, i64* out, float* floats, half* halves, __bf16* shorts, int n) {
  EACH_ITEM
  const double v = x[i];
  const float f = static_cast<float>(v);
  const i64 all[] = {static_cast<i64>(v),
                     static_cast<int>(v),
                     static_cast<short>(static_cast<int>(v)),
                     static_cast<i64>(f),
                     static_cast<i64>(u64(v < 0 ? -v : v)),
                     static_cast<i64>(static_cast<half>(f))};
  for (int j = 0; j < 6; ++j) out[j * n + i] = all[j];
  floats[i] = f;
  floats[n + i] = static_cast<float>(all[0]);
  floats[2 * n + i] = static_cast<float>(static_cast<u32>(all[1]));
  halves[i] = static_cast<half>(f);
  halves[n + i] = static_cast<half>(static_cast<short>(all[2]));
  shorts[i] = static_cast<__bf16>(f);
}

// The target's own 8-bit floats: FNUZ on gfx942, OCP on gfx950 and gfx12.
#if defined(__gfx942__) || defined(__gfx950__) || defined(__GFX12__)
#pragma push_macro("EACH")
#define EACH(format)                                                                                         \
  KERNEL decode_##format(const u8* codes, float* out, int n) {                                               \
    EACH_ITEM                                                                                                \
    const int word = codes[i] * 0x01010101;                                                                  \
    out[i] = __builtin_amdgcn_cvt_f32_##format(word, 0);                                                     \
    out[n + i] = __builtin_amdgcn_cvt_f32_##format(word ^ 0xff, 1);                                          \
    out[2 * n + i] = __builtin_amdgcn_cvt_f32_##format(word ^ 0xff, 3);                                      \
    const auto low = __builtin_amdgcn_cvt_pk_f32_##format(codes[i] | (codes[n - 1 - i] << 8), false);        \
    const auto high = __builtin_amdgcn_cvt_pk_f32_##format(codes[i] << 24 | (codes[n - 1 - i] << 16), true); \
    out[3 * n + i] = low[0];                                                                                 \
    out[4 * n + i] = low[1];                                                                                 \
    out[5 * n + i] = high[0];                                                                                \
    out[6 * n + i] = high[1];                                                                                \
  }                                                                                                          \
  KERNEL encode_##format(const float* x, u8* out, int n) {                                                   \
    EACH_ITEM                                                                                                \
    int word = __builtin_amdgcn_cvt_pk_##format##_f32(x[i], -x[i], 0x5a5a5a5a, false);                       \
    word = __builtin_amdgcn_cvt_pk_##format##_f32(x[n - 1 - i], x[i], word, true);                           \
    for (int j = 0; j < 4; ++j) out[j * n + i] = word >> 8 * j;                                              \
    const u32 random = static_cast<u32>(i) * 2654435761u;                                                    \
    word = __builtin_amdgcn_cvt_sr_##format##_f32(x[i], random, 0x5a5a5a5a, 2);                              \
    for (int j = 0; j < 4; ++j) out[(4 + j) * n + i] = word >> 8 * j;                                        \
  }
EACH(fp8)
EACH(bf8)
#undef EACH
#pragma pop_macro("EACH")
#endif
