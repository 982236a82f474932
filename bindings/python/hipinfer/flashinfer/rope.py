# SPDX-License-Identifier: Apache-2.0
"""FlashInfer's rotary position embedding. Queries and keys are [tokens, heads, dim]; `interleave` pairs neighbours, else the
halves of the rotary dimension are paired. Those that take no table make the rows that they need, on the same stream; in a
loop over layers, rope_cos_sin_cache once and apply_rope_with_cos_sin_cache are faster."""

from __future__ import annotations

import math
from typing import Any, Optional, Tuple

import torch

from .. import torch as ops
from . import _missing

Tensor = torch.Tensor
Pair = Tuple[Tensor, Tensor]


def _positions(indptr: Tensor, offsets: Tensor, tokens: int) -> Tensor:
    """offsets[r] + the place in the request, for the tokens of each request r."""
    token = torch.arange(tokens, device=indptr.device)
    request = torch.searchsorted(indptr[1:].contiguous(), token, right=True).clamp_(max=max(indptr.numel() - 2, 0))
    return token - indptr[request] + offsets.to(indptr.device)[request]


def _frequencies(rotary_dim: int, theta: float, device: torch.device) -> Tensor:
    exponents = torch.arange(0, rotary_dim, 2, device=device, dtype=torch.float64) / rotary_dim
    return torch.pow(theta, -exponents)


def _llama31(rotary_dim: int, scale: float, theta: float, low: float, high: float, context: int, device: torch.device) -> Tensor:
    """Llama 3.1's: wavelengths of more than context / low are stretched by scale, those below context / high are not."""
    frequencies = _frequencies(rotary_dim, theta, device)
    kept = ((frequencies * (context / (2 * math.pi)) - low) / (high - low)).clamp(0, 1)
    return frequencies * (kept + (1 - kept) / scale)


def _apply(q: Tensor, k: Tensor, positions: Tensor, frequencies: Tensor, interleave: bool, in_place: bool) -> Pair:
    angles = positions.to(torch.float64)[:, None] * frequencies
    table = torch.cat((angles.cos(), angles.sin()), -1).float()
    rows = torch.arange(q.shape[0], device=q.device, dtype=torch.int32)
    outs = {"q_out": q, "k_out": k} if in_place else {}
    q_out, k_out = ops.rope(q, k, table, rows, interleave, **outs)
    assert k_out is not None
    return q_out, k_out


def apply_rope_pos_ids(q: Tensor, k: Tensor, pos_ids: Tensor, rotary_dim: Optional[int] = None, interleave: bool = False,
                       rope_scale: float = 1, rope_theta: float = 1e4) -> Pair:
    """At the position of each token; rope_scale divides positions."""
    frequencies = _frequencies(rotary_dim or q.shape[-1], rope_theta, q.device) / rope_scale
    return _apply(q, k, pos_ids, frequencies, interleave, False)


def apply_rope_pos_ids_inplace(q: Tensor, k: Tensor, pos_ids: Tensor, rotary_dim: Optional[int] = None, interleave: bool = False,
                               rope_scale: float = 1, rope_theta: float = 1e4) -> None:
    frequencies = _frequencies(rotary_dim or q.shape[-1], rope_theta, q.device) / rope_scale
    _apply(q, k, pos_ids, frequencies, interleave, True)


def apply_rope(q: Tensor, k: Tensor, indptr: Tensor, offsets: Tensor, rotary_dim: Optional[int] = None, interleave: bool = False,
               rope_scale: float = 1, rope_theta: float = 1e4) -> Pair:
    """Request r's tokens, indptr[r] to indptr[r + 1], are at positions from offsets[r] on."""
    return apply_rope_pos_ids(q, k, _positions(indptr, offsets, q.shape[0]), rotary_dim, interleave, rope_scale, rope_theta)


def apply_rope_inplace(q: Tensor, k: Tensor, indptr: Tensor, offsets: Tensor, rotary_dim: Optional[int] = None,
                       interleave: bool = False, rope_scale: float = 1, rope_theta: float = 1e4) -> None:
    apply_rope_pos_ids_inplace(q, k, _positions(indptr, offsets, q.shape[0]), rotary_dim, interleave, rope_scale, rope_theta)


def apply_llama31_rope_pos_ids(q: Tensor, k: Tensor, pos_ids: Tensor, rotary_dim: Optional[int] = None, interleave: bool = False,
                               rope_scale: float = 8, rope_theta: float = 5e5, low_freq_factor: float = 1,
                               high_freq_factor: float = 4, old_context_len: int = 8192) -> Pair:
    """With Llama 3.1's scaling of frequencies."""
    frequencies = _llama31(rotary_dim or q.shape[-1], rope_scale, rope_theta, low_freq_factor, high_freq_factor, old_context_len,
                           q.device)
    return _apply(q, k, pos_ids, frequencies, interleave, False)


def apply_llama31_rope_pos_ids_inplace(q: Tensor, k: Tensor, pos_ids: Tensor, rotary_dim: Optional[int] = None,
                                       interleave: bool = False, rope_scale: float = 8, rope_theta: float = 5e5,
                                       low_freq_factor: float = 1, high_freq_factor: float = 4, old_context_len: int = 8192) -> None:
    frequencies = _llama31(rotary_dim or q.shape[-1], rope_scale, rope_theta, low_freq_factor, high_freq_factor, old_context_len,
                           q.device)
    _apply(q, k, pos_ids, frequencies, interleave, True)


def apply_llama31_rope(q: Tensor, k: Tensor, indptr: Tensor, offsets: Tensor, rotary_dim: Optional[int] = None,
                       interleave: bool = False, rope_scale: float = 8, rope_theta: float = 5e5, low_freq_factor: float = 1,
                       high_freq_factor: float = 4, old_context_len: int = 8192) -> Pair:
    return apply_llama31_rope_pos_ids(q, k, _positions(indptr, offsets, q.shape[0]), rotary_dim, interleave, rope_scale, rope_theta,
                                      low_freq_factor, high_freq_factor, old_context_len)


def apply_llama31_rope_inplace(q: Tensor, k: Tensor, indptr: Tensor, offsets: Tensor, rotary_dim: Optional[int] = None,
                               interleave: bool = False, rope_scale: float = 8, rope_theta: float = 5e5, low_freq_factor: float = 1,
                               high_freq_factor: float = 4, old_context_len: int = 8192) -> None:
    apply_llama31_rope_pos_ids_inplace(q, k, _positions(indptr, offsets, q.shape[0]), rotary_dim, interleave, rope_scale, rope_theta,
                                       low_freq_factor, high_freq_factor, old_context_len)


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


def __getattr__(name: str) -> Any:
    return _missing.stand_in("rope", name)
