# SPDX-License-Identifier: Apache-2.0
"""FlashInfer's selection of the largest elements of rows of different lengths."""

from __future__ import annotations

from typing import Any, Dict, Optional, Tuple

import torch
from torch import Tensor

from .. import torch as ops


def _of_shape(given: Optional[Tensor], name: str, rows: int, columns: int, dtype: torch.dtype, like: Tensor) -> Tensor:
    if given is None:
        return torch.empty(rows, columns, dtype=dtype, device=like.device)
    if given.dtype != dtype or given.numel() != rows * columns:
        raise ValueError(f"{name} must have {rows * columns} elements of {dtype}")
    return given.view(rows, columns)


def top_k_varlen(logits: Tensor, seq_lens: Tensor, top_k: int, pre_idx: Optional[Tensor] = None, compress_ratio: Optional[int] = None,
                 next_n: Optional[int] = None, return_values: bool = False, out_indices: Optional[Tensor] = None,
                 out_values: Optional[Tensor] = None, backend: str = "auto", load_balance: bool = True,
                 workspace: Optional[Dict[str, Any]] = None, *, row_starts: Optional[Tensor] = None,
                 max_window_len: Optional[int] = None, absolute_indices: bool = False, page_table: Optional[Tensor] = None,
                 page_size: Optional[int] = None) -> Tuple[Tensor, Optional[Tensor]]:
    """The top_k largest of each row's columns, in i32 and in the order of the row, -1 behind the last; and their values, 0 behind
    the last. The columns are the first (seq_lens - next_n + t + 1) // compress_ratio of row t of a request, or from row_starts
    the next seq_lens. `pre_idx`, `max_window_len`, `backend` and `workspace` change nothing here."""
    rows = logits.shape[0]
    if row_starts is not None:
        if next_n is not None or compress_ratio is not None or pre_idx is not None:
            raise ValueError("next_n, compress_ratio and pre_idx have no meaning with row_starts")
        if page_table is not None:
            raise ValueError("page_table has no meaning with row_starts")
    elif max_window_len is not None or absolute_indices:
        raise ValueError("max_window_len and absolute_indices have no meaning without row_starts")
    if page_size is not None and page_table is None:
        raise ValueError("page_size has no meaning without page_table")
    if page_table is not None and (return_values or pre_idx is not None):
        raise ValueError("page_table gives neither values nor takes a hint")
    each, ratio = next_n or 1, compress_ratio or 1
    if each < 1 or ratio < 1 or seq_lens.shape[0] * each != rows:
        raise ValueError(f"{rows} rows, expected next_n ({each}) for each of {seq_lens.shape[0]} lengths")
    lengths = seq_lens
    if row_starts is None and (each > 1 or ratio > 1):
        back = torch.arange(1 - each, 1, dtype=torch.int32, device=seq_lens.device)
        lengths = torch.div(seq_lens[:, None] + back, ratio, rounding_mode="floor").clamp_(min=0).reshape(-1)
    indices = _of_shape(out_indices, "out_indices", rows, top_k, torch.int32, logits)
    if page_table is not None:
        of_request = torch.arange(rows, dtype=torch.int32, device=logits.device) // each if each > 1 else None
        ops.top_k_page_table_transform(indices, logits, page_table, lengths, of_request, page_size=page_size or 1)
        return indices, None
    nothing = torch.zeros(rows, dtype=torch.int32, device=logits.device)
    offsets = row_starts if row_starts is not None and absolute_indices else nothing
    ops.top_k_ragged_transform(indices, logits, offsets, lengths, row_starts)
    if not return_values:
        return indices, None
    values = _of_shape(out_values, "out_values", rows, top_k, logits.dtype, logits)
    columns = indices if row_starts is None or absolute_indices else indices + row_starts[:, None]
    there = indices >= 0
    values.copy_(torch.where(there, logits.gather(1, torch.where(there, columns, 0).long()), 0))
    return indices, values
