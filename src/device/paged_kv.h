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

}  // namespace hipinfer
