// SPDX-License-Identifier: Apache-2.0
#include <cmath>

#include "gen/layernorm.api.h"
#include "tests/check/norms.h"

using namespace check;

namespace {

test_case layernorm(tensor output, tensor input, tensor weight, tensor bias, float eps = 1e-5f) {
  return {{std::move(output), std::move(input), std::move(weight), std::move(bias)},
          [eps](auto c, auto t, auto, auto s) { return hipinfer_layernorm(c, t[0], t[1], t[2], t[3], eps, s); }};
}
tensor rows(dtype d, std::vector<int64_t> shape) {
  return input(d, std::move(shape), fills::normal());
}

}  // namespace

TEST(layernorm, lengths) {
  for (const dtype d : float_types) {
    for (const dtype w : {d, dtype::f32}) {
      for (const int64_t n : {1, 2, 7, 8, 31, 33, 64, 100, 128, 257, 1024, 2047, 4096, 4104, 8200, 16384, 16392}) {
        run("layernorm", layernorm(output(d, {3, n}), rows(d, {3, n}), rows(w, {n}), rows(w, {n})));
      }
    }
  }
}

TEST(layernorm, edges) {
  norm_edges("layernorm", [](dtype d, int64_t n, const tensor& x) {
    run("layernorm", layernorm(output(d, x.shape), x, rows(d, {n}), rows(d, {n})));
  });
}

TEST(layernorm, without_weight_or_bias) {
  for (const dtype d : float_types) {
    for (const int64_t n : {5, 96, 5120, 20000}) {
      run("layernorm", layernorm(output(d, {3, n}), rows(d, {3, n}), none(), none()));
      run("layernorm", layernorm(output(d, {3, n}), rows(d, {3, n}), rows(d, {n}), none()));
      run("layernorm", layernorm(output(d, {3, n}), rows(d, {3, n}), none(), rows(dtype::f32, {n})));
    }
  }
}

TEST(layernorm, heads_unaligned_and_strided) {
  for (const dtype d : float_types) {
    run("layernorm", layernorm(output(d, {5, 3, 128}), rows(d, {5, 3, 128}), rows(d, {128}), rows(d, {128})));
    run("layernorm", layernorm(output(d, {5, 3, 128}).with_gap(8), rows(d, {5, 3, 128}).with_gap(3), rows(d, {128}),
                               rows(d, {128})));
    for (const int64_t n : {5, 64, 515}) {
      run("layernorm", layernorm(output(d, {4, n}).starting_at(1), rows(d, {4, n}).starting_at(3).with_gap(1),
                                 rows(d, {n}).starting_at(1), rows(d, {n})));
      run("layernorm", layernorm(output(d, {4, n}).strided({528, 1}), rows(d, {4, n}).strided({520, 1}), rows(d, {n}),
                                 rows(d, {n})));
    }
  }
}

// A variance from the mean of squares less the squared mean would be all cancellation.
TEST(layernorm, a_mean_far_from_zero) {
  for (const int64_t n : {96, 6000, 20001}) {
    test_case c =
        layernorm(output(dtype::f32, {3, n}), input(dtype::f32, {3, n}, fills::uniform(16, 17)), none(), none());
    c.fp32_units = 64;  // the mean's rounding, 17 units, over the deviation of 0.29
    run("layernorm", c);
  }
}

TEST(layernorm, hostile_values) {
  for (const dtype d : float_types) {
    run("layernorm",
        layernorm(output(d, {64, 96}), input(d, {64, 96}, fills::hostile(d, false)), rows(d, {96}), rows(d, {96})));
    run("layernorm",
        layernorm(output(d, {4, 96}), input(d, {4, 96}, fills::constant(7)), rows(d, {96}), rows(d, {96})));
    auto spoiled = rows(d, {3, 96});
    spoiled.contents[96 + 5] = NAN;
    spoiled.contents[2 * 96 + 7] = INFINITY;
    run("layernorm", layernorm(output(d, {3, 96}), spoiled, rows(d, {96}), none()));
  }
}

TEST(layernorm, many_rows_and_none) {
  const dtype d = dtype::bf16;
  run("layernorm", layernorm(output(d, {3001, 64}), rows(d, {3001, 64}), rows(d, {64}), rows(d, {64})));
  run("layernorm", layernorm(output(d, {301, 600}), rows(d, {301, 600}), rows(d, {600}), rows(d, {600})));
  run("layernorm", layernorm(output(d, {0, 64}), rows(d, {0, 64}), rows(d, {64}), none()));
}

TEST(layernorm, known_answer) {
  auto c =
      layernorm(output(dtype::f32, {1, 2}), input(dtype::f32, {1, 2}, fills::values({1, 7})),
                input(dtype::f32, {2}, fills::values({2, -2})), input(dtype::f32, {2}, fills::values({10, 20})), 0.0f);
  c.judge = [](const result& r) {  // the mean is 4, the deviation 3
    EXPECT_NEAR(r.got[0][0], 8, 1e-5) << r.where;
    EXPECT_NEAR(r.got[0][1], 18, 1e-5) << r.where;
  };
  run("layernorm", c);
}

// Enough rows for the kernel that has more of a row in a thread, and the same bits from the one that serves few.
TEST(layernorm, as_many_rows_as_fill_a_device) {
  const int64_t enough = rows_that_fill_a_device();
  const test_case many = layernorm(output(dtype::bf16, {enough, 4096}), rows(dtype::bf16, {enough, 4096}),
                                   rows(dtype::bf16, {4096}), rows(dtype::bf16, {4096}));
  run("layernorm", many);
  run_rows_alone(many, 5);
  run_rows_alone(layernorm(output(dtype::f16, {enough, 4096}), rows(dtype::f16, {enough, 4096}),
                           rows(dtype::f32, {4096}), rows(dtype::f32, {4096})),
                 3);
}

TEST(layernorm, refuses) {
  const dtype h = dtype::f16;
  contract("layernorm", layernorm(output(h, {3, 64}), rows(h, {3, 64}), rows(h, {64}), rows(h, {64})));
  refused("layernorm", layernorm(output(h, {3, 0}), rows(h, {3, 0}), rows(h, {0}), none()),
          HIPINFER_STATUS_INVALID_SHAPE, "length 0");
  refused("layernorm", layernorm(output(h, {3, 64}), rows(h, {3, 64}), rows(h, {64}), rows(dtype::f32, {64})),
          HIPINFER_STATUS_INVALID_DTYPE, "bias");
  for (const float eps : {-1.0f, NAN, INFINITY}) {
    refused("layernorm", layernorm(output(h, {3, 4}), rows(h, {3, 4}), none(), none(), eps),
            HIPINFER_STATUS_INVALID_ARGUMENT, "eps");
  }
}
