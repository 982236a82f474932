// SPDX-License-Identifier: Apache-2.0
// Calls of paged_attention_prefill for its tests.
#pragma once

#include "gen/paged_attention_prefill.api.h"
#include "tests/check/paged.h"

namespace check {

// The tokens and the keys of a request.
struct request {
  int64_t tokens, keys;
};
using requests = std::vector<request>;

// No tokens; no keys; one of each; more tokens than keys; less than, exactly and more than a tile; a continued prompt.
inline const requests ragged = {{5, 5}, {0, 17}, {3, 0}, {1, 1}, {7, 2}, {0, 0}, {1, 90}, {64, 64}, {9, 130}, {2, 3}};

struct settings {
  dtype type = dtype::f32;
  int64_t group = 2, heads = 1, dim = 64, page_size = 16;
  bool causal = true, lse = true;
  cache_layout layout = cache_layout::nhd;
  float sm_scale = 0;
  int64_t before = 0, after = 0;  // tokens of no request
  fill queries = fills::normal(), keys = fills::normal(), values = fills::normal();
  score_options scores = {};
  int32_t right = 0;
  double seen = -1;           // a mask of which so many bits are 1; below 0: none
  int64_t lacking = 0;        // bytes at the end of the mask that are not there
  bool wide = false;          // mask_indptr in i64
  bool side_by_side = false;  // keys, without a page table
};

// Bits for every pair of a request's tokens and keys, each request from a byte of its own on, after one that is nobody's.
inline void add_mask(test_case& c, const requests& batch, const settings& s) {
  generator g(seed() + 1);
  std::bernoulli_distribution seen(std::max(s.seen, 0.0));
  std::vector<double> bytes{255}, begin{1};
  for (const request& r : batch) {
    for (int64_t bit = 0; bit < r.tokens * r.keys; ++bit) {
      if (bit % 8 == 0) bytes.push_back(0);
      bytes.back() += seen(g) ? 1 << bit % 8 : 0;
    }
    begin.push_back(static_cast<double>(bytes.size()));
  }
  const int64_t size = std::max<int64_t>(0, static_cast<int64_t>(bytes.size()) - s.lacking);
  const bool given = s.seen >= 0;
  c.arguments.push_back(given ? input(dtype::u8, {size}, fills::values(bytes)) : none());
  const dtype index = s.wide ? dtype::i64 : dtype::i32;
  c.arguments.push_back(given ? input(index, {static_cast<int64_t>(begin.size())}, fills::values(begin)) : none());
}

inline test_case prefill(const requests& batch, const settings& s) {
  std::vector<int64_t> lengths;
  std::vector<double> indptr{static_cast<double>(s.before)};
  for (const request& r : batch) {
    lengths.push_back(r.keys);
    indptr.push_back(indptr.back() + static_cast<double>(r.tokens));
  }
  const int64_t t = static_cast<int64_t>(indptr.back()) + s.after, q_heads = s.group * s.heads;
  const dtype cached = s.scores.cache.value_or(s.type);
  paged_batch cache = s.side_by_side
                          ? make_side_by_side(cached, lengths, s.heads, s.dim, s.layout, s.keys, s.values)
                          : make_paged(cached, lengths, s.page_size, s.heads, s.dim, s.layout, s.keys, s.values);
  hipinfer_paged_attention_prefill_options o{};
  o.struct_size = sizeof o;
  o.causal = s.causal;
  o.sm_scale = s.sm_scale;
  o.logits_soft_cap = s.scores.cap;
  o.sliding_window = s.scores.window;
  o.window_right = s.right;
  // The outputs have contents, which tokens of no request keep.
  test_case c{{inout(s.type, {t, q_heads, s.dim}, fills::normal()),
               s.lse ? inout(dtype::f32, {t, q_heads}, fills::normal()) : none(),
               input(s.type, {t, q_heads, s.dim}, s.queries), std::move(cache.k), std::move(cache.v),
               input(dtype::i32, {static_cast<int64_t>(indptr.size())}, fills::values(indptr)), std::move(cache.indptr),
               std::move(cache.indices), std::move(cache.last_page_len), s.scores.sinks_of(q_heads),
               s.scores.slopes_of(q_heads)},
              [o](auto c, auto t, auto, auto s) mutable {
                o.sinks = t[9];
                o.alibi_slopes = t[10];
                o.custom_mask = t[11];
                o.mask_indptr = t[12];
                o.k_scale = t[13];
                o.v_scale = t[14];
                return hipinfer_paged_attention_prefill(c, t[0], t[1], t[2], t[3], t[4], t[5], t[6], t[7], t[8], &o, s);
              }};
  // A single key's lse may be near 0, though its score is the sum of large products. Where weights are rounded, the error is of the values'
  // size, about 1.
  c.floor = s.type == dtype::f32 ? 0.1 : 1;
  // Scores are sums of D products that cancel for the most part; their errors are those of the exponents.
  c.fp32_units = 128 + s.scores.units(lengths.empty() ? 0 : *std::max_element(lengths.begin(), lengths.end()));
  c.kernel_units = rounded_weights(s.type);
  add_mask(c, batch, s);
  c.arguments.push_back(s.scores.k_scale_of(s.heads));
  c.arguments.push_back(s.scores.v_scale_of(s.heads));
  return c;
}

inline const requests few = {{5, 5}, {7, 2}, {0, 3}, {3, 0}, {1, 90}, {40, 131}};

}  // namespace check
