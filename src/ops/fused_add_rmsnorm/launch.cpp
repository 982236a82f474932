// SPDX-License-Identifier: Apache-2.0
#include "core/op.h"
#include "generated/ops.h"
#include "ops/fused_add_rmsnorm/params.h"

namespace hipinfer {

void fused_add_rmsnorm_launch(call& c, const fused_add_rmsnorm_args& a) {
  fused_add_rmsnorm_params p{};
  p.input = a.input.data;
  p.residual = a.residual.data;
  p.weight = a.weight.data;
  p.rows = a.input.shape[0];
  p.n = a.input.shape[1];
  p.input_stride = a.input.stride[0];
  p.residual_stride = a.residual.stride[0];
  p.eps = a.eps;
  p.vector = a.input.aligned(16) && a.residual.aligned(16) && a.weight.aligned(16);
  if (p.n == 0) c.refuse(HIPINFER_STATUS_INVALID_SHAPE, "input", "rows of length 0 have no mean");
  if (p.rows == 0) return;
  c.run<fused_add_rmsnorm_tune>(p, [&](const fused_add_rmsnorm_tune&) { return grid{p.rows}; });
}

}  // namespace hipinfer
