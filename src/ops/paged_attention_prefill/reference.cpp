// SPDX-License-Identifier: Apache-2.0
#include "core/reference.h"

#include <algorithm>
#include <vector>

#include "generated/ops.h"
#include "ops/paged_attention_prefill/params.h"

namespace hipinfer {
namespace {

template <class T>
void prefill(const paged_attention_prefill_params& p) {
  using real = accumulator<T>;
  constexpr real none = -std::numeric_limits<real>::infinity();
  const int64_t d = p.head_dim, size = p.page_size;
  const int64_t keys_on_average = int64_t{p.table_pages} * size / p.batch + 1;
  parallel_rows(p.tokens * p.q_heads, keys_on_average * d, [&](int64_t row) {
    const int64_t t = row / p.q_heads, h = row % p.q_heads, kv_head = h / p.group;
    const int64_t b = std::upper_bound(p.qo_indptr, p.qo_indptr + p.batch + 1, t) - p.qo_indptr - 1;
    if (b < 0 || b >= p.batch) return;  // a token of no request
    const int64_t pages = p.kv_indptr[b + 1] - p.kv_indptr[b];
    const int64_t last = std::clamp<int64_t>(p.kv_last_page_len[b], 0, size);
    const int64_t length = pages > 0 ? (pages - 1) * size + last : 0;
    const int64_t after = p.qo_indptr[b + 1] - 1 - t;  // tokens of the request that follow
    const int64_t visible = std::max<int64_t>(0, p.causal ? length - after : length);
    const int32_t* table = p.kv_indices + p.kv_indptr[b];
    const auto row_of = [&](const void* cache, const int64_t* stride, int64_t key) {
      return static_cast<const T*>(cache) + table[key / size] * stride[0] + key % size * stride[1] + kv_head * stride[2];
    };

    const T* q = static_cast<const T*>(p.query) + t * p.query_stride[0] + h * p.query_stride[1];
    real wide_q[256], sum_v[256] = {};
    for (int64_t i = 0; i < d; ++i) wide_q[i] = widen(q[i]);
    std::vector<real> weight(visible);
    real most = none;
    for (int64_t j = 0; j < visible; ++j) {
      const T* k = row_of(p.k_cache, p.k_stride, j);
      real part[8] = {};  // eight sums side by side, which a compiler may keep in one vector
      for (int64_t i = 0; i < d; i += 8) {
        for (int64_t n = 0; n < 8; ++n) part[n] += wide_q[i + n] * widen(k[i + n]);
      }
      const real dot = ((part[0] + part[1]) + (part[2] + part[3])) + ((part[4] + part[5]) + (part[6] + part[7]));
      weight[j] = dot * static_cast<real>(p.sm_scale);
      if (weight[j] > most) most = weight[j];
    }
    if (most == none) most = 0;  // nothing to see, or only -inf and NaN: the weights are 0 and NaN
    real sum = 0;
    for (int64_t j = 0; j < visible; ++j) {
      weight[j] = std::exp(weight[j] - most);
      sum += weight[j];
      const T* v = row_of(p.v_cache, p.v_stride, j);
      for (int64_t i = 0; i < d; ++i) sum_v[i] += weight[j] * widen(v[i]);
    }
    T* out = static_cast<T*>(p.output) + t * p.output_stride[0] + h * p.output_stride[1];
    for (int64_t i = 0; i < d; ++i) out[i] = narrow<T>(sum == 0 ? 0 : sum_v[i] / sum);
    if (p.lse == nullptr) return;
    real& lse = static_cast<real*>(p.lse)[t * p.lse_stride + h];
    lse = sum == 0 ? none : most * static_cast<real>(1.4426950408889634) + std::log2(sum);
  });
}

}  // namespace

void paged_attention_prefill_reference(const paged_attention_prefill_params& p, const bound_dtypes& types) {
  with_float(types[paged_attention_prefill_dtype::data], [&]<class T>() { prefill<T>(p); });
}

}  // namespace hipinfer
