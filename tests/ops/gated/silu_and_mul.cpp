// SPDX-License-Identifier: Apache-2.0
#include "gen/silu_and_mul.api.h"
#include "tests/check/gated.h"

using namespace check;

namespace {
constexpr gated_unit unit{"silu_and_mul", hipinfer_silu_and_mul};
}

TEST(silu_and_mul, lengths) {
  gated_lengths(unit);
}
TEST(silu_and_mul, unaligned_and_strided) {
  gated_unaligned_and_strided(unit);
}
TEST(silu_and_mul, hostile_values) {
  gated_hostile_values(unit, -86);
}
TEST(silu_and_mul, many_rows_and_none) {
  gated_many_rows_and_none(unit);
}
TEST(silu_and_mul, refuses) {
  gated_refuses(unit);
}

// Which half is the gate, and the values of the function: the oracle is the library's own reference.
TEST(silu_and_mul, known_answers) {
  gated_gives(unit, 0, 5, 0);
  gated_gives(unit, 20, -3, -60);
  gated_gives(unit, 1, 2, 1.4621171572600098);
}

// Large enough for the emulated RX 9070 XT, which counts 32 compute units, to give a thread several vectors
// (core/elementwise.h); the last block is not full.
TEST(silu_and_mul, several_vectors_a_thread) {
  unit.on(output(dtype::f32, {44, 12124}), input(dtype::f32, {44, 24248}, fills::normal()));
}
