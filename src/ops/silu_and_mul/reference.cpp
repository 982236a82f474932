// SPDX-License-Identifier: Apache-2.0
#include "ops/gated/reference.h"
#include "gen/ops.h"
#include "ops/silu_and_mul/params.h"

namespace hipinfer {

void silu_and_mul_reference(const silu_and_mul_params& p, const bound_dtypes& types) {
  gate_of_definition<silu_of_definition>(p, types[silu_and_mul_dtype::data]);
}

}  // namespace hipinfer
