// SPDX-License-Identifier: Apache-2.0
#include "ops/gated/launch.h"
#include "gen/ops.h"
#include "ops/swiglu/params.h"

namespace hipinfer {

void swiglu_launch(call& c, const swiglu_args& a) {
  swiglu_params p{};
  set_gated_rows(p, a.output);
  p.gate = a.gate.data;
  p.up = a.up.data;
  p.gate_stride = a.gate.stride[0];
  p.up_stride = a.up.stride[0];
  p.vector =
      a.gate.aligned(16) && a.up.aligned(16) && a.output.aligned(16) && p.n % (16 / dtype_bytes(a.gate.type)) == 0;
  run_gated<swiglu_tune>(c, p, a.gate);
}

}  // namespace hipinfer
