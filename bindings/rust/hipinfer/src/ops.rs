// SPDX-License-Identifier: Apache-2.0
// Written by src/gen/generate.py from src/ops/*/family.toml; edit those.
//! The operations: each enqueues its work on a stream and returns.
//!
//! Errors common to all: a tensor that is not as stated (rank, dtype, shape, strides, device, alignment,
//! aliasing), a scalar out of its range, no kernel for the device, or the device's own. On any error nothing was
//! enqueued and nothing is written.
#![allow(clippy::too_many_arguments, clippy::derivable_impls)]

use std::ptr::null;

#[allow(unused_imports)] // InPlace is for the documentation's links
use crate::{InPlace, Source, TensorMut, TensorRef, Result, Stream, sys};

fn pointer(tensor: &Option<sys::hipinfer_tensor>) -> *const sys::hipinfer_tensor {
    tensor.as_ref().map_or(null(), |t| t)
}

/// Options of [`adaln`].
#[derive(Debug, Clone, Copy)]
pub struct AdalnOptions {
    /// from 0 to 3.4e+38. Added to the mean of squares, to keep a constant row finite; no unit.
    pub eps: f32,
    /// 0 or 1. 0: layer normalisation. 1: root-mean-square normalisation, which subtracts no mean.
    pub rms: bool,
}

impl Default for AdalnOptions {
    fn default() -> Self {
        AdalnOptions {
            eps: 1e-06,
            rms: false,
        }
    }
}

/// Adaptive layer normalisation: rows are normalised without weights, then scaled and shifted by what their
/// batch element says.
///
/// ```text
/// output[b,t] = norm(input[b,t]) * (1 + scale[b]) + shift[b]; norm(x) = (x - mean(x)) / sqrt(mean((x -
///     mean(x))^2) + eps), with rms: x / sqrt(mean(x^2) + eps)
/// ```
///
/// where `B` is batch elements; 0 is allowed; `T` is tokens of a batch element; 0 is allowed; `N` is row
/// length, from 1.
///
/// - `output`: `[B, T, N]`, f32, f16, bf16; last dimension contiguous, other strides free; written. Modulated
///   rows.
/// - `input`: `[B, T, N]`, f32, f16, bf16; last dimension contiguous, other strides free; read, or
///   [`InPlace`]. Rows to normalise.
/// - `scale`: `[B, N]`, that of data, or f32; last dimension contiguous, other strides free; read. Gain of
///   each column, less 1; a slice of the modulation's wider rows will do.
/// - `shift`: `[B, N]`, that of data, or f32; last dimension contiguous, other strides free; read. What is
///   added to each column.
/// - `options`: `Default::default()`, or see [`AdalnOptions`].
///
/// *Aliasing*: output may be input, with the same strides; it may not overlap scale or shift.
///
/// *Numerics*: fp32, sums in a fixed order; 1 + scale is formed in fp32; one rounding, to the output's dtype.
/// Bitwise reproducible, and a row's result does not depend on the other rows.
///
/// *Errors of its own*: INVALID\_SHAPE when N is 0: rows of length 0 have no mean.
///
/// *Source*: Peebles and Xie 2022, arXiv:2212.09748 (adaLN); AdaLayerNormZero and AdaLayerNormContinuous of
/// FLUX. Since 0.1.
pub fn adaln<'a>(
    stream: &Stream,
    output: &mut TensorMut<'_>,
    input: impl Into<Source<'a>>,
    scale: &TensorRef<'_>,
    shift: &TensorRef<'_>,
    options: AdalnOptions,
) -> Result<()> {
    let inner = stream.inner();
    let output_raw = output.raw();
    let scale_raw = scale.raw();
    let shift_raw = shift.raw();
    let input = input.into();
    let input_raw = match &input {
        Source::Tensor(t) => t.raw(),
        Source::InPlace => output_raw,
    };
    // SAFETY: handles and pointers are good during the call; see the crate's documentation for what comes after.
    inner.check(unsafe { (inner.api.hipinfer_adaln)(inner.handle, &output_raw, &input_raw, &scale_raw, &shift_raw, options.eps, options.rms as i32, stream.as_raw()) })
}

/// Options of [`append_paged_kv_cache`].
#[derive(Debug)]
pub struct AppendPagedKvCacheOptions<'a> {
    /// `any shape of one element`, f32; last dimension contiguous, other strides free; read. fp8 caches: what
    /// a unit of k\_cache stands for, in device memory; left out it is 1.
    pub k_scale: Option<TensorRef<'a>>,
    /// `any shape of one element`, f32; last dimension contiguous, other strides free; read. fp8 caches: what
    /// a unit of v\_cache stands for, in device memory; left out it is 1.
    pub v_scale: Option<TensorRef<'a>>,
}

impl Default for AppendPagedKvCacheOptions<'_> {
    fn default() -> Self {
        AppendPagedKvCacheOptions {
            k_scale: None,
            v_scale: None,
        }
    }
}

/// Writes new keys and values to their places in a paged cache, quantised where the cache is fp8.
///
/// ```text
/// k_cache[page, slot] = append_key[t], v_cache[page, slot] = append_value[t], with b = batch_indices[t],
///     page = kv_indices[kv_indptr[b] + positions[t] / S] and slot = positions[t] mod S; in a cache of fp8
///     saturate(round(append_key[t] / k_scale)) and saturate(round(append_value[t] / v_scale))
/// ```
///
/// where `P` is pages in the cache; `S` is slots (tokens) in a page; any number; `H` is key and value heads;
/// `D` is head dimension; `T` is entries to append; 0 is allowed; `B` is requests; `I` is entries of the page
/// table.
///
/// - `k_cache`: `[P, S, H, D]`, that of data, or e4m3fn, e4m3fnuz, e5m2, e5m2fnuz; last dimension contiguous,
///   other strides free; read and written. Key pages. The layout is the strides': \[pages, slots, heads, D\]
///   (NHD), \[pages, heads, slots, D\] (HND) or one half of a combined tensor are views with these four
///   dimensions. Offsets are 64 bits wide.
/// - `v_cache`: `[P, S, H, D]`, that of data, or e4m3fn, e4m3fnuz, e5m2, e5m2fnuz; last dimension contiguous,
///   other strides free; read and written. Value pages; strides of its own.
/// - `append_key`: `[T, H, D]`, f32, f16, bf16; last dimension contiguous, other strides free; read. New
///   keys.
/// - `append_value`: `[T, H, D]`, f32, f16, bf16; last dimension contiguous, other strides free; read. New
///   values.
/// - `batch_indices`: `[T]`, i32, i64; last dimension contiguous, other strides free; read. Request of each
///   entry. An entry is skipped, and nothing is touched out of bounds, where its request is not in \[0, B),
///   its position is not in \[0, length of the request), or its page is not in \[0, P).
/// - `positions`: `[T]`, i32, i64; last dimension contiguous, other strides free; read. Position of each
///   entry in its request.
/// - `kv_indices`: `[I]`, i32, i64; last dimension contiguous, other strides free; read. Page table: the
///   pages of all requests, one request after the other.
/// - `kv_indptr`: `[B+1]`, i32, i64; last dimension contiguous, other strides free; read. Where each request
///   begins in kv\_indices, in order. A request that ends where it begins or before has no keys.
/// - `kv_last_page_len`: `[B]`, i32, i64; last dimension contiguous, other strides free; read. Slots in use,
///   after the append, in each request's last page, 1 to S: the request's length is (pages - 1) \* S +
///   kv\_last\_page\_len.
/// - `options`: `Default::default()`, or see [`AppendPagedKvCacheOptions`].
///
/// *Aliasing*: none: k\_cache and v\_cache may be views of one tensor, but may not overlap each other or an
/// input. Two entries of one call must not name the same slot, or which of them stays is undefined.
///
/// *Numerics*: A copy, exact, where the cache has the dtype of the keys. fp8: on a GPU x \* (1 / scale), both
/// in fp32, within one unit in the last place of the quotient rounded to nearest even; beyond the largest
/// finite value, infinities too, becomes that value; a NaN stays NaN. Least possible traffic: 2 \* H \* D \*
/// (bytes of data + bytes of cache) a token, and its look-ups (20 bytes and a page number with i32).
///
/// *Errors of its own*: INVALID\_DTYPE when a scale is given and the cache is not fp8; INVALID\_SHAPE when I
/// \* S is 2^31 or more, or H or D more than 2^26.
///
/// *Source*: Meaning of flashinfer.page.append\_paged\_kv\_cache. Since 0.1.
pub fn append_paged_kv_cache(
    stream: &Stream,
    k_cache: &mut TensorMut<'_>,
    v_cache: &mut TensorMut<'_>,
    append_key: &TensorRef<'_>,
    append_value: &TensorRef<'_>,
    batch_indices: &TensorRef<'_>,
    positions: &TensorRef<'_>,
    kv_indices: &TensorRef<'_>,
    kv_indptr: &TensorRef<'_>,
    kv_last_page_len: &TensorRef<'_>,
    options: AppendPagedKvCacheOptions<'_>,
) -> Result<()> {
    let inner = stream.inner();
    let k_cache_raw = k_cache.raw();
    let v_cache_raw = v_cache.raw();
    let append_key_raw = append_key.raw();
    let append_value_raw = append_value.raw();
    let batch_indices_raw = batch_indices.raw();
    let positions_raw = positions.raw();
    let kv_indices_raw = kv_indices.raw();
    let kv_indptr_raw = kv_indptr.raw();
    let kv_last_page_len_raw = kv_last_page_len.raw();
    let k_scale_raw = options.k_scale.as_ref().map(|t| t.raw());
    let v_scale_raw = options.v_scale.as_ref().map(|t| t.raw());
    // SAFETY: handles and pointers are good during the call; see the crate's documentation for what comes after.
    inner.check(unsafe { (inner.api.hipinfer_append_paged_kv_cache)(inner.handle, &k_cache_raw, &v_cache_raw, &append_key_raw, &append_value_raw, &batch_indices_raw, &positions_raw, &kv_indices_raw, &kv_indptr_raw, &kv_last_page_len_raw, pointer(&k_scale_raw), pointer(&v_scale_raw), stream.as_raw()) })
}

/// Writes new latent keys and their rotated parts to their places in the two paged caches of multi-head
/// latent attention.
///
/// ```text
/// ckv_cache[page, slot] = append_ckv[t], kpe_cache[page, slot] = append_kpe[t], with b = batch_indices[t],
///     page = kv_indices[kv_indptr[b] + positions[t] / S] and slot = positions[t] mod S
/// ```
///
/// where `P` is pages in the cache; `S` is slots (tokens) in a page; any number; `T` is entries to append; 0
/// is allowed; `B` is requests; `I` is entries of the page table; `C` is columns of the latent key; 0 is
/// allowed; `R` is columns of its rotated part; 0 is allowed.
///
/// - `ckv_cache`: `[P, S, C]`, f32, f16, bf16; last dimension contiguous, other strides free; read and
///   written. Pages of latent keys, which are values, too. Pages and slots have strides of their own: one
///   part of a tensor \[P, S, C + R\] is a view of it.
/// - `kpe_cache`: `[P, S, R]`, f32, f16, bf16; last dimension contiguous, other strides free; read and
///   written. Pages of the rotated parts; strides of its own.
/// - `append_ckv`: `[T, C]`, f32, f16, bf16; last dimension contiguous, other strides free; read. New latent
///   keys.
/// - `append_kpe`: `[T, R]`, f32, f16, bf16; last dimension contiguous, other strides free; read. Their
///   rotated parts, which all heads share.
/// - `batch_indices`: `[T]`, i32, i64; last dimension contiguous, other strides free; read. Request of each
///   entry. An entry is skipped, and nothing is touched out of bounds, where its request is not in \[0, B),
///   its position is not in \[0, length of the request), or its page is not in \[0, P).
/// - `positions`: `[T]`, i32, i64; last dimension contiguous, other strides free; read. Position of each
///   entry in its request.
/// - `kv_indices`: `[I]`, i32, i64; last dimension contiguous, other strides free; read. Page table: the
///   pages of all requests, one request after the other.
/// - `kv_indptr`: `[B+1]`, i32, i64; last dimension contiguous, other strides free; read. Where each request
///   begins in kv\_indices, in order. A request that ends where it begins or before has no keys.
/// - `kv_last_page_len`: `[B]`, i32, i64; last dimension contiguous, other strides free; read. Slots in use,
///   after the append, in each request's last page, 1 to S: the request's length is (pages - 1) \* S +
///   kv\_last\_page\_len.
///
/// *Aliasing*: none: ckv\_cache and kpe\_cache may be views of one tensor, but may not overlap each other or
/// an input. Two entries of one call must not name the same slot, or which of them stays is undefined.
///
/// *Numerics*: A copy, exact. Least possible traffic: 2 \* (C + R) elements a token, and its look-ups (20
/// bytes and a page number with i32).
///
/// *Errors of its own*: INVALID\_SHAPE when I \* S is 2^31 or more, or C or R more than 2^26.
///
/// *Source*: Meaning of flashinfer.page.append\_paged\_mla\_kv\_cache. Since 0.1.
pub fn append_paged_mla_kv_cache(
    stream: &Stream,
    ckv_cache: &mut TensorMut<'_>,
    kpe_cache: &mut TensorMut<'_>,
    append_ckv: &TensorRef<'_>,
    append_kpe: &TensorRef<'_>,
    batch_indices: &TensorRef<'_>,
    positions: &TensorRef<'_>,
    kv_indices: &TensorRef<'_>,
    kv_indptr: &TensorRef<'_>,
    kv_last_page_len: &TensorRef<'_>,
) -> Result<()> {
    let inner = stream.inner();
    let ckv_cache_raw = ckv_cache.raw();
    let kpe_cache_raw = kpe_cache.raw();
    let append_ckv_raw = append_ckv.raw();
    let append_kpe_raw = append_kpe.raw();
    let batch_indices_raw = batch_indices.raw();
    let positions_raw = positions.raw();
    let kv_indices_raw = kv_indices.raw();
    let kv_indptr_raw = kv_indptr.raw();
    let kv_last_page_len_raw = kv_last_page_len.raw();
    // SAFETY: handles and pointers are good during the call; see the crate's documentation for what comes after.
    inner.check(unsafe { (inner.api.hipinfer_append_paged_mla_kv_cache)(inner.handle, &ckv_cache_raw, &kpe_cache_raw, &append_ckv_raw, &append_kpe_raw, &batch_indices_raw, &positions_raw, &kv_indices_raw, &kv_indptr_raw, &kv_last_page_len_raw, stream.as_raw()) })
}

/// Options of [`apply_penalties`].
#[derive(Debug)]
pub struct ApplyPenaltiesOptions<'a> {
    /// `[T, V]`, i32; last dimension contiguous, other strides free; read. How often each token has been
    /// generated; a negative number is none.
    pub counts: Option<TensorRef<'a>>,
    /// `[T, V]`, bool; last dimension contiguous, other strides free; read. Whether each token is one of the
    /// prompt.
    pub prompt: Option<TensorRef<'a>>,
    /// `[V] or [T, V]`, f32; last dimension contiguous, other strides free; read. What is added to the logits
    /// of all rows, or of each.
    pub bias: Option<TensorRef<'a>>,
    /// `[T]`, f32; last dimension contiguous, other strides free; read. A number for each row, in place of
    /// repetition.
    pub repetitions: Option<TensorRef<'a>>,
    /// `[T]`, f32; last dimension contiguous, other strides free; read. A number for each row, in place of
    /// presence.
    pub presences: Option<TensorRef<'a>>,
    /// `[T]`, f32; last dimension contiguous, other strides free; read. A number for each row, in place of
    /// frequency.
    pub frequencies: Option<TensorRef<'a>>,
    /// from 1e-06 to 1e+06. Divides positive logits and multiplies others, of tokens of the prompt and of
    /// those that were generated; 1 leaves them as they are.
    pub repetition: f32,
    /// from -1e+06 to 1e+06. Subtracted from logits of tokens that were generated.
    pub presence: f32,
    /// from -1e+06 to 1e+06. Subtracted for each time that a token was generated.
    pub frequency: f32,
}

impl Default for ApplyPenaltiesOptions<'_> {
    fn default() -> Self {
        ApplyPenaltiesOptions {
            counts: None,
            prompt: None,
            bias: None,
            repetitions: None,
            presences: None,
            frequencies: None,
            repetition: 1.0,
            presence: 0.0,
            frequency: 0.0,
        }
    }
}

/// Makes tokens that have been seen less likely, and adds a bias to logits.
///
/// ```text
/// c = counts[t,i]; x = logits[t,i]; if c > 0 or prompt[t,i]: x = x / repetition if x > 0, else x *
///     repetition; if c > 0: x = x - (presence + frequency * c); output[t,i] = x + bias[i]
/// ```
///
/// where `T` is rows (tokens); 0 is allowed; `V` is row length (vocabulary); 0 is allowed.
///
/// - `output`: `[T, V]`, f32, f16, bf16; last dimension contiguous, other strides free; written. The changed
///   logits.
/// - `logits`: `[T, V]`, f32, f16, bf16; last dimension contiguous, other strides free; read, or [`InPlace`].
///   Rows of logits.
/// - `options`: `Default::default()`, or see [`ApplyPenaltiesOptions`].
///
/// *Aliasing*: output may be logits, with the same strides.
///
/// *Numerics*: fp32, one rounding to the output's dtype; the quotient is a product with 1 / repetition. What
/// was not seen and has no bias is copied. A tensor that is left out stands for zeros.
///
/// *Source*: Keskar et al. 2019, arXiv:1909.05858, 4.1 (repetition); presence and frequency as in OpenAI's
/// completions interface; the order is vLLM's. Since 0.1.
pub fn apply_penalties<'a>(
    stream: &Stream,
    output: &mut TensorMut<'_>,
    logits: impl Into<Source<'a>>,
    options: ApplyPenaltiesOptions<'_>,
) -> Result<()> {
    let inner = stream.inner();
    let output_raw = output.raw();
    let counts_raw = options.counts.as_ref().map(|t| t.raw());
    let prompt_raw = options.prompt.as_ref().map(|t| t.raw());
    let bias_raw = options.bias.as_ref().map(|t| t.raw());
    let repetitions_raw = options.repetitions.as_ref().map(|t| t.raw());
    let presences_raw = options.presences.as_ref().map(|t| t.raw());
    let frequencies_raw = options.frequencies.as_ref().map(|t| t.raw());
    let logits = logits.into();
    let logits_raw = match &logits {
        Source::Tensor(t) => t.raw(),
        Source::InPlace => output_raw,
    };
    // SAFETY: handles and pointers are good during the call; see the crate's documentation for what comes after.
    inner.check(unsafe { (inner.api.hipinfer_apply_penalties)(inner.handle, &output_raw, &logits_raw, pointer(&counts_raw), pointer(&prompt_raw), pointer(&bias_raw), pointer(&repetitions_raw), pointer(&presences_raw), pointer(&frequencies_raw), options.repetition, options.presence, options.frequency, stream.as_raw()) })
}

/// Index of the largest element of each row.
///
/// ```text
/// output[t] = the lowest i with input[t,i] = max over j of input[t,j]
/// ```
///
/// where `T` is rows (tokens); 0 is allowed; `V` is row length (vocabulary), from 1.
///
/// - `output`: `[T]`, i32, i64; last dimension contiguous, other strides free; written. An index into each
///   row, always in range.
/// - `input`: `[T, V]`, f32, f16, bf16; last dimension contiguous, other strides free; read. The rows to
///   search.
///
/// *Aliasing*: output may not overlap input.
///
/// *Numerics*: Exact. A NaN is never chosen; a row of nothing but NaN gives 0. +0 and -0 are equal.
///
/// *Errors of its own*: INVALID\_SHAPE when V is 0, or V - 1 does not fit in the dtype of output.
///
/// *Source*: Greedy decoding; meaning of torch.argmax(input, -1), save that torch chooses a NaN. Since 0.1.
pub fn argmax(
    stream: &Stream,
    output: &mut TensorMut<'_>,
    input: &TensorRef<'_>,
) -> Result<()> {
    let inner = stream.inner();
    let output_raw = output.raw();
    let input_raw = input.raw();
    // SAFETY: handles and pointers are good during the call; see the crate's documentation for what comes after.
    inner.check(unsafe { (inner.api.hipinfer_argmax)(inner.handle, &output_raw, &input_raw, stream.as_raw()) })
}

/// Converts a tensor of any shape to another floating-point dtype.
///
/// ```text
/// output = input, in the dtype of output
/// ```
///
/// - `output`: `any shape, the same for all`, f32, f16, bf16, e4m3fn, e4m3fnuz, e5m2, e5m2fnuz; any strides;
///   written. The converted elements; no two of them share memory.
/// - `input`: `any shape, the same for all`, f32, f16, bf16, e4m3fn, e4m3fnuz, e5m2, e5m2fnuz; any strides;
///   read. The elements to convert; a stride of 0 repeats one.
///
/// *Aliasing*: output may not overlap input.
///
/// *Numerics*: Exact where the output's dtype holds the value, else rounded once, to nearest even; what is
/// too large becomes infinity, a NaN stays a NaN. The fp8 dtypes saturate: what is beyond the largest finite
/// value, infinities too, becomes that value; a NaN becomes the NaN without a sign; fnuz has no -0.
///
/// *Source*: IEEE 754-2019, 5.4.2 formatOf-convertFormat, roundTiesToEven; meaning of torch.Tensor.to(dtype),
/// with saturation in fp8; OCP 8-bit Floating Point Specification 1.0; Noune et al. 2022, arXiv:2206.02915
/// (fnuz). Since 0.1.
pub fn cast(
    stream: &Stream,
    output: &mut TensorMut<'_>,
    input: &TensorRef<'_>,
) -> Result<()> {
    let inner = stream.inner();
    let output_raw = output.raw();
    let input_raw = input.raw();
    // SAFETY: handles and pointers are good during the call; see the crate's documentation for what comes after.
    inner.check(unsafe { (inner.api.hipinfer_cast)(inner.handle, &output_raw, &input_raw, stream.as_raw()) })
}

/// Masks the attention scores of keys that come after their query.
///
/// ```text
/// output[b,h,q,k] = value if k > q + (K - Q), else input[b,h,q,k]
/// ```
///
/// where `B` is requests; 0 is allowed; `H` is heads; 0 is allowed; `Q` is queries; 0 is allowed; `K` is
/// keys; 0 is allowed.
///
/// - `output`: `[B, H, Q, K]`, f32, f16, bf16; last dimension contiguous, other strides free; written. The
///   masked scores.
/// - `input`: `[B, H, Q, K]`, f32, f16, bf16; last dimension contiguous, other strides free; read, or
///   [`InPlace`]. The scores.
/// - `value`: any value. What masked scores become, usually -infinity; NaN is allowed.
///
/// *Aliasing*: output may be input, with the same strides.
///
/// *Numerics*: Scores are copied bit for bit; value is rounded once, to nearest even, to the dtype.
///
/// *Source*: The causal mask of Vaswani et al. 2017, arXiv:1706.03762, aligned to the end: the last query
/// sees every key. With Q \> K the first Q - K rows are masked whole. Since 0.1.
pub fn causal_mask<'a>(
    stream: &Stream,
    output: &mut TensorMut<'_>,
    input: impl Into<Source<'a>>,
    value: f32,
) -> Result<()> {
    let inner = stream.inner();
    let output_raw = output.raw();
    let input = input.into();
    let input_raw = match &input {
        Source::Tensor(t) => t.raw(),
        Source::InPlace => output_raw,
    };
    // SAFETY: handles and pointers are good during the call; see the crate's documentation for what comes after.
    inner.check(unsafe { (inner.api.hipinfer_causal_mask)(inner.handle, &output_raw, &input_raw, value, stream.as_raw()) })
}

/// Options of [`chain_speculative_sampling`].
#[derive(Debug)]
pub struct ChainSpeculativeSamplingOptions<'a> {
    /// `[B]`, bool; last dimension contiguous, other strides free; written. Whether the last token could be
    /// sampled: false, with a 0 in its place, where the target has no probability above 0 there.
    pub valid: Option<TensorMut<'a>>,
    /// `[B]`, i32; last dimension contiguous, other strides free; read and written. The number of places at
    /// which the draft's token is agreed with, whatever is before it, is added.
    pub accepted: Option<TensorMut<'a>>,
    /// `[B]`, i32; last dimension contiguous, other strides free; read and written. e is added.
    pub emitted: Option<TensorMut<'a>>,
    /// `[2] or [B, 2]`, i64; last dimension contiguous, other strides free; read. Seed and offset in device
    /// memory, for all requests or for each, in place of the arguments: a captured graph replays with what
    /// they hold then.
    pub philox: Option<TensorRef<'a>>,
    /// any value. Key of the random generator.
    pub seed: u64,
    /// any value. Counter of the random generator: one call uses one value for all its outputs, so add 1 a
    /// call.
    pub offset: u64,
}

impl Default for ChainSpeculativeSamplingOptions<'_> {
    fn default() -> Self {
        ChainSpeculativeSamplingOptions {
            valid: None,
            accepted: None,
            emitted: None,
            philox: None,
            seed: 0,
            offset: 0,
        }
    }
}

/// Keeps the tokens of a draft that the target model agrees with, up to the first that it does not, and
/// samples one more.
///
/// ```text
/// q = draft_probs[b], p = target_probs[b], d = draft_token_ids[b]; e = the first i with u[i] * q[i,d[i]]
///     >= p[i,d[i]], or N; output[b] = d[0] .. d[e-1], then a token sampled from max(p[e] - q[e], 0), of
///     p[N] where e = N, then -1
/// ```
///
/// where `V` is vocabulary size, from 1 to 2^31 - 1; `B` is requests; 0 is allowed; `N` is tokens of a draft;
/// 0 is allowed.
///
/// - `output`: `[B, N+1]`, i32; last dimension contiguous, other strides free; written. The tokens that are
///   agreed with, one more, and -1 in the places that are left.
/// - `draft_probs`: `[B, N, V]`, f32, f16, bf16; last dimension contiguous, other strides free; read. What
///   the draft's tokens were sampled from.
/// - `draft_token_ids`: `[B, N]`, i32, i64; last dimension contiguous, other strides free; read. The draft's
///   tokens.
/// - `target_probs`: `[B, N+1, V]`, f32, f16, bf16; last dimension contiguous, other strides free; read. The
///   target's probabilities at each place of the draft, and at the one after.
/// - `options`: `Default::default()`, or see [`ChainSpeculativeSamplingOptions`].
///
/// *Aliasing*: none: the outputs may not overlap each other or an input.
///
/// *Numerics*: u\[i\] = the first 24 bits of Philox4x32-10 with key = seed and counter = (offset, c), over
/// 2^24; c has b in its lower 32 bits and i+1 above, so that it is no number that a sampling operation draws
/// with; u \* q and the comparison are exact. The token is sampled as sampling\_from\_probs does, by the
/// first 64 bits of the counter with N+1 there, from differences rounded to fp32; where none is above 0, from
/// p\[e\]. Probabilities below 2^-126 and NaN count as 0. A draft's token that is no index of a row is not
/// agreed with. Bitwise reproducible, and a request's result does not depend on the others.
///
/// *Errors of its own*: INVALID\_SHAPE when V is 0 or more than 2^31 - 1, or N is more than 2^31 - 2.
///
/// *Source*: Chen et al. 2023, arXiv:2302.01318; meaning of flashinfer.sampling.chain\_speculative\_sampling;
/// Philox: Salmon et al. 2011, SC '11. Since 0.1.
pub fn chain_speculative_sampling(
    stream: &Stream,
    output: &mut TensorMut<'_>,
    draft_probs: &TensorRef<'_>,
    draft_token_ids: &TensorRef<'_>,
    target_probs: &TensorRef<'_>,
    options: ChainSpeculativeSamplingOptions<'_>,
) -> Result<()> {
    let inner = stream.inner();
    let output_raw = output.raw();
    let valid_raw = options.valid.as_ref().map(|t| t.raw());
    let draft_probs_raw = draft_probs.raw();
    let draft_token_ids_raw = draft_token_ids.raw();
    let target_probs_raw = target_probs.raw();
    let accepted_raw = options.accepted.as_ref().map(|t| t.raw());
    let emitted_raw = options.emitted.as_ref().map(|t| t.raw());
    let philox_raw = options.philox.as_ref().map(|t| t.raw());
    // SAFETY: handles and pointers are good during the call; see the crate's documentation for what comes after.
    inner.check(unsafe { (inner.api.hipinfer_chain_speculative_sampling)(inner.handle, &output_raw, pointer(&valid_raw), &draft_probs_raw, &draft_token_ids_raw, &target_probs_raw, pointer(&accepted_raw), pointer(&emitted_raw), pointer(&philox_raw), options.seed, options.offset, stream.as_raw()) })
}

/// Options of [`copy_blocks`].
#[derive(Debug)]
pub struct CopyBlocksOptions<'a> {
    /// `[P, S, H, E]`, f32, f16, bf16, e4m3fn, e4m3fnuz, e5m2, e5m2fnuz, i8, u8; last dimension contiguous,
    /// other strides free; read and written. Value pages; strides of its own.
    pub v_cache: Option<TensorMut<'a>>,
}

impl Default for CopyBlocksOptions<'_> {
    fn default() -> Self {
        CopyBlocksOptions {
            v_cache: None,
        }
    }
}

/// Copies whole pages of a KV cache to other pages of it, for requests that part (copy on write).
///
/// ```text
/// k_cache[destination] = k_cache[source] and v_cache[destination] = v_cache[source] for each pair (source,
///     destination) of block_mapping
/// ```
///
/// where `P` is pages in the cache; `S` is slots (tokens) in a page; any number; `H` is key and value heads;
/// `D` is head dimension of keys; `E` is head dimension of values; `N` is pairs; 0 is allowed.
///
/// - `k_cache`: `[P, S, H, D]`, f32, f16, bf16, e4m3fn, e4m3fnuz, e5m2, e5m2fnuz, i8, u8; last dimension
///   contiguous, other strides free; read and written. Key pages. The layout is the strides': \[pages, slots,
///   heads, D\] (NHD), \[pages, heads, slots, D\] (HND) or one half of a combined tensor are views with these
///   four dimensions. Offsets are 64 bits wide.
/// - `block_mapping`: `[N, 2]`, i32, i64; last dimension contiguous, other strides free; read. Pages to copy
///   from and to, in device memory. A pair with a page that is not in \[0, P) is skipped.
/// - `options`: `Default::default()`, or see [`CopyBlocksOptions`].
///
/// *Aliasing*: k\_cache and v\_cache may be views of one tensor, but may not overlap each other. A page that
/// is the destination of one pair may be in no other pair of the call, or what it and the pages copied from
/// it hold stays undefined.
///
/// *Numerics*: A copy, exact. Least possible traffic: 4 \* S \* H \* D elements a pair.
///
/// *Source*: Meaning of vLLM's copy\_blocks, for one layer a call. Since 0.1.
pub fn copy_blocks(
    stream: &Stream,
    k_cache: &mut TensorMut<'_>,
    block_mapping: &TensorRef<'_>,
    options: CopyBlocksOptions<'_>,
) -> Result<()> {
    let inner = stream.inner();
    let k_cache_raw = k_cache.raw();
    let v_cache_raw = options.v_cache.as_ref().map(|t| t.raw());
    let block_mapping_raw = block_mapping.raw();
    // SAFETY: handles and pointers are good during the call; see the crate's documentation for what comes after.
    inner.check(unsafe { (inner.api.hipinfer_copy_blocks)(inner.handle, &k_cache_raw, pointer(&v_cache_raw), &block_mapping_raw, stream.as_raw()) })
}

/// Options of [`dequantize`].
#[derive(Debug, Clone, Copy)]
pub struct DequantizeOptions {
    /// from 0. Rows that share a scale; 0: all of them (per tensor).
    pub group_rows: i64,
    /// from 0. Elements along a row that share a scale; 0: all of them (per token).
    pub group_size: i64,
}

impl Default for DequantizeOptions {
    fn default() -> Self {
        DequantizeOptions {
            group_rows: 1,
            group_size: 0,
        }
    }
}

/// Multiplies fp8 or int8 elements by the scales of their tensor, token, group or block.
///
/// ```text
/// output[t, i] = input[t, i] * scales[t / group_rows, i / group_size]
/// ```
///
/// where `T` is rows (tokens, or a weight's output features); 0 is allowed; `N` is row length; 0 is allowed;
/// `R` is scales down the rows: T / group\_rows, rounded up; `S` is scales along a row: N / group\_size,
/// rounded up.
///
/// - `output`: `[T, N]`, f32, f16, bf16; last dimension contiguous, other strides free; written. The values.
/// - `input`: `[T, N]`, e4m3fn, e4m3fnuz, e5m2, e5m2fnuz, i8; last dimension contiguous, other strides free;
///   read. The quantised elements.
/// - `scales`: `[R] or [R, S] or any shape of one element`, f32; any strides; read. What a unit of the input
///   stands for; \[R\] where S is 1.
/// - `options`: `Default::default()`, or see [`DequantizeOptions`].
///
/// *Aliasing*: output may not overlap input or scales.
///
/// *Numerics*: The product is formed in fp32, and rounded to nearest even to the output's dtype.
///
/// *Errors of its own*: INVALID\_SHAPE when R or S of scales is not what T, N, group\_rows and group\_size
/// give.
///
/// *Source*: The inverse of quantize\_per\_tensor, quantize\_per\_token and quantize\_per\_group; blocks of
/// 128 by 128 as in DeepSeek-AI 2024, arXiv:2412.19437, 3.3.2. Since 0.1.
pub fn dequantize(
    stream: &Stream,
    output: &mut TensorMut<'_>,
    input: &TensorRef<'_>,
    scales: &TensorRef<'_>,
    options: DequantizeOptions,
) -> Result<()> {
    let inner = stream.inner();
    let output_raw = output.raw();
    let input_raw = input.raw();
    let scales_raw = scales.raw();
    // SAFETY: handles and pointers are good during the call; see the crate's documentation for what comes after.
    inner.check(unsafe { (inner.api.hipinfer_dequantize)(inner.handle, &output_raw, &input_raw, &scales_raw, options.group_rows, options.group_size, stream.as_raw()) })
}

/// Gathers rows of a table by index.
///
/// ```text
/// output[t] = table[indices[t]]; a row of zeros where indices[t] < 0, a row of NaN where indices[t] >= V
/// ```
///
/// where `T` is tokens; 0 is allowed; `N` is row length; 0 is allowed; `V` is rows of the table (vocabulary);
/// 0 is allowed.
///
/// - `output`: `[T, N]`, f32, f16, bf16; last dimension contiguous, other strides free; written. The gathered
///   rows.
/// - `table`: `[V, N]`, f32, f16, bf16; last dimension contiguous, other strides free; read. The rows to
///   gather from. Nothing outside them is read.
/// - `indices`: `[T]`, i32, i64; last dimension contiguous, other strides free; read. Row of the table for
///   each token; any value is allowed.
///
/// *Aliasing*: output may not overlap an input.
///
/// *Numerics*: Rows are copied bit for bit.
///
/// *Source*: Meaning of torch.nn.functional.embedding; negative indices are padding, and an index past the
/// table is made visible as NaN in place of a fault. Since 0.1.
pub fn embedding(
    stream: &Stream,
    output: &mut TensorMut<'_>,
    table: &TensorRef<'_>,
    indices: &TensorRef<'_>,
) -> Result<()> {
    let inner = stream.inner();
    let output_raw = output.raw();
    let table_raw = table.raw();
    let indices_raw = indices.raw();
    // SAFETY: handles and pointers are good during the call; see the crate's documentation for what comes after.
    inner.check(unsafe { (inner.api.hipinfer_embedding)(inner.handle, &output_raw, &table_raw, &indices_raw, stream.as_raw()) })
}

/// Options of [`fused_add_rmsnorm`].
#[derive(Debug, Clone, Copy)]
pub struct FusedAddRmsnormOptions {
    /// from 0 to 3.4e+38. Added to the mean of squares, to keep a zero row finite; no unit.
    pub eps: f32,
}

impl Default for FusedAddRmsnormOptions {
    fn default() -> Self {
        FusedAddRmsnormOptions {
            eps: 1e-06,
        }
    }
}

/// Adds the input to the residual stream and normalises the sum, in place in both.
///
/// ```text
/// sum = input + residual; residual = sum; input = sum / sqrt(mean(sum^2) + eps) * weight
/// ```
///
/// where `T` is rows (tokens); 0 is allowed; `N` is row length, from 1.
///
/// - `input`: `[T, N]`, f32, f16, bf16; last dimension contiguous, other strides free; read and written. What
///   a layer adds to the stream; afterwards the normalised rows.
/// - `residual`: `[T, N]`, f32, f16, bf16; last dimension contiguous, other strides free; read and written.
///   The residual stream; afterwards the sum.
/// - `weight`: `[N]`, that of data, or f32; last dimension contiguous, other strides free; read. Gain of each
///   column.
/// - `options`: `Default::default()`, or see [`FusedAddRmsnormOptions`].
///
/// *Aliasing*: input, residual and weight may not overlap.
///
/// *Numerics*: The sum is formed in fp32 and rounded once when residual is stored; the norm uses the
/// unrounded sum. Squares are summed in fp32 in a fixed order. Bitwise reproducible, and a row's result does
/// not depend on the other rows.
///
/// *Errors of its own*: INVALID\_SHAPE when N is 0: rows of length 0 have no mean.
///
/// *Source*: Zhang and Sennrich 2019, arXiv:1910.07467; meaning of flashinfer.norm.fused\_add\_rmsnorm. Since
/// 0.1.
pub fn fused_add_rmsnorm(
    stream: &Stream,
    input: &mut TensorMut<'_>,
    residual: &mut TensorMut<'_>,
    weight: &TensorRef<'_>,
    options: FusedAddRmsnormOptions,
) -> Result<()> {
    let inner = stream.inner();
    let input_raw = input.raw();
    let residual_raw = residual.raw();
    let weight_raw = weight.raw();
    // SAFETY: handles and pointers are good during the call; see the crate's documentation for what comes after.
    inner.check(unsafe { (inner.api.hipinfer_fused_add_rmsnorm)(inner.handle, &input_raw, &residual_raw, &weight_raw, options.eps, stream.as_raw()) })
}

/// Options of [`fused_add_rmsnorm_dynamic_quant`].
#[derive(Debug, Clone, Copy)]
pub struct FusedAddRmsnormDynamicQuantOptions {
    /// from 0 to 3.4e+38. Added to the mean of squares, to keep a zero row finite; no unit.
    pub eps: f32,
}

impl Default for FusedAddRmsnormDynamicQuantOptions {
    fn default() -> Self {
        FusedAddRmsnormDynamicQuantOptions {
            eps: 1e-06,
        }
    }
}

/// Adds the input to the residual stream, in place, and normalises the sum into an output that is quantised
/// with a scale for each row.
///
/// ```text
/// sum = input + residual; residual = sum; v = sum / sqrt(mean(sum^2) + eps) * weight; scales = max|v| /
///     largest; output = round(v / scales)
/// ```
///
/// where `T` is rows (tokens); 0 is allowed; `N` is row length, from 1.
///
/// - `output`: `[T, N]`, e4m3fn, e4m3fnuz, e5m2, e5m2fnuz, i8; last dimension contiguous, other strides free;
///   written. Normalised rows, quantised.
/// - `scales`: `[T]`, f32; any strides; written. What a unit of each row stands for.
/// - `input`: `[T, N]`, f32, f16, bf16; last dimension contiguous, other strides free; read. What a layer
///   adds to the stream.
/// - `residual`: `[T, N]`, f32, f16, bf16; last dimension contiguous, other strides free; read and written.
///   The residual stream; afterwards the sum.
/// - `weight`: `[N]`, that of data, or f32; last dimension contiguous, other strides free; read. Gain of each
///   column.
/// - `options`: `Default::default()`, or see [`FusedAddRmsnormDynamicQuantOptions`].
///
/// *Aliasing*: No two tensors may overlap.
///
/// *Numerics*: The sum is formed in fp32 and rounded once when residual is stored; the norm uses the
/// unrounded sum. Squares are summed in fp32 in a fixed order. Quantised is the fp32 result, not one rounded
/// to the input's dtype. The scale is the largest magnitude of the row / the largest finite value of the
/// output's dtype (127 of i8), 2^-126 at least; a NaN has no part in it and becomes NaN (0 in i8), an
/// infinity makes the scale infinite. On a GPU values are multiplied by 1 / scale: within one unit in the
/// last place of the quotient rounded to nearest even. Bitwise reproducible, and a row's result does not
/// depend on the other rows.
///
/// *Errors of its own*: INVALID\_SHAPE when N is 0: rows of length 0 have no mean.
///
/// *Source*: Zhang and Sennrich 2019, arXiv:1910.07467; fused\_add\_rmsnorm, quantised as by vLLM's
/// rms\_norm\_dynamic\_per\_token\_quant with a residual. Since 0.1.
pub fn fused_add_rmsnorm_dynamic_quant(
    stream: &Stream,
    output: &mut TensorMut<'_>,
    scales: &mut TensorMut<'_>,
    input: &TensorRef<'_>,
    residual: &mut TensorMut<'_>,
    weight: &TensorRef<'_>,
    options: FusedAddRmsnormDynamicQuantOptions,
) -> Result<()> {
    let inner = stream.inner();
    let output_raw = output.raw();
    let scales_raw = scales.raw();
    let input_raw = input.raw();
    let residual_raw = residual.raw();
    let weight_raw = weight.raw();
    // SAFETY: handles and pointers are good during the call; see the crate's documentation for what comes after.
    inner.check(unsafe { (inner.api.hipinfer_fused_add_rmsnorm_dynamic_quant)(inner.handle, &output_raw, &scales_raw, &input_raw, &residual_raw, &weight_raw, options.eps, stream.as_raw()) })
}

/// Options of [`fused_add_rmsnorm_quant`].
#[derive(Debug, Clone, Copy)]
pub struct FusedAddRmsnormQuantOptions {
    /// from 0 to 3.4e+38. Added to the mean of squares, to keep a zero row finite; no unit.
    pub eps: f32,
}

impl Default for FusedAddRmsnormQuantOptions {
    fn default() -> Self {
        FusedAddRmsnormQuantOptions {
            eps: 1e-06,
        }
    }
}

/// Adds the input to the residual stream, in place, and normalises the sum into an output that is quantised
/// with one scale.
///
/// ```text
/// sum = input + residual; residual = sum; v = sum / sqrt(mean(sum^2) + eps) * weight; output =
///     saturate(round(v / scale))
/// ```
///
/// where `T` is rows (tokens); 0 is allowed; `N` is row length, from 1.
///
/// - `output`: `[T, N]`, e4m3fn, e4m3fnuz, e5m2, e5m2fnuz; last dimension contiguous, other strides free;
///   written. Normalised rows, quantised.
/// - `input`: `[T, N]`, f32, f16, bf16; last dimension contiguous, other strides free; read. What a layer
///   adds to the stream.
/// - `residual`: `[T, N]`, f32, f16, bf16; last dimension contiguous, other strides free; read and written.
///   The residual stream; afterwards the sum.
/// - `weight`: `[N]`, that of data, or f32; last dimension contiguous, other strides free; read. Gain of each
///   column.
/// - `scale`: `any shape of one element`, f32; last dimension contiguous, other strides free; read. What a
///   unit of the output stands for, in device memory.
/// - `options`: `Default::default()`, or see [`FusedAddRmsnormQuantOptions`].
///
/// *Aliasing*: No two tensors may overlap.
///
/// *Numerics*: The sum is formed in fp32 and rounded once when residual is stored; the norm uses the
/// unrounded sum. Squares are summed in fp32 in a fixed order. Quantised is the fp32 result, not one rounded
/// to the input's dtype. On a GPU it is multiplied by 1 / scale: within one unit in the last place of the
/// quotient rounded to nearest even; saturated at the largest finite value of the output's dtype. A NaN
/// becomes NaN. Bitwise reproducible, and a row's result does not depend on the other rows.
///
/// *Errors of its own*: INVALID\_SHAPE when N is 0: rows of length 0 have no mean.
///
/// *Source*: Zhang and Sennrich 2019, arXiv:1910.07467; meaning of
/// flashinfer.norm.fused\_add\_rmsnorm\_quant. Since 0.1.
///
/// # Safety
///
/// Taken on trust when the work runs: A scale of 0 or a subnormal one divides to infinities and NaN; nothing
/// else comes of it.
pub unsafe fn fused_add_rmsnorm_quant(
    stream: &Stream,
    output: &mut TensorMut<'_>,
    input: &TensorRef<'_>,
    residual: &mut TensorMut<'_>,
    weight: &TensorRef<'_>,
    scale: &TensorRef<'_>,
    options: FusedAddRmsnormQuantOptions,
) -> Result<()> {
    let inner = stream.inner();
    let output_raw = output.raw();
    let input_raw = input.raw();
    let residual_raw = residual.raw();
    let weight_raw = weight.raw();
    let scale_raw = scale.raw();
    // SAFETY: handles and pointers are good during the call; see the crate's documentation for what comes after.
    inner.check(unsafe { (inner.api.hipinfer_fused_add_rmsnorm_quant)(inner.handle, &output_raw, &input_raw, &residual_raw, &weight_raw, &scale_raw, options.eps, stream.as_raw()) })
}

/// The first half of a SwiGLU feed-forward layer in one pass: products with two transposed weights, one gated
/// by the other.
///
/// ```text
/// output[m, n] = silu(sum over k of input[m, k] * gate[n, k]) * (sum over k of input[m, k] * up[n, k]),
///     silu(g) = g / (1 + exp(-g))
/// ```
///
/// where `M` is rows (tokens); 0 is allowed; `N` is output features; 0 is allowed; `K` is input features; 0
/// is allowed and gives bias + residual.
///
/// - `output`: `[M, N]`, that of data, or f32; last dimension contiguous, other strides free; written. The
///   gated product.
/// - `input`: `[M, K]`, f32, f16, bf16; last dimension contiguous, other strides free; read. Activations.
///   Fastest when every row begins at a multiple of 16 bytes.
/// - `gate`: `[N, K]`, f32, f16, bf16; last dimension contiguous, other strides free; read. Weight of the
///   gate, a row for each output feature. Fastest when every row begins at a multiple of 16 bytes.
/// - `up`: `[N, K]`, f32, f16, bf16; last dimension contiguous, other strides free; read. Weight of what is
///   gated, likewise.
///
/// *Aliasing*: none: no two tensors may overlap where one is written.
///
/// *Numerics*: Both products are summed as gemm sums them, then gated in fp32, then one rounding. Bitwise
/// reproducible. What gemm says of a row's result and M, of BATCH\_INVARIANT and of gfx90a's subnormal values
/// holds here. The error of silu is that of silu\_and\_mul.
///
/// *Source*: Shazeer 2020, GLU Variants Improve Transformer. Since 0.1.
pub fn gate_up_swiglu(
    stream: &Stream,
    output: &mut TensorMut<'_>,
    input: &TensorRef<'_>,
    gate: &TensorRef<'_>,
    up: &TensorRef<'_>,
) -> Result<()> {
    let inner = stream.inner();
    let output_raw = output.raw();
    let input_raw = input.raw();
    let gate_raw = gate.raw();
    let up_raw = up.raw();
    // SAFETY: handles and pointers are good during the call; see the crate's documentation for what comes after.
    inner.check(unsafe { (inner.api.hipinfer_gate_up_swiglu)(inner.handle, &output_raw, &input_raw, &gate_raw, &up_raw, stream.as_raw()) })
}

/// Options of [`gated_residual_rmsnorm`].
#[derive(Debug)]
pub struct GatedResidualRmsnormOptions<'a> {
    /// `[T, N]`, f32, f16, bf16; last dimension contiguous, other strides free; written. Its norm.
    pub normed: Option<TensorMut<'a>>,
    /// `[N]`, that of data, or f32; last dimension contiguous, other strides free; read. Gain of each column
    /// of the branch, applied before its norm.
    pub weight: Option<TensorRef<'a>>,
    /// `[N]`, f32; last dimension contiguous, other strides free; read. Gate of each column of the stream;
    /// ones if left out.
    pub alpha: Option<TensorRef<'a>>,
    /// `[N]`, f32; last dimension contiguous, other strides free; read. Gate of each column of the branch;
    /// ones if left out.
    pub beta: Option<TensorRef<'a>>,
    /// `[N]`, that of data, or f32; last dimension contiguous, other strides free; read. Gain of each column
    /// of normed.
    pub next_weight: Option<TensorRef<'a>>,
    /// from -3.4e+38 to 3.4e+38. Multiplies the stream.
    pub factor: f32,
    /// from 0 to 3.4e+38. Added to the mean of squares, to keep a zero row finite; no unit.
    pub eps: f32,
    /// from 0 to 3.4e+38. As eps, of the second norm.
    pub next_eps: f32,
    /// from -3.4e+38 to 3.4e+38. Added to every weight, in fp32: 1 for weights stored as differences from it.
    pub gain: f32,
    /// from -3.4e+38 to 3.4e+38. Added to every next\_weight.
    pub next_gain: f32,
}

impl Default for GatedResidualRmsnormOptions<'_> {
    fn default() -> Self {
        GatedResidualRmsnormOptions {
            normed: None,
            weight: None,
            alpha: None,
            beta: None,
            next_weight: None,
            factor: 1.0,
            eps: 1e-06,
            next_eps: 1e-06,
            gain: 0.0,
            next_gain: 0.0,
        }
    }
}

/// Adds what a branch gives, normalised and gated, to a gated residual stream; and, if wanted, normalises the
/// sum for the next layer.
///
/// ```text
/// u = branch * (weight + gain), or branch without weight; s = factor * alpha * residual + beta * u /
///     sqrt(mean(u^2) + eps); output = s; normed = s / sqrt(mean(s^2) + next_eps) * (next_weight +
///     next_gain), or not multiplied without next_weight
/// ```
///
/// where `T` is rows (tokens); 0 is allowed; `N` is row length, from 1.
///
/// - `output`: `[T, N]`, that of data, or f32; last dimension contiguous, other strides free; written. The
///   residual stream with the branch in it.
/// - `branch`: `[T, N]`, f32, f16, bf16; last dimension contiguous, other strides free; read. What a layer
///   gives.
/// - `residual`: `[T, N]`, that of data, or f32; last dimension contiguous, other strides free; read, or
///   [`InPlace`]. The residual stream.
/// - `options`: `Default::default()`, or see [`GatedResidualRmsnormOptions`].
///
/// *Aliasing*: output may be residual, with the same strides.
///
/// *Numerics*: Squares are summed in fp32 in a fixed order; s is rounded once when output is stored, and
/// normed is of the unrounded s; one rounding, to the output's dtype. Bitwise reproducible, and a row's
/// result does not depend on the other rows.
///
/// *Errors of its own*: INVALID\_SHAPE when N is 0: rows of length 0 have no mean.
///
/// *Source*: Zhang and Sennrich 2019, arXiv:1910.07467; meaning of flashinfer.norm.gated\_residual\_rmsnorm
/// and gated\_residual\_next\_rmsnorm. Since 0.1.
pub fn gated_residual_rmsnorm<'a>(
    stream: &Stream,
    output: &mut TensorMut<'_>,
    branch: &TensorRef<'_>,
    residual: impl Into<Source<'a>>,
    options: GatedResidualRmsnormOptions<'_>,
) -> Result<()> {
    let inner = stream.inner();
    let output_raw = output.raw();
    let normed_raw = options.normed.as_ref().map(|t| t.raw());
    let branch_raw = branch.raw();
    let weight_raw = options.weight.as_ref().map(|t| t.raw());
    let alpha_raw = options.alpha.as_ref().map(|t| t.raw());
    let beta_raw = options.beta.as_ref().map(|t| t.raw());
    let next_weight_raw = options.next_weight.as_ref().map(|t| t.raw());
    let residual = residual.into();
    let residual_raw = match &residual {
        Source::Tensor(t) => t.raw(),
        Source::InPlace => output_raw,
    };
    // SAFETY: handles and pointers are good during the call; see the crate's documentation for what comes after.
    inner.check(unsafe { (inner.api.hipinfer_gated_residual_rmsnorm)(inner.handle, &output_raw, pointer(&normed_raw), &branch_raw, &residual_raw, pointer(&weight_raw), pointer(&alpha_raw), pointer(&beta_raw), pointer(&next_weight_raw), options.factor, options.eps, options.next_eps, options.gain, options.next_gain, stream.as_raw()) })
}

/// What a norm is multiplied by, of a gate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum NormGate {
    /// 1 / (1 + exp(-x))
    Sigmoid = 0,
    /// x / (1 + exp(-x))
    Silu = 1,
}

/// Options of [`gated_rmsnorm`].
#[derive(Debug)]
pub struct GatedRmsnormOptions<'a> {
    /// `[N]`, that of data, or f32; last dimension contiguous, other strides free; read. Gain of each column;
    /// ones if left out.
    pub weight: Option<TensorRef<'a>>,
    /// from 0 to 3.4e+38. Added to the mean of squares, to keep a zero row finite; no unit.
    pub eps: f32,
    /// What is taken of the gate.
    pub activation: NormGate,
}

impl Default for GatedRmsnormOptions<'_> {
    fn default() -> Self {
        GatedRmsnormOptions {
            weight: None,
            eps: 1e-06,
            activation: NormGate::Sigmoid,
        }
    }
}

/// Root-mean-square normalisation of each row, times sigmoid or silu of a gate.
///
/// ```text
/// output = input / sqrt(mean(input^2) + eps) * weight * activation(gate), activation sigmoid(x) = 1 / (1 +
///     exp(-x)) or silu(x) = x / (1 + exp(-x))
/// ```
///
/// where `T` is rows (tokens); 0 is allowed; `H` is heads: with three dimensions every head is a row
/// (per-head QK norm); `N` is row length, from 1.
///
/// - `output`: `[T, N] or [T, H, N]`, f32, f16, bf16; last dimension contiguous, other strides free; written.
///   Normalised and gated rows.
/// - `input`: `[T, N] or [T, H, N]`, f32, f16, bf16; last dimension contiguous, other strides free; read, or
///   [`InPlace`]. Rows to normalise.
/// - `gate`: `[T, N] or [T, H, N]`, f32, f16, bf16; last dimension contiguous, other strides free; read. What
///   each element's gate is the activation of.
/// - `options`: `Default::default()`, or see [`GatedRmsnormOptions`].
///
/// *Aliasing*: output may be input, with the same strides; it may not overlap gate or weight.
///
/// *Numerics*: Squares are summed in fp32 in a fixed order; one rounding, to the output's dtype. Below gate =
/// -87.3 a result may be 0. Bitwise reproducible, and a row's result does not depend on the other rows.
///
/// *Errors of its own*: INVALID\_SHAPE when N is 0: rows of length 0 have no mean.
///
/// *Source*: Zhang and Sennrich 2019, arXiv:1910.07467; the norm of gated linear attention (Qwen3-Next, Mamba
/// 2); meaning of flashinfer.norm.rmsnorm\_sigmoid\_gate. Since 0.1.
pub fn gated_rmsnorm<'a>(
    stream: &Stream,
    output: &mut TensorMut<'_>,
    input: impl Into<Source<'a>>,
    gate: &TensorRef<'_>,
    options: GatedRmsnormOptions<'_>,
) -> Result<()> {
    let inner = stream.inner();
    let output_raw = output.raw();
    let gate_raw = gate.raw();
    let weight_raw = options.weight.as_ref().map(|t| t.raw());
    let input = input.into();
    let input_raw = match &input {
        Source::Tensor(t) => t.raw(),
        Source::InPlace => output_raw,
    };
    // SAFETY: handles and pointers are good during the call; see the crate's documentation for what comes after.
    inner.check(unsafe { (inner.api.hipinfer_gated_rmsnorm)(inner.handle, &output_raw, &input_raw, &gate_raw, pointer(&weight_raw), options.eps, options.activation as i32, stream.as_raw()) })
}

/// GEGLU on a packed projection: gelu (by erf) of the first half of each row times the second half.
///
/// ```text
/// output[t,i] = gelu(input[t,i]) * input[t,N+i], gelu(x) = x * (1 + erf(x / sqrt(2))) / 2
/// ```
///
/// where `T` is tokens; 0 is allowed; `N` is length of an output row; 0 is allowed.
///
/// - `output`: `[T, N]`, f32, f16, bf16; last dimension contiguous, other strides free; written. The gated
///   rows.
/// - `input`: `[T, 2*N]`, f32, f16, bf16; last dimension contiguous, other strides free; read. Each row: N
///   gate values, then the N values that they gate.
///
/// *Aliasing*: output may not overlap input.
///
/// *Numerics*: fp32, one rounding to the dtype. gelu is within 2e-6 relative, of 16-bit inputs within 3e-5,
/// down to x = -12; from there, where it nears fp32's smallest numbers, it becomes -0, at the latest below
/// -14.5. A gelu of 0 times an infinity is NaN, and so is gelu(-infinity), as the formula has it.
///
/// *Source*: Shazeer 2020, arXiv:2002.05202; Hendrycks and Gimpel 2016, arXiv:1606.08415; meaning of
/// flashinfer.activation.gelu\_and\_mul. Since 0.1.
pub fn gelu_and_mul(
    stream: &Stream,
    output: &mut TensorMut<'_>,
    input: &TensorRef<'_>,
) -> Result<()> {
    let inner = stream.inner();
    let output_raw = output.raw();
    let input_raw = input.raw();
    // SAFETY: handles and pointers are good during the call; see the crate's documentation for what comes after.
    inner.check(unsafe { (inner.api.hipinfer_gelu_and_mul)(inner.handle, &output_raw, &input_raw, stream.as_raw()) })
}

/// GEGLU on a packed projection: gelu (by erf) of the first half of each row times the second half, quantised
/// with a scale for each row.
///
/// ```text
/// v = gelu(input[t,i]) * input[t,N+i]; scales[t] = max|v[t]| / largest; output[t,i] = round(v /
///     scales[t]); gelu(x) = x * (1 + erf(x / sqrt(2))) / 2
/// ```
///
/// where `T` is tokens; 0 is allowed; `N` is length of an output row; 0 is allowed.
///
/// - `output`: `[T, N]`, e4m3fn, e4m3fnuz, e5m2, e5m2fnuz, i8; last dimension contiguous, other strides free;
///   written. The gated rows, quantised.
/// - `scales`: `[T]`, f32; last dimension contiguous, other strides free; written. What a unit of each row
///   stands for.
/// - `input`: `[T, 2*N]`, f32, f16, bf16; last dimension contiguous, other strides free; read. Each row: N
///   gate values, then the N values that they gate.
///
/// *Aliasing*: output and scales may not overlap input or each other.
///
/// *Numerics*: The scale is the largest magnitude of the row / the largest finite value of the output's dtype
/// (127 of i8), 2^-126 at least; a NaN has no part in it and becomes NaN (0 in i8), an infinity makes the
/// scale infinite. On a GPU values are multiplied by 1 / scale: within one unit in the last place of the
/// quotient rounded to nearest even. Bitwise reproducible, and a row's result does not depend on the other
/// rows. gelu is within 2e-6 relative, of 16-bit inputs within 3e-5, down to x = -12; from there, where it
/// nears fp32's smallest numbers, it becomes -0, at the latest below -14.5. A gelu of 0 times an infinity is
/// NaN, and so is gelu(-infinity), as the formula has it.
///
/// *Source*: Shazeer 2020, arXiv:2002.05202; Hendrycks and Gimpel 2016, arXiv:1606.08415; meaning of
/// flashinfer.activation.gelu\_and\_mul, quantised as by quantize\_per\_token. Since 0.1.
pub fn gelu_and_mul_dynamic_quant(
    stream: &Stream,
    output: &mut TensorMut<'_>,
    scales: &mut TensorMut<'_>,
    input: &TensorRef<'_>,
) -> Result<()> {
    let inner = stream.inner();
    let output_raw = output.raw();
    let scales_raw = scales.raw();
    let input_raw = input.raw();
    // SAFETY: handles and pointers are good during the call; see the crate's documentation for what comes after.
    inner.check(unsafe { (inner.api.hipinfer_gelu_and_mul_dynamic_quant)(inner.handle, &output_raw, &scales_raw, &input_raw, stream.as_raw()) })
}

/// GEGLU on a packed projection: gelu (by erf) of the first half of each row times the second half, quantised
/// with one scale.
///
/// ```text
/// output[t,i] = saturate(round(gelu(input[t,i]) * input[t,N+i] / scale)), gelu(x) = x * (1 + erf(x /
///     sqrt(2))) / 2
/// ```
///
/// where `T` is tokens; 0 is allowed; `N` is length of an output row; 0 is allowed.
///
/// - `output`: `[T, N]`, e4m3fn, e4m3fnuz, e5m2, e5m2fnuz, i8; last dimension contiguous, other strides free;
///   written. The gated rows, quantised.
/// - `input`: `[T, 2*N]`, f32, f16, bf16; last dimension contiguous, other strides free; read. Each row: N
///   gate values, then the N values that they gate.
/// - `scale`: `any shape of one element`, f32; last dimension contiguous, other strides free; read. What a
///   unit of the output stands for, in device memory.
///
/// *Aliasing*: output may not overlap input.
///
/// *Numerics*: On a GPU the value times 1 / scale, both in fp32: within one unit in the last place of the
/// quotient rounded to nearest even; saturated at the largest finite value of the output's dtype. A NaN
/// becomes NaN, and 0 in i8. gelu is within 2e-6 relative, of 16-bit inputs within 3e-5, down to x = -12;
/// from there, where it nears fp32's smallest numbers, it becomes -0, at the latest below -14.5. A gelu of 0
/// times an infinity is NaN, and so is gelu(-infinity), as the formula has it.
///
/// *Source*: Shazeer 2020, arXiv:2002.05202; Hendrycks and Gimpel 2016, arXiv:1606.08415; meaning of
/// flashinfer.activation.gelu\_and\_mul, quantised as by quantize\_per\_tensor. Since 0.1.
pub fn gelu_and_mul_quant(
    stream: &Stream,
    output: &mut TensorMut<'_>,
    input: &TensorRef<'_>,
    scale: &TensorRef<'_>,
) -> Result<()> {
    let inner = stream.inner();
    let output_raw = output.raw();
    let input_raw = input.raw();
    let scale_raw = scale.raw();
    // SAFETY: handles and pointers are good during the call; see the crate's documentation for what comes after.
    inner.check(unsafe { (inner.api.hipinfer_gelu_and_mul_quant)(inner.handle, &output_raw, &input_raw, &scale_raw, stream.as_raw()) })
}

/// GEGLU on a packed projection: the tanh approximation of gelu of the first half of each row times the
/// second half.
///
/// ```text
/// output[t,i] = gelu_tanh(input[t,i]) * input[t,N+i], gelu_tanh(x) = x * (1 + tanh(sqrt(2 / pi) * (x +
///     0.044715 x^3))) / 2
/// ```
///
/// where `T` is tokens; 0 is allowed; `N` is length of an output row; 0 is allowed.
///
/// - `output`: `[T, N]`, f32, f16, bf16; last dimension contiguous, other strides free; written. The gated
///   rows.
/// - `input`: `[T, 2*N]`, f32, f16, bf16; last dimension contiguous, other strides free; read. Each row: N
///   gate values, then the N values that they gate.
///
/// *Aliasing*: output may not overlap input.
///
/// *Numerics*: fp32, one rounding to the dtype. Computed as x / (1 + exp(-2u)), u the argument of tanh: no
/// difference from 1 is taken. It is within 2e-5 relative down to x = -10; from there, where exp(-2u) nears
/// fp32's largest numbers, it becomes -0, at the latest below -10.07. A gelu of 0 times an infinity is NaN,
/// and so is gelu\_tanh(-infinity), as the formula has it.
///
/// *Source*: Shazeer 2020, arXiv:2002.05202; Hendrycks and Gimpel 2016, arXiv:1606.08415; meaning of
/// flashinfer.activation.gelu\_tanh\_and\_mul. Since 0.1.
pub fn gelu_tanh_and_mul(
    stream: &Stream,
    output: &mut TensorMut<'_>,
    input: &TensorRef<'_>,
) -> Result<()> {
    let inner = stream.inner();
    let output_raw = output.raw();
    let input_raw = input.raw();
    // SAFETY: handles and pointers are good during the call; see the crate's documentation for what comes after.
    inner.check(unsafe { (inner.api.hipinfer_gelu_tanh_and_mul)(inner.handle, &output_raw, &input_raw, stream.as_raw()) })
}

/// GEGLU on a packed projection: the tanh approximation of gelu of the first half of each row times the
/// second half, quantised with a scale for each row.
///
/// ```text
/// v = gelu_tanh(input[t,i]) * input[t,N+i]; scales[t] = max|v[t]| / largest; output[t,i] = round(v /
///     scales[t]); gelu_tanh(x) = x * (1 + tanh(sqrt(2 / pi) * (x + 0.044715 x^3))) / 2
/// ```
///
/// where `T` is tokens; 0 is allowed; `N` is length of an output row; 0 is allowed.
///
/// - `output`: `[T, N]`, e4m3fn, e4m3fnuz, e5m2, e5m2fnuz, i8; last dimension contiguous, other strides free;
///   written. The gated rows, quantised.
/// - `scales`: `[T]`, f32; last dimension contiguous, other strides free; written. What a unit of each row
///   stands for.
/// - `input`: `[T, 2*N]`, f32, f16, bf16; last dimension contiguous, other strides free; read. Each row: N
///   gate values, then the N values that they gate.
///
/// *Aliasing*: output and scales may not overlap input or each other.
///
/// *Numerics*: The scale is the largest magnitude of the row / the largest finite value of the output's dtype
/// (127 of i8), 2^-126 at least; a NaN has no part in it and becomes NaN (0 in i8), an infinity makes the
/// scale infinite. On a GPU values are multiplied by 1 / scale: within one unit in the last place of the
/// quotient rounded to nearest even. Bitwise reproducible, and a row's result does not depend on the other
/// rows. Computed as x / (1 + exp(-2u)), u the argument of tanh: no difference from 1 is taken. It is within
/// 2e-5 relative down to x = -10; from there, where exp(-2u) nears fp32's largest numbers, it becomes -0, at
/// the latest below -10.07. A gelu of 0 times an infinity is NaN, and so is gelu\_tanh(-infinity), as the
/// formula has it.
///
/// *Source*: Shazeer 2020, arXiv:2002.05202; Hendrycks and Gimpel 2016, arXiv:1606.08415; meaning of
/// flashinfer.activation.gelu\_tanh\_and\_mul, quantised as by quantize\_per\_token. Since 0.1.
pub fn gelu_tanh_and_mul_dynamic_quant(
    stream: &Stream,
    output: &mut TensorMut<'_>,
    scales: &mut TensorMut<'_>,
    input: &TensorRef<'_>,
) -> Result<()> {
    let inner = stream.inner();
    let output_raw = output.raw();
    let scales_raw = scales.raw();
    let input_raw = input.raw();
    // SAFETY: handles and pointers are good during the call; see the crate's documentation for what comes after.
    inner.check(unsafe { (inner.api.hipinfer_gelu_tanh_and_mul_dynamic_quant)(inner.handle, &output_raw, &scales_raw, &input_raw, stream.as_raw()) })
}

/// GEGLU on a packed projection: the tanh approximation of gelu of the first half of each row times the
/// second half, quantised with one scale.
///
/// ```text
/// output[t,i] = saturate(round(gelu_tanh(input[t,i]) * input[t,N+i] / scale)), gelu_tanh(x) = x * (1 +
///     tanh(sqrt(2 / pi) * (x + 0.044715 x^3))) / 2
/// ```
///
/// where `T` is tokens; 0 is allowed; `N` is length of an output row; 0 is allowed.
///
/// - `output`: `[T, N]`, e4m3fn, e4m3fnuz, e5m2, e5m2fnuz, i8; last dimension contiguous, other strides free;
///   written. The gated rows, quantised.
/// - `input`: `[T, 2*N]`, f32, f16, bf16; last dimension contiguous, other strides free; read. Each row: N
///   gate values, then the N values that they gate.
/// - `scale`: `any shape of one element`, f32; last dimension contiguous, other strides free; read. What a
///   unit of the output stands for, in device memory.
///
/// *Aliasing*: output may not overlap input.
///
/// *Numerics*: On a GPU the value times 1 / scale, both in fp32: within one unit in the last place of the
/// quotient rounded to nearest even; saturated at the largest finite value of the output's dtype. A NaN
/// becomes NaN, and 0 in i8. Computed as x / (1 + exp(-2u)), u the argument of tanh: no difference from 1 is
/// taken. It is within 2e-5 relative down to x = -10; from there, where exp(-2u) nears fp32's largest
/// numbers, it becomes -0, at the latest below -10.07. A gelu of 0 times an infinity is NaN, and so is
/// gelu\_tanh(-infinity), as the formula has it.
///
/// *Source*: Shazeer 2020, arXiv:2002.05202; Hendrycks and Gimpel 2016, arXiv:1606.08415; meaning of
/// flashinfer.activation.gelu\_tanh\_and\_mul, quantised as by quantize\_per\_tensor. Since 0.1.
pub fn gelu_tanh_and_mul_quant(
    stream: &Stream,
    output: &mut TensorMut<'_>,
    input: &TensorRef<'_>,
    scale: &TensorRef<'_>,
) -> Result<()> {
    let inner = stream.inner();
    let output_raw = output.raw();
    let input_raw = input.raw();
    let scale_raw = scale.raw();
    // SAFETY: handles and pointers are good during the call; see the crate's documentation for what comes after.
    inner.check(unsafe { (inner.api.hipinfer_gelu_tanh_and_mul_quant)(inner.handle, &output_raw, &input_raw, &scale_raw, stream.as_raw()) })
}

/// What a linear layer applies to its sums.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum GemmActivation {
    /// nothing
    None = 0,
    /// max(x, 0); a NaN stays one
    Relu = 1,
    /// x / (1 + exp(-x))
    Silu = 2,
    /// x Phi(x), Phi the normal distribution
    Gelu = 3,
    /// gelu's approximation by tanh
    GeluTanh = 4,
}

/// Options of [`gemm`].
#[derive(Debug)]
pub struct GemmOptions<'a> {
    /// `[N]`, f32, f16, bf16; last dimension contiguous, other strides free; read. Added to every row.
    pub bias: Option<TensorRef<'a>>,
    /// `[B, M, N] or [M, N]`, that of data, or f32; last dimension contiguous, other strides free; read, or
    /// [`InPlace`]. Added to the product before it is rounded.
    pub residual: Option<Source<'a>>,
    /// Applied to the product and bias, before the residual is added.
    pub activation: GemmActivation,
}

impl Default for GemmOptions<'_> {
    fn default() -> Self {
        GemmOptions {
            bias: None,
            residual: None,
            activation: GemmActivation::None,
        }
    }
}

/// Matrix product with a transposed weight (a linear layer), with optional bias, activation and residual; of
/// one matrix or of a batch.
///
/// ```text
/// output[b, m, n] = activation(sum over k of input[b, m, k] * weight[b, n, k] + bias[n]) + residual[b, m,
///     n]
/// ```
///
/// where `B` is matrices of a batch; 0 is allowed; `M` is rows (tokens); 0 is allowed; `N` is output
/// features; 0 is allowed; `K` is input features; 0 is allowed and gives bias + residual.
///
/// - `output`: `[B, M, N] or [M, N]`, that of data, or f32; last dimension contiguous, other strides free;
///   written. The product.
/// - `input`: `[B, M, K] or [M, K]`, f32, f16, bf16; last dimension contiguous, other strides free; read.
///   Activations. Fastest when every row begins at a multiple of 16 bytes.
/// - `weight`: `[B, N, K] or [N, K]`, f32, f16, bf16; last dimension contiguous, other strides free; read.
///   Weight, a row for each output feature. Fastest when every row begins at a multiple of 16 bytes.
/// - `options`: `Default::default()`, or see [`GemmOptions`].
///
/// *Aliasing*: output may be residual, with the same strides; it may not overlap another input.
///
/// *Numerics*: Products are summed in fp32 in a fixed order that does not depend on N; bias, activation and
/// residual are in fp32 too, then one rounding, to the output's dtype. Errors of the activations are those of
/// silu\_and\_mul, gelu\_and\_mul and gelu\_tanh\_and\_mul. Bitwise reproducible. A row's result depends on M
/// only through the order of summation: calls of few rows are served by kernels of their own, and where tiles
/// are few the waves of a block share out k, or on sm\_90 two blocks. In a BATCH\_INVARIANT context none of
/// this is done, and a row's result does not depend on M. A partial sum past fp32's range becomes infinite.
/// On gfx90a the matrix units read subnormal f16 and bf16 values as zero.
///
/// *Source*: y = x Wᵀ + b of torch.nn.functional.linear; both operands are contiguous in k. Without a first
/// dimension: one matrix. Since 0.1.
pub fn gemm(
    stream: &Stream,
    output: &mut TensorMut<'_>,
    input: &TensorRef<'_>,
    weight: &TensorRef<'_>,
    options: GemmOptions<'_>,
) -> Result<()> {
    let inner = stream.inner();
    let output_raw = output.raw();
    let input_raw = input.raw();
    let weight_raw = weight.raw();
    let bias_raw = options.bias.as_ref().map(|t| t.raw());
    let residual_raw = match &options.residual {
        Some(Source::Tensor(t)) => Some(t.raw()),
        Some(Source::InPlace) => Some(output_raw),
        None => None,
    };
    let c_options = sys::hipinfer_gemm_options {
        struct_size: size_of::<sys::hipinfer_gemm_options>(),
        activation: options.activation as i32,
    };
    // SAFETY: handles and pointers are good during the call; see the crate's documentation for what comes after.
    inner.check(unsafe { (inner.api.hipinfer_gemm)(inner.handle, &output_raw, &input_raw, &weight_raw, pointer(&bias_raw), pointer(&residual_raw), &c_options, stream.as_raw()) })
}

/// Options of [`gemm_grouped`].
#[derive(Debug)]
pub struct GemmGroupedOptions<'a> {
    /// `[G]`, i32, i64; last dimension contiguous, other strides free; read. Which weight a segment has; left
    /// out there are as many weights as segments, in order.
    pub weight_indices: Option<TensorRef<'a>>,
    /// `[M, N]`, that of data, or f32; last dimension contiguous, other strides free; read, or [`InPlace`].
    /// Added to the product before it is rounded.
    pub residual: Option<Source<'a>>,
    /// Applied to the product and bias, before the residual is added.
    pub activation: GemmActivation,
}

impl Default for GemmGroupedOptions<'_> {
    fn default() -> Self {
        GemmGroupedOptions {
            weight_indices: None,
            residual: None,
            activation: GemmActivation::None,
        }
    }
}

/// Matrix products of segments of rows with a transposed weight each (experts, adapters), with optional
/// activation and residual; a segment may be empty.
///
/// ```text
/// output[m, n] = activation(sum over k of input[m, k] * weight[w, n, k]) + residual[m, n] for m from
///     indptr[g] to before indptr[g+1], w = weight_indices[g], or g without weight_indices
/// ```
///
/// where `M` is rows (tokens); 0 is allowed; `N` is output features; 0 is allowed; `K` is input features; 0
/// is allowed and gives bias + residual; `G` is segments of rows; 0 is allowed; `W` is weights; 0 is allowed.
///
/// - `output`: `[M, N]`, that of data, or f32; last dimension contiguous, other strides free; written. The
///   products.
/// - `input`: `[M, K]`, f32, f16, bf16; last dimension contiguous, other strides free; read. Activations, the
///   rows of a segment side by side. Fastest when every row begins at a multiple of 16 bytes.
/// - `weight`: `[W, N, K]`, f32, f16, bf16; any strides; read. Weights, a row for each output feature. Fast
///   where rows are contiguous, fastest when every row begins at a multiple of 16 bytes.
/// - `indptr`: `[G+1]`, i32, i64; last dimension contiguous, other strides free; read. Where each segment's
///   rows begin, and where the last one's end.
/// - `options`: `Default::default()`, or see [`GemmGroupedOptions`].
///
/// *Aliasing*: output may be residual, with the same strides; it may not overlap another input.
///
/// *Numerics*: A segment's products are summed as gemm sums them; activation and residual are in fp32 too,
/// then one rounding, to the output's dtype. Bitwise reproducible. A row's result depends on M and G only
/// through the order of summation: where segments have few rows in the mean, kernels of their own serve, and
/// on sm\_90 two blocks may share out k. In a BATCH\_INVARIANT context neither is done, and a row's result
/// depends on no other row. On gfx90a the matrix units read subnormal f16 and bf16 values as zero. Rows
/// before indptr\[0\] and from indptr\[G\] on are not written, nor those of a segment whose weight index is
/// out of range. Offsets are cut to 0 and M; where they do not ascend, which of several segments writes a row
/// is not fixed.
///
/// *Errors of its own*: INVALID\_SHAPE when weight\_indices is left out, and W is not G.
///
/// *Source*: Chen and others 2023, Punica, arXiv:2310.18547 (segments of rows, a weight each); FlashInfer's
/// SegmentGEMMWrapper and grouped\_mm\_bf16. Since 0.1.
pub fn gemm_grouped(
    stream: &Stream,
    output: &mut TensorMut<'_>,
    input: &TensorRef<'_>,
    weight: &TensorRef<'_>,
    indptr: &TensorRef<'_>,
    options: GemmGroupedOptions<'_>,
) -> Result<()> {
    let inner = stream.inner();
    let output_raw = output.raw();
    let input_raw = input.raw();
    let weight_raw = weight.raw();
    let indptr_raw = indptr.raw();
    let weight_indices_raw = options.weight_indices.as_ref().map(|t| t.raw());
    let residual_raw = match &options.residual {
        Some(Source::Tensor(t)) => Some(t.raw()),
        Some(Source::InPlace) => Some(output_raw),
        None => None,
    };
    let c_options = sys::hipinfer_gemm_grouped_options {
        struct_size: size_of::<sys::hipinfer_gemm_grouped_options>(),
        activation: options.activation as i32,
    };
    // SAFETY: handles and pointers are good during the call; see the crate's documentation for what comes after.
    inner.check(unsafe { (inner.api.hipinfer_gemm_grouped)(inner.handle, &output_raw, &input_raw, &weight_raw, &indptr_raw, pointer(&weight_indices_raw), pointer(&residual_raw), &c_options, stream.as_raw()) })
}

/// Options of [`gemm_grouped_scaled`].
#[derive(Debug)]
pub struct GemmGroupedScaledOptions<'a> {
    /// `[P, Q] or any shape of one element`, f32; any strides; read. What a unit of input stands for, in all
    /// of it, in each row, in 128 elements of all rows, or in 128 elements of each row; left out it is 1.
    pub input_scale: Option<TensorRef<'a>>,
    /// `[W, R, S] or any shape of one element`, f32; any strides; read. What a unit of weight stands for, in
    /// all of them, in each weight, in each row, in 128 rows, or in 128 elements of all rows or of 128; left
    /// out it is 1. Scales of each row go with input scales of all of it or of each row.
    pub weight_scale: Option<TensorRef<'a>>,
    /// `[G]`, i32, i64; last dimension contiguous, other strides free; read. Which weight a segment has; left
    /// out there are as many weights as segments, in order.
    pub weight_indices: Option<TensorRef<'a>>,
    /// `[M, N]`, bf16, f16, f32; last dimension contiguous, other strides free; read, or [`InPlace`]. Added
    /// to the product before it is rounded.
    pub residual: Option<Source<'a>>,
    /// Applied to the product and bias, before the residual is added.
    pub activation: GemmActivation,
}

impl Default for GemmGroupedScaledOptions<'_> {
    fn default() -> Self {
        GemmGroupedScaledOptions {
            input_scale: None,
            weight_scale: None,
            weight_indices: None,
            residual: None,
            activation: GemmActivation::None,
        }
    }
}

/// Matrix products of segments of rows of fp8 or int8 with a transposed weight each and scales (quantised
/// experts), with optional activation and residual; a segment may be empty.
///
/// ```text
/// output[m, n] = activation(sum over k of (input_scale * input[m, k]) * (weight_scale * weight[w, n, k]))
///     + residual[m, n] for m from indptr[g] to before indptr[g+1], w = weight_indices[g], or g without
///     weight_indices; input_scale of the tensor, of row m, or of 128 elements of it; weight_scale of all
///     weights, of a weight, of row n of it, of 128 rows, or of 128 elements of 128 rows
/// ```
///
/// where `M` is rows (tokens); 0 is allowed; `N` is output features; 0 is allowed; `K` is input features; 0
/// is allowed and gives bias + residual; `G` is segments of rows; 0 is allowed; `W` is weights; 0 is allowed;
/// `P` is 1, or M; `Q` is 1, or K / 128 rounded up; `R` is 1, N, or N / 128 rounded up; `S` is 1, or K / 128
/// rounded up.
///
/// - `output`: `[M, N]`, bf16, f16, f32; last dimension contiguous, other strides free; written. The
///   products.
/// - `input`: `[M, K]`, e4m3fn, e4m3fnuz, i8; last dimension contiguous, other strides free; read. Quantised
///   activations, the rows of a segment side by side. Fastest when every row begins at a multiple of 16
///   bytes.
/// - `weight`: `[W, N, K]`, e4m3fn, e4m3fnuz, i8; any strides; read. Quantised weights, a row for each output
///   feature. Fast where rows are contiguous, fastest when every row begins at a multiple of 16 bytes.
/// - `indptr`: `[G+1]`, i32, i64; last dimension contiguous, other strides free; read. Where each segment's
///   rows begin, and where the last one's end.
/// - `options`: `Default::default()`, or see [`GemmGroupedScaledOptions`].
///
/// *Aliasing*: output may be residual, with the same strides; it may not overlap another input.
///
/// *Numerics*: A segment's products are summed and scaled as gemm\_scaled does it. What gemm\_grouped says of
/// a row's result and the other rows, of BATCH\_INVARIANT, of rows that are not written and of offsets that
/// do not ascend holds here, and what gemm\_scaled says of encodings.
///
/// *Errors of its own*: INVALID\_SHAPE when weight\_indices is left out, and W is not G; INVALID\_SHAPE when
/// P, Q, R or S is none of the extents that it may be; INVALID\_SHAPE when weight\_scale is of each row, and
/// it or input\_scale also of 128 elements; INVALID\_SHAPE when input is i8, no scale is of 128 elements, and
/// K is above 131071: sums would not fit 32 bits.
///
/// *Source*: FlashInfer's group\_gemm\_fp8\_nt\_groupwise; DeepSeek-AI 2024, arXiv:2412.19437, 3.3.2. Since
/// 0.1.
pub fn gemm_grouped_scaled(
    stream: &Stream,
    output: &mut TensorMut<'_>,
    input: &TensorRef<'_>,
    weight: &TensorRef<'_>,
    indptr: &TensorRef<'_>,
    options: GemmGroupedScaledOptions<'_>,
) -> Result<()> {
    let inner = stream.inner();
    let output_raw = output.raw();
    let input_raw = input.raw();
    let weight_raw = weight.raw();
    let input_scale_raw = options.input_scale.as_ref().map(|t| t.raw());
    let weight_scale_raw = options.weight_scale.as_ref().map(|t| t.raw());
    let indptr_raw = indptr.raw();
    let weight_indices_raw = options.weight_indices.as_ref().map(|t| t.raw());
    let residual_raw = match &options.residual {
        Some(Source::Tensor(t)) => Some(t.raw()),
        Some(Source::InPlace) => Some(output_raw),
        None => None,
    };
    let c_options = sys::hipinfer_gemm_grouped_scaled_options {
        struct_size: size_of::<sys::hipinfer_gemm_grouped_scaled_options>(),
        activation: options.activation as i32,
    };
    // SAFETY: handles and pointers are good during the call; see the crate's documentation for what comes after.
    inner.check(unsafe { (inner.api.hipinfer_gemm_grouped_scaled)(inner.handle, &output_raw, &input_raw, &weight_raw, pointer(&input_scale_raw), pointer(&weight_scale_raw), &indptr_raw, pointer(&weight_indices_raw), pointer(&residual_raw), &c_options, stream.as_raw()) })
}

/// Options of [`gemm_scaled`].
#[derive(Debug)]
pub struct GemmScaledOptions<'a> {
    /// `[B, P, Q] or [P, Q] or any shape of one element`, f32; any strides; read. What a unit of input stands
    /// for, in all of it, in each row, in 128 elements of all rows, or in 128 elements of each row; left out
    /// it is 1.
    pub input_scale: Option<TensorRef<'a>>,
    /// `[B, R, S] or [R, S] or any shape of one element`, f32; any strides; read. What a unit of weight
    /// stands for, in all of it, in each row, in 128 rows, or in 128 elements of all rows or of 128; left out
    /// it is 1. Scales of each row go with input scales of all of it or of each row.
    pub weight_scale: Option<TensorRef<'a>>,
    /// `[N]`, bf16, f16, f32; last dimension contiguous, other strides free; read. Added to every row.
    pub bias: Option<TensorRef<'a>>,
    /// `[B, M, N] or [M, N]`, bf16, f16, f32; last dimension contiguous, other strides free; read, or
    /// [`InPlace`]. Added to the product before it is rounded.
    pub residual: Option<Source<'a>>,
    /// Applied to the product and bias, before the residual is added.
    pub activation: GemmActivation,
}

impl Default for GemmScaledOptions<'_> {
    fn default() -> Self {
        GemmScaledOptions {
            input_scale: None,
            weight_scale: None,
            bias: None,
            residual: None,
            activation: GemmActivation::None,
        }
    }
}

/// Matrix product of fp8 or int8 operands with scales (a quantised linear layer), with optional bias,
/// activation and residual; of one matrix or of a batch.
///
/// ```text
/// output[b, m, n] = activation(sum over k of (input_scale * input[b, m, k]) * (weight_scale * weight[b, n,
///     k]) + bias[n]) + residual[b, m, n], input_scale of the tensor, of row m, or of 128 elements of it;
///     weight_scale of the tensor, of row n, of 128 rows, or of 128 elements of 128 rows
/// ```
///
/// where `B` is matrices of a batch; 0 is allowed; `M` is rows (tokens); 0 is allowed; `N` is output
/// features; 0 is allowed; `K` is input features; 0 is allowed and gives bias + residual; `P` is 1, or M; `Q`
/// is 1, or K / 128 rounded up; `R` is 1, N, or N / 128 rounded up; `S` is 1, or K / 128 rounded up.
///
/// - `output`: `[B, M, N] or [M, N]`, bf16, f16, f32; last dimension contiguous, other strides free; written.
///   The product.
/// - `input`: `[B, M, K] or [M, K]`, e4m3fn, e4m3fnuz, i8; last dimension contiguous, other strides free;
///   read. Quantised activations. Fastest when every row begins at a multiple of 16 bytes.
/// - `weight`: `[B, N, K] or [N, K]`, e4m3fn, e4m3fnuz, i8; last dimension contiguous, other strides free;
///   read. Quantised weight, a row for each output feature. Fastest when every row begins at a multiple of 16
///   bytes.
/// - `options`: `Default::default()`, or see [`GemmScaledOptions`].
///
/// *Aliasing*: output may be residual, with the same strides; it may not overlap another input.
///
/// *Numerics*: Products are exact. Those of i8 are summed exactly in 32-bit integers, those of fp8 in fp32 in
/// a fixed order that does not depend on N; on sm\_90 128 products of e4m3fn are summed first, 32 at a time,
/// with 13 bits below the largest of what is added at once: an error of about 2^-13 of the sum of the
/// products' magnitudes. Where a scale is of 128 elements, the sum over each 128 is multiplied by the product
/// of its two scales, and the results are added in fp32; otherwise the whole sum is multiplied. Bias,
/// activation and residual are as in gemm, then there is one rounding, to the output's dtype. NaN operands
/// give NaN. Bitwise reproducible. A row's result depends on M only through the order of summation: calls of
/// few rows are served by kernels of their own, and on sm\_90 two blocks may share out k. In a
/// BATCH\_INVARIANT context neither is done, and a row's result does not depend on M. An encoding that a
/// GPU's matrix units do not take is multiplied as one that they do, f16 at most, with the same products:
/// e4m3fn on gfx90a, gfx942, gfx11 and before sm\_89, e4m3fnuz on all but gfx942.
///
/// *Errors of its own*: INVALID\_SHAPE when P, Q, R or S is none of the extents that it may be;
/// INVALID\_SHAPE when weight\_scale is of each row, and it or input\_scale also of 128 elements;
/// INVALID\_SHAPE when input is i8, no scale is of 128 elements, and K is above 131071: sums would not fit 32
/// bits.
///
/// *Source*: torch.\_scaled\_mm; FlashInfer's mm\_fp8, bmm\_fp8 and gemm\_fp8\_nt\_groupwise; DeepSeek-AI
/// 2024, arXiv:2412.19437, 3.3.2 (scales of 1 by 128 and of 128 by 128). Since 0.1.
pub fn gemm_scaled(
    stream: &Stream,
    output: &mut TensorMut<'_>,
    input: &TensorRef<'_>,
    weight: &TensorRef<'_>,
    options: GemmScaledOptions<'_>,
) -> Result<()> {
    let inner = stream.inner();
    let output_raw = output.raw();
    let input_raw = input.raw();
    let weight_raw = weight.raw();
    let input_scale_raw = options.input_scale.as_ref().map(|t| t.raw());
    let weight_scale_raw = options.weight_scale.as_ref().map(|t| t.raw());
    let bias_raw = options.bias.as_ref().map(|t| t.raw());
    let residual_raw = match &options.residual {
        Some(Source::Tensor(t)) => Some(t.raw()),
        Some(Source::InPlace) => Some(output_raw),
        None => None,
    };
    let c_options = sys::hipinfer_gemm_scaled_options {
        struct_size: size_of::<sys::hipinfer_gemm_scaled_options>(),
        activation: options.activation as i32,
    };
    // SAFETY: handles and pointers are good during the call; see the crate's documentation for what comes after.
    inner.check(unsafe { (inner.api.hipinfer_gemm_scaled)(inner.handle, &output_raw, &input_raw, &weight_raw, pointer(&input_scale_raw), pointer(&weight_scale_raw), pointer(&bias_raw), pointer(&residual_raw), &c_options, stream.as_raw()) })
}

/// Options of [`gemma_fused_add_rmsnorm`].
#[derive(Debug, Clone, Copy)]
pub struct GemmaFusedAddRmsnormOptions {
    /// from 0 to 3.4e+38. Added to the mean of squares, to keep a zero row finite; no unit.
    pub eps: f32,
}

impl Default for GemmaFusedAddRmsnormOptions {
    fn default() -> Self {
        GemmaFusedAddRmsnormOptions {
            eps: 1e-06,
        }
    }
}

/// Adds the input to the residual stream and normalises the sum with weights stored as differences from 1, in
/// place in both.
///
/// ```text
/// sum = input + residual; residual = sum; input = sum / sqrt(mean(sum^2) + eps) * (1 + weight)
/// ```
///
/// where `T` is rows (tokens); 0 is allowed; `N` is row length, from 1.
///
/// - `input`: `[T, N]`, f32, f16, bf16; last dimension contiguous, other strides free; read and written. What
///   a layer adds to the stream; afterwards the normalised rows.
/// - `residual`: `[T, N]`, f32, f16, bf16; last dimension contiguous, other strides free; read and written.
///   The residual stream; afterwards the sum.
/// - `weight`: `[N]`, that of data, or f32; last dimension contiguous, other strides free; read. Gain of each
///   column, less 1.
/// - `options`: `Default::default()`, or see [`GemmaFusedAddRmsnormOptions`].
///
/// *Aliasing*: input, residual and weight may not overlap.
///
/// *Numerics*: The sum is formed in fp32 and rounded once when residual is stored; the norm uses the
/// unrounded sum. Squares are summed in fp32 in a fixed order, and 1 + weight is formed in fp32. Bitwise
/// reproducible, and a row's result does not depend on the other rows.
///
/// *Errors of its own*: INVALID\_SHAPE when N is 0: rows of length 0 have no mean.
///
/// *Source*: Zhang and Sennrich 2019, arXiv:1910.07467; meaning of
/// flashinfer.norm.gemma\_fused\_add\_rmsnorm. Since 0.1.
pub fn gemma_fused_add_rmsnorm(
    stream: &Stream,
    input: &mut TensorMut<'_>,
    residual: &mut TensorMut<'_>,
    weight: &TensorRef<'_>,
    options: GemmaFusedAddRmsnormOptions,
) -> Result<()> {
    let inner = stream.inner();
    let input_raw = input.raw();
    let residual_raw = residual.raw();
    let weight_raw = weight.raw();
    // SAFETY: handles and pointers are good during the call; see the crate's documentation for what comes after.
    inner.check(unsafe { (inner.api.hipinfer_gemma_fused_add_rmsnorm)(inner.handle, &input_raw, &residual_raw, &weight_raw, options.eps, stream.as_raw()) })
}

/// Options of [`gemma_rmsnorm`].
#[derive(Debug, Clone, Copy)]
pub struct GemmaRmsnormOptions {
    /// from 0 to 3.4e+38. Added to the mean of squares, to keep a zero row finite; no unit.
    pub eps: f32,
}

impl Default for GemmaRmsnormOptions {
    fn default() -> Self {
        GemmaRmsnormOptions {
            eps: 1e-06,
        }
    }
}

/// Root-mean-square normalisation of each row with weights stored as differences from 1, as Gemma has them.
///
/// ```text
/// output = input / sqrt(mean(input^2) + eps) * (1 + weight)
/// ```
///
/// where `T` is rows (tokens); 0 is allowed; `H` is heads: with three dimensions every head is a row
/// (per-head QK norm); `N` is row length, from 1.
///
/// - `output`: `[T, N] or [T, H, N]`, f32, f16, bf16; last dimension contiguous, other strides free; written.
///   Normalised rows.
/// - `input`: `[T, N] or [T, H, N]`, f32, f16, bf16; last dimension contiguous, other strides free; read, or
///   [`InPlace`]. Rows to normalise.
/// - `weight`: `[N]`, that of data, or f32; last dimension contiguous, other strides free; read. Gain of each
///   column, less 1.
/// - `options`: `Default::default()`, or see [`GemmaRmsnormOptions`].
///
/// *Aliasing*: output may be input, with the same strides; it may not overlap weight.
///
/// *Numerics*: Squares are summed in fp32 in a fixed order, and 1 + weight is formed in fp32; one rounding,
/// to the output's dtype. Bitwise reproducible, and a row's result does not depend on the other rows.
///
/// *Errors of its own*: INVALID\_SHAPE when N is 0: rows of length 0 have no mean.
///
/// *Source*: Zhang and Sennrich 2019, arXiv:1910.07467; meaning of flashinfer.norm.gemma\_rmsnorm. Since 0.1.
pub fn gemma_rmsnorm<'a>(
    stream: &Stream,
    output: &mut TensorMut<'_>,
    input: impl Into<Source<'a>>,
    weight: &TensorRef<'_>,
    options: GemmaRmsnormOptions,
) -> Result<()> {
    let inner = stream.inner();
    let output_raw = output.raw();
    let weight_raw = weight.raw();
    let input = input.into();
    let input_raw = match &input {
        Source::Tensor(t) => t.raw(),
        Source::InPlace => output_raw,
    };
    // SAFETY: handles and pointers are good during the call; see the crate's documentation for what comes after.
    inner.check(unsafe { (inner.api.hipinfer_gemma_rmsnorm)(inner.handle, &output_raw, &input_raw, &weight_raw, options.eps, stream.as_raw()) })
}

/// Request and position of each new token of a ragged batch, as append\_paged\_kv\_cache takes them.
///
/// ```text
/// batch_indices[t] = b and positions[t] = seq_lens[b] - append_indptr[b+1] + t for the request b with
///     append_indptr[b] <= t < append_indptr[b+1]; both -1 where there is none
/// ```
///
/// where `T` is tokens; 0 is allowed; `B` is requests; 0 is allowed.
///
/// - `batch_indices`: `[T]`, i32, i64; last dimension contiguous, other strides free; written. Request of
///   each token, or -1, which append\_paged\_kv\_cache skips.
/// - `positions`: `[T]`, i32, i64; last dimension contiguous, other strides free; written. Position of each
///   token in its request, the last token's being seq\_lens - 1; or -1.
/// - `append_indptr`: `[B+1]`, i32, i64; last dimension contiguous, other strides free; read. Where each
///   request's new tokens begin.
/// - `seq_lens`: `[B]`, i32, i64; last dimension contiguous, other strides free; read. Length of each
///   request, its new tokens included.
///
/// *Aliasing*: none.
///
/// *Numerics*: Integers, exact. Least possible traffic: two numbers a token, and two a request.
///
/// *Source*: Meaning of flashinfer.page.get\_batch\_indices\_positions, which leaves entries of no request as
/// they were. Since 0.1.
///
/// # Safety
///
/// Taken on trust when the work runs: append\_indptr is in order; with one that is not, a token may get any
/// request of the batch, the same on every device, and nothing is touched out of bounds.
pub unsafe fn get_batch_indices_positions(
    stream: &Stream,
    batch_indices: &mut TensorMut<'_>,
    positions: &mut TensorMut<'_>,
    append_indptr: &TensorRef<'_>,
    seq_lens: &TensorRef<'_>,
) -> Result<()> {
    let inner = stream.inner();
    let batch_indices_raw = batch_indices.raw();
    let positions_raw = positions.raw();
    let append_indptr_raw = append_indptr.raw();
    let seq_lens_raw = seq_lens.raw();
    // SAFETY: handles and pointers are good during the call; see the crate's documentation for what comes after.
    inner.check(unsafe { (inner.api.hipinfer_get_batch_indices_positions)(inner.handle, &batch_indices_raw, &positions_raw, &append_indptr_raw, &seq_lens_raw, stream.as_raw()) })
}

/// Lengths of the requests of a paged cache, from its page table.
///
/// ```text
/// seq_lens[b] = (pages - 1) * page_size + kv_last_page_len[b], with pages = kv_indptr[b+1] - kv_indptr[b];
///     0 where pages is not positive
/// ```
///
/// where `B` is requests; 0 is allowed.
///
/// - `seq_lens`: `[B]`, i32, i64; last dimension contiguous, other strides free; written. Keys of each
///   request; what does not fit is cut to the lower 32 bits in i32.
/// - `kv_indptr`: `[B+1]`, i32, i64; last dimension contiguous, other strides free; read. Where each request
///   begins in the page table, in order.
/// - `kv_last_page_len`: `[B]`, i32, i64; last dimension contiguous, other strides free; read, or
///   [`InPlace`]. Slots in use in each request's last page.
/// - `page_size`: from 1. Slots in a page.
///
/// *Aliasing*: seq\_lens may be kv\_last\_page\_len.
///
/// *Numerics*: Integers, exact; a kv\_last\_page\_len outside 0 ... page\_size counts as the nearer of the
/// two, as it does where the table is used. Least possible traffic: four numbers a request.
///
/// *Errors of its own*: ALIASING when seq\_lens is the same memory as kv\_last\_page\_len and their dtypes
/// differ.
///
/// *Source*: Meaning of flashinfer.page.get\_seq\_lens, which gives kv\_last\_page\_len for a request without
/// pages. Since 0.1.
pub fn get_seq_lens<'a>(
    stream: &Stream,
    seq_lens: &mut TensorMut<'_>,
    kv_indptr: &TensorRef<'_>,
    kv_last_page_len: impl Into<Source<'a>>,
    page_size: i64,
) -> Result<()> {
    let inner = stream.inner();
    let seq_lens_raw = seq_lens.raw();
    let kv_indptr_raw = kv_indptr.raw();
    let kv_last_page_len = kv_last_page_len.into();
    let kv_last_page_len_raw = match &kv_last_page_len {
        Source::Tensor(t) => t.raw(),
        Source::InPlace => seq_lens_raw,
    };
    // SAFETY: handles and pointers are good during the call; see the crate's documentation for what comes after.
    inner.check(unsafe { (inner.api.hipinfer_get_seq_lens)(inner.handle, &seq_lens_raw, &kv_indptr_raw, &kv_last_page_len_raw, page_size, stream.as_raw()) })
}

/// Options of [`grouped_top_k`].
#[derive(Debug)]
pub struct GroupedTopKOptions<'a> {
    /// `[E]`, that of data, or f32; last dimension contiguous, other strides free; read. What is added to
    /// each expert's score for the choice; zeros if left out.
    pub bias: Option<TensorRef<'a>>,
    /// from 1 to 1024. Groups that the experts are in; E is a multiple of it.
    pub groups: i32,
    /// from 1 to 1024. Groups whose experts may be chosen.
    pub top_groups: i32,
    /// from -3.4e+38 to 3.4e+38. Multiplies the weights.
    pub scaling: f32,
    /// 0 or 1. Whether a token's weights are divided by their sum.
    pub renormalize: bool,
}

impl Default for GroupedTopKOptions<'_> {
    fn default() -> Self {
        GroupedTopKOptions {
            bias: None,
            groups: 1,
            top_groups: 1,
            scaling: 1.0,
            renormalize: true,
        }
    }
}

/// Experts of each token by the sigmoid of router logits: the best of the best groups, chosen with a bias and
/// weighted without it.
///
/// ```text
/// s = sigmoid(logits[t]); c = s + bias; the groups are E / groups experts each, in order, and a group's
///     score is the sum of its two largest c (of one expert, its c); indices[t] = the K largest c in the
///     top_groups best groups, largest first; w = s of these; weights[t] = w / sum(w) * scaling, without
///     renormalize w * scaling
/// ```
///
/// where `T` is tokens; 0 is allowed; `E` is experts, from 1 to 1024; `K` is experts of a token, from 1.
///
/// - `weights`: `[T, K]`, that of data, or f32; last dimension contiguous, other strides free; written.
///   Weight of each chosen expert.
/// - `indices`: `[T, K]`, i32, i64; last dimension contiguous, other strides free; written. The chosen
///   experts, the largest c first.
/// - `logits`: `[T, E]`, f32, f16, bf16; last dimension contiguous, other strides free; read. What the router
///   gives, before any activation.
/// - `options`: `Default::default()`, or see [`GroupedTopKOptions`].
///
/// *Aliasing*: none: the outputs may not overlap each other or an input.
///
/// *Numerics*: fp32, in a fixed order; one rounding to the dtype of weights. Of equal c, and of equal scores
/// of groups, the lowest index comes first. A c or a sum of two that is NaN counts as -inf, and a logit that
/// is NaN has the weight 0. Where the sum is 0 the weights are 0. Bitwise reproducible, and a token's result
/// does not depend on the other tokens.
///
/// *Errors of its own*: INVALID\_SHAPE when E is 0, K is 0 or more than the experts of top\_groups groups, or
/// E is not a multiple of groups; INVALID\_ARGUMENT when top\_groups is more than groups; UNSUPPORTED when E
/// is more than 1024.
///
/// *Source*: DeepSeek-V3, arXiv:2412.19437, 2.1.2 (routing without an auxiliary loss); meaning of
/// flashinfer.fused\_moe.fused\_topk\_deepseek. Since 0.1.
pub fn grouped_top_k(
    stream: &Stream,
    weights: &mut TensorMut<'_>,
    indices: &mut TensorMut<'_>,
    logits: &TensorRef<'_>,
    options: GroupedTopKOptions<'_>,
) -> Result<()> {
    let inner = stream.inner();
    let weights_raw = weights.raw();
    let indices_raw = indices.raw();
    let logits_raw = logits.raw();
    let bias_raw = options.bias.as_ref().map(|t| t.raw());
    // SAFETY: handles and pointers are good during the call; see the crate's documentation for what comes after.
    inner.check(unsafe { (inner.api.hipinfer_grouped_top_k)(inner.handle, &weights_raw, &indices_raw, &logits_raw, pointer(&bias_raw), options.groups, options.top_groups, options.scaling, options.renormalize as i32, stream.as_raw()) })
}

/// Options of [`layernorm`].
#[derive(Debug)]
pub struct LayernormOptions<'a> {
    /// `[N]`, that of data, or f32; last dimension contiguous, other strides free; read. Gain of each column
    /// (gamma); ones if left out.
    pub weight: Option<TensorRef<'a>>,
    /// `[N]`, that of data, or f32; last dimension contiguous, other strides free; read. What is added to
    /// each column (beta), of the weight's dtype; zeros if left out.
    pub bias: Option<TensorRef<'a>>,
    /// from 0 to 3.4e+38. Added to the mean of squares, to keep a constant row finite; no unit.
    pub eps: f32,
}

impl Default for LayernormOptions<'_> {
    fn default() -> Self {
        LayernormOptions {
            weight: None,
            bias: None,
            eps: 1e-05,
        }
    }
}

/// Layer normalisation of each row, with optional weight and bias.
///
/// ```text
/// output = (input - mean(input)) / sqrt(mean((input - mean(input))^2) + eps) * weight + bias
/// ```
///
/// where `T` is rows (tokens); 0 is allowed; `H` is heads: with three dimensions every head is a row; `N` is
/// row length, from 1.
///
/// - `output`: `[T, N] or [T, H, N]`, f32, f16, bf16; last dimension contiguous, other strides free; written.
///   Normalised rows.
/// - `input`: `[T, N] or [T, H, N]`, f32, f16, bf16; last dimension contiguous, other strides free; read, or
///   [`InPlace`]. Rows to normalise.
/// - `options`: `Default::default()`, or see [`LayernormOptions`].
///
/// *Aliasing*: output may be input, with the same strides; it may not overlap weight or bias.
///
/// *Numerics*: fp32: the mean first, then the squares of the differences from it, each summed in a fixed
/// order; one rounding, to the output's dtype. Bitwise reproducible, and a row's result does not depend on
/// the other rows.
///
/// *Errors of its own*: INVALID\_SHAPE when N is 0: rows of length 0 have no mean.
///
/// *Source*: Ba, Kiros and Hinton 2016, arXiv:1607.06450; meaning of flashinfer.norm.layernorm, whose gamma
/// and beta are f32 weight and bias. Since 0.1.
pub fn layernorm<'a>(
    stream: &Stream,
    output: &mut TensorMut<'_>,
    input: impl Into<Source<'a>>,
    options: LayernormOptions<'_>,
) -> Result<()> {
    let inner = stream.inner();
    let output_raw = output.raw();
    let weight_raw = options.weight.as_ref().map(|t| t.raw());
    let bias_raw = options.bias.as_ref().map(|t| t.raw());
    let input = input.into();
    let input_raw = match &input {
        Source::Tensor(t) => t.raw(),
        Source::InPlace => output_raw,
    };
    // SAFETY: handles and pointers are good during the call; see the crate's documentation for what comes after.
    inner.check(unsafe { (inner.api.hipinfer_layernorm)(inner.handle, &output_raw, &input_raw, pointer(&weight_raw), pointer(&bias_raw), options.eps, stream.as_raw()) })
}

/// Options of [`layernorm_quant`].
#[derive(Debug)]
pub struct LayernormQuantOptions<'a> {
    /// `[N]`, that of data, or f32; last dimension contiguous, other strides free; read. Gain of each column
    /// (gamma); ones if left out.
    pub weight: Option<TensorRef<'a>>,
    /// `[N]`, that of data, or f32; last dimension contiguous, other strides free; read. What is added to
    /// each column (beta), of the weight's dtype; zeros if left out.
    pub bias: Option<TensorRef<'a>>,
    /// from 0 to 3.4e+38. Added to the mean of squares, to keep a constant row finite; no unit.
    pub eps: f32,
}

impl Default for LayernormQuantOptions<'_> {
    fn default() -> Self {
        LayernormQuantOptions {
            weight: None,
            bias: None,
            eps: 1e-05,
        }
    }
}

/// Layer normalisation of each row, with optional weight and bias, quantised with one scale.
///
/// ```text
/// v = (input - mean(input)) / sqrt(mean((input - mean(input))^2) + eps) * weight + bias; output =
///     saturate(round(v / scale))
/// ```
///
/// where `T` is rows (tokens); 0 is allowed; `H` is heads: with three dimensions every head is a row; `N` is
/// row length, from 1.
///
/// - `output`: `[T, N] or [T, H, N]`, e4m3fn, e4m3fnuz, e5m2, e5m2fnuz; last dimension contiguous, other
///   strides free; written. Normalised rows, quantised.
/// - `input`: `[T, N] or [T, H, N]`, f32, f16, bf16; last dimension contiguous, other strides free; read.
///   Rows to normalise.
/// - `scale`: `any shape of one element`, f32; last dimension contiguous, other strides free; read. What a
///   unit of the output stands for, in device memory.
/// - `options`: `Default::default()`, or see [`LayernormQuantOptions`].
///
/// *Aliasing*: No two tensors may overlap.
///
/// *Numerics*: fp32: the mean first, then the squares of the differences from it, each summed in a fixed
/// order. Quantised is the fp32 result, not one rounded to the input's dtype. On a GPU it is multiplied by 1
/// / scale: within one unit in the last place of the quotient rounded to nearest even; saturated at the
/// largest finite value of the output's dtype. A NaN becomes NaN. Bitwise reproducible, and a row's result
/// does not depend on the other rows.
///
/// *Errors of its own*: INVALID\_SHAPE when N is 0: rows of length 0 have no mean.
///
/// *Source*: Ba, Kiros and Hinton 2016, arXiv:1607.06450; layernorm, quantised with one scale. Since 0.1.
///
/// # Safety
///
/// Taken on trust when the work runs: A scale of 0 or a subnormal one divides to infinities and NaN; nothing
/// else comes of it.
pub unsafe fn layernorm_quant(
    stream: &Stream,
    output: &mut TensorMut<'_>,
    input: &TensorRef<'_>,
    scale: &TensorRef<'_>,
    options: LayernormQuantOptions<'_>,
) -> Result<()> {
    let inner = stream.inner();
    let output_raw = output.raw();
    let input_raw = input.raw();
    let weight_raw = options.weight.as_ref().map(|t| t.raw());
    let bias_raw = options.bias.as_ref().map(|t| t.raw());
    let scale_raw = scale.raw();
    // SAFETY: handles and pointers are good during the call; see the crate's documentation for what comes after.
    inner.check(unsafe { (inner.api.hipinfer_layernorm_quant)(inner.handle, &output_raw, &input_raw, pointer(&weight_raw), pointer(&bias_raw), &scale_raw, options.eps, stream.as_raw()) })
}

/// Options of [`masked_softmax`].
#[derive(Debug)]
pub struct MaskedSoftmaxOptions<'a> {
    /// `[B, H, Q, K]`, that of data, or f32, bool; any strides; read. bool: which scores take part. Else what
    /// is added to the scaled scores. Strides of 0 repeat it over requests, heads or queries.
    pub mask: Option<TensorRef<'a>>,
    /// any value. What scores are multiplied by before the mask is added.
    pub scale: f32,
    /// 0 or 1. 1: leave out keys that come after their query, aligned to the end: the last query sees every
    /// key.
    pub causal: bool,
}

impl Default for MaskedSoftmaxOptions<'_> {
    fn default() -> Self {
        MaskedSoftmaxOptions {
            mask: None,
            scale: 1.0,
            causal: false,
        }
    }
}

/// Softmax of scaled and masked attention scores, one pass over the scores.
///
/// ```text
/// output[b,h,q,:] = softmax over k of (input[b,h,q,k] * scale + mask[b,h,q,k]); a score is left out
///     (-infinity) where a bool mask is false, and with causal where k > q + (K - Q)
/// ```
///
/// where `B` is requests; 0 is allowed; `H` is heads; 0 is allowed; `Q` is queries; 0 is allowed; `K` is
/// keys; 0 is allowed.
///
/// - `output`: `[B, H, Q, K]`, f32, f16, bf16; last dimension contiguous, other strides free; written.
///   Probabilities.
/// - `input`: `[B, H, Q, K]`, f32, f16, bf16; last dimension contiguous, other strides free; read, or
///   [`InPlace`]. Scores.
/// - `options`: `Default::default()`, or see [`MaskedSoftmaxOptions`].
///
/// *Aliasing*: output may be input, with the same strides.
///
/// *Numerics*: fp32 in a fixed order, one rounding to the dtype. A row whose scores are all left out, or
/// -infinity, is zeros; a row with a NaN or +infinity that is not left out is NaN. Bitwise reproducible, and
/// a row's result does not depend on the other rows. Least possible traffic: 2 \* K elements a row and its
/// mask; causal rows read only what they see.
///
/// *Source*: Vaswani et al. 2017, arXiv:1706.03762; meaning of torch.softmax(input \* scale + mask, -1), but
/// zeros for rows that see nothing; the causal mask is that of causal\_mask. Since 0.1.
pub fn masked_softmax<'a>(
    stream: &Stream,
    output: &mut TensorMut<'_>,
    input: impl Into<Source<'a>>,
    options: MaskedSoftmaxOptions<'_>,
) -> Result<()> {
    let inner = stream.inner();
    let output_raw = output.raw();
    let mask_raw = options.mask.as_ref().map(|t| t.raw());
    let input = input.into();
    let input_raw = match &input {
        Source::Tensor(t) => t.raw(),
        Source::InPlace => output_raw,
    };
    // SAFETY: handles and pointers are good during the call; see the crate's documentation for what comes after.
    inner.check(unsafe { (inner.api.hipinfer_masked_softmax)(inner.handle, &output_raw, &input_raw, pointer(&mask_raw), options.scale, options.causal as i32, stream.as_raw()) })
}

/// Options of [`merge_state`].
#[derive(Debug)]
pub struct MergeStateOptions<'a> {
    /// `[T, H]`, f32; any strides; written. Logarithm, base 2, of the sum of the exponentials of both.
    pub lse: Option<TensorMut<'a>>,
}

impl Default for MergeStateOptions<'_> {
    fn default() -> Self {
        MergeStateOptions {
            lse: None,
        }
    }
}

/// Merges what attention over two sets of keys gave, as if it had been over both.
///
/// ```text
/// lse = log2(2^s_a + 2^s_b), output = (2^s_a * v_a + 2^s_b * v_b) / 2^lse
/// ```
///
/// where `T` is tokens; 0 is allowed; `D` is head dimension; 0 is allowed; `H` is heads; 0 is allowed.
///
/// - `output`: `[T, H, D]`, f32, f16, bf16; last dimension contiguous, other strides free; written. The
///   merged values.
/// - `v_a`: `[T, H, D]`, f32, f16, bf16; last dimension contiguous, other strides free; read. What attention
///   over the first keys gave.
/// - `s_a`: `[T, H]`, f32; any strides; read. Its lse.
/// - `v_b`: `[T, H, D]`, f32, f16, bf16; last dimension contiguous, other strides free; read. What attention
///   over the other keys gave.
/// - `s_b`: `[T, H]`, f32; any strides; read. Its lse.
/// - `options`: `Default::default()`, or see [`MergeStateOptions`].
///
/// *Aliasing*: none: the outputs may not overlap each other or an input.
///
/// *Numerics*: fp32, one rounding of each result. A state whose logarithm is -inf has no part, whatever its
/// values are; where all are so, the result is zeros and -inf. A NaN or +inf logarithm gives NaN. Bitwise
/// reproducible, and a row's result does not depend on the other rows.
///
/// *Source*: Partial results as of Dao et al. 2022, arXiv:2205.14135; meaning of
/// flashinfer.cascade.merge\_state. Since 0.1.
pub fn merge_state(
    stream: &Stream,
    output: &mut TensorMut<'_>,
    v_a: &TensorRef<'_>,
    s_a: &TensorRef<'_>,
    v_b: &TensorRef<'_>,
    s_b: &TensorRef<'_>,
    options: MergeStateOptions<'_>,
) -> Result<()> {
    let inner = stream.inner();
    let output_raw = output.raw();
    let lse_raw = options.lse.as_ref().map(|t| t.raw());
    let v_a_raw = v_a.raw();
    let s_a_raw = s_a.raw();
    let v_b_raw = v_b.raw();
    let s_b_raw = s_b.raw();
    // SAFETY: handles and pointers are good during the call; see the crate's documentation for what comes after.
    inner.check(unsafe { (inner.api.hipinfer_merge_state)(inner.handle, &output_raw, pointer(&lse_raw), &v_a_raw, &s_a_raw, &v_b_raw, &s_b_raw, stream.as_raw()) })
}

/// Options of [`merge_state_in_place`].
#[derive(Debug)]
pub struct MergeStateInPlaceOptions<'a> {
    /// `[T]`, bool; last dimension contiguous, other strides free; read. Which tokens to merge; all, if it is
    /// left out.
    pub mask: Option<TensorRef<'a>>,
}

impl Default for MergeStateInPlaceOptions<'_> {
    fn default() -> Self {
        MergeStateInPlaceOptions {
            mask: None,
        }
    }
}

/// Merges what attention over other keys gave into what attention over some gave.
///
/// ```text
/// s = log2(2^s + 2^s_other), v = (2^s * v + 2^s_other * v_other) / 2^s, with the new s in the quotient;
///     tokens that mask leaves out stay as they are
/// ```
///
/// where `T` is tokens; 0 is allowed; `D` is head dimension; 0 is allowed; `H` is heads; 0 is allowed.
///
/// - `v`: `[T, H, D]`, f32, f16, bf16; last dimension contiguous, other strides free; read and written. What
///   attention over the first keys gave; the merged values.
/// - `s`: `[T, H]`, f32; any strides; read and written. Its lse; that of all.
/// - `v_other`: `[T, H, D]`, f32, f16, bf16; last dimension contiguous, other strides free; read. What
///   attention over the other keys gave.
/// - `s_other`: `[T, H]`, f32; any strides; read. Its lse.
/// - `options`: `Default::default()`, or see [`MergeStateInPlaceOptions`].
///
/// *Aliasing*: none: v, s, v\_other and s\_other may not overlap.
///
/// *Numerics*: fp32, one rounding of each result. A state whose logarithm is -inf has no part, whatever its
/// values are; where all are so, the result is zeros and -inf. A NaN or +inf logarithm gives NaN. Bitwise
/// reproducible, and a row's result does not depend on the other rows.
///
/// *Source*: Partial results as of Dao et al. 2022, arXiv:2205.14135; meaning of
/// flashinfer.cascade.merge\_state\_in\_place. Since 0.1.
pub fn merge_state_in_place(
    stream: &Stream,
    v: &mut TensorMut<'_>,
    s: &mut TensorMut<'_>,
    v_other: &TensorRef<'_>,
    s_other: &TensorRef<'_>,
    options: MergeStateInPlaceOptions<'_>,
) -> Result<()> {
    let inner = stream.inner();
    let v_raw = v.raw();
    let s_raw = s.raw();
    let v_other_raw = v_other.raw();
    let s_other_raw = s_other.raw();
    let mask_raw = options.mask.as_ref().map(|t| t.raw());
    // SAFETY: handles and pointers are good during the call; see the crate's documentation for what comes after.
    inner.check(unsafe { (inner.api.hipinfer_merge_state_in_place)(inner.handle, &v_raw, &s_raw, &v_other_raw, &s_other_raw, pointer(&mask_raw), stream.as_raw()) })
}

/// Options of [`merge_states`].
#[derive(Debug)]
pub struct MergeStatesOptions<'a> {
    /// `[T, H]`, f32; any strides; written. Logarithm, base 2, of the sum of the exponentials of all.
    pub lse: Option<TensorMut<'a>>,
}

impl Default for MergeStatesOptions<'_> {
    fn default() -> Self {
        MergeStatesOptions {
            lse: None,
        }
    }
}

/// Merges what attention over several sets of keys gave, as if it had been over all of them.
///
/// ```text
/// lse[t,h] = log2(sum_n 2^s[t,n,h]), output[t,h] = sum_n 2^s[t,n,h] * v[t,n,h] / 2^lse[t,h]
/// ```
///
/// where `T` is tokens; 0 is allowed; `D` is head dimension; 0 is allowed; `H` is heads; 0 is allowed; `N` is
/// states; 0 is allowed.
///
/// - `output`: `[T, H, D]`, f32, f16, bf16; last dimension contiguous, other strides free; written. The
///   merged values.
/// - `v`: `[T, N, H, D]`, f32, f16, bf16; last dimension contiguous, other strides free; read. What attention
///   over each set of keys gave.
/// - `s`: `[T, N, H]`, f32; any strides; read. Their lse.
/// - `options`: `Default::default()`, or see [`MergeStatesOptions`].
///
/// *Aliasing*: none: the outputs may not overlap each other or an input.
///
/// *Numerics*: fp32, one rounding of each result. A state whose logarithm is -inf has no part, whatever its
/// values are; where all are so, the result is zeros and -inf. A NaN or +inf logarithm gives NaN. Bitwise
/// reproducible, and a row's result does not depend on the other rows.
///
/// *Source*: Partial results as of Dao et al. 2022, arXiv:2205.14135; meaning of
/// flashinfer.cascade.merge\_states. Since 0.1.
pub fn merge_states(
    stream: &Stream,
    output: &mut TensorMut<'_>,
    v: &TensorRef<'_>,
    s: &TensorRef<'_>,
    options: MergeStatesOptions<'_>,
) -> Result<()> {
    let inner = stream.inner();
    let output_raw = output.raw();
    let lse_raw = options.lse.as_ref().map(|t| t.raw());
    let v_raw = v.raw();
    let s_raw = s.raw();
    // SAFETY: handles and pointers are good during the call; see the crate's documentation for what comes after.
    inner.check(unsafe { (inner.api.hipinfer_merge_states)(inner.handle, &output_raw, pointer(&lse_raw), &v_raw, &s_raw, stream.as_raw()) })
}

/// Options of [`min_p_sampling_from_probs`].
#[derive(Debug)]
pub struct MinPSamplingFromProbsOptions<'a> {
    /// `[T]`, bool; last dimension contiguous, other strides free; written. Whether the row could be sampled:
    /// false, with output 0, where no probability is above 0, a setting of the row is NaN, or its index is
    /// out of range.
    pub valid: Option<TensorMut<'a>>,
    /// `[T]`, i32, i64; last dimension contiguous, other strides free; read. For each output the row that it
    /// is sampled from; without it row t is output t's.
    pub indices: Option<TensorRef<'a>>,
    /// `[T]`, f32; last dimension contiguous, other strides free; read. A min\_p for each output, in place of
    /// min\_p; 0 or less keeps all, 1 or more the most likely tokens.
    pub min_ps: Option<TensorRef<'a>>,
    /// `[2] or [T, 2]`, i64; last dimension contiguous, other strides free; read. Seed and offset in device
    /// memory, for all outputs or for each, in place of the arguments: a captured graph replays with what
    /// they hold then.
    pub philox: Option<TensorRef<'a>>,
    /// from 0 to 1. The least probability that is kept, as a part of the largest of the row; 0 keeps all.
    pub min_p: f32,
    /// any value. Key of the random generator.
    pub seed: u64,
    /// any value. Counter of the random generator: one call uses one value for all its outputs, so add 1 a
    /// call.
    pub offset: u64,
}

impl Default for MinPSamplingFromProbsOptions<'_> {
    fn default() -> Self {
        MinPSamplingFromProbsOptions {
            valid: None,
            indices: None,
            min_ps: None,
            philox: None,
            min_p: 0.0,
            seed: 0,
            offset: 0,
        }
    }
}

/// Samples one token a row from the probabilities that are at least a part of the largest.
///
/// ```text
/// S = the i with p[i] >= min_p * max of p; output[t] = the first i, in index order, at which the sum of p
///     over S up to and including i exceeds u * sum of S, p the row of probs
/// ```
///
/// where `T` is outputs; 0 is allowed; `V` is vocabulary size, from 1 to 2^31 - 1; `R` is rows.
///
/// - `output`: `[T]`, i32; last dimension contiguous, other strides free; written. The sampled index of each
///   row, always in \[0, V).
/// - `probs`: `[R, V]`, f32, f16, bf16; last dimension contiguous, other strides free; read. Rows of
///   probabilities.
/// - `options`: `Default::default()`, or see [`MinPSamplingFromProbsOptions`].
///
/// *Aliasing*: none: the outputs may not overlap each other or an input.
///
/// *Numerics*: A probability is taken as it is, from 2^-126; what is smaller, negative or NaN counts as 0,
/// and a row need not sum to 1. +inf takes all the probability, shared equally among the +inf of the row.
/// Weights are computed in fp32 and cut to a multiple of a fixed-point step, 2^-44 of the largest for V from
/// 131072 to 262143 and never more than 2^-31 of it; what is smaller than the step counts as 0. Sums over a
/// whole row add the weights of 16 bytes of it in fp32 first. Sums are of integers and exact: results are
/// bitwise reproducible, and a row's result does not depend on the other rows. The product is rounded to
/// fp32. u = Philox4x32-10 with key = seed and counter = (offset, t), its first 64 bits over 2^64.
///
/// *Errors of its own*: INVALID\_SHAPE when V is 0 or more than 2^31 - 1, or indices is left out, and R is
/// not T.
///
/// *Source*: Meaning of flashinfer.sampling.min\_p\_sampling\_from\_probs; Philox: Salmon et al. 2011, SC
/// '11. Since 0.1.
pub fn min_p_sampling_from_probs(
    stream: &Stream,
    output: &mut TensorMut<'_>,
    probs: &TensorRef<'_>,
    options: MinPSamplingFromProbsOptions<'_>,
) -> Result<()> {
    let inner = stream.inner();
    let output_raw = output.raw();
    let valid_raw = options.valid.as_ref().map(|t| t.raw());
    let probs_raw = probs.raw();
    let indices_raw = options.indices.as_ref().map(|t| t.raw());
    let min_ps_raw = options.min_ps.as_ref().map(|t| t.raw());
    let philox_raw = options.philox.as_ref().map(|t| t.raw());
    // SAFETY: handles and pointers are good during the call; see the crate's documentation for what comes after.
    inner.check(unsafe { (inner.api.hipinfer_min_p_sampling_from_probs)(inner.handle, &output_raw, pointer(&valid_raw), &probs_raw, pointer(&indices_raw), pointer(&min_ps_raw), pointer(&philox_raw), options.min_p, options.seed, options.offset, stream.as_raw()) })
}

/// Options of [`paged_attention_decode`].
#[derive(Debug)]
pub struct PagedAttentionDecodeOptions<'a> {
    /// `[B, Hq]`, f32; last dimension contiguous, other strides free; written. Logarithm, base 2, of the sum
    /// of the exponentials of the scores; a sink is one of them.
    pub lse: Option<TensorMut<'a>>,
    /// from 0 to 1e+30. Factor of the scores, from 1e-30; 0 means 1/sqrt(D).
    pub sm_scale: f32,
    /// from 0 to 1e+30. c bounds scores smoothly: c \* tanh(score / c); 0: no bound.
    pub logits_soft_cap: f32,
    /// from 0 to 1.07374e+09. A token at position i sees no key before i - sliding\_window + 1, so up to so
    /// many with its own: FlashInfer's window\_left + 1; 0: no limit. Keys that no token sees are not read,
    /// but for up to 127 before the first that one sees.
    pub sliding_window: i32,
    /// `[Hq]`, f32; last dimension contiguous, other strides free; read. A score for each head that takes
    /// part in the softmax and has no value.
    pub sinks: Option<TensorRef<'a>>,
    /// `[Hq]`, f32; last dimension contiguous, other strides free; read. ALiBi's slope of each head: what is
    /// added to a score for each position that its key is ahead of the token's.
    pub alibi_slopes: Option<TensorRef<'a>>,
    /// `[Hk] or any shape of one element`, f32; last dimension contiguous, other strides free; read. fp8
    /// caches: what a unit of k\_cache stands for, of each key/value head or of all, in device memory; left
    /// out it is 1.
    pub k_scale: Option<TensorRef<'a>>,
    /// `[Hk] or any shape of one element`, f32; last dimension contiguous, other strides free; read. fp8
    /// caches: what a unit of v\_cache stands for, of each key/value head or of all, in device memory; left
    /// out it is 1.
    pub v_scale: Option<TensorRef<'a>>,
}

impl Default for PagedAttentionDecodeOptions<'_> {
    fn default() -> Self {
        PagedAttentionDecodeOptions {
            lse: None,
            sm_scale: 0.0,
            logits_soft_cap: 0.0,
            sliding_window: 0,
            sinks: None,
            alibi_slopes: None,
            k_scale: None,
            v_scale: None,
        }
    }
}

/// Attention of one query token a request over its paged KV cache.
///
/// ```text
/// output[b,h] = v_scale * sum_j exp(s[j]) / z * v[b,j,h/(Hq/Hk)], lse[b,h] = log2(z), j over the kv_len
///     keys of request b, but with sliding_window over the last ones. s[j] = sm_scale * query . key[j];
///     with logits_soft_cap = c > 0 it is c * tanh(s[j] / c); with alibi_slopes alibi_slopes[h] * (j - i)
///     is added, i being the token's position. z = sum_j exp(s[j]), with sinks + exp(sinks[h]). query is
///     query[b,h], key[j] is k_scale * k[b,j,h/(Hq/Hk)], i is kv_len - 1. Key j is in page
///     kv_indices[kv_indptr[b] + j/S], slot j%S; n > 0 pages hold kv_len = (n-1)*S + kv_last_page_len[b]
///     keys, 0 pages none
/// ```
///
/// where `B` is requests; 0 is allowed; `Hq` is query heads, a multiple of Hk; `Hk` is key/value heads; `D`
/// is head dimension: a multiple of 8 up to 256; 64, 128 and 256 have kernels of their own; `P` is pages of
/// the cache; `S` is slots of a page, from 1; `I` is entries of the page table; I\*S is at most 2^30.
/// Capacity beyond kv\_indptr\[B\] costs workspace and nothing else.
///
/// - `output`: `[B, Hq, D]`, f32, f16, bf16; last dimension contiguous, other strides free; written.
///   Attention output.
/// - `query`: `[B, Hq, D]`, f32, f16, bf16; last dimension contiguous, other strides free; read. One query
///   token a request.
/// - `k_cache`: `[P, S, Hk, D]`, that of data, or e4m3fn, e4m3fnuz, e5m2, e5m2fnuz; last dimension
///   contiguous, other strides free; read. Keys, of the query's dtype or fp8. NHD, HND and combined key/value
///   tensors are views with other strides.
/// - `v_cache`: `[P, S, Hk, D]`, that of data, or e4m3fn, e4m3fnuz, e5m2, e5m2fnuz; last dimension
///   contiguous, other strides free; read. Values, of the dtype of keys, with strides of their own.
/// - `kv_indptr`: `[B+1]`, i32; last dimension contiguous, other strides free; read. Request b owns the
///   entries kv\_indptr\[b\] to kv\_indptr\[b+1\]-1 of kv\_indices; ascending. Read on the device: a captured
///   graph replays with new lengths.
/// - `kv_indices`: `[I]`, i32; last dimension contiguous, other strides free; read. The page table: pages of
///   the cache, each in \[0, P). Entries of no request are not read.
/// - `kv_last_page_len`: `[B]`, i32; last dimension contiguous, other strides free; read. Slots in use in a
///   request's last page, from 1 to S; ignored for a request of 0 pages.
/// - `options`: `Default::default()`, or see [`PagedAttentionDecodeOptions`].
///
/// *Aliasing*: none: the outputs may not overlap each other or an input. k\_cache and v\_cache may be views
/// of one tensor.
///
/// *Numerics*: Scores, softmax and sums in fp32, in an order that shapes and kv\_indptr fix; one rounding, to
/// the output's dtype. Keys and values of fp8 are widened exactly; scores are multiplied by k\_scale, and by
/// v\_scale what values sum to, both in fp32, whatever these are. The matrix kernels (f16 and bf16; on CDNA
/// groups of 3 heads and more, on NVIDIA all) also round a weight to the dtype before it multiplies its
/// value, by up to 2^-11 or 2^-8 of itself; on gfx90a they read subnormal numbers as 0. A row that sees no
/// key, or whose scores are all -inf, gives zeros, and lse -inf or that of its sink alone; a NaN or +inf
/// score or sink gives NaN; a cap makes a finite score of an infinite one. What unused slots and pages hold,
/// and keys that are not seen, never matters. Long requests are cut into chunks whose length depends on the
/// total of the batch; in a BATCH\_INVARIANT context it is fixed, and a request's result does not depend on
/// the others. Bitwise reproducible.
///
/// *Workspace*: Partial results of requests that are cut into chunks: 4\*(D+2)\*Hq bytes a chunk, 0 if none
/// can be cut and on the CPU. The stream keeps it and lets it grow; see Stream::reserve\_workspace.
///
/// *Errors of its own*: INVALID\_ARGUMENT when sm\_scale is above 0 and below 1e-30; INVALID\_DTYPE when a
/// scale is given and the cache is not fp8; INVALID\_SHAPE when Hq is not a multiple of Hk, or D or S is 0;
/// UNSUPPORTED when D is no multiple of 8 or above 256, or I\*S is above 2^30.
///
/// *Source*: Dao et al. 2022, arXiv:2205.14135, split over keys as in Flash-Decoding (Dao et al. 2023);
/// meaning of flashinfer.BatchDecodeWithPagedKVCacheWrapper. Since 0.1.
///
/// # Safety
///
/// Taken on trust when the work runs: kv\_indptr ascends from 0 to at most I, each used entry of kv\_indices
/// is in \[0, P), kv\_last\_page\_len is from 1 to S. What is outside is clamped, on the CPU as on a GPU: a
/// page number to \[0, P), kv\_last\_page\_len to \[0, S\], a request's entries to those of the table; a
/// cache without pages has no keys. So a broken table gives a wrong result, never a fault.
pub unsafe fn paged_attention_decode(
    stream: &Stream,
    output: &mut TensorMut<'_>,
    query: &TensorRef<'_>,
    k_cache: &TensorRef<'_>,
    v_cache: &TensorRef<'_>,
    kv_indptr: &TensorRef<'_>,
    kv_indices: &TensorRef<'_>,
    kv_last_page_len: &TensorRef<'_>,
    options: PagedAttentionDecodeOptions<'_>,
) -> Result<()> {
    let inner = stream.inner();
    let output_raw = output.raw();
    let lse_raw = options.lse.as_ref().map(|t| t.raw());
    let query_raw = query.raw();
    let k_cache_raw = k_cache.raw();
    let v_cache_raw = v_cache.raw();
    let kv_indptr_raw = kv_indptr.raw();
    let kv_indices_raw = kv_indices.raw();
    let kv_last_page_len_raw = kv_last_page_len.raw();
    let sinks_raw = options.sinks.as_ref().map(|t| t.raw());
    let alibi_slopes_raw = options.alibi_slopes.as_ref().map(|t| t.raw());
    let k_scale_raw = options.k_scale.as_ref().map(|t| t.raw());
    let v_scale_raw = options.v_scale.as_ref().map(|t| t.raw());
    let c_options = sys::hipinfer_paged_attention_decode_options {
        struct_size: size_of::<sys::hipinfer_paged_attention_decode_options>(),
        sm_scale: options.sm_scale,
        logits_soft_cap: options.logits_soft_cap,
        sliding_window: options.sliding_window,
        sinks: pointer(&sinks_raw),
        alibi_slopes: pointer(&alibi_slopes_raw),
        k_scale: pointer(&k_scale_raw),
        v_scale: pointer(&v_scale_raw),
    };
    let mut bytes = 0;
    if stream.needs_workspace() {
        // SAFETY: handles and pointers are good during the call; see the crate's documentation for what comes after.
        inner.check(unsafe { (inner.api.hipinfer_paged_attention_decode_workspace_bytes)(inner.handle, &output_raw, pointer(&lse_raw), &query_raw, &k_cache_raw, &v_cache_raw, &kv_indptr_raw, &kv_indices_raw, &kv_last_page_len_raw, &c_options, &mut bytes) })?;
    }
    stream.with_workspace(bytes, |workspace, workspace_bytes| {
        // SAFETY: handles and pointers are good during the call; see the crate's documentation for what comes after.
        inner.check(unsafe { (inner.api.hipinfer_paged_attention_decode)(inner.handle, &output_raw, pointer(&lse_raw), &query_raw, &k_cache_raw, &v_cache_raw, &kv_indptr_raw, &kv_indices_raw, &kv_last_page_len_raw, &c_options, workspace, workspace_bytes, stream.as_raw()) })
    })
}

/// Bytes of scratch memory that [`paged_attention_decode`] needs for these arguments: 0 on the CPU. Only
/// shapes, types and options matter.
pub fn paged_attention_decode_workspace_bytes(
    stream: &Stream,
    output: &mut TensorMut<'_>,
    query: &TensorRef<'_>,
    k_cache: &TensorRef<'_>,
    v_cache: &TensorRef<'_>,
    kv_indptr: &TensorRef<'_>,
    kv_indices: &TensorRef<'_>,
    kv_last_page_len: &TensorRef<'_>,
    options: PagedAttentionDecodeOptions<'_>,
) -> Result<usize> {
    let inner = stream.inner();
    let output_raw = output.raw();
    let lse_raw = options.lse.as_ref().map(|t| t.raw());
    let query_raw = query.raw();
    let k_cache_raw = k_cache.raw();
    let v_cache_raw = v_cache.raw();
    let kv_indptr_raw = kv_indptr.raw();
    let kv_indices_raw = kv_indices.raw();
    let kv_last_page_len_raw = kv_last_page_len.raw();
    let sinks_raw = options.sinks.as_ref().map(|t| t.raw());
    let alibi_slopes_raw = options.alibi_slopes.as_ref().map(|t| t.raw());
    let k_scale_raw = options.k_scale.as_ref().map(|t| t.raw());
    let v_scale_raw = options.v_scale.as_ref().map(|t| t.raw());
    let c_options = sys::hipinfer_paged_attention_decode_options {
        struct_size: size_of::<sys::hipinfer_paged_attention_decode_options>(),
        sm_scale: options.sm_scale,
        logits_soft_cap: options.logits_soft_cap,
        sliding_window: options.sliding_window,
        sinks: pointer(&sinks_raw),
        alibi_slopes: pointer(&alibi_slopes_raw),
        k_scale: pointer(&k_scale_raw),
        v_scale: pointer(&v_scale_raw),
    };
    let mut bytes = 0;
    // SAFETY: handles and pointers are good during the call; see the crate's documentation for what comes after.
    inner.check(unsafe { (inner.api.hipinfer_paged_attention_decode_workspace_bytes)(inner.handle, &output_raw, pointer(&lse_raw), &query_raw, &k_cache_raw, &v_cache_raw, &kv_indptr_raw, &kv_indices_raw, &kv_last_page_len_raw, &c_options, &mut bytes) })?;
    Ok(bytes)
}

/// Options of [`paged_attention_prefill`].
#[derive(Debug)]
pub struct PagedAttentionPrefillOptions<'a> {
    /// `[T, Hq]`, f32; last dimension contiguous, other strides free; written. Logarithm, base 2, of the sum
    /// of the exponentials of the scores; a sink is one of them.
    pub lse: Option<TensorMut<'a>>,
    /// `[I]`, i32; last dimension contiguous, other strides free; read. The page table: pages of the cache,
    /// each in \[0, P). Entries of no request are not read. With pages alone.
    pub kv_indices: Option<TensorRef<'a>>,
    /// `[B]`, i32; last dimension contiguous, other strides free; read. Slots in use in a request's last
    /// page, from 1 to S; ignored for a request of 0 pages. With pages alone.
    pub kv_last_page_len: Option<TensorRef<'a>>,
    /// 0 or 1. 1: a token sees the keys up to its own position, the last token of a request being at its last
    /// key; with more tokens than keys the first ones see none. 0: a token sees every key of its request.
    pub causal: bool,
    /// from 0 to 1e+30. Factor of the scores, from 1e-30; 0 means 1/sqrt(D).
    pub sm_scale: f32,
    /// from 0 to 1e+30. c bounds scores smoothly: c \* tanh(score / c); 0: no bound.
    pub logits_soft_cap: f32,
    /// from 0 to 1.07374e+09. A token at position i sees no key before i - sliding\_window + 1, so up to so
    /// many with its own: FlashInfer's window\_left + 1; 0: no limit. Keys that no token sees are not read,
    /// but for up to 127 before the first that one sees.
    pub sliding_window: i32,
    /// from 0 to 1.07374e+09. A token at position i sees no key after i + window\_right; 0: no limit, which
    /// with causal is i.
    pub window_right: i32,
    /// `[Hq]`, f32; last dimension contiguous, other strides free; read. A score for each head that takes
    /// part in the softmax and has no value.
    pub sinks: Option<TensorRef<'a>>,
    /// `[Hq]`, f32; last dimension contiguous, other strides free; read. ALiBi's slope of each head: what is
    /// added to a score for each position that its key is ahead of the token's.
    pub alibi_slopes: Option<TensorRef<'a>>,
    /// `[M]`, u8; last dimension contiguous, other strides free; read. Which keys a token sees, in place of
    /// causal: a bit for each of a request's q\_len \* kv\_len pairs, a token's keys side by side, the lowest
    /// bit of a byte first; a request begins with a byte. Windows hold besides. A pair past the end of
    /// custom\_mask is not seen.
    pub custom_mask: Option<TensorRef<'a>>,
    /// `[B+1]`, i32, i64; last dimension contiguous, other strides free; read. Request b has the bytes from
    /// mask\_indptr\[b\] on of custom\_mask, which needs it.
    pub mask_indptr: Option<TensorRef<'a>>,
    /// `[Hk] or any shape of one element`, f32; last dimension contiguous, other strides free; read. fp8
    /// caches: what a unit of k\_cache stands for, of each key/value head or of all, in device memory; left
    /// out it is 1.
    pub k_scale: Option<TensorRef<'a>>,
    /// `[Hk] or any shape of one element`, f32; last dimension contiguous, other strides free; read. fp8
    /// caches: what a unit of v\_cache stands for, of each key/value head or of all, in device memory; left
    /// out it is 1.
    pub v_scale: Option<TensorRef<'a>>,
}

impl Default for PagedAttentionPrefillOptions<'_> {
    fn default() -> Self {
        PagedAttentionPrefillOptions {
            lse: None,
            kv_indices: None,
            kv_last_page_len: None,
            causal: false,
            sm_scale: 0.0,
            logits_soft_cap: 0.0,
            sliding_window: 0,
            window_right: 0,
            sinks: None,
            alibi_slopes: None,
            custom_mask: None,
            mask_indptr: None,
            k_scale: None,
            v_scale: None,
        }
    }
}

/// Attention of the query tokens of a ragged batch over a paged KV cache, or over keys that lie side by side.
///
/// ```text
/// output[t,h] = v_scale * sum_j exp(s[j]) / z * v[b,j,h/(Hq/Hk)], lse[t,h] = log2(z). b is the request of
///     token t = qo_indptr[b] + n, 0 <= n < q_len = qo_indptr[b+1] - qo_indptr[b]; its position is i =
///     kv_len - q_len + n, and j runs over those of the request's kv_len keys that it sees: with causal j
///     <= i, with sliding_window j > i - sliding_window, with window_right j <= i + window_right; with
///     custom_mask in place of causal those whose bit n * kv_len + j is 1. s[j] = sm_scale * query .
///     key[j]; with logits_soft_cap = c > 0 it is c * tanh(s[j] / c); with alibi_slopes alibi_slopes[h] *
///     (j - i) is added, i being the token's position. z = sum_j exp(s[j]), with sinks + exp(sinks[h]).
///     query is query[t,h], key[j] is k_scale * k[b,j,h/(Hq/Hk)]. Key j is in page kv_indices[kv_indptr[b]
///     + j/S], slot j%S; n > 0 pages hold kv_len = (n-1)*S + kv_last_page_len[b] keys, 0 pages none. Of
///     k_cache [N, Hk, D], without a table, it is k_cache[kv_indptr[b] + j], and kv_len = kv_indptr[b+1] -
///     kv_indptr[b]
/// ```
///
/// where `T` is query tokens; 0 is allowed. Tokens outside \[qo\_indptr\[0\], qo\_indptr\[B\]) belong to no
/// request: their output is left as it is; `B` is requests; 0 is allowed; `Hq` is query heads, a multiple of
/// Hk; `Hk` is key/value heads; `D` is head dimension: a multiple of 8 up to 256. For f16 and bf16 it is
/// rounded up to 64, 96, 128, 192 or 256, which is what a call costs; `P` is pages of the cache; `S` is slots
/// of a page, from 1; `I` is entries of the page table; I\*S is at most 2^30; `M` is bytes of custom\_mask; 0
/// is allowed; `N` is keys that lie side by side, those of all requests; 0 is allowed, 2^30 at most.
///
/// - `output`: `[T, Hq, D]`, f32, f16, bf16; last dimension contiguous, other strides free; written.
///   Attention output.
/// - `query`: `[T, Hq, D]`, f32, f16, bf16; last dimension contiguous, other strides free; read. The query
///   tokens of all requests, one request after the other.
/// - `k_cache`: `[P, S, Hk, D] or [N, Hk, D]`, that of data, or e4m3fn, e4m3fnuz, e5m2, e5m2fnuz; last
///   dimension contiguous, other strides free; read. Keys, of the query's dtype or fp8: of pages, of which
///   NHD, HND and combined key/value tensors are views with other strides; or of all requests side by side.
/// - `v_cache`: `[P, S, Hk, D] or [N, Hk, D]`, that of data, or e4m3fn, e4m3fnuz, e5m2, e5m2fnuz; last
///   dimension contiguous, other strides free; read. Values, of the dtype of keys, with strides of their own.
/// - `qo_indptr`: `[B+1]`, i32; last dimension contiguous, other strides free; read. Request b owns the
///   tokens qo\_indptr\[b\] to qo\_indptr\[b+1\]-1; ascending. Read on the device: a captured graph replays
///   with new lengths.
/// - `kv_indptr`: `[B+1]`, i32; last dimension contiguous, other strides free; read. Request b owns the
///   entries kv\_indptr\[b\] to kv\_indptr\[b+1\]-1 of kv\_indices, or without it these keys; ascending. Read
///   on the device.
/// - `options`: `Default::default()`, or see [`PagedAttentionPrefillOptions`].
///
/// *Aliasing*: none: the outputs may not overlap each other or an input. k\_cache and v\_cache may be views
/// of one tensor.
///
/// *Numerics*: Scores, softmax and sums in fp32, in a fixed order; one rounding, to the output's dtype. Keys
/// and values of fp8 are widened exactly; scores are multiplied by k\_scale, and by v\_scale what values sum
/// to, both in fp32, whatever these are. The matrix kernels, which serve f16 and bf16, also round a weight to
/// the dtype before it multiplies its value, by up to 2^-11 or 2^-8 of itself; on gfx90a they read subnormal
/// numbers as 0. A row that sees no key, or whose scores are all -inf, gives zeros, and lse -inf or that of
/// its sink alone; a NaN or +inf score or sink gives NaN; a cap makes a finite score of an infinite one. What
/// a row does not see (masked keys, unused slots and pages) never matters to it. Bitwise reproducible, and a
/// row's result does not depend on the other requests.
///
/// *Errors of its own*: INVALID\_ARGUMENT when sm\_scale is above 0 and below 1e-30, or custom\_mask or
/// mask\_indptr is given alone, or kv\_indices or kv\_last\_page\_len without pages, or pages without them;
/// INVALID\_DTYPE when a scale is given and the cache is not fp8; INVALID\_SHAPE when Hq is not a multiple of
/// Hk, or D or S is 0; UNSUPPORTED when D is no multiple of 8 or above 256, or I\*S or N is above 2^30.
///
/// *Source*: Dao 2023, arXiv:2307.08691; meaning of flashinfer.BatchPrefillWithPagedKVCacheWrapper and
/// BatchPrefillWithRaggedKVCacheWrapper. Since 0.1.
///
/// # Safety
///
/// Taken on trust when the work runs: qo\_indptr ascends from 0 to at most T, kv\_indptr ascends from 0 to at
/// most I, each used entry of kv\_indices is in \[0, P), kv\_last\_page\_len is from 1 to S; without a table
/// kv\_indptr ascends from 0 to at most N. What is outside is clamped, on the CPU as on a GPU: a page number
/// to \[0, P), kv\_last\_page\_len to \[0, S\], a request's entries to those of the table; a cache without
/// pages has no keys. So a broken table gives a wrong result, never a fault. Of a qo\_indptr that is not in
/// order a token may be taken for another request's, or its output be left as it is: which is not the same on
/// a CPU and a GPU.
pub unsafe fn paged_attention_prefill(
    stream: &Stream,
    output: &mut TensorMut<'_>,
    query: &TensorRef<'_>,
    k_cache: &TensorRef<'_>,
    v_cache: &TensorRef<'_>,
    qo_indptr: &TensorRef<'_>,
    kv_indptr: &TensorRef<'_>,
    options: PagedAttentionPrefillOptions<'_>,
) -> Result<()> {
    let inner = stream.inner();
    let output_raw = output.raw();
    let lse_raw = options.lse.as_ref().map(|t| t.raw());
    let query_raw = query.raw();
    let k_cache_raw = k_cache.raw();
    let v_cache_raw = v_cache.raw();
    let qo_indptr_raw = qo_indptr.raw();
    let kv_indptr_raw = kv_indptr.raw();
    let kv_indices_raw = options.kv_indices.as_ref().map(|t| t.raw());
    let kv_last_page_len_raw = options.kv_last_page_len.as_ref().map(|t| t.raw());
    let sinks_raw = options.sinks.as_ref().map(|t| t.raw());
    let alibi_slopes_raw = options.alibi_slopes.as_ref().map(|t| t.raw());
    let custom_mask_raw = options.custom_mask.as_ref().map(|t| t.raw());
    let mask_indptr_raw = options.mask_indptr.as_ref().map(|t| t.raw());
    let k_scale_raw = options.k_scale.as_ref().map(|t| t.raw());
    let v_scale_raw = options.v_scale.as_ref().map(|t| t.raw());
    let c_options = sys::hipinfer_paged_attention_prefill_options {
        struct_size: size_of::<sys::hipinfer_paged_attention_prefill_options>(),
        causal: options.causal as i32,
        sm_scale: options.sm_scale,
        logits_soft_cap: options.logits_soft_cap,
        sliding_window: options.sliding_window,
        window_right: options.window_right,
        sinks: pointer(&sinks_raw),
        alibi_slopes: pointer(&alibi_slopes_raw),
        custom_mask: pointer(&custom_mask_raw),
        mask_indptr: pointer(&mask_indptr_raw),
        k_scale: pointer(&k_scale_raw),
        v_scale: pointer(&v_scale_raw),
    };
    // SAFETY: handles and pointers are good during the call; see the crate's documentation for what comes after.
    inner.check(unsafe { (inner.api.hipinfer_paged_attention_prefill)(inner.handle, &output_raw, pointer(&lse_raw), &query_raw, &k_cache_raw, &v_cache_raw, &qo_indptr_raw, &kv_indptr_raw, pointer(&kv_indices_raw), pointer(&kv_last_page_len_raw), &c_options, stream.as_raw()) })
}

/// Options of [`paged_mla_attention`].
#[derive(Debug)]
pub struct PagedMlaAttentionOptions<'a> {
    /// `[T, H]`, f32; last dimension contiguous, other strides free; written. Logarithm, base 2, of the sum
    /// of the exponentials of the scores.
    pub lse: Option<TensorMut<'a>>,
    /// 0 or 1. 1: a token sees the keys up to its own position, the last token of a request being at its last
    /// key; with more tokens than keys the first ones see none. 0: a token sees every key of its request.
    pub causal: bool,
}

impl Default for PagedMlaAttentionOptions<'_> {
    fn default() -> Self {
        PagedMlaAttentionOptions {
            lse: None,
            causal: false,
        }
    }
}

/// Multi-head latent attention, weights absorbed: query tokens of a ragged batch over a paged cache of latent
/// keys, which all heads share and which are the values, too.
///
/// ```text
/// output[t,h] = sum_j exp(s[j]) / z * ckv[b,j], lse[t,h] = log2(z), s[j] = sm_scale * (q_nope[t,h] .
///     ckv[b,j] + q_pe[t,h] . kpe[b,j]), z = sum_j exp(s[j]). b is the request of token t = qo_indptr[b] +
///     n, 0 <= n < q_len = qo_indptr[b+1] - qo_indptr[b]; j runs over the kv_len[b] keys of the request,
///     with causal over those up to kv_len[b] - q_len + n. Key j is in page kv_indices[kv_indptr[b] + j/S],
///     slot j%S
/// ```
///
/// where `T` is query tokens; 0 is allowed. Tokens outside \[qo\_indptr\[0\], qo\_indptr\[B\]) belong to no
/// request: their output is left as it is; `B` is requests; 0 is allowed; `P` is pages of the cache; `S` is
/// slots of a page, from 1; `I` is entries of the page table; I\*S is at most 2^30; `H` is query heads; 0 is
/// allowed; `C` is columns of the latent key, 1 to 1024; 512 has kernels of its own; `R` is columns of its
/// rotated part, 0 to 256; 64 has kernels of its own.
///
/// - `output`: `[T, H, C]`, f32, f16, bf16; last dimension contiguous, other strides free; written. Attention
///   output.
/// - `q_nope`: `[T, H, C]`, f32, f16, bf16; last dimension contiguous, other strides free; read. Query
///   tokens, multiplied by the up-projection of keys.
/// - `q_pe`: `[T, H, R]`, f32, f16, bf16; last dimension contiguous, other strides free; read. Their rotated
///   parts.
/// - `ckv_cache`: `[P, S, C]`, f32, f16, bf16; last dimension contiguous, other strides free; read. Latent
///   keys, which are the values, too. Pages and slots have strides of their own: one part of a tensor \[P, S,
///   C + R\] is a view of it.
/// - `kpe_cache`: `[P, S, R]`, f32, f16, bf16; last dimension contiguous, other strides free; read. The keys'
///   rotated parts, with strides of their own.
/// - `qo_indptr`: `[B+1]`, i32; last dimension contiguous, other strides free; read. Request b owns the
///   tokens qo\_indptr\[b\] to qo\_indptr\[b+1\]-1; ascending. Read on the device: a captured graph replays
///   with new lengths.
/// - `kv_indptr`: `[B+1]`, i32; last dimension contiguous, other strides free; read. Request b owns the
///   entries kv\_indptr\[b\] to kv\_indptr\[b+1\]-1 of kv\_indices; ascending. Read on the device.
/// - `kv_indices`: `[I]`, i32; last dimension contiguous, other strides free; read. The page table: pages of
///   the cache, each in \[0, P). Entries of no request are not read.
/// - `kv_len`: `[B]`, i32; last dimension contiguous, other strides free; read. Keys of each request, 0 to
///   what its pages hold; get\_seq\_lens makes it of kv\_last\_page\_len. Read on the device.
/// - `sm_scale`: from 1e-30 to 1e+30. Factor of the scores. There is no default: it goes by the head
///   dimension before the weights were absorbed, of DeepSeek's models 1/sqrt(192) and what their scaling of
///   RoPE makes of it.
/// - `options`: `Default::default()`, or see [`PagedMlaAttentionOptions`].
///
/// *Aliasing*: none: the outputs may not overlap each other or an input. ckv\_cache and kpe\_cache may be
/// views of one tensor.
///
/// *Numerics*: Scores, softmax and sums in fp32, in an order that shapes, qo\_indptr and kv\_len fix; one
/// rounding, to the output's dtype. The matrix kernels (f16 and bf16) also round a weight to the dtype before
/// it multiplies its value, by up to 2^-11 or 2^-8 of itself; on gfx90a they read subnormal numbers as 0. A
/// row that sees no key, or whose scores are all -inf, gives zeros, and lse -inf; a NaN or +inf score gives
/// NaN. What unused slots and pages hold, and keys that are not seen, never matters. Where requests are few,
/// long ones are cut into chunks whose length depends on the batch; in a BATCH\_INVARIANT context none is,
/// and a request's result does not depend on the others. Bitwise reproducible.
///
/// *Workspace*: Partial results of requests that are cut into chunks, and where they are: 4\*(C+2) bytes a
/// row of a chunk, a row being a head of a token; 0 if none can be cut and on the CPU. The stream keeps it
/// and lets it grow; see Stream::reserve\_workspace.
///
/// *Errors of its own*: INVALID\_SHAPE when C or S is 0; UNSUPPORTED when C is above 1024 or R above 256, or
/// I\*S is above 2^30, or T\*H is 2^31 or more.
///
/// *Source*: DeepSeek-AI 2024, arXiv:2405.04434, 2.1, with the up-projections absorbed; meaning of
/// flashinfer.mla.BatchMLAPagedAttentionWrapper. Since 0.1.
///
/// # Safety
///
/// Taken on trust when the work runs: qo\_indptr ascends from 0 to at most T, kv\_indptr ascends from 0 to at
/// most I, each used entry of kv\_indices is in \[0, P), kv\_len is from 0 to what the request's pages hold.
/// What is outside is clamped, on the CPU as on a GPU: a page number to \[0, P), kv\_len to \[0, pages \*
/// S\], a request's entries to those of the table. So a broken table gives a wrong result, never a fault. Of
/// a qo\_indptr that is not in order a token may be taken for another request's, or its output be left as it
/// is: which is not the same on a CPU and a GPU.
pub unsafe fn paged_mla_attention(
    stream: &Stream,
    output: &mut TensorMut<'_>,
    q_nope: &TensorRef<'_>,
    q_pe: &TensorRef<'_>,
    ckv_cache: &TensorRef<'_>,
    kpe_cache: &TensorRef<'_>,
    qo_indptr: &TensorRef<'_>,
    kv_indptr: &TensorRef<'_>,
    kv_indices: &TensorRef<'_>,
    kv_len: &TensorRef<'_>,
    sm_scale: f32,
    options: PagedMlaAttentionOptions<'_>,
) -> Result<()> {
    let inner = stream.inner();
    let output_raw = output.raw();
    let lse_raw = options.lse.as_ref().map(|t| t.raw());
    let q_nope_raw = q_nope.raw();
    let q_pe_raw = q_pe.raw();
    let ckv_cache_raw = ckv_cache.raw();
    let kpe_cache_raw = kpe_cache.raw();
    let qo_indptr_raw = qo_indptr.raw();
    let kv_indptr_raw = kv_indptr.raw();
    let kv_indices_raw = kv_indices.raw();
    let kv_len_raw = kv_len.raw();
    let c_options = sys::hipinfer_paged_mla_attention_options {
        struct_size: size_of::<sys::hipinfer_paged_mla_attention_options>(),
        causal: options.causal as i32,
    };
    let mut bytes = 0;
    if stream.needs_workspace() {
        // SAFETY: handles and pointers are good during the call; see the crate's documentation for what comes after.
        inner.check(unsafe { (inner.api.hipinfer_paged_mla_attention_workspace_bytes)(inner.handle, &output_raw, pointer(&lse_raw), &q_nope_raw, &q_pe_raw, &ckv_cache_raw, &kpe_cache_raw, &qo_indptr_raw, &kv_indptr_raw, &kv_indices_raw, &kv_len_raw, sm_scale, &c_options, &mut bytes) })?;
    }
    stream.with_workspace(bytes, |workspace, workspace_bytes| {
        // SAFETY: handles and pointers are good during the call; see the crate's documentation for what comes after.
        inner.check(unsafe { (inner.api.hipinfer_paged_mla_attention)(inner.handle, &output_raw, pointer(&lse_raw), &q_nope_raw, &q_pe_raw, &ckv_cache_raw, &kpe_cache_raw, &qo_indptr_raw, &kv_indptr_raw, &kv_indices_raw, &kv_len_raw, sm_scale, &c_options, workspace, workspace_bytes, stream.as_raw()) })
    })
}

/// Bytes of scratch memory that [`paged_mla_attention`] needs for these arguments: 0 on the CPU. Only shapes,
/// types and options matter.
pub fn paged_mla_attention_workspace_bytes(
    stream: &Stream,
    output: &mut TensorMut<'_>,
    q_nope: &TensorRef<'_>,
    q_pe: &TensorRef<'_>,
    ckv_cache: &TensorRef<'_>,
    kpe_cache: &TensorRef<'_>,
    qo_indptr: &TensorRef<'_>,
    kv_indptr: &TensorRef<'_>,
    kv_indices: &TensorRef<'_>,
    kv_len: &TensorRef<'_>,
    sm_scale: f32,
    options: PagedMlaAttentionOptions<'_>,
) -> Result<usize> {
    let inner = stream.inner();
    let output_raw = output.raw();
    let lse_raw = options.lse.as_ref().map(|t| t.raw());
    let q_nope_raw = q_nope.raw();
    let q_pe_raw = q_pe.raw();
    let ckv_cache_raw = ckv_cache.raw();
    let kpe_cache_raw = kpe_cache.raw();
    let qo_indptr_raw = qo_indptr.raw();
    let kv_indptr_raw = kv_indptr.raw();
    let kv_indices_raw = kv_indices.raw();
    let kv_len_raw = kv_len.raw();
    let c_options = sys::hipinfer_paged_mla_attention_options {
        struct_size: size_of::<sys::hipinfer_paged_mla_attention_options>(),
        causal: options.causal as i32,
    };
    let mut bytes = 0;
    // SAFETY: handles and pointers are good during the call; see the crate's documentation for what comes after.
    inner.check(unsafe { (inner.api.hipinfer_paged_mla_attention_workspace_bytes)(inner.handle, &output_raw, pointer(&lse_raw), &q_nope_raw, &q_pe_raw, &ckv_cache_raw, &kpe_cache_raw, &qo_indptr_raw, &kv_indptr_raw, &kv_indices_raw, &kv_len_raw, sm_scale, &c_options, &mut bytes) })?;
    Ok(bytes)
}

/// Options of [`qk_norm_rope`].
#[derive(Debug)]
pub struct QkNormRopeOptions<'a> {
    /// `[T, Hk, D]`, f32, f16, bf16; last dimension contiguous, other strides free; written. Normalised and
    /// rotated keys; given exactly if k is.
    pub k_out: Option<TensorMut<'a>>,
    /// `[T, Hk, D]`, f32, f16, bf16; last dimension contiguous, other strides free; read, or [`InPlace`].
    /// Keys.
    pub k: Option<Source<'a>>,
    /// `[D]`, that of data, or f32; last dimension contiguous, other strides free; read. Gain of each element
    /// of a key head; given exactly if k is.
    pub k_weight: Option<TensorRef<'a>>,
    /// from 0 to 3.4e+38. Added to the mean of squares, to keep a zero head finite; no unit.
    pub eps: f32,
    /// 0 or 1. 0: pairs are half a rotary dimension apart (half-split; GPT-NeoX, Qwen3). 1: pairs are
    /// neighbours (GPT-J, FLUX).
    pub interleaved: bool,
}

impl Default for QkNormRopeOptions<'_> {
    fn default() -> Self {
        QkNormRopeOptions {
            k_out: None,
            k: None,
            k_weight: None,
            eps: 1e-06,
            interleaved: false,
        }
    }
}

/// Root-mean-square normalisation of each head of queries and keys, then rotary position embedding, in one
/// pass.
///
/// ```text
/// x = head / sqrt(mean(head^2) + eps) * weight; for each pair (a, b) of x with angle i: a' = a cos[i] - b
///     sin[i]; b' = b cos[i] + a sin[i], with cos = cos_sin[position, :R/2], sin = cos_sin[position, R/2:];
///     pair i is elements (i, i + R/2) of the head, or (2i, 2i + 1) if interleaved
/// ```
///
/// where `T` is tokens; 0 is allowed; `Hq` is query heads; `Hk` is key heads; any number, for grouped
/// queries; `D` is head dimension, from 1; `P` is positions in the cache; `R` is rotary dimension: even, at
/// most D; elements of a head from R on are normalised and not rotated.
///
/// - `q_out`: `[T, Hq, D]`, f32, f16, bf16; last dimension contiguous, other strides free; written.
///   Normalised and rotated queries.
/// - `q`: `[T, Hq, D]`, f32, f16, bf16; last dimension contiguous, other strides free; read, or [`InPlace`].
///   Queries; with k, views of one fused qkv buffer will do.
/// - `q_weight`: `[D]`, that of data, or f32; last dimension contiguous, other strides free; read. Gain of
///   each element of a query head.
/// - `cos_sin`: `[P, R]`, f32; last dimension contiguous, other strides free; read. What
///   rope\_cos\_sin\_cache writes: cosines, then sines, of each position. Always in this order: interleaved
///   speaks of the pairs of q and k alone.
/// - `positions`: `[T]`, i32, i64; last dimension contiguous, other strides free; read. Row of cos\_sin for
///   each token. A token whose position is negative or not below P becomes NaN in all its heads, so that the
///   fault shows.
/// - `options`: `Default::default()`, or see [`QkNormRopeOptions`].
///
/// *Aliasing*: q\_out may be q and k\_out may be k, with the same strides; q\_out and k\_out may not overlap.
///
/// *Numerics*: fp32, squares summed in a fixed order; one rounding, to the output's dtype: the normalised
/// head is not rounded before it is rotated. Bitwise reproducible, and a head's result does not depend on the
/// others.
///
/// *Errors of its own*: INVALID\_SHAPE when D is 0, R is odd or more than D, or Hq, Hk or D is more than
/// 2^26; NULL\_POINTER when only some of k, k\_out and k\_weight are given.
///
/// *Source*: Zhang and Sennrich 2019, arXiv:1910.07467; Su et al. 2021, arXiv:2104.09864;
/// flashinfer.norm.rmsnorm on heads followed by flashinfer.rope.apply\_rope\_with\_cos\_sin\_cache. Since
/// 0.1.
pub fn qk_norm_rope<'a>(
    stream: &Stream,
    q_out: &mut TensorMut<'_>,
    q: impl Into<Source<'a>>,
    q_weight: &TensorRef<'_>,
    cos_sin: &TensorRef<'_>,
    positions: &TensorRef<'_>,
    options: QkNormRopeOptions<'_>,
) -> Result<()> {
    let inner = stream.inner();
    let q_out_raw = q_out.raw();
    let k_out_raw = options.k_out.as_ref().map(|t| t.raw());
    let q_weight_raw = q_weight.raw();
    let k_weight_raw = options.k_weight.as_ref().map(|t| t.raw());
    let cos_sin_raw = cos_sin.raw();
    let positions_raw = positions.raw();
    let q = q.into();
    let q_raw = match &q {
        Source::Tensor(t) => t.raw(),
        Source::InPlace => q_out_raw,
    };
    let k_raw = match &options.k {
        Some(Source::Tensor(t)) => Some(t.raw()),
        Some(Source::InPlace) => k_out_raw,
        None => None,
    };
    // SAFETY: handles and pointers are good during the call; see the crate's documentation for what comes after.
    inner.check(unsafe { (inner.api.hipinfer_qk_norm_rope)(inner.handle, &q_out_raw, pointer(&k_out_raw), &q_raw, pointer(&k_raw), &q_weight_raw, pointer(&k_weight_raw), &cos_sin_raw, &positions_raw, options.eps, options.interleaved as i32, stream.as_raw()) })
}

/// Options of [`quantize_per_group`].
#[derive(Debug, Clone, Copy)]
pub struct QuantizePerGroupOptions {
    /// from 1. Elements that share a scale; it divides N.
    pub group_size: i64,
}

impl Default for QuantizePerGroupOptions {
    fn default() -> Self {
        QuantizePerGroupOptions {
            group_size: 128,
        }
    }
}

/// Quantises groups of neighbours in a row to fp8 or int8, each with a scale found from its largest
/// magnitude.
///
/// ```text
/// scales[t, s] = max(max_i |input[t, i]| / largest, 2^-126) over i / group_size = s; output = round(input
///     / scales[t, i / group_size]), largest: 448 (e4m3fn), 240 (e4m3fnuz), 57344 (e5m2, e5m2fnuz), 127
///     (i8)
/// ```
///
/// where `T` is rows (tokens); 0 is allowed; `N` is row length; 0 is allowed; `S` is groups of a row: N /
/// group\_size.
///
/// - `output`: `[T, N]`, e4m3fn, e4m3fnuz, e5m2, e5m2fnuz, i8; last dimension contiguous, other strides free;
///   written. The quantised rows.
/// - `scales`: `[T, S]`, f32; any strides; written. What a unit of each group stands for; strides of (1, T)
///   give the column-major scales that some GEMMs take.
/// - `input`: `[T, N]`, f32, f16, bf16; last dimension contiguous, other strides free; read. The rows to
///   quantise.
/// - `options`: `Default::default()`, or see [`QuantizePerGroupOptions`].
///
/// *Aliasing*: output, scales and input may not overlap.
///
/// *Numerics*: On a GPU input \* (1 / scale), both in fp32: within one unit in the last place of the quotient
/// rounded to nearest even. The scale of zeros is 2^-126, which is also the least there is. A NaN has no part
/// in the maximum, and becomes NaN (0 in i8). With an infinity the scale is infinite: what is finite becomes
/// 0, the infinity NaN (0 in i8). Bitwise reproducible, and a group's result does not depend on the others.
///
/// *Errors of its own*: INVALID\_SHAPE when N is not S times group\_size.
///
/// *Source*: DeepSeek-AI 2024, arXiv:2412.19437, 3.3.2 (tiles of 1 by 128); meaning of vLLM's
/// per\_token\_group\_quant\_fp8, without its lower bound for the scale. Since 0.1.
pub fn quantize_per_group(
    stream: &Stream,
    output: &mut TensorMut<'_>,
    scales: &mut TensorMut<'_>,
    input: &TensorRef<'_>,
    options: QuantizePerGroupOptions,
) -> Result<()> {
    let inner = stream.inner();
    let output_raw = output.raw();
    let scales_raw = scales.raw();
    let input_raw = input.raw();
    // SAFETY: handles and pointers are good during the call; see the crate's documentation for what comes after.
    inner.check(unsafe { (inner.api.hipinfer_quantize_per_group)(inner.handle, &output_raw, &scales_raw, &input_raw, options.group_size, stream.as_raw()) })
}

/// Quantises a tensor of any shape to fp8 or int8 with one scale.
///
/// ```text
/// output = saturate(round(input / scale))
/// ```
///
/// - `output`: `any shape, the same for all`, e4m3fn, e4m3fnuz, e5m2, e5m2fnuz, i8; any strides; written. The
///   quantised elements; no two of them share memory.
/// - `input`: `any shape, the same for all`, f32, f16, bf16; any strides; read. The elements to quantise; a
///   stride of 0 repeats one.
/// - `scale`: `any shape of one element`, f32; last dimension contiguous, other strides free; read. What a
///   unit of the output stands for, in device memory.
///
/// *Aliasing*: output may not overlap input or scale.
///
/// *Numerics*: On a GPU input \* (1 / scale), both in fp32: within one unit in the last place of the quotient
/// rounded to nearest even. Beyond the largest finite value of the output's dtype, infinities too, becomes
/// that value; i8 ends at -128 and 127. A NaN becomes NaN, and 0 in i8.
///
/// *Source*: Meaning of vLLM's static\_scaled\_fp8\_quant and static\_scaled\_int8\_quant (symmetric); OCP
/// 8-bit Floating Point Specification 1.0; Noune et al. 2022, arXiv:2206.02915 (fnuz). Since 0.1.
///
/// # Safety
///
/// Taken on trust when the work runs: A scale of 0 or a subnormal one divides to infinities and NaN; nothing
/// else comes of it.
pub unsafe fn quantize_per_tensor(
    stream: &Stream,
    output: &mut TensorMut<'_>,
    input: &TensorRef<'_>,
    scale: &TensorRef<'_>,
) -> Result<()> {
    let inner = stream.inner();
    let output_raw = output.raw();
    let input_raw = input.raw();
    let scale_raw = scale.raw();
    // SAFETY: handles and pointers are good during the call; see the crate's documentation for what comes after.
    inner.check(unsafe { (inner.api.hipinfer_quantize_per_tensor)(inner.handle, &output_raw, &input_raw, &scale_raw, stream.as_raw()) })
}

/// Quantises each row to fp8 or int8 with a scale of its own, found from its largest magnitude.
///
/// ```text
/// scales[t] = max(max_i |input[t, i]| / largest, 2^-126); output = round(input / scales[t]), largest: 448
///     (e4m3fn), 240 (e4m3fnuz), 57344 (e5m2, e5m2fnuz), 127 (i8)
/// ```
///
/// where `T` is rows (tokens); 0 is allowed; `N` is row length; 0 is allowed.
///
/// - `output`: `[T, N]`, e4m3fn, e4m3fnuz, e5m2, e5m2fnuz, i8; last dimension contiguous, other strides free;
///   written. The quantised rows.
/// - `scales`: `[T] or [T, 1]`, f32; any strides; written. What a unit of each row stands for.
/// - `input`: `[T, N]`, f32, f16, bf16; last dimension contiguous, other strides free; read. The rows to
///   quantise.
///
/// *Aliasing*: output, scales and input may not overlap.
///
/// *Numerics*: On a GPU input \* (1 / scale), both in fp32: within one unit in the last place of the quotient
/// rounded to nearest even. The scale of zeros is 2^-126, which is also the least there is. A NaN has no part
/// in the maximum, and becomes NaN (0 in i8). With an infinity the scale is infinite: what is finite becomes
/// 0, the infinity NaN (0 in i8). Bitwise reproducible, and a row's result does not depend on the others.
///
/// *Source*: Meaning of vLLM's dynamic\_per\_token\_scaled\_fp8\_quant and dynamic\_scaled\_int8\_quant
/// (symmetric), without vLLM's lower bound of 1 / (512 \* largest) for the scale. Since 0.1.
pub fn quantize_per_token(
    stream: &Stream,
    output: &mut TensorMut<'_>,
    scales: &mut TensorMut<'_>,
    input: &TensorRef<'_>,
) -> Result<()> {
    let inner = stream.inner();
    let output_raw = output.raw();
    let scales_raw = scales.raw();
    let input_raw = input.raw();
    // SAFETY: handles and pointers are good during the call; see the crate's documentation for what comes after.
    inner.check(unsafe { (inner.api.hipinfer_quantize_per_token)(inner.handle, &output_raw, &scales_raw, &input_raw, stream.as_raw()) })
}

/// Options of [`rmsnorm`].
#[derive(Debug, Clone, Copy)]
pub struct RmsnormOptions {
    /// from 0 to 3.4e+38. Added to the mean of squares, to keep a zero row finite; no unit.
    pub eps: f32,
}

impl Default for RmsnormOptions {
    fn default() -> Self {
        RmsnormOptions {
            eps: 1e-06,
        }
    }
}

/// Root-mean-square normalisation of each row.
///
/// ```text
/// output = input / sqrt(mean(input^2) + eps) * weight
/// ```
///
/// where `T` is rows (tokens); 0 is allowed; `H` is heads: with three dimensions every head is a row
/// (per-head QK norm); `N` is row length, from 1.
///
/// - `output`: `[T, N] or [T, H, N]`, f32, f16, bf16; last dimension contiguous, other strides free; written.
///   Normalised rows.
/// - `input`: `[T, N] or [T, H, N]`, f32, f16, bf16; last dimension contiguous, other strides free; read, or
///   [`InPlace`]. Rows to normalise.
/// - `weight`: `[N]`, that of data, or f32; last dimension contiguous, other strides free; read. Gain of each
///   column.
/// - `options`: `Default::default()`, or see [`RmsnormOptions`].
///
/// *Aliasing*: output may be input, with the same strides; it may not overlap weight.
///
/// *Numerics*: Squares are summed in fp32 in a fixed order; one rounding, to the output's dtype. Bitwise
/// reproducible, and a row's result does not depend on the other rows.
///
/// *Errors of its own*: INVALID\_SHAPE when N is 0: rows of length 0 have no mean.
///
/// *Source*: Zhang and Sennrich 2019, arXiv:1910.07467; meaning of flashinfer.norm.rmsnorm. Since 0.1.
pub fn rmsnorm<'a>(
    stream: &Stream,
    output: &mut TensorMut<'_>,
    input: impl Into<Source<'a>>,
    weight: &TensorRef<'_>,
    options: RmsnormOptions,
) -> Result<()> {
    let inner = stream.inner();
    let output_raw = output.raw();
    let weight_raw = weight.raw();
    let input = input.into();
    let input_raw = match &input {
        Source::Tensor(t) => t.raw(),
        Source::InPlace => output_raw,
    };
    // SAFETY: handles and pointers are good during the call; see the crate's documentation for what comes after.
    inner.check(unsafe { (inner.api.hipinfer_rmsnorm)(inner.handle, &output_raw, &input_raw, &weight_raw, options.eps, stream.as_raw()) })
}

/// Options of [`rmsnorm_dynamic_quant`].
#[derive(Debug, Clone, Copy)]
pub struct RmsnormDynamicQuantOptions {
    /// from 0 to 3.4e+38. Added to the mean of squares, to keep a zero row finite; no unit.
    pub eps: f32,
}

impl Default for RmsnormDynamicQuantOptions {
    fn default() -> Self {
        RmsnormDynamicQuantOptions {
            eps: 1e-06,
        }
    }
}

/// Root-mean-square normalisation of each row, quantised with a scale for each row.
///
/// ```text
/// v = input / sqrt(mean(input^2) + eps) * weight; scales = max|v| / largest; output = round(v / scales)
/// ```
///
/// where `T` is rows (tokens); 0 is allowed; `H` is heads: with three dimensions every head is a row
/// (per-head QK norm); `N` is row length, from 1.
///
/// - `output`: `[T, N] or [T, H, N]`, e4m3fn, e4m3fnuz, e5m2, e5m2fnuz, i8; last dimension contiguous, other
///   strides free; written. Normalised rows, quantised.
/// - `scales`: `[T] or [T, H]`, f32; any strides; written. What a unit of each row stands for.
/// - `input`: `[T, N] or [T, H, N]`, f32, f16, bf16; last dimension contiguous, other strides free; read.
///   Rows to normalise.
/// - `weight`: `[N]`, that of data, or f32; last dimension contiguous, other strides free; read. Gain of each
///   column.
/// - `options`: `Default::default()`, or see [`RmsnormDynamicQuantOptions`].
///
/// *Aliasing*: No two tensors may overlap.
///
/// *Numerics*: Squares are summed in fp32 in a fixed order. Quantised is the fp32 result, not one rounded to
/// the input's dtype. The scale is the largest magnitude of the row / the largest finite value of the
/// output's dtype (127 of i8), 2^-126 at least; a NaN has no part in it and becomes NaN (0 in i8), an
/// infinity makes the scale infinite. On a GPU values are multiplied by 1 / scale: within one unit in the
/// last place of the quotient rounded to nearest even. Bitwise reproducible, and a row's result does not
/// depend on the other rows.
///
/// *Errors of its own*: INVALID\_SHAPE when N is 0: rows of length 0 have no mean.
///
/// *Source*: Zhang and Sennrich 2019, arXiv:1910.07467; rmsnorm, quantised as by vLLM's
/// rms\_norm\_dynamic\_per\_token\_quant. Since 0.1.
pub fn rmsnorm_dynamic_quant(
    stream: &Stream,
    output: &mut TensorMut<'_>,
    scales: &mut TensorMut<'_>,
    input: &TensorRef<'_>,
    weight: &TensorRef<'_>,
    options: RmsnormDynamicQuantOptions,
) -> Result<()> {
    let inner = stream.inner();
    let output_raw = output.raw();
    let scales_raw = scales.raw();
    let input_raw = input.raw();
    let weight_raw = weight.raw();
    // SAFETY: handles and pointers are good during the call; see the crate's documentation for what comes after.
    inner.check(unsafe { (inner.api.hipinfer_rmsnorm_dynamic_quant)(inner.handle, &output_raw, &scales_raw, &input_raw, &weight_raw, options.eps, stream.as_raw()) })
}

/// Options of [`rmsnorm_quant`].
#[derive(Debug, Clone, Copy)]
pub struct RmsnormQuantOptions {
    /// from 0 to 3.4e+38. Added to the mean of squares, to keep a zero row finite; no unit.
    pub eps: f32,
}

impl Default for RmsnormQuantOptions {
    fn default() -> Self {
        RmsnormQuantOptions {
            eps: 1e-06,
        }
    }
}

/// Root-mean-square normalisation of each row, quantised with one scale.
///
/// ```text
/// v = input / sqrt(mean(input^2) + eps) * weight; output = saturate(round(v / scale))
/// ```
///
/// where `T` is rows (tokens); 0 is allowed; `H` is heads: with three dimensions every head is a row
/// (per-head QK norm); `N` is row length, from 1.
///
/// - `output`: `[T, N] or [T, H, N]`, e4m3fn, e4m3fnuz, e5m2, e5m2fnuz; last dimension contiguous, other
///   strides free; written. Normalised rows, quantised.
/// - `input`: `[T, N] or [T, H, N]`, f32, f16, bf16; last dimension contiguous, other strides free; read.
///   Rows to normalise.
/// - `weight`: `[N]`, that of data, or f32; last dimension contiguous, other strides free; read. Gain of each
///   column.
/// - `scale`: `any shape of one element`, f32; last dimension contiguous, other strides free; read. What a
///   unit of the output stands for, in device memory.
/// - `options`: `Default::default()`, or see [`RmsnormQuantOptions`].
///
/// *Aliasing*: No two tensors may overlap.
///
/// *Numerics*: Squares are summed in fp32 in a fixed order. Quantised is the fp32 result, not one rounded to
/// the input's dtype. On a GPU it is multiplied by 1 / scale: within one unit in the last place of the
/// quotient rounded to nearest even; saturated at the largest finite value of the output's dtype. A NaN
/// becomes NaN. Bitwise reproducible, and a row's result does not depend on the other rows.
///
/// *Errors of its own*: INVALID\_SHAPE when N is 0: rows of length 0 have no mean.
///
/// *Source*: Zhang and Sennrich 2019, arXiv:1910.07467; meaning of flashinfer.norm.rmsnorm\_quant. Since 0.1.
///
/// # Safety
///
/// Taken on trust when the work runs: A scale of 0 or a subnormal one divides to infinities and NaN; nothing
/// else comes of it.
pub unsafe fn rmsnorm_quant(
    stream: &Stream,
    output: &mut TensorMut<'_>,
    input: &TensorRef<'_>,
    weight: &TensorRef<'_>,
    scale: &TensorRef<'_>,
    options: RmsnormQuantOptions,
) -> Result<()> {
    let inner = stream.inner();
    let output_raw = output.raw();
    let input_raw = input.raw();
    let weight_raw = weight.raw();
    let scale_raw = scale.raw();
    // SAFETY: handles and pointers are good during the call; see the crate's documentation for what comes after.
    inner.check(unsafe { (inner.api.hipinfer_rmsnorm_quant)(inner.handle, &output_raw, &input_raw, &weight_raw, &scale_raw, options.eps, stream.as_raw()) })
}

/// Options of [`rmsnorm_silu`].
#[derive(Debug, Clone, Copy)]
pub struct RmsnormSiluOptions {
    /// from 0 to 3.4e+38. Added to the mean of squares, to keep a zero row finite; no unit.
    pub eps: f32,
}

impl Default for RmsnormSiluOptions {
    fn default() -> Self {
        RmsnormSiluOptions {
            eps: 1e-06,
        }
    }
}

/// Root-mean-square normalisation of each row, and silu of it.
///
/// ```text
/// v = input / sqrt(mean(input^2) + eps) * weight; output = v / (1 + exp(-v))
/// ```
///
/// where `T` is rows (tokens); 0 is allowed; `H` is heads: with three dimensions every head is a row
/// (per-head QK norm); `N` is row length, from 1.
///
/// - `output`: `[T, N] or [T, H, N]`, f32, f16, bf16; last dimension contiguous, other strides free; written.
///   silu of normalised rows.
/// - `input`: `[T, N] or [T, H, N]`, f32, f16, bf16; last dimension contiguous, other strides free; read, or
///   [`InPlace`]. Rows to normalise.
/// - `weight`: `[N]`, that of data, or f32; last dimension contiguous, other strides free; read. Gain of each
///   column.
/// - `options`: `Default::default()`, or see [`RmsnormSiluOptions`].
///
/// *Aliasing*: output may be input, with the same strides; it may not overlap weight.
///
/// *Numerics*: Squares are summed in fp32 in a fixed order; one rounding, to the output's dtype. Below v =
/// -87.3 a result may be -0. Bitwise reproducible, and a row's result does not depend on the other rows.
///
/// *Errors of its own*: INVALID\_SHAPE when N is 0: rows of length 0 have no mean.
///
/// *Source*: Zhang and Sennrich 2019, arXiv:1910.07467; meaning of flashinfer.norm.fused\_rmsnorm\_silu.
/// Since 0.1.
pub fn rmsnorm_silu<'a>(
    stream: &Stream,
    output: &mut TensorMut<'_>,
    input: impl Into<Source<'a>>,
    weight: &TensorRef<'_>,
    options: RmsnormSiluOptions,
) -> Result<()> {
    let inner = stream.inner();
    let output_raw = output.raw();
    let weight_raw = weight.raw();
    let input = input.into();
    let input_raw = match &input {
        Source::Tensor(t) => t.raw(),
        Source::InPlace => output_raw,
    };
    // SAFETY: handles and pointers are good during the call; see the crate's documentation for what comes after.
    inner.check(unsafe { (inner.api.hipinfer_rmsnorm_silu)(inner.handle, &output_raw, &input_raw, &weight_raw, options.eps, stream.as_raw()) })
}

/// Options of [`rope`].
#[derive(Debug)]
pub struct RopeOptions<'a> {
    /// `[T, Hk, D]`, f32, f16, bf16; last dimension contiguous, other strides free; written. Rotated keys;
    /// given exactly if k is.
    pub k_out: Option<TensorMut<'a>>,
    /// `[T, Hk, D]`, f32, f16, bf16; last dimension contiguous, other strides free; read, or [`InPlace`].
    /// Keys.
    pub k: Option<Source<'a>>,
    /// 0 or 1. 0: pairs are half a rotary dimension apart (half-split; GPT-NeoX, Llama in Hugging Face's
    /// layout). 1: pairs are neighbours (GPT-J, Llama as released, FLUX).
    pub interleaved: bool,
}

impl Default for RopeOptions<'_> {
    fn default() -> Self {
        RopeOptions {
            k_out: None,
            k: None,
            interleaved: false,
        }
    }
}

/// Rotary position embedding of queries and, in the same launch, keys.
///
/// ```text
/// for each pair (a, b) of a head with angle i: a' = a cos[i] - b sin[i]; b' = b cos[i] + a sin[i], with
///     cos = cos_sin[position, :R/2], sin = cos_sin[position, R/2:]; pair i is elements (i, i + R/2) of the
///     head, or (2i, 2i + 1) if interleaved
/// ```
///
/// where `T` is tokens; 0 is allowed; `Hq` is query heads; `Hk` is key heads; any number, for grouped
/// queries; `D` is head dimension; `P` is positions in the cache; `R` is rotary dimension: even, at most D;
/// elements of a head from R on are copied.
///
/// - `q_out`: `[T, Hq, D]`, f32, f16, bf16; last dimension contiguous, other strides free; written. Rotated
///   queries.
/// - `q`: `[T, Hq, D]`, f32, f16, bf16; last dimension contiguous, other strides free; read, or [`InPlace`].
///   Queries; with k, views of one fused qkv buffer will do.
/// - `cos_sin`: `[P, R]`, f32; last dimension contiguous, other strides free; read. What
///   rope\_cos\_sin\_cache writes: cosines, then sines, of each position. Always in this order: interleaved
///   speaks of the pairs of q and k alone.
/// - `positions`: `[T]`, i32, i64; last dimension contiguous, other strides free; read. Row of cos\_sin for
///   each token. A token whose position is negative or not below P becomes NaN in all its heads, so that the
///   fault shows.
/// - `options`: `Default::default()`, or see [`RopeOptions`].
///
/// *Aliasing*: q\_out may be q and k\_out may be k, with the same strides; q\_out and k\_out may not overlap.
///
/// *Numerics*: fp32, one rounding to the output's dtype. Bitwise reproducible, and a token's result does not
/// depend on the other tokens. Least possible traffic: 2 \* (Hq + Hk) \* D elements a token (2 \* (Hq + Hk)
/// \* R in place), R fp32 of cos\_sin for each position in use, and the position.
///
/// *Errors of its own*: INVALID\_SHAPE when R is odd or more than D, or Hq, Hk or D is more than 2^26;
/// NULL\_POINTER when only one of k and k\_out is given.
///
/// *Source*: Su et al. 2021, arXiv:2104.09864; meaning of flashinfer.rope.apply\_rope\_with\_cos\_sin\_cache.
/// Since 0.1.
pub fn rope<'a>(
    stream: &Stream,
    q_out: &mut TensorMut<'_>,
    q: impl Into<Source<'a>>,
    cos_sin: &TensorRef<'_>,
    positions: &TensorRef<'_>,
    options: RopeOptions<'_>,
) -> Result<()> {
    let inner = stream.inner();
    let q_out_raw = q_out.raw();
    let k_out_raw = options.k_out.as_ref().map(|t| t.raw());
    let cos_sin_raw = cos_sin.raw();
    let positions_raw = positions.raw();
    let q = q.into();
    let q_raw = match &q {
        Source::Tensor(t) => t.raw(),
        Source::InPlace => q_out_raw,
    };
    let k_raw = match &options.k {
        Some(Source::Tensor(t)) => Some(t.raw()),
        Some(Source::InPlace) => k_out_raw,
        None => None,
    };
    // SAFETY: handles and pointers are good during the call; see the crate's documentation for what comes after.
    inner.check(unsafe { (inner.api.hipinfer_rope)(inner.handle, &q_out_raw, pointer(&k_out_raw), &q_raw, pointer(&k_raw), &cos_sin_raw, &positions_raw, options.interleaved as i32, stream.as_raw()) })
}

/// Options of [`rope_append_kv`].
#[derive(Debug)]
pub struct RopeAppendKvOptions<'a> {
    /// `[I]`, i32, i64; last dimension contiguous, other strides free; read. Page table: the pages of all
    /// requests, one request after the other. Left out with kv\_indptr and kv\_last\_page\_len, the cache is
    /// contiguous: page b is request b, and its length S.
    pub kv_indices: Option<TensorRef<'a>>,
    /// `[B+1]`, i32, i64; last dimension contiguous, other strides free; read. Where each request begins in
    /// kv\_indices, in order. A request that ends where it begins or before has no positions.
    pub kv_indptr: Option<TensorRef<'a>>,
    /// `[B]`, i32, i64; last dimension contiguous, other strides free; read. Slots in use, after the append,
    /// in each request's last page, 1 to S: the request's length is (pages - 1) \* S + kv\_last\_page\_len.
    pub kv_last_page_len: Option<TensorRef<'a>>,
    /// `[T]`, i32, i64; last dimension contiguous, other strides free; read. Row of cos\_sin for each token,
    /// where it is not the position in the request.
    pub pos_ids: Option<TensorRef<'a>>,
    /// `any shape of one element`, f32; last dimension contiguous, other strides free; read. fp8 caches: what
    /// a unit of k\_cache stands for, in device memory; left out it is 1.
    pub k_scale: Option<TensorRef<'a>>,
    /// `any shape of one element`, f32; last dimension contiguous, other strides free; read. fp8 caches: what
    /// a unit of v\_cache stands for, in device memory; left out it is 1.
    pub v_scale: Option<TensorRef<'a>>,
    /// 0 or 1. 0: pairs are half a rotary dimension apart (half-split; GPT-NeoX, Llama in Hugging Face's
    /// layout). 1: pairs are neighbours (GPT-J, Llama as released, FLUX).
    pub interleaved: bool,
}

impl Default for RopeAppendKvOptions<'_> {
    fn default() -> Self {
        RopeAppendKvOptions {
            kv_indices: None,
            kv_indptr: None,
            kv_last_page_len: None,
            pos_ids: None,
            k_scale: None,
            v_scale: None,
            interleaved: false,
        }
    }
}

/// Rotary position embedding of queries and keys; the keys and their values go straight to a paged or
/// contiguous cache, quantised where it is fp8.
///
/// ```text
/// q_out = rope(q); k_cache[page, slot] = rope(k), v_cache[page, slot] = v, with rope as in the operation
///     rope at row pos_ids[t] of cos_sin (positions[t] where pos_ids is left out) and page and slot as in
///     append_paged_kv_cache; in a cache of fp8 saturate(round(rope(k) / k_scale)) and saturate(round(v /
///     v_scale))
/// ```
///
/// where `T` is tokens; 0 is allowed; `Hq` is query heads; `Hk` is key and value heads; `D` is head dimension
/// of queries and keys; `P` is pages in the cache; of a contiguous one, requests; `R` is rotary dimension:
/// even, at most D; elements of a head from R on are copied; `S` is slots (tokens) in a page; any number; `E`
/// is head dimension of values; `B` is requests; `I` is entries of the page table; `C` is positions in
/// cos\_sin.
///
/// - `q_out`: `[T, Hq, D]`, f32, f16, bf16; last dimension contiguous, other strides free; written. Rotated
///   queries.
/// - `k_cache`: `[P, S, Hk, D]`, that of data, or e4m3fn, e4m3fnuz, e5m2, e5m2fnuz; last dimension
///   contiguous, other strides free; read and written. Key pages. The layout is the strides': \[pages, slots,
///   heads, D\] (NHD), \[pages, heads, slots, D\] (HND) or one half of a combined tensor are views with these
///   four dimensions. Offsets are 64 bits wide.
/// - `v_cache`: `[P, S, Hk, E]`, that of data, or e4m3fn, e4m3fnuz, e5m2, e5m2fnuz; last dimension
///   contiguous, other strides free; read and written. Value pages; strides of its own.
/// - `q`: `[T, Hq, D]`, f32, f16, bf16; last dimension contiguous, other strides free; read, or [`InPlace`].
///   Queries; with k and v, views of one fused qkv buffer will do.
/// - `k`: `[T, Hk, D]`, f32, f16, bf16; last dimension contiguous, other strides free; read. New keys, not
///   yet rotated.
/// - `v`: `[T, Hk, E]`, f32, f16, bf16; last dimension contiguous, other strides free; read. New values.
/// - `cos_sin`: `[C, R]`, f32; last dimension contiguous, other strides free; read. What
///   rope\_cos\_sin\_cache writes: cosines, then sines, of each position. Always in this order: interleaved
///   speaks of the pairs of q and k alone.
/// - `positions`: `[T]`, i32, i64; last dimension contiguous, other strides free; read. Position of each
///   token in its request: its slot, and without pos\_ids its row of cos\_sin. A token whose row is negative
///   or not below C becomes NaN in all heads of q and k, so that the fault shows.
/// - `batch_indices`: `[T]`, i32, i64; last dimension contiguous, other strides free; read. Request of each
///   token. Nothing is appended, and nothing is touched out of bounds, for a token whose request is not in
///   \[0, B), whose position is not in \[0, length of the request), or whose page is not in \[0, P); its
///   queries are rotated.
/// - `options`: `Default::default()`, or see [`RopeAppendKvOptions`].
///
/// *Aliasing*: q\_out may be q, with the same strides. k\_cache and v\_cache may be views of one tensor, but
/// may not overlap each other or an input. Two tokens of one call must not name the same slot, or which of
/// them stays is undefined.
///
/// *Numerics*: fp32, one rounding to the output's dtype: a quantised key is not rounded to its own dtype
/// before. v is copied, exact, where the cache has its dtype. fp8: on a GPU x \* (1 / scale), within one unit
/// in the last place of the quotient rounded to nearest even; beyond the largest finite value, infinities
/// too, becomes that value. Bitwise reproducible, and a token's result does not depend on the other tokens.
/// Least possible traffic a token: 2 \* Hq \* D elements of data (2 \* Hq \* R in place), Hk \* (D + E)
/// elements of data and as many of the cache, R fp32 of cos\_sin for each position in use, and the look-ups
/// of append\_paged\_kv\_cache; rope and append\_paged\_kv\_cache move 2 \* Hk \* D elements more.
///
/// *Errors of its own*: INVALID\_SHAPE when R is odd or more than D, I \* S is 2^31 or more, or Hq, Hk, D or
/// E is more than 2^26; NULL\_POINTER when some of kv\_indices, kv\_indptr and kv\_last\_page\_len are given
/// and some not; INVALID\_DTYPE when a scale is given and the cache is not fp8.
///
/// *Source*: Su et al. 2021, arXiv:2104.09864; meaning of flashinfer.rope.apply\_rope\_with\_cos\_sin\_cache,
/// then flashinfer.page.append\_paged\_kv\_cache. Since 0.1.
pub fn rope_append_kv<'a>(
    stream: &Stream,
    q_out: &mut TensorMut<'_>,
    k_cache: &mut TensorMut<'_>,
    v_cache: &mut TensorMut<'_>,
    q: impl Into<Source<'a>>,
    k: &TensorRef<'_>,
    v: &TensorRef<'_>,
    cos_sin: &TensorRef<'_>,
    positions: &TensorRef<'_>,
    batch_indices: &TensorRef<'_>,
    options: RopeAppendKvOptions<'_>,
) -> Result<()> {
    let inner = stream.inner();
    let q_out_raw = q_out.raw();
    let k_cache_raw = k_cache.raw();
    let v_cache_raw = v_cache.raw();
    let k_raw = k.raw();
    let v_raw = v.raw();
    let cos_sin_raw = cos_sin.raw();
    let positions_raw = positions.raw();
    let batch_indices_raw = batch_indices.raw();
    let kv_indices_raw = options.kv_indices.as_ref().map(|t| t.raw());
    let kv_indptr_raw = options.kv_indptr.as_ref().map(|t| t.raw());
    let kv_last_page_len_raw = options.kv_last_page_len.as_ref().map(|t| t.raw());
    let pos_ids_raw = options.pos_ids.as_ref().map(|t| t.raw());
    let k_scale_raw = options.k_scale.as_ref().map(|t| t.raw());
    let v_scale_raw = options.v_scale.as_ref().map(|t| t.raw());
    let q = q.into();
    let q_raw = match &q {
        Source::Tensor(t) => t.raw(),
        Source::InPlace => q_out_raw,
    };
    // SAFETY: handles and pointers are good during the call; see the crate's documentation for what comes after.
    inner.check(unsafe { (inner.api.hipinfer_rope_append_kv)(inner.handle, &q_out_raw, &k_cache_raw, &v_cache_raw, &q_raw, &k_raw, &v_raw, &cos_sin_raw, &positions_raw, &batch_indices_raw, pointer(&kv_indices_raw), pointer(&kv_indptr_raw), pointer(&kv_last_page_len_raw), pointer(&pos_ids_raw), pointer(&k_scale_raw), pointer(&v_scale_raw), options.interleaved as i32, stream.as_raw()) })
}

/// Frequency scaling of rotary position embedding.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum RopeScaling {
    /// as trained
    None = 0,
    /// every frequency is divided by the factor (position interpolation)
    Linear = 1,
    /// low frequencies are divided by the factor, high ones kept, those between blended
    Llama31 = 2,
    /// as llama31, with the blend linear in the dimension, and cosine and sine multiplied by the attention
    /// factor
    Yarn = 3,
}

/// Options of [`rope_cos_sin_cache`].
#[derive(Debug, Clone, Copy)]
pub struct RopeCosSinCacheOptions {
    /// from 1 to 3.4e+38. Base of the frequencies.
    pub theta: f32,
    /// How frequencies are scaled for contexts longer than those of training.
    pub scaling: RopeScaling,
    /// from 0 to 3.4e+38. What scaled frequencies are divided by; 0 is 1, and 8 for llama31.
    pub factor: f32,
    /// from 0 to 3.4e+38. llama31: wavelengths above original\_context / low\_freq\_factor are scaled in
    /// full; 0 is 1.
    pub low_freq_factor: f32,
    /// from 0 to 3.4e+38. llama31: wavelengths below original\_context / high\_freq\_factor are not scaled,
    /// those between are blended; 0 is 4.
    pub high_freq_factor: f32,
    /// from 0. llama31, yarn: length of the training context, in tokens; 0 is 8192, and 4096 for yarn.
    pub original_context: i32,
    /// from 0 to 3.4e+38. yarn: frequencies of more turns than this in the training context are not scaled; 0
    /// is 32.
    pub beta_fast: f32,
    /// from 0 to 3.4e+38. yarn: frequencies of fewer turns than this in the training context are scaled in
    /// full, those between are blended; 0 is 1.
    pub beta_slow: f32,
    /// from 0 to 3.4e+38. yarn: multiplies cosine and sine; 0 is 0.1 ln(factor) + 1, and 1 where factor is at
    /// most 1.
    pub attention_factor: f32,
}

impl Default for RopeCosSinCacheOptions {
    fn default() -> Self {
        RopeCosSinCacheOptions {
            theta: 10000.0,
            scaling: RopeScaling::None,
            factor: 0.0,
            low_freq_factor: 0.0,
            high_freq_factor: 0.0,
            original_context: 0,
            beta_fast: 0.0,
            beta_slow: 0.0,
            attention_factor: 0.0,
        }
    }
}

/// Cosines and sines of rotary position embedding for every position, as rope reads them.
///
/// ```text
/// output[p, i] = m cos(p * f[i]); output[p, R/2 + i] = m sin(p * f[i]); m is 1, and with yarn the
///     attention factor; f[i] = theta^(-2i/R), scaled as options.scaling says
/// ```
///
/// where `P` is positions, from 0 on; 0 is allowed; `R` is rotary dimension: even, at most 512; half of it
/// cosines, half sines, whatever the order of the pairs in rope.
///
/// - `output`: `[P, R]`, f32; last dimension contiguous, other strides free; written. Row p holds the cosines
///   of position p, then its sines.
/// - `options`: `Default::default()`, or see [`RopeCosSinCacheOptions`].
///
/// *Aliasing*: none: there is one tensor.
///
/// *Numerics*: f is computed in double by the host, the angle p \* f as one product in double by the device;
/// its cosine and sine are within 2^-51 for angles up to 2^40, then rounded once to fp32. Frameworks that
/// form f in fp32 differ by up to 6e-8 of the angle, which is visible from positions of some thousands on.
///
/// *Errors of its own*: INVALID\_SHAPE when R is 0, odd or more than 512; INVALID\_ARGUMENT when
/// high\_freq\_factor is not more than low\_freq\_factor with llama31, or beta\_fast not more than beta\_slow
/// or theta 1 with yarn.
///
/// *Source*: Su et al. 2021, arXiv:2104.09864; linear scaling: Chen et al. 2023, arXiv:2306.15595; llama31:
/// the llama3 scaling of Hugging Face transformers and flashinfer.rope.apply\_llama31\_rope; yarn: Peng et
/// al. 2023, arXiv:2309.00071, as in Hugging Face transformers. Since 0.1.
pub fn rope_cos_sin_cache(
    stream: &Stream,
    output: &mut TensorMut<'_>,
    options: RopeCosSinCacheOptions,
) -> Result<()> {
    let inner = stream.inner();
    let output_raw = output.raw();
    let c_options = sys::hipinfer_rope_cos_sin_cache_options {
        struct_size: size_of::<sys::hipinfer_rope_cos_sin_cache_options>(),
        scaling: options.scaling as i32,
        factor: options.factor,
        low_freq_factor: options.low_freq_factor,
        high_freq_factor: options.high_freq_factor,
        original_context: options.original_context,
        beta_fast: options.beta_fast,
        beta_slow: options.beta_slow,
        attention_factor: options.attention_factor,
    };
    // SAFETY: handles and pointers are good during the call; see the crate's documentation for what comes after.
    inner.check(unsafe { (inner.api.hipinfer_rope_cos_sin_cache)(inner.handle, &output_raw, options.theta, &c_options, stream.as_raw()) })
}

/// Options of [`rope_quantize_fp8`].
#[derive(Debug)]
pub struct RopeQuantizeFp8Options<'a> {
    /// `[T, Hq, N]`, e4m3fn, e4m3fnuz, e5m2, e5m2fnuz; last dimension contiguous, other strides free;
    /// written. Quantised other parts of the queries; given exactly if q\_nope is.
    pub q_nope_out: Option<TensorMut<'a>>,
    /// `[T, Hk, N] or [T, N]`, e4m3fn, e4m3fnuz, e5m2, e5m2fnuz; last dimension contiguous, other strides
    /// free; written. Of the keys; given exactly if k\_nope is.
    pub k_nope_out: Option<TensorMut<'a>>,
    /// `[T, Hq, N]`, f32, f16, bf16; last dimension contiguous, other strides free; read. Parts of the
    /// queries that are not rotated.
    pub q_nope: Option<TensorRef<'a>>,
    /// `[T, Hk, N] or [T, N]`, f32, f16, bf16; last dimension contiguous, other strides free; read. Parts of
    /// the keys that are not rotated.
    pub k_nope: Option<TensorRef<'a>>,
    /// 0 or 1. 0: pairs are half a rotary dimension apart (half-split; GPT-NeoX, Llama in Hugging Face's
    /// layout). 1: pairs are neighbours (GPT-J, Llama as released, FLUX).
    pub interleaved: bool,
    /// any value. What queries are multiplied by before they are rounded: the reciprocal of their scale.
    pub quant_scale_q: f32,
    /// any value. What keys are multiplied by before they are rounded: the reciprocal of their scale.
    pub quant_scale_kv: f32,
}

impl Default for RopeQuantizeFp8Options<'_> {
    fn default() -> Self {
        RopeQuantizeFp8Options {
            q_nope_out: None,
            k_nope_out: None,
            q_nope: None,
            k_nope: None,
            interleaved: false,
            quant_scale_q: 1.0,
            quant_scale_kv: 1.0,
        }
    }
}

/// Rotary position embedding of the rotary parts of queries and keys, and all parts quantised to fp8, in one
/// launch.
///
/// ```text
/// q_rope_out = saturate(round(rope(q_rope) * quant_scale_q)), q_nope_out = saturate(round(q_nope *
///     quant_scale_q)), and k likewise with quant_scale_kv; rope as in the operation rope, over the whole
///     of R
/// ```
///
/// where `T` is tokens; 0 is allowed; `Hq` is query heads; `Hk` is key heads; `P` is positions in the cache;
/// `R` is rotary dimension, even: the length of the rotary parts; `N` is length of the parts that are not
/// rotated.
///
/// - `q_rope_out`: `[T, Hq, R]`, e4m3fn, e4m3fnuz, e5m2, e5m2fnuz; last dimension contiguous, other strides
///   free; written. Rotated and quantised rotary parts of the queries.
/// - `k_rope_out`: `[T, Hk, R] or [T, R]`, e4m3fn, e4m3fnuz, e5m2, e5m2fnuz; last dimension contiguous, other
///   strides free; written. Of the keys; two dimensions where keys have one head (MLA).
/// - `q_rope`: `[T, Hq, R]`, f32, f16, bf16; last dimension contiguous, other strides free; read. Rotary
///   parts of the queries.
/// - `k_rope`: `[T, Hk, R] or [T, R]`, f32, f16, bf16; last dimension contiguous, other strides free; read.
///   Rotary parts of the keys.
/// - `cos_sin`: `[P, R]`, f32; last dimension contiguous, other strides free; read. What
///   rope\_cos\_sin\_cache writes: cosines, then sines, of each position.
/// - `positions`: `[T]`, i32, i64; last dimension contiguous, other strides free; read. Row of cos\_sin for
///   each token. A token whose position is negative or not below P becomes NaN in its rotary parts, so that
///   the fault shows.
/// - `options`: `Default::default()`, or see [`RopeQuantizeFp8Options`].
///
/// *Aliasing*: none: no output may overlap another argument. Parts of one head, as \[.., N + R\], are views
/// with strides.
///
/// *Numerics*: fp32, one rounding, to nearest even: within one unit in the last place of the rounded result.
/// Beyond the largest finite value, infinities too, becomes that value; a NaN stays NaN. Bitwise
/// reproducible, and a token's result does not depend on the other tokens. Least possible traffic a token:
/// (Hq + Hk) \* (R + N) elements of data and as many bytes, R fp32 of cos\_sin for each position in use, and
/// the position.
///
/// *Errors of its own*: INVALID\_SHAPE when R is odd, or Hq, Hk or R + N is more than 2^26; NULL\_POINTER
/// when only one of q\_nope and q\_nope\_out, or of k\_nope and k\_nope\_out, is given.
///
/// *Source*: Su et al. 2021, arXiv:2104.09864; meaning of flashinfer.rope.rope\_quantize\_fp8 and
/// mla\_rope\_quantize\_fp8. Since 0.1.
pub fn rope_quantize_fp8(
    stream: &Stream,
    q_rope_out: &mut TensorMut<'_>,
    k_rope_out: &mut TensorMut<'_>,
    q_rope: &TensorRef<'_>,
    k_rope: &TensorRef<'_>,
    cos_sin: &TensorRef<'_>,
    positions: &TensorRef<'_>,
    options: RopeQuantizeFp8Options<'_>,
) -> Result<()> {
    let inner = stream.inner();
    let q_rope_out_raw = q_rope_out.raw();
    let k_rope_out_raw = k_rope_out.raw();
    let q_nope_out_raw = options.q_nope_out.as_ref().map(|t| t.raw());
    let k_nope_out_raw = options.k_nope_out.as_ref().map(|t| t.raw());
    let q_rope_raw = q_rope.raw();
    let k_rope_raw = k_rope.raw();
    let q_nope_raw = options.q_nope.as_ref().map(|t| t.raw());
    let k_nope_raw = options.k_nope.as_ref().map(|t| t.raw());
    let cos_sin_raw = cos_sin.raw();
    let positions_raw = positions.raw();
    // SAFETY: handles and pointers are good during the call; see the crate's documentation for what comes after.
    inner.check(unsafe { (inner.api.hipinfer_rope_quantize_fp8)(inner.handle, &q_rope_out_raw, &k_rope_out_raw, pointer(&q_nope_out_raw), pointer(&k_nope_out_raw), &q_rope_raw, &k_rope_raw, pointer(&q_nope_raw), pointer(&k_nope_raw), &cos_sin_raw, &positions_raw, options.interleaved as i32, options.quant_scale_q, options.quant_scale_kv, stream.as_raw()) })
}

/// Options of [`rope_theta`].
#[derive(Debug)]
pub struct RopeThetaOptions<'a> {
    /// `[T, Hk, D]`, f32, f16, bf16; last dimension contiguous, other strides free; written. Rotated keys;
    /// given exactly if k is.
    pub k_out: Option<TensorMut<'a>>,
    /// `[T, Hk, D]`, f32, f16, bf16; last dimension contiguous, other strides free; read, or [`InPlace`].
    /// Keys.
    pub k: Option<Source<'a>>,
    /// `[T]`, i32, i64; last dimension contiguous, other strides free; read. Position of each token, 0 to
    /// 2^40 - 1; a token with any other becomes NaN in all its heads, so that the fault shows. Given exactly
    /// if indptr is not.
    pub positions: Option<TensorRef<'a>>,
    /// `[B+1]`, i32, i64; last dimension contiguous, other strides free; read. Where each request begins
    /// among the tokens, in order. A token of no request becomes NaN. Not in order, a token may be taken for
    /// any request's, the same on every device.
    pub indptr: Option<TensorRef<'a>>,
    /// `[B]`, i32, i64; last dimension contiguous, other strides free; read. Position of each request's first
    /// token; given exactly if indptr is.
    pub offsets: Option<TensorRef<'a>>,
    /// 0 or 1. 0: pairs are half a rotary dimension apart (half-split; GPT-NeoX, Llama in Hugging Face's
    /// layout). 1: pairs are neighbours (GPT-J, Llama as released, FLUX).
    pub interleaved: bool,
    /// from 1 to 3.4e+38. Base of the frequencies.
    pub theta: f32,
    /// from 0. R, the rotary dimension: even, at most D and 512; elements of a head from R on are copied. 0
    /// is D.
    pub rotary_dim: i32,
    /// How frequencies are scaled for contexts longer than those of training.
    pub scaling: RopeScaling,
    /// from 0 to 3.4e+38. What scaled frequencies are divided by; 0 is 1, and 8 for llama31.
    pub factor: f32,
    /// from 0 to 3.4e+38. llama31: wavelengths above original\_context / low\_freq\_factor are scaled in
    /// full; 0 is 1.
    pub low_freq_factor: f32,
    /// from 0 to 3.4e+38. llama31: wavelengths below original\_context / high\_freq\_factor are not scaled,
    /// those between are blended; 0 is 4.
    pub high_freq_factor: f32,
    /// from 0. llama31, yarn: length of the training context, in tokens; 0 is 8192, and 4096 for yarn.
    pub original_context: i32,
    /// from 0 to 3.4e+38. yarn: frequencies of more turns than this in the training context are not scaled; 0
    /// is 32.
    pub beta_fast: f32,
    /// from 0 to 3.4e+38. yarn: frequencies of fewer turns than this in the training context are scaled in
    /// full, those between are blended; 0 is 1.
    pub beta_slow: f32,
    /// from 0 to 3.4e+38. yarn: multiplies cosine and sine; 0 is 0.1 ln(factor) + 1, and 1 where factor is at
    /// most 1.
    pub attention_factor: f32,
}

impl Default for RopeThetaOptions<'_> {
    fn default() -> Self {
        RopeThetaOptions {
            k_out: None,
            k: None,
            positions: None,
            indptr: None,
            offsets: None,
            interleaved: false,
            theta: 10000.0,
            rotary_dim: 0,
            scaling: RopeScaling::None,
            factor: 0.0,
            low_freq_factor: 0.0,
            high_freq_factor: 0.0,
            original_context: 0,
            beta_fast: 0.0,
            beta_slow: 0.0,
            attention_factor: 0.0,
        }
    }
}

/// Rotary position embedding of queries and, in the same launch, keys, without a cache of angles: from
/// positions, or from the requests of a ragged batch.
///
/// ```text
/// as rope, with cos[i] and sin[i] those of rope_cos_sin_cache: m cos(position * f[i]), m sin(position *
///     f[i]), f[i] = theta^(-2i/R), scaled as options.scaling says; position = positions[t], or offsets[b]
///     + t - indptr[b] for a token t of request b, indptr[b] <= t < indptr[b+1]
/// ```
///
/// where `T` is tokens; 0 is allowed; `Hq` is query heads; `Hk` is key heads; any number, for grouped
/// queries; `D` is head dimension; `B` is requests of a ragged batch; 0 is allowed.
///
/// - `q_out`: `[T, Hq, D]`, f32, f16, bf16; last dimension contiguous, other strides free; written. Rotated
///   queries.
/// - `q`: `[T, Hq, D]`, f32, f16, bf16; last dimension contiguous, other strides free; read, or [`InPlace`].
///   Queries; with k, views of one fused qkv buffer will do.
/// - `options`: `Default::default()`, or see [`RopeThetaOptions`].
///
/// *Aliasing*: q\_out may be q and k\_out may be k, with the same strides; q\_out and k\_out may not overlap.
///
/// *Numerics*: Frequencies and angles in double; cosine and sine are rounded to fp32, then the rotation is
/// fp32 with one rounding to the output's dtype. The angle's error is below 1e-15 of it times log2(theta):
/// FlashInfer forms frequencies in fp32 and differs by up to 6e-8 of the angle, which is visible from
/// positions of some thousands on. Bitwise reproducible, and a token's result does not depend on the other
/// tokens. Least possible traffic: 2 \* (Hq + Hk) \* D elements a token (2 \* (Hq + Hk) \* R in place), and
/// the position.
///
/// *Errors of its own*: INVALID\_SHAPE when R is 0, odd, more than D or more than 512, or Hq, Hk or D is more
/// than 2^26; NULL\_POINTER when only one of k and k\_out is given, or only one of indptr and offsets, or
/// neither positions nor indptr; INVALID\_ARGUMENT when high\_freq\_factor is not more than low\_freq\_factor
/// with llama31, or beta\_fast not more than beta\_slow or theta 1 with yarn, or both positions and indptr
/// are given.
///
/// *Source*: Su et al. 2021, arXiv:2104.09864; meaning of flashinfer.rope.apply\_rope, apply\_rope\_pos\_ids,
/// apply\_llama31\_rope and apply\_llama31\_rope\_pos\_ids (rope\_scale is options.factor). Since 0.1.
pub fn rope_theta<'a>(
    stream: &Stream,
    q_out: &mut TensorMut<'_>,
    q: impl Into<Source<'a>>,
    options: RopeThetaOptions<'_>,
) -> Result<()> {
    let inner = stream.inner();
    let q_out_raw = q_out.raw();
    let k_out_raw = options.k_out.as_ref().map(|t| t.raw());
    let positions_raw = options.positions.as_ref().map(|t| t.raw());
    let indptr_raw = options.indptr.as_ref().map(|t| t.raw());
    let offsets_raw = options.offsets.as_ref().map(|t| t.raw());
    let q = q.into();
    let q_raw = match &q {
        Source::Tensor(t) => t.raw(),
        Source::InPlace => q_out_raw,
    };
    let k_raw = match &options.k {
        Some(Source::Tensor(t)) => Some(t.raw()),
        Some(Source::InPlace) => k_out_raw,
        None => None,
    };
    let c_options = sys::hipinfer_rope_theta_options {
        struct_size: size_of::<sys::hipinfer_rope_theta_options>(),
        rotary_dim: options.rotary_dim,
        scaling: options.scaling as i32,
        factor: options.factor,
        low_freq_factor: options.low_freq_factor,
        high_freq_factor: options.high_freq_factor,
        original_context: options.original_context,
        beta_fast: options.beta_fast,
        beta_slow: options.beta_slow,
        attention_factor: options.attention_factor,
    };
    // SAFETY: handles and pointers are good during the call; see the crate's documentation for what comes after.
    inner.check(unsafe { (inner.api.hipinfer_rope_theta)(inner.handle, &q_out_raw, pointer(&k_out_raw), &q_raw, pointer(&k_raw), pointer(&positions_raw), pointer(&indptr_raw), pointer(&offsets_raw), options.interleaved as i32, options.theta, &c_options, stream.as_raw()) })
}

/// Options of [`sampling_from_logits`].
#[derive(Debug)]
pub struct SamplingFromLogitsOptions<'a> {
    /// `[T]`, bool; last dimension contiguous, other strides free; written. Whether the row could be sampled:
    /// false, with output 0, where every logit is NaN or -inf, its temperature is negative or NaN, or its
    /// index is out of range.
    pub valid: Option<TensorMut<'a>>,
    /// `[T]`, i32, i64; last dimension contiguous, other strides free; read. For each output the row that it
    /// is sampled from; without it row t is output t's.
    pub indices: Option<TensorRef<'a>>,
    /// `[T]`, f32; last dimension contiguous, other strides free; read. A temperature for each output, in
    /// place of temperature.
    pub temperatures: Option<TensorRef<'a>>,
    /// `[2] or [T, 2]`, i64; last dimension contiguous, other strides free; read. Seed and offset in device
    /// memory, for all outputs or for each, in place of the arguments: a captured graph replays with what
    /// they hold then.
    pub philox: Option<TensorRef<'a>>,
    /// from 0 to 3.4e+38. Divides the logits; 0 is greedy: the lowest index of the largest logit.
    pub temperature: f32,
    /// any value. Key of the random generator.
    pub seed: u64,
    /// any value. Counter of the random generator: one call uses one value for all its outputs, so add 1 a
    /// call.
    pub offset: u64,
}

impl Default for SamplingFromLogitsOptions<'_> {
    fn default() -> Self {
        SamplingFromLogitsOptions {
            valid: None,
            indices: None,
            temperatures: None,
            philox: None,
            temperature: 1.0,
            seed: 0,
            offset: 0,
        }
    }
}

/// Samples one token a row from temperature-scaled logits.
///
/// ```text
/// w[i] = exp((logits[i] - max) / temperature); output[t] = the first i, in index order, at which the sum
///     of w up to and including i exceeds u * sum of w
/// ```
///
/// where `T` is outputs; 0 is allowed; `V` is vocabulary size, from 1 to 2^31 - 1; `R` is rows.
///
/// - `output`: `[T]`, i32; last dimension contiguous, other strides free; written. The sampled index of each
///   row, always in \[0, V).
/// - `logits`: `[R, V]`, f32, f16, bf16; last dimension contiguous, other strides free; read. Unscaled
///   logits. NaN and -inf are never sampled; +inf takes all the probability, shared equally among the +inf of
///   the row.
/// - `options`: `Default::default()`, or see [`SamplingFromLogitsOptions`].
///
/// *Aliasing*: none: the outputs may not overlap each other or an input.
///
/// *Numerics*: Weights are computed in fp32 and cut to a multiple of a fixed-point step, 2^-44 of the largest
/// for V from 131072 to 262143 and never more than 2^-31 of it; what is smaller than the step counts as 0.
/// Sums over a whole row add the weights of 16 bytes of it in fp32 first. Sums are of integers and exact:
/// results are bitwise reproducible, and a row's result does not depend on the other rows. u = Philox4x32-10
/// with key = seed and counter = (offset, t), its first 64 bits over 2^64.
///
/// *Errors of its own*: INVALID\_SHAPE when V is 0 or more than 2^31 - 1, or indices is left out, and R is
/// not T.
///
/// *Source*: Meaning of flashinfer.sampling.sampling\_from\_logits; Philox: Salmon et al. 2011, SC '11. Since
/// 0.1.
pub fn sampling_from_logits(
    stream: &Stream,
    output: &mut TensorMut<'_>,
    logits: &TensorRef<'_>,
    options: SamplingFromLogitsOptions<'_>,
) -> Result<()> {
    let inner = stream.inner();
    let output_raw = output.raw();
    let valid_raw = options.valid.as_ref().map(|t| t.raw());
    let logits_raw = logits.raw();
    let indices_raw = options.indices.as_ref().map(|t| t.raw());
    let temperatures_raw = options.temperatures.as_ref().map(|t| t.raw());
    let philox_raw = options.philox.as_ref().map(|t| t.raw());
    // SAFETY: handles and pointers are good during the call; see the crate's documentation for what comes after.
    inner.check(unsafe { (inner.api.hipinfer_sampling_from_logits)(inner.handle, &output_raw, pointer(&valid_raw), &logits_raw, pointer(&indices_raw), pointer(&temperatures_raw), pointer(&philox_raw), options.temperature, options.seed, options.offset, stream.as_raw()) })
}

/// Options of [`sampling_from_probs`].
#[derive(Debug)]
pub struct SamplingFromProbsOptions<'a> {
    /// `[T]`, bool; last dimension contiguous, other strides free; written. Whether the row could be sampled:
    /// false, with output 0, where no probability is above 0, a setting of the row is NaN, or its index is
    /// out of range.
    pub valid: Option<TensorMut<'a>>,
    /// `[T]`, i32, i64; last dimension contiguous, other strides free; read. For each output the row that it
    /// is sampled from; without it row t is output t's.
    pub indices: Option<TensorRef<'a>>,
    /// `[2] or [T, 2]`, i64; last dimension contiguous, other strides free; read. Seed and offset in device
    /// memory, for all outputs or for each, in place of the arguments: a captured graph replays with what
    /// they hold then.
    pub philox: Option<TensorRef<'a>>,
    /// any value. Key of the random generator.
    pub seed: u64,
    /// any value. Counter of the random generator: one call uses one value for all its outputs, so add 1 a
    /// call.
    pub offset: u64,
}

impl Default for SamplingFromProbsOptions<'_> {
    fn default() -> Self {
        SamplingFromProbsOptions {
            valid: None,
            indices: None,
            philox: None,
            seed: 0,
            offset: 0,
        }
    }
}

/// Samples one token a row from probabilities.
///
/// ```text
/// S = all tokens; output[t] = the first i, in index order, at which the sum of p over S up to and
///     including i exceeds u * sum of S, p the row of probs
/// ```
///
/// where `T` is outputs; 0 is allowed; `V` is vocabulary size, from 1 to 2^31 - 1; `R` is rows.
///
/// - `output`: `[T]`, i32; last dimension contiguous, other strides free; written. The sampled index of each
///   row, always in \[0, V).
/// - `probs`: `[R, V]`, f32, f16, bf16; last dimension contiguous, other strides free; read. Rows of
///   probabilities.
/// - `options`: `Default::default()`, or see [`SamplingFromProbsOptions`].
///
/// *Aliasing*: none: the outputs may not overlap each other or an input.
///
/// *Numerics*: A probability is taken as it is, from 2^-126; what is smaller, negative or NaN counts as 0,
/// and a row need not sum to 1. +inf takes all the probability, shared equally among the +inf of the row.
/// Weights are computed in fp32 and cut to a multiple of a fixed-point step, 2^-44 of the largest for V from
/// 131072 to 262143 and never more than 2^-31 of it; what is smaller than the step counts as 0. Sums over a
/// whole row add the weights of 16 bytes of it in fp32 first. Sums are of integers and exact: results are
/// bitwise reproducible, and a row's result does not depend on the other rows. u = Philox4x32-10 with key =
/// seed and counter = (offset, t), its first 64 bits over 2^64.
///
/// *Errors of its own*: INVALID\_SHAPE when V is 0 or more than 2^31 - 1, or indices is left out, and R is
/// not T.
///
/// *Source*: Meaning of flashinfer.sampling.sampling\_from\_probs; Philox: Salmon et al. 2011, SC '11. Since
/// 0.1.
pub fn sampling_from_probs(
    stream: &Stream,
    output: &mut TensorMut<'_>,
    probs: &TensorRef<'_>,
    options: SamplingFromProbsOptions<'_>,
) -> Result<()> {
    let inner = stream.inner();
    let output_raw = output.raw();
    let valid_raw = options.valid.as_ref().map(|t| t.raw());
    let probs_raw = probs.raw();
    let indices_raw = options.indices.as_ref().map(|t| t.raw());
    let philox_raw = options.philox.as_ref().map(|t| t.raw());
    // SAFETY: handles and pointers are good during the call; see the crate's documentation for what comes after.
    inner.check(unsafe { (inner.api.hipinfer_sampling_from_probs)(inner.handle, &output_raw, pointer(&valid_raw), &probs_raw, pointer(&indices_raw), pointer(&philox_raw), options.seed, options.offset, stream.as_raw()) })
}

/// Multiplies a tensor of any shape by a number.
///
/// ```text
/// output = input * factor
/// ```
///
/// - `output`: `any shape, the same for all`, f32, f16, bf16; any strides; written. The products; no two of
///   them share memory.
/// - `input`: `any shape, the same for all`, f32, f16, bf16; any strides; read, or [`InPlace`]. The elements
///   to multiply; a stride of 0 repeats one.
/// - `factor`: any value. What every element is multiplied by; infinities and NaN are allowed.
///
/// *Aliasing*: output may be input, with the same strides.
///
/// *Numerics*: The product is formed in fp32 and rounded to nearest even to the output's dtype: one rounding
/// for f32, two (to fp32, then to the dtype) for f16 and bf16. NaN and infinities as IEEE 754 has them.
///
/// *Source*: The score and residual scaling of transformer pipelines; meaning of torch.mul(input, factor).
/// Since 0.1.
pub fn scale<'a>(
    stream: &Stream,
    output: &mut TensorMut<'_>,
    input: impl Into<Source<'a>>,
    factor: f32,
) -> Result<()> {
    let inner = stream.inner();
    let output_raw = output.raw();
    let input = input.into();
    let input_raw = match &input {
        Source::Tensor(t) => t.raw(),
        Source::InPlace => output_raw,
    };
    // SAFETY: handles and pointers are good during the call; see the crate's documentation for what comes after.
    inner.check(unsafe { (inner.api.hipinfer_scale)(inner.handle, &output_raw, &input_raw, factor, stream.as_raw()) })
}

/// SwiGLU on a packed projection: silu of the first half of each row times the second half.
///
/// ```text
/// output[t,i] = silu(input[t,i]) * input[t,N+i], silu(x) = x / (1 + exp(-x))
/// ```
///
/// where `T` is tokens; 0 is allowed; `N` is length of an output row; 0 is allowed.
///
/// - `output`: `[T, N]`, f32, f16, bf16; last dimension contiguous, other strides free; written. The gated
///   rows.
/// - `input`: `[T, 2*N]`, f32, f16, bf16; last dimension contiguous, other strides free; read. Each row: N
///   gate values, then the N values that they gate.
///
/// *Aliasing*: output may not overlap input.
///
/// *Numerics*: fp32, one rounding to the dtype. silu is within 6e-6 relative down to x = -87; from there,
/// where exp(-x) nears fp32's largest numbers, it becomes -0, at the latest below -88.8. A silu of 0 times an
/// infinity is NaN, and so is silu(-infinity), as the formula has it.
///
/// *Source*: Shazeer 2020, arXiv:2002.05202; meaning of flashinfer.activation.silu\_and\_mul. Since 0.1.
pub fn silu_and_mul(
    stream: &Stream,
    output: &mut TensorMut<'_>,
    input: &TensorRef<'_>,
) -> Result<()> {
    let inner = stream.inner();
    let output_raw = output.raw();
    let input_raw = input.raw();
    // SAFETY: handles and pointers are good during the call; see the crate's documentation for what comes after.
    inner.check(unsafe { (inner.api.hipinfer_silu_and_mul)(inner.handle, &output_raw, &input_raw, stream.as_raw()) })
}

/// SwiGLU on a packed projection: silu of the first half of each row times the second half, quantised with a
/// scale for each row.
///
/// ```text
/// v = silu(input[t,i]) * input[t,N+i]; scales[t] = max|v[t]| / largest; output[t,i] = round(v /
///     scales[t]); silu(x) = x / (1 + exp(-x))
/// ```
///
/// where `T` is tokens; 0 is allowed; `N` is length of an output row; 0 is allowed.
///
/// - `output`: `[T, N]`, e4m3fn, e4m3fnuz, e5m2, e5m2fnuz, i8; last dimension contiguous, other strides free;
///   written. The gated rows, quantised.
/// - `scales`: `[T]`, f32; last dimension contiguous, other strides free; written. What a unit of each row
///   stands for.
/// - `input`: `[T, 2*N]`, f32, f16, bf16; last dimension contiguous, other strides free; read. Each row: N
///   gate values, then the N values that they gate.
///
/// *Aliasing*: output and scales may not overlap input or each other.
///
/// *Numerics*: The scale is the largest magnitude of the row / the largest finite value of the output's dtype
/// (127 of i8), 2^-126 at least; a NaN has no part in it and becomes NaN (0 in i8), an infinity makes the
/// scale infinite. On a GPU values are multiplied by 1 / scale: within one unit in the last place of the
/// quotient rounded to nearest even. Bitwise reproducible, and a row's result does not depend on the other
/// rows. silu is within 6e-6 relative down to x = -87; from there, where exp(-x) nears fp32's largest
/// numbers, it becomes -0, at the latest below -88.8. A silu of 0 times an infinity is NaN, and so is
/// silu(-infinity), as the formula has it.
///
/// *Source*: Shazeer 2020, arXiv:2002.05202; meaning of flashinfer.activation.silu\_and\_mul, quantised as by
/// quantize\_per\_token. Since 0.1.
pub fn silu_and_mul_dynamic_quant(
    stream: &Stream,
    output: &mut TensorMut<'_>,
    scales: &mut TensorMut<'_>,
    input: &TensorRef<'_>,
) -> Result<()> {
    let inner = stream.inner();
    let output_raw = output.raw();
    let scales_raw = scales.raw();
    let input_raw = input.raw();
    // SAFETY: handles and pointers are good during the call; see the crate's documentation for what comes after.
    inner.check(unsafe { (inner.api.hipinfer_silu_and_mul_dynamic_quant)(inner.handle, &output_raw, &scales_raw, &input_raw, stream.as_raw()) })
}

/// SwiGLU on a packed projection: silu of the first half of each row times the second half, quantised with
/// one scale.
///
/// ```text
/// output[t,i] = saturate(round(silu(input[t,i]) * input[t,N+i] / scale)), silu(x) = x / (1 + exp(-x))
/// ```
///
/// where `T` is tokens; 0 is allowed; `N` is length of an output row; 0 is allowed.
///
/// - `output`: `[T, N]`, e4m3fn, e4m3fnuz, e5m2, e5m2fnuz, i8; last dimension contiguous, other strides free;
///   written. The gated rows, quantised.
/// - `input`: `[T, 2*N]`, f32, f16, bf16; last dimension contiguous, other strides free; read. Each row: N
///   gate values, then the N values that they gate.
/// - `scale`: `any shape of one element`, f32; last dimension contiguous, other strides free; read. What a
///   unit of the output stands for, in device memory.
///
/// *Aliasing*: output may not overlap input.
///
/// *Numerics*: On a GPU the value times 1 / scale, both in fp32: within one unit in the last place of the
/// quotient rounded to nearest even; saturated at the largest finite value of the output's dtype. A NaN
/// becomes NaN, and 0 in i8. silu is within 6e-6 relative down to x = -87; from there, where exp(-x) nears
/// fp32's largest numbers, it becomes -0, at the latest below -88.8. A silu of 0 times an infinity is NaN,
/// and so is silu(-infinity), as the formula has it.
///
/// *Source*: Shazeer 2020, arXiv:2002.05202; meaning of flashinfer.activation.silu\_and\_mul, quantised as by
/// quantize\_per\_tensor. Since 0.1.
pub fn silu_and_mul_quant(
    stream: &Stream,
    output: &mut TensorMut<'_>,
    input: &TensorRef<'_>,
    scale: &TensorRef<'_>,
) -> Result<()> {
    let inner = stream.inner();
    let output_raw = output.raw();
    let input_raw = input.raw();
    let scale_raw = scale.raw();
    // SAFETY: handles and pointers are good during the call; see the crate's documentation for what comes after.
    inner.check(unsafe { (inner.api.hipinfer_silu_and_mul_quant)(inner.handle, &output_raw, &input_raw, &scale_raw, stream.as_raw()) })
}

/// Options of [`softmax`].
#[derive(Debug)]
pub struct SoftmaxOptions<'a> {
    /// from 0 to 3.4e+38. Divides the logits; 0 puts all weight on the maximum. No unit.
    pub temperature: f32,
    /// `[T]`, f32; last dimension contiguous, other strides free; read. A temperature for each row, in place
    /// of temperature; a row whose entry is negative, infinite or NaN becomes NaN.
    pub temperatures: Option<TensorRef<'a>>,
}

impl Default for SoftmaxOptions<'_> {
    fn default() -> Self {
        SoftmaxOptions {
            temperature: 1.0,
            temperatures: None,
        }
    }
}

/// Probabilities of each row of logits, at a temperature.
///
/// ```text
/// output[t,i] = exp((input[t,i] - max) / temperature) / sum over j of exp((input[t,j] - max) /
///     temperature), max over the row
/// ```
///
/// where `T` is rows (tokens); 0 is allowed; `V` is row length (vocabulary); 0 is allowed.
///
/// - `output`: `[T, V]`, that of data, or f32; last dimension contiguous, other strides free; written.
///   Probabilities.
/// - `input`: `[T, V]`, f32, f16, bf16; last dimension contiguous, other strides free; read, or [`InPlace`].
///   Logits.
/// - `options`: `Default::default()`, or see [`SoftmaxOptions`].
///
/// *Aliasing*: output may be input, with the same dtype and strides.
///
/// *Numerics*: fp32 in a fixed order, one rounding to the output's dtype. A row with a NaN is NaN; a row of
/// -infinity alone is zeros; a row with +infinity is NaN, as the formula has it. At temperature 0: 1 at the
/// lowest index of the maximum (+infinity included), else 0. Bitwise reproducible, and a row's result does
/// not depend on the other rows.
///
/// *Errors of its own*: ALIASING when output is the same memory as input and their dtypes differ.
///
/// *Source*: Online maximum and sum of Milakov and Gimelshein 2018, arXiv:1805.02867; meaning of
/// flashinfer.sampling.softmax. Since 0.1.
pub fn softmax<'a>(
    stream: &Stream,
    output: &mut TensorMut<'_>,
    input: impl Into<Source<'a>>,
    options: SoftmaxOptions<'_>,
) -> Result<()> {
    let inner = stream.inner();
    let output_raw = output.raw();
    let temperatures_raw = options.temperatures.as_ref().map(|t| t.raw());
    let input = input.into();
    let input_raw = match &input {
        Source::Tensor(t) => t.raw(),
        Source::InPlace => output_raw,
    };
    // SAFETY: handles and pointers are good during the call; see the crate's documentation for what comes after.
    inner.check(unsafe { (inner.api.hipinfer_softmax)(inner.handle, &output_raw, &input_raw, options.temperature, pointer(&temperatures_raw), stream.as_raw()) })
}

/// SwiGLU of two tensors: silu of gate times up.
///
/// ```text
/// output[t,i] = silu(gate[t,i]) * up[t,i], silu(x) = x / (1 + exp(-x))
/// ```
///
/// where `T` is tokens; 0 is allowed; `N` is length of an output row; 0 is allowed.
///
/// - `output`: `[T, N]`, f32, f16, bf16; last dimension contiguous, other strides free; written. The gated
///   rows.
/// - `gate`: `[T, N]`, f32, f16, bf16; last dimension contiguous, other strides free; read, or [`InPlace`].
///   Gate values.
/// - `up`: `[T, N]`, f32, f16, bf16; last dimension contiguous, other strides free; read, or [`InPlace`].
///   What they gate.
///
/// *Aliasing*: output may be gate or up, with the same strides.
///
/// *Numerics*: fp32, one rounding to the dtype. silu is within 6e-6 relative down to x = -87; from there,
/// where exp(-x) nears fp32's largest numbers, it becomes -0, at the latest below -88.8. A silu of 0 times an
/// infinity is NaN, and so is silu(-infinity), as the formula has it.
///
/// *Source*: Shazeer 2020, arXiv:2002.05202; silu\_and\_mul for a gate and an up projection of their own.
/// Since 0.1.
pub fn swiglu<'a>(
    stream: &Stream,
    output: &mut TensorMut<'_>,
    gate: impl Into<Source<'a>>,
    up: impl Into<Source<'a>>,
) -> Result<()> {
    let inner = stream.inner();
    let output_raw = output.raw();
    let gate = gate.into();
    let gate_raw = match &gate {
        Source::Tensor(t) => t.raw(),
        Source::InPlace => output_raw,
    };
    let up = up.into();
    let up_raw = match &up {
        Source::Tensor(t) => t.raw(),
        Source::InPlace => output_raw,
    };
    // SAFETY: handles and pointers are good during the call; see the crate's documentation for what comes after.
    inner.check(unsafe { (inner.api.hipinfer_swiglu)(inner.handle, &output_raw, &gate_raw, &up_raw, stream.as_raw()) })
}

/// Options of [`token_logprobs`].
#[derive(Debug)]
pub struct TokenLogprobsOptions<'a> {
    /// `[T]`, i32; last dimension contiguous, other strides free; written. How many logits of the row are
    /// larger than the token's: 0 for the likeliest.
    pub ranks: Option<TensorMut<'a>>,
    /// `[T, N]`, f32; last dimension contiguous, other strides free; written. Log-probabilities of the
    /// likeliest tokens.
    pub top_logprobs: Option<TensorMut<'a>>,
    /// `[T, N]`, i32; last dimension contiguous, other strides free; written. The likeliest tokens, largest
    /// logit first.
    pub top_indices: Option<TensorMut<'a>>,
    /// `[T]`, f32; last dimension contiguous, other strides free; read. A temperature for each row, in place
    /// of temperature; a row whose entry is negative, infinite or NaN has log-probabilities that are NaN.
    pub temperatures: Option<TensorRef<'a>>,
    /// from 0 to 3.4e+38. Divides the logits; 0 puts all weight on the maximum. No unit.
    pub temperature: f32,
}

impl Default for TokenLogprobsOptions<'_> {
    fn default() -> Self {
        TokenLogprobsOptions {
            ranks: None,
            top_logprobs: None,
            top_indices: None,
            temperatures: None,
            temperature: 1.0,
        }
    }
}

/// Log-probability and rank of one token a row, and the log-probabilities of the likeliest tokens.
///
/// ```text
/// l[t,i] = (logits[t,i] - max) / temperature - ln(sum over j of exp((logits[t,j] - max) / temperature));
///     logprobs[t] = l[t,tokens[t]]; ranks[t] = how many logits[t,i] > logits[t,tokens[t]]; top_indices[t]
///     = the N largest of logits[t], top_logprobs[t,j] = l[t,top_indices[t,j]]
/// ```
///
/// where `T` is rows (tokens); 0 is allowed; `V` is vocabulary size, from 1 to 2^31 - 1; `N` is likeliest
/// tokens to give; 0 is allowed.
///
/// - `logprobs`: `[T]`, f32; last dimension contiguous, other strides free; written. Log-probabilities
///   (natural) of the tokens.
/// - `logits`: `[T, V]`, f32, f16, bf16; last dimension contiguous, other strides free; read. Unscaled
///   logits.
/// - `tokens`: `[T]`, i32, i64; last dimension contiguous, other strides free; read. A token of each row.
/// - `options`: `Default::default()`, or see [`TokenLogprobsOptions`].
///
/// *Aliasing*: none: the outputs may not overlap each other or an input.
///
/// *Numerics*: fp32 in a fixed order; the logarithm is of a sum that is 1 or more, and off by up to some
/// 2^-22 + V \* 2^-35. Ranks and indices are exact. NaN counts as -inf. A logit of -inf gives -inf; +inf
/// takes all the probability, shared equally among the +inf of the row. At temperature 0: 0 at the lowest
/// index of the maximum, else -inf. Largest first, of equal logits the lowest index first; NaN come after all
/// numbers, by index. A token that is no index of the row gives NaN and rank -1. Bitwise reproducible, and a
/// row's result does not depend on the other rows.
///
/// *Errors of its own*: INVALID\_SHAPE when V is 0 or more than 2^31 - 1, or N is more than V; UNSUPPORTED
/// when N is more than 3072.
///
/// *Source*: The logarithm of softmax; what OpenAI's completions interface returns as logprobs and
/// top\_logprobs. Since 0.1.
pub fn token_logprobs(
    stream: &Stream,
    logprobs: &mut TensorMut<'_>,
    logits: &TensorRef<'_>,
    tokens: &TensorRef<'_>,
    options: TokenLogprobsOptions<'_>,
) -> Result<()> {
    let inner = stream.inner();
    let logprobs_raw = logprobs.raw();
    let ranks_raw = options.ranks.as_ref().map(|t| t.raw());
    let top_logprobs_raw = options.top_logprobs.as_ref().map(|t| t.raw());
    let top_indices_raw = options.top_indices.as_ref().map(|t| t.raw());
    let logits_raw = logits.raw();
    let tokens_raw = tokens.raw();
    let temperatures_raw = options.temperatures.as_ref().map(|t| t.raw());
    // SAFETY: handles and pointers are good during the call; see the crate's documentation for what comes after.
    inner.check(unsafe { (inner.api.hipinfer_token_logprobs)(inner.handle, &logprobs_raw, pointer(&ranks_raw), pointer(&top_logprobs_raw), pointer(&top_indices_raw), &logits_raw, &tokens_raw, pointer(&temperatures_raw), options.temperature, stream.as_raw()) })
}

/// Options of [`top_k`].
#[derive(Debug, Clone, Copy)]
pub struct TopKOptions {
    /// 0 or 1. Whether the largest comes first; false: in the order of the row.
    pub sorted: bool,
}

impl Default for TopKOptions {
    fn default() -> Self {
        TopKOptions {
            sorted: false,
        }
    }
}

/// The k largest elements of each row and their indices.
///
/// ```text
/// S = the K largest of input[t], NaN last, of equal elements the lowest indices; indices[t] = S,
///     values[t,j] = input[t,indices[t,j]]
/// ```
///
/// where `T` is rows (tokens); 0 is allowed; `V` is row length, from 1 to 2^31 - 1; `K` is elements of each
/// row to find; 0 is allowed.
///
/// - `values`: `[T, K]`, f32, f16, bf16; last dimension contiguous, other strides free; written. The largest
///   elements.
/// - `indices`: `[T, K]`, i32, i64; last dimension contiguous, other strides free; written. Where they are.
/// - `input`: `[T, V]`, f32, f16, bf16; last dimension contiguous, other strides free; read. The rows to
///   search.
/// - `options`: `Default::default()`, or see [`TopKOptions`].
///
/// *Aliasing*: none: the outputs may not overlap each other or the input.
///
/// *Numerics*: Exact. -inf is a number like others; +0 and -0 are equal. sorted: largest first, of equal
/// elements the lowest index first; else by index. NaN come after all numbers, by index.
///
/// *Errors of its own*: INVALID\_SHAPE when V is 0 or more than 2^31 - 1, or K is more than V; UNSUPPORTED
/// when sorted, and K is more than 3072.
///
/// *Source*: Meaning of torch.topk, save that there NaN is the largest, and of flashinfer.topk.top\_k. Since
/// 0.1.
pub fn top_k(
    stream: &Stream,
    values: &mut TensorMut<'_>,
    indices: &mut TensorMut<'_>,
    input: &TensorRef<'_>,
    options: TopKOptions,
) -> Result<()> {
    let inner = stream.inner();
    let values_raw = values.raw();
    let indices_raw = indices.raw();
    let input_raw = input.raw();
    // SAFETY: handles and pointers are good during the call; see the crate's documentation for what comes after.
    inner.check(unsafe { (inner.api.hipinfer_top_k)(inner.handle, &values_raw, &indices_raw, &input_raw, options.sorted as i32, stream.as_raw()) })
}

/// Options of [`top_k_mask_logits`].
#[derive(Debug)]
pub struct TopKMaskLogitsOptions<'a> {
    /// `[T]`, i32; last dimension contiguous, other strides free; read. A top\_k for each row, in place of
    /// top\_k; 0 or less keeps all.
    pub top_ks: Option<TensorRef<'a>>,
    /// from 0. How many of the most likely tokens stay; 0 keeps all.
    pub top_k: i32,
}

impl Default for TopKMaskLogitsOptions<'_> {
    fn default() -> Self {
        TopKMaskLogitsOptions {
            top_ks: None,
            top_k: 0,
        }
    }
}

/// Keeps the largest logits of each row and puts -infinity in place of the others.
///
/// ```text
/// K = the top_k largest logits; output[t,i] = logits[t,i] for i in K, else -inf
/// ```
///
/// where `T` is rows (tokens); 0 is allowed; `V` is row length (vocabulary), from 1 to 2^31 - 1.
///
/// - `output`: `[T, V]`, f32, f16, bf16; last dimension contiguous, other strides free; written. The masked
///   logits.
/// - `logits`: `[T, V]`, f32, f16, bf16; last dimension contiguous, other strides free; read, or [`InPlace`].
///   Rows of logits.
/// - `options`: `Default::default()`, or see [`TopKMaskLogitsOptions`].
///
/// *Aliasing*: output may be logits, with the same strides.
///
/// *Numerics*: Exact. NaN becomes -inf, whatever top\_k is. Of equal elements at a threshold the lowest
/// indices are kept. So exactly top\_k are kept.
///
/// *Errors of its own*: INVALID\_SHAPE when V is 0 or more than 2^31 - 1.
///
/// *Source*: Meaning of flashinfer.sampling.top\_k\_mask\_logits, save that it keeps all that equal the last.
/// Since 0.1.
pub fn top_k_mask_logits<'a>(
    stream: &Stream,
    output: &mut TensorMut<'_>,
    logits: impl Into<Source<'a>>,
    options: TopKMaskLogitsOptions<'_>,
) -> Result<()> {
    let inner = stream.inner();
    let output_raw = output.raw();
    let top_ks_raw = options.top_ks.as_ref().map(|t| t.raw());
    let logits = logits.into();
    let logits_raw = match &logits {
        Source::Tensor(t) => t.raw(),
        Source::InPlace => output_raw,
    };
    // SAFETY: handles and pointers are good during the call; see the crate's documentation for what comes after.
    inner.check(unsafe { (inner.api.hipinfer_top_k_mask_logits)(inner.handle, &output_raw, &logits_raw, pointer(&top_ks_raw), options.top_k, stream.as_raw()) })
}

/// Options of [`top_k_page_table_transform`].
#[derive(Debug)]
pub struct TopKPageTableTransformOptions<'a> {
    /// `[T, K]`, i32; last dimension contiguous, other strides free; written. Where they are in the window,
    /// in the same places; -1 behind the last.
    pub raw_indices: Option<TensorMut<'a>>,
    /// `[T]`, i32; last dimension contiguous, other strides free; read. The page table of each row; without
    /// it row t has page table t.
    pub row_to_batch: Option<TensorRef<'a>>,
    /// `[T]`, i32; last dimension contiguous, other strides free; read. Where each row's window begins;
    /// without it at 0.
    pub row_starts: Option<TensorRef<'a>>,
    /// `[T]`, i32; last dimension contiguous, other strides free; read. The entry at which each row's pages
    /// begin; without it that of row\_starts, if page\_size is 1.
    pub page_table_starts: Option<TensorRef<'a>>,
    /// from 1 to 1.07374e+09. Scores that an entry of the page table stands for.
    pub page_size: i32,
}

impl Default for TopKPageTableTransformOptions<'_> {
    fn default() -> Self {
        TopKPageTableTransformOptions {
            raw_indices: None,
            row_to_batch: None,
            row_starts: None,
            page_table_starts: None,
            page_size: 1,
        }
    }
}

/// The k largest scores of a window of each row, as slots of a paged cache: the second stage of sparse
/// attention.
///
/// ```text
/// w = scores[t,s .. s + lengths[t] - 1], s = row_starts[t] or 0; S = the min(K, lengths[t]) largest of w,
///     NaN last, of equal elements the lowest indices; output[t,j] = page_table[b,c + S[j] / page_size] *
///     page_size + S[j] % page_size, b = row_to_batch[t] or t, c = page_table_starts[t] or s, and -1 behind
///     the last
/// ```
///
/// where `T` is rows (tokens); 0 is allowed; `V` is row length, from 1 to 2^31 - 1; `K` is elements of each
/// row to find; 0 is allowed, and so are more than V; `B` is page tables; `M` is entries of a page table.
///
/// - `output`: `[T, K]`, i32; last dimension contiguous, other strides free; written. Slots of the cache: a
///   page's number times page\_size, and the place in the page.
/// - `scores`: `[T, V]`, f32, f16, bf16; last dimension contiguous, other strides free; read. A score for
///   each key, in rows of which a window counts.
/// - `page_table`: `[B, M]`, i32; last dimension contiguous, other strides free; read. Page numbers of each
///   request. What is not looked up may hold anything.
/// - `lengths`: `[T]`, i32; last dimension contiguous, other strides free; read. Elements of each row's
///   window.
/// - `options`: `Default::default()`, or see [`TopKPageTableTransformOptions`].
///
/// *Aliasing*: none: the outputs may not overlap each other or an input.
///
/// *Numerics*: Exact. A window is cut to what there is of the row. One of K elements or fewer is taken whole,
/// in its order, and its scores are not read. S is in the order of the row; where it is not all of the
/// window, NaN come after all numbers. An index that the page table has no entry for, or a negative one,
/// gives -1, and so does a slot that is no i32.
///
/// *Errors of its own*: INVALID\_SHAPE when V is 0 or more than 2^31 - 1, or row\_to\_batch is left out and B
/// is less than T; INVALID\_ARGUMENT when row\_starts is given, page\_table\_starts is not, and page\_size is
/// not 1.
///
/// *Source*: Meaning of flashinfer.topk.top\_k\_page\_table\_transform, save that any page\_size will do.
/// Since 0.1.
pub fn top_k_page_table_transform(
    stream: &Stream,
    output: &mut TensorMut<'_>,
    scores: &TensorRef<'_>,
    page_table: &TensorRef<'_>,
    lengths: &TensorRef<'_>,
    options: TopKPageTableTransformOptions<'_>,
) -> Result<()> {
    let inner = stream.inner();
    let output_raw = output.raw();
    let raw_indices_raw = options.raw_indices.as_ref().map(|t| t.raw());
    let scores_raw = scores.raw();
    let page_table_raw = page_table.raw();
    let lengths_raw = lengths.raw();
    let row_to_batch_raw = options.row_to_batch.as_ref().map(|t| t.raw());
    let row_starts_raw = options.row_starts.as_ref().map(|t| t.raw());
    let page_table_starts_raw = options.page_table_starts.as_ref().map(|t| t.raw());
    // SAFETY: handles and pointers are good during the call; see the crate's documentation for what comes after.
    inner.check(unsafe { (inner.api.hipinfer_top_k_page_table_transform)(inner.handle, &output_raw, pointer(&raw_indices_raw), &scores_raw, &page_table_raw, &lengths_raw, pointer(&row_to_batch_raw), pointer(&row_starts_raw), pointer(&page_table_starts_raw), options.page_size, stream.as_raw()) })
}

/// Options of [`top_k_ragged_transform`].
#[derive(Debug)]
pub struct TopKRaggedTransformOptions<'a> {
    /// `[T]`, i32; last dimension contiguous, other strides free; read. Where each row's window begins;
    /// without it at 0.
    pub row_starts: Option<TensorRef<'a>>,
}

impl Default for TopKRaggedTransformOptions<'_> {
    fn default() -> Self {
        TopKRaggedTransformOptions {
            row_starts: None,
        }
    }
}

/// The k largest scores of a window of each row, as places in a ragged tensor of keys: the second stage of
/// sparse attention.
///
/// ```text
/// w = scores[t,s .. s + lengths[t] - 1], s = row_starts[t] or 0; S = the min(K, lengths[t]) largest of w,
///     NaN last, of equal elements the lowest indices; output[t,j] = offsets[t] + S[j], and -1 behind the
///     last
/// ```
///
/// where `T` is rows (tokens); 0 is allowed; `V` is row length, from 1 to 2^31 - 1; `K` is elements of each
/// row to find; 0 is allowed, and so are more than V.
///
/// - `output`: `[T, K]`, i32; last dimension contiguous, other strides free; written. Places of keys.
/// - `scores`: `[T, V]`, f32, f16, bf16; last dimension contiguous, other strides free; read. A score for
///   each key, in rows of which a window counts.
/// - `offsets`: `[T]`, i32; last dimension contiguous, other strides free; read. What is added to each row's
///   indices.
/// - `lengths`: `[T]`, i32; last dimension contiguous, other strides free; read. Elements of each row's
///   window.
/// - `options`: `Default::default()`, or see [`TopKRaggedTransformOptions`].
///
/// *Aliasing*: none: output may not overlap an input.
///
/// *Numerics*: Exact. A window is cut to what there is of the row. One of K elements or fewer is taken whole,
/// in its order, and its scores are not read. S is in the order of the row; where it is not all of the
/// window, NaN come after all numbers. A sum that is no i32 wraps.
///
/// *Errors of its own*: INVALID\_SHAPE when V is 0 or more than 2^31 - 1.
///
/// *Source*: Meaning of flashinfer.topk.top\_k\_ragged\_transform. Since 0.1.
pub fn top_k_ragged_transform(
    stream: &Stream,
    output: &mut TensorMut<'_>,
    scores: &TensorRef<'_>,
    offsets: &TensorRef<'_>,
    lengths: &TensorRef<'_>,
    options: TopKRaggedTransformOptions<'_>,
) -> Result<()> {
    let inner = stream.inner();
    let output_raw = output.raw();
    let scores_raw = scores.raw();
    let offsets_raw = offsets.raw();
    let lengths_raw = lengths.raw();
    let row_starts_raw = options.row_starts.as_ref().map(|t| t.raw());
    // SAFETY: handles and pointers are good during the call; see the crate's documentation for what comes after.
    inner.check(unsafe { (inner.api.hipinfer_top_k_ragged_transform)(inner.handle, &output_raw, &scores_raw, &offsets_raw, &lengths_raw, pointer(&row_starts_raw), stream.as_raw()) })
}

/// Options of [`top_k_renorm_probs`].
#[derive(Debug)]
pub struct TopKRenormProbsOptions<'a> {
    /// `[T]`, i32; last dimension contiguous, other strides free; read. A top\_k for each row, in place of
    /// top\_k; 0 or less keeps all.
    pub top_ks: Option<TensorRef<'a>>,
    /// from 0. How many of the most likely tokens stay; 0 keeps all.
    pub top_k: i32,
}

impl Default for TopKRenormProbsOptions<'_> {
    fn default() -> Self {
        TopKRenormProbsOptions {
            top_ks: None,
            top_k: 0,
        }
    }
}

/// Keeps the largest probabilities of each row and divides them by their sum.
///
/// ```text
/// K = the top_k largest p; output[t,i] = p[i] / sum of K for i in K, else 0, p the row of probs
/// ```
///
/// where `T` is rows (tokens); 0 is allowed; `V` is row length (vocabulary), from 1 to 2^31 - 1.
///
/// - `output`: `[T, V]`, f32, f16, bf16; last dimension contiguous, other strides free; written.
///   Probabilities of what is kept.
/// - `probs`: `[T, V]`, f32, f16, bf16; last dimension contiguous, other strides free; read, or [`InPlace`].
///   Rows of probabilities.
/// - `options`: `Default::default()`, or see [`TopKRenormProbsOptions`].
///
/// *Aliasing*: output may be probs, with the same strides.
///
/// *Numerics*: A probability is taken as it is, from 2^-126; what is smaller, negative or NaN counts as 0,
/// and a row need not sum to 1. +inf takes all the probability, shared equally among the +inf of the row. A
/// row without a probability above 0 becomes zeros. Weights are computed in fp32 and cut to a multiple of a
/// fixed-point step, 2^-44 of the largest for V from 131072 to 262143 and never more than 2^-31 of it; what
/// is smaller than the step counts as 0. Sums over a whole row add the weights of 16 bytes of it in fp32
/// first. Sums are of integers and exact: results are bitwise reproducible, and a row's result does not
/// depend on the other rows. A probability is multiplied by the fp32 reciprocal of their sum and then rounded
/// to the dtype: one that is kept alone may be 1 - 2^-24. Of equal elements at a threshold the lowest indices
/// are kept. So exactly top\_k are kept.
///
/// *Errors of its own*: INVALID\_SHAPE when V is 0 or more than 2^31 - 1.
///
/// *Source*: Meaning of flashinfer.sampling.top\_k\_renorm\_probs, save that it keeps all that equal the
/// last. Since 0.1.
pub fn top_k_renorm_probs<'a>(
    stream: &Stream,
    output: &mut TensorMut<'_>,
    probs: impl Into<Source<'a>>,
    options: TopKRenormProbsOptions<'_>,
) -> Result<()> {
    let inner = stream.inner();
    let output_raw = output.raw();
    let top_ks_raw = options.top_ks.as_ref().map(|t| t.raw());
    let probs = probs.into();
    let probs_raw = match &probs {
        Source::Tensor(t) => t.raw(),
        Source::InPlace => output_raw,
    };
    // SAFETY: handles and pointers are good during the call; see the crate's documentation for what comes after.
    inner.check(unsafe { (inner.api.hipinfer_top_k_renorm_probs)(inner.handle, &output_raw, &probs_raw, pointer(&top_ks_raw), options.top_k, stream.as_raw()) })
}

/// Options of [`top_k_sampling_from_probs`].
#[derive(Debug)]
pub struct TopKSamplingFromProbsOptions<'a> {
    /// `[T]`, bool; last dimension contiguous, other strides free; written. Whether the row could be sampled:
    /// false, with output 0, where no probability is above 0, a setting of the row is NaN, or its index is
    /// out of range.
    pub valid: Option<TensorMut<'a>>,
    /// `[T]`, i32, i64; last dimension contiguous, other strides free; read. For each output the row that it
    /// is sampled from; without it row t is output t's.
    pub indices: Option<TensorRef<'a>>,
    /// `[T]`, i32; last dimension contiguous, other strides free; read. A top\_k for each output, in place of
    /// top\_k; 0 or less keeps all.
    pub top_ks: Option<TensorRef<'a>>,
    /// `[2] or [T, 2]`, i64; last dimension contiguous, other strides free; read. Seed and offset in device
    /// memory, for all outputs or for each, in place of the arguments: a captured graph replays with what
    /// they hold then.
    pub philox: Option<TensorRef<'a>>,
    /// from 0. How many of the most likely tokens stay; 0 keeps all.
    pub top_k: i32,
    /// any value. Key of the random generator.
    pub seed: u64,
    /// any value. Counter of the random generator: one call uses one value for all its outputs, so add 1 a
    /// call.
    pub offset: u64,
}

impl Default for TopKSamplingFromProbsOptions<'_> {
    fn default() -> Self {
        TopKSamplingFromProbsOptions {
            valid: None,
            indices: None,
            top_ks: None,
            philox: None,
            top_k: 0,
            seed: 0,
            offset: 0,
        }
    }
}

/// Samples one token a row from the largest probabilities.
///
/// ```text
/// S = the top_k largest p; output[t] = the first i, in index order, at which the sum of p over S up to and
///     including i exceeds u * sum of S, p the row of probs
/// ```
///
/// where `T` is outputs; 0 is allowed; `V` is vocabulary size, from 1 to 2^31 - 1; `R` is rows.
///
/// - `output`: `[T]`, i32; last dimension contiguous, other strides free; written. The sampled index of each
///   row, always in \[0, V).
/// - `probs`: `[R, V]`, f32, f16, bf16; last dimension contiguous, other strides free; read. Rows of
///   probabilities.
/// - `options`: `Default::default()`, or see [`TopKSamplingFromProbsOptions`].
///
/// *Aliasing*: none: the outputs may not overlap each other or an input.
///
/// *Numerics*: A probability is taken as it is, from 2^-126; what is smaller, negative or NaN counts as 0,
/// and a row need not sum to 1. +inf takes all the probability, shared equally among the +inf of the row.
/// Weights are computed in fp32 and cut to a multiple of a fixed-point step, 2^-44 of the largest for V from
/// 131072 to 262143 and never more than 2^-31 of it; what is smaller than the step counts as 0. Sums over a
/// whole row add the weights of 16 bytes of it in fp32 first. Sums are of integers and exact: results are
/// bitwise reproducible, and a row's result does not depend on the other rows. Of equal elements at a
/// threshold the lowest indices are kept. So exactly top\_k tokens are kept. u = Philox4x32-10 with key =
/// seed and counter = (offset, t), its first 64 bits over 2^64.
///
/// *Errors of its own*: INVALID\_SHAPE when V is 0 or more than 2^31 - 1, or indices is left out, and R is
/// not T.
///
/// *Source*: Meaning of flashinfer.sampling.top\_k\_sampling\_from\_probs, save that it keeps all that equal
/// the last; Philox: Salmon et al. 2011, SC '11. Since 0.1.
pub fn top_k_sampling_from_probs(
    stream: &Stream,
    output: &mut TensorMut<'_>,
    probs: &TensorRef<'_>,
    options: TopKSamplingFromProbsOptions<'_>,
) -> Result<()> {
    let inner = stream.inner();
    let output_raw = output.raw();
    let valid_raw = options.valid.as_ref().map(|t| t.raw());
    let probs_raw = probs.raw();
    let indices_raw = options.indices.as_ref().map(|t| t.raw());
    let top_ks_raw = options.top_ks.as_ref().map(|t| t.raw());
    let philox_raw = options.philox.as_ref().map(|t| t.raw());
    // SAFETY: handles and pointers are good during the call; see the crate's documentation for what comes after.
    inner.check(unsafe { (inner.api.hipinfer_top_k_sampling_from_probs)(inner.handle, &output_raw, pointer(&valid_raw), &probs_raw, pointer(&indices_raw), pointer(&top_ks_raw), pointer(&philox_raw), options.top_k, options.seed, options.offset, stream.as_raw()) })
}

/// Options of [`top_k_top_p_sampling_from_logits`].
#[derive(Debug)]
pub struct TopKTopPSamplingFromLogitsOptions<'a> {
    /// `[T]`, bool; last dimension contiguous, other strides free; written. Whether the row could be sampled:
    /// false, with output 0, where every logit is NaN or -inf, its temperature is negative or NaN, its top\_p
    /// is NaN, or its index is out of range.
    pub valid: Option<TensorMut<'a>>,
    /// `[T]`, i32, i64; last dimension contiguous, other strides free; read. For each output the row that it
    /// is sampled from; without it row t is output t's.
    pub indices: Option<TensorRef<'a>>,
    /// `[T]`, f32; last dimension contiguous, other strides free; read. A temperature for each output, in
    /// place of temperature.
    pub temperatures: Option<TensorRef<'a>>,
    /// `[T]`, i32; last dimension contiguous, other strides free; read. A top\_k for each output, in place of
    /// top\_k; 0 or less keeps all.
    pub top_ks: Option<TensorRef<'a>>,
    /// `[T]`, f32; last dimension contiguous, other strides free; read. A top\_p for each output, in place of
    /// top\_p; 1 or more keeps all, 0 or less the single most likely token.
    pub top_ps: Option<TensorRef<'a>>,
    /// `[2] or [T, 2]`, i64; last dimension contiguous, other strides free; read. Seed and offset in device
    /// memory, for all outputs or for each, in place of the arguments: a captured graph replays with what
    /// they hold then.
    pub philox: Option<TensorRef<'a>>,
    /// from 0 to 3.4e+38. Divides the logits, before any filter; 0 is greedy: the lowest index of the largest
    /// logit.
    pub temperature: f32,
    /// from 0. How many of the most likely tokens stay; 0 keeps all.
    pub top_k: i32,
    /// from 0 to 1. The part of the probability that the kept tokens reach; 1 keeps all; at least one token
    /// is always kept.
    pub top_p: f32,
    /// 0 or 1. Whether top\_p is of all the probability, and a token is kept if both filters keep it; false:
    /// top\_p is of what top\_k has kept.
    pub joint: bool,
    /// any value. Key of the random generator.
    pub seed: u64,
    /// any value. Counter of the random generator: one call uses one value for all its outputs, so add 1 a
    /// call.
    pub offset: u64,
}

impl Default for TopKTopPSamplingFromLogitsOptions<'_> {
    fn default() -> Self {
        TopKTopPSamplingFromLogitsOptions {
            valid: None,
            indices: None,
            temperatures: None,
            top_ks: None,
            top_ps: None,
            philox: None,
            temperature: 1.0,
            top_k: 0,
            top_p: 1.0,
            joint: false,
            seed: 0,
            offset: 0,
        }
    }
}

/// Samples one token a row from temperature-scaled logits, top-k first, then top-p on the renormalised rest,
/// or both at once.
///
/// ```text
/// w[i] = exp((logits[i] - max) / temperature); K = the top_k largest logits; S = the fewest largest of K
///     whose w sum to >= top_p * sum of K (joint: of all w); output[t] = the first i, in index order, at
///     which the sum of w over S up to and including i exceeds u * sum of S
/// ```
///
/// where `T` is outputs; 0 is allowed; `V` is vocabulary size, from 1 to 2^31 - 1; `R` is rows.
///
/// - `output`: `[T]`, i32; last dimension contiguous, other strides free; written. The sampled index of each
///   row, always in \[0, V).
/// - `logits`: `[R, V]`, f32, f16, bf16; last dimension contiguous, other strides free; read. Unscaled
///   logits. NaN and -inf are never sampled; +inf takes all the probability, shared equally among the +inf of
///   the row.
/// - `options`: `Default::default()`, or see [`TopKTopPSamplingFromLogitsOptions`].
///
/// *Aliasing*: none: the outputs may not overlap each other or an input.
///
/// *Numerics*: Weights are computed in fp32 and cut to a multiple of a fixed-point step, 2^-44 of the largest
/// for V from 131072 to 262143 and never more than 2^-31 of it; what is smaller than the step counts as 0.
/// Sums over a whole row add the weights of 16 bytes of it in fp32 first. Sums are of integers and exact:
/// results are bitwise reproducible, and a row's result does not depend on the other rows. Of equal elements
/// at a threshold the lowest indices are kept. So exactly top\_k tokens survive the first filter. u =
/// Philox4x32-10 with key = seed and counter = (offset, t), its first 64 bits over 2^64.
///
/// *Errors of its own*: INVALID\_SHAPE when V is 0 or more than 2^31 - 1, or indices is left out, and R is
/// not T.
///
/// *Source*: Meaning of flashinfer.sampling.top\_k\_top\_p\_sampling\_from\_logits; Philox: Salmon et al.
/// 2011, SC '11. Since 0.1.
pub fn top_k_top_p_sampling_from_logits(
    stream: &Stream,
    output: &mut TensorMut<'_>,
    logits: &TensorRef<'_>,
    options: TopKTopPSamplingFromLogitsOptions<'_>,
) -> Result<()> {
    let inner = stream.inner();
    let output_raw = output.raw();
    let valid_raw = options.valid.as_ref().map(|t| t.raw());
    let logits_raw = logits.raw();
    let indices_raw = options.indices.as_ref().map(|t| t.raw());
    let temperatures_raw = options.temperatures.as_ref().map(|t| t.raw());
    let top_ks_raw = options.top_ks.as_ref().map(|t| t.raw());
    let top_ps_raw = options.top_ps.as_ref().map(|t| t.raw());
    let philox_raw = options.philox.as_ref().map(|t| t.raw());
    // SAFETY: handles and pointers are good during the call; see the crate's documentation for what comes after.
    inner.check(unsafe { (inner.api.hipinfer_top_k_top_p_sampling_from_logits)(inner.handle, &output_raw, pointer(&valid_raw), &logits_raw, pointer(&indices_raw), pointer(&temperatures_raw), pointer(&top_ks_raw), pointer(&top_ps_raw), pointer(&philox_raw), options.temperature, options.top_k, options.top_p, options.joint as i32, options.seed, options.offset, stream.as_raw()) })
}

/// Options of [`top_k_top_p_sampling_from_probs`].
#[derive(Debug)]
pub struct TopKTopPSamplingFromProbsOptions<'a> {
    /// `[T]`, bool; last dimension contiguous, other strides free; written. Whether the row could be sampled:
    /// false, with output 0, where no probability is above 0, a setting of the row is NaN, or its index is
    /// out of range.
    pub valid: Option<TensorMut<'a>>,
    /// `[T]`, i32, i64; last dimension contiguous, other strides free; read. For each output the row that it
    /// is sampled from; without it row t is output t's.
    pub indices: Option<TensorRef<'a>>,
    /// `[T]`, i32; last dimension contiguous, other strides free; read. A top\_k for each output, in place of
    /// top\_k; 0 or less keeps all.
    pub top_ks: Option<TensorRef<'a>>,
    /// `[T]`, f32; last dimension contiguous, other strides free; read. A top\_p for each output, in place of
    /// top\_p; 1 or more keeps all, 0 or less the single most likely token.
    pub top_ps: Option<TensorRef<'a>>,
    /// `[2] or [T, 2]`, i64; last dimension contiguous, other strides free; read. Seed and offset in device
    /// memory, for all outputs or for each, in place of the arguments: a captured graph replays with what
    /// they hold then.
    pub philox: Option<TensorRef<'a>>,
    /// from 0. How many of the most likely tokens stay; 0 keeps all.
    pub top_k: i32,
    /// from 0 to 1. The part of the probability that the kept tokens reach; 1 keeps all; at least one token
    /// is always kept.
    pub top_p: f32,
    /// 0 or 1. Whether top\_p is of all the probability, and a token is kept if both filters keep it; false:
    /// top\_p is of what top\_k has kept.
    pub joint: bool,
    /// any value. Key of the random generator.
    pub seed: u64,
    /// any value. Counter of the random generator: one call uses one value for all its outputs, so add 1 a
    /// call.
    pub offset: u64,
}

impl Default for TopKTopPSamplingFromProbsOptions<'_> {
    fn default() -> Self {
        TopKTopPSamplingFromProbsOptions {
            valid: None,
            indices: None,
            top_ks: None,
            top_ps: None,
            philox: None,
            top_k: 0,
            top_p: 1.0,
            joint: false,
            seed: 0,
            offset: 0,
        }
    }
}

/// Samples one token a row from probabilities, top-k first, then top-p on the renormalised rest, or both at
/// once.
///
/// ```text
/// K = the top_k largest p; S = the fewest largest of K that sum to >= top_p * sum of K (joint: of all p);
///     output[t] = the first i, in index order, at which the sum of p over S up to and including i exceeds
///     u * sum of S, p the row of probs
/// ```
///
/// where `T` is outputs; 0 is allowed; `V` is vocabulary size, from 1 to 2^31 - 1; `R` is rows.
///
/// - `output`: `[T]`, i32; last dimension contiguous, other strides free; written. The sampled index of each
///   row, always in \[0, V).
/// - `probs`: `[R, V]`, f32, f16, bf16; last dimension contiguous, other strides free; read. Rows of
///   probabilities.
/// - `options`: `Default::default()`, or see [`TopKTopPSamplingFromProbsOptions`].
///
/// *Aliasing*: none: the outputs may not overlap each other or an input.
///
/// *Numerics*: A probability is taken as it is, from 2^-126; what is smaller, negative or NaN counts as 0,
/// and a row need not sum to 1. +inf takes all the probability, shared equally among the +inf of the row.
/// Weights are computed in fp32 and cut to a multiple of a fixed-point step, 2^-44 of the largest for V from
/// 131072 to 262143 and never more than 2^-31 of it; what is smaller than the step counts as 0. Sums over a
/// whole row add the weights of 16 bytes of it in fp32 first. Sums are of integers and exact: results are
/// bitwise reproducible, and a row's result does not depend on the other rows. Of equal elements at a
/// threshold the lowest indices are kept. So exactly top\_k tokens survive the first filter. u =
/// Philox4x32-10 with key = seed and counter = (offset, t), its first 64 bits over 2^64.
///
/// *Errors of its own*: INVALID\_SHAPE when V is 0 or more than 2^31 - 1, or indices is left out, and R is
/// not T.
///
/// *Source*: Meaning of flashinfer.sampling.top\_k\_top\_p\_sampling\_from\_probs; Philox: Salmon et al.
/// 2011, SC '11. Since 0.1.
pub fn top_k_top_p_sampling_from_probs(
    stream: &Stream,
    output: &mut TensorMut<'_>,
    probs: &TensorRef<'_>,
    options: TopKTopPSamplingFromProbsOptions<'_>,
) -> Result<()> {
    let inner = stream.inner();
    let output_raw = output.raw();
    let valid_raw = options.valid.as_ref().map(|t| t.raw());
    let probs_raw = probs.raw();
    let indices_raw = options.indices.as_ref().map(|t| t.raw());
    let top_ks_raw = options.top_ks.as_ref().map(|t| t.raw());
    let top_ps_raw = options.top_ps.as_ref().map(|t| t.raw());
    let philox_raw = options.philox.as_ref().map(|t| t.raw());
    // SAFETY: handles and pointers are good during the call; see the crate's documentation for what comes after.
    inner.check(unsafe { (inner.api.hipinfer_top_k_top_p_sampling_from_probs)(inner.handle, &output_raw, pointer(&valid_raw), &probs_raw, pointer(&indices_raw), pointer(&top_ks_raw), pointer(&top_ps_raw), pointer(&philox_raw), options.top_k, options.top_p, options.joint as i32, options.seed, options.offset, stream.as_raw()) })
}

/// Options of [`top_p_renorm_probs`].
#[derive(Debug)]
pub struct TopPRenormProbsOptions<'a> {
    /// `[T]`, f32; last dimension contiguous, other strides free; read. A top\_p for each row, in place of
    /// top\_p; 1 or more keeps all, 0 or less the single most likely token; a row whose entry is NaN becomes
    /// NaN.
    pub top_ps: Option<TensorRef<'a>>,
    /// from 0 to 1. The part of the probability that the kept tokens reach; 1 keeps all; at least one token
    /// is always kept.
    pub top_p: f32,
}

impl Default for TopPRenormProbsOptions<'_> {
    fn default() -> Self {
        TopPRenormProbsOptions {
            top_ps: None,
            top_p: 1.0,
        }
    }
}

/// Keeps the fewest largest probabilities of each row that reach a part of all, and divides them by their
/// sum.
///
/// ```text
/// S = the fewest largest p that sum to >= top_p * sum of p; output[t,i] = p[i] / sum of S for i in S, else
///     0, p the row of probs
/// ```
///
/// where `T` is rows (tokens); 0 is allowed; `V` is row length (vocabulary), from 1 to 2^31 - 1.
///
/// - `output`: `[T, V]`, f32, f16, bf16; last dimension contiguous, other strides free; written.
///   Probabilities of what is kept.
/// - `probs`: `[T, V]`, f32, f16, bf16; last dimension contiguous, other strides free; read, or [`InPlace`].
///   Rows of probabilities.
/// - `options`: `Default::default()`, or see [`TopPRenormProbsOptions`].
///
/// *Aliasing*: output may be probs, with the same strides.
///
/// *Numerics*: A probability is taken as it is, from 2^-126; what is smaller, negative or NaN counts as 0,
/// and a row need not sum to 1. +inf takes all the probability, shared equally among the +inf of the row. A
/// row without a probability above 0 becomes zeros. Weights are computed in fp32 and cut to a multiple of a
/// fixed-point step, 2^-44 of the largest for V from 131072 to 262143 and never more than 2^-31 of it; what
/// is smaller than the step counts as 0. Sums over a whole row add the weights of 16 bytes of it in fp32
/// first. Sums are of integers and exact: results are bitwise reproducible, and a row's result does not
/// depend on the other rows. A probability is multiplied by the fp32 reciprocal of their sum and then rounded
/// to the dtype: one that is kept alone may be 1 - 2^-24. Of equal elements at a threshold the lowest indices
/// are kept.
///
/// *Errors of its own*: INVALID\_SHAPE when V is 0 or more than 2^31 - 1.
///
/// *Source*: Meaning of flashinfer.sampling.top\_p\_renorm\_probs, save that it keeps all that equal the
/// last. Since 0.1.
pub fn top_p_renorm_probs<'a>(
    stream: &Stream,
    output: &mut TensorMut<'_>,
    probs: impl Into<Source<'a>>,
    options: TopPRenormProbsOptions<'_>,
) -> Result<()> {
    let inner = stream.inner();
    let output_raw = output.raw();
    let top_ps_raw = options.top_ps.as_ref().map(|t| t.raw());
    let probs = probs.into();
    let probs_raw = match &probs {
        Source::Tensor(t) => t.raw(),
        Source::InPlace => output_raw,
    };
    // SAFETY: handles and pointers are good during the call; see the crate's documentation for what comes after.
    inner.check(unsafe { (inner.api.hipinfer_top_p_renorm_probs)(inner.handle, &output_raw, &probs_raw, pointer(&top_ps_raw), options.top_p, stream.as_raw()) })
}

/// Options of [`top_p_sampling_from_probs`].
#[derive(Debug)]
pub struct TopPSamplingFromProbsOptions<'a> {
    /// `[T]`, bool; last dimension contiguous, other strides free; written. Whether the row could be sampled:
    /// false, with output 0, where no probability is above 0, a setting of the row is NaN, or its index is
    /// out of range.
    pub valid: Option<TensorMut<'a>>,
    /// `[T]`, i32, i64; last dimension contiguous, other strides free; read. For each output the row that it
    /// is sampled from; without it row t is output t's.
    pub indices: Option<TensorRef<'a>>,
    /// `[T]`, f32; last dimension contiguous, other strides free; read. A top\_p for each output, in place of
    /// top\_p; 1 or more keeps all, 0 or less the single most likely token.
    pub top_ps: Option<TensorRef<'a>>,
    /// `[2] or [T, 2]`, i64; last dimension contiguous, other strides free; read. Seed and offset in device
    /// memory, for all outputs or for each, in place of the arguments: a captured graph replays with what
    /// they hold then.
    pub philox: Option<TensorRef<'a>>,
    /// from 0 to 1. The part of the probability that the kept tokens reach; 1 keeps all; at least one token
    /// is always kept.
    pub top_p: f32,
    /// any value. Key of the random generator.
    pub seed: u64,
    /// any value. Counter of the random generator: one call uses one value for all its outputs, so add 1 a
    /// call.
    pub offset: u64,
}

impl Default for TopPSamplingFromProbsOptions<'_> {
    fn default() -> Self {
        TopPSamplingFromProbsOptions {
            valid: None,
            indices: None,
            top_ps: None,
            philox: None,
            top_p: 1.0,
            seed: 0,
            offset: 0,
        }
    }
}

/// Samples one token a row from the fewest largest probabilities that reach a part of all.
///
/// ```text
/// S = the fewest largest p that sum to >= top_p * sum of p; output[t] = the first i, in index order, at
///     which the sum of p over S up to and including i exceeds u * sum of S, p the row of probs
/// ```
///
/// where `T` is outputs; 0 is allowed; `V` is vocabulary size, from 1 to 2^31 - 1; `R` is rows.
///
/// - `output`: `[T]`, i32; last dimension contiguous, other strides free; written. The sampled index of each
///   row, always in \[0, V).
/// - `probs`: `[R, V]`, f32, f16, bf16; last dimension contiguous, other strides free; read. Rows of
///   probabilities.
/// - `options`: `Default::default()`, or see [`TopPSamplingFromProbsOptions`].
///
/// *Aliasing*: none: the outputs may not overlap each other or an input.
///
/// *Numerics*: A probability is taken as it is, from 2^-126; what is smaller, negative or NaN counts as 0,
/// and a row need not sum to 1. +inf takes all the probability, shared equally among the +inf of the row.
/// Weights are computed in fp32 and cut to a multiple of a fixed-point step, 2^-44 of the largest for V from
/// 131072 to 262143 and never more than 2^-31 of it; what is smaller than the step counts as 0. Sums over a
/// whole row add the weights of 16 bytes of it in fp32 first. Sums are of integers and exact: results are
/// bitwise reproducible, and a row's result does not depend on the other rows. Of equal elements at a
/// threshold the lowest indices are kept. u = Philox4x32-10 with key = seed and counter = (offset, t), its
/// first 64 bits over 2^64.
///
/// *Errors of its own*: INVALID\_SHAPE when V is 0 or more than 2^31 - 1, or indices is left out, and R is
/// not T.
///
/// *Source*: Meaning of flashinfer.sampling.top\_p\_sampling\_from\_probs; Philox: Salmon et al. 2011, SC
/// '11. Since 0.1.
pub fn top_p_sampling_from_probs(
    stream: &Stream,
    output: &mut TensorMut<'_>,
    probs: &TensorRef<'_>,
    options: TopPSamplingFromProbsOptions<'_>,
) -> Result<()> {
    let inner = stream.inner();
    let output_raw = output.raw();
    let valid_raw = options.valid.as_ref().map(|t| t.raw());
    let probs_raw = probs.raw();
    let indices_raw = options.indices.as_ref().map(|t| t.raw());
    let top_ps_raw = options.top_ps.as_ref().map(|t| t.raw());
    let philox_raw = options.philox.as_ref().map(|t| t.raw());
    // SAFETY: handles and pointers are good during the call; see the crate's documentation for what comes after.
    inner.check(unsafe { (inner.api.hipinfer_top_p_sampling_from_probs)(inner.handle, &output_raw, pointer(&valid_raw), &probs_raw, pointer(&indices_raw), pointer(&top_ps_raw), pointer(&philox_raw), options.top_p, options.seed, options.offset, stream.as_raw()) })
}
