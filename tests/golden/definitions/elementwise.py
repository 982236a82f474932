# SPDX-License-Identifier: Apache-2.0
"""Casts, scaling, masks, masked softmax and the embedding's gather."""

import numpy as np

from golden.definitions import operation
from golden.outcomes import Exact, InFp32
from golden.reals import FP8, real, rounded, softmax, where


@operation
def cast(output, input, dtypes):
    value = rounded(input, dtypes["output"])
    if dtypes["output"] in FP8:
        value = np.where(np.isnan(value), np.nan, value)  # the NaN without a sign
        if dtypes["output"].endswith("fnuz"):
            value = np.where(value == 0, 0.0, value)  # there is no -0
    return {"output": Exact(value)}


@operation
def scale(output, input, factor):
    return {"output": InFp32(input * factor)}


@operation
def causal_mask(output, input, value, dtypes):
    queries, keys = input.shape[2:]
    result = input.copy()
    for q in range(queries):
        for k in range(keys):
            if k > q + (keys - queries):
                result[:, :, q, k] = rounded(value, dtypes["output"])
    return {"output": Exact(result)}


@operation
def masked_softmax(output, input, mask, scale, causal):
    queries, keys = input.shape[2:]
    z = real(input) * scale
    seen = np.ones(input.shape, bool)
    if mask is not None and mask.dtype == bool:
        seen &= mask
    elif mask is not None:
        z = z + mask
    if causal:
        for q in range(queries):
            for k in range(keys):
                if k > q + (keys - queries):
                    seen[:, :, q, k] = False
    return {"output": softmax(where(seen, z, -np.inf))}


@operation
def embedding(output, table, indices):
    result = np.zeros(output.shape)
    for t, i in enumerate(indices):
        if i >= len(table):
            result[t] = np.nan
        elif i >= 0:
            result[t] = table[i]
    return {"output": Exact(result)}
