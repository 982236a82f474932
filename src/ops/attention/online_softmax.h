// SPDX-License-Identifier: Apache-2.0
// The arithmetic of a softmax whose scores arrive in parts. A part is its largest score (raw: the scale comes later), the
// sum of weights relative to it, and sums of values under those weights. Parts are brought to one anchor by weight_of().
// The weights of a NaN or +inf score are NaN, so that the result is; scores that are all -inf sum to 0.
#pragma once

#include "device/types.h"

namespace hipinfer {

// What scores are measured from: their maximum, but scores that are all -inf have weights of 0, not of NaN.
HIPINFER_DEVICE float anchor_of(float most) {
  return most == -infinity ? 0.0f : most;
}

// The difference comes before the scale: the largest score has a weight of exactly 1 however large it is.
HIPINFER_DEVICE float weight_of(float score, float anchor, float scale_log2) {
  return exp2_fast((score - anchor) * scale_log2);
}

// log2 of the sum of 2^(score * scale_log2).
HIPINFER_DEVICE float lse_of(float most, float sum, float scale_log2) {
  return sum == 0.0f ? -infinity : anchor_of(most) * scale_log2 + log2_fast(sum);
}

}  // namespace hipinfer
