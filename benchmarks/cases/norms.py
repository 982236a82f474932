# SPDX-License-Identifier: Apache-2.0
"""Norms, and norms with a quantised result."""

from __future__ import annotations

import inspect
from typing import Any, Tuple

import hipinfer
import torch
import torch.nn.functional as F
from case import FP8, F32, ROWS, Calls, Work, case, empty, flashinfer_has, peer, rand, size, torch_calls

EPS = 1e-6
liger_rms = peer("liger_kernel.ops.rms_norm", "rms_norm_forward")
liger_add = peer("liger_kernel.ops.fused_add_rms_norm", "fused_add_rms_norm_forward")
liger_layer = peer("liger_kernel.ops.layer_norm", "layer_norm_forward")
liger_modulated = peer("liger_kernel.ops.modulated_rms_norm", "modulated_rms_norm_forward")
Tensor = torch.Tensor


def rms(x: Tensor, w: Tensor) -> Tensor:
    return F.rms_norm(x, w.shape, w, EPS)


def gemma(x: Tensor, w: Tensor) -> Tensor:
    return F.rms_norm(x, w.shape, w + 1, EPS)


def add_rms(x: Tensor, r: Tensor, w: Tensor) -> Tuple[Tensor, Tensor]:
    s = r + x
    return F.rms_norm(s, w.shape, w, EPS), s


def add_gemma(x: Tensor, r: Tensor, w: Tensor) -> Tuple[Tensor, Tensor]:
    s = r + x
    return F.rms_norm(s, w.shape, w + 1, EPS), s


def layer(x: Tensor, w: Tensor, b: Tensor) -> Tensor:
    return F.layer_norm(x, w.shape, w, b, EPS)


def modulated(x: Tensor, scale: Tensor, shift: Tensor) -> Tensor:
    return F.layer_norm(x, x.shape[-1:], None, None, EPS) * (1 + scale[:, None]) + shift[:, None]


def modulated_rms(x: Tensor, scale: Tensor, shift: Tensor) -> Tensor:
    return F.rms_norm(x, x.shape[-1:], None, EPS) * (1 + scale[:, None]) + shift[:, None]


def to_fp8(x: Tensor, scale: Tensor) -> Tensor:
    return (x.float() / scale).clamp(-448, 448).to(FP8)


def to_fp8_by_row(x: Tensor) -> Tuple[Tensor, Tensor]:
    f = x.float()
    scale = f.abs().amax(-1) / 448
    return (f / scale[:, None]).to(FP8), scale


def scale_for(theirs: Any, scale: Tensor) -> Any:
    """FlashInfer takes a tensor; before 0.6 it took a number."""
    return float(scale) if inspect.signature(theirs).parameters["scale"].annotation in (float, "float") else scale


def rms_quant(x: Tensor, w: Tensor, scale: Tensor) -> Tensor:
    return to_fp8(rms(x, w), scale)


def rms_dynamic(x: Tensor, w: Tensor) -> Tuple[Tensor, Tensor]:
    return to_fp8_by_row(rms(x, w))


def add_rms_quant(x: Tensor, r: Tensor, w: Tensor, scale: Tensor) -> Tuple[Tensor, Tensor]:
    y, s = add_rms(x, r, w)
    return to_fp8(y, scale), s


def add_rms_dynamic(x: Tensor, r: Tensor, w: Tensor) -> Tuple[Tensor, Tensor, Tensor]:
    y, s = add_rms(x, r, w)
    return (*to_fp8_by_row(y), s)


def layer_quant(x: Tensor, w: Tensor, b: Tensor, scale: Tensor) -> Tensor:
    return to_fp8(layer(x, w, b), scale)


def plain_norm(t: int, n: int, ours: str, plain: object, offset: float) -> Work:
    x, w, y = rand(t, n), rand(n), empty(t, n)
    call, theirs = getattr(hipinfer, ours), flashinfer_has("norm", ours)
    calls: Calls = {"hipinfer": lambda: call(y, x, w, EPS), **torch_calls(plain, x, w, dynamic=(x,))}
    if theirs:
        calls["flashinfer"] = lambda: theirs(x, w, EPS, out=y)
    if liger_rms:
        mode = "gemma" if offset else "llama"
        calls["liger"] = lambda: liger_rms(x, w, EPS, offset, mode, None)
    return size(x, w, y), calls


def added_norm(t: int, n: int, ours: str, plain: object, offset: float) -> Work:
    x, r, w = torch.zeros_like(empty(t, n)), rand(t, n), rand(n)
    call, theirs = getattr(hipinfer, ours), flashinfer_has("norm", ours)
    calls: Calls = {"hipinfer": lambda: call(x, r, w, EPS), **torch_calls(plain, x, r, w, dynamic=(x, r))}
    if theirs:
        calls["flashinfer"] = lambda: theirs(x, r, w, EPS)
    if liger_add:
        mode = "gemma" if offset else "llama"
        calls["liger"] = lambda: liger_add(x, r, w, EPS, offset, mode)
    return 2 * size(x, r) + size(w), calls


@case("rmsnorm", ROWS)
def rmsnorm(t: int, n: int) -> Work:
    return plain_norm(t, n, "rmsnorm", rms, 0.0)


@case("gemma_rmsnorm")
def gemma_rmsnorm(t: int, n: int) -> Work:
    return plain_norm(t, n, "gemma_rmsnorm", gemma, 1.0)


@case("fused_add_rmsnorm", ROWS)
def fused_add_rmsnorm(t: int, n: int) -> Work:
    return added_norm(t, n, "fused_add_rmsnorm", add_rms, 0.0)


@case("gemma_fused_add_rmsnorm")
def gemma_fused_add_rmsnorm(t: int, n: int) -> Work:
    return added_norm(t, n, "gemma_fused_add_rmsnorm", add_gemma, 1.0)


# Heads of a Llama 3 8B and of FLUX: many short rows.
HEADS = tuple((t, h, 128) for h in (8, 24, 32) for t in (1, 16, 64, 512, 4096, 32768))


@case("rmsnorm/heads", HEADS, ((16, 24, 128), (32768, 32, 128)))
def rmsnorm_heads(t: int, h: int, d: int) -> Work:
    x, w, y = rand(t, h, d), rand(d), empty(t, h, d)
    calls: Calls = {"hipinfer": lambda: hipinfer.rmsnorm(y, x, w, EPS), **torch_calls(rms, x, w, dynamic=(x,))}
    theirs = flashinfer_has("norm", "rmsnorm")
    if theirs:
        calls["flashinfer"] = lambda: theirs(x, w, EPS, out=y)
    if liger_rms:
        calls["liger"] = lambda: liger_rms(x, w, EPS, 0.0, "llama", None)
    return size(x, w, y), calls


@case("rmsnorm_quant")
def rmsnorm_quant(t: int, n: int) -> Work:
    x, w, y, scale = rand(t, n), rand(n), empty(t, n, dtype=FP8), torch.full((1,), 0.02, device="cuda")
    calls: Calls = {"hipinfer": lambda: hipinfer.rmsnorm_quant(y, x, w, scale, EPS),
                    **torch_calls(rms_quant, x, w, scale, dynamic=(x,))}
    theirs = flashinfer_has("norm", "rmsnorm_quant")
    if theirs:
        their_scale = scale_for(theirs, scale)
        calls["flashinfer"] = lambda: theirs(y, x, w, their_scale, EPS)
    return size(x, w, y, scale), calls


@case("rmsnorm_dynamic_quant")
def rmsnorm_dynamic_quant(t: int, n: int) -> Work:
    x, w, y, scales = rand(t, n), rand(n), empty(t, n, dtype=FP8), empty(t, dtype=F32)
    return size(x, w, y, scales), {"hipinfer": lambda: hipinfer.rmsnorm_dynamic_quant(y, scales, x, w, EPS),
                                   **torch_calls(rms_dynamic, x, w, dynamic=(x,))}


@case("fused_add_rmsnorm_quant")
def fused_add_rmsnorm_quant(t: int, n: int) -> Work:
    x, r, w = torch.zeros_like(empty(t, n)), rand(t, n), rand(n)
    y, scale = empty(t, n, dtype=FP8), torch.full((1,), 0.02, device="cuda")
    calls: Calls = {"hipinfer": lambda: hipinfer.fused_add_rmsnorm_quant(y, x, r, w, scale, EPS),
                    **torch_calls(add_rms_quant, x, r, w, scale, dynamic=(x, r))}
    theirs = flashinfer_has("norm", "fused_add_rmsnorm_quant")
    if theirs:
        their_scale = scale_for(theirs, scale)
        calls["flashinfer"] = lambda: theirs(y, x, r, w, their_scale, EPS)
    return size(x, r, r, w, y, scale), calls


@case("fused_add_rmsnorm_dynamic_quant")
def fused_add_rmsnorm_dynamic_quant(t: int, n: int) -> Work:
    x, r, w = torch.zeros_like(empty(t, n)), rand(t, n), rand(n)
    y, scales = empty(t, n, dtype=FP8), empty(t, dtype=F32)
    return size(x, r, r, w, y, scales), {
        "hipinfer": lambda: hipinfer.fused_add_rmsnorm_dynamic_quant(y, scales, x, r, w, EPS),
        **torch_calls(add_rms_dynamic, x, r, w, dynamic=(x, r))}


@case("layernorm", ROWS)
def layernorm(t: int, n: int) -> Work:
    x, w, b, y = rand(t, n), rand(n), rand(n), empty(t, n)
    calls: Calls = {"hipinfer": lambda: hipinfer.layernorm(y, x, w, b, EPS), **torch_calls(layer, x, w, b, dynamic=(x,))}
    theirs = flashinfer_has("norm", "layernorm")
    if theirs:
        w32, b32 = w.float(), b.float()
        calls["flashinfer"] = lambda: theirs(x, w32, b32, EPS)
    if liger_layer:
        calls["liger"] = lambda: liger_layer(x, w, b, EPS)
    return size(x, w, b, y), calls


@case("layernorm_quant")
def layernorm_quant(t: int, n: int) -> Work:
    x, w, b, y = rand(t, n), rand(n), rand(n), empty(t, n, dtype=FP8)
    scale = torch.full((1,), 0.02, device="cuda")
    return size(x, w, b, y, scale), {"hipinfer": lambda: hipinfer.layernorm_quant(y, x, w, b, scale, EPS),
                                     **torch_calls(layer_quant, x, w, b, scale, dynamic=(x,))}


# FLUX (3072; 4096 image and 512 text tokens), and wider diffusion transformers.
MODULATED = tuple((b, t, n) for n in (1152, 3072, 5120) for b, t in ((1, 16), (1, 512), (1, 4608), (8, 4608)))


@case("adaln", MODULATED, ((1, 512, 3072), (8, 4608, 3072)))
def adaln(b: int, t: int, n: int) -> Work:
    x, scale, shift, y = rand(b, t, n), rand(b, n), rand(b, n), empty(b, t, n)
    return size(x, scale, shift, y), {"hipinfer": lambda: hipinfer.adaln(y, x, scale, shift, EPS),
                                      **torch_calls(modulated, x, scale, shift)}


@case("adaln/rms", MODULATED, ((8, 4608, 3072),))
def adaln_rms(b: int, t: int, n: int) -> Work:
    x, scale, shift, y = rand(b, t, n), rand(b, n), rand(b, n), empty(b, t, n)
    calls: Calls = {"hipinfer": lambda: hipinfer.adaln(y, x, scale, shift, EPS, True),
                    **torch_calls(modulated_rms, x, scale, shift)}
    if liger_modulated:
        ones, scale3, shift3 = torch.ones(n, device="cuda", dtype=x.dtype), scale[:, None], shift[:, None]
        calls["liger"] = lambda: liger_modulated(x, ones, scale3, shift3, EPS, 0.0, "llama")
    return size(x, scale, shift, y), calls
