#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Predicts the times of kernels that others have measured, and prints both beside each other.

  compare.py [--only WORD] [--record FILE] [--plot FILE.svg]

Kernels are compiled with clang++-22 and run on the emulator, a sample of their workgroups; see cases.py for who measured.
Needs HIPEMU_LIBRARY, numpy; --plot needs matplotlib. Kernels in Triton are left out, and named, where HIPEMU_TRITON_PYTHON
(default: this Python) has no triton. Fails if the steps of a ladder come out in another order than published.
"""

from __future__ import annotations

import argparse
import ctypes
import importlib
import json
import os
import shutil
import struct
import subprocess
import sys
import tempfile
from contextlib import ExitStack
from dataclasses import asdict
from itertools import pairwise
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests"))
from cases import CASES, Case

HERE = Path(__file__).resolve().parent
FLAGS = ["-x", "hip", "--cuda-device-only", "--no-gpu-bundle-output", "-nogpuinc", "-nogpulib", "-O3", "-std=c++20",
         "-gline-tables-only"]
TRITON_PYTHON = os.environ.get("HIPEMU_TRITON_PYTHON", sys.executable)


def compiler() -> str:
    for name in (*(f"clang++-{version}" for version in range(24, 19, -1)), "clang++"):
        if shutil.which(name):
            return name
    sys.exit("compare.py: there is no clang++")


def compile_case(case: Case, folder: Path) -> Path:
    image = folder / f"{Path(case.source).stem}-{case.target}.hsaco"
    if not image.exists():
        subprocess.run([compiler(), *FLAGS, f"--offload-arch={case.target}", str(HERE / case.source), "-o", str(image)], check=True)
    return image


def run_here(case: Case, folder: Path) -> None:
    """In a process of its own, whose environment asks for the prediction."""
    from hip import Buffer, Runtime
    runtime = Runtime()
    with ExitStack() as stack:
        memory = [stack.enter_context(Buffer(runtime, size)) for size in case.buffers]
        for one in memory:
            runtime.call("hipMemset", ctypes.c_void_p(one.address), 0, ctypes.c_size_t(one.bytes))
        if case.in_triton:
            import triton_code
            kernel = getattr(importlib.import_module(Path(case.source).stem), case.kernel)
            tensors = [triton_code.Memory("bf16", one.address, one.bytes) for one in memory]
            named = dict(zip(kernel.arg_names, [*tensors, *case.numbers]))  # constants come behind
            code = triton_code.compile_kernel(kernel, case.target, named, case.constants, case.options)
            image, name, block, lds, arguments = code.image, code.name, code.threads, code.lds_bytes, code.pack(named)
        else:
            image, name, block, lds = compile_case(case, folder).read_bytes(), case.kernel, case.block, 0
            arguments = struct.pack(f"={len(memory)}Q{len(case.numbers)}i", *(one.address for one in memory), *case.numbers)
        runtime.launch(runtime.function(runtime.load(image), name), case.groups, block, arguments, lds)
        runtime.synchronize()


def predict(case: Case, folder: Path) -> dict:
    timing = folder / "timing"
    timing.unlink(missing_ok=True)
    environment = os.environ | {"HIPEMU_TARGET": case.target, "HIPEMU_CHECKS": "none", "HIPEMU_LIMIT": "0",
                                "HIPEMU_TIMING": str(timing), "HIPEMU_TIMING_GROUPS": str(case.executed)}
    python = TRITON_PYTHON if case.in_triton else sys.executable
    done = subprocess.run([python, __file__, "--here", str(CASES.index(case)), str(folder)], env=environment, text=True,
                          stderr=subprocess.PIPE)
    if done.returncode:
        sys.exit(done.stderr)
    return json.loads(timing.read_text())


def no_triton() -> str:
    """Why kernels in Triton cannot be compiled; empty if they can."""
    tried = subprocess.run([TRITON_PYTHON, "-c", "import triton, numpy"], text=True, capture_output=True)
    return f"{TRITON_PYTHON}: {tried.stderr.strip().splitlines()[-1]}" if tried.returncode else ""


def achieved(case: Case, prediction: dict, time: str = "time_us") -> float:
    return case.work / prediction[time] * 1e6 / 1e12


def table(results: list[tuple[Case, dict]]) -> str:
    names = ["case", "published", "predicted", "with conflicts", "ratio", "step published", "step predicted", "matrix busy", "clock",
             "bound"]
    lines = ["| " + " | ".join(names) + " |", "|---" * len(names) + "|"]
    before: tuple[Case, float] | None = None
    for case, prediction in results:
        now = achieved(case, prediction)
        slow = achieved(case, prediction, "time_us_with_conflicts")
        worst = f"{slow:.4g}" if slow < 0.98 * now else "–"
        step = ["–", "–"]
        if before and before[0].ladder == case.ladder:
            step = [f"{case.published / before[0].published:.2f}", f"{now / before[1]:.2f}"]
        lines.append(f"| {case.ladder}: {case.name} | {case.published:.4g} {case.unit} | {now:.4g} | {worst} | "
                     f"{now / case.published:.2f} | "
                     f"{step[0]} | {step[1]} | {prediction['shares']['matrix']:.0%} | {prediction['clock_hz'] / 1e9:.2f} GHz | "
                     f"{prediction['bound']} |")
        before = (case, now)
    sources = {case.ladder: case.published_by for case, _ in results}
    return "\n".join([*lines, "", *(f"{ladder}: {source}" for ladder, source in sources.items())])


def out_of_order(results: list[tuple[Case, dict]]) -> list[str]:
    return [f"{slow.name} comes out faster than {fast.name}" for (slow, first), (fast, second) in pairwise(results)
            if slow.ladder == fast.ladder and achieved(slow, first) >= achieved(fast, second)]


def plot(results: list[tuple[Case, dict]], path: str) -> None:
    import matplotlib
    matplotlib.use("svg")
    matplotlib.rcParams["svg.hashsalt"] = "hipemu"  # the same picture has the same bytes
    from matplotlib import pyplot

    ladders = dict.fromkeys(case.ladder for case, _ in results)
    figure, axes = pyplot.subplots(1, len(ladders), figsize=(4 + 4 * len(ladders), 4.5), squeeze=False,
                                   width_ratios=[1 + sum(case.ladder == ladder for case, _ in results) for ladder in ladders])
    for axis, ladder in zip(axes[0], ladders, strict=True):
        these = [(case, achieved(case, prediction)) for case, prediction in results if case.ladder == ladder]
        places = range(len(these))
        axis.bar([p - 0.2 for p in places], [case.published for case, _ in these], 0.4, label="published", color="#888888")
        axis.bar([p + 0.2 for p in places], [now for _, now in these], 0.4, label="predicted", color="#c03030")
        axis.set_xticks(list(places), [case.name for case, _ in these], rotation=20, ha="right")
        axis.set_ylabel(these[0][0].unit)
        axis.set_title(ladder)
        axis.legend()
    figure.tight_layout()
    figure.savefig(path, metadata={"Date": None})


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", default="", help="cases whose ladder or name has this")
    parser.add_argument("--record", help="write the predictions there, as JSON")
    parser.add_argument("--plot", help="draw published and predicted there")
    parser.add_argument("--here", nargs=2, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.here:
        return run_here(CASES[int(options.here[0])], Path(options.here[1]))
    if "HIPEMU_LIBRARY" not in os.environ:
        sys.exit(__doc__)
    chosen = [case for case in CASES if options.only in case.ladder or options.only in case.name]
    if any(case.in_triton for case in chosen) and (why := no_triton()):
        print(f"Kernels in Triton are left out: {why}", file=sys.stderr)
        chosen = [case for case in chosen if not case.in_triton]
    with tempfile.TemporaryDirectory() as folder:
        results = [(case, predict(case, Path(folder))) for case in chosen]
    print(table(results))
    if options.record:
        record = [{"case": asdict(case), "prediction": prediction} for case, prediction in results]
        Path(options.record).write_text(json.dumps(record, indent=1))
    if options.plot:
        plot(results, options.plot)
    if wrong := out_of_order(results):
        sys.exit("\n".join(wrong))


if __name__ == "__main__":
    main()
