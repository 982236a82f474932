// SPDX-License-Identifier: Apache-2.0
// Written by src/gen/generate.py from src/ops/*/op.toml; edit those.
/// @file ops.h The operations.
#ifndef HIPINFER_OPS_H
#define HIPINFER_OPS_H

#include "hipinfer/types.h"

#ifdef __cplusplus
extern "C" {
#endif

/// Root-mean-square normalisation of each row.
///
///     output = input / sqrt(mean(input^2) + eps) * weight
///
/// where T is rows (tokens); 0 is allowed; H is heads: with three dimensions every head is a row (per-head
/// QK norm); N is row length, from 1.
/// @param[out] output [T, N] or [T, H, N], dtype f32, f16, bf16; last dimension contiguous, other strides
///   free. Normalised rows.
/// @param[in] input [T, N] or [T, H, N], dtype f32, f16, bf16; last dimension contiguous, other strides
///   free. Rows to normalise.
/// @param[in] weight [N], dtype that of data, or f32; last dimension contiguous, other strides free. Gain
///   of each column.
/// @param eps from 0 to 3.4e+38. Added to the mean of squares, to keep a zero row finite; no unit.
/// @param stream Where the work is enqueued.
/// Aliasing: output may be input.
/// Workspace: none.
/// Numerics: Squares are summed in fp32 in a fixed order; one rounding, to the output's dtype. Bitwise
///   reproducible, and a row's result does not depend on the other rows.
/// Errors: INVALID_HANDLE, NULL_POINTER, INVALID_RANK, INVALID_DTYPE, INVALID_SHAPE, INVALID_STRIDE,
///   INVALID_DEVICE, MISALIGNED, OVERFLOW, ALIASING when a tensor is not as stated above; INVALID_ARGUMENT
///   when a scalar is out of its range; UNSUPPORTED when every kernel that could serve the call is disabled
///   or out of its condition; MODULE_LOAD, NO_CODE_OBJECT, DRIVER_ERROR from the device.
/// Source: Zhang and Sennrich 2019, arXiv:1910.07467; meaning of flashinfer.norm.rmsnorm.
/// Since: 0.1.
HIPINFER_NODISCARD HIPINFER_API hipinfer_status hipinfer_rmsnorm(hipinfer_context context,
    const hipinfer_tensor* output, const hipinfer_tensor* input, const hipinfer_tensor* weight, float eps,
    hipinfer_stream stream);

#ifdef __cplusplus
}
#endif

#endif
