// SPDX-License-Identifier: Apache-2.0
#include <cmath>

#include "gen/quantize_per_group.api.h"
#include "tests/check/edges.h"
#include "tests/check/quantised.h"

using namespace check;

namespace {

test_case quantise(tensor output, tensor scales, tensor input, int64_t group_size) {
  test_case c{{std::move(output), std::move(scales), std::move(input)}, [=](auto h, auto t, auto, auto s) {
                return hipinfer_quantize_per_group(h, t[0], t[1], t[2], group_size, s);
              }};
  c.before_rounding = over_found_scales(0, 1, group_size, [](const std::vector<tensor>& a) { return a[2].contents; });
  c.scale = error_scale::value;
  c.fp32_units = 4;  // the scale, its reciprocal and the product
  return c;
}
tensor scales(int64_t rows, int64_t groups) {
  return output(dtype::f32, {rows, groups});
}

}  // namespace

TEST(quantize_per_group, every_pair_and_size) {
  for (const dtype from : float_types) {
    for (const dtype to : quantised_types) {
      for (const int64_t g : {1, 3, 8, 20, 32, 64, 128, 256, 1000, 4096, 5000}) {
        for (const int64_t s : {1, 3}) {
          run("quantize_per_group",
              quantise(output(to, {3, s * g}), scales(3, s), input(from, {3, s * g}, fills::normal()), g));
        }
      }
    }
  }
}

// The group's largest magnitude, which is its scale, at every edge; groups side by side.
TEST(quantize_per_group, edges) {
  for (const int64_t n : edge_lengths("quantize_per_group", "N")) {
    const tensor edge = edge_rows("quantize_per_group", "N", dtype::bf16, n);
    const int64_t groups = edge.shape[0];
    const tensor x = reshaped(edge, {1, groups * n});
    run("quantize_per_group", quantise(output(dtype::i8, x.shape), scales(1, groups), x, n));
  }
}

TEST(quantize_per_group, hostile_values) {
  for (const dtype from : float_types) {
    for (const dtype to : quantised_types) {
      const auto rows = [&](const fill& f) {
        return quantise(output(to, {9, 96}), scales(9, 6), input(from, {9, 96}, f), 16);
      };
      run("quantize_per_group", rows(fills::hostile(from, false)));
      run("quantize_per_group", rows(fills::hostile(from, true)));
      run("quantize_per_group", rows(fills::constant(0)));
    }
  }
}

// Groups of rising size, each of one magnitude: a scale of the wrong group would show.
TEST(quantize_per_group, known_answer) {
  auto c = quantise(output(dtype::e4m3fn, {2, 8}), scales(2, 4),
                    input(dtype::bf16, {2, 8}, fills::values({448, -448, 896, 0, 28, 14, 0, 0})), 2);
  c.judge = [](const result& r) {
    const double q[] = {448, -448, 448, 0, 448, 224, 0, 0}, scale[] = {1, 2, 0.0625, 0x1p-126};
    for (int i = 0; i < 16; ++i) EXPECT_EQ(r.got[0][i], q[i % 8]) << r.where;
    for (int i = 0; i < 8; ++i) EXPECT_EQ(r.got[1][i], scale[i % 4]) << r.where;
  };
  run("quantize_per_group", c);
}

TEST(quantize_per_group, unaligned_strided_and_many) {
  const auto values = [](std::vector<int64_t> shape) { return input(dtype::bf16, std::move(shape), fills::normal(9)); };
  for (const dtype to : {dtype::e4m3fnuz, dtype::i8}) {
    const auto all = [&] { return values({5, 384}); };
    run("quantize_per_group", quantise(output(to, {5, 384}).with_gap(8), scales(5, 3), all().with_gap(24), 128));
    run("quantize_per_group", quantise(output(to, {5, 384}).with_gap(1), scales(5, 3), all().starting_at(1), 128));
    // Scales column by column.
    run("quantize_per_group", quantise(output(to, {5, 384}), scales(5, 3).strided({1, 5}), all(), 128));
    run("quantize_per_group", quantise(output(to, {5, 384}), scales(5, 3).strided({1, 8}), all(), 128));
    run("quantize_per_group", quantise(output(to, {700, 1024}), scales(700, 8), values({700, 1024}), 128));
    run("quantize_per_group", quantise(output(to, {0, 8}), scales(0, 2), values({0, 8}), 4));
    run("quantize_per_group", quantise(output(to, {3, 0}), scales(3, 0), values({3, 0}), 4));
  }
}

TEST(quantize_per_group, refuses) {
  const auto x = input(dtype::f16, {3, 8}, fills::normal());
  contract("quantize_per_group", quantise(output(dtype::e4m3fn, {3, 8}), scales(3, 2), x, 4));
  refused("quantize_per_group", quantise(output(dtype::e4m3fn, {3, 8}), scales(3, 3), x, 4),
          HIPINFER_STATUS_INVALID_SHAPE, "scales");
  refused("quantize_per_group", quantise(output(dtype::e4m3fn, {3, 8}), scales(3, 2), x, 3),
          HIPINFER_STATUS_INVALID_SHAPE, "groups of 3");
  refused("quantize_per_group", quantise(output(dtype::e4m3fn, {3, 8}), scales(3, 2), x, 0),
          HIPINFER_STATUS_INVALID_ARGUMENT, "group_size");
}
