// SPDX-License-Identifier: Apache-2.0
// Contexts, errors, introspection and the device interface, through the ABI as any user sees it.
#include <gtest/gtest.h>
#include <unistd.h>

#include <atomic>
#include <cmath>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <string>
#include <thread>
#include <vector>

#include "gen/paged_attention_decode.api.h"
#include "gen/rmsnorm.api.h"
#include "gen/silu_and_mul.api.h"
#include "hipinfer/hipinfer.h"

namespace {

hipinfer_context_options options(const char* device = nullptr) {
  hipinfer_context_options o{};
  o.struct_size = sizeof o;
  o.device = device;
  return o;
}

struct scoped_context {
  hipinfer_context value = nullptr;
  hipinfer_status status;
  explicit scoped_context(const hipinfer_context_options& o) : status(hipinfer_context_create(&o, &value)) {}
  ~scoped_context() { hipinfer_context_destroy(value); }
};

hipinfer_context_options validate(const char* target) {
  hipinfer_context_options o = options();
  o.target = target;
  o.flags = HIPINFER_CONTEXT_VALIDATE_ONLY;
  return o;
}

struct matrix {
  std::vector<float> data;
  int64_t shape[2];
  hipinfer_tensor tensor;
  matrix(int64_t rows, int64_t columns, float value)
      : data(rows * columns, value),
        shape{rows, columns},
        tensor{data.data(), {HIPINFER_DEVICE_CPU, 0}, 2, {HIPINFER_DTYPE_FLOAT, 32, 1}, shape, nullptr, 0} {}
  matrix(const matrix&) = delete;
  hipinfer_tensor row() const {
    hipinfer_tensor t = tensor;
    t.ndim = 1;
    t.shape = shape + 1;
    return t;
  }
};

hipinfer_status norm(hipinfer_context c, matrix& y, const matrix& x, const matrix& w) {
  const hipinfer_tensor weight = w.row();
  return hipinfer_rmsnorm(c, &y.tensor, &x.tensor, &weight, 1e-6f, nullptr);
}

TEST(abi, version_and_status_text) {
  EXPECT_EQ(hipinfer_version(),
            HIPINFER_VERSION_MAJOR * 10000u + HIPINFER_VERSION_MINOR * 100u + HIPINFER_VERSION_PATCH);
  EXPECT_STREQ(hipinfer_status_string(HIPINFER_STATUS_OK), "success");
  EXPECT_STREQ(hipinfer_status_string(12345), "unknown status");
  // Numbers are promises.
  EXPECT_EQ(HIPINFER_STATUS_INVALID_SHAPE, 12);
  EXPECT_EQ(HIPINFER_STATUS_WORKSPACE_TOO_SMALL, 20);
  EXPECT_EQ(HIPINFER_STATUS_UNSUPPORTED, 30);
  EXPECT_EQ(HIPINFER_STATUS_DRIVER_ERROR, 40);
  EXPECT_EQ(HIPINFER_STATUS_INTERNAL, 90);
}

TEST(context, defaults_find_a_device) {
  hipinfer_context c = nullptr;
  ASSERT_EQ(hipinfer_context_create(nullptr, &c), HIPINFER_STATUS_OK) << hipinfer_last_error();
  hipinfer_device_info info{};
  info.struct_size = sizeof info;
  ASSERT_EQ(hipinfer_context_device_info(c, &info), HIPINFER_STATUS_OK);
  EXPECT_GT(info.compute_units, 0);
  EXPECT_GT(info.memory_bytes, 0u);
  EXPECT_STRNE(info.name, "");
  hipinfer_context_destroy(c);
}

TEST(context, refuses_bad_options) {
  EXPECT_EQ(hipinfer_context_create(nullptr, nullptr), HIPINFER_STATUS_NULL_POINTER);
  const auto expect = [](hipinfer_context_options o, hipinfer_status status, const char* text) {
    hipinfer_context c = reinterpret_cast<hipinfer_context>(8);
    EXPECT_EQ(hipinfer_context_create(&o, &c), status) << hipinfer_last_error();
    EXPECT_EQ(c, reinterpret_cast<hipinfer_context>(8)) << "an output was written on failure";
    EXPECT_NE(std::string(hipinfer_last_error()).find(text), std::string::npos) << hipinfer_last_error();
  };
  expect(options("tpu"), HIPINFER_STATUS_INVALID_ARGUMENT, "tpu");
  expect(options("cpu:x"), HIPINFER_STATUS_INVALID_ARGUMENT, "number after the colon");
  expect(options("cpu:7"), HIPINFER_STATUS_NO_DEVICE, "");
  expect(options("hip:99"), HIPINFER_STATUS_NO_DEVICE, "");
  expect(options("cuda:99"), HIPINFER_STATUS_NO_DEVICE, "");
  auto o = options();
  o.flags = 1u << 30;
  expect(o, HIPINFER_STATUS_INVALID_ARGUMENT, "flags");
  o = options();
  o.struct_size = 3;
  expect(o, HIPINFER_STATUS_INVALID_ARGUMENT, "struct_size");
  o = options("cpu");
  o.disable = "rmsnorm/no_such_kernel";
  expect(o, HIPINFER_STATUS_INVALID_ARGUMENT, "no_such_kernel");
  o = options();
  o.target = "gfx942";
  expect(o, HIPINFER_STATUS_INVALID_ARGUMENT, "VALIDATE_ONLY");
  expect(validate(nullptr), HIPINFER_STATUS_INVALID_ARGUMENT, "target");
  expect(validate("pdp11"), HIPINFER_STATUS_INVALID_ARGUMENT, "pdp11");
  expect(validate("gfx906"), HIPINFER_STATUS_NO_CODE_OBJECT, "holds code for");
}

TEST(context, option_structs_of_other_versions) {
  // A newer caller: fields that this library does not know, at zero, are the defaults; set, they are refused.
  struct {
    hipinfer_context_options known;
    uint64_t later;
  } newer{};
  newer.known = options("cpu");
  newer.known.struct_size = sizeof newer;
  hipinfer_context c = nullptr;
  EXPECT_EQ(hipinfer_context_create(&newer.known, &c), HIPINFER_STATUS_OK);
  hipinfer_context_destroy(c);
  newer.later = 1;
  EXPECT_EQ(hipinfer_context_create(&newer.known, &c), HIPINFER_STATUS_INVALID_ARGUMENT);
  // An older caller: a shorter struct.
  hipinfer_context_options older = options("cpu");
  older.struct_size = offsetof(hipinfer_context_options, target);
  older.disable = "this lies past its end";
  EXPECT_EQ(hipinfer_context_create(&older, &c), HIPINFER_STATUS_OK);
  hipinfer_context_destroy(c);
}

TEST(context, destroyed_and_null_handles) {
  hipinfer_context_destroy(nullptr);
  matrix x(1, 4, 1), y(1, 4, 0);
  EXPECT_EQ(norm(nullptr, y, x, x), HIPINFER_STATUS_INVALID_HANDLE);
  uint64_t not_a_context[64] = {};
  EXPECT_EQ(norm(reinterpret_cast<hipinfer_context>(not_a_context), y, x, x), HIPINFER_STATUS_INVALID_HANDLE);
}

TEST(context, validate_only_answers_without_a_device) {
  if (hipinfer_target_count() == 0) {
    scoped_context c(validate("gfx942"));
    EXPECT_EQ(c.status, HIPINFER_STATUS_NO_CODE_OBJECT);
    return;
  }
  for (int32_t i = 0; i < hipinfer_target_count(); ++i) {
    scoped_context c(validate(hipinfer_target_name(i)));
    ASSERT_EQ(c.status, HIPINFER_STATUS_OK) << hipinfer_last_error();
    // No data anywhere: only shapes and dtypes are looked at.
    matrix x(5, 64, 1), y(5, 64, -7);
    x.tensor.data = nullptr;
    y.tensor.data = nullptr;
    EXPECT_EQ(norm(c.value, y, x, x), HIPINFER_STATUS_OK) << hipinfer_last_error();
    EXPECT_EQ(std::string(hipinfer_last_kernel()).rfind("rmsnorm/", 0), 0u) << hipinfer_last_kernel();
    EXPECT_STRNE(hipinfer_last_kernel(), "rmsnorm/cpu");
    EXPECT_EQ(y.data[0], -7);
    matrix wrong(5, 63, 1);
    EXPECT_EQ(norm(c.value, y, x, wrong), HIPINFER_STATUS_INVALID_SHAPE);
    void* p = nullptr;
    EXPECT_EQ(hipinfer_malloc(c.value, 16, &p), HIPINFER_STATUS_UNSUPPORTED);
    EXPECT_EQ(hipinfer_context_preload(c.value, nullptr), HIPINFER_STATUS_OK);
  }
}

// Kernels are taken out one after the other: the next one serves, at last none.
TEST(context, disable_counts_without_a_device) {
  for (int32_t i = 0; i < hipinfer_target_count(); ++i) {
    auto o = validate(hipinfer_target_name(i));
    matrix x(5, 64, 1), y(5, 64, -7);
    std::string taken;
    for (int served = 0;; ++served) {
      ASSERT_LT(served, 9);
      o.disable = taken.c_str();
      scoped_context c(o);
      ASSERT_EQ(c.status, HIPINFER_STATUS_OK) << hipinfer_last_error();
      const hipinfer_status s = norm(c.value, y, x, x);
      if (s == HIPINFER_STATUS_UNSUPPORTED) {
        EXPECT_GE(served, 3) << "short rows, long rows and rows of any length can serve";
        EXPECT_NE(std::string(hipinfer_last_error()).find("no kernel"), std::string::npos) << hipinfer_last_error();
        break;
      }
      ASSERT_EQ(s, HIPINFER_STATUS_OK) << hipinfer_last_error();
      const std::string kernel = hipinfer_last_kernel();
      ASSERT_EQ(taken.find(kernel), std::string::npos) << kernel << " is disabled, and served";
      taken += (taken.empty() ? "" : ",") + kernel;
    }
    o.disable = "rmsnorm";
    scoped_context all(o);
    EXPECT_EQ(norm(all.value, y, x, x), HIPINFER_STATUS_UNSUPPORTED);
  }
}

// A later launch of an operation may be taken out, too: a call that needs it is refused, and no other.
TEST(context, disable_counts_for_later_stages) {
  for (int32_t i = 0; i < hipinfer_target_count(); ++i) {
    const std::vector<std::string> lists = {"", "paged_attention_decode/merge"};
    for (const std::string& disable : lists) {
      auto o = validate(hipinfer_target_name(i));
      o.disable = disable.c_str();
      scoped_context c(o);
      ASSERT_EQ(c.status, HIPINFER_STATUS_OK) << hipinfer_last_error();
      for (const int64_t pages : {1, 100}) {
        const int64_t query_shape[] = {2, 4, 64}, cache_shape[] = {pages, 16, 2, 64}, indptr_shape[] = {3},
                      table_shape[] = {pages}, last_shape[] = {2};
        const auto on = [](int rank, const int64_t* shape, hipinfer_dtype type) {
          return hipinfer_tensor{nullptr, {HIPINFER_DEVICE_HIP, 0}, rank, type, shape, nullptr, 0};
        };
        const hipinfer_dtype half{HIPINFER_DTYPE_FLOAT, 16, 1}, integer{HIPINFER_DTYPE_INT, 32, 1};
        const hipinfer_tensor q = on(3, query_shape, half), y = q, k = on(4, cache_shape, half), v = k,
                              indptr = on(1, indptr_shape, integer), table = on(1, table_shape, integer),
                              last = on(1, last_shape, integer);
        size_t bytes = 0;
        ASSERT_EQ(hipinfer_paged_attention_decode_workspace_bytes(c.value, &y, nullptr, &q, &k, &v, &indptr, &table,
                                                                  &last, nullptr, &bytes),
                  HIPINFER_STATUS_OK)
            << hipinfer_last_error();
        EXPECT_EQ(bytes > 0, pages == 100) << "1600 keys may be cut into chunks, 16 may not";
        std::vector<char> space(bytes + 16);
        void* aligned = space.data() + (16 - reinterpret_cast<uintptr_t>(space.data()) % 16) % 16;
        const hipinfer_status s =
            hipinfer_paged_attention_decode(c.value, &y, nullptr, &q, &k, &v, &indptr, &table, &last, nullptr,
                                            bytes == 0 ? nullptr : aligned, bytes, nullptr);
        EXPECT_EQ(s, !disable.empty() && pages == 100 ? HIPINFER_STATUS_UNSUPPORTED : HIPINFER_STATUS_OK)
            << hipinfer_target_name(i) << ", " << disable << ", " << pages << " pages: " << hipinfer_last_error();
      }
    }
  }
}

// Byte offsets are 64 bits wide, to either side.
TEST(context, strides_near_the_limits) {
  const std::string target = hipinfer_target_count() > 0 ? hipinfer_target_name(0) : "";
  if (target.empty()) GTEST_SKIP() << "validate-only contexts are of built-in targets";
  scoped_context c(validate(target.c_str()));
  ASSERT_EQ(c.status, HIPINFER_STATUS_OK) << hipinfer_last_error();
  matrix y(2, 64, 0), w(1, 64, 1);
  const auto call = [&](int64_t rows, int64_t row_stride, bool written = false) {
    matrix x(2, 64, 1);
    const int64_t shape[] = {rows, 64}, strides[] = {row_stride, 1};
    matrix z(rows, 64, 0);
    x.tensor.data = nullptr;  // no memory is around it
    x.tensor.shape = shape;
    x.tensor.strides = strides;
    return written ? norm(c.value, x, z, w) : norm(c.value, z, x, w);
  };
  constexpr int64_t most = int64_t{1} << 58;  // elements of 4 bytes from the first one
  EXPECT_EQ(call(2, most - 63), HIPINFER_STATUS_OK) << hipinfer_last_error();
  EXPECT_EQ(call(2, most - 62), HIPINFER_STATUS_OVERFLOW) << "the last element of the last row";
  EXPECT_EQ(call(3, (most - 63) / 2), HIPINFER_STATUS_OK) << hipinfer_last_error();
  EXPECT_EQ(call(3, (most - 63) / 2 + 1), HIPINFER_STATUS_OVERFLOW);
  EXPECT_EQ(call(2, -64), HIPINFER_STATUS_OK) << hipinfer_last_error();
  EXPECT_EQ(call(2, -64, true), HIPINFER_STATUS_OK) << "an output may run backwards: " << hipinfer_last_error();
  EXPECT_EQ(call(2, -most), HIPINFER_STATUS_OK) << hipinfer_last_error();
  EXPECT_EQ(call(2, -most - 1), HIPINFER_STATUS_OVERFLOW);
  EXPECT_EQ(call(3, -most - 1), HIPINFER_STATUS_OVERFLOW);
  for (const int64_t stride : {INT64_MAX, INT64_MIN, INT64_MIN + 1}) {
    EXPECT_EQ(call(2, stride), HIPINFER_STATUS_OVERFLOW) << stride;
    EXPECT_EQ(call(5, stride), HIPINFER_STATUS_OVERFLOW) << stride;
    EXPECT_EQ(call(2, stride, true), HIPINFER_STATUS_OVERFLOW) << stride;
    EXPECT_EQ(call(1, stride), HIPINFER_STATUS_OK) << "the stride of one row is never used: " << hipinfer_last_error();
  }
}

TEST(context, a_disabled_op_is_unsupported) {
  auto o = options("cpu");
  o.disable = "rmsnorm";
  scoped_context c(o);
  ASSERT_EQ(c.status, HIPINFER_STATUS_OK);
  matrix x(2, 8, 1), y(2, 8, -7);
  EXPECT_EQ(norm(c.value, y, x, x), HIPINFER_STATUS_UNSUPPORTED);
  EXPECT_EQ(y.data[0], -7);
  EXPECT_NE(std::string(hipinfer_last_error()).find("none is enabled"), std::string::npos) << hipinfer_last_error();
}

TEST(context, messages_say_expected_and_came) {
  scoped_context c(options("cpu"));
  matrix x(2, 4096, 1), y(2, 4096, 0), w(1, 4095, 1);
  EXPECT_EQ(norm(c.value, y, x, w), HIPINFER_STATUS_INVALID_SHAPE);
  EXPECT_STREQ(hipinfer_last_error(), "rmsnorm: weight: shape [4095], expected [N] with N = 4096 (from input)");
}

TEST(context, aliasing) {
  scoped_context c(options("cpu"));
  matrix x(2, 16, 3), w(1, 16, 1);
  EXPECT_EQ(norm(c.value, x, x, w), HIPINFER_STATUS_OK) << "in place is allowed";
  EXPECT_NEAR(x.data[0], 1, 1e-5);
  matrix one(1, 16, 1), other(1, 16, 1);
  const hipinfer_tensor weight = other.row();
  EXPECT_EQ(hipinfer_rmsnorm(c.value, &other.tensor, &one.tensor, &weight, 1e-6f, nullptr), HIPINFER_STATUS_ALIASING);
}

// In place is with the same strides, where they count.
TEST(context, aliasing_with_other_strides) {
  scoped_context c(options("cpu"));
  matrix w(1, 16, 1);
  std::vector<float> memory(64, 3.0f);
  const auto call = [&](int64_t rows, int64_t in_stride, int64_t out_stride) {
    const int64_t shape[] = {rows, 16}, in_strides[] = {in_stride, 1}, out_strides[] = {out_stride, 1};
    const hipinfer_tensor in{memory.data(), {HIPINFER_DEVICE_CPU, 0}, 2, w.tensor.dtype, shape, in_strides, 0};
    hipinfer_tensor out = in;
    out.strides = out_strides;
    const hipinfer_tensor weight = w.row();
    return hipinfer_rmsnorm(c.value, &out, &in, &weight, 1e-6f, nullptr);
  };
  for (const auto& [in, out] : {std::pair<int64_t, int64_t>{16, 32}, {32, 16}, {16, 17}}) {
    EXPECT_EQ(call(2, in, out), HIPINFER_STATUS_ALIASING) << in << ", " << out;
    EXPECT_NE(std::string(hipinfer_last_error()).find("other strides"), std::string::npos) << hipinfer_last_error();
  }
  for (const float x : memory) ASSERT_EQ(x, 3.0f) << "a refused call wrote";
  EXPECT_EQ(call(1, 16, 99), HIPINFER_STATUS_OK) << hipinfer_last_error();
  EXPECT_EQ(call(2, 32, 32), HIPINFER_STATUS_OK) << hipinfer_last_error();
}

TEST(context, preload_and_introspection) {
  scoped_context c(options());
  ASSERT_EQ(c.status, HIPINFER_STATUS_OK) << hipinfer_last_error();
  EXPECT_EQ(hipinfer_context_preload(c.value, nullptr), HIPINFER_STATUS_OK) << hipinfer_last_error();
  EXPECT_EQ(hipinfer_context_preload(c.value, "rmsnorm"), HIPINFER_STATUS_OK);
  EXPECT_EQ(hipinfer_context_preload(c.value, "no_such_op"), HIPINFER_STATUS_INVALID_ARGUMENT);
  EXPECT_GT(hipinfer_op_count(), 0);
  EXPECT_EQ(hipinfer_op_name(-1), nullptr);
  EXPECT_EQ(hipinfer_op_name(hipinfer_op_count()), nullptr);
  hipinfer_kernel_info info{};
  EXPECT_EQ(hipinfer_kernel_get(0, &info), HIPINFER_STATUS_INVALID_ARGUMENT) << "struct_size 0";
  info.struct_size = sizeof info;
  EXPECT_EQ(hipinfer_kernel_get(hipinfer_kernel_count(), &info), HIPINFER_STATUS_INVALID_ARGUMENT);
  EXPECT_EQ(hipinfer_kernel_get(INT32_MIN, &info), HIPINFER_STATUS_INVALID_ARGUMENT);
  EXPECT_EQ(hipinfer_kernel_get(0, &info), HIPINFER_STATUS_OK);
  const void* data = nullptr;
  size_t size = 0;
  EXPECT_EQ(hipinfer_code_object("gfx000", "rmsnorm", &data, &size), HIPINFER_STATUS_NO_CODE_OBJECT);
  for (int32_t i = 0; i < hipinfer_target_count(); ++i) {
    ASSERT_EQ(hipinfer_code_object(hipinfer_target_name(i), "rmsnorm", &data, &size), HIPINFER_STATUS_OK);
    ASSERT_GT(size, 64u);
    EXPECT_EQ(std::memcmp(data, "\177ELF", 4), 0);
    // ELFABIVERSION_AMDGPU_HSA_V5: any runtime since ROCm 5 takes it. Only generic targets are V6, which
    // needs 6.3.
    const std::string target = hipinfer_target_name(i);
    if (target.rfind("gfx", 0) != 0) continue;
    EXPECT_EQ(static_cast<const unsigned char*>(data)[8], target.find("-generic") == std::string::npos ? 3 : 4)
        << target;
  }
}

TEST(context, memory_streams_and_events) {
  scoped_context c(options());
  ASSERT_EQ(c.status, HIPINFER_STATUS_OK);
  void* p = reinterpret_cast<void*>(8);
  EXPECT_EQ(hipinfer_malloc(c.value, 0, &p), HIPINFER_STATUS_OK);
  EXPECT_EQ(p, nullptr);
  EXPECT_EQ(hipinfer_malloc(c.value, size_t{1} << 60, &p), HIPINFER_STATUS_OUT_OF_MEMORY);
  ASSERT_EQ(hipinfer_malloc(c.value, 1000, &p), HIPINFER_STATUS_OK);
  EXPECT_EQ(reinterpret_cast<uintptr_t>(p) % 256, 0u);
  hipinfer_stream s = nullptr;
  hipinfer_event start = nullptr, end = nullptr;
  ASSERT_EQ(hipinfer_stream_create(c.value, &s), HIPINFER_STATUS_OK);
  ASSERT_EQ(hipinfer_event_create(c.value, &start), HIPINFER_STATUS_OK);
  ASSERT_EQ(hipinfer_event_create(c.value, &end), HIPINFER_STATUS_OK);
  std::vector<unsigned char> in(1000), out(1000, 1);
  for (size_t i = 0; i < in.size(); ++i) in[i] = static_cast<unsigned char>(i * 7);
  EXPECT_EQ(hipinfer_event_record(c.value, start, s), HIPINFER_STATUS_OK);
  EXPECT_EQ(hipinfer_memcpy_async(c.value, p, in.data(), 1000, s), HIPINFER_STATUS_OK);
  EXPECT_EQ(hipinfer_memset_async(c.value, static_cast<char*>(p) + 10, 0xab, 20, s), HIPINFER_STATUS_OK);
  EXPECT_EQ(hipinfer_memcpy_async(c.value, out.data(), p, 1000, s), HIPINFER_STATUS_OK);
  EXPECT_EQ(hipinfer_event_record(c.value, end, s), HIPINFER_STATUS_OK);
  EXPECT_EQ(hipinfer_stream_synchronize(c.value, s), HIPINFER_STATUS_OK);
  EXPECT_EQ(hipinfer_event_synchronize(c.value, end), HIPINFER_STATUS_OK);
  float ms = -1;
  EXPECT_EQ(hipinfer_event_elapsed_ms(c.value, start, end, &ms), HIPINFER_STATUS_OK);
  EXPECT_GE(ms, 0);
  for (size_t i = 0; i < in.size(); ++i) ASSERT_EQ(out[i], i >= 10 && i < 30 ? 0xab : in[i]);
  EXPECT_EQ(hipinfer_event_destroy(c.value, start), HIPINFER_STATUS_OK);
  EXPECT_EQ(hipinfer_event_destroy(c.value, end), HIPINFER_STATUS_OK);
  EXPECT_EQ(hipinfer_stream_destroy(c.value, s), HIPINFER_STATUS_OK);
  EXPECT_EQ(hipinfer_free(c.value, p), HIPINFER_STATUS_OK);
  EXPECT_EQ(hipinfer_free(c.value, nullptr), HIPINFER_STATUS_OK);
}

TEST(context, pinned_memory_and_waiting_streams) {
  scoped_context c(options());
  ASSERT_EQ(c.status, HIPINFER_STATUS_OK);
  void *device = nullptr, *from = reinterpret_cast<void*>(8), *to = nullptr;
  EXPECT_EQ(hipinfer_malloc_host(c.value, 0, &from), HIPINFER_STATUS_OK);
  EXPECT_EQ(from, nullptr);
  ASSERT_EQ(hipinfer_malloc_host(c.value, 1000, &from), HIPINFER_STATUS_OK);
  ASSERT_EQ(hipinfer_malloc_host(c.value, 1000, &to), HIPINFER_STATUS_OK);
  ASSERT_EQ(hipinfer_malloc(c.value, 1000, &device), HIPINFER_STATUS_OK);
  hipinfer_stream first = nullptr, second = nullptr;
  hipinfer_event uploaded = nullptr;
  ASSERT_EQ(hipinfer_stream_create(c.value, &first), HIPINFER_STATUS_OK);
  ASSERT_EQ(hipinfer_stream_create(c.value, &second), HIPINFER_STATUS_OK);
  ASSERT_EQ(hipinfer_event_create(c.value, &uploaded), HIPINFER_STATUS_OK);
  std::memset(from, 0x5a, 1000);
  std::memset(to, 0, 1000);
  EXPECT_EQ(hipinfer_memcpy_async(c.value, device, from, 1000, first), HIPINFER_STATUS_OK);
  EXPECT_EQ(hipinfer_event_record(c.value, uploaded, first), HIPINFER_STATUS_OK);
  EXPECT_EQ(hipinfer_stream_wait_event(c.value, second, uploaded), HIPINFER_STATUS_OK);
  EXPECT_EQ(hipinfer_memcpy_async(c.value, to, device, 1000, second), HIPINFER_STATUS_OK);
  EXPECT_EQ(hipinfer_stream_synchronize(c.value, second), HIPINFER_STATUS_OK);
  EXPECT_EQ(std::memcmp(from, to, 1000), 0);
  EXPECT_EQ(hipinfer_event_destroy(c.value, uploaded), HIPINFER_STATUS_OK);
  EXPECT_EQ(hipinfer_stream_destroy(c.value, first), HIPINFER_STATUS_OK);
  EXPECT_EQ(hipinfer_stream_destroy(c.value, second), HIPINFER_STATUS_OK);
  EXPECT_EQ(hipinfer_free(c.value, device), HIPINFER_STATUS_OK);
  EXPECT_EQ(hipinfer_free_host(c.value, from), HIPINFER_STATUS_OK);
  EXPECT_EQ(hipinfer_free_host(c.value, to), HIPINFER_STATUS_OK);
  EXPECT_EQ(hipinfer_free_host(c.value, nullptr), HIPINFER_STATUS_OK);
  EXPECT_EQ(hipinfer_malloc_host(c.value, 8, nullptr), HIPINFER_STATUS_NULL_POINTER);
  EXPECT_EQ(hipinfer_stream_wait_event(c.value, nullptr, nullptr), HIPINFER_STATUS_NULL_POINTER);
}

// A graph reads memory when it is launched, not when it was captured.
TEST(context, graphs) {
  scoped_context c(options());
  ASSERT_EQ(c.status, HIPINFER_STATUS_OK);
  hipinfer_stream s = nullptr;
  hipinfer_graph graph = nullptr;
  ASSERT_EQ(hipinfer_stream_create(c.value, &s), HIPINFER_STATUS_OK);
  EXPECT_EQ(hipinfer_stream_end_capture(c.value, s, nullptr), HIPINFER_STATUS_NULL_POINTER);
  EXPECT_EQ(hipinfer_graph_launch(c.value, nullptr, s), HIPINFER_STATUS_NULL_POINTER);
  EXPECT_EQ(hipinfer_graph_destroy(c.value, nullptr), HIPINFER_STATUS_OK);
  const hipinfer_status status = hipinfer_stream_begin_capture(c.value, s);
  if (status == HIPINFER_STATUS_UNSUPPORTED) {
    EXPECT_STREQ(hipinfer_last_error(), "the CPU has no graphs: an operation has run when its call returns");
    EXPECT_EQ(s, nullptr) << "a GPU has graphs";
    return;
  }
  ASSERT_EQ(status, HIPINFER_STATUS_OK) << hipinfer_last_error();
  void *from = nullptr, *to = nullptr;
  EXPECT_EQ(hipinfer_stream_end_capture(c.value, s, &graph), HIPINFER_STATUS_OK);
  EXPECT_EQ(hipinfer_graph_launch(c.value, graph, s), HIPINFER_STATUS_OK) << "of nothing";
  EXPECT_EQ(hipinfer_stream_synchronize(c.value, s), HIPINFER_STATUS_OK);
  EXPECT_EQ(hipinfer_graph_destroy(c.value, graph), HIPINFER_STATUS_OK);
  ASSERT_EQ(hipinfer_malloc(c.value, 64, &from), HIPINFER_STATUS_OK);
  ASSERT_EQ(hipinfer_malloc(c.value, 64, &to), HIPINFER_STATUS_OK);
  EXPECT_EQ(hipinfer_memset_async(c.value, to, 0, 64, s), HIPINFER_STATUS_OK);
  ASSERT_EQ(hipinfer_stream_begin_capture(c.value, s), HIPINFER_STATUS_OK);
  EXPECT_EQ(hipinfer_memcpy_async(c.value, to, from, 64, s), HIPINFER_STATUS_OK);
  ASSERT_EQ(hipinfer_stream_end_capture(c.value, s, &graph), HIPINFER_STATUS_OK);
  std::vector<unsigned char> got(64);
  for (const unsigned char value : {0, 1, 2}) {  // 0: before the first launch nothing has been copied
    EXPECT_EQ(hipinfer_memset_async(c.value, from, value == 0 ? 9 : value, 64, s), HIPINFER_STATUS_OK);
    if (value != 0) {
      EXPECT_EQ(hipinfer_graph_launch(c.value, graph, s), HIPINFER_STATUS_OK);
    }
    EXPECT_EQ(hipinfer_memcpy_async(c.value, got.data(), to, 64, s), HIPINFER_STATUS_OK);
    EXPECT_EQ(hipinfer_stream_synchronize(c.value, s), HIPINFER_STATUS_OK);
    EXPECT_EQ(got, std::vector<unsigned char>(64, value));
  }
  EXPECT_EQ(hipinfer_graph_destroy(c.value, graph), HIPINFER_STATUS_OK);
  EXPECT_EQ(hipinfer_free(c.value, from), HIPINFER_STATUS_OK);
  EXPECT_EQ(hipinfer_free(c.value, to), HIPINFER_STATUS_OK);
  EXPECT_EQ(hipinfer_stream_destroy(c.value, s), HIPINFER_STATUS_OK);
}

TEST(context, many_threads_one_context) {
  scoped_context c(options("cpu"));
  std::atomic<int> wrong = 0;
  std::vector<std::thread> threads;
  for (int t = 0; t < 8; ++t) {
    threads.emplace_back([&, t] {
      for (int i = 0; i < 50; ++i) {
        matrix x(64, 256, static_cast<float>(t + 1)), y(64, 256, 0), w(1, 256, static_cast<float>(t)), bad(1, 3, 1);
        wrong += norm(c.value, y, x, w) != HIPINFER_STATUS_OK;
        wrong += std::fabs(y.data[100] - static_cast<float>(t)) > 1e-4f;
        // Errors are the thread's own.
        wrong += norm(c.value, y, x, bad) != HIPINFER_STATUS_INVALID_SHAPE;
        wrong += std::string(hipinfer_last_error()).find("[3]") == std::string::npos;
      }
    });
  }
  for (auto& t : threads) t.join();
  EXPECT_EQ(wrong, 0);
}

// HIPINFER_LOG is read when the library is loaded, so that a child asks for it and its stderr is read.
TEST(context, empty_rows_without_end_cost_nothing) {
  hipinfer_context_options options{};
  options.struct_size = sizeof options;
  options.device = "cpu";
  hipinfer_context c = nullptr;
  ASSERT_EQ(hipinfer_context_create(&options, &c), HIPINFER_STATUS_OK) << hipinfer_last_error();
  const int64_t shape[] = {int64_t{1} << 60, 0};
  const hipinfer_tensor empty{nullptr, {HIPINFER_DEVICE_CPU, 0}, 2, {2, 32, 1}, shape, nullptr, 0};
  EXPECT_EQ(hipinfer_silu_and_mul(c, &empty, &empty, nullptr), HIPINFER_STATUS_OK) << hipinfer_last_error();
  hipinfer_context_destroy(c);
}

TEST(log, prints_calls_and_kernels) {
  if (std::getenv("HIPINFER_TEST_LOGGING") != nullptr) {
    scoped_context c(options("cpu"));
    matrix x(2, 8, 1), y(2, 8, 0);
    matrix short_one(1, 3, 1);
    ASSERT_EQ(norm(c.value, y, x, short_one), HIPINFER_STATUS_INVALID_SHAPE);  // refused calls are not logged
    matrix w(1, 8, 1);
    ASSERT_EQ(norm(c.value, y, x, w), HIPINFER_STATUS_OK);
    return;
  }
  const auto child = [](const std::string& level) {
    // A shard of its own: the child has this one test, whatever share of them this process has.
    const std::string command =
        "env -u GTEST_TOTAL_SHARDS -u GTEST_SHARD_INDEX HIPINFER_TEST_LOGGING=1 HIPINFER_LOG=" + level + " /proc/" +
        std::to_string(getpid()) + "/exe --gtest_filter=log.* 2>&1 >/dev/null";
    FILE* pipe = popen(command.c_str(), "r");
    std::string text;
    for (int c; (c = std::fgetc(pipe)) != EOF;) text += static_cast<char>(c);
    EXPECT_EQ(pclose(pipe), 0) << text;
    return text;
  };
  const std::string call = "hipinfer: rmsnorm output=f32[2,8] input=f32[2,8] weight=f32[8]\n";
  EXPECT_EQ(child("ops"), call);
  EXPECT_EQ(child("kernels"), call + "hipinfer: rmsnorm/cpu data=f32 weight=f32\n");
  EXPECT_EQ(child("loud"), "hipinfer: HIPINFER_LOG=loud: expected ops or kernels\n");
}

TEST(manifest, is_complete) {
  const std::string text = hipinfer_manifest();
  for (int32_t i = 0; i < hipinfer_op_count(); ++i) {
    EXPECT_NE(text.find("\"op\": \"" + std::string(hipinfer_op_name(i)) + "\""), std::string::npos);
  }
}

}  // namespace
