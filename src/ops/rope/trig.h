// SPDX-License-Identifier: Apache-2.0
// Sine, cosine and powers of 2 in double: kernels are linked with no device library.
#pragma once

#include "device/types.h"

namespace hipinfer {

struct sine_cosine {
  double sine, cosine;
};

// Both within 2^-52 absolute for |x| <= 2^40.
// Cody and Waite's reduction, x - n * pi/2 with pi/2 in two parts of 53 bits. The first fma is exact: x and n * high are
// multiples of 2^-53 (x below pi/4 has n = 0), and so is their difference, which is below 1. What pi/2 has beyond the two
// parts, 1.5e-33, times n <= 2^40 stays below 2e-21. Then follows Taylor's series on [-pi/4, pi/4] (a little more where n's
// rounding was close), cut where the next term is below 2^-60.
HIPINFER_DEVICE sine_cosine sin_cos(double x) {
  constexpr double two_over_pi = 0x1.45f306dc9c883p-1;
  constexpr double high = 0x1.921fb54442d18p+0, low = 0x1.1a62633145c07p-54;
  const double n = round_even(x * two_over_pi);
  const double r = fma(-n, low, fma(-n, high, x));
  const double s = r * r;
  double sine = 1.0 / 355687428096000.0;  // 1/17!
  sine = fma(sine, s, -1.0 / 1307674368000.0);
  sine = fma(sine, s, 1.0 / 6227020800.0);
  sine = fma(sine, s, -1.0 / 39916800.0);
  sine = fma(sine, s, 1.0 / 362880.0);
  sine = fma(sine, s, -1.0 / 5040.0);
  sine = fma(sine, s, 1.0 / 120.0);
  sine = fma(sine, s, -1.0 / 6.0);
  sine = fma(sine * s, r, r);
  double cosine = 1.0 / 6402373705728000.0;  // 1/18!, with the sign of its place
  cosine = fma(-cosine, s, 1.0 / 20922789888000.0);
  cosine = fma(cosine, s, -1.0 / 87178291200.0);
  cosine = fma(cosine, s, 1.0 / 479001600.0);
  cosine = fma(cosine, s, -1.0 / 3628800.0);
  cosine = fma(cosine, s, 1.0 / 40320.0);
  cosine = fma(cosine, s, -1.0 / 720.0);
  cosine = fma(cosine, s, 1.0 / 24.0);
  cosine = fma(cosine, s, -0.5);
  cosine = fma(cosine, s, 1.0);
  const int64_t quadrant = static_cast<int64_t>(n);
  const double a = (quadrant & 1) ? cosine : sine, b = (quadrant & 1) ? sine : cosine;
  return {(quadrant & 2) ? -a : a, ((quadrant + 1) & 2) ? -b : b};
}

// 2^x within 2^-51 relative for |x| <= 1000: the nearest integer goes to the exponent, e^(rest * ln 2) is Taylor's series
// on [-0.347, 0.347], cut where the next term is below 2^-60.
HIPINFER_DEVICE double exp2(double x) {
  const double n = round_even(x);
  const double r = (x - n) * 0x1.62e42fefa39efp-1;
  double y = 1.0 / 6227020800.0;  // 1/13!
  y = fma(y, r, 1.0 / 479001600.0);
  y = fma(y, r, 1.0 / 39916800.0);
  y = fma(y, r, 1.0 / 3628800.0);
  y = fma(y, r, 1.0 / 362880.0);
  y = fma(y, r, 1.0 / 40320.0);
  y = fma(y, r, 1.0 / 5040.0);
  y = fma(y, r, 1.0 / 720.0);
  y = fma(y, r, 1.0 / 120.0);
  y = fma(y, r, 1.0 / 24.0);
  y = fma(y, r, 1.0 / 6.0);
  y = fma(y, r, 0.5);
  y = fma(y, r, 1.0);
  y = fma(y, r, 1.0);
  return y * bit_cast<double>((static_cast<int64_t>(n) + 1023) << 52);
}

}  // namespace hipinfer
