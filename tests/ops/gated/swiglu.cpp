// SPDX-License-Identifier: Apache-2.0
#include <cmath>

#include "gen/swiglu.api.h"
#include "tests/check/check.h"

using namespace check;

namespace {

test_case swiglu(tensor output, tensor gate, tensor up) {
  test_case c{{std::move(output), std::move(gate), std::move(up)},
              [](auto c, auto t, auto, auto s) { return hipinfer_swiglu(c, t[0], t[1], t[2], s); }};
  c.scale = error_scale::value;
  c.fp32_units = 24;  // as silu_and_mul, of gates up to 20
  return c;
}
tensor rows(dtype d, int64_t t, int64_t n) {
  return input(d, {t, n}, fills::normal(3));
}

}  // namespace

TEST(swiglu, lengths_and_strides) {
  for (const dtype d : float_types) {
    for (const int64_t n : {1, 7, 8, 33, 64, 1000, 4104}) {
      run("swiglu", swiglu(output(d, {3, n}), rows(d, 3, n), rows(d, 3, n)));
    }
    run("swiglu", swiglu(output(d, {4, 20}).starting_at(1), rows(d, 4, 20).with_gap(1), rows(d, 4, 20).starting_at(3)));
    run("swiglu", swiglu(output(d, {4, 64}).strided({112, 1}), rows(d, 4, 64).strided({80, 1}), rows(d, 4, 64)));
    run("swiglu", swiglu(output(d, {0, 64}), rows(d, 0, 64), rows(d, 0, 64)));
    run("swiglu", swiglu(output(d, {3, 0}), rows(d, 3, 0), rows(d, 3, 0)));
  }
  run("swiglu", swiglu(output(dtype::bf16, {701, 1001}), rows(dtype::bf16, 701, 1001), rows(dtype::bf16, 701, 1001)));
}

TEST(swiglu, in_place_of_either) {
  for (const dtype d : float_types) {
    for (const int64_t n : {20, 64}) {
      const tensor both = inout(d, {5, n}, fills::normal());
      run("swiglu", {{both, rows(d, 5, n)},
                     [](auto c, auto t, auto, auto s) { return hipinfer_swiglu(c, t[0], t[0], t[1], s); }});
      run("swiglu", {{both, rows(d, 5, n)},
                     [](auto c, auto t, auto, auto s) { return hipinfer_swiglu(c, t[0], t[1], t[0], s); }});
    }
  }
}

TEST(swiglu, known_answer) {
  auto c = swiglu(output(dtype::f32, {1, 2}), input(dtype::f32, {1, 2}, fills::values({1, 20})),
                  input(dtype::f32, {1, 2}, fills::values({2, -3})));
  c.judge = [](const result& r) {
    EXPECT_NEAR(r.got[0][0], 1.4621171572600098, 1e-5) << r.where;
    EXPECT_NEAR(r.got[0][1], -60, 1e-4) << r.where;
  };
  run("swiglu", c);
}

TEST(swiglu, refuses) {
  const dtype h = dtype::f16;
  contract("swiglu", swiglu(output(h, {3, 8}), rows(h, 3, 8), rows(h, 3, 8)));
  refused("swiglu", swiglu(output(h, {3, 8}), rows(h, 3, 8), rows(h, 3, 9)), HIPINFER_STATUS_INVALID_SHAPE, "up");
}
