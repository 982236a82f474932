// SPDX-License-Identifier: Apache-2.0
#include "tests/check/sampling.h"

namespace check {
namespace {

using enum sampling_tensor;

std::map<sampling_tensor, tensor> outputs(int64_t count) {
  return {{sampling_tensor::output, check::output(dtype::i32, {count})}, {valid, check::output(dtype::b8, {count})}};
}

}  // namespace

void sampling_lengths(const sampling_op& op) {
  for (const dtype d : float_types) {
    for (const int64_t n : {1, 2, 3, 31, 64, 257, 1023, 3073, 4099}) {
      if (quick() && d == dtype::f16 && n > 64) continue;
      for (const sampling_settings& s : op.settings)
        run(op.name, sampling(op, input(d, {4, n}, sampled_rows(op, 3)), s));
    }
  }
}

// The token of nearly all the probability, and the only one there is, at every edge; with every filter it is the sample.
void sampling_edges(const sampling_op& op) {
  for (const dtype d : float_types) {
    for (const int64_t n : edge_lengths(op.name, "V")) {
      // What is beside an edge is the same code for every dtype but for its vectors.
      if (quick() && (d != dtype::bf16 || n < 500) && n % 1024 != 0) continue;
      const auto places = edge_places(op.name, "V", n);
      const std::vector<double> expected(places.begin(), places.end());
      const sampling_settings& strict = op.settings.back();
      for (const sampling_settings& s : {op.settings.front(), strict}) {
        const double there = op.logits ? 60 : 1, nothing = op.logits ? -9 : 0x1p-14;
        const fill rest = op.logits ? fills::normal() : fills::uniform(0, 1e-26);
        for (const tensor& x :
             {spiked(d, places, n, there, rest), spiked(d, places, n, nothing, fills::constant(NAN))}) {
          auto c = sampling(op, x, s);
          c.judge = [&](const result& r) { EXPECT_EQ(r.got[0], expected) << r.where; };
          run(op.name, c);
        }
      }
    }
  }
}

// Peaked rows, whose candidates fit into LDS, and flat ones, whose do not.
void sampling_long_rows(const sampling_op& op) {
  for (const dtype d : float_types) {
    for (const sampling_settings& s : op.settings) {
      if (quick() && d == dtype::f16) continue;
      run(op.name, sampling(op, input(d, {1, quick() ? 12003 : 32003}, sampled_rows(op, 3)), s));
      run(op.name, sampling(op, input(d, {1, quick() ? 9000 : 32000}, sampled_rows(op, 0.3)), s));
      if (!quick()) run(op.name, sampling(op, input(d, {2, 128256}, sampled_rows(op, 2)), s));
      if (large()) run(op.name, sampling(op, input(d, {2, 151936}, sampled_rows(op, 1)), s));
    }
  }
}

// The same row, seed and offset give the same token, whatever the batch: on NVIDIA several blocks share a row where outputs are
// few, and a block has one alone where they are many.
void sampling_batches(const sampling_op& op) {
  const int64_t n = quick() ? 9000 : 33000, few = 2, many = 70;
  for (const sampling_settings& s : op.settings) {
    for (const double deviation : {3.0, 0.3}) {
      std::map<std::string, std::vector<double>> drawn;  // by where it ran
      for (const int64_t count : {few, many}) {
        auto of = outputs(count);
        // Of the index alone: what a generator gives depends on the tensors before.
        const fill row = [&op, deviation](int64_t i, generator&) {
          const double part = static_cast<double>(static_cast<uint64_t>(i) * 2654435761u % 65537) / 65537;
          return sampled_value(op, 4 * deviation * (part * part - 1));
        };
        of[sampling_tensor::rows] = input(dtype::f32, {1, n}, row);
        of[indices] = input(dtype::i32, {count}, fills::constant(0));
        auto c = sampling(op, of, s);
        c.judge = [&](const result& r) {
          const std::vector<double> first(r.got[0].begin(), r.got[0].begin() + few);
          const auto [at, is_new] = drawn.try_emplace(r.where, first);
          if (!is_new) {
            EXPECT_EQ(first, at->second) << r.where << ": " << count << " outputs";
          }
        };
        run(op.name, c);
      }
      EXPECT_FALSE(drawn.empty());
    }
  }
}

void sampling_strided(const sampling_op& op) {
  const sampling_settings& s = op.settings.back();
  for (const dtype d : float_types) {
    for (const int64_t n : {5, 64, 1003, 4001}) {
      run(op.name, sampling(op, input(d, {5, n}, sampled_rows(op, 3)).with_gap(3), s));
      run(op.name, sampling(op, input(d, {5, n}, sampled_rows(op, 3)).with_gap(16 - n % 16), s));
      run(op.name, sampling(op, input(d, {5, n}, sampled_rows(op, 3)).starting_at(1), s));
    }
  }
  run(op.name, sampling(op, input(dtype::f32, {0, 64}, sampled_rows(op, 1)), {}));
}

// Exactly the lowest of equal elements are kept, in LDS and in rows that do not fit there.
void sampling_ties(const sampling_op& op) {
  for (const dtype d : float_types) {
    for (const auto& pattern : {std::vector<double>{1}, {2, 1, 1, 1, 0}, {-1, 0, -0.0}, {5, 5, 5, -20}}) {
      std::vector<double> values;
      for (const double v : pattern) values.push_back(sampled_value(op, v));
      for (const int64_t n : {7, 1000, 5000}) {
        if (quick() && n == 1000) continue;
        for (const sampling_settings& s : op.settings) {
          run(op.name, sampling(op, input(d, {quick() ? 3 : 40, n}, fills::values(values)), s));
        }
      }
    }
  }
}

void sampling_hostile(const sampling_op& op) {
  for (const dtype d : float_types) {
    for (const int64_t n : {1, 3, 96, 3500}) {
      if (quick() && n == 3500 && d == dtype::f16) continue;
      for (const sampling_settings& s : op.settings) {
        run(op.name, sampling(op, input(d, {quick() ? 4 : 16, n}, fills::hostile(d, true)), s));
        run(op.name, sampling(op, input(d, {quick() ? 4 : 16, n}, fills::hostile(d, false)), s));
        for (const auto& values : {std::vector<double>{NAN}, {-INFINITY}, {0}, {-1, -0.0}, {NAN, -INFINITY}}) {
          run(op.name, sampling(op, input(d, {2, n}, fills::values(values)), s));
        }
        run(op.name, sampling(op, input(d, {4, n}, fills::values({-INFINITY, NAN, 1})), s));
        run(op.name, sampling(op, input(d, {4, n}, fills::values({-INFINITY, NAN, INFINITY, 7, INFINITY})), s));
      }
    }
  }
}

// Rows that several outputs share, one that there is not; settings, seeds and offsets for each output.
void sampling_indices_and_seeds(const sampling_op& op) {
  const int64_t count = 12, rows = 5, n = 300;
  const sampling_settings& s = op.settings.back();
  for (const dtype d : float_types) {
    for (const dtype index : {dtype::i32, dtype::i64}) {
      auto of = outputs(count);
      of[sampling_tensor::rows] = input(d, {rows, n}, sampled_rows(op, 3));
      of[indices] = input(index, {count}, fills::values({4, 4, 0, 1, 2, 3, 5, 0, -1, 2, 2, 1}));
      run(op.name, sampling(op, of, s));
      of[temperatures] =
          input(dtype::f32, {count}, fills::values({0, 0.5, 1, 3, -1, NAN, 1, 1, 1, INFINITY, 1e-30, 1e-42}));
      of[top_ks] = input(dtype::i32, {count}, fills::values({0, -1, 3, 300, 1, 5, 7, 1000, 20, 2147483647, 0, 4}));
      of[top_ps] = input(dtype::f32, {count}, fills::values({0.5, 0.9, 2, 0.7, 1, 0.3, NAN, -1, 0, 0.99, 1e-30, 0.5}));
      of[min_ps] = input(dtype::f32, {count}, fills::values({0.5, 0.01, 2, 0.1, 1, 0, NAN, -1, 0, 0.99, 1e-30, 0.05}));
      run(op.name, sampling(op, of, s));
      // On the device, and in place of the arguments; negative numbers are the upper half of the unsigned ones.
      of[philox] = input(dtype::i64, {2}, fills::values({123456789012345.0, 987654321.0}));
      run(op.name, sampling(op, of, s));
      of[philox] = input(dtype::i64, {count, 2}, fills::integers(-(int64_t{1} << 50), int64_t{1} << 50));
      run(op.name, sampling(op, of, s));
      of[philox] = input(dtype::i64, {count, 2}, fills::integers(0, 9)).with_gap(3);
      run(op.name, sampling(op, of, s));
    }
  }
  // Without the flag.
  run(op.name, sampling(op,
                        {{sampling_tensor::output, check::output(dtype::i32, {3})},
                         {sampling_tensor::rows, input(dtype::f32, {3, 50}, sampled_rows(op, 1))}},
                        {}));
}

// Many offsets of 100 rows each, one seed: the counts follow the renormalised distribution. On the CPU a million draws.
void sampling_distribution(const sampling_op& op) {
  const std::vector<double> x = {0.5, -1, 2, 1.5, 0, -3, 1, 0.25, -0.5, 1.25, -2, 0.75};
  std::vector<double> values;
  for (const double v : x) values.push_back(sampled_value(op, v));
  const int64_t rows = 100, offsets = quick() ? 8 : 64;
  const sampling_settings& filters = op.settings.back();
  std::map<std::string, std::vector<double>> counts;
  for (int64_t offset = 0; offset < offsets; ++offset) {
    sampling_settings s = filters;
    s.offset = static_cast<uint64_t>(offset) + 0xfffffff0;  // past 32 bits on the way
    auto c = sampling(op, input(dtype::f32, {rows, static_cast<int64_t>(x.size())}, fills::values(values)), s);
    c.fixed_layout = true;  // every draw is counted, and only some are made in other layouts
    const auto judged = c.judge;
    c.judge = [&](const result& r) {
      judged(r);
      auto& count = counts[r.where];
      count.resize(x.size());
      for (const double id : r.got[0]) ++count[static_cast<size_t>(id)];
    };
    run(op.name, c);
  }
  // top_k largest, then the fewest with top_p of them, or of all.
  const double temperature = op.logits ? filters.temperature : 1;
  const auto weight = [&](int64_t i) { return std::exp(x[i] / temperature); };
  std::vector<int64_t> kept(x.size());
  std::iota(kept.begin(), kept.end(), 0);
  std::sort(kept.begin(), kept.end(), [&](int64_t a, int64_t b) { return x[a] > x[b]; });
  double all = 0, total = 0, sum = 0;
  for (const int64_t i : kept) all += weight(i);
  if (filters.top_k > 0) kept.resize(filters.top_k);
  for (const int64_t i : kept) total += weight(i);
  size_t size = 0;
  const double goal = filters.top_p * (filters.joint ? all : total) * (1 - 1e-9);
  while (size < kept.size() && sum < goal && weight(kept[size]) >= filters.min_p * weight(kept[0]))
    sum += weight(kept[size++]);
  for (const auto& [where, count] : counts) {
    double chi = 0, inside = 0;
    for (size_t k = 0; k < size; ++k) {
      const double expected = rows * offsets * weight(kept[k]) / sum;
      chi += std::pow(count[kept[k]] - expected, 2) / expected;
      inside += count[kept[k]];
    }
    EXPECT_EQ(inside, rows * offsets) << where << ": a token outside of the set";
    EXPECT_LT(chi, chi_square_bound(static_cast<double>(size - 1))) << where;
    EXPECT_GT(chi, 0.01) << where << ": too even to be random";
  }
  EXPECT_FALSE(counts.empty());
}

void sampling_refuses(const sampling_op& op) {
  auto of = outputs(3);
  of[sampling_tensor::rows] = input(dtype::f16, {3, 64}, sampled_rows(op, 1));
  of[indices] = input(dtype::i32, {3}, fills::constant(2));
  of[temperatures] = of[top_ps] = of[min_ps] = input(dtype::f32, {3}, fills::constant(0.5));
  of[top_ks] = input(dtype::i32, {3}, fills::constant(2));
  of[philox] = input(dtype::i64, {2}, fills::constant(1));
  contract(op.name, sampling(op, of, op.settings.back()));
  const auto x = [&](std::vector<int64_t> shape) { return input(dtype::f32, std::move(shape), sampled_rows(op, 1)); };
  const auto has = [&](sampling_tensor t) { return op.place(t) >= 0; };
  for (const float bad : {-0.5f, NAN, INFINITY}) {
    const auto refuse = [&](const sampling_settings& s, const char* name) {
      refused(op.name, sampling(op, x({3, 8}), s), HIPINFER_STATUS_INVALID_ARGUMENT, name);
    };
    if (has(temperatures)) refuse({.temperature = bad}, "temperature");
    if (has(top_ps)) refuse({.top_p = bad}, "top_p");
    if (has(min_ps)) refuse({.min_p = bad}, "min_p");
    if (has(top_ks)) refuse({.top_k = -1}, "top_k");
  }
  refused(op.name, sampling(op, x({3, 0}), {}), HIPINFER_STATUS_INVALID_SHAPE, "length 0");
  refused(op.name, sampling(op, x({0, int64_t{1} << 31}), {}), HIPINFER_STATUS_INVALID_SHAPE, "length");
  of = outputs(4);
  of[sampling_tensor::rows] = x({3, 8});
  refused(op.name, sampling(op, of, {}), HIPINFER_STATUS_INVALID_SHAPE, "3 rows, expected 4");
}

}  // namespace check
