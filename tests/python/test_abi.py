# SPDX-License-Identifier: Apache-2.0
"""The ctypes half against the C half: layouts as a C compiler sees them, signatures, statuses, versions."""

import ctypes
import importlib
import inspect
import os
import shutil
import subprocess
import sys

import hipinfer
import numpy as np
import pytest
from conftest import ROOT
from hipinfer import _abi, _library, errors


def generator(*names):
    """Modules of src/gen. They leave sys.modules again: examples/generate has a model.py too."""
    before = set(sys.modules)
    sys.path.insert(0, str(ROOT / "src/gen"))
    found = [importlib.import_module(n) for n in names]
    sys.path.pop(0)
    for n in names:
        if n not in before:
            del sys.modules[n]
    return found


model, header, emitter = generator("model", "header", "python")

STRUCTS = {n: s for n, s in vars(_abi).items() if isinstance(s, type) and issubclass(s, ctypes.Structure) and s is not
           ctypes.Structure}


def c_name(name):
    return "hipinfer_" + "".join("_" + c.lower() if c.isupper() else c for c in name).lstrip("_")


def layouts(folder, include, structs):
    compiler = shutil.which("cc") or shutil.which("clang") or pytest.skip("no C compiler")
    lines = []
    for name, struct in structs.items():
        lines.append(f'printf("{name} %zu\\n", sizeof({c_name(name)}));')
        lines += [f'printf("{name}.{f[0]} %zu\\n", offsetof({c_name(name)}, {f[0]}));' for f in struct._fields_]
    source = folder / "layout.c"
    source.write_text("#include <stdio.h>\n#include <hipinfer/hipinfer.h>\nint main(void) {" + "\n".join(lines) + "}\n")
    subprocess.run([compiler, f"-I{include}", str(source), "-o", str(folder / "layout")], check=True)
    return subprocess.run([str(folder / "layout")], check=True, capture_output=True, text=True).stdout.split("\n")


def expected(structs):
    for name, struct in structs.items():
        yield f"{name} {ctypes.sizeof(struct)}"
        yield from (f"{name}.{f[0]} {getattr(struct, f[0]).offset}" for f in struct._fields_)


def test_structs_have_the_layout_of_c(tmp_path):
    assert {"Tensor", "Device", "Dtype", "ContextOptions", "DeviceInfo", "KernelInfo"} <= set(STRUCTS)
    assert layouts(tmp_path, ROOT / "include", STRUCTS)[:-1] == list(expected(STRUCTS))


def test_every_function_of_the_library_has_a_signature():
    exported = (ROOT / "src/generated/exports.map").read_text()
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


def test_a_foreign_library_is_refused():
    done = run("import hipinfer", HIPINFER_LIBRARY="libc.so.6")
    assert done.returncode != 0 and "lacks hipinfer_version" in done.stderr


@pytest.mark.parametrize("op", model.read_all(ROOT / "src/ops"), ids=lambda op: op.name)
def test_every_operation_runs_on_the_cpu(op, cpu):
    """With every extent 8 and zeros everywhere each operation is well defined; the function has op.toml's order."""
    function = getattr(hipinfer, op.name)
    names = list(inspect.signature(function).parameters)
    assert names[:len(op.args)] == [a.name for a in op.args]
    assert set(names[len(op.args):]) == {o.name for o in op.options} | {"stream", "context"} | (
        {"workspace"} if op.workspace else set())
    assert op.summary.split()[0] in function.__doc__

    values = []
    for a in op.args:
        if a.is_tensor:
            variable = next(v for v in op.variables if v.name == a.dtype)
            base = next((v for v in op.variables if v.name == variable.same_as), variable)
            shape = [d.offset + d.multiple * 8 for d in a.shapes[0]] if a.shapes else [8, 8]
            values.append(hipinfer.zeros(shape, (base.allowed + variable.allowed)[0], cpu))
        else:
            values.append(a.default if a.default is not None else max(a.min or 0, 1) if a.kind not in ("bool", "enum") else 0)
    function(*values, context=cpu)
    assert hipinfer.last_kernel() == f"{op.name}/cpu"
    if op.workspace:
        size = getattr(hipinfer, f"{op.name}_workspace_bytes")(*values, context=cpu)
        assert isinstance(size, int) and size >= 0

    with pytest.raises(hipinfer.HipinferError, match=f"{op.name}: "):
        bad = list(values)
        at = next(i for i, a in enumerate(op.args) if a.is_tensor and not a.optional)
        bad[at] = None
        function(*bad, context=cpu)


OP = """
name = "sample_op"
family = "attention"
since = "0.1"
summary = "A sample."
formula = "y = x"
numerics = "None."
aliasing = "none."
source = "This test."
workspace = "4 bytes."
[dims]
N = "extent"
[dtypes]
data = ["f32"]
[[args]]
name = "y"
kind = "out"
dtype = "data"
shape = "N"
doc = "Result."
[[args]]
name = "z"
kind = "out"
dtype = "data"
shape = "N"
optional = true
doc = "Second result."
[[args]]
name = "x"
kind = "in"
dtype = "data"
shape = "N"
doc = "Input."
[[args]]
name = "mode"
kind = "enum"
enum = "sample_mode"
default = 1
doc = "Way."
[[args]]
name = "seed"
kind = "u64"
default = 0
doc = "Seed."
[[options]]
name = "causal"
kind = "bool"
doc = "Flag."
[[options]]
name = "offset"
kind = "i64"
doc = "Number."
[[enums]]
name = "sample_mode"
doc = "Ways."
values = [{ name = "none", value = 0, doc = "No way." }, { name = "some", value = 1, doc = "Some way." }]
[[kernels]]
name = "rows"
source = "sample_op.hip"
targets = ["*"]
symbol = "sample_op"
threads = 64
measured = "Nothing."
"""


def test_an_operation_with_everything_is_emitted(tmp_path):
    """Options, an enumeration, an optional tensor in the middle, 64-bit scalars and a workspace."""
    folder = tmp_path / "ops/sample_op"
    folder.mkdir(parents=True)
    (folder / "op.toml").write_text(OP)
    (folder / "params.h").write_text("struct sample_op_params {\n  int64_t n;\n};\n")
    (folder / "sample_op.hip").write_text("")
    ops = model.read_all(tmp_path / "ops")
    module = {"__name__": "sample_abi"}
    exec(compile(emitter.abi(ops), "_abi.py", "exec"), module)
    assert [t.__name__ for t in module["FUNCTIONS"]["hipinfer_sample_op"][1]] == [
        "c_void_p", "LP_Tensor", "LP_Tensor", "LP_Tensor", "c_int", "c_ulong", "LP_SampleOpOptions", "c_void_p", "c_ulong",
        "c_void_p"]
    assert module["SampleMode"].SOME == 1

    include = tmp_path / "hipinfer"
    include.mkdir()
    for name in ("hipinfer.h", "types.h", "version.h"):
        shutil.copy(ROOT / "include/hipinfer" / name, include)
    (include / "ops.h").write_text(header.header(ops))
    structs = {"SampleOpOptions": module["SampleOpOptions"]}
    assert layouts(tmp_path, tmp_path, structs)[:-1] == list(expected(structs))

    text = emitter.operations(ops)
    compile(text, "ops.py", "exec")
    assert "def sample_op(y: TensorLike, z: Optional[TensorLike], x: TensorLike, mode: Union[SampleMode, str, int] = 1,\n" \
           "              seed: int = 0, *, causal: bool = False, offset: int = 0," in text
    assert "_sample_op((y, z, x, enum_value(SampleMode, 'mode', mode), seed), (causal, offset), stream, context, workspace)" \
        in " ".join(text.split())


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
