# SPDX-License-Identifier: Apache-2.0
"""FlashInfer's merging of partial results of attention. Logarithms are to base 2."""

from __future__ import annotations

from typing import Optional, Tuple

import torch
from torch import Tensor

from .. import torch as ops


def merge_state(v_a: Tensor, s_a: Tensor, v_b: Tensor, s_b: Tensor) -> Tuple[Tensor, Tensor]:
    """What attention over two sets of keys gave, as if it had been over both: values [T, H, D], and logarithms [T, H]."""
    lse = torch.empty(s_a.shape, dtype=torch.float32, device=s_a.device)
    return ops.merge_state(v_a, s_a.float(), v_b, s_b.float(), lse=lse), lse


def merge_state_in_place(v: Tensor, s: Tensor, v_other: Tensor, s_other: Tensor, mask: Optional[Tensor] = None) -> None:
    """The same, into the first; only the tokens that mask [T] has."""
    ops.merge_state_in_place(v, s, v_other, s_other.float(), mask)


def merge_states(v: Tensor, s: Tensor) -> Tuple[Tensor, Tensor]:
    """Of values [T, N, H, D] and logarithms [T, N, H]."""
    lse = torch.empty((s.shape[0], s.shape[2]), dtype=torch.float32, device=s.device)
    return ops.merge_states(v, s.float(), lse=lse), lse
