# SPDX-License-Identifier: Apache-2.0
"""FlashInfer's norms. `enable_pdl` is accepted and means nothing here."""

from __future__ import annotations

from typing import Any, Optional, Tuple, Union

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


def fused_rmsnorm_silu(input: Tensor, weight: Tensor, eps: float = 1e-6, out: Optional[Tensor] = None,
                       block_scale: Optional[Tensor] = None) -> Tensor:
    """silu(rmsnorm(input)), in the input's dtype. block_scale is for outputs of fp4 and ignored."""
    if out is not None and out.dtype != input.dtype:
        raise NotImplementedError("flashinfer.norm.fused_rmsnorm_silu: hipinfer has no fp8 and no fp4 output of it")
    return ops.rmsnorm_silu(input, weight, eps, output=out)


def rmsnorm_sigmoid_gate(input: Tensor, gate: Tensor, eps: float = 1e-5, *, enable_pdl: bool = True, backend: str = "auto") -> None:
    """input = input / rms(input) * sigmoid(gate), in place, of [rows, dim] or [rows, heads, dim]. Any dim, and any dtype."""
    ops.gated_rmsnorm(input, gate, eps=eps, output=input)


def gated_residual_rmsnorm(branch: Tensor, residual: Tensor, weight: Optional[Tensor], alpha: Tensor, beta: Tensor, eps: float = 1e-6,
                           gain_center: float = 0.0, out: Optional[Tensor] = None, *, enable_pdl: bool = True,
                           backend: str = "auto") -> Tensor:
    """alpha * residual + beta * rmsnorm(branch * (weight + gain_center)), in residual's dtype. Any hidden size."""
    out = torch.empty_like(residual) if out is None else out
    ops.gated_residual_rmsnorm(branch, residual, weight, alpha, beta, eps=eps, gain=gain_center, output=out)
    return out


def gated_residual_next_rmsnorm(branch: Tensor, residual: Tensor, next_weight: Tensor, alpha: Union[Tensor, float], beta: Tensor,
                                post_eps: float = 1e-6, next_eps: float = 1e-6, next_gain_center: float = 0.0,
                                residual_out: Optional[Tensor] = None, ffn_input: Optional[Tensor] = None, *,
                                post_weight: Optional[Tensor] = None, post_gain_center: float = 0.0, enable_pdl: bool = True,
                                backend: str = "auto") -> Tuple[Tensor, Tensor]:
    """The sum of gated_residual_rmsnorm, and rmsnorm of it times (next_weight + next_gain_center) in the branch's dtype."""
    residual_out = torch.empty_like(residual) if residual_out is None else residual_out
    ffn_input = torch.empty_like(branch) if ffn_input is None else ffn_input
    gate, factor = (alpha, 1.0) if isinstance(alpha, torch.Tensor) else (None, float(alpha))
    ops.gated_residual_rmsnorm(branch, residual, post_weight, gate, beta, next_weight, factor, post_eps, next_eps, post_gain_center,
                               next_gain_center, output=residual_out, normed=ffn_input)
    return residual_out, ffn_input


def fused_add_rmsnorm_fp8_block_quant(out: Tensor, block_scale: Tensor, normed_out: Tensor, input: Tensor, residual: Tensor,
                                      weight: Tensor, eps: float = 1e-6, enable_pdl: Optional[bool] = None) -> None:
    """residual += input, in place; normed_out = rmsnorm(residual); out, its blocks of 128 quantised, and their scales as
    [hidden / 128, tokens, rounded up to 4]. A copy and two launches."""
    tokens, hidden = input.shape
    if block_scale.dim() != 2 or block_scale.shape[0] * 128 != hidden or block_scale.shape[1] < tokens:
        raise ValueError(f"block_scale must have {hidden // 128} rows of {tokens} scales or more, got {tuple(block_scale.shape)}")
    normed_out.copy_(input)
    ops.fused_add_rmsnorm(normed_out, residual, weight, eps)
    ops.quantize_per_group(block_scale.transpose(0, 1)[:tokens], normed_out, 128, output=out)


def _of_tokens(x: Tensor, bias: Optional[Tensor], like: Tensor) -> Tensor:
    """In f32 with its bias, of like's shape; with two dimensions all batch elements have the same, unless there is a row for each."""
    x = x.float()
    x = x.reshape(like.shape) if x.numel() == like.numel() else x.expand(like.shape)
    return x if bias is None else x + bias.float().reshape(-1)


def _dit(name: str, input: Tensor, residual: Optional[Tensor], gate: Optional[Tensor], norm: Any, quantised: bool,
         factor: Optional[Tensor], residual_out: Optional[Tensor], norm_out: Optional[Tensor],
         sf_out: Optional[Tensor]) -> Tuple[Tensor, Tensor]:
    """The sum is torch's, in f32; it is rounded where it is written, and the norm is of the unrounded one."""
    if quantised or sf_out is not None:
        raise NotImplementedError(f"flashinfer.norm.{name}: hipinfer has no fp4 and no mxfp8 output of it")
    total = input.float()
    if factor is not None:
        total = total * factor
    if gate is not None:
        total = total * gate
    if residual is not None:
        total = total + residual
    residual_out = torch.empty_like(input) if residual_out is None else residual_out
    norm_out = torch.empty_like(input) if norm_out is None else norm_out
    residual_out.copy_(total)
    norm_out.copy_(norm(total.contiguous()))
    return residual_out, norm_out


def _scaled_and_shifted(scale: Tensor, scale_bias: Optional[Tensor], shift: Tensor, shift_bias: Optional[Tensor], eps: float) -> Any:
    """adaln in which every token is a batch element."""
    def norm(x: Tensor) -> Tensor:
        rows = (-1, x.shape[-1])
        by, to = (_of_tokens(v, bias, x).reshape(rows).contiguous() for v, bias in ((scale, scale_bias), (shift, shift_bias)))
        return ops.adaln(x.view(-1, 1, x.shape[-1]), by, to, eps).view(x.shape)
    return norm


def fused_dit_gate_residual_layernorm_gamma_beta(
        input: Tensor, residual: Tensor, gate: Tensor, gamma: Tensor, beta: Tensor, *, gate_bias: Optional[Tensor] = None,
        epsilon: float = 1e-6, use_nvfp4: bool = False, use_mxfp8: bool = False, global_scaling_factor: Optional[Tensor] = None,
        input_global_scaling_factor: Optional[Tensor] = None, residual_out: Optional[Tensor] = None, norm_out: Optional[Tensor] = None,
        sf_out: Optional[Tensor] = None) -> Tuple[Tensor, Tensor]:
    """residual + input * (gate + gate_bias), and its layernorm; the norm alone is hipinfer's. Any hidden size."""
    def norm(x: Tensor) -> Tensor:
        return ops.layernorm(x, gamma, beta, epsilon)
    return _dit("fused_dit_gate_residual_layernorm_gamma_beta", input, residual, _of_tokens(gate, gate_bias, input), norm,
                use_nvfp4 or use_mxfp8, input_global_scaling_factor, residual_out, norm_out, sf_out)


def fused_dit_gate_residual_layernorm_scale_shift(
        input: Tensor, residual: Tensor, gate: Tensor, scale: Tensor, shift: Tensor, *, gate_bias: Optional[Tensor] = None,
        scale_bias: Optional[Tensor] = None, shift_bias: Optional[Tensor] = None, epsilon: float = 1e-6, use_nvfp4: bool = False,
        use_mxfp8: bool = False, global_scaling_factor: Optional[Tensor] = None,
        input_global_scaling_factor: Optional[Tensor] = None, residual_out: Optional[Tensor] = None, norm_out: Optional[Tensor] = None,
        sf_out: Optional[Tensor] = None) -> Tuple[Tensor, Tensor]:
    """residual + input * (gate + gate_bias), and its norm * (1 + scale + scale_bias) + shift + shift_bias; the norm alone is
    hipinfer's. Any hidden size."""
    return _dit("fused_dit_gate_residual_layernorm_scale_shift", input, residual, _of_tokens(gate, gate_bias, input),
                _scaled_and_shifted(scale, scale_bias, shift, shift_bias, epsilon), use_nvfp4 or use_mxfp8,
                input_global_scaling_factor, residual_out, norm_out, sf_out)


def fused_dit_residual_layernorm_scale_shift(
        input: Tensor, scale: Tensor, shift: Tensor, *, residual: Optional[Tensor] = None, scale_bias: Optional[Tensor] = None,
        shift_bias: Optional[Tensor] = None, epsilon: float = 1e-6, use_nvfp4: bool = False, use_mxfp8: bool = False,
        global_scaling_factor: Optional[Tensor] = None, input_global_scaling_factor: Optional[Tensor] = None,
        residual_out: Optional[Tensor] = None, norm_out: Optional[Tensor] = None,
        sf_out: Optional[Tensor] = None) -> Tuple[Tensor, Tensor]:
    """residual + input, and its norm * (1 + scale + scale_bias) + shift + shift_bias; the norm alone is hipinfer's. Any hidden size."""
    return _dit("fused_dit_residual_layernorm_scale_shift", input, residual, None,
                _scaled_and_shifted(scale, scale_bias, shift, shift_bias, epsilon), use_nvfp4 or use_mxfp8,
                input_global_scaling_factor, residual_out, norm_out, sf_out)
