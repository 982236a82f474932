// SPDX-License-Identifier: Apache-2.0
// Written by src/gen/generate.py from src/ops/*/op.toml; edit those.
#include "generated/ops.h"

#include <cmath>
#include <cstddef>

#include "core/context.h"
#include "hipinfer/hipinfer.h"
#include "ops/argmax/params.h"
#include "ops/cast/params.h"
#include "ops/causal_mask/params.h"
#include "ops/embedding/params.h"
#include "ops/fused_add_rmsnorm/params.h"
#include "ops/rmsnorm/params.h"
#include "ops/scale/params.h"
#include "ops/silu_and_mul/params.h"
#include "ops/softmax/params.h"

namespace hipinfer {
namespace argmax_op {
namespace {
constexpr const char* symbols[] = {"T", "V"};
constexpr shape_alternative output_shapes[] = {{1, {{0, 1, 0}}}};
constexpr shape_alternative input_shapes[] = {{2, {{0, 1, 0}, {1, 1, 0}}}};
constexpr tensor_contract tensors[] = {
    {"output", false, true, 0, 1, layout::rows, 1, output_shapes},
    {"input", false, false, 0, 0, layout::rows, 1, input_shapes},
};
constexpr dtype_variable dtypes[] = {
    {"data", bit(dtype::f32) | bit(dtype::f16) | bit(dtype::bf16), -1},
    {"index", bit(dtype::i32) | bit(dtype::i64), -1},
};
constexpr contract terms{"argmax", tensors, 2, dtypes, 2, symbols, 2};
constexpr kernel_row rows[] = {
    {"argmax", "long_rows", "argmax", "*", "argmax_long_rows_{data}_{index}", "p.n > 16384", "main", 1024, {0, 0}, nullptr, [](const void* v) { const argmax_params& p = *static_cast<const argmax_params*>(v); return bool(p.n > 16384); }, nullptr},
    {"argmax", "rows", "argmax", "*", "argmax_rows_{data}_{index}", "", "main", 256, {0, 0}, nullptr, nullptr, nullptr},
    {"argmax", "cpu", "", "cpu", "", "", "main", 1, {}, nullptr, nullptr, [](const void* v, const bound_dtypes& t) { argmax_reference(*static_cast<const argmax_params*>(v), t); }},
};
constexpr param_field fields[] = {
    {"input", "const void*", offsetof(argmax_params, input), sizeof(argmax_params::input)},
    {"output", "void*", offsetof(argmax_params, output), sizeof(argmax_params::output)},
    {"rows", "int64_t", offsetof(argmax_params, rows), sizeof(argmax_params::rows)},
    {"n", "int64_t", offsetof(argmax_params, n), sizeof(argmax_params::n)},
    {"input_stride", "int64_t", offsetof(argmax_params, input_stride), sizeof(argmax_params::input_stride)},
    {"vector", "int32_t", offsetof(argmax_params, vector), sizeof(argmax_params::vector)},
};
constexpr op_table table{terms, rows, 3, 0, fields, 6, sizeof(argmax_params)};
}  // namespace
}  // namespace argmax_op

namespace cast_op {
namespace {
constexpr const char* symbols[] = {nullptr};
constexpr tensor_contract tensors[] = {
    {"output", false, true, 0, 1, layout::free, 0, nullptr},
    {"input", false, false, 0, 0, layout::free, 0, nullptr},
};
constexpr dtype_variable dtypes[] = {
    {"input", bit(dtype::f32) | bit(dtype::f16) | bit(dtype::bf16), -1},
    {"output", bit(dtype::f32) | bit(dtype::f16) | bit(dtype::bf16), -1},
};
constexpr contract terms{"cast", tensors, 2, dtypes, 2, symbols, 0};
constexpr cast_tune tune_0{8, 8};
constexpr cast_tune tune_1{1, 8};
constexpr kernel_row rows[] = {
    {"cast", "vectors", "cast", "*", "cast_vectors_{input}_{output}", "p.vector", "main", 256, {0, 0}, &tune_0, [](const void* v) { const cast_params& p = *static_cast<const cast_params*>(v); return bool(p.vector); }, nullptr},
    {"cast", "elements", "cast", "*", "cast_elements_{input}_{output}", "", "main", 256, {0, 0}, &tune_1, nullptr, nullptr},
    {"cast", "cpu", "", "cpu", "", "", "main", 1, {}, nullptr, nullptr, [](const void* v, const bound_dtypes& t) { cast_reference(*static_cast<const cast_params*>(v), t); }},
};
constexpr param_field fields[] = {
    {"input", "const void*", offsetof(cast_params, input), sizeof(cast_params::input)},
    {"output", "void*", offsetof(cast_params, output), sizeof(cast_params::output)},
    {"n", "int64_t", offsetof(cast_params, n), sizeof(cast_params::n)},
    {"shape", "int64_t", offsetof(cast_params, shape), sizeof(cast_params::shape)},
    {"input_stride", "int64_t", offsetof(cast_params, input_stride), sizeof(cast_params::input_stride)},
    {"output_stride", "int64_t", offsetof(cast_params, output_stride), sizeof(cast_params::output_stride)},
    {"rank", "int32_t", offsetof(cast_params, rank), sizeof(cast_params::rank)},
    {"vector", "int32_t", offsetof(cast_params, vector), sizeof(cast_params::vector)},
};
constexpr op_table table{terms, rows, 3, 3, fields, 8, sizeof(cast_params)};
}  // namespace
}  // namespace cast_op

namespace causal_mask_op {
namespace {
constexpr const char* symbols[] = {"B", "H", "Q", "K"};
constexpr shape_alternative output_shapes[] = {{4, {{0, 1, 0}, {1, 1, 0}, {2, 1, 0}, {3, 1, 0}}}};
constexpr shape_alternative input_shapes[] = {{4, {{0, 1, 0}, {1, 1, 0}, {2, 1, 0}, {3, 1, 0}}}};
constexpr tensor_contract tensors[] = {
    {"output", false, true, 1u << 1, 0, layout::rows, 1, output_shapes},
    {"input", false, false, 0, 0, layout::rows, 1, input_shapes},
};
constexpr dtype_variable dtypes[] = {
    {"data", bit(dtype::f32) | bit(dtype::f16) | bit(dtype::bf16), -1},
};
constexpr contract terms{"causal_mask", tensors, 2, dtypes, 1, symbols, 4};
constexpr causal_mask_tune tune_0{8};
constexpr kernel_row rows[] = {
    {"causal_mask", "scores", "causal_mask", "*", "causal_mask_scores_{data}", "", "main", 256, {0}, &tune_0, nullptr, nullptr},
    {"causal_mask", "cpu", "", "cpu", "", "", "main", 1, {}, nullptr, nullptr, [](const void* v, const bound_dtypes& t) { causal_mask_reference(*static_cast<const causal_mask_params*>(v), t); }},
};
constexpr param_field fields[] = {
    {"input", "const void*", offsetof(causal_mask_params, input), sizeof(causal_mask_params::input)},
    {"output", "void*", offsetof(causal_mask_params, output), sizeof(causal_mask_params::output)},
    {"batch", "int64_t", offsetof(causal_mask_params, batch), sizeof(causal_mask_params::batch)},
    {"heads", "int64_t", offsetof(causal_mask_params, heads), sizeof(causal_mask_params::heads)},
    {"queries", "int64_t", offsetof(causal_mask_params, queries), sizeof(causal_mask_params::queries)},
    {"keys", "int64_t", offsetof(causal_mask_params, keys), sizeof(causal_mask_params::keys)},
    {"input_stride", "int64_t", offsetof(causal_mask_params, input_stride), sizeof(causal_mask_params::input_stride)},
    {"output_stride", "int64_t", offsetof(causal_mask_params, output_stride), sizeof(causal_mask_params::output_stride)},
    {"value", "float", offsetof(causal_mask_params, value), sizeof(causal_mask_params::value)},
    {"vector", "int32_t", offsetof(causal_mask_params, vector), sizeof(causal_mask_params::vector)},
};
constexpr op_table table{terms, rows, 2, 6, fields, 10, sizeof(causal_mask_params)};
}  // namespace
}  // namespace causal_mask_op

namespace embedding_op {
namespace {
constexpr const char* symbols[] = {"T", "N", "V"};
constexpr shape_alternative output_shapes[] = {{2, {{0, 1, 0}, {1, 1, 0}}}};
constexpr shape_alternative table_shapes[] = {{2, {{2, 1, 0}, {1, 1, 0}}}};
constexpr shape_alternative indices_shapes[] = {{1, {{0, 1, 0}}}};
constexpr tensor_contract tensors[] = {
    {"output", false, true, 0, 0, layout::rows, 1, output_shapes},
    {"table", false, false, 0, 0, layout::rows, 1, table_shapes},
    {"indices", false, false, 0, 1, layout::rows, 1, indices_shapes},
};
constexpr dtype_variable dtypes[] = {
    {"data", bit(dtype::f32) | bit(dtype::f16) | bit(dtype::bf16), -1},
    {"index", bit(dtype::i32) | bit(dtype::i64), -1},
};
constexpr contract terms{"embedding", tensors, 3, dtypes, 2, symbols, 3};
constexpr embedding_tune tune_0{8};
constexpr kernel_row rows[] = {
    {"embedding", "rows", "embedding", "*", "embedding_rows_{data}_{index}", "", "main", 256, {0, 0}, &tune_0, nullptr, nullptr},
    {"embedding", "cpu", "", "cpu", "", "", "main", 1, {}, nullptr, nullptr, [](const void* v, const bound_dtypes& t) { embedding_reference(*static_cast<const embedding_params*>(v), t); }},
};
constexpr param_field fields[] = {
    {"table", "const void*", offsetof(embedding_params, table), sizeof(embedding_params::table)},
    {"indices", "const void*", offsetof(embedding_params, indices), sizeof(embedding_params::indices)},
    {"output", "void*", offsetof(embedding_params, output), sizeof(embedding_params::output)},
    {"tokens", "int64_t", offsetof(embedding_params, tokens), sizeof(embedding_params::tokens)},
    {"vocabulary", "int64_t", offsetof(embedding_params, vocabulary), sizeof(embedding_params::vocabulary)},
    {"n", "int64_t", offsetof(embedding_params, n), sizeof(embedding_params::n)},
    {"table_stride", "int64_t", offsetof(embedding_params, table_stride), sizeof(embedding_params::table_stride)},
    {"output_stride", "int64_t", offsetof(embedding_params, output_stride), sizeof(embedding_params::output_stride)},
    {"vector", "int32_t", offsetof(embedding_params, vector), sizeof(embedding_params::vector)},
};
constexpr op_table table{terms, rows, 2, 8, fields, 9, sizeof(embedding_params)};
}  // namespace
}  // namespace embedding_op

namespace fused_add_rmsnorm_op {
namespace {
constexpr const char* symbols[] = {"T", "N"};
constexpr shape_alternative input_shapes[] = {{2, {{0, 1, 0}, {1, 1, 0}}}};
constexpr shape_alternative residual_shapes[] = {{2, {{0, 1, 0}, {1, 1, 0}}}};
constexpr shape_alternative weight_shapes[] = {{1, {{1, 1, 0}}}};
constexpr tensor_contract tensors[] = {
    {"input", false, true, 0, 0, layout::rows, 1, input_shapes},
    {"residual", false, true, 0, 0, layout::rows, 1, residual_shapes},
    {"weight", false, false, 0, 1, layout::rows, 1, weight_shapes},
};
constexpr dtype_variable dtypes[] = {
    {"data", bit(dtype::f32) | bit(dtype::f16) | bit(dtype::bf16), -1},
    {"weight", bit(dtype::f32), 0},
};
constexpr contract terms{"fused_add_rmsnorm", tensors, 3, dtypes, 2, symbols, 2};
constexpr kernel_row rows[] = {
    {"fused_add_rmsnorm", "rows", "fused_add_rmsnorm", "*", "fused_add_rmsnorm_rows_{data}_{weight}", "", "main", 256, {0, 0}, nullptr, nullptr, nullptr},
    {"fused_add_rmsnorm", "cpu", "", "cpu", "", "", "main", 1, {}, nullptr, nullptr, [](const void* v, const bound_dtypes& t) { fused_add_rmsnorm_reference(*static_cast<const fused_add_rmsnorm_params*>(v), t); }},
};
constexpr param_field fields[] = {
    {"input", "void*", offsetof(fused_add_rmsnorm_params, input), sizeof(fused_add_rmsnorm_params::input)},
    {"residual", "void*", offsetof(fused_add_rmsnorm_params, residual), sizeof(fused_add_rmsnorm_params::residual)},
    {"weight", "const void*", offsetof(fused_add_rmsnorm_params, weight), sizeof(fused_add_rmsnorm_params::weight)},
    {"rows", "int64_t", offsetof(fused_add_rmsnorm_params, rows), sizeof(fused_add_rmsnorm_params::rows)},
    {"n", "int64_t", offsetof(fused_add_rmsnorm_params, n), sizeof(fused_add_rmsnorm_params::n)},
    {"input_stride", "int64_t", offsetof(fused_add_rmsnorm_params, input_stride), sizeof(fused_add_rmsnorm_params::input_stride)},
    {"residual_stride", "int64_t", offsetof(fused_add_rmsnorm_params, residual_stride), sizeof(fused_add_rmsnorm_params::residual_stride)},
    {"eps", "float", offsetof(fused_add_rmsnorm_params, eps), sizeof(fused_add_rmsnorm_params::eps)},
    {"vector", "int32_t", offsetof(fused_add_rmsnorm_params, vector), sizeof(fused_add_rmsnorm_params::vector)},
};
constexpr op_table table{terms, rows, 2, 10, fields, 9, sizeof(fused_add_rmsnorm_params)};
}  // namespace
}  // namespace fused_add_rmsnorm_op

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
constexpr op_table table{terms, rows, 2, 12, fields, 10, sizeof(rmsnorm_params)};
}  // namespace
}  // namespace rmsnorm_op

namespace scale_op {
namespace {
constexpr const char* symbols[] = {nullptr};
constexpr tensor_contract tensors[] = {
    {"output", false, true, 1u << 1, 0, layout::free, 0, nullptr},
    {"input", false, false, 0, 0, layout::free, 0, nullptr},
};
constexpr dtype_variable dtypes[] = {
    {"data", bit(dtype::f32) | bit(dtype::f16) | bit(dtype::bf16), -1},
};
constexpr contract terms{"scale", tensors, 2, dtypes, 1, symbols, 0};
constexpr scale_tune tune_0{8, 8};
constexpr scale_tune tune_1{1, 8};
constexpr kernel_row rows[] = {
    {"scale", "vectors", "scale", "*", "scale_vectors_{data}", "p.vector", "main", 256, {0}, &tune_0, [](const void* v) { const scale_params& p = *static_cast<const scale_params*>(v); return bool(p.vector); }, nullptr},
    {"scale", "elements", "scale", "*", "scale_elements_{data}", "", "main", 256, {0}, &tune_1, nullptr, nullptr},
    {"scale", "cpu", "", "cpu", "", "", "main", 1, {}, nullptr, nullptr, [](const void* v, const bound_dtypes& t) { scale_reference(*static_cast<const scale_params*>(v), t); }},
};
constexpr param_field fields[] = {
    {"input", "const void*", offsetof(scale_params, input), sizeof(scale_params::input)},
    {"output", "void*", offsetof(scale_params, output), sizeof(scale_params::output)},
    {"n", "int64_t", offsetof(scale_params, n), sizeof(scale_params::n)},
    {"shape", "int64_t", offsetof(scale_params, shape), sizeof(scale_params::shape)},
    {"input_stride", "int64_t", offsetof(scale_params, input_stride), sizeof(scale_params::input_stride)},
    {"output_stride", "int64_t", offsetof(scale_params, output_stride), sizeof(scale_params::output_stride)},
    {"rank", "int32_t", offsetof(scale_params, rank), sizeof(scale_params::rank)},
    {"vector", "int32_t", offsetof(scale_params, vector), sizeof(scale_params::vector)},
    {"factor", "float", offsetof(scale_params, factor), sizeof(scale_params::factor)},
};
constexpr op_table table{terms, rows, 3, 14, fields, 9, sizeof(scale_params)};
}  // namespace
}  // namespace scale_op

namespace silu_and_mul_op {
namespace {
constexpr const char* symbols[] = {"T", "N"};
constexpr shape_alternative output_shapes[] = {{2, {{0, 1, 0}, {1, 1, 0}}}};
constexpr shape_alternative input_shapes[] = {{2, {{0, 1, 0}, {1, 2, 0}}}};
constexpr tensor_contract tensors[] = {
    {"output", false, true, 0, 0, layout::rows, 1, output_shapes},
    {"input", false, false, 0, 0, layout::rows, 1, input_shapes},
};
constexpr dtype_variable dtypes[] = {
    {"data", bit(dtype::f32) | bit(dtype::f16) | bit(dtype::bf16), -1},
};
constexpr contract terms{"silu_and_mul", tensors, 2, dtypes, 1, symbols, 2};
constexpr silu_and_mul_tune tune_0{8};
constexpr kernel_row rows[] = {
    {"silu_and_mul", "rows", "silu_and_mul", "*", "silu_and_mul_rows_{data}", "", "main", 256, {0}, &tune_0, nullptr, nullptr},
    {"silu_and_mul", "cpu", "", "cpu", "", "", "main", 1, {}, nullptr, nullptr, [](const void* v, const bound_dtypes& t) { silu_and_mul_reference(*static_cast<const silu_and_mul_params*>(v), t); }},
};
constexpr param_field fields[] = {
    {"input", "const void*", offsetof(silu_and_mul_params, input), sizeof(silu_and_mul_params::input)},
    {"output", "void*", offsetof(silu_and_mul_params, output), sizeof(silu_and_mul_params::output)},
    {"tokens", "int64_t", offsetof(silu_and_mul_params, tokens), sizeof(silu_and_mul_params::tokens)},
    {"n", "int64_t", offsetof(silu_and_mul_params, n), sizeof(silu_and_mul_params::n)},
    {"input_stride", "int64_t", offsetof(silu_and_mul_params, input_stride), sizeof(silu_and_mul_params::input_stride)},
    {"output_stride", "int64_t", offsetof(silu_and_mul_params, output_stride), sizeof(silu_and_mul_params::output_stride)},
    {"vector", "int32_t", offsetof(silu_and_mul_params, vector), sizeof(silu_and_mul_params::vector)},
};
constexpr op_table table{terms, rows, 2, 17, fields, 7, sizeof(silu_and_mul_params)};
}  // namespace
}  // namespace silu_and_mul_op

namespace softmax_op {
namespace {
constexpr const char* symbols[] = {"T", "V"};
constexpr shape_alternative output_shapes[] = {{2, {{0, 1, 0}, {1, 1, 0}}}};
constexpr shape_alternative input_shapes[] = {{2, {{0, 1, 0}, {1, 1, 0}}}};
constexpr shape_alternative temperatures_shapes[] = {{1, {{0, 1, 0}}}};
constexpr tensor_contract tensors[] = {
    {"output", false, true, 1u << 1, 1, layout::rows, 1, output_shapes},
    {"input", false, false, 0, 0, layout::rows, 1, input_shapes},
    {"temperatures", true, false, 0, 2, layout::rows, 1, temperatures_shapes},
};
constexpr dtype_variable dtypes[] = {
    {"data", bit(dtype::f32) | bit(dtype::f16) | bit(dtype::bf16), -1},
    {"out", bit(dtype::f32), 0},
    {"temperatures", bit(dtype::f32), -1},
};
constexpr contract terms{"softmax", tensors, 3, dtypes, 3, symbols, 2};
constexpr kernel_row rows[] = {
    {"softmax", "long_rows", "softmax", "*", "softmax_long_rows_{data}_{out}", "p.n > 16384", "main", 1024, {0, 0, 0}, nullptr, [](const void* v) { const softmax_params& p = *static_cast<const softmax_params*>(v); return bool(p.n > 16384); }, nullptr},
    {"softmax", "rows", "softmax", "*", "softmax_rows_{data}_{out}", "", "main", 256, {0, 0, 0}, nullptr, nullptr, nullptr},
    {"softmax", "cpu", "", "cpu", "", "", "main", 1, {}, nullptr, nullptr, [](const void* v, const bound_dtypes& t) { softmax_reference(*static_cast<const softmax_params*>(v), t); }},
};
constexpr param_field fields[] = {
    {"input", "const void*", offsetof(softmax_params, input), sizeof(softmax_params::input)},
    {"output", "void*", offsetof(softmax_params, output), sizeof(softmax_params::output)},
    {"temperatures", "const void*", offsetof(softmax_params, temperatures), sizeof(softmax_params::temperatures)},
    {"rows", "int64_t", offsetof(softmax_params, rows), sizeof(softmax_params::rows)},
    {"n", "int64_t", offsetof(softmax_params, n), sizeof(softmax_params::n)},
    {"input_stride", "int64_t", offsetof(softmax_params, input_stride), sizeof(softmax_params::input_stride)},
    {"output_stride", "int64_t", offsetof(softmax_params, output_stride), sizeof(softmax_params::output_stride)},
    {"temperature", "float", offsetof(softmax_params, temperature), sizeof(softmax_params::temperature)},
    {"vector", "int32_t", offsetof(softmax_params, vector), sizeof(softmax_params::vector)},
};
constexpr op_table table{terms, rows, 3, 19, fields, 9, sizeof(softmax_params)};
}  // namespace
}  // namespace softmax_op

const op_table* all_ops(int& count) {
  static constexpr op_table ops[] = {
      argmax_op::table,
      cast_op::table,
      causal_mask_op::table,
      embedding_op::table,
      fused_add_rmsnorm_op::table,
      rmsnorm_op::table,
      scale_op::table,
      silu_and_mul_op::table,
      softmax_op::table,
  };
  count = sizeof ops / sizeof *ops;
  return ops;
}

}  // namespace hipinfer

using namespace hipinfer;

extern "C" {

hipinfer_status hipinfer_argmax(hipinfer_context context, const hipinfer_tensor* output, const hipinfer_tensor* input, hipinfer_stream stream) {
  return guard([&] {
    const hipinfer_tensor* given[] = {output, input};
    entry e(context, argmax_op::table, given, stream, false);
    argmax_args a{};
    a.output = e.views[0];
    a.input = e.views[1];
    argmax_launch(e.work, a);
  });
}

hipinfer_status hipinfer_cast(hipinfer_context context, const hipinfer_tensor* output, const hipinfer_tensor* input, hipinfer_stream stream) {
  return guard([&] {
    const hipinfer_tensor* given[] = {output, input};
    entry e(context, cast_op::table, given, stream, false);
    cast_args a{};
    a.output = e.views[0];
    a.input = e.views[1];
    cast_launch(e.work, a);
  });
}

hipinfer_status hipinfer_causal_mask(hipinfer_context context, const hipinfer_tensor* output, const hipinfer_tensor* input, float value, hipinfer_stream stream) {
  return guard([&] {
    const hipinfer_tensor* given[] = {output, input};
    entry e(context, causal_mask_op::table, given, stream, false);
    causal_mask_args a{};
    a.output = e.views[0];
    a.input = e.views[1];
    a.value = value;
    causal_mask_launch(e.work, a);
  });
}

hipinfer_status hipinfer_embedding(hipinfer_context context, const hipinfer_tensor* output, const hipinfer_tensor* table, const hipinfer_tensor* indices, hipinfer_stream stream) {
  return guard([&] {
    const hipinfer_tensor* given[] = {output, table, indices};
    entry e(context, embedding_op::table, given, stream, false);
    embedding_args a{};
    a.output = e.views[0];
    a.table = e.views[1];
    a.indices = e.views[2];
    embedding_launch(e.work, a);
  });
}

hipinfer_status hipinfer_fused_add_rmsnorm(hipinfer_context context, const hipinfer_tensor* input, const hipinfer_tensor* residual, const hipinfer_tensor* weight, float eps, hipinfer_stream stream) {
  return guard([&] {
    const hipinfer_tensor* given[] = {input, residual, weight};
    entry e(context, fused_add_rmsnorm_op::table, given, stream, false);
    fused_add_rmsnorm_args a{};
    a.input = e.views[0];
    a.residual = e.views[1];
    a.weight = e.views[2];
    a.eps = eps;
    check_range("fused_add_rmsnorm", "eps", static_cast<double>(eps), 0.0, 3.4e+38);
    fused_add_rmsnorm_launch(e.work, a);
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

hipinfer_status hipinfer_scale(hipinfer_context context, const hipinfer_tensor* output, const hipinfer_tensor* input, float factor, hipinfer_stream stream) {
  return guard([&] {
    const hipinfer_tensor* given[] = {output, input};
    entry e(context, scale_op::table, given, stream, false);
    scale_args a{};
    a.output = e.views[0];
    a.input = e.views[1];
    a.factor = factor;
    scale_launch(e.work, a);
  });
}

hipinfer_status hipinfer_silu_and_mul(hipinfer_context context, const hipinfer_tensor* output, const hipinfer_tensor* input, hipinfer_stream stream) {
  return guard([&] {
    const hipinfer_tensor* given[] = {output, input};
    entry e(context, silu_and_mul_op::table, given, stream, false);
    silu_and_mul_args a{};
    a.output = e.views[0];
    a.input = e.views[1];
    silu_and_mul_launch(e.work, a);
  });
}

hipinfer_status hipinfer_softmax(hipinfer_context context, const hipinfer_tensor* output, const hipinfer_tensor* input, float temperature, const hipinfer_tensor* temperatures, hipinfer_stream stream) {
  return guard([&] {
    const hipinfer_tensor* given[] = {output, input, temperatures};
    entry e(context, softmax_op::table, given, stream, false);
    softmax_args a{};
    a.output = e.views[0];
    a.input = e.views[1];
    a.temperatures = e.views[2];
    a.temperature = temperature;
    check_range("softmax", "temperature", static_cast<double>(temperature), 0.0, 3.4e+38);
    softmax_launch(e.work, a);
  });
}

}  // extern "C"
