// SPDX-License-Identifier: Apache-2.0
// Streams and events.
#include <algorithm>

#include "runtime/runtime.h"

using namespace hipemu;

namespace {

constexpr int least_priority = 1, greatest_priority = -1;

void create_stream(hipStream_t* out, unsigned flags, int priority) {
  require(out && (flags == 0 || flags == hipStreamNonBlocking), hipErrorInvalidValue);
  stream s{.device = current_device().ordinal,
           .flags = flags,
           .priority = std::clamp(priority, greatest_priority, least_priority)};
  const std::lock_guard lock(the().mutex);
  *out = the().streams.add(std::make_shared<stream>(std::move(s)));
}

// As hipStreamSynchronize and hipStreamQuery see it: a capturing stream cannot be waited for.
void wait(hipStream_t handle) {
  const std::lock_guard lock(the().mutex);
  const auto s = stream_of(handle);
  refuse_in_capture(*s);
  refuse_implicit(*s);
  synchronise(device_at(s->device));
}

// As hipEventSynchronize and hipEventQuery see it.
void wait_event(hipEvent_t handle) {
  const std::lock_guard lock(the().mutex);
  const auto e = the().events.find(handle);
  if (const auto c = e->captured.lock(); c && e->in_capture) c->invalid = true;
  require(!e->in_capture, hipErrorCapturedEvent);
  synchronise(device_at(e->device));
}

}  // namespace

HIP_API hipError_t hipStreamCreate(hipStream_t* out) {
  return guarded([&] { create_stream(out, 0, 0); });
}

HIP_API hipError_t hipStreamCreateWithFlags(hipStream_t* out, unsigned flags) {
  return guarded([&] { create_stream(out, flags, 0); });
}

HIP_API hipError_t hipStreamCreateWithPriority(hipStream_t* out, unsigned flags, int priority) {
  return guarded([&] { create_stream(out, flags, priority); });
}

HIP_API hipError_t hipDeviceGetStreamPriorityRange(int* least, int* greatest) {
  return guarded([&] {
    if (least) *least = least_priority;
    if (greatest) *greatest = greatest_priority;
  });
}

HIP_API hipError_t hipStreamDestroy(hipStream_t handle) {
  return guarded([&] {
    require(handle, hipErrorInvalidHandle);
    const std::lock_guard lock(the().mutex);
    const auto s = the().streams.remove(handle, hipErrorContextIsDestroyed);
    if (s->capturing) s->capturing->invalid = true;
  });
}

HIP_API hipError_t hipStreamGetFlags(hipStream_t handle, unsigned* flags) {
  return guarded([&] {
    require(flags, hipErrorInvalidValue);
    const std::lock_guard lock(the().mutex);
    *flags = stream_of(handle)->flags;
  });
}

HIP_API hipError_t hipStreamGetPriority(hipStream_t handle, int* priority) {
  return guarded([&] {
    require(priority, hipErrorInvalidValue);
    const std::lock_guard lock(the().mutex);
    *priority = stream_of(handle)->priority;
  });
}

HIP_API hipError_t hipStreamGetDevice(hipStream_t handle, int* ordinal) {
  return guarded([&] {
    require(ordinal, hipErrorInvalidValue);
    const std::lock_guard lock(the().mutex);
    *ordinal = stream_of(handle)->device;
  });
}

HIP_API hipError_t hipStreamSynchronize(hipStream_t handle) {
  return guarded([&] { wait(handle); });
}

HIP_API hipError_t hipStreamQuery(hipStream_t handle) {
  return guarded([&] { wait(handle); });
}

HIP_API hipError_t hipStreamWaitEvent(hipStream_t stream_handle, hipEvent_t event_handle, unsigned flags) {
  return guarded([&] {
    require(flags == 0, hipErrorInvalidValue);
    const std::lock_guard lock(the().mutex);
    const auto s = stream_of(stream_handle);
    const auto e = the().events.find(event_handle);
    const auto from = e->in_capture ? e->captured.lock() : nullptr;
    if (!from) {
      // Work outside of the capture cannot be part of it; an event that nobody recorded is no work.
      if (!s->capturing || !e->recorded) return;
      s->capturing->invalid = true;
      throw api_error{hipErrorStreamCaptureIsolation};
    }
    require(!from->invalid, hipErrorStreamCaptureInvalidated);
    if (s->legacy || (s->capturing && s->capturing != from)) {
      from->invalid = true;
      if (s->capturing) s->capturing->invalid = true;
      throw api_error{s->legacy ? hipErrorStreamCaptureImplicit : hipErrorStreamCaptureMerge};
    }
    if (!s->capturing) {
      s->capturing = from;
      from->streams.push_back(s);
    }
    for (const int node : e->tail)
      if (std::find(s->tail.begin(), s->tail.end(), node) == s->tail.end()) s->tail.push_back(node);
  });
}

HIP_API hipError_t hipLaunchHostFunc(hipStream_t stream, hipHostFn_t function, void* data) {
  return guarded([&] {
    require(function, hipErrorInvalidValue);
    enqueue(stream, hipGraphNodeTypeHost, [=] { function(data); });
  });
}

HIP_API hipError_t hipStreamAddCallback(hipStream_t handle, hipStreamCallback_t callback, void* data, unsigned flags) {
  return guarded([&] {
    require(callback && flags == 0, hipErrorInvalidValue);
    {
      const std::lock_guard lock(the().mutex);
      refuse_in_capture(*stream_of(handle));
    }
    enqueue(handle, hipGraphNodeTypeHost, [=] { callback(handle, hipSuccess, data); });
  });
}

HIP_API hipError_t hipEventCreateWithFlags(hipEvent_t* out, unsigned flags) {
  return guarded([&] {
    require(out, hipErrorInvalidValue);
    const std::lock_guard lock(the().mutex);
    *out = the().events.add(std::make_shared<event>(event{current_device().ordinal, flags}));
  });
}

HIP_API hipError_t hipEventCreate(hipEvent_t* out) {
  return hipEventCreateWithFlags(out, 0);
}

HIP_API hipError_t hipEventDestroy(hipEvent_t handle) {
  return guarded([&] {
    const std::lock_guard lock(the().mutex);
    the().events.remove(handle);
  });
}

HIP_API hipError_t hipEventRecord(hipEvent_t event_handle, hipStream_t stream_handle) {
  return guarded([&] {
    const std::lock_guard lock(the().mutex);
    const auto e = the().events.find(event_handle);
    const auto s = stream_of(stream_handle);
    require(e->device == s->device, hipErrorInvalidHandle);
    if (s->capturing) require(!s->capturing->invalid, hipErrorStreamCaptureInvalidated);
    refuse_implicit(*s);
    e->in_capture = s->capturing != nullptr;
    e->captured = s->capturing;
    e->tail = s->tail;
    e->recorded = true;
    e->when = std::chrono::steady_clock::now();
  });
}

HIP_API hipError_t hipEventSynchronize(hipEvent_t handle) {
  return guarded([&] { wait_event(handle); });
}

HIP_API hipError_t hipEventQuery(hipEvent_t handle) {
  return guarded([&] { wait_event(handle); });
}

// The emulator's own time: no model of the device's.
HIP_API hipError_t hipEventElapsedTime(float* milliseconds, hipEvent_t start, hipEvent_t stop) {
  return guarded([&] {
    require(milliseconds, hipErrorInvalidValue);
    const std::lock_guard lock(the().mutex);
    const auto a = the().events.find(start), b = the().events.find(stop);
    for (const auto& e : {a, b}) {
      require(e->recorded && !(e->flags & hipEventDisableTiming) && e->device == a->device, hipErrorInvalidHandle);
      require(!e->in_capture, hipErrorCapturedEvent);
    }
    *milliseconds = std::chrono::duration<float, std::milli>(b->when - a->when).count();
  });
}
