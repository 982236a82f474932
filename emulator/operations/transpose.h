// SPDX-License-Identifier: Apache-2.0
// What transposing loads do with what the lanes have read.
#pragma once

#include "operations/lane_bytes.h"

namespace hipemu {

// The lanes of a group have read a matrix: rows of as many elements as the group has lanes, each row in the registers
// of one or more neighbours. Each lane gets a column. As measured on gfx1201 (groups of 8) and gfx950 (of 16).
template <int Bits, int Words, int Group>
void transpose(int lanes, const uint32_t* from, const defined_lanes* from_defined, uint32_t* to,
               defined_lanes* to_defined) {
  using wide = unsigned __int128;
  constexpr int elements = Words * 32 / Bits, lanes_of_row = Group / elements;
  static_assert(lanes_of_row * elements == Group);
  constexpr wide mask = (wide{1} << Bits) - 1;
  wide value[lanes_max], is[lanes_max];
  for (int l = 0; l < lanes; ++l) {
    value[l] = is[l] = 0;
    for (int n = 0; n < Words; ++n) {
      const uint32_t d = (from_defined[n].low >> l & 1 ? 0xffffu : 0) | (from_defined[n].high >> l & 1 ? ~0xffffu : 0);
      value[l] |= static_cast<wide>(from[n * lanes_max + l]) << 32 * n;
      is[l] |= static_cast<wide>(d) << 32 * n;
    }
  }
  for (int n = 0; n < Words; ++n) to_defined[n] = {};
  for (int l = 0; l < lanes; ++l) {
    const int base = l / Group * Group, column = l % Group;
    wide x = 0, d = 0;
    for (int e = 0; e < elements; ++e) {
      const int source = base + e * lanes_of_row + column / elements, at = column % elements * Bits;
      x |= (value[source] >> at & mask) << e * Bits;
      d |= (is[source] >> at & mask) << e * Bits;
    }
    for (int n = 0; n < Words; ++n) {
      const uint32_t bits = static_cast<uint32_t>(d >> 32 * n);
      to[n * lanes_max + l] = static_cast<uint32_t>(x >> 32 * n);
      to_defined[n].low |= static_cast<uint64_t>((bits & 0xffff) == 0xffff) << l;
      to_defined[n].high |= static_cast<uint64_t>(bits >> 16 == 0xffff) << l;
    }
  }
}

}  // namespace hipemu
