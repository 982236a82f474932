// SPDX-License-Identifier: Apache-2.0
#include "gen/token_logprobs.api.h"
#include "tests/check/edges.h"

using namespace check;

namespace {

struct wanted {
  int64_t top = 0;
  bool ranks = true, logprobs = true, indices = true;  // of `top`, the last two
  float temperature = 1;
  tensor temperatures = none();
};

test_case token_logprobs(tensor logits, tensor tokens, const wanted& w) {
  const int64_t rows = logits.shape[0];
  const bool top = w.top > 0;
  test_case c{{output(dtype::f32, {rows}), w.ranks ? output(dtype::i32, {rows}) : none(),
               top && w.logprobs ? output(dtype::f32, {rows, w.top}) : none(),
               top && w.indices ? output(dtype::i32, {rows, w.top}) : none(), std::move(logits), std::move(tokens),
               w.temperatures},
              [temperature = w.temperature](auto h, auto t, auto, auto s) {
                return hipinfer_token_logprobs(h, t[0], t[1], t[2], t[3], t[4], t[5], t[6], temperature, s);
              }};
  // A relative error of the sum is an absolute one of its logarithm.
  c.floor = 1;
  c.fp32_units = 8;
  return c;
}
void on(tensor logits, const wanted& w, dtype index = dtype::i32) {
  const int64_t rows = logits.shape[0], n = logits.shape[1];
  run("token_logprobs", token_logprobs(std::move(logits), input(index, {rows}, fills::integers(0, n - 1)), w));
}

}  // namespace

TEST(token_logprobs, lengths) {
  for (const dtype d : float_types) {
    for (const int64_t n : {1, 2, 31, 64, 1023, 3073, 4099}) {
      if (quick() && d == dtype::f16 && n > 64) continue;
      for (const int64_t top : {0, 1, 5, 64, 700}) {
        if (top <= n) on(input(d, {3, n}, fills::normal(4)), {.top = top}, top == 1 ? dtype::i64 : dtype::i32);
      }
    }
    on(input(d, {1, quick() ? 9000 : 128256}, fills::normal(4)), {.top = 20, .temperature = 0.7f});
    on(input(d, {1, quick() ? 9000 : 128256}, fills::normal(0.01)), {.top = 20});
    on(input(d, {0, 8}, fills::normal()), {.top = 3});
    on(input(d, {2, 9}, fills::normal()), {.ranks = false});
    on(input(d, {2, 9}, fills::normal()), {.top = 9, .ranks = false, .indices = false});
    on(input(d, {2, 9}, fills::normal()), {.top = 9, .logprobs = false});
  }
}

TEST(token_logprobs, edges) {
  for (const dtype d : float_types) {
    for (const int64_t n : edge_lengths("token_logprobs", "V")) {
      if (quick() && (d != dtype::bf16 || n < 500) && n % 1024 != 0) continue;
      const auto places = edge_places("token_logprobs", "V", n);
      on(spiked(d, places, n, 12, fills::normal()), {.top = 1});
      on(spiked(d, places, n, -9, fills::constant(-INFINITY)), {.top = std::min<int64_t>(n, 3)});
    }
  }
  for (const int64_t k : edge_lengths("token_logprobs", "N")) {
    if (k <= 3072) on(input(dtype::f32, {1, k + 5}, fills::normal()), {.top = k});
  }
}

TEST(token_logprobs, temperatures) {
  for (const dtype d : float_types) {
    for (const float temperature : {0.0f, 1e-37f, 1e-3f, 0.7f, 5.0f, 1e6f, 3.3e38f}) {
      on(input(d, {3, 96}, fills::normal(4)), {.top = 4, .temperature = temperature});
    }
    for (const int64_t n : {96, 5000}) {
      const std::vector<double> each = {0, 1, 0.5, 2, -1, INFINITY, NAN, -0.0};
      on(input(d, {8, n}, fills::normal(4)), {.top = 3, .temperatures = input(dtype::f32, {8}, fills::values(each))});
    }
  }
}

TEST(token_logprobs, ties_and_values_that_are_none) {
  for (const dtype d : float_types) {
    for (const auto& values : {std::vector<double>{1},
                               {2, 1, 1, 1, 0},
                               {-1, 0, -0.0},
                               {NAN},
                               {-INFINITY},
                               {NAN, -INFINITY},
                               {-INFINITY, NAN, 1},
                               {INFINITY, NAN, 7, INFINITY, -INFINITY}}) {
      for (const int64_t n : {7, 1000, 5000}) {
        if (quick() && n == 1000 && d != dtype::f32) continue;
        for (const int64_t top : {5, 400, 1700, 2500}) {
          if (top > n || (quick() && top == 400 && d != dtype::f32)) continue;
          on(input(d, {6, n}, fills::values(values)), {.top = top});
          if (top == 5) on(input(d, {6, n}, fills::values(values)), {.top = top, .temperature = 0});
        }
      }
    }
    for (const int64_t n : {3, 96, 3500}) {
      on(input(d, {4, n}, fills::hostile(d, true)), {.top = n / 2 + 1});
      on(input(d, {4, n}, fills::hostile(d, false)), {.top = n / 2 + 1, .temperature = 1e3f});
    }
  }
}

// Of two logits that are as far apart as numbers can be the difference is infinite, and its quotient is not.
TEST(token_logprobs, far_apart) {
  on(input(dtype::f32, {5, 40}, fills::values({3e38, -3e38, 0, 1e38})), {.top = 40, .temperature = 1e30f});
  on(input(dtype::bf16, {5, 40}, fills::values({3e38, -3e38, 0, 1e38})), {.top = 40, .temperature = 1e30f});
}

TEST(token_logprobs, tokens_that_are_none) {
  for (const dtype index : {dtype::i32, dtype::i64}) {
    std::vector<double> tokens = {-1, 9, 0, 8, 10, 2147483647, -2147483648.0};
    if (index == dtype::i64) tokens.insert(tokens.end(), {4294967296.0, -4294967296.0 + 3});
    const int64_t rows = static_cast<int64_t>(tokens.size());
    run("token_logprobs", token_logprobs(input(dtype::f16, {rows, 9}, fills::normal()),
                                         input(index, {rows}, fills::values(tokens)), {.top = 2}));
  }
}

TEST(token_logprobs, strided_and_unaligned) {
  for (const dtype d : float_types) {
    for (const int64_t n : {5, 64, 1003, 4001}) {
      on(input(d, {4, n}, fills::normal()).with_gap(5), {.top = 4});
      auto c = token_logprobs(input(d, {4, n}, fills::normal()).starting_at(1),
                              input(dtype::i64, {4}, fills::integers(0, n - 1)).starting_at(1), {.top = 4});
      c.arguments[2].with_gap(3);
      c.arguments[3].with_gap(2);
      run("token_logprobs", c);
    }
  }
}

TEST(token_logprobs, more_rows_than_blocks) {
  const int64_t rows = quick() ? 700 : 3000;
  on(input(dtype::bf16, {rows, 40}, fills::normal()), {.top = 2});
}

TEST(token_logprobs, refuses) {
  const auto valid = [](int64_t n, wanted w) {
    return token_logprobs(input(dtype::f16, {3, n}, fills::normal()), input(dtype::i32, {3}, fills::constant(0)), w);
  };
  contract("token_logprobs", valid(64, {.top = 5, .temperatures = input(dtype::f32, {3}, fills::constant(1))}));
  refused("token_logprobs", valid(8, {.top = 9}), HIPINFER_STATUS_INVALID_SHAPE, "9 tokens");
  refused("token_logprobs", valid(0, {}), HIPINFER_STATUS_INVALID_SHAPE, "length 0");
  refused("token_logprobs", valid(4000, {.top = 3073}), HIPINFER_STATUS_UNSUPPORTED, "3073 tokens");
  for (const float temperature : {-1.0f, NAN, INFINITY}) {
    refused("token_logprobs", valid(8, {.temperature = temperature}), HIPINFER_STATUS_INVALID_ARGUMENT, "temperature");
  }
}
