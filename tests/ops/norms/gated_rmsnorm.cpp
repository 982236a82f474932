// SPDX-License-Identifier: Apache-2.0
#include "gen/gated_rmsnorm.api.h"
#include "tests/check/norms.h"

using namespace check;

namespace {

test_case gated(tensor output, tensor input, tensor gate, tensor weight, int32_t activation, float eps = 1e-6f) {
  return {{std::move(output), std::move(input), std::move(gate), std::move(weight)},
          [activation, eps](auto c, auto t, auto, auto s) {
            return hipinfer_gated_rmsnorm(c, t[0], t[1], t[2], t[3], eps, activation, s);
          }};
}
void on(tensor output, tensor input, tensor gate, tensor weight, float eps = 1e-6f) {
  for (const auto activation : {HIPINFER_NORM_GATE_SIGMOID, HIPINFER_NORM_GATE_SILU}) {
    run("gated_rmsnorm", gated(output, input, gate, weight, activation, eps));
  }
}

}  // namespace

TEST(gated_rmsnorm, lengths) {
  for (const dtype d : float_types) {
    for (const dtype w : {d, dtype::f32}) {
      for (const int64_t n : {1, 7, 33, 64, 128, 257, 1024, 4096, 8200}) {
        if (quick() && d == dtype::f16 && n > 128) continue;
        const tensor weight = n == 64 ? none() : norm_weight(w, n);
        on(output(d, {3, n}), norm_rows(d, {3, n}), input(d, {3, n}, fills::normal(3)), weight);
      }
    }
  }
}

TEST(gated_rmsnorm, edges) {
  norm_edges("gated_rmsnorm", [](dtype d, int64_t n, const tensor& x) {
    run("gated_rmsnorm",
        gated(output(d, x.shape), x, input(d, x.shape, fills::normal(3)), norm_weight(d, n), HIPINFER_NORM_GATE_SILU));
  });
}

TEST(gated_rmsnorm, heads) {
  for (const dtype d : float_types) {
    const std::vector<int64_t> shape = {5, 3, 64};
    on(output(d, shape), norm_rows(d, shape), input(d, shape, fills::normal()), none());
    on(output(d, shape).with_gap(3), norm_rows(d, shape).with_gap(8), input(d, shape, fills::normal()).with_gap(16),
       norm_weight(d, 64));
    on(output(d, shape).with_gap(8), norm_rows(d, shape).with_gap(8), input(d, shape, fills::normal()).with_gap(16),
       norm_weight(d, 64));
  }
}

TEST(gated_rmsnorm, unaligned) {
  for (const dtype d : float_types) {
    for (const int64_t n : {5, 64, 515}) {
      on(output(d, {4, n}).starting_at(1), norm_rows(d, {4, n}).starting_at(3).with_gap(1),
         input(d, {4, n}, fills::normal()).starting_at(1), norm_weight(d, n).starting_at(1));
    }
  }
}

TEST(gated_rmsnorm, in_place) {
  for (const dtype d : float_types) {
    for (const int64_t n : {37, 64, 16400}) {
      run("gated_rmsnorm", test_case{{inout(d, {3, n}, fills::normal()), input(d, {3, n}, fills::normal())},
                                     [](auto c, auto t, auto, auto s) {
                                       return hipinfer_gated_rmsnorm(c, t[0], t[0], t[1], nullptr, 1e-5f,
                                                                     HIPINFER_NORM_GATE_SIGMOID, s);
                                     }});
    }
  }
}

TEST(gated_rmsnorm, hostile_values) {
  for (const dtype d : float_types) {
    on(output(d, {64, 96}), input(d, {64, 96}, fills::hostile(d, false)), input(d, {64, 96}, fills::normal(3)),
       norm_weight(d, 96));
    on(output(d, {4, 96}), norm_rows(d, {4, 96}),
       input(d, {4, 96}, fills::values({0, -0.0, 60000, -60000, INFINITY, -INFINITY, NAN, 1, -20})), none());
    on(output(d, {4, 96}), input(d, {4, 96}, fills::constant(0)), norm_rows(d, {4, 96}), none());
    on(output(d, {3, 96}), spoiled_rows(norm_rows(d, {3, 96})), norm_rows(d, {3, 96}), none());
  }
}

TEST(gated_rmsnorm, many_rows_and_none) {
  const dtype b = dtype::bf16;
  on(output(b, {3000, 64}), norm_rows(b, {3000, 64}), norm_rows(b, {3000, 64}), none());
  on(output(b, {0, 64}), norm_rows(b, {0, 64}), norm_rows(b, {0, 64}), none());
}

TEST(gated_rmsnorm, refuses) {
  const auto with = [](int64_t n, float eps, int activation) {
    const dtype h = dtype::f16;
    return gated(output(h, {3, n}), norm_rows(h, {3, n}), norm_rows(h, {3, n}), norm_weight(h, n), activation, eps);
  };
  contract("gated_rmsnorm", with(64, 1e-6f, 0));
  refused("gated_rmsnorm", with(0, 1e-6f, 0), HIPINFER_STATUS_INVALID_SHAPE, "length 0");
  refused("gated_rmsnorm", with(4, -1, 0), HIPINFER_STATUS_INVALID_ARGUMENT, "eps");
  refused("gated_rmsnorm", with(4, 1e-6f, 2), HIPINFER_STATUS_INVALID_ARGUMENT, "activation");
}

// The mean of squares is 25; sigmoid(0) is a half, and silu of 0 is 0.
TEST(gated_rmsnorm, known_answer) {
  const dtype f = dtype::f32;
  auto c = gated(output(f, {1, 2}), input(f, {1, 2}, fills::values({1, 7})), input(f, {1, 2}, fills::values({0, 1})),
                 none(), HIPINFER_NORM_GATE_SIGMOID, 0.0f);
  c.judge = [](const result& r) {
    EXPECT_NEAR(r.got[0][0], 0.1, 1e-6) << r.where;
    EXPECT_NEAR(r.got[0][1], 1.0234820, 1e-6) << r.where;
  };
  run("gated_rmsnorm", c);
}
