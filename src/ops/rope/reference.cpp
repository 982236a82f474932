// SPDX-License-Identifier: Apache-2.0
#include "ops/ropes/reference.h"
#include "gen/ops.h"
#include "ops/rope/params.h"

namespace hipinfer {

void rope_reference(const rope_params& p, const bound_dtypes& types) {
  with_float(types[rope_dtype::data], [&]<class T>() {
    parallel_rows(p.tokens, (p.q_heads + p.k_heads) * p.head_dim, [&](int64_t token) {
      rotate_token<T>(p, token, angles_at<T>(p, index_at(p.positions, p.wide, token)));
    });
  });
}

}  // namespace hipinfer
