// SPDX-License-Identifier: Apache-2.0
// The HIPEMU_* variables.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "machine/checks.h"
#include "machine/target.h"

namespace hipemu {

struct environment {
  std::vector<const target_info*> targets;  // HIPEMU_TARGET: a device each; "gfx942", "gfx942,gfx1201", "gfx942*2"
  int compute_units = 0;                    // HIPEMU_COMPUTE_UNITS: of every device; 0: as its card has
  checks check;                             // HIPEMU_CHECKS, HIPEMU_LIMIT
  unsigned threads = 1;                     // HIPEMU_THREADS: that run workgroups; default: the cores
  std::optional<uint64_t> schedule;         // HIPEMU_SCHEDULE: a seed, by which waves take turns in another order
  std::string report_path;                  // HIPEMU_REPORT: faults are appended to this file
  std::string counters_path;                // HIPEMU_COUNTERS: a line of JSON for each launch is appended to this file
  std::string timing_path;     // HIPEMU_TIMING: a line of JSON for each launch, how long it would take and why
  std::string timeline_path;   // HIPEMU_TIMELINE: the last launch's waves in time, for Perfetto
  uint64_t timing_groups = 0;  // HIPEMU_TIMING_GROUPS: of a launch that is timed, run only so many; 0: all

  bool times() const { return !timing_path.empty() || !timeline_path.empty(); }
};

// Throws std::invalid_argument, whose text names the variable.
environment parse_environment();
// Read at the first use, once. If it cannot be understood, says so on stderr and has no targets.
const environment& settings();

}  // namespace hipemu
