# SPDX-License-Identifier: Apache-2.0
"""The examples in other languages, each a program that checks its own numbers on every device there is. Whether these checks see a
NaN is tested, too, of all examples and of what tools/release runs."""

import importlib.util
import itertools
import os
import re
import shlex
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


def run(command, cwd=None, **environment):
    return subprocess.run([str(word) for word in command], cwd=cwd, env={**os.environ, **environment}, capture_output=True, text=True)


def build(command, cwd=None, **environment):
    done = run(command, cwd, **environment)
    assert done.returncode == 0, done.stdout + done.stderr


def check(command):
    done = run(command)
    out = done.stdout + done.stderr
    assert done.returncode == 0, out
    for op in ("rmsnorm", "paged_attention_decode"):
        assert len(re.findall(rf"^{op}/\w+: largest error", out, re.M)) == len(DEVICES), out
        assert f"{op}/cpu: largest error" in out
    return out


# Goes between a program and the library. One copy from the device, which one HIPINFER_SPOILT_COPY says, gets a NaN as its first number.
SPOILER = r"""
#include <dlfcn.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "hipinfer/hipinfer.h"

static struct { char* at; size_t bytes; } device[1000];
static int allocations, copies;

static void* real(const char* name) { return dlsym(dlopen(getenv("HIPINFER_SPOILT_LIBRARY"), RTLD_NOW), name); }
#define REAL(function) ((__typeof__(function)*)real(#function))

hipinfer_status hipinfer_malloc(hipinfer_context context, size_t bytes, void** pointer) {
  const hipinfer_status status = REAL(hipinfer_malloc)(context, bytes, pointer);
  if (allocations == sizeof device / sizeof *device) abort();
  if (status == HIPINFER_STATUS_OK) device[allocations].at = *pointer, device[allocations++].bytes = bytes;
  return status;
}

hipinfer_status hipinfer_free(hipinfer_context context, void* pointer) {
  for (int i = 0; i < allocations; ++i) {
    if (device[i].at == pointer) device[i] = device[--allocations];
  }
  return REAL(hipinfer_free)(context, pointer);
}

hipinfer_status hipinfer_memcpy_async(hipinfer_context context, void* to, const void* from, size_t bytes, hipinfer_stream stream) {
  hipinfer_status status = REAL(hipinfer_memcpy_async)(context, to, from, bytes, stream);
  for (int i = 0; i < allocations; ++i) {
    if ((char*)to >= device[i].at && (char*)to < device[i].at + device[i].bytes) return status;
  }
  if (copies++ != atoi(getenv("HIPINFER_SPOILT_COPY")) || status != HIPINFER_STATUS_OK) return status;
  status = hipinfer_stream_synchronize(context, stream);
  *(float*)to = NAN;
  fputs("spoilt\n", stderr);
  return status;
}
"""


@pytest.fixture(scope="module")
def spoiler(tmp_path_factory):
    made = tmp_path_factory.mktemp("spoiler") / "libspoiler.so"
    source = made.with_suffix(".c")
    source.write_text(SPOILER)
    build([os.environ.get("CC", "cc"), "-shared", "-fPIC", f"-I{ROOT / 'include'}", source, "-Wl,--no-as-needed", library(),
           f"-Wl,-rpath,{library().parent}", "-ldl", "-o", made])
    return made


def check_notices_a_nan(command, **environment):
    """Each copy from the device is spoilt in a run of its own, and each such run fails."""
    for copy in itertools.count():
        done = run(command, HIPINFER_SPOILT_LIBRARY=str(library()), HIPINFER_SPOILT_COPY=str(copy), **environment)
        out = done.stdout + done.stderr
        if "spoilt" not in done.stderr:
            assert done.returncode == 0 and copy > 0, out
            return
        assert done.returncode != 0, f"copy {copy} was spoilt: {out}"


LINKED = ["examples/c/rmsnorm.c", "examples/cpp/attention.cpp", "examples/cpp/decode_layer.cpp", "tests/release/decode.c"]


@pytest.mark.parametrize("source", LINKED)
def test_a_nan_fails_a_linked_program(source, spoiler, tmp_path):
    compiler = [os.environ.get("CC", "cc"), "-std=c99"] if source.endswith(".c") else [os.environ.get("CXX", "c++"), "-std=c++17"]
    program = tmp_path / "program"
    build([*compiler, f"-I{ROOT / 'include'}", ROOT / source, library(), f"-Wl,-rpath,{library().parent}", "-lm", "-o", program])
    check_notices_a_nan([program], LD_PRELOAD=str(spoiler))


# On the CPU nothing is copied, so this comes in between in Python.
SPOILING_PYTHON = """
import itertools, os, runpy, sys
import hipinfer
count, numpy = itertools.count(), hipinfer.Tensor.numpy
def spoilt(array):
    values = numpy(array)
    if next(count) == int(os.environ["HIPINFER_SPOILT_COPY"]):
        values.flat[0] = float("nan")
        print("spoilt", file=sys.stderr)
    return values
hipinfer.Tensor.numpy = spoilt
sys.argv = sys.argv[1:]
runpy.run_path(sys.argv[0])
"""


def test_a_nan_fails_the_decode_step_of_the_python_package():
    check_notices_a_nan([sys.executable, "-c", SPOILING_PYTHON, ROOT / "tests/release/decode.py", "cpu"],
                        PYTHONPATH=str(ROOT / "bindings/python"))


def test_c_with_nothing_but_dlopen(spoiler, tmp_path):
    program = tmp_path / "dlopen"
    build([os.environ.get("CC", "cc"), "-std=c99", "-pedantic", "-Wall", "-Wextra", "-Werror", f"-I{ROOT / 'include'}",
           EXAMPLES / "c/dlopen.c", "-ldl", "-lm", "-o", program])
    check([program, library()])
    check_notices_a_nan([program, spoiler])
    # The program starts without the library, and says what it misses.
    done = subprocess.run([program, tmp_path / "none.so"], capture_output=True, text=True)
    assert done.returncode == 1 and "none.so" in done.stderr


def test_go_without_cgo(spoiler, tmp_path):
    go = shutil.which("go") or pytest.skip("left out: the example in Go: there is no go")
    version = re.search(r"go1\.(\d+)", subprocess.run([go, "version"], capture_output=True, text=True, check=True).stdout)
    if version and int(version[1]) < 18:
        pytest.skip("left out: the example in Go: go is older than 1.18")
    program = tmp_path / "go-example"
    build([go, "build", "-o", program, "."], cwd=EXAMPLES / "go", CGO_ENABLED="0", GOFLAGS="-mod=readonly")
    check([program, library()])
    check_notices_a_nan([program, spoiler])


def zig():
    if said := os.environ.get("HIPINFER_ZIG"):
        return shlex.split(said)
    if found := shutil.which("zig"):
        return [found]
    if importlib.util.find_spec("ziglang"):
        return [sys.executable, "-m", "ziglang"]
    pytest.skip("left out: the example in Zig: there is no zig; pip install ziglang brings it")


def test_zig_may_be_in_a_folder_with_a_space(tmp_path, monkeypatch):
    python = tmp_path / "my clone/.venv/bin/python"
    quoted = run(["bash", "-c", 'printf %q "$1"', "bash", python]).stdout  # as tools/test
    monkeypatch.setenv("HIPINFER_ZIG", f"{quoted} -m ziglang")
    assert zig() == [str(python), "-m", "ziglang"]


def test_zig(spoiler, tmp_path):
    command, caches = zig(), {f"ZIG_{kind}_CACHE_DIR": str(tmp_path / "cache") for kind in ("GLOBAL", "LOCAL")}
    version = subprocess.run([*command, "version"], capture_output=True, text=True, check=True).stdout.strip()
    if tuple(map(int, version.split(".")[:2])) < (0, 17):
        pytest.skip(f"left out: the example in Zig: it is written for 0.17, and zig is {version}")
    (tmp_path / "libhipinfer.so").symlink_to(library())
    program = tmp_path / "zig-example"
    build([*command, "build-exe", EXAMPLES / "zig/main.zig", "-lc", f"-L{tmp_path}", "-lhipinfer", "-rpath", library().parent,
           f"-femit-bin={program}"], **caches)
    check([program])
    check_notices_a_nan([program], LD_PRELOAD=str(spoiler))


def test_the_list_of_examples_is_whole():
    listed = set(re.findall(r"\]\(([^)#:]+)\)", (EXAMPLES / "README.md").read_text()))
    there = {f"{p.parent.name}/{p.name}" for p in EXAMPLES.glob("*/*") if p.suffix in (".c", ".cpp", ".go", ".zig")}
    assert there <= listed and all((EXAMPLES / path).exists() for path in listed)
