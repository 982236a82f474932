// SPDX-License-Identifier: Apache-2.0
// The order in which the waves of a workgroup run. They take turns at barriers, and besides after a while: one may wait for
// another, and hand-written kernels order by time what their waves do. So the one runs that is behind the others in time
// (machine/pace.h), until it is a turn's cycles ahead. HIPEMU_SCHEDULE is a seed by which order and lengths vary instead.
// Either way the order in a workgroup is the same whichever thread runs it.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "machine/target.h"

namespace hipemu {

struct wave;
struct workgroup;

class turns {
 public:
  // A wave's next instructions: so many at most, and until so late.
  struct turn {
    wave* w = nullptr;  // null: none can run
    uint64_t instructions = 0, until = 0;
  };

  explicit turns(const target_info& target);
  void begin(uint64_t group, size_t waves);
  turn next(workgroup& group);

 private:
  turn by_time(workgroup& group) const;
  turn by_seed(workgroup& group);
  uint64_t random();

  const uint64_t cycles_;
  // By a seed: the order of a round, and who is next in it.
  std::vector<uint32_t> order_;
  size_t at_ = 0;
  uint64_t state_ = 0;
};

}  // namespace hipemu
