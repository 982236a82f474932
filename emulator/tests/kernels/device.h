// SPDX-License-Identifier: Apache-2.0
// What HIP's own headers would give, as far as these kernels go.
#pragma once

#define __global__ __attribute__((global))
#define __device__ __attribute__((device))
#define __shared__ __attribute__((shared))
#define __constant__ __attribute__((constant))
#define __noinline__ __attribute__((noinline))
#define KERNEL extern "C" __global__ void

typedef unsigned char u8;
typedef unsigned short u16;
typedef unsigned int u32;
typedef unsigned long long u64;
typedef long long i64;
typedef _Float16 half;

struct uint3 {
  u32 x, y, z;
};

#define AXES(name) (uint3{__builtin_amdgcn_##name##_x(), __builtin_amdgcn_##name##_y(), __builtin_amdgcn_##name##_z()})
#define threadIdx AXES(workitem_id)
#define blockIdx AXES(workgroup_id)
#define blockDim AXES(workgroup_size)
// From the packet of the dispatch, whatever the code object's version.
#define gridDim                                                                \
  (uint3{__builtin_amdgcn_grid_size_x() / __builtin_amdgcn_workgroup_size_x(), \
         __builtin_amdgcn_grid_size_y() / __builtin_amdgcn_workgroup_size_y(), \
         __builtin_amdgcn_grid_size_z() / __builtin_amdgcn_workgroup_size_z()})
#define warpSize static_cast<int>(__builtin_amdgcn_wavefrontsize())

static inline __device__ void __syncthreads() {
  __builtin_amdgcn_fence(__ATOMIC_RELEASE, "workgroup");
  __builtin_amdgcn_s_barrier();
  __builtin_amdgcn_fence(__ATOMIC_ACQUIRE, "workgroup");
}

static inline __device__ u32 lane_id() {
  return __builtin_amdgcn_mbcnt_hi(~0u, __builtin_amdgcn_mbcnt_lo(~0u, 0));
}

// The value of the lane `from`, of any type of 4 or 8 bytes. ds_bpermute knows no more than 32 lanes on gfx11: in waves
// of 64 the other half comes from a swap. A lane that is off gives 0.
static inline __device__ int shuffle_word(int value, int from) {
#if defined(__GFX11__)
  if (warpSize == 64) {
    const int same = __builtin_amdgcn_ds_bpermute(from * 4, value);
    const int other = __builtin_amdgcn_ds_bpermute(from * 4, __builtin_amdgcn_permlane64(value));
    const bool on = __builtin_amdgcn_ballot_w64(true) >> from & 1;  // before the lanes part
    if (!((from ^ static_cast<int>(lane_id())) & 32)) return same;
    return on ? other : 0;
  }
#endif
  return __builtin_amdgcn_ds_bpermute(from * 4, value);
}
template <class T>
static inline __device__ T shuffle(T value, int from) {
  int words[sizeof(T) / 4];
  __builtin_memcpy(words, &value, sizeof(T));
  for (int& w : words) w = shuffle_word(w, from);
  __builtin_memcpy(&value, words, sizeof(T));
  return value;
}
template <class T>
static inline __device__ T shuffle_xor(T value, int mask) {
  return shuffle(value, static_cast<int>(lane_id()) ^ mask);
}
template <class T>
static inline __device__ T shuffle_up(T value, int by) {
  const int lane = static_cast<int>(lane_id());
  return shuffle(value, lane >= by ? lane - by : lane);
}

static inline __device__ u64 ballot(bool on) {
  return __builtin_amdgcn_ballot_w64(on);  // of 32 lanes too
}

template <class T>
static inline __device__ T atomicAdd(T* at, T by) {
  return __hip_atomic_fetch_add(at, by, __ATOMIC_RELAXED, __HIP_MEMORY_SCOPE_AGENT);
}
template <class T>
static inline __device__ T load_atomic(T* at) {
  return __hip_atomic_load(at, __ATOMIC_ACQUIRE, __HIP_MEMORY_SCOPE_AGENT);
}
template <class T>
static inline __device__ void store_atomic(T* at, T value) {
  __hip_atomic_store(at, value, __ATOMIC_RELEASE, __HIP_MEMORY_SCOPE_AGENT);
}
template <class T>
static inline __device__ bool exchange_if(T* at, T& expected, T value) {
  return __hip_atomic_compare_exchange_strong(at, &expected, value, __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE,
                                              __HIP_MEMORY_SCOPE_AGENT);
}
