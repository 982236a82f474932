# SPDX-License-Identifier: Apache-2.0
"""Rounding, error bounds, layouts and pairs: what the definitions and cases rest on."""

from fractions import Fraction
from itertools import combinations

import numpy as np
import pytest

from golden.arrays import LAYOUTS, Store, empty, tensor
from golden.outcomes import Bits, Exact, InFp32, Kept, Latitude, OneOf, differences
from golden.pairs import pairs
from golden.reals import FORMATS, FP8, FP32_UNIT, NUMPY, Real, dot, exp, mean, rounded, softmax, sqrt, total

SMALL = [name for name in FORMATS if NUMPY[name].itemsize <= 2]


def every_value(dtype):
    """All finite values, in order, with one zero."""
    bits = np.arange(2 ** (8 * NUMPY[dtype].itemsize), dtype=f"u{NUMPY[dtype].itemsize}")
    with np.errstate(invalid="ignore"):
        values = bits.view(NUMPY[dtype]).astype(np.float64)
    return np.unique(values[np.isfinite(values)] + 0.0)


@pytest.mark.parametrize("dtype", SMALL)
def test_rounding_to_the_nearest_of_all_values(dtype):
    """A value rounds to itself, what is just below or above the middle of two to the nearer, the middle to the even one."""
    values = every_value(dtype)
    assert values[-1] == FORMATS[dtype].largest and values[0] == -values[-1]
    np.testing.assert_array_equal(rounded(values, dtype), values)
    low, high = values[:-1], values[1:]
    middle = (low + high) / 2
    np.testing.assert_array_equal(rounded(np.nextafter(middle, -np.inf), dtype), low)
    np.testing.assert_array_equal(rounded(np.nextafter(middle, np.inf), dtype), high)
    even = rounded(middle, dtype)
    assert ((even == low) | (even == high)).all()
    codes = even.astype(NUMPY[dtype]).view(f"u{NUMPY[dtype].itemsize}")
    assert (codes[even != 0] % 2 == 0).all()


@pytest.mark.parametrize("dtype", SMALL)
def test_rounding_beyond_the_largest(dtype):
    values = every_value(dtype)
    beyond = values[-1] + (values[-1] - values[-2]) / 2  # half a unit: the tie goes to infinity
    limit = FORMATS[dtype].largest if dtype in FP8 else np.inf
    np.testing.assert_array_equal(rounded([beyond, -beyond, np.inf, np.nextafter(beyond, 0)], dtype),
                                  [limit, -limit, np.inf if dtype not in FP8 else limit, values[-1]])
    assert np.isnan(rounded(np.nan, dtype))


def test_rounding_to_f32_f16_and_i8():
    x = np.random.default_rng(0).standard_normal(10000) * 2.0 ** np.random.default_rng(1).integers(-150, 128, 10000)
    with np.errstate(over="ignore"):
        np.testing.assert_array_equal(rounded(x, "f32"), x.astype(np.float32).astype(np.float64))
        np.testing.assert_array_equal(rounded(x, "f16"), x.astype(np.float16).astype(np.float64))
    np.testing.assert_array_equal(rounded([2.5, 3.5, -0.5, 127.5, 1e9, -128.5, -1e9, np.nan], "i8"), [2, 4, 0, 127, 127, -128, -128, 0])


def test_bf16_is_rounded_once():
    """1 + 2^-8 + 2^-40 is above the middle of two bf16 numbers; by way of fp32 it would be the middle, and go to 1."""
    assert rounded(1 + 2.0**-8 + 2.0**-40, "bf16") == 1 + 2.0**-7


@pytest.mark.parametrize("formula", [
    lambda x, w: x * w + x / (w * w + 1.0) - x,
    lambda x, w: x / sqrt(mean(x * x) + 0.01) * w,
    lambda x, w: total(x * w) + 0.0 * x,
    lambda x, w: exp(x) / total(exp(x)) + 0.0 * w,
    lambda x, w: softmax(x * w),
    lambda x, w: dot("ij,ij->i", x, w)[:, None] + 0.0 * x,
], ids=["sum", "rms", "total", "exp", "softmax", "dot"])
def test_fp32_stays_within_the_bound_and_near_it(formula):
    """The same formula in numpy's fp32 is within the bound for every element, and a hundredth of the bound is too little."""
    rng = np.random.default_rng(2)
    x, w = (rng.standard_normal((50, 33)).astype(np.float32) for _ in range(2))
    result = formula(Real(x), Real(w))
    narrow = np.asarray(in_fp32(formula, x, w), np.float64)
    off = np.abs(narrow - result.value) / (FP32_UNIT * result.error)
    assert off.max() <= 1.01
    assert off.max() > 0.01


def in_fp32(formula, x, w):
    """The formula with fp32 arrays in place of Reals."""
    class Narrow(Real):
        def __init__(self, value, error=0.0):
            self.value = np.asarray(value, np.float32)
            self.error = np.zeros_like(self.value)

        def __mul__(self, other):
            return Narrow(self.value * narrow(other).value)

        def __add__(self, other):
            return Narrow(self.value + narrow(other).value)

        def __sub__(self, other):
            return Narrow(self.value - narrow(other).value)

        def __truediv__(self, other):
            return Narrow(self.value / narrow(other).value)

        def __neg__(self):
            return Narrow(-self.value)

        def __getitem__(self, key):
            return Narrow(self.value[key])

        __radd__, __rmul__ = __add__, __mul__

    def narrow(v):
        return v if isinstance(v, Narrow) else Narrow(v.value if isinstance(v, Real) else v)

    def running(v):
        s = np.zeros((*v.value.shape[:-1], 1), np.float32)
        for i in range(v.value.shape[-1]):
            s = s + v.value[..., i:i + 1]
        return Narrow(s)
    here = formula.__globals__
    functions = {"total": running, "mean": lambda v: running(v) / np.float32(v.value.shape[-1]),
                 "exp": lambda v: Narrow(np.exp(v.value)),
                 "sqrt": lambda v: Narrow(np.sqrt(v.value)), "dot": lambda spec, a, b: running(a * b)[..., 0]}
    functions["softmax"] = lambda v: (lambda e: e / running(e))(functions["exp"](Narrow(v.value - v.value.max(-1, keepdims=True))))
    saved = {name: here[name] for name in functions}
    try:
        here.update(functions)
        return formula(Narrow(x), Narrow(w)).value
    finally:
        here.update(saved)


def test_a_sum_of_fractions():
    """The value itself is exact: float64 against rational numbers."""
    x = np.random.default_rng(3).standard_normal(40).astype(np.float32)
    exact = sum(Fraction(float(v)) for v in x)
    assert abs(Fraction(float(total(x).value[0])) - exact) < Fraction(1, 2**45)


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("shape", [(5,), (3, 7), (2, 3, 8), (2, 3, 4, 5), (0, 3)])
@pytest.mark.parametrize("free", [False, True])
def test_layouts_give_every_element_a_place_inside_the_store(layout, shape, free):
    array = empty(shape, "i32", layout, 2, free)
    before = array.store.data.copy()
    values = np.arange(np.prod(shape)).reshape(shape)
    array.view[...] = values
    np.testing.assert_array_equal(array.view, values)  # no two elements share one
    assert (array.store.data != before).sum() == values.size
    assert (array.store.data[:8] == before[:8]).all() and (array.store.data[-8:] == before[-8:]).all()
    if shape[-1] > 1 and not free and values.size:
        assert array.strides[-1] == 1


def test_every_pair_meets():
    factors = {"a": (1, 2, 3), "b": "xyzw", "c": (True, False), "d": range(5), "e": (None, 1)}
    rows = pairs(factors)
    for a, b in combinations(factors, 2):
        assert {(row[a], row[b]) for row in rows} == {(x, y) for x in factors[a] for y in factors[b]}
    assert len(rows) < 30  # of 240; the two largest need 20


def test_what_is_wrong_is_found():
    def wrong(outcome, got, before=None, dtype="bf16", double=False):
        got = np.asarray(got, NUMPY[dtype])
        return differences(outcome, got, got if before is None else np.asarray(before, NUMPY[dtype]), dtype, double).tolist()
    unit = 2.0**-7
    value = Real([1 + unit / 4, np.nan, np.inf], 2.0)
    assert wrong(value, [1, np.nan, np.inf]) == [False] * 3
    assert wrong(value, [1 + unit, 1, -np.inf]) == [True] * 3
    assert wrong(Real([1 + unit / 2], 0.0), [1 + unit]) == [True]  # a tie goes to the even one
    assert wrong(Real([1 + unit / 2], 1.0), [1 + unit]) == [False]  # unless fp32 cannot tell
    assert wrong(Exact([0.0, -0.0, np.nan]), [-0.0, -0.0, np.nan]) == [True, False, False]
    assert wrong(InFp32([1 + unit / 2 + 2.0**-40]), [1 + unit]) == [True]  # rounded twice
    assert wrong(InFp32([1 + unit / 2 + 2.0**-40]), [1.0]) == [False]
    assert wrong(Bits(np.array([1, 2], NUMPY["i8"])), [1, 3], dtype="i8") == [False, True]
    assert wrong(OneOf([[3], [4, 5], [6]]), [3, 5, 5], dtype="i32") == [False, False, True]
    kept = Kept(np.array([True, True, False]), Real([9.0, 9.0, 9.0]))
    assert wrong(kept, [1, 2, 9], before=[1, 1, 1]) == [False, True, False]
    assert wrong(Latitude(Real([1.0]), 1e-3, 0.0), [1.0009], dtype="f32") == [False]
    assert wrong(Latitude(Real([1.0]), 1e-3, 0.0), [1.0009], dtype="f64", double=True) == [True]
    assert wrong(Real([1.0], 3.0), [1 + 2.0**-21], dtype="f32") == [True]
    assert wrong(Real([1.0], 3.0), [1 + 2.0**-50], dtype="f64", double=True) == [True]


def test_a_store_around_a_tensor_is_filled():
    array = tensor(np.zeros((2, 3)), "f32", "odd", 1)
    assert np.isnan(array.store.data).sum() == array.store.data.size - 6
    assert isinstance(array.store, Store)
