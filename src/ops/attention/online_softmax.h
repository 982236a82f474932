// SPDX-License-Identifier: Apache-2.0
// The online softmax: of some scores it keeps the largest, the sum of the weights, and what they weigh. And what options make of
// scores before, and of the sum at its end.
#pragma once

#include "device/fp8_halves.h"
#include "device/math.h"

namespace hipinfer {

// What scores are measured from: their maximum, but scores that are all -inf have weights of 0, not of NaN.
HIPINFER_DEVICE float anchor_of(float most) {
  return most == -infinity ? 0.0f : most;
}

// The difference comes before the scale: the largest score has a weight of exactly 1 however large it is.
HIPINFER_DEVICE float weight_of(float score, float anchor, float scale_log2) {
  return exp2_fast((score - anchor) * scale_log2);
}

// What comes of a row: sums of values times `factor` / `sum`, and log2 of the sum of 2^(score * scale_log2).
struct softmax_end {
  float factor, sum, lse;
  bool none;  // no score has a weight: values, whatever they are, have no part
  HIPINFER_DEVICE float of(float value) const { return sum == 0.0f ? 0.0f : (none ? 0.0f : value) * factor / sum; }
};
// `anchor` is in log2: what weights are relative to.
HIPINFER_DEVICE softmax_end end_of(float anchor, float sum) {
  return {1.0f, sum, sum == 0.0f ? -infinity : anchor + log2_fast(sum), sum == 0.0f};
}
// With a sink: a score that has a weight, and no value.
HIPINFER_DEVICE softmax_end end_of(float anchor, float sum, float sink) {
  const float score = sink * log2_e;
  if (sum == 0.0f) anchor = -infinity;
  const float top = anchor_of(max(anchor, score));
  const float factor = exp2_fast(anchor - top), all = fma(sum, factor, exp2_fast(score - top));
  return {factor, all, all == 0.0f ? -infinity : top + log2_fast(all), sum == 0.0f};
}
template <class Params>
HIPINFER_DEVICE softmax_end end_of(const Params& p, int64_t head, float anchor, float sum) {
  if constexpr (requires { p.sinks; }) {
    if (p.sinks != nullptr) return end_of(anchor, sum, p.sinks[head]);
  }
  return end_of(anchor, sum);
}

// What a unit of a key/value head's keys, or values, stands for as kernels widen them; only caches of fp8 have scales.
template <class Params>
HIPINFER_DEVICE float k_scale_of(const Params& p, int64_t kv_head) {
  return (p.k_scale == nullptr ? 1.0f : p.k_scale[p.k_scales ? kv_head : 0]) * fp8_unit_of(p.cache_type);
}
template <class Params>
HIPINFER_DEVICE float v_scale_of(const Params& p, int64_t kv_head) {
  return (p.v_scale == nullptr ? 1.0f : p.v_scale[p.v_scales ? kv_head : 0]) * fp8_unit_of(p.cache_type);
}

// ALiBi's slope of a head, for exponents of 2.
template <class Params>
HIPINFER_DEVICE float slope_of(const Params& p, int64_t head) {
  return p.alibi_slopes[head] * log2_e;
}
// Makes raw scores, which for_each(f) gives to f, to exponents of 2, with the cap. All threads take the same branch.
template <class Params, class ForEach>
HIPINFER_DEVICE void scale_scores(const Params& p, ForEach for_each) {
  if (p.cap_log2 > 0)
    for_each([&](float& x) { x = p.cap_log2 * tanh(x * p.score_scale); });
  else
    for_each([&](float& x) { x *= p.score_scale; });
}

}  // namespace hipinfer
