// SPDX-License-Identifier: Apache-2.0
// How long the matrix unit of a SIMD is busy with an instruction.
#pragma once

#include <cstdint>
#include <string_view>

#include "machine/target.h"

namespace hipemu {

// Cycles; 0 for what is no matrix instruction.
uint16_t matrix_issue_cycles(std::string_view name, const target_info& target);

}  // namespace hipemu
