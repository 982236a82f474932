# SPDX-License-Identifier: Apache-2.0
"""Root-mean-square and layer normalisation: Zhang and Sennrich 2019; Ba, Kiros and Hinton 2016; Peebles and Xie 2022."""

from golden.definitions import operation
from golden.definitions.gated import vanishing
from golden.definitions.quantise import quantised, quantised_rows
from golden.outcomes import InFp32
from golden.reals import exp, mean, real, sqrt


def rooted(x, eps):
    """x / sqrt(mean(x^2) + eps)"""
    return x / sqrt(mean(real(x) * x) + eps)


def centred(x, eps):
    """(x - mean(x)) / sqrt(mean((x - mean(x))^2) + eps)"""
    d = real(x) - mean(x)
    return d / sqrt(mean(d * d) + eps)


def layer(x, weight, bias, eps):
    y = centred(x, eps)
    y = y if weight is None else y * weight
    return y if bias is None else y + bias


@operation
def rmsnorm(output, input, weight, eps):
    return {"output": rooted(input, eps) * weight}


@operation
def gemma_rmsnorm(output, input, weight, eps):
    return {"output": rooted(input, eps) * (real(weight) + 1.0)}


@operation
def rmsnorm_quant(output, input, weight, scale, eps):
    return {"output": quantised(rooted(input, eps) * weight, scale)}


@operation
def rmsnorm_dynamic_quant(output, scales, input, weight, eps, dtypes):
    output, scales = quantised_rows(rooted(input, eps) * weight, dtypes["output"])
    return {"output": output, "scales": scales}


# The sum is rounded where it is stored; the norm uses it unrounded, so here with one fp32 rounding.
@operation
def fused_add_rmsnorm(input, residual, weight, eps):
    return {"residual": InFp32(input + residual), "input": rooted(real(input) + residual, eps) * weight}


@operation
def gemma_fused_add_rmsnorm(input, residual, weight, eps):
    return {"residual": InFp32(input + residual), "input": rooted(real(input) + residual, eps) * (real(weight) + 1.0)}


@operation
def fused_add_rmsnorm_quant(output, input, residual, weight, scale, eps):
    v = rooted(real(input) + residual, eps) * weight
    return {"residual": InFp32(input + residual), "output": quantised(v, scale)}


@operation
def fused_add_rmsnorm_dynamic_quant(output, scales, input, residual, weight, eps, dtypes):
    output, scales = quantised_rows(rooted(real(input) + residual, eps) * weight, dtypes["output"])
    return {"residual": InFp32(input + residual), "output": output, "scales": scales}


@operation
def layernorm(output, input, weight, bias, eps):
    return {"output": layer(input, weight, bias, eps)}


@operation
def layernorm_quant(output, input, weight, bias, scale, eps):
    return {"output": quantised(layer(input, weight, bias, eps), scale)}


@operation
def adaln(output, input, scale, shift, eps, rms):
    normalise = rooted if rms else centred
    return {"output": normalise(input, eps) * (real(scale) + 1.0)[:, None] + shift[:, None]}


def sigmoid(x, dtype):
    """1 / (1 + exp(-x)), of a Real"""
    return vanishing(real(1.0) / (exp(-x) + 1.0), x.value, -87.3, dtype)


def silu(x, dtype):
    return vanishing(x / (exp(-x) + 1.0), x.value, -87.3, dtype)


@operation
def rmsnorm_silu(output, input, weight, eps, dtypes):
    return {"output": silu(rooted(input, eps) * weight, dtypes["input"])}


@operation
def gated_rmsnorm(output, input, gate, weight, eps, activation, dtypes):
    v = rooted(input, eps)
    by = {"sigmoid": sigmoid, "silu": silu}[activation](real(gate), dtypes["input"])
    return {"output": (v if weight is None else v * weight) * by}


@operation
def gated_residual_rmsnorm(output, normed, branch, residual, weight, alpha, beta, next_weight, factor, eps, next_eps, gain, next_gain):
    u = real(branch) if weight is None else real(branch) * (real(weight) + gain)
    y = rooted(u, eps)
    y = y if beta is None else y * beta
    s = real(residual) * factor if alpha is None else real(residual) * (real(alpha) * factor)
    s = s + y
    result = {"output": s}
    if normed is not None:
        z = rooted(s, next_eps)
        result["normed"] = z if next_weight is None else z * (real(next_weight) + next_gain)
    return result
