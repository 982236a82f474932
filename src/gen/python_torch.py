# SPDX-License-Identifier: Apache-2.0
"""bindings/python/hipinfer/torch.py: each operation as a function of torch tensors that returns what it makes."""

from __future__ import annotations

import re

from model import BLOCK_DTYPES, Arg, Dim, Op
from python import BANNER, HINTS, camel, listed, literal, paragraph, value_of

TORCH = {"f32": "float32", "f16": "float16", "bf16": "bfloat16", "f64": "float64", "i8": "int8", "u8": "uint8", "i32": "int32",
         "i64": "int64", "bool": "bool", "e4m3fn": "float8_e4m3fn", "e4m3fnuz": "float8_e4m3fnuz", "e5m2": "float8_e5m2",
         "e5m2fnuz": "float8_e5m2fnuz"}
HEAD = '''"""The operations on torch tensors. An output that is not given is made, and returned; the rest is as in hipinfer's
function of the same name, whose documentation has the whole contract. Work is enqueued on torch's current stream. They are
custom operators as well, torch.ops.hipinfer.NAME, which torch.compile, torch.export, fake and meta tensors take them for."""

from __future__ import annotations

from typing import {typing}

from torch import {torch}
from torch import dtype as Dtype

from . import _custom, ops
from .context import Context
{fp8}from .interop import StreamLike
'''


def inputs(op: Op) -> list[Arg]:
    return [a for a in op.args if a.is_tensor and a.kind != "out"]


def extent(op: Op, symbol: str) -> str | None:
    """A dimension from the inputs: an expression, or None if they do not tell."""
    for a in sorted(inputs(op), key=lambda a: a.optional):
        if a.optional or len(a.shapes) != 1:
            continue
        for place, dim in enumerate(a.shapes[0]):
            if dim.symbol == symbol and dim.offset == 0:
                return f"{a.name}.shape[{place}]" + (f" // {dim.multiple}" if dim.multiple > 1 else "")
    return chosen_rows(op, symbol)


def chosen_rows(op: Op, symbol: str) -> str | None:
    """As many as an optional tensor has entries that choose rows of a required input, or else as that has rows."""
    for a in inputs(op):
        below = a.contents.high if a.optional and a.contents and a.contents.below else None
        if below is None or a.shape_text != [symbol]:
            continue
        for of in inputs(op):
            if not of.optional and of.shapes and of.shapes[0] and of.shapes[0][0].symbol == below.symbol:
                return f"({of.name} if {a.name} is None else {a.name}).shape[0]"
    return None


def extent_of(op: Op, dim: Dim) -> str | None:
    if dim.symbol is None:
        return str(dim.offset)
    found = extent(op, dim.symbol)
    if found is None or (dim.multiple, dim.offset) == (1, 0):
        return found
    if dim.multiple > 1:
        found = f"{dim.multiple} * " + (f"({found})" if " " in found else found)
    return found + (f" {'+' if dim.offset > 0 else '-'} {abs(dim.offset)}" if dim.offset else "")


def shape_of(op: Op, out: Arg) -> tuple[str | None, str]:
    """The input of the same shape, or None; and the shape as an expression, "" if the inputs do not tell."""
    for a in inputs(op):
        if a.shape_text == out.shape_text and (a.optional, a.dtype) == (True, out.dtype) if out.optional else (
                a.shape_text == out.shape_text and not a.optional):
            return a.name, f"{a.name}.shape"
    for a in inputs(op):
        if not a.optional and len(a.shape_text) > 1 and [s.rsplit(" ", 1)[0] for s in a.shape_text] == out.shape_text:
            return None, f"{a.name}.shape[:-1]"
    if len(out.shapes) > 1 and (shape := shape_of_several(op, out)):
        return None, shape
    extents = [extent_of(op, d) for d in out.shapes[0]] if out.shapes else [None]
    return None, "" if None in extents else "(" + ", ".join(extents) + ("," if len(extents) == 1 else "") + ")"  # type: ignore[arg-type]


def shape_of_several(op: Op, out: Arg) -> str:
    """Of an output that may have one of several shapes, as its inputs have: all of an input's extents but the last, and the last
    from where an input has it in each of its shapes; "" if the inputs do not tell."""
    also = [a for a in inputs(op) if not a.optional and len(a.shapes) == len(out.shapes)]
    for lead in also:
        if any(mine[:-1] != its[:-1] for mine, its in zip(out.shapes, lead.shapes)):
            continue
        for a in also:
            for place in range(1, min(len(s) for s in a.shapes) + 1):
                if all(its[-place] == mine[-1] for mine, its in zip(out.shapes, a.shapes)):
                    return f"(*{lead.name}.shape[:-1], {a.name}.shape[-{place}])"
    return ""


def dtype_of(op: Op, out: Arg) -> tuple[str, str]:
    """Where a new output's dtype comes from, and the default of the argument `dtype` if there is to be one ("-": none)."""
    variable = next(v for v in op.variables if v.name == out.dtype)
    for a in inputs(op):
        if a.dtype in (variable.name, variable.same_as) and not a.optional:
            return f"{a.name}.dtype", "None" if variable.same_as else "-"
    if len(variable.allowed) == 1:
        return TORCH[variable.allowed[0]], "-"
    first = variable.allowed[0]
    if first.startswith("e4m3"):
        return f"default_fp8({next(a.name for a in inputs(op))})", "None"
    return ("", "") if any(v.startswith("e4m3") for v in variable.allowed) else (TORCH[first], "None")


def hint(a: Arg) -> str:
    return f"Union[ops.{camel(a.enum)}, str, int]" if a.kind == "enum" else HINTS[a.kind]


def value(a: Arg) -> str:
    return value_of(a).replace("enum_value(", "ops.enum_value(ops.") if a.kind == "enum" else a.name


def in_blocks(op: Op, a: Arg) -> bool:
    """torch has no dtype whose elements are stored in blocks."""
    return bool(set(next(v for v in op.variables if v.name == a.dtype).allowed) & set(BLOCK_DTYPES))


def given(a: Arg, required: bool = False) -> str:
    return f"{a.name}: Tensor" if required or not a.optional else f"{a.name}: Optional[Tensor]"


def function(op: Op) -> str:
    outs = [a for a in op.args if a.kind == "out"]
    # An output whose extents the inputs do not tell, or which torch cannot make, is an argument like them.
    must = [a for a in outs if not a.optional and (not shape_of(op, a)[1] or in_blocks(op, a))]
    made = [a for a in outs if a not in must and (not a.optional or shape_of(op, a)[0])]
    dtypes = {a.name: dtype_of(op, a) for a in made}
    asked = [d for _, d in dtypes.values() if d != "-"]
    words: list[str] = []
    tail = True
    for a in reversed([a for a in op.args if a.kind != "out"]):
        default = ("None" if a.optional else None) if a.is_tensor else literal(a, zero=False)
        tail = tail and default is not None
        words.insert(0, (given(a) if a.is_tensor else f"{a.name}: {hint(a)}") + (f" = {default}" if tail else ""))
    words = [given(a, True) for a in must] + words
    if asked and asked[0] == "":
        words.insert(len(must) + 1, "dtype: Optional[Dtype] = None")
        asked = []
    words += ["*"] + [f"{a.name}: Optional[Tensor] = None" for a in outs if a not in must]
    words += ["dtype: Optional[Dtype] = None"] if asked else []
    words += [f"{given(o)} = None" if o.is_tensor else f"{o.name}: {hint(o)} = {literal(o, zero=True)}" for o in op.options]
    words += ["workspace: Optional[Tensor] = None"] if op.workspace else []
    words += ["stream: StreamLike = None", "context: Optional[Context] = None"]
    kinds = [f"Optional[{'Tensor'}]" if a.optional else "Tensor" for a in made]
    result = "None" if not made else kinds[0] if len(made) == 1 else f"Tuple[{', '.join(kinds)}]"
    head = f"def {op.name}("
    lines = [listed(head, words, f") -> {result}:", len(head))]
    text = paragraph(f"{op.summary} See hipinfer.{op.name}.", '    """', "    ")
    lines += [*text[:-1], text[-1] + '"""']
    for a in made:
        like, shape = shape_of(op, a)
        kind, default = dtypes[a.name]
        kind = kind if default == "-" else f"dtype or {kind}" if kind else "dtype"
        source = like or next(x.name for x in sorted(inputs(op), key=lambda x: (x.optional, in_blocks(op, x))))
        lines.append(f"    if {a.name} is None" + (f" and {like} is not None:" if a.optional else ":"))
        if kind == "dtype":
            lines += ["        if dtype is None:", f'            raise TypeError("{op.name}: dtype or {a.name} is needed")']
        if like and kind == f"{like}.dtype":
            lines.append(f"        {a.name} = empty_like({like})")
        elif like:
            lines.append(f"        {a.name} = empty_like({like}, dtype={kind})")
        else:
            lines.append(f"        {a.name} = empty({shape}, dtype={kind}, device={source}.device)")
    values = [f"({op.args[0].name}"] + [value(a) for a in op.args[1:]]
    values[-1] += ",)" if len(values) == 1 else ")"
    options = [value(o) for o in op.options]
    if options:
        options[0] = "(" + options[0]
        options[-1] += ",)" if len(options) == 1 else ")"
    call = f"    ops._{op.name}("
    rest = (options or ["None"]) + ["stream", "context"] + (["workspace"] if op.workspace else [])
    lines.append(listed(call, values + rest, ")", len(call)))
    if made:
        lines.append("    return " + ", ".join(a.name for a in made))
    return "\n".join(lines) + "\n"


def module(ops: list[Op]) -> str:
    functions = [function(op) for op in ops]
    text = "\n".join(functions)

    def used(names: tuple[str, ...]) -> str:
        return ", ".join(n for n in names if re.search(rf"\b{n}[\[(]", text))

    dtypes = sorted(set(re.findall(r"dtype=(?:dtype or )?(\w+)[,)]", text)) & set(TORCH.values()))
    head = HEAD.format(typing=used(("Optional", "Tuple", "Union")), fp8="from .inside import default_fp8\n" * ("default_fp8(" in text),
                       torch=", ".join(filter(None, ["Tensor", used(("empty", "empty_like")), *dtypes])))
    names = listed("__all__ = [", [f'"{op.name}"' for op in ops], "]", 11)
    return "\n\n".join([BANNER + head + "\n" + names + "\n\n_custom.register_all()\n", *functions])
