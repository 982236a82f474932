// SPDX-License-Identifier: Apache-2.0
// What the norms have in common on the host.
#pragma once

#include "core/rows.h"

namespace hipinfer {

inline void check_norm_row(const call& c, int64_t n) {
  if (n == 0) c.refuse(HIPINFER_STATUS_INVALID_SHAPE, "input", "rows of length 0 have no mean");
}

template <class Tune, class Args, class Params>
void run_rmsnorm(call& c, const Args& a, Params p) {
  p.input = a.input.data;
  p.weight = a.weight.data;
  p.output = a.output.data;
  p.eps = a.eps;
  set_rows(p, a.input);
  set_row_strides(p.input_stride, a.input);
  set_row_strides(p.output_stride, a.output);
  merge_row_dimensions(p, p.input_stride, p.output_stride);
  set_vector(p, {&a.input, &a.output, &a.weight});
  check_norm_row(c, p.n);
  if (p.rows > 0) run_rows<Tune>(c, p);
}

template <class Tune, class Args, class Params>
void run_fused_add_rmsnorm(call& c, const Args& a, Params p) {
  p.input = a.input.data;
  p.residual = a.residual.data;
  p.weight = a.weight.data;
  p.eps = a.eps;
  set_rows(p, a.input);
  set_row_strides(p.input_stride, a.input);
  set_row_strides(p.residual_stride, a.residual);
  set_vector(p, {&a.input, &a.residual, &a.weight});
  check_norm_row(c, p.n);
  if (p.rows > 0) run_rows<Tune>(c, p);
}

}  // namespace hipinfer
