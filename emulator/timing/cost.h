// SPDX-License-Identifier: Apache-2.0
// What of an instruction matters for time: where it issues, what it occupies and for how long, which registers it waits
// for and writes, what it counts and waits for.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "machine/program.h"
#include "machine/wait_counters.h"
#include "timing/parameters.h"

namespace hipemu::timing {

// Of the kinds of instructions that a SIMD's waves may issue together, one each in a turn. `none` is what the
// instruction buffer itself carries out: waits, barriers, priorities, s_nop.
enum class port : uint8_t { valu, salu, smem, vmem, lds, branch, none, count };

enum class barrier_part : uint8_t { none, signal = 1, wait = 2, both = 3 };

struct cost {
  port where = port::none;
  uint16_t busy = 0;           // cycles of the VALU, or of its transcendental unit
  uint16_t matrix = 0;         // cycles of the matrix unit
  uint16_t result = 0;         // cycles from issue until the result may be used
  uint16_t scalar_result = 0;  // the same of a scalar that a vector instruction writes
  uint16_t hold = 0;           // cycles until the wave's next instruction may issue: s_nop, s_sleep
  bool transcendental = false;
  bool is_store = false, is_atomic = false, to_lds = false, is_flat = false;
  bool ends = false;
  bool branches = false;
  int8_t priority = -1;  // that s_setprio sets
  barrier_part barrier = barrier_part::none;
  wait_limits limits{-1, -1, -1, -1};  // that a wait lets be outstanding
  std::vector<register_range> reads, writes;
  int accumulator = -1;  // of `reads`: a matrix instruction's addend, which may follow sooner
};

// Of every instruction of a program, by its index.
std::vector<cost> costs_of(const program& code, const target_info& target, const parameters& p);

}  // namespace hipemu::timing
