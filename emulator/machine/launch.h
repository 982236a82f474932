// SPDX-License-Identifier: Apache-2.0
// Running a kernel.
#pragma once

#include <cstdint>
#include <vector>

#include "machine/checks.h"
#include "machine/counters.h"
#include "machine/fault.h"
#include "runtime/code_object.h"
#include "runtime/memory.h"

namespace hipemu {

namespace timing {
struct recording;
}

struct launch_request {
  const code_object* code = nullptr;
  const kernel* k = nullptr;
  uint32_t groups[3] = {1, 1, 1};  // workgroups
  uint32_t block[3] = {1, 1, 1};   // work-items of a workgroup
  uint32_t dynamic_lds_bytes = 0;
  // The explicit arguments, laid out as the kernel wants them. If there are fewer bytes, the rest is undefined.
  std::vector<uint8_t> arguments;
};

// Runs all workgroups, on as many threads as HIPEMU_THREADS says (default: the cores). Throws fault; what() then is the
// whole report: kind, kernel, address, workgroup, wave, lane, instruction, source line where the code object has any.
// A recording says which workgroups to run and record.
counters run(const target_info& target, device_memory& memory, const checks& check, const launch_request& request,
             timing::recording* recording = nullptr);

}  // namespace hipemu
