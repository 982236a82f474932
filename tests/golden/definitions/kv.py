# SPDX-License-Identifier: Apache-2.0
"""Paged key and value caches: the meaning of flashinfer.page's functions and vLLM's copy_blocks."""

import numpy as np

from golden.definitions import operation
from golden.outcomes import Bits, Exact, Kept
from golden.reals import real, zeros


def pages_of(kv_indices, kv_indptr, kv_last_page_len, page_size):
    """The pages of each request, and its length."""
    table, lengths = [], []
    for b in range(len(kv_last_page_len)):
        pages = [int(kv_indices[i]) for i in range(kv_indptr[b], kv_indptr[b + 1])]
        table.append(pages)
        lengths.append((len(pages) - 1) * page_size + int(kv_last_page_len[b]) if pages else 0)
    return table, lengths


def append(cache, rows, scale, batch_indices, positions, table, lengths):
    """cache[page, slot] = rows[t] / scale. An entry whose request, position or page is out of range is skipped."""
    pages, slots = cache.shape[:2]
    result, kept = zeros(*cache.shape), np.ones(cache.shape, bool)
    values = rows if scale is None else rows / scale.item()
    for t in range(rows.shape[0]):
        b, position = batch_indices[t], positions[t]
        if not 0 <= b < len(table) or not 0 <= position < lengths[b]:
            continue
        page = table[b][position // slots]
        if not 0 <= page < pages:
            continue
        result[page, position % slots] = values[t]
        kept[page, position % slots] = False
    return Kept(kept, result)


@operation
def append_paged_kv_cache(k_cache, v_cache, append_key, append_value, batch_indices, positions, kv_indices, kv_indptr,
                          kv_last_page_len, k_scale, v_scale):
    where = (batch_indices, positions, *pages_of(kv_indices, kv_indptr, kv_last_page_len, k_cache.shape[1]))
    return {"k_cache": append(k_cache, real(append_key), k_scale, *where),
            "v_cache": append(v_cache, real(append_value), v_scale, *where)}


@operation
def append_paged_mla_kv_cache(ckv_cache, kpe_cache, append_ckv, append_kpe, batch_indices, positions, kv_indices, kv_indptr,
                              kv_last_page_len):
    where = (batch_indices, positions, *pages_of(kv_indices, kv_indptr, kv_last_page_len, ckv_cache.shape[1]))
    return {"ckv_cache": append(ckv_cache, real(append_ckv), None, *where),
            "kpe_cache": append(kpe_cache, real(append_kpe), None, *where)}


@operation(raw=True)
def copy_blocks(k_cache, v_cache, block_mapping):
    def result(cache):
        if cache is None:
            return None
        after = cache.copy()
        for source, destination in block_mapping:
            if 0 <= source < len(cache) and 0 <= destination < len(cache):
                after[destination] = cache[source]
        return Bits(after)
    return {"k_cache": result(k_cache), "v_cache": result(v_cache)}


@operation
def get_batch_indices_positions(batch_indices, positions, append_indptr, seq_lens):
    requests, places = np.full(len(batch_indices), -1), np.full(len(batch_indices), -1)
    for t in range(len(batch_indices)):
        for b in range(len(seq_lens)):
            if append_indptr[b] <= t < append_indptr[b + 1]:
                requests[t] = b
                places[t] = seq_lens[b] - append_indptr[b + 1] + t
    return {"batch_indices": Exact(requests), "positions": Exact(places)}


@operation
def get_seq_lens(seq_lens, kv_indptr, kv_last_page_len, page_size, dtypes):
    lengths = np.zeros(len(kv_last_page_len), np.int64)
    for b in range(len(lengths)):
        pages = kv_indptr[b + 1] - kv_indptr[b]
        if pages > 0:
            lengths[b] = (pages - 1) * page_size + min(max(kv_last_page_len[b], 0), page_size)
    # What does not fit in i32 is cut to its lower 32 bits.
    return {"seq_lens": Exact(lengths.astype(np.int32) if dtypes["seq_lens"] == "i32" else lengths)}
