# SPDX-License-Identifier: Apache-2.0
"""Calls an operation on a device and compares every byte of its tensors with the definition."""

from __future__ import annotations

from typing import Any, Dict, List

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


def define(definition: Any, arguments: Dict[str, Any], dtypes: Dict[str, str]) -> Dict[str, Any]:
    values: Dict[str, Any] = {}
    for name, a in arguments.items():
        if isinstance(a, Array):
            values[name] = a.view.copy() if getattr(definition, "raw", False) else widened(a.view)
        else:
            values[name] = f32(a) if isinstance(a, float) else a
    names = definition.__code__.co_varnames[:definition.__code__.co_argcount + definition.__code__.co_kwonlyargcount]
    if "dtypes" in names:
        values["dtypes"] = dtypes
    with np.errstate(all="ignore"):
        return definition(**values)


def check(case: Case, context: hipinfer.Context, double: bool) -> None:
    arguments = case.build()
    if double:
        arguments = in_double(arguments)
    arrays = {name: a for name, a in arguments.items() if isinstance(a, Array)}
    dtypes = {name: a.dtype for name, a in arrays.items()}
    outcomes = define(case.define or DEFINITIONS[case.op], arguments, dtypes)
    after = call(case.op, arguments, context)
    faults: List[str] = []
    untouched = {id(a.store): np.ones(a.store.data.shape, bool) for a in arrays.values()}
    for name, outcome in outcomes.items():
        if arguments.get(name) is None:
            continue
        a = arrays[name]
        got = a.of(after[id(a.store)])
        with np.errstate(all="ignore"):
            wrong = differences(outcome, got, a.view, a.dtype, double)
        assert wrong is not None and np.shape(wrong) == a.shape, f"{name}: shape {np.shape(wrong)}, expected {a.shape}"
        if wrong.any():
            faults.append(report(name, outcome, got, wrong, a.dtype, double))
        a.of(untouched[id(a.store)])[...] = False
    for store, rest in {id(a.store): a.store for a in arrays.values()}.items():
        bits = f"u{rest.data.itemsize}"
        changed = (after[store].view(bits) != rest.data.view(bits)) & untouched[store]
        if changed.any():
            names = [n for n, a in arrays.items() if id(a.store) == store]
            faults.append(f"memory around or of {', '.join(names)} was written at elements {np.nonzero(changed)[0][:8].tolist()}")
    if faults:
        kernel = hipinfer.last_kernel()
        raise AssertionError(f"{case.op} [{case.name}]{' in f64' if double else ''}, {kernel}\n" + "\n".join(faults))


