# SPDX-License-Identifier: Apache-2.0
"""The source of each code object, which lives in the build folder: the family's kernels, and an exported instance for each
row and each combination of dtypes."""

from __future__ import annotations

from header import BANNER
from model import Kernel, Op


def exported(op: Op, k: Kernel, symbol: str, bound: dict[str, str]) -> str:
    body = k.body
    for name, dtype in bound.items():
        body = body.replace("{" + name + "}", dtype)
    first = next((bound[v.name] for v in op.variables if "{" + v.name + "}" in k.symbol), "*")
    blocks = k.resident.get(first, k.resident.get("*"))
    head = f"HIPINFER_KERNEL({k.threads})" if blocks is None else f"HIPINFER_KERNEL_RESIDENT({k.threads}, {blocks})"
    lines = "\n".join(f"  {line}" for line in body.strip().rstrip(";").splitlines())
    return (f"{head} {symbol}(HIPINFER_PARAMS({op.shares}_params) p) {{\n  await_previous_kernel();\n{lines};\n}}\n")


def modules(ops: list[Op]) -> dict[str, tuple[Op, list[str], str]]:
    """Of each code object: its operation, the targets it is built for, and the text of its source."""
    targets: dict[str, list[str]] = {}
    owner: dict[str, Op] = {}
    sources: dict[str, dict[str, None]] = {}
    texts: dict[str, list[str]] = {}
    for op in ops:
        for k in op.kernels:
            for symbol, module, bound in op.instances(k):
                owner[module] = op
                of_module = targets.setdefault(module, [])
                of_module += [t for t in k.targets if t not in of_module]
                sources.setdefault(module, {})[k.source] = None
                texts.setdefault(module, []).append(exported(op, k, symbol, bound))
    found = {}
    for module, op in owner.items():
        includes = "".join(f'#include "ops/{op.folder.name}/{source}"\n' for source in sources[module])
        space = "\nnamespace hipinfer {\n\n" + "\n".join(texts[module]) + "\n}  // namespace hipinfer\n"
        found[module] = (op, targets[module], BANNER + includes + space)
    return found


def outputs(ops: list[Op]) -> dict[str, str]:
    """Files of the build folder by name, below src/gen/."""
    return {f"{module}.hip": text for module, (_, _, text) in modules(ops).items()}
