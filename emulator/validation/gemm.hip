// SPDX-License-Identifier: Apache-2.0
// C = A Bᵀ in bf16, step by step as a published ladder of MI300X went (gau-nernst/learn-cuda, 02c_matmul_hip): tiles of
// 128x128x64, four waves of 64x64, MFMA 16x16x16. Our own writing after its description; what each step changes is a
// parameter. A is [m, k], B [n, k], C [m, n]; extents are multiples of the tile.
typedef short bf16x4 __attribute__((ext_vector_type(4)));
typedef short bf16x8 __attribute__((ext_vector_type(8)));
typedef float f32x4 __attribute__((ext_vector_type(4)));
typedef unsigned u32x4 __attribute__((ext_vector_type(4)));

#define DEVICE static __attribute__((device, always_inline))
#define KERNEL(threads) extern "C" __attribute__((global, amdgpu_flat_work_group_size(1, threads)))
#define LDS __attribute__((shared))

constexpr int tile = 128, tile_k = 64, threads = 256, wave_tile = 64, fragments = wave_tile / 16, steps = tile_k / 16;
constexpr int chunks = tile * tile_k / 8 / threads;  // of 16 bytes that a work-item moves for each matrix

enum layout { plain, padded, swizzled };

template <layout Layout>
constexpr int stride = Layout == padded ? tile_k + 8 : tile_k;

// Where element (row, column) stands in LDS.
template <layout Layout>
DEVICE int place(int row, int column) {
  if constexpr (Layout == swizzled) column = ((column / 8) ^ (row % 8)) * 8 + column % 8;
  return row * stride<Layout> + column;
}

DEVICE void fetch(u32x4 (&to)[chunks], const short* from, int k, int item) {
#pragma unroll
  for (int n = 0; n < chunks; ++n) {
    const int at = (n * threads + item) * 8;
    to[n] = *reinterpret_cast<const u32x4*>(from + at / tile_k * k + at % tile_k);
  }
}

template <layout Layout>
DEVICE void put(short* to, const u32x4 (&from)[chunks], int item) {
#pragma unroll
  for (int n = 0; n < chunks; ++n) {
    const int at = (n * threads + item) * 8;
    *reinterpret_cast<u32x4*>(to + place<Layout>(at / tile_k, at % tile_k)) = from[n];
  }
}

// One fragment of 16 rows for every step of k. Reading 16 bytes a lane gives two steps at once: which columns of k make a
// step does not matter as long as A and B agree.
template <layout Layout, bool Wide>
DEVICE void read(bf16x4 (&to)[steps], const short* from, int row, int lane) {
  row += lane % 16;
  if constexpr (Wide) {
#pragma unroll
    for (int k = 0; k < steps; k += 2) {
      const bf16x8 both = *reinterpret_cast<const bf16x8*>(from + place<Layout>(row, k * 16 + lane / 16 * 8));
      to[k] = both.lo;
      to[k + 1] = both.hi;
    }
  } else {
#pragma unroll
    for (int k = 0; k < steps; ++k)
      to[k] = *reinterpret_cast<const bf16x4*>(from + place<Layout>(row, k * 16 + lane / 16 * 4));
  }
}

DEVICE unsigned short rounded(float x) {
  return __builtin_bit_cast(unsigned short, static_cast<__bf16>(x));
}

template <layout Layout, bool Wide>
DEVICE void multiply(f32x4 (&c)[fragments][fragments], const short* a, const short* b, int row, int column, int lane) {
  bf16x4 left[fragments][steps], right[fragments][steps];
#pragma unroll
  for (int m = 0; m < fragments; ++m) read<Layout, Wide>(left[m], a, row + 16 * m, lane);
#pragma unroll
  for (int n = 0; n < fragments; ++n) read<Layout, Wide>(right[n], b, column + 16 * n, lane);
#pragma unroll
  for (int m = 0; m < fragments; ++m)
#pragma unroll
    for (int n = 0; n < fragments; ++n)
#pragma unroll
      for (int k = 0; k < steps; ++k)
        c[m][n] = __builtin_amdgcn_mfma_f32_16x16x16bf16_1k(left[m][k], right[n][k], c[m][n], 0, 0, 0);
}

template <layout Layout, bool Buffered, bool Wide>
DEVICE void gemm(const short* a, const short* b, unsigned short* out, int n, int k) {
  LDS short in_a[tile * stride<Layout>], in_b[tile * stride<Layout>];
  const int item = __builtin_amdgcn_workitem_id_x(), lane = item % 64, wave = item / 64;
  const int group = __builtin_amdgcn_workgroup_id_x(), columns = n / tile;
  const int row0 = group / columns * tile, column0 = group % columns * tile;
  const int row = wave / 2 * wave_tile, column = wave % 2 * wave_tile;
  a += row0 * k;
  b += column0 * k;
  f32x4 c[fragments][fragments] = {};
  u32x4 next_a[chunks], next_b[chunks];
  if constexpr (Buffered) {
    fetch(next_a, a, k, item);
    fetch(next_b, b, k, item);
    put<Layout>(in_a, next_a, item);
    put<Layout>(in_b, next_b, item);
    for (int done = tile_k; done < k; done += tile_k) {
      __builtin_amdgcn_fence(__ATOMIC_RELEASE, "workgroup", "local");
      __builtin_amdgcn_s_barrier();
      __builtin_amdgcn_fence(__ATOMIC_ACQUIRE, "workgroup", "local");
      fetch(next_a, a += tile_k, k, item);
      fetch(next_b, b += tile_k, k, item);
      __builtin_amdgcn_sched_barrier(0);  // the loads begin here, whatever the compiler would do
      multiply<Layout, Wide>(c, in_a, in_b, row, column, lane);
      __builtin_amdgcn_fence(__ATOMIC_RELEASE, "workgroup", "local");
      __builtin_amdgcn_s_barrier();
      __builtin_amdgcn_fence(__ATOMIC_ACQUIRE, "workgroup", "local");
      put<Layout>(in_a, next_a, item);
      put<Layout>(in_b, next_b, item);
    }
    __builtin_amdgcn_fence(__ATOMIC_RELEASE, "workgroup", "local");
    __builtin_amdgcn_s_barrier();
    __builtin_amdgcn_fence(__ATOMIC_ACQUIRE, "workgroup", "local");
    multiply<Layout, Wide>(c, in_a, in_b, row, column, lane);
  } else {
    for (int done = 0; done < k; done += tile_k) {
      __builtin_amdgcn_fence(__ATOMIC_RELEASE, "workgroup");
      __builtin_amdgcn_s_barrier();
      __builtin_amdgcn_fence(__ATOMIC_ACQUIRE, "workgroup");
      fetch(next_a, a, k, item);
      fetch(next_b, b, k, item);
      put<Layout>(in_a, next_a, item);
      put<Layout>(in_b, next_b, item);
      a += tile_k;
      b += tile_k;
      __builtin_amdgcn_fence(__ATOMIC_RELEASE, "workgroup");
      __builtin_amdgcn_s_barrier();
      __builtin_amdgcn_fence(__ATOMIC_ACQUIRE, "workgroup");
      multiply<Layout, Wide>(c, in_a, in_b, row, column, lane);
    }
  }
#pragma unroll
  for (int m = 0; m < fragments; ++m)
#pragma unroll
    for (int f = 0; f < fragments; ++f)
#pragma unroll
      for (int r = 0; r < 4; ++r)
        out[(row0 + row + 16 * m + lane / 16 * 4 + r) * n + column0 + column + 16 * f + lane % 16] =
            rounded(c[m][f][r]);
}

// The ladder's first two kernels did not say how many work-items they have, so that the compiler allowed for 1024.
KERNEL(1024) void gemm_plain(const short* a, const short* b, unsigned short* c, int n, int k) {
  gemm<plain, false, false>(a, b, c, n, k);
}
KERNEL(1024) void gemm_padded(const short* a, const short* b, unsigned short* c, int n, int k) {
  gemm<padded, false, false>(a, b, c, n, k);
}
KERNEL(256) void gemm_swizzled(const short* a, const short* b, unsigned short* c, int n, int k) {
  gemm<swizzled, false, false>(a, b, c, n, k);
}
KERNEL(256) void gemm_buffered(const short* a, const short* b, unsigned short* c, int n, int k) {
  gemm<swizzled, true, false>(a, b, c, n, k);
}
KERNEL(256) void gemm_wide(const short* a, const short* b, unsigned short* c, int n, int k) {
  gemm<swizzled, true, true>(a, b, c, n, k);
}
