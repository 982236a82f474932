// SPDX-License-Identifier: Apache-2.0
// NVIDIA: indices, barriers, lane exchange and math, by the names the rest of device/ knows. No CUDA header beyond
// what nvcc includes by itself; conversions are PTX.
#pragma once

namespace hipinfer {

struct f16 {
  uint16_t bits;
};
struct bf16 {
  uint16_t bits;
};

constexpr int wave_size = 32;
constexpr int dies = 1;
// LDS that the blocks resident on one multiprocessor share: of sm_86, the least of sm_80 and later.
constexpr int resident_lds_bytes = 100 << 10;

HIPINFER_DEVICE int thread_id() {
  return threadIdx.x;
}
HIPINFER_DEVICE int64_t block_id() {
  return blockIdx.x;
}
HIPINFER_DEVICE int64_t block_id_y() {
  return blockIdx.y;
}
template <int Threads>
HIPINFER_DEVICE int64_t block_count() {
  return gridDim.x;
}
HIPINFER_DEVICE int lane_id() {
  return threadIdx.x & 31;
}

// A kernel's first statement. Kernels are launched so that they may be in place before the one ahead of them in the stream
// has ended (runtime/cuda.cpp): this lets the next one come, and waits for the end of the one before.
HIPINFER_DEVICE void await_previous_kernel() {
#if __CUDA_ARCH__ >= 900
  asm volatile("griddepcontrol.launch_dependents;\n\tgriddepcontrol.wait;" ::: "memory");
#endif
}

// Orders shared and global accesses among the threads of a block.
HIPINFER_DEVICE void block_barrier() {
  __syncthreads();
}
HIPINFER_DEVICE void lds_barrier() {
  __syncthreads();
}
HIPINFER_DEVICE void keep_order() {}
// Orders shared accesses among the lanes of a wave.
HIPINFER_DEVICE void wave_barrier() {
  __syncwarp();
}

template <int Mask>
HIPINFER_DEVICE uint32_t lane_xor_bits(uint32_t x) {
  static_assert(Mask > 0 && Mask < wave_size);
  return __shfl_xor_sync(0xffffffffu, x, Mask);
}
HIPINFER_DEVICE uint32_t lane_read_bits(uint32_t x, int lane) {
  return __shfl_sync(0xffffffffu, x, lane);
}
HIPINFER_DEVICE uint64_t ballot(bool x) {
  return __ballot_sync(0xffffffffu, x);
}

// The lowest lane of a ballot that is not empty.
HIPINFER_DEVICE int first_lane(uint64_t lanes) {
  return __ffsll(static_cast<long long>(lanes)) - 1;
}
HIPINFER_DEVICE int count_lanes(uint64_t lanes) {
  return __popcll(lanes);
}

// The first of x places that no other thread has: what the word held before x was added.
HIPINFER_DEVICE uint32_t lds_take(uint32_t* p, uint32_t x) {
  return atomicAdd(p, x);
}
// Adds to a word in shared memory; sums of integers come out the same in any order. In two halves, because 64 bits at once are
// a loop of compare and swap there: of all that add to the lower half, each one past which it wraps around carries its own 1.
HIPINFER_DEVICE void lds_add(uint64_t* p, uint64_t x) {
  uint32_t* halves = reinterpret_cast<uint32_t*>(p);
  const uint32_t low = static_cast<uint32_t>(x), before = low != 0 ? atomicAdd(halves, low) : 0;
  const uint32_t high = static_cast<uint32_t>(x >> 32) + (before + low < before);
  if (high != 0) atomicAdd(halves + 1, high);
}

// An offset as it is found here: nvcc would find it again in every branch that uses it.
HIPINFER_DEVICE int64_t found_once(int64_t x) {
  asm("" : "+l"(x));
  return x;
}

// The kernel's one argument. Its fields are operands of instructions and need no registers.
template <class Params>
HIPINFER_DEVICE const Params& read_here(const Params& p) {
  return p;
}
// What follows from the result is computed here, and not kept in registers through a loop before it.
HIPINFER_DEVICE int found_here(int x) {
  asm volatile("" : "+r"(x));
  return x;
}

// As on AMD, these units take and give 0 for subnormal numbers; without ftz each would be three to five instructions.
HIPINFER_DEVICE float exp2_fast(float x) {
  float y;
  asm("ex2.approx.ftz.f32 %0, %1;" : "=f"(y) : "f"(x));
  return y;
}
HIPINFER_DEVICE float log2_fast(float x) {
  float y;
  asm("lg2.approx.ftz.f32 %0, %1;" : "=f"(y) : "f"(x));
  return y;
}
HIPINFER_DEVICE float rsqrt_fast(float x) {
  float y;
  asm("rsqrt.approx.f32 %0, %1;" : "=f"(y) : "f"(x));
  return y;
}
HIPINFER_DEVICE float rcp_fast(float x) {
  float y;
  asm("rcp.approx.ftz.f32 %0, %1;" : "=f"(y) : "f"(x));
  return y;
}
HIPINFER_DEVICE float fma(float a, float b, float c) {
  return ::fmaf(a, b, c);
}
HIPINFER_DEVICE double fma(double a, double b, double c) {
  return ::fma(a, b, c);
}
// Two at once, by the names of AMD's.
struct float_pair {
  float x, y;
};
HIPINFER_DEVICE float_pair make_pair(float a, float b) {
  return {a, b};
}
HIPINFER_DEVICE float_pair operator+(float_pair a, float_pair b) {
  return {a.x + b.x, a.y + b.y};
}
HIPINFER_DEVICE float_pair fma(float_pair a, float b, float c) {
  return {::fmaf(a.x, b, c), ::fmaf(a.y, b, c)};
}
HIPINFER_DEVICE float max(float a, float b) {
  return ::fmaxf(a, b);
}
HIPINFER_DEVICE float min(float a, float b) {
  return ::fminf(a, b);
}
HIPINFER_DEVICE float magnitude(float x) {
  return fabsf(x);
}
HIPINFER_DEVICE double round_even(double x) {
  return ::rint(x);
}
HIPINFER_DEVICE float round_even(float x) {
  return ::rintf(x);
}

HIPINFER_DEVICE float to_float(f16 x) {
  float y;
  asm("cvt.f32.f16 %0, %1;" : "=f"(y) : "h"(x.bits));
  return y;
}
HIPINFER_DEVICE float to_float(bf16 x) {
  return __uint_as_float(static_cast<uint32_t>(x.bits) << 16);
}
HIPINFER_DEVICE f16 f16_from(float x) {
  f16 y;
  asm("cvt.rn.f16.f32 %0, %1;" : "=h"(y.bits) : "f"(x));
  return y;
}
HIPINFER_DEVICE bf16 bf16_from(float x) {
  bf16 y;
  asm("cvt.rn.bf16.f32 %0, %1;" : "=h"(y.bits) : "f"(x));
  return y;
}

constexpr bool rounds_to_bf16 = true;
// Two rounded, the first in the low half.
HIPINFER_DEVICE uint32_t f16_pair_from(float low, float high) {
  uint32_t y;
  asm("cvt.rn.f16x2.f32 %0, %1, %2;" : "=r"(y) : "f"(high), "f"(low));
  return y;
}
HIPINFER_DEVICE uint32_t bf16_pair_from(float low, float high) {
  uint32_t y;
  asm("cvt.rn.bf16x2.f32 %0, %1, %2;" : "=r"(y) : "f"(high), "f"(low));
  return y;
}

// The upper halves of two words, the first in the low half.
HIPINFER_DEVICE uint32_t upper_halves(uint32_t low, uint32_t high) {
  return __byte_perm(low, high, 0x7632);
}

// Products of two pairs of f16.
HIPINFER_DEVICE uint32_t multiply_halves(uint32_t a, uint32_t b) {
  uint32_t y;
  asm("mul.f16x2 %0, %1, %2;" : "=r"(y) : "r"(a), "r"(b));
  return y;
}

enum class fp8_encoding { none, fnuz, ocp };
#if defined(__CUDA_ARCH__) && __CUDA_ARCH__ >= 890
constexpr fp8_encoding fp8_hardware = fp8_encoding::ocp;

template <bool E5m2>
HIPINFER_DEVICE uint32_t fp8_pack2(float a, float b) {
  uint16_t y;
  if constexpr (E5m2)
    asm("cvt.rn.satfinite.e5m2x2.f32 %0, %1, %2;" : "=h"(y) : "f"(b), "f"(a));
  else
    asm("cvt.rn.satfinite.e4m3x2.f32 %0, %1, %2;" : "=h"(y) : "f"(b), "f"(a));
  return y;
}
template <bool E5m2>
HIPINFER_DEVICE uint32_t fp8_pack4(const float* x) {
  return fp8_pack2<E5m2>(x[0], x[1]) | fp8_pack2<E5m2>(x[2], x[3]) << 16;
}
// As f16, which holds every fp8.
template <bool E5m2>
HIPINFER_DEVICE uint32_t fp8_halves2(uint32_t word) {
  uint32_t halves;
  if constexpr (E5m2)
    asm("cvt.rn.f16x2.e5m2x2 %0, %1;" : "=r"(halves) : "h"(static_cast<uint16_t>(word)));
  else
    asm("cvt.rn.f16x2.e4m3x2 %0, %1;" : "=r"(halves) : "h"(static_cast<uint16_t>(word)));
  return halves;
}
template <bool E5m2>
HIPINFER_DEVICE void fp8_unpack2(uint32_t word, float* x) {
  const uint32_t halves = fp8_halves2<E5m2>(word);
  x[0] = to_float(f16{static_cast<uint16_t>(halves)});
  x[1] = to_float(f16{static_cast<uint16_t>(halves >> 16)});
}
template <bool E5m2>
HIPINFER_DEVICE void fp8_unpack4(uint32_t word, float* x) {
  fp8_unpack2<E5m2>(word, x);
  fp8_unpack2<E5m2>(word >> 16, x + 2);
}
#else
constexpr fp8_encoding fp8_hardware = fp8_encoding::none;
#endif
// What is converted in hardware becomes f16 first.
constexpr bool fp8_halves_in_hardware = fp8_hardware != fp8_encoding::none;

// Copies of 16 bytes to LDS that go on while the thread does; those begun since the last close_copies() are a group.
#if defined(__CUDA_ARCH__) && __CUDA_ARCH__ >= 800
constexpr bool has_async_copy = true;
#else
constexpr bool has_async_copy = false;
#endif
// The first `bytes` of the 16 are read, and the rest is zero.
HIPINFER_DEVICE void copy_piece_to_lds(void* to, const void* from, int bytes) {
  asm volatile(
      "cp.async.cg.shared.global [%0], [%1], 16, %2;" ::"r"(static_cast<uint32_t>(__cvta_generic_to_shared(to))),
      "l"(from), "r"(bytes)
      : "memory");
}
HIPINFER_DEVICE void copy_float_to_lds(float* to, const float* from) {
  asm volatile("cp.async.ca.shared.global [%0], [%1], 4;" ::"r"(static_cast<uint32_t>(__cvta_generic_to_shared(to))),
               "l"(from)
               : "memory");
}
HIPINFER_DEVICE void close_copies() {
  asm volatile("cp.async.commit_group;" ::: "memory");
}
// Until all groups but the last so many have arrived.
template <int Groups>
HIPINFER_DEVICE void await_copies() {
  asm volatile("cp.async.wait_group %0;" ::"n"(Groups) : "memory");
}

// What this thread wrote or copied to LDS is seen, after a barrier, by instructions that read LDS by themselves.
HIPINFER_DEVICE void publish_lds() {
#if defined(__CUDA_ARCH__) && __CUDA_ARCH__ >= 900
  asm volatile("fence.proxy.async.shared::cta;" ::: "memory");
#endif
}

#if defined(__CUDA_ARCH__) && __CUDA_ARCH__ >= 900
// A cluster: blocks that were launched together and read each other's LDS.
HIPINFER_DEVICE int cluster_blocks() {
  int n;
  asm("mov.u32 %0, %%cluster_nctaid.x;" : "=r"(n));
  return n;
}
HIPINFER_DEVICE int cluster_rank() {
  int n;
  asm("mov.u32 %0, %%cluster_ctaid.x;" : "=r"(n));
  return n;
}
HIPINFER_DEVICE void cluster_barrier() {
  asm volatile("barrier.cluster.arrive.aligned;\n\tbarrier.cluster.wait.aligned;" ::: "memory");
}
// Where in the LDS of block `rank` of the cluster lies what lies at `own` here.
HIPINFER_DEVICE uint32_t cluster_address(const void* own, int rank) {
  uint32_t address;
  asm("mapa.shared::cluster.u32 %0, %1, %2;"
      : "=r"(address)
      : "r"(static_cast<uint32_t>(__cvta_generic_to_shared(own))), "r"(rank));
  return address;
}
template <int N>
HIPINFER_DEVICE void load_from_cluster(const float* own, int rank, float (&x)[N]) {
  static_assert(N % 4 == 0);
  const uint32_t address = cluster_address(own, rank);
#pragma unroll
  for (int i = 0; i < N; i += 4) {
    asm volatile("ld.shared::cluster.v4.f32 {%0, %1, %2, %3}, [%4];"
                 : "=f"(x[i]), "=f"(x[i + 1]), "=f"(x[i + 2]), "=f"(x[i + 3])
                 : "r"(address + 4 * i)
                 : "memory");
  }
}
HIPINFER_DEVICE uint64_t load_from_cluster(const uint64_t* own, int rank) {
  uint64_t x;
  asm volatile("ld.shared::cluster.u64 %0, [%1];" : "=l"(x) : "r"(cluster_address(own, rank)) : "memory");
  return x;
}
HIPINFER_DEVICE void store_to_cluster(uint32_t* own, int rank, uint32_t x) {
  asm volatile("st.shared::cluster.u32 [%0], %1;" ::"r"(cluster_address(own, rank)), "r"(x) : "memory");
}
// As lds_take.
HIPINFER_DEVICE uint32_t take_from_cluster(uint32_t* own, int rank, uint32_t x) {
  uint32_t before;
  asm volatile("atom.relaxed.cluster.shared::cluster.add.u32 %0, [%1], %2;"
               : "=r"(before)
               : "r"(cluster_address(own, rank)), "r"(x)
               : "memory");
  return before;
}
#else
#include "device/arch/no_clusters.h"
#endif

constexpr bool takes_unaligned = false;
// Words that begin at any element: a memory access has to be aligned here, so the words between are shifted into place.
template <class V, class T>
HIPINFER_DEVICE V load_words_unaligned(const T* p) {
  static_assert(sizeof(T) == 1 || (sizeof(T) == 2 && sizeof(V) == 16));
  constexpr int words = sizeof(V) / 4;
  V v;
  if (reinterpret_cast<uintptr_t>(p) % 4 == 0) {
#pragma unroll
    for (int i = 0; i < words; ++i) v.at[i] = reinterpret_cast<const uint32_t*>(p)[i];
  } else if constexpr (sizeof(T) == 1) {
    const auto* byte = reinterpret_cast<const uint8_t*>(p);
#pragma unroll
    for (int i = 0; i < words; ++i) {
      v.at[i] =
          byte[4 * i] | byte[4 * i + 1] << 8 | byte[4 * i + 2] << 16 | static_cast<uint32_t>(byte[4 * i + 3]) << 24;
    }
  } else {
    const auto* half = reinterpret_cast<const uint16_t*>(p);
    uint32_t before = half[0];
#pragma unroll
    for (int i = 0; i < 3; ++i) {
      const uint32_t word = *reinterpret_cast<const uint32_t*>(half + 1 + 2 * i);
      v.at[i] = before | word << 16;
      before = word >> 16;
    }
    v.at[3] = before | static_cast<uint32_t>(half[7]) << 16;
  }
  return v;
}

}  // namespace hipinfer
