// SPDX-License-Identifier: Apache-2.0
#include <cmath>

#include "gen/argmax.api.h"
#include "tests/check/edges.h"

using namespace check;

namespace {

test_case argmax(tensor output, tensor input) {
  test_case c{{std::move(output), std::move(input)},
              [](auto h, auto t, auto, auto s) { return hipinfer_argmax(h, t[0], t[1], s); }};
  c.exact = true;
  return c;
}

}  // namespace

TEST(argmax, lengths) {
  for (const dtype d : float_types) {
    for (const dtype i : {dtype::i32, dtype::i64}) {
      for (const int64_t n : {1, 2, 7, 8, 33, 64, 257, 1024, 4099, 16384, 16385, 32003}) {
        run("argmax", argmax(output(i, {3}), input(d, {3, n}, fills::normal())));
      }
    }
  }
}

TEST(argmax, a_large_vocabulary) {
  run("argmax", argmax(output(dtype::i32, {1}), input(dtype::bf16, {1, 256000}, fills::normal())));
}

TEST(argmax, every_place) {
  // The maximum at each column in turn: every lane, wave and tail of both kernels.
  for (const auto& [n, step] : {std::pair<int64_t, int64_t>{300, 1}, {16500, 389}}) {
    const int64_t rows = (n + step - 1) / step;
    auto in = input(dtype::f16, {rows, n}, fills::uniform(-2, 0));
    std::vector<double> expected;
    for (int64_t row = 0; row < rows; ++row) {
      in.contents[row * n + row * step] = 1;
      expected.push_back(static_cast<double>(row * step));
    }
    auto c = argmax(output(dtype::i64, {rows}), in);
    c.judge = [&](const result& r) { EXPECT_EQ(r.got[0], expected) << r.where; };
    run("argmax", c);
  }
}

TEST(argmax, edges) {
  for (const dtype d : float_types) {
    for (const int64_t n : edge_lengths("argmax", "V")) {
      const auto places = edge_places("argmax", "V", n);
      std::vector<double> expected(places.begin(), places.end());
      auto c = argmax(output(dtype::i32, {static_cast<int64_t>(places.size())}),
                      spiked(d, places, n, 5, fills::uniform(-1, 1)));
      c.judge = [&](const result& r) { EXPECT_EQ(r.got[0], expected) << r.where; };
      run("argmax", c);
      // The only number of its row.
      c.arguments[1] = spiked(d, places, n, -60000, fills::constant(NAN));
      run("argmax", c);
    }
  }
}

TEST(argmax, ties_and_values_that_are_none) {
  for (const dtype d : float_types) {
    for (const int64_t n : {40, 16500}) {
      auto in = input(d, {9, n}, fills::constant(0));
      const auto fill = [&](int64_t row, double value) { std::fill_n(in.contents.begin() + row * n, n, value); };
      const auto at = [&](int64_t row, int64_t i) -> double& { return in.contents[row * n + i]; };
      std::vector<double> expected = {0};  // row 0: all equal
      at(1, 7) = at(1, 8) = at(1, n - 1) = 5;
      expected.push_back(7);
      at(2, 0) = -0.0;  // equal to the zeros that follow
      expected.push_back(0);
      fill(3, NAN);
      expected.push_back(0);
      fill(4, -INFINITY);
      expected.push_back(0);
      fill(5, NAN);
      at(5, 11) = -INFINITY;  // the only number
      expected.push_back(11);
      at(6, 3) = NAN;
      at(6, n - 2) = INFINITY;
      expected.push_back(static_cast<double>(n - 2));
      fill(7, -INFINITY);
      at(7, n - 1) = round_to(d, -60000);
      expected.push_back(static_cast<double>(n - 1));
      fill(8, NAN);
      at(8, n - 1) = -INFINITY;
      expected.push_back(static_cast<double>(n - 1));
      auto c = argmax(output(dtype::i32, {9}), in);
      c.judge = [&](const result& r) { EXPECT_EQ(r.got[0], expected) << r.where; };
      run("argmax", c);
      run("argmax", argmax(output(dtype::i64, {20}), input(d, {20, n}, fills::integers(0, 3))));
      run("argmax", argmax(output(dtype::i64, {20}), input(d, {20, n}, fills::hostile(d, true))));
    }
  }
}

TEST(argmax, unaligned_and_strided) {
  for (const dtype d : float_types) {
    for (const int64_t n : {5, 64, 515, 16389}) {
      run("argmax",
          argmax(output(dtype::i32, {3}).starting_at(1), input(d, {3, n}, fills::normal()).starting_at(3).with_gap(1)));
      run("argmax", argmax(output(dtype::i32, {3}), input(d, {3, n}, fills::normal()).strided({16416, 1})));
    }
  }
}

TEST(argmax, many_rows_and_none) {
  const int64_t rows = quick() ? 700 : 3000;
  run("argmax", argmax(output(dtype::i32, {rows}), input(dtype::bf16, {rows, 40}, fills::normal())));
  run("argmax", argmax(output(dtype::i32, {0}), input(dtype::bf16, {0, 40}, fills::normal())));
}

TEST(argmax, refuses) {
  contract("argmax", argmax(output(dtype::i32, {3}), input(dtype::f16, {3, 8}, fills::normal())));
  refused("argmax", argmax(output(dtype::i32, {3}), input(dtype::f16, {3, 0}, fills::normal())),
          HIPINFER_STATUS_INVALID_SHAPE, "length 0");
  refused("argmax", argmax(output(dtype::f32, {3}), input(dtype::f32, {3, 8}, fills::normal())),
          HIPINFER_STATUS_INVALID_DTYPE, "output");
  // Rows longer than i32 counts; the shape is a claim, refused before anything is read.
  auto c = argmax(output(dtype::i32, {1}), input(dtype::f16, {1, 8}, fills::normal()));
  c.call = [](auto h, auto t, auto, auto s) {
    const int64_t shape[] = {1, (int64_t{1} << 31) + 1}, strides[] = {shape[1], 1};
    hipinfer_tensor in = *t[1];
    in.shape = shape;
    in.strides = strides;
    return hipinfer_argmax(h, t[0], &in, s);
  };
  refused("argmax", c, HIPINFER_STATUS_INVALID_SHAPE, "i32");
}
