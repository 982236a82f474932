// SPDX-License-Identifier: Apache-2.0
#include "ops/norms/launch.h"
#include "gen/ops.h"
#include "ops/fused_add_rmsnorm_dynamic_quant/params.h"

namespace hipinfer {

void fused_add_rmsnorm_dynamic_quant_launch(call& c, const fused_add_rmsnorm_dynamic_quant_args& a) {
  fused_add_rmsnorm_dynamic_quant_params p{};
  set_scales(p, a.scales);
  run_fused_add_rmsnorm<fused_add_rmsnorm_dynamic_quant_tune>(c, a, p, a.output);
}

}  // namespace hipinfer
