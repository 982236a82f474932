// SPDX-License-Identifier: Apache-2.0
#include "core/elementwise.h"
#include "gen/causal_mask.h"
#include "gen/embedding.h"
#include "gen/map.h"
#include "ops/elementwise/params.h"

namespace hipinfer {

void map_launch(call& c, const map_args& a) {
  map_params p{};
  p.input = a.input.data;
  p.output = a.output.data;
  p.factor = a.factor;
  p.n = a.output.elements();
  if (p.n == 0) return;
  set_index_space(p, a.output, a.input);
  run_elementwise<map_tune>(c, p, a.output, a.input);
}

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
