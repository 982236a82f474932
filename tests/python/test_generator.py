# SPDX-License-Identifier: Apache-2.0
"""What src/gen/python.py writes: each operation's function follows its op.toml."""

import importlib
import inspect
import shutil
import sys

import hipinfer
import pytest
from conftest import ROOT
from layout import expected, layouts

pytest.importorskip("tomllib")  # the generator runs on Python 3.11 and later


def generator(*names):
    """Modules of src/gen. They leave sys.modules as it was: examples/generate has a model.py too."""
    before = {n: sys.modules.pop(n, None) for n in names}
    sys.path.insert(0, str(ROOT / "src/gen"))
    try:
        return [importlib.import_module(n) for n in names]
    finally:
        sys.path.remove(str(ROOT / "src/gen"))
        for name, module in before.items():
            del sys.modules[name]
            if module is not None:
                sys.modules[name] = module


model, header, emitter = generator("model", "header", "python")

# Arguments that may not all be given together, or that extents of 8 do not suit.
NOT_ZEROS = {
    "append_paged_kv_cache": {"k_scale": None, "v_scale": None},
    "quantize_per_group": {"group_size": 1},
    "rope_append_kv": {"k_scale": None, "v_scale": None},
    "rope_theta": {"indptr": None, "offsets": None},
}


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
        if a.name in NOT_ZEROS.get(op.name, {}):
            values.append(NOT_ZEROS[op.name][a.name])
        elif a.is_tensor:
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
