// SPDX-License-Identifier: Apache-2.0
#include "ops/norms/launch.h"
#include "gen/ops.h"
#include "ops/rmsnorm_quant/params.h"

namespace hipinfer {

void rmsnorm_quant_launch(call& c, const rmsnorm_quant_args& a) {
  rmsnorm_quant_params p{};
  p.scale = a.scale.data;
  run_rmsnorm<rmsnorm_quant_tune>(c, a, p);
}

}  // namespace hipinfer
