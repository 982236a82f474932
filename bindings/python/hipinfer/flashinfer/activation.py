# SPDX-License-Identifier: Apache-2.0
"""FlashInfer's gated units: [..., 2 * hidden] to [..., hidden]. `enable_pdl` is accepted and means nothing here."""

from __future__ import annotations

from typing import Callable, Optional

from torch import Tensor

from .. import torch as ops


def _unit(unit: Callable[..., Tensor], input: Tensor, out: Optional[Tensor]) -> Tensor:
    if input.dim() == 2:
        return unit(input, output=out)
    if out is None:
        out = input.new_empty((*input.shape[:-1], input.shape[-1] // 2))
    unit(input.reshape(-1, input.shape[-1]), output=out.view(-1, out.shape[-1]))
    return out


def silu_and_mul(input: Tensor, out: Optional[Tensor] = None, enable_pdl: Optional[bool] = None) -> Tensor:
    """silu(first half) * second half."""
    return _unit(ops.silu_and_mul, input, out)


def gelu_and_mul(input: Tensor, out: Optional[Tensor] = None, enable_pdl: Optional[bool] = None) -> Tensor:
    """gelu(first half) * second half, gelu by erf."""
    return _unit(ops.gelu_and_mul, input, out)


def gelu_tanh_and_mul(input: Tensor, out: Optional[Tensor] = None, enable_pdl: Optional[bool] = None) -> Tensor:
    """gelu(first half) * second half, gelu by tanh."""
    return _unit(ops.gelu_tanh_and_mul, input, out)
