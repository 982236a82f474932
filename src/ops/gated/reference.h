// SPDX-License-Identifier: Apache-2.0
// The gated units from their definitions.
#pragma once

#include <numbers>
#include <vector>

#include "core/reference.h"

namespace hipinfer {

struct silu_of_definition {
  template <class Real>
  Real operator()(Real x) const {
    return x / (1 + std::exp(-x));
  }
};
struct gelu_of_definition {
  template <class Real>
  Real operator()(Real x) const {
    return x / 2 * std::erfc(-x / std::numbers::sqrt2_v<Real>);
  }
};
// In the form without a difference of nearly equal numbers: (1 + tanh(u)) / 2 = 1 / (1 + exp(-2u)).
struct gelu_tanh_of_definition {
  template <class Real>
  Real operator()(Real x) const {
    const Real u = std::sqrt(2 * std::numbers::inv_pi_v<Real>) * (x + static_cast<Real>(0.044715) * x * x * x);
    return x / (1 + std::exp(-2 * u));
  }
};

// Row r of the result, not yet rounded.
template <class Activation, class T, class Params>
std::vector<accumulator<T>> gated_row_of_definition(const Params& p, int64_t r) {
  const T* gate = static_cast<const T*>(p.gate) + r * p.gate_stride;
  const T* up = static_cast<const T*>(p.up) + r * p.up_stride;
  std::vector<accumulator<T>> row(p.n);
  for (int64_t i = 0; i < p.n; ++i) row[i] = Activation{}(widen(gate[i])) * widen(up[i]);
  return row;
}

template <class Activation, class Params>
void gate_of_definition(const Params& p, dtype data) {
  with_float(data, [&]<class T>() {
    parallel_rows(p.rows, p.n, [&](int64_t r) {
      const auto row = gated_row_of_definition<Activation, T>(p, r);
      T* y = static_cast<T*>(p.output) + r * p.output_stride;
      for (int64_t i = 0; i < p.n; ++i) y[i] = narrow<T>(row[i]);
    });
  });
}

// With the given scale of all, or (dynamic) with one found and written for each row.
template <class Activation, bool Dynamic, class Params>
void gate_and_quantise_of_definition(const Params& p, dtype data, dtype output) {
  with_float(data, [&]<class T>() {
    with_quantised(output, [&]<class Q>() {
      parallel_rows(p.rows, p.n, [&](int64_t r) {
        const auto row = gated_row_of_definition<Activation, T>(p, r);
        accumulator<T> scale;
        if constexpr (Dynamic) {
          scale = dynamic_scale_of<Q>(row);
          static_cast<accumulator<T>*>(p.scales)[r * p.scales_stride] = scale;
        } else {
          scale = *static_cast<const accumulator<T>*>(p.scale);
        }
        Q* y = static_cast<Q*>(p.output) + r * p.output_stride;
        for (int64_t i = 0; i < p.n; ++i) y[i] = narrow<Q>(row[i] / scale);
      });
    });
  });
}

}  // namespace hipinfer
