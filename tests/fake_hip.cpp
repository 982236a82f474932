// SPDX-License-Identifier: Apache-2.0
// A HIP runtime without a GPU, for tests/runtime.cpp and tests/threads.cpp: two devices whose memory is the host's, a log
// of every call, and failures on demand. Built twice: -DFAKE_HIP_VERSION=5 has the old device properties and no
// capture mode, 6 the new.
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <deque>
#include <mutex>
#include <string>

#define EXPORT extern "C" __attribute__((visibility("default")))

namespace {

constexpr int device_total = 2;
std::string calls;         // "hipSetDevice(1) hipMalloc(64) "
std::string failing_name;  // the function that fails, perhaps with its arguments: "hipSetDevice(0)" ...
int failing_code = 0;      // ... and its answer
std::string launched;      // the parameters of the last launch
thread_local int current_device = 0;
thread_local int capture_mode = 0;
thread_local int last_error = 0;

// For many threads: nothing is logged but what is loaded, and calls share no memory, which would order threads that
// the library leaves unordered.
bool many_threads = false;
std::mutex loading;
std::deque<std::string> functions;  // names; their addresses are the handles
thread_local const std::string* last_function = nullptr;

int note(const char* name, const std::string& arguments = "") {
  if (many_threads) return 0;
  const std::string call = std::string(name) + "(" + arguments + ")";
  calls += call + " ";
  const int code = failing_name == name || failing_name == call ? failing_code : 0;
  if (code) last_error = code;  // stays until it is asked for, as HIP's does
  return code;
}

std::string text(uint64_t value) {
  return std::to_string(value);
}

template <class T>
void put(void* properties, size_t offset, T value) {
  std::memcpy(static_cast<char*>(properties) + offset, &value, sizeof(value));
}

}  // namespace

EXPORT const char* fake_hip_calls() {
  return calls.c_str();
}
EXPORT const char* fake_hip_launched() {
  return launched.data();
}
EXPORT int fake_hip_last_error() {
  return last_error;
}
EXPORT int fake_hip_capture_mode() {
  return capture_mode;
}
EXPORT void fake_hip_reset(const char* name, int code) {
  calls.clear();
  failing_name = name;
  failing_code = code;
}

EXPORT void fake_hip_many_threads() {
  many_threads = true;
}
// The kernel that this thread launched last.
EXPORT const char* fake_hip_last_function() {
  return last_function == nullptr ? "" : last_function->c_str();
}

EXPORT int hipGetDeviceCount(int* count) {
  *count = device_total;
  return note("hipGetDeviceCount");
}
EXPORT int hipGetDevice(int* device) {
  *device = current_device;
  return 0;  // not logged: it is called before everything
}
EXPORT int hipSetDevice(int device) {
  current_device = device;
  return note("hipSetDevice", text(device));
}
EXPORT int hipGetLastError() {
  const int error = last_error;
  last_error = 0;
  return error;
}
EXPORT const char* hipGetErrorString(int code) {
  return code == 2 ? "out of memory" : code == 100 ? "no ROCm-capable device is detected" : "some error";
}

// The offsets here were printed by a compiler from the fields of HIP's header.
#if FAKE_HIP_VERSION >= 6
EXPORT int hipGetDevicePropertiesR0600(void* properties, int device) {
  std::memset(properties, 0, 1472);
  std::strcpy(static_cast<char*>(properties), "Fake MI300X");
  put<uint64_t>(properties, 288, 192ull << 30);
  put<uint64_t>(properties, 296, 65536);
  put<int>(properties, 308, 64);
  put<int>(properties, 388, 304);
  const char* target = std::getenv("FAKE_HIP_TARGET");
  const char* offset = std::getenv("FAKE_HIP_TARGET_OFFSET");
  std::strcpy(static_cast<char*>(properties) + (offset ? std::atoi(offset) : 1160),
              target ? target : "gfx942:sramecc+:xnack-");
  return note("hipGetDevicePropertiesR0600", text(device));
}
EXPORT int hipThreadExchangeStreamCaptureMode(int* mode) {
  std::swap(*mode, capture_mode);
  return note("hipThreadExchangeStreamCaptureMode", text(capture_mode));
}
#endif
// The old name fills the old struct in every version.
EXPORT int hipGetDeviceProperties(void* properties, int device) {
  std::memset(properties, 0, 792);
  std::strcpy(static_cast<char*>(properties), "Fake MI210");
  put<uint64_t>(properties, 256, 64ull << 30);
  put<uint64_t>(properties, 264, 65536);
  put<int>(properties, 276, 64);
  put<int>(properties, 336, 104);
  std::strcpy(static_cast<char*>(properties) + 396, "gfx90a:sramecc+:xnack-");
  return note("hipGetDeviceProperties", text(device));
}

EXPORT int hipMalloc(void** pointer, size_t bytes) {
  if (const int code = note("hipMalloc", text(bytes))) return code;
  *pointer = std::malloc(bytes);
  return 0;
}
EXPORT int hipFree(void* pointer) {
  std::free(pointer);
  return note("hipFree");
}
EXPORT int hipHostMalloc(void** pointer, size_t bytes, unsigned flags) {
  if (const int code = note("hipHostMalloc", text(bytes) + "," + text(flags))) return code;
  *pointer = std::malloc(bytes);
  return 0;
}
EXPORT int hipHostFree(void* pointer) {
  std::free(pointer);
  return note("hipHostFree");
}
EXPORT int hipMemcpyAsync(void* destination, const void* source, size_t bytes, int kind, void* stream) {
  std::memcpy(destination, source, bytes);
  return note("hipMemcpyAsync", text(bytes) + "," + text(kind) + "," + text(reinterpret_cast<uintptr_t>(stream)));
}
EXPORT int hipMemsetAsync(void* pointer, int value, size_t bytes, void*) {
  std::memset(pointer, value, bytes);
  return note("hipMemsetAsync", text(value) + "," + text(bytes));
}
EXPORT int hipStreamCreateWithFlags(void** stream, unsigned flags) {
  *stream = reinterpret_cast<void*>(7);
  return note("hipStreamCreateWithFlags", text(flags));
}
EXPORT int hipStreamDestroy(void*) {
  return note("hipStreamDestroy");
}
EXPORT int hipStreamSynchronize(void*) {
  return note("hipStreamSynchronize");
}
EXPORT int hipStreamIsCapturing(void* stream, int* status) {
  *status = stream == reinterpret_cast<void*>(70);  // a stream that tests say is captured
  return note("hipStreamIsCapturing", text(reinterpret_cast<uintptr_t>(stream)));
}
EXPORT int hipStreamWaitEvent(void* stream, void* event, unsigned flags) {
  return note("hipStreamWaitEvent", text(reinterpret_cast<uintptr_t>(stream)) + "," +
                                        text(reinterpret_cast<uintptr_t>(event)) + "," + text(flags));
}
EXPORT int hipStreamBeginCapture(void* stream, int mode) {
  return note("hipStreamBeginCapture", text(reinterpret_cast<uintptr_t>(stream)) + "," + text(mode));
}
EXPORT int hipStreamEndCapture(void* stream, void** graph) {
  *graph = reinterpret_cast<void*>(11);
  return note("hipStreamEndCapture", text(reinterpret_cast<uintptr_t>(stream)));
}
EXPORT int hipGraphInstantiateWithFlags(void** executable, void* graph, unsigned long long flags) {
  *executable = reinterpret_cast<void*>(12);
  return note("hipGraphInstantiateWithFlags", text(reinterpret_cast<uintptr_t>(graph)) + "," + text(flags));
}
EXPORT int hipGraphDestroy(void* graph) {
  return note("hipGraphDestroy", text(reinterpret_cast<uintptr_t>(graph)));
}
EXPORT int hipGraphLaunch(void* executable, void* stream) {
  return note("hipGraphLaunch",
              text(reinterpret_cast<uintptr_t>(executable)) + "," + text(reinterpret_cast<uintptr_t>(stream)));
}
EXPORT int hipGraphExecDestroy(void* executable) {
  return note("hipGraphExecDestroy", text(reinterpret_cast<uintptr_t>(executable)));
}
EXPORT int hipEventCreateWithFlags(void** event, unsigned flags) {
  *event = reinterpret_cast<void*>(8);
  return note("hipEventCreateWithFlags", text(flags));
}
EXPORT int hipEventDestroy(void*) {
  return note("hipEventDestroy");
}
EXPORT int hipEventRecord(void*, void*) {
  return note("hipEventRecord");
}
EXPORT int hipEventSynchronize(void*) {
  return note("hipEventSynchronize");
}
EXPORT int hipEventElapsedTime(float* milliseconds, void*, void*) {
  *milliseconds = 1.5f;
  return note("hipEventElapsedTime");
}
EXPORT int hipModuleLoadData(void** module, const void*) {
  *module = reinterpret_cast<void*>(9);
  if (many_threads) {
    const std::lock_guard lock(loading);
    calls += "hipModuleLoadData ";
    return 0;
  }
  return note("hipModuleLoadData", "mode " + text(capture_mode));
}
EXPORT int hipModuleUnload(void*) {
  return note("hipModuleUnload");
}
EXPORT int hipModuleGetFunction(void** function, void*, const char* name) {
  *function = reinterpret_cast<void*>(10);
  if (many_threads) {
    const std::lock_guard lock(loading);
    calls += std::string(name) + " ";
    *function = &functions.emplace_back(name);
    return 0;
  }
  return note("hipModuleGetFunction", name);
}
EXPORT int hipModuleLaunchKernel(void* function, unsigned gx, unsigned gy, unsigned gz, unsigned bx, unsigned by,
                                 unsigned bz, unsigned lds, void* stream, void** params, void** extra) {
  const bool as_documented = params == nullptr && extra[0] == reinterpret_cast<void*>(1) &&
                             extra[2] == reinterpret_cast<void*>(2) && extra[4] == reinterpret_cast<void*>(3);
  if (!as_documented) return 1;
  if (many_threads) {
    last_function = static_cast<const std::string*>(function);
    return 0;
  }
  launched.assign(static_cast<const char*>(extra[1]), *static_cast<size_t*>(extra[3]));
  std::string shape;
  for (unsigned value : {gx, gy, gz, bx, by, bz, lds}) shape += text(value) + ",";
  return note("hipModuleLaunchKernel", shape + text(reinterpret_cast<uintptr_t>(stream)));
}
