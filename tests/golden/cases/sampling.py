# SPDX-License-Identifier: Apache-2.0
"""Softmax, argmax and sampling."""

import numpy as np

from golden.cases import LAYOUTS, cases
from golden.reals import FLOATS

SHAPES = [(6, 37), (5, 64), (1, 1), (7, 200), (0, 5)]


def logits(row, t, v):
    """Rows of logits in tenths, so that there are ties; some rows hold what is not finite."""
    x = np.round(row.normal(t, v, scale=3, shift=-1), 1)
    if row.special == "nan":
        x[1::3, ::4] = np.nan
        x[2:3] = np.nan
    elif row.special == "inf":
        x[::3, v // 3::7] = np.inf
        x[1::3, ::2] = -np.inf
        x[2:3] = -np.inf
    return x


@cases("argmax", data=FLOATS, index=("i32", "i64"), shape=[*SHAPES, (2, 1000), (1, 16500)], layout=LAYOUTS,
       special=("plain", "nan", "inf", "zeros"))
def argmax(row):
    x = logits(row, *row.shape)
    if row.special == "zeros":  # of either sign, after negative numbers
        x = np.where(row.rng.random(x.shape) < 0.5, -np.abs(x) - 1, np.where(row.rng.random(x.shape) < 0.5, 0.0, -0.0))
    return {"output": row.output(row.shape[:1], row.index), "input": row.tensor(x, row.data)}


@cases("softmax", data=FLOATS, out=["f32"], shape=[(1, 16392)], temperature=(0.7, 0.0), layout=["aligned"], special=["plain"],
       temperatures=[False], in_place=[False])
def softmax_of_a_long_row(row):
    return softmax(row)


@cases("softmax", data=FLOATS, out=("data", "f32"), shape=SHAPES, layout=LAYOUTS, special=("plain", "nan", "inf"),
       temperature=(1.0, 0.6, 3.5, 0.0), temperatures=(False, True), in_place=(False, True))
def softmax(row):
    t = row.shape[0]
    out = row.data if row.out == "data" else row.out
    input = row.tensor(logits(row, *row.shape), row.data)
    each = np.resize([0.7, 2.5, 0.0, np.inf, -1.0, np.nan, 1.3], t)
    return {"output": input if row.in_place and out == row.data else row.output(row.shape, out), "input": input,
            "temperature": row.temperature, "temperatures": row.tensor(each, "f32") if row.temperatures else None}


def probabilities(row, t, v):
    """What softmax makes of such logits; some rows hold what is no probability."""
    x = np.round(row.normal(t, v, scale=2), 1)
    p = np.exp(x) / np.exp(x).sum(-1, keepdims=True)
    if row.special == "nan":
        p[1::3, ::4] = np.nan
        p[2::3, ::3] *= -1
        p[2:3] = 0
    elif row.special == "inf":
        p[::3, v // 3::7] = np.inf
        p[1::3, ::2] = 0
    return p


EACH = {"temperatures": ([0.7, 2.5, 0.0, 1.3, -1.0, np.nan], "f32"), "top_ks": ([0, -3, 1, 2, 7, 1000], "i32"),
        "top_ps": ([1.0, 1.5, 0.0, -0.2, 0.8, 0.3, np.nan], "f32"), "min_ps": ([0.0, 0.1, 1.5, -0.2, 0.03, 0.4, np.nan], "f32")}
SAMPLED = [(40, 37), (30, 64), (3, 1), (50, 200), (0, 5)]
DRAWS = {"data": FLOATS, "layout": LAYOUTS, "special": ("plain", "nan", "inf"), "valid": (True, False), "indices": (None, "i32", "i64"),
         "philox": (None, "all", "each"), "seed": (0, 12345678901234567890, 7), "offset": (0, 3, 2**63 + 5)}
FILTERS = {"temperature": (1.0, 0.6, 3.5, 0.0), "top_k": (0, 1, 5, 30), "top_p": (1.0, 0.9, 0.35, 0.0), "min_p": (0.0, 0.1, 1.0, 0.02),
           "joint": (False, True)}


def draws(*filters, shape=SAMPLED):
    """The factors of an operation with these filters."""
    own = [name + "s" for name in filters if name + "s" in EACH]
    return {**DRAWS, "shape": shape, **{name: FILTERS[name] for name in filters}, **{name: (False, True) for name in own}}


def long_rows(*filters):
    """Rows longer than the kernels' LDS holds candidates (3072), and than they have shares (4096); so many candidates and fewer."""
    few = {"data": FLOATS, "layout": ("compact", "odd"), "special": ["plain"], "shape": [(1, 3073), (2, 4101)], "valid": [True],
           "indices": [None], "philox": [None], "seed": (3, 7), "offset": [0]}
    lengths = {"temperature": (1.0, 30.0), "top_k": (0, 50, 3100), "top_p": (1.0, 0.9, 0.999), "min_p": (0.0, 0.1),
               "joint": (False, True)}
    return {**few, **{name: lengths[name] for name in filters}, **{name + "s": [False] for name in filters if name + "s" in EACH}}


def sampling(row):
    t = row.shape[0]
    count = t if row.indices is None else t + 3 if t else 0
    rows = logits if "logits" in row.op else probabilities
    state = {None: None, "all": np.array([-77, 2**40 + 3]), "each": row.rng.integers(-2**60, 2**60, (count, 2))}[row.philox]
    call = {"output": row.output((count,), "i32"), "valid": row.output((count,), "bool") if row.valid else None,
            "logits" if rows is logits else "probs": row.tensor(rows(row, *row.shape), row.data),
            "indices": None if row.indices is None else row.tensor(row.rng.integers(0, max(t, 1), count), row.indices),
            "philox": None if state is None else row.tensor(state, "i64"), "seed": row.seed, "offset": row.offset}
    for name, (values, dtype) in EACH.items():
        if name in row.__dict__:
            each = row.rng.permutation(np.resize(values, count))
            call[name] = row.tensor(each, dtype) if row.__dict__[name] else None
    return {**call, **{name: row.__dict__[name] for name in FILTERS if name in row.__dict__}}


@cases("sampling_from_logits", **long_rows("temperature"))
@cases("sampling_from_logits", **draws("temperature"))
def from_logits(row):
    return sampling(row)


@cases("sampling_from_probs", **long_rows())
@cases("sampling_from_probs", **draws())
def from_probs(row):
    return sampling(row)


@cases("min_p_sampling_from_probs", **long_rows("min_p"))
@cases("min_p_sampling_from_probs", **draws("min_p"))
def by_min_p(row):
    return sampling(row)


@cases("top_p_sampling_from_probs", **long_rows("top_p"))
@cases("top_p_sampling_from_probs", **draws("top_p"))
def by_top_p(row):
    return sampling(row)


@cases("top_k_sampling_from_probs", **long_rows("top_k"))
@cases("top_k_sampling_from_probs", **draws("top_k"))
def by_top_k(row):
    return sampling(row)


@cases("top_k_top_p_sampling_from_probs", **long_rows("top_k", "top_p", "joint"))
@cases("top_k_top_p_sampling_from_probs", **draws("top_k", "top_p", "joint"))
def by_both(row):
    return sampling(row)


@cases("top_k_top_p_sampling_from_logits", **long_rows("temperature", "top_k", "top_p", "joint"))
@cases("top_k_top_p_sampling_from_logits", **draws("temperature", "top_k", "top_p", "joint"))
def by_all(row):
    return sampling(row)


@cases("top_k_top_p_sampling_from_logits", data=FLOATS, shape=[(120, 37), (60, 120), (1, 5000)], layout=["compact", "odd"],
       special=["plain"], valid=[False], indices=[None], temperature=(0.8, 2.0), top_k=(0, 3, 20), top_p=(1.0, 0.95, 0.5),
       joint=(False, True), temperatures=[False], top_ks=[False], top_ps=[False], philox=[None], seed=(11, 2**40),
       offset=(0, 2**33 + 1))
def many_draws(row):
    return sampling(row)


def filtering(row):
    """A row of each kind, in place or not."""
    t = row.shape[0]
    name, rows = ("logits", logits) if "logits" in row.op else ("probs", probabilities)
    input = row.tensor(rows(row, *row.shape), row.data)
    call = {"output": input if row.in_place else row.output(row.shape, row.data), name: input}
    for each, (values, dtype) in EACH.items():
        if each in row.__dict__:
            call[each] = row.tensor(row.rng.permutation(np.resize(values, t)), dtype) if row.__dict__[each] else None
    return {**call, **{name: row.__dict__[name] for name in FILTERS if name in row.__dict__}}


FILTERED = {"data": FLOATS, "shape": [(12, 37), (9, 64), (3, 1), (15, 200), (0, 5)], "layout": LAYOUTS,
            "special": ("plain", "nan", "inf"), "in_place": (False, True)}
# As long_rows.
LONG = {"data": FLOATS, "layout": ("compact", "odd"), "special": ["plain"], "shape": [(1, 3073), (2, 4101)], "in_place": (False, True)}


@cases("top_k_renorm_probs", "top_k_mask_logits", **LONG, top_k=(0, 50, 3100), top_ks=[False])
@cases("top_k_renorm_probs", "top_k_mask_logits", **FILTERED, top_k=FILTERS["top_k"], top_ks=(False, True))
def largest_by_count(row):
    return filtering(row)


@cases("top_p_renorm_probs", **LONG, top_p=(1.0, 0.9, 0.999), top_ps=[False])
@cases("top_p_renorm_probs", **FILTERED, top_p=FILTERS["top_p"], top_ps=(False, True))
def largest_by_weight(row):
    return filtering(row)


@cases("apply_penalties", data=FLOATS, shape=[(6, 37), (5, 64), (1, 1), (3, 200), (0, 5), (2, 0)], layout=LAYOUTS,
       special=("plain", "nan", "inf"), in_place=(False, True), counts=(False, True), prompt=(False, True), bias=(0, 1, 2),
       repetitions=(False, True), presences=(False, True), frequencies=(False, True), repetition=(1.0, 1.3, 0.7),
       presence=(0.0, 0.6, -1.5), frequency=(0.0, 0.25, -0.5))
def penalties(row):
    t, v = row.shape
    input = row.tensor(logits(row, t, v), row.data)
    own = {name: row.tensor(np.resize(values, t), "f32") if row.__dict__[name] else None for name, values in
           (("repetitions", [1.0, 0.5, 2.0, 1.1]), ("presences", [0.3, -1.0, 0.0]), ("frequencies", [0.0, 0.25, 1.0, -0.5, 2.0]))}
    bias = None if row.bias == 0 else row.tensor(row.normal(*((v,) if row.bias == 1 else (t, v))), "f32")
    return {"output": input if row.in_place else row.output(row.shape, row.data), "logits": input,
            "counts": row.tensor(row.rng.integers(-2, 4, (t, v)), "i32") if row.counts else None,
            "prompt": row.tensor(row.rng.random((t, v)) < 0.3, "bool") if row.prompt else None, "bias": bias, **own,
            "repetition": row.repetition, "presence": row.presence, "frequency": row.frequency}


@cases("chain_speculative_sampling", data=FLOATS, shape=[(1, 1, 4101), (2, 1, 3073)], layout=("compact", "odd"), special=["plain"],
       valid=[True], index=["i32"], accepted=[True], emitted=[True], philox=[None], seed=(0, 7), offset=[3])
@cases("chain_speculative_sampling", data=FLOATS, shape=[(9, 3, 37), (7, 2, 64), (3, 4, 1), (5, 1, 200), (4, 0, 9), (0, 2, 5)],
       layout=LAYOUTS, special=("plain", "nan", "inf"), valid=(True, False), index=("i32", "i64"), accepted=(True, False),
       emitted=(True, False), philox=(None, "all", "each"), seed=(0, 12345678901234567890, 7), offset=(0, 3, 2**63 + 5))
def chain(row):
    b, n, v = row.shape
    draft = probabilities(row, b * n, v).reshape(b, n, v)
    target = probabilities(row, b * (n + 1), v).reshape(b, n + 1, v)
    mixed = row.rng.random((b, n, 1)) < 0.5  # what the models agree on more or less
    target[:, :n] = np.where(mixed, draft * row.rng.uniform(0.5, 1.5, (b, n, v)), target[:, :n])
    tokens = row.rng.integers(-1, v + 1, (b, n)) if row.special == "nan" else row.rng.integers(0, v, (b, n))
    state = {None: None, "all": np.array([-77, 2**40 + 3]), "each": row.rng.integers(-2**60, 2**60, (b, 2))}[row.philox]

    def count(given):
        return row.tensor(row.rng.integers(0, 9, b), "i32") if given else None
    return {"output": row.output((b, n + 1), "i32"), "valid": row.output((b,), "bool") if row.valid else None,
            "draft_probs": row.tensor(draft, row.data), "draft_token_ids": row.tensor(tokens, row.index),
            "target_probs": row.tensor(target, row.data), "accepted": count(row.accepted), "emitted": count(row.emitted),
            "philox": None if state is None else row.tensor(state, "i64"), "seed": row.seed, "offset": row.offset}


@cases("top_k", data=FLOATS, index=("i32", "i64"), shape=[(6, 37, 5), (5, 64, 64), (1, 1, 1), (3, 200, 20), (0, 5, 2), (2, 5, 0),
                                                         (1, 4000, 600)],
       layout=LAYOUTS, special=("plain", "nan", "inf"), sorted=(False, True))
def largest_elements(row):
    t, v, k = row.shape
    return {"values": row.output((t, k), row.data), "indices": row.output((t, k), row.index),
            "input": row.tensor(logits(row, t, v), row.data), "sorted": row.sorted}


@cases("token_logprobs", data=FLOATS, index=["i32"], shape=[(1, 3073), (2, 4101)], top=(0, 40, 2100), layout=("compact", "odd"),
       special=["plain"], temperature=(1.0, 0.3), temperatures=[False], ranks=[True], values=[True], indices=[True])
@cases("token_logprobs", data=FLOATS, index=("i32", "i64"), shape=[(6, 37), (7, 64), (1, 1), (8, 200), (0, 5), (3, 20)],
       top=(0, 1, 5, 20), layout=LAYOUTS, special=("plain", "nan", "inf"), temperature=(1.0, 0.6, 3.5, 0.0),
       temperatures=(False, True), ranks=(True, False), values=(True, False), indices=(True, False))
def logprobs(row):
    t, v = row.shape
    top = min(row.top, v)
    tokens = row.rng.integers(-1, v + 1, t) if row.special == "nan" else row.rng.integers(0, v, t)
    each = np.resize([0.7, 2.5, 0.0, np.inf, -1.0, np.nan, 1.3], t)
    return {"logprobs": row.output((t,), "f32"), "ranks": row.output((t,), "i32") if row.ranks else None,
            "top_logprobs": row.output((t, top), "f32") if row.values else None,
            "top_indices": row.output((t, top), "i32") if row.indices else None,
            "logits": row.tensor(logits(row, t, v), row.data), "tokens": row.tensor(tokens, row.index),
            "temperature": row.temperature, "temperatures": row.tensor(each, "f32") if row.temperatures else None}


WINDOWS = {"data": FLOATS, "shape": [(6, 37, 5), (9, 64, 64), (1, 1, 1), (5, 200, 20), (0, 5, 2), (2, 5, 0), (3, 9, 30),
                                     (2, 4000, 600)],
           "layout": LAYOUTS, "special": ("plain", "nan", "inf"), "starts": (False, True)}


def windows(row):
    """Windows of all kinds; some leave their rows, which cuts them."""
    t, v, _ = row.shape
    starts = row.rng.integers(0, max(v // 2, 1), t)
    lengths = row.rng.integers(0, v + 1, t)
    if row.special == "plain":
        starts, lengths = starts // 4, np.maximum(lengths, v // 2)
    elif row.special == "nan" and t > 1:
        starts[0], lengths[-1] = -2, -1
    return {"scores": row.tensor(logits(row, t, v), row.data), "lengths": row.tensor(lengths, "i32"),
            "row_starts": row.tensor(starts, "i32") if row.starts else None}


@cases("top_k_ragged_transform", **WINDOWS)
def ragged_places(row):
    t, _, k = row.shape
    return {"output": row.output((t, k), "i32"), **windows(row), "offsets": row.tensor(row.rng.integers(-5, 1000, t), "i32")}


@cases("top_k_page_table_transform", **WINDOWS, raw=(False, True), batches=(False, True), page_starts=(False, True), size=(1, 4, 7))
def paged_places(row):
    t, v, k = row.shape
    tables = 3 if row.batches else t
    size = row.size if row.page_starts or not row.starts else 1  # else a call is refused
    call = windows(row)
    pages = row.rng.integers(-1 if row.special == "nan" else 0, 500, (tables, v // size + 1))
    return {"output": row.output((t, k), "i32"), "raw_indices": row.output((t, k), "i32") if row.raw else None, **call,
            "page_table": row.tensor(pages, "i32"),
            "row_to_batch": row.tensor(row.rng.integers(0, tables, t), "i32") if row.batches else None,
            "page_table_starts": row.tensor(row.rng.integers(0, 3, t), "i32") if row.page_starts else None, "page_size": size}
