// SPDX-License-Identifier: Apache-2.0
// A sample is judged by a model of this file: the sorted logits give the sets that top-k and top-p may keep,
// and the random point must lie in the sampled token's stretch of the cumulative distribution, both within
// rounding.
#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>

#include "device/philox.h"
#include "gen/top_k_top_p_sampling_from_logits.api.h"
#include "tests/check/edges.h"

using namespace check;

namespace {

constexpr const char* op = "top_k_top_p_sampling_from_logits";

struct settings {
  float temperature = 1;
  int32_t top_k = 0;
  float top_p = 1;
  uint64_t seed = 7, offset = 3;
};
enum { out, valid, logits, temperatures, top_ks, top_ps, philox };

// One row as the arguments describe it.
struct row_model {
  std::vector<double> x;
  double temperature, top_p;
  int64_t top_k;
  double u;
};

row_model model_of(const std::vector<tensor>& a, const settings& s, int64_t r) {
  const auto given = [&](int i) { return a[i].use != role::none; };
  const int64_t n = a[logits].shape[1];
  row_model m;
  m.x.assign(a[logits].contents.begin() + r * n, a[logits].contents.begin() + (r + 1) * n);
  m.temperature = given(temperatures) ? a[temperatures].contents[r] : s.temperature;
  m.top_k = given(top_ks) ? static_cast<int64_t>(a[top_ks].contents[r]) : s.top_k;
  m.top_p = given(top_ps) ? a[top_ps].contents[r] : s.top_p;
  const uint64_t seed = given(philox) ? static_cast<uint64_t>(a[philox].contents[0]) : s.seed;
  const uint64_t offset = given(philox) ? static_cast<uint64_t>(a[philox].contents[1]) : s.offset;
  m.u = std::ldexp(static_cast<double>(hipinfer::random_bits(seed, offset, static_cast<uint64_t>(r))), -64);
  return m;
}

constexpr double rounding = 4e-6;  // of a weight in fp32: the exponent's argument has an error of 2^-24 of up to 30

// "" if the result can be right, else why not.
std::string judge_row(const row_model& m, int64_t id, bool is_valid) {
  std::vector<int64_t> kept;
  for (size_t i = 0; i < m.x.size(); ++i) {
    if (m.x[i] > -INFINITY) kept.push_back(static_cast<int64_t>(i));
  }
  if (kept.empty() || std::isnan(m.temperature) || m.temperature < 0 || std::isnan(m.top_p)) {
    return id == 0 && !is_valid ? "" : "expected id 0, not valid";
  }
  if (!is_valid) return "expected a valid row";
  std::sort(kept.begin(), kept.end(), [&](int64_t a, int64_t b) { return m.x[a] != m.x[b] ? m.x[a] > m.x[b] : a < b; });
  if (m.temperature == 0) return id == kept[0] ? "" : "greedy: expected " + std::to_string(kept[0]);
  if (m.top_k > 0 && m.top_k < static_cast<int64_t>(kept.size())) kept.resize(m.top_k);
  std::vector<double> w(m.x.size(), 0);
  double total = 0;
  for (const int64_t i : kept) {
    w[i] = m.x[i] == m.x[kept[0]] ? 1 : std::exp((m.x[i] - m.x[kept[0]]) / m.temperature);
    total += w[i];
  }
  // Every size that top-p may cut to: the sum before the last token is below p, the sum with it is not.
  bool any = false;
  double sum = 0;
  for (size_t size = 1; size <= kept.size(); ++size) {
    const double before = sum;
    sum += w[kept[size - 1]];
    const bool enough = m.top_p >= 1 ? size == kept.size() : sum >= (m.top_p - rounding) * total;
    const bool fewest = m.top_p >= 1 || size == 1 || before < (m.top_p + rounding) * total;
    if (!fewest) break;
    if (!enough) continue;
    any = true;
    if (w[id] == 0 || std::find(kept.begin(), kept.begin() + size, id) == kept.begin() + size) continue;
    double low = 0;
    std::vector<bool> in(m.x.size());
    for (size_t k = 0; k < size; ++k) in[kept[k]] = true;
    for (int64_t i = 0; i < id; ++i) low += in[i] ? w[i] : 0;
    if (m.u >= low / sum - rounding && m.u <= (low + w[id]) / sum + rounding) return "";
  }
  return any ? "the random point " + std::to_string(m.u) + " is not that token's" : "the model kept no set";
}

test_case sampling(std::vector<tensor> a, const settings& s) {
  test_case c{std::move(a), [s](auto context, auto t, auto, auto stream) {
                return hipinfer_top_k_top_p_sampling_from_logits(context, t[out], t[valid], t[logits], t[temperatures],
                                                                 t[top_ks], t[top_ps], t[philox], s.temperature,
                                                                 s.top_k, s.top_p, s.seed, s.offset, stream);
              }};
  c.judge = [s](const result& r) {
    const bool flagged = r.arguments[valid].use != role::none;
    for (int64_t row = 0; row < r.arguments[logits].shape[0]; ++row) {
      const double id = r.got[out][row];
      ASSERT_TRUE(id >= 0 && id < r.arguments[logits].shape[1]) << r.where << ": row " << row << ": id " << id;
      const row_model m = model_of(r.arguments, s, row);
      // Without the flag, a row that is expected to be invalid is one that gives 0.
      const bool ok = flagged ? r.got[valid][row] == 1 : r.expected[out][row] != 0 || judge_row(m, 0, false) != "";
      if (flagged) {
        ASSERT_TRUE(r.got[valid][row] == 0 || r.got[valid][row] == 1);
      }
      ASSERT_EQ(judge_row(m, static_cast<int64_t>(id), ok), "")
          << r.where << ": row " << row << ": id " << id << ", the reference gave " << r.expected[out][row];
    }
  };
  return c;
}

test_case sampling(tensor x, const settings& s) {
  const int64_t rows = x.shape[0];
  return sampling({output(dtype::i32, {rows}), output(dtype::b8, {rows}), std::move(x), none(), none(), none(), none()},
                  s);
}

// The chi-square statistic's upper bound at a probability of about 1e-6 (Wilson and Hilferty's
// approximation).
double chi_square_bound(double freedom) {
  const double a = 2 / (9 * freedom);
  return freedom * std::pow(1 - a + 4.75 * std::sqrt(a), 3);
}

}  // namespace

TEST(top_k_top_p_sampling_from_logits, philox_known_answers) {
  // From the file kat_vectors of Random123.
  const auto check = [](hipinfer::philox_words counter, uint32_t k0, uint32_t k1, std::vector<uint32_t> expected) {
    const auto w = hipinfer::philox4x32_10(counter, k0, k1);
    EXPECT_EQ(std::vector<uint32_t>(w.at, w.at + 4), expected);
  };
  check({{0, 0, 0, 0}}, 0, 0, {0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8});
  check({{~0u, ~0u, ~0u, ~0u}}, ~0u, ~0u, {0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd});
  check({{0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344}}, 0xa4093822, 0x299f31d0,
        {0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1});
  EXPECT_EQ(hipinfer::random_bits(0x299f31d0a4093822, 0x85a308d3243f6a88, 0x0370734413198a2e), 0x94fdccebd16cfe09);
  EXPECT_EQ(hipinfer::random_below(~uint64_t{0}, uint64_t{1} << 62), (uint64_t{1} << 62) - 1);
  EXPECT_EQ(hipinfer::random_below(0x8000000000000000, 0xfedcba9876543211), 0x7f6e5d4c3b2a1908);
  EXPECT_EQ(hipinfer::random_below(0xfedcba9876543210, 0x123456789abcdef1), 0x121fa00ad77d7423);
  EXPECT_EQ(hipinfer::random_below(0, 5), 0u);
}

TEST(top_k_top_p_sampling_from_logits, lengths_and_filters) {
  for (const dtype d : float_types) {
    for (const int64_t n : {1, 2, 3, 31, 64, 100, 257, 1023, 4099}) {
      for (const settings& s : {settings{}, settings{0.7f, 5}, settings{1.5f, 0, 0.9f}, settings{0.9f, 40, 0.8f},
                                settings{0, 40, 0.8f}, settings{1, 1}, settings{1, 2000, 0.999f}}) {
        run(op, sampling(input(d, {4, n}, fills::normal(3)), s));
      }
    }
  }
}

// The token of nearly all the probability, and the only one there is, at every edge; with every filter it is the sample.
TEST(top_k_top_p_sampling_from_logits, edges) {
  for (const dtype d : float_types) {
    for (const int64_t n : edge_lengths(op, "V")) {
      // What is beside an edge is the same code for every dtype but for its vectors.
      if (quick() && d != dtype::bf16 && n % 1024 != 0) continue;
      const auto places = edge_places(op, "V", n);
      const std::vector<double> expected(places.begin(), places.end());
      for (const settings& s : {settings{}, settings{0}, settings{1, 1}, settings{0.5f, 40, 0.5f}}) {
        for (const tensor& x :
             {spiked(d, places, n, 60, fills::normal()), spiked(d, places, n, -9, fills::constant(NAN))}) {
          auto c = sampling(x, s);
          c.judge = [&](const result& r) { EXPECT_EQ(r.got[out], expected) << r.where; };
          run(op, c);
        }
      }
    }
  }
}

TEST(top_k_top_p_sampling_from_logits, long_rows) {
  for (const dtype d : float_types) {
    run(op, sampling(input(d, {1, 151936}, fills::normal(2)), {0.8f, 50, 0.95f}));
    run(op, sampling(input(d, {1, 32003}, fills::normal(2)), {1, 0, 0.9f}));
    if (large()) run(op, sampling(input(d, {3, 262144}, fills::normal(2)), {1, 200000, 0.9f}));
  }
}

TEST(top_k_top_p_sampling_from_logits, strided_and_unaligned_rows) {
  for (const dtype d : float_types) {
    for (const int64_t n : {5, 64, 1003}) {
      const settings s{1, 9, 0.9f};
      run(op, sampling(input(d, {5, n}, fills::normal(3)).with_gap(3), s));
      run(op, sampling(input(d, {5, n}, fills::normal(3)).with_gap(16 - n % 16), s));
      run(op, sampling(input(d, {5, n}, fills::normal(3)).starting_at(1), s));
    }
  }
  run(op, sampling(input(dtype::f32, {0, 64}, fills::normal()), {}));
}

TEST(top_k_top_p_sampling_from_logits, settings_a_row) {
  for (const dtype d : float_types) {
    const int64_t rows = 12, n = 300;
    auto all = [&](tensor seed_and_offset) {
      return sampling(
          {output(dtype::i32, {rows}), output(dtype::b8, {rows}), input(d, {rows, n}, fills::normal(3)),
           input(dtype::f32, {rows}, fills::values({0, 0.5, 1, 3, -1, NAN, 1, 1, 1, INFINITY, 1e-30, 1e-42})),
           input(dtype::i32, {rows}, fills::values({0, -1, 3, 300, 1, 5, 7, 1000, 20, 2147483647, 0, 4})),
           input(dtype::f32, {rows}, fills::values({0.5, 0.9, 2, 0.7, 1, 0.3, NAN, -1, 0, 0.99, 1e-30, 0.5})),
           std::move(seed_and_offset)},
          {9, 9, 0.01f});
    };
    run(op, all(none()));
    // On the device, and in place of the arguments; negative numbers are the upper half of the unsigned ones.
    run(op, all(input(dtype::i64, {2}, fills::values({123456789012345.0, 987654321.0}))));
  }
  // Without the flag.
  run(op, sampling({output(dtype::i32, {3}), none(), input(dtype::f32, {3, 50}, fills::normal()), none(), none(),
                    none(), none()},
                   {}));
}

TEST(top_k_top_p_sampling_from_logits, ties) {
  // Exactly top_k survive, the lowest indices of equal logits: with offset after offset, no other id comes
  // out.
  for (const dtype d : float_types) {
    for (const auto& pattern : {std::vector<double>{1}, {2, 1, 1, 1, 0}, {-1, 0, -0.0}, {5, 5, 5, -20}}) {
      for (const int64_t n : {7, 1000}) {
        for (const settings& s : {settings{1, 4}, settings{1, 0, 0.5f}, settings{1, 7, 0.6f}, settings{1, 6, 0.05f}}) {
          run(op, sampling(input(d, {quick() ? 10 : 40, n}, fills::values(pattern)), s));
        }
      }
    }
  }
}

// Four of eight equal tokens weigh exactly half of all: a fifth has no part in top_p = 0.5.
TEST(top_k_top_p_sampling_from_logits, top_p_that_is_met_exactly) {
  for (const dtype d : float_types) {
    for (const int kept : {1, 4, 6}) {
      auto c = sampling(input(d, {200, 8}, fills::constant(3)), {1, 0, static_cast<float>(kept) / 8});
      const auto judged = c.judge;
      c.judge = [&](const result& r) {
        judged(r);
        for (const double id : r.got[out]) ASSERT_LT(id, kept) << r.where;
      };
      run(op, c);
    }
  }
}

TEST(top_k_top_p_sampling_from_logits, hostile_logits) {
  for (const dtype d : float_types) {
    for (const int64_t n : {1, 3, 96, 2000}) {
      for (const settings& s : {settings{}, settings{0}, settings{1, 5}, settings{2, 0, 0.8f}, settings{1, 50, 0.5f}}) {
        run(op, sampling(input(d, {quick() ? 4 : 16, n}, fills::hostile(d, true)), s));
        run(op, sampling(input(d, {quick() ? 4 : 16, n}, fills::hostile(d, false)), s));
        run(op, sampling(input(d, {2, n}, fills::constant(NAN)), s));
        run(op, sampling(input(d, {2, n}, fills::constant(-INFINITY)), s));
        run(op, sampling(input(d, {2, n}, fills::values({NAN, -INFINITY})), s));
        run(op, sampling(input(d, {4, n}, fills::values({-INFINITY, NAN, 1})), s));
        run(op, sampling(input(d, {4, n}, fills::values({-INFINITY, NAN, INFINITY, 7, INFINITY})), s));
      }
    }
  }
}

TEST(top_k_top_p_sampling_from_logits, top_p_takes_the_largest_wherever_they_are) {
  // The three likely tokens are last, and carry 0.9: a top-p that accumulates in index order would keep the
  // others.
  std::vector<double> x(100, std::log(0.1 / 97));
  x[97] = std::log(0.25), x[98] = std::log(0.35), x[99] = std::log(0.3);
  auto c = sampling(input(dtype::f32, {200, 100}, fills::values(x)), {1, 0, 0.88f});
  const auto judged = c.judge;
  c.judge = [&](const result& r) {
    judged(r);
    for (const double id : r.got[out]) ASSERT_GE(id, 97) << r.where;
  };
  run(op, c);
}

TEST(top_k_top_p_sampling_from_logits, temperature_divides_logits_before_the_filters) {
  // At temperature 2 the first token has 0.6225 of the two and top_p 0.7 keeps both; at 1 it has 0.7311 and
  // is alone. A temperature that came after the filter, or that divided probabilities, would keep one token
  // in both cases.
  std::map<double, int> seen;
  for (const float temperature : {1.0f, 2.0f}) {
    seen.clear();
    auto c = sampling(input(dtype::f32, {400, 2}, fills::values({1, 0})), {temperature, 0, 0.7f});
    const auto judged = c.judge;
    c.judge = [&](const result& r) {
      judged(r);
      seen.clear();
      for (const double id : r.got[out]) ++seen[id];
      if (temperature == 1)
        EXPECT_EQ(seen[1], 0) << r.where;
      else
        EXPECT_NEAR(seen[1] / 400.0, 0.3775, 0.1) << r.where;
    };
    run(op, c);
  }
}

TEST(top_k_top_p_sampling_from_logits, distribution_over_rows_and_offsets) {
  // Many offsets of 100 rows each, one seed: the counts follow the renormalised distribution.
  const std::vector<double> x = {0.5, -1, 2, 1.5, 0, -3, 1, 0.25, -0.5, 1.25, -2, 0.75};
  const int64_t rows = 100, offsets = quick() ? 8 : 64;
  const settings filters{1.3f, 9, 0.95f};
  std::map<std::string, std::vector<double>> counts;
  for (int64_t offset = 0; offset < offsets; ++offset) {
    settings s = filters;
    s.offset = static_cast<uint64_t>(offset) + 0xfffffff0;  // past 32 bits on the way
    auto c = sampling(input(dtype::f32, {rows, static_cast<int64_t>(x.size())}, fills::values(x)), s);
    c.fixed_layout = true;  // every draw is counted, and only some are made in other layouts
    const auto judged = c.judge;
    c.judge = [&](const result& r) {
      judged(r);
      auto& count = counts[r.where];
      count.resize(x.size());
      for (const double id : r.got[out]) count[static_cast<size_t>(id)] += 0.5;  // the harness runs everything twice
    };
    run(op, c);
  }
  // 9 largest of 12, then the fewest with 0.95 of them.
  std::vector<int64_t> kept(x.size());
  std::iota(kept.begin(), kept.end(), 0);
  std::sort(kept.begin(), kept.end(), [&](int64_t a, int64_t b) { return x[a] > x[b]; });
  kept.resize(9);
  double total = 0, sum = 0;
  for (const int64_t i : kept) total += std::exp(x[i] / 1.3);
  size_t size = 0;
  while (sum < 0.95 * total) sum += std::exp(x[kept[size++]] / 1.3);
  ASSERT_LT(size, 9u);
  for (const auto& [where, count] : counts) {
    double chi = 0, inside = 0;
    for (size_t k = 0; k < size; ++k) {
      const double expected = rows * offsets * std::exp(x[kept[k]] / 1.3) / sum;
      chi += std::pow(count[kept[k]] - expected, 2) / expected;
      inside += count[kept[k]];
    }
    EXPECT_EQ(inside, rows * offsets) << where << ": a token outside of the set";
    EXPECT_LT(chi, chi_square_bound(static_cast<double>(size - 1))) << where;
    EXPECT_GT(chi, 0.01) << where << ": too even to be random";
  }
  EXPECT_FALSE(counts.empty());
}

TEST(top_k_top_p_sampling_from_logits, refuses) {
  const settings s{1, 3, 0.5f};
  contract(op, sampling({output(dtype::i32, {3}), output(dtype::b8, {3}), input(dtype::f16, {3, 64}, fills::normal()),
                         input(dtype::f32, {3}, fills::constant(1)), input(dtype::i32, {3}, fills::constant(2)),
                         input(dtype::f32, {3}, fills::constant(0.5)), input(dtype::i64, {2}, fills::constant(1))},
                        s));
  const auto x = [] { return input(dtype::f32, {3, 8}, fills::normal()); };
  for (const float bad : {-0.5f, NAN, INFINITY}) {
    refused(op, sampling(x(), {bad}), HIPINFER_STATUS_INVALID_ARGUMENT, "temperature");
    refused(op, sampling(x(), {1, 0, bad}), HIPINFER_STATUS_INVALID_ARGUMENT, "top_p");
  }
  refused(op, sampling(x(), {1, 0, 1.01f}), HIPINFER_STATUS_INVALID_ARGUMENT, "top_p");
  refused(op, sampling(x(), {1, -1}), HIPINFER_STATUS_INVALID_ARGUMENT, "top_k");
  refused(op, sampling(input(dtype::f32, {3, 0}, fills::normal()), s), HIPINFER_STATUS_INVALID_SHAPE, "length 0");
  refused(op, sampling(input(dtype::f32, {0, int64_t{1} << 31}, fills::normal()), s), HIPINFER_STATUS_INVALID_SHAPE,
          "length");
}
