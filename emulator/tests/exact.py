# SPDX-License-Identifier: Apache-2.0
"""Floating point by exact rational arithmetic: every operation in every rounding and denormal mode, slowly and simply."""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np

NEAREST, UP, DOWN, ZERO = range(4)  # as MODE has them
# exponent bits, mantissa bits
FORMATS = {"f16": (5, 10), "bf16": (8, 7), "f32": (8, 23), "f64": (11, 52)}


def round_to(element: str, x: Fraction, rounding: int = NEAREST, keep_denormals: bool = True) -> float:
    """x != 0, as the format's value; overflow gives infinity or the largest number, as the rounding says."""
    exponent_bits, mantissa = FORMATS[element]
    bias = (1 << exponent_bits - 1) - 1
    negative, x = x < 0, abs(x)
    exponent = x.numerator.bit_length() - x.denominator.bit_length()
    if Fraction(2) ** exponent > x:
        exponent -= 1
    quantum = Fraction(2) ** (max(exponent, 1 - bias) - mantissa)
    steps, rest = divmod(x, quantum)
    half = rest * 2 - quantum
    away = {NEAREST: half > 0 or half == 0 and steps & 1, UP: rest > 0 and not negative, DOWN: rest > 0 and negative, ZERO: False}[rounding]
    value = (steps + bool(away)) * quantum
    largest = (2 - Fraction(1, 1 << mantissa)) * Fraction(2) ** bias
    if value > largest:
        to_largest = rounding == ZERO or rounding == UP and negative or rounding == DOWN and not negative
        result = float(largest) if to_largest else math.inf
    elif value < Fraction(2) ** (1 - bias) and not keep_denormals:
        result = 0.0
    else:
        result = float(value)
    return -result if negative else result


def flush(element: str, x: float) -> float:
    """Subnormals to zero."""
    bias = (1 << FORMATS[element][0] - 1) - 1
    return math.copysign(0.0, x) if 0 < abs(x) < 2.0 ** (1 - bias) else x


def fused(a: float, b: float, c: float | None, element: str, rounding: int, keep: bool) -> float:
    """a * b + c; without a c only the product."""
    if not all(math.isfinite(x) for x in (a, b, 0.0 if c is None else c)):
        with np.errstate(all="ignore"):
            product = np.float64(a) * np.float64(b)
            if math.isinf(a) or math.isinf(b):
                return float(product if c is None else product + np.float64(c))
            return float(np.nan if math.isnan(product) else np.float64(0 if c is None else c))
    exact = Fraction(a) * Fraction(b) + Fraction(0 if c is None else c)
    if exact:
        return round_to(element, exact, rounding, keep)
    sign = math.copysign(1, a) * math.copysign(1, b)
    if c is None or a * b == 0 and c == 0 and math.copysign(1, c) == sign and not (Fraction(a) * Fraction(b)):
        return math.copysign(0.0, sign)
    return -0.0 if rounding == DOWN else 0.0  # of an exact cancellation


def elementwise(function, dtype):
    return np.vectorize(lambda *x: function(*(float(v) for v in x)), otypes=[dtype])


DTYPES = {"f16": np.float16, "bf16": np.float32, "f32": np.float32, "f64": np.float64}


def fma(element: str, rounding: int = NEAREST, keep_in: bool = True, keep_out: bool = True):
    clean = (lambda x: x) if keep_in else (lambda x: flush(element, x))
    return elementwise(lambda a, b, c: fused(clean(a), clean(b), clean(c), element, rounding, keep_out), DTYPES[element])


def mul(element: str, rounding: int = NEAREST, keep_in: bool = True, keep_out: bool = True):
    clean = (lambda x: x) if keep_in else (lambda x: flush(element, x))
    return elementwise(lambda a, b: fused(clean(a), clean(b), None, element, rounding, keep_out), DTYPES[element])


def add(element: str, rounding: int = NEAREST, keep_in: bool = True, keep_out: bool = True):
    f = fma(element, rounding, keep_in, keep_out)
    return lambda a, b: f(a, np.ones_like(b), b)


def convert(element: str, rounding: int = NEAREST, keep_out: bool = True):
    """From anything wider, or an integer."""
    def one(x):
        if x == 0 or not math.isfinite(x):
            return float(x)
        return round_to(element, Fraction(x), rounding, keep_out)
    function = np.vectorize(one, otypes=[DTYPES[element]])
    return lambda a: function(a.astype(object))
