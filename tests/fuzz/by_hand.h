// SPDX-License-Identifier: Apache-2.0
// Calls of the functions that are no operations: contexts, memory, introspection.
#pragma once

#include <string>

#include "hipinfer/types.h"
#include "tests/fuzz/dice.h"

namespace fuzz {

// Makes one such call on a context of the CPU. What is wrong with how it came out; "": nothing.
std::string call_by_hand(hipinfer_context cpu, dice& d);

}  // namespace fuzz
