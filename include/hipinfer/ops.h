// SPDX-License-Identifier: Apache-2.0
// Written by src/gen/generate.py from src/ops/*/op.toml; edit those.
/// @file ops.h The operations.
#ifndef HIPINFER_OPS_H
#define HIPINFER_OPS_H

#include "hipinfer/types.h"

#ifdef __cplusplus
extern "C" {
#endif

/// Options of hipinfer_paged_attention_decode. Zero the struct, set struct_size, then the fields you need: zero is every default.
typedef struct hipinfer_paged_attention_decode_options {
  size_t struct_size; ///< sizeof(hipinfer_paged_attention_decode_options)
  float sm_scale; ///< from 0 to 1e+30. Factor of the scores; 0 means 1/sqrt(D).
} hipinfer_paged_attention_decode_options;

/// Attention of one query token a request over its paged KV cache.
///
///     output[b,h] = sum_j softmax_j(sm_scale * query[b,h] . k[b,j,h/(Hq/Hk)]) * v[b,j,h/(Hq/Hk)], lse[b,h]
///         = log2(sum_j exp(sm_scale * query[b,h] . k[b,j,h/(Hq/Hk)])), j over the keys of request b: key j
///         is in page kv_indices[kv_indptr[b] + j/S], slot j%S; a request of n > 0 pages has (n-1)*S +
///         kv_last_page_len[b] keys, one of 0 pages none
///
/// where B is requests; 0 is allowed; Hq is query heads, a multiple of Hk; Hk is key/value heads; D is head
/// dimension: a multiple of 8 up to 256; 64, 128 and 256 have kernels of their own; P is pages of the
/// cache; S is slots of a page, from 1; I is entries of the page table; I*S is at most 2^30. Capacity
/// beyond kv_indptr[B] costs workspace and nothing else.
/// @param[out] output [B, Hq, D], dtype f32, f16, bf16; last dimension contiguous, other strides free.
///   Attention output.
/// @param[out] lse optional (NULL), [B, Hq], dtype f32; last dimension contiguous, other strides free.
///   Logarithm, base 2, of the sum of the exponentials of the scaled scores.
/// @param[in] query [B, Hq, D], dtype f32, f16, bf16; last dimension contiguous, other strides free. One
///   query token a request.
/// @param[in] k_cache [P, S, Hk, D], dtype f32, f16, bf16; last dimension contiguous, other strides free.
///   Keys. NHD, HND and combined key/value tensors are views with other strides.
/// @param[in] v_cache [P, S, Hk, D], dtype f32, f16, bf16; last dimension contiguous, other strides free.
///   Values, with strides of their own.
/// @param[in] kv_indptr [B+1], dtype i32; last dimension contiguous, other strides free. Request b owns the
///   entries kv_indptr[b] to kv_indptr[b+1]-1 of kv_indices; ascending. Read on the device: a captured
///   graph replays with new lengths.
/// @param[in] kv_indices [I], dtype i32; last dimension contiguous, other strides free. The page table:
///   pages of the cache, each in [0, P). Entries of no request are not read.
/// @param[in] kv_last_page_len [B], dtype i32; last dimension contiguous, other strides free. Slots in use
///   in a request's last page, from 1 to S; ignored for a request of 0 pages.
/// @param options NULL for the defaults; see hipinfer_paged_attention_decode_options.
/// @param workspace Device memory, aligned to 16 bytes, of workspace_bytes >= what
///   hipinfer_paged_attention_decode_workspace_bytes says. Partial results of requests that are cut into
///   chunks: 4*(D+2)*Hq bytes a chunk, 0 if none can be cut and on the CPU.
/// @param stream Where the work is enqueued.
/// Aliasing: none: the outputs may not overlap each other or an input. k_cache and v_cache may be views of
///   one tensor.
/// Workspace: Partial results of requests that are cut into chunks: 4*(D+2)*Hq bytes a chunk, 0 if none can
///   be cut and on the CPU.
/// Numerics: Scores, softmax and sums in fp32, in an order that shapes and kv_indptr fix; one rounding, to
///   the output's dtype. A request without keys, or whose scores are all -inf, gives zeros and lse -inf; a
///   NaN or +inf score gives NaN. What unused slots and pages hold never matters. Long requests are cut
///   into chunks whose length depends on the total of the batch; in a BATCH_INVARIANT context it is fixed,
///   and a request's result does not depend on the others. Bitwise reproducible.
/// Errors: INVALID_HANDLE, NULL_POINTER, INVALID_RANK, INVALID_DTYPE, INVALID_SHAPE, INVALID_STRIDE,
///   INVALID_DEVICE, MISALIGNED, OVERFLOW, ALIASING when a tensor is not as stated above; INVALID_ARGUMENT
///   when a scalar is out of its range; WORKSPACE_TOO_SMALL, whose message names the bytes needed;
///   INVALID_SHAPE when Hq is not a multiple of Hk, or D or S is 0; UNSUPPORTED when D is no multiple of 8
///   or above 256, or I*S is above 2^30; UNSUPPORTED when every kernel that could serve the call is
///   disabled or out of its condition; MODULE_LOAD, NO_CODE_OBJECT, DRIVER_ERROR from the device.
/// Source: Dao et al. 2022, arXiv:2205.14135, split over keys as in Flash-Decoding (Dao et al. 2023);
///   meaning of flashinfer.BatchDecodeWithPagedKVCacheWrapper.
/// Since: 0.1.
HIPINFER_NODISCARD HIPINFER_API hipinfer_status hipinfer_paged_attention_decode(hipinfer_context context,
    const hipinfer_tensor* output, const hipinfer_tensor* lse, const hipinfer_tensor* query,
    const hipinfer_tensor* k_cache, const hipinfer_tensor* v_cache, const hipinfer_tensor* kv_indptr,
    const hipinfer_tensor* kv_indices, const hipinfer_tensor* kv_last_page_len,
    const hipinfer_paged_attention_decode_options* options, void* workspace, size_t workspace_bytes,
    hipinfer_stream stream);

/// Bytes of workspace that hipinfer_paged_attention_decode needs for these arguments. Only shapes, dtypes and options matter:
/// data may be NULL.
HIPINFER_NODISCARD HIPINFER_API hipinfer_status hipinfer_paged_attention_decode_workspace_bytes(
    hipinfer_context context, const hipinfer_tensor* output, const hipinfer_tensor* lse,
    const hipinfer_tensor* query, const hipinfer_tensor* k_cache, const hipinfer_tensor* v_cache,
    const hipinfer_tensor* kv_indptr, const hipinfer_tensor* kv_indices,
    const hipinfer_tensor* kv_last_page_len, const hipinfer_paged_attention_decode_options* options,
    size_t* bytes);

/// Options of hipinfer_paged_attention_prefill. Zero the struct, set struct_size, then the fields you need: zero is every default.
typedef struct hipinfer_paged_attention_prefill_options {
  size_t struct_size; ///< sizeof(hipinfer_paged_attention_prefill_options)
  int32_t causal; ///< 0 or 1. A token sees the keys up to its own position, the last token of a request being at its last key. With more tokens than keys the first ones see none.
  float sm_scale; ///< from 0 to 1e+30. Factor of the scores; 0 means 1/sqrt(D).
} hipinfer_paged_attention_prefill_options;

/// Attention of the query tokens of a ragged batch over a paged KV cache.
///
///     output[t,h] = sum_j softmax_j(sm_scale * query[t,h] . k[b,j,h/(Hq/Hk)]) * v[b,j,h/(Hq/Hk)], lse[t,h]
///         = log2(sum_j exp(sm_scale * query[t,h] . k[b,j,h/(Hq/Hk)])), where b is the request of token t =
///         qo_indptr[b] + i, 0 <= i < q_len = qo_indptr[b+1] - qo_indptr[b], and j runs over the request's
///         kv_len keys; causal: over those with j <= kv_len - q_len + i. Key j is in page
///         kv_indices[kv_indptr[b] + j/S], slot j%S; n > 0 pages hold kv_len = (n-1)*S +
///         kv_last_page_len[b] keys, 0 pages none
///
/// where T is query tokens; 0 is allowed. Tokens outside [qo_indptr[0], qo_indptr[B]) belong to no request:
/// their output is left as it is; B is requests; 0 is allowed; Hq is query heads, a multiple of Hk; Hk is
/// key/value heads; D is head dimension: a multiple of 8 up to 256; 64, 128 and 256 have kernels of their
/// own; P is pages of the cache; S is slots of a page, from 1; I is entries of the page table; I*S is at
/// most 2^30.
/// @param[out] output [T, Hq, D], dtype f32, f16, bf16; last dimension contiguous, other strides free.
///   Attention output.
/// @param[out] lse optional (NULL), [T, Hq], dtype f32; last dimension contiguous, other strides free.
///   Logarithm, base 2, of the sum of the exponentials of the scaled scores.
/// @param[in] query [T, Hq, D], dtype f32, f16, bf16; last dimension contiguous, other strides free. The
///   query tokens of all requests, one request after the other.
/// @param[in] k_cache [P, S, Hk, D], dtype f32, f16, bf16; last dimension contiguous, other strides free.
///   Keys. NHD, HND and combined key/value tensors are views with other strides.
/// @param[in] v_cache [P, S, Hk, D], dtype f32, f16, bf16; last dimension contiguous, other strides free.
///   Values, with strides of their own.
/// @param[in] qo_indptr [B+1], dtype i32; last dimension contiguous, other strides free. Request b owns the
///   tokens qo_indptr[b] to qo_indptr[b+1]-1; ascending. Read on the device: a captured graph replays with
///   new lengths.
/// @param[in] kv_indptr [B+1], dtype i32; last dimension contiguous, other strides free. Request b owns the
///   entries kv_indptr[b] to kv_indptr[b+1]-1 of kv_indices; ascending. Read on the device.
/// @param[in] kv_indices [I], dtype i32; last dimension contiguous, other strides free. The page table:
///   pages of the cache, each in [0, P). Entries of no request are not read.
/// @param[in] kv_last_page_len [B], dtype i32; last dimension contiguous, other strides free. Slots in use
///   in a request's last page, from 1 to S; ignored for a request of 0 pages.
/// @param options NULL for the defaults; see hipinfer_paged_attention_prefill_options.
/// @param stream Where the work is enqueued.
/// Aliasing: none: the outputs may not overlap each other or an input. k_cache and v_cache may be views of
///   one tensor.
/// Workspace: none.
/// Numerics: Scores, softmax and sums in fp32, in a fixed order; one rounding, to the output's dtype. A row
///   that sees no key, or whose scores are all -inf, gives zeros and lse -inf; a NaN or +inf score gives
///   NaN. What a row does not see (masked keys, unused slots and pages) never matters to it. Bitwise
///   reproducible, and a row's result does not depend on the other requests.
/// Errors: INVALID_HANDLE, NULL_POINTER, INVALID_RANK, INVALID_DTYPE, INVALID_SHAPE, INVALID_STRIDE,
///   INVALID_DEVICE, MISALIGNED, OVERFLOW, ALIASING when a tensor is not as stated above; INVALID_ARGUMENT
///   when a scalar is out of its range; INVALID_SHAPE when Hq is not a multiple of Hk, or D or S is 0;
///   UNSUPPORTED when D is no multiple of 8 or above 256, or I*S is above 2^30; UNSUPPORTED when every
///   kernel that could serve the call is disabled or out of its condition; MODULE_LOAD, NO_CODE_OBJECT,
///   DRIVER_ERROR from the device.
/// Source: Dao 2023, arXiv:2307.08691; meaning of flashinfer.BatchPrefillWithPagedKVCacheWrapper.
/// Since: 0.1.
HIPINFER_NODISCARD HIPINFER_API hipinfer_status hipinfer_paged_attention_prefill(hipinfer_context context,
    const hipinfer_tensor* output, const hipinfer_tensor* lse, const hipinfer_tensor* query,
    const hipinfer_tensor* k_cache, const hipinfer_tensor* v_cache, const hipinfer_tensor* qo_indptr,
    const hipinfer_tensor* kv_indptr, const hipinfer_tensor* kv_indices,
    const hipinfer_tensor* kv_last_page_len, const hipinfer_paged_attention_prefill_options* options,
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

#ifdef __cplusplus
}
#endif

#endif
