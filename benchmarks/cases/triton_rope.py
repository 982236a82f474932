# SPDX-License-Identifier: Apache-2.0
"""RoPE on neighbouring pairs in Triton, as a peer: q and k in one launch, in place, whole rows of heads a program."""

import torch
import triton
import triton.language as tl


@triton.jit
def kernel(q, k, cos_sin, row: tl.constexpr, D: tl.constexpr, H: tl.constexpr):
    t = tl.program_id(0).to(tl.int64)
    base = q
    if tl.program_id(2) == 1:
        base = k
    half = tl.arange(0, D // 2)
    c = tl.load(cos_sin + t * D + half)[None, :]
    s = tl.load(cos_sin + t * D + D // 2 + half)[None, :]
    heads = tl.program_id(1) * H + tl.arange(0, H)
    places = base + t * row + heads[:, None] * D + tl.arange(0, D)[None, :]
    x = tl.load(places).to(tl.float32)
    a, b = tl.split(tl.reshape(x, (H, D // 2, 2)))
    y = tl.reshape(tl.join(a * c - b * s, b * c + a * s), (H, D))
    tl.store(places, y.to(base.dtype.element_ty))


def rope(q: torch.Tensor, k: torch.Tensor, cos_sin: torch.Tensor) -> None:
    """q and k [T, heads, D], contiguous, heads a multiple of 8; cos_sin [T, D] in f32."""
    t, heads, d = q.shape
    kernel[(t, heads // 8, 2)](q, k, cos_sin, heads * d, D=d, H=8, num_warps=4)
