# SPDX-License-Identifier: Apache-2.0
"""FlashInfer's rotary position embedding. Queries and keys are [tokens, heads, dim]; `interleave` pairs neighbours, else the
halves of the rotary dimension are paired. In a loop over layers, rope_cos_sin_cache once and apply_rope_with_cos_sin_cache are
faster than those that take no table."""

from __future__ import annotations

from typing import Any, Dict, Optional, Tuple

import torch
from torch import Tensor

from .. import torch as ops

Pair = Tuple[Tensor, Tensor]


def _requests(indptr: Tensor, offsets: Tensor) -> Dict[str, Tensor]:
    """Request r's tokens, indptr[r] to indptr[r + 1], are at positions from offsets[r] on."""
    return {"indptr": indptr, "offsets": offsets.to(indptr.device, indptr.dtype)}


def _apply(q: Tensor, k: Tensor, place: Dict[str, Tensor], rotary_dim: Optional[int], interleave: bool, scale: float, theta: float,
           in_place: bool, **scaling: Any) -> Pair:
    outs = {"q_out": q, "k_out": k} if in_place else {}
    words = {"scaling": "linear", **scaling}
    q_out, k_out = ops.rope_theta(q, k, interleaved=interleave, theta=theta, rotary_dim=rotary_dim or 0, factor=scale, **place,
                                  **outs, **words)
    assert k_out is not None
    return q_out, k_out


def _llama31(low: float, high: float, context: int) -> Dict[str, Any]:
    return {"scaling": "llama31", "low_freq_factor": low, "high_freq_factor": high, "original_context": context}


def apply_rope_pos_ids(q: Tensor, k: Tensor, pos_ids: Tensor, rotary_dim: Optional[int] = None, interleave: bool = False,
                       rope_scale: float = 1, rope_theta: float = 1e4) -> Pair:
    """At the position of each token; rope_scale divides positions."""
    return _apply(q, k, {"positions": pos_ids}, rotary_dim, interleave, rope_scale, rope_theta, False)


def apply_rope_pos_ids_inplace(q: Tensor, k: Tensor, pos_ids: Tensor, rotary_dim: Optional[int] = None, interleave: bool = False,
                               rope_scale: float = 1, rope_theta: float = 1e4) -> None:
    _apply(q, k, {"positions": pos_ids}, rotary_dim, interleave, rope_scale, rope_theta, True)


def apply_rope(q: Tensor, k: Tensor, indptr: Tensor, offsets: Tensor, rotary_dim: Optional[int] = None, interleave: bool = False,
               rope_scale: float = 1, rope_theta: float = 1e4) -> Pair:
    """Request r's tokens, indptr[r] to indptr[r + 1], are at positions from offsets[r] on."""
    return _apply(q, k, _requests(indptr, offsets), rotary_dim, interleave, rope_scale, rope_theta, False)


def apply_rope_inplace(q: Tensor, k: Tensor, indptr: Tensor, offsets: Tensor, rotary_dim: Optional[int] = None,
                       interleave: bool = False, rope_scale: float = 1, rope_theta: float = 1e4) -> None:
    _apply(q, k, _requests(indptr, offsets), rotary_dim, interleave, rope_scale, rope_theta, True)


def apply_llama31_rope_pos_ids(q: Tensor, k: Tensor, pos_ids: Tensor, rotary_dim: Optional[int] = None, interleave: bool = False,
                               rope_scale: float = 8, rope_theta: float = 5e5, low_freq_factor: float = 1,
                               high_freq_factor: float = 4, old_context_len: int = 8192) -> Pair:
    """With Llama 3.1's scaling of frequencies."""
    return _apply(q, k, {"positions": pos_ids}, rotary_dim, interleave, rope_scale, rope_theta, False,
                  **_llama31(low_freq_factor, high_freq_factor, old_context_len))


def apply_llama31_rope_pos_ids_inplace(q: Tensor, k: Tensor, pos_ids: Tensor, rotary_dim: Optional[int] = None,
                                       interleave: bool = False, rope_scale: float = 8, rope_theta: float = 5e5,
                                       low_freq_factor: float = 1, high_freq_factor: float = 4, old_context_len: int = 8192) -> None:
    _apply(q, k, {"positions": pos_ids}, rotary_dim, interleave, rope_scale, rope_theta, True,
           **_llama31(low_freq_factor, high_freq_factor, old_context_len))


def apply_llama31_rope(q: Tensor, k: Tensor, indptr: Tensor, offsets: Tensor, rotary_dim: Optional[int] = None,
                       interleave: bool = False, rope_scale: float = 8, rope_theta: float = 5e5, low_freq_factor: float = 1,
                       high_freq_factor: float = 4, old_context_len: int = 8192) -> Pair:
    return _apply(q, k, _requests(indptr, offsets), rotary_dim, interleave, rope_scale, rope_theta, False,
                  **_llama31(low_freq_factor, high_freq_factor, old_context_len))


def apply_llama31_rope_inplace(q: Tensor, k: Tensor, indptr: Tensor, offsets: Tensor, rotary_dim: Optional[int] = None,
                               interleave: bool = False, rope_scale: float = 8, rope_theta: float = 5e5, low_freq_factor: float = 1,
                               high_freq_factor: float = 4, old_context_len: int = 8192) -> None:
    _apply(q, k, _requests(indptr, offsets), rotary_dim, interleave, rope_scale, rope_theta, True,
           **_llama31(low_freq_factor, high_freq_factor, old_context_len))


def _heads(tensor: Tensor, head_size: int) -> Tensor:
    return tensor.view(tensor.shape[0], -1, head_size)


def apply_rope_with_cos_sin_cache(positions: Tensor, query: Tensor, key: Tensor, head_size: int, cos_sin_cache: Tensor,
                                  is_neox: bool = True) -> Pair:
    """query and key [tokens, heads * head_size]; the cache holds cosines, then sines, in f32."""
    if cos_sin_cache.dtype != torch.float32:
        raise ValueError("cos_sin_cache should be float32")
    q, k = torch.empty_like(query), torch.empty_like(key)
    ops.rope(_heads(query, head_size), _heads(key, head_size), cos_sin_cache, positions, not is_neox, q_out=_heads(q, head_size),
             k_out=_heads(k, head_size))
    return q, k


def apply_rope_with_cos_sin_cache_inplace(positions: Tensor, query: Tensor, key: Tensor, head_size: int, cos_sin_cache: Tensor,
                                          is_neox: bool = True) -> None:
    if cos_sin_cache.dtype != torch.float32:
        raise ValueError("cos_sin_cache should be float32")
    q, k = _heads(query, head_size), _heads(key, head_size)
    ops.rope(q, k, cos_sin_cache, positions, not is_neox, q_out=q, k_out=k)


def rope_quantize_fp8(q_rope: Tensor, k_rope: Tensor, q_nope: Optional[Tensor], k_nope: Optional[Tensor], cos_sin_cache: Tensor,
                      pos_ids: Tensor, is_neox: bool = True, quantize_dtype: Optional[torch.dtype] = None,
                      quant_scale_q: float = 1.0, quant_scale_kv: float = 1.0, q_rope_out: Optional[Tensor] = None,
                      k_rope_out: Optional[Tensor] = None, q_nope_out: Optional[Tensor] = None, k_nope_out: Optional[Tensor] = None,
                      enable_pdl: bool = False, backend: str = "cuda") -> Tuple[Tensor, Tensor, Tensor, Tensor]:
    """Rotary parts turned, all parts multiplied by their scale and rounded to fp8: e4m3fn unless a dtype or an output says
    otherwise. Returns q_rope_out, k_rope_out, q_nope_out, k_nope_out; parts that are None come back empty."""
    if cos_sin_cache.dtype != torch.float32:
        raise ValueError("cos_sin_cache should be float32")
    outs = [q_rope_out, k_rope_out, q_nope_out, k_nope_out]
    dtype = quantize_dtype or next((x.dtype for x in outs if x is not None), torch.float8_e4m3fn)
    parts = [q_rope, k_rope, q_rope[..., :0] if q_nope is None else q_nope, k_rope[..., :0] if k_nope is None else k_nope]
    a, b, c, d = (torch.empty_like(x, dtype=dtype) if out is None else out for x, out in zip(parts, outs))
    used = [None if x.shape[-1] == 0 else x for x in (parts[2], parts[3], c, d)]
    ops.rope_quantize_fp8(q_rope, k_rope, used[0], used[1], cos_sin_cache, pos_ids, not is_neox, quant_scale_q, quant_scale_kv,
                          q_rope_out=a, k_rope_out=b, q_nope_out=used[2], k_nope_out=used[3])
    return a, b, c, d


mla_rope_quantize_fp8 = rope_quantize_fp8
