// SPDX-License-Identifier: Apache-2.0
#include "core/rows.h"
#include "gen/ops.h"
#include "ops/quantize_per_group/params.h"

namespace hipinfer {

void quantize_per_group_launch(call& c, const quantize_per_group_args& a) {
  quantize_per_group_params p{};
  p.input = a.input.data;
  p.output = a.output.data;
  p.scales = a.scales.data;
  p.output_type = a.output.type;
  const int64_t length = a.input.shape[1], groups = a.scales.shape[1];
  p.rows = a.scales.shape[0] * groups;
  p.n = a.group_size;
  set_inner(p, groups);
  if (length % p.n != 0 || length / p.n != groups) {
    c.refuse(HIPINFER_STATUS_INVALID_SHAPE, "scales", "%lld groups of %lld in a row of %lld",
             static_cast<long long>(groups), static_cast<long long>(p.n), static_cast<long long>(length));
  }
  if (p.rows == 0) return;
  p.input_stride[0] = a.input.stride[0];
  p.output_stride[0] = a.output.stride[0];
  p.input_stride[1] = p.output_stride[1] = p.n;
  p.scale_stride[0] = a.scales.stride[0];
  p.scale_stride[1] = a.scales.stride[1];
  merge_row_dimensions(p, p.input_stride, p.output_stride, p.scale_stride);
  set_vector(p, {&a.input, &a.output});
  run_rows<quantize_per_group_tune>(c, p);
}

}  // namespace hipinfer
