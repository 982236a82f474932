// SPDX-License-Identifier: Apache-2.0
#include "tests/check/check.h"

using namespace check;

namespace {

test_case gemma_rmsnorm(tensor output, tensor input, tensor weight, float eps = 1e-6f) {
  return {{std::move(output), std::move(input), std::move(weight)},
          [eps](auto c, auto t, auto, auto s) { return hipinfer_gemma_rmsnorm(c, t[0], t[1], t[2], eps, s); }};
}

}  // namespace

TEST(gemma_rmsnorm, lengths) {
  for (const dtype d : float_types) {
    for (const dtype w : {d, dtype::f32}) {
      // Longer than a wave, a block, a block's vectors; odd; one.
      for (const int64_t n : {1, 2, 7, 8, 31, 33, 64, 100, 128, 257, 1024, 2047, 4096, 8200}) {
        run("gemma_rmsnorm",
            gemma_rmsnorm(output(d, {3, n}), input(d, {3, n}, fills::normal()), input(w, {n}, fills::normal())));
      }
    }
  }
}

TEST(gemma_rmsnorm, heads) {
  for (const dtype d : float_types) {
    const int64_t t = 5, h = 3, n = 128;
    run("gemma_rmsnorm",
        gemma_rmsnorm(output(d, {t, h, n}), input(d, {t, h, n}, fills::normal()), input(d, {n}, fills::normal())));
    // The q part of a fused qkv row: heads and tokens with gaps.
    run("gemma_rmsnorm",
        gemma_rmsnorm(output(d, {t, h, n}).with_gap(3), input(d, {t, h, n}, fills::normal()).with_gap(8),
                      input(d, {n}, fills::normal())));
  }
}

TEST(gemma_rmsnorm, unaligned_and_strided) {
  for (const dtype d : float_types) {
    for (const int64_t n : {5, 64, 515}) {
      run("gemma_rmsnorm",
          gemma_rmsnorm(output(d, {4, n}).starting_at(1), input(d, {4, n}, fills::normal()).starting_at(3).with_gap(1),
                        input(d, {n}, fills::normal()).starting_at(1)));
    }
  }
}

TEST(gemma_rmsnorm, hostile_values) {
  for (const dtype d : float_types) {
    run("gemma_rmsnorm", gemma_rmsnorm(output(d, {64, 96}), input(d, {64, 96}, fills::hostile(d, false)),
                                       input(d, {96}, fills::normal())));
    run("gemma_rmsnorm",
        gemma_rmsnorm(output(d, {4, 96}), input(d, {4, 96}, fills::constant(0)), input(d, {96}, fills::normal())));
    // One NaN or infinity must spoil its row and no other.
    auto spoiled = input(d, {3, 96}, fills::normal());
    spoiled.contents[96 + 5] = NAN;
    spoiled.contents[2 * 96 + 7] = INFINITY;
    run("gemma_rmsnorm", gemma_rmsnorm(output(d, {3, 96}), spoiled, input(d, {96}, fills::normal())));
  }
}

// Without eps the root is of a subnormal number: AMD's and NVIDIA's reciprocal roots differ in what they make of one.
TEST(gemma_rmsnorm, a_subnormal_mean_of_squares) {
  for (const double scale : {0x1p-63, 0x1p-66, 0x1p-70}) {
    run("gemma_rmsnorm",
        gemma_rmsnorm(output(dtype::f32, {3, 96}), input(dtype::f32, {3, 96}, fills::values({scale, -scale})),
                      input(dtype::f32, {96}, fills::normal()), 0.0f));
  }
}

TEST(gemma_rmsnorm, many_rows_and_none) {
  run("gemma_rmsnorm", gemma_rmsnorm(output(dtype::bf16, {3000, 64}), input(dtype::bf16, {3000, 64}, fills::normal()),
                                     input(dtype::bf16, {64}, fills::normal())));
  run("gemma_rmsnorm", gemma_rmsnorm(output(dtype::bf16, {0, 64}), input(dtype::bf16, {0, 64}, fills::normal()),
                                     input(dtype::bf16, {64}, fills::normal())));
}

// Enough rows for the kernel that has more of a row in a thread, and the same bits from the one that serves few.
TEST(gemma_rmsnorm, as_many_rows_as_fill_a_device) {
  const test_case many =
      gemma_rmsnorm(output(dtype::bf16, {1300, 4096}), input(dtype::bf16, {1300, 4096}, fills::normal()),
                    input(dtype::bf16, {4096}, fills::normal()));
  run("gemma_rmsnorm", many);
  run_rows_alone(many, 5);
  run_rows_alone(gemma_rmsnorm(output(dtype::f16, {1300, 4096}), input(dtype::f16, {1300, 4096}, fills::normal()),
                               input(dtype::f32, {4096}, fills::normal())),
                 3);
}

TEST(gemma_rmsnorm, refuses) {
  const auto good = gemma_rmsnorm(output(dtype::f16, {3, 64}), input(dtype::f16, {3, 64}, fills::normal()),
                                  input(dtype::f16, {64}, fills::normal()));
  contract("gemma_rmsnorm", good);
  refused("gemma_rmsnorm",
          gemma_rmsnorm(output(dtype::f32, {3, 0}), input(dtype::f32, {3, 0}, fills::normal()),
                        input(dtype::f32, {0}, fills::normal())),
          HIPINFER_STATUS_INVALID_SHAPE, "length 0");
  for (const float eps : {-1.0f, NAN, INFINITY}) {
    refused("gemma_rmsnorm",
            gemma_rmsnorm(output(dtype::f32, {3, 4}), input(dtype::f32, {3, 4}, fills::normal()),
                          input(dtype::f32, {4}, fills::normal()), eps),
            HIPINFER_STATUS_INVALID_ARGUMENT, "eps");
  }
}

// Worked out by hand: the oracle is the library's own reference, whose formula nothing else here would doubt.
TEST(gemma_rmsnorm, known_answer) {
  auto c = gemma_rmsnorm(output(dtype::f32, {1, 2}), input(dtype::f32, {1, 2}, fills::values({1, 7})),
                         input(dtype::f32, {2}, fills::values({0, -3})), 0.0f);
  c.judge = [](const result& r) {  // the mean of squares is 25
    EXPECT_NEAR(r.got[0][0], 0.2, 1e-6) << r.where;
    EXPECT_NEAR(r.got[0][1], -2.8, 1e-6) << r.where;
  };
  run("gemma_rmsnorm", c);
}
