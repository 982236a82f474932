// SPDX-License-Identifier: Apache-2.0
// What the index functions of matrix layouts are declared with: they run on the device and in the host's test.
#pragma once

#if defined(__CUDACC__)
#define HIPINFER_INDEX __host__ __device__ static constexpr
#else
#define HIPINFER_INDEX static constexpr  // clang lets the device call what is constexpr
#endif
