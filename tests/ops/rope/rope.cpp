// SPDX-License-Identifier: Apache-2.0
#include <cmath>

#include "gen/rope.api.h"
#include "tests/check/check.h"

using namespace check;

namespace {

enum { q_out, k_out, q, k, cos_sin, positions };

fill angles(int64_t width) {
  // Cosines, then sines, of angles that are easy to tell apart.
  return [width](int64_t i, generator&) {
    const int64_t position = i / width, column = i % width, half = width / 2;
    const double angle = static_cast<double>(position) *
                         std::pow(100.0, -2.0 * static_cast<double>(column % half) / static_cast<double>(width));
    return column < half ? std::cos(angle) : std::sin(angle);
  };
}

test_case rope(std::vector<tensor> arguments, bool interleaved) {
  test_case c{std::move(arguments), [interleaved](auto c, auto t, auto, auto s) {
                return hipinfer_rope(c, t[q_out], t[k_out], t[q], t[k], t[cos_sin], t[positions], interleaved, s);
              }};
  c.fp32_units = 4;  // two products and their sum, of elements of the row
  return c;
}

struct shape {
  int64_t tokens, q_heads, k_heads, head_dim, rotary;
};

std::vector<tensor> arguments(dtype d, dtype index, const shape& z, int64_t cached = 50) {
  const auto heads = [&](int64_t h) { return input(d, {z.tokens, h, z.head_dim}, fills::normal()); };
  const bool keys = z.k_heads > 0;
  return {output(d, {z.tokens, z.q_heads, z.head_dim}),
          keys ? output(d, {z.tokens, z.k_heads, z.head_dim}) : none(),
          heads(z.q_heads),
          keys ? heads(z.k_heads) : none(),
          input(dtype::f32, {cached, z.rotary}, angles(z.rotary)),
          input(index, {z.tokens}, fills::integers(0, cached - 1))};
}

// One tensor as both output and input: the caller's descriptors of q and k are handed over twice.
test_case in_place(dtype d, dtype index, const shape& z, bool interleaved, int64_t gap) {
  const auto all = arguments(d, index, z);
  const auto both = [&](const tensor& t) {
    if (t.use == role::none) return t;
    tensor x = t;
    x.use = role::inout;
    return x.with_gap(gap);
  };
  return {{both(all[q]), both(all[k]), all[cos_sin], all[positions]}, [interleaved](auto c, auto t, auto, auto s) {
            return hipinfer_rope(c, t[0], t[1], t[0], t[1], t[2], t[3], interleaved, s);
          }};
}

// q and k as views of one qkv buffer [T, (Hq + 2 Hk) * D], rotated in place; the values in between stay.
test_case fused(dtype d, const shape& z, bool interleaved) {
  const int64_t heads = z.q_heads + 2 * z.k_heads;
  tensor cache = input(dtype::f32, {50, z.rotary}, angles(z.rotary));
  tensor at = input(dtype::i64, {z.tokens}, fills::integers(0, 49));
  test_case c{{inout(d, {z.tokens, heads, z.head_dim}, fills::normal()), cache, at}, [=](auto c, auto t, auto, auto s) {
                hipinfer_tensor queries = *t[0], keys = *t[0];
                const int64_t q_shape[] = {z.tokens, z.q_heads, z.head_dim};
                const int64_t k_shape[] = {z.tokens, z.k_heads, z.head_dim};
                queries.shape = q_shape;
                keys.shape = k_shape;
                keys.byte_offset += static_cast<uint64_t>(z.q_heads * z.head_dim * (queries.dtype.bits / 8));
                return hipinfer_rope(c, &queries, &keys, &queries, &keys, t[1], t[2], interleaved, s);
              }};
  c.fixed_layout = true;
  return c;
}

}  // namespace

TEST(rope, heads_and_dimensions) {
  for (const dtype d : float_types) {
    for (const dtype index : {dtype::i32, dtype::i64}) {
      for (const bool interleaved : {false, true}) {
        // Any group of queries a key; dimensions of models; odd ones, unaligned halves; wider than a block's
        // lanes.
        for (const shape& z : {shape{3, 8, 2, 128, 128},
                               {2, 7, 1, 64, 64},
                               {5, 5, 5, 80, 80},
                               {1, 1, 1, 2, 2},
                               {4, 3, 2, 6, 6},
                               {2, 2, 1, 96, 96},
                               {2, 3, 1, 256, 256},
                               {1, 2, 1, 1024, 1024},
                               {2, 1, 1, 5000, 5000},
                               {3, 40, 8, 128, 128},
                               {2, 6, 0, 64, 64},
                               {2, 0, 3, 16, 16}}) {
          run("rope", rope(arguments(d, index, z), interleaved));
        }
      }
    }
  }
}

TEST(rope, partial_rotary_dimension) {
  for (const dtype d : float_types) {
    for (const bool interleaved : {false, true}) {
      for (const shape& z :
           {shape{3, 4, 2, 128, 64}, {3, 4, 2, 80, 32}, {2, 3, 1, 7, 4}, {2, 3, 1, 9, 2}, {2, 2, 2, 256, 16}}) {
        run("rope", rope(arguments(d, dtype::i32, z), interleaved));
        run("rope", in_place(d, dtype::i32, z, interleaved, 0));
      }
      auto nothing = arguments(d, dtype::i32, {2, 3, 1, 64, 64});
      nothing[cos_sin] = input(dtype::f32, {50, 0}, fills::constant(0));
      nothing[positions] = input(dtype::i32, {2}, fills::values({0, 49}));
      run("rope", rope(nothing, interleaved));
    }
  }
}

TEST(rope, in_place_and_strided) {
  for (const dtype d : float_types) {
    for (const bool interleaved : {false, true}) {
      for (const shape& z : {shape{5, 8, 2, 128, 128}, {3, 7, 1, 64, 64}, {2, 3, 3, 10, 10}}) {
        for (const int64_t gap : {0, 1, 8}) run("rope", in_place(d, dtype::i64, z, interleaved, gap));
        run("rope", fused(d, z, interleaved));
        auto strided = arguments(d, dtype::i32, z);
        strided[q_out].with_gap(3);
        strided[k_out].starting_at(1);
        strided[q].with_gap(16);
        strided[cos_sin].with_gap(5);
        run("rope", rope(strided, interleaved));
        // Heads first: [H, T, D] seen as [T, H, D].
        auto turned = arguments(d, dtype::i32, z);
        turned[q].strided({z.head_dim, z.tokens * z.head_dim, 1});
        turned[q_out].strided({z.head_dim, z.tokens * z.head_dim, 1});
        run("rope", rope(turned, interleaved));
      }
    }
  }
}

TEST(rope, positions_out_of_range) {
  for (const dtype d : float_types) {
    for (const dtype index : {dtype::i32, dtype::i64}) {
      auto a = arguments(d, index, {7, 3, 2, 72, 64});
      a[positions] = input(index, {7},
                           fills::values({0, -1, 49, 50, 3, -2147483648.0, index == dtype::i64 ? 9e15 : 2147483647.0}));
      auto c = rope(a, false);
      run("rope", c);
      c.judge = [](const result& r) {
        for (int64_t i = 0; i < r.arguments[q_out].elements(); ++i) {
          const int64_t token = i / (3 * 72);
          ASSERT_EQ(std::isnan(r.got[q_out][i]), token % 2 == 1 || token == 6) << r.where << ": element " << i;
        }
      };
      run("rope", c);
      // In place a head is spoiled whole, too, though what is not rotated is not visited.
      for (const bool interleaved : {false, true}) {
        for (const int64_t gap : {0, 1}) {
          auto both = in_place(d, index, {7, 3, 2, 72, 64}, interleaved, gap);
          both.arguments[3] = a[positions];
          run("rope", both);
        }
      }
    }
  }
  auto empty = arguments(dtype::f32, dtype::i32, {2, 1, 1, 4, 4}, 1);
  empty[cos_sin] = input(dtype::f32, {0, 4}, fills::constant(0));
  run("rope", rope(empty, true));  // no position is in range
}

TEST(rope, pairs_are_where_the_names_say) {
  // A quarter turn of (1, 2, 3, 4): half-split pairs (1, 3), (2, 4); interleaved pairs (1, 2), (3, 4).
  for (const bool interleaved : {false, true}) {
    auto c =
        rope({output(dtype::f32, {1, 1, 4}), none(), input(dtype::f32, {1, 1, 4}, fills::values({1, 2, 3, 4})), none(),
              input(dtype::f32, {1, 4}, fills::values({0, 0, 1, 1})), input(dtype::i32, {1}, fills::constant(0))},
             interleaved);
    const std::vector<double> expected =
        interleaved ? std::vector<double>{-2, 1, -4, 3} : std::vector<double>{-3, -4, 1, 2};
    c.judge = [&](const result& r) { EXPECT_EQ(r.got[0], expected) << r.where; };
    run("rope", c);
  }
}

TEST(rope, hostile_values_and_sizes) {
  for (const dtype d : float_types) {
    for (const bool interleaved : {false, true}) {
      auto a = arguments(d, dtype::i32, {20, 2, 1, 64, 64});
      a[q] = input(d, {20, 2, 64}, fills::hostile(d, false));
      // NaN and infinity spoil their own pair and no other. Position 1 has no zero cosine or sine.
      a[k].contents[3] = NAN;
      a[k].contents[200] = INFINITY;
      a[positions] = input(dtype::i32, {20}, fills::constant(1));
      run("rope", rope(a, interleaved));
      run("rope", rope(arguments(d, dtype::i32, {0, 2, 1, 64, 64}), interleaved));
      run("rope", rope(arguments(d, dtype::i32, {2, 0, 0, 64, 64}), interleaved));
    }
  }
  run("rope", rope(arguments(dtype::bf16, dtype::i32, {1500, 4, 1, 64, 64}), false));
}

TEST(rope, enough_for_several_heads_a_thread) {
  for (const bool interleaved : {false, true}) {
    const shape z{tokens_for_device(3000), 23, 10, interleaved ? 64 : 56, interleaved ? 48 : 56};
    const dtype d = interleaved ? dtype::bf16 : dtype::f32;
    run("rope", rope(arguments(d, dtype::i32, z), interleaved));
    run("rope", in_place(d, dtype::i32, z, interleaved, 0));
  }
  const int64_t tokens = tokens_for_device(1500);
  auto a = arguments(dtype::f16, dtype::i32, {tokens, 23, 10, 20, 18});
  a[positions] = input(dtype::i32, {tokens}, fills::integers(-2, 50));
  run("rope", rope(a, false));
}

TEST(rope, refuses) {
  contract("rope", rope(arguments(dtype::bf16, dtype::i64, {3, 4, 2, 64, 64}), false));
  const shape z{3, 4, 2, 64, 64};
  for (const int64_t rotary : {3, 66}) {
    refused("rope", rope(arguments(dtype::f32, dtype::i32, {3, 4, 2, 64, rotary}), false),
            HIPINFER_STATUS_INVALID_SHAPE, "cos_sin");
  }
  auto lacking = arguments(dtype::f32, dtype::i32, z);
  lacking[k] = none();
  refused("rope", rope(lacking, false), HIPINFER_STATUS_NULL_POINTER, "rope: k: ");
  lacking = arguments(dtype::f32, dtype::i32, z);
  lacking[k_out] = none();
  refused("rope", rope(lacking, false), HIPINFER_STATUS_NULL_POINTER, "rope: k_out: ");
  test_case odd{arguments(dtype::f32, dtype::i32, z), [](auto c, auto t, auto, auto s) {
                  return hipinfer_rope(c, t[q_out], t[k_out], t[q], t[k], t[cos_sin], t[positions], 2, s);
                }};
  refused("rope", odd, HIPINFER_STATUS_INVALID_ARGUMENT, "interleaved");
}
