// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "core/elementwise.h"
#include "gen/ops.h"
#include "ops/dequantize/params.h"

namespace hipinfer {

void dequantize_launch(call& c, const dequantize_args& a) {
  dequantize_params p{};
  p.input = a.input.data;
  p.scales = a.scales.data;
  p.output = a.output.data;
  p.rows = a.output.shape[0];
  p.n = a.output.shape[1];
  // A group that would reach past the tensor ends there.
  p.group_rows = std::max<int64_t>(a.group_rows == 0 ? p.rows : std::min(a.group_rows, p.rows), 1);
  p.group_size = std::max<int64_t>(a.group_size == 0 ? p.n : std::min(a.group_size, p.n), 1);
  p.groups = p.n == 0 ? 0 : (p.n - 1) / p.group_size + 1;
  p.input_stride = a.input.stride[0];
  p.output_stride = a.output.stride[0];
  const bool one_a_row = a.scales.rank == 1;
  p.scale_stride[0] = a.scales.stride[0];
  p.scale_stride[1] = one_a_row ? 0 : a.scales.stride[1];
  const int64_t row_groups = p.rows == 0 ? 0 : (p.rows - 1) / p.group_rows + 1;
  const int64_t have_rows = a.scales.shape[0], have = one_a_row ? 1 : a.scales.shape[1];
  // An empty tensor may come with its one scale.
  const bool rows_fit = have_rows == row_groups || (row_groups == 0 && a.group_rows == 0 && have_rows == 1);
  const bool groups_fit = have == p.groups || (p.groups == 0 && a.group_size == 0 && have == 1);
  if (!rows_fit || !groups_fit) {
    c.refuse(HIPINFER_STATUS_INVALID_SHAPE, "scales", "%lld rows of %lld, expected %lld of %lld",
             static_cast<long long>(have_rows), static_cast<long long>(have), static_cast<long long>(row_groups),
             static_cast<long long>(p.groups));
  }
  if (p.rows == 0 || p.n == 0) return;
  // 8 elements are 8 bytes of input, and 16 or twice 16 of output.
  p.vector = a.input.aligned(8) && a.output.aligned(16) && p.n % 8 == 0 && (p.groups == 1 || p.group_size % 8 == 0);
  p.input_type = a.input.type;
  p.group_rows_by = make_divisor(p.group_rows, p.rows);
  c.run<dequantize_tune>(p, [&](const dequantize_tune& t) {
    const int64_t width = t.vector ? 8 : 1;
    p.group_vectors = make_divisor(p.groups == 1 ? p.n : p.group_size / width, p.n);
    return row_vector_grid(c, p, p.rows, p.n / width, t.each);
  });
}

}  // namespace hipinfer
