// SPDX-License-Identifier: Apache-2.0
#include "ops/norms/launch.h"
#include "gen/ops.h"
#include "ops/gemma_rmsnorm/params.h"

namespace hipinfer {

void gemma_rmsnorm_launch(call& c, const gemma_rmsnorm_args& a) {
  run_rmsnorm<gemma_rmsnorm_tune>(c, a, gemma_rmsnorm_params{});
}

}  // namespace hipinfer
