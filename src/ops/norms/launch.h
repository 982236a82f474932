// SPDX-License-Identifier: Apache-2.0
// What the norms have in common on the host.
#pragma once

#include "core/rows.h"

namespace hipinfer {

inline void check_norm_row(const call& c, int64_t n) {
  if (n == 0) c.refuse(HIPINFER_STATUS_INVALID_SHAPE, "input", "rows of length 0 have no mean");
}

template <class Params>
void merge_rows(Params& p) {
  if constexpr (requires { p.scales_stride; })
    merge_row_dimensions(p, p.input_stride, p.output_stride, p.scales_stride);
  else
    merge_row_dimensions(p, p.input_stride, p.output_stride);
}

// One a row: [T] or [T, H].
template <class Params>
void set_scales(Params& p, const view& scales) {
  p.scales = scales.data;
  if constexpr (requires { p.inner; }) {
    p.scales_stride[0] = scales.stride[0];
    p.scales_stride[1] = scales.rank == 2 ? scales.stride[1] : 0;
  } else {
    p.scales_stride = scales.stride[0];
  }
}

// What a kernel is told of dtypes, and not compiled for.
template <class Params>
void set_types(Params& p, dtype weight, dtype output) {
  p.weight_type = weight;
  if constexpr (requires { p.output_type; }) p.output_type = output;
}

template <class Tune, class Args, class Params>
void run_rmsnorm(call& c, const Args& a, Params p) {
  p.input = a.input.data;
  p.weight = a.weight.data;
  p.output = a.output.data;
  p.eps = a.eps;
  set_types(p, a.weight.type, a.output.type);
  set_rows(p, a.input);
  set_row_strides(p.input_stride, a.input);
  set_row_strides(p.output_stride, a.output);
  merge_rows(p);
  set_vector(p, {&a.input, &a.output, &a.weight});
  check_norm_row(c, p.n);
  if (p.rows > 0) run_rows<Tune>(c, p);
}

template <class Tune, class Args, class Params>
void run_fused_add_rmsnorm(call& c, const Args& a, Params p, const view& output) {
  p.input = a.input.data;
  p.output = output.data;
  p.residual = a.residual.data;
  p.weight = a.weight.data;
  p.eps = a.eps;
  set_types(p, a.weight.type, output.type);
  set_rows(p, a.input);
  set_row_strides(p.input_stride, a.input);
  set_row_strides(p.residual_stride, a.residual);
  set_row_strides(p.output_stride, output);
  set_vector(p, {&a.input, &a.residual, &a.weight, &output});
  check_norm_row(c, p.n);
  if (p.rows > 0) run_rows<Tune>(c, p);
}

// Variables are the indices of two dtypes: what a call without weight and bias does not bind is data's.
template <class Tune, class Args, class Params>
void run_layernorm(call& c, const Args& a, Params p, int weight_variable, int data_variable) {
  dtype& weight = c.types.of[weight_variable];
  if (weight == dtype::unknown) weight = c.types[data_variable];
  p.input = a.input.data;
  p.weight = a.weight.data;
  p.bias = a.bias.data;
  p.output = a.output.data;
  p.eps = a.eps;
  set_types(p, weight, a.output.type);
  set_rows(p, a.input);
  set_row_strides(p.input_stride, a.input);
  set_row_strides(p.output_stride, a.output);
  merge_rows(p);
  set_vector(p, {&a.input, &a.output, &a.weight, &a.bias});
  check_norm_row(c, p.n);
  if (p.rows > 0) run_rows<Tune>(c, p);
}

}  // namespace hipinfer
