// SPDX-License-Identifier: Apache-2.0
#include "core/elementwise.h"
#include "generated/ops.h"
#include "ops/silu_and_mul/params.h"

namespace hipinfer {

void silu_and_mul_launch(call& c, const silu_and_mul_args& a) {
  silu_and_mul_params p{};
  p.input = a.input.data;
  p.output = a.output.data;
  p.tokens = a.output.shape[0];
  p.n = a.output.shape[1];
  p.input_stride = a.input.stride[0];
  p.output_stride = a.output.stride[0];
  // The second half of a row begins n elements into it.
  const int64_t width = 16 / dtype_bytes(a.output.type);
  p.vector = a.input.aligned(16) && a.output.aligned(16) && p.n % width == 0;
  if (a.output.elements() == 0) return;
  c.run<silu_and_mul_tune>(p, [&](const silu_and_mul_tune& t) {
    return elementwise_grid(c, a.output.elements(), p.vector ? width : 1, t.blocks_per_unit);
  });
}

}  // namespace hipinfer
