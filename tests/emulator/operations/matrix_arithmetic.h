// SPDX-License-Identifier: Apache-2.0
// What matrix instructions compute, on plain arrays: reading elements of every type, and the product.
#pragma once

#include <array>
#include <cmath>
#include <cstdint>

#include "machine/fault.h"
#include "operations/matrix_layout.h"
#include "operations/numerics.h"

namespace hipemu {

// Values of the types of 8 bits and fewer, by their bits.
using value_table = std::array<float, 256>;
const value_table& values_of(element x, bool fnuz);

// f16 without branches, so that loops over lanes become vectors: the exponent moves from one bias to the other by a
// multiplication, which makes subnormals normal as well.
inline float f16_lane(uint32_t x) {
  const uint32_t magnitude = (x & 0x7fff) << 13;
  const uint32_t special = (x & 0x7c00) == 0x7c00 ? 0x7f800000u : 0;
  return as_float(as_bits(as_float(magnitude) * 0x1p112f) | special | (x & 0x8000) << 16);
}

// Elements of `lanes` neighbouring lanes that begin at bit `shift` of their words; `next`: the words after, for what
// lies across two.
template <class T>
inline void read_elements(element x, bool fnuz, bool is_signed, const uint32_t* word, const uint32_t* next, int shift,
                          int lanes, T* to) {
  const auto each = [&](auto value) {
    for (int l = 0; l < lanes; ++l) to[l] = static_cast<T>(value(word[l] >> shift));
  };
  switch (x) {
    case element::f64:
      if constexpr (sizeof(T) == 8)
        for (int l = 0; l < lanes; ++l) to[l] = as_double(word[l] | static_cast<uint64_t>(next[l]) << 32);
      return;
    case element::f32:
      return each([](uint32_t b) { return as_float(b); });
    // hipBLASLt measured that the hardware cuts the rest off. A NaN stays one.
    case element::xf32:
      return each([](uint32_t b) { return as_float((b & 0x7fffffff) > 0x7f800000 ? b : b & ~0x1fffu); });
    case element::f16:
      return each([](uint32_t b) { return f16_lane(b & 0xffff); });
    case element::bf16:
      return each([](uint32_t b) { return as_float(b << 16); });
    case element::i8:
      return each([](uint32_t b) { return static_cast<int8_t>(b); });
    case element::iu8:
      if (is_signed) return each([](uint32_t b) { return static_cast<int8_t>(b); });
      return each([](uint32_t b) { return b & 0xff; });
    case element::iu4:
      if (is_signed) return each([](uint32_t b) { return static_cast<int32_t>(b << 28) >> 28; });
      return each([](uint32_t b) { return b & 0xf; });
    case element::fp6:
    case element::bf6: {
      const value_table& values = values_of(x, fnuz);
      for (int l = 0; l < lanes; ++l) {
        const uint64_t both = word[l] | static_cast<uint64_t>(next[l]) << 32;
        to[l] = static_cast<T>(values[both >> shift & 0x3f]);
      }
      return;
    }
    default: {
      const value_table& values = values_of(x, fnuz);
      const uint32_t mask = (1u << bits_of(x)) - 1;
      return each([&](uint32_t b) { return values[b & mask]; });
    }
  }
}

// One step of a sum: rounded once, as every product of two inputs of 16 bits and fewer is exact.
inline float accumulate(float a, float b, float sum) {
  return std::fma(a, b, sum);
}
inline double accumulate(double a, double b, double sum) {
  return std::fma(a, b, sum);
}
inline int32_t accumulate(int32_t a, int32_t b, int32_t sum) {
  return static_cast<int32_t>(static_cast<uint32_t>(a) * static_cast<uint32_t>(b) + static_cast<uint32_t>(sum));
}

// d[i][j] += a[k][i] * b[k][j], k rising.
template <int Rows, int Columns, class T>
inline void multiply_tile(const T* __restrict a, const T* __restrict b, T* __restrict d, int m, int k_count) {
  for (int i = 0; i < m; i += Rows) {
    T sum[Rows][Columns];  // small enough for the host's registers
    for (int r = 0; r < Rows; ++r)
      for (int j = 0; j < Columns; ++j) sum[r][j] = d[(i + r) * Columns + j];
    for (int k = 0; k < k_count; ++k) {
      for (int r = 0; r < Rows; ++r) {
        const T factor = a[k * m + i + r];
        for (int j = 0; j < Columns; ++j) sum[r][j] = accumulate(factor, b[k * Columns + j], sum[r][j]);
      }
    }
    for (int r = 0; r < Rows; ++r)
      for (int j = 0; j < Columns; ++j) d[(i + r) * Columns + j] = sum[r][j];
  }
}
template <class T>
inline void multiply(const T* a, const T* b, T* d, int m, int n, int k) {
  if (n == 4)
    multiply_tile<4, 4>(a, b, d, m, k);
  else if (n == 16)
    multiply_tile<8, 16>(a, b, d, m, k);
  else
    multiply_tile<4, 32>(a, b, d, m, k);
}

// The same with the two of every four elements of A that are stored; `place`: where each stood among its four.
template <class T>
inline void multiply_sparse(const T* a, const uint8_t* place, const T* b, T* d, int m, int n, int k_stored) {
  for (int i = 0; i < m; ++i) {
    for (int s = 0; s < k_stored; ++s) {
      const T factor = a[s * m + i];
      const T* row = b + (s / 2 * 4 + place[s * m + i]) * n;
      for (int j = 0; j < n; ++j) d[i * n + j] = accumulate(factor, row[j], d[i * n + j]);
    }
  }
}

}  // namespace hipemu
