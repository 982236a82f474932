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

// Values of the types of fewer than 8 bits, by their bits.
using value_table = std::array<float, 64>;
inline const value_table& values_of(element x) {
  static const auto tables = [] {
    const number_format formats[] = {fp6_format, bf6_format, fp4_format};
    std::array<value_table, std::size(formats)> all{};
    for (size_t f = 0; f < all.size(); ++f)
      for (uint32_t b = 0; b < 1u << formats[f].bits(); ++b) all[f][b] = decode(formats[f], b);
    return all;
  }();
  return tables[static_cast<size_t>(x) - static_cast<size_t>(element::fp6)];
}

// f16 without branches, so that loops over lanes become vectors: the exponent moves from one bias to the other by a
// multiplication, which makes subnormals normal as well.
inline float f16_lane(uint32_t x) {
  const uint32_t magnitude = (x & 0x7fff) << 13;
  const uint32_t special = (x & 0x7c00) == 0x7c00 ? 0x7f800000u : 0;
  return as_float(as_bits(as_float(magnitude) * 0x1p112f) | special | (x & 0x8000) << 16);
}

// The 8-bit formats in the same way.
inline float f8_lane(const number_format& f, uint32_t x) {
  const uint32_t magnitude = x & 0x7f, sign = (x & 0x80) << 24;
  const float value =
      as_float(magnitude << (23 - f.mantissa_bits)) * as_float(static_cast<uint32_t>(254 - f.bias) << 23);
  constexpr uint32_t nan = 0x7fc00000;
  switch (f.kind) {
    case specials::ieee:
      return as_float(as_bits(value) | (magnitude >= f.infinity() ? 0x7f800000u : 0) | sign);
    case specials::fn:
      return as_float((magnitude == 0x7f ? nan : as_bits(value)) | sign);
    default:
      return as_float((x & 0xff) == 0x80 ? nan : as_bits(value) | sign);
  }
}

// Elements of neighbouring lanes that begin at bit `shift` of their words; `next`: the words after, for what lies across
// two.
template <int Lanes, class T>
inline void read_elements(element x, bool fnuz, bool is_signed, const uint32_t* word, const uint32_t* next, int shift,
                          T* to) {
  const auto each = [&](auto value) {
    for (int l = 0; l < Lanes; ++l) to[l] = static_cast<T>(value(word[l] >> shift));
  };
  switch (x) {
    case element::f64:
      if constexpr (sizeof(T) == 8)
        for (int l = 0; l < Lanes; ++l) to[l] = as_double(word[l] | static_cast<uint64_t>(next[l]) << 32);
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
    case element::fp8:
      if (fnuz) return each([](uint32_t b) { return f8_lane(fp8_fnuz_format, b); });
      return each([](uint32_t b) { return f8_lane(fp8_format, b); });
    case element::bf8:
      if (fnuz) return each([](uint32_t b) { return f8_lane(bf8_fnuz_format, b); });
      return each([](uint32_t b) { return f8_lane(bf8_format, b); });
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
    default: {  // fp6, bf6, fp4
      const value_table& values = values_of(x);
      const uint32_t mask = (1u << bits_of(x)) - 1;
      for (int l = 0; l < Lanes; ++l) {
        const uint64_t both = word[l] | static_cast<uint64_t>(next[l]) << 32;
        to[l] = static_cast<T>(values[both >> shift & mask]);
      }
    }
  }
}

// A row of D into the lanes of one or two registers, rounded to its type.
template <int Lanes, class T>
inline void write_elements(element x, const T* from, uint32_t* word, uint32_t* next, int shift) {
  const auto each_half = [&](auto bits) {
    const uint32_t kept = ~(0xffffu << shift);
    for (int l = 0; l < Lanes; ++l) word[l] = (word[l] & kept) | static_cast<uint32_t>(bits(from[l])) << shift;
  };
  switch (x) {
    case element::f64:
      for (int l = 0; l < Lanes; ++l) {
        const uint64_t bits = as_bits(static_cast<double>(from[l]));
        word[l] = static_cast<uint32_t>(bits);
        next[l] = static_cast<uint32_t>(bits >> 32);
      }
      return;
    case element::f32:
      for (int l = 0; l < Lanes; ++l) word[l] = as_bits(static_cast<float>(from[l]));
      return;
    case element::f16:
      return each_half([](T value) { return f32_to_f16(static_cast<float>(value)); });
    case element::bf16:
      return each_half([](T value) { return f32_to_bf16(static_cast<float>(value)); });
    default:  // i32
      for (int l = 0; l < Lanes; ++l) word[l] = static_cast<uint32_t>(from[l]);
  }
}

// Where the rows of C and D lie, counted in elements.
using row_places = std::array<uint16_t, 64>;

// One product of N x K and K x N, K as rows of A go; what is sparse has two of every four elements of A.
template <class T>
struct product {
  const T *a, *b;                   // a[k][i], b[k][j]
  const uint8_t* places = nullptr;  // of sparse A: places[k][i], among the four
  int k;                            // elements of a row of A
  const T* c;                       // may be what D is
  const uint16_t* c_rows;
  T* d;
  const uint16_t* d_rows;
};

// d[i][j] = c[i][j] + a[k][i] * b[k][j] for k rising. Factors of f64 and f32 need fused sums; products of 16 bits and
// fewer are exact anyway. Sums stay in the host's registers, as many as hide the latency of its additions.
template <int N, bool Sparse, class T>
HIPEMU_FUSED inline void multiply(const product<T>& p) {
  using row = row_of<T, N>;
  using vector = typename row::vector;
  constexpr int columns = row::count < 2 ? row::count : 2, sums = vector_registers / 2 / columns,
                rows = sums < N ? sums : N;
  for (int i = 0; i < N; i += rows) {
    for (int j = 0; j < row::count; j += columns) {
      vector sum[rows][columns];
#pragma GCC unroll 16
      for (int r = 0; r < rows; ++r)
#pragma GCC unroll 2
        for (int n = 0; n < columns; ++n) sum[r][n] = reinterpret_cast<const vector*>(p.c + p.c_rows[i + r])[j + n];
      const T* a = p.a + i;
      for (int k = 0; k < p.k; ++k, a += N) {
#pragma GCC unroll 16
        for (int r = 0; r < rows; ++r) {
          const int from = Sparse ? k / 2 * 4 + p.places[k * N + i + r] : k;
          const vector* b = reinterpret_cast<const vector*>(p.b + from * N) + j;
#pragma GCC unroll 2
          for (int n = 0; n < columns; ++n) sum[r][n] += a[r] * b[n];
        }
      }
#pragma GCC unroll 16
      for (int r = 0; r < rows; ++r)
#pragma GCC unroll 2
        for (int n = 0; n < columns; ++n) reinterpret_cast<vector*>(p.d + p.d_rows[i + r])[j + n] = sum[r][n];
    }
  }
}

}  // namespace hipemu
