// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "core/elementwise.h"
#include "core/rows.h"
#include "gen/dequantize.h"
#include "gen/quantize_per_group.h"
#include "gen/quantize_per_tensor.h"
#include "gen/quantize_per_token.h"
#include "ops/quantise/params.h"

namespace hipinfer {

void quantize_per_tensor_launch(call& c, const quantize_per_tensor_args& a) {
  quantize_per_tensor_params p{};
  p.input = a.input.data;
  p.scale = a.scale.data;
  p.output = a.output.data;
  p.n = a.output.elements();
  if (p.n == 0) return;
  set_index_space(p, a.output, a.input);
  run_elementwise<quantize_per_tensor_tune>(c, p, a.output, a.input);
}

void quantize_per_token_launch(call& c, const quantize_per_token_args& a) {
  quantize_per_token_params p{};
  p.input = a.input.data;
  p.output = a.output.data;
  p.scales = a.scales.data;
  p.output_type = a.output.type;
  set_rows(p, a.input);
  set_row_strides(p.input_stride, a.input);
  set_row_strides(p.output_stride, a.output);
  set_row_strides(p.scale_stride, a.scales);
  set_vector(p, {&a.input, &a.output});
  if (p.rows == 0) return;
  p.many = many_rows(c, p);
  run_rows<quantize_per_token_tune>(c, p);
}

void quantize_per_group_launch(call& c, const quantize_per_group_args& a) {
  quantize_per_group_params p{};
  p.input = a.input.data;
  p.output = a.output.data;
  p.scales = a.scales.data;
  p.output_type = a.output.type;
  const int64_t length = a.input.shape[1], groups = a.scales.shape[1];
  p.rows = a.scales.shape[0] * groups;
  p.n = a.group_size;
  if (length % p.n != 0 || length / p.n != groups) {
    c.refuse(HIPINFER_STATUS_INVALID_SHAPE, "scales", "%lld groups of %lld in a row of %lld",
             static_cast<long long>(groups), static_cast<long long>(p.n), static_cast<long long>(length));
  }
  if (p.rows == 0) return;
  set_inner(p, groups);
  p.input_stride[0] = a.input.stride[0];
  p.output_stride[0] = a.output.stride[0];
  p.input_stride[1] = p.output_stride[1] = p.n;
  p.scale_stride[0] = a.scales.stride[0];
  p.scale_stride[1] = a.scales.stride[1];
  merge_row_dimensions(p, p.input_stride, p.output_stride, p.scale_stride);
  set_vector(p, {&a.input, &a.output});
  run_rows<quantize_per_group_tune>(c, p);
}

void dequantize_launch(call& c, const dequantize_args& a) {
  dequantize_params p{};
  p.input = a.input.data;
  p.scales = a.scales.data;
  p.output = a.output.data;
  const int64_t rows = a.output.shape[0], n = a.output.shape[1];
  // A group that would reach past the tensor ends there.
  const int64_t group_rows = std::max<int64_t>(a.group_rows == 0 ? rows : std::min(a.group_rows, rows), 1);
  const int64_t group_size = std::max<int64_t>(a.group_size == 0 ? n : std::min(a.group_size, n), 1);
  const int64_t row_groups = rows == 0 ? 0 : (rows - 1) / group_rows + 1;
  const int64_t groups = n == 0 ? 0 : (n - 1) / group_size + 1;
  const bool one_a_row = a.scales.rank == 1;
  const int64_t have_rows = a.scales.shape[0], have = one_a_row ? 1 : a.scales.shape[1];
  // An empty tensor may come with its one scale.
  const bool rows_fit = have_rows == row_groups || (row_groups == 0 && a.group_rows == 0 && have_rows == 1);
  const bool groups_fit = have == groups || (groups == 0 && a.group_size == 0 && have == 1);
  if (!rows_fit || !groups_fit) {
    c.refuse(HIPINFER_STATUS_INVALID_SHAPE, "scales", "%lld rows of %lld, expected %lld of %lld",
             static_cast<long long>(have_rows), static_cast<long long>(have), static_cast<long long>(row_groups),
             static_cast<long long>(groups));
  }
  if (rows == 0 || n == 0) return;
  p.input_stride = a.input.stride[0];
  p.output_stride = a.output.stride[0];
  p.scale_stride[0] = a.scales.stride[0];
  p.scale_stride[1] = one_a_row ? 0 : a.scales.stride[1];
  // 8 elements are 8 bytes of input, and 16 or twice 16 of output.
  p.vector = a.input.aligned(8) && a.output.aligned(16) && n % 8 == 0 && (groups == 1 || group_size % 8 == 0);
  p.input_type = a.input.type;
  p.group_rows_by = make_divisor(group_rows, rows);
  c.run<dequantize_tune>(p, [&](const dequantize_tune& t) {
    p.group_vectors = make_divisor(groups == 1 ? n : group_size / t.width, n);
    return row_vector_grid(c, p, rows, n / t.width, t.each);
  });
}

}  // namespace hipinfer
