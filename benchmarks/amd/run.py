#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Our kernels beside Triton's on emulated AMD GPUs: results on small shapes, then predicted times on those of models.

Nothing here is measured on a GPU: times are predictions of the emulator's model (docs/emulator.md, "Time"). Triton's kernels are
tuned by the same model. Needs HIPINFER_LIBRARY, HIPEMU_LIBRARY and what requirements.txt names. Exits with 1 if anything went wrong.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any, Iterator

HERE = Path(__file__).resolve().parent
TARGETS = ["gfx942", "gfx950", "gfx1100", "gfx1201"]
NEEDED = ("triton", "numpy", "ml_dtypes", "matplotlib", "msgpack", "elftools")
SECONDS = 3600  # of one operation on one target


def require() -> None:
    missing = []
    for name in NEEDED:
        try:
            __import__(name)
        except ImportError as error:
            missing.append(f"{name} ({error})")
    if missing:
        sys.exit(f"run.py: {', '.join(missing)}: pip install -r {HERE / 'requirements.txt'} (about 1 GB)")
    for variable in ("HIPINFER_LIBRARY", "HIPEMU_LIBRARY"):
        if not Path(os.environ.get(variable, "")).is_file():
            sys.exit(f"run.py: {variable} names no library: {os.environ.get(variable, 'unset')}")


def work(phase: str, target: str, case: Any, shapes: Any, folder: Path, wrong: list[str]) -> Iterator[dict[str, Any]]:
    """The lines of a process that does it. A last line {"died": …} if it went wrong."""
    environment = {k: v for k, v in os.environ.items() if not k.startswith("HIPEMU_") or k in ("HIPEMU_LIBRARY", "HIPEMU_THREADS")}
    environment |= {"HIPEMU_TARGET": target, "HIPINFER_DEVICE": "hip", "HIPINFER_HIP_LIBRARY": os.environ["HIPEMU_LIBRARY"],
                    "HIPEMU_LIMIT": "0"}
    if phase == "time":
        for variable in ("HIPEMU_TIMING", "HIPEMU_COUNTERS"):
            (folder / variable).unlink(missing_ok=True)
            environment[variable] = str(folder / variable)
        environment |= {"HIPEMU_CHECKS": "none", "HIPEMU_TIMING_GROUPS": str(case.groups)}
    command = [sys.executable, str(HERE / "worker.py"), phase, target, case.op, json.dumps(shapes), json.dumps(wrong)]
    with tempfile.TemporaryFile("w+") as errors, subprocess.Popen(command, env=environment, text=True, stdout=subprocess.PIPE,
                                                                 stderr=errors) as process:
        for line in process.stdout:
            yield json.loads(line)
        if process.wait(SECONDS):
            errors.seek(0)
            yield {"died": f"exit status {process.returncode}: {errors.read()[-2000:]}"}


def check(target: str, case: Any, folder: Path, problems: list[str]) -> list[str]:
    """Versions that are not to be timed."""
    right, wrong = 0, []
    for line in work("check", target, case, case.check, folder, []):
        if "died" in line:
            problems.append(f"{target} {case.op}: check: {line['died']}")
            continue
        name, result = f"{line['who']} {line['version']}", line["checked"]
        if result.get("error", 2.0) <= 1.0:
            right += 1
            continue
        wrong.append(name)
        what = result.get("refused") or result.get("fault") or f"{result['error']:.3g} times what is allowed"
        (problems if "refused" not in result or line["who"].startswith("hipinfer") else []).append(
            f"{target} {case.op} {line['shape']} {name}: {what}")
        print(f"    {name} {line['shape']}: {what}", flush=True)
    print(f"  {case.op}: {right} results right" + (f", {len(wrong)} left out" if wrong else ""), flush=True)
    return wrong


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--targets", default=",".join(TARGETS), help=f"some of {','.join(TARGETS)}")
    parser.add_argument("--ops", default="", help="some operations, with commas (--list names them)")
    parser.add_argument("--quick", action="store_true", help="a shape an operation")
    parser.add_argument("--csv", type=Path, default=HERE.parent / "results/amd.csv", help="where the results go (%(default)s)")
    parser.add_argument("--plots", type=Path, help="a folder for the plots")
    parser.add_argument("--tables", type=Path,
                        help="a file for the tables, in Markdown; of a document with report.py's marks, what is between them")
    parser.add_argument("--from", dest="earlier", type=Path, help="no run: tables and plots of this CSV")
    parser.add_argument("--list", action="store_true", help="name the operations and their shapes")
    options = parser.parse_args()
    if not options.earlier and not options.list:
        require()
    import report
    if options.earlier:
        return report.write(report.read(options.earlier), options.tables, options.plots)
    if options.list:
        os.environ.setdefault("HIPEMU_LIBRARY", "")
    import ops  # noqa: F401 (registers the cases)
    from case import CASES
    if options.list:
        return print("\n".join(f"{case.op} ({case.note or 'bf16'}): {', '.join(map(str, case.shapes))}" for case in CASES.values()))
    targets = options.targets.split(",")
    wanted = options.ops.split(",") if options.ops else list(CASES)
    for unknown in [t for t in targets if t not in TARGETS] + [op for op in wanted if op not in CASES]:
        parser.error(f"{unknown!r}: expected targets of {', '.join(TARGETS)}; operations of {', '.join(CASES)}")

    problems: list[str] = []
    compilers, begin = report.compilers(), time.monotonic()
    results = report.Results(options.csv)
    with tempfile.TemporaryDirectory() as folder:
        for target in targets:
            for case in (CASES[op] for op in wanted if not CASES[op].targets or target in CASES[op].targets):
                print(f"{target} {case.op} ({time.monotonic() - begin:.0f} s)", flush=True)
                wrong = check(target, case, Path(folder), problems)
                for line in work("time", target, case, case.quick if options.quick else case.shapes, Path(folder), wrong):
                    if "died" in line:
                        problems.append(f"{target} {case.op}: time: {line['died']}")
                    elif "best" in line:
                        row = results.add(target, line, compilers)
                        print(f"    {report.brief(row)}", flush=True)
                    elif "fault" in line["tried"]:
                        problems.append(f"{target} {case.op} {line['shape']} {line['who']} {line['version']}: {line['tried']['fault']}")
    report.write(results.rows, options.tables, options.plots)
    print(f"{len(results.rows)} results in {options.csv} after {time.monotonic() - begin:.0f} s")
    if problems:
        sys.exit("\n".join(["What went wrong:", *problems]))


if __name__ == "__main__":
    main()
