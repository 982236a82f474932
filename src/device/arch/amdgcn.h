// SPDX-License-Identifier: Apache-2.0
// AMD: indices, barriers, lane exchange and math, by the names the rest of device/ knows.
#pragma once

namespace hipinfer {

using f16 = _Float16;
using bf16 = __bf16;

#if defined(__GFX9__)
constexpr int wave_size = 64;
#else
constexpr int wave_size = 32;  // gfx10 and later run wave32 unless asked otherwise
#endif

// Dies of the largest card of the target: blocks are dealt to them in turn, and each has an L2 of its own.
#if defined(__gfx942__) || defined(__gfx950__) || defined(__gfx9_4_generic__)
constexpr int dies = 8;
#else
constexpr int dies = 1;
#endif

// LDS that the blocks resident on one compute unit (of RDNA: workgroup processor) share.
#if defined(__gfx950__)
constexpr int resident_lds_bytes = 160 << 10;
#elif defined(__GFX9__)
constexpr int resident_lds_bytes = 64 << 10;
#else
constexpr int resident_lds_bytes = 128 << 10;
#endif

HIPINFER_DEVICE int thread_id() {
  return __builtin_amdgcn_workitem_id_x();
}
HIPINFER_DEVICE int64_t block_id() {
  return __builtin_amdgcn_workgroup_id_x();
}
HIPINFER_DEVICE int64_t block_id_y() {
  return __builtin_amdgcn_workgroup_id_y();
}
// The dispatch packet counts work-items; the caller knows its block's size at compile time.
template <int Threads>
HIPINFER_DEVICE int64_t block_count() {
  return __builtin_amdgcn_grid_size_x() / Threads;
}
HIPINFER_DEVICE int lane_id() {
  const int low = __builtin_amdgcn_mbcnt_lo(~0u, 0);
  return wave_size == 32 ? low : __builtin_amdgcn_mbcnt_hi(~0u, low);
}

// A kernel's first statement. Here kernels of a stream never overlap.
HIPINFER_DEVICE void await_previous_kernel() {}

// Orders LDS and global accesses among the threads of a block.
HIPINFER_DEVICE void block_barrier() {
  __builtin_amdgcn_fence(__ATOMIC_RELEASE, "workgroup");
  __builtin_amdgcn_s_barrier();
  __builtin_amdgcn_fence(__ATOMIC_ACQUIRE, "workgroup");
}
// Orders LDS accesses alone among the threads of a block: loads from global memory stay under way.
HIPINFER_DEVICE void lds_barrier() {
  __builtin_amdgcn_fence(__ATOMIC_RELEASE, "workgroup", "local");
  __builtin_amdgcn_s_barrier();
  __builtin_amdgcn_fence(__ATOMIC_ACQUIRE, "workgroup", "local");
}
// The compiler moves nothing across.
HIPINFER_DEVICE void keep_order() {
  __builtin_amdgcn_sched_barrier(0);
}
// Orders LDS accesses among the lanes of a wave, which run in step.
HIPINFER_DEVICE void wave_barrier() {
  __builtin_amdgcn_fence(__ATOMIC_RELEASE, "wavefront");
  __builtin_amdgcn_wave_barrier();
  __builtin_amdgcn_fence(__ATOMIC_ACQUIRE, "wavefront");
}

// The value of lane (own ^ Mask). All lanes of the wave take part.
template <int Mask>
HIPINFER_DEVICE uint32_t lane_xor_bits(uint32_t x) {
  static_assert(Mask > 0 && Mask < wave_size);
  if constexpr (Mask == 1)
    return __builtin_amdgcn_mov_dpp(x, 0xB1, 0xf, 0xf, true);  // quad_perm 1,0,3,2
  else if constexpr (Mask == 2)
    return __builtin_amdgcn_mov_dpp(x, 0x4E, 0xf, 0xf, true);  // quad_perm 2,3,0,1
  else if constexpr (Mask == 3)
    return __builtin_amdgcn_mov_dpp(x, 0x1B, 0xf, 0xf, true);  // quad_perm 3,2,1,0
  else if constexpr (Mask == 7)
    return __builtin_amdgcn_mov_dpp(x, 0x141, 0xf, 0xf, true);  // row_half_mirror
  else if constexpr (Mask == 15)
    return __builtin_amdgcn_mov_dpp(x, 0x140, 0xf, 0xf, true);  // row_mirror
  else if constexpr (Mask < 32)
    return __builtin_amdgcn_ds_swizzle(x, Mask << 10 | 0x1f);  // xor within 32 lanes
  else
    return __builtin_amdgcn_ds_bpermute((lane_id() ^ Mask) * 4, x);
}

// The value of any lane, chosen per lane.
HIPINFER_DEVICE uint32_t lane_read_bits(uint32_t x, int lane) {
  return __builtin_amdgcn_ds_bpermute(lane * 4, x);
}

HIPINFER_DEVICE uint64_t ballot(bool x) {
#if defined(__GFX9__)
  return __builtin_amdgcn_ballot_w64(x);
#else
  return __builtin_amdgcn_ballot_w32(x);
#endif
}

// The lowest lane of a ballot that is not empty.
HIPINFER_DEVICE int first_lane(uint64_t lanes) {
  return __builtin_ctzll(lanes);
}
HIPINFER_DEVICE int count_lanes(uint64_t lanes) {
  return __builtin_popcountll(lanes);
}

// Adds to a word in LDS; sums of integers come out the same in any order.
HIPINFER_DEVICE void lds_add(uint64_t* p, uint64_t x) {
  __hip_atomic_fetch_add(p, x, __ATOMIC_RELAXED, __HIP_MEMORY_SCOPE_WORKGROUP);
}

// The same, and what the word held before: the first of x places that no other thread has.
HIPINFER_DEVICE uint32_t lds_take(uint32_t* p, uint32_t x) {
  return __hip_atomic_fetch_add(p, x, __ATOMIC_RELAXED, __HIP_MEMORY_SCOPE_WORKGROUP);
}

#include "device/arch/no_clusters.h"

HIPINFER_DEVICE int64_t found_once(int64_t x) {
  return x;
}
// The kernel's one argument, of which what is read through the result is read here, and not kept in registers through a loop before it.
template <class Params>
HIPINFER_DEVICE const Params& read_here(const Params&) {
  auto* at = __builtin_amdgcn_kernarg_segment_ptr();
  asm volatile("" : "+s"(at));
  return *(const Params*)at;
}
// What follows from the result is computed here, and not kept in registers through a loop before it.
HIPINFER_DEVICE int found_here(int x) {
  asm volatile("" : "+v"(x));
  return x;
}
HIPINFER_DEVICE float exp2_fast(float x) {
  return __builtin_amdgcn_exp2f(x);
}
HIPINFER_DEVICE float log2_fast(float x) {
  return __builtin_amdgcn_logf(x);
}  // named logf, computes log2
// v_rsq_f32 takes a subnormal for 0; 2^24 brings it into range, and the root of that back.
HIPINFER_DEVICE float rsqrt_fast(float x) {
  const bool small = x < 0x1p-126f;
  return __builtin_amdgcn_rsqf(small ? x * 0x1p24f : x) * (small ? 0x1p12f : 1.0f);
}
HIPINFER_DEVICE float rcp_fast(float x) {
  return __builtin_amdgcn_rcpf(x);
}
HIPINFER_DEVICE float fma(float a, float b, float c) {
  return __builtin_fmaf(a, b, c);
}
HIPINFER_DEVICE double fma(double a, double b, double c) {
  return __builtin_fma(a, b, c);
}
// Two at once, which CDNA has instructions for.
typedef float float_pair __attribute__((ext_vector_type(2)));
HIPINFER_DEVICE float_pair make_pair(float a, float b) {
  return {a, b};
}
HIPINFER_DEVICE float_pair fma(float_pair a, float b, float c) {
  return __builtin_elementwise_fma(a, float_pair{b, b}, float_pair{c, c});
}
HIPINFER_DEVICE float max(float a, float b) {
  return __builtin_fmaxf(a, b);
}
HIPINFER_DEVICE float min(float a, float b) {
  return __builtin_fminf(a, b);
}
HIPINFER_DEVICE float magnitude(float x) {
  return __builtin_fabsf(x);
}
HIPINFER_DEVICE double round_even(double x) {
  return __builtin_rint(x);
}
HIPINFER_DEVICE float round_even(float x) {
  return __builtin_rintf(x);
}

HIPINFER_DEVICE float to_float(f16 x) {
  return static_cast<float>(x);
}
HIPINFER_DEVICE float to_float(bf16 x) {
  return static_cast<float>(x);
}
HIPINFER_DEVICE f16 f16_from(float x) {
  // LLVM would make fma(a, b, +0) of a product and its rounding, and lose the sign of a product that is -0.
  asm("" : "+v"(x));
  return static_cast<f16>(x);
}
HIPINFER_DEVICE bf16 bf16_from(float x) {
  return static_cast<bf16>(x);
}
// Whether that is an instruction.
#if defined(__gfx950__)
constexpr bool rounds_to_bf16 = true;
#else
constexpr bool rounds_to_bf16 = false;
#endif
// Two rounded, the first in the low half.
HIPINFER_DEVICE uint32_t f16_pair_from(float low, float high) {
  typedef _Float16 halves2 __attribute__((ext_vector_type(2)));
  return __builtin_bit_cast(uint32_t, halves2{f16_from(low), f16_from(high)});
}
HIPINFER_DEVICE uint32_t bf16_pair_from(float low, float high) {
  typedef float floats2 __attribute__((ext_vector_type(2)));
  typedef __bf16 bfloats2 __attribute__((ext_vector_type(2)));
  return __builtin_bit_cast(uint32_t, __builtin_convertvector((floats2{low, high}), bfloats2));
}

// The upper halves of two words, the first in the low half.
HIPINFER_DEVICE uint32_t upper_halves(uint32_t low, uint32_t high) {
  return __builtin_amdgcn_perm(high, low, 0x07060302);
}

// Products of two pairs of f16.
HIPINFER_DEVICE uint32_t multiply_halves(uint32_t a, uint32_t b) {
  typedef _Float16 halves2 __attribute__((ext_vector_type(2)));
  return __builtin_bit_cast(uint32_t, __builtin_bit_cast(halves2, a) * __builtin_bit_cast(halves2, b));
}

// gfx9-4-generic, which covers both encodings, has neither instruction.
enum class fp8_encoding { none, fnuz, ocp };
#if defined(__gfx942__)
constexpr fp8_encoding fp8_hardware = fp8_encoding::fnuz;
#elif defined(__gfx950__) || defined(__GFX12__)
constexpr fp8_encoding fp8_hardware = fp8_encoding::ocp;
#else
constexpr fp8_encoding fp8_hardware = fp8_encoding::none;
#endif

#if defined(__gfx942__) || defined(__gfx950__) || defined(__GFX12__)
// Whether the conversion saturates is a mode of the wave, so it is given nothing that could overflow; and one NaN,
// because what becomes of a NaN's sign differs. v_med3 would give a NaN's place to -limit.
template <bool E5m2>
HIPINFER_DEVICE float fp8_saturated(float x) {
  constexpr float limit = E5m2 ? 57344.0f : fp8_hardware == fp8_encoding::fnuz ? 240.0f : 448.0f;
  return x == x ? __builtin_amdgcn_fmed3f(x, -limit, limit) : __builtin_nanf("");
}
template <bool E5m2, bool High>
HIPINFER_DEVICE uint32_t fp8_convert2(float a, float b, uint32_t word) {
  if constexpr (E5m2)
    return __builtin_amdgcn_cvt_pk_bf8_f32(fp8_saturated<E5m2>(a), fp8_saturated<E5m2>(b), word, High);
  else
    return __builtin_amdgcn_cvt_pk_fp8_f32(fp8_saturated<E5m2>(a), fp8_saturated<E5m2>(b), word, High);
}
template <bool E5m2>
HIPINFER_DEVICE uint32_t fp8_pack2(float a, float b) {
  return fp8_convert2<E5m2, false>(a, b, 0);
}
template <bool E5m2>
HIPINFER_DEVICE uint32_t fp8_pack4(const float* x) {
  return fp8_convert2<E5m2, true>(x[2], x[3], fp8_convert2<E5m2, false>(x[0], x[1], 0));
}
template <bool E5m2, bool High>
HIPINFER_DEVICE void fp8_convert_back2(uint32_t word, float* x) {
  const auto pair = [=] {
    if constexpr (E5m2)
      return __builtin_amdgcn_cvt_pk_f32_bf8(word, High);
    else
      return __builtin_amdgcn_cvt_pk_f32_fp8(word, High);
  }();
  x[0] = pair[0];
  x[1] = pair[1];
}
template <bool E5m2>
HIPINFER_DEVICE void fp8_unpack2(uint32_t word, float* x) {
  fp8_convert_back2<E5m2, false>(word, x);
}
template <bool E5m2>
HIPINFER_DEVICE void fp8_unpack4(uint32_t word, float* x) {
  fp8_convert_back2<E5m2, false>(word, x);
  fp8_convert_back2<E5m2, true>(word, x + 2);
}
#endif

// What is converted in hardware becomes fp32.
constexpr bool fp8_halves_in_hardware = false;

// Copies to LDS go through registers.
constexpr bool has_async_copy = false;
HIPINFER_DEVICE void copy_piece_to_lds(void*, const void*, int) {}
HIPINFER_DEVICE void publish_lds() {}
HIPINFER_DEVICE void close_copies() {}
template <int Groups>
HIPINFER_DEVICE void await_copies() {}

// Words that begin at any element: the memory takes them as one access.
constexpr bool takes_unaligned = true;
template <class V, class T>
HIPINFER_DEVICE V load_words_unaligned(const T* p) {
  V v;
  __builtin_memcpy(&v, p, sizeof v);
  return v;
}

}  // namespace hipinfer
