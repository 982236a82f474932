#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Runs each operation of the library on a fixed shape on each emulated GPU, and compares what its kernels did with
counters.txt beside this file. Fails if they differ, unless another compiler has built the kernels.

Bytes are of device memory: what the lanes asked for, and each 128-byte line counted once ("distinct"). The first time is
what the emulator's model predicts (docs/emulator.md, "Time"), where tensors that fit are in the last cache. The second is a bound:
the longest of matrix, VALU, LDS and memory time of one card that runs the kernel alone at its peak clock, perfectly spread over
it, and reads everything from memory. Neither is a measurement.

Needs HIPINFER_LIBRARY and HIPEMU_LIBRARY.
"""

from __future__ import annotations

import argparse
import difflib
import json
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
RECORD = HERE / "counters.txt"
sys.path[:0] = [str(HERE.parents[1] / "bindings/python"), str(HERE.parent / "codeobj")]
TARGETS = ["gfx90a", "gfx942", "gfx950", "gfx1100", "gfx1201"]
CODE_TARGET = {"gfx1100": "gfx11-generic", "gfx1201": "gfx12-generic"}


def lines_after(path: Path, position: int) -> list[dict[str, Any]]:
    with path.open() as file:
        file.seek(position)
        return [json.loads(text) for text in file]


def run_here(counters: Path, timing: Path, wanted: str, op: str) -> None:
    """In a process of its own for each GPU: prints a JSON list of [shape, least bytes, counters and prediction]."""
    import hipinfer
    from hipinfer.selftest.calls import FAMILIES, Kinds, Sizes, calls

    files, results = (counters, timing), []
    for call in (c for family in range(len(FAMILIES)) for c in calls(family, Sizes(), Kinds())):
        if op and call.op != op:
            continue
        hipinfer.default_context().synchronize()
        before = [path.stat().st_size if path.exists() else 0 for path in files]
        call.run()
        hipinfer.default_context().synchronize()
        for counted, predicted in zip(*map(lines_after, files, before), strict=True):
            if counted["kernel"] != predicted["kernel"]:
                sys.exit(f"{counted['kernel']} was counted, {predicted['kernel']} predicted")
            if wanted in counted["kernel"]:
                least = call.least if call.bound_by_memory else None
                results.append((call.shape, least,
                                {**counted, "predicted_us": predicted["time_us"], "predicted_bound": predicted["bound"]}))
    print(json.dumps(results))


def count(target: str, wanted: str, op: str = "") -> list[tuple[str, int | None, dict[str, Any]]]:
    """Shape, least bytes and counters of each launch on one GPU."""
    with tempfile.TemporaryDirectory() as folder:
        counters, timing = (Path(folder) / name for name in ("counters", "timing"))
        environment = os.environ | {"HIPEMU_TARGET": target, "HIPEMU_COUNTERS": str(counters), "HIPEMU_TIMING": str(timing),
                                    "HIPINFER_DEVICE": "hip", "HIPINFER_HIP_LIBRARY": os.environ["HIPEMU_LIBRARY"]}
        done = subprocess.run([sys.executable, __file__, "--here", str(counters), str(timing), "-k", wanted, "--op", op],
                              env=environment, check=True, text=True, stdout=subprocess.PIPE)
        return json.loads(done.stdout)


def run(target: str, wanted: str, op: str) -> tuple[list[str], list[str]]:
    """The lines of one GPU, and what its kernels fall short of."""
    counted = count(target, wanted, op)
    return (sorted(line(target, *one) for one in counted),
            [f"{target} {launch['kernel']} {shape}: {what}" for shape, least, launch in counted
             for what in shortcomings(target, launch, least)])


def shortcomings(target: str, c: dict[str, Any], least: int | None) -> list[str]:
    """What must not be: of any kernel, and of those that memory alone should bound."""
    found = [f"{c['scratch_bytes']} bytes of scratch"] if c["scratch_bytes"] else []
    if least is None:
        return found
    moved = c["distinct_read_bytes"] + c["distinct_written_bytes"]
    if moved > 1.05 * least + 1024:  # a few lines are the kernel's arguments
        found.append(f"moves {moved} bytes of memory, the least is {least}")
    if not c["loads_of_16"] + c["stores_of_16"]:
        found.append("no access of 16 bytes")
    if c["lds_conflict_cycles"]:
        found.append(f"{c['lds_conflict_cycles']} cycles of LDS bank conflicts")
    if target == "gfx942" and estimate(target, c)[1] != "memory":
        found.append(f"bound by {estimate(target, c)[1]}, not by memory")
    return found


def estimate(target: str, c: dict[str, Any]) -> tuple[float, str]:
    """Microseconds, and what takes them."""
    clocks = c["compute_units"] * c["clock_hz"] / 1e6  # of all compute units, in a microsecond
    # The VALU issues a matrix instruction in four cycles on CDNA; on RDNA it stands still for as long as one takes.
    cdna = target.startswith("gfx9")
    valu = c["valu_cycles"] + (4 * c["instructions_matrix"] if cdna else c["matrix_cycles"])
    bounds = {
        "matrix": c["matrix_cycles"] / (clocks * c["simds"]),
        "VALU" if cdna or not c["matrix_cycles"] else "matrix+VALU": valu / (clocks * c["simds"]),
        "LDS": c["lds_cycles"] / clocks,
        "memory": (c["distinct_read_bytes"] + c["distinct_written_bytes"]) / c["memory_bytes_per_second"] * 1e6,
    }
    name = max(bounds, key=lambda b: bounds[b])
    return bounds[name], name


def line(target: str, shape: str, least: int | None, c: dict[str, Any]) -> str:
    classes = {"valu": "valu", "trans": "transcendental", "matrix": "matrix", "salu": "salu", "smem": "smem", "lds": "lds",
               "loads": "vmem_load", "stores": "vmem_store", "atomics": "vmem_atomic", "branches": "branch", "barriers": "barrier",
               "waits": "wait", "other": "other"}
    counts = " ".join(f"{short} {c['instructions_' + name]}" for short, name in classes.items() if c["instructions_" + name])

    def traffic(verb: str, kind: str) -> str:
        widths = {int(name[len(f"{kind}_of_"):]): c[name] for name in c if name.startswith(f"{kind}_of_") and c[name]}
        by = ", ".join(f"{count} of {width}" for width, count in sorted(widths.items(), reverse=True))
        return f"{verb} {c[f'bytes_{verb}']} B, {c[f'distinct_{verb}_bytes']} distinct" + (f" ({by})" if by else "")

    time, bound = estimate(target, c)
    moved = c["distinct_read_bytes"] + c["distinct_written_bytes"]
    rare = {"scratch": c["scratch_bytes"], "unaligned accesses": c["unaligned_accesses"]}
    return "; ".join([
        f"{c['kernel']} {target} {shape}: {c['predicted_us']:.3g} us, by {c['predicted_bound']}", f"bound {time:.3g} us by {bound}",
        f"waves {c['waves']}", counts,
        f"cycles valu {c['valu_cycles']} matrix {c['matrix_cycles']} lds {c['lds_cycles']} (conflicts {c['lds_conflict_cycles']})",
        traffic("read", "loads"), traffic("written", "stores"), *([f"{moved / least:.3f} of the least bytes"] if least else []),
        *(f"{name} {value}" for name, value in rare.items() if value)])


def compilers() -> dict[str, str]:
    """GPU to the compiler of the library's code objects for it."""
    from objects import Library
    built = Library().compilers()
    return {target: built[CODE_TARGET.get(target, target)] for target in TARGETS}


def read_record() -> tuple[dict[str, str], list[str]]:
    """GPU to compiler, and the lines."""
    text = RECORD.read_text().splitlines() if RECORD.exists() else []
    return dict(re.findall(r"^# (gfx\w+): (.+)$", "\n".join(text), re.M)), [one for one in text if not one.startswith("#")]


def header(built: dict[str, str]) -> list[str]:
    return ["# What each kernel does on a fixed shape, by the emulator's counters; written by counters.py --write. First the time on",
            "# one card that its model predicts, where small tensors are in the last cache; then the bound of it with all of them from",
            "# memory. No measurement. Instructions are of waves; cycles of a SIMD, of LDS those of a compute unit.",
            "# Bytes: as lanes asked for them, and each 128-byte line once; in brackets, accesses by bytes a lane. Compilers:",
            *(f"# {target}: {built[target]}" for target in TARGETS)]


def check(lines: dict[str, list[str]], wanted: str) -> int:
    """Prints what differs from the record. How many lines that is."""
    (recorded_compilers, recorded), built, differences = read_record(), compilers(), 0
    for target, now in lines.items():
        if built[target] != recorded_compilers.get(target):
            print(f"{target} was built by {built[target]}, the record by {recorded_compilers.get(target)}: not compared")
            continue
        before = [one for one in recorded if one.split()[1] == target and wanted in one.split()[0]]
        changes = [one for one in difflib.ndiff(before, now) if one[0] in "-+?"]
        differences += sum(one[0] in "-+" for one in changes)
        print(f"{target}: {len(now)} lines, " + (f"not as in {RECORD.name}:" if changes else f"as in {RECORD.name}"))
        print("".join(f"{one.rstrip()}\n" for one in changes), end="")
    return differences


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    action = parser.add_mutually_exclusive_group()
    action.add_argument("--write", action="store_true", help="write counters.txt")
    action.add_argument("--print", action="store_true", help="only print the lines")
    parser.add_argument("--target", action="append", choices=TARGETS, help="only this GPU (may be repeated)")
    parser.add_argument("-k", default="", metavar="TEXT", help="only kernels whose name has it")
    parser.add_argument("--op", default="", help="only calls of this operation")
    parser.add_argument("--json", action="store_true", help="only print the counters, with the bound and its time")
    parser.add_argument("--here", type=Path, nargs=2, help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.write and (args.target or args.k or args.op):
        parser.error("the record is written whole")
    if args.op and not (args.here or args.print or args.json):
        parser.error("--op goes with --print or --json: the record is compared whole or by -k")
    if args.here:
        return run_here(*args.here, args.k, args.op)
    for variable in ("HIPINFER_LIBRARY", "HIPEMU_LIBRARY"):
        if not os.environ.get(variable):
            parser.error(f"{variable} names no library")
    if args.json:
        print(json.dumps([{"target": target, "shape": shape, "least": least, "bound": estimate(target, launch), **launch}
                          for target in args.target or TARGETS for shape, least, launch in count(target, args.k, args.op)]))
        return
    counted = {target: run(target, args.k, args.op) for target in args.target or TARGETS}
    lines = {target: recorded for target, (recorded, _) in counted.items()}
    every = sorted(one for group in lines.values() for one in group)
    missed = [one for _, group in counted.values() for one in group]
    print("".join(f"{one}\n" for one in missed), end="", file=sys.stderr)
    if args.write:
        RECORD.write_text("\n".join([*header(compilers()), *every]) + "\n")
    elif args.print:
        print("\n".join(every))
    elif check(lines, args.k):
        sys.exit(f"If that is meant: {sys.executable} {__file__} --write")
    if missed:
        sys.exit(f"{len(missed)} kernels fall short of what memory allows")


if __name__ == "__main__":
    main()
