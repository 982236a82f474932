// SPDX-License-Identifier: Apache-2.0
// What a parameter struct may use, on host and device alike: fixed-width integers, float, and pointers. A struct is
// passed to its kernel by value, so it holds no padding that matters and no types with constructors.
#pragma once

#include <stdint.h>

namespace hipinfer {

// From q4_0 on an element is stored in a block that has scales of its own.
enum class dtype : uint8_t {
  f32,
  f16,
  bf16,
  f64,
  i8,
  u8,
  i32,
  i64,
  b8,
  e4m3fn,
  e4m3fnuz,
  e5m2,
  e5m2fnuz,
  q4_0,
  q8_0,
  q4_k,
  q6_k,
  mxfp4,
  unknown
};

// A number that many others are divided by: core/divisor.h prepares it, divide() of device/index.h uses it.
struct divisor {
  int64_t by;
  uint32_t multiplier;  // ceil(2^(31 + shift) / by); 0: the numbers are too large for it
  uint32_t shift;
};

}  // namespace hipinfer
