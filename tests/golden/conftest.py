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

import hipinfer  # noqa: E402


@pytest.fixture(scope="session")
def context():
    """The device of HIPINFER_DEVICE, else the CPU."""
    return hipinfer.Context(os.environ.get("HIPINFER_DEVICE", "cpu"))
