// SPDX-License-Identifier: Apache-2.0
// Attention of one query row over its request's keys, from the definition: all scores, then their softmax, then the
// weighted sum of values. Decode and prefill differ only in which keys a row sees.
#pragma once

#include <algorithm>
#include <vector>

#include "core/reference.h"

namespace hipinfer {

// Row `row`, head `head` of query, output and lse; the request's last `hidden` keys are not seen.
template <class T, class Params>
void attend(const Params& p, int64_t request, int64_t row, int64_t head, int64_t hidden) {
  using real = accumulator<T>;
  constexpr real none = -std::numeric_limits<real>::infinity();
  const int64_t d = p.head_dim, size = p.page_size, kv_head = head / p.group;
  const int64_t pages = p.kv_indptr[request + 1] - p.kv_indptr[request];
  const int64_t last = std::clamp<int64_t>(p.kv_last_page_len[request], 0, size);
  const int64_t length = pages > 0 ? (pages - 1) * size + last : 0;
  const int64_t visible = std::max<int64_t>(0, length - hidden);
  const int32_t* table = p.kv_indices + p.kv_indptr[request];
  const auto row_of = [&](const void* cache, const int64_t* stride, int64_t key) {
    return static_cast<const T*>(cache) + table[key / size] * stride[0] + key % size * stride[1] + kv_head * stride[2];
  };

  const T* q = static_cast<const T*>(p.query) + row * p.query_stride[0] + head * p.query_stride[1];
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
  T* out = static_cast<T*>(p.output) + row * p.output_stride[0] + head * p.output_stride[1];
  for (int64_t i = 0; i < d; ++i) out[i] = narrow<T>(sum == 0 ? 0 : sum_v[i] / sum);
  if (p.lse == nullptr) return;
  real& lse = static_cast<real*>(p.lse)[row * p.lse_stride + head];
  lse = sum == 0 ? none : most * static_cast<real>(1.4426950408889634) + std::log2(sum);
}

// What a row costs, for parallel_rows; lengths differ, the table's size is all that is known.
template <class Params>
int64_t attention_work(const Params& p) {
  return (int64_t{p.table_pages} * p.page_size / p.batch + 1) * p.head_dim;
}

}  // namespace hipinfer
