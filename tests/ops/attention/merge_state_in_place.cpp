// SPDX-License-Identifier: Apache-2.0
#include "gen/merge_state_in_place.api.h"
#include "tests/check/edges.h"
#include "tests/check/merged.h"

using namespace check;

namespace {

constexpr const char* op = "merge_state_in_place";

test_case merge(dtype d, const std::vector<int64_t>& shape, bool masked) {
  const std::vector<int64_t> rows = {shape[0], shape[1]};
  test_case c{
      {inout(d, shape, fills::normal()), inout(dtype::f32, rows, logarithms()), input(d, shape, fills::normal()),
       input(dtype::f32, rows, logarithms()), masked ? input(dtype::b8, {shape[0]}, fills::integers(0, 1)) : none()},
      [](auto h, auto t, auto, auto s) { return hipinfer_merge_state_in_place(h, t[0], t[1], t[2], t[3], t[4], s); }};
  bound(c, 2);
  return c;
}

}  // namespace

TEST(merge_state_in_place, shapes) {
  for (const dtype d : float_types) {
    for (const bool masked : {false, true}) {
      for (const auto& shape : merged_shapes()) run(op, merge(d, shape, masked));
    }
    auto c = merge(d, {9, 3, 64}, true);
    c.arguments[0].with_gap(8);
    c.arguments[1].strided({1, 9});
    run(op, c);
    c.arguments[2].with_gap(3).starting_at(1);
    run(op, c);
  }
}

TEST(merge_state_in_place, refuses) {
  contract(op, merge(dtype::f16, {3, 2, 8}, true));
}
