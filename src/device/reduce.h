// SPDX-License-Identifier: Apache-2.0
// Exchange and reduction over a wave and over a block. Every lane of the wave (thread of the block) takes part, and
// every one gets the same bits: a butterfly adds a + b here and b + a there.
#pragma once

#include "device/types.h"

namespace hipinfer {

template <int Mask, class T>
HIPINFER_DEVICE T lane_xor(T x) {
  static_assert(sizeof(T) == 4);
  return bit_cast<T>(lane_xor_bits<Mask>(bit_cast<uint32_t>(x)));
}
template <class T>
HIPINFER_DEVICE T lane_read(T x, int lane) {
  static_assert(sizeof(T) == 4 || sizeof(T) == 8);
  if constexpr (sizeof(T) == 4) {
    return bit_cast<T>(lane_read_bits(bit_cast<uint32_t>(x), lane));
  } else {
    const uint64_t bits = bit_cast<uint64_t>(x);
    const uint32_t low = lane_read_bits(static_cast<uint32_t>(bits), lane);
    const uint32_t high = lane_read_bits(static_cast<uint32_t>(bits >> 32), lane);
    return bit_cast<T>(static_cast<uint64_t>(high) << 32 | low);
  }
}

// A value and where it stands. nothing() loses to every number, even to -inf.
struct candidate {
  float value;
  int64_t index;
  static constexpr int64_t no_index = INT64_MAX;
  HIPINFER_DEVICE static candidate nothing() { return {-infinity, no_index}; }
};
template <int Mask>
HIPINFER_DEVICE candidate lane_xor(candidate x) {
  const uint64_t index = x.index;
  const uint64_t low = lane_xor<Mask>(static_cast<uint32_t>(index));
  const uint64_t high = lane_xor<Mask>(static_cast<uint32_t>(index >> 32));
  return {lane_xor<Mask>(x.value), static_cast<int64_t>(high << 32 | low)};
}

struct add {
  template <class T>
  HIPINFER_DEVICE T operator()(T a, T b) const {
    return a + b;
  }
  static constexpr float identity = 0;
};
// A NaN is ignored unless every value is NaN.
struct maximum {
  HIPINFER_DEVICE float operator()(float a, float b) const { return max(a, b); }
  static constexpr float identity = -infinity;
};
// The larger value; among equal ones the lower index. A NaN as b is never taken.
struct best {
  HIPINFER_DEVICE candidate operator()(candidate a, candidate b) const {
    return b.value > a.value || (b.value == a.value && b.index < a.index) ? b : a;
  }
};

// Reduces over groups of Width lanes that begin at multiples of Width.
template <int Width, class Op, class T>
HIPINFER_DEVICE T wave_reduce(T x, Op op) {
  static_assert(Width >= 1 && Width <= wave_size && (Width & (Width - 1)) == 0);
  // Lanes of a quad agree after two steps, so the mirrors (xor 7, xor 15), which are DPP, do for xor 4 and xor 8.
  if constexpr (Width >= 2) x = op(x, lane_xor<1>(x));
  if constexpr (Width >= 4) x = op(x, lane_xor<2>(x));
  if constexpr (Width >= 8) x = op(x, lane_xor<7>(x));
  if constexpr (Width >= 16) x = op(x, lane_xor<15>(x));
  if constexpr (Width >= 32) x = op(x, lane_xor<16>(x));
  if constexpr (Width >= 64) x = op(x, lane_xor<32>(x));
  return x;
}

// The sum of the lanes up to and including this one.
template <class T>
HIPINFER_DEVICE T wave_scan(T x) {
  const int lane = lane_id();
#pragma unroll
  for (int distance = 1; distance < wave_size; distance *= 2) {
    const T y = lane_read(x, lane >= distance ? lane - distance : lane);
    if (lane >= distance) x += y;
  }
  return x;
}

// The LDS that block_reduce needs: one value a wave.
template <int Threads, class T = float>
struct block_scratch {
  static constexpr int waves = Threads / wave_size;
  T words[waves];
};

template <int Threads, class Op, class T>
HIPINFER_DEVICE T block_reduce(T x, Op op, block_scratch<Threads, T>& scratch) {
  constexpr int waves = Threads / wave_size;
  static_assert(Threads % wave_size == 0 && waves <= wave_size && (waves & (waves - 1)) == 0);
  x = wave_reduce<wave_size>(x, op);
  if constexpr (waves > 1) {
    if (lane_id() == 0) scratch.words[thread_id() / wave_size] = x;
    block_barrier();  // every wave's word is there
    x = wave_reduce<waves>(scratch.words[lane_id() % waves], op);
    block_barrier();  // every wave has read: the scratch may be used again
  }
  return x;
}

template <int Threads>
HIPINFER_DEVICE float block_sum(float x, block_scratch<Threads>& scratch) {
  return block_reduce<Threads>(x, add{}, scratch);
}
template <int Threads>
HIPINFER_DEVICE float block_max(float x, block_scratch<Threads>& scratch) {
  return block_reduce<Threads>(x, maximum{}, scratch);
}

}  // namespace hipinfer
