// SPDX-License-Identifier: Apache-2.0
#include "ops/gated/reference.h"
#include "gen/ops.h"
#include "ops/gelu_and_mul_quant/params.h"

namespace hipinfer {

void gelu_and_mul_quant_reference(const gelu_and_mul_quant_params& p, const bound_dtypes& types) {
  gate_and_quantise_of_definition<gelu_of_definition, false>(p, types[gelu_and_mul_quant_dtype::data],
                                                             types[gelu_and_mul_quant_dtype::output]);
}

}  // namespace hipinfer
