// SPDX-License-Identifier: Apache-2.0
// The CPU as a device: memory is the process's own, everything has happened when a call returns, and the only
// stream is NULL.
#include <sys/sysinfo.h>

#include <chrono>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <optional>

#include "hipinfer/types.h"
#include "platform.h"

namespace hipinfer::runtime {
namespace {

constexpr size_t alignment = 256;  // what the GPUs' drivers give

using clock = std::chrono::steady_clock;
using time_stamp = std::optional<clock::time_point>;  // empty until recorded

std::string processor_name() {
  std::ifstream cpuinfo("/proc/cpuinfo");
  for (std::string line; std::getline(cpuinfo, line);)
    if (line.rfind("model name", 0) == 0)
      if (const size_t colon = line.find(": "); colon != std::string::npos) return line.substr(colon + 2);
  return "CPU";  // arm64 kernels print no name
}

uint64_t memory_bytes() {
  struct sysinfo system = {};
  return sysinfo(&system) == 0 ? uint64_t{system.totalram} * system.mem_unit : 0;
}

[[noreturn]] void no_modules() {
  throw error{HIPINFER_STATUS_UNSUPPORTED, "the CPU takes no code objects"};
}

[[noreturn]] void no_graphs() {
  throw error{HIPINFER_STATUS_UNSUPPORTED, "the CPU has no graphs: an operation has run when its call returns"};
}

class cpu_device final : public device {
 public:
  cpu_device() {
    info_ = {.kind = device_kind::cpu,
             .ordinal = 0,
             .name = processor_name(),
             .target = "cpu",
             .wave_size = 1,
             .compute_units = cpu_threads(),
             .lds_bytes = 0,
             .memory_bytes = memory_bytes()};
  }

  void* allocate(size_t bytes) override {
    if (bytes == 0) return nullptr;
    void* pointer = nullptr;
    if (posix_memalign(&pointer, alignment, bytes) != 0)
      throw error{HIPINFER_STATUS_OUT_OF_MEMORY, "posix_memalign: out of memory (" + std::to_string(bytes) + " bytes)"};
    return pointer;
  }
  void release(void* pointer) override { std::free(pointer); }
  void* allocate_host(size_t bytes) override { return allocate(bytes); }
  void release_host(void* pointer) override { release(pointer); }
  // memmove: the GPUs define no result for an overlap, but none of them is undefined behaviour of this
  // process.
  void copy(void* destination, const void* source, size_t bytes, void*) override {
    if (bytes) std::memmove(destination, source, bytes);
  }
  void fill(void* pointer, uint8_t value, size_t bytes, void*) override {
    if (bytes) std::memset(pointer, value, bytes);
  }

  void* stream_create() override { return nullptr; }
  void stream_destroy(void*) override {}
  void stream_synchronize(void*) override {}
  void stream_wait(void*, void*) override {}
  bool capturing(void*) override { return false; }

  void* event_create() override { return new time_stamp; }
  void event_destroy(void* event) override { delete static_cast<time_stamp*>(event); }
  void event_record(void* event, void*) override { *static_cast<time_stamp*>(event) = clock::now(); }
  void event_synchronize(void*) override {}
  float event_elapsed_ms(void* start, void* end) override {
    const auto& first = *static_cast<time_stamp*>(start);
    const auto& last = *static_cast<time_stamp*>(end);
    if (!first || !last)
      throw error{HIPINFER_STATUS_INVALID_ARGUMENT, "event_elapsed_ms: an event has not been recorded"};
    return std::chrono::duration<float, std::milli>(*last - *first).count();
  }

  void capture_begin(void*) override { no_graphs(); }
  void* capture_end(void*) override { no_graphs(); }
  void graph_launch(void*, void*) override { no_graphs(); }
  void graph_destroy(void* graph) override {
    if (graph) no_graphs();
  }

  module_handle module_load(const void*, size_t) override { no_modules(); }
  void module_unload(module_handle) override { no_modules(); }
  function_handle module_function(module_handle, const char*) override { no_modules(); }
  void launch(function_handle, const launch_shape&, const void*, size_t, void*) override { no_modules(); }
};

}  // namespace

platform probe_cpu() {
  return {1, [](int) { return std::make_unique<cpu_device>(); }};
}

}  // namespace hipinfer::runtime
