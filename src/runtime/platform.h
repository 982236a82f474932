// SPDX-License-Identifier: Apache-2.0
// What device.cpp asks of each kind of device.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "device.h"

namespace hipinfer::runtime {

struct platform {
  int count = 0;
  std::string why_none;                              // set when count is 0
  std::function<std::unique_ptr<device>(int)> open;  // takes an ordinal below count
};

// Each is called once a process. Throws error when there is no driver or no device.
platform probe_cpu();
platform probe_cuda();
platform probe_hip();

// Threads that parallel_for uses, the caller's included.
int cpu_threads();

}  // namespace hipinfer::runtime
