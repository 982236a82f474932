# SPDX-License-Identifier: Apache-2.0
"""What the generator refuses: what C++ or the tests' harness cannot hold, and what contradicts itself. Every message
says where."""

from __future__ import annotations

import re

from model import DTYPES, ROOT, Arg, ContractError, Family, Group, Kernel, Op

STATUSES = re.compile(r"\bX\((\w+), \d+,")


def limit(name: str) -> int:
    """A limit of src/core/limits.h, its only source."""
    m = re.search(rf"constexpr int {name} = (\d+);", (ROOT / "src/core/limits.h").read_text())
    if not m:
        raise ContractError(f"src/core/limits.h has no {name}")
    return int(m[1])


def refuse_more(where: str, count: int, what: str, constant: str) -> None:
    most = limit(constant)
    if count > most:
        raise ContractError(f"{where}: {count} {what}, {constant} in src/core/limits.h allows {most}")


def check_tensor(op: Op, a: Arg) -> None:
    for shape in a.shapes:
        refuse_more(f"{op.where}: {a.name}", len(shape), "dimensions", "max_rank")
        for d in shape:
            if not -(1 << 15) <= d.offset < 1 << 15 or not 0 <= d.multiple < 1 << 15:
                raise ContractError(f"{op.where}: {a.name}: {d.multiple}*{d.symbol}{d.offset:+}: numbers are 16 bits wide")
    tensors = {t.name: t for t in op.tensors}
    for other in a.alias:
        if other not in tensors:
            raise ContractError(f"{op.where}: {a.name}: alias {other!r} is not an argument")
        if other == a.name or "in" not in (a.kind, tensors[other].kind) and a.kind == tensors[other].kind == "out":
            raise ContractError(f"{op.where}: {a.name}: may not be the same memory as {other}")


def check_contents(op: Op, a: Arg) -> None:
    where = f"{op.where}: {a.name}: contents"
    c = a.contents
    dtypes = next(v for v in op.variables if v.name == a.dtype).allowed
    if a.kind != "in" or set(dtypes) - {"i32", "i64"}:
        raise ContractError(f"{where}: only an input of i32 or i64 has contents that can be checked")
    for d in (c.low, c.high):
        if d and d.symbol and (d.symbol not in op.dims or d.multiple != 1):
            raise ContractError(f"{where}: {d.symbol} is no extent of the operation")
    for name in filter(None, (c.within, c.owners)):
        other = next((t for t in op.tensors if t.name == name), None)
        if other is None or other.contents is None or not other.contents.ascending:
            raise ContractError(f"{where}: {name!r} is no tensor of ascending offsets")
        if op.tensors.index(other) > op.tensors.index(a):
            raise ContractError(f"{where}: {name} must come before {a.name}: it is looked at first")


def check_scalar(op: Op, a: Arg) -> None:
    if a.min is not None and a.max is not None and a.min > a.max:
        raise ContractError(f"{op.where}: {a.name}: min {a.min} is above max {a.max}")
    if a.default is None or a.kind == "enum":
        return
    if a.min is not None and a.default < a.min or a.max is not None and a.default > a.max:
        raise ContractError(f"{op.where}: {a.name}: default {a.default} is outside its range")


def check_option(op: Op, a: Arg) -> None:
    """Zero is every option's default, so zero must be allowed."""
    if a.is_tensor:
        if not a.optional or a.kind != "in":
            raise ContractError(f"{op.where}: options: {a.name}: a tensor among the options is optional and only read")
        return
    if a.min is not None and a.min > 0 or a.max is not None and a.max < 0:
        raise ContractError(f"{op.where}: options: {a.name}: 0 means the default, and its range leaves 0 out")
    if a.kind == "enum" and 0 not in [v for _, v, _ in next(e for e in op.enums if e.name == a.enum).values]:
        raise ContractError(f"{op.where}: options: {a.name}: no value of {a.enum} is 0, which is the default")


def check_kernel(op: Op, k: Kernel) -> None:
    where = f"{op.where}: kernel {k.name}"
    if k.name == "cpu":
        raise ContractError(f"{where}: cpu is the reference's name")
    if not 1 <= k.threads <= 1024:
        raise ContractError(f"{where}: {k.threads} threads, expected 1 to 1024")
    if not (op.folder / k.source).exists():
        raise ContractError(f"{where}: {k.source} does not exist")
    if not k.module.startswith(op.name):
        raise ContractError(f"{where}: module {k.module} does not begin with the operation's name")
    variables = {v.name: v for v in op.variables}
    for name, served in k.dtypes.items():
        if name not in variables:
            raise ContractError(f"{where}: dtypes.{name}: the operation has no such variable")
        allowed = set(variables[name].allowed)
        if variables[name].same_as:
            allowed |= set(variables[variables[name].same_as].allowed)
        if set(served) - allowed:
            raise ContractError(f"{where}: dtypes.{name}: the contract does not allow {', '.join(sorted(set(served) - allowed))}")
    for symbol in k.edges:
        if symbol not in op.dims:
            raise ContractError(f"{where}: edges.{symbol}: no tensor has that extent")
    first = next((v for v in op.variables if "{" + v.name + "}" in k.symbol), None)
    for dtype in k.resident:
        if dtype != "*" and (first is None or dtype not in variables[first.name].allowed):
            raise ContractError(f"{where}: resident.{dtype}: no instance begins with that dtype")
    params = {name for _, name in op.params}
    for field in re.findall(r"\bp\.(\w+)", k.when):
        if params and field not in params:
            raise ContractError(f"{where}: when: {op.shares}_params has no field {field}")


def check_last_rows(op: Op) -> None:
    """Each stage ends with a row that takes every call on every target."""
    for stage in op.stages:
        last = [k for k in op.kernels if k.stage == stage][-1]
        if last.when or last.dtypes or last.targets != ["*"]:
            raise ContractError(f"{op.where}: kernel {last.name}: the last row of {stage} must take every call: no condition, "
                                "all dtypes, all targets")


def check_tune(where: str, rows: list[Kernel]) -> None:
    for k in rows:
        if list(k.tune) != list(rows[0].tune):
            raise ContractError(f"{where}: kernel {k.name}: tune has {list(k.tune)}, {rows[0].name} has {list(rows[0].tune)}: "
                                "the same keys in the same order")
        for key, value in k.tune.items():
            if isinstance(value, bool) or not isinstance(value, int) or not -(1 << 31) <= value < 1 << 31:
                raise ContractError(f"{where}: kernel {k.name}: tune.{key} is {value!r}, expected a 32-bit integer")


def check_texts(op: Op) -> None:
    if not op.name.isidentifier() or op.name != op.name.lower():
        raise ContractError(f"{op.where}: the name is not a lower-case identifier")
    if "may not overlap" in op.aliasing.lower() or "no two tensors" in op.aliasing.lower():
        return
    named = [a.name for a in op.tensors if a.alias]
    for name in named:
        if name not in op.aliasing:
            raise ContractError(f"{op.where}: aliasing does not speak of {name}, which may be {', '.join(next(a for a in op.tensors if a.name == name).alias)}")


def check_op(op: Op) -> None:
    check_texts(op)
    refuse_more(op.where, len(op.tensors), "tensors", "max_tensors")
    refuse_more(op.where, len(op.variables), "dtype variables", "max_dtypes")
    refuse_more(op.where, len(op.dims), "symbols", "max_symbols")
    names = [a.name for a in op.args + op.options]
    for name in names:
        if names.count(name) > 1 or name in ("context", "stream", "workspace", "workspace_bytes", "options", "traits"):
            raise ContractError(f"{op.where}: {name}: the name is taken")
    for v in op.variables:
        if unknown := [d for d in v.allowed if d not in DTYPES]:
            raise ContractError(f"{op.where}: dtypes.{v.name}: {unknown[0]!r} is no dtype")
        if v.same_as and op.variable_index(v.same_as) > op.variable_index(v.name):
            raise ContractError(f"{op.where}: dtypes.{v.name}: {v.same_as} must come before it")
    for a in op.args + op.options:
        check_tensor(op, a) if a.is_tensor else check_scalar(op, a)
        if a.contents:
            check_contents(op, a)
    for a in op.options:
        check_option(op, a)
    statuses = STATUSES.findall((ROOT / "include/hipinfer/types.h").read_text())
    for status, _ in op.errors:
        if status not in statuses:
            raise ContractError(f"{op.where}: errors: there is no status {status}")
    rows = [k.name for k in op.kernels]
    for name in rows:
        if rows.count(name) > 1:
            raise ContractError(f"{op.where}: two kernels are named {name}")
    for k in op.kernels:
        check_kernel(op, k)
    check_last_rows(op)
    refuse_more(op.where, len(op.edges), "edges", "max_edges")


def check_group(group: Group) -> None:
    """What operations share must mean the same in each: one C++ struct holds it."""
    first: dict[str, tuple[str, Arg]] = {}
    for op in group.ops:
        for a in op.args + op.options:
            where, other = first.setdefault(a.name, (op.name, a))
            if (a.is_tensor, "" if a.is_tensor else a.kind, a.enum) != (other.is_tensor, "" if other.is_tensor else other.kind, other.enum):
                raise ContractError(f"{op.where}: {a.name} is a {a.kind}, in {where} a {other.kind}: they share {group.name}_args")
        if list(op.traits) != list(group.ops[0].traits):
            raise ContractError(f"{op.where}: traits {list(op.traits)}, {group.ops[0].name} has {list(group.ops[0].traits)}")
        if bool(op.workspace) != group.workspace:
            raise ContractError(f"{op.where}: operations of {group.name} either all have a workspace or none")
    for name, values in group.traits.items():
        if len({type(v) for v in values}) > 1 or not isinstance(values[0], (bool, int, str)):
            raise ContractError(f"{group.ops[0].where}: traits.{name}: {values}, expected numbers, or texts, or booleans")
    check_tune(group.ops[0].where, [k for op in group.ops for k in op.kernels])


def check_families(families: list[Family]) -> None:
    ops = [op for f in families for op in f.ops]
    enums: dict[str, tuple[str, object]] = {}
    owners: dict[str, str] = {}
    for op in ops:
        check_op(op)
        if [o.name for o in ops].count(op.name) > 1:
            raise ContractError(f"{op.where}: two operations are named {op.name}")
        for e in op.enums:
            where, other = enums.setdefault(e.name, (op.where, e))
            if other != e:
                raise ContractError(f"{op.where}: enumeration {e.name} has another meaning in {where}")
            if len({v for _, v, _ in e.values}) < len(e.values) or len({n for n, _, _ in e.values}) < len(e.values):
                raise ContractError(f"{op.where}: enumeration {e.name}: two values are the same")
    for family in families:
        for group in family.groups:
            owner = owners.setdefault(group.name, family.name)
            if owner != family.name or group.name in {o.name for o in ops} - {o.name for o in group.ops}:
                raise ContractError(f"{family.name}/family.toml: shares = {group.name!r} is the name of something else")
            check_group(group)
