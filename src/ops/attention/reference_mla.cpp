// SPDX-License-Identifier: Apache-2.0
// Multi-head latent attention from the definition: all scores, then their softmax, then the weighted sum of latent keys.
#include <algorithm>
#include <span>
#include <vector>

#include "core/reference.h"
#include "gen/paged_mla_attention.h"

namespace hipinfer {
namespace {

// The keys of a request. What its tables have that is out of range is clamped, as kernels do.
struct latent_keys {
  int64_t first, count;  // entry of the page table, and keys
};
latent_keys keys_of(const paged_mla_attention_args& a, int64_t request) {
  const elements<const int32_t> indptr(a.kv_indptr), length(a.kv_len);
  const int64_t table = a.ckv_cache.shape[0] == 0 ? 0 : a.kv_indices.shape[0];
  const int64_t begin = std::clamp<int64_t>(indptr(request), 0, table);
  const int64_t end = std::clamp<int64_t>(indptr(request + 1), 0, table);
  const int64_t room = std::max<int64_t>(0, end - begin) * a.ckv_cache.shape[1];
  return {begin, std::clamp<int64_t>(length(request), 0, room)};
}

}  // namespace

void paged_mla_attention_reference(const paged_mla_attention_args& a) {
  const int64_t tokens = a.q_nope.shape[0], heads = a.q_nope.shape[1], requests = a.kv_len.shape[0];
  const int64_t latent = a.q_nope.shape[2], rotated = a.q_pe.shape[2], slots = a.ckv_cache.shape[1];
  const auto* indptr = static_cast<const int32_t*>(a.qo_indptr.data);
  int64_t most_keys = 0;
  for (int64_t b = 0; b < requests; ++b) most_keys = std::max(most_keys, keys_of(a, b).count);
  with_float(a.q_nope.type, [&]<class T>() {
    using real = accumulator<T>;
    constexpr real none = -std::numeric_limits<real>::infinity();
    const elements<const T> q_nope(a.q_nope), q_pe(a.q_pe), ckv(a.ckv_cache), kpe(a.kpe_cache);
    const elements<const int32_t> indices(a.kv_indices);
    const elements<T> output(a.output);
    const elements<real> lse(a.lse);
    // The row's weights, and after them its sums.
    parallel_rows<real>(
        tokens * heads, (most_keys + 1) * (latent + rotated), most_keys + latent, [&](int64_t i, auto room) {
          const int64_t t = i / heads, h = i % heads;
          const int64_t b = std::upper_bound(indptr, indptr + requests + 1, t) - indptr - 1;
          if (b < 0 || b >= requests) return;  // a token of no request
          const latent_keys keys = keys_of(a, b);
          const int64_t end = std::min<int64_t>(indptr[b + 1], tokens);
          const int64_t seen = a.causal ? std::clamp<int64_t>(keys.count - (end - t) + 1, 0, keys.count) : keys.count;
          const auto place = [&](int64_t j) {
            return std::clamp<int64_t>(indices(keys.first + j / slots), 0, a.ckv_cache.shape[0] - 1);
          };
          const std::span<real> weight = room.first(static_cast<size_t>(most_keys));
          const std::span<real> sums = room.subspan(static_cast<size_t>(most_keys));
          real most = none;
          for (int64_t j = 0; j < seen; ++j) {
            const int64_t page = place(j), slot = j % slots;
            double dot = 0;  // one product after the other: floats would lose what a GPU's several sums keep
            for (int64_t c = 0; c < latent; ++c) dot += widen(q_nope(t, h, c)) * widen(ckv(page, slot, c));
            for (int64_t c = 0; c < rotated; ++c) dot += widen(q_pe(t, h, c)) * widen(kpe(page, slot, c));
            weight[j] = static_cast<real>(dot) * static_cast<real>(a.sm_scale);
            if (weight[j] > most) most = weight[j];
          }
          if (most == none) most = 0;  // nothing to see, or only -inf and NaN: the weights are 0 and NaN
          std::fill(sums.begin(), sums.end(), real{0});
          real sum = 0;
          for (int64_t j = 0; j < seen; ++j) {
            const real w = std::exp(weight[j] - most);
            sum += w;
            for (int64_t c = 0; c < latent; ++c) sums[c] += w * widen(ckv(place(j), j % slots, c));
          }
          for (int64_t c = 0; c < latent; ++c) output(t, h, c) = narrow<T>(sum == 0 ? 0 : sums[c] / sum);
          if (a.lse.given())
            lse(t, h) = sum == 0 ? none : most * static_cast<real>(1.4426950408889634) + std::log2(sum);
        });
  });
}

}  // namespace hipinfer
