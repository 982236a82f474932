# SPDX-License-Identifier: Apache-2.0
"""Gated units. Gates reach from the flat part of the activation to its linear part."""

import numpy as np

from golden.cases import LAYOUTS, cases
from golden.reals import FLOATS, QUANTISED

SHAPES = [(4, 37), (3, 64), (1, 1), (5, 200), (2, 8), (0, 7)]
GATES = ("plain", "wide", "far")


def gates(row, *shape):
    x = row.normal(*shape, scale=2.0, shift=-0.3)
    if row.gates == "wide":
        x = row.rng.uniform(-9, 9, shape)
    elif row.gates == "far":  # past the places where exp overflows, and infinities
        x = np.where(row.rng.random(shape) < 0.3, row.rng.uniform(-100, 100, shape), x)
        x[:, -1:] = np.where(row.rng.random(x[:, -1:].shape) < 0.5, np.inf, np.nan)
    elif row.gates == "tail":  # where gelu is small and its relative error largest
        x = row.rng.uniform(-12, -4, shape)
    if row.gates != "tail" and row.op.startswith("gelu_and_mul"):
        x = np.where((x > -12) & (x < -4), x + 8, x)  # these have cases of their own
    return x


def packed(row):
    t, n = row.shape
    return np.concatenate([gates(row, t, n), row.normal(t, n, scale=3.0)], 1)


@cases("silu_and_mul", "gelu_and_mul", "gelu_tanh_and_mul", data=FLOATS, shape=SHAPES, layout=LAYOUTS, gates=GATES)
def plain(row):
    return {"output": row.output(row.shape, row.data), "input": row.tensor(packed(row), row.data)}


@cases("silu_and_mul_quant", "gelu_and_mul_quant", "gelu_tanh_and_mul_quant", data=FLOATS, quantised=QUANTISED, shape=SHAPES,
       layout=LAYOUTS, gates=GATES, scale=(0.051, 2.3))
def quantised(row):
    return {"output": row.output(row.shape, row.quantised), "input": row.tensor(packed(row), row.data),
            "scale": row.tensor([row.scale], "f32")}


@cases("silu_and_mul_dynamic_quant", "gelu_and_mul_dynamic_quant", "gelu_tanh_and_mul_dynamic_quant", data=FLOATS,
       quantised=QUANTISED, shape=SHAPES, layout=LAYOUTS, gates=GATES)
def dynamic(row):
    return {"output": row.output(row.shape, row.quantised), "scales": row.output(row.shape[:1], "f32"),
            "input": row.tensor(packed(row), row.data)}



@cases("gelu_and_mul", data=["f32"], shape=[(3, 64)], gates=["tail"])
def tail(row):
    return plain(row)


@cases("gelu_and_mul_dynamic_quant", data=["f32"], quantised=["e4m3fn"], shape=[(60, 1)], gates=["tail"])
def tail_dynamic(row):
    return dynamic(row)


@cases("gelu_and_mul_dynamic_quant", data=["f16", "bf16"], quantised=["i8", "e5m2"], shape=[(60, 1)], gates=["tail"])
def tail_dynamic_of_16_bits(row):
    return dynamic(row)


@cases("gelu_and_mul", data=["f16", "bf16"], shape=[(3, 64)], gates=["tail"])
def tail_of_16_bits(row):
    return plain(row)


@cases("gelu_and_mul_quant", data=FLOATS, quantised=QUANTISED, shape=[(3, 64)], gates=["tail"], scale=[1e-5])
def tail_quantised(row):
    return quantised(row)


@cases("swiglu", data=FLOATS, shape=SHAPES, layout=LAYOUTS, gates=GATES, in_place=("", "gate", "up"))
def two_tensors(row):
    gate = row.tensor(gates(row, *row.shape), row.data)
    up = row.tensor(row.normal(*row.shape, scale=3.0), row.data)
    return {"output": {"": row.output(row.shape, row.data), "gate": gate, "up": up}[row.in_place], "gate": gate, "up": up}
