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

// The shortest chunk with which the whole table fits in the slots.
HIPINFER_DEVICE schedule make_schedule(const paged_attention_decode_params& p) {
  const int end = p.kv_indptr[p.batch];
  const int total = end < 0 ? 0 : end > p.table_pages ? p.table_pages : end;
  const int fitting = total / (p.spare + 1) + 1;
  return {p.kv_indptr, p.batch, fitting > p.least_pages ? fitting : p.least_pages};
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
  const int64_t chunk_keys = static_cast<int64_t>(plan.pages) * p.page_size;
  w.begin = static_cast<int>(chunk * chunk_keys);
  w.end = w.begin + chunk_keys < w.request.length ? static_cast<int>(w.begin + chunk_keys) : w.request.length;
  return chunk >= 0 && chunk < chunks;
}

}  // namespace hipinfer
