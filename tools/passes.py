#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Remembers which tests have passed, so that tools/test runs on emulated GPUs only what could have changed.

  passes.py ops --build FOLDER [--gpu GPU --emulator FILE]   test-ops, an operation (a GoogleTest suite) a process
  passes.py key FILE...         a hash of files and folders; the words after --word are hashed as they are
  passes.py recall KEY          prints how many tests passed and were skipped under KEY, and the notes; fails if none
  passes.py store KEY N N NOTE... remembers that N tests passed and N were skipped
  passes.py forget              forgets everything

A pass is a file in HIPINFER_TEST_CACHE (default: hipinfer/passes in XDG_CACHE_HOME or ~/.cache). Its name is the hash of all
that the result depends on: for an operation on a GPU its test, the harness, the host code without that of other operations,
the code objects of that GPU that the operation launches, the emulator, LLVM's decoder, and the environment. What cannot be
told apart is part of every hash: a test too many is run rather than one too few.
"""

from __future__ import annotations

import argparse
import ctypes
import hashlib
import json
import os
import re
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
CODE_TARGET = {"gfx1100": "gfx11-generic", "gfx1201": "gfx12-generic"}
KEPT_FOR = 60 * 86400  # seconds since a pass was last used


# The passes

def store_folder() -> Path:
    if chosen := os.environ.get("HIPINFER_TEST_CACHE"):
        return Path(chosen)
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache", "hipinfer/passes")


def recall(key: str) -> tuple[int, int] | None:
    """Tests that passed, and that were skipped."""
    path = store_folder() / key
    try:
        words = path.read_text().split()
        path.touch()
        return int(words[0]), int(words[1])
    except (OSError, ValueError, IndexError):
        return None


def store(key: str, passed: int, skipped: int, notes: list[str] = ()) -> None:
    """`notes`: what the run said that it left out."""
    folder = store_folder()
    folder.mkdir(parents=True, exist_ok=True)
    whole = folder / f".{key}.{os.getpid()}"
    whole.write_text("".join(f"{line}\n" for line in [f"{passed} {skipped}", *notes]))
    whole.replace(folder / key)


def forget(older_than: float = -1) -> None:
    for path in store_folder().glob("*"):
        if re.fullmatch(r"\.?[0-9a-f]{64}(\.\d+)?", path.name) and time.time() - path.stat().st_mtime > older_than:
            path.unlink(missing_ok=True)


# Hashes

def sha(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def hash_files(paths: list[Path], words: list[str] = ()) -> str:
    """Of names and contents. A folder stands for the files below it; a file that is missing is an error."""
    digest = hashlib.sha256()
    for word in words:
        digest.update(f"word {word}\n".encode())
    for path in paths:
        files = sorted(p for p in path.rglob("*") if p.is_file()) if path.is_dir() else [path]
        for file in files:
            if "__pycache__" in file.parts or ".pytest_cache" in file.parts:
                continue
            name = file.relative_to(ROOT if file.is_relative_to(ROOT) else path.parent)
            digest.update(f"file {name} {sha(file.read_bytes())}\n".encode())
    return digest.hexdigest()


def environment_words() -> list[str]:
    """Variables that tests, the library and the emulator read, and the processor, by which libm chooses its functions. Paths are
    left out: what they name is hashed by contents."""
    paths = ("HIPINFER_TEST_CACHE", "HIPINFER_LIBRARY", "HIPINFER_LAYOUT", "HIPINFER_SOURCE", "HIPINFER_BUILD", "HIPINFER_HIP_LIBRARY",
             "HIPEMU_LIBRARY", "HIPINFER_KERNELS")
    try:
        about = re.findall(r"^(?:model name|flags)\s*:.*$", Path("/proc/cpuinfo").read_text(), re.M)[:2]
    except OSError:
        about = []
    return [f"{os.cpu_count()} processors", *about,
            *(f"{name}={value}" for name, value in sorted(os.environ.items())
              if name.startswith(("HIPINFER_", "HIPEMU_", "GTEST_", "ASAN_", "UBSAN_")) and name not in paths)]


def shared_objects(library: Path) -> list[Path]:
    """What the loader takes for a library or program, itself first."""
    lines = subprocess.run(["ldd", library], check=True, capture_output=True, text=True).stdout
    return [library, *sorted(Path(p) for p in re.findall(r"=> (/\S+)", lines))]


# The operations' tests

@dataclass
class Object:
    """An object file: what it defines for others, what it needs of them, and the tests in it."""
    path: Path
    defined: set[str] = field(default_factory=set)
    undefined: set[str] = field(default_factory=set)
    tests: set[str] = field(default_factory=set)  # suite_test of each
    hash: str = ""


def read_objects(folder: Path) -> list[Object]:
    objects = {p.name: Object(p, hash=sha(p.read_bytes())) for p in sorted(folder.glob("*.o"))}
    if not objects:
        raise SystemExit(f"passes.py: there are no object files in {folder}")
    names = subprocess.run(["nm", "-A", "-P", *(str(o.path) for o in objects.values())], check=True, capture_output=True, text=True)
    for line in names.stdout.splitlines():
        file, _, rest = line.partition(": ")
        name, kind = rest.split()[:2]
        o = objects[Path(file).name]
        (o.undefined if kind in "Uwv" else o.defined).add(name)
        if m := re.search(r"\d([A-Za-z]\w*)_Test8TestBodyEv$", name):
            o.tests.add(m[1])
    return list(objects.values())


def only(pattern: str, folder: Path) -> Path:
    found = sorted(folder.glob(pattern))
    if len(found) != 1:
        raise SystemExit(f"passes.py: {folder}/{pattern} should name one file, and names {len(found)}")
    return found[0]


def tests_of(program: Path) -> dict[str, list[str]]:
    """Suite to its tests."""
    environment = os.environ | {"HIPINFER_TEST_DEVICES": "cpu"}
    text = subprocess.run([program, "--gtest_list_tests"], check=True, capture_output=True, text=True, env=environment).stdout
    suites: dict[str, list[str]] = {}
    for line in text.splitlines():
        if m := re.match(r"(\S+)\.(\s*#.*)?$", line):
            current = suites.setdefault(m[1], [])
        elif m := re.match(r"  (\S+)", line):
            current.append(m[1])
    return suites


class Keys:
    """The hash of every suite of test-ops on one GPU, or on the CPU."""

    def __init__(self, build: Path, gpu: str, emulator: Path | None):
        self.build, self.gpu = build, gpu
        self.host = read_objects(only("src/libhipinfer.so*.p", build))
        self.tests = read_objects(build / "tests/test-ops.p")
        self.harness = read_objects(only("tests/libcheck.a.p", build))
        # The functions of operations, each with the modules of its kernels where a GPU runs them. A library with sanitizers
        # cannot be loaded here; it has no modules.
        declared = re.findall(r"\bhipinfer_(\w+)\(", (ROOT / "include/hipinfer/ops.h").read_text())
        self.modules: dict[str, set[str]] = {name: set() for name in declared}
        if gpu:
            self.library = ctypes.CDLL(str(build / "src/libhipinfer.so"))
            self.library.hipinfer_manifest.restype = ctypes.c_char_p
            for op in json.loads(self.library.hipinfer_manifest())["ops"]:
                self.modules[op["op"]] = {k["module"] for k in op["kernels"] if k.get("module")}
        loaded = [p for p in shared_objects(build / "tests/test-ops") if "libhipinfer" not in p.name and p.name != "test-ops"]
        loaded += shared_objects(emulator) if emulator else []
        loaded += sorted(Path("/usr/lib").glob("*/libgtest*.a"))  # linked into test-ops
        self.shared = [f"gpu {gpu}", *environment_words(), hash_files([Path(__file__), *dict.fromkeys(loaded)])]
        self.shared += [o.hash for o in self.harness]

    def code_object(self, module: str) -> bytes:
        data, size = ctypes.c_void_p(), ctypes.c_size_t()
        target = CODE_TARGET.get(self.gpu, self.gpu)
        if self.library.hipinfer_code_object(target.encode(), module.encode(), ctypes.byref(data), ctypes.byref(size)):
            return b"none"  # an operation may have no kernel for a target
        return ctypes.string_at(data, size.value)

    def called(self, objects: list[Object]) -> set[str]:
        return {op for op in self.modules if any(f"hipinfer_{op}" in o.undefined for o in objects)}

    def of(self, suite: str, tests: list[str]) -> str:
        """Raises nothing that it can include instead: a suite whose operations are not known depends on all of them."""
        names = {f"{suite}_{test}" for test in tests}
        own = [o for o in self.tests if o.tests & names]
        found = set().union(*(o.tests for o in own)) >= names
        own += [o for o in self.tests if not o.tests]  # it may serve every suite
        called = self.called(own + self.harness) | ({suite} & set(self.modules))
        if not called or not found:
            own, called = self.tests, set(self.modules)
        parts = [*self.shared, f"suite {suite}", *sorted(o.hash for o in own)]
        parts += sorted(o.hash for o in self.host_objects(called))
        if self.gpu:
            modules = sorted(set().union(*(self.modules[op] for op in called)))
            parts += [f"{module} {sha(self.code_object(module))}" for module in modules]
        return sha("\n".join(parts).encode())

    def host_objects(self, called: set[str]) -> list[Object]:
        """All but what serves other operations alone: the object that defines hipinfer_<operation>, and the objects of
        src/ops that it refers to, directly or not. The code objects, which are linked in, are looked at one by one."""
        objects = [o for o in self.host if not o.path.name.startswith("meson-generated_.._code_objects.")]
        entries = {op: [o for o in objects if f"hipinfer_{op}" in o.defined] for op in self.modules}
        rooms = {id(o): o for found in entries.values() for o in found} | {id(o): o for o in objects if o.path.name.startswith("ops_")}
        own = {id(o): o for op in called for o in entries[op]}
        waiting = list(own.values())
        while waiting:
            one = waiting.pop()
            for o in rooms.values():
                if id(o) not in own and not one.undefined.isdisjoint(o.defined):
                    own[id(o)] = o
                    waiting.append(o)
        # An operation without an object that is found by its function, and an object of src/ops that none leads to.
        if not all(entries[op] for op in called):
            return objects
        led_to = set().union(*(o.undefined for o in rooms.values()))
        return [o for o in objects if id(o) not in rooms or id(o) in own or
                (o.path.name.startswith("ops_") and o.defined.isdisjoint(led_to))]


@dataclass
class Outcome:
    passed: int = 0
    failed: int = 0
    skipped: int = 0
    seconds: float = 0
    text: str = ""


def run_suite(program: Path, suite: str, tests: list[str]) -> Outcome:
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "report.json"
        start = time.monotonic()
        done = subprocess.run([program, f"--gtest_filter={suite}.*", "--gtest_brief=1", f"--gtest_output=json:{report}"],
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace")
        outcome = Outcome(seconds=time.monotonic() - start, text=done.stdout)
        try:
            ran = [t for s in json.loads(report.read_text())["testsuites"] for t in s["testsuite"] if t["status"] == "RUN"]
        except (OSError, ValueError):
            ran = []  # it crashed
        outcome.failed = sum("failures" in t for t in ran)
        outcome.skipped = sum("failures" not in t and t["result"] == "SKIPPED" for t in ran)
        outcome.passed = len(ran) - outcome.failed - outcome.skipped
        missing = len(tests) - len(ran)
        if missing or (done.returncode and not outcome.failed):
            outcome.failed += max(missing, 1)
            outcome.text += f"\n{suite}: exit status {done.returncode}, {missing} of {len(tests)} tests gave no result\n"
        return outcome


def command_ops(args: argparse.Namespace) -> int:
    if args.gpu:
        os.environ |= {"HIPEMU_TARGET": args.gpu, "HIPINFER_HIP_LIBRARY": str(args.emulator), "HIPINFER_TEST_DEVICES": "hip:0"}
    else:
        os.environ["HIPINFER_TEST_DEVICES"] = "cpu"
    program = args.build / "tests/test-ops"
    suites = tests_of(program)
    if not suites:
        raise SystemExit("passes.py: test-ops has no tests")
    keys = Keys(args.build, args.gpu, args.emulator if args.gpu else None)
    known = {suite: keys.of(suite, tests) for suite, tests in suites.items()}
    total, remembered = Outcome(), 0
    waiting = []
    for suite, tests in suites.items():
        if found := recall(known[suite]):
            total.passed, total.skipped, remembered = total.passed + found[0], total.skipped + found[1], remembered + found[0]
        else:
            waiting.append((suite, tests))
    # The slowest first, by what they took last time; else those with the most tests.
    times_file = store_folder() / f"seconds-{args.gpu or 'cpu'}"
    try:
        times = json.loads(times_file.read_text())
    except (OSError, ValueError):
        times = {}
    waiting.sort(key=lambda w: (-times.get(w[0], 1e9), -len(w[1])))
    # Tests that need many gigabytes go one at a time.
    workers = 1 if os.environ.get("HIPINFER_TEST_LARGE") else max(1, min(os.cpu_count() or 1, 8))
    with ThreadPoolExecutor(workers) as pool:
        for (suite, _), outcome in zip(waiting, pool.map(lambda w: run_suite(program, *w), waiting)):
            print(f"{suite}: {outcome.passed} of {len(suites[suite])} in {outcome.seconds:.1f} s", flush=True)
            if outcome.failed:
                print(outcome.text, flush=True)
            else:
                store(known[suite], outcome.passed, outcome.skipped)
            times[suite] = round(outcome.seconds, 1)
            total.passed, total.failed = total.passed + outcome.passed, total.failed + outcome.failed
            total.skipped += outcome.skipped
    if waiting:
        times_file.parent.mkdir(parents=True, exist_ok=True)
        times_file.write_text(json.dumps(times))
    print(f"{total.passed} passed, {total.failed} failed, {total.skipped} skipped, {remembered} remembered")
    return int(total.failed > 0)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(required=True, dest="command")
    ops = commands.add_parser("ops")
    ops.add_argument("--build", type=Path, required=True)
    ops.add_argument("--gpu", default="")
    ops.add_argument("--emulator", type=Path)
    key = commands.add_parser("key")
    key.add_argument("--word", action="append", default=[])
    key.add_argument("--loads", type=Path, action="append", default=[], help="a library or program, with what it loads")
    key.add_argument("files", type=Path, nargs="*")
    commands.add_parser("recall").add_argument("key")
    stored = commands.add_parser("store")
    stored.add_argument("key")
    stored.add_argument("passed", type=int)
    stored.add_argument("skipped", type=int)
    stored.add_argument("notes", nargs="*")
    commands.add_parser("forget")
    commands.add_parser("prune")
    args = parser.parse_args()
    if args.command == "ops":
        if bool(args.gpu) != bool(args.emulator):
            parser.error("--gpu and --emulator go together")
        args.build = args.build.resolve()
        return command_ops(args)
    if args.command == "key":
        loaded = [p for one in args.loads for p in shared_objects(one)]
        print(hash_files(list(dict.fromkeys([*args.files, *loaded])), [*args.word, *environment_words()]))
    elif args.command == "recall":
        if recall(args.key) is None:
            return 1
        print((store_folder() / args.key).read_text(), end="")
    elif args.command == "store":
        store(args.key, args.passed, args.skipped, args.notes)
    else:
        forget(KEPT_FOR if args.command == "prune" else -1)
    return 0


if __name__ == "__main__":
    sys.exit(main())
