// SPDX-License-Identifier: Apache-2.0
// Written by src/gen/generate.py from src/ops/*/op.toml; edit those.
/// @file ops.h The operations.
#ifndef HIPINFER_OPS_H
#define HIPINFER_OPS_H

#include "hipinfer/types.h"

#ifdef __cplusplus
extern "C" {
#endif

/// Matrix product with a transposed weight (a linear layer), with optional bias and residual.
///
///     output[m, n] = sum over k of input[m, k] * weight[n, k] + bias[n] + residual[m, n]
///
/// where M is rows (tokens); 0 is allowed; N is output features; 0 is allowed; K is input features; 0 is
/// allowed and gives bias + residual.
/// @param[out] output [M, N], dtype that of data, or f32; last dimension contiguous, other strides free.
///   The product.
/// @param[in] input [M, K], dtype f32, f16, bf16; last dimension contiguous, other strides free.
///   Activations. Fastest when every row begins at a multiple of 16 bytes.
/// @param[in] weight [N, K], dtype f32, f16, bf16; last dimension contiguous, other strides free. Weight, a
///   row for each output feature. Fastest when every row begins at a multiple of 16 bytes.
/// @param[in] bias optional (NULL), [N], dtype f32, f16, bf16; last dimension contiguous, other strides
///   free. Added to every row.
/// @param[in] residual optional (NULL), [M, N], dtype that of data, or f32; last dimension contiguous,
///   other strides free. Added to the product before it is rounded.
/// @param stream Where the work is enqueued.
/// Aliasing: output may be residual.
/// Workspace: none.
/// Numerics: Products are summed in fp32 in a fixed order that does not depend on N; bias and residual are
///   added to the fp32 sum, then one rounding, to the output's dtype. Bitwise reproducible. A row's result
///   depends on M only in that at most 8 rows are served by another kernel, with another order of
///   summation; in a batch-invariant context it does not depend on M. A partial sum past fp32's range
///   becomes infinite. On gfx90a the matrix units read subnormal f16 and bf16 values as zero.
/// Errors: INVALID_HANDLE, NULL_POINTER, INVALID_RANK, INVALID_DTYPE, INVALID_SHAPE, INVALID_STRIDE,
///   INVALID_DEVICE, MISALIGNED, OVERFLOW, ALIASING when a tensor is not as stated above; UNSUPPORTED when
///   every kernel that could serve the call is disabled or out of its condition; MODULE_LOAD,
///   NO_CODE_OBJECT, DRIVER_ERROR from the device.
/// Source: y = x Wᵀ + b of torch.nn.functional.linear; both operands are contiguous in k.
/// Since: 0.1.
HIPINFER_NODISCARD HIPINFER_API hipinfer_status hipinfer_gemm(hipinfer_context context,
    const hipinfer_tensor* output, const hipinfer_tensor* input, const hipinfer_tensor* weight,
    const hipinfer_tensor* bias, const hipinfer_tensor* residual, hipinfer_stream stream);

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
