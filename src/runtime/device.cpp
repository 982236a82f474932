// SPDX-License-Identifier: Apache-2.0
#include "device.h"

#include <exception>

#include "hipinfer/types.h"
#include "platform.h"

namespace hipinfer::runtime {
namespace {

platform guarded(platform (*probe)()) {
  platform none;
  try {
    return probe();
  } catch (const error& failure) {
    none.why_none = failure.message;
  } catch (const std::exception& failure) {
    none.why_none = failure.what();
  }
  return none;
}

// Probed at first use and kept for good: drivers are never closed, and a destructor that runs at exit would
// race with the driver's own.
const platform& platform_of(device_kind kind) {
  switch (kind) {
    case device_kind::cpu: {
      static const platform& cpu = *new platform(guarded(probe_cpu));
      return cpu;
    }
    case device_kind::cuda: {
      static const platform& cuda = *new platform(guarded(probe_cuda));
      return cuda;
    }
    case device_kind::hip: {
      static const platform& hip = *new platform(guarded(probe_hip));
      return hip;
    }
  }
  static const platform& unknown = *new platform{0, "no such kind of device", {}};
  return unknown;
}

const char* name_of(device_kind kind) {
  return kind == device_kind::hip ? "hip" : kind == device_kind::cuda ? "cuda" : "cpu";
}

}  // namespace

int device_count(device_kind kind) noexcept {
  try {
    return platform_of(kind).count;
  } catch (...) {  // out of memory while probing: probed again at the next call
    return 0;
  }
}

std::string why_none(device_kind kind) {
  return platform_of(kind).why_none;
}

std::unique_ptr<device> open_device(device_kind kind, int ordinal) {
  const platform& found = platform_of(kind);
  if (found.count == 0) throw error{HIPINFER_STATUS_NO_DEVICE, found.why_none};
  if (ordinal < 0 || ordinal >= found.count)
    throw error{HIPINFER_STATUS_NO_DEVICE, std::string(name_of(kind)) + ":" + std::to_string(ordinal) +
                                               ": no such device; " + std::to_string(found.count) +
                                               " present, numbered from 0"};
  return found.open(ordinal);
}

}  // namespace hipinfer::runtime
