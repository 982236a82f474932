// SPDX-License-Identifier: Apache-2.0
#include "ops/norms/launch.h"
#include "gen/ops.h"
#include "ops/layernorm/params.h"

namespace hipinfer {

void layernorm_launch(call& c, const layernorm_args& a) {
  run_layernorm<layernorm_tune>(c, a, layernorm_params{}, layernorm_dtype::weight, layernorm_dtype::data);
}

}  // namespace hipinfer
