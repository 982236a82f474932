// SPDX-License-Identifier: Apache-2.0
// How much an operation may have. The generator reads these numbers here and refuses a contract that has more.
#pragma once

namespace hipinfer {

constexpr int max_tensors = 16;
constexpr int max_dtypes = 6;  // dtype variables
constexpr int max_symbols = 16;
constexpr int max_rank = 6;
constexpr int max_edges = 16;  // extents at which a kernel changes, for the tests

}  // namespace hipinfer
