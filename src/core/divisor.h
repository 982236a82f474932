// SPDX-License-Identifier: Apache-2.0
// Division by a number that is known when a kernel is launched.
#pragma once

#include <algorithm>

#include "device/params.h"

namespace hipinfer {

// For dividing 0 .. most by `by`, which is 1 at least. The multiplier's error is below by <= 2^shift, so that the quotient
// of a number under 2^31 is exact (Granlund and Montgomery 1994).
inline divisor make_divisor(int64_t by, int64_t most) {
  if (std::max(by, most) >> 31 != 0) return {by, 0, 0};
  uint32_t shift = 0;
  while (int64_t{1} << shift < by) ++shift;
  const uint64_t numerator = uint64_t{1} << (31 + shift);
  return {by, static_cast<uint32_t>((numerator + by - 1) / by), shift};
}

}  // namespace hipinfer
