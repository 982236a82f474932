// SPDX-License-Identifier: Apache-2.0
// The blocks that share a row: a cluster, which is one block where a target has none or rows are enough to fill it. They walk over
// the row in turn, and what they find comes together in the LDS of the first, which alone thinks about it. So the functions here
// and those that walk over a row are called by all of them at once, and give all of them the same.
#pragma once

#include "device/reduce.h"

namespace hipinfer {

HIPINFER_DEVICE bool is_alone() {
  return cluster_blocks() == 1;
}
HIPINFER_DEVICE bool is_first() {
  return cluster_rank() == 0;
}
template <int Threads>
HIPINFER_DEVICE int team_thread() {
  return cluster_rank() * Threads + thread_id();
}
template <int Threads>
HIPINFER_DEVICE int team_threads() {
  return cluster_blocks() * Threads;
}
HIPINFER_DEVICE void team_barrier() {
  if (is_alone())
    block_barrier();
  else
    cluster_barrier();
}

// Calls use(rank, word) with each block's word, in order. A block's threads have the same word; `slot` is in LDS.
template <class Use>
HIPINFER_DEVICE void each_block(uint64_t own, uint64_t* slot, Use use) {
  if (is_alone()) return use(0, own);
  if (thread_id() == 0) *slot = own;
  cluster_barrier();  // every block's word is there
  for (int r = 0; r < cluster_blocks(); ++r) use(r, load_from_cluster(slot, r));
  cluster_barrier();  // the words have been read
}
HIPINFER_DEVICE uint64_t team_sum(uint64_t own, uint64_t* slot) {
  uint64_t total = 0;
  each_block(own, slot, [&](int, uint64_t x) { total += x; });
  return total;
}
HIPINFER_DEVICE float team_sum(float own, uint64_t* slot) {
  float total = 0;
  each_block(bit_cast<uint32_t>(own), slot,
             [&](int, uint64_t x) { total += bit_cast<float>(static_cast<uint32_t>(x)); });
  return total;
}
// A NaN is ignored unless every block's is.
HIPINFER_DEVICE float team_max(float own, uint64_t* slot) {
  float top = own;
  each_block(bit_cast<uint32_t>(own), slot,
             [&](int, uint64_t x) { top = max(top, bit_cast<float>(static_cast<uint32_t>(x))); });
  return top;
}
HIPINFER_DEVICE uint64_t of_first(uint64_t own, uint64_t* slot) {
  uint64_t first = own;
  each_block(own, slot, [&](int rank, uint64_t x) { first = rank == 0 ? x : first; });
  return first;
}

}  // namespace hipinfer
