# SPDX-License-Identifier: Apache-2.0
# Written by src/gen/generate.py; edit its sources.
"""The operations. Each only enqueues work on the stream; on the CPU it has run when it returns."""

from __future__ import annotations

from typing import Optional, Union

from . import _abi
from ._abi import NormGate, GemmActivation, RopeScaling
from ._call import Operation, enum_value
from .context import Context
from .interop import StreamLike, TensorLike

__all__ = [
    "adaln", "append_paged_kv_cache", "append_paged_mla_kv_cache", "apply_penalties", "argmax", "cast",
    "causal_mask", "chain_speculative_sampling", "copy_blocks", "dequantize", "embedding",
    "fused_add_rmsnorm", "fused_add_rmsnorm_dynamic_quant", "fused_add_rmsnorm_quant", "gate_up_swiglu",
    "gated_residual_rmsnorm", "gated_rmsnorm", "gelu_and_mul", "gelu_and_mul_dynamic_quant",
    "gelu_and_mul_quant", "gelu_tanh_and_mul", "gelu_tanh_and_mul_dynamic_quant", "gelu_tanh_and_mul_quant",
    "gemm", "gemm_grouped", "gemm_grouped_scaled", "gemm_scaled", "gemma_fused_add_rmsnorm", "gemma_rmsnorm",
    "get_batch_indices_positions", "get_seq_lens", "grouped_top_k", "layernorm", "layernorm_quant",
    "masked_softmax", "merge_state", "merge_state_in_place", "merge_states", "min_p_sampling_from_probs",
    "paged_attention_decode", "paged_attention_decode_workspace_bytes", "paged_attention_prefill",
    "paged_mla_attention", "paged_mla_attention_workspace_bytes", "qk_norm_rope", "quantize_per_group",
    "quantize_per_tensor", "quantize_per_token", "rmsnorm", "rmsnorm_dynamic_quant", "rmsnorm_quant",
    "rmsnorm_silu", "rope", "rope_append_kv", "rope_cos_sin_cache", "rope_quantize_fp8", "rope_theta",
    "sampling_from_logits", "sampling_from_probs", "scale", "silu_and_mul", "silu_and_mul_dynamic_quant",
    "silu_and_mul_quant", "softmax", "swiglu", "token_logprobs", "top_k", "top_k_mask_logits",
    "top_k_page_table_transform", "top_k_ragged_transform", "top_k_renorm_probs", "top_k_sampling_from_probs",
    "top_k_top_p_sampling_from_logits", "top_k_top_p_sampling_from_probs", "top_p_renorm_probs",
    "top_p_sampling_from_probs", "NormGate", "GemmActivation", "RopeScaling",
]


_adaln = Operation("adaln", ("output", "input", "scale", "shift", "eps", "rms"), tensors=(0, 1, 2, 3),
                   written=(0,))


def adaln(output: TensorLike, input: TensorLike, scale: TensorLike, shift: TensorLike, eps: float = 1e-06,
          rms: bool = False, *, stream: StreamLike = None, context: Optional[Context] = None) -> None:
    """Adaptive layer normalisation: rows are normalised without weights, then scaled and shifted by what their
    batch element says.

        output[b,t] = norm(input[b,t]) * (1 + scale[b]) + shift[b]; norm(x) = (x - mean(x)) / sqrt(mean((x -
            mean(x))^2) + eps), with rms: x / sqrt(mean(x^2) + eps)

    where B is batch elements; 0 is allowed; T is tokens of a batch element; 0 is allowed; N is row length,
    from 1.

    Args:
        output: written; [B, T, N], dtype f32, f16, bf16; last dimension contiguous, other strides free.
            Modulated rows.
        input: [B, T, N], dtype f32, f16, bf16; last dimension contiguous, other strides free. Rows to
            normalise.
        scale: [B, N], dtype that of data, or f32; last dimension contiguous, other strides free. Gain of each
            column, less 1; a slice of the modulation's wider rows will do.
        shift: [B, N], dtype that of data, or f32; last dimension contiguous, other strides free. What is
            added to each column.
        eps: from 0 to 3.4e+38. Added to the mean of squares, to keep a constant row finite; no unit.
        rms: 0: layer normalisation. 1: root-mean-square normalisation, which subtracts no mean.
        stream: where the work is enqueued; None: torch's current stream for torch's GPU tensors, else the
            default stream.
        context: None: that of the tensors.

    Aliasing: output may be input, with the same strides; it may not overlap scale or shift.
    Numerics: fp32, sums in a fixed order; 1 + scale is formed in fp32; one rounding, to the output's dtype.
    Bitwise reproducible, and a row's result does not depend on the other rows.
    Errors of its own: INVALID_SHAPE when N is 0: rows of length 0 have no mean.
    Source: Peebles and Xie 2022, arXiv:2212.09748 (adaLN); AdaLayerNormZero and AdaLayerNormContinuous of
    FLUX.
    """
    _adaln((output, input, scale, shift, eps, rms), None, stream, context)


_append_paged_kv_cache = Operation("append_paged_kv_cache", ("k_cache", "v_cache", "append_key",
                                   "append_value", "batch_indices", "positions", "kv_indices", "kv_indptr",
                                   "kv_last_page_len", "k_scale", "v_scale"),
                                   tensors=(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10), written=(0, 1))


def append_paged_kv_cache(k_cache: TensorLike, v_cache: TensorLike, append_key: TensorLike,
                          append_value: TensorLike, batch_indices: TensorLike, positions: TensorLike,
                          kv_indices: TensorLike, kv_indptr: TensorLike, kv_last_page_len: TensorLike,
                          k_scale: Optional[TensorLike] = None, v_scale: Optional[TensorLike] = None, *,
                          stream: StreamLike = None, context: Optional[Context] = None) -> None:
    """Writes new keys and values to their places in a paged cache, quantised where the cache is fp8.

        k_cache[page, slot] = append_key[t], v_cache[page, slot] = append_value[t], with b = batch_indices[t],
            page = kv_indices[kv_indptr[b] + positions[t] / S] and slot = positions[t] mod S; in a cache of
            fp8 saturate(round(append_key[t] / k_scale)) and saturate(round(append_value[t] / v_scale))

    where P is pages in the cache; S is slots (tokens) in a page; any number; H is key and value heads; D is
    head dimension; T is entries to append; 0 is allowed; B is requests; I is entries of the page table.

    Args:
        k_cache: read and written; [P, S, H, D], dtype that of data, or e4m3fn, e4m3fnuz, e5m2, e5m2fnuz; last
            dimension contiguous, other strides free. Key pages. The layout is the strides': [pages, slots,
            heads, D] (NHD), [pages, heads, slots, D] (HND) or one half of a combined tensor are views with
            these four dimensions. Offsets are 64 bits wide.
        v_cache: read and written; [P, S, H, D], dtype that of data, or e4m3fn, e4m3fnuz, e5m2, e5m2fnuz; last
            dimension contiguous, other strides free. Value pages; strides of its own.
        append_key: [T, H, D], dtype f32, f16, bf16; last dimension contiguous, other strides free. New keys.
        append_value: [T, H, D], dtype f32, f16, bf16; last dimension contiguous, other strides free. New
            values.
        batch_indices: [T], dtype i32, i64; last dimension contiguous, other strides free. Request of each
            entry. An entry is skipped, and nothing is touched out of bounds, where its request is not in [0,
            B), its position is not in [0, length of the request), or its page is not in [0, P).
        positions: [T], dtype i32, i64; last dimension contiguous, other strides free. Position of each entry
            in its request.
        kv_indices: [I], dtype i32, i64; last dimension contiguous, other strides free. Page table: the pages
            of all requests, one request after the other.
        kv_indptr: [B+1], dtype i32, i64; last dimension contiguous, other strides free. Where each request
            begins in kv_indices, in order. A request that ends where it begins or before has no keys.
        kv_last_page_len: [B], dtype i32, i64; last dimension contiguous, other strides free. Slots in use,
            after the append, in each request's last page, 1 to S: the request's length is (pages - 1) * S +
            kv_last_page_len.
        k_scale: optional (None), any shape of one element, dtype f32; last dimension contiguous, other
            strides free. fp8 caches: what a unit of k_cache stands for, in device memory; left out it is 1.
        v_scale: optional (None), any shape of one element, dtype f32; last dimension contiguous, other
            strides free. fp8 caches: what a unit of v_cache stands for, in device memory; left out it is 1.
        stream: where the work is enqueued; None: torch's current stream for torch's GPU tensors, else the
            default stream.
        context: None: that of the tensors.

    Aliasing: none: k_cache and v_cache may be views of one tensor, but may not overlap each other or an
    input. Two entries of one call must not name the same slot, or which of them stays is undefined.
    Numerics: A copy, exact, where the cache has the dtype of the keys. fp8: on a GPU x * (1 / scale), both in
    fp32, within one unit in the last place of the quotient rounded to nearest even; beyond the largest finite
    value, infinities too, becomes that value; a NaN stays NaN. Least possible traffic: 2 * H * D * (bytes of
    data + bytes of cache) a token, and its look-ups (20 bytes and a page number with i32).
    Errors of its own: INVALID_DTYPE when a scale is given and the cache is not fp8; INVALID_SHAPE when I * S
    is 2^31 or more, or H or D more than 2^26.
    Source: Meaning of flashinfer.page.append_paged_kv_cache.
    """
    _append_paged_kv_cache((k_cache, v_cache, append_key, append_value, batch_indices, positions, kv_indices,
                           kv_indptr, kv_last_page_len, k_scale, v_scale), None, stream, context)


_append_paged_mla_kv_cache = Operation("append_paged_mla_kv_cache", ("ckv_cache", "kpe_cache", "append_ckv",
                                       "append_kpe", "batch_indices", "positions", "kv_indices", "kv_indptr",
                                       "kv_last_page_len"), tensors=(0, 1, 2, 3, 4, 5, 6, 7, 8),
                                       written=(0, 1))


def append_paged_mla_kv_cache(ckv_cache: TensorLike, kpe_cache: TensorLike, append_ckv: TensorLike,
                              append_kpe: TensorLike, batch_indices: TensorLike, positions: TensorLike,
                              kv_indices: TensorLike, kv_indptr: TensorLike, kv_last_page_len: TensorLike, *,
                              stream: StreamLike = None, context: Optional[Context] = None) -> None:
    """Writes new latent keys and their rotated parts to their places in the two paged caches of multi-head
    latent attention.

        ckv_cache[page, slot] = append_ckv[t], kpe_cache[page, slot] = append_kpe[t], with b =
            batch_indices[t], page = kv_indices[kv_indptr[b] + positions[t] / S] and slot = positions[t] mod S

    where P is pages in the cache; S is slots (tokens) in a page; any number; T is entries to append; 0 is
    allowed; B is requests; I is entries of the page table; C is columns of the latent key; 0 is allowed; R is
    columns of its rotated part; 0 is allowed.

    Args:
        ckv_cache: read and written; [P, S, C], dtype f32, f16, bf16; last dimension contiguous, other strides
            free. Pages of latent keys, which are values, too. Pages and slots have strides of their own: one
            part of a tensor [P, S, C + R] is a view of it.
        kpe_cache: read and written; [P, S, R], dtype f32, f16, bf16; last dimension contiguous, other strides
            free. Pages of the rotated parts; strides of its own.
        append_ckv: [T, C], dtype f32, f16, bf16; last dimension contiguous, other strides free. New latent
            keys.
        append_kpe: [T, R], dtype f32, f16, bf16; last dimension contiguous, other strides free. Their rotated
            parts, which all heads share.
        batch_indices: [T], dtype i32, i64; last dimension contiguous, other strides free. Request of each
            entry. An entry is skipped, and nothing is touched out of bounds, where its request is not in [0,
            B), its position is not in [0, length of the request), or its page is not in [0, P).
        positions: [T], dtype i32, i64; last dimension contiguous, other strides free. Position of each entry
            in its request.
        kv_indices: [I], dtype i32, i64; last dimension contiguous, other strides free. Page table: the pages
            of all requests, one request after the other.
        kv_indptr: [B+1], dtype i32, i64; last dimension contiguous, other strides free. Where each request
            begins in kv_indices, in order. A request that ends where it begins or before has no keys.
        kv_last_page_len: [B], dtype i32, i64; last dimension contiguous, other strides free. Slots in use,
            after the append, in each request's last page, 1 to S: the request's length is (pages - 1) * S +
            kv_last_page_len.
        stream: where the work is enqueued; None: torch's current stream for torch's GPU tensors, else the
            default stream.
        context: None: that of the tensors.

    Aliasing: none: ckv_cache and kpe_cache may be views of one tensor, but may not overlap each other or an
    input. Two entries of one call must not name the same slot, or which of them stays is undefined.
    Numerics: A copy, exact. Least possible traffic: 2 * (C + R) elements a token, and its look-ups (20 bytes
    and a page number with i32).
    Errors of its own: INVALID_SHAPE when I * S is 2^31 or more, or C or R more than 2^26.
    Source: Meaning of flashinfer.page.append_paged_mla_kv_cache.
    """
    _append_paged_mla_kv_cache((ckv_cache, kpe_cache, append_ckv, append_kpe, batch_indices, positions,
                               kv_indices, kv_indptr, kv_last_page_len), None, stream, context)


_apply_penalties = Operation("apply_penalties", ("output", "logits", "counts", "prompt", "bias",
                             "repetitions", "presences", "frequencies", "repetition", "presence",
                             "frequency"), tensors=(0, 1, 2, 3, 4, 5, 6, 7), written=(0,))


def apply_penalties(output: TensorLike, logits: TensorLike, counts: Optional[TensorLike] = None,
                    prompt: Optional[TensorLike] = None, bias: Optional[TensorLike] = None,
                    repetitions: Optional[TensorLike] = None, presences: Optional[TensorLike] = None,
                    frequencies: Optional[TensorLike] = None, repetition: float = 1.0, presence: float = 0.0,
                    frequency: float = 0.0, *, stream: StreamLike = None,
                    context: Optional[Context] = None) -> None:
    """Makes tokens that have been seen less likely, and adds a bias to logits.

        c = counts[t,i]; x = logits[t,i]; if c > 0 or prompt[t,i]: x = x / repetition if x > 0, else x *
            repetition; if c > 0: x = x - (presence + frequency * c); output[t,i] = x + bias[i]

    where T is rows (tokens); 0 is allowed; V is row length (vocabulary); 0 is allowed.

    Args:
        output: written; [T, V], dtype f32, f16, bf16; last dimension contiguous, other strides free. The
            changed logits.
        logits: [T, V], dtype f32, f16, bf16; last dimension contiguous, other strides free. Rows of logits.
        counts: optional (None), [T, V], dtype i32; last dimension contiguous, other strides free. How often
            each token has been generated; a negative number is none.
        prompt: optional (None), [T, V], dtype bool; last dimension contiguous, other strides free. Whether
            each token is one of the prompt.
        bias: optional (None), [V] or [T, V], dtype f32; last dimension contiguous, other strides free. What
            is added to the logits of all rows, or of each.
        repetitions: optional (None), [T], dtype f32; last dimension contiguous, other strides free. A number
            for each row, in place of repetition.
        presences: optional (None), [T], dtype f32; last dimension contiguous, other strides free. A number
            for each row, in place of presence.
        frequencies: optional (None), [T], dtype f32; last dimension contiguous, other strides free. A number
            for each row, in place of frequency.
        repetition: from 1e-06 to 1e+06. Divides positive logits and multiplies others, of tokens of the
            prompt and of those that were generated; 1 leaves them as they are.
        presence: from -1e+06 to 1e+06. Subtracted from logits of tokens that were generated.
        frequency: from -1e+06 to 1e+06. Subtracted for each time that a token was generated.
        stream: where the work is enqueued; None: torch's current stream for torch's GPU tensors, else the
            default stream.
        context: None: that of the tensors.

    Aliasing: output may be logits, with the same strides.
    Numerics: fp32, one rounding to the output's dtype; the quotient is a product with 1 / repetition. What
    was not seen and has no bias is copied. A tensor that is left out stands for zeros.
    Source: Keskar et al. 2019, arXiv:1909.05858, 4.1 (repetition); presence and frequency as in OpenAI's
    completions interface; the order is vLLM's.
    """
    _apply_penalties((output, logits, counts, prompt, bias, repetitions, presences, frequencies, repetition,
                     presence, frequency), None, stream, context)


_argmax = Operation("argmax", ("output", "input"), tensors=(0, 1), written=(0,))


def argmax(output: TensorLike, input: TensorLike, *, stream: StreamLike = None,
           context: Optional[Context] = None) -> None:
    """Index of the largest element of each row.

        output[t] = the lowest i with input[t,i] = max over j of input[t,j]

    where T is rows (tokens); 0 is allowed; V is row length (vocabulary), from 1.

    Args:
        output: written; [T], dtype i32, i64; last dimension contiguous, other strides free. An index into
            each row, always in range.
        input: [T, V], dtype f32, f16, bf16; last dimension contiguous, other strides free. The rows to
            search.
        stream: where the work is enqueued; None: torch's current stream for torch's GPU tensors, else the
            default stream.
        context: None: that of the tensors.

    Aliasing: output may not overlap input.
    Numerics: Exact. A NaN is never chosen; a row of nothing but NaN gives 0. +0 and -0 are equal.
    Errors of its own: INVALID_SHAPE when V is 0, or V - 1 does not fit in the dtype of output.
    Source: Greedy decoding; meaning of torch.argmax(input, -1), save that torch chooses a NaN.
    """
    _argmax((output, input), None, stream, context)


_cast = Operation("cast", ("output", "input"), tensors=(0, 1), written=(0,))


def cast(output: TensorLike, input: TensorLike, *, stream: StreamLike = None,
         context: Optional[Context] = None) -> None:
    """Converts a tensor of any shape to another floating-point dtype.

        output = input, in the dtype of output

    Args:
        output: written; any shape, the same for all, dtype f32, f16, bf16, e4m3fn, e4m3fnuz, e5m2, e5m2fnuz;
            any strides. The converted elements; no two of them share memory.
        input: any shape, the same for all, dtype f32, f16, bf16, e4m3fn, e4m3fnuz, e5m2, e5m2fnuz; any
            strides. The elements to convert; a stride of 0 repeats one.
        stream: where the work is enqueued; None: torch's current stream for torch's GPU tensors, else the
            default stream.
        context: None: that of the tensors.

    Aliasing: output may not overlap input.
    Numerics: Exact where the output's dtype holds the value, else rounded once, to nearest even; what is too
    large becomes infinity, a NaN stays a NaN. The fp8 dtypes saturate: what is beyond the largest finite
    value, infinities too, becomes that value; a NaN becomes the NaN without a sign; fnuz has no -0.
    Source: IEEE 754-2019, 5.4.2 formatOf-convertFormat, roundTiesToEven; meaning of torch.Tensor.to(dtype),
    with saturation in fp8; OCP 8-bit Floating Point Specification 1.0; Noune et al. 2022, arXiv:2206.02915
    (fnuz).
    """
    _cast((output, input), None, stream, context)


_causal_mask = Operation("causal_mask", ("output", "input", "value"), tensors=(0, 1), written=(0,))


def causal_mask(output: TensorLike, input: TensorLike, value: float, *, stream: StreamLike = None,
                context: Optional[Context] = None) -> None:
    """Masks the attention scores of keys that come after their query.

        output[b,h,q,k] = value if k > q + (K - Q), else input[b,h,q,k]

    where B is requests; 0 is allowed; H is heads; 0 is allowed; Q is queries; 0 is allowed; K is keys; 0 is
    allowed.

    Args:
        output: written; [B, H, Q, K], dtype f32, f16, bf16; last dimension contiguous, other strides free.
            The masked scores.
        input: [B, H, Q, K], dtype f32, f16, bf16; last dimension contiguous, other strides free. The scores.
        value: any value. What masked scores become, usually -infinity; NaN is allowed.
        stream: where the work is enqueued; None: torch's current stream for torch's GPU tensors, else the
            default stream.
        context: None: that of the tensors.

    Aliasing: output may be input, with the same strides.
    Numerics: Scores are copied bit for bit; value is rounded once, to nearest even, to the dtype.
    Source: The causal mask of Vaswani et al. 2017, arXiv:1706.03762, aligned to the end: the last query sees
    every key. With Q > K the first Q - K rows are masked whole.
    """
    _causal_mask((output, input, value), None, stream, context)


_chain_speculative_sampling = Operation("chain_speculative_sampling", ("output", "valid", "draft_probs",
                                        "draft_token_ids", "target_probs", "accepted", "emitted", "philox",
                                        "seed", "offset"), tensors=(0, 1, 2, 3, 4, 5, 6, 7),
                                        written=(0, 1, 5, 6))


def chain_speculative_sampling(output: TensorLike, valid: Optional[TensorLike], draft_probs: TensorLike,
                               draft_token_ids: TensorLike, target_probs: TensorLike,
                               accepted: Optional[TensorLike] = None, emitted: Optional[TensorLike] = None,
                               philox: Optional[TensorLike] = None, seed: int = 0, offset: int = 0, *,
                               stream: StreamLike = None, context: Optional[Context] = None) -> None:
    """Keeps the tokens of a draft that the target model agrees with, up to the first that it does not, and
    samples one more.

        q = draft_probs[b], p = target_probs[b], d = draft_token_ids[b]; e = the first i with u[i] * q[i,d[i]]
            >= p[i,d[i]], or N; output[b] = d[0] .. d[e-1], then a token sampled from max(p[e] - q[e], 0), of
            p[N] where e = N, then -1

    where V is vocabulary size, from 1 to 2^31 - 1; B is requests; 0 is allowed; N is tokens of a draft; 0 is
    allowed.

    Args:
        output: written; [B, N+1], dtype i32; last dimension contiguous, other strides free. The tokens that
            are agreed with, one more, and -1 in the places that are left.
        valid: written; optional (None), [B], dtype bool; last dimension contiguous, other strides free.
            Whether the last token could be sampled: false, with a 0 in its place, where the target has no
            probability above 0 there.
        draft_probs: [B, N, V], dtype f32, f16, bf16; last dimension contiguous, other strides free. What the
            draft's tokens were sampled from.
        draft_token_ids: [B, N], dtype i32, i64; last dimension contiguous, other strides free. The draft's
            tokens.
        target_probs: [B, N+1, V], dtype f32, f16, bf16; last dimension contiguous, other strides free. The
            target's probabilities at each place of the draft, and at the one after.
        accepted: read and written; optional (None), [B], dtype i32; last dimension contiguous, other strides
            free. The number of places at which the draft's token is agreed with, whatever is before it, is
            added.
        emitted: read and written; optional (None), [B], dtype i32; last dimension contiguous, other strides
            free. e is added.
        philox: optional (None), [2] or [B, 2], dtype i64; last dimension contiguous, other strides free. Seed
            and offset in device memory, for all requests or for each, in place of the arguments: a captured
            graph replays with what they hold then.
        seed: any value. Key of the random generator.
        offset: any value. Counter of the random generator: one call uses one value for all its outputs, so
            add 1 a call.
        stream: where the work is enqueued; None: torch's current stream for torch's GPU tensors, else the
            default stream.
        context: None: that of the tensors.

    Aliasing: none: the outputs may not overlap each other or an input.
    Numerics: u[i] = the first 24 bits of Philox4x32-10 with key = seed and counter = (offset, c), over 2^24;
    c has b in its lower 32 bits and i+1 above, so that it is no number that a sampling operation draws with;
    u * q and the comparison are exact. The token is sampled as sampling_from_probs does, by the first 64 bits
    of the counter with N+1 there, from differences rounded to fp32; where none is above 0, from p[e].
    Probabilities below 2^-126 and NaN count as 0. A draft's token that is no index of a row is not agreed
    with. Bitwise reproducible, and a request's result does not depend on the others.
    Errors of its own: INVALID_SHAPE when V is 0 or more than 2^31 - 1, or N is more than 2^31 - 2.
    Source: Chen et al. 2023, arXiv:2302.01318; meaning of flashinfer.sampling.chain_speculative_sampling;
    Philox: Salmon et al. 2011, SC '11.
    """
    _chain_speculative_sampling((output, valid, draft_probs, draft_token_ids, target_probs, accepted, emitted,
                                philox, seed, offset), None, stream, context)


_copy_blocks = Operation("copy_blocks", ("k_cache", "v_cache", "block_mapping"), tensors=(0, 1, 2),
                         written=(0, 1))


def copy_blocks(k_cache: TensorLike, v_cache: Optional[TensorLike], block_mapping: TensorLike, *,
                stream: StreamLike = None, context: Optional[Context] = None) -> None:
    """Copies whole pages of a KV cache to other pages of it, for requests that part (copy on write).

        k_cache[destination] = k_cache[source] and v_cache[destination] = v_cache[source] for each pair
            (source, destination) of block_mapping

    where P is pages in the cache; S is slots (tokens) in a page; any number; H is key and value heads; D is
    head dimension of keys; E is head dimension of values; N is pairs; 0 is allowed.

    Args:
        k_cache: read and written; [P, S, H, D], dtype f32, f16, bf16, e4m3fn, e4m3fnuz, e5m2, e5m2fnuz, i8,
            u8; last dimension contiguous, other strides free. Key pages. The layout is the strides': [pages,
            slots, heads, D] (NHD), [pages, heads, slots, D] (HND) or one half of a combined tensor are views
            with these four dimensions. Offsets are 64 bits wide.
        v_cache: read and written; optional (None), [P, S, H, E], dtype f32, f16, bf16, e4m3fn, e4m3fnuz,
            e5m2, e5m2fnuz, i8, u8; last dimension contiguous, other strides free. Value pages; strides of its
            own.
        block_mapping: [N, 2], dtype i32, i64; last dimension contiguous, other strides free. Pages to copy
            from and to, in device memory. A pair with a page that is not in [0, P) is skipped.
        stream: where the work is enqueued; None: torch's current stream for torch's GPU tensors, else the
            default stream.
        context: None: that of the tensors.

    Aliasing: k_cache and v_cache may be views of one tensor, but may not overlap each other. A page that is
    the destination of one pair may be in no other pair of the call, or what it and the pages copied from it
    hold stays undefined.
    Numerics: A copy, exact. Least possible traffic: 4 * S * H * D elements a pair.
    Source: Meaning of vLLM's copy_blocks, for one layer a call.
    """
    _copy_blocks((k_cache, v_cache, block_mapping), None, stream, context)


_dequantize = Operation("dequantize", ("output", "input", "scales", "group_rows", "group_size"),
                        tensors=(0, 1, 2), written=(0,))


def dequantize(output: TensorLike, input: TensorLike, scales: TensorLike, group_rows: int = 1,
               group_size: int = 0, *, stream: StreamLike = None, context: Optional[Context] = None) -> None:
    """Multiplies fp8 or int8 elements by the scales of their tensor, token, group or block.

        output[t, i] = input[t, i] * scales[t / group_rows, i / group_size]

    where T is rows (tokens, or a weight's output features); 0 is allowed; N is row length; 0 is allowed; R is
    scales down the rows: T / group_rows, rounded up; S is scales along a row: N / group_size, rounded up.

    Args:
        output: written; [T, N], dtype f32, f16, bf16; last dimension contiguous, other strides free. The
            values.
        input: [T, N], dtype e4m3fn, e4m3fnuz, e5m2, e5m2fnuz, i8; last dimension contiguous, other strides
            free. The quantised elements.
        scales: [R] or [R, S] or any shape of one element, dtype f32; any strides. What a unit of the input
            stands for; [R] where S is 1.
        group_rows: from 0. Rows that share a scale; 0: all of them (per tensor).
        group_size: from 0. Elements along a row that share a scale; 0: all of them (per token).
        stream: where the work is enqueued; None: torch's current stream for torch's GPU tensors, else the
            default stream.
        context: None: that of the tensors.

    Aliasing: output may not overlap input or scales.
    Numerics: The product is formed in fp32, and rounded to nearest even to the output's dtype.
    Errors of its own: INVALID_SHAPE when R or S of scales is not what T, N, group_rows and group_size give.
    Source: The inverse of quantize_per_tensor, quantize_per_token and quantize_per_group; blocks of 128 by
    128 as in DeepSeek-AI 2024, arXiv:2412.19437, 3.3.2.
    """
    _dequantize((output, input, scales, group_rows, group_size), None, stream, context)


_embedding = Operation("embedding", ("output", "table", "indices"), tensors=(0, 1, 2), written=(0,))


def embedding(output: TensorLike, table: TensorLike, indices: TensorLike, *, stream: StreamLike = None,
              context: Optional[Context] = None) -> None:
    """Gathers rows of a table by index.

        output[t] = table[indices[t]]; a row of zeros where indices[t] < 0, a row of NaN where indices[t] >= V

    where T is tokens; 0 is allowed; N is row length; 0 is allowed; V is rows of the table (vocabulary); 0 is
    allowed.

    Args:
        output: written; [T, N], dtype f32, f16, bf16; last dimension contiguous, other strides free. The
            gathered rows.
        table: [V, N], dtype f32, f16, bf16; last dimension contiguous, other strides free. The rows to gather
            from. Nothing outside them is read.
        indices: [T], dtype i32, i64; last dimension contiguous, other strides free. Row of the table for each
            token; any value is allowed.
        stream: where the work is enqueued; None: torch's current stream for torch's GPU tensors, else the
            default stream.
        context: None: that of the tensors.

    Aliasing: output may not overlap an input.
    Numerics: Rows are copied bit for bit.
    Source: Meaning of torch.nn.functional.embedding; negative indices are padding, and an index past the
    table is made visible as NaN in place of a fault.
    """
    _embedding((output, table, indices), None, stream, context)


_fused_add_rmsnorm = Operation("fused_add_rmsnorm", ("input", "residual", "weight", "eps"), tensors=(0, 1, 2),
                               written=(0, 1))


def fused_add_rmsnorm(input: TensorLike, residual: TensorLike, weight: TensorLike, eps: float = 1e-06, *,
                      stream: StreamLike = None, context: Optional[Context] = None) -> None:
    """Adds the input to the residual stream and normalises the sum, in place in both.

        sum = input + residual; residual = sum; input = sum / sqrt(mean(sum^2) + eps) * weight

    where T is rows (tokens); 0 is allowed; N is row length, from 1.

    Args:
        input: read and written; [T, N], dtype f32, f16, bf16; last dimension contiguous, other strides free.
            What a layer adds to the stream; afterwards the normalised rows.
        residual: read and written; [T, N], dtype f32, f16, bf16; last dimension contiguous, other strides
            free. The residual stream; afterwards the sum.
        weight: [N], dtype that of data, or f32; last dimension contiguous, other strides free. Gain of each
            column.
        eps: from 0 to 3.4e+38. Added to the mean of squares, to keep a zero row finite; no unit.
        stream: where the work is enqueued; None: torch's current stream for torch's GPU tensors, else the
            default stream.
        context: None: that of the tensors.

    Aliasing: input, residual and weight may not overlap.
    Numerics: The sum is formed in fp32 and rounded once when residual is stored; the norm uses the unrounded
    sum. Squares are summed in fp32 in a fixed order. Bitwise reproducible, and a row's result does not depend
    on the other rows.
    Errors of its own: INVALID_SHAPE when N is 0: rows of length 0 have no mean.
    Source: Zhang and Sennrich 2019, arXiv:1910.07467; meaning of flashinfer.norm.fused_add_rmsnorm.
    """
    _fused_add_rmsnorm((input, residual, weight, eps), None, stream, context)


_fused_add_rmsnorm_dynamic_quant = Operation("fused_add_rmsnorm_dynamic_quant", ("output", "scales", "input",
                                             "residual", "weight", "eps"), tensors=(0, 1, 2, 3, 4),
                                             written=(0, 1, 3))


def fused_add_rmsnorm_dynamic_quant(output: TensorLike, scales: TensorLike, input: TensorLike,
                                    residual: TensorLike, weight: TensorLike, eps: float = 1e-06, *,
                                    stream: StreamLike = None, context: Optional[Context] = None) -> None:
    """Adds the input to the residual stream, in place, and normalises the sum into an output that is quantised
    with a scale for each row.

        sum = input + residual; residual = sum; v = sum / sqrt(mean(sum^2) + eps) * weight; scales = max|v| /
            largest; output = round(v / scales)

    where T is rows (tokens); 0 is allowed; N is row length, from 1.

    Args:
        output: written; [T, N], dtype e4m3fn, e4m3fnuz, e5m2, e5m2fnuz, i8; last dimension contiguous, other
            strides free. Normalised rows, quantised.
        scales: written; [T], dtype f32; any strides. What a unit of each row stands for.
        input: [T, N], dtype f32, f16, bf16; last dimension contiguous, other strides free. What a layer adds
            to the stream.
        residual: read and written; [T, N], dtype f32, f16, bf16; last dimension contiguous, other strides
            free. The residual stream; afterwards the sum.
        weight: [N], dtype that of data, or f32; last dimension contiguous, other strides free. Gain of each
            column.
        eps: from 0 to 3.4e+38. Added to the mean of squares, to keep a zero row finite; no unit.
        stream: where the work is enqueued; None: torch's current stream for torch's GPU tensors, else the
            default stream.
        context: None: that of the tensors.

    Aliasing: No two tensors may overlap.
    Numerics: The sum is formed in fp32 and rounded once when residual is stored; the norm uses the unrounded
    sum. Squares are summed in fp32 in a fixed order. Quantised is the fp32 result, not one rounded to the
    input's dtype. The scale is the largest magnitude of the row / the largest finite value of the output's
    dtype (127 of i8), 2^-126 at least; a NaN has no part in it and becomes NaN (0 in i8), an infinity makes
    the scale infinite. On a GPU values are multiplied by 1 / scale: within one unit in the last place of the
    quotient rounded to nearest even. Bitwise reproducible, and a row's result does not depend on the other
    rows.
    Errors of its own: INVALID_SHAPE when N is 0: rows of length 0 have no mean.
    Source: Zhang and Sennrich 2019, arXiv:1910.07467; fused_add_rmsnorm, quantised as by vLLM's
    rms_norm_dynamic_per_token_quant with a residual.
    """
    _fused_add_rmsnorm_dynamic_quant((output, scales, input, residual, weight, eps), None, stream, context)


_fused_add_rmsnorm_quant = Operation("fused_add_rmsnorm_quant", ("output", "input", "residual", "weight",
                                     "scale", "eps"), tensors=(0, 1, 2, 3, 4), written=(0, 2))


def fused_add_rmsnorm_quant(output: TensorLike, input: TensorLike, residual: TensorLike, weight: TensorLike,
                            scale: TensorLike, eps: float = 1e-06, *, stream: StreamLike = None,
                            context: Optional[Context] = None) -> None:
    """Adds the input to the residual stream, in place, and normalises the sum into an output that is quantised
    with one scale.

        sum = input + residual; residual = sum; v = sum / sqrt(mean(sum^2) + eps) * weight; output =
            saturate(round(v / scale))

    where T is rows (tokens); 0 is allowed; N is row length, from 1.

    Args:
        output: written; [T, N], dtype e4m3fn, e4m3fnuz, e5m2, e5m2fnuz; last dimension contiguous, other
            strides free. Normalised rows, quantised.
        input: [T, N], dtype f32, f16, bf16; last dimension contiguous, other strides free. What a layer adds
            to the stream.
        residual: read and written; [T, N], dtype f32, f16, bf16; last dimension contiguous, other strides
            free. The residual stream; afterwards the sum.
        weight: [N], dtype that of data, or f32; last dimension contiguous, other strides free. Gain of each
            column.
        scale: any shape of one element, dtype f32; last dimension contiguous, other strides free. What a unit
            of the output stands for, in device memory.
        eps: from 0 to 3.4e+38. Added to the mean of squares, to keep a zero row finite; no unit.
        stream: where the work is enqueued; None: torch's current stream for torch's GPU tensors, else the
            default stream.
        context: None: that of the tensors.

    Aliasing: No two tensors may overlap.
    Numerics: The sum is formed in fp32 and rounded once when residual is stored; the norm uses the unrounded
    sum. Squares are summed in fp32 in a fixed order. Quantised is the fp32 result, not one rounded to the
    input's dtype. On a GPU it is multiplied by 1 / scale: within one unit in the last place of the quotient
    rounded to nearest even; saturated at the largest finite value of the output's dtype. A NaN becomes NaN.
    Bitwise reproducible, and a row's result does not depend on the other rows.
    Errors of its own: INVALID_SHAPE when N is 0: rows of length 0 have no mean.
    Source: Zhang and Sennrich 2019, arXiv:1910.07467; meaning of flashinfer.norm.fused_add_rmsnorm_quant.
    """
    _fused_add_rmsnorm_quant((output, input, residual, weight, scale, eps), None, stream, context)


_gate_up_swiglu = Operation("gate_up_swiglu", ("output", "input", "gate", "up"), tensors=(0, 1, 2, 3),
                            written=(0,))


def gate_up_swiglu(output: TensorLike, input: TensorLike, gate: TensorLike, up: TensorLike, *,
                   stream: StreamLike = None, context: Optional[Context] = None) -> None:
    """The first half of a SwiGLU feed-forward layer in one pass: products with two transposed weights, one gated
    by the other.

        output[m, n] = silu(sum over k of input[m, k] * gate[n, k]) * (sum over k of input[m, k] * up[n, k]),
            silu(g) = g / (1 + exp(-g))

    where M is rows (tokens); 0 is allowed; N is output features; 0 is allowed; K is input features; 0 is
    allowed and gives bias + residual.

    Args:
        output: written; [M, N], dtype that of data, or f32; last dimension contiguous, other strides free.
            The gated product.
        input: [M, K], dtype f32, f16, bf16; last dimension contiguous, other strides free. Activations.
            Fastest when every row begins at a multiple of 16 bytes.
        gate: [N, K], dtype f32, f16, bf16; last dimension contiguous, other strides free. Weight of the gate,
            a row for each output feature. Fastest when every row begins at a multiple of 16 bytes.
        up: [N, K], dtype f32, f16, bf16; last dimension contiguous, other strides free. Weight of what is
            gated, likewise.
        stream: where the work is enqueued; None: torch's current stream for torch's GPU tensors, else the
            default stream.
        context: None: that of the tensors.

    Aliasing: none: no two tensors may overlap where one is written.
    Numerics: Both products are summed as gemm sums them, then gated in fp32, then one rounding. Bitwise
    reproducible. What gemm says of a row's result and M, of BATCH_INVARIANT and of gfx90a's subnormal values
    holds here. The error of silu is that of silu_and_mul.
    Source: Shazeer 2020, GLU Variants Improve Transformer.
    """
    _gate_up_swiglu((output, input, gate, up), None, stream, context)


_gated_residual_rmsnorm = Operation("gated_residual_rmsnorm", ("output", "normed", "branch", "residual",
                                    "weight", "alpha", "beta", "next_weight", "factor", "eps", "next_eps",
                                    "gain", "next_gain"), tensors=(0, 1, 2, 3, 4, 5, 6, 7), written=(0, 1))


def gated_residual_rmsnorm(output: TensorLike, normed: Optional[TensorLike], branch: TensorLike,
                           residual: TensorLike, weight: Optional[TensorLike] = None,
                           alpha: Optional[TensorLike] = None, beta: Optional[TensorLike] = None,
                           next_weight: Optional[TensorLike] = None, factor: float = 1.0, eps: float = 1e-06,
                           next_eps: float = 1e-06, gain: float = 0.0, next_gain: float = 0.0, *,
                           stream: StreamLike = None, context: Optional[Context] = None) -> None:
    """Adds what a branch gives, normalised and gated, to a gated residual stream; and, if wanted, normalises the
    sum for the next layer.

        u = branch * (weight + gain), or branch without weight; s = factor * alpha * residual + beta * u /
            sqrt(mean(u^2) + eps); output = s; normed = s / sqrt(mean(s^2) + next_eps) * (next_weight +
            next_gain), or not multiplied without next_weight

    where T is rows (tokens); 0 is allowed; N is row length, from 1.

    Args:
        output: written; [T, N], dtype that of data, or f32; last dimension contiguous, other strides free.
            The residual stream with the branch in it.
        normed: written; optional (None), [T, N], dtype f32, f16, bf16; last dimension contiguous, other
            strides free. Its norm.
        branch: [T, N], dtype f32, f16, bf16; last dimension contiguous, other strides free. What a layer
            gives.
        residual: [T, N], dtype that of data, or f32; last dimension contiguous, other strides free. The
            residual stream.
        weight: optional (None), [N], dtype that of data, or f32; last dimension contiguous, other strides
            free. Gain of each column of the branch, applied before its norm.
        alpha: optional (None), [N], dtype f32; last dimension contiguous, other strides free. Gate of each
            column of the stream; ones if left out.
        beta: optional (None), [N], dtype f32; last dimension contiguous, other strides free. Gate of each
            column of the branch; ones if left out.
        next_weight: optional (None), [N], dtype that of data, or f32; last dimension contiguous, other
            strides free. Gain of each column of normed.
        factor: from -3.4e+38 to 3.4e+38. Multiplies the stream.
        eps: from 0 to 3.4e+38. Added to the mean of squares, to keep a zero row finite; no unit.
        next_eps: from 0 to 3.4e+38. As eps, of the second norm.
        gain: from -3.4e+38 to 3.4e+38. Added to every weight, in fp32: 1 for weights stored as differences
            from it.
        next_gain: from -3.4e+38 to 3.4e+38. Added to every next_weight.
        stream: where the work is enqueued; None: torch's current stream for torch's GPU tensors, else the
            default stream.
        context: None: that of the tensors.

    Aliasing: output may be residual, with the same strides.
    Numerics: Squares are summed in fp32 in a fixed order; s is rounded once when output is stored, and normed
    is of the unrounded s; one rounding, to the output's dtype. Bitwise reproducible, and a row's result does
    not depend on the other rows.
    Errors of its own: INVALID_SHAPE when N is 0: rows of length 0 have no mean.
    Source: Zhang and Sennrich 2019, arXiv:1910.07467; meaning of flashinfer.norm.gated_residual_rmsnorm and
    gated_residual_next_rmsnorm.
    """
    _gated_residual_rmsnorm((output, normed, branch, residual, weight, alpha, beta, next_weight, factor, eps,
                            next_eps, gain, next_gain), None, stream, context)


_gated_rmsnorm = Operation("gated_rmsnorm", ("output", "input", "gate", "weight", "eps", "activation"),
                           tensors=(0, 1, 2, 3), written=(0,))


def gated_rmsnorm(output: TensorLike, input: TensorLike, gate: TensorLike,
                  weight: Optional[TensorLike] = None, eps: float = 1e-06,
                  activation: Union[NormGate, str, int] = 'sigmoid', *, stream: StreamLike = None,
                  context: Optional[Context] = None) -> None:
    """Root-mean-square normalisation of each row, times sigmoid or silu of a gate.

        output = input / sqrt(mean(input^2) + eps) * weight * activation(gate), activation sigmoid(x) = 1 / (1
            + exp(-x)) or silu(x) = x / (1 + exp(-x))

    where T is rows (tokens); 0 is allowed; H is heads: with three dimensions every head is a row (per-head QK
    norm); N is row length, from 1.

    Args:
        output: written; [T, N] or [T, H, N], dtype f32, f16, bf16; last dimension contiguous, other strides
            free. Normalised and gated rows.
        input: [T, N] or [T, H, N], dtype f32, f16, bf16; last dimension contiguous, other strides free. Rows
            to normalise.
        gate: [T, N] or [T, H, N], dtype f32, f16, bf16; last dimension contiguous, other strides free. What
            each element's gate is the activation of.
        weight: optional (None), [N], dtype that of data, or f32; last dimension contiguous, other strides
            free. Gain of each column; ones if left out.
        eps: from 0 to 3.4e+38. Added to the mean of squares, to keep a zero row finite; no unit.
        activation: a NormGate, its name in lower case or its number. What is taken of the gate.
        stream: where the work is enqueued; None: torch's current stream for torch's GPU tensors, else the
            default stream.
        context: None: that of the tensors.

    Aliasing: output may be input, with the same strides; it may not overlap gate or weight.
    Numerics: Squares are summed in fp32 in a fixed order; one rounding, to the output's dtype. Below gate =
    -87.3 a result may be 0. Bitwise reproducible, and a row's result does not depend on the other rows.
    Errors of its own: INVALID_SHAPE when N is 0: rows of length 0 have no mean.
    Source: Zhang and Sennrich 2019, arXiv:1910.07467; the norm of gated linear attention (Qwen3-Next, Mamba
    2); meaning of flashinfer.norm.rmsnorm_sigmoid_gate.
    """
    _gated_rmsnorm((output, input, gate, weight, eps, enum_value(NormGate, 'activation', activation)), None,
                   stream, context)


_gelu_and_mul = Operation("gelu_and_mul", ("output", "input"), tensors=(0, 1), written=(0,))


def gelu_and_mul(output: TensorLike, input: TensorLike, *, stream: StreamLike = None,
                 context: Optional[Context] = None) -> None:
    """GEGLU on a packed projection: gelu (by erf) of the first half of each row times the second half.

        output[t,i] = gelu(input[t,i]) * input[t,N+i], gelu(x) = x * (1 + erf(x / sqrt(2))) / 2

    where T is tokens; 0 is allowed; N is length of an output row; 0 is allowed.

    Args:
        output: written; [T, N], dtype f32, f16, bf16; last dimension contiguous, other strides free. The
            gated rows.
        input: [T, 2*N], dtype f32, f16, bf16; last dimension contiguous, other strides free. Each row: N gate
            values, then the N values that they gate.
        stream: where the work is enqueued; None: torch's current stream for torch's GPU tensors, else the
            default stream.
        context: None: that of the tensors.

    Aliasing: output may not overlap input.
    Numerics: fp32, one rounding to the dtype. gelu is within 2e-6 relative, of 16-bit inputs within 3e-5,
    down to x = -12; from there, where it nears fp32's smallest numbers, it becomes -0, at the latest below
    -14.5. A gelu of 0 times an infinity is NaN, and so is gelu(-infinity), as the formula has it.
    Source: Shazeer 2020, arXiv:2002.05202; Hendrycks and Gimpel 2016, arXiv:1606.08415; meaning of
    flashinfer.activation.gelu_and_mul.
    """
    _gelu_and_mul((output, input), None, stream, context)


_gelu_and_mul_dynamic_quant = Operation("gelu_and_mul_dynamic_quant", ("output", "scales", "input"),
                                        tensors=(0, 1, 2), written=(0, 1))


def gelu_and_mul_dynamic_quant(output: TensorLike, scales: TensorLike, input: TensorLike, *,
                               stream: StreamLike = None, context: Optional[Context] = None) -> None:
    """GEGLU on a packed projection: gelu (by erf) of the first half of each row times the second half, quantised
    with a scale for each row.

        v = gelu(input[t,i]) * input[t,N+i]; scales[t] = max|v[t]| / largest; output[t,i] = round(v /
            scales[t]); gelu(x) = x * (1 + erf(x / sqrt(2))) / 2

    where T is tokens; 0 is allowed; N is length of an output row; 0 is allowed.

    Args:
        output: written; [T, N], dtype e4m3fn, e4m3fnuz, e5m2, e5m2fnuz, i8; last dimension contiguous, other
            strides free. The gated rows, quantised.
        scales: written; [T], dtype f32; last dimension contiguous, other strides free. What a unit of each
            row stands for.
        input: [T, 2*N], dtype f32, f16, bf16; last dimension contiguous, other strides free. Each row: N gate
            values, then the N values that they gate.
        stream: where the work is enqueued; None: torch's current stream for torch's GPU tensors, else the
            default stream.
        context: None: that of the tensors.

    Aliasing: output and scales may not overlap input or each other.
    Numerics: The scale is the largest magnitude of the row / the largest finite value of the output's dtype
    (127 of i8), 2^-126 at least; a NaN has no part in it and becomes NaN (0 in i8), an infinity makes the
    scale infinite. On a GPU values are multiplied by 1 / scale: within one unit in the last place of the
    quotient rounded to nearest even. Bitwise reproducible, and a row's result does not depend on the other
    rows. gelu is within 2e-6 relative, of 16-bit inputs within 3e-5, down to x = -12; from there, where it
    nears fp32's smallest numbers, it becomes -0, at the latest below -14.5. A gelu of 0 times an infinity is
    NaN, and so is gelu(-infinity), as the formula has it.
    Source: Shazeer 2020, arXiv:2002.05202; Hendrycks and Gimpel 2016, arXiv:1606.08415; meaning of
    flashinfer.activation.gelu_and_mul, quantised as by quantize_per_token.
    """
    _gelu_and_mul_dynamic_quant((output, scales, input), None, stream, context)


_gelu_and_mul_quant = Operation("gelu_and_mul_quant", ("output", "input", "scale"), tensors=(0, 1, 2),
                                written=(0,))


def gelu_and_mul_quant(output: TensorLike, input: TensorLike, scale: TensorLike, *, stream: StreamLike = None,
                       context: Optional[Context] = None) -> None:
    """GEGLU on a packed projection: gelu (by erf) of the first half of each row times the second half, quantised
    with one scale.

        output[t,i] = saturate(round(gelu(input[t,i]) * input[t,N+i] / scale)), gelu(x) = x * (1 + erf(x /
            sqrt(2))) / 2

    where T is tokens; 0 is allowed; N is length of an output row; 0 is allowed.

    Args:
        output: written; [T, N], dtype e4m3fn, e4m3fnuz, e5m2, e5m2fnuz, i8; last dimension contiguous, other
            strides free. The gated rows, quantised.
        input: [T, 2*N], dtype f32, f16, bf16; last dimension contiguous, other strides free. Each row: N gate
            values, then the N values that they gate.
        scale: any shape of one element, dtype f32; last dimension contiguous, other strides free. What a unit
            of the output stands for, in device memory.
        stream: where the work is enqueued; None: torch's current stream for torch's GPU tensors, else the
            default stream.
        context: None: that of the tensors.

    Aliasing: output may not overlap input.
    Numerics: On a GPU the value times 1 / scale, both in fp32: within one unit in the last place of the
    quotient rounded to nearest even; saturated at the largest finite value of the output's dtype. A NaN
    becomes NaN, and 0 in i8. gelu is within 2e-6 relative, of 16-bit inputs within 3e-5, down to x = -12;
    from there, where it nears fp32's smallest numbers, it becomes -0, at the latest below -14.5. A gelu of 0
    times an infinity is NaN, and so is gelu(-infinity), as the formula has it.
    Source: Shazeer 2020, arXiv:2002.05202; Hendrycks and Gimpel 2016, arXiv:1606.08415; meaning of
    flashinfer.activation.gelu_and_mul, quantised as by quantize_per_tensor.
    """
    _gelu_and_mul_quant((output, input, scale), None, stream, context)


_gelu_tanh_and_mul = Operation("gelu_tanh_and_mul", ("output", "input"), tensors=(0, 1), written=(0,))


def gelu_tanh_and_mul(output: TensorLike, input: TensorLike, *, stream: StreamLike = None,
                      context: Optional[Context] = None) -> None:
    """GEGLU on a packed projection: the tanh approximation of gelu of the first half of each row times the
    second half.

        output[t,i] = gelu_tanh(input[t,i]) * input[t,N+i], gelu_tanh(x) = x * (1 + tanh(sqrt(2 / pi) * (x +
            0.044715 x^3))) / 2

    where T is tokens; 0 is allowed; N is length of an output row; 0 is allowed.

    Args:
        output: written; [T, N], dtype f32, f16, bf16; last dimension contiguous, other strides free. The
            gated rows.
        input: [T, 2*N], dtype f32, f16, bf16; last dimension contiguous, other strides free. Each row: N gate
            values, then the N values that they gate.
        stream: where the work is enqueued; None: torch's current stream for torch's GPU tensors, else the
            default stream.
        context: None: that of the tensors.

    Aliasing: output may not overlap input.
    Numerics: fp32, one rounding to the dtype. Computed as x / (1 + exp(-2u)), u the argument of tanh: no
    difference from 1 is taken. It is within 2e-5 relative down to x = -10; from there, where exp(-2u) nears
    fp32's largest numbers, it becomes -0, at the latest below -10.07. A gelu of 0 times an infinity is NaN,
    and so is gelu_tanh(-infinity), as the formula has it.
    Source: Shazeer 2020, arXiv:2002.05202; Hendrycks and Gimpel 2016, arXiv:1606.08415; meaning of
    flashinfer.activation.gelu_tanh_and_mul.
    """
    _gelu_tanh_and_mul((output, input), None, stream, context)


_gelu_tanh_and_mul_dynamic_quant = Operation("gelu_tanh_and_mul_dynamic_quant", ("output", "scales", "input"),
                                             tensors=(0, 1, 2), written=(0, 1))


def gelu_tanh_and_mul_dynamic_quant(output: TensorLike, scales: TensorLike, input: TensorLike, *,
                                    stream: StreamLike = None, context: Optional[Context] = None) -> None:
    """GEGLU on a packed projection: the tanh approximation of gelu of the first half of each row times the
    second half, quantised with a scale for each row.

        v = gelu_tanh(input[t,i]) * input[t,N+i]; scales[t] = max|v[t]| / largest; output[t,i] = round(v /
            scales[t]); gelu_tanh(x) = x * (1 + tanh(sqrt(2 / pi) * (x + 0.044715 x^3))) / 2

    where T is tokens; 0 is allowed; N is length of an output row; 0 is allowed.

    Args:
        output: written; [T, N], dtype e4m3fn, e4m3fnuz, e5m2, e5m2fnuz, i8; last dimension contiguous, other
            strides free. The gated rows, quantised.
        scales: written; [T], dtype f32; last dimension contiguous, other strides free. What a unit of each
            row stands for.
        input: [T, 2*N], dtype f32, f16, bf16; last dimension contiguous, other strides free. Each row: N gate
            values, then the N values that they gate.
        stream: where the work is enqueued; None: torch's current stream for torch's GPU tensors, else the
            default stream.
        context: None: that of the tensors.

    Aliasing: output and scales may not overlap input or each other.
    Numerics: The scale is the largest magnitude of the row / the largest finite value of the output's dtype
    (127 of i8), 2^-126 at least; a NaN has no part in it and becomes NaN (0 in i8), an infinity makes the
    scale infinite. On a GPU values are multiplied by 1 / scale: within one unit in the last place of the
    quotient rounded to nearest even. Bitwise reproducible, and a row's result does not depend on the other
    rows. Computed as x / (1 + exp(-2u)), u the argument of tanh: no difference from 1 is taken. It is within
    2e-5 relative down to x = -10; from there, where exp(-2u) nears fp32's largest numbers, it becomes -0, at
    the latest below -10.07. A gelu of 0 times an infinity is NaN, and so is gelu_tanh(-infinity), as the
    formula has it.
    Source: Shazeer 2020, arXiv:2002.05202; Hendrycks and Gimpel 2016, arXiv:1606.08415; meaning of
    flashinfer.activation.gelu_tanh_and_mul, quantised as by quantize_per_token.
    """
    _gelu_tanh_and_mul_dynamic_quant((output, scales, input), None, stream, context)


_gelu_tanh_and_mul_quant = Operation("gelu_tanh_and_mul_quant", ("output", "input", "scale"),
                                     tensors=(0, 1, 2), written=(0,))


def gelu_tanh_and_mul_quant(output: TensorLike, input: TensorLike, scale: TensorLike, *,
                            stream: StreamLike = None, context: Optional[Context] = None) -> None:
    """GEGLU on a packed projection: the tanh approximation of gelu of the first half of each row times the
    second half, quantised with one scale.

        output[t,i] = saturate(round(gelu_tanh(input[t,i]) * input[t,N+i] / scale)), gelu_tanh(x) = x * (1 +
            tanh(sqrt(2 / pi) * (x + 0.044715 x^3))) / 2

    where T is tokens; 0 is allowed; N is length of an output row; 0 is allowed.

    Args:
        output: written; [T, N], dtype e4m3fn, e4m3fnuz, e5m2, e5m2fnuz, i8; last dimension contiguous, other
            strides free. The gated rows, quantised.
        input: [T, 2*N], dtype f32, f16, bf16; last dimension contiguous, other strides free. Each row: N gate
            values, then the N values that they gate.
        scale: any shape of one element, dtype f32; last dimension contiguous, other strides free. What a unit
            of the output stands for, in device memory.
        stream: where the work is enqueued; None: torch's current stream for torch's GPU tensors, else the
            default stream.
        context: None: that of the tensors.

    Aliasing: output may not overlap input.
    Numerics: On a GPU the value times 1 / scale, both in fp32: within one unit in the last place of the
    quotient rounded to nearest even; saturated at the largest finite value of the output's dtype. A NaN
    becomes NaN, and 0 in i8. Computed as x / (1 + exp(-2u)), u the argument of tanh: no difference from 1 is
    taken. It is within 2e-5 relative down to x = -10; from there, where exp(-2u) nears fp32's largest
    numbers, it becomes -0, at the latest below -10.07. A gelu of 0 times an infinity is NaN, and so is
    gelu_tanh(-infinity), as the formula has it.
    Source: Shazeer 2020, arXiv:2002.05202; Hendrycks and Gimpel 2016, arXiv:1606.08415; meaning of
    flashinfer.activation.gelu_tanh_and_mul, quantised as by quantize_per_tensor.
    """
    _gelu_tanh_and_mul_quant((output, input, scale), None, stream, context)


_gemm = Operation("gemm", ("output", "input", "weight", "bias", "residual"), tensors=(0, 1, 2, 3, 4),
                  written=(0,), options=_abi.GemmOptions)


def gemm(output: TensorLike, input: TensorLike, weight: TensorLike, bias: Optional[TensorLike] = None,
         residual: Optional[TensorLike] = None, *, activation: Union[GemmActivation, str, int] = 0,
         stream: StreamLike = None, context: Optional[Context] = None) -> None:
    """Matrix product with a transposed weight (a linear layer), with optional bias, activation and residual; of
    one matrix or of a batch.

        output[b, m, n] = activation(sum over k of input[b, m, k] * weight[b, n, k] + bias[n]) + residual[b,
            m, n]

    where B is matrices of a batch; 0 is allowed; M is rows (tokens); 0 is allowed; N is output features; 0 is
    allowed; K is input features; 0 is allowed and gives bias + residual.

    Args:
        output: written; [B, M, N] or [M, N], dtype that of data, or f32; last dimension contiguous, other
            strides free. The product.
        input: [B, M, K] or [M, K], dtype f32, f16, bf16; last dimension contiguous, other strides free.
            Activations. Fastest when every row begins at a multiple of 16 bytes.
        weight: [B, N, K] or [N, K], dtype f32, f16, bf16; last dimension contiguous, other strides free.
            Weight, a row for each output feature. Fastest when every row begins at a multiple of 16 bytes.
        bias: optional (None), [N], dtype f32, f16, bf16; last dimension contiguous, other strides free. Added
            to every row.
        residual: optional (None), [B, M, N] or [M, N], dtype that of data, or f32; last dimension contiguous,
            other strides free. Added to the product before it is rounded.
        activation: a GemmActivation, its name in lower case or its number. Applied to the product and bias,
            before the residual is added.
        stream: where the work is enqueued; None: torch's current stream for torch's GPU tensors, else the
            default stream.
        context: None: that of the tensors.

    Aliasing: output may be residual, with the same strides; it may not overlap another input.
    Numerics: Products are summed in fp32 in a fixed order that does not depend on N; bias, activation and
    residual are in fp32 too, then one rounding, to the output's dtype. Errors of the activations are those of
    silu_and_mul, gelu_and_mul and gelu_tanh_and_mul. Bitwise reproducible. A row's result depends on M only
    through the order of summation: calls of few rows are served by kernels of their own, and where tiles are
    few the waves of a block share out k, or on sm_90 two blocks. In a BATCH_INVARIANT context none of this is
    done, and a row's result does not depend on M. A partial sum past fp32's range becomes infinite. On gfx90a
    the matrix units read subnormal f16 and bf16 values as zero.
    Source: y = x Wᵀ + b of torch.nn.functional.linear; both operands are contiguous in k. Without a first
    dimension: one matrix.
    """
    _gemm((output, input, weight, bias, residual), (enum_value(GemmActivation, 'activation', activation),),
          stream, context)


_gemm_grouped = Operation("gemm_grouped", ("output", "input", "weight", "indptr", "weight_indices",
                          "residual"), tensors=(0, 1, 2, 3, 4, 5), written=(0,),
                          options=_abi.GemmGroupedOptions)


def gemm_grouped(output: TensorLike, input: TensorLike, weight: TensorLike, indptr: TensorLike,
                 weight_indices: Optional[TensorLike] = None, residual: Optional[TensorLike] = None, *,
                 activation: Union[GemmActivation, str, int] = 0, stream: StreamLike = None,
                 context: Optional[Context] = None) -> None:
    """Matrix products of segments of rows with a transposed weight each (experts, adapters), with optional
    activation and residual; a segment may be empty.

        output[m, n] = activation(sum over k of input[m, k] * weight[w, n, k]) + residual[m, n] for m from
            indptr[g] to before indptr[g+1], w = weight_indices[g], or g without weight_indices

    where M is rows (tokens); 0 is allowed; N is output features; 0 is allowed; K is input features; 0 is
    allowed and gives bias + residual; G is segments of rows; 0 is allowed; W is weights; 0 is allowed.

    Args:
        output: written; [M, N], dtype that of data, or f32; last dimension contiguous, other strides free.
            The products.
        input: [M, K], dtype f32, f16, bf16; last dimension contiguous, other strides free. Activations, the
            rows of a segment side by side. Fastest when every row begins at a multiple of 16 bytes.
        weight: [W, N, K], dtype f32, f16, bf16; any strides. Weights, a row for each output feature. Fast
            where rows are contiguous, fastest when every row begins at a multiple of 16 bytes.
        indptr: [G+1], dtype i32, i64; last dimension contiguous, other strides free. Where each segment's
            rows begin, and where the last one's end.
        weight_indices: optional (None), [G], dtype i32, i64; last dimension contiguous, other strides free.
            Which weight a segment has; left out there are as many weights as segments, in order.
        residual: optional (None), [M, N], dtype that of data, or f32; last dimension contiguous, other
            strides free. Added to the product before it is rounded.
        activation: a GemmActivation, its name in lower case or its number. Applied to the product and bias,
            before the residual is added.
        stream: where the work is enqueued; None: torch's current stream for torch's GPU tensors, else the
            default stream.
        context: None: that of the tensors.

    Aliasing: output may be residual, with the same strides; it may not overlap another input.
    Numerics: A segment's products are summed as gemm sums them; activation and residual are in fp32 too, then
    one rounding, to the output's dtype. Bitwise reproducible. A row's result depends on M and G only through
    the order of summation: where segments have few rows in the mean, kernels of their own serve, and on sm_90
    two blocks may share out k. In a BATCH_INVARIANT context neither is done, and a row's result depends on no
    other row. On gfx90a the matrix units read subnormal f16 and bf16 values as zero. Rows before indptr[0]
    and from indptr[G] on are not written, nor those of a segment whose weight index is out of range. Offsets
    are cut to 0 and M; where they do not ascend, which of several segments writes a row is not fixed.
    Errors of its own: INVALID_SHAPE when weight_indices is left out, and W is not G.
    Source: Chen and others 2023, Punica, arXiv:2310.18547 (segments of rows, a weight each); FlashInfer's
    SegmentGEMMWrapper and grouped_mm_bf16.
    """
    _gemm_grouped((output, input, weight, indptr, weight_indices, residual), (enum_value(GemmActivation,
                  'activation', activation),), stream, context)


_gemm_grouped_scaled = Operation("gemm_grouped_scaled", ("output", "input", "weight", "input_scale",
                                 "weight_scale", "indptr", "weight_indices", "residual"),
                                 tensors=(0, 1, 2, 3, 4, 5, 6, 7), written=(0,),
                                 options=_abi.GemmGroupedScaledOptions)


def gemm_grouped_scaled(output: TensorLike, input: TensorLike, weight: TensorLike,
                        input_scale: Optional[TensorLike], weight_scale: Optional[TensorLike],
                        indptr: TensorLike, weight_indices: Optional[TensorLike] = None,
                        residual: Optional[TensorLike] = None, *,
                        activation: Union[GemmActivation, str, int] = 0, stream: StreamLike = None,
                        context: Optional[Context] = None) -> None:
    """Matrix products of segments of rows of fp8 or int8 with a transposed weight each and scales (quantised
    experts), with optional activation and residual; a segment may be empty.

        output[m, n] = activation(sum over k of (input_scale * input[m, k]) * (weight_scale * weight[w, n,
            k])) + residual[m, n] for m from indptr[g] to before indptr[g+1], w = weight_indices[g], or g
            without weight_indices; input_scale of the tensor, of row m, or of 128 elements of it;
            weight_scale of all weights, of a weight, of row n of it, of 128 rows, or of 128 elements of 128
            rows

    where M is rows (tokens); 0 is allowed; N is output features; 0 is allowed; K is input features; 0 is
    allowed and gives bias + residual; G is segments of rows; 0 is allowed; W is weights; 0 is allowed; P is
    1, or M; Q is 1, or K / 128 rounded up; R is 1, N, or N / 128 rounded up; S is 1, or K / 128 rounded up.

    Args:
        output: written; [M, N], dtype bf16, f16, f32; last dimension contiguous, other strides free. The
            products.
        input: [M, K], dtype e4m3fn, e4m3fnuz, i8; last dimension contiguous, other strides free. Quantised
            activations, the rows of a segment side by side. Fastest when every row begins at a multiple of 16
            bytes.
        weight: [W, N, K], dtype e4m3fn, e4m3fnuz, i8; any strides. Quantised weights, a row for each output
            feature. Fast where rows are contiguous, fastest when every row begins at a multiple of 16 bytes.
        input_scale: optional (None), [P, Q] or any shape of one element, dtype f32; any strides. What a unit
            of input stands for, in all of it, in each row, in 128 elements of all rows, or in 128 elements of
            each row; left out it is 1.
        weight_scale: optional (None), [W, R, S] or any shape of one element, dtype f32; any strides. What a
            unit of weight stands for, in all of them, in each weight, in each row, in 128 rows, or in 128
            elements of all rows or of 128; left out it is 1. Scales of each row go with input scales of all
            of it or of each row.
        indptr: [G+1], dtype i32, i64; last dimension contiguous, other strides free. Where each segment's
            rows begin, and where the last one's end.
        weight_indices: optional (None), [G], dtype i32, i64; last dimension contiguous, other strides free.
            Which weight a segment has; left out there are as many weights as segments, in order.
        residual: optional (None), [M, N], dtype bf16, f16, f32; last dimension contiguous, other strides
            free. Added to the product before it is rounded.
        activation: a GemmActivation, its name in lower case or its number. Applied to the product and bias,
            before the residual is added.
        stream: where the work is enqueued; None: torch's current stream for torch's GPU tensors, else the
            default stream.
        context: None: that of the tensors.

    Aliasing: output may be residual, with the same strides; it may not overlap another input.
    Numerics: A segment's products are summed and scaled as gemm_scaled does it. What gemm_grouped says of a
    row's result and the other rows, of BATCH_INVARIANT, of rows that are not written and of offsets that do
    not ascend holds here, and what gemm_scaled says of encodings.
    Errors of its own: INVALID_SHAPE when weight_indices is left out, and W is not G; INVALID_SHAPE when P, Q,
    R or S is none of the extents that it may be; INVALID_SHAPE when weight_scale is of each row, and it or
    input_scale also of 128 elements; INVALID_SHAPE when input is i8, no scale is of 128 elements, and K is
    above 131071: sums would not fit 32 bits.
    Source: FlashInfer's group_gemm_fp8_nt_groupwise; DeepSeek-AI 2024, arXiv:2412.19437, 3.3.2.
    """
    _gemm_grouped_scaled((output, input, weight, input_scale, weight_scale, indptr, weight_indices, residual),
                         (enum_value(GemmActivation, 'activation', activation),), stream, context)


_gemm_scaled = Operation("gemm_scaled", ("output", "input", "weight", "input_scale", "weight_scale", "bias",
                         "residual"), tensors=(0, 1, 2, 3, 4, 5, 6), written=(0,),
                         options=_abi.GemmScaledOptions)


def gemm_scaled(output: TensorLike, input: TensorLike, weight: TensorLike,
                input_scale: Optional[TensorLike] = None, weight_scale: Optional[TensorLike] = None,
                bias: Optional[TensorLike] = None, residual: Optional[TensorLike] = None, *,
                activation: Union[GemmActivation, str, int] = 0, stream: StreamLike = None,
                context: Optional[Context] = None) -> None:
    """Matrix product of fp8 or int8 operands with scales (a quantised linear layer), with optional bias,
    activation and residual; of one matrix or of a batch.

        output[b, m, n] = activation(sum over k of (input_scale * input[b, m, k]) * (weight_scale * weight[b,
            n, k]) + bias[n]) + residual[b, m, n], input_scale of the tensor, of row m, or of 128 elements of
            it; weight_scale of the tensor, of row n, of 128 rows, or of 128 elements of 128 rows

    where B is matrices of a batch; 0 is allowed; M is rows (tokens); 0 is allowed; N is output features; 0 is
    allowed; K is input features; 0 is allowed and gives bias + residual; P is 1, or M; Q is 1, or K / 128
    rounded up; R is 1, N, or N / 128 rounded up; S is 1, or K / 128 rounded up.

    Args:
        output: written; [B, M, N] or [M, N], dtype bf16, f16, f32; last dimension contiguous, other strides
            free. The product.
        input: [B, M, K] or [M, K], dtype e4m3fn, e4m3fnuz, i8; last dimension contiguous, other strides free.
            Quantised activations. Fastest when every row begins at a multiple of 16 bytes.
        weight: [B, N, K] or [N, K], dtype e4m3fn, e4m3fnuz, i8; last dimension contiguous, other strides
            free. Quantised weight, a row for each output feature. Fastest when every row begins at a multiple
            of 16 bytes.
        input_scale: optional (None), [B, P, Q] or [P, Q] or any shape of one element, dtype f32; any strides.
            What a unit of input stands for, in all of it, in each row, in 128 elements of all rows, or in 128
            elements of each row; left out it is 1.
        weight_scale: optional (None), [B, R, S] or [R, S] or any shape of one element, dtype f32; any
            strides. What a unit of weight stands for, in all of it, in each row, in 128 rows, or in 128
            elements of all rows or of 128; left out it is 1. Scales of each row go with input scales of all
            of it or of each row.
        bias: optional (None), [N], dtype bf16, f16, f32; last dimension contiguous, other strides free. Added
            to every row.
        residual: optional (None), [B, M, N] or [M, N], dtype bf16, f16, f32; last dimension contiguous, other
            strides free. Added to the product before it is rounded.
        activation: a GemmActivation, its name in lower case or its number. Applied to the product and bias,
            before the residual is added.
        stream: where the work is enqueued; None: torch's current stream for torch's GPU tensors, else the
            default stream.
        context: None: that of the tensors.

    Aliasing: output may be residual, with the same strides; it may not overlap another input.
    Numerics: Products are exact. Those of i8 are summed exactly in 32-bit integers, those of fp8 in fp32 in a
    fixed order that does not depend on N; on sm_90 128 products of e4m3fn are summed first, 32 at a time,
    with 13 bits below the largest of what is added at once: an error of about 2^-13 of the sum of the
    products' magnitudes. Where a scale is of 128 elements, the sum over each 128 is multiplied by the product
    of its two scales, and the results are added in fp32; otherwise the whole sum is multiplied. Bias,
    activation and residual are as in gemm, then there is one rounding, to the output's dtype. NaN operands
    give NaN. Bitwise reproducible. A row's result depends on M only through the order of summation: calls of
    few rows are served by kernels of their own, and on sm_90 two blocks may share out k. In a BATCH_INVARIANT
    context neither is done, and a row's result does not depend on M. An encoding that a GPU's matrix units do
    not take is multiplied as one that they do, f16 at most, with the same products: e4m3fn on gfx90a, gfx942,
    gfx11 and before sm_89, e4m3fnuz on all but gfx942.
    Errors of its own: INVALID_SHAPE when P, Q, R or S is none of the extents that it may be; INVALID_SHAPE
    when weight_scale is of each row, and it or input_scale also of 128 elements; INVALID_SHAPE when input is
    i8, no scale is of 128 elements, and K is above 131071: sums would not fit 32 bits.
    Source: torch._scaled_mm; FlashInfer's mm_fp8, bmm_fp8 and gemm_fp8_nt_groupwise; DeepSeek-AI 2024,
    arXiv:2412.19437, 3.3.2 (scales of 1 by 128 and of 128 by 128).
    """
    _gemm_scaled((output, input, weight, input_scale, weight_scale, bias, residual),
                 (enum_value(GemmActivation, 'activation', activation),), stream, context)


_gemma_fused_add_rmsnorm = Operation("gemma_fused_add_rmsnorm", ("input", "residual", "weight", "eps"),
                                     tensors=(0, 1, 2), written=(0, 1))


def gemma_fused_add_rmsnorm(input: TensorLike, residual: TensorLike, weight: TensorLike, eps: float = 1e-06,
                            *, stream: StreamLike = None, context: Optional[Context] = None) -> None:
    """Adds the input to the residual stream and normalises the sum with weights stored as differences from 1, in
    place in both.

        sum = input + residual; residual = sum; input = sum / sqrt(mean(sum^2) + eps) * (1 + weight)

    where T is rows (tokens); 0 is allowed; N is row length, from 1.

    Args:
        input: read and written; [T, N], dtype f32, f16, bf16; last dimension contiguous, other strides free.
            What a layer adds to the stream; afterwards the normalised rows.
        residual: read and written; [T, N], dtype f32, f16, bf16; last dimension contiguous, other strides
            free. The residual stream; afterwards the sum.
        weight: [N], dtype that of data, or f32; last dimension contiguous, other strides free. Gain of each
            column, less 1.
        eps: from 0 to 3.4e+38. Added to the mean of squares, to keep a zero row finite; no unit.
        stream: where the work is enqueued; None: torch's current stream for torch's GPU tensors, else the
            default stream.
        context: None: that of the tensors.

    Aliasing: input, residual and weight may not overlap.
    Numerics: The sum is formed in fp32 and rounded once when residual is stored; the norm uses the unrounded
    sum. Squares are summed in fp32 in a fixed order, and 1 + weight is formed in fp32. Bitwise reproducible,
    and a row's result does not depend on the other rows.
    Errors of its own: INVALID_SHAPE when N is 0: rows of length 0 have no mean.
    Source: Zhang and Sennrich 2019, arXiv:1910.07467; meaning of flashinfer.norm.gemma_fused_add_rmsnorm.
    """
    _gemma_fused_add_rmsnorm((input, residual, weight, eps), None, stream, context)


_gemma_rmsnorm = Operation("gemma_rmsnorm", ("output", "input", "weight", "eps"), tensors=(0, 1, 2),
                           written=(0,))


def gemma_rmsnorm(output: TensorLike, input: TensorLike, weight: TensorLike, eps: float = 1e-06, *,
                  stream: StreamLike = None, context: Optional[Context] = None) -> None:
    """Root-mean-square normalisation of each row with weights stored as differences from 1, as Gemma has them.

        output = input / sqrt(mean(input^2) + eps) * (1 + weight)

    where T is rows (tokens); 0 is allowed; H is heads: with three dimensions every head is a row (per-head QK
    norm); N is row length, from 1.

    Args:
        output: written; [T, N] or [T, H, N], dtype f32, f16, bf16; last dimension contiguous, other strides
            free. Normalised rows.
        input: [T, N] or [T, H, N], dtype f32, f16, bf16; last dimension contiguous, other strides free. Rows
            to normalise.
        weight: [N], dtype that of data, or f32; last dimension contiguous, other strides free. Gain of each
            column, less 1.
        eps: from 0 to 3.4e+38. Added to the mean of squares, to keep a zero row finite; no unit.
        stream: where the work is enqueued; None: torch's current stream for torch's GPU tensors, else the
            default stream.
        context: None: that of the tensors.

    Aliasing: output may be input, with the same strides; it may not overlap weight.
    Numerics: Squares are summed in fp32 in a fixed order, and 1 + weight is formed in fp32; one rounding, to
    the output's dtype. Bitwise reproducible, and a row's result does not depend on the other rows.
    Errors of its own: INVALID_SHAPE when N is 0: rows of length 0 have no mean.
    Source: Zhang and Sennrich 2019, arXiv:1910.07467; meaning of flashinfer.norm.gemma_rmsnorm.
    """
    _gemma_rmsnorm((output, input, weight, eps), None, stream, context)


_get_batch_indices_positions = Operation("get_batch_indices_positions", ("batch_indices", "positions",
                                         "append_indptr", "seq_lens"), tensors=(0, 1, 2, 3), written=(0, 1))


def get_batch_indices_positions(batch_indices: TensorLike, positions: TensorLike, append_indptr: TensorLike,
                                seq_lens: TensorLike, *, stream: StreamLike = None,
                                context: Optional[Context] = None) -> None:
    """Request and position of each new token of a ragged batch, as append_paged_kv_cache takes them.

        batch_indices[t] = b and positions[t] = seq_lens[b] - append_indptr[b+1] + t for the request b with
            append_indptr[b] <= t < append_indptr[b+1]; both -1 where there is none

    where T is tokens; 0 is allowed; B is requests; 0 is allowed.

    Args:
        batch_indices: written; [T], dtype i32, i64; last dimension contiguous, other strides free. Request of
            each token, or -1, which append_paged_kv_cache skips.
        positions: written; [T], dtype i32, i64; last dimension contiguous, other strides free. Position of
            each token in its request, the last token's being seq_lens - 1; or -1.
        append_indptr: [B+1], dtype i32, i64; last dimension contiguous, other strides free. Where each
            request's new tokens begin.
        seq_lens: [B], dtype i32, i64; last dimension contiguous, other strides free. Length of each request,
            its new tokens included.
        stream: where the work is enqueued; None: torch's current stream for torch's GPU tensors, else the
            default stream.
        context: None: that of the tensors.

    Aliasing: none.
    Numerics: Integers, exact. Least possible traffic: two numbers a token, and two a request.
    Source: Meaning of flashinfer.page.get_batch_indices_positions, which leaves entries of no request as they
    were.
    """
    _get_batch_indices_positions((batch_indices, positions, append_indptr, seq_lens), None, stream, context)


_get_seq_lens = Operation("get_seq_lens", ("seq_lens", "kv_indptr", "kv_last_page_len", "page_size"),
                          tensors=(0, 1, 2), written=(0,))


def get_seq_lens(seq_lens: TensorLike, kv_indptr: TensorLike, kv_last_page_len: TensorLike, page_size: int, *,
                 stream: StreamLike = None, context: Optional[Context] = None) -> None:
    """Lengths of the requests of a paged cache, from its page table.

        seq_lens[b] = (pages - 1) * page_size + kv_last_page_len[b], with pages = kv_indptr[b+1] -
            kv_indptr[b]; 0 where pages is not positive

    where B is requests; 0 is allowed.

    Args:
        seq_lens: written; [B], dtype i32, i64; last dimension contiguous, other strides free. Keys of each
            request; what does not fit is cut to the lower 32 bits in i32.
        kv_indptr: [B+1], dtype i32, i64; last dimension contiguous, other strides free. Where each request
            begins in the page table, in order.
        kv_last_page_len: [B], dtype i32, i64; last dimension contiguous, other strides free. Slots in use in
            each request's last page.
        page_size: from 1. Slots in a page.
        stream: where the work is enqueued; None: torch's current stream for torch's GPU tensors, else the
            default stream.
        context: None: that of the tensors.

    Aliasing: seq_lens may be kv_last_page_len.
    Numerics: Integers, exact; a kv_last_page_len outside 0 ... page_size counts as the nearer of the two, as
    it does where the table is used. Least possible traffic: four numbers a request.
    Errors of its own: ALIASING when seq_lens is the same memory as kv_last_page_len and their dtypes differ.
    Source: Meaning of flashinfer.page.get_seq_lens, which gives kv_last_page_len for a request without pages.
    """
    _get_seq_lens((seq_lens, kv_indptr, kv_last_page_len, page_size), None, stream, context)


_grouped_top_k = Operation("grouped_top_k", ("weights", "indices", "logits", "bias", "groups", "top_groups",
                           "scaling", "renormalize"), tensors=(0, 1, 2, 3), written=(0, 1))


def grouped_top_k(weights: TensorLike, indices: TensorLike, logits: TensorLike,
                  bias: Optional[TensorLike] = None, groups: int = 1, top_groups: int = 1,
                  scaling: float = 1.0, renormalize: bool = True, *, stream: StreamLike = None,
                  context: Optional[Context] = None) -> None:
    """Experts of each token by the sigmoid of router logits: the best of the best groups, chosen with a bias and
    weighted without it.

        s = sigmoid(logits[t]); c = s + bias; the groups are E / groups experts each, in order, and a group's
            score is the sum of its two largest c (of one expert, its c); indices[t] = the K largest c in the
            top_groups best groups, largest first; w = s of these; weights[t] = w / sum(w) * scaling, without
            renormalize w * scaling

    where T is tokens; 0 is allowed; E is experts, from 1 to 1024; K is experts of a token, from 1.

    Args:
        weights: written; [T, K], dtype that of data, or f32; last dimension contiguous, other strides free.
            Weight of each chosen expert.
        indices: written; [T, K], dtype i32, i64; last dimension contiguous, other strides free. The chosen
            experts, the largest c first.
        logits: [T, E], dtype f32, f16, bf16; last dimension contiguous, other strides free. What the router
            gives, before any activation.
        bias: optional (None), [E], dtype that of data, or f32; last dimension contiguous, other strides free.
            What is added to each expert's score for the choice; zeros if left out.
        groups: from 1 to 1024. Groups that the experts are in; E is a multiple of it.
        top_groups: from 1 to 1024. Groups whose experts may be chosen.
        scaling: from -3.4e+38 to 3.4e+38. Multiplies the weights.
        renormalize: Whether a token's weights are divided by their sum.
        stream: where the work is enqueued; None: torch's current stream for torch's GPU tensors, else the
            default stream.
        context: None: that of the tensors.

    Aliasing: none: the outputs may not overlap each other or an input.
    Numerics: fp32, in a fixed order; one rounding to the dtype of weights. Of equal c, and of equal scores of
    groups, the lowest index comes first. A c or a sum of two that is NaN counts as -inf, and a logit that is
    NaN has the weight 0. Where the sum is 0 the weights are 0. Bitwise reproducible, and a token's result
    does not depend on the other tokens.
    Errors of its own: INVALID_SHAPE when E is 0, K is 0 or more than the experts of top_groups groups, or E
    is not a multiple of groups; INVALID_ARGUMENT when top_groups is more than groups; UNSUPPORTED when E is
    more than 1024.
    Source: DeepSeek-V3, arXiv:2412.19437, 2.1.2 (routing without an auxiliary loss); meaning of
    flashinfer.fused_moe.fused_topk_deepseek.
    """
    _grouped_top_k((weights, indices, logits, bias, groups, top_groups, scaling, renormalize), None, stream,
                   context)


_layernorm = Operation("layernorm", ("output", "input", "weight", "bias", "eps"), tensors=(0, 1, 2, 3),
                       written=(0,))


def layernorm(output: TensorLike, input: TensorLike, weight: Optional[TensorLike] = None,
              bias: Optional[TensorLike] = None, eps: float = 1e-05, *, stream: StreamLike = None,
              context: Optional[Context] = None) -> None:
    """Layer normalisation of each row, with optional weight and bias.

        output = (input - mean(input)) / sqrt(mean((input - mean(input))^2) + eps) * weight + bias

    where T is rows (tokens); 0 is allowed; H is heads: with three dimensions every head is a row; N is row
    length, from 1.

    Args:
        output: written; [T, N] or [T, H, N], dtype f32, f16, bf16; last dimension contiguous, other strides
            free. Normalised rows.
        input: [T, N] or [T, H, N], dtype f32, f16, bf16; last dimension contiguous, other strides free. Rows
            to normalise.
        weight: optional (None), [N], dtype that of data, or f32; last dimension contiguous, other strides
            free. Gain of each column (gamma); ones if left out.
        bias: optional (None), [N], dtype that of data, or f32; last dimension contiguous, other strides free.
            What is added to each column (beta), of the weight's dtype; zeros if left out.
        eps: from 0 to 3.4e+38. Added to the mean of squares, to keep a constant row finite; no unit.
        stream: where the work is enqueued; None: torch's current stream for torch's GPU tensors, else the
            default stream.
        context: None: that of the tensors.

    Aliasing: output may be input, with the same strides; it may not overlap weight or bias.
    Numerics: fp32: the mean first, then the squares of the differences from it, each summed in a fixed order;
    one rounding, to the output's dtype. Bitwise reproducible, and a row's result does not depend on the other
    rows.
    Errors of its own: INVALID_SHAPE when N is 0: rows of length 0 have no mean.
    Source: Ba, Kiros and Hinton 2016, arXiv:1607.06450; meaning of flashinfer.norm.layernorm, whose gamma and
    beta are f32 weight and bias.
    """
    _layernorm((output, input, weight, bias, eps), None, stream, context)


_layernorm_quant = Operation("layernorm_quant", ("output", "input", "weight", "bias", "scale", "eps"),
                             tensors=(0, 1, 2, 3, 4), written=(0,))


def layernorm_quant(output: TensorLike, input: TensorLike, weight: Optional[TensorLike],
                    bias: Optional[TensorLike], scale: TensorLike, eps: float = 1e-05, *,
                    stream: StreamLike = None, context: Optional[Context] = None) -> None:
    """Layer normalisation of each row, with optional weight and bias, quantised with one scale.

        v = (input - mean(input)) / sqrt(mean((input - mean(input))^2) + eps) * weight + bias; output =
            saturate(round(v / scale))

    where T is rows (tokens); 0 is allowed; H is heads: with three dimensions every head is a row; N is row
    length, from 1.

    Args:
        output: written; [T, N] or [T, H, N], dtype e4m3fn, e4m3fnuz, e5m2, e5m2fnuz; last dimension
            contiguous, other strides free. Normalised rows, quantised.
        input: [T, N] or [T, H, N], dtype f32, f16, bf16; last dimension contiguous, other strides free. Rows
            to normalise.
        weight: optional (None), [N], dtype that of data, or f32; last dimension contiguous, other strides
            free. Gain of each column (gamma); ones if left out.
        bias: optional (None), [N], dtype that of data, or f32; last dimension contiguous, other strides free.
            What is added to each column (beta), of the weight's dtype; zeros if left out.
        scale: any shape of one element, dtype f32; last dimension contiguous, other strides free. What a unit
            of the output stands for, in device memory.
        eps: from 0 to 3.4e+38. Added to the mean of squares, to keep a constant row finite; no unit.
        stream: where the work is enqueued; None: torch's current stream for torch's GPU tensors, else the
            default stream.
        context: None: that of the tensors.

    Aliasing: No two tensors may overlap.
    Numerics: fp32: the mean first, then the squares of the differences from it, each summed in a fixed order.
    Quantised is the fp32 result, not one rounded to the input's dtype. On a GPU it is multiplied by 1 /
    scale: within one unit in the last place of the quotient rounded to nearest even; saturated at the largest
    finite value of the output's dtype. A NaN becomes NaN. Bitwise reproducible, and a row's result does not
    depend on the other rows.
    Errors of its own: INVALID_SHAPE when N is 0: rows of length 0 have no mean.
    Source: Ba, Kiros and Hinton 2016, arXiv:1607.06450; layernorm, quantised with one scale.
    """
    _layernorm_quant((output, input, weight, bias, scale, eps), None, stream, context)


_masked_softmax = Operation("masked_softmax", ("output", "input", "mask", "scale", "causal"),
                            tensors=(0, 1, 2), written=(0,))


def masked_softmax(output: TensorLike, input: TensorLike, mask: Optional[TensorLike] = None,
                   scale: float = 1.0, causal: bool = False, *, stream: StreamLike = None,
                   context: Optional[Context] = None) -> None:
    """Softmax of scaled and masked attention scores, one pass over the scores.

        output[b,h,q,:] = softmax over k of (input[b,h,q,k] * scale + mask[b,h,q,k]); a score is left out
            (-infinity) where a bool mask is false, and with causal where k > q + (K - Q)

    where B is requests; 0 is allowed; H is heads; 0 is allowed; Q is queries; 0 is allowed; K is keys; 0 is
    allowed.

    Args:
        output: written; [B, H, Q, K], dtype f32, f16, bf16; last dimension contiguous, other strides free.
            Probabilities.
        input: [B, H, Q, K], dtype f32, f16, bf16; last dimension contiguous, other strides free. Scores.
        mask: optional (None), [B, H, Q, K], dtype that of data, or f32, bool; any strides. bool: which scores
            take part. Else what is added to the scaled scores. Strides of 0 repeat it over requests, heads or
            queries.
        scale: any value. What scores are multiplied by before the mask is added.
        causal: 1: leave out keys that come after their query, aligned to the end: the last query sees every
            key.
        stream: where the work is enqueued; None: torch's current stream for torch's GPU tensors, else the
            default stream.
        context: None: that of the tensors.

    Aliasing: output may be input, with the same strides.
    Numerics: fp32 in a fixed order, one rounding to the dtype. A row whose scores are all left out, or
    -infinity, is zeros; a row with a NaN or +infinity that is not left out is NaN. Bitwise reproducible, and
    a row's result does not depend on the other rows. Least possible traffic: 2 * K elements a row and its
    mask; causal rows read only what they see.
    Source: Vaswani et al. 2017, arXiv:1706.03762; meaning of torch.softmax(input * scale + mask, -1), but
    zeros for rows that see nothing; the causal mask is that of causal_mask.
    """
    _masked_softmax((output, input, mask, scale, causal), None, stream, context)


_merge_state = Operation("merge_state", ("output", "lse", "v_a", "s_a", "v_b", "s_b"),
                         tensors=(0, 1, 2, 3, 4, 5), written=(0, 1))


def merge_state(output: TensorLike, lse: Optional[TensorLike], v_a: TensorLike, s_a: TensorLike,
                v_b: TensorLike, s_b: TensorLike, *, stream: StreamLike = None,
                context: Optional[Context] = None) -> None:
    """Merges what attention over two sets of keys gave, as if it had been over both.

        lse = log2(2^s_a + 2^s_b), output = (2^s_a * v_a + 2^s_b * v_b) / 2^lse

    where T is tokens; 0 is allowed; D is head dimension; 0 is allowed; H is heads; 0 is allowed.

    Args:
        output: written; [T, H, D], dtype f32, f16, bf16; last dimension contiguous, other strides free. The
            merged values.
        lse: written; optional (None), [T, H], dtype f32; any strides. Logarithm, base 2, of the sum of the
            exponentials of both.
        v_a: [T, H, D], dtype f32, f16, bf16; last dimension contiguous, other strides free. What attention
            over the first keys gave.
        s_a: [T, H], dtype f32; any strides. Its lse.
        v_b: [T, H, D], dtype f32, f16, bf16; last dimension contiguous, other strides free. What attention
            over the other keys gave.
        s_b: [T, H], dtype f32; any strides. Its lse.
        stream: where the work is enqueued; None: torch's current stream for torch's GPU tensors, else the
            default stream.
        context: None: that of the tensors.

    Aliasing: none: the outputs may not overlap each other or an input.
    Numerics: fp32, one rounding of each result. A state whose logarithm is -inf has no part, whatever its
    values are; where all are so, the result is zeros and -inf. A NaN or +inf logarithm gives NaN. Bitwise
    reproducible, and a row's result does not depend on the other rows.
    Source: Partial results as of Dao et al. 2022, arXiv:2205.14135; meaning of
    flashinfer.cascade.merge_state.
    """
    _merge_state((output, lse, v_a, s_a, v_b, s_b), None, stream, context)


_merge_state_in_place = Operation("merge_state_in_place", ("v", "s", "v_other", "s_other", "mask"),
                                  tensors=(0, 1, 2, 3, 4), written=(0, 1))


def merge_state_in_place(v: TensorLike, s: TensorLike, v_other: TensorLike, s_other: TensorLike,
                         mask: Optional[TensorLike] = None, *, stream: StreamLike = None,
                         context: Optional[Context] = None) -> None:
    """Merges what attention over other keys gave into what attention over some gave.

        s = log2(2^s + 2^s_other), v = (2^s * v + 2^s_other * v_other) / 2^s, with the new s in the quotient;
            tokens that mask leaves out stay as they are

    where T is tokens; 0 is allowed; D is head dimension; 0 is allowed; H is heads; 0 is allowed.

    Args:
        v: read and written; [T, H, D], dtype f32, f16, bf16; last dimension contiguous, other strides free.
            What attention over the first keys gave; the merged values.
        s: read and written; [T, H], dtype f32; any strides. Its lse; that of all.
        v_other: [T, H, D], dtype f32, f16, bf16; last dimension contiguous, other strides free. What
            attention over the other keys gave.
        s_other: [T, H], dtype f32; any strides. Its lse.
        mask: optional (None), [T], dtype bool; last dimension contiguous, other strides free. Which tokens to
            merge; all, if it is left out.
        stream: where the work is enqueued; None: torch's current stream for torch's GPU tensors, else the
            default stream.
        context: None: that of the tensors.

    Aliasing: none: v, s, v_other and s_other may not overlap.
    Numerics: fp32, one rounding of each result. A state whose logarithm is -inf has no part, whatever its
    values are; where all are so, the result is zeros and -inf. A NaN or +inf logarithm gives NaN. Bitwise
    reproducible, and a row's result does not depend on the other rows.
    Source: Partial results as of Dao et al. 2022, arXiv:2205.14135; meaning of
    flashinfer.cascade.merge_state_in_place.
    """
    _merge_state_in_place((v, s, v_other, s_other, mask), None, stream, context)


_merge_states = Operation("merge_states", ("output", "lse", "v", "s"), tensors=(0, 1, 2, 3), written=(0, 1))


def merge_states(output: TensorLike, lse: Optional[TensorLike], v: TensorLike, s: TensorLike, *,
                 stream: StreamLike = None, context: Optional[Context] = None) -> None:
    """Merges what attention over several sets of keys gave, as if it had been over all of them.

        lse[t,h] = log2(sum_n 2^s[t,n,h]), output[t,h] = sum_n 2^s[t,n,h] * v[t,n,h] / 2^lse[t,h]

    where T is tokens; 0 is allowed; D is head dimension; 0 is allowed; H is heads; 0 is allowed; N is states;
    0 is allowed.

    Args:
        output: written; [T, H, D], dtype f32, f16, bf16; last dimension contiguous, other strides free. The
            merged values.
        lse: written; optional (None), [T, H], dtype f32; any strides. Logarithm, base 2, of the sum of the
            exponentials of all.
        v: [T, N, H, D], dtype f32, f16, bf16; last dimension contiguous, other strides free. What attention
            over each set of keys gave.
        s: [T, N, H], dtype f32; any strides. Their lse.
        stream: where the work is enqueued; None: torch's current stream for torch's GPU tensors, else the
            default stream.
        context: None: that of the tensors.

    Aliasing: none: the outputs may not overlap each other or an input.
    Numerics: fp32, one rounding of each result. A state whose logarithm is -inf has no part, whatever its
    values are; where all are so, the result is zeros and -inf. A NaN or +inf logarithm gives NaN. Bitwise
    reproducible, and a row's result does not depend on the other rows.
    Source: Partial results as of Dao et al. 2022, arXiv:2205.14135; meaning of
    flashinfer.cascade.merge_states.
    """
    _merge_states((output, lse, v, s), None, stream, context)


_min_p_sampling_from_probs = Operation("min_p_sampling_from_probs", ("output", "valid", "probs", "indices",
                                       "min_ps", "philox", "min_p", "seed", "offset"),
                                       tensors=(0, 1, 2, 3, 4, 5), written=(0, 1))


def min_p_sampling_from_probs(output: TensorLike, valid: Optional[TensorLike], probs: TensorLike,
                              indices: Optional[TensorLike] = None, min_ps: Optional[TensorLike] = None,
                              philox: Optional[TensorLike] = None, min_p: float = 0.0, seed: int = 0,
                              offset: int = 0, *, stream: StreamLike = None,
                              context: Optional[Context] = None) -> None:
    """Samples one token a row from the probabilities that are at least a part of the largest.

        S = the i with p[i] >= min_p * max of p; output[t] = the first i, in index order, at which the sum of
            p over S up to and including i exceeds u * sum of S, p the row of probs

    where T is outputs; 0 is allowed; V is vocabulary size, from 1 to 2^31 - 1; R is rows.

    Args:
        output: written; [T], dtype i32; last dimension contiguous, other strides free. The sampled index of
            each row, always in [0, V).
        valid: written; optional (None), [T], dtype bool; last dimension contiguous, other strides free.
            Whether the row could be sampled: false, with output 0, where no probability is above 0, a setting
            of the row is NaN, or its index is out of range.
        probs: [R, V], dtype f32, f16, bf16; last dimension contiguous, other strides free. Rows of
            probabilities.
        indices: optional (None), [T], dtype i32, i64; last dimension contiguous, other strides free. For each
            output the row that it is sampled from; without it row t is output t's.
        min_ps: optional (None), [T], dtype f32; last dimension contiguous, other strides free. A min_p for
            each output, in place of min_p; 0 or less keeps all, 1 or more the most likely tokens.
        philox: optional (None), [2] or [T, 2], dtype i64; last dimension contiguous, other strides free. Seed
            and offset in device memory, for all outputs or for each, in place of the arguments: a captured
            graph replays with what they hold then.
        min_p: from 0 to 1. The least probability that is kept, as a part of the largest of the row; 0 keeps
            all.
        seed: any value. Key of the random generator.
        offset: any value. Counter of the random generator: one call uses one value for all its outputs, so
            add 1 a call.
        stream: where the work is enqueued; None: torch's current stream for torch's GPU tensors, else the
            default stream.
        context: None: that of the tensors.

    Aliasing: none: the outputs may not overlap each other or an input.
    Numerics: A probability is taken as it is, from 2^-126; what is smaller, negative or NaN counts as 0, and
    a row need not sum to 1. +inf takes all the probability, shared equally among the +inf of the row. Weights
    are computed in fp32 and cut to a multiple of a fixed-point step, 2^-44 of the largest for V from 131072
    to 262143 and never more than 2^-31 of it; what is smaller than the step counts as 0. Sums over a whole
    row add the weights of 16 bytes of it in fp32 first. Sums are of integers and exact: results are bitwise
    reproducible, and a row's result does not depend on the other rows. The product is rounded to fp32. u =
    Philox4x32-10 with key = seed and counter = (offset, t), its first 64 bits over 2^64.
    Errors of its own: INVALID_SHAPE when V is 0 or more than 2^31 - 1, or indices is left out, and R is not
    T.
    Source: Meaning of flashinfer.sampling.min_p_sampling_from_probs; Philox: Salmon et al. 2011, SC '11.
    """
    _min_p_sampling_from_probs((output, valid, probs, indices, min_ps, philox, min_p, seed, offset), None,
                               stream, context)


_paged_attention_decode = Operation("paged_attention_decode", ("output", "lse", "query", "k_cache", "v_cache",
                                    "kv_indptr", "kv_indices", "kv_last_page_len"),
                                    tensors=(0, 1, 2, 3, 4, 5, 6, 7), written=(0, 1),
                                    options=_abi.PagedAttentionDecodeOptions, workspace=True)


def paged_attention_decode(output: TensorLike, lse: Optional[TensorLike], query: TensorLike,
                           k_cache: TensorLike, v_cache: TensorLike, kv_indptr: TensorLike,
                           kv_indices: TensorLike, kv_last_page_len: TensorLike, *, sm_scale: float = 0.0,
                           logits_soft_cap: float = 0.0, sliding_window: int = 0,
                           sinks: Optional[TensorLike] = None, alibi_slopes: Optional[TensorLike] = None,
                           k_scale: Optional[TensorLike] = None, v_scale: Optional[TensorLike] = None,
                           workspace: Optional[TensorLike] = None, stream: StreamLike = None,
                           context: Optional[Context] = None) -> None:
    """Attention of one query token a request over its paged KV cache.

        output[b,h] = v_scale * sum_j exp(s[j]) / z * v[b,j,h/(Hq/Hk)], lse[b,h] = log2(z), j over the kv_len
            keys of request b, but with sliding_window over the last ones. s[j] = sm_scale * query . key[j];
            with logits_soft_cap = c > 0 it is c * tanh(s[j] / c); with alibi_slopes alibi_slopes[h] * (j - i)
            is added, i being the token's position. z = sum_j exp(s[j]), with sinks + exp(sinks[h]). query is
            query[b,h], key[j] is k_scale * k[b,j,h/(Hq/Hk)], i is kv_len - 1. Key j is in page
            kv_indices[kv_indptr[b] + j/S], slot j%S; n > 0 pages hold kv_len = (n-1)*S + kv_last_page_len[b]
            keys, 0 pages none

    where B is requests; 0 is allowed; Hq is query heads, a multiple of Hk; Hk is key/value heads; D is head
    dimension: a multiple of 8 up to 256; 64, 128 and 256 have kernels of their own; P is pages of the cache;
    S is slots of a page, from 1; I is entries of the page table; I*S is at most 2^30. Capacity beyond
    kv_indptr[B] costs workspace and nothing else.

    Args:
        output: written; [B, Hq, D], dtype f32, f16, bf16; last dimension contiguous, other strides free.
            Attention output.
        lse: written; optional (None), [B, Hq], dtype f32; last dimension contiguous, other strides free.
            Logarithm, base 2, of the sum of the exponentials of the scores; a sink is one of them.
        query: [B, Hq, D], dtype f32, f16, bf16; last dimension contiguous, other strides free. One query
            token a request.
        k_cache: [P, S, Hk, D], dtype that of data, or e4m3fn, e4m3fnuz, e5m2, e5m2fnuz; last dimension
            contiguous, other strides free. Keys, of the query's dtype or fp8. NHD, HND and combined key/value
            tensors are views with other strides.
        v_cache: [P, S, Hk, D], dtype that of data, or e4m3fn, e4m3fnuz, e5m2, e5m2fnuz; last dimension
            contiguous, other strides free. Values, of the dtype of keys, with strides of their own.
        kv_indptr: [B+1], dtype i32; last dimension contiguous, other strides free. Request b owns the entries
            kv_indptr[b] to kv_indptr[b+1]-1 of kv_indices; ascending. Read on the device: a captured graph
            replays with new lengths.
        kv_indices: [I], dtype i32; last dimension contiguous, other strides free. The page table: pages of
            the cache, each in [0, P). Entries of no request are not read.
        kv_last_page_len: [B], dtype i32; last dimension contiguous, other strides free. Slots in use in a
            request's last page, from 1 to S; ignored for a request of 0 pages.
        sm_scale: from 0 to 1e+30. Factor of the scores, from 1e-30; 0 means 1/sqrt(D).
        logits_soft_cap: from 0 to 1e+30. c bounds scores smoothly: c * tanh(score / c); 0: no bound.
        sliding_window: from 0 to 1.07374e+09. A token at position i sees no key before i - sliding_window +
            1, so up to so many with its own: FlashInfer's window_left + 1; 0: no limit. Keys that no token
            sees are not read, but for up to 127 before the first that one sees.
        sinks: optional (None), [Hq], dtype f32; last dimension contiguous, other strides free. A score for
            each head that takes part in the softmax and has no value.
        alibi_slopes: optional (None), [Hq], dtype f32; last dimension contiguous, other strides free. ALiBi's
            slope of each head: what is added to a score for each position that its key is ahead of the
            token's.
        k_scale: optional (None), [Hk] or any shape of one element, dtype f32; last dimension contiguous,
            other strides free. fp8 caches: what a unit of k_cache stands for, of each key/value head or of
            all, in device memory; left out it is 1.
        v_scale: optional (None), [Hk] or any shape of one element, dtype f32; last dimension contiguous,
            other strides free. fp8 caches: what a unit of v_cache stands for, of each key/value head or of
            all, in device memory; left out it is 1.
        workspace: device memory of paged_attention_decode_workspace_bytes(...) bytes (Partial results of
            requests that are cut into chunks: 4*(D+2)*Hq bytes a chunk, 0 if none can be cut and on the CPU);
            None: the package's own. Pass one when the call is captured in a graph without torch.
        stream: where the work is enqueued; None: torch's current stream for torch's GPU tensors, else the
            default stream.
        context: None: that of the tensors.

    Aliasing: none: the outputs may not overlap each other or an input. k_cache and v_cache may be views of
    one tensor.
    Numerics: Scores, softmax and sums in fp32, in an order that shapes and kv_indptr fix; one rounding, to
    the output's dtype. Keys and values of fp8 are widened exactly; scores are multiplied by k_scale, and by
    v_scale what values sum to, both in fp32, whatever these are. The matrix kernels (f16 and bf16; on CDNA
    groups of 3 heads and more, on NVIDIA all) also round a weight to the dtype before it multiplies its
    value, by up to 2^-11 or 2^-8 of itself; on gfx90a they read subnormal numbers as 0. A row that sees no
    key, or whose scores are all -inf, gives zeros, and lse -inf or that of its sink alone; a NaN or +inf
    score or sink gives NaN; a cap makes a finite score of an infinite one. What unused slots and pages hold,
    and keys that are not seen, never matters. Long requests are cut into chunks whose length depends on the
    total of the batch; in a BATCH_INVARIANT context it is fixed, and a request's result does not depend on
    the others. Bitwise reproducible.
    Errors of its own: INVALID_ARGUMENT when sm_scale is above 0 and below 1e-30; INVALID_DTYPE when a scale
    is given and the cache is not fp8; INVALID_SHAPE when Hq is not a multiple of Hk, or D or S is 0;
    UNSUPPORTED when D is no multiple of 8 or above 256, or I*S is above 2^30.
    Source: Dao et al. 2022, arXiv:2205.14135, split over keys as in Flash-Decoding (Dao et al. 2023); meaning
    of flashinfer.BatchDecodeWithPagedKVCacheWrapper.
    """
    _paged_attention_decode((output, lse, query, k_cache, v_cache, kv_indptr, kv_indices, kv_last_page_len),
                            (sm_scale, logits_soft_cap, sliding_window, sinks, alibi_slopes, k_scale,
                            v_scale), stream, context, workspace)


def paged_attention_decode_workspace_bytes(output: TensorLike, lse: Optional[TensorLike], query: TensorLike,
                                           k_cache: TensorLike, v_cache: TensorLike, kv_indptr: TensorLike,
                                           kv_indices: TensorLike, kv_last_page_len: TensorLike, *,
                                           sm_scale: float = 0.0, logits_soft_cap: float = 0.0,
                                           sliding_window: int = 0, sinks: Optional[TensorLike] = None,
                                           alibi_slopes: Optional[TensorLike] = None,
                                           k_scale: Optional[TensorLike] = None,
                                           v_scale: Optional[TensorLike] = None,
                                           context: Optional[Context] = None) -> int:
    """Bytes of workspace that paged_attention_decode needs for these arguments: only shapes, dtypes and options matter."""
    return _paged_attention_decode.workspace_bytes((output, lse, query, k_cache, v_cache, kv_indptr,
                                                   kv_indices, kv_last_page_len), (sm_scale, logits_soft_cap,
                                                   sliding_window, sinks, alibi_slopes, k_scale, v_scale),
                                                   context)


_paged_attention_prefill = Operation("paged_attention_prefill", ("output", "lse", "query", "k_cache",
                                     "v_cache", "qo_indptr", "kv_indptr", "kv_indices", "kv_last_page_len"),
                                     tensors=(0, 1, 2, 3, 4, 5, 6, 7, 8), written=(0, 1),
                                     options=_abi.PagedAttentionPrefillOptions)


def paged_attention_prefill(output: TensorLike, lse: Optional[TensorLike], query: TensorLike,
                            k_cache: TensorLike, v_cache: TensorLike, qo_indptr: TensorLike,
                            kv_indptr: TensorLike, kv_indices: Optional[TensorLike] = None,
                            kv_last_page_len: Optional[TensorLike] = None, *, causal: bool = False,
                            sm_scale: float = 0.0, logits_soft_cap: float = 0.0, sliding_window: int = 0,
                            window_right: int = 0, sinks: Optional[TensorLike] = None,
                            alibi_slopes: Optional[TensorLike] = None,
                            custom_mask: Optional[TensorLike] = None,
                            mask_indptr: Optional[TensorLike] = None, k_scale: Optional[TensorLike] = None,
                            v_scale: Optional[TensorLike] = None, stream: StreamLike = None,
                            context: Optional[Context] = None) -> None:
    """Attention of the query tokens of a ragged batch over a paged KV cache, or over keys that lie side by side.

        output[t,h] = v_scale * sum_j exp(s[j]) / z * v[b,j,h/(Hq/Hk)], lse[t,h] = log2(z). b is the request
            of token t = qo_indptr[b] + n, 0 <= n < q_len = qo_indptr[b+1] - qo_indptr[b]; its position is i =
            kv_len - q_len + n, and j runs over those of the request's kv_len keys that it sees: with causal j
            <= i, with sliding_window j > i - sliding_window, with window_right j <= i + window_right; with
            custom_mask in place of causal those whose bit n * kv_len + j is 1. s[j] = sm_scale * query .
            key[j]; with logits_soft_cap = c > 0 it is c * tanh(s[j] / c); with alibi_slopes alibi_slopes[h] *
            (j - i) is added, i being the token's position. z = sum_j exp(s[j]), with sinks + exp(sinks[h]).
            query is query[t,h], key[j] is k_scale * k[b,j,h/(Hq/Hk)]. Key j is in page
            kv_indices[kv_indptr[b] + j/S], slot j%S; n > 0 pages hold kv_len = (n-1)*S + kv_last_page_len[b]
            keys, 0 pages none. Of k_cache [N, Hk, D], without a table, it is k_cache[kv_indptr[b] + j], and
            kv_len = kv_indptr[b+1] - kv_indptr[b]

    where T is query tokens; 0 is allowed. Tokens outside [qo_indptr[0], qo_indptr[B]) belong to no request:
    their output is left as it is; B is requests; 0 is allowed; Hq is query heads, a multiple of Hk; Hk is
    key/value heads; D is head dimension: a multiple of 8 up to 256. For f16 and bf16 it is rounded up to 64,
    96, 128, 192 or 256, which is what a call costs; P is pages of the cache; S is slots of a page, from 1; I
    is entries of the page table; I*S is at most 2^30; M is bytes of custom_mask; 0 is allowed; N is keys that
    lie side by side, those of all requests; 0 is allowed, 2^30 at most.

    Args:
        output: written; [T, Hq, D], dtype f32, f16, bf16; last dimension contiguous, other strides free.
            Attention output.
        lse: written; optional (None), [T, Hq], dtype f32; last dimension contiguous, other strides free.
            Logarithm, base 2, of the sum of the exponentials of the scores; a sink is one of them.
        query: [T, Hq, D], dtype f32, f16, bf16; last dimension contiguous, other strides free. The query
            tokens of all requests, one request after the other.
        k_cache: [P, S, Hk, D] or [N, Hk, D], dtype that of data, or e4m3fn, e4m3fnuz, e5m2, e5m2fnuz; last
            dimension contiguous, other strides free. Keys, of the query's dtype or fp8: of pages, of which
            NHD, HND and combined key/value tensors are views with other strides; or of all requests side by
            side.
        v_cache: [P, S, Hk, D] or [N, Hk, D], dtype that of data, or e4m3fn, e4m3fnuz, e5m2, e5m2fnuz; last
            dimension contiguous, other strides free. Values, of the dtype of keys, with strides of their own.
        qo_indptr: [B+1], dtype i32; last dimension contiguous, other strides free. Request b owns the tokens
            qo_indptr[b] to qo_indptr[b+1]-1; ascending. Read on the device: a captured graph replays with new
            lengths.
        kv_indptr: [B+1], dtype i32; last dimension contiguous, other strides free. Request b owns the entries
            kv_indptr[b] to kv_indptr[b+1]-1 of kv_indices, or without it these keys; ascending. Read on the
            device.
        kv_indices: optional (None), [I], dtype i32; last dimension contiguous, other strides free. The page
            table: pages of the cache, each in [0, P). Entries of no request are not read. With pages alone.
        kv_last_page_len: optional (None), [B], dtype i32; last dimension contiguous, other strides free.
            Slots in use in a request's last page, from 1 to S; ignored for a request of 0 pages. With pages
            alone.
        causal: 1: a token sees the keys up to its own position, the last token of a request being at its last
            key; with more tokens than keys the first ones see none. 0: a token sees every key of its request.
        sm_scale: from 0 to 1e+30. Factor of the scores, from 1e-30; 0 means 1/sqrt(D).
        logits_soft_cap: from 0 to 1e+30. c bounds scores smoothly: c * tanh(score / c); 0: no bound.
        sliding_window: from 0 to 1.07374e+09. A token at position i sees no key before i - sliding_window +
            1, so up to so many with its own: FlashInfer's window_left + 1; 0: no limit. Keys that no token
            sees are not read, but for up to 127 before the first that one sees.
        window_right: from 0 to 1.07374e+09. A token at position i sees no key after i + window_right; 0: no
            limit, which with causal is i.
        sinks: optional (None), [Hq], dtype f32; last dimension contiguous, other strides free. A score for
            each head that takes part in the softmax and has no value.
        alibi_slopes: optional (None), [Hq], dtype f32; last dimension contiguous, other strides free. ALiBi's
            slope of each head: what is added to a score for each position that its key is ahead of the
            token's.
        custom_mask: optional (None), [M], dtype u8; last dimension contiguous, other strides free. Which keys
            a token sees, in place of causal: a bit for each of a request's q_len * kv_len pairs, a token's
            keys side by side, the lowest bit of a byte first; a request begins with a byte. Windows hold
            besides. A pair past the end of custom_mask is not seen.
        mask_indptr: optional (None), [B+1], dtype i32, i64; last dimension contiguous, other strides free.
            Request b has the bytes from mask_indptr[b] on of custom_mask, which needs it.
        k_scale: optional (None), [Hk] or any shape of one element, dtype f32; last dimension contiguous,
            other strides free. fp8 caches: what a unit of k_cache stands for, of each key/value head or of
            all, in device memory; left out it is 1.
        v_scale: optional (None), [Hk] or any shape of one element, dtype f32; last dimension contiguous,
            other strides free. fp8 caches: what a unit of v_cache stands for, of each key/value head or of
            all, in device memory; left out it is 1.
        stream: where the work is enqueued; None: torch's current stream for torch's GPU tensors, else the
            default stream.
        context: None: that of the tensors.

    Aliasing: none: the outputs may not overlap each other or an input. k_cache and v_cache may be views of
    one tensor.
    Numerics: Scores, softmax and sums in fp32, in a fixed order; one rounding, to the output's dtype. Keys
    and values of fp8 are widened exactly; scores are multiplied by k_scale, and by v_scale what values sum
    to, both in fp32, whatever these are. The matrix kernels, which serve f16 and bf16, also round a weight to
    the dtype before it multiplies its value, by up to 2^-11 or 2^-8 of itself; on gfx90a they read subnormal
    numbers as 0. A row that sees no key, or whose scores are all -inf, gives zeros, and lse -inf or that of
    its sink alone; a NaN or +inf score or sink gives NaN; a cap makes a finite score of an infinite one. What
    a row does not see (masked keys, unused slots and pages) never matters to it. Bitwise reproducible, and a
    row's result does not depend on the other requests.
    Errors of its own: INVALID_ARGUMENT when sm_scale is above 0 and below 1e-30, or custom_mask or
    mask_indptr is given alone, or kv_indices or kv_last_page_len without pages, or pages without them;
    INVALID_DTYPE when a scale is given and the cache is not fp8; INVALID_SHAPE when Hq is not a multiple of
    Hk, or D or S is 0; UNSUPPORTED when D is no multiple of 8 or above 256, or I*S or N is above 2^30.
    Source: Dao 2023, arXiv:2307.08691; meaning of flashinfer.BatchPrefillWithPagedKVCacheWrapper and
    BatchPrefillWithRaggedKVCacheWrapper.
    """
    _paged_attention_prefill((output, lse, query, k_cache, v_cache, qo_indptr, kv_indptr, kv_indices,
                             kv_last_page_len), (causal, sm_scale, logits_soft_cap, sliding_window,
                             window_right, sinks, alibi_slopes, custom_mask, mask_indptr, k_scale, v_scale),
                             stream, context)


_paged_mla_attention = Operation("paged_mla_attention", ("output", "lse", "q_nope", "q_pe", "ckv_cache",
                                 "kpe_cache", "qo_indptr", "kv_indptr", "kv_indices", "kv_len", "sm_scale"),
                                 tensors=(0, 1, 2, 3, 4, 5, 6, 7, 8, 9), written=(0, 1),
                                 options=_abi.PagedMlaAttentionOptions, workspace=True)


def paged_mla_attention(output: TensorLike, lse: Optional[TensorLike], q_nope: TensorLike, q_pe: TensorLike,
                        ckv_cache: TensorLike, kpe_cache: TensorLike, qo_indptr: TensorLike,
                        kv_indptr: TensorLike, kv_indices: TensorLike, kv_len: TensorLike, sm_scale: float, *,
                        causal: bool = False, workspace: Optional[TensorLike] = None,
                        stream: StreamLike = None, context: Optional[Context] = None) -> None:
    """Multi-head latent attention, weights absorbed: query tokens of a ragged batch over a paged cache of latent
    keys, which all heads share and which are the values, too.

        output[t,h] = sum_j exp(s[j]) / z * ckv[b,j], lse[t,h] = log2(z), s[j] = sm_scale * (q_nope[t,h] .
            ckv[b,j] + q_pe[t,h] . kpe[b,j]), z = sum_j exp(s[j]). b is the request of token t = qo_indptr[b]
            + n, 0 <= n < q_len = qo_indptr[b+1] - qo_indptr[b]; j runs over the kv_len[b] keys of the
            request, with causal over those up to kv_len[b] - q_len + n. Key j is in page
            kv_indices[kv_indptr[b] + j/S], slot j%S

    where T is query tokens; 0 is allowed. Tokens outside [qo_indptr[0], qo_indptr[B]) belong to no request:
    their output is left as it is; B is requests; 0 is allowed; P is pages of the cache; S is slots of a page,
    from 1; I is entries of the page table; I*S is at most 2^30; H is query heads; 0 is allowed; C is columns
    of the latent key, 1 to 1024; 512 has kernels of its own; R is columns of its rotated part, 0 to 256; 64
    has kernels of its own.

    Args:
        output: written; [T, H, C], dtype f32, f16, bf16; last dimension contiguous, other strides free.
            Attention output.
        lse: written; optional (None), [T, H], dtype f32; last dimension contiguous, other strides free.
            Logarithm, base 2, of the sum of the exponentials of the scores.
        q_nope: [T, H, C], dtype f32, f16, bf16; last dimension contiguous, other strides free. Query tokens,
            multiplied by the up-projection of keys.
        q_pe: [T, H, R], dtype f32, f16, bf16; last dimension contiguous, other strides free. Their rotated
            parts.
        ckv_cache: [P, S, C], dtype f32, f16, bf16; last dimension contiguous, other strides free. Latent
            keys, which are the values, too. Pages and slots have strides of their own: one part of a tensor
            [P, S, C + R] is a view of it.
        kpe_cache: [P, S, R], dtype f32, f16, bf16; last dimension contiguous, other strides free. The keys'
            rotated parts, with strides of their own.
        qo_indptr: [B+1], dtype i32; last dimension contiguous, other strides free. Request b owns the tokens
            qo_indptr[b] to qo_indptr[b+1]-1; ascending. Read on the device: a captured graph replays with new
            lengths.
        kv_indptr: [B+1], dtype i32; last dimension contiguous, other strides free. Request b owns the entries
            kv_indptr[b] to kv_indptr[b+1]-1 of kv_indices; ascending. Read on the device.
        kv_indices: [I], dtype i32; last dimension contiguous, other strides free. The page table: pages of
            the cache, each in [0, P). Entries of no request are not read.
        kv_len: [B], dtype i32; last dimension contiguous, other strides free. Keys of each request, 0 to what
            its pages hold; get_seq_lens makes it of kv_last_page_len. Read on the device.
        sm_scale: from 1e-30 to 1e+30. Factor of the scores. There is no default: it goes by the head
            dimension before the weights were absorbed, of DeepSeek's models 1/sqrt(192) and what their
            scaling of RoPE makes of it.
        causal: 1: a token sees the keys up to its own position, the last token of a request being at its last
            key; with more tokens than keys the first ones see none. 0: a token sees every key of its request.
        workspace: device memory of paged_mla_attention_workspace_bytes(...) bytes (Partial results of
            requests that are cut into chunks, and where they are: 4*(C+2) bytes a row of a chunk, a row being
            a head of a token; 0 if none can be cut and on the CPU); None: the package's own. Pass one when
            the call is captured in a graph without torch.
        stream: where the work is enqueued; None: torch's current stream for torch's GPU tensors, else the
            default stream.
        context: None: that of the tensors.

    Aliasing: none: the outputs may not overlap each other or an input. ckv_cache and kpe_cache may be views
    of one tensor.
    Numerics: Scores, softmax and sums in fp32, in an order that shapes, qo_indptr and kv_len fix; one
    rounding, to the output's dtype. The matrix kernels (f16 and bf16) also round a weight to the dtype before
    it multiplies its value, by up to 2^-11 or 2^-8 of itself; on gfx90a they read subnormal numbers as 0. A
    row that sees no key, or whose scores are all -inf, gives zeros, and lse -inf; a NaN or +inf score gives
    NaN. What unused slots and pages hold, and keys that are not seen, never matters. Where requests are few,
    long ones are cut into chunks whose length depends on the batch; in a BATCH_INVARIANT context none is, and
    a request's result does not depend on the others. Bitwise reproducible.
    Errors of its own: INVALID_SHAPE when C or S is 0; UNSUPPORTED when C is above 1024 or R above 256, or I*S
    is above 2^30, or T*H is 2^31 or more.
    Source: DeepSeek-AI 2024, arXiv:2405.04434, 2.1, with the up-projections absorbed; meaning of
    flashinfer.mla.BatchMLAPagedAttentionWrapper.
    """
    _paged_mla_attention((output, lse, q_nope, q_pe, ckv_cache, kpe_cache, qo_indptr, kv_indptr, kv_indices,
                         kv_len, sm_scale), (causal,), stream, context, workspace)


def paged_mla_attention_workspace_bytes(output: TensorLike, lse: Optional[TensorLike], q_nope: TensorLike,
                                        q_pe: TensorLike, ckv_cache: TensorLike, kpe_cache: TensorLike,
                                        qo_indptr: TensorLike, kv_indptr: TensorLike, kv_indices: TensorLike,
                                        kv_len: TensorLike, sm_scale: float, *, causal: bool = False,
                                        context: Optional[Context] = None) -> int:
    """Bytes of workspace that paged_mla_attention needs for these arguments: only shapes, dtypes and options matter."""
    return _paged_mla_attention.workspace_bytes((output, lse, q_nope, q_pe, ckv_cache, kpe_cache, qo_indptr,
                                                kv_indptr, kv_indices, kv_len, sm_scale), (causal,), context)


_qk_norm_rope = Operation("qk_norm_rope", ("q_out", "k_out", "q", "k", "q_weight", "k_weight", "cos_sin",
                          "positions", "eps", "interleaved"), tensors=(0, 1, 2, 3, 4, 5, 6, 7),
                          written=(0, 1))


def qk_norm_rope(q_out: TensorLike, k_out: Optional[TensorLike], q: TensorLike, k: Optional[TensorLike],
                 q_weight: TensorLike, k_weight: Optional[TensorLike], cos_sin: TensorLike,
                 positions: TensorLike, eps: float = 1e-06, interleaved: bool = False, *,
                 stream: StreamLike = None, context: Optional[Context] = None) -> None:
    """Root-mean-square normalisation of each head of queries and keys, then rotary position embedding, in one
    pass.

        x = head / sqrt(mean(head^2) + eps) * weight; for each pair (a, b) of x with angle i: a' = a cos[i] -
            b sin[i]; b' = b cos[i] + a sin[i], with cos = cos_sin[position, :R/2], sin = cos_sin[position,
            R/2:]; pair i is elements (i, i + R/2) of the head, or (2i, 2i + 1) if interleaved

    where T is tokens; 0 is allowed; Hq is query heads; Hk is key heads; any number, for grouped queries; D is
    head dimension, from 1; P is positions in the cache; R is rotary dimension: even, at most D; elements of a
    head from R on are normalised and not rotated.

    Args:
        q_out: written; [T, Hq, D], dtype f32, f16, bf16; last dimension contiguous, other strides free.
            Normalised and rotated queries.
        k_out: written; optional (None), [T, Hk, D], dtype f32, f16, bf16; last dimension contiguous, other
            strides free. Normalised and rotated keys; given exactly if k is.
        q: [T, Hq, D], dtype f32, f16, bf16; last dimension contiguous, other strides free. Queries; with k,
            views of one fused qkv buffer will do.
        k: optional (None), [T, Hk, D], dtype f32, f16, bf16; last dimension contiguous, other strides free.
            Keys.
        q_weight: [D], dtype that of data, or f32; last dimension contiguous, other strides free. Gain of each
            element of a query head.
        k_weight: optional (None), [D], dtype that of data, or f32; last dimension contiguous, other strides
            free. Gain of each element of a key head; given exactly if k is.
        cos_sin: [P, R], dtype f32; last dimension contiguous, other strides free. What rope_cos_sin_cache
            writes: cosines, then sines, of each position. Always in this order: interleaved speaks of the
            pairs of q and k alone.
        positions: [T], dtype i32, i64; last dimension contiguous, other strides free. Row of cos_sin for each
            token. A token whose position is negative or not below P becomes NaN in all its heads, so that the
            fault shows.
        eps: from 0 to 3.4e+38. Added to the mean of squares, to keep a zero head finite; no unit.
        interleaved: 0: pairs are half a rotary dimension apart (half-split; GPT-NeoX, Qwen3). 1: pairs are
            neighbours (GPT-J, FLUX).
        stream: where the work is enqueued; None: torch's current stream for torch's GPU tensors, else the
            default stream.
        context: None: that of the tensors.

    Aliasing: q_out may be q and k_out may be k, with the same strides; q_out and k_out may not overlap.
    Numerics: fp32, squares summed in a fixed order; one rounding, to the output's dtype: the normalised head
    is not rounded before it is rotated. Bitwise reproducible, and a head's result does not depend on the
    others.
    Errors of its own: INVALID_SHAPE when D is 0, R is odd or more than D, or Hq, Hk or D is more than 2^26;
    NULL_POINTER when only some of k, k_out and k_weight are given.
    Source: Zhang and Sennrich 2019, arXiv:1910.07467; Su et al. 2021, arXiv:2104.09864;
    flashinfer.norm.rmsnorm on heads followed by flashinfer.rope.apply_rope_with_cos_sin_cache.
    """
    _qk_norm_rope((q_out, k_out, q, k, q_weight, k_weight, cos_sin, positions, eps, interleaved), None,
                  stream, context)


_quantize_per_group = Operation("quantize_per_group", ("output", "scales", "input", "group_size"),
                                tensors=(0, 1, 2), written=(0, 1))


def quantize_per_group(output: TensorLike, scales: TensorLike, input: TensorLike, group_size: int = 128, *,
                       stream: StreamLike = None, context: Optional[Context] = None) -> None:
    """Quantises groups of neighbours in a row to fp8 or int8, each with a scale found from its largest
    magnitude.

        scales[t, s] = max(max_i |input[t, i]| / largest, 2^-126) over i / group_size = s; output =
            round(input / scales[t, i / group_size]), largest: 448 (e4m3fn), 240 (e4m3fnuz), 57344 (e5m2,
            e5m2fnuz), 127 (i8)

    where T is rows (tokens); 0 is allowed; N is row length; 0 is allowed; S is groups of a row: N /
    group_size.

    Args:
        output: written; [T, N], dtype e4m3fn, e4m3fnuz, e5m2, e5m2fnuz, i8; last dimension contiguous, other
            strides free. The quantised rows.
        scales: written; [T, S], dtype f32; any strides. What a unit of each group stands for; strides of (1,
            T) give the column-major scales that some GEMMs take.
        input: [T, N], dtype f32, f16, bf16; last dimension contiguous, other strides free. The rows to
            quantise.
        group_size: from 1. Elements that share a scale; it divides N.
        stream: where the work is enqueued; None: torch's current stream for torch's GPU tensors, else the
            default stream.
        context: None: that of the tensors.

    Aliasing: output, scales and input may not overlap.
    Numerics: On a GPU input * (1 / scale), both in fp32: within one unit in the last place of the quotient
    rounded to nearest even. The scale of zeros is 2^-126, which is also the least there is. A NaN has no part
    in the maximum, and becomes NaN (0 in i8). With an infinity the scale is infinite: what is finite becomes
    0, the infinity NaN (0 in i8). Bitwise reproducible, and a group's result does not depend on the others.
    Errors of its own: INVALID_SHAPE when N is not S times group_size.
    Source: DeepSeek-AI 2024, arXiv:2412.19437, 3.3.2 (tiles of 1 by 128); meaning of vLLM's
    per_token_group_quant_fp8, without its lower bound for the scale.
    """
    _quantize_per_group((output, scales, input, group_size), None, stream, context)


_quantize_per_tensor = Operation("quantize_per_tensor", ("output", "input", "scale"), tensors=(0, 1, 2),
                                 written=(0,))


def quantize_per_tensor(output: TensorLike, input: TensorLike, scale: TensorLike, *,
                        stream: StreamLike = None, context: Optional[Context] = None) -> None:
    """Quantises a tensor of any shape to fp8 or int8 with one scale.

        output = saturate(round(input / scale))

    Args:
        output: written; any shape, the same for all, dtype e4m3fn, e4m3fnuz, e5m2, e5m2fnuz, i8; any strides.
            The quantised elements; no two of them share memory.
        input: any shape, the same for all, dtype f32, f16, bf16; any strides. The elements to quantise; a
            stride of 0 repeats one.
        scale: any shape of one element, dtype f32; last dimension contiguous, other strides free. What a unit
            of the output stands for, in device memory.
        stream: where the work is enqueued; None: torch's current stream for torch's GPU tensors, else the
            default stream.
        context: None: that of the tensors.

    Aliasing: output may not overlap input or scale.
    Numerics: On a GPU input * (1 / scale), both in fp32: within one unit in the last place of the quotient
    rounded to nearest even. Beyond the largest finite value of the output's dtype, infinities too, becomes
    that value; i8 ends at -128 and 127. A NaN becomes NaN, and 0 in i8.
    Source: Meaning of vLLM's static_scaled_fp8_quant and static_scaled_int8_quant (symmetric); OCP 8-bit
    Floating Point Specification 1.0; Noune et al. 2022, arXiv:2206.02915 (fnuz).
    """
    _quantize_per_tensor((output, input, scale), None, stream, context)


_quantize_per_token = Operation("quantize_per_token", ("output", "scales", "input"), tensors=(0, 1, 2),
                                written=(0, 1))


def quantize_per_token(output: TensorLike, scales: TensorLike, input: TensorLike, *,
                       stream: StreamLike = None, context: Optional[Context] = None) -> None:
    """Quantises each row to fp8 or int8 with a scale of its own, found from its largest magnitude.

        scales[t] = max(max_i |input[t, i]| / largest, 2^-126); output = round(input / scales[t]), largest:
            448 (e4m3fn), 240 (e4m3fnuz), 57344 (e5m2, e5m2fnuz), 127 (i8)

    where T is rows (tokens); 0 is allowed; N is row length; 0 is allowed.

    Args:
        output: written; [T, N], dtype e4m3fn, e4m3fnuz, e5m2, e5m2fnuz, i8; last dimension contiguous, other
            strides free. The quantised rows.
        scales: written; [T] or [T, 1], dtype f32; any strides. What a unit of each row stands for.
        input: [T, N], dtype f32, f16, bf16; last dimension contiguous, other strides free. The rows to
            quantise.
        stream: where the work is enqueued; None: torch's current stream for torch's GPU tensors, else the
            default stream.
        context: None: that of the tensors.

    Aliasing: output, scales and input may not overlap.
    Numerics: On a GPU input * (1 / scale), both in fp32: within one unit in the last place of the quotient
    rounded to nearest even. The scale of zeros is 2^-126, which is also the least there is. A NaN has no part
    in the maximum, and becomes NaN (0 in i8). With an infinity the scale is infinite: what is finite becomes
    0, the infinity NaN (0 in i8). Bitwise reproducible, and a row's result does not depend on the others.
    Source: Meaning of vLLM's dynamic_per_token_scaled_fp8_quant and dynamic_scaled_int8_quant (symmetric),
    without vLLM's lower bound of 1 / (512 * largest) for the scale.
    """
    _quantize_per_token((output, scales, input), None, stream, context)


_rmsnorm = Operation("rmsnorm", ("output", "input", "weight", "eps"), tensors=(0, 1, 2), written=(0,))


def rmsnorm(output: TensorLike, input: TensorLike, weight: TensorLike, eps: float = 1e-06, *,
            stream: StreamLike = None, context: Optional[Context] = None) -> None:
    """Root-mean-square normalisation of each row.

        output = input / sqrt(mean(input^2) + eps) * weight

    where T is rows (tokens); 0 is allowed; H is heads: with three dimensions every head is a row (per-head QK
    norm); N is row length, from 1.

    Args:
        output: written; [T, N] or [T, H, N], dtype f32, f16, bf16; last dimension contiguous, other strides
            free. Normalised rows.
        input: [T, N] or [T, H, N], dtype f32, f16, bf16; last dimension contiguous, other strides free. Rows
            to normalise.
        weight: [N], dtype that of data, or f32; last dimension contiguous, other strides free. Gain of each
            column.
        eps: from 0 to 3.4e+38. Added to the mean of squares, to keep a zero row finite; no unit.
        stream: where the work is enqueued; None: torch's current stream for torch's GPU tensors, else the
            default stream.
        context: None: that of the tensors.

    Aliasing: output may be input, with the same strides; it may not overlap weight.
    Numerics: Squares are summed in fp32 in a fixed order; one rounding, to the output's dtype. Bitwise
    reproducible, and a row's result does not depend on the other rows.
    Errors of its own: INVALID_SHAPE when N is 0: rows of length 0 have no mean.
    Source: Zhang and Sennrich 2019, arXiv:1910.07467; meaning of flashinfer.norm.rmsnorm.
    """
    _rmsnorm((output, input, weight, eps), None, stream, context)


_rmsnorm_dynamic_quant = Operation("rmsnorm_dynamic_quant", ("output", "scales", "input", "weight", "eps"),
                                   tensors=(0, 1, 2, 3), written=(0, 1))


def rmsnorm_dynamic_quant(output: TensorLike, scales: TensorLike, input: TensorLike, weight: TensorLike,
                          eps: float = 1e-06, *, stream: StreamLike = None,
                          context: Optional[Context] = None) -> None:
    """Root-mean-square normalisation of each row, quantised with a scale for each row.

        v = input / sqrt(mean(input^2) + eps) * weight; scales = max|v| / largest; output = round(v / scales)

    where T is rows (tokens); 0 is allowed; H is heads: with three dimensions every head is a row (per-head QK
    norm); N is row length, from 1.

    Args:
        output: written; [T, N] or [T, H, N], dtype e4m3fn, e4m3fnuz, e5m2, e5m2fnuz, i8; last dimension
            contiguous, other strides free. Normalised rows, quantised.
        scales: written; [T] or [T, H], dtype f32; any strides. What a unit of each row stands for.
        input: [T, N] or [T, H, N], dtype f32, f16, bf16; last dimension contiguous, other strides free. Rows
            to normalise.
        weight: [N], dtype that of data, or f32; last dimension contiguous, other strides free. Gain of each
            column.
        eps: from 0 to 3.4e+38. Added to the mean of squares, to keep a zero row finite; no unit.
        stream: where the work is enqueued; None: torch's current stream for torch's GPU tensors, else the
            default stream.
        context: None: that of the tensors.

    Aliasing: No two tensors may overlap.
    Numerics: Squares are summed in fp32 in a fixed order. Quantised is the fp32 result, not one rounded to
    the input's dtype. The scale is the largest magnitude of the row / the largest finite value of the
    output's dtype (127 of i8), 2^-126 at least; a NaN has no part in it and becomes NaN (0 in i8), an
    infinity makes the scale infinite. On a GPU values are multiplied by 1 / scale: within one unit in the
    last place of the quotient rounded to nearest even. Bitwise reproducible, and a row's result does not
    depend on the other rows.
    Errors of its own: INVALID_SHAPE when N is 0: rows of length 0 have no mean.
    Source: Zhang and Sennrich 2019, arXiv:1910.07467; rmsnorm, quantised as by vLLM's
    rms_norm_dynamic_per_token_quant.
    """
    _rmsnorm_dynamic_quant((output, scales, input, weight, eps), None, stream, context)


_rmsnorm_quant = Operation("rmsnorm_quant", ("output", "input", "weight", "scale", "eps"),
                           tensors=(0, 1, 2, 3), written=(0,))


def rmsnorm_quant(output: TensorLike, input: TensorLike, weight: TensorLike, scale: TensorLike,
                  eps: float = 1e-06, *, stream: StreamLike = None,
                  context: Optional[Context] = None) -> None:
    """Root-mean-square normalisation of each row, quantised with one scale.

        v = input / sqrt(mean(input^2) + eps) * weight; output = saturate(round(v / scale))

    where T is rows (tokens); 0 is allowed; H is heads: with three dimensions every head is a row (per-head QK
    norm); N is row length, from 1.

    Args:
        output: written; [T, N] or [T, H, N], dtype e4m3fn, e4m3fnuz, e5m2, e5m2fnuz; last dimension
            contiguous, other strides free. Normalised rows, quantised.
        input: [T, N] or [T, H, N], dtype f32, f16, bf16; last dimension contiguous, other strides free. Rows
            to normalise.
        weight: [N], dtype that of data, or f32; last dimension contiguous, other strides free. Gain of each
            column.
        scale: any shape of one element, dtype f32; last dimension contiguous, other strides free. What a unit
            of the output stands for, in device memory.
        eps: from 0 to 3.4e+38. Added to the mean of squares, to keep a zero row finite; no unit.
        stream: where the work is enqueued; None: torch's current stream for torch's GPU tensors, else the
            default stream.
        context: None: that of the tensors.

    Aliasing: No two tensors may overlap.
    Numerics: Squares are summed in fp32 in a fixed order. Quantised is the fp32 result, not one rounded to
    the input's dtype. On a GPU it is multiplied by 1 / scale: within one unit in the last place of the
    quotient rounded to nearest even; saturated at the largest finite value of the output's dtype. A NaN
    becomes NaN. Bitwise reproducible, and a row's result does not depend on the other rows.
    Errors of its own: INVALID_SHAPE when N is 0: rows of length 0 have no mean.
    Source: Zhang and Sennrich 2019, arXiv:1910.07467; meaning of flashinfer.norm.rmsnorm_quant.
    """
    _rmsnorm_quant((output, input, weight, scale, eps), None, stream, context)


_rmsnorm_silu = Operation("rmsnorm_silu", ("output", "input", "weight", "eps"), tensors=(0, 1, 2),
                          written=(0,))


def rmsnorm_silu(output: TensorLike, input: TensorLike, weight: TensorLike, eps: float = 1e-06, *,
                 stream: StreamLike = None, context: Optional[Context] = None) -> None:
    """Root-mean-square normalisation of each row, and silu of it.

        v = input / sqrt(mean(input^2) + eps) * weight; output = v / (1 + exp(-v))

    where T is rows (tokens); 0 is allowed; H is heads: with three dimensions every head is a row (per-head QK
    norm); N is row length, from 1.

    Args:
        output: written; [T, N] or [T, H, N], dtype f32, f16, bf16; last dimension contiguous, other strides
            free. silu of normalised rows.
        input: [T, N] or [T, H, N], dtype f32, f16, bf16; last dimension contiguous, other strides free. Rows
            to normalise.
        weight: [N], dtype that of data, or f32; last dimension contiguous, other strides free. Gain of each
            column.
        eps: from 0 to 3.4e+38. Added to the mean of squares, to keep a zero row finite; no unit.
        stream: where the work is enqueued; None: torch's current stream for torch's GPU tensors, else the
            default stream.
        context: None: that of the tensors.

    Aliasing: output may be input, with the same strides; it may not overlap weight.
    Numerics: Squares are summed in fp32 in a fixed order; one rounding, to the output's dtype. Below v =
    -87.3 a result may be -0. Bitwise reproducible, and a row's result does not depend on the other rows.
    Errors of its own: INVALID_SHAPE when N is 0: rows of length 0 have no mean.
    Source: Zhang and Sennrich 2019, arXiv:1910.07467; meaning of flashinfer.norm.fused_rmsnorm_silu.
    """
    _rmsnorm_silu((output, input, weight, eps), None, stream, context)


_rope = Operation("rope", ("q_out", "k_out", "q", "k", "cos_sin", "positions", "interleaved"),
                  tensors=(0, 1, 2, 3, 4, 5), written=(0, 1))


def rope(q_out: TensorLike, k_out: Optional[TensorLike], q: TensorLike, k: Optional[TensorLike],
         cos_sin: TensorLike, positions: TensorLike, interleaved: bool = False, *, stream: StreamLike = None,
         context: Optional[Context] = None) -> None:
    """Rotary position embedding of queries and, in the same launch, keys.

        for each pair (a, b) of a head with angle i: a' = a cos[i] - b sin[i]; b' = b cos[i] + a sin[i], with
            cos = cos_sin[position, :R/2], sin = cos_sin[position, R/2:]; pair i is elements (i, i + R/2) of
            the head, or (2i, 2i + 1) if interleaved

    where T is tokens; 0 is allowed; Hq is query heads; Hk is key heads; any number, for grouped queries; D is
    head dimension; P is positions in the cache; R is rotary dimension: even, at most D; elements of a head
    from R on are copied.

    Args:
        q_out: written; [T, Hq, D], dtype f32, f16, bf16; last dimension contiguous, other strides free.
            Rotated queries.
        k_out: written; optional (None), [T, Hk, D], dtype f32, f16, bf16; last dimension contiguous, other
            strides free. Rotated keys; given exactly if k is.
        q: [T, Hq, D], dtype f32, f16, bf16; last dimension contiguous, other strides free. Queries; with k,
            views of one fused qkv buffer will do.
        k: optional (None), [T, Hk, D], dtype f32, f16, bf16; last dimension contiguous, other strides free.
            Keys.
        cos_sin: [P, R], dtype f32; last dimension contiguous, other strides free. What rope_cos_sin_cache
            writes: cosines, then sines, of each position. Always in this order: interleaved speaks of the
            pairs of q and k alone.
        positions: [T], dtype i32, i64; last dimension contiguous, other strides free. Row of cos_sin for each
            token. A token whose position is negative or not below P becomes NaN in all its heads, so that the
            fault shows.
        interleaved: 0: pairs are half a rotary dimension apart (half-split; GPT-NeoX, Llama in Hugging Face's
            layout). 1: pairs are neighbours (GPT-J, Llama as released, FLUX).
        stream: where the work is enqueued; None: torch's current stream for torch's GPU tensors, else the
            default stream.
        context: None: that of the tensors.

    Aliasing: q_out may be q and k_out may be k, with the same strides; q_out and k_out may not overlap.
    Numerics: fp32, one rounding to the output's dtype. Bitwise reproducible, and a token's result does not
    depend on the other tokens. Least possible traffic: 2 * (Hq + Hk) * D elements a token (2 * (Hq + Hk) * R
    in place), R fp32 of cos_sin for each position in use, and the position.
    Errors of its own: INVALID_SHAPE when R is odd or more than D, or Hq, Hk or D is more than 2^26;
    NULL_POINTER when only one of k and k_out is given.
    Source: Su et al. 2021, arXiv:2104.09864; meaning of flashinfer.rope.apply_rope_with_cos_sin_cache.
    """
    _rope((q_out, k_out, q, k, cos_sin, positions, interleaved), None, stream, context)


_rope_append_kv = Operation("rope_append_kv", ("q_out", "k_cache", "v_cache", "q", "k", "v", "cos_sin",
                            "positions", "batch_indices", "kv_indices", "kv_indptr", "kv_last_page_len",
                            "pos_ids", "k_scale", "v_scale", "interleaved"),
                            tensors=(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14), written=(0, 1, 2))


def rope_append_kv(q_out: TensorLike, k_cache: TensorLike, v_cache: TensorLike, q: TensorLike, k: TensorLike,
                   v: TensorLike, cos_sin: TensorLike, positions: TensorLike, batch_indices: TensorLike,
                   kv_indices: Optional[TensorLike] = None, kv_indptr: Optional[TensorLike] = None,
                   kv_last_page_len: Optional[TensorLike] = None, pos_ids: Optional[TensorLike] = None,
                   k_scale: Optional[TensorLike] = None, v_scale: Optional[TensorLike] = None,
                   interleaved: bool = False, *, stream: StreamLike = None,
                   context: Optional[Context] = None) -> None:
    """Rotary position embedding of queries and keys; the keys and their values go straight to a paged or
    contiguous cache, quantised where it is fp8.

        q_out = rope(q); k_cache[page, slot] = rope(k), v_cache[page, slot] = v, with rope as in the operation
            rope at row pos_ids[t] of cos_sin (positions[t] where pos_ids is left out) and page and slot as in
            append_paged_kv_cache; in a cache of fp8 saturate(round(rope(k) / k_scale)) and saturate(round(v /
            v_scale))

    where T is tokens; 0 is allowed; Hq is query heads; Hk is key and value heads; D is head dimension of
    queries and keys; P is pages in the cache; of a contiguous one, requests; R is rotary dimension: even, at
    most D; elements of a head from R on are copied; S is slots (tokens) in a page; any number; E is head
    dimension of values; B is requests; I is entries of the page table; C is positions in cos_sin.

    Args:
        q_out: written; [T, Hq, D], dtype f32, f16, bf16; last dimension contiguous, other strides free.
            Rotated queries.
        k_cache: read and written; [P, S, Hk, D], dtype that of data, or e4m3fn, e4m3fnuz, e5m2, e5m2fnuz;
            last dimension contiguous, other strides free. Key pages. The layout is the strides': [pages,
            slots, heads, D] (NHD), [pages, heads, slots, D] (HND) or one half of a combined tensor are views
            with these four dimensions. Offsets are 64 bits wide.
        v_cache: read and written; [P, S, Hk, E], dtype that of data, or e4m3fn, e4m3fnuz, e5m2, e5m2fnuz;
            last dimension contiguous, other strides free. Value pages; strides of its own.
        q: [T, Hq, D], dtype f32, f16, bf16; last dimension contiguous, other strides free. Queries; with k
            and v, views of one fused qkv buffer will do.
        k: [T, Hk, D], dtype f32, f16, bf16; last dimension contiguous, other strides free. New keys, not yet
            rotated.
        v: [T, Hk, E], dtype f32, f16, bf16; last dimension contiguous, other strides free. New values.
        cos_sin: [C, R], dtype f32; last dimension contiguous, other strides free. What rope_cos_sin_cache
            writes: cosines, then sines, of each position. Always in this order: interleaved speaks of the
            pairs of q and k alone.
        positions: [T], dtype i32, i64; last dimension contiguous, other strides free. Position of each token
            in its request: its slot, and without pos_ids its row of cos_sin. A token whose row is negative or
            not below C becomes NaN in all heads of q and k, so that the fault shows.
        batch_indices: [T], dtype i32, i64; last dimension contiguous, other strides free. Request of each
            token. Nothing is appended, and nothing is touched out of bounds, for a token whose request is not
            in [0, B), whose position is not in [0, length of the request), or whose page is not in [0, P);
            its queries are rotated.
        kv_indices: optional (None), [I], dtype i32, i64; last dimension contiguous, other strides free. Page
            table: the pages of all requests, one request after the other. Left out with kv_indptr and
            kv_last_page_len, the cache is contiguous: page b is request b, and its length S.
        kv_indptr: optional (None), [B+1], dtype i32, i64; last dimension contiguous, other strides free.
            Where each request begins in kv_indices, in order. A request that ends where it begins or before
            has no positions.
        kv_last_page_len: optional (None), [B], dtype i32, i64; last dimension contiguous, other strides free.
            Slots in use, after the append, in each request's last page, 1 to S: the request's length is
            (pages - 1) * S + kv_last_page_len.
        pos_ids: optional (None), [T], dtype i32, i64; last dimension contiguous, other strides free. Row of
            cos_sin for each token, where it is not the position in the request.
        k_scale: optional (None), any shape of one element, dtype f32; last dimension contiguous, other
            strides free. fp8 caches: what a unit of k_cache stands for, in device memory; left out it is 1.
        v_scale: optional (None), any shape of one element, dtype f32; last dimension contiguous, other
            strides free. fp8 caches: what a unit of v_cache stands for, in device memory; left out it is 1.
        interleaved: 0: pairs are half a rotary dimension apart (half-split; GPT-NeoX, Llama in Hugging Face's
            layout). 1: pairs are neighbours (GPT-J, Llama as released, FLUX).
        stream: where the work is enqueued; None: torch's current stream for torch's GPU tensors, else the
            default stream.
        context: None: that of the tensors.

    Aliasing: q_out may be q, with the same strides. k_cache and v_cache may be views of one tensor, but may
    not overlap each other or an input. Two tokens of one call must not name the same slot, or which of them
    stays is undefined.
    Numerics: fp32, one rounding to the output's dtype: a quantised key is not rounded to its own dtype
    before. v is copied, exact, where the cache has its dtype. fp8: on a GPU x * (1 / scale), within one unit
    in the last place of the quotient rounded to nearest even; beyond the largest finite value, infinities
    too, becomes that value. Bitwise reproducible, and a token's result does not depend on the other tokens.
    Least possible traffic a token: 2 * Hq * D elements of data (2 * Hq * R in place), Hk * (D + E) elements
    of data and as many of the cache, R fp32 of cos_sin for each position in use, and the look-ups of
    append_paged_kv_cache; rope and append_paged_kv_cache move 2 * Hk * D elements more.
    Errors of its own: INVALID_SHAPE when R is odd or more than D, I * S is 2^31 or more, or Hq, Hk, D or E is
    more than 2^26; NULL_POINTER when some of kv_indices, kv_indptr and kv_last_page_len are given and some
    not; INVALID_DTYPE when a scale is given and the cache is not fp8.
    Source: Su et al. 2021, arXiv:2104.09864; meaning of flashinfer.rope.apply_rope_with_cos_sin_cache, then
    flashinfer.page.append_paged_kv_cache.
    """
    _rope_append_kv((q_out, k_cache, v_cache, q, k, v, cos_sin, positions, batch_indices, kv_indices,
                    kv_indptr, kv_last_page_len, pos_ids, k_scale, v_scale, interleaved), None, stream,
                    context)


_rope_cos_sin_cache = Operation("rope_cos_sin_cache", ("output", "theta"), tensors=(0,), written=(0,),
                                options=_abi.RopeCosSinCacheOptions)


def rope_cos_sin_cache(output: TensorLike, theta: float = 10000.0, *,
                       scaling: Union[RopeScaling, str, int] = 0, factor: float = 0.0,
                       low_freq_factor: float = 0.0, high_freq_factor: float = 0.0, original_context: int = 0,
                       beta_fast: float = 0.0, beta_slow: float = 0.0, attention_factor: float = 0.0,
                       stream: StreamLike = None, context: Optional[Context] = None) -> None:
    """Cosines and sines of rotary position embedding for every position, as rope reads them.

        output[p, i] = m cos(p * f[i]); output[p, R/2 + i] = m sin(p * f[i]); m is 1, and with yarn the
            attention factor; f[i] = theta^(-2i/R), scaled as options.scaling says

    where P is positions, from 0 on; 0 is allowed; R is rotary dimension: even, at most 512; half of it
    cosines, half sines, whatever the order of the pairs in rope.

    Args:
        output: written; [P, R], dtype f32; last dimension contiguous, other strides free. Row p holds the
            cosines of position p, then its sines.
        theta: from 1 to 3.4e+38. Base of the frequencies.
        scaling: a RopeScaling, its name in lower case or its number. How frequencies are scaled for contexts
            longer than those of training.
        factor: from 0 to 3.4e+38. What scaled frequencies are divided by; 0 is 1, and 8 for llama31.
        low_freq_factor: from 0 to 3.4e+38. llama31: wavelengths above original_context / low_freq_factor are
            scaled in full; 0 is 1.
        high_freq_factor: from 0 to 3.4e+38. llama31: wavelengths below original_context / high_freq_factor
            are not scaled, those between are blended; 0 is 4.
        original_context: from 0. llama31, yarn: length of the training context, in tokens; 0 is 8192, and
            4096 for yarn.
        beta_fast: from 0 to 3.4e+38. yarn: frequencies of more turns than this in the training context are
            not scaled; 0 is 32.
        beta_slow: from 0 to 3.4e+38. yarn: frequencies of fewer turns than this in the training context are
            scaled in full, those between are blended; 0 is 1.
        attention_factor: from 0 to 3.4e+38. yarn: multiplies cosine and sine; 0 is 0.1 ln(factor) + 1, and 1
            where factor is at most 1.
        stream: where the work is enqueued; None: torch's current stream for torch's GPU tensors, else the
            default stream.
        context: None: that of the tensors.

    Aliasing: none: there is one tensor.
    Numerics: f is computed in double by the host, the angle p * f as one product in double by the device; its
    cosine and sine are within 2^-51 for angles up to 2^40, then rounded once to fp32. Frameworks that form f
    in fp32 differ by up to 6e-8 of the angle, which is visible from positions of some thousands on.
    Errors of its own: INVALID_SHAPE when R is 0, odd or more than 512; INVALID_ARGUMENT when high_freq_factor
    is not more than low_freq_factor with llama31, or beta_fast not more than beta_slow or theta 1 with yarn.
    Source: Su et al. 2021, arXiv:2104.09864; linear scaling: Chen et al. 2023, arXiv:2306.15595; llama31: the
    llama3 scaling of Hugging Face transformers and flashinfer.rope.apply_llama31_rope; yarn: Peng et al.
    2023, arXiv:2309.00071, as in Hugging Face transformers.
    """
    _rope_cos_sin_cache((output, theta), (enum_value(RopeScaling, 'scaling', scaling), factor,
                        low_freq_factor, high_freq_factor, original_context, beta_fast, beta_slow,
                        attention_factor), stream, context)


_rope_quantize_fp8 = Operation("rope_quantize_fp8", ("q_rope_out", "k_rope_out", "q_nope_out", "k_nope_out",
                               "q_rope", "k_rope", "q_nope", "k_nope", "cos_sin", "positions", "interleaved",
                               "quant_scale_q", "quant_scale_kv"), tensors=(0, 1, 2, 3, 4, 5, 6, 7, 8, 9),
                               written=(0, 1, 2, 3))


def rope_quantize_fp8(q_rope_out: TensorLike, k_rope_out: TensorLike, q_nope_out: Optional[TensorLike],
                      k_nope_out: Optional[TensorLike], q_rope: TensorLike, k_rope: TensorLike,
                      q_nope: Optional[TensorLike], k_nope: Optional[TensorLike], cos_sin: TensorLike,
                      positions: TensorLike, interleaved: bool = False, quant_scale_q: float = 1.0,
                      quant_scale_kv: float = 1.0, *, stream: StreamLike = None,
                      context: Optional[Context] = None) -> None:
    """Rotary position embedding of the rotary parts of queries and keys, and all parts quantised to fp8, in one
    launch.

        q_rope_out = saturate(round(rope(q_rope) * quant_scale_q)), q_nope_out = saturate(round(q_nope *
            quant_scale_q)), and k likewise with quant_scale_kv; rope as in the operation rope, over the whole
            of R

    where T is tokens; 0 is allowed; Hq is query heads; Hk is key heads; P is positions in the cache; R is
    rotary dimension, even: the length of the rotary parts; N is length of the parts that are not rotated.

    Args:
        q_rope_out: written; [T, Hq, R], dtype e4m3fn, e4m3fnuz, e5m2, e5m2fnuz; last dimension contiguous,
            other strides free. Rotated and quantised rotary parts of the queries.
        k_rope_out: written; [T, Hk, R] or [T, R], dtype e4m3fn, e4m3fnuz, e5m2, e5m2fnuz; last dimension
            contiguous, other strides free. Of the keys; two dimensions where keys have one head (MLA).
        q_nope_out: written; optional (None), [T, Hq, N], dtype e4m3fn, e4m3fnuz, e5m2, e5m2fnuz; last
            dimension contiguous, other strides free. Quantised other parts of the queries; given exactly if
            q_nope is.
        k_nope_out: written; optional (None), [T, Hk, N] or [T, N], dtype e4m3fn, e4m3fnuz, e5m2, e5m2fnuz;
            last dimension contiguous, other strides free. Of the keys; given exactly if k_nope is.
        q_rope: [T, Hq, R], dtype f32, f16, bf16; last dimension contiguous, other strides free. Rotary parts
            of the queries.
        k_rope: [T, Hk, R] or [T, R], dtype f32, f16, bf16; last dimension contiguous, other strides free.
            Rotary parts of the keys.
        q_nope: optional (None), [T, Hq, N], dtype f32, f16, bf16; last dimension contiguous, other strides
            free. Parts of the queries that are not rotated.
        k_nope: optional (None), [T, Hk, N] or [T, N], dtype f32, f16, bf16; last dimension contiguous, other
            strides free. Parts of the keys that are not rotated.
        cos_sin: [P, R], dtype f32; last dimension contiguous, other strides free. What rope_cos_sin_cache
            writes: cosines, then sines, of each position.
        positions: [T], dtype i32, i64; last dimension contiguous, other strides free. Row of cos_sin for each
            token. A token whose position is negative or not below P becomes NaN in its rotary parts, so that
            the fault shows.
        interleaved: 0: pairs are half a rotary dimension apart (half-split; GPT-NeoX, Llama in Hugging Face's
            layout). 1: pairs are neighbours (GPT-J, Llama as released, FLUX).
        quant_scale_q: any value. What queries are multiplied by before they are rounded: the reciprocal of
            their scale.
        quant_scale_kv: any value. What keys are multiplied by before they are rounded: the reciprocal of
            their scale.
        stream: where the work is enqueued; None: torch's current stream for torch's GPU tensors, else the
            default stream.
        context: None: that of the tensors.

    Aliasing: none: no output may overlap another argument. Parts of one head, as [.., N + R], are views with
    strides.
    Numerics: fp32, one rounding, to nearest even: within one unit in the last place of the rounded result.
    Beyond the largest finite value, infinities too, becomes that value; a NaN stays NaN. Bitwise
    reproducible, and a token's result does not depend on the other tokens. Least possible traffic a token:
    (Hq + Hk) * (R + N) elements of data and as many bytes, R fp32 of cos_sin for each position in use, and
    the position.
    Errors of its own: INVALID_SHAPE when R is odd, or Hq, Hk or R + N is more than 2^26; NULL_POINTER when
    only one of q_nope and q_nope_out, or of k_nope and k_nope_out, is given.
    Source: Su et al. 2021, arXiv:2104.09864; meaning of flashinfer.rope.rope_quantize_fp8 and
    mla_rope_quantize_fp8.
    """
    _rope_quantize_fp8((q_rope_out, k_rope_out, q_nope_out, k_nope_out, q_rope, k_rope, q_nope, k_nope,
                       cos_sin, positions, interleaved, quant_scale_q, quant_scale_kv), None, stream, context)


_rope_theta = Operation("rope_theta", ("q_out", "k_out", "q", "k", "positions", "indptr", "offsets",
                        "interleaved", "theta"), tensors=(0, 1, 2, 3, 4, 5, 6), written=(0, 1),
                        options=_abi.RopeThetaOptions)


def rope_theta(q_out: TensorLike, k_out: Optional[TensorLike], q: TensorLike, k: Optional[TensorLike] = None,
               positions: Optional[TensorLike] = None, indptr: Optional[TensorLike] = None,
               offsets: Optional[TensorLike] = None, interleaved: bool = False, theta: float = 10000.0, *,
               rotary_dim: int = 0, scaling: Union[RopeScaling, str, int] = 0, factor: float = 0.0,
               low_freq_factor: float = 0.0, high_freq_factor: float = 0.0, original_context: int = 0,
               beta_fast: float = 0.0, beta_slow: float = 0.0, attention_factor: float = 0.0,
               stream: StreamLike = None, context: Optional[Context] = None) -> None:
    """Rotary position embedding of queries and, in the same launch, keys, without a cache of angles: from
    positions, or from the requests of a ragged batch.

        as rope, with cos[i] and sin[i] those of rope_cos_sin_cache: m cos(position * f[i]), m sin(position *
            f[i]), f[i] = theta^(-2i/R), scaled as options.scaling says; position = positions[t], or
            offsets[b] + t - indptr[b] for a token t of request b, indptr[b] <= t < indptr[b+1]

    where T is tokens; 0 is allowed; Hq is query heads; Hk is key heads; any number, for grouped queries; D is
    head dimension; B is requests of a ragged batch; 0 is allowed.

    Args:
        q_out: written; [T, Hq, D], dtype f32, f16, bf16; last dimension contiguous, other strides free.
            Rotated queries.
        k_out: written; optional (None), [T, Hk, D], dtype f32, f16, bf16; last dimension contiguous, other
            strides free. Rotated keys; given exactly if k is.
        q: [T, Hq, D], dtype f32, f16, bf16; last dimension contiguous, other strides free. Queries; with k,
            views of one fused qkv buffer will do.
        k: optional (None), [T, Hk, D], dtype f32, f16, bf16; last dimension contiguous, other strides free.
            Keys.
        positions: optional (None), [T], dtype i32, i64; last dimension contiguous, other strides free.
            Position of each token, 0 to 2^40 - 1; a token with any other becomes NaN in all its heads, so
            that the fault shows. Given exactly if indptr is not.
        indptr: optional (None), [B+1], dtype i32, i64; last dimension contiguous, other strides free. Where
            each request begins among the tokens, in order. A token of no request becomes NaN. Not in order, a
            token may be taken for any request's, the same on every device.
        offsets: optional (None), [B], dtype i32, i64; last dimension contiguous, other strides free. Position
            of each request's first token; given exactly if indptr is.
        interleaved: 0: pairs are half a rotary dimension apart (half-split; GPT-NeoX, Llama in Hugging Face's
            layout). 1: pairs are neighbours (GPT-J, Llama as released, FLUX).
        theta: from 1 to 3.4e+38. Base of the frequencies.
        rotary_dim: from 0. R, the rotary dimension: even, at most D and 512; elements of a head from R on are
            copied. 0 is D.
        scaling: a RopeScaling, its name in lower case or its number. How frequencies are scaled for contexts
            longer than those of training.
        factor: from 0 to 3.4e+38. What scaled frequencies are divided by; 0 is 1, and 8 for llama31.
        low_freq_factor: from 0 to 3.4e+38. llama31: wavelengths above original_context / low_freq_factor are
            scaled in full; 0 is 1.
        high_freq_factor: from 0 to 3.4e+38. llama31: wavelengths below original_context / high_freq_factor
            are not scaled, those between are blended; 0 is 4.
        original_context: from 0. llama31, yarn: length of the training context, in tokens; 0 is 8192, and
            4096 for yarn.
        beta_fast: from 0 to 3.4e+38. yarn: frequencies of more turns than this in the training context are
            not scaled; 0 is 32.
        beta_slow: from 0 to 3.4e+38. yarn: frequencies of fewer turns than this in the training context are
            scaled in full, those between are blended; 0 is 1.
        attention_factor: from 0 to 3.4e+38. yarn: multiplies cosine and sine; 0 is 0.1 ln(factor) + 1, and 1
            where factor is at most 1.
        stream: where the work is enqueued; None: torch's current stream for torch's GPU tensors, else the
            default stream.
        context: None: that of the tensors.

    Aliasing: q_out may be q and k_out may be k, with the same strides; q_out and k_out may not overlap.
    Numerics: Frequencies and angles in double; cosine and sine are rounded to fp32, then the rotation is fp32
    with one rounding to the output's dtype. The angle's error is below 1e-15 of it times log2(theta):
    FlashInfer forms frequencies in fp32 and differs by up to 6e-8 of the angle, which is visible from
    positions of some thousands on. Bitwise reproducible, and a token's result does not depend on the other
    tokens. Least possible traffic: 2 * (Hq + Hk) * D elements a token (2 * (Hq + Hk) * R in place), and the
    position.
    Errors of its own: INVALID_SHAPE when R is 0, odd, more than D or more than 512, or Hq, Hk or D is more
    than 2^26; NULL_POINTER when only one of k and k_out is given, or only one of indptr and offsets, or
    neither positions nor indptr; INVALID_ARGUMENT when high_freq_factor is not more than low_freq_factor with
    llama31, or beta_fast not more than beta_slow or theta 1 with yarn, or both positions and indptr are
    given.
    Source: Su et al. 2021, arXiv:2104.09864; meaning of flashinfer.rope.apply_rope, apply_rope_pos_ids,
    apply_llama31_rope and apply_llama31_rope_pos_ids (rope_scale is options.factor).
    """
    _rope_theta((q_out, k_out, q, k, positions, indptr, offsets, interleaved, theta), (rotary_dim,
                enum_value(RopeScaling, 'scaling', scaling), factor, low_freq_factor, high_freq_factor,
                original_context, beta_fast, beta_slow, attention_factor), stream, context)


_sampling_from_logits = Operation("sampling_from_logits", ("output", "valid", "logits", "indices",
                                  "temperatures", "philox", "temperature", "seed", "offset"),
                                  tensors=(0, 1, 2, 3, 4, 5), written=(0, 1))


def sampling_from_logits(output: TensorLike, valid: Optional[TensorLike], logits: TensorLike,
                         indices: Optional[TensorLike] = None, temperatures: Optional[TensorLike] = None,
                         philox: Optional[TensorLike] = None, temperature: float = 1.0, seed: int = 0,
                         offset: int = 0, *, stream: StreamLike = None,
                         context: Optional[Context] = None) -> None:
    """Samples one token a row from temperature-scaled logits.

        w[i] = exp((logits[i] - max) / temperature); output[t] = the first i, in index order, at which the sum
            of w up to and including i exceeds u * sum of w

    where T is outputs; 0 is allowed; V is vocabulary size, from 1 to 2^31 - 1; R is rows.

    Args:
        output: written; [T], dtype i32; last dimension contiguous, other strides free. The sampled index of
            each row, always in [0, V).
        valid: written; optional (None), [T], dtype bool; last dimension contiguous, other strides free.
            Whether the row could be sampled: false, with output 0, where every logit is NaN or -inf, its
            temperature is negative or NaN, or its index is out of range.
        logits: [R, V], dtype f32, f16, bf16; last dimension contiguous, other strides free. Unscaled logits.
            NaN and -inf are never sampled; +inf takes all the probability, shared equally among the +inf of
            the row.
        indices: optional (None), [T], dtype i32, i64; last dimension contiguous, other strides free. For each
            output the row that it is sampled from; without it row t is output t's.
        temperatures: optional (None), [T], dtype f32; last dimension contiguous, other strides free. A
            temperature for each output, in place of temperature.
        philox: optional (None), [2] or [T, 2], dtype i64; last dimension contiguous, other strides free. Seed
            and offset in device memory, for all outputs or for each, in place of the arguments: a captured
            graph replays with what they hold then.
        temperature: from 0 to 3.4e+38. Divides the logits; 0 is greedy: the lowest index of the largest
            logit.
        seed: any value. Key of the random generator.
        offset: any value. Counter of the random generator: one call uses one value for all its outputs, so
            add 1 a call.
        stream: where the work is enqueued; None: torch's current stream for torch's GPU tensors, else the
            default stream.
        context: None: that of the tensors.

    Aliasing: none: the outputs may not overlap each other or an input.
    Numerics: Weights are computed in fp32 and cut to a multiple of a fixed-point step, 2^-44 of the largest
    for V from 131072 to 262143 and never more than 2^-31 of it; what is smaller than the step counts as 0.
    Sums over a whole row add the weights of 16 bytes of it in fp32 first. Sums are of integers and exact:
    results are bitwise reproducible, and a row's result does not depend on the other rows. u = Philox4x32-10
    with key = seed and counter = (offset, t), its first 64 bits over 2^64.
    Errors of its own: INVALID_SHAPE when V is 0 or more than 2^31 - 1, or indices is left out, and R is not
    T.
    Source: Meaning of flashinfer.sampling.sampling_from_logits; Philox: Salmon et al. 2011, SC '11.
    """
    _sampling_from_logits((output, valid, logits, indices, temperatures, philox, temperature, seed, offset),
                          None, stream, context)


_sampling_from_probs = Operation("sampling_from_probs", ("output", "valid", "probs", "indices", "philox",
                                 "seed", "offset"), tensors=(0, 1, 2, 3, 4), written=(0, 1))


def sampling_from_probs(output: TensorLike, valid: Optional[TensorLike], probs: TensorLike,
                        indices: Optional[TensorLike] = None, philox: Optional[TensorLike] = None,
                        seed: int = 0, offset: int = 0, *, stream: StreamLike = None,
                        context: Optional[Context] = None) -> None:
    """Samples one token a row from probabilities.

        S = all tokens; output[t] = the first i, in index order, at which the sum of p over S up to and
            including i exceeds u * sum of S, p the row of probs

    where T is outputs; 0 is allowed; V is vocabulary size, from 1 to 2^31 - 1; R is rows.

    Args:
        output: written; [T], dtype i32; last dimension contiguous, other strides free. The sampled index of
            each row, always in [0, V).
        valid: written; optional (None), [T], dtype bool; last dimension contiguous, other strides free.
            Whether the row could be sampled: false, with output 0, where no probability is above 0, a setting
            of the row is NaN, or its index is out of range.
        probs: [R, V], dtype f32, f16, bf16; last dimension contiguous, other strides free. Rows of
            probabilities.
        indices: optional (None), [T], dtype i32, i64; last dimension contiguous, other strides free. For each
            output the row that it is sampled from; without it row t is output t's.
        philox: optional (None), [2] or [T, 2], dtype i64; last dimension contiguous, other strides free. Seed
            and offset in device memory, for all outputs or for each, in place of the arguments: a captured
            graph replays with what they hold then.
        seed: any value. Key of the random generator.
        offset: any value. Counter of the random generator: one call uses one value for all its outputs, so
            add 1 a call.
        stream: where the work is enqueued; None: torch's current stream for torch's GPU tensors, else the
            default stream.
        context: None: that of the tensors.

    Aliasing: none: the outputs may not overlap each other or an input.
    Numerics: A probability is taken as it is, from 2^-126; what is smaller, negative or NaN counts as 0, and
    a row need not sum to 1. +inf takes all the probability, shared equally among the +inf of the row. Weights
    are computed in fp32 and cut to a multiple of a fixed-point step, 2^-44 of the largest for V from 131072
    to 262143 and never more than 2^-31 of it; what is smaller than the step counts as 0. Sums over a whole
    row add the weights of 16 bytes of it in fp32 first. Sums are of integers and exact: results are bitwise
    reproducible, and a row's result does not depend on the other rows. u = Philox4x32-10 with key = seed and
    counter = (offset, t), its first 64 bits over 2^64.
    Errors of its own: INVALID_SHAPE when V is 0 or more than 2^31 - 1, or indices is left out, and R is not
    T.
    Source: Meaning of flashinfer.sampling.sampling_from_probs; Philox: Salmon et al. 2011, SC '11.
    """
    _sampling_from_probs((output, valid, probs, indices, philox, seed, offset), None, stream, context)


_scale = Operation("scale", ("output", "input", "factor"), tensors=(0, 1), written=(0,))


def scale(output: TensorLike, input: TensorLike, factor: float, *, stream: StreamLike = None,
          context: Optional[Context] = None) -> None:
    """Multiplies a tensor of any shape by a number.

        output = input * factor

    Args:
        output: written; any shape, the same for all, dtype f32, f16, bf16; any strides. The products; no two
            of them share memory.
        input: any shape, the same for all, dtype f32, f16, bf16; any strides. The elements to multiply; a
            stride of 0 repeats one.
        factor: any value. What every element is multiplied by; infinities and NaN are allowed.
        stream: where the work is enqueued; None: torch's current stream for torch's GPU tensors, else the
            default stream.
        context: None: that of the tensors.

    Aliasing: output may be input, with the same strides.
    Numerics: The product is formed in fp32 and rounded to nearest even to the output's dtype: one rounding
    for f32, two (to fp32, then to the dtype) for f16 and bf16. NaN and infinities as IEEE 754 has them.
    Source: The score and residual scaling of transformer pipelines; meaning of torch.mul(input, factor).
    """
    _scale((output, input, factor), None, stream, context)


_silu_and_mul = Operation("silu_and_mul", ("output", "input"), tensors=(0, 1), written=(0,))


def silu_and_mul(output: TensorLike, input: TensorLike, *, stream: StreamLike = None,
                 context: Optional[Context] = None) -> None:
    """SwiGLU on a packed projection: silu of the first half of each row times the second half.

        output[t,i] = silu(input[t,i]) * input[t,N+i], silu(x) = x / (1 + exp(-x))

    where T is tokens; 0 is allowed; N is length of an output row; 0 is allowed.

    Args:
        output: written; [T, N], dtype f32, f16, bf16; last dimension contiguous, other strides free. The
            gated rows.
        input: [T, 2*N], dtype f32, f16, bf16; last dimension contiguous, other strides free. Each row: N gate
            values, then the N values that they gate.
        stream: where the work is enqueued; None: torch's current stream for torch's GPU tensors, else the
            default stream.
        context: None: that of the tensors.

    Aliasing: output may not overlap input.
    Numerics: fp32, one rounding to the dtype. silu is within 6e-6 relative down to x = -87; from there, where
    exp(-x) nears fp32's largest numbers, it becomes -0, at the latest below -88.8. A silu of 0 times an
    infinity is NaN, and so is silu(-infinity), as the formula has it.
    Source: Shazeer 2020, arXiv:2002.05202; meaning of flashinfer.activation.silu_and_mul.
    """
    _silu_and_mul((output, input), None, stream, context)


_silu_and_mul_dynamic_quant = Operation("silu_and_mul_dynamic_quant", ("output", "scales", "input"),
                                        tensors=(0, 1, 2), written=(0, 1))


def silu_and_mul_dynamic_quant(output: TensorLike, scales: TensorLike, input: TensorLike, *,
                               stream: StreamLike = None, context: Optional[Context] = None) -> None:
    """SwiGLU on a packed projection: silu of the first half of each row times the second half, quantised with a
    scale for each row.

        v = silu(input[t,i]) * input[t,N+i]; scales[t] = max|v[t]| / largest; output[t,i] = round(v /
            scales[t]); silu(x) = x / (1 + exp(-x))

    where T is tokens; 0 is allowed; N is length of an output row; 0 is allowed.

    Args:
        output: written; [T, N], dtype e4m3fn, e4m3fnuz, e5m2, e5m2fnuz, i8; last dimension contiguous, other
            strides free. The gated rows, quantised.
        scales: written; [T], dtype f32; last dimension contiguous, other strides free. What a unit of each
            row stands for.
        input: [T, 2*N], dtype f32, f16, bf16; last dimension contiguous, other strides free. Each row: N gate
            values, then the N values that they gate.
        stream: where the work is enqueued; None: torch's current stream for torch's GPU tensors, else the
            default stream.
        context: None: that of the tensors.

    Aliasing: output and scales may not overlap input or each other.
    Numerics: The scale is the largest magnitude of the row / the largest finite value of the output's dtype
    (127 of i8), 2^-126 at least; a NaN has no part in it and becomes NaN (0 in i8), an infinity makes the
    scale infinite. On a GPU values are multiplied by 1 / scale: within one unit in the last place of the
    quotient rounded to nearest even. Bitwise reproducible, and a row's result does not depend on the other
    rows. silu is within 6e-6 relative down to x = -87; from there, where exp(-x) nears fp32's largest
    numbers, it becomes -0, at the latest below -88.8. A silu of 0 times an infinity is NaN, and so is
    silu(-infinity), as the formula has it.
    Source: Shazeer 2020, arXiv:2002.05202; meaning of flashinfer.activation.silu_and_mul, quantised as by
    quantize_per_token.
    """
    _silu_and_mul_dynamic_quant((output, scales, input), None, stream, context)


_silu_and_mul_quant = Operation("silu_and_mul_quant", ("output", "input", "scale"), tensors=(0, 1, 2),
                                written=(0,))


def silu_and_mul_quant(output: TensorLike, input: TensorLike, scale: TensorLike, *, stream: StreamLike = None,
                       context: Optional[Context] = None) -> None:
    """SwiGLU on a packed projection: silu of the first half of each row times the second half, quantised with
    one scale.

        output[t,i] = saturate(round(silu(input[t,i]) * input[t,N+i] / scale)), silu(x) = x / (1 + exp(-x))

    where T is tokens; 0 is allowed; N is length of an output row; 0 is allowed.

    Args:
        output: written; [T, N], dtype e4m3fn, e4m3fnuz, e5m2, e5m2fnuz, i8; last dimension contiguous, other
            strides free. The gated rows, quantised.
        input: [T, 2*N], dtype f32, f16, bf16; last dimension contiguous, other strides free. Each row: N gate
            values, then the N values that they gate.
        scale: any shape of one element, dtype f32; last dimension contiguous, other strides free. What a unit
            of the output stands for, in device memory.
        stream: where the work is enqueued; None: torch's current stream for torch's GPU tensors, else the
            default stream.
        context: None: that of the tensors.

    Aliasing: output may not overlap input.
    Numerics: On a GPU the value times 1 / scale, both in fp32: within one unit in the last place of the
    quotient rounded to nearest even; saturated at the largest finite value of the output's dtype. A NaN
    becomes NaN, and 0 in i8. silu is within 6e-6 relative down to x = -87; from there, where exp(-x) nears
    fp32's largest numbers, it becomes -0, at the latest below -88.8. A silu of 0 times an infinity is NaN,
    and so is silu(-infinity), as the formula has it.
    Source: Shazeer 2020, arXiv:2002.05202; meaning of flashinfer.activation.silu_and_mul, quantised as by
    quantize_per_tensor.
    """
    _silu_and_mul_quant((output, input, scale), None, stream, context)


_softmax = Operation("softmax", ("output", "input", "temperature", "temperatures"), tensors=(0, 1, 3),
                     written=(0,))


def softmax(output: TensorLike, input: TensorLike, temperature: float = 1.0,
            temperatures: Optional[TensorLike] = None, *, stream: StreamLike = None,
            context: Optional[Context] = None) -> None:
    """Probabilities of each row of logits, at a temperature.

        output[t,i] = exp((input[t,i] - max) / temperature) / sum over j of exp((input[t,j] - max) /
            temperature), max over the row

    where T is rows (tokens); 0 is allowed; V is row length (vocabulary); 0 is allowed.

    Args:
        output: written; [T, V], dtype that of data, or f32; last dimension contiguous, other strides free.
            Probabilities.
        input: [T, V], dtype f32, f16, bf16; last dimension contiguous, other strides free. Logits.
        temperature: from 0 to 3.4e+38. Divides the logits; 0 puts all weight on the maximum. No unit.
        temperatures: optional (None), [T], dtype f32; last dimension contiguous, other strides free. A
            temperature for each row, in place of temperature; a row whose entry is negative, infinite or NaN
            becomes NaN.
        stream: where the work is enqueued; None: torch's current stream for torch's GPU tensors, else the
            default stream.
        context: None: that of the tensors.

    Aliasing: output may be input, with the same dtype and strides.
    Numerics: fp32 in a fixed order, one rounding to the output's dtype. A row with a NaN is NaN; a row of
    -infinity alone is zeros; a row with +infinity is NaN, as the formula has it. At temperature 0: 1 at the
    lowest index of the maximum (+infinity included), else 0. Bitwise reproducible, and a row's result does
    not depend on the other rows.
    Errors of its own: ALIASING when output is the same memory as input and their dtypes differ.
    Source: Online maximum and sum of Milakov and Gimelshein 2018, arXiv:1805.02867; meaning of
    flashinfer.sampling.softmax.
    """
    _softmax((output, input, temperature, temperatures), None, stream, context)


_swiglu = Operation("swiglu", ("output", "gate", "up"), tensors=(0, 1, 2), written=(0,))


def swiglu(output: TensorLike, gate: TensorLike, up: TensorLike, *, stream: StreamLike = None,
           context: Optional[Context] = None) -> None:
    """SwiGLU of two tensors: silu of gate times up.

        output[t,i] = silu(gate[t,i]) * up[t,i], silu(x) = x / (1 + exp(-x))

    where T is tokens; 0 is allowed; N is length of an output row; 0 is allowed.

    Args:
        output: written; [T, N], dtype f32, f16, bf16; last dimension contiguous, other strides free. The
            gated rows.
        gate: [T, N], dtype f32, f16, bf16; last dimension contiguous, other strides free. Gate values.
        up: [T, N], dtype f32, f16, bf16; last dimension contiguous, other strides free. What they gate.
        stream: where the work is enqueued; None: torch's current stream for torch's GPU tensors, else the
            default stream.
        context: None: that of the tensors.

    Aliasing: output may be gate or up, with the same strides.
    Numerics: fp32, one rounding to the dtype. silu is within 6e-6 relative down to x = -87; from there, where
    exp(-x) nears fp32's largest numbers, it becomes -0, at the latest below -88.8. A silu of 0 times an
    infinity is NaN, and so is silu(-infinity), as the formula has it.
    Source: Shazeer 2020, arXiv:2002.05202; silu_and_mul for a gate and an up projection of their own.
    """
    _swiglu((output, gate, up), None, stream, context)


_token_logprobs = Operation("token_logprobs", ("logprobs", "ranks", "top_logprobs", "top_indices", "logits",
                            "tokens", "temperatures", "temperature"), tensors=(0, 1, 2, 3, 4, 5, 6),
                            written=(0, 1, 2, 3))


def token_logprobs(logprobs: TensorLike, ranks: Optional[TensorLike], top_logprobs: Optional[TensorLike],
                   top_indices: Optional[TensorLike], logits: TensorLike, tokens: TensorLike,
                   temperatures: Optional[TensorLike] = None, temperature: float = 1.0, *,
                   stream: StreamLike = None, context: Optional[Context] = None) -> None:
    """Log-probability and rank of one token a row, and the log-probabilities of the likeliest tokens.

        l[t,i] = (logits[t,i] - max) / temperature - ln(sum over j of exp((logits[t,j] - max) / temperature));
            logprobs[t] = l[t,tokens[t]]; ranks[t] = how many logits[t,i] > logits[t,tokens[t]];
            top_indices[t] = the N largest of logits[t], top_logprobs[t,j] = l[t,top_indices[t,j]]

    where T is rows (tokens); 0 is allowed; V is vocabulary size, from 1 to 2^31 - 1; N is likeliest tokens to
    give; 0 is allowed.

    Args:
        logprobs: written; [T], dtype f32; last dimension contiguous, other strides free. Log-probabilities
            (natural) of the tokens.
        ranks: written; optional (None), [T], dtype i32; last dimension contiguous, other strides free. How
            many logits of the row are larger than the token's: 0 for the likeliest.
        top_logprobs: written; optional (None), [T, N], dtype f32; last dimension contiguous, other strides
            free. Log-probabilities of the likeliest tokens.
        top_indices: written; optional (None), [T, N], dtype i32; last dimension contiguous, other strides
            free. The likeliest tokens, largest logit first.
        logits: [T, V], dtype f32, f16, bf16; last dimension contiguous, other strides free. Unscaled logits.
        tokens: [T], dtype i32, i64; last dimension contiguous, other strides free. A token of each row.
        temperatures: optional (None), [T], dtype f32; last dimension contiguous, other strides free. A
            temperature for each row, in place of temperature; a row whose entry is negative, infinite or NaN
            has log-probabilities that are NaN.
        temperature: from 0 to 3.4e+38. Divides the logits; 0 puts all weight on the maximum. No unit.
        stream: where the work is enqueued; None: torch's current stream for torch's GPU tensors, else the
            default stream.
        context: None: that of the tensors.

    Aliasing: none: the outputs may not overlap each other or an input.
    Numerics: fp32 in a fixed order; the logarithm is of a sum that is 1 or more, and off by up to some 2^-22
    + V * 2^-35. Ranks and indices are exact. NaN counts as -inf. A logit of -inf gives -inf; +inf takes all
    the probability, shared equally among the +inf of the row. At temperature 0: 0 at the lowest index of the
    maximum, else -inf. Largest first, of equal logits the lowest index first; NaN come after all numbers, by
    index. A token that is no index of the row gives NaN and rank -1. Bitwise reproducible, and a row's result
    does not depend on the other rows.
    Errors of its own: INVALID_SHAPE when V is 0 or more than 2^31 - 1, or N is more than V; UNSUPPORTED when
    N is more than 3072.
    Source: The logarithm of softmax; what OpenAI's completions interface returns as logprobs and
    top_logprobs.
    """
    _token_logprobs((logprobs, ranks, top_logprobs, top_indices, logits, tokens, temperatures, temperature),
                    None, stream, context)


_top_k = Operation("top_k", ("values", "indices", "input", "sorted"), tensors=(0, 1, 2), written=(0, 1))


def top_k(values: TensorLike, indices: TensorLike, input: TensorLike, sorted: bool = False, *,
          stream: StreamLike = None, context: Optional[Context] = None) -> None:
    """The k largest elements of each row and their indices.

        S = the K largest of input[t], NaN last, of equal elements the lowest indices; indices[t] = S,
            values[t,j] = input[t,indices[t,j]]

    where T is rows (tokens); 0 is allowed; V is row length, from 1 to 2^31 - 1; K is elements of each row to
    find; 0 is allowed.

    Args:
        values: written; [T, K], dtype f32, f16, bf16; last dimension contiguous, other strides free. The
            largest elements.
        indices: written; [T, K], dtype i32, i64; last dimension contiguous, other strides free. Where they
            are.
        input: [T, V], dtype f32, f16, bf16; last dimension contiguous, other strides free. The rows to
            search.
        sorted: Whether the largest comes first; false: in the order of the row.
        stream: where the work is enqueued; None: torch's current stream for torch's GPU tensors, else the
            default stream.
        context: None: that of the tensors.

    Aliasing: none: the outputs may not overlap each other or the input.
    Numerics: Exact. -inf is a number like others; +0 and -0 are equal. sorted: largest first, of equal
    elements the lowest index first; else by index. NaN come after all numbers, by index.
    Errors of its own: INVALID_SHAPE when V is 0 or more than 2^31 - 1, or K is more than V; UNSUPPORTED when
    sorted, and K is more than 3072.
    Source: Meaning of torch.topk, save that there NaN is the largest, and of flashinfer.topk.top_k.
    """
    _top_k((values, indices, input, sorted), None, stream, context)


_top_k_mask_logits = Operation("top_k_mask_logits", ("output", "logits", "top_ks", "top_k"),
                               tensors=(0, 1, 2), written=(0,))


def top_k_mask_logits(output: TensorLike, logits: TensorLike, top_ks: Optional[TensorLike] = None,
                      top_k: int = 0, *, stream: StreamLike = None,
                      context: Optional[Context] = None) -> None:
    """Keeps the largest logits of each row and puts -infinity in place of the others.

        K = the top_k largest logits; output[t,i] = logits[t,i] for i in K, else -inf

    where T is rows (tokens); 0 is allowed; V is row length (vocabulary), from 1 to 2^31 - 1.

    Args:
        output: written; [T, V], dtype f32, f16, bf16; last dimension contiguous, other strides free. The
            masked logits.
        logits: [T, V], dtype f32, f16, bf16; last dimension contiguous, other strides free. Rows of logits.
        top_ks: optional (None), [T], dtype i32; last dimension contiguous, other strides free. A top_k for
            each row, in place of top_k; 0 or less keeps all.
        top_k: from 0. How many of the most likely tokens stay; 0 keeps all.
        stream: where the work is enqueued; None: torch's current stream for torch's GPU tensors, else the
            default stream.
        context: None: that of the tensors.

    Aliasing: output may be logits, with the same strides.
    Numerics: Exact. NaN becomes -inf, whatever top_k is. Of equal elements at a threshold the lowest indices
    are kept. So exactly top_k are kept.
    Errors of its own: INVALID_SHAPE when V is 0 or more than 2^31 - 1.
    Source: Meaning of flashinfer.sampling.top_k_mask_logits, save that it keeps all that equal the last.
    """
    _top_k_mask_logits((output, logits, top_ks, top_k), None, stream, context)


_top_k_page_table_transform = Operation("top_k_page_table_transform", ("output", "raw_indices", "scores",
                                        "page_table", "lengths", "row_to_batch", "row_starts",
                                        "page_table_starts", "page_size"), tensors=(0, 1, 2, 3, 4, 5, 6, 7),
                                        written=(0, 1))


def top_k_page_table_transform(output: TensorLike, raw_indices: Optional[TensorLike], scores: TensorLike,
                               page_table: TensorLike, lengths: TensorLike,
                               row_to_batch: Optional[TensorLike] = None,
                               row_starts: Optional[TensorLike] = None,
                               page_table_starts: Optional[TensorLike] = None, page_size: int = 1, *,
                               stream: StreamLike = None, context: Optional[Context] = None) -> None:
    """The k largest scores of a window of each row, as slots of a paged cache: the second stage of sparse
    attention.

        w = scores[t,s .. s + lengths[t] - 1], s = row_starts[t] or 0; S = the min(K, lengths[t]) largest of
            w, NaN last, of equal elements the lowest indices; output[t,j] = page_table[b,c + S[j] /
            page_size] * page_size + S[j] % page_size, b = row_to_batch[t] or t, c = page_table_starts[t] or
            s, and -1 behind the last

    where T is rows (tokens); 0 is allowed; V is row length, from 1 to 2^31 - 1; K is elements of each row to
    find; 0 is allowed, and so are more than V; B is page tables; M is entries of a page table.

    Args:
        output: written; [T, K], dtype i32; last dimension contiguous, other strides free. Slots of the cache:
            a page's number times page_size, and the place in the page.
        raw_indices: written; optional (None), [T, K], dtype i32; last dimension contiguous, other strides
            free. Where they are in the window, in the same places; -1 behind the last.
        scores: [T, V], dtype f32, f16, bf16; last dimension contiguous, other strides free. A score for each
            key, in rows of which a window counts.
        page_table: [B, M], dtype i32; last dimension contiguous, other strides free. Page numbers of each
            request. What is not looked up may hold anything.
        lengths: [T], dtype i32; last dimension contiguous, other strides free. Elements of each row's window.
        row_to_batch: optional (None), [T], dtype i32; last dimension contiguous, other strides free. The page
            table of each row; without it row t has page table t.
        row_starts: optional (None), [T], dtype i32; last dimension contiguous, other strides free. Where each
            row's window begins; without it at 0.
        page_table_starts: optional (None), [T], dtype i32; last dimension contiguous, other strides free. The
            entry at which each row's pages begin; without it that of row_starts, if page_size is 1.
        page_size: from 1 to 1.07374e+09. Scores that an entry of the page table stands for.
        stream: where the work is enqueued; None: torch's current stream for torch's GPU tensors, else the
            default stream.
        context: None: that of the tensors.

    Aliasing: none: the outputs may not overlap each other or an input.
    Numerics: Exact. A window is cut to what there is of the row. One of K elements or fewer is taken whole,
    in its order, and its scores are not read. S is in the order of the row; where it is not all of the
    window, NaN come after all numbers. An index that the page table has no entry for, or a negative one,
    gives -1, and so does a slot that is no i32.
    Errors of its own: INVALID_SHAPE when V is 0 or more than 2^31 - 1, or row_to_batch is left out and B is
    less than T; INVALID_ARGUMENT when row_starts is given, page_table_starts is not, and page_size is not 1.
    Source: Meaning of flashinfer.topk.top_k_page_table_transform, save that any page_size will do.
    """
    _top_k_page_table_transform((output, raw_indices, scores, page_table, lengths, row_to_batch, row_starts,
                                page_table_starts, page_size), None, stream, context)


_top_k_ragged_transform = Operation("top_k_ragged_transform", ("output", "scores", "offsets", "lengths",
                                    "row_starts"), tensors=(0, 1, 2, 3, 4), written=(0,))


def top_k_ragged_transform(output: TensorLike, scores: TensorLike, offsets: TensorLike, lengths: TensorLike,
                           row_starts: Optional[TensorLike] = None, *, stream: StreamLike = None,
                           context: Optional[Context] = None) -> None:
    """The k largest scores of a window of each row, as places in a ragged tensor of keys: the second stage of
    sparse attention.

        w = scores[t,s .. s + lengths[t] - 1], s = row_starts[t] or 0; S = the min(K, lengths[t]) largest of
            w, NaN last, of equal elements the lowest indices; output[t,j] = offsets[t] + S[j], and -1 behind
            the last

    where T is rows (tokens); 0 is allowed; V is row length, from 1 to 2^31 - 1; K is elements of each row to
    find; 0 is allowed, and so are more than V.

    Args:
        output: written; [T, K], dtype i32; last dimension contiguous, other strides free. Places of keys.
        scores: [T, V], dtype f32, f16, bf16; last dimension contiguous, other strides free. A score for each
            key, in rows of which a window counts.
        offsets: [T], dtype i32; last dimension contiguous, other strides free. What is added to each row's
            indices.
        lengths: [T], dtype i32; last dimension contiguous, other strides free. Elements of each row's window.
        row_starts: optional (None), [T], dtype i32; last dimension contiguous, other strides free. Where each
            row's window begins; without it at 0.
        stream: where the work is enqueued; None: torch's current stream for torch's GPU tensors, else the
            default stream.
        context: None: that of the tensors.

    Aliasing: none: output may not overlap an input.
    Numerics: Exact. A window is cut to what there is of the row. One of K elements or fewer is taken whole,
    in its order, and its scores are not read. S is in the order of the row; where it is not all of the
    window, NaN come after all numbers. A sum that is no i32 wraps.
    Errors of its own: INVALID_SHAPE when V is 0 or more than 2^31 - 1.
    Source: Meaning of flashinfer.topk.top_k_ragged_transform.
    """
    _top_k_ragged_transform((output, scores, offsets, lengths, row_starts), None, stream, context)


_top_k_renorm_probs = Operation("top_k_renorm_probs", ("output", "probs", "top_ks", "top_k"),
                                tensors=(0, 1, 2), written=(0,))


def top_k_renorm_probs(output: TensorLike, probs: TensorLike, top_ks: Optional[TensorLike] = None,
                       top_k: int = 0, *, stream: StreamLike = None,
                       context: Optional[Context] = None) -> None:
    """Keeps the largest probabilities of each row and divides them by their sum.

        K = the top_k largest p; output[t,i] = p[i] / sum of K for i in K, else 0, p the row of probs

    where T is rows (tokens); 0 is allowed; V is row length (vocabulary), from 1 to 2^31 - 1.

    Args:
        output: written; [T, V], dtype f32, f16, bf16; last dimension contiguous, other strides free.
            Probabilities of what is kept.
        probs: [T, V], dtype f32, f16, bf16; last dimension contiguous, other strides free. Rows of
            probabilities.
        top_ks: optional (None), [T], dtype i32; last dimension contiguous, other strides free. A top_k for
            each row, in place of top_k; 0 or less keeps all.
        top_k: from 0. How many of the most likely tokens stay; 0 keeps all.
        stream: where the work is enqueued; None: torch's current stream for torch's GPU tensors, else the
            default stream.
        context: None: that of the tensors.

    Aliasing: output may be probs, with the same strides.
    Numerics: A probability is taken as it is, from 2^-126; what is smaller, negative or NaN counts as 0, and
    a row need not sum to 1. +inf takes all the probability, shared equally among the +inf of the row. A row
    without a probability above 0 becomes zeros. Weights are computed in fp32 and cut to a multiple of a
    fixed-point step, 2^-44 of the largest for V from 131072 to 262143 and never more than 2^-31 of it; what
    is smaller than the step counts as 0. Sums over a whole row add the weights of 16 bytes of it in fp32
    first. Sums are of integers and exact: results are bitwise reproducible, and a row's result does not
    depend on the other rows. A probability is multiplied by the fp32 reciprocal of their sum and then rounded
    to the dtype: one that is kept alone may be 1 - 2^-24. Of equal elements at a threshold the lowest indices
    are kept. So exactly top_k are kept.
    Errors of its own: INVALID_SHAPE when V is 0 or more than 2^31 - 1.
    Source: Meaning of flashinfer.sampling.top_k_renorm_probs, save that it keeps all that equal the last.
    """
    _top_k_renorm_probs((output, probs, top_ks, top_k), None, stream, context)


_top_k_sampling_from_probs = Operation("top_k_sampling_from_probs", ("output", "valid", "probs", "indices",
                                       "top_ks", "philox", "top_k", "seed", "offset"),
                                       tensors=(0, 1, 2, 3, 4, 5), written=(0, 1))


def top_k_sampling_from_probs(output: TensorLike, valid: Optional[TensorLike], probs: TensorLike,
                              indices: Optional[TensorLike] = None, top_ks: Optional[TensorLike] = None,
                              philox: Optional[TensorLike] = None, top_k: int = 0, seed: int = 0,
                              offset: int = 0, *, stream: StreamLike = None,
                              context: Optional[Context] = None) -> None:
    """Samples one token a row from the largest probabilities.

        S = the top_k largest p; output[t] = the first i, in index order, at which the sum of p over S up to
            and including i exceeds u * sum of S, p the row of probs

    where T is outputs; 0 is allowed; V is vocabulary size, from 1 to 2^31 - 1; R is rows.

    Args:
        output: written; [T], dtype i32; last dimension contiguous, other strides free. The sampled index of
            each row, always in [0, V).
        valid: written; optional (None), [T], dtype bool; last dimension contiguous, other strides free.
            Whether the row could be sampled: false, with output 0, where no probability is above 0, a setting
            of the row is NaN, or its index is out of range.
        probs: [R, V], dtype f32, f16, bf16; last dimension contiguous, other strides free. Rows of
            probabilities.
        indices: optional (None), [T], dtype i32, i64; last dimension contiguous, other strides free. For each
            output the row that it is sampled from; without it row t is output t's.
        top_ks: optional (None), [T], dtype i32; last dimension contiguous, other strides free. A top_k for
            each output, in place of top_k; 0 or less keeps all.
        philox: optional (None), [2] or [T, 2], dtype i64; last dimension contiguous, other strides free. Seed
            and offset in device memory, for all outputs or for each, in place of the arguments: a captured
            graph replays with what they hold then.
        top_k: from 0. How many of the most likely tokens stay; 0 keeps all.
        seed: any value. Key of the random generator.
        offset: any value. Counter of the random generator: one call uses one value for all its outputs, so
            add 1 a call.
        stream: where the work is enqueued; None: torch's current stream for torch's GPU tensors, else the
            default stream.
        context: None: that of the tensors.

    Aliasing: none: the outputs may not overlap each other or an input.
    Numerics: A probability is taken as it is, from 2^-126; what is smaller, negative or NaN counts as 0, and
    a row need not sum to 1. +inf takes all the probability, shared equally among the +inf of the row. Weights
    are computed in fp32 and cut to a multiple of a fixed-point step, 2^-44 of the largest for V from 131072
    to 262143 and never more than 2^-31 of it; what is smaller than the step counts as 0. Sums over a whole
    row add the weights of 16 bytes of it in fp32 first. Sums are of integers and exact: results are bitwise
    reproducible, and a row's result does not depend on the other rows. Of equal elements at a threshold the
    lowest indices are kept. So exactly top_k tokens are kept. u = Philox4x32-10 with key = seed and counter =
    (offset, t), its first 64 bits over 2^64.
    Errors of its own: INVALID_SHAPE when V is 0 or more than 2^31 - 1, or indices is left out, and R is not
    T.
    Source: Meaning of flashinfer.sampling.top_k_sampling_from_probs, save that it keeps all that equal the
    last; Philox: Salmon et al. 2011, SC '11.
    """
    _top_k_sampling_from_probs((output, valid, probs, indices, top_ks, philox, top_k, seed, offset), None,
                               stream, context)


_top_k_top_p_sampling_from_logits = Operation("top_k_top_p_sampling_from_logits", ("output", "valid",
                                              "logits", "indices", "temperatures", "top_ks", "top_ps",
                                              "philox", "temperature", "top_k", "top_p", "joint", "seed",
                                              "offset"), tensors=(0, 1, 2, 3, 4, 5, 6, 7), written=(0, 1))


def top_k_top_p_sampling_from_logits(output: TensorLike, valid: Optional[TensorLike], logits: TensorLike,
                                     indices: Optional[TensorLike] = None,
                                     temperatures: Optional[TensorLike] = None,
                                     top_ks: Optional[TensorLike] = None, top_ps: Optional[TensorLike] = None,
                                     philox: Optional[TensorLike] = None, temperature: float = 1.0,
                                     top_k: int = 0, top_p: float = 1.0, joint: bool = False, seed: int = 0,
                                     offset: int = 0, *, stream: StreamLike = None,
                                     context: Optional[Context] = None) -> None:
    """Samples one token a row from temperature-scaled logits, top-k first, then top-p on the renormalised rest,
    or both at once.

        w[i] = exp((logits[i] - max) / temperature); K = the top_k largest logits; S = the fewest largest of K
            whose w sum to >= top_p * sum of K (joint: of all w); output[t] = the first i, in index order, at
            which the sum of w over S up to and including i exceeds u * sum of S

    where T is outputs; 0 is allowed; V is vocabulary size, from 1 to 2^31 - 1; R is rows.

    Args:
        output: written; [T], dtype i32; last dimension contiguous, other strides free. The sampled index of
            each row, always in [0, V).
        valid: written; optional (None), [T], dtype bool; last dimension contiguous, other strides free.
            Whether the row could be sampled: false, with output 0, where every logit is NaN or -inf, its
            temperature is negative or NaN, its top_p is NaN, or its index is out of range.
        logits: [R, V], dtype f32, f16, bf16; last dimension contiguous, other strides free. Unscaled logits.
            NaN and -inf are never sampled; +inf takes all the probability, shared equally among the +inf of
            the row.
        indices: optional (None), [T], dtype i32, i64; last dimension contiguous, other strides free. For each
            output the row that it is sampled from; without it row t is output t's.
        temperatures: optional (None), [T], dtype f32; last dimension contiguous, other strides free. A
            temperature for each output, in place of temperature.
        top_ks: optional (None), [T], dtype i32; last dimension contiguous, other strides free. A top_k for
            each output, in place of top_k; 0 or less keeps all.
        top_ps: optional (None), [T], dtype f32; last dimension contiguous, other strides free. A top_p for
            each output, in place of top_p; 1 or more keeps all, 0 or less the single most likely token.
        philox: optional (None), [2] or [T, 2], dtype i64; last dimension contiguous, other strides free. Seed
            and offset in device memory, for all outputs or for each, in place of the arguments: a captured
            graph replays with what they hold then.
        temperature: from 0 to 3.4e+38. Divides the logits, before any filter; 0 is greedy: the lowest index
            of the largest logit.
        top_k: from 0. How many of the most likely tokens stay; 0 keeps all.
        top_p: from 0 to 1. The part of the probability that the kept tokens reach; 1 keeps all; at least one
            token is always kept.
        joint: Whether top_p is of all the probability, and a token is kept if both filters keep it; false:
            top_p is of what top_k has kept.
        seed: any value. Key of the random generator.
        offset: any value. Counter of the random generator: one call uses one value for all its outputs, so
            add 1 a call.
        stream: where the work is enqueued; None: torch's current stream for torch's GPU tensors, else the
            default stream.
        context: None: that of the tensors.

    Aliasing: none: the outputs may not overlap each other or an input.
    Numerics: Weights are computed in fp32 and cut to a multiple of a fixed-point step, 2^-44 of the largest
    for V from 131072 to 262143 and never more than 2^-31 of it; what is smaller than the step counts as 0.
    Sums over a whole row add the weights of 16 bytes of it in fp32 first. Sums are of integers and exact:
    results are bitwise reproducible, and a row's result does not depend on the other rows. Of equal elements
    at a threshold the lowest indices are kept. So exactly top_k tokens survive the first filter. u =
    Philox4x32-10 with key = seed and counter = (offset, t), its first 64 bits over 2^64.
    Errors of its own: INVALID_SHAPE when V is 0 or more than 2^31 - 1, or indices is left out, and R is not
    T.
    Source: Meaning of flashinfer.sampling.top_k_top_p_sampling_from_logits; Philox: Salmon et al. 2011, SC
    '11.
    """
    _top_k_top_p_sampling_from_logits((output, valid, logits, indices, temperatures, top_ks, top_ps, philox,
                                      temperature, top_k, top_p, joint, seed, offset), None, stream, context)


_top_k_top_p_sampling_from_probs = Operation("top_k_top_p_sampling_from_probs", ("output", "valid", "probs",
                                             "indices", "top_ks", "top_ps", "philox", "top_k", "top_p",
                                             "joint", "seed", "offset"), tensors=(0, 1, 2, 3, 4, 5, 6),
                                             written=(0, 1))


def top_k_top_p_sampling_from_probs(output: TensorLike, valid: Optional[TensorLike], probs: TensorLike,
                                    indices: Optional[TensorLike] = None, top_ks: Optional[TensorLike] = None,
                                    top_ps: Optional[TensorLike] = None, philox: Optional[TensorLike] = None,
                                    top_k: int = 0, top_p: float = 1.0, joint: bool = False, seed: int = 0,
                                    offset: int = 0, *, stream: StreamLike = None,
                                    context: Optional[Context] = None) -> None:
    """Samples one token a row from probabilities, top-k first, then top-p on the renormalised rest, or both at
    once.

        K = the top_k largest p; S = the fewest largest of K that sum to >= top_p * sum of K (joint: of all
            p); output[t] = the first i, in index order, at which the sum of p over S up to and including i
            exceeds u * sum of S, p the row of probs

    where T is outputs; 0 is allowed; V is vocabulary size, from 1 to 2^31 - 1; R is rows.

    Args:
        output: written; [T], dtype i32; last dimension contiguous, other strides free. The sampled index of
            each row, always in [0, V).
        valid: written; optional (None), [T], dtype bool; last dimension contiguous, other strides free.
            Whether the row could be sampled: false, with output 0, where no probability is above 0, a setting
            of the row is NaN, or its index is out of range.
        probs: [R, V], dtype f32, f16, bf16; last dimension contiguous, other strides free. Rows of
            probabilities.
        indices: optional (None), [T], dtype i32, i64; last dimension contiguous, other strides free. For each
            output the row that it is sampled from; without it row t is output t's.
        top_ks: optional (None), [T], dtype i32; last dimension contiguous, other strides free. A top_k for
            each output, in place of top_k; 0 or less keeps all.
        top_ps: optional (None), [T], dtype f32; last dimension contiguous, other strides free. A top_p for
            each output, in place of top_p; 1 or more keeps all, 0 or less the single most likely token.
        philox: optional (None), [2] or [T, 2], dtype i64; last dimension contiguous, other strides free. Seed
            and offset in device memory, for all outputs or for each, in place of the arguments: a captured
            graph replays with what they hold then.
        top_k: from 0. How many of the most likely tokens stay; 0 keeps all.
        top_p: from 0 to 1. The part of the probability that the kept tokens reach; 1 keeps all; at least one
            token is always kept.
        joint: Whether top_p is of all the probability, and a token is kept if both filters keep it; false:
            top_p is of what top_k has kept.
        seed: any value. Key of the random generator.
        offset: any value. Counter of the random generator: one call uses one value for all its outputs, so
            add 1 a call.
        stream: where the work is enqueued; None: torch's current stream for torch's GPU tensors, else the
            default stream.
        context: None: that of the tensors.

    Aliasing: none: the outputs may not overlap each other or an input.
    Numerics: A probability is taken as it is, from 2^-126; what is smaller, negative or NaN counts as 0, and
    a row need not sum to 1. +inf takes all the probability, shared equally among the +inf of the row. Weights
    are computed in fp32 and cut to a multiple of a fixed-point step, 2^-44 of the largest for V from 131072
    to 262143 and never more than 2^-31 of it; what is smaller than the step counts as 0. Sums over a whole
    row add the weights of 16 bytes of it in fp32 first. Sums are of integers and exact: results are bitwise
    reproducible, and a row's result does not depend on the other rows. Of equal elements at a threshold the
    lowest indices are kept. So exactly top_k tokens survive the first filter. u = Philox4x32-10 with key =
    seed and counter = (offset, t), its first 64 bits over 2^64.
    Errors of its own: INVALID_SHAPE when V is 0 or more than 2^31 - 1, or indices is left out, and R is not
    T.
    Source: Meaning of flashinfer.sampling.top_k_top_p_sampling_from_probs; Philox: Salmon et al. 2011, SC
    '11.
    """
    _top_k_top_p_sampling_from_probs((output, valid, probs, indices, top_ks, top_ps, philox, top_k, top_p,
                                     joint, seed, offset), None, stream, context)


_top_p_renorm_probs = Operation("top_p_renorm_probs", ("output", "probs", "top_ps", "top_p"),
                                tensors=(0, 1, 2), written=(0,))


def top_p_renorm_probs(output: TensorLike, probs: TensorLike, top_ps: Optional[TensorLike] = None,
                       top_p: float = 1.0, *, stream: StreamLike = None,
                       context: Optional[Context] = None) -> None:
    """Keeps the fewest largest probabilities of each row that reach a part of all, and divides them by their
    sum.

        S = the fewest largest p that sum to >= top_p * sum of p; output[t,i] = p[i] / sum of S for i in S,
            else 0, p the row of probs

    where T is rows (tokens); 0 is allowed; V is row length (vocabulary), from 1 to 2^31 - 1.

    Args:
        output: written; [T, V], dtype f32, f16, bf16; last dimension contiguous, other strides free.
            Probabilities of what is kept.
        probs: [T, V], dtype f32, f16, bf16; last dimension contiguous, other strides free. Rows of
            probabilities.
        top_ps: optional (None), [T], dtype f32; last dimension contiguous, other strides free. A top_p for
            each row, in place of top_p; 1 or more keeps all, 0 or less the single most likely token; a row
            whose entry is NaN becomes NaN.
        top_p: from 0 to 1. The part of the probability that the kept tokens reach; 1 keeps all; at least one
            token is always kept.
        stream: where the work is enqueued; None: torch's current stream for torch's GPU tensors, else the
            default stream.
        context: None: that of the tensors.

    Aliasing: output may be probs, with the same strides.
    Numerics: A probability is taken as it is, from 2^-126; what is smaller, negative or NaN counts as 0, and
    a row need not sum to 1. +inf takes all the probability, shared equally among the +inf of the row. A row
    without a probability above 0 becomes zeros. Weights are computed in fp32 and cut to a multiple of a
    fixed-point step, 2^-44 of the largest for V from 131072 to 262143 and never more than 2^-31 of it; what
    is smaller than the step counts as 0. Sums over a whole row add the weights of 16 bytes of it in fp32
    first. Sums are of integers and exact: results are bitwise reproducible, and a row's result does not
    depend on the other rows. A probability is multiplied by the fp32 reciprocal of their sum and then rounded
    to the dtype: one that is kept alone may be 1 - 2^-24. Of equal elements at a threshold the lowest indices
    are kept.
    Errors of its own: INVALID_SHAPE when V is 0 or more than 2^31 - 1.
    Source: Meaning of flashinfer.sampling.top_p_renorm_probs, save that it keeps all that equal the last.
    """
    _top_p_renorm_probs((output, probs, top_ps, top_p), None, stream, context)


_top_p_sampling_from_probs = Operation("top_p_sampling_from_probs", ("output", "valid", "probs", "indices",
                                       "top_ps", "philox", "top_p", "seed", "offset"),
                                       tensors=(0, 1, 2, 3, 4, 5), written=(0, 1))


def top_p_sampling_from_probs(output: TensorLike, valid: Optional[TensorLike], probs: TensorLike,
                              indices: Optional[TensorLike] = None, top_ps: Optional[TensorLike] = None,
                              philox: Optional[TensorLike] = None, top_p: float = 1.0, seed: int = 0,
                              offset: int = 0, *, stream: StreamLike = None,
                              context: Optional[Context] = None) -> None:
    """Samples one token a row from the fewest largest probabilities that reach a part of all.

        S = the fewest largest p that sum to >= top_p * sum of p; output[t] = the first i, in index order, at
            which the sum of p over S up to and including i exceeds u * sum of S, p the row of probs

    where T is outputs; 0 is allowed; V is vocabulary size, from 1 to 2^31 - 1; R is rows.

    Args:
        output: written; [T], dtype i32; last dimension contiguous, other strides free. The sampled index of
            each row, always in [0, V).
        valid: written; optional (None), [T], dtype bool; last dimension contiguous, other strides free.
            Whether the row could be sampled: false, with output 0, where no probability is above 0, a setting
            of the row is NaN, or its index is out of range.
        probs: [R, V], dtype f32, f16, bf16; last dimension contiguous, other strides free. Rows of
            probabilities.
        indices: optional (None), [T], dtype i32, i64; last dimension contiguous, other strides free. For each
            output the row that it is sampled from; without it row t is output t's.
        top_ps: optional (None), [T], dtype f32; last dimension contiguous, other strides free. A top_p for
            each output, in place of top_p; 1 or more keeps all, 0 or less the single most likely token.
        philox: optional (None), [2] or [T, 2], dtype i64; last dimension contiguous, other strides free. Seed
            and offset in device memory, for all outputs or for each, in place of the arguments: a captured
            graph replays with what they hold then.
        top_p: from 0 to 1. The part of the probability that the kept tokens reach; 1 keeps all; at least one
            token is always kept.
        seed: any value. Key of the random generator.
        offset: any value. Counter of the random generator: one call uses one value for all its outputs, so
            add 1 a call.
        stream: where the work is enqueued; None: torch's current stream for torch's GPU tensors, else the
            default stream.
        context: None: that of the tensors.

    Aliasing: none: the outputs may not overlap each other or an input.
    Numerics: A probability is taken as it is, from 2^-126; what is smaller, negative or NaN counts as 0, and
    a row need not sum to 1. +inf takes all the probability, shared equally among the +inf of the row. Weights
    are computed in fp32 and cut to a multiple of a fixed-point step, 2^-44 of the largest for V from 131072
    to 262143 and never more than 2^-31 of it; what is smaller than the step counts as 0. Sums over a whole
    row add the weights of 16 bytes of it in fp32 first. Sums are of integers and exact: results are bitwise
    reproducible, and a row's result does not depend on the other rows. Of equal elements at a threshold the
    lowest indices are kept. u = Philox4x32-10 with key = seed and counter = (offset, t), its first 64 bits
    over 2^64.
    Errors of its own: INVALID_SHAPE when V is 0 or more than 2^31 - 1, or indices is left out, and R is not
    T.
    Source: Meaning of flashinfer.sampling.top_p_sampling_from_probs; Philox: Salmon et al. 2011, SC '11.
    """
    _top_p_sampling_from_probs((output, valid, probs, indices, top_ps, philox, top_p, seed, offset), None,
                               stream, context)
