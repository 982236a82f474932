// SPDX-License-Identifier: Apache-2.0
// Inputs of quantised matrix products, and how far their results may be off.
#pragma once

#include <algorithm>

#include "tests/check/matrices.h"

namespace check {

inline const dtypes operand_types = {dtype::e4m3fn, dtype::e4m3fnuz, dtype::i8};
inline const dtypes output_types = {dtype::f16, dtype::bf16, dtype::f32};
constexpr int64_t block = 128;  // elements that may share a scale

inline int64_t blocks(int64_t n) {
  return (n + block - 1) / block;
}
// With scales, values of either operand are of the size of 1, so that an output is of the size of the root of the depth.
inline tensor operand(dtype d, extents shape) {
  return input(d, std::move(shape), d == dtype::i8 ? fills::integers(-128, 127) : fills::normal());
}
inline tensor scale(dtype d, extents shape) {
  const double unit = d == dtype::i8 ? 1.0 / 74 : 1;  // 74 is the standard deviation of i8
  return input(dtype::f32, std::move(shape), fills::uniform(0.5 * unit, 1.5 * unit));
}

// The error of a case whose second argument is the input.
inline void allow_scaled_products(test_case& c) {
  const double depth = static_cast<double>(c.arguments[1].shape.back());
  c.floor = std::sqrt(depth);
  c.fp32_units = 32 + depth / 8;  // as in gemm's tests
  // Of Hopper's fp8 sums a product loses up to 2^-13 of the largest that is added with it: altogether about as much of the sum of
  // their magnitudes, which is 0.64 of the depth for normal values and may be 10 for a single one; twice that, against the floor.
  // No other hardware drops them.
  if (c.arguments[1].type != dtype::e4m3fn) return;
  c.short_sums = [](const std::string& kernel) { return kernel.rfind("wgmma_", 0) == 0; };
  c.kernel_units = [of = c.short_sums, depth](const std::string& kernel) {
    return of(kernel) ? 2 * 2048 * (0.64 * std::sqrt(depth) + 10) : 0.0;
  };
}

}  // namespace check
