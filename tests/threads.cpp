// SPDX-License-Identifier: Apache-2.0
// Many threads on one context, on a HIP that is a fake: the cache of modules and functions. Built with -Db_sanitize=thread
// it proves that there is no race; without, that every thread gets its own kernel and everything is loaded once.
#include <dlfcn.h>
#include <gtest/gtest.h>
#include <stdlib.h>

#include <atomic>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

#include "gen/embedding.api.h"
#include "gen/rmsnorm.api.h"
#include "gen/silu_and_mul.api.h"
#include "hipinfer/hipinfer.h"

namespace {

namespace fs = std::filesystem;

struct fake_hip {
  const char* (*calls)();
  const char* (*last_function)();
  void (*many_threads)();
};

// The fake takes anything for a code object, so that no target has to be built: each module is a file of four bytes, of
// which the manifest has the SHA-256.
// The library reads the environment at its first call.
fake_hip prepare() {
  const fs::path here = fs::read_symlink("/proc/self/exe").parent_path(), kernels = here / "threads-kernels";
  fs::create_directories(kernels / "gfx942");
  std::string files;
  for (int i = 0; i < hipinfer_kernel_count(); ++i) {
    hipinfer_kernel_info info{};
    info.struct_size = sizeof info;
    if (hipinfer_kernel_get(i, &info) == HIPINFER_STATUS_OK && info.module[0] != '\0') {
      const std::string file = "gfx942/" + std::string(info.module) + ".hsaco";
      std::ofstream(kernels / file) << "code";
      files += (files.empty() ? "" : ",") + ("{\"file\": \"" + file) +
               "\", \"bytes\": 4, \"sha256\": \"5694d08a2e53ffcae0c3103e5ad6f6076abd960eb1f8a56577040bc1028f702b\"}";
    }
  }
  std::ofstream(kernels / "manifest.json") << "{\"version\": \"" << hipinfer_version_string()
                                           << "\", \"targets\": [\"gfx942\"], \"files\": [" << files << "]}";
  const fs::path library = here / "libfake_hip6.so";
  setenv("HIPINFER_HIP_LIBRARY", library.c_str(), 1);
  setenv("HIPINFER_KERNEL_PATH", kernels.c_str(), 1);
  setenv("FAKE_HIP_TARGET", "gfx942", 1);
  void* handle = dlopen(library.c_str(), RTLD_NOW);
  fake_hip fake{};
  if (handle == nullptr) return fake;
  const auto bind = [&](auto*& f, const char* name) {
    f = reinterpret_cast<std::remove_reference_t<decltype(f)>>(dlsym(handle, name));
  };
  bind(fake.calls, "fake_hip_calls");
  bind(fake.last_function, "fake_hip_last_function");
  bind(fake.many_threads, "fake_hip_many_threads");
  return fake;
}

struct rows {
  int64_t shape[2];
  std::vector<char> bytes;
  hipinfer_tensor tensor;
  rows(int64_t t, int64_t n, hipinfer_dtype type, int rank = 2)
      : shape{t, n},
        bytes(t * n * 4),
        tensor{bytes.data(), {HIPINFER_DEVICE_HIP, 0}, rank, type, rank == 2 ? shape : shape + 1, nullptr, 0} {}
  rows(const rows&) = delete;
};

constexpr hipinfer_dtype types[] = {
    {HIPINFER_DTYPE_FLOAT, 32, 1}, {HIPINFER_DTYPE_FLOAT, 16, 1}, {HIPINFER_DTYPE_BFLOAT, 16, 1}};
constexpr const char* names[] = {"f32", "f16", "bf16"};

TEST(threads, load_everything_once_and_launch_their_own) {
  const fake_hip fake = prepare();
  ASSERT_TRUE(fake.calls != nullptr && fake.last_function != nullptr && fake.many_threads != nullptr);
  fake.many_threads();
  hipinfer_context_options o{};
  o.struct_size = sizeof o;
  o.device = "hip:0";
  hipinfer_context context = nullptr;
  ASSERT_EQ(hipinfer_context_create(&o, &context), HIPINFER_STATUS_OK) << hipinfer_last_error();

  std::atomic<int> waiting = 0;
  std::atomic<int> wrong = 0;
  constexpr int count = 8;
  std::vector<std::thread> all;
  for (int thread = 0; thread < count; ++thread) {
    all.emplace_back([&, thread] {
      ++waiting;
      while (waiting < count) std::this_thread::yield();
      const auto launched = [&](hipinfer_status s, const std::string& op, const std::string& kernel) {
        const std::string got = fake.last_function();
        const bool right = s == HIPINFER_STATUS_OK && got.rfind(op + "_", 0) == 0 && got.size() > kernel.size() &&
                           got.compare(got.size() - kernel.size(), kernel.size(), kernel) == 0 &&
                           std::string(hipinfer_last_kernel()).rfind(op + "/", 0) == 0;
        if (!right) ++wrong;
      };
      for (int i = 0; i < 60; ++i) {
        // Lengths that different kernels serve: in registers, in more of them, in passes.
        const int64_t n = i % 5 == 0 ? 20000 : i % 5 == 1 ? 8192 : 64;
        // The last has one function for both dtypes of the weight, which is looked up for each.
        const int t = (i + thread) % 3, w = n > 16384 || i / 3 % 2 == 0 ? t : 0;
        rows x(2, n, types[t]), y(2, n, types[t]), weight(1, n, types[w], 1), both(2, 2 * n, types[t]);
        const std::string dtype = std::string("_") + names[t];
        launched(hipinfer_rmsnorm(context, &y.tensor, &x.tensor, &weight.tensor, 1e-6f, nullptr), "rmsnorm",
                 n > 16384 ? dtype : dtype + "_" + names[w]);
        launched(hipinfer_silu_and_mul(context, &y.tensor, &both.tensor, nullptr), "silu_and_mul", dtype);
        rows indices(1, 2, {HIPINFER_DTYPE_INT, 32, 1}, 1);
        launched(hipinfer_embedding(context, &y.tensor, &x.tensor, &indices.tensor, nullptr), "embedding", dtype);
        if (thread == 0 && hipinfer_context_preload(context, i % 2 == 0 ? "scale" : nullptr) != HIPINFER_STATUS_OK) {
          ++wrong;
        }
      }
    });
  }
  for (std::thread& t : all) t.join();
  EXPECT_EQ(wrong, 0);

  std::map<std::string, int> times;
  std::istringstream words(fake.calls());
  for (std::string word; words >> word;) ++times[word];
  for (const auto& [word, n] : times) {
    if (word != "hipModuleLoadData") {
      EXPECT_EQ(n, 1) << word << " was asked for more than once";
    }
  }
  std::map<std::string, int> modules;
  for (int i = 0; i < hipinfer_kernel_count(); ++i) {
    hipinfer_kernel_info info{};
    info.struct_size = sizeof info;
    ASSERT_EQ(hipinfer_kernel_get(i, &info), HIPINFER_STATUS_OK);
    const std::string targets = info.targets;
    if (targets == "*" || targets.find("gfx942") != std::string::npos) ++modules[info.module];
  }
  EXPECT_EQ(times["hipModuleLoadData"], static_cast<int>(modules.size())) << "of preload(NULL), each once";
  hipinfer_context_destroy(context);
}

}  // namespace
