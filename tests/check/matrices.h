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

// So many rows of a tensor.
inline tensor rows_of(const tensor& t, int64_t first, int64_t count) {
  tensor part = t;
  const int64_t width = t.elements() / t.shape[0];
  part.shape[0] = count;
  if (t.use != role::out) {
    part.contents.assign(t.contents.begin() + first * width, t.contents.begin() + (first + count) * width);
  }
  return part;
}

using dtypes = std::vector<dtype>;
using extents = std::vector<int64_t>;

// Every kernel is run alone, with any number of rows that it takes, so few rows meet all of them; and what a dtype changes has nothing to
// do with shapes and strides. So a quick run takes one of a list, another at each turn, where a full one takes all.
template <class List>
List in_turn(const List& all, size_t turn) {
  if (!quick()) return all;
  return {all[turn % all.size()]};
}

}  // namespace check
