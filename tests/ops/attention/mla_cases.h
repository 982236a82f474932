// SPDX-License-Identifier: Apache-2.0
// Calls of paged_mla_attention for its tests.
#pragma once

#include "gen/paged_mla_attention.api.h"
#include "tests/check/paged.h"

namespace check {

struct mla_request {
  int64_t tokens, keys;
};
using mla_requests = std::vector<mla_request>;

enum class mla_layout { apart, together, gaps, unaligned };

struct mla_settings {
  dtype type = dtype::f32;
  int64_t heads = 4, latent = 64, rotated = 16, page_size = 16;
  bool causal = true, lse = true;
  mla_layout layout = mla_layout::apart;
  float sm_scale = 0.1f;
  int64_t before = 0, after = 0;  // tokens of no request
  fill queries = fills::normal(), keys = fills::normal(), rotations = fills::normal();
};

enum {
  mla_output,
  mla_lse,
  mla_q_nope,
  mla_q_pe,
  mla_ckv,
  mla_kpe,
  mla_qo_indptr,
  mla_kv_indptr,
  mla_kv_indices,
  mla_kv_len
};

inline test_case mla(const mla_requests& batch, const mla_settings& s) {
  std::vector<int64_t> lengths;
  std::vector<double> indptr{static_cast<double>(s.before)}, keys;
  for (const mla_request& r : batch) {
    lengths.push_back(r.keys);
    keys.push_back(static_cast<double>(r.keys));
    indptr.push_back(indptr.back() + static_cast<double>(r.tokens));
  }
  const int64_t t = static_cast<int64_t>(indptr.back()) + s.after;
  // Lengths and page sizes decide where pages are, so both caches have them at the same places.
  const auto cache = [&](int64_t columns, const fill& values) {
    return make_paged(s.type, lengths, s.page_size, 1, columns, cache_layout::nhd, values, values);
  };
  paged_batch latent = cache(s.latent, s.keys), rotated = cache(s.rotated, s.rotations);
  for (tensor* x : {&latent.k, &rotated.k}) {
    const int64_t size = x->shape[1], own = x->shape[3];
    x->shape = {x->shape[0], size, own};
    const int64_t slot = s.layout == mla_layout::together    ? s.latent + s.rotated
                         : s.layout == mla_layout::gaps      ? own + 8
                         : s.layout == mla_layout::unaligned ? own + 1
                                                             : own;
    x->strided({size * slot + (s.layout == mla_layout::gaps ? 16 : 0), slot, 1});
    if (s.layout == mla_layout::unaligned) x->starting_at(1);
  }
  hipinfer_paged_mla_attention_options o{};
  o.struct_size = sizeof o;
  o.causal = s.causal;
  const float scale = s.sm_scale;
  // The outputs have contents, which tokens of no request keep.
  test_case c{{inout(s.type, {t, s.heads, s.latent}, fills::normal()),
               s.lse ? inout(dtype::f32, {t, s.heads}, fills::normal()) : none(),
               input(s.type, {t, s.heads, s.latent}, s.queries), input(s.type, {t, s.heads, s.rotated}, s.queries),
               std::move(latent.k), std::move(rotated.k),
               input(dtype::i32, {static_cast<int64_t>(indptr.size())}, fills::values(indptr)),
               std::move(latent.indptr), std::move(latent.indices),
               input(dtype::i32, {static_cast<int64_t>(batch.size())},
                     keys.empty() ? fills::constant(0) : fills::values(keys))},
              [o, scale](auto h, auto t, auto w, auto s) {
                return hipinfer_paged_mla_attention(h, t[0], t[1], t[2], t[3], t[4], t[5], t[6], t[7], t[8], t[9],
                                                    scale, &o, w.data, w.bytes, s);
              },
              [o, scale](auto h, auto t, size_t* bytes) {
                return hipinfer_paged_mla_attention_workspace_bytes(h, t[0], t[1], t[2], t[3], t[4], t[5], t[6], t[7],
                                                                    t[8], t[9], scale, &o, bytes);
              }};
  // As of prefill (prefill_cases.h).
  c.floor = s.type == dtype::f32 ? 0.1 : 1;
  c.fp32_units = 128;
  c.kernel_units = rounded_weights(s.type);
  return c;
}

}  // namespace check
