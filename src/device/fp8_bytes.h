// SPDX-License-Identifier: Apache-2.0
// Values as fp8 of a dtype that is known at run time: what all four have in common is that they are bytes, so that only
// the rounding is there four times.
#pragma once

#include "device/quantize.h"

namespace hipinfer {

HIPINFER_DEVICE bool is_fp8(dtype type) {
  return type >= dtype::e4m3fn && type <= dtype::e5m2fnuz;
}

template <int N>
HIPINFER_DEVICE vec<uint8_t, N> fp8_bytes(dtype type, const float (&x)[N]) {
  switch (type) {
    case dtype::e4m3fn:
      return bit_cast<vec<uint8_t, N>>(from_floats<e4m3fn>(x));
    case dtype::e4m3fnuz:
      return bit_cast<vec<uint8_t, N>>(from_floats<e4m3fnuz>(x));
    case dtype::e5m2:
      return bit_cast<vec<uint8_t, N>>(from_floats<e5m2>(x));
    default:
      return bit_cast<vec<uint8_t, N>>(from_floats<e5m2fnuz>(x));
  }
}

}  // namespace hipinfer
