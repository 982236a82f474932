// SPDX-License-Identifier: Apache-2.0
#include <cmath>

#include "gen/scale.api.h"
#include "tests/check/edges.h"

using namespace check;

namespace {

test_case scale(tensor output, tensor input, float factor) {
  test_case c{{std::move(output), std::move(input)},
              [factor](auto c, auto t, auto, auto s) { return hipinfer_scale(c, t[0], t[1], factor, s); }};
  c.scale = error_scale::value;
  c.fp32_units = 1;  // one product
  return c;
}

// For factors of few bits the product is exact in fp32, and there is one correct result. It is formed here
// from the test's own inputs: the oracle goes through the same merging of dimensions as the kernels.
test_case exact(tensor output, tensor input, float factor) {
  test_case c = scale(std::move(output), std::move(input), factor);
  c.judge = [factor](const result& r) {
    const std::vector<double>& x = r.arguments[1].contents;
    for (size_t i = 0; i < x.size(); ++i) {
      const double g = r.got[0][i], e = round_to(r.arguments[0].type, x[i] * static_cast<double>(factor));
      const bool same = std::isnan(e) ? std::isnan(g) : g == e && std::signbit(g) == std::signbit(e);
      ASSERT_TRUE(same) << r.where << ": element " << i << ": " << x[i] << " * " << factor << " = " << g
                        << ", expected " << e;
    }
  };
  return c;
}

}  // namespace

TEST(scale, lengths) {
  for (const dtype d : float_types) {
    for (const int64_t n : {1, 2, 7, 8, 9, 64, 255, 1000, 4103}) {
      run("scale", exact(output(d, {n}), input(d, {n}, fills::hostile(d, true)), 0.375f));
      run("scale", scale(output(d, {n}), input(d, {n}, fills::normal()), 0.088388346f));
    }
  }
}

TEST(scale, edges) {
  for (const dtype d : float_types) {
    for (const int64_t n : edge_lengths("scale", "N")) {
      run("scale", exact(output(d, {n}), input(d, {n}, fills::normal()), 0.375f));
      run("scale", exact(output(d, {2, n}), input(d, {2, n}, fills::normal()).with_gap(16), -3));
    }
  }
}

TEST(scale, factors) {
  for (const dtype d : float_types) {
    for (const float factor : {0.0f, -0.0f, 1.0f, -2.0f, 0.5f, 1024.0f, INFINITY, -INFINITY, NAN}) {
      run("scale", exact(output(d, {300}), input(d, {300}, fills::hostile(d, true)), factor));
    }
    // In f32 every product is rounded once, whatever the factor.
    if (d == dtype::f32) run("scale", exact(output(d, {999}), input(d, {999}, fills::normal()), 0.088388346f));
  }
}

TEST(scale, shapes_and_strides) {
  for (const dtype d : float_types) {
    const auto values = [&](std::vector<int64_t> shape) { return input(d, std::move(shape), fills::normal()); };
    run("scale", exact(output(d, {2, 3, 1, 4, 5, 3}), values({2, 3, 1, 4, 5, 3}), -1.5f));
    run("scale", exact(output(d, {2, 3, 2, 4, 5, 3}).with_gap(1), values({2, 3, 2, 4, 5, 3}).with_gap(2), -1.5f));
    run("scale", exact(output(d, {7, 21}).strided({24, 1}), values({7, 21}).strided({32, 1}), -1.5f));
    run("scale", exact(output(d, {33, 20}), values({33, 20}).strided({1, 33}), -1.5f));
    run("scale", exact(output(d, {33, 20}).strided({1, 33}), values({33, 20}).strided({1, 33}), -1.5f));
    run("scale", exact(output(d, {40}).strided({2}), values({40}), -1.5f));
    run("scale", exact(output(d, {600}).starting_at(1), values({600}).starting_at(2), -1.5f));
    run("scale", exact(output(d, {3, 0, 5}), values({3, 0, 5}), -1.5f));
  }
}

TEST(scale, in_place) {
  for (const dtype d : float_types) {
    for (const int64_t start : {0, 1}) {
      test_case c{{inout(d, {5, 37}, fills::normal()).starting_at(start).with_gap(3)},
                  [](auto h, auto t, auto, auto s) { return hipinfer_scale(h, t[0], t[0], -0.75f, s); }};
      c.exact = true;
      run("scale", c);
    }
  }
}

TEST(scale, refuses) {
  contract("scale", scale(output(dtype::f16, {3, 8}), input(dtype::f16, {3, 8}, fills::normal()), 2));
  refused("scale", scale(output(dtype::f16, {3, 8}), input(dtype::f32, {3, 8}, fills::normal()), 2),
          HIPINFER_STATUS_INVALID_DTYPE, "output");
  refused("scale", scale(output(dtype::f32, {3, 8}), input(dtype::f32, {2, 8}, fills::normal()), 2),
          HIPINFER_STATUS_INVALID_SHAPE, "output");
}

// More elements than 304 compute units have threads at once, one a thread: the grid strides, and its step, which is no
// multiple of a row, carries from digit to digit.
TEST(scale, longer_than_the_grid) {
  run("scale",
      scale(output(dtype::f16, {700, 1001}).with_gap(1), input(dtype::f16, {700, 1001}, fills::normal()), 0.5f));
}

// Large enough for the emulated RX 9070 XT, which counts 32 compute units, to give a thread several vectors
// (core/elementwise.h); the last block is not full.
TEST(scale, several_vectors_a_thread) {
  const int64_t n = 4 * 263697 + 3;
  run("scale", exact(output(dtype::f32, {n}), input(dtype::f32, {n}, fills::normal()), 0.375f));
}
