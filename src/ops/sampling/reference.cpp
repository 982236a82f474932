// SPDX-License-Identifier: Apache-2.0
#include "core/reference.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <span>

#include "gen/argmax.h"
#include "gen/sampling.h"
#include "gen/softmax.h"

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

double uniform(uint64_t seed, uint64_t offset, uint64_t row) {
  const auto words = philox({static_cast<uint32_t>(offset), static_cast<uint32_t>(offset >> 32),
                             static_cast<uint32_t>(row), static_cast<uint32_t>(row >> 32)},
                            {static_cast<uint32_t>(seed), static_cast<uint32_t>(seed >> 32)});
  return std::ldexp(static_cast<double>(words[0] | uint64_t{words[1]} << 32), -64);
}

// What an output asks for.
struct filters {
  bool logits;
  double temperature, top_p, min_p;
  int64_t top_k;
  bool joint;
};

// From the definition: sort, cut, cut, walk. All in double, whatever the input's type; value(i) gives a logit or a
// probability. `kept` has room for all ids.
template <class Value>
int64_t sample(const filters& f, Value value, std::span<int64_t> kept, double u) {
  size_t candidates = 0;
  for (size_t i = 0; i < kept.size(); ++i) {
    const double x = value(i);
    if (f.logits ? x > -INFINITY : x >= 0x1p-126) kept[candidates++] = static_cast<int64_t>(i);  // false for NaN
  }
  kept = kept.first(candidates);
  if (kept.empty() || !(f.temperature >= 0) || std::isnan(f.top_p) || std::isnan(f.min_p)) return -1;
  // Largest first; of equal elements the lowest index comes first.
  std::sort(kept.begin(), kept.end(), [&](int64_t a, int64_t b) {
    const double x = value(a), y = value(b);
    return x != y ? x > y : a < b;
  });
  if (f.temperature == 0) return kept[0];
  const double largest = value(kept[0]);
  const auto weight = [&](int64_t i) {
    const double x = value(i);
    if (x == largest) return 1.0;
    return f.logits ? std::exp((x - largest) / f.temperature) : x / largest;
  };
  const auto sum_of = [&](size_t count) {
    double sum = 0;
    for (size_t i = 0; i < count; ++i) sum += weight(kept[i]);
    return sum;
  };
  const size_t most =
      f.top_k > 0 && f.top_k < static_cast<int64_t>(kept.size()) ? static_cast<size_t>(f.top_k) : kept.size();
  size_t count = most;
  if (f.top_p < 1) {
    const double goal = f.top_p * sum_of(f.joint ? kept.size() : most);
    double sum = 0;
    for (count = 0; count < most && (count == 0 || sum < goal); ++count) sum += weight(kept[count]);
  }
  if (f.min_p > 0) {
    while (count > 1 && value(kept[count - 1]) < std::min(f.min_p, 1.0) * largest) --count;
  }
  const double total = sum_of(count);
  kept = kept.first(count);
  std::sort(kept.begin(), kept.end());
  double sum = 0;
  int64_t last = kept[0];
  for (const int64_t i : kept) {
    const double w = weight(i);
    if (w > 0) last = i;
    sum += w;
    if (sum > u * total) return i;
  }
  return last;  // rounding kept the sum below u * total
}

// A row's own number where the call has them, else the one of all rows.
template <class Number, class Every>
Number own_or(const view& of_rows, int64_t row, Every every) {
  return of_rows.given() ? elements<const Number>(of_rows)(row) : every;
}

}  // namespace

void softmax_reference(const softmax_args& a) {
  const int64_t n = a.input.shape[1];
  with_float(a.input.type, [&]<class T>() {
    with_float(a.output.type, [&]<class Out>() {
      using real = accumulator<T>;
      constexpr real infinity = std::numeric_limits<real>::infinity();
      const elements<const T> input(a.input);
      const elements<Out> output(a.output);
      parallel_rows(a.input.shape[0], n, [&](int64_t t) {
        const auto store = [&](int64_t i, real v) { output(t, i) = narrow<Out>(static_cast<accumulator<Out>>(v)); };
        const real temperature = own_or<real>(a.temperatures, t, a.temperature);
        bool nan = !(temperature >= 0 && temperature < infinity);
        real max = -infinity;
        int64_t argmax = 0;
        for (int64_t i = 0; i < n; ++i) {
          const real x = widen(input(t, i));
          nan = nan || std::isnan(x);
          if (!(x > max)) continue;
          max = x;
          argmax = i;
        }
        const bool greedy = temperature == 0 || max == -infinity;
        const auto weight = [&](int64_t i) { return std::exp((widen(input(t, i)) - max) / temperature); };
        double sum = 0;  // in order over a whole vocabulary: fp32 would lose its last digits
        for (int64_t i = 0; i < n && !greedy; ++i) sum += weight(i);
        for (int64_t i = 0; i < n; ++i) {
          if (nan)
            store(i, std::numeric_limits<real>::quiet_NaN());
          else if (max == -infinity)
            store(i, 0);
          else if (temperature == 0)
            store(i, i == argmax ? 1 : 0);
          else
            store(i, static_cast<real>(weight(i) / sum));
        }
      });
    });
  });
}

void argmax_reference(const argmax_args& a) {
  const int64_t n = a.input.shape[1];
  with_float(a.input.type, [&]<class T>() {
    with_index(a.output.type, [&]<class I>() {
      const elements<const T> input(a.input);
      const elements<I> output(a.output);
      parallel_rows(a.input.shape[0], n, [&](int64_t t) {
        int64_t found = -1;
        for (int64_t i = 0; i < n; ++i) {
          if (std::isnan(widen(input(t, i)))) continue;
          if (found < 0 || widen(input(t, i)) > widen(input(t, found))) found = i;
        }
        output(t) = static_cast<I>(found < 0 ? 0 : found);
      });
    });
  });
}

void sampling_reference(const sampling_args& a) {
  const view& input = a.traits.logits ? a.logits : a.probs;
  const int64_t n = input.shape[1];
  const elements<int32_t> output(a.output);
  const elements<uint8_t> valid(a.valid);
  const elements<const int64_t> philox(a.philox);
  const auto seed_or_offset = [&](int64_t t, int64_t which, uint64_t every) {
    if (!a.philox.given()) return every;
    return static_cast<uint64_t>(a.philox.rank == 2 ? philox(t, which) : philox(which));
  };
  with_float(input.type, [&]<class T>() {
    using real = accumulator<T>;
    const elements<const T> x(input);
    parallel_rows<int64_t>(a.output.shape[0], n * 16, n, [&](int64_t t, std::span<int64_t> ids) {
      const int64_t row = a.indices.given() ? integers(a.indices)(t) : t;
      const double u = uniform(seed_or_offset(t, 0, a.seed), seed_or_offset(t, 1, a.offset), static_cast<uint64_t>(t));
      const filters f{.logits = a.traits.logits,
                      .temperature = a.traits.logits ? own_or<real>(a.temperatures, t, a.temperature) : 1,
                      .top_p = a.traits.by_p ? own_or<real>(a.top_ps, t, a.top_p) : 1,
                      .min_p = own_or<real>(a.min_ps, t, a.min_p),
                      .top_k = own_or<int32_t>(a.top_ks, t, a.top_k),
                      .joint = a.joint != 0};
      const bool there = row >= 0 && row < input.shape[0];
      const int64_t id = there ? sample(f, [&](int64_t i) -> double { return widen(x(row, i)); }, ids, u) : -1;
      output(t) = static_cast<int32_t>(id < 0 ? 0 : id);
      if (a.valid.given()) valid(t) = id >= 0;
    });
  });
}

}  // namespace hipinfer
