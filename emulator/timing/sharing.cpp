// SPDX-License-Identifier: Apache-2.0
#include "timing/sharing.h"

#include <algorithm>
#include <unordered_map>

#include "machine/touched_lines.h"

namespace hipemu::timing {

sharing::sharing(const recording& recorded, const std::vector<uint64_t>& sample, uint64_t groups,
                 const device_memory& memory)
    : memory_(memory) {
  std::unordered_map<uint64_t, uint32_t> seen;
  for (const uint64_t group : sample) {
    std::vector<uint64_t> lines;
    for (const wave_trace& w : recorded.groups.at(group).waves)
      lines.insert(lines.end(), w.lines.begin(), w.lines.end());
    std::sort(lines.begin(), lines.end());
    lines.erase(std::unique(lines.begin(), lines.end()), lines.end());
    for (const uint64_t line : lines) ++seen[line];
  }
  if (sample.empty()) return;
  for (const auto& [line, count] : seen) {
    part& p = parts_[allocation_of(line)];
    p.touches += count;
    p.shared += uint64_t{count} * (count - 1);
  }
  const double size = static_cast<double>(sample.size()), all = static_cast<double>(groups);
  double touches = 0;
  for (auto& [address, p] : parts_) {
    const double in_sample = static_cast<double>(p.touches);
    if (size > 1) p.sharers = 1 + static_cast<double>(p.shared) / in_sample * (all - 1) / (size - 1);
    touches += in_sample / size * all;
    distinct_lines_ += in_sample / size * all / p.sharers;
  }
  if (distinct_lines_ > 0) mean_ = touches / distinct_lines_;
}

double sharing::of(uint64_t line) const {
  const auto found = parts_.find(allocation_of(line));
  return found == parts_.end() ? 1 : found->second.sharers;
}

// 0 for scratch, which is gone when the launch has ended.
uint64_t sharing::allocation_of(uint64_t line) const {
  const uint64_t address = line << line_shift;
  if (address >= recent_begin_ && address < recent_end_) return recent_;
  // A line may begin before the allocation that is in it.
  const allocation* in = memory_.find(address);
  if (!in) in = memory_.find(address + (1 << line_shift) - 1);
  if (!in) return 0;
  recent_begin_ = in->base, recent_end_ = in->base + in->bytes;
  return recent_ = in->base;
}

}  // namespace hipemu::timing
