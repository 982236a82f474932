// SPDX-License-Identifier: Apache-2.0
// The formats against their definitions, and every rounding against exact comparisons; division as compilers write it
// against the host's. Nothing here uses what it tests to say what is right.
#include "operations/numerics.h"

#include <gtest/gtest.h>

#include <cfenv>
#include <random>
#include <vector>

#include "operations/matrix_arithmetic.h"

using namespace hipemu;

namespace {

struct named_format {
  const char* name;
  number_format format;
};
const named_format formats[] = {
    {"f16", f16_format}, {"bf16", bf16_format},         {"fp8", fp8_format},
    {"bf8", bf8_format}, {"fp8_fnuz", fp8_fnuz_format}, {"bf8_fnuz", bf8_fnuz_format},
    {"fp6", fp6_format}, {"bf6", bf6_format},           {"fp4", fp4_format},
};
const rounding directed[] = {rounding::nearest, rounding::up, rounding::down, rounding::zero};

// The value of a magnitude by the definition of such formats, or NaN, or infinity.
double definition(const number_format& f, uint32_t magnitude) {
  const int exponent = static_cast<int>(magnitude >> f.mantissa_bits);
  const double fraction = std::ldexp(magnitude & ((1u << f.mantissa_bits) - 1), -f.mantissa_bits);
  const uint32_t ones = (1u << (f.exponent_bits + f.mantissa_bits)) - 1;
  if (f.kind == specials::ieee && exponent == (1 << f.exponent_bits) - 1) return fraction == 0 ? INFINITY : NAN;
  if (f.kind == specials::fn && magnitude == ones) return NAN;
  return exponent == 0 ? std::ldexp(fraction, 1 - f.bias) : std::ldexp(1 + fraction, exponent - f.bias);
}

// The finite magnitudes, rising.
std::vector<double> magnitudes(const number_format& f) {
  std::vector<double> all;
  for (uint32_t m = 0; m < 1u << (f.bits() - 1); ++m)
    if (std::isfinite(definition(f, m))) all.push_back(definition(f, m));
  return all;
}

uint32_t overflow_of(const number_format& f, uint32_t sign, rounding mode, bool saturate, bool infinite) {
  const uint32_t largest = static_cast<uint32_t>(magnitudes(f).size() - 1);
  switch (f.kind) {
    case specials::none:
      return sign | largest;
    case specials::fn:
      return sign | (saturate ? largest : largest + 1);
    case specials::fnuz:
      return saturate ? sign | largest : f.sign();
    case specials::ieee:
      break;
  }
  const bool inwards =
      mode == rounding::zero || (mode == rounding::up && sign != 0) || (mode == rounding::down && sign == 0);
  if (infinite) return sign | (saturate && f.bits() == 8 ? largest : largest + 1);
  return sign | (saturate || inwards ? largest : largest + 1);
}

// Rounds an exact multiple of a unit to one of the values (multiples too), by comparing.
template <class Number>
size_t choose(const std::vector<Number>& all, Number x, bool negative, rounding mode) {
  size_t low = 0, high = all.size();
  while (high - low > 1) {
    const size_t middle = (low + high) / 2;
    (all[middle] <= x ? low : high) = middle;
  }
  if (all[low] == x) return low;
  // Past the end the grid goes on for one step.
  const Number next = low + 1 < all.size() ? all[low + 1] : all[low] + (all[low] - all[low - 1]);
  const Number below = x - all[low], above = next - x;
  switch (mode) {
    case rounding::nearest:
      return below > above || (below == above && low % 2 == 1) ? low + 1 : low;
    case rounding::up:
      return negative ? low : low + 1;
    case rounding::down:
      return negative ? low + 1 : low;
    default:
      return low;
  }
}

uint32_t reference(const number_format& f, const std::vector<double>& all, double x, rounding mode, bool saturate) {
  const uint32_t sign = std::signbit(x) ? f.sign() : 0;
  if (std::isinf(x)) return overflow_of(f, sign, mode, saturate, true);
  const double step = all.back() - all[all.size() - 2];
  if (std::fabs(x) >= all.back() + step) return overflow_of(f, sign, mode, saturate, false);
  const size_t chosen = choose(all, std::fabs(x), sign != 0, mode);
  if (chosen == all.size()) return overflow_of(f, sign, mode, saturate, false);
  return (f.kind == specials::fnuz && chosen == 0 ? 0 : sign) | static_cast<uint32_t>(chosen);
}

TEST(numerics, every_code_of_every_format) {
  for (const auto& [name, f] : formats) {
    SCOPED_TRACE(name);
    for (uint32_t code = 0; code < 2 * f.sign(); ++code) {
      const bool negative_zero = f.kind == specials::fnuz && code == f.sign();
      const double magnitude = negative_zero ? NAN : definition(f, code & (f.sign() - 1));
      const double expected = (code & f.sign()) != 0 ? -magnitude : magnitude;
      const float got = decode(f, code);
      if (std::isnan(expected)) {
        ASSERT_TRUE(std::isnan(got)) << code;
        ASSERT_TRUE(is_nan(f, code)) << code;
        ASSERT_TRUE(is_nan(f, encode(f, got))) << code;
      } else {
        ASSERT_EQ(as_bits(expected), as_bits(static_cast<double>(got))) << code;
        for (rounding mode : directed) ASSERT_EQ(encode(f, expected, mode), code);
      }
    }
  }
}

TEST(numerics, known_values) {
  EXPECT_EQ(decode(fp8_format, 0x7e), 448);
  EXPECT_EQ(decode(fp8_fnuz_format, 0x7f), 240);
  EXPECT_EQ(decode(bf8_format, 0x7b), 57344);
  EXPECT_EQ(decode(bf8_fnuz_format, 0x7f), 57344);
  EXPECT_EQ(decode(fp6_format, 0x1f), 7.5f);
  EXPECT_EQ(decode(bf6_format, 0x1f), 28);
  EXPECT_EQ(decode(fp4_format, 0x7), 6);
  EXPECT_EQ(e8m0_to_f64(127), 1);
  EXPECT_EQ(e8m0_to_f64(0), 0x1p-127);
  EXPECT_EQ(e8m0_to_f64(254), 0x1p127);
  EXPECT_TRUE(std::isnan(e8m0_to_f64(255)));
}

TEST(numerics, every_midpoint_in_every_rounding) {
  for (const auto& [name, f] : formats) {
    SCOPED_TRACE(name);
    const std::vector<double> all = magnitudes(f);
    const auto check = [&](double x) {
      for (double value : {x, -x})
        for (rounding mode : directed)
          for (bool saturate : {false, true})
            ASSERT_EQ(encode(f, value, mode, 0, saturate), reference(f, all, value, mode, saturate))
                << value << " mode " << static_cast<int>(mode) << " saturate " << saturate;
    };
    for (size_t n = 0; n < all.size(); ++n) {
      const double next = n + 1 < all.size() ? all[n + 1] : 2 * all[n] - all[n - 1];
      const double middle = (all[n] + next) / 2;
      for (double x : {all[n], std::nextafter(all[n], INFINITY), middle, std::nextafter(middle, 0.),
                       std::nextafter(middle, INFINITY)})
        check(x);
    }
    for (double x : {1e300, 1e-300, 0x1p-1074, static_cast<double>(INFINITY)}) check(x);
  }
}

TEST(numerics, stochastic_rounding_is_a_carry) {
  std::mt19937 random(1);
  for (const auto& [name, f] : formats) {
    if (f.bits() > 8) continue;
    SCOPED_TRACE(name);
    const std::vector<double> all = magnitudes(f);
    for (int n = 0; n < 20000; ++n) {
      const size_t low = random() % (all.size() - 1);
      const double step = all[low + 1] - all[low];
      const uint32_t fraction = random() % (1u << 12) << 20, noise = random();
      const double x = all[low] + step * fraction * 0x1p-32;
      const bool carries = uint64_t{fraction} + noise >= uint64_t{1} << 32;
      ASSERT_EQ(encode(f, x, rounding::stochastic, noise), low + carries) << x;
    }
  }
}

TEST(numerics, f16_and_bf16_of_the_host) {
  for (uint32_t code = 0; code < 0x10000; ++code) {
    const float value = decode(f16_format, code);
    ASSERT_EQ(as_bits(f16_to_f32(static_cast<uint16_t>(code))), as_bits(value)) << code;
    if (!std::isnan(value)) {
      ASSERT_EQ(as_bits(f16_lane(code)), as_bits(value)) << code;
    } else {
      ASSERT_TRUE(std::isnan(f16_lane(code)));
    }
    ASSERT_EQ(as_bits(bf16_to_f32(static_cast<uint16_t>(code))), as_bits(decode(bf16_format, code))) << code;
  }
  std::mt19937 random(2);
  for (int n = 0; n < 2000000; ++n) {
    const float x = as_float(static_cast<uint32_t>(random()));
    ASSERT_EQ(f32_to_f16(x), encode(f16_format, x)) << x;
    ASSERT_EQ(f32_to_bf16(x), encode(bf16_format, x)) << x;
  }
}

// Numbers of all sizes, with the extremes.
template <class Float, class Bits>
Float hostile(std::mt19937_64& random) {
  const Bits ordinary = static_cast<Bits>(random());
  switch (random() % 8) {
    case 0:
      return std::bit_cast<Float>(
          static_cast<Bits>(ordinary & (~Bits{0} >> (random() % (8 * sizeof(Bits))))));  // small
    case 1:
      return std::copysign(std::numeric_limits<Float>::max(), static_cast<Float>(static_cast<int64_t>(ordinary)));
    case 2:
      return static_cast<Float>(static_cast<int>(random() % 2000) - 1000);
    default:
      return std::bit_cast<Float>(ordinary);
  }
}
template <class Float>
void expect_same(Float expected, Float got, Float x, Float y) {
  if (std::isnan(expected)) {
    ASSERT_TRUE(std::isnan(got)) << x << " " << y;
  } else {
    ASSERT_EQ(as_bits(expected), as_bits(got)) << x << " " << y << ": " << expected << " " << got;
  }
}

TEST(numerics, f32_arithmetic_in_every_rounding) {
  std::mt19937_64 random(3);
  for (int n = 0; n < 300000; ++n) {
    const float x = hostile<float, uint32_t>(random), y = hostile<float, uint32_t>(random);
    // A sum that cancels, too.
    const float z = random() % 4 != 0 ? hostile<float, uint32_t>(random) : -(x * y);
    for (rounding mode : directed) {
      volatile float sum, product, fused;
      {
        const host_rounding set(mode);
        volatile float vx = x, vy = y, vz = z;
        sum = vx + vy;
        product = vx * vy;
        fused = std::fma(vx, vy, vz);
      }
      expect_same<float>(sum, add_f32(x, y, mode), x, y);
      expect_same<float>(product, mul_f32(x, y, mode), x, y);
      expect_same<float>(fused, fma_f32(x, y, z, mode), x, y);
    }
  }
}

TEST(numerics, f16_fma_is_rounded_once) {
  // Factors in units of 2^-24, products and sums in units of 2^-48, exactly.
  std::vector<__int128> all;
  for (double x : magnitudes(f16_format)) all.push_back(static_cast<__int128>(std::ldexp(x, 48)));
  const auto units = [&](uint16_t x) { return (x & 0x8000) != 0 ? -all[x & 0x7fff] : all[x & 0x7fff]; };
  constexpr __int128 unit = 1 << 24;
  std::mt19937 random(4);
  for (int n = 0; n < 100000; ++n) {
    uint16_t x[3];
    for (uint16_t& one : x) one = static_cast<uint16_t>(random());
    if (random() % 2 != 0) x[2] = static_cast<uint16_t>((x[2] & 0x83ff) | (random() % 30 << 10));
    if (std::any_of(x, x + 3, [](uint16_t one) { return (one & 0x7c00) == 0x7c00; })) continue;
    const __int128 exact = units(x[0]) / unit * (units(x[1]) / unit) + units(x[2]);
    if (exact == 0) continue;
    const bool negative = exact < 0;
    for (rounding mode : directed) {
      const __int128 magnitude = negative ? -exact : exact;
      const __int128 past = all.back() + (all.back() - all[all.size() - 2]);
      const size_t chosen = magnitude >= past ? all.size() : choose(all, magnitude, negative, mode);
      const uint32_t sign = negative ? 0x8000 : 0;
      const uint32_t expected = chosen < all.size() ? sign | static_cast<uint32_t>(chosen)
                                                    : overflow_of(f16_format, sign, mode, false, false);
      ASSERT_EQ(fma_f16(x[0], x[1], x[2], mode), expected)
          << x[0] << " " << x[1] << " " << x[2] << " mode " << static_cast<int>(mode);
    }
  }
}

// As LLVM expands a division.
float divide(float x, float y) {
  const float below = div_scale(y, y, x).value;
  const auto [above, flag] = div_scale(x, y, x);
  const float r = rcp_f32(below), e = std::fma(-below, r, 1.f), r1 = std::fma(e, r, r);
  const float q = above * r1, e1 = std::fma(-below, q, above), q1 = std::fma(e1, r1, q);
  return div_fixup(div_fmas(std::fma(-below, q1, above), r1, q1, flag), y, x);
}
double divide(double x, double y) {
  const double below = div_scale(y, y, x).value;
  const auto [above, flag] = div_scale(x, y, x);
  const double r = 1 / below, r1 = std::fma(r, std::fma(-below, r, 1.), r),
               r2 = std::fma(r1, std::fma(-below, r1, 1.), r1);
  const double q = above * r2;
  return div_fixup(div_fmas(std::fma(-below, q, above), r2, q, flag), y, x);
}
TEST(numerics, division_as_compilers_write_it) {
  std::mt19937_64 random(5);
  for (int n = 0; n < 100000; ++n) {
    const float x = hostile<float, uint32_t>(random), y = hostile<float, uint32_t>(random);
    expect_same(x / y, divide(x, y), x, y);
    const double u = hostile<double, uint64_t>(random), v = hostile<double, uint64_t>(random);
    const double quotient = u / v;
    // f64's last step rounds before it scales: a subnormal may be off by one.
    if (std::fpclassify(quotient) != FP_SUBNORMAL) expect_same(quotient, divide(u, v), u, v);
    if (HasFatalFailure()) return;
  }
}

TEST(numerics, to_integers) {
  EXPECT_EQ(saturating_cast<int32_t>(3e9f), INT32_MAX);
  EXPECT_EQ(saturating_cast<int32_t>(-3e9f), INT32_MIN);
  EXPECT_EQ(saturating_cast<int32_t>(NAN), 0);
  EXPECT_EQ(saturating_cast<int32_t>(2147483520.f), 2147483520);
  EXPECT_EQ(saturating_cast<uint32_t>(-1.f), 0u);
  EXPECT_EQ(saturating_cast<uint32_t>(4294967295.0), UINT32_MAX);
  EXPECT_EQ(saturating_cast<uint32_t>(4294967296.f), UINT32_MAX);
  EXPECT_EQ(saturating_cast<int16_t>(-0.9f), 0);
  EXPECT_EQ(saturating_cast<uint8_t>(255.9f), 255);
}

TEST(numerics, functions) {
  EXPECT_EQ(round_even(2.5), 2);
  EXPECT_EQ(round_even(-3.5), -4);
  EXPECT_EQ(round_even(0x1p52 + 1), 0x1p52 + 1);
  EXPECT_EQ(frexp_exponent(8), 4);
  EXPECT_EQ(frexp_mantissa(8.f), 0.5f);
  EXPECT_EQ(frexp_exponent(0x1p-149), -148);
  EXPECT_EQ(frexp_exponent(INFINITY), 0);
  EXPECT_EQ(fract(-0.25f), 0.75f);
  EXPECT_EQ(fract(-0x1p-30f), 0x1.fffffep-1f);
  EXPECT_EQ(ldexp_f32(0x1.000002p-100f, -48), 0x1p-148f);
  EXPECT_EQ(ldexp_f32(1, 1000), INFINITY);
  EXPECT_EQ(sin_f32(0.25f), 1);
  EXPECT_EQ(sin_f32(1.5f), 0);
  EXPECT_EQ(cos_f32(0.25f), 0);
  EXPECT_EQ(cos_f32(0.5f), -1);
  EXPECT_EQ(sin_f32(300.25f), 0);
  EXPECT_TRUE(std::isnan(cos_f32(INFINITY)));
  EXPECT_EQ(exp2_f32(-127), 0);
  EXPECT_EQ(log2_f32(8), 3);
  EXPECT_EQ(log2_f32(0x1p-140f), -INFINITY);
  EXPECT_EQ(rsq_f32(4), 0.5f);
}

TEST(numerics, order) {
  const float nan = NAN, signalling = as_float(0x7f800001);
  EXPECT_TRUE(std::signbit(min_number(0.f, -0.f)));
  EXPECT_FALSE(std::signbit(max_number(-0.f, 0.f)));
  EXPECT_EQ(min_number(nan, 1.f), 1);
  EXPECT_EQ(max_number(1.f, nan), 1);
  EXPECT_EQ(as_bits(min_number(signalling, 1.f, true)), 0x7fc00001u);
  EXPECT_TRUE(std::isnan(minimum(nan, 1.f)));
  EXPECT_TRUE(std::isnan(maximum(1.f, nan)));
  EXPECT_EQ(med3(3.f, 1.f, 2.f), 2);
  EXPECT_EQ(med3(3.f, nan, 2.f), 2);
  const float examples[] = {signalling, nan, -INFINITY, -1, -0x1p-140f, -0.f, 0.f, 0x1p-140f, 1, INFINITY};
  for (int bit = 0; bit < 10; ++bit)
    for (int other = 0; other < 10; ++other)
      EXPECT_EQ(in_class(examples[bit], 1u << other), bit == other) << bit << other;
  const uint16_t halves[] = {0x7c01, 0x7e00, 0xfc00, 0xbc00, 0x8001, 0x8000, 0, 1, 0x3c00, 0x7c00};
  for (int bit = 0; bit < 10; ++bit)
    for (int other = 0; other < 10; ++other)
      EXPECT_EQ(in_class_f16(halves[bit], 1u << other), bit == other) << bit << other;
}

// The formats that matrix instructions read by arithmetic against decode(). A signalling NaN may stay one: sums quieten it.
TEST(matrices, elements_of_8_bits) {
  const std::pair<element, bool> kinds[] = {
      {element::fp8, false}, {element::fp8, true}, {element::bf8, false}, {element::bf8, true}};
  const number_format kind_formats[] = {fp8_format, fp8_fnuz_format, bf8_format, bf8_fnuz_format};
  for (size_t f = 0; f < std::size(kinds); ++f) {
    for (uint32_t code = 0; code < 256; ++code) {
      for (int shift = 0; shift < 32; shift += 8) {
        const uint32_t word[4] = {code << shift, ~(0xffu << shift) | code << shift, 0, 0};
        float read[4];
        read_elements<4>(kinds[f].first, kinds[f].second, false, word, word, shift, read);
        const float value = decode(kind_formats[f], code);
        ASSERT_EQ(as_bits(quiet(read[0])), as_bits(value)) << code;
        ASSERT_EQ(as_bits(quiet(read[1])), as_bits(value)) << code;
      }
    }
  }
}

// What a step of a product is: rounded once. Of NaNs the factor of A wins, then that of B.
template <class T>
T step(T a, T b, T sum) {
  if constexpr (std::is_floating_point_v<T>) {
    if (a != a || b != b || sum != sum) return quiet(a != a ? a : b != b ? b : sum);
    return std::fma(a, b, sum);
  } else {
    return a * b + sum;
  }
}

template <class T>
struct unsigned_of {
  using type = uint32_t;
};
template <>
struct unsigned_of<double> {
  using type = uint64_t;
};

// Element by element against the definition: k rises, each step is rounded once. Rows of C and D lie apart, in any order;
// D may be C.
template <class T, int N, bool Sparse>
void check_product(std::mt19937_64& random, bool is_hostile, bool in_place) {
  using bits = typename unsigned_of<T>::type;
  constexpr int k_stored = Sparse ? 32 : 16, k_of_b = Sparse ? 64 : 16, pitch = 48;
  alignas(64) T a[k_stored * N], b[k_of_b * N], c[N * pitch], d[N * pitch] = {};
  const auto fill = [&](T* to, int count) {
    for (int n = 0; n < count; ++n) {
      if constexpr (std::is_floating_point_v<T>) {
        to[n] = is_hostile && random() % 4 == 0 ? hostile<T, bits>(random)
                                                : static_cast<T>(static_cast<int64_t>(random())) * T(0x1p-62);
        if (is_hostile && random() % 256 == 0) to[n] = std::copysign(std::numeric_limits<T>::infinity(), to[n]);
      } else {
        to[n] = static_cast<T>(random());
      }
    }
  };
  fill(a, std::size(a)), fill(b, std::size(b)), fill(c, std::size(c));
  uint8_t places[k_stored * N];
  for (uint8_t& place : places) place = random() % 4;
  uint16_t c_rows[N], d_rows[N];
  for (int i = 0; i < N; ++i)
    c_rows[i] = static_cast<uint16_t>((N - 1 - i) * pitch), d_rows[i] = static_cast<uint16_t>(i * pitch + 16);
  T expected[N][N];
  for (int i = 0; i < N; ++i) {
    for (int j = 0; j < N; ++j) {
      T sum = c[c_rows[i] + j];
      for (int k = 0; k < k_stored; ++k)
        sum = step(a[k * N + i], b[(Sparse ? k / 2 * 4 + places[k * N + i] : k) * N + j], sum);
      expected[i][j] = sum;
    }
  }
  product<T> p{};
  p.a = a, p.b = b, p.places = places, p.k = k_stored;
  p.c = c, p.c_rows = c_rows;
  p.d = in_place ? c : d, p.d_rows = in_place ? c_rows : d_rows;
  multiply<N, Sparse>(p);
  for (int i = 0; i < N; ++i)
    for (int j = 0; j < N; ++j)
      ASSERT_EQ(std::bit_cast<bits>(p.d[p.d_rows[i] + j]), std::bit_cast<bits>(expected[i][j]))
          << sizeof(T) << " bytes, " << N << ", " << Sparse << ": " << i << ", " << j;
}

TEST(matrices, products_have_the_bits_of_their_definition) {
  std::mt19937_64 random(7);
  for (int n = 0; n < 40; ++n) {
    const bool is_hostile = n % 2 != 0, in_place = n % 4 > 1;
    const auto sizes = [&]<class T>(T) {
      check_product<T, 4, false>(random, is_hostile, in_place);
      check_product<T, 16, false>(random, is_hostile, in_place);
      check_product<T, 32, false>(random, is_hostile, in_place);
      check_product<T, 16, true>(random, is_hostile, in_place);
      check_product<T, 32, true>(random, is_hostile, in_place);
    };
    sizes(float{}), sizes(double{}), sizes(uint32_t{});
  }
}

}  // namespace
