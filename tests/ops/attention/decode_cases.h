// SPDX-License-Identifier: Apache-2.0
// Calls of paged_attention_decode for its tests.
#pragma once

#include "gen/paged_attention_decode.api.h"
#include "tests/check/paged.h"

namespace check {

inline const std::vector<int64_t> lengths = {17, 0, 1, 300, 2, 0, 3, 4};

inline test_case decode(tensor output, tensor lse, tensor query, paged_batch cache, float sm_scale = 0,
                        const score_options& scores = {}) {
  hipinfer_paged_attention_decode_options o{};
  o.struct_size = sizeof o;
  o.sm_scale = sm_scale;
  o.logits_soft_cap = scores.cap;
  o.sliding_window = scores.window;
  const auto tensors = [](auto& options, auto t) {
    options.sinks = t[8];
    options.alibi_slopes = t[9];
    options.k_scale = t[10];
    options.v_scale = t[11];
  };
  const int64_t heads = output.shape[1], kv_heads = cache.k.shape[2];
  test_case c{
      {std::move(output), std::move(lse), std::move(query), std::move(cache.k), std::move(cache.v),
       std::move(cache.indptr), std::move(cache.indices), std::move(cache.last_page_len), scores.sinks_of(heads),
       scores.slopes_of(heads), scores.k_scale_of(kv_heads), scores.v_scale_of(kv_heads)},
      [o, tensors](auto c, auto t, auto w, auto s) mutable {
        tensors(o, t);
        return hipinfer_paged_attention_decode(c, t[0], t[1], t[2], t[3], t[4], t[5], t[6], t[7], &o, w.data, w.bytes,
                                               s);
      },
      [o, tensors](auto c, auto t, size_t* bytes) mutable {
        tensors(o, t);
        return hipinfer_paged_attention_decode_workspace_bytes(c, t[0], t[1], t[2], t[3], t[4], t[5], t[6], t[7], &o,
                                                               bytes);
      }};
  // As of prefill (paged_attention_prefill.cpp).
  const dtype d = c.arguments[0].type;
  c.floor = d == dtype::f32 ? 0.1 : 1;
  c.fp32_units = 128;
  c.kernel_units = rounded_weights(d);
  return c;
}

inline test_case decode(dtype d, const std::vector<int64_t>& lens, int64_t group, int64_t heads, int64_t dim,
                        int64_t page_size, cache_layout layout = cache_layout::nhd, bool lse = true,
                        const score_options& scores = {}) {
  const int64_t b = static_cast<int64_t>(lens.size());
  auto c = decode(output(d, {b, heads * group, dim}), lse ? output(dtype::f32, {b, heads * group}) : none(),
                  input(d, {b, heads * group, dim}, fills::normal()),
                  make_paged(scores.cache.value_or(d), lens, page_size, heads, dim, layout), 0, scores);
  c.fp32_units += scores.units(lens.empty() ? 0 : *std::max_element(lens.begin(), lens.end()));
  return c;
}
inline test_case decode_with(dtype d, const std::vector<int64_t>& lens, int64_t group, int64_t dim, int64_t page_size,
                             const score_options& scores) {
  return decode(d, lens, group, 2, dim, page_size, cache_layout::nhd, true, scores);
}

}  // namespace check
