// SPDX-License-Identifier: Apache-2.0
// The one interface behind which the three devices stand. Nothing here names an operation or a tensor. Functions throw error.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

#include "runtime/error.h"

namespace hipinfer::runtime {

enum class device_kind : int32_t { cpu = 1, cuda = 2, hip = 10 };  // DLPack's numbers

struct properties {
  device_kind kind;
  int ordinal;
  std::string name;
  std::string target;  // as the driver says it: "gfx942:sramecc+:xnack-", "sm_90", "cpu"
  int wave_size;
  int compute_units;
  int64_t lds_bytes;
  uint64_t memory_bytes;
};

using module_handle = void*;
using function_handle = void*;

struct launch_shape {
  uint32_t blocks[3] = {1, 1, 1};
  uint32_t threads = 1;
  uint32_t dynamic_lds_bytes = 0;
  uint32_t cluster = 1;  // blocks that are placed together and read each other's LDS; more than 1 on Hopper alone
};

class device {
 public:
  virtual ~device() = default;
  const properties& info() const { return info_; }

  virtual void* allocate(size_t bytes) = 0;
  virtual void release(void* pointer) = 0;
  virtual void* allocate_host(size_t bytes) = 0;  // pinned
  virtual void release_host(void* pointer) = 0;
  virtual void copy(void* destination, const void* source, size_t bytes, void* stream) = 0;
  virtual void fill(void* pointer, uint8_t value, size_t bytes, void* stream) = 0;

  virtual void* stream_create() = 0;
  virtual void stream_destroy(void* stream) = 0;
  virtual void stream_synchronize(void* stream) = 0;
  virtual void stream_wait(void* stream, void* event) = 0;
  // Whether the stream is being captured into a graph; also true where the driver forbids even the question.
  virtual bool capturing(void* stream) = 0;
  virtual void* event_create() = 0;
  virtual void event_destroy(void* event) = 0;
  virtual void event_record(void* event, void* stream) = 0;
  virtual void event_synchronize(void* event) = 0;
  virtual float event_elapsed_ms(void* start, void* end) = 0;

  // Graphs; the CPU has none and throws.
  virtual void capture_begin(void* stream) = 0;
  virtual void* capture_end(void* stream) = 0;  // the graph, ready to be launched
  virtual void graph_launch(void* graph, void* stream) = 0;
  virtual void graph_destroy(void* graph) = 0;

  // Modules and launches; the CPU has none and throws. Loading is legal while a stream is being captured.
  virtual module_handle module_load(const void* code_object, size_t bytes) = 0;
  virtual void module_unload(module_handle module) = 0;
  virtual function_handle module_function(module_handle module, const char* symbol) = 0;
  // The kernel's one argument is the struct at `params`, copied before the call returns. `stream` NULL is the
  // default stream. Dynamic LDS above the static limit is enabled here where the device needs to be asked for it.
  virtual void launch(function_handle function, const launch_shape& shape, const void* params, size_t bytes,
                      void* stream) = 0;

 protected:
  properties info_;
};

// Devices of a kind on this machine: 0 when there is no driver or no device, and then the next call looks again. Never
// throws, never crashes.
int device_count(device_kind kind) noexcept;
// Why device_count(kind) is 0, for error messages: "libamdhip64.so was not found", "hipInit: no ROCm-capable device".
std::string why_none(device_kind kind);
// Throws error{NO_DEVICE} when there is none with that ordinal, and another status where one was asked for in vain: by
// HIPINFER_HIP_LIBRARY, which names no HIP, say.
std::unique_ptr<device> open_device(device_kind kind, int ordinal);

// Runs body(begin, end, thread) over [0, count) on the CPU's threads, at least `grain` items a call; serial when it does
// not pay, when called from inside, or when no thread can be had. `thread` counts those that take part. Exceptions of a
// body are rethrown to the caller; there are no others.
void parallel_for(int64_t count, int64_t grain, void (*body)(void* closure, int64_t begin, int64_t end, int thread),
                  void* closure);
// At most so many threads take part: 1 at least.
int parallel_threads(int64_t count, int64_t grain);

}  // namespace hipinfer::runtime
