# SPDX-License-Identifier: Apache-2.0
"""What the generator knows of an operation: plain objects, made by read.py from the families' TOML and judged by
check.py. Everything that is written (header, dispatch, bindings, README) is written from these."""

from __future__ import annotations

import itertools
import re
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
FLOATS = ("f32", "f16", "bf16")
BLOCK_DTYPES = ("q4_0", "q8_0", "q4_k", "q6_k", "mxfp4")  # whose elements are stored in blocks
DTYPES = ("f32", "f16", "bf16", "f64", "i8", "u8", "i32", "i64", "bool", "e4m3fn", "e4m3fnuz", "e5m2", "e5m2fnuz", *BLOCK_DTYPES)
TENSOR_KINDS = ("in", "out", "inout")
SCALAR_TYPES = {"f32": "float", "i32": "int32_t", "i64": "int64_t", "u64": "uint64_t", "bool": "int32_t",
                "enum": "int32_t"}
LAYOUTS = ("rows", "compact", "free")


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


# A tensor of this shape is one number: whatever has exactly one element is taken.
ONE_NUMBER = [Dim(None, 0, 1)]


@dataclass
class Contents:
    """What an index tensor must hold: [low, high], each a number or a symbol of the contract."""
    low: Dim | None
    highs: list[Dim]  # the first whose extent a call has holds
    below: bool
    of: list[str]  # what each of them counts
    ascending: bool
    within: str
    owners: str
    negative_is_none: bool

    @property
    def high(self) -> Dim | None:
        return self.highs[0] if self.highs else None


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
    contents: Contents | None = None

    @property
    def is_tensor(self) -> bool:
        return self.kind in TENSOR_KINDS

    @property
    def c_type(self) -> str:
        return "const hipinfer_tensor*" if self.is_tensor else SCALAR_TYPES[self.kind]


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
    """A row of the dispatch table. `symbol` and `module` have {variable} for each dtype that they are compiled for."""
    name: str
    source: str
    targets: list[str]
    symbol: str
    module: str
    threads: int
    body: str  # the C++ statement of an instance
    resident: dict[str, int] = field(default_factory=dict)  # blocks a multiprocessor by dtype; "*": the others
    when: str = ""
    stage: str = "main"
    tune: dict[str, int] = field(default_factory=dict)
    tuned: dict[str, dict[str, int]] = field(default_factory=dict)  # numbers of one target, in place of tune
    dtypes: dict[str, list[str]] = field(default_factory=dict)
    edges: dict[str, list[int]] = field(default_factory=dict)


@dataclass
class Op:
    family: str
    folder: Path
    where: str  # for messages
    name: str
    since: str
    summary: str
    formula: str
    numerics: str
    aliasing: str
    source: str
    dims: dict[str, str]
    variables: list[Variable]
    args: list[Arg]
    kernels: list[Kernel] = field(default_factory=list)
    shares: str = ""  # names the argument struct, parameter struct, launch and reference
    traits: dict[str, object] = field(default_factory=dict)
    workspace: str = ""
    safety: str = ""  # what the operation takes on trust of its tensors' contents; "": nothing
    errors: list[tuple[str, str]] = field(default_factory=list)
    options: list[Arg] = field(default_factory=list)
    enums: list[Enum] = field(default_factory=list)
    params: list[tuple[str, str]] = field(default_factory=list)  # (type, name) of each field of the parameter struct
    example: dict[str, object] = field(default_factory=dict)  # the call that the reference shows: examples.py

    @property
    def tensors(self) -> list[Arg]:
        """In the order in which the contract is checked: arguments, then options."""
        return [a for a in self.args + self.options if a.is_tensor]

    @property
    def edges(self) -> list[tuple[str, int]]:
        """(symbol, extent) at which one of the kernels does something else."""
        return sorted({(symbol, value) for k in self.kernels for symbol, values in k.edges.items() for value in values})

    @property
    def stages(self) -> list[str]:
        return list(dict.fromkeys(k.stage for k in self.kernels))

    def bounds(self, a: Arg) -> tuple[int | float | None, int | float | None]:
        """The least and the largest value of a number; None: no bound."""
        if a.kind == "bool":
            return 0, 1
        if a.kind == "enum":
            values = [v for _, v, _ in next(e for e in self.enums if e.name == a.enum).values]
            return min(values), max(values)
        return a.min, a.max

    def variable_index(self, name: str) -> int:
        return [v.name for v in self.variables].index(name)

    def instances(self, kernel: Kernel) -> list[tuple[str, str, dict[str, str]]]:
        """(symbol, module, dtype of each variable) of every kernel that a row asks for, over the dtypes it serves."""
        named = kernel.symbol + kernel.module
        used = [v for v in self.variables if "{" + v.name + "}" in named]
        choices = []
        for v in self.variables:
            if v in used or any(u.same_as == v.name for u in used):
                choices.append((v, kernel.dtypes.get(v.name, (["="] if v.same_as else []) + v.allowed)))
        found: dict[str, tuple[str, str, dict[str, str]]] = {}
        for combination in itertools.product(*(c for _, c in choices)):
            bound: dict[str, str] = {}
            for (v, _), value in zip(choices, combination):
                bound[v.name] = bound[v.same_as] if value == "=" else value
            symbol, module = kernel.symbol, kernel.module
            for name, value in bound.items():
                symbol, module = (t.replace("{" + name + "}", value) for t in (symbol, module))
            found.setdefault(symbol, (symbol, module, bound))
        return list(found.values())


@dataclass
class Group:
    """Operations that share an argument struct, a parameter struct, a launch and a reference."""
    name: str
    ops: list[Op]

    @property
    def fields(self) -> list[Arg]:
        """Every argument and option of any of them."""
        found: dict[str, Arg] = {}
        for op in self.ops:
            for a in op.args + op.options:
                found.setdefault(a.name, a)
        return list(found.values())

    @property
    def workspace(self) -> bool:
        return any(op.workspace for op in self.ops)

    @property
    def traits(self) -> dict[str, list[object]]:
        """Each trait with the values that it has."""
        return {name: list(dict.fromkeys(op.traits[name] for op in self.ops)) for name in self.ops[0].traits}

    @property
    def enums(self) -> list[Enum]:
        return list({e.name: e for op in self.ops for e in op.enums}.values())


@dataclass
class Family:
    name: str
    folder: Path
    ops: list[Op]

    @property
    def groups(self) -> list[Group]:
        found: dict[str, list[Op]] = {}
        for op in self.ops:
            found.setdefault(op.shares, []).append(op)
        return [Group(name, ops) for name, ops in found.items()]
