# SPDX-License-Identifier: Apache-2.0
"""The linear layer."""

from golden.definitions import operation
from golden.reals import dot


@operation
def gemm(output, input, weight, bias, residual):
    y = dot("mk,nk->mn", input, weight)
    if bias is not None:
        y = y + bias[None]
    if residual is not None:
        y = y + residual
    return {"output": y}
