// SPDX-License-Identifier: Apache-2.0
// How long the VALU of a SIMD is busy with an instruction.
#pragma once

#include <cstdint>

#include "machine/instruction.h"
#include "machine/target.h"

namespace hipemu {

// Cycles; 0 for what the VALU does not run. Matrix instructions have their own: matrix_cycles.h.
uint16_t valu_issue_cycles(const instruction& i, const target_info& target, int wave_size);

}  // namespace hipemu
