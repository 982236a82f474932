// SPDX-License-Identifier: Apache-2.0
// Element types and the checked form of a tensor.
#pragma once

#include <cstdint>
#include <string>

#include "core/limits.h"
#include "device/params.h"
#include "hipinfer/types.h"

namespace hipinfer {

constexpr uint32_t bit(dtype d) {
  return 1u << static_cast<int>(d);
}

// What results are quantised to. These keep their dtype in a call in double.
constexpr uint32_t quantised_dtypes =
    bit(dtype::e4m3fn) | bit(dtype::e4m3fnuz) | bit(dtype::e5m2) | bit(dtype::e5m2fnuz) | bit(dtype::i8);

dtype dtype_from(hipinfer_dtype d);
const char* dtype_name(dtype d);
int dtype_bytes(dtype d);  // of an element; 0 where elements are stored in blocks
// Elements are stored in blocks of so many elements and bytes: 1 and dtype_bytes() where each has bytes of its own.
int block_elements(dtype d);
int block_bytes(dtype d);
int block_alignment(dtype d);  // bytes
inline bool is_block(dtype d) {
  return block_elements(d) > 1;
}
// Bytes from a tensor's first element to the one `elements` further, a whole number of blocks.
inline int64_t offset_bytes(dtype d, int64_t elements) {
  return elements / block_elements(d) * block_bytes(d);
}
std::string dtype_names(uint32_t mask);

// A tensor after the contract has been checked: byte_offset is applied, strides are present. Of an optional tensor that was
// left out data is NULL. Of one that is there it is not, even without elements: no_elements then, with strides of 0.
inline void* const no_elements = reinterpret_cast<void*>(4096);  // aligned, and nobody's memory on any device

struct view {
  void* data = nullptr;
  dtype type = dtype::unknown;
  int rank = 0;
  int64_t shape[max_rank] = {};
  int64_t stride[max_rank] = {};  // in elements
  bool given() const { return type != dtype::unknown; }

  int64_t extent(int from_end) const { return shape[rank - from_end]; }
  int64_t elements() const {
    int64_t n = 1;
    for (int i = 0; i < rank; ++i) n *= shape[i];
    return n;
  }
  // Every row can be read in steps of `bytes`: the start and all strides but the last are multiples of it.
  bool aligned(int bytes) const;
};

}  // namespace hipinfer
