// SPDX-License-Identifier: Apache-2.0
// The norms from their definitions.
#pragma once

#include <vector>

#include "core/reference.h"

namespace hipinfer {

// Row r of a tensor indexed by (r / inner, r % inner).
template <class T>
T* row_at(T* base, const int64_t (&stride)[2], int64_t r, int64_t inner) {
  return base + r / inner * stride[0] + r % inner * stride[1];
}
template <class T>
T* row_at(T* base, int64_t stride, int64_t r, int64_t) {
  return base + r * stride;
}
template <class Params>
int64_t inner_of(const Params& p) {
  if constexpr (requires { p.inner; })
    return p.inner.by;
  else
    return 1;
}

// Sums are of doubles: one number after the other, floats would lose what a GPU's tree of sums keeps.
template <class Real>
double mean(const std::vector<Real>& x) {
  double sum = 0;
  for (const Real v : x) sum += v;
  return sum / static_cast<double>(x.size());
}
// 1 / sqrt(mean((x - center)^2) + eps)
template <class Real>
Real inverse_deviation(const std::vector<Real>& x, double center, float eps) {
  double squares = 0;
  for (const Real v : x) squares += (v - center) * (v - center);
  return static_cast<Real>(1 / std::sqrt(squares / static_cast<double>(x.size()) + eps));
}

template <class T>
std::vector<accumulator<T>> widened_row(const T* x, int64_t n) {
  std::vector<accumulator<T>> row(n);
  for (int64_t i = 0; i < n; ++i) row[i] = widen(x[i]);
  return row;
}

// Rows of a norm, not yet rounded.
template <class T, class W, class Params>
std::vector<accumulator<T>> rmsnorm_of_definition(const Params& p, int64_t r, int weight_offset) {
  auto row = widened_row(row_at(static_cast<const T*>(p.input), p.input_stride, r, inner_of(p)), p.n);
  const accumulator<T> factor = inverse_deviation<accumulator<T>>(row, 0, p.eps);
  for (int64_t i = 0; i < p.n; ++i) row[i] *= factor * (widen(static_cast<const W*>(p.weight)[i]) + weight_offset);
  return row;
}
template <class T, class W, class Params>
std::vector<accumulator<T>> layernorm_of_definition(const Params& p, int64_t r) {
  auto row = widened_row(row_at(static_cast<const T*>(p.input), p.input_stride, r, inner_of(p)), p.n);
  const W *weight = static_cast<const W*>(p.weight), *bias = static_cast<const W*>(p.bias);
  const double center = mean(row);
  const accumulator<T> factor = inverse_deviation(row, center, p.eps);
  for (int64_t i = 0; i < p.n; ++i) {
    row[i] = static_cast<accumulator<T>>(row[i] - center) * factor;
    if (weight != nullptr) row[i] *= widen(weight[i]);
    if (bias != nullptr) row[i] += widen(bias[i]);
  }
  return row;
}
// The residual is written.
template <class T, class W, class Params>
std::vector<accumulator<T>> fused_add_rmsnorm_of_definition(const Params& p, int64_t r, int weight_offset) {
  auto row = widened_row(row_at(static_cast<const T*>(p.input), p.input_stride, r, inner_of(p)), p.n);
  T* residual = row_at(static_cast<T*>(p.residual), p.residual_stride, r, inner_of(p));
  for (int64_t i = 0; i < p.n; ++i) {
    row[i] += widen(residual[i]);
    residual[i] = narrow<T>(row[i]);
  }
  const accumulator<T> factor = inverse_deviation<accumulator<T>>(row, 0, p.eps);
  for (int64_t i = 0; i < p.n; ++i) row[i] *= factor * (widen(static_cast<const W*>(p.weight)[i]) + weight_offset);
  return row;
}

// What becomes of them: row.operator()<T, W>(r) gives row r.
template <class Params, class Row>
void round_rows(const Params& p, dtype data, dtype weight, Row row) {
  with_float(data, [&]<class T>() {
    with_float(weight, [&]<class W>() {
      parallel_rows(p.rows, p.n, [&](int64_t r) {
        const auto v = row.template operator()<T, W>(r);
        T* y = row_at(static_cast<T*>(p.output), p.output_stride, r, inner_of(p));
        for (int64_t i = 0; i < p.n; ++i) y[i] = narrow<T>(v[i]);
      });
    });
  });
}
// With one scale for all, or (Dynamic) with one found and written for each row.
template <bool Dynamic, class Params, class Row>
void quantise_rows(const Params& p, dtype data, dtype weight, dtype output, Row row) {
  with_float(data, [&]<class T>() {
    with_float(weight, [&]<class W>() {
      with_quantised(output, [&]<class Q>() {
        parallel_rows(p.rows, p.n, [&](int64_t r) {
          const auto v = row.template operator()<T, W>(r);
          accumulator<T> scale;
          if constexpr (Dynamic) {
            scale = dynamic_scale_of<Q>(v);
            *row_at(static_cast<accumulator<T>*>(p.scales), p.scales_stride, r, inner_of(p)) = scale;
          } else {
            scale = *static_cast<const accumulator<T>*>(p.scale);
          }
          Q* y = row_at(static_cast<Q*>(p.output), p.output_stride, r, inner_of(p));
          for (int64_t i = 0; i < p.n; ++i) y[i] = narrow<Q>(v[i] / scale);
        });
      });
    });
  });
}

}  // namespace hipinfer
