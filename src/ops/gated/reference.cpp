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

// Row t of results, not yet rounded: activation(gate) * up. `room` is for twice a row.
template <class Real, class Activation>
std::span<Real> gated_row(std::span<Real> room, Activation activation, const view& gate, const view& up, int64_t t,
                          int64_t first_up) {
  const size_t n = room.size() / 2;
  const std::span<Real> row = room.first(n), by = room.subspan(n);
  widen_row(gate, t, row);
  widen_row(up, t, by, first_up);
  for (size_t i = 0; i < n; ++i) row[i] = activation(row[i]) * by[i];
  return row;
}
// Of a packed projection: n gates, then what they gate.
template <class Real, class Activation>
std::span<Real> gated_row(std::span<Real> room, Activation activation, const view& input, int64_t t) {
  return gated_row(room, activation, input, input, t, static_cast<int64_t>(room.size() / 2));
}

}  // namespace

void gated_reference(const gated_args& a) {
  const int64_t rows = a.output.shape[0], n = a.output.shape[1];
  if (rows == 0) return;  // n may be anything
  with_activation(a.traits.activation, [&](auto activation) {
    with_real(a.input.given() ? a.input.type : a.gate.type, [&]<class Real>() {
      parallel_rows<Real>(rows, n, 2 * n, [&](int64_t t, std::span<Real> room) {
        const std::span<Real> row =
            a.input.given() ? gated_row(room, activation, a.input, t) : gated_row(room, activation, a.gate, a.up, t, 0);
        if (a.traits.form == gated_form::rounded)
          narrow_row(a.output, t, row);
        else
          quantise_row(a.output, t, row, elements<const Real>(a.scale)(0));
      });
    });
  });
}

void gated_rows_reference(const gated_rows_args& a) {
  const int64_t rows = a.output.shape[0], n = a.output.shape[1];
  if (rows == 0) return;  // n may be anything
  with_activation(a.traits.activation, [&](auto activation) {
    with_real(a.input.type, [&]<class Real>() {
      parallel_rows<Real>(rows, n, 2 * n, [&](int64_t t, std::span<Real> room) {
        const std::span<Real> row = gated_row(room, activation, a.input, t);
        const Real scale = dynamic_scale_of(a.output.type, row);
        elements<Real>(a.scales)(t) = scale;
        quantise_row(a.output, t, row, scale);
      });
    });
  });
}

}  // namespace hipinfer
