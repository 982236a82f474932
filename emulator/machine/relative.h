// SPDX-License-Identifier: Apache-2.0
// Registers whose numbers M0 chooses as the program runs: v_movrel, s_movrel, and on gfx9 what stands between
// s_set_gpr_idx_on and s_set_gpr_idx_off. What they do is in operations/; this says for the checks which they touch.
#pragma once

#include <vector>

#include "machine/instruction.h"

namespace hipemu {

struct wave;

struct touched_registers {
  std::vector<register_range> reads, writes;
};

// Whether an instruction always has such registers, whatever mode the wave is in.
bool is_relative(const instruction& i);
// The registers that an instruction is about to touch. Where M0 is undefined or points past the registers, which the
// operation itself reports, none of those that it chooses.
touched_registers relative_registers(const wave& w, const instruction& i);

}  // namespace hipemu
