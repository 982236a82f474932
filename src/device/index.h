// SPDX-License-Identifier: Apache-2.0
// Index arithmetic: a division whose cost follows its numbers, and lists of indices in either integer type.
#pragma once

#include "device/types.h"

namespace hipinfer {

// The block's and the thread's number in a grid of core/items.h, which has a thread an item and a few more. No loop: what
// a loop keeps of the parameters from one item to the next would fill the scalar registers.
HIPINFER_DEVICE int64_t block_number() {
  return block_id_y() << 20 | block_id();
}
template <int Threads>
HIPINFER_DEVICE int64_t item_id() {
  return block_number() * Threads + thread_id();
}

// n / by and n % by of numbers that are not negative; in 32 bits where both fit, for a 64-bit division is a hundred
// instructions.
struct division {
  int64_t quotient, rest;
};
HIPINFER_DEVICE division divide(int64_t n, int64_t by) {
  if ((n | by) >> 32 == 0) {
    const uint32_t a = static_cast<uint32_t>(n), b = static_cast<uint32_t>(by), quotient = a / b;
    return {quotient, a - quotient * b};
  }
  const int64_t quotient = n / by;
  return {quotient, n - quotient * by};
}
// By a number that the host has prepared: three instructions.
HIPINFER_DEVICE division divide(int64_t n, const divisor& by) {
  if (by.multiplier == 0) {
    const int64_t quotient = n / by.by;
    return {quotient, n - quotient * by.by};
  }
  const uint32_t a = static_cast<uint32_t>(n);
  const uint32_t quotient = static_cast<uint32_t>(static_cast<uint64_t>(2 * a) * by.multiplier >> 32) >> by.shift;
  return {quotient, a - quotient * static_cast<uint32_t>(by.by)};
}

// Of numbers under 2^31, which the host knows to be so.
struct small_division {
  uint32_t quotient, rest;
};
HIPINFER_DEVICE small_division divide(uint32_t n, const divisor& by) {
  const uint32_t quotient = static_cast<uint32_t>(static_cast<uint64_t>(2 * n) * by.multiplier >> 32) >> by.shift;
  return {quotient, n - quotient * static_cast<uint32_t>(by.by)};
}

// A thread's token and its number, `slot`, among the token's threads, in a grid of core/items.h's share_grid.
struct token_share {
  int64_t token;
  uint32_t slot;
  bool there;
};
// `block` counts a row's blocks that have `slots` threads a token: a grid may have others before them.
template <int Threads, class Params>
HIPINFER_DEVICE token_share share_of(const Params& p, uint32_t block, const divisor& slots) {
  const small_division at = divide(block * Threads + thread_id(), slots);
  const int64_t token = block_id_y() * p.row_tokens + at.quotient;
  return {token, at.rest, at.quotient < p.row_tokens && token < p.tokens};
}
template <int Threads, class Params>
HIPINFER_DEVICE token_share share_of(const Params& p) {
  return share_of<Threads>(p, static_cast<uint32_t>(block_id()), p.slots);
}

// Indices in i64 where `wide`, else in i32: a branch that all threads agree on, in place of a kernel for each.
HIPINFER_DEVICE int64_t index_at(const void* list, int32_t wide, int64_t i) {
  return wide ? static_cast<const int64_t*>(list)[i] : static_cast<const int32_t*>(list)[i];
}
HIPINFER_DEVICE void put_index(void* list, int32_t wide, int64_t i, int64_t x) {
  if (wide)
    static_cast<int64_t*>(list)[i] = x;
  else
    static_cast<int32_t*>(list)[i] = static_cast<int32_t>(x);
}

// The request that entry i belongs to: the last one whose list begins at i or before, if i lies in it; else -1. `indptr`
// has requests + 1 entries in order; one that is not may give any request, but none that is not there.
HIPINFER_DEVICE int64_t request_of(const void* indptr, int32_t wide, int64_t requests, int64_t i) {
  int64_t low = 0, high = requests;  // indptr[low] <= i, where there is such a request; i < indptr[high]
  if (requests == 0 || i < index_at(indptr, wide, 0) || i >= index_at(indptr, wide, requests)) return -1;
  while (high - low > 1) {
    const int64_t middle = (low + high) / 2;
    if (index_at(indptr, wide, middle) <= i)
      low = middle;
    else
      high = middle;
  }
  return low;
}

}  // namespace hipinfer
