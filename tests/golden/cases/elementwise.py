# SPDX-License-Identifier: Apache-2.0
"""Casts, scaling, masks, masked softmax and the embedding."""

import numpy as np

from golden.cases import LAYOUTS, cases
from golden.cases.quantise import every
from golden.reals import FLOATS, FP8

SHAPES = [(41,), (64,), (3, 5), (2, 3, 32), (2, 3, 2, 5), (0, 3)]


def ties(row, shape):
    """Numbers of all sizes, and many that lie halfway between two of fewer bits."""
    x = row.normal(*shape) * 2.0 ** row.rng.integers(-20, 18, shape)
    grid = row.rng.integers(-64, 64, shape) / 32 * 2.0 ** row.rng.integers(-9, 9, shape)
    return np.where(row.rng.random(shape) < 0.5, x, grid)


def with_special(row, x):
    flat = x.reshape(-1)
    for i, value in enumerate((np.nan, np.inf, -np.inf, -0.0, 0.0, 3e38, -3e38, 449.0, -250.0, 2.0**-12)):
        flat[i * 3 + 1:i * 3 + 2] = value
    return x


@cases("cast", source=(*FLOATS, *FP8), target=(*FLOATS, *FP8), shape=SHAPES, layout=LAYOUTS)
def cast(row):
    input = row.tensor(with_special(row, ties(row, row.shape)), row.source, free=True)
    return {"output": row.output(row.shape, row.target, free=True), "input": input}


@cases("cast", source=("f16", "bf16", *FP8), target=(*FLOATS, *FP8))
def cast_of_every_value(row):
    input = every(row, row.source)
    return {"output": row.output(input.shape, row.target), "input": input}


@cases("cast", source=("f32", "e5m2"), target=("bf16", "e4m3fnuz"), repeated=(0, 1, 2))
def cast_of_a_repeated_element(row):
    shape = [3, 4, 8]
    count, shape[row.repeated] = shape[row.repeated], 1
    return {"output": row.output([3, 4, 8], row.target),
            "input": row.tensor(ties(row, shape), row.source, free=True, layout="odd").repeated(row.repeated, count)}


@cases("scale", data=FLOATS, shape=SHAPES, layout=LAYOUTS, factor=(0.3, -2.7, 1e-3, float("inf"), float("nan")), in_place=(False, True))
def scale(row):
    input = row.tensor(with_special(row, row.normal(*row.shape, scale=20)), row.data, free=True)
    return {"output": input if row.in_place else row.output(row.shape, row.data, free=True), "input": input, "factor": row.factor}


# Q = K, a history (K > Q), and queries that see nothing (Q > K).
SCORES = [(2, 3, 5, 5), (1, 2, 3, 37), (2, 1, 7, 4), (1, 3, 1, 64), (2, 2, 4, 24), (2, 0, 3, 3)]


@cases("causal_mask", data=FLOATS, shape=SCORES, layout=LAYOUTS, value=(-float("inf"), -3e4, 1.2345678, float("nan")),
       in_place=(False, True))
def causal_mask(row):
    input = row.tensor(with_special(row, row.normal(*row.shape)), row.data)
    return {"output": input if row.in_place else row.output(row.shape, row.data), "input": input, "value": row.value}


MASKS = ("none", "bool", "data", "f32")


@cases("masked_softmax", data=FLOATS, shape=SCORES, layout=LAYOUTS, mask=[(m, c) for m in MASKS for c in (False, True)],
       repeated=((), (0,), (1,), (2,), (0, 1), (0, 1, 2)), scale=(1.0, 0.25, -1.5),
       special=("plain", "-inf", "nan", "inf"), in_place=(False, True))
def masked_softmax(row):
    x = row.normal(*row.shape, scale=4)
    if row.special != "plain":  # in some rows: one whole, and single scores
        flat = x.reshape(-1, x.shape[-1])
        flat[1:2] = -np.inf
        flat[::3, x.shape[-1] // 2:x.shape[-1] // 2 + 1] = float(row.special)
    input = row.tensor(x, row.data)
    mask, (kind, causal) = None, row.mask
    if kind != "none":
        shape = [1 if d in row.repeated and n else n for d, n in enumerate(row.shape)]
        if kind == "bool":
            values = row.rng.random(shape) < 0.6
            values.reshape(-1, shape[-1])[2:3] = False
        else:
            values = row.normal(*shape, scale=2)
            values[row.rng.random(shape) < 0.25] = -np.inf
        mask = row.tensor(values, row.data if kind == "data" else kind, free=True)
        for d in row.repeated:
            if row.shape[d]:
                mask = mask.repeated(d, row.shape[d])
    return {"output": input if row.in_place else row.output(row.shape, row.data), "input": input, "mask": mask, "scale": row.scale,
            "causal": causal}


@cases("embedding", data=FLOATS, index=("i32", "i64"), shape=[(9, 37), (5, 64), (4, 1), (0, 8), (3, 200)], layout=LAYOUTS, rows=(11, 1))
def embedding(row):
    t, n = row.shape
    indices = row.rng.integers(0, row.rows, t)
    for i, value in enumerate((row.rows - 1, -1, row.rows, 0, -7, row.rows + 50)):
        indices[i:i + 1] = value
    table = with_special(row, row.normal(row.rows, n))
    return {"output": row.output(row.shape, row.data), "table": row.tensor(table, row.data), "indices": row.tensor(indices, row.index)}
