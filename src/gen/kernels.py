# SPDX-License-Identifier: Apache-2.0
"""The source of each code object, which lives in the build folder: the family's kernels, and an exported instance for each
row and each combination of dtypes."""

from __future__ import annotations

from header import BANNER
from model import Family, Kernel, Op


def exported(op: Op, k: Kernel, symbol: str, bound: dict[str, str]) -> str:
    body = k.body
    for name, dtype in bound.items():
        body = body.replace("{" + name + "}", dtype)
    first = next((bound[v.name] for v in op.variables if "{" + v.name + "}" in k.symbol), "*")
    blocks = k.resident.get(first, k.resident.get("*"))
    head = f"HIPINFER_KERNEL({k.threads})" if blocks is None else f"HIPINFER_KERNEL_RESIDENT({k.threads}, {blocks})"
    lines = "\n".join(f"  {line}" for line in body.strip().rstrip(";").splitlines())
    return (f"{head} {symbol}(HIPINFER_PARAMS({op.shares}_params) p) {{\n  await_previous_kernel();\n{lines};\n}}\n")


def share(families: list[Family]) -> None:
    """Operations that share a parameter struct have one kernel, of the first of them, where theirs would differ in name alone."""
    for family in families:
        for group in family.groups:
            first: dict[tuple[str, ...], Kernel] = {}
            for op in group.ops:
                for k in op.kernels:
                    code = [exported(op, k, "", bound) for _, _, bound in op.instances(k)]
                    names = (text.replace(op.name, "", 1) for text in (k.symbol, k.module))
                    same = first.setdefault((k.source, *k.targets, *names, *code), k)
                    k.symbol, k.module = same.symbol, same.module


def modules(ops: list[Op]) -> dict[str, tuple[list[Op], list[str], str]]:
    """Of each code object: the operations that it serves, the targets it is built for, and the text of its source."""
    targets: dict[str, list[str]] = {}
    users: dict[str, list[Op]] = {}
    sources: dict[str, dict[str, None]] = {}
    texts: dict[str, dict[str, str]] = {}
    for op in ops:
        for k in op.kernels:
            for symbol, module, bound in op.instances(k):
                of_module = users.setdefault(module, [])
                of_module += [op] if op not in of_module else []
                for_targets = targets.setdefault(module, [])
                for_targets += [t for t in k.targets if t not in for_targets]
                sources.setdefault(module, {})[k.source] = None
                texts.setdefault(module, {})[symbol] = exported(op, k, symbol, bound)
    found = {}
    for module, of_module in users.items():
        includes = "".join(f'#include "ops/{of_module[0].folder.name}/{source}"\n' for source in sources[module])
        space = "\nnamespace hipinfer {\n\n" + "\n".join(texts[module].values()) + "\n}  // namespace hipinfer\n"
        found[module] = (of_module, targets[module], BANNER + includes + space)
    return found


def outputs(ops: list[Op]) -> dict[str, str]:
    """Files of the build folder by name, below src/gen/."""
    return {f"{module}.hip": text for module, (_, _, text) in modules(ops).items()}
