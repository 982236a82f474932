// SPDX-License-Identifier: Apache-2.0
// Memory between two pages that nobody may touch, and what it held before a call.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "tests/fuzz/dice.h"

namespace fuzz {

// Addresses are numbers here: what passes 64 bits wraps around.
inline void* address(const void* from, int64_t bytes) {
  return reinterpret_cast<void*>(reinterpret_cast<uintptr_t>(from) + static_cast<uintptr_t>(bytes));
}

class arena {
 public:
  static constexpr int64_t bytes = 1 << 16;

  arena();
  arena(const arena&) = delete;

  // Room for `before` and `after` bytes around an address, one end of it at a guard page; filled at random.
  unsigned char* place(dice& d, int64_t before, int64_t after);
  bool holds(const void* first, const void* bound) const {
    return first >= begin_ && bound <= begin_ + bytes && first <= bound;
  }
  // Notes what the room and a little on both sides of it hold.
  void remember();
  // The first byte that is not as it was, but for those of the arena that are `written` (an empty list: none).
  const unsigned char* changed(const std::vector<bool>& written) const;
  const unsigned char* begin() const { return begin_; }

 private:
  unsigned char* begin_;
  int64_t low_ = 0, high_ = 0;
  std::vector<unsigned char> before_;
};

}  // namespace fuzz
