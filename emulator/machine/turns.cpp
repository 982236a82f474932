// SPDX-License-Identifier: Apache-2.0
#include "machine/turns.h"

#include <numeric>
#include <utility>

#include "machine/environment.h"

namespace hipemu {

constexpr uint64_t usual = 64, longest = 4096;

void turns::begin(uint64_t group, size_t waves) {
  order_.resize(waves);
  std::iota(order_.begin(), order_.end(), 0u);
  state_ = settings().schedule.value_or(0) * 0x9e3779b97f4a7c15u + group;
}

std::span<const uint32_t> turns::order() {
  if (settings().schedule)
    for (size_t n = order_.size(); n > 1; --n) std::swap(order_[n - 1], order_[random() % n]);
  return order_;
}

// Most are short; now and then a wave gets far ahead of the others.
uint64_t turns::length() {
  if (!settings().schedule) return usual;
  const uint64_t x = random();
  return 1 + (x >> 8) % (x % 16 ? usual : longest);
}

// Steele, Lea and Flood's SplitMix64.
uint64_t turns::random() {
  uint64_t x = state_ += 0x9e3779b97f4a7c15u;
  x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9u;
  x = (x ^ x >> 27) * 0x94d049bb133111ebu;
  return x ^ x >> 31;
}

}  // namespace hipemu
