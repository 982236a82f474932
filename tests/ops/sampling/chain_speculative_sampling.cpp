// SPDX-License-Identifier: Apache-2.0
// Which tokens are agreed with is exact, so it is compared with the oracle; the one that is sampled is judged as a sample is.
#include "gen/chain_speculative_sampling.api.h"
#include "tests/check/sampling.h"

using namespace check;

namespace {

constexpr const char* op = "chain_speculative_sampling";
enum { out, valid, draft, ids, target, accepted, emitted, philox };

struct seeds {
  uint64_t seed = 7, offset = 3;
};

// The sampled token's place of request b: the first that is not the draft's.
sampling_model model_of_last(const std::vector<tensor>& a, const seeds& s, int64_t b, int64_t place) {
  const int64_t places = a[draft].shape[1], n = a[target].shape[2];
  const auto part = [](double x) { return x >= 0x1p-126 ? x : 0.0; };
  sampling_model m{};
  m.there = true;
  m.temperature = m.top_p = 1;
  for (const bool difference : {place < places, false}) {
    m.x.clear();
    for (int64_t i = 0; i < n; ++i) {
      const double p = part(a[target].contents[(b * (places + 1) + place) * n + i]);
      m.x.push_back(difference ? p - part(a[draft].contents[(b * places + place) * n + i]) : p);
    }
    if (std::any_of(m.x.begin(), m.x.end(), [](double x) { return x >= 0x1p-126; })) break;
  }
  uint64_t seed = s.seed, offset = s.offset;
  if (a[philox].use != role::none) {
    const int64_t at = a[philox].shape.size() == 2 ? 2 * b : 0;
    seed = static_cast<uint64_t>(static_cast<int64_t>(a[philox].contents[at]));
    offset = static_cast<uint64_t>(static_cast<int64_t>(a[philox].contents[at + 1]));
  }
  const uint64_t counter = static_cast<uint64_t>(b) + (static_cast<uint64_t>(places + 1) << 32);
  m.u = std::ldexp(static_cast<double>(hipinfer::random_bits(seed, offset, counter)), -64);
  return m;
}

test_case chain(std::vector<tensor> a, const seeds& s = {}) {
  test_case c{std::move(a), [s](auto context, auto t, auto, auto stream) {
                return hipinfer_chain_speculative_sampling(context, t[out], t[valid], t[draft], t[ids], t[target],
                                                           t[accepted], t[emitted], t[philox], s.seed, s.offset,
                                                           stream);
              }};
  c.judge = [s](const result& r) {
    const int64_t requests = r.arguments[out].shape[0], places = r.arguments[draft].shape[1];
    ASSERT_EQ(r.got[accepted], r.expected[accepted]) << r.where << ": places that are agreed with";
    ASSERT_EQ(r.got[emitted], r.expected[emitted]) << r.where << ": tokens of the draft";
    for (int64_t b = 0; b < requests; ++b) {
      const double* got = &r.got[out][b * (places + 1)];
      const double* expected = &r.expected[out][b * (places + 1)];
      int64_t last = places;
      while (last > 0 && expected[last] == -1) --last;
      for (int64_t i = 0; i <= places; ++i) {
        if (i == last) {
          const bool ok = r.arguments[valid].use == role::none || r.got[valid][b] == 1;
          ASSERT_TRUE(got[i] >= 0 && got[i] < r.arguments[target].shape[2]) << r.where << ": request " << b;
          ASSERT_EQ(judge_sample(model_of_last(r.arguments, s, b, last), static_cast<int64_t>(got[i]), ok), "")
              << r.where << ": request " << b << ", place " << i;
        } else {
          ASSERT_EQ(got[i], expected[i]) << r.where << ": request " << b << ", place " << i;
        }
      }
    }
  };
  return c;
}

// Drafts that the target mostly agrees with.
std::vector<tensor> requests(dtype d, int64_t count, int64_t places, int64_t n, dtype index = dtype::i32) {
  const fill normal = fills::normal(2);
  std::vector<tensor> a{
      output(dtype::i32, {count, places + 1}),
      output(dtype::b8, {count}),
      input(d, {count, places, n}, [normal](int64_t i, auto& g) { return std::exp(normal(i, g) - 6); }),
      input(index, {count, places}, fills::integers(0, std::max<int64_t>(n - 1, 0))),
      input(d, {count, places + 1, n}, [normal](int64_t i, auto& g) { return std::exp(normal(i, g) - 6); }),
      inout(dtype::i32, {count}, fills::integers(0, 1000)),
      inout(dtype::i32, {count}, fills::integers(0, 1000)),
      none()};
  generator g(static_cast<uint64_t>(n * places + count));
  std::uniform_real_distribution<double> factor(0.3, 1.7);
  for (int64_t b = 0; b < count; ++b) {
    for (int64_t i = 0; i < places * n; ++i) {
      a[target].contents[b * (places + 1) * n + i] = round_to(d, a[draft].contents[b * places * n + i] * factor(g));
    }
  }
  return a;
}

}  // namespace

TEST(chain_speculative_sampling, lengths) {
  for (const dtype d : float_types) {
    for (const int64_t n : {1, 2, 31, 64, 1000, 4099}) {
      for (const int64_t places : {0, 1, 3, 5}) {
        if (quick() && n > 64 && (places == 1 || d == dtype::f16)) continue;
        run(op, chain(requests(d, 6, places, n)));
      }
    }
    run(op, chain(requests(d, quick() ? 3 : 8, quick() ? 4 : 600, 37, dtype::i64)));
    run(op, chain(requests(d, 1, 2, quick() ? 9000 : 128256)));
  }
}

// All of what is left is the one token at an edge of the kernel.
TEST(chain_speculative_sampling, edges) {
  for (const int64_t n : edge_lengths(op, "V")) {
    const auto places = edge_places(op, "V", n);
    auto a = requests(dtype::bf16, static_cast<int64_t>(places.size()), 1, n);
    for (size_t b = 0; b < places.size(); ++b) {
      for (int64_t i = 0; i < n; ++i) {
        a[draft].contents[b * n + i] = 0.5;
        a[target].contents[b * 2 * n + i] = i == places[b] ? 1 : 0.25;
      }
      a[ids].contents[b] = -1;
    }
    auto c = chain(a);
    const auto judged = c.judge;
    c.judge = [&](const result& r) {
      judged(r);
      for (size_t b = 0; b < places.size(); ++b) ASSERT_EQ(r.got[out][2 * b], places[b]) << r.where;
    };
    run(op, c);
  }
}

TEST(chain_speculative_sampling, agreement) {
  for (const dtype d : float_types) {
    // The draft is the target, so that all is agreed with; the draft is certain and wrong; nothing is over the draft.
    for (const int kind : {0, 1, 2}) {
      auto a = requests(d, 5, 3, 40);
      for (int64_t b = 0; b < 5; ++b) {
        for (int64_t i = 0; i < 3 * 40; ++i) {
          double &q = a[draft].contents[b * 3 * 40 + i], &p = a[target].contents[b * 4 * 40 + i];
          if (kind == 0) p = q;
          if (kind == 1) p = i % 40 == a[ids].contents[b * 3 + i / 40] ? 0 : p;
          if (kind == 2) p = q * 0.5;
        }
      }
      if (kind == 2) a[ids].contents.assign(15, 40);  // past the vocabulary
      auto c = chain(a);
      const auto judged = c.judge;
      c.judge = [&](const result& r) {
        judged(r);
        for (int64_t b = 0; b < 5; ++b) {
          const double count = r.got[emitted][b] - r.arguments[emitted].contents[b];
          ASSERT_EQ(count, kind == 0 ? 3 : 0) << r.where;
        }
      };
      run(op, c);
    }
  }
}

TEST(chain_speculative_sampling, hostile_rows) {
  for (const dtype d : float_types) {
    for (const auto& values :
         {std::vector<double>{NAN}, {0}, {-1, -0.0}, {INFINITY, NAN, 0.5}, {-INFINITY, NAN, 1, 0.25}}) {
      auto a = requests(d, 4, 2, 33);
      a[target] = input(d, {4, 3, 33}, fills::values(values));
      run(op, chain(a));
      a = requests(d, 4, 2, 33);
      a[draft] = input(d, {4, 2, 33}, fills::values(values));
      run(op, chain(a));
      a[valid] = a[accepted] = a[emitted] = none();
      a[target] = input(d, {4, 3, 33}, fills::uniform(0.1, 1));
      auto c = chain(a);
      const auto judged = c.judge;
      c.judge = [judged](const result& r) {
        ASSERT_TRUE(r.got[accepted].empty() && r.got[emitted].empty()) << r.where;
        judged(r);
      };
      run(op, c);
    }
  }
}

TEST(chain_speculative_sampling, strided_and_seeds) {
  for (const dtype d : float_types) {
    for (const int64_t n : {5, 64, 1003}) {
      auto a = requests(d, 4, 3, n, dtype::i64);
      a[draft].strided({3 * (n + 3) + 8, n + 3, 1});
      a[target].strided({4 * (n + 8 - n % 8) + 8, n + 8 - n % 8, 1});
      a[out].with_gap(2);
      run(op, chain(a));
      a[philox] = input(dtype::i64, {2}, fills::values({-5, 1e15}));
      run(op, chain(a));
      a[philox] = input(dtype::i64, {4, 2}, fills::integers(-(int64_t{1} << 50), int64_t{1} << 50)).with_gap(1);
      run(op, chain(a));
    }
    run(op, chain(requests(d, 0, 3, 8)));
  }
}

// However the draft was made, the first token that comes out is the target's.
TEST(chain_speculative_sampling, the_target_s_distribution) {
  const std::vector<double> q = {0.3, 0.2, 0.05, 0.25, 0.1, 0.1}, p = {0.1, 0.25, 0.3, 0.05, 0.1, 0.2};
  const int64_t count = 100, rounds = quick() ? 8 : 64, n = 6;
  std::map<std::string, std::vector<double>> counts;
  generator g(11);
  std::discrete_distribution<int> drawn(q.begin(), q.end());
  for (int64_t round = 0; round < rounds; ++round) {
    auto a = requests(dtype::f32, count, 1, n);
    for (int64_t b = 0; b < count; ++b) {
      a[ids].contents[b] = drawn(g);
      for (int64_t i = 0; i < n; ++i) {
        a[draft].contents[b * n + i] = round_to(dtype::f32, q[i]);
        a[target].contents[b * 2 * n + i] = round_to(dtype::f32, p[i]);
      }
    }
    auto c = chain(a, {5, static_cast<uint64_t>(round)});
    c.fixed_layout = true;
    const auto judged = c.judge;
    c.judge = [&](const result& r) {
      judged(r);
      auto& seen = counts[r.where];
      seen.resize(n);
      for (int64_t b = 0; b < count; ++b) ++seen[static_cast<size_t>(r.got[out][2 * b])];
    };
    run(op, c);
  }
  for (const auto& [where, seen] : counts) {
    double chi = 0;
    for (int64_t i = 0; i < n; ++i) {
      const double expected = p[i] * static_cast<double>(count * rounds);
      chi += std::pow(seen[i] - expected, 2) / expected;
    }
    EXPECT_LT(chi, chi_square_bound(static_cast<double>(n - 1))) << where;
    EXPECT_GT(chi, 0.01) << where << ": too even to be random";
  }
  EXPECT_FALSE(counts.empty());
}

TEST(chain_speculative_sampling, refuses) {
  auto a = requests(dtype::f16, 3, 2, 64);
  a[philox] = input(dtype::i64, {2}, fills::constant(1));
  contract(op, chain(a));
  refused(op, chain(requests(dtype::f32, 3, 2, 0)), HIPINFER_STATUS_INVALID_SHAPE, "length 0");
}
