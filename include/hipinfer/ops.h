// SPDX-License-Identifier: Apache-2.0
// Written by src/gen/generate.py from src/ops/*/family.toml; edit those.
/// @file ops.h The operations.
#ifndef HIPINFER_OPS_H
#define HIPINFER_OPS_H

#include "hipinfer/types.h"

#ifdef __cplusplus
extern "C" {
#endif

/// Adaptive layer normalisation: rows are normalised without weights, then scaled and shifted by what their batch element says.
///
///     output[b,t] = norm(input[b,t]) * (1 + scale[b]) + shift[b]; norm(x) = (x - mean(x)) / sqrt(mean((x -
///         mean(x))^2) + eps), with rms: x / sqrt(mean(x^2) + eps)
///
/// where B is batch elements; 0 is allowed; T is tokens of a batch element; 0 is allowed; N is row length,
/// from 1.
/// @param[out] output [B, T, N], dtype f32, f16, bf16; last dimension contiguous, other strides free.
///   Modulated rows.
/// @param[in] input [B, T, N], dtype f32, f16, bf16; last dimension contiguous, other strides free. Rows to
///   normalise.
/// @param[in] scale [B, N], dtype that of data, or f32; last dimension contiguous, other strides free. Gain
///   of each column, less 1; a slice of the modulation's wider rows will do.
/// @param[in] shift [B, N], dtype that of data, or f32; last dimension contiguous, other strides free. What
///   is added to each column.
/// @param eps from 0 to 3.4e+38. Added to the mean of squares, to keep a constant row finite; no unit.
/// @param rms 0 or 1. 0: layer normalisation. 1: root-mean-square normalisation, which subtracts no mean.
/// @param stream Where the work is enqueued.
/// Aliasing: output may be input, with the same strides; it may not overlap scale or shift.
/// Workspace: none.
/// Numerics: fp32, sums in a fixed order; 1 + scale is formed in fp32; one rounding, to the output's dtype.
///   Bitwise reproducible, and a row's result does not depend on the other rows.
/// Errors: INVALID_HANDLE, NULL_POINTER, INVALID_RANK, INVALID_DTYPE, INVALID_SHAPE, INVALID_STRIDE,
///   INVALID_DEVICE, MISALIGNED, OVERFLOW, ALIASING when a tensor is not as stated above; INVALID_ARGUMENT
///   when a scalar is out of its range; INVALID_SHAPE when N is 0: rows of length 0 have no mean;
///   UNSUPPORTED when every kernel that could serve the call is disabled or out of its condition;
///   MODULE_LOAD, NO_CODE_OBJECT, DRIVER_ERROR from the device.
/// Source: Peebles and Xie 2022, arXiv:2212.09748 (adaLN); AdaLayerNormZero and AdaLayerNormContinuous of
///   FLUX.
/// Since: 0.1.
HIPINFER_NODISCARD HIPINFER_API hipinfer_status hipinfer_adaln(hipinfer_context context,
    const hipinfer_tensor* output, const hipinfer_tensor* input, const hipinfer_tensor* scale,
    const hipinfer_tensor* shift, float eps, int32_t rms, hipinfer_stream stream);

/// Writes new keys and values to their places in a paged cache, quantised where the cache is fp8.
///
///     k_cache[page, slot] = append_key[t], v_cache[page, slot] = append_value[t], with b =
///         batch_indices[t], page = kv_indices[kv_indptr[b] + positions[t] / S] and slot = positions[t] mod
///         S; in a cache of fp8 saturate(round(append_key[t] / k_scale)) and saturate(round(append_value[t]
///         / v_scale))
///
/// where P is pages in the cache; S is slots (tokens) in a page; any number; H is key and value heads; D is
/// head dimension; T is entries to append; 0 is allowed; B is requests; I is entries of the page table.
/// @param[in,out] k_cache [P, S, H, D], dtype that of data, or e4m3fn, e4m3fnuz, e5m2, e5m2fnuz; last
///   dimension contiguous, other strides free. Key pages. The layout is the strides': [pages, slots, heads,
///   D] (NHD), [pages, heads, slots, D] (HND) or one half of a combined tensor are views with these four
///   dimensions. Offsets are 64 bits wide.
/// @param[in,out] v_cache [P, S, H, D], dtype that of data, or e4m3fn, e4m3fnuz, e5m2, e5m2fnuz; last
///   dimension contiguous, other strides free. Value pages; strides of its own.
/// @param[in] append_key [T, H, D], dtype f32, f16, bf16; last dimension contiguous, other strides free.
///   New keys.
/// @param[in] append_value [T, H, D], dtype f32, f16, bf16; last dimension contiguous, other strides free.
///   New values.
/// @param[in] batch_indices [T], dtype i32, i64; last dimension contiguous, other strides free. Request of
///   each entry. An entry is skipped, and nothing is touched out of bounds, where its request is not in [0,
///   B), its position is not in [0, length of the request), or its page is not in [0, P).
/// @param[in] positions [T], dtype i32, i64; last dimension contiguous, other strides free. Position of
///   each entry in its request.
/// @param[in] kv_indices [I], dtype i32, i64; last dimension contiguous, other strides free. Page table:
///   the pages of all requests, one request after the other.
/// @param[in] kv_indptr [B+1], dtype i32, i64; last dimension contiguous, other strides free. Where each
///   request begins in kv_indices, in order. A request that ends where it begins or before has no keys.
/// @param[in] kv_last_page_len [B], dtype i32, i64; last dimension contiguous, other strides free. Slots in
///   use, after the append, in each request's last page, 1 to S: the request's length is (pages - 1) * S +
///   kv_last_page_len.
/// @param[in] k_scale optional (NULL), any shape of one element, dtype f32; last dimension contiguous,
///   other strides free. fp8 caches: what a unit of k_cache stands for, in device memory; left out it is 1.
/// @param[in] v_scale optional (NULL), any shape of one element, dtype f32; last dimension contiguous,
///   other strides free. fp8 caches: what a unit of v_cache stands for, in device memory; left out it is 1.
/// @param stream Where the work is enqueued.
/// Aliasing: none: k_cache and v_cache may be views of one tensor, but may not overlap each other or an
///   input. Two entries of one call must not name the same slot, or which of them stays is undefined.
/// Workspace: none.
/// Numerics: A copy, exact, where the cache has the dtype of the keys. fp8: on a GPU x * (1 / scale), both
///   in fp32, within one unit in the last place of the quotient rounded to nearest even; beyond the largest
///   finite value, infinities too, becomes that value; a NaN stays NaN. Least possible traffic: 2 * H * D *
///   (bytes of data + bytes of cache) a token, and its look-ups (20 bytes and a page number with i32).
/// Errors: INVALID_HANDLE, NULL_POINTER, INVALID_RANK, INVALID_DTYPE, INVALID_SHAPE, INVALID_STRIDE,
///   INVALID_DEVICE, MISALIGNED, OVERFLOW, ALIASING when a tensor is not as stated above; INVALID_CONTENTS,
///   which names the first bad entry, in a context that checks contents; UNSUPPORTED there while the stream
///   is captured; INVALID_DTYPE when a scale is given and the cache is not fp8; INVALID_SHAPE when I * S is
///   2^31 or more, or H or D more than 2^26; UNSUPPORTED when every kernel that could serve the call is
///   disabled or out of its condition; MODULE_LOAD, NO_CODE_OBJECT, DRIVER_ERROR from the device.
/// Source: Meaning of flashinfer.page.append_paged_kv_cache.
/// Since: 0.1.
HIPINFER_NODISCARD HIPINFER_API hipinfer_status hipinfer_append_paged_kv_cache(hipinfer_context context,
    const hipinfer_tensor* k_cache, const hipinfer_tensor* v_cache, const hipinfer_tensor* append_key,
    const hipinfer_tensor* append_value, const hipinfer_tensor* batch_indices,
    const hipinfer_tensor* positions, const hipinfer_tensor* kv_indices, const hipinfer_tensor* kv_indptr,
    const hipinfer_tensor* kv_last_page_len, const hipinfer_tensor* k_scale, const hipinfer_tensor* v_scale,
    hipinfer_stream stream);

/// Writes new latent keys and their rotated parts to their places in the two paged caches of multi-head latent attention.
///
///     ckv_cache[page, slot] = append_ckv[t], kpe_cache[page, slot] = append_kpe[t], with b =
///         batch_indices[t], page = kv_indices[kv_indptr[b] + positions[t] / S] and slot = positions[t] mod
///         S
///
/// where P is pages in the cache; S is slots (tokens) in a page; any number; T is entries to append; 0 is
/// allowed; B is requests; I is entries of the page table; C is columns of the latent key; 0 is allowed; R
/// is columns of its rotated part; 0 is allowed.
/// @param[in,out] ckv_cache [P, S, C], dtype f32, f16, bf16; last dimension contiguous, other strides free.
///   Pages of latent keys, which are values, too. Pages and slots have strides of their own: one part of a
///   tensor [P, S, C + R] is a view of it.
/// @param[in,out] kpe_cache [P, S, R], dtype f32, f16, bf16; last dimension contiguous, other strides free.
///   Pages of the rotated parts; strides of its own.
/// @param[in] append_ckv [T, C], dtype f32, f16, bf16; last dimension contiguous, other strides free. New
///   latent keys.
/// @param[in] append_kpe [T, R], dtype f32, f16, bf16; last dimension contiguous, other strides free. Their
///   rotated parts, which all heads share.
/// @param[in] batch_indices [T], dtype i32, i64; last dimension contiguous, other strides free. Request of
///   each entry. An entry is skipped, and nothing is touched out of bounds, where its request is not in [0,
///   B), its position is not in [0, length of the request), or its page is not in [0, P).
/// @param[in] positions [T], dtype i32, i64; last dimension contiguous, other strides free. Position of
///   each entry in its request.
/// @param[in] kv_indices [I], dtype i32, i64; last dimension contiguous, other strides free. Page table:
///   the pages of all requests, one request after the other.
/// @param[in] kv_indptr [B+1], dtype i32, i64; last dimension contiguous, other strides free. Where each
///   request begins in kv_indices, in order. A request that ends where it begins or before has no keys.
/// @param[in] kv_last_page_len [B], dtype i32, i64; last dimension contiguous, other strides free. Slots in
///   use, after the append, in each request's last page, 1 to S: the request's length is (pages - 1) * S +
///   kv_last_page_len.
/// @param stream Where the work is enqueued.
/// Aliasing: none: ckv_cache and kpe_cache may be views of one tensor, but may not overlap each other or an
///   input. Two entries of one call must not name the same slot, or which of them stays is undefined.
/// Workspace: none.
/// Numerics: A copy, exact. Least possible traffic: 2 * (C + R) elements a token, and its look-ups (20
///   bytes and a page number with i32).
/// Errors: INVALID_HANDLE, NULL_POINTER, INVALID_RANK, INVALID_DTYPE, INVALID_SHAPE, INVALID_STRIDE,
///   INVALID_DEVICE, MISALIGNED, OVERFLOW, ALIASING when a tensor is not as stated above; INVALID_CONTENTS,
///   which names the first bad entry, in a context that checks contents; UNSUPPORTED there while the stream
///   is captured; INVALID_SHAPE when I * S is 2^31 or more, or C or R more than 2^26; UNSUPPORTED when
///   every kernel that could serve the call is disabled or out of its condition; MODULE_LOAD,
///   NO_CODE_OBJECT, DRIVER_ERROR from the device.
/// Source: Meaning of flashinfer.page.append_paged_mla_kv_cache.
/// Since: 0.1.
HIPINFER_NODISCARD HIPINFER_API hipinfer_status hipinfer_append_paged_mla_kv_cache(hipinfer_context context,
    const hipinfer_tensor* ckv_cache, const hipinfer_tensor* kpe_cache, const hipinfer_tensor* append_ckv,
    const hipinfer_tensor* append_kpe, const hipinfer_tensor* batch_indices, const hipinfer_tensor* positions,
    const hipinfer_tensor* kv_indices, const hipinfer_tensor* kv_indptr,
    const hipinfer_tensor* kv_last_page_len, hipinfer_stream stream);

/// Makes tokens that have been seen less likely, and adds a bias to logits.
///
///     c = counts[t,i]; x = logits[t,i]; if c > 0 or prompt[t,i]: x = x / repetition if x > 0, else x *
///         repetition; if c > 0: x = x - (presence + frequency * c); output[t,i] = x + bias[i]
///
/// where T is rows (tokens); 0 is allowed; V is row length (vocabulary); 0 is allowed.
/// @param[out] output [T, V], dtype f32, f16, bf16; last dimension contiguous, other strides free. The
///   changed logits.
/// @param[in] logits [T, V], dtype f32, f16, bf16; last dimension contiguous, other strides free. Rows of
///   logits.
/// @param[in] counts optional (NULL), [T, V], dtype i32; last dimension contiguous, other strides free. How
///   often each token has been generated; a negative number is none.
/// @param[in] prompt optional (NULL), [T, V], dtype bool; last dimension contiguous, other strides free.
///   Whether each token is one of the prompt.
/// @param[in] bias optional (NULL), [V] or [T, V], dtype f32; last dimension contiguous, other strides
///   free. What is added to the logits of all rows, or of each.
/// @param[in] repetitions optional (NULL), [T], dtype f32; last dimension contiguous, other strides free. A
///   number for each row, in place of repetition.
/// @param[in] presences optional (NULL), [T], dtype f32; last dimension contiguous, other strides free. A
///   number for each row, in place of presence.
/// @param[in] frequencies optional (NULL), [T], dtype f32; last dimension contiguous, other strides free. A
///   number for each row, in place of frequency.
/// @param repetition from 1e-06 to 1e+06. Divides positive logits and multiplies others, of tokens of the
///   prompt and of those that were generated; 1 leaves them as they are.
/// @param presence from -1e+06 to 1e+06. Subtracted from logits of tokens that were generated.
/// @param frequency from -1e+06 to 1e+06. Subtracted for each time that a token was generated.
/// @param stream Where the work is enqueued.
/// Aliasing: output may be logits, with the same strides.
/// Workspace: none.
/// Numerics: fp32, one rounding to the output's dtype; the quotient is a product with 1 / repetition. What
///   was not seen and has no bias is copied. A tensor that is left out stands for zeros.
/// Errors: INVALID_HANDLE, NULL_POINTER, INVALID_RANK, INVALID_DTYPE, INVALID_SHAPE, INVALID_STRIDE,
///   INVALID_DEVICE, MISALIGNED, OVERFLOW, ALIASING when a tensor is not as stated above; INVALID_ARGUMENT
///   when a scalar is out of its range; UNSUPPORTED when every kernel that could serve the call is disabled
///   or out of its condition; MODULE_LOAD, NO_CODE_OBJECT, DRIVER_ERROR from the device.
/// Source: Keskar et al. 2019, arXiv:1909.05858, 4.1 (repetition); presence and frequency as in OpenAI's
///   completions interface; the order is vLLM's.
/// Since: 0.1.
HIPINFER_NODISCARD HIPINFER_API hipinfer_status hipinfer_apply_penalties(hipinfer_context context,
    const hipinfer_tensor* output, const hipinfer_tensor* logits, const hipinfer_tensor* counts,
    const hipinfer_tensor* prompt, const hipinfer_tensor* bias, const hipinfer_tensor* repetitions,
    const hipinfer_tensor* presences, const hipinfer_tensor* frequencies, float repetition, float presence,
    float frequency, hipinfer_stream stream);

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
/// @param[out] output any shape, the same for all, dtype f32, f16, bf16, e4m3fn, e4m3fnuz, e5m2, e5m2fnuz;
///   any strides. The converted elements; no two of them share memory.
/// @param[in] input any shape, the same for all, dtype f32, f16, bf16, e4m3fn, e4m3fnuz, e5m2, e5m2fnuz;
///   any strides. The elements to convert; a stride of 0 repeats one.
/// @param stream Where the work is enqueued.
/// Aliasing: output may not overlap input.
/// Workspace: none.
/// Numerics: Exact where the output's dtype holds the value, else rounded once, to nearest even; what is
///   too large becomes infinity, a NaN stays a NaN. The fp8 dtypes saturate: what is beyond the largest
///   finite value, infinities too, becomes that value; a NaN becomes the NaN without a sign; fnuz has no
///   -0.
/// Errors: INVALID_HANDLE, NULL_POINTER, INVALID_RANK, INVALID_DTYPE, INVALID_SHAPE, INVALID_STRIDE,
///   INVALID_DEVICE, MISALIGNED, OVERFLOW, ALIASING when a tensor is not as stated above; UNSUPPORTED when
///   every kernel that could serve the call is disabled or out of its condition; MODULE_LOAD,
///   NO_CODE_OBJECT, DRIVER_ERROR from the device.
/// Source: IEEE 754-2019, 5.4.2 formatOf-convertFormat, roundTiesToEven; meaning of torch.Tensor.to(dtype),
///   with saturation in fp8; OCP 8-bit Floating Point Specification 1.0; Noune et al. 2022,
///   arXiv:2206.02915 (fnuz).
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

/// Keeps the tokens of a draft that the target model agrees with, up to the first that it does not, and samples one more.
///
///     q = draft_probs[b], p = target_probs[b], d = draft_token_ids[b]; e = the first i with u[i] *
///         q[i,d[i]] >= p[i,d[i]], or N; output[b] = d[0] .. d[e-1], then a token sampled from max(p[e] -
///         q[e], 0), of p[N] where e = N, then -1
///
/// where V is vocabulary size, from 1 to 2^31 - 1; B is requests; 0 is allowed; N is tokens of a draft; 0
/// is allowed.
/// @param[out] output [B, N+1], dtype i32; last dimension contiguous, other strides free. The tokens that
///   are agreed with, one more, and -1 in the places that are left.
/// @param[out] valid optional (NULL), [B], dtype bool; last dimension contiguous, other strides free.
///   Whether the last token could be sampled: false, with a 0 in its place, where the target has no
///   probability above 0 there.
/// @param[in] draft_probs [B, N, V], dtype f32, f16, bf16; last dimension contiguous, other strides free.
///   What the draft's tokens were sampled from.
/// @param[in] draft_token_ids [B, N], dtype i32, i64; last dimension contiguous, other strides free. The
///   draft's tokens.
/// @param[in] target_probs [B, N+1, V], dtype f32, f16, bf16; last dimension contiguous, other strides
///   free. The target's probabilities at each place of the draft, and at the one after.
/// @param[in,out] accepted optional (NULL), [B], dtype i32; last dimension contiguous, other strides free.
///   The number of places at which the draft's token is agreed with, whatever is before it, is added.
/// @param[in,out] emitted optional (NULL), [B], dtype i32; last dimension contiguous, other strides free. e
///   is added.
/// @param[in] philox optional (NULL), [2] or [B, 2], dtype i64; last dimension contiguous, other strides
///   free. Seed and offset in device memory, for all requests or for each, in place of the arguments: a
///   captured graph replays with what they hold then.
/// @param seed any value. Key of the random generator.
/// @param offset any value. Counter of the random generator: one call uses one value for all its outputs,
///   so add 1 a call.
/// @param stream Where the work is enqueued.
/// Aliasing: none: the outputs may not overlap each other or an input.
/// Workspace: none.
/// Numerics: u[i] = the first 24 bits of Philox4x32-10 with key = seed and counter = (offset, c), over
///   2^24; c has b in its lower 32 bits and i+1 above, so that it is no number that a sampling operation
///   draws with; u * q and the comparison are exact. The token is sampled as sampling_from_probs does, by
///   the first 64 bits of the counter with N+1 there, from differences rounded to fp32; where none is above
///   0, from p[e]. Probabilities below 2^-126 and NaN count as 0. A draft's token that is no index of a row
///   is not agreed with. Bitwise reproducible, and a request's result does not depend on the others.
/// Errors: INVALID_HANDLE, NULL_POINTER, INVALID_RANK, INVALID_DTYPE, INVALID_SHAPE, INVALID_STRIDE,
///   INVALID_DEVICE, MISALIGNED, OVERFLOW, ALIASING when a tensor is not as stated above; INVALID_ARGUMENT
///   when a scalar is out of its range; INVALID_CONTENTS, which names the first bad entry, in a context
///   that checks contents; UNSUPPORTED there while the stream is captured; INVALID_SHAPE when V is 0 or
///   more than 2^31 - 1, or N is more than 2^31 - 2; UNSUPPORTED when every kernel that could serve the
///   call is disabled or out of its condition; MODULE_LOAD, NO_CODE_OBJECT, DRIVER_ERROR from the device.
/// Source: Chen et al. 2023, arXiv:2302.01318; meaning of flashinfer.sampling.chain_speculative_sampling;
///   Philox: Salmon et al. 2011, SC '11.
/// Since: 0.1.
HIPINFER_NODISCARD HIPINFER_API hipinfer_status hipinfer_chain_speculative_sampling(hipinfer_context context,
    const hipinfer_tensor* output, const hipinfer_tensor* valid, const hipinfer_tensor* draft_probs,
    const hipinfer_tensor* draft_token_ids, const hipinfer_tensor* target_probs,
    const hipinfer_tensor* accepted, const hipinfer_tensor* emitted, const hipinfer_tensor* philox,
    uint64_t seed, uint64_t offset, hipinfer_stream stream);

/// Copies whole pages of a KV cache to other pages of it, for requests that part (copy on write).
///
///     k_cache[destination] = k_cache[source] and v_cache[destination] = v_cache[source] for each pair
///         (source, destination) of block_mapping
///
/// where P is pages in the cache; S is slots (tokens) in a page; any number; H is key and value heads; D is
/// head dimension of keys; E is head dimension of values; N is pairs; 0 is allowed.
/// @param[in,out] k_cache [P, S, H, D], dtype f32, f16, bf16, e4m3fn, e4m3fnuz, e5m2, e5m2fnuz, i8, u8;
///   last dimension contiguous, other strides free. Key pages. The layout is the strides': [pages, slots,
///   heads, D] (NHD), [pages, heads, slots, D] (HND) or one half of a combined tensor are views with these
///   four dimensions. Offsets are 64 bits wide.
/// @param[in,out] v_cache optional (NULL), [P, S, H, E], dtype f32, f16, bf16, e4m3fn, e4m3fnuz, e5m2,
///   e5m2fnuz, i8, u8; last dimension contiguous, other strides free. Value pages; strides of its own.
/// @param[in] block_mapping [N, 2], dtype i32, i64; last dimension contiguous, other strides free. Pages to
///   copy from and to, in device memory. A pair with a page that is not in [0, P) is skipped.
/// @param stream Where the work is enqueued.
/// Aliasing: k_cache and v_cache may be views of one tensor, but may not overlap each other. A page that is
///   the destination of one pair may be in no other pair of the call, or what it and the pages copied from
///   it hold stays undefined.
/// Workspace: none.
/// Numerics: A copy, exact. Least possible traffic: 4 * S * H * D elements a pair.
/// Errors: INVALID_HANDLE, NULL_POINTER, INVALID_RANK, INVALID_DTYPE, INVALID_SHAPE, INVALID_STRIDE,
///   INVALID_DEVICE, MISALIGNED, OVERFLOW, ALIASING when a tensor is not as stated above; INVALID_CONTENTS,
///   which names the first bad entry, in a context that checks contents; UNSUPPORTED there while the stream
///   is captured; UNSUPPORTED when every kernel that could serve the call is disabled or out of its
///   condition; MODULE_LOAD, NO_CODE_OBJECT, DRIVER_ERROR from the device.
/// Source: Meaning of vLLM's copy_blocks, for one layer a call.
/// Since: 0.1.
HIPINFER_NODISCARD HIPINFER_API hipinfer_status hipinfer_copy_blocks(hipinfer_context context,
    const hipinfer_tensor* k_cache, const hipinfer_tensor* v_cache, const hipinfer_tensor* block_mapping,
    hipinfer_stream stream);

/// Multiplies fp8 or int8 elements by the scales of their tensor, token, group or block.
///
///     output[t, i] = input[t, i] * scales[t / group_rows, i / group_size]
///
/// where T is rows (tokens, or a weight's output features); 0 is allowed; N is row length; 0 is allowed; R
/// is scales down the rows: T / group_rows, rounded up; S is scales along a row: N / group_size, rounded
/// up.
/// @param[out] output [T, N], dtype f32, f16, bf16; last dimension contiguous, other strides free. The
///   values.
/// @param[in] input [T, N], dtype e4m3fn, e4m3fnuz, e5m2, e5m2fnuz, i8; last dimension contiguous, other
///   strides free. The quantised elements.
/// @param[in] scales [R] or [R, S] or any shape of one element, dtype f32; any strides. What a unit of the
///   input stands for; [R] where S is 1.
/// @param group_rows from 0. Rows that share a scale; 0: all of them (per tensor).
/// @param group_size from 0. Elements along a row that share a scale; 0: all of them (per token).
/// @param stream Where the work is enqueued.
/// Aliasing: output may not overlap input or scales.
/// Workspace: none.
/// Numerics: The product is formed in fp32, and rounded to nearest even to the output's dtype.
/// Errors: INVALID_HANDLE, NULL_POINTER, INVALID_RANK, INVALID_DTYPE, INVALID_SHAPE, INVALID_STRIDE,
///   INVALID_DEVICE, MISALIGNED, OVERFLOW, ALIASING when a tensor is not as stated above; INVALID_ARGUMENT
///   when a scalar is out of its range; INVALID_SHAPE when R or S of scales is not what T, N, group_rows
///   and group_size give; UNSUPPORTED when every kernel that could serve the call is disabled or out of its
///   condition; MODULE_LOAD, NO_CODE_OBJECT, DRIVER_ERROR from the device.
/// Source: The inverse of quantize_per_tensor, quantize_per_token and quantize_per_group; blocks of 128 by
///   128 as in DeepSeek-AI 2024, arXiv:2412.19437, 3.3.2.
/// Since: 0.1.
HIPINFER_NODISCARD HIPINFER_API hipinfer_status hipinfer_dequantize(hipinfer_context context,
    const hipinfer_tensor* output, const hipinfer_tensor* input, const hipinfer_tensor* scales,
    int64_t group_rows, int64_t group_size, hipinfer_stream stream);

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
/// Aliasing: output may not overlap an input.
/// Workspace: none.
/// Numerics: Rows are copied bit for bit.
/// Errors: INVALID_HANDLE, NULL_POINTER, INVALID_RANK, INVALID_DTYPE, INVALID_SHAPE, INVALID_STRIDE,
///   INVALID_DEVICE, MISALIGNED, OVERFLOW, ALIASING when a tensor is not as stated above; INVALID_CONTENTS,
///   which names the first bad entry, in a context that checks contents; UNSUPPORTED there while the stream
///   is captured; UNSUPPORTED when every kernel that could serve the call is disabled or out of its
///   condition; MODULE_LOAD, NO_CODE_OBJECT, DRIVER_ERROR from the device.
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

/// Adds the input to the residual stream, in place, and normalises the sum into an output that is quantised with a scale for each row.
///
///     sum = input + residual; residual = sum; v = sum / sqrt(mean(sum^2) + eps) * weight; scales = max|v|
///         / largest; output = round(v / scales)
///
/// where T is rows (tokens); 0 is allowed; N is row length, from 1.
/// @param[out] output [T, N], dtype e4m3fn, e4m3fnuz, e5m2, e5m2fnuz, i8; last dimension contiguous, other
///   strides free. Normalised rows, quantised.
/// @param[out] scales [T], dtype f32; any strides. What a unit of each row stands for.
/// @param[in] input [T, N], dtype f32, f16, bf16; last dimension contiguous, other strides free. What a
///   layer adds to the stream.
/// @param[in,out] residual [T, N], dtype f32, f16, bf16; last dimension contiguous, other strides free. The
///   residual stream; afterwards the sum.
/// @param[in] weight [N], dtype that of data, or f32; last dimension contiguous, other strides free. Gain
///   of each column.
/// @param eps from 0 to 3.4e+38. Added to the mean of squares, to keep a zero row finite; no unit.
/// @param stream Where the work is enqueued.
/// Aliasing: No two tensors may overlap.
/// Workspace: none.
/// Numerics: The sum is formed in fp32 and rounded once when residual is stored; the norm uses the
///   unrounded sum. Squares are summed in fp32 in a fixed order. Quantised is the fp32 result, not one
///   rounded to the input's dtype. The scale is the largest magnitude of the row / the largest finite value
///   of the output's dtype (127 of i8), 2^-126 at least; a NaN has no part in it and becomes NaN (0 in i8),
///   an infinity makes the scale infinite. On a GPU values are multiplied by 1 / scale: within one unit in
///   the last place of the quotient rounded to nearest even. Bitwise reproducible, and a row's result does
///   not depend on the other rows.
/// Errors: INVALID_HANDLE, NULL_POINTER, INVALID_RANK, INVALID_DTYPE, INVALID_SHAPE, INVALID_STRIDE,
///   INVALID_DEVICE, MISALIGNED, OVERFLOW, ALIASING when a tensor is not as stated above; INVALID_ARGUMENT
///   when a scalar is out of its range; INVALID_SHAPE when N is 0: rows of length 0 have no mean;
///   UNSUPPORTED when every kernel that could serve the call is disabled or out of its condition;
///   MODULE_LOAD, NO_CODE_OBJECT, DRIVER_ERROR from the device.
/// Source: Zhang and Sennrich 2019, arXiv:1910.07467; fused_add_rmsnorm, quantised as by vLLM's
///   rms_norm_dynamic_per_token_quant with a residual.
/// Since: 0.1.
HIPINFER_NODISCARD HIPINFER_API hipinfer_status hipinfer_fused_add_rmsnorm_dynamic_quant(
    hipinfer_context context, const hipinfer_tensor* output, const hipinfer_tensor* scales,
    const hipinfer_tensor* input, const hipinfer_tensor* residual, const hipinfer_tensor* weight, float eps,
    hipinfer_stream stream);

/// Adds the input to the residual stream, in place, and normalises the sum into an output that is quantised with one scale.
///
///     sum = input + residual; residual = sum; v = sum / sqrt(mean(sum^2) + eps) * weight; output =
///         saturate(round(v / scale))
///
/// where T is rows (tokens); 0 is allowed; N is row length, from 1.
/// @param[out] output [T, N], dtype e4m3fn, e4m3fnuz, e5m2, e5m2fnuz; last dimension contiguous, other
///   strides free. Normalised rows, quantised.
/// @param[in] input [T, N], dtype f32, f16, bf16; last dimension contiguous, other strides free. What a
///   layer adds to the stream.
/// @param[in,out] residual [T, N], dtype f32, f16, bf16; last dimension contiguous, other strides free. The
///   residual stream; afterwards the sum.
/// @param[in] weight [N], dtype that of data, or f32; last dimension contiguous, other strides free. Gain
///   of each column.
/// @param[in] scale any shape of one element, dtype f32; last dimension contiguous, other strides free.
///   What a unit of the output stands for, in device memory.
/// @param eps from 0 to 3.4e+38. Added to the mean of squares, to keep a zero row finite; no unit.
/// @param stream Where the work is enqueued.
/// Aliasing: No two tensors may overlap.
/// Workspace: none.
/// Numerics: The sum is formed in fp32 and rounded once when residual is stored; the norm uses the
///   unrounded sum. Squares are summed in fp32 in a fixed order. Quantised is the fp32 result, not one
///   rounded to the input's dtype. On a GPU it is multiplied by 1 / scale: within one unit in the last
///   place of the quotient rounded to nearest even; saturated at the largest finite value of the output's
///   dtype. A NaN becomes NaN. Bitwise reproducible, and a row's result does not depend on the other rows.
/// On trust: A scale of 0 or a subnormal one divides to infinities and NaN; nothing else comes of it.
/// Errors: INVALID_HANDLE, NULL_POINTER, INVALID_RANK, INVALID_DTYPE, INVALID_SHAPE, INVALID_STRIDE,
///   INVALID_DEVICE, MISALIGNED, OVERFLOW, ALIASING when a tensor is not as stated above; INVALID_ARGUMENT
///   when a scalar is out of its range; INVALID_SHAPE when N is 0: rows of length 0 have no mean;
///   UNSUPPORTED when every kernel that could serve the call is disabled or out of its condition;
///   MODULE_LOAD, NO_CODE_OBJECT, DRIVER_ERROR from the device.
/// Source: Zhang and Sennrich 2019, arXiv:1910.07467; meaning of flashinfer.norm.fused_add_rmsnorm_quant.
/// Since: 0.1.
HIPINFER_NODISCARD HIPINFER_API hipinfer_status hipinfer_fused_add_rmsnorm_quant(hipinfer_context context,
    const hipinfer_tensor* output, const hipinfer_tensor* input, const hipinfer_tensor* residual,
    const hipinfer_tensor* weight, const hipinfer_tensor* scale, float eps, hipinfer_stream stream);

/// The first half of a SwiGLU feed-forward layer in one pass: products with two transposed weights, one gated by the other.
///
///     output[m, n] = silu(sum over k of input[m, k] * gate[n, k]) * (sum over k of input[m, k] * up[n,
///         k]), silu(g) = g / (1 + exp(-g))
///
/// where M is rows (tokens); 0 is allowed; N is output features; 0 is allowed; K is input features; 0 is
/// allowed and gives bias + residual.
/// @param[out] output [M, N], dtype that of data, or f32; last dimension contiguous, other strides free.
///   The gated product.
/// @param[in] input [M, K], dtype f32, f16, bf16; last dimension contiguous, other strides free.
///   Activations. Fastest when every row begins at a multiple of 16 bytes.
/// @param[in] gate [N, K], dtype f32, f16, bf16; last dimension contiguous, other strides free. Weight of
///   the gate, a row for each output feature. Fastest when every row begins at a multiple of 16 bytes.
/// @param[in] up [N, K], dtype f32, f16, bf16; last dimension contiguous, other strides free. Weight of
///   what is gated, likewise.
/// @param stream Where the work is enqueued.
/// Aliasing: none: no two tensors may overlap where one is written.
/// Workspace: none.
/// Numerics: Both products are summed as gemm sums them, then gated in fp32, then one rounding. Bitwise
///   reproducible. What gemm says of a row's result and M, of BATCH_INVARIANT and of gfx90a's subnormal
///   values holds here. The error of silu is that of silu_and_mul.
/// Errors: INVALID_HANDLE, NULL_POINTER, INVALID_RANK, INVALID_DTYPE, INVALID_SHAPE, INVALID_STRIDE,
///   INVALID_DEVICE, MISALIGNED, OVERFLOW, ALIASING when a tensor is not as stated above; UNSUPPORTED when
///   every kernel that could serve the call is disabled or out of its condition; MODULE_LOAD,
///   NO_CODE_OBJECT, DRIVER_ERROR from the device.
/// Source: Shazeer 2020, GLU Variants Improve Transformer.
/// Since: 0.1.
HIPINFER_NODISCARD HIPINFER_API hipinfer_status hipinfer_gate_up_swiglu(hipinfer_context context,
    const hipinfer_tensor* output, const hipinfer_tensor* input, const hipinfer_tensor* gate,
    const hipinfer_tensor* up, hipinfer_stream stream);

/// Adds what a branch gives, normalised and gated, to a gated residual stream; and, if wanted, normalises the sum for the next layer.
///
///     u = branch * (weight + gain), or branch without weight; s = factor * alpha * residual + beta * u /
///         sqrt(mean(u^2) + eps); output = s; normed = s / sqrt(mean(s^2) + next_eps) * (next_weight +
///         next_gain), or not multiplied without next_weight
///
/// where T is rows (tokens); 0 is allowed; N is row length, from 1.
/// @param[out] output [T, N], dtype that of data, or f32; last dimension contiguous, other strides free.
///   The residual stream with the branch in it.
/// @param[out] normed optional (NULL), [T, N], dtype f32, f16, bf16; last dimension contiguous, other
///   strides free. Its norm.
/// @param[in] branch [T, N], dtype f32, f16, bf16; last dimension contiguous, other strides free. What a
///   layer gives.
/// @param[in] residual [T, N], dtype that of data, or f32; last dimension contiguous, other strides free.
///   The residual stream.
/// @param[in] weight optional (NULL), [N], dtype that of data, or f32; last dimension contiguous, other
///   strides free. Gain of each column of the branch, applied before its norm.
/// @param[in] alpha optional (NULL), [N], dtype f32; last dimension contiguous, other strides free. Gate of
///   each column of the stream; ones if left out.
/// @param[in] beta optional (NULL), [N], dtype f32; last dimension contiguous, other strides free. Gate of
///   each column of the branch; ones if left out.
/// @param[in] next_weight optional (NULL), [N], dtype that of data, or f32; last dimension contiguous,
///   other strides free. Gain of each column of normed.
/// @param factor from -3.4e+38 to 3.4e+38. Multiplies the stream.
/// @param eps from 0 to 3.4e+38. Added to the mean of squares, to keep a zero row finite; no unit.
/// @param next_eps from 0 to 3.4e+38. As eps, of the second norm.
/// @param gain from -3.4e+38 to 3.4e+38. Added to every weight, in fp32: 1 for weights stored as
///   differences from it.
/// @param next_gain from -3.4e+38 to 3.4e+38. Added to every next_weight.
/// @param stream Where the work is enqueued.
/// Aliasing: output may be residual, with the same strides.
/// Workspace: none.
/// Numerics: Squares are summed in fp32 in a fixed order; s is rounded once when output is stored, and
///   normed is of the unrounded s; one rounding, to the output's dtype. Bitwise reproducible, and a row's
///   result does not depend on the other rows.
/// Errors: INVALID_HANDLE, NULL_POINTER, INVALID_RANK, INVALID_DTYPE, INVALID_SHAPE, INVALID_STRIDE,
///   INVALID_DEVICE, MISALIGNED, OVERFLOW, ALIASING when a tensor is not as stated above; INVALID_ARGUMENT
///   when a scalar is out of its range; INVALID_SHAPE when N is 0: rows of length 0 have no mean;
///   UNSUPPORTED when every kernel that could serve the call is disabled or out of its condition;
///   MODULE_LOAD, NO_CODE_OBJECT, DRIVER_ERROR from the device.
/// Source: Zhang and Sennrich 2019, arXiv:1910.07467; meaning of flashinfer.norm.gated_residual_rmsnorm and
///   gated_residual_next_rmsnorm.
/// Since: 0.1.
HIPINFER_NODISCARD HIPINFER_API hipinfer_status hipinfer_gated_residual_rmsnorm(hipinfer_context context,
    const hipinfer_tensor* output, const hipinfer_tensor* normed, const hipinfer_tensor* branch,
    const hipinfer_tensor* residual, const hipinfer_tensor* weight, const hipinfer_tensor* alpha,
    const hipinfer_tensor* beta, const hipinfer_tensor* next_weight, float factor, float eps, float next_eps,
    float gain, float next_gain, hipinfer_stream stream);

/// What a norm is multiplied by, of a gate.
enum hipinfer_norm_gate {
  HIPINFER_NORM_GATE_SIGMOID = 0 /**< 1 / (1 + exp(-x)) */,
  HIPINFER_NORM_GATE_SILU = 1 /**< x / (1 + exp(-x)) */
};

/// Root-mean-square normalisation of each row, times sigmoid or silu of a gate.
///
///     output = input / sqrt(mean(input^2) + eps) * weight * activation(gate), activation sigmoid(x) = 1 /
///         (1 + exp(-x)) or silu(x) = x / (1 + exp(-x))
///
/// where T is rows (tokens); 0 is allowed; H is heads: with three dimensions every head is a row (per-head
/// QK norm); N is row length, from 1.
/// @param[out] output [T, N] or [T, H, N], dtype f32, f16, bf16; last dimension contiguous, other strides
///   free. Normalised and gated rows.
/// @param[in] input [T, N] or [T, H, N], dtype f32, f16, bf16; last dimension contiguous, other strides
///   free. Rows to normalise.
/// @param[in] gate [T, N] or [T, H, N], dtype f32, f16, bf16; last dimension contiguous, other strides
///   free. What each element's gate is the activation of.
/// @param[in] weight optional (NULL), [N], dtype that of data, or f32; last dimension contiguous, other
///   strides free. Gain of each column; ones if left out.
/// @param eps from 0 to 3.4e+38. Added to the mean of squares, to keep a zero row finite; no unit.
/// @param activation a hipinfer_norm_gate. What is taken of the gate.
/// @param stream Where the work is enqueued.
/// Aliasing: output may be input, with the same strides; it may not overlap gate or weight.
/// Workspace: none.
/// Numerics: Squares are summed in fp32 in a fixed order; one rounding, to the output's dtype. Below gate =
///   -87.3 a result may be 0. Bitwise reproducible, and a row's result does not depend on the other rows.
/// Errors: INVALID_HANDLE, NULL_POINTER, INVALID_RANK, INVALID_DTYPE, INVALID_SHAPE, INVALID_STRIDE,
///   INVALID_DEVICE, MISALIGNED, OVERFLOW, ALIASING when a tensor is not as stated above; INVALID_ARGUMENT
///   when a scalar is out of its range; INVALID_SHAPE when N is 0: rows of length 0 have no mean;
///   UNSUPPORTED when every kernel that could serve the call is disabled or out of its condition;
///   MODULE_LOAD, NO_CODE_OBJECT, DRIVER_ERROR from the device.
/// Source: Zhang and Sennrich 2019, arXiv:1910.07467; the norm of gated linear attention (Qwen3-Next, Mamba
///   2); meaning of flashinfer.norm.rmsnorm_sigmoid_gate.
/// Since: 0.1.
HIPINFER_NODISCARD HIPINFER_API hipinfer_status hipinfer_gated_rmsnorm(hipinfer_context context,
    const hipinfer_tensor* output, const hipinfer_tensor* input, const hipinfer_tensor* gate,
    const hipinfer_tensor* weight, float eps, int32_t activation, hipinfer_stream stream);

/// GEGLU on a packed projection: gelu (by erf) of the first half of each row times the second half.
///
///     output[t,i] = gelu(input[t,i]) * input[t,N+i], gelu(x) = x * (1 + erf(x / sqrt(2))) / 2
///
/// where T is tokens; 0 is allowed; N is length of an output row; 0 is allowed.
/// @param[out] output [T, N], dtype f32, f16, bf16; last dimension contiguous, other strides free. The
///   gated rows.
/// @param[in] input [T, 2*N], dtype f32, f16, bf16; last dimension contiguous, other strides free. Each
///   row: N gate values, then the N values that they gate.
/// @param stream Where the work is enqueued.
/// Aliasing: output may not overlap input.
/// Workspace: none.
/// Numerics: fp32, one rounding to the dtype. gelu is within 2e-6 relative, of 16-bit inputs within 3e-5,
///   down to x = -12; from there, where it nears fp32's smallest numbers, it becomes -0, at the latest
///   below -14.5. A gelu of 0 times an infinity is NaN, and so is gelu(-infinity), as the formula has it.
/// Errors: INVALID_HANDLE, NULL_POINTER, INVALID_RANK, INVALID_DTYPE, INVALID_SHAPE, INVALID_STRIDE,
///   INVALID_DEVICE, MISALIGNED, OVERFLOW, ALIASING when a tensor is not as stated above; UNSUPPORTED when
///   every kernel that could serve the call is disabled or out of its condition; MODULE_LOAD,
///   NO_CODE_OBJECT, DRIVER_ERROR from the device.
/// Source: Shazeer 2020, arXiv:2002.05202; Hendrycks and Gimpel 2016, arXiv:1606.08415; meaning of
///   flashinfer.activation.gelu_and_mul.
/// Since: 0.1.
HIPINFER_NODISCARD HIPINFER_API hipinfer_status hipinfer_gelu_and_mul(hipinfer_context context,
    const hipinfer_tensor* output, const hipinfer_tensor* input, hipinfer_stream stream);

/// GEGLU on a packed projection: gelu (by erf) of the first half of each row times the second half, quantised with a scale for each row.
///
///     v = gelu(input[t,i]) * input[t,N+i]; scales[t] = max|v[t]| / largest; output[t,i] = round(v /
///         scales[t]); gelu(x) = x * (1 + erf(x / sqrt(2))) / 2
///
/// where T is tokens; 0 is allowed; N is length of an output row; 0 is allowed.
/// @param[out] output [T, N], dtype e4m3fn, e4m3fnuz, e5m2, e5m2fnuz, i8; last dimension contiguous, other
///   strides free. The gated rows, quantised.
/// @param[out] scales [T], dtype f32; last dimension contiguous, other strides free. What a unit of each
///   row stands for.
/// @param[in] input [T, 2*N], dtype f32, f16, bf16; last dimension contiguous, other strides free. Each
///   row: N gate values, then the N values that they gate.
/// @param stream Where the work is enqueued.
/// Aliasing: output and scales may not overlap input or each other.
/// Workspace: none.
/// Numerics: The scale is the largest magnitude of the row / the largest finite value of the output's dtype
///   (127 of i8), 2^-126 at least; a NaN has no part in it and becomes NaN (0 in i8), an infinity makes the
///   scale infinite. On a GPU values are multiplied by 1 / scale: within one unit in the last place of the
///   quotient rounded to nearest even. Bitwise reproducible, and a row's result does not depend on the
///   other rows. gelu is within 2e-6 relative, of 16-bit inputs within 3e-5, down to x = -12; from there,
///   where it nears fp32's smallest numbers, it becomes -0, at the latest below -14.5. A gelu of 0 times an
///   infinity is NaN, and so is gelu(-infinity), as the formula has it.
/// Errors: INVALID_HANDLE, NULL_POINTER, INVALID_RANK, INVALID_DTYPE, INVALID_SHAPE, INVALID_STRIDE,
///   INVALID_DEVICE, MISALIGNED, OVERFLOW, ALIASING when a tensor is not as stated above; UNSUPPORTED when
///   every kernel that could serve the call is disabled or out of its condition; MODULE_LOAD,
///   NO_CODE_OBJECT, DRIVER_ERROR from the device.
/// Source: Shazeer 2020, arXiv:2002.05202; Hendrycks and Gimpel 2016, arXiv:1606.08415; meaning of
///   flashinfer.activation.gelu_and_mul, quantised as by quantize_per_token.
/// Since: 0.1.
HIPINFER_NODISCARD HIPINFER_API hipinfer_status hipinfer_gelu_and_mul_dynamic_quant(hipinfer_context context,
    const hipinfer_tensor* output, const hipinfer_tensor* scales, const hipinfer_tensor* input,
    hipinfer_stream stream);

/// GEGLU on a packed projection: gelu (by erf) of the first half of each row times the second half, quantised with one scale.
///
///     output[t,i] = saturate(round(gelu(input[t,i]) * input[t,N+i] / scale)), gelu(x) = x * (1 + erf(x /
///         sqrt(2))) / 2
///
/// where T is tokens; 0 is allowed; N is length of an output row; 0 is allowed.
/// @param[out] output [T, N], dtype e4m3fn, e4m3fnuz, e5m2, e5m2fnuz, i8; last dimension contiguous, other
///   strides free. The gated rows, quantised.
/// @param[in] input [T, 2*N], dtype f32, f16, bf16; last dimension contiguous, other strides free. Each
///   row: N gate values, then the N values that they gate.
/// @param[in] scale any shape of one element, dtype f32; last dimension contiguous, other strides free.
///   What a unit of the output stands for, in device memory.
/// @param stream Where the work is enqueued.
/// Aliasing: output may not overlap input.
/// Workspace: none.
/// Numerics: On a GPU the value times 1 / scale, both in fp32: within one unit in the last place of the
///   quotient rounded to nearest even; saturated at the largest finite value of the output's dtype. A NaN
///   becomes NaN, and 0 in i8. gelu is within 2e-6 relative, of 16-bit inputs within 3e-5, down to x = -12;
///   from there, where it nears fp32's smallest numbers, it becomes -0, at the latest below -14.5. A gelu
///   of 0 times an infinity is NaN, and so is gelu(-infinity), as the formula has it.
/// Errors: INVALID_HANDLE, NULL_POINTER, INVALID_RANK, INVALID_DTYPE, INVALID_SHAPE, INVALID_STRIDE,
///   INVALID_DEVICE, MISALIGNED, OVERFLOW, ALIASING when a tensor is not as stated above; UNSUPPORTED when
///   every kernel that could serve the call is disabled or out of its condition; MODULE_LOAD,
///   NO_CODE_OBJECT, DRIVER_ERROR from the device.
/// Source: Shazeer 2020, arXiv:2002.05202; Hendrycks and Gimpel 2016, arXiv:1606.08415; meaning of
///   flashinfer.activation.gelu_and_mul, quantised as by quantize_per_tensor.
/// Since: 0.1.
HIPINFER_NODISCARD HIPINFER_API hipinfer_status hipinfer_gelu_and_mul_quant(hipinfer_context context,
    const hipinfer_tensor* output, const hipinfer_tensor* input, const hipinfer_tensor* scale,
    hipinfer_stream stream);

/// GEGLU on a packed projection: the tanh approximation of gelu of the first half of each row times the second half.
///
///     output[t,i] = gelu_tanh(input[t,i]) * input[t,N+i], gelu_tanh(x) = x * (1 + tanh(sqrt(2 / pi) * (x +
///         0.044715 x^3))) / 2
///
/// where T is tokens; 0 is allowed; N is length of an output row; 0 is allowed.
/// @param[out] output [T, N], dtype f32, f16, bf16; last dimension contiguous, other strides free. The
///   gated rows.
/// @param[in] input [T, 2*N], dtype f32, f16, bf16; last dimension contiguous, other strides free. Each
///   row: N gate values, then the N values that they gate.
/// @param stream Where the work is enqueued.
/// Aliasing: output may not overlap input.
/// Workspace: none.
/// Numerics: fp32, one rounding to the dtype. Computed as x / (1 + exp(-2u)), u the argument of tanh: no
///   difference from 1 is taken. It is within 2e-5 relative down to x = -10; from there, where exp(-2u)
///   nears fp32's largest numbers, it becomes -0, at the latest below -10.07. A gelu of 0 times an infinity
///   is NaN, and so is gelu_tanh(-infinity), as the formula has it.
/// Errors: INVALID_HANDLE, NULL_POINTER, INVALID_RANK, INVALID_DTYPE, INVALID_SHAPE, INVALID_STRIDE,
///   INVALID_DEVICE, MISALIGNED, OVERFLOW, ALIASING when a tensor is not as stated above; UNSUPPORTED when
///   every kernel that could serve the call is disabled or out of its condition; MODULE_LOAD,
///   NO_CODE_OBJECT, DRIVER_ERROR from the device.
/// Source: Shazeer 2020, arXiv:2002.05202; Hendrycks and Gimpel 2016, arXiv:1606.08415; meaning of
///   flashinfer.activation.gelu_tanh_and_mul.
/// Since: 0.1.
HIPINFER_NODISCARD HIPINFER_API hipinfer_status hipinfer_gelu_tanh_and_mul(hipinfer_context context,
    const hipinfer_tensor* output, const hipinfer_tensor* input, hipinfer_stream stream);

/// GEGLU on a packed projection: the tanh approximation of gelu of the first half of each row times the second half, quantised with a scale for each row.
///
///     v = gelu_tanh(input[t,i]) * input[t,N+i]; scales[t] = max|v[t]| / largest; output[t,i] = round(v /
///         scales[t]); gelu_tanh(x) = x * (1 + tanh(sqrt(2 / pi) * (x + 0.044715 x^3))) / 2
///
/// where T is tokens; 0 is allowed; N is length of an output row; 0 is allowed.
/// @param[out] output [T, N], dtype e4m3fn, e4m3fnuz, e5m2, e5m2fnuz, i8; last dimension contiguous, other
///   strides free. The gated rows, quantised.
/// @param[out] scales [T], dtype f32; last dimension contiguous, other strides free. What a unit of each
///   row stands for.
/// @param[in] input [T, 2*N], dtype f32, f16, bf16; last dimension contiguous, other strides free. Each
///   row: N gate values, then the N values that they gate.
/// @param stream Where the work is enqueued.
/// Aliasing: output and scales may not overlap input or each other.
/// Workspace: none.
/// Numerics: The scale is the largest magnitude of the row / the largest finite value of the output's dtype
///   (127 of i8), 2^-126 at least; a NaN has no part in it and becomes NaN (0 in i8), an infinity makes the
///   scale infinite. On a GPU values are multiplied by 1 / scale: within one unit in the last place of the
///   quotient rounded to nearest even. Bitwise reproducible, and a row's result does not depend on the
///   other rows. Computed as x / (1 + exp(-2u)), u the argument of tanh: no difference from 1 is taken. It
///   is within 2e-5 relative down to x = -10; from there, where exp(-2u) nears fp32's largest numbers, it
///   becomes -0, at the latest below -10.07. A gelu of 0 times an infinity is NaN, and so is
///   gelu_tanh(-infinity), as the formula has it.
/// Errors: INVALID_HANDLE, NULL_POINTER, INVALID_RANK, INVALID_DTYPE, INVALID_SHAPE, INVALID_STRIDE,
///   INVALID_DEVICE, MISALIGNED, OVERFLOW, ALIASING when a tensor is not as stated above; UNSUPPORTED when
///   every kernel that could serve the call is disabled or out of its condition; MODULE_LOAD,
///   NO_CODE_OBJECT, DRIVER_ERROR from the device.
/// Source: Shazeer 2020, arXiv:2002.05202; Hendrycks and Gimpel 2016, arXiv:1606.08415; meaning of
///   flashinfer.activation.gelu_tanh_and_mul, quantised as by quantize_per_token.
/// Since: 0.1.
HIPINFER_NODISCARD HIPINFER_API hipinfer_status hipinfer_gelu_tanh_and_mul_dynamic_quant(
    hipinfer_context context, const hipinfer_tensor* output, const hipinfer_tensor* scales,
    const hipinfer_tensor* input, hipinfer_stream stream);

/// GEGLU on a packed projection: the tanh approximation of gelu of the first half of each row times the second half, quantised with one scale.
///
///     output[t,i] = saturate(round(gelu_tanh(input[t,i]) * input[t,N+i] / scale)), gelu_tanh(x) = x * (1 +
///         tanh(sqrt(2 / pi) * (x + 0.044715 x^3))) / 2
///
/// where T is tokens; 0 is allowed; N is length of an output row; 0 is allowed.
/// @param[out] output [T, N], dtype e4m3fn, e4m3fnuz, e5m2, e5m2fnuz, i8; last dimension contiguous, other
///   strides free. The gated rows, quantised.
/// @param[in] input [T, 2*N], dtype f32, f16, bf16; last dimension contiguous, other strides free. Each
///   row: N gate values, then the N values that they gate.
/// @param[in] scale any shape of one element, dtype f32; last dimension contiguous, other strides free.
///   What a unit of the output stands for, in device memory.
/// @param stream Where the work is enqueued.
/// Aliasing: output may not overlap input.
/// Workspace: none.
/// Numerics: On a GPU the value times 1 / scale, both in fp32: within one unit in the last place of the
///   quotient rounded to nearest even; saturated at the largest finite value of the output's dtype. A NaN
///   becomes NaN, and 0 in i8. Computed as x / (1 + exp(-2u)), u the argument of tanh: no difference from 1
///   is taken. It is within 2e-5 relative down to x = -10; from there, where exp(-2u) nears fp32's largest
///   numbers, it becomes -0, at the latest below -10.07. A gelu of 0 times an infinity is NaN, and so is
///   gelu_tanh(-infinity), as the formula has it.
/// Errors: INVALID_HANDLE, NULL_POINTER, INVALID_RANK, INVALID_DTYPE, INVALID_SHAPE, INVALID_STRIDE,
///   INVALID_DEVICE, MISALIGNED, OVERFLOW, ALIASING when a tensor is not as stated above; UNSUPPORTED when
///   every kernel that could serve the call is disabled or out of its condition; MODULE_LOAD,
///   NO_CODE_OBJECT, DRIVER_ERROR from the device.
/// Source: Shazeer 2020, arXiv:2002.05202; Hendrycks and Gimpel 2016, arXiv:1606.08415; meaning of
///   flashinfer.activation.gelu_tanh_and_mul, quantised as by quantize_per_tensor.
/// Since: 0.1.
HIPINFER_NODISCARD HIPINFER_API hipinfer_status hipinfer_gelu_tanh_and_mul_quant(hipinfer_context context,
    const hipinfer_tensor* output, const hipinfer_tensor* input, const hipinfer_tensor* scale,
    hipinfer_stream stream);

/// What a linear layer applies to its sums.
enum hipinfer_gemm_activation {
  HIPINFER_GEMM_ACTIVATION_NONE = 0 /**< nothing */,
  HIPINFER_GEMM_ACTIVATION_RELU = 1 /**< max(x, 0); a NaN stays one */,
  HIPINFER_GEMM_ACTIVATION_SILU = 2 /**< x / (1 + exp(-x)) */,
  HIPINFER_GEMM_ACTIVATION_GELU = 3 /**< x Phi(x), Phi the normal distribution */,
  HIPINFER_GEMM_ACTIVATION_GELU_TANH = 4 /**< gelu's approximation by tanh */
};

/// Options of hipinfer_gemm. Zero the struct, set struct_size, then the fields you need: zero is every default.
typedef struct hipinfer_gemm_options {
  size_t struct_size; ///< sizeof(hipinfer_gemm_options)
  int32_t activation; ///< a hipinfer_gemm_activation. Applied to the product and bias, before the residual is added.
} hipinfer_gemm_options;

/// Matrix product with a transposed weight (a linear layer), with optional bias, activation and residual; of one matrix or of a batch.
///
///     output[b, m, n] = activation(sum over k of input[b, m, k] * weight[b, n, k] + bias[n]) + residual[b,
///         m, n]
///
/// where B is matrices of a batch; 0 is allowed; M is rows (tokens); 0 is allowed; N is output features; 0
/// is allowed; K is input features; 0 is allowed and gives bias + residual.
/// @param[out] output [B, M, N] or [M, N], dtype that of data, or f32; last dimension contiguous, other
///   strides free. The product.
/// @param[in] input [B, M, K] or [M, K], dtype f32, f16, bf16; last dimension contiguous, other strides
///   free. Activations. Fastest when every row begins at a multiple of 16 bytes.
/// @param[in] weight [B, N, K] or [N, K], dtype f32, f16, bf16; last dimension contiguous, other strides
///   free. Weight, a row for each output feature. Fastest when every row begins at a multiple of 16 bytes.
/// @param[in] bias optional (NULL), [N], dtype f32, f16, bf16; last dimension contiguous, other strides
///   free. Added to every row.
/// @param[in] residual optional (NULL), [B, M, N] or [M, N], dtype that of data, or f32; last dimension
///   contiguous, other strides free. Added to the product before it is rounded.
/// @param options NULL for the defaults; see hipinfer_gemm_options.
/// @param stream Where the work is enqueued.
/// Aliasing: output may be residual, with the same strides; it may not overlap another input.
/// Workspace: none.
/// Numerics: Products are summed in fp32 in a fixed order that does not depend on N; bias, activation and
///   residual are in fp32 too, then one rounding, to the output's dtype. Errors of the activations are
///   those of silu_and_mul, gelu_and_mul and gelu_tanh_and_mul. Bitwise reproducible. A row's result
///   depends on M only through the order of summation: calls of few rows are served by kernels of their
///   own, and where tiles are few the waves of a block share out k, or on sm_90 two blocks. In a
///   BATCH_INVARIANT context none of this is done, and a row's result does not depend on M. A partial sum
///   past fp32's range becomes infinite. On gfx90a the matrix units read subnormal f16 and bf16 values as
///   zero.
/// Errors: INVALID_HANDLE, NULL_POINTER, INVALID_RANK, INVALID_DTYPE, INVALID_SHAPE, INVALID_STRIDE,
///   INVALID_DEVICE, MISALIGNED, OVERFLOW, ALIASING when a tensor is not as stated above; INVALID_ARGUMENT
///   when a scalar is out of its range; UNSUPPORTED when every kernel that could serve the call is disabled
///   or out of its condition; MODULE_LOAD, NO_CODE_OBJECT, DRIVER_ERROR from the device.
/// Source: y = x Wᵀ + b of torch.nn.functional.linear; both operands are contiguous in k. Without a first
///   dimension: one matrix.
/// Since: 0.1.
HIPINFER_NODISCARD HIPINFER_API hipinfer_status hipinfer_gemm(hipinfer_context context,
    const hipinfer_tensor* output, const hipinfer_tensor* input, const hipinfer_tensor* weight,
    const hipinfer_tensor* bias, const hipinfer_tensor* residual, const hipinfer_gemm_options* options,
    hipinfer_stream stream);

/// Options of hipinfer_gemm_grouped. Zero the struct, set struct_size, then the fields you need: zero is every default.
typedef struct hipinfer_gemm_grouped_options {
  size_t struct_size; ///< sizeof(hipinfer_gemm_grouped_options)
  int32_t activation; ///< a hipinfer_gemm_activation. Applied to the product and bias, before the residual is added.
} hipinfer_gemm_grouped_options;

/// Matrix products of segments of rows with a transposed weight each (experts, adapters), with optional activation and residual; a segment may be empty.
///
///     output[m, n] = activation(sum over k of input[m, k] * weight[w, n, k]) + residual[m, n] for m from
///         indptr[g] to before indptr[g+1], w = weight_indices[g], or g without weight_indices
///
/// where M is rows (tokens); 0 is allowed; N is output features; 0 is allowed; K is input features; 0 is
/// allowed and gives bias + residual; G is segments of rows; 0 is allowed; W is weights; 0 is allowed.
/// @param[out] output [M, N], dtype that of data, or f32; last dimension contiguous, other strides free.
///   The products.
/// @param[in] input [M, K], dtype f32, f16, bf16; last dimension contiguous, other strides free.
///   Activations, the rows of a segment side by side. Fastest when every row begins at a multiple of 16
///   bytes.
/// @param[in] weight [W, N, K], dtype f32, f16, bf16; any strides. Weights, a row for each output feature.
///   Fast where rows are contiguous, fastest when every row begins at a multiple of 16 bytes.
/// @param[in] indptr [G+1], dtype i32, i64; last dimension contiguous, other strides free. Where each
///   segment's rows begin, and where the last one's end.
/// @param[in] weight_indices optional (NULL), [G], dtype i32, i64; last dimension contiguous, other strides
///   free. Which weight a segment has; left out there are as many weights as segments, in order.
/// @param[in] residual optional (NULL), [M, N], dtype that of data, or f32; last dimension contiguous,
///   other strides free. Added to the product before it is rounded.
/// @param options NULL for the defaults; see hipinfer_gemm_grouped_options.
/// @param stream Where the work is enqueued.
/// Aliasing: output may be residual, with the same strides; it may not overlap another input.
/// Workspace: none.
/// Numerics: A segment's products are summed as gemm sums them; activation and residual are in fp32 too,
///   then one rounding, to the output's dtype. Bitwise reproducible. A row's result depends on M and G only
///   through the order of summation: where segments have few rows in the mean, kernels of their own serve,
///   and on sm_90 two blocks may share out k. In a BATCH_INVARIANT context neither is done, and a row's
///   result depends on no other row. On gfx90a the matrix units read subnormal f16 and bf16 values as zero.
///   Rows before indptr[0] and from indptr[G] on are not written, nor those of a segment whose weight index
///   is out of range. Offsets are cut to 0 and M; where they do not ascend, which of several segments
///   writes a row is not fixed.
/// Errors: INVALID_HANDLE, NULL_POINTER, INVALID_RANK, INVALID_DTYPE, INVALID_SHAPE, INVALID_STRIDE,
///   INVALID_DEVICE, MISALIGNED, OVERFLOW, ALIASING when a tensor is not as stated above; INVALID_ARGUMENT
///   when a scalar is out of its range; INVALID_CONTENTS, which names the first bad entry, in a context
///   that checks contents; UNSUPPORTED there while the stream is captured; INVALID_SHAPE when
///   weight_indices is left out, and W is not G; UNSUPPORTED when every kernel that could serve the call is
///   disabled or out of its condition; MODULE_LOAD, NO_CODE_OBJECT, DRIVER_ERROR from the device.
/// Source: Chen and others 2023, Punica, arXiv:2310.18547 (segments of rows, a weight each); FlashInfer's
///   SegmentGEMMWrapper and grouped_mm_bf16.
/// Since: 0.1.
HIPINFER_NODISCARD HIPINFER_API hipinfer_status hipinfer_gemm_grouped(hipinfer_context context,
    const hipinfer_tensor* output, const hipinfer_tensor* input, const hipinfer_tensor* weight,
    const hipinfer_tensor* indptr, const hipinfer_tensor* weight_indices, const hipinfer_tensor* residual,
    const hipinfer_gemm_grouped_options* options, hipinfer_stream stream);

/// Options of hipinfer_gemm_grouped_scaled. Zero the struct, set struct_size, then the fields you need: zero is every default.
typedef struct hipinfer_gemm_grouped_scaled_options {
  size_t struct_size; ///< sizeof(hipinfer_gemm_grouped_scaled_options)
  int32_t activation; ///< a hipinfer_gemm_activation. Applied to the product and bias, before the residual is added.
} hipinfer_gemm_grouped_scaled_options;

/// Matrix products of segments of rows of fp8 or int8 with a transposed weight each and scales (quantised experts), with optional activation and residual; a segment may be empty.
///
///     output[m, n] = activation(sum over k of (input_scale * input[m, k]) * (weight_scale * weight[w, n,
///         k])) + residual[m, n] for m from indptr[g] to before indptr[g+1], w = weight_indices[g], or g
///         without weight_indices; input_scale of the tensor, of row m, or of 128 elements of it;
///         weight_scale of all weights, of a weight, of row n of it, of 128 rows, or of 128 elements of 128
///         rows
///
/// where M is rows (tokens); 0 is allowed; N is output features; 0 is allowed; K is input features; 0 is
/// allowed and gives bias + residual; G is segments of rows; 0 is allowed; W is weights; 0 is allowed; P is
/// 1, or M; Q is 1, or K / 128 rounded up; R is 1, N, or N / 128 rounded up; S is 1, or K / 128 rounded up.
/// @param[out] output [M, N], dtype bf16, f16, f32; last dimension contiguous, other strides free. The
///   products.
/// @param[in] input [M, K], dtype e4m3fn, e4m3fnuz, i8; last dimension contiguous, other strides free.
///   Quantised activations, the rows of a segment side by side. Fastest when every row begins at a multiple
///   of 16 bytes.
/// @param[in] weight [W, N, K], dtype e4m3fn, e4m3fnuz, i8; any strides. Quantised weights, a row for each
///   output feature. Fast where rows are contiguous, fastest when every row begins at a multiple of 16
///   bytes.
/// @param[in] input_scale optional (NULL), [P, Q] or any shape of one element, dtype f32; any strides. What
///   a unit of input stands for, in all of it, in each row, in 128 elements of all rows, or in 128 elements
///   of each row; left out it is 1.
/// @param[in] weight_scale optional (NULL), [W, R, S] or any shape of one element, dtype f32; any strides.
///   What a unit of weight stands for, in all of them, in each weight, in each row, in 128 rows, or in 128
///   elements of all rows or of 128; left out it is 1. Scales of each row go with input scales of all of it
///   or of each row.
/// @param[in] indptr [G+1], dtype i32, i64; last dimension contiguous, other strides free. Where each
///   segment's rows begin, and where the last one's end.
/// @param[in] weight_indices optional (NULL), [G], dtype i32, i64; last dimension contiguous, other strides
///   free. Which weight a segment has; left out there are as many weights as segments, in order.
/// @param[in] residual optional (NULL), [M, N], dtype bf16, f16, f32; last dimension contiguous, other
///   strides free. Added to the product before it is rounded.
/// @param options NULL for the defaults; see hipinfer_gemm_grouped_scaled_options.
/// @param stream Where the work is enqueued.
/// Aliasing: output may be residual, with the same strides; it may not overlap another input.
/// Workspace: none.
/// Numerics: A segment's products are summed and scaled as gemm_scaled does it. What gemm_grouped says of a
///   row's result and the other rows, of BATCH_INVARIANT, of rows that are not written and of offsets that
///   do not ascend holds here, and what gemm_scaled says of encodings.
/// Errors: INVALID_HANDLE, NULL_POINTER, INVALID_RANK, INVALID_DTYPE, INVALID_SHAPE, INVALID_STRIDE,
///   INVALID_DEVICE, MISALIGNED, OVERFLOW, ALIASING when a tensor is not as stated above; INVALID_ARGUMENT
///   when a scalar is out of its range; INVALID_CONTENTS, which names the first bad entry, in a context
///   that checks contents; UNSUPPORTED there while the stream is captured; INVALID_SHAPE when
///   weight_indices is left out, and W is not G; INVALID_SHAPE when P, Q, R or S is none of the extents
///   that it may be; INVALID_SHAPE when weight_scale is of each row, and it or input_scale also of 128
///   elements; INVALID_SHAPE when input is i8, no scale is of 128 elements, and K is above 131071: sums
///   would not fit 32 bits; UNSUPPORTED when every kernel that could serve the call is disabled or out of
///   its condition; MODULE_LOAD, NO_CODE_OBJECT, DRIVER_ERROR from the device.
/// Source: FlashInfer's group_gemm_fp8_nt_groupwise; DeepSeek-AI 2024, arXiv:2412.19437, 3.3.2.
/// Since: 0.1.
HIPINFER_NODISCARD HIPINFER_API hipinfer_status hipinfer_gemm_grouped_scaled(hipinfer_context context,
    const hipinfer_tensor* output, const hipinfer_tensor* input, const hipinfer_tensor* weight,
    const hipinfer_tensor* input_scale, const hipinfer_tensor* weight_scale, const hipinfer_tensor* indptr,
    const hipinfer_tensor* weight_indices, const hipinfer_tensor* residual,
    const hipinfer_gemm_grouped_scaled_options* options, hipinfer_stream stream);

/// Options of hipinfer_gemm_scaled. Zero the struct, set struct_size, then the fields you need: zero is every default.
typedef struct hipinfer_gemm_scaled_options {
  size_t struct_size; ///< sizeof(hipinfer_gemm_scaled_options)
  int32_t activation; ///< a hipinfer_gemm_activation. Applied to the product and bias, before the residual is added.
} hipinfer_gemm_scaled_options;

/// Matrix product of fp8 or int8 operands with scales (a quantised linear layer), with optional bias, activation and residual; of one matrix or of a batch.
///
///     output[b, m, n] = activation(sum over k of (input_scale * input[b, m, k]) * (weight_scale *
///         weight[b, n, k]) + bias[n]) + residual[b, m, n], input_scale of the tensor, of row m, or of 128
///         elements of it; weight_scale of the tensor, of row n, of 128 rows, or of 128 elements of 128
///         rows
///
/// where B is matrices of a batch; 0 is allowed; M is rows (tokens); 0 is allowed; N is output features; 0
/// is allowed; K is input features; 0 is allowed and gives bias + residual; P is 1, or M; Q is 1, or K /
/// 128 rounded up; R is 1, N, or N / 128 rounded up; S is 1, or K / 128 rounded up.
/// @param[out] output [B, M, N] or [M, N], dtype bf16, f16, f32; last dimension contiguous, other strides
///   free. The product.
/// @param[in] input [B, M, K] or [M, K], dtype e4m3fn, e4m3fnuz, i8; last dimension contiguous, other
///   strides free. Quantised activations. Fastest when every row begins at a multiple of 16 bytes.
/// @param[in] weight [B, N, K] or [N, K], dtype e4m3fn, e4m3fnuz, i8; last dimension contiguous, other
///   strides free. Quantised weight, a row for each output feature. Fastest when every row begins at a
///   multiple of 16 bytes.
/// @param[in] input_scale optional (NULL), [B, P, Q] or [P, Q] or any shape of one element, dtype f32; any
///   strides. What a unit of input stands for, in all of it, in each row, in 128 elements of all rows, or
///   in 128 elements of each row; left out it is 1.
/// @param[in] weight_scale optional (NULL), [B, R, S] or [R, S] or any shape of one element, dtype f32; any
///   strides. What a unit of weight stands for, in all of it, in each row, in 128 rows, or in 128 elements
///   of all rows or of 128; left out it is 1. Scales of each row go with input scales of all of it or of
///   each row.
/// @param[in] bias optional (NULL), [N], dtype bf16, f16, f32; last dimension contiguous, other strides
///   free. Added to every row.
/// @param[in] residual optional (NULL), [B, M, N] or [M, N], dtype bf16, f16, f32; last dimension
///   contiguous, other strides free. Added to the product before it is rounded.
/// @param options NULL for the defaults; see hipinfer_gemm_scaled_options.
/// @param stream Where the work is enqueued.
/// Aliasing: output may be residual, with the same strides; it may not overlap another input.
/// Workspace: none.
/// Numerics: Products are exact. Those of i8 are summed exactly in 32-bit integers, those of fp8 in fp32 in
///   a fixed order that does not depend on N; on sm_90 128 products of e4m3fn are summed first, 32 at a
///   time, with 13 bits below the largest of what is added at once: an error of about 2^-13 of the sum of
///   the products' magnitudes. Where a scale is of 128 elements, the sum over each 128 is multiplied by the
///   product of its two scales, and the results are added in fp32; otherwise the whole sum is multiplied.
///   Bias, activation and residual are as in gemm, then there is one rounding, to the output's dtype. NaN
///   operands give NaN. Bitwise reproducible. A row's result depends on M only through the order of
///   summation: calls of few rows are served by kernels of their own, and on sm_90 two blocks may share out
///   k. In a BATCH_INVARIANT context neither is done, and a row's result does not depend on M. An encoding
///   that a GPU's matrix units do not take is multiplied as one that they do, f16 at most, with the same
///   products: e4m3fn on gfx90a, gfx942, gfx11 and before sm_89, e4m3fnuz on all but gfx942.
/// Errors: INVALID_HANDLE, NULL_POINTER, INVALID_RANK, INVALID_DTYPE, INVALID_SHAPE, INVALID_STRIDE,
///   INVALID_DEVICE, MISALIGNED, OVERFLOW, ALIASING when a tensor is not as stated above; INVALID_ARGUMENT
///   when a scalar is out of its range; INVALID_SHAPE when P, Q, R or S is none of the extents that it may
///   be; INVALID_SHAPE when weight_scale is of each row, and it or input_scale also of 128 elements;
///   INVALID_SHAPE when input is i8, no scale is of 128 elements, and K is above 131071: sums would not fit
///   32 bits; UNSUPPORTED when every kernel that could serve the call is disabled or out of its condition;
///   MODULE_LOAD, NO_CODE_OBJECT, DRIVER_ERROR from the device.
/// Source: torch._scaled_mm; FlashInfer's mm_fp8, bmm_fp8 and gemm_fp8_nt_groupwise; DeepSeek-AI 2024,
///   arXiv:2412.19437, 3.3.2 (scales of 1 by 128 and of 128 by 128).
/// Since: 0.1.
HIPINFER_NODISCARD HIPINFER_API hipinfer_status hipinfer_gemm_scaled(hipinfer_context context,
    const hipinfer_tensor* output, const hipinfer_tensor* input, const hipinfer_tensor* weight,
    const hipinfer_tensor* input_scale, const hipinfer_tensor* weight_scale, const hipinfer_tensor* bias,
    const hipinfer_tensor* residual, const hipinfer_gemm_scaled_options* options, hipinfer_stream stream);

/// Adds the input to the residual stream and normalises the sum with weights stored as differences from 1, in place in both.
///
///     sum = input + residual; residual = sum; input = sum / sqrt(mean(sum^2) + eps) * (1 + weight)
///
/// where T is rows (tokens); 0 is allowed; N is row length, from 1.
/// @param[in,out] input [T, N], dtype f32, f16, bf16; last dimension contiguous, other strides free. What a
///   layer adds to the stream; afterwards the normalised rows.
/// @param[in,out] residual [T, N], dtype f32, f16, bf16; last dimension contiguous, other strides free. The
///   residual stream; afterwards the sum.
/// @param[in] weight [N], dtype that of data, or f32; last dimension contiguous, other strides free. Gain
///   of each column, less 1.
/// @param eps from 0 to 3.4e+38. Added to the mean of squares, to keep a zero row finite; no unit.
/// @param stream Where the work is enqueued.
/// Aliasing: input, residual and weight may not overlap.
/// Workspace: none.
/// Numerics: The sum is formed in fp32 and rounded once when residual is stored; the norm uses the
///   unrounded sum. Squares are summed in fp32 in a fixed order, and 1 + weight is formed in fp32. Bitwise
///   reproducible, and a row's result does not depend on the other rows.
/// Errors: INVALID_HANDLE, NULL_POINTER, INVALID_RANK, INVALID_DTYPE, INVALID_SHAPE, INVALID_STRIDE,
///   INVALID_DEVICE, MISALIGNED, OVERFLOW, ALIASING when a tensor is not as stated above; INVALID_ARGUMENT
///   when a scalar is out of its range; INVALID_SHAPE when N is 0: rows of length 0 have no mean;
///   UNSUPPORTED when every kernel that could serve the call is disabled or out of its condition;
///   MODULE_LOAD, NO_CODE_OBJECT, DRIVER_ERROR from the device.
/// Source: Zhang and Sennrich 2019, arXiv:1910.07467; meaning of flashinfer.norm.gemma_fused_add_rmsnorm.
/// Since: 0.1.
HIPINFER_NODISCARD HIPINFER_API hipinfer_status hipinfer_gemma_fused_add_rmsnorm(hipinfer_context context,
    const hipinfer_tensor* input, const hipinfer_tensor* residual, const hipinfer_tensor* weight, float eps,
    hipinfer_stream stream);

/// Root-mean-square normalisation of each row with weights stored as differences from 1, as Gemma has them.
///
///     output = input / sqrt(mean(input^2) + eps) * (1 + weight)
///
/// where T is rows (tokens); 0 is allowed; H is heads: with three dimensions every head is a row (per-head
/// QK norm); N is row length, from 1.
/// @param[out] output [T, N] or [T, H, N], dtype f32, f16, bf16; last dimension contiguous, other strides
///   free. Normalised rows.
/// @param[in] input [T, N] or [T, H, N], dtype f32, f16, bf16; last dimension contiguous, other strides
///   free. Rows to normalise.
/// @param[in] weight [N], dtype that of data, or f32; last dimension contiguous, other strides free. Gain
///   of each column, less 1.
/// @param eps from 0 to 3.4e+38. Added to the mean of squares, to keep a zero row finite; no unit.
/// @param stream Where the work is enqueued.
/// Aliasing: output may be input, with the same strides; it may not overlap weight.
/// Workspace: none.
/// Numerics: Squares are summed in fp32 in a fixed order, and 1 + weight is formed in fp32; one rounding,
///   to the output's dtype. Bitwise reproducible, and a row's result does not depend on the other rows.
/// Errors: INVALID_HANDLE, NULL_POINTER, INVALID_RANK, INVALID_DTYPE, INVALID_SHAPE, INVALID_STRIDE,
///   INVALID_DEVICE, MISALIGNED, OVERFLOW, ALIASING when a tensor is not as stated above; INVALID_ARGUMENT
///   when a scalar is out of its range; INVALID_SHAPE when N is 0: rows of length 0 have no mean;
///   UNSUPPORTED when every kernel that could serve the call is disabled or out of its condition;
///   MODULE_LOAD, NO_CODE_OBJECT, DRIVER_ERROR from the device.
/// Source: Zhang and Sennrich 2019, arXiv:1910.07467; meaning of flashinfer.norm.gemma_rmsnorm.
/// Since: 0.1.
HIPINFER_NODISCARD HIPINFER_API hipinfer_status hipinfer_gemma_rmsnorm(hipinfer_context context,
    const hipinfer_tensor* output, const hipinfer_tensor* input, const hipinfer_tensor* weight, float eps,
    hipinfer_stream stream);

/// Request and position of each new token of a ragged batch, as append_paged_kv_cache takes them.
///
///     batch_indices[t] = b and positions[t] = seq_lens[b] - append_indptr[b+1] + t for the request b with
///         append_indptr[b] <= t < append_indptr[b+1]; both -1 where there is none
///
/// where T is tokens; 0 is allowed; B is requests; 0 is allowed.
/// @param[out] batch_indices [T], dtype i32, i64; last dimension contiguous, other strides free. Request of
///   each token, or -1, which append_paged_kv_cache skips.
/// @param[out] positions [T], dtype i32, i64; last dimension contiguous, other strides free. Position of
///   each token in its request, the last token's being seq_lens - 1; or -1.
/// @param[in] append_indptr [B+1], dtype i32, i64; last dimension contiguous, other strides free. Where
///   each request's new tokens begin.
/// @param[in] seq_lens [B], dtype i32, i64; last dimension contiguous, other strides free. Length of each
///   request, its new tokens included.
/// @param stream Where the work is enqueued.
/// Aliasing: none.
/// Workspace: none.
/// Numerics: Integers, exact. Least possible traffic: two numbers a token, and two a request.
/// On trust: append_indptr is in order; with one that is not, a token may get any request of the batch, the
///   same on every device, and nothing is touched out of bounds.
/// Errors: INVALID_HANDLE, NULL_POINTER, INVALID_RANK, INVALID_DTYPE, INVALID_SHAPE, INVALID_STRIDE,
///   INVALID_DEVICE, MISALIGNED, OVERFLOW, ALIASING when a tensor is not as stated above; INVALID_CONTENTS,
///   which names the first bad entry, in a context that checks contents; UNSUPPORTED there while the stream
///   is captured; UNSUPPORTED when every kernel that could serve the call is disabled or out of its
///   condition; MODULE_LOAD, NO_CODE_OBJECT, DRIVER_ERROR from the device.
/// Source: Meaning of flashinfer.page.get_batch_indices_positions, which leaves entries of no request as
///   they were.
/// Since: 0.1.
HIPINFER_NODISCARD HIPINFER_API hipinfer_status hipinfer_get_batch_indices_positions(
    hipinfer_context context, const hipinfer_tensor* batch_indices, const hipinfer_tensor* positions,
    const hipinfer_tensor* append_indptr, const hipinfer_tensor* seq_lens, hipinfer_stream stream);

/// Lengths of the requests of a paged cache, from its page table.
///
///     seq_lens[b] = (pages - 1) * page_size + kv_last_page_len[b], with pages = kv_indptr[b+1] -
///         kv_indptr[b]; 0 where pages is not positive
///
/// where B is requests; 0 is allowed.
/// @param[out] seq_lens [B], dtype i32, i64; last dimension contiguous, other strides free. Keys of each
///   request; what does not fit is cut to the lower 32 bits in i32.
/// @param[in] kv_indptr [B+1], dtype i32, i64; last dimension contiguous, other strides free. Where each
///   request begins in the page table, in order.
/// @param[in] kv_last_page_len [B], dtype i32, i64; last dimension contiguous, other strides free. Slots in
///   use in each request's last page.
/// @param page_size from 1. Slots in a page.
/// @param stream Where the work is enqueued.
/// Aliasing: seq_lens may be kv_last_page_len.
/// Workspace: none.
/// Numerics: Integers, exact; a kv_last_page_len outside 0 ... page_size counts as the nearer of the two,
///   as it does where the table is used. Least possible traffic: four numbers a request.
/// Errors: INVALID_HANDLE, NULL_POINTER, INVALID_RANK, INVALID_DTYPE, INVALID_SHAPE, INVALID_STRIDE,
///   INVALID_DEVICE, MISALIGNED, OVERFLOW, ALIASING when a tensor is not as stated above; INVALID_ARGUMENT
///   when a scalar is out of its range; INVALID_CONTENTS, which names the first bad entry, in a context
///   that checks contents; UNSUPPORTED there while the stream is captured; ALIASING when seq_lens is the
///   same memory as kv_last_page_len and their dtypes differ; UNSUPPORTED when every kernel that could
///   serve the call is disabled or out of its condition; MODULE_LOAD, NO_CODE_OBJECT, DRIVER_ERROR from the
///   device.
/// Source: Meaning of flashinfer.page.get_seq_lens, which gives kv_last_page_len for a request without
///   pages.
/// Since: 0.1.
HIPINFER_NODISCARD HIPINFER_API hipinfer_status hipinfer_get_seq_lens(hipinfer_context context,
    const hipinfer_tensor* seq_lens, const hipinfer_tensor* kv_indptr,
    const hipinfer_tensor* kv_last_page_len, int64_t page_size, hipinfer_stream stream);

/// Experts of each token by the sigmoid of router logits: the best of the best groups, chosen with a bias and weighted without it.
///
///     s = sigmoid(logits[t]); c = s + bias; the groups are E / groups experts each, in order, and a
///         group's score is the sum of its two largest c (of one expert, its c); indices[t] = the K largest
///         c in the top_groups best groups, largest first; w = s of these; weights[t] = w / sum(w) *
///         scaling, without renormalize w * scaling
///
/// where T is tokens; 0 is allowed; E is experts, from 1 to 1024; K is experts of a token, from 1.
/// @param[out] weights [T, K], dtype that of data, or f32; last dimension contiguous, other strides free.
///   Weight of each chosen expert.
/// @param[out] indices [T, K], dtype i32, i64; last dimension contiguous, other strides free. The chosen
///   experts, the largest c first.
/// @param[in] logits [T, E], dtype f32, f16, bf16; last dimension contiguous, other strides free. What the
///   router gives, before any activation.
/// @param[in] bias optional (NULL), [E], dtype that of data, or f32; last dimension contiguous, other
///   strides free. What is added to each expert's score for the choice; zeros if left out.
/// @param groups from 1 to 1024. Groups that the experts are in; E is a multiple of it.
/// @param top_groups from 1 to 1024. Groups whose experts may be chosen.
/// @param scaling from -3.4e+38 to 3.4e+38. Multiplies the weights.
/// @param renormalize 0 or 1. Whether a token's weights are divided by their sum.
/// @param stream Where the work is enqueued.
/// Aliasing: none: the outputs may not overlap each other or an input.
/// Workspace: none.
/// Numerics: fp32, in a fixed order; one rounding to the dtype of weights. Of equal c, and of equal scores
///   of groups, the lowest index comes first. A c or a sum of two that is NaN counts as -inf, and a logit
///   that is NaN has the weight 0. Where the sum is 0 the weights are 0. Bitwise reproducible, and a
///   token's result does not depend on the other tokens.
/// Errors: INVALID_HANDLE, NULL_POINTER, INVALID_RANK, INVALID_DTYPE, INVALID_SHAPE, INVALID_STRIDE,
///   INVALID_DEVICE, MISALIGNED, OVERFLOW, ALIASING when a tensor is not as stated above; INVALID_ARGUMENT
///   when a scalar is out of its range; INVALID_SHAPE when E is 0, K is 0 or more than the experts of
///   top_groups groups, or E is not a multiple of groups; INVALID_ARGUMENT when top_groups is more than
///   groups; UNSUPPORTED when E is more than 1024; UNSUPPORTED when every kernel that could serve the call
///   is disabled or out of its condition; MODULE_LOAD, NO_CODE_OBJECT, DRIVER_ERROR from the device.
/// Source: DeepSeek-V3, arXiv:2412.19437, 2.1.2 (routing without an auxiliary loss); meaning of
///   flashinfer.fused_moe.fused_topk_deepseek.
/// Since: 0.1.
HIPINFER_NODISCARD HIPINFER_API hipinfer_status hipinfer_grouped_top_k(hipinfer_context context,
    const hipinfer_tensor* weights, const hipinfer_tensor* indices, const hipinfer_tensor* logits,
    const hipinfer_tensor* bias, int32_t groups, int32_t top_groups, float scaling, int32_t renormalize,
    hipinfer_stream stream);

/// Layer normalisation of each row, with optional weight and bias.
///
///     output = (input - mean(input)) / sqrt(mean((input - mean(input))^2) + eps) * weight + bias
///
/// where T is rows (tokens); 0 is allowed; H is heads: with three dimensions every head is a row; N is row
/// length, from 1.
/// @param[out] output [T, N] or [T, H, N], dtype f32, f16, bf16; last dimension contiguous, other strides
///   free. Normalised rows.
/// @param[in] input [T, N] or [T, H, N], dtype f32, f16, bf16; last dimension contiguous, other strides
///   free. Rows to normalise.
/// @param[in] weight optional (NULL), [N], dtype that of data, or f32; last dimension contiguous, other
///   strides free. Gain of each column (gamma); ones if left out.
/// @param[in] bias optional (NULL), [N], dtype that of data, or f32; last dimension contiguous, other
///   strides free. What is added to each column (beta), of the weight's dtype; zeros if left out.
/// @param eps from 0 to 3.4e+38. Added to the mean of squares, to keep a constant row finite; no unit.
/// @param stream Where the work is enqueued.
/// Aliasing: output may be input, with the same strides; it may not overlap weight or bias.
/// Workspace: none.
/// Numerics: fp32: the mean first, then the squares of the differences from it, each summed in a fixed
///   order; one rounding, to the output's dtype. Bitwise reproducible, and a row's result does not depend
///   on the other rows.
/// Errors: INVALID_HANDLE, NULL_POINTER, INVALID_RANK, INVALID_DTYPE, INVALID_SHAPE, INVALID_STRIDE,
///   INVALID_DEVICE, MISALIGNED, OVERFLOW, ALIASING when a tensor is not as stated above; INVALID_ARGUMENT
///   when a scalar is out of its range; INVALID_SHAPE when N is 0: rows of length 0 have no mean;
///   UNSUPPORTED when every kernel that could serve the call is disabled or out of its condition;
///   MODULE_LOAD, NO_CODE_OBJECT, DRIVER_ERROR from the device.
/// Source: Ba, Kiros and Hinton 2016, arXiv:1607.06450; meaning of flashinfer.norm.layernorm, whose gamma
///   and beta are f32 weight and bias.
/// Since: 0.1.
HIPINFER_NODISCARD HIPINFER_API hipinfer_status hipinfer_layernorm(hipinfer_context context,
    const hipinfer_tensor* output, const hipinfer_tensor* input, const hipinfer_tensor* weight,
    const hipinfer_tensor* bias, float eps, hipinfer_stream stream);

/// Layer normalisation of each row, with optional weight and bias, quantised with one scale.
///
///     v = (input - mean(input)) / sqrt(mean((input - mean(input))^2) + eps) * weight + bias; output =
///         saturate(round(v / scale))
///
/// where T is rows (tokens); 0 is allowed; H is heads: with three dimensions every head is a row; N is row
/// length, from 1.
/// @param[out] output [T, N] or [T, H, N], dtype e4m3fn, e4m3fnuz, e5m2, e5m2fnuz; last dimension
///   contiguous, other strides free. Normalised rows, quantised.
/// @param[in] input [T, N] or [T, H, N], dtype f32, f16, bf16; last dimension contiguous, other strides
///   free. Rows to normalise.
/// @param[in] weight optional (NULL), [N], dtype that of data, or f32; last dimension contiguous, other
///   strides free. Gain of each column (gamma); ones if left out.
/// @param[in] bias optional (NULL), [N], dtype that of data, or f32; last dimension contiguous, other
///   strides free. What is added to each column (beta), of the weight's dtype; zeros if left out.
/// @param[in] scale any shape of one element, dtype f32; last dimension contiguous, other strides free.
///   What a unit of the output stands for, in device memory.
/// @param eps from 0 to 3.4e+38. Added to the mean of squares, to keep a constant row finite; no unit.
/// @param stream Where the work is enqueued.
/// Aliasing: No two tensors may overlap.
/// Workspace: none.
/// Numerics: fp32: the mean first, then the squares of the differences from it, each summed in a fixed
///   order. Quantised is the fp32 result, not one rounded to the input's dtype. On a GPU it is multiplied
///   by 1 / scale: within one unit in the last place of the quotient rounded to nearest even; saturated at
///   the largest finite value of the output's dtype. A NaN becomes NaN. Bitwise reproducible, and a row's
///   result does not depend on the other rows.
/// On trust: A scale of 0 or a subnormal one divides to infinities and NaN; nothing else comes of it.
/// Errors: INVALID_HANDLE, NULL_POINTER, INVALID_RANK, INVALID_DTYPE, INVALID_SHAPE, INVALID_STRIDE,
///   INVALID_DEVICE, MISALIGNED, OVERFLOW, ALIASING when a tensor is not as stated above; INVALID_ARGUMENT
///   when a scalar is out of its range; INVALID_SHAPE when N is 0: rows of length 0 have no mean;
///   UNSUPPORTED when every kernel that could serve the call is disabled or out of its condition;
///   MODULE_LOAD, NO_CODE_OBJECT, DRIVER_ERROR from the device.
/// Source: Ba, Kiros and Hinton 2016, arXiv:1607.06450; layernorm, quantised with one scale.
/// Since: 0.1.
HIPINFER_NODISCARD HIPINFER_API hipinfer_status hipinfer_layernorm_quant(hipinfer_context context,
    const hipinfer_tensor* output, const hipinfer_tensor* input, const hipinfer_tensor* weight,
    const hipinfer_tensor* bias, const hipinfer_tensor* scale, float eps, hipinfer_stream stream);

/// Softmax of scaled and masked attention scores, one pass over the scores.
///
///     output[b,h,q,:] = softmax over k of (input[b,h,q,k] * scale + mask[b,h,q,k]); a score is left out
///         (-infinity) where a bool mask is false, and with causal where k > q + (K - Q)
///
/// where B is requests; 0 is allowed; H is heads; 0 is allowed; Q is queries; 0 is allowed; K is keys; 0 is
/// allowed.
/// @param[out] output [B, H, Q, K], dtype f32, f16, bf16; last dimension contiguous, other strides free.
///   Probabilities.
/// @param[in] input [B, H, Q, K], dtype f32, f16, bf16; last dimension contiguous, other strides free.
///   Scores.
/// @param[in] mask optional (NULL), [B, H, Q, K], dtype that of data, or f32, bool; any strides. bool:
///   which scores take part. Else what is added to the scaled scores. Strides of 0 repeat it over requests,
///   heads or queries.
/// @param scale any value. What scores are multiplied by before the mask is added.
/// @param causal 0 or 1. 1: leave out keys that come after their query, aligned to the end: the last query
///   sees every key.
/// @param stream Where the work is enqueued.
/// Aliasing: output may be input, with the same strides.
/// Workspace: none.
/// Numerics: fp32 in a fixed order, one rounding to the dtype. A row whose scores are all left out, or
///   -infinity, is zeros; a row with a NaN or +infinity that is not left out is NaN. Bitwise reproducible,
///   and a row's result does not depend on the other rows. Least possible traffic: 2 * K elements a row and
///   its mask; causal rows read only what they see.
/// Errors: INVALID_HANDLE, NULL_POINTER, INVALID_RANK, INVALID_DTYPE, INVALID_SHAPE, INVALID_STRIDE,
///   INVALID_DEVICE, MISALIGNED, OVERFLOW, ALIASING when a tensor is not as stated above; INVALID_ARGUMENT
///   when a scalar is out of its range; UNSUPPORTED when every kernel that could serve the call is disabled
///   or out of its condition; MODULE_LOAD, NO_CODE_OBJECT, DRIVER_ERROR from the device.
/// Source: Vaswani et al. 2017, arXiv:1706.03762; meaning of torch.softmax(input * scale + mask, -1), but
///   zeros for rows that see nothing; the causal mask is that of causal_mask.
/// Since: 0.1.
HIPINFER_NODISCARD HIPINFER_API hipinfer_status hipinfer_masked_softmax(hipinfer_context context,
    const hipinfer_tensor* output, const hipinfer_tensor* input, const hipinfer_tensor* mask, float scale,
    int32_t causal, hipinfer_stream stream);

/// Merges what attention over two sets of keys gave, as if it had been over both.
///
///     lse = log2(2^s_a + 2^s_b), output = (2^s_a * v_a + 2^s_b * v_b) / 2^lse
///
/// where T is tokens; 0 is allowed; D is head dimension; 0 is allowed; H is heads; 0 is allowed.
/// @param[out] output [T, H, D], dtype f32, f16, bf16; last dimension contiguous, other strides free. The
///   merged values.
/// @param[out] lse optional (NULL), [T, H], dtype f32; any strides. Logarithm, base 2, of the sum of the
///   exponentials of both.
/// @param[in] v_a [T, H, D], dtype f32, f16, bf16; last dimension contiguous, other strides free. What
///   attention over the first keys gave.
/// @param[in] s_a [T, H], dtype f32; any strides. Its lse.
/// @param[in] v_b [T, H, D], dtype f32, f16, bf16; last dimension contiguous, other strides free. What
///   attention over the other keys gave.
/// @param[in] s_b [T, H], dtype f32; any strides. Its lse.
/// @param stream Where the work is enqueued.
/// Aliasing: none: the outputs may not overlap each other or an input.
/// Workspace: none.
/// Numerics: fp32, one rounding of each result. A state whose logarithm is -inf has no part, whatever its
///   values are; where all are so, the result is zeros and -inf. A NaN or +inf logarithm gives NaN. Bitwise
///   reproducible, and a row's result does not depend on the other rows.
/// Errors: INVALID_HANDLE, NULL_POINTER, INVALID_RANK, INVALID_DTYPE, INVALID_SHAPE, INVALID_STRIDE,
///   INVALID_DEVICE, MISALIGNED, OVERFLOW, ALIASING when a tensor is not as stated above; UNSUPPORTED when
///   every kernel that could serve the call is disabled or out of its condition; MODULE_LOAD,
///   NO_CODE_OBJECT, DRIVER_ERROR from the device.
/// Source: Partial results as of Dao et al. 2022, arXiv:2205.14135; meaning of
///   flashinfer.cascade.merge_state.
/// Since: 0.1.
HIPINFER_NODISCARD HIPINFER_API hipinfer_status hipinfer_merge_state(hipinfer_context context,
    const hipinfer_tensor* output, const hipinfer_tensor* lse, const hipinfer_tensor* v_a,
    const hipinfer_tensor* s_a, const hipinfer_tensor* v_b, const hipinfer_tensor* s_b,
    hipinfer_stream stream);

/// Merges what attention over other keys gave into what attention over some gave.
///
///     s = log2(2^s + 2^s_other), v = (2^s * v + 2^s_other * v_other) / 2^s, with the new s in the
///         quotient; tokens that mask leaves out stay as they are
///
/// where T is tokens; 0 is allowed; D is head dimension; 0 is allowed; H is heads; 0 is allowed.
/// @param[in,out] v [T, H, D], dtype f32, f16, bf16; last dimension contiguous, other strides free. What
///   attention over the first keys gave; the merged values.
/// @param[in,out] s [T, H], dtype f32; any strides. Its lse; that of all.
/// @param[in] v_other [T, H, D], dtype f32, f16, bf16; last dimension contiguous, other strides free. What
///   attention over the other keys gave.
/// @param[in] s_other [T, H], dtype f32; any strides. Its lse.
/// @param[in] mask optional (NULL), [T], dtype bool; last dimension contiguous, other strides free. Which
///   tokens to merge; all, if it is left out.
/// @param stream Where the work is enqueued.
/// Aliasing: none: v, s, v_other and s_other may not overlap.
/// Workspace: none.
/// Numerics: fp32, one rounding of each result. A state whose logarithm is -inf has no part, whatever its
///   values are; where all are so, the result is zeros and -inf. A NaN or +inf logarithm gives NaN. Bitwise
///   reproducible, and a row's result does not depend on the other rows.
/// Errors: INVALID_HANDLE, NULL_POINTER, INVALID_RANK, INVALID_DTYPE, INVALID_SHAPE, INVALID_STRIDE,
///   INVALID_DEVICE, MISALIGNED, OVERFLOW, ALIASING when a tensor is not as stated above; UNSUPPORTED when
///   every kernel that could serve the call is disabled or out of its condition; MODULE_LOAD,
///   NO_CODE_OBJECT, DRIVER_ERROR from the device.
/// Source: Partial results as of Dao et al. 2022, arXiv:2205.14135; meaning of
///   flashinfer.cascade.merge_state_in_place.
/// Since: 0.1.
HIPINFER_NODISCARD HIPINFER_API hipinfer_status hipinfer_merge_state_in_place(hipinfer_context context,
    const hipinfer_tensor* v, const hipinfer_tensor* s, const hipinfer_tensor* v_other,
    const hipinfer_tensor* s_other, const hipinfer_tensor* mask, hipinfer_stream stream);

/// Merges what attention over several sets of keys gave, as if it had been over all of them.
///
///     lse[t,h] = log2(sum_n 2^s[t,n,h]), output[t,h] = sum_n 2^s[t,n,h] * v[t,n,h] / 2^lse[t,h]
///
/// where T is tokens; 0 is allowed; D is head dimension; 0 is allowed; H is heads; 0 is allowed; N is
/// states; 0 is allowed.
/// @param[out] output [T, H, D], dtype f32, f16, bf16; last dimension contiguous, other strides free. The
///   merged values.
/// @param[out] lse optional (NULL), [T, H], dtype f32; any strides. Logarithm, base 2, of the sum of the
///   exponentials of all.
/// @param[in] v [T, N, H, D], dtype f32, f16, bf16; last dimension contiguous, other strides free. What
///   attention over each set of keys gave.
/// @param[in] s [T, N, H], dtype f32; any strides. Their lse.
/// @param stream Where the work is enqueued.
/// Aliasing: none: the outputs may not overlap each other or an input.
/// Workspace: none.
/// Numerics: fp32, one rounding of each result. A state whose logarithm is -inf has no part, whatever its
///   values are; where all are so, the result is zeros and -inf. A NaN or +inf logarithm gives NaN. Bitwise
///   reproducible, and a row's result does not depend on the other rows.
/// Errors: INVALID_HANDLE, NULL_POINTER, INVALID_RANK, INVALID_DTYPE, INVALID_SHAPE, INVALID_STRIDE,
///   INVALID_DEVICE, MISALIGNED, OVERFLOW, ALIASING when a tensor is not as stated above; UNSUPPORTED when
///   every kernel that could serve the call is disabled or out of its condition; MODULE_LOAD,
///   NO_CODE_OBJECT, DRIVER_ERROR from the device.
/// Source: Partial results as of Dao et al. 2022, arXiv:2205.14135; meaning of
///   flashinfer.cascade.merge_states.
/// Since: 0.1.
HIPINFER_NODISCARD HIPINFER_API hipinfer_status hipinfer_merge_states(hipinfer_context context,
    const hipinfer_tensor* output, const hipinfer_tensor* lse, const hipinfer_tensor* v,
    const hipinfer_tensor* s, hipinfer_stream stream);

/// Samples one token a row from the probabilities that are at least a part of the largest.
///
///     S = the i with p[i] >= min_p * max of p; output[t] = the first i, in index order, at which the sum
///         of p over S up to and including i exceeds u * sum of S, p the row of probs
///
/// where T is outputs; 0 is allowed; V is vocabulary size, from 1 to 2^31 - 1; R is rows.
/// @param[out] output [T], dtype i32; last dimension contiguous, other strides free. The sampled index of
///   each row, always in [0, V).
/// @param[out] valid optional (NULL), [T], dtype bool; last dimension contiguous, other strides free.
///   Whether the row could be sampled: false, with output 0, where no probability is above 0, a setting of
///   the row is NaN, or its index is out of range.
/// @param[in] probs [R, V], dtype f32, f16, bf16; last dimension contiguous, other strides free. Rows of
///   probabilities.
/// @param[in] indices optional (NULL), [T], dtype i32, i64; last dimension contiguous, other strides free.
///   For each output the row that it is sampled from; without it row t is output t's.
/// @param[in] min_ps optional (NULL), [T], dtype f32; last dimension contiguous, other strides free. A
///   min_p for each output, in place of min_p; 0 or less keeps all, 1 or more the most likely tokens.
/// @param[in] philox optional (NULL), [2] or [T, 2], dtype i64; last dimension contiguous, other strides
///   free. Seed and offset in device memory, for all outputs or for each, in place of the arguments: a
///   captured graph replays with what they hold then.
/// @param min_p from 0 to 1. The least probability that is kept, as a part of the largest of the row; 0
///   keeps all.
/// @param seed any value. Key of the random generator.
/// @param offset any value. Counter of the random generator: one call uses one value for all its outputs,
///   so add 1 a call.
/// @param stream Where the work is enqueued.
/// Aliasing: none: the outputs may not overlap each other or an input.
/// Workspace: none.
/// Numerics: A probability is taken as it is, from 2^-126; what is smaller, negative or NaN counts as 0,
///   and a row need not sum to 1. +inf takes all the probability, shared equally among the +inf of the row.
///   Weights are computed in fp32 and cut to a multiple of a fixed-point step, 2^-44 of the largest for V
///   from 131072 to 262143 and never more than 2^-31 of it; what is smaller than the step counts as 0. Sums
///   over a whole row add the weights of 16 bytes of it in fp32 first. Sums are of integers and exact:
///   results are bitwise reproducible, and a row's result does not depend on the other rows. The product is
///   rounded to fp32. u = Philox4x32-10 with key = seed and counter = (offset, t), its first 64 bits over
///   2^64.
/// Errors: INVALID_HANDLE, NULL_POINTER, INVALID_RANK, INVALID_DTYPE, INVALID_SHAPE, INVALID_STRIDE,
///   INVALID_DEVICE, MISALIGNED, OVERFLOW, ALIASING when a tensor is not as stated above; INVALID_ARGUMENT
///   when a scalar is out of its range; INVALID_CONTENTS, which names the first bad entry, in a context
///   that checks contents; UNSUPPORTED there while the stream is captured; INVALID_SHAPE when V is 0 or
///   more than 2^31 - 1, or indices is left out, and R is not T; UNSUPPORTED when every kernel that could
///   serve the call is disabled or out of its condition; MODULE_LOAD, NO_CODE_OBJECT, DRIVER_ERROR from the
///   device.
/// Source: Meaning of flashinfer.sampling.min_p_sampling_from_probs; Philox: Salmon et al. 2011, SC '11.
/// Since: 0.1.
HIPINFER_NODISCARD HIPINFER_API hipinfer_status hipinfer_min_p_sampling_from_probs(hipinfer_context context,
    const hipinfer_tensor* output, const hipinfer_tensor* valid, const hipinfer_tensor* probs,
    const hipinfer_tensor* indices, const hipinfer_tensor* min_ps, const hipinfer_tensor* philox, float min_p,
    uint64_t seed, uint64_t offset, hipinfer_stream stream);

/// Options of hipinfer_paged_attention_decode. Zero the struct, set struct_size, then the fields you need: zero is every default.
typedef struct hipinfer_paged_attention_decode_options {
  size_t struct_size; ///< sizeof(hipinfer_paged_attention_decode_options)
  float sm_scale; ///< from 0 to 1e+30. Factor of the scores, from 1e-30; 0 means 1/sqrt(D).
  float logits_soft_cap; ///< from 0 to 1e+30. c bounds scores smoothly: c * tanh(score / c); 0: no bound.
  int32_t sliding_window; ///< from 0 to 1.07374e+09. A token at position i sees no key before i - sliding_window + 1, so up to so many with its own: FlashInfer's window_left + 1; 0: no limit. Keys that no token sees are not read, but for up to 127 before the first that one sees.
  const hipinfer_tensor* sinks; ///< NULL, or [Hq], dtype f32; last dimension contiguous, other strides free. A score for each head that takes part in the softmax and has no value.
  const hipinfer_tensor* alibi_slopes; ///< NULL, or [Hq], dtype f32; last dimension contiguous, other strides free. ALiBi's slope of each head: what is added to a score for each position that its key is ahead of the token's.
  const hipinfer_tensor* k_scale; ///< NULL, or [Hk] or any shape of one element, dtype f32; last dimension contiguous, other strides free. fp8 caches: what a unit of k_cache stands for, of each key/value head or of all, in device memory; left out it is 1.
  const hipinfer_tensor* v_scale; ///< NULL, or [Hk] or any shape of one element, dtype f32; last dimension contiguous, other strides free. fp8 caches: what a unit of v_cache stands for, of each key/value head or of all, in device memory; left out it is 1.
} hipinfer_paged_attention_decode_options;

/// Attention of one query token a request over its paged KV cache.
///
///     output[b,h] = v_scale * sum_j exp(s[j]) / z * v[b,j,h/(Hq/Hk)], lse[b,h] = log2(z), j over the
///         kv_len keys of request b, but with sliding_window over the last ones. s[j] = sm_scale * query .
///         key[j]; with logits_soft_cap = c > 0 it is c * tanh(s[j] / c); with alibi_slopes alibi_slopes[h]
///         * (j - i) is added, i being the token's position. z = sum_j exp(s[j]), with sinks +
///         exp(sinks[h]). query is query[b,h], key[j] is k_scale * k[b,j,h/(Hq/Hk)], i is kv_len - 1. Key j
///         is in page kv_indices[kv_indptr[b] + j/S], slot j%S; n > 0 pages hold kv_len = (n-1)*S +
///         kv_last_page_len[b] keys, 0 pages none
///
/// where B is requests; 0 is allowed; Hq is query heads, a multiple of Hk; Hk is key/value heads; D is head
/// dimension: a multiple of 8 up to 256; 64, 128 and 256 have kernels of their own; P is pages of the
/// cache; S is slots of a page, from 1; I is entries of the page table; I*S is at most 2^30. Capacity
/// beyond kv_indptr[B] costs workspace and nothing else.
/// @param[out] output [B, Hq, D], dtype f32, f16, bf16; last dimension contiguous, other strides free.
///   Attention output.
/// @param[out] lse optional (NULL), [B, Hq], dtype f32; last dimension contiguous, other strides free.
///   Logarithm, base 2, of the sum of the exponentials of the scores; a sink is one of them.
/// @param[in] query [B, Hq, D], dtype f32, f16, bf16; last dimension contiguous, other strides free. One
///   query token a request.
/// @param[in] k_cache [P, S, Hk, D], dtype that of data, or e4m3fn, e4m3fnuz, e5m2, e5m2fnuz; last
///   dimension contiguous, other strides free. Keys, of the query's dtype or fp8. NHD, HND and combined
///   key/value tensors are views with other strides.
/// @param[in] v_cache [P, S, Hk, D], dtype that of data, or e4m3fn, e4m3fnuz, e5m2, e5m2fnuz; last
///   dimension contiguous, other strides free. Values, of the dtype of keys, with strides of their own.
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
///   the output's dtype. Keys and values of fp8 are widened exactly; scores are multiplied by k_scale, and
///   by v_scale what values sum to, both in fp32, whatever these are. The matrix kernels (f16 and bf16; on
///   CDNA groups of 3 heads and more, on NVIDIA all) also round a weight to the dtype before it multiplies
///   its value, by up to 2^-11 or 2^-8 of itself; on gfx90a they read subnormal numbers as 0. A row that
///   sees no key, or whose scores are all -inf, gives zeros, and lse -inf or that of its sink alone; a NaN
///   or +inf score or sink gives NaN; a cap makes a finite score of an infinite one. What unused slots and
///   pages hold, and keys that are not seen, never matters. Long requests are cut into chunks whose length
///   depends on the total of the batch; in a BATCH_INVARIANT context it is fixed, and a request's result
///   does not depend on the others. Bitwise reproducible.
/// On trust: kv_indptr ascends from 0 to at most I, each used entry of kv_indices is in [0, P),
///   kv_last_page_len is from 1 to S. What is outside is clamped, on the CPU as on a GPU: a page number to
///   [0, P), kv_last_page_len to [0, S], a request's entries to those of the table; a cache without pages
///   has no keys. So a broken table gives a wrong result, never a fault.
/// Errors: INVALID_HANDLE, NULL_POINTER, INVALID_RANK, INVALID_DTYPE, INVALID_SHAPE, INVALID_STRIDE,
///   INVALID_DEVICE, MISALIGNED, OVERFLOW, ALIASING when a tensor is not as stated above; INVALID_ARGUMENT
///   when a scalar is out of its range; WORKSPACE_TOO_SMALL, whose message names the bytes needed;
///   INVALID_CONTENTS, which names the first bad entry, in a context that checks contents; UNSUPPORTED
///   there while the stream is captured; INVALID_ARGUMENT when sm_scale is above 0 and below 1e-30;
///   INVALID_DTYPE when a scale is given and the cache is not fp8; INVALID_SHAPE when Hq is not a multiple
///   of Hk, or D or S is 0; UNSUPPORTED when D is no multiple of 8 or above 256, or I*S is above 2^30;
///   UNSUPPORTED when every kernel that could serve the call is disabled or out of its condition;
///   MODULE_LOAD, NO_CODE_OBJECT, DRIVER_ERROR from the device.
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
  int32_t causal; ///< 0 or 1. 1: a token sees the keys up to its own position, the last token of a request being at its last key; with more tokens than keys the first ones see none. 0: a token sees every key of its request.
  float sm_scale; ///< from 0 to 1e+30. Factor of the scores, from 1e-30; 0 means 1/sqrt(D).
  float logits_soft_cap; ///< from 0 to 1e+30. c bounds scores smoothly: c * tanh(score / c); 0: no bound.
  int32_t sliding_window; ///< from 0 to 1.07374e+09. A token at position i sees no key before i - sliding_window + 1, so up to so many with its own: FlashInfer's window_left + 1; 0: no limit. Keys that no token sees are not read, but for up to 127 before the first that one sees.
  int32_t window_right; ///< from 0 to 1.07374e+09. A token at position i sees no key after i + window_right; 0: no limit, which with causal is i.
  const hipinfer_tensor* sinks; ///< NULL, or [Hq], dtype f32; last dimension contiguous, other strides free. A score for each head that takes part in the softmax and has no value.
  const hipinfer_tensor* alibi_slopes; ///< NULL, or [Hq], dtype f32; last dimension contiguous, other strides free. ALiBi's slope of each head: what is added to a score for each position that its key is ahead of the token's.
  const hipinfer_tensor* custom_mask; ///< NULL, or [M], dtype u8; last dimension contiguous, other strides free. Which keys a token sees, in place of causal: a bit for each of a request's q_len * kv_len pairs, a token's keys side by side, the lowest bit of a byte first; a request begins with a byte. Windows hold besides. A pair past the end of custom_mask is not seen.
  const hipinfer_tensor* mask_indptr; ///< NULL, or [B+1], dtype i32, i64; last dimension contiguous, other strides free. Request b has the bytes from mask_indptr[b] on of custom_mask, which needs it.
  const hipinfer_tensor* k_scale; ///< NULL, or [Hk] or any shape of one element, dtype f32; last dimension contiguous, other strides free. fp8 caches: what a unit of k_cache stands for, of each key/value head or of all, in device memory; left out it is 1.
  const hipinfer_tensor* v_scale; ///< NULL, or [Hk] or any shape of one element, dtype f32; last dimension contiguous, other strides free. fp8 caches: what a unit of v_cache stands for, of each key/value head or of all, in device memory; left out it is 1.
} hipinfer_paged_attention_prefill_options;

/// Attention of the query tokens of a ragged batch over a paged KV cache, or over keys that lie side by side.
///
///     output[t,h] = v_scale * sum_j exp(s[j]) / z * v[b,j,h/(Hq/Hk)], lse[t,h] = log2(z). b is the request
///         of token t = qo_indptr[b] + n, 0 <= n < q_len = qo_indptr[b+1] - qo_indptr[b]; its position is i
///         = kv_len - q_len + n, and j runs over those of the request's kv_len keys that it sees: with
///         causal j <= i, with sliding_window j > i - sliding_window, with window_right j <= i +
///         window_right; with custom_mask in place of causal those whose bit n * kv_len + j is 1. s[j] =
///         sm_scale * query . key[j]; with logits_soft_cap = c > 0 it is c * tanh(s[j] / c); with
///         alibi_slopes alibi_slopes[h] * (j - i) is added, i being the token's position. z = sum_j
///         exp(s[j]), with sinks + exp(sinks[h]). query is query[t,h], key[j] is k_scale *
///         k[b,j,h/(Hq/Hk)]. Key j is in page kv_indices[kv_indptr[b] + j/S], slot j%S; n > 0 pages hold
///         kv_len = (n-1)*S + kv_last_page_len[b] keys, 0 pages none. Of k_cache [N, Hk, D], without a
///         table, it is k_cache[kv_indptr[b] + j], and kv_len = kv_indptr[b+1] - kv_indptr[b]
///
/// where T is query tokens; 0 is allowed. Tokens outside [qo_indptr[0], qo_indptr[B]) belong to no request:
/// their output is left as it is; B is requests; 0 is allowed; Hq is query heads, a multiple of Hk; Hk is
/// key/value heads; D is head dimension: a multiple of 8 up to 256. For f16 and bf16 it is rounded up to
/// 64, 96, 128, 192 or 256, which is what a call costs; P is pages of the cache; S is slots of a page, from
/// 1; I is entries of the page table; I*S is at most 2^30; M is bytes of custom_mask; 0 is allowed; N is
/// keys that lie side by side, those of all requests; 0 is allowed, 2^30 at most.
/// @param[out] output [T, Hq, D], dtype f32, f16, bf16; last dimension contiguous, other strides free.
///   Attention output.
/// @param[out] lse optional (NULL), [T, Hq], dtype f32; last dimension contiguous, other strides free.
///   Logarithm, base 2, of the sum of the exponentials of the scores; a sink is one of them.
/// @param[in] query [T, Hq, D], dtype f32, f16, bf16; last dimension contiguous, other strides free. The
///   query tokens of all requests, one request after the other.
/// @param[in] k_cache [P, S, Hk, D] or [N, Hk, D], dtype that of data, or e4m3fn, e4m3fnuz, e5m2, e5m2fnuz;
///   last dimension contiguous, other strides free. Keys, of the query's dtype or fp8: of pages, of which
///   NHD, HND and combined key/value tensors are views with other strides; or of all requests side by side.
/// @param[in] v_cache [P, S, Hk, D] or [N, Hk, D], dtype that of data, or e4m3fn, e4m3fnuz, e5m2, e5m2fnuz;
///   last dimension contiguous, other strides free. Values, of the dtype of keys, with strides of their
///   own.
/// @param[in] qo_indptr [B+1], dtype i32; last dimension contiguous, other strides free. Request b owns the
///   tokens qo_indptr[b] to qo_indptr[b+1]-1; ascending. Read on the device: a captured graph replays with
///   new lengths.
/// @param[in] kv_indptr [B+1], dtype i32; last dimension contiguous, other strides free. Request b owns the
///   entries kv_indptr[b] to kv_indptr[b+1]-1 of kv_indices, or without it these keys; ascending. Read on
///   the device.
/// @param[in] kv_indices optional (NULL), [I], dtype i32; last dimension contiguous, other strides free.
///   The page table: pages of the cache, each in [0, P). Entries of no request are not read. With pages
///   alone.
/// @param[in] kv_last_page_len optional (NULL), [B], dtype i32; last dimension contiguous, other strides
///   free. Slots in use in a request's last page, from 1 to S; ignored for a request of 0 pages. With pages
///   alone.
/// @param options NULL for the defaults; see hipinfer_paged_attention_prefill_options.
/// @param stream Where the work is enqueued.
/// Aliasing: none: the outputs may not overlap each other or an input. k_cache and v_cache may be views of
///   one tensor.
/// Workspace: none.
/// Numerics: Scores, softmax and sums in fp32, in a fixed order; one rounding, to the output's dtype. Keys
///   and values of fp8 are widened exactly; scores are multiplied by k_scale, and by v_scale what values
///   sum to, both in fp32, whatever these are. The matrix kernels, which serve f16 and bf16, also round a
///   weight to the dtype before it multiplies its value, by up to 2^-11 or 2^-8 of itself; on gfx90a they
///   read subnormal numbers as 0. A row that sees no key, or whose scores are all -inf, gives zeros, and
///   lse -inf or that of its sink alone; a NaN or +inf score or sink gives NaN; a cap makes a finite score
///   of an infinite one. What a row does not see (masked keys, unused slots and pages) never matters to it.
///   Bitwise reproducible, and a row's result does not depend on the other requests.
/// On trust: qo_indptr ascends from 0 to at most T, kv_indptr ascends from 0 to at most I, each used entry
///   of kv_indices is in [0, P), kv_last_page_len is from 1 to S; without a table kv_indptr ascends from 0
///   to at most N. What is outside is clamped, on the CPU as on a GPU: a page number to [0, P),
///   kv_last_page_len to [0, S], a request's entries to those of the table; a cache without pages has no
///   keys. So a broken table gives a wrong result, never a fault. Of a qo_indptr that is not in order a
///   token may be taken for another request's, or its output be left as it is: which is not the same on a
///   CPU and a GPU.
/// Errors: INVALID_HANDLE, NULL_POINTER, INVALID_RANK, INVALID_DTYPE, INVALID_SHAPE, INVALID_STRIDE,
///   INVALID_DEVICE, MISALIGNED, OVERFLOW, ALIASING when a tensor is not as stated above; INVALID_ARGUMENT
///   when a scalar is out of its range; INVALID_CONTENTS, which names the first bad entry, in a context
///   that checks contents; UNSUPPORTED there while the stream is captured; INVALID_ARGUMENT when sm_scale
///   is above 0 and below 1e-30, or custom_mask or mask_indptr is given alone, or kv_indices or
///   kv_last_page_len without pages, or pages without them; INVALID_DTYPE when a scale is given and the
///   cache is not fp8; INVALID_SHAPE when Hq is not a multiple of Hk, or D or S is 0; UNSUPPORTED when D is
///   no multiple of 8 or above 256, or I*S or N is above 2^30; UNSUPPORTED when every kernel that could
///   serve the call is disabled or out of its condition; MODULE_LOAD, NO_CODE_OBJECT, DRIVER_ERROR from the
///   device.
/// Source: Dao 2023, arXiv:2307.08691; meaning of flashinfer.BatchPrefillWithPagedKVCacheWrapper and
///   BatchPrefillWithRaggedKVCacheWrapper.
/// Since: 0.1.
HIPINFER_NODISCARD HIPINFER_API hipinfer_status hipinfer_paged_attention_prefill(hipinfer_context context,
    const hipinfer_tensor* output, const hipinfer_tensor* lse, const hipinfer_tensor* query,
    const hipinfer_tensor* k_cache, const hipinfer_tensor* v_cache, const hipinfer_tensor* qo_indptr,
    const hipinfer_tensor* kv_indptr, const hipinfer_tensor* kv_indices,
    const hipinfer_tensor* kv_last_page_len, const hipinfer_paged_attention_prefill_options* options,
    hipinfer_stream stream);

/// Options of hipinfer_paged_mla_attention. Zero the struct, set struct_size, then the fields you need: zero is every default.
typedef struct hipinfer_paged_mla_attention_options {
  size_t struct_size; ///< sizeof(hipinfer_paged_mla_attention_options)
  int32_t causal; ///< 0 or 1. 1: a token sees the keys up to its own position, the last token of a request being at its last key; with more tokens than keys the first ones see none. 0: a token sees every key of its request.
} hipinfer_paged_mla_attention_options;

/// Multi-head latent attention, weights absorbed: query tokens of a ragged batch over a paged cache of latent keys, which all heads share and which are the values, too.
///
///     output[t,h] = sum_j exp(s[j]) / z * ckv[b,j], lse[t,h] = log2(z), s[j] = sm_scale * (q_nope[t,h] .
///         ckv[b,j] + q_pe[t,h] . kpe[b,j]), z = sum_j exp(s[j]). b is the request of token t =
///         qo_indptr[b] + n, 0 <= n < q_len = qo_indptr[b+1] - qo_indptr[b]; j runs over the kv_len[b] keys
///         of the request, with causal over those up to kv_len[b] - q_len + n. Key j is in page
///         kv_indices[kv_indptr[b] + j/S], slot j%S
///
/// where T is query tokens; 0 is allowed. Tokens outside [qo_indptr[0], qo_indptr[B]) belong to no request:
/// their output is left as it is; B is requests; 0 is allowed; P is pages of the cache; S is slots of a
/// page, from 1; I is entries of the page table; I*S is at most 2^30; H is query heads; 0 is allowed; C is
/// columns of the latent key, 1 to 1024; 512 has kernels of its own; R is columns of its rotated part, 0 to
/// 256; 64 has kernels of its own.
/// @param[out] output [T, H, C], dtype f32, f16, bf16; last dimension contiguous, other strides free.
///   Attention output.
/// @param[out] lse optional (NULL), [T, H], dtype f32; last dimension contiguous, other strides free.
///   Logarithm, base 2, of the sum of the exponentials of the scores.
/// @param[in] q_nope [T, H, C], dtype f32, f16, bf16; last dimension contiguous, other strides free. Query
///   tokens, multiplied by the up-projection of keys.
/// @param[in] q_pe [T, H, R], dtype f32, f16, bf16; last dimension contiguous, other strides free. Their
///   rotated parts.
/// @param[in] ckv_cache [P, S, C], dtype f32, f16, bf16; last dimension contiguous, other strides free.
///   Latent keys, which are the values, too. Pages and slots have strides of their own: one part of a
///   tensor [P, S, C + R] is a view of it.
/// @param[in] kpe_cache [P, S, R], dtype f32, f16, bf16; last dimension contiguous, other strides free. The
///   keys' rotated parts, with strides of their own.
/// @param[in] qo_indptr [B+1], dtype i32; last dimension contiguous, other strides free. Request b owns the
///   tokens qo_indptr[b] to qo_indptr[b+1]-1; ascending. Read on the device: a captured graph replays with
///   new lengths.
/// @param[in] kv_indptr [B+1], dtype i32; last dimension contiguous, other strides free. Request b owns the
///   entries kv_indptr[b] to kv_indptr[b+1]-1 of kv_indices; ascending. Read on the device.
/// @param[in] kv_indices [I], dtype i32; last dimension contiguous, other strides free. The page table:
///   pages of the cache, each in [0, P). Entries of no request are not read.
/// @param[in] kv_len [B], dtype i32; last dimension contiguous, other strides free. Keys of each request, 0
///   to what its pages hold; get_seq_lens makes it of kv_last_page_len. Read on the device.
/// @param sm_scale from 1e-30 to 1e+30. Factor of the scores. There is no default: it goes by the head
///   dimension before the weights were absorbed, of DeepSeek's models 1/sqrt(192) and what their scaling of
///   RoPE makes of it.
/// @param options NULL for the defaults; see hipinfer_paged_mla_attention_options.
/// @param workspace Device memory, aligned to 16 bytes, of workspace_bytes >= what
///   hipinfer_paged_mla_attention_workspace_bytes says. Partial results of requests that are cut into
///   chunks, and where they are: 4*(C+2) bytes a row of a chunk, a row being a head of a token; 0 if none
///   can be cut and on the CPU.
/// @param stream Where the work is enqueued.
/// Aliasing: none: the outputs may not overlap each other or an input. ckv_cache and kpe_cache may be views
///   of one tensor.
/// Workspace: Partial results of requests that are cut into chunks, and where they are: 4*(C+2) bytes a row
///   of a chunk, a row being a head of a token; 0 if none can be cut and on the CPU.
/// Numerics: Scores, softmax and sums in fp32, in an order that shapes, qo_indptr and kv_len fix; one
///   rounding, to the output's dtype. The matrix kernels (f16 and bf16) also round a weight to the dtype
///   before it multiplies its value, by up to 2^-11 or 2^-8 of itself; on gfx90a they read subnormal
///   numbers as 0. A row that sees no key, or whose scores are all -inf, gives zeros, and lse -inf; a NaN
///   or +inf score gives NaN. What unused slots and pages hold, and keys that are not seen, never matters.
///   Where requests are few, long ones are cut into chunks whose length depends on the batch; in a
///   BATCH_INVARIANT context none is, and a request's result does not depend on the others. Bitwise
///   reproducible.
/// On trust: qo_indptr ascends from 0 to at most T, kv_indptr ascends from 0 to at most I, each used entry
///   of kv_indices is in [0, P), kv_len is from 0 to what the request's pages hold. What is outside is
///   clamped, on the CPU as on a GPU: a page number to [0, P), kv_len to [0, pages * S], a request's
///   entries to those of the table. So a broken table gives a wrong result, never a fault. Of a qo_indptr
///   that is not in order a token may be taken for another request's, or its output be left as it is: which
///   is not the same on a CPU and a GPU.
/// Errors: INVALID_HANDLE, NULL_POINTER, INVALID_RANK, INVALID_DTYPE, INVALID_SHAPE, INVALID_STRIDE,
///   INVALID_DEVICE, MISALIGNED, OVERFLOW, ALIASING when a tensor is not as stated above; INVALID_ARGUMENT
///   when a scalar is out of its range; WORKSPACE_TOO_SMALL, whose message names the bytes needed;
///   INVALID_CONTENTS, which names the first bad entry, in a context that checks contents; UNSUPPORTED
///   there while the stream is captured; INVALID_SHAPE when C or S is 0; UNSUPPORTED when C is above 1024
///   or R above 256, or I*S is above 2^30, or T*H is 2^31 or more; UNSUPPORTED when every kernel that could
///   serve the call is disabled or out of its condition; MODULE_LOAD, NO_CODE_OBJECT, DRIVER_ERROR from the
///   device.
/// Source: DeepSeek-AI 2024, arXiv:2405.04434, 2.1, with the up-projections absorbed; meaning of
///   flashinfer.mla.BatchMLAPagedAttentionWrapper.
/// Since: 0.1.
HIPINFER_NODISCARD HIPINFER_API hipinfer_status hipinfer_paged_mla_attention(hipinfer_context context,
    const hipinfer_tensor* output, const hipinfer_tensor* lse, const hipinfer_tensor* q_nope,
    const hipinfer_tensor* q_pe, const hipinfer_tensor* ckv_cache, const hipinfer_tensor* kpe_cache,
    const hipinfer_tensor* qo_indptr, const hipinfer_tensor* kv_indptr, const hipinfer_tensor* kv_indices,
    const hipinfer_tensor* kv_len, float sm_scale, const hipinfer_paged_mla_attention_options* options,
    void* workspace, size_t workspace_bytes, hipinfer_stream stream);

/// Bytes of workspace that hipinfer_paged_mla_attention needs for these arguments. Only shapes, dtypes and options matter:
/// data may be NULL.
HIPINFER_NODISCARD HIPINFER_API hipinfer_status hipinfer_paged_mla_attention_workspace_bytes(
    hipinfer_context context, const hipinfer_tensor* output, const hipinfer_tensor* lse,
    const hipinfer_tensor* q_nope, const hipinfer_tensor* q_pe, const hipinfer_tensor* ckv_cache,
    const hipinfer_tensor* kpe_cache, const hipinfer_tensor* qo_indptr, const hipinfer_tensor* kv_indptr,
    const hipinfer_tensor* kv_indices, const hipinfer_tensor* kv_len, float sm_scale,
    const hipinfer_paged_mla_attention_options* options, size_t* bytes);

/// Root-mean-square normalisation of each head of queries and keys, then rotary position embedding, in one pass.
///
///     x = head / sqrt(mean(head^2) + eps) * weight; for each pair (a, b) of x with angle i: a' = a cos[i]
///         - b sin[i]; b' = b cos[i] + a sin[i], with cos = cos_sin[position, :R/2], sin =
///         cos_sin[position, R/2:]; pair i is elements (i, i + R/2) of the head, or (2i, 2i + 1) if
///         interleaved
///
/// where T is tokens; 0 is allowed; Hq is query heads; Hk is key heads; any number, for grouped queries; D
/// is head dimension, from 1; P is positions in the cache; R is rotary dimension: even, at most D; elements
/// of a head from R on are normalised and not rotated.
/// @param[out] q_out [T, Hq, D], dtype f32, f16, bf16; last dimension contiguous, other strides free.
///   Normalised and rotated queries.
/// @param[out] k_out optional (NULL), [T, Hk, D], dtype f32, f16, bf16; last dimension contiguous, other
///   strides free. Normalised and rotated keys; given exactly if k is.
/// @param[in] q [T, Hq, D], dtype f32, f16, bf16; last dimension contiguous, other strides free. Queries;
///   with k, views of one fused qkv buffer will do.
/// @param[in] k optional (NULL), [T, Hk, D], dtype f32, f16, bf16; last dimension contiguous, other strides
///   free. Keys.
/// @param[in] q_weight [D], dtype that of data, or f32; last dimension contiguous, other strides free. Gain
///   of each element of a query head.
/// @param[in] k_weight optional (NULL), [D], dtype that of data, or f32; last dimension contiguous, other
///   strides free. Gain of each element of a key head; given exactly if k is.
/// @param[in] cos_sin [P, R], dtype f32; last dimension contiguous, other strides free. What
///   rope_cos_sin_cache writes: cosines, then sines, of each position. Always in this order: interleaved
///   speaks of the pairs of q and k alone.
/// @param[in] positions [T], dtype i32, i64; last dimension contiguous, other strides free. Row of cos_sin
///   for each token. A token whose position is negative or not below P becomes NaN in all its heads, so
///   that the fault shows.
/// @param eps from 0 to 3.4e+38. Added to the mean of squares, to keep a zero head finite; no unit.
/// @param interleaved 0 or 1. 0: pairs are half a rotary dimension apart (half-split; GPT-NeoX, Qwen3). 1:
///   pairs are neighbours (GPT-J, FLUX).
/// @param stream Where the work is enqueued.
/// Aliasing: q_out may be q and k_out may be k, with the same strides; q_out and k_out may not overlap.
/// Workspace: none.
/// Numerics: fp32, squares summed in a fixed order; one rounding, to the output's dtype: the normalised
///   head is not rounded before it is rotated. Bitwise reproducible, and a head's result does not depend on
///   the others.
/// Errors: INVALID_HANDLE, NULL_POINTER, INVALID_RANK, INVALID_DTYPE, INVALID_SHAPE, INVALID_STRIDE,
///   INVALID_DEVICE, MISALIGNED, OVERFLOW, ALIASING when a tensor is not as stated above; INVALID_ARGUMENT
///   when a scalar is out of its range; INVALID_CONTENTS, which names the first bad entry, in a context
///   that checks contents; UNSUPPORTED there while the stream is captured; INVALID_SHAPE when D is 0, R is
///   odd or more than D, or Hq, Hk or D is more than 2^26; NULL_POINTER when only some of k, k_out and
///   k_weight are given; UNSUPPORTED when every kernel that could serve the call is disabled or out of its
///   condition; MODULE_LOAD, NO_CODE_OBJECT, DRIVER_ERROR from the device.
/// Source: Zhang and Sennrich 2019, arXiv:1910.07467; Su et al. 2021, arXiv:2104.09864;
///   flashinfer.norm.rmsnorm on heads followed by flashinfer.rope.apply_rope_with_cos_sin_cache.
/// Since: 0.1.
HIPINFER_NODISCARD HIPINFER_API hipinfer_status hipinfer_qk_norm_rope(hipinfer_context context,
    const hipinfer_tensor* q_out, const hipinfer_tensor* k_out, const hipinfer_tensor* q,
    const hipinfer_tensor* k, const hipinfer_tensor* q_weight, const hipinfer_tensor* k_weight,
    const hipinfer_tensor* cos_sin, const hipinfer_tensor* positions, float eps, int32_t interleaved,
    hipinfer_stream stream);

/// Quantises groups of neighbours in a row to fp8 or int8, each with a scale found from its largest magnitude.
///
///     scales[t, s] = max(max_i |input[t, i]| / largest, 2^-126) over i / group_size = s; output =
///         round(input / scales[t, i / group_size]), largest: 448 (e4m3fn), 240 (e4m3fnuz), 57344 (e5m2,
///         e5m2fnuz), 127 (i8)
///
/// where T is rows (tokens); 0 is allowed; N is row length; 0 is allowed; S is groups of a row: N /
/// group_size.
/// @param[out] output [T, N], dtype e4m3fn, e4m3fnuz, e5m2, e5m2fnuz, i8; last dimension contiguous, other
///   strides free. The quantised rows.
/// @param[out] scales [T, S], dtype f32; any strides. What a unit of each group stands for; strides of (1,
///   T) give the column-major scales that some GEMMs take.
/// @param[in] input [T, N], dtype f32, f16, bf16; last dimension contiguous, other strides free. The rows
///   to quantise.
/// @param group_size from 1. Elements that share a scale; it divides N.
/// @param stream Where the work is enqueued.
/// Aliasing: output, scales and input may not overlap.
/// Workspace: none.
/// Numerics: On a GPU input * (1 / scale), both in fp32: within one unit in the last place of the quotient
///   rounded to nearest even. The scale of zeros is 2^-126, which is also the least there is. A NaN has no
///   part in the maximum, and becomes NaN (0 in i8). With an infinity the scale is infinite: what is finite
///   becomes 0, the infinity NaN (0 in i8). Bitwise reproducible, and a group's result does not depend on
///   the others.
/// Errors: INVALID_HANDLE, NULL_POINTER, INVALID_RANK, INVALID_DTYPE, INVALID_SHAPE, INVALID_STRIDE,
///   INVALID_DEVICE, MISALIGNED, OVERFLOW, ALIASING when a tensor is not as stated above; INVALID_ARGUMENT
///   when a scalar is out of its range; INVALID_SHAPE when N is not S times group_size; UNSUPPORTED when
///   every kernel that could serve the call is disabled or out of its condition; MODULE_LOAD,
///   NO_CODE_OBJECT, DRIVER_ERROR from the device.
/// Source: DeepSeek-AI 2024, arXiv:2412.19437, 3.3.2 (tiles of 1 by 128); meaning of vLLM's
///   per_token_group_quant_fp8, without its lower bound for the scale.
/// Since: 0.1.
HIPINFER_NODISCARD HIPINFER_API hipinfer_status hipinfer_quantize_per_group(hipinfer_context context,
    const hipinfer_tensor* output, const hipinfer_tensor* scales, const hipinfer_tensor* input,
    int64_t group_size, hipinfer_stream stream);

/// Quantises a tensor of any shape to fp8 or int8 with one scale.
///
///     output = saturate(round(input / scale))
///
/// @param[out] output any shape, the same for all, dtype e4m3fn, e4m3fnuz, e5m2, e5m2fnuz, i8; any strides.
///   The quantised elements; no two of them share memory.
/// @param[in] input any shape, the same for all, dtype f32, f16, bf16; any strides. The elements to
///   quantise; a stride of 0 repeats one.
/// @param[in] scale any shape of one element, dtype f32; last dimension contiguous, other strides free.
///   What a unit of the output stands for, in device memory.
/// @param stream Where the work is enqueued.
/// Aliasing: output may not overlap input or scale.
/// Workspace: none.
/// Numerics: On a GPU input * (1 / scale), both in fp32: within one unit in the last place of the quotient
///   rounded to nearest even. Beyond the largest finite value of the output's dtype, infinities too,
///   becomes that value; i8 ends at -128 and 127. A NaN becomes NaN, and 0 in i8.
/// On trust: A scale of 0 or a subnormal one divides to infinities and NaN; nothing else comes of it.
/// Errors: INVALID_HANDLE, NULL_POINTER, INVALID_RANK, INVALID_DTYPE, INVALID_SHAPE, INVALID_STRIDE,
///   INVALID_DEVICE, MISALIGNED, OVERFLOW, ALIASING when a tensor is not as stated above; UNSUPPORTED when
///   every kernel that could serve the call is disabled or out of its condition; MODULE_LOAD,
///   NO_CODE_OBJECT, DRIVER_ERROR from the device.
/// Source: Meaning of vLLM's static_scaled_fp8_quant and static_scaled_int8_quant (symmetric); OCP 8-bit
///   Floating Point Specification 1.0; Noune et al. 2022, arXiv:2206.02915 (fnuz).
/// Since: 0.1.
HIPINFER_NODISCARD HIPINFER_API hipinfer_status hipinfer_quantize_per_tensor(hipinfer_context context,
    const hipinfer_tensor* output, const hipinfer_tensor* input, const hipinfer_tensor* scale,
    hipinfer_stream stream);

/// Quantises each row to fp8 or int8 with a scale of its own, found from its largest magnitude.
///
///     scales[t] = max(max_i |input[t, i]| / largest, 2^-126); output = round(input / scales[t]), largest:
///         448 (e4m3fn), 240 (e4m3fnuz), 57344 (e5m2, e5m2fnuz), 127 (i8)
///
/// where T is rows (tokens); 0 is allowed; N is row length; 0 is allowed.
/// @param[out] output [T, N], dtype e4m3fn, e4m3fnuz, e5m2, e5m2fnuz, i8; last dimension contiguous, other
///   strides free. The quantised rows.
/// @param[out] scales [T] or [T, 1], dtype f32; any strides. What a unit of each row stands for.
/// @param[in] input [T, N], dtype f32, f16, bf16; last dimension contiguous, other strides free. The rows
///   to quantise.
/// @param stream Where the work is enqueued.
/// Aliasing: output, scales and input may not overlap.
/// Workspace: none.
/// Numerics: On a GPU input * (1 / scale), both in fp32: within one unit in the last place of the quotient
///   rounded to nearest even. The scale of zeros is 2^-126, which is also the least there is. A NaN has no
///   part in the maximum, and becomes NaN (0 in i8). With an infinity the scale is infinite: what is finite
///   becomes 0, the infinity NaN (0 in i8). Bitwise reproducible, and a row's result does not depend on the
///   others.
/// Errors: INVALID_HANDLE, NULL_POINTER, INVALID_RANK, INVALID_DTYPE, INVALID_SHAPE, INVALID_STRIDE,
///   INVALID_DEVICE, MISALIGNED, OVERFLOW, ALIASING when a tensor is not as stated above; UNSUPPORTED when
///   every kernel that could serve the call is disabled or out of its condition; MODULE_LOAD,
///   NO_CODE_OBJECT, DRIVER_ERROR from the device.
/// Source: Meaning of vLLM's dynamic_per_token_scaled_fp8_quant and dynamic_scaled_int8_quant (symmetric),
///   without vLLM's lower bound of 1 / (512 * largest) for the scale.
/// Since: 0.1.
HIPINFER_NODISCARD HIPINFER_API hipinfer_status hipinfer_quantize_per_token(hipinfer_context context,
    const hipinfer_tensor* output, const hipinfer_tensor* scales, const hipinfer_tensor* input,
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
/// Aliasing: output may be input, with the same strides; it may not overlap weight.
/// Workspace: none.
/// Numerics: Squares are summed in fp32 in a fixed order; one rounding, to the output's dtype. Bitwise
///   reproducible, and a row's result does not depend on the other rows.
/// Errors: INVALID_HANDLE, NULL_POINTER, INVALID_RANK, INVALID_DTYPE, INVALID_SHAPE, INVALID_STRIDE,
///   INVALID_DEVICE, MISALIGNED, OVERFLOW, ALIASING when a tensor is not as stated above; INVALID_ARGUMENT
///   when a scalar is out of its range; INVALID_SHAPE when N is 0: rows of length 0 have no mean;
///   UNSUPPORTED when every kernel that could serve the call is disabled or out of its condition;
///   MODULE_LOAD, NO_CODE_OBJECT, DRIVER_ERROR from the device.
/// Source: Zhang and Sennrich 2019, arXiv:1910.07467; meaning of flashinfer.norm.rmsnorm.
/// Since: 0.1.
HIPINFER_NODISCARD HIPINFER_API hipinfer_status hipinfer_rmsnorm(hipinfer_context context,
    const hipinfer_tensor* output, const hipinfer_tensor* input, const hipinfer_tensor* weight, float eps,
    hipinfer_stream stream);

/// Root-mean-square normalisation of each row, quantised with a scale for each row.
///
///     v = input / sqrt(mean(input^2) + eps) * weight; scales = max|v| / largest; output = round(v /
///         scales)
///
/// where T is rows (tokens); 0 is allowed; H is heads: with three dimensions every head is a row (per-head
/// QK norm); N is row length, from 1.
/// @param[out] output [T, N] or [T, H, N], dtype e4m3fn, e4m3fnuz, e5m2, e5m2fnuz, i8; last dimension
///   contiguous, other strides free. Normalised rows, quantised.
/// @param[out] scales [T] or [T, H], dtype f32; any strides. What a unit of each row stands for.
/// @param[in] input [T, N] or [T, H, N], dtype f32, f16, bf16; last dimension contiguous, other strides
///   free. Rows to normalise.
/// @param[in] weight [N], dtype that of data, or f32; last dimension contiguous, other strides free. Gain
///   of each column.
/// @param eps from 0 to 3.4e+38. Added to the mean of squares, to keep a zero row finite; no unit.
/// @param stream Where the work is enqueued.
/// Aliasing: No two tensors may overlap.
/// Workspace: none.
/// Numerics: Squares are summed in fp32 in a fixed order. Quantised is the fp32 result, not one rounded to
///   the input's dtype. The scale is the largest magnitude of the row / the largest finite value of the
///   output's dtype (127 of i8), 2^-126 at least; a NaN has no part in it and becomes NaN (0 in i8), an
///   infinity makes the scale infinite. On a GPU values are multiplied by 1 / scale: within one unit in the
///   last place of the quotient rounded to nearest even. Bitwise reproducible, and a row's result does not
///   depend on the other rows.
/// Errors: INVALID_HANDLE, NULL_POINTER, INVALID_RANK, INVALID_DTYPE, INVALID_SHAPE, INVALID_STRIDE,
///   INVALID_DEVICE, MISALIGNED, OVERFLOW, ALIASING when a tensor is not as stated above; INVALID_ARGUMENT
///   when a scalar is out of its range; INVALID_SHAPE when N is 0: rows of length 0 have no mean;
///   UNSUPPORTED when every kernel that could serve the call is disabled or out of its condition;
///   MODULE_LOAD, NO_CODE_OBJECT, DRIVER_ERROR from the device.
/// Source: Zhang and Sennrich 2019, arXiv:1910.07467; rmsnorm, quantised as by vLLM's
///   rms_norm_dynamic_per_token_quant.
/// Since: 0.1.
HIPINFER_NODISCARD HIPINFER_API hipinfer_status hipinfer_rmsnorm_dynamic_quant(hipinfer_context context,
    const hipinfer_tensor* output, const hipinfer_tensor* scales, const hipinfer_tensor* input,
    const hipinfer_tensor* weight, float eps, hipinfer_stream stream);

/// Root-mean-square normalisation of each row, quantised with one scale.
///
///     v = input / sqrt(mean(input^2) + eps) * weight; output = saturate(round(v / scale))
///
/// where T is rows (tokens); 0 is allowed; H is heads: with three dimensions every head is a row (per-head
/// QK norm); N is row length, from 1.
/// @param[out] output [T, N] or [T, H, N], dtype e4m3fn, e4m3fnuz, e5m2, e5m2fnuz; last dimension
///   contiguous, other strides free. Normalised rows, quantised.
/// @param[in] input [T, N] or [T, H, N], dtype f32, f16, bf16; last dimension contiguous, other strides
///   free. Rows to normalise.
/// @param[in] weight [N], dtype that of data, or f32; last dimension contiguous, other strides free. Gain
///   of each column.
/// @param[in] scale any shape of one element, dtype f32; last dimension contiguous, other strides free.
///   What a unit of the output stands for, in device memory.
/// @param eps from 0 to 3.4e+38. Added to the mean of squares, to keep a zero row finite; no unit.
/// @param stream Where the work is enqueued.
/// Aliasing: No two tensors may overlap.
/// Workspace: none.
/// Numerics: Squares are summed in fp32 in a fixed order. Quantised is the fp32 result, not one rounded to
///   the input's dtype. On a GPU it is multiplied by 1 / scale: within one unit in the last place of the
///   quotient rounded to nearest even; saturated at the largest finite value of the output's dtype. A NaN
///   becomes NaN. Bitwise reproducible, and a row's result does not depend on the other rows.
/// On trust: A scale of 0 or a subnormal one divides to infinities and NaN; nothing else comes of it.
/// Errors: INVALID_HANDLE, NULL_POINTER, INVALID_RANK, INVALID_DTYPE, INVALID_SHAPE, INVALID_STRIDE,
///   INVALID_DEVICE, MISALIGNED, OVERFLOW, ALIASING when a tensor is not as stated above; INVALID_ARGUMENT
///   when a scalar is out of its range; INVALID_SHAPE when N is 0: rows of length 0 have no mean;
///   UNSUPPORTED when every kernel that could serve the call is disabled or out of its condition;
///   MODULE_LOAD, NO_CODE_OBJECT, DRIVER_ERROR from the device.
/// Source: Zhang and Sennrich 2019, arXiv:1910.07467; meaning of flashinfer.norm.rmsnorm_quant.
/// Since: 0.1.
HIPINFER_NODISCARD HIPINFER_API hipinfer_status hipinfer_rmsnorm_quant(hipinfer_context context,
    const hipinfer_tensor* output, const hipinfer_tensor* input, const hipinfer_tensor* weight,
    const hipinfer_tensor* scale, float eps, hipinfer_stream stream);

/// Root-mean-square normalisation of each row, and silu of it.
///
///     v = input / sqrt(mean(input^2) + eps) * weight; output = v / (1 + exp(-v))
///
/// where T is rows (tokens); 0 is allowed; H is heads: with three dimensions every head is a row (per-head
/// QK norm); N is row length, from 1.
/// @param[out] output [T, N] or [T, H, N], dtype f32, f16, bf16; last dimension contiguous, other strides
///   free. silu of normalised rows.
/// @param[in] input [T, N] or [T, H, N], dtype f32, f16, bf16; last dimension contiguous, other strides
///   free. Rows to normalise.
/// @param[in] weight [N], dtype that of data, or f32; last dimension contiguous, other strides free. Gain
///   of each column.
/// @param eps from 0 to 3.4e+38. Added to the mean of squares, to keep a zero row finite; no unit.
/// @param stream Where the work is enqueued.
/// Aliasing: output may be input, with the same strides; it may not overlap weight.
/// Workspace: none.
/// Numerics: Squares are summed in fp32 in a fixed order; one rounding, to the output's dtype. Below v =
///   -87.3 a result may be -0. Bitwise reproducible, and a row's result does not depend on the other rows.
/// Errors: INVALID_HANDLE, NULL_POINTER, INVALID_RANK, INVALID_DTYPE, INVALID_SHAPE, INVALID_STRIDE,
///   INVALID_DEVICE, MISALIGNED, OVERFLOW, ALIASING when a tensor is not as stated above; INVALID_ARGUMENT
///   when a scalar is out of its range; INVALID_SHAPE when N is 0: rows of length 0 have no mean;
///   UNSUPPORTED when every kernel that could serve the call is disabled or out of its condition;
///   MODULE_LOAD, NO_CODE_OBJECT, DRIVER_ERROR from the device.
/// Source: Zhang and Sennrich 2019, arXiv:1910.07467; meaning of flashinfer.norm.fused_rmsnorm_silu.
/// Since: 0.1.
HIPINFER_NODISCARD HIPINFER_API hipinfer_status hipinfer_rmsnorm_silu(hipinfer_context context,
    const hipinfer_tensor* output, const hipinfer_tensor* input, const hipinfer_tensor* weight, float eps,
    hipinfer_stream stream);

/// Rotary position embedding of queries and, in the same launch, keys.
///
///     for each pair (a, b) of a head with angle i: a' = a cos[i] - b sin[i]; b' = b cos[i] + a sin[i],
///         with cos = cos_sin[position, :R/2], sin = cos_sin[position, R/2:]; pair i is elements (i, i +
///         R/2) of the head, or (2i, 2i + 1) if interleaved
///
/// where T is tokens; 0 is allowed; Hq is query heads; Hk is key heads; any number, for grouped queries; D
/// is head dimension; P is positions in the cache; R is rotary dimension: even, at most D; elements of a
/// head from R on are copied.
/// @param[out] q_out [T, Hq, D], dtype f32, f16, bf16; last dimension contiguous, other strides free.
///   Rotated queries.
/// @param[out] k_out optional (NULL), [T, Hk, D], dtype f32, f16, bf16; last dimension contiguous, other
///   strides free. Rotated keys; given exactly if k is.
/// @param[in] q [T, Hq, D], dtype f32, f16, bf16; last dimension contiguous, other strides free. Queries;
///   with k, views of one fused qkv buffer will do.
/// @param[in] k optional (NULL), [T, Hk, D], dtype f32, f16, bf16; last dimension contiguous, other strides
///   free. Keys.
/// @param[in] cos_sin [P, R], dtype f32; last dimension contiguous, other strides free. What
///   rope_cos_sin_cache writes: cosines, then sines, of each position. Always in this order: interleaved
///   speaks of the pairs of q and k alone.
/// @param[in] positions [T], dtype i32, i64; last dimension contiguous, other strides free. Row of cos_sin
///   for each token. A token whose position is negative or not below P becomes NaN in all its heads, so
///   that the fault shows.
/// @param interleaved 0 or 1. 0: pairs are half a rotary dimension apart (half-split; GPT-NeoX, Llama in
///   Hugging Face's layout). 1: pairs are neighbours (GPT-J, Llama as released, FLUX).
/// @param stream Where the work is enqueued.
/// Aliasing: q_out may be q and k_out may be k, with the same strides; q_out and k_out may not overlap.
/// Workspace: none.
/// Numerics: fp32, one rounding to the output's dtype. Bitwise reproducible, and a token's result does not
///   depend on the other tokens. Least possible traffic: 2 * (Hq + Hk) * D elements a token (2 * (Hq + Hk)
///   * R in place), R fp32 of cos_sin for each position in use, and the position.
/// Errors: INVALID_HANDLE, NULL_POINTER, INVALID_RANK, INVALID_DTYPE, INVALID_SHAPE, INVALID_STRIDE,
///   INVALID_DEVICE, MISALIGNED, OVERFLOW, ALIASING when a tensor is not as stated above; INVALID_ARGUMENT
///   when a scalar is out of its range; INVALID_CONTENTS, which names the first bad entry, in a context
///   that checks contents; UNSUPPORTED there while the stream is captured; INVALID_SHAPE when R is odd or
///   more than D, or Hq, Hk or D is more than 2^26; NULL_POINTER when only one of k and k_out is given;
///   UNSUPPORTED when every kernel that could serve the call is disabled or out of its condition;
///   MODULE_LOAD, NO_CODE_OBJECT, DRIVER_ERROR from the device.
/// Source: Su et al. 2021, arXiv:2104.09864; meaning of flashinfer.rope.apply_rope_with_cos_sin_cache.
/// Since: 0.1.
HIPINFER_NODISCARD HIPINFER_API hipinfer_status hipinfer_rope(hipinfer_context context,
    const hipinfer_tensor* q_out, const hipinfer_tensor* k_out, const hipinfer_tensor* q,
    const hipinfer_tensor* k, const hipinfer_tensor* cos_sin, const hipinfer_tensor* positions,
    int32_t interleaved, hipinfer_stream stream);

/// Rotary position embedding of queries and keys; the keys and their values go straight to a paged or contiguous cache, quantised where it is fp8.
///
///     q_out = rope(q); k_cache[page, slot] = rope(k), v_cache[page, slot] = v, with rope as in the
///         operation rope at row pos_ids[t] of cos_sin (positions[t] where pos_ids is left out) and page
///         and slot as in append_paged_kv_cache; in a cache of fp8 saturate(round(rope(k) / k_scale)) and
///         saturate(round(v / v_scale))
///
/// where T is tokens; 0 is allowed; Hq is query heads; Hk is key and value heads; D is head dimension of
/// queries and keys; P is pages in the cache; of a contiguous one, requests; R is rotary dimension: even,
/// at most D; elements of a head from R on are copied; S is slots (tokens) in a page; any number; E is head
/// dimension of values; B is requests; I is entries of the page table; C is positions in cos_sin.
/// @param[out] q_out [T, Hq, D], dtype f32, f16, bf16; last dimension contiguous, other strides free.
///   Rotated queries.
/// @param[in,out] k_cache [P, S, Hk, D], dtype that of data, or e4m3fn, e4m3fnuz, e5m2, e5m2fnuz; last
///   dimension contiguous, other strides free. Key pages. The layout is the strides': [pages, slots, heads,
///   D] (NHD), [pages, heads, slots, D] (HND) or one half of a combined tensor are views with these four
///   dimensions. Offsets are 64 bits wide.
/// @param[in,out] v_cache [P, S, Hk, E], dtype that of data, or e4m3fn, e4m3fnuz, e5m2, e5m2fnuz; last
///   dimension contiguous, other strides free. Value pages; strides of its own.
/// @param[in] q [T, Hq, D], dtype f32, f16, bf16; last dimension contiguous, other strides free. Queries;
///   with k and v, views of one fused qkv buffer will do.
/// @param[in] k [T, Hk, D], dtype f32, f16, bf16; last dimension contiguous, other strides free. New keys,
///   not yet rotated.
/// @param[in] v [T, Hk, E], dtype f32, f16, bf16; last dimension contiguous, other strides free. New
///   values.
/// @param[in] cos_sin [C, R], dtype f32; last dimension contiguous, other strides free. What
///   rope_cos_sin_cache writes: cosines, then sines, of each position. Always in this order: interleaved
///   speaks of the pairs of q and k alone.
/// @param[in] positions [T], dtype i32, i64; last dimension contiguous, other strides free. Position of
///   each token in its request: its slot, and without pos_ids its row of cos_sin. A token whose row is
///   negative or not below C becomes NaN in all heads of q and k, so that the fault shows.
/// @param[in] batch_indices [T], dtype i32, i64; last dimension contiguous, other strides free. Request of
///   each token. Nothing is appended, and nothing is touched out of bounds, for a token whose request is
///   not in [0, B), whose position is not in [0, length of the request), or whose page is not in [0, P);
///   its queries are rotated.
/// @param[in] kv_indices optional (NULL), [I], dtype i32, i64; last dimension contiguous, other strides
///   free. Page table: the pages of all requests, one request after the other. Left out with kv_indptr and
///   kv_last_page_len, the cache is contiguous: page b is request b, and its length S.
/// @param[in] kv_indptr optional (NULL), [B+1], dtype i32, i64; last dimension contiguous, other strides
///   free. Where each request begins in kv_indices, in order. A request that ends where it begins or before
///   has no positions.
/// @param[in] kv_last_page_len optional (NULL), [B], dtype i32, i64; last dimension contiguous, other
///   strides free. Slots in use, after the append, in each request's last page, 1 to S: the request's
///   length is (pages - 1) * S + kv_last_page_len.
/// @param[in] pos_ids optional (NULL), [T], dtype i32, i64; last dimension contiguous, other strides free.
///   Row of cos_sin for each token, where it is not the position in the request.
/// @param[in] k_scale optional (NULL), any shape of one element, dtype f32; last dimension contiguous,
///   other strides free. fp8 caches: what a unit of k_cache stands for, in device memory; left out it is 1.
/// @param[in] v_scale optional (NULL), any shape of one element, dtype f32; last dimension contiguous,
///   other strides free. fp8 caches: what a unit of v_cache stands for, in device memory; left out it is 1.
/// @param interleaved 0 or 1. 0: pairs are half a rotary dimension apart (half-split; GPT-NeoX, Llama in
///   Hugging Face's layout). 1: pairs are neighbours (GPT-J, Llama as released, FLUX).
/// @param stream Where the work is enqueued.
/// Aliasing: q_out may be q, with the same strides. k_cache and v_cache may be views of one tensor, but may
///   not overlap each other or an input. Two tokens of one call must not name the same slot, or which of
///   them stays is undefined.
/// Workspace: none.
/// Numerics: fp32, one rounding to the output's dtype: a quantised key is not rounded to its own dtype
///   before. v is copied, exact, where the cache has its dtype. fp8: on a GPU x * (1 / scale), within one
///   unit in the last place of the quotient rounded to nearest even; beyond the largest finite value,
///   infinities too, becomes that value. Bitwise reproducible, and a token's result does not depend on the
///   other tokens. Least possible traffic a token: 2 * Hq * D elements of data (2 * Hq * R in place), Hk *
///   (D + E) elements of data and as many of the cache, R fp32 of cos_sin for each position in use, and the
///   look-ups of append_paged_kv_cache; rope and append_paged_kv_cache move 2 * Hk * D elements more.
/// Errors: INVALID_HANDLE, NULL_POINTER, INVALID_RANK, INVALID_DTYPE, INVALID_SHAPE, INVALID_STRIDE,
///   INVALID_DEVICE, MISALIGNED, OVERFLOW, ALIASING when a tensor is not as stated above; INVALID_ARGUMENT
///   when a scalar is out of its range; INVALID_CONTENTS, which names the first bad entry, in a context
///   that checks contents; UNSUPPORTED there while the stream is captured; INVALID_SHAPE when R is odd or
///   more than D, I * S is 2^31 or more, or Hq, Hk, D or E is more than 2^26; NULL_POINTER when some of
///   kv_indices, kv_indptr and kv_last_page_len are given and some not; INVALID_DTYPE when a scale is given
///   and the cache is not fp8; UNSUPPORTED when every kernel that could serve the call is disabled or out
///   of its condition; MODULE_LOAD, NO_CODE_OBJECT, DRIVER_ERROR from the device.
/// Source: Su et al. 2021, arXiv:2104.09864; meaning of flashinfer.rope.apply_rope_with_cos_sin_cache, then
///   flashinfer.page.append_paged_kv_cache.
/// Since: 0.1.
HIPINFER_NODISCARD HIPINFER_API hipinfer_status hipinfer_rope_append_kv(hipinfer_context context,
    const hipinfer_tensor* q_out, const hipinfer_tensor* k_cache, const hipinfer_tensor* v_cache,
    const hipinfer_tensor* q, const hipinfer_tensor* k, const hipinfer_tensor* v,
    const hipinfer_tensor* cos_sin, const hipinfer_tensor* positions, const hipinfer_tensor* batch_indices,
    const hipinfer_tensor* kv_indices, const hipinfer_tensor* kv_indptr,
    const hipinfer_tensor* kv_last_page_len, const hipinfer_tensor* pos_ids, const hipinfer_tensor* k_scale,
    const hipinfer_tensor* v_scale, int32_t interleaved, hipinfer_stream stream);

/// Frequency scaling of rotary position embedding.
enum hipinfer_rope_scaling {
  HIPINFER_ROPE_SCALING_NONE = 0 /**< as trained */,
  HIPINFER_ROPE_SCALING_LINEAR = 1 /**< every frequency is divided by the factor (position interpolation) */,
  HIPINFER_ROPE_SCALING_LLAMA31 = 2 /**< low frequencies are divided by the factor, high ones kept, those between blended */,
  HIPINFER_ROPE_SCALING_YARN = 3 /**< as llama31, with the blend linear in the dimension, and cosine and sine multiplied by the attention factor */
};

/// Options of hipinfer_rope_cos_sin_cache. Zero the struct, set struct_size, then the fields you need: zero is every default.
typedef struct hipinfer_rope_cos_sin_cache_options {
  size_t struct_size; ///< sizeof(hipinfer_rope_cos_sin_cache_options)
  int32_t scaling; ///< a hipinfer_rope_scaling. How frequencies are scaled for contexts longer than those of training.
  float factor; ///< from 0 to 3.4e+38. What scaled frequencies are divided by; 0 is 1, and 8 for llama31.
  float low_freq_factor; ///< from 0 to 3.4e+38. llama31: wavelengths above original_context / low_freq_factor are scaled in full; 0 is 1.
  float high_freq_factor; ///< from 0 to 3.4e+38. llama31: wavelengths below original_context / high_freq_factor are not scaled, those between are blended; 0 is 4.
  int32_t original_context; ///< from 0. llama31, yarn: length of the training context, in tokens; 0 is 8192, and 4096 for yarn.
  float beta_fast; ///< from 0 to 3.4e+38. yarn: frequencies of more turns than this in the training context are not scaled; 0 is 32.
  float beta_slow; ///< from 0 to 3.4e+38. yarn: frequencies of fewer turns than this in the training context are scaled in full, those between are blended; 0 is 1.
  float attention_factor; ///< from 0 to 3.4e+38. yarn: multiplies cosine and sine; 0 is 0.1 ln(factor) + 1, and 1 where factor is at most 1.
} hipinfer_rope_cos_sin_cache_options;

/// Cosines and sines of rotary position embedding for every position, as rope reads them.
///
///     output[p, i] = m cos(p * f[i]); output[p, R/2 + i] = m sin(p * f[i]); m is 1, and with yarn the
///         attention factor; f[i] = theta^(-2i/R), scaled as options.scaling says
///
/// where P is positions, from 0 on; 0 is allowed; R is rotary dimension: even, at most 512; half of it
/// cosines, half sines, whatever the order of the pairs in rope.
/// @param[out] output [P, R], dtype f32; last dimension contiguous, other strides free. Row p holds the
///   cosines of position p, then its sines.
/// @param theta from 1 to 3.4e+38. Base of the frequencies.
/// @param options NULL for the defaults; see hipinfer_rope_cos_sin_cache_options.
/// @param stream Where the work is enqueued.
/// Aliasing: none: there is one tensor.
/// Workspace: none.
/// Numerics: f is computed in double by the host, the angle p * f as one product in double by the device;
///   its cosine and sine are within 2^-51 for angles up to 2^40, then rounded once to fp32. Frameworks that
///   form f in fp32 differ by up to 6e-8 of the angle, which is visible from positions of some thousands
///   on.
/// Errors: INVALID_HANDLE, NULL_POINTER, INVALID_RANK, INVALID_DTYPE, INVALID_SHAPE, INVALID_STRIDE,
///   INVALID_DEVICE, MISALIGNED, OVERFLOW, ALIASING when a tensor is not as stated above; INVALID_ARGUMENT
///   when a scalar is out of its range; INVALID_SHAPE when R is 0, odd or more than 512; INVALID_ARGUMENT
///   when high_freq_factor is not more than low_freq_factor with llama31, or beta_fast not more than
///   beta_slow or theta 1 with yarn; UNSUPPORTED when every kernel that could serve the call is disabled or
///   out of its condition; MODULE_LOAD, NO_CODE_OBJECT, DRIVER_ERROR from the device.
/// Source: Su et al. 2021, arXiv:2104.09864; linear scaling: Chen et al. 2023, arXiv:2306.15595; llama31:
///   the llama3 scaling of Hugging Face transformers and flashinfer.rope.apply_llama31_rope; yarn: Peng et
///   al. 2023, arXiv:2309.00071, as in Hugging Face transformers.
/// Since: 0.1.
HIPINFER_NODISCARD HIPINFER_API hipinfer_status hipinfer_rope_cos_sin_cache(hipinfer_context context,
    const hipinfer_tensor* output, float theta, const hipinfer_rope_cos_sin_cache_options* options,
    hipinfer_stream stream);

/// Rotary position embedding of the rotary parts of queries and keys, and all parts quantised to fp8, in one launch.
///
///     q_rope_out = saturate(round(rope(q_rope) * quant_scale_q)), q_nope_out = saturate(round(q_nope *
///         quant_scale_q)), and k likewise with quant_scale_kv; rope as in the operation rope, over the
///         whole of R
///
/// where T is tokens; 0 is allowed; Hq is query heads; Hk is key heads; P is positions in the cache; R is
/// rotary dimension, even: the length of the rotary parts; N is length of the parts that are not rotated.
/// @param[out] q_rope_out [T, Hq, R], dtype e4m3fn, e4m3fnuz, e5m2, e5m2fnuz; last dimension contiguous,
///   other strides free. Rotated and quantised rotary parts of the queries.
/// @param[out] k_rope_out [T, Hk, R] or [T, R], dtype e4m3fn, e4m3fnuz, e5m2, e5m2fnuz; last dimension
///   contiguous, other strides free. Of the keys; two dimensions where keys have one head (MLA).
/// @param[out] q_nope_out optional (NULL), [T, Hq, N], dtype e4m3fn, e4m3fnuz, e5m2, e5m2fnuz; last
///   dimension contiguous, other strides free. Quantised other parts of the queries; given exactly if
///   q_nope is.
/// @param[out] k_nope_out optional (NULL), [T, Hk, N] or [T, N], dtype e4m3fn, e4m3fnuz, e5m2, e5m2fnuz;
///   last dimension contiguous, other strides free. Of the keys; given exactly if k_nope is.
/// @param[in] q_rope [T, Hq, R], dtype f32, f16, bf16; last dimension contiguous, other strides free.
///   Rotary parts of the queries.
/// @param[in] k_rope [T, Hk, R] or [T, R], dtype f32, f16, bf16; last dimension contiguous, other strides
///   free. Rotary parts of the keys.
/// @param[in] q_nope optional (NULL), [T, Hq, N], dtype f32, f16, bf16; last dimension contiguous, other
///   strides free. Parts of the queries that are not rotated.
/// @param[in] k_nope optional (NULL), [T, Hk, N] or [T, N], dtype f32, f16, bf16; last dimension
///   contiguous, other strides free. Parts of the keys that are not rotated.
/// @param[in] cos_sin [P, R], dtype f32; last dimension contiguous, other strides free. What
///   rope_cos_sin_cache writes: cosines, then sines, of each position.
/// @param[in] positions [T], dtype i32, i64; last dimension contiguous, other strides free. Row of cos_sin
///   for each token. A token whose position is negative or not below P becomes NaN in its rotary parts, so
///   that the fault shows.
/// @param interleaved 0 or 1. 0: pairs are half a rotary dimension apart (half-split; GPT-NeoX, Llama in
///   Hugging Face's layout). 1: pairs are neighbours (GPT-J, Llama as released, FLUX).
/// @param quant_scale_q any value. What queries are multiplied by before they are rounded: the reciprocal
///   of their scale.
/// @param quant_scale_kv any value. What keys are multiplied by before they are rounded: the reciprocal of
///   their scale.
/// @param stream Where the work is enqueued.
/// Aliasing: none: no output may overlap another argument. Parts of one head, as [.., N + R], are views
///   with strides.
/// Workspace: none.
/// Numerics: fp32, one rounding, to nearest even: within one unit in the last place of the rounded result.
///   Beyond the largest finite value, infinities too, becomes that value; a NaN stays NaN. Bitwise
///   reproducible, and a token's result does not depend on the other tokens. Least possible traffic a
///   token: (Hq + Hk) * (R + N) elements of data and as many bytes, R fp32 of cos_sin for each position in
///   use, and the position.
/// Errors: INVALID_HANDLE, NULL_POINTER, INVALID_RANK, INVALID_DTYPE, INVALID_SHAPE, INVALID_STRIDE,
///   INVALID_DEVICE, MISALIGNED, OVERFLOW, ALIASING when a tensor is not as stated above; INVALID_ARGUMENT
///   when a scalar is out of its range; INVALID_CONTENTS, which names the first bad entry, in a context
///   that checks contents; UNSUPPORTED there while the stream is captured; INVALID_SHAPE when R is odd, or
///   Hq, Hk or R + N is more than 2^26; NULL_POINTER when only one of q_nope and q_nope_out, or of k_nope
///   and k_nope_out, is given; UNSUPPORTED when every kernel that could serve the call is disabled or out
///   of its condition; MODULE_LOAD, NO_CODE_OBJECT, DRIVER_ERROR from the device.
/// Source: Su et al. 2021, arXiv:2104.09864; meaning of flashinfer.rope.rope_quantize_fp8 and
///   mla_rope_quantize_fp8.
/// Since: 0.1.
HIPINFER_NODISCARD HIPINFER_API hipinfer_status hipinfer_rope_quantize_fp8(hipinfer_context context,
    const hipinfer_tensor* q_rope_out, const hipinfer_tensor* k_rope_out, const hipinfer_tensor* q_nope_out,
    const hipinfer_tensor* k_nope_out, const hipinfer_tensor* q_rope, const hipinfer_tensor* k_rope,
    const hipinfer_tensor* q_nope, const hipinfer_tensor* k_nope, const hipinfer_tensor* cos_sin,
    const hipinfer_tensor* positions, int32_t interleaved, float quant_scale_q, float quant_scale_kv,
    hipinfer_stream stream);

/// Options of hipinfer_rope_theta. Zero the struct, set struct_size, then the fields you need: zero is every default.
typedef struct hipinfer_rope_theta_options {
  size_t struct_size; ///< sizeof(hipinfer_rope_theta_options)
  int32_t rotary_dim; ///< from 0. R, the rotary dimension: even, at most D and 512; elements of a head from R on are copied. 0 is D.
  int32_t scaling; ///< a hipinfer_rope_scaling. How frequencies are scaled for contexts longer than those of training.
  float factor; ///< from 0 to 3.4e+38. What scaled frequencies are divided by; 0 is 1, and 8 for llama31.
  float low_freq_factor; ///< from 0 to 3.4e+38. llama31: wavelengths above original_context / low_freq_factor are scaled in full; 0 is 1.
  float high_freq_factor; ///< from 0 to 3.4e+38. llama31: wavelengths below original_context / high_freq_factor are not scaled, those between are blended; 0 is 4.
  int32_t original_context; ///< from 0. llama31, yarn: length of the training context, in tokens; 0 is 8192, and 4096 for yarn.
  float beta_fast; ///< from 0 to 3.4e+38. yarn: frequencies of more turns than this in the training context are not scaled; 0 is 32.
  float beta_slow; ///< from 0 to 3.4e+38. yarn: frequencies of fewer turns than this in the training context are scaled in full, those between are blended; 0 is 1.
  float attention_factor; ///< from 0 to 3.4e+38. yarn: multiplies cosine and sine; 0 is 0.1 ln(factor) + 1, and 1 where factor is at most 1.
} hipinfer_rope_theta_options;

/// Rotary position embedding of queries and, in the same launch, keys, without a cache of angles: from positions, or from the requests of a ragged batch.
///
///     as rope, with cos[i] and sin[i] those of rope_cos_sin_cache: m cos(position * f[i]), m sin(position
///         * f[i]), f[i] = theta^(-2i/R), scaled as options.scaling says; position = positions[t], or
///         offsets[b] + t - indptr[b] for a token t of request b, indptr[b] <= t < indptr[b+1]
///
/// where T is tokens; 0 is allowed; Hq is query heads; Hk is key heads; any number, for grouped queries; D
/// is head dimension; B is requests of a ragged batch; 0 is allowed.
/// @param[out] q_out [T, Hq, D], dtype f32, f16, bf16; last dimension contiguous, other strides free.
///   Rotated queries.
/// @param[out] k_out optional (NULL), [T, Hk, D], dtype f32, f16, bf16; last dimension contiguous, other
///   strides free. Rotated keys; given exactly if k is.
/// @param[in] q [T, Hq, D], dtype f32, f16, bf16; last dimension contiguous, other strides free. Queries;
///   with k, views of one fused qkv buffer will do.
/// @param[in] k optional (NULL), [T, Hk, D], dtype f32, f16, bf16; last dimension contiguous, other strides
///   free. Keys.
/// @param[in] positions optional (NULL), [T], dtype i32, i64; last dimension contiguous, other strides
///   free. Position of each token, 0 to 2^40 - 1; a token with any other becomes NaN in all its heads, so
///   that the fault shows. Given exactly if indptr is not.
/// @param[in] indptr optional (NULL), [B+1], dtype i32, i64; last dimension contiguous, other strides free.
///   Where each request begins among the tokens, in order. A token of no request becomes NaN. Not in order,
///   a token may be taken for any request's, the same on every device.
/// @param[in] offsets optional (NULL), [B], dtype i32, i64; last dimension contiguous, other strides free.
///   Position of each request's first token; given exactly if indptr is.
/// @param interleaved 0 or 1. 0: pairs are half a rotary dimension apart (half-split; GPT-NeoX, Llama in
///   Hugging Face's layout). 1: pairs are neighbours (GPT-J, Llama as released, FLUX).
/// @param theta from 1 to 3.4e+38. Base of the frequencies.
/// @param options NULL for the defaults; see hipinfer_rope_theta_options.
/// @param stream Where the work is enqueued.
/// Aliasing: q_out may be q and k_out may be k, with the same strides; q_out and k_out may not overlap.
/// Workspace: none.
/// Numerics: Frequencies and angles in double; cosine and sine are rounded to fp32, then the rotation is
///   fp32 with one rounding to the output's dtype. The angle's error is below 1e-15 of it times
///   log2(theta): FlashInfer forms frequencies in fp32 and differs by up to 6e-8 of the angle, which is
///   visible from positions of some thousands on. Bitwise reproducible, and a token's result does not
///   depend on the other tokens. Least possible traffic: 2 * (Hq + Hk) * D elements a token (2 * (Hq + Hk)
///   * R in place), and the position.
/// Errors: INVALID_HANDLE, NULL_POINTER, INVALID_RANK, INVALID_DTYPE, INVALID_SHAPE, INVALID_STRIDE,
///   INVALID_DEVICE, MISALIGNED, OVERFLOW, ALIASING when a tensor is not as stated above; INVALID_ARGUMENT
///   when a scalar is out of its range; INVALID_CONTENTS, which names the first bad entry, in a context
///   that checks contents; UNSUPPORTED there while the stream is captured; INVALID_SHAPE when R is 0, odd,
///   more than D or more than 512, or Hq, Hk or D is more than 2^26; NULL_POINTER when only one of k and
///   k_out is given, or only one of indptr and offsets, or neither positions nor indptr; INVALID_ARGUMENT
///   when high_freq_factor is not more than low_freq_factor with llama31, or beta_fast not more than
///   beta_slow or theta 1 with yarn, or both positions and indptr are given; UNSUPPORTED when every kernel
///   that could serve the call is disabled or out of its condition; MODULE_LOAD, NO_CODE_OBJECT,
///   DRIVER_ERROR from the device.
/// Source: Su et al. 2021, arXiv:2104.09864; meaning of flashinfer.rope.apply_rope, apply_rope_pos_ids,
///   apply_llama31_rope and apply_llama31_rope_pos_ids (rope_scale is options.factor).
/// Since: 0.1.
HIPINFER_NODISCARD HIPINFER_API hipinfer_status hipinfer_rope_theta(hipinfer_context context,
    const hipinfer_tensor* q_out, const hipinfer_tensor* k_out, const hipinfer_tensor* q,
    const hipinfer_tensor* k, const hipinfer_tensor* positions, const hipinfer_tensor* indptr,
    const hipinfer_tensor* offsets, int32_t interleaved, float theta,
    const hipinfer_rope_theta_options* options, hipinfer_stream stream);

/// Samples one token a row from temperature-scaled logits.
///
///     w[i] = exp((logits[i] - max) / temperature); output[t] = the first i, in index order, at which the
///         sum of w up to and including i exceeds u * sum of w
///
/// where T is outputs; 0 is allowed; V is vocabulary size, from 1 to 2^31 - 1; R is rows.
/// @param[out] output [T], dtype i32; last dimension contiguous, other strides free. The sampled index of
///   each row, always in [0, V).
/// @param[out] valid optional (NULL), [T], dtype bool; last dimension contiguous, other strides free.
///   Whether the row could be sampled: false, with output 0, where every logit is NaN or -inf, its
///   temperature is negative or NaN, or its index is out of range.
/// @param[in] logits [R, V], dtype f32, f16, bf16; last dimension contiguous, other strides free. Unscaled
///   logits. NaN and -inf are never sampled; +inf takes all the probability, shared equally among the +inf
///   of the row.
/// @param[in] indices optional (NULL), [T], dtype i32, i64; last dimension contiguous, other strides free.
///   For each output the row that it is sampled from; without it row t is output t's.
/// @param[in] temperatures optional (NULL), [T], dtype f32; last dimension contiguous, other strides free.
///   A temperature for each output, in place of temperature.
/// @param[in] philox optional (NULL), [2] or [T, 2], dtype i64; last dimension contiguous, other strides
///   free. Seed and offset in device memory, for all outputs or for each, in place of the arguments: a
///   captured graph replays with what they hold then.
/// @param temperature from 0 to 3.4e+38. Divides the logits; 0 is greedy: the lowest index of the largest
///   logit.
/// @param seed any value. Key of the random generator.
/// @param offset any value. Counter of the random generator: one call uses one value for all its outputs,
///   so add 1 a call.
/// @param stream Where the work is enqueued.
/// Aliasing: none: the outputs may not overlap each other or an input.
/// Workspace: none.
/// Numerics: Weights are computed in fp32 and cut to a multiple of a fixed-point step, 2^-44 of the largest
///   for V from 131072 to 262143 and never more than 2^-31 of it; what is smaller than the step counts as
///   0. Sums over a whole row add the weights of 16 bytes of it in fp32 first. Sums are of integers and
///   exact: results are bitwise reproducible, and a row's result does not depend on the other rows. u =
///   Philox4x32-10 with key = seed and counter = (offset, t), its first 64 bits over 2^64.
/// Errors: INVALID_HANDLE, NULL_POINTER, INVALID_RANK, INVALID_DTYPE, INVALID_SHAPE, INVALID_STRIDE,
///   INVALID_DEVICE, MISALIGNED, OVERFLOW, ALIASING when a tensor is not as stated above; INVALID_ARGUMENT
///   when a scalar is out of its range; INVALID_CONTENTS, which names the first bad entry, in a context
///   that checks contents; UNSUPPORTED there while the stream is captured; INVALID_SHAPE when V is 0 or
///   more than 2^31 - 1, or indices is left out, and R is not T; UNSUPPORTED when every kernel that could
///   serve the call is disabled or out of its condition; MODULE_LOAD, NO_CODE_OBJECT, DRIVER_ERROR from the
///   device.
/// Source: Meaning of flashinfer.sampling.sampling_from_logits; Philox: Salmon et al. 2011, SC '11.
/// Since: 0.1.
HIPINFER_NODISCARD HIPINFER_API hipinfer_status hipinfer_sampling_from_logits(hipinfer_context context,
    const hipinfer_tensor* output, const hipinfer_tensor* valid, const hipinfer_tensor* logits,
    const hipinfer_tensor* indices, const hipinfer_tensor* temperatures, const hipinfer_tensor* philox,
    float temperature, uint64_t seed, uint64_t offset, hipinfer_stream stream);

/// Samples one token a row from probabilities.
///
///     S = all tokens; output[t] = the first i, in index order, at which the sum of p over S up to and
///         including i exceeds u * sum of S, p the row of probs
///
/// where T is outputs; 0 is allowed; V is vocabulary size, from 1 to 2^31 - 1; R is rows.
/// @param[out] output [T], dtype i32; last dimension contiguous, other strides free. The sampled index of
///   each row, always in [0, V).
/// @param[out] valid optional (NULL), [T], dtype bool; last dimension contiguous, other strides free.
///   Whether the row could be sampled: false, with output 0, where no probability is above 0, a setting of
///   the row is NaN, or its index is out of range.
/// @param[in] probs [R, V], dtype f32, f16, bf16; last dimension contiguous, other strides free. Rows of
///   probabilities.
/// @param[in] indices optional (NULL), [T], dtype i32, i64; last dimension contiguous, other strides free.
///   For each output the row that it is sampled from; without it row t is output t's.
/// @param[in] philox optional (NULL), [2] or [T, 2], dtype i64; last dimension contiguous, other strides
///   free. Seed and offset in device memory, for all outputs or for each, in place of the arguments: a
///   captured graph replays with what they hold then.
/// @param seed any value. Key of the random generator.
/// @param offset any value. Counter of the random generator: one call uses one value for all its outputs,
///   so add 1 a call.
/// @param stream Where the work is enqueued.
/// Aliasing: none: the outputs may not overlap each other or an input.
/// Workspace: none.
/// Numerics: A probability is taken as it is, from 2^-126; what is smaller, negative or NaN counts as 0,
///   and a row need not sum to 1. +inf takes all the probability, shared equally among the +inf of the row.
///   Weights are computed in fp32 and cut to a multiple of a fixed-point step, 2^-44 of the largest for V
///   from 131072 to 262143 and never more than 2^-31 of it; what is smaller than the step counts as 0. Sums
///   over a whole row add the weights of 16 bytes of it in fp32 first. Sums are of integers and exact:
///   results are bitwise reproducible, and a row's result does not depend on the other rows. u =
///   Philox4x32-10 with key = seed and counter = (offset, t), its first 64 bits over 2^64.
/// Errors: INVALID_HANDLE, NULL_POINTER, INVALID_RANK, INVALID_DTYPE, INVALID_SHAPE, INVALID_STRIDE,
///   INVALID_DEVICE, MISALIGNED, OVERFLOW, ALIASING when a tensor is not as stated above; INVALID_ARGUMENT
///   when a scalar is out of its range; INVALID_CONTENTS, which names the first bad entry, in a context
///   that checks contents; UNSUPPORTED there while the stream is captured; INVALID_SHAPE when V is 0 or
///   more than 2^31 - 1, or indices is left out, and R is not T; UNSUPPORTED when every kernel that could
///   serve the call is disabled or out of its condition; MODULE_LOAD, NO_CODE_OBJECT, DRIVER_ERROR from the
///   device.
/// Source: Meaning of flashinfer.sampling.sampling_from_probs; Philox: Salmon et al. 2011, SC '11.
/// Since: 0.1.
HIPINFER_NODISCARD HIPINFER_API hipinfer_status hipinfer_sampling_from_probs(hipinfer_context context,
    const hipinfer_tensor* output, const hipinfer_tensor* valid, const hipinfer_tensor* probs,
    const hipinfer_tensor* indices, const hipinfer_tensor* philox, uint64_t seed, uint64_t offset,
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
/// Numerics: fp32, one rounding to the dtype. silu is within 6e-6 relative down to x = -87; from there,
///   where exp(-x) nears fp32's largest numbers, it becomes -0, at the latest below -88.8. A silu of 0
///   times an infinity is NaN, and so is silu(-infinity), as the formula has it.
/// Errors: INVALID_HANDLE, NULL_POINTER, INVALID_RANK, INVALID_DTYPE, INVALID_SHAPE, INVALID_STRIDE,
///   INVALID_DEVICE, MISALIGNED, OVERFLOW, ALIASING when a tensor is not as stated above; UNSUPPORTED when
///   every kernel that could serve the call is disabled or out of its condition; MODULE_LOAD,
///   NO_CODE_OBJECT, DRIVER_ERROR from the device.
/// Source: Shazeer 2020, arXiv:2002.05202; meaning of flashinfer.activation.silu_and_mul.
/// Since: 0.1.
HIPINFER_NODISCARD HIPINFER_API hipinfer_status hipinfer_silu_and_mul(hipinfer_context context,
    const hipinfer_tensor* output, const hipinfer_tensor* input, hipinfer_stream stream);

/// SwiGLU on a packed projection: silu of the first half of each row times the second half, quantised with a scale for each row.
///
///     v = silu(input[t,i]) * input[t,N+i]; scales[t] = max|v[t]| / largest; output[t,i] = round(v /
///         scales[t]); silu(x) = x / (1 + exp(-x))
///
/// where T is tokens; 0 is allowed; N is length of an output row; 0 is allowed.
/// @param[out] output [T, N], dtype e4m3fn, e4m3fnuz, e5m2, e5m2fnuz, i8; last dimension contiguous, other
///   strides free. The gated rows, quantised.
/// @param[out] scales [T], dtype f32; last dimension contiguous, other strides free. What a unit of each
///   row stands for.
/// @param[in] input [T, 2*N], dtype f32, f16, bf16; last dimension contiguous, other strides free. Each
///   row: N gate values, then the N values that they gate.
/// @param stream Where the work is enqueued.
/// Aliasing: output and scales may not overlap input or each other.
/// Workspace: none.
/// Numerics: The scale is the largest magnitude of the row / the largest finite value of the output's dtype
///   (127 of i8), 2^-126 at least; a NaN has no part in it and becomes NaN (0 in i8), an infinity makes the
///   scale infinite. On a GPU values are multiplied by 1 / scale: within one unit in the last place of the
///   quotient rounded to nearest even. Bitwise reproducible, and a row's result does not depend on the
///   other rows. silu is within 6e-6 relative down to x = -87; from there, where exp(-x) nears fp32's
///   largest numbers, it becomes -0, at the latest below -88.8. A silu of 0 times an infinity is NaN, and
///   so is silu(-infinity), as the formula has it.
/// Errors: INVALID_HANDLE, NULL_POINTER, INVALID_RANK, INVALID_DTYPE, INVALID_SHAPE, INVALID_STRIDE,
///   INVALID_DEVICE, MISALIGNED, OVERFLOW, ALIASING when a tensor is not as stated above; UNSUPPORTED when
///   every kernel that could serve the call is disabled or out of its condition; MODULE_LOAD,
///   NO_CODE_OBJECT, DRIVER_ERROR from the device.
/// Source: Shazeer 2020, arXiv:2002.05202; meaning of flashinfer.activation.silu_and_mul, quantised as by
///   quantize_per_token.
/// Since: 0.1.
HIPINFER_NODISCARD HIPINFER_API hipinfer_status hipinfer_silu_and_mul_dynamic_quant(hipinfer_context context,
    const hipinfer_tensor* output, const hipinfer_tensor* scales, const hipinfer_tensor* input,
    hipinfer_stream stream);

/// SwiGLU on a packed projection: silu of the first half of each row times the second half, quantised with one scale.
///
///     output[t,i] = saturate(round(silu(input[t,i]) * input[t,N+i] / scale)), silu(x) = x / (1 + exp(-x))
///
/// where T is tokens; 0 is allowed; N is length of an output row; 0 is allowed.
/// @param[out] output [T, N], dtype e4m3fn, e4m3fnuz, e5m2, e5m2fnuz, i8; last dimension contiguous, other
///   strides free. The gated rows, quantised.
/// @param[in] input [T, 2*N], dtype f32, f16, bf16; last dimension contiguous, other strides free. Each
///   row: N gate values, then the N values that they gate.
/// @param[in] scale any shape of one element, dtype f32; last dimension contiguous, other strides free.
///   What a unit of the output stands for, in device memory.
/// @param stream Where the work is enqueued.
/// Aliasing: output may not overlap input.
/// Workspace: none.
/// Numerics: On a GPU the value times 1 / scale, both in fp32: within one unit in the last place of the
///   quotient rounded to nearest even; saturated at the largest finite value of the output's dtype. A NaN
///   becomes NaN, and 0 in i8. silu is within 6e-6 relative down to x = -87; from there, where exp(-x)
///   nears fp32's largest numbers, it becomes -0, at the latest below -88.8. A silu of 0 times an infinity
///   is NaN, and so is silu(-infinity), as the formula has it.
/// Errors: INVALID_HANDLE, NULL_POINTER, INVALID_RANK, INVALID_DTYPE, INVALID_SHAPE, INVALID_STRIDE,
///   INVALID_DEVICE, MISALIGNED, OVERFLOW, ALIASING when a tensor is not as stated above; UNSUPPORTED when
///   every kernel that could serve the call is disabled or out of its condition; MODULE_LOAD,
///   NO_CODE_OBJECT, DRIVER_ERROR from the device.
/// Source: Shazeer 2020, arXiv:2002.05202; meaning of flashinfer.activation.silu_and_mul, quantised as by
///   quantize_per_tensor.
/// Since: 0.1.
HIPINFER_NODISCARD HIPINFER_API hipinfer_status hipinfer_silu_and_mul_quant(hipinfer_context context,
    const hipinfer_tensor* output, const hipinfer_tensor* input, const hipinfer_tensor* scale,
    hipinfer_stream stream);

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

/// SwiGLU of two tensors: silu of gate times up.
///
///     output[t,i] = silu(gate[t,i]) * up[t,i], silu(x) = x / (1 + exp(-x))
///
/// where T is tokens; 0 is allowed; N is length of an output row; 0 is allowed.
/// @param[out] output [T, N], dtype f32, f16, bf16; last dimension contiguous, other strides free. The
///   gated rows.
/// @param[in] gate [T, N], dtype f32, f16, bf16; last dimension contiguous, other strides free. Gate
///   values.
/// @param[in] up [T, N], dtype f32, f16, bf16; last dimension contiguous, other strides free. What they
///   gate.
/// @param stream Where the work is enqueued.
/// Aliasing: output may be gate or up, with the same strides.
/// Workspace: none.
/// Numerics: fp32, one rounding to the dtype. silu is within 6e-6 relative down to x = -87; from there,
///   where exp(-x) nears fp32's largest numbers, it becomes -0, at the latest below -88.8. A silu of 0
///   times an infinity is NaN, and so is silu(-infinity), as the formula has it.
/// Errors: INVALID_HANDLE, NULL_POINTER, INVALID_RANK, INVALID_DTYPE, INVALID_SHAPE, INVALID_STRIDE,
///   INVALID_DEVICE, MISALIGNED, OVERFLOW, ALIASING when a tensor is not as stated above; UNSUPPORTED when
///   every kernel that could serve the call is disabled or out of its condition; MODULE_LOAD,
///   NO_CODE_OBJECT, DRIVER_ERROR from the device.
/// Source: Shazeer 2020, arXiv:2002.05202; silu_and_mul for a gate and an up projection of their own.
/// Since: 0.1.
HIPINFER_NODISCARD HIPINFER_API hipinfer_status hipinfer_swiglu(hipinfer_context context,
    const hipinfer_tensor* output, const hipinfer_tensor* gate, const hipinfer_tensor* up,
    hipinfer_stream stream);

/// Log-probability and rank of one token a row, and the log-probabilities of the likeliest tokens.
///
///     l[t,i] = (logits[t,i] - max) / temperature - ln(sum over j of exp((logits[t,j] - max) /
///         temperature)); logprobs[t] = l[t,tokens[t]]; ranks[t] = how many logits[t,i] >
///         logits[t,tokens[t]]; top_indices[t] = the N largest of logits[t], top_logprobs[t,j] =
///         l[t,top_indices[t,j]]
///
/// where T is rows (tokens); 0 is allowed; V is vocabulary size, from 1 to 2^31 - 1; N is likeliest tokens
/// to give; 0 is allowed.
/// @param[out] logprobs [T], dtype f32; last dimension contiguous, other strides free. Log-probabilities
///   (natural) of the tokens.
/// @param[out] ranks optional (NULL), [T], dtype i32; last dimension contiguous, other strides free. How
///   many logits of the row are larger than the token's: 0 for the likeliest.
/// @param[out] top_logprobs optional (NULL), [T, N], dtype f32; last dimension contiguous, other strides
///   free. Log-probabilities of the likeliest tokens.
/// @param[out] top_indices optional (NULL), [T, N], dtype i32; last dimension contiguous, other strides
///   free. The likeliest tokens, largest logit first.
/// @param[in] logits [T, V], dtype f32, f16, bf16; last dimension contiguous, other strides free. Unscaled
///   logits.
/// @param[in] tokens [T], dtype i32, i64; last dimension contiguous, other strides free. A token of each
///   row.
/// @param[in] temperatures optional (NULL), [T], dtype f32; last dimension contiguous, other strides free.
///   A temperature for each row, in place of temperature; a row whose entry is negative, infinite or NaN
///   has log-probabilities that are NaN.
/// @param temperature from 0 to 3.4e+38. Divides the logits; 0 puts all weight on the maximum. No unit.
/// @param stream Where the work is enqueued.
/// Aliasing: none: the outputs may not overlap each other or an input.
/// Workspace: none.
/// Numerics: fp32 in a fixed order; the logarithm is of a sum that is 1 or more, and off by up to some
///   2^-22 + V * 2^-35. Ranks and indices are exact. NaN counts as -inf. A logit of -inf gives -inf; +inf
///   takes all the probability, shared equally among the +inf of the row. At temperature 0: 0 at the lowest
///   index of the maximum, else -inf. Largest first, of equal logits the lowest index first; NaN come after
///   all numbers, by index. A token that is no index of the row gives NaN and rank -1. Bitwise
///   reproducible, and a row's result does not depend on the other rows.
/// Errors: INVALID_HANDLE, NULL_POINTER, INVALID_RANK, INVALID_DTYPE, INVALID_SHAPE, INVALID_STRIDE,
///   INVALID_DEVICE, MISALIGNED, OVERFLOW, ALIASING when a tensor is not as stated above; INVALID_ARGUMENT
///   when a scalar is out of its range; INVALID_CONTENTS, which names the first bad entry, in a context
///   that checks contents; UNSUPPORTED there while the stream is captured; INVALID_SHAPE when V is 0 or
///   more than 2^31 - 1, or N is more than V; UNSUPPORTED when N is more than 3072; UNSUPPORTED when every
///   kernel that could serve the call is disabled or out of its condition; MODULE_LOAD, NO_CODE_OBJECT,
///   DRIVER_ERROR from the device.
/// Source: The logarithm of softmax; what OpenAI's completions interface returns as logprobs and
///   top_logprobs.
/// Since: 0.1.
HIPINFER_NODISCARD HIPINFER_API hipinfer_status hipinfer_token_logprobs(hipinfer_context context,
    const hipinfer_tensor* logprobs, const hipinfer_tensor* ranks, const hipinfer_tensor* top_logprobs,
    const hipinfer_tensor* top_indices, const hipinfer_tensor* logits, const hipinfer_tensor* tokens,
    const hipinfer_tensor* temperatures, float temperature, hipinfer_stream stream);

/// The k largest elements of each row and their indices.
///
///     S = the K largest of input[t], NaN last, of equal elements the lowest indices; indices[t] = S,
///         values[t,j] = input[t,indices[t,j]]
///
/// where T is rows (tokens); 0 is allowed; V is row length, from 1 to 2^31 - 1; K is elements of each row
/// to find; 0 is allowed.
/// @param[out] values [T, K], dtype f32, f16, bf16; last dimension contiguous, other strides free. The
///   largest elements.
/// @param[out] indices [T, K], dtype i32, i64; last dimension contiguous, other strides free. Where they
///   are.
/// @param[in] input [T, V], dtype f32, f16, bf16; last dimension contiguous, other strides free. The rows
///   to search.
/// @param sorted 0 or 1. Whether the largest comes first; false: in the order of the row.
/// @param stream Where the work is enqueued.
/// Aliasing: none: the outputs may not overlap each other or the input.
/// Workspace: none.
/// Numerics: Exact. -inf is a number like others; +0 and -0 are equal. sorted: largest first, of equal
///   elements the lowest index first; else by index. NaN come after all numbers, by index.
/// Errors: INVALID_HANDLE, NULL_POINTER, INVALID_RANK, INVALID_DTYPE, INVALID_SHAPE, INVALID_STRIDE,
///   INVALID_DEVICE, MISALIGNED, OVERFLOW, ALIASING when a tensor is not as stated above; INVALID_ARGUMENT
///   when a scalar is out of its range; INVALID_SHAPE when V is 0 or more than 2^31 - 1, or K is more than
///   V; UNSUPPORTED when sorted, and K is more than 3072; UNSUPPORTED when every kernel that could serve
///   the call is disabled or out of its condition; MODULE_LOAD, NO_CODE_OBJECT, DRIVER_ERROR from the
///   device.
/// Source: Meaning of torch.topk, save that there NaN is the largest, and of flashinfer.topk.top_k.
/// Since: 0.1.
HIPINFER_NODISCARD HIPINFER_API hipinfer_status hipinfer_top_k(hipinfer_context context,
    const hipinfer_tensor* values, const hipinfer_tensor* indices, const hipinfer_tensor* input,
    int32_t sorted, hipinfer_stream stream);

/// Keeps the largest logits of each row and puts -infinity in place of the others.
///
///     K = the top_k largest logits; output[t,i] = logits[t,i] for i in K, else -inf
///
/// where T is rows (tokens); 0 is allowed; V is row length (vocabulary), from 1 to 2^31 - 1.
/// @param[out] output [T, V], dtype f32, f16, bf16; last dimension contiguous, other strides free. The
///   masked logits.
/// @param[in] logits [T, V], dtype f32, f16, bf16; last dimension contiguous, other strides free. Rows of
///   logits.
/// @param[in] top_ks optional (NULL), [T], dtype i32; last dimension contiguous, other strides free. A
///   top_k for each row, in place of top_k; 0 or less keeps all.
/// @param top_k from 0. How many of the most likely tokens stay; 0 keeps all.
/// @param stream Where the work is enqueued.
/// Aliasing: output may be logits, with the same strides.
/// Workspace: none.
/// Numerics: Exact. NaN becomes -inf, whatever top_k is. Of equal elements at a threshold the lowest
///   indices are kept. So exactly top_k are kept.
/// Errors: INVALID_HANDLE, NULL_POINTER, INVALID_RANK, INVALID_DTYPE, INVALID_SHAPE, INVALID_STRIDE,
///   INVALID_DEVICE, MISALIGNED, OVERFLOW, ALIASING when a tensor is not as stated above; INVALID_ARGUMENT
///   when a scalar is out of its range; INVALID_SHAPE when V is 0 or more than 2^31 - 1; UNSUPPORTED when
///   every kernel that could serve the call is disabled or out of its condition; MODULE_LOAD,
///   NO_CODE_OBJECT, DRIVER_ERROR from the device.
/// Source: Meaning of flashinfer.sampling.top_k_mask_logits, save that it keeps all that equal the last.
/// Since: 0.1.
HIPINFER_NODISCARD HIPINFER_API hipinfer_status hipinfer_top_k_mask_logits(hipinfer_context context,
    const hipinfer_tensor* output, const hipinfer_tensor* logits, const hipinfer_tensor* top_ks,
    int32_t top_k, hipinfer_stream stream);

/// The k largest scores of a window of each row, as slots of a paged cache: the second stage of sparse attention.
///
///     w = scores[t,s .. s + lengths[t] - 1], s = row_starts[t] or 0; S = the min(K, lengths[t]) largest of
///         w, NaN last, of equal elements the lowest indices; output[t,j] = page_table[b,c + S[j] /
///         page_size] * page_size + S[j] % page_size, b = row_to_batch[t] or t, c = page_table_starts[t] or
///         s, and -1 behind the last
///
/// where T is rows (tokens); 0 is allowed; V is row length, from 1 to 2^31 - 1; K is elements of each row
/// to find; 0 is allowed, and so are more than V; B is page tables; M is entries of a page table.
/// @param[out] output [T, K], dtype i32; last dimension contiguous, other strides free. Slots of the cache:
///   a page's number times page_size, and the place in the page.
/// @param[out] raw_indices optional (NULL), [T, K], dtype i32; last dimension contiguous, other strides
///   free. Where they are in the window, in the same places; -1 behind the last.
/// @param[in] scores [T, V], dtype f32, f16, bf16; last dimension contiguous, other strides free. A score
///   for each key, in rows of which a window counts.
/// @param[in] page_table [B, M], dtype i32; last dimension contiguous, other strides free. Page numbers of
///   each request. What is not looked up may hold anything.
/// @param[in] lengths [T], dtype i32; last dimension contiguous, other strides free. Elements of each row's
///   window.
/// @param[in] row_to_batch optional (NULL), [T], dtype i32; last dimension contiguous, other strides free.
///   The page table of each row; without it row t has page table t.
/// @param[in] row_starts optional (NULL), [T], dtype i32; last dimension contiguous, other strides free.
///   Where each row's window begins; without it at 0.
/// @param[in] page_table_starts optional (NULL), [T], dtype i32; last dimension contiguous, other strides
///   free. The entry at which each row's pages begin; without it that of row_starts, if page_size is 1.
/// @param page_size from 1 to 1.07374e+09. Scores that an entry of the page table stands for.
/// @param stream Where the work is enqueued.
/// Aliasing: none: the outputs may not overlap each other or an input.
/// Workspace: none.
/// Numerics: Exact. A window is cut to what there is of the row. One of K elements or fewer is taken whole,
///   in its order, and its scores are not read. S is in the order of the row; where it is not all of the
///   window, NaN come after all numbers. An index that the page table has no entry for, or a negative one,
///   gives -1, and so does a slot that is no i32.
/// Errors: INVALID_HANDLE, NULL_POINTER, INVALID_RANK, INVALID_DTYPE, INVALID_SHAPE, INVALID_STRIDE,
///   INVALID_DEVICE, MISALIGNED, OVERFLOW, ALIASING when a tensor is not as stated above; INVALID_ARGUMENT
///   when a scalar is out of its range; INVALID_CONTENTS, which names the first bad entry, in a context
///   that checks contents; UNSUPPORTED there while the stream is captured; INVALID_SHAPE when V is 0 or
///   more than 2^31 - 1, or row_to_batch is left out and B is less than T; INVALID_ARGUMENT when row_starts
///   is given, page_table_starts is not, and page_size is not 1; UNSUPPORTED when every kernel that could
///   serve the call is disabled or out of its condition; MODULE_LOAD, NO_CODE_OBJECT, DRIVER_ERROR from the
///   device.
/// Source: Meaning of flashinfer.topk.top_k_page_table_transform, save that any page_size will do.
/// Since: 0.1.
HIPINFER_NODISCARD HIPINFER_API hipinfer_status hipinfer_top_k_page_table_transform(hipinfer_context context,
    const hipinfer_tensor* output, const hipinfer_tensor* raw_indices, const hipinfer_tensor* scores,
    const hipinfer_tensor* page_table, const hipinfer_tensor* lengths, const hipinfer_tensor* row_to_batch,
    const hipinfer_tensor* row_starts, const hipinfer_tensor* page_table_starts, int32_t page_size,
    hipinfer_stream stream);

/// The k largest scores of a window of each row, as places in a ragged tensor of keys: the second stage of sparse attention.
///
///     w = scores[t,s .. s + lengths[t] - 1], s = row_starts[t] or 0; S = the min(K, lengths[t]) largest of
///         w, NaN last, of equal elements the lowest indices; output[t,j] = offsets[t] + S[j], and -1
///         behind the last
///
/// where T is rows (tokens); 0 is allowed; V is row length, from 1 to 2^31 - 1; K is elements of each row
/// to find; 0 is allowed, and so are more than V.
/// @param[out] output [T, K], dtype i32; last dimension contiguous, other strides free. Places of keys.
/// @param[in] scores [T, V], dtype f32, f16, bf16; last dimension contiguous, other strides free. A score
///   for each key, in rows of which a window counts.
/// @param[in] offsets [T], dtype i32; last dimension contiguous, other strides free. What is added to each
///   row's indices.
/// @param[in] lengths [T], dtype i32; last dimension contiguous, other strides free. Elements of each row's
///   window.
/// @param[in] row_starts optional (NULL), [T], dtype i32; last dimension contiguous, other strides free.
///   Where each row's window begins; without it at 0.
/// @param stream Where the work is enqueued.
/// Aliasing: none: output may not overlap an input.
/// Workspace: none.
/// Numerics: Exact. A window is cut to what there is of the row. One of K elements or fewer is taken whole,
///   in its order, and its scores are not read. S is in the order of the row; where it is not all of the
///   window, NaN come after all numbers. A sum that is no i32 wraps.
/// Errors: INVALID_HANDLE, NULL_POINTER, INVALID_RANK, INVALID_DTYPE, INVALID_SHAPE, INVALID_STRIDE,
///   INVALID_DEVICE, MISALIGNED, OVERFLOW, ALIASING when a tensor is not as stated above; INVALID_CONTENTS,
///   which names the first bad entry, in a context that checks contents; UNSUPPORTED there while the stream
///   is captured; INVALID_SHAPE when V is 0 or more than 2^31 - 1; UNSUPPORTED when every kernel that could
///   serve the call is disabled or out of its condition; MODULE_LOAD, NO_CODE_OBJECT, DRIVER_ERROR from the
///   device.
/// Source: Meaning of flashinfer.topk.top_k_ragged_transform.
/// Since: 0.1.
HIPINFER_NODISCARD HIPINFER_API hipinfer_status hipinfer_top_k_ragged_transform(hipinfer_context context,
    const hipinfer_tensor* output, const hipinfer_tensor* scores, const hipinfer_tensor* offsets,
    const hipinfer_tensor* lengths, const hipinfer_tensor* row_starts, hipinfer_stream stream);

/// Keeps the largest probabilities of each row and divides them by their sum.
///
///     K = the top_k largest p; output[t,i] = p[i] / sum of K for i in K, else 0, p the row of probs
///
/// where T is rows (tokens); 0 is allowed; V is row length (vocabulary), from 1 to 2^31 - 1.
/// @param[out] output [T, V], dtype f32, f16, bf16; last dimension contiguous, other strides free.
///   Probabilities of what is kept.
/// @param[in] probs [T, V], dtype f32, f16, bf16; last dimension contiguous, other strides free. Rows of
///   probabilities.
/// @param[in] top_ks optional (NULL), [T], dtype i32; last dimension contiguous, other strides free. A
///   top_k for each row, in place of top_k; 0 or less keeps all.
/// @param top_k from 0. How many of the most likely tokens stay; 0 keeps all.
/// @param stream Where the work is enqueued.
/// Aliasing: output may be probs, with the same strides.
/// Workspace: none.
/// Numerics: A probability is taken as it is, from 2^-126; what is smaller, negative or NaN counts as 0,
///   and a row need not sum to 1. +inf takes all the probability, shared equally among the +inf of the row.
///   A row without a probability above 0 becomes zeros. Weights are computed in fp32 and cut to a multiple
///   of a fixed-point step, 2^-44 of the largest for V from 131072 to 262143 and never more than 2^-31 of
///   it; what is smaller than the step counts as 0. Sums over a whole row add the weights of 16 bytes of it
///   in fp32 first. Sums are of integers and exact: results are bitwise reproducible, and a row's result
///   does not depend on the other rows. A probability is multiplied by the fp32 reciprocal of their sum and
///   then rounded to the dtype: one that is kept alone may be 1 - 2^-24. Of equal elements at a threshold
///   the lowest indices are kept. So exactly top_k are kept.
/// Errors: INVALID_HANDLE, NULL_POINTER, INVALID_RANK, INVALID_DTYPE, INVALID_SHAPE, INVALID_STRIDE,
///   INVALID_DEVICE, MISALIGNED, OVERFLOW, ALIASING when a tensor is not as stated above; INVALID_ARGUMENT
///   when a scalar is out of its range; INVALID_SHAPE when V is 0 or more than 2^31 - 1; UNSUPPORTED when
///   every kernel that could serve the call is disabled or out of its condition; MODULE_LOAD,
///   NO_CODE_OBJECT, DRIVER_ERROR from the device.
/// Source: Meaning of flashinfer.sampling.top_k_renorm_probs, save that it keeps all that equal the last.
/// Since: 0.1.
HIPINFER_NODISCARD HIPINFER_API hipinfer_status hipinfer_top_k_renorm_probs(hipinfer_context context,
    const hipinfer_tensor* output, const hipinfer_tensor* probs, const hipinfer_tensor* top_ks, int32_t top_k,
    hipinfer_stream stream);

/// Samples one token a row from the largest probabilities.
///
///     S = the top_k largest p; output[t] = the first i, in index order, at which the sum of p over S up to
///         and including i exceeds u * sum of S, p the row of probs
///
/// where T is outputs; 0 is allowed; V is vocabulary size, from 1 to 2^31 - 1; R is rows.
/// @param[out] output [T], dtype i32; last dimension contiguous, other strides free. The sampled index of
///   each row, always in [0, V).
/// @param[out] valid optional (NULL), [T], dtype bool; last dimension contiguous, other strides free.
///   Whether the row could be sampled: false, with output 0, where no probability is above 0, a setting of
///   the row is NaN, or its index is out of range.
/// @param[in] probs [R, V], dtype f32, f16, bf16; last dimension contiguous, other strides free. Rows of
///   probabilities.
/// @param[in] indices optional (NULL), [T], dtype i32, i64; last dimension contiguous, other strides free.
///   For each output the row that it is sampled from; without it row t is output t's.
/// @param[in] top_ks optional (NULL), [T], dtype i32; last dimension contiguous, other strides free. A
///   top_k for each output, in place of top_k; 0 or less keeps all.
/// @param[in] philox optional (NULL), [2] or [T, 2], dtype i64; last dimension contiguous, other strides
///   free. Seed and offset in device memory, for all outputs or for each, in place of the arguments: a
///   captured graph replays with what they hold then.
/// @param top_k from 0. How many of the most likely tokens stay; 0 keeps all.
/// @param seed any value. Key of the random generator.
/// @param offset any value. Counter of the random generator: one call uses one value for all its outputs,
///   so add 1 a call.
/// @param stream Where the work is enqueued.
/// Aliasing: none: the outputs may not overlap each other or an input.
/// Workspace: none.
/// Numerics: A probability is taken as it is, from 2^-126; what is smaller, negative or NaN counts as 0,
///   and a row need not sum to 1. +inf takes all the probability, shared equally among the +inf of the row.
///   Weights are computed in fp32 and cut to a multiple of a fixed-point step, 2^-44 of the largest for V
///   from 131072 to 262143 and never more than 2^-31 of it; what is smaller than the step counts as 0. Sums
///   over a whole row add the weights of 16 bytes of it in fp32 first. Sums are of integers and exact:
///   results are bitwise reproducible, and a row's result does not depend on the other rows. Of equal
///   elements at a threshold the lowest indices are kept. So exactly top_k tokens are kept. u =
///   Philox4x32-10 with key = seed and counter = (offset, t), its first 64 bits over 2^64.
/// Errors: INVALID_HANDLE, NULL_POINTER, INVALID_RANK, INVALID_DTYPE, INVALID_SHAPE, INVALID_STRIDE,
///   INVALID_DEVICE, MISALIGNED, OVERFLOW, ALIASING when a tensor is not as stated above; INVALID_ARGUMENT
///   when a scalar is out of its range; INVALID_CONTENTS, which names the first bad entry, in a context
///   that checks contents; UNSUPPORTED there while the stream is captured; INVALID_SHAPE when V is 0 or
///   more than 2^31 - 1, or indices is left out, and R is not T; UNSUPPORTED when every kernel that could
///   serve the call is disabled or out of its condition; MODULE_LOAD, NO_CODE_OBJECT, DRIVER_ERROR from the
///   device.
/// Source: Meaning of flashinfer.sampling.top_k_sampling_from_probs, save that it keeps all that equal the
///   last; Philox: Salmon et al. 2011, SC '11.
/// Since: 0.1.
HIPINFER_NODISCARD HIPINFER_API hipinfer_status hipinfer_top_k_sampling_from_probs(hipinfer_context context,
    const hipinfer_tensor* output, const hipinfer_tensor* valid, const hipinfer_tensor* probs,
    const hipinfer_tensor* indices, const hipinfer_tensor* top_ks, const hipinfer_tensor* philox,
    int32_t top_k, uint64_t seed, uint64_t offset, hipinfer_stream stream);

/// Samples one token a row from temperature-scaled logits, top-k first, then top-p on the renormalised rest, or both at once.
///
///     w[i] = exp((logits[i] - max) / temperature); K = the top_k largest logits; S = the fewest largest of
///         K whose w sum to >= top_p * sum of K (joint: of all w); output[t] = the first i, in index order,
///         at which the sum of w over S up to and including i exceeds u * sum of S
///
/// where T is outputs; 0 is allowed; V is vocabulary size, from 1 to 2^31 - 1; R is rows.
/// @param[out] output [T], dtype i32; last dimension contiguous, other strides free. The sampled index of
///   each row, always in [0, V).
/// @param[out] valid optional (NULL), [T], dtype bool; last dimension contiguous, other strides free.
///   Whether the row could be sampled: false, with output 0, where every logit is NaN or -inf, its
///   temperature is negative or NaN, its top_p is NaN, or its index is out of range.
/// @param[in] logits [R, V], dtype f32, f16, bf16; last dimension contiguous, other strides free. Unscaled
///   logits. NaN and -inf are never sampled; +inf takes all the probability, shared equally among the +inf
///   of the row.
/// @param[in] indices optional (NULL), [T], dtype i32, i64; last dimension contiguous, other strides free.
///   For each output the row that it is sampled from; without it row t is output t's.
/// @param[in] temperatures optional (NULL), [T], dtype f32; last dimension contiguous, other strides free.
///   A temperature for each output, in place of temperature.
/// @param[in] top_ks optional (NULL), [T], dtype i32; last dimension contiguous, other strides free. A
///   top_k for each output, in place of top_k; 0 or less keeps all.
/// @param[in] top_ps optional (NULL), [T], dtype f32; last dimension contiguous, other strides free. A
///   top_p for each output, in place of top_p; 1 or more keeps all, 0 or less the single most likely token.
/// @param[in] philox optional (NULL), [2] or [T, 2], dtype i64; last dimension contiguous, other strides
///   free. Seed and offset in device memory, for all outputs or for each, in place of the arguments: a
///   captured graph replays with what they hold then.
/// @param temperature from 0 to 3.4e+38. Divides the logits, before any filter; 0 is greedy: the lowest
///   index of the largest logit.
/// @param top_k from 0. How many of the most likely tokens stay; 0 keeps all.
/// @param top_p from 0 to 1. The part of the probability that the kept tokens reach; 1 keeps all; at least
///   one token is always kept.
/// @param joint 0 or 1. Whether top_p is of all the probability, and a token is kept if both filters keep
///   it; false: top_p is of what top_k has kept.
/// @param seed any value. Key of the random generator.
/// @param offset any value. Counter of the random generator: one call uses one value for all its outputs,
///   so add 1 a call.
/// @param stream Where the work is enqueued.
/// Aliasing: none: the outputs may not overlap each other or an input.
/// Workspace: none.
/// Numerics: Weights are computed in fp32 and cut to a multiple of a fixed-point step, 2^-44 of the largest
///   for V from 131072 to 262143 and never more than 2^-31 of it; what is smaller than the step counts as
///   0. Sums over a whole row add the weights of 16 bytes of it in fp32 first. Sums are of integers and
///   exact: results are bitwise reproducible, and a row's result does not depend on the other rows. Of
///   equal elements at a threshold the lowest indices are kept. So exactly top_k tokens survive the first
///   filter. u = Philox4x32-10 with key = seed and counter = (offset, t), its first 64 bits over 2^64.
/// Errors: INVALID_HANDLE, NULL_POINTER, INVALID_RANK, INVALID_DTYPE, INVALID_SHAPE, INVALID_STRIDE,
///   INVALID_DEVICE, MISALIGNED, OVERFLOW, ALIASING when a tensor is not as stated above; INVALID_ARGUMENT
///   when a scalar is out of its range; INVALID_CONTENTS, which names the first bad entry, in a context
///   that checks contents; UNSUPPORTED there while the stream is captured; INVALID_SHAPE when V is 0 or
///   more than 2^31 - 1, or indices is left out, and R is not T; UNSUPPORTED when every kernel that could
///   serve the call is disabled or out of its condition; MODULE_LOAD, NO_CODE_OBJECT, DRIVER_ERROR from the
///   device.
/// Source: Meaning of flashinfer.sampling.top_k_top_p_sampling_from_logits; Philox: Salmon et al. 2011, SC
///   '11.
/// Since: 0.1.
HIPINFER_NODISCARD HIPINFER_API hipinfer_status hipinfer_top_k_top_p_sampling_from_logits(
    hipinfer_context context, const hipinfer_tensor* output, const hipinfer_tensor* valid,
    const hipinfer_tensor* logits, const hipinfer_tensor* indices, const hipinfer_tensor* temperatures,
    const hipinfer_tensor* top_ks, const hipinfer_tensor* top_ps, const hipinfer_tensor* philox,
    float temperature, int32_t top_k, float top_p, int32_t joint, uint64_t seed, uint64_t offset,
    hipinfer_stream stream);

/// Samples one token a row from probabilities, top-k first, then top-p on the renormalised rest, or both at once.
///
///     K = the top_k largest p; S = the fewest largest of K that sum to >= top_p * sum of K (joint: of all
///         p); output[t] = the first i, in index order, at which the sum of p over S up to and including i
///         exceeds u * sum of S, p the row of probs
///
/// where T is outputs; 0 is allowed; V is vocabulary size, from 1 to 2^31 - 1; R is rows.
/// @param[out] output [T], dtype i32; last dimension contiguous, other strides free. The sampled index of
///   each row, always in [0, V).
/// @param[out] valid optional (NULL), [T], dtype bool; last dimension contiguous, other strides free.
///   Whether the row could be sampled: false, with output 0, where no probability is above 0, a setting of
///   the row is NaN, or its index is out of range.
/// @param[in] probs [R, V], dtype f32, f16, bf16; last dimension contiguous, other strides free. Rows of
///   probabilities.
/// @param[in] indices optional (NULL), [T], dtype i32, i64; last dimension contiguous, other strides free.
///   For each output the row that it is sampled from; without it row t is output t's.
/// @param[in] top_ks optional (NULL), [T], dtype i32; last dimension contiguous, other strides free. A
///   top_k for each output, in place of top_k; 0 or less keeps all.
/// @param[in] top_ps optional (NULL), [T], dtype f32; last dimension contiguous, other strides free. A
///   top_p for each output, in place of top_p; 1 or more keeps all, 0 or less the single most likely token.
/// @param[in] philox optional (NULL), [2] or [T, 2], dtype i64; last dimension contiguous, other strides
///   free. Seed and offset in device memory, for all outputs or for each, in place of the arguments: a
///   captured graph replays with what they hold then.
/// @param top_k from 0. How many of the most likely tokens stay; 0 keeps all.
/// @param top_p from 0 to 1. The part of the probability that the kept tokens reach; 1 keeps all; at least
///   one token is always kept.
/// @param joint 0 or 1. Whether top_p is of all the probability, and a token is kept if both filters keep
///   it; false: top_p is of what top_k has kept.
/// @param seed any value. Key of the random generator.
/// @param offset any value. Counter of the random generator: one call uses one value for all its outputs,
///   so add 1 a call.
/// @param stream Where the work is enqueued.
/// Aliasing: none: the outputs may not overlap each other or an input.
/// Workspace: none.
/// Numerics: A probability is taken as it is, from 2^-126; what is smaller, negative or NaN counts as 0,
///   and a row need not sum to 1. +inf takes all the probability, shared equally among the +inf of the row.
///   Weights are computed in fp32 and cut to a multiple of a fixed-point step, 2^-44 of the largest for V
///   from 131072 to 262143 and never more than 2^-31 of it; what is smaller than the step counts as 0. Sums
///   over a whole row add the weights of 16 bytes of it in fp32 first. Sums are of integers and exact:
///   results are bitwise reproducible, and a row's result does not depend on the other rows. Of equal
///   elements at a threshold the lowest indices are kept. So exactly top_k tokens survive the first filter.
///   u = Philox4x32-10 with key = seed and counter = (offset, t), its first 64 bits over 2^64.
/// Errors: INVALID_HANDLE, NULL_POINTER, INVALID_RANK, INVALID_DTYPE, INVALID_SHAPE, INVALID_STRIDE,
///   INVALID_DEVICE, MISALIGNED, OVERFLOW, ALIASING when a tensor is not as stated above; INVALID_ARGUMENT
///   when a scalar is out of its range; INVALID_CONTENTS, which names the first bad entry, in a context
///   that checks contents; UNSUPPORTED there while the stream is captured; INVALID_SHAPE when V is 0 or
///   more than 2^31 - 1, or indices is left out, and R is not T; UNSUPPORTED when every kernel that could
///   serve the call is disabled or out of its condition; MODULE_LOAD, NO_CODE_OBJECT, DRIVER_ERROR from the
///   device.
/// Source: Meaning of flashinfer.sampling.top_k_top_p_sampling_from_probs; Philox: Salmon et al. 2011, SC
///   '11.
/// Since: 0.1.
HIPINFER_NODISCARD HIPINFER_API hipinfer_status hipinfer_top_k_top_p_sampling_from_probs(
    hipinfer_context context, const hipinfer_tensor* output, const hipinfer_tensor* valid,
    const hipinfer_tensor* probs, const hipinfer_tensor* indices, const hipinfer_tensor* top_ks,
    const hipinfer_tensor* top_ps, const hipinfer_tensor* philox, int32_t top_k, float top_p, int32_t joint,
    uint64_t seed, uint64_t offset, hipinfer_stream stream);

/// Keeps the fewest largest probabilities of each row that reach a part of all, and divides them by their sum.
///
///     S = the fewest largest p that sum to >= top_p * sum of p; output[t,i] = p[i] / sum of S for i in S,
///         else 0, p the row of probs
///
/// where T is rows (tokens); 0 is allowed; V is row length (vocabulary), from 1 to 2^31 - 1.
/// @param[out] output [T, V], dtype f32, f16, bf16; last dimension contiguous, other strides free.
///   Probabilities of what is kept.
/// @param[in] probs [T, V], dtype f32, f16, bf16; last dimension contiguous, other strides free. Rows of
///   probabilities.
/// @param[in] top_ps optional (NULL), [T], dtype f32; last dimension contiguous, other strides free. A
///   top_p for each row, in place of top_p; 1 or more keeps all, 0 or less the single most likely token; a
///   row whose entry is NaN becomes NaN.
/// @param top_p from 0 to 1. The part of the probability that the kept tokens reach; 1 keeps all; at least
///   one token is always kept.
/// @param stream Where the work is enqueued.
/// Aliasing: output may be probs, with the same strides.
/// Workspace: none.
/// Numerics: A probability is taken as it is, from 2^-126; what is smaller, negative or NaN counts as 0,
///   and a row need not sum to 1. +inf takes all the probability, shared equally among the +inf of the row.
///   A row without a probability above 0 becomes zeros. Weights are computed in fp32 and cut to a multiple
///   of a fixed-point step, 2^-44 of the largest for V from 131072 to 262143 and never more than 2^-31 of
///   it; what is smaller than the step counts as 0. Sums over a whole row add the weights of 16 bytes of it
///   in fp32 first. Sums are of integers and exact: results are bitwise reproducible, and a row's result
///   does not depend on the other rows. A probability is multiplied by the fp32 reciprocal of their sum and
///   then rounded to the dtype: one that is kept alone may be 1 - 2^-24. Of equal elements at a threshold
///   the lowest indices are kept.
/// Errors: INVALID_HANDLE, NULL_POINTER, INVALID_RANK, INVALID_DTYPE, INVALID_SHAPE, INVALID_STRIDE,
///   INVALID_DEVICE, MISALIGNED, OVERFLOW, ALIASING when a tensor is not as stated above; INVALID_ARGUMENT
///   when a scalar is out of its range; INVALID_SHAPE when V is 0 or more than 2^31 - 1; UNSUPPORTED when
///   every kernel that could serve the call is disabled or out of its condition; MODULE_LOAD,
///   NO_CODE_OBJECT, DRIVER_ERROR from the device.
/// Source: Meaning of flashinfer.sampling.top_p_renorm_probs, save that it keeps all that equal the last.
/// Since: 0.1.
HIPINFER_NODISCARD HIPINFER_API hipinfer_status hipinfer_top_p_renorm_probs(hipinfer_context context,
    const hipinfer_tensor* output, const hipinfer_tensor* probs, const hipinfer_tensor* top_ps, float top_p,
    hipinfer_stream stream);

/// Samples one token a row from the fewest largest probabilities that reach a part of all.
///
///     S = the fewest largest p that sum to >= top_p * sum of p; output[t] = the first i, in index order,
///         at which the sum of p over S up to and including i exceeds u * sum of S, p the row of probs
///
/// where T is outputs; 0 is allowed; V is vocabulary size, from 1 to 2^31 - 1; R is rows.
/// @param[out] output [T], dtype i32; last dimension contiguous, other strides free. The sampled index of
///   each row, always in [0, V).
/// @param[out] valid optional (NULL), [T], dtype bool; last dimension contiguous, other strides free.
///   Whether the row could be sampled: false, with output 0, where no probability is above 0, a setting of
///   the row is NaN, or its index is out of range.
/// @param[in] probs [R, V], dtype f32, f16, bf16; last dimension contiguous, other strides free. Rows of
///   probabilities.
/// @param[in] indices optional (NULL), [T], dtype i32, i64; last dimension contiguous, other strides free.
///   For each output the row that it is sampled from; without it row t is output t's.
/// @param[in] top_ps optional (NULL), [T], dtype f32; last dimension contiguous, other strides free. A
///   top_p for each output, in place of top_p; 1 or more keeps all, 0 or less the single most likely token.
/// @param[in] philox optional (NULL), [2] or [T, 2], dtype i64; last dimension contiguous, other strides
///   free. Seed and offset in device memory, for all outputs or for each, in place of the arguments: a
///   captured graph replays with what they hold then.
/// @param top_p from 0 to 1. The part of the probability that the kept tokens reach; 1 keeps all; at least
///   one token is always kept.
/// @param seed any value. Key of the random generator.
/// @param offset any value. Counter of the random generator: one call uses one value for all its outputs,
///   so add 1 a call.
/// @param stream Where the work is enqueued.
/// Aliasing: none: the outputs may not overlap each other or an input.
/// Workspace: none.
/// Numerics: A probability is taken as it is, from 2^-126; what is smaller, negative or NaN counts as 0,
///   and a row need not sum to 1. +inf takes all the probability, shared equally among the +inf of the row.
///   Weights are computed in fp32 and cut to a multiple of a fixed-point step, 2^-44 of the largest for V
///   from 131072 to 262143 and never more than 2^-31 of it; what is smaller than the step counts as 0. Sums
///   over a whole row add the weights of 16 bytes of it in fp32 first. Sums are of integers and exact:
///   results are bitwise reproducible, and a row's result does not depend on the other rows. Of equal
///   elements at a threshold the lowest indices are kept. u = Philox4x32-10 with key = seed and counter =
///   (offset, t), its first 64 bits over 2^64.
/// Errors: INVALID_HANDLE, NULL_POINTER, INVALID_RANK, INVALID_DTYPE, INVALID_SHAPE, INVALID_STRIDE,
///   INVALID_DEVICE, MISALIGNED, OVERFLOW, ALIASING when a tensor is not as stated above; INVALID_ARGUMENT
///   when a scalar is out of its range; INVALID_CONTENTS, which names the first bad entry, in a context
///   that checks contents; UNSUPPORTED there while the stream is captured; INVALID_SHAPE when V is 0 or
///   more than 2^31 - 1, or indices is left out, and R is not T; UNSUPPORTED when every kernel that could
///   serve the call is disabled or out of its condition; MODULE_LOAD, NO_CODE_OBJECT, DRIVER_ERROR from the
///   device.
/// Source: Meaning of flashinfer.sampling.top_p_sampling_from_probs; Philox: Salmon et al. 2011, SC '11.
/// Since: 0.1.
HIPINFER_NODISCARD HIPINFER_API hipinfer_status hipinfer_top_p_sampling_from_probs(hipinfer_context context,
    const hipinfer_tensor* output, const hipinfer_tensor* valid, const hipinfer_tensor* probs,
    const hipinfer_tensor* indices, const hipinfer_tensor* top_ps, const hipinfer_tensor* philox, float top_p,
    uint64_t seed, uint64_t offset, hipinfer_stream stream);

#ifdef __cplusplus
}
#endif

#endif
