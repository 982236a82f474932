# SPDX-License-Identifier: Apache-2.0
"""What stands around the time model: sampling, the timeline, the listing, and the kernels that it is compared on."""

import json
import os
import shutil
import struct
import subprocess
import sys
from collections import defaultdict
from contextlib import ExitStack
from pathlib import Path

import numpy as np
import pytest
from hip import Buffer, runtime
from toolchain import wave_size

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "validation"))
from cases import CASES
from compare import compile_case

if not os.environ.get("HIPEMU_LIBRARY"):
    pytest.skip("HIPEMU_LIBRARY names no library", allow_module_level=True)

EMULATOR = Path(__file__).resolve().parents[1]
RUN = """
import sys
from plain import Launcher, kernel
from toolchain import wave_size
target, groups, body = sys.argv[1], int(sys.argv[2]), sys.stdin.read()
Launcher().run(kernel(target, body, 4), 4 * wave_size(target), groups, 4)
"""
BODY = "global_load_dword v4, v2, s[4:5]\nv_add_f32 v16, v17, v18\ns_waitcnt vmcnt(0)\nds_read_b32 v5, v1\ns_waitcnt lgkmcnt(0)\ns_barrier"


def run(folder, groups, body=BODY, **variables):
    environment = os.environ | {"HIPEMU_TARGET": "gfx942", "HIPEMU_COUNTERS": str(folder / "counters")} | variables
    return subprocess.run([sys.executable, "-c", RUN, "gfx942", str(groups)], input=body, text=True, env=environment,
                          capture_output=True, cwd=os.path.dirname(__file__))


def launches(path):
    return [json.loads(line) for line in path.read_text().splitlines()]


def test_a_sample_predicts_like_the_whole(tmp_path):
    groups = 20000
    whole = run(tmp_path, groups, HIPEMU_TIMING=str(tmp_path / "whole"))
    part = run(tmp_path, groups, HIPEMU_TIMING=str(tmp_path / "part"), HIPEMU_TIMING_GROUPS="96")
    assert whole.returncode == part.returncode == 0, whole.stderr + part.stderr
    assert "of 20000 workgroups of k ran; what it computes is incomplete" in part.stderr and "incomplete" not in whole.stderr
    (all_of_them,), (some,) = launches(tmp_path / "whole"), launches(tmp_path / "part")
    assert all_of_them["groups_executed"] == groups > 10 * some["groups_executed"]
    assert some["time_us"] == pytest.approx(all_of_them["time_us"], rel=0.1)
    assert some["footprint_bytes"] == pytest.approx(all_of_them["footprint_bytes"], rel=0.3)


def test_sampling_needs_timing(tmp_path):
    done = run(tmp_path, 4, HIPEMU_TIMING_GROUPS="2")
    assert done.returncode != 0 and "HIPEMU_TIMING_GROUPS is for launches that are timed" in done.stderr


def test_rows_on_one_channel(tmp_path):
    """A column of a matrix whose rows are 4096 bytes: the prediction is a range. Of what lies together it is not."""
    column = "v_and_b32 v3, 63, v0\nv_lshlrev_b32 v3, 12, v3\nglobal_load_dword v4, v3, s[4:5]\ns_waitcnt vmcnt(0)"
    for body, least in ((column, 1.5), (BODY, 1.0)):
        assert run(tmp_path, 64, body, HIPEMU_TIMING=str(tmp_path / "timing")).returncode == 0
        one = launches(tmp_path / "timing")[-1]
        ratio = one["time_us_with_conflicts"] / one["time_us"]
        assert ratio > least if least > 1 else ratio == 1, (body, ratio)


def test_timeline(tmp_path):
    done = run(tmp_path, 304, HIPEMU_TIMELINE=str(tmp_path / "timeline.json"))
    assert done.returncode == 0, done.stderr
    events = [e for e in json.loads((tmp_path / "timeline.json").read_text())["traceEvents"] if e["ph"] == "X"]
    tracks = defaultdict(list)
    for e in events:
        tracks[e["pid"], e["tid"]].append(e)
    assert len(tracks) == 4 and {pid for pid, _ in tracks} == {0, 1, 2, 3}  # a wave on each SIMD
    names = {e["name"] for e in events}
    assert {"s_barrier", "global_load_dword", "wait: load", "wait: lds"} <= names
    for one in tracks.values():
        ends = [e["ts"] + e["dur"] for e in one]
        assert all(e["ts"] >= end - 1e-3 for e, end in zip(one[1:], ends, strict=False)), "events of a wave overlap"


def test_listing(tmp_path):
    assert run(tmp_path, 304, HIPEMU_TIMING=str(tmp_path / "timing")).returncode == 0
    show = [sys.executable, str(EMULATOR / "timing/show.py"), str(tmp_path / "timing")]
    text = subprocess.run([*show, "--top", "3"], check=True, capture_output=True, text=True).stdout
    first, *_ = text.splitlines()
    assert first.startswith("k on gfx942 (AMD Instinct MI300X): ") and "us predicted" in first
    listed = text.splitlines()[5:8]
    assert "s_waitcnt vmcnt(0)" in listed[0] and "load" in listed[0], text
    everything = subprocess.run([*show, "--all"], check=True, capture_output=True, text=True).stdout
    assert "s_endpgm" in everything
    assert subprocess.run([*show, "--kernel", "nothing"], capture_output=True, text=True).returncode != 0


# --- The kernels of validation/ compute what they say. ---------------------------------------------------------------


def bf16(x):
    bits = np.ascontiguousarray(x, np.float32).view(np.uint32)
    return ((bits + 0x7FFF + (bits >> 16 & 1)) >> 16).astype(np.uint16)


def floats(x):
    return (x.astype(np.uint32) << 16).view(np.float32)


def launch(case, folder, arrays, numbers, groups):
    one = runtime()
    one.use(case.target)
    function = one.function(one.load(compile_case(case, folder).read_bytes()), case.kernel)
    with ExitStack() as stack:
        memory = [stack.enter_context(Buffer(one, array)) for array in arrays]
        arguments = struct.pack(f"={len(memory)}Q{len(numbers)}i", *(m.address for m in memory), *numbers)
        one.launch(function, groups, case.block, arguments)
        one.synchronize()
        return [m.read(array.dtype, array.shape) for m, array in zip(memory, arrays, strict=True)]


def named(case):
    return case.kernel


@pytest.mark.skipif(not shutil.which("clang++-22"), reason="there is no clang++-22")
@pytest.mark.parametrize("case", [case for case in CASES if case.kernel.startswith("gemm_")], ids=named)
def test_gemm(case, tmp_path):
    rng, size, k = np.random.default_rng(1), 256, 192
    a, b = bf16(rng.standard_normal((size, k))), bf16(rng.standard_normal((size, k)))
    c = launch(case, tmp_path, [a, b, np.zeros((size, size), np.uint16)], (size, k), (size // 128) ** 2)[2]
    expected = floats(a).astype(np.float64) @ floats(b).astype(np.float64).T
    assert np.abs(floats(c) - expected).max() < 0.01 * np.abs(expected).max()


@pytest.mark.skipif(not shutil.which("clang++-22"), reason="there is no clang++-22")
@pytest.mark.parametrize("case", [case for case in CASES if case.kernel.startswith("sgemm_")], ids=named)
def test_sgemm(case, tmp_path):
    rng, size = np.random.default_rng(2), 128
    a, b = (rng.standard_normal((size, size)).astype(np.float32) for _ in range(2))
    tile = 32 if case.block == 1024 else 128
    c = launch(case, tmp_path, [a, b, np.zeros((size, size), np.float32)], (size,), (size // tile) ** 2)[2]
    assert np.allclose(c, a.astype(np.float64) @ b.astype(np.float64), rtol=1e-4, atol=1e-3)


@pytest.mark.skipif(not shutil.which("clang++-22"), reason="there is no clang++-22")
def test_copy(tmp_path):
    case = next(case for case in CASES if case.kernel == "copy")
    source = np.arange(3 * 1024, dtype=np.uint32)
    assert (launch(case, tmp_path, [np.zeros_like(source), source], (), 3)[0] == source).all()
    assert wave_size(case.target) == 64
