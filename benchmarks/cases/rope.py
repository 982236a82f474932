# SPDX-License-Identifier: Apache-2.0
"""Rotary position embedding, alone and after the norm of heads."""

from __future__ import annotations

from typing import Tuple

import hipinfer
import torch
import torch.nn.functional as F
from case import F32, FP8, I32, Calls, Shape, Work, case, empty, flashinfer_has, peer, rand, size, torch_calls

from .norms import EPS

Tensor = torch.Tensor
liger_rope = peer("liger_kernel.ops.rope", "rope_forward")
# Query and key heads of Llama 3 8B, 70B and Qwen3 0.6B.
SHAPES = tuple((t, hq, hk, 128) for hq, hk in ((32, 8), (64, 8), (16, 8)) for t in (1, 16, 64, 1024, 8192, 65536))
QUICK: Tuple[Shape, ...] = ((16, 32, 8, 128), (16384, 32, 8, 128))


def rotate(x: Tensor, cos: Tensor, sin: Tensor) -> Tensor:
    a, b = x.float().chunk(2, -1)
    c, s = cos[:, None], sin[:, None]
    return torch.cat((a * c - b * s, b * c + a * s), -1).to(x.dtype)


def rotate_both(q: Tensor, k: Tensor, cos: Tensor, sin: Tensor) -> Tuple[Tensor, Tensor]:
    return rotate(q, cos, sin), rotate(k, cos, sin)


def norm_rotate(q: Tensor, k: Tensor, wq: Tensor, wk: Tensor, cos: Tensor, sin: Tensor) -> Tuple[Tensor, Tensor]:
    return rotate(F.rms_norm(q, wq.shape, wq, EPS), cos, sin), rotate(F.rms_norm(k, wk.shape, wk, EPS), cos, sin)


def setup(t: int, hq: int, hk: int, d: int) -> Tuple[Tensor, ...]:
    q, k, cache = rand(t, hq, d), rand(t, hk, d), empty(t, d, dtype=F32)
    hipinfer.rope_cos_sin_cache(cache)
    cos, sin = cache[:, : d // 2].contiguous(), cache[:, d // 2:].contiguous()
    return q, k, cache, cos, sin, torch.arange(t, device="cuda", dtype=I32)


@case("rope", SHAPES, QUICK)
def rope(t: int, hq: int, hk: int, d: int) -> Work:
    q, k, cache, cos, sin, positions = setup(t, hq, hk, d)
    q_out, k_out = torch.empty_like(q), torch.empty_like(k)
    calls: Calls = {"hipinfer": lambda: hipinfer.rope(q_out, k_out, q, k, cache, positions),
                    **torch_calls(rotate_both, q, k, cos, sin, dynamic=(q, k, cos, sin))}
    theirs = flashinfer_has("rope", "apply_rope_with_cos_sin_cache")
    if theirs:
        q2, k2 = q.view(t, hq * d), k.view(t, hk * d)
        calls["flashinfer"] = lambda: theirs(positions, q2, k2, d, cache)
    if liger_rope:  # in place, on the layout that it needs no copy for
        q4, k4 = (x.clone()[None].transpose(1, 2) for x in (q, k))
        cos2, sin2 = (torch.cat((x, x), -1)[None].to(q.dtype) for x in (cos, sin))
        calls["liger"] = lambda: liger_rope(q4, k4, cos2, sin2)
    return 2 * size(q, k) + size(cache, positions), calls


@case("rope/in_place", SHAPES, ((16384, 32, 8, 128),))
def rope_in_place(t: int, hq: int, hk: int, d: int) -> Work:
    q, k, cache, cos, sin, positions = setup(t, hq, hk, d)
    calls: Calls = {"hipinfer": lambda: hipinfer.rope(q, k, q, k, cache, positions)}
    theirs = flashinfer_has("rope", "apply_rope_with_cos_sin_cache_inplace")
    if theirs:
        q2, k2 = q.view(t, hq * d), k.view(t, hk * d)
        calls["flashinfer"] = lambda: theirs(positions, q2, k2, d, cache)
    if liger_rope:
        q4, k4 = (x.clone()[None].transpose(1, 2) for x in (q, k))
        cos2, sin2 = (torch.cat((x, x), -1)[None].to(q.dtype) for x in (cos, sin))
        calls["liger"] = lambda: liger_rope(q4, k4, cos2, sin2)
    return 2 * size(q, k) + size(cache, positions), calls


@case("rope_theta", SHAPES, QUICK)
def rope_theta(t: int, hq: int, hk: int, d: int) -> Work:
    q, k, _, _, _, positions = setup(t, hq, hk, d)
    q_out, k_out = torch.empty_like(q), torch.empty_like(k)
    calls: Calls = {"hipinfer": lambda: hipinfer.rope_theta(q_out, k_out, q, k, positions)}
    theirs = flashinfer_has("rope", "apply_rope_pos_ids")
    if theirs:
        calls["flashinfer"] = lambda: theirs(q, k, positions)
    return 2 * size(q, k) + size(positions), calls


# DeepSeek's latent attention on 8 GPUs: 16 query heads of 512 + 64, one key of 512 + 64.
LATENT = tuple((t, 16, 512, 64) for t in (1, 16, 64, 1024, 8192, 32768))


@case("rope_quantize_fp8", LATENT, ((16, 16, 512, 64), (16384, 16, 512, 64)))
def rope_quantize_fp8(t: int, h: int, nope: int, d: int) -> Work:
    cache, positions = empty(t, d, dtype=F32), torch.arange(t, device="cuda", dtype=I32)
    hipinfer.rope_cos_sin_cache(cache)
    parts = rand(t, h, d), rand(t, d), rand(t, h, nope), rand(t, nope)
    out = [torch.empty_like(x, dtype=FP8) for x in parts]
    calls: Calls = {"hipinfer": lambda: hipinfer.rope_quantize_fp8(*out, *parts, cache, positions)}
    theirs = flashinfer_has("rope", "rope_quantize_fp8")
    if theirs:
        calls["flashinfer"] = lambda: theirs(*parts, cache, positions, True, FP8, 1.0, 1.0, *out)
    return size(*parts, *out, cache, positions), calls


@case("qk_norm_rope", SHAPES, QUICK)
def qk_norm_rope(t: int, hq: int, hk: int, d: int) -> Work:
    q, k, cache, cos, sin, positions = setup(t, hq, hk, d)
    q_out, k_out, wq, wk = torch.empty_like(q), torch.empty_like(k), rand(d), rand(d)
    return 2 * size(q, k) + size(cache, positions, wq, wk), {
        "hipinfer": lambda: hipinfer.qk_norm_rope(q_out, k_out, q, k, wq, wk, cache, positions, EPS),
        **torch_calls(norm_rotate, q, k, wq, wk, cos, sin, dynamic=(q, k, cos, sin))}


@case("rope_cos_sin_cache", ((4096, 128), (131072, 128)))
def rope_cos_sin_cache(t: int, d: int) -> Work:
    cache = empty(t, d, dtype=F32)
    frequencies = 1.0 / 10000.0 ** (torch.arange(0, d, 2, device="cuda", dtype=torch.float64) / d)
    places = torch.arange(t, device="cuda", dtype=torch.float64)

    def plain() -> Tensor:
        angles = torch.outer(places, frequencies)
        return torch.cat((angles.cos(), angles.sin()), -1).float()

    return size(cache), {"hipinfer": lambda: hipinfer.rope_cos_sin_cache(cache), "torch": plain}
