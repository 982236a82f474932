# SPDX-License-Identifier: Apache-2.0
"""bindings/rust: a safe function an operation, the statuses, and the table of the layout test."""

from __future__ import annotations

import re
import textwrap
from pathlib import Path

from header import BANNER, STRIDES, dtype_text, parameters, range_text, shape_text
from model import Arg, Op

INCLUDE = Path(__file__).resolve().parents[2] / "include/hipinfer"
TYPES = {"f32": "f32", "i32": "i32", "i64": "i64", "u64": "u64", "bool": "bool"}
KEYWORDS = {"as", "box", "crate", "fn", "if", "impl", "in", "let", "loop", "match", "mod", "move", "mut", "pub", "ref",
            "self", "static", "super", "trait", "type", "use", "where", "while", "yield"}


def camel(name: str) -> str:
    return "".join(part.capitalize() for part in name.split("_"))


def escape(text: str) -> str:
    """Plain text as Markdown that says the same: no links, no HTML."""
    return re.sub(r"([\[\]<>*_`\\])", r"\\\1", text)


def doc(text: str, indent: str = "", first: str = "", rest: str = "") -> list[str]:
    return textwrap.wrap(text, 110, initial_indent=f"{indent}/// {first}", subsequent_indent=f"{indent}/// {rest}",
                         break_long_words=False, break_on_hyphens=False)


def in_place_output(op: Op, a: Arg) -> Arg | None:
    """The output whose memory the input may be."""
    if a.kind != "in":
        return None
    outs = [o for o in op.tensors if o.kind != "in" and (a.name in o.alias or o.name in a.alias)]
    if len(outs) > 1:
        raise ValueError(f"{op.name}: {a.name} may be the memory of several outputs: InPlace would not say which")
    return outs[0] if outs else None


def is_option(a: Arg) -> bool:
    return a.optional if a.is_tensor else a.default is not None


def option_args(op: Op) -> list[Arg]:
    return [a for a in op.args if is_option(a)] + op.options


def has_lifetime(op: Op) -> bool:
    return any(a.is_tensor for a in option_args(op))


def rust_type(op: Op, a: Arg) -> str:
    """The type of a required argument, or of a field of the options."""
    if a.kind == "enum":
        return camel(a.enum)
    if not a.is_tensor:
        return TYPES[a.kind]
    if a.optional:
        inner = "TensorMut" if a.kind != "in" else "Source" if in_place_output(op, a) else "TensorRef"
        return f"Option<{inner}<'a>>"
    if a.kind != "in":
        return "&mut TensorMut<'_>"
    return "impl Into<Source<'a>>" if in_place_output(op, a) else "&TensorRef<'_>"


def default_value(op: Op, a: Arg) -> str:
    if a.is_tensor:
        return "None"
    if a.kind == "enum":
        values = next(e for e in op.enums if e.name == a.enum).values
        wanted = a.default if a.default is not None else 0
        return f"{camel(a.enum)}::{camel(next(n for n, v, _ in values if wanted in (n, v)))}"
    if a.kind == "bool":
        return "true" if a.default else "false"
    value = a.default if a.default is not None else 0
    return repr(float(value)) if a.kind == "f32" else str(value)


def argument_doc(op: Op, a: Arg) -> str:
    if not a.is_tensor:
        return f"{'' if a.kind == 'enum' else escape(range_text(a)) + '. '}{escape(a.doc)}"
    role = {"in": "read", "out": "written", "inout": "read and written"}[a.kind]
    place = ", or [`InPlace`]" if in_place_output(op, a) else ""
    return (f"`{shape_text(a)}`, {escape(dtype_text(op, a.dtype))}; {STRIDES[a.layout]}; {role}{place}. "
            f"{escape(a.doc)}")


def enum_types(op: Op, seen: set[str]) -> list[str]:
    out = []
    for e in op.enums:
        if e.name in seen:
            continue
        seen.add(e.name)
        out += doc(escape(e.doc)) + ["#[derive(Debug, Clone, Copy, PartialEq, Eq)]", "#[non_exhaustive]",
                                     f"pub enum {camel(e.name)} {{"]
        for name, value, text in e.values:
            out += doc(escape(text), "    ") + [f"    {camel(name)} = {value},"]
        out += ["}", ""]
    return out


def options_type(op: Op) -> list[str]:
    args = option_args(op)
    if not args:
        return []
    name, generic = f"{camel(op.name)}Options", "<'a>" if has_lifetime(op) else ""
    out = [f"/// Options of [`{op.name}`].", "#[derive(Debug)]" if generic else "#[derive(Debug, Clone, Copy)]",
           f"pub struct {name}{generic} {{"]
    for a in args:
        out += doc(argument_doc(op, a), "    ") + [f"    pub {a.name}: {rust_type(op, a)},"]
    out += ["}", "", f"impl Default for {name}{'<_>'.replace('_', chr(39) + '_') if generic else ''} {{",
            "    fn default() -> Self {", f"        {name} {{"]
    out += [f"            {a.name}: {default_value(op, a)}," for a in args]
    return out + ["        }", "    }", "}", ""]


def documentation(op: Op) -> list[str]:
    out = doc(escape(op.summary)) + ["///", "/// ```text"]
    out += textwrap.wrap(op.formula, 108, initial_indent="/// ", subsequent_indent="///     ") + ["/// ```", "///"]
    if op.dims:
        out += doc("where " + "; ".join(f"`{k}` is {escape(v)}" for k, v in op.dims.items()) + ".") + ["///"]
    required = [a for a in op.args if not is_option(a)]
    for a in required:
        out += doc(f"`{a.name}`: {argument_doc(op, a)}", first="- ", rest="  ")
    if option_args(op):
        out += doc(f"`options`: `Default::default()`, or see [`{camel(op.name)}Options`].", first="- ", rest="  ")
    texts = [("Aliasing", op.aliasing), ("Numerics", op.numerics)]
    if op.workspace:
        texts.append(("Workspace", op.workspace + " The stream keeps it and lets it grow; see "
                      "Stream::reserve_workspace."))
    if op.errors:
        texts.append(("Errors of its own", "; ".join(f"{s} when {w.rstrip('.')}" for s, w in op.errors) + "."))
    texts.append(("Source", f"{op.source} Since {op.since}."))
    for title, text in texts:
        out += ["///"] + doc(f"*{title}*: {escape(text)}")
    if op.safety:
        out += ["///", "/// # Safety", "///"] + doc(f"Taken on trust when the work runs: {escape(op.safety)}")
    return out


def signature(op: Op, name: str, result: str) -> list[str]:
    lifetime = any(in_place_output(op, a) and not a.optional for a in op.args)
    params = ["stream: &Stream"] + [f"{a.name}: {rust_type(op, a)}" for a in op.args if not is_option(a)]
    if option_args(op):
        params.append(f"options: {camel(op.name)}Options" + ("<'_>" if has_lifetime(op) else ""))
    unsafe = "unsafe " if op.safety and result == "()" else ""
    return [f"pub {unsafe}fn {name}{'<' + chr(39) + 'a>' if lifetime else ''}("] + [f"    {p}," for p in params] + [
        f") -> Result<{result}> {{"]


def bindings(op: Op) -> list[str]:
    """Statements that make what C takes: a raw tensor under each tensor's name, and the C options."""
    out = []
    order = [a for a in op.tensors if not in_place_output(op, a)] + [a for a in op.tensors if in_place_output(op, a)]
    for a in order:
        source = in_place_output(op, a)
        if source is None:
            out.append(f"let {a.name}_raw = " + (f"options.{a.name}.as_ref().map(|t| t.raw());" if a.optional
                                                 else f"{a.name}.raw();"))
            continue
        same = f"{source.name}_raw"
        if a.optional:
            tensor = "Some(t.raw())"
            out += [f"let {a.name}_raw = match &options.{a.name} {{", f"    Some(Source::Tensor(t)) => {tensor},",
                    f"    Some(Source::InPlace) => {same if source.optional else f'Some({same})'},", "    None => None,",
                    "};"]
        else:
            if source.optional:
                raise ValueError(f"{op.name}: {a.name} is required, but the output it may be is optional")
            out += [f"let {a.name} = {a.name}.into();", f"let {a.name}_raw = match &{a.name} {{",
                    "    Source::Tensor(t) => t.raw(),", f"    Source::InPlace => {same},", "};"]
    if op.options:
        name = f"sys::hipinfer_{op.name}_options"
        fields = [f"    {o.name}: {f'pointer(&{o.name}_raw)' if o.is_tensor else scalar(o, 'options.')}," for o in op.options]
        out += [f"let c_options = {name} {{", f"    struct_size: size_of::<{name}>(),"] + fields + ["};"]
    return out


def scalar(a: Arg, prefix: str) -> str:
    return f"{prefix}{a.name}" + (" as i32" if a.kind in ("bool", "enum") else "")


def call(op: Op, query: bool) -> str:
    values = ["inner.handle"]
    for a in op.args:
        if a.is_tensor:
            values.append(f"pointer(&{a.name}_raw)" if a.optional else f"&{a.name}_raw")
        else:
            values.append(scalar(a, "options." if is_option(a) else ""))
    if op.options:
        values.append("&c_options")
    if query:
        values.append("&mut bytes")
    else:
        values += ["workspace", "workspace_bytes"] if op.workspace else []
        values.append("stream.as_raw()")
    if len(values) != len(parameters(op, query=query)):
        raise ValueError(f"{op.name}: {values} are not the C function's arguments")
    suffix = "_workspace_bytes" if query else ""
    return f"inner.check(unsafe {{ (inner.api.hipinfer_{op.name}{suffix})({', '.join(values)}) }})"


def function(op: Op) -> list[str]:
    out = documentation(op) + signature(op, op.name, "()")
    body = ["let inner = stream.inner();"] + bindings(op)
    if op.workspace:
        body += ["let mut bytes = 0;", "if stream.needs_workspace() {", f"    {SAFETY}", f"    {call(op, True)}?;", "}",
                 "stream.with_workspace(bytes, |workspace, workspace_bytes| {", f"    {SAFETY}", f"    {call(op, False)}",
                 "})"]
    else:
        body += [SAFETY, call(op, False)]
    out += [f"    {line}" for line in body] + ["}", ""]
    if op.workspace:
        out += doc(f"Bytes of scratch memory that [`{op.name}`] needs for these arguments: 0 on the CPU. Only shapes, "
                   "types and options matter.")
        out += signature(op, f"{op.name}_workspace_bytes", "usize")
        body = ["let inner = stream.inner();"] + bindings(op) + ["let mut bytes = 0;", SAFETY, f"{call(op, True)}?;",
                                                                 "Ok(bytes)"]
        out += [f"    {line}" for line in body] + ["}", ""]
    return out


SAFETY = "// SAFETY: handles and pointers are good during the call; see the crate's documentation for what comes after."


def ops(all_ops: list[Op]) -> str:
    body, seen = [], set()
    for op in all_ops:
        bad = {a.name for a in op.args + op.options} & (KEYWORDS | {"stream", "options", "inner", "bytes"})
        if bad:
            raise ValueError(f"{op.name}: {', '.join(sorted(bad))} cannot be a name in Rust's binding")
        body += enum_types(op, seen) + options_type(op) + function(op)
    text = "\n".join(body)
    used = [t for t in ("InPlace", "Source", "TensorMut", "TensorRef") if re.search(rf"\b{t}\b", text)]
    head = [BANNER + "//! The operations: each enqueues its work on a stream and returns.\n//!",
            "//! Errors common to all: a tensor that is not as stated (rank, dtype, shape, strides, device, alignment,",
            "//! aliasing), a scalar out of its range, no kernel for the device, or the device's own. On any error nothing was",
            "//! enqueued and nothing is written.", "#![allow(clippy::too_many_arguments, clippy::derivable_impls)]", ""]
    if any(a.optional for op in all_ops for a in op.tensors):
        head += ["use std::ptr::null;", ""]
    head += ["#[allow(unused_imports)] // InPlace is for the documentation's links",
             f"use crate::{{{', '.join(used)}, Result, Stream, sys}};", ""]
    if "use std::ptr::null;" in head:
        head += ["fn pointer(tensor: &Option<sys::hipinfer_tensor>) -> *const sys::hipinfer_tensor {",
                 "    tensor.as_ref().map_or(null(), |t| t)", "}", ""]
    return "\n".join(head) + "\n" + text


def statuses() -> str:
    rows = re.findall(r'X\((\w+), (\d+), "([^"]*)"\)', (INCLUDE / "types.h").read_text())
    out = [BANNER.replace("src/ops/*/family.toml", "include/hipinfer/types.h"), "use std::fmt;", "",
           "/// Kind of an outcome. A number with names: a later library may give numbers that have no name here.",
           "#[derive(Clone, Copy, PartialEq, Eq, Hash)]", "pub struct Status(i32);", "", "impl Status {",
           "    /// The library itself was not found or is too old; a number of this crate.",
           "    pub const LIBRARY_NOT_FOUND: Status = Status(-1);"]
    for name, number, text in rows:
        out += [f"    /// {text[0].upper() + text[1:]}.", f"    pub const {name}: Status = Status({number});"]
    out += ["", "    /// The status of a number.", "    pub const fn from_code(code: i32) -> Status {",
            "        Status(code)", "    }", "", "    /// The C interface's number.",
            "    pub const fn code(self) -> i32 {", "        self.0", "    }", "",
            "    /// The C interface's name without its prefix, if it has one here.",
            "    pub const fn name(self) -> Option<&'static str> {", "        Some(match self {",
            '            Status::LIBRARY_NOT_FOUND => "LIBRARY_NOT_FOUND",']
    out += [f'            Status::{name} => "{name}",' for name, _, _ in rows]
    out += ["            _ => return None,", "        })", "    }", "}", "", "impl fmt::Display for Status {",
            "    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {", "        match self.name() {",
            "            Some(name) => f.write_str(name),", '            None => write!(f, "status {}", self.0),',
            "        }", "    }", "}", "", "impl fmt::Debug for Status {",
            "    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {", "        fmt::Display::fmt(self, f)",
            "    }", "}", ""]
    return "\n".join(out)


def layout_table(all_ops: list[Op]) -> str:
    """Every public struct with its fields, as the C header has them."""
    structs = []
    types = re.sub(r"//[^\n]*", "", (INCLUDE / "types.h").read_text())
    for name, body in re.findall(r"typedef struct (\w+) \{(.*?)\} \1;", types, re.S):
        fields = [re.search(r"(\w+)(?:\[\w+\])?$", s.strip())[1] for s in body.split(";") if s.strip()]
        structs.append((name, fields))
    structs += [(f"hipinfer_{op.name}_options", ["struct_size"] + [o.name for o in op.options])
                for op in all_ops if op.options]
    rows = [f"    {name} {{ {', '.join(fields)} }}" for name, fields in structs]
    return BANNER.replace("src/ops/*/family.toml", "src/ops/*/family.toml and types.h") + (
        "layouts! {\n" + "\n".join(rows) + "\n}\n")


def outputs(all_ops: list[Op]) -> dict[str, str]:
    return {
        "bindings/rust/hipinfer/src/ops.rs": ops(all_ops),
        "bindings/rust/hipinfer/src/status.rs": statuses(),
        "bindings/rust/hipinfer-sys/tests/layout/table.rs": layout_table(all_ops),
    }
