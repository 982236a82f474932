// SPDX-License-Identifier: Apache-2.0
#include "tests/check/tensor.h"

#include <gtest/gtest.h>

#include <array>
#include <bit>
#include <cmath>
#include <cstdlib>
#include <cstring>
#include <limits>

namespace check {
namespace {

struct format {
  const char* name;
  hipinfer_dtype abi;
  int mantissa;  // stored bits
  int lowest;    // exponent of the smallest normal number
  double largest;
  double tolerance;
  // The same as is_float and is_fp8, which others can call and which are therefore no part of their callers.
  constexpr bool has_point() const { return mantissa != 0; }
  constexpr bool is_8_bit() const { return has_point() && abi.bits == 8; }
};

const format& of(dtype d) {
  static constexpr format table[] = {
      {"f32", {HIPINFER_DTYPE_FLOAT, 32, 1}, 23, -126, std::numeric_limits<float>::max(), 1e-5},
      {"f16", {HIPINFER_DTYPE_FLOAT, 16, 1}, 10, -14, 65504.0, 1e-3},
      {"bf16", {HIPINFER_DTYPE_BFLOAT, 16, 1}, 7, -126, 0x1.fep127, 1e-2},
      {"f64", {HIPINFER_DTYPE_FLOAT, 64, 1}, 52, -1022, std::numeric_limits<double>::max(), 1e-12},
      {"i8", {HIPINFER_DTYPE_INT, 8, 1}, 0, 0, 127, 1},
      {"i32", {HIPINFER_DTYPE_INT, 32, 1}, 0, 0, 0, 0},
      {"i64", {HIPINFER_DTYPE_INT, 64, 1}, 0, 0, 0, 0},
      {"u8", {HIPINFER_DTYPE_UINT, 8, 1}, 0, 0, 0, 0},
      {"bool", {HIPINFER_DTYPE_BOOL, 8, 1}, 0, 0, 0, 0},
      {"e4m3fn", {HIPINFER_DTYPE_E4M3FN, 8, 1}, 3, -6, 448, 1},
      {"e4m3fnuz", {HIPINFER_DTYPE_E4M3FNUZ, 8, 1}, 3, -7, 240, 1},
      {"e5m2", {HIPINFER_DTYPE_E5M2, 8, 1}, 2, -14, 57344, 1},
      {"e5m2fnuz", {HIPINFER_DTYPE_E5M2FNUZ, 8, 1}, 2, -15, 57344, 1},
  };
  return table[static_cast<int>(d)];
}

bool is_fnuz(dtype d) {
  return d == dtype::e4m3fnuz || d == dtype::e5m2fnuz;
}

// Tensors have many elements: what std::ldexp and std::ilogb do for normal numbers, without a call.
double power_of_two(int exponent) {
  return std::bit_cast<double>(static_cast<uint64_t>(exponent + 1023) << 52);
}
int exponent_of(double x) {
  return static_cast<int>(std::bit_cast<uint64_t>(x) >> 52 & 0x7ff) - 1023;
}
uint64_t fraction_of(double x) {
  return std::bit_cast<uint64_t>(x) & ((uint64_t{1} << 52) - 1);
}

// Value by value from the definition: sign, exponent, fraction.
double read_fp8(dtype d, uint8_t bits) {
  const format& f = of(d);
  const int exponent = bits >> f.mantissa & ((1 << (7 - f.mantissa)) - 1), fraction = bits & ((1 << f.mantissa) - 1);
  const double sign = bits & 0x80 ? -1.0 : 1.0;
  if (is_fnuz(d)) {
    if (bits == 0x80) return NAN;
  } else if (d == dtype::e4m3fn) {
    if (exponent == 15 && fraction == 7) return std::copysign(NAN, sign);
  } else if (exponent == 31) {
    return fraction ? std::copysign(NAN, sign) : sign * INFINITY;
  }
  const double significand = std::ldexp(fraction, -f.mantissa) + (exponent != 0);
  return sign * std::ldexp(significand, std::max(exponent, 1) - 1 + f.lowest);
}

// All values of the four, which follow each other in dtype.
double value_of_fp8(dtype d, uint8_t bits) {
  static const auto tables = [] {
    std::array<std::array<double, 256>, 4> all{};
    for (int t = 0; t < 4; ++t)
      for (int b = 0; b < 256; ++b)
        all[t][b] = read_fp8(static_cast<dtype>(static_cast<int>(dtype::e4m3fn) + t), static_cast<uint8_t>(b));
    return all;
  }();
  return tables[static_cast<int>(d) - static_cast<int>(dtype::e4m3fn)][bits];
}

// The encoding with this value. Infinities of e5m2 are written as such.
uint8_t write_fp8(dtype d, double value) {
  const uint8_t sign = std::signbit(value) ? 0x80 : 0;
  if (std::isnan(value)) return is_fnuz(d) ? 0x80 : sign | 0x7f;
  if (std::isinf(value) && d == dtype::e5m2) return sign | 0x7c;
  const double x = std::fabs(round_to(d, value));
  if (x == 0 && is_fnuz(d)) return 0;
  // Values rise with their encodings: the count of units from 0, binade by binade.
  const format& f = of(d);
  const int exponent = std::max(exponent_of(x), f.lowest);
  return static_cast<uint8_t>(
      sign | (((exponent - f.lowest) << f.mantissa) + static_cast<int>(x * power_of_two(f.mantissa - exponent))));
}

}  // namespace

hipinfer_dtype abi_dtype(dtype d) {
  return of(d).abi;
}
const char* name_of(dtype d) {
  return of(d).name;
}
int bytes_of(dtype d) {
  return of(d).abi.bits / 8;
}
bool is_float(dtype d) {
  return of(d).has_point();
}
bool is_fp8(dtype d) {
  return of(d).is_8_bit();
}
double largest_of(dtype d) {
  return of(d).largest;
}
double tolerance_of(dtype d) {
  return of(d).tolerance;
}

// Of a floating-point format narrower than f64.
static double ulp_of(const format& f, double x) {
  return power_of_two((std::isfinite(x) ? std::max(exponent_of(x), f.lowest) : f.lowest) - f.mantissa);
}
double ulp_of(dtype d, double x) {
  const format& f = of(d);
  if (d == dtype::f64) return std::ldexp(1.0, (std::isfinite(x) ? std::max(exponent_of(x), f.lowest) : f.lowest) - 52);
  return f.has_point() ? ulp_of(f, x) : 1;
}

// An independent rounding, by arithmetic on doubles and not by bits as the library does it.
double round_to(dtype d, double x) {
  const format& f = of(d);
  if (d == dtype::i8) return std::isnan(x) ? 0 : std::min(std::max(std::nearbyint(x), -128.0), 127.0);
  if (!f.has_point() || d == dtype::f64) return x;
  const double past = f.is_8_bit() ? f.largest : INFINITY;
  if (x == 0) return is_fnuz(d) ? 0.0 : x;
  if (std::fabs(x) >= 2 * f.largest) return std::copysign(past, x);
  if (std::isnan(x)) return x;
  // A double of this size has its last place where the dtype has it: the sum is rounded there.
  const double place = 0x1.8p52 * ulp_of(f, x);
  const double rounded = std::copysign(x + place - place, x);
  if (rounded == 0 && is_fnuz(d)) return 0;
  return std::fabs(rounded) > f.largest ? std::copysign(past, x) : rounded;
}

double read_element(dtype d, const void* p) {
  const auto load = [&](auto value) {
    std::memcpy(&value, p, sizeof value);
    return value;
  };
  switch (d) {
    case dtype::f32:
      return load(0.0f);
    case dtype::f64:
      return load(0.0);
    case dtype::i8:
      return load(int8_t{});
    case dtype::e4m3fn:
    case dtype::e4m3fnuz:
    case dtype::e5m2:
    case dtype::e5m2fnuz:
      return value_of_fp8(d, load(uint8_t{}));
    case dtype::i32:
      return load(int32_t{});
    case dtype::i64:
      return static_cast<double>(load(int64_t{}));
    case dtype::u8:
    case dtype::b8:
      return load(uint8_t{});
    case dtype::bf16: {
      const uint32_t bits = static_cast<uint32_t>(load(uint16_t{})) << 16;
      float x;
      std::memcpy(&x, &bits, sizeof x);
      return x;
    }
    case dtype::f16: {
      const uint16_t bits = load(uint16_t{});
      const int exponent = bits >> 10 & 31, fraction = bits & 1023;
      const double sign = bits & 0x8000 ? -1.0 : 1.0;
      if (exponent == 31) return fraction ? std::copysign(NAN, sign) : sign * INFINITY;
      return sign * (exponent ? (1024 + fraction) * power_of_two(exponent - 25) : fraction * 0x1p-24);
    }
  }
  std::abort();
}

void write_element(dtype d, void* p, double value) {
  const auto save = [&](auto x) { std::memcpy(p, &x, sizeof x); };
  switch (d) {
    case dtype::f32:
      return save(static_cast<float>(value));
    case dtype::f64:
      return save(value);
    case dtype::i8:
      return save(static_cast<int8_t>(value));
    case dtype::e4m3fn:
    case dtype::e4m3fnuz:
    case dtype::e5m2:
    case dtype::e5m2fnuz:
      return save(write_fp8(d, value));
    case dtype::i32:
      return save(static_cast<int32_t>(value));
    case dtype::i64:
      return save(static_cast<int64_t>(value));
    case dtype::u8:
    case dtype::b8:
      return save(static_cast<uint8_t>(value));
    case dtype::bf16: {
      const float x = static_cast<float>(round_to(d, value));
      uint32_t bits;
      std::memcpy(&bits, &x, sizeof bits);
      return save(static_cast<uint16_t>(std::isnan(x) ? 0x7fc0 : bits >> 16));
    }
    case dtype::f16: {
      const uint16_t sign = std::signbit(value) ? 0x8000 : 0;
      if (std::isnan(value)) return save(static_cast<uint16_t>(sign | 0x7e00));
      const double x = std::fabs(round_to(d, value));
      if (std::isinf(x)) return save(static_cast<uint16_t>(sign | 0x7c00));
      if (x < 0x1p-14) return save(static_cast<uint16_t>(sign | static_cast<int>(x * 0x1p24)));
      return save(static_cast<uint16_t>(sign | ((exponent_of(x) + 15) << 10) | static_cast<int>(fraction_of(x) >> 42)));
    }
  }
}

uint64_t seed() {
  static const uint64_t value = [] {
    const char* text = std::getenv("HIPINFER_TEST_SEED");
    return text != nullptr ? std::strtoull(text, nullptr, 0) : 20261121ull;
  }();
  return value;
}

namespace fills {
fill normal(double scale) {
  return [scale](int64_t, generator& g) { return scale * std::normal_distribution<double>()(g); };
}
fill uniform(double low, double high) {
  return [=](int64_t, generator& g) { return std::uniform_real_distribution<double>(low, high)(g); };
}
fill constant(double value) {
  return [=](int64_t, generator&) { return value; };
}
fill values(std::vector<double> list) {
  return [list = std::move(list)](int64_t i, generator&) { return list[i % list.size()]; };
}
fill integers(int64_t low, int64_t high) {
  return
      [=](int64_t, generator& g) { return static_cast<double>(std::uniform_int_distribution<int64_t>(low, high)(g)); };
}
fill hostile(dtype d, bool non_finite) {
  return [=](int64_t, generator& g) {
    const format& f = of(d);
    switch (std::uniform_int_distribution<int>(0, 40)(g)) {
      case 0:
        return 0.0;
      case 1:
        return -0.0;
      case 2:
        return std::ldexp(1.0, f.lowest);
      case 3:
        return std::ldexp(1.0, f.lowest - f.mantissa);  // the smallest subnormal
      case 4:
        return non_finite ? f.largest : 1000.0;
      case 5:
        return non_finite ? -f.largest : -1000.0;
      case 6:
        return non_finite ? INFINITY : 100.0;
      case 7:
        return non_finite ? -INFINITY : -100.0;
      case 8:
        return non_finite ? NAN : 1.0;
    }
    return std::normal_distribution<double>()(g);
  };
}
}  // namespace fills

int64_t tensor::elements() const {
  int64_t n = 1;
  for (int64_t e : shape) n *= e;
  return n;
}

int64_t tensor::lowest() const {
  int64_t low = 0;
  for (size_t i = 0; i < shape.size(); ++i) low += std::min<int64_t>((shape[i] - 1) * strides[i], 0);
  return elements() == 0 ? 0 : low;
}

int64_t tensor::span() const {
  int64_t high = 0;
  for (size_t i = 0; i < shape.size(); ++i) high += std::max<int64_t>((shape[i] - 1) * strides[i], 0);
  return elements() == 0 ? 0 : high + 1 - lowest();
}

std::vector<int64_t> tensor::offsets() const {
  if (elements() == 0) return {};  // also where the other extents are very large
  std::vector<int64_t> out{0};
  out.reserve(elements());
  // Dimension by dimension: what there is so far, again at each step of the stride.
  for (size_t i = shape.size(); i-- > 0;) {
    const size_t inner = out.size();
    for (int64_t n = 1; n < shape[i]; ++n)
      for (size_t e = 0; e < inner; ++e) out.push_back(out[e] + n * strides[i]);
  }
  return out;
}

tensor& tensor::with_gap(int64_t gap) {
  int64_t running = 1;
  for (size_t i = shape.size(); i-- > 0;) {
    strides[i] = running;
    running = running * std::max<int64_t>(shape[i], 1) + gap;
  }
  return *this;
}

// Each tensor of a test gets a stream of its own, the same whether the test runs alone or among all.
static uint64_t next_stream() {
  static uint64_t counter = 0, last_test = 0;
  const auto* info = ::testing::UnitTest::GetInstance()->current_test_info();
  const std::string name = info == nullptr ? "" : std::string(info->test_suite_name()) + info->name();
  const uint64_t test = std::hash<std::string>()(name);
  if (test != last_test) counter = 0;
  last_test = test;
  return test + ++counter;
}

tensor none() {
  return {};
}

static tensor make(role use, dtype d, std::vector<int64_t> shape) {
  tensor t;
  t.use = use;
  t.type = d;
  t.strides.resize(shape.size());
  t.shape = std::move(shape);
  return t.with_gap(0);
}

tensor output(dtype d, std::vector<int64_t> shape) {
  return make(role::out, d, std::move(shape));
}

tensor inout(dtype d, std::vector<int64_t> shape, const fill& f) {
  tensor t = make(role::inout, d, std::move(shape));
  generator g(seed() * 1000003 + next_stream());
  t.contents.resize(t.elements());
  for (size_t i = 0; i < t.contents.size(); ++i) t.contents[i] = round_to(d, f(static_cast<int64_t>(i), g));
  return t;
}

tensor input(dtype d, std::vector<int64_t> shape, const fill& f) {
  tensor t = inout(d, std::move(shape), f);
  t.use = role::in;
  return t;
}

tensor widened(const tensor& t) {
  tensor wide = t;
  if (t.use != role::none && is_float(t.type) && !is_fp8(t.type)) wide.type = dtype::f64;
  return wide;
}

}  // namespace check
