// SPDX-License-Identifier: Apache-2.0
// HIP's module interface and CUDA's driver interface are one interface under two sets of names. It is written
// down here once, as a table of entry points; hip.cpp and cuda.cpp fill the table and add what the two do
// differently.
#pragma once

#include <functional>
#include <string>

#include "device.h"
#include "hipinfer/types.h"
#include "library.h"

namespace hipinfer::runtime {

// One function of a driver: it returns the driver's error code, 0 for success. Device pointers are void*
// throughout; CUDA's CUdeviceptr is an integer of the same size that calling conventions pass the same way.
template <class... Arguments>
struct entry {
  const char* name = "";
  int (*call)(Arguments...) = nullptr;

  entry() = default;
  entry(const symbol& found) : name(found.name), call(reinterpret_cast<int (*)(Arguments...)>(found.address)) {}
};

// Numbers that HIP took over from CUDA unchanged.
inline constexpr int driver_out_of_memory = 2;
inline constexpr unsigned stream_non_blocking = 1;
inline constexpr unsigned event_with_timing = 0;
inline constexpr int capture_mode_thread_local = 1;
inline constexpr int capture_mode_relaxed = 2;

struct driver {
  entry<void**, size_t> allocate;
  entry<void*> release;
  entry<void**, size_t, unsigned> allocate_host;
  entry<void*> release_host;
  entry<void*, int, size_t, void*> fill;  // CUDA takes an unsigned char: the same register
  entry<void**, unsigned> stream_create;
  entry<void*> stream_destroy;
  entry<void*> stream_synchronize;
  entry<void*, void*, unsigned> stream_wait;
  entry<void*, int*> stream_is_capturing;
  entry<void*, int> capture_begin;
  entry<void*, void**> capture_end;
  entry<void**, void*, unsigned long long> graph_instantiate;
  entry<void*> graph_destroy;
  entry<void*, void*> executable_launch;
  entry<void*> executable_destroy;
  entry<void**, unsigned> event_create;
  entry<void*> event_destroy;
  entry<void*, void*> event_record;
  entry<void*> event_synchronize;
  entry<float*, void*, void*> event_elapsed;
  entry<void**, const void*> module_load;
  entry<void*> module_unload;
  entry<void**, void*, const char*> module_function;
  entry<void*, unsigned, unsigned, unsigned, unsigned, unsigned, unsigned, unsigned, void*, void**, void**> launch;
  entry<int*> exchange_capture_mode;  // optional: older drivers lack it
  entry<> clear_error;                // optional: only HIP keeps a last error for each thread
  void* launch_end = nullptr;         // ends the list of launch parameters
  std::function<const char*(int)> text;

  // Calls an entry point; throws OUT_OF_MEMORY or else `status`, and "name: the driver's words (code)".
  template <class... Arguments, class... Values>
  void call_as(int32_t status, const entry<Arguments...>& function, Values... values) const {
    if (const int code = function.call(values...)) fail(status, function.name, code);
  }
  template <class... Arguments, class... Values>
  void call(const entry<Arguments...>& function, Values... values) const {
    call_as(HIPINFER_STATUS_DRIVER_ERROR, function, values...);
  }
  [[noreturn]] void fail(int32_t status, const std::string& what, int code) const;
};

// A device behind a driver. The driver outlives it.
class gpu_device : public device {
 public:
  explicit gpu_device(const driver& api) : api_(api) {}

  void* allocate(size_t bytes) final;
  void release(void* pointer) final;
  void* allocate_host(size_t bytes) final;
  void release_host(void* pointer) final;
  void copy(void* destination, const void* source, size_t bytes, void* stream) final;
  void fill(void* pointer, uint8_t value, size_t bytes, void* stream) final;
  void* stream_create() final;
  void stream_destroy(void* stream) final;
  void stream_synchronize(void* stream) final;
  void stream_wait(void* stream, void* event) final;
  bool capturing(void* stream) final;
  void* event_create() final;
  void event_destroy(void* event) final;
  void event_record(void* event, void* stream) final;
  void event_synchronize(void* event) final;
  float event_elapsed_ms(void* start, void* end) final;
  void capture_begin(void* stream) final;
  void* capture_end(void* stream) final;
  void graph_launch(void* graph, void* stream) final;
  void graph_destroy(void* graph) final;
  module_handle module_load(const void* code_object, size_t bytes) final;
  void module_unload(module_handle module) final;
  function_handle module_function(module_handle module, const char* symbol) final;
  void launch(function_handle function, const launch_shape& shape, const void* params, size_t bytes,
              void* stream) final;

 protected:
  // Makes the device the calling thread's current one; leave() is given what enter() returned and undoes it. Both throw
  // what the driver says.
  virtual int enter() = 0;
  virtual void leave(int previous) = 0;
  // In stream order, of any kind: host and device pointers share one address space.
  virtual void enqueue_copy(void* destination, const void* source, size_t bytes, void* stream) = 0;
  // The driver's launch with the parameters in `extra`; its code. What did it is named in errors.
  virtual int start(function_handle function, const launch_shape& shape, void** extra, void* stream);
  // Lets a function use all the LDS that the device has, where the device needs to be asked for it.
  virtual void allow_full_lds(function_handle) {}

 private:
  class current;          // the device, current while in scope
  class relaxed_capture;  // loading is legal while any stream is captured, while in scope

  const driver& api_;
};

}  // namespace hipinfer::runtime
