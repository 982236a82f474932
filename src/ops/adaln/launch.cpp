// SPDX-License-Identifier: Apache-2.0
#include "ops/norms/launch.h"
#include "gen/ops.h"
#include "ops/adaln/params.h"

namespace hipinfer {

void adaln_launch(call& c, const adaln_args& a) {
  adaln_params p{};
  p.input = a.input.data;
  p.scale = a.scale.data;
  p.shift = a.shift.data;
  p.output = a.output.data;
  p.eps = a.eps;
  p.rms = a.rms;
  p.weight_type = a.scale.type;
  set_rows(p, a.input);
  set_row_strides(p.input_stride, a.input);
  set_row_strides(p.output_stride, a.output);
  p.scale_stride = a.scale.stride[0];
  p.shift_stride = a.shift.stride[0];
  set_vector(p, {&a.input, &a.output, &a.scale, &a.shift});
  check_norm_row(c, p.n);
  if (p.rows > 0) run_rows<adaln_tune>(c, p);
}

}  // namespace hipinfer
