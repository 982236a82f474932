// SPDX-License-Identifier: Apache-2.0
// How the requests of decode are cut into chunks of keys.
#pragma once

#include "ops/attention/paged_keys.h"
#include "ops/attention/params.h"

namespace hipinfer {

// Chunks. Request b has the slots from indptr[b] / pages + b on, as many as it has chunks: since
// ceil((y - x) / n) <= y / n - x / n + 1 (integer division) the slots of two requests never meet, and finding the
// request of a slot takes a binary search and no prefix sum.
struct schedule {
  const int32_t* indptr;
  int64_t requests;
  int pages;  // of a chunk

  // From 0 on, whatever the table holds: `merge` reads from there.
  HIPINFER_DEVICE int64_t first_slot(int64_t b) const { return (indptr[b] < 0 ? 0 : indptr[b]) / pages + b; }
  HIPINFER_DEVICE int64_t request_of(int64_t slot) const {
    int64_t low = 0, high = requests;
    while (high - low > 1) {
      const int64_t middle = (low + high) / 2;
      if (first_slot(middle) <= slot)
        low = middle;
      else
        high = middle;
    }
    return low;
  }
  HIPINFER_DEVICE int chunks_of(const paged_request& r, int page_size) const {
    const int64_t keys = static_cast<int64_t>(pages) * page_size;
    return static_cast<int>((r.length + keys - 1) / keys);
  }
};

// The longest that a chunk may be: all pages are no more than `most_chunks` of them. Short ones are twice that, since each costs a partial
// result, and half as many fill the device.
HIPINFER_DEVICE schedule make_schedule(const paged_attention_decode_params& p) {
  const int end = p.kv_indptr[p.batch];
  const int total = end < 0 ? 0 : end > p.table_pages ? p.table_pages : end;
  int pages = total / p.most_chunks + (total % p.most_chunks != 0);
  if (total > p.most_chunks && pages < p.short_pages) pages = 2 * pages < p.short_pages ? 2 * pages : p.short_pages;
  return {p.kv_indptr, p.batch, pages > p.least_pages ? pages : p.least_pages};
}

// A chunk: its request and keys.
struct decode_chunk {
  paged_request request;
  int64_t b, slot;
  int begin, end;
  bool whole;  // the request is this one chunk,
  bool empty;  // or it has no keys, and this is the slot that says so
};

// Of w.slot; false where no chunk needs the slot.
HIPINFER_DEVICE bool find_chunk(const paged_attention_decode_params& p, const schedule& plan, decode_chunk& w) {
  w.b = plan.request_of(w.slot);
  const int64_t chunk = w.slot - plan.first_slot(w.b);
  w.request = read_request(p, w.b);
  const int chunks = plan.chunks_of(w.request, p.page_size);
  w.whole = chunks <= 1;
  w.empty = w.request.length == 0 && chunk == 0;
  // The chunks of a request are of one length, so that none is waited for.
  const int pages = (w.request.length + p.page_size - 1) / p.page_size;
  const int64_t chunk_keys =
      chunks > 1 ? static_cast<int64_t>((pages + chunks - 1) / chunks) * p.page_size : w.request.length;
  w.begin = static_cast<int>(chunk * chunk_keys);
  w.end = w.begin + chunk_keys < w.request.length ? static_cast<int>(w.begin + chunk_keys) : w.request.length;
  return chunk >= 0 && chunk < chunks;
}

}  // namespace hipinfer
