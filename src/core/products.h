// SPDX-License-Identifier: Apache-2.0
// Products of extents of different tensors, which nothing keeps in 64 bits.
#pragma once

#include <cstdint>
#include <initializer_list>

namespace hipinfer {

// Of factors that are not negative: INT64_MAX where it is more than that. A grid is cut long before; where the product itself
// counts, the caller refuses one past most_reach.
inline int64_t saturated_product(std::initializer_list<int64_t> factors) {
  int64_t product = 1;
  bool past = false;
  for (const int64_t factor : factors) {
    if (factor == 0) return 0;
    past |= __builtin_mul_overflow(product, factor, &product);
  }
  return past ? INT64_MAX : product;
}

}  // namespace hipinfer
