// SPDX-License-Identifier: Apache-2.0
#include "ops/paged_attention/launch.h"
#include "core/op.h"
#include "gen/ops.h"
#include "ops/paged_attention_prefill/params.h"

namespace hipinfer {
namespace {

constexpr int64_t tile_rows = 64;  // as the kernel's

}  // namespace

void paged_attention_prefill_launch(call& c, const paged_attention_prefill_args& a) {
  check_paged_attention(c, a);
  paged_attention_prefill_params p{};
  fill_paged_attention(p, a);
  p.qo_indptr = static_cast<const int32_t*>(a.qo_indptr.data);
  p.tokens = a.query.shape[0];
  p.causal = a.causal;
  if (p.batch == 0 || p.tokens == 0 || p.q_heads == 0) return;
  // The kernel's tiles begin at a request's first row: a request may leave one of them incomplete.
  p.slots = p.tokens * p.group / tile_rows + p.batch;
  c.run<paged_attention_prefill_tune>(p,
                                      [&](const paged_attention_prefill_tune&) { return grid{p.slots * p.kv_heads}; });
}

}  // namespace hipinfer
