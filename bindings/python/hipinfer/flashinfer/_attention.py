# SPDX-License-Identifier: Apache-2.0
"""What FlashInfer's attention functions have in common."""

from __future__ import annotations

from typing import Any, Dict, Optional

import torch
from torch import Tensor


def alibi_slopes(heads: int, device: Any = None) -> Tensor:
    """ALiBi's slope of each head (Press et al. 2021, arXiv:2108.12409): powers of 2^(-8/n), n the largest power of two that is at most
    `heads`; of the heads past it those between, every second power of 2^(-4/n)."""
    n = 1 << heads.bit_length() - 1
    steps = torch.arange(1, n + 1, dtype=torch.float32, device=device) * (-8 / n)
    if heads > n:
        between = torch.arange(1, 2 * (heads - n), 2, dtype=torch.float32, device=device) * (-4 / n)
        steps = torch.cat([steps, between])
    return torch.exp2(steps)


def refuse(function: str, **words: Any) -> None:
    """Raises if a keyword that would change the result, and that hipinfer does not have, is given."""
    for name, value in words.items():
        if value is not None and value is not False:
            raise NotImplementedError(f"flashinfer.{function}: hipinfer does not have {name}={value!r}")


def score_options(function: str, q: Tensor, sm_scale: Optional[float], window_left: int, logits_soft_cap: Optional[float],
                  pos_encoding_mode: str) -> Dict[str, Any]:
    """hipinfer's options for FlashInfer's, of queries whose last two dimensions are heads and head dimension."""
    if pos_encoding_mode not in ("NONE", "ROPE_LLAMA", "ALIBI"):
        raise KeyError(f"Invalid pos_encoding_mode {pos_encoding_mode}")
    alibi = pos_encoding_mode == "ALIBI"
    if pos_encoding_mode == "ROPE_LLAMA":
        refuse(function, pos_encoding_mode=pos_encoding_mode)
    if alibi and logits_soft_cap:  # FlashInfer caps the sum of score and bias, hipinfer the score
        refuse(function, logits_soft_cap=logits_soft_cap)
    return {"sm_scale": q.shape[-1] ** -0.5 if sm_scale is None else sm_scale, "sliding_window": max(window_left + 1, 0),
            "logits_soft_cap": logits_soft_cap or 0.0, "alibi_slopes": alibi_slopes(q.shape[-2], q.device) if alibi else None}


def by_tokens(kv_layout: str, *tensors: Tensor) -> tuple[Tensor, ...]:
    """Keys and values [tokens, heads, dim] of tensors in either layout."""
    if kv_layout not in ("NHD", "HND"):
        raise KeyError(f"Invalid kv_layout {kv_layout}")
    return tensors if kv_layout == "NHD" else tuple(t.transpose(0, 1) for t in tensors)


def packed(mask: Tensor) -> Tensor:
    """A bit for each element, the lowest of a byte first; the last byte's rest is 0."""
    flat = torch.nn.functional.pad(mask.reshape(-1).to(torch.uint8), (0, -mask.numel() % 8))
    return (flat.view(-1, 8) << torch.arange(8, dtype=torch.uint8, device=mask.device)).sum(1, dtype=torch.uint8)


def ends(count: int, device: Any) -> Tensor:
    """0 and `count`, the indptr of one request, without a copy from the host."""
    return torch.arange(2, dtype=torch.int32, device=device) * count
