// SPDX-License-Identifier: Apache-2.0
#include "ops/kv_writes/reference.h"
#include "gen/ops.h"
#include "ops/get_batch_indices_positions/params.h"

namespace hipinfer {

void get_batch_indices_positions_reference(const get_batch_indices_positions_params& p, const bound_dtypes&) {
  for (int64_t t = 0; t < p.tokens; ++t) {
    put_index(p.batch_indices, p.wide_out, t, -1);
    put_index(p.positions, p.wide_out, t, -1);
  }
  for (int64_t b = 0; b < p.requests; ++b) {
    const int64_t begin = index_at(p.append_indptr, p.wide, b), end = index_at(p.append_indptr, p.wide, b + 1);
    for (int64_t t = std::max<int64_t>(begin, 0); t < std::min(end, p.tokens); ++t) {
      put_index(p.batch_indices, p.wide_out, t, b);
      put_index(p.positions, p.wide_out, t, index_at(p.seq_lens, p.wide, b) - end + t);
    }
  }
}

}  // namespace hipinfer
