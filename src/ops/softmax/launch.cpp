// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "core/items.h"
#include "gen/ops.h"
#include "ops/softmax/params.h"

namespace hipinfer {

void softmax_launch(call& c, const softmax_args& a) {
  softmax_params p{};
  p.input = a.input.data;
  p.output = a.output.data;
  p.temperatures = a.temperatures.data;
  p.rows = a.input.shape[0];
  p.n = a.input.shape[1];
  p.input_stride = a.input.stride[0];
  p.output_stride = a.output.stride[0];
  p.temperature = a.temperature;
  p.input_type = a.input.type;
  p.output_type = a.output.type;
  p.vector = a.input.aligned(16) && a.output.aligned(16) && p.n % (16 / dtype_bytes(a.input.type)) == 0;
  if (a.output.elements() == 0) return;
  if (p.output != nullptr && p.output == p.input && a.output.type != a.input.type) {
    c.refuse(HIPINFER_STATUS_ALIASING, "output", "is the same memory as input, with dtype %s in place of %s",
             dtype_name(a.output.type), dtype_name(a.input.type));
  }
  c.run<softmax_tune>(p, [&](const softmax_tune& t) {
    // Blocks of a row that is overwritten would have to wait for each other.
    if (p.output != p.input) {
      while (1 << p.parts_log2 < t.parts && p.rows << (p.parts_log2 + 2) <= c.compute_units()) ++p.parts_log2;
    }
    return block_grid(p.rows << p.parts_log2);
  });
}

}  // namespace hipinfer
