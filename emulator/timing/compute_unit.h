// SPDX-License-Identifier: Apache-2.0
// One unit that runs workgroups: replays their waves' instructions in time.
//
// A SIMD has its turn every `slot` cycles. In a turn it issues from several waves, at most one instruction of a wave and
// one of each port; waves with a higher priority first, then older ones. Waves issue in order: an instruction waits for
// its registers, for the counters if it is a wait, for its unit.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "timing/cost.h"
#include "timing/memory_system.h"
#include "timing/parameters.h"
#include "timing/trace.h"

namespace hipemu::timing {

// Why a wave did not issue.
enum class stall : uint8_t {
  alu,     // the result of a vector or scalar instruction
  matrix,  // of a matrix instruction
  load,    // s_waitcnt: vector memory
  store,
  lds,     // s_waitcnt: LDS
  scalar,  // s_waitcnt: scalar memory
  barrier,
  nop,        // s_nop, s_sleep
  branch,     // the instructions after a branch
  valu_busy,  // its unit had another wave's, or its own earlier, instruction
  matrix_busy,
  lds_busy,
  other_busy,
  count
};
const char* name_of(stall why);

struct instruction_time {
  uint64_t executed = 0;                                              // by waves
  std::array<uint64_t, static_cast<size_t>(stall::count)> stalled{};  // cycles of waves
};

// A wave issued an instruction, after it had waited.
struct event {
  uint64_t at;
  uint32_t index, waited;
  uint16_t group, wave;
  uint8_t simd;
  stall why;
};

struct unit_time {
  uint64_t cycles = 0;
  bool finished = false;  // if not, waves wait for each other for ever: the model does not know what they wait for
  std::vector<uint64_t> ended;  // the cycle at which each workgroup was done
  // Cycles that units were busy, summed over SIMDs (of LDS and the address path: over ports).
  uint64_t valu = 0, matrix = 0, salu = 0, transcendental = 0, lds = 0;
  uint64_t wave_cycles = 0, instructions = 0;
  std::vector<instruction_time> times;  // by index in the program
  std::vector<event> events;            // the first ones, as many as were asked for
};

struct unit_work {
  std::vector<const group_trace*> groups;  // in the order in which they begin
  size_t resident = 1;                     // that run at one time
  int wave_size = 64;
  size_t events = 0;  // to record
};

unit_time run_unit(const parameters& p, const counted_in& counters, const std::vector<cost>& costs,
                   const unit_work& work, memory_system& memory);

}  // namespace hipemu::timing
