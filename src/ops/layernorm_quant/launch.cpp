// SPDX-License-Identifier: Apache-2.0
#include "ops/norms/launch.h"
#include "gen/ops.h"
#include "ops/layernorm_quant/params.h"

namespace hipinfer {

void layernorm_quant_launch(call& c, const layernorm_quant_args& a) {
  layernorm_quant_params p{};
  p.scale = a.scale.data;
  run_layernorm<layernorm_quant_tune>(c, a, p, layernorm_quant_dtype::weight, layernorm_quant_dtype::data);
}

}  // namespace hipinfer
