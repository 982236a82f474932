# SPDX-License-Identifier: Apache-2.0
"""Paged caches, in every layout, with K and V laid out differently."""

import numpy as np

from golden.cases import LAYOUTS, cases
from golden.reals import FLOATS, FP8, narrowed

CACHES = ("nhd-hnd", "hnd-nhd", "combined-nhd", "combined-hnd", "padded", "reversed")


def caches(row, kind, shapes, dtype, values):
    """K and V as [P, S, H, D] and [P, S, H, E], as views of stores of their own or of one."""
    if kind.startswith("combined") and shapes[0] == shapes[1]:
        p, s, h, d = shapes[0]
        if kind == "combined-nhd":
            both = row.output((p, 2, s, h, d), dtype, layout="compact")
            k, v = both.at(1, 0), both.at(1, 1)
        else:
            both = row.output((p, 2, h, s, d), dtype, layout="aligned")
            k, v = both.at(1, 0).permuted(0, 2, 1, 3), both.at(1, 1).permuted(0, 2, 1, 3)
    else:
        def one(shape, layout):
            p, s, h, d = shape
            if layout == "hnd":
                return row.output((p, h, s, d), dtype, layout="aligned").permuted(0, 2, 1, 3)
            return row.output(shape, dtype, layout={"nhd": "compact", "padded": "odd"}.get(layout, layout))
        layouts = {"nhd-hnd": ("nhd", "hnd"), "hnd-nhd": ("hnd", "nhd"), "padded": ("padded", "padded"),
                   "reversed": ("reversed", "swapped")}.get(kind, ("hnd", "padded"))
        k, v = one(shapes[0], layouts[0]), one(shapes[1], layouts[1])
    for cache, x in zip((k, v), values):
        cache.view[...] = narrowed(x, dtype)
    return k, v


def page_table(row, lengths, page_size, pages, spare=2):
    """indices, indptr and last_page_len of a ragged batch whose pages are dealt at random. There are entries of no request
    at the end of the table."""
    counts = [-(-n // page_size) for n in lengths]
    dealt = row.rng.permutation(pages)[:sum(counts)]
    assert len(dealt) == sum(counts), "too few pages"
    indptr = np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)
    last = np.array([n - (c - 1) * page_size if c else 1 for n, c in zip(lengths, counts)], np.int64)
    return np.concatenate([dealt, np.full(spare, 10**6)]), indptr, last


def new_tokens(row, lengths, added):
    """Request and position of the last `added[b]` tokens of each request, in an order of no meaning."""
    entries = [(b, lengths[b] - added[b] + i) for b in range(len(lengths)) for i in range(added[b])]
    order = row.rng.permutation(len(entries))
    return np.array([entries[i][0] for i in order], np.int64), np.array([entries[i][1] for i in order], np.int64)


def scales(row, cache):
    """Scales of fp8 caches; others take none."""
    given = cache in FP8
    return {"k_scale": row.tensor([0.31], "f32") if given and "k" in row.scales else None,
            "v_scale": row.tensor([1.9], "f32") if given and "v" in row.scales else None}


# Lengths with the new tokens, and how many are new. One request is empty.
BATCHES = [((7, 0, 13, 1), (3, 0, 13, 1)), ((20,), (4,)), ((5, 9), (0, 2)), ((0, 33, 2), (0, 1, 1))]


@cases("append_paged_kv_cache", data=FLOATS, cache=("data", *FP8), index=("i32", "i64"), kind=CACHES, page=(1, 3, 16), heads=(1, 3),
       dim=(8, 5, 32), batch=BATCHES, scales=("", "k", "v", "kv"), faults=(False, True), layout=LAYOUTS)
def append(row):
    lengths, added = row.batch
    pages = sum(-(-n // row.page) for n in lengths) + 2
    indices, indptr, last = page_table(row, lengths, row.page, pages)
    requests, positions = new_tokens(row, lengths, added)
    if row.faults:  # each of these is skipped
        bad = [(-1, 0), (len(lengths), 0), (0, lengths[0]), (len(lengths) - 1, -1), (0, lengths[0] + 1000)]
        requests = np.concatenate([[b for b, _ in bad], requests])
        positions = np.concatenate([[p for _, p in bad], positions])
        indices[0] = pages if row.rng.random() < 0.5 else -1
    t, shape = len(requests), (pages, row.page, row.heads, row.dim)
    cache = row.data if row.cache == "data" else row.cache
    k, v = caches(row, row.kind, (shape, shape), cache, (row.normal(*shape), row.normal(*shape)))
    return {"k_cache": k, "v_cache": v, "append_key": row.tensor(row.normal(t, row.heads, row.dim, scale=2), row.data),
            "append_value": row.tensor(row.normal(t, row.heads, row.dim, scale=2), row.data),
            "batch_indices": row.tensor(requests, row.index), "positions": row.tensor(positions, row.index),
            "kv_indices": row.tensor(indices, row.index), "kv_indptr": row.tensor(indptr, row.index),
            "kv_last_page_len": row.tensor(last, row.index), **scales(row, cache)}


def latent_caches(row, pages, page, widths, values):
    """The two caches of latent attention: [pages, slots, width] each, alone or side by side."""
    if row.together:
        both = row.output((pages, page, sum(widths)), row.data, layout="compact")
        parts = [both.part(2, 0, widths[0]), both.part(2, widths[0], sum(widths))]
    else:
        parts = [row.output((pages, page, width), row.data) for width in widths]
    for part, x in zip(parts, values):
        part.view[...] = narrowed(x, row.data)
    return parts


@cases("append_paged_mla_kv_cache", data=FLOATS, index=("i32", "i64"), together=(False, True), page=(1, 3, 16),
       widths=((64, 16), (512, 64), (5, 3), (8, 0)), batch=BATCHES, faults=(False, True), layout=LAYOUTS)
def append_latent(row):
    lengths, added = row.batch
    pages = sum(-(-n // row.page) for n in lengths) + 2
    indices, indptr, last = page_table(row, lengths, row.page, pages)
    requests, positions = new_tokens(row, lengths, added)
    if row.faults:  # each of these is skipped
        bad = [(-1, 0), (len(lengths), 0), (0, lengths[0]), (len(lengths) - 1, -1), (0, lengths[0] + 1000)]
        requests = np.concatenate([[b for b, _ in bad], requests])
        positions = np.concatenate([[p for _, p in bad], positions])
        indices[0] = pages if row.rng.random() < 0.5 else -1
    t = len(requests)
    ckv, kpe = latent_caches(row, pages, row.page, row.widths, [row.normal(pages, row.page, w) for w in row.widths])
    return {"ckv_cache": ckv, "kpe_cache": kpe, "append_ckv": row.tensor(row.normal(t, row.widths[0], scale=2), row.data),
            "append_kpe": row.tensor(row.normal(t, row.widths[1], scale=2), row.data),
            "batch_indices": row.tensor(requests, row.index), "positions": row.tensor(positions, row.index),
            "kv_indices": row.tensor(indices, row.index), "kv_indptr": row.tensor(indptr, row.index),
            "kv_last_page_len": row.tensor(last, row.index)}


@cases("copy_blocks", cache=(*FLOATS, *FP8, "i8", "u8"), index=("i32", "i64"), kind=(*CACHES, "keys"), page=(1, 3, 16), heads=(1, 3),
       dims=((8, 8), (5, 7), (16, 24)), count=(0, 1, 4, 5), layout=LAYOUTS)
def copy_blocks(row):
    pages = 2 * row.count + 3
    shapes = [(pages, row.page, row.heads, d) for d in row.dims]
    values = [row.rng.integers(0, 100, shape) for shape in shapes]
    k, v = caches(row, "padded" if row.kind == "keys" else row.kind, shapes, row.cache, values)
    mapping = row.rng.permutation(pages)[:2 * row.count].reshape(-1, 2)
    mapping[1:2, 0] = pages  # skipped, as is the next
    mapping[2:3, 1] = -1
    return {"k_cache": k, "v_cache": None if row.kind == "keys" else v, "block_mapping": row.tensor(mapping, row.index)}


@cases("get_batch_indices_positions", out=("i32", "i64"), index=("i32", "i64"), layout=LAYOUTS,
       batch=[((7, 0, 13, 1), (3, 0, 13, 1)), ((20,), (4,)), ((), ()), ((4, 5, 300), (0, 2, 270)), ((3,), (3,))], first=(0, 2),
       spare=(0, 3))
def new_places(row):
    lengths, added = row.batch
    indptr = row.first + np.concatenate([[0], np.cumsum(added)]).astype(np.int64)
    tokens = int(indptr[-1]) + row.spare
    return {"batch_indices": row.output((tokens,), row.out), "positions": row.output((tokens,), row.out),
            "append_indptr": row.tensor(indptr, row.index), "seq_lens": row.tensor(np.array(lengths, np.int64), row.index)}


@cases("get_seq_lens", out=("i32", "i64"), index=("i32", "i64"), layout=LAYOUTS, page_size=(1, 3, 16, 2**20), huge=(False, True),
       in_place=(False, True))
def lengths(row):
    counts = np.array([3, 0, 1, 700, 2, 5, -2], np.int64)
    if row.huge:  # more tokens than i32 holds
        counts[3] = 10**7
    indptr = np.concatenate([[4], 4 + np.cumsum(counts)])
    last = np.array([1, 1, row.page_size, 2, -5, row.page_size + 9, 1], np.int64)
    table = row.tensor(last, row.index)
    in_place = row.in_place and row.out == row.index
    return {"seq_lens": table if in_place else row.output((len(counts),), row.out), "kv_indptr": row.tensor(indptr, row.index),
            "kv_last_page_len": table, "page_size": row.page_size}
