// SPDX-License-Identifier: Apache-2.0
#include "core/items.h"
#include "gen/ops.h"
#include "ops/get_batch_indices_positions/params.h"

namespace hipinfer {

void get_batch_indices_positions_launch(call& c, const get_batch_indices_positions_args& a) {
  get_batch_indices_positions_params p{};
  p.batch_indices = a.batch_indices.data;
  p.positions = a.positions.data;
  p.append_indptr = a.append_indptr.data;
  p.seq_lens = a.seq_lens.data;
  p.tokens = a.positions.shape[0];
  p.requests = a.seq_lens.shape[0];
  p.wide = a.append_indptr.type == dtype::i64;
  p.wide_out = a.positions.type == dtype::i64;
  if (p.tokens == 0) return;
  c.run<get_batch_indices_positions_tune>(p,
                                          [&](const get_batch_indices_positions_tune&) { return item_grid(p.tokens); });
}

}  // namespace hipinfer
