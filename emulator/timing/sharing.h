// SPDX-License-Identifier: Apache-2.0
// How many workgroups touch the same lines: what one of those that run at one time fetches, the others find in a cache.
#pragma once

#include <cstdint>
#include <map>

#include "runtime/memory.h"
#include "timing/trace.h"

namespace hipemu::timing {

// Estimated from a sample, for each allocation: of one, the workgroups of a launch mostly share lines alike. The chance that
// two workgroups share a line needs few of them, where counting how many share each line would need most.
class sharing {
 public:
  // Of `groups` workgroups, those of the recording are a sample that stands for all.
  sharing(const recording& recorded, const std::vector<uint64_t>& sample, uint64_t groups, const device_memory& memory);

  // The workgroups that touch a line which one of them touches: 1 or more.
  double of(uint64_t line) const;
  // The mean of that over lines, and the lines that all the workgroups touch.
  double mean() const { return mean_; }
  double distinct_lines() const { return distinct_lines_; }

 private:
  uint64_t allocation_of(uint64_t line) const;

  const device_memory& memory_;
  struct part {
    uint64_t touches = 0,
             shared = 0;  // of the sample: lines of each workgroup; of those, once for each other that has it
    double sharers = 1;
  };
  std::map<uint64_t, part> parts_;  // by the address of the allocation
  mutable uint64_t recent_begin_ = 1, recent_end_ = 0, recent_ = 0;
  double mean_ = 1, distinct_lines_ = 0;
};

}  // namespace hipemu::timing
