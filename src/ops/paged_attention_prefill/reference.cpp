// SPDX-License-Identifier: Apache-2.0
#include "ops/paged_attention/reference.h"

#include "gen/ops.h"
#include "ops/paged_attention_prefill/params.h"

namespace hipinfer {

void paged_attention_prefill_reference(const paged_attention_prefill_params& p, const bound_dtypes& types) {
  with_float(types[paged_attention_prefill_dtype::data], [&]<class T>() {
    parallel_rows(p.tokens * p.q_heads, attention_work(p), [&](int64_t i) {
      const int64_t token = i / p.q_heads;
      const int64_t request = std::upper_bound(p.qo_indptr, p.qo_indptr + p.batch + 1, token) - p.qo_indptr - 1;
      if (request < 0 || request >= p.batch) return;  // a token of no request
      // Causal is aligned to the end: a token does not see the keys of the tokens that follow it.
      const int64_t following = p.qo_indptr[request + 1] - 1 - token;
      attend<T>(p, request, token, i % p.q_heads, p.causal ? following : 0);
    });
  });
}

}  // namespace hipinfer
