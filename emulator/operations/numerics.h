// SPDX-License-Identifier: Apache-2.0
// Numbers as the hardware has them: formats smaller than f32, roundings, and the scalar functions behind instructions.
// Pure functions of values; MODE is the caller's, who flushes operands and results with flush_subnormal() where it says so.
//
// Everything narrower than f64 that does not round to nearest is computed in f64, rounded to odd, and then once to the
// format: f64 has more than twice the bits plus two of f32, so the result is the exact one rounded once.
#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <limits>
#include <type_traits>

#if defined(__F16C__)
#include <immintrin.h>
#endif

namespace hipemu {

// The first four as MODE numbers them.
enum class rounding : uint8_t { nearest, up, down, zero, stochastic };

inline float as_float(uint32_t bits) {
  return std::bit_cast<float>(bits);
}
inline uint32_t as_bits(float x) {
  return std::bit_cast<uint32_t>(x);
}
inline double as_double(uint64_t bits) {
  return std::bit_cast<double>(bits);
}
inline uint64_t as_bits(double x) {
  return std::bit_cast<uint64_t>(x);
}

// --- Formats -------------------------------------------------------------------------------------------------------

// What the largest exponent and the sign of zero mean.
enum class specials : uint8_t {
  ieee,  // infinities and NaNs
  fn,    // the all-ones pattern is NaN; no infinity
  fnuz,  // the pattern of -0 is NaN; no infinity, no -0
  none,  // neither: overflow saturates
};

struct number_format {
  int exponent_bits, mantissa_bits, bias;
  specials kind;

  constexpr int bits() const { return 1 + exponent_bits + mantissa_bits; }
  constexpr uint32_t sign() const { return 1u << (exponent_bits + mantissa_bits); }
  constexpr uint32_t infinity() const { return ((1u << exponent_bits) - 1) << mantissa_bits; }  // ieee only
  constexpr uint32_t largest() const {  // the largest finite magnitude
    const uint32_t ones = sign() - 1;
    return kind == specials::ieee ? infinity() - 1 : kind == specials::fn ? ones - 1 : ones;
  }
  constexpr uint32_t nan() const {
    if (kind == specials::ieee) return infinity() | 1u << (mantissa_bits - 1);
    return kind == specials::fn ? sign() - 1 : sign();
  }
};

inline constexpr number_format f32_format{8, 23, 127, specials::ieee};
inline constexpr number_format f16_format{5, 10, 15, specials::ieee};
inline constexpr number_format bf16_format{8, 7, 127, specials::ieee};
// AMD's fp8 is e4m3, its bf8 e5m2; FNUZ on gfx942, OCP on gfx950 and gfx12.
inline constexpr number_format fp8_format{4, 3, 7, specials::fn};
inline constexpr number_format bf8_format{5, 2, 15, specials::ieee};
inline constexpr number_format fp8_fnuz_format{4, 3, 8, specials::fnuz};
inline constexpr number_format bf8_fnuz_format{5, 2, 16, specials::fnuz};
// The OCP microscaling formats of gfx950.
inline constexpr number_format fp6_format{2, 3, 1, specials::none};
inline constexpr number_format bf6_format{3, 2, 3, specials::none};
inline constexpr number_format fp4_format{2, 1, 1, specials::none};

constexpr bool is_nan(const number_format& f, uint32_t x) {
  const uint32_t magnitude = x & (f.sign() - 1);
  switch (f.kind) {
    case specials::ieee:
      return magnitude > f.infinity();
    case specials::fn:
      return magnitude == f.sign() - 1;
    case specials::fnuz:
      return (x & (2 * f.sign() - 1)) == f.sign();
    case specials::none:
      return false;
  }
  return false;
}

// Exact. A NaN keeps its payload's upper bits and becomes quiet.
inline float decode(const number_format& f, uint32_t x) {
  const uint32_t magnitude = x & (f.sign() - 1);
  const uint32_t sign = (x & f.sign()) != 0 ? 0x80000000u : 0;
  if (is_nan(f, x)) {
    return as_float((f.kind == specials::fnuz ? 0 : sign) | 0x7fc00000u |
                    (f.kind == specials::ieee ? magnitude << (23 - f.mantissa_bits) & 0x7fffffu : 0));
  }
  if (f.kind == specials::ieee && magnitude == f.infinity()) return as_float(sign | 0x7f800000u);
  const int exponent = static_cast<int>(magnitude >> f.mantissa_bits);
  const uint32_t mantissa = magnitude & ((1u << f.mantissa_bits) - 1);
  if (exponent == 0 && f.exponent_bits < 8) {
    const float value =
        static_cast<float>(mantissa) * as_float(static_cast<uint32_t>(128 - f.bias - f.mantissa_bits) << 23);
    return as_float(sign | as_bits(value));
  }
  if (exponent == 0) return as_float(sign | mantissa << (23 - f.mantissa_bits));  // bf16: f32's own subnormals
  return as_float(sign | static_cast<uint32_t>(exponent - f.bias + 127) << 23 | mantissa << (23 - f.mantissa_bits));
}

// The value rounded once. Overflow: to infinity (or the largest, as the rounding says) where the format has one, to NaN
// in fn and fnuz, to the largest where the format has neither or `saturate` is set (MODE.FP16_OVFL). An infinite value
// stays infinite in f16 even so; in the 8-bit formats it saturates too, as OCP's conversion has it.
// Stochastic: the bits that are dropped, plus the upper bits of `random`, carry; then the rest is cut off.
inline uint32_t encode(const number_format& f, double value, rounding mode = rounding::nearest, uint32_t random = 0,
                       bool saturate = false) {
  const uint64_t bits = as_bits(value);
  const uint32_t sign = (bits >> 63) != 0 ? f.sign() : 0;
  if (std::isnan(value)) {
    if (f.kind == specials::none) return f.largest();
    const uint32_t payload = static_cast<uint32_t>(bits >> (52 - f.mantissa_bits));
    if (f.kind == specials::ieee) return sign | f.nan() | (payload & ((1u << f.mantissa_bits) - 1));
    return f.kind == specials::fn ? sign | f.nan() : f.nan();
  }
  const auto overflow = [&](bool infinite) -> uint32_t {
    const bool inwards = mode == rounding::zero || mode == rounding::stochastic ||
                         (mode == rounding::up && sign != 0) || (mode == rounding::down && sign == 0);
    const bool has_infinity = f.kind == specials::ieee;
    if (f.kind == specials::none || (saturate && !(infinite && f.bits() > 8))) return sign | f.largest();
    if (!has_infinity) return f.kind == specials::fn ? sign | f.nan() : f.nan();
    return sign | (inwards && !infinite ? f.largest() : f.infinity());
  };
  if (std::isinf(value)) return overflow(true);
  const uint32_t zero = f.kind == specials::fnuz ? 0 : sign;
  if ((bits << 1) == 0) return zero;

  const int biased = static_cast<int>(bits >> 52 & 0x7ff);
  uint64_t mantissa = bits & ((uint64_t{1} << 52) - 1);
  int exponent = biased - 1023;
  if (biased != 0)
    mantissa |= uint64_t{1} << 52;
  else
    exponent = -1022;
  const int smallest = 1 - f.bias;
  const int shift = std::min(52 - f.mantissa_bits + std::max(0, smallest - exponent), 63);
  uint64_t kept = mantissa >> shift;
  const uint64_t rest = mantissa & ((uint64_t{1} << shift) - 1), half = uint64_t{1} << (shift - 1);
  switch (mode) {
    case rounding::nearest:
      kept += rest > half || (rest == half && (kept & 1) != 0);
      break;
    case rounding::up:
      kept += rest != 0 && sign == 0;
      break;
    case rounding::down:
      kept += rest != 0 && sign != 0;
      break;
    case rounding::zero:
      break;
    case rounding::stochastic: {
      const uint64_t noise = shift >= 32 ? static_cast<uint64_t>(random) << (shift - 32) : random >> (32 - shift);
      kept += (rest + noise) >> shift;
      break;
    }
  }
  // A carry out of the mantissa moves into the exponent by itself; so does one out of the subnormals.
  const uint64_t magnitude =
      exponent < smallest ? kept : kept + (static_cast<uint64_t>(exponent + f.bias - 1) << f.mantissa_bits);
  if (magnitude > f.largest()) return overflow(false);
  return magnitude == 0 ? zero : sign | static_cast<uint32_t>(magnitude);
}

// --- The hot ones --------------------------------------------------------------------------------------------------

inline float bf16_to_f32(uint16_t x) {
  const uint32_t bits = static_cast<uint32_t>(x) << 16;
  return as_float((bits & 0x7fffffffu) > 0x7f800000u ? bits | 0x00400000u : bits);
}
inline uint16_t f32_to_bf16(float x) {
  const uint32_t bits = as_bits(x);
  if ((bits & 0x7fffffffu) > 0x7f800000u) return static_cast<uint16_t>(bits >> 16 | 0x40);
  return static_cast<uint16_t>((bits + 0x7fffu + (bits >> 16 & 1)) >> 16);
}
#if defined(__F16C__)
inline float f16_to_f32(uint16_t x) {
  return _cvtsh_ss(x);
}
inline uint16_t f32_to_f16(float x) {
  return _cvtss_sh(x, _MM_FROUND_TO_NEAREST_INT);
}
#else
inline float f16_to_f32(uint16_t x) {
  return decode(f16_format, x);
}
inline uint16_t f32_to_f16(float x) {
  return static_cast<uint16_t>(encode(f16_format, x));
}
#endif
inline uint16_t f32_to_f16(float x, rounding mode, bool saturate = false) {
  return static_cast<uint16_t>(encode(f16_format, x, mode, 0, saturate));
}
inline float round_to_f32(double x, rounding mode) {
  return as_float(encode(f32_format, x, mode));
}

// e8m0: a power of two, or NaN.
inline double e8m0_to_f64(uint8_t x) {
  return x == 0xff ? std::numeric_limits<double>::quiet_NaN() : as_double(static_cast<uint64_t>(x - 127 + 1023) << 52);
}

// Subnormals to zero, the sign kept.
inline float flush_subnormal(float x) {
  return as_float(as_bits(x) & ((as_bits(x) & 0x7f800000u) != 0 ? 0xffffffffu : 0x80000000u));
}
inline double flush_subnormal(double x) {
  return (as_bits(x) & 0x7ff0000000000000u) != 0 ? x : as_double(as_bits(x) & 0x8000000000000000u);
}
inline uint16_t flush_f16(uint16_t x) {
  return static_cast<uint16_t>((x & 0x7c00) != 0 ? x : x & 0x8000);
}
inline uint16_t flush_bf16(uint16_t x) {
  return static_cast<uint16_t>((x & 0x7f80) != 0 ? x : x & 0x8000);
}

inline float quiet(float x) {
  return x != x ? as_float(as_bits(x) | 0x00400000u) : x;
}
inline double quiet(double x) {
  return x != x ? as_double(as_bits(x) | 0x0008000000000000u) : x;
}
inline bool is_signalling(float x) {
  return x != x && (as_bits(x) & 0x00400000u) == 0;
}
inline bool is_signalling(double x) {
  return x != x && (as_bits(x) & 0x0008000000000000u) == 0;
}

// --- Arithmetic in any rounding ------------------------------------------------------------------------------------

// x + y, rounded to odd: what was cut off stays visible in the last bit. The mode decides the sign of an exact zero.
double add_to_odd(double x, double y, rounding mode);
// Of f32 and, exactly as well, of f16 operands that were widened: the last step is the caller's encode().
inline double fma_to_odd(float x, float y, float z, rounding mode) {
  return add_to_odd(static_cast<double>(x) * static_cast<double>(y), z, mode);
}
inline float add_f32(float x, float y, rounding mode) {
  return mode == rounding::nearest ? x + y : round_to_f32(add_to_odd(x, y, mode), mode);
}
inline float mul_f32(float x, float y, rounding mode) {
  return mode == rounding::nearest ? x * y : round_to_f32(static_cast<double>(x) * static_cast<double>(y), mode);
}
inline float fma_f32(float x, float y, float z, rounding mode) {
  return mode == rounding::nearest ? std::fma(x, y, z) : round_to_f32(fma_to_odd(x, y, z, mode), mode);
}
// f16 operands and result, as bits. `saturate` is MODE.FP16_OVFL.
uint16_t add_f16(uint16_t x, uint16_t y, rounding mode, bool saturate = false);
uint16_t mul_f16(uint16_t x, uint16_t y, rounding mode, bool saturate = false);
uint16_t fma_f16(uint16_t x, uint16_t y, uint16_t z, rounding mode, bool saturate = false);

// Sets the host's rounding for f64 arithmetic while it lives.
class host_rounding {
 public:
  explicit host_rounding(rounding mode);
  ~host_rounding();
  host_rounding(const host_rounding&) = delete;
  host_rounding& operator=(const host_rounding&) = delete;

 private:
  int before_;
};

// --- Conversions to integers ---------------------------------------------------------------------------------------

// Towards zero; NaN gives 0, what is out of range the nearest end of it. Without branches.
template <class Integer, class Float>
inline Integer saturating_cast(Float x) {
  using limits = std::numeric_limits<Integer>;
  constexpr Float low = static_cast<Float>(limits::min());
  constexpr Float above = static_cast<Float>(uint64_t{1} << (limits::digits - 1)) * 2;  // max + 1, exact
  const Float bounded = x >= low && x < above ? x : 0;
  const Integer inside = static_cast<Integer>(bounded);
  return x >= above ? limits::max() : x < low ? limits::min() : inside;
}
// To the nearest integer, ties to even, however the host rounds.
template <class Float>
inline Float round_even(Float x) {
  const Float whole = std::trunc(x), rest = std::fabs(x - whole), half = whole * Float(0.5);
  const bool away = rest > Float(0.5) || (rest == Float(0.5) && half != std::trunc(half));
  return std::copysign(whole + (away ? std::copysign(Float(1), x) : Float(0)), x);
}

// --- Functions of the instructions ---------------------------------------------------------------------------------

// x * 2^n, rounded once.
float ldexp_f32(float x, int n, rounding mode = rounding::nearest);
uint16_t ldexp_f16(uint16_t x, int n, rounding mode = rounding::nearest);
double ldexp_f64(double x, int n);
// Of zero, infinity and NaN: exponent 0, and the value itself as mantissa (a NaN quieted). Mantissas are in [0.5, 1).
int frexp_exponent(double x);
float frexp_mantissa(float x);
double frexp_mantissa(double x);
// x - floor(x), kept below one; of an infinity NaN.
float fract(float x);
double fract(double x);
uint16_t fract_f16(uint16_t x);

template <class Float>
struct scaled {
  Float value;
  bool flag;  // to VCC
};
scaled<float> div_scale(float s0, float s1, float s2);
scaled<double> div_scale(double s0, double s1, double s2);
float div_fmas(float s0, float s1, float s2, bool vcc, rounding mode = rounding::nearest);
double div_fmas(double s0, double s1, double s2, bool vcc);
// s0: the quotient; s1: the denominator; s2: the numerator.
float div_fixup(float s0, float s1, float s2);
double div_fixup(double s0, double s1, double s2);
uint16_t div_fixup_f16(uint16_t s0, uint16_t s1, uint16_t s2);

// Transcendentals: computed in f64 and rounded once, which is inside the documented error of 1 unit in the last place.
// Those of f32 flush subnormals in and out, as the manuals say. Written without branches, for loops over lanes.
inline float rcp_f32(float x) {
  return flush_subnormal(static_cast<float>(1.0 / static_cast<double>(flush_subnormal(x))));
}
inline float sqrt_f32(float x) {
  return std::sqrt(flush_subnormal(x));
}
inline float rsq_f32(float x) {
  return static_cast<float>(1.0 / std::sqrt(static_cast<double>(flush_subnormal(x))));
}
inline constexpr auto reciprocals = [] {
  std::array<double, 20> x{};
  for (int n = 1; n < 20; ++n) x[n] = 1.0 / n;
  return x;
}();
// 2^x: the whole part becomes the exponent, the rest (at most 1/2) goes through the Taylor series of e^(x ln 2), whose
// twelfth term is below 2^-46.
inline double exp2_f64(double x) {
  constexpr double ln2 = 0x1.62e42fefa39efp-1, magic = 0x1.8p52;
  const double bounded = x > 2000 ? 2000 : x < -2000 ? -2000 : x;
  const double shifted = bounded + magic;  // the whole part in the lowest bits
  const double t = (bounded - (shifted - magic)) * ln2;
  double sum = 1;
  for (int n = 12; n > 0; --n) sum = 1 + t * sum * reciprocals[n];
  const int64_t whole = static_cast<int64_t>(as_bits(shifted) - as_bits(magic));
  const int64_t limited = whole > 1023 ? 1023 : whole < -1022 ? -1022 : whole;
  const double scaled = sum * as_double(static_cast<uint64_t>(limited + 1023) << 52);
  return x != x ? quiet(x) : x > 1023 ? std::numeric_limits<double>::infinity() : x < -1022 ? 0 : scaled;
}
inline float exp2_f32(float x) {
  return flush_subnormal(static_cast<float>(exp2_f64(flush_subnormal(x))));
}
// log2 of a normal number (an f32 or f16, widened): its exponent, and of the mantissa m in [sqrt 1/2, sqrt 2) the series
// of ln m = 2 artanh((m - 1) / (m + 1)), whose tenth term is below 2^-50.
inline double log2_f64(double x) {
  constexpr double log2_e = 0x1.71547652b82fep0;
  constexpr uint64_t root_half = 0x3fe6a09e667f3bcdu;
  const uint64_t bits = as_bits(x);
  const int64_t exponent = static_cast<int64_t>(bits - root_half) >> 52;
  const double m = as_double(bits - (static_cast<uint64_t>(exponent) << 52));
  const double s = (m - 1) / (m + 1), s2 = s * s;
  double sum = reciprocals[19];
  for (int n = 17; n > 0; n -= 2) sum = sum * s2 + reciprocals[n];
  const double value = static_cast<double>(static_cast<int32_t>(exponent)) + 2 * log2_e * s * sum;
  constexpr double infinity = std::numeric_limits<double>::infinity();
  const double invalid = as_double(0xfff8000000000000u);
  const double special = x == 0 ? -infinity : x == infinity ? infinity : value;
  const double real = x < 0 ? invalid : special;
  return x != x ? quiet(x) : real;
}
inline float log2_f32(float x) {
  return static_cast<float>(log2_f64(flush_subnormal(x)));
}
// Of revolutions; past 256 of them the manuals promise 0 and 1.
float sin_f32(float x);
float cos_f32(float x);
// Of f16 and others: the same function of a double, for the caller to round.
double rsq_f64(double x);
double sin_revolutions(double x);
double cos_revolutions(double x);

// --- Comparison ----------------------------------------------------------------------------------------------------

template <class Float>
inline Float with_bits_of_both(Float x, Float y,
                               bool either) {  // of equal numbers: they differ in a zero's sign at most
  const auto a = as_bits(x), b = as_bits(y);
  return std::bit_cast<Float>(either ? a | b : a & b);
}
// minNum and maxNum of IEEE 754-2008, with -0 below +0: a NaN loses to a number, of two NaNs the first is the result.
// (gfx12's v_min_num_f32.) With `ieee`, MODE's bit that gfx9 and gfx11 have, a signalling NaN wins. Without branches.
template <class Float>
inline Float min_number(Float x, Float y, bool ieee = false) {
  const Float less = x < y ? x : x == y ? with_bits_of_both(x, y, true) : y;
  const Float number = y != y ? quiet(x) : x != x ? y : less;
  if (!ieee) return number;
  return is_signalling(x) ? quiet(x) : is_signalling(y) ? quiet(y) : number;
}
template <class Float>
inline Float max_number(Float x, Float y, bool ieee = false) {
  const Float more = x > y ? x : x == y ? with_bits_of_both(x, y, false) : y;
  const Float number = y != y ? quiet(x) : x != x ? y : more;
  if (!ieee) return number;
  return is_signalling(x) ? quiet(x) : is_signalling(y) ? quiet(y) : number;
}
// minimum and maximum of IEEE 754-2019: a NaN wins, a signalling one before a quiet one (gfx12's v_minimum_f32,
// gfx950's v_minimum3_f32).
template <class Float>
inline Float nan_or(Float x, Float y, Float number) {
  const Float either = x != x ? x : y;
  const Float nan = is_signalling(x) ? x : is_signalling(y) ? y : either;
  return x != x || y != y ? quiet(nan) : number;
}
template <class Float>
inline Float minimum(Float x, Float y) {
  return nan_or(x, y, min_number(x, y));
}
template <class Float>
inline Float maximum(Float x, Float y) {
  return nan_or(x, y, max_number(x, y));
}
// The middle one; with a NaN among them, the least of the three.
template <class Float>
inline Float med3(Float x, Float y, Float z, bool ieee = false) {
  const Float least = min_number(min_number(x, y, ieee), z, ieee);
  const Float top = max_number(max_number(x, y), z);
  const Float middle = top == x ? max_number(y, z) : top == y ? max_number(x, z) : max_number(x, y);
  return x != x || y != y || z != z ? least : middle;
}

// Does x belong to one of the classes that the mask's bits name? v_cmp_class: signalling NaN, quiet NaN, -infinity,
// -normal, -subnormal, -0, +0, +subnormal, +normal, +infinity.
bool in_class(float x, uint32_t mask);
bool in_class(double x, uint32_t mask);
bool in_class_f16(uint16_t x, uint32_t mask);

}  // namespace hipemu
