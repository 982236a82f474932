// SPDX-License-Identifier: Apache-2.0
#include "gen/paged_attention_decode.api.h"
#include "tests/check/buffers.h"
#include "tests/check/edges.h"
#include "tests/ops/attention/prefill_cases.h"

using namespace check;

namespace {

void run(const test_case& c) {
  check::run("paged_attention_prefill", c);
}

}  // namespace

TEST(paged_attention_prefill, head_dims) {
  for (const dtype d : float_types) {
    for (const int64_t dim : {8, 40, 64, 72, 80, 96, 104, 112, 128, 136, 192, 200, 256}) {
      // What lies between the kernels' widths is no matter of the dtype: bf16 and f32 show it.
      if (!quick() || d != dtype::f16 || dim % 32 == 0) run(prefill(ragged, {.type = d, .dim = dim}));
    }
  }
}

TEST(paged_attention_prefill, groups) {
  for (const dtype d : float_types) {
    for (const int64_t group : {1, 2, 3, 4, 5, 7, 8, 16}) {
      if (quick() && d == dtype::f16 && group > 3) continue;  // as bf16
      run(prefill({{11, 30}, {0, 3}, {14, 14}}, {.type = d, .group = group, .heads = 2}));
    }
    // More heads than rows in a tile: a token's heads are in two.
    for (const int64_t group : {67, 131}) run(prefill({{2, 3}, {1, 70}}, {.type = d, .group = group}));
  }
}

TEST(paged_attention_prefill, masks) {
  for (const dtype d : float_types) {
    for (const bool causal : {false, true}) {
      for (const bool lse : {false, true}) run(prefill(ragged, {.type = d, .causal = causal, .lse = lse}));
      run(prefill({{100, 30}, {3, 200}}, {.type = d, .dim = 128, .causal = causal}));
    }
  }
}

TEST(paged_attention_prefill, pages_and_layouts) {
  for (const dtype d : float_types) {
    for (const int64_t page_size : {1, 3, 16, 70}) {
      if (quick() && d == dtype::f16 && page_size != 3) continue;  // as bf16
      for (const cache_layout layout :
           {cache_layout::nhd, cache_layout::hnd, cache_layout::combined, cache_layout::unaligned}) {
        for (const int64_t dim : {64, 128, 256}) {
          if (dim != 64 && d != dtype::bf16) continue;
          run(prefill({{3, 150}, {0, 0}, {4, 4}},
                      {.type = d, .group = 1, .heads = 2, .dim = dim, .page_size = page_size, .layout = layout}));
        }
      }
    }
  }
}

TEST(paged_attention_prefill, keys_side_by_side) {
  for (const dtype d : float_types) {
    for (const cache_layout layout : {cache_layout::nhd, cache_layout::hnd, cache_layout::unaligned}) {
      if (d != dtype::bf16 && layout != cache_layout::nhd) continue;
      run(prefill(ragged, {.type = d, .layout = layout, .side_by_side = true}));
      run(prefill(
          {{33, 90}, {0, 0}, {4, 4}},
          {.type = d, .heads = 2, .dim = 200, .layout = layout, .scores = {.window = 20}, .side_by_side = true}));
    }
    run(prefill({{2, 0}, {0, 0}}, {.type = d, .side_by_side = true}));
    // Infinite values that some tokens of a tile do not see.
    const fill values = [](int64_t i, generator& g) {
      return i % 1009 == 17 ? INFINITY : std::normal_distribution<double>()(g);
    };
    run(prefill({{3, 70}, {60, 66}}, {.type = d, .values = values, .side_by_side = true}));
  }
}

TEST(paged_attention_prefill, long_prompts) {
  run(prefill({{300, 300}}, {.type = dtype::bf16, .dim = 128}));
  run(prefill({{40, 700}, {1, 300}}, {.type = dtype::f16, .group = 4, .dim = 128, .page_size = 1, .causal = false}));
}

TEST(paged_attention_prefill, strided) {
  for (const dtype d : float_types) {
    auto c = prefill({{20, 33}, {9, 9}}, {.type = d, .group = 3, .dim = 128});
    c.arguments[0].with_gap(3).starting_at(5);
    c.arguments[1].strided({11, 1}).starting_at(1);
    c.arguments[2].with_gap(8);
    run(c);
  }
}

TEST(paged_attention_prefill, tokens_of_no_request) {
  for (const dtype d : float_types) {
    run(prefill({{5, 9}, {0, 0}, {70, 70}}, {.type = d, .before = 3, .after = 70}));
    run(prefill({{0, 9}, {0, 0}}, {.type = d, .before = 2, .after = 1}));
    run(prefill({}, {.type = d, .after = 4}));
    run(prefill({{0, 5}}, {.type = d}));
  }
}

// Gives key j of every request the score of(request, j) for queries of 64 / D; exact in all dtypes up to 255.
static test_case scored(const requests& batch, settings s, const std::function<double(size_t, int64_t)>& of) {
  s.queries = fills::constant(64.0 / static_cast<double>(s.dim));
  s.sm_scale = 0.125f;  // 64 / D * D * score * 0.125: eight for a unit
  auto c = prefill(batch, s);
  std::vector<double>&indices = c.arguments[7].contents, &indptr = c.arguments[6].contents;
  for (size_t b = 0; b < batch.size(); ++b) {
    for (int64_t j = 0; j < batch[b].keys; ++j) {
      const auto page = static_cast<int64_t>(indices[static_cast<size_t>(indptr[b]) + j / s.page_size]);
      std::fill_n(c.arguments[3].contents.begin() + (page * s.page_size + j % s.page_size) * s.heads * s.dim,
                  s.heads * s.dim, of(b, j));
    }
  }
  return c;
}

TEST(paged_attention_prefill, edges) {
  const char* op = "paged_attention_prefill";
  for (const dtype d : float_types) {
    for (const int64_t dim : {64, 128, 256, 8}) {
      for (const int64_t n : edge_lengths(op, "keys")) {
        if (d != dtype::bf16 && (dim != 64 || n % 64 > 1)) continue;
        if (n > (dim == 64 ? n : dim == 256 ? 65 : 129)) continue;  // two tiles of each kernel
        // The same kernels take narrow heads and those of 64, which have every edge.
        if (quick() && dim == 8 && n % 64 > 1) continue;
        const settings s{.type = d, .group = 1, .dim = dim};
        // Every key outweighs those before it: a token gives the value of the last key that it sees.
        run(scored({{n, n}, {3, n}}, s, [](size_t, int64_t j) { return static_cast<double>(j % 256); }));
        // The only key of any weight, at a place of each request; all tokens see it.
        const auto places = edge_places(op, "keys", n);
        settings all = s;
        all.causal = false;
        run(scored(requests(places.size(), {2, n}), all,
                   [&](size_t b, int64_t j) { return j == places[b] ? 8.0 : 0.0; }));
      }
      for (const int64_t tokens : edge_lengths(op, "tokens")) {
        if (d == dtype::bf16) run(prefill({{tokens, 40}, {2, 5}}, {.type = d, .group = 1, .dim = dim}));
      }
    }
  }
}

TEST(paged_attention_prefill, scores) {
  for (const dtype d : float_types) {
    const requests batch = {{6, 100}, {70, 70}};
    run(prefill(batch, {.type = d, .sm_scale = 0.3f}));
    // Integers, whose products are exact: scores of several thousand, of which exp alone would overflow.
    run(prefill(batch,
                {.type = d, .sm_scale = 1.0f, .queries = fills::integers(-30, 30), .keys = fills::integers(-8, 8)}));
    run(prefill(batch, {.type = d, .queries = fills::constant(0)}));
    // Every score the same, and huge: the mean of the values.
    run(prefill(batch, {.type = d, .sm_scale = 1.0f, .queries = fills::constant(240), .keys = fills::constant(-240)}));
  }
}

TEST(paged_attention_prefill, non_finite) {
  for (const dtype d : float_types) {
    for (const int64_t dim : {64, 128, 192}) {
      auto c = prefill({{80, 90}, {7, 7}, {4, 4}, {4, 4}, {33, 200}}, {.type = d, .heads = 2, .dim = dim});
      for (double& q : c.arguments[2].contents)
        q = round_to(d, std::fabs(q) + 0.25);  // infinite keys give scores of their sign
      const auto row = [&](int tensor, int64_t b, int64_t key, int64_t head) -> double* {
        const int64_t page =
            static_cast<int64_t>(c.arguments[7].contents[static_cast<size_t>(c.arguments[6].contents[b]) + key / 16]);
        return &c.arguments[tensor].contents[((page * 16 + key % 16) * 2 + head) * dim];
      };
      // Seen by the later tokens only: the earlier ones, in the same tile, must not notice.
      row(3, 0, 60, 0)[5] = NAN;
      row(4, 0, 50, 1)[7] = NAN;
      row(4, 0, 70, 1)[9] = INFINITY;
      row(4, 1, 5, 0)[1] = -INFINITY;
      for (int64_t j = 0; j < 3; ++j) row(3, 2, j, 1)[0] = -INFINITY;  // the first tokens are left with no key: zeros
      row(3, 3, 2, 0)[0] = INFINITY;                                   // NaN from the third token on
      // Seen by all tokens, in a tile without masks, and by the last token alone.
      row(4, 4, 3, 0)[dim - 1] = INFINITY;
      row(4, 4, 199, 1)[dim - 1] = NAN;
      run(c);
    }
  }
}

// Every two options together.
TEST(paged_attention_prefill, pairs_of_options) {
  const std::vector<std::function<void(settings&)>> options = {[](settings& s) { s.scores.cap = 3; },
                                                               [](settings& s) { s.scores.window = 9; },
                                                               [](settings& s) { s.right = 5; },
                                                               [](settings& s) { s.scores.sinks = true; },
                                                               [](settings& s) { s.scores.slopes = true; },
                                                               [](settings& s) { s.seen = 0.4; },
                                                               [](settings& s) { s.causal = true; },
                                                               [](settings& s) {
                                                                 s.scores.cache = dtype::e4m3fnuz;
                                                                 s.scores.k_scales = s.scores.v_scales = 1;
                                                               }};
  for (size_t a = 0; a < options.size(); ++a) {
    for (size_t b = 0; b <= a; ++b) {
      settings s{.type = float_types[(a + b) % 3], .dim = (a + b) % 2 == 0 ? 64 : 128, .causal = false};
      options[a](s);
      options[b](s);
      run(prefill(few, s));
    }
  }
}

// Options at random, for shapes at random: HIPINFER_TEST_SEED replays them.
TEST(paged_attention_prefill, random_options) {
  generator g(seed());
  const auto chance = [&](double p) { return std::bernoulli_distribution(p)(g); };
  const auto number = [&](int64_t low, int64_t high) { return std::uniform_int_distribution<int64_t>(low, high)(g); };
  for (int n = 0; n < (quick() ? 6 : 60); ++n) {
    settings s{
        .type = float_types[number(0, 2)], .group = number(1, 5), .heads = number(1, 2), .dim = 8 * number(1, 32)};
    s.page_size = number(1, 40);
    s.causal = chance(0.5);
    if (chance(0.4)) s.scores.cap = static_cast<float>(number(1, 5));
    if (chance(0.5)) s.scores.window = static_cast<int32_t>(number(1, 90));
    if (chance(0.3)) s.right = static_cast<int32_t>(number(1, 40));
    s.scores.sinks = chance(0.5);
    s.scores.slopes = chance(0.3);
    if (chance(0.3)) s.seen = 0.1 * static_cast<double>(number(0, 10));
    s.wide = chance(0.5);
    s.side_by_side = chance(0.3);
    if (chance(0.3)) s.lacking = number(0, 9);
    if (chance(0.4)) s.scores.cache = fp8_types[number(0, 3)];
    if (s.scores.cache) s.scores.k_scales = number(0, 2), s.scores.v_scales = number(0, 2);
    requests batch;
    for (int64_t b = number(1, 4); b > 0; --b) batch.push_back({number(0, 70), number(0, 160)});
    run(prefill(batch, s));
  }
}

// Windows shorter than a page, that begin and end at the edges of tiles, and of which some tiles show nothing.
TEST(paged_attention_prefill, windows) {
  for (const int64_t dim : {64, 128, 256}) {
    for (const int32_t window : {1, 3, 31, 64, 65, 130}) {
      if (dim != 64 && window != 3 && window != 64) continue;
      const requests batch = {{150, 150}, {3, 300}, {20, 7}};
      run(prefill(batch, {.type = dtype::bf16, .dim = dim, .scores = {.window = window}}));
      run(prefill(batch, {.type = dtype::f32, .dim = dim, .causal = false, .scores = {.window = window}, .right = 2}));
    }
  }
}

TEST(paged_attention_prefill, custom_masks) {
  for (const dtype d : float_types) {
    for (const double seen : {0.0, 0.5, 1.0}) run(prefill(few, {.type = d, .scores = {.sinks = true}, .seen = seen}));
    run(prefill({{130, 70}, {3, 33}}, {.type = d, .group = 3, .dim = 128, .seen = 0.1, .wide = true}));
    // A mask that ends too soon, in the midst of a request, before it, and before all.
    for (const int64_t lacking : {1, 700, 1000}) run(prefill(few, {.type = d, .seen = 0.7, .lacking = lacking}));
  }
}

// Sinks that outweigh all scores, or count for nothing; rows that see no key have theirs alone.
TEST(paged_attention_prefill, sinks) {
  for (const dtype d : float_types) {
    auto c = prefill({{9, 5}, {2, 0}, {30, 40}}, {.type = d, .group = 4, .heads = 2, .scores = {.sinks = true}});
    c.arguments[9].contents = {0, 80, -80, 200, -INFINITY, INFINITY, NAN, 3};
    run(c);
  }
}

// NaN and infinities in keys and values at places of their own, of which each row notices those that it sees.
TEST(paged_attention_prefill, non_finite_where_hidden) {
  for (const dtype d : float_types) {
    for (const int64_t dim : {64, 200}) {
      const fill values = [](int64_t i, generator& g) {
        const double x = std::normal_distribution<double>()(g);
        return i % 4099 == 17 ? NAN : i % 4099 == 1033 ? INFINITY : x;
      };
      const requests batch = {{80, 90}, {4, 30}};
      run(prefill(batch, {.type = d, .dim = dim, .values = values, .scores = {.window = 11}}));
      run(prefill(batch, {.type = d, .dim = dim, .values = values, .seen = 0.1}));
      run(prefill(batch, {.type = d, .dim = dim, .keys = values, .scores = {.window = 5, .sinks = true}}));
      run(prefill(batch, {.type = d, .dim = dim, .values = values, .scores = {.cap = 2, .slopes = true}}));
    }
  }
}

// One token a request is what decode computes, by an implementation of its own.
TEST(paged_attention_prefill, one_token_is_decode) {
  for (const dtype d : float_types) {
    test_case c = prefill({{1, 17}, {1, 0}, {1, 300}, {1, 1}}, {.type = d, .group = 4, .heads = 2, .dim = 128});
    test_case decode = c;
    decode.arguments.erase(decode.arguments.begin() + 5);
    decode.arguments.resize(8);
    decode.call = [](auto c, auto t, auto w, auto s) {
      return hipinfer_paged_attention_decode(c, t[0], t[1], t[2], t[3], t[4], t[5], t[6], t[7], nullptr, w.data,
                                             w.bytes, s);
    };
    decode.workspace_bytes = [](auto c, auto t, size_t* bytes) {
      return hipinfer_paged_attention_decode_workspace_bytes(c, t[0], t[1], t[2], t[3], t[4], t[5], t[6], t[7], nullptr,
                                                             bytes);
    };
    std::vector<std::vector<double>> decoded;
    decode.judge = [&](const result& r) { decoded = r.got; };
    check::run("paged_attention_decode", decode);
    c.judge = [&](const result& r) {
      for (size_t tensor = 0; tensor < 2; ++tensor) {
        ASSERT_EQ(r.got[tensor].size(), decoded[tensor].size());
        for (size_t i = 0; i < decoded[tensor].size(); ++i) {
          const double a = r.got[tensor][i], b = decoded[tensor][i];
          ASSERT_TRUE(a == b ||
                      std::fabs(a - b) <= tolerance_of(r.arguments[tensor].type) * std::max(c.floor, std::fabs(b)))
              << r.where << ": tensor " << tensor << ", element " << i << ": " << a << ", decode gives " << b;
        }
      }
    };
    run(c);
  }
}

TEST(paged_attention_prefill, refuses) {
  contract("paged_attention_prefill", prefill({{5, 30}, {6, 20}}, {.type = dtype::f16, .heads = 2}));
  const auto of = [](int64_t q_heads, int64_t dim, float sm_scale = 0) {
    auto c = prefill({{2, 3}, {1, 4}}, {.type = dtype::f16, .group = 1, .heads = 2, .dim = dim, .sm_scale = sm_scale});
    c.arguments[0] = inout(dtype::f16, {3, q_heads, dim}, fills::normal());
    c.arguments[1] = none();
    c.arguments[2] = input(dtype::f16, {3, q_heads, dim}, fills::normal());
    return c;
  };
  refused("paged_attention_prefill", of(5, 64), HIPINFER_STATUS_INVALID_SHAPE,
          "Hq = 5 heads, expected a multiple of Hk = 2");
  refused("paged_attention_prefill", of(4, 60), HIPINFER_STATUS_UNSUPPORTED, "head dimension 60");
  refused("paged_attention_prefill", of(4, 264), HIPINFER_STATUS_UNSUPPORTED, "head dimension 264");
  refused("paged_attention_prefill", of(4, 0), HIPINFER_STATUS_INVALID_SHAPE, "head dimension is 0");
  const char* op = "paged_attention_prefill";
  contract(op, prefill({{5, 30}, {6, 20}}, {.type = dtype::f16, .heads = 2, .side_by_side = true}));
  const score_options scaled = {.cache = dtype::e5m2, .k_scales = 2, .v_scales = 2};
  contract(op, prefill({{5, 30}, {6, 20}}, {.type = dtype::f16, .heads = 2, .scores = scaled}));
  refused(op, prefill({{2, 3}}, {.scores = {.v_scales = 1}}), HIPINFER_STATUS_INVALID_DTYPE, "v_scale: is given");
  auto without = prefill({{2, 3}, {1, 4}}, {}), with = prefill({{2, 3}, {1, 4}}, {.side_by_side = true});
  for (const int t : {7, 8}) with.arguments[t] = std::exchange(without.arguments[t], none());
  refused(op, without, HIPINFER_STATUS_INVALID_ARGUMENT, "kv_indices: missing: k_cache has pages");
  refused(op, with, HIPINFER_STATUS_INVALID_ARGUMENT, "kv_indices: given, but k_cache has no pages");
  auto alone = prefill({{2, 3}}, {.seen = 0.5});
  const tensor mask = std::exchange(alone.arguments[11], none());
  refused(op, alone, HIPINFER_STATUS_INVALID_ARGUMENT, "mask_indptr: custom_mask and mask_indptr go together");
  alone.arguments[11] = mask;
  alone.arguments[12] = none();
  refused(op, alone, HIPINFER_STATUS_INVALID_ARGUMENT, "custom_mask: custom_mask and mask_indptr go together");
  for (const float bad : {-1.0f, NAN, INFINITY, 1e-31f}) {
    refused("paged_attention_prefill", of(4, 64, bad), HIPINFER_STATUS_INVALID_ARGUMENT, "sm_scale");
  }
}
