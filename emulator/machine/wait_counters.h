// SPDX-License-Identifier: Apache-2.0
// The counters of outstanding memory operations and the instructions that wait for them.
// Sources: AMD's ISA manuals ("Manually inserted wait states", "S_WAITCNT"); LLVM's SIInsertWaitcnts.cpp.
#pragma once

#include <array>
#include <cstdint>

#include "machine/instruction.h"
#include "machine/target.h"

namespace hipemu {

// Named after what gfx12 counts in each. Older targets have fewer counters, which then count more kinds.
enum class wait_counter : uint8_t { load, store, lds, scalar, count };

// The counter that an access of each kind counts in.
struct counted_in {
  wait_counter load, store, lds, scalar;
};
constexpr counted_in counters_of(generation gen) {
  using enum wait_counter;
  if (gen <= generation::cdna4) return {load, load, lds, lds};
  if (gen != generation::rdna4) return {load, store, lds, lds};
  return {load, store, lds, scalar};
}

// "vmcnt"
const char* counter_name(wait_counter counter, const target_info& target);

// How many accesses of each counter a wait lets be outstanding; -1: any number. Counters of what the emulator does not
// implement (exports, samples, ray tracing) are left out.
using wait_limits = std::array<int8_t, static_cast<size_t>(wait_counter::count)>;
wait_limits wait_limits_of(const instruction& i, const target_info& target);

}  // namespace hipemu
