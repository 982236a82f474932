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

template <class T>
void widen_row(const elements<const T>& x, int64_t r, std::span<accumulator<T>> row) {
  const auto x_row = x.row(r);
  for (size_t i = 0; i < row.size(); ++i) row[i] = widen(x_row(i));
}

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
template <class Real, class W>
void rmsnorm(std::span<Real> row, const elements<const W>& weight, int offset, float eps) {
  const Real factor = inverse_deviation(row, 0, eps);
  for (size_t i = 0; i < row.size(); ++i) row[i] *= factor * (widen(weight(i)) + offset);
}
// row = (row - mean) / sqrt(mean((row - mean)^2) + eps) * weight + bias; NULL: no weight, no bias.
template <class Real, class W>
void layernorm(std::span<Real> row, const elements<const W>* weight, const elements<const W>* bias, float eps) {
  const double center = mean(row);
  const Real factor = inverse_deviation(row, center, eps);
  for (size_t i = 0; i < row.size(); ++i) {
    row[i] = static_cast<Real>(row[i] - center) * factor;
    if (weight != nullptr) row[i] *= widen((*weight)(i));
    if (bias != nullptr) row[i] += widen((*bias)(i));
  }
}

// Stores the rows as `form` says: rounded to T, or quantised with a.scale, or each with a scale of its own, which goes to
// a.scales. fill(r, row) computes row r, unrounded.
template <class T, class Args, class Form, class Fill>
void store_rows(const Args& a, const view& to, Form form, Fill fill) {
  using real = accumulator<T>;
  const int64_t rows = row_count(to), n = to.extent(1);
  if (form == Form::rounded) {
    const elements<T> output(to);
    parallel_rows<real>(rows, n, n, [&](int64_t r, std::span<real> v) {
      fill(r, v);
      const auto y = output.row(r);
      for (int64_t i = 0; i < n; ++i) y(i) = narrow<T>(v[i]);
    });
    return;
  }
  with_quantised(to.type, [&]<class Q>() {
    const elements<Q> output(to);
    parallel_rows<real>(rows, n, n, [&](int64_t r, std::span<real> v) {
      fill(r, v);
      real scale;
      if (form == Form::self_scaled) {
        scale = dynamic_scale_of<Q>(v);
        elements<real>(a.scales).flat(r) = scale;
      } else {
        scale = elements<const real>(a.scale)(0);
      }
      const auto y = output.row(r);
      for (int64_t i = 0; i < n; ++i) y(i) = narrow<Q>(v[i] / scale);
    });
  });
}

}  // namespace

void norm_reference(const norm_args& a) {
  const dtype weight_type = a.weight.given() ? a.weight.type : a.bias.given() ? a.bias.type : a.input.type;
  with_float(a.input.type, [&]<class T>() {
    with_float(weight_type, [&]<class W>() {
      const elements<const T> input(a.input);
      const elements<const W> weight(a.weight), bias(a.bias);
      store_rows<T>(a, a.output, a.traits.form, [&](int64_t r, std::span<accumulator<T>> row) {
        widen_row(input, r, row);
        if (a.traits.centred)
          layernorm(row, a.weight.given() ? &weight : nullptr, a.bias.given() ? &bias : nullptr, a.eps);
        else
          rmsnorm(row, weight, a.traits.offset, a.eps);
        if (a.traits.silu) {
          for (accumulator<T>& v : row) v /= 1 + std::exp(-v);
        }
      });
    });
  });
}

void gated_rmsnorm_reference(const gated_rmsnorm_args& a) {
  with_float(a.input.type, [&]<class T>() {
    with_float(a.weight.given() ? a.weight.type : a.input.type, [&]<class W>() {
      using real = accumulator<T>;
      const elements<const T> input(a.input), gate(a.gate);
      const elements<T> output(a.output);
      const elements<const W> weight(a.weight);
      const int64_t n = a.input.extent(1);
      parallel_rows<real>(row_count(a.input), n, n, [&](int64_t r, std::span<real> row) {
        widen_row(input, r, row);
        const real factor = inverse_deviation(row, 0, a.eps);
        const auto of_row = gate.row(r);
        const auto y = output.row(r);
        for (int64_t i = 0; i < n; ++i) {
          const real g = widen(of_row(i)), numerator = a.activation == norm_gate::silu ? g : 1;
          const real w = a.weight.given() ? static_cast<real>(widen(weight(i))) : 1;
          y(i) = narrow<T>(row[static_cast<size_t>(i)] * factor * w * (numerator / (1 + std::exp(-g))));
        }
      });
    });
  });
}

void fused_add_norm_reference(const fused_add_norm_args& a) {
  const view& output = a.traits.form == fused_add_norm_form::rounded ? a.input : a.output;
  with_float(a.input.type, [&]<class T>() {
    with_float(a.weight.type, [&]<class W>() {
      const elements<const T> input(a.input);
      const elements<T> residual(a.residual);
      const elements<const W> weight(a.weight);
      store_rows<T>(a, output, a.traits.form, [&](int64_t r, std::span<accumulator<T>> row) {
        widen_row(input, r, row);
        for (int64_t i = 0; i < a.input.shape[1]; ++i) {
          row[i] += widen(residual(r, i));
          residual(r, i) = narrow<T>(row[i]);
        }
        rmsnorm(row, weight, a.traits.offset, a.eps);
      });
    });
  });
}

void gated_residual_rmsnorm_reference(const gated_residual_rmsnorm_args& a) {
  const int64_t n = a.branch.shape[1];
  const auto either = [&](const view& x) { return x.given() ? x.type : a.branch.type; };
  with_float(a.branch.type, [&]<class T>() {
    with_float(a.output.type, [&]<class S>() {
      with_float(a.weight.given() ? a.weight.type : either(a.next_weight), [&]<class W>() {
        using real = accumulator<T>;
        const elements<const T> branch(a.branch);
        const elements<const S> residual(a.residual);
        const elements<S> output(a.output);
        const elements<T> normed(a.normed);
        const elements<const W> weight(a.weight), next_weight(a.next_weight);
        const elements<const real> alpha(a.alpha), beta(a.beta);
        parallel_rows<real>(a.branch.shape[0], n, n, [&](int64_t t, std::span<real> row) {
          const auto at = [](int64_t i) { return static_cast<size_t>(i); };
          widen_row(branch, t, row);
          if (a.weight.given()) {
            for (int64_t i = 0; i < n; ++i)
              row[at(i)] *= static_cast<real>(widen(weight(i))) + static_cast<real>(a.gain);
          }
          const real root = inverse_deviation(row, 0, a.eps);
          for (int64_t i = 0; i < n; ++i) {
            const real of_branch = a.beta.given() ? beta(i) : 1, of_stream = a.alpha.given() ? alpha(i) : 1;
            row[at(i)] = static_cast<real>(a.factor) * of_stream * static_cast<real>(widen(residual(t, i))) +
                         of_branch * row[at(i)] * root;
            output(t, i) = narrow<S>(static_cast<accumulator<S>>(row[at(i)]));
          }
          if (!a.normed.given()) return;
          const real next = inverse_deviation(row, 0, a.next_eps);
          for (int64_t i = 0; i < n; ++i) {
            const real by =
                a.next_weight.given() ? static_cast<real>(widen(next_weight(i))) + static_cast<real>(a.next_gain) : 1;
            normed(t, i) = narrow<T>(row[at(i)] * next * by);
          }
        });
      });
    });
  });
}

void adaln_reference(const adaln_args& a) {
  const int64_t tokens = a.input.shape[1], n = a.input.shape[2];
  with_float(a.input.type, [&]<class T>() {
    with_float(a.scale.type, [&]<class M>() {
      using real = accumulator<T>;
      const elements<const T> input(a.input);
      const elements<const M> scale(a.scale), shift(a.shift);
      const elements<T> output(a.output);
      parallel_rows<real>(a.input.shape[0] * tokens, n, n, [&](int64_t r, std::span<real> x) {
        const int64_t b = r / tokens, t = r % tokens;
        widen_row(input, r, x);
        const double center = a.rms ? 0 : mean(x);
        const real factor = inverse_deviation(x, center, a.eps);
        for (int64_t i = 0; i < n; ++i) {
          output(b, t, i) =
              narrow<T>(static_cast<real>(x[i] - center) * factor * (1 + widen(scale(b, i))) + widen(shift(b, i)));
        }
      });
    });
  });
}

}  // namespace hipinfer
