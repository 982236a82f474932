// SPDX-License-Identifier: Apache-2.0
// The state of one wave, of its workgroup and of the launch. Beside every value stands what of it is defined: written
// by someone. Undefined values may be moved and computed with (compilers do so); it is a fault when an address, a
// branch or a store to device memory depends on one.
#pragma once

#include <cstdint>
#include <cstring>
#include <memory>
#include <new>
#include <vector>

#include "machine/checks.h"
#include "machine/counters.h"
#include "machine/fault.h"
#include "machine/instruction.h"
#include "machine/pace.h"
#include "machine/target.h"
#include "machine/touched_lines.h"
#include "machine/watch.h"

namespace hipemu {

class device_memory;
namespace timing {
class recorder;
}
class program;
struct kernel;
struct allocation;

inline constexpr int lanes_max = 64;  // every vector register has room for 64 lanes; wave32 uses the first 32

// wave::s, numbered as the hardware's encodings do, with two additions at the end.
namespace sreg {
inline constexpr int flat_scratch = 102, xnack_mask = 104, vcc = 106, ttmp0 = 108, exec = 126, m0 = 128, null = 129;
// Where a wave's scratch begins, on targets that set it up themselves.
inline constexpr int flat_scratch_hardware = 130;
inline constexpr int count = 132;
}  // namespace sreg

// Where flat instructions see LDS and scratch: apertures of 4 GiB; the upper words of their addresses.
inline constexpr uint32_t shared_aperture_high = 1 << 16, private_aperture_high = 2 << 16;

// Scratch of a kernel that calls what its compiler could not see.
inline constexpr uint32_t dynamic_stack_bytes = 16 << 10;

// Which halves of a register's lanes are defined: bit l of `low` is lane l's bits 0-15, of `high` its bits 16-31.
struct defined_lanes {
  uint64_t low = 0, high = 0;
};

// MODE, as s_setreg sees it.
struct float_mode {
  uint8_t round_32 = 0, round_16_64 = 0;        // 0 nearest even, 1 +inf, 2 -inf, 3 zero
  uint8_t denormal_32 = 3, denormal_16_64 = 3;  // bit 0: inputs kept, bit 1: outputs kept
  bool dx10_clamp = true, ieee = false, fp16_overflow = false;
};

// LDS of a workgroup.
struct lds_memory {
  std::vector<uint8_t> bytes;
  std::vector<uint8_t> defined;  // a byte each: 1 if written
  // For the race check: who touched each unit of LDS last. A unit is a word, until an instruction of the kernel writes
  // less; then `unit_shift` shrinks and each word's stamps are those of each of its parts.
  // A stamp is, from the top: the barriers that the wave had signalled, plus one (25 bits); whether it was an atomic
  // (1); the wave (6); the index of the instruction (32). So a later time compares greater, and 0 is nobody.
  int unit_shift = 2;
  std::vector<uint64_t> written;
  std::vector<uint64_t> read, other_read;  // since then: the last in time, and the last by another wave than that
  std::vector<lds_arrival> arriving;  // of each word, the load direct to LDS that writes it; empty until there is one
};

struct launch_state;

struct workgroup {
  launch_state& launch;
  uint32_t id[3] = {};
  lds_memory lds;
  std::vector<std::unique_ptr<wave>> waves;
  simd_time simds[simd_time::simds];
  counters count;
  timing::recorder* recorder = nullptr;  // of what runs, if it is to be timed
  // Barriers that any wave has signalled, and the index of the instruction by which the last of them was signalled first.
  uint32_t barriers_signalled = 0, barrier_at = 0;
  explicit workgroup(launch_state& l) : launch(l) {}
};

// What all workgroups of a launch share.
struct launch_state {
  const target_info& target;
  device_memory& memory;
  const program& code;
  const kernel& k;
  const checks& check;
  uint32_t groups[3] = {1, 1, 1}, block[3] = {1, 1, 1};
  uint32_t lds_bytes = 0;  // static and dynamic
  uint64_t kernarg_address = 0, dispatch_packet_address = 0, scratch_base = 0;
  uint32_t scratch_bytes = 0;  // a lane
  touched_lines touched{};     // of device memory, by vector memory instructions
};

enum class wave_status : uint8_t { running, at_barrier, ended };

struct wave {
  workgroup& group;
  launch_state& launch;
  const target_info& target;
  const int lanes;           // 32 or 64
  const uint64_t all_lanes;  // a bit for each
  int id = 0;                // in the workgroup

  wave_status status = wave_status::running;
  uint32_t pc = 0;  // index of the next instruction: handlers of branches set it
  bool scc = false, scc_defined = false;
  float_mode mode;
  uint32_t mode_bits = 0;  // MODE as read by s_getreg
  // gfx9's modes in which vector instructions do not run as they are written: operations/vector_modes.cpp.
  bool skips_vector = false, indexes_registers = false;
  uint64_t instructions = 0;
  uint64_t clock = 0;  // reads of a clock: each finds it later
  wave_time time;
  // Barriers: signalled and passed. s_barrier does both.
  uint32_t signals = 0, waits = 0;
  uint32_t barrier_at = 0;  // index of the barrier's instruction, while at_barrier

  alignas(64) uint32_t s[sreg::count] = {};
  uint32_t s_defined[sreg::count] = {};  // a bit for each bit

  // Vector registers: 512 rows of 64, AGPRs from 256; defined halves of each.
  struct give_back {
    void operator()(uint32_t* file) const;
  };
  static constexpr size_t register_bytes = sizeof(uint32_t) * 512 * lanes_max;
  std::unique_ptr<uint32_t[], give_back> registers;
  std::unique_ptr<defined_lanes[]> defined;
  uint32_t* v(int index) { return registers.get() + static_cast<size_t>(index) * lanes_max; }
  int vgpr_count = 0, agpr_count = 0;  // allocated: a higher index is a fault

  // Where the last accesses went: most go there again.
  struct recent_allocation {
    const allocation* at = nullptr;
    touched_lines::flags* lines = nullptr;
  };
  recent_allocation recent[4];
  uint64_t scratch_address = 0;  // this wave's scratch
  watch_state watched;           // for the checks of waits and hazards

  wave(workgroup& g, launch_state& l, int wave_lanes);

  uint64_t exec() const { return s[sreg::exec] | static_cast<uint64_t>(s[sreg::exec + 1]) << 32; }
  void set_exec(uint64_t x) {
    s[sreg::exec] = static_cast<uint32_t>(x);
    s[sreg::exec + 1] = static_cast<uint32_t>(x >> 32);
  }
  bool wave64() const { return lanes == 64; }
};

}  // namespace hipemu
