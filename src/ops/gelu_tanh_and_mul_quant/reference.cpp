// SPDX-License-Identifier: Apache-2.0
#include "ops/gated/reference.h"
#include "gen/ops.h"
#include "ops/gelu_tanh_and_mul_quant/params.h"

namespace hipinfer {

void gelu_tanh_and_mul_quant_reference(const gelu_tanh_and_mul_quant_params& p, const bound_dtypes& types) {
  gate_and_quantise_of_definition<gelu_tanh_of_definition, false>(p, types[gelu_tanh_and_mul_quant_dtype::data],
                                                                  types[gelu_tanh_and_mul_quant_dtype::output]);
}

}  // namespace hipinfer
