// SPDX-License-Identifier: Apache-2.0
#include "ops/paged_attention/reference.h"

#include "gen/ops.h"
#include "ops/paged_attention_decode/params.h"

namespace hipinfer {

void paged_attention_decode_reference(const paged_attention_decode_params& p, const bound_dtypes& types) {
  with_float(types[paged_attention_decode_dtype::data], [&]<class T>() {
    parallel_rows(p.batch * p.q_heads, attention_work(p), [&](int64_t i) {
      const int64_t request = i / p.q_heads;
      attend<T>(p, request, request, i % p.q_heads, 0);
    });
  });
}

}  // namespace hipinfer
