# SPDX-License-Identifier: Apache-2.0
"""The command hipemu: runs a HIP program on emulated GPUs, predicts how long its kernels take, describes code objects."""

from __future__ import annotations

import argparse
import ctypes
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

DESCRIPTION = """hipemu emulates AMD GPUs. It executes the machine code of kernels on the CPU, exactly, and checks every access.

  hipemu run --target gfx942 -- ./program ...        a HIP program, on an MI300X that is not there
  hipemu profile --target gfx942 -- ./program ...    how long its kernels would take, and why
  hipemu info kernels.hsaco                          what a code object needs, and what it is made of

Each has its own --help."""
# What programs name the library that they load.
SONAMES = ["libamdhip64.so", *(f"libamdhip64.so.{n}" for n in (5, 6, 7))]
# Options of run and profile, and the variables that they set.
VARIABLES = {"target": "HIPEMU_TARGET", "checks": "HIPEMU_CHECKS", "schedule": "HIPEMU_SCHEDULE", "limit": "HIPEMU_LIMIT",
             "threads": "HIPEMU_THREADS", "allow_reads_past": "HIPEMU_ALLOW_READS_PAST", "report": "HIPEMU_REPORT",
             "counters": "HIPEMU_COUNTERS"}
NOT_STARTED = 127


class Failure(Exception):
    """A message for the user."""


def options_of(command: str, description: str) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog=f"hipemu {command}", description=description,
                                     usage=f"hipemu {command} [options] -- program ...")
    parser.add_argument("--target", required="HIPEMU_TARGET" not in os.environ, help="the GPU: gfx942; several: gfx942,gfx1201")
    parser.add_argument("--checks", help="all (default), none, or a list: undefined,races; all,-races")
    parser.add_argument("--schedule", metavar="SEED", help="waves take turns in an order that this number chooses")
    parser.add_argument("--allow-reads-past", metavar="BYTES", help="loads may go so far past the end of an allocation")
    parser.add_argument("--limit", help="instructions that a wave may run (0: any number)")
    parser.add_argument("--threads", help="threads that run workgroups")
    parser.add_argument("--report", metavar="FILE", help="reports of faults are appended to it")
    parser.add_argument("--counters", metavar="FILE", help="a line of JSON for each launch is appended to it")
    return parser


def run_program(library: Path, program: list[str], options: argparse.Namespace, more: dict[str, str]) -> int:
    """The program's exit status. It finds the library by every name that it may ask for."""
    chosen = {name: value for option, name in VARIABLES.items() if (value := getattr(options, option))}
    environment = os.environ | chosen | more
    with tempfile.TemporaryDirectory(prefix="hipemu-") as folder:
        for name in SONAMES:
            (Path(folder) / name).symlink_to(library)
        for variable, first, separator in (("LD_PRELOAD", str(library), " "), ("LD_LIBRARY_PATH", folder, ":")):
            environment[variable] = separator.join(filter(None, (first, environment.get(variable))))
        try:
            status = subprocess.run(program, env=environment).returncode
        except OSError as problem:
            print(f"hipemu: cannot run {program[0]}: {problem.strerror}", file=sys.stderr)
            return NOT_STARTED
    return 128 - status if status < 0 else status


def need_device(library: Path, options: argparse.Namespace) -> None:
    """The library says what it does not understand; the program would only see that there is no GPU."""
    os.environ |= {name: value for option, name in VARIABLES.items() if (value := getattr(options, option))}
    if ctypes.CDLL(str(library)).hipGetDeviceCount(ctypes.byref(ctypes.c_int())):
        raise Failure("there is no such device")


def run(library: Path, words: list[str], program: list[str]) -> int:
    parser = options_of("run", "Runs a program that uses HIP. It needs neither GPU nor ROCm; its kernels are compiled for the target.")
    options = parser.parse_args(words)
    if not program:
        parser.error("no program: it comes after --")
    need_device(library, options)
    return run_program(library, program, options, {})


def profile(library: Path, words: list[str], program: list[str]) -> int:
    parser = options_of("profile", "Runs a program and predicts how long each launch takes on the card: time, what limits it, "
                                   "where waves wait. Writes timing.json, timeline.json (for Perfetto) and timeline.svg (the last "
                                   "launch), and, with matplotlib, timing.svg.")
    parser.add_argument("--output", type=Path, default=Path("hipemu-profile"), metavar="FOLDER", help="default: hipemu-profile")
    parser.add_argument("--groups", metavar="N",
                        help="of each launch, run only about so many workgroups; its results are then incomplete")
    parser.add_argument("--kernel", default="", metavar="WORD", help="show launches of kernels whose name has this")
    parser.add_argument("--top", type=int, default=12, metavar="N", help="show so many instructions that cost most")
    options = parser.parse_args(words)
    if not program:
        parser.error("no program: it comes after --")
    options.checks = options.checks or "none"
    need_device(library, options)
    import draw
    import show

    options.output.mkdir(parents=True, exist_ok=True)
    timing, timeline = (options.output / name for name in ("timing.json", "timeline.json"))
    for old in (timing, timeline):
        old.unlink(missing_ok=True)
    more = {"HIPEMU_TIMING": str(timing), "HIPEMU_TIMELINE": str(timeline)}
    if options.groups:
        more["HIPEMU_TIMING_GROUPS"] = options.groups
    status = run_program(library, program, options, more)
    if not timing.exists():
        ended = f"; it ended with status {status}" if status else ""
        raise Failure(f"the program launched no kernel whose time could be predicted{ended}")
    launches = [json.loads(line) for line in timing.read_text().splitlines()]
    launches = [launch for launch in launches if options.kernel in launch["kernel"]]
    if not launches:
        raise Failure(f"no launch of a kernel with '{options.kernel}' in its name")
    for launch in launches:
        print("\n".join([*show.summary(launch), *show.listing(launch, options.top, False), ""]))
    (options.output / "timeline.svg").write_text(draw.timeline(json.loads(timeline.read_text())))
    try:
        show.plot(launches, str(options.output / "timing.svg"))
    except ImportError:
        print("hipemu: no timing.svg, for there is no matplotlib", file=sys.stderr)
    print(f"written to {options.output}: {', '.join(sorted(one.name for one in options.output.iterdir()))}")
    return status


def main(library: Path, info: Path) -> int:
    words, program = sys.argv[1:], []
    if "--" in words:
        at = words.index("--")
        words, program = words[:at], words[at + 1:]
    command, *words = words or ["--help"]
    try:
        if command in ("-h", "--help", "help"):
            print(DESCRIPTION)
            return 0
        if not library.exists():
            raise Failure(f"the library is not at {library}")
        if command == "info":
            return subprocess.run([info, *words, *program]).returncode
        if command in ("run", "profile"):
            return {"run": run, "profile": profile}[command](library.resolve(), words, program)
        raise Failure(f"there is no command '{command}'; there are run, profile, info")
    except Failure as failure:
        print(f"hipemu: {failure}", file=sys.stderr)
        return 2
