// SPDX-License-Identifier: Apache-2.0
// Data-parallel primitives: which lane each lane reads. AMD's ISA manuals, "DPP" ("Data Parallel Primitives").
#pragma once

#include <memory>

#include "machine/instruction.h"

namespace hipemu {

// Of one instruction, or null if it has no DPP.
std::shared_ptr<const dpp_pattern> dpp_pattern_of(const instruction& i, int wave_size);

}  // namespace hipemu
