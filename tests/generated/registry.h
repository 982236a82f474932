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
    {"gemm", false, 5, {
        {"output", "out", false, "f32 f16 bf16", "rows", "M N"},
        {"input", "in", false, "f32 f16 bf16", "rows", "M K"},
        {"weight", "in", false, "f32 f16 bf16", "rows", "N K"},
        {"bias", "in", true, "f32 f16 bf16", "rows", "N"},
        {"residual", "in", true, "f32 f16 bf16", "rows", "M N"},
    }},
    {"rmsnorm", false, 3, {
        {"output", "out", false, "f32 f16 bf16", "rows", "T N|T H N"},
        {"input", "in", false, "f32 f16 bf16", "rows", "T N|T H N"},
        {"weight", "in", false, "f32 f16 bf16", "rows", "N"},
    }},
};
