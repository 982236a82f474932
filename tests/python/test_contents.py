# SPDX-License-Identifier: Apache-2.0
"""Contexts that look at the contents of index tensors."""

import hipinfer
import numpy as np
import pytest
from hipinfer._abi import StatusCode


def decode(context, page, indptr=(0, 1), out=None):
    """One request of one page, in a cache of two."""
    def given(array):
        return hipinfer.from_numpy(array, context)

    out = given(np.full((1, 1, 8), 7, np.float32)) if out is None else out
    cache = given(np.ones((2, 4, 1, 8), np.float32))
    hipinfer.paged_attention_decode(
        out, None, given(np.ones((1, 1, 8), np.float32)), cache, cache, given(np.array(indptr, np.int32)),
        given(np.array([page], np.int32)), given(np.array([1], np.int32)), context=context)
    return out.numpy()


def refusal(context, **given):
    out = hipinfer.from_numpy(np.full((1, 1, 8), 7, np.float32), context)
    with pytest.raises(hipinfer.TensorError) as caught:
        decode(context, out=out, **given)
    assert caught.value.status == StatusCode.INVALID_CONTENTS
    assert (out.numpy() == 7).all()
    return caught.value.message


def test_a_bad_entry_is_named(context):
    checking = hipinfer.Context(context.device, check_contents=True)
    assert (decode(checking, 1) == 1).all()
    assert refusal(checking, page=2) == "paged_attention_decode: kv_indices[0]: 2, expected below 2 (pages of k_cache)"
    assert refusal(checking, page=-1) == "paged_attention_decode: kv_indices[0]: -1, expected at least 0"
    assert refusal(checking, page=0, indptr=(0, 2)) == (
        "paged_attention_decode: kv_indptr[1]: 2, expected at most 1 (entries of kv_indices)")
    assert (decode(checking, 0) == 1).all()


def test_with_other_flags():
    """Of all flags at once; in a context that runs nothing no contents are looked at."""
    both = hipinfer.Context("cpu", check_contents=True, batch_invariant=True)
    assert refusal(both, page=2).startswith("paged_attention_decode: kv_indices[0]: 2")
    only = hipinfer.Context(target="cpu", validate_only=True, check_contents=True)
    spec = hipinfer.TensorSpec
    cache, index = spec([2, 4, 1, 8]), "i32"
    hipinfer.paged_attention_decode(spec([1, 1, 8]), None, spec([1, 1, 8]), cache, cache, spec([2], index), spec([1], index),
                                    spec([1], index), context=only)


def test_the_environment(monkeypatch):
    monkeypatch.setenv("HIPINFER_CHECK", "contents")
    assert "kv_indices[0]: 2" in refusal(hipinfer.Context("cpu"), page=2)
    monkeypatch.setenv("HIPINFER_CHECK", "all")
    with pytest.raises(hipinfer.ArgumentError, match="HIPINFER_CHECK=all: expected contents"):
        hipinfer.Context("cpu")
    monkeypatch.setenv("HIPINFER_CHECK", "")
    assert (decode(hipinfer.Context("cpu"), 1) == 1).all()
