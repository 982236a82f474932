// SPDX-License-Identifier: Apache-2.0
#include "core/elementwise.h"
#include "gen/ops.h"
#include "ops/quantize_per_tensor/params.h"

namespace hipinfer {

void quantize_per_tensor_launch(call& c, const quantize_per_tensor_args& a) {
  quantize_per_tensor_params p{};
  p.input = a.input.data;
  p.scale = a.scale.data;
  p.output = a.output.data;
  p.n = a.output.elements();
  if (p.n == 0) return;
  set_index_space(p, a.output, a.input);
  run_elementwise<quantize_per_tensor_tune>(c, p, a.output, a.input);
}

}  // namespace hipinfer
