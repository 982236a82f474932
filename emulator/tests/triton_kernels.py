# SPDX-License-Identifier: Apache-2.0
"""Kernels in Triton, and a program that compiles them for AMD GPUs on a machine without one:

  triton_kernels.py FOLDER TARGET...       writes FOLDER/TARGET-NAME.hsaco and .json of each

It runs in a process of its own, so that Triton's LLVM and the emulator's do not meet."""

from __future__ import annotations

import concurrent.futures
import json
import os
import sys
from pathlib import Path

import triton
import triton.language as tl
from triton.backends.compiler import GPUTarget
from triton.compiler import ASTSource


@triton.jit
def softmax(x, out, columns, BLOCK: tl.constexpr):
    row = tl.program_id(0)
    at = tl.arange(0, BLOCK)
    inside = at < columns
    values = tl.load(x + row * columns + at, mask=inside, other=-float("inf"))
    raised = tl.exp(values - tl.max(values, axis=0))
    tl.store(out + row * columns + at, raised / tl.sum(raised, axis=0), mask=inside)


@triton.jit
def rmsnorm(x, weight, out, columns, eps, BLOCK: tl.constexpr):
    row = tl.program_id(0)
    total = tl.zeros([BLOCK], tl.float32)
    for first in range(0, columns, BLOCK):
        at = first + tl.arange(0, BLOCK)
        part = tl.load(x + row * columns + at, mask=at < columns, other=0.0).to(tl.float32)
        total += part * part
    scale = 1.0 / tl.sqrt(tl.sum(total, axis=0) / columns + eps)
    for first in range(0, columns, BLOCK):
        at = first + tl.arange(0, BLOCK)
        part = tl.load(x + row * columns + at, mask=at < columns, other=0.0).to(tl.float32)
        gain = tl.load(weight + at, mask=at < columns, other=0.0).to(tl.float32)
        tl.store(out + row * columns + at, (part * scale * gain).to(out.dtype.element_ty), mask=at < columns)


@triton.jit
def gemm(a, b, out, m, n, k, M: tl.constexpr, N: tl.constexpr, K: tl.constexpr):
    """out[m, n] = a[m, k] b[n, k]^T"""
    rows = tl.program_id(0) * M + tl.arange(0, M)
    columns = tl.program_id(1) * N + tl.arange(0, N)
    depth = tl.arange(0, K)
    total = tl.zeros([M, N], tl.float32)
    for first in range(0, k, K):
        left = tl.load(a + rows[:, None] * k + first + depth[None, :], mask=(rows[:, None] < m) & (first + depth[None, :] < k), other=0.0)
        right = tl.load(b + columns[None, :] * k + first + depth[:, None], mask=(columns[None, :] < n) & (first + depth[:, None] < k), other=0.0)
        total = tl.dot(left, right, total)
    tl.store(out + rows[:, None] * n + columns[None, :], total, mask=(rows[:, None] < m) & (columns[None, :] < n))


@triton.jit
def attention(q, k, v, out, length, scale, D: tl.constexpr, M: tl.constexpr, N: tl.constexpr, CAUSAL: tl.constexpr):
    """One head a program in dimension 1: q, k, v, out are [heads, length, D]."""
    base = tl.program_id(1) * length * D
    rows = tl.program_id(0) * M + tl.arange(0, M)
    lanes = tl.arange(0, D)
    query = tl.load(q + base + rows[:, None] * D + lanes[None, :], mask=rows[:, None] < length, other=0.0)
    most = tl.full([M], -float("inf"), tl.float32)
    weight = tl.zeros([M], tl.float32)
    total = tl.zeros([M, D], tl.float32)
    end = length
    if CAUSAL:
        end = tl.minimum(length, tl.program_id(0) * M + M)
    for first in range(0, end, N):
        keys = first + tl.arange(0, N)
        key = tl.load(k + base + keys[None, :] * D + lanes[:, None], mask=keys[None, :] < length, other=0.0)
        score = tl.dot(query, key) * scale
        seen = keys[None, :] < length
        if CAUSAL:
            seen = seen & (keys[None, :] <= rows[:, None])
        score = tl.where(seen, score, -float("inf"))
        peak = tl.maximum(most, tl.max(score, axis=1))
        p = tl.exp(score - peak[:, None])
        kept = tl.exp(most - peak)
        weight = weight * kept + tl.sum(p, axis=1)
        value = tl.load(v + base + keys[:, None] * D + lanes[None, :], mask=keys[:, None] < length, other=0.0)
        total = tl.dot(p.to(value.dtype), value, total * kept[:, None])
        most = peak
    tl.store(out + base + rows[:, None] * D + lanes[None, :], (total / weight[:, None]).to(out.dtype.element_ty), mask=rows[:, None] < length)


# name -> kernel, types of its arguments, constants, options
CASES = {}
for warps in (1, 4, 8):
    CASES[f"softmax-w{warps}"] = softmax, ("*fp32", "*fp32", "i32"), {"BLOCK": 1024}, {"num_warps": warps}
    CASES[f"rmsnorm-w{warps}"] = rmsnorm, ("*bf16", "*bf16", "*bf16", "i32", "fp32"), {"BLOCK": 512}, {"num_warps": warps}
for kind in ("fp16", "bf16"):
    for warps, stages in ((1, 1), (4, 1), (4, 2), (8, 2), (4, 3)):
        CASES[f"gemm-{kind}-w{warps}-s{stages}"] = (gemm, (f"*{kind}", f"*{kind}", "*fp32", "i32", "i32", "i32"), {"M": 64, "N": 64, "K": 32},
                                                    {"num_warps": warps, "num_stages": stages})
for causal in (0, 1):
    for warps, stages in ((2, 1), (4, 1), (4, 2), (8, 2)):
        CASES[f"attention-{'causal' if causal else 'full'}-w{warps}-s{stages}"] = (
            attention, ("*fp16", "*fp16", "*fp16", "*fp16", "i32", "fp32"), {"D": 64, "M": 64, "N": 32, "CAUSAL": causal},
            {"num_warps": warps, "num_stages": stages})


def compile_one(folder: str, target: str, name: str) -> None:
    kernel, types, constants, options = CASES[name]
    signature = dict(zip(kernel.arg_names, types)) | dict.fromkeys(constants, "constexpr")
    divisible = {(n,): [["tt.divisibility", 16]] for n, t in enumerate(types) if t[0] == "*"}
    source = ASTSource(fn=kernel, signature=signature, constexprs={(kernel.arg_names.index(c),): x for c, x in constants.items()}, attrs=divisible)
    made = triton.compile(source, target=GPUTarget("hip", target, 64 if target.startswith("gfx9") else 32), options=options)
    path = Path(folder) / f"{target}-{name}"
    path.with_suffix(".hsaco").write_bytes(made.asm["hsaco"])
    path.with_suffix(".json").write_text(json.dumps({"kernel": made.metadata.name, "lds": made.metadata.shared, "warps": made.metadata.num_warps,
                                                     "warp_size": made.metadata.warp_size, "constants": constants}))


if __name__ == "__main__":
    os.environ["TRITON_CACHE_DIR"] = str(Path(sys.argv[1]) / "cache")
    with concurrent.futures.ProcessPoolExecutor(os.cpu_count()) as pool:
        for done in [pool.submit(compile_one, sys.argv[1], target, name) for target in sys.argv[2:] for name in CASES]:
            done.result()
