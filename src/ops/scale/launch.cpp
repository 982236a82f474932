// SPDX-License-Identifier: Apache-2.0
#include "core/elementwise.h"
#include "gen/ops.h"
#include "ops/scale/params.h"

namespace hipinfer {

void scale_launch(call& c, const scale_args& a) {
  scale_params p{};
  p.input = a.input.data;
  p.output = a.output.data;
  p.factor = a.factor;
  p.n = a.output.elements();
  if (p.n == 0) return;
  set_index_space(p, a.output, a.input);
  run_elementwise<scale_tune>(c, p, a.output, a.input);
}

}  // namespace hipinfer
