// SPDX-License-Identifier: Apache-2.0
#include <cmath>

#include "gen/cast.api.h"
#include "tests/check/check.h"

using namespace check;

namespace {

// The result is judged against this test's own rounding of its own inputs, and not only against the oracle:
// the oracle goes through the same merging of dimensions as the kernels. Zeros must keep their sign.
void exact(const result& r) {
  const tensor& out = r.arguments[0];
  const std::vector<double>& input = r.arguments[1].contents;
  for (size_t i = 0; i < input.size(); ++i) {
    const double g = r.got[0][i], e = round_to(out.type, input[i]);
    const bool same = std::isnan(e) ? std::isnan(g) : g == e && std::signbit(g) == std::signbit(e);
    ASSERT_TRUE(same) << r.where << ": element " << i << ": " << input[i] << " became " << g << ", expected " << e;
  }
}

test_case cast(tensor output, tensor input) {
  test_case c{{std::move(output), std::move(input)},
              [](auto h, auto t, auto, auto s) { return hipinfer_cast(h, t[0], t[1], s); }};
  c.exact = true;
  c.judge = exact;
  return c;
}

// What rounding to `d` decides on: its values, the middles between neighbours, and one f32 step to either
// side of both; from below half the smallest subnormal to beyond the largest value.
std::vector<double> edges(dtype d) {
  std::vector<double> list = {0.0, INFINITY, NAN, 3e38, 1e-38, 1e-44};
  const int bits = -std::ilogb(ulp_of(d, 1)), lowest = std::ilogb(ulp_of(d, 0)), highest = std::ilogb(largest_of(d));
  for (int exponent = lowest - 2; exponent <= highest; ++exponent) {
    // Odd and even neighbours; the last one of the binade reaches into the next, and at the top into
    // infinity.
    for (const double mantissa :
         {1.0, 1 + std::ldexp(1.0, -bits), 1.5, 2 - std::ldexp(1.0, 1 - bits), 2 - std::ldexp(1.0, -bits)}) {
      const double value = std::ldexp(mantissa, exponent), middle = value + ulp_of(d, value) / 2;
      for (const double x : {value, middle}) {
        const float at = static_cast<float>(x);
        for (const float y : {at, std::nextafterf(at, 0.0f), std::nextafterf(at, INFINITY)}) list.push_back(y);
      }
    }
  }
  for (size_t i = list.size(); i-- > 0;) list.push_back(-list[i]);
  return list;
}

// Every encoding, infinities of e5m2 among them, which a fill would saturate.
tensor every_value(dtype d) {
  const int64_t n = int64_t{1} << 8 * bytes_of(d);
  tensor t = input(d, {n}, fills::constant(0));
  for (int64_t bits = 0; bits < n; ++bits) {
    const auto word = static_cast<uint16_t>(bits);
    t.contents[bits] = read_element(d, &word);
  }
  return t;
}

constexpr dtype types[] = {dtype::f32,      dtype::f16,  dtype::bf16,    dtype::e4m3fn,
                           dtype::e4m3fnuz, dtype::e5m2, dtype::e5m2fnuz};

}  // namespace

TEST(cast, every_pair_and_length) {
  for (const dtype from : types) {
    for (const dtype to : types) {
      for (const int64_t n : {1, 2, 7, 8, 9, 31, 64, 255, 1000, 4103}) {
        run("cast", cast(output(to, {n}), input(from, {n}, fills::hostile(from, true))));
      }
    }
  }
}

TEST(cast, rounds_to_nearest_even) {
  for (const dtype to : types) {
    if (to == dtype::f32) continue;
    const std::vector<double> list = edges(to);
    const auto n = static_cast<int64_t>(list.size());
    run("cast", cast(output(to, {n}), input(dtype::f32, {n}, fills::values(list))));
    run("cast", cast(output(to, {n}).starting_at(1), input(dtype::f32, {n}, fills::values(list)).starting_at(1)));
  }
}

TEST(cast, every_8_and_16_bit_value) {
  for (const dtype from : types) {
    if (from == dtype::f32) continue;
    for (const dtype to : types) {
      const tensor values = every_value(from);
      run("cast", cast(output(to, values.shape), values));
    }
  }
}

// Bits worked out by hand from the definitions, for what the harness and the library might both get wrong.
TEST(cast, known_fp8) {
  struct known {
    float value;
    uint8_t e4m3fn, e4m3fnuz, e5m2, e5m2fnuz;
  };
  const known list[] = {
      {1.0f, 0x38, 0x40, 0x3c, 0x40},      {-1.5f, 0xbc, 0xc4, 0xbe, 0xc2},    {0.0f, 0x00, 0x00, 0x00, 0x00},
      {-0.0f, 0x80, 0x00, 0x80, 0x00},     {240.0f, 0x77, 0x7f, 0x5c, 0x60},   {448.0f, 0x7e, 0x7f, 0x5f, 0x63},
      {464.0f, 0x7e, 0x7f, 0x5f, 0x63},    {1e6f, 0x7e, 0x7f, 0x7b, 0x7f},     {-INFINITY, 0xfe, 0xff, 0xfb, 0xff},
      {NAN, 0x7f, 0x80, 0x7f, 0x80},       {-NAN, 0x7f, 0x80, 0x7f, 0x80},     {0x1p-9f, 0x01, 0x02, 0x18, 0x1c},
      {-0x1p-11f, 0x80, 0x00, 0x90, 0x94}, {0x1p-10f, 0x00, 0x01, 0x14, 0x18}, {0x1.8p-9f, 0x02, 0x03, 0x1a, 0x1e},
      {0x1p-17f, 0x00, 0x00, 0x00, 0x01},  {61440.0f, 0x7e, 0x7f, 0x7b, 0x7f}, {57344.0f, 0x7e, 0x7f, 0x7b, 0x7f},
  };
  std::vector<double> values;
  for (const known& k : list) values.push_back(k.value);
  for (const dtype to : fp8_types) {
    const auto n = static_cast<int64_t>(values.size());
    test_case c = cast(output(to, {n}), input(dtype::f32, {n}, fills::values(values)));
    c.judge = [&](const result& r) {
      for (int64_t i = 0; i < n; ++i) {
        const known& k = list[i];
        const uint8_t bits = to == dtype::e4m3fn     ? k.e4m3fn
                             : to == dtype::e4m3fnuz ? k.e4m3fnuz
                             : to == dtype::e5m2     ? k.e5m2
                                                     : k.e5m2fnuz;
        const double g = r.got[0][i], e = read_element(to, &bits);
        EXPECT_TRUE((std::isnan(g) && std::isnan(e)) || (g == e && std::signbit(g) == std::signbit(e)))
            << r.where << ": " << k.value << " in " << name_of(to) << ": " << g << ", expected " << e;
      }
    };
    run("cast", c);
  }
}

TEST(cast, shapes_and_strides) {
  const dtype a = dtype::f32, b = dtype::bf16;
  const auto values = [](dtype d, std::vector<int64_t> shape) { return input(d, std::move(shape), fills::normal()); };
  for (const auto& [from, to] : {std::pair{a, b}, std::pair{b, a}, std::pair{dtype::f16, dtype::f16},
                                 std::pair{b, dtype::e4m3fnuz}, std::pair{dtype::e5m2, a}}) {
    // Up to six dimensions, compact: all merge into one.
    run("cast", cast(output(to, {3, 5}), values(from, {3, 5})));
    run("cast", cast(output(to, {2, 3, 1, 4, 5, 3}), values(from, {2, 3, 1, 4, 5, 3})));
    // None merges.
    run("cast", cast(output(to, {2, 3, 2, 4, 5, 3}).with_gap(1), values(from, {2, 3, 2, 4, 5, 3}).with_gap(2)));
    // Rows with aligned gaps: vectors, with and without a partial one at each row's end.
    run("cast", cast(output(to, {7, 24}).with_gap(8), values(from, {7, 24}).with_gap(16)));
    run("cast", cast(output(to, {7, 21}).strided({24, 1}), values(from, {7, 21}).strided({32, 1})));
    run("cast", cast(output(to, {3, 7, 21}).strided({240, 24, 1}), values(from, {3, 7, 21}).strided({32, 128, 1})));
    // Transposed on one side, on both, repeated, backwards, every second.
    run("cast", cast(output(to, {33, 20}), values(from, {33, 20}).strided({1, 33})));
    run("cast", cast(output(to, {33, 20}).strided({1, 33}), values(from, {33, 20}).strided({1, 33})));
    run("cast", cast(output(to, {4, 3, 10}).strided({10, 40, 1}), values(from, {4, 3, 10}).strided({10, 40, 1})));
    run("cast", cast(output(to, {4, 3, 10}), values(from, {4, 3, 10}).strided({30, 1, 3})));
    run("cast", cast(output(to, {40}).strided({2}), values(from, {40}).strided({3})));
    run("cast", cast(output(to, {1, 1, 1}), values(from, {1, 1, 1})));
    // More indices than one pass of a small grid holds; odd extents, so that every digit of a step carries.
    run("cast", cast(output(to, {37, 61, 29}).with_gap(1), values(from, {37, 61, 29})));
    for (const int64_t start : {1, 2, 5}) {
      run("cast", cast(output(to, {600}).starting_at(start), values(from, {600}).starting_at(3)));
    }
    auto repeated = values(from, {5, 16});
    repeated.strides = {0, 1};
    for (size_t i = 16; i < repeated.contents.size(); ++i) repeated.contents[i] = repeated.contents[i - 16];
    run("cast", cast(output(to, {5, 16}), repeated));
    run("cast", cast(output(to, {0, 4}), values(from, {0, 4})));
  }
}

TEST(cast, backwards) {
  // The harness lays tensors out forwards only, so this goes to the CPU by hand; the index arithmetic is the
  // same.
  float x[6] = {1, 2, 3, 4, 5, 6}, y[6] = {};
  const int64_t shape[] = {2, 3}, back[] = {-3, -1}, forth[] = {3, 1};
  hipinfer_tensor in{x + 5, {HIPINFER_DEVICE_CPU, 0}, 2, abi_dtype(dtype::f32), shape, back, 0};
  hipinfer_tensor out{y, {HIPINFER_DEVICE_CPU, 0}, 2, abi_dtype(dtype::f32), shape, forth, 0};
  ASSERT_EQ(hipinfer_cast(cpu_context(), &out, &in, nullptr), HIPINFER_STATUS_OK) << hipinfer_last_error();
  for (int i = 0; i < 6; ++i) EXPECT_EQ(y[i], 6 - i);
}

TEST(cast, refuses) {
  contract("cast", cast(output(dtype::f16, {3, 8}), input(dtype::f32, {3, 8}, fills::normal())));
  contract("cast", cast(output(dtype::bf16, {3, 2, 8}), input(dtype::bf16, {3, 2, 8}, fills::normal())));
  refused("cast", cast(output(dtype::f16, {3, 8}), input(dtype::f32, {3, 7}, fills::normal())),
          HIPINFER_STATUS_INVALID_SHAPE, "output");
  refused("cast", cast(output(dtype::f16, {24}), input(dtype::f32, {3, 8}, fills::normal())),
          HIPINFER_STATUS_INVALID_RANK, "output");
  test_case same = cast(inout(dtype::f32, {8}, fills::normal()), none());
  same.call = [](auto h, auto t, auto, auto s) { return hipinfer_cast(h, t[0], t[0], s); };
  refused("cast", same, HIPINFER_STATUS_ALIASING, "input");
}

// More elements than 304 compute units have threads at once, one a thread: the grid strides, and its step, which is no
// multiple of a row, carries from digit to digit.
TEST(cast, longer_than_the_grid) {
  run("cast", cast(output(dtype::bf16, {700, 1001}).with_gap(1), input(dtype::f16, {700, 1001}, fills::normal())));
}
