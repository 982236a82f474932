# SPDX-License-Identifier: Apache-2.0
"""Rotary position embedding: Su et al. 2021; its frequencies: Chen et al. 2023 (linear), Peng et al. 2023 (yarn), and the
llama3 and yarn scaling of Hugging Face transformers."""

import math

import numpy as np

from golden.definitions import operation
from golden.definitions.kv import append, pages_of
from golden.definitions.norms import rooted
from golden.outcomes import Latitude
from golden.reals import Real, real, zeros

NONE, LINEAR, LLAMA31, YARN = range(4)


def rotate(head, cos, sin, interleaved):
    """One head: pair i is (i, i + R/2), or (2i, 2i + 1). Elements from R on are copied."""
    half = cos.shape[0]
    cos, sin = real(cos), real(sin)
    head = real(head)
    result = Real(head.value, head.error)
    i = np.arange(half)
    first, second = (2 * i, 2 * i + 1) if interleaved else (i, i + half)
    a, b = head[first], head[second]
    result[first] = a * cos - b * sin
    result[second] = b * cos + a * sin
    return result


def rotated(heads, cos_sin, rows, interleaved):
    """[T, H, D] by each token's row of cos_sin; a token whose row is not there is NaN."""
    heads = real(heads)
    result = zeros(*heads.shape)
    half = cos_sin.shape[1] // 2
    for t in range(heads.shape[0]):
        for h in range(heads.shape[1]):
            if not 0 <= rows[t] < cos_sin.shape[0]:
                result[t, h] = np.full(heads.shape[2], np.nan)
            else:
                row = cos_sin[rows[t]]
                result[t, h] = rotate(heads[t, h], row[:half], row[half:], interleaved)
    return result


@operation
def rope(q_out, k_out, q, k, cos_sin, positions, interleaved):
    return {"q_out": rotated(q, cos_sin, positions, interleaved),
            "k_out": None if k is None else rotated(k, cos_sin, positions, interleaved)}


@operation
def qk_norm_rope(q_out, k_out, q, k, q_weight, k_weight, cos_sin, positions, eps, interleaved):
    def result(x, weight):
        return rotated(rooted(x, eps) * weight, cos_sin, positions, interleaved)
    return {"q_out": result(q, q_weight), "k_out": None if k is None else result(k, k_weight)}


@operation
def rope_append_kv(q_out, k_cache, v_cache, q, k, v, cos_sin, positions, batch_indices, kv_indices, kv_indptr, kv_last_page_len,
                   pos_ids, k_scale, v_scale, interleaved):
    rows = positions if pos_ids is None else pos_ids
    if kv_indices is None:  # contiguous: page b is request b, and holds all of it
        table = [[b] for b in range(k_cache.shape[0])]
        lengths = [k_cache.shape[1]] * k_cache.shape[0]
    else:
        table, lengths = pages_of(kv_indices, kv_indptr, kv_last_page_len, k_cache.shape[1])
    where = (batch_indices, positions, table, lengths)
    return {"q_out": rotated(q, cos_sin, rows, interleaved),
            "k_cache": append(k_cache, rotated(k, cos_sin, rows, interleaved), k_scale, *where),
            "v_cache": append(v_cache, real(v), v_scale, *where)}


@operation
def rope_quantize_fp8(q_rope_out, k_rope_out, q_nope_out, k_nope_out, q_rope, k_rope, q_nope, k_nope, cos_sin, positions,
                      interleaved, quant_scale_q, quant_scale_kv):
    def rotary(x, scale):
        heads = x if x.ndim == 3 else x[:, None]  # keys of one head may leave its dimension out
        result = rotated(heads, cos_sin, positions, interleaved) * scale
        return Real(result.value.reshape(x.shape), result.error.reshape(x.shape))
    return {"q_rope_out": rotary(q_rope, quant_scale_q), "k_rope_out": rotary(k_rope, quant_scale_kv),
            "q_nope_out": None if q_nope is None else real(q_nope) * quant_scale_q,
            "k_nope_out": None if k_nope is None else real(k_nope) * quant_scale_kv}


def frequencies(theta, dim, scaling, factor, low_freq_factor, high_freq_factor, original_context, beta_fast, beta_slow):
    """f[i] = theta^(-2i/R), scaled."""
    f = np.array([theta ** (-2 * i / dim) for i in range(dim // 2)])
    if scaling == NONE:
        return f
    if scaling == LINEAR:
        return f / (factor or 1.0)
    if scaling == LLAMA31:
        factor, low, high = factor or 8.0, low_freq_factor or 1.0, high_freq_factor or 4.0
        context = original_context or 8192
        result = []
        for x in f:
            wavelength = 2 * math.pi / x
            if wavelength < context / high:
                result.append(x)
            elif wavelength > context / low:
                result.append(x / factor)
            else:
                smooth = (context / wavelength - low) / (high - low)
                result.append((1 - smooth) * x / factor + smooth * x)
        return np.array(result)
    assert scaling == YARN
    factor, context = factor or 1.0, original_context or 4096

    def dimension(turns):
        """Where a frequency makes so many turns in the training context."""
        return dim * math.log(context / (turns * 2 * math.pi)) / (2 * math.log(theta))
    low = max(math.floor(dimension(beta_fast or 32.0)), 0)
    high = min(math.ceil(dimension(beta_slow or 1.0)), dim - 1)
    ramp = np.clip((np.arange(dim // 2) - low) / ((high - low) or 0.001), 0, 1)
    return f / factor * ramp + f * (1 - ramp)


def magnitude(scaling, factor, attention_factor):
    """m, which yarn multiplies cosine and sine by."""
    if scaling != YARN:
        return 1.0
    if attention_factor:
        return attention_factor
    return 0.1 * math.log(factor) + 1 if factor > 1 else 1.0


def number(scaling):
    return {"none": NONE, "linear": LINEAR, "llama31": LLAMA31, "yarn": YARN}.get(scaling, scaling)


@operation
def rope_cos_sin_cache(output, theta, scaling=0, factor=0.0, low_freq_factor=0.0, high_freq_factor=0.0, original_context=0,
                       beta_fast=0.0, beta_slow=0.0, attention_factor=0.0):
    f = frequencies(theta, output.shape[1], number(scaling), factor, low_freq_factor, high_freq_factor, original_context,
                    beta_fast, beta_slow)
    m = magnitude(number(scaling), factor, attention_factor)
    angle = np.arange(output.shape[0])[:, None] * f
    # f and the angle are doubles with a few roundings; an error of the angle is at most one of the cosine.
    latitude = m * (2.0**-51 + angle * angle_error(theta))
    value = np.concatenate([m * np.cos(angle), m * np.sin(angle)], 1)
    latitude = np.concatenate([latitude, latitude], 1)
    return {"output": Latitude(Real(value), latitude, latitude)}


def angle_error(theta):
    """Relative error of an angle, as rope_theta states it."""
    return 1e-15 * max(math.log2(theta), 1.0)


@operation
def rope_theta(q_out, k_out, q, k, positions, indptr, offsets, interleaved, theta, rotary_dim=0, scaling=0, factor=0.0,
               low_freq_factor=0.0, high_freq_factor=0.0, original_context=0, beta_fast=0.0, beta_slow=0.0, attention_factor=0.0):
    tokens = q.shape[0]
    dim = rotary_dim or q.shape[2]
    f = frequencies(theta, dim, number(scaling), factor, low_freq_factor, high_freq_factor, original_context, beta_fast, beta_slow)
    m = magnitude(number(scaling), factor, attention_factor)
    place = np.full(tokens, -1) if positions is None else positions
    if positions is None:
        for b in range(len(offsets)):
            for t in range(indptr[b], min(indptr[b + 1], tokens)):
                place[t] = offsets[b] + t - indptr[b]

    def result(x):
        y, latitude = zeros(*x.shape), np.zeros(x.shape)
        for t in range(tokens):
            if not 0 <= place[t] < 2**40:
                y[t] = np.full(x.shape[1:], np.nan)
                continue
            angle = float(place[t]) * f
            cos, sin = m * np.cos(angle), m * np.sin(angle)
            for h in range(x.shape[1]):
                # cosine and sine are rounded to fp32
                y[t, h] = rotate(x[t, h], Real(cos, np.abs(cos)), Real(sin, np.abs(sin)), interleaved)
                reach = m * (2.0**-51 + angle * angle_error(theta))
                size = np.abs(x[t, h])  # of a pair (a, b): reach times |a| + |b|
                both = [rotate(size, reach, sign * reach, interleaved).value for sign in (1, -1)]
                latitude[t, h, :dim] = np.maximum(*both)[:dim]
        return Latitude(y, latitude, latitude)
    return {"q_out": result(q), "k_out": None if k is None else result(k)}
