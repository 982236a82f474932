// SPDX-License-Identifier: Apache-2.0
// The HIPEMU_* variables.
#pragma once

#include <string>
#include <vector>

#include "machine/checks.h"
#include "machine/target.h"

namespace hipemu {

struct environment {
  std::vector<const target_info*> targets;  // HIPEMU_TARGET: a device each; "gfx942", "gfx942,gfx1201", "gfx942*2"
  checks check;                             // HIPEMU_CHECKS, HIPEMU_LIMIT
  unsigned threads = 1;                     // HIPEMU_THREADS: that run workgroups; default: the cores
  std::string report_path;                  // HIPEMU_REPORT: faults are appended to this file
  std::string counters_path;                // HIPEMU_COUNTERS: a line of JSON for each launch is appended to this file
};

// Throws std::invalid_argument, whose text names the variable.
environment parse_environment();
// Read at the first use, once. If it cannot be understood, says so on stderr and has no targets.
const environment& settings();

}  // namespace hipemu
