# SPDX-License-Identifier: Apache-2.0
"""Time of GPU work. All of a run's numbers come from one process on one device.

Cold or warm: where a call moves more than a small part of the L2 cache, calls rotate through copies of their tensors that
together are several times its size, so that nothing is read from what the last call left there. Smaller calls find their
tensors in the cache, as they do behind the operation that wrote them.
"""

from __future__ import annotations

import collections
import statistics
import time
from typing import Callable, List, Sequence

import torch

Call = Callable[[], object]
NODES = 400  # calls in a graph at most: its launch is then no part of the result
GRAPH_US = 4000  # and about so long a graph


def l2_bytes() -> int:
    return int(torch.cuda.get_device_properties(torch.cuda.current_device()).L2_cache_size)


def copies_for(bytes_: int) -> int:
    """How many sets of tensors a call rotates through."""
    l2 = l2_bytes()
    if bytes_ < l2 // 8 or bytes_ > 2 << 30:
        return 1
    return max(2, min(32, -(-4 * l2 // bytes_)))


def event_times(call: Call, repeats: int) -> List[float]:
    """Microseconds of each of several calls, by events."""
    events = [(torch.cuda.Event(enable_timing=True), torch.cuda.Event(enable_timing=True)) for _ in range(repeats)]
    for begin, end in events:
        begin.record()
        call()
        end.record()
    torch.cuda.synchronize()
    return [begin.elapsed_time(end) * 1e3 for begin, end in events]


def graph_of(calls: Sequence[Call], count: int) -> torch.cuda.CUDAGraph:
    """A graph of `count` calls in rotation. What the last few returned is held, so that an implementation which allocates
    its output writes new memory too, and not always the same, cached."""
    held: "collections.deque[object]" = collections.deque(maxlen=len(calls))
    stream = torch.cuda.Stream()
    stream.wait_stream(torch.cuda.current_stream())
    with torch.cuda.stream(stream):
        for call in calls:
            held.append(call())
    torch.cuda.current_stream().wait_stream(stream)
    held.clear()
    graph = torch.cuda.CUDAGraph()
    with torch.cuda.graph(graph):
        for i in range(count):
            held.append(calls[i % len(calls)]())
    return graph


def graph_time(calls: Sequence[Call], budget_ms: float = 25.0) -> float:
    """Microseconds a call in a replayed graph of many of them: the kernels alone, without the host. A median."""
    for call in list(calls) * 2:
        call()
    torch.cuda.synchronize()
    once = statistics.median(event_times(calls[0], 5))
    count = max(len(calls), 4, min(NODES, int(GRAPH_US / max(once, 1.0))))
    count = -(-count // len(calls)) * len(calls)
    graph = graph_of(calls, count)
    graph.replay()
    torch.cuda.synchronize()
    one = event_times(graph.replay, 2)[-1]
    repeats = max(5, min(50, int(budget_ms * 1e3 / max(one, 1.0))))
    times = event_times(graph.replay, repeats)
    graph.reset()
    return statistics.median(times) / count


def eager_time(calls: Sequence[Call], seconds: float = 0.01) -> float:
    """Microseconds a call from Python, with the device kept busy: the larger of the host's cost and the device's."""
    for call in calls:
        call()
    torch.cuda.synchronize()
    count, begin = 0, time.perf_counter()
    while time.perf_counter() - begin < seconds:
        for call in calls:
            call()
        count += len(calls)
    torch.cuda.synchronize()
    return (time.perf_counter() - begin) / count * 1e6


def copy_bandwidth(total_bytes: int = 4 << 30) -> float:
    """Bytes a second, read and written together, of a device-to-device copy: the ceiling that fractions are of."""
    source = torch.empty(total_bytes // 2, dtype=torch.uint8, device="cuda").random_()
    target = torch.empty_like(source)
    times = event_times(lambda: target.copy_(source), 25)[5:]
    return total_bytes / (statistics.median(times) * 1e-6)
