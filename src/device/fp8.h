// SPDX-License-Identifier: Apache-2.0
// The four fp8 encodings and i8. fn and the plain e5m2 are OCP's (e4m3fn has no infinity, e5m2 has); fnuz has neither
// infinity nor -0, one NaN where -0 would be, and an exponent bias larger by one: the same bits are half the value.
//
// from_float rounds to nearest even and saturates: what is beyond the largest finite value, infinities too, becomes
// that value; a NaN becomes the NaN without a sign, and 0 in i8. Where the target converts an encoding in hardware that
// is used; the bits are the same.
#pragma once

#include "device/types.h"

namespace hipinfer {

template <int Mantissa, bool Fnuz>
struct float8 {
  static constexpr int mantissa = Mantissa;
  static constexpr bool fnuz = Fnuz;
  static constexpr int bias = (1 << (6 - Mantissa)) - 1 + Fnuz;
  static constexpr uint32_t largest_bits = Fnuz ? 0x7f : Mantissa == 3 ? 0x7e : 0x7b;
  static constexpr uint32_t nan_bits = Fnuz ? 0x80 : 0x7f;
  static constexpr float largest = Mantissa == 2 ? 57344.0f : Fnuz ? 240.0f : 448.0f;
  uint8_t bits;
};
using e4m3fn = float8<3, false>;
using e4m3fnuz = float8<3, true>;
using e5m2 = float8<2, false>;
using e5m2fnuz = float8<2, true>;
using i8 = int8_t;

// One of the four that the target does not convert by itself; which one is known at run time.
struct software_float8 {
  uint8_t bits;
};

// An fp8 that the target converts by itself, two or four at a time.
template <class T>
constexpr bool in_hardware = false;
template <int Mantissa, bool Fnuz>
constexpr bool in_hardware<float8<Mantissa, Fnuz>> = fp8_hardware == (Fnuz ? fp8_encoding::fnuz : fp8_encoding::ocp);

// Of arch/, where fp8_hardware says that there is such a conversion. The first of a word's two or four fp8 is in its
// low bits.
template <bool E5m2>
HIPINFER_DEVICE uint32_t fp8_pack2(float a, float b);
template <bool E5m2>
HIPINFER_DEVICE uint32_t fp8_pack4(const float* x);
template <bool E5m2>
HIPINFER_DEVICE void fp8_unpack2(uint32_t word, float* x);
template <bool E5m2>
HIPINFER_DEVICE void fp8_unpack4(uint32_t word, float* x);
template <bool E5m2>
HIPINFER_DEVICE uint32_t fp8_halves2(uint32_t word);  // where fp8_halves_in_hardware

// Conversion in software, by the numbers that tell the encodings apart: constants where the dtype is known, else values
// that all threads share, so that there is one body for all of them.
class float8_format {
 public:
  HIPINFER_DEVICE constexpr float8_format(int mantissa, bool fnuz)
      : mantissa_(mantissa), bias_((1 << (6 - mantissa)) - 1 + fnuz), fnuz_(fnuz) {}

  HIPINFER_DEVICE constexpr float largest() const { return mantissa_ == 2 ? 57344.0f : fnuz_ ? 240.0f : 448.0f; }

  HIPINFER_DEVICE uint32_t bits(float x) const {
    const int shift = 23 - mantissa_;
    const uint32_t u = bit_cast<uint32_t>(x), sign = u >> 24 & 0x80;
    uint32_t rest = u & 0x7fffffff;
    const bool nan = rest > 0x7f800000;
    const uint32_t most = bit_cast<uint32_t>(largest());
    rest = rest < most ? rest : most;
    const uint32_t rebias = (1u << (shift - 1)) - 1 - (static_cast<uint32_t>(127 - bias_) << 23);
    const uint32_t normal = (rest + rebias + (rest >> shift & 1)) >> shift;
    // Below the smallest normal number: the sum aligns fp8's last subnormal bit with fp32's, and rounds as wanted.
    const uint32_t magic = static_cast<uint32_t>(128 - bias_ - mantissa_ + 23) << 23;
    const uint32_t subnormal = bit_cast<uint32_t>(bit_cast<float>(rest) + bit_cast<float>(magic)) - magic;
    const uint32_t code = rest < static_cast<uint32_t>(128 - bias_) << 23 ? subnormal : normal;
    const uint32_t with_sign = fnuz_ && code == 0 ? 0 : code | sign;
    return nan ? (fnuz_ ? 0x80 : 0x7f) : with_sign;
  }

  HIPINFER_DEVICE float value(uint32_t bits) const {
    const uint32_t sign = (bits & 0x80) << 24, rest = bits & 0x7f;
    // Rebias by a multiplication, which also normalises subnormals.
    const uint32_t scale = static_cast<uint32_t>(254 - bias_) << 23;
    const float magnitude = bit_cast<float>(rest << (23 - mantissa_)) * bit_cast<float>(scale);
    const float value = bit_cast<float>(bit_cast<uint32_t>(magnitude) | sign);
    // fnuz has one NaN; e5m2 has an infinity, and above it NaNs only; e4m3fn's is its largest code.
    constexpr uint32_t none = 0x100;
    const uint32_t infinite = fnuz_ || mantissa_ == 3 ? none : 0x7c, above = fnuz_            ? none
                                                                             : mantissa_ == 3 ? 0x7e
                                                                                              : 0x7c;
    const float finite_or_not = rest == infinite ? bit_cast<float>(0x7f800000u | sign) : value;
    return rest > above || bits == (fnuz_ ? 0x80 : none) ? not_a_number : finite_or_not;
  }

 private:
  int mantissa_, bias_;
  bool fnuz_;
};

HIPINFER_DEVICE bool is_fp8(dtype type) {
  return type >= dtype::e4m3fn && type <= dtype::e5m2fnuz;
}
HIPINFER_DEVICE float8_format float8_format_of(dtype type) {
  const bool e5 = type == dtype::e5m2 || type == dtype::e5m2fnuz;
  return {e5 ? 2 : 3, type == dtype::e4m3fnuz || type == dtype::e5m2fnuz};
}

template <int Mantissa, bool Fnuz>
HIPINFER_DEVICE float to_float(float8<Mantissa, Fnuz> x) {
  using type = float8<Mantissa, Fnuz>;
  if constexpr (in_hardware<type>) {
    float pair[2];
    fp8_unpack2<Mantissa == 2>(x.bits, pair);
    return pair[0];
  } else {
    return float8_format(Mantissa, Fnuz).value(x.bits);
  }
}
HIPINFER_DEVICE float to_float(i8 x) {
  return static_cast<float>(static_cast<int32_t>(x));
}

namespace detail {
template <class T>
HIPINFER_DEVICE T float8_from(float x) {
  if constexpr (in_hardware<T>)
    return {static_cast<uint8_t>(fp8_pack2<T::mantissa == 2>(x, x))};
  else
    return {static_cast<uint8_t>(float8_format(T::mantissa, T::fnuz).bits(x))};
}
}  // namespace detail

template <>
HIPINFER_DEVICE e4m3fn from_float<e4m3fn>(float x) {
  return detail::float8_from<e4m3fn>(x);
}
template <>
HIPINFER_DEVICE e4m3fnuz from_float<e4m3fnuz>(float x) {
  return detail::float8_from<e4m3fnuz>(x);
}
template <>
HIPINFER_DEVICE e5m2 from_float<e5m2>(float x) {
  return detail::float8_from<e5m2>(x);
}
template <>
HIPINFER_DEVICE e5m2fnuz from_float<e5m2fnuz>(float x) {
  return detail::float8_from<e5m2fnuz>(x);
}
template <>
HIPINFER_DEVICE i8 from_float<i8>(float x) {
  return static_cast<i8>(static_cast<int32_t>(x == x ? min(max(round_even(x), -128.0f), 127.0f) : 0.0f));
}

}  // namespace hipinfer
