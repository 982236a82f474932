// SPDX-License-Identifier: Apache-2.0
// Where C and D of a matrix instruction lie in registers, worked out once for each instruction of a program.
#pragma once

#include "machine/instruction.h"
#include "operations/matrix_arithmetic.h"

namespace hipemu {

struct matrix_output {
  const matrix_operation& o;
  tile_layout layout;
  bool is_rdna3;  // 16 bits lie alone in their registers, in the halves that op_sel says
  bool high;
  int registers;
  row_places rows{};  // of 32-bit elements: where the rows of all blocks begin, in words

  matrix_output(const matrix_operation& o, const instruction& i, const target_info& target, int wave_lanes);

  struct place {
    int row, shift;  // register and bit
  };
  place place_of(int block, int e) const {
    const int slot = (layout.blocks > 1 ? 0 : block * layout.elements) + e;
    if (o.d == element::f64) return {2 * slot, 0};
    if (bits_of(o.d) == 32) return {slot, 0};
    if (is_rdna3) return {slot, high ? 16 : 0};
    return {slot / 2, slot % 2 * 16};
  }
  // f(block, row, its place, its first lane) for the rows of all blocks.
  template <class F>
  void each_row(F f) const {
    for (int block = 0; block < o.blocks; ++block) {
      for (int e = 0; e < layout.elements; ++e) {
        const place p = place_of(block, e);
        for (int group = 0; group < layout.groups; ++group)
          f(block, layout.index(group, e), p, layout.first_lane(group, layout.blocks > 1 ? block : 0));
      }
    }
  }
};

// Null of what is no matrix instruction that waves of this size can run.
std::shared_ptr<const matrix_output> matrix_output_of(const instruction& i, const target_info& target, int wave_lanes);

}  // namespace hipemu
