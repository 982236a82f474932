# SPDX-License-Identifier: Apache-2.0
"""hipinfer-selftest on an emulated GPU: right kernels pass, a kernel with one wrong number does not. tests/python has the rest.

HIPINFER_TEST_SELFTEST=whole runs it with all operations on all five GPUs, which takes minutes."""

import hashlib
import json
import os
import re
import shutil
import struct
import subprocess
import sys
from pathlib import Path

import pytest
from hipinfer.selftest.loading import symbols_of

ROOT = Path(__file__).resolve().parents[2]
GPUS = {"gfx90a": "gfx90a", "gfx942": "gfx942", "gfx950": "gfx950", "gfx1100": "gfx11-generic", "gfx1201": "gfx12-generic"}
# Rows, matrix tiles, a page table, a search: each with little to do.
FEW = ("rmsnorm", "silu_and_mul", "gemm_grouped", "append_paged_kv_cache", "argmax")
EXP_OF_SILU = struct.pack("<f", -1.4426950408889634)  # -log2(e), where a kernel takes exp(-x) as a power of 2

pytestmark = pytest.mark.skipif(not os.environ.get("HIPEMU_LIBRARY"), reason="HIPEMU_LIBRARY names no library")


def selftest(*arguments, **environment):
    return subprocess.run([sys.executable, "-m", "hipinfer.selftest", *arguments], text=True, capture_output=True,
                          env={**os.environ, "PYTHONPATH": str(ROOT / "bindings/python"), **environment})


def few(ops=FEW):
    return [f"--op={op}" for op in ops]


@pytest.fixture
def kernels(tmp_path):
    """A copy of the built code objects for gfx1100."""
    built = Path(os.environ.get("HIPINFER_KERNELS") or pytest.skip("HIPINFER_KERNELS names no folder of code objects"))
    shutil.copytree(built / "gfx11-generic", tmp_path / "gfx11-generic")
    manifest = json.loads((built / "manifest.json").read_text())
    (tmp_path / "manifest.json").write_text(json.dumps(manifest))
    return tmp_path


def replace(folder, name, code):
    """Puts other code in place of a file's, with a manifest that agrees: what is wrong is the kernel alone."""
    (folder / name).write_bytes(code)
    path = folder / "manifest.json"
    text = json.loads(path.read_text())
    entry = next(f for f in text["files"] if f["file"] == name)
    entry["bytes"], entry["sha256"] = len(code), hashlib.sha256(code).hexdigest()
    path.write_text(json.dumps(text))


@pytest.mark.parametrize("gpu", GPUS if os.environ.get("HIPINFER_TEST_SELFTEST") == "whole" else ["gfx1100"])
def test_right_kernels_pass(gpu, tmp_path):
    whole, counters = os.environ.get("HIPINFER_TEST_SELFTEST") == "whole", tmp_path / "counters"
    done = selftest("--emulate", gpu, "--report", str(tmp_path / "r"), *([] if whole else few()), HIPEMU_COUNTERS=str(counters))
    assert done.returncode == 0, done.stdout + done.stderr
    text = (tmp_path / "r").read_text()
    assert f"(emulated by hipemu as {gpu}: no GPU has run this)\n" in text and f"served by code for {GPUS[gpu]}\n" in text
    launched = {json.loads(line)["kernel"] for line in counters.read_text().splitlines()}
    modules = symbols_of(GPUS[gpu])
    wanted = {symbol for symbols in modules.values() for symbol in symbols} if whole else set(modules["rmsnorm"])
    assert wanted <= launched, sorted(wanted - launched)
    assert "\nload: " in text and "speed: not measured: an emulator's time is not a card's\n" in text and "\nresult: all right" in text


def test_without_a_gpu_it_says_that_it_emulates_one(tmp_path):
    if any(Path(path).exists() for path in ("/dev/kfd", "/dev/nvidiactl")):
        pytest.skip("there is a GPU")
    done = selftest("--level", "static", "--report", "-", HIPEMU_TARGET="")
    assert done.returncode == 0 and "emulated by hipemu as gfx942" in done.stdout, done.stdout + done.stderr


def test_a_wrong_number_in_a_kernel_is_found(kernels):
    name = "gfx11-generic/silu_and_mul.hsaco"
    code = (kernels / name).read_bytes()
    assert code.count(EXP_OF_SILU), "silu has no such constant: choose another"
    replace(kernels, name, code.replace(EXP_OF_SILU, struct.pack("<f", -1.5)))
    done = selftest("--emulate", "gfx1100", "--report", "-", "--level", "numeric", *few(("silu_and_mul", "gelu_and_mul")),
                    HIPINFER_KERNEL_PATH=str(kernels))
    assert done.returncode == 1 and "numeric: silu_and_mul: 2 kernels, " in done.stdout, done.stdout + done.stderr
    assert "comparisons: WRONG\n  silu_and_mul/" in done.stdout and "elements are wrong" in done.stdout
    assert "numeric: gelu_and_mul: 2 kernels" in done.stdout and done.stdout.count("WRONG\n") == 1  # its code is as it was


def test_code_that_does_not_load_is_found(kernels):
    name = "gfx11-generic/argmax.hsaco"
    replace(kernels, name, (kernels / name).read_bytes()[:1000])
    done = selftest("--emulate", "gfx1100", "--report", "-", "--level", "load", *few(("argmax", "scale")),
                    HIPINFER_KERNEL_PATH=str(kernels))
    assert done.returncode == 1 and re.search(r"^load: .*: WRONG\n  argmax", done.stdout, re.M), done.stdout + done.stderr


def test_hipemu_in_the_place_of_hip_is_noticed():
    done = selftest("--device", "hip", "--level", "static", "--level", "speed", "--report", "-",
                    HIPINFER_HIP_LIBRARY=os.environ["HIPEMU_LIBRARY"], HIPEMU_TARGET="gfx1201")
    assert done.returncode == 0 and "emulated by hipemu: no GPU has run this" in done.stdout, done.stdout + done.stderr
    assert "speed: not measured" in done.stdout


def test_hipemu_by_another_name_in_a_folder_with_a_space(tmp_path):
    library = tmp_path / "jane's lib/libother.so"
    library.parent.mkdir()
    shutil.copy(os.environ["HIPEMU_LIBRARY"], library)
    done = selftest("--device", "hip", "--level", "load", "--report", "-", "--op", "argmax", HIPINFER_HIP_LIBRARY=str(library),
                    HIPEMU_TARGET="gfx1100")
    assert done.returncode == 0 and re.search(r"^load: 1 code objects, \d+ kernels: ok$", done.stdout, re.M), done.stdout + done.stderr
    assert "emulated by hipemu: no GPU has run this" in done.stdout and "\ndriver: libother.so\n" in done.stdout


STAGES = """
import hipinfer
from hipinfer.selftest import numeric
from hipinfer.selftest.calls import FAMILIES, attention, calls
context = hipinfer.Context("hip")
for sizes in (numeric.LONG, numeric.ALIGNED):
    comparison = numeric.Comparison(context)
    comparison.only("paged_attention_decode", "any")
    comparison.serving["paged_attention_decode"] = ["any"]  # one is enough
    for call in calls(FAMILIES.index(attention), sizes, numeric.KINDS[1], fill=numeric.NOBODYS, context=hipinfer.Context("cpu")):
        if call.op == "paged_attention_decode" and call.arguments["k_cache"].dtype == "f16":
            comparison.served.clear()
            comparison.check(call, "f16")
            print(sizes is numeric.LONG, call.arguments["query"].shape[2], comparison.unreached(call.op), comparison.faults)
"""


def test_decode_of_every_head_dimension_is_cut_into_chunks_and_is_not():
    """And what merges the chunks has to be reached, as every kernel has."""
    done = subprocess.run([sys.executable, "-c", STAGES], text=True, capture_output=True, env={
        **os.environ, "PYTHONPATH": str(ROOT / "bindings/python"), "HIPINFER_HIP_LIBRARY": os.environ["HIPEMU_LIBRARY"],
        "HIPEMU_TARGET": "gfx1100", "HIPINFER_DEVICE": "hip"})
    assert done.returncode == 0, done.stdout + done.stderr
    wanted = {f"{cut} {dim} {[] if cut else ['merge']} {{}}" for cut in (True, False) for dim in (64, 128, 256)}
    assert set(done.stdout.splitlines()) == wanted, done.stdout


TIMED = """
import hipinfer
from hipinfer.selftest import speed
from hipinfer.selftest.calls import FAMILIES, Kinds, attention, calls
context = hipinfer.Context("hip")
timer = speed.Timer(context)
by = speed.Yardsticks(1e9, 1e9)
speed.GRAPH_US = 1.0  # two calls
for call in calls(FAMILIES.index(attention), speed.CPU._replace(keys=(40,), prompts=((5, 40),)), Kinds(), context):
    t = speed.measured(timer, call, by, {(call.op, call.shape): 5.0})
    assert t.microseconds > 0 and t.fraction > 0 and t.predicted == 5.0, t
    print(t.op, t.of)
assert not timer.refused, timer.refused
"""


def test_calls_are_timed_in_graphs():
    """How, not how long: attention has a workspace, and a second launch."""
    done = subprocess.run([sys.executable, "-c", TIMED], text=True, capture_output=True, env={
        **os.environ, "PYTHONPATH": str(ROOT / "bindings/python"), "HIPINFER_HIP_LIBRARY": os.environ["HIPEMU_LIBRARY"],
        "HIPEMU_TARGET": "gfx1100", "HIPEMU_CHECKS": "none"})
    assert done.returncode == 0 and "paged_attention_decode copy\n" in done.stdout, done.stdout + done.stderr


def test_predictions_are_as_recorded():
    """Of a few calls: predictions.py compares all."""
    done = subprocess.run([sys.executable, Path(__file__).with_name("predictions.py"), "--target", "gfx942", "--op", "qk_norm_rope"],
                          text=True, capture_output=True, env={**os.environ, "PYTHONPATH": str(ROOT / "bindings/python")})
    assert done.returncode == 0 and done.stdout.count("gfx942 qk_norm_rope") == 2, done.stdout + done.stderr
