// SPDX-License-Identifier: Apache-2.0
#include "core/op.h"
#include "generated/ops.h"
#include "ops/rmsnorm/params.h"

namespace hipinfer {

void rmsnorm_launch(call& c, const rmsnorm_args& a) {
  const bool per_head = a.input.rank == 3;
  rmsnorm_params p{};
  p.input = a.input.data;
  p.weight = a.weight.data;
  p.output = a.output.data;
  p.heads = per_head ? a.input.shape[1] : 1;
  p.rows = a.input.shape[0] * p.heads;
  p.n = a.input.extent(1);
  p.input_stride[0] = a.input.stride[0];
  p.input_stride[1] = per_head ? a.input.stride[1] : 0;
  p.output_stride[0] = a.output.stride[0];
  p.output_stride[1] = per_head ? a.output.stride[1] : 0;
  p.eps = a.eps;
  p.vector = a.input.aligned(16) && a.output.aligned(16) && a.weight.aligned(16);
  if (p.n == 0) c.refuse(HIPINFER_STATUS_INVALID_SHAPE, "input", "rows of length 0 have no mean");
  if (p.rows == 0) return;
  c.run<rmsnorm_tune>(p, [&](const rmsnorm_tune&) { return grid{p.rows}; });
}

}  // namespace hipinfer
