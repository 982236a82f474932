// SPDX-License-Identifier: Apache-2.0
#include "ops/gated/launch.h"
#include "gen/ops.h"
#include "ops/gelu_and_mul_dynamic_quant/params.h"

namespace hipinfer {

void gelu_and_mul_dynamic_quant_launch(call& c, const gelu_and_mul_dynamic_quant_args& a) {
  gelu_and_mul_dynamic_quant_params p{};
  set_packed_halves(p, a.input, a.output);
  p.output_type = a.output.type;
  p.scales = a.scales.data;
  p.scales_stride = a.scales.stride[0];
  if (p.rows > 0) run_rows<gelu_and_mul_dynamic_quant_tune>(c, p);
}

}  // namespace hipinfer
