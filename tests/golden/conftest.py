# SPDX-License-Identifier: Apache-2.0
"""Finds the package and the library: those of HIPINFER_LIBRARY and PYTHONPATH, else of this source tree and its build folder."""

import os
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
BUILT = ROOT / "build/src/libhipinfer.so"
if "HIPINFER_LIBRARY" not in os.environ and BUILT.exists():
    os.environ["HIPINFER_LIBRARY"] = str(BUILT)
for folder in ("bindings/python", "tests"):
    sys.path.insert(0, str(ROOT / folder))

from golden.runner import Device  # noqa: E402

def pytest_terminal_summary(terminalreporter):
    """What nobody has defined yet is in the closing lines of tools/test."""
    for report in terminalreporter.stats.get("skipped", []):
        reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
        if "definition" in reason:
            terminalreporter.write_line(f"left out: {reason.removeprefix('Skipped: ')}")


NAME = os.environ.get("HIPINFER_DEVICE", "cpu")


@pytest.fixture(scope="session")
def device():
    """The device of HIPINFER_DEVICE, else the CPU."""
    return Device(NAME)


@pytest.fixture(scope="session")
def batch_invariant():
    """The same device, where a row's result never depends on the batch."""
    return Device(NAME, batch_invariant=True)
