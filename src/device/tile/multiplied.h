// SPDX-License-Identifier: Apache-2.0
// What matrix instructions multiply in place of fp8 that they do not take: another type, to which every value is converted exactly.
#pragma once

#include "device/fp8.h"

namespace hipinfer::tile {

namespace detail {

// Two values, in bytes 1 and 3 of a word, as f16.
template <class T>
HIPINFER_DEVICE uint32_t to_halves(uint32_t word) {
  // The exponent of f16 has another bias. The multiplication also normalises subnormals, which some instructions read as zero.
  constexpr uint32_t rebias = T::fnuz ? 0x58005800 : 0x5c005c00;  // 2^7 or 2^8
  const uint32_t sign = word & 0x80008000, magnitude = word >> 1 & 0x3f803f80;
  uint32_t nan;
  if constexpr (T::fnuz) {
    nan = word & ~(magnitude + 0x7f807f80) & 0x80008000;  // a sign without a magnitude
    nan -= nan >> 6;
  } else {
    nan = (magnitude + 0x00800080) & 0x40004000;  // the largest magnitude
    nan = (nan << 1) - (nan >> 5);
  }
  return multiply_halves(sign | magnitude, rebias) | nan;
}
template <class T>
struct as_halves {
  using type = f16;
  static constexpr int halves = 2;
  static constexpr float unit = 1;
  // Bytes 0 and 2, or 1 and 3: which k these are does not matter, as long as both operands agree.
  HIPINFER_DEVICE static uint32_t convert(uint32_t word, int half) {
    return to_halves<T>(half == 0 ? word << 8 : word);
  }
};
// e4m3fn as e4m3fnuz: the same bits are half the value, but for -0, which becomes 0, and for NaN.
struct as_fnuz {
  using type = e4m3fnuz;
  static constexpr int halves = 1;
  static constexpr float unit = 4;
  HIPINFER_DEVICE static uint32_t convert(uint32_t word, int) {
    const uint32_t magnitude = word & 0x7f7f7f7f;
    const uint32_t nan = (magnitude + 0x01010101) & 0x80808080;
    const uint32_t sign = word & (magnitude + 0x7f7f7f7f) & 0x80808080;
    return (magnitude & ~(nan - (nan >> 7))) | sign | nan;
  }
};

}  // namespace detail

// In place of T instructions multiply `type`: `halves` words of it for a word of four T. Their product times `unit` is that of T.
template <class T, fp8_encoding Hardware = fp8_hardware>
struct multiplied {
  using type = T;
  static constexpr int halves = 1;
  static constexpr float unit = 1;
  HIPINFER_DEVICE static uint32_t convert(uint32_t word, int) { return word; }
};
template <>
struct multiplied<e4m3fn, fp8_encoding::none> : detail::as_halves<e4m3fn> {};
template <>
struct multiplied<e4m3fn, fp8_encoding::fnuz> : detail::as_fnuz {};
template <>
struct multiplied<e4m3fnuz, fp8_encoding::none> : detail::as_halves<e4m3fnuz> {};
template <>
struct multiplied<e4m3fnuz, fp8_encoding::ocp> : detail::as_halves<e4m3fnuz> {};

// Nothing is to be converted.
template <class T>
constexpr bool same_bits = multiplied<T>::halves == 1 && multiplied<T>::unit == 1;
// What a sum of products stands for.
template <class T, class Sum>
HIPINFER_DEVICE float value_of(Sum sum) {
  return static_cast<float>(sum) * multiplied<T>::unit;
}

}  // namespace hipinfer::tile
