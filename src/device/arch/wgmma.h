// SPDX-License-Identifier: Apache-2.0
// wgmma of NVIDIA's sm_90a: a warpgroup of four waves multiplies 64 rows of a by 16 to 256 columns of b, both in LDS, while its
// threads go on. The layout is also compiled for the host, by tests/mma_layouts.cpp. Source: PTX ISA, "Asynchronous Warpgroup Level
// Matrix Instructions", 128-byte swizzle, which is that of tile/lds.h.
#pragma once

#include "device/tile/index.h"
#if defined(__CUDA_ARCH_FEAT_SM90_ALL)
#include "device/fp8.h"
#endif

namespace hipinfer::tile {

// Element e of the sums that a thread of the warpgroup holds.
struct wgmma_layout {
  static constexpr int threads = 128, rows = 64, step_bytes = 32;
  HIPINFER_INDEX int row(int thread, int e) { return thread / 32 * 16 + thread % 32 / 4 + e / 2 % 2 * 8; }
  HIPINFER_INDEX int column(int thread, int e) { return e / 4 * 8 + thread % 4 * 2 + e % 2; }
};

#if defined(__CUDA_ARCH_FEAT_SM90_ALL)

namespace detail {

// Operands in LDS are named by a descriptor: the address, and the 1024 bytes from 8 rows of 128 bytes to the next 8. What begins at
// 1024 bytes is swizzled as lds_tile is; a step of k further is 32 bytes further.
HIPINFER_DEVICE uint64_t wgmma_operand(const void* lds) {
  const uint64_t address = __cvta_generic_to_shared(lds);
  return (address & 0x3ffff) >> 4 | uint64_t{1} << 16 | uint64_t{1024 >> 4} << 32 | uint64_t{1} << 62;
}
constexpr uint64_t wgmma_step = wgmma_layout::step_bytes >> 4;

// Before the first instruction, and where registers of sums were touched since the last.
HIPINFER_DEVICE void wgmma_begin() {
  asm volatile("wgmma.fence.sync.aligned;" ::: "memory");
}
HIPINFER_DEVICE void wgmma_close() {
  asm volatile("wgmma.commit_group.sync.aligned;" ::: "memory");
}
// Until all groups but the last so many are done.
template <int Groups>
HIPINFER_DEVICE void await_wgmma() {
  asm volatile("wgmma.wait_group.sync.aligned %0;" ::"n"(Groups) : "memory");
}

#define HIPINFER_4(like, sum, i) like(sum[i]), like(sum[i + 1]), like(sum[i + 2]), like(sum[i + 3])
#define HIPINFER_16(like, sum, i) \
  HIPINFER_4(like, sum, i), HIPINFER_4(like, sum, i + 4), HIPINFER_4(like, sum, i + 8), HIPINFER_4(like, sum, i + 12)
#define HIPINFER_64(like, sum, i)                                                            \
  HIPINFER_16(like, sum, i), HIPINFER_16(like, sum, i + 16), HIPINFER_16(like, sum, i + 32), \
      HIPINFER_16(like, sum, i + 48)
#define HIPINFER_SUMS_16(like) HIPINFER_4(like, sum, 0), HIPINFER_4(like, sum, 4)
#define HIPINFER_SUMS_32(like) HIPINFER_16(like, sum, 0)
#define HIPINFER_SUMS_64(like) HIPINFER_16(like, sum, 0), HIPINFER_16(like, sum, 16)
#define HIPINFER_SUMS_128(like) HIPINFER_64(like, sum, 0)
#define HIPINFER_SUMS_256(like) HIPINFER_64(like, sum, 0), HIPINFER_64(like, sum, 64)
#define HIPINFER_NAMES_16 "{%0, %1, %2, %3, %4, %5, %6, %7}"
#define HIPINFER_NAMES_32 "{%0, %1, %2, %3, %4, %5, %6, %7, %8, %9, %10, %11, %12, %13, %14, %15}"
#define HIPINFER_NAMES_64                                                   \
  "{%0, %1, %2, %3, %4, %5, %6, %7, %8, %9, %10, %11, %12, %13, %14, %15, " \
  "%16, %17, %18, %19, %20, %21, %22, %23, %24, %25, %26, %27, %28, %29, %30, %31}"
#define HIPINFER_NAMES_128                                                           \
  "{%0, %1, %2, %3, %4, %5, %6, %7, %8, %9, %10, %11, %12, %13, %14, %15, "          \
  "%16, %17, %18, %19, %20, %21, %22, %23, %24, %25, %26, %27, %28, %29, %30, %31, " \
  "%32, %33, %34, %35, %36, %37, %38, %39, %40, %41, %42, %43, %44, %45, %46, %47, " \
  "%48, %49, %50, %51, %52, %53, %54, %55, %56, %57, %58, %59, %60, %61, %62, %63}"
#define HIPINFER_NAMES_256                                                                       \
  "{%0, %1, %2, %3, %4, %5, %6, %7, %8, %9, %10, %11, %12, %13, %14, %15, "                      \
  "%16, %17, %18, %19, %20, %21, %22, %23, %24, %25, %26, %27, %28, %29, %30, %31, "             \
  "%32, %33, %34, %35, %36, %37, %38, %39, %40, %41, %42, %43, %44, %45, %46, %47, "             \
  "%48, %49, %50, %51, %52, %53, %54, %55, %56, %57, %58, %59, %60, %61, %62, %63, "             \
  "%64, %65, %66, %67, %68, %69, %70, %71, %72, %73, %74, %75, %76, %77, %78, %79, "             \
  "%80, %81, %82, %83, %84, %85, %86, %87, %88, %89, %90, %91, %92, %93, %94, %95, "             \
  "%96, %97, %98, %99, %100, %101, %102, %103, %104, %105, %106, %107, %108, %109, %110, %111, " \
  "%112, %113, %114, %115, %116, %117, %118, %119, %120, %121, %122, %123, %124, %125, %126, %127}"
#define HIPINFER_IN_LDS_16 "%8, %9"
#define HIPINFER_IN_LDS_32 "%16, %17"
#define HIPINFER_IN_LDS_64 "%32, %33"
#define HIPINFER_IN_LDS_128 "%64, %65"
#define HIPINFER_IN_LDS_256 "%128, %129"
#define HIPINFER_IN_REGISTERS_64 "{%32, %33, %34, %35}, %36"
#define HIPINFER_IN_REGISTERS_128 "{%64, %65, %66, %67}, %68"
#define HIPINFER_IN_REGISTERS_256 "{%128, %129, %130, %131}, %132"
#define HIPINFER_ADD_16 "%10"
#define HIPINFER_ADD_32 "%18"
#define HIPINFER_ADD_64 "%34"
#define HIPINFER_ADD_128 "%66"
#define HIPINFER_ADD_256 "%130"
#define HIPINFER_WGMMA(columns, types, left, add, rest, like, ...)                                               \
  asm volatile("{ .reg .pred add; setp.ne.b32 add, " add ", 0; wgmma.mma_async.sync.aligned.m64n" #columns types \
               " " HIPINFER_NAMES_##columns ", " HIPINFER_##left##_##columns ", add" rest "; }"                  \
               : HIPINFER_SUMS_##columns(like)                                                                   \
               : __VA_ARGS__)

// One instruction: sum[row][column] += a[row][k] * b[column][k] over 32 bytes of k; without `add`, = in place of +=. Sums of i8 are
// integers. Those of fp8 keep 13 bits below the largest of what is added at once.
#define HIPINFER_OF(columns, types, rest, like)                                                     \
  HIPINFER_WGMMA(columns, types, IN_LDS, HIPINFER_ADD_##columns, rest, like, "l"(left), "l"(right), \
                 "r"(static_cast<int>(add)))
#define HIPINFER_ALL_OF(columns)                                     \
  if constexpr (is_same<T, f16>)                                     \
    HIPINFER_OF(columns, "k16.f32.f16.f16", ", 1, 1, 0, 0", "+f");   \
  else if constexpr (is_same<T, bf16>)                               \
    HIPINFER_OF(columns, "k16.f32.bf16.bf16", ", 1, 1, 0, 0", "+f"); \
  else if constexpr (is_same<T, e4m3fn>)                             \
    HIPINFER_OF(columns, "k32.f32.e4m3.e4m3", ", 1, 1", "+f");       \
  else                                                               \
    HIPINFER_OF(columns, "k32.s32.s8.s8", "", "+r")

template <class T, int Columns, class Sum>
HIPINFER_DEVICE void wgmma(Sum (&sum)[Columns / 2], uint64_t left, uint64_t right, bool add) {
  static_assert(is_same<T, f16> || is_same<T, bf16> || is_same<T, e4m3fn> || is_same<T, i8>);
  if constexpr (Columns == 16) {
    HIPINFER_ALL_OF(16);
  } else if constexpr (Columns == 32) {
    HIPINFER_ALL_OF(32);
  } else if constexpr (Columns == 64) {
    HIPINFER_ALL_OF(64);
  } else if constexpr (Columns == 128) {
    HIPINFER_ALL_OF(128);
  } else if constexpr (Columns == 256) {
    HIPINFER_ALL_OF(256);
  } else {
    static_assert(Columns < 0, "no such instruction");
  }
}

// b of 16-bit elements that is stored k by k: 64 columns a row, swizzled, and the next 64 `slice_bytes` further. A step of 16 k is 2048
// bytes further.
HIPINFER_DEVICE uint64_t wgmma_transposed_operand(const void* lds, int slice_bytes) {
  return (wgmma_operand(lds) & ~(uint64_t{0xffff} << 16)) | static_cast<uint64_t>(slice_bytes >> 4) << 16;
}
constexpr uint64_t wgmma_transposed_step = 2048 >> 4;

// sum[row][column] += a[row][k] * b[k][column] over 16 k. a is in registers, as fragments of mma.sync are.
#define HIPINFER_ALL_OF_REGISTERS(columns)                                                                            \
  if constexpr (is_same<T, f16>)                                                                                      \
    HIPINFER_WGMMA(columns, "k16.f32.f16.f16", IN_REGISTERS, "1", ", 1, 1, 1", "+f", "r"(a[0]), "r"(a[1]), "r"(a[2]), \
                   "r"(a[3]), "l"(b));                                                                                \
  else                                                                                                                \
    HIPINFER_WGMMA(columns, "k16.f32.bf16.bf16", IN_REGISTERS, "1", ", 1, 1, 1", "+f", "r"(a[0]), "r"(a[1]),          \
                   "r"(a[2]), "r"(a[3]), "l"(b))

template <class T, int Columns>
HIPINFER_DEVICE void wgmma_of_registers(float (&sum)[Columns / 2], const uint32_t (&a)[4], uint64_t b) {
  static_assert(is_same<T, f16> || is_same<T, bf16>);
  if constexpr (Columns == 64) {
    HIPINFER_ALL_OF_REGISTERS(64);
  } else if constexpr (Columns == 128) {
    HIPINFER_ALL_OF_REGISTERS(128);
  } else if constexpr (Columns == 256) {
    HIPINFER_ALL_OF_REGISTERS(256);
  } else {
    static_assert(Columns < 0, "no such instruction");
  }
}
#undef HIPINFER_4
#undef HIPINFER_16
#undef HIPINFER_64
#undef HIPINFER_SUMS_16
#undef HIPINFER_SUMS_32
#undef HIPINFER_SUMS_64
#undef HIPINFER_SUMS_128
#undef HIPINFER_SUMS_256
#undef HIPINFER_NAMES_16
#undef HIPINFER_NAMES_32
#undef HIPINFER_NAMES_64
#undef HIPINFER_NAMES_128
#undef HIPINFER_NAMES_256
#undef HIPINFER_IN_LDS_16
#undef HIPINFER_IN_LDS_32
#undef HIPINFER_IN_LDS_64
#undef HIPINFER_IN_LDS_128
#undef HIPINFER_IN_LDS_256
#undef HIPINFER_IN_REGISTERS_64
#undef HIPINFER_IN_REGISTERS_128
#undef HIPINFER_IN_REGISTERS_256
#undef HIPINFER_ADD_16
#undef HIPINFER_ADD_32
#undef HIPINFER_ADD_64
#undef HIPINFER_ADD_128
#undef HIPINFER_ADD_256
#undef HIPINFER_WGMMA
#undef HIPINFER_OF
#undef HIPINFER_ALL_OF
#undef HIPINFER_ALL_OF_REGISTERS

}  // namespace detail

#endif

}  // namespace hipinfer::tile
