# SPDX-License-Identifier: Apache-2.0
"""Where `meson install` puts the Python package: where this Python looks below the prefix, or nowhere."""

import os
import shutil
import subprocess
import sys

import pytest
from conftest import ROOT

pytestmark = pytest.mark.skipif(shutil.which("meson") is None, reason="needs meson")


def configured(build, prefix, path):
    """Nothing is compiled: the package is installed alone."""
    env = {**{k: v for k, v in os.environ.items() if not k.startswith("PYTHON")}, "PATH": f"{path}{os.pathsep}{os.environ['PATH']}"}
    for command in (["meson", "setup", build, ROOT, "-Dtargets=none", "-Dtests=disabled", "-Dexamples=false", "--prefix", prefix],
                    ["meson", "install", "-C", build, "--no-rebuild", "--tags", "python-runtime"]):
        done = subprocess.run([str(c) for c in command], capture_output=True, text=True, env=env)
        assert done.returncode == 0, done.stdout + done.stderr
        if command[1] == "setup":
            said = done.stdout
    return said


def test_the_package_lands_where_python_looks(tmp_path):
    venv = tmp_path / "venv"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", venv], check=True)
    configured(tmp_path / "build", venv, venv / "bin")
    code = "import importlib.util; print(importlib.util.find_spec('hipinfer').origin)"
    done = subprocess.run([venv / "bin/python3", "-I", "-c", code], capture_output=True, text=True, cwd=tmp_path)
    assert done.returncode == 0 and done.stdout.startswith(str(venv)), done.stderr
    here = ROOT / "bindings/python/hipinfer"
    installed = next(venv.glob("lib/*/site-packages/hipinfer"))
    sources = {p.relative_to(here) for p in here.rglob("*") if p.is_file() and "__pycache__" not in p.parts}
    assert {p.relative_to(installed) for p in installed.rglob("*") if p.is_file()} == sources
    assert os.access(venv / "bin/hipinfer-selftest", os.X_OK)
    assert (venv / "bin/hipinfer-selftest").read_text() == (ROOT / "bindings/python/hipinfer-selftest").read_text()


def test_below_another_prefix_it_is_not_installed_and_that_is_said(tmp_path):
    said = configured(tmp_path / "build", tmp_path / "prefix", "/usr/bin")
    assert f"looks nowhere below {tmp_path / 'prefix'}" in said, said
    assert not list((tmp_path / "prefix").rglob("*.py")) and not (tmp_path / "prefix/bin/hipinfer-selftest").exists()
