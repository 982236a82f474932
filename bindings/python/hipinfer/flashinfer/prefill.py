# SPDX-License-Identifier: Apache-2.0
"""FlashInfer's attention of one request's query tokens."""

from __future__ import annotations

from typing import Any, Optional, Tuple, Union

import torch
from torch import Tensor

from .. import torch as ops
from ._attention import by_tokens, ends, packed, refuse, score_options


def single_prefill_with_kv_cache(q: Tensor, k: Tensor, v: Tensor, scale_q: Optional[Tensor] = None, scale_k: Optional[Tensor] = None,
                                 scale_v: Optional[Tensor] = None, o_dtype: Optional[torch.dtype] = None,
                                 custom_mask: Optional[Tensor] = None, packed_custom_mask: Optional[Tensor] = None,
                                 causal: bool = False, kv_layout: str = "NHD", pos_encoding_mode: str = "NONE",
                                 use_fp16_qk_reduction: bool = False, sm_scale: Optional[float] = None, window_left: int = -1,
                                 logits_soft_cap: Optional[float] = None, rope_scale: Optional[float] = None,
                                 rope_theta: Optional[float] = None, backend: str = "auto",
                                 return_lse: bool = False) -> Union[Tensor, Tuple[Tensor, Tensor]]:
    """Attention of q [tokens, heads, dim] over k and v, [keys, heads, dim] or in the other layout; a mask, bool [tokens, keys] or its
    packed bits, takes the place of causal. With return_lse also the logarithms, to base 2, [tokens, heads]."""
    function = "prefill.single_prefill_with_kv_cache"
    refuse(function, scale_q=scale_q, scale_k=scale_k, scale_v=scale_v)
    if o_dtype is not None and o_dtype != q.dtype:
        refuse(function, o_dtype=o_dtype)
    options: dict[str, Any] = score_options(function, q, sm_scale, window_left, logits_soft_cap, pos_encoding_mode)
    k, v = by_tokens(kv_layout, k, v)
    if packed_custom_mask is None and custom_mask is not None:
        packed_custom_mask = packed(custom_mask)
    if packed_custom_mask is not None:
        options.update(custom_mask=packed_custom_mask, mask_indptr=ends(packed_custom_mask.numel(), q.device))
    lse = torch.empty(q.shape[:2], dtype=torch.float32, device=q.device) if return_lse else None
    output = ops.paged_attention_prefill(q, k, v, ends(q.shape[0], q.device), ends(k.shape[0], q.device), causal=causal, lse=lse,
                                         **options)
    if lse is None:
        return output
    if options["alibi_slopes"] is not None:  # FlashInfer counts a token's position from the first query
        lse += options["alibi_slopes"] * ((k.shape[0] - q.shape[0]) * 1.4426950408889634)
    return output, lse


def single_prefill_with_kv_cache_return_lse(q: Tensor, k: Tensor, v: Tensor, *args: Any, return_lse: bool = True,
                                            **words: Any) -> Union[Tensor, Tuple[Tensor, Tensor]]:
    """single_prefill_with_kv_cache with return_lse=True."""
    return single_prefill_with_kv_cache(q, k, v, *args, return_lse=return_lse, **words)
