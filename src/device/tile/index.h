// SPDX-License-Identifier: Apache-2.0
// What the index functions of matrix layouts are declared with: they run on the device and in the host's test.
#pragma once

#if defined(__CUDACC__)
#define HIPINFER_INDEX_FREE __host__ __device__ constexpr
#else
#define HIPINFER_INDEX_FREE constexpr  // clang lets the device call what is constexpr
#endif
#define HIPINFER_INDEX HIPINFER_INDEX_FREE static
