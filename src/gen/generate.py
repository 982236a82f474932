#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Turns every src/ops/<op>/op.toml into the text that follows from it.

  generate.py            writes the files
  generate.py --check    fails, naming the files, if a committed one differs
  generate.py --kernels  prints `op source targets...` for the build, a line a code object
"""

from __future__ import annotations

import argparse
import difflib
import re
import sys
from pathlib import Path

import dispatch
import header
import layout
import python
import python_torch
import readme
import rust
from model import ContractError, Op, read_all

ROOT = Path(__file__).resolve().parents[2]


def runtime_functions() -> list[str]:
    text = re.sub(r"//[^\n]*", "", (ROOT / "include/hipinfer/hipinfer.h").read_text())
    return re.findall(r"\b(hipinfer_\w+)\(", text)


def outputs(ops: list[Op]) -> dict[str, str]:
    ops_h = header.header(ops)
    files = {
        "include/hipinfer/ops.h": ops_h,
        "src/generated/ops.h": dispatch.op_header(ops),
        "src/generated/ops.cpp": dispatch.op_source(ops),
        "src/generated/exports.map": dispatch.export_list(ops, runtime_functions()),
        "tests/generated/registry.h": dispatch.test_registry(ops),
        "tests/generated/layout.c": layout.program([(ROOT / "include/hipinfer/types.h").read_text(), ops_h]),
        "bindings/python/hipinfer/_abi.py": python.abi(ops),
        "bindings/python/hipinfer/ops.py": python.operations(ops),
        "bindings/python/hipinfer/torch.py": python_torch.module(ops),
        **rust.outputs(ops),
    }
    if (ROOT / "README.md").exists():
        files["README.md"] = readme.fill((ROOT / "README.md").read_text(), ops)
    return files


def kernel_lines(ops: list[Op]) -> list[str]:
    modules: dict[tuple[str, str], list[str]] = {}
    for op in ops:
        for k in op.kernels:
            targets = modules.setdefault((op.name, k.source), [])
            targets += [t for t in k.targets if t not in targets]
    return [" ".join((op, source, *targets)) for (op, source), targets in modules.items()]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--check", action="store_true", help="compare with the committed files, write nothing")
    parser.add_argument("--kernels", action="store_true", help="print the code objects to build, write nothing")
    args = parser.parse_args()
    try:
        ops = read_all(ROOT / "src/ops")
    except ContractError as e:
        print(f"generate.py: {e}", file=sys.stderr)
        return 1
    if args.kernels:
        print("\n".join(kernel_lines(ops)))
        return 0
    stale = 0
    for name, text in outputs(ops).items():
        path = ROOT / name
        old = path.read_text() if path.exists() else ""
        if old == text:
            continue
        if args.check:
            stale += 1
            diff = difflib.unified_diff(old.splitlines(), text.splitlines(), f"{name} (committed)", "generated", lineterm="")
            print("\n".join(list(diff)[:20]))
        else:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
            print(f"wrote {name}")
    if stale:
        print(f"generate.py: {stale} generated files are stale: run src/gen/generate.py", file=sys.stderr)
    return 1 if stale else 0


if __name__ == "__main__":
    sys.exit(main())
