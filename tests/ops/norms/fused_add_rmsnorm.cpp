// SPDX-License-Identifier: Apache-2.0
#include "gen/fused_add_rmsnorm.api.h"
#include "tests/check/norms.h"

using namespace check;

namespace {
constexpr add_rmsnorm_unit unit{{"fused_add_rmsnorm", hipinfer_fused_add_rmsnorm}};
}

TEST(fused_add_rmsnorm, lengths) {
  add_rmsnorm_lengths(unit);
}
TEST(fused_add_rmsnorm, edges) {
  add_rmsnorm_edges(unit);
}
TEST(fused_add_rmsnorm, the_sum_is_rounded_once) {
  add_rmsnorm_rounds_the_sum_once(unit);
}
TEST(fused_add_rmsnorm, the_norm_uses_the_unrounded_sum) {
  add_rmsnorm_uses_the_unrounded_sum(unit, 1.0005);
}
TEST(fused_add_rmsnorm, unaligned_and_strided) {
  add_rmsnorm_unaligned_and_strided(unit);
}
TEST(fused_add_rmsnorm, hostile_values) {
  add_rmsnorm_hostile_values(unit);
}
TEST(fused_add_rmsnorm, many_rows_and_none) {
  add_rmsnorm_many_rows_and_none(unit);
}
TEST(fused_add_rmsnorm, refuses) {
  add_rmsnorm_refuses(unit);
}
