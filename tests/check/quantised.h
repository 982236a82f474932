// SPDX-License-Identifier: Apache-2.0
// What quantised results are the rounding of. The oracle writes fp8 and i8, too, and would hide how near a value is to
// the middle of two; so the values come from the operation without quantisation, in double, and are divided here.
#pragma once

#include <functional>
#include <vector>

#include "tests/check/check.h"

namespace check {

// The values of an output, row-major, from a case's arguments.
using values_function = std::function<std::vector<double>(const std::vector<tensor>&)>;

// One scale for all, which is argument `scale`.
inline before_rounding_function over_given_scale(size_t output, size_t scale, values_function values) {
  return [=](const std::vector<tensor>& a, std::vector<std::vector<double>>& expected) {
    expected[output] = values(a);
    for (double& v : expected[output]) v /= a[scale].contents[0];
  };
}

// A scale for every `width` elements, which are the operation's own results `scales`.
inline before_rounding_function over_found_scales(size_t output, size_t scales, int64_t width, values_function values) {
  return [=](const std::vector<tensor>& a, std::vector<std::vector<double>>& expected) {
    expected[output] = values(a);
    for (size_t i = 0; i < expected[output].size(); ++i) {
      expected[output][i] /= expected[scales][i / static_cast<size_t>(width)];
    }
  };
}

// Caches of a dtype of their own, into which the case writes some slots. What is written comes from the same call with
// caches of double; the other slots keep what they have. `scales` are optional arguments, or 1.
inline before_rounding_function into_caches(call_function call, std::vector<size_t> caches,
                                            std::vector<size_t> scales) {
  return [=](const std::vector<tensor>& a, std::vector<std::vector<double>>& expected) {
    constexpr double untouched = 0x1.23456789abcdep-900;
    std::vector<tensor> plain = a;
    for (const size_t c : caches) {
      plain[c].type = dtype::f32;  // as other floating-point tensors, it will be widened
      plain[c].contents.assign(plain[c].contents.size(), untouched);
    }
    for (const size_t s : scales) plain[s] = none();
    const auto values = in_double({std::move(plain), call});
    for (size_t k = 0; k < caches.size(); ++k) {
      const tensor& scale = a[scales[k]];
      for (size_t i = 0; i < values[caches[k]].size(); ++i) {
        const double v = values[caches[k]][i];
        if (v != untouched) {
          expected[caches[k]][i] = v / (scale.use == role::none ? 1.0 : scale.contents[0]);
        }
      }
    }
  };
}

}  // namespace check
