// SPDX-License-Identifier: Apache-2.0
#include "gen/gelu_tanh_and_mul.api.h"
#include "tests/check/gated.h"

using namespace check;

namespace {
// The argument of exp is as large as 2 * 31 in the tests: its error is that of the result, many times.
constexpr gated_unit unit{"gelu_tanh_and_mul", hipinfer_gelu_tanh_and_mul, 168, 168};
}  // namespace

TEST(gelu_tanh_and_mul, lengths) {
  gated_lengths(unit);
}
TEST(gelu_tanh_and_mul, unaligned_and_strided) {
  gated_unaligned_and_strided(unit);
}
TEST(gelu_tanh_and_mul, hostile_values) {
  gated_hostile_values(unit, -7);
}
TEST(gelu_tanh_and_mul, many_rows_and_none) {
  gated_many_rows_and_none(unit);
}
TEST(gelu_tanh_and_mul, refuses) {
  gated_refuses(unit);
}

// Which half is the gate, and the values of the function: the oracle is the library's own reference.
TEST(gelu_tanh_and_mul, known_answers) {
  gated_gives(unit, 0, 5, 0);
  gated_gives(unit, 20, -3, -60);
  gated_gives(unit, 1, 2, 1.6823838268);
}
