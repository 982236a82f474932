// SPDX-License-Identifier: Apache-2.0
// The three devices and the thread pool. Drivers are probed once a process, so that each test of a driver
// runs in a forked child. libfake_hip5.so and libfake_hip6.so (fake_hip.cpp) lie beside this program.
#include "../src/runtime/device.h"

#include <dlfcn.h>
#include <gtest/gtest.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <chrono>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <functional>
#include <stdexcept>
#include <thread>
#include <vector>

#include "hipinfer/types.h"
#include "tests/check/allocations.h"

namespace {

using namespace hipinfer::runtime;
namespace fs = std::filesystem;

bool is_child = false;

// Runs body in a child, and fails if an expectation of it fails, if it dies, prints or does not end.
void in_child(const std::function<void()>& body) {
  int pipe_ends[2];
  ASSERT_EQ(pipe(pipe_ends), 0);
  std::fflush(nullptr);  // or the child prints what the parent has buffered
  const pid_t child = fork();
  ASSERT_GE(child, 0);
  if (child == 0) {
    dup2(pipe_ends[1], 1);
    dup2(pipe_ends[1], 2);
    close(pipe_ends[0]);
    close(pipe_ends[1]);
    is_child = true;
    alarm(60);
    try {
      body();
    } catch (const error& failure) {
      ADD_FAILURE() << failure.message;
    } catch (const std::exception& failure) {
      ADD_FAILURE() << failure.what();
    }
    exit(testing::Test::HasFailure() ? 1 : 0);  // exit, not _exit: what a driver does at exit is tested too
  }
  close(pipe_ends[1]);
  std::string output;
  char buffer[4096];
  for (ssize_t got; (got = read(pipe_ends[0], buffer, sizeof(buffer))) > 0;) output.append(buffer, size_t(got));
  close(pipe_ends[0]);
  int status = 0;
  waitpid(child, &status, 0);
  EXPECT_TRUE(WIFEXITED(status)) << "killed by signal " << WTERMSIG(status);
  EXPECT_EQ(WEXITSTATUS(status), 0);
  EXPECT_EQ(output, "");
}

// The status and message of what call throws; {0, ""} when it throws nothing.
template <class Call>
error failure_of(Call&& call) {
  try {
    call();
  } catch (const error& failure) {
    return failure;
  }
  return {HIPINFER_STATUS_OK, ""};
}

struct fake_hip {
  fs::path path;
  const char* (*calls)();
  const char* (*launched)();
  int (*last_error)();
  int (*capture_mode)();
  void (*reset)(const char* failing_name, int code);

  explicit fake_hip(int version)
      : path(fs::read_symlink("/proc/self/exe").parent_path() / ("libfake_hip" + std::to_string(version) + ".so")) {
    void* handle = dlopen(path.c_str(), RTLD_NOW);
    if (!handle) throw std::runtime_error(dlerror());
    bind(calls, handle, "fake_hip_calls");
    bind(launched, handle, "fake_hip_launched");
    bind(last_error, handle, "fake_hip_last_error");
    bind(capture_mode, handle, "fake_hip_capture_mode");
    bind(reset, handle, "fake_hip_reset");
    setenv("HIPINFER_HIP_LIBRARY", path.c_str(), 1);
  }

  template <class Function>
  static void bind(Function*& function, void* handle, const char* name) {
    function = reinterpret_cast<Function*>(dlsym(handle, name));
    if (!function) throw std::runtime_error(name);
  }
};

}  // namespace

// Threads that cannot be had, on demand.
static std::atomic<bool> no_threads{false};
extern "C" int pthread_create(pthread_t* thread, const pthread_attr_t* attributes, void* (*body)(void*),
                              void* argument) {
  static const auto real = reinterpret_cast<decltype(&pthread_create)>(dlsym(RTLD_NEXT, "pthread_create"));
  return no_threads ? EAGAIN : real(thread, attributes, body, argument);
}

// LeakSanitizer asks; it cannot stop the parent's threads, which it takes a forked child to have.
extern "C" int __lsan_is_turned_off();
extern "C" int __lsan_is_turned_off() {
  return is_child;
}
// ThreadSanitizer forbids a forked child its threads unless told otherwise.
extern "C" const char* __tsan_default_options();
extern "C" const char* __tsan_default_options() {
  return "die_after_fork=0";
}

namespace {

TEST(Hip, ReadsTheNewProperties) {
  in_child([] {
    fake_hip fake(6);
    ASSERT_EQ(device_count(device_kind::hip), 2);
    const properties info = open_device(device_kind::hip, 1)->info();
    EXPECT_EQ(info.kind, device_kind::hip);
    EXPECT_EQ(info.ordinal, 1);
    EXPECT_EQ(info.name, "Fake MI300X");
    EXPECT_EQ(info.target, "gfx942:sramecc+:xnack-");
    EXPECT_EQ(info.wave_size, 64);
    EXPECT_EQ(info.compute_units, 304);
    EXPECT_EQ(info.lds_bytes, 65536);
    EXPECT_EQ(info.memory_bytes, 192ull << 30);
  });
}

TEST(Hip, ReadsTheOldPropertiesAndNeedsNoCaptureMode) {
  in_child([] {
    fake_hip fake(5);
    const auto hip = open_device(device_kind::hip, 0);
    EXPECT_EQ(hip->info().name, "Fake MI210");
    EXPECT_EQ(hip->info().target, "gfx90a:sramecc+:xnack-");
    EXPECT_EQ(hip->info().compute_units, 104);
    EXPECT_EQ(hip->info().wave_size, 64);
    EXPECT_NE(hip->module_load("", 1), nullptr);
  });
}

TEST(Hip, FindsTheTargetInAnUnknownLayout) {
  in_child([] {
    setenv("FAKE_HIP_TARGET_OFFSET", "1200", 1);
    setenv("FAKE_HIP_TARGET", "gfx1201", 1);
    fake_hip fake(6);
    const properties info = open_device(device_kind::hip, 0)->info();
    EXPECT_EQ(info.target, "gfx1201");
    EXPECT_EQ(info.wave_size, 32);
    setenv("FAKE_HIP_TARGET", "sm_90", 1);
    const error failure = failure_of([] { open_device(device_kind::hip, 0); });
    EXPECT_EQ(failure.status, HIPINFER_STATUS_DRIVER_ERROR);
    EXPECT_EQ(failure.message, "hipGetDevicePropertiesR0600: no gfx target in the answer");
  });
}

TEST(Hip, MakesTheDeviceCurrentAndRestores) {
  in_child([] {
    fake_hip fake(6);
    const auto first = open_device(device_kind::hip, 0), second = open_device(device_kind::hip, 1);
    fake.reset("", 0);
    void* memory = second->allocate(64);
    EXPECT_STREQ(fake.calls(), "hipSetDevice(1) hipMalloc(64) hipSetDevice(0) ");
    fake.reset("", 0);
    const char source[64] = "text";
    first->copy(memory, source, 64, reinterpret_cast<void*>(7));
    first->fill(memory, 200, 64, nullptr);
    first->release(memory);
    EXPECT_STREQ(fake.calls(), "hipMemcpyAsync(64,4,7) hipMemsetAsync(200,64) hipFree() ");
    fake.reset("", 0);
    EXPECT_EQ(first->allocate(0), nullptr);
    first->release(nullptr);
    EXPECT_EQ(first->allocate_host(0), nullptr);
    first->release_host(nullptr);
    first->graph_destroy(nullptr);
    first->copy(nullptr, nullptr, 0, nullptr);
    first->fill(nullptr, 0, 0, nullptr);
    first->stream_destroy(nullptr);
    first->event_destroy(nullptr);
    first->module_unload(nullptr);
    EXPECT_STREQ(fake.calls(), "");
  });
}

TEST(Hip, StreamsAndEvents) {
  in_child([] {
    fake_hip fake(6);
    const auto hip = open_device(device_kind::hip, 0);
    fake.reset("", 0);
    void* stream = hip->stream_create();
    void* event = hip->event_create();
    hip->event_record(event, stream);
    hip->stream_wait(reinterpret_cast<void*>(70), event);
    hip->event_synchronize(event);
    EXPECT_EQ(hip->event_elapsed_ms(event, event), 1.5f);
    hip->stream_synchronize(stream);
    hip->event_destroy(event);
    hip->stream_destroy(stream);
    EXPECT_STREQ(fake.calls(),
                 "hipStreamCreateWithFlags(1) hipEventCreateWithFlags(0) hipEventRecord() "
                 "hipStreamWaitEvent(70,8,0) hipEventSynchronize() "
                 "hipEventElapsedTime() hipStreamSynchronize() hipEventDestroy() hipStreamDestroy() ");
  });
}

TEST(Hip, HostMemory) {
  in_child([] {
    fake_hip fake(6);
    const auto hip = open_device(device_kind::hip, 0);
    fake.reset("", 0);
    hip->release_host(hip->allocate_host(64));
    EXPECT_STREQ(fake.calls(), "hipHostMalloc(64,0) hipHostFree() ");
  });
}

TEST(Hip, CapturesAGraph) {
  in_child([] {
    fake_hip fake(6);
    const auto hip = open_device(device_kind::hip, 1);
    void* const stream = reinterpret_cast<void*>(70);
    fake.reset("", 0);
    hip->capture_begin(stream);
    void* const graph = hip->capture_end(stream);
    hip->graph_launch(graph, stream);
    hip->graph_destroy(graph);
    EXPECT_STREQ(fake.calls(),
                 "hipSetDevice(1) hipStreamBeginCapture(70,1) hipSetDevice(0) "
                 "hipSetDevice(1) hipStreamEndCapture(70) hipGraphInstantiateWithFlags(11,0) hipGraphDestroy(11) "
                 "hipSetDevice(0) hipSetDevice(1) hipGraphLaunch(12,70) hipSetDevice(0) "
                 "hipSetDevice(1) hipGraphExecDestroy(12) hipSetDevice(0) ");
    // What was captured goes also where nothing can be made of it.
    fake.reset("hipGraphInstantiateWithFlags", 801);
    const error failure = failure_of([&] { hip->capture_end(stream); });
    EXPECT_EQ(failure.status, HIPINFER_STATUS_DRIVER_ERROR);
    EXPECT_EQ(failure.message, "hipGraphInstantiateWithFlags: some error (801)");
    EXPECT_NE(std::strstr(fake.calls(), "hipGraphDestroy(11) hipSetDevice(0) "), nullptr) << fake.calls();
  });
}

TEST(Hip, KnowsWhetherAStreamIsCaptured) {
  in_child([] {
    fake_hip fake(6);
    const auto hip = open_device(device_kind::hip, 0);
    fake.reset("", 0);
    EXPECT_TRUE(hip->capturing(reinterpret_cast<void*>(70)));
    EXPECT_FALSE(hip->capturing(reinterpret_cast<void*>(7)));
    EXPECT_FALSE(hip->capturing(nullptr));
    EXPECT_STREQ(fake.calls(), "hipStreamIsCapturing(70) hipStreamIsCapturing(7) hipStreamIsCapturing(0) ");
    // The default stream may not even be asked while another is captured: that is a yes, and leaves no error behind.
    fake.reset("hipStreamIsCapturing", 906);
    EXPECT_TRUE(hip->capturing(nullptr));
    EXPECT_EQ(fake.last_error(), 0);
  });
}

TEST(Hip, LoadsAndLaunches) {
  in_child([] {
    fake_hip fake(6);
    const auto hip = open_device(device_kind::hip, 0);
    fake.reset("", 0);
    const module_handle module = hip->module_load("", 1);
    EXPECT_STREQ(fake.calls(),
                 "hipThreadExchangeStreamCaptureMode(2) hipModuleLoadData(mode 2) "
                 "hipThreadExchangeStreamCaptureMode(0) ");
    const function_handle function = hip->module_function(module, "rows");
    EXPECT_EQ(fake.capture_mode(), 0);
    fake.reset("", 0);
    const char params[] = "a kernel's only argument";
    hip->launch(function, {.blocks = {5, 6, 7}, .threads = 256, .dynamic_lds_bytes = 1024}, params, sizeof(params),
                reinterpret_cast<void*>(7));
    EXPECT_STREQ(fake.calls(), "hipModuleLaunchKernel(5,6,7,256,1,1,1024,7) ");
    EXPECT_STREQ(fake.launched(), params);
  });
}

TEST(Hip, SaysWhatFailed) {
  in_child([] {
    fake_hip fake(6);
    const auto hip = open_device(device_kind::hip, 1);
    const auto expect = [&](const char* name, int code, int32_t status, const char* message, auto&& call) {
      fake.reset(name, code);
      const error failure = failure_of(call);
      EXPECT_EQ(failure.status, status);
      EXPECT_EQ(failure.message, message);
      EXPECT_EQ(fake.last_error(), 0) << "left for a framework to trip over";
      int current = -1;
      reinterpret_cast<int (*)(int*)>(dlsym(dlopen(fake.path.c_str(), RTLD_NOW), "hipGetDevice"))(&current);
      EXPECT_EQ(current, 0) << "not restored after a failure";
      EXPECT_EQ(fake.capture_mode(), 0);
    };
    expect("hipMalloc", 2, HIPINFER_STATUS_OUT_OF_MEMORY, "hipMalloc: out of memory (2)", [&] { hip->allocate(64); });
    expect("hipStreamSynchronize", 700, HIPINFER_STATUS_DRIVER_ERROR, "hipStreamSynchronize: some error (700)",
           [&] { hip->stream_synchronize(nullptr); });
    expect("hipModuleLoadData", 200, HIPINFER_STATUS_MODULE_LOAD, "hipModuleLoadData: some error (200)",
           [&] { hip->module_load("", 1); });
    expect("hipModuleGetFunction", 500, HIPINFER_STATUS_MODULE_LOAD, "hipModuleGetFunction: rows: some error (500)",
           [&] { hip->module_function(nullptr, "rows"); });
    expect("hipModuleLaunchKernel", 9, HIPINFER_STATUS_DRIVER_ERROR,
           "hipModuleLaunchKernel: 1x1x1 blocks of 64 threads, 0 bytes of dynamic LDS: some error (9)",
           [&] { hip->launch(nullptr, {.threads = 64}, "", 1, nullptr); });
    const error failure = failure_of([] { open_device(device_kind::hip, 2); });
    EXPECT_EQ(failure.status, HIPINFER_STATUS_NO_DEVICE);
    EXPECT_EQ(failure.message, "hip:2: no such device; 2 present, numbered from 0");
  });
}

// What was done stands, but the caller's thread is not as it was: that is an error, unless there is one already.
TEST(Hip, SaysThatItCouldNotRestore) {
  in_child([] {
    fake_hip fake(6);
    const auto hip = open_device(device_kind::hip, 1);
    const auto message_of = [&](const char* name, auto&& call) {
      fake.reset(name, 101);
      const error failure = failure_of(call);
      EXPECT_EQ(failure.status, HIPINFER_STATUS_DRIVER_ERROR);
      EXPECT_EQ(fake.last_error(), 0) << "left for a framework to trip over";
      return failure.message;
    };
    EXPECT_EQ(message_of("hipSetDevice(0)", [&] { hip->stream_synchronize(nullptr); }),
              "hipSetDevice(0), the caller's device: some error (101)");
    EXPECT_EQ(message_of("hipThreadExchangeStreamCaptureMode(0)", [&] { hip->module_load("", 1); }),
              "hipThreadExchangeStreamCaptureMode: some error (101)");
    // Nothing is done on another device than the one that was asked for.
    EXPECT_EQ(message_of("hipSetDevice(1)", [&] { hip->stream_synchronize(nullptr); }),
              "hipSetDevice: some error (101)");
    EXPECT_STREQ(fake.calls(), "hipSetDevice(1) ");
  });
}

TEST(Hip, NoDevice) {
  in_child([] {
    fake_hip fake(6);
    fake.reset("hipGetDeviceCount", 100);
    EXPECT_EQ(device_count(device_kind::hip), 0);
    EXPECT_EQ(why_none(device_kind::hip), "hipGetDeviceCount: no ROCm-capable device is detected (100)");
    EXPECT_EQ(failure_of([] { open_device(device_kind::hip, 0); }).status, HIPINFER_STATUS_NO_DEVICE);
    // It was a driver that had not come up yet.
    fake.reset("", 0);
    EXPECT_EQ(device_count(device_kind::hip), 2);
    EXPECT_EQ(why_none(device_kind::hip), "");
    EXPECT_EQ(open_device(device_kind::hip, 0)->info().name, "Fake MI300X");
  });
}

TEST(Hip, AFileThatDoesNotLoad) {
  in_child([] {
    setenv("HIPINFER_HIP_LIBRARY", "/nowhere/libamdhip64.so", 1);
    EXPECT_EQ(device_count(device_kind::hip), 0);
    EXPECT_NE(why_none(device_kind::hip).find("HIPINFER_HIP_LIBRARY: /nowhere/libamdhip64.so"), std::string::npos);
    EXPECT_EQ(failure_of([] { open_device(device_kind::hip, 0); }).status, HIPINFER_STATUS_INVALID_ARGUMENT);
    fake_hip fake(6);  // names a better one
    EXPECT_EQ(device_count(device_kind::hip), 2);
  });
}

TEST(Hip, AFileThatIsNoHip) {
  in_child([] {
    setenv("HIPINFER_HIP_LIBRARY", "libm.so.6", 1);
    EXPECT_EQ(device_count(device_kind::hip), 0);
    EXPECT_EQ(why_none(device_kind::hip), "HIPINFER_HIP_LIBRARY: libm.so.6 lacks hipGetDeviceCount");
    EXPECT_EQ(failure_of([] { open_device(device_kind::hip, 0); }).status, HIPINFER_STATUS_INVALID_ARGUMENT);
  });
}

TEST(Hip, PrefersTheLibraryInTheProcess) {
  const fs::path folder = fs::temp_directory_path() / ("hipinfer-" + std::to_string(getpid()));
  fs::create_directory(folder);
  in_child([&] {
    const fs::path own = folder / "libamdhip64-of-a-framework.so";
    fs::copy_file(fs::read_symlink("/proc/self/exe").parent_path() / "libfake_hip5.so", own);
    ASSERT_NE(dlopen(own.c_str(), RTLD_NOW | RTLD_LOCAL), nullptr);
    setenv("HIPINFER_HIP_LIBRARY", "/nowhere/libamdhip64.so", 1);
    ASSERT_EQ(device_count(device_kind::hip), 2);
    EXPECT_EQ(open_device(device_kind::hip, 0)->info().name, "Fake MI210");
  });
  fs::remove_all(folder);
}

// Whatever this machine has: an answer, a reason where it is none, no crash and no print, now or at exit.
TEST(Machine, CountsItsDevices) {
  in_child([] {
    unsetenv("HIPINFER_HIP_LIBRARY");
    for (device_kind kind : {device_kind::hip, device_kind::cuda, device_kind::cpu}) {
      std::vector<std::thread> threads;
      std::atomic<int> sum{0};
      for (int i = 0; i < 4; ++i) threads.emplace_back([&] { sum += device_count(kind); });
      for (auto& thread : threads) thread.join();
      EXPECT_EQ(sum, 4 * device_count(kind));
      EXPECT_EQ(device_count(kind) == 0, !why_none(kind).empty()) << why_none(kind);
    }
    EXPECT_EQ(device_count(device_kind::cpu), 1);
    EXPECT_EQ(device_count(static_cast<device_kind>(99)), 0);
  });
}

int threads_with(const char* setting) {
  setenv("HIPINFER_NUM_THREADS", setting, 1);
  return open_device(device_kind::cpu, 0)->info().compute_units;
}

// The first of the tests of the CPU: in a process that has not read it yet.
TEST(Cpu, RefusesANumberOfThreadsThatIsNone) {
  in_child([] {
    for (const std::string text : {"many", "0", "-1", "4x", " 4", "+4", "4.0", "0x4", "1025", "99999999999999999999"}) {
      const error failure = failure_of([&] { threads_with(text.c_str()); });
      EXPECT_EQ(failure.status, HIPINFER_STATUS_INVALID_ARGUMENT) << text;
      EXPECT_EQ(failure.message, "HIPINFER_NUM_THREADS=" + text + ": expected a number from 1 to 1024");
    }
    EXPECT_EQ(threads_with("3"), 3);
    EXPECT_EQ(threads_with("5"), 3) << "read once";
  });
}

TEST(Cpu, DescribesItself) {
  const properties info = open_device(device_kind::cpu, 0)->info();
  EXPECT_EQ(info.kind, device_kind::cpu);
  EXPECT_EQ(info.target, "cpu");
  EXPECT_FALSE(info.name.empty());
  EXPECT_GE(info.compute_units, 1);
  EXPECT_EQ(info.wave_size, 1);
  EXPECT_GT(info.memory_bytes, 0u);
  EXPECT_EQ(failure_of([] { open_device(device_kind::cpu, 1); }).status, HIPINFER_STATUS_NO_DEVICE);
}

TEST(Cpu, Memory) {
  const auto cpu = open_device(device_kind::cpu, 0);
  auto* first = static_cast<unsigned char*>(cpu->allocate(1000));
  auto* second = static_cast<unsigned char*>(cpu->allocate(1));
  EXPECT_EQ(reinterpret_cast<uintptr_t>(first) % 256, 0u);
  EXPECT_EQ(reinterpret_cast<uintptr_t>(second) % 256, 0u);
  cpu->fill(first, 0xab, 1000, nullptr);
  cpu->copy(second, first + 999, 1, nullptr);
  EXPECT_EQ(*second, 0xab);
  cpu->release(first);
  cpu->release(second);
  EXPECT_EQ(cpu->allocate(0), nullptr);
  cpu->release(nullptr);
  auto* host = static_cast<unsigned char*>(cpu->allocate_host(1000));
  host[999] = 1;
  cpu->release_host(host);
  EXPECT_EQ(cpu->allocate_host(0), nullptr);
  cpu->copy(nullptr, nullptr, 0, nullptr);
  cpu->fill(nullptr, 0, 0, nullptr);
}

TEST(Cpu, StreamsAndEvents) {
  const auto cpu = open_device(device_kind::cpu, 0);
  EXPECT_EQ(cpu->stream_create(), nullptr);
  cpu->stream_synchronize(nullptr);
  void* start = cpu->event_create();
  void* end = cpu->event_create();
  EXPECT_EQ(failure_of([&] { cpu->event_elapsed_ms(start, end); }).status, HIPINFER_STATUS_INVALID_ARGUMENT);
  cpu->event_record(start, nullptr);
  std::this_thread::sleep_for(std::chrono::milliseconds(5));
  cpu->event_record(end, nullptr);
  cpu->stream_wait(nullptr, end);
  cpu->event_synchronize(end);
  EXPECT_GE(cpu->event_elapsed_ms(start, end), 5.0f);
  cpu->event_destroy(start);
  cpu->event_destroy(end);
}

TEST(Cpu, HasNoGraphs) {
  const auto cpu = open_device(device_kind::cpu, 0);
  const error failure = failure_of([&] { cpu->capture_begin(nullptr); });
  EXPECT_EQ(failure.status, HIPINFER_STATUS_UNSUPPORTED);
  EXPECT_EQ(failure.message, "the CPU has no graphs: an operation has run when its call returns");
  EXPECT_EQ(failure_of([&] { cpu->capture_end(nullptr); }).status, HIPINFER_STATUS_UNSUPPORTED);
  EXPECT_EQ(failure_of([&] { cpu->graph_launch(cpu.get(), nullptr); }).status, HIPINFER_STATUS_UNSUPPORTED);
  cpu->graph_destroy(nullptr);
}

TEST(Cpu, HasNoModules) {
  const auto cpu = open_device(device_kind::cpu, 0);
  EXPECT_EQ(failure_of([&] { cpu->module_load("", 1); }).status, HIPINFER_STATUS_UNSUPPORTED);
  EXPECT_EQ(failure_of([&] { cpu->launch(nullptr, {}, nullptr, 0, nullptr); }).status, HIPINFER_STATUS_UNSUPPORTED);
}

template <class Body>
void parallel(int64_t count, int64_t grain, Body body) {
  parallel_for(
      count, grain, [](void* closure, int64_t begin, int64_t end, int) { (*static_cast<Body*>(closure))(begin, end); },
      &body);
}

// Whether every item of [0, count) was given to exactly one call, of at least min(grain, count) items.
bool covers(int64_t count, int64_t grain) {
  std::vector<int> seen(size_t(std::max<int64_t>(count, 0)));
  std::atomic<bool> large_enough{true};
  parallel(count, grain, [&](int64_t begin, int64_t end) {
    if (end - begin < std::min(grain, count)) large_enough = false;
    for (int64_t i = begin; i < end; ++i) ++seen[size_t(i)];
  });
  return large_enough && std::all_of(seen.begin(), seen.end(), [](int times) { return times == 1; });
}

TEST(ParallelFor, CoversEveryItemOnce) {
  for (int64_t count : {-1, 0, 1, 2, 3, 7, 8, 9, 63, 64, 65, 1000, 100003})
    for (int64_t grain : {-1, 0, 1, 2, 7, 64, 1000, 1000000})
      EXPECT_TRUE(covers(count, grain)) << count << " " << grain;
}

TEST(ParallelFor, SplitsTheLargestCount) {
  std::atomic<int64_t> total{0};
  parallel(INT64_MAX, 1, [&](int64_t begin, int64_t end) { total += end - begin; });
  EXPECT_EQ(total, INT64_MAX);
}

// Whether two calls of a body run at the same time.
bool two_meet() {
  std::atomic<int> running{0};
  std::atomic<bool> met{false};
  parallel(2, 1, [&](int64_t, int64_t) {
    ++running;
    for (int i = 0; i < 5000 && !met; ++i) {
      if (running == 2) met = true;
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
  });
  return met;
}

bool one_thread() {
  return open_device(device_kind::cpu, 0)->info().compute_units < 2;
}

TEST(ParallelFor, UsesItsThreads) {
  if (one_thread()) GTEST_SKIP();
  EXPECT_TRUE(two_meet());
}

TEST(ParallelFor, RunsNestedCallsSerially) {
  std::atomic<int64_t> total{0};
  std::atomic<bool> same_thread{true};
  parallel(64, 1, [&](int64_t begin, int64_t end) {
    const auto self = std::this_thread::get_id();
    for (int64_t i = begin; i < end; ++i)
      parallel(100, 1, [&](int64_t inner_begin, int64_t inner_end) {
        if (std::this_thread::get_id() != self) same_thread = false;
        total += inner_end - inner_begin;
      });
  });
  EXPECT_EQ(total, 6400);
  EXPECT_TRUE(same_thread);
}

TEST(ParallelFor, RethrowsAndGoesOn) {
  for (int round = 0; round < 100; ++round) {
    const auto failing = [&](int64_t begin, int64_t end) {
      if (begin <= round && round < end) throw std::runtime_error("item");
    };
    EXPECT_THROW(parallel(100, 1, failing), std::runtime_error);
    EXPECT_THROW(parallel(100, 1000, failing), std::runtime_error);
  }
  EXPECT_TRUE(covers(1000, 1));
}

TEST(ParallelFor, ServesManyCallersAtOnce) {
  std::vector<std::thread> callers;
  std::atomic<int> wrong{0};
  for (int i = 0; i < 8; ++i)
    callers.emplace_back([&, i] {
      for (int round = 0; round < 200; ++round) wrong += !covers(100 + 17 * i + round, 1 + i);
    });
  for (auto& caller : callers) caller.join();
  EXPECT_EQ(wrong, 0);
}

TEST(ParallelFor, WorksInAForkedChild) {
#ifdef __SANITIZE_THREAD__
  GTEST_SKIP() << "ThreadSanitizer does not follow threads that a forked child starts";
#endif
  ASSERT_TRUE(covers(1000, 1));
  std::atomic<bool> stop{false};
  std::thread busy([&] {  // so that some forks find the pool's lock held
    while (!stop) covers(100, 1);
  });
  for (int round = 0; round < 20; ++round)
    in_child([] {
      EXPECT_TRUE(covers(1000, 1));
      EXPECT_TRUE(one_thread() || two_meet());
    });
  stop = true;
  busy.join();
  EXPECT_TRUE(covers(1000, 1));
}

// Where threads or memory for them cannot be had, the caller does the work, its signals stay as they were, and the threads
// come when they can be had.
TEST(ParallelFor, DoesWithoutThreads) {
#ifdef __SANITIZE_THREAD__
  GTEST_SKIP() << "ThreadSanitizer does not follow threads that a forked child starts";
#endif
  for (const bool memory : {false, true})
    in_child([memory] {  // which has no pool yet
      sigset_t before, after;
      sigemptyset(&before);
      sigaddset(&before, SIGUSR1);
      pthread_sigmask(SIG_SETMASK, &before, nullptr);
      std::vector<int> seen(1000);
      const auto count = [&](int64_t begin, int64_t end) {
        for (int64_t i = begin; i < end; ++i) ++seen[size_t(i)];
      };
      for (int64_t n = 1; n <= 2; ++n) {  // the pool's own memory, a thread's
        const check::failing_allocations scope(memory ? n : INT64_MAX);
        no_threads = !memory;
        parallel(1000, 1, count);
        no_threads = false;
      }
      EXPECT_EQ(std::count(seen.begin(), seen.end(), 2), 1000);
      pthread_sigmask(SIG_SETMASK, nullptr, &after);
      for (int signal : {SIGUSR1, SIGUSR2, SIGTERM, SIGINT})
        EXPECT_EQ(sigismember(&after, signal), signal == SIGUSR1) << signal;
      EXPECT_TRUE(one_thread() || two_meet());
    });
}

TEST(ParallelFor, LetsTheProcessExitWhileItRuns) {
  in_child([] {
    std::thread([] {
      for (;;) covers(1000, 1);
    }).detach();
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  });
}

}  // namespace
