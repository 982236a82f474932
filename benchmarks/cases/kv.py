# SPDX-License-Identifier: Apache-2.0
"""Writes to the KV cache."""

from __future__ import annotations

import hipinfer
import torch
from case import BF16, FP8, I32, Calls, Work, case, flashinfer_has, rand, size

# Key and value heads of Llama 3 8B and 70B (8) and of a model without groups (32); pages of 16 and 64.
SHAPES = tuple((t, h, 128, page) for h, page in ((8, 16), (32, 64)) for t in (1, 16, 64, 1024, 8192, 65536))


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
