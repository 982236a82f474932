# SPDX-License-Identifier: Apache-2.0
"""Casts, scaling, gathers, masks and softmax."""

from __future__ import annotations

import hipinfer
import torch
import torch.nn.functional as F
from case import FP8, F32, I32, Work, case, empty, peer, rand, size, torch_calls

Tensor = torch.Tensor
liger_softmax = peer("liger_kernel.ops.softmax", "_softmax_forward")


def half(x: Tensor) -> Tensor:
    return x * 0.5


def widen(x: Tensor) -> Tensor:
    return x.float()


def narrow(x: Tensor) -> Tensor:
    return x.to(torch.bfloat16)


def saturate(x: Tensor) -> Tensor:
    return x.clamp(-448, 448).to(FP8)


def soft(x: Tensor) -> Tensor:
    return torch.softmax(x, -1)


def masked(x: Tensor) -> Tensor:
    above = torch.ones(x.shape[-2:], dtype=torch.bool, device=x.device).triu(1 + x.shape[-1] - x.shape[-2])
    return x.masked_fill(above, float("-inf"))


@case("scale")
def scale(t: int, n: int) -> Work:
    x, y = rand(t, n), empty(t, n)
    return size(x, y), {"hipinfer": lambda: hipinfer.scale(y, x, 0.5), **torch_calls(half, x, dynamic=(x,))}


@case("cast/bf16_f32")
def cast_widen(t: int, n: int) -> Work:
    x, y = rand(t, n), empty(t, n, dtype=F32)
    return size(x, y), {"hipinfer": lambda: hipinfer.cast(y, x), **torch_calls(widen, x, dynamic=(x,))}


@case("cast/f32_bf16")
def cast_narrow(t: int, n: int) -> Work:
    x, y = rand(t, n, dtype=F32), empty(t, n)
    return size(x, y), {"hipinfer": lambda: hipinfer.cast(y, x), **torch_calls(narrow, x, dynamic=(x,))}


@case("cast/bf16_e4m3fn")
def cast_fp8(t: int, n: int) -> Work:
    x, y = rand(t, n), empty(t, n, dtype=FP8)
    return size(x, y), {"hipinfer": lambda: hipinfer.cast(y, x), **torch_calls(saturate, x, dynamic=(x,))}


@case("embedding", tuple((t, n) for n in (1024, 4096, 8192) for t in (1, 16, 64, 1024, 32768)))
def embedding(t: int, n: int) -> Work:
    table, y = rand(128256, n), empty(t, n)
    ids = torch.randint(0, table.shape[0], (t,), device="cuda", dtype=I32)
    return 2 * size(y) + size(ids), {"hipinfer": lambda: hipinfer.embedding(y, table, ids),
                                     **torch_calls(F.embedding, ids, table, dynamic=(ids,))}


@case("softmax", tuple((t, n) for n in (4096, 32000, 151936) for t in (1, 16, 64, 1024)), ((16, 128256), (1024, 128256)))
def softmax(t: int, n: int) -> Work:
    x, y = rand(t, n, dtype=F32), empty(t, n, dtype=F32)
    calls = {"hipinfer": lambda: hipinfer.softmax(y, x), **torch_calls(soft, x, dynamic=(x,))}
    if liger_softmax:
        calls["liger"] = lambda: liger_softmax(x)
    return size(x, y), calls


# Scores of 32 heads.
@case("causal_mask", ((1, 32, 64, 4096), (1, 32, 4096, 4096)))
def causal_mask(b: int, h: int, sq: int, sk: int) -> Work:
    x, y = rand(b, h, sq, sk), empty(b, h, sq, sk)
    return size(x, y), {"hipinfer": lambda: hipinfer.causal_mask(y, x, float("-inf")), **torch_calls(masked, x)}


def scaled_soft(x: Tensor, mask: Tensor) -> Tensor:
    return torch.softmax(x.float() * 0.125 + mask, -1).to(x.dtype)


@case("masked_softmax", ((1, 32, 64, 4096), (1, 32, 4096, 4096)))
def masked_softmax(b: int, h: int, sq: int, sk: int) -> Work:
    """With a mask that is added, shared by all heads."""
    x, y, mask = rand(b, h, sq, sk), empty(b, h, sq, sk), rand(1, 1, sq, sk)
    return size(x, y, mask), {"hipinfer": lambda: hipinfer.masked_softmax(y, x, mask.expand(b, h, sq, sk), 0.125),
                              **torch_calls(scaled_soft, x, mask)}
