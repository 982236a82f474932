// SPDX-License-Identifier: Apache-2.0
// Written by src/gen/generate.py from src/ops/*/op.toml; edit those.
#include "generated/ops.h"

#include <cmath>
#include <cstddef>

#include "core/context.h"
#include "hipinfer/hipinfer.h"
#include "ops/gemm/params.h"
#include "ops/rmsnorm/params.h"

namespace hipinfer {
namespace gemm_op {
namespace {
constexpr const char* symbols[] = {"M", "N", "K"};
constexpr shape_alternative output_shapes[] = {{2, {{0, 1, 0}, {1, 1, 0}}}};
constexpr shape_alternative input_shapes[] = {{2, {{0, 1, 0}, {2, 1, 0}}}};
constexpr shape_alternative weight_shapes[] = {{2, {{1, 1, 0}, {2, 1, 0}}}};
constexpr shape_alternative bias_shapes[] = {{1, {{1, 1, 0}}}};
constexpr shape_alternative residual_shapes[] = {{2, {{0, 1, 0}, {1, 1, 0}}}};
constexpr tensor_contract tensors[] = {
    {"output", false, true, 1u << 4, 1, layout::rows, 1, output_shapes},
    {"input", false, false, 0, 0, layout::rows, 1, input_shapes},
    {"weight", false, false, 0, 0, layout::rows, 1, weight_shapes},
    {"bias", true, false, 0, 0, layout::rows, 1, bias_shapes},
    {"residual", true, false, 0, 1, layout::rows, 1, residual_shapes},
};
constexpr dtype_variable dtypes[] = {
    {"data", bit(dtype::f32) | bit(dtype::f16) | bit(dtype::bf16), -1},
    {"out", bit(dtype::f32), 0},
};
constexpr contract terms{"gemm", tensors, 5, dtypes, 2, symbols, 3};
constexpr gemm_tune tune_0{8, 8};
constexpr gemm_tune tune_1{64, 64};
constexpr gemm_tune tune_2{128, 128};
constexpr gemm_tune tune_3{64, 64};
constexpr kernel_row rows[] = {
    {"gemm", "gemv", "gemm", "*", "gemm_gemv_{data}_{out}", "p.m <= 8 && !p.batch_invariant", "main", 256, {0, 0}, &tune_0, [](const void* v) { const gemm_params& p = *static_cast<const gemm_params*>(v); return bool(p.m <= 8 && !p.batch_invariant); }, nullptr},
    {"gemm", "mma_64", "gemm_mma", "gfx90a gfx942 gfx950 gfx9-4-generic gfx11 gfx120 gfx12-generic sm_8 sm_9 sm_1", "gemm_mma_64_{data}_{out}", "p.few_tiles", "main", 256, {bit(dtype::f16) | bit(dtype::bf16), 0}, &tune_1, [](const void* v) { const gemm_params& p = *static_cast<const gemm_params*>(v); return bool(p.few_tiles); }, nullptr},
    {"gemm", "mma_128", "gemm_mma", "gfx90a gfx942 gfx950 gfx9-4-generic gfx11 gfx120 gfx12-generic sm_8 sm_9 sm_1", "gemm_mma_128_{data}_{out}", "", "main", 256, {bit(dtype::f16) | bit(dtype::bf16), 0}, &tune_2, nullptr, nullptr},
    {"gemm", "simt", "gemm", "*", "gemm_simt_{data}_{out}", "", "main", 256, {0, 0}, &tune_3, nullptr, nullptr},
    {"gemm", "cpu", "", "cpu", "", "", "main", 1, {}, nullptr, nullptr, [](const void* v, const bound_dtypes& t) { gemm_reference(*static_cast<const gemm_params*>(v), t); }},
};
constexpr param_field fields[] = {
    {"input", "const void*", offsetof(gemm_params, input), sizeof(gemm_params::input)},
    {"weight", "const void*", offsetof(gemm_params, weight), sizeof(gemm_params::weight)},
    {"bias", "const void*", offsetof(gemm_params, bias), sizeof(gemm_params::bias)},
    {"residual", "const void*", offsetof(gemm_params, residual), sizeof(gemm_params::residual)},
    {"output", "void*", offsetof(gemm_params, output), sizeof(gemm_params::output)},
    {"m", "int64_t", offsetof(gemm_params, m), sizeof(gemm_params::m)},
    {"n", "int64_t", offsetof(gemm_params, n), sizeof(gemm_params::n)},
    {"k", "int64_t", offsetof(gemm_params, k), sizeof(gemm_params::k)},
    {"input_stride", "int64_t", offsetof(gemm_params, input_stride), sizeof(gemm_params::input_stride)},
    {"weight_stride", "int64_t", offsetof(gemm_params, weight_stride), sizeof(gemm_params::weight_stride)},
    {"residual_stride", "int64_t", offsetof(gemm_params, residual_stride), sizeof(gemm_params::residual_stride)},
    {"output_stride", "int64_t", offsetof(gemm_params, output_stride), sizeof(gemm_params::output_stride)},
    {"vector", "int32_t", offsetof(gemm_params, vector), sizeof(gemm_params::vector)},
    {"batch_invariant", "int32_t", offsetof(gemm_params, batch_invariant), sizeof(gemm_params::batch_invariant)},
    {"few_tiles", "int32_t", offsetof(gemm_params, few_tiles), sizeof(gemm_params::few_tiles)},
};
constexpr op_table table{terms, rows, 5, 0, fields, 15, sizeof(gemm_params)};
}  // namespace
}  // namespace gemm_op

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
constexpr op_table table{terms, rows, 2, 5, fields, 10, sizeof(rmsnorm_params)};
}  // namespace
}  // namespace rmsnorm_op

const op_table* all_ops(int& count) {
  static constexpr op_table ops[] = {
      gemm_op::table,
      rmsnorm_op::table,
  };
  count = sizeof ops / sizeof *ops;
  return ops;
}

}  // namespace hipinfer

using namespace hipinfer;

extern "C" {

hipinfer_status hipinfer_gemm(hipinfer_context context, const hipinfer_tensor* output, const hipinfer_tensor* input, const hipinfer_tensor* weight, const hipinfer_tensor* bias, const hipinfer_tensor* residual, hipinfer_stream stream) {
  return guard([&] {
    const hipinfer_tensor* given[] = {output, input, weight, bias, residual};
    entry e(context, gemm_op::table, given, stream, false);
    gemm_args a{};
    a.output = e.views[0];
    a.input = e.views[1];
    a.weight = e.views[2];
    a.bias = e.views[3];
    a.residual = e.views[4];
    gemm_launch(e.work, a);
  });
}

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
