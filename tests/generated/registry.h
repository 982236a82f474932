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
  registered_tensor tensors[12];
};

inline constexpr registered_op registry[] = {
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
    {"rmsnorm", false, 3, {
        {"output", "out", false, "f32 f16 bf16", "rows", "T N|T H N"},
        {"input", "in", false, "f32 f16 bf16", "rows", "T N|T H N"},
        {"weight", "in", false, "f32 f16 bf16", "rows", "N"},
    }},
};
