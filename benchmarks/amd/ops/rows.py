# SPDX-License-Identifier: Apache-2.0
"""Operations on rows: norms, gated units, softmax, quantisation. In Triton a program has a row, or several short ones."""

from __future__ import annotations

from typing import Any

import numpy as np
import triton
import triton.language as tl
from case import Device, Output, Version, Work, case, cdiv, label, space, wide

EPS = 1e-6
HIDDEN, INTERMEDIATE, VOCABULARY = 4096, 14336, 128256  # Llama 3 8B
TOKENS = (1, 16, 64, 4096)
ROWS = tuple((t, HIDDEN) for t in TOKENS)
PAST_CACHES = (32768, HIDDEN)  # 512 MiB in and out: more than any last level of cache holds
WARPS = {"num_warps": (1, 2, 4, 8), "waves_per_eu": (0,)}


@triton.jit
def rmsnorm_rows(out, residual, x, w, rows, eps, N: tl.constexpr, R: tl.constexpr, BLOCK: tl.constexpr, ADD: tl.constexpr):
    row = tl.program_id(0) * R + tl.arange(0, R)
    column = tl.arange(0, BLOCK)
    at = row[:, None] * N + column[None, :]
    inside = (row < rows)[:, None] & (column < N)[None, :]
    value = tl.load(x + at, mask=inside, other=0.0).to(tl.float32)
    if ADD:
        value = (value + tl.load(residual + at, mask=inside, other=0.0).to(tl.float32)).to(residual.dtype.element_ty)
        tl.store(residual + at, value, mask=inside)
        value = value.to(tl.float32)
    scale = tl.rsqrt(tl.sum(value * value, 1) / N + eps)
    weight = tl.load(w + column, mask=column < N, other=0.0).to(tl.float32)
    tl.store(out + at, (value * scale[:, None] * weight[None, :]).to(out.dtype.element_ty), mask=inside)


@triton.jit
def silu_and_mul_rows(out, x, D: tl.constexpr, BLOCK: tl.constexpr):
    row = tl.program_id(0)
    column = tl.program_id(1) * BLOCK + tl.arange(0, BLOCK)
    inside = column < D
    gate = tl.load(x + row * (2 * D) + column, mask=inside, other=0.0).to(tl.float32)
    up = tl.load(x + row * (2 * D) + D + column, mask=inside, other=0.0).to(tl.float32)
    tl.store(out + row * D + column, (gate * tl.sigmoid(gate) * up).to(out.dtype.element_ty), mask=inside)


@triton.jit
def softmax_row(out, x, N: tl.constexpr, BLOCK: tl.constexpr):
    """A row that fits a block stays in registers; a longer one is read twice, with the sum kept beside the maximum."""
    row = tl.program_id(0) * N
    column = tl.arange(0, BLOCK)
    if N <= BLOCK:
        value = tl.load(x + row + column, mask=column < N, other=float("-inf"))
        raised = tl.exp(value - tl.max(value, 0))
        tl.store(out + row + column, raised / tl.sum(raised, 0), mask=column < N)
    else:
        highest = tl.full((BLOCK,), float("-inf"), tl.float32)
        total = tl.zeros((BLOCK,), tl.float32)
        for at in range(0, N, BLOCK):
            value = tl.load(x + row + at + column, mask=at + column < N, other=float("-inf"))
            top = tl.maximum(highest, value)
            total = total * tl.exp(highest - top) + tl.exp(value - top)
            highest = top
        top = tl.max(highest, 0)
        factor = 1 / tl.sum(total * tl.exp(highest - top), 0)
        for at in range(0, N, BLOCK):
            value = tl.load(x + row + at + column, mask=at + column < N, other=float("-inf"))
            tl.store(out + row + at + column, tl.exp(value - top) * factor, mask=at + column < N)


@triton.jit
def quantize_row(out, scales, x, N: tl.constexpr, LARGEST: tl.constexpr, BLOCK: tl.constexpr):
    row = tl.program_id(0)
    column = tl.arange(0, BLOCK)
    inside = column < N
    value = tl.load(x + row * N + column, mask=inside, other=0.0).to(tl.float32)
    scale = tl.maximum(tl.max(tl.abs(value), 0) / LARGEST, 1.1754943508222875e-38)
    tl.store(scales + row, scale)
    tl.store(out + row * N + column, (value * (1 / scale)).to(out.dtype.element_ty), mask=inside)


def norm_launch(device: Device, out: Any, residual: Any, x: Any, w: Any, rows: int, choice: dict[str, int]) -> Any:
    """`choice`: rows of a program, and Triton's options."""
    n = w.shape[0]
    options = {name: value for name, value in choice.items() if name != "R"}
    arguments = {"out": out, "residual": residual, "x": x, "w": w, "rows": rows, "eps": EPS}
    constants = {"N": n, "R": choice["R"], "BLOCK": triton.next_power_of_2(n), "ADD": residual is not None}
    if residual is None:
        constants["residual"] = arguments.pop("residual")
    return device.launch(rmsnorm_rows, (cdiv(rows, choice["R"]),), arguments, constants, **options)


def normed(x: np.ndarray, w: np.ndarray) -> np.ndarray:
    return x / np.sqrt((x * x).mean(-1, keepdims=True) + EPS) * w


@case("rmsnorm", shapes=(*ROWS, PAST_CACHES), quick=((16, HIDDEN),), check=((5, HIDDEN),))
def rmsnorm(device: Device, t: int, n: int) -> Work:
    x, w, y = device.random(t, n), device.random(n), device.empty(t, n)
    triton_versions = [Version(label(c), [(1, norm_launch(device, y, None, x, w, t, c))]) for c in space(R=(1,), **WARPS)]
    return Work(x.nbytes + w.nbytes + y.nbytes, [Output(y, lambda: normed(wide(x), wide(w)))],
                {"hipinfer": [Version("", [(1, lambda: device.hipinfer.rmsnorm(y, x, w, EPS))])], "triton": triton_versions})


@case("fused_add_rmsnorm", shapes=(*ROWS, PAST_CACHES), quick=((16, HIDDEN),), check=((5, HIDDEN),))
def fused_add_rmsnorm(device: Device, t: int, n: int) -> Work:
    x, r, w = device.random(t, n), device.random(t, n), device.random(n)
    before_x, before_r = x.numpy(), r.numpy()

    def total() -> np.ndarray:
        return (before_x.astype(np.float32) + before_r.astype(np.float32)).astype(before_x.dtype).astype(np.float64)

    triton_versions = [Version(label(c), [(1, norm_launch(device, x, r, x, w, t, c))]) for c in space(R=(1,), **WARPS)]
    return Work(4 * x.nbytes + w.nbytes, [Output(x, lambda: normed(total(), wide(w)), before_x), Output(r, total, before_r)],
                {"hipinfer": [Version("", [(1, lambda: device.hipinfer.fused_add_rmsnorm(x, r, w, EPS))])], "triton": triton_versions})


@case("silu_and_mul", shapes=tuple((t, INTERMEDIATE) for t in TOKENS), quick=((16, INTERMEDIATE),), check=((3, INTERMEDIATE),))
def silu_and_mul(device: Device, t: int, d: int) -> Work:
    x, y = device.random(t, 2 * d), device.empty(t, d)

    def expected() -> np.ndarray:
        gate, up = np.split(wide(x), 2, -1)
        return gate / (1 + np.exp(-gate)) * up

    triton_versions = [Version(label(c), [(1, device.launch(silu_and_mul_rows, (t, cdiv(d, c["BLOCK"])), {"out": y, "x": x},
                                                            {"D": d, "BLOCK": c["BLOCK"]}, num_warps=c["num_warps"]))])
                       for c in space(BLOCK=(512, 1024, 2048), num_warps=(1, 2, 4))]
    return Work(x.nbytes + y.nbytes, [Output(y, expected)],
                {"hipinfer": [Version("", [(1, lambda: device.hipinfer.silu_and_mul(y, x))])], "triton": triton_versions})


@case("softmax", shapes=((1, VOCABULARY), (16, VOCABULARY), (64, VOCABULARY), (4096, 4096)), quick=((16, VOCABULARY),),
      check=((2, VOCABULARY), (3, 4096)), note="fp32")
def softmax(device: Device, t: int, n: int) -> Work:
    x, y = device.random(t, n, dtype="f32"), device.empty(t, n, dtype="f32")

    def expected() -> np.ndarray:
        value = wide(x)
        raised = np.exp(value - value.max(-1, keepdims=True))
        return raised / raised.sum(-1, keepdims=True)

    blocks = {"BLOCK": (4096,), "num_warps": (1, 2, 4, 8)} if n <= 4096 else {"BLOCK": (4096, 8192, 16384), "num_warps": (8, 16)}
    triton_versions = [Version(label(c), [(1, device.launch(softmax_row, (t,), {"out": y, "x": x}, {"N": n, "BLOCK": c["BLOCK"]},
                                                            num_warps=c["num_warps"]))]) for c in space(**blocks)]
    return Work(x.nbytes + y.nbytes, [Output(y, expected)],
                {"hipinfer": [Version("", [(1, lambda: device.hipinfer.softmax(y, x))])], "triton": triton_versions})


@case("quantize_per_token", shapes=ROWS, quick=((16, HIDDEN),), check=((5, HIDDEN),), note="bf16 to the device's fp8 (e4m3)")
def quantize_per_token(device: Device, t: int, n: int) -> Work:
    largest = 240.0 if device.fp8 == "e4m3fnuz" else 448.0
    x, q, scales = device.random(t, n), device.empty(t, n, dtype=device.fp8), device.empty(t, dtype="f32")

    def expected_scales() -> np.ndarray:
        return np.abs(wide(x)).max(-1) / largest

    triton_versions = [Version(label(c), [(1, device.launch(quantize_row, (t,), {"out": q, "scales": scales, "x": x}, {
        "N": n, "LARGEST": largest, "BLOCK": triton.next_power_of_2(n)}, **c))]) for c in space(**WARPS)]
    return Work(x.nbytes + q.nbytes + scales.nbytes,
                [Output(q, lambda: wide(x) / expected_scales()[:, None]), Output(scales, expected_scales)],
                {"hipinfer": [Version("", [(1, lambda: device.hipinfer.quantize_per_token(q, scales, x))])], "triton": triton_versions})
