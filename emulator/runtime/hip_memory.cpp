// SPDX-License-Identifier: Apache-2.0
// Memory: allocation, copies, fills. What the host copies or fills becomes defined; a copy from device to device takes
// along what of the source is.
#include <algorithm>
#include <cstring>

#include "runtime/runtime.h"

using namespace hipemu;

namespace {

uint64_t address_of(const void* pointer) {
  return reinterpret_cast<uint64_t>(pointer);
}

// The allocation that holds the range, or null for memory of the host that nobody told HIP of.
const allocation* range(const void* pointer, size_t bytes, bool on_device) {
  const allocation* a = the().memory.find(address_of(pointer));
  if (a ? a->contains(address_of(pointer), bytes) : !on_device && !the().memory.owns(address_of(pointer), bytes))
    return a;
  const uint64_t bad = a ? a->base + a->bytes : address_of(pointer);
  throw api_error{hipErrorInvalidValue, "a range of " + std::to_string(bytes) +
                                            " bytes is no allocation: it holds an address " +
                                            the().memory.describe(bad)};
}

struct sides {
  const allocation *to, *from;
};
sides check_copy(const void* to, const void* from, size_t bytes, hipMemcpyKind kind) {
  require(to && from, hipErrorInvalidValue);
  require(kind >= hipMemcpyHostToHost && kind <= hipMemcpyDefault, hipErrorInvalidMemcpyDirection);
  return {range(to, bytes, kind == hipMemcpyHostToDevice || kind == hipMemcpyDeviceToDevice),
          range(from, bytes, kind == hipMemcpyDeviceToHost || kind == hipMemcpyDeviceToDevice)};
}

// Looks again for the allocations: a graph may copy long after the call that recorded it.
void copy(void* to, const void* from, size_t bytes, hipMemcpyKind kind) {
  const sides s = check_copy(to, from, bytes, kind);
  std::memmove(to, from, bytes);
  if (!s.to || !s.to->defined) return;
  uint8_t* defined = s.to->defined + (address_of(to) - s.to->base);
  if (s.from && s.from->defined)
    std::memmove(defined, s.from->defined + (address_of(from) - s.from->base), bytes);
  else
    std::memset(defined, 1, bytes);
}

void enqueue_copy(void* to, const void* from, size_t bytes, hipMemcpyKind kind, hipStream_t stream) {
  if (!bytes) return;
  check_copy(to, from, bytes, kind);
  enqueue(stream, hipGraphNodeTypeMemcpy, [=] { copy(to, from, bytes, kind); });
}

struct rows {
  void* to;
  size_t to_pitch;
  const void* from;
  size_t from_pitch, width, height;
};
void enqueue_rows(const rows& r, hipMemcpyKind kind, hipStream_t stream) {
  if (!r.width || !r.height) return;
  require(r.width <= r.to_pitch && r.width <= r.from_pitch, hipErrorInvalidPitchValue);
  const auto row = [](auto* base, size_t pitch, size_t i) {
    return reinterpret_cast<decltype(base)>(address_of(base) + pitch * i);
  };
  for (const size_t i : {size_t{0}, r.height - 1})
    check_copy(row(r.to, r.to_pitch, i), row(r.from, r.from_pitch, i), r.width, kind);
  enqueue(stream, hipGraphNodeTypeMemcpy, [=] {
    for (size_t i = 0; i < r.height; ++i) copy(row(r.to, r.to_pitch, i), row(r.from, r.from_pitch, i), r.width, kind);
  });
}

template <class T>
void enqueue_fill(void* to, T value, size_t count, hipStream_t stream) {
  if (!count) return;
  require(to && count <= SIZE_MAX / sizeof(T), hipErrorInvalidValue);
  require(address_of(to) % sizeof(T) == 0, hipErrorInvalidValue);
  range(to, count * sizeof(T), true);
  enqueue(stream, hipGraphNodeTypeMemset, [=] {
    range(to, count * sizeof(T), true);
    std::fill_n(static_cast<T*>(to), count, value);
    the().memory.mark_defined(address_of(to), count * sizeof(T));
  });
}

void allocate(void** out, size_t bytes, memory_kind kind) {
  require(out, hipErrorInvalidValue);
  *out = nullptr;
  const int ordinal = current_device().ordinal;
  // The host writes to its own memory without telling.
  const bool is_defined = kind != memory_kind::device;
  if (bytes) *out = reinterpret_cast<void*>(the().memory.allocate(bytes, kind, ordinal, is_defined)->base);
}

// Not while a kernel runs, which may still use it: as HIP waits for the device.
void release(void* pointer, bool host) {
  if (!pointer) return;
  const std::lock_guard running(the().execution);
  const allocation* a = the().memory.find(address_of(pointer));
  const bool right_kind = a && (host ? a->kind == memory_kind::host_pinned && the().memory.owns(a->base, 1)
                                     : a->kind == memory_kind::device || a->kind == memory_kind::managed);
  if (!right_kind || a->base != address_of(pointer))
    throw api_error{hipErrorInvalidValue,
                    "freed what was not allocated: " + the().memory.describe(address_of(pointer))};
  the().memory.release(pointer);
}

// In the order of a stream. A graph with allocations of its own is not supported.
void refuse_capturing(hipStream_t stream) {
  const std::lock_guard lock(the().mutex);
  refuse_in_capture(*stream_of(stream));
}

}  // namespace

HIP_API hipError_t hipMalloc(void** out, size_t bytes) {
  return guarded([&] {
    unsafe_in_capture();
    allocate(out, bytes, memory_kind::device);
  });
}

HIP_API hipError_t hipMallocAsync(void** out, size_t bytes, hipStream_t stream) {
  return guarded([&] {
    refuse_capturing(stream);
    allocate(out, bytes, memory_kind::device);
  });
}

HIP_API hipError_t hipMallocManaged(void** out, size_t bytes, unsigned flags) {
  return guarded([&] {
    unsafe_in_capture();
    require(bytes && (flags == 1 || flags == 2), hipErrorInvalidValue);
    allocate(out, bytes, memory_kind::managed);
  });
}

HIP_API hipError_t hipHostMalloc(void** out, size_t bytes, unsigned) {
  return guarded([&] {
    unsafe_in_capture();
    allocate(out, bytes, memory_kind::host_pinned);
  });
}

HIP_API hipError_t hipFree(void* pointer) {
  return guarded([&] {
    unsafe_in_capture();
    release(pointer, false);
  });
}

HIP_API hipError_t hipFreeAsync(void* pointer, hipStream_t stream) {
  return guarded([&] {
    refuse_capturing(stream);
    require(pointer, hipErrorInvalidValue);
    release(pointer, false);
  });
}

HIP_API hipError_t hipHostFree(void* pointer) {
  return guarded([&] {
    unsafe_in_capture();
    release(pointer, true);
  });
}

HIP_API hipError_t hipHostRegister(void* pointer, size_t bytes, unsigned) {
  return guarded([&] {
    unsafe_in_capture();
    require(pointer && bytes, hipErrorInvalidValue);
    require(the().memory.adopt(address_of(pointer), bytes, current_device().ordinal),
            hipErrorHostMemoryAlreadyRegistered);
  });
}

HIP_API hipError_t hipHostUnregister(void* pointer) {
  return guarded([&] {
    unsafe_in_capture();
    require(pointer, hipErrorInvalidValue);
    const std::lock_guard running(the().execution);
    require(!the().memory.owns(address_of(pointer), 1) && the().memory.release(pointer),
            hipErrorHostMemoryNotRegistered);
  });
}

HIP_API hipError_t hipHostGetDevicePointer(void** out, void* pointer, unsigned flags) {
  return guarded([&] {
    require(out && flags == 0, hipErrorInvalidValue);
    const allocation* a = the().memory.find(address_of(pointer));
    require(a && a->kind == memory_kind::host_pinned, hipErrorInvalidValue);
    *out = pointer;
  });
}

HIP_API hipError_t hipMemGetInfo(size_t* available, size_t* total) {
  return guarded([&] {
    require(available && total, hipErrorInvalidValue);
    const device& d = current_device();
    *total = d.target.memory_bytes;
    *available = *total - the().memory.allocated_bytes(d.ordinal);
  });
}

HIP_API hipError_t hipPointerGetAttributes(hipPointerAttribute_t* out, const void* pointer) {
  return guarded([&] {
    require(out && pointer, hipErrorInvalidValue);
    *out = {hipMemoryTypeUnregistered, -2, nullptr, nullptr, 0, 0};
    const allocation* a = the().memory.find(address_of(pointer));
    if (!a) return;
    const bool host = a->kind == memory_kind::host_pinned, managed = a->kind == memory_kind::managed;
    out->type = host ? hipMemoryTypeHost : managed ? hipMemoryTypeManaged : hipMemoryTypeDevice;
    out->device = a->device;
    out->devicePointer = const_cast<void*>(pointer);
    out->hostPointer = host || managed ? const_cast<void*>(pointer) : nullptr;
    out->isManaged = managed;
  });
}

HIP_API hipError_t hipMemcpyAsync(void* to, const void* from, size_t bytes, hipMemcpyKind kind, hipStream_t stream) {
  return guarded([&] { enqueue_copy(to, from, bytes, kind, stream); });
}

HIP_API hipError_t hipMemcpy(void* to, const void* from, size_t bytes, hipMemcpyKind kind) {
  return guarded([&] {
    unsafe_in_capture();
    enqueue_copy(to, from, bytes, kind, nullptr);
  });
}

// Synchronises the stream too.
HIP_API hipError_t hipMemcpyWithStream(void* to, const void* from, size_t bytes, hipMemcpyKind kind,
                                       hipStream_t stream) {
  return guarded([&] {
    refuse_capturing(stream);
    enqueue_copy(to, from, bytes, kind, stream);
  });
}

HIP_API hipError_t hipMemcpyHtoD(void* to, const void* from, size_t bytes) {
  return hipMemcpy(to, from, bytes, hipMemcpyHostToDevice);
}
HIP_API hipError_t hipMemcpyDtoH(void* to, const void* from, size_t bytes) {
  return hipMemcpy(to, from, bytes, hipMemcpyDeviceToHost);
}
HIP_API hipError_t hipMemcpyDtoD(void* to, const void* from, size_t bytes) {
  return hipMemcpy(to, from, bytes, hipMemcpyDeviceToDevice);
}
HIP_API hipError_t hipMemcpyHtoDAsync(void* to, const void* from, size_t bytes, hipStream_t stream) {
  return hipMemcpyAsync(to, from, bytes, hipMemcpyHostToDevice, stream);
}
HIP_API hipError_t hipMemcpyDtoHAsync(void* to, const void* from, size_t bytes, hipStream_t stream) {
  return hipMemcpyAsync(to, from, bytes, hipMemcpyDeviceToHost, stream);
}
HIP_API hipError_t hipMemcpyDtoDAsync(void* to, const void* from, size_t bytes, hipStream_t stream) {
  return hipMemcpyAsync(to, from, bytes, hipMemcpyDeviceToDevice, stream);
}

HIP_API hipError_t hipMemcpyPeerAsync(void* to, int to_device, const void* from, int from_device, size_t bytes,
                                      hipStream_t stream) {
  return guarded([&] {
    device_at(to_device);
    device_at(from_device);
    enqueue_copy(to, from, bytes, hipMemcpyDeviceToDevice, stream);
  });
}

HIP_API hipError_t hipMemcpyPeer(void* to, int to_device, const void* from, int from_device, size_t bytes) {
  return guarded([&] {
    unsafe_in_capture();
    device_at(to_device);
    device_at(from_device);
    enqueue_copy(to, from, bytes, hipMemcpyDeviceToDevice, nullptr);
  });
}

HIP_API hipError_t hipMemcpy2DAsync(void* to, size_t to_pitch, const void* from, size_t from_pitch, size_t width,
                                    size_t height, hipMemcpyKind kind, hipStream_t stream) {
  return guarded([&] { enqueue_rows({to, to_pitch, from, from_pitch, width, height}, kind, stream); });
}

HIP_API hipError_t hipMemcpy2D(void* to, size_t to_pitch, const void* from, size_t from_pitch, size_t width,
                               size_t height, hipMemcpyKind kind) {
  return guarded([&] {
    unsafe_in_capture();
    enqueue_rows({to, to_pitch, from, from_pitch, width, height}, kind, nullptr);
  });
}

HIP_API hipError_t hipMemsetD8Async(void* to, uint8_t value, size_t count, hipStream_t stream) {
  return guarded([&] { enqueue_fill(to, value, count, stream); });
}
HIP_API hipError_t hipMemsetD16Async(void* to, uint16_t value, size_t count, hipStream_t stream) {
  return guarded([&] { enqueue_fill(to, value, count, stream); });
}
HIP_API hipError_t hipMemsetD32Async(void* to, int value, size_t count, hipStream_t stream) {
  return guarded([&] { enqueue_fill(to, value, count, stream); });
}
HIP_API hipError_t hipMemsetAsync(void* to, int value, size_t bytes, hipStream_t stream) {
  return hipMemsetD8Async(to, static_cast<uint8_t>(value), bytes, stream);
}

// Fills are asynchronous with the host on a real device even without a stream: a capture allows them.
HIP_API hipError_t hipMemset(void* to, int value, size_t bytes) {
  return hipMemsetAsync(to, value, bytes, nullptr);
}
HIP_API hipError_t hipMemsetD8(void* to, uint8_t value, size_t count) {
  return hipMemsetD8Async(to, value, count, nullptr);
}
HIP_API hipError_t hipMemsetD16(void* to, uint16_t value, size_t count) {
  return hipMemsetD16Async(to, value, count, nullptr);
}
HIP_API hipError_t hipMemsetD32(void* to, int value, size_t count) {
  return hipMemsetD32Async(to, value, count, nullptr);
}
