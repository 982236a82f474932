# SPDX-License-Identifier: Apache-2.0
"""The examples in other languages, each a program that checks its own numbers on every device there is."""

import importlib.util
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import DEVICES, ROOT

EXAMPLES = ROOT / "examples"


def library():
    path = os.environ.get("HIPINFER_LIBRARY") or pytest.skip("HIPINFER_LIBRARY does not say which library the programs shall take")
    return Path(path).resolve()


def build(command, cwd=None, **environment):
    done = subprocess.run([str(word) for word in command], cwd=cwd, env={**os.environ, **environment}, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


def check(command):
    done = subprocess.run([str(word) for word in command], capture_output=True, text=True)
    out = done.stdout + done.stderr
    assert done.returncode == 0, out
    for op in ("rmsnorm", "paged_attention_decode"):
        assert len(re.findall(rf"^{op}/\w+: largest error", out, re.M)) == len(DEVICES), out
        assert f"{op}/cpu: largest error" in out
    return out


def test_c_with_nothing_but_dlopen(tmp_path):
    program = tmp_path / "dlopen"
    build([os.environ.get("CC", "cc"), "-std=c99", "-pedantic", "-Wall", "-Wextra", "-Werror", f"-I{ROOT / 'include'}",
           EXAMPLES / "c/dlopen.c", "-ldl", "-lm", "-o", program])
    check([program, library()])
    # The program starts without the library, and says what it misses.
    done = subprocess.run([program, tmp_path / "none.so"], capture_output=True, text=True)
    assert done.returncode == 1 and "none.so" in done.stderr


def test_go_without_cgo(tmp_path):
    go = shutil.which("go") or pytest.skip("left out: the example in Go: there is no go")
    version = re.search(r"go1\.(\d+)", subprocess.run([go, "version"], capture_output=True, text=True, check=True).stdout)
    if version and int(version[1]) < 18:
        pytest.skip("left out: the example in Go: go is older than 1.18")
    program = tmp_path / "go-example"
    build([go, "build", "-o", program, "."], cwd=EXAMPLES / "go", CGO_ENABLED="0", GOFLAGS="-mod=readonly")
    check([program, library()])


def zig():
    if said := os.environ.get("HIPINFER_ZIG"):
        return said.split()
    if found := shutil.which("zig"):
        return [found]
    if importlib.util.find_spec("ziglang"):
        return [sys.executable, "-m", "ziglang"]
    pytest.skip("left out: the example in Zig: there is no zig; pip install ziglang brings it")


def test_zig(tmp_path):
    command, caches = zig(), {f"ZIG_{kind}_CACHE_DIR": str(tmp_path / "cache") for kind in ("GLOBAL", "LOCAL")}
    version = subprocess.run([*command, "version"], capture_output=True, text=True, check=True).stdout.strip()
    if tuple(map(int, version.split(".")[:2])) < (0, 17):
        pytest.skip(f"left out: the example in Zig: it is written for 0.17, and zig is {version}")
    (tmp_path / "libhipinfer.so").symlink_to(library())
    program = tmp_path / "zig-example"
    build([*command, "build-exe", EXAMPLES / "zig/main.zig", "-lc", f"-L{tmp_path}", "-lhipinfer", "-rpath", library().parent,
           f"-femit-bin={program}"], **caches)
    check([program])


def test_the_list_of_examples_is_whole():
    listed = set(re.findall(r"\]\(([^)#:]+)\)", (EXAMPLES / "README.md").read_text()))
    there = {f"{p.parent.name}/{p.name}" for p in EXAMPLES.glob("*/*") if p.suffix in (".c", ".cpp", ".go", ".zig")}
    assert there <= listed and all((EXAMPLES / path).exists() for path in listed)
