// SPDX-License-Identifier: Apache-2.0
// What other operations ask of a ragged batch and of a page table.
#include "device/index.h"
#include "ops/kv/params.h"

namespace hipinfer {

// A thread has a token, whose request it looks for by halving.
template <int Threads>
HIPINFER_DEVICE void get_batch_indices_positions(const get_batch_indices_positions_params& p) {
  const int64_t t = item_id<Threads>();
  if (t >= p.tokens) return;
  const int64_t b = request_of(p.append_indptr, p.wide, p.requests, t);
  int64_t position = -1;
  if (b >= 0) position = index_at(p.seq_lens, p.wide, b) - index_at(p.append_indptr, p.wide, b + 1) + t;
  put_index(p.batch_indices, p.wide_out, t, b);
  put_index(p.positions, p.wide_out, t, position);
}

// A thread has a request.
template <int Threads>
HIPINFER_DEVICE void get_seq_lens(const get_seq_lens_params& p) {
  const int64_t b = item_id<Threads>();
  if (b >= p.requests) return;
  const int64_t pages = index_at(p.kv_indptr, p.wide, b + 1) - index_at(p.kv_indptr, p.wide, b);
  int64_t last = index_at(p.kv_last_page_len, p.wide, b);
  last = last < 0 ? 0 : last > p.page_size ? p.page_size : last;
  put_index(p.seq_lens, p.wide_out, b, pages > 0 ? (pages - 1) * p.page_size + last : 0);
}

}  // namespace hipinfer
