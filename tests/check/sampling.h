// SPDX-License-Identifier: Apache-2.0
// What the tests of all sampling operations share. A sample is judged by a model: the sorted row gives the sets that the
// filters may keep, and the random point must lie in the sampled token's stretch of the cumulative distribution, both
// within rounding.
#pragma once

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>

#include "device/philox.h"
#include "tests/check/edges.h"

namespace check {

struct sampling_settings {
  float temperature = 1;
  int32_t top_k = 0;
  float top_p = 1, min_p = 0;
  bool joint = false;
  uint64_t seed = 7, offset = 3;
};

// The tensors that a sampling operation may have.
enum class sampling_tensor { output, valid, rows, indices, temperatures, top_ks, top_ps, min_ps, philox };

using sampling_call = hipinfer_status (*)(hipinfer_context, tensors, const sampling_settings&, hipinfer_stream);

// An operation: its tensors in the order of its arguments, and how it is called.
struct sampling_op {
  const char* name;
  bool logits;
  std::vector<sampling_tensor> order;
  sampling_call call;
  std::vector<sampling_settings> settings;  // that it can be asked for

  int place(sampling_tensor t) const {
    const auto at = std::find(order.begin(), order.end(), t);
    return at == order.end() ? -1 : static_cast<int>(at - order.begin());
  }
};

// One output as the arguments describe it.
struct sampling_model {
  bool logits, there, joint;
  std::vector<double> x;
  double temperature, top_p, min_p;
  int64_t top_k;
  double u;

  bool counts(double v) const { return logits ? v > -INFINITY : v >= 0x1p-126; }
};

inline sampling_model model_of(const sampling_op& op, const std::vector<tensor>& a, const sampling_settings& s,
                               int64_t r) {
  const auto own = [&](sampling_tensor t, double every) {
    const int i = op.place(t);
    return i >= 0 && a[i].use != role::none ? a[i].contents[r] : every;
  };
  const tensor& rows = a[op.place(sampling_tensor::rows)];
  const int64_t n = rows.shape[1], row = static_cast<int64_t>(own(sampling_tensor::indices, static_cast<double>(r)));
  sampling_model m;
  m.logits = op.logits;
  m.joint = s.joint;
  m.there = row >= 0 && row < rows.shape[0];
  if (m.there) m.x.assign(rows.contents.begin() + row * n, rows.contents.begin() + (row + 1) * n);
  m.temperature = own(sampling_tensor::temperatures, s.temperature);
  m.top_k = static_cast<int64_t>(own(sampling_tensor::top_ks, s.top_k));
  m.top_p = own(sampling_tensor::top_ps, s.top_p);
  m.min_p = own(sampling_tensor::min_ps, s.min_p);
  uint64_t seed = s.seed, offset = s.offset;
  const tensor& philox = a[op.place(sampling_tensor::philox)];
  if (philox.use != role::none) {
    const int64_t at = philox.shape.size() == 2 ? 2 * r : 0;
    seed = static_cast<uint64_t>(static_cast<int64_t>(philox.contents[at]));
    offset = static_cast<uint64_t>(static_cast<int64_t>(philox.contents[at + 1]));
  }
  m.u = std::ldexp(static_cast<double>(hipinfer::random_bits(seed, offset, static_cast<uint64_t>(r))), -64);
  return m;
}

// Of a weight in fp32: the exponent's argument has an error of 2^-24 of up to 30.
constexpr double sampling_rounding = 4e-6;

// "" if the result can be right, else why not.
inline std::string judge_sample(const sampling_model& m, int64_t id, bool is_valid) {
  std::vector<int64_t> kept;
  for (size_t i = 0; i < m.x.size(); ++i) {
    if (m.counts(m.x[i])) kept.push_back(static_cast<int64_t>(i));
  }
  if (!m.there || kept.empty() || !(m.temperature >= 0) || std::isnan(m.top_p) || std::isnan(m.min_p)) {
    return id == 0 && !is_valid ? "" : "expected id 0, not valid";
  }
  if (!is_valid) return "expected a valid row";
  std::sort(kept.begin(), kept.end(), [&](int64_t a, int64_t b) { return m.x[a] != m.x[b] ? m.x[a] > m.x[b] : a < b; });
  if (m.temperature == 0) return id == kept[0] ? "" : "greedy: expected " + std::to_string(kept[0]);
  const double largest = m.x[kept[0]];
  std::vector<double> w(m.x.size(), 0);
  double all = 0, total = 0;
  for (const int64_t i : kept) {
    w[i] = m.x[i] == largest ? 1 : m.logits ? std::exp((m.x[i] - largest) / m.temperature) : m.x[i] / largest;
    all += w[i];
  }
  size_t most = kept.size();
  if (m.top_k > 0) most = std::min(most, static_cast<size_t>(m.top_k));
  for (size_t i = 0; i < most; ++i) total += w[kept[i]];
  const double goal = m.top_p * (m.joint ? all : total), slack = sampling_rounding * (m.joint ? all : total);
  // Every size that the filters may cut to: the sum before the last token is below the goal, the sum with it is not.
  bool any = false;
  double sum = 0;
  std::vector<bool> in(m.x.size());
  for (size_t size = 1; size <= most; ++size) {
    const double before = sum;
    const int64_t newest = kept[size - 1];
    const double part = m.min_p > 0 ? std::min(m.min_p, 1.0) * largest : -INFINITY;
    if (size > 1 && m.x[newest] < part * (1 - 1e-6)) break;
    sum += w[newest];
    in[newest] = true;
    const bool last = size == most || m.x[kept[size]] < part * (1 + 1e-6);
    const bool enough = m.top_p >= 1 ? last : sum >= goal - slack || last;
    const bool fewest = m.top_p >= 1 || size == 1 || before < goal + slack;
    if (!fewest) break;
    if (!enough) continue;
    any = true;
    if (w[id] == 0 || !in[id]) continue;
    double low = 0;
    for (int64_t i = 0; i < id; ++i) low += in[i] ? w[i] : 0;
    if (m.u >= low / sum - sampling_rounding && m.u <= (low + w[id]) / sum + sampling_rounding) return "";
  }
  return any ? "the random point " + std::to_string(m.u) + " is not that token's" : "the model kept no set";
}

// `of` has a tensor for each of the operation's, or fewer: the others are left out.
inline test_case sampling(const sampling_op& op, std::map<sampling_tensor, tensor> of, const sampling_settings& s) {
  std::vector<tensor> a;
  for (const sampling_tensor t : op.order) a.push_back(of.count(t) != 0 ? of[t] : none());
  test_case c{std::move(a),
              [op, s](auto context, auto t, auto, auto stream) { return op.call(context, t, s, stream); }};
  c.judge = [op, s](const result& r) {
    const size_t out = op.place(sampling_tensor::output), valid = op.place(sampling_tensor::valid);
    const bool flagged = r.arguments[valid].use != role::none;
    for (int64_t row = 0; row < r.arguments[out].shape[0]; ++row) {
      const double id = r.got[out][row];
      ASSERT_TRUE(id >= 0 && id < r.arguments[op.place(sampling_tensor::rows)].shape[1])
          << r.where << ": row " << row << ": id " << id;
      const sampling_model m = model_of(op, r.arguments, s, row);
      // Without the flag, a row that is expected to be invalid is one that gives 0.
      const bool ok = flagged ? r.got[valid][row] == 1 : r.expected[out][row] != 0 || judge_sample(m, 0, false) != "";
      if (flagged) {
        ASSERT_TRUE(r.got[valid][row] == 0 || r.got[valid][row] == 1);
      }
      ASSERT_EQ(judge_sample(m, static_cast<int64_t>(id), ok), "")
          << r.where << ": row " << row << ": id " << id << ", the reference gave " << r.expected[out][row];
    }
  };
  return c;
}
inline test_case sampling(const sampling_op& op, tensor x, const sampling_settings& s) {
  const int64_t rows = x.shape[0];
  return sampling(op,
                  {{sampling_tensor::output, output(dtype::i32, {rows})},
                   {sampling_tensor::valid, output(dtype::b8, {rows})},
                   {sampling_tensor::rows, std::move(x)}},
                  s);
}

// Logits of this deviation, or the probabilities that they stand for, which need not sum to 1.
inline fill sampled_rows(const sampling_op& op, double deviation) {
  const fill normal = fills::normal(deviation);
  if (op.logits) return normal;
  return [normal, deviation](int64_t i, generator& g) { return std::exp(normal(i, g) - 4 * deviation); };
}
// A logit, or the probability that it stands for.
inline double sampled_value(const sampling_op& op, double logit) {
  return op.logits ? logit : std::exp(logit);
}

// The chi-square statistic's upper bound at a probability of about 1e-6 (Wilson and Hilferty's approximation).
inline double chi_square_bound(double freedom) {
  const double a = 2 / (9 * freedom);
  return freedom * std::pow(1 - a + 4.75 * std::sqrt(a), 3);
}

void sampling_lengths(const sampling_op& op);
void sampling_edges(const sampling_op& op);
void sampling_long_rows(const sampling_op& op);
void sampling_batches(const sampling_op& op);
void sampling_strided(const sampling_op& op);
void sampling_ties(const sampling_op& op);
void sampling_hostile(const sampling_op& op);
void sampling_indices_and_seeds(const sampling_op& op);
void sampling_distribution(const sampling_op& op);
void sampling_refuses(const sampling_op& op);

// The tests that every one of them has.
#define HIPINFER_SAMPLING_TESTS(op, of)          \
  TEST(op, lengths) {                            \
    sampling_lengths(of);                        \
  }                                              \
  TEST(op, edges) {                              \
    sampling_edges(of);                          \
  }                                              \
  TEST(op, long_rows) {                          \
    sampling_long_rows(of);                      \
  }                                              \
  TEST(op, batches) {                            \
    sampling_batches(of);                        \
  }                                              \
  TEST(op, strided_and_unaligned_rows) {         \
    sampling_strided(of);                        \
  }                                              \
  TEST(op, ties) {                               \
    sampling_ties(of);                           \
  }                                              \
  TEST(op, hostile_rows) {                       \
    sampling_hostile(of);                        \
  }                                              \
  TEST(op, indices_and_seeds) {                  \
    sampling_indices_and_seeds(of);              \
  }                                              \
  TEST(op, distribution_over_rows_and_offsets) { \
    sampling_distribution(of);                   \
  }                                              \
  TEST(op, refuses) {                            \
    sampling_refuses(of);                        \
  }

}  // namespace check
