#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Prints what the kernels of one operation take and do: registers, LDS and occupancy from their code objects, and for
emulated GPUs the counters and the predicted time of tests/emulated/counters.py.

  kernels.py OP --build FOLDER --gpu GPU... [--against FOLDER --against-source TREE]

With --against, a build of another version of the tree: its numbers, an arrow and the ones of --build where they differ.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tests/codeobj"))
from objects import Library  # noqa: E402

CODE_TARGET = {"gfx1100": "gfx11-generic", "gfx1201": "gfx12-generic"}
REGISTERS = ("vgpr", "agpr", "sgpr", "lds", "scratch", "occupancy")
COUNTERS = {  # of a launch, in the order in which they are printed
    "us": "us", "waves": "waves", "valu": "instructions_valu", "transcendental": "instructions_transcendental",
    "matrix": "instructions_matrix", "salu": "instructions_salu", "smem": "instructions_smem", "lds": "instructions_lds",
    "loads": "instructions_vmem_load", "stores": "instructions_vmem_store", "barriers": "instructions_barrier",
    "waits": "instructions_wait", "read": "bytes_read", "read once": "distinct_read_bytes", "written": "bytes_written",
    "written once": "distinct_written_bytes", "LDS cycles": "lds_cycles", "conflicts": "lds_conflict_cycles"}


def registers(library: Library, target: str, modules: set[str]) -> dict[str, dict[str, Any]]:
    """Kernel to its registers, LDS, scratch and occupancy."""
    return {name: {column: getattr(k, column) for column in REGISTERS} for (at, module), o in sorted(library.objects.items())
            if at == target and module in modules for name, k in sorted(o.kernels.items())}


def counters(op: str, gpu: str, build: Path, source: Path) -> dict[str, dict[str, Any]]:
    """Kernel and shape to its counters, by the cases of that source tree."""
    environment = os.environ | {"HIPINFER_LIBRARY": str(build / "src/libhipinfer.so"), "PYTHONPATH": str(source / "bindings/python")}
    done = subprocess.run([sys.executable, source / "tests/emulated/counters.py", "--json", "--op", op, "--target", gpu],
                          env=environment, text=True, stdout=subprocess.PIPE, check=True)
    found: dict[str, dict[str, Any]] = {}
    for launch in json.loads(done.stdout):
        # A commit from before the model says nothing.
        launch["us"] = round(launch["predicted_us"], 3) if "predicted_us" in launch else None
        launch["by"] = launch.get("predicted_bound", "not predicted")
        name, again = f"{launch['kernel']} {launch['shape']}", 1
        while name in found:  # two launches of one kernel in a call
            again += 1
            name = f"{launch['kernel']} {launch['shape']} #{again}"
        found[name] = launch
    return found


def number(value: Any) -> str:
    return "-" if value is None else f"{value:g}" if isinstance(value, float) else str(value)


def change(before: Any, now: Any) -> str:
    return number(now) if before == now else f"{number(before)} -> {number(now)}"


def table(rows: list[list[str]]) -> None:
    widths = [max(len(row[n]) for row in rows) for n in range(len(rows[0]))]
    for row in rows:
        print("  " + "  ".join(cell.ljust(w) if n == 0 else cell.rjust(w) for n, (cell, w) in enumerate(zip(row, widths))))


def print_registers(now: dict[str, dict[str, Any]], before: dict[str, dict[str, Any]] | None) -> None:
    rows = [["kernel", "vgpr", "agpr", "sgpr", "LDS", "scratch", "waves a SIMD"]]
    same = 0
    for name, values in now.items():
        old = (before or {}).get(name)
        if before is not None and old == values:
            same += 1
            continue
        label = name + (" (new)" if before is not None and old is None else "")
        rows.append([label, *(change((old or values)[c], values[c]) for c in REGISTERS)])
    if len(rows) > 1:
        table(rows)
    if same:
        print(f"  {same} kernels take what they took")
    for name in sorted(set(before or {}) - set(now)):
        print(f"  {name} is gone")


def print_counters(now: dict[str, dict[str, Any]], before: dict[str, dict[str, Any]] | None) -> None:
    if not now:
        print("  no call in bindings/python/hipinfer/selftest/calls.py: nothing counted")
    for name, c in now.items():
        old = (before or {}).get(name)
        if old is not None:
            faster = f"{old['us'] / c['us']:.3f} times as fast" if c["us"] and old["us"] and old["us"] != c["us"] else "the same time"
            different = {label: (old[key], c[key]) for label, key in COUNTERS.items() if old[key] != c[key]}
            print(f"  {name}: {change(old['us'], c['us'])} us ({c['by']}), {faster}")
            print("    " + (", ".join(f"{label} {change(*pair)}" for label, pair in different.items() if label != "us") or
                            "executes and moves the same"))
            continue
        print(f"  {name}{' (new)' if before is not None else ''}: {number(c['us'])} us ({c['by']})")
        print("    " + ", ".join(f"{label} {c[key]}" for label, key in COUNTERS.items() if c[key] and label != "us"))
    for name in sorted(set(before or {}) - set(now)):
        print(f"  {name} is gone")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("op")
    parser.add_argument("--build", type=Path, required=True)
    parser.add_argument("--gpu", action="append", default=[], help="gfx942, ...; sm_90 for its registers alone")
    parser.add_argument("--against", type=Path)
    parser.add_argument("--against-source", type=Path)
    args = parser.parse_args()
    library = Library(args.build / "src/libhipinfer.so")
    other = Library(args.against / "src/libhipinfer.so") if args.against else None

    def modules(of: Library) -> set[str]:
        return {row["module"] for op in of.manifest["ops"] if op["op"] == args.op for row in op["kernels"]}

    for gpu in args.gpu:
        target = CODE_TARGET.get(gpu, gpu)
        print(f"\n{args.op} on {gpu}: {library.compilers().get(target, 'no code')}")
        now = registers(library, target, modules(library))
        if not now:
            print(f"kernels.py: {args.op} has no kernel for {gpu}", file=sys.stderr)
            return 1
        print_registers(now, registers(other, target, modules(other)) if other else None)
        if not gpu.startswith("sm_"):
            print("counted on the emulator, and the time of one card as its model predicts it (no measurement):", flush=True)
            print_counters(counters(args.op, gpu, args.build, ROOT),
                           counters(args.op, gpu, args.against, args.against_source) if other else None)
    return 0


if __name__ == "__main__":
    sys.exit(main())
