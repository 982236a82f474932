// SPDX-License-Identifier: Apache-2.0
#include <cmath>

#include "gen/rope.api.h"
#include "gen/rope_quantize_fp8.api.h"
#include "tests/check/quantised.h"

using namespace check;

namespace {

constexpr const char* op = "rope_quantize_fp8";
enum { q_rope_out, k_rope_out, q_nope_out, k_nope_out, q_rope, k_rope, q_nope, k_nope, cos_sin, positions };

struct shape {
  int64_t tokens, q_heads, k_heads, rotary, other;  // k_heads 0: two dimensions
};

fill angles(int64_t width) {
  return [width](int64_t i, generator&) {
    const int64_t position = i / width, column = i % width, half = width / 2;
    const double angle = static_cast<double>(position + 1) * std::pow(0.9, static_cast<double>(column % half));
    return column < half ? std::cos(angle) : std::sin(angle);
  };
}

std::vector<tensor> arguments(dtype d, dtype to, dtype index, const shape& z) {
  const auto keys = [&](int64_t n) {
    return z.k_heads == 0 ? std::vector<int64_t>{z.tokens, n} : std::vector<int64_t>{z.tokens, z.k_heads, n};
  };
  const auto queries = [&](int64_t n) { return std::vector<int64_t>{z.tokens, z.q_heads, n}; };
  const bool other = z.other > 0;
  return {output(to, queries(z.rotary)),
          output(to, keys(z.rotary)),
          other ? output(to, queries(z.other)) : none(),
          other ? output(to, keys(z.other)) : none(),
          input(d, queries(z.rotary), fills::normal(3)),
          input(d, keys(z.rotary), fills::normal(3)),
          other ? input(d, queries(z.other), fills::hostile(d, true)) : none(),
          other ? input(d, keys(z.other), fills::hostile(d, true)) : none(),
          input(dtype::f32, {50, z.rotary}, angles(z.rotary)),
          input(index, {z.tokens}, fills::integers(0, 49))};
}

// What an output is the rounding of: the rotation in double, or the input itself, times its factor.
std::vector<double> values(const std::vector<tensor>& a, int from, bool interleaved, double factor) {
  std::vector<double> out = a[from].contents;
  if (from == q_rope || from == k_rope) {
    tensor x = a[from];
    if (x.shape.size() == 2) x = input(x.type, {x.shape[0], 1, x.shape[1]}, fills::values(x.contents));
    out = in_double({{output(x.type, x.shape), x, a[cos_sin], a[positions]}, [=](auto c, auto t, auto, auto s) {
                       return hipinfer_rope(c, t[0], nullptr, t[1], nullptr, t[2], t[3], interleaved, s);
                     }})[0];
  }
  for (double& v : out) v *= factor;
  return out;
}

test_case quantise(std::vector<tensor> a, bool interleaved, float q_factor = 1, float k_factor = 1) {
  test_case c{std::move(a), [=](auto h, auto t, auto, auto s) {
                return hipinfer_rope_quantize_fp8(h, t[q_rope_out], t[k_rope_out], t[q_nope_out], t[k_nope_out],
                                                  t[q_rope], t[k_rope], t[q_nope], t[k_nope], t[cos_sin], t[positions],
                                                  interleaved, q_factor, k_factor, s);
              }};
  // Two products, their sum and the factor, of elements of the row; without rotary parts a product.
  c.fp32_units = c.arguments[q_rope].shape.back() == 0 ? 1 : 8;
  c.scale = c.arguments[q_rope].shape.back() == 0 ? error_scale::value : error_scale::row;
  c.before_rounding = [=](const std::vector<tensor>& a, std::vector<std::vector<double>>& expected) {
    for (const auto& [to, from] :
         {std::pair{q_rope_out, q_rope}, {k_rope_out, k_rope}, {q_nope_out, q_nope}, {k_nope_out, k_nope}}) {
      const bool query = from == q_rope || from == q_nope;
      if (a[to].use != role::none) expected[to] = values(a, from, interleaved, query ? q_factor : k_factor);
    }
  };
  return c;
}

}  // namespace

TEST(rope_quantize_fp8, enough_for_several_heads_a_thread) {
  const int64_t tokens = tokens_for_device(4000);
  for (const bool interleaved : {false, true}) {
    auto a = arguments(dtype::bf16, dtype::e4m3fn, dtype::i32, {tokens, 17, 6, 32, 40});
    a[positions] = input(dtype::i32, {tokens}, fills::integers(-2, 50));
    run(op, quantise(a, interleaved, 0.37f, 21));
  }
}

TEST(rope_quantize_fp8, shapes) {
  for (const dtype d : float_types) {
    for (const dtype to : fp8_types) {
      for (const bool interleaved : {false, true}) {
        for (const shape& z : {shape{2, 5, 0, 64, 512},
                               {5, 8, 2, 64, 64},
                               {4, 3, 3, 128, 0},
                               {2, 2, 1, 6, 5},
                               {3, 1, 0, 80, 12},
                               {0, 2, 1, 64, 64},
                               {2, 3, 1, 0, 24}}) {
          run(op, quantise(arguments(d, to, interleaved ? dtype::i32 : dtype::i64, z), interleaved, 0.37f, 21));
        }
      }
    }
  }
}

TEST(rope_quantize_fp8, parts_of_one_head) {
  for (const dtype d : float_types) {
    for (const bool interleaved : {false, true}) {
      auto a = arguments(d, dtype::e4m3fn, dtype::i32, {5, 4, 2, 64, 128});
      a[q_rope].strided({4 * 192, 192, 1});
      a[q_nope].strided({4 * 192, 192, 1});
      a[q_rope_out].strided({4 * 192, 192, 1});
      a[k_rope_out].with_gap(64);
      a[k_rope].with_gap(8);
      run(op, quantise(a, interleaved));
      a[q_rope_out].with_gap(1);
      a[k_nope].starting_at(1);
      run(op, quantise(a, interleaved, 2, 0.5f));
      a[q_nope] = a[q_nope_out] = none();
      run(op, quantise(a, interleaved));
    }
  }
}

TEST(rope_quantize_fp8, positions_out_of_range) {
  for (const dtype to : fp8_types) {
    auto a = arguments(dtype::bf16, to, dtype::i32, {7, 3, 2, 64, 32});
    a[positions] = input(dtype::i32, {7}, fills::values({0, -1, 49, 50, 3, -2147483648.0, 2147483647.0}));
    run(op, quantise(a, false));
    auto c = quantise(a, true);
    c.judge = [](const result& r) {
      for (int64_t i = 0; i < r.arguments[q_rope_out].elements(); ++i) {
        const int64_t token = i / (3 * 64);
        ASSERT_EQ(std::isnan(r.got[q_rope_out][i]), token % 2 == 1 || token == 6) << r.where << ": element " << i;
      }
    };
    run(op, c);
  }
}

TEST(rope_quantize_fp8, refuses) {
  contract(op, quantise(arguments(dtype::bf16, dtype::e4m3fn, dtype::i64, {3, 4, 2, 64, 32}), false));
  contract(op, quantise(arguments(dtype::f16, dtype::e5m2fnuz, dtype::i32, {3, 4, 0, 64, 32}), true));
  const auto base = [] { return arguments(dtype::f32, dtype::e4m3fn, dtype::i32, {3, 4, 2, 64, 32}); };
  refused(op, quantise(arguments(dtype::f32, dtype::e4m3fn, dtype::i32, {3, 4, 2, 5, 32}), false),
          HIPINFER_STATUS_INVALID_SHAPE, "cos_sin");
  for (const auto& [missing, name] : {std::pair{q_nope, "q_nope"}, std::pair{q_nope_out, "q_nope_out"},
                                      std::pair{k_nope, "k_nope"}, std::pair{k_nope_out, "k_nope_out"}}) {
    auto a = base();
    a[missing] = none();
    refused(op, quantise(a, false), HIPINFER_STATUS_NULL_POINTER, name);
  }
}
