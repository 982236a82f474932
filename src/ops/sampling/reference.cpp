// SPDX-License-Identifier: Apache-2.0
#include "core/reference.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <numeric>
#include <span>

#include "gen/apply_penalties.h"
#include "gen/argmax.h"
#include "gen/chain_speculative_sampling.h"
#include "gen/filter.h"
#include "gen/sampling.h"
#include "gen/softmax.h"
#include "gen/token_logprobs.h"
#include "gen/top_k.h"
#include "gen/top_k_transform.h"

namespace hipinfer {
namespace {

// Philox4x32-10 as the paper states it: ten rounds, the key bumped by Weyl constants between them.
std::array<uint32_t, 4> philox(std::array<uint32_t, 4> counter, std::array<uint32_t, 2> key) {
  for (int round = 0; round < 10; ++round) {
    const uint64_t a = uint64_t{0xD2511F53} * counter[0], b = uint64_t{0xCD9E8D57} * counter[2];
    counter = {static_cast<uint32_t>(b >> 32) ^ counter[1] ^ key[0], static_cast<uint32_t>(b),
               static_cast<uint32_t>(a >> 32) ^ counter[3] ^ key[1], static_cast<uint32_t>(a)};
    key[0] += 0x9E3779B9;
    key[1] += 0xBB67AE85;
  }
  return counter;
}

uint64_t random_bits(uint64_t seed, uint64_t offset, uint64_t row) {
  const auto words = philox({static_cast<uint32_t>(offset), static_cast<uint32_t>(offset >> 32),
                             static_cast<uint32_t>(row), static_cast<uint32_t>(row >> 32)},
                            {static_cast<uint32_t>(seed), static_cast<uint32_t>(seed >> 32)});
  return words[0] | uint64_t{words[1]} << 32;
}
double uniform(uint64_t seed, uint64_t offset, uint64_t row) {
  return std::ldexp(static_cast<double>(random_bits(seed, offset, row)), -64);
}
// Seed (which = 0) or offset (1) of an output: from memory, for all or for each, or the argument.
uint64_t state_of(const view& philox, int64_t t, int64_t which, uint64_t argument) {
  if (!philox.given()) return argument;
  const elements<const int64_t> state(philox);
  return static_cast<uint64_t>(philox.rank == 2 ? state(t, which) : state(which));
}

// What is asked for of a row.
struct filters {
  bool logits;
  double temperature = 1, top_p = 1, min_p = 0;
  int64_t top_k = 0;
  bool joint = false;
};

// From the definition: sort, cut, cut. All in double, whatever the input's type; value(i) gives a logit or a probability.
template <class Value>
struct selection {
  const filters& f;
  Value value;
  std::span<int64_t> ids;  // those that are kept, largest first; of equal elements the lowest index comes first
  double largest = 0;

  // `room` is for all ids.
  selection(const filters& wanted, Value v, std::span<int64_t> room) : f(wanted), value(v) {
    size_t candidates = 0;
    for (size_t i = 0; i < room.size(); ++i) {
      const double x = value(static_cast<int64_t>(i));
      if (f.logits ? x > -INFINITY : x >= 0x1p-126) room[candidates++] = static_cast<int64_t>(i);  // false for NaN
    }
    ids = room.first(candidates);
    if (ids.empty()) return;
    std::sort(ids.begin(), ids.end(), [&](int64_t a, int64_t b) {
      const double x = value(a), y = value(b);
      return x != y ? x > y : a < b;
    });
    largest = value(ids[0]);
    if (f.temperature == 0) {
      ids = ids.first(1);
      return;
    }
    const size_t most =
        f.top_k > 0 && f.top_k < static_cast<int64_t>(ids.size()) ? static_cast<size_t>(f.top_k) : ids.size();
    size_t count = most;
    if (f.top_p < 1) {
      const double goal = f.top_p * sum(f.joint ? ids.size() : most);
      double reached = 0;
      for (count = 0; count < most && (count == 0 || reached < goal); ++count) reached += weight(ids[count]);
    }
    if (f.min_p > 0) {
      while (count > 1 && value(ids[count - 1]) < std::min(f.min_p, 1.0) * largest) --count;
    }
    ids = ids.first(count);
  }
  double weight(int64_t i) const {
    const double x = value(i);
    if (x == largest) return 1;
    return f.logits ? std::exp((x - largest) / f.temperature) : x / largest;
  }
  // Of the first so many.
  double sum(size_t count) const {
    double s = 0;
    for (size_t i = 0; i < count; ++i) s += weight(ids[i]);
    return s;
  }
};

// The first that is kept, in index order, at which the sum of weights exceeds u times that of all.
template <class Value>
int64_t sample(const filters& f, Value value, std::span<int64_t> room, double u) {
  if (!(f.temperature >= 0) || std::isnan(f.top_p) || std::isnan(f.min_p)) return -1;
  const selection<Value> kept(f, value, room);
  if (kept.ids.empty()) return -1;
  const double total = kept.sum(kept.ids.size());
  std::sort(kept.ids.begin(), kept.ids.end());
  double sum = 0;
  int64_t last = kept.ids[0];
  for (const int64_t i : kept.ids) {
    const double w = kept.weight(i);
    if (w > 0) last = i;
    sum += w;
    if (sum > u * total) return i;
  }
  return last;  // rounding kept the sum below u * total
}

// A row's own number where the call has them, else the one of all rows.
template <class Real>
Real own_or(const view& of_rows, int64_t row, Real every) {
  return of_rows.given() ? numbers<Real>(of_rows)(row) : every;
}
int64_t own_or(const view& of_rows, int64_t row, int32_t every) {
  return of_rows.given() ? integers(of_rows)(row) : every;
}

// The indices of a row, its largest numbers first, then NaN; of equal ones the lowest index first.
template <class Value>
void sort_numbers(std::span<int64_t> ids, Value value) {
  std::iota(ids.begin(), ids.end(), int64_t{0});
  std::sort(ids.begin(), ids.end(), [&](int64_t x, int64_t y) {
    const double u = value(x), v = value(y);
    if (std::isnan(u) || std::isnan(v)) return std::isnan(u) != std::isnan(v) ? std::isnan(v) : x < y;
    return u != v ? u > v : x < y;
  });
}
// Those of some: NaN stay behind.
template <class Value>
void in_order_of_the_row(std::span<int64_t> ids, Value value) {
  std::sort(ids.begin(), ids.end(), [&](int64_t x, int64_t y) {
    const bool u = std::isnan(value(x)), v = std::isnan(value(y));
    return u != v ? v : x < y;
  });
}

}  // namespace

void softmax_reference(const softmax_args& a) {
  const int64_t n = a.input.shape[1];
  with_real(a.input.type, [&]<class Real>() {
    constexpr Real infinity = std::numeric_limits<Real>::infinity();
    const numbers<Real> input(a.input), output(a.output);
    parallel_rows(a.input.shape[0], n, [&](int64_t t) {
      const auto store = [&](int64_t i, Real v) { output.put(v, t, i); };
      const Real temperature = own_or<Real>(a.temperatures, t, a.temperature);
      bool nan = !(temperature >= 0 && temperature < infinity);
      Real max = -infinity;
      int64_t argmax = 0;
      for (int64_t i = 0; i < n; ++i) {
        const Real x = input(t, i);
        nan = nan || std::isnan(x);
        if (!(x > max)) continue;
        max = x;
        argmax = i;
      }
      const bool greedy = temperature == 0 || max == -infinity;
      const auto weight = [&](int64_t i) { return std::exp((input(t, i) - max) / temperature); };
      double sum = 0;  // in order over a whole vocabulary: fp32 would lose its last digits
      for (int64_t i = 0; i < n && !greedy; ++i) sum += weight(i);
      for (int64_t i = 0; i < n; ++i) {
        if (nan)
          store(i, std::numeric_limits<Real>::quiet_NaN());
        else if (max == -infinity)
          store(i, 0);
        else if (temperature == 0)
          store(i, i == argmax ? 1 : 0);
        else
          store(i, static_cast<Real>(weight(i) / sum));
      }
    });
  });
}

void argmax_reference(const argmax_args& a) {
  const int64_t n = a.input.shape[1];
  const numbers<double> input(a.input);
  const integers output(a.output);
  parallel_rows(a.input.shape[0], n, [&](int64_t t) {
    int64_t found = -1;
    double most = 0;
    for (int64_t i = 0; i < n; ++i) {
      const double x = input(t, i);
      if (std::isnan(x) || (found >= 0 && !(x > most))) continue;
      found = i;
      most = x;
    }
    output.put(found < 0 ? 0 : found, t);
  });
}

void sampling_reference(const sampling_args& a) {
  const view& input = a.traits.logits ? a.logits : a.probs;
  const int64_t n = input.shape[1];
  const elements<int32_t> output(a.output);
  const elements<uint8_t> valid(a.valid);
  const numbers<double> x(input);
  const int64_t room = input.shape[0] > 0 ? n : 0;  // of no rows any length may be asked for
  parallel_rows<int64_t>(a.output.shape[0], n * 16, room, [&](int64_t t, std::span<int64_t> ids) {
    const int64_t row = a.indices.given() ? integers(a.indices)(t) : t;
    const double u =
        uniform(state_of(a.philox, t, 0, a.seed), state_of(a.philox, t, 1, a.offset), static_cast<uint64_t>(t));
    const filters f{.logits = a.traits.logits,
                    .temperature = a.traits.logits ? own_or<double>(a.temperatures, t, a.temperature) : 1,
                    .top_p = a.traits.by_p ? own_or<double>(a.top_ps, t, a.top_p) : 1,
                    .min_p = own_or<double>(a.min_ps, t, a.min_p),
                    .top_k = own_or(a.top_ks, t, a.top_k),
                    .joint = a.joint != 0};
    const bool there = row >= 0 && row < input.shape[0];
    const int64_t id = there ? sample(f, [&](int64_t i) { return x(row, i); }, ids, u) : -1;
    output(t) = static_cast<int32_t>(id < 0 ? 0 : id);
    if (a.valid.given()) valid(t) = id >= 0;
  });
}

void filter_reference(const filter_args& a) {
  const view& input = a.traits.logits ? a.logits : a.probs;
  const int64_t n = input.shape[1];
  const numbers<double> x(input), output(a.output);
  parallel_rows<int64_t>(input.shape[0], n * 16, n, [&](int64_t t, std::span<int64_t> ids) {
    const filters f{.logits = a.traits.logits,
                    .top_p = a.traits.by_k ? 1 : own_or<double>(a.top_ps, t, a.top_p),
                    .top_k = own_or(a.top_ks, t, a.top_k)};
    const auto value = [&](int64_t i) { return x(t, i); };
    const selection kept(f, value, ids);
    const double rest = std::isnan(f.top_p) ? std::numeric_limits<double>::quiet_NaN()
                        : f.logits          ? -std::numeric_limits<double>::infinity()
                                            : 0;
    const double total = kept.sum(kept.ids.size());
    std::sort(kept.ids.begin(), kept.ids.end());
    size_t next = 0;
    for (int64_t i = 0; i < n; ++i) {
      double y = rest;
      if (next < kept.ids.size() && kept.ids[next] == i) {
        ++next;
        if (!std::isnan(f.top_p)) y = f.logits ? value(i) : kept.weight(i) / total;
      }
      output.put(y, t, i);
    }
  });
}

void chain_speculative_sampling_reference(const chain_speculative_sampling_args& a) {
  const int64_t places = a.draft_token_ids.shape[1], n = a.target_probs.shape[2];
  const elements<int32_t> output(a.output), accepted(a.accepted), emitted(a.emitted);
  const elements<uint8_t> valid(a.valid);
  const integers ids(a.draft_token_ids);
  with_real(a.target_probs.type, [&]<class Real>() {
    const numbers<Real> draft(a.draft_probs), target(a.target_probs);
    const auto probability = [](Real x) { return x >= Real{0x1p-126} ? x : Real{0}; };
    parallel_rows<int64_t>(a.output.shape[0], n * 16, n, [&](int64_t b, std::span<int64_t> room) {
      const uint64_t seed = state_of(a.philox, b, 0, a.seed), offset = state_of(a.philox, b, 1, a.offset);
      const auto counter = [&](int64_t place) {
        return static_cast<uint64_t>(b) + (static_cast<uint64_t>(place + 1) << 32);
      };
      int64_t e = places, count = 0;
      for (int64_t i = 0; i < places; ++i) {
        const int64_t d = ids(b, i);
        const double u = std::ldexp(static_cast<double>(random_bits(seed, offset, counter(i)) >> 40), -24);
        const bool agreed = d >= 0 && d < n && u * probability(draft(b, i, d)) < probability(target(b, i, d));
        count += agreed;
        if (!agreed && i < e) e = i;
        if (i < e) output(b, i) = static_cast<int32_t>(d);
      }
      const filters all{.logits = false};
      const double u = uniform(seed, offset, counter(places));
      int64_t id = -1;
      if (e < places) {
        const auto excess = [&](int64_t i) -> double {
          return static_cast<Real>(probability(target(b, e, i)) - probability(draft(b, e, i)));
        };
        id = sample(all, excess, room, u);
      }
      if (id < 0) id = sample(all, [&](int64_t i) -> double { return probability(target(b, e, i)); }, room, u);
      output(b, e) = static_cast<int32_t>(id < 0 ? 0 : id);
      for (int64_t i = e + 1; i <= places; ++i) output(b, i) = -1;
      if (a.accepted.given()) accepted(b) += static_cast<int32_t>(count);
      if (a.emitted.given()) emitted(b) += static_cast<int32_t>(e);
      if (a.valid.given()) valid(b) = id >= 0;
    });
  });
}

void apply_penalties_reference(const apply_penalties_args& a) {
  const int64_t n = a.logits.shape[1];
  const elements<const int32_t> counts(a.counts);
  const elements<const uint8_t> prompt(a.prompt);
  with_real(a.logits.type, [&]<class Real>() {
    const numbers<Real> logits(a.logits), output(a.output), bias(a.bias);
    parallel_rows(a.logits.shape[0], n, [&](int64_t t) {
      const Real repetition = own_or<Real>(a.repetitions, t, a.repetition);
      const Real presence = own_or<Real>(a.presences, t, a.presence);
      const Real frequency = own_or<Real>(a.frequencies, t, a.frequency);
      for (int64_t i = 0; i < n; ++i) {
        Real x = logits(t, i);
        const int32_t count = a.counts.given() ? counts(t, i) : 0;
        if (count > 0 || (a.prompt.given() && prompt(t, i) != 0)) x = x > 0 ? x / repetition : x * repetition;
        if (count > 0) x -= presence + frequency * static_cast<Real>(count);
        if (a.bias.given()) x += a.bias.rank == 2 ? bias(t, i) : bias(i);
        output.put(x, t, i);
      }
    });
  });
}

void top_k_reference(const top_k_args& a) {
  const int64_t n = a.input.shape[1], count = a.values.shape[1];
  const numbers<double> input(a.input);
  const integers found(a.indices);
  parallel_rows<int64_t>(a.input.shape[0], n * 16, n, [&](int64_t t, std::span<int64_t> ids) {
    sort_numbers(ids, [&](int64_t i) { return input(t, i); });
    ids = ids.first(static_cast<size_t>(count));
    if (!a.sorted) in_order_of_the_row(ids, [&](int64_t i) { return input(t, i); });
    for (int64_t j = 0; j < count; ++j) found.put(ids[static_cast<size_t>(j)], t, j);
    with_float(a.input.type, [&]<class T>() {
      const elements<const T> from(a.input);
      const elements<T> values(a.values);
      for (int64_t j = 0; j < count; ++j) values(t, j) = from(t, ids[static_cast<size_t>(j)]);
    });
  });
}

void token_logprobs_reference(const token_logprobs_args& a) {
  const int64_t n = a.logits.shape[1];
  const view& top = a.top_indices.given() ? a.top_indices : a.top_logprobs;
  const int64_t count = top.given() ? top.shape[1] : 0;
  const elements<int32_t> ranks(a.ranks), top_indices(a.top_indices);
  const integers tokens(a.tokens);
  const numbers<double> logits(a.logits), logprobs(a.logprobs), top_logprobs(a.top_logprobs);
  parallel_rows<int64_t>(a.logits.shape[0], n * (count > 0 ? 16 : 1), n, [&](int64_t t, std::span<int64_t> ids) {
    const auto value = [&](int64_t i) {
      const double x = logits(t, i);
      return std::isnan(x) ? -INFINITY : x;
    };
    const double temperature = own_or<double>(a.temperatures, t, a.temperature);
    int64_t likeliest = 0;
    for (int64_t i = 0; i < n; ++i) {
      if (value(i) > value(likeliest)) likeliest = i;
    }
    const double max = value(likeliest);
    const auto scaled = [&](int64_t i) { return value(i) == max ? 0 : (value(i) - max) / temperature; };
    double sum = 0;
    for (int64_t i = 0; i < n; ++i) sum += std::exp(scaled(i));
    const auto logprob = [&](int64_t i) -> double {
      if (!(temperature >= 0 && temperature < INFINITY)) return NAN;
      if (value(i) == -INFINITY) return -INFINITY;
      if (temperature == 0) return i == likeliest ? 0 : -INFINITY;
      return scaled(i) - std::log(sum);
    };
    const int64_t token = tokens(t);
    const bool there = token >= 0 && token < n;
    int32_t rank = 0;
    for (int64_t i = 0; there && i < n; ++i) rank += value(i) > value(token);
    logprobs.put(there ? logprob(token) : NAN, t);
    if (a.ranks.given()) ranks(t) = there ? rank : -1;
    if (count == 0) return;
    sort_numbers(ids, [&](int64_t i) { return logits(t, i); });
    for (int64_t j = 0; j < count; ++j) {
      const int64_t i = ids[static_cast<size_t>(j)];
      if (a.top_logprobs.given()) top_logprobs.put(logprob(i), t, j);
      if (a.top_indices.given()) top_indices(t, j) = static_cast<int32_t>(i);
    }
  });
}

void top_k_transform_reference(const top_k_transform_args& a) {
  const int64_t n = a.scores.shape[1], count = a.output.shape[1];
  const elements<int32_t> output(a.output), raw(a.raw_indices);
  const elements<const int32_t> table(a.page_table), offsets(a.offsets), lengths(a.lengths);
  const numbers<double> scores(a.scores);
  parallel_rows<int64_t>(a.scores.shape[0], n * 16, n, [&](int64_t t, std::span<int64_t> ids) {
    const int64_t asked = own_or(a.row_starts, t, 0);
    const int64_t start = std::clamp<int64_t>(asked, 0, n);
    const int64_t length = std::clamp<int64_t>(lengths(t), 0, n - start);
    ids = ids.first(static_cast<size_t>(length));
    if (length <= count) {
      std::iota(ids.begin(), ids.end(), int64_t{0});
    } else {
      const auto value = [&](int64_t i) { return scores(t, start + i); };
      sort_numbers(ids, value);
      ids = ids.first(static_cast<size_t>(count));
      in_order_of_the_row(ids, value);
    }
    const auto slot = [&](int64_t i) -> int64_t {
      if (!a.traits.paged) return offsets(t) + i;
      const int64_t b = a.row_to_batch.given() ? elements<const int32_t>(a.row_to_batch)(t) : t;
      const int64_t entry = own_or(a.page_table_starts, t, static_cast<int32_t>(asked)) + i / a.page_size;
      if (b < 0 || b >= a.page_table.shape[0] || entry < 0 || entry >= a.page_table.shape[1]) return -1;
      const int64_t page = table(b, entry);
      const int64_t place = page * a.page_size + i % a.page_size;
      return page < 0 || place > INT32_MAX ? -1 : place;
    };
    for (int64_t j = 0; j < count; ++j) {
      const bool there = j < static_cast<int64_t>(ids.size());
      const int64_t i = there ? ids[static_cast<size_t>(j)] : -1;
      output(t, j) = there ? static_cast<int32_t>(slot(i)) : -1;
      if (a.raw_indices.given()) raw(t, j) = static_cast<int32_t>(i);
    }
  });
}

}  // namespace hipinfer
