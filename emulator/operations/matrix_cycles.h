// SPDX-License-Identifier: Apache-2.0
// How long the matrix unit of a SIMD is busy with an instruction.
#pragma once

#include <cstdint>

#include "machine/instruction.h"
#include "machine/target.h"

namespace hipemu {

// Cycles; 0 for what is no matrix instruction. Of f8f6f4 they depend on the formats.
uint16_t matrix_issue_cycles(const instruction& i, const target_info& target);

}  // namespace hipemu
