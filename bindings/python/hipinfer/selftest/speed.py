# SPDX-License-Identifier: Apache-2.0
"""Level speed: how long calls take whose tensors are large, beside a copy, a large matrix product, and hipemu's prediction."""

from __future__ import annotations

import csv
import statistics
import time
from pathlib import Path
from typing import Any, Callable, Dict, Iterator, List, NamedTuple, Optional, Sequence, Set, Tuple

from .. import ops
from ..context import Context, Event, Stream
from ..create import empty
from ..errors import HipinferError
from .calls import FAMILIES, Call, Kinds, Maker, Sizes, calls, operations_of
from .report import impersonal

PREDICTIONS = Path(__file__).with_name("predictions.csv")
DISTINCT = 1 << 20  # larger tensors repeat their elements: making random ones would take most of the time

# Large enough that a launch and the latency of memory are little of a call, and that rows do not stay in the 256 MiB of cache of an
# MI300X; small enough for a card of 8 GB. Those for the CPU let a slow one end in a minute.
GPU = Sizes(
    rows=(12288, 8192), scores=(4, 32, 1024, 1024), softmax=(512, 128256), samples=(128, 128256), heads=(8192, 32, 8, 128),
    normed_tokens=8192, copied_pages=512, keys=(4096,) * 32, prompts=((2048, 2048),) * 4, head_dims=(128,),
    products=(1, 16, 64, 256, 2048), weight=(4096, 4096), experts=(8, 2048, 4096), expert_rows=(32, 2048), square=(4096, 4096))
CPU = Sizes(
    scores=(1, 8, 64, 64), softmax=(16, 32000), normed_tokens=64, keys=(256,) * 4, prompts=((64, 64),) * 2, head_dims=(128,),
    products=(1, 16), weight=(512, 512), experts=(8, 64, 512), expert_rows=(32,), square=(256, 512))
Predictions = Dict[Tuple[str, str], float]
GRAPH_US = 4000.0  # about so long a graph
MOST_CALLS = 100


class Group(NamedTuple):
    """The calls of one family, whose tensors are made when they are asked for: that may fail."""

    operations: Set[str]
    calls: Iterator[Call]


def groups(context: Context, wanted: Sequence[str]) -> Iterator[Group]:
    def group(number: int, only: Set[str]) -> Group:
        made = calls(number, CPU if context.on_cpu else GPU, Kinds(), context, DISTINCT)
        return Group(only, (c for c in made if c.op in only))

    for number in range(len(FAMILIES)):
        only = operations_of(number) & set(wanted)
        if only:
            yield group(number, only)


def timed(context: Context, wanted: Sequence[str]) -> Iterator[Call]:
    """The calls of some operations."""
    for group in groups(context, wanted):
        yield from group.calls


class Yardsticks(NamedTuple):
    copy: float  # bytes a second, read and written together
    matrix: float  # operations a second


class Timer:
    """Microseconds of a call: on a GPU of one in a replayed graph of many, so that the host is no part of it."""

    def __init__(self, context: Context):
        self.context = context
        self.stream: Any = None if context.on_cpu else Stream(context)
        self.refused: List[str] = []  # captures that failed: their calls are timed without

    def events(self, work: Callable[[], None]) -> float:
        begin, end = Event(self.context), Event(self.context)
        begin.record(self.stream)
        work()
        end.record(self.stream)
        end.synchronize()
        return begin.elapsed_ms(end) * 1e3

    def time(self, work: Callable[[], None]) -> float:
        self.context.synchronize()  # the tensors are there
        work()  # loads the kernel and allocates a workspace
        self.context.synchronize(self.stream)
        if self.stream is None:
            times: List[float] = []
            begin = time.perf_counter()
            while len(times) < 3 or (len(times) < 20 and time.perf_counter() - begin < 0.1):
                start = time.perf_counter()
                work()
                times.append((time.perf_counter() - start) * 1e6)
            return statistics.median(times)
        count = int(max(2, min(MOST_CALLS, GRAPH_US / max(self.events(work), 1.0))))

        def enqueue() -> None:
            for _ in range(count):
                work()

        launch = self.graph(enqueue) or enqueue
        launch()
        return statistics.median(self.events(launch) for _ in range(7)) / count

    def graph(self, work: Callable[[], None]) -> Optional[Callable[[], None]]:
        try:
            with self.stream.capture() as graph:
                work()
        except HipinferError as e:
            self.refused.append(impersonal(str(e)))
            return None
        return lambda: graph.launch(self.stream)


def copied_bytes(context: Context) -> int:
    """So many that they are of memory, not of a cache, and few enough for two of them."""
    return 1 << 25 if context.on_cpu else min(1 << 29, context.memory_bytes // 16 & -4096)


def yardsticks(timer: Timer) -> Yardsticks:
    """What fractions are of: the driver's copy within the device, and the library's own product of two large matrices."""
    context = timer.context
    size = copied_bytes(context)
    source, target = (empty([size], "u8", context).zero() for _ in range(2))

    def copied() -> None:
        target.copy_from(source, timer.stream)

    copy = 2 * size / timer.time(copied)
    make = Maker(context, DISTINCT)
    n = 512 if context.on_cpu else 4096
    a, b, c = make.tensor(n, n, dtype="bf16"), make.tensor(n, n, dtype="bf16"), make.empty(n, n, dtype="bf16")
    matrix = 2.0 * n**3 / timer.time(lambda: ops.gemm(c, a, b, stream=timer.stream, context=context))
    return Yardsticks(copy * 1e6, matrix * 1e6)


class Time(NamedTuple):
    op: str
    shape: str
    microseconds: float
    fraction: float
    of: str  # "copy" or "matrix": what the call comes closer to
    predicted: Optional[float]


def measured(timer: Timer, call: Call, by: Yardsticks, predicted: Predictions) -> Time:
    took = timer.time(lambda: call.run(timer.context, timer.stream))
    fractions = {"copy": call.least / (took * 1e-6) / by.copy, "matrix": call.operations / (took * 1e-6) / by.matrix}
    of = max(fractions, key=lambda f: fractions[f])
    return Time(call.op, call.shape, took, fractions[of], of, predicted.get((call.op, call.shape)))


def predictions(target: str) -> Predictions:
    """What hipemu's model says of a target, "gfx942:sramecc+": microseconds, by operation and shape. Of others: nothing."""
    with PREDICTIONS.open(newline="") as file:
        return {(row["op"], row["shape"]): float(row["us"]) for row in csv.DictReader(file) if row["target"] == target.split(":")[0]}
