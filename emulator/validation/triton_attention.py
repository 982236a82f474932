# SPDX-License-Identifier: Apache-2.0
"""Attention in Triton, after FlashAttention 2: a program has a block of queries of a head and walks over the keys."""

import triton
import triton.language as tl


@triton.jit
def blocks_of_keys(sums, total, highest, q, k, v, row, scale, begin, end, BN: tl.constexpr, STRIDE: tl.constexpr, D: tl.constexpr,
                   MASKED: tl.constexpr):
    d = tl.arange(0, D)
    for at in range(begin, end, BN):
        key = at + tl.arange(0, BN)
        scores = tl.dot(q, tl.load(k + key[None, :] * STRIDE + d[:, None])) * scale
        if MASKED:
            scores = tl.where(row[:, None] >= key[None, :], scores, float("-inf"))
        top = tl.maximum(highest, tl.max(scores, 1))
        weights = tl.exp2(scores - top[:, None])
        shrink = tl.exp2(highest - top)
        total = total * shrink + tl.sum(weights, 1)
        sums = tl.dot(weights.to(v.dtype.element_ty), tl.load(v + key[:, None] * STRIDE + d[None, :]), sums * shrink[:, None])
        highest = top
    return sums, total, highest


@triton.jit
def attention(out, q, k, v, length, scale, HEADS: tl.constexpr, KV_HEADS: tl.constexpr, D: tl.constexpr, BM: tl.constexpr,
              BN: tl.constexpr, CAUSAL: tl.constexpr):
    """Requests of one length, a multiple of BM and BN, and BM one of BN; tensors are [requests * length, heads, D]. `scale` has
    log2 e in it."""
    block = tl.program_id(0)
    if CAUSAL:
        block = tl.num_programs(0) - 1 - block  # those with most keys first
    head = tl.program_id(1)
    first = tl.program_id(2) * length
    row = block * BM + tl.arange(0, BM)
    places = (first + row)[:, None] * (HEADS * D) + head * D + tl.arange(0, D)[None, :]
    at_keys = first * (KV_HEADS * D) + head // (HEADS // KV_HEADS) * D
    queries = tl.load(q + places)
    sums = tl.zeros((BM, D), tl.float32)
    total = tl.zeros((BM,), tl.float32)
    highest = tl.full((BM,), float("-inf"), tl.float32)
    unmasked = block * BM if CAUSAL else length
    sums, total, highest = blocks_of_keys(sums, total, highest, queries, k + at_keys, v + at_keys, row, scale, 0, unmasked, BN,
                                          KV_HEADS * D, D, False)
    if CAUSAL:
        sums, total, highest = blocks_of_keys(sums, total, highest, queries, k + at_keys, v + at_keys, row, scale, unmasked,
                                              unmasked + BM, BN, KV_HEADS * D, D, True)
    tl.store(out + places, (sums / total[:, None]).to(out.dtype.element_ty))
