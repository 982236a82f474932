#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Predicts how long the calls of hipinfer-selftest's level speed take on each emulated GPU, and compares that with predictions.csv of
the Python package, beside which selftest puts what it measures. Fails if a time differs by more than a tenth, unless another
compiler has built the kernels.

The times are those of the emulator's model (docs/emulator.md, "Time"), of some workgroups of each launch. Whole it takes minutes a GPU.

Needs HIPINFER_LIBRARY and HIPEMU_LIBRARY.
"""

from __future__ import annotations

import argparse
import csv
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from counters import TARGETS, compilers, lines_after

RECORD = Path(__file__).resolve().parents[2] / "bindings/python/hipinfer/selftest/predictions.csv"
FIELDS = ["target", "op", "shape", "us", "bound", "compiler"]
GROUPS = "64"  # workgroups of a launch that are executed
TOLERANCE = 0.1  # what the addresses of tensors change is half of it


def run_here(timing: Path, ops: list[str]) -> None:
    """In a process of its own for each GPU: prints a line of JSON for each call."""
    from hipinfer import default_context, operations
    from hipinfer.selftest.speed import timed

    context = default_context()
    for call in timed(context, ops or operations()):
        context.synchronize()
        before = timing.stat().st_size if timing.exists() else 0
        call.run(context)
        context.synchronize()
        launches = lines_after(timing, before) if timing.exists() else []
        if not launches:
            sys.exit(f"{call.op} {call.shape}: nothing was launched, or its time not predicted")
        longest = max(launches, key=lambda one: one["time_us"])
        print(json.dumps({"op": call.op, "shape": call.shape, "us": f"{sum(one['time_us'] for one in launches):.4g}",
                          "bound": longest["bound"]}), flush=True)


def predict(target: str, ops: list[str], compiler: str) -> list[dict[str, Any]]:
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        timing = Path(folder) / "timing"
        environment = os.environ | {"HIPEMU_TARGET": target, "HIPEMU_TIMING": str(timing), "HIPEMU_TIMING_GROUPS": GROUPS,
                                    "HIPEMU_CHECKS": "none", "HIPINFER_DEVICE": "hip",
                                    "HIPINFER_HIP_LIBRARY": os.environ["HIPEMU_LIBRARY"]}
        said = Path(folder) / "stderr"  # each launch says there that it was a part
        with said.open("w") as errors, subprocess.Popen(
                [sys.executable, __file__, "--here", str(timing), *(f"--op={op}" for op in ops)], env=environment, text=True,
                stdout=subprocess.PIPE, stderr=errors) as process:
            assert process.stdout
            for line in process.stdout:
                row = {"target": target, **json.loads(line), "compiler": compiler}
                rows.append(row)
                print(f"{target} {row['op']} {row['shape']}: {row['us']} us, by {row['bound']}", flush=True)
        if process.returncode:
            sys.exit(f"{target}: {''.join(said.read_text().splitlines(keepends=True)[-20:])}")
    return rows


def read() -> list[dict[str, str]]:
    if not RECORD.exists():
        return []
    with RECORD.open(newline="") as file:
        return list(csv.DictReader(file))


def differing(rows: list[dict[str, Any]]) -> list[str]:
    recorded = {(r["target"], r["op"], r["shape"]): r for r in read()}
    found = []
    for row in rows:
        before = recorded.get((row["target"], row["op"], row["shape"]))
        if before is None:
            found.append(f"{row['target']} {row['op']} {row['shape']}: {row['us']} us is not in {RECORD.name}")
        elif before["compiler"] == row["compiler"] and abs(float(row["us"]) / float(before["us"]) - 1) > TOLERANCE:
            found.append(f"{row['target']} {row['op']} {row['shape']}: {row['us']} us, in {RECORD.name} {before['us']}")
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--write", action="store_true", help="put what is predicted in place of what the record has of the same calls")
    parser.add_argument("--target", action="append", choices=TARGETS, help="only this GPU (may be repeated)")
    parser.add_argument("--op", action="append", default=[], help="only calls of this operation (may be repeated)")
    parser.add_argument("--here", type=Path, help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.here:
        return run_here(args.here, args.op)
    for variable in ("HIPINFER_LIBRARY", "HIPEMU_LIBRARY"):
        if not os.environ.get(variable):
            parser.error(f"{variable} names no library")
    built, targets = compilers(), args.target or TARGETS
    rows = [row for target in targets for row in predict(target, args.op, built[target])]
    if args.write:
        kept = [r for r in read() if r["target"] not in targets or (args.op and r["op"] not in args.op)]
        with RECORD.open("w", newline="") as file:
            writer = csv.DictWriter(file, FIELDS, lineterminator="\n")
            writer.writeheader()
            writer.writerows(sorted([*kept, *rows], key=lambda r: (r["target"], r["op"], r["shape"])))
        return
    found = differing(rows)
    print("\n".join(found), end="\n" if found else "")
    if found:
        sys.exit(f"If that is meant: {sys.executable} {__file__} --write")


if __name__ == "__main__":
    main()
