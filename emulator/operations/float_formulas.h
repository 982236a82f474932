// SPDX-License-Identifier: Apache-2.0
// What floating-point operations compute in a lane, NaNs included, without branches, so that loops over lanes vectorise.
//
// NaNs, as measured on gfx1151 and gfx1201 (public captures; the manuals do not say): the first NaN among the operands
// is the result, made quiet; a product of infinity and zero comes before a NaN addend; the NaN of an invalid operation
// is 0xffc00000, which is x86's, too. x86 takes the first NaN as well, but compilers swap operands.
#pragma once

#include "operations/fused.h"
#include "operations/lanes.h"
#include "operations/numerics.h"

namespace hipemu {

template <class F>
inline F with_nans(F result, F x, F y) {
  const F second = y != y ? quiet(y) : result;
  const F nan = x != x ? quiet(x) : second;
  return result != result ? nan : result;
}
template <class F>
inline F with_nans(F result, F x, F y, F z) {
  const F product = x * y;
  const F third = product == product && z != z ? quiet(z) : -std::numeric_limits<F>::quiet_NaN();
  const F second = y != y ? quiet(y) : third;
  const F nan = x != x ? quiet(x) : second;
  return result != result ? nan : result;
}

inline constexpr auto plus = [](auto x, auto y) { return with_nans(x + y, x, y); };
inline constexpr auto minus = [](auto x, auto y) { return with_nans(x - y, x, -y); };
inline constexpr auto times = [](auto x, auto y) { return with_nans(x * y, x, y); };

struct fused_multiply_add {
  template <class F>
  constexpr F operator()(F x, F y, F z) const {
    return with_nans(std::fma(x, y, z), x, y, z);
  }
  // GCC turns no std::fma into vectors under -frounding-math. Where a lane is a NaN, lanes are done one by one.
  template <class F>
  HIPEMU_FUSED static void all(int lanes, F* d, const F* x, const F* y, const F* z) {
    using row = row_of<F, 32>;
    using vector = typename row::vector;
    for (int c = 0; c < lanes; c += 32) {
      const auto *a = reinterpret_cast<const vector*>(x + c), *b = reinterpret_cast<const vector*>(y + c),
                 *s = reinterpret_cast<const vector*>(z + c);
      vector r[row::count];
      decltype(r[0] != r[0]) is_nan{};
      for (int n = 0; n < row::count; ++n) {
        r[n] = a[n] * b[n] + s[n];
        is_nan |= r[n] != r[n];
      }
      uint64_t any = 0, part[sizeof(is_nan) / 8];
      std::memcpy(part, &is_nan, sizeof(part));
      for (const uint64_t one : part) any |= one;
      if (any) [[unlikely]] {
        for (int l = c; l < c + 32; ++l) d[l] = fused_multiply_add()(x[l], y[l], z[l]);
      } else {
        std::memcpy(d + c, r, sizeof(r));
      }
    }
  }
};
inline constexpr fused_multiply_add fused;

// x y + z, rounded to odd in f32: rounding that to f16 rounds the exact value once. The product of two f32 is exact in
// f64; Knuth's sum gives what the addition lost.
inline constexpr auto fused_for_half = [](float x, float y, float z) {
  const double p = static_cast<double>(x) * static_cast<double>(y), q = z;
  const double sum = p + q, part = sum - p;
  const double lost = (p - (sum - part)) + (q - part);
  // Towards the exact sum, if the last bit is even: one more or less in magnitude.
  const auto to_odd = [](auto value, bool inexact, bool outwards) {
    const auto bits = as_bits(value);
    using B = decltype(as_bits(value));
    const B step = outwards ? B{1} : static_cast<B>(-1);
    return std::bit_cast<decltype(value)>(inexact && (bits & 1) == 0 ? bits + step : bits);
  };
  const bool finite = std::fabs(sum) < std::numeric_limits<double>::infinity();
  const double exact = to_odd(sum, finite && lost != 0, (lost > 0) == (sum > 0));
  const float narrow = static_cast<float>(exact);
  const double back = narrow;
  const bool bounded = std::fabs(narrow) < std::numeric_limits<float>::infinity();
  return with_nans(to_odd(narrow, bounded && back != exact, std::fabs(exact) > std::fabs(back)), x, y, z);
};

// By MODE.IEEE.
template <bool Ieee>
inline constexpr auto least = [](auto x, auto y) { return min_number(x, y, Ieee); };
template <bool Ieee>
inline constexpr auto most = [](auto x, auto y) { return max_number(x, y, Ieee); };

// Runs one handler or the other, by MODE.IEEE.
template <handler With, handler Without>
void by_ieee(wave& w, const instruction& i) {
  (w.mode.ieee ? With : Without)(w, i);
}

}  // namespace hipemu
