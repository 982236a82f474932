# SPDX-License-Identifier: Apache-2.0
"""The README's table of operations, between two marker comments."""

from __future__ import annotations

from header import dtype_text
from model import Op

BEGIN, END = "<!-- operations: generated -->", "<!-- operations: end -->"


def served_by(op: Op, family: str) -> str:
    names = [k.name for k in op.kernels if k.stage == "main" and
             any(t == "*" or t.startswith(family) or family.startswith(t) for t in k.targets)]
    return ", ".join(names) or "–"


def table(ops: list[Op]) -> str:
    rows = ["| operation | what it does | dtypes | AMD kernels | NVIDIA kernels | CPU |", "|---|---|---|---|---|---|"]
    for op in ops:
        rows.append(f"| `{op.name}` | {op.summary} | {dtype_text(op, op.variables[0].name)} | {served_by(op, 'gfx')} | "
                    f"{served_by(op, 'sm_')} | ✓ |")
    return "\n".join(rows)


def fill(text: str, ops: list[Op]) -> str:
    if BEGIN not in text or END not in text:
        raise SystemExit(f"README.md lacks the markers {BEGIN} and {END}")
    before, rest = text.split(BEGIN)
    return before + BEGIN + "\n" + table(ops) + "\n" + END + rest.split(END)[1]
