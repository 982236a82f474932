// SPDX-License-Identifier: Apache-2.0
#include "core/rows.h"
#include "gen/adaln.h"
#include "gen/fused_add_norm.h"
#include "gen/gated_residual_rmsnorm.h"
#include "gen/gated_rmsnorm.h"
#include "gen/norm.h"
#include "ops/norms/params.h"

namespace hipinfer {
namespace {

// `rows`: the argument whose rows are normed.
template <class Params>
void set_mean(const call& c, Params& p, float eps, const char* rows = "input") {
  if (p.n == 0) c.refuse(HIPINFER_STATUS_INVALID_SHAPE, rows, "rows of length 0 have no mean");
  p.inverse_n = 1.0f / static_cast<float>(p.n);
  p.eps = eps;
}

}  // namespace

void norm_launch(call& c, const norm_args& a) {
  norm_params p{};
  p.input = a.input.data;
  p.weight = a.weight.data;
  p.bias = a.bias.data;
  p.output = a.output.data;
  p.scale = a.scale.data;
  p.scales = a.scales.data;
  p.weight_type = a.weight.given() ? a.weight.type : a.bias.type;
  p.output_type = a.output.type;
  set_head_rows(p, a.input);
  set_row_strides(p.input_stride, a.input);
  set_row_strides(p.output_stride, a.output);
  p.scales_stride[0] = a.scales.stride[0];
  p.scales_stride[1] = a.scales.rank == 2 ? a.scales.stride[1] : 0;
  merge_row_dimensions(p, p.input_stride, p.output_stride, p.scales_stride);
  set_vector(p, {&a.input, &a.output, &a.weight, &a.bias});
  set_mean(c, p, a.eps);
  if (p.rows == 0) return;
  p.many = many_rows(c, p);
  run_rows<norm_tune>(c, p);
}

void gated_rmsnorm_launch(call& c, const gated_rmsnorm_args& a) {
  gated_rmsnorm_params p{};
  p.input = a.input.data;
  p.gate = a.gate.data;
  p.weight = a.weight.data;
  p.output = a.output.data;
  p.weight_type = a.weight.type;
  p.silu = a.activation == norm_gate::silu;
  set_head_rows(p, a.input);
  set_row_strides(p.input_stride, a.input);
  set_row_strides(p.gate_stride, a.gate);
  set_row_strides(p.output_stride, a.output);
  merge_row_dimensions(p, p.input_stride, p.gate_stride, p.output_stride);
  set_vector(p, {&a.input, &a.gate, &a.output, &a.weight});
  set_mean(c, p, a.eps);
  if (p.rows > 0) run_rows<gated_rmsnorm_tune>(c, p);
}

void fused_add_norm_launch(call& c, const fused_add_norm_args& a) {
  const view& output = a.output.given() ? a.output : a.input;
  fused_add_norm_params p{};
  p.input = a.input.data;
  p.output = output.data;
  p.residual = a.residual.data;
  p.weight = a.weight.data;
  p.scale = a.scale.data;
  p.scales = a.scales.data;
  p.weight_type = a.weight.type;
  p.output_type = output.type;
  set_rows(p, a.input);
  set_row_strides(p.input_stride, a.input);
  set_row_strides(p.residual_stride, a.residual);
  set_row_strides(p.output_stride, output);
  set_row_strides(p.scales_stride, a.scales);
  set_vector(p, {&a.input, &a.residual, &a.weight, &output});
  set_mean(c, p, a.eps);
  if (p.rows > 0) run_rows<fused_add_norm_tune>(c, p);
}

void gated_residual_rmsnorm_launch(call& c, const gated_residual_rmsnorm_args& a) {
  gated_residual_rmsnorm_params p{};
  p.branch = a.branch.data;
  p.residual = a.residual.data;
  p.weight = a.weight.data;
  p.next_weight = a.next_weight.data;
  p.alpha = a.alpha.data;
  p.beta = a.beta.data;
  p.stream = a.output.data;
  p.output = a.normed.data;
  p.weight_type = a.weight.given() ? a.weight.type : a.next_weight.type;
  p.stream_type = a.output.type;
  p.factor = a.factor;
  p.next_eps = a.next_eps;
  p.gain = a.weight.given() ? a.gain : 0;
  p.next_gain = a.next_weight.given() ? a.next_gain : 0;
  set_rows(p, a.branch);
  set_row_strides(p.branch_stride, a.branch);
  set_row_strides(p.residual_stride, a.residual);
  set_row_strides(p.stream_stride, a.output);
  set_row_strides(p.output_stride, a.normed);
  set_vector(p, {&a.branch, &a.residual, &a.output, &a.normed, &a.weight, &a.next_weight, &a.alpha, &a.beta});
  set_mean(c, p, a.eps, "branch");
  if (p.rows > 0) run_rows<gated_residual_rmsnorm_tune>(c, p);
}

void adaln_launch(call& c, const adaln_args& a) {
  adaln_params p{};
  p.input = a.input.data;
  p.scale = a.scale.data;
  p.shift = a.shift.data;
  p.output = a.output.data;
  p.rms = a.rms;
  p.weight_type = a.scale.type;
  set_head_rows(p, a.input);
  set_row_strides(p.input_stride, a.input);
  set_row_strides(p.output_stride, a.output);
  p.scale_stride = a.scale.stride[0];
  p.shift_stride = a.shift.stride[0];
  set_vector(p, {&a.input, &a.output, &a.scale, &a.shift});
  set_mean(c, p, a.eps);
  if (p.rows > 0) run_rows<adaln_tune>(c, p);
}

}  // namespace hipinfer
