# SPDX-License-Identifier: Apache-2.0
"""Norms and RoPE of one step of FLUX.1-dev at 1024 x 1024: 152 norms of heads (in each of 19 double blocks q and k of the 4096
image tokens and of the 512 text tokens, in each of 38 single blocks q and k of all 4608) and 57 RoPEs of all, on neighbouring
pairs. A call is the whole step. Its blocks work on several sets of tensors in turn, as the model's other work would put them
out of the cache."""

from __future__ import annotations

from typing import Any, List, Tuple

import hipinfer
import torch
import torch.nn.functional as F
from case import F32, I32, Calls, Work, case, compiled, empty, peer, rand, size

from .norms import EPS, liger_rms

Tensor = torch.Tensor
DOUBLE, SINGLE, TEXT, IMAGE, HEADS, D = 19, 38, 512, 4096, 24, 128
SETS = 8
triton_rope = peer("cases.triton_rope", "rope")


def rms(x: Tensor, w: Tensor) -> Tensor:
    return F.rms_norm(x, w.shape, w, EPS)


def rotate(x: Tensor, cos: Tensor, sin: Tensor) -> Tensor:
    a, b = x.float().unflatten(-1, (-1, 2)).unbind(-1)
    c, s = cos[:, None], sin[:, None]
    return torch.stack((a * c - b * s, b * c + a * s), -1).flatten(-2).to(x.dtype)


def rotate_both(q: Tensor, k: Tensor, cos: Tensor, sin: Tensor) -> Tuple[Tensor, Tensor]:
    return rotate(q, cos, sin), rotate(k, cos, sin)


def norm_rotate(q: Tensor, k: Tensor, wq: Tensor, wk: Tensor, cos: Tensor, sin: Tensor) -> Tuple[Tensor, Tensor]:
    return rotate(rms(q, wq), cos, sin), rotate(rms(k, wk), cos, sin)


class Step:
    """The tensors, and the step's blocks: each a list of (first, end) of the tokens that share a norm's weights."""

    def __init__(self) -> None:
        tokens = TEXT + IMAGE
        self.sets = [(rand(tokens, HEADS, D), rand(tokens, HEADS, D)) for _ in range(SETS)]
        self.q_out, self.k_out = empty(tokens, HEADS, D), empty(tokens, HEADS, D)
        self.wq, self.wk = rand(D), rand(D)
        self.cache = empty(tokens, D, dtype=F32)
        hipinfer.rope_cos_sin_cache(self.cache)
        self.cos, self.sin = self.cache[:, : D // 2].contiguous(), self.cache[:, D // 2:].contiguous()
        self.positions = torch.arange(tokens, device="cuda", dtype=I32)
        self.blocks: List[List[Tuple[int, int]]] = [[(0, TEXT), (TEXT, tokens)]] * DOUBLE + [[(0, tokens)]] * SINGLE
        one = 2 * size(*self.sets[0])
        self.fused_bytes = len(self.blocks) * (one + size(self.cache, self.positions))
        self.separate_bytes = self.fused_bytes + len(self.blocks) * one

    def run(self, norm: Any, rope: Any) -> None:
        for i, parts in enumerate(self.blocks):
            q, k = self.sets[i % SETS]
            for first, end in parts:
                norm(q, k, first, end)
            if rope:
                rope(q, k)

    def separate(self) -> None:
        def norm(q: Tensor, k: Tensor, first: int, end: int) -> None:
            hipinfer.rmsnorm(self.q_out[first:end], q[first:end], self.wq, EPS)
            hipinfer.rmsnorm(self.k_out[first:end], k[first:end], self.wk, EPS)

        self.run(norm, lambda q, k: hipinfer.rope(self.q_out, self.k_out, self.q_out, self.k_out, self.cache, self.positions, True))

    def fused(self) -> None:
        def norm(q: Tensor, k: Tensor, first: int, end: int) -> None:
            part = slice(first, end)
            hipinfer.qk_norm_rope(self.q_out[part], self.k_out[part], q[part], k[part], self.wq, self.wk, self.cache,
                                  self.positions[part], EPS, True)

        self.run(norm, None)

    def liger(self) -> None:
        def norm(q: Tensor, k: Tensor, first: int, end: int) -> None:
            liger_rms(q[first:end], self.wq, EPS, 0.0, "llama", None)
            liger_rms(k[first:end], self.wk, EPS, 0.0, "llama", None)

        self.run(norm, lambda q, k: triton_rope(self.q_out, self.k_out, self.cache))

    def torch(self, rms: Any, rotate_both: Any) -> None:
        def norm(q: Tensor, k: Tensor, first: int, end: int) -> None:
            rms(q[first:end], self.wq)
            rms(k[first:end], self.wk)

        self.run(norm, lambda q, k: rotate_both(q, k, self.cos, self.sin))

    def torch_fused(self, norm_rotate: Any) -> None:
        def norm(q: Tensor, k: Tensor, first: int, end: int) -> None:
            part = slice(first, end)
            norm_rotate(q[part], k[part], self.wq, self.wk, self.cos[part], self.sin[part])

        self.run(norm, None)


@case("flux/separate", ((TEXT + IMAGE, HEADS, D),), needs=("rmsnorm", "rope"))
def separate(*_: int) -> Work:
    step = Step()
    calls: Calls = {"hipinfer": step.separate}
    if liger_rms and triton_rope:
        calls["liger"] = step.liger
    calls["torch"] = lambda: step.torch(rms, rotate_both)
    calls["torch.compile"] = lambda: step.torch(compiled(rms), compiled(rotate_both))
    return step.separate_bytes, calls


@case("flux/fused", ((TEXT + IMAGE, HEADS, D),), needs=("qk_norm_rope",))
def fused(*_: int) -> Work:
    step = Step()
    calls: Calls = {"hipinfer": step.fused, "hipinfer separate": step.separate}
    if liger_rms and triton_rope:
        calls["liger"] = step.liger
    calls["torch.compile"] = lambda: step.torch_fused(compiled(norm_rotate))
    return step.fused_bytes, calls
