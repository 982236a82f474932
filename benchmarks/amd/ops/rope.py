# SPDX-License-Identifier: Apache-2.0
"""Rotary position embedding, alone and behind the norm of heads, and the norms and RoPEs of a step of FLUX.1-dev."""

from __future__ import annotations

from typing import Any, Callable

import numpy as np
import triton
import triton.language as tl
from case import Device, Output, Version, Work, case, label, space, wide

from .rows import EPS, norm_launch, normed


@triton.jit
def turn_heads(q_out, k_out, q, k, wq, wk, cos_sin, positions, eps, Q: tl.constexpr, K: tl.constexpr, D: tl.constexpr, H: tl.constexpr,
               INTERLEAVED: tl.constexpr, NORM: tl.constexpr):
    """A program has H heads of a token. Of Q query and K key heads, each a multiple of H."""
    token, part = tl.program_id(0), tl.program_id(1)
    half = tl.arange(0, D // 2)
    position = tl.load(positions + token)
    c = tl.load(cos_sin + position * D + half)[None, :]
    s = tl.load(cos_sin + position * D + D // 2 + half)[None, :]
    x, y, w, heads, first = q, q_out, wq, Q, part * H
    if part >= Q // H:
        x, y, w, heads, first = k, k_out, wk, K, part * H - Q
    at = (token * heads + first + tl.arange(0, H))[:, None] * D
    if INTERLEAVED:
        whole = tl.arange(0, D)[None, :]
        a, b = tl.split(tl.reshape(tl.load(x + at + whole).to(tl.float32), (H, D // 2, 2)))
    else:
        a = tl.load(x + at + half[None, :]).to(tl.float32)
        b = tl.load(x + at + D // 2 + half[None, :]).to(tl.float32)
    if NORM:
        scale = tl.rsqrt((tl.sum(a * a, 1) + tl.sum(b * b, 1)) / D + eps)[:, None]
        if INTERLEAVED:
            wa, wb = tl.split(tl.reshape(tl.load(w + tl.arange(0, D)).to(tl.float32), (D // 2, 2)))
        else:
            wa, wb = tl.load(w + half).to(tl.float32), tl.load(w + D // 2 + half).to(tl.float32)
        a, b = a * scale * wa[None, :], b * scale * wb[None, :]
    turned_a, turned_b = a * c - b * s, b * c + a * s
    if INTERLEAVED:
        tl.store(y + at + whole, tl.reshape(tl.join(turned_a, turned_b), (H, D)).to(y.dtype.element_ty))
    else:
        tl.store(y + at + half[None, :], turned_a.to(y.dtype.element_ty))
        tl.store(y + at + D // 2 + half[None, :], turned_b.to(y.dtype.element_ty))


def angles(positions: int, d: int) -> np.ndarray:
    """[positions, D]: cosines, then sines."""
    turns = np.arange(positions)[:, None] / 10000.0 ** (2 * np.arange(d // 2) / d)[None, :]
    return np.concatenate((np.cos(turns), np.sin(turns)), -1)


def turned(x: np.ndarray, cos_sin: np.ndarray, interleaved: bool) -> np.ndarray:
    """x [T, heads, D]."""
    c, s = (part[:, None] for part in np.split(cos_sin, 2, -1))
    a, b = (x[..., 0::2], x[..., 1::2]) if interleaved else np.split(x, 2, -1)
    pairs = (a * c - b * s, b * c + a * s)
    return np.stack(pairs, -1).reshape(x.shape) if interleaved else np.concatenate(pairs, -1)


def turn_launch(device: Device, q_out: Any, k_out: Any, q: Any, k: Any, weights: Any, cos_sin: Any, positions: Any, interleaved: bool,
                choice: dict[str, int]) -> Callable[[], None]:
    """With weights (of q and k), heads are normalised first."""
    (t, heads, d), key_heads = q.shape, k.shape[1]
    arguments = {"q_out": q_out, "k_out": k_out, "q": q, "k": k, "cos_sin": cos_sin, "positions": positions}
    constants = {"Q": heads, "K": key_heads, "D": d, "H": choice["H"], "INTERLEAVED": interleaved, "NORM": weights is not None}
    norm = {"wq": None, "wk": None, "eps": None} if weights is None else {"wq": weights[0], "wk": weights[1], "eps": EPS}
    (constants if weights is None else arguments).update(norm)
    return device.launch(turn_heads, (t, (heads + key_heads) // choice["H"]), arguments, constants, num_warps=choice["num_warps"])


@case("rope", shapes=tuple((t, 32, 8, 128) for t in (1, 16, 64, 4096)), quick=((16, 32, 8, 128),), check=((5, 32, 8, 128),),
      note="half split, out of place")
def rope(device: Device, t: int, heads: int, key_heads: int, d: int) -> Work:
    q, q_out = device.random(t, heads, d), device.empty(t, heads, d)
    k, k_out = device.random(t, key_heads, d), device.empty(t, key_heads, d)
    cos_sin, positions = device.of(angles(t, d), "f32"), device.of(np.arange(t), "i32")
    triton_versions = [Version(label(c), [(1, turn_launch(device, q_out, k_out, q, k, None, cos_sin, positions, False, c))])
                       for c in space(H=(1, 2, 4, 8), num_warps=(1, 2, 4))]
    return Work(2 * (q.nbytes + k.nbytes) + cos_sin.nbytes + positions.nbytes,
                [Output(y, lambda x=x: turned(wide(x), wide(cos_sin), False)) for y, x in ((q_out, q), (k_out, k))],
                {"hipinfer": [Version("", [(1, lambda: device.hipinfer.rope(q_out, k_out, q, k, cos_sin, positions))])],
                 "triton": triton_versions})


DOUBLE, SINGLE = 19, 38  # blocks of FLUX.1-dev: text and image apart, and together


# One image, whose tensors the Infinity Cache holds, and eight, of which it does not hold those of any launch but the text's.
@case("flux step", shapes=((512, 4096, 24, 128), (4096, 32768, 24, 128)), quick=((512, 4096, 24, 128),), check=((16, 32, 24, 128),),
      targets=("gfx942",), note="152 norms of heads, 57 RoPEs of neighbouring pairs: tokens of text and image, heads, head dimension")
def flux(device: Device, text: int, image: int, heads: int, d: int) -> Work:
    tokens, ours = text + image, device.hipinfer
    q, k, q_out, k_out = (device.random(tokens, heads, d) if n < 2 else device.empty(tokens, heads, d) for n in range(4))
    wq, wk = device.random(d), device.random(d)
    cos_sin, positions = device.of(angles(tokens, d), "f32"), device.of(np.arange(tokens), "i32")
    parts = [(DOUBLE, slice(0, text)), (DOUBLE, slice(text, tokens)), (SINGLE, slice(0, tokens))]
    blocks = DOUBLE + SINGLE

    def norms(norm: Callable[[Any, Any, Any], Callable[[], None]]) -> list[tuple[int, Callable[[], None]]]:
        return [(count, norm(y[part], x[part], w)) for count, part in parts for y, x, w in ((q_out, q, wq), (k_out, k, wk))]

    def joined(both: Callable[[slice], Callable[[], None]]) -> list[tuple[int, Callable[[], None]]]:
        return [(count, both(part)) for count, part in parts]

    def ours_joined(part: slice) -> Callable[[], None]:
        return lambda: ours.qk_norm_rope(q_out[part], k_out[part], q[part], k[part], wq, wk, cos_sin, positions[part], EPS, True)

    separate = [*norms(lambda y, x, w: lambda: ours.rmsnorm(y, x, w, EPS)),
                (blocks, lambda: ours.rope(q_out, k_out, q_out, k_out, cos_sin, positions, True))]
    turns = list(space(H=(2, 4, 8), num_warps=(1, 2, 4)))

    def triton_norm(choice: dict[str, int]) -> list[tuple[int, Callable[[], None]]]:
        return norms(lambda y, x, w: norm_launch(device, y, None, x, w, y.shape[0] * heads, choice))

    triton_separate = [Version(f"norm {label(n)}, rope {label(r)}", [
        *triton_norm(n), (blocks, turn_launch(device, q_out, k_out, q_out, k_out, None, cos_sin, positions, True, r))])
        for n, r in zip((c for c in space(R=(4, 8, 16), num_warps=(1, 2, 4))), turns, strict=True)]
    triton_joined = [Version(label(c), joined(lambda part, c=c: turn_launch(
        device, q_out[part], k_out[part], q[part], k[part], (wq, wk), cos_sin, positions[part], True, c))) for c in turns]
    one = 2 * (q.nbytes + k.nbytes)
    return Work(blocks * one, [Output(y, lambda x=x, w=w: turned(normed(wide(x), wide(w)), wide(cos_sin), True))
                               for y, x, w in ((q_out, q, wq), (k_out, k, wk))],
                {"hipinfer": [Version("", separate)], "triton": triton_separate,
                 "hipinfer fused": [Version("", joined(ours_joined))], "triton fused": triton_joined})
