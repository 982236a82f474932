// SPDX-License-Identifier: Apache-2.0
#include "core/reference.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <span>

#include "gen/argmax.h"
#include "gen/softmax.h"
#include "gen/top_k_top_p_sampling_from_logits.h"

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

// From the definition: sort, cut, cut, walk. All in double, whatever the logits' type; logit(i) gives them. `kept` has room
// for all ids.
template <class Logit>
int64_t sample(Logit logit, std::span<int64_t> kept, double temperature, int64_t top_k, double top_p, double u) {
  size_t candidates = 0;
  for (size_t i = 0; i < kept.size(); ++i) {
    const double x = logit(i);
    if (x > -INFINITY) kept[candidates++] = static_cast<int64_t>(i);  // false for NaN
  }
  kept = kept.first(candidates);
  if (kept.empty() || !(temperature >= 0) || std::isnan(top_p)) return -1;
  // Largest first; of equal logits the lowest index comes first.
  std::sort(kept.begin(), kept.end(), [&](int64_t a, int64_t b) {
    const double x = logit(a), y = logit(b);
    return x != y ? x > y : a < b;
  });
  if (temperature == 0) return kept[0];
  if (top_k > 0 && top_k < static_cast<int64_t>(kept.size())) kept = kept.first(static_cast<size_t>(top_k));
  const double largest = logit(kept[0]);
  const auto weight = [&](int64_t i) {
    const double x = logit(i);
    return x == largest ? 1.0 : std::exp((x - largest) / temperature);
  };
  double total = 0;
  for (const int64_t i : kept) total += weight(i);
  if (top_p < 1) {
    double sum = 0;
    size_t count = 0;
    while (count < kept.size() && (count == 0 || sum < top_p * total)) sum += weight(kept[count++]);
    kept = kept.first(count);
    total = sum;
  }
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

void top_k_top_p_sampling_from_logits_reference(const top_k_top_p_sampling_from_logits_args& a) {
  const int64_t n = a.logits.shape[1];
  const elements<int32_t> output(a.output);
  const elements<uint8_t> valid(a.valid);
  const elements<const int64_t> philox(a.philox);
  const uint64_t seed = a.philox.given() ? static_cast<uint64_t>(philox(0)) : a.seed;
  const uint64_t offset = a.philox.given() ? static_cast<uint64_t>(philox(1)) : a.offset;
  with_float(a.logits.type, [&]<class T>() {
    using real = accumulator<T>;
    const elements<const T> logits(a.logits);
    parallel_rows<int64_t>(a.logits.shape[0], n * 16, n, [&](int64_t t, std::span<int64_t> ids) {
      const int64_t id = sample([&](int64_t i) -> double { return widen(logits(t, i)); }, ids,
                                own_or<real>(a.temperatures, t, a.temperature), own_or<int32_t>(a.top_ks, t, a.top_k),
                                own_or<real>(a.top_ps, t, a.top_p), uniform(seed, offset, static_cast<uint64_t>(t)));
      output(t) = static_cast<int32_t>(id < 0 ? 0 : id);
      if (a.valid.given()) valid(t) = id >= 0;
    });
  });
}

}  // namespace hipinfer
