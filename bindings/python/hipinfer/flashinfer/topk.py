# SPDX-License-Identifier: Apache-2.0
"""FlashInfer's selection of the largest elements, as far as hipinfer has it."""

from __future__ import annotations

from enum import IntEnum
from typing import Optional, Tuple

import torch
from torch import Tensor

from .. import torch as ops

MOST_SORTED = 3072  # elements of a row that the operation sorts


class TopKTieBreak(IntEnum):
    """Which of equal elements are taken."""

    NONE = 0
    SMALL = 1
    LARGE = 2


def _no_larger_indices(name: str, tie_break: int) -> None:
    if TopKTieBreak(tie_break) == TopKTieBreak.LARGE:
        raise NotImplementedError(f"flashinfer.topk.{name}: hipinfer has no tie_break=TopKTieBreak.LARGE")


def top_k(input: Tensor, k: int, sorted: bool = False, deterministic: bool = False,
          tie_break: int = TopKTieBreak.NONE, dsa_graph_safe: bool = False) -> Tuple[Tensor, Tensor]:
    """The k largest elements of each row and their indices, in i64; unsorted they are in the order of the row. Always
    deterministic; of equal elements the lowest indices are taken."""
    _no_larger_indices("top_k", tie_break)
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


def top_k_page_table_transform(input: Tensor, src_page_table: Tensor, lengths: Tensor, k: int, row_to_batch: Optional[Tensor] = None,
                               deterministic: bool = False, tie_break: int = TopKTieBreak.NONE, dsa_graph_safe: bool = False,
                               row_starts: Optional[Tensor] = None, page_table_row_starts: Optional[Tensor] = None, *,
                               page_size: int = 1, out: Optional[Tensor] = None,
                               out_raw_indices: Optional[Tensor] = None) -> Tensor:
    """Slots of the k largest scores of each row's window, in i32 and in the order of the row; -1 behind the last. Always
    deterministic; of equal scores the lowest indices are taken."""
    _no_larger_indices("top_k_page_table_transform", tie_break)
    if out is None:
        out = torch.empty(input.shape[0], k, dtype=torch.int32, device=input.device)
    elif out.shape != (input.shape[0], k):
        raise ValueError(f"out must have the shape {(input.shape[0], k)}, got {tuple(out.shape)}")
    ops.top_k_page_table_transform(out, input, src_page_table, lengths, row_to_batch, row_starts, page_table_row_starts, page_size,
                                   raw_indices=out_raw_indices)
    return out


def top_k_ragged_transform(input: Tensor, offsets: Tensor, lengths: Tensor, k: int, deterministic: bool = False,
                           tie_break: int = TopKTieBreak.NONE, dsa_graph_safe: bool = False,
                           row_starts: Optional[Tensor] = None) -> Tensor:
    """The k largest scores of each row's window, as indices of the window plus the row's offset, in i32 and in the order of the
    row; -1 behind the last. Always deterministic; of equal scores the lowest indices are taken."""
    _no_larger_indices("top_k_ragged_transform", tie_break)
    out = torch.empty(input.shape[0], k, dtype=torch.int32, device=input.device)
    ops.top_k_ragged_transform(out, input, offsets, lengths, row_starts)
    return out
