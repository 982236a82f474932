# SPDX-License-Identifier: Apache-2.0
"""A call of each operation in Python, C and Rust, for the reference. What it is made of is the contract and `example`: extents of
the symbols, dtypes, scalars, and which optional tensors are there. tests/gen compiles and runs all of them."""

from __future__ import annotations

import math
import textwrap
from dataclasses import dataclass

import rust
from model import FLOATS, ONE_NUMBER, Arg, ContractError, Dim, Op

NUMPY = {"f32": "float32", "f16": "float16", "i8": "int8", "i32": "int32", "i64": "int64"}
C_DTYPES = {"f32": "FLOAT, 32", "f16": "FLOAT, 16", "bf16": "BFLOAT, 16", "i8": "INT, 8", "u8": "UINT, 8", "i32": "INT, 32",
            "i64": "INT, 64", "bool": "BOOL, 8", "e4m3fn": "E4M3FN, 8", "e4m3fnuz": "E4M3FNUZ, 8", "e5m2": "E5M2, 8",
            "e5m2fnuz": "E5M2FNUZ, 8"}
RUST = {"f32": "f32", "i8": "i8", "i32": "i32", "i64": "i64", "f16": "f16", "bf16": "bf16"}  # Rust's types; fp8 is u8
ANY_SHAPE = [4, 256]
LISTED = 16  # most elements that an example writes out


@dataclass
class Given:
    """A tensor of the example."""
    arg: Arg
    dtype: str
    shape: list[int]
    entries: list[int] | None  # None: random numbers

    @property
    def count(self) -> int:
        return math.prod(self.shape)


def sizes(op: Op) -> dict[str, int]:
    found: dict[str, int] = {}
    for symbol in op.dims:
        value = op.example.get(symbol)
        if value is None:
            continue
        if isinstance(value, bool) or not isinstance(value, int) or value < 1:
            raise ContractError(f"{op.where}: example: {symbol} is {value!r}, expected an extent")
        found[symbol] = value
    return found


def number(d: Dim, known: dict[str, int]) -> int | None:
    """An extent or a bound; None without a size for its symbol."""
    if d.symbol is None:
        return d.offset
    return known[d.symbol] * d.multiple + d.offset if d.symbol in known else None


def shape(op: Op, a: Arg, known: dict[str, int]) -> list[int]:
    """The first of the argument's shapes whose symbols all have sizes."""
    if not a.shapes:
        return ANY_SHAPE
    for dims in a.shapes:
        if dims == ONE_NUMBER:
            return [1]
        extents = [number(d, known) for d in dims]
        if None not in extents:
            return [n for n in extents if n is not None]
    raise ContractError(f"{op.where}: example: no shape of {a.name} has a size for each of its symbols: {' or '.join(a.shape_text)}")


def dtypes(op: Op) -> dict[str, str]:
    """A dtype of each variable: the example's, else that of the one it follows, else one that every language has."""
    found: dict[str, str] = {}
    for v in op.variables:
        chosen = op.example.get(v.name)
        common = [d for d in NUMPY if d in v.allowed]
        if isinstance(chosen, str):
            found[v.name] = chosen
        else:
            found[v.name] = found[v.same_as] if v.same_as else (common or v.allowed)[0]
        if found[v.name] not in v.allowed and not v.same_as:
            raise ContractError(f"{op.where}: example: {v.name} is {found[v.name]!r}, expected one of {', '.join(v.allowed)}")
    return found


def entries(op: Op, a: Arg, dtype: str, extents: list[int], known: dict[str, int]) -> list[int] | None:
    """What a tensor of indices holds: offsets that share out what they count, else the first indices, one after the other."""
    if a.kind == "out" or dtype not in ("i32", "i64"):
        return None
    count = math.prod(extents)
    if count > LISTED:
        return [0] * count
    high = next((n for d in a.contents.highs if (n := number(d, known)) is not None), None) if a.contents else None
    if a.contents and a.contents.ascending and high is not None:
        return [high * i // (count - 1) for i in range(count)]
    if high is None:
        return list(range(count))
    if a.contents and a.contents.below:
        return [i % high for i in range(count)]
    return [high] * count


def is_given(op: Op, a: Arg) -> bool:
    return not a.optional or op.example.get(a.name) is True


def tensors(op: Op) -> list[Given]:
    known, bound = sizes(op), dtypes(op)
    found = []
    for a in op.tensors:
        if is_given(op, a):
            extents = shape(op, a, known)
            found.append(Given(a, bound[a.dtype], extents, entries(op, a, bound[a.dtype], extents, known)))
    return found


def said(op: Op, a: Arg) -> float | int | None:
    """The example's number; None: the default will do."""
    value = op.example.get(a.name)
    if value is not None and not isinstance(value, (int, float)):
        raise ContractError(f"{op.where}: example: {a.name} is {value!r}, expected a number")
    if value is None and a in op.args and a.default is None:
        raise ContractError(f"{op.where}: example: has no value for {a.name}, which has no default")
    return value


def number_of(op: Op, a: Arg) -> float | int:
    """The example's number, else the default."""
    value = said(op, a)
    if value is None:
        value = next((v for e in op.enums if e.name == a.enum for n, v, _ in e.values if n == a.default), a.default)
    assert isinstance(value, (int, float)), f"{op.name}: {a.name}"
    return value


def nested(values: list[int], extents: list[int]) -> str:
    if len(extents) <= 1:
        return "[" + ", ".join(map(str, values)) + "]"
    part = len(values) // extents[0]
    return "[" + ", ".join(nested(values[i * part:(i + 1) * part], extents[1:]) for i in range(extents[0])) + "]"


def tuple_text(extents: list[int]) -> str:
    return "(" + ", ".join(map(str, extents)) + ("," if len(extents) == 1 else "") + ")"


def broken(head: str, items: list[str], tail: str) -> list[str]:
    """A call or a declaration, in lines that a page holds."""
    hang = " " * (len(head) - len(head.lstrip()) + 4)
    text = head + ", ".join(item.replace(" ", "\0") for item in items) + tail
    return [line.replace("\0", " ") for line in textwrap.wrap(text, 96, subsequent_indent=hang, break_long_words=False,
                                                             break_on_hyphens=False)]


def array(op: Op, t: Given) -> str:
    """A NumPy array."""
    if t.dtype not in NUMPY:
        raise ContractError(f"{op.where}: example: {t.arg.name} is of {t.dtype}, which NumPy has not; choose another, or leave it out")
    kind = f"np.{NUMPY[t.dtype]}"
    extents = tuple_text(t.shape)
    if t.entries is not None:
        return f"np.array({nested(t.entries, t.shape)}, {kind})" if t.count <= LISTED else f"np.zeros({extents}, {kind})"
    if t.dtype == "i8":
        return f"rng.integers(-127, 128, {extents}, {kind})"
    return f"rng.random({extents}, {kind})" if t.dtype == "f32" else f"rng.random({extents}, np.float32).astype({kind})"


def python_text(op: Op) -> str:
    given = tensors(op)
    out = ["import hipinfer", "import numpy as np", "", "context = hipinfer.Context()  # the best device there is",
           "rng = np.random.default_rng(0)", ""]
    if not any(t.entries is None and t.arg.kind != "out" for t in given):
        out.remove("rng = np.random.default_rng(0)")
    for t in given:
        if t.arg.kind == "out":
            out.append(f'{t.arg.name} = hipinfer.empty({tuple_text(t.shape)}, "{t.dtype}", context)')
        else:
            out.append(f"{t.arg.name} = hipinfer.from_numpy({array(op, t)}, context)")
    if not any("np." in line for line in out[2:]):
        out.remove("import numpy as np")
    # By position as far as the tensors go that Python's function wants, with None for those that are left out; then by name.
    last = max(i for i, a in enumerate(op.args) if a.is_tensor and (is_given(op, a) or any(
        not b.is_tensor and b.default is None for b in op.args[i:])))
    items = [repr(number_of(op, a)) if not a.is_tensor else a.name if is_given(op, a) else "None" for a in op.args[:last + 1]]
    for a in op.args[last + 1:] + op.options:
        if a.is_tensor:
            items += [f"{a.name}={a.name}"] if is_given(op, a) else []
        elif (value := said(op, a)) is not None:
            items.append(f"{a.name}={value!r}")
    written = next(t.arg.name for t in given if t.arg.kind != "in")
    return "\n".join([*out, "", *broken(f"hipinfer.{op.name}(", items, ")"), f"print({written}.numpy())"]) + "\n"


def c_number(a: Arg, value: float | int) -> str:
    return f"{float(value)!r}f" if a.kind == "f32" else str(int(value))


def c_text(op: Op) -> str:
    given = tensors(op)
    head = ["hipinfer_context context", "hipinfer_device device", *(f"void* {t.arg.name}_data" for t in given)]
    head += ["void* workspace", "size_t workspace_bytes"] if op.workspace else []
    head += ["hipinfer_stream stream"]
    out = ["#include <hipinfer/hipinfer.h>", "", "/* device is the context's, and each pointer to memory of it."]
    if op.workspace:
        out[-1] += f" workspace_bytes is at least what\n   hipinfer_{op.name}_workspace_bytes says of these tensors."
    out[-1] += " */"
    out += broken(f"hipinfer_status example_{op.name}(", head, ") {")
    for t in given:
        extents = ", ".join(map(str, t.shape))
        out.append(f"  hipinfer_tensor {t.arg.name} = {{{t.arg.name}_data, device, {len(t.shape)}, "
                   f"{{HIPINFER_DTYPE_{C_DTYPES[t.dtype]}, 1}}, (const int64_t[]){{{extents}}}, NULL, 0}};")
    items = ["context"]
    for a in op.args:
        if a.is_tensor:
            items.append(f"&{a.name}" if is_given(op, a) else "NULL")
        else:
            items.append(c_number(a, number_of(op, a)))
    if op.options:
        chosen = [f".{o.name} = &{o.name}" for o in op.options if o.is_tensor and is_given(op, o)]
        chosen += [f".{o.name} = {c_number(o, value)}" for o in op.options
                   if not o.is_tensor and (value := said(op, o)) is not None]
        if chosen:
            out.append(f"  hipinfer_{op.name}_options options = {{.struct_size = sizeof options, {', '.join(chosen)}}};")
        items.append("&options" if chosen else "NULL")
    items += ["workspace", "workspace_bytes"] if op.workspace else []
    return "\n".join([*out, *broken(f"  return hipinfer_{op.name}(", [*items, "stream"], ");"), "}"]) + "\n"


def rust_number(a: Arg, value: float | int) -> str:
    return {"bool": str(bool(value)).lower(), "f32": repr(float(value))}.get(a.kind, str(value))


def rust_view(t: Given) -> str:
    method = "tensor" if t.arg.kind == "in" else "tensor_mut"
    extents = "&[" + ", ".join(map(str, t.shape)) + "]"
    if t.dtype in RUST:
        return f"{t.arg.name}.{method}({extents})?"
    return f"{t.arg.name}.{method}_as(DType::{t.dtype.upper()}, {extents})?"


def rust_buffer(t: Given) -> str:
    kind, count = RUST.get(t.dtype, "u8"), " * ".join(map(str, t.shape))
    if t.arg.kind == "out":
        return f"let mut {t.arg.name} = context.alloc::<{kind}>({count})?;"
    if t.entries is not None and t.count <= LISTED:
        data = "&[" + ", ".join([f"{t.entries[0]}{kind}", *map(str, t.entries[1:])]) + "]"
    else:
        half = f"{kind}::from_f32(0.5)" if kind in ("f16", "bf16") else "0.5f32"
        data = f"&vec![{f'0{kind}' if t.entries is not None else half if t.dtype in FLOATS else f'1{kind}'}; {count}]"
    return f"let {'mut ' if t.arg.kind == 'inout' else ''}{t.arg.name} = context.upload({data})?;"


def rust_options(op: Op, given: dict[str, Given]) -> list[str]:
    """The last argument, in lines."""
    fields = []
    for a in rust.option_args(op):
        if a.name in given:
            view = rust_view(given[a.name])
            in_place = a.kind == "in" and rust.in_place_output(op, a)  # such an input is a Source
            fields.append(f"{a.name}: Some({f'(&{view}).into()' if in_place else view})")
        elif not a.is_tensor and (value := said(op, a)) is not None:
            fields.append(f"{a.name}: {rust_number(a, value)}")
    if not rust.option_args(op):
        return []
    name = f"ops::{rust.camel(op.name)}Options"
    if not fields:
        return [f"{name}::default(),"]
    rest = ["    ..Default::default()"] if len(fields) < len(rust.option_args(op)) else []
    return [f"{name} {{", *(f"    {field}," for field in fields), *rest, "},"]


def rust_text(op: Op) -> str:
    given = {t.arg.name: t for t in tensors(op)}
    items = ["&stream,"]
    for a in op.args:
        if rust.is_option(a):
            continue
        if a.is_tensor:
            items.append(f"&{'' if a.kind == 'in' else 'mut '}{rust_view(given[a.name])},")
        else:
            items.append(f"{rust_number(a, number_of(op, a))},")
    call = [f"ops::{op.name}(", *(f"    {line}" for line in items + rust_options(op, given)), ")"]
    if op.safety:
        call = ["// SAFETY: the indices above are within their tensors.", "unsafe {", *(f"    {line}" for line in call), "}"]
    written = next(name for name, t in given.items() if t.arg.kind != "in")
    lines = ["let context = Context::new()?; // the best device there is", "let stream = context.default_stream();",
             *map(rust_buffer, given.values()), *call[:-1], call[-1] + "?;",
             f'println!("{{:?}}", &stream.download(&{written})?[..4.min({written}.len())]);', "Ok(())"]
    kinds = {t.dtype for t in given.values()}
    used = ["Context", *(["DType"] if kinds - set(RUST) else []), *sorted(kinds & {"f16", "bf16"}), "ops"]
    return "\n".join([f"use hipinfer::{{{', '.join(used)}}};", "", "fn main() -> hipinfer::Result<()> {",
                      *(f"    {line}" for line in lines), "}"]) + "\n"
