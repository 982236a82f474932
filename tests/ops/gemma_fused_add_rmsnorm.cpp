// SPDX-License-Identifier: Apache-2.0
#include <cmath>

#include "tests/check/check.h"

using namespace check;

namespace {

test_case gemma_fused_add_rmsnorm(tensor input, tensor residual, tensor weight, float eps = 1e-6f) {
  return {{std::move(input), std::move(residual), std::move(weight)}, [eps](auto c, auto t, auto, auto s) {
            return hipinfer_gemma_fused_add_rmsnorm(c, t[0], t[1], t[2], eps, s);
          }};
}

tensor rows(dtype d, int64_t t, int64_t n) {
  return inout(d, {t, n}, fills::normal());
}
tensor gains(dtype d, int64_t n) {
  return input(d, {n}, fills::normal());
}

}  // namespace

TEST(gemma_fused_add_rmsnorm, lengths) {
  for (const dtype d : float_types) {
    for (const dtype w : {d, dtype::f32}) {
      for (const int64_t n : {1, 2, 7, 8, 31, 33, 64, 100, 257, 1024, 2047, 4096, 8200}) {
        run("gemma_fused_add_rmsnorm", gemma_fused_add_rmsnorm(rows(d, 3, n), rows(d, 3, n), gains(w, n)));
      }
    }
  }
}

TEST(gemma_fused_add_rmsnorm, the_sum_is_rounded_once) {
  for (const dtype d : float_types) {
    auto c = gemma_fused_add_rmsnorm(rows(d, 5, 96), rows(d, 5, 96), gains(d, 96));
    const tensor x = c.arguments[0], r = c.arguments[1];
    c.judge = [=](const result& got) {
      for (size_t i = 0; i < x.contents.size(); ++i) {
        ASSERT_EQ(got.got[1][i], round_to(d, x.contents[i] + r.contents[i])) << got.where << ": element " << i;
      }
    };
    run("gemma_fused_add_rmsnorm", c);
  }
}

TEST(gemma_fused_add_rmsnorm, the_norm_uses_the_unrounded_sum) {
  // 2048 + 1 is 2048 in f16, as is its neighbour; the gain puts the two quotients to either side of a
  // rounding edge.
  const dtype h = dtype::f16;
  auto c = gemma_fused_add_rmsnorm(inout(h, {1, 2}, fills::values({1, 0})), inout(h, {1, 2}, fills::constant(2048)),
                                   input(dtype::f32, {2}, fills::constant(0.0005)));
  c.judge = [](const result& r) {
    EXPECT_EQ(r.got[1], (std::vector<double>{2048, 2048})) << r.where;
    EXPECT_EQ(r.got[0], (std::vector<double>{1 + 0x1p-10, 1})) << r.where;
  };
  run("gemma_fused_add_rmsnorm", c);
}

TEST(gemma_fused_add_rmsnorm, unaligned_and_strided) {
  for (const dtype d : float_types) {
    for (const int64_t n : {5, 64, 515}) {
      run("gemma_fused_add_rmsnorm",
          gemma_fused_add_rmsnorm(rows(d, 4, n).starting_at(1), rows(d, 4, n).starting_at(3).with_gap(1),
                                  gains(d, n).starting_at(1)));
      run("gemma_fused_add_rmsnorm",
          gemma_fused_add_rmsnorm(rows(d, 4, n).strided({528, 1}), rows(d, 4, n).strided({520, 1}), gains(d, n)));
    }
  }
}

TEST(gemma_fused_add_rmsnorm, hostile_values) {
  for (const dtype d : float_types) {
    run("gemma_fused_add_rmsnorm", gemma_fused_add_rmsnorm(inout(d, {64, 96}, fills::hostile(d, false)),
                                                           inout(d, {64, 96}, fills::hostile(d, false)), gains(d, 96)));
    run("gemma_fused_add_rmsnorm", gemma_fused_add_rmsnorm(inout(d, {4, 96}, fills::constant(3)),
                                                           inout(d, {4, 96}, fills::constant(-3)), gains(d, 96)));
    // One NaN or infinity must spoil its row and no other.
    auto spoiled = rows(d, 4, 96);
    spoiled.contents[96 + 5] = NAN;
    spoiled.contents[2 * 96 + 7] = INFINITY;
    run("gemma_fused_add_rmsnorm", gemma_fused_add_rmsnorm(spoiled, rows(d, 4, 96), gains(d, 96)));
    run("gemma_fused_add_rmsnorm", gemma_fused_add_rmsnorm(rows(d, 4, 96), spoiled, gains(d, 96)));
  }
}

TEST(gemma_fused_add_rmsnorm, many_rows_and_none) {
  run("gemma_fused_add_rmsnorm",
      gemma_fused_add_rmsnorm(rows(dtype::bf16, 3000, 64), rows(dtype::bf16, 3000, 64), gains(dtype::bf16, 64)));
  run("gemma_fused_add_rmsnorm",
      gemma_fused_add_rmsnorm(rows(dtype::bf16, 0, 64), rows(dtype::bf16, 0, 64), gains(dtype::bf16, 64)));
}

TEST(gemma_fused_add_rmsnorm, refuses) {
  const dtype f = dtype::f32;
  contract("gemma_fused_add_rmsnorm",
           gemma_fused_add_rmsnorm(rows(dtype::f16, 3, 64), rows(dtype::f16, 3, 64), gains(dtype::f16, 64)));
  refused("gemma_fused_add_rmsnorm", gemma_fused_add_rmsnorm(rows(f, 3, 0), rows(f, 3, 0), gains(f, 0)),
          HIPINFER_STATUS_INVALID_SHAPE, "length 0");
  // The gain is checked before the two tensors whose dtype it may have.
  refused("gemma_fused_add_rmsnorm", gemma_fused_add_rmsnorm(rows(f, 3, 64), rows(f, 3, 64), gains(dtype::bf16, 64)),
          HIPINFER_STATUS_INVALID_DTYPE, "input");
  refused("gemma_fused_add_rmsnorm", gemma_fused_add_rmsnorm(rows(dtype::f16, 3, 64), rows(f, 3, 64), gains(f, 64)),
          HIPINFER_STATUS_INVALID_DTYPE, "residual");
  for (const float eps : {-1.0f, NAN, INFINITY}) {
    refused("gemma_fused_add_rmsnorm", gemma_fused_add_rmsnorm(rows(f, 3, 4), rows(f, 3, 4), gains(f, 4), eps),
            HIPINFER_STATUS_INVALID_ARGUMENT, "eps");
  }
  auto same = gemma_fused_add_rmsnorm(rows(f, 3, 4), rows(f, 3, 4), gains(f, 4));
  same.call = [](auto c, auto t, auto, auto s) {
    return hipinfer_gemma_fused_add_rmsnorm(c, t[0], t[0], t[2], 1e-6f, s);
  };
  refused("gemma_fused_add_rmsnorm", same, HIPINFER_STATUS_ALIASING, "residual");
}
