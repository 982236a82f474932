#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Turns every src/ops/<family>/family.toml into the text that follows from it.

  generate.py                writes the committed files: the C header, the bindings, the README's table
  generate.py --check        fails, naming the files, if a committed one differs
  generate.py --inputs       prints the files that this reads, for the build
  generate.py --plan         prints what --out will write and what is compiled for which targets, for the build
  generate.py --out FOLDER   writes the build folder's C++, only the files that change
  generate.py --reference FOLDER   writes the reference, a page of Markdown an operation, only the files that change
"""

from __future__ import annotations

import argparse
import difflib
import re
import sys
from pathlib import Path

import fuzz
import header
import host
import kernels
import layout
import python
import python_torch
import read
import readme
import reference
import rust
from model import ROOT, ContractError, Family, Op
from version import VERSION


def runtime_functions() -> list[str]:
    text = re.sub(r"//[^\n]*", "", (ROOT / "include/hipinfer/hipinfer.h").read_text())
    return re.findall(r"\b(hipinfer_\w+)\(", text)


def committed(ops: list[Op]) -> dict[str, str]:
    return {
        "include/hipinfer/ops.h": header.header(ops),
        "bindings/python/hipinfer/_abi.py": python.abi(ops),
        "bindings/python/hipinfer/ops.py": python.operations(ops),
        "bindings/python/hipinfer/torch.py": python_torch.module(ops),
        **rust.outputs(ops),
        "bindings/rust/Cargo.toml": re.sub(r'\bversion = "\d+\.\d+\.\d+"', f'version = "{VERSION}"',
                                           (ROOT / "bindings/rust/Cargo.toml").read_text()),
        "README.md": readme.fill((ROOT / "README.md").read_text(), ops),
    }


def build_outputs(families: list[Family], ops: list[Op]) -> dict[str, str]:
    headers = [(ROOT / "include/hipinfer/types.h").read_text(), header.header(ops)]
    return {**host.outputs(families, ops, runtime_functions()), **kernels.outputs(ops), "layout.c": layout.program(headers),
            "fuzz.h": fuzz.table(ops)}


def inputs() -> list[Path]:
    """Whatever changes the build's plan: contracts, parameter structs, tuning, this generator."""
    ops = ROOT / "src/ops"
    files = [p for pattern in ("family.toml", "params.h", "tune/*.toml") for p in ops.glob(f"*/{pattern}")]
    files += [ROOT / "src/core/limits.h", ROOT / "include/hipinfer/types.h", ROOT / "include/hipinfer/hipinfer.h"]
    return sorted(files) + sorted((ROOT / "src/gen").glob("*.py"))


def plan(families: list[Family], ops: list[Op]) -> list[str]:
    """`file NAME`; `family FOLDER`; `test FOLDER/FILE`; `module NAME OP,... TARGET...`, a line each."""
    lines = [f"file {name}" for name in build_outputs(families, ops)]
    for f in families:
        lines += [f"host {f.folder.name}/{p.name}" for p in sorted(f.folder.glob("*.cpp"))]
    lines += [f"test {p.relative_to(ROOT / 'tests/ops')}" for p in sorted((ROOT / "tests/ops").rglob("*.cpp"))]
    for module, (users, targets, _) in kernels.modules(ops).items():
        lines.append(" ".join(("module", module, ",".join(op.name for op in users), *targets)))
    return lines


def write_changed(folder: Path, files: dict[str, str]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in files.items():
        path = folder / name
        if not path.exists() or path.read_text() != text:
            path.write_text(text)


def write_committed(ops: list[Op], check: bool) -> int:
    stale = 0
    for name, text in committed(ops).items():
        path = ROOT / name
        old = path.read_text() if path.exists() else ""
        if old == text:
            continue
        if check:
            stale += 1
            diff = difflib.unified_diff(old.splitlines(), text.splitlines(), f"{name} (committed)", "generated", lineterm="")
            print("\n".join(list(diff)[:20]))
        else:
            path.write_text(text)
            print(f"wrote {name}")
    if stale:
        print(f"generate.py: {stale} generated files are stale: run src/gen/generate.py", file=sys.stderr)
    return 1 if stale else 0


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    what = parser.add_mutually_exclusive_group()
    what.add_argument("--check", action="store_true", help="compare with the committed files, write nothing")
    what.add_argument("--inputs", action="store_true", help="print the files that this reads")
    what.add_argument("--plan", action="store_true", help="print what the build makes of the operations")
    what.add_argument("--out", type=Path, metavar="FOLDER", help="write the build folder's C++")
    what.add_argument("--reference", type=Path, metavar="FOLDER", help="write the reference's Markdown")
    args, _ = parser.parse_known_args()  # the build also names the inputs, so that a change runs this again
    if args.inputs:
        print("\n".join(map(str, inputs())))
        return 0
    try:
        families = read.read_all()
        if not (args.plan or args.out):
            reference.pages(families)  # an operation without an example is refused where contracts are edited, not by every build
    except ContractError as e:
        print(f"generate.py: {e}", file=sys.stderr)
        return 1
    ops = sorted((op for f in families for op in f.ops), key=lambda op: op.name)
    if args.plan:
        print("\n".join(plan(families, ops)))
    elif args.out:
        write_changed(args.out, build_outputs(families, ops))
    elif args.reference:
        write_changed(args.reference, reference.pages(families))
    else:
        return write_committed(ops, args.check)
    return 0


if __name__ == "__main__":
    sys.exit(main())
