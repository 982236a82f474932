// SPDX-License-Identifier: Apache-2.0
// The order in which the waves of a workgroup run. They take turns at barriers, and after so many instructions: one may
// wait for another, and hand-written kernels order by time what their waves do. HIPEMU_SCHEDULE is a seed by which
// order and lengths vary, the same for a workgroup whichever thread runs it.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace hipemu {

class turns {
 public:
  void begin(uint64_t group, size_t waves);
  // The waves of the next round.
  std::span<const uint32_t> order();
  // Instructions of the next turn.
  uint64_t length();

 private:
  uint64_t random();

  std::vector<uint32_t> order_;
  uint64_t state_ = 0;
};

}  // namespace hipemu
