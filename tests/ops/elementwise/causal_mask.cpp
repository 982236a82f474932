// SPDX-License-Identifier: Apache-2.0
#include <cmath>

#include "gen/causal_mask.api.h"
#include "tests/check/check.h"

using namespace check;

namespace {

test_case causal_mask(tensor output, tensor input, float value = -INFINITY) {
  test_case c{{std::move(output), std::move(input)},
              [value](auto h, auto t, auto, auto s) { return hipinfer_causal_mask(h, t[0], t[1], value, s); }};
  c.exact = true;
  return c;
}

}  // namespace

TEST(causal_mask, queries_and_keys) {
  for (const dtype d : float_types) {
    for (const int64_t q : {1, 2, 7, 33}) {
      for (const int64_t k : {1, 2, 8, 33, 40, 131}) {  // fewer, as many and more keys than queries
        run("causal_mask", causal_mask(output(d, {2, 3, q, k}), input(d, {2, 3, q, k}, fills::normal())));
      }
    }
  }
}

TEST(causal_mask, aligned_to_the_end) {
  // Written out, so that the definition is not only compared with itself.
  auto c = causal_mask(output(dtype::f32, {1, 1, 2, 4}), input(dtype::f32, {1, 1, 2, 4}, fills::constant(1)), 7);
  c.judge = [](const result& r) { EXPECT_EQ(r.got[0], (std::vector<double>{1, 1, 1, 7, 1, 1, 1, 1})) << r.where; };
  run("causal_mask", c);
  c = causal_mask(output(dtype::f32, {1, 1, 3, 2}), input(dtype::f32, {1, 1, 3, 2}, fills::constant(1)), 7);
  c.judge = [](const result& r) { EXPECT_EQ(r.got[0], (std::vector<double>{7, 7, 1, 7, 1, 1})) << r.where; };
  run("causal_mask", c);
}

TEST(causal_mask, values) {
  for (const dtype d : float_types) {
    for (const float value : {0.0f, -10000.0f, -1e30f, 0.1f, INFINITY, NAN}) {
      run("causal_mask",
          causal_mask(output(d, {1, 2, 9, 24}), input(d, {1, 2, 9, 24}, fills::hostile(d, true)), value));
    }
  }
}

TEST(causal_mask, unaligned_and_strided) {
  for (const dtype d : float_types) {
    for (const int64_t k : {5, 24, 37}) {
      run("causal_mask", causal_mask(output(d, {2, 3, 9, k}).starting_at(1),
                                     input(d, {2, 3, 9, k}, fills::normal()).starting_at(3).with_gap(1)));
      // Rows that vectors fit, heads and queries exchanged in memory.
      run("causal_mask", causal_mask(output(d, {2, 3, 9, k}).strided({1080, 40, 120, 1}),
                                     input(d, {2, 3, 9, k}, fills::normal()).strided({1296, 432, 48, 1})));
    }
  }
}

TEST(causal_mask, in_place) {
  for (const dtype d : float_types) {
    for (const int64_t k : {24, 31}) {
      test_case c{{inout(d, {2, 2, 17, k}, fills::normal())},
                  [](auto h, auto t, auto, auto s) { return hipinfer_causal_mask(h, t[0], t[0], -INFINITY, s); }};
      c.exact = true;
      run("causal_mask", c);
    }
  }
}

TEST(causal_mask, many_and_none) {
  run("causal_mask",
      causal_mask(output(dtype::f16, {3, 5, 61, 203}), input(dtype::f16, {3, 5, 61, 203}, fills::normal())));
  for (const std::vector<int64_t>& shape :
       {std::vector<int64_t>{0, 2, 3, 4}, {2, 0, 3, 4}, {2, 2, 0, 4}, {2, 2, 3, 0}}) {
    run("causal_mask", causal_mask(output(dtype::f16, shape), input(dtype::f16, shape, fills::normal())));
  }
}

TEST(causal_mask, refuses) {
  contract("causal_mask",
           causal_mask(output(dtype::bf16, {2, 3, 4, 8}), input(dtype::bf16, {2, 3, 4, 8}, fills::normal())));
}

// More elements than 304 compute units have threads at once, one a thread: the grid strides, and its step, which is no
// multiple of a row, carries from digit to digit.
TEST(causal_mask, longer_than_the_grid) {
  run("causal_mask",
      causal_mask(output(dtype::f16, {1, 7, 100, 1001}), input(dtype::f16, {1, 7, 100, 1001}, fills::normal())));
}
