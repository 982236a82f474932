# SPDX-License-Identifier: Apache-2.0
"""What a definition says about an output, and whether a result agrees.

A `Real` allows what rounding anything within its error bound gives: half a unit of the last place, and the bound. One whose
error is 0 is rounded once, exactly.
"""

from __future__ import annotations

from typing import Any, List

import numpy as np

from golden.reals import FP32_UNIT, FP64_UNIT, Real, rounded, widened


class Exact:
    """Numbers to be met bit for bit, but for the payload of a NaN."""

    def __init__(self, value: Any):
        self.value = np.asarray(value)


class InFp32:
    """A result of one fp32 operation without error of its own, which is then rounded to the output's dtype."""

    def __init__(self, value: Any):
        self.value = np.asarray(value, np.float64)


class Bits:
    """The bytes themselves."""

    def __init__(self, value: np.ndarray):
        self.value = value


class Latitude:
    """A Real and what the contract allows beyond fp32's error: an absolute amount for each element."""

    def __init__(self, result: Real, fp32: Any = 0.0, fp64: Any = 0.0):
        self.result, self.fp32, self.fp64 = result, np.asarray(fp32, np.float64), np.asarray(fp64, np.float64)


class Kept:
    """Elements where `kept` is true stay as they were, bit for bit; the others are as `result` says."""

    def __init__(self, kept: np.ndarray, result: Any):
        self.kept, self.result = kept, result


class OneOf:
    """For each element the list of numbers that are right: more than one where fp32 cannot decide. Of two dimensions, row by row."""

    def __init__(self, choices: List[Any]):
        self.choices: List[List[int]] = choices
        if choices and choices[0] and isinstance(choices[0][0], list):
            self.choices = [c for row in choices for c in row]


def differences(outcome: Any, got: np.ndarray, before: np.ndarray, dtype: str, double: bool) -> np.ndarray:
    """Which elements are wrong."""
    if isinstance(outcome, Kept):
        wrong = differences(outcome.result, got, before, dtype, double)
        changed = got.view(f"u{got.itemsize}") != before.view(f"u{got.itemsize}")
        return np.where(outcome.kept, changed, wrong)
    if isinstance(outcome, Bits):
        return got.view(f"u{got.itemsize}") != outcome.value.view(f"u{got.itemsize}")
    if isinstance(outcome, OneOf):
        return np.array([int(g) not in c for g, c in zip(got.flat, outcome.choices)], bool).reshape(got.shape)
    value = widened(got)
    if isinstance(outcome, Exact):
        same = value == outcome.value
        if value.dtype == np.float64:
            same &= np.signbit(value) == np.signbit(np.asarray(outcome.value, np.float64))
            same |= np.isnan(value) & np.isnan(outcome.value)
        return ~same
    low, high = interval(outcome, dtype, double)
    return ~(((low <= value) & (value <= high)) | (np.isnan(low) & np.isnan(value)))


def interval(outcome: Any, dtype: str, double: bool) -> Any:
    """The least and the largest right result; NaN where the result is NaN."""
    if isinstance(outcome, InFp32):
        value = outcome.value if double else rounded(outcome.value, "f32")
        return rounded(value, dtype), rounded(value, dtype)
    extra = 0.0
    if isinstance(outcome, Latitude):
        extra = outcome.fp64 if double else outcome.fp32
        outcome = outcome.result
    assert isinstance(outcome, Real), outcome
    value, error = outcome.value, outcome.error
    finite = np.isfinite(value)
    assert np.isfinite(error[finite]).all(), "a definition lost its error bound"
    # In double both the library and the definition make such errors. 1 % covers the terms of second order.
    unit = 2 * FP64_UNIT if double else FP32_UNIT
    reach = np.where(finite, 1.01 * unit * np.where(finite, error, 0) + extra, 0)
    return rounded(value - reach, dtype), rounded(value + reach, dtype)


def report(name: str, outcome: Any, got: np.ndarray, wrong: np.ndarray, dtype: str, double: bool) -> str:
    """The first few wrong elements with what was expected."""
    lines = [f"{name} ({dtype}, shape {list(got.shape)}): {int(wrong.sum())} of {wrong.size} elements are wrong"]
    for at in list(zip(*np.nonzero(wrong)))[:6]:
        inner = outcome.result if isinstance(outcome, Kept) else outcome
        if isinstance(outcome, Kept) and outcome.kept[at]:
            want = "to be left as it was"
        elif isinstance(inner, OneOf):
            want = f"one of {inner.choices[int(np.ravel_multi_index(at, got.shape))]}"
        elif isinstance(inner, (Exact, Bits)):
            want = repr(inner.value[at])
        else:
            low, high = (np.broadcast_to(b, got.shape)[at] for b in interval(inner, dtype, double))
            plain = inner.result if isinstance(inner, Latitude) else inner
            want = f"{float(low)!r} to {float(high)!r} (exactly {float(np.broadcast_to(plain.value, got.shape)[at])!r})"
        lines.append(f"  [{', '.join(map(str, at))}]: {got[at]!r}, expected {want}")
    return "\n".join(lines)
