// SPDX-License-Identifier: Apache-2.0
// How elementwise kernels share out an index space: every thread of the grid begins at its own index and moves on by
// the grid's size, so that any grid visits every index once and neighbours stay neighbours.
#pragma once

#include "device/index.h"

namespace hipinfer {

// Walks shape[rank - 1] x ... x shape[0], dimension 0 (the innermost) first; no extent is 0. Only the start is found by
// division. A step is a sum of two numbers in mixed radix: digit by digit, with a carry.
//
//   for (grid_walk<threads, 2> w({columns, rows}); w.inside(); w.next()) use(w.at[1], w.at[0]);
template <int Threads, int Rank>
class grid_walk {
 public:
  int64_t at[Rank];

  HIPINFER_DEVICE explicit grid_walk(const int64_t (&shape)[Rank], int rank = Rank) : rank_(rank), left_(1) {
#pragma unroll
    for (int d = 0; d < Rank; ++d) {
      at[d] = step_[d] = 0;
      shape_[d] = shape[d];
      if (d < rank) left_ *= shape[d];
    }
    stride_ = block_count<Threads>() * Threads;
    const int64_t start = block_id() * Threads + thread_id();
    left_ -= start;
    split(start, at);
    split(stride_, step_);
  }

  HIPINFER_DEVICE bool inside() const { return left_ > 0; }

  HIPINFER_DEVICE void next() {
    left_ -= stride_;
    bool carry = false;
#pragma unroll
    for (int d = 0; d < Rank; ++d) {
      if (d >= rank_) continue;
      const int64_t sum = at[d] + step_[d] + carry;
      carry = sum >= shape_[d];
      at[d] = carry ? sum - shape_[d] : sum;
    }
  }

 private:
  // The digits of n. A loop and not unrolled, for a 64-bit division is a hundred instructions; its digit is put in
  // place by selection, because registers have no run-time index.
  HIPINFER_DEVICE void split(int64_t n, int64_t (&digits)[Rank]) const {
#pragma unroll 1
    for (int d = 0; d < rank_; ++d) {
      int64_t extent = 1;
#pragma unroll
      for (int k = 0; k < Rank; ++k) extent = k == d ? shape_[k] : extent;
      const division split = divide(n, extent);
#pragma unroll
      for (int k = 0; k < Rank; ++k) digits[k] = k == d ? split.rest : digits[k];
      n = split.quotient;
    }
  }

  int rank_;
  int64_t left_;    // indices from this one to the last, the grid's other threads included
  int64_t stride_;  // threads in the grid
  int64_t shape_[Rank];
  int64_t step_[Rank];
};

// For index spaces that need no division. A block takes each * Threads neighbouring indices of 0 to total - 1, a thread
// every Threads-th: fetch(e, index) for all of them, so that their loads are in flight together, then finish(e).
// 1 <= each <= Most. Whole blocks have code of their own, with no condition between the loads: on an H200 worth a tenth of
// the time where a thread does little else, and a loss where fetch() takes many registers (gated units).
template <int Threads, int Most, bool Whole = true, class Fetch, class Finish>
HIPINFER_DEVICE void for_neighbours(int64_t total, int each, Fetch fetch, Finish finish) {
  const int64_t a_block = each * Threads, step = block_count<Threads>() * a_block;
  for (int64_t block = block_id() * a_block; block < total; block += step) {
    const int64_t first = block + thread_id();
    if (Whole && each == Most && block + a_block <= total) {
#pragma unroll
      for (int e = 0; e < Most; ++e) fetch(e, first + e * Threads);
#pragma unroll
      for (int e = 0; e < Most; ++e) finish(e);
      continue;
    }
#pragma unroll
    for (int e = 0; e < Most; ++e) {
      if (e < each && first + e * Threads < total) fetch(e, first + e * Threads);
    }
#pragma unroll
    for (int e = 0; e < Most; ++e) {
      if (e < each && first + e * Threads < total) finish(e);
    }
  }
}

}  // namespace hipinfer
