// SPDX-License-Identifier: Apache-2.0
// A and B of one execution of a matrix instruction: their registers, and out of them dense arrays.
#pragma once

#include "machine/wave.h"
#include "operations/lanes.h"
#include "operations/matrix_arithmetic.h"

namespace hipemu {

inline constexpr int lane_rows = 8;  // registers that a lane's share of A or B takes at most

// A or B of one execution.
struct input {
  const uint32_t* rows[lane_rows + 1];  // one more than there are: what lies across two registers reads the next
  uint64_t defined = ~uint64_t{0};      // the lanes of which all registers are
  element type;
  tile_layout layout;
  bool fnuz, is_signed, negate_even = false, negate_odd = false;
  alignas(64) uint32_t moved[lane_rows][lanes_max];  // what BLGP rearranged
};

inline uint64_t run_mask(int lanes) {
  return lanes == 64 ? ~uint64_t{0} : (uint64_t{1} << lanes) - 1;
}

// Finds A or B. Throws what is wrong with the operand.
void open_input(wave& w, const instruction& i, const matrix_operation& o, bool is_b, input& in);

// The elements as to[block][index][lane of the run]. Gives, a bit a lane of the run, what of it is defined: of each block.
template <int Lanes, class T>
void gather(const input& in, T* to, uint64_t* defined) {
  const tile_layout& l = in.layout;
  const int bits = bits_of(in.type), count = l.elements * l.groups;
  for (int block = 0; block < l.blocks; ++block) {
    defined[block] = run_mask(Lanes);
    for (int group = 0; group < l.groups; ++group) {
      const int lane = l.first_lane(group, block);
      defined[block] &= in.defined >> lane;
      for (int e = 0; e < l.elements; ++e) {
        const int word = e * bits / 32;
        T* row = to + (block * count + l.index(group, e)) * Lanes;
        read_elements<Lanes>(in.type, in.fnuz, in.is_signed, in.rows[word] + lane, in.rows[word + 1] + lane,
                             e * bits % 32, row);
        if (e % 2 != 0 ? in.negate_odd : in.negate_even)
          for (int n = 0; n < Lanes; ++n) row[n] = -row[n];
      }
    }
  }
}

// Where the stored elements of sparse A stand among their four, as places[index][row], out of the register of indices;
// rows whose indices are not defined leave `defined`.
void read_places(wave& w, const instruction& i, const tile_layout& l, uint8_t* places, uint64_t* defined);

// Multiplies every 32 elements of a row of A, or a column of B, by their scale: lane row + rows * (k / 32) has it.
void scale(wave& w, const instruction& i, bool is_b, const tile_layout& l, double* elements, uint64_t* defined);

}  // namespace hipemu
