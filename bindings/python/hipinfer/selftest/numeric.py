# SPDX-License-Identifier: Apache-2.0
"""Level numeric: what each kernel of a device makes of the calls, against the library's CPU reference in double."""

from __future__ import annotations

import os
from typing import Any, Dict, Iterator, List, NamedTuple, Sequence, Set, Tuple

import numpy as np

from .. import ops
from .._abi import StatusCode
from ..context import Context
from ..create import empty, from_numpy
from ..errors import HipinferError, UnsupportedError
from ..inside import kernels, last_kernel
from ..tensor import Tensor
from .calls import FAMILIES, FLOATS, FP8, Call, Kinds, Sizes, calls, operations_of
from .report import impersonal

TOLERANCES = {"f32": 1e-5, "f16": 1e-3, "bf16": 1e-2}  # of the largest magnitude in the result's row
FLIPPED = 0.01  # of quantised results: those that fp32 rounds to the neighbour of what double rounds to
# Bytes of outputs before a call, and of what is around a tensor: in no dtype a value that a call gives, least of all 0.
NOBODYS = 0x7f
AROUND = 4096  # such bytes before and after each tensor

# Rows that vector loads fit, rows that they do not, and rows longer than the kernels for short ones take. Few of each: what
# differs between cards is the instructions, and every kernel has them on every shape.
ALIGNED = Sizes(
    rows=(5, 1024), scores=(2, 3, 16, 64), softmax=(3, 1024), samples=(4, 4096), heads=(24, 8, 2, 128), normed_tokens=20,
    copied_pages=2, keys=(40, 100), prompts=((9, 40), (17, 100)), prefill_dims=(64, 128, 256), products=(1, 8, 24, 48, 130),
    weight=(64, 256), experts=(8, 32, 256), expert_rows=(32, 160), square=None, backwards=True, options=True)
ODD = Sizes(
    rows=(3, 777), scores=(1, 2, 7, 37), softmax=(2, 517), samples=(3, 1003), heads=(7, 6, 3, 40), normed_tokens=5, copied_pages=1,
    keys=(19, 33), prompts=((5, 19), (3, 33)), head_dims=(40, 72), prefill_dims=(96, 192), products=(1, 7, 33), weight=(41, 77),
    experts=(8, 19, 45), expert_rows=(32,), square=None, options=True)
LONG = Sizes(
    rows=(2, 6152), scores=(1, 1, 3, 8200), softmax=(2, 16504), samples=(2, 17003), heads=(3, 12, 1, 64), normed_tokens=2,
    copied_pages=1, keys=(300, 40), prompts=((5, 300),), products=(17,), weight=(48, 128), experts=(8, 16, 64), expert_rows=(32,),
    square=None, options=True)
# What has a kernel of its own for rows that fill the device when a thread has much of each.
MANY_ROWS = {"rmsnorm", "rmsnorm_silu", "gemma_rmsnorm", "rmsnorm_quant", "rmsnorm_dynamic_quant", "layernorm", "layernorm_quant",
             "quantize_per_token"}


def many_rows(compute_units: int) -> Sizes:
    """Of the shortest width of which lanes of 32 elements have enough."""
    return ODD._replace(rows=(16 * compute_units + 3, 784))


KINDS = [Kinds(data, weight, data, (*FP8, "i8"), FP8, ("e4m3fn", "e4m3fnuz", "i8"), (data, *FP8), (data, *FP8, "i8"), FLOATS,
               ("i32", "i64"))
         for data in FLOATS for weight in dict.fromkeys((data, "f32"))]
WEIGHTED = ("norms", "normed_ropes")  # the families for which the weight's dtype matters


class Batch(NamedTuple):
    """Calls of one family, dtype and sizes, made when they are asked for."""

    operations: Set[str]
    dtypes: str
    calls: Iterator[Call]


def batches(compute_units: int, wanted: Set[str]) -> Iterator[Batch]:
    """All that is compared."""

    def batch(number: int, sizes: Sizes, kinds: Kinds, dtypes: str, only: Set[str]) -> Batch:
        return Batch(only, dtypes, (c for c in calls(number, sizes, kinds, Context("cpu"), fill=NOBODYS) if c.op in only))

    for number, family in enumerate(FAMILIES):
        here = operations_of(number) & wanted
        for kinds in KINDS if here else ():
            weights = "" if kinds.weight == kinds.data else f" with weights in {kinds.weight}"
            if weights and family.__name__ not in WEIGHTED:
                continue
            for sizes in (ALIGNED, ODD, LONG):
                yield batch(number, sizes, kinds, kinds.data + weights, here)
            if here & MANY_ROWS:
                few = kinds._replace(quantised=kinds.quantised[:1])  # the kernel is the same for all
                yield batch(number, many_rows(compute_units), few, kinds.data + weights, here & MANY_ROWS)


def disabled() -> List[str]:
    """What HIPINFER_DISABLE leaves out: operations, and kernels as "op/kernel"."""
    return [name for name in os.environ.get("HIPINFER_DISABLE", "").split(",") if name]


def serving(context: Context, left_out: Sequence[str], later: bool = False) -> Dict[str, List[str]]:
    """By operation the kernels that the dispatch table has for the device: those that a call begins with, or those of a later stage."""
    found: Dict[str, List[str]] = {row.op: [] for row in kernels()}
    for row in kernels():
        targets = row.targets.split()
        fits = context.on_cpu if "cpu" in targets else not context.on_cpu and (
            "*" in targets or any(context.code_target.startswith(t) for t in targets))
        if fits and (row.stage != "main") == later and not {row.op, f"{row.op}/{row.kernel}"} & set(left_out):
            found[row.op].append(row.kernel)
    return found


class Placed:
    """A copy of a tensor with the same strides, in memory that has nobody's bytes before and after it."""

    def __init__(self, t: Tensor, context: Context, cpu: Context):
        reach = [(n - 1) * s * t.itemsize for n, s in zip(t.shape, t.strides)] if t.size else []
        below, size = -sum(r for r in reach if r < 0), sum(map(abs, reach)) + t.itemsize if t.size else 0
        self.first = AROUND + below  # the byte at which the first element is
        self.before = np.full(size + 2 * AROUND, NOBODYS, np.uint8)
        self.before[AROUND:AROUND + size] = Tensor(t.context, t, t.pointer - below, [size], [1], "u8").numpy()
        self.memory = empty(self.before.size, "u8", context).copy_from(from_numpy(self.before, cpu))
        self.tensor = Tensor(context, self.memory, (self.memory.pointer or 0) + self.first, t.shape, t.strides, t.dtype)

    def changed(self, written: bool) -> int:
        """How many bytes are not as they were; of what a call writes, those between and around its elements."""
        t, found = self.tensor, self.memory.numpy() != self.before
        if written and t.size:
            strides = [s * t.itemsize for s in t.strides]
            np.lib.stride_tricks.as_strided(found[self.first:], (*t.shape, t.itemsize), (*strides, 1))[...] = False
        return int(np.count_nonzero(found))


def values(t: Tensor, cpu: Context) -> "np.ndarray[Any, Any]":
    """In float64, exactly."""
    if t.dtype in ("bf16", *FP8):
        wide = empty(t.shape, "f32", cpu)
        ops.cast(wide, t, context=cpu)
        t = wide
    return t.numpy().astype(np.float64)


def written(call: Call) -> List[str]:
    operation = getattr(ops, f"_{call.op}")
    names = [operation.arguments[i] for i, is_written in operation.tensors if is_written]
    return [name for name in names if call.arguments.get(name) is not None]


def mapped(call: Call, function: Any) -> Dict[str, Any]:
    """The arguments with each tensor in another form; one that is given twice stays one."""
    made: Dict[int, Any] = {}
    return {name: made.setdefault(id(a), function(a)) if isinstance(a, Tensor) and id(a) not in made else made.get(id(a), a)
            for name, a in call.arguments.items()}


def expected(call: Call, cpu: Context) -> Dict[str, Tensor]:
    arguments = mapped(call, lambda t: from_numpy(values(t, cpu), cpu) if t.dtype in FLOATS else Placed(t, cpu, cpu).tensor)
    call.run(cpu, **arguments)
    return {name: arguments[name] for name in written(call)}


def ranks(t: Tensor) -> "np.ndarray[Any, Any]":
    """Quantised values numbered in their order."""
    bits = t.numpy().view(np.uint8).astype(np.int64)
    if t.dtype == "i8":
        return (bits ^ 0x80) - 0x80
    return np.where(bits & 0x80, -(bits & 0x7f), bits & 0x7f)


def short_sums(call: Call, kernel: str) -> float:
    """What Hopper's fp8 sums may be wrong by, of the row's scale: a product loses up to 2^-13 of the largest that is added with it.
    No other hardware drops digits."""
    x = call.arguments.get("input")
    if not (kernel.startswith("wgmma_") and isinstance(x, Tensor) and x.dtype == "e4m3fn"):
        return 0.0
    return 2.0**-12 * (0.64 * x.shape[-1] ** 0.5 + 10)


def fault(got: Tensor, want: Tensor, cpu: Context, tolerance: float = 0.0) -> str:
    """What is wrong with a result, or nothing. The tolerance is at least that of the dtype."""
    g, w = values(got, cpu), values(want, cpu)
    with np.errstate(invalid="ignore", over="ignore"):
        if got.dtype in TOLERANCES:
            finite = np.isfinite(w)
            scale = np.max(np.where(finite, np.abs(w), 0), axis=-1, keepdims=True, initial=0)
            allowed = np.where(finite, max(tolerance, TOLERANCES[got.dtype]) * scale + float(np.finfo(np.float32).tiny), 0)
            wrong = ~np.where(finite, np.abs(g - w) <= allowed, (g == w) | (np.isnan(g) & np.isnan(w)))
        elif got.dtype in (*FP8, "i8"):
            steps = np.abs(ranks(got) - ranks(want))
            wrong = np.where(np.isnan(w) | np.isnan(g), np.isnan(w) != np.isnan(g), steps > 1)
            if not wrong.any() and np.count_nonzero(steps) > max(2, FLIPPED * steps.size):
                return f"{np.count_nonzero(steps)} of {steps.size} elements are rounded to a neighbour of the right value"
        else:
            wrong = g != w
    if not wrong.any():
        return ""
    at = tuple(int(i) for i in np.argwhere(wrong)[0])
    return f"{np.count_nonzero(wrong)} of {wrong.size} elements are wrong; {list(at)}: {g[at]:g}, expected {w[at]:g}"


class Comparison:
    """Calls with one kernel at a time, each in a context of its own."""

    def __init__(self, device: Context):
        self.device, self.cpu = device, Context("cpu")
        self.serving, self.later = serving(device, disabled()), serving(device, disabled(), later=True)
        self.contexts: Dict[Tuple[str, str], Context] = {}
        self.served: Dict[str, Set[str]] = {}
        self.compared: Dict[str, int] = {}
        self.faults: Dict[str, List[str]] = {}

    def only(self, op: str, kernel: str) -> Context:
        if (op, kernel) not in self.contexts:
            others = [f"{op}/{k}" for k in self.serving[op] if k != kernel]
            self.contexts[op, kernel] = Context(self.device.device, disable=[*others, *disabled()])
        return self.contexts[op, kernel]

    def check(self, call: Call, what: str) -> None:
        want: Dict[str, Tensor] = {}
        for kernel in self.serving[call.op]:
            try:
                want = want or expected(call, self.cpu)
                found = self.run(call, kernel, want)
            except HipinferError as e:
                found = impersonal(str(e))
            if found:
                self.faults.setdefault(call.op, []).append(f"{call.op}/{kernel}, {what}, {call.shape}: {found}")

    def run(self, call: Call, kernel: str, want: Dict[str, Tensor]) -> str:
        context = self.only(call.op, kernel)
        places = mapped(call, lambda t: Placed(t, context, self.cpu))
        arguments = {name: p.tensor if isinstance(p, Placed) else p for name, p in places.items()}
        context.synchronize()
        try:
            call.run(context, **arguments)
        except UnsupportedError as e:
            if e.status != StatusCode.UNSUPPORTED:
                raise
            return ""  # another shape reaches it, or `unreached` names it
        if last_kernel() != f"{call.op}/{kernel}":
            return f"served by {last_kernel()}"
        context.synchronize()
        self.served.setdefault(call.op, set()).update([kernel, *self.launched_later(call.op, call, arguments)])
        self.compared[call.op] = self.compared.get(call.op, 0) + 1
        for name, right in want.items():
            result = arguments[name]
            got = from_numpy(np.ascontiguousarray(result.numpy()), self.cpu, dtype=result.dtype)
            found = fault(got, right, self.cpu, short_sums(call, kernel))
            if found:
                return f"{name}: {found}"
        results = [p for name, p in places.items() if name in want]
        for name, p in places.items():
            spoiled = p.changed(p in results) if isinstance(p, Placed) else 0
            if spoiled:
                return f"{name}: {spoiled} bytes {'around what is to be written' if p in results else 'of an input'} are changed"
        return ""

    def launched_later(self, op: str, call: Call, arguments: Dict[str, Any]) -> List[str]:
        """The kernels of later stages that a call launches: without them it would be refused. To ask that runs nothing."""
        found = []
        for kernel in self.later[op]:
            if (op, kernel) not in self.contexts:
                self.contexts[op, kernel] = Context(target=self.device.code_target, validate_only=True,
                                                    disable=[f"{op}/{kernel}", *disabled()])
            try:
                call.run(self.contexts[op, kernel], **arguments)
            except UnsupportedError:
                found.append(kernel)
        return found

    def unreached(self, op: str) -> List[str]:
        return [k for k in (*self.serving[op], *self.later[op]) if k not in self.served.get(op, set())]


__all__ = ["Comparison", "batches", "serving"]
