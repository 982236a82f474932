# SPDX-License-Identifier: Apache-2.0
"""hipinfer-selftest: every operation is in it, what is wrong is found, and the report says nothing of who sends it. On emulated GPUs
it runs in tests/emulated."""

import csv
import getpass
import os
import re
import socket
import subprocess
import sys
from pathlib import Path

import hipinfer
import numpy as np
import pytest
from conftest import ROOT
from hipinfer.selftest import main, numeric, report, speed
from hipinfer.selftest.calls import FAMILIES, Call, Kinds, attention, calls, operations_of


def command(*arguments, cwd=None, **environment):
    return subprocess.run([sys.executable, "-m", "hipinfer.selftest", *map(str, arguments)], text=True, capture_output=True, cwd=cwd,
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


@pytest.mark.parametrize("message, said", [
    ("/home/jane doe/my models/libx.so: no such file", "libx.so: no such file"),
    ("cannot open '/home/jane doe/my models (2)/it, x.so'.", "cannot open 'it, x.so'."),
    (r'"C:\Users\jane doe\libx.so" is missing', '"libx.so" is missing'),
    (r"C:\Users\jane\libx.so is missing", "libx.so is missing"),
    ("libx.so of /opt/jane/lib and /srv/jane/liby.so", "libx.so of lib and liby.so"),
    ("~jane/x: ~/models/y", "~jane/x: y"),
    ("HIPINFER_KERNEL_PATH=/home/jane/secret: no manifest", "HIPINFER_KERNEL_PATH=$HIPINFER_KERNEL_PATH: no manifest"),
    ("/home/jane/secret/gfx942/gemm.hsaco: 3 bytes", "$HIPINFER_KERNEL_PATH/gfx942/gemm.hsaco: 3 bytes"),
    ("gemm: input: shape [3,4], expected [N/128] (12/4 = 3)", "gemm: input: shape [3,4], expected [N/128] (12/4 = 3)"),
])
def test_folders_do_not_get_through(message, said, monkeypatch):
    monkeypatch.setenv("HIPINFER_KERNEL_PATH", "/home/jane/secret")
    monkeypatch.setenv("HOME", "/home/mallory")
    assert report.impersonal(message) == said


def test_selftests_own_words_stay(monkeypatch, capsys):
    """Whatever the machine and its user are called."""
    monkeypatch.setattr(socket, "gethostname", lambda: "scale")
    monkeypatch.setattr(getpass, "getuser", lambda: "us")
    assert main(["--device", "cpu", "--level", "speed", "--op", "scale", "--report", "-"]) == 0
    said = capsys.readouterr().out
    assert re.search(r"^speed: scale .*: [\d.]+ us, ", said, re.M) and "HOST" not in said and "USER" not in said


def test_a_variable_with_a_path_is_said_to_be_set(monkeypatch, capsys):
    monkeypatch.setenv("HIPINFER_KERNEL_PATH", "/home/jane/secret")
    monkeypatch.setattr("hipinfer.selftest.Context", lambda device, make=hipinfer.Context: make(device, kernel_path=""))
    assert main(["--device", "cpu", "--level", "static", "--report", "-"]) == 0
    said = capsys.readouterr().out
    assert "(level static alone, with HIPINFER_KERNEL_PATH set)" in said and "secret" not in said


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


def beyond(t, byte):
    """Changes a byte before (-1) or after (0) a tensor's memory."""
    at = t.pointer - 1 if byte < 0 else t.pointer + t.nbytes
    hipinfer.Tensor(t.context, t, at, [1], [1], "u8").numpy()[0] ^= 1


def between_rows(arguments):
    """Changes what is between the rows of a view."""
    t = arguments["output"]
    if t.strides[0] > t.shape[1]:
        hipinfer.Tensor(t.context, t, t.pointer + t.shape[1] * t.itemsize, [1], [1], "u8").numpy()[0] ^= 1


def test_what_is_not_spoiled_is_right(monkeypatch):
    assert not comparison("rmsnorm_dynamic_quant", lambda arguments: None, monkeypatch)


@pytest.mark.parametrize("op, spoil, message", [
    ("rmsnorm", lambda a: a["output"].numpy().view(np.uint8).reshape(-1)[-2:].fill(0x7f), "output: 1 of "),
    ("softmax", lambda a: a["output"].numpy().fill(0), "elements are wrong"),
    ("argmax", lambda a: a["output"].numpy().__iadd__(1), "elements are wrong"),
    ("rmsnorm_dynamic_quant", lambda a: a["scales"].numpy().__imul__(np.float32(1.001)), "scales: "),
    # Each quantised value is a neighbour of the right one: rounded towards zero, perhaps.
    ("quantize_per_tensor", lambda a: a["output"].numpy().view(np.uint8).__ixor__(1), "are rounded to a neighbour of the right value"),
    ("rmsnorm", lambda a: beyond(a["output"], 0), "output: 1 bytes around what is to be written are changed"),
    ("argmax", lambda a: beyond(a["output"], -1), "output: 1 bytes around what is to be written are changed"),
    ("scale", between_rows, "output: 1 bytes around what is to be written are changed"),
    ("swiglu", lambda a: a["up"].numpy().view(np.uint8)[0].__ixor__(1), "up: "),
    ("merge_states", lambda a: beyond(a["s"], 0), "s: 1 bytes of an input are changed"),
])
def test_a_wrong_result_is_found(op, spoil, message, monkeypatch):
    faults = comparison(op, spoil, monkeypatch)
    assert faults and all(f.startswith(f"{op}/cpu, ") for f in faults)
    assert any(message in f for f in faults), faults[:3]


@pytest.mark.parametrize("op", ["top_k_renorm_probs", "top_p_renorm_probs"])
def test_zeros_that_are_not_written_are_found(op, monkeypatch):
    """No output holds them already."""
    device = numeric.Comparison(hipinfer.Context("cpu"))
    right = Call.run

    def run(self, context=None, stream=None, **others):
        before = others["output"].numpy().copy()
        right(self, context, stream, **others)
        if context is not device.cpu:
            after = others["output"].numpy()
            np.copyto(after, before, where=after == 0)

    monkeypatch.setattr(Call, "run", run)
    for batch in numeric.batches(2, {op}):
        for call in batch.calls:
            device.check(call, batch.dtypes)
    assert device.faults.get(op)


def test_no_input_of_zeros_hides_what_is_done_with_it():
    """An addition of 0, or a turn by an angle whose sine and cosine are 0."""
    for number in range(len(FAMILIES)):
        for call in calls(number, numeric.ODD, numeric.KINDS[0], hipinfer.Context("cpu"), fill=numeric.NOBODYS):
            for name in {"input", "residual", "cos_sin", "query", "q", "k"} & set(call.arguments):
                assert call.arguments[name].numpy().any(), f"{call.op} {call.shape}: {name}"


@pytest.mark.parametrize("sizes", [numeric.ALIGNED, numeric.ODD, numeric.LONG])
@pytest.mark.parametrize("op", ["paged_attention_decode", "paged_attention_prefill"])
def test_attention_has_calls_with_every_option(op, sizes):
    given = {}
    for call in calls(FAMILIES.index(attention), sizes, numeric.KINDS[1], hipinfer.Context("cpu")):
        if call.op == op:
            for name in call.arguments:
                if call.arguments[name] is not None:
                    dim = call.arguments["query"].shape[2]
                    given.setdefault(name, set()).add((dim, call.arguments["k_cache"].dtype == "f16"))
    dims = {dim for dim, _ in given["query"]}
    wanted = {"lse", "sinks", "sliding_window", "logits_soft_cap", "alibi_slopes", "sm_scale"}
    wanted |= {"custom_mask", "mask_indptr"} if op == "paged_attention_prefill" else set()
    for name in wanted:
        assert given[name] == {(dim, wide) for dim in dims for wide in (False, True)}, name
    for name in ("k_scale", "v_scale"):
        assert given[name] == {(dim, False) for dim in dims}, name


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
    assert "static: /dev/null is there, but no device of hip serves: WRONG\n  " in capsys.readouterr().out


def test_what_is_disabled_is_left_out_and_that_is_said(tmp_path):
    done = command("--device", "cpu", "--op", "scale", "--op", "argmax", "--report", "-", HIPINFER_DISABLE="argmax")
    assert done.returncode == 0 and "argmax:" not in done.stdout and "numeric: scale:" in done.stdout, done.stdout + done.stderr
    assert re.search(r"^result: all right \(operation scale argmax alone, with HIPINFER_DISABLE=argmax\)", done.stdout, re.M)


@pytest.mark.parametrize("arguments, environment", [(["--op", "scale"], {"HIPINFER_DISABLE": "scale"}),
                                                    (["--level", "load"], {})])  # of which the CPU has nothing
def test_where_nothing_is_tested_nothing_is_right(arguments, environment):
    done = command("--device", "cpu", "--report", "-", *arguments, **environment)
    assert done.returncode == 3 and "\nresult: nothing tested (" in done.stdout, done.stdout + done.stderr


def test_an_operation_without_a_kernel_is_wrong(monkeypatch, capsys):
    rows = [row for row in hipinfer.kernels() if row.op != "scale" or row.kernel != "cpu"]
    monkeypatch.setattr(numeric, "kernels", lambda: rows)
    assert main(["--device", "cpu", "--level", "numeric", "--op", "scale", "--report", "-"]) == 1
    assert "numeric: scale: WRONG\n  the dispatch table has no kernel of it for the CPU\nresult: 1 WRONG" in capsys.readouterr().out


def test_a_report_is_not_written_over(tmp_path):
    def run():
        done = command("--device", "cpu", "--level", "static", cwd=tmp_path)
        assert done.returncode == 0, done.stderr
        return re.search(r"The report is in (\S+)\. ", done.stdout)[1]

    names = [run() for _ in range(3)]
    assert names == ["hipinfer-selftest.txt", "hipinfer-selftest-2.txt", "hipinfer-selftest-3.txt"]
    assert sorted(names) == sorted(p.name for p in tmp_path.iterdir())


def test_a_report_that_cannot_be_written_is_said_so():
    done = command("--device", "cpu", "--level", "static", "--report", "/dev/full")
    assert done.returncode == 1 and "--report /dev/full: No space left" in done.stderr and "Traceback" not in done.stderr
    assert "\nresult: all right" in done.stdout and "The report is in" not in done.stdout


def test_a_fault_of_selftest_is_a_result(monkeypatch, tmp_path):
    def fail(*_):
        raise RuntimeError("no luck in /home/mallory/kernels/x")

    monkeypatch.setattr(numeric.Comparison, "check", fail)
    assert main(["--device", "cpu", "--level", "numeric", "--op", "scale", "--report", str(tmp_path / "r")]) == 1
    text = (tmp_path / "r").read_text()
    assert re.search(r"^result: selftest itself failed: RuntimeError: no luck in x \(test_selftest.py:\d+\)$", text, re.M), text
    assert text.endswith(report.SEND + "\n")


def test_a_user_without_a_home(monkeypatch):
    def homeless():
        raise RuntimeError("Could not determine home directory.")

    monkeypatch.setattr(Path, "home", homeless)
    assert report.impersonal("/srv/kernels/x: no file") == "x: no file"


@pytest.mark.parametrize("wanted", ["yardsticks", "measured"])
def test_little_memory_is_no_fault(wanted, monkeypatch, capsys):
    def fail(*_):
        raise hipinfer.OutOfMemoryError(hipinfer._abi.StatusCode.OUT_OF_MEMORY, "no memory")

    monkeypatch.setattr(speed, wanted, fail)
    assert main(["--device", "cpu", "--level", "static", "--level", "speed", "--op", "scale", "--report", "-"]) == 0
    said = capsys.readouterr().out
    assert re.search(r"^speed: .*: not timed, for the device has too little memory that is free$", said, re.M), said
    assert "\nresult: all right" in said


def test_tensors_that_cannot_be_made_end_their_family_alone(monkeypatch, capsys):
    right = speed.calls

    def some(number, *others):
        made = right(number, *others)
        if number == 0:
            yield next(made)
            raise hipinfer.DeviceError(hipinfer._abi.StatusCode.DRIVER_ERROR, "the driver of /home/jane/x gave 1")
        yield from made

    monkeypatch.setattr(speed, "calls", some)
    assert main(["--device", "cpu", "--level", "speed", "--op", "rmsnorm", "--op", "layernorm", "--op", "scale", "--report", "-"]) == 1
    said = capsys.readouterr().out
    assert "speed: the rest of layernorm rmsnorm: WRONG\n  the driver of x gave 1" in said and "\nspeed: scale " in said


def test_the_copy_fits_little_memory():
    class Small:
        on_cpu, memory_bytes = False, 2 << 30

    assert speed.copied_bytes(Small) * 2 <= Small.memory_bytes // 4


def test_the_emulator_of_the_working_folder_is_not_taken(tmp_path):
    """Of an installed library the loader knows the folder."""
    (tmp_path / "lib").mkdir()
    library = os.environ.get("HIPINFER_LIBRARY") or pytest.skip("HIPINFER_LIBRARY names no library")
    (tmp_path / "lib/libhipinfer.so.0").symlink_to(Path(library).resolve())
    (tmp_path / "libhipemu.so").write_text("anybody's")
    done = command("--emulate", "gfx942", "--report", "-", cwd=tmp_path, HIPEMU_LIBRARY="", HIPINFER_LIBRARY="",
                   LD_LIBRARY_PATH=str(tmp_path / "lib"))
    assert done.returncode == 1 and "there is no libhipemu.so beside the library" in done.stderr, done.stdout + done.stderr


def test_the_command_says_what_is_missing(tmp_path):
    (tmp_path / "numpy.py").write_text("raise ImportError('none')")
    done = subprocess.run([sys.executable, ROOT / "bindings/python/hipinfer-selftest"], text=True, capture_output=True,
                          env={**os.environ, "PYTHONPATH": f"{tmp_path}:{ROOT / 'bindings/python'}"})
    assert done.returncode == 1 and "needs NumPy" in done.stderr and "Traceback" not in done.stderr, done.stderr


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


@pytest.mark.parametrize("times", ["0.00 us, 0.50 of matrix", "1.2.3 us, 0.50 of matrix", "3 us, 0.50 of matrix, predicted 1.2.3 us",
                                   "3 us, 0.50 of matrix, predicted 0.00 us"])
def test_compare_refuses_what_is_no_time(times, tmp_path):
    (tmp_path / "r").write_text(f"{report.HEAD}\nspeed: gemm [1,2] x [3,4]: {times}\n")
    done = command("--compare", tmp_path / "r")
    assert done.returncode == 1 and "line 2 has no time above 0" in done.stderr and "Traceback" not in done.stderr, done.stderr


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
