// SPDX-License-Identifier: Apache-2.0
#include "ops/gated/reference.h"
#include "gen/ops.h"
#include "ops/swiglu/params.h"

namespace hipinfer {

void swiglu_reference(const swiglu_params& p, const bound_dtypes& types) {
  gate_of_definition<silu_of_definition>(p, types[swiglu_dtype::data]);
}

}  // namespace hipinfer
