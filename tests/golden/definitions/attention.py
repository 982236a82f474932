# SPDX-License-Identifier: Apache-2.0
"""Attention over a paged cache: Vaswani et al. 2017; the order of summation is that of Dao et al. 2022 or any other."""

import math

import numpy as np

from golden.definitions import operation
from golden.definitions.kv import pages_of
from golden.outcomes import Kept
from golden.reals import FP32_UNIT, Real, concatenate, dot, exp, log2, softmax, total, where, zeros

TILE = 16  # keys; no kernel rescales its sums more often
WEIGHT_UNITS = {"f16": 2.0**-11 / FP32_UNIT, "bf16": 2.0**-8 / FP32_UNIT}  # where a weight is rounded to the dtype


def gathered(cache, pages, length):
    """[length, Hk, D]: key j is in page j / S, slot j % S; of keys that lie side by side, `pages` is the first."""
    if cache.ndim == 3:
        return cache[pages:pages + length]
    size = cache.shape[1]
    rows = [cache[pages[j // size], j % size] for j in range(length)]
    return np.array(rows).reshape(length, *cache.shape[2:])


def capped(scores, cap):
    """cap tanh(scores / cap). Its slope is at most 1; fp32's tanh is within 9u of itself, the products round twice more."""
    t = np.tanh(scores.value / cap)
    carried = np.where(np.isfinite(scores.value), scores.error * (1 - t * t), 0)
    return Real(cap * t, carried + 12 * np.abs(cap * t))


def attend(query, k, v, sm_scale, visible, weight_units=0.0, cap=0.0, slope=None, sink=None, position=0, k_scale=None, v_scale=None):
    """One query head over its keys [n, D]: v_scale softmax(sm_scale k_scale q . k) v, and log2 of the sum of exponentials.

    Keys that are not visible have no part. Without a key the output is 0 and lse -inf; a NaN or +inf score gives NaN. The cap bounds
    scores, then slope * (j - position) is added to that of key j. A sink is a score that has no value.
    """
    query, k, v, places = query[None], k[visible], v[visible], np.flatnonzero(visible)
    scale = sm_scale or 1 / math.sqrt(query.shape[1])
    scores = dot("qd,kd->qk", query, k) * Real(scale, scale)
    if k_scale is not None:
        scores = scores * Real(k_scale)
    if cap:
        scores = capped(scores, cap)
    if slope is not None:
        bias = slope * (places - position)[None]
        scores = scores + Real(bias, 2 * np.abs(bias))
    if cap or slope is not None:  # scores are rounded as exponents of 2 before their largest is taken from them
        scores = Real(scores.value, scores.error + 2 * np.where(np.isfinite(scores.value), np.abs(scores.value), 0))
    if sink is not None:  # so is this one, and the largest of the others when both meet
        largest = np.abs(scores.value).max(where=np.isfinite(scores.value), initial=0)
        scores = concatenate([scores, Real([[sink]], 2 * (abs(sink) if np.isfinite(sink) else 0) + 2 * largest)])
        v = np.concatenate([v, np.zeros((1, v.shape[1]))])
    top = scores.value.max(initial=-np.inf)
    if top == -np.inf:  # not where there is a NaN
        return np.zeros(v.shape[1]), -np.inf
    p = softmax(scores, 1 + len(k) // TILE)
    if np.isnan(p.value).any():
        return np.full(v.shape[1], np.nan), np.nan
    finite = where(np.isneginf(scores.value), -np.inf, scores)
    shifted = exp(Real(finite.value - top, np.where(np.isfinite(finite.value), finite.error + np.abs(finite.value), 0)))
    lse = log2(total(shifted)) + Real(top, scores.error.max(where=np.isfinite(scores.value), initial=0)) * Real(
        1 / math.log(2), 1 / math.log(2))
    # -inf scores weigh nothing, whatever their values are.
    weights = Real(p.value, p.error + weight_units * p.value)
    mean = dot("qk,kd->qd", weights, v)
    return (mean if v_scale is None else mean * Real(v_scale))[0], lse[0, 0]


def of_head(scale, head):
    """One number is that of all heads."""
    return None if scale is None else scale.flat[head if scale.size > 1 else 0]


def paged(query, k_cache, v_cache, table, lengths, requests, positions, sm_scale, sees, weight_units, cap, sinks, slopes, k_scale,
          v_scale):
    """Each token of `requests` attends to the keys of its request; `sees(token, j)` says which."""
    tokens, heads = query.shape[:2]
    group = heads // k_cache.shape[-2]
    output, lse = zeros(*query.shape), zeros(tokens, heads)
    for t, b in enumerate(requests):
        if b is None:
            continue
        k, v = gathered(k_cache, table[b], lengths[b]), gathered(v_cache, table[b], lengths[b])
        visible = np.array([sees(t, j) for j in range(lengths[b])], bool)
        for h in range(heads):
            output[t, h], lse[t, h] = attend(query[t, h], k[:, h // group], v[:, h // group], sm_scale, visible, weight_units, cap,
                                             None if slopes is None else slopes[h], None if sinks is None else sinks[h], positions[t],
                                             of_head(k_scale, h // group), of_head(v_scale, h // group))
    return output, lse


@operation
def paged_attention_decode(output, lse, query, k_cache, v_cache, kv_indptr, kv_indices, kv_last_page_len, sm_scale=0.0,
                           logits_soft_cap=0.0, sliding_window=0, sinks=None, alibi_slopes=None, k_scale=None, v_scale=None, *,
                           dtypes):
    table, lengths = pages_of(kv_indices, kv_indptr, kv_last_page_len, k_cache.shape[1])
    positions = [n - 1 for n in lengths]
    output, lse = paged(query, k_cache, v_cache, table, lengths, range(len(query)), positions, sm_scale,
                        lambda t, j: not sliding_window or j > positions[t] - sliding_window,
                        WEIGHT_UNITS.get(dtypes["query"], 0.0), logits_soft_cap, sinks, alibi_slopes, k_scale, v_scale)
    return {"output": output, "lse": lse}


@operation
def paged_attention_prefill(output, lse, query, k_cache, v_cache, qo_indptr, kv_indptr, kv_indices=None, kv_last_page_len=None,
                            causal=False, sm_scale=0.0, logits_soft_cap=0.0, sliding_window=0, window_right=0, sinks=None,
                            alibi_slopes=None, custom_mask=None, mask_indptr=None, k_scale=None, v_scale=None, *, dtypes):
    if kv_indices is None:
        table, lengths = kv_indptr[:-1], np.diff(kv_indptr)
    else:
        table, lengths = pages_of(kv_indices, kv_indptr, kv_last_page_len, k_cache.shape[1])
    requests, positions, numbers = [None] * len(query), [0] * len(query), [0] * len(query)
    for b in range(len(lengths)):
        q_len = qo_indptr[b + 1] - qo_indptr[b]
        for i in range(q_len):
            t = qo_indptr[b] + i
            requests[t], numbers[t] = b, i
            positions[t] = lengths[b] - q_len + i  # the last token is at the last key

    def sees(t, j):
        b = requests[t]
        if sliding_window and j <= positions[t] - sliding_window or window_right and j > positions[t] + window_right:
            return False
        if custom_mask is None:
            return not causal or j <= positions[t]
        pair = numbers[t] * lengths[b] + j
        return bool(custom_mask[mask_indptr[b] + pair // 8] >> pair % 8 & 1)

    kept = np.array([b is None for b in requests], bool)
    result, sums = paged(query, k_cache, v_cache, table, lengths, requests, positions, sm_scale, sees,
                         WEIGHT_UNITS.get(dtypes["query"], 0.0), logits_soft_cap, sinks, alibi_slopes, k_scale, v_scale)
    return {"output": Kept(np.broadcast_to(kept[:, None, None], query.shape), result),
            "lse": Kept(np.broadcast_to(kept[:, None], query.shape[:2]), sums)}


@operation
def paged_mla_attention(output, lse, q_nope, q_pe, ckv_cache, kpe_cache, qo_indptr, kv_indptr, kv_indices, kv_len, sm_scale,
                        causal=False, *, dtypes):
    """A head's query of both parts over keys of both, of which the latent part is the value."""
    tokens, heads = q_nope.shape[:2]
    kept = np.ones(tokens, bool)
    result, sums = zeros(*q_nope.shape), zeros(tokens, heads)
    for b, length in enumerate(kv_len):
        pages = [int(kv_indices[i]) for i in range(kv_indptr[b], kv_indptr[b + 1])]
        values, rotated = (gathered(cache[:, :, None], pages, length)[:, 0] for cache in (ckv_cache, kpe_cache))
        keys = np.concatenate([values, rotated], 1)
        begin, end = qo_indptr[b], qo_indptr[b + 1]
        for t in range(begin, end):
            kept[t] = False
            visible = np.arange(length) <= length - end + t if causal else np.ones(length, bool)
            for h in range(heads):
                query = np.concatenate([q_nope[t, h], q_pe[t, h]])
                result[t, h], sums[t, h] = attend(query, keys, values, sm_scale, visible, WEIGHT_UNITS.get(dtypes["q_nope"], 0.0))
    return {"output": Kept(np.broadcast_to(kept[:, None, None], q_nope.shape), result),
            "lse": Kept(np.broadcast_to(kept[:, None], q_nope.shape[:2]), sums)}


def merged(v, s):
    """States [N, D] and their logarithms [N], as of one softmax over all keys: sum 2^s v / sum 2^s, and log2 of the latter."""
    top = s.max(initial=-np.inf)
    if not len(s) or top == -np.inf:
        return np.zeros(v.shape[1]), -np.inf
    if np.isnan(s).any() or top == np.inf:
        return np.full(v.shape[1], np.nan), np.nan
    there = s > -np.inf  # what a state that is absent holds never matters
    shifted = s[there] - top
    weights = Real(np.exp2(shifted), np.exp2(shifted) * (np.abs(shifted) + 4))
    weighed, sum_of = dot("qn,nd->qd", weights[None], v[there]), total(weights[None])
    return (weighed / sum_of)[0], (log2(sum_of) + Real(top))[0, 0]


def merged_rows(v, s):
    """[T, N, H, D] and [T, N, H]."""
    tokens, _, heads, width = v.shape
    output, lse = zeros(tokens, heads, width), zeros(tokens, heads)
    for t in range(tokens):
        for h in range(heads):
            output[t, h], lse[t, h] = merged(v[t, :, h], s[t, :, h])
    return output, lse


@operation
def merge_states(output, lse, v, s):
    output, lse = merged_rows(v, s)
    return {"output": output, "lse": lse}


@operation
def merge_state(output, lse, v_a, s_a, v_b, s_b):
    output, lse = merged_rows(np.stack([v_a, v_b], 1), np.stack([s_a, s_b], 1))
    return {"output": output, "lse": lse}


@operation
def merge_state_in_place(v, s, v_other, s_other, mask=None):
    output, lse = merged_rows(np.stack([v, v_other], 1), np.stack([s, s_other], 1))
    kept = np.zeros(len(v), bool) if mask is None else ~mask.astype(bool)
    return {"v": Kept(np.broadcast_to(kept[:, None, None], v.shape), output), "s": Kept(np.broadcast_to(kept[:, None], s.shape), lse)}
