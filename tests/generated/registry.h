// SPDX-License-Identifier: Apache-2.0
// Written by src/gen/generate.py from src/ops/*/op.toml; edit those.
// What the contract tests need to know of each operation.
#pragma once

struct registered_tensor {
  const char* name;
  const char* kind;  // in, out, inout
  bool optional;
  const char* dtypes;  // accepted dtypes, space-separated
  const char* strides;  // rows, compact, free
  const char* shapes;   // alternatives separated by |, extents by spaces
};

struct registered_op {
  const char* name;
  bool workspace;
  int tensor_count;
  registered_tensor tensors[16];
};

inline constexpr registered_op registry[] = {
    {"adaln", false, 4, {
        {"output", "out", false, "f32 f16 bf16", "rows", "B T N"},
        {"input", "in", false, "f32 f16 bf16", "rows", "B T N"},
        {"scale", "in", false, "f32 f16 bf16", "rows", "B N"},
        {"shift", "in", false, "f32 f16 bf16", "rows", "B N"},
    }},
    {"append_paged_kv_cache", false, 11, {
        {"k_cache", "inout", false, "f32 f16 bf16 e4m3fn e4m3fnuz e5m2 e5m2fnuz", "rows", "P S H D"},
        {"v_cache", "inout", false, "f32 f16 bf16 e4m3fn e4m3fnuz e5m2 e5m2fnuz", "rows", "P S H D"},
        {"append_key", "in", false, "f32 f16 bf16", "rows", "T H D"},
        {"append_value", "in", false, "f32 f16 bf16", "rows", "T H D"},
        {"batch_indices", "in", false, "i32 i64", "rows", "T"},
        {"positions", "in", false, "i32 i64", "rows", "T"},
        {"kv_indices", "in", false, "i32 i64", "rows", "I"},
        {"kv_indptr", "in", false, "i32 i64", "rows", "B+1"},
        {"kv_last_page_len", "in", false, "i32 i64", "rows", "B"},
        {"k_scale", "in", true, "f32", "rows", "1"},
        {"v_scale", "in", true, "f32", "rows", "1"},
    }},
    {"argmax", false, 2, {
        {"output", "out", false, "i32 i64", "rows", "T"},
        {"input", "in", false, "f32 f16 bf16", "rows", "T V"},
    }},
    {"cast", false, 2, {
        {"output", "out", false, "f32 f16 bf16 e4m3fn e4m3fnuz e5m2 e5m2fnuz", "free", "..."},
        {"input", "in", false, "f32 f16 bf16 e4m3fn e4m3fnuz e5m2 e5m2fnuz", "free", "..."},
    }},
    {"causal_mask", false, 2, {
        {"output", "out", false, "f32 f16 bf16", "rows", "B H Q K"},
        {"input", "in", false, "f32 f16 bf16", "rows", "B H Q K"},
    }},
    {"copy_blocks", false, 3, {
        {"k_cache", "inout", false, "f32 f16 bf16 e4m3fn e4m3fnuz e5m2 e5m2fnuz i8 u8", "rows", "P S H D"},
        {"v_cache", "inout", true, "f32 f16 bf16 e4m3fn e4m3fnuz e5m2 e5m2fnuz i8 u8", "rows", "P S H E"},
        {"block_mapping", "in", false, "i32 i64", "rows", "N 2"},
    }},
    {"dequantize", false, 3, {
        {"output", "out", false, "f32 f16 bf16", "rows", "T N"},
        {"input", "in", false, "e4m3fn e4m3fnuz e5m2 e5m2fnuz i8", "rows", "T N"},
        {"scales", "in", false, "f32", "free", "R|R S"},
    }},
    {"embedding", false, 3, {
        {"output", "out", false, "f32 f16 bf16", "rows", "T N"},
        {"table", "in", false, "f32 f16 bf16", "rows", "V N"},
        {"indices", "in", false, "i32 i64", "rows", "T"},
    }},
    {"fused_add_rmsnorm", false, 3, {
        {"input", "inout", false, "f32 f16 bf16", "rows", "T N"},
        {"residual", "inout", false, "f32 f16 bf16", "rows", "T N"},
        {"weight", "in", false, "f32 f16 bf16", "rows", "N"},
    }},
    {"fused_add_rmsnorm_dynamic_quant", false, 5, {
        {"output", "out", false, "e4m3fn e4m3fnuz e5m2 e5m2fnuz i8", "rows", "T N"},
        {"scales", "out", false, "f32", "free", "T"},
        {"input", "in", false, "f32 f16 bf16", "rows", "T N"},
        {"residual", "inout", false, "f32 f16 bf16", "rows", "T N"},
        {"weight", "in", false, "f32 f16 bf16", "rows", "N"},
    }},
    {"fused_add_rmsnorm_quant", false, 5, {
        {"output", "out", false, "e4m3fn e4m3fnuz e5m2 e5m2fnuz", "rows", "T N"},
        {"input", "in", false, "f32 f16 bf16", "rows", "T N"},
        {"residual", "inout", false, "f32 f16 bf16", "rows", "T N"},
        {"weight", "in", false, "f32 f16 bf16", "rows", "N"},
        {"scale", "in", false, "f32", "rows", "1"},
    }},
    {"gelu_and_mul", false, 2, {
        {"output", "out", false, "f32 f16 bf16", "rows", "T N"},
        {"input", "in", false, "f32 f16 bf16", "rows", "T 2*N"},
    }},
    {"gelu_and_mul_dynamic_quant", false, 3, {
        {"output", "out", false, "e4m3fn e4m3fnuz e5m2 e5m2fnuz i8", "rows", "T N"},
        {"scales", "out", false, "f32", "rows", "T"},
        {"input", "in", false, "f32 f16 bf16", "rows", "T 2*N"},
    }},
    {"gelu_and_mul_quant", false, 3, {
        {"output", "out", false, "e4m3fn e4m3fnuz e5m2 e5m2fnuz i8", "rows", "T N"},
        {"input", "in", false, "f32 f16 bf16", "rows", "T 2*N"},
        {"scale", "in", false, "f32", "rows", "1"},
    }},
    {"gelu_tanh_and_mul", false, 2, {
        {"output", "out", false, "f32 f16 bf16", "rows", "T N"},
        {"input", "in", false, "f32 f16 bf16", "rows", "T 2*N"},
    }},
    {"gelu_tanh_and_mul_dynamic_quant", false, 3, {
        {"output", "out", false, "e4m3fn e4m3fnuz e5m2 e5m2fnuz i8", "rows", "T N"},
        {"scales", "out", false, "f32", "rows", "T"},
        {"input", "in", false, "f32 f16 bf16", "rows", "T 2*N"},
    }},
    {"gelu_tanh_and_mul_quant", false, 3, {
        {"output", "out", false, "e4m3fn e4m3fnuz e5m2 e5m2fnuz i8", "rows", "T N"},
        {"input", "in", false, "f32 f16 bf16", "rows", "T 2*N"},
        {"scale", "in", false, "f32", "rows", "1"},
    }},
    {"gemm", false, 5, {
        {"output", "out", false, "f32 f16 bf16", "rows", "M N"},
        {"input", "in", false, "f32 f16 bf16", "rows", "M K"},
        {"weight", "in", false, "f32 f16 bf16", "rows", "N K"},
        {"bias", "in", true, "f32 f16 bf16", "rows", "N"},
        {"residual", "in", true, "f32 f16 bf16", "rows", "M N"},
    }},
    {"gemma_fused_add_rmsnorm", false, 3, {
        {"input", "inout", false, "f32 f16 bf16", "rows", "T N"},
        {"residual", "inout", false, "f32 f16 bf16", "rows", "T N"},
        {"weight", "in", false, "f32 f16 bf16", "rows", "N"},
    }},
    {"gemma_rmsnorm", false, 3, {
        {"output", "out", false, "f32 f16 bf16", "rows", "T N|T H N"},
        {"input", "in", false, "f32 f16 bf16", "rows", "T N|T H N"},
        {"weight", "in", false, "f32 f16 bf16", "rows", "N"},
    }},
    {"get_batch_indices_positions", false, 4, {
        {"batch_indices", "out", false, "i32 i64", "rows", "T"},
        {"positions", "out", false, "i32 i64", "rows", "T"},
        {"append_indptr", "in", false, "i32 i64", "rows", "B+1"},
        {"seq_lens", "in", false, "i32 i64", "rows", "B"},
    }},
    {"get_seq_lens", false, 3, {
        {"seq_lens", "out", false, "i32 i64", "rows", "B"},
        {"kv_indptr", "in", false, "i32 i64", "rows", "B+1"},
        {"kv_last_page_len", "in", false, "i32 i64", "rows", "B"},
    }},
    {"layernorm", false, 4, {
        {"output", "out", false, "f32 f16 bf16", "rows", "T N|T H N"},
        {"input", "in", false, "f32 f16 bf16", "rows", "T N|T H N"},
        {"weight", "in", true, "f32 f16 bf16", "rows", "N"},
        {"bias", "in", true, "f32 f16 bf16", "rows", "N"},
    }},
    {"layernorm_quant", false, 5, {
        {"output", "out", false, "e4m3fn e4m3fnuz e5m2 e5m2fnuz", "rows", "T N|T H N"},
        {"input", "in", false, "f32 f16 bf16", "rows", "T N|T H N"},
        {"weight", "in", true, "f32 f16 bf16", "rows", "N"},
        {"bias", "in", true, "f32 f16 bf16", "rows", "N"},
        {"scale", "in", false, "f32", "rows", "1"},
    }},
    {"masked_softmax", false, 3, {
        {"output", "out", false, "f32 f16 bf16", "rows", "B H Q K"},
        {"input", "in", false, "f32 f16 bf16", "rows", "B H Q K"},
        {"mask", "in", true, "f32 f16 bf16 bool", "free", "B H Q K"},
    }},
    {"paged_attention_decode", true, 8, {
        {"output", "out", false, "f32 f16 bf16", "rows", "B Hq D"},
        {"lse", "out", true, "f32", "rows", "B Hq"},
        {"query", "in", false, "f32 f16 bf16", "rows", "B Hq D"},
        {"k_cache", "in", false, "f32 f16 bf16", "rows", "P S Hk D"},
        {"v_cache", "in", false, "f32 f16 bf16", "rows", "P S Hk D"},
        {"kv_indptr", "in", false, "i32", "rows", "B+1"},
        {"kv_indices", "in", false, "i32", "rows", "I"},
        {"kv_last_page_len", "in", false, "i32", "rows", "B"},
    }},
    {"paged_attention_prefill", false, 9, {
        {"output", "out", false, "f32 f16 bf16", "rows", "T Hq D"},
        {"lse", "out", true, "f32", "rows", "T Hq"},
        {"query", "in", false, "f32 f16 bf16", "rows", "T Hq D"},
        {"k_cache", "in", false, "f32 f16 bf16", "rows", "P S Hk D"},
        {"v_cache", "in", false, "f32 f16 bf16", "rows", "P S Hk D"},
        {"qo_indptr", "in", false, "i32", "rows", "B+1"},
        {"kv_indptr", "in", false, "i32", "rows", "B+1"},
        {"kv_indices", "in", false, "i32", "rows", "I"},
        {"kv_last_page_len", "in", false, "i32", "rows", "B"},
    }},
    {"qk_norm_rope", false, 8, {
        {"q_out", "out", false, "f32 f16 bf16", "rows", "T Hq D"},
        {"k_out", "out", true, "f32 f16 bf16", "rows", "T Hk D"},
        {"q", "in", false, "f32 f16 bf16", "rows", "T Hq D"},
        {"k", "in", true, "f32 f16 bf16", "rows", "T Hk D"},
        {"q_weight", "in", false, "f32 f16 bf16", "rows", "D"},
        {"k_weight", "in", true, "f32 f16 bf16", "rows", "D"},
        {"cos_sin", "in", false, "f32", "rows", "P R"},
        {"positions", "in", false, "i32 i64", "rows", "T"},
    }},
    {"quantize_per_group", false, 3, {
        {"output", "out", false, "e4m3fn e4m3fnuz e5m2 e5m2fnuz i8", "rows", "T N"},
        {"scales", "out", false, "f32", "free", "T S"},
        {"input", "in", false, "f32 f16 bf16", "rows", "T N"},
    }},
    {"quantize_per_tensor", false, 3, {
        {"output", "out", false, "e4m3fn e4m3fnuz e5m2 e5m2fnuz i8", "free", "..."},
        {"input", "in", false, "f32 f16 bf16", "free", "..."},
        {"scale", "in", false, "f32", "rows", "1"},
    }},
    {"quantize_per_token", false, 3, {
        {"output", "out", false, "e4m3fn e4m3fnuz e5m2 e5m2fnuz i8", "rows", "T N"},
        {"scales", "out", false, "f32", "free", "T|T 1"},
        {"input", "in", false, "f32 f16 bf16", "rows", "T N"},
    }},
    {"rmsnorm", false, 3, {
        {"output", "out", false, "f32 f16 bf16", "rows", "T N|T H N"},
        {"input", "in", false, "f32 f16 bf16", "rows", "T N|T H N"},
        {"weight", "in", false, "f32 f16 bf16", "rows", "N"},
    }},
    {"rmsnorm_dynamic_quant", false, 4, {
        {"output", "out", false, "e4m3fn e4m3fnuz e5m2 e5m2fnuz i8", "rows", "T N|T H N"},
        {"scales", "out", false, "f32", "free", "T|T H"},
        {"input", "in", false, "f32 f16 bf16", "rows", "T N|T H N"},
        {"weight", "in", false, "f32 f16 bf16", "rows", "N"},
    }},
    {"rmsnorm_quant", false, 4, {
        {"output", "out", false, "e4m3fn e4m3fnuz e5m2 e5m2fnuz", "rows", "T N|T H N"},
        {"input", "in", false, "f32 f16 bf16", "rows", "T N|T H N"},
        {"weight", "in", false, "f32 f16 bf16", "rows", "N"},
        {"scale", "in", false, "f32", "rows", "1"},
    }},
    {"rope", false, 6, {
        {"q_out", "out", false, "f32 f16 bf16", "rows", "T Hq D"},
        {"k_out", "out", true, "f32 f16 bf16", "rows", "T Hk D"},
        {"q", "in", false, "f32 f16 bf16", "rows", "T Hq D"},
        {"k", "in", true, "f32 f16 bf16", "rows", "T Hk D"},
        {"cos_sin", "in", false, "f32", "rows", "P R"},
        {"positions", "in", false, "i32 i64", "rows", "T"},
    }},
    {"rope_append_kv", false, 15, {
        {"q_out", "out", false, "f32 f16 bf16", "rows", "T Hq D"},
        {"k_cache", "inout", false, "f32 f16 bf16 e4m3fn e4m3fnuz e5m2 e5m2fnuz", "rows", "P S Hk D"},
        {"v_cache", "inout", false, "f32 f16 bf16 e4m3fn e4m3fnuz e5m2 e5m2fnuz", "rows", "P S Hk E"},
        {"q", "in", false, "f32 f16 bf16", "rows", "T Hq D"},
        {"k", "in", false, "f32 f16 bf16", "rows", "T Hk D"},
        {"v", "in", false, "f32 f16 bf16", "rows", "T Hk E"},
        {"cos_sin", "in", false, "f32", "rows", "C R"},
        {"positions", "in", false, "i32 i64", "rows", "T"},
        {"batch_indices", "in", false, "i32 i64", "rows", "T"},
        {"kv_indices", "in", true, "i32 i64", "rows", "I"},
        {"kv_indptr", "in", true, "i32 i64", "rows", "B+1"},
        {"kv_last_page_len", "in", true, "i32 i64", "rows", "B"},
        {"pos_ids", "in", true, "i32 i64", "rows", "T"},
        {"k_scale", "in", true, "f32", "rows", "1"},
        {"v_scale", "in", true, "f32", "rows", "1"},
    }},
    {"rope_cos_sin_cache", false, 1, {
        {"output", "out", false, "f32", "rows", "P R"},
    }},
    {"rope_quantize_fp8", false, 10, {
        {"q_rope_out", "out", false, "e4m3fn e4m3fnuz e5m2 e5m2fnuz", "rows", "T Hq R"},
        {"k_rope_out", "out", false, "e4m3fn e4m3fnuz e5m2 e5m2fnuz", "rows", "T Hk R|T R"},
        {"q_nope_out", "out", true, "e4m3fn e4m3fnuz e5m2 e5m2fnuz", "rows", "T Hq N"},
        {"k_nope_out", "out", true, "e4m3fn e4m3fnuz e5m2 e5m2fnuz", "rows", "T Hk N|T N"},
        {"q_rope", "in", false, "f32 f16 bf16", "rows", "T Hq R"},
        {"k_rope", "in", false, "f32 f16 bf16", "rows", "T Hk R|T R"},
        {"q_nope", "in", true, "f32 f16 bf16", "rows", "T Hq N"},
        {"k_nope", "in", true, "f32 f16 bf16", "rows", "T Hk N|T N"},
        {"cos_sin", "in", false, "f32", "rows", "P R"},
        {"positions", "in", false, "i32 i64", "rows", "T"},
    }},
    {"rope_theta", false, 7, {
        {"q_out", "out", false, "f32 f16 bf16", "rows", "T Hq D"},
        {"k_out", "out", true, "f32 f16 bf16", "rows", "T Hk D"},
        {"q", "in", false, "f32 f16 bf16", "rows", "T Hq D"},
        {"k", "in", true, "f32 f16 bf16", "rows", "T Hk D"},
        {"positions", "in", true, "i32 i64", "rows", "T"},
        {"indptr", "in", true, "i32 i64", "rows", "B+1"},
        {"offsets", "in", true, "i32 i64", "rows", "B"},
    }},
    {"scale", false, 2, {
        {"output", "out", false, "f32 f16 bf16", "free", "..."},
        {"input", "in", false, "f32 f16 bf16", "free", "..."},
    }},
    {"silu_and_mul", false, 2, {
        {"output", "out", false, "f32 f16 bf16", "rows", "T N"},
        {"input", "in", false, "f32 f16 bf16", "rows", "T 2*N"},
    }},
    {"silu_and_mul_dynamic_quant", false, 3, {
        {"output", "out", false, "e4m3fn e4m3fnuz e5m2 e5m2fnuz i8", "rows", "T N"},
        {"scales", "out", false, "f32", "rows", "T"},
        {"input", "in", false, "f32 f16 bf16", "rows", "T 2*N"},
    }},
    {"silu_and_mul_quant", false, 3, {
        {"output", "out", false, "e4m3fn e4m3fnuz e5m2 e5m2fnuz i8", "rows", "T N"},
        {"input", "in", false, "f32 f16 bf16", "rows", "T 2*N"},
        {"scale", "in", false, "f32", "rows", "1"},
    }},
    {"softmax", false, 3, {
        {"output", "out", false, "f32 f16 bf16", "rows", "T V"},
        {"input", "in", false, "f32 f16 bf16", "rows", "T V"},
        {"temperatures", "in", true, "f32", "rows", "T"},
    }},
    {"swiglu", false, 3, {
        {"output", "out", false, "f32 f16 bf16", "rows", "T N"},
        {"gate", "in", false, "f32 f16 bf16", "rows", "T N"},
        {"up", "in", false, "f32 f16 bf16", "rows", "T N"},
    }},
    {"top_k_top_p_sampling_from_logits", false, 7, {
        {"output", "out", false, "i32", "rows", "T"},
        {"valid", "out", true, "bool", "rows", "T"},
        {"logits", "in", false, "f32 f16 bf16", "rows", "T V"},
        {"temperatures", "in", true, "f32", "rows", "T"},
        {"top_ks", "in", true, "i32", "rows", "T"},
        {"top_ps", "in", true, "f32", "rows", "T"},
        {"philox", "in", true, "i64", "rows", "2"},
    }},
};
