# SPDX-License-Identifier: Apache-2.0
"""FlashInfer's selection of the largest elements, as far as hipinfer has it."""

from __future__ import annotations

from enum import IntEnum
from typing import Tuple

import torch
from torch import Tensor

from .. import torch as ops

MOST_SORTED = 3072  # elements of a row that the operation sorts


class TopKTieBreak(IntEnum):
    """Which of equal elements are taken."""

    NONE = 0
    SMALL = 1
    LARGE = 2


def top_k(input: Tensor, k: int, sorted: bool = False, deterministic: bool = False,
          tie_break: int = TopKTieBreak.NONE, dsa_graph_safe: bool = False) -> Tuple[Tensor, Tensor]:
    """The k largest elements of each row and their indices, in i64; unsorted they are in the order of the row. Always
    deterministic; of equal elements the lowest indices are taken."""
    if TopKTieBreak(tie_break) == TopKTieBreak.LARGE:
        raise NotImplementedError("flashinfer.topk.top_k: hipinfer has no tie_break=TopKTieBreak.LARGE")
    values = torch.empty(input.shape[0], k, dtype=input.dtype, device=input.device)
    indices = torch.empty(input.shape[0], k, dtype=torch.int64, device=input.device)
    ops.top_k(values, indices, input, sorted and k <= MOST_SORTED)
    if sorted and k > MOST_SORTED:
        least = torch.full((), -torch.inf, dtype=values.dtype, device=values.device)
        order = torch.where(values.isnan(), least, values).sort(dim=-1, descending=True, stable=True).indices
        order = order.gather(-1, values.gather(-1, order).isnan().sort(dim=-1, stable=True).indices)  # NaN last, behind -inf
        values, indices = values.gather(-1, order), indices.gather(-1, order)
    return values, indices


topk = top_k
