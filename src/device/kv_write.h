// SPDX-License-Identifier: Apache-2.0
// Where and with what factor a KV cache is written. The cache has the dtype of the keys or is fp8; a kernel learns which at
// run time.
#pragma once

#include "device/index.h"
#include "device/quantize.h"

namespace hipinfer {

// Where a token is to be written: page and slot in the cache. A negative page: the token is skipped. Params has the fields
// that core/kv_writes.h fills in. Without a table the cache is contiguous: page b is request b.
struct cache_slot {
  int64_t page, slot;
};
template <class Params>
HIPINFER_DEVICE cache_slot slot_of(const Params& p, int64_t request, int64_t position) {
  const cache_slot nowhere{-1, 0};
  if (request < 0 || request >= p.requests || position < 0) return nowhere;
  if (p.kv_indices == nullptr) return position < p.page_size ? cache_slot{request, position} : nowhere;
  const int64_t begin = index_at(p.kv_indptr, p.wide, request);
  const int64_t pages = index_at(p.kv_indptr, p.wide, request + 1) - begin;
  int64_t last = index_at(p.kv_last_page_len, p.wide, request);
  last = last < 0 ? 0 : last > p.page_size ? p.page_size : last;
  if (position >= p.table_slots) return nowhere;
  const small_division at = divide(static_cast<uint32_t>(position), p.page);
  const int64_t own = at.quotient, slot = at.rest;
  if (own >= pages || (own == pages - 1 && slot >= last)) return nowhere;
  if (begin < 0 || begin >= p.table_size - own) return nowhere;
  const int64_t page = index_at(p.kv_indices, p.wide, begin + own);
  return page < p.pages ? cache_slot{page, slot} : nowhere;
}

template <class Params>
HIPINFER_DEVICE cache_slot slot_of_token(const Params& p, int64_t token) {
  return slot_of(p, index_at(p.batch_indices, p.wide, token), index_at(p.positions, p.wide, token));
}

// What values are multiplied by on their way into a cache of fp8; a scale of NULL is 1.
HIPINFER_DEVICE float cache_factor(const void* scale) {
  return scale == nullptr ? 1.0f : quantising_factor(*static_cast<const float*>(scale));
}

}  // namespace hipinfer
