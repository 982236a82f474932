# SPDX-License-Identifier: Apache-2.0
"""hipinfer-selftest, also `python -m hipinfer.selftest`: whether the library works on this machine's device, and how fast it is."""

from __future__ import annotations

import argparse
import ctypes
import os
import re
import sys
import time
import traceback
from pathlib import Path
from typing import IO, List, Optional, Set, Tuple

from .. import _library
from ..context import Context
from ..errors import HipinferError, OutOfMemoryError
from ..inside import operations
from . import loading, numeric, report, speed
from .calls import Call
from .numeric import Comparison
from .speed import Predictions, Timer, Yardsticks

LEVELS = ("static", "load", "numeric", "speed")
DESCRIPTION = """\
Finds out whether hipinfer works on this machine's GPU, in four levels, each of which asks more than the one before:

  static   what is inside the library, what the driver reports of the card, and which code matches it
  load     every code object of the card's target loads, and every kernel in it is found
  numeric  every kernel that can serve on the card, against the library's CPU reference in double, in every dtype
  speed    how long large calls of every operation take, as a fraction of a copy's or a matrix product's rate, and beside the
           prediction of the emulator hipemu where there is one

Writes a report without personal data, which says where to send it. Takes minutes, and ends with status 0 only if all is right: with 1
if something is wrong, 3 if nothing was tested."""
EPILOG = """\
Without a GPU it runs on hipemu, if that is installed beside the library (libhipemu.so in its folder or on the loader's path, or where
HIPEMU_LIBRARY says), which takes longer and measures no speed; else on the CPU. HIPINFER_LIBRARY, HIPINFER_HIP_LIBRARY and
HIPINFER_KERNEL_PATH act as in any program."""
EMULATED = "gfx942"
REPORT = "hipinfer-selftest.txt"
WRONG, UNTESTED, INTERRUPTED = 1, 3, 130  # statuses
GPU_FILES = {"hip": "/dev/kfd", "cuda": "/dev/nvidiactl"}  # what their drivers make


def parsed(arguments: Optional[List[str]]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="hipinfer-selftest", description=DESCRIPTION, epilog=EPILOG,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--device", help='"hip", "cuda" or "cpu", with ":ordinal" if wanted (default: the best there is)')
    parser.add_argument("--emulate", metavar="TARGET", help="on hipemu's gfx90a, gfx942, gfx950, gfx1100 or gfx1201")
    parser.add_argument("--level", action="append", choices=LEVELS, help="only this level (may be repeated)")
    parser.add_argument("--op", action="append", metavar="OPERATION", help="only this operation (may be repeated)")
    parser.add_argument("--report", type=Path, metavar="FILE", help='where the report goes, in place of what is there (default: '
                        'hipinfer-selftest.txt, or with a number where that name is taken; "-": nowhere)')
    parser.add_argument("--compare", type=Path, metavar="REPORT", help="only print the times of a report beside hipemu's predictions")
    options = parser.parse_args(arguments)
    if options.emulate and options.device not in (None, "hip", "hip:0"):
        parser.error("--emulate is a HIP device: it does not go with --device " + options.device)
    return options


def emulator() -> Optional[str]:
    """hipemu's library, if it is there."""
    named = os.environ.get("HIPEMU_LIBRARY")
    if named:
        return named
    for path in report.loaded(re.escape(Path(os.path.realpath(_library.lib._name)).name) + r"$|libhipinfer\.so"):
        beside = path.with_name("libhipemu.so")
        if beside.exists():
            return str(beside)
    try:
        ctypes.CDLL("libhipemu.so")
    except OSError:
        return None
    return "libhipemu.so"


def emulate(target: str) -> str:
    """Makes hipemu this process's HIP, before the library looks for one. What is so said of the device."""
    library = emulator()
    if library is None:
        raise SystemExit("hipinfer-selftest: --emulate: there is no libhipemu.so beside the library or on the loader's path; "
                         "HIPEMU_LIBRARY names one that is elsewhere")
    os.environ["HIPINFER_HIP_LIBRARY"], os.environ["HIPEMU_TARGET"] = library, target
    os.environ.setdefault("HIPEMU_COMPUTE_UNITS", "32")  # some calls need as much work as fills a device
    return f"emulated by hipemu as {target}: no GPU has run this"


def gpus_here() -> List[str]:
    """The kinds of GPU that have a driver on this machine. The library is not asked: HIP's own runtime, once it is in the process,
    could not give way to hipemu; and a card that the library does not find is to be noticed."""
    return [kind for kind, path in GPU_FILES.items() if Path(path).exists()]


class Terminal:
    """One line that changes on a terminal; elsewhere a line now and then."""

    def __init__(self) -> None:
        self.changes, self.last, self.width = sys.stderr.isatty(), time.monotonic(), 0

    def show(self, text: str) -> None:
        now = time.monotonic()
        if self.changes:
            sys.stderr.write(f"\r{text[:110]:{self.width}}")
            self.width = len(text[:110])
            sys.stderr.flush()
        elif now - self.last >= 10:
            print(text, file=sys.stderr, flush=True)
            self.last = now

    def clear(self) -> None:
        if self.changes and self.width:
            sys.stderr.write("\r" + " " * self.width + "\r")
            self.width = 0
            sys.stderr.flush()


def why_not(kind: str) -> str:
    try:
        return f"{Context(kind).name} serves when it is asked for"
    except HipinferError as e:
        return report.impersonal(str(e))


def opened(path: Optional[Path]) -> Tuple[Path, IO[str]]:
    """The file that is asked for, else a new one: of the default names the first that is free."""
    number = 1
    while True:
        name = path or Path(REPORT if number == 1 else REPORT.replace(".", f"-{number}."))
        try:
            return name, name.open("w" if path else "x")
        except FileExistsError:
            number += 1
        except OSError as e:
            raise SystemExit(f"hipinfer-selftest: --report {name}: {e.strerror}") from None


class Run:
    """The levels, and what the report has of them."""

    def __init__(self, options: argparse.Namespace, emulated: str):
        self.options, self.terminal = options, Terminal()
        unknown = set(options.op or ()) - set(operations())
        if unknown:
            raise SystemExit(f"hipinfer-selftest: --op {', '.join(sorted(unknown))}: the library has {', '.join(operations())}")
        self.context = Context("hip" if emulated else options.device)
        # Also where someone has put hipemu in HIP's place without --emulate.
        hipemu = not self.context.on_cpu and any(map(report.is_emulator, report.drivers()))
        self.emulated = emulated or ("emulated by hipemu: no GPU has run this" if hipemu else "")
        asked = [op for op in operations() if not options.op or op in options.op]
        all_, enabled = (numeric.serving(self.context, left_out) for left_out in ([], numeric.disabled()))
        self.wanted = [op for op in asked if enabled[op]]
        self.unserved = [op for op in asked if not all_[op]]
        self.wrong, self.tested, self.begin = 0, 0, time.monotonic()
        self.file: Optional[IO[str]] = None
        self.unwritten = ""
        if str(options.report) != "-":
            self.path, self.file = opened(options.report)
        self.write(report.HEAD)

    def write(self, text: str) -> None:
        """At once: a card that hangs leaves what was found before. Where the report cannot be written the tests go on without."""
        if self.file:
            try:
                print(text, file=self.file, flush=True)
            except OSError as e:
                self.file, self.unwritten = None, f"--report {self.path}: {e.strerror}"
                print(f"hipinfer-selftest: {self.unwritten}", file=sys.stderr)

    def say(self, text: str) -> None:
        self.terminal.clear()
        print(text, flush=True)
        self.write(text)

    def judge(self, text: str, faults: List[str]) -> None:
        self.tested += 1
        self.wrong += len(faults)
        self.say(f"{text}: {'WRONG' if faults else 'ok'}")
        for fault in faults[:5]:
            self.say(f"  {fault}")
        if len(faults) > 5:
            self.say(f"  and {len(faults) - 5} more")

    def progress(self, level: str, done: int, all_: int, what: str) -> None:
        self.terminal.show(f"{level}: {100 * done // max(all_, 1)} %, {what}")

    def static(self) -> None:
        if self.context.on_cpu and not self.options.device and not os.environ.get("HIPINFER_DEVICE"):
            for kind in gpus_here():
                self.judge(f"static: {GPU_FILES[kind]} is there, but no device of {kind} serves", [why_not(kind)])
        for fact, fault in loading.static(self.context):
            self.judge(f"static: {fact}", [fault] if fault else [])

    def load(self) -> None:
        if self.context.on_cpu:
            self.say("load: the CPU loads nothing")
            return
        loaded, faults = loading.load(self.context, self.wanted, lambda *p: self.progress("load", *p))
        self.judge(f"load: {loaded}", faults)

    def numeric(self) -> None:
        for op in self.unserved:
            self.judge(f"numeric: {op}", [f"the dispatch table has no kernel of it for {self.context.code_target or 'the CPU'}"])
        comparison = Comparison(self.context)
        parts = list(numeric.batches(self.context.compute_units, set(self.wanted)))
        for done, part in enumerate(parts):
            for call in part.calls:
                self.progress("numeric", done, len(parts), f"{call.op} in {part.dtypes}")
                comparison.check(call, part.dtypes)
            later: Set[str] = set().union(*(p.operations for p in parts[done + 1:]))
            for op in sorted(part.operations - later):
                self.judge_kernels(comparison, op)

    def judge_kernels(self, comparison: Comparison, op: str) -> None:
        faults = comparison.faults.get(op, []) + [f"{op}/{kernel}: no call reaches it" for kernel in comparison.unreached(op)]
        kernels = len(comparison.serving[op]) + len(comparison.later[op])
        self.judge(f"numeric: {op}: {kernels} kernel{'s'[:kernels > 1]}, {comparison.compared.get(op, 0)} comparisons", faults)

    def speed(self) -> None:
        if self.emulated:
            self.say("speed: not measured: an emulator's time is not a card's")
            return
        timer = speed.Timer(self.context)
        self.progress("speed", 0, 1, "copy and matrix product")
        try:
            by = speed.yardsticks(timer)
        except HipinferError as e:
            self.not_timed("copy and matrix product, without which nothing is", e)
            return
        self.say(f"speed: copy {by.copy / 1e9:.0f} GB/s, matrix product in bf16 {by.matrix / 1e12:.3g} TFLOP/s")
        predicted, done = speed.predictions(self.context.target), 0
        for group in speed.groups(self.context, self.wanted):
            try:
                for call in group.calls:
                    self.progress("speed", done, len(self.wanted), f"{call.op} {call.shape}")
                    self.time(timer, call, by, predicted)
            except HipinferError as e:  # its tensors could not be made
                self.not_timed(f"the rest of {' '.join(sorted(group.operations))}", e)
            done += len(group.operations)
        if not self.context.on_cpu:
            self.judge("speed: every call captured in a graph", timer.refused)

    def not_timed(self, what: str, e: HipinferError) -> None:
        """Which is the card's fault where it has too little memory."""
        if isinstance(e, OutOfMemoryError):
            self.say(f"speed: {what}: not timed, for the device has too little memory that is free")
        else:
            self.judge(f"speed: {what}", [report.impersonal(str(e))])

    def time(self, timer: Timer, call: Call, by: Yardsticks, predicted: Predictions) -> None:
        try:
            t = speed.measured(timer, call, by, predicted)
        except HipinferError as e:
            self.not_timed(f"{call.op} {call.shape}", e)
            return
        self.tested += 1
        self.say(f"speed: {t.op} {t.shape}: {t.microseconds:.2f} us, {t.fraction:.2f} of {t.of}"
                 + (f", predicted {t.predicted:.2f} us" if t.predicted else ""))

    def all(self) -> int:
        for line in report.about(self.context, self.emulated):
            self.say(line)
        for level in LEVELS:
            if not self.options.level or level in self.options.level:
                getattr(self, level)()
        chosen = {"level": self.options.level, "operation": self.options.op}
        parts = [f"{what} {' '.join(names)} alone" for what, names in chosen.items() if names]
        if os.environ.get("HIPINFER_DISABLE"):  # names of kernels: the library has refused others
            parts.append(f"with HIPINFER_DISABLE={os.environ['HIPINFER_DISABLE']}")
        if os.environ.get("HIPINFER_KERNEL_PATH"):
            parts.append("with HIPINFER_KERNEL_PATH set")
        tested = self.tested and (self.wanted or self.unserved)
        verdict = f"{self.wrong} WRONG" if self.wrong else "all right" if tested else "nothing tested"
        self.end(f"{verdict}{' (' + ', '.join(parts) + ')' if parts else ''}, in {time.monotonic() - self.begin:.0f} s")
        return WRONG if self.wrong or self.unwritten else 0 if tested else UNTESTED

    def end(self, result: str) -> None:
        self.say(f"result: {result}")
        self.write("\n" + report.SEND)
        if self.file:
            print(f"\nThe report is in {self.path}. It says what to do with it.")


def main(arguments: Optional[List[str]] = None) -> int:
    options = parsed(arguments)
    if options.compare:
        print(report.compared(options.compare))
        return 0
    emulated = ""
    if options.emulate:
        emulated = emulate(options.emulate)
    elif options.device is None and not os.environ.get("HIPINFER_DEVICE") and not gpus_here() and emulator():
        emulated = emulate(os.environ.get("HIPEMU_TARGET") or EMULATED)
    run = None
    try:
        run = Run(options, emulated)
        return run.all()
    except KeyboardInterrupt:
        print("\nhipinfer-selftest: interrupted: the report has no result", file=sys.stderr)
        return INTERRUPTED
    except Exception as e:  # the report is to have a result whatever happens
        message = str(e) if isinstance(e, HipinferError) else f"{type(e).__name__}: {e}"
        if run is None:
            print(f"hipinfer-selftest: {message}", file=sys.stderr)
        else:
            at = traceback.extract_tb(e.__traceback__)[-1]
            run.end(f"selftest itself failed: {report.impersonal(message)} ({Path(at.filename).name}:{at.lineno})")
        return WRONG


__all__ = ["main"]
