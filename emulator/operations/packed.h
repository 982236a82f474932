// SPDX-License-Identifier: Apache-2.0
// How packed operations read their sources: two values of 16 bits in a register.
#pragma once

#include "operations/lanes.h"

namespace hipemu {

// A lane of 16 bits while it is computed with: f16 and bf16 as f32, integers in 32 bits.
template <class T>
using wide_type = std::conditional_t<std::is_empty_v<T>, float, int32_t>;

template <class T>
struct packed_buffer {
  alignas(64) wide_type<T> x[2][lanes_max];
};

template <class T>
inline wide_type<T> widen(uint32_t bits) {
  if constexpr (std::is_same_v<T, half>)
    return half_value(static_cast<uint16_t>(bits));
  else if constexpr (std::is_same_v<T, bhalf>)
    return bhalf_value(static_cast<uint16_t>(bits));
  else
    return static_cast<T>(bits);
}

// Reads source k into both halves' lanes. `is_defined` gathers, for each half, the lanes of which its sources are.
template <class T>
void read_pair(vector_operation& v, const operand& x, int k, const uint32_t* words, defined_lanes from,
               packed_buffer<T>& to, uint64_t (&is_defined)[2]) {
  const instruction& i = v.i;
  const int select[2] = {i.op_sel, i.op_sel_hi_or(0xff)}, negate[2] = {i.neg_lo, i.neg_hi};
  for (int h = 0; h < 2; ++h) {
    const bool high = select[h] >> k & 1;
    const int shift = high ? 16 : 0;
    is_defined[h] &= high ? from.high : from.low;
    uint32_t sign = 0, magnitude = 0xffff;
    if constexpr (std::is_empty_v<T>) {
      sign = (negate[h] >> k & 1) != x.negate ? 0x8000 : 0;
      magnitude = x.absolute ? 0x7fff : 0xffff;
      if (std::is_same_v<T, half> && !v.denormals_kept(true, true)) {
        each_lane(
            v.w.lanes, to.x[h],
            [=](uint32_t b) {
              const uint32_t bits = ((b >> shift & magnitude) ^ sign);
              return half_value(static_cast<uint16_t>(bits & 0x7c00 ? bits : bits & 0x8000));
            },
            words);
        continue;
      }
    }
    each_lane(v.w.lanes, to.x[h], [=](uint32_t b) { return widen<T>((b >> shift & magnitude) ^ sign); }, words);
  }
}

// The 32 bits of a source, of a constant those that packed operations of this type see.
template <class T>
const uint32_t* packed_words(vector_operation& v, int k, lane_buffer<uint32_t>& room, defined_lanes& from) {
  const operand& x = v.source(k);
  const defined_lanes before = v.def;
  v.def = {~uint64_t{0}, ~uint64_t{0}};
  const uint32_t* words;
  if (std::is_empty_v<T> && x.is == operand::constant && !x.literal) {
    // An inline number is an f16 in the lower half; an integer is extended.
    const uint32_t value = x.floating ? constant_bits<T>(x) : static_cast<uint32_t>(x.bits);
    for (uint32_t& one : room.x) one = value;
    words = room.x;
  } else {
    words = v.words(k, room);
  }
  from = v.def;
  v.def = before;
  return words;
}

}  // namespace hipemu
