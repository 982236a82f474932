// SPDX-License-Identifier: Apache-2.0
// Data-parallel primitives: which lane each lane reads. AMD's ISA manuals, "DPP" ("Data Parallel Primitives").
#pragma once

#include <array>
#include <cstdint>
#include <memory>

#include "machine/instruction.h"

namespace hipemu {

// The lanes of one instruction, or null if it has no DPP. -1: the lane would read outside its row or the wave.
std::unique_ptr<std::array<int8_t, 64>> dpp_source_lanes(const instruction& i, int wave_size);

}  // namespace hipemu
