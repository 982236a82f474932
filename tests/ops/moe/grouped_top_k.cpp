// SPDX-License-Identifier: Apache-2.0
#include "gen/grouped_top_k.api.h"
#include "tests/check/edges.h"

using namespace check;

namespace {

struct routing {
  int64_t chosen = 8;
  int32_t groups = 1, top_groups = 1;
  dtype weights = dtype::f32, indices = dtype::i32;
  float scaling = 2.5f;
  bool renormalize = true;
};

test_case grouped_top_k(tensor logits, tensor bias, const routing& r) {
  const int64_t rows = logits.shape[0];
  test_case c{
      {output(r.weights, {rows, r.chosen}), output(r.indices, {rows, r.chosen}), std::move(logits), std::move(bias)},
      [r](auto h, auto t, auto, auto s) {
        return hipinfer_grouped_top_k(h, t[0], t[1], t[2], t[3], r.groups, r.top_groups, r.scaling, r.renormalize, s);
      }};
  c.scale = error_scale::value;
  return c;
}
void on(tensor logits, tensor bias, const routing& r) {
  run("grouped_top_k", grouped_top_k(std::move(logits), std::move(bias), r));
}

// Logits and biases on grids: what fp32 is to order is equal or differs clearly. No two logits add up to 0, for sums of the
// sigmoids of such would be equal but for rounding.
tensor grid(dtype d, std::vector<int64_t> shape) {
  return input(d, std::move(shape), [d](int64_t, generator& g) {
    return round_to(d, std::uniform_int_distribution<int>(-14, 14)(g) / 4.0 + 0.1);
  });
}
tensor bias_grid(dtype d, int64_t n) {
  return input(d, {n}, [](int64_t, generator& g) { return std::uniform_int_distribution<int>(-12, 12)(g) / 16.0; });
}

}  // namespace

TEST(grouped_top_k, experts_and_groups) {
  for (const dtype d : float_types) {
    for (const dtype out : {d, dtype::f32}) {
      for (const dtype b : {d, dtype::f32}) {
        on(grid(d, {5, 256}), bias_grid(b, 256), {.groups = 8, .top_groups = 4, .weights = out});
        on(grid(d, {3, 60}), bias_grid(b, 60), {.chosen = 6, .groups = 12, .top_groups = 2, .weights = out});
      }
      on(grid(d, {5, 384}), none(), {.weights = out, .indices = dtype::i64});
    }
    for (const int32_t groups : {1, 2, 3, 6, 48, 96}) {
      for (const int32_t top : {1, 2, 5}) {
        if (top > groups) continue;
        const int64_t chosen = std::min<int64_t>(8, 96 / groups * top);
        on(grid(d, {4, 96}), bias_grid(d, 96), {.chosen = chosen, .groups = groups, .top_groups = top});
      }
    }
    on(grid(d, {1, 1}), none(), {.chosen = 1});
    on(grid(d, {2, 1024}), none(), {.chosen = 1024});
    on(grid(d, {2, 1024}), bias_grid(d, 1024), {.chosen = 70, .groups = 128, .top_groups = 9});
    on(grid(d, {0, 64}), none(), {});
  }
}

TEST(grouped_top_k, edges) {
  for (const int64_t n : edge_lengths("grouped_top_k", "E")) {
    const auto places = edge_places("grouped_top_k", "E", n);
    on(spiked(dtype::f32, places, n, 4, fills::constant(-2)), none(), {.chosen = 1, .renormalize = false});
    for (const int64_t k : edge_lengths("grouped_top_k", "K")) {
      if (k <= n) on(grid(dtype::f32, {3, n}), none(), {.chosen = k});
    }
  }
}

TEST(grouped_top_k, weights) {
  for (const float scaling : {1.0f, 0.0f, -3.0f, 1e30f}) {
    for (const bool renormalize : {true, false}) {
      on(grid(dtype::bf16, {4, 64}), bias_grid(dtype::f32, 64),
         {.groups = 4, .top_groups = 2, .scaling = scaling, .renormalize = renormalize});
    }
  }
}

TEST(grouped_top_k, ties_and_values_that_are_none) {
  for (const dtype d : float_types) {
    for (const auto& values : {std::vector<double>{1},
                               {2, 1, 1, 1, 0.25},
                               {NAN},
                               {-INFINITY},
                               {INFINITY},
                               {NAN, -INFINITY},
                               {-INFINITY, NAN, 1},
                               {INFINITY, NAN, 7, INFINITY, -INFINITY},
                               {60000, -60000, 0.5}}) {
      for (const int32_t groups : {1, 4}) {
        const routing r{.chosen = 12, .groups = groups, .top_groups = (groups + 1) / 2};
        on(input(d, {7, 52}, fills::values(values)), none(), r);
        on(input(d, {7, 52}, fills::values(values)), bias_grid(d, 52), r);
        on(input(d, {7, 52}, fills::values(values)),
           input(d, {52}, fills::values({0.5, INFINITY, -1, NAN, -INFINITY, 0.25, 0})), r);
      }
    }
  }
}

TEST(grouped_top_k, strided_and_unaligned) {
  for (const dtype d : float_types) {
    test_case c = grouped_top_k(grid(d, {5, 64}).starting_at(1).with_gap(3), bias_grid(d, 64).starting_at(1),
                                {.groups = 4, .top_groups = 2, .weights = d});
    c.arguments[0].with_gap(1);
    c.arguments[1].with_gap(2);
    run("grouped_top_k", c);
  }
}

// A launch has at most 2^20 blocks of two tokens or more.
TEST(grouped_top_k, more_tokens_than_blocks) {
  const int64_t rows = quick() ? 3001 : (1 << 21) + 5;
  on(input(dtype::bf16, {rows, 4}, fills::values({1, 0, 2, -1, 3, 0.5, -2})), none(), {.chosen = 1});
}

TEST(grouped_top_k, refuses) {
  const auto with = [](int64_t experts, const routing& r) {
    return grouped_top_k(grid(dtype::f16, {3, experts}), bias_grid(dtype::f16, experts), r);
  };
  contract("grouped_top_k", with(64, {.groups = 4, .top_groups = 2, .weights = dtype::f16}));
  const auto refuse = [&](int64_t experts, const routing& r, hipinfer_status status, const char* text) {
    refused("grouped_top_k", with(experts, r), status, text);
  };
  refuse(0, {}, HIPINFER_STATUS_INVALID_SHAPE, "no experts");
  refuse(1025, {}, HIPINFER_STATUS_UNSUPPORTED, "1025 experts");
  refuse(64, {.groups = 3}, HIPINFER_STATUS_INVALID_SHAPE, "divisor of 64");
  refuse(64, {.groups = 4, .top_groups = 5}, HIPINFER_STATUS_INVALID_ARGUMENT, "at most 4");
  refuse(64, {.chosen = 0}, HIPINFER_STATUS_INVALID_SHAPE, "0 experts of a token");
  refuse(64, {.chosen = 17, .groups = 4}, HIPINFER_STATUS_INVALID_SHAPE, "17 experts of a token");
  refuse(64, {.groups = 0}, HIPINFER_STATUS_INVALID_ARGUMENT, "groups");
}
