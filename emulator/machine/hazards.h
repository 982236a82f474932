// SPDX-License-Identifier: Apache-2.0
// The check `hazards`: pairs of instructions that a program has to keep apart, because the hardware does not. What the
// hardware holds back itself is none of them.
// Sources: AMD's ISA manuals, "Manually inserted wait states (NOPs)" and, of CDNA, "Dependency resolution: required
// independent instructions"; LLVM's GCNHazardRecognizer.cpp, which has the numbers of all targets.
#pragma once

#include "machine/instruction.h"
#include "machine/target.h"
#include "machine/watch.h"

namespace hipemu {

struct wave;

// Set for every wave: what looks back at any vector instruction.
inline constexpr uint64_t hazards_from_the_start = uint64_t{1} << watch_tag::first_hazard;

// What the check needs of an instruction. After describe_waits.
void describe_hazards(instruction& i, const target_info& target, int wave_size);
// Before an instruction runs whose tags say that there may be something to see.
void check_hazards(wave& w, const instruction& i);

}  // namespace hipemu
