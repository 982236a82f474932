// SPDX-License-Identifier: Apache-2.0
// Workgroups that work together: reductions, scans, a sort, compaction.
#pragma once
#include "device.h"

// Reductions --------------------------------------------------------------------------------------------------------

template <class T>
__device__ T sum_of_wave(T value) {
  for (int mask = warpSize / 2; mask; mask /= 2) value += shuffle_xor(value, mask);
  return value;
}

template <class T>
__device__ void sum_by_shuffles(const T* x, T* sums, int n) {
  __shared__ T parts[32];
  T sum = 0;
  for (int i = blockIdx.x * blockDim.x + threadIdx.x; i < n; i += gridDim.x * blockDim.x) sum += x[i];
  sum = sum_of_wave(sum);
  const int wave = threadIdx.x / warpSize, waves = (blockDim.x + warpSize - 1) / warpSize;
  if (threadIdx.x % warpSize == 0) parts[wave] = sum;
  __syncthreads();
  if (wave) return;
  sum = static_cast<int>(threadIdx.x) < waves ? parts[threadIdx.x] : T(0);
  sum = sum_of_wave(sum);
  if (threadIdx.x == 0) sums[blockIdx.x] = sum;
}
KERNEL sum_f32(const float* x, float* sums, int n) {
  sum_by_shuffles(x, sums, n);
}
KERNEL sum_f64(const double* x, double* sums, int n) {
  sum_by_shuffles(x, sums, n);
}
KERNEL sum_u64(const u64* x, u64* sums, int n) {
  sum_by_shuffles(x, sums, n);
}

// The tree of every textbook, in LDS whose size the launch gives.
KERNEL max_tree(const int* x, int* best, int n) {
  extern __shared__ int tree[];
  const int t = threadIdx.x, i = blockIdx.x * blockDim.x + t;
  tree[t] = i < n ? x[i] : -2147483647 - 1;
  for (int half = blockDim.x / 2; half; half /= 2) {
    __syncthreads();
    if (t < half && tree[t + half] > tree[t]) tree[t] = tree[t + half];
  }
  if (t == 0) best[blockIdx.x] = tree[0];
}

KERNEL atomic_sums(const float* x, float* sum, double* sum64, u64* lowest, int* highest, int n) {
  const int i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i >= n) return;
  atomicAdd(sum, x[i]);
  atomicAdd(sum64, static_cast<double>(x[i]));
  __hip_atomic_fetch_min(lowest, static_cast<u64>(x[i] + 1000) << 32 | i, __ATOMIC_RELAXED, __HIP_MEMORY_SCOPE_AGENT);
  __hip_atomic_fetch_max(highest, static_cast<int>(x[i]), __ATOMIC_RELAXED, __HIP_MEMORY_SCOPE_AGENT);
}

// Scans -------------------------------------------------------------------------------------------------------------

// Hillis and Steele: two buffers in turn.
KERNEL scan_steps(const u32* x, u32* out, int n) {
  __shared__ u32 buffer[2][256];
  const int t = threadIdx.x;
  int from = 0;
  buffer[0][t] = t < n ? x[blockIdx.x * n + t] : 0;
  for (int by = 1; by < 256; by *= 2) {
    __syncthreads();
    buffer[1 - from][t] = buffer[from][t] + (t >= by ? buffer[from][t - by] : 0);
    from = 1 - from;
  }
  if (t < n) out[blockIdx.x * n + t] = buffer[from][t];
}

// Blelloch's exclusive scan: up the tree and down, with gaps against bank conflicts.
KERNEL scan_tree(const u32* x, u32* out, int n) {
  __shared__ u32 tree[512 + 16];
  const auto at = [](int i) { return i + i / 32; };
  const int t = threadIdx.x;
  for (int i = t; i < 512; i += 256) tree[at(i)] = i < n ? x[blockIdx.x * n + i] : 0;
  for (int step = 1; step < 512; step *= 2) {
    __syncthreads();
    const int right = (t + 1) * 2 * step - 1;
    if (right < 512) tree[at(right)] += tree[at(right - step)];
  }
  __syncthreads();
  if (t == 0) tree[at(511)] = 0;
  for (int step = 256; step; step /= 2) {
    __syncthreads();
    const int right = (t + 1) * 2 * step - 1;
    if (right >= 512) continue;
    const u32 left = tree[at(right - step)];
    tree[at(right - step)] = tree[at(right)];
    tree[at(right)] += left;
  }
  __syncthreads();
  for (int i = t; i < 512; i += 256)
    if (i < n) out[blockIdx.x * n + i] = tree[at(i)];
}

// One pass over all workgroups: each takes a number, publishes its sum, and looks back at those before it.
KERNEL scan_look_back(const u32* x, u64* out, u64* states, u32* tickets, int n) {
  enum : u64 { sum_known = u64(1) << 62, all_known = u64(2) << 62, value_mask = (u64(1) << 62) - 1 };
  __shared__ u32 ticket;
  __shared__ u64 parts[16], before;
  const int t = threadIdx.x, lane = lane_id(), wave = t / warpSize;
  if (t == 0) ticket = atomicAdd(tickets, 1u);
  __syncthreads();
  const int tile = ticket, i = tile * blockDim.x + t;
  u64 sum = i < n ? x[i] : 0;
  for (int by = 1; by < warpSize; by *= 2) {
    const u64 left = shuffle_up(sum, by);
    if (lane >= by) sum += left;
  }
  if (lane == warpSize - 1) parts[wave] = sum;
  __syncthreads();
  u64 total = 0;
  for (int w = 0; w < static_cast<int>(blockDim.x) / warpSize; ++w) {
    if (w < wave) sum += parts[w];
    total += parts[w];
  }
  if (t == 0) {
    store_atomic(&states[tile], total | (tile ? sum_known : all_known));
    u64 sum_before = 0;
    for (int other = tile - 1; other >= 0;) {
      const u64 state = load_atomic(&states[other]);
      if (!(state & ~value_mask)) continue;
      sum_before += state & value_mask;
      if (state & all_known) break;
      --other;
    }
    if (tile) store_atomic(&states[tile], (sum_before + total) | all_known);
    before = sum_before;
  }
  __syncthreads();
  if (i < n) out[i] = before + sum;
}

// Sort and compaction -----------------------------------------------------------------------------------------------

KERNEL sort_block(u32* keys, u16* payload, int n) {
  __shared__ u32 k[512];
  __shared__ u16 p[512];
  const int t = threadIdx.x;
  for (int i = t; i < 512; i += 256) {
    k[i] = i < n ? keys[blockIdx.x * n + i] : ~0u;
    p[i] = i < n ? payload[blockIdx.x * n + i] : 0xffff;
  }
  for (int size = 2; size <= 512; size *= 2) {
    for (int stride = size / 2; stride; stride /= 2) {
      __syncthreads();
      const int low = 2 * t - (t & (stride - 1)), high = low + stride;
      const bool up = !(low & size);
      if ((k[low] > k[high] || (k[low] == k[high] && p[low] > p[high])) == up) {
        const u32 key = k[low];
        k[low] = k[high];
        k[high] = key;
        const u16 load = p[low];
        p[low] = p[high];
        p[high] = load;
      }
    }
  }
  __syncthreads();
  for (int i = t; i < 512; i += 256) {
    if (i >= n) continue;
    keys[blockIdx.x * n + i] = k[i];
    payload[blockIdx.x * n + i] = p[i];
  }
}

// One step of a sort of the whole of memory; the host calls them in turn.
KERNEL sort_step(i64* keys, int size, int stride) {
  const u32 i = blockIdx.x * blockDim.x + threadIdx.x, other = i ^ stride;
  if (other < i) return;
  const i64 a = keys[i], b = keys[other];
  if ((a > b) == !(i & size)) {
    keys[i] = b;
    keys[other] = a;
  }
}

// Keeps what is odd, in the order of the workgroup; the workgroups come in any order.
KERNEL keep_odd(const u32* x, u32* out, u32* count, u32* firsts, int n) {
  __shared__ u32 waves[16], base;
  const int i = blockIdx.x * blockDim.x + threadIdx.x, wave = threadIdx.x / warpSize;
  const bool keep = i < n && x[i] & 1;
  const u64 kept = ballot(keep);
  u32 place = __builtin_amdgcn_mbcnt_lo(static_cast<u32>(kept), 0);
  if (warpSize == 64) place = __builtin_amdgcn_mbcnt_hi(static_cast<u32>(kept >> 32), place);
  if (lane_id() == 0) waves[wave] = __builtin_popcountll(kept);
  __syncthreads();
  if (threadIdx.x == 0) {
    u32 all = 0;
    for (u32 w = 0; w < (blockDim.x + warpSize - 1) / warpSize; ++w) {
      const u32 here = waves[w];
      waves[w] = all;
      all += here;
    }
    base = atomicAdd(count, all);
    firsts[2 * blockIdx.x] = base;
    firsts[2 * blockIdx.x + 1] = all;
  }
  __syncthreads();
  if (keep) out[base + waves[wave] + place] = x[i];
}
