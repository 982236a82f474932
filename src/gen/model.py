# SPDX-License-Identifier: Apache-2.0
"""Reads every op.toml into checked objects. An empty or unknown field is an error: what is not said here would be
missing from the header, the bindings and the README."""

from __future__ import annotations

import itertools
import re
import tomllib
from dataclasses import dataclass, field
from pathlib import Path

FLOATS = ("f32", "f16", "bf16")
DTYPES = ("f32", "f16", "bf16", "f64", "i8", "u8", "i32", "i64", "bool", "e4m3fn", "e4m3fnuz", "e5m2", "e5m2fnuz")
TENSOR_KINDS = ("in", "out", "inout")
SCALAR_TYPES = {"f32": "float", "i32": "int32_t", "i64": "int64_t", "u64": "uint64_t", "bool": "int32_t",
                "enum": "int32_t"}
LAYOUTS = ("rows", "compact", "free")
FAMILIES = ("norms", "activations", "rope", "kv_cache", "attention", "sampling", "gemm", "quantisation",
            "elementwise", "moe")


class ContractError(Exception):
    pass


@dataclass
class Dim:
    symbol: str | None
    multiple: int
    offset: int

    @staticmethod
    def parse(text: str) -> "Dim":
        m = re.fullmatch(r"(?:(\d+)\*)?([A-Za-z]\w*)([+-]\d+)?", text)
        if m:
            return Dim(m[2], int(m[1] or 1), int(m[3] or 0))
        if re.fullmatch(r"\d+", text):
            return Dim(None, 0, int(text))
        raise ContractError(f"extent {text!r}: expected a number, N, 2*N or N+1")


@dataclass
class Arg:
    name: str
    kind: str
    doc: str
    dtype: str = ""
    shapes: list[list[Dim]] = field(default_factory=list)
    shape_text: list[str] = field(default_factory=list)
    optional: bool = False
    alias: list[str] = field(default_factory=list)
    layout: str = "rows"
    min: float | int | None = None
    max: float | int | None = None
    default: object = None
    enum: str = ""

    @property
    def is_tensor(self) -> bool:
        return self.kind in TENSOR_KINDS

    @property
    def c_type(self) -> str:
        return SCALAR_TYPES[self.kind]


@dataclass
class Variable:
    name: str
    allowed: list[str]
    same_as: str | None


@dataclass
class Enum:
    name: str
    doc: str
    values: list[tuple[str, int, str]]


@dataclass
class Kernel:
    name: str
    source: str
    targets: list[str]
    symbol: str
    threads: int
    measured: str
    when: str = ""
    stage: str = "main"
    tune: dict[str, int] = field(default_factory=dict)
    dtypes: dict[str, list[str]] = field(default_factory=dict)

    @property
    def module(self) -> str:
        return Path(self.source).stem


@dataclass
class Op:
    folder: Path
    name: str
    family: str
    since: str
    summary: str
    formula: str
    numerics: str
    aliasing: str
    source: str
    dims: dict[str, str]
    variables: list[Variable]
    args: list[Arg]
    kernels: list[Kernel]
    workspace: str = ""
    safety: str = ""  # what the operation takes on trust of its tensors' contents; "": nothing
    errors: list[tuple[str, str]] = field(default_factory=list)
    options: list[Arg] = field(default_factory=list)
    enums: list[Enum] = field(default_factory=list)
    params: list[tuple[str, str]] = field(default_factory=list)  # (type, name) of each field of params.h

    @property
    def tensors(self) -> list[Arg]:
        return [a for a in self.args if a.is_tensor]

    @property
    def stages(self) -> list[str]:
        return list(dict.fromkeys(k.stage for k in self.kernels))

    def variable_index(self, name: str) -> int:
        return [v.name for v in self.variables].index(name)

    def symbols(self, kernel: Kernel) -> list[str]:
        """Every exported name that a row asks for, over the dtypes it serves."""
        used = [v for v in self.variables if "{" + v.name + "}" in kernel.symbol]
        names: dict[str, None] = {}
        choices = []
        for v in self.variables:
            if v not in used and not any(u.same_as == v.name for u in used):
                continue
            choices.append((v, kernel.dtypes.get(v.name, v.allowed + (["="] if v.same_as else []))))
        for combination in itertools.product(*(c for _, c in choices)):
            bound: dict[str, str] = {}
            for (v, _), value in zip(choices, combination):
                bound[v.name] = bound[v.same_as] if value == "=" else value
            text = kernel.symbol
            for name, value in bound.items():
                text = text.replace("{" + name + "}", value)
            names[text] = None
        return list(names)


def take(table: dict, key: str, kind: type, where: str, default=None):
    if key not in table:
        if default is not None:
            return default
        raise ContractError(f"{where}: {key} is missing")
    value = table.pop(key)
    if not isinstance(value, kind):
        raise ContractError(f"{where}: {key} is a {type(value).__name__}, expected {kind.__name__}")
    if isinstance(value, (str, list, dict)) and not value and key != "when":
        raise ContractError(f"{where}: {key} is empty")
    return value


def done(table: dict, where: str) -> None:
    if table:
        raise ContractError(f"{where}: unknown field {', '.join(table)}")


def read_scalar(t: dict, where: str) -> Arg:
    name, kind = take(t, "name", str, where), take(t, "kind", str, where)
    where = f"{where} {name}"
    if kind not in SCALAR_TYPES:
        raise ContractError(f"{where}: kind {kind!r}, expected one of {', '.join(TENSOR_KINDS + tuple(SCALAR_TYPES))}")
    a = Arg(name, kind, take(t, "doc", str, where))
    a.min, a.max, a.default = t.pop("min", None), t.pop("max", None), t.pop("default", None)
    if kind == "enum":
        a.enum = take(t, "enum", str, where)
    done(t, where)
    return a


def read_arg(t: dict, where: str) -> Arg:
    if t.get("kind") not in TENSOR_KINDS:
        return read_scalar(t, where)
    name = take(t, "name", str, where)
    where = f"{where} {name}"
    a = Arg(name, take(t, "kind", str, where), take(t, "doc", str, where))
    a.dtype = take(t, "dtype", str, where)
    shapes = t.pop("shape", None)
    if isinstance(shapes, str):
        shapes = [shapes]
    if not shapes:
        raise ContractError(f"{where}: shape is missing or empty")
    a.shape_text = shapes
    a.shapes = [] if shapes == ["..."] else [[Dim.parse(d) for d in s.split()] for s in shapes]
    a.optional = bool(t.pop("optional", False))
    a.alias = t.pop("alias", [])
    a.layout = t.pop("strides", "rows")
    if a.layout not in LAYOUTS:
        raise ContractError(f"{where}: strides {a.layout!r}, expected one of {', '.join(LAYOUTS)}")
    done(t, where)
    return a


def read_kernels(t: dict, where: str) -> list[Kernel]:
    """One [[kernels]] table; `each = {D = [64, 128]}` makes a row per value, with {D} replaced in its texts."""
    each = t.pop("each", {})
    name = take(t, "name", str, where)
    where = f"{where} {name}"
    k = dict(name=name, source=take(t, "source", str, where), targets=take(t, "targets", list, where),
             symbol=take(t, "symbol", str, where), threads=take(t, "threads", int, where),
             measured=take(t, "measured", str, where), when=t.pop("when", ""), stage=t.pop("stage", "main"),
             tune=t.pop("tune", {}), dtypes=t.pop("dtypes", {}))
    done(t, where)
    rows = []
    for values in itertools.product(*each.values()):
        def put(text: str, values: tuple = values) -> str:
            for key, value in zip(each, values):
                text = text.replace("{" + key + "}", str(value))
            return text
        row = dict(k)
        for key in ("name", "symbol", "when"):
            row[key] = put(row[key])
        rows.append(Kernel(**row))
    return rows


def read_params(path: Path, op: str) -> list[tuple[str, str]]:
    """The fields of struct <op>_params. The grammar is narrow on purpose: `type name, name[n];` with a comment."""
    text = re.sub(r"//[^\n]*", "", path.read_text())
    m = re.search(rf"struct {op}_params \{{(.*?)\}};", text, re.S)
    if not m:
        raise ContractError(f"{path}: no struct {op}_params")
    fields = []
    for statement in filter(None, (s.strip() for s in m[1].split(";"))):
        f = re.fullmatch(r"((?:const )?[\w:]+(?:\s*\*)?)\s*(\w+(?:\[\w+\])*(?:\s*,\s*\w+(?:\[\w+\])*)*)", statement)
        if not f:
            raise ContractError(f"{path}: cannot read {statement!r}; write `type name;`")
        fields += [(f[1], n.split("[")[0].strip()) for n in f[2].split(",")]
    return fields


def read_op(folder: Path) -> Op:
    where = f"{folder.name}/op.toml"
    try:
        t = tomllib.loads((folder / "op.toml").read_text())
    except tomllib.TOMLDecodeError as e:
        raise ContractError(f"{where}: {e}") from e
    texts = {k: take(t, k, str, where) for k in ("name", "family", "since", "summary", "formula", "numerics",
                                                  "aliasing", "source")}
    if texts["name"] != folder.name:
        raise ContractError(f"{where}: name is {texts['name']}, the folder is {folder.name}")
    if texts["family"] not in FAMILIES:
        raise ContractError(f"{where}: family {texts['family']!r}, expected one of {', '.join(FAMILIES)}")
    dims = take(t, "dims", dict, where, {})
    variables = []
    names = list(take(t, "dtypes", dict, where).items())
    for name, allowed in names:
        same = [a for a in allowed if a in dict(names)]
        real = [a for a in allowed if a not in dict(names)]
        bad = [a for a in real if a not in DTYPES]
        if bad or len(same) > 1 or not allowed:
            raise ContractError(f"{where}: dtypes.{name}: {allowed}, expected dtypes and at most one other variable")
        variables.append(Variable(name, real, same[0] if same else None))
    args = [read_arg(a, where) for a in take(t, "args", list, where)]
    op = Op(folder, **texts, dims=dims, variables=variables, args=args, kernels=[])
    op.workspace = take(t, "workspace", str, where, " ").strip()
    op.safety = take(t, "safety", str, where, " ").strip()
    op.options = [read_scalar(o, f"{where} options") for o in t.pop("options", [])]
    op.errors = [(take(e, "status", str, where), take(e, "when", str, where)) for e in t.pop("errors", [])]
    for e in t.pop("enums", []):
        values = [(take(v, "name", str, where), take(v, "value", int, where), take(v, "doc", str, where))
                  for v in take(e, "values", list, where)]
        op.enums.append(Enum(take(e, "name", str, where), take(e, "doc", str, where), values))
    for k in take(t, "kernels", list, where):
        op.kernels += read_kernels(k, where)
    done(t, where)
    check_op(op, where)
    op.params = read_params(folder / "params.h", op.name)
    return op


def check_op(op: Op, where: str) -> None:
    variables = {v.name for v in op.variables}
    tensors = {a.name for a in op.tensors}
    used = set()
    for a in op.tensors:
        if a.dtype not in variables:
            raise ContractError(f"{where}: {a.name}: dtype {a.dtype!r} is not in [dtypes]")
        used |= {d.symbol for s in a.shapes for d in s if d.symbol}
        for other in a.alias:
            if other not in tensors:
                raise ContractError(f"{where}: {a.name}: alias {other!r} is not an argument")
    if used != set(op.dims):
        raise ContractError(f"{where}: [dims] documents {sorted(op.dims)}, the shapes use {sorted(used)}")
    tune = op.kernels[0].tune.keys()
    names = set()
    for k in op.kernels:
        if k.tune.keys() != tune:
            raise ContractError(f"{where}: kernel {k.name}: tune has {sorted(k.tune)}, the first row {sorted(tune)}")
        if k.name in names or k.name == "cpu":
            raise ContractError(f"{where}: two kernels are named {k.name}")
        names.add(k.name)
        if not (op.folder / k.source).exists():
            raise ContractError(f"{where}: kernel {k.name}: {k.source} does not exist")
        if not k.module.startswith(op.name):
            raise ContractError(f"{where}: kernel {k.name}: {k.source} does not begin with the op's name")
    for a in op.args + op.options:
        if a.kind == "enum" and a.enum not in {e.name for e in op.enums}:
            raise ContractError(f"{where}: {a.name}: enum {a.enum!r} is not in [[enums]]")


def read_all(ops_folder: Path) -> list[Op]:
    return [read_op(p.parent) for p in sorted(ops_folder.glob("*/op.toml"))]
