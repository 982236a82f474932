// SPDX-License-Identifier: Apache-2.0
// Written by src/gen/generate.py from src/ops/*/op.toml; edit those.
#include "generated/ops.h"

#include <cmath>
#include <cstddef>

#include "core/context.h"
#include "hipinfer/hipinfer.h"
#include "ops/adaln/params.h"
#include "ops/append_paged_kv_cache/params.h"
#include "ops/argmax/params.h"
#include "ops/cast/params.h"
#include "ops/causal_mask/params.h"
#include "ops/copy_blocks/params.h"
#include "ops/dequantize/params.h"
#include "ops/embedding/params.h"
#include "ops/fused_add_rmsnorm/params.h"
#include "ops/fused_add_rmsnorm_dynamic_quant/params.h"
#include "ops/fused_add_rmsnorm_quant/params.h"
#include "ops/gelu_and_mul/params.h"
#include "ops/gelu_and_mul_dynamic_quant/params.h"
#include "ops/gelu_and_mul_quant/params.h"
#include "ops/gelu_tanh_and_mul/params.h"
#include "ops/gelu_tanh_and_mul_dynamic_quant/params.h"
#include "ops/gelu_tanh_and_mul_quant/params.h"
#include "ops/gemm/params.h"
#include "ops/gemma_fused_add_rmsnorm/params.h"
#include "ops/gemma_rmsnorm/params.h"
#include "ops/get_batch_indices_positions/params.h"
#include "ops/get_seq_lens/params.h"
#include "ops/layernorm/params.h"
#include "ops/layernorm_quant/params.h"
#include "ops/masked_softmax/params.h"
#include "ops/paged_attention_decode/params.h"
#include "ops/paged_attention_prefill/params.h"
#include "ops/qk_norm_rope/params.h"
#include "ops/quantize_per_group/params.h"
#include "ops/quantize_per_tensor/params.h"
#include "ops/quantize_per_token/params.h"
#include "ops/rmsnorm/params.h"
#include "ops/rmsnorm_dynamic_quant/params.h"
#include "ops/rmsnorm_quant/params.h"
#include "ops/rope/params.h"
#include "ops/rope_append_kv/params.h"
#include "ops/rope_cos_sin_cache/params.h"
#include "ops/rope_quantize_fp8/params.h"
#include "ops/rope_theta/params.h"
#include "ops/scale/params.h"
#include "ops/silu_and_mul/params.h"
#include "ops/silu_and_mul_dynamic_quant/params.h"
#include "ops/silu_and_mul_quant/params.h"
#include "ops/softmax/params.h"
#include "ops/swiglu/params.h"
#include "ops/top_k_top_p_sampling_from_logits/params.h"

namespace hipinfer {
namespace adaln_op {
namespace {
constexpr const char* symbols[] = {"B", "T", "N"};
constexpr shape_alternative output_shapes[] = {{3, {{0, 1, 0}, {1, 1, 0}, {2, 1, 0}}}};
constexpr shape_alternative input_shapes[] = {{3, {{0, 1, 0}, {1, 1, 0}, {2, 1, 0}}}};
constexpr shape_alternative scale_shapes[] = {{2, {{0, 1, 0}, {2, 1, 0}}}};
constexpr shape_alternative shift_shapes[] = {{2, {{0, 1, 0}, {2, 1, 0}}}};
constexpr tensor_contract tensors[] = {
    {"output", false, true, 1u << 1, 0, layout::rows, 1, output_shapes},
    {"input", false, false, 0, 0, layout::rows, 1, input_shapes},
    {"scale", false, false, 0, 1, layout::rows, 1, scale_shapes},
    {"shift", false, false, 0, 1, layout::rows, 1, shift_shapes},
};
constexpr dtype_variable dtypes[] = {
    {"data", bit(dtype::f32) | bit(dtype::f16) | bit(dtype::bf16), -1},
    {"modulation", bit(dtype::f32), 0},
};
constexpr contract terms{"adaln", tensors, 4, dtypes, 2, symbols, 3};
constexpr adaln_tune tune_0{24, 256};
constexpr adaln_tune tune_1{32, 512};
constexpr adaln_tune tune_2{8, 256};
constexpr kernel_row rows[] = {
    {"adaln", "short_rows", "adaln", "*", "adaln_short_rows_{data}_{modulation}", "p.vector && p.n <= 6144", "main", 256, {0, 0}, &tune_0, [](const void* v) { const adaln_params& p = *static_cast<const adaln_params*>(v); return bool(p.vector && p.n <= 6144); }, nullptr},
    {"adaln", "long_rows", "adaln", "*", "adaln_long_rows_{data}_{modulation}", "p.vector && p.n <= 16384", "main", 512, {0, 0}, &tune_1, [](const void* v) { const adaln_params& p = *static_cast<const adaln_params*>(v); return bool(p.vector && p.n <= 16384); }, nullptr},
    {"adaln", "rows", "adaln", "*", "adaln_rows_{data}", "", "main", 256, {0, 0}, &tune_2, nullptr, nullptr},
    {"adaln", "cpu", "", "cpu", "", "", "main", 1, {}, nullptr, nullptr, [](const void* v, const bound_dtypes& t) { adaln_reference(*static_cast<const adaln_params*>(v), t); }},
};
constexpr param_field fields[] = {
    {"input", "const void*", offsetof(adaln_params, input), sizeof(adaln_params::input)},
    {"scale", "const void*", offsetof(adaln_params, scale), sizeof(adaln_params::scale)},
    {"shift", "const void*", offsetof(adaln_params, shift), sizeof(adaln_params::shift)},
    {"output", "void*", offsetof(adaln_params, output), sizeof(adaln_params::output)},
    {"rows", "int64_t", offsetof(adaln_params, rows), sizeof(adaln_params::rows)},
    {"inner", "hipinfer::divisor", offsetof(adaln_params, inner), sizeof(adaln_params::inner)},
    {"n", "int64_t", offsetof(adaln_params, n), sizeof(adaln_params::n)},
    {"input_stride", "int64_t", offsetof(adaln_params, input_stride), sizeof(adaln_params::input_stride)},
    {"output_stride", "int64_t", offsetof(adaln_params, output_stride), sizeof(adaln_params::output_stride)},
    {"scale_stride", "int64_t", offsetof(adaln_params, scale_stride), sizeof(adaln_params::scale_stride)},
    {"shift_stride", "int64_t", offsetof(adaln_params, shift_stride), sizeof(adaln_params::shift_stride)},
    {"eps", "float", offsetof(adaln_params, eps), sizeof(adaln_params::eps)},
    {"inverse_n", "float", offsetof(adaln_params, inverse_n), sizeof(adaln_params::inverse_n)},
    {"rms", "int32_t", offsetof(adaln_params, rms), sizeof(adaln_params::rms)},
    {"lanes_log2", "int32_t", offsetof(adaln_params, lanes_log2), sizeof(adaln_params::lanes_log2)},
    {"vector", "int32_t", offsetof(adaln_params, vector), sizeof(adaln_params::vector)},
    {"weight_type", "hipinfer::dtype", offsetof(adaln_params, weight_type), sizeof(adaln_params::weight_type)},
};
constexpr op_table table{terms, rows, 4, 0, fields, 17, sizeof(adaln_params)};
}  // namespace
}  // namespace adaln_op

namespace append_paged_kv_cache_op {
namespace {
constexpr const char* symbols[] = {"P", "S", "H", "D", "T", "B", "I"};
constexpr shape_alternative k_cache_shapes[] = {{4, {{0, 1, 0}, {1, 1, 0}, {2, 1, 0}, {3, 1, 0}}}};
constexpr shape_alternative v_cache_shapes[] = {{4, {{0, 1, 0}, {1, 1, 0}, {2, 1, 0}, {3, 1, 0}}}};
constexpr shape_alternative append_key_shapes[] = {{3, {{4, 1, 0}, {2, 1, 0}, {3, 1, 0}}}};
constexpr shape_alternative append_value_shapes[] = {{3, {{4, 1, 0}, {2, 1, 0}, {3, 1, 0}}}};
constexpr shape_alternative batch_indices_shapes[] = {{1, {{4, 1, 0}}}};
constexpr shape_alternative positions_shapes[] = {{1, {{4, 1, 0}}}};
constexpr shape_alternative kv_indices_shapes[] = {{1, {{6, 1, 0}}}};
constexpr shape_alternative kv_indptr_shapes[] = {{1, {{5, 1, 1}}}};
constexpr shape_alternative kv_last_page_len_shapes[] = {{1, {{5, 1, 0}}}};
constexpr shape_alternative k_scale_shapes[] = {{1, {{-1, 0, 1}}}};
constexpr shape_alternative v_scale_shapes[] = {{1, {{-1, 0, 1}}}};
constexpr tensor_contract tensors[] = {
    {"k_cache", false, true, 0, 1, layout::rows, 1, k_cache_shapes},
    {"v_cache", false, true, 0, 1, layout::rows, 1, v_cache_shapes},
    {"append_key", false, false, 0, 0, layout::rows, 1, append_key_shapes},
    {"append_value", false, false, 0, 0, layout::rows, 1, append_value_shapes},
    {"batch_indices", false, false, 0, 2, layout::rows, 1, batch_indices_shapes},
    {"positions", false, false, 0, 2, layout::rows, 1, positions_shapes},
    {"kv_indices", false, false, 0, 2, layout::rows, 1, kv_indices_shapes},
    {"kv_indptr", false, false, 0, 2, layout::rows, 1, kv_indptr_shapes},
    {"kv_last_page_len", false, false, 0, 2, layout::rows, 1, kv_last_page_len_shapes},
    {"k_scale", true, false, 0, 3, layout::rows, 1, k_scale_shapes},
    {"v_scale", true, false, 0, 3, layout::rows, 1, v_scale_shapes},
};
constexpr dtype_variable dtypes[] = {
    {"data", bit(dtype::f32) | bit(dtype::f16) | bit(dtype::bf16), -1},
    {"cache", bit(dtype::e4m3fn) | bit(dtype::e4m3fnuz) | bit(dtype::e5m2) | bit(dtype::e5m2fnuz), 0},
    {"index", bit(dtype::i32) | bit(dtype::i64), -1},
    {"scale", bit(dtype::f32), -1},
};
constexpr contract terms{"append_paged_kv_cache", tensors, 11, dtypes, 4, symbols, 7};
constexpr append_paged_kv_cache_tune tune_0{1, 4};
constexpr append_paged_kv_cache_tune tune_1{0, 4};
constexpr kernel_row rows[] = {
    {"append_paged_kv_cache", "vector", "append_paged_kv_cache", "*", "append_paged_kv_cache_vector_{data}", "p.vector", "main", 256, {0, 0, 0, 0}, &tune_0, [](const void* v) { const append_paged_kv_cache_params& p = *static_cast<const append_paged_kv_cache_params*>(v); return bool(p.vector); }, nullptr},
    {"append_paged_kv_cache", "rows", "append_paged_kv_cache", "*", "append_paged_kv_cache_rows_{data}", "", "main", 256, {0, 0, 0, 0}, &tune_1, nullptr, nullptr},
    {"append_paged_kv_cache", "cpu", "", "cpu", "", "", "main", 1, {}, nullptr, nullptr, [](const void* v, const bound_dtypes& t) { append_paged_kv_cache_reference(*static_cast<const append_paged_kv_cache_params*>(v), t); }},
};
constexpr param_field fields[] = {
    {"k_cache", "void*", offsetof(append_paged_kv_cache_params, k_cache), sizeof(append_paged_kv_cache_params::k_cache)},
    {"v_cache", "void*", offsetof(append_paged_kv_cache_params, v_cache), sizeof(append_paged_kv_cache_params::v_cache)},
    {"append_key", "const void*", offsetof(append_paged_kv_cache_params, append_key), sizeof(append_paged_kv_cache_params::append_key)},
    {"append_value", "const void*", offsetof(append_paged_kv_cache_params, append_value), sizeof(append_paged_kv_cache_params::append_value)},
    {"k_scale", "const void*", offsetof(append_paged_kv_cache_params, k_scale), sizeof(append_paged_kv_cache_params::k_scale)},
    {"v_scale", "const void*", offsetof(append_paged_kv_cache_params, v_scale), sizeof(append_paged_kv_cache_params::v_scale)},
    {"batch_indices", "const void*", offsetof(append_paged_kv_cache_params, batch_indices), sizeof(append_paged_kv_cache_params::batch_indices)},
    {"positions", "const void*", offsetof(append_paged_kv_cache_params, positions), sizeof(append_paged_kv_cache_params::positions)},
    {"kv_indices", "const void*", offsetof(append_paged_kv_cache_params, kv_indices), sizeof(append_paged_kv_cache_params::kv_indices)},
    {"kv_indptr", "const void*", offsetof(append_paged_kv_cache_params, kv_indptr), sizeof(append_paged_kv_cache_params::kv_indptr)},
    {"kv_last_page_len", "const void*", offsetof(append_paged_kv_cache_params, kv_last_page_len), sizeof(append_paged_kv_cache_params::kv_last_page_len)},
    {"tokens", "int64_t", offsetof(append_paged_kv_cache_params, tokens), sizeof(append_paged_kv_cache_params::tokens)},
    {"pages", "int64_t", offsetof(append_paged_kv_cache_params, pages), sizeof(append_paged_kv_cache_params::pages)},
    {"page_size", "int64_t", offsetof(append_paged_kv_cache_params, page_size), sizeof(append_paged_kv_cache_params::page_size)},
    {"requests", "int64_t", offsetof(append_paged_kv_cache_params, requests), sizeof(append_paged_kv_cache_params::requests)},
    {"table_size", "int64_t", offsetof(append_paged_kv_cache_params, table_size), sizeof(append_paged_kv_cache_params::table_size)},
    {"table_slots", "int64_t", offsetof(append_paged_kv_cache_params, table_slots), sizeof(append_paged_kv_cache_params::table_slots)},
    {"k_cache_stride", "int64_t", offsetof(append_paged_kv_cache_params, k_cache_stride), sizeof(append_paged_kv_cache_params::k_cache_stride)},
    {"v_cache_stride", "int64_t", offsetof(append_paged_kv_cache_params, v_cache_stride), sizeof(append_paged_kv_cache_params::v_cache_stride)},
    {"key_stride", "int64_t", offsetof(append_paged_kv_cache_params, key_stride), sizeof(append_paged_kv_cache_params::key_stride)},
    {"value_stride", "int64_t", offsetof(append_paged_kv_cache_params, value_stride), sizeof(append_paged_kv_cache_params::value_stride)},
    {"page", "hipinfer::divisor", offsetof(append_paged_kv_cache_params, page), sizeof(append_paged_kv_cache_params::page)},
    {"slots", "hipinfer::divisor", offsetof(append_paged_kv_cache_params, slots), sizeof(append_paged_kv_cache_params::slots)},
    {"units", "hipinfer::divisor", offsetof(append_paged_kv_cache_params, units), sizeof(append_paged_kv_cache_params::units)},
    {"row_tokens", "uint32_t", offsetof(append_paged_kv_cache_params, row_tokens), sizeof(append_paged_kv_cache_params::row_tokens)},
    {"heads", "int32_t", offsetof(append_paged_kv_cache_params, heads), sizeof(append_paged_kv_cache_params::heads)},
    {"head_dim", "int32_t", offsetof(append_paged_kv_cache_params, head_dim), sizeof(append_paged_kv_cache_params::head_dim)},
    {"chunks", "int32_t", offsetof(append_paged_kv_cache_params, chunks), sizeof(append_paged_kv_cache_params::chunks)},
    {"wide", "int32_t", offsetof(append_paged_kv_cache_params, wide), sizeof(append_paged_kv_cache_params::wide)},
    {"vector", "int32_t", offsetof(append_paged_kv_cache_params, vector), sizeof(append_paged_kv_cache_params::vector)},
    {"cache_type", "hipinfer::dtype", offsetof(append_paged_kv_cache_params, cache_type), sizeof(append_paged_kv_cache_params::cache_type)},
};
constexpr op_table table{terms, rows, 3, 4, fields, 31, sizeof(append_paged_kv_cache_params)};
}  // namespace
}  // namespace append_paged_kv_cache_op

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
constexpr op_table table{terms, rows, 3, 7, fields, 6, sizeof(argmax_params)};
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
    {"input", bit(dtype::f32) | bit(dtype::f16) | bit(dtype::bf16) | bit(dtype::e4m3fn) | bit(dtype::e4m3fnuz) | bit(dtype::e5m2) | bit(dtype::e5m2fnuz), -1},
    {"output", bit(dtype::f32) | bit(dtype::f16) | bit(dtype::bf16) | bit(dtype::e4m3fn) | bit(dtype::e4m3fnuz) | bit(dtype::e5m2) | bit(dtype::e5m2fnuz), -1},
};
constexpr contract terms{"cast", tensors, 2, dtypes, 2, symbols, 0};
constexpr cast_tune tune_0{4, 0};
constexpr cast_tune tune_1{4, 0};
constexpr cast_tune tune_2{4, 0};
constexpr cast_tune tune_3{0, 8};
constexpr cast_tune tune_4{0, 1};
constexpr kernel_row rows[] = {
    {"cast", "flat", "cast", "*", "cast_flat_{input}_{output}", "p.vector && p.rank == 1", "main", 256, {bit(dtype::f32) | bit(dtype::f16) | bit(dtype::bf16), bit(dtype::f32) | bit(dtype::f16) | bit(dtype::bf16)}, &tune_0, [](const void* v) { const cast_params& p = *static_cast<const cast_params*>(v); return bool(p.vector && p.rank == 1); }, nullptr},
    {"cast", "flat_to_fp8", "cast", "*", "cast_flat_to_fp8_{input}", "p.vector && p.rank == 1", "main", 256, {bit(dtype::f32) | bit(dtype::f16) | bit(dtype::bf16), bit(dtype::e4m3fn) | bit(dtype::e4m3fnuz) | bit(dtype::e5m2) | bit(dtype::e5m2fnuz)}, &tune_1, [](const void* v) { const cast_params& p = *static_cast<const cast_params*>(v); return bool(p.vector && p.rank == 1); }, nullptr},
    {"cast", "flat_from_fp8", "cast", "*", "cast_flat_from_fp8_{output}", "p.vector && p.rank == 1", "main", 256, {bit(dtype::e4m3fn) | bit(dtype::e4m3fnuz) | bit(dtype::e5m2) | bit(dtype::e5m2fnuz), bit(dtype::f32) | bit(dtype::f16) | bit(dtype::bf16)}, &tune_2, [](const void* v) { const cast_params& p = *static_cast<const cast_params*>(v); return bool(p.vector && p.rank == 1); }, nullptr},
    {"cast", "vectors", "cast", "*", "cast_vectors", "p.vector", "main", 256, {0, 0}, &tune_3, [](const void* v) { const cast_params& p = *static_cast<const cast_params*>(v); return bool(p.vector); }, nullptr},
    {"cast", "elements", "cast", "*", "cast_elements", "", "main", 256, {0, 0}, &tune_4, nullptr, nullptr},
    {"cast", "cpu", "", "cpu", "", "", "main", 1, {}, nullptr, nullptr, [](const void* v, const bound_dtypes& t) { cast_reference(*static_cast<const cast_params*>(v), t); }},
};
constexpr param_field fields[] = {
    {"input", "const void*", offsetof(cast_params, input), sizeof(cast_params::input)},
    {"output", "void*", offsetof(cast_params, output), sizeof(cast_params::output)},
    {"n", "int64_t", offsetof(cast_params, n), sizeof(cast_params::n)},
    {"shape", "int64_t", offsetof(cast_params, shape), sizeof(cast_params::shape)},
    {"input_stride", "int64_t", offsetof(cast_params, input_stride), sizeof(cast_params::input_stride)},
    {"output_stride", "int64_t", offsetof(cast_params, output_stride), sizeof(cast_params::output_stride)},
    {"steps", "hipinfer::divisor", offsetof(cast_params, steps), sizeof(cast_params::steps)},
    {"items", "int64_t", offsetof(cast_params, items), sizeof(cast_params::items)},
    {"input_type", "hipinfer::dtype", offsetof(cast_params, input_type), sizeof(cast_params::input_type)},
    {"output_type", "hipinfer::dtype", offsetof(cast_params, output_type), sizeof(cast_params::output_type)},
    {"rank", "int32_t", offsetof(cast_params, rank), sizeof(cast_params::rank)},
    {"vector", "int32_t", offsetof(cast_params, vector), sizeof(cast_params::vector)},
    {"each", "int32_t", offsetof(cast_params, each), sizeof(cast_params::each)},
};
constexpr op_table table{terms, rows, 6, 10, fields, 13, sizeof(cast_params)};
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
constexpr causal_mask_tune tune_0{2};
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
    {"row_vectors", "hipinfer::divisor", offsetof(causal_mask_params, row_vectors), sizeof(causal_mask_params::row_vectors)},
    {"queries_by", "hipinfer::divisor", offsetof(causal_mask_params, queries_by), sizeof(causal_mask_params::queries_by)},
    {"heads_by", "hipinfer::divisor", offsetof(causal_mask_params, heads_by), sizeof(causal_mask_params::heads_by)},
    {"vectors", "int64_t", offsetof(causal_mask_params, vectors), sizeof(causal_mask_params::vectors)},
    {"value", "float", offsetof(causal_mask_params, value), sizeof(causal_mask_params::value)},
    {"each", "int32_t", offsetof(causal_mask_params, each), sizeof(causal_mask_params::each)},
    {"vector", "int32_t", offsetof(causal_mask_params, vector), sizeof(causal_mask_params::vector)},
};
constexpr op_table table{terms, rows, 2, 16, fields, 15, sizeof(causal_mask_params)};
}  // namespace
}  // namespace causal_mask_op

namespace copy_blocks_op {
namespace {
constexpr const char* symbols[] = {"P", "S", "H", "D", "E", "N"};
constexpr shape_alternative k_cache_shapes[] = {{4, {{0, 1, 0}, {1, 1, 0}, {2, 1, 0}, {3, 1, 0}}}};
constexpr shape_alternative v_cache_shapes[] = {{4, {{0, 1, 0}, {1, 1, 0}, {2, 1, 0}, {4, 1, 0}}}};
constexpr shape_alternative block_mapping_shapes[] = {{2, {{5, 1, 0}, {-1, 0, 2}}}};
constexpr tensor_contract tensors[] = {
    {"k_cache", false, true, 0, 0, layout::rows, 1, k_cache_shapes},
    {"v_cache", true, true, 0, 0, layout::rows, 1, v_cache_shapes},
    {"block_mapping", false, false, 0, 1, layout::rows, 1, block_mapping_shapes},
};
constexpr dtype_variable dtypes[] = {
    {"cache", bit(dtype::f32) | bit(dtype::f16) | bit(dtype::bf16) | bit(dtype::i8) | bit(dtype::u8) | bit(dtype::e4m3fn) | bit(dtype::e4m3fnuz) | bit(dtype::e5m2) | bit(dtype::e5m2fnuz), -1},
    {"index", bit(dtype::i32) | bit(dtype::i64), -1},
};
constexpr contract terms{"copy_blocks", tensors, 3, dtypes, 2, symbols, 6};
constexpr copy_blocks_tune tune_0{4};
constexpr kernel_row rows[] = {
    {"copy_blocks", "pages", "copy_blocks", "*", "copy_blocks_pages", "", "main", 256, {0, 0}, &tune_0, nullptr, nullptr},
    {"copy_blocks", "cpu", "", "cpu", "", "", "main", 1, {}, nullptr, nullptr, [](const void* v, const bound_dtypes& t) { copy_blocks_reference(*static_cast<const copy_blocks_params*>(v), t); }},
};
constexpr param_field fields[] = {
    {"cache", "void*", offsetof(copy_blocks_params, cache), sizeof(copy_blocks_params::cache)},
    {"block_mapping", "const void*", offsetof(copy_blocks_params, block_mapping), sizeof(copy_blocks_params::block_mapping)},
    {"pairs", "int64_t", offsetof(copy_blocks_params, pairs), sizeof(copy_blocks_params::pairs)},
    {"pages", "int64_t", offsetof(copy_blocks_params, pages), sizeof(copy_blocks_params::pages)},
    {"slots", "int64_t", offsetof(copy_blocks_params, slots), sizeof(copy_blocks_params::slots)},
    {"heads", "int64_t", offsetof(copy_blocks_params, heads), sizeof(copy_blocks_params::heads)},
    {"row_bytes", "int64_t", offsetof(copy_blocks_params, row_bytes), sizeof(copy_blocks_params::row_bytes)},
    {"page_stride", "int64_t", offsetof(copy_blocks_params, page_stride), sizeof(copy_blocks_params::page_stride)},
    {"slot_stride", "int64_t", offsetof(copy_blocks_params, slot_stride), sizeof(copy_blocks_params::slot_stride)},
    {"head_stride", "int64_t", offsetof(copy_blocks_params, head_stride), sizeof(copy_blocks_params::head_stride)},
    {"mapping_stride", "int64_t", offsetof(copy_blocks_params, mapping_stride), sizeof(copy_blocks_params::mapping_stride)},
    {"pair_accesses", "hipinfer::divisor", offsetof(copy_blocks_params, pair_accesses), sizeof(copy_blocks_params::pair_accesses)},
    {"row_accesses", "hipinfer::divisor", offsetof(copy_blocks_params, row_accesses), sizeof(copy_blocks_params::row_accesses)},
    {"heads_by", "hipinfer::divisor", offsetof(copy_blocks_params, heads_by), sizeof(copy_blocks_params::heads_by)},
    {"accesses", "int64_t", offsetof(copy_blocks_params, accesses), sizeof(copy_blocks_params::accesses)},
    {"access", "int32_t", offsetof(copy_blocks_params, access), sizeof(copy_blocks_params::access)},
    {"each", "int32_t", offsetof(copy_blocks_params, each), sizeof(copy_blocks_params::each)},
    {"both", "int32_t", offsetof(copy_blocks_params, both), sizeof(copy_blocks_params::both)},
    {"wide", "int32_t", offsetof(copy_blocks_params, wide), sizeof(copy_blocks_params::wide)},
};
constexpr op_table table{terms, rows, 2, 18, fields, 19, sizeof(copy_blocks_params)};
}  // namespace
}  // namespace copy_blocks_op

namespace dequantize_op {
namespace {
constexpr const char* symbols[] = {"T", "N", "R", "S"};
constexpr shape_alternative output_shapes[] = {{2, {{0, 1, 0}, {1, 1, 0}}}};
constexpr shape_alternative input_shapes[] = {{2, {{0, 1, 0}, {1, 1, 0}}}};
constexpr shape_alternative scales_shapes[] = {{1, {{2, 1, 0}}}, {2, {{2, 1, 0}, {3, 1, 0}}}};
constexpr tensor_contract tensors[] = {
    {"output", false, true, 0, 0, layout::rows, 1, output_shapes},
    {"input", false, false, 0, 1, layout::rows, 1, input_shapes},
    {"scales", false, false, 0, 2, layout::free, 2, scales_shapes},
};
constexpr dtype_variable dtypes[] = {
    {"output", bit(dtype::f32) | bit(dtype::f16) | bit(dtype::bf16), -1},
    {"input", bit(dtype::i8) | bit(dtype::e4m3fn) | bit(dtype::e4m3fnuz) | bit(dtype::e5m2) | bit(dtype::e5m2fnuz), -1},
    {"scales", bit(dtype::f32), -1},
};
constexpr contract terms{"dequantize", tensors, 3, dtypes, 3, symbols, 4};
constexpr dequantize_tune tune_0{1, 4};
constexpr dequantize_tune tune_1{0, 4};
constexpr kernel_row rows[] = {
    {"dequantize", "vectors", "dequantize", "*", "dequantize_vectors_{output}", "p.vector", "main", 256, {0, 0, 0}, &tune_0, [](const void* v) { const dequantize_params& p = *static_cast<const dequantize_params*>(v); return bool(p.vector); }, nullptr},
    {"dequantize", "elements", "dequantize", "*", "dequantize_elements_{output}", "", "main", 256, {0, 0, 0}, &tune_1, nullptr, nullptr},
    {"dequantize", "cpu", "", "cpu", "", "", "main", 1, {}, nullptr, nullptr, [](const void* v, const bound_dtypes& t) { dequantize_reference(*static_cast<const dequantize_params*>(v), t); }},
};
constexpr param_field fields[] = {
    {"input", "const void*", offsetof(dequantize_params, input), sizeof(dequantize_params::input)},
    {"scales", "const void*", offsetof(dequantize_params, scales), sizeof(dequantize_params::scales)},
    {"output", "void*", offsetof(dequantize_params, output), sizeof(dequantize_params::output)},
    {"rows", "int64_t", offsetof(dequantize_params, rows), sizeof(dequantize_params::rows)},
    {"n", "int64_t", offsetof(dequantize_params, n), sizeof(dequantize_params::n)},
    {"group_rows", "int64_t", offsetof(dequantize_params, group_rows), sizeof(dequantize_params::group_rows)},
    {"group_size", "int64_t", offsetof(dequantize_params, group_size), sizeof(dequantize_params::group_size)},
    {"groups", "int64_t", offsetof(dequantize_params, groups), sizeof(dequantize_params::groups)},
    {"input_stride", "int64_t", offsetof(dequantize_params, input_stride), sizeof(dequantize_params::input_stride)},
    {"output_stride", "int64_t", offsetof(dequantize_params, output_stride), sizeof(dequantize_params::output_stride)},
    {"scale_stride", "int64_t", offsetof(dequantize_params, scale_stride), sizeof(dequantize_params::scale_stride)},
    {"row_vectors", "hipinfer::divisor", offsetof(dequantize_params, row_vectors), sizeof(dequantize_params::row_vectors)},
    {"group_vectors", "hipinfer::divisor", offsetof(dequantize_params, group_vectors), sizeof(dequantize_params::group_vectors)},
    {"group_rows_by", "hipinfer::divisor", offsetof(dequantize_params, group_rows_by), sizeof(dequantize_params::group_rows_by)},
    {"vectors", "int64_t", offsetof(dequantize_params, vectors), sizeof(dequantize_params::vectors)},
    {"input_type", "hipinfer::dtype", offsetof(dequantize_params, input_type), sizeof(dequantize_params::input_type)},
    {"vector", "int32_t", offsetof(dequantize_params, vector), sizeof(dequantize_params::vector)},
    {"each", "int32_t", offsetof(dequantize_params, each), sizeof(dequantize_params::each)},
};
constexpr op_table table{terms, rows, 3, 20, fields, 18, sizeof(dequantize_params)};
}  // namespace
}  // namespace dequantize_op

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
constexpr embedding_tune tune_0{2};
constexpr kernel_row rows[] = {
    {"embedding", "rows", "embedding", "*", "embedding_rows_{data}", "", "main", 256, {0, 0}, &tune_0, nullptr, nullptr},
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
    {"row_vectors", "hipinfer::divisor", offsetof(embedding_params, row_vectors), sizeof(embedding_params::row_vectors)},
    {"vectors", "int64_t", offsetof(embedding_params, vectors), sizeof(embedding_params::vectors)},
    {"wide", "int32_t", offsetof(embedding_params, wide), sizeof(embedding_params::wide)},
    {"vector", "int32_t", offsetof(embedding_params, vector), sizeof(embedding_params::vector)},
    {"each", "int32_t", offsetof(embedding_params, each), sizeof(embedding_params::each)},
};
constexpr op_table table{terms, rows, 2, 23, fields, 13, sizeof(embedding_params)};
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
constexpr fused_add_rmsnorm_tune tune_0{24, 256};
constexpr fused_add_rmsnorm_tune tune_1{32, 512};
constexpr fused_add_rmsnorm_tune tune_2{8, 256};
constexpr kernel_row rows[] = {
    {"fused_add_rmsnorm", "short_rows", "fused_add_rmsnorm", "*", "fused_add_rmsnorm_short_rows_{data}_{weight}", "p.vector && p.n <= 6144", "main", 256, {0, 0}, &tune_0, [](const void* v) { const fused_add_rmsnorm_params& p = *static_cast<const fused_add_rmsnorm_params*>(v); return bool(p.vector && p.n <= 6144); }, nullptr},
    {"fused_add_rmsnorm", "long_rows", "fused_add_rmsnorm", "*", "fused_add_rmsnorm_long_rows_{data}_{weight}", "p.vector && p.n <= 16384", "main", 512, {0, 0}, &tune_1, [](const void* v) { const fused_add_rmsnorm_params& p = *static_cast<const fused_add_rmsnorm_params*>(v); return bool(p.vector && p.n <= 16384); }, nullptr},
    {"fused_add_rmsnorm", "rows", "fused_add_rmsnorm", "*", "fused_add_rmsnorm_rows_{data}", "", "main", 256, {0, 0}, &tune_2, nullptr, nullptr},
    {"fused_add_rmsnorm", "cpu", "", "cpu", "", "", "main", 1, {}, nullptr, nullptr, [](const void* v, const bound_dtypes& t) { fused_add_rmsnorm_reference(*static_cast<const fused_add_rmsnorm_params*>(v), t); }},
};
constexpr param_field fields[] = {
    {"input", "const void*", offsetof(fused_add_rmsnorm_params, input), sizeof(fused_add_rmsnorm_params::input)},
    {"residual", "void*", offsetof(fused_add_rmsnorm_params, residual), sizeof(fused_add_rmsnorm_params::residual)},
    {"weight", "const void*", offsetof(fused_add_rmsnorm_params, weight), sizeof(fused_add_rmsnorm_params::weight)},
    {"output", "void*", offsetof(fused_add_rmsnorm_params, output), sizeof(fused_add_rmsnorm_params::output)},
    {"rows", "int64_t", offsetof(fused_add_rmsnorm_params, rows), sizeof(fused_add_rmsnorm_params::rows)},
    {"n", "int64_t", offsetof(fused_add_rmsnorm_params, n), sizeof(fused_add_rmsnorm_params::n)},
    {"input_stride", "int64_t", offsetof(fused_add_rmsnorm_params, input_stride), sizeof(fused_add_rmsnorm_params::input_stride)},
    {"residual_stride", "int64_t", offsetof(fused_add_rmsnorm_params, residual_stride), sizeof(fused_add_rmsnorm_params::residual_stride)},
    {"output_stride", "int64_t", offsetof(fused_add_rmsnorm_params, output_stride), sizeof(fused_add_rmsnorm_params::output_stride)},
    {"eps", "float", offsetof(fused_add_rmsnorm_params, eps), sizeof(fused_add_rmsnorm_params::eps)},
    {"inverse_n", "float", offsetof(fused_add_rmsnorm_params, inverse_n), sizeof(fused_add_rmsnorm_params::inverse_n)},
    {"lanes_log2", "int32_t", offsetof(fused_add_rmsnorm_params, lanes_log2), sizeof(fused_add_rmsnorm_params::lanes_log2)},
    {"vector", "int32_t", offsetof(fused_add_rmsnorm_params, vector), sizeof(fused_add_rmsnorm_params::vector)},
    {"weight_type", "hipinfer::dtype", offsetof(fused_add_rmsnorm_params, weight_type), sizeof(fused_add_rmsnorm_params::weight_type)},
};
constexpr op_table table{terms, rows, 4, 25, fields, 14, sizeof(fused_add_rmsnorm_params)};
}  // namespace
}  // namespace fused_add_rmsnorm_op

namespace fused_add_rmsnorm_dynamic_quant_op {
namespace {
constexpr const char* symbols[] = {"T", "N"};
constexpr shape_alternative output_shapes[] = {{2, {{0, 1, 0}, {1, 1, 0}}}};
constexpr shape_alternative scales_shapes[] = {{1, {{0, 1, 0}}}};
constexpr shape_alternative input_shapes[] = {{2, {{0, 1, 0}, {1, 1, 0}}}};
constexpr shape_alternative residual_shapes[] = {{2, {{0, 1, 0}, {1, 1, 0}}}};
constexpr shape_alternative weight_shapes[] = {{1, {{1, 1, 0}}}};
constexpr tensor_contract tensors[] = {
    {"output", false, true, 0, 2, layout::rows, 1, output_shapes},
    {"scales", false, true, 0, 3, layout::free, 1, scales_shapes},
    {"input", false, false, 0, 0, layout::rows, 1, input_shapes},
    {"residual", false, true, 0, 0, layout::rows, 1, residual_shapes},
    {"weight", false, false, 0, 1, layout::rows, 1, weight_shapes},
};
constexpr dtype_variable dtypes[] = {
    {"data", bit(dtype::f32) | bit(dtype::f16) | bit(dtype::bf16), -1},
    {"weight", bit(dtype::f32), 0},
    {"output", bit(dtype::i8) | bit(dtype::e4m3fn) | bit(dtype::e4m3fnuz) | bit(dtype::e5m2) | bit(dtype::e5m2fnuz), -1},
    {"scale", bit(dtype::f32), -1},
};
constexpr contract terms{"fused_add_rmsnorm_dynamic_quant", tensors, 5, dtypes, 4, symbols, 2};
constexpr fused_add_rmsnorm_dynamic_quant_tune tune_0{24, 256};
constexpr fused_add_rmsnorm_dynamic_quant_tune tune_1{32, 512};
constexpr fused_add_rmsnorm_dynamic_quant_tune tune_2{8, 256};
constexpr kernel_row rows[] = {
    {"fused_add_rmsnorm_dynamic_quant", "short_rows", "fused_add_rmsnorm_dynamic_quant", "*", "fused_add_rmsnorm_dynamic_quant_short_rows_{data}_{weight}", "p.vector && p.n <= 6144", "main", 256, {0, 0, 0, 0}, &tune_0, [](const void* v) { const fused_add_rmsnorm_dynamic_quant_params& p = *static_cast<const fused_add_rmsnorm_dynamic_quant_params*>(v); return bool(p.vector && p.n <= 6144); }, nullptr},
    {"fused_add_rmsnorm_dynamic_quant", "long_rows", "fused_add_rmsnorm_dynamic_quant", "*", "fused_add_rmsnorm_dynamic_quant_long_rows_{data}_{weight}", "p.vector && p.n <= 16384", "main", 512, {0, 0, 0, 0}, &tune_1, [](const void* v) { const fused_add_rmsnorm_dynamic_quant_params& p = *static_cast<const fused_add_rmsnorm_dynamic_quant_params*>(v); return bool(p.vector && p.n <= 16384); }, nullptr},
    {"fused_add_rmsnorm_dynamic_quant", "rows", "fused_add_rmsnorm_dynamic_quant", "*", "fused_add_rmsnorm_dynamic_quant_rows_{data}", "", "main", 256, {0, 0, 0, 0}, &tune_2, nullptr, nullptr},
    {"fused_add_rmsnorm_dynamic_quant", "cpu", "", "cpu", "", "", "main", 1, {}, nullptr, nullptr, [](const void* v, const bound_dtypes& t) { fused_add_rmsnorm_dynamic_quant_reference(*static_cast<const fused_add_rmsnorm_dynamic_quant_params*>(v), t); }},
};
constexpr param_field fields[] = {
    {"input", "const void*", offsetof(fused_add_rmsnorm_dynamic_quant_params, input), sizeof(fused_add_rmsnorm_dynamic_quant_params::input)},
    {"residual", "void*", offsetof(fused_add_rmsnorm_dynamic_quant_params, residual), sizeof(fused_add_rmsnorm_dynamic_quant_params::residual)},
    {"weight", "const void*", offsetof(fused_add_rmsnorm_dynamic_quant_params, weight), sizeof(fused_add_rmsnorm_dynamic_quant_params::weight)},
    {"output", "void*", offsetof(fused_add_rmsnorm_dynamic_quant_params, output), sizeof(fused_add_rmsnorm_dynamic_quant_params::output)},
    {"scales", "void*", offsetof(fused_add_rmsnorm_dynamic_quant_params, scales), sizeof(fused_add_rmsnorm_dynamic_quant_params::scales)},
    {"rows", "int64_t", offsetof(fused_add_rmsnorm_dynamic_quant_params, rows), sizeof(fused_add_rmsnorm_dynamic_quant_params::rows)},
    {"n", "int64_t", offsetof(fused_add_rmsnorm_dynamic_quant_params, n), sizeof(fused_add_rmsnorm_dynamic_quant_params::n)},
    {"input_stride", "int64_t", offsetof(fused_add_rmsnorm_dynamic_quant_params, input_stride), sizeof(fused_add_rmsnorm_dynamic_quant_params::input_stride)},
    {"residual_stride", "int64_t", offsetof(fused_add_rmsnorm_dynamic_quant_params, residual_stride), sizeof(fused_add_rmsnorm_dynamic_quant_params::residual_stride)},
    {"output_stride", "int64_t", offsetof(fused_add_rmsnorm_dynamic_quant_params, output_stride), sizeof(fused_add_rmsnorm_dynamic_quant_params::output_stride)},
    {"scales_stride", "int64_t", offsetof(fused_add_rmsnorm_dynamic_quant_params, scales_stride), sizeof(fused_add_rmsnorm_dynamic_quant_params::scales_stride)},
    {"eps", "float", offsetof(fused_add_rmsnorm_dynamic_quant_params, eps), sizeof(fused_add_rmsnorm_dynamic_quant_params::eps)},
    {"inverse_n", "float", offsetof(fused_add_rmsnorm_dynamic_quant_params, inverse_n), sizeof(fused_add_rmsnorm_dynamic_quant_params::inverse_n)},
    {"lanes_log2", "int32_t", offsetof(fused_add_rmsnorm_dynamic_quant_params, lanes_log2), sizeof(fused_add_rmsnorm_dynamic_quant_params::lanes_log2)},
    {"vector", "int32_t", offsetof(fused_add_rmsnorm_dynamic_quant_params, vector), sizeof(fused_add_rmsnorm_dynamic_quant_params::vector)},
    {"weight_type", "hipinfer::dtype", offsetof(fused_add_rmsnorm_dynamic_quant_params, weight_type), sizeof(fused_add_rmsnorm_dynamic_quant_params::weight_type)},
    {"output_type", "hipinfer::dtype", offsetof(fused_add_rmsnorm_dynamic_quant_params, output_type), sizeof(fused_add_rmsnorm_dynamic_quant_params::output_type)},
};
constexpr op_table table{terms, rows, 4, 29, fields, 17, sizeof(fused_add_rmsnorm_dynamic_quant_params)};
}  // namespace
}  // namespace fused_add_rmsnorm_dynamic_quant_op

namespace fused_add_rmsnorm_quant_op {
namespace {
constexpr const char* symbols[] = {"T", "N"};
constexpr shape_alternative output_shapes[] = {{2, {{0, 1, 0}, {1, 1, 0}}}};
constexpr shape_alternative input_shapes[] = {{2, {{0, 1, 0}, {1, 1, 0}}}};
constexpr shape_alternative residual_shapes[] = {{2, {{0, 1, 0}, {1, 1, 0}}}};
constexpr shape_alternative weight_shapes[] = {{1, {{1, 1, 0}}}};
constexpr shape_alternative scale_shapes[] = {{1, {{-1, 0, 1}}}};
constexpr tensor_contract tensors[] = {
    {"output", false, true, 0, 2, layout::rows, 1, output_shapes},
    {"input", false, false, 0, 0, layout::rows, 1, input_shapes},
    {"residual", false, true, 0, 0, layout::rows, 1, residual_shapes},
    {"weight", false, false, 0, 1, layout::rows, 1, weight_shapes},
    {"scale", false, false, 0, 3, layout::rows, 1, scale_shapes},
};
constexpr dtype_variable dtypes[] = {
    {"data", bit(dtype::f32) | bit(dtype::f16) | bit(dtype::bf16), -1},
    {"weight", bit(dtype::f32), 0},
    {"output", bit(dtype::e4m3fn) | bit(dtype::e4m3fnuz) | bit(dtype::e5m2) | bit(dtype::e5m2fnuz), -1},
    {"scale", bit(dtype::f32), -1},
};
constexpr contract terms{"fused_add_rmsnorm_quant", tensors, 5, dtypes, 4, symbols, 2};
constexpr fused_add_rmsnorm_quant_tune tune_0{24, 256};
constexpr fused_add_rmsnorm_quant_tune tune_1{32, 512};
constexpr fused_add_rmsnorm_quant_tune tune_2{8, 256};
constexpr kernel_row rows[] = {
    {"fused_add_rmsnorm_quant", "short_rows", "fused_add_rmsnorm_quant", "*", "fused_add_rmsnorm_quant_short_rows_{data}_{weight}", "p.vector && p.n <= 6144", "main", 256, {0, 0, 0, 0}, &tune_0, [](const void* v) { const fused_add_rmsnorm_quant_params& p = *static_cast<const fused_add_rmsnorm_quant_params*>(v); return bool(p.vector && p.n <= 6144); }, nullptr},
    {"fused_add_rmsnorm_quant", "long_rows", "fused_add_rmsnorm_quant", "*", "fused_add_rmsnorm_quant_long_rows_{data}_{weight}", "p.vector && p.n <= 16384", "main", 512, {0, 0, 0, 0}, &tune_1, [](const void* v) { const fused_add_rmsnorm_quant_params& p = *static_cast<const fused_add_rmsnorm_quant_params*>(v); return bool(p.vector && p.n <= 16384); }, nullptr},
    {"fused_add_rmsnorm_quant", "rows", "fused_add_rmsnorm_quant", "*", "fused_add_rmsnorm_quant_rows_{data}", "", "main", 256, {0, 0, 0, 0}, &tune_2, nullptr, nullptr},
    {"fused_add_rmsnorm_quant", "cpu", "", "cpu", "", "", "main", 1, {}, nullptr, nullptr, [](const void* v, const bound_dtypes& t) { fused_add_rmsnorm_quant_reference(*static_cast<const fused_add_rmsnorm_quant_params*>(v), t); }},
};
constexpr param_field fields[] = {
    {"input", "const void*", offsetof(fused_add_rmsnorm_quant_params, input), sizeof(fused_add_rmsnorm_quant_params::input)},
    {"residual", "void*", offsetof(fused_add_rmsnorm_quant_params, residual), sizeof(fused_add_rmsnorm_quant_params::residual)},
    {"weight", "const void*", offsetof(fused_add_rmsnorm_quant_params, weight), sizeof(fused_add_rmsnorm_quant_params::weight)},
    {"scale", "const void*", offsetof(fused_add_rmsnorm_quant_params, scale), sizeof(fused_add_rmsnorm_quant_params::scale)},
    {"output", "void*", offsetof(fused_add_rmsnorm_quant_params, output), sizeof(fused_add_rmsnorm_quant_params::output)},
    {"rows", "int64_t", offsetof(fused_add_rmsnorm_quant_params, rows), sizeof(fused_add_rmsnorm_quant_params::rows)},
    {"n", "int64_t", offsetof(fused_add_rmsnorm_quant_params, n), sizeof(fused_add_rmsnorm_quant_params::n)},
    {"input_stride", "int64_t", offsetof(fused_add_rmsnorm_quant_params, input_stride), sizeof(fused_add_rmsnorm_quant_params::input_stride)},
    {"residual_stride", "int64_t", offsetof(fused_add_rmsnorm_quant_params, residual_stride), sizeof(fused_add_rmsnorm_quant_params::residual_stride)},
    {"output_stride", "int64_t", offsetof(fused_add_rmsnorm_quant_params, output_stride), sizeof(fused_add_rmsnorm_quant_params::output_stride)},
    {"eps", "float", offsetof(fused_add_rmsnorm_quant_params, eps), sizeof(fused_add_rmsnorm_quant_params::eps)},
    {"inverse_n", "float", offsetof(fused_add_rmsnorm_quant_params, inverse_n), sizeof(fused_add_rmsnorm_quant_params::inverse_n)},
    {"lanes_log2", "int32_t", offsetof(fused_add_rmsnorm_quant_params, lanes_log2), sizeof(fused_add_rmsnorm_quant_params::lanes_log2)},
    {"vector", "int32_t", offsetof(fused_add_rmsnorm_quant_params, vector), sizeof(fused_add_rmsnorm_quant_params::vector)},
    {"weight_type", "hipinfer::dtype", offsetof(fused_add_rmsnorm_quant_params, weight_type), sizeof(fused_add_rmsnorm_quant_params::weight_type)},
    {"output_type", "hipinfer::dtype", offsetof(fused_add_rmsnorm_quant_params, output_type), sizeof(fused_add_rmsnorm_quant_params::output_type)},
};
constexpr op_table table{terms, rows, 4, 33, fields, 16, sizeof(fused_add_rmsnorm_quant_params)};
}  // namespace
}  // namespace fused_add_rmsnorm_quant_op

namespace gelu_and_mul_op {
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
constexpr contract terms{"gelu_and_mul", tensors, 2, dtypes, 1, symbols, 2};
constexpr gelu_and_mul_tune tune_0{1, 2};
constexpr gelu_and_mul_tune tune_1{0, 4};
constexpr kernel_row rows[] = {
    {"gelu_and_mul", "vectors", "gelu_and_mul", "*", "gelu_and_mul_vectors_{data}", "p.vector", "main", 256, {0}, &tune_0, [](const void* v) { const gelu_and_mul_params& p = *static_cast<const gelu_and_mul_params*>(v); return bool(p.vector); }, nullptr},
    {"gelu_and_mul", "elements", "gelu_and_mul", "*", "gelu_and_mul_elements_{data}", "", "main", 256, {0}, &tune_1, nullptr, nullptr},
    {"gelu_and_mul", "cpu", "", "cpu", "", "", "main", 1, {}, nullptr, nullptr, [](const void* v, const bound_dtypes& t) { gelu_and_mul_reference(*static_cast<const gelu_and_mul_params*>(v), t); }},
};
constexpr param_field fields[] = {
    {"gate", "const void*", offsetof(gelu_and_mul_params, gate), sizeof(gelu_and_mul_params::gate)},
    {"up", "const void*", offsetof(gelu_and_mul_params, up), sizeof(gelu_and_mul_params::up)},
    {"output", "void*", offsetof(gelu_and_mul_params, output), sizeof(gelu_and_mul_params::output)},
    {"rows", "int64_t", offsetof(gelu_and_mul_params, rows), sizeof(gelu_and_mul_params::rows)},
    {"n", "int64_t", offsetof(gelu_and_mul_params, n), sizeof(gelu_and_mul_params::n)},
    {"gate_stride", "int64_t", offsetof(gelu_and_mul_params, gate_stride), sizeof(gelu_and_mul_params::gate_stride)},
    {"up_stride", "int64_t", offsetof(gelu_and_mul_params, up_stride), sizeof(gelu_and_mul_params::up_stride)},
    {"output_stride", "int64_t", offsetof(gelu_and_mul_params, output_stride), sizeof(gelu_and_mul_params::output_stride)},
    {"row_vectors", "hipinfer::divisor", offsetof(gelu_and_mul_params, row_vectors), sizeof(gelu_and_mul_params::row_vectors)},
    {"vectors", "int64_t", offsetof(gelu_and_mul_params, vectors), sizeof(gelu_and_mul_params::vectors)},
    {"vector", "int32_t", offsetof(gelu_and_mul_params, vector), sizeof(gelu_and_mul_params::vector)},
    {"each", "int32_t", offsetof(gelu_and_mul_params, each), sizeof(gelu_and_mul_params::each)},
};
constexpr op_table table{terms, rows, 3, 37, fields, 12, sizeof(gelu_and_mul_params)};
}  // namespace
}  // namespace gelu_and_mul_op

namespace gelu_and_mul_dynamic_quant_op {
namespace {
constexpr const char* symbols[] = {"T", "N"};
constexpr shape_alternative output_shapes[] = {{2, {{0, 1, 0}, {1, 1, 0}}}};
constexpr shape_alternative scales_shapes[] = {{1, {{0, 1, 0}}}};
constexpr shape_alternative input_shapes[] = {{2, {{0, 1, 0}, {1, 2, 0}}}};
constexpr tensor_contract tensors[] = {
    {"output", false, true, 0, 1, layout::rows, 1, output_shapes},
    {"scales", false, true, 0, 2, layout::rows, 1, scales_shapes},
    {"input", false, false, 0, 0, layout::rows, 1, input_shapes},
};
constexpr dtype_variable dtypes[] = {
    {"data", bit(dtype::f32) | bit(dtype::f16) | bit(dtype::bf16), -1},
    {"output", bit(dtype::i8) | bit(dtype::e4m3fn) | bit(dtype::e4m3fnuz) | bit(dtype::e5m2) | bit(dtype::e5m2fnuz), -1},
    {"scale", bit(dtype::f32), -1},
};
constexpr contract terms{"gelu_and_mul_dynamic_quant", tensors, 3, dtypes, 3, symbols, 2};
constexpr gelu_and_mul_dynamic_quant_tune tune_0{24, 256};
constexpr gelu_and_mul_dynamic_quant_tune tune_1{32, 512};
constexpr gelu_and_mul_dynamic_quant_tune tune_2{8, 256};
constexpr kernel_row rows[] = {
    {"gelu_and_mul_dynamic_quant", "short_rows", "gelu_and_mul_dynamic_quant", "*", "gelu_and_mul_dynamic_quant_short_rows_{data}", "p.vector && p.n <= 6144", "main", 256, {0, 0, 0}, &tune_0, [](const void* v) { const gelu_and_mul_dynamic_quant_params& p = *static_cast<const gelu_and_mul_dynamic_quant_params*>(v); return bool(p.vector && p.n <= 6144); }, nullptr},
    {"gelu_and_mul_dynamic_quant", "long_rows", "gelu_and_mul_dynamic_quant", "*", "gelu_and_mul_dynamic_quant_long_rows_{data}", "p.vector && p.n <= 16384", "main", 512, {0, 0, 0}, &tune_1, [](const void* v) { const gelu_and_mul_dynamic_quant_params& p = *static_cast<const gelu_and_mul_dynamic_quant_params*>(v); return bool(p.vector && p.n <= 16384); }, nullptr},
    {"gelu_and_mul_dynamic_quant", "rows", "gelu_and_mul_dynamic_quant", "*", "gelu_and_mul_dynamic_quant_rows_{data}", "", "main", 256, {0, 0, 0}, &tune_2, nullptr, nullptr},
    {"gelu_and_mul_dynamic_quant", "cpu", "", "cpu", "", "", "main", 1, {}, nullptr, nullptr, [](const void* v, const bound_dtypes& t) { gelu_and_mul_dynamic_quant_reference(*static_cast<const gelu_and_mul_dynamic_quant_params*>(v), t); }},
};
constexpr param_field fields[] = {
    {"gate", "const void*", offsetof(gelu_and_mul_dynamic_quant_params, gate), sizeof(gelu_and_mul_dynamic_quant_params::gate)},
    {"up", "const void*", offsetof(gelu_and_mul_dynamic_quant_params, up), sizeof(gelu_and_mul_dynamic_quant_params::up)},
    {"output", "void*", offsetof(gelu_and_mul_dynamic_quant_params, output), sizeof(gelu_and_mul_dynamic_quant_params::output)},
    {"scales", "void*", offsetof(gelu_and_mul_dynamic_quant_params, scales), sizeof(gelu_and_mul_dynamic_quant_params::scales)},
    {"rows", "int64_t", offsetof(gelu_and_mul_dynamic_quant_params, rows), sizeof(gelu_and_mul_dynamic_quant_params::rows)},
    {"n", "int64_t", offsetof(gelu_and_mul_dynamic_quant_params, n), sizeof(gelu_and_mul_dynamic_quant_params::n)},
    {"gate_stride", "int64_t", offsetof(gelu_and_mul_dynamic_quant_params, gate_stride), sizeof(gelu_and_mul_dynamic_quant_params::gate_stride)},
    {"up_stride", "int64_t", offsetof(gelu_and_mul_dynamic_quant_params, up_stride), sizeof(gelu_and_mul_dynamic_quant_params::up_stride)},
    {"output_stride", "int64_t", offsetof(gelu_and_mul_dynamic_quant_params, output_stride), sizeof(gelu_and_mul_dynamic_quant_params::output_stride)},
    {"scales_stride", "int64_t", offsetof(gelu_and_mul_dynamic_quant_params, scales_stride), sizeof(gelu_and_mul_dynamic_quant_params::scales_stride)},
    {"lanes_log2", "int32_t", offsetof(gelu_and_mul_dynamic_quant_params, lanes_log2), sizeof(gelu_and_mul_dynamic_quant_params::lanes_log2)},
    {"vector", "int32_t", offsetof(gelu_and_mul_dynamic_quant_params, vector), sizeof(gelu_and_mul_dynamic_quant_params::vector)},
    {"output_type", "hipinfer::dtype", offsetof(gelu_and_mul_dynamic_quant_params, output_type), sizeof(gelu_and_mul_dynamic_quant_params::output_type)},
};
constexpr op_table table{terms, rows, 4, 40, fields, 13, sizeof(gelu_and_mul_dynamic_quant_params)};
}  // namespace
}  // namespace gelu_and_mul_dynamic_quant_op

namespace gelu_and_mul_quant_op {
namespace {
constexpr const char* symbols[] = {"T", "N"};
constexpr shape_alternative output_shapes[] = {{2, {{0, 1, 0}, {1, 1, 0}}}};
constexpr shape_alternative input_shapes[] = {{2, {{0, 1, 0}, {1, 2, 0}}}};
constexpr shape_alternative scale_shapes[] = {{1, {{-1, 0, 1}}}};
constexpr tensor_contract tensors[] = {
    {"output", false, true, 0, 1, layout::rows, 1, output_shapes},
    {"input", false, false, 0, 0, layout::rows, 1, input_shapes},
    {"scale", false, false, 0, 2, layout::rows, 1, scale_shapes},
};
constexpr dtype_variable dtypes[] = {
    {"data", bit(dtype::f32) | bit(dtype::f16) | bit(dtype::bf16), -1},
    {"output", bit(dtype::i8) | bit(dtype::e4m3fn) | bit(dtype::e4m3fnuz) | bit(dtype::e5m2) | bit(dtype::e5m2fnuz), -1},
    {"scale", bit(dtype::f32), -1},
};
constexpr contract terms{"gelu_and_mul_quant", tensors, 3, dtypes, 3, symbols, 2};
constexpr gelu_and_mul_quant_tune tune_0{1, 2};
constexpr gelu_and_mul_quant_tune tune_1{0, 4};
constexpr kernel_row rows[] = {
    {"gelu_and_mul_quant", "vectors", "gelu_and_mul_quant", "*", "gelu_and_mul_quant_vectors_{data}", "p.vector", "main", 256, {0, 0, 0}, &tune_0, [](const void* v) { const gelu_and_mul_quant_params& p = *static_cast<const gelu_and_mul_quant_params*>(v); return bool(p.vector); }, nullptr},
    {"gelu_and_mul_quant", "elements", "gelu_and_mul_quant", "*", "gelu_and_mul_quant_elements_{data}", "", "main", 256, {0, 0, 0}, &tune_1, nullptr, nullptr},
    {"gelu_and_mul_quant", "cpu", "", "cpu", "", "", "main", 1, {}, nullptr, nullptr, [](const void* v, const bound_dtypes& t) { gelu_and_mul_quant_reference(*static_cast<const gelu_and_mul_quant_params*>(v), t); }},
};
constexpr param_field fields[] = {
    {"gate", "const void*", offsetof(gelu_and_mul_quant_params, gate), sizeof(gelu_and_mul_quant_params::gate)},
    {"up", "const void*", offsetof(gelu_and_mul_quant_params, up), sizeof(gelu_and_mul_quant_params::up)},
    {"scale", "const void*", offsetof(gelu_and_mul_quant_params, scale), sizeof(gelu_and_mul_quant_params::scale)},
    {"output", "void*", offsetof(gelu_and_mul_quant_params, output), sizeof(gelu_and_mul_quant_params::output)},
    {"rows", "int64_t", offsetof(gelu_and_mul_quant_params, rows), sizeof(gelu_and_mul_quant_params::rows)},
    {"n", "int64_t", offsetof(gelu_and_mul_quant_params, n), sizeof(gelu_and_mul_quant_params::n)},
    {"gate_stride", "int64_t", offsetof(gelu_and_mul_quant_params, gate_stride), sizeof(gelu_and_mul_quant_params::gate_stride)},
    {"up_stride", "int64_t", offsetof(gelu_and_mul_quant_params, up_stride), sizeof(gelu_and_mul_quant_params::up_stride)},
    {"output_stride", "int64_t", offsetof(gelu_and_mul_quant_params, output_stride), sizeof(gelu_and_mul_quant_params::output_stride)},
    {"row_vectors", "hipinfer::divisor", offsetof(gelu_and_mul_quant_params, row_vectors), sizeof(gelu_and_mul_quant_params::row_vectors)},
    {"vectors", "int64_t", offsetof(gelu_and_mul_quant_params, vectors), sizeof(gelu_and_mul_quant_params::vectors)},
    {"output_type", "hipinfer::dtype", offsetof(gelu_and_mul_quant_params, output_type), sizeof(gelu_and_mul_quant_params::output_type)},
    {"vector", "int32_t", offsetof(gelu_and_mul_quant_params, vector), sizeof(gelu_and_mul_quant_params::vector)},
    {"each", "int32_t", offsetof(gelu_and_mul_quant_params, each), sizeof(gelu_and_mul_quant_params::each)},
};
constexpr op_table table{terms, rows, 3, 44, fields, 14, sizeof(gelu_and_mul_quant_params)};
}  // namespace
}  // namespace gelu_and_mul_quant_op

namespace gelu_tanh_and_mul_op {
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
constexpr contract terms{"gelu_tanh_and_mul", tensors, 2, dtypes, 1, symbols, 2};
constexpr gelu_tanh_and_mul_tune tune_0{1, 2};
constexpr gelu_tanh_and_mul_tune tune_1{0, 4};
constexpr kernel_row rows[] = {
    {"gelu_tanh_and_mul", "vectors", "gelu_tanh_and_mul", "*", "gelu_tanh_and_mul_vectors_{data}", "p.vector", "main", 256, {0}, &tune_0, [](const void* v) { const gelu_tanh_and_mul_params& p = *static_cast<const gelu_tanh_and_mul_params*>(v); return bool(p.vector); }, nullptr},
    {"gelu_tanh_and_mul", "elements", "gelu_tanh_and_mul", "*", "gelu_tanh_and_mul_elements_{data}", "", "main", 256, {0}, &tune_1, nullptr, nullptr},
    {"gelu_tanh_and_mul", "cpu", "", "cpu", "", "", "main", 1, {}, nullptr, nullptr, [](const void* v, const bound_dtypes& t) { gelu_tanh_and_mul_reference(*static_cast<const gelu_tanh_and_mul_params*>(v), t); }},
};
constexpr param_field fields[] = {
    {"gate", "const void*", offsetof(gelu_tanh_and_mul_params, gate), sizeof(gelu_tanh_and_mul_params::gate)},
    {"up", "const void*", offsetof(gelu_tanh_and_mul_params, up), sizeof(gelu_tanh_and_mul_params::up)},
    {"output", "void*", offsetof(gelu_tanh_and_mul_params, output), sizeof(gelu_tanh_and_mul_params::output)},
    {"rows", "int64_t", offsetof(gelu_tanh_and_mul_params, rows), sizeof(gelu_tanh_and_mul_params::rows)},
    {"n", "int64_t", offsetof(gelu_tanh_and_mul_params, n), sizeof(gelu_tanh_and_mul_params::n)},
    {"gate_stride", "int64_t", offsetof(gelu_tanh_and_mul_params, gate_stride), sizeof(gelu_tanh_and_mul_params::gate_stride)},
    {"up_stride", "int64_t", offsetof(gelu_tanh_and_mul_params, up_stride), sizeof(gelu_tanh_and_mul_params::up_stride)},
    {"output_stride", "int64_t", offsetof(gelu_tanh_and_mul_params, output_stride), sizeof(gelu_tanh_and_mul_params::output_stride)},
    {"row_vectors", "hipinfer::divisor", offsetof(gelu_tanh_and_mul_params, row_vectors), sizeof(gelu_tanh_and_mul_params::row_vectors)},
    {"vectors", "int64_t", offsetof(gelu_tanh_and_mul_params, vectors), sizeof(gelu_tanh_and_mul_params::vectors)},
    {"vector", "int32_t", offsetof(gelu_tanh_and_mul_params, vector), sizeof(gelu_tanh_and_mul_params::vector)},
    {"each", "int32_t", offsetof(gelu_tanh_and_mul_params, each), sizeof(gelu_tanh_and_mul_params::each)},
};
constexpr op_table table{terms, rows, 3, 47, fields, 12, sizeof(gelu_tanh_and_mul_params)};
}  // namespace
}  // namespace gelu_tanh_and_mul_op

namespace gelu_tanh_and_mul_dynamic_quant_op {
namespace {
constexpr const char* symbols[] = {"T", "N"};
constexpr shape_alternative output_shapes[] = {{2, {{0, 1, 0}, {1, 1, 0}}}};
constexpr shape_alternative scales_shapes[] = {{1, {{0, 1, 0}}}};
constexpr shape_alternative input_shapes[] = {{2, {{0, 1, 0}, {1, 2, 0}}}};
constexpr tensor_contract tensors[] = {
    {"output", false, true, 0, 1, layout::rows, 1, output_shapes},
    {"scales", false, true, 0, 2, layout::rows, 1, scales_shapes},
    {"input", false, false, 0, 0, layout::rows, 1, input_shapes},
};
constexpr dtype_variable dtypes[] = {
    {"data", bit(dtype::f32) | bit(dtype::f16) | bit(dtype::bf16), -1},
    {"output", bit(dtype::i8) | bit(dtype::e4m3fn) | bit(dtype::e4m3fnuz) | bit(dtype::e5m2) | bit(dtype::e5m2fnuz), -1},
    {"scale", bit(dtype::f32), -1},
};
constexpr contract terms{"gelu_tanh_and_mul_dynamic_quant", tensors, 3, dtypes, 3, symbols, 2};
constexpr gelu_tanh_and_mul_dynamic_quant_tune tune_0{24, 256};
constexpr gelu_tanh_and_mul_dynamic_quant_tune tune_1{32, 512};
constexpr gelu_tanh_and_mul_dynamic_quant_tune tune_2{8, 256};
constexpr kernel_row rows[] = {
    {"gelu_tanh_and_mul_dynamic_quant", "short_rows", "gelu_tanh_and_mul_dynamic_quant", "*", "gelu_tanh_and_mul_dynamic_quant_short_rows_{data}", "p.vector && p.n <= 6144", "main", 256, {0, 0, 0}, &tune_0, [](const void* v) { const gelu_tanh_and_mul_dynamic_quant_params& p = *static_cast<const gelu_tanh_and_mul_dynamic_quant_params*>(v); return bool(p.vector && p.n <= 6144); }, nullptr},
    {"gelu_tanh_and_mul_dynamic_quant", "long_rows", "gelu_tanh_and_mul_dynamic_quant", "*", "gelu_tanh_and_mul_dynamic_quant_long_rows_{data}", "p.vector && p.n <= 16384", "main", 512, {0, 0, 0}, &tune_1, [](const void* v) { const gelu_tanh_and_mul_dynamic_quant_params& p = *static_cast<const gelu_tanh_and_mul_dynamic_quant_params*>(v); return bool(p.vector && p.n <= 16384); }, nullptr},
    {"gelu_tanh_and_mul_dynamic_quant", "rows", "gelu_tanh_and_mul_dynamic_quant", "*", "gelu_tanh_and_mul_dynamic_quant_rows_{data}", "", "main", 256, {0, 0, 0}, &tune_2, nullptr, nullptr},
    {"gelu_tanh_and_mul_dynamic_quant", "cpu", "", "cpu", "", "", "main", 1, {}, nullptr, nullptr, [](const void* v, const bound_dtypes& t) { gelu_tanh_and_mul_dynamic_quant_reference(*static_cast<const gelu_tanh_and_mul_dynamic_quant_params*>(v), t); }},
};
constexpr param_field fields[] = {
    {"gate", "const void*", offsetof(gelu_tanh_and_mul_dynamic_quant_params, gate), sizeof(gelu_tanh_and_mul_dynamic_quant_params::gate)},
    {"up", "const void*", offsetof(gelu_tanh_and_mul_dynamic_quant_params, up), sizeof(gelu_tanh_and_mul_dynamic_quant_params::up)},
    {"output", "void*", offsetof(gelu_tanh_and_mul_dynamic_quant_params, output), sizeof(gelu_tanh_and_mul_dynamic_quant_params::output)},
    {"scales", "void*", offsetof(gelu_tanh_and_mul_dynamic_quant_params, scales), sizeof(gelu_tanh_and_mul_dynamic_quant_params::scales)},
    {"rows", "int64_t", offsetof(gelu_tanh_and_mul_dynamic_quant_params, rows), sizeof(gelu_tanh_and_mul_dynamic_quant_params::rows)},
    {"n", "int64_t", offsetof(gelu_tanh_and_mul_dynamic_quant_params, n), sizeof(gelu_tanh_and_mul_dynamic_quant_params::n)},
    {"gate_stride", "int64_t", offsetof(gelu_tanh_and_mul_dynamic_quant_params, gate_stride), sizeof(gelu_tanh_and_mul_dynamic_quant_params::gate_stride)},
    {"up_stride", "int64_t", offsetof(gelu_tanh_and_mul_dynamic_quant_params, up_stride), sizeof(gelu_tanh_and_mul_dynamic_quant_params::up_stride)},
    {"output_stride", "int64_t", offsetof(gelu_tanh_and_mul_dynamic_quant_params, output_stride), sizeof(gelu_tanh_and_mul_dynamic_quant_params::output_stride)},
    {"scales_stride", "int64_t", offsetof(gelu_tanh_and_mul_dynamic_quant_params, scales_stride), sizeof(gelu_tanh_and_mul_dynamic_quant_params::scales_stride)},
    {"lanes_log2", "int32_t", offsetof(gelu_tanh_and_mul_dynamic_quant_params, lanes_log2), sizeof(gelu_tanh_and_mul_dynamic_quant_params::lanes_log2)},
    {"vector", "int32_t", offsetof(gelu_tanh_and_mul_dynamic_quant_params, vector), sizeof(gelu_tanh_and_mul_dynamic_quant_params::vector)},
    {"output_type", "hipinfer::dtype", offsetof(gelu_tanh_and_mul_dynamic_quant_params, output_type), sizeof(gelu_tanh_and_mul_dynamic_quant_params::output_type)},
};
constexpr op_table table{terms, rows, 4, 50, fields, 13, sizeof(gelu_tanh_and_mul_dynamic_quant_params)};
}  // namespace
}  // namespace gelu_tanh_and_mul_dynamic_quant_op

namespace gelu_tanh_and_mul_quant_op {
namespace {
constexpr const char* symbols[] = {"T", "N"};
constexpr shape_alternative output_shapes[] = {{2, {{0, 1, 0}, {1, 1, 0}}}};
constexpr shape_alternative input_shapes[] = {{2, {{0, 1, 0}, {1, 2, 0}}}};
constexpr shape_alternative scale_shapes[] = {{1, {{-1, 0, 1}}}};
constexpr tensor_contract tensors[] = {
    {"output", false, true, 0, 1, layout::rows, 1, output_shapes},
    {"input", false, false, 0, 0, layout::rows, 1, input_shapes},
    {"scale", false, false, 0, 2, layout::rows, 1, scale_shapes},
};
constexpr dtype_variable dtypes[] = {
    {"data", bit(dtype::f32) | bit(dtype::f16) | bit(dtype::bf16), -1},
    {"output", bit(dtype::i8) | bit(dtype::e4m3fn) | bit(dtype::e4m3fnuz) | bit(dtype::e5m2) | bit(dtype::e5m2fnuz), -1},
    {"scale", bit(dtype::f32), -1},
};
constexpr contract terms{"gelu_tanh_and_mul_quant", tensors, 3, dtypes, 3, symbols, 2};
constexpr gelu_tanh_and_mul_quant_tune tune_0{1, 2};
constexpr gelu_tanh_and_mul_quant_tune tune_1{0, 4};
constexpr kernel_row rows[] = {
    {"gelu_tanh_and_mul_quant", "vectors", "gelu_tanh_and_mul_quant", "*", "gelu_tanh_and_mul_quant_vectors_{data}", "p.vector", "main", 256, {0, 0, 0}, &tune_0, [](const void* v) { const gelu_tanh_and_mul_quant_params& p = *static_cast<const gelu_tanh_and_mul_quant_params*>(v); return bool(p.vector); }, nullptr},
    {"gelu_tanh_and_mul_quant", "elements", "gelu_tanh_and_mul_quant", "*", "gelu_tanh_and_mul_quant_elements_{data}", "", "main", 256, {0, 0, 0}, &tune_1, nullptr, nullptr},
    {"gelu_tanh_and_mul_quant", "cpu", "", "cpu", "", "", "main", 1, {}, nullptr, nullptr, [](const void* v, const bound_dtypes& t) { gelu_tanh_and_mul_quant_reference(*static_cast<const gelu_tanh_and_mul_quant_params*>(v), t); }},
};
constexpr param_field fields[] = {
    {"gate", "const void*", offsetof(gelu_tanh_and_mul_quant_params, gate), sizeof(gelu_tanh_and_mul_quant_params::gate)},
    {"up", "const void*", offsetof(gelu_tanh_and_mul_quant_params, up), sizeof(gelu_tanh_and_mul_quant_params::up)},
    {"scale", "const void*", offsetof(gelu_tanh_and_mul_quant_params, scale), sizeof(gelu_tanh_and_mul_quant_params::scale)},
    {"output", "void*", offsetof(gelu_tanh_and_mul_quant_params, output), sizeof(gelu_tanh_and_mul_quant_params::output)},
    {"rows", "int64_t", offsetof(gelu_tanh_and_mul_quant_params, rows), sizeof(gelu_tanh_and_mul_quant_params::rows)},
    {"n", "int64_t", offsetof(gelu_tanh_and_mul_quant_params, n), sizeof(gelu_tanh_and_mul_quant_params::n)},
    {"gate_stride", "int64_t", offsetof(gelu_tanh_and_mul_quant_params, gate_stride), sizeof(gelu_tanh_and_mul_quant_params::gate_stride)},
    {"up_stride", "int64_t", offsetof(gelu_tanh_and_mul_quant_params, up_stride), sizeof(gelu_tanh_and_mul_quant_params::up_stride)},
    {"output_stride", "int64_t", offsetof(gelu_tanh_and_mul_quant_params, output_stride), sizeof(gelu_tanh_and_mul_quant_params::output_stride)},
    {"row_vectors", "hipinfer::divisor", offsetof(gelu_tanh_and_mul_quant_params, row_vectors), sizeof(gelu_tanh_and_mul_quant_params::row_vectors)},
    {"vectors", "int64_t", offsetof(gelu_tanh_and_mul_quant_params, vectors), sizeof(gelu_tanh_and_mul_quant_params::vectors)},
    {"output_type", "hipinfer::dtype", offsetof(gelu_tanh_and_mul_quant_params, output_type), sizeof(gelu_tanh_and_mul_quant_params::output_type)},
    {"vector", "int32_t", offsetof(gelu_tanh_and_mul_quant_params, vector), sizeof(gelu_tanh_and_mul_quant_params::vector)},
    {"each", "int32_t", offsetof(gelu_tanh_and_mul_quant_params, each), sizeof(gelu_tanh_and_mul_quant_params::each)},
};
constexpr op_table table{terms, rows, 3, 54, fields, 14, sizeof(gelu_tanh_and_mul_quant_params)};
}  // namespace
}  // namespace gelu_tanh_and_mul_quant_op

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
constexpr op_table table{terms, rows, 5, 57, fields, 15, sizeof(gemm_params)};
}  // namespace
}  // namespace gemm_op

namespace gemma_fused_add_rmsnorm_op {
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
constexpr contract terms{"gemma_fused_add_rmsnorm", tensors, 3, dtypes, 2, symbols, 2};
constexpr gemma_fused_add_rmsnorm_tune tune_0{24, 256};
constexpr gemma_fused_add_rmsnorm_tune tune_1{32, 512};
constexpr gemma_fused_add_rmsnorm_tune tune_2{8, 256};
constexpr kernel_row rows[] = {
    {"gemma_fused_add_rmsnorm", "short_rows", "gemma_fused_add_rmsnorm", "*", "gemma_fused_add_rmsnorm_short_rows_{data}_{weight}", "p.vector && p.n <= 6144", "main", 256, {0, 0}, &tune_0, [](const void* v) { const gemma_fused_add_rmsnorm_params& p = *static_cast<const gemma_fused_add_rmsnorm_params*>(v); return bool(p.vector && p.n <= 6144); }, nullptr},
    {"gemma_fused_add_rmsnorm", "long_rows", "gemma_fused_add_rmsnorm", "*", "gemma_fused_add_rmsnorm_long_rows_{data}_{weight}", "p.vector && p.n <= 16384", "main", 512, {0, 0}, &tune_1, [](const void* v) { const gemma_fused_add_rmsnorm_params& p = *static_cast<const gemma_fused_add_rmsnorm_params*>(v); return bool(p.vector && p.n <= 16384); }, nullptr},
    {"gemma_fused_add_rmsnorm", "rows", "gemma_fused_add_rmsnorm", "*", "gemma_fused_add_rmsnorm_rows_{data}", "", "main", 256, {0, 0}, &tune_2, nullptr, nullptr},
    {"gemma_fused_add_rmsnorm", "cpu", "", "cpu", "", "", "main", 1, {}, nullptr, nullptr, [](const void* v, const bound_dtypes& t) { gemma_fused_add_rmsnorm_reference(*static_cast<const gemma_fused_add_rmsnorm_params*>(v), t); }},
};
constexpr param_field fields[] = {
    {"input", "const void*", offsetof(gemma_fused_add_rmsnorm_params, input), sizeof(gemma_fused_add_rmsnorm_params::input)},
    {"residual", "void*", offsetof(gemma_fused_add_rmsnorm_params, residual), sizeof(gemma_fused_add_rmsnorm_params::residual)},
    {"weight", "const void*", offsetof(gemma_fused_add_rmsnorm_params, weight), sizeof(gemma_fused_add_rmsnorm_params::weight)},
    {"output", "void*", offsetof(gemma_fused_add_rmsnorm_params, output), sizeof(gemma_fused_add_rmsnorm_params::output)},
    {"rows", "int64_t", offsetof(gemma_fused_add_rmsnorm_params, rows), sizeof(gemma_fused_add_rmsnorm_params::rows)},
    {"n", "int64_t", offsetof(gemma_fused_add_rmsnorm_params, n), sizeof(gemma_fused_add_rmsnorm_params::n)},
    {"input_stride", "int64_t", offsetof(gemma_fused_add_rmsnorm_params, input_stride), sizeof(gemma_fused_add_rmsnorm_params::input_stride)},
    {"residual_stride", "int64_t", offsetof(gemma_fused_add_rmsnorm_params, residual_stride), sizeof(gemma_fused_add_rmsnorm_params::residual_stride)},
    {"output_stride", "int64_t", offsetof(gemma_fused_add_rmsnorm_params, output_stride), sizeof(gemma_fused_add_rmsnorm_params::output_stride)},
    {"eps", "float", offsetof(gemma_fused_add_rmsnorm_params, eps), sizeof(gemma_fused_add_rmsnorm_params::eps)},
    {"inverse_n", "float", offsetof(gemma_fused_add_rmsnorm_params, inverse_n), sizeof(gemma_fused_add_rmsnorm_params::inverse_n)},
    {"lanes_log2", "int32_t", offsetof(gemma_fused_add_rmsnorm_params, lanes_log2), sizeof(gemma_fused_add_rmsnorm_params::lanes_log2)},
    {"vector", "int32_t", offsetof(gemma_fused_add_rmsnorm_params, vector), sizeof(gemma_fused_add_rmsnorm_params::vector)},
    {"weight_type", "hipinfer::dtype", offsetof(gemma_fused_add_rmsnorm_params, weight_type), sizeof(gemma_fused_add_rmsnorm_params::weight_type)},
};
constexpr op_table table{terms, rows, 4, 62, fields, 14, sizeof(gemma_fused_add_rmsnorm_params)};
}  // namespace
}  // namespace gemma_fused_add_rmsnorm_op

namespace gemma_rmsnorm_op {
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
constexpr contract terms{"gemma_rmsnorm", tensors, 3, dtypes, 2, symbols, 3};
constexpr gemma_rmsnorm_tune tune_0{32, 256};
constexpr gemma_rmsnorm_tune tune_1{24, 256};
constexpr gemma_rmsnorm_tune tune_2{32, 512};
constexpr gemma_rmsnorm_tune tune_3{8, 256};
constexpr kernel_row rows[] = {
    {"gemma_rmsnorm", "many_rows", "gemma_rmsnorm", "*", "gemma_rmsnorm_many_rows_{data}_{weight}", "p.vector && p.many", "main", 256, {bit(dtype::f16) | bit(dtype::bf16), 0}, &tune_0, [](const void* v) { const gemma_rmsnorm_params& p = *static_cast<const gemma_rmsnorm_params*>(v); return bool(p.vector && p.many); }, nullptr},
    {"gemma_rmsnorm", "short_rows", "gemma_rmsnorm", "*", "gemma_rmsnorm_short_rows_{data}_{weight}", "p.vector && p.n <= 6144", "main", 256, {0, 0}, &tune_1, [](const void* v) { const gemma_rmsnorm_params& p = *static_cast<const gemma_rmsnorm_params*>(v); return bool(p.vector && p.n <= 6144); }, nullptr},
    {"gemma_rmsnorm", "long_rows", "gemma_rmsnorm", "*", "gemma_rmsnorm_long_rows_{data}_{weight}", "p.vector && p.n <= 16384", "main", 512, {0, 0}, &tune_2, [](const void* v) { const gemma_rmsnorm_params& p = *static_cast<const gemma_rmsnorm_params*>(v); return bool(p.vector && p.n <= 16384); }, nullptr},
    {"gemma_rmsnorm", "rows", "gemma_rmsnorm", "*", "gemma_rmsnorm_rows_{data}", "", "main", 256, {0, 0}, &tune_3, nullptr, nullptr},
    {"gemma_rmsnorm", "cpu", "", "cpu", "", "", "main", 1, {}, nullptr, nullptr, [](const void* v, const bound_dtypes& t) { gemma_rmsnorm_reference(*static_cast<const gemma_rmsnorm_params*>(v), t); }},
};
constexpr param_field fields[] = {
    {"input", "const void*", offsetof(gemma_rmsnorm_params, input), sizeof(gemma_rmsnorm_params::input)},
    {"weight", "const void*", offsetof(gemma_rmsnorm_params, weight), sizeof(gemma_rmsnorm_params::weight)},
    {"output", "void*", offsetof(gemma_rmsnorm_params, output), sizeof(gemma_rmsnorm_params::output)},
    {"rows", "int64_t", offsetof(gemma_rmsnorm_params, rows), sizeof(gemma_rmsnorm_params::rows)},
    {"inner", "hipinfer::divisor", offsetof(gemma_rmsnorm_params, inner), sizeof(gemma_rmsnorm_params::inner)},
    {"n", "int64_t", offsetof(gemma_rmsnorm_params, n), sizeof(gemma_rmsnorm_params::n)},
    {"input_stride", "int64_t", offsetof(gemma_rmsnorm_params, input_stride), sizeof(gemma_rmsnorm_params::input_stride)},
    {"output_stride", "int64_t", offsetof(gemma_rmsnorm_params, output_stride), sizeof(gemma_rmsnorm_params::output_stride)},
    {"eps", "float", offsetof(gemma_rmsnorm_params, eps), sizeof(gemma_rmsnorm_params::eps)},
    {"inverse_n", "float", offsetof(gemma_rmsnorm_params, inverse_n), sizeof(gemma_rmsnorm_params::inverse_n)},
    {"lanes_log2", "int32_t", offsetof(gemma_rmsnorm_params, lanes_log2), sizeof(gemma_rmsnorm_params::lanes_log2)},
    {"vector", "int32_t", offsetof(gemma_rmsnorm_params, vector), sizeof(gemma_rmsnorm_params::vector)},
    {"many", "int32_t", offsetof(gemma_rmsnorm_params, many), sizeof(gemma_rmsnorm_params::many)},
    {"weight_type", "hipinfer::dtype", offsetof(gemma_rmsnorm_params, weight_type), sizeof(gemma_rmsnorm_params::weight_type)},
};
constexpr op_table table{terms, rows, 5, 66, fields, 14, sizeof(gemma_rmsnorm_params)};
}  // namespace
}  // namespace gemma_rmsnorm_op

namespace get_batch_indices_positions_op {
namespace {
constexpr const char* symbols[] = {"T", "B"};
constexpr shape_alternative batch_indices_shapes[] = {{1, {{0, 1, 0}}}};
constexpr shape_alternative positions_shapes[] = {{1, {{0, 1, 0}}}};
constexpr shape_alternative append_indptr_shapes[] = {{1, {{1, 1, 1}}}};
constexpr shape_alternative seq_lens_shapes[] = {{1, {{1, 1, 0}}}};
constexpr tensor_contract tensors[] = {
    {"batch_indices", false, true, 0, 0, layout::rows, 1, batch_indices_shapes},
    {"positions", false, true, 0, 0, layout::rows, 1, positions_shapes},
    {"append_indptr", false, false, 0, 1, layout::rows, 1, append_indptr_shapes},
    {"seq_lens", false, false, 0, 1, layout::rows, 1, seq_lens_shapes},
};
constexpr dtype_variable dtypes[] = {
    {"out", bit(dtype::i32) | bit(dtype::i64), -1},
    {"index", bit(dtype::i32) | bit(dtype::i64), -1},
};
constexpr contract terms{"get_batch_indices_positions", tensors, 4, dtypes, 2, symbols, 2};
constexpr kernel_row rows[] = {
    {"get_batch_indices_positions", "tokens", "get_batch_indices_positions", "*", "get_batch_indices_positions_tokens", "", "main", 256, {0, 0}, nullptr, nullptr, nullptr},
    {"get_batch_indices_positions", "cpu", "", "cpu", "", "", "main", 1, {}, nullptr, nullptr, [](const void* v, const bound_dtypes& t) { get_batch_indices_positions_reference(*static_cast<const get_batch_indices_positions_params*>(v), t); }},
};
constexpr param_field fields[] = {
    {"batch_indices", "void*", offsetof(get_batch_indices_positions_params, batch_indices), sizeof(get_batch_indices_positions_params::batch_indices)},
    {"positions", "void*", offsetof(get_batch_indices_positions_params, positions), sizeof(get_batch_indices_positions_params::positions)},
    {"append_indptr", "const void*", offsetof(get_batch_indices_positions_params, append_indptr), sizeof(get_batch_indices_positions_params::append_indptr)},
    {"seq_lens", "const void*", offsetof(get_batch_indices_positions_params, seq_lens), sizeof(get_batch_indices_positions_params::seq_lens)},
    {"tokens", "int64_t", offsetof(get_batch_indices_positions_params, tokens), sizeof(get_batch_indices_positions_params::tokens)},
    {"requests", "int64_t", offsetof(get_batch_indices_positions_params, requests), sizeof(get_batch_indices_positions_params::requests)},
    {"wide", "int32_t", offsetof(get_batch_indices_positions_params, wide), sizeof(get_batch_indices_positions_params::wide)},
    {"wide_out", "int32_t", offsetof(get_batch_indices_positions_params, wide_out), sizeof(get_batch_indices_positions_params::wide_out)},
};
constexpr op_table table{terms, rows, 2, 71, fields, 8, sizeof(get_batch_indices_positions_params)};
}  // namespace
}  // namespace get_batch_indices_positions_op

namespace get_seq_lens_op {
namespace {
constexpr const char* symbols[] = {"B"};
constexpr shape_alternative seq_lens_shapes[] = {{1, {{0, 1, 0}}}};
constexpr shape_alternative kv_indptr_shapes[] = {{1, {{0, 1, 1}}}};
constexpr shape_alternative kv_last_page_len_shapes[] = {{1, {{0, 1, 0}}}};
constexpr tensor_contract tensors[] = {
    {"seq_lens", false, true, 1u << 2, 0, layout::rows, 1, seq_lens_shapes},
    {"kv_indptr", false, false, 0, 1, layout::rows, 1, kv_indptr_shapes},
    {"kv_last_page_len", false, false, 0, 1, layout::rows, 1, kv_last_page_len_shapes},
};
constexpr dtype_variable dtypes[] = {
    {"out", bit(dtype::i32) | bit(dtype::i64), -1},
    {"index", bit(dtype::i32) | bit(dtype::i64), -1},
};
constexpr contract terms{"get_seq_lens", tensors, 3, dtypes, 2, symbols, 1};
constexpr kernel_row rows[] = {
    {"get_seq_lens", "requests", "get_seq_lens", "*", "get_seq_lens_requests", "", "main", 256, {0, 0}, nullptr, nullptr, nullptr},
    {"get_seq_lens", "cpu", "", "cpu", "", "", "main", 1, {}, nullptr, nullptr, [](const void* v, const bound_dtypes& t) { get_seq_lens_reference(*static_cast<const get_seq_lens_params*>(v), t); }},
};
constexpr param_field fields[] = {
    {"seq_lens", "void*", offsetof(get_seq_lens_params, seq_lens), sizeof(get_seq_lens_params::seq_lens)},
    {"kv_indptr", "const void*", offsetof(get_seq_lens_params, kv_indptr), sizeof(get_seq_lens_params::kv_indptr)},
    {"kv_last_page_len", "const void*", offsetof(get_seq_lens_params, kv_last_page_len), sizeof(get_seq_lens_params::kv_last_page_len)},
    {"requests", "int64_t", offsetof(get_seq_lens_params, requests), sizeof(get_seq_lens_params::requests)},
    {"page_size", "int64_t", offsetof(get_seq_lens_params, page_size), sizeof(get_seq_lens_params::page_size)},
    {"wide", "int32_t", offsetof(get_seq_lens_params, wide), sizeof(get_seq_lens_params::wide)},
    {"wide_out", "int32_t", offsetof(get_seq_lens_params, wide_out), sizeof(get_seq_lens_params::wide_out)},
};
constexpr op_table table{terms, rows, 2, 73, fields, 7, sizeof(get_seq_lens_params)};
}  // namespace
}  // namespace get_seq_lens_op

namespace layernorm_op {
namespace {
constexpr const char* symbols[] = {"T", "H", "N"};
constexpr shape_alternative output_shapes[] = {{2, {{0, 1, 0}, {2, 1, 0}}}, {3, {{0, 1, 0}, {1, 1, 0}, {2, 1, 0}}}};
constexpr shape_alternative input_shapes[] = {{2, {{0, 1, 0}, {2, 1, 0}}}, {3, {{0, 1, 0}, {1, 1, 0}, {2, 1, 0}}}};
constexpr shape_alternative weight_shapes[] = {{1, {{2, 1, 0}}}};
constexpr shape_alternative bias_shapes[] = {{1, {{2, 1, 0}}}};
constexpr tensor_contract tensors[] = {
    {"output", false, true, 1u << 1, 0, layout::rows, 2, output_shapes},
    {"input", false, false, 0, 0, layout::rows, 2, input_shapes},
    {"weight", true, false, 0, 1, layout::rows, 1, weight_shapes},
    {"bias", true, false, 0, 1, layout::rows, 1, bias_shapes},
};
constexpr dtype_variable dtypes[] = {
    {"data", bit(dtype::f32) | bit(dtype::f16) | bit(dtype::bf16), -1},
    {"weight", bit(dtype::f32), 0},
};
constexpr contract terms{"layernorm", tensors, 4, dtypes, 2, symbols, 3};
constexpr layernorm_tune tune_0{32, 256};
constexpr layernorm_tune tune_1{24, 256};
constexpr layernorm_tune tune_2{32, 512};
constexpr layernorm_tune tune_3{8, 256};
constexpr kernel_row rows[] = {
    {"layernorm", "many_rows", "layernorm", "*", "layernorm_many_rows_{data}_{weight}", "p.vector && p.many", "main", 256, {bit(dtype::f16) | bit(dtype::bf16), 0}, &tune_0, [](const void* v) { const layernorm_params& p = *static_cast<const layernorm_params*>(v); return bool(p.vector && p.many); }, nullptr},
    {"layernorm", "short_rows", "layernorm", "*", "layernorm_short_rows_{data}_{weight}", "p.vector && p.n <= 6144", "main", 256, {0, 0}, &tune_1, [](const void* v) { const layernorm_params& p = *static_cast<const layernorm_params*>(v); return bool(p.vector && p.n <= 6144); }, nullptr},
    {"layernorm", "long_rows", "layernorm", "*", "layernorm_long_rows_{data}_{weight}", "p.vector && p.n <= 16384", "main", 512, {0, 0}, &tune_2, [](const void* v) { const layernorm_params& p = *static_cast<const layernorm_params*>(v); return bool(p.vector && p.n <= 16384); }, nullptr},
    {"layernorm", "rows", "layernorm", "*", "layernorm_rows_{data}", "", "main", 256, {0, 0}, &tune_3, nullptr, nullptr},
    {"layernorm", "cpu", "", "cpu", "", "", "main", 1, {}, nullptr, nullptr, [](const void* v, const bound_dtypes& t) { layernorm_reference(*static_cast<const layernorm_params*>(v), t); }},
};
constexpr param_field fields[] = {
    {"input", "const void*", offsetof(layernorm_params, input), sizeof(layernorm_params::input)},
    {"weight", "const void*", offsetof(layernorm_params, weight), sizeof(layernorm_params::weight)},
    {"bias", "const void*", offsetof(layernorm_params, bias), sizeof(layernorm_params::bias)},
    {"output", "void*", offsetof(layernorm_params, output), sizeof(layernorm_params::output)},
    {"rows", "int64_t", offsetof(layernorm_params, rows), sizeof(layernorm_params::rows)},
    {"inner", "hipinfer::divisor", offsetof(layernorm_params, inner), sizeof(layernorm_params::inner)},
    {"n", "int64_t", offsetof(layernorm_params, n), sizeof(layernorm_params::n)},
    {"input_stride", "int64_t", offsetof(layernorm_params, input_stride), sizeof(layernorm_params::input_stride)},
    {"output_stride", "int64_t", offsetof(layernorm_params, output_stride), sizeof(layernorm_params::output_stride)},
    {"eps", "float", offsetof(layernorm_params, eps), sizeof(layernorm_params::eps)},
    {"inverse_n", "float", offsetof(layernorm_params, inverse_n), sizeof(layernorm_params::inverse_n)},
    {"lanes_log2", "int32_t", offsetof(layernorm_params, lanes_log2), sizeof(layernorm_params::lanes_log2)},
    {"vector", "int32_t", offsetof(layernorm_params, vector), sizeof(layernorm_params::vector)},
    {"many", "int32_t", offsetof(layernorm_params, many), sizeof(layernorm_params::many)},
    {"weight_type", "hipinfer::dtype", offsetof(layernorm_params, weight_type), sizeof(layernorm_params::weight_type)},
};
constexpr op_table table{terms, rows, 5, 75, fields, 15, sizeof(layernorm_params)};
}  // namespace
}  // namespace layernorm_op

namespace layernorm_quant_op {
namespace {
constexpr const char* symbols[] = {"T", "H", "N"};
constexpr shape_alternative output_shapes[] = {{2, {{0, 1, 0}, {2, 1, 0}}}, {3, {{0, 1, 0}, {1, 1, 0}, {2, 1, 0}}}};
constexpr shape_alternative input_shapes[] = {{2, {{0, 1, 0}, {2, 1, 0}}}, {3, {{0, 1, 0}, {1, 1, 0}, {2, 1, 0}}}};
constexpr shape_alternative weight_shapes[] = {{1, {{2, 1, 0}}}};
constexpr shape_alternative bias_shapes[] = {{1, {{2, 1, 0}}}};
constexpr shape_alternative scale_shapes[] = {{1, {{-1, 0, 1}}}};
constexpr tensor_contract tensors[] = {
    {"output", false, true, 0, 2, layout::rows, 2, output_shapes},
    {"input", false, false, 0, 0, layout::rows, 2, input_shapes},
    {"weight", true, false, 0, 1, layout::rows, 1, weight_shapes},
    {"bias", true, false, 0, 1, layout::rows, 1, bias_shapes},
    {"scale", false, false, 0, 3, layout::rows, 1, scale_shapes},
};
constexpr dtype_variable dtypes[] = {
    {"data", bit(dtype::f32) | bit(dtype::f16) | bit(dtype::bf16), -1},
    {"weight", bit(dtype::f32), 0},
    {"output", bit(dtype::e4m3fn) | bit(dtype::e4m3fnuz) | bit(dtype::e5m2) | bit(dtype::e5m2fnuz), -1},
    {"scale", bit(dtype::f32), -1},
};
constexpr contract terms{"layernorm_quant", tensors, 5, dtypes, 4, symbols, 3};
constexpr layernorm_quant_tune tune_0{32, 256};
constexpr layernorm_quant_tune tune_1{24, 256};
constexpr layernorm_quant_tune tune_2{32, 512};
constexpr layernorm_quant_tune tune_3{8, 256};
constexpr kernel_row rows[] = {
    {"layernorm_quant", "many_rows", "layernorm_quant", "*", "layernorm_quant_many_rows_{data}_{weight}", "p.vector && p.many", "main", 256, {bit(dtype::f16) | bit(dtype::bf16), 0, 0, 0}, &tune_0, [](const void* v) { const layernorm_quant_params& p = *static_cast<const layernorm_quant_params*>(v); return bool(p.vector && p.many); }, nullptr},
    {"layernorm_quant", "short_rows", "layernorm_quant", "*", "layernorm_quant_short_rows_{data}_{weight}", "p.vector && p.n <= 6144", "main", 256, {0, 0, 0, 0}, &tune_1, [](const void* v) { const layernorm_quant_params& p = *static_cast<const layernorm_quant_params*>(v); return bool(p.vector && p.n <= 6144); }, nullptr},
    {"layernorm_quant", "long_rows", "layernorm_quant", "*", "layernorm_quant_long_rows_{data}_{weight}", "p.vector && p.n <= 16384", "main", 512, {0, 0, 0, 0}, &tune_2, [](const void* v) { const layernorm_quant_params& p = *static_cast<const layernorm_quant_params*>(v); return bool(p.vector && p.n <= 16384); }, nullptr},
    {"layernorm_quant", "rows", "layernorm_quant", "*", "layernorm_quant_rows_{data}", "", "main", 256, {0, 0, 0, 0}, &tune_3, nullptr, nullptr},
    {"layernorm_quant", "cpu", "", "cpu", "", "", "main", 1, {}, nullptr, nullptr, [](const void* v, const bound_dtypes& t) { layernorm_quant_reference(*static_cast<const layernorm_quant_params*>(v), t); }},
};
constexpr param_field fields[] = {
    {"input", "const void*", offsetof(layernorm_quant_params, input), sizeof(layernorm_quant_params::input)},
    {"weight", "const void*", offsetof(layernorm_quant_params, weight), sizeof(layernorm_quant_params::weight)},
    {"bias", "const void*", offsetof(layernorm_quant_params, bias), sizeof(layernorm_quant_params::bias)},
    {"scale", "const void*", offsetof(layernorm_quant_params, scale), sizeof(layernorm_quant_params::scale)},
    {"output", "void*", offsetof(layernorm_quant_params, output), sizeof(layernorm_quant_params::output)},
    {"rows", "int64_t", offsetof(layernorm_quant_params, rows), sizeof(layernorm_quant_params::rows)},
    {"inner", "hipinfer::divisor", offsetof(layernorm_quant_params, inner), sizeof(layernorm_quant_params::inner)},
    {"n", "int64_t", offsetof(layernorm_quant_params, n), sizeof(layernorm_quant_params::n)},
    {"input_stride", "int64_t", offsetof(layernorm_quant_params, input_stride), sizeof(layernorm_quant_params::input_stride)},
    {"output_stride", "int64_t", offsetof(layernorm_quant_params, output_stride), sizeof(layernorm_quant_params::output_stride)},
    {"eps", "float", offsetof(layernorm_quant_params, eps), sizeof(layernorm_quant_params::eps)},
    {"inverse_n", "float", offsetof(layernorm_quant_params, inverse_n), sizeof(layernorm_quant_params::inverse_n)},
    {"lanes_log2", "int32_t", offsetof(layernorm_quant_params, lanes_log2), sizeof(layernorm_quant_params::lanes_log2)},
    {"vector", "int32_t", offsetof(layernorm_quant_params, vector), sizeof(layernorm_quant_params::vector)},
    {"many", "int32_t", offsetof(layernorm_quant_params, many), sizeof(layernorm_quant_params::many)},
    {"weight_type", "hipinfer::dtype", offsetof(layernorm_quant_params, weight_type), sizeof(layernorm_quant_params::weight_type)},
    {"output_type", "hipinfer::dtype", offsetof(layernorm_quant_params, output_type), sizeof(layernorm_quant_params::output_type)},
};
constexpr op_table table{terms, rows, 5, 80, fields, 17, sizeof(layernorm_quant_params)};
}  // namespace
}  // namespace layernorm_quant_op

namespace masked_softmax_op {
namespace {
constexpr const char* symbols[] = {"B", "H", "Q", "K"};
constexpr shape_alternative output_shapes[] = {{4, {{0, 1, 0}, {1, 1, 0}, {2, 1, 0}, {3, 1, 0}}}};
constexpr shape_alternative input_shapes[] = {{4, {{0, 1, 0}, {1, 1, 0}, {2, 1, 0}, {3, 1, 0}}}};
constexpr shape_alternative mask_shapes[] = {{4, {{0, 1, 0}, {1, 1, 0}, {2, 1, 0}, {3, 1, 0}}}};
constexpr tensor_contract tensors[] = {
    {"output", false, true, 1u << 1, 0, layout::rows, 1, output_shapes},
    {"input", false, false, 0, 0, layout::rows, 1, input_shapes},
    {"mask", true, false, 0, 1, layout::free, 1, mask_shapes},
};
constexpr dtype_variable dtypes[] = {
    {"data", bit(dtype::f32) | bit(dtype::f16) | bit(dtype::bf16), -1},
    {"mask", bit(dtype::f32) | bit(dtype::b8), 0},
};
constexpr contract terms{"masked_softmax", tensors, 3, dtypes, 2, symbols, 4};
constexpr masked_softmax_tune tune_0{16, 128};
constexpr masked_softmax_tune tune_1{32, 512};
constexpr masked_softmax_tune tune_2{8, 256};
constexpr kernel_row rows[] = {
    {"masked_softmax", "short_rows", "masked_softmax", "*", "masked_softmax_short_rows_{data}", "p.vector && p.n <= 4096", "main", 128, {0, 0}, &tune_0, [](const void* v) { const masked_softmax_params& p = *static_cast<const masked_softmax_params*>(v); return bool(p.vector && p.n <= 4096); }, nullptr},
    {"masked_softmax", "long_rows", "masked_softmax", "*", "masked_softmax_long_rows_{data}", "p.vector && p.n <= 16384", "main", 512, {0, 0}, &tune_1, [](const void* v) { const masked_softmax_params& p = *static_cast<const masked_softmax_params*>(v); return bool(p.vector && p.n <= 16384); }, nullptr},
    {"masked_softmax", "rows", "masked_softmax", "*", "masked_softmax_rows_{data}", "", "main", 256, {0, 0}, &tune_2, nullptr, nullptr},
    {"masked_softmax", "cpu", "", "cpu", "", "", "main", 1, {}, nullptr, nullptr, [](const void* v, const bound_dtypes& t) { masked_softmax_reference(*static_cast<const masked_softmax_params*>(v), t); }},
};
constexpr param_field fields[] = {
    {"input", "const void*", offsetof(masked_softmax_params, input), sizeof(masked_softmax_params::input)},
    {"mask", "const void*", offsetof(masked_softmax_params, mask), sizeof(masked_softmax_params::mask)},
    {"output", "void*", offsetof(masked_softmax_params, output), sizeof(masked_softmax_params::output)},
    {"rows", "int64_t", offsetof(masked_softmax_params, rows), sizeof(masked_softmax_params::rows)},
    {"queries", "int64_t", offsetof(masked_softmax_params, queries), sizeof(masked_softmax_params::queries)},
    {"heads", "int64_t", offsetof(masked_softmax_params, heads), sizeof(masked_softmax_params::heads)},
    {"n", "int64_t", offsetof(masked_softmax_params, n), sizeof(masked_softmax_params::n)},
    {"input_stride", "int64_t", offsetof(masked_softmax_params, input_stride), sizeof(masked_softmax_params::input_stride)},
    {"output_stride", "int64_t", offsetof(masked_softmax_params, output_stride), sizeof(masked_softmax_params::output_stride)},
    {"mask_stride", "int64_t", offsetof(masked_softmax_params, mask_stride), sizeof(masked_softmax_params::mask_stride)},
    {"inner_by", "hipinfer::divisor", offsetof(masked_softmax_params, inner_by), sizeof(masked_softmax_params::inner_by)},
    {"middle_by", "hipinfer::divisor", offsetof(masked_softmax_params, middle_by), sizeof(masked_softmax_params::middle_by)},
    {"scale", "float", offsetof(masked_softmax_params, scale), sizeof(masked_softmax_params::scale)},
    {"heads_inside", "int32_t", offsetof(masked_softmax_params, heads_inside), sizeof(masked_softmax_params::heads_inside)},
    {"causal", "int32_t", offsetof(masked_softmax_params, causal), sizeof(masked_softmax_params::causal)},
    {"mask_bytes", "int32_t", offsetof(masked_softmax_params, mask_bytes), sizeof(masked_softmax_params::mask_bytes)},
    {"lanes_log2", "int32_t", offsetof(masked_softmax_params, lanes_log2), sizeof(masked_softmax_params::lanes_log2)},
    {"vector", "int32_t", offsetof(masked_softmax_params, vector), sizeof(masked_softmax_params::vector)},
};
constexpr op_table table{terms, rows, 4, 85, fields, 18, sizeof(masked_softmax_params)};
}  // namespace
}  // namespace masked_softmax_op

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
constexpr op_table table{terms, rows, 6, 89, fields, 31, sizeof(paged_attention_decode_params)};
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
constexpr op_table table{terms, rows, 5, 95, fields, 27, sizeof(paged_attention_prefill_params)};
}  // namespace
}  // namespace paged_attention_prefill_op

namespace qk_norm_rope_op {
namespace {
constexpr const char* symbols[] = {"T", "Hq", "Hk", "D", "P", "R"};
constexpr shape_alternative q_out_shapes[] = {{3, {{0, 1, 0}, {1, 1, 0}, {3, 1, 0}}}};
constexpr shape_alternative k_out_shapes[] = {{3, {{0, 1, 0}, {2, 1, 0}, {3, 1, 0}}}};
constexpr shape_alternative q_shapes[] = {{3, {{0, 1, 0}, {1, 1, 0}, {3, 1, 0}}}};
constexpr shape_alternative k_shapes[] = {{3, {{0, 1, 0}, {2, 1, 0}, {3, 1, 0}}}};
constexpr shape_alternative q_weight_shapes[] = {{1, {{3, 1, 0}}}};
constexpr shape_alternative k_weight_shapes[] = {{1, {{3, 1, 0}}}};
constexpr shape_alternative cos_sin_shapes[] = {{2, {{4, 1, 0}, {5, 1, 0}}}};
constexpr shape_alternative positions_shapes[] = {{1, {{0, 1, 0}}}};
constexpr tensor_contract tensors[] = {
    {"q_out", false, true, 1u << 2, 0, layout::rows, 1, q_out_shapes},
    {"k_out", true, true, 1u << 3, 0, layout::rows, 1, k_out_shapes},
    {"q", false, false, 0, 0, layout::rows, 1, q_shapes},
    {"k", true, false, 0, 0, layout::rows, 1, k_shapes},
    {"q_weight", false, false, 0, 1, layout::rows, 1, q_weight_shapes},
    {"k_weight", true, false, 0, 1, layout::rows, 1, k_weight_shapes},
    {"cos_sin", false, false, 0, 3, layout::rows, 1, cos_sin_shapes},
    {"positions", false, false, 0, 2, layout::rows, 1, positions_shapes},
};
constexpr dtype_variable dtypes[] = {
    {"data", bit(dtype::f32) | bit(dtype::f16) | bit(dtype::bf16), -1},
    {"weight", bit(dtype::f32), 0},
    {"positions", bit(dtype::i32) | bit(dtype::i64), -1},
    {"real", bit(dtype::f32), -1},
};
constexpr contract terms{"qk_norm_rope", tensors, 8, dtypes, 4, symbols, 6};
constexpr qk_norm_rope_tune tune_0{6};
constexpr qk_norm_rope_tune tune_1{6};
constexpr qk_norm_rope_tune tune_2{6};
constexpr qk_norm_rope_tune tune_3{4};
constexpr kernel_row rows[] = {
    {"qk_norm_rope", "halves", "qk_norm_rope", "*", "qk_norm_rope_halves_{data}", "p.vector && p.n <= 1024 && p.whole && !p.interleaved", "main", 256, {0, 0, 0, 0}, &tune_0, [](const void* v) { const qk_norm_rope_params& p = *static_cast<const qk_norm_rope_params*>(v); return bool(p.vector && p.n <= 1024 && p.whole && !p.interleaved); }, nullptr},
    {"qk_norm_rope", "neighbours", "qk_norm_rope", "*", "qk_norm_rope_neighbours_{data}", "p.vector && p.n <= 1024 && p.whole && p.interleaved", "main", 256, {0, 0, 0, 0}, &tune_1, [](const void* v) { const qk_norm_rope_params& p = *static_cast<const qk_norm_rope_params*>(v); return bool(p.vector && p.n <= 1024 && p.whole && p.interleaved); }, nullptr},
    {"qk_norm_rope", "general", "qk_norm_rope", "*", "qk_norm_rope_general_{data}", "p.vector && p.n <= 1024", "main", 256, {0, 0, 0, 0}, &tune_2, [](const void* v) { const qk_norm_rope_params& p = *static_cast<const qk_norm_rope_params*>(v); return bool(p.vector && p.n <= 1024); }, nullptr},
    {"qk_norm_rope", "rows", "qk_norm_rope", "*", "qk_norm_rope_rows_{data}", "", "main", 256, {0, 0, 0, 0}, &tune_3, nullptr, nullptr},
    {"qk_norm_rope", "cpu", "", "cpu", "", "", "main", 1, {}, nullptr, nullptr, [](const void* v, const bound_dtypes& t) { qk_norm_rope_reference(*static_cast<const qk_norm_rope_params*>(v), t); }},
};
constexpr param_field fields[] = {
    {"q", "const void*", offsetof(qk_norm_rope_params, q), sizeof(qk_norm_rope_params::q)},
    {"k", "const void*", offsetof(qk_norm_rope_params, k), sizeof(qk_norm_rope_params::k)},
    {"q_out", "void*", offsetof(qk_norm_rope_params, q_out), sizeof(qk_norm_rope_params::q_out)},
    {"k_out", "void*", offsetof(qk_norm_rope_params, k_out), sizeof(qk_norm_rope_params::k_out)},
    {"q_weight", "const void*", offsetof(qk_norm_rope_params, q_weight), sizeof(qk_norm_rope_params::q_weight)},
    {"k_weight", "const void*", offsetof(qk_norm_rope_params, k_weight), sizeof(qk_norm_rope_params::k_weight)},
    {"cos_sin", "const void*", offsetof(qk_norm_rope_params, cos_sin), sizeof(qk_norm_rope_params::cos_sin)},
    {"positions", "const void*", offsetof(qk_norm_rope_params, positions), sizeof(qk_norm_rope_params::positions)},
    {"tokens", "int64_t", offsetof(qk_norm_rope_params, tokens), sizeof(qk_norm_rope_params::tokens)},
    {"cached", "int64_t", offsetof(qk_norm_rope_params, cached), sizeof(qk_norm_rope_params::cached)},
    {"q_stride", "int64_t", offsetof(qk_norm_rope_params, q_stride), sizeof(qk_norm_rope_params::q_stride)},
    {"k_stride", "int64_t", offsetof(qk_norm_rope_params, k_stride), sizeof(qk_norm_rope_params::k_stride)},
    {"q_out_stride", "int64_t", offsetof(qk_norm_rope_params, q_out_stride), sizeof(qk_norm_rope_params::q_out_stride)},
    {"k_out_stride", "int64_t", offsetof(qk_norm_rope_params, k_out_stride), sizeof(qk_norm_rope_params::k_out_stride)},
    {"cos_sin_stride", "int64_t", offsetof(qk_norm_rope_params, cos_sin_stride), sizeof(qk_norm_rope_params::cos_sin_stride)},
    {"slots", "hipinfer::divisor", offsetof(qk_norm_rope_params, slots), sizeof(qk_norm_rope_params::slots)},
    {"row_tokens", "uint32_t", offsetof(qk_norm_rope_params, row_tokens), sizeof(qk_norm_rope_params::row_tokens)},
    {"n", "int32_t", offsetof(qk_norm_rope_params, n), sizeof(qk_norm_rope_params::n)},
    {"half", "int32_t", offsetof(qk_norm_rope_params, half), sizeof(qk_norm_rope_params::half)},
    {"q_heads", "int32_t", offsetof(qk_norm_rope_params, q_heads), sizeof(qk_norm_rope_params::q_heads)},
    {"k_heads", "int32_t", offsetof(qk_norm_rope_params, k_heads), sizeof(qk_norm_rope_params::k_heads)},
    {"q_chunks", "int32_t", offsetof(qk_norm_rope_params, q_chunks), sizeof(qk_norm_rope_params::q_chunks)},
    {"k_chunks", "int32_t", offsetof(qk_norm_rope_params, k_chunks), sizeof(qk_norm_rope_params::k_chunks)},
    {"turns", "int32_t", offsetof(qk_norm_rope_params, turns), sizeof(qk_norm_rope_params::turns)},
    {"lanes_log2", "int32_t", offsetof(qk_norm_rope_params, lanes_log2), sizeof(qk_norm_rope_params::lanes_log2)},
    {"inverse_n", "float", offsetof(qk_norm_rope_params, inverse_n), sizeof(qk_norm_rope_params::inverse_n)},
    {"eps", "float", offsetof(qk_norm_rope_params, eps), sizeof(qk_norm_rope_params::eps)},
    {"interleaved", "int32_t", offsetof(qk_norm_rope_params, interleaved), sizeof(qk_norm_rope_params::interleaved)},
    {"wide", "int32_t", offsetof(qk_norm_rope_params, wide), sizeof(qk_norm_rope_params::wide)},
    {"weights_are_f32", "int32_t", offsetof(qk_norm_rope_params, weights_are_f32), sizeof(qk_norm_rope_params::weights_are_f32)},
    {"whole", "int32_t", offsetof(qk_norm_rope_params, whole), sizeof(qk_norm_rope_params::whole)},
    {"vector", "int32_t", offsetof(qk_norm_rope_params, vector), sizeof(qk_norm_rope_params::vector)},
};
constexpr op_table table{terms, rows, 5, 100, fields, 32, sizeof(qk_norm_rope_params)};
}  // namespace
}  // namespace qk_norm_rope_op

namespace quantize_per_group_op {
namespace {
constexpr const char* symbols[] = {"T", "N", "S"};
constexpr shape_alternative output_shapes[] = {{2, {{0, 1, 0}, {1, 1, 0}}}};
constexpr shape_alternative scales_shapes[] = {{2, {{0, 1, 0}, {2, 1, 0}}}};
constexpr shape_alternative input_shapes[] = {{2, {{0, 1, 0}, {1, 1, 0}}}};
constexpr tensor_contract tensors[] = {
    {"output", false, true, 0, 0, layout::rows, 1, output_shapes},
    {"scales", false, true, 0, 1, layout::free, 1, scales_shapes},
    {"input", false, false, 0, 2, layout::rows, 1, input_shapes},
};
constexpr dtype_variable dtypes[] = {
    {"output", bit(dtype::i8) | bit(dtype::e4m3fn) | bit(dtype::e4m3fnuz) | bit(dtype::e5m2) | bit(dtype::e5m2fnuz), -1},
    {"scales", bit(dtype::f32), -1},
    {"input", bit(dtype::f32) | bit(dtype::f16) | bit(dtype::bf16), -1},
};
constexpr contract terms{"quantize_per_group", tensors, 3, dtypes, 3, symbols, 3};
constexpr quantize_per_group_tune tune_0{24, 256};
constexpr quantize_per_group_tune tune_1{8, 256};
constexpr kernel_row rows[] = {
    {"quantize_per_group", "short_groups", "quantize_per_group", "*", "quantize_per_group_short_groups_{input}", "p.vector && p.n <= 6144", "main", 256, {0, 0, 0}, &tune_0, [](const void* v) { const quantize_per_group_params& p = *static_cast<const quantize_per_group_params*>(v); return bool(p.vector && p.n <= 6144); }, nullptr},
    {"quantize_per_group", "groups", "quantize_per_group", "*", "quantize_per_group_groups_{input}", "", "main", 256, {0, 0, 0}, &tune_1, nullptr, nullptr},
    {"quantize_per_group", "cpu", "", "cpu", "", "", "main", 1, {}, nullptr, nullptr, [](const void* v, const bound_dtypes& t) { quantize_per_group_reference(*static_cast<const quantize_per_group_params*>(v), t); }},
};
constexpr param_field fields[] = {
    {"input", "const void*", offsetof(quantize_per_group_params, input), sizeof(quantize_per_group_params::input)},
    {"output", "void*", offsetof(quantize_per_group_params, output), sizeof(quantize_per_group_params::output)},
    {"scales", "void*", offsetof(quantize_per_group_params, scales), sizeof(quantize_per_group_params::scales)},
    {"rows", "int64_t", offsetof(quantize_per_group_params, rows), sizeof(quantize_per_group_params::rows)},
    {"inner", "hipinfer::divisor", offsetof(quantize_per_group_params, inner), sizeof(quantize_per_group_params::inner)},
    {"n", "int64_t", offsetof(quantize_per_group_params, n), sizeof(quantize_per_group_params::n)},
    {"input_stride", "int64_t", offsetof(quantize_per_group_params, input_stride), sizeof(quantize_per_group_params::input_stride)},
    {"output_stride", "int64_t", offsetof(quantize_per_group_params, output_stride), sizeof(quantize_per_group_params::output_stride)},
    {"scale_stride", "int64_t", offsetof(quantize_per_group_params, scale_stride), sizeof(quantize_per_group_params::scale_stride)},
    {"lanes_log2", "int32_t", offsetof(quantize_per_group_params, lanes_log2), sizeof(quantize_per_group_params::lanes_log2)},
    {"vector", "int32_t", offsetof(quantize_per_group_params, vector), sizeof(quantize_per_group_params::vector)},
    {"output_type", "hipinfer::dtype", offsetof(quantize_per_group_params, output_type), sizeof(quantize_per_group_params::output_type)},
};
constexpr op_table table{terms, rows, 3, 105, fields, 12, sizeof(quantize_per_group_params)};
}  // namespace
}  // namespace quantize_per_group_op

namespace quantize_per_tensor_op {
namespace {
constexpr const char* symbols[] = {nullptr};
constexpr shape_alternative scale_shapes[] = {{1, {{-1, 0, 1}}}};
constexpr tensor_contract tensors[] = {
    {"output", false, true, 0, 0, layout::free, 0, nullptr},
    {"input", false, false, 0, 1, layout::free, 0, nullptr},
    {"scale", false, false, 0, 2, layout::rows, 1, scale_shapes},
};
constexpr dtype_variable dtypes[] = {
    {"output", bit(dtype::i8) | bit(dtype::e4m3fn) | bit(dtype::e4m3fnuz) | bit(dtype::e5m2) | bit(dtype::e5m2fnuz), -1},
    {"input", bit(dtype::f32) | bit(dtype::f16) | bit(dtype::bf16), -1},
    {"scale", bit(dtype::f32), -1},
};
constexpr contract terms{"quantize_per_tensor", tensors, 3, dtypes, 3, symbols, 0};
constexpr quantize_per_tensor_tune tune_0{4, 0};
constexpr quantize_per_tensor_tune tune_1{0, 8};
constexpr quantize_per_tensor_tune tune_2{0, 1};
constexpr kernel_row rows[] = {
    {"quantize_per_tensor", "flat", "quantize_per_tensor", "*", "quantize_per_tensor_flat_{input}", "p.vector && p.rank == 1", "main", 256, {0, 0, 0}, &tune_0, [](const void* v) { const quantize_per_tensor_params& p = *static_cast<const quantize_per_tensor_params*>(v); return bool(p.vector && p.rank == 1); }, nullptr},
    {"quantize_per_tensor", "vectors", "quantize_per_tensor", "*", "quantize_per_tensor_vectors", "p.vector", "main", 256, {0, 0, 0}, &tune_1, [](const void* v) { const quantize_per_tensor_params& p = *static_cast<const quantize_per_tensor_params*>(v); return bool(p.vector); }, nullptr},
    {"quantize_per_tensor", "elements", "quantize_per_tensor", "*", "quantize_per_tensor_elements", "", "main", 256, {0, 0, 0}, &tune_2, nullptr, nullptr},
    {"quantize_per_tensor", "cpu", "", "cpu", "", "", "main", 1, {}, nullptr, nullptr, [](const void* v, const bound_dtypes& t) { quantize_per_tensor_reference(*static_cast<const quantize_per_tensor_params*>(v), t); }},
};
constexpr param_field fields[] = {
    {"input", "const void*", offsetof(quantize_per_tensor_params, input), sizeof(quantize_per_tensor_params::input)},
    {"scale", "const void*", offsetof(quantize_per_tensor_params, scale), sizeof(quantize_per_tensor_params::scale)},
    {"output", "void*", offsetof(quantize_per_tensor_params, output), sizeof(quantize_per_tensor_params::output)},
    {"n", "int64_t", offsetof(quantize_per_tensor_params, n), sizeof(quantize_per_tensor_params::n)},
    {"shape", "int64_t", offsetof(quantize_per_tensor_params, shape), sizeof(quantize_per_tensor_params::shape)},
    {"input_stride", "int64_t", offsetof(quantize_per_tensor_params, input_stride), sizeof(quantize_per_tensor_params::input_stride)},
    {"output_stride", "int64_t", offsetof(quantize_per_tensor_params, output_stride), sizeof(quantize_per_tensor_params::output_stride)},
    {"steps", "hipinfer::divisor", offsetof(quantize_per_tensor_params, steps), sizeof(quantize_per_tensor_params::steps)},
    {"items", "int64_t", offsetof(quantize_per_tensor_params, items), sizeof(quantize_per_tensor_params::items)},
    {"input_type", "hipinfer::dtype", offsetof(quantize_per_tensor_params, input_type), sizeof(quantize_per_tensor_params::input_type)},
    {"output_type", "hipinfer::dtype", offsetof(quantize_per_tensor_params, output_type), sizeof(quantize_per_tensor_params::output_type)},
    {"rank", "int32_t", offsetof(quantize_per_tensor_params, rank), sizeof(quantize_per_tensor_params::rank)},
    {"vector", "int32_t", offsetof(quantize_per_tensor_params, vector), sizeof(quantize_per_tensor_params::vector)},
    {"each", "int32_t", offsetof(quantize_per_tensor_params, each), sizeof(quantize_per_tensor_params::each)},
};
constexpr op_table table{terms, rows, 4, 108, fields, 14, sizeof(quantize_per_tensor_params)};
}  // namespace
}  // namespace quantize_per_tensor_op

namespace quantize_per_token_op {
namespace {
constexpr const char* symbols[] = {"T", "N"};
constexpr shape_alternative output_shapes[] = {{2, {{0, 1, 0}, {1, 1, 0}}}};
constexpr shape_alternative scales_shapes[] = {{1, {{0, 1, 0}}}, {2, {{0, 1, 0}, {-1, 0, 1}}}};
constexpr shape_alternative input_shapes[] = {{2, {{0, 1, 0}, {1, 1, 0}}}};
constexpr tensor_contract tensors[] = {
    {"output", false, true, 0, 0, layout::rows, 1, output_shapes},
    {"scales", false, true, 0, 1, layout::free, 2, scales_shapes},
    {"input", false, false, 0, 2, layout::rows, 1, input_shapes},
};
constexpr dtype_variable dtypes[] = {
    {"output", bit(dtype::i8) | bit(dtype::e4m3fn) | bit(dtype::e4m3fnuz) | bit(dtype::e5m2) | bit(dtype::e5m2fnuz), -1},
    {"scales", bit(dtype::f32), -1},
    {"input", bit(dtype::f32) | bit(dtype::f16) | bit(dtype::bf16), -1},
};
constexpr contract terms{"quantize_per_token", tensors, 3, dtypes, 3, symbols, 2};
constexpr quantize_per_token_tune tune_0{32, 256};
constexpr quantize_per_token_tune tune_1{24, 256};
constexpr quantize_per_token_tune tune_2{32, 512};
constexpr quantize_per_token_tune tune_3{8, 256};
constexpr kernel_row rows[] = {
    {"quantize_per_token", "many_rows", "quantize_per_token", "*", "quantize_per_token_many_rows_{input}", "p.vector && p.many", "main", 256, {0, 0, bit(dtype::f16) | bit(dtype::bf16)}, &tune_0, [](const void* v) { const quantize_per_token_params& p = *static_cast<const quantize_per_token_params*>(v); return bool(p.vector && p.many); }, nullptr},
    {"quantize_per_token", "short_rows", "quantize_per_token", "*", "quantize_per_token_short_rows_{input}", "p.vector && p.n <= 6144", "main", 256, {0, 0, 0}, &tune_1, [](const void* v) { const quantize_per_token_params& p = *static_cast<const quantize_per_token_params*>(v); return bool(p.vector && p.n <= 6144); }, nullptr},
    {"quantize_per_token", "long_rows", "quantize_per_token", "*", "quantize_per_token_long_rows_{input}", "p.vector && p.n <= 16384", "main", 512, {0, 0, 0}, &tune_2, [](const void* v) { const quantize_per_token_params& p = *static_cast<const quantize_per_token_params*>(v); return bool(p.vector && p.n <= 16384); }, nullptr},
    {"quantize_per_token", "rows", "quantize_per_token", "*", "quantize_per_token_rows_{input}", "", "main", 256, {0, 0, 0}, &tune_3, nullptr, nullptr},
    {"quantize_per_token", "cpu", "", "cpu", "", "", "main", 1, {}, nullptr, nullptr, [](const void* v, const bound_dtypes& t) { quantize_per_token_reference(*static_cast<const quantize_per_token_params*>(v), t); }},
};
constexpr param_field fields[] = {
    {"input", "const void*", offsetof(quantize_per_token_params, input), sizeof(quantize_per_token_params::input)},
    {"output", "void*", offsetof(quantize_per_token_params, output), sizeof(quantize_per_token_params::output)},
    {"scales", "void*", offsetof(quantize_per_token_params, scales), sizeof(quantize_per_token_params::scales)},
    {"rows", "int64_t", offsetof(quantize_per_token_params, rows), sizeof(quantize_per_token_params::rows)},
    {"n", "int64_t", offsetof(quantize_per_token_params, n), sizeof(quantize_per_token_params::n)},
    {"input_stride", "int64_t", offsetof(quantize_per_token_params, input_stride), sizeof(quantize_per_token_params::input_stride)},
    {"output_stride", "int64_t", offsetof(quantize_per_token_params, output_stride), sizeof(quantize_per_token_params::output_stride)},
    {"scale_stride", "int64_t", offsetof(quantize_per_token_params, scale_stride), sizeof(quantize_per_token_params::scale_stride)},
    {"lanes_log2", "int32_t", offsetof(quantize_per_token_params, lanes_log2), sizeof(quantize_per_token_params::lanes_log2)},
    {"vector", "int32_t", offsetof(quantize_per_token_params, vector), sizeof(quantize_per_token_params::vector)},
    {"many", "int32_t", offsetof(quantize_per_token_params, many), sizeof(quantize_per_token_params::many)},
    {"output_type", "hipinfer::dtype", offsetof(quantize_per_token_params, output_type), sizeof(quantize_per_token_params::output_type)},
};
constexpr op_table table{terms, rows, 5, 112, fields, 12, sizeof(quantize_per_token_params)};
}  // namespace
}  // namespace quantize_per_token_op

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
constexpr rmsnorm_tune tune_0{32, 256};
constexpr rmsnorm_tune tune_1{24, 256};
constexpr rmsnorm_tune tune_2{32, 512};
constexpr rmsnorm_tune tune_3{8, 256};
constexpr kernel_row rows[] = {
    {"rmsnorm", "many_rows", "rmsnorm", "*", "rmsnorm_many_rows_{data}_{weight}", "p.vector && p.many", "main", 256, {bit(dtype::f16) | bit(dtype::bf16), 0}, &tune_0, [](const void* v) { const rmsnorm_params& p = *static_cast<const rmsnorm_params*>(v); return bool(p.vector && p.many); }, nullptr},
    {"rmsnorm", "short_rows", "rmsnorm", "*", "rmsnorm_short_rows_{data}_{weight}", "p.vector && p.n <= 6144", "main", 256, {0, 0}, &tune_1, [](const void* v) { const rmsnorm_params& p = *static_cast<const rmsnorm_params*>(v); return bool(p.vector && p.n <= 6144); }, nullptr},
    {"rmsnorm", "long_rows", "rmsnorm", "*", "rmsnorm_long_rows_{data}_{weight}", "p.vector && p.n <= 16384", "main", 512, {0, 0}, &tune_2, [](const void* v) { const rmsnorm_params& p = *static_cast<const rmsnorm_params*>(v); return bool(p.vector && p.n <= 16384); }, nullptr},
    {"rmsnorm", "rows", "rmsnorm", "*", "rmsnorm_rows_{data}", "", "main", 256, {0, 0}, &tune_3, nullptr, nullptr},
    {"rmsnorm", "cpu", "", "cpu", "", "", "main", 1, {}, nullptr, nullptr, [](const void* v, const bound_dtypes& t) { rmsnorm_reference(*static_cast<const rmsnorm_params*>(v), t); }},
};
constexpr param_field fields[] = {
    {"input", "const void*", offsetof(rmsnorm_params, input), sizeof(rmsnorm_params::input)},
    {"weight", "const void*", offsetof(rmsnorm_params, weight), sizeof(rmsnorm_params::weight)},
    {"output", "void*", offsetof(rmsnorm_params, output), sizeof(rmsnorm_params::output)},
    {"rows", "int64_t", offsetof(rmsnorm_params, rows), sizeof(rmsnorm_params::rows)},
    {"inner", "hipinfer::divisor", offsetof(rmsnorm_params, inner), sizeof(rmsnorm_params::inner)},
    {"n", "int64_t", offsetof(rmsnorm_params, n), sizeof(rmsnorm_params::n)},
    {"input_stride", "int64_t", offsetof(rmsnorm_params, input_stride), sizeof(rmsnorm_params::input_stride)},
    {"output_stride", "int64_t", offsetof(rmsnorm_params, output_stride), sizeof(rmsnorm_params::output_stride)},
    {"eps", "float", offsetof(rmsnorm_params, eps), sizeof(rmsnorm_params::eps)},
    {"inverse_n", "float", offsetof(rmsnorm_params, inverse_n), sizeof(rmsnorm_params::inverse_n)},
    {"lanes_log2", "int32_t", offsetof(rmsnorm_params, lanes_log2), sizeof(rmsnorm_params::lanes_log2)},
    {"vector", "int32_t", offsetof(rmsnorm_params, vector), sizeof(rmsnorm_params::vector)},
    {"many", "int32_t", offsetof(rmsnorm_params, many), sizeof(rmsnorm_params::many)},
    {"weight_type", "hipinfer::dtype", offsetof(rmsnorm_params, weight_type), sizeof(rmsnorm_params::weight_type)},
};
constexpr op_table table{terms, rows, 5, 117, fields, 14, sizeof(rmsnorm_params)};
}  // namespace
}  // namespace rmsnorm_op

namespace rmsnorm_dynamic_quant_op {
namespace {
constexpr const char* symbols[] = {"T", "H", "N"};
constexpr shape_alternative output_shapes[] = {{2, {{0, 1, 0}, {2, 1, 0}}}, {3, {{0, 1, 0}, {1, 1, 0}, {2, 1, 0}}}};
constexpr shape_alternative scales_shapes[] = {{1, {{0, 1, 0}}}, {2, {{0, 1, 0}, {1, 1, 0}}}};
constexpr shape_alternative input_shapes[] = {{2, {{0, 1, 0}, {2, 1, 0}}}, {3, {{0, 1, 0}, {1, 1, 0}, {2, 1, 0}}}};
constexpr shape_alternative weight_shapes[] = {{1, {{2, 1, 0}}}};
constexpr tensor_contract tensors[] = {
    {"output", false, true, 0, 2, layout::rows, 2, output_shapes},
    {"scales", false, true, 0, 3, layout::free, 2, scales_shapes},
    {"input", false, false, 0, 0, layout::rows, 2, input_shapes},
    {"weight", false, false, 0, 1, layout::rows, 1, weight_shapes},
};
constexpr dtype_variable dtypes[] = {
    {"data", bit(dtype::f32) | bit(dtype::f16) | bit(dtype::bf16), -1},
    {"weight", bit(dtype::f32), 0},
    {"output", bit(dtype::i8) | bit(dtype::e4m3fn) | bit(dtype::e4m3fnuz) | bit(dtype::e5m2) | bit(dtype::e5m2fnuz), -1},
    {"scale", bit(dtype::f32), -1},
};
constexpr contract terms{"rmsnorm_dynamic_quant", tensors, 4, dtypes, 4, symbols, 3};
constexpr rmsnorm_dynamic_quant_tune tune_0{32, 256};
constexpr rmsnorm_dynamic_quant_tune tune_1{24, 256};
constexpr rmsnorm_dynamic_quant_tune tune_2{32, 512};
constexpr rmsnorm_dynamic_quant_tune tune_3{8, 256};
constexpr kernel_row rows[] = {
    {"rmsnorm_dynamic_quant", "many_rows", "rmsnorm_dynamic_quant", "*", "rmsnorm_dynamic_quant_many_rows_{data}_{weight}", "p.vector && p.many", "main", 256, {bit(dtype::f16) | bit(dtype::bf16), 0, 0, 0}, &tune_0, [](const void* v) { const rmsnorm_dynamic_quant_params& p = *static_cast<const rmsnorm_dynamic_quant_params*>(v); return bool(p.vector && p.many); }, nullptr},
    {"rmsnorm_dynamic_quant", "short_rows", "rmsnorm_dynamic_quant", "*", "rmsnorm_dynamic_quant_short_rows_{data}_{weight}", "p.vector && p.n <= 6144", "main", 256, {0, 0, 0, 0}, &tune_1, [](const void* v) { const rmsnorm_dynamic_quant_params& p = *static_cast<const rmsnorm_dynamic_quant_params*>(v); return bool(p.vector && p.n <= 6144); }, nullptr},
    {"rmsnorm_dynamic_quant", "long_rows", "rmsnorm_dynamic_quant", "*", "rmsnorm_dynamic_quant_long_rows_{data}_{weight}", "p.vector && p.n <= 16384", "main", 512, {0, 0, 0, 0}, &tune_2, [](const void* v) { const rmsnorm_dynamic_quant_params& p = *static_cast<const rmsnorm_dynamic_quant_params*>(v); return bool(p.vector && p.n <= 16384); }, nullptr},
    {"rmsnorm_dynamic_quant", "rows", "rmsnorm_dynamic_quant", "*", "rmsnorm_dynamic_quant_rows_{data}", "", "main", 256, {0, 0, 0, 0}, &tune_3, nullptr, nullptr},
    {"rmsnorm_dynamic_quant", "cpu", "", "cpu", "", "", "main", 1, {}, nullptr, nullptr, [](const void* v, const bound_dtypes& t) { rmsnorm_dynamic_quant_reference(*static_cast<const rmsnorm_dynamic_quant_params*>(v), t); }},
};
constexpr param_field fields[] = {
    {"input", "const void*", offsetof(rmsnorm_dynamic_quant_params, input), sizeof(rmsnorm_dynamic_quant_params::input)},
    {"weight", "const void*", offsetof(rmsnorm_dynamic_quant_params, weight), sizeof(rmsnorm_dynamic_quant_params::weight)},
    {"output", "void*", offsetof(rmsnorm_dynamic_quant_params, output), sizeof(rmsnorm_dynamic_quant_params::output)},
    {"scales", "void*", offsetof(rmsnorm_dynamic_quant_params, scales), sizeof(rmsnorm_dynamic_quant_params::scales)},
    {"rows", "int64_t", offsetof(rmsnorm_dynamic_quant_params, rows), sizeof(rmsnorm_dynamic_quant_params::rows)},
    {"inner", "hipinfer::divisor", offsetof(rmsnorm_dynamic_quant_params, inner), sizeof(rmsnorm_dynamic_quant_params::inner)},
    {"n", "int64_t", offsetof(rmsnorm_dynamic_quant_params, n), sizeof(rmsnorm_dynamic_quant_params::n)},
    {"input_stride", "int64_t", offsetof(rmsnorm_dynamic_quant_params, input_stride), sizeof(rmsnorm_dynamic_quant_params::input_stride)},
    {"output_stride", "int64_t", offsetof(rmsnorm_dynamic_quant_params, output_stride), sizeof(rmsnorm_dynamic_quant_params::output_stride)},
    {"scales_stride", "int64_t", offsetof(rmsnorm_dynamic_quant_params, scales_stride), sizeof(rmsnorm_dynamic_quant_params::scales_stride)},
    {"eps", "float", offsetof(rmsnorm_dynamic_quant_params, eps), sizeof(rmsnorm_dynamic_quant_params::eps)},
    {"inverse_n", "float", offsetof(rmsnorm_dynamic_quant_params, inverse_n), sizeof(rmsnorm_dynamic_quant_params::inverse_n)},
    {"lanes_log2", "int32_t", offsetof(rmsnorm_dynamic_quant_params, lanes_log2), sizeof(rmsnorm_dynamic_quant_params::lanes_log2)},
    {"vector", "int32_t", offsetof(rmsnorm_dynamic_quant_params, vector), sizeof(rmsnorm_dynamic_quant_params::vector)},
    {"many", "int32_t", offsetof(rmsnorm_dynamic_quant_params, many), sizeof(rmsnorm_dynamic_quant_params::many)},
    {"weight_type", "hipinfer::dtype", offsetof(rmsnorm_dynamic_quant_params, weight_type), sizeof(rmsnorm_dynamic_quant_params::weight_type)},
    {"output_type", "hipinfer::dtype", offsetof(rmsnorm_dynamic_quant_params, output_type), sizeof(rmsnorm_dynamic_quant_params::output_type)},
};
constexpr op_table table{terms, rows, 5, 122, fields, 17, sizeof(rmsnorm_dynamic_quant_params)};
}  // namespace
}  // namespace rmsnorm_dynamic_quant_op

namespace rmsnorm_quant_op {
namespace {
constexpr const char* symbols[] = {"T", "H", "N"};
constexpr shape_alternative output_shapes[] = {{2, {{0, 1, 0}, {2, 1, 0}}}, {3, {{0, 1, 0}, {1, 1, 0}, {2, 1, 0}}}};
constexpr shape_alternative input_shapes[] = {{2, {{0, 1, 0}, {2, 1, 0}}}, {3, {{0, 1, 0}, {1, 1, 0}, {2, 1, 0}}}};
constexpr shape_alternative weight_shapes[] = {{1, {{2, 1, 0}}}};
constexpr shape_alternative scale_shapes[] = {{1, {{-1, 0, 1}}}};
constexpr tensor_contract tensors[] = {
    {"output", false, true, 0, 2, layout::rows, 2, output_shapes},
    {"input", false, false, 0, 0, layout::rows, 2, input_shapes},
    {"weight", false, false, 0, 1, layout::rows, 1, weight_shapes},
    {"scale", false, false, 0, 3, layout::rows, 1, scale_shapes},
};
constexpr dtype_variable dtypes[] = {
    {"data", bit(dtype::f32) | bit(dtype::f16) | bit(dtype::bf16), -1},
    {"weight", bit(dtype::f32), 0},
    {"output", bit(dtype::e4m3fn) | bit(dtype::e4m3fnuz) | bit(dtype::e5m2) | bit(dtype::e5m2fnuz), -1},
    {"scale", bit(dtype::f32), -1},
};
constexpr contract terms{"rmsnorm_quant", tensors, 4, dtypes, 4, symbols, 3};
constexpr rmsnorm_quant_tune tune_0{32, 256};
constexpr rmsnorm_quant_tune tune_1{24, 256};
constexpr rmsnorm_quant_tune tune_2{32, 512};
constexpr rmsnorm_quant_tune tune_3{8, 256};
constexpr kernel_row rows[] = {
    {"rmsnorm_quant", "many_rows", "rmsnorm_quant", "*", "rmsnorm_quant_many_rows_{data}_{weight}", "p.vector && p.many", "main", 256, {bit(dtype::f16) | bit(dtype::bf16), 0, 0, 0}, &tune_0, [](const void* v) { const rmsnorm_quant_params& p = *static_cast<const rmsnorm_quant_params*>(v); return bool(p.vector && p.many); }, nullptr},
    {"rmsnorm_quant", "short_rows", "rmsnorm_quant", "*", "rmsnorm_quant_short_rows_{data}_{weight}", "p.vector && p.n <= 6144", "main", 256, {0, 0, 0, 0}, &tune_1, [](const void* v) { const rmsnorm_quant_params& p = *static_cast<const rmsnorm_quant_params*>(v); return bool(p.vector && p.n <= 6144); }, nullptr},
    {"rmsnorm_quant", "long_rows", "rmsnorm_quant", "*", "rmsnorm_quant_long_rows_{data}_{weight}", "p.vector && p.n <= 16384", "main", 512, {0, 0, 0, 0}, &tune_2, [](const void* v) { const rmsnorm_quant_params& p = *static_cast<const rmsnorm_quant_params*>(v); return bool(p.vector && p.n <= 16384); }, nullptr},
    {"rmsnorm_quant", "rows", "rmsnorm_quant", "*", "rmsnorm_quant_rows_{data}", "", "main", 256, {0, 0, 0, 0}, &tune_3, nullptr, nullptr},
    {"rmsnorm_quant", "cpu", "", "cpu", "", "", "main", 1, {}, nullptr, nullptr, [](const void* v, const bound_dtypes& t) { rmsnorm_quant_reference(*static_cast<const rmsnorm_quant_params*>(v), t); }},
};
constexpr param_field fields[] = {
    {"input", "const void*", offsetof(rmsnorm_quant_params, input), sizeof(rmsnorm_quant_params::input)},
    {"weight", "const void*", offsetof(rmsnorm_quant_params, weight), sizeof(rmsnorm_quant_params::weight)},
    {"scale", "const void*", offsetof(rmsnorm_quant_params, scale), sizeof(rmsnorm_quant_params::scale)},
    {"output", "void*", offsetof(rmsnorm_quant_params, output), sizeof(rmsnorm_quant_params::output)},
    {"rows", "int64_t", offsetof(rmsnorm_quant_params, rows), sizeof(rmsnorm_quant_params::rows)},
    {"inner", "hipinfer::divisor", offsetof(rmsnorm_quant_params, inner), sizeof(rmsnorm_quant_params::inner)},
    {"n", "int64_t", offsetof(rmsnorm_quant_params, n), sizeof(rmsnorm_quant_params::n)},
    {"input_stride", "int64_t", offsetof(rmsnorm_quant_params, input_stride), sizeof(rmsnorm_quant_params::input_stride)},
    {"output_stride", "int64_t", offsetof(rmsnorm_quant_params, output_stride), sizeof(rmsnorm_quant_params::output_stride)},
    {"eps", "float", offsetof(rmsnorm_quant_params, eps), sizeof(rmsnorm_quant_params::eps)},
    {"inverse_n", "float", offsetof(rmsnorm_quant_params, inverse_n), sizeof(rmsnorm_quant_params::inverse_n)},
    {"lanes_log2", "int32_t", offsetof(rmsnorm_quant_params, lanes_log2), sizeof(rmsnorm_quant_params::lanes_log2)},
    {"vector", "int32_t", offsetof(rmsnorm_quant_params, vector), sizeof(rmsnorm_quant_params::vector)},
    {"many", "int32_t", offsetof(rmsnorm_quant_params, many), sizeof(rmsnorm_quant_params::many)},
    {"weight_type", "hipinfer::dtype", offsetof(rmsnorm_quant_params, weight_type), sizeof(rmsnorm_quant_params::weight_type)},
    {"output_type", "hipinfer::dtype", offsetof(rmsnorm_quant_params, output_type), sizeof(rmsnorm_quant_params::output_type)},
};
constexpr op_table table{terms, rows, 5, 127, fields, 16, sizeof(rmsnorm_quant_params)};
}  // namespace
}  // namespace rmsnorm_quant_op

namespace rope_op {
namespace {
constexpr const char* symbols[] = {"T", "Hq", "Hk", "D", "P", "R"};
constexpr shape_alternative q_out_shapes[] = {{3, {{0, 1, 0}, {1, 1, 0}, {3, 1, 0}}}};
constexpr shape_alternative k_out_shapes[] = {{3, {{0, 1, 0}, {2, 1, 0}, {3, 1, 0}}}};
constexpr shape_alternative q_shapes[] = {{3, {{0, 1, 0}, {1, 1, 0}, {3, 1, 0}}}};
constexpr shape_alternative k_shapes[] = {{3, {{0, 1, 0}, {2, 1, 0}, {3, 1, 0}}}};
constexpr shape_alternative cos_sin_shapes[] = {{2, {{4, 1, 0}, {5, 1, 0}}}};
constexpr shape_alternative positions_shapes[] = {{1, {{0, 1, 0}}}};
constexpr tensor_contract tensors[] = {
    {"q_out", false, true, 1u << 2, 0, layout::rows, 1, q_out_shapes},
    {"k_out", true, true, 1u << 3, 0, layout::rows, 1, k_out_shapes},
    {"q", false, false, 0, 0, layout::rows, 1, q_shapes},
    {"k", true, false, 0, 0, layout::rows, 1, k_shapes},
    {"cos_sin", false, false, 0, 2, layout::rows, 1, cos_sin_shapes},
    {"positions", false, false, 0, 1, layout::rows, 1, positions_shapes},
};
constexpr dtype_variable dtypes[] = {
    {"data", bit(dtype::f32) | bit(dtype::f16) | bit(dtype::bf16), -1},
    {"positions", bit(dtype::i32) | bit(dtype::i64), -1},
    {"real", bit(dtype::f32), -1},
};
constexpr contract terms{"rope", tensors, 6, dtypes, 3, symbols, 6};
constexpr rope_tune tune_0{4};
constexpr kernel_row rows[] = {
    {"rope", "heads", "rope", "*", "rope_heads_{data}", "", "main", 256, {0, 0, 0}, &tune_0, nullptr, nullptr},
    {"rope", "cpu", "", "cpu", "", "", "main", 1, {}, nullptr, nullptr, [](const void* v, const bound_dtypes& t) { rope_reference(*static_cast<const rope_params*>(v), t); }},
};
constexpr param_field fields[] = {
    {"q", "const void*", offsetof(rope_params, q), sizeof(rope_params::q)},
    {"k", "const void*", offsetof(rope_params, k), sizeof(rope_params::k)},
    {"q_out", "void*", offsetof(rope_params, q_out), sizeof(rope_params::q_out)},
    {"k_out", "void*", offsetof(rope_params, k_out), sizeof(rope_params::k_out)},
    {"cos_sin", "const void*", offsetof(rope_params, cos_sin), sizeof(rope_params::cos_sin)},
    {"positions", "const void*", offsetof(rope_params, positions), sizeof(rope_params::positions)},
    {"tokens", "int64_t", offsetof(rope_params, tokens), sizeof(rope_params::tokens)},
    {"cached", "int64_t", offsetof(rope_params, cached), sizeof(rope_params::cached)},
    {"q_stride", "int64_t", offsetof(rope_params, q_stride), sizeof(rope_params::q_stride)},
    {"k_stride", "int64_t", offsetof(rope_params, k_stride), sizeof(rope_params::k_stride)},
    {"q_out_stride", "int64_t", offsetof(rope_params, q_out_stride), sizeof(rope_params::q_out_stride)},
    {"k_out_stride", "int64_t", offsetof(rope_params, k_out_stride), sizeof(rope_params::k_out_stride)},
    {"cos_sin_stride", "int64_t", offsetof(rope_params, cos_sin_stride), sizeof(rope_params::cos_sin_stride)},
    {"slots", "hipinfer::divisor", offsetof(rope_params, slots), sizeof(rope_params::slots)},
    {"units", "hipinfer::divisor", offsetof(rope_params, units), sizeof(rope_params::units)},
    {"row_tokens", "uint32_t", offsetof(rope_params, row_tokens), sizeof(rope_params::row_tokens)},
    {"rotary_units", "int32_t", offsetof(rope_params, rotary_units), sizeof(rope_params::rotary_units)},
    {"half", "int32_t", offsetof(rope_params, half), sizeof(rope_params::half)},
    {"head_dim", "int32_t", offsetof(rope_params, head_dim), sizeof(rope_params::head_dim)},
    {"q_heads", "int32_t", offsetof(rope_params, q_heads), sizeof(rope_params::q_heads)},
    {"k_heads", "int32_t", offsetof(rope_params, k_heads), sizeof(rope_params::k_heads)},
    {"q_chunks", "int32_t", offsetof(rope_params, q_chunks), sizeof(rope_params::q_chunks)},
    {"k_chunks", "int32_t", offsetof(rope_params, k_chunks), sizeof(rope_params::k_chunks)},
    {"interleaved", "int32_t", offsetof(rope_params, interleaved), sizeof(rope_params::interleaved)},
    {"q_in_place", "int32_t", offsetof(rope_params, q_in_place), sizeof(rope_params::q_in_place)},
    {"k_in_place", "int32_t", offsetof(rope_params, k_in_place), sizeof(rope_params::k_in_place)},
    {"wide", "int32_t", offsetof(rope_params, wide), sizeof(rope_params::wide)},
    {"vector", "int32_t", offsetof(rope_params, vector), sizeof(rope_params::vector)},
};
constexpr op_table table{terms, rows, 2, 132, fields, 28, sizeof(rope_params)};
}  // namespace
}  // namespace rope_op

namespace rope_append_kv_op {
namespace {
constexpr const char* symbols[] = {"P", "S", "Hq", "Hk", "D", "E", "T", "B", "I", "C", "R"};
constexpr shape_alternative q_out_shapes[] = {{3, {{6, 1, 0}, {2, 1, 0}, {4, 1, 0}}}};
constexpr shape_alternative k_cache_shapes[] = {{4, {{0, 1, 0}, {1, 1, 0}, {3, 1, 0}, {4, 1, 0}}}};
constexpr shape_alternative v_cache_shapes[] = {{4, {{0, 1, 0}, {1, 1, 0}, {3, 1, 0}, {5, 1, 0}}}};
constexpr shape_alternative q_shapes[] = {{3, {{6, 1, 0}, {2, 1, 0}, {4, 1, 0}}}};
constexpr shape_alternative k_shapes[] = {{3, {{6, 1, 0}, {3, 1, 0}, {4, 1, 0}}}};
constexpr shape_alternative v_shapes[] = {{3, {{6, 1, 0}, {3, 1, 0}, {5, 1, 0}}}};
constexpr shape_alternative cos_sin_shapes[] = {{2, {{9, 1, 0}, {10, 1, 0}}}};
constexpr shape_alternative positions_shapes[] = {{1, {{6, 1, 0}}}};
constexpr shape_alternative batch_indices_shapes[] = {{1, {{6, 1, 0}}}};
constexpr shape_alternative kv_indices_shapes[] = {{1, {{8, 1, 0}}}};
constexpr shape_alternative kv_indptr_shapes[] = {{1, {{7, 1, 1}}}};
constexpr shape_alternative kv_last_page_len_shapes[] = {{1, {{7, 1, 0}}}};
constexpr shape_alternative pos_ids_shapes[] = {{1, {{6, 1, 0}}}};
constexpr shape_alternative k_scale_shapes[] = {{1, {{-1, 0, 1}}}};
constexpr shape_alternative v_scale_shapes[] = {{1, {{-1, 0, 1}}}};
constexpr tensor_contract tensors[] = {
    {"q_out", false, true, 1u << 3, 0, layout::rows, 1, q_out_shapes},
    {"k_cache", false, true, 0, 1, layout::rows, 1, k_cache_shapes},
    {"v_cache", false, true, 0, 1, layout::rows, 1, v_cache_shapes},
    {"q", false, false, 0, 0, layout::rows, 1, q_shapes},
    {"k", false, false, 0, 0, layout::rows, 1, k_shapes},
    {"v", false, false, 0, 0, layout::rows, 1, v_shapes},
    {"cos_sin", false, false, 0, 3, layout::rows, 1, cos_sin_shapes},
    {"positions", false, false, 0, 2, layout::rows, 1, positions_shapes},
    {"batch_indices", false, false, 0, 2, layout::rows, 1, batch_indices_shapes},
    {"kv_indices", true, false, 0, 2, layout::rows, 1, kv_indices_shapes},
    {"kv_indptr", true, false, 0, 2, layout::rows, 1, kv_indptr_shapes},
    {"kv_last_page_len", true, false, 0, 2, layout::rows, 1, kv_last_page_len_shapes},
    {"pos_ids", true, false, 0, 2, layout::rows, 1, pos_ids_shapes},
    {"k_scale", true, false, 0, 3, layout::rows, 1, k_scale_shapes},
    {"v_scale", true, false, 0, 3, layout::rows, 1, v_scale_shapes},
};
constexpr dtype_variable dtypes[] = {
    {"data", bit(dtype::f32) | bit(dtype::f16) | bit(dtype::bf16), -1},
    {"cache", bit(dtype::e4m3fn) | bit(dtype::e4m3fnuz) | bit(dtype::e5m2) | bit(dtype::e5m2fnuz), 0},
    {"index", bit(dtype::i32) | bit(dtype::i64), -1},
    {"real", bit(dtype::f32), -1},
};
constexpr contract terms{"rope_append_kv", tensors, 15, dtypes, 4, symbols, 11};
constexpr rope_append_kv_tune tune_0{1, 4};
constexpr rope_append_kv_tune tune_1{1, 4};
constexpr rope_append_kv_tune tune_2{0, 4};
constexpr kernel_row rows[] = {
    {"rope_append_kv", "vector", "rope_append_kv", "*", "rope_append_kv_vector_{data}", "p.vector && !p.fp8", "main", 256, {0, 0, 0, 0}, &tune_0, [](const void* v) { const rope_append_kv_params& p = *static_cast<const rope_append_kv_params*>(v); return bool(p.vector && !p.fp8); }, nullptr},
    {"rope_append_kv", "quantise", "rope_append_kv", "*", "rope_append_kv_quantise_{data}", "p.vector && p.fp8", "main", 256, {0, 0, 0, 0}, &tune_1, [](const void* v) { const rope_append_kv_params& p = *static_cast<const rope_append_kv_params*>(v); return bool(p.vector && p.fp8); }, nullptr},
    {"rope_append_kv", "rows", "rope_append_kv", "*", "rope_append_kv_rows_{data}", "", "main", 256, {0, 0, 0, 0}, &tune_2, nullptr, nullptr},
    {"rope_append_kv", "cpu", "", "cpu", "", "", "main", 1, {}, nullptr, nullptr, [](const void* v, const bound_dtypes& t) { rope_append_kv_reference(*static_cast<const rope_append_kv_params*>(v), t); }},
};
constexpr param_field fields[] = {
    {"q_out", "void*", offsetof(rope_append_kv_params, q_out), sizeof(rope_append_kv_params::q_out)},
    {"k_cache", "void*", offsetof(rope_append_kv_params, k_cache), sizeof(rope_append_kv_params::k_cache)},
    {"v_cache", "void*", offsetof(rope_append_kv_params, v_cache), sizeof(rope_append_kv_params::v_cache)},
    {"q", "const void*", offsetof(rope_append_kv_params, q), sizeof(rope_append_kv_params::q)},
    {"k", "const void*", offsetof(rope_append_kv_params, k), sizeof(rope_append_kv_params::k)},
    {"v", "const void*", offsetof(rope_append_kv_params, v), sizeof(rope_append_kv_params::v)},
    {"cos_sin", "const void*", offsetof(rope_append_kv_params, cos_sin), sizeof(rope_append_kv_params::cos_sin)},
    {"positions", "const void*", offsetof(rope_append_kv_params, positions), sizeof(rope_append_kv_params::positions)},
    {"pos_ids", "const void*", offsetof(rope_append_kv_params, pos_ids), sizeof(rope_append_kv_params::pos_ids)},
    {"batch_indices", "const void*", offsetof(rope_append_kv_params, batch_indices), sizeof(rope_append_kv_params::batch_indices)},
    {"kv_indices", "const void*", offsetof(rope_append_kv_params, kv_indices), sizeof(rope_append_kv_params::kv_indices)},
    {"kv_indptr", "const void*", offsetof(rope_append_kv_params, kv_indptr), sizeof(rope_append_kv_params::kv_indptr)},
    {"kv_last_page_len", "const void*", offsetof(rope_append_kv_params, kv_last_page_len), sizeof(rope_append_kv_params::kv_last_page_len)},
    {"k_scale", "const void*", offsetof(rope_append_kv_params, k_scale), sizeof(rope_append_kv_params::k_scale)},
    {"v_scale", "const void*", offsetof(rope_append_kv_params, v_scale), sizeof(rope_append_kv_params::v_scale)},
    {"tokens", "int64_t", offsetof(rope_append_kv_params, tokens), sizeof(rope_append_kv_params::tokens)},
    {"cached", "int64_t", offsetof(rope_append_kv_params, cached), sizeof(rope_append_kv_params::cached)},
    {"pages", "int64_t", offsetof(rope_append_kv_params, pages), sizeof(rope_append_kv_params::pages)},
    {"page_size", "int64_t", offsetof(rope_append_kv_params, page_size), sizeof(rope_append_kv_params::page_size)},
    {"requests", "int64_t", offsetof(rope_append_kv_params, requests), sizeof(rope_append_kv_params::requests)},
    {"table_size", "int64_t", offsetof(rope_append_kv_params, table_size), sizeof(rope_append_kv_params::table_size)},
    {"table_slots", "int64_t", offsetof(rope_append_kv_params, table_slots), sizeof(rope_append_kv_params::table_slots)},
    {"k_cache_stride", "int64_t", offsetof(rope_append_kv_params, k_cache_stride), sizeof(rope_append_kv_params::k_cache_stride)},
    {"v_cache_stride", "int64_t", offsetof(rope_append_kv_params, v_cache_stride), sizeof(rope_append_kv_params::v_cache_stride)},
    {"q_out_stride", "int64_t", offsetof(rope_append_kv_params, q_out_stride), sizeof(rope_append_kv_params::q_out_stride)},
    {"q_stride", "int64_t", offsetof(rope_append_kv_params, q_stride), sizeof(rope_append_kv_params::q_stride)},
    {"k_stride", "int64_t", offsetof(rope_append_kv_params, k_stride), sizeof(rope_append_kv_params::k_stride)},
    {"v_stride", "int64_t", offsetof(rope_append_kv_params, v_stride), sizeof(rope_append_kv_params::v_stride)},
    {"cos_sin_stride", "int64_t", offsetof(rope_append_kv_params, cos_sin_stride), sizeof(rope_append_kv_params::cos_sin_stride)},
    {"page", "hipinfer::divisor", offsetof(rope_append_kv_params, page), sizeof(rope_append_kv_params::page)},
    {"slots", "hipinfer::divisor", offsetof(rope_append_kv_params, slots), sizeof(rope_append_kv_params::slots)},
    {"units", "hipinfer::divisor", offsetof(rope_append_kv_params, units), sizeof(rope_append_kv_params::units)},
    {"value_units", "hipinfer::divisor", offsetof(rope_append_kv_params, value_units), sizeof(rope_append_kv_params::value_units)},
    {"row_tokens", "uint32_t", offsetof(rope_append_kv_params, row_tokens), sizeof(rope_append_kv_params::row_tokens)},
    {"rotary_units", "int32_t", offsetof(rope_append_kv_params, rotary_units), sizeof(rope_append_kv_params::rotary_units)},
    {"half", "int32_t", offsetof(rope_append_kv_params, half), sizeof(rope_append_kv_params::half)},
    {"head_dim", "int32_t", offsetof(rope_append_kv_params, head_dim), sizeof(rope_append_kv_params::head_dim)},
    {"value_dim", "int32_t", offsetof(rope_append_kv_params, value_dim), sizeof(rope_append_kv_params::value_dim)},
    {"q_heads", "int32_t", offsetof(rope_append_kv_params, q_heads), sizeof(rope_append_kv_params::q_heads)},
    {"kv_heads", "int32_t", offsetof(rope_append_kv_params, kv_heads), sizeof(rope_append_kv_params::kv_heads)},
    {"q_chunks", "int32_t", offsetof(rope_append_kv_params, q_chunks), sizeof(rope_append_kv_params::q_chunks)},
    {"kv_chunks", "int32_t", offsetof(rope_append_kv_params, kv_chunks), sizeof(rope_append_kv_params::kv_chunks)},
    {"interleaved", "int32_t", offsetof(rope_append_kv_params, interleaved), sizeof(rope_append_kv_params::interleaved)},
    {"q_in_place", "int32_t", offsetof(rope_append_kv_params, q_in_place), sizeof(rope_append_kv_params::q_in_place)},
    {"wide", "int32_t", offsetof(rope_append_kv_params, wide), sizeof(rope_append_kv_params::wide)},
    {"vector", "int32_t", offsetof(rope_append_kv_params, vector), sizeof(rope_append_kv_params::vector)},
    {"fp8", "int32_t", offsetof(rope_append_kv_params, fp8), sizeof(rope_append_kv_params::fp8)},
    {"cache_type", "hipinfer::dtype", offsetof(rope_append_kv_params, cache_type), sizeof(rope_append_kv_params::cache_type)},
};
constexpr op_table table{terms, rows, 4, 134, fields, 48, sizeof(rope_append_kv_params)};
}  // namespace
}  // namespace rope_append_kv_op

namespace rope_cos_sin_cache_op {
namespace {
constexpr const char* symbols[] = {"P", "R"};
constexpr shape_alternative output_shapes[] = {{2, {{0, 1, 0}, {1, 1, 0}}}};
constexpr tensor_contract tensors[] = {
    {"output", false, true, 0, 0, layout::rows, 1, output_shapes},
};
constexpr dtype_variable dtypes[] = {
    {"real", bit(dtype::f32), -1},
};
constexpr contract terms{"rope_cos_sin_cache", tensors, 1, dtypes, 1, symbols, 2};
constexpr kernel_row rows[] = {
    {"rope_cos_sin_cache", "pairs", "rope_cos_sin_cache", "*", "rope_cos_sin_cache_pairs", "", "main", 256, {0}, nullptr, nullptr, nullptr},
    {"rope_cos_sin_cache", "cpu", "", "cpu", "", "", "main", 1, {}, nullptr, nullptr, [](const void* v, const bound_dtypes& t) { rope_cos_sin_cache_reference(*static_cast<const rope_cos_sin_cache_params*>(v), t); }},
};
constexpr param_field fields[] = {
    {"output", "void*", offsetof(rope_cos_sin_cache_params, output), sizeof(rope_cos_sin_cache_params::output)},
    {"positions", "int64_t", offsetof(rope_cos_sin_cache_params, positions), sizeof(rope_cos_sin_cache_params::positions)},
    {"half", "int64_t", offsetof(rope_cos_sin_cache_params, half), sizeof(rope_cos_sin_cache_params::half)},
    {"pairs", "hipinfer::divisor", offsetof(rope_cos_sin_cache_params, pairs), sizeof(rope_cos_sin_cache_params::pairs)},
    {"output_stride", "int64_t", offsetof(rope_cos_sin_cache_params, output_stride), sizeof(rope_cos_sin_cache_params::output_stride)},
    {"amplitude", "double", offsetof(rope_cos_sin_cache_params, amplitude), sizeof(rope_cos_sin_cache_params::amplitude)},
    {"frequency", "double", offsetof(rope_cos_sin_cache_params, frequency), sizeof(rope_cos_sin_cache_params::frequency)},
};
constexpr op_table table{terms, rows, 2, 138, fields, 7, sizeof(rope_cos_sin_cache_params)};
}  // namespace
}  // namespace rope_cos_sin_cache_op

namespace rope_quantize_fp8_op {
namespace {
constexpr const char* symbols[] = {"T", "Hq", "Hk", "R", "N", "P"};
constexpr shape_alternative q_rope_out_shapes[] = {{3, {{0, 1, 0}, {1, 1, 0}, {3, 1, 0}}}};
constexpr shape_alternative k_rope_out_shapes[] = {{3, {{0, 1, 0}, {2, 1, 0}, {3, 1, 0}}}, {2, {{0, 1, 0}, {3, 1, 0}}}};
constexpr shape_alternative q_nope_out_shapes[] = {{3, {{0, 1, 0}, {1, 1, 0}, {4, 1, 0}}}};
constexpr shape_alternative k_nope_out_shapes[] = {{3, {{0, 1, 0}, {2, 1, 0}, {4, 1, 0}}}, {2, {{0, 1, 0}, {4, 1, 0}}}};
constexpr shape_alternative q_rope_shapes[] = {{3, {{0, 1, 0}, {1, 1, 0}, {3, 1, 0}}}};
constexpr shape_alternative k_rope_shapes[] = {{3, {{0, 1, 0}, {2, 1, 0}, {3, 1, 0}}}, {2, {{0, 1, 0}, {3, 1, 0}}}};
constexpr shape_alternative q_nope_shapes[] = {{3, {{0, 1, 0}, {1, 1, 0}, {4, 1, 0}}}};
constexpr shape_alternative k_nope_shapes[] = {{3, {{0, 1, 0}, {2, 1, 0}, {4, 1, 0}}}, {2, {{0, 1, 0}, {4, 1, 0}}}};
constexpr shape_alternative cos_sin_shapes[] = {{2, {{5, 1, 0}, {3, 1, 0}}}};
constexpr shape_alternative positions_shapes[] = {{1, {{0, 1, 0}}}};
constexpr tensor_contract tensors[] = {
    {"q_rope_out", false, true, 0, 0, layout::rows, 1, q_rope_out_shapes},
    {"k_rope_out", false, true, 0, 0, layout::rows, 2, k_rope_out_shapes},
    {"q_nope_out", true, true, 0, 0, layout::rows, 1, q_nope_out_shapes},
    {"k_nope_out", true, true, 0, 0, layout::rows, 2, k_nope_out_shapes},
    {"q_rope", false, false, 0, 1, layout::rows, 1, q_rope_shapes},
    {"k_rope", false, false, 0, 1, layout::rows, 2, k_rope_shapes},
    {"q_nope", true, false, 0, 1, layout::rows, 1, q_nope_shapes},
    {"k_nope", true, false, 0, 1, layout::rows, 2, k_nope_shapes},
    {"cos_sin", false, false, 0, 3, layout::rows, 1, cos_sin_shapes},
    {"positions", false, false, 0, 2, layout::rows, 1, positions_shapes},
};
constexpr dtype_variable dtypes[] = {
    {"quantised", bit(dtype::e4m3fn) | bit(dtype::e4m3fnuz) | bit(dtype::e5m2) | bit(dtype::e5m2fnuz), -1},
    {"data", bit(dtype::f32) | bit(dtype::f16) | bit(dtype::bf16), -1},
    {"positions", bit(dtype::i32) | bit(dtype::i64), -1},
    {"real", bit(dtype::f32), -1},
};
constexpr contract terms{"rope_quantize_fp8", tensors, 10, dtypes, 4, symbols, 6};
constexpr rope_quantize_fp8_tune tune_0{1, 4};
constexpr rope_quantize_fp8_tune tune_1{0, 4};
constexpr kernel_row rows[] = {
    {"rope_quantize_fp8", "vector", "rope_quantize_fp8", "*", "rope_quantize_fp8_vector_{data}", "p.vector", "main", 256, {0, 0, 0, 0}, &tune_0, [](const void* v) { const rope_quantize_fp8_params& p = *static_cast<const rope_quantize_fp8_params*>(v); return bool(p.vector); }, nullptr},
    {"rope_quantize_fp8", "rows", "rope_quantize_fp8", "*", "rope_quantize_fp8_rows_{data}", "", "main", 256, {0, 0, 0, 0}, &tune_1, nullptr, nullptr},
    {"rope_quantize_fp8", "cpu", "", "cpu", "", "", "main", 1, {}, nullptr, nullptr, [](const void* v, const bound_dtypes& t) { rope_quantize_fp8_reference(*static_cast<const rope_quantize_fp8_params*>(v), t); }},
};
constexpr param_field fields[] = {
    {"q_rope_out", "void*", offsetof(rope_quantize_fp8_params, q_rope_out), sizeof(rope_quantize_fp8_params::q_rope_out)},
    {"k_rope_out", "void*", offsetof(rope_quantize_fp8_params, k_rope_out), sizeof(rope_quantize_fp8_params::k_rope_out)},
    {"q_nope_out", "void*", offsetof(rope_quantize_fp8_params, q_nope_out), sizeof(rope_quantize_fp8_params::q_nope_out)},
    {"k_nope_out", "void*", offsetof(rope_quantize_fp8_params, k_nope_out), sizeof(rope_quantize_fp8_params::k_nope_out)},
    {"q_rope", "const void*", offsetof(rope_quantize_fp8_params, q_rope), sizeof(rope_quantize_fp8_params::q_rope)},
    {"k_rope", "const void*", offsetof(rope_quantize_fp8_params, k_rope), sizeof(rope_quantize_fp8_params::k_rope)},
    {"q_nope", "const void*", offsetof(rope_quantize_fp8_params, q_nope), sizeof(rope_quantize_fp8_params::q_nope)},
    {"k_nope", "const void*", offsetof(rope_quantize_fp8_params, k_nope), sizeof(rope_quantize_fp8_params::k_nope)},
    {"cos_sin", "const void*", offsetof(rope_quantize_fp8_params, cos_sin), sizeof(rope_quantize_fp8_params::cos_sin)},
    {"positions", "const void*", offsetof(rope_quantize_fp8_params, positions), sizeof(rope_quantize_fp8_params::positions)},
    {"tokens", "int64_t", offsetof(rope_quantize_fp8_params, tokens), sizeof(rope_quantize_fp8_params::tokens)},
    {"cached", "int64_t", offsetof(rope_quantize_fp8_params, cached), sizeof(rope_quantize_fp8_params::cached)},
    {"q_rope_out_stride", "int64_t", offsetof(rope_quantize_fp8_params, q_rope_out_stride), sizeof(rope_quantize_fp8_params::q_rope_out_stride)},
    {"k_rope_out_stride", "int64_t", offsetof(rope_quantize_fp8_params, k_rope_out_stride), sizeof(rope_quantize_fp8_params::k_rope_out_stride)},
    {"q_nope_out_stride", "int64_t", offsetof(rope_quantize_fp8_params, q_nope_out_stride), sizeof(rope_quantize_fp8_params::q_nope_out_stride)},
    {"k_nope_out_stride", "int64_t", offsetof(rope_quantize_fp8_params, k_nope_out_stride), sizeof(rope_quantize_fp8_params::k_nope_out_stride)},
    {"q_rope_stride", "int64_t", offsetof(rope_quantize_fp8_params, q_rope_stride), sizeof(rope_quantize_fp8_params::q_rope_stride)},
    {"k_rope_stride", "int64_t", offsetof(rope_quantize_fp8_params, k_rope_stride), sizeof(rope_quantize_fp8_params::k_rope_stride)},
    {"q_nope_stride", "int64_t", offsetof(rope_quantize_fp8_params, q_nope_stride), sizeof(rope_quantize_fp8_params::q_nope_stride)},
    {"k_nope_stride", "int64_t", offsetof(rope_quantize_fp8_params, k_nope_stride), sizeof(rope_quantize_fp8_params::k_nope_stride)},
    {"cos_sin_stride", "int64_t", offsetof(rope_quantize_fp8_params, cos_sin_stride), sizeof(rope_quantize_fp8_params::cos_sin_stride)},
    {"slots", "hipinfer::divisor", offsetof(rope_quantize_fp8_params, slots), sizeof(rope_quantize_fp8_params::slots)},
    {"units", "hipinfer::divisor", offsetof(rope_quantize_fp8_params, units), sizeof(rope_quantize_fp8_params::units)},
    {"plain_slots", "hipinfer::divisor", offsetof(rope_quantize_fp8_params, plain_slots), sizeof(rope_quantize_fp8_params::plain_slots)},
    {"plain_units", "hipinfer::divisor", offsetof(rope_quantize_fp8_params, plain_units), sizeof(rope_quantize_fp8_params::plain_units)},
    {"row_tokens", "uint32_t", offsetof(rope_quantize_fp8_params, row_tokens), sizeof(rope_quantize_fp8_params::row_tokens)},
    {"rotary_blocks", "uint32_t", offsetof(rope_quantize_fp8_params, rotary_blocks), sizeof(rope_quantize_fp8_params::rotary_blocks)},
    {"rotary_units", "int32_t", offsetof(rope_quantize_fp8_params, rotary_units), sizeof(rope_quantize_fp8_params::rotary_units)},
    {"half", "int32_t", offsetof(rope_quantize_fp8_params, half), sizeof(rope_quantize_fp8_params::half)},
    {"head_dim", "int32_t", offsetof(rope_quantize_fp8_params, head_dim), sizeof(rope_quantize_fp8_params::head_dim)},
    {"nope_dim", "int32_t", offsetof(rope_quantize_fp8_params, nope_dim), sizeof(rope_quantize_fp8_params::nope_dim)},
    {"q_heads", "int32_t", offsetof(rope_quantize_fp8_params, q_heads), sizeof(rope_quantize_fp8_params::q_heads)},
    {"k_heads", "int32_t", offsetof(rope_quantize_fp8_params, k_heads), sizeof(rope_quantize_fp8_params::k_heads)},
    {"q_chunks", "int32_t", offsetof(rope_quantize_fp8_params, q_chunks), sizeof(rope_quantize_fp8_params::q_chunks)},
    {"k_chunks", "int32_t", offsetof(rope_quantize_fp8_params, k_chunks), sizeof(rope_quantize_fp8_params::k_chunks)},
    {"q_factor", "float", offsetof(rope_quantize_fp8_params, q_factor), sizeof(rope_quantize_fp8_params::q_factor)},
    {"k_factor", "float", offsetof(rope_quantize_fp8_params, k_factor), sizeof(rope_quantize_fp8_params::k_factor)},
    {"interleaved", "int32_t", offsetof(rope_quantize_fp8_params, interleaved), sizeof(rope_quantize_fp8_params::interleaved)},
    {"wide", "int32_t", offsetof(rope_quantize_fp8_params, wide), sizeof(rope_quantize_fp8_params::wide)},
    {"vector", "int32_t", offsetof(rope_quantize_fp8_params, vector), sizeof(rope_quantize_fp8_params::vector)},
    {"output_type", "hipinfer::dtype", offsetof(rope_quantize_fp8_params, output_type), sizeof(rope_quantize_fp8_params::output_type)},
};
constexpr op_table table{terms, rows, 3, 140, fields, 41, sizeof(rope_quantize_fp8_params)};
}  // namespace
}  // namespace rope_quantize_fp8_op

namespace rope_theta_op {
namespace {
constexpr const char* symbols[] = {"T", "Hq", "Hk", "D", "B"};
constexpr shape_alternative q_out_shapes[] = {{3, {{0, 1, 0}, {1, 1, 0}, {3, 1, 0}}}};
constexpr shape_alternative k_out_shapes[] = {{3, {{0, 1, 0}, {2, 1, 0}, {3, 1, 0}}}};
constexpr shape_alternative q_shapes[] = {{3, {{0, 1, 0}, {1, 1, 0}, {3, 1, 0}}}};
constexpr shape_alternative k_shapes[] = {{3, {{0, 1, 0}, {2, 1, 0}, {3, 1, 0}}}};
constexpr shape_alternative positions_shapes[] = {{1, {{0, 1, 0}}}};
constexpr shape_alternative indptr_shapes[] = {{1, {{4, 1, 1}}}};
constexpr shape_alternative offsets_shapes[] = {{1, {{4, 1, 0}}}};
constexpr tensor_contract tensors[] = {
    {"q_out", false, true, 1u << 2, 0, layout::rows, 1, q_out_shapes},
    {"k_out", true, true, 1u << 3, 0, layout::rows, 1, k_out_shapes},
    {"q", false, false, 0, 0, layout::rows, 1, q_shapes},
    {"k", true, false, 0, 0, layout::rows, 1, k_shapes},
    {"positions", true, false, 0, 1, layout::rows, 1, positions_shapes},
    {"indptr", true, false, 0, 1, layout::rows, 1, indptr_shapes},
    {"offsets", true, false, 0, 1, layout::rows, 1, offsets_shapes},
};
constexpr dtype_variable dtypes[] = {
    {"data", bit(dtype::f32) | bit(dtype::f16) | bit(dtype::bf16), -1},
    {"positions", bit(dtype::i32) | bit(dtype::i64), -1},
};
constexpr contract terms{"rope_theta", tensors, 7, dtypes, 2, symbols, 5};
constexpr rope_theta_tune tune_0{4};
constexpr kernel_row rows[] = {
    {"rope_theta", "angles", "rope_theta", "*", "rope_theta_angles_{data}", "", "main", 256, {0, 0}, &tune_0, nullptr, nullptr},
    {"rope_theta", "cpu", "", "cpu", "", "", "main", 1, {}, nullptr, nullptr, [](const void* v, const bound_dtypes& t) { rope_theta_reference(*static_cast<const rope_theta_params*>(v), t); }},
};
constexpr param_field fields[] = {
    {"q", "const void*", offsetof(rope_theta_params, q), sizeof(rope_theta_params::q)},
    {"k", "const void*", offsetof(rope_theta_params, k), sizeof(rope_theta_params::k)},
    {"q_out", "void*", offsetof(rope_theta_params, q_out), sizeof(rope_theta_params::q_out)},
    {"k_out", "void*", offsetof(rope_theta_params, k_out), sizeof(rope_theta_params::k_out)},
    {"positions", "const void*", offsetof(rope_theta_params, positions), sizeof(rope_theta_params::positions)},
    {"indptr", "const void*", offsetof(rope_theta_params, indptr), sizeof(rope_theta_params::indptr)},
    {"offsets", "const void*", offsetof(rope_theta_params, offsets), sizeof(rope_theta_params::offsets)},
    {"tokens", "int64_t", offsetof(rope_theta_params, tokens), sizeof(rope_theta_params::tokens)},
    {"requests", "int64_t", offsetof(rope_theta_params, requests), sizeof(rope_theta_params::requests)},
    {"q_stride", "int64_t", offsetof(rope_theta_params, q_stride), sizeof(rope_theta_params::q_stride)},
    {"k_stride", "int64_t", offsetof(rope_theta_params, k_stride), sizeof(rope_theta_params::k_stride)},
    {"q_out_stride", "int64_t", offsetof(rope_theta_params, q_out_stride), sizeof(rope_theta_params::q_out_stride)},
    {"k_out_stride", "int64_t", offsetof(rope_theta_params, k_out_stride), sizeof(rope_theta_params::k_out_stride)},
    {"step", "double", offsetof(rope_theta_params, step), sizeof(rope_theta_params::step)},
    {"inverse_factor", "double", offsetof(rope_theta_params, inverse_factor), sizeof(rope_theta_params::inverse_factor)},
    {"slope_frequency", "double", offsetof(rope_theta_params, slope_frequency), sizeof(rope_theta_params::slope_frequency)},
    {"slope_index", "double", offsetof(rope_theta_params, slope_index), sizeof(rope_theta_params::slope_index)},
    {"offset", "double", offsetof(rope_theta_params, offset), sizeof(rope_theta_params::offset)},
    {"amplitude", "double", offsetof(rope_theta_params, amplitude), sizeof(rope_theta_params::amplitude)},
    {"slots", "hipinfer::divisor", offsetof(rope_theta_params, slots), sizeof(rope_theta_params::slots)},
    {"units", "hipinfer::divisor", offsetof(rope_theta_params, units), sizeof(rope_theta_params::units)},
    {"pairs", "hipinfer::divisor", offsetof(rope_theta_params, pairs), sizeof(rope_theta_params::pairs)},
    {"tokens_per_block", "int32_t", offsetof(rope_theta_params, tokens_per_block), sizeof(rope_theta_params::tokens_per_block)},
    {"rotary_units", "int32_t", offsetof(rope_theta_params, rotary_units), sizeof(rope_theta_params::rotary_units)},
    {"half", "int32_t", offsetof(rope_theta_params, half), sizeof(rope_theta_params::half)},
    {"head_dim", "int32_t", offsetof(rope_theta_params, head_dim), sizeof(rope_theta_params::head_dim)},
    {"q_heads", "int32_t", offsetof(rope_theta_params, q_heads), sizeof(rope_theta_params::q_heads)},
    {"k_heads", "int32_t", offsetof(rope_theta_params, k_heads), sizeof(rope_theta_params::k_heads)},
    {"q_chunks", "int32_t", offsetof(rope_theta_params, q_chunks), sizeof(rope_theta_params::q_chunks)},
    {"k_chunks", "int32_t", offsetof(rope_theta_params, k_chunks), sizeof(rope_theta_params::k_chunks)},
    {"interleaved", "int32_t", offsetof(rope_theta_params, interleaved), sizeof(rope_theta_params::interleaved)},
    {"q_in_place", "int32_t", offsetof(rope_theta_params, q_in_place), sizeof(rope_theta_params::q_in_place)},
    {"k_in_place", "int32_t", offsetof(rope_theta_params, k_in_place), sizeof(rope_theta_params::k_in_place)},
    {"wide", "int32_t", offsetof(rope_theta_params, wide), sizeof(rope_theta_params::wide)},
    {"vector", "int32_t", offsetof(rope_theta_params, vector), sizeof(rope_theta_params::vector)},
};
constexpr op_table table{terms, rows, 2, 143, fields, 35, sizeof(rope_theta_params)};
}  // namespace
}  // namespace rope_theta_op

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
constexpr scale_tune tune_0{4, 0};
constexpr scale_tune tune_1{0, 8};
constexpr scale_tune tune_2{0, 1};
constexpr kernel_row rows[] = {
    {"scale", "flat", "scale", "*", "scale_flat_{data}", "p.vector && p.rank == 1", "main", 256, {0}, &tune_0, [](const void* v) { const scale_params& p = *static_cast<const scale_params*>(v); return bool(p.vector && p.rank == 1); }, nullptr},
    {"scale", "vectors", "scale", "*", "scale_vectors", "p.vector", "main", 256, {0}, &tune_1, [](const void* v) { const scale_params& p = *static_cast<const scale_params*>(v); return bool(p.vector); }, nullptr},
    {"scale", "elements", "scale", "*", "scale_elements", "", "main", 256, {0}, &tune_2, nullptr, nullptr},
    {"scale", "cpu", "", "cpu", "", "", "main", 1, {}, nullptr, nullptr, [](const void* v, const bound_dtypes& t) { scale_reference(*static_cast<const scale_params*>(v), t); }},
};
constexpr param_field fields[] = {
    {"input", "const void*", offsetof(scale_params, input), sizeof(scale_params::input)},
    {"output", "void*", offsetof(scale_params, output), sizeof(scale_params::output)},
    {"n", "int64_t", offsetof(scale_params, n), sizeof(scale_params::n)},
    {"shape", "int64_t", offsetof(scale_params, shape), sizeof(scale_params::shape)},
    {"input_stride", "int64_t", offsetof(scale_params, input_stride), sizeof(scale_params::input_stride)},
    {"output_stride", "int64_t", offsetof(scale_params, output_stride), sizeof(scale_params::output_stride)},
    {"steps", "hipinfer::divisor", offsetof(scale_params, steps), sizeof(scale_params::steps)},
    {"items", "int64_t", offsetof(scale_params, items), sizeof(scale_params::items)},
    {"input_type", "hipinfer::dtype", offsetof(scale_params, input_type), sizeof(scale_params::input_type)},
    {"output_type", "hipinfer::dtype", offsetof(scale_params, output_type), sizeof(scale_params::output_type)},
    {"rank", "int32_t", offsetof(scale_params, rank), sizeof(scale_params::rank)},
    {"vector", "int32_t", offsetof(scale_params, vector), sizeof(scale_params::vector)},
    {"each", "int32_t", offsetof(scale_params, each), sizeof(scale_params::each)},
    {"factor", "float", offsetof(scale_params, factor), sizeof(scale_params::factor)},
};
constexpr op_table table{terms, rows, 4, 145, fields, 14, sizeof(scale_params)};
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
constexpr silu_and_mul_tune tune_0{1, 2};
constexpr silu_and_mul_tune tune_1{0, 4};
constexpr kernel_row rows[] = {
    {"silu_and_mul", "vectors", "silu_and_mul", "*", "silu_and_mul_vectors_{data}", "p.vector", "main", 256, {0}, &tune_0, [](const void* v) { const silu_and_mul_params& p = *static_cast<const silu_and_mul_params*>(v); return bool(p.vector); }, nullptr},
    {"silu_and_mul", "elements", "silu_and_mul", "*", "silu_and_mul_elements_{data}", "", "main", 256, {0}, &tune_1, nullptr, nullptr},
    {"silu_and_mul", "cpu", "", "cpu", "", "", "main", 1, {}, nullptr, nullptr, [](const void* v, const bound_dtypes& t) { silu_and_mul_reference(*static_cast<const silu_and_mul_params*>(v), t); }},
};
constexpr param_field fields[] = {
    {"gate", "const void*", offsetof(silu_and_mul_params, gate), sizeof(silu_and_mul_params::gate)},
    {"up", "const void*", offsetof(silu_and_mul_params, up), sizeof(silu_and_mul_params::up)},
    {"output", "void*", offsetof(silu_and_mul_params, output), sizeof(silu_and_mul_params::output)},
    {"rows", "int64_t", offsetof(silu_and_mul_params, rows), sizeof(silu_and_mul_params::rows)},
    {"n", "int64_t", offsetof(silu_and_mul_params, n), sizeof(silu_and_mul_params::n)},
    {"gate_stride", "int64_t", offsetof(silu_and_mul_params, gate_stride), sizeof(silu_and_mul_params::gate_stride)},
    {"up_stride", "int64_t", offsetof(silu_and_mul_params, up_stride), sizeof(silu_and_mul_params::up_stride)},
    {"output_stride", "int64_t", offsetof(silu_and_mul_params, output_stride), sizeof(silu_and_mul_params::output_stride)},
    {"row_vectors", "hipinfer::divisor", offsetof(silu_and_mul_params, row_vectors), sizeof(silu_and_mul_params::row_vectors)},
    {"vectors", "int64_t", offsetof(silu_and_mul_params, vectors), sizeof(silu_and_mul_params::vectors)},
    {"vector", "int32_t", offsetof(silu_and_mul_params, vector), sizeof(silu_and_mul_params::vector)},
    {"each", "int32_t", offsetof(silu_and_mul_params, each), sizeof(silu_and_mul_params::each)},
};
constexpr op_table table{terms, rows, 3, 149, fields, 12, sizeof(silu_and_mul_params)};
}  // namespace
}  // namespace silu_and_mul_op

namespace silu_and_mul_dynamic_quant_op {
namespace {
constexpr const char* symbols[] = {"T", "N"};
constexpr shape_alternative output_shapes[] = {{2, {{0, 1, 0}, {1, 1, 0}}}};
constexpr shape_alternative scales_shapes[] = {{1, {{0, 1, 0}}}};
constexpr shape_alternative input_shapes[] = {{2, {{0, 1, 0}, {1, 2, 0}}}};
constexpr tensor_contract tensors[] = {
    {"output", false, true, 0, 1, layout::rows, 1, output_shapes},
    {"scales", false, true, 0, 2, layout::rows, 1, scales_shapes},
    {"input", false, false, 0, 0, layout::rows, 1, input_shapes},
};
constexpr dtype_variable dtypes[] = {
    {"data", bit(dtype::f32) | bit(dtype::f16) | bit(dtype::bf16), -1},
    {"output", bit(dtype::i8) | bit(dtype::e4m3fn) | bit(dtype::e4m3fnuz) | bit(dtype::e5m2) | bit(dtype::e5m2fnuz), -1},
    {"scale", bit(dtype::f32), -1},
};
constexpr contract terms{"silu_and_mul_dynamic_quant", tensors, 3, dtypes, 3, symbols, 2};
constexpr silu_and_mul_dynamic_quant_tune tune_0{24, 256};
constexpr silu_and_mul_dynamic_quant_tune tune_1{32, 512};
constexpr silu_and_mul_dynamic_quant_tune tune_2{8, 256};
constexpr kernel_row rows[] = {
    {"silu_and_mul_dynamic_quant", "short_rows", "silu_and_mul_dynamic_quant", "*", "silu_and_mul_dynamic_quant_short_rows_{data}", "p.vector && p.n <= 6144", "main", 256, {0, 0, 0}, &tune_0, [](const void* v) { const silu_and_mul_dynamic_quant_params& p = *static_cast<const silu_and_mul_dynamic_quant_params*>(v); return bool(p.vector && p.n <= 6144); }, nullptr},
    {"silu_and_mul_dynamic_quant", "long_rows", "silu_and_mul_dynamic_quant", "*", "silu_and_mul_dynamic_quant_long_rows_{data}", "p.vector && p.n <= 16384", "main", 512, {0, 0, 0}, &tune_1, [](const void* v) { const silu_and_mul_dynamic_quant_params& p = *static_cast<const silu_and_mul_dynamic_quant_params*>(v); return bool(p.vector && p.n <= 16384); }, nullptr},
    {"silu_and_mul_dynamic_quant", "rows", "silu_and_mul_dynamic_quant", "*", "silu_and_mul_dynamic_quant_rows_{data}", "", "main", 256, {0, 0, 0}, &tune_2, nullptr, nullptr},
    {"silu_and_mul_dynamic_quant", "cpu", "", "cpu", "", "", "main", 1, {}, nullptr, nullptr, [](const void* v, const bound_dtypes& t) { silu_and_mul_dynamic_quant_reference(*static_cast<const silu_and_mul_dynamic_quant_params*>(v), t); }},
};
constexpr param_field fields[] = {
    {"gate", "const void*", offsetof(silu_and_mul_dynamic_quant_params, gate), sizeof(silu_and_mul_dynamic_quant_params::gate)},
    {"up", "const void*", offsetof(silu_and_mul_dynamic_quant_params, up), sizeof(silu_and_mul_dynamic_quant_params::up)},
    {"output", "void*", offsetof(silu_and_mul_dynamic_quant_params, output), sizeof(silu_and_mul_dynamic_quant_params::output)},
    {"scales", "void*", offsetof(silu_and_mul_dynamic_quant_params, scales), sizeof(silu_and_mul_dynamic_quant_params::scales)},
    {"rows", "int64_t", offsetof(silu_and_mul_dynamic_quant_params, rows), sizeof(silu_and_mul_dynamic_quant_params::rows)},
    {"n", "int64_t", offsetof(silu_and_mul_dynamic_quant_params, n), sizeof(silu_and_mul_dynamic_quant_params::n)},
    {"gate_stride", "int64_t", offsetof(silu_and_mul_dynamic_quant_params, gate_stride), sizeof(silu_and_mul_dynamic_quant_params::gate_stride)},
    {"up_stride", "int64_t", offsetof(silu_and_mul_dynamic_quant_params, up_stride), sizeof(silu_and_mul_dynamic_quant_params::up_stride)},
    {"output_stride", "int64_t", offsetof(silu_and_mul_dynamic_quant_params, output_stride), sizeof(silu_and_mul_dynamic_quant_params::output_stride)},
    {"scales_stride", "int64_t", offsetof(silu_and_mul_dynamic_quant_params, scales_stride), sizeof(silu_and_mul_dynamic_quant_params::scales_stride)},
    {"lanes_log2", "int32_t", offsetof(silu_and_mul_dynamic_quant_params, lanes_log2), sizeof(silu_and_mul_dynamic_quant_params::lanes_log2)},
    {"vector", "int32_t", offsetof(silu_and_mul_dynamic_quant_params, vector), sizeof(silu_and_mul_dynamic_quant_params::vector)},
    {"output_type", "hipinfer::dtype", offsetof(silu_and_mul_dynamic_quant_params, output_type), sizeof(silu_and_mul_dynamic_quant_params::output_type)},
};
constexpr op_table table{terms, rows, 4, 152, fields, 13, sizeof(silu_and_mul_dynamic_quant_params)};
}  // namespace
}  // namespace silu_and_mul_dynamic_quant_op

namespace silu_and_mul_quant_op {
namespace {
constexpr const char* symbols[] = {"T", "N"};
constexpr shape_alternative output_shapes[] = {{2, {{0, 1, 0}, {1, 1, 0}}}};
constexpr shape_alternative input_shapes[] = {{2, {{0, 1, 0}, {1, 2, 0}}}};
constexpr shape_alternative scale_shapes[] = {{1, {{-1, 0, 1}}}};
constexpr tensor_contract tensors[] = {
    {"output", false, true, 0, 1, layout::rows, 1, output_shapes},
    {"input", false, false, 0, 0, layout::rows, 1, input_shapes},
    {"scale", false, false, 0, 2, layout::rows, 1, scale_shapes},
};
constexpr dtype_variable dtypes[] = {
    {"data", bit(dtype::f32) | bit(dtype::f16) | bit(dtype::bf16), -1},
    {"output", bit(dtype::i8) | bit(dtype::e4m3fn) | bit(dtype::e4m3fnuz) | bit(dtype::e5m2) | bit(dtype::e5m2fnuz), -1},
    {"scale", bit(dtype::f32), -1},
};
constexpr contract terms{"silu_and_mul_quant", tensors, 3, dtypes, 3, symbols, 2};
constexpr silu_and_mul_quant_tune tune_0{1, 2};
constexpr silu_and_mul_quant_tune tune_1{0, 4};
constexpr kernel_row rows[] = {
    {"silu_and_mul_quant", "vectors", "silu_and_mul_quant", "*", "silu_and_mul_quant_vectors_{data}", "p.vector", "main", 256, {0, 0, 0}, &tune_0, [](const void* v) { const silu_and_mul_quant_params& p = *static_cast<const silu_and_mul_quant_params*>(v); return bool(p.vector); }, nullptr},
    {"silu_and_mul_quant", "elements", "silu_and_mul_quant", "*", "silu_and_mul_quant_elements_{data}", "", "main", 256, {0, 0, 0}, &tune_1, nullptr, nullptr},
    {"silu_and_mul_quant", "cpu", "", "cpu", "", "", "main", 1, {}, nullptr, nullptr, [](const void* v, const bound_dtypes& t) { silu_and_mul_quant_reference(*static_cast<const silu_and_mul_quant_params*>(v), t); }},
};
constexpr param_field fields[] = {
    {"gate", "const void*", offsetof(silu_and_mul_quant_params, gate), sizeof(silu_and_mul_quant_params::gate)},
    {"up", "const void*", offsetof(silu_and_mul_quant_params, up), sizeof(silu_and_mul_quant_params::up)},
    {"scale", "const void*", offsetof(silu_and_mul_quant_params, scale), sizeof(silu_and_mul_quant_params::scale)},
    {"output", "void*", offsetof(silu_and_mul_quant_params, output), sizeof(silu_and_mul_quant_params::output)},
    {"rows", "int64_t", offsetof(silu_and_mul_quant_params, rows), sizeof(silu_and_mul_quant_params::rows)},
    {"n", "int64_t", offsetof(silu_and_mul_quant_params, n), sizeof(silu_and_mul_quant_params::n)},
    {"gate_stride", "int64_t", offsetof(silu_and_mul_quant_params, gate_stride), sizeof(silu_and_mul_quant_params::gate_stride)},
    {"up_stride", "int64_t", offsetof(silu_and_mul_quant_params, up_stride), sizeof(silu_and_mul_quant_params::up_stride)},
    {"output_stride", "int64_t", offsetof(silu_and_mul_quant_params, output_stride), sizeof(silu_and_mul_quant_params::output_stride)},
    {"row_vectors", "hipinfer::divisor", offsetof(silu_and_mul_quant_params, row_vectors), sizeof(silu_and_mul_quant_params::row_vectors)},
    {"vectors", "int64_t", offsetof(silu_and_mul_quant_params, vectors), sizeof(silu_and_mul_quant_params::vectors)},
    {"output_type", "hipinfer::dtype", offsetof(silu_and_mul_quant_params, output_type), sizeof(silu_and_mul_quant_params::output_type)},
    {"vector", "int32_t", offsetof(silu_and_mul_quant_params, vector), sizeof(silu_and_mul_quant_params::vector)},
    {"each", "int32_t", offsetof(silu_and_mul_quant_params, each), sizeof(silu_and_mul_quant_params::each)},
};
constexpr op_table table{terms, rows, 3, 156, fields, 14, sizeof(silu_and_mul_quant_params)};
}  // namespace
}  // namespace silu_and_mul_quant_op

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
constexpr softmax_tune tune_0{16};
constexpr softmax_tune tune_1{1};
constexpr softmax_tune tune_2{16};
constexpr kernel_row rows[] = {
    {"softmax", "long_rows", "softmax", "*", "softmax_long_rows_{data}_{out}", "p.vector && p.n > 16384", "main", 1024, {0, 0, 0}, &tune_0, [](const void* v) { const softmax_params& p = *static_cast<const softmax_params*>(v); return bool(p.vector && p.n > 16384); }, nullptr},
    {"softmax", "rows", "softmax", "*", "softmax_rows_{data}_{out}", "p.vector && p.n <= 16384", "main", 256, {0, 0, 0}, &tune_1, [](const void* v) { const softmax_params& p = *static_cast<const softmax_params*>(v); return bool(p.vector && p.n <= 16384); }, nullptr},
    {"softmax", "elements", "softmax", "*", "softmax_elements", "", "main", 512, {0, 0, 0}, &tune_2, nullptr, nullptr},
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
    {"input_type", "hipinfer::dtype", offsetof(softmax_params, input_type), sizeof(softmax_params::input_type)},
    {"output_type", "hipinfer::dtype", offsetof(softmax_params, output_type), sizeof(softmax_params::output_type)},
    {"vector", "int32_t", offsetof(softmax_params, vector), sizeof(softmax_params::vector)},
    {"parts_log2", "int32_t", offsetof(softmax_params, parts_log2), sizeof(softmax_params::parts_log2)},
};
constexpr op_table table{terms, rows, 4, 159, fields, 12, sizeof(softmax_params)};
}  // namespace
}  // namespace softmax_op

namespace swiglu_op {
namespace {
constexpr const char* symbols[] = {"T", "N"};
constexpr shape_alternative output_shapes[] = {{2, {{0, 1, 0}, {1, 1, 0}}}};
constexpr shape_alternative gate_shapes[] = {{2, {{0, 1, 0}, {1, 1, 0}}}};
constexpr shape_alternative up_shapes[] = {{2, {{0, 1, 0}, {1, 1, 0}}}};
constexpr tensor_contract tensors[] = {
    {"output", false, true, 1u << 1 | 1u << 2, 0, layout::rows, 1, output_shapes},
    {"gate", false, false, 0, 0, layout::rows, 1, gate_shapes},
    {"up", false, false, 0, 0, layout::rows, 1, up_shapes},
};
constexpr dtype_variable dtypes[] = {
    {"data", bit(dtype::f32) | bit(dtype::f16) | bit(dtype::bf16), -1},
};
constexpr contract terms{"swiglu", tensors, 3, dtypes, 1, symbols, 2};
constexpr swiglu_tune tune_0{1, 2};
constexpr swiglu_tune tune_1{0, 4};
constexpr kernel_row rows[] = {
    {"swiglu", "vectors", "swiglu", "*", "swiglu_vectors_{data}", "p.vector", "main", 256, {0}, &tune_0, [](const void* v) { const swiglu_params& p = *static_cast<const swiglu_params*>(v); return bool(p.vector); }, nullptr},
    {"swiglu", "elements", "swiglu", "*", "swiglu_elements_{data}", "", "main", 256, {0}, &tune_1, nullptr, nullptr},
    {"swiglu", "cpu", "", "cpu", "", "", "main", 1, {}, nullptr, nullptr, [](const void* v, const bound_dtypes& t) { swiglu_reference(*static_cast<const swiglu_params*>(v), t); }},
};
constexpr param_field fields[] = {
    {"gate", "const void*", offsetof(swiglu_params, gate), sizeof(swiglu_params::gate)},
    {"up", "const void*", offsetof(swiglu_params, up), sizeof(swiglu_params::up)},
    {"output", "void*", offsetof(swiglu_params, output), sizeof(swiglu_params::output)},
    {"rows", "int64_t", offsetof(swiglu_params, rows), sizeof(swiglu_params::rows)},
    {"n", "int64_t", offsetof(swiglu_params, n), sizeof(swiglu_params::n)},
    {"gate_stride", "int64_t", offsetof(swiglu_params, gate_stride), sizeof(swiglu_params::gate_stride)},
    {"up_stride", "int64_t", offsetof(swiglu_params, up_stride), sizeof(swiglu_params::up_stride)},
    {"output_stride", "int64_t", offsetof(swiglu_params, output_stride), sizeof(swiglu_params::output_stride)},
    {"row_vectors", "hipinfer::divisor", offsetof(swiglu_params, row_vectors), sizeof(swiglu_params::row_vectors)},
    {"vectors", "int64_t", offsetof(swiglu_params, vectors), sizeof(swiglu_params::vectors)},
    {"vector", "int32_t", offsetof(swiglu_params, vector), sizeof(swiglu_params::vector)},
    {"each", "int32_t", offsetof(swiglu_params, each), sizeof(swiglu_params::each)},
};
constexpr op_table table{terms, rows, 3, 163, fields, 12, sizeof(swiglu_params)};
}  // namespace
}  // namespace swiglu_op

namespace top_k_top_p_sampling_from_logits_op {
namespace {
constexpr const char* symbols[] = {"T", "V"};
constexpr shape_alternative output_shapes[] = {{1, {{0, 1, 0}}}};
constexpr shape_alternative valid_shapes[] = {{1, {{0, 1, 0}}}};
constexpr shape_alternative logits_shapes[] = {{2, {{0, 1, 0}, {1, 1, 0}}}};
constexpr shape_alternative temperatures_shapes[] = {{1, {{0, 1, 0}}}};
constexpr shape_alternative top_ks_shapes[] = {{1, {{0, 1, 0}}}};
constexpr shape_alternative top_ps_shapes[] = {{1, {{0, 1, 0}}}};
constexpr shape_alternative philox_shapes[] = {{1, {{-1, 0, 2}}}};
constexpr tensor_contract tensors[] = {
    {"output", false, true, 0, 1, layout::rows, 1, output_shapes},
    {"valid", true, true, 0, 2, layout::rows, 1, valid_shapes},
    {"logits", false, false, 0, 0, layout::rows, 1, logits_shapes},
    {"temperatures", true, false, 0, 3, layout::rows, 1, temperatures_shapes},
    {"top_ks", true, false, 0, 1, layout::rows, 1, top_ks_shapes},
    {"top_ps", true, false, 0, 3, layout::rows, 1, top_ps_shapes},
    {"philox", true, false, 0, 4, layout::rows, 1, philox_shapes},
};
constexpr dtype_variable dtypes[] = {
    {"data", bit(dtype::f32) | bit(dtype::f16) | bit(dtype::bf16), -1},
    {"id", bit(dtype::i32), -1},
    {"flag", bit(dtype::b8), -1},
    {"real", bit(dtype::f32), -1},
    {"state", bit(dtype::i64), -1},
};
constexpr contract terms{"top_k_top_p_sampling_from_logits", tensors, 7, dtypes, 5, symbols, 2};
constexpr kernel_row rows[] = {
    {"top_k_top_p_sampling_from_logits", "vector", "top_k_top_p_sampling_from_logits", "*", "top_k_top_p_sampling_from_logits_vector_{data}", "p.vector", "main", 512, {0, 0, 0, 0, 0}, nullptr, [](const void* v) { const top_k_top_p_sampling_from_logits_params& p = *static_cast<const top_k_top_p_sampling_from_logits_params*>(v); return bool(p.vector); }, nullptr},
    {"top_k_top_p_sampling_from_logits", "rows", "top_k_top_p_sampling_from_logits", "*", "top_k_top_p_sampling_from_logits_rows_{data}", "", "main", 512, {0, 0, 0, 0, 0}, nullptr, nullptr, nullptr},
    {"top_k_top_p_sampling_from_logits", "cpu", "", "cpu", "", "", "main", 1, {}, nullptr, nullptr, [](const void* v, const bound_dtypes& t) { top_k_top_p_sampling_from_logits_reference(*static_cast<const top_k_top_p_sampling_from_logits_params*>(v), t); }},
};
constexpr param_field fields[] = {
    {"output", "int32_t*", offsetof(top_k_top_p_sampling_from_logits_params, output), sizeof(top_k_top_p_sampling_from_logits_params::output)},
    {"valid", "uint8_t*", offsetof(top_k_top_p_sampling_from_logits_params, valid), sizeof(top_k_top_p_sampling_from_logits_params::valid)},
    {"logits", "const void*", offsetof(top_k_top_p_sampling_from_logits_params, logits), sizeof(top_k_top_p_sampling_from_logits_params::logits)},
    {"temperatures", "const void*", offsetof(top_k_top_p_sampling_from_logits_params, temperatures), sizeof(top_k_top_p_sampling_from_logits_params::temperatures)},
    {"top_ks", "const int32_t*", offsetof(top_k_top_p_sampling_from_logits_params, top_ks), sizeof(top_k_top_p_sampling_from_logits_params::top_ks)},
    {"top_ps", "const void*", offsetof(top_k_top_p_sampling_from_logits_params, top_ps), sizeof(top_k_top_p_sampling_from_logits_params::top_ps)},
    {"philox", "const int64_t*", offsetof(top_k_top_p_sampling_from_logits_params, philox), sizeof(top_k_top_p_sampling_from_logits_params::philox)},
    {"rows", "int64_t", offsetof(top_k_top_p_sampling_from_logits_params, rows), sizeof(top_k_top_p_sampling_from_logits_params::rows)},
    {"n", "int64_t", offsetof(top_k_top_p_sampling_from_logits_params, n), sizeof(top_k_top_p_sampling_from_logits_params::n)},
    {"logits_stride", "int64_t", offsetof(top_k_top_p_sampling_from_logits_params, logits_stride), sizeof(top_k_top_p_sampling_from_logits_params::logits_stride)},
    {"seed", "int64_t", offsetof(top_k_top_p_sampling_from_logits_params, seed), sizeof(top_k_top_p_sampling_from_logits_params::seed)},
    {"offset", "int64_t", offsetof(top_k_top_p_sampling_from_logits_params, offset), sizeof(top_k_top_p_sampling_from_logits_params::offset)},
    {"temperature", "float", offsetof(top_k_top_p_sampling_from_logits_params, temperature), sizeof(top_k_top_p_sampling_from_logits_params::temperature)},
    {"top_p", "float", offsetof(top_k_top_p_sampling_from_logits_params, top_p), sizeof(top_k_top_p_sampling_from_logits_params::top_p)},
    {"top_k", "int32_t", offsetof(top_k_top_p_sampling_from_logits_params, top_k), sizeof(top_k_top_p_sampling_from_logits_params::top_k)},
    {"weight_bits", "int32_t", offsetof(top_k_top_p_sampling_from_logits_params, weight_bits), sizeof(top_k_top_p_sampling_from_logits_params::weight_bits)},
    {"vector", "int32_t", offsetof(top_k_top_p_sampling_from_logits_params, vector), sizeof(top_k_top_p_sampling_from_logits_params::vector)},
};
constexpr op_table table{terms, rows, 3, 166, fields, 17, sizeof(top_k_top_p_sampling_from_logits_params)};
}  // namespace
}  // namespace top_k_top_p_sampling_from_logits_op

const op_table* all_ops(int& count) {
  static constexpr op_table ops[] = {
      adaln_op::table,
      append_paged_kv_cache_op::table,
      argmax_op::table,
      cast_op::table,
      causal_mask_op::table,
      copy_blocks_op::table,
      dequantize_op::table,
      embedding_op::table,
      fused_add_rmsnorm_op::table,
      fused_add_rmsnorm_dynamic_quant_op::table,
      fused_add_rmsnorm_quant_op::table,
      gelu_and_mul_op::table,
      gelu_and_mul_dynamic_quant_op::table,
      gelu_and_mul_quant_op::table,
      gelu_tanh_and_mul_op::table,
      gelu_tanh_and_mul_dynamic_quant_op::table,
      gelu_tanh_and_mul_quant_op::table,
      gemm_op::table,
      gemma_fused_add_rmsnorm_op::table,
      gemma_rmsnorm_op::table,
      get_batch_indices_positions_op::table,
      get_seq_lens_op::table,
      layernorm_op::table,
      layernorm_quant_op::table,
      masked_softmax_op::table,
      paged_attention_decode_op::table,
      paged_attention_prefill_op::table,
      qk_norm_rope_op::table,
      quantize_per_group_op::table,
      quantize_per_tensor_op::table,
      quantize_per_token_op::table,
      rmsnorm_op::table,
      rmsnorm_dynamic_quant_op::table,
      rmsnorm_quant_op::table,
      rope_op::table,
      rope_append_kv_op::table,
      rope_cos_sin_cache_op::table,
      rope_quantize_fp8_op::table,
      rope_theta_op::table,
      scale_op::table,
      silu_and_mul_op::table,
      silu_and_mul_dynamic_quant_op::table,
      silu_and_mul_quant_op::table,
      softmax_op::table,
      swiglu_op::table,
      top_k_top_p_sampling_from_logits_op::table,
  };
  count = sizeof ops / sizeof *ops;
  return ops;
}

}  // namespace hipinfer

using namespace hipinfer;

extern "C" {

hipinfer_status hipinfer_adaln(hipinfer_context context, const hipinfer_tensor* output, const hipinfer_tensor* input, const hipinfer_tensor* scale, const hipinfer_tensor* shift, float eps, int32_t rms, hipinfer_stream stream) {
  return guard([&] {
    const hipinfer_tensor* given[] = {output, input, scale, shift};
    entry e(context, adaln_op::table, given, stream, false);
    adaln_args a{};
    a.output = e.views[0];
    a.input = e.views[1];
    a.scale = e.views[2];
    a.shift = e.views[3];
    a.eps = eps;
    a.rms = rms;
    check_range("adaln", "eps", static_cast<double>(eps), 0.0, 3.4e+38);
    check_range("adaln", "rms", static_cast<double>(rms), 0, 1);
    adaln_launch(e.work, a);
  });
}

hipinfer_status hipinfer_append_paged_kv_cache(hipinfer_context context, const hipinfer_tensor* k_cache, const hipinfer_tensor* v_cache, const hipinfer_tensor* append_key, const hipinfer_tensor* append_value, const hipinfer_tensor* batch_indices, const hipinfer_tensor* positions, const hipinfer_tensor* kv_indices, const hipinfer_tensor* kv_indptr, const hipinfer_tensor* kv_last_page_len, const hipinfer_tensor* k_scale, const hipinfer_tensor* v_scale, hipinfer_stream stream) {
  return guard([&] {
    const hipinfer_tensor* given[] = {k_cache, v_cache, append_key, append_value, batch_indices, positions, kv_indices, kv_indptr, kv_last_page_len, k_scale, v_scale};
    entry e(context, append_paged_kv_cache_op::table, given, stream, false);
    append_paged_kv_cache_args a{};
    a.k_cache = e.views[0];
    a.v_cache = e.views[1];
    a.append_key = e.views[2];
    a.append_value = e.views[3];
    a.batch_indices = e.views[4];
    a.positions = e.views[5];
    a.kv_indices = e.views[6];
    a.kv_indptr = e.views[7];
    a.kv_last_page_len = e.views[8];
    a.k_scale = e.views[9];
    a.v_scale = e.views[10];
    append_paged_kv_cache_launch(e.work, a);
  });
}

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

hipinfer_status hipinfer_copy_blocks(hipinfer_context context, const hipinfer_tensor* k_cache, const hipinfer_tensor* v_cache, const hipinfer_tensor* block_mapping, hipinfer_stream stream) {
  return guard([&] {
    const hipinfer_tensor* given[] = {k_cache, v_cache, block_mapping};
    entry e(context, copy_blocks_op::table, given, stream, false);
    copy_blocks_args a{};
    a.k_cache = e.views[0];
    a.v_cache = e.views[1];
    a.block_mapping = e.views[2];
    copy_blocks_launch(e.work, a);
  });
}

hipinfer_status hipinfer_dequantize(hipinfer_context context, const hipinfer_tensor* output, const hipinfer_tensor* input, const hipinfer_tensor* scales, int64_t group_rows, int64_t group_size, hipinfer_stream stream) {
  return guard([&] {
    const hipinfer_tensor* given[] = {output, input, scales};
    entry e(context, dequantize_op::table, given, stream, false);
    dequantize_args a{};
    a.output = e.views[0];
    a.input = e.views[1];
    a.scales = e.views[2];
    a.group_rows = group_rows;
    a.group_size = group_size;
    check_range("dequantize", "group_rows", static_cast<double>(group_rows), 0, INFINITY);
    check_range("dequantize", "group_size", static_cast<double>(group_size), 0, INFINITY);
    dequantize_launch(e.work, a);
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

hipinfer_status hipinfer_fused_add_rmsnorm_dynamic_quant(hipinfer_context context, const hipinfer_tensor* output, const hipinfer_tensor* scales, const hipinfer_tensor* input, const hipinfer_tensor* residual, const hipinfer_tensor* weight, float eps, hipinfer_stream stream) {
  return guard([&] {
    const hipinfer_tensor* given[] = {output, scales, input, residual, weight};
    entry e(context, fused_add_rmsnorm_dynamic_quant_op::table, given, stream, false);
    fused_add_rmsnorm_dynamic_quant_args a{};
    a.output = e.views[0];
    a.scales = e.views[1];
    a.input = e.views[2];
    a.residual = e.views[3];
    a.weight = e.views[4];
    a.eps = eps;
    check_range("fused_add_rmsnorm_dynamic_quant", "eps", static_cast<double>(eps), 0.0, 3.4e+38);
    fused_add_rmsnorm_dynamic_quant_launch(e.work, a);
  });
}

hipinfer_status hipinfer_fused_add_rmsnorm_quant(hipinfer_context context, const hipinfer_tensor* output, const hipinfer_tensor* input, const hipinfer_tensor* residual, const hipinfer_tensor* weight, const hipinfer_tensor* scale, float eps, hipinfer_stream stream) {
  return guard([&] {
    const hipinfer_tensor* given[] = {output, input, residual, weight, scale};
    entry e(context, fused_add_rmsnorm_quant_op::table, given, stream, false);
    fused_add_rmsnorm_quant_args a{};
    a.output = e.views[0];
    a.input = e.views[1];
    a.residual = e.views[2];
    a.weight = e.views[3];
    a.scale = e.views[4];
    a.eps = eps;
    check_range("fused_add_rmsnorm_quant", "eps", static_cast<double>(eps), 0.0, 3.4e+38);
    fused_add_rmsnorm_quant_launch(e.work, a);
  });
}

hipinfer_status hipinfer_gelu_and_mul(hipinfer_context context, const hipinfer_tensor* output, const hipinfer_tensor* input, hipinfer_stream stream) {
  return guard([&] {
    const hipinfer_tensor* given[] = {output, input};
    entry e(context, gelu_and_mul_op::table, given, stream, false);
    gelu_and_mul_args a{};
    a.output = e.views[0];
    a.input = e.views[1];
    gelu_and_mul_launch(e.work, a);
  });
}

hipinfer_status hipinfer_gelu_and_mul_dynamic_quant(hipinfer_context context, const hipinfer_tensor* output, const hipinfer_tensor* scales, const hipinfer_tensor* input, hipinfer_stream stream) {
  return guard([&] {
    const hipinfer_tensor* given[] = {output, scales, input};
    entry e(context, gelu_and_mul_dynamic_quant_op::table, given, stream, false);
    gelu_and_mul_dynamic_quant_args a{};
    a.output = e.views[0];
    a.scales = e.views[1];
    a.input = e.views[2];
    gelu_and_mul_dynamic_quant_launch(e.work, a);
  });
}

hipinfer_status hipinfer_gelu_and_mul_quant(hipinfer_context context, const hipinfer_tensor* output, const hipinfer_tensor* input, const hipinfer_tensor* scale, hipinfer_stream stream) {
  return guard([&] {
    const hipinfer_tensor* given[] = {output, input, scale};
    entry e(context, gelu_and_mul_quant_op::table, given, stream, false);
    gelu_and_mul_quant_args a{};
    a.output = e.views[0];
    a.input = e.views[1];
    a.scale = e.views[2];
    gelu_and_mul_quant_launch(e.work, a);
  });
}

hipinfer_status hipinfer_gelu_tanh_and_mul(hipinfer_context context, const hipinfer_tensor* output, const hipinfer_tensor* input, hipinfer_stream stream) {
  return guard([&] {
    const hipinfer_tensor* given[] = {output, input};
    entry e(context, gelu_tanh_and_mul_op::table, given, stream, false);
    gelu_tanh_and_mul_args a{};
    a.output = e.views[0];
    a.input = e.views[1];
    gelu_tanh_and_mul_launch(e.work, a);
  });
}

hipinfer_status hipinfer_gelu_tanh_and_mul_dynamic_quant(hipinfer_context context, const hipinfer_tensor* output, const hipinfer_tensor* scales, const hipinfer_tensor* input, hipinfer_stream stream) {
  return guard([&] {
    const hipinfer_tensor* given[] = {output, scales, input};
    entry e(context, gelu_tanh_and_mul_dynamic_quant_op::table, given, stream, false);
    gelu_tanh_and_mul_dynamic_quant_args a{};
    a.output = e.views[0];
    a.scales = e.views[1];
    a.input = e.views[2];
    gelu_tanh_and_mul_dynamic_quant_launch(e.work, a);
  });
}

hipinfer_status hipinfer_gelu_tanh_and_mul_quant(hipinfer_context context, const hipinfer_tensor* output, const hipinfer_tensor* input, const hipinfer_tensor* scale, hipinfer_stream stream) {
  return guard([&] {
    const hipinfer_tensor* given[] = {output, input, scale};
    entry e(context, gelu_tanh_and_mul_quant_op::table, given, stream, false);
    gelu_tanh_and_mul_quant_args a{};
    a.output = e.views[0];
    a.input = e.views[1];
    a.scale = e.views[2];
    gelu_tanh_and_mul_quant_launch(e.work, a);
  });
}

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

hipinfer_status hipinfer_gemma_fused_add_rmsnorm(hipinfer_context context, const hipinfer_tensor* input, const hipinfer_tensor* residual, const hipinfer_tensor* weight, float eps, hipinfer_stream stream) {
  return guard([&] {
    const hipinfer_tensor* given[] = {input, residual, weight};
    entry e(context, gemma_fused_add_rmsnorm_op::table, given, stream, false);
    gemma_fused_add_rmsnorm_args a{};
    a.input = e.views[0];
    a.residual = e.views[1];
    a.weight = e.views[2];
    a.eps = eps;
    check_range("gemma_fused_add_rmsnorm", "eps", static_cast<double>(eps), 0.0, 3.4e+38);
    gemma_fused_add_rmsnorm_launch(e.work, a);
  });
}

hipinfer_status hipinfer_gemma_rmsnorm(hipinfer_context context, const hipinfer_tensor* output, const hipinfer_tensor* input, const hipinfer_tensor* weight, float eps, hipinfer_stream stream) {
  return guard([&] {
    const hipinfer_tensor* given[] = {output, input, weight};
    entry e(context, gemma_rmsnorm_op::table, given, stream, false);
    gemma_rmsnorm_args a{};
    a.output = e.views[0];
    a.input = e.views[1];
    a.weight = e.views[2];
    a.eps = eps;
    check_range("gemma_rmsnorm", "eps", static_cast<double>(eps), 0.0, 3.4e+38);
    gemma_rmsnorm_launch(e.work, a);
  });
}

hipinfer_status hipinfer_get_batch_indices_positions(hipinfer_context context, const hipinfer_tensor* batch_indices, const hipinfer_tensor* positions, const hipinfer_tensor* append_indptr, const hipinfer_tensor* seq_lens, hipinfer_stream stream) {
  return guard([&] {
    const hipinfer_tensor* given[] = {batch_indices, positions, append_indptr, seq_lens};
    entry e(context, get_batch_indices_positions_op::table, given, stream, false);
    get_batch_indices_positions_args a{};
    a.batch_indices = e.views[0];
    a.positions = e.views[1];
    a.append_indptr = e.views[2];
    a.seq_lens = e.views[3];
    get_batch_indices_positions_launch(e.work, a);
  });
}

hipinfer_status hipinfer_get_seq_lens(hipinfer_context context, const hipinfer_tensor* seq_lens, const hipinfer_tensor* kv_indptr, const hipinfer_tensor* kv_last_page_len, int64_t page_size, hipinfer_stream stream) {
  return guard([&] {
    const hipinfer_tensor* given[] = {seq_lens, kv_indptr, kv_last_page_len};
    entry e(context, get_seq_lens_op::table, given, stream, false);
    get_seq_lens_args a{};
    a.seq_lens = e.views[0];
    a.kv_indptr = e.views[1];
    a.kv_last_page_len = e.views[2];
    a.page_size = page_size;
    check_range("get_seq_lens", "page_size", static_cast<double>(page_size), 1, INFINITY);
    get_seq_lens_launch(e.work, a);
  });
}

hipinfer_status hipinfer_layernorm(hipinfer_context context, const hipinfer_tensor* output, const hipinfer_tensor* input, const hipinfer_tensor* weight, const hipinfer_tensor* bias, float eps, hipinfer_stream stream) {
  return guard([&] {
    const hipinfer_tensor* given[] = {output, input, weight, bias};
    entry e(context, layernorm_op::table, given, stream, false);
    layernorm_args a{};
    a.output = e.views[0];
    a.input = e.views[1];
    a.weight = e.views[2];
    a.bias = e.views[3];
    a.eps = eps;
    check_range("layernorm", "eps", static_cast<double>(eps), 0.0, 3.4e+38);
    layernorm_launch(e.work, a);
  });
}

hipinfer_status hipinfer_layernorm_quant(hipinfer_context context, const hipinfer_tensor* output, const hipinfer_tensor* input, const hipinfer_tensor* weight, const hipinfer_tensor* bias, const hipinfer_tensor* scale, float eps, hipinfer_stream stream) {
  return guard([&] {
    const hipinfer_tensor* given[] = {output, input, weight, bias, scale};
    entry e(context, layernorm_quant_op::table, given, stream, false);
    layernorm_quant_args a{};
    a.output = e.views[0];
    a.input = e.views[1];
    a.weight = e.views[2];
    a.bias = e.views[3];
    a.scale = e.views[4];
    a.eps = eps;
    check_range("layernorm_quant", "eps", static_cast<double>(eps), 0.0, 3.4e+38);
    layernorm_quant_launch(e.work, a);
  });
}

hipinfer_status hipinfer_masked_softmax(hipinfer_context context, const hipinfer_tensor* output, const hipinfer_tensor* input, const hipinfer_tensor* mask, float scale, int32_t causal, hipinfer_stream stream) {
  return guard([&] {
    const hipinfer_tensor* given[] = {output, input, mask};
    entry e(context, masked_softmax_op::table, given, stream, false);
    masked_softmax_args a{};
    a.output = e.views[0];
    a.input = e.views[1];
    a.mask = e.views[2];
    a.scale = scale;
    a.causal = causal;
    check_range("masked_softmax", "causal", static_cast<double>(causal), 0, 1);
    masked_softmax_launch(e.work, a);
  });
}

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
    if (!e.c.on_cpu() && !e.c.validate_only()) check_workspace(e.work, workspace, workspace_bytes, paged_attention_decode_workspace(e.work, a));
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

hipinfer_status hipinfer_qk_norm_rope(hipinfer_context context, const hipinfer_tensor* q_out, const hipinfer_tensor* k_out, const hipinfer_tensor* q, const hipinfer_tensor* k, const hipinfer_tensor* q_weight, const hipinfer_tensor* k_weight, const hipinfer_tensor* cos_sin, const hipinfer_tensor* positions, float eps, int32_t interleaved, hipinfer_stream stream) {
  return guard([&] {
    const hipinfer_tensor* given[] = {q_out, k_out, q, k, q_weight, k_weight, cos_sin, positions};
    entry e(context, qk_norm_rope_op::table, given, stream, false);
    qk_norm_rope_args a{};
    a.q_out = e.views[0];
    a.k_out = e.views[1];
    a.q = e.views[2];
    a.k = e.views[3];
    a.q_weight = e.views[4];
    a.k_weight = e.views[5];
    a.cos_sin = e.views[6];
    a.positions = e.views[7];
    a.eps = eps;
    a.interleaved = interleaved;
    check_range("qk_norm_rope", "eps", static_cast<double>(eps), 0.0, 3.4e+38);
    check_range("qk_norm_rope", "interleaved", static_cast<double>(interleaved), 0, 1);
    qk_norm_rope_launch(e.work, a);
  });
}

hipinfer_status hipinfer_quantize_per_group(hipinfer_context context, const hipinfer_tensor* output, const hipinfer_tensor* scales, const hipinfer_tensor* input, int64_t group_size, hipinfer_stream stream) {
  return guard([&] {
    const hipinfer_tensor* given[] = {output, scales, input};
    entry e(context, quantize_per_group_op::table, given, stream, false);
    quantize_per_group_args a{};
    a.output = e.views[0];
    a.scales = e.views[1];
    a.input = e.views[2];
    a.group_size = group_size;
    check_range("quantize_per_group", "group_size", static_cast<double>(group_size), 1, INFINITY);
    quantize_per_group_launch(e.work, a);
  });
}

hipinfer_status hipinfer_quantize_per_tensor(hipinfer_context context, const hipinfer_tensor* output, const hipinfer_tensor* input, const hipinfer_tensor* scale, hipinfer_stream stream) {
  return guard([&] {
    const hipinfer_tensor* given[] = {output, input, scale};
    entry e(context, quantize_per_tensor_op::table, given, stream, false);
    quantize_per_tensor_args a{};
    a.output = e.views[0];
    a.input = e.views[1];
    a.scale = e.views[2];
    quantize_per_tensor_launch(e.work, a);
  });
}

hipinfer_status hipinfer_quantize_per_token(hipinfer_context context, const hipinfer_tensor* output, const hipinfer_tensor* scales, const hipinfer_tensor* input, hipinfer_stream stream) {
  return guard([&] {
    const hipinfer_tensor* given[] = {output, scales, input};
    entry e(context, quantize_per_token_op::table, given, stream, false);
    quantize_per_token_args a{};
    a.output = e.views[0];
    a.scales = e.views[1];
    a.input = e.views[2];
    quantize_per_token_launch(e.work, a);
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

hipinfer_status hipinfer_rmsnorm_dynamic_quant(hipinfer_context context, const hipinfer_tensor* output, const hipinfer_tensor* scales, const hipinfer_tensor* input, const hipinfer_tensor* weight, float eps, hipinfer_stream stream) {
  return guard([&] {
    const hipinfer_tensor* given[] = {output, scales, input, weight};
    entry e(context, rmsnorm_dynamic_quant_op::table, given, stream, false);
    rmsnorm_dynamic_quant_args a{};
    a.output = e.views[0];
    a.scales = e.views[1];
    a.input = e.views[2];
    a.weight = e.views[3];
    a.eps = eps;
    check_range("rmsnorm_dynamic_quant", "eps", static_cast<double>(eps), 0.0, 3.4e+38);
    rmsnorm_dynamic_quant_launch(e.work, a);
  });
}

hipinfer_status hipinfer_rmsnorm_quant(hipinfer_context context, const hipinfer_tensor* output, const hipinfer_tensor* input, const hipinfer_tensor* weight, const hipinfer_tensor* scale, float eps, hipinfer_stream stream) {
  return guard([&] {
    const hipinfer_tensor* given[] = {output, input, weight, scale};
    entry e(context, rmsnorm_quant_op::table, given, stream, false);
    rmsnorm_quant_args a{};
    a.output = e.views[0];
    a.input = e.views[1];
    a.weight = e.views[2];
    a.scale = e.views[3];
    a.eps = eps;
    check_range("rmsnorm_quant", "eps", static_cast<double>(eps), 0.0, 3.4e+38);
    rmsnorm_quant_launch(e.work, a);
  });
}

hipinfer_status hipinfer_rope(hipinfer_context context, const hipinfer_tensor* q_out, const hipinfer_tensor* k_out, const hipinfer_tensor* q, const hipinfer_tensor* k, const hipinfer_tensor* cos_sin, const hipinfer_tensor* positions, int32_t interleaved, hipinfer_stream stream) {
  return guard([&] {
    const hipinfer_tensor* given[] = {q_out, k_out, q, k, cos_sin, positions};
    entry e(context, rope_op::table, given, stream, false);
    rope_args a{};
    a.q_out = e.views[0];
    a.k_out = e.views[1];
    a.q = e.views[2];
    a.k = e.views[3];
    a.cos_sin = e.views[4];
    a.positions = e.views[5];
    a.interleaved = interleaved;
    check_range("rope", "interleaved", static_cast<double>(interleaved), 0, 1);
    rope_launch(e.work, a);
  });
}

hipinfer_status hipinfer_rope_append_kv(hipinfer_context context, const hipinfer_tensor* q_out, const hipinfer_tensor* k_cache, const hipinfer_tensor* v_cache, const hipinfer_tensor* q, const hipinfer_tensor* k, const hipinfer_tensor* v, const hipinfer_tensor* cos_sin, const hipinfer_tensor* positions, const hipinfer_tensor* batch_indices, const hipinfer_tensor* kv_indices, const hipinfer_tensor* kv_indptr, const hipinfer_tensor* kv_last_page_len, const hipinfer_tensor* pos_ids, const hipinfer_tensor* k_scale, const hipinfer_tensor* v_scale, int32_t interleaved, hipinfer_stream stream) {
  return guard([&] {
    const hipinfer_tensor* given[] = {q_out, k_cache, v_cache, q, k, v, cos_sin, positions, batch_indices, kv_indices, kv_indptr, kv_last_page_len, pos_ids, k_scale, v_scale};
    entry e(context, rope_append_kv_op::table, given, stream, false);
    rope_append_kv_args a{};
    a.q_out = e.views[0];
    a.k_cache = e.views[1];
    a.v_cache = e.views[2];
    a.q = e.views[3];
    a.k = e.views[4];
    a.v = e.views[5];
    a.cos_sin = e.views[6];
    a.positions = e.views[7];
    a.batch_indices = e.views[8];
    a.kv_indices = e.views[9];
    a.kv_indptr = e.views[10];
    a.kv_last_page_len = e.views[11];
    a.pos_ids = e.views[12];
    a.k_scale = e.views[13];
    a.v_scale = e.views[14];
    a.interleaved = interleaved;
    check_range("rope_append_kv", "interleaved", static_cast<double>(interleaved), 0, 1);
    rope_append_kv_launch(e.work, a);
  });
}

hipinfer_status hipinfer_rope_cos_sin_cache(hipinfer_context context, const hipinfer_tensor* output, float theta, const hipinfer_rope_cos_sin_cache_options* options, hipinfer_stream stream) {
  return guard([&] {
    const hipinfer_tensor* given[] = {output};
    entry e(context, rope_cos_sin_cache_op::table, given, stream, false);
    rope_cos_sin_cache_args a{};
    a.output = e.views[0];
    a.theta = theta;
    check_range("rope_cos_sin_cache", "theta", static_cast<double>(theta), 1.0, 3.4e+38);
    copy_options("rope_cos_sin_cache", &a.options, sizeof a.options, options);
    check_range("rope_cos_sin_cache", "scaling", static_cast<double>(a.options.scaling), 0, 3);
    check_range("rope_cos_sin_cache", "factor", static_cast<double>(a.options.factor), 0.0, 3.4e+38);
    check_range("rope_cos_sin_cache", "low_freq_factor", static_cast<double>(a.options.low_freq_factor), 0.0, 3.4e+38);
    check_range("rope_cos_sin_cache", "high_freq_factor", static_cast<double>(a.options.high_freq_factor), 0.0, 3.4e+38);
    check_range("rope_cos_sin_cache", "original_context", static_cast<double>(a.options.original_context), 0, INFINITY);
    check_range("rope_cos_sin_cache", "beta_fast", static_cast<double>(a.options.beta_fast), 0.0, 3.4e+38);
    check_range("rope_cos_sin_cache", "beta_slow", static_cast<double>(a.options.beta_slow), 0.0, 3.4e+38);
    check_range("rope_cos_sin_cache", "attention_factor", static_cast<double>(a.options.attention_factor), 0.0, 3.4e+38);
    rope_cos_sin_cache_launch(e.work, a);
  });
}

hipinfer_status hipinfer_rope_quantize_fp8(hipinfer_context context, const hipinfer_tensor* q_rope_out, const hipinfer_tensor* k_rope_out, const hipinfer_tensor* q_nope_out, const hipinfer_tensor* k_nope_out, const hipinfer_tensor* q_rope, const hipinfer_tensor* k_rope, const hipinfer_tensor* q_nope, const hipinfer_tensor* k_nope, const hipinfer_tensor* cos_sin, const hipinfer_tensor* positions, int32_t interleaved, float quant_scale_q, float quant_scale_kv, hipinfer_stream stream) {
  return guard([&] {
    const hipinfer_tensor* given[] = {q_rope_out, k_rope_out, q_nope_out, k_nope_out, q_rope, k_rope, q_nope, k_nope, cos_sin, positions};
    entry e(context, rope_quantize_fp8_op::table, given, stream, false);
    rope_quantize_fp8_args a{};
    a.q_rope_out = e.views[0];
    a.k_rope_out = e.views[1];
    a.q_nope_out = e.views[2];
    a.k_nope_out = e.views[3];
    a.q_rope = e.views[4];
    a.k_rope = e.views[5];
    a.q_nope = e.views[6];
    a.k_nope = e.views[7];
    a.cos_sin = e.views[8];
    a.positions = e.views[9];
    a.interleaved = interleaved;
    a.quant_scale_q = quant_scale_q;
    a.quant_scale_kv = quant_scale_kv;
    check_range("rope_quantize_fp8", "interleaved", static_cast<double>(interleaved), 0, 1);
    rope_quantize_fp8_launch(e.work, a);
  });
}

hipinfer_status hipinfer_rope_theta(hipinfer_context context, const hipinfer_tensor* q_out, const hipinfer_tensor* k_out, const hipinfer_tensor* q, const hipinfer_tensor* k, const hipinfer_tensor* positions, const hipinfer_tensor* indptr, const hipinfer_tensor* offsets, int32_t interleaved, float theta, const hipinfer_rope_theta_options* options, hipinfer_stream stream) {
  return guard([&] {
    const hipinfer_tensor* given[] = {q_out, k_out, q, k, positions, indptr, offsets};
    entry e(context, rope_theta_op::table, given, stream, false);
    rope_theta_args a{};
    a.q_out = e.views[0];
    a.k_out = e.views[1];
    a.q = e.views[2];
    a.k = e.views[3];
    a.positions = e.views[4];
    a.indptr = e.views[5];
    a.offsets = e.views[6];
    a.interleaved = interleaved;
    a.theta = theta;
    check_range("rope_theta", "interleaved", static_cast<double>(interleaved), 0, 1);
    check_range("rope_theta", "theta", static_cast<double>(theta), 1.0, 3.4e+38);
    copy_options("rope_theta", &a.options, sizeof a.options, options);
    check_range("rope_theta", "rotary_dim", static_cast<double>(a.options.rotary_dim), 0, INFINITY);
    check_range("rope_theta", "scaling", static_cast<double>(a.options.scaling), 0, 3);
    check_range("rope_theta", "factor", static_cast<double>(a.options.factor), 0.0, 3.4e+38);
    check_range("rope_theta", "low_freq_factor", static_cast<double>(a.options.low_freq_factor), 0.0, 3.4e+38);
    check_range("rope_theta", "high_freq_factor", static_cast<double>(a.options.high_freq_factor), 0.0, 3.4e+38);
    check_range("rope_theta", "original_context", static_cast<double>(a.options.original_context), 0, INFINITY);
    check_range("rope_theta", "beta_fast", static_cast<double>(a.options.beta_fast), 0.0, 3.4e+38);
    check_range("rope_theta", "beta_slow", static_cast<double>(a.options.beta_slow), 0.0, 3.4e+38);
    check_range("rope_theta", "attention_factor", static_cast<double>(a.options.attention_factor), 0.0, 3.4e+38);
    rope_theta_launch(e.work, a);
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

hipinfer_status hipinfer_silu_and_mul_dynamic_quant(hipinfer_context context, const hipinfer_tensor* output, const hipinfer_tensor* scales, const hipinfer_tensor* input, hipinfer_stream stream) {
  return guard([&] {
    const hipinfer_tensor* given[] = {output, scales, input};
    entry e(context, silu_and_mul_dynamic_quant_op::table, given, stream, false);
    silu_and_mul_dynamic_quant_args a{};
    a.output = e.views[0];
    a.scales = e.views[1];
    a.input = e.views[2];
    silu_and_mul_dynamic_quant_launch(e.work, a);
  });
}

hipinfer_status hipinfer_silu_and_mul_quant(hipinfer_context context, const hipinfer_tensor* output, const hipinfer_tensor* input, const hipinfer_tensor* scale, hipinfer_stream stream) {
  return guard([&] {
    const hipinfer_tensor* given[] = {output, input, scale};
    entry e(context, silu_and_mul_quant_op::table, given, stream, false);
    silu_and_mul_quant_args a{};
    a.output = e.views[0];
    a.input = e.views[1];
    a.scale = e.views[2];
    silu_and_mul_quant_launch(e.work, a);
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

hipinfer_status hipinfer_swiglu(hipinfer_context context, const hipinfer_tensor* output, const hipinfer_tensor* gate, const hipinfer_tensor* up, hipinfer_stream stream) {
  return guard([&] {
    const hipinfer_tensor* given[] = {output, gate, up};
    entry e(context, swiglu_op::table, given, stream, false);
    swiglu_args a{};
    a.output = e.views[0];
    a.gate = e.views[1];
    a.up = e.views[2];
    swiglu_launch(e.work, a);
  });
}

hipinfer_status hipinfer_top_k_top_p_sampling_from_logits(hipinfer_context context, const hipinfer_tensor* output, const hipinfer_tensor* valid, const hipinfer_tensor* logits, const hipinfer_tensor* temperatures, const hipinfer_tensor* top_ks, const hipinfer_tensor* top_ps, const hipinfer_tensor* philox, float temperature, int32_t top_k, float top_p, uint64_t seed, uint64_t offset, hipinfer_stream stream) {
  return guard([&] {
    const hipinfer_tensor* given[] = {output, valid, logits, temperatures, top_ks, top_ps, philox};
    entry e(context, top_k_top_p_sampling_from_logits_op::table, given, stream, false);
    top_k_top_p_sampling_from_logits_args a{};
    a.output = e.views[0];
    a.valid = e.views[1];
    a.logits = e.views[2];
    a.temperatures = e.views[3];
    a.top_ks = e.views[4];
    a.top_ps = e.views[5];
    a.philox = e.views[6];
    a.temperature = temperature;
    a.top_k = top_k;
    a.top_p = top_p;
    a.seed = seed;
    a.offset = offset;
    check_range("top_k_top_p_sampling_from_logits", "temperature", static_cast<double>(temperature), 0.0, 3.4e+38);
    check_range("top_k_top_p_sampling_from_logits", "top_k", static_cast<double>(top_k), 0, INFINITY);
    check_range("top_k_top_p_sampling_from_logits", "top_p", static_cast<double>(top_p), 0.0, 1.0);
    top_k_top_p_sampling_from_logits_launch(e.work, a);
  });
}

}  // extern "C"
