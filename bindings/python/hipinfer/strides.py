# SPDX-License-Identifier: Apache-2.0
"""Strides of shapes, in elements."""

from __future__ import annotations

import math
from typing import List, Optional, Sequence, Tuple


def check_64_bits(shape: Sequence[int], strides: Sequence[int]) -> None:
    """ctypes wraps a number that is too large; this refuses it."""
    if any(not -2**63 <= n < 2**63 for n in (*shape, *strides)):
        raise ValueError(f"shape {list(shape)} with strides {list(strides)} does not fit in 64 bits")


def compact_strides(shape: Sequence[int]) -> Tuple[int, ...]:
    strides, running = [], 1
    for n in reversed(shape):
        strides.append(running)
        running *= max(n, 1)
    return tuple(reversed(strides))


def is_compact(shape: Sequence[int], strides: Sequence[int]) -> bool:
    return 0 in shape or all(n == 1 or s == c for n, s, c in zip(shape, strides, compact_strides(shape)))


def reshaped_strides(shape: Sequence[int], strides: Sequence[int], wanted: Sequence[int]) -> Optional[List[int]]:
    """Strides of `wanted` over the same elements, or None: each run of old dimensions that lies evenly in memory is cut
    into new dimensions on its own."""
    if math.prod(shape) != math.prod(wanted) or any(n < 0 for n in wanted):
        return None
    if math.prod(shape) == 0:
        return list(compact_strides(wanted))
    old = [(n, s) for n, s in zip(shape, strides) if n != 1]
    result = [1] * len(wanted)
    at = len(wanted) - 1
    while old:
        run, base = old.pop()
        while old and old[-1][1] == run * base:
            run *= old.pop()[0]
        filled = 1
        while at >= 0 and (filled < run or wanted[at] == 1):
            result[at] = filled * base
            filled *= wanted[at]
            at -= 1
        if filled != run:
            return None
    return result
