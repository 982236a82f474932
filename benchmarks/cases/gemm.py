# SPDX-License-Identifier: Apache-2.0
"""Linear layers: rows x outputs x inputs, bf16. Peers: torch's (cuBLAS) and, from 64 rows on, Triton's, tuned at each shape."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any, Callable, Dict, List, Tuple

import hipinfer
import torch
import torch.nn.functional as F
from case import FP8, Calls, Work, case, compiled, empty, peer, rand, size
from measure import event_times

Tensor = torch.Tensor
sys.path.append(str(Path(__file__).resolve().parents[2] / "emulator/validation"))
triton = peer("triton")
triton_gemm = peer("triton_gemm", "gemm")

# Outputs x inputs of a layer's projections: Llama 3 8B and 70B, Qwen 2.5 32B, DeepSeek V3.
LAYERS = ((6144, 4096), (4096, 4096), (28672, 4096), (4096, 14336), (10240, 8192), (8192, 8192), (57344, 8192), (8192, 28672),
          (7168, 5120), (5120, 27648), (2112, 7168), (7168, 16384), (7168, 2048))
ROWS = (1, 2, 4, 8, 9, 16, 24, 32, 64, 128, 256, 512, 2048)
LARGE = ((4096, 4096, 4096), (8192, 8192, 8192), (2048, 14336, 4096))
ODD = ((4097, 4097, 4097), (4096, 4097, 4096), (1000, 4095, 4096), (31, 4096, 4095))
SHAPES = LARGE + ODD + tuple((m, n, k) for n, k in LAYERS for m in ROWS)
QUICK = LARGE + ((1, 4096, 4096), (1, 28672, 4096), (4, 4096, 14336), (8, 28672, 4096), (16, 4096, 14336), (16, 28672, 4096),
                 (32, 6144, 4096), (64, 4096, 4096), (64, 8192, 28672), (128, 4096, 14336), (256, 28672, 4096), (512, 4096, 14336))


def flops(m: int, n: int, k: int) -> int:
    return 2 * m * n * k


def choices(m: int) -> List[Tuple[int, int, int, int, int]]:
    """Rows, columns and inputs of a tile, warps, stages."""
    if m <= 64:
        return [(64, 128, 64, 4, 4), (64, 256, 64, 4, 4), (64, 64, 128, 4, 4)]
    return [(64, 128, 64, 4, 4), (64, 256, 64, 4, 4), (128, 64, 64, 4, 4), (128, 128, 64, 4, 4), (128, 128, 64, 8, 4),
            (128, 256, 64, 8, 3), (128, 256, 64, 8, 4), (256, 128, 64, 8, 3)]


best: Dict[Tuple[int, int, int], Tuple[int, int, int, int, int]] = {}


def in_triton(y: Tensor, x: Tensor, w: Tensor) -> Callable[[], object]:
    m, n, k = *y.shape, x.shape[1]

    def call(c: Tuple[int, int, int, int, int]) -> Callable[[], object]:
        bm, bn, bk, warps, stages = c
        grid = (triton.cdiv(m, bm) * triton.cdiv(n, bn), 1)
        return lambda: triton_gemm[grid](y, x, w, m, n, k, BM=bm, BN=bn, BK=bk, GROUP=8, SPLITS=1, num_warps=warps, num_stages=stages)

    def time(c: Tuple[int, int, int, int, int]) -> float:
        event_times(call(c), 3)
        return sorted(event_times(call(c), 7))[3]

    if y.shape + x.shape[1:] not in best:
        best[m, n, k] = min((c for c in choices(m) if k % c[2] == 0), key=time)
    return call(best[m, n, k])


@case("gemm", SHAPES, QUICK, flops=flops)
def gemm(m: int, n: int, k: int) -> Work:
    x, w, y = rand(m, k), rand(n, k), empty(m, n)
    calls: Calls = {"hipinfer": lambda: hipinfer.gemm(y, x, w), "cublas": lambda: torch.mm(x, w.T, out=y)}
    if triton_gemm and m >= 64 and k % 128 == 0:
        calls["triton"] = in_triton(y, x, w)
    return size(x, w, y), calls


def plain(x: Tensor, gate: Tensor, up: Tensor) -> Tensor:
    return F.silu(x @ gate.T) * (x @ up.T)


@case("gate_up_swiglu", tuple((m, n, k) for n, k in ((14336, 4096), (28672, 8192)) for m in ROWS),
      ((1, 14336, 4096), (16, 14336, 4096), (2048, 14336, 4096)), flops=lambda m, n, k: 2 * flops(m, n, k))
def gate_up_swiglu(m: int, n: int, k: int) -> Work:
    x, gate, up, y = rand(m, k), rand(n, k), rand(n, k), empty(m, n)
    fast: Any = compiled(plain)
    return size(x, gate, up, y), {"hipinfer": lambda: hipinfer.gate_up_swiglu(y, x, gate, up), "cublas": lambda: plain(x, gate, up),
                                  "torch.compile": lambda: fast(x, gate, up)}


def quantised(m: int, n: int, k: int, shapes: Any, scaled_mm: Any) -> Work:
    """`shapes` are those of the scales, of the input and of the weight."""
    x, w, y = rand(m, k, dtype=FP8), rand(n, k, dtype=FP8), empty(m, n)
    sx, sw = (torch.rand(*s, device="cuda") + 0.5 for s in shapes)
    calls: Calls = {"hipinfer": lambda: hipinfer.gemm_scaled(y, x, w, sx, sw), "cublas": lambda: scaled_mm(x, w, sx, sw)}
    return size(x, w, y, sx, sw), calls


FP8_SHAPES = LARGE + tuple((m, n, k) for n, k in ((28672, 4096), (4096, 14336), (7168, 16384)) for m in (1, 16, 64, 128, 512))


@case("gemm_scaled/token", FP8_SHAPES, LARGE[:2] + ((16, 28672, 4096), (128, 4096, 14336)), flops=flops)
def gemm_by_token(m: int, n: int, k: int) -> Work:
    def scaled_mm(x: Tensor, w: Tensor, sx: Tensor, sw: Tensor) -> Tensor:
        return torch._scaled_mm(x, w.T, sx, sw.T, out_dtype=torch.bfloat16)
    return quantised(m, n, k, ((m, 1), (n, 1)), scaled_mm)


@case("gemm_scaled/blocks", FP8_SHAPES, LARGE[:2] + ((16, 28672, 4096), (128, 4096, 14336)), flops=flops)
def gemm_by_blocks(m: int, n: int, k: int) -> Work:
    # cuBLAS wants the input's scales column by column.
    def scaled_mm(x: Tensor, w: Tensor, sx: Tensor, sw: Tensor) -> Tensor:
        return torch._scaled_mm(x, w.T, sx.T.contiguous().T, sw.T, out_dtype=torch.bfloat16)
    return quantised(m, n, k, ((m, -(-k // 128)), (-(-n // 128), -(-k // 128))), scaled_mm)


# Rows, experts, outputs, inputs: decode and prefill of mixtures of experts (Mixtral 8x7B, Qwen3 30B-A3B, DeepSeek V3), and adapters.
EXPERTS = ((16, 8, 14336, 4096), (64, 8, 14336, 4096), (512, 8, 14336, 4096), (4096, 8, 4096, 14336), (64, 128, 1536, 2048),
           (512, 128, 1536, 2048), (8192, 128, 1536, 2048), (512, 256, 4096, 7168), (64, 64, 16, 4096), (64, 64, 4096, 16))


def shared_out(m: int, g: int) -> Tuple[Tensor, int]:
    """Where the rows of g experts begin, at random as a router would have it, and how many experts have any."""
    counts = torch.bincount(torch.randint(0, g, (m,), generator=torch.Generator().manual_seed(0)), minlength=g)
    return F.pad(counts.cumsum(0), (1, 0)).int().cuda(), int((counts > 0).sum())


@case("gemm_grouped", EXPERTS, (EXPERTS[1], EXPERTS[3], EXPERTS[5]), flops=lambda m, g, n, k: flops(m, n, k))
def gemm_grouped(m: int, g: int, n: int, k: int) -> Work:
    x, w, y = rand(m, k), rand(g, n, k), empty(m, n)
    indptr, used = shared_out(m, g)
    calls: Calls = {"hipinfer": lambda: hipinfer.gemm_grouped(y, x, w, indptr)}
    grouped_mm = getattr(torch, "_grouped_mm", None)
    if grouped_mm and k * x.element_size() % 16 == 0:
        calls["torch"] = lambda: grouped_mm(x, w.transpose(1, 2), indptr[1:])
    return size(x, y) + used * size(w) // g, calls


@case("gemm_grouped_scaled/blocks", EXPERTS[:8], (EXPERTS[1], EXPERTS[5]), flops=lambda m, g, n, k: flops(m, n, k))
def gemm_grouped_by_blocks(m: int, g: int, n: int, k: int) -> Work:
    x, w, y = rand(m, k, dtype=FP8), rand(g, n, k, dtype=FP8), empty(m, n)
    sx, sw = torch.rand(m, -(-k // 128), device="cuda") + 0.5, torch.rand(g, -(-n // 128), -(-k // 128), device="cuda") + 0.5
    indptr, used = shared_out(m, g)
    return size(x, y, sx) + used * size(w, sw) // g, {"hipinfer": lambda: hipinfer.gemm_grouped_scaled(y, x, w, sx, sw, indptr)}
