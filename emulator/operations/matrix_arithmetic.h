// SPDX-License-Identifier: Apache-2.0
// What matrix instructions compute, on plain arrays: reading elements of every type, and the product.
#pragma once

#include <array>
#include <cmath>
#include <cstdint>

#include "machine/fault.h"
#include "operations/fused.h"
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
    case element::i32:
      return each([](uint32_t b) { return b; });
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

// A row of D into the lanes of one or two registers, rounded to its type.
template <class T>
inline void write_elements(element x, const T* from, int lanes, uint32_t* word, uint32_t* next, int shift) {
  const auto each_half = [&](auto bits) {
    const uint32_t kept = ~(0xffffu << shift);
    for (int l = 0; l < lanes; ++l) word[l] = (word[l] & kept) | static_cast<uint32_t>(bits(from[l])) << shift;
  };
  switch (x) {
    case element::f64:
      for (int l = 0; l < lanes; ++l) {
        const uint64_t bits = as_bits(static_cast<double>(from[l]));
        word[l] = static_cast<uint32_t>(bits);
        next[l] = static_cast<uint32_t>(bits >> 32);
      }
      return;
    case element::f32:
      for (int l = 0; l < lanes; ++l) word[l] = as_bits(static_cast<float>(from[l]));
      return;
    case element::f16:
      return each_half([](T value) { return f32_to_f16(static_cast<float>(value)); });
    case element::bf16:
      return each_half([](T value) { return f32_to_bf16(static_cast<float>(value)); });
    default:  // i32
      for (int l = 0; l < lanes; ++l) word[l] = static_cast<uint32_t>(from[l]);
  }
}

// d[i][j] += a[k][i] * b[k][j], k rising. Factors of f64 and f32 need fused sums; products of 16 bits and fewer are exact anyway.
template <int N, int Rows, class T>
HIPEMU_FUSED inline void multiply_columns(const T* a, const T* b, T* d, int m, int k_count) {
  using vector = typename row_of<T, N>::vector;
  constexpr int count = row_of<T, N>::count;
  for (int i = 0; i < m; i += Rows) {
    vector* to = reinterpret_cast<vector*>(d + i * N);
    vector sum[Rows * count];  // the host's registers hold it
    for (int n = 0; n < Rows * count; ++n) sum[n] = to[n];
    for (int k = 0; k < k_count; ++k) {
      const vector* row = reinterpret_cast<const vector*>(b + k * N);
      for (int r = 0; r < Rows; ++r)
        for (int c = 0; c < count; ++c) sum[r * count + c] += a[k * m + i + r] * row[c];
    }
    for (int n = 0; n < Rows * count; ++n) to[n] = sum[n];
  }
}
template <class T>
inline void multiply(const T* a, const T* b, T* d, int m, int n, int k) {
  if (n == 4)
    multiply_columns<4, 4>(a, b, d, m, k);
  else if (n == 16)
    multiply_columns<16, sizeof(T) == 8 ? 4 : 8>(a, b, d, m, k);
  else
    multiply_columns<32, sizeof(T) == 8 ? 2 : 4>(a, b, d, m, k);
}

// The same with the two of every four elements of A that are stored; `place`: where each stood among its four.
template <int N, class T>
HIPEMU_FUSED inline void multiply_sparse_columns(const T* a, const uint8_t* place, const T* b, T* d, int m,
                                                 int k_stored) {
  using vector = typename row_of<T, N>::vector;
  constexpr int count = row_of<T, N>::count;
  for (int i = 0; i < m; ++i) {
    vector* sum = reinterpret_cast<vector*>(d + i * N);
    for (int s = 0; s < k_stored; ++s) {
      const vector* row = reinterpret_cast<const vector*>(b + (s / 2 * 4 + place[s * m + i]) * N);
      for (int c = 0; c < count; ++c) sum[c] += a[s * m + i] * row[c];
    }
  }
}
template <class T>
inline void multiply_sparse(const T* a, const uint8_t* place, const T* b, T* d, int m, int n, int k_stored) {
  if (n == 16)
    multiply_sparse_columns<16>(a, place, b, d, m, k_stored);
  else
    multiply_sparse_columns<32>(a, place, b, d, m, k_stored);
}

}  // namespace hipemu
