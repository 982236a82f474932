// SPDX-License-Identifier: Apache-2.0
// The text of an instruction, as LLVM prints it, to its operands and modifiers.
#pragma once

#include <string_view>

#include "machine/instruction.h"

namespace hipemu {

// Sets i.problem where there is something that it does not know.
void parse(std::string_view text, instruction& i);

}  // namespace hipemu
