# SPDX-License-Identifier: Apache-2.0
"""Graphs, pinned memory and streams that wait, on every device; the emulator has graphs, too (tools/test emulator)."""

import gc
import weakref

import hipinfer
import numpy as np
import pytest


def test_pinned_memory_goes_both_ways(context, rng):
    stream = hipinfer.Stream(context)
    for dtype in ("f32", "i64", "bool", "bf16"):
        host, back = (hipinfer.pinned((3, 50), dtype, context) for _ in range(2))
        bits = host.view(np.uint8)
        bits[...] = rng.integers(0, 2, bits.shape)
        back.view(np.uint8)[...] = 7
        x = hipinfer.empty((3, 50), dtype, context)
        x.copy_from(hipinfer.as_tensor(host, dtype=dtype), stream)
        x.copy_to(back, stream)
        stream.synchronize()
        np.testing.assert_array_equal(back.view(np.uint8), bits)


def test_pinned_memory_lives_as_long_as_its_arrays(context):
    whole = hipinfer.pinned(1000, "f32", context)
    part, gone = whole[10:20], weakref.ref(whole.base if whole.base is not None else whole)
    part[:] = 3
    del whole
    gc.collect()
    assert (part == 3).all() and gone() is not None
    assert hipinfer.pinned((4, 0), "f16", context).shape == (4, 0)
    with pytest.raises(ValueError, match="negative"):
        hipinfer.pinned(-1, "f32", context)


def test_refusals_of_copy_to(context):
    x = hipinfer.zeros((4, 6), "f32", context)
    read_only = np.zeros((4, 6), np.float32)
    read_only.flags.writeable = False
    for tensor, array in ((x, np.zeros((6, 4), np.float32)), (x, np.zeros((4, 6), np.float64)), (x, read_only),
                          (x, np.zeros((4, 12), np.float32)[:, ::2]), (x[:, :3], np.zeros((4, 3), np.float32))):
        before = array.copy()
        with pytest.raises((TypeError, ValueError)):
            tensor.copy_to(array)
        np.testing.assert_array_equal(array, before)


def test_a_stream_waits_for_another(context, rng):
    first, second, copied = hipinfer.Stream(context), hipinfer.Stream(context), hipinfer.Event(context)
    a = rng.standard_normal(1 << 16).astype(np.float32)
    x, y = (hipinfer.empty(a.shape, "f32", context) for _ in range(2))
    x.copy_from(a, first)
    copied.record(first)
    second.wait(copied)
    y.copy_from(x, second)
    np.testing.assert_array_equal(y.numpy(second), a)


def test_a_graph_reads_what_is_there_when_it_is_launched(context):
    stream = hipinfer.Stream(context)
    x, y = (hipinfer.zeros((8, 64), "f32", context) for _ in range(2))
    weight = hipinfer.from_numpy(np.ones(64, np.float32), context)
    context.synchronize()
    if context.on_cpu:
        with pytest.raises(hipinfer.UnsupportedError, match="the CPU has no graphs"), stream.capture():
            pytest.fail("nothing is captured")
        return
    hipinfer.rmsnorm(y, x, weight, 0.0, stream=stream)  # loads the kernel
    with stream.capture() as graph:
        hipinfer.scale(x, x, 2.0, stream=stream)
        hipinfer.rmsnorm(y, x, weight, 1.0, stream=stream)
    assert gc.isenabled() and not x.numpy(stream).any()
    for value in (1.0, 3.0):
        x.copy_from(np.full((8, 64), value, np.float32), stream)
        graph.launch(stream)
        graph.launch(stream)
        np.testing.assert_array_equal(x.numpy(stream), np.full((8, 64), 4 * value))
        np.testing.assert_allclose(y.numpy(stream), 4 * value / np.sqrt(16 * value**2 + 1), rtol=1e-6)


def test_segments_of_a_graph_are_those_of_its_launch(context, rng):
    """A graph of gemm_grouped knows neither where segments begin nor which weights they have."""
    if context.on_cpu:
        pytest.skip("the CPU has no graphs")
    x, w = (rng.integers(-4, 5, s).astype(np.float32) for s in ((40, 16), (3, 9, 16)))
    y, indptr, chosen = (hipinfer.zeros(s, d, context) for s, d in (((40, 9), "f32"), ((5,), "i32"), ((4,), "i32")))
    stream, a, b = hipinfer.Stream(context), hipinfer.from_numpy(x, context), hipinfer.from_numpy(w, context)
    context.synchronize()
    hipinfer.gemm_grouped(y, a, b, indptr, chosen, stream=stream)  # loads the kernel
    with stream.capture() as graph:
        hipinfer.gemm_grouped(y, a, b, indptr, chosen, stream=stream)
    for begins, weights in (([0, 1, 1, 30, 40], [2, 0, 1, 0]), ([0, 40, 40, 40, 40], [1, 1, 1, 1]),
                            ([0, 0, 20, 21, 40], [0, 2, 0, 1])):
        indptr.copy_from(np.array(begins, np.int32), stream)
        chosen.copy_from(np.array(weights, np.int32), stream)
        graph.launch(stream)
        expected = np.concatenate([x[p:q] @ w[i].T for p, q, i in zip(begins, begins[1:], weights)])
        np.testing.assert_array_equal(y.numpy(stream), expected)


def test_a_capture_that_fails_leaves_the_stream_as_it_was(context):
    if context.on_cpu:
        pytest.skip("the CPU has no graphs")
    stream = hipinfer.Stream(context)
    x = hipinfer.zeros(8, "f32", context)
    context.synchronize()
    with pytest.raises(ZeroDivisionError), stream.capture() as graph:
        hipinfer.scale(x, x, 2.0, stream=stream)
        raise ZeroDivisionError
    with pytest.raises(hipinfer.HipinferError, match="graph is NULL"):
        graph.launch(stream)
    with pytest.raises(hipinfer.DeviceError), stream.capture():
        hipinfer.zeros(8, "f32", context, stream)  # an allocation
    with pytest.raises(hipinfer.DeviceError), hipinfer.Stream.capture(stream):
        stream.synchronize()
    assert gc.isenabled()
    x.copy_from(np.ones(8, np.float32), stream)
    np.testing.assert_array_equal(x.numpy(stream), np.ones(8))
