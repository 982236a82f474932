// SPDX-License-Identifier: Apache-2.0
// The code objects inside the library, and which of them a device runs.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace hipinfer {

// Written by src/gen/pack.py: deflated with zlib.
struct code_object {
  const char* target;
  const char* module;
  size_t offset;
  size_t packed_bytes;
  size_t bytes;
};
extern const code_object code_objects[];
extern const int code_object_count;
extern const char* const code_targets[];
extern const int code_target_count;
extern "C" const unsigned char hipinfer_code_object_blob[] __attribute__((visibility("hidden")));

// "gfx942:sramecc+:xnack-" -> "gfx942"
std::string base_target(const std::string& reported);
// The targets whose code runs on a device, best first: itself, then the generic one that covers it.
std::vector<std::string> targets_that_run_on(const std::string& base);
// The built-in target that serves a device ("" if none), and all of them as text for messages.
std::string built_in_target_for(const std::string& base);
std::string built_in_targets();

// Inflated bytes; kept for the life of the process. Empty if there is no such object. Throws on a damaged one.
std::pair<const void*, size_t> find_code_object(const std::string& target, const std::string& module);

// Whether a row's target list ("*", "gfx9 sm_") takes in a target.
bool target_matches(const char* patterns, const std::string& target);

}  // namespace hipinfer
