// SPDX-License-Identifier: Apache-2.0
#include <span>

#include "core/reference.h"
#include "gen/dequantize.h"
#include "gen/quantize_per_group.h"
#include "gen/quantize_per_tensor.h"
#include "gen/quantize_per_token.h"

namespace hipinfer {
namespace {

// Quantises the elements from column `first` of row t on, as many as x has room for, with a scale of their own, which it
// returns.
template <class Real>
Real quantise_part(const view& output, const view& input, int64_t t, int64_t first, std::span<Real> x) {
  widen_row(input, t, x, first);
  const Real scale = dynamic_scale_of(output.type, x);
  quantise_row(output, t, x, scale, first);
  return scale;
}

}  // namespace

void quantize_per_tensor_reference(const quantize_per_tensor_args& a) {
  with_quantised(a.output.type, [&]<class Q>() {
    with_float(a.input.type, [&]<class T>() {
      const elements<const T> input(a.input);
      const elements<Q> output(a.output);
      parallel_rows(a.output.elements(), 1, [&](int64_t i) {
        const auto scale = elements<const accumulator<T>>(a.scale)(0);
        output.flat(i) = narrow<Q>(widen(input.flat(i)) / scale);
      });
    });
  });
}

void quantize_per_token_reference(const quantize_per_token_args& a) {
  const int64_t n = a.input.shape[1];
  with_real(a.input.type, [&]<class Real>() {
    const elements<Real> scales(a.scales);
    parallel_rows<Real>(a.input.shape[0], n, n, [&](int64_t t, std::span<Real> x) {
      scales.flat(t) = quantise_part(a.output, a.input, t, 0, x);
    });
  });
}

void quantize_per_group_reference(const quantize_per_group_args& a) {
  const int64_t groups = a.scales.shape[1], n = a.group_size;
  with_real(a.input.type, [&]<class Real>() {
    const elements<Real> scales(a.scales);
    parallel_rows<Real>(a.input.shape[0] * groups, n, n, [&](int64_t r, std::span<Real> x) {
      const int64_t t = r / groups, s = r % groups;
      scales(t, s) = quantise_part(a.output, a.input, t, s * n, x);
    });
  });
}

void dequantize_reference(const dequantize_args& a) {
  const int64_t n = a.output.shape[1];
  with_real(a.output.type, [&]<class Real>() {
    const elements<const Real> scales(a.scales);
    // 0 is a group of all rows, or of a whole row.
    const auto scale = [&](int64_t t, int64_t i) {
      const int64_t down = a.group_rows == 0 ? 0 : t / a.group_rows, along = a.group_size == 0 ? 0 : i / a.group_size;
      return a.scales.rank == 1 ? scales(down) : scales(down, along);
    };
    parallel_rows<Real>(a.output.shape[0], n, n, [&](int64_t t, std::span<Real> row) {
      widen_row(a.input, t, row);
      for (int64_t i = 0; i < n; ++i) row[static_cast<size_t>(i)] *= scale(t, i);
      narrow_row(a.output, t, row);
    });
  });
}

}  // namespace hipinfer
