# SPDX-License-Identifier: Apache-2.0
"""What a register holds: how to make hostile values of a type, how to read and write them as 32-bit words, and when
two of them are the same."""

from __future__ import annotations

import numpy as np

SPECIAL = {
    "u": lambda bits: [0, 1, 2, 3, 7, 8, 15, 16, 31, 32, 33, 63, 64, 0x55, 0xAA, 0xFF, 0x100, (1 << bits) - 1, (1 << bits) - 2, 1 << bits - 1,
                       (1 << bits - 1) - 1, (1 << bits - 1) + 1, 0x7FFF, 0x8000, 0x8001, 0xFFFF, 0x10000, 0x7FFFFF, 0x800000,
                       0xFFFFFF, 0x1000000, 0x80808080, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF, 0x100000000],
    # Zeros, subnormals, the ends of the normal range, ones and their neighbours, halves, integers at the edges of the
    # integer types, infinities, quiet and signalling NaNs.
    "f16": [0, 1, 2, 0x1FF, 0x200, 0x3FF, 0x400, 0x401, 0x3800, 0x3BFF, 0x3C00, 0x3C01, 0x3E00, 0x4000, 0x4100, 0x5BF8, 0x6400,
            0x77FF, 0x7800, 0x7BFF, 0x7C00, 0x7C01, 0x7E00, 0x7FFF],
    "bf16": [0, 1, 0x3F, 0x7F, 0x80, 0x3F00, 0x3F7F, 0x3F80, 0x3F81, 0x4000, 0x42F0, 0x7F00, 0x7F7F, 0x7F80, 0x7F81, 0x7FC0, 0x7FFF],
    "f32": [0, 1, 2, 0x3FFFFF, 0x400000, 0x7FFFFF, 0x800000, 0x800001, 0x33000000, 0x33800000, 0x387FC000, 0x38800000, 0x3EFFFFFF,
            0x3F000000, 0x3F000001, 0x3F7FFFFF, 0x3F800000, 0x3F800001, 0x3FC00000, 0x40000000, 0x40200000, 0x437F0000,
            0x43800000, 0x477FE000, 0x477FEFFF, 0x477FF000, 0x4B000000, 0x4B7FFFFF, 0x4B800000, 0x4EFFFFFF, 0x4F000000,
            0x4F7FFFFF, 0x4F800000, 0x5F000000, 0x7E800000, 0x7F000000, 0x7F7FFFFF, 0x7F800000, 0x7F800001, 0x7FC00000, 0x7FFFFFFF],
    "f64": [0, 1, 0x000FFFFFFFFFFFFF, 0x0010000000000000, 0x0010000000000001, 0x36A0000000000000, 0x3810000000000000,
            0x3FDFFFFFFFFFFFFF, 0x3FE0000000000000, 0x3FEFFFFFFFFFFFFF, 0x3FF0000000000000, 0x3FF0000000000001,
            0x3FF8000000000000, 0x4000000000000000, 0x4004000000000000, 0x41DFFFFFFFC00000, 0x41E0000000000000,
            0x41EFFFFFFFE00000, 0x41F0000000000000, 0x4330000000000000, 0x43E0000000000000, 0x47EFFFFFE0000000,
            0x47EFFFFFF0000000, 0x7FE0000000000000, 0x7FEFFFFFFFFFFFFF, 0x7FF0000000000000, 0x7FF0000000000001,
            0x7FF8000000000000],
}
FLOAT_BITS = {"f16": (16, 10), "bf16": (16, 7), "f32": (32, 23), "f64": (64, 52)}  # width, mantissa


def from_bf16(bits) -> np.ndarray:
    return (np.asarray(bits, np.uint32) << 16).view(np.float32)


def hostile_bits(rng: np.random.Generator, element: str, count: int) -> np.ndarray:
    """Specials, random bit patterns, and values of ordinary size, mixed."""
    if element in FLOAT_BITS:
        bits, mantissa = FLOAT_BITS[element]
        special = np.array(SPECIAL[element], np.uint64) | rng.integers(0, 2, len(SPECIAL[element]), dtype=np.uint64) << np.uint64(bits - 1)
        bias = (1 << bits - mantissa - 2) - 1
        ordinary = (rng.integers(bias - 3, bias + 4, count, dtype=np.uint64) << np.uint64(mantissa)
                    | rng.integers(0, 1 << mantissa, count, dtype=np.uint64) | rng.integers(0, 2, count, dtype=np.uint64) << np.uint64(bits - 1))
    else:
        bits = int(element[1:])
        special = np.array([x & (1 << bits) - 1 for x in SPECIAL["u"](bits)], np.uint64)
        ordinary = rng.integers(0, min(64, 1 << bits), count, dtype=np.uint64)
    anything = rng.integers(0, 1 << bits, count, dtype=np.uint64, endpoint=False)
    flip = rng.integers(0, 2, count, dtype=np.uint64) << np.uint64(bits - 1) if element in FLOAT_BITS else np.uint64(0)
    choice = rng.integers(0, 3, count)
    return np.where(choice == 0, rng.choice(special, count) ^ flip, np.where(choice == 1, anything, ordinary))


class Type:
    """`element`: u8, i16, f32, ...; `lanes` of them in the register, or registers. bf16 reads as float32."""

    def __init__(self, element: str, lanes: int = 1, generate=None):
        self.element, self.lanes, self._generate = element, lanes, generate
        self.bits = FLOAT_BITS[element][0] if element in FLOAT_BITS else int(element[1:])
        self.words = max(1, self.bits * lanes // 32)
        self.floating = element in FLOAT_BITS

    def words_of(self, rng: np.random.Generator, shape: tuple[int, int]) -> np.ndarray:
        """Random words, of shape + (words,). What the type leaves of its register is noise."""
        count = shape[0] * shape[1]
        if self._generate:
            return self.encode(self._generate(rng, shape), rng)
        bits = hostile_bits(rng, self.element, count * self.lanes).reshape(shape + (self.lanes,))
        return self._pack(bits, rng)

    def _pack(self, bits: np.ndarray, rng=None) -> np.ndarray:
        wide = np.zeros(bits.shape[:-1] + (self.words,), np.uint32)
        if rng is not None and self.bits * self.lanes < 32:
            wide[...] = rng.integers(0, 1 << 32, wide.shape, dtype=np.uint32) & np.uint32(~((1 << self.bits * self.lanes) - 1) & 0xFFFFFFFF)
        for lane in range(self.lanes):
            for part in range(max(1, self.bits // 32)):
                word, shift = divmod(lane * self.bits + 32 * part, 32)
                wide[..., word] |= (bits[..., lane] >> np.uint64(32 * part) << np.uint64(shift) & np.uint64(0xFFFFFFFF)).astype(np.uint32)
        return wide

    def decode(self, words: np.ndarray) -> np.ndarray:
        """Values; a further axis for the elements if there are several."""
        parts = []
        for lane in range(self.lanes):
            word, shift = divmod(lane * self.bits, 32)
            bits = words[..., word].astype(np.uint64) >> np.uint64(shift)
            if self.bits == 64:
                bits |= words[..., word + 1].astype(np.uint64) << np.uint64(32)
            parts.append(self._values(bits & np.uint64((1 << self.bits) - 1)))
        return parts[0] if self.lanes == 1 else np.stack(parts, -1)

    def _values(self, bits: np.ndarray) -> np.ndarray:
        if self.element == "bf16":
            return from_bf16(bits.astype(np.uint32))
        if self.bits < 8:
            signed = self.element[0] == "i"
            return bits.astype(np.int64) - (bits >> np.uint64(self.bits - 1) << np.uint64(self.bits)).astype(np.int64) * signed
        unsigned = bits.astype(f"u{self.bits // 8}")
        return unsigned.view(f"{self.element[0]}{self.bits // 8}")

    def encode(self, values, rng=None) -> np.ndarray:
        values = np.asarray(values)
        if self.lanes == 1:
            values = values[..., None]
        if self.element == "bf16":
            bits = values.astype(np.float32).view(np.uint32).astype(np.uint64) >> np.uint64(16)  # for values that are one
        elif self.floating:
            bits = values.astype(f"f{self.bits // 8}").view(f"u{self.bits // 8}").astype(np.uint64)
        else:
            bits = values.astype(np.int64).view(np.uint64) if values.dtype.kind != "u" else values.astype(np.uint64)
            bits = bits & np.uint64((1 << self.bits) - 1)
        return self._pack(bits, rng)

    def same(self, expected: np.ndarray, got: np.ndarray, ulp: float = 0) -> np.ndarray:
        """Where they agree: bit for bit, except that NaNs are alike; within `ulp` units of the last place."""
        if not self.floating:
            return expected == got
        width = "f4" if self.element == "bf16" else f"f{self.bits // 8}"
        with np.errstate(all="ignore"):
            narrow = expected.astype(width)
            alike = (narrow.view(f"u{width[1]}") == got.view(f"u{width[1]}")) | (np.isnan(expected) & np.isnan(got))
            if ulp:
                spacing = np.abs(np.spacing(narrow)).astype(np.float64)
                alike |= np.isfinite(expected) & (np.abs(expected.astype(np.float64) - got.astype(np.float64)) <= ulp * spacing)
        return alike


def type_named(name: str) -> Type:
    """"u32", "f16", "2xf16", "8xi4", ..."""
    count, _, element = name.rpartition("x")
    return Type(element, int(count or 1))


def between(element: str, low: int, high: int, lanes: int = 1) -> Type:
    """Integers low <= x < high."""
    return Type(element, lanes, lambda rng, shape: rng.integers(low, high, shape if lanes == 1 else shape + (lanes,)))


def uniform(element: str, low: float, high: float) -> Type:
    return Type(element, 1, lambda rng, shape: rng.uniform(low, high, shape))


def every(element: str, make) -> Type:
    """Values that do not depend on chance: make(waves, lanes)."""
    return Type(element, 1, lambda rng, shape: np.broadcast_to(make(*shape), shape))


def choice(element: str, values) -> Type:
    return Type(element, 1, lambda rng, shape: rng.choice(np.array(values), shape))
