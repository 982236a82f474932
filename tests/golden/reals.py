# SPDX-License-Identifier: Apache-2.0
"""Dtypes, their exact rounding, and float64 numbers that carry a bound of fp32's error."""

from __future__ import annotations

from typing import Any, NamedTuple, Tuple, Union

import ml_dtypes
import numpy as np


class Format(NamedTuple):
    """A binary floating-point format."""

    precision: int  # bits of the significand, the hidden one included
    emin: int  # exponent of the smallest normal number
    largest: float  # largest finite value
    saturates: bool  # beyond it: the largest value, else infinity


FORMATS = {
    "f64": Format(53, -1022, float(np.finfo(np.float64).max), False),
    "f32": Format(24, -126, float(np.finfo(np.float32).max), False),
    "f16": Format(11, -14, 65504.0, False),
    "bf16": Format(8, -126, (2 - 2.0**-7) * 2.0**127, False),
    "e4m3fn": Format(4, -6, 448.0, True),
    "e4m3fnuz": Format(4, -7, 240.0, True),
    "e5m2": Format(3, -14, 57344.0, True),
    "e5m2fnuz": Format(3, -15, 57344.0, True),
}
FP8 = ("e4m3fn", "e4m3fnuz", "e5m2", "e5m2fnuz")
QUANTISED = (*FP8, "i8")
FLOATS = ("f32", "f16", "bf16")

NUMPY = {
    "f64": np.dtype(np.float64), "f32": np.dtype(np.float32), "f16": np.dtype(np.float16),
    "bf16": np.dtype(ml_dtypes.bfloat16), "e4m3fn": np.dtype(ml_dtypes.float8_e4m3fn),
    "e4m3fnuz": np.dtype(ml_dtypes.float8_e4m3fnuz), "e5m2": np.dtype(ml_dtypes.float8_e5m2),
    "e5m2fnuz": np.dtype(ml_dtypes.float8_e5m2fnuz), "i8": np.dtype(np.int8), "u8": np.dtype(np.uint8),
    "i32": np.dtype(np.int32), "i64": np.dtype(np.int64), "bool": np.dtype(np.bool_),
}

# Unit roundoff of fp32 and of double: the largest relative error of one correctly rounded operation.
FP32_UNIT = 2.0**-24
FP64_UNIT = 2.0**-53


def largest(dtype: str) -> float:
    """What a dynamic scale maps the largest magnitude to."""
    return 127.0 if dtype == "i8" else FORMATS[dtype].largest


def rounded(value: Any, dtype: str) -> np.ndarray:
    """The float64 values that `dtype` holds after rounding to nearest, ties to even, once.

    ml_dtypes converts float64 to bf16 by way of fp32, which rounds twice, so the rounding is done here: a value is counted
    in units of its last place, and the count is rounded. Both steps are exact in float64.
    """
    value = np.asarray(value, np.float64)
    if dtype == "f64":
        return value
    if dtype == "i8":
        return np.where(np.isnan(value), 0.0, np.clip(np.rint(np.where(np.isnan(value), 0.0, value)), -128, 127))
    f = FORMATS[dtype]
    finite = np.where(np.isfinite(value), value, 0.0)
    _, exponent = np.frexp(finite)  # |value| is in [2^(exponent-1), 2^exponent)
    unit = np.ldexp(1.0, np.maximum(exponent - 1, f.emin) - (f.precision - 1))
    result = np.where(np.isfinite(value), np.rint(finite / unit) * unit, value)
    over = np.abs(result) > f.largest  # false for NaN
    return np.where(over, np.copysign(f.largest if f.saturates else np.inf, result), result)


def f32(value: float) -> float:
    """A scalar argument as the library gets it."""
    return float(np.float32(value))


def widened(array: np.ndarray) -> np.ndarray:
    """What a definition sees: float64 for floating-point and i8 values, int64 for indices, bool for masks."""
    if array.dtype == np.bool_ or array.dtype == np.uint8:
        return array.copy()
    if array.dtype in (np.int32, np.int64):
        return array.astype(np.int64)
    with np.errstate(invalid="ignore"):  # signalling NaNs
        return array.astype(np.float64)


def narrowed(value: Any, dtype: str) -> np.ndarray:
    """An array of `dtype` that holds the values, which are rounded to it first."""
    if dtype in ("i32", "i64", "bool", "u8"):
        return np.asarray(value).astype(NUMPY[dtype])
    with np.errstate(invalid="ignore"):
        return rounded(value, dtype).astype(NUMPY[dtype])


class Real:
    """A float64 value, and a bound of the error that fp32 arithmetic makes on the way to it.

    `error` is in unit roundoffs u: a computation in fp32 differs from `value` by at most u * error to first order. Each
    operation adds its own rounding, |result|, and passes on the errors of its operands by its derivative. A sum of n terms
    in any order adds n - 1 roundings of at most the sum of magnitudes (Higham 2002, 4.2). A fused multiply-add only
    leaves roundings out.
    """

    __array_ufunc__ = None  # numpy leaves mixed operations to this class

    def __init__(self, value: Any, error: Any = 0.0):
        self.value = np.array(value, np.float64)
        self.error = np.array(np.broadcast_to(np.asarray(error, np.float64), self.value.shape))

    @property
    def shape(self) -> Tuple[int, ...]:
        return self.value.shape

    def __getitem__(self, key: Any) -> Real:
        return Real(self.value[key], self.error[key])

    def __setitem__(self, key: Any, other: Number) -> None:
        other = real(other)
        self.value[key], self.error[key] = other.value, other.error

    def __neg__(self) -> Real:
        return Real(-self.value, self.error)

    def __add__(self, other: Number) -> Real:
        other = real(other)
        value = self.value + other.value
        return Real(value, self.error + other.error + np.abs(value))

    def __sub__(self, other: Number) -> Real:
        return self + -real(other)

    def __rsub__(self, other: Number) -> Real:
        return real(other) + -self

    def __mul__(self, other: Number) -> Real:
        other = real(other)
        value = self.value * other.value
        return Real(value, np.abs(self.value) * other.error + np.abs(other.value) * self.error + np.abs(value))

    def __truediv__(self, other: Number) -> Real:
        """On a GPU a product with an approximate reciprocal: two roundings and one unit in the last place (2u)."""
        other = real(other)
        value = self.value / other.value
        error = (self.error + np.abs(value) * other.error) / np.abs(other.value) + 4 * np.abs(value)
        return Real(value, np.where(np.isinf(other.value), 0, error))

    def __rtruediv__(self, other: Number) -> Real:
        return real(other) / self

    __radd__, __rmul__ = __add__, __mul__


Number = Union[Real, np.ndarray, float, int]


def real(x: Number) -> Real:
    return x if isinstance(x, Real) else Real(x)


def zeros(*shape: int) -> Real:
    return Real(np.zeros(shape))


def total(x: Number, axis: int = -1) -> Real:
    """The sum along an axis, which is kept with extent 1."""
    x = real(x)
    n = x.shape[axis]
    return Real(x.value.sum(axis, keepdims=True),
                x.error.sum(axis, keepdims=True) + max(n - 1, 0) * np.abs(x.value).sum(axis, keepdims=True))


def mean(x: Number, axis: int = -1) -> Real:
    return total(x, axis) / float(real(x).shape[axis])


def dot(spec: str, a: Number, b: Number) -> Real:
    """einsum of two operands; K products are summed for each result."""
    a, b = real(a), real(b)
    left, right = spec.split("->")[0].split(",")
    extents = {**dict(zip(left, a.shape)), **dict(zip(right, b.shape))}
    terms = int(np.prod([n for letter, n in extents.items() if letter not in spec.split("->")[1]]))
    magnitudes = np.einsum(spec, np.abs(a.value), np.abs(b.value))
    carried = np.einsum(spec, a.error, np.abs(b.value)) + np.einsum(spec, np.abs(a.value), b.error)
    return Real(np.einsum(spec, a.value, b.value), carried + terms * magnitudes)


def sqrt(x: Number) -> Real:
    """A GPU takes a reciprocal square root, which is off by one unit in the last place (2u)."""
    x = real(x)
    value = np.sqrt(x.value)
    return Real(value, x.error / (2 * np.where(value == 0, 1, value)) + 3 * value)


def exp(x: Number) -> Real:
    """A GPU takes 2^(x log2 e): the constant and the product are rounded (|x| u each), the power is off by two units in
    the last place (4u). The bound of a result near the end of float64 stays finite, for the quotients that are made of it."""
    x = real(x)
    value = np.exp(x.value)
    relative = np.where(value == 0, 0, x.error + 2 * np.abs(np.where(value == 0, 0, x.value)) + 4)
    return Real(value, np.where(np.isinf(value), 0, np.minimum(value * relative, 1e300)))


def log2(x: Number) -> Real:
    """One unit in the last place of the result, and 2u absolute where the argument is near 1."""
    x = real(x)
    value = np.log2(x.value)
    safe = np.where(x.value == 0, 1, np.abs(x.value))
    return Real(value, x.error / safe / np.log(2) + 4 * np.abs(value) + 4)


def where(mask: np.ndarray, a: Number, b: Number) -> Real:
    a, b = real(a), real(b)
    return Real(np.where(mask, a.value, b.value), np.where(mask, a.error, b.error))


def concatenate(parts: Any, axis: int = -1) -> Real:
    parts = [real(p) for p in parts]
    return Real(np.concatenate([p.value for p in parts], axis), np.concatenate([p.error for p in parts], axis))


def softmax(z: Number, rescalings: int = 1) -> Real:
    """exp(z - max) / sum along the last axis. A row of -inf alone is zeros; a NaN or +inf makes its row NaN.

    A kernel that meets the maximum late multiplies what it has by exp(old - new), once for each tile of keys.
    """
    z = real(z)
    if z.shape[-1] == 0:
        return z
    top = z.value.max(-1, keepdims=True)
    unseen = top == -np.inf
    safe = Real(np.where(unseen, 0, z.value), np.where(np.isfinite(z.value), z.error, 0))
    peak = Real(np.where(unseen, 0, top), safe.error.max(-1, keepdims=True))
    with np.errstate(invalid="ignore"):
        w = exp(safe - peak)
        w.error += w.value * 6 * rescalings
        p = w / total(w)
    return where(np.broadcast_to(unseen, z.shape), 0.0, p)
