// SPDX-License-Identifier: Apache-2.0
// VOPD: two operations in one instruction. Both read their sources before either writes.
#include "machine/wave.h"
#include "operations/tables.h"

namespace hipemu {

void run_dual(wave& w, const instruction& first) {
  const instruction& second = *first.second;
  const int to = first.operands[0].index;
  bool depends = false;
  for (int n = 0; n < second.operand_count; ++n) {
    const operand& x = second.operands[n];
    depends |= x.is == operand::vector && x.index == to;
  }
  if (!depends) {
    first.alone(w, first);
    second.run(w, second);
    return;
  }
  // What the second reads is the destination of the first: it reads the old value.
  uint32_t* row = w.v(to);
  alignas(64) uint32_t before[lanes_max], after[lanes_max];
  std::memcpy(before, row, sizeof(before));
  const defined_lanes before_defined = w.defined[to];
  first.alone(w, first);
  std::memcpy(after, row, sizeof(after));
  const defined_lanes after_defined = w.defined[to];
  std::memcpy(row, before, sizeof(before));
  w.defined[to] = before_defined;
  second.run(w, second);
  std::memcpy(row, after, sizeof(after));
  w.defined[to] = after_defined;
}

}  // namespace hipemu
