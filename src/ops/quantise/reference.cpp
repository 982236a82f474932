// SPDX-License-Identifier: Apache-2.0
#include <span>

#include "core/reference.h"
#include "gen/dequantize.h"
#include "gen/quantize_per_group.h"
#include "gen/quantize_per_tensor.h"
#include "gen/quantize_per_token.h"

namespace hipinfer {
namespace {

// Calls f.operator()<Q, T>() with the quantised type and the type of the values.
template <class F>
void with_quantised_and_float(dtype quantised, dtype values, F&& f) {
  with_quantised(quantised, [&]<class Q>() { with_float(values, [&]<class T>() { f.template operator()<Q, T>(); }); });
}

// Quantises the elements from column `first` of row t on, as many as x has room for, with a scale of their own, which it
// returns.
template <class Q, class T>
accumulator<T> quantise_part(const elements<Q>& output, const elements<const T>& input, int64_t t, int64_t first,
                             std::span<accumulator<T>> x) {
  for (size_t i = 0; i < x.size(); ++i) x[i] = widen(input(t, first + i));
  const accumulator<T> scale = dynamic_scale_of<Q>(x);
  for (size_t i = 0; i < x.size(); ++i) output(t, first + i) = narrow<Q>(x[i] / scale);
  return scale;
}

}  // namespace

void quantize_per_tensor_reference(const quantize_per_tensor_args& a) {
  with_quantised_and_float(a.output.type, a.input.type, [&]<class Q, class T>() {
    const elements<const T> input(a.input);
    const elements<Q> output(a.output);
    parallel_rows(a.output.elements(), 1, [&](int64_t i) {
      const auto scale = elements<const accumulator<T>>(a.scale)(0);
      output.flat(i) = narrow<Q>(widen(input.flat(i)) / scale);
    });
  });
}

void quantize_per_token_reference(const quantize_per_token_args& a) {
  const int64_t n = a.input.shape[1];
  with_quantised_and_float(a.output.type, a.input.type, [&]<class Q, class T>() {
    const elements<const T> input(a.input);
    const elements<Q> output(a.output);
    using real = accumulator<T>;
    const elements<real> scales(a.scales);
    parallel_rows<real>(a.input.shape[0], n, n,
                        [&](int64_t t, std::span<real> x) { scales.flat(t) = quantise_part(output, input, t, 0, x); });
  });
}

void quantize_per_group_reference(const quantize_per_group_args& a) {
  const int64_t groups = a.scales.shape[1], n = a.group_size;
  with_quantised_and_float(a.output.type, a.input.type, [&]<class Q, class T>() {
    const elements<const T> input(a.input);
    const elements<Q> output(a.output);
    using real = accumulator<T>;
    const elements<real> scales(a.scales);
    parallel_rows<real>(a.input.shape[0] * groups, n, n, [&](int64_t r, std::span<real> x) {
      const int64_t t = r / groups, s = r % groups;
      scales(t, s) = quantise_part(output, input, t, s * n, x);
    });
  });
}

void dequantize_reference(const dequantize_args& a) {
  const int64_t n = a.output.shape[1];
  with_quantised_and_float(a.input.type, a.output.type, [&]<class Q, class T>() {
    using real = accumulator<T>;
    const elements<const Q> input(a.input);
    const elements<const real> scales(a.scales);
    const elements<T> output(a.output);
    // 0 is a group of all rows, or of a whole row.
    const auto scale = [&](int64_t t, int64_t i) {
      const int64_t down = a.group_rows == 0 ? 0 : t / a.group_rows, along = a.group_size == 0 ? 0 : i / a.group_size;
      return a.scales.rank == 1 ? scales(down) : scales(down, along);
    };
    parallel_rows(a.output.shape[0], n, [&](int64_t t) {
      for (int64_t i = 0; i < n; ++i) output(t, i) = narrow<T>(static_cast<real>(widen(input(t, i))) * scale(t, i));
    });
  });
}

}  // namespace hipinfer
