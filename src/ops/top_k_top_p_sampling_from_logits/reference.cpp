// SPDX-License-Identifier: Apache-2.0
// From the definition: sort, cut, cut, walk. All in double, whatever the logits' type.
#include <algorithm>
#include <array>
#include <cstdint>
#include <vector>

#include "core/reference.h"
#include "gen/ops.h"
#include "ops/top_k_top_p_sampling_from_logits/params.h"

namespace hipinfer {
namespace {

using params = top_k_top_p_sampling_from_logits_params;

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

template <class T>
int64_t sample(const T* logits, int64_t n, double temperature, int64_t top_k, double top_p, double u) {
  std::vector<int64_t> kept;
  for (int64_t i = 0; i < n; ++i) {
    const double x = widen(logits[i]);
    if (x > -INFINITY) kept.push_back(i);  // false for NaN
  }
  if (kept.empty() || !(temperature >= 0) || std::isnan(top_p)) return -1;
  // Largest first; stable, so that of equal logits the lowest index comes first.
  std::stable_sort(kept.begin(), kept.end(), [&](int64_t a, int64_t b) { return widen(logits[a]) > widen(logits[b]); });
  if (temperature == 0) return kept[0];
  if (top_k > 0 && top_k < static_cast<int64_t>(kept.size())) kept.resize(top_k);
  const double largest = widen(logits[kept[0]]);
  const auto weight = [&](int64_t i) {
    const double x = widen(logits[i]);
    return x == largest ? 1.0 : std::exp((x - largest) / temperature);
  };
  double total = 0;
  for (const int64_t i : kept) total += weight(i);
  if (top_p < 1) {
    double sum = 0;
    size_t count = 0;
    while (count < kept.size() && (count == 0 || sum < top_p * total)) sum += weight(kept[count++]);
    kept.resize(count);
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

template <class T>
void sample_rows(const params& p) {
  const auto* temperatures = static_cast<const accumulator<T>*>(p.temperatures);
  const auto* top_ps = static_cast<const accumulator<T>*>(p.top_ps);
  const int64_t seed = p.philox != nullptr ? p.philox[0] : p.seed;
  const int64_t offset = p.philox != nullptr ? p.philox[1] : p.offset;
  parallel_rows(p.rows, p.n * 16, [&](int64_t r) {
    const int64_t id =
        sample(static_cast<const T*>(p.logits) + r * p.logits_stride, p.n,
               temperatures != nullptr ? temperatures[r] : p.temperature, p.top_ks != nullptr ? p.top_ks[r] : p.top_k,
               top_ps != nullptr ? top_ps[r] : p.top_p,
               uniform(static_cast<uint64_t>(seed), static_cast<uint64_t>(offset), static_cast<uint64_t>(r)));
    p.output[r] = static_cast<int32_t>(id < 0 ? 0 : id);
    if (p.valid != nullptr) p.valid[r] = id >= 0;
  });
}

}  // namespace

void top_k_top_p_sampling_from_logits_reference(const top_k_top_p_sampling_from_logits_params& p,
                                                const bound_dtypes& types) {
  with_float(types[top_k_top_p_sampling_from_logits_dtype::data], [&]<class T>() { sample_rows<T>(p); });
}

}  // namespace hipinfer
