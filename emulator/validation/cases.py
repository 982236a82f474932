# SPDX-License-Identifier: Apache-2.0
"""Kernels with published times: what is launched, how much work that is, what was measured and by whom."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field

GEMM_LADDER = "gau-nernst/learn-cuda, 02c_matmul_hip (ROCm 6.3): bf16 GEMM 4096x4096x4096 on MI300X"
SGEMM_LADDER = "seb-v, Optimizing Matrix Multiplication on RDNA3 (2025): fp32 GEMM 4096x4096x4096 on the RX 7900 XTX"
BABELSTREAM = "BabelStream copy on ND MI300X v5 (Azure AI benchmarking guide)"
MI210_STREAM = "a microbenchmark of DRAM copy on MI210 (the table that also gives the RX 7900 XT's latencies)"
# The figures reached us second-hand, without batch, heads or the blocks that Triton's tuning chose: 16,384 tokens and 16 heads are a
# guess, as benchmarks of attention have them since FlashAttention 3's, and so are the blocks.
TRITON_ATTENTION = "Triton's attention on MI300X (bf16, d 128, causal), probably midiareshadi.github.io/blog/attn-dsl-bench"


@dataclass(frozen=True)
class Case:
    ladder: str  # cases of one ladder are steps, each faster than the one before
    name: str
    target: str
    source: str  # beside this file
    kernel: str
    groups: int | tuple[int, ...]
    buffers: tuple[int, ...]  # bytes of each
    numbers: tuple[int | float, ...]  # 32-bit arguments after the pointers
    work: float  # operations or bytes
    unit: str  # TFLOP/s or TB/s
    published: float
    published_by: str
    executed: int  # workgroups to run; the rest is taken to be like them
    block: int = 256
    # Of a kernel in Triton: its constants, and options of its compiler.
    constants: Mapping[str, int] = field(default_factory=dict)
    options: Mapping[str, int] = field(default_factory=dict)

    @property
    def in_triton(self) -> bool:
        return self.source.endswith(".py")


def gemm_ladder(size: int = 4096) -> list[Case]:
    steps = [("no care for LDS banks", "gemm_plain", 122.21), ("rows padded by 16 bytes", "gemm_padded", 244.72),
             ("XOR swizzle", "gemm_swizzled", 369.57), ("next tile in registers", "gemm_buffered", 421.10),
             ("16-byte LDS reads", "gemm_wide", 454.12)]
    return [Case("GEMM MI300X", name, "gfx942", "gemm.hip", kernel, (size // 128) ** 2, (2 * size * size,) * 3, (size, size),
                 2.0 * size**3, "TFLOP/s", published, GEMM_LADDER, 48) for name, kernel, published in steps]


def sgemm_ladder(size: int = 4096) -> list[Case]:
    steps = [("a work-item an element", "sgemm_naive", 1.011, 32, 1024), ("tiles in LDS", "sgemm_lds", 4.018, 32, 1024),
             ("tiles in registers", "sgemm_registers", 22.777, 128, 256), ("next tile ahead", "sgemm_ahead", 25.560, 128, 256),
             ("larger tiles, no conflicts", "sgemm_wide", 33.527, 128, 128)]
    return [Case("SGEMM RX 7900 XTX", name, "gfx1100", "sgemm.hip", kernel, (size // tile) ** 2, (4 * size * size,) * 3, (size,),
                 2.0 * size**3, "TFLOP/s", published, SGEMM_LADDER, 32, block) for name, kernel, published, tile, block in steps]


def copy(card: str, target: str, published: float, published_by: str, mib: int = 1024) -> Case:
    size = mib << 20
    return Case(f"copy {card}", "16 bytes a lane", target, "stream.hip", "copy", size // 4096, (size, size), (), 2.0 * size, "TB/s",
                published, published_by, 96)


def triton_attention(length: int, published: float, tokens: int = 16384, heads: int = 16, d: int = 128,
                     rows: int = 128) -> Case:
    constants = {"HEADS": heads, "KV_HEADS": heads, "D": d, "BM": rows, "BN": 64, "CAUSAL": 1}
    options = {"num_warps": 4, "num_stages": 1, "waves_per_eu": 2}
    return Case("Triton attention MI300X", f"{length // 1024}k tokens", "gfx942", "triton_attention.py", "attention",
                (length // rows, heads, tokens // length), (2 * tokens * heads * d,) * 4, (length, math.log2(math.e) / math.sqrt(d)),
                2.0 * tokens * length * heads * d, "TFLOP/s", published, TRITON_ATTENTION, 32, constants=constants, options=options)


CASES: list[Case] = [*gemm_ladder(), *sgemm_ladder(), copy("MI300X", "gfx942", 4.11, BABELSTREAM),
                     copy("MI210", "gfx90a", 1.269, MI210_STREAM),
                     *(triton_attention(length, published) for length, published in ((1024, 139.0), (4096, 260.0), (16384, 364.0)))]
