#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Puts plausible slips into a copy of the sources, one at a time, and sees that the tests catch each.

  run.py                   every mutant of *.toml beside this file
  run.py NAME...           those whose name begins with one of these
  run.py --sample N        N of them, chosen by the day (--seed replays a choice)
  run.py --list            the mutants, by class
  run.py --check           that every mutant's text still stands in the sources; builds and runs nothing
  run.py --unmutated       the same tests on the sources as they are: all must pass
  run.py --jobs N          as many at a time, each in a copy of its own (default: one a core)

A mutant is a [[mutant]] table:
  name, class   what it is called, and what kind of slip it is
  file, edit    edit = [old, new]; old is an exact piece of the file, which stands there once
  op, tests     the operations whose tests are run, and a filter of test-ops, if not all of theirs
  on            where, in this order until one catches it: "gen" (tests/gen), "host" (the programs of tests/ that `host` lists,
                or all of them), "cpu", "golden" (tests/golden on the CPU), emulated GPUs
  why           what a user would have seen
  equivalent    why it changes nothing, for a mutant that no test can see

Needs HIPINFER_BUILD, a build folder with AMD targets, the emulator and a folder of kernels (as tools/test makes it), and
HIPEMU_LIBRARY. The copy is built beside it, in HIPINFER_BUILD-mutants/N: once without GPU code, and for "host" and "gen" once
more with one kernel, because contexts for a named target ask for one that is built in.
"""

from __future__ import annotations

import argparse
import json
import os
import queue
import random
import resource
import shutil
import signal
import subprocess
import sys
import time
import tomllib
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
BUILD = Path(os.environ.get("HIPINFER_BUILD", ROOT / "build-test")).resolve()
CODE_TARGET = {"gfx1100": "gfx11-generic", "gfx1201": "gfx12-generic"}
GPUS = ("gfx90a", "gfx942", "gfx950", "gfx1100", "gfx1201")
COPIED = ("include", "src", "tests", "bindings", "emulator", "examples", "tools", "meson.build", "meson_options.txt", "README.md")
FIELDS = {"name", "class", "file", "edit", "op", "on", "why", "tests", "host", "equivalent"}
OPTIONAL = {"op", "tests", "host", "equivalent"}
HOST_TESTS = ("context", "contract", "contents", "runtime", "threads", "mma-layouts")
UNMUTATED = "--unmutated" in sys.argv
TEST_SECONDS = 240  # of the processor: a mutant that makes a kernel run for ever is caught by that, wherever else the machine is busy
WAITING = 8  # as many times as long by the clock: by that one that waits for ever


@dataclass(frozen=True)
class Mutant:
    name: str
    kind: str
    file: str
    old: str
    new: str
    ops: tuple[str, ...]
    places: tuple[str, ...]
    tests: str
    host: tuple[str, ...]
    why: str
    equivalent: str


def read_mutants() -> list[Mutant]:
    found: dict[str, Mutant] = {}
    for path in sorted(HERE.glob("*.toml")):
        for t in tomllib.loads(path.read_text())["mutant"]:
            where = f"{path.name}: {t.get('name')}"
            if unknown := set(t) - FIELDS:
                sys.exit(f"{where}: unknown {', '.join(sorted(unknown))}")
            if missing := FIELDS - OPTIONAL - set(t):
                sys.exit(f"{where}: {', '.join(sorted(missing))} is missing")
            ops = tuple(t.get("op", ()))
            m = Mutant(t["name"], t["class"], t["file"], *t["edit"], ops, tuple(t["on"]),
                       t.get("tests", ":".join(f"{op}.*" for op in ops)), tuple(t.get("host", HOST_TESTS)), t["why"],
                       t.get("equivalent", ""))
            if m.name in found:
                sys.exit(f"{where}: the name is taken")
            if bad := set(m.places) - {"gen", "host", "cpu", "golden", *GPUS}:
                sys.exit(f"{where}: on {', '.join(bad)}: expected gen, host, cpu, golden or {', '.join(GPUS)}")
            if not ops and set(m.places) - {"gen", "host"}:
                sys.exit(f"{where}: op is missing")
            if bad := set(m.host) - set(HOST_TESTS):
                sys.exit(f"{where}: host: {', '.join(bad)}: expected {', '.join(HOST_TESTS)}")
            found[m.name] = m
    return list(found.values())


def stale(m: Mutant) -> str | None:
    """What keeps a mutant from being made."""
    path = ROOT / m.file
    if not path.exists():
        return f"{m.file} does not exist"
    count = path.read_text().count(m.old)
    return None if count == 1 and m.old != m.new else f"{m.file} has its text {count} times, expected once"


class Unfit(Exception):
    """What keeps a mutant from being judged: a fault of the mutant, not of the tests."""


class Copy:
    """The sources and builds of them without GPU code; that comes from BUILD, or is compiled from the mutated copy."""

    def __init__(self, folder: Path) -> None:
        # A build folder in the sources, as others have it: ccache then finds what they have compiled.
        self.source, self.kernels = folder, folder / "build-kernels"
        self.build, self.host_build = folder / "build", folder / "build-host"
        self.copy_sources()

    def copy_sources(self) -> None:
        """Only what differs is written, so that nothing else is built again, and a run that was cut short leaves no mutant."""
        wanted = set()
        for name in COPIED:
            top = ROOT / name
            for path in [top] if top.is_file() else top.rglob("*"):
                if path.is_file() and not {"target", "__pycache__"} & set(path.relative_to(ROOT).parts):
                    wanted.add(path.relative_to(ROOT))
        for path in sorted(wanted):
            to = self.source / path
            if not to.exists() or to.read_bytes() != (ROOT / path).read_bytes():
                to.parent.mkdir(parents=True, exist_ok=True)
                to.unlink(missing_ok=True)
                shutil.copy(ROOT / path, to)
        for name in COPIED:
            for path in (self.source / name).rglob("*"):
                if path.is_file() and path.relative_to(self.source) not in wanted:
                    path.unlink()

    @staticmethod
    def run(command: list, **more) -> None:
        done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False, **more)
        if done.returncode:
            raise RuntimeError("\n".join(done.stdout.splitlines()[-30:]))

    def make(self, place: str) -> None:
        """Brings up to date what a place runs. Only what was changed, or changed back, is compiled."""
        small = place in ("host", "gen")
        folder = self.host_build if small else self.build
        if not (folder / "build.ninja").exists():
            options = [f"-Dtargets={targets_built()[0]}", "-Dops=rmsnorm"] if small else ["-Dtargets=none"]
            self.run(["meson", "setup", folder, self.source, *options, "-Dexamples=false", "-Dbindings=false",
                      "-Demulator=disabled"])
        wanted = [self.library(folder)]
        if place == "host":  # with the fakes that they load
            wanted = [f for name in HOST_TESTS for f in self.made(folder, "executable", f"test-{name}")]
            wanted += self.made(folder, "shared module")
        elif place == "gen":
            wanted += self.made(folder, "static library", "core-objects")
        elif place != "golden":
            wanted += self.made(folder, "executable", "test-ops")
        self.run(["ninja", "-C", folder, *(path.relative_to(folder) for path in wanted)])

    @staticmethod
    def made(folder: Path, kind: str, name: str = "") -> list[Path]:
        """The files of a build's targets of a kind, or of the one that is named."""
        targets = json.loads((folder / "meson-info/intro-targets.json").read_text())
        return [Path(t["filename"][0]) for t in targets if t["type"] == kind and name in ("", t["name"])]

    def library(self, folder: Path) -> Path:
        return self.made(folder, "shared library", "hipinfer")[0]

    def kernels_for(self, m: Mutant, gpu: str) -> Path:
        """BUILD's code objects, unless the mutant changes what is compiled into them."""
        if m.file.endswith(".cpp") or m.file.startswith(("src/core/", "src/runtime/")):
            return BUILD / "src/kernels"
        target = CODE_TARGET.get(gpu, gpu)
        plan = subprocess.run([sys.executable, self.source / "src/gen/generate.py", "--plan"], check=True, text=True,
                              stdout=subprocess.PIPE).stdout
        lines = [line.split() for line in plan.splitlines()]
        modules = [words[1] for words in lines if words[0] == "module" and not set(words[2].split(",")).isdisjoint(m.ops) and
                   any(pattern == "*" or target.startswith(pattern) for pattern in words[3:])]
        if not modules:
            raise Unfit(f"no module of {target} is of {', '.join(m.ops)}")
        with ThreadPoolExecutor(os.cpu_count()) as pool:
            objects = list(pool.map(lambda module: self.compile_module(module, target), modules))
        command = [sys.executable, ROOT / "src/gen/folder.py", "--out", self.kernels, "--target", target]
        for module, path in zip(modules, objects):
            command += ["--object", f"{target}/{module}={path}"]
        self.run(command)
        return self.kernels

    def compile_module(self, module: str, target: str) -> Path:
        """As BUILD compiles it, from this copy's sources and generated instances."""
        wanted = f"src/{module}.{target}.hsaco"
        lines = subprocess.run(["ninja", "-C", BUILD, "-t", "commands", "-s", wanted], check=True, capture_output=True, text=True)
        words = lines.stdout.strip().splitlines()[-1].split()
        output = self.build / f"{module}.{target}.hsaco"
        at = words.index("-o")
        words[at + 1] = str(output)
        for n, word in enumerate(words):
            if word.endswith(f"/{module}.hip"):
                words[n] = str(self.build / f"src/gen/{module}.hip")
            elif word.startswith("-I"):
                words[n] = f"-I{self.source / 'src'}"
            elif words[n - 1] == "-Xclang" and words[n - 3:n - 1] == ["-Xclang", "-dependency-file"]:
                words[n] = str(self.build / f"{module}.d")
        self.run(words, cwd=BUILD)
        return output


def targets_built() -> list[str]:
    """The AMD targets of BUILD."""
    folders = {Path(entry["file"]).parent.name for entry in json.loads((BUILD / "src/kernels/manifest.json").read_text())["files"]}
    return sorted(name for name in folders if name.startswith("gfx"))


def commands_of(m: Mutant, copy: Copy, place: str) -> list[tuple[list, dict[str, str]]]:
    """The tests of one place, each with what it needs of the environment."""
    if place == "gen":
        return [([sys.executable, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", copy.source / "tests/gen"],
                 {"HIPINFER_CORE_OBJECTS": str(copy.host_build / "tests/libcore-objects.a"),
                  "HIPINFER_LIBRARY": str(copy.library(copy.host_build)),
                  "PYTHONPATH": str(copy.source / "bindings/python")})]
    if place == "host":
        return [([copy.host_build / f"tests/test-{name}", "--gtest_brief=1", "--gtest_fail_fast"], {}) for name in m.host]
    needed = {"HIPINFER_LIBRARY": str(copy.library(copy.build)), "HIPINFER_TEST_QUICK": "1"}
    if place == "golden":
        wanted = " or ".join(f"[{op}-" for op in m.ops)
        return [([sys.executable, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider",
                  copy.source / "tests/golden/test_golden.py", "-k", wanted],
                 needed | {"PYTHONPATH": str(copy.source / "bindings/python"), "HIPINFER_SOURCE": str(copy.source),
                           "HIPINFER_DEVICE": "cpu"})]
    if place == "cpu":
        needed |= {"HIPINFER_TEST_DEVICES": "cpu"}
    else:
        needed |= {"HIPINFER_KERNEL_PATH": str(copy.kernels_for(m, place)), "HIPEMU_TARGET": place,
                   "HIPINFER_HIP_LIBRARY": os.environ["HIPEMU_LIBRARY"], "HIPINFER_TEST_DEVICES": "hip:0"}
    return [([copy.build / "tests/test-ops", f"--gtest_filter={m.tests}", "--gtest_brief=1", "--gtest_fail_fast"], needed)]


def limit_processor() -> None:
    resource.setrlimit(resource.RLIMIT_CPU, (TEST_SECONDS, TEST_SECONDS + 10))


def caught(m: Mutant, commands: list[tuple[list, dict[str, str]]], place: str) -> str | None:
    """What the first failing test says; None if all pass."""
    for command, needed in commands:
        try:
            done = subprocess.run(command, env=os.environ | needed, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                                  check=False, timeout=WAITING * TEST_SECONDS, preexec_fn=limit_processor)
        except subprocess.TimeoutExpired:
            return f"{place}: no end within {WAITING * TEST_SECONDS} s"
        if done.returncode == -signal.SIGXCPU:
            return f"{place}: no end within {TEST_SECONDS} s of the processor"
        if place in ("golden", "gen") and done.returncode not in (0, 1):
            raise Unfit(f"pytest ended with {done.returncode}:\n{done.stdout[-2000:]}")
        if done.returncode == 0:
            if " 0 tests from 0 test" in done.stdout:
                raise Unfit(f"no test is named {m.tests}")
            continue
        lines = done.stdout.splitlines()
        said = [line for words in ("E  ", ", expected ", "ailure", "Error") for line in lines if words in line]
        return f"{place}: {(said or lines or ['crashed'])[0].removeprefix('E ').strip()[:160]}"
    return None


def check_places(mutants: list[Mutant], copy: Copy) -> None:
    """The first tests of each place pass without a mutant, or all would seem to be caught. (That all of them pass is what the
    rest of the suite is for; --unmutated runs them here.)"""
    for place in dict.fromkeys(place for m in mutants for place in m.places):
        m = next(m for m in mutants if place in m.places)
        copy.make(place)
        if said := caught(m, commands_of(m, copy, place), place):
            sys.exit(f"without a mutant, {m.name}'s tests fail: {said}")


def try_mutant(m: Mutant, copy: Copy) -> str | None:
    if "gen" in m.places:
        copy.make("gen")  # of the core as it is: only the generator is another
    path = copy.source / m.file
    text = path.read_text()
    if not UNMUTATED:
        path.write_text(text.replace(m.old, m.new))
    try:
        for place in m.places:
            try:
                if place != "gen":
                    copy.make(place)
                commands = commands_of(m, copy, place)
            except RuntimeError as e:
                raise Unfit(f"does not compile:\n{e}") from None
            if said := caught(m, commands, place):
                return said
        return None
    finally:
        path.write_text(text)


def copies(count: int, mutants: list[Mutant]) -> queue.SimpleQueue[Copy]:
    found: queue.SimpleQueue[Copy] = queue.SimpleQueue()
    for n in range(count):
        found.put(Copy(Path(f"{BUILD}-mutants", str(n))))
        if n == 0:
            first = found.get()
            check_places(mutants, first)
            found.put(first)
    return found


def run_next(m: Mutant, free: queue.SimpleQueue[Copy]) -> tuple[Mutant, str | None, bool, float]:
    """The mutant, what is said of it, whether that is as it should be, and the seconds it took."""
    copy = free.get()
    started = time.monotonic()
    try:
        said = try_mutant(m, copy)
        # A mutant that changes nothing must survive, else it is not what it says.
        good = (said is None) == (UNMUTATED or bool(m.equivalent))
        said = said or ("passes" if UNMUTATED else f"survives: {m.equivalent}" if m.equivalent else f"NOT CAUGHT: {m.why}")
    except Unfit as e:
        said, good = f"UNFIT: {e}", False
    finally:
        free.put(copy)
    return m, said, good, time.monotonic() - started


def show_table(results: list[tuple[Mutant, bool]]) -> None:
    """Caught and all, by class; mutants that change nothing count for neither."""
    for kind in dict.fromkeys(m.kind for m, _ in results):
        counted = [good for m, good in results if m.kind == kind and not m.equivalent]
        print(f"  {kind:28} {sum(counted):3} of {len(counted)}")


def own_folder() -> None:
    """The copies are written and cleaned: never in a folder of somebody else's. The stamp is that of tools/environment.sh."""
    folder, mark = Path(f"{BUILD}-mutants"), "hipinfer build folder: mutants\n"
    stamp = folder / ".options"
    if folder.exists() and any(folder.iterdir()) and not (stamp.is_file() and stamp.read_text() == mark):
        sys.exit(f"run.py: {folder} is there already, and not of run.py's making: delete it yourself")
    folder.mkdir(parents=True, exist_ok=True)
    stamp.write_text(mark)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*", metavar="NAME")
    parser.add_argument("--sample", type=int, metavar="N")
    parser.add_argument("--seed", type=int, default=int(time.time() // 86400), help="of the sample (default: the day)")
    parser.add_argument("--unmutated", action="store_true")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--list", action="store_true")
    parser.add_argument("--check", action="store_true")
    args = parser.parse_args()
    mutants = read_mutants()
    if args.names:
        mutants = [m for m in mutants if m.name.startswith(tuple(args.names))] or sys.exit("no mutant has that name")
    if gone := [f"{m.name}: {what}" for m in mutants if (what := stale(m))]:
        print("\n".join(gone))
        print(f"{len(mutants) - len(gone)} passed, {len(gone)} failed")
        return 1
    if args.list:
        for m in sorted(mutants, key=lambda m: m.kind):
            print(f"{m.kind:28} {m.name:40} {m.why}")
    if args.list or args.check:
        print(f"{len(mutants)} passed, 0 failed")
        return 0
    if not Path(os.environ.get("HIPEMU_LIBRARY", "")).is_file():
        sys.exit("run.py: HIPEMU_LIBRARY must name libhipemu.so, on which kernels run")
    if not (BUILD / "src/kernels/manifest.json").is_file():
        sys.exit(f"run.py: {BUILD} has no folder of kernels: HIPINFER_BUILD must name a build with -Dkernel_folder=true")
    own_folder()
    if args.unmutated:
        mutants = list({(m.places, m.tests, m.ops, m.host): m for m in mutants}.values())
    if args.sample:
        mutants = random.Random(args.seed).sample(mutants, min(args.sample, len(mutants)))
        print(f"sample of {len(mutants)}, --seed {args.seed}")
    results: list[tuple[Mutant, bool]] = []
    with ThreadPoolExecutor(args.jobs) as pool:
        for m, said, good, seconds in pool.map(run_next, mutants, [copies(args.jobs, mutants)] * len(mutants)):
            results.append((m, good))
            print(f"[{len(results)}/{len(mutants)}] {m.name}: {said} ({seconds:.0f} s)", flush=True)
    show_table(results)
    wrong = sum(not good for _, good in results)
    print(f"{len(mutants) - wrong} passed, {wrong} failed")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
