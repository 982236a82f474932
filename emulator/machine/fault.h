// SPDX-License-Identifier: Apache-2.0
// What ends a launch. Whoever finds the fault throws; the dispatcher adds kernel, workgroup, wave and instruction.
#pragma once

#include <cstdint>
#include <stdexcept>
#include <string>

namespace hipemu {

enum class fault_kind : uint8_t {
  bad_launch,       // what hipModuleLaunchKernel refuses before anything runs
  unimplemented,    // an instruction, or a form of one, that the emulator has not
  illegal,          // bytes that decode to nothing, a trap, a jump out of the code
  out_of_bounds,    // an access outside a live allocation, or outside LDS
  misaligned,       // an access the hardware would refuse
  undefined_value,  // an address, a branch or a stored value that depends on what nothing wrote
  lds_race,         // two waves, one LDS word, no barrier between, at least one writing
  divergent_barrier,
  missing_wait,  // what an outstanding memory operation writes, used before a wait for it
  hazard,        // an instruction too soon after another
  too_long,      // the limit of instructions
};
const char* fault_name(fault_kind kind);

struct fault : std::runtime_error {
  fault_kind kind;
  int lane;         // -1: no lane in particular
  int64_t earlier;  // the index of an instruction before this one that is part of the fault; -1: none
  fault(fault_kind k, const std::string& what, int at_lane = -1, int64_t earlier_index = -1)
      : std::runtime_error(what), kind(k), lane(at_lane), earlier(earlier_index) {}
};

}  // namespace hipemu
