# SPDX-License-Identifier: Apache-2.0
"""Operations of the matrix units: linear layers, attention of a prompt, attention of one token a request over pages."""

from __future__ import annotations

import math
from typing import Any, Iterator

import numpy as np
import triton
import triton.language as tl
from case import Device, Output, Version, Work, case, cdiv, label, space, wide
from triton_attention import attention
from triton_gemm import add, gemm

PAGE = 16
LOG2_E = math.log2(math.e)


def gemm_choices(target: str, m: int, n: int, k: int) -> Iterator[dict[str, int]]:
    if m > 256:
        # MFMA of 16 rows and of 32; on RDNA there is one shape.
        shapes = (16, 32) if target.startswith("gfx9") else (0,)
        for bm, bn, warps in ((128, 128, 4), (128, 128, 8), (256, 128, 8), (256, 256, 8)):
            for bk, shape in ((32, shapes[0]), (64, shapes[0]), (64, shapes[-1])):
                yield {"BM": bm, "BN": bn, "BK": bk, "GROUP": 8, "SPLITS": 1, "num_warps": warps, "num_stages": 2,
                       "matrix_instr_nonkdim": shape}
        return
    bm = max(16, triton.next_power_of_2(min(m, 128)))
    for c in space(BM=(bm,), BN=(32, 64, 128), BK=(128,), GROUP=(8,), SPLITS=(1, 4, 8), num_warps=(4,), num_stages=(2, 3)):
        if k % (c["BK"] * c["SPLITS"]) == 0:
            yield c


@case("gemm", shapes=((4096, 4096, 4096), (16, 4096, 14336), (128, 4096, 14336)), quick=((16, 4096, 14336),),
      check=((300, 272, 512), (16, 160, 1024), (100, 160, 1024)), groups=32, note="rows x outputs x inputs, bf16")
def gemm_case(device: Device, m: int, n: int, k: int) -> Work:
    x, w, y = device.random(m, k), device.random(n, k), device.empty(m, n)

    def steps(c: dict[str, int]) -> list[tuple[int, Any]]:
        options = {name: value for name, value in c.items() if name in ("num_warps", "num_stages", "matrix_instr_nonkdim")}
        constants = {name: value for name, value in c.items() if name not in options}
        tiles = cdiv(m, c["BM"]) * cdiv(n, c["BN"])
        parts = y if c["SPLITS"] == 1 else device.empty(c["SPLITS"], m, n, dtype="f32")
        first = device.launch(gemm, (tiles, c["SPLITS"]), {"out": parts, "x": x, "w": w, "M": m, "N": n, "K": k}, constants, **options)
        if c["SPLITS"] == 1:
            return [(1, first)]
        return [(1, first), (1, device.launch(add, (cdiv(m * n, 1024),), {"out": y, "parts": parts, "count": m * n},
                                              {"SPLITS": c["SPLITS"], "BLOCK": 1024}, num_warps=4))]

    return Work(x.nbytes + w.nbytes + y.nbytes, [Output(y, lambda: wide(x) @ wide(w).T)],
                {"hipinfer": [Version("", [(1, lambda: device.hipinfer.gemm(y, x, w))])],
                 "triton": [Version(label(c), steps(c)) for c in gemm_choices(device.target, m, n, k)]}, operations=2.0 * m * n * k)


def attended(q: np.ndarray, k: np.ndarray, v: np.ndarray, causal: bool) -> np.ndarray:
    """q [T, heads, D], k and v [keys, key heads, D] of one request."""
    group = q.shape[1] // k.shape[1]
    scores = np.einsum("thd,jhd->htj", q, k.repeat(group, 1)) / math.sqrt(q.shape[-1])
    if causal:
        scores = np.where(np.tril(np.ones(scores.shape[1:], bool), k.shape[0] - q.shape[0]), scores, -np.inf)
    weights = np.exp(scores - scores.max(-1, keepdims=True))
    return np.einsum("htj,jhd->thd", weights / weights.sum(-1, keepdims=True), v.repeat(group, 1))


def attention_choices(target: str) -> Iterator[dict[str, int]]:
    for bm, bn, warps in ((128, 64, 4), (128, 64, 8), (128, 32, 4), (256, 64, 8), (64, 64, 4)):
        for stages, waves in ((1, 2), (2, 2)) if target.startswith("gfx9") else ((1, 0), (2, 0)):
            yield {"BM": bm, "BN": bn, "num_warps": warps, "num_stages": stages, "waves_per_eu": waves}


@case("attention prefill", shapes=((1, 4096, 32, 8, 128),), quick=((1, 512, 8, 2, 128),), check=((1, 256, 4, 1, 128),), groups=24,
      note="causal, bf16: requests, tokens of each, query and key heads, head dimension; ours reads pages of 16, Triton's contiguous keys")
def prefill(device: Device, requests: int, length: int, heads: int, key_heads: int, d: int) -> Work:
    tokens = requests * length
    q, k, v, y = device.random(tokens, heads, d), device.random(tokens, key_heads, d), device.random(tokens, key_heads, d), \
        device.empty(tokens, heads, d)
    pages = length // PAGE
    lists = [device.of(np.arange(requests + 1) * length, "i32"), device.of(np.arange(requests + 1) * pages, "i32"),
             device.of(np.arange(requests * pages), "i32"), device.of(np.full(requests, PAGE), "i32")]
    keys, values = (x.reshape(requests * pages, PAGE, key_heads, d) for x in (k, v))

    def expected() -> np.ndarray:
        one = [slice(r * length, (r + 1) * length) for r in range(requests)]
        return np.concatenate([attended(wide(q[r]), wide(k[r]), wide(v[r]), True) for r in one])

    def launch(c: dict[str, int]) -> Any:
        options = {name: c[name] for name in ("num_warps", "num_stages", "waves_per_eu")}
        return device.launch(attention, (length // c["BM"], heads, requests),
                             {"out": y, "q": q, "k": k, "v": v, "length": length, "scale": LOG2_E / math.sqrt(d)},
                             {"HEADS": heads, "KV_HEADS": key_heads, "D": d, "BM": c["BM"], "BN": c["BN"], "CAUSAL": True}, **options)

    return Work(q.nbytes + k.nbytes + v.nbytes + y.nbytes, [Output(y, expected)],
                {"hipinfer": [Version("", [(1, lambda: device.hipinfer.paged_attention_prefill(y, None, q, keys, values, *lists, causal=True))])],
                 "triton": [Version(label(c), [(1, launch(c))]) for c in attention_choices(device.target)]},
                operations=2.0 * requests * heads * d * length * (length + 1))


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
        keys, values = wide(k), wide(v)
        mine = [order[r * pages:(r + 1) * pages] for r in range(requests)]
        return np.concatenate([attended(wide(q[r:r + 1]), keys[o].reshape(length, key_heads, d), values[o].reshape(length, key_heads, d), False)
                               for r, o in enumerate(mine)])

    def steps(c: dict[str, int]) -> list[tuple[int, Any]]:
        splits = c["SPLITS"]
        parts = {"sums": device.empty(requests * heads, splits, d, dtype="f32"), "total": device.empty(requests * heads, splits, dtype="f32"),
                 "highest": device.empty(requests * heads, splits, dtype="f32")}
        first = device.launch(decode, (requests, key_heads, splits), {
            "out": y, "sums_out": parts["sums"], "total_out": parts["total"], "highest_out": parts["highest"], "q": q, "k_cache": k,
            "v_cache": v, "indptr": lists[0], "indices": lists[1], "last": lists[2], "scale": LOG2_E / math.sqrt(d)},
            {"HEADS": heads, "KV_HEADS": key_heads, "D": d, "PAGE": PAGE, "ROWS": max(16, group), "BN": c["BN"], "SPLITS": splits},
            num_warps=c["num_warps"], num_stages=c["num_stages"])
        if splits == 1:
            return [(1, first)]
        return [(1, first), (1, device.launch(join_parts, (requests * heads,), {"out": y, **parts}, {"D": d, "SPLITS": splits}, num_warps=1))]

    enough = 1 if requests * key_heads >= 512 else cdiv(304, requests * key_heads)  # parts that give every unit of an MI300X work
    splits = sorted({min(64, triton.next_power_of_2(enough * n)) for n in (1, 2, 4)})
    choices = space(BN=(32, 64), SPLITS=splits, num_warps=(2, 4), num_stages=(1, 2))
    return Work(q.nbytes + k.nbytes + v.nbytes + y.nbytes, [Output(y, expected)],
                {"hipinfer": [Version("", [(1, lambda: device.hipinfer.paged_attention_decode(y, None, q, k, v, *lists))])],
                 "triton": [Version(label(c), steps(c)) for c in choices]}, operations=4.0 * requests * heads * length * d)
