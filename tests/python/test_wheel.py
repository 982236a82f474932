# SPDX-License-Identifier: Apache-2.0
"""The wheel carries its library and its tag, and works with nothing but NumPy beside it."""

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import numpy as np
import pytest
from conftest import ROOT

pytest.importorskip("setuptools", minversion="64")  # bindings/python/pyproject.toml says so
pytest.importorskip("pip")


def run(*command, **words):
    return subprocess.run([str(c) for c in command], capture_output=True, text=True, **words)


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    library = os.environ.get("HIPINFER_LIBRARY") or pytest.skip("HIPINFER_LIBRARY does not say which library to pack")
    out = tmp_path_factory.mktemp("dist")
    done = run(sys.executable, ROOT / "tools/build-wheel", "--no-isolation", "--library", library, "--out", out)
    assert done.returncode == 0, done.stderr
    path = Path(done.stdout.strip())
    assert path.exists()
    return path


def test_tag_and_contents(wheel):
    version, machine = (ROOT / "bindings/python/hipinfer/_abi.py").read_text(), os.uname().machine
    numbers = version.split("VERSION = (")[1].split(")")[0].replace(", ", ".")
    assert wheel.name == f"hipinfer-{numbers}-py3-none-linux_{machine}.whl"
    with zipfile.ZipFile(wheel) as z:
        names = set(z.namelist())
        about = z.read(f"hipinfer-{numbers}.dist-info/METADATA").decode()
        tags = z.read(f"hipinfer-{numbers}.dist-info/WHEEL").decode()
        commands = z.read(f"hipinfer-{numbers}.dist-info/entry_points.txt").decode()
    package = ROOT / "bindings/python/hipinfer"
    assert {f"hipinfer/{path.relative_to(package)}" for path in package.rglob("*") if path.suffix in (".py", ".csv", ".typed")} <= names
    assert "hipinfer/libhipinfer.so" in names and "hipinfer-selftest = hipinfer.selftest:main" in commands
    assert "Root-Is-Purelib: false" in tags and f"Tag: py3-none-linux_{machine}" in tags
    required = [line for line in about.splitlines() if line.startswith("Requires-Dist") and "extra" not in line]
    assert len(required) == 1 and "numpy" in required[0]


def test_an_installed_wheel_finds_its_own_library(wheel, tmp_path):
    site = tmp_path / "site"
    done = run(sys.executable, "-m", "pip", "install", "--no-deps", "--no-index", "--target", site, wheel)
    assert done.returncode == 0, done.stderr
    numpy_home = Path(np.__file__).parents[1]
    only = tmp_path / "only"
    only.mkdir()
    for part in numpy_home.glob("numpy*"):
        (only / part.name).symlink_to(part)
    code = ("import sys, numpy as np, hipinfer, hipinfer._library as l\n"
            "assert l.candidates()[0].startswith(sys.argv[1]), l.candidates()\n"
            "x = np.ones((2, 8), np.float32); hipinfer.rmsnorm(x, x, np.ones(8, np.float32))\n"
            "assert 'torch' not in sys.modules and 'ml_dtypes' not in sys.modules\n"
            "assert hipinfer.zeros(4, 'bf16', hipinfer.Context('cpu')).numpy().dtype == np.uint16\n"
            "print(x[0, 0], hipinfer.last_kernel())")
    environment = {k: v for k, v in os.environ.items() if k != "HIPINFER_LIBRARY"}
    done = run(sys.executable, "-S", "-c", code, site, cwd=tmp_path,
               env={**environment, "PYTHONPATH": f"{site}{os.pathsep}{only}"})
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("0.99999") and done.stdout.endswith("rmsnorm/cpu\n")
