// SPDX-License-Identifier: Apache-2.0
// What the fuzzer knows of an operation: its contract as data and a function that calls it, which src/gen/fuzz.py writes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "hipinfer/types.h"

namespace fuzz {

// multiple * symbol + offset; symbol < 0: offset alone.
struct extent {
  int symbol, multiple, offset;
};

// What an index tensor must hold: from low to high.
struct contents {
  bool given = false, ascending = false;
  extent low{-1, 0, 0}, high{-1, 0, 0};
};

struct tensor {
  const char* name;
  bool optional, output;
  uint32_t aliases;  // bit mask of tensors that may be the same memory
  int variable;
  char layout;                              // of rows, compact, free: the first letter
  std::vector<std::vector<extent>> shapes;  // alternatives; none: any shape
  contents holds;
};

struct variable {
  std::vector<hipinfer_dtype> dtypes;
  int same_as;  // also what that variable has; < 0: none
};

struct scalar {
  const char* name;
  char kind;  // of f32, i32, l64, u64: the first letter
  double low, high;
  size_t offset = 0;  // in the options struct
};
union value {
  float f;
  int32_t i;
  int64_t l;
  uint64_t u;
};

struct arguments {
  hipinfer_context context;
  const hipinfer_tensor* const* tensors;
  const value* scalars;
  const void* options;
  void* workspace;
  size_t workspace_bytes;
};

struct operation {
  const char* name;
  int symbols;
  std::vector<variable> variables;
  std::vector<tensor> tensors;  // arguments, then options
  std::vector<scalar> scalars;
  size_t options_bytes;                // 0: none
  std::vector<scalar> options;         // those that are numbers
  std::vector<size_t> option_tensors;  // offsets, of the last tensors
  hipinfer_status (*call)(const arguments&);
  hipinfer_status (*workspace_bytes)(const arguments&, size_t* bytes);  // NULL: takes no workspace
};

}  // namespace fuzz
