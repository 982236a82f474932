// SPDX-License-Identifier: Apache-2.0
#include "device.h"

#include "hipinfer/types.h"
#include "platform.h"

namespace hipinfer::runtime {
namespace {

// Found at first use and kept for good: drivers are never closed, and a destructor that runs at exit would race with the
// driver's own. A probe that throws is made again at the next call.
const platform& platform_of(device_kind kind) {
  switch (kind) {
    case device_kind::cpu: {
      static const platform& cpu = *new platform(probe_cpu());
      return cpu;
    }
    case device_kind::cuda: {
      static const platform& cuda = *new platform(probe_cuda());
      return cuda;
    }
    case device_kind::hip: {
      static const platform& hip = *new platform(probe_hip());
      return hip;
    }
  }
  throw error{HIPINFER_STATUS_NO_DEVICE, "no such kind of device"};
}

const char* name_of(device_kind kind) {
  return kind == device_kind::hip ? "hip" : kind == device_kind::cuda ? "cuda" : "cpu";
}

}  // namespace

int device_count(device_kind kind) noexcept {
  try {
    return platform_of(kind).count;
  } catch (...) {  // why_none() tells
    return 0;
  }
}

std::string why_none(device_kind kind) {
  try {
    platform_of(kind);
    return "";
  } catch (const error& failure) {
    return failure.message;
  }
}

std::unique_ptr<device> open_device(device_kind kind, int ordinal) {
  const platform& found = platform_of(kind);
  if (ordinal < 0 || ordinal >= found.count)
    throw error{HIPINFER_STATUS_NO_DEVICE, std::string(name_of(kind)) + ":" + std::to_string(ordinal) +
                                               ": no such device; " + std::to_string(found.count) +
                                               " present, numbered from 0"};
  return found.open(ordinal);
}

}  // namespace hipinfer::runtime
