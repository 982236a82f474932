// SPDX-License-Identifier: Apache-2.0
#include <numbers>
#include <vector>

#include "core/reference.h"
#include "gen/gated.h"
#include "gen/gated_rows.h"

namespace hipinfer {
namespace {

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

// Calls f(activation), whichever a trait names.
template <class Name, class F>
void with_activation(Name name, F&& f) {
  switch (name) {
    case Name::silu:
      return f(silu{});
    case Name::gelu:
      return f(gelu{});
    case Name::gelu_tanh:
      return f(gelu_tanh{});
  }
}

// One row of results, not yet rounded.
template <class T, class Activation, class Gate, class Up>
std::vector<accumulator<T>> gated_row(int64_t n, Activation activation, Gate gate, Up up) {
  std::vector<accumulator<T>> row(n);
  for (int64_t i = 0; i < n; ++i) row[i] = activation(widen(gate(i))) * widen(up(i));
  return row;
}
// The row of a packed projection: n gates, then what they gate.
template <class T, class Activation>
std::vector<accumulator<T>> gated_row(const elements<const T>& input, int64_t t, int64_t n, Activation activation) {
  return gated_row<T>(
      n, activation, [&](int64_t i) { return input(t, i); }, [&](int64_t i) { return input(t, n + i); });
}

}  // namespace

void gated_reference(const gated_args& a) {
  const int64_t rows = a.output.shape[0], n = a.output.shape[1];
  with_activation(a.traits.activation, [&](auto activation) {
    with_float(a.input.given() ? a.input.type : a.gate.type, [&]<class T>() {
      const auto row = [&](int64_t t) {
        if (a.input.given()) return gated_row<T>(elements<const T>(a.input), t, n, activation);
        const elements<const T> gate(a.gate), up(a.up);
        return gated_row<T>(n, activation, [&](int64_t i) { return gate(t, i); }, [&](int64_t i) { return up(t, i); });
      };
      if (a.traits.form == gated_form::rounded) {
        const elements<T> output(a.output);
        parallel_rows(rows, n, [&](int64_t t) {
          const auto v = row(t);
          for (int64_t i = 0; i < n; ++i) output(t, i) = narrow<T>(v[i]);
        });
        return;
      }
      with_quantised(a.output.type, [&]<class Q>() {
        const elements<Q> output(a.output);
        parallel_rows(rows, n, [&](int64_t t) {
          const auto v = row(t);
          const auto scale = elements<const accumulator<T>>(a.scale)(0);
          for (int64_t i = 0; i < n; ++i) output(t, i) = narrow<Q>(v[i] / scale);
        });
      });
    });
  });
}

void gated_rows_reference(const gated_rows_args& a) {
  const int64_t n = a.output.shape[1];
  with_activation(a.traits.activation, [&](auto activation) {
    with_float(a.input.type, [&]<class T>() {
      with_quantised(a.output.type, [&]<class Q>() {
        const elements<const T> input(a.input);
        const elements<accumulator<T>> scales(a.scales);
        const elements<Q> output(a.output);
        parallel_rows(a.output.shape[0], n, [&](int64_t t) {
          const auto v = gated_row<T>(input, t, n, activation);
          const accumulator<T> scale = dynamic_scale_of<Q>(v);
          scales(t) = scale;
          for (int64_t i = 0; i < n; ++i) output(t, i) = narrow<Q>(v[i] / scale);
        });
      });
    });
  });
}

}  // namespace hipinfer
