// SPDX-License-Identifier: Apache-2.0
#include <cmath>

#include "gen/rope_cos_sin_cache.api.h"
#include "gen/rope_theta.api.h"
#include "tests/check/check.h"

using namespace check;

namespace {

constexpr const char* op = "rope_theta";
enum { q_out, k_out, q, k, positions, indptr, offsets };
using options = hipinfer_rope_theta_options;

struct shape {
  int64_t tokens, q_heads, k_heads, head_dim;
  int32_t rotary;  // 0: head_dim
};

options rotary(int32_t r) {
  options o{};
  o.struct_size = sizeof o;
  o.rotary_dim = r;
  return o;
}

test_case rope(std::vector<tensor> arguments, bool interleaved, options o = rotary(0), float theta = 10000) {
  test_case c{std::move(arguments), [=](auto c, auto t, auto, auto s) {
                return hipinfer_rope_theta(c, t[q_out], t[k_out], t[q], t[k], t[positions], t[indptr], t[offsets],
                                           interleaved, theta, &o, s);
              }};
  c.fp32_units = 4;  // as rope, with cosine and sine rounded to fp32
  return c;
}

std::vector<tensor> arguments(dtype d, dtype index, const shape& z, int64_t last = 5000) {
  const auto heads = [&](int64_t h) { return input(d, {z.tokens, h, z.head_dim}, fills::normal()); };
  const bool keys = z.k_heads > 0;
  return {output(d, {z.tokens, z.q_heads, z.head_dim}),
          keys ? output(d, {z.tokens, z.k_heads, z.head_dim}) : none(),
          heads(z.q_heads),
          keys ? heads(z.k_heads) : none(),
          input(index, {z.tokens}, fills::integers(0, last)),
          none(),
          none()};
}

// Requests of 3, 0, 1 and 5 tokens, two tokens before the first and one after the last.
std::vector<tensor> ragged(dtype d, dtype index, const shape& z) {
  auto a = arguments(d, index, {12, z.q_heads, z.k_heads, z.head_dim, z.rotary});
  a[positions] = none();
  a[indptr] = input(index, {5}, fills::values({2, 5, 5, 6, 11}));
  a[offsets] = input(index, {4}, fills::values({7, 100, 0, 131000}));
  return a;
}

}  // namespace

TEST(rope_theta, heads_and_dimensions) {
  for (const dtype d : float_types) {
    for (const bool interleaved : {false, true}) {
      for (const shape& z : {shape{3, 8, 2, 128, 0},
                             {2, 7, 1, 64, 32},
                             {5, 5, 5, 80, 0},
                             {1, 1, 1, 2, 0},
                             {4, 3, 2, 7, 6},
                             {2, 2, 1, 512, 0},
                             {2, 2, 1, 600, 16},
                             {2, 6, 0, 96, 0},
                             {2, 0, 3, 16, 0}}) {
        for (const dtype index : {dtype::i32, dtype::i64}) {
          run(op, rope(arguments(d, index, z), interleaved, rotary(z.rotary)));
          run(op, rope(ragged(d, index, z), interleaved, rotary(z.rotary), 500000));
        }
      }
    }
  }
  run(op, rope(arguments(dtype::bf16, dtype::i32, {3000, 2, 1, 32, 0}), false));  // several tokens a block
  run(op, rope(arguments(dtype::bf16, dtype::i32, {0, 2, 1, 64, 0}), false));
  run(op, rope(arguments(dtype::bf16, dtype::i32, {3, 0, 0, 64, 0}), false));
}

TEST(rope_theta, in_place_and_strided) {
  for (const dtype d : float_types) {
    for (const bool interleaved : {false, true}) {
      for (const shape& z : {shape{5, 8, 2, 128, 64}, {3, 7, 1, 64, 0}, {2, 3, 3, 10, 4}}) {
        for (const int64_t gap : {0, 1, 8}) {
          const auto all = arguments(d, dtype::i64, z);
          const auto both = [&](tensor t) {
            t.use = role::inout;
            return t.with_gap(gap);
          };
          test_case c{{both(all[q]), both(all[k]), all[positions]}, [=](auto h, auto t, auto, auto s) {
                        const options o = rotary(z.rotary);
                        return hipinfer_rope_theta(h, t[0], t[1], t[0], t[1], t[2], nullptr, nullptr, interleaved,
                                                   10000, &o, s);
                      }};
          run(op, c);
        }
        auto strided = arguments(d, dtype::i32, z);
        strided[q_out].with_gap(3);
        strided[k_out].starting_at(1);
        strided[q].with_gap(16);
        run(op, rope(strided, interleaved, rotary(z.rotary)));
      }
    }
  }
}

TEST(rope_theta, what_is_no_position_becomes_nan) {
  for (const dtype d : float_types) {
    for (const bool pairs : {false, true}) {
      auto a = pairs ? ragged(d, dtype::i32, {12, 3, 2, 72, 64}) : arguments(d, dtype::i64, {12, 3, 2, 72, 64});
      if (!pairs) {
        a[positions] =
            input(dtype::i64, {12}, fills::values({-1, -9e15, 0, 1, 2, 3, 4, 5, 6, 7, 1e6, 1099511627776.0}));
      }
      auto c = rope(a, false, rotary(64));
      run(op, c);
      c.judge = [](const result& r) {
        for (int64_t i = 0; i < r.arguments[q_out].elements(); ++i) {
          const int64_t token = i / (3 * 72);
          ASSERT_EQ(std::isnan(r.got[q_out][i]), token < 2 || token == 11) << r.where << ": element " << i;
        }
      };
      run(op, c);
    }
  }
  auto nobody = ragged(dtype::f32, dtype::i32, {12, 1, 1, 8, 0});
  nobody[indptr] = input(dtype::i32, {1}, fills::constant(0));
  nobody[offsets] = input(dtype::i32, {0}, fills::constant(0));
  run(op, rope(nobody, false));
}

// With offsets that are not in order a token may be taken for any request's, but for the same one on every device.
TEST(rope_theta, broken_requests) {
  auto a = ragged(dtype::f32, dtype::i64, {12, 1, 1, 8, 0});
  a[indptr] = input(dtype::i64, {5}, fills::values({0, 9, 3, 11, 12}));
  run(op, rope(a, false));
  a[indptr] = input(dtype::i64, {5}, fills::values({-0x1p62, 1, 9, 3, 0x1p62}));
  a[offsets] = input(dtype::i64, {4}, fills::values({0x1p62, -0x1p62, 5, 6}));
  run(op, rope(a, false));
}

// The angles are those of rope_cos_sin_cache, whose own test holds them against a second computation.
TEST(rope_theta, angles_of_rope_cos_sin_cache) {
  constexpr int64_t r = 64;
  for (const int32_t scaling : {HIPINFER_ROPE_SCALING_NONE, HIPINFER_ROPE_SCALING_LINEAR, HIPINFER_ROPE_SCALING_LLAMA31,
                                HIPINFER_ROPE_SCALING_YARN}) {
    options o = rotary(0);
    o.scaling = scaling;
    o.factor = 6;
    o.original_context = 2000;
    hipinfer_rope_cos_sin_cache_options same{};
    same.struct_size = sizeof same;
    same.scaling = scaling;
    same.factor = 6;
    same.original_context = 2000;
    std::vector<float> table(3000 * r);
    const int64_t table_shape[] = {3000, r};
    const hipinfer_tensor t{table.data(), {HIPINFER_DEVICE_CPU, 0}, 2, abi_dtype(dtype::f32), table_shape, nullptr, 0};
    ASSERT_EQ(hipinfer_rope_cos_sin_cache(cpu_context(), &t, 500000, &same, nullptr), HIPINFER_STATUS_OK);
    auto a = arguments(dtype::f32, dtype::i32, {40, 1, 0, r, 0}, 2999);
    a[q] = input(dtype::f32, {40, 1, r}, [](int64_t i, generator&) { return i % r < r / 2 ? 1.0 : 0.0; });
    auto c = rope(a, false, o, 500000);
    c.judge = [&](const result& result) {
      for (int64_t i = 0; i < 40 * r; ++i) {
        const auto row = static_cast<int64_t>(result.arguments[positions].contents[i / r]);
        ASSERT_NEAR(result.got[q_out][i], table[row * r + i % r], 1.3e-7) << result.where << ": " << i;
      }
    };
    run(op, c);
  }
}

TEST(rope_theta, refuses) {
  contract(op, rope(arguments(dtype::bf16, dtype::i64, {3, 4, 2, 64, 0}), false));
  contract(op, rope(ragged(dtype::f16, dtype::i32, {12, 4, 2, 64, 0}), true));
  const shape z{3, 4, 2, 64, 0};
  const auto base = [&] { return arguments(dtype::f32, dtype::i32, z); };
  for (const int32_t r : {3, 66}) {
    refused(op, rope(base(), false, rotary(r)), HIPINFER_STATUS_INVALID_SHAPE, "rotary_dim");
  }
  refused(op, rope(arguments(dtype::f32, dtype::i32, {3, 4, 2, 514, 0}), false), HIPINFER_STATUS_INVALID_SHAPE,
          "rotary_dim");
  const auto without = [&](std::vector<tensor> a, int which, hipinfer_status status, const char* text) {
    a[which] = none();
    refused(op, rope(std::move(a), false), status, text);
  };
  without(base(), k, HIPINFER_STATUS_NULL_POINTER, "rope_theta: k: ");
  without(base(), k_out, HIPINFER_STATUS_NULL_POINTER, "rope_theta: k_out: ");
  without(base(), positions, HIPINFER_STATUS_NULL_POINTER, "rope_theta: positions: ");
  const auto requests = [&] { return ragged(dtype::f32, dtype::i32, z); };
  without(requests(), indptr, HIPINFER_STATUS_NULL_POINTER, "rope_theta: indptr: ");
  without(requests(), offsets, HIPINFER_STATUS_NULL_POINTER, "rope_theta: offsets: ");
  auto both = requests();
  both[positions] = input(dtype::i32, {12}, fills::constant(0));
  refused(op, rope(both, false), HIPINFER_STATUS_INVALID_ARGUMENT, "positions");
  options o = rotary(0);
  o.scaling = HIPINFER_ROPE_SCALING_YARN;
  o.beta_fast = 1;
  refused(op, rope(base(), false, o), HIPINFER_STATUS_INVALID_ARGUMENT, "beta_fast");
}
