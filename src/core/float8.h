// SPDX-License-Identifier: Apache-2.0
// The four fp8 encodings on the host, by bit arithmetic. fn and the plain e5m2 are OCP's (e4m3fn has no infinity, e5m2
// has); fnuz has neither infinity nor -0, one NaN where -0 would be, and an exponent bias larger by one: the same bits
// are half the value.
#pragma once

#include <bit>
#include <cstdint>
#include <limits>

namespace hipinfer {

template <int Mantissa, bool Fnuz>
struct float8 {
  static constexpr int mantissa = Mantissa;
  static constexpr bool fnuz = Fnuz;
  static constexpr int bias = (1 << (6 - Mantissa)) - 1 + Fnuz;
  static constexpr uint8_t largest_bits = Fnuz ? 0x7f : Mantissa == 3 ? 0x7e : 0x7b;
  static constexpr uint8_t nan_bits = Fnuz ? 0x80 : 0x7f;
  static constexpr float largest = Mantissa == 2 ? 57344.0f : Fnuz ? 240.0f : 448.0f;
  uint8_t bits;
};
using e4m3fn = float8<3, false>;
using e4m3fnuz = float8<3, true>;
using e5m2 = float8<2, false>;
using e5m2fnuz = float8<2, true>;

template <int Mantissa, bool Fnuz>
float to_float(float8<Mantissa, Fnuz> x) {
  using type = float8<Mantissa, Fnuz>;
  const uint32_t sign = static_cast<uint32_t>(x.bits & 0x80) << 24;
  const uint32_t rest = x.bits & 0x7f;
  if (Fnuz ? x.bits == type::nan_bits : rest > type::largest_bits) {
    const bool infinite = !Fnuz && Mantissa == 2 && rest == 0x7c;
    return std::bit_cast<float>(sign | (infinite ? 0x7f800000u : 0x7fc00000u));
  }
  // Rebias by a multiplication, which also normalises subnormals.
  const float scale = std::bit_cast<float>(static_cast<uint32_t>(254 - type::bias) << 23);
  return std::bit_cast<float>(sign | std::bit_cast<uint32_t>(std::bit_cast<float>(rest << (23 - Mantissa)) * scale));
}

// Rounds to nearest even and saturates: what is beyond the largest finite value, infinities too, becomes that value.
// A NaN becomes the one NaN without a sign. From double, which holds every float, so that a double is rounded once.
template <class Float8>
Float8 float8_from(double x) {
  constexpr int shift = 52 - Float8::mantissa;
  const uint64_t u = std::bit_cast<uint64_t>(x);
  const uint64_t rest = u & ~(uint64_t{1} << 63);
  if (rest > std::bit_cast<uint64_t>(std::numeric_limits<double>::infinity())) return {Float8::nan_bits};
  uint64_t code;
  if (rest >= std::bit_cast<uint64_t>(static_cast<double>(Float8::largest))) {
    code = Float8::largest_bits;
  } else if (rest < static_cast<uint64_t>(1024 - Float8::bias) << 52) {
    // Below the smallest normal number: the sum aligns fp8's last subnormal bit with double's, and rounds as wanted.
    constexpr uint64_t magic = static_cast<uint64_t>(1024 - Float8::bias - Float8::mantissa + 52) << 52;
    code = std::bit_cast<uint64_t>(std::bit_cast<double>(rest) + std::bit_cast<double>(magic)) - magic;
  } else {
    const uint64_t odd = rest >> shift & 1;
    constexpr uint64_t rebias = static_cast<uint64_t>(1023 - Float8::bias) << 52;
    code = (rest + (uint64_t{1} << (shift - 1)) - 1 + odd - rebias) >> shift;
  }
  const bool sign = u >> 63 != 0 && !(Float8::fnuz && code == 0);
  return {static_cast<uint8_t>(code | (sign ? 0x80 : 0))};
}

}  // namespace hipinfer
