// SPDX-License-Identifier: Apache-2.0
#include <cmath>

#include "gen/quantize_per_tensor.api.h"
#include "tests/check/quantised.h"

using namespace check;

namespace {

test_case quantise(tensor output, tensor input, double scale) {
  test_case c{{std::move(output), std::move(input), check::input(dtype::f32, {1}, fills::constant(scale))},
              [](auto h, auto t, auto, auto s) { return hipinfer_quantize_per_tensor(h, t[0], t[1], t[2], s); }};
  c.before_rounding = over_given_scale(0, 2, [](const std::vector<tensor>& a) { return a[1].contents; });
  c.scale = error_scale::value;
  c.fp32_units = 4;  // 1 / scale and the product
  return c;
}

}  // namespace

TEST(quantize_per_tensor, every_pair_and_length) {
  for (const dtype from : float_types) {
    for (const dtype to : quantised_types) {
      for (const int64_t n : {1, 2, 7, 8, 9, 31, 64, 1000, 4103}) {
        run("quantize_per_tensor", quantise(output(to, {n}), input(from, {n}, fills::hostile(from, true)), 0.037));
      }
    }
  }
}

// A power of two divides without rounding: one correct result, ties among them.
TEST(quantize_per_tensor, exact_where_the_division_is) {
  for (const dtype to : quantised_types) {
    for (const double scale : {0.25, 1.0, 16.0, -2.0}) {
      std::vector<double> values;
      for (int i = -4096; i < 4096; ++i) values.push_back(i * scale / 16);
      const auto n = static_cast<int64_t>(values.size());
      test_case c = quantise(output(to, {n}), input(dtype::f32, {n}, fills::values(values)), scale);
      c.exact = true;
      run("quantize_per_tensor", c);
    }
  }
}

TEST(quantize_per_tensor, saturates) {
  for (const dtype to : quantised_types) {
    const double largest = largest_of(to);
    auto c = quantise(
        output(to, {6}),
        input(dtype::f32, {6}, fills::values({3 * largest, -3 * largest, INFINITY, -INFINITY, NAN, 1e38})), 2.0);
    c.judge = [=](const result& r) {
      const double lowest = to == dtype::i8 ? -128 : -largest;
      const double expected[] = {largest, lowest, largest, lowest, NAN, largest};
      for (int i = 0; i < 6; ++i) {
        const double g = r.got[0][i], e = to == dtype::i8 && i == 4 ? 0 : expected[i];
        EXPECT_TRUE(std::isnan(e) ? std::isnan(g) : g == e) << r.where << ": " << i << ": " << g << ", expected " << e;
      }
    };
    run("quantize_per_tensor", c);
  }
}

TEST(quantize_per_tensor, shapes_and_strides) {
  const auto values = [](std::vector<int64_t> shape) { return input(dtype::bf16, std::move(shape), fills::normal(9)); };
  for (const dtype to : {dtype::e4m3fnuz, dtype::i8}) {
    const double scale = 0.3;
    run("quantize_per_tensor", quantise(output(to, {3, 5, 7}), values({3, 5, 7}), scale));
    run("quantize_per_tensor", quantise(output(to, {7, 24}).with_gap(8), values({7, 24}).with_gap(16), scale));
    run("quantize_per_tensor", quantise(output(to, {7, 21}).strided({32, 1}), values({7, 21}).strided({32, 1}), scale));
    run("quantize_per_tensor", quantise(output(to, {33, 20}), values({33, 20}).strided({1, 33}), scale));
    run("quantize_per_tensor", quantise(output(to, {600}).starting_at(1), values({600}).starting_at(3), scale));
    run("quantize_per_tensor", quantise(output(to, {0, 4}), values({0, 4}), scale));
    run("quantize_per_tensor", quantise(output(to, {700, 1001}).with_gap(1), values({700, 1001}), scale));
  }
}

TEST(quantize_per_tensor, refuses) {
  contract("quantize_per_tensor",
           quantise(output(dtype::e4m3fn, {3, 8}), input(dtype::f16, {3, 8}, fills::normal()), 1));
  refused("quantize_per_tensor", quantise(output(dtype::e4m3fn, {3, 8}), input(dtype::f16, {3, 7}, fills::normal()), 1),
          HIPINFER_STATUS_INVALID_SHAPE, "input");
}
