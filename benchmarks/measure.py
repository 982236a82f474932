# SPDX-License-Identifier: Apache-2.0
"""Time of GPU work. All of a run's numbers come from one process on one device."""

from __future__ import annotations

import statistics
import time
from typing import Callable

import torch

Call = Callable[[], object]


def event_times(call: Call, repeats: int) -> list[float]:
    """Microseconds of each of several calls, by events."""
    events = [(torch.cuda.Event(enable_timing=True), torch.cuda.Event(enable_timing=True)) for _ in range(repeats)]
    for begin, end in events:
        begin.record()
        call()
        end.record()
    torch.cuda.synchronize()
    return [begin.elapsed_time(end) * 1e3 for begin, end in events]


def graph_of(call: Call, count: int) -> torch.cuda.CUDAGraph:
    stream = torch.cuda.Stream()
    stream.wait_stream(torch.cuda.current_stream())
    with torch.cuda.stream(stream):
        for _ in range(3):
            call()
    torch.cuda.current_stream().wait_stream(stream)
    graph = torch.cuda.CUDAGraph()
    with torch.cuda.graph(graph):
        for _ in range(count):
            call()
    return graph


def graph_time(call: Call, budget_ms: float = 40.0) -> float:
    """Microseconds a call in a graph of many of them: the kernels alone, without the host."""
    for _ in range(3):
        call()
    torch.cuda.synchronize()
    once = statistics.median(event_times(call, 5))
    count = max(4, min(200, int(2000 / max(once, 5.0))))
    graph = graph_of(call, count)
    graph.replay()
    torch.cuda.synchronize()
    one = event_times(graph.replay, 2)[-1]
    repeats = max(5, min(50, int(budget_ms * 1e3 / max(one, 1.0))))
    return statistics.median(event_times(graph.replay, repeats)) / count


def eager_time(call: Call, seconds: float = 0.02) -> float:
    """Microseconds a call, from the host, with the device kept busy: the larger of the host's cost and the device's."""
    for _ in range(10):
        call()
    torch.cuda.synchronize()
    count, begin = 0, time.perf_counter()
    while time.perf_counter() - begin < seconds:
        for _ in range(20):
            call()
        count += 20
    torch.cuda.synchronize()
    return (time.perf_counter() - begin) / count * 1e6


def copy_bandwidth(total_bytes: int = 2 << 30) -> float:
    """Bytes a second, read and written together, of a device-to-device copy: the ceiling that fractions are of."""
    source = torch.empty(total_bytes // 2, dtype=torch.uint8, device="cuda").random_()
    target = torch.empty_like(source)
    best = min(event_times(lambda: target.copy_(source), 20))
    return total_bytes / (best * 1e-6)
