// SPDX-License-Identifier: Apache-2.0
// What the checks `waits` and `hazards` remember of a wave, and the test that most instructions pass in a nanosecond:
// an instruction has tags for what it could run into, a wave for what it could be run into.
#pragma once

#include <cstdint>

#include "machine/checks.h"
#include "machine/instruction.h"
#include "machine/waits.h"

namespace hipemu {

// tags[0]: vector registers, by their number modulo 64. tags[1]: scalar registers, four to a bit, then these.
namespace watch_tag {
inline constexpr int first_hazard = 36;
inline constexpr uint64_t scalars = (uint64_t{1} << first_hazard) - 1;
inline constexpr uint64_t counts = uint64_t{1} << 63;  // in a counter, or waits for one, or signals a barrier
inline constexpr uint64_t hazards = ~(scalars | counts);
}  // namespace watch_tag

struct watch_state {
  uint64_t tags[2] = {};
  uint64_t kept = 0;  // of instruction::leaves: hazards if they are checked
  // The last instructions, and when in wait states each was issued at the earliest.
  struct past {
    uint32_t at = 0;
    uint64_t time = 0;
  };
  static constexpr uint32_t remembered = 32;
  past recent[remembered];
  uint64_t steps = 0, time = 0;
  uint64_t matrix_free = 0;  // when the matrix unit takes another instruction

  // gfx12, and waves of 64 lanes on gfx11: pairs of scalar registers that the VALU has read before (on gfx11 as masks of lanes);
  // those written since, by the SALU and by the VALU, whose new values may not be seen yet, and by which instruction.
  struct scalars_read {
    static constexpr int registers = 124;  // SGPRs, VCC, trap temporaries
    uint64_t pairs = 0;
    uint64_t by_salu[2] = {}, by_valu[2] = {};
    uint32_t at[registers] = {};
  };
  scalars_read scalars;

  outstanding waits;

  bool may_run_into(const instruction& i) const { return (i.watch.tags[0] & tags[0]) | (i.watch.tags[1] & tags[1]); }
  void ran(const instruction& i, uint32_t at) {
    recent[steps++ % remembered] = {at, time};
    time += i.watch.wait_states;
    tags[1] |= i.watch.leaves & kept;
    scalars.pairs |= i.watch.scalar_pairs;
  }
};

// The tags of registers.
void add_register_tags(uint64_t (&tags)[2], const register_range& r);
// What the checks need of an instruction that has been decoded.
void describe_for_watch(instruction& i, const target_info& target, int wave_size);
// For a wave that begins.
void start_watch(watch_state& state, const checks& check);
// Before an instruction runs that may run into something. Throws fault.
void watch(wave& w, const instruction& i);

}  // namespace hipemu
