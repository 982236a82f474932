// SPDX-License-Identifier: Apache-2.0
// The contract of an operation as data, written by the generator from family.toml, and its check: ranks, dtypes, shapes,
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

// A bound of an index: the value of a symbol (symbol < 0: 0) plus offset; below: that number itself is too large.
struct contents_bound {
  bool given;
  bool below;
  int8_t symbol;
  int16_t offset;
};

// What a tensor of indices must hold. An operation that is given something else gives a wrong result, not a fault; a
// context with CHECK_CONTENTS refuses the call.
struct contents_rule {
  uint8_t tensor;
  int8_t within = -1;  // a tensor of offsets: only entries from its first to before its last are looked at
  int8_t owners = -1;  // a tensor of offsets: only entries of requests that own something are looked at
  bool ascending = false;
  bool negative_is_none = false;  // a negative entry stands for no index
  contents_bound low{};
  contents_bound high[2]{};      // the second holds where no tensor of the call has the first one's extent
  const char* of[2] = {"", ""};  // what each of them counts, for messages
};

struct contract {
  const char* op;
  const tensor_contract* tensors;
  int tensor_count;
  const dtype_variable* dtypes;
  int dtype_count;
  const char* const* symbols;
  int symbol_count;
  const contents_rule* contents;
  int contents_count;
};

struct bound_dtypes {
  dtype of[max_dtypes];
  dtype operator[](int variable) const { return of[variable]; }
};

// Checks the tensors (in the contract's order, NULL where optional ones are left out) and fills views and dtypes.
// `symbols` gets the values of the contract's symbols, -1 where no tensor has that extent.
// `shapes_only` accepts NULL data, for workspace queries and validate-only contexts. Throws error.
void check(const contract& c, const hipinfer_tensor* const* tensors, hipinfer_device device, bool shapes_only,
           view* views, bound_dtypes& dtypes, int64_t (&symbols)[max_symbols]);

class context;

// The contents of index tensors against the contract's rules, in their order. Synchronises the stream.
void check_contents(context& context, const contract& c, const view* views, const int64_t* symbols,
                    hipinfer_stream stream);

// A scalar's range; NaN is never inside. Bounds are inclusive.
void check_range(const char* op, const char* argument, double value, double low, double high);

}  // namespace hipinfer
