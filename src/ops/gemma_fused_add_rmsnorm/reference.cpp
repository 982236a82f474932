// SPDX-License-Identifier: Apache-2.0
#include "ops/norms/reference.h"
#include "gen/ops.h"
#include "ops/gemma_fused_add_rmsnorm/params.h"

namespace hipinfer {

void gemma_fused_add_rmsnorm_reference(const gemma_fused_add_rmsnorm_params& p, const bound_dtypes& types) {
  round_rows(p, types[gemma_fused_add_rmsnorm_dtype::data], types[gemma_fused_add_rmsnorm_dtype::weight],
             [&]<class T, class W>(int64_t r) { return fused_add_rmsnorm_of_definition<T, W>(p, r, 1); });
}

}  // namespace hipinfer
