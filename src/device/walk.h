// SPDX-License-Identifier: Apache-2.0
// How elementwise kernels share out an index space. Every grid is exact and no kernel has a loop over it: what a loop
// keeps of the parameters from one step to the next would fill the scalar registers.
#pragma once

#include "device/index.h"

namespace hipinfer {

// Calls body.operator()<1 or Most>(), by the vectors that the host gives a thread (core/elementwise.h).
template <int Most, class Body>
HIPINFER_DEVICE void with_each(int each, Body body) {
  if (each == 1)
    body.template operator()<1>();
  else
    body.template operator()<Most>();
}

// A thread's share of `vectors` vectors: Each of them, Threads apart, so that neighbours are neighbours in memory. What
// is past the end has the last one's index, so that no load waits for a condition; it is not to be stored. A thread is
// given more than one only where the indices are below 2^31.
template <int Threads, int Each>
class own_vectors {
 public:
  using index = uint32_t;
  HIPINFER_DEVICE explicit own_vectors(int64_t vectors, int64_t block = block_number())
      : first_(static_cast<index>(block) * (Each * Threads) + thread_id()), end_(static_cast<index>(vectors)) {}
  HIPINFER_DEVICE bool none() const { return end_ == 0; }
  HIPINFER_DEVICE bool has(int e) const { return first_ + e * Threads < end_; }
  HIPINFER_DEVICE index at(int e) const {
    const index i = first_ + e * Threads;
    return i < end_ ? i : end_ - 1;
  }

 private:
  index first_, end_;
};
template <int Threads>
class own_vectors<Threads, 1> {
 public:
  using index = int64_t;
  HIPINFER_DEVICE explicit own_vectors(int64_t vectors, int64_t block = block_number())
      : first_(block * Threads + thread_id()), none_(first_ >= vectors) {}
  // To be asked before at().
  HIPINFER_DEVICE bool none() const { return none_; }
  HIPINFER_DEVICE bool has(int) const { return !none_; }
  HIPINFER_DEVICE index at(int) const { return first_; }

 private:
  index first_;
  bool none_;
};

// n / by and n % by: of own_vectors' 32-bit indices with no word about larger numbers.
HIPINFER_DEVICE division split(int64_t n, const divisor& by) {
  return divide(n, by);
}
HIPINFER_DEVICE division split(uint32_t n, const divisor& by) {
  const uint32_t quotient = static_cast<uint32_t>(static_cast<uint64_t>(2 * n) * by.multiplier >> 32) >> by.shift;
  return {quotient, n - quotient * static_cast<uint32_t>(by.by)};
}

}  // namespace hipinfer
