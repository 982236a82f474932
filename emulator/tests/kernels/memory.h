// SPDX-License-Identifier: Apache-2.0
// Kernels about where things lie: transposes, histograms, stencils, scratch, 3-D grids.
#pragma once
#include "device.h"

template <class T>
__device__ void transpose(const T* in, T* out, int rows, int columns) {
  __shared__ T tile[32][33];
  int c = blockIdx.x * 32 + threadIdx.x, r = blockIdx.y * 32 + threadIdx.y;
  for (int j = 0; j < 32; j += 8)
    if (r + j < rows && c < columns) tile[threadIdx.y + j][threadIdx.x] = in[i64(r + j) * columns + c];
  __syncthreads();
  c = blockIdx.y * 32 + threadIdx.x;
  r = blockIdx.x * 32 + threadIdx.y;
  for (int j = 0; j < 32; j += 8)
    if (r + j < columns && c < rows) out[i64(r + j) * rows + c] = tile[threadIdx.x][threadIdx.y + j];
}
struct rgb {
  u8 r, g, b;
};
KERNEL transpose_u8(const u8* in, u8* out, int rows, int columns) {
  transpose(in, out, rows, columns);
}
KERNEL transpose_u16(const u16* in, u16* out, int rows, int columns) {
  transpose(in, out, rows, columns);
}
KERNEL transpose_rgb(const rgb* in, rgb* out, int rows, int columns) {
  transpose(in, out, rows, columns);
}
KERNEL transpose_u32(const u32* in, u32* out, int rows, int columns) {
  transpose(in, out, rows, columns);
}
KERNEL transpose_f64(const double* in, double* out, int rows, int columns) {
  transpose(in, out, rows, columns);
}

// Each workgroup counts in LDS, then adds to all: u32 and u64 atomics that return nothing.
KERNEL histogram(const u8* x, u64* counts, int n) {
  __shared__ u32 here[256];
  for (u32 i = threadIdx.x; i < 256; i += blockDim.x) here[i] = 0;
  __syncthreads();
  for (int i = blockIdx.x * blockDim.x + threadIdx.x; i < n; i += gridDim.x * blockDim.x)
    __hip_atomic_fetch_add(&here[x[i]], 1u, __ATOMIC_RELAXED, __HIP_MEMORY_SCOPE_WORKGROUP);
  __syncthreads();
  for (u32 i = threadIdx.x; i < 256; i += blockDim.x)
    if (here[i]) atomicAdd(&counts[i], u64(here[i]));
}

// Every kind of atomic on LDS and on memory, with what came back.
KERNEL atomics(const u32* x, u32* state, u32* seen) {
  __shared__ u32 s[10];
  const int t = threadIdx.x;
  if (t < 10) s[t] = state[t];
  __syncthreads();
#define EACH(p, scope)                                                     \
  __hip_atomic_fetch_add(p + 0, x[t], __ATOMIC_RELAXED, scope);            \
  __hip_atomic_fetch_sub(p + 1, x[t], __ATOMIC_RELAXED, scope);            \
  __hip_atomic_fetch_and(p + 2, x[t] | 0xffff, __ATOMIC_RELAXED, scope);   \
  __hip_atomic_fetch_or(p + 3, x[t] & 0x10101, __ATOMIC_RELAXED, scope);   \
  __hip_atomic_fetch_xor(p + 4, x[t], __ATOMIC_RELAXED, scope);            \
  __hip_atomic_fetch_min(p + 5, x[t], __ATOMIC_RELAXED, scope);            \
  __hip_atomic_fetch_max(p + 6, x[t], __ATOMIC_RELAXED, scope);            \
  __hip_atomic_fetch_min((int*)p + 7, (int)x[t], __ATOMIC_RELAXED, scope); \
  __hip_atomic_fetch_max((int*)p + 8, (int)x[t], __ATOMIC_RELAXED, scope); \
  seen[t] = __hip_atomic_fetch_add(p + 9, 1u, __ATOMIC_RELAXED, scope);
  EACH(s, __HIP_MEMORY_SCOPE_WORKGROUP)
  seen += blockDim.x;
  EACH(state, __HIP_MEMORY_SCOPE_AGENT)
#undef EACH
  __syncthreads();
  if (t < 10) state[10 + t] = s[t];
}

// Five points of a grid in three dimensions, in blocks of three dimensions.
KERNEL laplace(const float* in, float* out, int nx, int ny, int nz) {
  const int x = blockIdx.x * blockDim.x + threadIdx.x, y = blockIdx.y * blockDim.y + threadIdx.y,
            z = blockIdx.z * blockDim.z + threadIdx.z;
  if (x >= nx || y >= ny || z >= nz) return;
  const auto at = [=](int i, int j, int k) {
    return i < 0 || j < 0 || k < 0 || i >= nx || j >= ny || k >= nz ? 0.0f : in[(k * ny + j) * nx + i];
  };
  out[(z * ny + y) * nx + x] = at(x - 1, y, z) + at(x + 1, y, z) + at(x, y - 1, z) + at(x, y + 1, z) + at(x, y, z - 1) +
                               at(x, y, z + 1) - 6 * at(x, y, z);
}

// Which block and thread ran where, from the packet and from the registers.
KERNEL where(u32* out) {
  const u32 block = (blockIdx.z * gridDim.y + blockIdx.y) * gridDim.x + blockIdx.x;
  const u32 thread = (threadIdx.z * blockDim.y + threadIdx.y) * blockDim.x + threadIdx.x;
  u32* row = out + 12 * (i64(block) * blockDim.x * blockDim.y * blockDim.z + thread);
  const uint3 all[] = {threadIdx, blockIdx, blockDim, gridDim};
  for (int i = 0; i < 4; ++i) {
    row[3 * i] = all[i].x;
    row[3 * i + 1] = all[i].y;
    row[3 * i + 2] = all[i].z;
  }
}

// An array of each thread that is indexed by data: scratch.
KERNEL median_of_window(const short* x, short* out, int n) {
  const int i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i >= n) return;
  short window[11];
  int count = 0;
  for (int j = i - 5; j <= i + 5; ++j) {
    if (j < 0 || j >= n) continue;
    int place = count++;
    for (; place && window[place - 1] > x[j]; --place) window[place] = window[place - 1];
    window[place] = x[j];
  }
  out[i] = window[count / 2];
}

KERNEL permute_in_scratch(const u8* order, u64* out, int n) {
  const int i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i >= n) return;
  u64 words[16];
  u8* bytes = reinterpret_cast<u8*>(words);
  for (int j = 0; j < 16; ++j) words[j] = u64(i) * 0x9e3779b97f4a7c15 + j;
  for (int j = 0; j < 32; ++j) {
    const int a = order[(i + j) % n] & 127, b = order[(i + 3 * j) % n] & 127;
    const u8 byte = bytes[a];
    bytes[a] = bytes[b];
    bytes[b] = byte;
  }
  u64 hash = 0;
  for (int j = 0; j < 16; ++j) hash = hash * 31 + words[j];
  out[i] = hash;
}

// A record of odd size in scratch, in LDS and in memory: words at any byte.
struct __attribute__((packed)) entry {
  u8 kind;
  u32 number;
  u16 part;
  double value;
};
KERNEL packed_entries(const entry* in, entry* out, int n) {
  __shared__ entry shared[64];
  const int t = threadIdx.x, i = blockIdx.x * blockDim.x + t;
  entry own[7];
  for (int j = 0; j < 7; ++j) own[(j * 3 + t) % 7] = in[(i + j) % n];
  shared[t] = own[(n + t) % 7];
  shared[t].number += own[(i + 1) % 7].part;
  __syncthreads();
  entry e = shared[63 - t];
  e.value += own[t % 7].value;
  e.part ^= e.kind;
  if (i < n) out[i] = e;
}

// A pointer that may go anywhere: global memory, LDS, scratch.
KERNEL any_memory(const u32* x, u32* out, int n) {
  __shared__ u32 shared[256];
  const int t = threadIdx.x, i = blockIdx.x * blockDim.x + t;
  u32 own[4] = {1, 2, 3, 4};
  shared[t] = 1000 + t;
  const u32 choice = i < n ? x[i] : 0;
  u32* p = choice % 3 == 0 ? &shared[t] : choice % 3 == 1 ? &own[choice / 3 % 4] : i < n ? &out[n + i] : &shared[t];
  if (i < n) out[n + i] = 7;
  *(volatile u32*)p += choice;
  u32 sum = *(volatile u32*)p;
  if (__builtin_amdgcn_is_shared((const __attribute__((address_space(0))) void*)p)) sum += 1u << 20;
  if (__builtin_amdgcn_is_private((const __attribute__((address_space(0))) void*)p)) sum += 1u << 21;
  for (u32 o : own) sum += 16 * o;
  if (i < n) out[i] = sum;
}
