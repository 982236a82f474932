// SPDX-License-Identifier: Apache-2.0
// A thread a request.
#include "device/index.h"
#include "ops/get_seq_lens/params.h"

namespace hipinfer {
namespace {

constexpr int threads = 256;

}  // namespace

HIPINFER_KERNEL(threads) get_seq_lens_requests(HIPINFER_PARAMS(get_seq_lens_params) p) {
  await_previous_kernel();
  const int64_t b = item_id<threads>();
  if (b >= p.requests) return;
  const int64_t pages = index_at(p.kv_indptr, p.wide, b + 1) - index_at(p.kv_indptr, p.wide, b);
  int64_t last = index_at(p.kv_last_page_len, p.wide, b);
  last = last < 0 ? 0 : last > p.page_size ? p.page_size : last;
  put_index(p.seq_lens, p.wide_out, b, pages > 0 ? (pages - 1) * p.page_size + last : 0);
}

}  // namespace hipinfer
