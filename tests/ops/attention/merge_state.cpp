// SPDX-License-Identifier: Apache-2.0
#include "gen/merge_state.api.h"
#include "tests/check/edges.h"
#include "tests/check/merged.h"

using namespace check;

namespace {

constexpr const char* op = "merge_state";

test_case merge(dtype d, const std::vector<int64_t>& shape, const fill& values = fills::normal(),
                const fill& sums = logarithms()) {
  const std::vector<int64_t> rows = {shape[0], shape[1]};
  test_case c{
      {output(d, shape), output(dtype::f32, rows), input(d, shape, values), input(dtype::f32, rows, sums),
       input(d, shape, values), input(dtype::f32, rows, sums)},
      [](auto h, auto t, auto, auto s) { return hipinfer_merge_state(h, t[0], t[1], t[2], t[3], t[4], t[5], s); }};
  bound(c, 2);
  return c;
}

}  // namespace

TEST(merge_state, shapes) {
  for (const dtype d : float_types) {
    for (const auto& shape : merged_shapes()) run(op, merge(d, shape));
    auto c = merge(d, {9, 3, 64});
    c.arguments[2].with_gap(8);
    c.arguments[4].with_gap(16);
    c.arguments[3].strided({1, 9});
    run(op, c);
    c.arguments[0].with_gap(3).starting_at(1);
    run(op, c);
  }
}

// A state that is absent has no part, whatever its values are; of none that is there nothing comes; NaN and +inf give NaN.
TEST(merge_state, special_logarithms) {
  for (const dtype d : float_types) {
    for (const int64_t n : {64, 65}) {
      auto c = merge(d, {8, 1, n}, fills::normal(), fills::normal());
      const double inf = INFINITY, a[] = {-inf, 0, -inf, inf, NAN, 200, -inf, NAN},
                   b[] = {0, -inf, -inf, 0, 0, -200, inf, -inf};
      for (int64_t t = 0; t < 8; ++t) {
        c.arguments[3].contents[t] = a[t];
        c.arguments[5].contents[t] = b[t];
      }
      c.arguments[2].contents[5] = NAN;                                           // of a state that is absent
      for (int64_t i = 0; i < n; ++i) c.arguments[4].contents[n + i] = INFINITY;  // and of another
      run(op, c);
    }
  }
}

// Worked out by hand: weights of 1 and 3.
TEST(merge_state, known_answer) {
  auto c = merge(dtype::f32, {1, 1, 4});
  c.arguments[2] = input(dtype::f32, {1, 1, 4}, fills::constant(8));
  c.arguments[4] = input(dtype::f32, {1, 1, 4}, fills::constant(16));
  c.arguments[3].contents = {0};
  c.arguments[5].contents = {std::log2(3.0)};
  c.judge = [](const result& r) {
    EXPECT_NEAR(r.got[0][0], 14, 1e-5) << r.where;
    EXPECT_NEAR(r.got[1][0], 2, 1e-6) << r.where;
  };
  run(op, c);
}

TEST(merge_state, refuses) {
  contract(op, merge(dtype::f16, {3, 2, 8}));
}
