# SPDX-License-Identifier: Apache-2.0
"""Attention over paged caches: ragged batches with an empty request, histories, and more tokens than keys."""

import numpy as np

from golden.cases import LAYOUTS, cases
from golden.cases.kv import CACHES, caches, latent_caches, page_table
from golden.reals import FLOATS, FP8

SPECIAL = ("plain", "hidden", "nan", "nothing")
HEADS = [(4, 4), (3, 1), (8, 2), (6, 2)]  # groups of 1, 3 and 4


CACHE = {"cache": ("data", *FP8), "scales": ("", "k", "v", "kv", "heads")}


def cached(row):
    return row.data if row.cache == "data" else row.cache


def scales(row, heads):
    """Of fp8: numbers for all heads, or for each."""
    given = "" if row.cache == "data" else "kv" if row.scales == "heads" else row.scales
    shape = (heads[1],) if row.scales == "heads" else (1,)
    return {f"{x}_scale": row.tensor(row.normal(*shape, scale=0.5, shift=0.8), "f32") if x in given else None for x in "kv"}


def paged(row, lengths, page, heads, dim):
    """Caches with NaN in every slot that no request uses, and their table.

    Queries begin with a positive number, so a key that begins with -inf has a score of -inf and weighs nothing. "nothing": all
    do; "hidden": some; "nan" has a key of NaN and one with a score of +inf too.
    """
    pages = sum(-(-n // page) for n in lengths) + 2
    indices, indptr, last = page_table(row, lengths, page, pages)
    used = np.zeros((pages, page), bool)
    for b, n in enumerate(lengths):
        for j in range(n):
            used[indices[indptr[b] + j // page], j % page] = True
    shape = (pages, page, heads[1], dim)
    values = [np.where(used[..., None, None], row.normal(*shape, scale=1.3), np.nan) for _ in range(2)]
    first = values[0][..., 0]
    if row.special != "plain":
        first[used[..., None] & (row.rng.random(first.shape) < (1.0 if row.special == "nothing" else 0.3))] = -np.inf
    if row.special == "nan" and used.any():
        slots = row.rng.permutation(np.argwhere(used))
        values[0][tuple(slots[0])] = np.nan
        first[tuple(slots[-1])] = np.inf
    k, v = caches(row, row.kind, (shape, shape), cached(row), values)
    return {"k_cache": k, "v_cache": v, "kv_indptr": row.tensor(indptr, "i32"), "kv_indices": row.tensor(indices, "i32"),
            "kv_last_page_len": row.tensor(last, "i32")}


def side_by_side(row, lengths, heads, dim):
    """Keys without pages, NaN before the first request's and after the last one's."""
    indptr = 2 + np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64)
    values = [np.full((indptr[-1] + 1, heads[1], dim), np.nan) for _ in range(2)]
    for x in values:
        x[2:-1] = row.normal(indptr[-1] - 2, heads[1], dim, scale=1.3)
    first = values[0][2:-1, :, 0]
    if row.special != "plain":
        first[row.rng.random(first.shape) < (1.0 if row.special == "nothing" else 0.3)] = -np.inf
    if row.special == "nan" and first.size:
        values[0][2], values[0][-2, :, 0] = np.nan, np.inf
    return {"k_cache": row.tensor(values[0], cached(row)), "v_cache": row.tensor(values[1], cached(row)),
            "kv_indptr": row.tensor(indptr, "i32"), "kv_indices": None, "kv_last_page_len": None}


def options(row, heads):
    """What changes scores: sinks of some size, one of them absent and one beyond all scores; slopes of either sign."""
    sinks = row.normal(heads[0], scale=3)
    sinks[0], sinks[-1] = -np.inf, 40
    return {"sm_scale": row.sm_scale, "logits_soft_cap": row.cap, "sliding_window": row.window,
            "sinks": row.tensor(sinks, "f32") if row.sinks else None,
            "alibi_slopes": row.tensor(row.normal(heads[0], scale=0.2), "f32") if row.slopes else None, **scales(row, heads)}


def masks(row, lengths, added):
    """Packed bits, and where each request's begin; a byte before all is nobody's."""
    if row.mask is None:
        return {"custom_mask": None, "mask_indptr": None}
    parts = [np.array([170], np.uint8)]
    parts += [np.packbits(row.rng.random(n * q) < 0.6, bitorder="little") for n, q in zip(lengths, added)]
    begin = np.cumsum([len(p) for p in parts])
    return {"custom_mask": row.tensor(np.concatenate(parts), "u8"), "mask_indptr": row.tensor(begin.astype(np.int64), row.mask)}


def results(row, tokens, heads, dim):
    query = row.normal(tokens, heads[0], dim, scale=1.3)
    query[..., 0] = np.abs(query[..., 0]) + 0.1
    return {"output": row.output((tokens, heads[0], dim), row.data), "lse": row.output((tokens, heads[0]), "f32") if row.lse else None,
            "query": row.tensor(query, row.data)}


@cases("paged_attention_decode", data=FLOATS, kind=CACHES, page=(1, 3, 16), heads=HEADS, dim=(8, 64, 40), layout=LAYOUTS,
       lengths=[(7, 0, 13, 1), (70,), (33, 5), (0,), ()], lse=(True, False), sm_scale=(0.0, 0.31, 1.7), special=SPECIAL,
       cap=(0.0, 2.5), window=(0, 1, 5), sinks=(False, True), slopes=(False, True), **CACHE)
def decode(row):
    return {**results(row, len(row.lengths), row.heads, row.dim), **paged(row, row.lengths, row.page, row.heads, row.dim),
            **options(row, row.heads)}


@cases("paged_attention_decode", data=FLOATS, kind=["nhd-hnd"], page=(3, 16), heads=[(3, 1)], dim=(128, 256, 16), layout=["aligned"],
       lengths=[(9, 0, 4), (300, 2), (600, 0)], lse=[True], sm_scale=[0.0], special=["plain", "hidden"],
       cap=[0.0], window=(0, 200), sinks=(False, True), slopes=[False], cache=("data", "e4m3fn", "e5m2"), scales=("", "heads"))
def decode_of_long_requests_and_heads(row):
    return decode(row)


# Lengths with the new tokens, and the new tokens: with a history, without one, more tokens than keys, and no tokens.
BATCHES = [((7, 0, 13, 1), (3, 0, 13, 1)), ((20,), (4,)), ((5, 9, 0), (0, 2, 2)), ((3, 2), (5, 1)), ((), ()), ((70, 3), (6, 3))]


@cases("paged_attention_prefill", data=FLOATS, kind=CACHES, page=(1, 3, 16), heads=HEADS, dim=(8, 64, 40), layout=LAYOUTS,
       batch=[(b, causal) for b in BATCHES for causal in (True, False)], around=(0, 2), lse=(True, False), sm_scale=(0.0, 0.31, 1.7),
       special=SPECIAL, cap=(0.0, 2.5), window=(0, 1, 5), right=(0, 2), sinks=(False, True), slopes=(False, True),
       mask=(None, "i32", "i64"), table=(True, False), **CACHE)
def prefill(row):
    (lengths, added), causal = row.batch
    qo_indptr = row.around + np.concatenate([[0], np.cumsum(added)])  # tokens before and after are of no request
    tokens = int(qo_indptr[-1]) + row.around
    keys = paged(row, lengths, row.page, row.heads, row.dim) if row.table else side_by_side(row, lengths, row.heads, row.dim)
    return {**results(row, tokens, row.heads, row.dim), **keys,
            "qo_indptr": row.tensor(qo_indptr.astype(np.int64), "i32"), "causal": causal, "window_right": row.right,
            **options(row, row.heads), **masks(row, lengths, added)}


@cases("paged_attention_prefill", data=FLOATS, kind=["hnd-nhd"], page=(3, 16), heads=[(3, 1)], dim=(128, 256, 16), layout=["aligned"],
       batch=[(b, causal) for b in [((5, 20), (5, 3)), ((150, 1), (70, 1))] for causal in (True, False)], around=[0], lse=[True],
       sm_scale=[0.0], special=["plain", "hidden"], cap=[0.0], window=(0, 40), right=[0], sinks=(False, True), slopes=[False],
       mask=[None], table=(True, False), cache=("data", "e4m3fn", "e5m2"), scales=("", "heads"))
def prefill_of_long_requests_and_heads(row):
    return prefill(row)


@cases("paged_mla_attention", data=FLOATS, together=(False, True), page=(1, 3, 16), heads=(1, 3, 17),
       widths=((64, 16), (512, 64), (5, 3), (8, 0)), layout=LAYOUTS, around=(0, 2), lse=(True, False), sm_scale=(0.07, 0.31),
       batch=[(b, causal) for b in BATCHES for causal in (True, False)], special=SPECIAL)
def latent(row):
    (lengths, added), causal = row.batch
    qo_indptr = row.around + np.concatenate([[0], np.cumsum(added)])  # tokens before and after are of no request
    tokens = int(qo_indptr[-1]) + row.around
    pages = sum(-(-n // row.page) for n in lengths) + 2
    indices, indptr, _ = page_table(row, lengths, row.page, pages)
    used = np.zeros((pages, row.page), bool)
    for b, n in enumerate(lengths):
        for j in range(n):
            used[indices[indptr[b] + j // row.page], j % row.page] = True
    values = [np.where(used[..., None], row.normal(pages, row.page, w), np.nan) for w in row.widths]
    queries = [row.normal(tokens, row.heads, w) for w in row.widths]
    # As of `paged`: a key's first number of the rotated part, or without one of the latent part, decides its score.
    part = 1 if row.widths[1] else 0
    queries[part][..., 0] = np.abs(queries[part][..., 0]) + 0.1
    first = values[part][..., 0]
    if row.special != "plain" and part == 1:
        first[used & (row.rng.random(first.shape) < (1.0 if row.special == "nothing" else 0.3))] = -np.inf
        if row.special == "nan" and used.any():
            slots = row.rng.permutation(np.argwhere(used))
            values[0][tuple(slots[0])] = np.nan
            first[tuple(slots[-1])] = np.inf
    ckv, kpe = latent_caches(row, pages, row.page, row.widths, values)
    return {"output": row.output((tokens, row.heads, row.widths[0]), row.data),
            "lse": row.output((tokens, row.heads), "f32") if row.lse else None,
            "q_nope": row.tensor(queries[0], row.data), "q_pe": row.tensor(queries[1], row.data), "ckv_cache": ckv, "kpe_cache": kpe,
            "qo_indptr": row.tensor(qo_indptr.astype(np.int64), "i32"), "kv_indptr": row.tensor(indptr, "i32"),
            "kv_indices": row.tensor(indices, "i32"), "kv_len": row.tensor(np.array(lengths, np.int64), "i32"),
            "sm_scale": row.sm_scale, "causal": causal}


def logarithms(row, *shape):
    """Some of -inf, NaN and +inf among them if the row says so."""
    s = row.normal(*shape, scale=5)
    if row.special != "plain":
        s[row.rng.random(shape) < (1.0 if row.special == "nothing" else 0.3)] = -np.inf
    if row.special == "nan" and s.size:
        s.flat[0], s.flat[-1] = np.nan, np.inf
    return s


MERGED = dict(data=FLOATS, shape=[(3, 2, 64), (5, 1, 7), (0, 2, 8), (2, 3, 200), (4, 2, 0)], layout=LAYOUTS, special=SPECIAL)


@cases("merge_state", lse=(True, False), **MERGED)
def merge_two(row):
    t = {name: row.tensor(row.normal(*row.shape), row.data) for name in ("v_a", "v_b")}
    s = {name: row.tensor(logarithms(row, *row.shape[:2]), "f32", free=True) for name in ("s_a", "s_b")}
    return {"output": row.output(row.shape, row.data), "lse": row.output(row.shape[:2], "f32", free=True) if row.lse else None,
            **t, **s}


@cases("merge_state_in_place", mask=(False, True), **MERGED)
def merge_into(row):
    t = {name: row.tensor(row.normal(*row.shape), row.data) for name in ("v", "v_other")}
    s = {name: row.tensor(logarithms(row, *row.shape[:2]), "f32", free=True) for name in ("s", "s_other")}
    return {**t, **s, "mask": row.tensor(row.rng.random(row.shape[0]) < 0.5, "bool") if row.mask else None}


@cases("merge_states", states=(0, 1, 2, 9), lse=(True, False), **MERGED)
def merge_several(row):
    t, h, d = row.shape
    return {"output": row.output(row.shape, row.data), "lse": row.output((t, h), "f32", free=True) if row.lse else None,
            "v": row.tensor(row.normal(t, row.states, h, d), row.data),
            "s": row.tensor(logarithms(row, t, row.states, h), "f32", free=True)}
