# SPDX-License-Identifier: Apache-2.0
"""FlashInfer's packing of bits, by torch's own operations: it comes before attention, once for a mask."""

from __future__ import annotations

from typing import Tuple

import torch
from torch import Tensor

from ._attention import byte_indptr, packed_mask

__all__ = ["packbits", "segment_packbits"]


def _packed(x: Tensor, lengths: Tensor, bitorder: str) -> Tensor:
    if bitorder not in ("big", "little"):
        raise ValueError(f"bitorder: {bitorder!r}, expected 'big' or 'little'")
    return packed_mask(x.to(torch.bool), lengths, bitorder == "big")


def packbits(x: Tensor, bitorder: str = "big") -> Tensor:
    """Eight elements of [n] a byte, the first in its highest bit, or in its lowest if bitorder is little: numpy.packbits."""
    return _packed(x, torch.full((1,), x.numel(), device=x.device), bitorder)[:(x.numel() + 7) // 8]


def segment_packbits(x: Tensor, indptr: Tensor, bitorder: str = "big") -> Tuple[Tensor, Tensor]:
    """The same of segments, each of which begins with a byte; and where they begin. How many bytes there are is read from the
    device."""
    lengths = torch.diff(indptr).to(x.device, torch.int64)
    begins = byte_indptr(lengths)
    first, last = (int(i) for i in indptr[[0, -1]])
    return _packed(x[first:last], lengths, bitorder)[:int(begins[-1])], begins.to(indptr.device, torch.int32)
