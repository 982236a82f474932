# SPDX-License-Identifier: Apache-2.0
"""The linear layer. Up to 64 rows have kernels of their own; no extent is a multiple of a tile but in some shapes. A shape of four is a
batch."""

import numpy as np

from golden.cases import LAYOUTS, cases
from golden.reals import FLOATS


def coarse(x):
    """No subnormal f16 values: gfx90a's matrix units read them as zero."""
    return np.where(np.abs(x) < 2.0**-10, 0.5, x)


@cases("gemm", data=FLOATS, out=("data", "f32"), shape=[(5, 7, 37), (1, 9, 64), (11, 13, 24), (17, 70, 41), (64, 16, 32), (8, 3, 200),
                                                        (9, 5, 1), (3, 4, 0), (0, 5, 8), (3, 7, 9, 40), (2, 70, 17, 72), (0, 3, 4, 5)],
       layout=LAYOUTS, bias=(False, True), residual=("none", "apart", "output"),
       activation=("none", "relu", "silu", "gelu", "gelu_tanh"))
def gemm(row):
    *batch, m, n, k = row.shape
    out = row.data if row.out == "data" else row.out
    residual = None if row.residual == "none" else row.tensor(row.normal(*batch, m, n, scale=5), out)
    return {"output": residual if row.residual == "output" else row.output((*batch, m, n), out),
            "input": row.tensor(coarse(row.normal(*batch, m, k)), row.data),
            "weight": row.tensor(coarse(row.normal(*batch, n, k, shift=0.1)), row.data),
            "bias": row.tensor(row.normal(n, scale=4), row.data) if row.bias else None, "residual": residual,
            "activation": row.activation}


@cases("gemm_grouped", data=FLOATS, out=("data", "f32"), offsets=("i32", "i64"), indices=("none", "i32", "i64"),
       lengths=[(3, 0, 20), (1, 1, 1, 1), (70, 2), (0, 0), ()], spare=((0, 0), (2, 3)), layout=LAYOUTS,
       shape=[(7, 37), (70, 41), (16, 32), (3, 200), (4, 0)], residual=("none", "apart", "output"),
       activation=("none", "relu", "silu", "gelu", "gelu_tanh"))
def gemm_grouped(row):
    n, k = row.shape
    before, after = row.spare
    indptr = before + np.concatenate([[0], np.cumsum(row.lengths)]).astype(np.int64)
    m, out, segments = int(indptr[-1]) + after, row.data if row.out == "data" else row.out, len(row.lengths)
    weights = segments if row.indices == "none" else 3
    residual = None if row.residual == "none" else row.tensor(row.normal(m, n, scale=5), out)
    return {"output": residual if row.residual == "output" else row.output((m, n), out),
            "input": row.tensor(coarse(row.normal(m, k)), row.data),
            "weight": row.tensor(coarse(row.normal(weights, n, k, shift=0.1)), row.data, free=True),
            "indptr": row.tensor(indptr, row.offsets),
            "weight_indices": None if row.indices == "none" else row.tensor(row.rng.integers(0, 3, segments), row.indices),
            "residual": residual, "activation": row.activation}


def blocks(n):
    return -(-n // 128)


@cases("gemm_scaled", data=("e4m3fn", "e4m3fnuz", "i8"), out=("f16", "bf16", "f32"),
       shape=[(5, 7, 37), (1, 9, 64), (17, 140, 144), (64, 16, 272), (70, 130, 200), (3, 4, 0), (0, 5, 8), (3, 7, 9, 140),
              (0, 3, 4, 5)],
       layout=LAYOUTS, scales=("none", "input", "weight", "one", "rows", "blocks", "k", "groups"), bias=(False, True),
       residual=("none", "apart", "output"), activation=("none", "relu", "silu", "gelu", "gelu_tanh"))
def gemm_scaled(row):
    *batch, m, n, k = row.shape

    def operand(rows):
        return row.tensor(row.normal(*batch, rows, k, scale=40 if row.data == "i8" else 1), row.data)

    def scale(*extents):
        return row.tensor(0.02 * 2.0 ** row.normal(*(extents if extents == (1,) else (*batch, *extents))), "f32", free=True)

    of_input, of_weight = {"none": (None, None), "input": ((m, 1), None), "weight": (None, (n, 1)), "one": ((1,), (1,)),
                           "rows": ((m, 1), (n, 1)), "blocks": ((m, blocks(k)), (blocks(n), blocks(k))), "k": ((1, blocks(k)), (1, 1)),
                           "groups": ((1, 1), (blocks(n), 1))}[row.scales]
    residual = None if row.residual == "none" else row.tensor(row.normal(*batch, m, n, scale=5), row.out)
    return {"output": residual if row.residual == "output" else row.output((*batch, m, n), row.out), "input": operand(m),
            "weight": operand(n), "input_scale": scale(*of_input) if of_input else None,
            "weight_scale": scale(*of_weight) if of_weight else None,
            "bias": row.tensor(row.normal(n, scale=4), row.out) if row.bias else None, "residual": residual,
            "activation": row.activation}


@cases("gemm_grouped_scaled", data=("e4m3fn", "e4m3fnuz", "i8"), out=("f16", "bf16", "f32"), offsets=("i32", "i64"),
       indices=("none", "i32", "i64"), lengths=[(3, 0, 20), (1, 1, 1, 1), (70, 2), (0, 0), ()], spare=((0, 0), (2, 3)), layout=LAYOUTS,
       shape=[(7, 37), (140, 144), (16, 272), (5, 0)], residual=("none", "apart", "output"),
       scales=("none", "input", "weight", "one", "rows", "blocks", "k", "groups"),
       activation=("none", "relu", "silu", "gelu", "gelu_tanh"))
def gemm_grouped_scaled(row):
    n, k = row.shape
    before, after = row.spare
    indptr = before + np.concatenate([[0], np.cumsum(row.lengths)]).astype(np.int64)
    m, segments = int(indptr[-1]) + after, len(row.lengths)
    weights = segments if row.indices == "none" else 3

    def operand(*extents):
        return row.tensor(row.normal(*extents, scale=40 if row.data == "i8" else 1), row.data, free=len(extents) == 3)

    def scale(*extents):
        return row.tensor(0.02 * 2.0 ** row.normal(*extents), "f32", free=True)

    of_input, of_weight = {"none": (None, None), "input": ((m, 1), None), "weight": (None, (weights, n, 1)), "one": ((1,), (1,)),
                           "rows": ((m, 1), (weights, n, 1)), "blocks": ((m, blocks(k)), (weights, blocks(n), blocks(k))),
                           "k": ((1, blocks(k)), (weights, 1, 1)), "groups": ((1, 1), (weights, blocks(n), 1))}[row.scales]
    residual = None if row.residual == "none" else row.tensor(row.normal(m, n, scale=5), row.out)
    return {"output": residual if row.residual == "output" else row.output((m, n), row.out), "input": operand(m, k),
            "weight": operand(weights, n, k), "input_scale": scale(*of_input) if of_input else None,
            "weight_scale": scale(*of_weight) if of_weight else None, "indptr": row.tensor(indptr, row.offsets),
            "weight_indices": None if row.indices == "none" else row.tensor(row.rng.integers(0, 3, segments), row.indices),
            "residual": residual, "activation": row.activation}


@cases("gate_up_swiglu", data=FLOATS, out=("data", "f32"), layout=LAYOUTS,
       shape=[(5, 7, 37), (1, 9, 64), (11, 13, 24), (17, 70, 41), (64, 16, 32), (8, 3, 200), (3, 4, 0), (0, 5, 8)])
def gate_up_swiglu(row):
    m, n, k = row.shape
    return {"output": row.output((m, n), row.data if row.out == "data" else row.out),
            "input": row.tensor(coarse(row.normal(m, k)), row.data),
            "gate": row.tensor(coarse(row.normal(n, k, shift=0.1)), row.data), "up": row.tensor(coarse(row.normal(n, k)), row.data)}
