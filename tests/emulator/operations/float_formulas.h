// SPDX-License-Identifier: Apache-2.0
// What floating-point operations compute in a lane, NaNs included, without branches, so that loops over lanes vectorise.
//
// NaNs, as measured on gfx1151 and gfx1201 (public captures; the manuals do not say): the first NaN among the operands
// is the result, made quiet; a product of infinity and zero comes before a NaN addend; the NaN of an invalid operation
// is 0xffc00000, which is x86's, too. x86 takes the first NaN as well, but compilers swap operands.
#pragma once

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
inline constexpr auto fused = [](auto x, auto y, auto z) { return with_nans(std::fma(x, y, z), x, y, z); };

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
