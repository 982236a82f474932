// SPDX-License-Identifier: Apache-2.0
// Modules, functions, launches.
#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>

#include "machine/environment.h"
#include "machine/occupancy.h"
#include "machine/report.h"
#include "runtime/image.h"
#include "runtime/runtime.h"
#include "timing/model.h"

using namespace hipemu;

namespace hipemu {

module::module(const void* image, size_t bytes, int ordinal) :device(ordinal),
    code(image, device_at(ordinal).target, the().memory, ordinal, bytes) {}

}  // namespace hipemu

namespace {

void load(hipModule_t* out, const void* image, size_t bytes) {
  unsafe_in_capture();
  require(out && image, hipErrorInvalidValue);
  *out = nullptr;
  auto m = std::make_shared<module>(image, bytes, current_device().ordinal);
  const std::lock_guard lock(the().mutex);
  *out = the().modules.add(std::move(m));
}

function function_of(hipFunction_t handle) {
  const std::lock_guard lock(the().mutex);
  return *the().functions.find(handle);
}

// A buffer may end before the last argument: HIP does not look at its size.
std::vector<uint8_t> pack_arguments(const kernel& k, void** parameters, void** extra) {
  std::vector<uint8_t> packed(k.explicit_bytes());
  require(!parameters || !extra, hipErrorInvalidValue);
  if (packed.empty()) return packed;
  if (extra) {
    const auto tag = [](int i) { return reinterpret_cast<void*>(static_cast<intptr_t>(i)); };
    require(extra[0] == tag(1) && extra[1] && extra[2] == tag(2) && extra[3] && extra[4] == tag(3),
            hipErrorInvalidValue);
    packed.resize(std::min(packed.size(), *static_cast<const size_t*>(extra[3])));
    std::memcpy(packed.data(), extra[1], packed.size());
    return packed;
  }
  require(parameters, hipErrorInvalidValue);
  for (const kernel_argument& a : k.arguments) {
    if (a.hidden()) continue;
    require(*parameters, hipErrorInvalidValue);
    std::memcpy(packed.data() + a.offset, *parameters++, a.bytes);
  }
  return packed;
}

// What HIP refuses at the launch, with its codes.
void check_launch(const launch_request& r, const target_info& target) {
  const kernel& k = *r.k;
  const auto refuse = [&](hipError_t code, const std::string& why) { throw api_error{code, k.name + ": " + why}; };
  uint64_t threads = 1;
  for (int i = 0; i < 3; ++i) {
    if (!r.groups[i] || !r.block[i]) refuse(hipErrorInvalidConfiguration, "a dimension of grid or block is zero");
    if (r.groups[i] > (i ? 65536u : 0x7fffffffu)) refuse(hipErrorInvalidValue, "the grid is too large");
    if (uint64_t{r.groups[i]} * r.block[i] > UINT32_MAX)
      refuse(hipErrorInvalidConfiguration, "more than 2^32 work-items in a dimension");
    threads *= r.block[i];
    if (threads > 1024) refuse(hipErrorInvalidConfiguration, "more than 1024 work-items in a workgroup");
  }
  if (threads > k.threads_max)
    refuse(hipErrorLaunchFailure, std::to_string(threads) + " work-items in a workgroup; it was compiled for " +
                                      std::to_string(k.threads_max));
  if (const uint64_t lds = uint64_t{k.lds_bytes} + r.dynamic_lds_bytes; lds > static_cast<uint64_t>(target.lds_bytes))
    refuse(hipErrorInvalidValue,
           std::to_string(lds) + " bytes of LDS; " + target.name + " has " + std::to_string(target.lds_bytes));
}

// A fault is the device's failure from here on, and what the next synchronising call tells.
void run_kernel(const launch_request& request, const module& owner) {
  if (owner.unloaded) throw api_error{hipErrorInvalidHandle, request.k->name + ": its module was unloaded"};
  device& d = device_at(owner.device);
  try {
    if (settings().times()) {
      timing::recording recording = timing::plan(d.target, request, settings().timing_groups);
      const counters count = run(d.target, the().memory, settings().check, request, &recording);
      report(d.target, request, count);
      timing::report(d.target, request, recording, count, the().memory);
    } else {
      report(d.target, request, run(d.target, the().memory, settings().check, request));
    }
  } catch (const fault& f) {
    report(f.what());
    if (f.kind == fault_kind::bad_launch) throw api_error{hipErrorInvalidConfiguration};
    d.failure = f.kind == fault_kind::out_of_bounds ? hipErrorIllegalAddress : hipErrorLaunchFailure;
  }
}

}  // namespace

HIP_API hipError_t hipModuleLoad(hipModule_t* out, const char* path) {
  return guarded([&] {
    require(out && path, hipErrorInvalidValue);
    std::error_code problem;
    require(std::filesystem::exists(path, problem), hipErrorFileNotFound);
    // Not a pipe, nor a device without end.
    require(std::filesystem::is_regular_file(path, problem), hipErrorInvalidImage);
    const uint64_t bytes = std::filesystem::file_size(path, problem);
    require(!problem && bytes > 0 && bytes <= image_bytes_max, hipErrorInvalidImage);
    std::string image(bytes, '\0');
    std::ifstream file(path, std::ios::binary);
    require(file.good(), hipErrorFileNotFound);
    require(file.read(image.data(), static_cast<std::streamsize>(bytes)).good(), hipErrorInvalidImage);
    load(out, image.data(), image.size());
  });
}

HIP_API hipError_t hipModuleLoadData(hipModule_t* out, const void* image) {
  return guarded([&] { load(out, image, 0); });
}

HIP_API hipError_t hipModuleLoadDataEx(hipModule_t* out, const void* image, unsigned, int*, void**) {
  return guarded([&] { load(out, image, 0); });
}

HIP_API hipError_t hipModuleUnload(hipModule_t handle) {
  return guarded([&] {
    unsafe_in_capture();
    std::shared_ptr<module> m;
    // Not while a kernel of it runs.
    const std::lock_guard running(the().execution);
    const std::lock_guard lock(the().mutex);
    m = the().modules.remove(handle);
    m->unloaded = true;
    the().functions.remove_if([&](const function& f) { return f.owner == m; });
  });
}

HIP_API hipError_t hipModuleGetFunction(hipFunction_t* out, hipModule_t handle, const char* name) {
  return guarded([&] {
    require(out && name && *name, hipErrorInvalidValue);
    *out = nullptr;
    const std::lock_guard lock(the().mutex);
    const auto m = the().modules.find(handle);
    const auto k = m->code.kernels().find(name);
    require(k != m->code.kernels().end(), hipErrorNotFound);
    for (const auto& [known, f] : the().functions)
      if (f->k == &k->second) *out = known;
    if (!*out) *out = the().functions.add(std::make_shared<function>(function{m, &k->second}));
  });
}

HIP_API hipError_t hipModuleGetGlobal(void** address, size_t* bytes, hipModule_t handle, const char* name) {
  return guarded([&] {
    require(name && *name, hipErrorInvalidValue);
    const std::lock_guard lock(the().mutex);
    const auto m = the().modules.find(handle);
    const auto variable = m->code.variables().find(name);
    require(variable != m->code.variables().end(), hipErrorNotFound);
    if (address) *address = reinterpret_cast<void*>(variable->second.first);
    if (bytes) *bytes = variable->second.second;
  });
}

HIP_API hipError_t hipModuleLaunchKernel(hipFunction_t handle, unsigned groups_x, unsigned groups_y, unsigned groups_z,
                                         unsigned block_x, unsigned block_y, unsigned block_z, unsigned dynamic_lds,
                                         hipStream_t stream, void** parameters, void** extra) {
  return guarded([&] {
    const function f = function_of(handle);
    launch_request request{.code = &f.owner->code,
                           .k = f.k,
                           .groups = {groups_x, groups_y, groups_z},
                           .block = {block_x, block_y, block_z},
                           .dynamic_lds_bytes = dynamic_lds,
                           .arguments = pack_arguments(*f.k, parameters, extra)};
    check_launch(request, device_at(f.owner->device).target);
    {
      const std::lock_guard lock(the().mutex);
      require(stream_of(stream)->device == f.owner->device, hipErrorInvalidHandle);
    }
    enqueue(stream, hipGraphNodeTypeKernel,
            [request = std::move(request), owner = f.owner] { run_kernel(request, *owner); });
  });
}

HIP_API hipError_t hipFuncGetAttribute(int* out, int attribute, hipFunction_t handle) {
  return guarded([&] {
    require(out, hipErrorInvalidValue);
    const function f = function_of(handle);
    const target_info& target = f.owner->code.target();
    switch (attribute) {
      case 0:
        *out = static_cast<int>(f.k->threads_max);
        break;
      case 1:
        *out = static_cast<int>(f.k->lds_bytes);
        break;
      case 2:
        *out = 0;
        break;  // constant bytes
      case 3:
        *out = static_cast<int>(f.k->scratch_bytes);
        break;
      case 4:
        *out = registers_of(*f.k, target).total;
        break;
      case 5:
      case 6:
        *out = std::atoi(target.name + 3);
        break;  // versions of PTX and of the binary
      case 7:
        *out = 0;
        break;  // caching
      case 8:
        // A kernel may ask for more than there is: it cannot be launched.
        *out = static_cast<int>(std::max<int64_t>(0, target.lds_bytes - int64_t{f.k->lds_bytes}));
        break;
      case 9:
        *out = 0;
        break;  // carveout
      default:
        throw api_error{hipErrorInvalidValue};
    }
  });
}

// Hints for NVIDIA's devices: all of the LDS may be had without asking.
HIP_API hipError_t hipFuncSetAttribute(const void* handle, int attribute, int) {
  return guarded([&] {
    function_of(const_cast<void*>(handle));
    require(attribute == 8 || attribute == 9, hipErrorInvalidValue);
  });
}

HIP_API hipError_t hipModuleOccupancyMaxActiveBlocksPerMultiprocessor(int* out, hipFunction_t handle, int block,
                                                                      size_t dynamic_lds) {
  return guarded([&] {
    require(out && block > 0, hipErrorInvalidValue);
    const function f = function_of(handle);
    *out = static_cast<uint32_t>(block) > f.k->threads_max
               ? 0
               : blocks_per_unit(*f.k, f.owner->code.target(), block, dynamic_lds);
  });
}
