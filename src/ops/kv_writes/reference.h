// SPDX-License-Identifier: Apache-2.0
// What the references of operations that write into a KV cache share.
#pragma once

#include <algorithm>

#include "core/reference.h"

namespace hipinfer {

inline int64_t index_at(const void* list, int32_t wide, int64_t i) {
  return wide ? static_cast<const int64_t*>(list)[i] : static_cast<const int32_t*>(list)[i];
}
inline void put_index(void* list, int32_t wide, int64_t i, int64_t x) {
  if (wide)
    static_cast<int64_t*>(list)[i] = x;
  else
    static_cast<int32_t*>(list)[i] = static_cast<int32_t>(x);
}

// Where a token is to be written; page -1: nowhere.
struct cache_slot {
  int64_t page, slot;
};
template <class Params>
cache_slot slot_of(const Params& p, int64_t request, int64_t position) {
  const cache_slot nowhere{-1, 0};
  if (request < 0 || request >= p.requests || position < 0) return nowhere;
  if (p.kv_indices == nullptr) return position < p.page_size ? cache_slot{request, position} : nowhere;
  const int64_t begin = index_at(p.kv_indptr, p.wide, request);
  const int64_t pages = index_at(p.kv_indptr, p.wide, request + 1) - begin;
  const int64_t last = std::clamp<int64_t>(index_at(p.kv_last_page_len, p.wide, request), 0, p.page_size);
  const int64_t own = position / p.page_size, slot = position % p.page_size;
  if (own >= pages || (own == pages - 1 && slot >= last)) return nowhere;
  if (begin < 0 || begin >= p.table_size - own) return nowhere;
  const int64_t page = index_at(p.kv_indices, p.wide, begin + own);
  return page >= 0 && page < p.pages ? cache_slot{page, slot} : nowhere;
}

// Copies n elements, or quantises them where the cache is fp8; scale: NULL is 1.
template <class Q, class T>
void write_cache(const T* x, int64_t n, Q* y, const void* scale) {
  if constexpr (is_quantised<Q>) {
    const accumulator<T> by = scale == nullptr ? 1 : *static_cast<const accumulator<T>*>(scale);
    for (int64_t i = 0; i < n; ++i) y[i] = narrow<Q>(widen(x[i]) / by);
  } else {
    std::copy_n(x, n, y);
  }
}

// Calls f.template operator()<T, Q>() with the C++ types of the data and of the cache, which are the same unless it is
// quantised.
template <class F>
void with_cache(dtype data, dtype cache, F&& f) {
  with_float(data, [&]<class T>() {
    if (bit(cache) & quantised_dtypes)
      with_quantised(cache, [&]<class Q>() { f.template operator()<T, Q>(); });
    else
      f.template operator()<T, T>();
  });
}

}  // namespace hipinfer
