// SPDX-License-Identifier: Apache-2.0
#include "core/divisor.h"
#include "core/rows.h"
#include "gen/ops.h"
#include "ops/masked_softmax/params.h"

namespace hipinfer {

void masked_softmax_launch(call& c, const masked_softmax_args& a) {
  masked_softmax_params p{};
  p.input = a.input.data;
  p.mask = a.mask.data;
  p.output = a.output.data;
  p.heads = a.input.shape[1];
  p.queries = a.input.shape[2];
  p.rows = a.input.shape[0] * p.heads * p.queries;
  p.n = a.input.shape[3];
  std::copy_n(a.input.stride, 3, p.input_stride);
  std::copy_n(a.output.stride, 3, p.output_stride);
  std::copy_n(a.mask.stride, 4, p.mask_stride);
  p.scale = a.scale;
  p.causal = a.causal;
  p.mask_bytes = a.mask.given() ? dtype_bytes(a.mask.type) : 0;
  set_vector(p, {&a.input, &a.output});
  if (a.mask.given()) p.vector &= p.mask_stride[3] == 1 && steps_of(a.mask, 16 / dtype_bytes(a.input.type));
  if (p.rows == 0 || p.n == 0) return;
  p.heads_inside = a.mask.given() && p.mask_stride[1] == 0;
  p.inner_by = make_divisor(p.heads_inside ? p.heads : p.queries, p.rows);
  p.middle_by = make_divisor(p.heads_inside ? p.queries : p.heads, p.rows);
  run_rows<masked_softmax_tune>(c, p);
}

}  // namespace hipinfer
