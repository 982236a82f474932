# SPDX-License-Identifier: Apache-2.0
"""Quantisation and back."""

import numpy as np

from golden.cases import LAYOUTS, cases
from golden.reals import FLOATS, NUMPY, QUANTISED


def spread(row, shape):
    """Values over many exponents, of both signs."""
    return row.normal(*shape) * 2.0 ** row.rng.integers(-6, 5, shape)


def every(row, dtype):
    """All numbers of a dtype of 8 or 16 bits, NaNs and infinities included."""
    kind = NUMPY[dtype]
    array = row.output((2 ** (8 * kind.itemsize),), dtype)
    array.view[...] = np.arange(array.shape[0], dtype=f"u{kind.itemsize}").view(kind)
    return array


def special(values, kind):
    """NaN, infinities and zeros at a few places."""
    flat = values.reshape(-1)
    if kind == "nan":
        flat[::7] = np.nan
    elif kind == "inf":
        flat[3::11] = np.inf
        flat[5::13] = -np.inf
    elif kind == "zeros":
        flat[:values.shape[-1]] = 0
        flat[-1:] = -0.0
    elif kind == "tiny":
        flat *= 2.0**-13
    return values


@cases("quantize_per_tensor", data=FLOATS, quantised=QUANTISED, shape=[(41,), (64,), (3, 5), (2, 3, 32), (2, 3, 2, 5)],
       layout=LAYOUTS, scale=(0.0213, 1.0, 7.3, 1e-3), values=("plain", "nan", "inf", "zeros", "tiny"))
def one_scale(row):
    input = row.tensor(special(spread(row, row.shape), row.values), row.data, free=True)
    return {"output": row.output(row.shape, row.quantised, free=True), "input": input, "scale": row.tensor([row.scale], "f32")}


@cases("quantize_per_tensor", data=FLOATS, quantised=QUANTISED, repeated=(0, 1, 2))
def one_scale_of_a_repeated_element(row):
    shape = [3, 4, 8]
    count, shape[row.repeated] = shape[row.repeated], 1
    input = row.tensor(spread(row, shape), row.data, free=True, layout="odd").repeated(row.repeated, count)
    return {"output": row.output([3, 4, 8], row.quantised), "input": input, "scale": row.tensor([0.3], "f32")}


@cases("quantize_per_tensor", data=("f16", "bf16"), quantised=QUANTISED, scale=(1.0, 0.125))
def every_16_bit_value(row):
    return {"output": row.output((2**16,), row.quantised), "input": every(row, row.data), "scale": row.tensor([row.scale], "f32")}


@cases("quantize_per_token", data=FLOATS, quantised=QUANTISED, shape=[(4, 37), (3, 64), (1, 1), (0, 5), (6, 200)], layout=LAYOUTS,
       scales=("T", "T 1"), values=("plain", "nan", "inf", "zeros", "tiny"))
def a_scale_a_row(row):
    t = row.shape[0]
    return {"output": row.output(row.shape, row.quantised),
            "scales": row.output((t,) if row.scales == "T" else (t, 1), "f32", free=True),
            "input": row.tensor(special(spread(row, row.shape), row.values), row.data)}


@cases("quantize_per_token", data=["f16"], quantised=["i8"], shape=[(530, 1024)], layout=["aligned"], scales=["T"], values=["inf"])
def a_scale_for_each_of_many_rows(row):
    return a_scale_a_row(row)


@cases("quantize_per_group", data=FLOATS, quantised=QUANTISED, groups=[(3, 4, 16), (2, 5, 3), (4, 1, 37), (3, 7, 1), (2, 3, 64)],
       layout=LAYOUTS, values=("plain", "nan", "inf", "zeros", "tiny"))
def a_scale_a_group(row):
    t, s, size = row.groups
    return {"output": row.output((t, s * size), row.quantised), "scales": row.output((t, s), "f32", free=True),
            "input": row.tensor(special(spread(row, (t, s * size)), row.values), row.data), "group_size": size}


@cases("dequantize", data=FLOATS, quantised=QUANTISED, shape=[(5, 37), (6, 64), (1, 8), (7, 1)], layout=LAYOUTS,
       group_rows=(1, 0, 3, 2), group_size=(0, 1, 16, 5), flat=(False, True))
def back(row):
    t, n = row.shape
    scales = row.normal(-(-t // (row.group_rows or t)), -(-n // (row.group_size or n)), scale=0.2)
    if row.flat and scales.shape[1] == 1:
        scales = scales[:, 0]
    input = row.normal(t, n, scale=40)
    return {"output": row.output((t, n), row.data), "input": row.tensor(input, row.quantised),
            "scales": row.tensor(scales, "f32", free=True), "group_rows": row.group_rows, "group_size": row.group_size}
