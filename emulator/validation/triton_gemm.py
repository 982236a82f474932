# SPDX-License-Identifier: Apache-2.0
"""A linear layer in Triton: x [M, K] times w [N, K] transposed. Tiles are visited in groups of rows, for the caches; K may be
split, for few rows."""

import triton
import triton.language as tl


@triton.jit
def gemm(out, x, w, M, N, K, BM: tl.constexpr, BN: tl.constexpr, BK: tl.constexpr, GROUP: tl.constexpr, SPLITS: tl.constexpr):
    """K is a multiple of BK * SPLITS. With several splits, out is [SPLITS, M, N] of fp32, for `add`."""
    tile, split = tl.program_id(0), tl.program_id(1)
    rows, columns = tl.cdiv(M, BM), tl.cdiv(N, BN)
    first = tile // (GROUP * columns) * GROUP
    height = min(rows - first, GROUP)
    m = (first + tile % (GROUP * columns) % height) * BM + tl.arange(0, BM)
    n = tile % (GROUP * columns) // height * BN + tl.arange(0, BN)
    part = K // SPLITS
    k = split * part + tl.arange(0, BK)
    at_x = x + (m % M)[:, None] * K + k[None, :]
    at_w = w + (n % N)[None, :] * K + k[:, None]
    sums = tl.zeros((BM, BN), tl.float32)
    for _ in range(0, part, BK):
        sums = tl.dot(tl.load(at_x), tl.load(at_w), sums)
        at_x += BK
        at_w += BK
    inside = (m < M)[:, None] & (n < N)[None, :]
    tl.store(out + split * M * N + m[:, None] * N + n[None, :], sums.to(out.dtype.element_ty), mask=inside)


@triton.jit
def add(out, parts, count, SPLITS: tl.constexpr, BLOCK: tl.constexpr):
    at = tl.program_id(0) * BLOCK + tl.arange(0, BLOCK)
    inside = at < count
    sums = tl.zeros((BLOCK,), tl.float32)
    for split in tl.static_range(SPLITS):
        sums += tl.load(parts + split * count + at, mask=inside)
    tl.store(out + at, sums.to(out.dtype.element_ty), mask=inside)
