// SPDX-License-Identifier: Apache-2.0
// fp8 as f16 or bf16, which hold every value: exact but for a factor of 2, a NaN stays one. Of an encoding that is known at run time, which is a branch that all
// threads agree on: for tiles of fp8 whose other operand has 16 bits.
#pragma once

#include "device/vec.h"

namespace hipinfer {

// Two e4m3, in bytes 1 and 3 of a word, as f16.
template <class Q>
HIPINFER_DEVICE uint32_t to_halves(uint32_t word) {
  static_assert(Q::mantissa == 3);
  // The exponent of f16 has another bias. The multiplication also normalises subnormals, which some instructions read as zero.
  constexpr uint32_t rebias = Q::fnuz ? 0x58005800 : 0x5c005c00;  // 2^7 or 2^8
  const uint32_t sign = word & 0x80008000, magnitude = word >> 1 & 0x3f803f80;
  uint32_t nan;
  if constexpr (Q::fnuz) {
    nan = word & ~(magnitude + 0x7f807f80) & 0x80008000;  // a sign without a magnitude
    nan -= nan >> 6;
  } else {
    nan = (magnitude + 0x00800080) & 0x40004000;  // the largest magnitude
    nan = (nan << 1) - (nan >> 5);
  }
  return multiply_halves(sign | magnitude, rebias) | nan;
}
// e5m2 is the upper half of an f16.
template <>
HIPINFER_DEVICE uint32_t to_halves<e5m2>(uint32_t word) {
  return word & 0xff00ff00;
}
// Half of that, but without infinities: large exponents are one less, others are halved, which subnormals need.
template <>
HIPINFER_DEVICE uint32_t to_halves<e5m2fnuz>(uint32_t word) {
  const uint32_t bits = word & 0xff00ff00, magnitude = word & 0x7f007f00, large = (word & 0x40004000) >> 4;
  uint32_t nan = word & ~(magnitude + 0x7f007f00) & 0x80008000;  // a sign without a magnitude
  nan -= nan >> 6;
  return multiply_halves(bits - large, 0x38003800 + large) | nan;  // 1/2, or 1
}

// e4m3fn as e4m3fnuz, four at a time: the same bits are half the value, but for -0, which becomes 0, and for NaN.
HIPINFER_DEVICE uint32_t e4m3fn_as_fnuz(uint32_t word) {
  const uint32_t magnitude = word & 0x7f7f7f7f;
  const uint32_t nan = (magnitude + 0x01010101) & 0x80808080;
  const uint32_t sign = word & (magnitude + 0x7f7f7f7f) & 0x80808080;
  return (magnitude & ~(nan - (nan >> 7))) | sign | nan;
}

namespace detail {

// Two numbers that T holds.
template <class T>
HIPINFER_DEVICE uint32_t exact_pair(float low, float high) {
  if constexpr (is_bf16<T>)
    return upper_halves(bit_cast<uint32_t>(low), bit_cast<uint32_t>(high));
  else
    return f16_pair_from(low, high);
}
template <class T>
HIPINFER_DEVICE uint32_t pair_of_halves(uint32_t halves) {
  if constexpr (is_bf16<T>)
    return exact_pair<T>(to_float(bit_cast<f16>(static_cast<uint16_t>(halves))),
                         to_float(bit_cast<f16>(static_cast<uint16_t>(halves >> 16))));
  else
    return halves;
}

}  // namespace detail

// What a unit of the words below stands for: 2 of e4m3fn that is converted as e4m3fnuz, else 1.
template <class Q>
constexpr float fp8_unit = Q::mantissa == 3 && !Q::fnuz && in_hardware<e4m3fnuz> ? 2 : 1;
HIPINFER_DEVICE float fp8_unit_of(dtype type) {
  return type == dtype::e4m3fn ? fp8_unit<e4m3fn> : 1.0f;
}

// Four fp8 over their unit as T, in their order.
template <class T, class Q>
HIPINFER_DEVICE vec<uint32_t, 2> widened(uint32_t word) {
  if constexpr (in_hardware<Q> && fp8_halves_in_hardware) {
    return {detail::pair_of_halves<T>(fp8_halves2<Q::mantissa == 2>(word)),
            detail::pair_of_halves<T>(fp8_halves2<Q::mantissa == 2>(word >> 16))};
  } else if constexpr (in_hardware<Q> || fp8_unit<Q> != 1) {
    float x[4];
    fp8_unpack4<Q::mantissa == 2>(in_hardware<Q> ? word : e4m3fn_as_fnuz(word), x);
    return {detail::exact_pair<T>(x[0], x[1]), detail::exact_pair<T>(x[2], x[3])};
  } else {
    const uint32_t low = (word & 0xff) << 8 | (word & 0xff00) << 16, high = (word >> 8 & 0xff00) | (word & 0xff000000);
    return {detail::pair_of_halves<T>(to_halves<Q>(low)), detail::pair_of_halves<T>(to_halves<Q>(high))};
  }
}

// Eight of them, or several times eight.
template <class T, int N>
HIPINFER_DEVICE void widen_fp8(dtype type, const vec<uint32_t, 2> (&from)[N], vec<uint32_t, 4> (&to)[N]) {
  const auto all = [&]<class Q>(Q) {
#pragma unroll
    for (int i = 0; i < N; ++i) {
      const vec<uint32_t, 2> low = widened<T, Q>(from[i].at[0]), high = widened<T, Q>(from[i].at[1]);
      to[i] = {low.at[0], low.at[1], high.at[0], high.at[1]};
    }
  };
  switch (type) {
    case dtype::e4m3fn:
      return all(e4m3fn{});
    case dtype::e4m3fnuz:
      return all(e4m3fnuz{});
    case dtype::e5m2:
      return all(e5m2{});
    default:
      return all(e5m2fnuz{});
  }
}

}  // namespace hipinfer
