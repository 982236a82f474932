# SPDX-License-Identifier: Apache-2.0
"""FlashInfer's norms. `enable_pdl` is accepted and means nothing here."""

from __future__ import annotations

from typing import Optional, Union

import torch
from torch import Tensor

from .. import torch as ops


def _scale(scale: Union[float, Tensor], like: Tensor) -> Tensor:
    """A tensor [1] in f32 on the same device. A float is copied there at each call, so it is not for graphs."""
    if not isinstance(scale, torch.Tensor):
        return torch.full((1,), float(scale), dtype=torch.float32, device=like.device)
    return scale.to(device=like.device, dtype=torch.float32).reshape(1)


def rmsnorm(input: Tensor, weight: Tensor, eps: float = 1e-6, out: Optional[Tensor] = None,
            enable_pdl: Optional[bool] = None) -> Tensor:
    """input / rms(input) * weight, of [tokens, hidden] or [tokens, heads, dim]."""
    return ops.rmsnorm(input, weight, eps, output=out)


def gemma_rmsnorm(input: Tensor, weight: Tensor, eps: float = 1e-6, out: Optional[Tensor] = None,
                  enable_pdl: Optional[bool] = None) -> Tensor:
    """input / rms(input) * (1 + weight)."""
    return ops.gemma_rmsnorm(input, weight, eps, output=out)


def fused_add_rmsnorm(input: Tensor, residual: Tensor, weight: Tensor, eps: float = 1e-6,
                      enable_pdl: Optional[bool] = None) -> None:
    """residual += input; input = rmsnorm(residual), in place in both."""
    ops.fused_add_rmsnorm(input, residual, weight, eps)


def gemma_fused_add_rmsnorm(input: Tensor, residual: Tensor, weight: Tensor, eps: float = 1e-6,
                            enable_pdl: Optional[bool] = None) -> None:
    """residual += input; input = gemma_rmsnorm(residual), in place in both."""
    ops.gemma_fused_add_rmsnorm(input, residual, weight, eps)


def rmsnorm_quant(out: Tensor, input: Tensor, weight: Tensor, scale: Union[float, Tensor], eps: float = 1e-6,
                  enable_pdl: Optional[bool] = None) -> None:
    """out = rmsnorm(input) / scale, in out's dtype, saturated."""
    ops.rmsnorm_quant(input, weight, _scale(scale, input), eps, output=out)


def fused_add_rmsnorm_quant(out: Tensor, input: Tensor, residual: Tensor, weight: Tensor, scale: Union[float, Tensor],
                            eps: float = 1e-6, enable_pdl: Optional[bool] = None) -> None:
    """residual += input, in place; out = rmsnorm(residual) / scale, in out's dtype, saturated."""
    ops.fused_add_rmsnorm_quant(input, residual, weight, _scale(scale, input), eps, output=out)


def layernorm(input: Tensor, gemma: Tensor, beta: Tensor, eps: float = 1e-6) -> Tensor:
    """(input - mean) / deviation * gemma + beta."""
    return ops.layernorm(input, gemma, beta, eps)


def layernorm_quant(out: Tensor, input: Tensor, gemma: Tensor, beta: Tensor, scale: Union[float, Tensor],
                    eps: float = 1e-6, enable_pdl: Optional[bool] = None) -> None:
    """out = layernorm(input) / scale, in out's dtype, saturated."""
    ops.layernorm_quant(input, gemma, beta, _scale(scale, input), eps, output=out)
