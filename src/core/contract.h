// SPDX-License-Identifier: Apache-2.0
// The contract of an operation as data, written by the generator from op.toml, and its check: ranks, dtypes, shapes,
// strides, devices, alignment, before anything is launched. What a contract cannot say is checked in launch.cpp.
#pragma once

#include "core/error.h"
#include "core/limits.h"
#include "core/tensor.h"

namespace hipinfer {

// One extent: multiple * value(symbol) + offset; symbol < 0: the literal `offset`.
struct dim {
  int8_t symbol;
  int16_t multiple;
  int16_t offset;
};

struct shape_alternative {
  uint8_t rank;
  dim dims[max_rank];
};

enum class layout : uint8_t {
  rows,     // last dimension contiguous, other strides free
  compact,  // row-major without gaps
  free,     // any strides
};

struct tensor_contract {
  const char* name;
  bool optional;
  bool output;             // written: may not be the same tensor as another argument, `aliases` excepted
  uint32_t aliases;        // bit mask of arguments that may be the same tensor
  uint8_t dtype_variable;  // index into contract::dtypes
  layout strides;
  uint8_t alternatives;  // 0: any shape, the same for all such arguments
  const shape_alternative* shapes;
};

struct dtype_variable {
  const char* name;
  uint32_t allowed;  // bit mask of dtype; f64 is added on the CPU for every variable that takes f32
  int8_t same_as;    // also allowed: what that variable is bound to; < 0: none
};

struct contract {
  const char* op;
  const tensor_contract* tensors;
  int tensor_count;
  const dtype_variable* dtypes;
  int dtype_count;
  const char* const* symbols;
  int symbol_count;
};

struct bound_dtypes {
  dtype of[max_dtypes];
  dtype operator[](int variable) const { return of[variable]; }
};

// Checks the tensors (in the contract's order, NULL where optional ones are left out) and fills views and dtypes.
// `shapes_only` accepts NULL data, for workspace queries and validate-only contexts. Throws error.
void check(const contract& c, const hipinfer_tensor* const* tensors, hipinfer_device device, bool shapes_only,
           view* views, bound_dtypes& dtypes);

// A scalar's range; NaN is never inside. Bounds are inclusive.
void check_range(const char* op, const char* argument, double value, double low, double high);

}  // namespace hipinfer
