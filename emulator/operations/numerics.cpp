// SPDX-License-Identifier: Apache-2.0
// The functions of numerics.h that no hot loop wants inlined. Source of div_scale, div_fmas and div_fixup: the pseudocode
// of the RDNA 3 and CDNA 3 instruction set manuals.
#include "operations/numerics.h"

#include <cfenv>
#include <numbers>

namespace hipemu {

double add_to_odd(double x, double y, rounding mode) {
  const double sum = x + y;
  if (sum == 0) {
    if (x == 0 && y == 0 && std::signbit(x) == std::signbit(y)) return sum;
    return mode == rounding::down ? -0.0 : 0.0;
  }
  if (!std::isfinite(sum)) return sum;
  // Knuth's exact error of the sum.
  const double part = sum - x;
  const double error = (x - (sum - part)) + (y - part);
  uint64_t bits = as_bits(sum);
  if (error == 0 || (bits & 1) != 0) return sum;
  // The exact sum lies between this even value and an odd neighbour: away from zero if the error has the sum's sign.
  bits += std::signbit(error) == std::signbit(sum) ? 1 : -1;
  return as_double(bits);
}

namespace {
uint16_t to_f16(double x, rounding mode, bool saturate) {
  return static_cast<uint16_t>(encode(f16_format, x, mode, 0, saturate));
}
}  // namespace

uint16_t add_f16(uint16_t x, uint16_t y, rounding mode, bool saturate) {
  return to_f16(add_to_odd(f16_to_f32(x), f16_to_f32(y), mode), mode, saturate);
}
uint16_t mul_f16(uint16_t x, uint16_t y, rounding mode, bool saturate) {
  return to_f16(static_cast<double>(f16_to_f32(x)) * f16_to_f32(y), mode, saturate);
}
uint16_t fma_f16(uint16_t x, uint16_t y, uint16_t z, rounding mode, bool saturate) {
  return to_f16(fma_to_odd(f16_to_f32(x), f16_to_f32(y), f16_to_f32(z), mode), mode, saturate);
}

host_rounding::host_rounding(rounding mode) : before_(std::fegetround()) {
  constexpr int host[] = {FE_TONEAREST, FE_UPWARD, FE_DOWNWARD, FE_TOWARDZERO, FE_TONEAREST};
  std::fesetround(host[static_cast<int>(mode)]);
}
host_rounding::~host_rounding() {
  std::fesetround(before_);
}

// An f32 times a power of two that f64 holds is exact; beyond those powers every result is zero or infinite anyway.
float ldexp_f32(float x, int n, rounding mode) {
  return round_to_f32(std::ldexp(x, std::clamp(n, -600, 600)), mode);
}
uint16_t ldexp_f16(uint16_t x, int n, rounding mode) {
  return to_f16(std::ldexp(static_cast<double>(f16_to_f32(x)), std::clamp(n, -600, 600)), mode, false);
}
double ldexp_f64(double x, int n) {
  return quiet(std::ldexp(x, n));
}

int frexp_exponent(double x) {
  int exponent = 0;
  if (x == 0 || !std::isfinite(x)) return 0;
  std::frexp(x, &exponent);
  return exponent;
}
float frexp_mantissa(float x) {
  int exponent;
  return x == 0 || !std::isfinite(x) ? quiet(x) : std::frexp(x, &exponent);
}
double frexp_mantissa(double x) {
  int exponent;
  return x == 0 || !std::isfinite(x) ? quiet(x) : std::frexp(x, &exponent);
}

float fract(float x) {
  if (!std::isfinite(x)) return std::isinf(x) ? std::numeric_limits<float>::quiet_NaN() : quiet(x);
  return std::min(x - std::floor(x), 0x1.fffffep-1f);
}
double fract(double x) {
  if (!std::isfinite(x)) return std::isinf(x) ? std::numeric_limits<double>::quiet_NaN() : quiet(x);
  return std::min(x - std::floor(x), 0x1.fffffffffffffp-1);
}
uint16_t fract_f16(uint16_t x) {
  const float value = f16_to_f32(x);
  if (!std::isfinite(value)) return f32_to_f16(fract(value));
  return std::min<uint16_t>(f32_to_f16(value - std::floor(value)), 0x3bff);
}

namespace {
template <class Float>
struct division;
template <>
struct division<float> {
  static constexpr int bias = 127, far = 96, step = 64, tiny = 23, underflow = -150, special = 255;
  static int exponent(float x) { return static_cast<int>(as_bits(x) >> 23 & 0xff); }
  static float scale(float x, int n) { return ldexp_f32(x, n); }
};
template <>
struct division<double> {
  static constexpr int bias = 1023, far = 768, step = 128, tiny = 53, underflow = -1075, special = 2047;
  static int exponent(double x) { return static_cast<int>(as_bits(x) >> 52 & 0x7ff); }
  static double scale(double x, int n) { return ldexp_f64(x, n); }
};

template <class Float>
scaled<Float> scale_for_division(Float s0, Float s1, Float s2) {
  using d = division<Float>;
  // A quotient that underflows to zero counts: it may yet round to the smallest subnormal.
  const auto subnormal = [](Float x) { return std::fabs(x) < std::numeric_limits<Float>::min(); };
  if (s1 == 0 || s2 == 0) return {std::numeric_limits<Float>::quiet_NaN(), false};
  const bool reciprocal = subnormal(1 / s1), quotient = subnormal(s2 / s1);
  // The quotient nears the largest number: scale the denominator alone, and say so.
  if (d::exponent(s2) - d::exponent(s1) >= d::far) return {s0 == s1 ? d::scale(s0, d::step) : s0, true};
  if (subnormal(s1)) return {d::scale(s0, d::step), false};
  // The manuals would scale up here, to infinity: only scaling down divides right.
  if (reciprocal && quotient) return {s0 == s1 ? d::scale(s0, -d::step) : s0, true};
  if (reciprocal) return {d::scale(s0, -d::step), false};
  if (quotient) return {s0 == s2 ? d::scale(s0, d::step) : s0, true};
  if (d::exponent(s2) <= d::tiny) return {d::scale(s0, d::step), false};
  return {s0, false};
}

template <class Float>
Float fix_division(Float s0, Float s1, Float s2) {
  using d = division<Float>;
  using limits = std::numeric_limits<Float>;
  const Float sign = std::signbit(s1) != std::signbit(s2) ? -1 : 1;
  if (std::isnan(s2)) return quiet(s2);
  if (std::isnan(s1)) return quiet(s1);
  if ((s1 == 0 && s2 == 0) || (std::isinf(s1) && std::isinf(s2))) return -limits::quiet_NaN();
  if (s1 == 0 || std::isinf(s2)) return sign * limits::infinity();
  if (std::isinf(s1) || s2 == 0) return std::copysign(Float{0}, sign);
  if (d::exponent(s2) - d::exponent(s1) < d::underflow) return std::copysign(Float{0}, sign);
  // Nothing but a quotient that overflowed on the way here makes s0 a NaN while s1 and s2 are ordinary.
  return std::copysign(std::isnan(s0) ? limits::infinity() : s0, sign);
}
}  // namespace

scaled<float> div_scale(float s0, float s1, float s2) {
  return scale_for_division(s0, s1, s2);
}
scaled<double> div_scale(double s0, double s1, double s2) {
  return scale_for_division(s0, s1, s2);
}

// The scale goes into the exact sum, so that a subnormal quotient is rounded once.
float div_fmas(float s0, float s1, float s2, bool vcc, rounding mode) {
  if (!vcc) return fma_f32(s0, s1, s2, mode);
  using d = division<float>;
  const double sum = fma_to_odd(s0, s1, s2, mode);
  return round_to_f32(std::ldexp(sum, d::exponent(s2) > d::bias ? d::step : -d::step), mode);
}
double div_fmas(double s0, double s1, double s2, bool vcc) {
  if (!vcc) return std::fma(s0, s1, s2);
  using d = division<double>;
  __extension__ using quad = __float128;  // holds the product, and bits enough of the sum
  const quad sum = static_cast<quad>(s0) * s1 + s2;
  return static_cast<double>(sum * std::ldexp(1.0, d::exponent(s2) > d::bias ? d::step : -d::step));
}

float div_fixup(float s0, float s1, float s2) {
  return fix_division(s0, s1, s2);
}
double div_fixup(double s0, double s1, double s2) {
  return fix_division(s0, s1, s2);
}
uint16_t div_fixup_f16(uint16_t s0, uint16_t s1, uint16_t s2) {
  // No two f16 are so far apart that the f32 rule of underflow applies.
  return f32_to_f16(fix_division(f16_to_f32(s0), f16_to_f32(s1), f16_to_f32(s2)));
}

double rsq_f64(double x) {
  return 1.0 / std::sqrt(x);
}

namespace {
// The angle as a fraction of a revolution in [-1/2, 1/2]; exact.
double reduce(double revolutions) {
  return std::remainder(revolutions, 1.0);
}
}  // namespace
double sin_revolutions(double x) {
  if (!std::isfinite(x)) return std::numeric_limits<double>::quiet_NaN();
  if (std::fabs(x) > 256) return 0;
  const double angle = reduce(x);
  if (angle == 0 || std::fabs(angle) == 0.5) return std::copysign(0.0, x);
  return std::sin(2 * std::numbers::pi * angle);
}
double cos_revolutions(double x) {
  if (!std::isfinite(x)) return std::numeric_limits<double>::quiet_NaN();
  if (std::fabs(x) > 256) return 1;
  const double angle = std::fabs(reduce(x));
  return angle == 0.25 ? 0 : std::cos(2 * std::numbers::pi * angle);
}
float sin_f32(float x) {
  return static_cast<float>(sin_revolutions(x));
}
float cos_f32(float x) {
  return static_cast<float>(cos_revolutions(x));
}

namespace {
template <class Float>
bool class_matches(Float x, uint32_t mask, bool subnormal) {
  const bool negative = std::signbit(x);
  int bit;
  if (std::isnan(x))
    bit = is_signalling(x) ? 0 : 1;
  else if (std::isinf(x))
    bit = negative ? 2 : 9;
  else if (x == 0)
    bit = negative ? 5 : 6;
  else if (subnormal)
    bit = negative ? 4 : 7;
  else
    bit = negative ? 3 : 8;
  return (mask >> bit & 1) != 0;
}
}  // namespace
bool in_class(float x, uint32_t mask) {
  return class_matches(x, mask, std::fpclassify(x) == FP_SUBNORMAL);
}
bool in_class(double x, uint32_t mask) {
  return class_matches(x, mask, std::fpclassify(x) == FP_SUBNORMAL);
}
bool in_class_f16(uint16_t x, uint32_t mask) {
  // Widening would quiet a signalling NaN.
  const uint32_t magnitude = x & 0x7fff;
  if (magnitude > 0x7c00) return (mask >> ((x & 0x200) != 0 ? 1 : 0) & 1) != 0;
  return class_matches(f16_to_f32(x), mask, magnitude != 0 && magnitude < 0x400);
}

}  // namespace hipemu
