// SPDX-License-Identifier: Apache-2.0
// Inputs of matrix products.
#pragma once

#include <cmath>
#include <utility>
#include <vector>

#include "tests/check/check.h"

namespace check {

// Standard normal values, but no subnormal f16, which gfx90a's matrix instructions take for 0, as ops.h says.
inline tensor normal_operand(dtype d, std::vector<int64_t> extents) {
  tensor t = input(d, std::move(extents), fills::normal());
  for (double& x : t.contents) {
    if (d == dtype::f16 && std::fabs(x) < 0x1p-14) x = 0x1p-14;
  }
  return t;
}

}  // namespace check
