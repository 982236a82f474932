# SPDX-License-Identifier: Apache-2.0
"""Quantisation to fp8 and int8, and back. OCP 8-bit Floating Point Specification 1.0; Noune et al. 2022 (fnuz).

Rounding and saturation belong to the output's dtype: an outcome is the quotient.
"""

import numpy as np

from golden.definitions import operation
from golden.outcomes import InFp32
from golden.reals import Real, largest, real


def quantised(v, scale):
    """v / scale with one scale for all. A power of two and its reciprocal only shift the exponent: there is no error."""
    v, scale = real(v), scale.item()
    if np.frexp(scale)[0] == 0.5:
        return Real(v.value / scale, v.error / scale)
    return v / scale


def row_scales(v, dtype):
    """max |v| / largest along the last axis, at least 2^-126. A NaN has no part in it."""
    v = real(v)
    size = np.where(np.isnan(v.value), 0, np.abs(v.value))
    peak = Real(size.max(-1, initial=0), np.where(size > 0, v.error, 0).max(-1, initial=0))
    scale = peak / largest(dtype)
    small = scale.value < 2.0**-126
    return Real(np.where(small, 2.0**-126, scale.value), np.where(small, 0, scale.error))


def quantised_rows(v, dtype):
    """v / scales, and the scales. The error of a scale is that of its row."""
    scales = row_scales(v, dtype)
    return real(v) / scales[..., None], scales


@operation
def quantize_per_tensor(output, input, scale):
    return {"output": quantised(input, scale)}


@operation
def quantize_per_token(output, scales, input, dtypes):
    output, s = quantised_rows(input, dtypes["output"])
    return {"output": output, "scales": Real(s.value.reshape(scales.shape), s.error.reshape(scales.shape))}


@operation
def quantize_per_group(output, scales, input, group_size, dtypes):
    groups = input.reshape(input.shape[0], -1, group_size)
    output, scales = quantised_rows(groups, dtypes["output"])
    return {"output": Real(output.value.reshape(input.shape), output.error.reshape(input.shape)), "scales": scales}


@operation
def dequantize(output, input, scales, group_rows, group_size):
    rows, columns = input.shape
    scales = scales.reshape(scales.shape[0], -1)
    value = np.empty(input.shape)
    for t in range(rows):
        for i in range(columns):
            value[t, i] = input[t, i] * scales[t // (group_rows or rows), i // (group_size or columns)]
    return {"output": InFp32(value)}
