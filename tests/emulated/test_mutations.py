# SPDX-License-Identifier: Apache-2.0
"""Kernels broken on purpose: each break, of a kind that ships in real libraries, must fail an operation's own test.

Compiles a copy of the sources with one edit, serves it through HIPINFER_KERNEL_PATH, and runs the operation's tests on
the emulated GPU: first unbroken, then broken. Needs HIPINFER_BUILD, a build folder with all AMD targets.
"""

from __future__ import annotations

import json
import os
import shlex
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
BUILD = Path(os.environ.get("HIPINFER_BUILD", ROOT / "build-test"))
CODE_TARGET = {"gfx1100": "gfx11-generic", "gfx1201": "gfx12-generic"}


@dataclass(frozen=True)
class Mutation:
    name: str
    gpu: str
    module: str  # the kernel file that is compiled again
    tests: str  # of test-ops
    file: str  # below src/
    old: str
    new: str
    caught_by: str  # what the failing test says


MUTATIONS = [
    Mutation("matrix_lane_layout", "gfx942", "gemm_mma", "gemm.shapes", "device/arch/mfma.h",
             "int column(int lane, int e) { return lane / 16 * 4 + e; }",
             "int column(int lane, int e) { return lane / 16 + 4 * e; }", "expected"),
    Mutation("wave_size_64", "gfx1100", "softmax", "softmax.lengths", "device/reduce.h",
             "constexpr int waves = Threads / wave_size;", "constexpr int waves = Threads / 64;", "expected"),
    # A wave that runs ahead reads what no other wave has written yet, or overwrites what one has not read.
    Mutation("missing_barrier", "gfx950", "rmsnorm", "rmsnorm.*", "device/rows.h", "    block_barrier();\n", "",
             "race in LDS|undefined value"),
    Mutation("ragged_tail", "gfx1201", "softmax", "softmax.lengths", "ops/sampling/softmax.hip",
             "return at(slice) < n;", "return at(slice) <= n;", "damage|out of bounds|expected"),
    Mutation("fnuz_read_as_ocp", "gfx942", "cast", "cast.*", "device/arch/amdgcn.h",
             "constexpr fp8_encoding fp8_hardware = fp8_encoding::fnuz;",
             "constexpr fp8_encoding fp8_hardware = fp8_encoding::ocp;", "expected"),
    Mutation("lds_overrun", "gfx90a", "gemm_mma", "gemm.shapes", "ops/gemm/gemm_mma.hip",
             "const int at = (row + i * s::rows_apart) * s::pitch + k_inside;",
             "const int at = (row + 4096 + i * s::rows_apart) * s::pitch + k_inside;", "out of bounds"),
]


def compile_command(module: str, target: str) -> list[str]:
    """How the build compiles this kernel."""
    output = f"src/{module}.{target}.hsaco"
    lines = subprocess.run(["ninja", "-C", BUILD, "-t", "commands", "-s", output], check=True, capture_output=True, text=True)
    return shlex.split(lines.stdout.strip().splitlines()[-1])


def build(m: Mutation, broken: bool, folder: Path) -> Path:
    """A folder of code objects in which the mutation's module is compiled from the edited copy."""
    target = CODE_TARGET.get(m.gpu, m.gpu)
    source = folder / "src"
    shutil.copytree(ROOT / "src", source)
    if broken:
        edited = source / m.file
        text = edited.read_text()
        assert text.count(m.old) >= 1, f"{m.file} no longer has what this mutation replaces"
        edited.write_text(text.replace(m.old, m.new))
    output = folder / f"{m.module}.hsaco"
    command = compile_command(m.module, target)
    for n, word in enumerate(command):
        if word.endswith(f"/{m.module}.hip"):
            command[n] = str(next(source.glob(f"ops/*/{m.module}.hip")))
        elif word.startswith("-I"):
            command[n] = f"-I{source}"
        elif command[n - 1] == "-o":
            command[n] = str(output)
        elif command[n - 1] == "-dependency-file" or command[n - 2:n] == ["-dependency-file", "-Xclang"]:
            command[n] = str(folder / "depfile") if word != "-Xclang" else word
    subprocess.run(command, check=True, cwd=BUILD)
    kernels = BUILD / "src/kernels"
    objects = []
    for entry in json.loads((kernels / "manifest.json").read_text())["files"]:
        path = Path(entry["file"])
        if path.parent.name == target:
            chosen = output if path.stem == m.module else kernels / path
            objects += ["--object", f"{target}/{path.stem}={chosen}"]
    out = folder / "kernels"
    subprocess.run([sys.executable, ROOT / "src/gen/folder.py", "--out", out, "--target", target, *objects], check=True)
    return out


def run_tests(m: Mutation, kernels: Path) -> subprocess.CompletedProcess[str]:
    environment = os.environ | {
        "HIPINFER_KERNEL_PATH": str(kernels), "HIPINFER_HIP_LIBRARY": os.environ["HIPEMU_LIBRARY"], "HIPEMU_TARGET": m.gpu,
        "HIPINFER_TEST_DEVICES": "hip:0"}
    return subprocess.run([BUILD / "tests/test-ops", f"--gtest_filter={m.tests}", "--gtest_brief=1"], env=environment, text=True,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)


@pytest.mark.parametrize("m", MUTATIONS, ids=lambda m: m.name)
def test_mutation_is_caught(m: Mutation, tmp_path: Path) -> None:
    (tmp_path / "whole").mkdir()
    whole = run_tests(m, build(m, False, tmp_path / "whole"))
    assert whole.returncode == 0, whole.stdout[-4000:]
    (tmp_path / "broken").mkdir()
    broken = run_tests(m, build(m, True, tmp_path / "broken"))
    print(broken.stdout[-3000:])
    assert broken.returncode != 0, "no test failed"
    assert any(words in broken.stdout for words in m.caught_by.split("|")), broken.stdout[-4000:]
