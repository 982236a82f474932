# SPDX-License-Identifier: Apache-2.0
"""Quantisation to fp8, and back."""

from __future__ import annotations

from typing import Tuple

import hipinfer
import torch
from case import FP8, F32, ROWS, Work, case, empty, rand, size, torch_calls

from .norms import to_fp8, to_fp8_by_row

Tensor = torch.Tensor
GROUP = 128


def by_group(x: Tensor) -> Tuple[Tensor, Tensor]:
    f = x.float().unflatten(-1, (-1, GROUP))
    scales = f.abs().amax(-1) / 448
    return (f / scales[..., None]).to(FP8).flatten(-2), scales


def back(x: Tensor, scales: Tensor) -> Tensor:
    return (x.float() * scales[:, None]).to(torch.bfloat16)


@case("quantize_per_tensor")
def quantize_per_tensor(t: int, n: int) -> Work:
    x, y, scale = rand(t, n), empty(t, n, dtype=FP8), torch.full((1,), 0.02, device="cuda")
    return size(x, y, scale), {"hipinfer": lambda: hipinfer.quantize_per_tensor(y, x, scale),
                               **torch_calls(to_fp8, x, scale, dynamic=(x,))}


@case("quantize_per_token", ROWS)
def quantize_per_token(t: int, n: int) -> Work:
    x, y, scales = rand(t, n), empty(t, n, dtype=FP8), empty(t, dtype=F32)
    return size(x, y, scales), {"hipinfer": lambda: hipinfer.quantize_per_token(y, scales, x),
                                **torch_calls(to_fp8_by_row, x, dynamic=(x,))}


@case("quantize_per_group")
def quantize_per_group(t: int, n: int) -> Work:
    x, y, scales = rand(t, n), empty(t, n, dtype=FP8), empty(t, n // GROUP, dtype=F32)
    return size(x, y, scales), {"hipinfer": lambda: hipinfer.quantize_per_group(y, scales, x, GROUP),
                                **torch_calls(by_group, x, dynamic=(x,))}


@case("dequantize")
def dequantize(t: int, n: int) -> Work:
    x, y, scales = rand(t, n, dtype=FP8), empty(t, n), torch.rand(t, device="cuda")
    return size(x, y, scales), {"hipinfer": lambda: hipinfer.dequantize(y, x, scales),
                                **torch_calls(back, x, scales, dynamic=(x, scales))}
