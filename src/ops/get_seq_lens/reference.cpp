// SPDX-License-Identifier: Apache-2.0
#include "ops/kv_writes/reference.h"
#include "gen/ops.h"
#include "ops/get_seq_lens/params.h"

namespace hipinfer {

void get_seq_lens_reference(const get_seq_lens_params& p, const bound_dtypes&) {
  parallel_rows(p.requests, 1, [&](int64_t b) {
    const int64_t pages = index_at(p.kv_indptr, p.wide, b + 1) - index_at(p.kv_indptr, p.wide, b);
    const int64_t last = std::clamp<int64_t>(index_at(p.kv_last_page_len, p.wide, b), 0, p.page_size);
    put_index(p.seq_lens, p.wide_out, b, pages > 0 ? (pages - 1) * p.page_size + last : 0);
  });
}

}  // namespace hipinfer
