// SPDX-License-Identifier: Apache-2.0
#include "ops/gated/reference.h"
#include "gen/ops.h"
#include "ops/gelu_and_mul/params.h"

namespace hipinfer {

void gelu_and_mul_reference(const gelu_and_mul_params& p, const bound_dtypes& types) {
  gate_of_definition<gelu_of_definition>(p, types[gelu_and_mul_dtype::data]);
}

}  // namespace hipinfer
