// SPDX-License-Identifier: Apache-2.0
#include "core/elementwise.h"
#include "gen/ops.h"
#include "ops/embedding/params.h"

namespace hipinfer {

void embedding_launch(call& c, const embedding_args& a) {
  embedding_params p{};
  p.table = a.table.data;
  p.indices = a.indices.data;
  p.output = a.output.data;
  p.tokens = a.output.shape[0];
  p.vocabulary = a.table.shape[0];
  p.n = a.output.shape[1];
  p.table_stride = a.table.stride[0];
  p.output_stride = a.output.stride[0];
  if (a.output.elements() == 0) return;
  const int64_t wide = 16 / dtype_bytes(a.output.type);
  p.vector = a.table.aligned(16) && a.output.aligned(16) && p.n % wide == 0;
  const int64_t width = p.vector ? wide : 1;
  p.wide = a.indices.type == dtype::i64;
  c.run<embedding_tune>(p,
                        [&](const embedding_tune& t) { return row_vector_grid(c, p, p.tokens, p.n / width, t.each); });
}

}  // namespace hipinfer
