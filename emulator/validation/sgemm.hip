// SPDX-License-Identifier: Apache-2.0
// C = A B in fp32, step by step as a published ladder of the RX 7900 XTX went (seb-v, "Optimizing Matrix Multiplication on
// RDNA3"): a work-item an element; tiles in LDS; tiles of 128x128x8 with registers; the next tile fetched ahead; fewer,
// larger waves' tiles and no bank conflicts. Our own writing after its description. All matrices are [n, n], row-major, of
// multiples of 128.
#define DEVICE static __attribute__((device, always_inline))
#define KERNEL(threads) extern "C" __attribute__((global, amdgpu_flat_work_group_size(1, threads)))
#define LDS __attribute__((shared, aligned(16)))

DEVICE int item() {
  return static_cast<int>(__builtin_amdgcn_workitem_id_x());
}
DEVICE int group() {
  return static_cast<int>(__builtin_amdgcn_workgroup_id_x());
}
DEVICE void barrier() {
  __builtin_amdgcn_fence(__ATOMIC_RELEASE, "workgroup");
  __builtin_amdgcn_s_barrier();
  __builtin_amdgcn_fence(__ATOMIC_ACQUIRE, "workgroup");
}

KERNEL(1024) void sgemm_naive(const float* a, const float* b, float* c, int n) {
  const int row = group() / (n / 32) * 32 + item() / 32, column = group() % (n / 32) * 32 + item() % 32;
  float sum = 0;
  for (int k = 0; k < n; ++k) sum += a[row * n + k] * b[k * n + column];
  c[row * n + column] = sum;
}

KERNEL(1024) void sgemm_lds(const float* a, const float* b, float* c, int n) {
  LDS float tile_a[32][32], tile_b[32][32];
  const int y = item() / 32, x = item() % 32;
  const int row = group() / (n / 32) * 32 + y, column = group() % (n / 32) * 32 + x;
  float sum = 0;
  for (int k = 0; k < n; k += 32) {
    tile_a[y][x] = a[row * n + k + x];
    tile_b[y][x] = b[(k + y) * n + column];
    barrier();
    for (int i = 0; i < 32; ++i) sum += tile_a[y][i] * tile_b[i][x];
    barrier();
  }
  c[row * n + column] = sum;
}

// Each work-item has 4x4 blocks of C, spread over its wave's tile of WaveColumns columns.
template <int Threads, int WaveColumns, bool Ahead, int Pad>
DEVICE void tiled(const float* a, const float* b, float* c, int n) {
  constexpr int tile = 128, depth = 8, waves = Threads / 32, loads = tile * depth / Threads;
  constexpr int wave_rows = tile * tile / waves / WaveColumns, across = WaveColumns / 32, down = wave_rows / 16;
  LDS float in_a[depth][tile + Pad], in_b[depth][tile];
  const int wave = item() / 32, lane = item() % 32;
  const int row0 = group() / (n / tile) * tile, column0 = group() % (n / tile) * tile;
  const int row = wave / (tile / WaveColumns) * wave_rows + lane / 8 * 4;
  const int column = wave % (tile / WaveColumns) * WaveColumns + lane % 8 * 4;
  float sums[down * 4][across * 4] = {}, next_a[loads], next_b[loads];
  const auto fetch = [&](int k) {
#pragma unroll
    for (int i = 0; i < loads; ++i)
      next_b[i] = b[(k + item() / tile + i * (Threads / tile)) * n + column0 + item() % tile];
#pragma unroll
    for (int i = 0; i < loads; ++i)
      next_a[i] = a[(row0 + item() / depth + i * (Threads / depth)) * n + k + item() % depth];
  };
  const auto put = [&] {
#pragma unroll
    for (int i = 0; i < loads; ++i) in_b[item() / tile + i * (Threads / tile)][item() % tile] = next_b[i];
#pragma unroll
    for (int i = 0; i < loads; ++i) in_a[item() % depth][item() / depth + i * (Threads / depth)] = next_a[i];
  };
  const auto multiply = [&] {
    for (int k = 0; k < depth; ++k) {
      float left[down * 4], right[across * 4];
#pragma unroll
      for (int i = 0; i < across * 4; ++i) right[i] = in_b[k][column + i / 4 * 32 + i % 4];
#pragma unroll
      for (int i = 0; i < down * 4; ++i) left[i] = in_a[k][row + i / 4 * 16 + i % 4];
#pragma unroll
      for (int y = 0; y < down * 4; ++y)
#pragma unroll
        for (int x = 0; x < across * 4; ++x) sums[y][x] += left[y] * right[x];
    }
  };
  if constexpr (Ahead) {
    fetch(0);
    put();
    barrier();
    for (int k = depth; k < n; k += depth) {
      fetch(k);
      __builtin_amdgcn_sched_barrier(0);  // the loads begin here, whatever the compiler would do
      multiply();
      barrier();
      put();
      barrier();
    }
    multiply();
  } else {
    for (int k = 0; k < n; k += depth) {
      barrier();
      fetch(k);
      put();
      barrier();
      multiply();
    }
  }
#pragma unroll
  for (int y = 0; y < down * 4; ++y)
#pragma unroll
    for (int x = 0; x < across * 4; ++x)
      c[(row0 + row + y / 4 * 16 + y % 4) * n + column0 + column + x / 4 * 32 + x % 4] = sums[y][x];
}

KERNEL(256) void sgemm_registers(const float* a, const float* b, float* c, int n) {
  tiled<256, 64, false, 0>(a, b, c, n);
}
KERNEL(256) void sgemm_ahead(const float* a, const float* b, float* c, int n) {
  tiled<256, 64, true, 0>(a, b, c, n);
}
KERNEL(128) void sgemm_wide(const float* a, const float* b, float* c, int n) {
  tiled<128, 128, true, 4>(a, b, c, n);
}
