// SPDX-License-Identifier: Apache-2.0
// Calls past every limit: numbers that no memory holds, and structs of sizes that no version has.
#include <gtest/gtest.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cstring>
#include <string>
#include <vector>

#include "gen/copy_blocks.api.h"
#include "gen/paged_attention_decode.api.h"
#include "gen/paged_attention_prefill.api.h"
#include "gen/rope_cos_sin_cache.api.h"
#include "gen/rope_quantize_fp8.api.h"
#include "gen/rope_theta.api.h"
#include "hipinfer/hipinfer.h"

namespace {

constexpr hipinfer_dtype f16{HIPINFER_DTYPE_FLOAT, 16, 1}, f32{HIPINFER_DTYPE_FLOAT, 32, 1},
    i32{HIPINFER_DTYPE_INT, 32, 1}, e4m3fn{HIPINFER_DTYPE_E4M3FN, 8, 1};

// A shape without memory, for contexts that only validate.
struct shape {
  std::vector<int64_t> extents;
  hipinfer_tensor tensor;
  shape(hipinfer_dtype dtype, std::vector<int64_t> of)
      : extents(std::move(of)),
        tensor{nullptr, {HIPINFER_DEVICE_CPU, 0}, static_cast<int32_t>(extents.size()), dtype, extents.data(), nullptr,
               0} {}
  shape(const shape&) = delete;
  operator const hipinfer_tensor*() const { return &tensor; }
};

// In a context for each target that the library has code for, and for the CPU.
template <class Body>
void on_every_target(uint32_t flags, Body body) {
  for (int32_t i = -1; i < hipinfer_target_count(); ++i) {
    hipinfer_context_options o{};
    o.struct_size = sizeof o;
    o.target = i < 0 ? "cpu" : hipinfer_target_name(i);
    o.flags = HIPINFER_CONTEXT_VALIDATE_ONLY | flags;
    hipinfer_context c = nullptr;
    ASSERT_EQ(hipinfer_context_create(&o, &c), HIPINFER_STATUS_OK) << hipinfer_last_error();
    SCOPED_TRACE(o.target);
    body(c, i < 0);
    hipinfer_context_destroy(c);
  }
}

void expect_error(hipinfer_status came, hipinfer_status expected, const char* text) {
  EXPECT_EQ(came, expected) << hipinfer_last_error();
  EXPECT_NE(std::string(hipinfer_last_error()).find(text), std::string::npos) << hipinfer_last_error();
}

constexpr int64_t two_to(int n) {
  return int64_t{1} << n;
}

}  // namespace

// The struct ends where memory does: who believes such a size reads on.
TEST(limits, struct_sizes_that_no_version_has) {
  const size_t page = static_cast<size_t>(sysconf(_SC_PAGESIZE));
  auto* memory =
      static_cast<unsigned char*>(mmap(nullptr, 2 * page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
  ASSERT_NE(memory, MAP_FAILED);
  ASSERT_EQ(mprotect(memory + page, page, PROT_NONE), 0);
  hipinfer_context c = nullptr;
  hipinfer_context_options cpu{};
  cpu.struct_size = sizeof cpu;
  cpu.device = "cpu";
  ASSERT_EQ(hipinfer_context_create(&cpu, &c), HIPINFER_STATUS_OK) << hipinfer_last_error();
  shape output(f32, {4, 8});
  std::vector<float> values(32, 7);
  output.tensor.data = values.data();
  for (const size_t size : {size_t{0}, size_t{7}, size_t{12}, size_t{4104}, SIZE_MAX / 2 + 1, SIZE_MAX - 7, SIZE_MAX}) {
    SCOPED_TRACE(size);
    const auto given = [&](size_t bytes) {
      unsigned char* at = memory + page - bytes;
      std::memcpy(at, &size, sizeof size);
      return at;
    };
    hipinfer_context other = nullptr;
    expect_error(hipinfer_context_create(reinterpret_cast<hipinfer_context_options*>(given(sizeof cpu)), &other),
                 HIPINFER_STATUS_INVALID_ARGUMENT, "struct_size is");
    expect_error(
        hipinfer_context_device_info(c, reinterpret_cast<hipinfer_device_info*>(given(sizeof(hipinfer_device_info)))),
        HIPINFER_STATUS_INVALID_ARGUMENT, "struct_size is");
    expect_error(hipinfer_kernel_get(0, reinterpret_cast<hipinfer_kernel_info*>(given(sizeof(hipinfer_kernel_info)))),
                 HIPINFER_STATUS_INVALID_ARGUMENT, "struct_size is");
    using options = hipinfer_rope_cos_sin_cache_options;
    expect_error(
        hipinfer_rope_cos_sin_cache(c, output, 10000, reinterpret_cast<options*>(given(sizeof(options))), nullptr),
        HIPINFER_STATUS_INVALID_ARGUMENT, "rope_cos_sin_cache: options: struct_size is");
  }
  EXPECT_EQ(values, std::vector<float>(32, 7)) << "a refused call wrote";
  hipinfer_context_destroy(c);
  munmap(memory, 2 * page);
}

// How many heads a thread takes is found in a few steps, whatever their number.
TEST(limits, rope_theta_of_very_many_heads) {
  on_every_target(0, [](hipinfer_context c, bool) {
    const int64_t most = two_to(26);
    const shape q(f16, {1, most, most}), positions(i32, {1});
    hipinfer_rope_theta_options o{};
    o.struct_size = sizeof o;
    o.rotary_dim = 512;
    EXPECT_EQ(hipinfer_rope_theta(c, q, nullptr, q, nullptr, positions, nullptr, nullptr, 0, 10000, &o, nullptr),
              HIPINFER_STATUS_OK)
        << hipinfer_last_error();
  });
}

TEST(limits, rope_quantize_fp8_of_very_long_heads) {
  on_every_target(0, [](hipinfer_context c, bool) {
    for (const int64_t beside : {int64_t{1}, two_to(26) - 1}) {
      const int64_t r = two_to(26);
      const shape rope(f16, {1, 1, r}), rope_out(e4m3fn, {1, 1, r}), nope(f16, {1, 1, beside}),
          nope_out(e4m3fn, {1, 1, beside}), cos_sin(f32, {1, r}), positions(i32, {1});
      expect_error(hipinfer_rope_quantize_fp8(c, rope_out, rope_out, nope_out, nope_out, rope, rope, nope, nope,
                                              cos_sin, positions, 1, 1, 0, nullptr),
                   HIPINFER_STATUS_INVALID_SHAPE, "rope_quantize_fp8: q_nope: ");
    }
  });
}

TEST(limits, attention_past_64_bits) {
  on_every_target(HIPINFER_CONTEXT_BATCH_INVARIANT, [](hipinfer_context c, bool cpu) {
    const int64_t heads = two_to(45), table = two_to(22);
    const shape q(f32, {1, heads, 8}), cache(f32, {1, 256, 1, 8}), indptr(i32, {2}), indices(i32, {table}),
        last(i32, {1});
    size_t bytes = 1;
    const hipinfer_status status = hipinfer_paged_attention_decode_workspace_bytes(
        c, q, nullptr, q, cache, cache, indptr, indices, last, nullptr, &bytes);
    // 2^45 heads a key/value head are too many for a kernel.
    expect_error(status, HIPINFER_STATUS_UNSUPPORTED, "paged_attention_decode: query: ");
    const shape wide(f32, {1, 1, heads, 8}), few(i32, {two_to(29)});
    const hipinfer_status grouped = hipinfer_paged_attention_decode_workspace_bytes(c, q, nullptr, q, wide, wide,
                                                                                    indptr, few, last, nullptr, &bytes);
    if (cpu) {
      EXPECT_EQ(grouped, HIPINFER_STATUS_OK) << hipinfer_last_error();
      EXPECT_EQ(bytes, 0u);
    } else {
      expect_error(grouped, HIPINFER_STATUS_OVERFLOW, "paged_attention_decode: query: ");
      EXPECT_EQ(bytes, 1u) << "an output was written on failure";
    }
    const shape requests(i32, {two_to(40) + 1}), pages(i32, {two_to(40)});
    EXPECT_EQ(hipinfer_paged_attention_prefill(c, q, nullptr, q, wide, wide, requests, requests, indices, pages,
                                               nullptr, nullptr),
              HIPINFER_STATUS_OK)
        << hipinfer_last_error();
  });
}

TEST(limits, copies_past_64_bits) {
  on_every_target(0, [](hipinfer_context c, bool) {
    const shape cache(f32, {4, two_to(20), two_to(10), two_to(10)}), pairs(i32, {two_to(30), 2});
    expect_error(hipinfer_copy_blocks(c, cache, nullptr, pairs, nullptr), HIPINFER_STATUS_OVERFLOW,
                 "copy_blocks: block_mapping: ");
  });
}
