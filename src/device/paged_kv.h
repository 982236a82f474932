// SPDX-License-Identifier: Apache-2.0
// A paged KV cache as kernels write it.
#pragma once

#include "device/index.h"

namespace hipinfer {

// Where a token is to be written: page and slot in the cache, or page -1 where it is to be skipped. Params has the fields
// that ops/kv_writes/launch.h fills in. Without a table the cache is contiguous: a page a request.
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

}  // namespace hipinfer
