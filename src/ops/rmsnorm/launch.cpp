// SPDX-License-Identifier: Apache-2.0
#include "ops/norms/launch.h"
#include "gen/ops.h"
#include "ops/rmsnorm/params.h"

namespace hipinfer {

void rmsnorm_launch(call& c, const rmsnorm_args& a) {
  run_rmsnorm<rmsnorm_tune>(c, a, rmsnorm_params{});
}

}  // namespace hipinfer
