# SPDX-License-Identifier: Apache-2.0
"""Calls an operation on a device and compares every byte of its tensors with the definition."""

from __future__ import annotations

from typing import Any, Dict, FrozenSet, List

import hipinfer
import numpy as np

from golden.arrays import Array, Store
from golden.cases import Case
from golden.definitions import DEFINITIONS
from golden.outcomes import differences, report
from golden.reals import FLOATS, f32, widened


def in_double(arguments: Dict[str, Any]) -> Dict[str, Any]:
    """The same call with f64 in place of f32, f16 and bf16."""
    stores: Dict[int, Store] = {}
    result = dict(arguments)
    for name, a in arguments.items():
        if isinstance(a, Array) and a.dtype in FLOATS:
            if id(a.store) not in stores:
                stores[id(a.store)] = a.store.as_dtype("f64")
            result[name] = Array(stores[id(a.store)], a.offset, a.shape, a.strides)
    return result


def call(op: str, arguments: Dict[str, Any], context: hipinfer.Context) -> Dict[int, np.ndarray]:
    """Runs the operation on copies of the stores; returns what each store holds afterwards."""
    copies: Dict[int, Any] = {}
    values: Dict[str, Any] = {}
    for name, a in arguments.items():
        if not isinstance(a, Array):
            values[name] = a
            continue
        key = id(a.store)
        if context.on_cpu:
            copies.setdefault(key, a.store.data.copy())
            values[name] = a.of(copies[key])
        else:
            if key not in copies:
                copies[key] = hipinfer.from_numpy(a.store.data, context)
            base = copies[key]
            values[name] = hipinfer.Tensor(context, base, base.pointer + a.offset * base.itemsize, a.shape, a.strides, base.dtype)
    getattr(hipinfer, op)(**values, context=context)
    context.synchronize()
    return {key: copy if context.on_cpu else copy.numpy() for key, copy in copies.items()}


def define(definition: Any, arguments: Dict[str, Any], dtypes: Dict[str, str], target: str = "cpu") -> Dict[str, Any]:
    values: Dict[str, Any] = {}
    for name, a in arguments.items():
        if isinstance(a, Array):
            values[name] = a.view.copy() if getattr(definition, "raw", False) else widened(a.view)
        else:
            values[name] = f32(a) if isinstance(a, float) else a
    names = definition.__code__.co_varnames[:definition.__code__.co_argcount + definition.__code__.co_kwonlyargcount]
    for name, value in (("dtypes", dtypes), ("target", target)):
        if name in names:
            values[name] = value
    with np.errstate(all="ignore"):
        return definition(**values)


class Device:
    """A device, with a context for each set of kernels that are left out. A call is served again without those that have served it,
    and so by all that can, one after the other."""

    def __init__(self, name: str, **options: Any):
        self.name, self.options = name, options
        self.contexts: Dict[FrozenSet[str], hipinfer.Context] = {}
        self.code_target = self.without([]).code_target

    def without(self, kernels: List[str]) -> hipinfer.Context:
        key = frozenset(kernels)
        if key not in self.contexts:
            self.contexts[key] = hipinfer.Context(self.name, disable=sorted(key), **self.options)
        return self.contexts[key]


def check(case: Case, device: Device, double: bool = False) -> None:
    """Compares what each kernel makes of the case with the definition."""
    arguments = case.build()
    if double:
        arguments = in_double(arguments)
    dtypes = {name: a.dtype for name, a in arguments.items() if isinstance(a, Array)}
    outcomes = define(case.define or DEFINITIONS[case.op], arguments, dtypes, device.code_target)
    served: List[str] = []
    while True:
        context = device.without(served)
        try:
            after = call(case.op, arguments, context)
        except hipinfer.UnsupportedError:
            assert served, "no kernel serves the call"
            return
        kernel = hipinfer.last_kernel()
        assert kernel not in served, f"{kernel} served, and was left out"
        faults = compare(arguments, outcomes, after, double)
        if faults:
            raise AssertionError(f"{case.op} [{case.name}]{' in f64' if double else ''}, {kernel}\n" + "\n".join(faults))
        if context.on_cpu or not kernel:  # the CPU has one, and a call without elements none
            return
        served.append(kernel)


def compare(arguments: Dict[str, Any], outcomes: Dict[str, Any], after: Dict[int, np.ndarray], double: bool) -> List[str]:
    """What is wrong with the outputs, and with all that is not one."""
    arrays = {name: a for name, a in arguments.items() if isinstance(a, Array)}
    untouched = {id(a.store): np.ones(a.store.data.shape, bool) for a in arrays.values()}
    faults: List[str] = []
    for name, outcome in outcomes.items():
        if arguments[name] is None:
            continue
        a = arrays[name]
        got = a.of(after[id(a.store)])
        with np.errstate(all="ignore"):
            wrong = differences(outcome, got, a.view, a.dtype, double)
        assert np.shape(wrong) == a.shape, f"{name}: the definition has shape {np.shape(wrong)}, expected {a.shape}"
        if wrong.any():
            faults.append(report(name, outcome, got, wrong, a.dtype, double))
        a.of(untouched[id(a.store)])[...] = False
    for key, store in {id(a.store): a.store for a in arrays.values()}.items():
        bits = f"u{store.data.itemsize}"
        changed = (after[key].view(bits) != store.data.view(bits)) & untouched[key]
        if changed.any():
            names = ", ".join(n for n, a in arrays.items() if id(a.store) == key)
            faults.append(f"memory of or around {names} was written at elements {np.nonzero(changed)[0][:8].tolist()}")
    return faults
