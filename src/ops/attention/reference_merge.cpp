// SPDX-License-Identifier: Apache-2.0
// Merging from the definition: weights of 2^s, relative to the largest.
#include <algorithm>

#include "core/reference.h"
#include "gen/merge_states.h"

namespace hipinfer {

void merge_states_reference(const merge_states_args& a) {
  using form = merge_states_form;
  const bool several = a.traits.form == form::states, in_place = a.traits.form == form::state_in_place;
  const view& result = in_place ? a.v : a.output;
  const int64_t heads = result.shape[1], d = result.shape[2], states = several ? a.v.shape[1] : 2;
  with_float(result.type, [&]<class T>() {
    using real = accumulator<T>;
    const elements<T> output(result);
    const elements<real> lse(in_place ? a.s : a.lse);
    const elements<const T> v(a.v), v_a(a.v_a), v_b(in_place ? a.v_other : a.v_b);
    const elements<const real> s(a.s), s_a(a.s_a), s_b(in_place ? a.s_other : a.s_b);
    const elements<const uint8_t> mask(a.mask);
    const auto value = [&](int64_t t, int64_t n, int64_t h, int64_t i) {
      if (several) return widen(v(t, n, h, i));
      return n == 1 ? widen(v_b(t, h, i)) : in_place ? widen(v(t, h, i)) : widen(v_a(t, h, i));
    };
    const auto logarithm = [&](int64_t t, int64_t n, int64_t h) {
      if (several) return s(t, n, h);
      return n == 1 ? s_b(t, h) : in_place ? s(t, h) : s_a(t, h);
    };
    constexpr real none = -std::numeric_limits<real>::infinity();
    parallel_rows<real>(result.shape[0] * heads, (d + 1) * states, states, [&](int64_t row, std::span<real> weight) {
      const int64_t t = row / heads, h = row % heads;
      if (a.mask.given() && mask(t) == 0) return;
      real most = none, sum = 0;
      for (int64_t n = 0; n < states; ++n) most = std::fmax(most, logarithm(t, n, h));
      for (int64_t n = 0; n < states; ++n) {
        weight[n] = std::exp2(logarithm(t, n, h) - (most == none ? 0 : most));
        sum += weight[n];
      }
      for (int64_t i = 0; i < d; ++i) {
        real x = 0;
        for (int64_t n = 0; n < states; ++n) {
          if (weight[n] != 0) x += weight[n] * value(t, n, h, i);
        }
        output(t, h, i) = narrow<T>(sum == 0 ? 0 : x / sum);
      }
      if (in_place || a.lse.given()) lse(t, h) = sum == 0 ? none : most + std::log2(sum);
    });
  });
}

}  // namespace hipinfer
