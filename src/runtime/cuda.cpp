// SPDX-License-Identifier: Apache-2.0
// NVIDIA GPUs through libcuda's driver interface.
#include "driver.h"
#include "platform.h"

namespace hipinfer::runtime {
namespace {

// CU_DEVICE_ATTRIBUTE_*
constexpr int attribute_warp_size = 10;
constexpr int attribute_multiprocessor_count = 16;
constexpr int attribute_compute_capability_major = 75;
constexpr int attribute_compute_capability_minor = 76;
constexpr int attribute_max_shared_memory_per_block_optin = 97;
// CU_FUNC_ATTRIBUTE_*
constexpr int function_shared_size_bytes = 1;
constexpr int function_max_dynamic_shared_size_bytes = 8;

// CUlaunchAttribute and CUlaunchConfig.
struct launch_attribute {
  int id;
  int padding;
  union {
    int allowed;
    unsigned cluster[3];
    char bytes[64];
  };
};
struct launch_config {
  unsigned blocks[3];
  unsigned threads[3];
  unsigned dynamic_lds_bytes;
  void* stream;
  const launch_attribute* attributes;
  unsigned count;
};
constexpr int attribute_cluster_dimension = 4;
constexpr int attribute_programmatic_stream_serialization = 6;

struct cuda_driver : driver {
  entry<unsigned> init;
  entry<int*> device_count;
  entry<int*, int> device_get;
  entry<char*, int, int> device_name;
  entry<size_t*, int> device_memory;
  entry<int*, int, int> device_attribute;
  entry<void**, int> context_retain;
  entry<void*> context_push;
  entry<void**> context_pop;
  entry<void*, const void*, size_t, void*> copy;
  entry<int*, int, void*> function_get;
  entry<void*, int, int> function_set;
  entry<const launch_config*, void*, void**, void**> launch_with_attributes;  // optional: CUDA 11.8 and later

  explicit cuda_driver(const library& lib);
};

// The _v2 and _v3 suffixes are what CUDA's own header maps the plain names to.
cuda_driver::cuda_driver(const library& lib) {
  init = lib.require("cuInit");
  device_count = lib.require("cuDeviceGetCount");
  device_get = lib.require("cuDeviceGet");
  device_name = lib.require("cuDeviceGetName");
  device_memory = lib.require("cuDeviceTotalMem_v2");
  device_attribute = lib.require("cuDeviceGetAttribute");
  context_retain = lib.require("cuDevicePrimaryCtxRetain");
  context_push = lib.require("cuCtxPushCurrent_v2");
  context_pop = lib.require("cuCtxPopCurrent_v2");
  function_get = lib.require("cuFuncGetAttribute");
  function_set = lib.require("cuFuncSetAttribute");
  allocate = lib.require("cuMemAlloc_v2");
  release = lib.require("cuMemFree_v2");
  allocate_host = lib.require("cuMemHostAlloc");
  release_host = lib.require("cuMemFreeHost");
  copy = lib.require("cuMemcpyAsync");
  fill = lib.require("cuMemsetD8Async");
  stream_create = lib.require("cuStreamCreate");
  stream_destroy = lib.require("cuStreamDestroy_v2");
  stream_synchronize = lib.require("cuStreamSynchronize");
  stream_wait = lib.require("cuStreamWaitEvent");
  stream_is_capturing = lib.require("cuStreamIsCapturing");
  capture_begin = lib.require("cuStreamBeginCapture_v2");
  capture_end = lib.require("cuStreamEndCapture");
  graph_instantiate = lib.require("cuGraphInstantiateWithFlags");
  graph_destroy = lib.require("cuGraphDestroy");
  executable_launch = lib.require("cuGraphLaunch");
  executable_destroy = lib.require("cuGraphExecDestroy");
  event_create = lib.require("cuEventCreate");
  event_destroy = lib.require("cuEventDestroy_v2");
  event_record = lib.require("cuEventRecord");
  event_synchronize = lib.require("cuEventSynchronize");
  event_elapsed = lib.require("cuEventElapsedTime");
  module_load = lib.require("cuModuleLoadData");
  module_unload = lib.require("cuModuleUnload");
  module_function = lib.require("cuModuleGetFunction");
  launch = lib.require("cuLaunchKernel");
  launch_with_attributes = lib.optional("cuLaunchKernelEx");
  exchange_capture_mode = lib.optional("cuThreadExchangeStreamCaptureMode");
  launch_end = nullptr;  // CU_LAUNCH_PARAM_END
  text = [describe = entry<int, const char**>(lib.require("cuGetErrorString"))](int code) {
    const char* words = nullptr;
    return describe.call(code, &words) == 0 ? words : nullptr;
  };
}

class cuda_device final : public gpu_device {
 public:
  cuda_device(const cuda_driver& cuda, int ordinal) : gpu_device(cuda), cuda_(cuda) {
    int handle = 0;
    cuda_.call(cuda_.device_get, &handle, ordinal);
    const auto attribute = [&](int number) {
      int value = 0;
      cuda_.call(cuda_.device_attribute, &value, number, handle);
      return value;
    };
    const int major = attribute(attribute_compute_capability_major);
    overlaps_ = major >= 9 && cuda_.launch_with_attributes.call != nullptr;
    char name[256] = {};
    cuda_.call(cuda_.device_name, name, int{sizeof(name)} - 1, handle);
    size_t memory_bytes = 0;
    cuda_.call(cuda_.device_memory, &memory_bytes, handle);
    info_ = {.kind = device_kind::cuda,
             .ordinal = ordinal,
             .name = name,
             .target = "sm_" + std::to_string(major) + std::to_string(attribute(attribute_compute_capability_minor)),
             .wave_size = attribute(attribute_warp_size),
             .compute_units = attribute(attribute_multiprocessor_count),
             .lds_bytes = attribute(attribute_max_shared_memory_per_block_optin),
             .memory_bytes = memory_bytes};
    // The context that the CUDA runtime and every framework share. Never released: memory and streams that
    // the caller got from this device outlive it, as on HIP.
    cuda_.call(cuda_.context_retain, &context_, handle);
  }

 private:
  int enter() override {
    cuda_.call(cuda_.context_push, context_);
    return 0;
  }
  void leave(int) override {
    void* popped = nullptr;
    cuda_.call(cuda_.context_pop, &popped);
  }
  // Pageable memory: a source is staged before this returns and may then change; a destination is written
  // before this returns. CUDA only says "might be synchronous", and a GPU that reads the host's page tables
  // need not stage, so the public interface promises neither. In a capture the copy reads at every replay.
  void enqueue_copy(void* destination, const void* source, size_t bytes, void* stream) override {
    cuda_.call(cuda_.copy, destination, source, bytes, stream);
  }
  // From Hopper on a kernel may be put in place while the one before it in the stream still runs: each of ours begins by
  // waiting for that one's end (device/arch/nvptx.h). That hides most of what a launch takes between short kernels.
  int start(function_handle function, const launch_shape& shape, void** extra, void* stream) override {
    if (!overlaps_) return gpu_device::start(function, shape, extra, stream);
    launch_attribute attributes[2] = {{attribute_programmatic_stream_serialization, 0, {1}},
                                      {attribute_cluster_dimension, 0, {}}};
    const unsigned cluster[3] = {shape.cluster, 1, 1};
    std::copy(std::begin(cluster), std::end(cluster), attributes[1].cluster);
    const auto& [x, y, z] = shape.blocks;
    const launch_config config{{x, y, z},  {shape.threads, 1, 1},      shape.dynamic_lds_bytes, stream,
                               attributes, shape.cluster > 1 ? 2u : 1u};
    return cuda_.launch_with_attributes.call(&config, function, nullptr, extra);
  }
  // Above 48 KiB a kernel must opt in. Done once here, not at each launch: it is a limit and reserves
  // nothing.
  void allow_full_lds(function_handle function) override {
    int static_bytes = 0;
    cuda_.call(cuda_.function_get, &static_bytes, function_shared_size_bytes, function);
    cuda_.call(cuda_.function_set, function, function_max_dynamic_shared_size_bytes,
               static_cast<int>(info_.lds_bytes) - static_bytes);
  }

  const cuda_driver& cuda_;
  void* context_ = nullptr;
  bool overlaps_ = false;
};

}  // namespace

platform probe_cuda() {
  const library lib({"libcuda.so", nullptr, {"libcuda.so.1"}});
  const auto cuda = std::make_shared<const cuda_driver>(lib);
  cuda->call_as(HIPINFER_STATUS_NO_DEVICE, cuda->init, 0u);
  int count = 0;
  cuda->call_as(HIPINFER_STATUS_NO_DEVICE, cuda->device_count, &count);
  if (count <= 0) throw error{HIPINFER_STATUS_NO_DEVICE, "cuDeviceGetCount: 0 devices"};
  return {count, [cuda](int ordinal) { return std::make_unique<cuda_device>(*cuda, ordinal); }};
}

}  // namespace hipinfer::runtime
