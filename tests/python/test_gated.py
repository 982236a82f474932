# SPDX-License-Identifier: Apache-2.0
"""The limits that the documentation of gated units states: relative errors, and where a unit becomes -0."""

import math
import re

import hipinfer
import numpy as np
import pytest

erfc = np.vectorize(math.erfc)


def silu(x):
    return x / (1 + np.exp(-x))


def gelu(x):
    return x / 2 * erfc(-x / math.sqrt(2))


def gelu_tanh(x):
    return x / (1 + np.exp(-2 * math.sqrt(2 / math.pi) * (x + 0.044715 * x**3)))


UNITS = {"silu": (silu, 6e-6, 6e-6, -87.0, -88.8), "gelu": (gelu, 2e-6, 3e-5, -12.0, -14.5),
         "gelu_tanh": (gelu_tanh, 2e-5, 2e-5, -10.0, -10.07)}


def value(context, name, gates):
    """The unit of each gate, with nothing but the gate's rounding: f32, or a 16-bit input."""
    packed = hipinfer.from_numpy(np.concatenate([gates, np.ones_like(gates)])[None], context)
    out = hipinfer.empty((1, gates.size), packed.dtype, context)
    getattr(hipinfer, f"{name}_and_mul")(out, packed)
    return out.numpy()[0].astype(np.float64)


@pytest.mark.parametrize("name", UNITS)
def test_relative_errors_and_zeros(context, name):
    exact, error, short, low, zero = UNITS[name]
    x = np.linspace(low, 20, 20011, dtype=np.float32)
    x = x[x != 0]
    want = exact(x.astype(np.float64))
    assert (np.abs(value(context, name, x) - want) <= error * np.abs(want)).all()
    half = x.astype(np.float16)
    want = exact(half.astype(np.float64))
    normal = np.abs(want) > 2.0**-14  # below, a result of 16 bits has fewer
    assert (np.abs(value(context, name, half) - want) <= (short + 2.0**-11) * np.abs(want))[normal].all()
    zeros = value(context, name, np.array([zero, zero - 1, -1000, -3e38], np.float32))
    assert (zeros == 0).all() and np.signbit(zeros).all()
    between = value(context, name, np.linspace(zero, low, 1000, dtype=np.float32))
    assert (between <= 0).all() and np.signbit(between).all()


@pytest.mark.parametrize("name", UNITS)
@pytest.mark.parametrize("form", ["and_mul", "and_mul_quant", "and_mul_dynamic_quant"])
def test_siblings_promise_the_same(name, form):
    text = " ".join(getattr(hipinfer, f"{name}_{form}").__doc__.split())
    _, error, short, low, zero = UNITS[name]
    assert f"within {error:.0e}".replace("e-0", "e-") in text and f"down to x = {low:g};" in text and f"below {zero:g}." in text
    assert set(re.findall(r"within (\de-\d)", text)) == {f"{e:.0e}".replace("e-0", "e-") for e in (error, short)}
