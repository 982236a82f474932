# SPDX-License-Identifier: Apache-2.0
"""The reference in Markdown, for the site (docs/site.py): a page an operation, a list of them, and which kernel serves what where."""

from __future__ import annotations

import itertools
import re

import examples
from header import STRIDES, declaration, documentation, dtype_text, parameters, range_text, shape_text
from model import Arg, Family, Kernel, Op
from toolchain import AMD, PORTABLE

TARGETS = [*AMD, *PORTABLE, "sm_90"]
CARDS = {"gfx906": "Radeon VII, MI50, MI60", "gfx908": "MI100", "gfx90a": "MI210, MI250, MI250X", "gfx942": "MI300A, MI300X, MI325X",
         "gfx950": "MI350X, MI355X", "gfx9-generic": "Radeon VII, MI50, MI60 and other gfx9 cards before gfx908",
         "gfx10-3-generic": "Radeon RX 6000, PRO W6000",
         "gfx11-generic": "Radeon RX 7000, PRO W7000; APUs of gfx1103 and gfx1150 to gfx1153",
         "gfx12-generic": "Radeon RX 9000, AI PRO R9700", "sm_90": "H100, H200"}
FAMILIES = {"norms": "Norms", "gated": "Gated units", "gemm": "Matrix products", "attention": "Attention", "rope": "Rotary embedding",
            "kv": "KV caches", "sampling": "Sampling", "moe": "Mixtures of experts", "quantise": "Quantisation",
            "elementwise": "Elementwise"}


def plain(text: str) -> str:
    """Text as Markdown that says the same."""
    return re.sub(r"([\\*_\[\]<>|`])", r"\\\1", text)


def code(text: str, language: str) -> list[str]:
    return [f"```{language}", *text.rstrip("\n").split("\n"), "```", ""]


STRIDE_WORDS = {"rows": "rows", "compact": "compact", "free": "any"}


def dtype_words(op: Op, a: Arg) -> str:
    return dtype_text(op, a.dtype).replace("that of ", "as ")


def tensor_rows(op: Op, args: list[Arg]) -> list[str]:
    role = {"in": "read", "out": "written", "inout": "read and written"}
    rows = ["| tensor | | shape | dtype | strides | what it is |", "|---|---|---|---|---|---|"]
    for a in args:
        optional = ", optional" if a.optional else ""
        alias = f" May be the memory of {', '.join(f'`{n}`' for n in a.alias)}." if a.alias else ""
        rows.append(f"| `{a.name}` | {role[a.kind]}{optional} | {plain(shape_text(a))} | {dtype_words(op, a)} | "
                    f"{STRIDE_WORDS[a.layout]} | {plain(a.doc)}{alias} |")
    return ['<div class="arguments" markdown>', "", *rows, "", "</div>", ""]


def default_text(op: Op, a: Arg) -> str:
    if a in op.options:
        return "0" if a.kind != "enum" else f"`{next(n for e in op.enums if e.name == a.enum for n, v, _ in e.values if v == 0)}`"
    return "" if a.default is None else f"`{a.default}`"


def scalar_rows(op: Op, args: list[Arg]) -> list[str]:
    rows = ["| number | type | range | default | what it is |", "|---|---|---|---|---|"]
    rows += [f"| `{a.name}` | {a.kind} | {plain(range_text(a))} | {default_text(op, a)} | {plain(a.doc)} |" for a in args]
    return ['<div class="arguments" markdown>', "", *rows, "", "</div>", ""]


def targets_text(k: Kernel) -> str:
    """Targets of a row are the beginnings of names."""
    return "all" if k.targets == ["*"] else ", ".join(t if t in CARDS or "generic" in t else f"{t}…" for t in k.targets)


def kernel_rows(op: Op) -> list[str]:
    rows = ["| kernel | targets | dtypes | takes calls where |", "|---|---|---|---|"]
    for k in op.kernels:
        dtypes = "; ".join(f"{name} {', '.join(values)}" for name, values in k.dtypes.items()) or "all"
        stage = "" if k.stage == "main" else f" (stage {k.stage})"
        when = f"<code>{k.when.replace('&', '&amp;').replace('<', '&lt;').replace('|', '&#124;')}</code>" if k.when else "always"
        rows.append(f"| `{k.name}`{stage} | {targets_text(k)} | {dtypes} | {when} |")
    return [*rows, ""]


def error_rows(op: Op) -> list[str]:
    """The header's own sentence, an error a line."""
    text = " ".join(line.removeprefix("///").strip() for line in documentation(op))
    found = re.search(r"Errors: (.*?) Source: ", text)
    assert found, op.name
    parts = [re.sub(r"\b[A-Z]{2,}(?:_[A-Z]+)+\b|\b(?:MISALIGNED|OVERFLOW|ALIASING|UNSUPPORTED)\b", r"`\g<0>`", part)
             for part in re.split("; (?!UNSUPPORTED there)", found[1].rstrip("."))]
    return [*(f"- {part.replace('*', chr(92) + '*')}" for part in parts), ""]


def page(op: Op) -> str:
    out = [f"# {op.name}", "", plain(op.summary), "", *code(op.formula.replace("; ", ";\n"), "text")]
    if op.dims:
        out += ["where", "", *(f"- **{k}** is {plain(v)}" for k, v in op.dims.items()), ""]
    out += ["## Arguments", "", *tensor_rows(op, [a for a in op.args if a.is_tensor])]
    layouts = dict.fromkeys(a.layout for a in op.tensors)
    out += ["Strides: " + "; ".join(f"*{STRIDE_WORDS[name]}* is {STRIDES[name]}" for name in layouts) + ".", ""]
    if numbers := [a for a in op.args if not a.is_tensor]:
        out += scalar_rows(op, numbers)
    if op.options:
        out += ["## Options", "", f"Fields of `hipinfer_{op.name}_options` in C, keywords in Python, fields of "
                "the options struct in Rust. All may be left out.", ""]
        if tensors := [a for a in op.options if a.is_tensor]:
            out += tensor_rows(op, tensors)
        if numbers := [a for a in op.options if not a.is_tensor]:
            out += scalar_rows(op, numbers)
    for e in op.enums:
        out += [f"**{e.name}**: {plain(e.doc)}", "", *(f"- `{n}` ({v}): {plain(d)}" for n, v, d in e.values), ""]
    out += ["## What holds", "", f"**Numerics.** {plain(op.numerics)}", "", f"**Aliasing.** {plain(op.aliasing)}", ""]
    out += [f"**Workspace.** {plain(op.workspace)}", ""] if op.workspace else []
    out += [f"**On trust.** {plain(op.safety)} [What that means](../docs/abi.md#on-trust).", ""] if op.safety else []
    out += [f"**Source.** {plain(op.source)} Since {op.since}.", ""]
    out += ["## Examples", ""]
    for title, language, text in (("Python", "python", examples.python_text(op)), ("C", "c", examples.c_text(op)),
                                  ("Rust", "rust", examples.rust_text(op))):
        out += [f'=== "{title}"', "", *(f"    {line}".rstrip() for line in code(text, language))]
    out += ["## Kernels", "", "In the order in which they are tried. The CPU has the reference, which takes every call. Conditions are "
            f"over the fields of `{op.shares}_params`; `hipinfer_last_kernel()` says which kernel served a call. "
            "[All kernels by target](kernels.md).", "", *kernel_rows(op)]
    out += ["## Errors", "", *error_rows(op)]
    c_function = declaration(f"hipinfer_{op.name}", parameters(op)).replace("HIPINFER_NODISCARD HIPINFER_API ", "")
    out += ["## The C function", "", *code(c_function, "c")]
    return "\n".join(out)


def title(family: str) -> str:
    return FAMILIES.get(family, family.capitalize())


def in_order(families: list[Family]) -> list[Family]:
    order = [*FAMILIES, *(f.name for f in families)]
    return sorted(families, key=lambda f: order.index(f.name))


def index(families: list[Family]) -> str:
    count = sum(len(f.ops) for f in families)
    out = ["# Operations", "", f"{count} operations, written from the same contracts as the header, the checks and the bindings. "
           "What holds for all of them is in [the interface and its promises](../docs/abi.md).", ""]
    for f in families:
        out += [f"## {title(f.name)}", "", "| operation | what it does |", "|---|---|"]
        out += [f"| [`{op.name}`]({op.name}.md) | {plain(op.summary)} |" for op in sorted(f.ops, key=lambda op: op.name)]
        out.append("")
    return "\n".join(out)


def names(families: list[Family]) -> str:
    """A line a family, for the site's first page."""
    return "\n".join(f"- {title(f.name)}: " + ", ".join(f"[`{op.name}`](reference/{op.name}.md)" for op in f.ops)
                     for f in in_order(families))


def runs_on(k: Kernel, target: str) -> bool:
    return any(t == "*" or target.startswith(t) for t in k.targets)


def served(op: Op) -> list[tuple[str, list[str], str]]:
    """(dtypes, targets, kernels in the order in which they are tried), where the kernels are the same put together."""
    restricted = [v for v in op.variables if any(v.name in k.dtypes for k in op.kernels)]
    found: dict[tuple[str, ...], dict[str, list[str]]] = {}
    choices = [list(dict.fromkeys([*v.allowed] if not v.same_as else [f"as {v.same_as}", *v.allowed])) for v in restricted]
    for combination in itertools.product(*choices):
        bound: dict[str, str] = {}
        for v, value in zip(restricted, combination):
            bound[v.name] = bound.get(v.same_as or "", value) if value.startswith("as ") else value
        for target in TARGETS:
            names = tuple(k.name for k in op.kernels if k.stage == "main" and runs_on(k, target)
                          and all(bound[n] in allowed for n, allowed in k.dtypes.items() if n in bound))
            text = ", ".join(f"{v.name} {value}" for v, value in zip(restricted, combination)) or "all"
            found.setdefault(names, {}).setdefault(text, []).append(target)
    rows = []
    for names, by_dtype in found.items():
        # The same targets for several dtypes are one row.
        by_targets: dict[tuple[str, ...], list[str]] = {}
        for text, targets in by_dtype.items():
            by_targets.setdefault(tuple(targets), []).append(text)
        for targets, texts in by_targets.items():
            same = re.match(r"\w+ ", texts[0])
            if len(restricted) == 1 and same:  # data f16, bf16
                texts = [same[0] + ", ".join(text.removeprefix(same[0]) for text in texts)]
            rows.append(("; ".join(texts), list(targets), ", ".join(f"`{n}`" for n in names)))
    return rows


def kernels_page(families: list[Family]) -> str:
    out = ["# Which card, which kernel, which dtype", "",
           "A context takes the code objects of its card's target. The first kernel whose dtypes and condition fit serves a call; "
           "the conditions are on the operation's page. A kernel whose name begins with `mfma`, `wmma`, `wgmma` or `mma_sync` uses the "
           "matrix units.", "",
           "| target | cards |", "|---|---|", *(f"| `{t}` | {CARDS[t]} |" for t in TARGETS if t in CARDS),
           "| `cpu` | any: the reference |", "",
           "What has run on which of them is in [supported systems](../docs/supported.md); "
           "`hipinfer-info --target gfx942 --kernels` prints the same list from a library.", ""]
    for f in families:
        out += [f"## {title(f.name)}", "", "| operation | dtypes | targets | kernels |", "|---|---|---|---|"]
        for op in sorted(f.ops, key=lambda op: op.name):
            for dtypes, targets, names in served(op):
                where = "all" if targets == TARGETS else ", ".join(targets)
                out.append(f"| [`{op.name}`]({op.name}.md) | {dtypes} | {where} | {names} |")
        out.append("")
    return "\n".join(out)


def pages(families: list[Family]) -> dict[str, str]:
    """Text by file name."""
    families = in_order(families)
    return {"index.md": index(families), "kernels.md": kernels_page(families),
            **{f"{op.name}.md": page(op) for f in families for op in f.ops}}
