# SPDX-License-Identifier: Apache-2.0
"""Gated linear units: Shazeer 2020; Hendrycks and Gimpel 2016."""

import math

import numpy as np

from golden.definitions import operation
from golden.definitions.quantise import quantised, quantised_rows
from golden.reals import FP32_UNIT, Real, exp, real

normal_tail = np.vectorize(lambda x: math.erfc(-x / math.sqrt(2)) / 2, otypes=[np.float64])  # (1 + erf(x / sqrt(2))) / 2


def vanishing(y, x, below, dtype):
    """fp32 gives -0 where the contract says that x is too low: anything between it and the value is right."""
    return Real(y.value, np.where((x < below) & (dtype != "f64"), np.abs(y.value) / FP32_UNIT, y.error))


def silu(x, dtype):
    """x / (1 + exp(-x))"""
    return vanishing(x / (exp(-real(x)) + 1.0), x, -87.3, dtype)


def gelu(x, dtype):
    """x (1 + erf(x / sqrt(2))) / 2. The contract allows an approximation, but in f64: there the argument of erfc is rounded, and
    that is worth x^2 of its units."""
    y = np.where(np.isneginf(x), np.nan, x * normal_tail(x))  # -inf * 0
    error = {"f32": 2e-6 / FP32_UNIT, "f64": 8 + 2 * x * x}.get(dtype, 3e-5 / FP32_UNIT)
    return vanishing(Real(y, np.where(y == 0, 0, np.abs(y) * error)), x, -12.0, dtype)


def gelu_tanh(x, dtype):
    """x (1 + tanh(u)) / 2 = x / (1 + exp(-2u)), u = sqrt(2 / pi) (x + 0.044715 x^3)"""
    def constant(c):
        return Real(c, c)  # rounded to fp32
    x = real(x)
    u = constant(math.sqrt(2 / math.pi)) * (x + constant(0.044715) * x * x * x)
    return vanishing(x / (exp(u * -2.0) + 1.0), x.value, -10.1, dtype)


def gate(activation, input, dtypes):
    n = input.shape[1] // 2
    return activation(input[:, :n], dtypes["input"]) * input[:, n:]


@operation
def silu_and_mul(output, input, dtypes):
    return {"output": gate(silu, input, dtypes)}


@operation
def gelu_and_mul(output, input, dtypes):
    return {"output": gate(gelu, input, dtypes)}


@operation
def gelu_tanh_and_mul(output, input, dtypes):
    return {"output": gate(gelu_tanh, input, dtypes)}


@operation
def silu_and_mul_quant(output, input, scale, dtypes):
    return {"output": quantised(gate(silu, input, dtypes), scale)}


@operation
def gelu_and_mul_quant(output, input, scale, dtypes):
    return {"output": quantised(gate(gelu, input, dtypes), scale)}


@operation
def gelu_tanh_and_mul_quant(output, input, scale, dtypes):
    return {"output": quantised(gate(gelu_tanh, input, dtypes), scale)}


@operation
def silu_and_mul_dynamic_quant(output, scales, input, dtypes):
    output, scales = quantised_rows(gate(silu, input, dtypes), dtypes["output"])
    return {"output": output, "scales": scales}


@operation
def gelu_and_mul_dynamic_quant(output, scales, input, dtypes):
    output, scales = quantised_rows(gate(gelu, input, dtypes), dtypes["output"])
    return {"output": output, "scales": scales}


@operation
def gelu_tanh_and_mul_dynamic_quant(output, scales, input, dtypes):
    output, scales = quantised_rows(gate(gelu_tanh, input, dtypes), dtypes["output"])
    return {"output": output, "scales": scales}


@operation
def swiglu(output, gate, up, dtypes):
    return {"output": silu(gate, dtypes["gate"]) * up}
