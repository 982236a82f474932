// SPDX-License-Identifier: Apache-2.0
#include "ops/norms/launch.h"
#include "gen/ops.h"
#include "ops/gemma_fused_add_rmsnorm/params.h"

namespace hipinfer {

void gemma_fused_add_rmsnorm_launch(call& c, const gemma_fused_add_rmsnorm_args& a) {
  run_fused_add_rmsnorm<gemma_fused_add_rmsnorm_tune>(c, a, gemma_fused_add_rmsnorm_params{}, a.input);
}

}  // namespace hipinfer
