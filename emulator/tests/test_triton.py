# SPDX-License-Identifier: Apache-2.0
"""Triton's code objects against numpy, as a foreign compiler's. Triton takes a gigabyte, so nothing here installs it:
HIPEMU_TRITON_PYTHON names a Python that has it (default: this one)."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from hip import Buffer, runtime
from toolchain import HERE, TARGETS

if not os.environ.get("HIPEMU_LIBRARY"):
    pytest.skip("HIPEMU_LIBRARY names no library", allow_module_level=True)
PYTHON = os.environ.get("HIPEMU_TRITON_PYTHON", sys.executable)
if subprocess.run([PYTHON, "-c", "import triton"], capture_output=True).returncode:
    pytest.skip(f"{PYTHON} has no triton (pip install triton, 1 GB); HIPEMU_TRITON_PYTHON names a Python that has it", allow_module_level=True)
NAMES = subprocess.run([PYTHON, "-c", "import triton_kernels; print(*triton_kernels.CASES)"], cwd=HERE, capture_output=True, text=True,
                       check=True).stdout.split()


@pytest.fixture(scope="module")
def compiled(request, tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("triton")
    wanted = {item.callspec.params["target"] for item in request.session.items
              if getattr(item, "module", None) is request.module and hasattr(item, "callspec")}
    done = subprocess.run([PYTHON, HERE / "triton_kernels.py", folder, *sorted(wanted)], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr[-4000:]
    return folder


def to_bf16(x: np.ndarray) -> np.ndarray:
    """Bits, rounded to nearest even."""
    bits = x.astype(np.float32).view(np.uint32)
    return (bits + 0x7FFF + (bits >> 16 & 1) >> 16).astype(np.uint16)


def from_bf16(bits: np.ndarray) -> np.ndarray:
    return (bits.astype(np.uint32) << 16).view(np.float32)


ENCODE = {"fp16": lambda x: x.astype(np.float16), "bf16": to_bf16, "fp32": lambda x: x.astype(np.float32)}
DECODE = {"fp16": lambda x: x.astype(np.float64), "bf16": lambda x: from_bf16(x).astype(np.float64), "fp32": lambda x: x.astype(np.float64)}


class Kernel:
    def __init__(self, folder: Path, target: str, name: str):
        self.about = json.loads((folder / f"{target}-{name}.json").read_text())
        self.hip = runtime()
        self.hip.use(target)
        self.function = self.hip.function(self.hip.load((folder / f"{target}-{name}.hsaco").read_bytes()), self.about["kernel"])

    def __call__(self, grid, out: np.ndarray, *arguments) -> np.ndarray:
        """`arguments`: arrays, numbers, and where `out` stands: None. Behind them come Triton's own: two pointers to scratch."""
        memory = Buffer(self.hip, out.nbytes)
        buffers, packed = [memory], b""
        for a in (*arguments, 0, 0):
            if a is None or isinstance(a, np.ndarray):
                buffers.append(memory if a is None else Buffer(self.hip, a))
                value = np.uint64(buffers[-1].address)
            else:
                value = np.float32(a) if isinstance(a, float) else np.int32(a) if a else np.uint64(0)
            packed += bytes(-len(packed) % value.itemsize) + value.tobytes()
        self.hip.launch(self.function, grid, self.about["warps"] * self.about["warp_size"], packed, self.about["lds"])
        self.hip.synchronize()
        result = memory.read(out.dtype, out.shape)
        for buffer in dict.fromkeys(buffers):
            buffer.free()
        return result


def check(got: np.ndarray, expected: np.ndarray, relative: float) -> None:
    """Within so much of the largest value of each row."""
    assert np.isfinite(got).all()
    assert (np.abs(got - expected) <= relative * np.abs(expected).max(-1, keepdims=True)).all()


def run_softmax(kernel, rng):
    x = rng.normal(0, 3, (5, 777)).astype(np.float32)
    got = kernel(5, np.empty_like(x), x, None, 777)
    raised = np.exp(x.astype(np.float64) - x.max(1, keepdims=True))
    check(got, raised / raised.sum(1, keepdims=True), 1e-5)


def run_rmsnorm(kernel, rng):
    x, weight = (to_bf16(rng.normal(0, 1, shape)) for shape in ((4, 1100), (1100,)))
    got = DECODE["bf16"](kernel(4, np.empty_like(x), x, weight, None, 1100, 1e-6))
    wide = DECODE["bf16"](x)
    check(got, wide / np.sqrt((wide * wide).mean(1, keepdims=True) + 1e-6) * DECODE["bf16"](weight), 2**-8)


def run_gemm(kernel, rng, kind):
    m, n, k = 100, 130, 72
    a, b = (ENCODE[kind](rng.normal(0, 1, shape)) for shape in ((m, k), (n, k)))
    size = kernel.about["constants"]
    got = kernel((-(-m // size["M"]), -(-n // size["N"])), np.empty((m, n), np.float32), a, b, None, m, n, k)
    check(got, DECODE[kind](a) @ DECODE[kind](b).T, 1e-5)


def run_attention(kernel, rng, causal):
    heads, length, size = 2, 150, kernel.about["constants"]
    q, k, v = (rng.normal(0, 1, (heads, length, size["D"])).astype(np.float16) for _ in range(3))
    got = kernel((-(-length // size["M"]), heads), np.empty_like(q), q, k, v, None, length, 0.125).astype(np.float64)
    score = np.einsum("hid,hjd->hij", q.astype(np.float64), k.astype(np.float64)) * 0.125
    if causal:
        score[:, np.triu_indices(length, 1)[0], np.triu_indices(length, 1)[1]] = -np.inf
    weight = np.exp(score - score.max(-1, keepdims=True))
    # The weights go through float16 once, the result once more.
    check(got, np.einsum("hij,hjd->hid", weight / weight.sum(-1, keepdims=True), v.astype(np.float64)), 2**-9)


@pytest.mark.parametrize("target", TARGETS)
@pytest.mark.parametrize("name", NAMES)
def test_triton(compiled, name, target):
    kernel, rng = Kernel(compiled, target, name), np.random.default_rng(int(os.environ.get("HIPEMU_TEST_SEED", "0")))
    family, *options = name.split("-")
    if family in ("softmax", "rmsnorm"):
        return {"softmax": run_softmax, "rmsnorm": run_rmsnorm}[family](kernel, rng)
    return run_gemm(kernel, rng, options[0]) if family == "gemm" else run_attention(kernel, rng, options[0] == "causal")
