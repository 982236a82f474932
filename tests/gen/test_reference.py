# SPDX-License-Identifier: Apache-2.0
"""The reference's examples: each runs in Python on the CPU, and the same call compiled from C writes the same bytes."""

import ctypes
import dataclasses
import os
import re
import subprocess
from pathlib import Path

import pytest
import sample

hipinfer = pytest.importorskip("hipinfer", reason="needs bindings/python on PYTHONPATH and HIPINFER_LIBRARY")
import numpy as np  # noqa: E402



class Device(ctypes.Structure):
    _fields_ = [("device_type", ctypes.c_int32), ("device_id", ctypes.c_int32)]


CPU = Device(1, 0)
OPERATIONS = sorted((op for f in sample.read.read_all() for op in f.ops), key=lambda op: op.name)


@pytest.fixture(scope="module")
def compiled(tmp_path_factory):
    """A library of every C example."""
    folder = tmp_path_factory.mktemp("examples")
    library = Path(os.environ["HIPINFER_LIBRARY"]).resolve()
    objects = []
    for op in OPERATIONS:
        source = folder / f"{op.name}.c"
        source.write_text(sample.examples.c_text(op))
        objects.append(str(source))
    subprocess.run([os.environ.get("CC", "cc"), "-std=c99", "-pedantic", "-Wall", "-Wextra", "-Werror", "-shared", "-fPIC",
                    f"-I{sample.ROOT / 'include'}", *objects, str(library), f"-Wl,-rpath,{library.parent}", "-o",
                    str(folder / "examples.so")], check=True)
    return ctypes.CDLL(str(folder / "examples.so"))


@pytest.fixture(scope="module")
def cpu():
    return hipinfer.Context("cpu")


def bits(tensor):
    """A copy of what a tensor holds."""
    return ctypes.string_at(tensor.pointer, tensor.nbytes) if tensor.nbytes else b""


@pytest.mark.parametrize("op", OPERATIONS, ids=lambda op: op.name)
def test_the_examples_run_and_agree(op, cpu, compiled, capsys, monkeypatch):
    monkeypatch.setenv("HIPINFER_DEVICE", "cpu")
    head, call = sample.examples.python_text(op).split("\n\nhipinfer.")
    scope = {}
    exec(compile(head, op.name, "exec"), scope)
    given = sample.examples.tensors(op)
    before = {t.arg.name: bits(scope[t.arg.name]) for t in given}
    exec(compile("hipinfer." + call, op.name, "exec"), scope)
    assert capsys.readouterr().out.strip()
    after = {t.arg.name: bits(scope[t.arg.name]) for t in given}

    # The same inputs, and outputs full of other bytes.
    copies = {}
    for t in given:
        copies[t.arg.name] = np.frombuffer(before[t.arg.name], np.uint8).copy()
        if t.arg.kind == "out":
            copies[t.arg.name][:] = 0xA5
    values = [ctypes.c_void_p(cpu.handle), CPU, *(ctypes.c_void_p(copies[t.arg.name].ctypes.data) for t in given)]
    if op.workspace:
        values += [None, ctypes.c_size_t(0)]  # what the CPU needs
    assert getattr(compiled, f"example_{op.name}")(*values, None) == 0
    for t in given:
        if t.arg.kind == "in":
            assert after[t.arg.name] == before[t.arg.name]
        else:
            assert copies[t.arg.name].tobytes() == after[t.arg.name]
            assert t.arg.kind == "inout" or set(copies[t.arg.name].tobytes()) != {0xA5}


@pytest.mark.parametrize("op", OPERATIONS, ids=lambda op: op.name)
def test_a_page_has_the_whole_contract(op):
    page = sample.reference.page(op)
    for name in [a.name for a in op.args + op.options] + [k.name for k in op.kernels] + [n for e in op.enums for n, _, _ in e.values]:
        assert f"`{name}`" in page
    for status, when in op.errors:
        assert f"`{status}` when {when.rstrip('.')}".replace("*", "\\*") in page
    # Every row of a table has the cells of its head: no bar of a text or a condition is taken for one.
    width = 0
    for line in page.split("\n"):
        cells = len(re.findall(r"(?<!\\)\|", line)) if line.startswith("|") else 0
        assert not width or not cells or cells == width, line
        width = cells


@pytest.mark.parametrize("name, example, message", [
    ("rmsnorm", {"N": 256}, "no shape of output has a size for each of its symbols: T N or T H N"),
    ("rmsnorm", {"T": 0, "N": 256}, "T is 0, expected an extent"),
    ("rmsnorm", {"T": 4, "N": 256, "eps": "small"}, "eps is 'small', expected a number"),
    ("rmsnorm", {"T": 4, "N": 256, "data": "i8"}, "data is 'i8', expected one of f32, f16, bf16"),
    ("rmsnorm", {"T": 4, "N": 256, "data": "bf16"}, "input is of bf16, which NumPy has not"),
    ("causal_mask", {"B": 1, "H": 2, "Q": 4, "K": 4}, "has no value for value, which has no default"),
])
def test_examples_are_refused(name, example, message):
    op = dataclasses.replace(next(op for op in OPERATIONS if op.name == name), example=example)
    with pytest.raises(sample.model.ContractError, match=f"{name}: example: .*{message}"):
        sample.examples.python_text(op)
        sample.examples.c_text(op)
