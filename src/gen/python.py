# SPDX-License-Identifier: Apache-2.0
"""bindings/python/hipinfer/: _abi.py, the C interface in ctypes, and ops.py, a typed function an operation."""

from __future__ import annotations

import re
import textwrap
from pathlib import Path

from header import STRIDES, dtype_text, parameters, range_text, shape_text
from model import Arg, Op

BANNER = "# SPDX-License-Identifier: Apache-2.0\n# Written by src/gen/generate.py; edit its sources.\n"
INCLUDE = Path(__file__).resolve().parents[2] / "include/hipinfer"
SCALARS = {
    "void": "None", "char": "c_char", "size_t": "c_size_t", "float": "c_float", "double": "c_double",
    **{f"{u}int{n}_t": f"c_{u}int{n}" for u in ("", "u") for n in (8, 16, 32, 64)},
    "hipinfer_status": "c_int32", "hipinfer_context": "c_void_p", "hipinfer_stream": "c_void_p",
    "hipinfer_event": "c_void_p", "hipinfer_graph": "c_void_p",
}
HINTS = {"f32": "float", "i32": "int", "i64": "int", "u64": "int", "bool": "bool"}


def camel(name: str) -> str:
    return "".join(w.capitalize() for w in name.removeprefix("hipinfer_").split("_"))


def ctype(text: str) -> str:
    """The ctypes spelling of a C type."""
    text = text.replace("const ", "").replace(" ", "")
    if text in ("char*", "void*"):
        return {"char*": "c_char_p", "void*": "c_void_p"}[text]
    if text.endswith("*"):
        return f"POINTER({ctype(text[:-1])})"
    return SCALARS.get(text) or camel(text)


def declared(text: str) -> tuple[str, str]:
    """'const int64_t* shape' is ('const int64_t*', 'shape'); an array of char is one field."""
    m = re.fullmatch(r"(.*?[\s*])(\w+)(?:\[(\d+)\])?", text.strip())
    kind = ctype(m[1].strip())
    return (f"{kind} * {m[3]}" if m[3] else kind), m[2]


def without_comments(name: str) -> str:
    return re.sub(r"//[^\n]*|/\*.*?\*/", "", (INCLUDE / name).read_text(), flags=re.S)


def enums_of(text: str) -> list[str]:
    out = []
    for name, body in re.findall(r"enum hipinfer_(\w+) \{(.*?)\};", text, re.S):
        members = re.findall(r"HIPINFER_(\w+) = (-?\d+)", body)
        if name == "status_code":
            members = [("STATUS_" + n, v) for n, v in re.findall(r"X\((\w+), (\d+), ", text)]
        prefix = name.removesuffix("_code").removesuffix("_type").removesuffix("_flag").upper() + "_"
        lines = "".join(f"    {n.removeprefix(prefix)} = {v}\n" for n, v in members)
        out.append(f"class {camel(name)}(IntEnum):\n{lines}")
    return out


def structure(name: str, fields: list[tuple[str, str]]) -> str:
    rows = "".join(f'        ("{field}", {kind}),\n' for kind, field in fields)
    return f"class {camel(name)}(Structure):\n    _fields_ = [\n{rows}    ]\n"


def structures_of(text: str) -> list[str]:
    return [structure(name, [declared(f) for f in filter(str.strip, body.split(";"))])
            for name, body in re.findall(r"typedef struct hipinfer_(\w+) \{(.*?)\}", text, re.S)]


def functions_of(text: str) -> dict[str, tuple[str, list[str]]]:
    text = re.sub(r"#[^\n]*|HIPINFER_\w+|extern \"C\" \{", "", text)
    found = {}
    for result, name, arguments in re.findall(r"([\w\s*]+?[\s*])(hipinfer_\w+)\(([^)]*)\);", text):
        arguments = [] if arguments.strip() == "void" else [declared(a)[0] for a in arguments.split(",")]
        found[name] = ctype(" ".join(result.split())), arguments
    return found


def abi(ops: list[Op]) -> str:
    types = without_comments("types.h")
    version = re.findall(r"VERSION_\w+ (\d+)", without_comments("version.h"))
    out = [BANNER + '"""The C interface: numbers, structs and signatures."""\n\n'
           "from ctypes import (POINTER, Structure, c_char, c_char_p, c_float, c_int32, c_int64, c_size_t, c_uint8,\n"
           "                    c_uint16, c_uint32, c_uint64, c_void_p)\nfrom enum import IntEnum\n"
           f"from typing import Any, Dict, List, Tuple\n\nVERSION = ({', '.join(version)})\n"]
    out += enums_of(types)
    named = {e.name: e for op in ops for e in op.enums}
    for e in named.values():
        lines = "".join(f"    {n.upper()} = {v}  # {d}\n" for n, v, d in e.values)
        out.append(f'class {camel(e.name)}(IntEnum):\n    """{e.doc}"""\n\n{lines}')
    out += structures_of(types)
    for op in ops:
        if op.options:
            fields = [("c_size_t", "struct_size")] + [(ctype(o.c_type), o.name) for o in op.options]
            out.append(structure(f"{op.name}_options", fields))
    functions = functions_of(without_comments("hipinfer.h"))
    for op in ops:
        functions[f"hipinfer_{op.name}"] = "c_int32", [declared(p)[0] for p in parameters(op)]
        if op.workspace:
            functions[f"hipinfer_{op.name}_workspace_bytes"] = (
                "c_int32", [declared(p)[0] for p in parameters(op, query=True)])
    rows = []
    for name, (result, arguments) in functions.items():
        rows += textwrap.wrap(f'"{name}": ({result}, [{", ".join(arguments)}]),', 110, initial_indent="    ",
                              subsequent_indent="        ", break_long_words=False)
    out.append("# name: (result, arguments)\nFUNCTIONS: Dict[str, Tuple[Any, List[Any]]] = {\n" + "\n".join(rows) + "\n}\n")
    return "\n\n".join(out)


def listed(head: str, items: list[str], tail: str, indent: int) -> str:
    """head a, b, c tail, broken between items."""
    lines, line = [], head
    for i, item in enumerate(items):
        piece = item + (", " if i + 1 < len(items) else tail)
        if len(line) + len(piece.rstrip()) > 110:
            lines.append(line.rstrip())
            line = " " * indent
        line += piece
    return "\n".join(lines + [line])


def paragraph(text: str, first: str = "    ", rest: str = "    ") -> list[str]:
    text = text.replace("\\", "\\\\").replace('"""', "'''")
    return textwrap.wrap(text, 110, initial_indent=first, subsequent_indent=rest, break_long_words=False)


def documentation(op: Op) -> list[str]:
    out = ['    """' + paragraph(op.summary)[0].strip(), *paragraph(op.summary)[1:], ""]
    out += paragraph(op.formula, "        ", "            ") + [""]
    if op.dims:
        out += paragraph("where " + "; ".join(f"{k} is {v}" for k, v in op.dims.items()) + ".") + [""]
    out.append("    Args:")
    role = {"in": "", "out": "written; ", "inout": "read and written; "}
    for a in op.args + op.options:
        if a.is_tensor:
            optional = "optional (None), " if a.optional else ""
            text = f"{role[a.kind]}{optional}{shape_text(a)}, dtype {dtype_text(op, a.dtype)}; {STRIDES[a.layout]}. {a.doc}"
        else:
            limits = {"bool": "", "enum": f"a {camel(a.enum)}, its name in lower case or its number. "}.get(
                a.kind, range_text(a) + ". ")
            text = limits + a.doc
        out += paragraph(f"{a.name}: {text}", "        ", "            ")
    if op.workspace:
        out += paragraph(f"workspace: device memory of {op.name}_workspace_bytes(...) bytes ({op.workspace.rstrip('.')}); "
                         "None: the package's own. Pass one when the call is captured in a graph without torch.",
                         "        ", "            ")
    out += paragraph("stream: where the work is enqueued; None: torch's current stream for torch's GPU tensors, else the "
                     "default stream.", "        ", "            ")
    out += paragraph("context: None: that of the tensors.", "        ", "            ")
    out += ["", *paragraph(f"Aliasing: {op.aliasing}"), *paragraph(f"Numerics: {op.numerics}")]
    if op.errors:
        out += paragraph("Errors of its own: " + "; ".join(f"{s} when {w.rstrip('.')}" for s, w in op.errors) + ".")
    out += paragraph(f"Source: {op.source}")
    return out + ['    """']


def literal(a: Arg, zero: bool) -> str | None:
    """The default as Python text; None if the caller must say."""
    value = a.default
    if value is None:
        if not zero:
            return None
        value = 0
    if a.kind == "bool":
        return repr(bool(value))
    return repr(float(value)) if a.kind == "f32" else repr(value)


def signature(op: Op, keywords: list[str], name: str) -> str:
    """Arguments in the operation's order; a default only where every later argument has one too."""
    words: list[str] = []
    tail = True
    for a in reversed(op.args):
        hint = f"{'Optional[TensorLike]' if a.optional else 'TensorLike'}" if a.is_tensor else hint_of(a)
        default = ("None" if a.optional else None) if a.is_tensor else literal(a, zero=False)
        tail = tail and default is not None
        words.insert(0, f"{a.name}: {hint}" + (f" = {default}" if tail else ""))
    for o in op.options:
        words += ["*"] if o is op.options[0] else []
        words.append(f"{o.name}: {option_hint(o)} = {'None' if o.is_tensor else literal(o, zero=True)}")
    words += keywords if op.options else ["*", *keywords]
    head = f"def {name}("
    result = "int" if name.endswith("_workspace_bytes") else "None"
    return listed(head, words, f") -> {result}:", len(head))


def hint_of(a: Arg) -> str:
    return f"Union[{camel(a.enum)}, str, int]" if a.kind == "enum" else HINTS[a.kind]


def option_hint(o: Arg) -> str:
    return "Optional[TensorLike]" if o.is_tensor else hint_of(o)


def value_of(a: Arg) -> str:
    return f"enum_value({camel(a.enum)}, {a.name!r}, {a.name})" if a.kind == "enum" else a.name


def places(op: Op, test) -> str:
    found = [str(i) for i, a in enumerate(op.args) if test(a)]
    return f"({', '.join(found)}{',' if len(found) == 1 else ''})"


def call(op: Op, head: str, extra: list[str]) -> str:
    def values(args: list[Arg]) -> str:
        return "(" + ", ".join(map(value_of, args)) + (",)" if len(args) == 1 else ")")

    items = values(op.args).split(", ") + (values(op.options).split(", ") if op.options else ["None"]) + extra
    return listed(f"    {head}(", items, ")", len(head) + 5)


def function(op: Op) -> str:
    names = [f'"{a.name}"' for a in op.args]
    names[0], names[-1] = "(" + names[0], names[-1] + (",)" if len(names) == 1 else ")")
    about = [f'"{op.name}"', *names, f"tensors={places(op, lambda a: a.is_tensor)}",
             f"written={places(op, lambda a: a.is_tensor and a.kind != 'in')}"]
    about += [f"options=_abi.{camel(op.name)}Options"] if op.options else []
    about += ["workspace=True"] if op.workspace else []
    head = f"_{op.name} = Operation("
    out = [listed(head, about, ")", len(head)), "\n"]
    extra = ["workspace: Optional[TensorLike] = None"] if op.workspace else []
    extra += ["stream: StreamLike = None", "context: Optional[Context] = None"]
    out += [signature(op, extra, op.name), *documentation(op)]
    out.append(call(op, f"_{op.name}", ["stream", "context"] + (["workspace"] if op.workspace else [])))
    if op.workspace:
        out += ["\n", signature(op, extra[-1:], f"{op.name}_workspace_bytes"),
                f'    """Bytes of workspace that {op.name} needs for these arguments: only shapes, dtypes and options '
                'matter."""', call(op, f"return _{op.name}.workspace_bytes", ["context"])]
    return "\n".join(out) + "\n"


def operations(ops: list[Op]) -> str:
    enums = list(dict.fromkeys(camel(e.name) for op in ops for e in op.enums))
    names = [n for op in ops for n in ([op.name, f"{op.name}_workspace_bytes"] if op.workspace else [op.name])]
    exported = listed("    ", [f'"{n}"' for n in [*names, *enums]], ",", 4)
    uses_enums = any(a.kind == "enum" for op in ops for a in op.args + op.options)
    out = [BANNER + '"""The operations. Each only enqueues work on the stream; on the CPU it has run when it returns."""\n\n'
           "from __future__ import annotations\n\nfrom typing import Optional" + (", Union" if uses_enums else "")
           + "\n\nfrom . import _abi\n"
           + (f"from ._abi import {', '.join(enums)}\n" if enums else "")
           + f"from ._call import Operation{', enum_value' if uses_enums else ''}\n"
           "from .context import Context\nfrom .interop import StreamLike, TensorLike\n\n__all__ = [\n"
           + exported + "\n]\n"]
    if not any(op.options for op in ops):
        out[0] = out[0].replace("\n\nfrom . import _abi", "\n")
    return "\n\n".join(out + [function(op) for op in ops])
