// SPDX-License-Identifier: Apache-2.0
// Values as fp8 of a dtype that is known at run time: what all have in common is that they are bytes, so that only
// the rounding is there for each.
#pragma once

#include "device/quantize.h"

namespace hipinfer {

HIPINFER_DEVICE bool is_fp8(dtype type) {
  return type >= dtype::e4m3fn && type <= dtype::e5m2fnuz;
}

template <int N>
HIPINFER_DEVICE vec<uint8_t, N> fp8_bytes(dtype type, const float (&x)[N]) {
  vec<uint8_t, N> bytes;
  with_fp8(type, [&](auto as) { bytes = bit_cast<vec<uint8_t, N>>(as.from(x)); });
  return bytes;
}

}  // namespace hipinfer
