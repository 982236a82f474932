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

// Within (|x| / 2 + 4) units of fp32's last place: 6e-6 at x = -87, below which it nears fp32's smallest number and
// becomes 0.
HIPINFER_DEVICE float sigmoid(float x) {
  return rcp_fast(1.0f + exp2_fast(x * -log2_e));
}
HIPINFER_DEVICE float silu(float x) {
  return x * sigmoid(x);
}
// 1 - erf(z) for z = |x| / sqrt(2), within 1.5e-6 relative where it is a normal number (x = -12 at the least).
// exp(-z^2) times a polynomial in 1 / (1 + 0.45 z), fitted to erfc(z) exp(z^2) for z up to 10.5 with the largest
// relative error, 2e-7, spread out evenly; z^2 is x^2 / 2 with its rounding error, which would grow in exp.
HIPINFER_DEVICE float upper_tail(float x) {
  const float z = magnitude(x) * 0.70710678118654752f;
  const float square = x * x, error = fma(x, x, -square) * 0.5f;
  const float t = rcp_fast(fma(0.45f, z, 1.0f));
  float q = -0.0382571704685688f;
  q = fma(q, t, 0.25092896819114685f);
  q = fma(q, t, -0.6175658702850342f);
  q = fma(q, t, 0.6393075585365295f);
  q = fma(q, t, -0.25944769382476807f);
  q = fma(q, t, 0.32004350423812866f);
  q = fma(q, t, 0.1920117884874344f);
  q = fma(q, t, 0.2595818340778351f);
  q = fma(q, t, 0.25337761640548706f);
  q = fma(q, t, 1.949452780536376e-05f);
  const float base = exp_accurate(-0.5f * square);
  // Where x^2 overflows the error is NaN, and base is 0.
  return q * (base > 0.0f ? fma(-base, error, base) : base);
}
// Half of that within 3e-5 relative, for results of 16 bits or fewer: the polynomial, in 1 / (1 + 0.51 z), is fitted to
// z up to 8.7 with an error of 1.2e-5, and x^2 is rounded.
HIPINFER_DEVICE float half_upper_tail_short(float x) {
  const float t = rcp_fast(fma(0.3606244623661041f, magnitude(x), 1.0f));
  float q = -0.0989547148346901f;
  q = fma(q, t, 0.25397491455078125f);
  q = fma(q, t, 0.03546614199876785f);
  q = fma(q, t, 0.1689639836549759f);
  q = fma(q, t, 0.14034980535507202f);
  q = fma(q, t, 0.00019426304788794369f);
  return q * exp2_fast(x * x * (-0.5f * log2_e));
}
// x * Phi(x), Phi the normal distribution. Of a negative x it is the tail itself, with no difference from 1.
HIPINFER_DEVICE float gelu(float x) {
  const float tail = upper_tail(x);
  return 0.5f * x * (x < 0 ? tail : 2.0f - tail);
}
HIPINFER_DEVICE float gelu_short(float x) {
  const float tail = half_upper_tail_short(x);
  return x * (x < 0 ? tail : 1.0f - tail);
}
// The approximation by tanh: 0.5 x (1 + tanh(u)) = x / (1 + exp(-2u)), u = sqrt(2/pi) (x + 0.044715 x^3); the error is
// sigmoid's at 2u.
HIPINFER_DEVICE float gelu_tanh(float x) {
  const float power = x * fma(-0.07135481282553547f * log2_e, x * x, -1.5957691216057308f * log2_e);
  return x * rcp_fast(1.0f + exp2_fast(power));
}
// Within 5e-7 of itself: a polynomial in x^2 for the small, where 1 - 2 / (1 + exp(2x)) would cancel.
HIPINFER_DEVICE float tanh(float x) {
  const float square = x * x, size = magnitude(x);
  float q = 0.016437573358416557f;
  q = fma(q, square, -0.05267180874943733f);
  q = fma(q, square, 0.13320724666118622f);
  q = fma(q, square, -0.3333294689655304f);
  const float near = fma(x * square, q, x);
  const float far = fma(-2.0f, rcp_fast(1.0f + exp2_fast(size * (2 * log2_e))), 1.0f);
  return size < 0.55f ? near : x < 0 ? -far : far;
}
// 1/sqrt(x) with one Newton step on the hardware's 1-ulp estimate.
HIPINFER_DEVICE float rsqrt(float x) {
  const float y = rsqrt_fast(x);
  const float refined = fma(y * 0.5f, fma(-x * y, y, 1.0f), y);
  return x > 0.0f && x < infinity ? refined : y;
}

}  // namespace hipinfer
