// SPDX-License-Identifier: Apache-2.0
// A copy, which memory alone should bound: 16 bytes a work-item.
typedef unsigned u32x4 __attribute__((ext_vector_type(4)));

#define KERNEL(threads) extern "C" __attribute__((global, amdgpu_flat_work_group_size(1, threads)))

KERNEL(256) void copy(u32x4* to, const u32x4* from) {
  const unsigned at = __builtin_amdgcn_workgroup_id_x() * 256 + __builtin_amdgcn_workitem_id_x();
  to[at] = from[at];
}
