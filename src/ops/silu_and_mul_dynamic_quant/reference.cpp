// SPDX-License-Identifier: Apache-2.0
#include "ops/gated/reference.h"
#include "gen/ops.h"
#include "ops/silu_and_mul_dynamic_quant/params.h"

namespace hipinfer {

void silu_and_mul_dynamic_quant_reference(const silu_and_mul_dynamic_quant_params& p, const bound_dtypes& types) {
  gate_and_quantise_of_definition<silu_of_definition, true>(p, types[silu_and_mul_dynamic_quant_dtype::data],
                                                            types[silu_and_mul_dynamic_quant_dtype::output]);
}

}  // namespace hipinfer
