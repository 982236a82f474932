# SPDX-License-Identifier: Apache-2.0
"""Where AMD's matrix instructions keep their matrices, written out as AMD publishes it: the equations that the matrix
instruction calculator (ROCm/amd_matrix_instruction_calculator) prints with --detail-instruction, and for gfx950's
f8f6f4 the tables of Composable Kernel's test/mx_mfma_op. A place is a lane and a bit counted through the lane's registers."""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np

SIZE = {"f64": 64, "f32": 32, "xf32": 32, "i32": 32, "f16": 16, "bf16": 16, "fp8": 8, "bf8": 8, "fp6": 6, "bf6": 6, "fp4": 4,
        "i8": 8, "iu8": 8, "iu4": 4}
# Exponent bits, mantissa bits, bias; then the bias where the target has the FNUZ kinds.
SMALL = {"fp8": (4, 3, 7, 8), "bf8": (5, 2, 15, 16), "fp6": (2, 3, 1, 1), "bf6": (3, 2, 3, 3), "fp4": (2, 1, 1, 1)}
F8F6F4 = ("fp8", "bf8", "fp6", "bf6", "fp4")  # as cbsz and blgp number them
BLOCKS_OF_GFX90A = {(32, "f32", 1): 2, (16, "f32", 1): 4, (4, "f32", 1): 16, (32, "f16", 4): 2, (16, "f16", 4): 4, (4, "f16", 4): 16,
                    (32, "bf16_1k", 4): 2, (16, "bf16_1k", 4): 4, (4, "bf16_1k", 4): 16, (32, "bf16", 2): 2, (16, "bf16", 2): 4,
                    (4, "bf16", 2): 16, (32, "i8", 4): 2, (16, "i8", 4): 4, (4, "i8", 4): 16, (4, "f64", 4): 4}


@dataclass(frozen=True)
class Shape:
    """What a name says."""

    name: str
    target: str
    lanes: int
    family: str
    d: str
    a: str
    b: str
    m: int
    k: int
    blocks: int

    @property
    def sparse(self) -> bool:
        return self.family in ("smfmac", "swmmac")


def shape(name: str, target: str, lanes: int, a: str = "", b: str = "") -> Shape:
    """`a`, `b`: the formats of an f8f6f4."""
    family, d, m, _, k, blocks, types = re.fullmatch(
        r"v_(s?mfmac?|wmma|swmmac)(?:_scale)?_(\w+?)_(\d+)x(\d+)x(\d+)(?:_(\d+)b)?_?(\w+)", name).groups()
    blocks = int(blocks or BLOCKS_OF_GFX90A.get((int(m), types, int(k)), 1))
    if types == "f8f6f4":
        types = f"{a}_{b}"
    types = types.removesuffix("_1k")
    first, _, second = types.partition("_")
    return Shape(name, target, lanes, family, d, first, second or first, int(m), int(k), blocks)


def place_of_a(s: Shape, i, k, block, is_b=False):
    """Of A[i][k]; of B[k][j] with i for j. Of sparse A, `k` counts what is stored: two of each four."""
    size = SIZE[s.b if is_b else s.a]
    compressed = s.sparse and not is_b
    depth = s.k // 2 if compressed else s.k
    if s.target.startswith("gfx9"):
        if s.name.endswith("f8f6f4") and size == 8:  # two chunks of 16
            half = 64 * 16 // s.m
            return i + s.m * (k % half // 16), size * (k % 16 + 16 * (k // half))
        each = depth * s.m * s.blocks // 64
        if s.sparse and is_b and each * size == 256:  # two halves of k: see test_sparse_b_of_eight_registers
            half = s.k // 2
            return i + s.m * (k % half // (each // 2)), size * (k % (each // 2) + each // 2 * (k // half))
        return i + s.m * block + s.m * s.blocks * (k // each), size * (k % each)
    if s.target.startswith("gfx11"):
        return i, size * k
    if compressed:
        k = k // 2 * 4 + k % 2  # the equations are of the k before compression; element s of four is the s-th stored
        bit = size * (k % 4)
        if s.lanes == 32:
            if size == 16:
                return 16 * (k // 8 % 2) + i, 32 * (2 * (k // 16) + k // 4 % 2) + bit
            if size == 8:
                return 16 * (k // 16) + i, 32 * (k // 8 % 2) + 16 * (k // 4 % 2) + bit
            if s.k == 32:
                return 16 * (k // 16) + i, 8 * (k // 4 % 4) + bit
            return 16 * (k // 32) + i, 32 * (k // 16 % 2) + 8 * (k // 4 % 4) + bit
        if size == 16:
            return 16 * (k // 8) + i, 32 * (k // 4 % 2) + bit
        if size == 8:
            return 32 * (k // 8 % 2) + 16 * (k // 16) + i, 16 * (k // 4 % 2) + bit
        if s.k == 32:
            return 16 * (k // 16) + i, 8 * (k // 4 % 4) + bit
        return 32 * (k // 16 % 2) + 16 * (k // 32) + i, 8 * (k // 4 % 4) + bit
    bit = size * (k % (32 // size))
    if s.sparse:
        if s.lanes == 32:
            if size == 16:
                return 16 * (k // 8 % 2) + i, 32 * (4 * (k // 16) + k // 2 % 4) + bit
            if size == 8:
                return 16 * (k // 16) + i, 32 * (k // 4 % 4) + bit
            if s.k == 32:
                return 16 * (k // 16) + i, 32 * (k // 8 % 2) + bit
            return 16 * (k // 32) + i, 32 * (k // 8 % 4) + bit
        if size == 16:
            return 16 * (k // 8) + i, 32 * (k // 2 % 4) + bit
        if size == 8:
            return 32 * (k // 8 % 2) + 16 * (k // 16) + i, 32 * (k // 4 % 2) + bit
        if s.k == 32:
            return 32 * (k // 8 % 2) + 16 * (k // 16) + i, bit
        return 32 * (k // 16 % 2) + 16 * (k // 32) + i, 32 * (k // 8 % 2) + bit
    if s.lanes == 32:
        if size == 16:
            return 16 * (k // 4 % 2) + i, 32 * (2 * (k // 8) + k // 2 % 2) + bit
        if size == 8:
            return 16 * (k // 8) + i, 32 * (k // 4 % 2) + bit
        if s.k == 16:
            return 16 * (k // 8) + i, bit
        return 16 * (k // 16) + i, 32 * (k // 8 % 2) + bit
    if size == 16:
        return 32 * (k // 8 % 2) + 16 * (k // 4 % 2) + i, 32 * (k // 2 % 2) + bit
    if size == 8:
        return 32 * (k // 4 % 2) + 16 * (k // 8 % 2) + i, bit
    if s.k == 16:
        return 16 * (k // 8) + i, bit
    return 32 * (k // 8 % 2) + 16 * (k // 16 % 2) + i, bit


def place_of_d(s: Shape, i, j, block, high=0):
    """Of C[i][j] and D[i][j]. `high`: op_sel[2] of gfx11's 16-bit results."""
    if s.target.startswith("gfx9"):
        if s.d == "f64":
            return (16 * (i % 4) + j, 64 * (i // 4)) if s.m == 16 else (16 * i + 4 * block + j, 0 * i)
        if s.m == 4:
            return 4 * block + j, 32 * i
        if s.m == 16:
            return 16 * (i // 4) + j, 32 * (4 * block + i % 4)
        return 32 * (i // 4 % 2) + j, 32 * (16 * block + 4 * (i // 8) + i % 4)
    if s.target.startswith("gfx11"):
        rows = s.lanes // 16
        return 16 * i % s.lanes + j, 32 * (i // rows) + 16 * high
    each = 8 if s.lanes == 32 else 4
    lane = 16 * (i // 8) + j if s.lanes == 32 else 32 * (i // 4 % 2) + 16 * (i // 8) + j
    return lane, SIZE[s.d] * (i % each)


def place_of_index(s: Shape, i, k, chosen):
    """Of the two bits that say where stored element k of row i of A stood; `chosen`: abid, or index_key."""
    lane, bit = place_of_a(s, i, k, 0)
    element = bit // SIZE[s.a]
    _, last = place_of_a(s, 0, np.arange(s.k // 2), 0)
    each = 2 * (last.max() // SIZE[s.a] + 1)  # bits of a lane
    return lane, (each * chosen) % 32 + 2 * element


def read(words: np.ndarray, lane: np.ndarray, bit: np.ndarray, size: int) -> np.ndarray:
    """words[wave, lane, register] -> codes[wave, ...] as uint64"""
    low, high = bit // 32, np.minimum(bit // 32 + 1, words.shape[-1] - 1)
    both = words[:, lane, low].astype(np.uint64) | words[:, lane, high].astype(np.uint64) << np.uint64(32)
    return both >> (bit % 32).astype(np.uint64) & np.uint64((1 << size) - 1)


def write(words: np.ndarray, lane: np.ndarray, bit: np.ndarray, size: int, codes: np.ndarray) -> None:
    for part in range(max(1, size // 32)):
        word, shift = bit // 32 + part, (bit % 32).astype(np.uint64)
        mask = np.uint64((1 << min(size, 32)) - 1) << shift
        piece = (codes >> np.uint64(32 * part)) << shift & mask
        # One half after the other: places of different elements may share a word.
        for half in np.unique(shift):
            at = np.broadcast_to(shift == half, piece.shape[1:])
            l, w = np.broadcast_to(lane, at.shape)[at], np.broadcast_to(word, at.shape)[at]
            kept = words[:, l, w].astype(np.uint64) & ~np.broadcast_to(mask, at.shape)[at]
            words[:, l, w] = (kept | piece[:, at]).astype(np.uint32)


def small_value(kind: str, codes: np.ndarray, fnuz: bool) -> np.ndarray:
    exponent_bits, mantissa_bits, bias, bias_fnuz = SMALL[kind]
    bias = bias_fnuz if fnuz else bias
    codes = codes.astype(np.int64)
    sign = 1 - 2.0 * (codes >> exponent_bits + mantissa_bits & 1)
    exponent, mantissa = codes >> mantissa_bits & (1 << exponent_bits) - 1, codes & (1 << mantissa_bits) - 1
    return sign * (mantissa / 2.0**mantissa_bits + (exponent > 0)) * 2.0 ** (np.maximum(exponent, 1) - bias)


def values(kind: str, codes: np.ndarray, target: str, signed: bool = True) -> np.ndarray:
    """Codes as float64, exactly."""
    if kind in SMALL:
        return small_value(kind, codes, target == "gfx942")
    if kind == "f64":
        return codes.view(np.float64)
    if kind in ("f32", "xf32"):
        kept = codes & np.uint64(0xFFFFE000) if kind == "xf32" else codes  # the rest of the mantissa is cut off
        return kept.astype(np.uint32).view(np.float32).astype(np.float64)
    if kind == "f16":
        return codes.astype(np.uint16).view(np.float16).astype(np.float64)
    if kind == "bf16":
        return (codes.astype(np.uint32) << 16).view(np.float32).astype(np.float64)
    size = SIZE[kind]
    integers = codes.astype(np.int64)
    return (integers - ((integers >> size - 1) << size) * signed).astype(np.float64)


def codes(kind: str, exact: np.ndarray) -> np.ndarray:
    """float64 as codes of a result's type, rounded to nearest even once."""
    if kind == "f64":
        return exact.view(np.uint64)
    if kind == "f32":
        return exact.astype(np.float32).view(np.uint32).astype(np.uint64)
    if kind == "f16":
        return exact.astype(np.float16).view(np.uint16).astype(np.uint64)
    if kind == "bf16":
        bits = exact.astype(np.float32).view(np.uint32).astype(np.uint64)
        return (bits + np.uint64(0x7FFF) + (bits >> np.uint64(16) & np.uint64(1))) >> np.uint64(16)
    return exact.astype(np.int64).astype(np.uint64) & np.uint64(0xFFFFFFFF)


def sample(kind: str, rng: np.random.Generator, shape_of, target: str) -> np.ndarray:
    """Codes of small integers other than zero, so that every sum is exact and every element tells."""
    if kind in SMALL:
        every = np.arange(1 << SIZE[kind], dtype=np.uint64)
        value = small_value(kind, every, target == "gfx942")
        if SIZE[kind] == 8:
            every = every[(np.abs(value) >= 1) & (np.abs(value) < 16) & (value == np.round(value))]
        return rng.choice(every, shape_of)
    if kind in ("i8", "iu8", "iu4"):
        return rng.integers(0, 1 << SIZE[kind], shape_of, dtype=np.uint64)
    limit = 1 << 20 if kind == "i32" else 100
    integers = rng.integers(1, limit, shape_of) * rng.choice((-1, 1), shape_of)
    if kind == "xf32":
        return codes("f32", integers.astype(np.float64)) | rng.integers(0, 1 << 13, shape_of, dtype=np.uint64)
    return codes(kind, integers.astype(np.float64))
