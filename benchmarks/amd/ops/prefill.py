# SPDX-License-Identifier: Apache-2.0
"""Causal attention of prompts."""

from __future__ import annotations

import itertools
import math
from typing import Any, Iterator

import numpy as np
from case import Device, Output, Version, Work, case, label, wide
from triton_attention import attention

PAGE = 16
LOG2_E = math.log2(math.e)


def attended(q: np.ndarray, k: np.ndarray, v: np.ndarray, causal: bool) -> np.ndarray:
    """q [T, heads, D], k and v [keys, key heads, D] of one request."""
    group = q.shape[1] // k.shape[1]
    scores = np.einsum("thd,jhd->htj", q, k.repeat(group, 1)) / math.sqrt(q.shape[-1])
    if causal:
        scores = np.where(np.tril(np.ones(scores.shape[1:], bool), k.shape[0] - q.shape[0]), scores, -np.inf)
    weights = np.exp(scores - scores.max(-1, keepdims=True))
    return np.einsum("htj,jhd->thd", weights / weights.sum(-1, keepdims=True), v.repeat(group, 1))


def attention_choices(target: str) -> Iterator[dict[str, int]]:
    if target.startswith("gfx9"):
        tiles, waves = ((128, 64, 4), (128, 32, 4), (256, 64, 8)), 2
    else:  # larger tiles spill
        tiles, waves = ((64, 32, 4), (64, 64, 4), (128, 32, 8)), 0
    for (bm, bn, warps), stages in itertools.product(tiles, (1, 2)):
        yield {"BM": bm, "BN": bn, "num_warps": warps, "num_stages": stages, "waves_per_eu": waves}


@case("attention prefill", shapes=((1, 4096, 32, 8, 128),), quick=((1, 512, 8, 2, 128),), check=((1, 256, 4, 1, 128),), groups=24,
      note="causal, bf16: requests, tokens of each, query and key heads, head dimension; ours reads pages of 16, Triton's "
           "contiguous keys")
def prefill(device: Device, requests: int, length: int, heads: int, key_heads: int, d: int) -> Work:
    tokens = requests * length
    q, y = device.random(tokens, heads, d), device.empty(tokens, heads, d)
    k, v = device.random(tokens, key_heads, d), device.random(tokens, key_heads, d)
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

    def ours() -> None:
        device.hipinfer.paged_attention_prefill(y, None, q, keys, values, *lists, causal=True)

    return Work(q.nbytes + k.nbytes + v.nbytes + y.nbytes, [Output(y, expected)],
                {"hipinfer": [Version("", [(1, ours)])],
                 "triton": [Version(label(c), [(1, launch(c))]) for c in attention_choices(device.target)]},
                operations=2.0 * requests * heads * d * length * (length + 1))
