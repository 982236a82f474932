// SPDX-License-Identifier: Apache-2.0
// How much an operation may have. The generator reads these numbers here and refuses a contract that has more.
#pragma once

#include <cstdint>

namespace hipinfer {

constexpr int max_tensors = 16;
constexpr int max_dtypes = 6;  // dtype variables
constexpr int max_symbols = 16;
constexpr int max_rank = 6;
constexpr int max_edges = 32;  // extents at which a kernel changes, for the tests

// A tensor's extents, those of 0 left out, multiply to no more, and no element is further from the first in bytes. So what
// launches make of the extents and strides of one tensor stays in 64 bits; core/products.h has products of several tensors'.
constexpr int64_t most_reach = int64_t{1} << 60;

// No options struct of any version is larger: a struct_size beyond is not one.
constexpr int most_options_bytes = 4096;

}  // namespace hipinfer
