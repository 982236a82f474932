// SPDX-License-Identifier: Apache-2.0
// What device.cpp asks of each kind of device.
#pragma once

#include <functional>
#include <memory>

#include "device.h"

namespace hipinfer::runtime {

struct platform {
  int count;                                         // 1 at least
  std::function<std::unique_ptr<device>(int)> open;  // takes an ordinal below count
};

// Throws error{NO_DEVICE} when there is no driver or no device, and another status as open_device() does.
platform probe_cpu();
platform probe_cuda();
platform probe_hip();

// Threads that parallel_for uses, the caller's included. Throws error when HIPINFER_NUM_THREADS is no such number.
int cpu_threads();

}  // namespace hipinfer::runtime
