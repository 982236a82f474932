// SPDX-License-Identifier: Apache-2.0
#include "gen/rmsnorm.api.h"
#include "tests/check/norms.h"

using namespace check;

namespace {
constexpr rmsnorm_unit unit{"rmsnorm", hipinfer_rmsnorm};
}

TEST(rmsnorm, lengths) {
  rmsnorm_lengths(unit);
}
TEST(rmsnorm, edges) {
  rmsnorm_edges(unit);
}
TEST(rmsnorm, heads) {
  rmsnorm_heads(unit);
}
TEST(rmsnorm, unaligned_and_strided) {
  rmsnorm_unaligned_and_strided(unit);
}
TEST(rmsnorm, hostile_values) {
  rmsnorm_hostile_values(unit);
}
TEST(rmsnorm, a_subnormal_mean_of_squares) {
  rmsnorm_subnormal_mean_of_squares(unit);
}
TEST(rmsnorm, many_rows_and_none) {
  rmsnorm_many_rows_and_none(unit);
}
TEST(rmsnorm, as_many_rows_as_fill_a_device) {
  rmsnorm_as_many_rows_as_fill_a_device(unit);
}
TEST(rmsnorm, refuses) {
  rmsnorm_refuses(unit);
}
TEST(rmsnorm, known_answer) {
  rmsnorm_known_answer(unit, {1, -2});
}
