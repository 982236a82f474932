// SPDX-License-Identifier: Apache-2.0
#include "core/op.h"
#include "gen/ops.h"
#include "ops/argmax/params.h"

namespace hipinfer {

void argmax_launch(call& c, const argmax_args& a) {
  argmax_params p{};
  p.input = a.input.data;
  p.output = a.output.data;
  p.rows = a.input.shape[0];
  p.n = a.input.shape[1];
  p.input_stride = a.input.stride[0];
  p.vector = a.input.aligned(16);
  if (p.n == 0) c.refuse(HIPINFER_STATUS_INVALID_SHAPE, "input", "rows of length 0 have no maximum");
  if (a.output.type == dtype::i32 && p.n - 1 > INT32_MAX) {
    c.refuse(HIPINFER_STATUS_INVALID_SHAPE, "input", "rows of length %lld have indices that output's i32 cannot hold",
             static_cast<long long>(p.n));
  }
  if (p.rows == 0) return;
  c.run<argmax_tune>(p, [&](const argmax_tune&) { return grid{p.rows}; });
}

}  // namespace hipinfer
