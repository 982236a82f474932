# SPDX-License-Identifier: Apache-2.0
"""Rotary position embedding. The table of angles holds numbers of no circle, so that a wrong row or half shows."""

import numpy as np

from golden.cases import LAYOUTS, cases
from golden.cases.kv import BATCHES, CACHES, caches, new_tokens, page_table, scales
from golden.reals import FLOATS, FP8

POSITIONS = 23
HEADS = [(4, 4), (3, 1), (8, 2), (6, 2), (1, 3)]  # queries and keys: groups of 1, 3 and 4
DIMS = [(16, 16), (16, 6), (13, 10), (64, 64), (32, 0), (64, 32)]  # of a head, and the part that is rotated


def table(row, dim):
    return row.tensor(row.normal(POSITIONS, dim), "f32")


def rows_of(row, tokens, faults):
    positions = row.rng.integers(1, POSITIONS, tokens)
    if faults:
        positions[::3] = [(-1, POSITIONS, -10**6, 10**6)[i % 4] for i in range(len(positions[::3]))]
    return positions


def projected(row, tokens, heads, dim):
    """q and k: tensors of their own, or views of one fused buffer."""
    hq, hk = heads
    if row.fused:
        both = row.tensor(row.normal(tokens, hq + 2 * hk, dim), row.data)
        return both.part(1, 0, hq), both.part(1, hq, hq + hk)
    return row.tensor(row.normal(tokens, hq, dim), row.data), row.tensor(row.normal(tokens, hk, dim), row.data)


def outputs(row, q, k):
    return (q, k) if row.in_place else (row.output(q.shape, row.data), row.output(k.shape, row.data))


SHARED = dict(data=FLOATS, heads=HEADS, tokens=(5, 1, 0), layout=LAYOUTS, keys=(True, False), fused=(False, True),
              in_place=(False, True), interleaved=(False, True))


@cases("rope", index=("i32", "i64"), dims=DIMS, faults=(False, True), **SHARED)
def rope(row):
    dim, rotary = row.dims
    q, k = projected(row, row.tokens, row.heads, dim)
    q_out, k_out = outputs(row, q, k)
    return {"q_out": q_out, "k_out": k_out if row.keys else None, "q": q, "k": k if row.keys else None,
            "cos_sin": table(row, rotary), "positions": row.tensor(rows_of(row, row.tokens, row.faults), row.index),
            "interleaved": row.interleaved}


@cases("qk_norm_rope", index=("i32", "i64"), dims=DIMS, faults=(False, True), weight=("data", "f32"), eps=(1e-6, 0.3, 2.5), **SHARED)
def norm_rope(row):
    arguments = rope(row)
    dtype = row.data if row.weight == "data" else row.weight
    q_weight, k_weight = (row.tensor(row.normal(row.dims[0], shift=0.4), dtype) for _ in range(2))
    return {**arguments, "q_weight": q_weight, "k_weight": k_weight if row.keys else None, "eps": row.eps}


@cases("rope_append_kv", data=FLOATS, cache=("data", *FP8), index=("i32", "i64"), kind=CACHES, page=(1, 3, 16),
       heads=[(4, 4), (3, 1), (8, 2)], dims=[(16, 16, 16), (16, 6, 8), (13, 10, 5), (64, 64, 64), (24, 24, 40)], batch=BATCHES,
       scales=("", "k", "v", "kv"), table=("paged", "contiguous"), pos_ids=(False, True), faults=(False, True), layout=LAYOUTS,
       in_place=(False, True), interleaved=(False, True))
def rope_append(row):
    lengths, added = row.batch
    (hq, hk), (dim, rotary, value_dim) = row.heads, row.dims
    requests, positions = new_tokens(row, lengths, added)
    if row.table == "paged":
        pages, slots = sum(-(-n // row.page) for n in lengths) + 2, row.page
        indices, indptr, last = page_table(row, lengths, slots, pages)
        if row.faults:
            indices[-3] = pages
    else:
        pages, slots = len(lengths), max(lengths) + 2
    if row.faults:  # nothing is appended for these, and their queries are rotated
        bad = [(-1, 0), (len(lengths), 0), (0, slots * pages + 5), (0, -1)]
        requests = np.concatenate([[b for b, _ in bad], requests])
        positions = np.concatenate([[p for _, p in bad], positions])
    t, cache = len(requests), row.data if row.cache == "data" else row.cache
    shapes = [(pages, slots, hk, d) for d in (dim, value_dim)]
    k_cache, v_cache = caches(row, row.kind, shapes, cache, [row.normal(*shape) for shape in shapes])
    q = row.tensor(row.normal(t, hq, dim), row.data)
    angles = rows_of(row, t, row.faults) if row.pos_ids else None
    given = row.table == "paged"
    # Positions past the table: their rows become NaN, unless pos_ids names others.
    cos_sin = row.tensor(row.normal(POSITIONS, rotary), "f32")
    return {"q_out": q if row.in_place else row.output(q.shape, row.data), "k_cache": k_cache, "v_cache": v_cache, "q": q,
            "k": row.tensor(row.normal(t, hk, dim, scale=2), row.data),
            "v": row.tensor(row.normal(t, hk, value_dim, scale=2), row.data),
            "cos_sin": cos_sin, "positions": row.tensor(positions, row.index), "batch_indices": row.tensor(requests, row.index),
            "kv_indices": row.tensor(indices, row.index) if given else None,
            "kv_indptr": row.tensor(indptr, row.index) if given else None,
            "kv_last_page_len": row.tensor(last, row.index) if given else None,
            "pos_ids": None if angles is None else row.tensor(angles, row.index), **scales(row, cache),
            "interleaved": row.interleaved}


@cases("rope_quantize_fp8", data=FLOATS, quantised=FP8, index=("i32", "i64"), heads=[(4, 4), (3, 1), (8, 2)],
       dims=[(16, 32), (6, 5), (64, 0), (0, 16), (10, 8)], mla=(False, True), nope=("qk", "q", "k", ""), whole=(False, True),
       q_scale=(1.0, 3.7, -0.9), kv_scale=(1.0, 0.31, 40.0), faults=(False, True), layout=LAYOUTS, interleaved=(False, True))
def rope_quantize(row):
    (hq, hk), (rotary, rest), t = row.heads, row.dims, 5

    def parts(heads, make):
        """Rotary part and the rest: of tensors of their own, or of one head [.., N + R]."""
        shape = [t] if row.mla and heads is None else [t, heads or hk]
        if row.whole:
            both = make([*shape, rest + rotary])
            d = len(shape)
            return both.part(d, rest, rest + rotary), both.part(d, 0, rest)
        return make([*shape, rotary]), make([*shape, rest])

    def source(shape):
        return row.tensor(row.normal(*shape, scale=2), row.data)

    def target(shape):
        return row.output(shape, row.quantised)
    (q_rope, q_nope), (k_rope, k_nope) = parts(hq, source), parts(None, source)
    (q_rope_out, q_nope_out), (k_rope_out, k_nope_out) = parts(hq, target), parts(None, target)
    q_given, k_given = "q" in row.nope, "k" in row.nope
    return {"q_rope_out": q_rope_out, "k_rope_out": k_rope_out, "q_nope_out": q_nope_out if q_given else None,
            "k_nope_out": k_nope_out if k_given else None, "q_rope": q_rope, "k_rope": k_rope, "q_nope": q_nope if q_given else None,
            "k_nope": k_nope if k_given else None, "cos_sin": table(row, rotary),
            "positions": row.tensor(rows_of(row, t, row.faults), row.index), "interleaved": row.interleaved,
            "quant_scale_q": row.q_scale, "quant_scale_kv": row.kv_scale}


# 0 is each option's default. The contexts are short, so that every branch has frequencies.
FREQUENCIES = dict(theta=(10000.0, 500000.0, 37.5), scaling=("none", "linear", "llama31", "yarn"), factor=(0.0, 4.0, 0.75),
                   low_freq_factor=(0.0, 1.5), high_freq_factor=(0.0, 7.0), original_context=(0, 300), beta_fast=(0.0, 12.0),
                   beta_slow=(0.0, 2.5), attention_factor=(0.0, 1.3))


def frequencies(row):
    names = [n for n in FREQUENCIES if n != "theta"]
    return {"theta": row.theta, **{n: getattr(row, n) for n in names}}


@cases("rope_cos_sin_cache", shape=[(37, 64), (5, 2), (300, 10), (0, 8), (3, 512)], layout=LAYOUTS, **FREQUENCIES)
def cache_of_angles(row):
    return {"output": row.output(row.shape, "f32"), **frequencies(row)}


@cases("rope_cos_sin_cache", shape=[(37, 64)], layout=["compact"], **{name: values[:1] for name, values in FREQUENCIES.items()} |
       {"scaling": ["yarn"], "factor": FREQUENCIES["factor"], "attention_factor": FREQUENCIES["attention_factor"]})
def cache_of_yarn(row):
    """Its attention factor follows from the other one where it is not given: three factors, of which pairs may miss some."""
    return cache_of_angles(row)


@cases("rope_theta", index=("i32", "i64"), dims=[(16, 0), (16, 6), (13, 10), (64, 0), (64, 32)],
       places=("near", "far", "faults", "ragged", "ragged with gaps"), **SHARED, **FREQUENCIES)
def rope_from_theta(row):
    dim, rotary = row.dims
    tokens = row.tokens
    positions = indptr = offsets = None
    if row.places.startswith("ragged"):
        counts = [2, 0, 4]
        begin = 1 if row.places == "ragged with gaps" else 0
        indptr, offsets = begin + np.concatenate([[0], np.cumsum(counts)]), np.array([7, 3, 1000])
        tokens = int(indptr[-1]) + begin  # with gaps: the first and the last token are of no request
    elif row.places == "far":
        positions = row.rng.integers(1, 2**31 - 1 if row.index == "i32" else 2**40, tokens)
    else:
        positions = row.rng.integers(1, 3000, tokens)
        if row.places == "faults":
            positions[::2] = -1 if row.index == "i32" else 2**40
    q, k = projected(row, tokens, row.heads, dim)
    q_out, k_out = outputs(row, q, k)

    def integers(x):
        return None if x is None else row.tensor(x, row.index)
    return {"q_out": q_out, "k_out": k_out if row.keys else None, "q": q, "k": k if row.keys else None,
            "positions": integers(positions), "indptr": integers(indptr), "offsets": integers(offsets),
            "interleaved": row.interleaved, "rotary_dim": rotary, **frequencies(row)}
