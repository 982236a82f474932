// SPDX-License-Identifier: Apache-2.0
// The keys of a paged KV cache: the page table of a request, and a walk over its keys without divisions.
#pragma once

#include "device/index.h"

namespace hipinfer {

// The last of `owners` whose slots begin at `slot` or before, where first_slot(owner) ascends; else the first one.
template <class First>
HIPINFER_DEVICE int64_t owner_of(int64_t slot, int64_t owners, First first_slot) {
  int64_t low = 0, high = owners;
  while (high - low > 1) {
    const int64_t middle = (low + high) / 2;
    if (first_slot(middle) <= slot)
      low = middle;
    else
      high = middle;
  }
  return low;
}

// The keys of one request. Whatever the table holds, its entries lie inside the table, its pages inside the cache and its
// keys inside its pages.
struct paged_request {
  const int32_t* pages;
  int length;     // keys
  int last_page;  // of the cache
  int first;  // slot of the first page's first key, of keys that lie side by side: their one page has all requests' keys

  HIPINFER_DEVICE int64_t page(int entry) const { return clamped(pages[entry]); }
  HIPINFER_DEVICE int clamped(int page) const { return page < 0 ? 0 : page > last_page ? last_page : page; }
};

// The launch has checked that table_pages * page_size fits in 30 bits.
template <class Params>
HIPINFER_DEVICE paged_request read_request(const Params& p, int64_t request) {
  int begin = p.kv_indptr[request], end = p.kv_indptr[request + 1];
  begin = begin < 0 ? 0 : begin;
  // Not below 0: of `end > begin ? end - begin : 0` nvcc makes max(end - begin, 0), and from -2^31 on that wraps.
  end = end < 0 ? 0 : end > p.table_pages ? p.table_pages : end;
  const int pages = end > begin ? end - begin : 0;
  // Prefill may have no table: any number stands for the one page there is.
  if constexpr (requires { p.qo_indptr; }) {
    if (p.kv_indices == nullptr) return {p.kv_indptr, pages, 0, begin};
  }
  int last = p.kv_last_page_len[request];
  last = last < 0 ? 0 : last > p.page_size ? p.page_size : last;
  return {p.kv_indices + begin, pages > 0 ? (pages - 1) * p.page_size + last : 0, p.last_page, 0};
}

// From the cache's first element to a head of the request's first page; strides of a page, of a slot, of a head.
HIPINFER_DEVICE int64_t first_offset(const paged_request& request, int64_t head, const int64_t* stride) {
  return request.first * stride[1] + head * stride[2];
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

}  // namespace hipinfer
