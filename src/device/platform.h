// SPDX-License-Identifier: Apache-2.0
// The words every kernel is written in, for AMD (clang, no ROCm headers) and NVIDIA (nvcc). Only arch/ names builtins.
#pragma once

#include "device/params.h"

#if defined(__AMDGCN__)
#define __global__ __attribute__((global))
#define __device__ __attribute__((device))
#define __shared__ __attribute__((shared))
// amdgpu_flat_work_group_size and not launch_bounds: without HIP's headers the latter has no effect, and the register
// allocator would assume workgroups of 1024.
#define HIPINFER_KERNEL(threads) extern "C" __attribute__((global, amdgpu_flat_work_group_size(threads, threads))) void
#define HIPINFER_KERNEL_RESIDENT(threads, blocks) HIPINFER_KERNEL(threads)
#define HIPINFER_PARAMS(type) const type
#else
#define HIPINFER_KERNEL(threads) extern "C" __global__ __launch_bounds__(threads) void
// With registers for `blocks` blocks a multiprocessor; on AMD the compiler's own choice gives enough.
#define HIPINFER_KERNEL_RESIDENT(threads, blocks) extern "C" __global__ __launch_bounds__(threads, blocks) void
#define HIPINFER_PARAMS(type) const __grid_constant__ type
#endif

#define HIPINFER_DEVICE __device__ inline __attribute__((always_inline))

#if defined(__AMDGCN__)
#include "device/arch/amdgcn.h"
#else
#include "device/arch/nvptx.h"
#endif
