// SPDX-License-Identifier: Apache-2.0
#include "core/elementwise.h"
#include "core/rows.h"
#include "gen/gated.h"
#include "gen/gated_rows.h"
#include "ops/gated/params.h"

namespace hipinfer {
namespace {

template <class Params>
void set_output(Params& p, const view& output) {
  p.output = output.data;
  p.rows = output.shape[0];
  p.n = output.shape[1];
  p.output_stride = output.stride[0];
  p.output_type = output.type;
}

// Gate and up as the halves of each row; the second begins n elements in.
template <class Params>
void set_packed_halves(Params& p, const view& input, const view& output) {
  p.gate = input.data;
  p.up = static_cast<const char*>(input.data) + p.n * dtype_bytes(input.type);
  p.gate_stride = p.up_stride = input.stride[0];
  const int64_t width = 16 / dtype_bytes(input.type);
  p.vector = input.aligned(16) && steps_of(output, width) && p.n % width == 0;
}

}  // namespace

void gated_launch(call& c, const gated_args& a) {
  gated_params p{};
  set_output(p, a.output);
  p.scale = a.scale.data;
  const dtype type = a.input.given() ? a.input.type : a.gate.type;
  if (a.input.given()) {
    set_packed_halves(p, a.input, a.output);
  } else {
    p.gate = a.gate.data;
    p.up = a.up.data;
    p.gate_stride = a.gate.stride[0];
    p.up_stride = a.up.stride[0];
    p.vector = a.gate.aligned(16) && a.up.aligned(16) && a.output.aligned(16) && p.n % (16 / dtype_bytes(type)) == 0;
  }
  if (p.rows == 0 || p.n == 0) return;
  c.run<gated_tune>(p, [&](const gated_tune& t) {
    const int64_t width = t.vector ? 16 / dtype_bytes(type) : 1;
    return row_vector_grid(c, p, p.rows, p.n / width, t.each);
  });
}

void gated_rows_launch(call& c, const gated_rows_args& a) {
  gated_rows_params p{};
  set_output(p, a.output);
  set_packed_halves(p, a.input, a.output);
  p.scales = a.scales.data;
  p.scales_stride = a.scales.stride[0];
  if (p.rows > 0) run_rows<gated_rows_tune>(c, p);
}

}  // namespace hipinfer
