// SPDX-License-Identifier: Apache-2.0
// How multi-head latent attention is shared out. All heads share their keys, so a request's rows, a head of a token each, are numbered by
// token, heads innermost, and cut into tiles; where tiles are few, the keys are cut into chunks. What a block has follows from
// sums over all requests, which every block finds for itself: no launch comes before.
#pragma once

#include "device/reduce.h"
#include "ops/attention/paged_keys.h"
#include "ops/attention/params.h"

namespace hipinfer {

// A tile of a request's rows, and a chunk of its keys.
struct mla_work {
  paged_request request;
  int64_t first_token;  // of the request
  int64_t part;         // of the partial results, unless
  bool whole;           // the request is one chunk
  bool causal;
  int first_row, rows;  // among the request's
  int tokens;           // of the request
  int begin, end;       // keys
  divisor heads;

  HIPINFER_DEVICE bool has(int row) const { return row < rows; }
  HIPINFER_DEVICE int64_t token(int row) const { return first_token + at(row).quotient; }
  HIPINFER_DEVICE int64_t head(int row) const { return at(row).rest; }
  // Keys of the request that a row sees, from the first on.
  HIPINFER_DEVICE int limit(int row) const {
    if (!causal) return request.length;
    const int seen = request.length - tokens + static_cast<int>(at(row).quotient) + 1;
    return seen < 0 ? 0 : seen;
  }

 private:
  HIPINFER_DEVICE small_division at(int row) const { return divide(static_cast<uint32_t>(first_row + row), heads); }
};

struct mla_request {
  int64_t first_token;
  int tokens, first_page, length;
};
// Whatever the tables hold, tokens are of the call, entries of the table and keys inside the request's pages.
HIPINFER_DEVICE mla_request read_mla_request(const paged_mla_attention_params& p, int64_t b) {
  const auto inside = [](int x, int64_t most) { return x < 0 ? 0 : x > most ? static_cast<int>(most) : x; };
  const int first = inside(p.qo_indptr[b], p.tokens), last = inside(p.qo_indptr[b + 1], p.tokens);
  const int begin = inside(p.kv_indptr[b], p.table_pages), end = inside(p.kv_indptr[b + 1], p.table_pages);
  const int pages = end > begin ? end - begin : 0;
  return {first, last > first ? last - first : 0, begin,
          inside(p.kv_len[b], static_cast<int64_t>(pages) * p.page_size)};
}

// Of the chunks that keys are cut into: the same for every request, and whole tiles of keys.
constexpr int mla_key_tile = 32;

struct mla_chunks {
  int64_t keys;  // of the longest chunk; 0: nothing is cut

  HIPINFER_DEVICE int of(const mla_request& r) const {
    return keys == 0 || r.length <= keys ? 1 : static_cast<int>((r.length + keys - 1) / keys);
  }
};
HIPINFER_DEVICE int64_t mla_tiles(const paged_mla_attention_params& p, const mla_request& r) {
  return (r.tokens * p.heads + p.rows - 1) / p.rows;
}

template <int Threads>
struct mla_scratch {
  int64_t words[Threads / wave_size];
  int64_t request, item, part;
};

// The sum of what the threads before this one have; `all` is that of all.
template <int Threads>
HIPINFER_DEVICE int64_t sum_before(int64_t x, int64_t& all, mla_scratch<Threads>& scratch) {
  const int64_t upto = wave_scan(x);
  const int own = thread_id() / wave_size;
  if (lane_id() == wave_size - 1) scratch.words[own] = upto;
  block_barrier();  // every wave's sum is there
  int64_t before = upto - x;
  all = 0;
#pragma unroll
  for (int w = 0; w < Threads / wave_size; ++w) {
    if (w < own) before += scratch.words[w];
    all += scratch.words[w];
  }
  block_barrier();  // all have read
  return before;
}

// Sets `work` to what this block has; false: nothing. With `plan` block 0 notes for each request what `merge` needs.
// Items are counted in the lower 32 bits of a sum, partial results in the upper ones; the launch has checked that tables in order have no
// more of them than fit.
template <int Threads>
HIPINFER_DEVICE bool find_mla_work(const paged_mla_attention_params& p, mla_scratch<Threads>& scratch, mla_work& work) {
  const int64_t each = (p.batch + Threads - 1) / Threads;
  const int64_t first = thread_id() * each, last = first + each < p.batch ? first + each : p.batch;
  mla_chunks chunks{0};
  if (p.spare > 0) {
    int64_t keys = 0, all;
    for (int64_t b = first; b < last; ++b) {
      const mla_request r = read_mla_request(p, b);
      keys += mla_tiles(p, r) * r.length;
    }
    sum_before(keys, all, scratch);
    chunks.keys = all / p.spare + 1;
    if (chunks.keys < p.least_keys) chunks.keys = p.least_keys;
    chunks.keys = (chunks.keys + mla_key_tile - 1) / mla_key_tile * mla_key_tile;
  }
  int64_t own = 0, all;
  for (int64_t b = first; b < last; ++b) {
    const mla_request r = read_mla_request(p, b);
    const int64_t items = mla_tiles(p, r) * chunks.of(r);
    own += items | (chunks.of(r) > 1 ? items << 32 : 0);
  }
  int64_t before = sum_before(own, all, scratch);
  const int64_t item = block_number();
  const bool notes = p.plan != nullptr && item == 0;
  if (thread_id() == 0) scratch.request = -1;
  block_barrier();  // that comes before what one thread finds
  if (notes || (item >= (before & 0xffffffff) && item < ((before + own) & 0xffffffff))) {
    for (int64_t b = first; b < last; ++b) {
      const mla_request r = read_mla_request(p, b);
      const int64_t items = mla_tiles(p, r) * chunks.of(r), at = before & 0xffffffff;
      if (item >= at && item < at + items) {
        scratch.request = b;
        scratch.item = item - at;
        scratch.part = before >> 32;
      }
      if (notes) {
        p.plan[2 * b] = chunks.of(r);
        p.plan[2 * b + 1] = static_cast<int32_t>(before >> 32);
      }
      before += items | (chunks.of(r) > 1 ? items << 32 : 0);
    }
  }
  block_barrier();  // what has been found is there
  const int64_t b = scratch.request, number = scratch.item;
  if (b < 0) return false;
  const mla_request r = read_mla_request(p, b);
  const int64_t tiles = mla_tiles(p, r);
  const int count = chunks.of(r);
  const division at = divide(number, tiles);  // blocks side by side share their keys
  const int64_t row = at.rest * p.rows, left = r.tokens * p.heads - row;
  int length = r.length;
  if (count > 1) length = ((r.length + count - 1) / count + mla_key_tile - 1) / mla_key_tile * mla_key_tile;
  work.request = {p.kv_indices + r.first_page, r.length, p.last_page, 0};
  work.first_token = r.first_token;
  work.tokens = r.tokens;
  work.part = scratch.part + number;
  work.whole = count == 1;
  work.causal = p.causal != 0;
  work.first_row = static_cast<int>(row);
  work.rows = static_cast<int>(left < p.rows ? left : p.rows);
  work.heads = p.heads_by;
  const int64_t begin = at.quotient * length;
  work.begin = static_cast<int>(begin < r.length ? begin : r.length);
  const int seen = work.limit(work.rows - 1);
  work.end = begin + length < seen ? static_cast<int>(begin + length) : seen;
  return work.whole || work.part < p.parts;
}

}  // namespace hipinfer
