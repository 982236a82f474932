// SPDX-License-Identifier: Apache-2.0
#include <cmath>

#include "tests/check/check.h"

using namespace check;

namespace {

test_case silu_and_mul(tensor output, tensor input) {
  return {{std::move(output), std::move(input)},
          [](auto c, auto t, auto, auto s) { return hipinfer_silu_and_mul(c, t[0], t[1], s); }};
}

}  // namespace

TEST(silu_and_mul, lengths) {
  for (const dtype d : float_types) {
    for (const int64_t n : {1, 2, 7, 8, 12, 33, 64, 256, 1000, 4104}) {
      run("silu_and_mul", silu_and_mul(output(d, {3, n}), input(d, {3, 2 * n}, fills::normal(3))));
    }
  }
}

TEST(silu_and_mul, gates_with_the_first_half) {
  auto in = input(dtype::f32, {1, 2}, fills::values({0, 5}));
  auto c = silu_and_mul(output(dtype::f32, {1, 1}), in);
  c.judge = [](const result& r) { EXPECT_EQ(r.got[0][0], 0) << r.where; };  // silu(0) * 5, and not silu(5) * 0 ...
  run("silu_and_mul", c);
  c.arguments[1].contents = {20, -3};
  c.judge = [](const result& r) { EXPECT_NEAR(r.got[0][0], -60, 1e-4) << r.where; };  // ... which this tells apart
  run("silu_and_mul", c);
}

TEST(silu_and_mul, unaligned_and_strided) {
  for (const dtype d : float_types) {
    for (const int64_t n : {5, 64, 100}) {
      run("silu_and_mul", silu_and_mul(output(d, {4, n}).starting_at(1),
                                       input(d, {4, 2 * n}, fills::normal()).starting_at(3).with_gap(1)));
      run("silu_and_mul",
          silu_and_mul(output(d, {4, n}).strided({112, 1}), input(d, {4, 2 * n}, fills::normal()).strided({240, 1})));
    }
  }
}

TEST(silu_and_mul, hostile_values) {
  for (const dtype d : float_types) {
    auto hostile = input(d, {64, 192}, fills::hostile(d, true));
    for (int64_t i = 0; i < hostile.elements(); ++i) {
      // Half of fp32's smallest number is 0 there and not in the oracle's double; times infinity the two
      // part.
      if (i % 192 < 96 && std::fabs(hostile.contents[i]) == 0x1p-149) hostile.contents[i] = 0x1p-148;
    }
    run("silu_and_mul", silu_and_mul(output(d, {64, 96}), hostile));
    // Every gate from far below the overflow of exp to far above, each a row of its own: its own scale.
    std::vector<double> gates;
    for (double x = -86; x <= 86; x += 0.5) gates.insert(gates.end(), {x, 1.0});
    const auto n = static_cast<int64_t>(gates.size()) / 2;
    run("silu_and_mul", silu_and_mul(output(d, {n, 1}), input(d, {n, 2}, fills::values(gates))));
    for (const double x : std::vector<double>{-INFINITY, -1e4, -200.0, 0.0, 200.0, 1e4, INFINITY, NAN}) {
      run("silu_and_mul",
          silu_and_mul(output(d, {2, 8}),
                       input(d, {2, 16}, fills::values({x, x, x, x, x, x, x, x, 1, -1, 0, 2, 3, 4, 5, 6}))));
    }
  }
}

TEST(silu_and_mul, many_rows_and_none) {
  run("silu_and_mul", silu_and_mul(output(dtype::bf16, {3001, 40}), input(dtype::bf16, {3001, 80}, fills::normal())));
  run("silu_and_mul", silu_and_mul(output(dtype::bf16, {0, 40}), input(dtype::bf16, {0, 80}, fills::normal())));
  run("silu_and_mul", silu_and_mul(output(dtype::bf16, {3, 0}), input(dtype::bf16, {3, 0}, fills::normal())));
}

TEST(silu_and_mul, refuses) {
  contract("silu_and_mul", silu_and_mul(output(dtype::f16, {3, 8}), input(dtype::f16, {3, 16}, fills::normal())));
  refused("silu_and_mul", silu_and_mul(output(dtype::f16, {3, 8}), input(dtype::f16, {3, 17}, fills::normal())),
          HIPINFER_STATUS_INVALID_SHAPE, "input");
}

// More elements than 304 compute units have threads at once, one a thread: the grid strides, and its step, which is no
// multiple of a row, carries from digit to digit.
TEST(silu_and_mul, longer_than_the_grid) {
  run("silu_and_mul", silu_and_mul(output(dtype::f16, {700, 1001}), input(dtype::f16, {700, 2002}, fills::normal())));
}
