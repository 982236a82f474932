# SPDX-License-Identifier: Apache-2.0
"""Norms. eps is large enough, or the rows small enough, that its place shows."""

from golden.cases import LAYOUTS, cases
from golden.reals import FP8, QUANTISED

# [T, N] and [T, H, N]; lengths with and without whole vectors.
SHAPES = [(5, 37), (3, 64), (1, 1), (2, 3, 24), (3, 2, 65), (7, 200)]
ROWS = [shape for shape in SHAPES if len(shape) == 2] + [(0, 9)]
DTYPES = [("f32", "f32"), ("f16", "f16"), ("f16", "f32"), ("bf16", "bf16"), ("bf16", "f32")]  # of the data, and of weights
EPS = (1e-6, 0.3, 0.0, 2.5)


def weights(row, n):
    return row.normal(n, shift=0.4)


@cases("rmsnorm", "gemma_rmsnorm", "rmsnorm_silu", dtypes=DTYPES, shape=SHAPES, layout=LAYOUTS, eps=EPS, in_place=(False, True))
def plain(row):
    input = row.tensor(row.normal(*row.shape, scale=0.7, shift=0.2), row.dtypes[0])
    return {"output": input if row.in_place else row.output(row.shape, row.dtypes[0]), "input": input,
            "weight": row.tensor(weights(row, row.shape[-1]), row.dtypes[1]), "eps": row.eps}


@cases("rmsnorm", "gemma_rmsnorm", "rmsnorm_silu", dtypes=DTYPES[:2], shape=[(530, 1024)], layout=["aligned"], eps=[0.3],
       in_place=[False])
def many_rows(row):
    """A GPU of few compute units has a kernel for these."""
    return plain(row)


@cases("rmsnorm_quant", dtypes=DTYPES, shape=SHAPES, layout=LAYOUTS, eps=EPS, quantised=FP8, scale=(0.037, 1.7))
def quantised(row):
    return {"output": row.output(row.shape, row.quantised), "input": row.tensor(row.normal(*row.shape, shift=0.2), row.dtypes[0]),
            "weight": row.tensor(weights(row, row.shape[-1]), row.dtypes[1]),
            "scale": row.tensor([row.scale], "f32"), "eps": row.eps}


@cases("rmsnorm_dynamic_quant", dtypes=DTYPES, shape=SHAPES, layout=LAYOUTS, eps=EPS, quantised=QUANTISED)
def dynamic(row):
    return {"output": row.output(row.shape, row.quantised), "scales": row.output(row.shape[:-1], "f32", free=True),
            "input": row.tensor(row.normal(*row.shape, shift=0.2), row.dtypes[0]),
            "weight": row.tensor(weights(row, row.shape[-1]), row.dtypes[1]), "eps": row.eps}


@cases("fused_add_rmsnorm", "gemma_fused_add_rmsnorm", dtypes=DTYPES, shape=ROWS, layout=LAYOUTS, eps=EPS)
def fused(row):
    return {"input": row.tensor(row.normal(*row.shape, shift=0.2), row.dtypes[0]),
            "residual": row.tensor(row.normal(*row.shape, scale=3, shift=-0.5), row.dtypes[0]),
            "weight": row.tensor(weights(row, row.shape[-1]), row.dtypes[1]), "eps": row.eps}


@cases("fused_add_rmsnorm_quant", dtypes=DTYPES, shape=ROWS, layout=LAYOUTS, eps=EPS, quantised=FP8,
       scale=(0.037, 1.7))
def fused_quantised(row):
    return {"output": row.output(row.shape, row.quantised), **fused(row), "scale": row.tensor([row.scale], "f32")}


@cases("fused_add_rmsnorm_dynamic_quant", dtypes=DTYPES, shape=ROWS, layout=LAYOUTS, eps=EPS,
       quantised=QUANTISED)
def fused_dynamic(row):
    return {"output": row.output(row.shape, row.quantised), "scales": row.output(row.shape[:-1], "f32", free=True), **fused(row)}


def affine(row):
    """Weight and bias of one dtype, each of them or neither."""
    n, dtype = row.shape[-1], row.dtypes[1]
    return {"weight": row.tensor(weights(row, n), dtype) if "w" in row.affine else None,
            "bias": row.tensor(row.normal(n), dtype) if "b" in row.affine else None}


@cases("layernorm", dtypes=DTYPES, affine=("wb", "w", "b", ""), shape=SHAPES, layout=LAYOUTS, eps=EPS,
       in_place=(False, True))
def layer(row):
    input = row.tensor(row.normal(*row.shape, shift=2.0), row.dtypes[0])
    return {"output": input if row.in_place else row.output(row.shape, row.dtypes[0]), "input": input, **affine(row), "eps": row.eps}


@cases("layernorm_quant", dtypes=DTYPES, affine=("wb", "w", "b", ""), shape=SHAPES, layout=LAYOUTS, eps=EPS,
       quantised=FP8, scale=(0.037, 1.7))
def layer_quantised(row):
    return {"output": row.output(row.shape, row.quantised), "input": row.tensor(row.normal(*row.shape, shift=2.0), row.dtypes[0]),
            **affine(row), "scale": row.tensor([row.scale], "f32"), "eps": row.eps}


@cases("adaln", dtypes=DTYPES, shape=[(2, 3, 37), (3, 1, 64), (1, 5, 1), (3, 0, 8), (2, 2, 200)], layout=LAYOUTS,
       eps=EPS, rms=(False, True), in_place=(False, True))
def modulated(row):
    b, _, n = row.shape
    input = row.tensor(row.normal(*row.shape, shift=1.0), row.dtypes[0])
    dtype = row.dtypes[1]
    return {"output": input if row.in_place else row.output(row.shape, row.dtypes[0]), "input": input,
            "scale": row.tensor(row.normal(b, n), dtype), "shift": row.tensor(row.normal(b, n), dtype), "eps": row.eps, "rms": row.rms}


MANY = dict(dtypes=DTYPES[1:2], shape=[(530, 1024)], layout=["aligned"], eps=[0.3])


@cases("rmsnorm_quant", **MANY, quantised=["e5m2"], scale=[0.037])
def many_rows_quantised(row):
    return quantised(row)


@cases("rmsnorm_dynamic_quant", **MANY, quantised=["i8"])
def many_rows_dynamic(row):
    return dynamic(row)


@cases("layernorm", **MANY, affine=["wb"], in_place=[False])
def many_rows_of_layernorm(row):
    return layer(row)


@cases("layernorm_quant", **MANY, affine=["wb"], quantised=["e4m3fnuz"], scale=[0.037])
def many_rows_of_layernorm_quantised(row):
    return layer_quantised(row)


@cases("gated_rmsnorm", dtypes=DTYPES, shape=SHAPES, layout=LAYOUTS, eps=EPS, in_place=(False, True), weighted=(True, False),
       activation=("sigmoid", "silu"))
def gated(row):
    return {**plain(row), "weight": row.tensor(weights(row, row.shape[-1]), row.dtypes[1]) if row.weighted else None,
            "gate": row.tensor(row.normal(*row.shape, scale=2), row.dtypes[0]), "activation": row.activation}


@cases("gated_residual_rmsnorm", dtypes=DTYPES, shape=ROWS, layout=LAYOUTS, stream=("data", "f32"), in_place=(False, True),
       normed=(True, False), weighted=(True, False), next_weighted=(True, False), alpha=(True, False), beta=(True, False),
       factor=(1.0, -0.5), eps=EPS, next_eps=EPS, gain=(0.0, 1.0, -0.3), next_gain=(0.0, 1.0, 0.7))
def blended(row):
    t, n = row.shape
    data, weight = row.dtypes
    stream = data if row.stream == "data" else "f32"
    residual = row.tensor(row.normal(t, n, scale=3, shift=-0.5), stream)

    def column(given, dtype):
        return row.tensor(weights(row, n), dtype) if given else None
    return {"output": residual if row.in_place else row.output(row.shape, stream),
            "normed": row.output(row.shape, data) if row.normed else None, "branch": row.tensor(row.normal(t, n, shift=0.2), data),
            "residual": residual, "weight": column(row.weighted, weight), "next_weight": column(row.next_weighted, weight),
            "alpha": column(row.alpha, "f32"), "beta": column(row.beta, "f32"), "factor": row.factor, "eps": row.eps,
            "next_eps": row.next_eps, "gain": row.gain, "next_gain": row.next_gain}
