// SPDX-License-Identifier: Apache-2.0
#include "gen/gemma_rmsnorm.api.h"
#include "tests/check/norms.h"

using namespace check;

namespace {
constexpr rmsnorm_unit unit{"gemma_rmsnorm", hipinfer_gemma_rmsnorm};
}

TEST(gemma_rmsnorm, lengths) {
  rmsnorm_lengths(unit);
}
TEST(gemma_rmsnorm, edges) {
  rmsnorm_edges(unit);
}
TEST(gemma_rmsnorm, heads) {
  rmsnorm_heads(unit);
}
TEST(gemma_rmsnorm, unaligned_and_strided) {
  rmsnorm_unaligned_and_strided(unit);
}
TEST(gemma_rmsnorm, hostile_values) {
  rmsnorm_hostile_values(unit);
}
TEST(gemma_rmsnorm, a_subnormal_mean_of_squares) {
  rmsnorm_subnormal_mean_of_squares(unit);
}
TEST(gemma_rmsnorm, many_rows_and_none) {
  rmsnorm_many_rows_and_none(unit);
}
TEST(gemma_rmsnorm, as_many_rows_as_fill_a_device) {
  rmsnorm_as_many_rows_as_fill_a_device(unit);
}
TEST(gemma_rmsnorm, refuses) {
  rmsnorm_refuses(unit);
}
TEST(gemma_rmsnorm, known_answer) {
  rmsnorm_known_answer(unit, {0, -3});
}
