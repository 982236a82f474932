// SPDX-License-Identifier: Apache-2.0
// out = the transpose of a square matrix of 32-bit words, a workgroup of 256 work-items a tile of 32 x 32: once straight,
// once through LDS. In both, a work-item has four words.
#define KERNEL extern "C" __attribute__((global, amdgpu_flat_work_group_size(256, 256))) void

constexpr int tile = 32, rows = 8, words = tile / rows;

struct place {
  int x, y, column, row;
};
static __attribute__((device)) place here() {
  const int t = __builtin_amdgcn_workitem_id_x();
  return {static_cast<int>(__builtin_amdgcn_workgroup_id_x()) * tile,
          static_cast<int>(__builtin_amdgcn_workgroup_id_y()) * tile, t % tile, t / tile};
}

// Stores of neighbouring lanes are a row of the matrix apart.
KERNEL transpose_straight(const float* in, float* out, int size) {
  const place p = here();
  float x[words];
  for (int n = 0; n < words; ++n) x[n] = in[(p.y + p.row + n * rows) * size + p.x + p.column];
  for (int n = 0; n < words; ++n) out[(p.x + p.column) * size + p.y + p.row + n * rows] = x[n];
}

// Loads and stores are rows; the LDS has a column more, so that its banks serve a column at once.
KERNEL transpose_tiles(const float* in, float* out, int size) {
  __attribute__((shared)) static float block[tile][tile + 1];
  const place p = here();
  float x[words];
  for (int n = 0; n < words; ++n) x[n] = in[(p.y + p.row + n * rows) * size + p.x + p.column];
  for (int n = 0; n < words; ++n) block[p.row + n * rows][p.column] = x[n];
  __builtin_amdgcn_fence(__ATOMIC_RELEASE, "workgroup");
  __builtin_amdgcn_s_barrier();
  __builtin_amdgcn_fence(__ATOMIC_ACQUIRE, "workgroup");
  for (int n = 0; n < words; ++n)
    out[(p.x + p.row + n * rows) * size + p.y + p.column] = block[p.column][p.row + n * rows];
}
