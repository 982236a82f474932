// SPDX-License-Identifier: Apache-2.0
// Random numbers that a seed and the number of a call decide, so that any call is made again alone.
#pragma once

#include <cstdint>
#include <initializer_list>

namespace fuzz {

class dice {
 public:
  dice(uint64_t seed, uint64_t call) : state_(seed * 0x9E3779B97F4A7C15 ^ call * 0xD1342543DE82EF95) {}

  uint64_t bits() {  // splitmix64
    uint64_t x = state_ += 0x9E3779B97F4A7C15;
    x = (x ^ x >> 30) * 0xBF58476D1CE4E5B9;
    x = (x ^ x >> 27) * 0x94D049BB133111EB;
    return x ^ x >> 31;
  }
  int64_t below(int64_t n) { return static_cast<int64_t>(bits() % static_cast<uint64_t>(n)); }
  bool percent(int n) { return below(100) < n; }
  template <class List>
  auto one_of(const List& list) {
    return list.begin()[below(static_cast<int64_t>(list.size()))];
  }
  template <class T>
  T one_of(std::initializer_list<T> list) {
    return list.begin()[below(static_cast<int64_t>(list.size()))];
  }
  // Where arithmetic goes wrong, if it does.
  int64_t extreme() {
    const int64_t power = int64_t{1} << one_of({8, 15, 16, 24, 26, 30, 31, 32, 33, 40, 47, 48, 56, 57, 59, 60, 61, 62});
    switch (below(8)) {
      case 0:
        return power - 1;
      case 1:
        return power + 1;
      case 2:
        return -power;
      case 3:
        return one_of({INT64_MAX, INT64_MIN, INT64_MIN + 1, INT64_MAX / 2, INT64_MAX / 3});
      case 4:
        return one_of<int64_t>({-1, 0, 1, 2, 3, -2});
      default:
        return power;
    }
  }

 private:
  uint64_t state_;
};

}  // namespace fuzz
