// SPDX-License-Identifier: Apache-2.0
// How the requests of decode are cut into chunks of keys.
#pragma once

#include "ops/attention/paged_keys.h"
#include "ops/attention/params.h"

namespace hipinfer {

// Chunks, of the keys that a request's token sees, from the first such page on. Request b has the slots from indptr[b] / pages + b on,
// as many as it has chunks: since ceil((y - x) / n) <= y / n - x / n + 1 (integer division) the slots of two requests never meet, and
// finding the request of a slot takes a binary search and no prefix sum. With a short window each request has `each` slots.
struct schedule {
  const int32_t* indptr;
  int64_t requests;
  int pages;  // of a chunk
  int each;   // or 0
  int window, page_size;

  // From 0 on, whatever the table holds: `merge` reads from there.
  HIPINFER_DEVICE int64_t first_slot(int64_t b) const {
    if (each > 0) return b * each;
    return (indptr[b] < 0 ? 0 : indptr[b]) / pages + b;
  }
  HIPINFER_DEVICE int64_t chunk_keys() const { return static_cast<int64_t>(pages) * page_size; }
  // The first key that the token sees, and where its page begins.
  HIPINFER_DEVICE int first_key(const paged_request& r) const {
    return window > 0 && window < r.length ? r.length - window : 0;
  }
  HIPINFER_DEVICE int first_page_key(const paged_request& r) const {
    return window > 0 && window < r.length ? (r.length - window) / page_size * page_size : 0;
  }
  HIPINFER_DEVICE int chunks_of(const paged_request& r) const {
    return static_cast<int>((r.length - first_page_key(r) + chunk_keys() - 1) / chunk_keys());
  }
};

// The longest that a chunk may be: all pages are no more than `most_chunks` of them, or what windows show of them is. Short ones are twice
// that, since each costs a partial result, and half as many fill the device.
HIPINFER_DEVICE schedule make_schedule(const paged_attention_decode_params& p) {
  const int end = p.kv_indptr[p.batch];
  const int total = end < 0 ? 0 : end > p.table_pages ? p.table_pages : end;
  int pages = total / p.most_chunks + (total % p.most_chunks != 0);
  if (total > p.most_chunks && pages < p.short_pages) pages = 2 * pages < p.short_pages ? 2 * pages : p.short_pages;
  if (pages < p.least_pages) pages = p.least_pages;
  const bool by_window = p.window_slots > 0 && p.window_chunk < pages;
  return {p.kv_indptr, p.batch,    by_window ? p.window_chunk : pages, by_window ? p.window_slots : 0,
          p.window,    p.page_size};
}

// A chunk: its request and keys.
struct decode_chunk {
  paged_request request;
  int64_t b, slot;
  int begin, end;
  int from;    // the first key that the token sees, which may come after `begin`
  bool whole;  // the request is this one chunk,
  bool empty;  // or it has no keys, and this is the slot that says so
};

// Of w.slot; false where no chunk needs the slot.
HIPINFER_DEVICE bool find_chunk(const paged_attention_decode_params& p, const schedule& plan, decode_chunk& w) {
  w.b = owner_of(w.slot, plan.requests, [&](int64_t i) { return plan.first_slot(i); });
  const int64_t chunk = w.slot - plan.first_slot(w.b);
  w.request = read_request(p, w.b);
  const int chunks = plan.chunks_of(w.request);
  w.whole = chunks <= 1;
  w.empty = w.request.length == 0 && chunk == 0;
  w.from = plan.first_key(w.request);
  // The chunks of a request are of one length, so that none is waited for.
  const int first = plan.first_page_key(w.request), pages = (w.request.length - first + p.page_size - 1) / p.page_size;
  const int64_t chunk_keys = static_cast<int64_t>(chunks > 1 ? (pages + chunks - 1) / chunks : pages) * p.page_size;
  w.begin = static_cast<int>(first + chunk * chunk_keys);
  w.end = w.begin + chunk_keys < w.request.length ? static_cast<int>(w.begin + chunk_keys) : w.request.length;
  return chunk >= 0 && chunk < chunks;
}

}  // namespace hipinfer
