// SPDX-License-Identifier: Apache-2.0
// Which checks are on. HIPEMU_CHECKS is a list of names; "all" (the default: all but "words", "barrier-lanes"
// and "barrier-sites"), "none", and "-name" takes one out.
#pragma once

#include <cstdint>
#include <string_view>

namespace hipemu {

struct checks {
  bool alignment = true;       // "alignment": what the hardware refuses, or rounds down
  bool words = false;          // "words": loads and stores of device memory that its unaligned access mode splits
  bool undefined = true;       // "undefined"
  bool races = true;           // "races"
  bool barriers = true;        // "barriers"
  bool barrier_lanes = false;  // "barrier-lanes": a wave signals a barrier with all the lanes that it began with
  bool barrier_sites = false;  // "barrier-sites": the waves of a workgroup signal a barrier from one instruction
  bool waits = true;           // "waits": what an outstanding memory operation writes is used before a wait for it
  bool hazards = true;         // "hazards": instructions that need other instructions between them
  // HIPEMU_LIMIT: instructions that one wave may run; 0: no limit.
  uint64_t instruction_limit = 200'000'000;
  // Accesses outside allocations always end the launch: there is nothing to read. But HIPEMU_ALLOW_READS_PAST lets vector
  // and scalar loads go so many bytes past an allocation's end; what they read there is undefined.
  uint64_t reads_past = 0;
};

// Throws std::invalid_argument with the list of names.
checks parse_checks(std::string_view text);

}  // namespace hipemu
