// SPDX-License-Identifier: Apache-2.0
// A thread a token, which looks for its request by halving.
#include "device/index.h"
#include "ops/get_batch_indices_positions/params.h"

namespace hipinfer {
namespace {

constexpr int threads = 256;

}  // namespace

HIPINFER_KERNEL(threads) get_batch_indices_positions_tokens(HIPINFER_PARAMS(get_batch_indices_positions_params) p) {
  await_previous_kernel();
  const int64_t t = item_id<threads>();
  if (t >= p.tokens) return;
  const int64_t b = request_of(p.append_indptr, p.wide, p.requests, t);
  int64_t position = -1;
  if (b >= 0) position = index_at(p.seq_lens, p.wide, b) - index_at(p.append_indptr, p.wide, b + 1) + t;
  put_index(p.batch_indices, p.wide_out, t, b);
  put_index(p.positions, p.wide_out, t, position);
}

}  // namespace hipinfer
