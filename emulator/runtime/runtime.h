// SPDX-License-Identifier: Apache-2.0
// What lies behind the handles of the HIP API. Work runs when it is enqueued, on the thread that enqueues it; so streams
// and events order nothing, and exist to answer as HIP does and to be captured.
#pragma once

#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <mutex>
#include <new>
#include <set>
#include <string>
#include <thread>
#include <unordered_map>
#include <vector>

#include "machine/launch.h"
#include "machine/target.h"
#include "runtime/code_object.h"
#include "runtime/hip_types.h"
#include "runtime/memory.h"

namespace hipemu {

// What an API function answers; `why`, if any, goes to stderr.
struct api_error {
  hipError_t code;
  std::string why = {};
};

inline void require(bool condition, hipError_t otherwise) {
  if (!condition) throw api_error{otherwise};
}

struct device {
  const target_info target;
  int ordinal;
  // Once a kernel has failed, what every later use of the device answers, until hipDeviceReset.
  std::atomic<hipError_t> failure{hipSuccess};
  std::set<int> peers;  // hipDeviceEnablePeerAccess
  device(target_info t, int i) : target(t), ordinal(i) {}
};

using work = std::function<void()>;

struct graph_node {
  hipGraphNodeType type;
  int device;
  work run;
  std::vector<int> needs;  // indices of nodes that come before
};

// Nodes stand in an order in which they may run.
struct graph {
  std::vector<std::shared_ptr<const graph_node>> nodes;
};

struct stream;

struct capture {
  uint64_t id;
  hipStreamCaptureMode mode;
  std::thread::id thread;
  stream* origin;
  bool invalid = false;
  graph made;
  std::vector<std::shared_ptr<stream>> streams;  // origin, and those that joined
};

struct stream {
  int device;
  unsigned flags = 0;
  int priority = 0;
  bool legacy = false;                      // the null stream
  std::shared_ptr<capture> capturing = {};  // or null
  std::vector<int> tail = {};               // the nodes that the next one needs
};

struct event {
  int device;
  unsigned flags = 0;
  bool recorded = false;
  std::chrono::steady_clock::time_point when = {};
  std::weak_ptr<capture> captured = {};  // if last recorded in a capture ...
  bool in_capture = false;
  std::vector<int> tail = {};  // ... after these nodes
};

struct module {
  int device;
  code_object code;
  std::atomic<bool> unloaded{false};
  module(const void* image, size_t bytes, int ordinal);
};

struct function {
  std::shared_ptr<module> owner;
  const kernel* k;
};

// Objects by handle, so that a handle that was never given or was destroyed is an error and no crash.
template <class T>
class handles {
 public:
  void* add(std::shared_ptr<T> object) {
    void* handle = object.get();
    objects_[handle] = std::move(object);
    return handle;
  }
  std::shared_ptr<T> find(const void* handle, hipError_t otherwise = hipErrorInvalidHandle) const {
    const auto at = objects_.find(const_cast<void*>(handle));
    require(at != objects_.end(), otherwise);
    return at->second;
  }
  std::shared_ptr<T> remove(const void* handle, hipError_t otherwise = hipErrorInvalidHandle) {
    auto object = find(handle, otherwise);
    objects_.erase(const_cast<void*>(handle));
    return object;
  }
  auto begin() { return objects_.begin(); }
  auto end() { return objects_.end(); }
  template <class F>
  void remove_if(F condition) {
    std::erase_if(objects_, [&](const auto& entry) { return condition(*entry.second); });
  }

 private:
  std::unordered_map<void*, std::shared_ptr<T>> objects_;
};

struct runtime {
  std::vector<std::unique_ptr<device>> devices;
  device_memory memory;

  std::mutex mutex;  // of everything below; never held while work runs
  handles<stream> streams;
  handles<event> events;
  handles<module> modules;
  handles<function> functions;
  handles<graph> graphs, executables;
  std::vector<std::shared_ptr<stream>> null_streams;  // a device each
  std::vector<std::shared_ptr<capture>> captures;     // that go on
  uint64_t capture_count = 0;

  // One piece of work at a time: a kernel uses all cores already.
  std::mutex execution;

  runtime();
};
runtime& the();

// The calling thread's.
struct thread_state {
  int device = 0;
  hipError_t last_error = hipSuccess;
  hipStreamCaptureMode capture_mode = hipStreamCaptureModeGlobal;
  std::unordered_map<int, std::shared_ptr<stream>> streams;  // hipStreamPerThread, by device
};
thread_state& self();

hipError_t failed(const api_error& e);
device& current_device();
device& device_at(int ordinal);  // throws hipErrorInvalidDevice

// Every exported function's frame: exceptions become error codes, and failures the thread's last error.
template <class F>
hipError_t guarded(F body) {
  try {
    require(!the().devices.empty(), hipErrorNoDevice);
    body();
    return hipSuccess;
  } catch (const api_error& e) {
    return failed(e);
  } catch (const load_error& e) {
    return failed(
        {e.why == load_failure::no_binary_for_target ? hipErrorNoBinaryForGpu : hipErrorInvalidImage, e.what()});
  } catch (const std::bad_alloc&) {
    return failed({hipErrorOutOfMemory});
  } catch (const std::exception& e) {
    return failed({hipErrorUnknown, e.what()});
  }
}

// The stream of a handle: the null stream and the thread's own too. The caller holds runtime::mutex.
std::shared_ptr<stream> stream_of(hipStream_t handle);

// Runs the work, or records it if the stream is capturing.
void enqueue(hipStream_t handle, hipGraphNodeType type, work w);
void run_now(device& d, hipGraphNodeType type, const work& w);
// What a synchronising call answers.
void synchronise(const device& d);

// Throws if a capture that goes on forbids the call to this thread, and ends that capture.
void unsafe_in_capture();
// Throws if the stream is capturing, and ends that capture.
void refuse_in_capture(stream& s);
// The legacy stream waits for all blocking streams, which a capture cannot record: throws if one is capturing, and ends
// its capture unless the call only asks.
void refuse_implicit(const stream& s, bool asks = false);

}  // namespace hipemu
