// SPDX-License-Identifier: Apache-2.0
#include <span>

#include "core/activations.h"
#include "core/reference.h"
#include "gen/gated.h"
#include "gen/gated_rows.h"

namespace hipinfer {
namespace {

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
template <class Real, class Activation, class Gate, class Up>
void gated_row(std::span<Real> row, Activation activation, Gate gate, Up up) {
  for (size_t i = 0; i < row.size(); ++i) row[i] = activation(widen(gate(i))) * widen(up(i));
}
// The row of a packed projection: n gates, then what they gate.
template <class T, class Activation>
void gated_row(std::span<accumulator<T>> row, const elements<const T>& input, int64_t t, Activation activation) {
  gated_row(row, activation, [&](size_t i) { return input(t, i); }, [&](size_t i) { return input(t, row.size() + i); });
}

}  // namespace

void gated_reference(const gated_args& a) {
  const int64_t rows = a.output.shape[0], n = a.output.shape[1];
  with_activation(a.traits.activation, [&](auto activation) {
    with_float(a.input.given() ? a.input.type : a.gate.type, [&]<class T>() {
      using real = accumulator<T>;
      const auto fill = [&](std::span<real> v, int64_t t) {
        if (a.input.given()) return gated_row<T>(v, elements<const T>(a.input), t, activation);
        const elements<const T> gate(a.gate), up(a.up);
        gated_row(v, activation, [&](size_t i) { return gate(t, i); }, [&](size_t i) { return up(t, i); });
      };
      if (a.traits.form == gated_form::rounded) {
        const elements<T> output(a.output);
        parallel_rows<real>(rows, n, n, [&](int64_t t, std::span<real> v) {
          fill(v, t);
          for (int64_t i = 0; i < n; ++i) output(t, i) = narrow<T>(v[i]);
        });
        return;
      }
      with_quantised(a.output.type, [&]<class Q>() {
        const elements<Q> output(a.output);
        parallel_rows<real>(rows, n, n, [&](int64_t t, std::span<real> v) {
          fill(v, t);
          const real scale = elements<const real>(a.scale)(0);
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
        using real = accumulator<T>;
        const elements<const T> input(a.input);
        const elements<real> scales(a.scales);
        const elements<Q> output(a.output);
        parallel_rows<real>(a.output.shape[0], n, n, [&](int64_t t, std::span<real> v) {
          gated_row<T>(v, input, t, activation);
          const real scale = dynamic_scale_of<Q>(v);
          scales(t) = scale;
          for (int64_t i = 0; i < n; ++i) output(t, i) = narrow<Q>(v[i] / scale);
        });
      });
    });
  });
}

}  // namespace hipinfer
