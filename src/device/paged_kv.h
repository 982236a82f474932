// SPDX-License-Identifier: Apache-2.0
// A paged KV cache as kernels read it: the page table of a request, and a walk over its keys without divisions.
#pragma once

#include "device/index.h"

namespace hipinfer {

// The keys of one request. Whatever the table holds, its pages lie inside the table and its keys inside its pages.
struct paged_request {
  const int32_t* pages;
  int length;  // keys
};

// `table_pages` is the length of `indices`; the caller's launch has checked that table_pages * page_size fits in 30 bits.
HIPINFER_DEVICE paged_request read_request(const int32_t* indptr, const int32_t* indices, const int32_t* last_page_len,
                                           int table_pages, int page_size, int64_t request) {
  int begin = indptr[request], end = indptr[request + 1];
  begin = begin < 0 ? 0 : begin;
  end = end > table_pages ? table_pages : end;
  const int pages = end > begin ? end - begin : 0;
  int last = last_page_len[request];
  last = last < 0 ? 0 : last > page_size ? page_size : last;
  return {indices + begin, pages > 0 ? (pages - 1) * page_size + last : 0};
}

// Where a key is: entry of the request's page table, slot in that page. Keys past the end have a place too, but their
// page may not be looked up.
struct paged_place {
  int page, slot;
};
HIPINFER_DEVICE paged_place place_of(int key, int page_size) {
  return {key / page_size, key % page_size};
}
HIPINFER_DEVICE paged_place advance(paged_place at, paged_place step, int page_size) {
  at.page += step.page;
  at.slot += step.slot;
  if (at.slot >= page_size) {
    at.slot -= page_size;
    ++at.page;
  }
  return at;
}

// Where a token is to be written: page and slot in the cache, or page -1 where it is to be skipped. Params has the fields
// that core/kv_writes.h fills in. Without a table the cache is contiguous: a page a request.
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
