// SPDX-License-Identifier: Apache-2.0
#include "gen/rmsnorm_silu.api.h"
#include "tests/check/norms.h"

using namespace check;

namespace {
// silu of a value that is far below 0 has more of the value's error than the value.
constexpr rmsnorm_unit unit{"rmsnorm_silu", hipinfer_rmsnorm_silu, error_scale::row, 16};
}  // namespace

TEST(rmsnorm_silu, lengths) {
  rmsnorm_lengths(unit);
}
TEST(rmsnorm_silu, edges) {
  rmsnorm_edges(unit);
}
TEST(rmsnorm_silu, heads) {
  rmsnorm_heads(unit);
}
TEST(rmsnorm_silu, unaligned_and_strided) {
  rmsnorm_unaligned_and_strided(unit);
}
TEST(rmsnorm_silu, hostile_values) {
  rmsnorm_hostile_values(unit);
}
TEST(rmsnorm_silu, many_rows_and_none) {
  rmsnorm_many_rows_and_none(unit);
}
TEST(rmsnorm_silu, as_many_rows_as_fill_a_device) {
  rmsnorm_as_many_rows_as_fill_a_device(unit);
}
TEST(rmsnorm_silu, refuses) {
  rmsnorm_refuses(unit);
}
// The mean of squares is 25: silu of 0.2 and of -2.8.
TEST(rmsnorm_silu, known_answer) {
  const dtype f = dtype::f32;
  auto c = unit.with(output(f, {1, 2}), input(f, {1, 2}, fills::values({1, 7})), input(f, {2}, fills::values({1, -2})),
                     0.0f);
  c.judge = [](const result& r) {
    EXPECT_NEAR(r.got[0][0], 0.1099668, 1e-6) << r.where;
    EXPECT_NEAR(r.got[0][1], -0.1605077, 1e-6) << r.where;
  };
  run("rmsnorm_silu", c);
}
