// SPDX-License-Identifier: Apache-2.0
// Written by src/gen/generate.py from src/ops/*/op.toml; edit those.
#include "generated/ops.h"

#include <cmath>
#include <cstddef>

#include "core/context.h"
#include "hipinfer/hipinfer.h"
#include "ops/paged_attention_decode/params.h"
#include "ops/paged_attention_prefill/params.h"
#include "ops/rmsnorm/params.h"

namespace hipinfer {
namespace paged_attention_decode_op {
namespace {
constexpr const char* symbols[] = {"B", "Hq", "Hk", "D", "P", "S", "I"};
constexpr shape_alternative output_shapes[] = {{3, {{0, 1, 0}, {1, 1, 0}, {3, 1, 0}}}};
constexpr shape_alternative lse_shapes[] = {{2, {{0, 1, 0}, {1, 1, 0}}}};
constexpr shape_alternative query_shapes[] = {{3, {{0, 1, 0}, {1, 1, 0}, {3, 1, 0}}}};
constexpr shape_alternative k_cache_shapes[] = {{4, {{4, 1, 0}, {5, 1, 0}, {2, 1, 0}, {3, 1, 0}}}};
constexpr shape_alternative v_cache_shapes[] = {{4, {{4, 1, 0}, {5, 1, 0}, {2, 1, 0}, {3, 1, 0}}}};
constexpr shape_alternative kv_indptr_shapes[] = {{1, {{0, 1, 1}}}};
constexpr shape_alternative kv_indices_shapes[] = {{1, {{6, 1, 0}}}};
constexpr shape_alternative kv_last_page_len_shapes[] = {{1, {{0, 1, 0}}}};
constexpr tensor_contract tensors[] = {
    {"output", false, true, 0, 0, layout::rows, 1, output_shapes},
    {"lse", true, true, 0, 1, layout::rows, 1, lse_shapes},
    {"query", false, false, 0, 0, layout::rows, 1, query_shapes},
    {"k_cache", false, false, 0, 0, layout::rows, 1, k_cache_shapes},
    {"v_cache", false, false, 0, 0, layout::rows, 1, v_cache_shapes},
    {"kv_indptr", false, false, 0, 2, layout::rows, 1, kv_indptr_shapes},
    {"kv_indices", false, false, 0, 2, layout::rows, 1, kv_indices_shapes},
    {"kv_last_page_len", false, false, 0, 2, layout::rows, 1, kv_last_page_len_shapes},
};
constexpr dtype_variable dtypes[] = {
    {"data", bit(dtype::f32) | bit(dtype::f16) | bit(dtype::bf16), -1},
    {"lse", bit(dtype::f32), -1},
    {"index", bit(dtype::i32), -1},
};
constexpr contract terms{"paged_attention_decode", tensors, 8, dtypes, 3, symbols, 7};
constexpr kernel_row rows[] = {
    {"paged_attention_decode", "d64", "paged_attention_decode", "*", "paged_attention_decode_d64_{data}", "p.head_dim == 64 && p.vector", "main", 128, {0, 0, 0}, nullptr, [](const void* v) { const paged_attention_decode_params& p = *static_cast<const paged_attention_decode_params*>(v); return bool(p.head_dim == 64 && p.vector); }, nullptr},
    {"paged_attention_decode", "d128", "paged_attention_decode", "*", "paged_attention_decode_d128_{data}", "p.head_dim == 128 && p.vector", "main", 128, {0, 0, 0}, nullptr, [](const void* v) { const paged_attention_decode_params& p = *static_cast<const paged_attention_decode_params*>(v); return bool(p.head_dim == 128 && p.vector); }, nullptr},
    {"paged_attention_decode", "d256", "paged_attention_decode", "*", "paged_attention_decode_d256_{data}", "p.head_dim == 256 && p.vector", "main", 128, {0, 0, 0}, nullptr, [](const void* v) { const paged_attention_decode_params& p = *static_cast<const paged_attention_decode_params*>(v); return bool(p.head_dim == 256 && p.vector); }, nullptr},
    {"paged_attention_decode", "any", "paged_attention_decode", "*", "paged_attention_decode_any_{data}", "", "main", 128, {0, 0, 0}, nullptr, nullptr, nullptr},
    {"paged_attention_decode", "merge", "paged_attention_decode", "*", "paged_attention_decode_merge_{data}", "", "merge", 256, {0, 0, 0}, nullptr, nullptr, nullptr},
    {"paged_attention_decode", "cpu", "", "cpu", "", "", "main", 1, {}, nullptr, nullptr, [](const void* v, const bound_dtypes& t) { paged_attention_decode_reference(*static_cast<const paged_attention_decode_params*>(v), t); }},
};
constexpr param_field fields[] = {
    {"output", "void*", offsetof(paged_attention_decode_params, output), sizeof(paged_attention_decode_params::output)},
    {"lse", "void*", offsetof(paged_attention_decode_params, lse), sizeof(paged_attention_decode_params::lse)},
    {"query", "const void*", offsetof(paged_attention_decode_params, query), sizeof(paged_attention_decode_params::query)},
    {"k_cache", "const void*", offsetof(paged_attention_decode_params, k_cache), sizeof(paged_attention_decode_params::k_cache)},
    {"v_cache", "const void*", offsetof(paged_attention_decode_params, v_cache), sizeof(paged_attention_decode_params::v_cache)},
    {"kv_indptr", "const int32_t*", offsetof(paged_attention_decode_params, kv_indptr), sizeof(paged_attention_decode_params::kv_indptr)},
    {"kv_indices", "const int32_t*", offsetof(paged_attention_decode_params, kv_indices), sizeof(paged_attention_decode_params::kv_indices)},
    {"kv_last_page_len", "const int32_t*", offsetof(paged_attention_decode_params, kv_last_page_len), sizeof(paged_attention_decode_params::kv_last_page_len)},
    {"partial_value", "float*", offsetof(paged_attention_decode_params, partial_value), sizeof(paged_attention_decode_params::partial_value)},
    {"partial_most", "float*", offsetof(paged_attention_decode_params, partial_most), sizeof(paged_attention_decode_params::partial_most)},
    {"partial_sum", "float*", offsetof(paged_attention_decode_params, partial_sum), sizeof(paged_attention_decode_params::partial_sum)},
    {"batch", "int64_t", offsetof(paged_attention_decode_params, batch), sizeof(paged_attention_decode_params::batch)},
    {"q_heads", "int64_t", offsetof(paged_attention_decode_params, q_heads), sizeof(paged_attention_decode_params::q_heads)},
    {"kv_heads", "int64_t", offsetof(paged_attention_decode_params, kv_heads), sizeof(paged_attention_decode_params::kv_heads)},
    {"output_stride", "int64_t", offsetof(paged_attention_decode_params, output_stride), sizeof(paged_attention_decode_params::output_stride)},
    {"lse_stride", "int64_t", offsetof(paged_attention_decode_params, lse_stride), sizeof(paged_attention_decode_params::lse_stride)},
    {"query_stride", "int64_t", offsetof(paged_attention_decode_params, query_stride), sizeof(paged_attention_decode_params::query_stride)},
    {"k_stride", "int64_t", offsetof(paged_attention_decode_params, k_stride), sizeof(paged_attention_decode_params::k_stride)},
    {"v_stride", "int64_t", offsetof(paged_attention_decode_params, v_stride), sizeof(paged_attention_decode_params::v_stride)},
    {"slots", "int64_t", offsetof(paged_attention_decode_params, slots), sizeof(paged_attention_decode_params::slots)},
    {"sm_scale", "double", offsetof(paged_attention_decode_params, sm_scale), sizeof(paged_attention_decode_params::sm_scale)},
    {"scale_log2", "float", offsetof(paged_attention_decode_params, scale_log2), sizeof(paged_attention_decode_params::scale_log2)},
    {"table_pages", "int32_t", offsetof(paged_attention_decode_params, table_pages), sizeof(paged_attention_decode_params::table_pages)},
    {"page_size", "int32_t", offsetof(paged_attention_decode_params, page_size), sizeof(paged_attention_decode_params::page_size)},
    {"head_dim", "int32_t", offsetof(paged_attention_decode_params, head_dim), sizeof(paged_attention_decode_params::head_dim)},
    {"group", "int32_t", offsetof(paged_attention_decode_params, group), sizeof(paged_attention_decode_params::group)},
    {"group_tiles", "int32_t", offsetof(paged_attention_decode_params, group_tiles), sizeof(paged_attention_decode_params::group_tiles)},
    {"tile_heads", "int32_t", offsetof(paged_attention_decode_params, tile_heads), sizeof(paged_attention_decode_params::tile_heads)},
    {"spare", "int32_t", offsetof(paged_attention_decode_params, spare), sizeof(paged_attention_decode_params::spare)},
    {"least_pages", "int32_t", offsetof(paged_attention_decode_params, least_pages), sizeof(paged_attention_decode_params::least_pages)},
    {"vector", "int32_t", offsetof(paged_attention_decode_params, vector), sizeof(paged_attention_decode_params::vector)},
};
constexpr op_table table{terms, rows, 6, 0, fields, 31, sizeof(paged_attention_decode_params)};
}  // namespace
}  // namespace paged_attention_decode_op

namespace paged_attention_prefill_op {
namespace {
constexpr const char* symbols[] = {"T", "B", "Hq", "Hk", "D", "P", "S", "I"};
constexpr shape_alternative output_shapes[] = {{3, {{0, 1, 0}, {2, 1, 0}, {4, 1, 0}}}};
constexpr shape_alternative lse_shapes[] = {{2, {{0, 1, 0}, {2, 1, 0}}}};
constexpr shape_alternative query_shapes[] = {{3, {{0, 1, 0}, {2, 1, 0}, {4, 1, 0}}}};
constexpr shape_alternative k_cache_shapes[] = {{4, {{5, 1, 0}, {6, 1, 0}, {3, 1, 0}, {4, 1, 0}}}};
constexpr shape_alternative v_cache_shapes[] = {{4, {{5, 1, 0}, {6, 1, 0}, {3, 1, 0}, {4, 1, 0}}}};
constexpr shape_alternative qo_indptr_shapes[] = {{1, {{1, 1, 1}}}};
constexpr shape_alternative kv_indptr_shapes[] = {{1, {{1, 1, 1}}}};
constexpr shape_alternative kv_indices_shapes[] = {{1, {{7, 1, 0}}}};
constexpr shape_alternative kv_last_page_len_shapes[] = {{1, {{1, 1, 0}}}};
constexpr tensor_contract tensors[] = {
    {"output", false, true, 0, 0, layout::rows, 1, output_shapes},
    {"lse", true, true, 0, 1, layout::rows, 1, lse_shapes},
    {"query", false, false, 0, 0, layout::rows, 1, query_shapes},
    {"k_cache", false, false, 0, 0, layout::rows, 1, k_cache_shapes},
    {"v_cache", false, false, 0, 0, layout::rows, 1, v_cache_shapes},
    {"qo_indptr", false, false, 0, 2, layout::rows, 1, qo_indptr_shapes},
    {"kv_indptr", false, false, 0, 2, layout::rows, 1, kv_indptr_shapes},
    {"kv_indices", false, false, 0, 2, layout::rows, 1, kv_indices_shapes},
    {"kv_last_page_len", false, false, 0, 2, layout::rows, 1, kv_last_page_len_shapes},
};
constexpr dtype_variable dtypes[] = {
    {"data", bit(dtype::f32) | bit(dtype::f16) | bit(dtype::bf16), -1},
    {"lse", bit(dtype::f32), -1},
    {"index", bit(dtype::i32), -1},
};
constexpr contract terms{"paged_attention_prefill", tensors, 9, dtypes, 3, symbols, 8};
constexpr kernel_row rows[] = {
    {"paged_attention_prefill", "d64", "paged_attention_prefill", "*", "paged_attention_prefill_d64_{data}", "p.head_dim == 64 && p.vector", "main", 256, {0, 0, 0}, nullptr, [](const void* v) { const paged_attention_prefill_params& p = *static_cast<const paged_attention_prefill_params*>(v); return bool(p.head_dim == 64 && p.vector); }, nullptr},
    {"paged_attention_prefill", "d128", "paged_attention_prefill", "*", "paged_attention_prefill_d128_{data}", "p.head_dim == 128 && p.vector", "main", 256, {0, 0, 0}, nullptr, [](const void* v) { const paged_attention_prefill_params& p = *static_cast<const paged_attention_prefill_params*>(v); return bool(p.head_dim == 128 && p.vector); }, nullptr},
    {"paged_attention_prefill", "d256", "paged_attention_prefill", "*", "paged_attention_prefill_d256_{data}", "p.head_dim == 256 && p.vector", "main", 256, {0, 0, 0}, nullptr, [](const void* v) { const paged_attention_prefill_params& p = *static_cast<const paged_attention_prefill_params*>(v); return bool(p.head_dim == 256 && p.vector); }, nullptr},
    {"paged_attention_prefill", "any", "paged_attention_prefill", "*", "paged_attention_prefill_any_{data}", "", "main", 256, {0, 0, 0}, nullptr, nullptr, nullptr},
    {"paged_attention_prefill", "cpu", "", "cpu", "", "", "main", 1, {}, nullptr, nullptr, [](const void* v, const bound_dtypes& t) { paged_attention_prefill_reference(*static_cast<const paged_attention_prefill_params*>(v), t); }},
};
constexpr param_field fields[] = {
    {"output", "void*", offsetof(paged_attention_prefill_params, output), sizeof(paged_attention_prefill_params::output)},
    {"lse", "void*", offsetof(paged_attention_prefill_params, lse), sizeof(paged_attention_prefill_params::lse)},
    {"query", "const void*", offsetof(paged_attention_prefill_params, query), sizeof(paged_attention_prefill_params::query)},
    {"k_cache", "const void*", offsetof(paged_attention_prefill_params, k_cache), sizeof(paged_attention_prefill_params::k_cache)},
    {"v_cache", "const void*", offsetof(paged_attention_prefill_params, v_cache), sizeof(paged_attention_prefill_params::v_cache)},
    {"qo_indptr", "const int32_t*", offsetof(paged_attention_prefill_params, qo_indptr), sizeof(paged_attention_prefill_params::qo_indptr)},
    {"kv_indptr", "const int32_t*", offsetof(paged_attention_prefill_params, kv_indptr), sizeof(paged_attention_prefill_params::kv_indptr)},
    {"kv_indices", "const int32_t*", offsetof(paged_attention_prefill_params, kv_indices), sizeof(paged_attention_prefill_params::kv_indices)},
    {"kv_last_page_len", "const int32_t*", offsetof(paged_attention_prefill_params, kv_last_page_len), sizeof(paged_attention_prefill_params::kv_last_page_len)},
    {"batch", "int64_t", offsetof(paged_attention_prefill_params, batch), sizeof(paged_attention_prefill_params::batch)},
    {"tokens", "int64_t", offsetof(paged_attention_prefill_params, tokens), sizeof(paged_attention_prefill_params::tokens)},
    {"q_heads", "int64_t", offsetof(paged_attention_prefill_params, q_heads), sizeof(paged_attention_prefill_params::q_heads)},
    {"kv_heads", "int64_t", offsetof(paged_attention_prefill_params, kv_heads), sizeof(paged_attention_prefill_params::kv_heads)},
    {"output_stride", "int64_t", offsetof(paged_attention_prefill_params, output_stride), sizeof(paged_attention_prefill_params::output_stride)},
    {"lse_stride", "int64_t", offsetof(paged_attention_prefill_params, lse_stride), sizeof(paged_attention_prefill_params::lse_stride)},
    {"query_stride", "int64_t", offsetof(paged_attention_prefill_params, query_stride), sizeof(paged_attention_prefill_params::query_stride)},
    {"k_stride", "int64_t", offsetof(paged_attention_prefill_params, k_stride), sizeof(paged_attention_prefill_params::k_stride)},
    {"v_stride", "int64_t", offsetof(paged_attention_prefill_params, v_stride), sizeof(paged_attention_prefill_params::v_stride)},
    {"slots", "int64_t", offsetof(paged_attention_prefill_params, slots), sizeof(paged_attention_prefill_params::slots)},
    {"sm_scale", "double", offsetof(paged_attention_prefill_params, sm_scale), sizeof(paged_attention_prefill_params::sm_scale)},
    {"scale_log2", "float", offsetof(paged_attention_prefill_params, scale_log2), sizeof(paged_attention_prefill_params::scale_log2)},
    {"table_pages", "int32_t", offsetof(paged_attention_prefill_params, table_pages), sizeof(paged_attention_prefill_params::table_pages)},
    {"page_size", "int32_t", offsetof(paged_attention_prefill_params, page_size), sizeof(paged_attention_prefill_params::page_size)},
    {"head_dim", "int32_t", offsetof(paged_attention_prefill_params, head_dim), sizeof(paged_attention_prefill_params::head_dim)},
    {"group", "int32_t", offsetof(paged_attention_prefill_params, group), sizeof(paged_attention_prefill_params::group)},
    {"causal", "int32_t", offsetof(paged_attention_prefill_params, causal), sizeof(paged_attention_prefill_params::causal)},
    {"vector", "int32_t", offsetof(paged_attention_prefill_params, vector), sizeof(paged_attention_prefill_params::vector)},
};
constexpr op_table table{terms, rows, 5, 6, fields, 27, sizeof(paged_attention_prefill_params)};
}  // namespace
}  // namespace paged_attention_prefill_op

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
constexpr op_table table{terms, rows, 2, 11, fields, 10, sizeof(rmsnorm_params)};
}  // namespace
}  // namespace rmsnorm_op

const op_table* all_ops(int& count) {
  static constexpr op_table ops[] = {
      paged_attention_decode_op::table,
      paged_attention_prefill_op::table,
      rmsnorm_op::table,
  };
  count = sizeof ops / sizeof *ops;
  return ops;
}

}  // namespace hipinfer

using namespace hipinfer;

extern "C" {

hipinfer_status hipinfer_paged_attention_decode(hipinfer_context context, const hipinfer_tensor* output, const hipinfer_tensor* lse, const hipinfer_tensor* query, const hipinfer_tensor* k_cache, const hipinfer_tensor* v_cache, const hipinfer_tensor* kv_indptr, const hipinfer_tensor* kv_indices, const hipinfer_tensor* kv_last_page_len, const hipinfer_paged_attention_decode_options* options, void* workspace, size_t workspace_bytes, hipinfer_stream stream) {
  return guard([&] {
    const hipinfer_tensor* given[] = {output, lse, query, k_cache, v_cache, kv_indptr, kv_indices, kv_last_page_len};
    entry e(context, paged_attention_decode_op::table, given, stream, false);
    paged_attention_decode_args a{};
    a.output = e.views[0];
    a.lse = e.views[1];
    a.query = e.views[2];
    a.k_cache = e.views[3];
    a.v_cache = e.views[4];
    a.kv_indptr = e.views[5];
    a.kv_indices = e.views[6];
    a.kv_last_page_len = e.views[7];
    copy_options("paged_attention_decode", &a.options, sizeof a.options, options);
    check_range("paged_attention_decode", "sm_scale", static_cast<double>(a.options.sm_scale), 0.0, 1e+30);
    a.workspace = workspace;
    if (!e.c.on_cpu()) check_workspace(e.work, workspace, workspace_bytes, paged_attention_decode_workspace(e.work, a));
    paged_attention_decode_launch(e.work, a);
  });
}

hipinfer_status hipinfer_paged_attention_decode_workspace_bytes(hipinfer_context context, const hipinfer_tensor* output, const hipinfer_tensor* lse, const hipinfer_tensor* query, const hipinfer_tensor* k_cache, const hipinfer_tensor* v_cache, const hipinfer_tensor* kv_indptr, const hipinfer_tensor* kv_indices, const hipinfer_tensor* kv_last_page_len, const hipinfer_paged_attention_decode_options* options, size_t* bytes) {
  return guard([&] {
    const hipinfer_tensor* given[] = {output, lse, query, k_cache, v_cache, kv_indptr, kv_indices, kv_last_page_len};
    entry e(context, paged_attention_decode_op::table, given, nullptr, true);
    paged_attention_decode_args a{};
    a.output = e.views[0];
    a.lse = e.views[1];
    a.query = e.views[2];
    a.k_cache = e.views[3];
    a.v_cache = e.views[4];
    a.kv_indptr = e.views[5];
    a.kv_indices = e.views[6];
    a.kv_last_page_len = e.views[7];
    copy_options("paged_attention_decode", &a.options, sizeof a.options, options);
    check_range("paged_attention_decode", "sm_scale", static_cast<double>(a.options.sm_scale), 0.0, 1e+30);
    if (bytes == nullptr) throw fail(HIPINFER_STATUS_NULL_POINTER, "paged_attention_decode_workspace_bytes: bytes: is NULL");
    *bytes = paged_attention_decode_workspace(e.work, a);
  });
}

hipinfer_status hipinfer_paged_attention_prefill(hipinfer_context context, const hipinfer_tensor* output, const hipinfer_tensor* lse, const hipinfer_tensor* query, const hipinfer_tensor* k_cache, const hipinfer_tensor* v_cache, const hipinfer_tensor* qo_indptr, const hipinfer_tensor* kv_indptr, const hipinfer_tensor* kv_indices, const hipinfer_tensor* kv_last_page_len, const hipinfer_paged_attention_prefill_options* options, hipinfer_stream stream) {
  return guard([&] {
    const hipinfer_tensor* given[] = {output, lse, query, k_cache, v_cache, qo_indptr, kv_indptr, kv_indices, kv_last_page_len};
    entry e(context, paged_attention_prefill_op::table, given, stream, false);
    paged_attention_prefill_args a{};
    a.output = e.views[0];
    a.lse = e.views[1];
    a.query = e.views[2];
    a.k_cache = e.views[3];
    a.v_cache = e.views[4];
    a.qo_indptr = e.views[5];
    a.kv_indptr = e.views[6];
    a.kv_indices = e.views[7];
    a.kv_last_page_len = e.views[8];
    copy_options("paged_attention_prefill", &a.options, sizeof a.options, options);
    check_range("paged_attention_prefill", "causal", static_cast<double>(a.options.causal), 0, 1);
    check_range("paged_attention_prefill", "sm_scale", static_cast<double>(a.options.sm_scale), 0.0, 1e+30);
    paged_attention_prefill_launch(e.work, a);
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
