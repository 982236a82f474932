// SPDX-License-Identifier: Apache-2.0
#include "ops/norms/launch.h"
#include "gen/ops.h"
#include "ops/rmsnorm_dynamic_quant/params.h"

namespace hipinfer {

void rmsnorm_dynamic_quant_launch(call& c, const rmsnorm_dynamic_quant_args& a) {
  rmsnorm_dynamic_quant_params p{};
  set_scales(p, a.scales);
  run_rmsnorm<rmsnorm_dynamic_quant_tune>(c, a, p);
}

}  // namespace hipinfer
