# SPDX-License-Identifier: Apache-2.0
"""The linear layer."""

import numpy as np

from golden.definitions import operation
from golden.definitions.gated import gelu, gelu_tanh, silu
from golden.outcomes import Kept
from golden.reals import Real, dot, zeros


def through(activation, x, dtype):
    """No slope of these is steeper than 1.13."""
    y = activation(x.value, dtype)
    return Real(y.value, y.error + 1.13 * x.error)


ACTIVATIONS = {"none": lambda x, _: x, "relu": lambda x, _: Real(np.where(x.value < 0, 0, x.value), x.error),
               **{f.__name__: lambda x, dtype, f=f: through(f, x, dtype) for f in (silu, gelu, gelu_tanh)}}


@operation
def gemm(output, input, weight, bias, residual, activation, dtypes):
    y = dot("bmk,bnk->bmn" if input.ndim == 3 else "mk,nk->mn", input, weight)
    if bias is not None:
        y = y + bias
    y = ACTIVATIONS[activation](y, dtypes["input"])
    if residual is not None:
        y = y + residual
    return {"output": y}


@operation
def gemm_grouped(output, input, weight, indptr, weight_indices, residual, activation, dtypes):
    y, kept = zeros(*output.shape), np.ones(output.shape, bool)
    for g in range(len(indptr) - 1):
        rows = slice(indptr[g], indptr[g + 1])
        y[rows] = dot("mk,nk->mn", input[rows], weight[g if weight_indices is None else weight_indices[g]])
        kept[rows] = False
    y = ACTIVATIONS[activation](y, dtypes["input"])
    if residual is not None:
        y = y + residual
    return {"output": Kept(kept, y)}


def spread_over(scale, shape):
    """A scale for each element of an operand: one for all, or for each row or 128 rows, in all or in each 128 elements."""
    last = shape[-2]
    if scale is None or scale.size == 1:
        return np.full(shape, 1.0 if scale is None else scale.reshape(-1)[0])
    rows = np.arange(last) // (1 if scale.shape[-2] == last else 128) if scale.shape[-2] > 1 else np.zeros(last, int)
    k = np.arange(shape[-1]) // 128 if scale.shape[-1] > 1 else np.zeros(shape[-1], int)
    return np.broadcast_to(scale[..., rows[:, None], k], shape)


def scaled_dot(input, weight, input_scale, weight_scale, dtypes, target):
    """The sums of up to K / 128 blocks are multiplied by a rounded product of scales. Hopper's fp8 sums keep 13 bits below the largest
    of what is added at once."""
    values = [Real(x * spread_over(s, x.shape)) for x, s in ((input, input_scale), (weight, weight_scale))]
    y = dot("bmk,bnk->bmn" if input.ndim == 3 else "mk,nk->mn", *values)
    units = 3 + (2 * 2048 if dtypes["input"] == "e4m3fn" and target == "sm_90" else 0)
    return Real(y.value, y.error + units * np.abs(values[0].value) @ np.abs(values[1].value).swapaxes(-1, -2))


@operation
def gemm_scaled(output, input, weight, input_scale, weight_scale, bias, residual, activation, dtypes, target):
    y = scaled_dot(input, weight, input_scale, weight_scale, dtypes, target)
    if bias is not None:
        y = y + bias
    y = ACTIVATIONS[activation](y, dtypes["output"])
    if residual is not None:
        y = y + residual
    return {"output": y}


@operation
def gemm_grouped_scaled(output, input, weight, input_scale, weight_scale, indptr, weight_indices, residual, activation, dtypes,
                        target):
    y, kept = zeros(*output.shape), np.ones(output.shape, bool)
    for g in range(len(indptr) - 1):
        rows = slice(indptr[g], indptr[g + 1])
        w = g if weight_indices is None else weight_indices[g]
        of_rows = input_scale if input_scale is None or input_scale.ndim < 2 or len(input_scale) == 1 else input_scale[rows]
        of_weight = weight_scale if weight_scale is None or weight_scale.ndim < 3 else weight_scale[w]
        y[rows] = scaled_dot(input[rows], weight[w], of_rows, of_weight, dtypes, target)
        kept[rows] = False
    y = ACTIVATIONS[activation](y, dtypes["output"])
    if residual is not None:
        y = y + residual
    return {"output": Kept(kept, y)}


@operation
def gate_up_swiglu(output, input, gate, up, dtypes):
    gates, ups = (dot("mk,nk->mn", input, weight) for weight in (gate, up))
    return {"output": through(silu, gates, dtypes["input"]) * ups}
