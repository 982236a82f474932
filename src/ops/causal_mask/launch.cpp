// SPDX-License-Identifier: Apache-2.0
#include "core/elementwise.h"
#include "gen/ops.h"
#include "ops/causal_mask/params.h"

namespace hipinfer {

void causal_mask_launch(call& c, const causal_mask_args& a) {
  causal_mask_params p{};
  p.input = a.input.data;
  p.output = a.output.data;
  p.batch = a.output.shape[0];
  p.heads = a.output.shape[1];
  p.queries = a.output.shape[2];
  p.keys = a.output.shape[3];
  std::copy_n(a.input.stride, 3, p.input_stride);
  std::copy_n(a.output.stride, 3, p.output_stride);
  p.value = a.value;
  if (a.output.elements() == 0) return;
  const int64_t wide = 16 / dtype_bytes(a.output.type);
  p.vector = a.input.aligned(16) && a.output.aligned(16) && p.keys % wide == 0;
  const int64_t width = p.vector ? wide : 1;
  const int64_t rows = p.batch * p.heads * p.queries;
  p.queries_by = make_divisor(p.queries, rows);
  p.heads_by = make_divisor(p.heads, rows);
  c.run<causal_mask_tune>(
      p, [&](const causal_mask_tune& t) { return row_vector_grid(c, p, rows, p.keys / width, t.each); });
}

}  // namespace hipinfer
