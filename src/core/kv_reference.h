// SPDX-License-Identifier: Apache-2.0
// What the references of operations that write into a KV cache share: the families kv and rope.
#pragma once

#include <algorithm>

#include "core/reference.h"

namespace hipinfer {

// Where token t is to be written; page -1: nowhere. Without a table the cache is contiguous: page b is request b.
struct written_slot {
  int64_t page, slot;
};
template <class Args>
written_slot written_slot_of(const Args& a, const view& cache, int64_t t) {
  constexpr written_slot nowhere{-1, 0};
  const int64_t pages = cache.shape[0], page_size = cache.shape[1];
  const bool paged = a.kv_indices.given();
  const int64_t request = integers(a.batch_indices)(t), position = integers(a.positions)(t);
  const int64_t requests = paged ? a.kv_last_page_len.shape[0] : pages;
  if (request < 0 || request >= requests || position < 0 || page_size == 0) return nowhere;
  if (!paged) return position < page_size ? written_slot{request, position} : nowhere;
  const int64_t begin = integers(a.kv_indptr)(request);
  const int64_t count = wrapping_subtract(integers(a.kv_indptr)(request + 1), begin);
  const int64_t last_page_len = std::clamp<int64_t>(integers(a.kv_last_page_len)(request), 0, page_size);
  const int64_t own = position / page_size, slot = position % page_size;
  if (own >= count || (own == count - 1 && slot >= last_page_len)) return nowhere;
  if (begin < 0 || begin >= a.kv_indices.shape[0] - own) return nowhere;
  const int64_t page = integers(a.kv_indices)(begin + own);
  return page >= 0 && page < pages ? written_slot{page, slot} : nowhere;
}

template <class Args>
written_slot written_slot_of(const Args& a, int64_t t) {
  return written_slot_of(a, a.k_cache, t);
}

template <class T>
accumulator<T> scale_or_one(const view& scale) {
  return scale.given() ? elements<const accumulator<T>>(scale)(0) : 1;
}
// An element as a cache of Q holds it: as it is, or over the scale as fp8.
template <class Q, class T>
Q cached(T x, accumulator<T> scale) {
  if constexpr (is_quantised<Q>)
    return narrow<Q>(widen(x) / scale);
  else
    return x;
}

// Calls f.template operator()<T, Q>() with the C++ types of the data and of the cache, which are the same unless the cache
// is fp8.
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
