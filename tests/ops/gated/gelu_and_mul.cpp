// SPDX-License-Identifier: Apache-2.0
#include "gen/gelu_and_mul.api.h"
#include "tests/check/gated.h"

using namespace check;

namespace {
// Within 2e-6, and within 3e-5 where the input has 16 bits: as documented.
constexpr gated_unit unit{"gelu_and_mul", hipinfer_gelu_and_mul, 34, 503};
}  // namespace

TEST(gelu_and_mul, lengths) {
  gated_lengths(unit);
}
TEST(gelu_and_mul, unaligned_and_strided) {
  gated_unaligned_and_strided(unit);
}
TEST(gelu_and_mul, hostile_values) {
  gated_hostile_values(unit, -12);
}
TEST(gelu_and_mul, many_rows_and_none) {
  gated_many_rows_and_none(unit);
}
TEST(gelu_and_mul, refuses) {
  gated_refuses(unit);
}

// Which half is the gate, and the values of the function: the oracle is the library's own reference.
TEST(gelu_and_mul, known_answers) {
  gated_gives(unit, 0, 5, 0);
  gated_gives(unit, 20, -3, -60);
  gated_gives(unit, 1, 2, 1.6826894921370859);
  gated_gives(unit, -1, 2, -0.31731050786291415);
}
