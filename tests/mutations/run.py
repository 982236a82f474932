#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Puts plausible slips into a copy of the sources, one at a time, and sees that the tests catch each.

  run.py                   every mutant of *.toml beside this file
  run.py NAME...           those whose name begins with one of these
  run.py --sample N        N of them, chosen by the day (--seed replays a choice)
  run.py --list            the mutants, by class
  run.py --check           that every mutant's text still stands in the sources; builds and runs nothing

A mutant is a [[mutant]] table:
  name, class   what it is called, and what kind of slip it is
  file, edit    edit = [old, new]; old is an exact piece of the file, which stands there once
  op, tests     the operations whose tests are run, or in their place a filter of test-ops
  on            where, in this order until one catches it: "cpu", "golden" (tests/golden on the CPU), emulated GPUs
  why           what a user would have seen
  equivalent    why it changes nothing, for a mutant that no test can see

Needs HIPINFER_BUILD, a build folder with AMD targets, the emulator and a folder of kernels (as tools/test makes it), and
HIPEMU_LIBRARY. The copy is built beside it, in HIPINFER_BUILD-mutants.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import shutil
import subprocess
import sys
import time
import tomllib
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
BUILD = Path(os.environ.get("HIPINFER_BUILD", ROOT / "build-test")).resolve()
CODE_TARGET = {"gfx1100": "gfx11-generic", "gfx1201": "gfx12-generic"}
GPUS = ("gfx90a", "gfx942", "gfx950", "gfx1100", "gfx1201")
COPIED = ("include", "src", "tests", "bindings", "emulator", "examples", "tools", "meson.build", "meson_options.txt", "README.md")
FIELDS = {"name", "class", "file", "edit", "op", "on", "why", "tests", "equivalent"}
TEST_SECONDS = 240  # a mutant that makes a kernel run for ever is caught by that


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
    why: str
    equivalent: str


def read_mutants() -> list[Mutant]:
    found: dict[str, Mutant] = {}
    for path in sorted(HERE.glob("*.toml")):
        for t in tomllib.loads(path.read_text())["mutant"]:
            where = f"{path.name}: {t.get('name')}"
            if unknown := set(t) - FIELDS:
                sys.exit(f"{where}: unknown {', '.join(sorted(unknown))}")
            if missing := FIELDS - {"tests", "equivalent"} - set(t):
                sys.exit(f"{where}: {', '.join(sorted(missing))} is missing")
            m = Mutant(t["name"], t["class"], t["file"], *t["edit"], tuple(t["op"]), tuple(t["on"]),
                       t.get("tests", ":".join(f"{op}.*" for op in t["op"])), t["why"], t.get("equivalent", ""))
            if m.name in found:
                sys.exit(f"{where}: the name is taken")
            if bad := set(m.places) - {"cpu", "golden", *GPUS}:
                sys.exit(f"{where}: on {', '.join(bad)}: expected cpu, golden or {', '.join(GPUS)}")
            found[m.name] = m
    return list(found.values())


def stale(m: Mutant) -> str | None:
    """What keeps a mutant from being made."""
    path = ROOT / m.file
    if not path.exists():
        return f"{m.file} does not exist"
    count = path.read_text().count(m.old)
    return None if count == 1 and m.old != m.new else f"{m.file} has its text {count} times, expected once"


class Copy:
    """The sources and a build of them for the CPU; GPU code comes from BUILD, or is compiled from the mutated copy."""

    def __init__(self, folder: Path) -> None:
        self.source, self.build, self.kernels = folder / "source", folder / "build", folder / "kernels"
        folder.mkdir(parents=True, exist_ok=True)
        for name in COPIED:
            from_, to = ROOT / name, self.source / name
            if from_.is_dir():
                # Times are kept, so that a copy made again is not built again.
                shutil.copytree(from_, to, dirs_exist_ok=True, ignore=shutil.ignore_patterns("target", "__pycache__"))
            else:
                self.source.mkdir(exist_ok=True)
                shutil.copy2(from_, to)
        if not (self.build / "build.ninja").exists():
            self.run(["meson", "setup", self.build, self.source, "-Dtargets=none", "-Dexamples=false", "-Dbindings=false",
                      "-Demulator=disabled"])
        self.make()

    @staticmethod
    def run(command: list, **more) -> None:
        done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False, **more)
        if done.returncode:
            raise RuntimeError("\n".join(done.stdout.splitlines()[-30:]))

    def make(self) -> None:
        self.run(["ninja", "-C", self.build, "tests/test-ops", "src/libhipinfer.so.0"])

    def compile_kernels(self, m: Mutant, gpu: str) -> Path:
        """A folder of code objects in which those of the mutant's operations are compiled from the copy."""
        target = CODE_TARGET.get(gpu, gpu)
        objects = {}
        for entry in json.loads((BUILD / "src/kernels/manifest.json").read_text())["files"]:
            path = Path(entry["file"])
            if path.parent.name == target:
                objects[path.stem] = BUILD / "src/kernels" / path
        plan = subprocess.run([sys.executable, self.source / "src/gen/generate.py", "--plan"], check=True, text=True,
                              stdout=subprocess.PIPE).stdout
        for line in plan.splitlines():
            words = line.split()
            if words[0] == "module" and words[2] in m.ops and words[1] in objects:
                objects[words[1]] = self.compile_module(words[1], target)
        command = [sys.executable, ROOT / "src/gen/folder.py", "--out", self.kernels, "--target", target]
        for module, path in objects.items():
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
                words[n] = str(self.build / "mutant.d")
        self.run(words, cwd=BUILD)
        return output


def caught(m: Mutant, copy: Copy, place: str) -> str | None:
    """What the first failing test says; None if all pass."""
    environment = os.environ | {"HIPINFER_LIBRARY": str(copy.build / "src/libhipinfer.so.0"), "HIPINFER_TEST_QUICK": "1"}
    command = [copy.build / "tests/test-ops", f"--gtest_filter={m.tests}", "--gtest_brief=1", "--gtest_fail_fast"]
    if place == "golden":
        environment |= {"PYTHONPATH": str(copy.source / "bindings/python"), "HIPINFER_SOURCE": str(copy.source),
                        "HIPINFER_DEVICE": "cpu"}
        command = [sys.executable, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", copy.source / "tests/golden",
                   "-k", " or ".join(m.ops)]
    elif place == "cpu":
        environment |= {"HIPINFER_TEST_DEVICES": "cpu"}
    else:
        environment |= {"HIPINFER_KERNEL_PATH": str(copy.compile_kernels(m, place)), "HIPEMU_TARGET": place,
                        "HIPINFER_HIP_LIBRARY": os.environ["HIPEMU_LIBRARY"], "HIPINFER_TEST_DEVICES": "hip:0"}
    try:
        done = subprocess.run(command, env=environment, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False,
                              timeout=TEST_SECONDS)
    except subprocess.TimeoutExpired:
        return f"{place}: no end within {TEST_SECONDS} s"
    if done.returncode == 0:
        return None
    if place == "golden" and done.returncode != 1:
        raise RuntimeError(f"pytest ended with {done.returncode}:\n{done.stdout[-2000:]}")
    said = [line for line in done.stdout.splitlines() if "ailure" in line or "expected" in line or "Error" in line or "FAILED" in line]
    return f"{place}: {(said or done.stdout.splitlines() or ['crashed'])[0].strip()[:160]}"


def try_mutant(m: Mutant, copy: Copy) -> str | None:
    path = copy.source / m.file
    text = path.read_text()
    path.write_text(text.replace(m.old, m.new))
    try:
        try:
            copy.make()
        except RuntimeError as e:
            # A slip that does not compile is nobody's danger: the mutant itself is wrong.
            raise SystemExit(f"{m.name}: does not compile:\n{e}") from None
        for place in m.places:
            if said := caught(m, copy, place):
                return said
        return None
    finally:
        path.write_text(text)


def show_table(results: list[tuple[Mutant, str | None]]) -> None:
    """Caught and all, by class; mutants that change nothing count for neither."""
    for kind in dict.fromkeys(m.kind for m, _ in results):
        counted = [said for m, said in results if m.kind == kind and not m.equivalent]
        print(f"  {kind:28} {sum(s is not None for s in counted):3} of {len(counted)}")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*", metavar="NAME")
    parser.add_argument("--sample", type=int, metavar="N")
    parser.add_argument("--seed", type=int, default=int(time.time() // 86400), help="of the sample (default: the day)")
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
    if args.sample:
        mutants = random.Random(args.seed).sample(mutants, min(args.sample, len(mutants)))
        print(f"sample of {len(mutants)}, --seed {args.seed}")
    copy = Copy(Path(f"{BUILD}-mutants"))
    results, wrong = [], 0
    for n, m in enumerate(mutants, 1):
        started = time.monotonic()
        said = try_mutant(m, copy)
        # A mutant that changes nothing must survive, else it is not what it says.
        good = (said is None) == bool(m.equivalent)
        wrong += not good
        results.append((m, said))
        verdict = said or (f"survives: {m.equivalent}" if m.equivalent else "NOT CAUGHT: " + m.why)
        print(f"[{n}/{len(mutants)}] {m.name}: {verdict} ({time.monotonic() - started:.0f} s)", flush=True)
    copy.make()
    show_table(results)
    print(f"{len(mutants) - wrong} passed, {wrong} failed")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
