// SPDX-License-Identifier: Apache-2.0
#include <span>

#include "core/reference.h"
#include "gen/adaln.h"
#include "gen/fused_add_norm.h"
#include "gen/gated_residual_rmsnorm.h"
#include "gen/gated_rmsnorm.h"
#include "gen/norm.h"

namespace hipinfer {
namespace {

// Sums are doubles: a float that takes one number after the other would lose what a GPU's tree of sums keeps.
template <class Real>
double mean(std::span<Real> x) {
  double sum = 0;
  for (const Real v : x) sum += v;
  return sum / static_cast<double>(x.size());
}
// 1 / sqrt(mean((x - center)^2) + eps)
template <class Real>
Real inverse_deviation(std::span<Real> x, double center, float eps) {
  double squares = 0;
  for (const Real v : x) squares += (v - center) * (v - center);
  return static_cast<Real>(1 / std::sqrt(squares / static_cast<double>(x.size()) + eps));
}

// row = row / sqrt(mean(row^2) + eps) * (weight + offset)
template <class Real>
void rmsnorm(std::span<Real> row, const numbers<Real>& weight, int offset, float eps) {
  const Real factor = inverse_deviation(row, 0, eps);
  for (size_t i = 0; i < row.size(); ++i) row[i] *= factor * (weight(i) + static_cast<Real>(offset));
}
// row = (row - mean) / sqrt(mean((row - mean)^2) + eps) * weight + bias; NULL: no weight, no bias.
template <class Real>
void layernorm(std::span<Real> row, const numbers<Real>* weight, const numbers<Real>* bias, float eps) {
  const double center = mean(row);
  const Real factor = inverse_deviation(row, center, eps);
  for (size_t i = 0; i < row.size(); ++i) {
    row[i] = static_cast<Real>(row[i] - center) * factor;
    if (weight != nullptr) row[i] *= (*weight)(i);
    if (bias != nullptr) row[i] += (*bias)(i);
  }
}

// Stores the rows as `form` says: rounded, or quantised with a.scale, or each with a scale of its own, which goes to a.scales.
// fill(r, row) computes row r, unrounded.
template <class Real, class Args, class Form, class Fill>
void store_rows(const Args& a, const view& to, Form form, Fill fill) {
  const int64_t n = to.extent(1);
  parallel_rows<Real>(row_count(to), n, n, [&](int64_t r, std::span<Real> row) {
    fill(r, row);
    if (form == Form::rounded) return narrow_row(to, r, row);
    Real scale;
    if (form == Form::self_scaled)
      elements<Real>(a.scales).flat(r) = scale = dynamic_scale_of(to.type, row);
    else
      scale = elements<const Real>(a.scale)(0);
    quantise_row(to, r, row, scale);
  });
}

}  // namespace

void norm_reference(const norm_args& a) {
  with_real(a.input.type, [&]<class Real>() {
    const numbers<Real> weight(a.weight), bias(a.bias);
    store_rows<Real>(a, a.output, a.traits.form, [&](int64_t r, std::span<Real> row) {
      widen_row(a.input, r, row);
      if (a.traits.centred)
        layernorm(row, a.weight.given() ? &weight : nullptr, a.bias.given() ? &bias : nullptr, a.eps);
      else
        rmsnorm(row, weight, a.traits.offset, a.eps);
      if (a.traits.silu) {
        for (Real& v : row) v /= 1 + std::exp(-v);
      }
    });
  });
}

void gated_rmsnorm_reference(const gated_rmsnorm_args& a) {
  const int64_t rows = row_count(a.input), n = a.input.extent(1);
  if (rows == 0) return;  // n may be anything
  with_real(a.input.type, [&]<class Real>() {
    const numbers<Real> weight(a.weight);
    const auto length = static_cast<size_t>(n);
    parallel_rows<Real>(rows, n, 2 * n, [&](int64_t r, std::span<Real> room) {
      const std::span<Real> row = room.first(length), gate = room.subspan(length);
      widen_row(a.input, r, row);
      widen_row(a.gate, r, gate);
      const Real factor = inverse_deviation(row, 0, a.eps);
      for (size_t i = 0; i < length; ++i) {
        const Real numerator = a.activation == norm_gate::silu ? gate[i] : 1, w = a.weight.given() ? weight(i) : 1;
        row[i] = row[i] * factor * w * (numerator / (1 + std::exp(-gate[i])));
      }
      narrow_row(a.output, r, row);
    });
  });
}

void fused_add_norm_reference(const fused_add_norm_args& a) {
  const view& output = a.traits.form == fused_add_norm_form::rounded ? a.input : a.output;
  with_real(a.input.type, [&]<class Real>() {
    const numbers<Real> residual(a.residual), weight(a.weight);
    store_rows<Real>(a, output, a.traits.form, [&](int64_t r, std::span<Real> row) {
      widen_row(a.input, r, row);
      for (int64_t i = 0; i < a.input.shape[1]; ++i) row[i] += residual(r, i);
      narrow_row(a.residual, r, row);
      rmsnorm(row, weight, a.traits.offset, a.eps);
    });
  });
}

void gated_residual_rmsnorm_reference(const gated_residual_rmsnorm_args& a) {
  const int64_t n = a.branch.shape[1];
  with_real(a.branch.type, [&]<class Real>() {
    const numbers<Real> residual(a.residual), weight(a.weight), next_weight(a.next_weight), alpha(a.alpha),
        beta(a.beta);
    parallel_rows<Real>(a.branch.shape[0], n, n, [&](int64_t t, std::span<Real> row) {
      widen_row(a.branch, t, row);
      if (a.weight.given()) {
        for (size_t i = 0; i < row.size(); ++i) row[i] *= weight(i) + static_cast<Real>(a.gain);
      }
      const Real root = inverse_deviation(row, 0, a.eps);
      for (size_t i = 0; i < row.size(); ++i) {
        const Real of_branch = a.beta.given() ? beta(i) : 1, of_stream = a.alpha.given() ? alpha(i) : 1;
        row[i] = static_cast<Real>(a.factor) * of_stream * residual(t, i) + of_branch * row[i] * root;
      }
      narrow_row(a.output, t, row);
      if (!a.normed.given()) return;
      const Real next = inverse_deviation(row, 0, a.next_eps);
      for (size_t i = 0; i < row.size(); ++i) {
        row[i] = row[i] * next * (a.next_weight.given() ? next_weight(i) + static_cast<Real>(a.next_gain) : 1);
      }
      narrow_row(a.normed, t, row);
    });
  });
}

void adaln_reference(const adaln_args& a) {
  const int64_t tokens = a.input.shape[1], n = a.input.shape[2];
  with_real(a.input.type, [&]<class Real>() {
    const numbers<Real> scale(a.scale), shift(a.shift);
    parallel_rows<Real>(a.input.shape[0] * tokens, n, n, [&](int64_t r, std::span<Real> row) {
      const int64_t b = r / tokens;
      widen_row(a.input, r, row);
      const double center = a.rms ? 0 : mean(row);
      const Real factor = inverse_deviation(row, center, a.eps);
      for (size_t i = 0; i < row.size(); ++i) {
        row[i] = static_cast<Real>(row[i] - center) * factor * (1 + scale(b, i)) + shift(b, i);
      }
      narrow_row(a.output, r, row);
    });
  });
}

}  // namespace hipinfer
