# SPDX-License-Identifier: Apache-2.0
"""What of the benchmarks needs no GPU: the program that measures a call's cost through the C interface."""

import shutil
import sys

import pytest
from conftest import ROOT


@pytest.mark.skipif(not (shutil.which("cc") or shutil.which("gcc") or shutil.which("clang")), reason="no C compiler")
def test_host_cost_through_c(monkeypatch):
    monkeypatch.setattr(sys, "path", [str(ROOT / "benchmarks"), *sys.path])
    import host_cost

    times = host_cost.through_c("cpu")
    assert {"rmsnorm", "rope", "append_paged_kv_cache"} <= set(times)
    assert all(0 < time < 1000 for time in times.values())
