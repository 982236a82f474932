// SPDX-License-Identifier: Apache-2.0
#include "ops/norms/launch.h"
#include "gen/ops.h"
#include "ops/fused_add_rmsnorm/params.h"

namespace hipinfer {

void fused_add_rmsnorm_launch(call& c, const fused_add_rmsnorm_args& a) {
  run_fused_add_rmsnorm<fused_add_rmsnorm_tune>(c, a, fused_add_rmsnorm_params{}, a.input);
}

}  // namespace hipinfer
