// SPDX-License-Identifier: Apache-2.0
#include "ops/gated/launch.h"
#include "gen/ops.h"
#include "ops/gelu_and_mul_quant/params.h"

namespace hipinfer {

void gelu_and_mul_quant_launch(call& c, const gelu_and_mul_quant_args& a) {
  gelu_and_mul_quant_params p{};
  set_packed_halves(p, a.input, a.output);
  p.scale = a.scale.data;
  p.output_type = a.output.type;
  run_gated<gelu_and_mul_quant_tune>(c, p, a.input);
}

}  // namespace hipinfer
