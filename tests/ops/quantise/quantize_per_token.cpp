// SPDX-License-Identifier: Apache-2.0
#include <cmath>

#include "gen/quantize_per_token.api.h"
#include "tests/check/edges.h"
#include "tests/check/quantised.h"

using namespace check;

namespace {

test_case quantise(tensor output, tensor scales, tensor input) {
  const int64_t n = std::max<int64_t>(input.shape[1], 1);
  test_case c{{std::move(output), std::move(scales), std::move(input)},
              [](auto h, auto t, auto, auto s) { return hipinfer_quantize_per_token(h, t[0], t[1], t[2], s); }};
  c.before_rounding = over_found_scales(0, 1, n, [](const std::vector<tensor>& a) { return a[2].contents; });
  c.scale = error_scale::value;
  c.fp32_units = 4;  // the scale, its reciprocal and the product
  return c;
}
tensor scales(int64_t rows) {
  return output(dtype::f32, {rows});
}

}  // namespace

TEST(quantize_per_token, every_pair_and_length) {
  for (const dtype from : float_types) {
    for (const dtype to : quantised_types) {
      for (const int64_t n : {1, 2, 7, 8, 33, 64, 100, 128, 1000, 4096, 4104, 8192, 16384, 16400}) {
        run("quantize_per_token", quantise(output(to, {3, n}), scales(3), input(from, {3, n}, fills::normal())));
      }
    }
  }
}

// The row's largest magnitude, which is its scale, at every edge.
TEST(quantize_per_token, edges) {
  for (const int64_t n : edge_lengths("quantize_per_token", "N")) {
    for (const dtype from : float_types) {
      if (from != dtype::bf16 && n % 1024 != 0) continue;
      const tensor x = edge_rows("quantize_per_token", "N", from, n);
      for (const dtype to : {dtype::e4m3fn, dtype::i8}) {
        run("quantize_per_token", quantise(output(to, x.shape), scales(x.shape[0]), x));
      }
    }
  }
}

TEST(quantize_per_token, hostile_values) {
  for (const dtype from : float_types) {
    for (const dtype to : quantised_types) {
      const auto rows = [&](const fill& f) {
        return quantise(output(to, {40, 24}), scales(40), input(from, {40, 24}, f));
      };
      run("quantize_per_token", rows(fills::hostile(from, false)));
      run("quantize_per_token", rows(fills::hostile(from, true)));
      run("quantize_per_token", rows(fills::constant(0)));
      run("quantize_per_token", rows(fills::constant(-0.0)));
      run("quantize_per_token", rows(fills::constant(NAN)));
      run("quantize_per_token", rows(fills::constant(-INFINITY)));
      run("quantize_per_token", rows(fills::values({0x1p-140, -0x1p-133, 0, 0x1.8p-139})));
      run("quantize_per_token", rows(fills::values({largest_of(from), -largest_of(from), 1, 0.25 * largest_of(from)})));
    }
  }
}

// Worked out by hand: the largest magnitude becomes the largest value, and the rest follows.
TEST(quantize_per_token, known_answer) {
  for (const dtype to : quantised_types) {
    const double largest = largest_of(to);
    auto c = quantise(output(to, {3, 4}), scales(3),
                      input(dtype::f32, {3, 4}, fills::values({4, -8, 0, 2, 0, 0, 0, 0, NAN, 1, -1, 0.5})));
    c.judge = [=](const result& r) {
      const double expected[] = {largest / 2, -largest, 0,   largest / 4, 0,        0,
                                 0,           0,        NAN, largest,     -largest, largest / 2};
      for (int i = 0; i < 12; ++i) {
        const double g = r.got[0][i], e = to == dtype::i8 ? round_to(to, expected[i]) : expected[i];
        EXPECT_TRUE(std::isnan(e) ? std::isnan(g) : std::fabs(g - e) <= (to == dtype::i8 ? 1 : 0))
            << r.where << ": " << i << ": " << g << ", expected " << e;
      }
      const double wanted[] = {8 / largest, 0x1p-126, 1 / largest};
      for (int i = 0; i < 3; ++i) EXPECT_EQ(r.got[1][i], static_cast<float>(wanted[i])) << r.where;
    };
    run("quantize_per_token", c);
  }
}

TEST(quantize_per_token, unaligned_strided_and_many) {
  const auto values = [](std::vector<int64_t> shape) { return input(dtype::f16, std::move(shape), fills::normal(9)); };
  for (const dtype to : {dtype::e5m2, dtype::i8}) {
    run("quantize_per_token", quantise(output(to, {5, 64}).with_gap(8), scales(5), values({5, 64}).with_gap(24)));
    run("quantize_per_token", quantise(output(to, {5, 64}).with_gap(1), scales(5), values({5, 64}).starting_at(1)));
    run("quantize_per_token", quantise(output(to, {5, 64}).starting_at(3), scales(5).strided({3}), values({5, 64})));
    run("quantize_per_token",
        quantise(output(to, {5, 64}), output(dtype::f32, {5, 1}).strided({2, 7}), values({5, 64})));
    run("quantize_per_token", quantise(output(to, {3001, 40}), scales(3001), values({3001, 40})));
    run("quantize_per_token", quantise(output(to, {0, 8}), scales(0), values({0, 8})));
    run("quantize_per_token", quantise(output(to, {3, 0}), scales(3), values({3, 0})));
  }
}

// Enough rows for the kernel that has more of a row in a thread, and the same bits from the one that serves few.
TEST(quantize_per_token, as_many_rows_as_fill_a_device) {
  const int64_t enough = rows_that_fill_a_device();
  const test_case many = quantise(output(dtype::e4m3fn, {enough, 4096}), scales(enough),
                                  input(dtype::bf16, {enough, 4096}, fills::normal()));
  run("quantize_per_token", many);
  run_rows_alone(many, 5);
  run_rows_alone(quantise(output(dtype::e4m3fn, {enough, 4096}), scales(enough),
                          input(dtype::f16, {enough, 4096}, fills::normal())),
                 3);
}

TEST(quantize_per_token, refuses) {
  contract("quantize_per_token",
           quantise(output(dtype::e4m3fn, {3, 8}), scales(3), input(dtype::f16, {3, 8}, fills::normal())));
  refused("quantize_per_token",
          quantise(output(dtype::e4m3fn, {3, 8}), scales(4), input(dtype::f16, {3, 8}, fills::normal())),
          HIPINFER_STATUS_INVALID_SHAPE, "scales");
}
