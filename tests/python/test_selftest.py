# SPDX-License-Identifier: Apache-2.0
"""hipinfer-selftest: every operation is in it, what is wrong is found, and the report says nothing of who sends it. On emulated GPUs
it runs in tests/emulated."""

import csv
import os
import re
import socket
import subprocess
import sys

import hipinfer
import numpy as np
import pytest
from conftest import ROOT
from hipinfer.selftest import main, numeric, report, speed
from hipinfer.selftest.calls import FAMILIES, Call, Kinds, calls, operations_of


def command(*arguments, **environment):
    return subprocess.run([sys.executable, "-m", "hipinfer.selftest", *map(str, arguments)], text=True, capture_output=True,
                          env={**os.environ, "PYTHONPATH": str(ROOT / "bindings/python"), **environment})


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """All levels on the CPU, by a user with a name."""
    folder = tmp_path_factory.mktemp("home-of-mallory")
    done = command("--device", "cpu", "--report", folder / "report.txt", HOME=str(folder), LOGNAME="mallory", USER="mallory")
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout, (folder / "report.txt").read_text()


def test_every_operation_is_called():
    assert set().union(*map(operations_of, range(len(FAMILIES)))) == set(hipinfer.operations())


def test_calls_of_an_operation_have_names_of_their_own():
    """By which predictions are found."""
    names = [(c.op, c.shape) for family in range(len(FAMILIES)) for c in calls(family, speed.CPU, Kinds(), hipinfer.Context("cpu"))]
    assert len(names) == len(set(names))


def test_every_operation_is_judged_and_timed_on_the_cpu(whole):
    said, text = whole
    for op in hipinfer.operations():
        compared = re.search(rf"^numeric: {op}: 1 kernel, (\d+) comparisons: ok$", text, re.M)
        assert compared and int(compared[1]) >= 3, op
        times = re.findall(rf"^speed: {op} .*: ([\d.]+) us, [\d.]+ of (?:copy|matrix)$", text, re.M)
        assert times and all(float(t) > 0 for t in times), op
    assert re.search(r"^result: all right, in \d+ s$", text, re.M) and text.endswith(report.SEND + "\n")
    assert text[text.index("\n"):text.index("\n\n")] in "\n" + said


def test_the_report_is_impersonal(whole):
    _, text = whole
    machine = socket.gethostname()
    assert "mallory" not in text and not re.search(rf"(?<!\w){re.escape(machine)}(?!\w)", text)
    assert not re.search(r"(?<!\w)/\w+/", text), "a folder"
    assert not re.search(r"(?i)serial: |uuid|[0-9a-f]{2}(:[0-9a-f]{2}){5}|\d+\.\d+\.\d+\.\d+", text)


def test_messages_lose_what_is_personal(monkeypatch):
    monkeypatch.setenv("HOME", "/home/mallory")
    monkeypatch.setenv("LOGNAME", "mallory")
    monkeypatch.setattr(socket, "gethostname", lambda: "malbox")
    said = report.impersonal("/home/mallory/kernels/gfx942/rmsnorm.hsaco of mallory on malbox: 3/4 of [8,9] is bf16, rmsnorm/rows")
    assert said == "rmsnorm.hsaco of USER on HOST: 3/4 of [8,9] is bf16, rmsnorm/rows"


def comparison(op, spoil, monkeypatch):
    """What the level says of an operation whose kernels' results are spoiled; the reference's are not."""
    device = numeric.Comparison(hipinfer.Context("cpu"))
    right = Call.run

    def run(self, context=None, stream=None, **others):
        right(self, context, stream, **others)
        if context is not device.cpu:
            spoil(others)

    monkeypatch.setattr(Call, "run", run)
    for batch in numeric.batches(2, {op}):
        for call in batch.calls:
            device.check(call, batch.dtypes)
    return device.faults.get(op, [])


def test_what_is_not_spoiled_is_right(monkeypatch):
    assert not comparison("rmsnorm_dynamic_quant", lambda arguments: None, monkeypatch)


@pytest.mark.parametrize("op, spoil, message", [
    ("rmsnorm", lambda a: a["output"].numpy().view(np.uint8).reshape(-1)[-2:].fill(0x7f), "output: 1 of "),
    ("softmax", lambda a: a["output"].numpy().fill(0), "elements are wrong"),
    ("argmax", lambda a: a["output"].numpy().__iadd__(1), "elements are wrong"),
    ("rmsnorm_dynamic_quant", lambda a: a["scales"].numpy().__imul__(np.float32(1.001)), "scales: "),
    # Each quantised value is a neighbour of the right one: rounded towards zero, perhaps.
    ("quantize_per_tensor", lambda a: a["output"].numpy().view(np.uint8).__ixor__(1), "are rounded to a neighbour of the right value"),
])
def test_a_wrong_result_is_found(op, spoil, message, monkeypatch):
    faults = comparison(op, spoil, monkeypatch)
    assert faults and all(f.startswith(f"{op}/cpu, ") for f in faults)
    assert any(message in f for f in faults), faults[:3]


def test_a_kernel_that_no_call_reaches_is_found(monkeypatch, capsys):
    monkeypatch.setattr(numeric.Comparison, "check", lambda *_: None)
    assert main(["--device", "cpu", "--level", "numeric", "--op", "scale", "--report", "-"]) == 1
    said = capsys.readouterr().out
    assert "numeric: scale: 1 kernel, 0 comparisons: WRONG\n  scale/cpu: no call reaches it\nresult: 1 WRONG" in said


def test_a_part_says_that_it_is_one(tmp_path, capsys):
    assert main(["--device", "cpu", "--level", "static", "--op", "scale", "--report", str(tmp_path / "r")]) == 0
    assert "result: all right (level static alone, operation scale alone)" in capsys.readouterr().out
    assert "numeric:" not in (tmp_path / "r").read_text()


def test_a_card_that_nothing_serves_is_wrong(monkeypatch, capsys):
    """A driver is there, and the library has ended up on the CPU."""
    import hipinfer.selftest as selftest
    if any(hipinfer.device_count(kind) for kind in ("hip", "cuda")):
        pytest.skip("there is a GPU")
    monkeypatch.delenv("HIPINFER_DEVICE", raising=False)
    monkeypatch.setattr(selftest, "GPU_FILES", {"hip": "/dev/null"})
    assert main(["--level", "static", "--report", "-"]) == 1
    assert "static: null is there, but no device of hip serves: WRONG\n  " in capsys.readouterr().out


def test_what_is_disabled_is_left_out_and_that_is_said(tmp_path):
    done = command("--device", "cpu", "--op", "scale", "--op", "argmax", "--report", "-", HIPINFER_DISABLE="argmax")
    assert done.returncode == 0 and "argmax:" not in done.stdout and "numeric: scale:" in done.stdout, done.stdout + done.stderr
    assert re.search(r"^result: all right \(operation scale argmax alone, with HIPINFER_DISABLE=argmax\)", done.stdout, re.M)


@pytest.mark.parametrize("arguments, message", [
    (["--op", "rmsnom"], "--op rmsnom: the library has adaln, "),
    (["--device", "hip:99"], "hip"),
    (["--emulate", "gfx942", "--device", "cpu"], "--emulate is a HIP device"),
    (["--compare", "/nowhere"], "/nowhere: No such file"),
    (["--compare", __file__], "its first line is not"),
    (["--device", "cpu", "--level", "static", "--report", "/nowhere/r"], "--report /nowhere/r: No such file"),
])
def test_what_is_refused(arguments, message):
    done = command(*arguments)
    assert done.returncode not in (0, None) and message in done.stderr and "Traceback" not in done.stderr, done.stderr


def test_emulate_needs_the_emulator(tmp_path):
    done = command("--emulate", "gfx942", HIPEMU_LIBRARY=str(tmp_path / "libhipemu.so"))
    assert done.returncode == 1 and "libhipemu.so" in done.stderr and "Traceback" not in done.stderr


def test_compare_puts_measured_beside_predicted(tmp_path):
    (tmp_path / "r").write_text(f"""{report.HEAD}
device: AMD Instinct MI300X
target: gfx942:sramecc+:xnack-, served by code for gfx942
speed: copy 4000 GB/s, matrix product in bf16 500 TFLOP/s
speed: rmsnorm [12288,8192]: 100.00 us, 1.00 of copy, predicted 100.00 us
speed: gemm [1,2] x [3,4]: 300.00 us, 0.50 of matrix, predicted 150.00 us
speed: qk_norm_rope q [1,2], neighbours: 7.00 us, 0.10 of copy
""")
    done = command("--compare", tmp_path / "r")
    assert done.returncode == 0, done.stderr
    rows = [line.split() for line in done.stdout.splitlines()]
    assert rows[0][0] == "device:" and rows[4] == ["gemm", "[1,2]", "x", "[3,4]", "300.00", "150.00", "2.00"]
    assert rows[5][-3:] == ["100.00", "100.00", "1.00"]
    assert done.stdout.endswith("2 calls: measured / predicted 1.41 in the geometric mean; 1 within 30 %\n")


def test_predictions_are_of_every_operation():
    with speed.PREDICTIONS.open(newline="") as file:
        rows = list(csv.DictReader(file))
    targets = {row["target"] for row in rows}
    assert targets == {"gfx90a", "gfx942", "gfx950", "gfx1100", "gfx1201"}
    by_target = {t: {(row["op"], row["shape"]) for row in rows if row["target"] == t} for t in targets}
    assert len({frozenset(names) for names in by_target.values()}) == 1, "not of the same calls"
    assert {op for op, _ in by_target["gfx942"]} == set(hipinfer.operations())
    assert all(0 < float(row["us"]) < 1e6 for row in rows)
    assert speed.predictions("gfx942:sramecc+:xnack-") and not speed.predictions("gfx1102")
