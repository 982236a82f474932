# SPDX-License-Identifier: Apache-2.0
"""Tests of the Python package. They use the library of HIPINFER_LIBRARY, else of the build folder."""

import ast
import os
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
BUILT = ROOT / "build/src/libhipinfer.so"
if "HIPINFER_LIBRARY" not in os.environ and BUILT.exists():
    os.environ["HIPINFER_LIBRARY"] = str(BUILT)
for folder in ("bindings/python", "examples/generate"):
    sys.path.insert(0, str(ROOT / folder))

import hipinfer  # noqa: E402

DEVICES = ["cpu"] + [d for d in ("hip", "cuda") if hipinfer.device_count(d)]


@pytest.fixture(scope="session", params=DEVICES)
def context(request):
    """A context on each kind of device that is there."""
    return hipinfer.Context(request.param)


@pytest.fixture(scope="session")
def cpu():
    return hipinfer.Context("cpu")


@pytest.fixture
def rng():
    import numpy as np
    return np.random.default_rng(0)


def pytest_terminal_summary(terminalreporter):
    """Files that were skipped whole count once in pytest's last line; this says how many test functions they hold. Tests whose reason
    begins so are named in the closing lines of tools/test."""
    files = {}
    for report in terminalreporter.stats.get("skipped", []):
        reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
        if isinstance(report, pytest.TestReport) and reason.startswith("Skipped: left out: "):
            terminalreporter.write_line(reason.removeprefix("Skipped: "))
        if isinstance(report, pytest.CollectReport):
            files.setdefault(reason.removeprefix("Skipped: "), []).append(ROOT / report.nodeid)
    for reason, paths in files.items():
        count = sum(isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)) and node.name.startswith("test_")
                    for path in paths for node in ast.walk(ast.parse(path.read_text())))
        terminalreporter.write_line(f"left out: {count} test functions of {len(paths)} files: {reason}")
