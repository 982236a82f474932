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

template <class Real>
Real mean(const std::vector<Real>& x) {
  Real sum = 0;
  for (const Real v : x) sum += v;
  return sum / static_cast<Real>(x.size());
}
// 1 / sqrt(mean((x - center)^2) + eps)
template <class Real>
Real inverse_deviation(const std::vector<Real>& x, Real center, float eps) {
  Real squares = 0;
  for (const Real v : x) squares += (v - center) * (v - center);
  return 1 / std::sqrt(squares / static_cast<Real>(x.size()) + eps);
}

template <class T>
std::vector<accumulator<T>> widened_row(const T* x, int64_t n) {
  std::vector<accumulator<T>> row(n);
  for (int64_t i = 0; i < n; ++i) row[i] = widen(x[i]);
  return row;
}

template <class T, class W, class Params>
void rmsnorm_of_definition(const Params& p, int weight_offset) {
  parallel_rows(p.rows, p.n, [&](int64_t r) {
    const auto x = widened_row(row_at(static_cast<const T*>(p.input), p.input_stride, r, p.inner), p.n);
    T* y = row_at(static_cast<T*>(p.output), p.output_stride, r, p.inner);
    const W* w = static_cast<const W*>(p.weight);
    const accumulator<T> scale = inverse_deviation<accumulator<T>>(x, 0, p.eps);
    for (int64_t i = 0; i < p.n; ++i) y[i] = narrow<T>(x[i] * scale * (widen(w[i]) + weight_offset));
  });
}

template <class T, class W, class Params>
void fused_add_rmsnorm_of_definition(const Params& p, int weight_offset) {
  parallel_rows(p.rows, p.n, [&](int64_t r) {
    T* input = row_at(static_cast<T*>(p.input), p.input_stride, r, p.inner);
    T* residual = row_at(static_cast<T*>(p.residual), p.residual_stride, r, p.inner);
    const W* w = static_cast<const W*>(p.weight);
    auto sum = widened_row(input, p.n);
    for (int64_t i = 0; i < p.n; ++i) sum[i] += widen(residual[i]);
    const accumulator<T> scale = inverse_deviation<accumulator<T>>(sum, 0, p.eps);
    for (int64_t i = 0; i < p.n; ++i) {
      residual[i] = narrow<T>(sum[i]);
      input[i] = narrow<T>(sum[i] * scale * (widen(w[i]) + weight_offset));
    }
  });
}

}  // namespace hipinfer
