# SPDX-License-Identifier: Apache-2.0
"""benchmarks/amd: one small operation through the whole command. Triton takes a gigabyte, so nothing here installs it:
HIPEMU_TRITON_PYTHON names a Python that has benchmarks/amd/requirements.txt (default: this one)."""

import csv
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

RUN = Path(__file__).resolve().parents[2] / "benchmarks/amd/run.py"
PYTHON = os.environ.get("HIPEMU_TRITON_PYTHON", sys.executable)


def run(*options, **environment):
    return subprocess.run([PYTHON, RUN, *map(str, options)], env=os.environ | environment, text=True, capture_output=True)


@pytest.fixture(scope="module", autouse=True)
def requirements():
    needed = "import triton, numpy, ml_dtypes, matplotlib, msgpack, elftools"
    tried = subprocess.run([PYTHON, "-c", needed], text=True, capture_output=True)
    if tried.returncode:
        pytest.skip(f"{PYTHON}: {tried.stderr.strip().splitlines()[-1]}; HIPEMU_TRITON_PYTHON names a Python that has "
                    "benchmarks/amd/requirements.txt")
    for variable in ("HIPINFER_LIBRARY", "HIPEMU_LIBRARY"):
        if not os.environ.get(variable):
            pytest.skip(f"{variable} names no library")


@pytest.mark.parametrize("target", ["gfx942", "gfx1201"])
def test_an_operation(tmp_path, target):
    results, tables = tmp_path / "amd.csv", tmp_path / "amd.md"
    done = run("--targets", target, "--ops", "quantize_per_token", "--quick", "--csv", results, "--tables", tables, "--plots", tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "5 results right" in done.stdout  # ours, and four of Triton's
    rows = list(csv.DictReader(results.open()))
    assert [row["who"] for row in rows] == ["hipinfer", "triton"]
    for row in rows:
        assert float(row["time_us"]) > 0 and int(row["wave_instructions"]) > 0 and int(row["registers"]) > 0
        # Each input is read once, each output written once: no less can be accessed, and of this operation not much more.
        assert int(row["least_bytes"]) <= int(row["bytes_accessed"]) < 2 * int(row["least_bytes"])
    assert "A prediction of the emulator's time model, no measurement" in tables.read_text()
    assert (tmp_path / f"amd-{target}.svg").stat().st_size > 1000


def test_a_wrong_result_is_found(tmp_path):
    """Everything is compared with the oracle: one that is five per cent off disagrees with ours and with all of Triton's."""
    program = tmp_path / "off.py"
    program.write_text(f"""
import sys
sys.path.insert(0, {str(RUN.parent)!r})
import worker, ops.rows
right = ops.rows.normed
ops.rows.normed = lambda x, w: 1.05 * right(x, w)
worker.main()
""")
    environment = {"HIPEMU_TARGET": "gfx942", "HIPINFER_DEVICE": "hip", "HIPINFER_HIP_LIBRARY": os.environ["HIPEMU_LIBRARY"]}
    done = subprocess.run([PYTHON, program, "check", "gfx942", "rmsnorm", "[[2, 256]]"], env=os.environ | environment, text=True,
                          capture_output=True)
    assert done.returncode == 0, done.stderr
    checked = [json.loads(line) for line in done.stdout.splitlines()]
    assert len(checked) == 5 and all(1 < line["checked"]["error"] < 10 for line in checked)


@pytest.mark.parametrize("options, environment, message", [
    (["--ops", "rmsnom"], {}, "'rmsnom': expected targets of"),
    (["--targets", "gfx90"], {}, "'gfx90': expected targets of"),
    ([], {"HIPEMU_LIBRARY": "/nowhere"}, "HIPEMU_LIBRARY names no library: /nowhere")])
def test_what_is_refused(options, environment, message):
    done = run(*options, **environment)
    assert done.returncode and message in done.stderr
