// SPDX-License-Identifier: Apache-2.0
// How many workgroups that run at one time touch the same lines: what one fetches, the others find in a cache.
#pragma once

#include <cstdint>
#include <unordered_map>

#include "timing/trace.h"

namespace hipemu::timing {

class sharing {
 public:
  // Of `groups` workgroups at one time, those of the recording are a sample that stands for all.
  sharing(const recording& recorded, const std::vector<uint64_t>& sample, uint64_t groups);

  // Workgroups that touch a line that some workgroup touches: 1 or more.
  double of(uint64_t line) const;
  // Their mean over lines, and the lines that one workgroup touches.
  double mean() const { return mean_; }
  double lines_of_group() const { return lines_of_group_; }

 private:
  std::unordered_map<uint64_t, uint16_t> seen_;  // by how many of the sample
  double scale_ = 0, mean_ = 1, lines_of_group_ = 0;
};

}  // namespace hipemu::timing
