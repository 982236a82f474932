// SPDX-License-Identifier: Apache-2.0
#include "gen/gated_residual_rmsnorm.api.h"
#include "tests/check/norms.h"

using namespace check;

namespace {

struct blend {
  dtype stream = dtype::f32, weights = dtype::bf16;
  bool normed = true, weight = true, next_weight = true, alpha = true, beta = true;
  float factor = 1, eps = 1e-6f, next_eps = 1e-5f, gain = 0, next_gain = 1;
};

test_case blended(tensor branch, tensor residual, const blend& b) {
  const std::vector<int64_t> shape = branch.shape;
  const dtype d = branch.type;
  const int64_t n = shape[1];
  test_case c{
      {output(b.stream, shape), b.normed ? output(d, shape) : none(), std::move(branch), std::move(residual),
       b.weight ? norm_weight(b.weights, n) : none(),
       b.alpha ? input(dtype::f32, {n}, fills::uniform(0.5, 1.5)) : none(),
       b.beta ? input(dtype::f32, {n}, fills::normal()) : none(), b.next_weight ? norm_weight(b.weights, n) : none()},
      [b](auto c, auto t, auto, auto s) {
        return hipinfer_gated_residual_rmsnorm(c, t[0], t[1], t[2], t[3], t[4], t[5], t[6], t[7], b.factor, b.eps,
                                               b.next_eps, b.gain, b.next_gain, s);
      }};
  return c;
}
void on(dtype d, std::vector<int64_t> shape, blend b) {
  run("gated_residual_rmsnorm", blended(norm_rows(d, shape), input(b.stream, shape, fills::normal(3)), b));
}

}  // namespace

TEST(gated_residual_rmsnorm, lengths) {
  for (const dtype d : float_types) {
    for (const dtype stream : {d, dtype::f32}) {
      for (const dtype w : {d, dtype::f32}) {
        for (const int64_t n : {1, 7, 33, 64, 257, 1024, 4096, 8192, 8200}) {
          if (quick() && (d == dtype::f16 || w != d) && n > 257) continue;
          on(d, {3, n}, {.stream = stream, .weights = w, .gain = 1});
        }
      }
    }
  }
}

TEST(gated_residual_rmsnorm, options) {
  for (const dtype d : float_types) {
    for (int leave = 0; leave < 32; ++leave) {
      on(d, {2, 96},
         {.stream = dtype::f32,
          .weights = d,
          .normed = (leave & 1) == 0,
          .weight = (leave & 2) == 0,
          .next_weight = (leave & 4) == 0,
          .alpha = (leave & 8) == 0,
          .beta = (leave & 16) == 0,
          .factor = leave % 3 == 0 ? 1.0f : -0.5f,
          .gain = 0.25f,
          .next_gain = -0.5f});
    }
  }
}

TEST(gated_residual_rmsnorm, edges) {
  norm_edges("gated_residual_rmsnorm", [](dtype d, int64_t n, const tensor& x) {
    run("gated_residual_rmsnorm", blended(x, input(d, x.shape, fills::normal()), {.stream = d, .weights = d}));
    run("gated_residual_rmsnorm", blended(input(d, x.shape, fills::normal()), x, {.stream = d, .weights = d}));
    (void)n;
  });
}

TEST(gated_residual_rmsnorm, unaligned_and_strided) {
  for (const dtype d : float_types) {
    for (const int64_t n : {5, 64, 515}) {
      for (const int64_t gap : {1, 16}) {
        test_case c = blended(norm_rows(d, {4, n}).with_gap(gap), norm_rows(d, {4, n}).with_gap(3 * gap),
                              {.stream = d, .weights = d});
        c.arguments[0].with_gap(2 * gap);
        c.arguments[1].with_gap(gap);
        if (gap == 1) c.arguments[4].starting_at(1);
        run("gated_residual_rmsnorm", c);
      }
    }
  }
}

TEST(gated_residual_rmsnorm, in_place) {
  for (const dtype d : float_types) {
    for (const int64_t n : {37, 64, 16400}) {
      run("gated_residual_rmsnorm",
          test_case{
              {inout(dtype::f32, {3, n}, fills::normal()), output(d, {3, n}), norm_rows(d, {3, n}), norm_weight(d, n)},
              [](auto c, auto t, auto, auto s) {
                return hipinfer_gated_residual_rmsnorm(c, t[0], t[1], t[2], t[0], nullptr, nullptr, nullptr, t[3], 1,
                                                       1e-6f, 1e-6f, 0, 0, s);
              }});
    }
  }
}

TEST(gated_residual_rmsnorm, hostile_values) {
  for (const dtype d : float_types) {
    const blend b{.stream = dtype::f32, .weights = d};
    run("gated_residual_rmsnorm",
        blended(input(d, {16, 96}, fills::hostile(d, false)), input(dtype::f32, {16, 96}, fills::normal()), b));
    run("gated_residual_rmsnorm",
        blended(norm_rows(d, {16, 96}), input(dtype::f32, {16, 96}, fills::hostile(dtype::f16, false)), b));
    run("gated_residual_rmsnorm",
        blended(spoiled_rows(norm_rows(d, {3, 96})), input(dtype::f32, {3, 96}, fills::normal()), b));
    run("gated_residual_rmsnorm",
        blended(norm_rows(d, {3, 96}), spoiled_rows(input(dtype::f32, {3, 96}, fills::normal())), b));
    run("gated_residual_rmsnorm",
        blended(input(d, {2, 96}, fills::constant(0)), input(dtype::f32, {2, 96}, fills::constant(0)), b));
  }
}

TEST(gated_residual_rmsnorm, many_rows_and_none) {
  on(dtype::bf16, {3000, 64}, {});
  on(dtype::bf16, {0, 64}, {});
}

TEST(gated_residual_rmsnorm, refuses) {
  const auto with = [](int64_t n, const blend& b) {
    return blended(norm_rows(dtype::f16, {3, n}), input(b.stream, {3, n}, fills::normal()), b);
  };
  const blend valid{.stream = dtype::f16, .weights = dtype::f16};
  contract("gated_residual_rmsnorm", with(64, valid));
  refused("gated_residual_rmsnorm", with(0, valid), HIPINFER_STATUS_INVALID_SHAPE, "length 0");
  blend bad = valid;
  bad.next_eps = -1;
  refused("gated_residual_rmsnorm", with(64, bad), HIPINFER_STATUS_INVALID_ARGUMENT, "next_eps");
}
