# SPDX-License-Identifier: Apache-2.0
"""The linear layer."""

import numpy as np

from golden.definitions import operation
from golden.definitions.gated import gelu, gelu_tanh, silu
from golden.reals import Real, dot


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
def gate_up_swiglu(output, input, gate, up, dtypes):
    gates, ups = (dot("mk,nk->mn", input, weight) for weight in (gate, up))
    return {"output": through(silu, gates, dtypes["input"]) * ups}
