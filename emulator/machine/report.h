// SPDX-License-Identifier: Apache-2.0
// What the emulator tells: faults and counters.
#pragma once

#include <string>

#include "machine/counters.h"
#include "machine/fault.h"
#include "machine/launch.h"

namespace hipemu {

// One line of JSON, without the line's end.
std::string json_line(const target_info& target, const launch_request& request, const counters& count);
// To stderr, and to HIPEMU_REPORT.
void report(const std::string& text);
// "valu", "matrix", ...
const char* class_name(instruction_class cls);
// A string as JSON writes it.
std::string quoted(const std::string& text);
// Threads may append to one file at the same time.
void append(const std::string& path, const std::string& text);
// To HIPEMU_COUNTERS, if that is set.
void report(const target_info& target, const launch_request& request, const counters& count);

}  // namespace hipemu
