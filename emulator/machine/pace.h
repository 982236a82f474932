// SPDX-License-Identifier: Apache-2.0
// How far a wave has come in time, roughly: by this the waves of a workgroup take their turns. Real kernels hand LDS from one
// group of waves to another by time alone.
//
// It is the time model's table (timing/parameters.h) without its queues. Each instruction takes the cycles that it issues;
// those of the VALU and the matrix unit wait until the unit of their SIMD is free; a wait lasts until the accesses that it
// waits for have taken the latency of L2, LDS or the scalar cache; a barrier until its last wave. Results, conflicts,
// caches and bandwidth are left out.
#pragma once

#include <array>
#include <cstdint>

#include "machine/instruction.h"
#include "machine/target.h"
#include "machine/wait_counters.h"

namespace hipemu {

struct wave;

struct wave_time {
  static constexpr size_t counters = static_cast<size_t>(wait_counter::count), remembered = 16;
  uint64_t now = 0, until = 0;  // until: the end of the turn
  int simd = 0, priority = 0;
  uint64_t signalled[2] = {};  // when it signalled a barrier, by that barrier's number modulo 2
  // By counter: accesses so far, and when the last of them are done. A wait for an earlier one is over, by this.
  uint64_t issued[counters] = {};
  std::array<std::array<uint64_t, remembered>, counters> done;

  void access(size_t counter, uint64_t latency) { done[counter][issued[counter]++ % remembered] = now + latency; }
};

// When a SIMD's units are free.
struct simd_time {
  static constexpr int simds = 4;
  uint64_t valu = 0, matrix = 0;
};

// What the clock needs of an instruction. After describe_for_watch.
void describe_pace(instruction& i, const target_info& target);
// The cycles of a turn: so far a wave may be ahead of another.
uint64_t turn_cycles(const target_info& target);

void start_time(wave& w);
// Of an instruction that does not only take its cycles.
void pass_more_time(wave& w, const instruction& i);
// A wave signals a barrier, which ends its turn: others may go on now. It passes one that all have signalled.
void signal_in_time(wave& w);
void pass_barrier_in_time(wave& w);

}  // namespace hipemu
