# SPDX-License-Identifier: Apache-2.0
"""Every operation against its float64 definition."""

import os

import pytest

from golden.cases import load as load_cases
from golden.definitions import load as load_definitions
from golden.runner import check

DEFINITIONS = load_definitions()
CASES = load_cases()
DEVICE = os.environ.get("HIPINFER_DEVICE", "cpu").split(":")[0]


def named(device):
    """Cases with their names. "f64" is the CPU in double."""
    return [pytest.param(case, id=f"{case.op}-{case.name}",
                         marks=[pytest.mark.xfail(strict=True, reason=case.wrong[device])] if device in case.wrong else [])
            for case in CASES]


@pytest.mark.parametrize("case", named(DEVICE))
def test_golden(case, device):
    check(case, device)


@pytest.mark.parametrize("case", named("f64") if DEVICE == "cpu" else [])  # f64 is the CPU's alone
def test_golden_in_double(case, device):
    """The same call with every floating-point tensor but fp8 in f64: nothing of fp32 can hide an error."""
    check(case, device, double=True)


@pytest.mark.parametrize("case", [p for p in named(DEVICE) if p.values[0].op in ("gemm", "paged_attention_decode")])
def test_golden_where_the_batch_must_not_matter(case, batch_invariant):
    """Two operations choose other kernels, or another order of summation, in such a context."""
    check(case, batch_invariant)
