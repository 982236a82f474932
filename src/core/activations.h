// SPDX-License-Identifier: Apache-2.0
// The activations of feed-forward layers, for reference.cpp: in double, and in float for those that the CPU serves.
#pragma once

#include <cmath>
#include <numbers>

namespace hipinfer {

struct silu {
  template <class Real>
  Real operator()(Real x) const {
    return x / (1 + std::exp(-x));
  }
};
// In double: far below 0 erfc multiplies the rounding of its argument by x^2.
struct gelu {
  template <class Real>
  Real operator()(Real x) const {
    return static_cast<Real>(x / 2 * std::erfc(-static_cast<double>(x) / std::numbers::sqrt2));
  }
};
// In the form without a difference of nearly equal numbers: (1 + tanh(u)) / 2 = 1 / (1 + exp(-2u)).
struct gelu_tanh {
  template <class Real>
  Real operator()(Real x) const {
    const Real u = std::sqrt(2 * std::numbers::inv_pi_v<Real>) * (x + static_cast<Real>(0.044715) * x * x * x);
    return x / (1 + std::exp(-2 * u));
  }
};

}  // namespace hipinfer
