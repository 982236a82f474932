// SPDX-License-Identifier: Apache-2.0
// struct_size, with which callers say what version of a struct they know.
#pragma once

#include <cstddef>

#include "core/limits.h"

namespace hipinfer {

// Every such struct is a whole number of size_t long, and none of its fields lies across the end of one.
constexpr bool is_struct_size(size_t size) {
  return size >= sizeof(size_t) && size <= most_options_bytes && size % sizeof(size_t) == 0;
}

}  // namespace hipinfer
