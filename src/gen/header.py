# SPDX-License-Identifier: Apache-2.0
"""include/hipinfer/ops.h: every operation with its whole documentation."""

from __future__ import annotations

import textwrap

from model import Arg, Op

BANNER = "// SPDX-License-Identifier: Apache-2.0\n// Written by src/gen/generate.py from src/ops/*/family.toml; edit those.\n"
STRIDES = {"rows": "last dimension contiguous, other strides free", "compact": "compact row-major",
           "free": "any strides"}


def parameters(op: Op, stream: bool = True, query: bool = False) -> list[str]:
    out = ["hipinfer_context context"]
    for a in op.args:
        out.append(f"const hipinfer_tensor* {a.name}" if a.is_tensor else f"{a.c_type} {a.name}")
    if op.options:
        out.append(f"const hipinfer_{op.name}_options* options")
    if op.workspace and not query:
        out += ["void* workspace", "size_t workspace_bytes"]
    if query:
        out.append("size_t* bytes")
    if stream and not query:
        out.append("hipinfer_stream stream")
    return out


def wrap(text: str, first: str = "/// ", rest: str = "///   ") -> list[str]:
    return textwrap.wrap(text, 108, initial_indent=first, subsequent_indent=rest, break_long_words=False)


def dtype_text(op: Op, name: str) -> str:
    v = next(v for v in op.variables if v.name == name)
    text = ", ".join(v.allowed)
    return f"that of {v.same_as}" + (f", or {text}" if text else "") if v.same_as else text


def range_text(a: Arg) -> str:
    if a.kind == "bool":
        return "0 or 1"
    if a.kind == "enum":
        return f"a hipinfer_{a.enum}"
    if a.min is None and a.max is None:
        return "any value"
    low = "" if a.min is None else f"from {a.min:g}"
    high = "" if a.max is None else f"to {a.max:g}"
    return f"{low} {high}".strip()


def shape_text(a: Arg) -> str:
    if not a.shapes:
        return "any shape, the same for all"
    return " or ".join("any shape of one element" if s == "1" else "[" + ", ".join(s.split()) + "]" for s in a.shape_text)


def tensor_doc(op: Op, a: Arg) -> list[str]:
    role = {"in": "in", "out": "out", "inout": "in,out"}[a.kind]
    optional = "optional (NULL), " if a.optional else ""
    return wrap(f"@param[{role}] {a.name} {optional}{shape_text(a)}, dtype {dtype_text(op, a.dtype)}; "
                f"{STRIDES[a.layout]}. {a.doc}")


def documentation(op: Op) -> list[str]:
    out = [f"/// {op.summary}", "///"]
    out += wrap(op.formula, "///     ", "///         ") + ["///"]
    out += wrap("where " + "; ".join(f"{k} is {v}" for k, v in op.dims.items()) + ".", "/// ", "/// ") if op.dims else []
    for a in op.args:
        out += tensor_doc(op, a) if a.is_tensor else wrap(f"@param {a.name} {range_text(a)}. {a.doc}")
    if op.options:
        out += wrap(f"@param options NULL for the defaults; see hipinfer_{op.name}_options.")
    if op.workspace:
        out += wrap(f"@param workspace Device memory, aligned to 16 bytes, of workspace_bytes >= what "
                    f"hipinfer_{op.name}_workspace_bytes says. {op.workspace}")
    out += wrap("@param stream Where the work is enqueued.")
    for title, text in (("Aliasing", op.aliasing), ("Workspace", op.workspace or "none."), ("Numerics", op.numerics),
                        ("On trust", op.safety)):
        out += wrap(f"{title}: {text}") if text else []
    tensor_errors = ("INVALID_HANDLE, NULL_POINTER, INVALID_RANK, INVALID_DTYPE, INVALID_SHAPE, INVALID_STRIDE, "
                     "INVALID_DEVICE, MISALIGNED, OVERFLOW, ALIASING when a tensor is not as stated above")
    errors = [tensor_errors]
    if any(not a.is_tensor for a in op.args) or op.options:
        errors.append("INVALID_ARGUMENT when a scalar is out of its range")
    if op.workspace:
        errors.append("WORKSPACE_TOO_SMALL, whose message names the bytes needed")
    if any(a.contents for a in op.tensors):
        errors.append("INVALID_CONTENTS, which names the first bad entry, in a context that checks contents; UNSUPPORTED there "
                      "while the stream is captured")
    errors += [f"{s} when {w.rstrip('.')}" for s, w in op.errors]
    errors.append("UNSUPPORTED when every kernel that could serve the call is disabled or out of its condition")
    errors.append("MODULE_LOAD, NO_CODE_OBJECT, DRIVER_ERROR from the device")
    out += wrap("Errors: " + "; ".join(errors) + ".")
    out += wrap(f"Source: {op.source}")
    out += [f"/// Since: {op.since}."]
    return out


def declaration(name: str, params: list[str]) -> str:
    head = f"HIPINFER_NODISCARD HIPINFER_API hipinfer_status {name}("
    lines, line = [], head
    for i, p in enumerate(params):
        piece = p + ("," if i + 1 < len(params) else ");")
        if len(line) + 1 + len(piece) > 110:
            lines.append(line)
            line = "    " + piece
        else:
            line += piece if line.endswith("(") else " " + piece
    return "\n".join(lines + [line])


def options_struct(op: Op) -> str:
    name = f"hipinfer_{op.name}_options"
    out = [f"/// Options of hipinfer_{op.name}. Zero the struct, set struct_size, then the fields you need: zero is "
           "every default.", f"typedef struct {name} {{", f"  size_t struct_size; ///< sizeof({name})"]
    for o in op.options:
        about = f"NULL, or {shape_text(o)}, dtype {dtype_text(op, o.dtype)}; {STRIDES[o.layout]}" if o.is_tensor else range_text(o)
        out.append(f"  {o.c_type} {o.name}; ///< {about}. {o.doc}")
    return "\n".join(out + [f"}} {name};"])


def declarations(op: Op) -> str:
    """The C declarations of one operation, without their documentation: for its own source."""
    out = []
    if op.options:
        name = f"hipinfer_{op.name}_options"
        fields = "".join(f"  {o.c_type} {o.name};\n" for o in op.options)
        out.append(f"typedef struct {name} {{\n  size_t struct_size;\n{fields}}} {name};")
    out.append(declaration(f"hipinfer_{op.name}", parameters(op)))
    if op.workspace:
        out.append(declaration(f"hipinfer_{op.name}_workspace_bytes", parameters(op, query=True)))
    return "\n".join(out)


def header(ops: list[Op]) -> str:
    out = [BANNER + "/// @file ops.h The operations.\n#ifndef HIPINFER_OPS_H\n#define HIPINFER_OPS_H\n\n"
           '#include "hipinfer/types.h"\n\n#ifdef __cplusplus\nextern "C" {\n#endif\n']
    seen = set()
    for op in ops:
        for e in op.enums:
            if e.name in seen:
                continue
            seen.add(e.name)
            values = ",\n".join(f"  HIPINFER_{e.name.upper()}_{n.upper()} = {v} /**< {d} */" for n, v, d in e.values)
            out.append(f"/// {e.doc}\nenum hipinfer_{e.name} {{\n{values}\n}};\n")
        if op.options:
            out.append(options_struct(op) + "\n")
        out.append("\n".join(documentation(op)))
        out.append(declaration(f"hipinfer_{op.name}", parameters(op)) + "\n")
        if op.workspace:
            out.append(f"/// Bytes of workspace that hipinfer_{op.name} needs for these arguments. Only shapes, dtypes "
                       "and options matter:\n/// data may be NULL.")
            out.append(declaration(f"hipinfer_{op.name}_workspace_bytes", parameters(op, query=True)) + "\n")
    out.append("#ifdef __cplusplus\n}\n#endif\n\n#endif\n")
    return "\n".join(out)
