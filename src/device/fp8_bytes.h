// SPDX-License-Identifier: Apache-2.0
// Values as fp8 of a dtype that is known at run time, for kernels short of registers: the formats are immediates here, where
// with_fp8 of vec.h has one body that holds its format in registers. What all have in common is that they are bytes, so
// that only the rounding is there for each.
#pragma once

#include "device/quantize.h"

namespace hipinfer {

// A dtype that the target converts by itself has no business here where with_fp8_rounding has been asked before: Rest.
template <bool Rest = false, int N>
HIPINFER_DEVICE vec<uint8_t, N> fp8_bytes(dtype type, const float (&x)[N]) {
  const auto as = [&]<class Q>(Q) { return bit_cast<vec<uint8_t, N>>(from_floats<Q>(x)); };
  if constexpr (Rest && in_hardware<e4m3fn>) {
    return type == dtype::e4m3fnuz ? as(e4m3fnuz{}) : as(e5m2fnuz{});
  } else if constexpr (Rest && in_hardware<e4m3fnuz>) {
    return type == dtype::e4m3fn ? as(e4m3fn{}) : as(e5m2{});
  } else {
    switch (type) {
      case dtype::e4m3fn:
        return as(e4m3fn{});
      case dtype::e4m3fnuz:
        return as(e4m3fnuz{});
      case dtype::e5m2:
        return as(e5m2{});
      default:
        return as(e5m2fnuz{});
    }
  }
}

// How values become fp8: in hardware, in a path of its own, or by code so long that it should be there once.
template <class Q>
struct quick_fp8 {
  static constexpr bool is_long = false;
  template <int N>
  HIPINFER_DEVICE vec<uint8_t, N> bytes(const float (&x)[N]) const {
    return bit_cast<vec<uint8_t, N>>(from_floats<Q>(x));
  }
};
template <bool Rest>
struct slow_fp8 {
  static constexpr bool is_long = true;
  dtype type;
  template <int N>
  HIPINFER_DEVICE vec<uint8_t, N> bytes(const float (&x)[N]) const {
    return fp8_bytes<Rest>(type, x);
  }
};
// Calls body with one of them, for vectors of Width elements: a branch that all threads agree on.
template <int Width, class Body>
HIPINFER_DEVICE void with_fp8_rounding(dtype type, Body body) {
  if constexpr (Width % 4 == 0 && in_hardware<e4m3fn>) {
    if (type == dtype::e4m3fn) return body(quick_fp8<e4m3fn>{});
    if (type == dtype::e5m2) return body(quick_fp8<e5m2>{});
  }
  if constexpr (Width % 4 == 0 && in_hardware<e4m3fnuz>) {
    if (type == dtype::e4m3fnuz) return body(quick_fp8<e4m3fnuz>{});
    if (type == dtype::e5m2fnuz) return body(quick_fp8<e5m2fnuz>{});
  }
  body(slow_fp8<Width % 4 == 0>{type});
}

}  // namespace hipinfer
