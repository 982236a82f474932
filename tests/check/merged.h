// SPDX-License-Identifier: Apache-2.0
// Partial results of attention, to be merged.
#pragma once

#include <cmath>

#include "tests/check/check.h"

namespace check {

// Logarithms of every kind: near each other, far apart, absent, and of all -inf where `i % 11` says so for every state.
inline fill logarithms() {
  return [](int64_t i, generator& g) {
    const double x = std::normal_distribution<double>(0, 4)(g);
    return i % 11 == 3 ? -INFINITY : i % 13 == 5 ? x + 100 : x;
  };
}

// Sums of `states` products over a weight that is within some units of its own; what is merged may cancel: of values' size.
inline void bound(test_case& c, int64_t states) {
  c.floor = 1;
  c.fp32_units = 32 + 4 * static_cast<double>(states);
}

// Shapes for the kernels' edges: tokens, heads, columns.
inline std::vector<std::vector<int64_t>> merged_shapes() {
  std::vector<std::vector<int64_t>> out = {{0, 2, 64}, {3, 0, 64}, {3, 2, 0}, {1, 1, 1}, {300, 5, 8}};
  for (const int64_t d : {1, 7, 63, 64, 65, 80, 128, 192, 256, 512, 1000}) out.push_back({5, 3, d});
  return out;
}

}  // namespace check
