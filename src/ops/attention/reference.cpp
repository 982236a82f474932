// SPDX-License-Identifier: Apache-2.0
// Attention from the definition: all scores, then their softmax, then the weighted sum of values.
#include "core/reference.h"

#include <algorithm>
#include <span>

#include "gen/masked_softmax.h"
#include "gen/paged_attention_decode.h"
#include "gen/paged_attention_prefill.h"

namespace hipinfer {
namespace {

// Where a request's keys are. What the page table has that is out of range is clamped, as kernels do, so that a broken one is not read past,
// nor is the cache. Without a table keys lie side by side.
template <class Args>
class page_table {
 public:
  explicit page_table(const Args& a)
      : indptr_(a.kv_indptr),
        indices_(a.kv_indices),
        last_page_len_(a.kv_last_page_len),
        paged_(a.kv_indices.given()),
        entries_(!paged_ || a.k_cache.shape[0] == 0 ? a.k_cache.shape[0] : a.kv_indices.shape[0]),
        pages_(a.k_cache.shape[0]),
        page_size_(paged_ ? a.k_cache.shape[1] : 1),
        requests_(a.kv_indptr.shape[0] - 1) {}

  int64_t keys(int64_t request) const {
    const int64_t end = std::min<int64_t>(indptr_(request + 1), entries_), pages = end - first(request);
    if (pages <= 0) return 0;
    if (!paged_) return pages;
    return (pages - 1) * page_size_ + std::clamp<int64_t>(last_page_len_(request), 0, page_size_);
  }
  int64_t most_keys() const {
    int64_t most = 0;
    for (int64_t b = 0; b < requests_; ++b) most = std::max(most, keys(b));
    return most;
  }
  // A head's row of a key in the cache, whose last dimension is contiguous.
  template <class T>
  const T* row(const elements<const T>& cache, int64_t request, int64_t key, int64_t head) const {
    if (!paged_) return &cache(first(request) + key, head, 0);
    const int64_t page = std::clamp<int64_t>(indices_(first(request) + key / page_size_), 0, pages_ - 1);
    return &cache(page, key % page_size_, head, 0);
  }

 private:
  int64_t first(int64_t request) const { return std::max<int64_t>(indptr_(request), 0); }

  elements<const int32_t> indptr_, indices_, last_page_len_;
  bool paged_;
  int64_t entries_, pages_, page_size_, requests_;
};

// Of a key/value head, where there is not one number for all; 1, if it is left out.
template <class Real>
Real scale_of(const view& scale, int64_t kv_head) {
  return scale.given() ? elements<const Real>(scale)(scale.shape[0] > 1 ? kv_head : 0) : 1;
}

// Row `row`, head `head` of query, output and lse, of a token at position `at` of its request, which may be negative; sees(j) says whether
// it sees key j. `weight` has room for all of a request's keys.
template <class T, class Cached, class Args, class Sees>
void attend(const Args& a, int64_t request, int64_t row, int64_t head, int64_t at, std::span<accumulator<T>> weight,
            Sees sees) {
  using real = accumulator<T>;
  constexpr real none = -std::numeric_limits<real>::infinity();
  const elements<const real> sinks(a.sinks), slopes(a.alibi_slopes);
  const elements<const T> query(a.query);
  const elements<const Cached> k_cache(a.k_cache), v_cache(a.v_cache);
  const elements<T> output(a.output);
  const page_table table(a);
  const int64_t d = a.query.shape[2], q_heads = a.query.shape[1], kv_heads = a.k_cache.extent(2);
  const int64_t kv_head = head / (q_heads / kv_heads);
  // The first and past the last key of those that windows let through.
  const int64_t end = table.keys(request);
  const int64_t begin = a.sliding_window > 0 ? std::clamp<int64_t>(at - a.sliding_window + 1, 0, end) : 0;
  const double sm_scale = a.sm_scale > 0 ? static_cast<double>(a.sm_scale) : 1 / std::sqrt(static_cast<double>(d));

  const real k_scale = scale_of<real>(a.k_scale, kv_head), v_scale = scale_of<real>(a.v_scale, kv_head);

  real q[256], sum_v[256] = {};
  for (int64_t i = 0; i < d; ++i) q[i] = widen(query(row, head, i));
  real most = none;
  for (int64_t j = begin; j < end; ++j) {
    if (!sees(j)) continue;
    const Cached* k = table.row(k_cache, request, j, kv_head);
    real part[8] = {};  // eight sums side by side, which a compiler may keep in one vector
    for (int64_t i = 0; i < d; i += 8) {
      for (int64_t n = 0; n < 8; ++n) part[n] += q[i + n] * widen(k[i + n]);
    }
    const real dot = ((part[0] + part[1]) + (part[2] + part[3])) + ((part[4] + part[5]) + (part[6] + part[7]));
    weight[j] = dot * k_scale * static_cast<real>(sm_scale);
    if (a.logits_soft_cap > 0) {
      const auto cap = static_cast<real>(a.logits_soft_cap);
      weight[j] = cap * std::tanh(weight[j] / cap);
    }
    if (a.alibi_slopes.given()) weight[j] += slopes(head) * static_cast<real>(j - at);
    if (weight[j] > most) most = weight[j];
  }
  if (a.sinks.given() && sinks(head) > most) most = sinks(head);
  if (most == none) most = 0;  // nothing to see, or only -inf and NaN: the weights are 0 and NaN
  const real sink = a.sinks.given() ? std::exp(sinks(head) - most) : 0;
  real sum = 0;
  for (int64_t j = begin; j < end; ++j) {
    if (!sees(j)) continue;
    weight[j] = std::exp(weight[j] - most);
    sum += weight[j];
    const Cached* v = table.row(v_cache, request, j, kv_head);
    for (int64_t i = 0; i < d; ++i) sum_v[i] += weight[j] * widen(v[i]);
  }
  const bool no_weight = sum == 0;  // then values, whatever they are, have no part
  sum += sink;
  for (int64_t i = 0; i < d; ++i)
    output(row, head, i) = narrow<T>(sum == 0 ? 0 : (no_weight ? 0 : v_scale * sum_v[i]) / sum);
  if (!a.lse.given()) return;
  const elements<real> lse(a.lse);
  lse(row, head) = sum == 0 ? none : most * static_cast<real>(1.4426950408889634) + std::log2(sum);
}

// Bit `pair` of a request in the mask; there is none past its end.
bool mask_bit(const paged_attention_prefill_args& a, int64_t request, int64_t pair) {
  const int64_t bytes = a.custom_mask.shape[0];
  const int64_t first = a.mask_indptr.type == dtype::i64 ? elements<const int64_t>(a.mask_indptr)(request)
                                                         : elements<const int32_t>(a.mask_indptr)(request);
  const int64_t byte = std::clamp<int64_t>(first, 0, bytes) + pair / 8;
  return byte < bytes && (elements<const uint8_t>(a.custom_mask)(byte) >> pair % 8 & 1) != 0;
}

// f<T, Cached>() for the dtypes of queries and of the cache.
template <class Args, class F>
void with_dtypes(const Args& a, F&& f) {
  with_float(a.query.type, [&]<class T>() {
    if (bit(a.k_cache.type) & quantised_dtypes)
      with_quantised(a.k_cache.type, [&]<class Cached>() { f.template operator()<T, Cached>(); });
    else
      f.template operator()<T, T>();
  });
}

// What a row costs, for parallel_rows; lengths differ, the table's size is all that is known.
template <class Args>
int64_t attention_work(const Args& a) {
  const int64_t requests = std::max<int64_t>(1, a.kv_indptr.shape[0] - 1);
  const int64_t keys = a.kv_indices.given() ? a.kv_indices.shape[0] * a.k_cache.shape[1] : a.k_cache.shape[0];
  return (keys / requests + 1) * a.query.shape[2];
}

}  // namespace

void paged_attention_decode_reference(const paged_attention_decode_args& a) {
  const int64_t heads = a.query.shape[1];
  with_dtypes(a, [&]<class T, class Cached>() {
    using real = accumulator<T>;
    parallel_rows<real>(
        a.query.shape[0] * heads, attention_work(a), page_table(a).most_keys(), [&](int64_t i, std::span<real> weight) {
          const int64_t b = i / heads;
          attend<T, Cached>(a, b, b, i % heads, page_table(a).keys(b) - 1, weight, [](int64_t) { return true; });
        });
  });
}

void paged_attention_prefill_reference(const paged_attention_prefill_args& a) {
  const int64_t tokens = a.query.shape[0], heads = a.query.shape[1], requests = a.kv_indptr.shape[0] - 1;
  const auto* indptr = static_cast<const int32_t*>(a.qo_indptr.data);
  with_dtypes(a, [&]<class T, class Cached>() {
    using real = accumulator<T>;
    parallel_rows<real>(tokens * heads, attention_work(a), page_table(a).most_keys(), [&](int64_t i, auto weight) {
      const int64_t token = i / heads;
      const int64_t request = std::upper_bound(indptr, indptr + requests + 1, token) - indptr - 1;
      if (request < 0 || request >= requests) return;  // a token of no request
      // Positions are aligned to the end: the last token of a request is at its last key.
      const int64_t keys = page_table(a).keys(request), end = std::min<int64_t>(indptr[request + 1], tokens);
      const int64_t at = keys - (end - token);
      const int64_t number = token - std::max<int64_t>(indptr[request], 0);
      attend<T, Cached>(a, request, token, i % heads, at, weight, [&](int64_t j) {
        if (a.window_right > 0 && j > at + a.window_right) return false;
        return a.custom_mask.given() ? mask_bit(a, request, number * keys + j) : !a.causal || j <= at;
      });
    });
  });
}

void masked_softmax_reference(const masked_softmax_args& a) {
  const int64_t heads = a.input.shape[1], queries = a.input.shape[2], keys = a.input.shape[3];
  with_float(a.input.type, [&]<class T>() {
    using real = accumulator<T>;
    constexpr real nothing = -std::numeric_limits<real>::infinity();
    const elements<const T> input(a.input), mask(a.mask);
    const elements<const uint8_t> flags(a.mask);
    const elements<const float> wide_mask(a.mask);
    const elements<T> output(a.output);
    parallel_rows<real>(row_count(a.input), 8 * keys, keys, [&](int64_t row, std::span<real> weights) {
      const int64_t q = row % queries, h = row / queries % heads, b = row / queries / heads;
      const auto score = [&](int64_t k) -> real {
        if (a.causal && k > q + (keys - queries)) return nothing;
        const real s = widen(input(b, h, q, k)) * a.scale;
        if (!a.mask.given()) return s;
        if (a.mask.type == dtype::b8) return flags(b, h, q, k) != 0 ? s : nothing;
        if (a.mask.type == a.input.type) return s + widen(mask(b, h, q, k));
        return s + static_cast<real>(wide_mask(b, h, q, k));
      };
      real top = nothing;
      for (int64_t k = 0; k < keys; ++k) {
        weights[k] = score(k);
        top = std::fmax(top, weights[k]);
      }
      const real base = top == nothing ? 0 : top;
      double sum = 0;  // a long row in fp32 would lose the last digits
      for (real& w : weights) sum += w = std::exp(w - base);
      for (int64_t k = 0; k < keys; ++k) {
        output(b, h, q, k) = narrow<T>(static_cast<real>(sum == 0 ? 0 : weights[k] / sum));
      }
    });
  });
}

}  // namespace hipinfer
