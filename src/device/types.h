// SPDX-License-Identifier: Apache-2.0
// Element types and their conversion to and from the fp32 that every kernel computes in.
#pragma once

#include "device/platform.h"

namespace hipinfer {

using f32 = float;
using i32 = int32_t;
using i64 = int64_t;

HIPINFER_DEVICE float to_float(float x) {
  return x;
}

// Rounds to nearest even.
template <class T>
HIPINFER_DEVICE T from_float(float x);
template <>
HIPINFER_DEVICE float from_float<float>(float x) {
  return x;
}
template <>
HIPINFER_DEVICE f16 from_float<f16>(float x) {
  return f16_from(x);
}
template <>
HIPINFER_DEVICE bf16 from_float<bf16>(float x) {
  return bf16_from(x);
}

template <class To, class From>
HIPINFER_DEVICE To bit_cast(From x) {
  static_assert(sizeof(To) == sizeof(From));
  To y;
  __builtin_memcpy(&y, &x, sizeof y);
  return y;
}

constexpr float infinity = __builtin_huge_valf();
constexpr float not_a_number = __builtin_nanf("");
constexpr float largest = 3.4028234663852886e38f;  // finite

}  // namespace hipinfer
