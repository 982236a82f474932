// SPDX-License-Identifier: Apache-2.0
#include "ops/gated/launch.h"
#include "gen/ops.h"
#include "ops/gelu_and_mul/params.h"

namespace hipinfer {

void gelu_and_mul_launch(call& c, const gelu_and_mul_args& a) {
  gelu_and_mul_params p{};
  set_packed_halves(p, a.input, a.output);
  run_gated<gelu_and_mul_tune>(c, p, a.input);
}

}  // namespace hipinfer
