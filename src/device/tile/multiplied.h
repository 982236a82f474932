// SPDX-License-Identifier: Apache-2.0
// What matrix instructions multiply in place of fp8 that they do not take: another type, to which every value is converted exactly.
#pragma once

#include "device/fp8_halves.h"

namespace hipinfer::tile {

namespace detail {

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
struct as_fnuz {
  using type = e4m3fnuz;
  static constexpr int halves = 1;
  static constexpr float unit = 4;
  HIPINFER_DEVICE static uint32_t convert(uint32_t word, int) { return e4m3fn_as_fnuz(word); }
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
