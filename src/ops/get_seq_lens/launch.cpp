// SPDX-License-Identifier: Apache-2.0
#include "core/items.h"
#include "gen/ops.h"
#include "ops/get_seq_lens/params.h"

namespace hipinfer {

void get_seq_lens_launch(call& c, const get_seq_lens_args& a) {
  get_seq_lens_params p{};
  p.seq_lens = a.seq_lens.data;
  p.kv_indptr = a.kv_indptr.data;
  p.kv_last_page_len = a.kv_last_page_len.data;
  p.requests = a.seq_lens.shape[0];
  p.page_size = a.page_size;
  p.wide = a.kv_indptr.type == dtype::i64;
  p.wide_out = a.seq_lens.type == dtype::i64;
  if (p.seq_lens == p.kv_last_page_len && p.wide != p.wide_out && p.requests > 0) {
    c.refuse(HIPINFER_STATUS_ALIASING, "seq_lens", "is the same memory as kv_last_page_len, but of another dtype");
  }
  if (p.requests == 0) return;
  c.run<get_seq_lens_tune>(p, [&](const get_seq_lens_tune&) { return item_grid(p.requests); });
}

}  // namespace hipinfer
