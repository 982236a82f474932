// SPDX-License-Identifier: Apache-2.0
#include "driver.h"

#include <exception>

namespace hipinfer::runtime {
namespace {

// What a scope undoes when it is left, also by an exception. A failure to undo is thrown, unless one is on its way already.
class undoing {
 protected:
  template <class Undo>
  void undo(Undo&& f) {
    try {
      f();
    } catch (const error&) {
      if (std::uncaught_exceptions() == before_) throw;
    }
  }

 private:
  int before_ = std::uncaught_exceptions();
};

}  // namespace

void driver::fail(int32_t status, const std::string& what, int code) const {
  // A framework in the same process asks for the thread's last error after its own calls; ours is not for it.
  if (clear_error.call) clear_error.call();
  const char* words = text(code);
  throw error{code == driver_out_of_memory ? int32_t{HIPINFER_STATUS_OUT_OF_MEMORY} : status,
              what + ": " + (words && *words ? words : "unknown error") + " (" + std::to_string(code) + ")"};
}

class gpu_device::current : undoing {
 public:
  explicit current(gpu_device& device) : device_(device), previous_(device.enter()) {}
  ~current() noexcept(false) {
    undo([&] { device_.leave(previous_); });
  }
  current(const current&) = delete;
  current& operator=(const current&) = delete;

 private:
  gpu_device& device_;
  int previous_;
};

// A capture forbids calls that may synchronise, a module load among them, to its thread and (in the global
// mode, which PyTorch uses) to every other. Nothing that a load does is ordered with any stream, so it is
// exempted.
class gpu_device::relaxed_capture : undoing {
 public:
  explicit relaxed_capture(const driver& api) : api_(api) {
    if (!api_.exchange_capture_mode.call) return;
    exchanged_ = api_.exchange_capture_mode.call(&mode_) == 0;
    if (!exchanged_ && api_.clear_error.call) api_.clear_error.call();
  }
  ~relaxed_capture() noexcept(false) {
    if (exchanged_) undo([&] { api_.call(api_.exchange_capture_mode, &mode_); });
  }
  relaxed_capture(const relaxed_capture&) = delete;
  relaxed_capture& operator=(const relaxed_capture&) = delete;

 private:
  const driver& api_;
  int mode_ = capture_mode_relaxed;  // the driver leaves the thread's former mode here
  bool exchanged_ = false;
};

void* gpu_device::allocate(size_t bytes) {
  if (bytes == 0) return nullptr;
  current scope(*this);
  void* pointer = nullptr;
  api_.call(api_.allocate, &pointer, bytes);
  return pointer;
}

void gpu_device::release(void* pointer) {
  if (!pointer) return;
  current scope(*this);
  api_.call(api_.release, pointer);
}

void* gpu_device::allocate_host(size_t bytes) {
  if (bytes == 0) return nullptr;
  current scope(*this);
  void* pointer = nullptr;
  api_.call(api_.allocate_host, &pointer, bytes, 0u);
  return pointer;
}

void gpu_device::release_host(void* pointer) {
  if (!pointer) return;
  current scope(*this);
  api_.call(api_.release_host, pointer);
}

void gpu_device::copy(void* destination, const void* source, size_t bytes, void* stream) {
  if (bytes == 0) return;
  current scope(*this);
  enqueue_copy(destination, source, bytes, stream);
}

void gpu_device::fill(void* pointer, uint8_t value, size_t bytes, void* stream) {
  if (bytes == 0) return;
  current scope(*this);
  api_.call(api_.fill, pointer, value, bytes, stream);
}

void* gpu_device::stream_create() {
  current scope(*this);
  void* stream = nullptr;
  api_.call(api_.stream_create, &stream, stream_non_blocking);
  return stream;
}

void gpu_device::stream_destroy(void* stream) {
  if (!stream) return;  // the default stream is nobody's to end
  current scope(*this);
  api_.call(api_.stream_destroy, stream);
}

void gpu_device::stream_synchronize(void* stream) {
  current scope(*this);
  api_.call(api_.stream_synchronize, stream);
}

void gpu_device::stream_wait(void* stream, void* event) {
  current scope(*this);
  api_.call(api_.stream_wait, stream, event, 0u);
}

bool gpu_device::capturing(void* stream) {
  current scope(*this);
  int status = 0;
  const int code = api_.stream_is_capturing.call(stream, &status);
  // The default stream answers with an error while another stream is captured in a mode that forbids it.
  if (code != 0 && api_.clear_error.call) api_.clear_error.call();
  return code != 0 || status != 0;
}

void* gpu_device::event_create() {
  current scope(*this);
  void* event = nullptr;
  api_.call(api_.event_create, &event, event_with_timing);
  return event;
}

void gpu_device::event_destroy(void* event) {
  if (!event) return;
  current scope(*this);
  api_.call(api_.event_destroy, event);
}

void gpu_device::event_record(void* event, void* stream) {
  current scope(*this);
  api_.call(api_.event_record, event, stream);
}

void gpu_device::event_synchronize(void* event) {
  current scope(*this);
  api_.call(api_.event_synchronize, event);
}

float gpu_device::event_elapsed_ms(void* start, void* end) {
  current scope(*this);
  float milliseconds = 0;
  api_.call(api_.event_elapsed, &milliseconds, start, end);
  return milliseconds;
}

// Thread-local: what this thread must not do meanwhile is refused, and other threads go on.
void gpu_device::capture_begin(void* stream) {
  current scope(*this);
  api_.call(api_.capture_begin, stream, capture_mode_thread_local);
}

void* gpu_device::capture_end(void* stream) {
  current scope(*this);
  void *graph = nullptr, *executable = nullptr;
  api_.call(api_.capture_end, stream, &graph);
  const int code = api_.graph_instantiate.call(&executable, graph, 0ull);
  // The executable graph stands alone; what it was made of is not needed again.
  if (code != 0) {
    api_.graph_destroy.call(graph);
    api_.fail(HIPINFER_STATUS_DRIVER_ERROR, api_.graph_instantiate.name, code);
  }
  api_.call(api_.graph_destroy, graph);
  return executable;
}

void gpu_device::graph_launch(void* graph, void* stream) {
  current scope(*this);
  api_.call(api_.executable_launch, graph, stream);
}

void gpu_device::graph_destroy(void* graph) {
  if (!graph) return;
  current scope(*this);
  api_.call(api_.executable_destroy, graph);
}

// Neither driver takes a size: both read it from the code object's own header.
module_handle gpu_device::module_load(const void* code_object, size_t) {
  current scope(*this);
  relaxed_capture relaxed(api_);
  void* module = nullptr;
  api_.call_as(HIPINFER_STATUS_MODULE_LOAD, api_.module_load, &module, code_object);
  return module;
}

void gpu_device::module_unload(module_handle module) {
  if (!module) return;
  current scope(*this);
  relaxed_capture relaxed(api_);
  api_.call(api_.module_unload, module);
}

// Relaxed as a load is: CUDA loads a function's code only here.
function_handle gpu_device::module_function(module_handle module, const char* symbol) {
  current scope(*this);
  relaxed_capture relaxed(api_);
  void* function = nullptr;
  if (const int code = api_.module_function.call(&function, module, symbol))
    api_.fail(HIPINFER_STATUS_MODULE_LOAD, std::string(api_.module_function.name) + ": " + symbol, code);
  allow_full_lds(function);
  return function;
}

void gpu_device::launch(function_handle function, const launch_shape& shape, const void* params, size_t bytes,
                        void* stream) {
  current scope(*this);
  // The driver copies the buffer during the call; its type is not const for history's sake.
  void* extra[] = {reinterpret_cast<void*>(1), const_cast<void*>(params),  // *_LAUNCH_PARAM_BUFFER_POINTER
                   reinterpret_cast<void*>(2), &bytes,                     // *_LAUNCH_PARAM_BUFFER_SIZE
                   api_.launch_end};
  const int code = start(function, shape, extra, stream);
  if (code == 0) return;
  const auto& [x, y, z] = shape.blocks;
  api_.fail(HIPINFER_STATUS_DRIVER_ERROR,
            std::string(api_.launch.name) + ": " + std::to_string(x) + "x" + std::to_string(y) + "x" +
                std::to_string(z) + " blocks of " + std::to_string(shape.threads) + " threads, " +
                std::to_string(shape.dynamic_lds_bytes) + " bytes of dynamic LDS",
            code);
}

int gpu_device::start(function_handle function, const launch_shape& shape, void** extra, void* stream) {
  if (shape.cluster > 1) throw error{HIPINFER_STATUS_UNSUPPORTED, "the device places no blocks in clusters"};
  const auto& [x, y, z] = shape.blocks;
  return api_.launch.call(function, x, y, z, shape.threads, 1u, 1u, shape.dynamic_lds_bytes, stream, nullptr, extra);
}

}  // namespace hipinfer::runtime
