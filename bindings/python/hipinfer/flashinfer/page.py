# SPDX-License-Identifier: Apache-2.0
"""FlashInfer's writes to a paged KV cache."""

from __future__ import annotations

from typing import Optional, Tuple, Union

import torch
from torch import Tensor

from .. import torch as ops


def get_seq_lens(kv_indptr: Tensor, kv_last_page_len: Tensor, page_size: int) -> Tensor:
    """Length of each request from its number of pages and the entries in its last."""
    last = kv_last_page_len.to(kv_indptr.device, kv_indptr.dtype)
    return ops.get_seq_lens(kv_indptr, last, page_size, dtype=kv_last_page_len.dtype)


def get_batch_indices_positions(append_indptr: Tensor, seq_lens: Tensor, nnz: int, batch_indices: Optional[Tensor] = None,
                                positions: Optional[Tensor] = None) -> Tuple[Tensor, Tensor]:
    """Request and position of each of nnz entries that are appended at the ends of the requests. Entries past the last
    request's get request -1 and position 0."""
    if batch_indices is None:
        batch_indices = torch.empty(nnz, device=append_indptr.device, dtype=torch.int32)
    if positions is None:
        positions = torch.empty(nnz, device=append_indptr.device, dtype=torch.int32)
    ops.get_batch_indices_positions(batch_indices, positions, append_indptr, seq_lens.to(append_indptr.device, append_indptr.dtype))
    positions.masked_fill_(batch_indices < 0, 0)
    return batch_indices, positions


def append_paged_kv_cache(append_key: Tensor, append_value: Tensor, batch_indices: Tensor, positions: Tensor,
                          paged_kv_cache: Union[Tensor, Tuple[Tensor, Tensor]], kv_indices: Tensor, kv_indptr: Tensor,
                          kv_last_page_len: Tensor, kv_layout: str = "NHD") -> None:
    """Writes keys and values to their pages. The cache is a tensor [pages, 2, ...] or a pair; NHD pages are
    [slots, heads, dim], HND pages [heads, slots, dim]."""
    if kv_layout not in ("NHD", "HND"):
        raise KeyError(f"Invalid kv_layout {kv_layout}")
    keys, values = paged_kv_cache.unbind(1) if isinstance(paged_kv_cache, torch.Tensor) else paged_kv_cache
    if kv_layout == "HND":
        keys, values = keys.transpose(1, 2), values.transpose(1, 2)
    index = [t if t.dtype == torch.int32 else t.int() for t in (batch_indices, positions, kv_indices, kv_indptr, kv_last_page_len)]
    ops.append_paged_kv_cache(keys, values, append_key, append_value, *index)


def append_paged_mla_kv_cache(append_ckv: Tensor, append_kpe: Tensor, batch_indices: Tensor, positions: Tensor,
                              ckv_cache: Optional[Tensor], kpe_cache: Optional[Tensor], kv_indices: Tensor, kv_indptr: Tensor,
                              kv_last_page_len: Tensor) -> None:
    """Writes latent keys [tokens, ckv] and rotated parts [tokens, kpe] to their pages, [pages, slots, ckv] and [pages, slots, kpe]."""
    if ckv_cache is None or kpe_cache is None:
        raise ValueError("ckv_cache and kpe_cache: both are needed")
    index = [t if t.dtype == torch.int32 else t.int() for t in (batch_indices, positions, kv_indices, kv_indptr, kv_last_page_len)]
    ops.append_paged_mla_kv_cache(ckv_cache, kpe_cache, append_ckv, append_kpe, *index)
