// SPDX-License-Identifier: Apache-2.0
// How long a launch takes on a card, and why. Before it runs, plan() says what to record; from the recording, predict()
// replays one unit's workgroups as all units do, and from that come the launch's rounds and its tail.
#pragma once

#include <optional>
#include <vector>

#include "machine/launch.h"
#include "timing/compute_unit.h"
#include "timing/memory_system.h"
#include "timing/trace.h"

namespace hipemu::timing {

// `most` workgroups may run; 0: all. (Never fewer than one unit holds at a time.)
recording plan(const target_info& target, const launch_request& request, uint64_t most);

struct prediction {
  const parameters* card = nullptr;
  uint64_t groups = 0, groups_executed = 0, groups_replayed = 0;
  uint64_t units = 0;           // that have work
  uint64_t groups_of_unit = 0;  // of the one that has most
  uint64_t resident = 0;        // workgroups of a unit at one time
  double waves_per_simd = 0;    // then
  double clock = 0;             // that the card can hold at this load, Hz
  double cycles = 0, seconds = 0;
  double seconds_with_conflicts =
      0;  // the same, if loads whose rows lie on few channels hinder each other; as long if none do
  // Shares of the replay's time, 0 to 1.
  double matrix = 0, valu = 0, transcendental = 0, salu = 0, lds = 0, address_path = 0;
  double l2 = 0, cache = 0, memory = 0;  // of what they can deliver
  bool in_cache = false;  // what the launch touches fits the last level of cache, and is taken to be there
  double footprint_bytes = 0;
  unit_time unit;
};

// Nothing if there are no parameters for the target.
std::optional<prediction> predict(const target_info& target, const launch_request& request, const recording& recorded,
                                  const counters& count, const device_memory& memory, size_t events);

// The name of what limits the launch: a unit or a level of memory that is busy for more than two thirds of the time, or
// "latency".
const char* bound_of(const prediction& p);

// Writes what HIPEMU_TIMING and HIPEMU_TIMELINE ask for.
void report(const target_info& target, const launch_request& request, const recording& recorded, const counters& count,
            const device_memory& memory);

}  // namespace hipemu::timing
