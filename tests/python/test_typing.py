# SPDX-License-Identifier: Apache-2.0
"""What a type checker sees: the names that are there, and no others."""

import os
import re
import subprocess
import sys

import pytest
from conftest import ROOT

pytest.importorskip("mypy")

PROGRAM = """
import hipinfer
import hipinfer.flashinfer.norm
hipinfer.nosuch  # error
hipinfer.flashinfer.nosuch  # error
hipinfer.flashinfer.norm.nosuch  # error
hipinfer.flashinfer.norm.rmsnorm_fp4quant  # error: refuses to be called
hipinfer.flashinfer.xqa  # error: of that module nothing is there
hipinfer.torch.nosuch  # error
hipinfer.rmsnorm(1, 2, 3, no_such_option=4)  # error
hipinfer.rmsnorm
hipinfer.torch.rmsnorm
hipinfer.flashinfer.rmsnorm
hipinfer.flashinfer.norm.rmsnorm
hipinfer.flashinfer.install
hipinfer.Context("cpu").target
"""


def test_names_that_do_not_exist_are_errors(tmp_path):
    program = tmp_path / "program.py"
    program.write_text(PROGRAM)
    done = subprocess.run([sys.executable, "-m", "mypy", "--cache-dir", tmp_path / "cache", "--ignore-missing-imports", program],
                          capture_output=True, text=True, cwd=tmp_path, env={**os.environ, "MYPYPATH": str(ROOT / "bindings/python")})
    wrong = {int(n) for n in re.findall(r"program\.py:(\d+): error", done.stdout)}
    lines = PROGRAM.splitlines()
    assert wrong == {i + 1 for i, line in enumerate(lines) if "# error" in line}, done.stdout + done.stderr
    assert not re.search(r"^(?!program).*: error", done.stdout, re.M), done.stdout  # the package itself is clean
