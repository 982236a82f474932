// SPDX-License-Identifier: Apache-2.0
// Written by src/gen/generate.py from src/ops/*/op.toml; edit those.
#include "generated/ops.h"

#include <cmath>
#include <cstddef>

#include "core/context.h"
#include "hipinfer/hipinfer.h"
#include "ops/rmsnorm/params.h"

namespace hipinfer {
namespace rmsnorm_op {
namespace {
constexpr const char* symbols[] = {"T", "H", "N"};
constexpr shape_alternative output_shapes[] = {{2, {{0, 1, 0}, {2, 1, 0}}}, {3, {{0, 1, 0}, {1, 1, 0}, {2, 1, 0}}}};
constexpr shape_alternative input_shapes[] = {{2, {{0, 1, 0}, {2, 1, 0}}}, {3, {{0, 1, 0}, {1, 1, 0}, {2, 1, 0}}}};
constexpr shape_alternative weight_shapes[] = {{1, {{2, 1, 0}}}};
constexpr tensor_contract tensors[] = {
    {"output", false, true, 1u << 1, 0, layout::rows, 2, output_shapes},
    {"input", false, false, 0, 0, layout::rows, 2, input_shapes},
    {"weight", false, false, 0, 1, layout::rows, 1, weight_shapes},
};
constexpr dtype_variable dtypes[] = {
    {"data", bit(dtype::f32) | bit(dtype::f16) | bit(dtype::bf16), -1},
    {"weight", bit(dtype::f32), 0},
};
constexpr contract terms{"rmsnorm", tensors, 3, dtypes, 2, symbols, 3};
constexpr kernel_row rows[] = {
    {"rmsnorm", "rows", "rmsnorm", "*", "rmsnorm_rows_{data}_{weight}", "", "main", 256, {0, 0}, nullptr, nullptr, nullptr},
    {"rmsnorm", "cpu", "", "cpu", "", "", "main", 1, {}, nullptr, nullptr, [](const void* v, const bound_dtypes& t) { rmsnorm_reference(*static_cast<const rmsnorm_params*>(v), t); }},
};
constexpr param_field fields[] = {
    {"input", "const void*", offsetof(rmsnorm_params, input), sizeof(rmsnorm_params::input)},
    {"weight", "const void*", offsetof(rmsnorm_params, weight), sizeof(rmsnorm_params::weight)},
    {"output", "void*", offsetof(rmsnorm_params, output), sizeof(rmsnorm_params::output)},
    {"rows", "int64_t", offsetof(rmsnorm_params, rows), sizeof(rmsnorm_params::rows)},
    {"heads", "int64_t", offsetof(rmsnorm_params, heads), sizeof(rmsnorm_params::heads)},
    {"n", "int64_t", offsetof(rmsnorm_params, n), sizeof(rmsnorm_params::n)},
    {"input_stride", "int64_t", offsetof(rmsnorm_params, input_stride), sizeof(rmsnorm_params::input_stride)},
    {"output_stride", "int64_t", offsetof(rmsnorm_params, output_stride), sizeof(rmsnorm_params::output_stride)},
    {"eps", "float", offsetof(rmsnorm_params, eps), sizeof(rmsnorm_params::eps)},
    {"vector", "int32_t", offsetof(rmsnorm_params, vector), sizeof(rmsnorm_params::vector)},
};
constexpr op_table table{terms, rows, 2, 0, fields, 10, sizeof(rmsnorm_params)};
}  // namespace
}  // namespace rmsnorm_op

const op_table* all_ops(int& count) {
  static constexpr op_table ops[] = {
      rmsnorm_op::table,
  };
  count = sizeof ops / sizeof *ops;
  return ops;
}

}  // namespace hipinfer

using namespace hipinfer;

extern "C" {

hipinfer_status hipinfer_rmsnorm(hipinfer_context context, const hipinfer_tensor* output, const hipinfer_tensor* input, const hipinfer_tensor* weight, float eps, hipinfer_stream stream) {
  return guard([&] {
    const hipinfer_tensor* given[] = {output, input, weight};
    entry e(context, rmsnorm_op::table, given, stream, false);
    rmsnorm_args a{};
    a.output = e.views[0];
    a.input = e.views[1];
    a.weight = e.views[2];
    a.eps = eps;
    check_range("rmsnorm", "eps", static_cast<double>(eps), 0.0, 3.4e+38);
    rmsnorm_launch(e.work, a);
  });
}

}  // extern "C"
