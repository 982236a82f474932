// SPDX-License-Identifier: Apache-2.0
// Written by src/gen/generate.py from src/ops/*/op.toml; edit those.
/// @file ops.h The operations.
#ifndef HIPINFER_OPS_H
#define HIPINFER_OPS_H

#include "hipinfer/types.h"

#ifdef __cplusplus
extern "C" {
#endif

/// Index of the largest element of each row.
///
///     output[t] = the lowest i with input[t,i] = max over j of input[t,j]
///
/// where T is rows (tokens); 0 is allowed; V is row length (vocabulary), from 1.
/// @param[out] output [T], dtype i32, i64; last dimension contiguous, other strides free. An index into
///   each row, always in range.
/// @param[in] input [T, V], dtype f32, f16, bf16; last dimension contiguous, other strides free. The rows
///   to search.
/// @param stream Where the work is enqueued.
/// Aliasing: output may not overlap input.
/// Workspace: none.
/// Numerics: Exact. A NaN is never chosen; a row of nothing but NaN gives 0. +0 and -0 are equal.
/// Errors: INVALID_HANDLE, NULL_POINTER, INVALID_RANK, INVALID_DTYPE, INVALID_SHAPE, INVALID_STRIDE,
///   INVALID_DEVICE, MISALIGNED, OVERFLOW, ALIASING when a tensor is not as stated above; INVALID_SHAPE
///   when V is 0, or V - 1 does not fit in the dtype of output; UNSUPPORTED when every kernel that could
///   serve the call is disabled or out of its condition; MODULE_LOAD, NO_CODE_OBJECT, DRIVER_ERROR from the
///   device.
/// Source: Greedy decoding; meaning of torch.argmax(input, -1), save that torch chooses a NaN.
/// Since: 0.1.
HIPINFER_NODISCARD HIPINFER_API hipinfer_status hipinfer_argmax(hipinfer_context context,
    const hipinfer_tensor* output, const hipinfer_tensor* input, hipinfer_stream stream);

/// Converts a tensor of any shape to another floating-point dtype.
///
///     output = input, in the dtype of output
///
/// @param[out] output any shape, the same for all, dtype f32, f16, bf16; any strides. The converted
///   elements; no two of them share memory.
/// @param[in] input any shape, the same for all, dtype f32, f16, bf16; any strides. The elements to
///   convert; a stride of 0 repeats one.
/// @param stream Where the work is enqueued.
/// Aliasing: output may not overlap input.
/// Workspace: none.
/// Numerics: Exact where the output's dtype holds the value, else rounded once, to nearest even; what is
///   too large becomes infinity, a NaN stays a NaN.
/// Errors: INVALID_HANDLE, NULL_POINTER, INVALID_RANK, INVALID_DTYPE, INVALID_SHAPE, INVALID_STRIDE,
///   INVALID_DEVICE, MISALIGNED, OVERFLOW, ALIASING when a tensor is not as stated above; UNSUPPORTED when
///   every kernel that could serve the call is disabled or out of its condition; MODULE_LOAD,
///   NO_CODE_OBJECT, DRIVER_ERROR from the device.
/// Source: IEEE 754-2019, 5.4.2 formatOf-convertFormat, roundTiesToEven; meaning of torch.Tensor.to(dtype).
/// Since: 0.1.
HIPINFER_NODISCARD HIPINFER_API hipinfer_status hipinfer_cast(hipinfer_context context,
    const hipinfer_tensor* output, const hipinfer_tensor* input, hipinfer_stream stream);

/// Masks the attention scores of keys that come after their query.
///
///     output[b,h,q,k] = value if k > q + (K - Q), else input[b,h,q,k]
///
/// where B is requests; 0 is allowed; H is heads; 0 is allowed; Q is queries; 0 is allowed; K is keys; 0 is
/// allowed.
/// @param[out] output [B, H, Q, K], dtype f32, f16, bf16; last dimension contiguous, other strides free.
///   The masked scores.
/// @param[in] input [B, H, Q, K], dtype f32, f16, bf16; last dimension contiguous, other strides free. The
///   scores.
/// @param value any value. What masked scores become, usually -infinity; NaN is allowed.
/// @param stream Where the work is enqueued.
/// Aliasing: output may be input, with the same strides.
/// Workspace: none.
/// Numerics: Scores are copied bit for bit; value is rounded once, to nearest even, to the dtype.
/// Errors: INVALID_HANDLE, NULL_POINTER, INVALID_RANK, INVALID_DTYPE, INVALID_SHAPE, INVALID_STRIDE,
///   INVALID_DEVICE, MISALIGNED, OVERFLOW, ALIASING when a tensor is not as stated above; INVALID_ARGUMENT
///   when a scalar is out of its range; UNSUPPORTED when every kernel that could serve the call is disabled
///   or out of its condition; MODULE_LOAD, NO_CODE_OBJECT, DRIVER_ERROR from the device.
/// Source: The causal mask of Vaswani et al. 2017, arXiv:1706.03762, aligned to the end: the last query
///   sees every key. With Q > K the first Q - K rows are masked whole.
/// Since: 0.1.
HIPINFER_NODISCARD HIPINFER_API hipinfer_status hipinfer_causal_mask(hipinfer_context context,
    const hipinfer_tensor* output, const hipinfer_tensor* input, float value, hipinfer_stream stream);

/// Gathers rows of a table by index.
///
///     output[t] = table[indices[t]]; a row of zeros where indices[t] < 0, a row of NaN where indices[t] >=
///         V
///
/// where T is tokens; 0 is allowed; N is row length; 0 is allowed; V is rows of the table (vocabulary); 0
/// is allowed.
/// @param[out] output [T, N], dtype f32, f16, bf16; last dimension contiguous, other strides free. The
///   gathered rows.
/// @param[in] table [V, N], dtype f32, f16, bf16; last dimension contiguous, other strides free. The rows
///   to gather from. Nothing outside them is read.
/// @param[in] indices [T], dtype i32, i64; last dimension contiguous, other strides free. Row of the table
///   for each token; any value is allowed.
/// @param stream Where the work is enqueued.
/// Aliasing: output may not overlap table.
/// Workspace: none.
/// Numerics: Rows are copied bit for bit.
/// Errors: INVALID_HANDLE, NULL_POINTER, INVALID_RANK, INVALID_DTYPE, INVALID_SHAPE, INVALID_STRIDE,
///   INVALID_DEVICE, MISALIGNED, OVERFLOW, ALIASING when a tensor is not as stated above; UNSUPPORTED when
///   every kernel that could serve the call is disabled or out of its condition; MODULE_LOAD,
///   NO_CODE_OBJECT, DRIVER_ERROR from the device.
/// Source: Meaning of torch.nn.functional.embedding; negative indices are padding, and an index past the
///   table is made visible as NaN in place of a fault.
/// Since: 0.1.
HIPINFER_NODISCARD HIPINFER_API hipinfer_status hipinfer_embedding(hipinfer_context context,
    const hipinfer_tensor* output, const hipinfer_tensor* table, const hipinfer_tensor* indices,
    hipinfer_stream stream);

/// Adds the input to the residual stream and normalises the sum, in place in both.
///
///     sum = input + residual; residual = sum; input = sum / sqrt(mean(sum^2) + eps) * weight
///
/// where T is rows (tokens); 0 is allowed; N is row length, from 1.
/// @param[in,out] input [T, N], dtype f32, f16, bf16; last dimension contiguous, other strides free. What a
///   layer adds to the stream; afterwards the normalised rows.
/// @param[in,out] residual [T, N], dtype f32, f16, bf16; last dimension contiguous, other strides free. The
///   residual stream; afterwards the sum.
/// @param[in] weight [N], dtype that of data, or f32; last dimension contiguous, other strides free. Gain
///   of each column.
/// @param eps from 0 to 3.4e+38. Added to the mean of squares, to keep a zero row finite; no unit.
/// @param stream Where the work is enqueued.
/// Aliasing: input, residual and weight may not overlap.
/// Workspace: none.
/// Numerics: The sum is formed in fp32 and rounded once when residual is stored; the norm uses the
///   unrounded sum. Squares are summed in fp32 in a fixed order. Bitwise reproducible, and a row's result
///   does not depend on the other rows.
/// Errors: INVALID_HANDLE, NULL_POINTER, INVALID_RANK, INVALID_DTYPE, INVALID_SHAPE, INVALID_STRIDE,
///   INVALID_DEVICE, MISALIGNED, OVERFLOW, ALIASING when a tensor is not as stated above; INVALID_ARGUMENT
///   when a scalar is out of its range; INVALID_SHAPE when N is 0: rows of length 0 have no mean;
///   UNSUPPORTED when every kernel that could serve the call is disabled or out of its condition;
///   MODULE_LOAD, NO_CODE_OBJECT, DRIVER_ERROR from the device.
/// Source: Zhang and Sennrich 2019, arXiv:1910.07467; meaning of flashinfer.norm.fused_add_rmsnorm.
/// Since: 0.1.
HIPINFER_NODISCARD HIPINFER_API hipinfer_status hipinfer_fused_add_rmsnorm(hipinfer_context context,
    const hipinfer_tensor* input, const hipinfer_tensor* residual, const hipinfer_tensor* weight, float eps,
    hipinfer_stream stream);

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

/// Multiplies a tensor of any shape by a number.
///
///     output = input * factor
///
/// @param[out] output any shape, the same for all, dtype f32, f16, bf16; any strides. The products; no two
///   of them share memory.
/// @param[in] input any shape, the same for all, dtype f32, f16, bf16; any strides. The elements to
///   multiply; a stride of 0 repeats one.
/// @param factor any value. What every element is multiplied by; infinities and NaN are allowed.
/// @param stream Where the work is enqueued.
/// Aliasing: output may be input, with the same strides.
/// Workspace: none.
/// Numerics: The product is formed in fp32 and rounded to nearest even to the output's dtype: one rounding
///   for f32, two (to fp32, then to the dtype) for f16 and bf16. NaN and infinities as IEEE 754 has them.
/// Errors: INVALID_HANDLE, NULL_POINTER, INVALID_RANK, INVALID_DTYPE, INVALID_SHAPE, INVALID_STRIDE,
///   INVALID_DEVICE, MISALIGNED, OVERFLOW, ALIASING when a tensor is not as stated above; INVALID_ARGUMENT
///   when a scalar is out of its range; UNSUPPORTED when every kernel that could serve the call is disabled
///   or out of its condition; MODULE_LOAD, NO_CODE_OBJECT, DRIVER_ERROR from the device.
/// Source: The score and residual scaling of transformer pipelines; meaning of torch.mul(input, factor).
/// Since: 0.1.
HIPINFER_NODISCARD HIPINFER_API hipinfer_status hipinfer_scale(hipinfer_context context,
    const hipinfer_tensor* output, const hipinfer_tensor* input, float factor, hipinfer_stream stream);

/// SwiGLU on a packed projection: silu of the first half of each row times the second half.
///
///     output[t,i] = silu(input[t,i]) * input[t,N+i], silu(x) = x / (1 + exp(-x))
///
/// where T is tokens; 0 is allowed; N is length of an output row; 0 is allowed.
/// @param[out] output [T, N], dtype f32, f16, bf16; last dimension contiguous, other strides free. The
///   gated rows.
/// @param[in] input [T, 2*N], dtype f32, f16, bf16; last dimension contiguous, other strides free. Each
///   row: N gate values, then the N values that they gate.
/// @param stream Where the work is enqueued.
/// Aliasing: output may not overlap input.
/// Workspace: none.
/// Numerics: fp32, one rounding to the dtype. exp(-x) overflows below x = -88.7, where silu is -0; what
///   fp32 cannot tell from 0 gives NaN when it gates an infinity; silu(-infinity) is NaN, as the formula
///   has it.
/// Errors: INVALID_HANDLE, NULL_POINTER, INVALID_RANK, INVALID_DTYPE, INVALID_SHAPE, INVALID_STRIDE,
///   INVALID_DEVICE, MISALIGNED, OVERFLOW, ALIASING when a tensor is not as stated above; UNSUPPORTED when
///   every kernel that could serve the call is disabled or out of its condition; MODULE_LOAD,
///   NO_CODE_OBJECT, DRIVER_ERROR from the device.
/// Source: Shazeer 2020, arXiv:2002.05202; meaning of flashinfer.activation.silu_and_mul.
/// Since: 0.1.
HIPINFER_NODISCARD HIPINFER_API hipinfer_status hipinfer_silu_and_mul(hipinfer_context context,
    const hipinfer_tensor* output, const hipinfer_tensor* input, hipinfer_stream stream);

/// Probabilities of each row of logits, at a temperature.
///
///     output[t,i] = exp((input[t,i] - max) / temperature) / sum over j of exp((input[t,j] - max) /
///         temperature), max over the row
///
/// where T is rows (tokens); 0 is allowed; V is row length (vocabulary); 0 is allowed.
/// @param[out] output [T, V], dtype that of data, or f32; last dimension contiguous, other strides free.
///   Probabilities.
/// @param[in] input [T, V], dtype f32, f16, bf16; last dimension contiguous, other strides free. Logits.
/// @param temperature from 0 to 3.4e+38. Divides the logits; 0 puts all weight on the maximum. No unit.
/// @param[in] temperatures optional (NULL), [T], dtype f32; last dimension contiguous, other strides free.
///   A temperature for each row, in place of temperature; a row whose entry is negative, infinite or NaN
///   becomes NaN.
/// @param stream Where the work is enqueued.
/// Aliasing: output may be input, with the same dtype and strides.
/// Workspace: none.
/// Numerics: fp32 in a fixed order, one rounding to the output's dtype. A row with a NaN is NaN; a row of
///   -infinity alone is zeros; a row with +infinity is NaN, as the formula has it. At temperature 0: 1 at
///   the lowest index of the maximum (+infinity included), else 0. Bitwise reproducible, and a row's result
///   does not depend on the other rows.
/// Errors: INVALID_HANDLE, NULL_POINTER, INVALID_RANK, INVALID_DTYPE, INVALID_SHAPE, INVALID_STRIDE,
///   INVALID_DEVICE, MISALIGNED, OVERFLOW, ALIASING when a tensor is not as stated above; INVALID_ARGUMENT
///   when a scalar is out of its range; ALIASING when output is the same memory as input and their dtypes
///   differ; UNSUPPORTED when every kernel that could serve the call is disabled or out of its condition;
///   MODULE_LOAD, NO_CODE_OBJECT, DRIVER_ERROR from the device.
/// Source: Online maximum and sum of Milakov and Gimelshein 2018, arXiv:1805.02867; meaning of
///   flashinfer.sampling.softmax.
/// Since: 0.1.
HIPINFER_NODISCARD HIPINFER_API hipinfer_status hipinfer_softmax(hipinfer_context context,
    const hipinfer_tensor* output, const hipinfer_tensor* input, float temperature,
    const hipinfer_tensor* temperatures, hipinfer_stream stream);

#ifdef __cplusplus
}
#endif

#endif
