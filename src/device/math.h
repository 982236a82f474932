// SPDX-License-Identifier: Apache-2.0
// Functions on the hardware's exp2, log2 and reciprocal units, with their errors stated.
#pragma once

#include "device/types.h"

namespace hipinfer {

constexpr float log2_e = 1.44269504088896340736f;
constexpr float ln_2 = 0.69314718055994530942f;

// e^x within 3 ulp. x * log2(e) is split into the rounded product, which exp2 takes, and its rounding error, which
// enters as 1 + error * ln 2; without it the relative error would grow with |x|. Exact 0 at -inf, inf at +inf.
HIPINFER_DEVICE float exp_accurate(float x) {
  constexpr float log2_e_low = 1.925963033500e-8f;  // log2(e) - float(log2(e))
  const float product = x * log2_e;
  const float error = fma(x, log2_e, -product) + x * log2_e_low;
  const float base = exp2_fast(product);
  // At ±inf and on overflow the error term is NaN or meaningless, and base is already the answer.
  const bool plain = !(base > 0.0f && base < infinity);
  return plain ? base : fma(base, error * ln_2, base);
}

HIPINFER_DEVICE float sigmoid(float x) {
  return 1.0f / (1.0f + exp_accurate(-x));
}
HIPINFER_DEVICE float silu(float x) {
  return x / (1.0f + exp_accurate(-x));
}
// 1/sqrt(x) with one Newton step on the hardware's 1-ulp estimate.
HIPINFER_DEVICE float rsqrt(float x) {
  const float y = rsqrt_fast(x);
  const float refined = fma(y * 0.5f, fma(-x * y, y, 1.0f), y);
  return x > 0.0f && x < infinity ? refined : y;
}

}  // namespace hipinfer
