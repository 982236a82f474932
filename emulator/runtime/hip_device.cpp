// SPDX-License-Identifier: Apache-2.0
// Devices: how many, which, and what they are.
#include <algorithm>
#include <cstdio>
#include <cstring>

#include "machine/environment.h"
#include "runtime/runtime.h"

using namespace hipemu;

namespace {

constexpr int version = 70000000;  // 7.0.0

// gfx90a is 9.0, gfx942 is 9.4, gfx1201 is 12.0.
int major_of(std::string_view name) {
  return std::stoi(std::string(name.substr(3, name.size() - 5)));
}
int minor_of(std::string_view name) {
  return name[name.size() - 2] - '0';
}

hipDeviceProp_t properties_of(const device& d) {
  const target_info& t = d.target;
  hipDeviceProp_t p{};
  std::snprintf(p.name, sizeof(p.name), "%s", t.card);
  std::snprintf(p.gcnArchName, sizeof(p.gcnArchName), "%s%s", t.name, t.feature);
  std::snprintf(p.uuid, sizeof(p.uuid), "hipemu-%08d", d.ordinal);
  p.totalGlobalMem = t.memory_bytes;
  p.sharedMemPerBlock = p.sharedMemPerBlockOptin = static_cast<size_t>(t.lds_bytes);
  // RDNA's runtime counts pairs of compute units, which share an LDS of twice the size.
  const int unit = t.rdna() ? 2 : 1;
  p.multiProcessorCount = t.compute_units / unit;
  p.sharedMemPerMultiprocessor = p.maxSharedMemoryPerMultiProcessor = static_cast<size_t>(t.lds_bytes) * unit;
  p.regsPerBlock = p.regsPerMultiprocessor = t.registers * t.wave_size * t.simds * unit;
  p.warpSize = t.wave_size;
  p.maxThreadsPerBlock = 1024;
  p.maxThreadsPerMultiProcessor = 2048;
  p.maxBlocksPerMultiProcessor = p.maxThreadsPerMultiProcessor / t.wave_size;
  std::fill(std::begin(p.maxThreadsDim), std::end(p.maxThreadsDim), 1024);
  p.maxGridSize[0] = INT32_MAX;
  p.maxGridSize[1] = p.maxGridSize[2] = 65536;
  p.memPitch = INT32_MAX;
  p.totalConstMem = INT32_MAX;
  p.clockRate = static_cast<int>(t.clock_hz / 1000);
  p.clockInstructionRate = 100000;
  p.major = major_of(t.name);
  p.minor = minor_of(t.name);
  p.memoryBusWidth = t.memory_bus_bits;
  // Both edges of the clock carry data.
  p.memoryClockRate = static_cast<int>(t.memory_bytes_per_second * 8 / p.memoryBusWidth / 2 / 1000);
  p.l2CacheSize = t.l2_bytes;
  p.textureAlignment = p.texturePitchAlignment = p.surfaceAlignment = 256;
  p.ECCEnabled = t.cdna();
  p.pciBusID = d.ordinal + 1;
  p.asyncEngineCount = p.deviceOverlap = p.concurrentKernels = p.canMapHostMemory = p.unifiedAddressing = 1;
  p.managedMemory = p.streamPrioritiesSupported = p.canUseHostPointerForRegisteredMem = p.hostRegisterSupported = 1;
  p.memoryPoolsSupported = p.isLargeBar = 1;
  p.arch = 0x1ffff & ~(1u << 11 | 1u << 13 | 1u << 14 | 1u << 16);  // all but funnel shift, sync ext, surfaces, dynamic
  return p;
}

struct attribute {
  int number;
  int hipDeviceProp_t::* field;
};
constexpr attribute attributes[] = {
    {0, &hipDeviceProp_t::ECCEnabled},
    {2, &hipDeviceProp_t::asyncEngineCount},
    {3, &hipDeviceProp_t::canMapHostMemory},
    {4, &hipDeviceProp_t::canUseHostPointerForRegisteredMem},
    {5, &hipDeviceProp_t::clockRate},
    {6, &hipDeviceProp_t::computeMode},
    {8, &hipDeviceProp_t::concurrentKernels},
    {9, &hipDeviceProp_t::concurrentManagedAccess},
    {10, &hipDeviceProp_t::cooperativeLaunch},
    {11, &hipDeviceProp_t::cooperativeMultiDeviceLaunch},
    {12, &hipDeviceProp_t::deviceOverlap},
    {13, &hipDeviceProp_t::directManagedMemAccessFromHost},
    {16, &hipDeviceProp_t::integrated},
    {17, &hipDeviceProp_t::isMultiGpuBoard},
    {18, &hipDeviceProp_t::kernelExecTimeoutEnabled},
    {19, &hipDeviceProp_t::l2CacheSize},
    {23, &hipDeviceProp_t::major},
    {24, &hipDeviceProp_t::managedMemory},
    {25, &hipDeviceProp_t::maxBlocksPerMultiProcessor},
    {56, &hipDeviceProp_t::maxThreadsPerBlock},
    {57, &hipDeviceProp_t::maxThreadsPerMultiProcessor},
    {59, &hipDeviceProp_t::memoryBusWidth},
    {60, &hipDeviceProp_t::memoryClockRate},
    {61, &hipDeviceProp_t::minor},
    {63, &hipDeviceProp_t::multiProcessorCount},
    {65, &hipDeviceProp_t::pageableMemoryAccess},
    {66, &hipDeviceProp_t::pageableMemoryAccessUsesHostPageTables},
    {67, &hipDeviceProp_t::pciBusID},
    {68, &hipDeviceProp_t::pciDeviceID},
    {69, &hipDeviceProp_t::pciDomainID},
    {71, &hipDeviceProp_t::regsPerBlock},
    {72, &hipDeviceProp_t::regsPerMultiprocessor},
    {78, &hipDeviceProp_t::streamPrioritiesSupported},
    {85, &hipDeviceProp_t::unifiedAddressing},
    {87, &hipDeviceProp_t::warpSize},
    {88, &hipDeviceProp_t::memoryPoolsSupported},
    {90, &hipDeviceProp_t::hostRegisterSupported},
    {10000, &hipDeviceProp_t::clockInstructionRate},
    {10011, &hipDeviceProp_t::isLargeBar},
    {10012, &hipDeviceProp_t::asicRevision},
    {10017, &hipDeviceProp_t::clockInstructionRate},  // WallClockRate
};

int attribute_of(const device& d, int number) {
  const hipDeviceProp_t p = properties_of(d);
  for (const attribute& a : attributes)
    if (a.number == number) return p.*a.field;
  // Sizes that do not fit are answered as the largest int.
  const auto clamped = [](size_t x) { return static_cast<int>(std::min<size_t>(x, INT32_MAX)); };
  switch (number) {
    case 26:
    case 27:
    case 28:
      return p.maxThreadsDim[number - 26];
    case 29:
    case 30:
    case 31:
      return p.maxGridSize[number - 29];
    case 58:
      return clamped(p.memPitch);
    case 74:
      return clamped(p.sharedMemPerBlock);
    case 75:
      return clamped(p.sharedMemPerBlockOptin);
    case 76:
    case 10002:
      return clamped(p.sharedMemPerMultiprocessor);
    case 79:
      return clamped(p.surfaceAlignment);
    case 81:
      return clamped(p.textureAlignment);
    case 82:
      return clamped(p.texturePitchAlignment);
    case 83:
      return clamped(p.totalConstMem);
    case 84:
      return clamped(p.totalGlobalMem);
    case 10015:
      return d.target.compute_units;  // PhysicalMultiProcessorCount
    case 10018:
      return d.target.gen >= generation::cdna3 && d.target.cdna() ? 8 : 1;  // NumberOfXccs
    case 10019:
      return std::min(d.target.registers, d.target.cdna() ? 512 : 256);  // MaxAvailableVgprsPerThread
    default:
      throw api_error{hipErrorInvalidValue, "hipDeviceGetAttribute: attribute " + std::to_string(number)};
  }
}

}  // namespace

HIP_API hipError_t hipInit(unsigned flags) {
  return guarded([&] { require(flags == 0, hipErrorInvalidValue); });
}

HIP_API hipError_t hipDriverGetVersion(int* out) {
  if (!out) return failed({hipErrorInvalidValue});
  *out = version;
  return hipSuccess;
}

HIP_API hipError_t hipRuntimeGetVersion(int* out) {
  return hipDriverGetVersion(out);
}

HIP_API hipError_t hipGetDeviceCount(int* count) {
  if (!count) return failed({hipErrorInvalidValue});
  *count = static_cast<int>(the().devices.size());
  return *count ? hipSuccess : failed({hipErrorNoDevice});
}

HIP_API hipError_t hipGetDevice(int* ordinal) {
  return guarded([&] {
    require(ordinal, hipErrorInvalidValue);
    *ordinal = self().device;
  });
}

HIP_API hipError_t hipSetDevice(int ordinal) {
  return guarded([&] { self().device = device_at(ordinal).ordinal; });
}

HIP_API hipError_t hipDeviceGet(int* out, int ordinal) {
  return guarded([&] {
    require(out, hipErrorInvalidValue);
    *out = device_at(ordinal).ordinal;
  });
}

HIP_API hipError_t hipDeviceGetName(char* name, int bytes, int ordinal) {
  return guarded([&] {
    require(name && bytes > 0, hipErrorInvalidValue);
    std::snprintf(name, static_cast<size_t>(bytes), "%s", device_at(ordinal).target.card);
  });
}

HIP_API hipError_t hipDeviceTotalMem(size_t* bytes, int ordinal) {
  return guarded([&] {
    require(bytes, hipErrorInvalidValue);
    *bytes = device_at(ordinal).target.memory_bytes;
  });
}

HIP_API hipError_t hipGetDevicePropertiesR0600(hipDeviceProp_t* out, int ordinal) {
  return guarded([&] {
    require(out, hipErrorInvalidValue);
    *out = properties_of(device_at(ordinal));
  });
}

HIP_API hipError_t hipDeviceGetAttribute(int* out, int number, int ordinal) {
  return guarded([&] {
    require(out, hipErrorInvalidValue);
    *out = attribute_of(device_at(ordinal), number);
  });
}

HIP_API hipError_t hipDeviceSynchronize() {
  return guarded([&] {
    {
      const std::lock_guard lock(the().mutex);
      for (const auto& c : the().captures)
        for (const auto& s : c->streams)
          if (s->device == self().device) refuse_in_capture(*s);
    }
    synchronise(current_device());
  });
}

// A device that failed works again. Memory and handles stay: nothing of them is lost with an emulated device.
HIP_API hipError_t hipDeviceReset() {
  return guarded([&] { current_device().failure = hipSuccess; });
}

HIP_API hipError_t hipDeviceCanAccessPeer(int* out, int ordinal, int peer) {
  return guarded([&] {
    require(out, hipErrorInvalidValue);
    *out = &device_at(ordinal) != &device_at(peer);
  });
}

HIP_API hipError_t hipDeviceEnablePeerAccess(int peer, unsigned flags) {
  return guarded([&] {
    require(flags == 0, hipErrorInvalidValue);
    require(&device_at(peer) != &current_device(), hipErrorInvalidDevice);
    const std::lock_guard lock(the().mutex);
    require(current_device().peers.insert(peer).second, hipErrorPeerAccessAlreadyEnabled);
  });
}

HIP_API hipError_t hipDeviceDisablePeerAccess(int peer) {
  return guarded([&] {
    device_at(peer);
    const std::lock_guard lock(the().mutex);
    require(current_device().peers.erase(peer), hipErrorPeerAccessNotEnabled);
  });
}
