// SPDX-License-Identifier: Apache-2.0
#include "tests/check/buffers.h"
#include "tests/check/edges.h"
#include "tests/ops/attention/mla_cases.h"

using namespace check;

namespace {

constexpr const char* op = "paged_mla_attention";

void run(const test_case& c) {
  check::run(op, c);
}

// No tokens; no keys; one of each; more tokens than keys; less than, exactly and more than a tile; a continued prompt.
const mla_requests ragged = {{5, 5}, {0, 17}, {3, 0}, {1, 1}, {7, 2}, {0, 0}, {1, 90}, {9, 64}, {4, 130}, {2, 3}};

// DeepSeek's widths, which have kernels of their own.
mla_settings wide(dtype d, int64_t heads) {
  return {.type = d, .heads = heads, .latent = 512, .rotated = 64};
}

}  // namespace

TEST(paged_mla_attention, widths) {
  for (const dtype d : float_types) {
    for (const auto& [latent, rotated] : std::vector<std::pair<int64_t, int64_t>>{{1, 1},
                                                                                  {8, 0},
                                                                                  {64, 16},
                                                                                  {65, 7},
                                                                                  {72, 40},
                                                                                  {256, 64},
                                                                                  {257, 1},
                                                                                  {512, 0},
                                                                                  {512, 64},
                                                                                  {512, 72},
                                                                                  {1024, 256}}) {
      if (quick() && d == dtype::f16 && latent % 512 != 0) continue;  // as bf16
      run(mla({{3, 40}, {1, 7}, {0, 4}, {2, 1}}, {.type = d, .heads = 3, .latent = latent, .rotated = rotated}));
    }
  }
}

TEST(paged_mla_attention, heads) {
  for (const dtype d : float_types) {
    for (const int64_t heads : {1, 2, 7, 8, 9, 16, 17, 32, 33, 64, 65, 128}) {
      if (quick() && heads > 33 && d != dtype::bf16) continue;
      run(mla({{1, 70}, {1, 3}, {1, 0}}, wide(d, heads)));
      if (heads < 20) run(mla({{2, 70}, {5, 33}}, wide(d, heads)));
    }
  }
}

TEST(paged_mla_attention, ragged_batches) {
  for (const dtype d : float_types) {
    for (const bool causal : {false, true}) {
      for (const bool lse : {false, true}) run(mla(ragged, {.type = d, .causal = causal, .lse = lse}));
      mla_settings s = wide(d, 5);
      s.causal = causal;
      run(mla(ragged, s));
      run(mla({{40, 30}, {3, 100}}, s));
    }
  }
}

TEST(paged_mla_attention, pages_and_layouts) {
  for (const dtype d : float_types) {
    for (const int64_t page_size : {1, 3, 16, 64, 70}) {
      if (quick() && d == dtype::f16 && page_size != 3) continue;  // as bf16
      for (const mla_layout layout :
           {mla_layout::apart, mla_layout::together, mla_layout::gaps, mla_layout::unaligned}) {
        mla_settings s = wide(d, 16);
        s.page_size = page_size;
        s.layout = layout;
        run(mla({{1, 150}, {0, 0}, {2, 4}}, s));
      }
    }
  }
}

// Long requests of small batches are cut into chunks.
TEST(paged_mla_attention, long_requests) {
  for (const dtype d : {dtype::bf16, dtype::f32}) {
    mla_settings s = wide(d, 16);
    run(mla({{1, 1500}}, s));
    run(mla({{1, 700}, {1, 0}, {3, 129}, {0, 300}, {1, 1}}, s));
    s.heads = 3;
    run(mla({{9, 900}, {1, 257}}, s));
    s.causal = false;
    s.page_size = 1;
    run(mla({{2, 600}}, s));
  }
  run(mla({{1, 400}, {2, 513}}, wide(dtype::f16, 40)));
  // Empty chunks: the first tokens see none of the later keys.
  run(mla({{300, 300}}, {.type = dtype::bf16, .heads = 2}));
}

// As many requests as a wave, or a block, has threads, and more: each thread sums over several.
TEST(paged_mla_attention, many_requests) {
  for (const int64_t count : {64, 65, 256, 600}) {
    mla_requests batch;
    for (int64_t b = 0; b < count; ++b) batch.push_back({b % 5 == 3 ? 0 : 1 + b % 2, b % 7 * 3});
    run(mla(batch, {.type = dtype::bf16, .heads = 2, .latent = 16, .rotated = 8, .page_size = 8}));
    batch[count / 2].keys = 700;
    run(mla(batch, {.type = dtype::f32, .heads = 1, .latent = 16, .rotated = 8, .page_size = 8}));
  }
}

TEST(paged_mla_attention, strided) {
  for (const dtype d : float_types) {
    auto c = mla({{20, 33}, {9, 9}}, wide(d, 3));
    c.arguments[mla_output].with_gap(3).starting_at(5);
    c.arguments[mla_lse].strided({11, 1}).starting_at(1);
    c.arguments[mla_q_nope].with_gap(8);
    run(c);
    c = mla({{2, 33}, {1, 200}}, wide(d, 20));
    c.arguments[mla_output].with_gap(8);
    c.arguments[mla_q_nope].with_gap(64);  // one part of queries whose parts lie side by side
    c.arguments[mla_q_pe].with_gap(512);
    run(c);
  }
}

TEST(paged_mla_attention, tokens_of_no_request) {
  for (const dtype d : float_types) {
    run(mla({{5, 9}, {0, 0}, {30, 30}}, {.type = d, .before = 3, .after = 40}));
    run(mla({{0, 9}, {0, 0}}, {.type = d, .before = 2, .after = 1}));
    run(mla({}, {.type = d, .after = 4}));
    run(mla({{0, 5}}, {.type = d}));
    run(mla({{1, 5}}, {.type = d, .heads = 0}));
  }
}

namespace {

// Gives key j of every request the score of(request, j), in the rotated part alone for every second key: exact in all dtypes up to 255.
test_case scored(const mla_requests& batch, mla_settings s, const std::function<double(size_t, int64_t)>& of) {
  s.queries = fills::constant(1);
  s.keys = s.rotations = fills::constant(0);
  s.sm_scale = 8;
  auto c = mla(batch, s);
  const std::vector<double>&indices = c.arguments[mla_kv_indices].contents,
        &indptr = c.arguments[mla_kv_indptr].contents;
  for (size_t b = 0; b < batch.size(); ++b) {
    for (int64_t j = 0; j < batch[b].keys; ++j) {
      const auto page = static_cast<int64_t>(indices[static_cast<size_t>(indptr[b]) + j / s.page_size]);
      const int64_t slot = page * s.page_size + j % s.page_size;
      const double score = of(b, j);
      if (j % 2 == 0 || s.rotated == 0)
        c.arguments[mla_ckv].contents[slot * s.latent + j % s.latent] = score;
      else
        c.arguments[mla_kpe].contents[slot * s.rotated + j % s.rotated] = score;
    }
  }
  return c;
}

}  // namespace

// One key outweighs all others, at every place that is anything to a kernel.
TEST(paged_mla_attention, one_key) {
  for (const dtype d : float_types) {
    for (const int64_t heads : {16, 32, 64}) {
      if (quick() && d != dtype::bf16 && heads != 16) continue;
      const mla_settings s = wide(d, heads);
      const auto places = edge_places(op, "I", 130);
      mla_settings all = s;
      all.causal = false;
      run(scored(mla_requests(places.size(), {1, 130}), all,
                 [&](size_t b, int64_t j) { return j == places[b] ? 8.0 : 0.0; }));
      // Every key outweighs those before it: a token gives the value of the last key that it sees.
      if (heads == 16)
        run(scored({{40, 70}, {3, 129}}, s, [](size_t, int64_t j) { return static_cast<double>(j % 256); }));
    }
  }
}

TEST(paged_mla_attention, edges) {
  for (const dtype d : float_types) {
    for (const char* symbol : {"C", "R", "H"}) {
      for (const int64_t n : edge_lengths(op, symbol)) {
        if (*symbol == 'C' && n > 1024) continue;
        if (quick() && d != dtype::bf16) continue;
        mla_settings s = wide(d, *symbol == 'H' ? n : 2);
        if (*symbol == 'C') s.latent = n;
        if (*symbol == 'R') s.rotated = n;
        if (s.rotated > 256 || s.heads > 130) continue;
        run(mla({{1, 40}, {2, 5}}, s));
      }
    }
    for (const int64_t n : edge_lengths(op, "I")) {
      if (n > 300 || (quick() && d != dtype::bf16)) continue;
      run(mla({{1, n}, {3, n}}, wide(d, 16)));
    }
  }
}

TEST(paged_mla_attention, scores) {
  for (const dtype d : float_types) {
    const mla_requests batch = {{2, 100}, {30, 30}};
    for (const float scale : {1e-30f, 0.01f, 0.3f}) {
      mla_settings s = wide(d, 4);
      s.sm_scale = scale;
      run(mla(batch, s));
    }
    mla_settings s = wide(d, 4);
    s.queries = fills::constant(0);
    run(mla(batch, s));
    // Integers, whose products are exact: scores of several thousand, of which exp alone would overflow.
    s = wide(d, 4);
    s.sm_scale = 1;
    s.queries = fills::integers(-8, 8);
    s.keys = s.rotations = fills::integers(-8, 8);
    run(mla(batch, s));
    // Every score the same, and huge: the mean of the values.
    s.queries = fills::constant(64);
    s.keys = s.rotations = fills::constant(-64);
    run(mla(batch, s));
  }
}

TEST(paged_mla_attention, non_finite) {
  for (const dtype d : float_types) {
    for (const int64_t latent : {64, 512}) {
      mla_settings s = wide(d, 3);
      s.latent = latent;
      auto c = mla({{40, 50}, {7, 7}, {4, 4}, {4, 4}, {1, 200}, {17, 90}}, s);
      for (const int q : {mla_q_nope, mla_q_pe})
        for (double& x : c.arguments[q].contents)
          x = round_to(d, std::fabs(x) + 0.25);  // infinite keys give scores of their sign
      const auto row = [&](int tensor, int64_t b, int64_t key) -> double* {
        const auto page =
            static_cast<int64_t>(c.arguments[mla_kv_indices]
                                     .contents[static_cast<size_t>(c.arguments[mla_kv_indptr].contents[b]) + key / 16]);
        return &c.arguments[tensor].contents[(page * 16 + key % 16) * c.arguments[tensor].shape[2]];
      };
      // Seen by the later tokens only: the earlier ones, in the same tile, must not notice.
      row(mla_ckv, 0, 30)[5] = NAN;
      row(mla_kpe, 0, 40)[3] = NAN;
      row(mla_ckv, 1, 5)[1] = -INFINITY;
      for (int64_t j = 0; j < 3; ++j)
        row(mla_kpe, 2, j)[0] = -INFINITY;         // the first tokens are left with no key: zeros
      row(mla_kpe, 3, 2)[0] = INFINITY;            // NaN from the third token on
      row(mla_kpe, 4, 199)[0] = -INFINITY;         // weighs nothing
      row(mla_ckv, 5, 89)[latent - 1] = INFINITY;  // seen by the last token alone
      run(c);
    }
  }
}

// What is out of range is clamped, on the CPU and on GPUs alike, and nothing faults.
TEST(paged_mla_attention, broken_tables) {
  constexpr double lowest = -2147483648.0, highest = 2147483647.0;
  for (const dtype d : float_types) {
    const auto spoiled = [&](int tensor, const std::vector<double>& with, bool judged) {
      auto c = mla({{1, 40}, {2, 9}, {1, 170}, {1, 0}}, wide(d, 4));
      std::copy(with.begin(), with.end(), c.arguments[tensor].contents.begin());
      // Slots that no request uses hold NaN, and may be seen now.
      for (const int cache : {mla_ckv, mla_kpe})
        for (double& x : c.arguments[cache].contents) x = std::isnan(x) ? 0.5 : x;
      if (!judged) {
        c.judge = [](const result&) {};
        c.deterministic = false;
      }
      run(c);
    };
    spoiled(mla_kv_len, {-5, highest, 171, lowest}, true);
    spoiled(mla_kv_indices, {-1, 2, highest, 1000, lowest, 3}, true);
    spoiled(mla_kv_indptr, {lowest, 3, 4, highest, highest}, true);
    spoiled(mla_kv_indptr, {10, 0, 14, 2, 5}, true);
    spoiled(mla_qo_indptr, {-7, 1, 3, 4, 900}, true);
    spoiled(mla_qo_indptr, {3, 0, 5, 1, 2}, false);
    spoiled(mla_qo_indptr, {highest, lowest, highest, lowest, highest}, false);
  }
  auto c = mla({{1, 40}, {2, 9}}, wide(dtype::bf16, 4));
  for (const int cache : {mla_ckv, mla_kpe})
    c.arguments[cache] = input(dtype::bf16, {0, 16, c.arguments[cache].shape[2]}, fills::normal());
  run(c);
}

TEST(paged_mla_attention, batch_invariant) {
  in_batch_invariant_contexts([](hipinfer_context context, const std::string& device) {
    for (const int64_t heads : {4, 64}) {
      const mla_settings s = wide(dtype::bf16, heads);
      const auto first = mla({{3, 700}}, s);
      const auto alone = results_in(context, first);
      auto c = mla({{3, 700}, {1, 90}, {20, 20}, {1, 1}}, s);
      // The same request: its queries, and its keys wherever its pages are.
      std::copy(first.arguments[mla_q_nope].contents.begin(), first.arguments[mla_q_nope].contents.end(),
                c.arguments[mla_q_nope].contents.begin());
      std::copy(first.arguments[mla_q_pe].contents.begin(), first.arguments[mla_q_pe].contents.end(),
                c.arguments[mla_q_pe].contents.begin());
      for (const int cache : {mla_ckv, mla_kpe}) {
        const int64_t width = c.arguments[cache].shape[2];
        for (int64_t j = 0; j < 700; ++j) {
          const auto slot = [&](const test_case& of) {
            return (static_cast<int64_t>(of.arguments[mla_kv_indices].contents[j / 16]) * 16 + j % 16) * width;
          };
          std::copy_n(first.arguments[cache].contents.begin() + slot(first), width,
                      c.arguments[cache].contents.begin() + slot(c));
        }
      }
      const auto together = results_in(context, c);
      for (const int tensor : {mla_output, mla_lse}) expect_same_bits(alone[tensor], together[tensor], 0, device);
    }
  });
}

// Options at random, for shapes at random: HIPINFER_TEST_SEED replays them.
TEST(paged_mla_attention, random_calls) {
  generator g(seed());
  const auto chance = [&](double p) { return std::bernoulli_distribution(p)(g); };
  const auto number = [&](int64_t low, int64_t high) { return std::uniform_int_distribution<int64_t>(low, high)(g); };
  for (int n = 0; n < (quick() ? 8 : 40); ++n) {
    mla_settings s{.type = float_types[number(0, 2)], .heads = number(1, 70), .page_size = number(1, 40)};
    s.latent = chance(0.7) ? 512 : number(1, 600);
    s.rotated = chance(0.7) ? 64 : number(0, 80);
    s.causal = chance(0.5);
    s.layout = chance(0.5) ? mla_layout::apart : mla_layout::together;
    mla_requests batch;
    for (int64_t b = number(1, 4); b > 0; --b) batch.push_back({number(0, 5), number(0, 260)});
    run(mla(batch, s));
  }
}

TEST(paged_mla_attention, refuses) {
  contract(op, mla({{5, 30}, {6, 20}}, {.type = dtype::f16, .heads = 2}));
  const auto refuse = [](mla_settings s, hipinfer_status status, const char* text) {
    refused(op, mla({{2, 3}, {1, 2}}, s), status, text);
  };
  refuse({.latent = 1025}, HIPINFER_STATUS_UNSUPPORTED, "q_nope");
  refuse({.latent = 0}, HIPINFER_STATUS_INVALID_SHAPE, "q_nope");
  refuse({.rotated = 257}, HIPINFER_STATUS_UNSUPPORTED, "q_pe");
  refuse({.sm_scale = 0}, HIPINFER_STATUS_INVALID_ARGUMENT, "sm_scale");
}
