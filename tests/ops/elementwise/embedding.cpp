// SPDX-License-Identifier: Apache-2.0
#include <cmath>

#include "gen/embedding.api.h"
#include "tests/check/check.h"

using namespace check;

namespace {

test_case embedding(tensor output, tensor table, tensor indices) {
  test_case c{{std::move(output), std::move(table), std::move(indices)},
              [](auto h, auto t, auto, auto s) { return hipinfer_embedding(h, t[0], t[1], t[2], s); }};
  c.exact = true;
  return c;
}

}  // namespace

TEST(embedding, lengths) {
  for (const dtype d : float_types) {
    for (const dtype i : {dtype::i32, dtype::i64}) {
      for (const int64_t n : {1, 3, 8, 9, 64, 127, 1024, 2050}) {
        run("embedding", embedding(output(d, {11, n}), input(d, {17, n}, fills::hostile(d, true)),
                                   input(i, {11}, fills::integers(0, 16))));
      }
    }
  }
}

TEST(embedding, indices_outside) {
  for (const dtype d : float_types) {
    for (const int64_t n : {5, 64}) {
      run("embedding", embedding(output(d, {9, n}), input(d, {4, n}, fills::normal()),
                                 input(dtype::i32, {9}, fills::values({0, -1, 3, 4, 5, INT32_MAX, INT32_MIN, 1, -4}))));
      run("embedding", embedding(output(d, {9, n}), input(d, {4, n}, fills::normal()),
                                 input(dtype::i64, {9},
                                       fills::values({0, -1, 3, 4, 0x1p32, 0x1p62, -0x1p63, 0x1p32 + 1, -0x1p32}))));
      // A table without rows.
      run("embedding", embedding(output(d, {3, n}), input(d, {0, n}, fills::normal()),
                                 input(dtype::i64, {3}, fills::values({0, -1, 7}))));
    }
  }
}

TEST(embedding, unaligned_and_strided) {
  for (const dtype d : float_types) {
    for (const int64_t n : {5, 64, 100}) {
      const auto indices = [] { return input(dtype::i64, {6}, fills::integers(0, 8)).starting_at(1); };
      run("embedding", embedding(output(d, {6, n}).starting_at(1),
                                 input(d, {9, n}, fills::normal()).starting_at(3).with_gap(1), indices()));
      run("embedding", embedding(output(d, {6, n}).strided({112, 1}),
                                 input(d, {9, n}, fills::normal()).strided({104, 1}), indices()));
    }
  }
}

TEST(embedding, many_and_none) {
  run("embedding", embedding(output(dtype::bf16, {3001, 40}), input(dtype::bf16, {500, 40}, fills::normal()),
                             input(dtype::i32, {3001}, fills::integers(-1, 500))));
  run("embedding", embedding(output(dtype::f16, {0, 40}), input(dtype::f16, {5, 40}, fills::normal()),
                             input(dtype::i32, {0}, fills::integers(0, 4))));
  run("embedding", embedding(output(dtype::f16, {3, 0}), input(dtype::f16, {5, 0}, fills::normal()),
                             input(dtype::i32, {3}, fills::integers(0, 4))));
}

TEST(embedding, refuses) {
  const auto good = embedding(output(dtype::f16, {3, 8}), input(dtype::f16, {5, 8}, fills::normal()),
                              input(dtype::i32, {3}, fills::integers(0, 4)));
  contract("embedding", good);
  refused("embedding",
          embedding(output(dtype::f16, {3, 8}), input(dtype::f16, {5, 8}, fills::normal()),
                    input(dtype::f32, {3}, fills::constant(1))),
          HIPINFER_STATUS_INVALID_DTYPE, "indices");
}

// Worked out by hand: the oracle is the library's own reference, whose meaning nothing else here would doubt.
TEST(embedding, known_answer) {
  auto c = embedding(output(dtype::f32, {4, 1}), input(dtype::f32, {3, 1}, fills::values({10, 20, 30})),
                     input(dtype::i32, {4}, fills::values({0, 2, -1, 3})));
  c.judge = [](const result& r) {
    EXPECT_EQ(r.got[0][0], 10) << r.where;
    EXPECT_EQ(r.got[0][1], 30) << r.where;
    EXPECT_EQ(r.got[0][2], 0) << r.where;
    EXPECT_TRUE(std::isnan(r.got[0][3])) << r.where;
  };
  run("embedding", c);
}

// More elements than 304 compute units have threads at once, one a thread: the grid strides, and its step, which is no
// multiple of a row, carries from digit to digit.
TEST(embedding, longer_than_the_grid) {
  run("embedding", embedding(output(dtype::f16, {700, 1001}), input(dtype::f16, {17, 1001}, fills::normal()),
                             input(dtype::i32, {700}, fills::integers(0, 16))));
}

// Large enough for the emulated RX 9070 XT, which counts 32 compute units, to give a thread several vectors
// (core/elementwise.h); the last block is not full.
TEST(embedding, several_vectors_a_thread) {
  run("embedding", embedding(output(dtype::f32, {44, 12124}), input(dtype::f32, {17, 12124}, fills::normal()),
                             input(dtype::i32, {44}, fills::integers(0, 16))));
}
