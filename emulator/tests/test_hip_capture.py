# SPDX-License-Identifier: Apache-2.0
"""Stream capture and graphs."""

from __future__ import annotations

import ctypes
import struct
import threading

import pytest
from hip_api import (ACTIVE, CAPTURED_EVENT, GLOBAL, ILLEGAL_ADDRESS, ILLEGAL_STATE, IMPLICIT, INVALIDATED, INVALID_VALUE,
                     ISOLATION, MERGE, NONE, ON_DEVICE, RELAXED, SUCCESS, THREAD_LOCAL, TO_DEVICE, UNJOINED, UNMATCHED,
                     UNSUPPORTED, WRONG_THREAD, code, function, hip, launch, load, Memory, ok, out, pointer, reset, size, words)


@pytest.fixture(autouse=True)
def clean():
    yield reset()
    reset()


# Capture and graphs

@pytest.fixture
def stream():
    made = out("hipStreamCreate")
    yield made
    graph = pointer()
    hip.hipStreamEndCapture(made, ctypes.byref(graph))
    hip.hipStreamDestroy(made)


def status(stream):
    value = ctypes.c_int(-1)
    ok("hipStreamIsCapturing", stream, ctypes.byref(value))
    return value.value


def finish(stream):
    graph = pointer()
    ok("hipStreamEndCapture", stream, ctypes.byref(graph))
    return graph


def instantiate(graph):
    return out("hipGraphInstantiate", pointer, graph, None, None, size(0))


def test_capture_and_replay(stream):
    echo = function(load(), "echo")
    memory, copy = Memory(24), Memory(24)
    ok("hipMemset", memory.at, 0, size(24))
    packed = words(memory.at, 3, 4)
    assert status(stream) == NONE
    ok("hipStreamBeginCapture", stream, GLOBAL)
    assert status(stream) == ACTIVE
    assert code("hipStreamBeginCapture", stream, GLOBAL) == ILLEGAL_STATE
    assert launch(echo, packed, stream=stream) == SUCCESS
    ok("hipMemcpyAsync", copy.at, memory.at, size(24), ON_DEVICE, stream)
    ok("hipMemsetAsync", memory.at, 1, size(8), stream)
    graph = finish(stream)
    assert status(stream) == NONE
    assert memory.read() == bytes(24)  # nothing ran
    count = size()
    ok("hipGraphGetNodes", graph, None, ctypes.byref(count))
    assert count.value == 3
    nodes = (pointer * 3)()
    ok("hipGraphGetNodes", graph, nodes, ctypes.byref(count))
    kinds = []
    for node in nodes:
        kind = ctypes.c_int()
        ok("hipGraphNodeGetType", pointer(node), ctypes.byref(kind))
        kinds.append(kind.value)
    assert kinds == [0, 1, 2]
    run = instantiate(graph)
    ok("hipGraphDestroy", graph)
    assert code("hipGraphDestroy", graph) == INVALID_VALUE
    for _ in range(2):
        ok("hipMemset", memory.at, 0, size(24))
        ok("hipGraphLaunch", run, stream)
        ok("hipStreamSynchronize", stream)
        assert struct.unpack("=3Q", copy.read()) == (memory.at.value, 3, 4)
        assert struct.unpack("=3Q", memory.read()) == (0x0101010101010101, 3, 4)
    # A replay looks again: the memory is gone.
    ok("hipFree", copy.at)
    assert code("hipGraphLaunch", run, stream) == INVALID_VALUE
    ok("hipGraphExecDestroy", run)
    assert code("hipGraphLaunch", run, stream) == INVALID_VALUE


def test_a_graph_inside_a_capture(stream):
    echo = function(load(), "echo")
    memory = Memory(24)
    ok("hipStreamBeginCapture", stream, GLOBAL)
    assert launch(echo, words(memory.at, 1, 2), stream=stream) == SUCCESS
    inner = instantiate(finish(stream))
    ok("hipStreamBeginCapture", stream, GLOBAL)
    ok("hipGraphLaunch", inner, stream)
    outer = instantiate(finish(stream))
    ok("hipMemset", memory.at, 0, size(24))
    ok("hipGraphLaunch", outer, None)
    assert struct.unpack("=3Q", memory.read()) == (memory.at.value, 1, 2)


def test_a_fault_in_a_replay(stream):
    echo = function(load(), "echo")
    ok("hipStreamBeginCapture", stream, GLOBAL)
    assert launch(echo, words(pointer(4096), 1, 2), stream=stream) == SUCCESS
    run = instantiate(finish(stream))
    ok("hipDeviceSynchronize")
    ok("hipGraphLaunch", run, stream)
    assert code("hipStreamSynchronize", stream) == ILLEGAL_ADDRESS


def test_fork_and_join(stream):
    other, fork, join = out("hipStreamCreate"), out("hipEventCreate"), out("hipEventCreate")
    memory = Memory(8)
    for joined in (True, False):
        ok("hipStreamBeginCapture", stream, GLOBAL)
        ok("hipMemsetAsync", memory.at, 1, size(8), stream)
        ok("hipEventRecord", fork, stream)
        assert code("hipEventQuery", join) == SUCCESS or not joined
        ok("hipStreamWaitEvent", other, fork, 0)
        assert status(other) == ACTIVE
        ok("hipMemsetAsync", memory.at, 2, size(4), other)
        assert code("hipStreamEndCapture", other, ctypes.byref(pointer())) == UNMATCHED
        if joined:
            ok("hipEventRecord", join, other)
            ok("hipStreamWaitEvent", stream, join, 0)
            run = instantiate(finish(stream))
            ok("hipGraphLaunch", run, None)
            assert memory.read() == b"\2" * 4 + b"\1" * 4
        else:
            assert code("hipStreamEndCapture", stream, ctypes.byref(pointer())) == UNJOINED
        assert status(other) == status(stream) == NONE


@pytest.mark.parametrize("name, arguments", [
    ("hipMalloc", lambda s: (ctypes.byref(pointer()), size(8))), ("hipFree", lambda s: (None,)),
    ("hipMemcpy", lambda s: (Kept.device.at, b"12345678", size(8), TO_DEVICE)), ("hipStreamSynchronize", lambda s: (s,)),
    ("hipStreamQuery", lambda s: (s,)), ("hipDeviceSynchronize", lambda s: ()),
    ("hipModuleLoadData", lambda s: (ctypes.byref(pointer()), b"no ELF" + bytes(64))),
    ("hipHostMalloc", lambda s: (ctypes.byref(pointer()), size(8), 0)),
    ("hipMallocAsync", lambda s: (ctypes.byref(pointer()), size(8), s))])
def test_calls_that_end_a_capture(stream, name, arguments):
    Kept.device = Memory(8)
    given = arguments(stream)
    ok("hipStreamBeginCapture", stream, GLOBAL)
    assert code(name, *given) == UNSUPPORTED
    assert status(stream) == 2
    assert code("hipMemsetAsync", Kept.device.at, 0, size(8), stream) == INVALIDATED
    graph = pointer(1)
    assert code("hipStreamEndCapture", stream, ctypes.byref(graph)) == INVALIDATED
    assert graph.value is None
    ok("hipStreamSynchronize", stream)


class Kept:
    """What a parameter's arguments refer to."""
    device = None


@pytest.mark.parametrize("mode, thread_mode, here, elsewhere", [
    (GLOBAL, GLOBAL, False, False), (THREAD_LOCAL, GLOBAL, False, True), (RELAXED, GLOBAL, True, True),
    (GLOBAL, THREAD_LOCAL, False, True), (GLOBAL, RELAXED, True, True), (THREAD_LOCAL, RELAXED, True, True)])
@pytest.mark.parametrize("own_thread", [True, False])
def test_capture_modes(stream, mode, thread_mode, here, elsewhere, own_thread):
    results = []

    def allocate():
        value = ctypes.c_int(thread_mode)
        ok("hipThreadExchangeStreamCaptureMode", ctypes.byref(value))
        assert value.value == GLOBAL
        results.append(code("hipMalloc", ctypes.byref(pointer()), size(8)))
        ok("hipThreadExchangeStreamCaptureMode", ctypes.byref(value))
        assert value.value == thread_mode

    ok("hipStreamBeginCapture", stream, mode)
    if own_thread:
        allocate()
    else:
        thread = threading.Thread(target=allocate)
        thread.start()
        thread.join()
    allowed = here if own_thread else elsewhere
    assert results == [SUCCESS if allowed else UNSUPPORTED]
    assert code("hipStreamEndCapture", stream, ctypes.byref(pointer())) == (SUCCESS if allowed else INVALIDATED)


def test_what_a_capture_refuses(stream):
    other, loose = out("hipStreamCreate"), out("hipStreamCreateWithFlags", pointer, 1)
    event, outside = out("hipEventCreate"), out("hipEventCreate")
    memory, graph = Memory(8), pointer()
    end = ctypes.byref(graph)
    assert code("hipStreamBeginCapture", None, GLOBAL) == UNSUPPORTED
    assert code("hipStreamEndCapture", stream, end) == ILLEGAL_STATE
    # An event of work that is not part of it.
    ok("hipEventRecord", outside, other)
    ok("hipStreamBeginCapture", stream, GLOBAL)
    assert code("hipStreamWaitEvent", stream, outside, 0) == ISOLATION
    assert code("hipStreamEndCapture", stream, end) == INVALIDATED
    # The null stream waits for blocking streams; asking alone does no harm.
    ok("hipStreamBeginCapture", stream, RELAXED)
    assert code("hipStreamIsCapturing", None, ctypes.byref(ctypes.c_int())) == IMPLICIT
    assert status(stream) == ACTIVE
    assert code("hipMemsetAsync", memory.at, 0, size(8), None) == IMPLICIT
    assert code("hipStreamEndCapture", stream, end) == INVALIDATED
    # Not for others.
    ok("hipStreamBeginCapture", loose, RELAXED)
    ok("hipMemsetAsync", memory.at, 0, size(8), None)
    ok("hipEventRecord", event, loose)
    assert code("hipStreamWaitEvent", None, event, 0) == IMPLICIT
    assert code("hipStreamEndCapture", loose, end) == INVALIDATED
    # Two captures cannot become one.
    ok("hipStreamBeginCapture", stream, RELAXED)
    ok("hipStreamBeginCapture", other, RELAXED)
    ok("hipEventRecord", event, stream)
    assert code("hipStreamWaitEvent", other, event, 0) == MERGE
    assert code("hipStreamEndCapture", stream, end) == code("hipStreamEndCapture", other, end) == INVALIDATED
    # A captured event happens never.
    ok("hipStreamBeginCapture", stream, RELAXED)
    ok("hipEventRecord", event, stream)
    assert code("hipEventSynchronize", event) == CAPTURED_EVENT
    assert code("hipStreamEndCapture", stream, end) == INVALIDATED
    # Who began ends.
    results = []
    for mode, expected in ((GLOBAL, WRONG_THREAD), (RELAXED, SUCCESS)):
        ok("hipStreamBeginCapture", stream, mode)
        thread = threading.Thread(target=lambda: results.append(code("hipStreamEndCapture", stream, end)))
        thread.start()
        thread.join()
        assert results.pop() == expected
        if expected:
            ok("hipStreamEndCapture", stream, end)
