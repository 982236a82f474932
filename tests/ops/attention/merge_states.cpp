// SPDX-License-Identifier: Apache-2.0
#include "gen/merge_states.api.h"
#include "tests/check/edges.h"
#include "tests/check/merged.h"

using namespace check;

namespace {

constexpr const char* op = "merge_states";

test_case merge(dtype d, const std::vector<int64_t>& shape, int64_t states, const fill& sums = logarithms()) {
  const int64_t t = shape[0], h = shape[1], n = shape[2];
  test_case c{{output(d, shape), output(dtype::f32, {t, h}), input(d, {t, states, h, n}, fills::normal()),
               input(dtype::f32, {t, states, h}, sums)},
              [](auto h, auto t, auto, auto s) { return hipinfer_merge_states(h, t[0], t[1], t[2], t[3], s); }};
  bound(c, states);
  return c;
}

}  // namespace

TEST(merge_states, shapes) {
  for (const dtype d : float_types) {
    for (const auto& shape : merged_shapes()) run(op, merge(d, shape, 3));
    for (const int64_t states : {0, 1, 2, 17}) run(op, merge(d, {7, 2, 64}, states));
    auto values_alone = merge(d, {7, 2, 64}, 3);
    values_alone.arguments[1] = none();
    run(op, values_alone);
    auto c = merge(d, {9, 3, 64}, 5);
    c.arguments[2].strided({3 * 64, 9 * 3 * 64, 64, 1});  // state by state
    c.arguments[3].strided({3, 27, 1});
    run(op, c);
    c.arguments[0].with_gap(3).starting_at(1);
    run(op, c);
  }
}

TEST(merge_states, nothing_is_there) {
  for (const dtype d : float_types) {
    for (const int64_t n : {64, 65}) run(op, merge(d, {3, 2, n}, 4, fills::constant(-INFINITY)));
    run(op, merge(d, {3, 2, 64}, 4, fills::values({1, NAN, -INFINITY, 2, INFINITY, 3, 4})));
  }
}

TEST(merge_states, refuses) {
  contract(op, merge(dtype::f16, {3, 2, 8}, 2));
}
