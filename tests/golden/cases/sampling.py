# SPDX-License-Identifier: Apache-2.0
"""Softmax, argmax and sampling."""

import numpy as np

from golden.cases import LAYOUTS, cases
from golden.reals import FLOATS

SHAPES = [(6, 37), (5, 64), (1, 1), (7, 200), (0, 5)]


def logits(row, t, v):
    """Rows of logits in tenths, so that there are ties; some rows hold what is not finite."""
    x = np.round(row.normal(t, v, scale=3, shift=-1), 1)
    if row.special == "nan":
        x[1::3, ::4] = np.nan
        x[2:3] = np.nan
    elif row.special == "inf":
        x[::3, v // 3::7] = np.inf
        x[1::3, ::2] = -np.inf
        x[2:3] = -np.inf
    return x


@cases("argmax", data=FLOATS, index=("i32", "i64"), shape=[*SHAPES, (2, 1000), (1, 16500)], layout=LAYOUTS,
       special=("plain", "nan", "inf", "zeros"))
def argmax(row):
    x = logits(row, *row.shape)
    if row.special == "zeros":  # of either sign, after negative numbers
        x = np.where(row.rng.random(x.shape) < 0.5, -np.abs(x) - 1, np.where(row.rng.random(x.shape) < 0.5, 0.0, -0.0))
    return {"output": row.output(row.shape[:1], row.index), "input": row.tensor(x, row.data)}


@cases("softmax", data=FLOATS, out=["f32"], shape=[(1, 16392)], temperature=(0.7, 0.0), layout=["aligned"], special=["plain"],
       temperatures=[False], in_place=[False])
def softmax_of_a_long_row(row):
    return softmax(row)


@cases("softmax", data=FLOATS, out=("data", "f32"), shape=SHAPES, layout=LAYOUTS, special=("plain", "nan", "inf"),
       temperature=(1.0, 0.6, 3.5, 0.0), temperatures=(False, True), in_place=(False, True))
def softmax(row):
    t = row.shape[0]
    out = row.data if row.out == "data" else row.out
    input = row.tensor(logits(row, *row.shape), row.data)
    each = np.resize([0.7, 2.5, 0.0, np.inf, -1.0, np.nan, 1.3], t)
    return {"output": input if row.in_place and out == row.data else row.output(row.shape, out), "input": input,
            "temperature": row.temperature, "temperatures": row.tensor(each, "f32") if row.temperatures else None}


@cases("top_k_top_p_sampling_from_logits", data=FLOATS, shape=[(40, 37), (30, 64), (3, 1), (50, 200), (0, 5)], layout=LAYOUTS,
       special=("plain", "nan", "inf"), valid=(True, False), temperature=(1.0, 0.6, 3.5, 0.0), top_k=(0, 1, 5, 30),
       top_p=(1.0, 0.9, 0.35, 0.0), temperatures=(False, True), top_ks=(False, True), top_ps=(False, True), philox=(False, True),
       seed=(0, 12345678901234567890, 7), offset=(0, 3, 2**63 + 5))
def sampling(row):
    t = row.shape[0]

    def each(values, dtype):
        return row.tensor(row.rng.permutation(np.resize(values, t)), dtype)
    return {"output": row.output((t,), "i32"), "valid": row.output((t,), "bool") if row.valid else None,
            "logits": row.tensor(logits(row, *row.shape), row.data),
            "temperatures": each([0.7, 2.5, 0.0, 1.3, -1.0, np.nan], "f32") if row.temperatures else None,
            "top_ks": each([0, -3, 1, 2, 7, 1000], "i32") if row.top_ks else None,
            "top_ps": each([1.0, 1.5, 0.0, -0.2, 0.8, 0.3, np.nan], "f32") if row.top_ps else None,
            "philox": row.tensor(np.array([-77, 2**40 + 3]), "i64") if row.philox else None, "temperature": row.temperature,
            "top_k": row.top_k, "top_p": row.top_p, "seed": row.seed, "offset": row.offset}


@cases("top_k_top_p_sampling_from_logits", data=FLOATS, shape=[(120, 37), (60, 120)], layout=["compact", "odd"], special=["plain"],
       valid=[False], temperature=(0.8, 2.0), top_k=(0, 3, 20), top_p=(1.0, 0.95, 0.5), temperatures=[False], top_ks=[False],
       top_ps=[False], philox=[False], seed=(11, 2**40), offset=(0, 2**33 + 1))
def many_draws(row):
    return sampling(row)
