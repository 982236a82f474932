# SPDX-License-Identifier: Apache-2.0
"""Attention of one token a request over its pages. In Triton the keys are split, and a second kernel joins the parts."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import triton
import triton.language as tl
from case import Device, Output, Version, Work, case, cdiv, label, space, wide

from .prefill import LOG2_E, PAGE, attended

LARGEST_CARD = 304  # compute units of an MI300X: so many parts give each of them work


@triton.jit
def decode(out, sums_out, total_out, highest_out, q, k_cache, v_cache, indptr, indices, last, scale, HEADS: tl.constexpr,
           KV_HEADS: tl.constexpr, D: tl.constexpr, PAGE: tl.constexpr, ROWS: tl.constexpr, BN: tl.constexpr, SPLITS: tl.constexpr):
    """A program has the query heads of a key head of a request, padded to ROWS, and one of SPLITS parts of the keys."""
    request, head, split = tl.program_id(0), tl.program_id(1), tl.program_id(2)
    group: tl.constexpr = HEADS // KV_HEADS
    begin = tl.load(indptr + request)
    keys = (tl.load(indptr + request + 1) - begin - 1) * PAGE + tl.load(last + request)
    part = tl.cdiv(tl.cdiv(keys, SPLITS), BN) * BN
    end = min(keys, (split + 1) * part)
    row, d = tl.arange(0, ROWS), tl.arange(0, D)
    at_head = request * HEADS + head * group + row
    queries = tl.load(q + at_head[:, None] * D + d[None, :], mask=(row < group)[:, None], other=0.0)
    sums = tl.zeros((ROWS, D), tl.float32)
    total = tl.zeros((ROWS,), tl.float32)
    highest = tl.full((ROWS,), float("-inf"), tl.float32)
    for at in range(split * part, end, BN):
        key = at + tl.arange(0, BN)
        page = tl.load(indices + begin + key // PAGE, mask=key < end, other=0)
        place = (page * PAGE + key % PAGE) * (KV_HEADS * D) + head * D
        k = tl.load(k_cache + place[None, :] + d[:, None], mask=(key < end)[None, :], other=0.0)
        scores = tl.where((key < end)[None, :], tl.dot(queries, k) * scale, float("-inf"))
        top = tl.maximum(highest, tl.max(scores, 1))
        weights = tl.exp2(scores - top[:, None])
        shrink = tl.exp2(highest - top)
        total = total * shrink + tl.sum(weights, 1)
        v = tl.load(v_cache + place[:, None] + d[None, :], mask=(key < end)[:, None], other=0.0)
        sums = tl.dot(weights.to(v.dtype), v, sums * shrink[:, None])
        highest = top
    if SPLITS == 1:
        tl.store(out + at_head[:, None] * D + d[None, :], (sums / total[:, None]).to(out.dtype.element_ty), mask=(row < group)[:, None])
    else:
        place = at_head * SPLITS + split
        tl.store(sums_out + place[:, None] * D + d[None, :], sums, mask=(row < group)[:, None])
        tl.store(total_out + place, total, mask=row < group)
        tl.store(highest_out + place, highest, mask=row < group)


@triton.jit
def join_parts(out, sums, total, highest, D: tl.constexpr, SPLITS: tl.constexpr):
    head = tl.program_id(0)
    split, d = tl.arange(0, SPLITS), tl.arange(0, D)
    tops = tl.load(highest + head * SPLITS + split)
    factor = tl.exp2(tops - tl.max(tops, 0))
    whole = tl.sum(tl.load(total + head * SPLITS + split) * factor, 0)
    parts = tl.load(sums + (head * SPLITS + split)[:, None] * D + d[None, :])
    tl.store(out + head * D + d, (tl.sum(parts * factor[:, None], 0) / whole).to(out.dtype.element_ty))


@case("attention decode", shapes=((1, 16384, 32, 8, 128), (16, 1024, 32, 8, 128), (16, 4096, 32, 8, 128), (64, 2048, 32, 8, 128)),
      quick=((16, 1024, 32, 8, 128),), check=((2, 400, 32, 8, 128),), groups=48,
      note="pages of 16, bf16: requests, keys of each, query and key heads, head dimension")
def paged_decode(device: Device, requests: int, length: int, heads: int, key_heads: int, d: int) -> Work:
    pages = length // PAGE
    order = np.random.default_rng(2).permutation(requests * pages)
    q, y = device.random(requests, heads, d), device.empty(requests, heads, d)
    k, v = (device.random(requests * pages, PAGE, key_heads, d) for _ in range(2))
    lists = [device.of(np.arange(requests + 1) * pages, "i32"), device.of(order, "i32"), device.of(np.full(requests, PAGE), "i32")]
    group = heads // key_heads

    def expected() -> np.ndarray:
        queries, caches = wide(q), (wide(k), wide(v))
        mine = [order[r * pages:(r + 1) * pages] for r in range(requests)]
        return np.concatenate([attended(queries[r:r + 1], *(cache[o].reshape(length, key_heads, d) for cache in caches), False)
                               for r, o in enumerate(mine)])

    def steps(c: dict[str, int]) -> list[tuple[int, Any]]:
        splits = c["SPLITS"]
        parts = {"sums": device.empty(requests * heads, splits, d, dtype="f32"),
                 **{name: device.empty(requests * heads, splits, dtype="f32") for name in ("total", "highest")}}
        first = device.launch(decode, (requests, key_heads, splits), {
            "out": y, "sums_out": parts["sums"], "total_out": parts["total"], "highest_out": parts["highest"], "q": q, "k_cache": k,
            "v_cache": v, "indptr": lists[0], "indices": lists[1], "last": lists[2], "scale": LOG2_E / math.sqrt(d)},
            {"HEADS": heads, "KV_HEADS": key_heads, "D": d, "PAGE": PAGE, "ROWS": max(16, group), "BN": c["BN"], "SPLITS": splits},
            num_warps=c["num_warps"], num_stages=c["num_stages"])
        if splits == 1:
            return [(1, first)]
        constants = {"D": d, "SPLITS": splits}
        return [(1, first), (1, device.launch(join_parts, (requests * heads,), {"out": y, **parts}, constants, num_warps=1))]

    enough = cdiv(LARGEST_CARD, requests * key_heads)
    splits = sorted({min(64, triton.next_power_of_2(enough * n)) for n in (1, 2, 4)})
    choices = space(BN=(32, 64), SPLITS=splits, num_warps=(2, 4), num_stages=(1, 2))
    return Work(q.nbytes + k.nbytes + v.nbytes + y.nbytes, [Output(y, expected)],
                {"hipinfer": [Version("", [(1, lambda: device.hipinfer.paged_attention_decode(y, None, q, k, v, *lists))])],
                 "triton": [Version(label(c), steps(c)) for c in choices]}, operations=4.0 * requests * heads * length * d)
