# SPDX-License-Identifier: Apache-2.0
"""The host's C++, which lives in the build folder: for each group a header that launch.cpp and reference.cpp include, for
each operation a source with its contract, its rows and its entry points; the list of all operations, the export list,
and what the contract tests need to know."""

from __future__ import annotations

from check import limit
from header import BANNER, declarations, parameters
from model import DTYPES, Arg, Dim, Family, Group, Kernel, Op


def quote(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def dtype_constant(d: str) -> str:
    return f"dtype::{'b8' if d == 'bool' else d}"


def mask(dtypes: list[str]) -> str:
    return " | ".join(f"bit({dtype_constant(d)})" for d in DTYPES if d in dtypes) or "0"


def trait_types(group: Group) -> list[str]:
    """enum class <group>_<trait> for traits that are texts, and the struct of all."""
    out, fields = [], []
    for name, values in group.traits.items():
        kind = "bool" if isinstance(values[0], bool) else "int32_t"
        if isinstance(values[0], str):
            kind = f"{group.name}_{name}"
            out.append(f"enum class {kind} {{ {', '.join(values)} }};")
        fields.append(f"  {kind} {name};\n")
    return [*out, f"struct {group.name}_traits {{\n{''.join(fields)}}};"] if fields else []


def trait_values(op: Op) -> str:
    def value(name: str, v: object) -> str:
        return str(v).lower() if isinstance(v, bool) else f"{op.shares}_{name}::{v}" if isinstance(v, str) else str(v)

    return ", ".join(f".{name} = {value(name, v)}" for name, v in op.traits.items())


def enum_constants(group: Group) -> list[str]:
    out = []
    for e in group.enums:
        values = ", ".join(f"{name} = {value}" for name, value, _ in e.values)
        guard = f"HIPINFER_GENERATED_{e.name.upper()}"
        out.append(f"#ifndef {guard}\n#define {guard}\nstruct {e.name} {{\n  enum : int32_t {{ {values} }};\n}};\n#endif")
    return out


def group_header(group: Group) -> str:
    name = group.name
    fields = "".join(f"  view {a.name};\n" if a.is_tensor else f"  {a.c_type} {a.name};\n" for a in group.fields)
    if group.workspace:
        fields += "  void* workspace;\n"
    traits = trait_types(group)
    if traits:
        fields += f"  {name}_traits traits;\n"
    tune = "".join(f"  int32_t {k};\n" for k in group.ops[0].kernels[0].tune)
    plan = f", {name}_params& p" if group.workspace else ""
    out = [BANNER + f"#pragma once\n\n#include \"core/op.h\"\n\nstruct {name}_params;\n\nnamespace hipinfer {{\n",
           *enum_constants(group), *traits, f"struct {name}_args {{\n{fields}}};", f"struct {name}_tune {{\n{tune}}};\n"]
    if group.workspace:
        out.append("// Checks, fills what shapes decide of p, and says how many bytes of workspace the call needs.\n"
                   f"size_t {name}_workspace(call& c, const {name}_args& a{plan});")
    out += [f"void {name}_launch(call& c, const {name}_args& a{plan});", f"void {name}_reference(const {name}_args& a);",
            "\n}  // namespace hipinfer\n"]
    return "\n".join(out)


def contents_rule(op: Op, a: Arg, symbols: list[str]) -> str:
    names, c = [t.name for t in op.tensors], a.contents

    def bound(d: Dim | None, below: bool) -> str:
        if d is None:
            return "{}"
        return (f"{{.given = true, .below = {str(below).lower()}, .symbol = {symbols.index(d.symbol) if d.symbol else -1}, "
                f".offset = {d.offset}}}")

    highs, of = (", ".join(parts) for parts in ((bound(d, c.below) for d in c.highs), (quote(text) for text in c.of)))
    return (f"    {{.tensor = {names.index(a.name)}, .within = {names.index(c.within) if c.within else -1}, "
            f".owners = {names.index(c.owners) if c.owners else -1}, .ascending = {str(c.ascending).lower()}, "
            f".negative_is_none = {str(c.negative_is_none).lower()}, .low = {bound(c.low, False)}, "
            f".high = {{{highs}}}, .of = {{{of}}}}},")


def contract_tables(op: Op) -> list[str]:
    symbols = list(op.dims)
    out = [f"constexpr const char* symbols[] = {{{', '.join(quote(s) for s in symbols) or 'nullptr'}}};"]
    for a in op.tensors:
        alternatives = []
        for s in a.shapes:
            dims = ", ".join(f"{{.symbol = {symbols.index(d.symbol) if d.symbol else -1}, .multiple = {d.multiple}, "
                             f".offset = {d.offset}}}" for d in s)
            alternatives.append(f"{{.rank = {len(s)}, .dims = {{{dims}}}}}")
        if alternatives:
            out.append(f"constexpr shape_alternative {a.name}_shapes[] = {{{', '.join(alternatives)}}};")
    rows, names = [], [a.name for a in op.tensors]
    for a in op.tensors:
        aliases = " | ".join(f"1u << {names.index(n)}" for n in a.alias) or "0"
        rows.append(f"    {{.name = \"{a.name}\", .optional = {str(a.optional).lower()}, "
                    f".output = {str(a.kind != 'in').lower()}, .aliases = {aliases}, "
                    f".dtype_variable = {op.variable_index(a.dtype)}, .strides = layout::{a.layout}, "
                    f".alternatives = {len(a.shapes)}, .shapes = {a.name + '_shapes' if a.shapes else 'nullptr'}}},")
    out.append("constexpr tensor_contract tensors[] = {\n" + "\n".join(rows) + "\n};")
    rows = [f"    {{.name = \"{v.name}\", .allowed = {mask(v.allowed)}, "
            f".same_as = {op.variable_index(v.same_as) if v.same_as else -1}}}," for v in op.variables]
    out.append("constexpr dtype_variable dtypes[] = {\n" + "\n".join(rows) + "\n};")
    # Offsets come first: what they point into is looked at where they say.
    offsets = {n for a in op.tensors if a.contents for n in (a.contents.within, a.contents.owners)}
    ordered = sorted((a for a in op.tensors if a.contents), key=lambda a: a.name not in offsets)
    rules = [contents_rule(op, a, symbols) for a in ordered]
    if rules:
        out.append("constexpr contents_rule contents[] = {\n" + "\n".join(rules) + "\n};")
    out.append(f"constexpr contract terms{{.op = \"{op.name}\", .tensors = tensors, .tensor_count = {len(op.tensors)}, "
               f".dtypes = dtypes, .dtype_count = {len(op.variables)}, .symbols = symbols, .symbol_count = {len(symbols)}, "
               f".contents = {'contents' if rules else 'nullptr'}, .contents_count = {len(rules)}}};")
    return out


def tuning(op: Op, k: Kernel) -> tuple[list[str], str]:
    """The numbers of one row: those of a target first, at last those of every other."""
    if not k.tune:
        return [], "nullptr"
    out, entries = [], []
    for target, numbers in [*k.tuned.items(), ("", k.tune)]:
        name = "_".join(["tune", k.name, *([target.replace("-", "_")] if target else [])])
        out.append(f"constexpr {op.shares}_tune {name}{{{', '.join(f'.{key} = {v}' for key, v in numbers.items())}}};")
        entries.append(f"{{.target = {quote(target)}, .numbers = &{name}}}")
    out.append(f"constexpr tuning tunings_{k.name}[] = {{{', '.join(entries)}}};")
    return out, f"tunings_{k.name}"


def kernel_tables(op: Op) -> list[str]:
    out, rows, params = [], [], f"{op.shares}_params"
    for k in op.kernels:
        lines, tune = tuning(op, k)
        out += lines
        when = "nullptr"
        if k.when:
            when = f"[](const void* v) {{ const {params}& p = *static_cast<const {params}*>(v); return bool({k.when}); }}"
        masks = ", ".join(mask(k.dtypes[v.name]) if v.name in k.dtypes else "0" for v in op.variables)
        rows.append(f"    {{.op = \"{op.name}\", .name = \"{k.name}\", .module = \"{k.module}\", "
                    f".targets = {quote(' '.join(k.targets))}, .symbol = {quote(k.symbol)}, .condition = {quote(k.when)}, "
                    f".stage = \"{k.stage}\", .threads = {k.threads}, .dtypes = {{{masks}}}, .tunings = {tune}, "
                    f".when = {when}, .reference = nullptr}},")
    reference = f"[](const void* a) {{ {op.shares}_reference(*static_cast<const {op.shares}_args*>(a)); }}"
    rows.append(f"    {{.op = \"{op.name}\", .name = \"cpu\", .module = \"\", .targets = \"cpu\", .symbol = \"\", "
                f".condition = \"\", .stage = \"main\", .threads = 1, .dtypes = {{}}, .tunings = nullptr, .when = nullptr, "
                f".reference = {reference}}},")
    out.append("constexpr kernel_row rows[] = {\n" + "\n".join(rows) + "\n};")
    fields = [f"    {{.name = \"{n}\", .type = \"{t}\", .offset = offsetof({params}, {n}), .bytes = sizeof({params}::{n})}},"
              for t, n in op.params]
    out.append("constexpr param_field fields[] = {\n" + "\n".join(fields) + "\n};")
    return out


def checks(op: Op, args: list[Arg], prefix: str) -> list[str]:
    out = []
    for a in args:
        low, high = op.bounds(a)
        if low is None and high is None:
            continue
        if a.kind == "f32":  # a whole number may be one that no integer of C++ holds
            low, high = (None if bound is None else float(bound) for bound in (low, high))
        low = "-INFINITY" if low is None else repr(low)
        high = "INFINITY" if high is None else repr(high)
        out.append(f"  check_range(\"{op.name}\", \"{a.name}\", static_cast<double>({prefix}{a.name}), {low}, {high});")
    return out


def entry_point(op: Op, query: bool) -> str:
    suffix = "_workspace_bytes" if query else ""
    with_tensors = any(o.is_tensor for o in op.options)
    options = []
    if op.options:
        options = [f"  hipinfer_{op.name}_options given_options{{}};",
                   f"  copy_options(\"{op.name}\", &given_options, sizeof given_options, options);"]
    tensors = ", ".join(a.name if a in op.args else f"given_options.{a.name}" for a in op.tensors)
    body = options if with_tensors else []
    body = [*body, f"  const hipinfer_tensor* given[] = {{{tensors}}};",
            f"  entry e(context, {op.name}_table, given, {'nullptr, true' if query else 'stream, false'});",
            f"  {op.shares}_args a{{}};"]
    body += [f"  a.{t.name} = e.views[{i}];" for i, t in enumerate(op.tensors)]
    scalars = [a for a in op.args if not a.is_tensor]
    body += [f"  a.{s.name} = {s.name};" for s in scalars]
    body += checks(op, scalars, "")
    body += [] if with_tensors else options
    values = [o for o in op.options if not o.is_tensor]
    body += [f"  a.{o.name} = given_options.{o.name};" for o in values]
    body += checks(op, values, "a.")
    if op.traits:
        body.append(f"  a.traits = {{{trait_values(op)}}};")
    plan = ", p" if op.workspace else ""
    if plan:
        body.append(f"  {op.shares}_params p{{}};")
    if query:
        body.append("  if (bytes == nullptr) throw fail(HIPINFER_STATUS_NULL_POINTER, "
                    f"\"{op.name}_workspace_bytes: bytes: is NULL\");")
        body.append(f"  *bytes = {op.shares}_workspace(e.work, a{plan});")
    else:
        if op.workspace:
            body += ["  a.workspace = workspace;", f"  const size_t needed = {op.shares}_workspace(e.work, a{plan});",
                     "  check_workspace(e.work, workspace, workspace_bytes, needed);"]
        body += [f"  {op.shares}_launch(e.work, a{plan});", "  e.work.serve_on_cpu(&a);"]
    inner = "\n".join("  " + line for line in body)
    return (f"hipinfer_status hipinfer_{op.name}{suffix}({', '.join(parameters(op, query=query))}) {{\n"
            f"  return guard([&] {{\n{inner}\n  }});\n}}\n")


def op_declarations(op: Op) -> str:
    """One operation's part of ops.h, without the texts: including ops.h would build every operation and every test again for
    a changed text of one."""
    out = [BANNER + "#pragma once\n\n#include \"hipinfer/types.h\"\n\nextern \"C\" {"]
    for e in op.enums:
        guard = f"HIPINFER_GENERATED_C_{e.name.upper()}"
        values = ", ".join(f"HIPINFER_{e.name.upper()}_{name.upper()} = {value}" for name, value, _ in e.values)
        out.append(f"#ifndef {guard}\n#define {guard}\nenum hipinfer_{e.name} {{ {values} }};\n#endif")
    return "\n".join([*out, declarations(op), "}\n"])


def op_source(op: Op) -> str:
    """The contract, the rows and the entry points of one operation."""
    out = [BANNER + "#include <cmath>\n#include <cstddef>\n\n#include \"core/op.h\"\n"
           f"#include \"gen/{op.name}.api.h\"\n#include \"gen/{op.shares}.h\"\n#include \"ops/{op.folder.name}/params.h\"\n",
           "namespace hipinfer {\nnamespace {\n"]
    out += contract_tables(op) + kernel_tables(op)
    out += ["int first_row;\n\n}  // namespace\n", f"extern const op_table {op.name}_table;",
            f"const op_table {op.name}_table{{.terms = terms, .rows = rows, .row_count = {len(op.kernels) + 1}, "
            f".first_row = first_row, .fields = fields, .field_count = {len(op.params)}, "
            f".params_bytes = sizeof({op.shares}_params)}};",
            "\n}  // namespace hipinfer\n",
            "using namespace hipinfer;\n\nextern \"C\" {\n", entry_point(op, query=False)]
    if op.workspace:
        out.append(entry_point(op, query=True))
    out.append("}  // extern \"C\"\n")
    return "\n".join(out)


def table_of_all(ops: list[Op]) -> str:
    out = [BANNER + "#include \"core/op.h\"\n\nnamespace hipinfer {\n"]
    out += [f"extern const op_table {op.name}_table;" for op in ops]
    out.append("\nconst op_table* const* generated_tables(int& count) {\n  static constexpr const op_table* tables[] = {")
    out += [f"      &{op.name}_table," for op in ops]
    return "\n".join(out) + "\n  };\n  count = sizeof tables / sizeof *tables;\n  return tables;\n}\n\n}  // namespace hipinfer\n"


def export_list(ops: list[Op], runtime: list[str]) -> str:
    names = runtime + [f"hipinfer_{op.name}" for op in ops]
    names += [f"hipinfer_{op.name}_workspace_bytes" for op in ops if op.workspace]
    lines = "\n".join(f"    {n};" for n in sorted(names))
    return "/* Written by src/gen/generate.py. */\n{\n  global:\n" + lines + "\n  local: *;\n};\n"


def test_registry(ops: list[Op]) -> str:
    out = [BANNER + "// What the tests need to know of each operation.\n#pragma once\n\n#include <cstdint>\n\n"
           "struct registered_tensor {\n  const char* name;\n  const char* kind;  // in, out, inout\n  bool optional;\n"
           "  const char* dtypes;  // accepted dtypes, space-separated\n  const char* strides;  // rows, compact, free\n"
           "  const char* shapes;   // alternatives separated by |, extents by spaces\n};\n\n"
           "// An extent at which a kernel does something else: a tile, a row's registers.\n"
           "struct registered_edge {\n  const char* symbol;\n  int64_t value;\n};\n\n"
           "struct registered_op {\n  const char* name;\n  bool workspace;\n  int tensor_count;\n"
           f"  registered_tensor tensors[{limit('max_tensors')}];\n  int edge_count;\n"
           f"  registered_edge edges[{limit('max_edges')}];\n}};\n\n"
           "inline constexpr registered_op registry[] = {"]
    for op in ops:
        out.append(f"    {{\"{op.name}\", {str(bool(op.workspace)).lower()}, {len(op.tensors)}, {{")
        for a in op.tensors:
            v = next(v for v in op.variables if v.name == a.dtype)
            base = next((o for o in op.variables if o.name == v.same_as), None)
            dtypes = " ".join(dict.fromkeys((base.allowed if base else []) + v.allowed))
            out.append(f"        {{\"{a.name}\", \"{a.kind}\", {str(a.optional).lower()}, \"{dtypes}\", \"{a.layout}\", "
                       f"\"{'|'.join(a.shape_text)}\"}},")
        edges = op.edges
        listed = ", ".join(f'{{"{s}", {v}}}' for s, v in edges)
        out.append(f"    }}, {len(edges)}, {{{listed}}}}},")
    return "\n".join(out) + "\n};\n"


def outputs(families: list[Family], ops: list[Op], runtime: list[str]) -> dict[str, str]:
    """Files of the build folder by name, below src/gen/."""
    files = {f"{group.name}.h": group_header(group) for f in families for group in f.groups}
    files |= {f"{op.name}.api.h": op_declarations(op) for op in ops}
    files |= {f"{op.name}.cpp": op_source(op) for op in ops}
    return files | {"all_ops.cpp": table_of_all(ops), "exports.map": export_list(ops, runtime), "registry.h": test_registry(ops)}
