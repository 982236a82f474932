# SPDX-License-Identifier: Apache-2.0
"""Gated units, and gated units with a quantised result."""

from __future__ import annotations

from typing import Any, Callable, Tuple

import hipinfer
import torch
import torch.nn.functional as F
from case import FP8, F32, Calls, Work, case, empty, flashinfer_has, peer, rand, size, torch_calls

from .norms import to_fp8, to_fp8_by_row

Tensor = torch.Tensor
liger_swiglu = peer("liger_kernel.ops.swiglu", "swiglu_forward")
liger_geglu = peer("liger_kernel.ops.geglu", "geglu_forward")
# Widths of the gate: Qwen3 0.6B 3072, Llama 3 8B 14336, 70B 28672.
GATED = tuple((t, n) for n in (1024, 3072, 4096, 14336, 28672) for t in (1, 16, 64, 1024, 8192, 65536) if t * n <= 1 << 29)
FEW = tuple((t, n) for n in (3072, 14336) for t in (1, 16, 64, 1024, 16384))
QUICK = ((16, 14336), (16384, 14336))


def silu(x: Tensor) -> Tensor:
    gate, up = x.chunk(2, -1)
    return F.silu(gate) * up


def gelu(x: Tensor) -> Tensor:
    gate, up = x.chunk(2, -1)
    return F.gelu(gate) * up


def gelu_tanh(x: Tensor) -> Tensor:
    gate, up = x.chunk(2, -1)
    return F.gelu(gate, approximate="tanh") * up


def gated(gate: Tensor, up: Tensor) -> Tensor:
    return F.silu(gate) * up


def with_scale(unit: Callable[[Tensor], Tensor]) -> Callable[[Tensor, Tensor], Tensor]:
    return lambda x, scale: to_fp8(unit(x), scale)


def with_scales(unit: Callable[[Tensor], Tensor]) -> Callable[[Tensor], Tuple[Tensor, Tensor]]:
    return lambda x: to_fp8_by_row(unit(x))


def register(ours: str, unit: Callable[[Tensor], Tensor], liger: Any, grid: Any) -> None:
    fixed, dynamic = with_scale(unit), with_scales(unit)

    @case(ours, grid, QUICK)
    def plain(t: int, n: int) -> Work:
        x, y = rand(t, 2 * n), empty(t, n)
        call, theirs = getattr(hipinfer, ours), flashinfer_has("activation", ours)
        calls: Calls = {"hipinfer": lambda: call(y, x), **torch_calls(unit, x, dynamic=(x,))}
        if theirs:
            calls["flashinfer"] = lambda: theirs(x, out=y)
        if liger:  # it wants two tensors, and moves the same bytes
            gate, up = x[:, :n].contiguous(), x[:, n:].contiguous()
            calls["liger"] = lambda: liger(gate, up)
        return size(x, y), calls

    @case(f"{ours}_quant", FEW, QUICK)
    def quant(t: int, n: int) -> Work:
        x, y, scale = rand(t, 2 * n), empty(t, n, dtype=FP8), torch.full((1,), 0.02, device="cuda")
        call = getattr(hipinfer, f"{ours}_quant")
        return size(x, y, scale), {"hipinfer": lambda: call(y, x, scale), **torch_calls(fixed, x, scale, dynamic=(x,))}

    @case(f"{ours}_dynamic_quant", FEW, QUICK)
    def dynamic_quant(t: int, n: int) -> Work:
        x, y, scales = rand(t, 2 * n), empty(t, n, dtype=FP8), empty(t, dtype=F32)
        call = getattr(hipinfer, f"{ours}_dynamic_quant")
        return size(x, y, scales), {"hipinfer": lambda: call(y, scales, x), **torch_calls(dynamic, x, dynamic=(x,))}


register("silu_and_mul", silu, liger_swiglu, GATED)
register("gelu_and_mul", gelu, None, FEW)
register("gelu_tanh_and_mul", gelu_tanh, liger_geglu, FEW)


@case("swiglu", FEW, QUICK)
def swiglu(t: int, n: int) -> Work:
    gate, up, y = rand(t, n), rand(t, n), empty(t, n)
    calls: Calls = {"hipinfer": lambda: hipinfer.swiglu(y, gate, up), **torch_calls(gated, gate, up, dynamic=(gate, up))}
    if liger_swiglu:
        calls["liger"] = lambda: liger_swiglu(gate, up)
    return size(gate, up, y), calls
