// SPDX-License-Identifier: Apache-2.0
// The state behind the HIP API: devices, streams, what runs when.
#include "runtime/runtime.h"

#include <cstdio>

#include "machine/environment.h"

namespace hipemu {
namespace {

std::vector<uint64_t> capacities() {
  std::vector<uint64_t> bytes;
  for (const target_info* target : settings().targets) bytes.push_back(target->memory_bytes);
  return bytes;
}

}  // namespace

runtime::runtime() : memory(capacities()) {
  for (const target_info* target : settings().targets) {
    const int ordinal = static_cast<int>(devices.size());
    target_info here = *target;
    if (settings().compute_units != 0) here.compute_units = settings().compute_units;
    devices.push_back(std::make_unique<device>(here, ordinal));
    null_streams.push_back(std::make_shared<stream>(stream{.device = ordinal, .legacy = true}));
  }
}

// Never destroyed: threads and destructors of the program may call until the very end.
runtime& the() {
  static runtime& r = *new runtime;
  return r;
}

thread_state& self() {
  static thread_local thread_state state;
  return state;
}

hipError_t failed(const api_error& e) {
  if (!e.why.empty()) std::fprintf(stderr, "hipemu: %s: %s\n", hipGetErrorName(e.code), e.why.c_str());
  if (e.code != hipErrorNotReady) self().last_error = e.code;
  return e.code;
}

device& device_at(int ordinal) {
  require(ordinal >= 0 && ordinal < static_cast<int>(the().devices.size()), hipErrorInvalidDevice);
  return *the().devices[ordinal];
}

device& current_device() {
  return device_at(self().device);
}

std::shared_ptr<stream> stream_of(hipStream_t handle) {
  const auto legacy = reinterpret_cast<hipStream_t>(1), per_thread = reinterpret_cast<hipStream_t>(2);
  const int ordinal = current_device().ordinal;
  if (!handle || handle == legacy) return the().null_streams[ordinal];
  if (handle == per_thread) {
    auto& own = self().streams[ordinal];
    if (!own) own = std::make_shared<stream>(stream{.device = ordinal});
    return own;
  }
  return the().streams.find(handle, hipErrorContextIsDestroyed);
}

void enqueue(hipStream_t handle, hipGraphNodeType type, work w) {
  std::unique_lock lock(the().mutex);
  const auto s = stream_of(handle);
  if (s->capturing) {
    capture& c = *s->capturing;
    require(!c.invalid, hipErrorStreamCaptureInvalidated);
    c.made.nodes.push_back(std::make_shared<graph_node>(graph_node{type, s->device, std::move(w), s->tail}));
    s->tail = {static_cast<int>(c.made.nodes.size()) - 1};
    return;
  }
  refuse_implicit(*s);
  lock.unlock();
  run_now(device_at(s->device), type, w);
}

void run_now(device& d, hipGraphNodeType type, const work& w) {
  synchronise(d);
  // The program's own functions, and graphs that hold such, run without the lock: they may wait for other threads.
  std::unique_lock lock(the().execution, std::defer_lock);
  if (type != hipGraphNodeTypeHost && type != hipGraphNodeTypeGraph) lock.lock();
  w();
}

void synchronise(const device& d) {
  if (const hipError_t failure = d.failure) throw api_error{failure};
}

}  // namespace hipemu
