// SPDX-License-Identifier: Apache-2.0
#include <cmath>

#include "gen/qk_norm_rope.api.h"
#include "tests/check/edges.h"

using namespace check;

namespace {

enum { q_out, k_out, q, k, q_weight, k_weight, cos_sin, positions };

struct shape {
  int64_t tokens, q_heads, k_heads, head_dim, rotary;
};

// Cosines, then sines, of angles that are easy to tell apart.
fill angles(int64_t width) {
  return [width](int64_t i, generator&) {
    const int64_t position = i / width, column = i % width, half = width / 2;
    const double angle = static_cast<double>(position) *
                         std::pow(100.0, -2.0 * static_cast<double>(column % half) / static_cast<double>(width));
    return column < half ? std::cos(angle) : std::sin(angle);
  };
}

std::vector<tensor> arguments(dtype d, dtype w, dtype index, const shape& z, int64_t cached = 50) {
  const auto heads = [&](int64_t h) { return input(d, {z.tokens, h, z.head_dim}, fills::normal()); };
  const auto gains = [&] { return input(w, {z.head_dim}, fills::normal()); };
  const bool keys = z.k_heads > 0;
  return {output(d, {z.tokens, z.q_heads, z.head_dim}),
          keys ? output(d, {z.tokens, z.k_heads, z.head_dim}) : none(),
          heads(z.q_heads),
          keys ? heads(z.k_heads) : none(),
          gains(),
          keys ? gains() : none(),
          input(dtype::f32, {cached, z.rotary}, angles(z.rotary)),
          input(index, {z.tokens}, fills::integers(0, cached - 1))};
}

test_case norm_rope(std::vector<tensor> all, bool interleaved, float eps = 1e-6f) {
  test_case c{std::move(all), [=](auto c, auto t, auto, auto s) {
                return hipinfer_qk_norm_rope(c, t[q_out], t[k_out], t[q], t[k], t[q_weight], t[k_weight], t[cos_sin],
                                             t[positions], eps, interleaved, s);
              }};
  c.fp32_units = 12;  // a norm's and a rotation's
  return c;
}

// q and k as views of one qkv buffer [T, (Hq + 2 Hk) * D], in place; the values in between stay.
test_case fused(dtype d, const shape& z, bool interleaved) {
  const int64_t heads = z.q_heads + 2 * z.k_heads;
  const auto a = arguments(d, d, dtype::i64, z);
  test_case c{
      {inout(d, {z.tokens, heads, z.head_dim}, fills::normal()), a[q_weight], a[k_weight], a[cos_sin], a[positions]},
      [=](auto c, auto t, auto, auto s) {
        hipinfer_tensor queries = *t[0], keys = *t[0];
        const int64_t q_shape[] = {z.tokens, z.q_heads, z.head_dim}, k_shape[] = {z.tokens, z.k_heads, z.head_dim};
        queries.shape = q_shape;
        keys.shape = k_shape;
        keys.byte_offset += static_cast<uint64_t>(z.q_heads * z.head_dim * (queries.dtype.bits / 8));
        return hipinfer_qk_norm_rope(c, &queries, &keys, &queries, &keys, t[1], t[2], t[3], t[4], 1e-6f, interleaved,
                                     s);
      }};
  c.fixed_layout = true;
  return c;
}

}  // namespace

TEST(qk_norm_rope, heads_and_dimensions) {
  for (const dtype d : float_types) {
    for (const dtype w : {d, dtype::f32}) {
      for (const dtype index : {dtype::i32, dtype::i64}) {
        for (const bool interleaved : {false, true}) {
          // Any group of queries a key; dimensions of models; odd ones; partial rotary dimensions; longer than a wave.
          for (const shape& z : {shape{3, 8, 2, 128, 128},
                                 {2, 7, 1, 64, 64},
                                 {5, 5, 5, 80, 80},
                                 {2, 3, 1, 96, 96},
                                 {1, 1, 1, 2, 2},
                                 {4, 3, 2, 7, 6},
                                 {2, 3, 1, 256, 256},
                                 {2, 3, 1, 256, 64},
                                 {2, 3, 1, 128, 32},
                                 {2, 3, 1, 64, 20},
                                 {2, 3, 1, 1, 0},
                                 {1, 2, 1, 1024, 1024},
                                 {2, 1, 1, 3000, 3000},
                                 {2, 6, 0, 64, 64},
                                 {2, 0, 3, 16, 16}}) {
            run("qk_norm_rope", norm_rope(arguments(d, w, index, z), interleaved));
          }
        }
      }
    }
  }
}

// The largest element of a head at every edge.
TEST(qk_norm_rope, edges) {
  for (const int64_t n : edge_lengths("qk_norm_rope", "D")) {
    for (const dtype d : float_types) {
      for (const bool interleaved : {false, true}) {
        const auto places = edge_places("qk_norm_rope", "D", n);
        auto a = arguments(d, d, dtype::i32, {static_cast<int64_t>(places.size()), 1, 1, n, n / 2 * 2});
        const std::vector<double> heads = spiked(d, places, n, 100, fills::normal(0.1)).contents;
        a[q].contents = a[k].contents = heads;
        run("qk_norm_rope", norm_rope(a, interleaved));
      }
    }
  }
}

TEST(qk_norm_rope, in_place_and_strided) {
  for (const dtype d : float_types) {
    for (const bool interleaved : {false, true}) {
      for (const shape& z : {shape{5, 8, 2, 128, 128}, {3, 7, 1, 64, 32}, {2, 3, 3, 10, 10}}) {
        run("qk_norm_rope", fused(d, z, interleaved));
        auto strided = arguments(d, d, dtype::i32, z);
        strided[q_out].with_gap(3);
        strided[k_out].starting_at(1);
        strided[q].with_gap(16);
        strided[cos_sin].with_gap(5);
        run("qk_norm_rope", norm_rope(strided, interleaved));
        // Heads first: [H, T, D] seen as [T, H, D].
        auto turned = arguments(d, d, dtype::i32, z);
        turned[q].strided({z.head_dim, z.tokens * z.head_dim, 1});
        turned[q_out].strided({z.head_dim, z.tokens * z.head_dim, 1});
        run("qk_norm_rope", norm_rope(turned, interleaved));
      }
    }
  }
}

TEST(qk_norm_rope, enough_for_several_heads_a_group) {
  const int64_t tokens = tokens_for_device(3000);
  for (const bool interleaved : {false, true}) {
    for (const int64_t rotary : {56, 40}) {
      const dtype d = interleaved ? dtype::bf16 : dtype::f32;
      auto a = arguments(d, d, dtype::i32, {tokens, 25, 9, 56, rotary}, 50);
      a[positions] = input(dtype::i32, {tokens}, fills::integers(-2, 50));
      run("qk_norm_rope", norm_rope(a, interleaved));
    }
  }
  // More lanes than a wave, whose waves sum one head after the other.
  const auto long_heads = arguments(dtype::bf16, dtype::bf16, dtype::i32, {tokens_for_device(80), 25, 9, 520, 520}, 50);
  run("qk_norm_rope", norm_rope(long_heads, false));
}

TEST(qk_norm_rope, positions_out_of_range) {
  for (const dtype d : float_types) {
    for (const int64_t dim : {72, 80}) {
      auto a = arguments(d, d, dtype::i64, {7, 3, 2, dim, 64});
      a[positions] = input(dtype::i64, {7}, fills::values({0, -1, 49, 50, 3, -2147483648.0, 9e15}));
      run("qk_norm_rope", norm_rope(a, false));
    }
  }
}

TEST(qk_norm_rope, hostile_values_and_sizes) {
  for (const dtype d : float_types) {
    for (const bool interleaved : {false, true}) {
      auto a = arguments(d, d, dtype::i32, {20, 2, 1, 64, 64});
      a[q] = input(d, {20, 2, 64}, fills::hostile(d, false));
      a[k] = input(d, {20, 1, 64}, fills::constant(0));
      run("qk_norm_rope", norm_rope(a, interleaved));
      // NaN spoils its own head and no other.
      a[k].contents[3] = NAN;
      run("qk_norm_rope", norm_rope(a, interleaved));
      run("qk_norm_rope", norm_rope(arguments(d, d, dtype::i32, {0, 2, 1, 64, 64}), interleaved));
      run("qk_norm_rope", norm_rope(arguments(d, d, dtype::i32, {2, 0, 0, 64, 64}), interleaved));
    }
  }
  run("qk_norm_rope", norm_rope(arguments(dtype::bf16, dtype::f32, dtype::i32, {501, 5, 2, 64, 64}), false));
}

TEST(qk_norm_rope, known_answer) {
  // The root mean square of (1, 7, 1, 7) is 5: with these gains the head is (1, 2, 3, 4); then a quarter turn.
  for (const bool interleaved : {false, true}) {
    auto c =
        norm_rope({output(dtype::f32, {1, 1, 4}), none(), input(dtype::f32, {1, 1, 4}, fills::values({1, 7, 1, 7})),
                   none(), input(dtype::f32, {4}, fills::values({5, 10.0 / 7, 15, 20.0 / 7})), none(),
                   input(dtype::f32, {1, 4}, fills::values({0, 0, 1, 1})), input(dtype::i32, {1}, fills::constant(0))},
                  interleaved, 0.0f);
    const std::vector<double> expected =
        interleaved ? std::vector<double>{-2, 1, -4, 3} : std::vector<double>{-3, -4, 1, 2};
    c.judge = [=](const result& r) {
      for (int i = 0; i < 4; ++i) EXPECT_NEAR(r.got[0][i], expected[i], 1e-5) << r.where;
    };
    run("qk_norm_rope", c);
  }
}

TEST(qk_norm_rope, refuses) {
  contract("qk_norm_rope", norm_rope(arguments(dtype::bf16, dtype::f32, dtype::i64, {3, 4, 2, 64, 64}), false));
  const auto with = [](int64_t dim, int64_t rotary) {
    return arguments(dtype::f32, dtype::f32, dtype::i32, {3, 4, 2, dim, rotary});
  };
  for (const int64_t rotary : {3, 66}) {
    refused("qk_norm_rope", norm_rope(with(64, rotary), false), HIPINFER_STATUS_INVALID_SHAPE, "cos_sin");
  }
  refused("qk_norm_rope", norm_rope(with(0, 0), false), HIPINFER_STATUS_INVALID_SHAPE, "length 0");
  for (const int left_out : {k, k_out, k_weight}) {
    auto lacking = with(64, 64);
    lacking[left_out] = none();
    refused("qk_norm_rope", norm_rope(lacking, false), HIPINFER_STATUS_NULL_POINTER, "given together");
  }
}
