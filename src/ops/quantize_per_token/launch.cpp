// SPDX-License-Identifier: Apache-2.0
#include "core/rows.h"
#include "gen/ops.h"
#include "ops/quantize_per_token/params.h"

namespace hipinfer {

void quantize_per_token_launch(call& c, const quantize_per_token_args& a) {
  quantize_per_token_params p{};
  p.input = a.input.data;
  p.output = a.output.data;
  p.scales = a.scales.data;
  p.output_type = a.output.type;
  set_rows(p, a.input);
  set_row_strides(p.input_stride, a.input);
  set_row_strides(p.output_stride, a.output);
  set_row_strides(p.scale_stride, a.scales);
  set_vector(p, {&a.input, &a.output});
  if (p.rows == 0) return;
  p.many = many_rows(c, p);
  run_rows<quantize_per_token_tune>(c, p);
}

}  // namespace hipinfer
