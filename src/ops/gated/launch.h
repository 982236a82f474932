// SPDX-License-Identifier: Apache-2.0
// What the gated units have in common on the host.
#pragma once

#include "core/elementwise.h"
#include "core/rows.h"

namespace hipinfer {

// Fields of the result's rows.
template <class Params>
void set_gated_rows(Params& p, const view& output) {
  p.output = output.data;
  p.rows = output.shape[0];
  p.n = output.shape[1];
  p.output_stride = output.stride[0];
}

// Gate and up as the halves of each row; the second begins n elements in. `steps`: the output's allow vectors, too.
template <class Params>
void set_packed_halves(Params& p, const view& input, const view& output) {
  const int64_t width = 16 / dtype_bytes(input.type);
  set_gated_rows(p, output);
  p.gate = input.data;
  p.up = static_cast<const char*>(input.data) + p.n * dtype_bytes(input.type);
  p.gate_stride = p.up_stride = input.stride[0];
  p.vector = input.aligned(16) && steps_of(output, width) && p.n % width == 0;
}

// Tune has vector, whether a kernel takes 16-byte vectors or single elements, and each, how many a thread takes at most.
template <class Tune, class Params>
void run_gated(call& c, Params& p, const view& input) {
  if (p.rows == 0 || p.n == 0) return;
  c.run<Tune>(p, [&](const Tune& t) {
    const int64_t width = t.vector ? 16 / dtype_bytes(input.type) : 1;
    return row_vector_grid(c, p, p.rows, p.n / width, t.each);
  });
}

}  // namespace hipinfer
