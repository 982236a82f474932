# SPDX-License-Identifier: Apache-2.0
"""The ctypes half against the C half: layouts as a C compiler sees them, signatures, statuses, versions."""

import ctypes
import json
import os
import subprocess
import sys
from pathlib import Path

import hipinfer
import numpy as np
import pytest
from conftest import ROOT
from hipinfer import _abi, _library, errors
from layout import expected, layouts


STRUCTS = {n: s for n, s in vars(_abi).items() if isinstance(s, type) and issubclass(s, ctypes.Structure) and s is not
           ctypes.Structure}


def test_structs_have_the_layout_of_c(tmp_path):
    assert {"Tensor", "Device", "Dtype", "ContextOptions", "DeviceInfo", "KernelInfo"} <= set(STRUCTS)
    assert layouts(tmp_path, ROOT / "include", STRUCTS)[:-1] == list(expected(STRUCTS))


def test_every_function_of_the_library_has_a_signature():
    exported = (Path(os.environ["HIPINFER_LIBRARY"]).resolve().parent / "gen/exports.map").read_text()
    names = {w.strip(" ;") for w in exported.split("\n") if w.strip().startswith("hipinfer_")}
    assert names == set(_abi.FUNCTIONS)


def test_every_status_has_an_exception():
    assert set(errors.CLASSES) == set(_abi.StatusCode) - {_abi.StatusCode.OK}
    assert len({c for c in errors.CLASSES.values()}) >= 8


def test_package_and_library_agree():
    assert hipinfer.__version__ == hipinfer.library_version()


def run(code, **environment):
    env = {**os.environ, "PYTHONPATH": str(ROOT / "bindings/python"), **environment}
    return subprocess.run([sys.executable, "-c", code], env=env, capture_output=True, text=True)


def test_a_library_of_another_version_is_refused():
    code = "import hipinfer._abi as a; "
    assert run("import hipinfer").returncode == 0
    done = run("import sys, types, pathlib\n"
               f"p = pathlib.Path({str(ROOT / 'bindings/python/hipinfer')!r})\n"
               "m = types.ModuleType('hipinfer'); m.__path__ = [str(p)]; sys.modules['hipinfer'] = m\n"
               + code + "a.VERSION = (0, 77, 0)\nimport hipinfer._library")
    assert done.returncode != 0 and "this hipinfer package is 0.77.0" in done.stderr


def test_a_missing_library_says_what_was_tried():
    done = run("import hipinfer", HIPINFER_LIBRARY="/nowhere/libhipinfer.so")
    assert done.returncode != 0
    assert "ImportError: libhipinfer.so could not be loaded" in done.stderr and "/nowhere/libhipinfer.so" in done.stderr


def test_a_missing_numpy_says_what_is_missing():
    done = run("import sys; sys.modules['numpy'] = None; import hipinfer")
    assert done.returncode != 0
    assert "ImportError: hipinfer needs NumPy" in done.stderr and done.stderr.strip().endswith("pip install numpy")


def test_a_foreign_library_is_refused():
    done = run("import hipinfer", HIPINFER_LIBRARY="libc.so.6")
    assert done.returncode != 0 and "lacks hipinfer_version" in done.stderr


def test_integers_that_do_not_fit_are_refused():
    from hipinfer._call import converter, enum_value
    assert converter(ctypes.c_uint64)(2**64 - 1) == 2**64 - 1
    assert converter(ctypes.c_int32)(np.int64(7)) == 7
    for kind, value in ((ctypes.c_int32, 2**31), (ctypes.c_uint64, -1), (ctypes.c_int64, 2**63)):
        with pytest.raises(ValueError, match="expected a value from"):
            converter(kind)(value)
    with pytest.raises(TypeError):
        converter(ctypes.c_int32)(1.5)
    with pytest.raises(ValueError, match="mode: 'other', expected one of"):
        enum_value(_abi.DeviceTypeCode, "mode", "other")
    assert enum_value(_abi.DeviceTypeCode, "mode", "hip") == 10


def test_what_the_library_holds():
    assert "rmsnorm" in hipinfer.operations()
    assert set(hipinfer.operations()) <= set(dir(hipinfer))
    rows = hipinfer.kernels()
    assert any(r.op == "rmsnorm" and r.kernel == "cpu" for r in rows)
    assert {"ops"} <= set(hipinfer.manifest()) or "rmsnorm" in str(hipinfer.manifest())
    for target in hipinfer.targets():
        assert hipinfer.code_object(target, "rmsnorm")[:4] == b"\x7fELF"
    assert _library.lib.hipinfer_status_string(12).decode().startswith("a tensor has the wrong extent")


def within(example, found):
    """What an example says is so; "..." stands for more."""
    if isinstance(example, dict):
        return example.keys() == found.keys() and all(within(v, found[k]) for k, v in example.items())
    if isinstance(example, list):
        return all(e == "..." or any(within(e, f) for f in found) for e in example)
    return example == found


def test_the_manifest_is_as_the_page_shows_it():
    text = (ROOT / "docs/abi.md").read_text().split("```json\n")[1].split("```")[0]
    example = json.loads(text)
    assert within(example, next(op for op in hipinfer.manifest()["ops"] if op["op"] == example["op"]))
