# SPDX-License-Identifier: Apache-2.0
"""src/generated/: what launch.cpp includes, the contract and dispatch tables, the entry points, the export list."""

from __future__ import annotations

from header import BANNER, parameters
from model import DTYPES, Arg, Op

RUNTIME_FUNCTIONS = "include/hipinfer/hipinfer.h"


def op_header(ops: list[Op]) -> str:
    out = [BANNER + "#pragma once\n\n#include \"core/op.h\"\n#include \"hipinfer/ops.h\"\n"]
    for op in ops:
        out.append(f"struct {op.name}_params;")
    out.append("\nnamespace hipinfer {\n")
    for op in ops:
        fields = "".join(f"  view {a.name};\n" if a.is_tensor else f"  {a.c_type} {a.name};\n" for a in op.args)
        if op.options:
            fields += f"  hipinfer_{op.name}_options options;\n"
        if op.workspace:
            fields += "  void* workspace;\n"
        out.append(f"struct {op.name}_args {{\n{fields}}};")
        tune = "".join(f"  int32_t {k};\n" for k in op.kernels[0].tune)
        out.append(f"struct {op.name}_tune {{\n{tune}}};")
        out.append(f"struct {op.name}_dtype {{\n  enum {{ {', '.join(v.name for v in op.variables)} }};\n}};")
        out.append(f"void {op.name}_launch(call& c, const {op.name}_args& a);")
        out.append(f"void {op.name}_reference(const {op.name}_params& p, const bound_dtypes& types);")
        if op.workspace:
            out.append(f"size_t {op.name}_workspace(call& c, const {op.name}_args& a);")
        out.append("")
    out.append("}  // namespace hipinfer\n")
    return "\n".join(out)


def mask(dtypes: list[str]) -> str:
    return " | ".join(f"bit(dtype::{'b8' if d == 'bool' else d})" for d in DTYPES if d in dtypes) or "0"


def contract_tables(op: Op) -> list[str]:
    symbols = list(op.dims)
    out = [f"constexpr const char* symbols[] = {{{', '.join(chr(34) + s + chr(34) for s in symbols) or 'nullptr'}}};"]
    for a in op.tensors:
        alternatives = []
        for s in a.shapes:
            dims = ", ".join(f"{{{symbols.index(d.symbol) if d.symbol else -1}, {d.multiple}, {d.offset}}}" for d in s)
            alternatives.append(f"{{{len(s)}, {{{dims}}}}}")
        if alternatives:
            out.append(f"constexpr shape_alternative {a.name}_shapes[] = {{{', '.join(alternatives)}}};")
    rows = []
    names = [a.name for a in op.tensors]
    for a in op.tensors:
        aliases = " | ".join(f"1u << {names.index(n)}" for n in a.alias) or "0"
        output = "true" if a.kind != "in" else "false"
        rows.append(f"    {{\"{a.name}\", {str(a.optional).lower()}, {output}, {aliases}, "
                    f"{op.variable_index(a.dtype)}, layout::{a.layout}, {len(a.shapes)}, "
                    f"{a.name + '_shapes' if a.shapes else 'nullptr'}}},")
    out.append("constexpr tensor_contract tensors[] = {\n" + "\n".join(rows) + "\n};")
    rows = [f"    {{\"{v.name}\", {mask(v.allowed)}, {op.variable_index(v.same_as) if v.same_as else -1}}},"
            for v in op.variables]
    out.append("constexpr dtype_variable dtypes[] = {\n" + "\n".join(rows) + "\n};")
    out.append(f"constexpr contract terms{{\"{op.name}\", tensors, {len(op.tensors)}, dtypes, {len(op.variables)}, "
               f"symbols, {len(symbols)}}};")
    return out


def quote(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def kernel_tables(op: Op) -> list[str]:
    out, rows = [], []
    params = f"{op.name}_params"
    for i, k in enumerate(op.kernels):
        tune = "nullptr"
        if k.tune:
            tune = f"tune_{i}"
            out.append(f"constexpr {op.name}_tune {tune}{{{', '.join(str(v) for v in k.tune.values())}}};")
            tune = f"&{tune}"
        when = "nullptr"
        if k.when:
            when = f"[](const void* v) {{ const {params}& p = *static_cast<const {params}*>(v); return bool({k.when}); }}"
        masks = ", ".join(mask(k.dtypes[v.name]) if v.name in k.dtypes else "0" for v in op.variables)
        rows.append(f"    {{\"{op.name}\", \"{k.name}\", \"{k.module}\", {quote(' '.join(k.targets))}, {quote(k.symbol)}, "
                    f"{quote(k.when)}, \"{k.stage}\", {k.threads}, {{{masks}}}, {tune}, {when}, nullptr}},")
    reference = (f"[](const void* v, const bound_dtypes& t) {{ {op.name}_reference(*static_cast<const {params}*>(v), t); }}")
    rows.append(f"    {{\"{op.name}\", \"cpu\", \"\", \"cpu\", \"\", \"\", \"main\", 1, {{}}, nullptr, nullptr, {reference}}},")
    out.append("constexpr kernel_row rows[] = {\n" + "\n".join(rows) + "\n};")
    fields = [f"    {{\"{n}\", \"{t}\", offsetof({params}, {n}), sizeof({params}::{n})}}," for t, n in op.params]
    out.append("constexpr param_field fields[] = {\n" + "\n".join(fields) + "\n};")
    return out


def checks(op: Op, args: list[Arg], prefix: str) -> list[str]:
    out = []
    for a in args:
        low, high = a.min, a.max
        if a.kind == "bool":
            low, high = 0, 1
        if a.kind == "enum":
            values = [v for _, v, _ in next(e for e in op.enums if e.name == a.enum).values]
            low, high = min(values), max(values)
        if low is None and high is None:
            continue
        low = "-INFINITY" if low is None else repr(low)
        high = "INFINITY" if high is None else repr(high)
        out.append(f"  check_range(\"{op.name}\", \"{a.name}\", static_cast<double>({prefix}{a.name}), {low}, {high});")
    return out


def entry_point(op: Op, query: bool) -> str:
    suffix = "_workspace_bytes" if query else ""
    tensors = ", ".join(a.name for a in op.tensors)
    body = [f"  const hipinfer_tensor* given[] = {{{tensors}}};",
            f"  entry e(context, {op.name}_op::table, given, {'nullptr, true' if query else 'stream, false'});",
            f"  {op.name}_args a{{}};"]
    for i, t in enumerate(op.tensors):
        body.append(f"  a.{t.name} = e.views[{i}];")
    scalars = [a for a in op.args if not a.is_tensor]
    body += [f"  a.{s.name} = {s.name};" for s in scalars]
    body += checks(op, scalars, "")
    if op.options:
        body.append(f"  copy_options(\"{op.name}\", &a.options, sizeof a.options, options);")
        body += checks(op, op.options, "a.options.")
    if query:
        body.append("  if (bytes == nullptr) throw fail(HIPINFER_STATUS_NULL_POINTER, "
                    f"\"{op.name}_workspace_bytes: bytes: is NULL\");")
        body.append(f"  *bytes = {op.name}_workspace(e.work, a);")
    else:
        if op.workspace:
            body.append("  a.workspace = workspace;")
            body.append("  if (!e.c.on_cpu() && !e.c.validate_only()) check_workspace(e.work, workspace, workspace_bytes, "
                        f"{op.name}_workspace(e.work, a));")
        body.append(f"  {op.name}_launch(e.work, a);")
    inner = "\n".join("  " + line for line in body)
    return (f"hipinfer_status hipinfer_{op.name}{suffix}({', '.join(parameters(op, query=query))}) {{\n"
            f"  return guard([&] {{\n{inner}\n  }});\n}}\n")


def op_source(ops: list[Op]) -> str:
    out = [BANNER + "#include \"generated/ops.h\"\n\n#include <cmath>\n#include <cstddef>\n\n"
           "#include \"core/context.h\"\n#include \"hipinfer/hipinfer.h\""]
    out += [f"#include \"ops/{op.name}/params.h\"" for op in ops]
    out.append("\nnamespace hipinfer {")
    first = 0
    for op in ops:
        out.append(f"namespace {op.name}_op {{\nnamespace {{")
        out += contract_tables(op) + kernel_tables(op)
        out.append(f"constexpr op_table table{{terms, rows, {len(op.kernels) + 1}, {first}, fields, {len(op.params)}, "
                   f"sizeof({op.name}_params)}};")
        out.append(f"}}  // namespace\n}}  // namespace {op.name}_op\n")
        first += len(op.kernels) + 1
    out.append("const op_table* all_ops(int& count) {\n  static constexpr op_table ops[] = {")
    out += [f"      {op.name}_op::table," for op in ops]
    out.append("  };\n  count = sizeof ops / sizeof *ops;\n  return ops;\n}\n\n}  // namespace hipinfer\n")
    out.append("using namespace hipinfer;\n\nextern \"C\" {\n")
    for op in ops:
        out.append(entry_point(op, query=False))
        if op.workspace:
            out.append(entry_point(op, query=True))
    out.append("}  // extern \"C\"\n")
    return "\n".join(out)


def export_list(ops: list[Op], runtime: list[str]) -> str:
    names = runtime + [f"hipinfer_{op.name}" for op in ops]
    names += [f"hipinfer_{op.name}_workspace_bytes" for op in ops if op.workspace]
    lines = "\n".join(f"    {n};" for n in sorted(names))
    return "/* Written by src/gen/generate.py. */\n{\n  global:\n" + lines + "\n  local: *;\n};\n"


def test_registry(ops: list[Op]) -> str:
    out = [BANNER + "// What the contract tests need to know of each operation.\n#pragma once\n\n"
           "struct registered_tensor {\n  const char* name;\n  const char* kind;  // in, out, inout\n  bool optional;\n"
           "  const char* dtypes;  // accepted dtypes, space-separated\n  const char* strides;  // rows, compact, free\n"
           "  const char* shapes;   // alternatives separated by |, extents by spaces\n};\n\n"
           "struct registered_op {\n  const char* name;\n  bool workspace;\n  int tensor_count;\n"
           "  registered_tensor tensors[16];\n};\n\ninline constexpr registered_op registry[] = {"]
    for op in ops:
        out.append(f"    {{\"{op.name}\", {str(bool(op.workspace)).lower()}, {len(op.tensors)}, {{")
        for a in op.tensors:
            v = next(v for v in op.variables if v.name == a.dtype)
            base = next((o for o in op.variables if o.name == v.same_as), None)
            dtypes = " ".join(dict.fromkeys((base.allowed if base else []) + v.allowed))
            out.append(f"        {{\"{a.name}\", \"{a.kind}\", {str(a.optional).lower()}, \"{dtypes}\", \"{a.layout}\", "
                       f"\"{'|'.join(a.shape_text)}\"}},")
        out.append("    }},")
    return "\n".join(out) + "\n};\n"
