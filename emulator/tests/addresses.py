# SPDX-License-Identifier: Apache-2.0
"""What the tests of memory instructions share: where each lane's bytes are, and how numpy reads and writes them."""

import numpy as np
from machine import CDNA, RDNA
from values import Type


GUARD, STEP = 64, 32  # bytes before the first lane's and after the last one's; bytes of a lane


def bytes_of_memory(rng, waves, lanes):
    return rng.integers(0, 256, 2 * GUARD + waves * lanes * STEP, dtype=np.uint8)


def place(skew=0, relative=True):
    """The offset of each lane's own bytes, in any order; a whole address if `relative`."""

    def make(rng, shape):
        return GUARD + skew + STEP * rng.permutation(shape[0] * shape[1]).reshape(shape)

    made = Type("u64" if relative else "u32", 1, make)
    made.relative = relative
    return made


def number_at(memory, at, size, signed=False):
    value = sum(memory[at + i].astype(np.uint64) << np.uint64(8 * i) for i in range(size))
    return value.astype(f"u{size}").view(f"i{size}") if signed else value


def words_at(memory, at, count):
    words = np.stack([number_at(memory, at + 4 * i, 4).astype(np.uint32) for i in range(count)], -1)
    return words[..., 0] if count == 1 else words


def put(memory, at, on, value, size):
    for i in range(size):
        memory[(at + i)[on]] = (value.astype(np.uint64) >> np.uint64(8 * i) & np.uint64(255)).astype(np.uint8)[on]
    return memory


def put_words(memory, at, on, words, count):
    for i in range(count):
        put(memory, at + 4 * i, on, words[..., i] if count > 1 else words, 4)
    return memory


def type_of(words, element="u32"):
    return element if words == 1 else f"{words}x{element}"


PARTS = (("ubyte", "u8", 1, False), ("sbyte", "i8", 1, True), ("ushort", "u16", 2, False), ("sshort", "i16", 2, True))
WORDS = (("dword", "b32", 1), ("dwordx2", "b64", 2), ("dwordx3", "b96", 3), ("dwordx4", "b128", 4))
SPACES = (("global", ", off", (-12, 4095)), ("flat", "", (12, 4095)))


def both_names(old, new):
    return ((CDNA, old), (RDNA, new))


def offset_text(offset):
    return f" offset:{offset}" if offset else ""
