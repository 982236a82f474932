// SPDX-License-Identifier: Apache-2.0
// Segments of rows, for grouped matrix products.
#pragma once

#include <numeric>

#include "tests/check/matrices.h"

namespace check {

inline tensor index_list(std::vector<double> values, dtype d = dtype::i32) {
  const int64_t n = static_cast<int64_t>(values.size());
  return input(d, {n}, fills::values(std::move(values)));
}

// Segments of these lengths, after `before` rows that belong to none.
inline tensor offsets(const extents& lengths, int64_t before = 0, dtype d = dtype::i32) {
  std::vector<double> values{static_cast<double>(before)};
  for (const int64_t n : lengths) values.push_back(values.back() + static_cast<double>(n));
  return index_list(std::move(values), d);
}
inline int64_t total(const extents& lengths) {
  return std::accumulate(lengths.begin(), lengths.end(), int64_t{0});
}
inline int64_t count(const extents& lengths) {
  return static_cast<int64_t>(lengths.size());
}

}  // namespace check
