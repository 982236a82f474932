// SPDX-License-Identifier: Apache-2.0
// AMD GPUs through libamdhip64 of ROCm 5, 6 or 7.
#include <algorithm>
#include <cctype>
#include <cstring>
#include <string_view>

#include "driver.h"
#include "platform.h"

namespace hipinfer::runtime {
namespace {

constexpr int memcpy_default = 4;  // hipMemcpyDefault: the pointers tell which side they are on

// Where hipDeviceProp_t keeps what is read, on LP64. ROCm 6 changed the struct and gave the function that
// fills the new one another name; the old name still fills the old struct, so the name tells the layout.
// (Attribute queries are no way round this: their numbers changed between major releases without a change of
// name.)
struct layout {
  const char* function;
  size_t memory_bytes, lds_bytes, wave_size, compute_units, target;
};
constexpr layout layouts[] = {
    {"hipGetDevicePropertiesR0600", 288, 296, 308, 388, 1160},  // ROCm 6, 7
    {"hipGetDeviceProperties", 256, 264, 276, 336, 396},        // ROCm 5
};
constexpr size_t name_bytes = 256;         // both layouts begin with char name[256]
constexpr size_t properties_bytes = 8192;  // the structs have 1472 and 792 bytes; room for a longer one

struct hip_driver : driver {
  entry<int*> device_count, get_device;
  entry<int> set_device;
  entry<void*, const void*, size_t, int, void*> copy;
  entry<void*, int> properties;
  const layout* properties_layout = nullptr;

  explicit hip_driver(const library& lib);
};

hip_driver::hip_driver(const library& lib) {
  device_count = lib.require("hipGetDeviceCount");
  get_device = lib.require("hipGetDevice");
  set_device = lib.require("hipSetDevice");
  allocate = lib.require("hipMalloc");
  release = lib.require("hipFree");
  allocate_host = lib.require("hipHostMalloc");
  release_host = lib.require("hipHostFree");
  copy = lib.require("hipMemcpyAsync");
  fill = lib.require("hipMemsetAsync");
  stream_create = lib.require("hipStreamCreateWithFlags");
  stream_destroy = lib.require("hipStreamDestroy");
  stream_synchronize = lib.require("hipStreamSynchronize");
  stream_wait = lib.require("hipStreamWaitEvent");
  stream_is_capturing = lib.require("hipStreamIsCapturing");
  capture_begin = lib.require("hipStreamBeginCapture");
  capture_end = lib.require("hipStreamEndCapture");
  graph_instantiate = lib.require("hipGraphInstantiateWithFlags");
  graph_destroy = lib.require("hipGraphDestroy");
  executable_launch = lib.require("hipGraphLaunch");
  executable_destroy = lib.require("hipGraphExecDestroy");
  event_create = lib.require("hipEventCreateWithFlags");
  event_destroy = lib.require("hipEventDestroy");
  event_record = lib.require("hipEventRecord");
  event_synchronize = lib.require("hipEventSynchronize");
  event_elapsed = lib.require("hipEventElapsedTime");
  module_load = lib.require("hipModuleLoadData");
  module_unload = lib.require("hipModuleUnload");
  module_function = lib.require("hipModuleGetFunction");
  launch = lib.require("hipModuleLaunchKernel");
  exchange_capture_mode = lib.optional("hipThreadExchangeStreamCaptureMode");
  clear_error = lib.optional("hipGetLastError");
  launch_end = reinterpret_cast<void*>(3);  // HIP_LAUNCH_PARAM_END
  text = reinterpret_cast<const char* (*)(int)>(lib.require("hipGetErrorString").address);

  properties_layout = std::find_if(std::begin(layouts), std::end(layouts),
                                   [&](const layout& row) { return lib.optional(row.function).address; });
  if (properties_layout == std::end(layouts)) --properties_layout;
  properties = lib.require(properties_layout->function);
}

template <class T>
T read(const char* properties, size_t offset) {
  T value;
  std::memcpy(&value, properties + offset, sizeof(value));
  return value;
}

bool begins_target(std::string_view text) {
  return text.size() > 3 && text.substr(0, 3) == "gfx" && std::isdigit(static_cast<unsigned char>(text[3]));
}

class hip_device final : public gpu_device {
 public:
  hip_device(const hip_driver& hip, int ordinal) : gpu_device(hip), hip_(hip) {
    std::string answer(properties_bytes, '\0');
    hip_.call(hip_.properties, answer.data(), ordinal);
    answer.back() = '\0';
    describe(answer, ordinal);
  }

 private:
  void describe(const std::string& answer, int ordinal) {
    const layout& at = *hip_.properties_layout;
    const char* bytes = answer.data();
    info_.kind = device_kind::hip;
    info_.ordinal = ordinal;
    info_.name.assign(bytes, strnlen(bytes, name_bytes));

    size_t target = at.target;
    const bool as_expected = begins_target(bytes + target);
    if (!as_expected) {
      target = name_bytes;
      while (target < answer.size() && !begins_target(bytes + target)) ++target;
      if (target == answer.size())
        throw error{HIPINFER_STATUS_DRIVER_ERROR, std::string(at.function) + ": no gfx target in the answer"};
    }
    info_.target = bytes + target;
    if (as_expected) {
      info_.wave_size = read<int>(bytes, at.wave_size);
      info_.compute_units = read<int>(bytes, at.compute_units);
      info_.lds_bytes = read<int64_t>(bytes, at.lds_bytes);
      info_.memory_bytes = read<uint64_t>(bytes, at.memory_bytes);
    } else {  // a struct that this code has not seen: only what every GPU of the family has
      const bool gcn = info_.target.compare(0, 4, "gfx9") == 0;
      info_.wave_size = gcn ? 64 : 32;
      info_.compute_units = 1;
      info_.lds_bytes = 65536;
      info_.memory_bytes = 0;
    }
    if (info_.name.empty()) info_.name = info_.target;
  }

  int enter() override {
    int previous = 0;
    hip_.call(hip_.get_device, &previous);
    if (previous != info_.ordinal) hip_.call(hip_.set_device, info_.ordinal);
    return previous;
  }
  void leave(int previous) override {
    if (previous == info_.ordinal) return;
    if (const int code = hip_.set_device.call(previous))
      hip_.fail(HIPINFER_STATUS_DRIVER_ERROR, "hipSetDevice(" + std::to_string(previous) + "), the caller's device",
                code);
  }
  // With pageable memory on either side HIP copies synchronously with the host (its documentation,
  // hipMemcpyAsync), so the source may change as soon as this returns. Not so in a capture, where the copy
  // reads at every replay.
  void enqueue_copy(void* destination, const void* source, size_t bytes, void* stream) override {
    hip_.call(hip_.copy, destination, source, bytes, memcpy_default, stream);
  }

  const hip_driver& hip_;
};

}  // namespace

platform probe_hip() {
  const library lib({"libamdhip64",
                     "HIPINFER_HIP_LIBRARY",
                     {"libamdhip64.so.7", "libamdhip64.so.6", "libamdhip64.so.5", "libamdhip64.so",
                      // where ROCm's installer puts it without telling the loader
                      "/opt/rocm/lib/libamdhip64.so"}});
  const auto hip = std::make_shared<const hip_driver>(lib);
  int count = 0;
  hip->call_as(HIPINFER_STATUS_NO_DEVICE, hip->device_count, &count);
  if (count <= 0) throw error{HIPINFER_STATUS_NO_DEVICE, "hipGetDeviceCount: 0 devices"};
  return {count, [hip](int ordinal) { return std::make_unique<hip_device>(*hip, ordinal); }};
}

}  // namespace hipinfer::runtime
