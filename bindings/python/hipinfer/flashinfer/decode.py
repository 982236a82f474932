# SPDX-License-Identifier: Apache-2.0
"""FlashInfer's attention of one request's one query token."""

from __future__ import annotations

import math
from typing import Optional, Tuple, Union

import torch
from torch import Tensor

from .. import torch as ops
from ._attention import by_tokens, ends, score_options


def single_decode_with_kv_cache(q: Tensor, k: Tensor, v: Tensor, kv_layout: str = "NHD", pos_encoding_mode: str = "NONE",
                                use_tensor_cores: bool = False, q_scale: Optional[float] = None, k_scale: Optional[float] = None,
                                v_scale: Optional[float] = None, window_left: int = -1, logits_soft_cap: Optional[float] = None,
                                sm_scale: Optional[float] = None, rope_scale: Optional[float] = None,
                                rope_theta: Optional[float] = None, return_lse: bool = False) -> Union[Tensor, Tuple[Tensor, Tensor]]:
    """Attention of q [heads, dim] over k and v, [keys, heads, dim] or in the other layout. With return_lse also the logarithms, to base
    2, [heads]."""
    options = score_options("decode.single_decode_with_kv_cache", q, sm_scale, window_left, logits_soft_cap, pos_encoding_mode)
    options["sm_scale"] *= (1.0 if q_scale is None else q_scale) * (1.0 if k_scale is None else k_scale)
    k, v = by_tokens(kv_layout, k, v)
    keys = k.shape[0]
    page = math.gcd(keys, 16)  # decode wants pages: what lies side by side is some, in their order; 0 keys are none
    count = keys // page
    k, v = (t.unflatten(0, (count, page)) for t in (k, v))
    table = torch.arange(count, dtype=torch.int32, device=q.device)
    last = torch.full((1,), page, dtype=torch.int32, device=q.device)
    lse = torch.empty((1, q.shape[0]), dtype=torch.float32, device=q.device) if return_lse else None
    output = ops.paged_attention_decode(q[None], k, v, ends(count, q.device), table, last, lse=lse, **options)[0]
    if v_scale is not None and v_scale != 1.0:
        output *= v_scale
    return output if lse is None else (output, lse[0])
