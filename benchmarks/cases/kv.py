# SPDX-License-Identifier: Apache-2.0
"""Writes to the KV cache, alone and with the rotation of what is written."""

from __future__ import annotations

import hipinfer
import torch
from case import BF16, FP8, I32, Calls, Work, case, flashinfer_has, rand, size

# Key and value heads of Llama 3 8B and 70B (8) and of a model without groups (32); pages of 16 and 64.
TOKENS = (1, 16, 64, 1024, 8192, 65536)
SHAPES = tuple((t, h, 128, page) for h, page in ((8, 16), (32, 64)) for t in TOKENS)


def append(t: int, h: int, d: int, page: int, to: torch.dtype) -> Work:
    """`t` entries of one request, scattered over the pages of the cache."""
    pages = (t + page - 1) // page
    cache = torch.zeros(pages, 2, page, h, d, device="cuda", dtype=BF16).to(to)
    k, v = rand(t, h, d), rand(t, h, d)
    batch, positions = torch.zeros(t, device="cuda", dtype=I32), torch.arange(t, device="cuda", dtype=I32)
    indices = torch.randperm(pages, device="cuda").to(I32)
    indptr = torch.tensor([0, pages], device="cuda", dtype=I32)
    last = torch.tensor([t - (pages - 1) * page], device="cuda", dtype=I32)
    slots = indices.long()[positions.long() // page] * page + positions.long() % page
    keys = torch.zeros(pages * page, h, d, device="cuda", dtype=BF16).to(to)
    values = keys.clone()

    def plain() -> None:
        keys.index_copy_(0, slots, k.to(to))
        values.index_copy_(0, slots, v.to(to))

    key_cache, value_cache = cache[:, 0], cache[:, 1]
    calls: Calls = {"hipinfer": lambda: hipinfer.append_paged_kv_cache(key_cache, value_cache, k, v, batch, positions, indices,
                                                                       indptr, last)}
    if to == BF16:  # torch cannot copy to fp8 by index
        calls["torch"] = plain
        theirs = flashinfer_has("page", "append_paged_kv_cache")
        if theirs:
            calls["flashinfer"] = lambda: theirs(k, v, batch, positions, cache, indices, indptr, last)
    written = size(k, v) * torch.empty(0, dtype=to).element_size() // k.element_size()
    return size(k, v, batch, positions) + written, calls


@case("append_paged_kv_cache", SHAPES, ((16, 8, 128, 16), (65536, 8, 128, 16)))
def append_paged_kv_cache(t: int, h: int, d: int, page: int) -> Work:
    return append(t, h, d, page, BF16)


@case("append_paged_kv_cache/e4m3fn", SHAPES, ((65536, 8, 128, 16),))
def append_fp8(t: int, h: int, d: int, page: int) -> Work:
    return append(t, h, d, page, FP8)


def rope_append(t: int, hq: int, h: int, d: int, to: torch.dtype) -> Work:
    """Queries in place, keys and values to pages of 16; against the operations that it joins."""
    page, pages = 16, (t + 15) // 16
    keys, values = (torch.zeros(pages, page, h, d, device="cuda", dtype=BF16).to(to) for _ in range(2))
    q, k, v, angles = rand(t, hq, d), rand(t, h, d), rand(t, h, d), torch.empty(t, d, device="cuda")
    hipinfer.rope_cos_sin_cache(angles)
    batch, positions = torch.zeros(t, device="cuda", dtype=I32), torch.arange(t, device="cuda", dtype=I32)
    indices = torch.randperm(pages, device="cuda").to(I32)
    indptr = torch.tensor([0, pages], device="cuda", dtype=I32)
    last = torch.tensor([t - (pages - 1) * page], device="cuda", dtype=I32)

    def separate() -> None:
        hipinfer.rope(q, k, q, k, angles, positions)
        hipinfer.append_paged_kv_cache(keys, values, k, v, batch, positions, indices, indptr, last)

    calls: Calls = {"hipinfer": lambda: hipinfer.rope_append_kv(q, keys, values, q, k, v, angles, positions, batch, indices,
                                                                indptr, last), "hipinfer separate": separate}
    turn, put = (flashinfer_has(m, n) for m, n in (("rope", "apply_rope_with_cos_sin_cache_inplace"),
                                                    ("page", "append_paged_kv_cache")))
    if turn and put and to == BF16:
        q2, k2 = q.view(t, hq * d), k.view(t, h * d)

        def theirs() -> None:
            turn(positions, q2, k2, d, angles)
            put(k, v, batch, positions, (keys, values), indices, indptr, last)

        calls["flashinfer"] = theirs
    written = size(k, v) * keys.element_size() // k.element_size()
    return 2 * size(q) + size(k, v, angles, batch, positions) + written, calls


@case("rope_append_kv", tuple((t, 32, 8, 128) for t in TOKENS), ((16, 32, 8, 128), (16384, 32, 8, 128)))
def rope_append_kv(t: int, hq: int, h: int, d: int) -> Work:
    return rope_append(t, hq, h, d, BF16)


@case("rope_append_kv/e4m3fn", tuple((t, 32, 8, 128) for t in TOKENS), ((16384, 32, 8, 128),))
def rope_append_fp8(t: int, hq: int, h: int, d: int) -> Work:
    return rope_append(t, hq, h, d, FP8)


@case("copy_blocks", tuple((n, 8, 128, 16) for n in (1, 16, 256, 4096)), ((16, 8, 128, 16), (4096, 8, 128, 16)))
def copy_blocks(n: int, h: int, d: int, page: int) -> Work:
    """`n` pages of keys and of values, to others."""
    keys, values = rand(2 * n, page, h, d), rand(2 * n, page, h, d)
    order = torch.randperm(2 * n, device="cuda").view(n, 2)
    source, target = order[:, 0], order[:, 1]

    def plain() -> None:
        keys.index_copy_(0, target, keys[source])
        values.index_copy_(0, target, values[source])

    return 2 * size(keys), {"hipinfer": lambda: hipinfer.copy_blocks(keys, values, order), "torch": plain}


@case("get_batch_indices_positions", tuple((t, 16) for t in (16, 1024, 65536)), ((64, 16),))
def get_batch_indices_positions(t: int, requests: int) -> Work:
    indptr = torch.arange(0, t + 1, t // requests, device="cuda", dtype=I32)
    lengths = torch.full((requests,), 4096, device="cuda", dtype=I32)
    batch, positions = (torch.empty(t, device="cuda", dtype=I32) for _ in range(2))
    calls: Calls = {"hipinfer": lambda: hipinfer.get_batch_indices_positions(batch, positions, indptr, lengths)}
    theirs = flashinfer_has("page", "get_batch_indices_positions")
    if theirs:
        calls["flashinfer"] = lambda: theirs(indptr, lengths, t)
    return size(indptr, lengths, batch, positions), calls
