// SPDX-License-Identifier: Apache-2.0
#include "machine/turns.h"

#include <algorithm>
#include <limits>
#include <numeric>
#include <utility>

#include "machine/environment.h"
#include "machine/pace.h"
#include "machine/wave.h"

namespace hipemu {
namespace {

constexpr uint64_t never = std::numeric_limits<uint64_t>::max();
// Instructions: what a turn by time may have at most, and the lengths by a seed.
constexpr uint64_t most = 4096, usual = 64, longest = 4096;

}  // namespace

turns::turns(const target_info& target) : cycles_(turn_cycles(target)) {}

void turns::begin(uint64_t group, size_t waves) {
  order_.resize(waves);
  std::iota(order_.begin(), order_.end(), 0u);
  at_ = waves;
  state_ = settings().schedule.value_or(0) * 0x9e3779b97f4a7c15u + group;
}

turns::turn turns::next(workgroup& group) {
  return settings().schedule ? by_seed(group) : by_time(group);
}

turns::turn turns::by_time(workgroup& group) const {
  // The two that are furthest behind, as if any priority were a turn's lead.
  wave* chosen = nullptr;
  uint64_t first = never, second = never;
  for (const auto& w : group.waves) {
    if (w->status != wave_status::running) continue;
    const uint64_t at = w->time.now + (w->time.priority ? 0 : cycles_);
    if (at < first) {
      second = std::exchange(first, at);
      chosen = w.get();
    } else {
      second = std::min(second, at);
    }
  }
  if (!chosen) return {};
  return {chosen, most, second == never ? never : chosen->time.now + (second - first) + cycles_};
}

turns::turn turns::by_seed(workgroup& group) {
  for (size_t tried = 0; tried < 2 * order_.size(); ++tried) {  // the rest of this round, and all of the next
    if (at_ == order_.size()) {
      for (size_t n = order_.size(); n > 1; --n) std::swap(order_[n - 1], order_[random() % n]);
      at_ = 0;
    }
    wave& w = *group.waves[order_[at_++]];
    if (w.status != wave_status::running) continue;
    // Most are short; now and then a wave gets far ahead of the others.
    const uint64_t x = random();
    return {&w, 1 + (x >> 8) % (x % 16 ? usual : longest), never};
  }
  return {};
}

// Steele, Lea and Flood's SplitMix64.
uint64_t turns::random() {
  uint64_t x = state_ += 0x9e3779b97f4a7c15u;
  x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9u;
  x = (x ^ x >> 27) * 0x94d049bb133111ebu;
  return x ^ x >> 31;
}

}  // namespace hipemu
