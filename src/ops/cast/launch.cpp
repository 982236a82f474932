// SPDX-License-Identifier: Apache-2.0
#include "core/elementwise.h"
#include "gen/ops.h"
#include "ops/cast/params.h"

namespace hipinfer {

void cast_launch(call& c, const cast_args& a) {
  cast_params p{};
  p.input = a.input.data;
  p.output = a.output.data;
  p.n = a.output.elements();
  if (p.n == 0) return;
  set_index_space(p, a.output, a.input);
  run_elementwise<cast_tune>(c, p, a.output, a.input);
}

}  // namespace hipinfer
