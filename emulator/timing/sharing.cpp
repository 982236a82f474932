// SPDX-License-Identifier: Apache-2.0
#include "timing/sharing.h"

#include <algorithm>
#include <unordered_set>

namespace hipemu::timing {

sharing::sharing(const recording& recorded, const std::vector<uint64_t>& sample, uint64_t groups) {
  uint64_t touches = 0;
  for (const uint64_t group : sample) {
    std::unordered_set<uint64_t> lines;
    for (const wave_trace& w : recorded.groups.at(group).waves) lines.insert(w.lines.begin(), w.lines.end());
    for (const uint64_t line : lines) ++seen_[line];
    touches += lines.size();
  }
  if (sample.empty()) return;
  // Of the workgroups beyond the sample, as large a share touches a line as of the sample's others.
  if (sample.size() > 1) scale_ = static_cast<double>(groups - 1) / static_cast<double>(sample.size() - 1);
  lines_of_group_ = static_cast<double>(touches) / static_cast<double>(sample.size());
  double distinct = 0;
  for (const auto& [line, count] : seen_) distinct += count / of(line);
  if (distinct > 0) mean_ = static_cast<double>(touches) / distinct;
}

double sharing::of(uint64_t line) const {
  const auto found = seen_.find(line);
  return found == seen_.end() ? 1 : 1 + (found->second - 1) * std::max(1.0, scale_);
}

}  // namespace hipemu::timing
