# SPDX-License-Identifier: Apache-2.0
# Written by src/gen/generate.py; edit its sources.
"""The operations on torch tensors. An output that is not given is made, and returned; the rest is as in hipinfer's
function of the same name, whose documentation has the whole contract. Work is enqueued on torch's current stream. They are
custom operators as well, torch.ops.hipinfer.NAME, which torch.compile, torch.export, fake and meta tensors take them for."""

from __future__ import annotations

from typing import Optional, Tuple, Union

from torch import Tensor, empty, empty_like, bfloat16, float32, int32
from torch import dtype as Dtype

from . import _custom, ops
from .context import Context
from .inside import default_fp8
from .interop import StreamLike

__all__ = ["adaln", "append_paged_kv_cache", "append_paged_mla_kv_cache", "apply_penalties", "argmax", "cast",
           "causal_mask", "chain_speculative_sampling", "copy_blocks", "dequantize", "embedding",
           "fused_add_rmsnorm", "fused_add_rmsnorm_dynamic_quant", "fused_add_rmsnorm_quant",
           "gate_up_swiglu", "gated_residual_rmsnorm", "gated_rmsnorm", "gelu_and_mul",
           "gelu_and_mul_dynamic_quant", "gelu_and_mul_quant", "gelu_tanh_and_mul",
           "gelu_tanh_and_mul_dynamic_quant", "gelu_tanh_and_mul_quant", "gemm", "gemm_grouped",
           "gemm_grouped_scaled", "gemm_scaled", "gemma_fused_add_rmsnorm", "gemma_rmsnorm",
           "get_batch_indices_positions", "get_seq_lens", "grouped_top_k", "layernorm", "layernorm_quant",
           "masked_softmax", "merge_state", "merge_state_in_place", "merge_states",
           "min_p_sampling_from_probs", "paged_attention_decode", "paged_attention_prefill",
           "paged_mla_attention", "qk_norm_rope", "quantize_per_group", "quantize_per_tensor",
           "quantize_per_token", "rmsnorm", "rmsnorm_dynamic_quant", "rmsnorm_quant", "rmsnorm_silu", "rope",
           "rope_append_kv", "rope_cos_sin_cache", "rope_quantize_fp8", "rope_theta", "sampling_from_logits",
           "sampling_from_probs", "scale", "silu_and_mul", "silu_and_mul_dynamic_quant", "silu_and_mul_quant",
           "softmax", "swiglu", "token_logprobs", "top_k", "top_k_mask_logits", "top_k_page_table_transform",
           "top_k_ragged_transform", "top_k_renorm_probs", "top_k_sampling_from_probs",
           "top_k_top_p_sampling_from_logits", "top_k_top_p_sampling_from_probs", "top_p_renorm_probs",
           "top_p_sampling_from_probs"]

_custom.register_all()


def adaln(input: Tensor, scale: Tensor, shift: Tensor, eps: float = 1e-06, rms: bool = False, *,
          output: Optional[Tensor] = None, stream: StreamLike = None,
          context: Optional[Context] = None) -> Tensor:
    """Adaptive layer normalisation: rows are normalised without weights, then scaled and shifted by what
    their batch element says. See hipinfer.adaln."""
    if output is None:
        output = empty_like(input)
    ops._adaln((output, input, scale, shift, eps, rms), None, stream, context)
    return output


def append_paged_kv_cache(k_cache: Tensor, v_cache: Tensor, append_key: Tensor, append_value: Tensor,
                          batch_indices: Tensor, positions: Tensor, kv_indices: Tensor, kv_indptr: Tensor,
                          kv_last_page_len: Tensor, k_scale: Optional[Tensor] = None,
                          v_scale: Optional[Tensor] = None, *, stream: StreamLike = None,
                          context: Optional[Context] = None) -> None:
    """Writes new keys and values to their places in a paged cache, quantised where the cache is fp8. See
    hipinfer.append_paged_kv_cache."""
    ops._append_paged_kv_cache((k_cache, v_cache, append_key, append_value, batch_indices, positions,
                               kv_indices, kv_indptr, kv_last_page_len, k_scale, v_scale), None, stream,
                               context)


def append_paged_mla_kv_cache(ckv_cache: Tensor, kpe_cache: Tensor, append_ckv: Tensor, append_kpe: Tensor,
                              batch_indices: Tensor, positions: Tensor, kv_indices: Tensor, kv_indptr: Tensor,
                              kv_last_page_len: Tensor, *, stream: StreamLike = None,
                              context: Optional[Context] = None) -> None:
    """Writes new latent keys and their rotated parts to their places in the two paged caches of multi-head
    latent attention. See hipinfer.append_paged_mla_kv_cache."""
    ops._append_paged_mla_kv_cache((ckv_cache, kpe_cache, append_ckv, append_kpe, batch_indices, positions,
                                   kv_indices, kv_indptr, kv_last_page_len), None, stream, context)


def apply_penalties(logits: Tensor, counts: Optional[Tensor] = None, prompt: Optional[Tensor] = None,
                    bias: Optional[Tensor] = None, repetitions: Optional[Tensor] = None,
                    presences: Optional[Tensor] = None, frequencies: Optional[Tensor] = None,
                    repetition: float = 1.0, presence: float = 0.0, frequency: float = 0.0, *,
                    output: Optional[Tensor] = None, stream: StreamLike = None,
                    context: Optional[Context] = None) -> Tensor:
    """Makes tokens that have been seen less likely, and adds a bias to logits. See hipinfer.apply_penalties."""
    if output is None:
        output = empty_like(logits)
    ops._apply_penalties((output, logits, counts, prompt, bias, repetitions, presences, frequencies,
                         repetition, presence, frequency), None, stream, context)
    return output


def argmax(input: Tensor, *, output: Optional[Tensor] = None, dtype: Optional[Dtype] = None,
           stream: StreamLike = None, context: Optional[Context] = None) -> Tensor:
    """Index of the largest element of each row. See hipinfer.argmax."""
    if output is None:
        output = empty((input.shape[0],), dtype=dtype or int32, device=input.device)
    ops._argmax((output, input), None, stream, context)
    return output


def cast(input: Tensor, dtype: Optional[Dtype] = None, *, output: Optional[Tensor] = None,
         stream: StreamLike = None, context: Optional[Context] = None) -> Tensor:
    """Converts a tensor of any shape to another floating-point dtype. See hipinfer.cast."""
    if output is None:
        if dtype is None:
            raise TypeError("cast: dtype or output is needed")
        output = empty_like(input, dtype=dtype)
    ops._cast((output, input), None, stream, context)
    return output


def causal_mask(input: Tensor, value: float, *, output: Optional[Tensor] = None, stream: StreamLike = None,
                context: Optional[Context] = None) -> Tensor:
    """Masks the attention scores of keys that come after their query. See hipinfer.causal_mask."""
    if output is None:
        output = empty_like(input)
    ops._causal_mask((output, input, value), None, stream, context)
    return output


def chain_speculative_sampling(draft_probs: Tensor, draft_token_ids: Tensor, target_probs: Tensor,
                               accepted: Optional[Tensor] = None, emitted: Optional[Tensor] = None,
                               philox: Optional[Tensor] = None, seed: int = 0, offset: int = 0, *,
                               output: Optional[Tensor] = None, valid: Optional[Tensor] = None,
                               stream: StreamLike = None, context: Optional[Context] = None) -> Tensor:
    """Keeps the tokens of a draft that the target model agrees with, up to the first that it does not, and
    samples one more. See hipinfer.chain_speculative_sampling."""
    if output is None:
        output = empty((draft_probs.shape[0], draft_probs.shape[1] + 1), dtype=int32, device=draft_probs.device)
    ops._chain_speculative_sampling((output, valid, draft_probs, draft_token_ids, target_probs, accepted,
                                    emitted, philox, seed, offset), None, stream, context)
    return output


def copy_blocks(k_cache: Tensor, v_cache: Optional[Tensor], block_mapping: Tensor, *,
                stream: StreamLike = None, context: Optional[Context] = None) -> None:
    """Copies whole pages of a KV cache to other pages of it, for requests that part (copy on write). See
    hipinfer.copy_blocks."""
    ops._copy_blocks((k_cache, v_cache, block_mapping), None, stream, context)


def dequantize(input: Tensor, scales: Tensor, group_rows: int = 1, group_size: int = 0, *,
               output: Optional[Tensor] = None, dtype: Optional[Dtype] = None, stream: StreamLike = None,
               context: Optional[Context] = None) -> Tensor:
    """Multiplies fp8 or int8 elements by the scales of their tensor, token, group or block. See
    hipinfer.dequantize."""
    if output is None:
        output = empty_like(input, dtype=dtype or float32)
    ops._dequantize((output, input, scales, group_rows, group_size), None, stream, context)
    return output


def embedding(table: Tensor, indices: Tensor, *, output: Optional[Tensor] = None, stream: StreamLike = None,
              context: Optional[Context] = None) -> Tensor:
    """Gathers rows of a table by index. See hipinfer.embedding."""
    if output is None:
        output = empty((indices.shape[0], table.shape[1]), dtype=table.dtype, device=table.device)
    ops._embedding((output, table, indices), None, stream, context)
    return output


def fused_add_rmsnorm(input: Tensor, residual: Tensor, weight: Tensor, eps: float = 1e-06, *,
                      stream: StreamLike = None, context: Optional[Context] = None) -> None:
    """Adds the input to the residual stream and normalises the sum, in place in both. See
    hipinfer.fused_add_rmsnorm."""
    ops._fused_add_rmsnorm((input, residual, weight, eps), None, stream, context)


def fused_add_rmsnorm_dynamic_quant(input: Tensor, residual: Tensor, weight: Tensor, eps: float = 1e-06, *,
                                    output: Optional[Tensor] = None, scales: Optional[Tensor] = None,
                                    dtype: Optional[Dtype] = None, stream: StreamLike = None,
                                    context: Optional[Context] = None) -> Tuple[Tensor, Tensor]:
    """Adds the input to the residual stream, in place, and normalises the sum into an output that is
    quantised with a scale for each row. See hipinfer.fused_add_rmsnorm_dynamic_quant."""
    if output is None:
        output = empty_like(input, dtype=dtype or default_fp8(input))
    if scales is None:
        scales = empty((input.shape[0],), dtype=float32, device=input.device)
    ops._fused_add_rmsnorm_dynamic_quant((output, scales, input, residual, weight, eps), None, stream,
                                         context)
    return output, scales


def fused_add_rmsnorm_quant(input: Tensor, residual: Tensor, weight: Tensor, scale: Tensor,
                            eps: float = 1e-06, *, output: Optional[Tensor] = None,
                            dtype: Optional[Dtype] = None, stream: StreamLike = None,
                            context: Optional[Context] = None) -> Tensor:
    """Adds the input to the residual stream, in place, and normalises the sum into an output that is
    quantised with one scale. See hipinfer.fused_add_rmsnorm_quant."""
    if output is None:
        output = empty_like(input, dtype=dtype or default_fp8(input))
    ops._fused_add_rmsnorm_quant((output, input, residual, weight, scale, eps), None, stream, context)
    return output


def gate_up_swiglu(input: Tensor, gate: Tensor, up: Tensor, *, output: Optional[Tensor] = None,
                   dtype: Optional[Dtype] = None, stream: StreamLike = None,
                   context: Optional[Context] = None) -> Tensor:
    """The first half of a SwiGLU feed-forward layer in one pass: products with two transposed weights, one
    gated by the other. See hipinfer.gate_up_swiglu."""
    if output is None:
        output = empty((input.shape[0], gate.shape[0]), dtype=dtype or input.dtype, device=input.device)
    ops._gate_up_swiglu((output, input, gate, up), None, stream, context)
    return output


def gated_residual_rmsnorm(branch: Tensor, residual: Tensor, weight: Optional[Tensor] = None,
                           alpha: Optional[Tensor] = None, beta: Optional[Tensor] = None,
                           next_weight: Optional[Tensor] = None, factor: float = 1.0, eps: float = 1e-06,
                           next_eps: float = 1e-06, gain: float = 0.0, next_gain: float = 0.0, *,
                           output: Optional[Tensor] = None, normed: Optional[Tensor] = None,
                           dtype: Optional[Dtype] = None, stream: StreamLike = None,
                           context: Optional[Context] = None) -> Tensor:
    """Adds what a branch gives, normalised and gated, to a gated residual stream; and, if wanted, normalises
    the sum for the next layer. See hipinfer.gated_residual_rmsnorm."""
    if output is None:
        output = empty_like(branch, dtype=dtype or branch.dtype)
    ops._gated_residual_rmsnorm((output, normed, branch, residual, weight, alpha, beta, next_weight, factor,
                                eps, next_eps, gain, next_gain), None, stream, context)
    return output


def gated_rmsnorm(input: Tensor, gate: Tensor, weight: Optional[Tensor] = None, eps: float = 1e-06,
                  activation: Union[ops.NormGate, str, int] = 'sigmoid', *, output: Optional[Tensor] = None,
                  stream: StreamLike = None, context: Optional[Context] = None) -> Tensor:
    """Root-mean-square normalisation of each row, times sigmoid or silu of a gate. See
    hipinfer.gated_rmsnorm."""
    if output is None:
        output = empty_like(input)
    ops._gated_rmsnorm((output, input, gate, weight, eps,
                       ops.enum_value(ops.NormGate, 'activation', activation)), None, stream, context)
    return output


def gelu_and_mul(input: Tensor, *, output: Optional[Tensor] = None, stream: StreamLike = None,
                 context: Optional[Context] = None) -> Tensor:
    """GEGLU on a packed projection: gelu (by erf) of the first half of each row times the second half. See
    hipinfer.gelu_and_mul."""
    if output is None:
        output = empty((input.shape[0], input.shape[1] // 2), dtype=input.dtype, device=input.device)
    ops._gelu_and_mul((output, input), None, stream, context)
    return output


def gelu_and_mul_dynamic_quant(input: Tensor, *, output: Optional[Tensor] = None,
                               scales: Optional[Tensor] = None, dtype: Optional[Dtype] = None,
                               stream: StreamLike = None,
                               context: Optional[Context] = None) -> Tuple[Tensor, Tensor]:
    """GEGLU on a packed projection: gelu (by erf) of the first half of each row times the second half,
    quantised with a scale for each row. See hipinfer.gelu_and_mul_dynamic_quant."""
    if output is None:
        output = empty((input.shape[0], input.shape[1] // 2), dtype=dtype or default_fp8(input), device=input.device)
    if scales is None:
        scales = empty((input.shape[0],), dtype=float32, device=input.device)
    ops._gelu_and_mul_dynamic_quant((output, scales, input), None, stream, context)
    return output, scales


def gelu_and_mul_quant(input: Tensor, scale: Tensor, *, output: Optional[Tensor] = None,
                       dtype: Optional[Dtype] = None, stream: StreamLike = None,
                       context: Optional[Context] = None) -> Tensor:
    """GEGLU on a packed projection: gelu (by erf) of the first half of each row times the second half,
    quantised with one scale. See hipinfer.gelu_and_mul_quant."""
    if output is None:
        output = empty((input.shape[0], input.shape[1] // 2), dtype=dtype or default_fp8(input), device=input.device)
    ops._gelu_and_mul_quant((output, input, scale), None, stream, context)
    return output


def gelu_tanh_and_mul(input: Tensor, *, output: Optional[Tensor] = None, stream: StreamLike = None,
                      context: Optional[Context] = None) -> Tensor:
    """GEGLU on a packed projection: the tanh approximation of gelu of the first half of each row times the
    second half. See hipinfer.gelu_tanh_and_mul."""
    if output is None:
        output = empty((input.shape[0], input.shape[1] // 2), dtype=input.dtype, device=input.device)
    ops._gelu_tanh_and_mul((output, input), None, stream, context)
    return output


def gelu_tanh_and_mul_dynamic_quant(input: Tensor, *, output: Optional[Tensor] = None,
                                    scales: Optional[Tensor] = None, dtype: Optional[Dtype] = None,
                                    stream: StreamLike = None,
                                    context: Optional[Context] = None) -> Tuple[Tensor, Tensor]:
    """GEGLU on a packed projection: the tanh approximation of gelu of the first half of each row times the
    second half, quantised with a scale for each row. See hipinfer.gelu_tanh_and_mul_dynamic_quant."""
    if output is None:
        output = empty((input.shape[0], input.shape[1] // 2), dtype=dtype or default_fp8(input), device=input.device)
    if scales is None:
        scales = empty((input.shape[0],), dtype=float32, device=input.device)
    ops._gelu_tanh_and_mul_dynamic_quant((output, scales, input), None, stream, context)
    return output, scales


def gelu_tanh_and_mul_quant(input: Tensor, scale: Tensor, *, output: Optional[Tensor] = None,
                            dtype: Optional[Dtype] = None, stream: StreamLike = None,
                            context: Optional[Context] = None) -> Tensor:
    """GEGLU on a packed projection: the tanh approximation of gelu of the first half of each row times the
    second half, quantised with one scale. See hipinfer.gelu_tanh_and_mul_quant."""
    if output is None:
        output = empty((input.shape[0], input.shape[1] // 2), dtype=dtype or default_fp8(input), device=input.device)
    ops._gelu_tanh_and_mul_quant((output, input, scale), None, stream, context)
    return output


def gemm(input: Tensor, weight: Tensor, bias: Optional[Tensor] = None, residual: Optional[Tensor] = None, *,
         output: Optional[Tensor] = None, dtype: Optional[Dtype] = None,
         activation: Union[ops.GemmActivation, str, int] = 0, stream: StreamLike = None,
         context: Optional[Context] = None) -> Tensor:
    """Matrix product with a transposed weight (a linear layer), with optional bias, activation and residual;
    of one matrix or of a batch. See hipinfer.gemm."""
    if output is None:
        output = empty((*input.shape[:-1], weight.shape[-2]), dtype=dtype or input.dtype, device=input.device)
    ops._gemm((output, input, weight, bias, residual),
              (ops.enum_value(ops.GemmActivation, 'activation', activation),), stream, context)
    return output


def gemm_grouped(input: Tensor, weight: Tensor, indptr: Tensor, weight_indices: Optional[Tensor] = None,
                 residual: Optional[Tensor] = None, *, output: Optional[Tensor] = None,
                 dtype: Optional[Dtype] = None, activation: Union[ops.GemmActivation, str, int] = 0,
                 stream: StreamLike = None, context: Optional[Context] = None) -> Tensor:
    """Matrix products of segments of rows with a transposed weight each (experts, adapters), with optional
    activation and residual; a segment may be empty. See hipinfer.gemm_grouped."""
    if output is None:
        output = empty((input.shape[0], weight.shape[1]), dtype=dtype or input.dtype, device=input.device)
    ops._gemm_grouped((output, input, weight, indptr, weight_indices, residual),
                      (ops.enum_value(ops.GemmActivation, 'activation', activation),), stream, context)
    return output


def gemm_grouped_scaled(input: Tensor, weight: Tensor, input_scale: Optional[Tensor],
                        weight_scale: Optional[Tensor], indptr: Tensor,
                        weight_indices: Optional[Tensor] = None, residual: Optional[Tensor] = None, *,
                        output: Optional[Tensor] = None, dtype: Optional[Dtype] = None,
                        activation: Union[ops.GemmActivation, str, int] = 0, stream: StreamLike = None,
                        context: Optional[Context] = None) -> Tensor:
    """Matrix products of segments of rows of fp8 or int8 with a transposed weight each and scales (quantised
    experts), with optional activation and residual; a segment may be empty. See hipinfer.gemm_grouped_scaled."""
    if output is None:
        output = empty((input.shape[0], weight.shape[1]), dtype=dtype or bfloat16, device=input.device)
    ops._gemm_grouped_scaled((output, input, weight, input_scale, weight_scale, indptr, weight_indices,
                             residual), (ops.enum_value(ops.GemmActivation, 'activation', activation),),
                             stream, context)
    return output


def gemm_scaled(input: Tensor, weight: Tensor, input_scale: Optional[Tensor] = None,
                weight_scale: Optional[Tensor] = None, bias: Optional[Tensor] = None,
                residual: Optional[Tensor] = None, *, output: Optional[Tensor] = None,
                dtype: Optional[Dtype] = None, activation: Union[ops.GemmActivation, str, int] = 0,
                stream: StreamLike = None, context: Optional[Context] = None) -> Tensor:
    """Matrix product of fp8 or int8 operands with scales (a quantised linear layer), with optional bias,
    activation and residual; of one matrix or of a batch. See hipinfer.gemm_scaled."""
    if output is None:
        output = empty((*input.shape[:-1], weight.shape[-2]), dtype=dtype or bfloat16, device=input.device)
    ops._gemm_scaled((output, input, weight, input_scale, weight_scale, bias, residual),
                     (ops.enum_value(ops.GemmActivation, 'activation', activation),), stream, context)
    return output


def gemma_fused_add_rmsnorm(input: Tensor, residual: Tensor, weight: Tensor, eps: float = 1e-06, *,
                            stream: StreamLike = None, context: Optional[Context] = None) -> None:
    """Adds the input to the residual stream and normalises the sum with weights stored as differences from 1,
    in place in both. See hipinfer.gemma_fused_add_rmsnorm."""
    ops._gemma_fused_add_rmsnorm((input, residual, weight, eps), None, stream, context)


def gemma_rmsnorm(input: Tensor, weight: Tensor, eps: float = 1e-06, *, output: Optional[Tensor] = None,
                  stream: StreamLike = None, context: Optional[Context] = None) -> Tensor:
    """Root-mean-square normalisation of each row with weights stored as differences from 1, as Gemma has
    them. See hipinfer.gemma_rmsnorm."""
    if output is None:
        output = empty_like(input)
    ops._gemma_rmsnorm((output, input, weight, eps), None, stream, context)
    return output


def get_batch_indices_positions(batch_indices: Tensor, positions: Tensor, append_indptr: Tensor,
                                seq_lens: Tensor, *, stream: StreamLike = None,
                                context: Optional[Context] = None) -> None:
    """Request and position of each new token of a ragged batch, as append_paged_kv_cache takes them. See
    hipinfer.get_batch_indices_positions."""
    ops._get_batch_indices_positions((batch_indices, positions, append_indptr, seq_lens), None, stream,
                                     context)


def get_seq_lens(kv_indptr: Tensor, kv_last_page_len: Tensor, page_size: int, *,
                 seq_lens: Optional[Tensor] = None, dtype: Optional[Dtype] = None, stream: StreamLike = None,
                 context: Optional[Context] = None) -> Tensor:
    """Lengths of the requests of a paged cache, from its page table. See hipinfer.get_seq_lens."""
    if seq_lens is None:
        seq_lens = empty_like(kv_last_page_len, dtype=dtype or int32)
    ops._get_seq_lens((seq_lens, kv_indptr, kv_last_page_len, page_size), None, stream, context)
    return seq_lens


def grouped_top_k(weights: Tensor, indices: Tensor, logits: Tensor, bias: Optional[Tensor] = None,
                  groups: int = 1, top_groups: int = 1, scaling: float = 1.0, renormalize: bool = True, *,
                  stream: StreamLike = None, context: Optional[Context] = None) -> None:
    """Experts of each token by the sigmoid of router logits: the best of the best groups, chosen with a bias
    and weighted without it. See hipinfer.grouped_top_k."""
    ops._grouped_top_k((weights, indices, logits, bias, groups, top_groups, scaling, renormalize), None,
                       stream, context)


def layernorm(input: Tensor, weight: Optional[Tensor] = None, bias: Optional[Tensor] = None,
              eps: float = 1e-05, *, output: Optional[Tensor] = None, stream: StreamLike = None,
              context: Optional[Context] = None) -> Tensor:
    """Layer normalisation of each row, with optional weight and bias. See hipinfer.layernorm."""
    if output is None:
        output = empty_like(input)
    ops._layernorm((output, input, weight, bias, eps), None, stream, context)
    return output


def layernorm_quant(input: Tensor, weight: Optional[Tensor], bias: Optional[Tensor], scale: Tensor,
                    eps: float = 1e-05, *, output: Optional[Tensor] = None, dtype: Optional[Dtype] = None,
                    stream: StreamLike = None, context: Optional[Context] = None) -> Tensor:
    """Layer normalisation of each row, with optional weight and bias, quantised with one scale. See
    hipinfer.layernorm_quant."""
    if output is None:
        output = empty_like(input, dtype=dtype or default_fp8(input))
    ops._layernorm_quant((output, input, weight, bias, scale, eps), None, stream, context)
    return output


def masked_softmax(input: Tensor, mask: Optional[Tensor] = None, scale: float = 1.0, causal: bool = False, *,
                   output: Optional[Tensor] = None, stream: StreamLike = None,
                   context: Optional[Context] = None) -> Tensor:
    """Softmax of scaled and masked attention scores, one pass over the scores. See hipinfer.masked_softmax."""
    if output is None:
        output = empty_like(input)
    ops._masked_softmax((output, input, mask, scale, causal), None, stream, context)
    return output


def merge_state(v_a: Tensor, s_a: Tensor, v_b: Tensor, s_b: Tensor, *, output: Optional[Tensor] = None,
                lse: Optional[Tensor] = None, stream: StreamLike = None,
                context: Optional[Context] = None) -> Tensor:
    """Merges what attention over two sets of keys gave, as if it had been over both. See
    hipinfer.merge_state."""
    if output is None:
        output = empty_like(v_a)
    ops._merge_state((output, lse, v_a, s_a, v_b, s_b), None, stream, context)
    return output


def merge_state_in_place(v: Tensor, s: Tensor, v_other: Tensor, s_other: Tensor,
                         mask: Optional[Tensor] = None, *, stream: StreamLike = None,
                         context: Optional[Context] = None) -> None:
    """Merges what attention over other keys gave into what attention over some gave. See
    hipinfer.merge_state_in_place."""
    ops._merge_state_in_place((v, s, v_other, s_other, mask), None, stream, context)


def merge_states(v: Tensor, s: Tensor, *, output: Optional[Tensor] = None, lse: Optional[Tensor] = None,
                 stream: StreamLike = None, context: Optional[Context] = None) -> Tensor:
    """Merges what attention over several sets of keys gave, as if it had been over all of them. See
    hipinfer.merge_states."""
    if output is None:
        output = empty((v.shape[0], v.shape[2], v.shape[3]), dtype=v.dtype, device=v.device)
    ops._merge_states((output, lse, v, s), None, stream, context)
    return output


def min_p_sampling_from_probs(probs: Tensor, indices: Optional[Tensor] = None,
                              min_ps: Optional[Tensor] = None, philox: Optional[Tensor] = None,
                              min_p: float = 0.0, seed: int = 0, offset: int = 0, *,
                              output: Optional[Tensor] = None, valid: Optional[Tensor] = None,
                              stream: StreamLike = None, context: Optional[Context] = None) -> Tensor:
    """Samples one token a row from the probabilities that are at least a part of the largest. See
    hipinfer.min_p_sampling_from_probs."""
    if output is None:
        output = empty(((probs if indices is None else indices).shape[0],), dtype=int32, device=probs.device)
    ops._min_p_sampling_from_probs((output, valid, probs, indices, min_ps, philox, min_p, seed, offset), None,
                                   stream, context)
    return output


def paged_attention_decode(query: Tensor, k_cache: Tensor, v_cache: Tensor, kv_indptr: Tensor,
                           kv_indices: Tensor, kv_last_page_len: Tensor, *, output: Optional[Tensor] = None,
                           lse: Optional[Tensor] = None, sm_scale: float = 0.0, logits_soft_cap: float = 0.0,
                           sliding_window: int = 0, sinks: Optional[Tensor] = None,
                           alibi_slopes: Optional[Tensor] = None, k_scale: Optional[Tensor] = None,
                           v_scale: Optional[Tensor] = None, workspace: Optional[Tensor] = None,
                           stream: StreamLike = None, context: Optional[Context] = None) -> Tensor:
    """Attention of one query token a request over its paged KV cache. See hipinfer.paged_attention_decode."""
    if output is None:
        output = empty_like(query)
    ops._paged_attention_decode((output, lse, query, k_cache, v_cache, kv_indptr, kv_indices,
                                kv_last_page_len), (sm_scale, logits_soft_cap, sliding_window, sinks,
                                alibi_slopes, k_scale, v_scale), stream, context, workspace)
    return output


def paged_attention_prefill(query: Tensor, k_cache: Tensor, v_cache: Tensor, qo_indptr: Tensor,
                            kv_indptr: Tensor, kv_indices: Optional[Tensor] = None,
                            kv_last_page_len: Optional[Tensor] = None, *, output: Optional[Tensor] = None,
                            lse: Optional[Tensor] = None, causal: bool = False, sm_scale: float = 0.0,
                            logits_soft_cap: float = 0.0, sliding_window: int = 0, window_right: int = 0,
                            sinks: Optional[Tensor] = None, alibi_slopes: Optional[Tensor] = None,
                            custom_mask: Optional[Tensor] = None, mask_indptr: Optional[Tensor] = None,
                            k_scale: Optional[Tensor] = None, v_scale: Optional[Tensor] = None,
                            stream: StreamLike = None, context: Optional[Context] = None) -> Tensor:
    """Attention of the query tokens of a ragged batch over a paged KV cache, or over keys that lie side by
    side. See hipinfer.paged_attention_prefill."""
    if output is None:
        output = empty_like(query)
    ops._paged_attention_prefill((output, lse, query, k_cache, v_cache, qo_indptr, kv_indptr, kv_indices,
                                 kv_last_page_len), (causal, sm_scale, logits_soft_cap, sliding_window,
                                 window_right, sinks, alibi_slopes, custom_mask, mask_indptr, k_scale,
                                 v_scale), stream, context)
    return output


def paged_mla_attention(q_nope: Tensor, q_pe: Tensor, ckv_cache: Tensor, kpe_cache: Tensor, qo_indptr: Tensor,
                        kv_indptr: Tensor, kv_indices: Tensor, kv_len: Tensor, sm_scale: float, *,
                        output: Optional[Tensor] = None, lse: Optional[Tensor] = None, causal: bool = False,
                        workspace: Optional[Tensor] = None, stream: StreamLike = None,
                        context: Optional[Context] = None) -> Tensor:
    """Multi-head latent attention, weights absorbed: query tokens of a ragged batch over a paged cache of
    latent keys, which all heads share and which are the values, too. See hipinfer.paged_mla_attention."""
    if output is None:
        output = empty_like(q_nope)
    ops._paged_mla_attention((output, lse, q_nope, q_pe, ckv_cache, kpe_cache, qo_indptr, kv_indptr,
                             kv_indices, kv_len, sm_scale), (causal,), stream, context, workspace)
    return output


def qk_norm_rope(q: Tensor, k: Optional[Tensor], q_weight: Tensor, k_weight: Optional[Tensor],
                 cos_sin: Tensor, positions: Tensor, eps: float = 1e-06, interleaved: bool = False, *,
                 q_out: Optional[Tensor] = None, k_out: Optional[Tensor] = None, stream: StreamLike = None,
                 context: Optional[Context] = None) -> Tuple[Tensor, Optional[Tensor]]:
    """Root-mean-square normalisation of each head of queries and keys, then rotary position embedding, in one
    pass. See hipinfer.qk_norm_rope."""
    if q_out is None:
        q_out = empty_like(q)
    if k_out is None and k is not None:
        k_out = empty_like(k, dtype=q.dtype)
    ops._qk_norm_rope((q_out, k_out, q, k, q_weight, k_weight, cos_sin, positions, eps, interleaved), None,
                      stream, context)
    return q_out, k_out


def quantize_per_group(scales: Tensor, input: Tensor, group_size: int = 128, *,
                       output: Optional[Tensor] = None, dtype: Optional[Dtype] = None,
                       stream: StreamLike = None, context: Optional[Context] = None) -> Tensor:
    """Quantises groups of neighbours in a row to fp8 or int8, each with a scale found from its largest
    magnitude. See hipinfer.quantize_per_group."""
    if output is None:
        output = empty_like(input, dtype=dtype or default_fp8(input))
    ops._quantize_per_group((output, scales, input, group_size), None, stream, context)
    return output


def quantize_per_tensor(input: Tensor, scale: Tensor, *, output: Optional[Tensor] = None,
                        dtype: Optional[Dtype] = None, stream: StreamLike = None,
                        context: Optional[Context] = None) -> Tensor:
    """Quantises a tensor of any shape to fp8 or int8 with one scale. See hipinfer.quantize_per_tensor."""
    if output is None:
        output = empty_like(input, dtype=dtype or default_fp8(input))
    ops._quantize_per_tensor((output, input, scale), None, stream, context)
    return output


def quantize_per_token(input: Tensor, *, output: Optional[Tensor] = None, scales: Optional[Tensor] = None,
                       dtype: Optional[Dtype] = None, stream: StreamLike = None,
                       context: Optional[Context] = None) -> Tuple[Tensor, Tensor]:
    """Quantises each row to fp8 or int8 with a scale of its own, found from its largest magnitude. See
    hipinfer.quantize_per_token."""
    if output is None:
        output = empty_like(input, dtype=dtype or default_fp8(input))
    if scales is None:
        scales = empty((input.shape[0],), dtype=float32, device=input.device)
    ops._quantize_per_token((output, scales, input), None, stream, context)
    return output, scales


def rmsnorm(input: Tensor, weight: Tensor, eps: float = 1e-06, *, output: Optional[Tensor] = None,
            stream: StreamLike = None, context: Optional[Context] = None) -> Tensor:
    """Root-mean-square normalisation of each row. See hipinfer.rmsnorm."""
    if output is None:
        output = empty_like(input)
    ops._rmsnorm((output, input, weight, eps), None, stream, context)
    return output


def rmsnorm_dynamic_quant(input: Tensor, weight: Tensor, eps: float = 1e-06, *,
                          output: Optional[Tensor] = None, scales: Optional[Tensor] = None,
                          dtype: Optional[Dtype] = None, stream: StreamLike = None,
                          context: Optional[Context] = None) -> Tuple[Tensor, Tensor]:
    """Root-mean-square normalisation of each row, quantised with a scale for each row. See
    hipinfer.rmsnorm_dynamic_quant."""
    if output is None:
        output = empty_like(input, dtype=dtype or default_fp8(input))
    if scales is None:
        scales = empty(input.shape[:-1], dtype=float32, device=input.device)
    ops._rmsnorm_dynamic_quant((output, scales, input, weight, eps), None, stream, context)
    return output, scales


def rmsnorm_quant(input: Tensor, weight: Tensor, scale: Tensor, eps: float = 1e-06, *,
                  output: Optional[Tensor] = None, dtype: Optional[Dtype] = None, stream: StreamLike = None,
                  context: Optional[Context] = None) -> Tensor:
    """Root-mean-square normalisation of each row, quantised with one scale. See hipinfer.rmsnorm_quant."""
    if output is None:
        output = empty_like(input, dtype=dtype or default_fp8(input))
    ops._rmsnorm_quant((output, input, weight, scale, eps), None, stream, context)
    return output


def rmsnorm_silu(input: Tensor, weight: Tensor, eps: float = 1e-06, *, output: Optional[Tensor] = None,
                 stream: StreamLike = None, context: Optional[Context] = None) -> Tensor:
    """Root-mean-square normalisation of each row, and silu of it. See hipinfer.rmsnorm_silu."""
    if output is None:
        output = empty_like(input)
    ops._rmsnorm_silu((output, input, weight, eps), None, stream, context)
    return output


def rope(q: Tensor, k: Optional[Tensor], cos_sin: Tensor, positions: Tensor, interleaved: bool = False, *,
         q_out: Optional[Tensor] = None, k_out: Optional[Tensor] = None, stream: StreamLike = None,
         context: Optional[Context] = None) -> Tuple[Tensor, Optional[Tensor]]:
    """Rotary position embedding of queries and, in the same launch, keys. See hipinfer.rope."""
    if q_out is None:
        q_out = empty_like(q)
    if k_out is None and k is not None:
        k_out = empty_like(k, dtype=q.dtype)
    ops._rope((q_out, k_out, q, k, cos_sin, positions, interleaved), None, stream, context)
    return q_out, k_out


def rope_append_kv(k_cache: Tensor, v_cache: Tensor, q: Tensor, k: Tensor, v: Tensor, cos_sin: Tensor,
                   positions: Tensor, batch_indices: Tensor, kv_indices: Optional[Tensor] = None,
                   kv_indptr: Optional[Tensor] = None, kv_last_page_len: Optional[Tensor] = None,
                   pos_ids: Optional[Tensor] = None, k_scale: Optional[Tensor] = None,
                   v_scale: Optional[Tensor] = None, interleaved: bool = False, *,
                   q_out: Optional[Tensor] = None, stream: StreamLike = None,
                   context: Optional[Context] = None) -> Tensor:
    """Rotary position embedding of queries and keys; the keys and their values go straight to a paged or
    contiguous cache, quantised where it is fp8. See hipinfer.rope_append_kv."""
    if q_out is None:
        q_out = empty_like(q)
    ops._rope_append_kv((q_out, k_cache, v_cache, q, k, v, cos_sin, positions, batch_indices, kv_indices,
                        kv_indptr, kv_last_page_len, pos_ids, k_scale, v_scale, interleaved), None, stream,
                        context)
    return q_out


def rope_cos_sin_cache(output: Tensor, theta: float = 10000.0, *,
                       scaling: Union[ops.RopeScaling, str, int] = 0, factor: float = 0.0,
                       low_freq_factor: float = 0.0, high_freq_factor: float = 0.0, original_context: int = 0,
                       beta_fast: float = 0.0, beta_slow: float = 0.0, attention_factor: float = 0.0,
                       stream: StreamLike = None, context: Optional[Context] = None) -> None:
    """Cosines and sines of rotary position embedding for every position, as rope reads them. See
    hipinfer.rope_cos_sin_cache."""
    ops._rope_cos_sin_cache((output, theta), (ops.enum_value(ops.RopeScaling, 'scaling', scaling), factor,
                            low_freq_factor, high_freq_factor, original_context, beta_fast, beta_slow,
                            attention_factor), stream, context)


def rope_quantize_fp8(q_rope: Tensor, k_rope: Tensor, q_nope: Optional[Tensor], k_nope: Optional[Tensor],
                      cos_sin: Tensor, positions: Tensor, interleaved: bool = False,
                      quant_scale_q: float = 1.0, quant_scale_kv: float = 1.0, *,
                      q_rope_out: Optional[Tensor] = None, k_rope_out: Optional[Tensor] = None,
                      q_nope_out: Optional[Tensor] = None, k_nope_out: Optional[Tensor] = None,
                      dtype: Optional[Dtype] = None, stream: StreamLike = None,
                      context: Optional[Context] = None) -> Tuple[Tensor, Tensor]:
    """Rotary position embedding of the rotary parts of queries and keys, and all parts quantised to fp8, in
    one launch. See hipinfer.rope_quantize_fp8."""
    if q_rope_out is None:
        q_rope_out = empty_like(q_rope, dtype=dtype or default_fp8(q_rope))
    if k_rope_out is None:
        k_rope_out = empty_like(k_rope, dtype=dtype or default_fp8(q_rope))
    ops._rope_quantize_fp8((q_rope_out, k_rope_out, q_nope_out, k_nope_out, q_rope, k_rope, q_nope, k_nope,
                           cos_sin, positions, interleaved, quant_scale_q, quant_scale_kv), None, stream,
                           context)
    return q_rope_out, k_rope_out


def rope_theta(q: Tensor, k: Optional[Tensor] = None, positions: Optional[Tensor] = None,
               indptr: Optional[Tensor] = None, offsets: Optional[Tensor] = None, interleaved: bool = False,
               theta: float = 10000.0, *, q_out: Optional[Tensor] = None, k_out: Optional[Tensor] = None,
               rotary_dim: int = 0, scaling: Union[ops.RopeScaling, str, int] = 0, factor: float = 0.0,
               low_freq_factor: float = 0.0, high_freq_factor: float = 0.0, original_context: int = 0,
               beta_fast: float = 0.0, beta_slow: float = 0.0, attention_factor: float = 0.0,
               stream: StreamLike = None,
               context: Optional[Context] = None) -> Tuple[Tensor, Optional[Tensor]]:
    """Rotary position embedding of queries and, in the same launch, keys, without a cache of angles: from
    positions, or from the requests of a ragged batch. See hipinfer.rope_theta."""
    if q_out is None:
        q_out = empty_like(q)
    if k_out is None and k is not None:
        k_out = empty_like(k, dtype=q.dtype)
    ops._rope_theta((q_out, k_out, q, k, positions, indptr, offsets, interleaved, theta), (rotary_dim,
                    ops.enum_value(ops.RopeScaling, 'scaling', scaling), factor, low_freq_factor,
                    high_freq_factor, original_context, beta_fast, beta_slow, attention_factor), stream,
                    context)
    return q_out, k_out


def sampling_from_logits(logits: Tensor, indices: Optional[Tensor] = None,
                         temperatures: Optional[Tensor] = None, philox: Optional[Tensor] = None,
                         temperature: float = 1.0, seed: int = 0, offset: int = 0, *,
                         output: Optional[Tensor] = None, valid: Optional[Tensor] = None,
                         stream: StreamLike = None, context: Optional[Context] = None) -> Tensor:
    """Samples one token a row from temperature-scaled logits. See hipinfer.sampling_from_logits."""
    if output is None:
        output = empty(((logits if indices is None else indices).shape[0],), dtype=int32, device=logits.device)
    ops._sampling_from_logits((output, valid, logits, indices, temperatures, philox, temperature, seed,
                              offset), None, stream, context)
    return output


def sampling_from_probs(probs: Tensor, indices: Optional[Tensor] = None, philox: Optional[Tensor] = None,
                        seed: int = 0, offset: int = 0, *, output: Optional[Tensor] = None,
                        valid: Optional[Tensor] = None, stream: StreamLike = None,
                        context: Optional[Context] = None) -> Tensor:
    """Samples one token a row from probabilities. See hipinfer.sampling_from_probs."""
    if output is None:
        output = empty(((probs if indices is None else indices).shape[0],), dtype=int32, device=probs.device)
    ops._sampling_from_probs((output, valid, probs, indices, philox, seed, offset), None, stream, context)
    return output


def scale(input: Tensor, factor: float, *, output: Optional[Tensor] = None, stream: StreamLike = None,
          context: Optional[Context] = None) -> Tensor:
    """Multiplies a tensor of any shape by a number. See hipinfer.scale."""
    if output is None:
        output = empty_like(input)
    ops._scale((output, input, factor), None, stream, context)
    return output


def silu_and_mul(input: Tensor, *, output: Optional[Tensor] = None, stream: StreamLike = None,
                 context: Optional[Context] = None) -> Tensor:
    """SwiGLU on a packed projection: silu of the first half of each row times the second half. See
    hipinfer.silu_and_mul."""
    if output is None:
        output = empty((input.shape[0], input.shape[1] // 2), dtype=input.dtype, device=input.device)
    ops._silu_and_mul((output, input), None, stream, context)
    return output


def silu_and_mul_dynamic_quant(input: Tensor, *, output: Optional[Tensor] = None,
                               scales: Optional[Tensor] = None, dtype: Optional[Dtype] = None,
                               stream: StreamLike = None,
                               context: Optional[Context] = None) -> Tuple[Tensor, Tensor]:
    """SwiGLU on a packed projection: silu of the first half of each row times the second half, quantised with
    a scale for each row. See hipinfer.silu_and_mul_dynamic_quant."""
    if output is None:
        output = empty((input.shape[0], input.shape[1] // 2), dtype=dtype or default_fp8(input), device=input.device)
    if scales is None:
        scales = empty((input.shape[0],), dtype=float32, device=input.device)
    ops._silu_and_mul_dynamic_quant((output, scales, input), None, stream, context)
    return output, scales


def silu_and_mul_quant(input: Tensor, scale: Tensor, *, output: Optional[Tensor] = None,
                       dtype: Optional[Dtype] = None, stream: StreamLike = None,
                       context: Optional[Context] = None) -> Tensor:
    """SwiGLU on a packed projection: silu of the first half of each row times the second half, quantised with
    one scale. See hipinfer.silu_and_mul_quant."""
    if output is None:
        output = empty((input.shape[0], input.shape[1] // 2), dtype=dtype or default_fp8(input), device=input.device)
    ops._silu_and_mul_quant((output, input, scale), None, stream, context)
    return output


def softmax(input: Tensor, temperature: float = 1.0, temperatures: Optional[Tensor] = None, *,
            output: Optional[Tensor] = None, dtype: Optional[Dtype] = None, stream: StreamLike = None,
            context: Optional[Context] = None) -> Tensor:
    """Probabilities of each row of logits, at a temperature. See hipinfer.softmax."""
    if output is None:
        output = empty_like(input, dtype=dtype or input.dtype)
    ops._softmax((output, input, temperature, temperatures), None, stream, context)
    return output


def swiglu(gate: Tensor, up: Tensor, *, output: Optional[Tensor] = None, stream: StreamLike = None,
           context: Optional[Context] = None) -> Tensor:
    """SwiGLU of two tensors: silu of gate times up. See hipinfer.swiglu."""
    if output is None:
        output = empty_like(gate)
    ops._swiglu((output, gate, up), None, stream, context)
    return output


def token_logprobs(logits: Tensor, tokens: Tensor, temperatures: Optional[Tensor] = None,
                   temperature: float = 1.0, *, logprobs: Optional[Tensor] = None,
                   ranks: Optional[Tensor] = None, top_logprobs: Optional[Tensor] = None,
                   top_indices: Optional[Tensor] = None, stream: StreamLike = None,
                   context: Optional[Context] = None) -> Tensor:
    """Log-probability and rank of one token a row, and the log-probabilities of the likeliest tokens. See
    hipinfer.token_logprobs."""
    if logprobs is None:
        logprobs = empty_like(tokens, dtype=float32)
    ops._token_logprobs((logprobs, ranks, top_logprobs, top_indices, logits, tokens, temperatures,
                        temperature), None, stream, context)
    return logprobs


def top_k(values: Tensor, indices: Tensor, input: Tensor, sorted: bool = False, *, stream: StreamLike = None,
          context: Optional[Context] = None) -> None:
    """The k largest elements of each row and their indices. See hipinfer.top_k."""
    ops._top_k((values, indices, input, sorted), None, stream, context)


def top_k_mask_logits(logits: Tensor, top_ks: Optional[Tensor] = None, top_k: int = 0, *,
                      output: Optional[Tensor] = None, stream: StreamLike = None,
                      context: Optional[Context] = None) -> Tensor:
    """Keeps the largest logits of each row and puts -infinity in place of the others. See
    hipinfer.top_k_mask_logits."""
    if output is None:
        output = empty_like(logits)
    ops._top_k_mask_logits((output, logits, top_ks, top_k), None, stream, context)
    return output


def top_k_page_table_transform(output: Tensor, scores: Tensor, page_table: Tensor, lengths: Tensor,
                               row_to_batch: Optional[Tensor] = None, row_starts: Optional[Tensor] = None,
                               page_table_starts: Optional[Tensor] = None, page_size: int = 1, *,
                               raw_indices: Optional[Tensor] = None, stream: StreamLike = None,
                               context: Optional[Context] = None) -> None:
    """The k largest scores of a window of each row, as slots of a paged cache: the second stage of sparse
    attention. See hipinfer.top_k_page_table_transform."""
    ops._top_k_page_table_transform((output, raw_indices, scores, page_table, lengths, row_to_batch,
                                    row_starts, page_table_starts, page_size), None, stream, context)


def top_k_ragged_transform(output: Tensor, scores: Tensor, offsets: Tensor, lengths: Tensor,
                           row_starts: Optional[Tensor] = None, *, stream: StreamLike = None,
                           context: Optional[Context] = None) -> None:
    """The k largest scores of a window of each row, as places in a ragged tensor of keys: the second stage of
    sparse attention. See hipinfer.top_k_ragged_transform."""
    ops._top_k_ragged_transform((output, scores, offsets, lengths, row_starts), None, stream, context)


def top_k_renorm_probs(probs: Tensor, top_ks: Optional[Tensor] = None, top_k: int = 0, *,
                       output: Optional[Tensor] = None, stream: StreamLike = None,
                       context: Optional[Context] = None) -> Tensor:
    """Keeps the largest probabilities of each row and divides them by their sum. See
    hipinfer.top_k_renorm_probs."""
    if output is None:
        output = empty_like(probs)
    ops._top_k_renorm_probs((output, probs, top_ks, top_k), None, stream, context)
    return output


def top_k_sampling_from_probs(probs: Tensor, indices: Optional[Tensor] = None,
                              top_ks: Optional[Tensor] = None, philox: Optional[Tensor] = None,
                              top_k: int = 0, seed: int = 0, offset: int = 0, *,
                              output: Optional[Tensor] = None, valid: Optional[Tensor] = None,
                              stream: StreamLike = None, context: Optional[Context] = None) -> Tensor:
    """Samples one token a row from the largest probabilities. See hipinfer.top_k_sampling_from_probs."""
    if output is None:
        output = empty(((probs if indices is None else indices).shape[0],), dtype=int32, device=probs.device)
    ops._top_k_sampling_from_probs((output, valid, probs, indices, top_ks, philox, top_k, seed, offset), None,
                                   stream, context)
    return output


def top_k_top_p_sampling_from_logits(logits: Tensor, indices: Optional[Tensor] = None,
                                     temperatures: Optional[Tensor] = None, top_ks: Optional[Tensor] = None,
                                     top_ps: Optional[Tensor] = None, philox: Optional[Tensor] = None,
                                     temperature: float = 1.0, top_k: int = 0, top_p: float = 1.0,
                                     joint: bool = False, seed: int = 0, offset: int = 0, *,
                                     output: Optional[Tensor] = None, valid: Optional[Tensor] = None,
                                     stream: StreamLike = None, context: Optional[Context] = None) -> Tensor:
    """Samples one token a row from temperature-scaled logits, top-k first, then top-p on the renormalised
    rest, or both at once. See hipinfer.top_k_top_p_sampling_from_logits."""
    if output is None:
        output = empty(((logits if indices is None else indices).shape[0],), dtype=int32, device=logits.device)
    ops._top_k_top_p_sampling_from_logits((output, valid, logits, indices, temperatures, top_ks, top_ps,
                                          philox, temperature, top_k, top_p, joint, seed, offset), None,
                                          stream, context)
    return output


def top_k_top_p_sampling_from_probs(probs: Tensor, indices: Optional[Tensor] = None,
                                    top_ks: Optional[Tensor] = None, top_ps: Optional[Tensor] = None,
                                    philox: Optional[Tensor] = None, top_k: int = 0, top_p: float = 1.0,
                                    joint: bool = False, seed: int = 0, offset: int = 0, *,
                                    output: Optional[Tensor] = None, valid: Optional[Tensor] = None,
                                    stream: StreamLike = None, context: Optional[Context] = None) -> Tensor:
    """Samples one token a row from probabilities, top-k first, then top-p on the renormalised rest, or both
    at once. See hipinfer.top_k_top_p_sampling_from_probs."""
    if output is None:
        output = empty(((probs if indices is None else indices).shape[0],), dtype=int32, device=probs.device)
    ops._top_k_top_p_sampling_from_probs((output, valid, probs, indices, top_ks, top_ps, philox, top_k, top_p,
                                         joint, seed, offset), None, stream, context)
    return output


def top_p_renorm_probs(probs: Tensor, top_ps: Optional[Tensor] = None, top_p: float = 1.0, *,
                       output: Optional[Tensor] = None, stream: StreamLike = None,
                       context: Optional[Context] = None) -> Tensor:
    """Keeps the fewest largest probabilities of each row that reach a part of all, and divides them by their
    sum. See hipinfer.top_p_renorm_probs."""
    if output is None:
        output = empty_like(probs)
    ops._top_p_renorm_probs((output, probs, top_ps, top_p), None, stream, context)
    return output


def top_p_sampling_from_probs(probs: Tensor, indices: Optional[Tensor] = None,
                              top_ps: Optional[Tensor] = None, philox: Optional[Tensor] = None,
                              top_p: float = 1.0, seed: int = 0, offset: int = 0, *,
                              output: Optional[Tensor] = None, valid: Optional[Tensor] = None,
                              stream: StreamLike = None, context: Optional[Context] = None) -> Tensor:
    """Samples one token a row from the fewest largest probabilities that reach a part of all. See
    hipinfer.top_p_sampling_from_probs."""
    if output is None:
        output = empty(((probs if indices is None else indices).shape[0],), dtype=int32, device=probs.device)
    ops._top_p_sampling_from_probs((output, valid, probs, indices, top_ps, philox, top_p, seed, offset), None,
                                   stream, context)
    return output
