# SPDX-License-Identifier: Apache-2.0
"""fuzz.h in the build folder: every operation as tests/fuzz/operation.h describes it, for the fuzzer of the C functions."""

from __future__ import annotations

import re

from header import BANNER
from model import DTYPES, ROOT, Arg, Dim, Op

FIELDS = {"f32": "f", "i32": "i", "i64": "l", "u64": "u", "bool": "i", "enum": "i"}


def dtype_structs() -> dict[str, str]:
    """{code, bits, lanes} by name, as src/core/tensor.cpp has them."""
    rows = re.findall(r'\{\{(HIPINFER_DTYPE_\w+), (\d+), 1\}, "(\w+)"', (ROOT / "src/core/tensor.cpp").read_text())
    return {name: f"{{{code}, {bits}, 1}}" for code, bits, name in rows}


def boolean(x: object) -> str:
    return str(bool(x)).lower()


def extent(d: Dim | None, symbols: list[str], below: bool = False) -> str:
    if d is None:
        return "{-1, 0, 0}"
    return f"{{{symbols.index(d.symbol) if d.symbol else -1}, {d.multiple}, {d.offset - below}}}"


def tensor(op: Op, a: Arg) -> str:
    names, symbols = [t.name for t in op.tensors], list(op.dims)
    shapes = ", ".join("{" + ", ".join(extent(d, symbols) for d in s) + "}" for s in a.shapes)
    aliases = " | ".join(f"1u << {names.index(n)}" for n in a.alias) or "0"
    c = a.contents
    holds = "{}"
    if c and c.high:
        holds = f"{{true, {boolean(c.ascending)}, {extent(c.low, symbols)}, {extent(c.high, symbols, c.below)}}}"
    return (f'{{"{a.name}", {boolean(a.optional)}, {boolean(a.kind != "in")}, {aliases}, {op.variable_index(a.dtype)}, '
            f"'{a.layout[0]}', {{{shapes}}}, {holds}}}")


def scalar(op: Op, a: Arg, offset: str = "") -> str:
    low, high = op.bounds(a)
    low = "-INFINITY" if low is None else repr(float(low))
    high = "INFINITY" if high is None else repr(float(high))
    return f"{{\"{a.name}\", '{FIELDS[a.kind]}', {low}, {high}{offset}}}"


def operation(op: Op, dtypes: dict[str, str]) -> str:
    struct = f"hipinfer_{op.name}_options"
    variables = []
    for v in op.variables:
        allowed = ", ".join(dtypes[d] for d in DTYPES if d in v.allowed)
        variables.append(f"{{{{{allowed}}}, {op.variable_index(v.same_as) if v.same_as else -1}}}")
    numbers = [a for a in op.args if not a.is_tensor]
    values = ["a.context"]
    for a in op.args:
        number = "" if a.is_tensor else f"a.scalars[{numbers.index(a)}].{FIELDS[a.kind]}"
        values.append(number or f"a.tensors[{op.tensors.index(a)}]")
    if op.options:
        values.append(f"static_cast<const {struct}*>(a.options)")
    memory = ["a.workspace", "a.workspace_bytes"] if op.workspace else []
    query = "nullptr"
    if op.workspace:
        query = (f"[](const arguments& a, size_t* bytes) {{ return hipinfer_{op.name}_workspace_bytes("
                 f"{', '.join([*values, 'bytes'])}); }}")
    fields = [f"    {{.name = \"{op.name}\"", f".symbols = {len(op.dims)}", f".variables = {{{', '.join(variables)}}}",
              ".tensors = {" + ",\n      ".join(tensor(op, a) for a in op.tensors) + "}",
              f".scalars = {{{', '.join(scalar(op, a) for a in numbers)}}}",
              f".options_bytes = {f'sizeof({struct})' if op.options else '0'}",
              ".options = {" + ", ".join(scalar(op, o, f", offsetof({struct}, {o.name})") for o in op.options if not o.is_tensor) + "}",
              ".option_tensors = {" + ", ".join(f"offsetof({struct}, {o.name})" for o in op.options if o.is_tensor) + "}",
              f".call = [](const arguments& a) {{ return hipinfer_{op.name}({', '.join([*values, *memory, 'nullptr'])}); }}",
              f".workspace_bytes = {query}}}"]
    return ",\n     ".join(fields)


def table(ops: list[Op]) -> str:
    dtypes = dtype_structs()
    includes = "".join(f'#include "gen/{op.name}.api.h"\n' for op in ops)
    return (BANNER + "#pragma once\n\n#include <cmath>\n#include <cstddef>\n\n" + includes + '#include "tests/fuzz/operation.h"\n\n'
            "namespace fuzz {\n\ninline const operation operations[] = {\n"
            + ",\n".join(operation(op, dtypes) for op in ops) + "};\n\n}  // namespace fuzz\n")
