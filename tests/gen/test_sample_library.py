# SPDX-License-Identifier: Apache-2.0
"""What is generated for the sample family compiles, links with the library's core, and works through the Python package
that is generated with it: options that carry tensors and enumerations, traits, a workspace, checked contents."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import sample
from sample import ROOT

COMPILE = ["c++", "-std=c++20", "-O0", "-fPIC", "-fvisibility=hidden", "-Wall", "-Wextra", "-Werror", "-Wno-restrict"]
CORE = ("abi", "code_objects", "contents", "context", "contract", "error", "json", "kernel_folder", "log", "manifest", "op", "sha256",
        "tensor")
RUNTIME = ("cpu", "cuda", "device", "driver", "hip", "library", "parallel")

pytestmark = pytest.mark.skipif(shutil.which("c++") is None, reason="no C++ compiler")


def run(*command) -> None:
    done = subprocess.run([str(c) for c in command], capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, f"{' '.join(map(str, command))}\n{done.stderr}"


def core_objects(folder: Path) -> Path:
    """The build's own archive; without it the sources are compiled here, which takes a minute."""
    if built := os.environ.get("HIPINFER_CORE_OBJECTS"):
        return Path(built)
    for name in [f"core/{n}" for n in CORE] + [f"runtime/{n}" for n in RUNTIME]:
        run(*COMPILE, f"-I{ROOT}/src", f"-I{ROOT}/include", "-c", ROOT / f"src/{name}.cpp", "-o",
            folder / f"{name.replace('/', '_')}.o")
    run("ar", "rcs", folder / "core.a", *folder.glob("*.o"))
    return folder / "core.a"


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """The families, and the folder with what is generated of them: gen/, ops/, and the header."""
    folder = tmp_path_factory.mktemp("sample")
    families = sample.families(folder)
    ops = sorted((op for f in families for op in f.ops), key=lambda op: op.name)
    sample.generate.write_changed(folder / "gen", sample.host.outputs(families, ops, sample.generate.runtime_functions()))
    return folder, families, ops


@pytest.fixture(scope="module")
def library(made):
    folder, _, ops = made
    includes = [f"-I{folder}", f"-I{ROOT}/src", f"-I{ROOT}/include"]
    run(sys.executable, ROOT / "src/gen/pack.py", "--blob", folder / "code.bin", "--index", folder / "code.cpp", "--include",
        folder / "code.S")
    sources = [folder / "gen/all_ops.cpp", folder / "code.cpp", folder / "code.S", ROOT / "tests/gen/sample.cpp",
               *(folder / f"gen/{op.name}.cpp" for op in ops)]
    path = folder / "libsample.so"
    run(*COMPILE, *includes, "-shared", *sources, "-Wl,--whole-archive", core_objects(folder), "-Wl,--no-whole-archive", "-lz",
        "-lpthread", "-ldl", f"-Wl,--version-script={folder}/gen/exports.map", "-Wl,-z,defs", "-o", path)
    return path


@pytest.fixture(scope="module")
def package(made, library):
    """The Python package with the sample's operations in place of the library's."""
    folder, _, ops = made
    shutil.copytree(ROOT / "bindings/python/hipinfer", folder / "python/hipinfer", ignore=shutil.ignore_patterns("__pycache__", "*.so"))
    (folder / "python/hipinfer/_abi.py").write_text(sample.python.abi(ops))
    (folder / "python/hipinfer/ops.py").write_text(sample.python.operations(ops))
    (folder / "python/hipinfer/torch.py").write_text(sample.python_torch.module(ops))
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HIPINFER_LIBRARY", str(library))
        patch.syspath_prepend(str(folder / "python"))
        for name in [n for n in sys.modules if n.split(".")[0] == "hipinfer"]:
            patch.delitem(sys.modules, name)
        import hipinfer

        yield hipinfer
        for name in [n for n in sys.modules if n.split(".")[0] == "hipinfer"]:
            del sys.modules[name]


@pytest.fixture(scope="module")
def cpu(package):
    return package.Context("cpu")


X = np.array([[1, -2, 3], [4, 5, -6]], np.float32)
W = np.array([2, 1, 0.5], np.float32)
BIAS = np.array([10, 20, 30], np.float32)


def test_operations_of_a_group_differ_by_their_traits(package, cpu):
    y = np.zeros_like(X)
    package.sample_plain(y, X, W, context=cpu)
    assert (y == X * W).all()
    assert package.last_kernel() == "sample_plain/cpu"
    package.sample_plus_one(y, X, W, 2.0, 3, context=cpu)
    assert (y == X * (W + 1) * 2 + 3).all()


def test_in_place_is_what_alias_says(package, cpu):
    x, w = X.copy(), W.copy()
    package.sample_plain(x, x, w, context=cpu)
    assert (x == X * W).all()
    with pytest.raises(package.HipinferError, match="sample_plain: output: is the same memory as weight"):
        package.sample_plain(w.reshape(1, 3), X[:1], w, context=cpu)
    assert (w == W).all()


def test_options(package, cpu):
    """Each alone, all together, and a tensor among them of any kind that an argument may be."""
    y = np.zeros_like(X)
    for bias in (BIAS, package.from_numpy(BIAS, cpu), package.from_numpy(np.repeat(BIAS, 1), cpu)):
        package.sample_plain(y, X, W, bias=bias, context=cpu)
        assert (y == X * W + BIAS).all()
    for way in ("twice", 1, package.SampleWay.TWICE):
        package.sample_plain(y, X, W, way=way, context=cpu)
        assert (y == 2 * X * W).all()
    package.sample_plain(y, X, W, limit=2.5, context=cpu)
    assert (y == np.clip(X * W, -2.5, 2.5)).all()
    package.sample_plain(y, X, W, bias=BIAS, way="twice", limit=60, negate=True, context=cpu)
    assert (y == -np.clip(2 * (X * W + BIAS), -60, 60)).all()
    package.sample_plain(y, X, W, bias=None, context=cpu)
    assert (y == X * W).all()


@pytest.mark.parametrize("dtype", ["float16", "float32"])
def test_a_tensor_among_the_options_is_checked_like_an_argument(package, cpu, dtype):
    x, w, y = (a.astype(dtype) for a in (X, W, np.zeros_like(X)))
    package.sample_plain(y, x, w, bias=BIAS.astype(dtype), context=cpu)
    assert (y == (X * W + BIAS).astype(dtype)).all()
    y[:] = 7

    def refused(kind, text, **options):
        with pytest.raises(kind, match=text):
            package.sample_plain(y, x, w, **options, context=cpu)
        assert (y == 7).all()

    refused(package.HipinferError, r"sample_plain: bias: shape \[2\], expected \[N\] with N = 3", bias=BIAS[:2].astype(dtype))
    refused(package.HipinferError, r"sample_plain: bias: .*dimensions", bias=np.zeros((1, 3), dtype))
    refused(package.HipinferError, "sample_plain: bias: dtype i8", bias=np.zeros(3, np.int8))
    # weight binds the variable that both have.
    other = "float32" if dtype == "float16" else "float16"
    refused(package.HipinferError, "sample_plain: bias: dtype", bias=BIAS.astype(other))
    refused(package.HipinferError, "sample_plain: bias: stride 2 in the last dimension", bias=np.zeros(6, dtype)[::2])
    refused(package.HipinferError, "sample_plain: output: is the same memory as bias", bias=y[0])
    refused(TypeError, "sample_plain: bias: list", bias=[1, 2, 3])
    refused(package.HipinferError, "sample_plain: way: 2, expected a value from 0 to 1", way=2)
    refused(ValueError, "way: 'thrice', expected one of none, twice", way="thrice")
    refused(package.HipinferError, "sample_plain: limit: -1", limit=-1.0)
    refused(package.HipinferError, "sample_plain: negate: 2, expected a value from 0 to 1", negate=2)
    with pytest.raises(package.HipinferError, match="sample_plain: bias: has no use with factor 0"):
        package.sample_plain(y, x, w, 0.0, bias=BIAS.astype(dtype), context=cpu)


def test_a_tensor_among_the_options_chooses_the_context(package):
    """A validate-only context's tensors have no memory: only the option says where the call goes."""
    spec = package.TensorSpec
    only = package.Context(validate_only=True, target="cpu")
    package.sample_plain(spec([2, 3]), spec([2, 3]), spec([3]), bias=spec([3]), context=only)
    with pytest.raises(package.HipinferError, match="bias: shape"):
        package.sample_plain(spec([2, 3]), spec([2, 3]), spec([3]), bias=spec([4]), context=only)


class FakeTorch:
    """What _lean.py uses of torch: tensors that a function describes in a struct."""

    class tensor:
        requires_grad = False

        def __init__(self, view, negated=False):
            self.view, self.dtype, self.negated = view, "float32", negated

        def is_neg(self):
            return self.negated

        def get_device(self):
            return -1

    signed = frozenset(["float32"])

    def __init__(self, context):
        self.contexts, self.viewed = context, 0

    def context(self, index):
        return self.contexts

    def view(self, tensor, address):
        import ctypes

        self.viewed += 1
        ctypes.memmove(address, ctypes.byref(tensor.view.abi), ctypes.sizeof(tensor.view.abi))

    def grads(self):
        return False

    def stream(self, index):
        return 0


def test_the_short_way_of_torchs_tensors(package, cpu):
    """Its structs hold the options' tensors too. What it does not take it leaves to the long way."""
    import hipinfer._lean

    op, torch = package.ops._sample_plain, FakeTorch(cpu)
    call = hipinfer._lean.lean_call(torch, "sample_plain", 5, op.tensors, op.scalars, op.option_fields, op.options)
    out, *rest = (FakeTorch.tensor(package.from_numpy(a.copy(), cpu)) for a in (np.zeros_like(X), X, W, BIAS))
    x, w, bias = rest
    assert call((out, x, w, 1.0, 0), (bias, 1, 0.0, False), None, None)
    assert torch.viewed == 4 and (out.view.numpy() == 2 * (X * W + BIAS)).all()
    assert call((out, x, w, 1.0, 0), (None, 0, 0.0, True), None, None)
    assert torch.viewed == 7 and (out.view.numpy() == -X * W).all()
    assert call((out, x, w, 1.0, 0), None, None, None)
    assert (out.view.numpy() == X * W).all()
    out.view.numpy()[:] = 7
    for other in (BIAS, FakeTorch.tensor(bias.view, negated=True)):
        assert not call((out, x, w, 1.0, 0), (other, 0, 0.0, False), None, None)
    short = FakeTorch.tensor(package.from_numpy(BIAS[:2].copy(), cpu))
    assert not call((out, x, w, 1.0, 0), (short, 0, 0.0, False), None, None)
    assert (out.view.numpy() == 7).all()


def test_older_and_newer_option_structs(package, cpu):
    """The struct may end before its tensor, and may go on with zeros."""
    import ctypes

    abi, lib = package._abi, package._library.lib
    views = [package.from_numpy(a, cpu) for a in (np.zeros_like(X), X, W)]
    tensors = [ctypes.byref(v.abi) for v in views]
    bias = package.from_numpy(BIAS, cpu)

    class Longer(ctypes.Structure):
        _fields_ = [("known", abi.SamplePlainOptions), ("more", ctypes.c_void_p)]

    longer = Longer()
    longer.known.struct_size, longer.known.bias = ctypes.sizeof(Longer), ctypes.pointer(bias.abi)

    def call(options):
        pointer = ctypes.cast(ctypes.byref(options), ctypes.POINTER(abi.SamplePlainOptions))
        return lib.hipinfer_sample_plain(cpu.handle, *tensors, 1.0, 0, pointer, None)

    assert call(longer) == 0
    assert (views[0].numpy() == X * W + BIAS).all()
    longer.more = 1
    assert call(longer) == abi.StatusCode.INVALID_ARGUMENT
    shorter = abi.SamplePlainOptions(8, ctypes.pointer(bias.abi))
    assert call(shorter) == 0
    assert (views[0].numpy() == X * W).all()


INDPTR, TABLE, LENGTHS = [0, 2, 2, 3], [1, 0, 1], [3, 9, 2]
GATHERED = np.array([[4, 5, -6], [1, -2, 3], [4, 5, 0]], np.float32)


@pytest.fixture(scope="module")
def checking(package):
    return package.Context("cpu", check_contents=True)


@pytest.mark.parametrize("index", [np.int32, np.int64])
def test_contents(package, checking, index):
    """The rules of the sample, of both index dtypes; the first bad entry is named, and nothing is written."""
    x = np.vstack([X, np.zeros((1, 3), np.float32)])
    out = np.zeros((3, 3), np.float32)

    def call(indptr=INDPTR, table=TABLE, lengths=LENGTHS):
        table = table if isinstance(table, np.ndarray) else np.array(table, index)
        package.sample_table(out, x, np.array(indptr, index), table, np.array(lengths, index), context=checking)

    call()
    assert (out == GATHERED).all()
    # Strided, and backwards.
    every_other = np.full(6, 99, index)
    every_other[::2] = TABLE
    call(table=every_other[::2])
    call(table=np.array(TABLE[::-1], index)[::-1])
    assert (out == GATHERED).all()
    out[:] = 7

    def refused(text, **words):
        with pytest.raises(package.HipinferError) as caught:
            call(**words)
        assert caught.value.status == package._abi.StatusCode.INVALID_CONTENTS
        assert str(caught.value) == f"sample_table: {text} [INVALID_CONTENTS]"
        assert (out == 7).all()

    refused("indptr[1]: -2, expected at least 0", indptr=[0, -2, 2, 3])
    refused("indptr[2]: 1, expected at least 2, the entry before", indptr=[0, 2, 1, 3])
    refused("indptr[3]: 4, expected at most 3 (entries of table)", indptr=[0, 2, 2, 4])
    refused("table[2]: 3, expected below 3 (rows of input)", table=[1, 0, 3])
    refused("lengths[2]: 4, expected at most 3 (values of a row)", lengths=[3, 9, 4])
    refused("lengths[0]: 0, expected at least 1", lengths=[0, 9, 4])
    every_other[2] = -1
    refused("table[1]: -1, expected at least 0", table=every_other[::2])
    refused("table[0]: 5, expected below 3 (rows of input)", table=np.array([1, 0, 5], index)[::-1])
    # Of tensors that were left out nothing is looked at, and what they would say of others is not known: the operation
    # itself refuses the call.
    for left_out in ("indptr", "table", "lengths"):
        given = dict(indptr=[0, 2, 2, 3], table=[1, 0, 1], lengths=[3, 3, 2]) | {left_out: None}
        given = {name: None if value is None else np.array(value, index) for name, value in given.items()}
        if left_out == "table":
            given["indptr"][3] = 99  # as far as anybody knows
        with pytest.raises(package.HipinferError, match="sample_table: indptr: goes with table and lengths"):
            package.sample_table(out, x, *given.values(), context=checking)
    with pytest.raises(package.HipinferError, match="lengths.1.: -9, expected at least 1"):
        package.sample_table(out, x, None, np.array(TABLE, index), np.array([3, -9, 2], index), context=checking)
    assert (out == 7).all()
    # What no request owns is not looked at.
    out[:] = 0
    call(indptr=[1, 2, 2, 3], table=[-9, 0, 1])
    call(indptr=[0, 0, 0, 0], table=[9, 9, 9], lengths=[0, 0, 0])
    if index == np.int64:
        refused_value = 2**40
        out[:] = 7
        refused(f"table[2]: {refused_value}, expected below 3 (rows of input)", table=[1, 0, refused_value])


def test_an_optional_output_and_a_workspace(package, cpu):
    index = [np.array(a, np.int32) for a in (INDPTR, TABLE, LENGTHS)]
    package.sample_table(None, X, *index, context=cpu)
    assert package.last_kernel() == "sample_table/cpu"
    assert package.sample_table_workspace_bytes(None, X, *index, context=cpu) == 12
    with pytest.raises(package.HipinferError, match="sample_table: indptr: goes with table"):
        package.sample_table_workspace_bytes(None, X, None, *index[1:], context=cpu)
    with pytest.raises(package.HipinferError, match="sample_table: input: rows of length 0"):
        package.sample_table_workspace_bytes(None, X[:, :0], *index, context=cpu)


def test_signatures_and_rows(package):
    """What ctypes passes, and the rows in the family's order with the CPU's at last."""
    signatures = package._abi.FUNCTIONS["hipinfer_sample_plain"][1]
    assert [t.__name__ for t in signatures] == ["c_void_p", "LP_Tensor", "LP_Tensor", "LP_Tensor", "c_float", "c_long",
                                                "LP_SamplePlainOptions", "c_void_p"]
    rows = [(k.op, k.kernel, k.condition) for k in package.kernels()]
    assert rows[:3] == [("sample_plain", "wide", "p.vector && p.n <= 4096"), ("sample_plain", "rows", ""), ("sample_plain", "cpu", "")]
    assert [k for o, k, _ in rows if o == "sample_table"] == ["d64", "d128", "any", "cpu"]


def test_the_header_is_c_and_the_structs_agree(made, package, tmp_path):
    """The emitted header compiles as C99 and C++, and ctypes has its layout."""
    folder, _, ops = made
    include = tmp_path / "hipinfer"
    include.mkdir()
    for name in ("hipinfer.h", "types.h", "version.h"):
        shutil.copy(ROOT / "include/hipinfer" / name, include)
    text = sample.header.header(ops)
    (include / "ops.h").write_text(text)
    assert "const hipinfer_tensor* bias; ///< NULL, or [N], dtype that of data, or f32" in text
    assert "int32_t way; ///< a hipinfer_sample_way." in text
    assert "INVALID_CONTENTS, which names the first bad entry" in " ".join(text.split()).replace(" /// ", " ")
    source = tmp_path / "layout.c"
    source.write_text(sample.layout.program([(include / "types.h").read_text(), text]))
    run("c++", "-x", "c++", "-std=c++20", "-Wall", "-Wextra", "-Werror", "-fsyntax-only", f"-I{tmp_path}", source)
    run("cc", "-std=c99", "-Wall", "-Wextra", "-Werror", f"-I{tmp_path}", source, "-o", tmp_path / "layout")
    import json

    found = json.loads(subprocess.run([tmp_path / "layout"], capture_output=True, text=True, check=True).stdout)
    struct = package._abi.SamplePlainOptions
    assert found["hipinfer_sample_plain_options"]["bias"] == struct.bias.offset == 8
    assert found["hipinfer_sample_plain_options"]["size"] == sample_size(struct)


def sample_size(struct) -> int:
    import ctypes

    return ctypes.sizeof(struct)


def test_rust(made):
    """The options' tensor is borrowed for the call, and its raw struct outlives the pointer to it."""
    text = sample.rust.ops(made[2])
    options = text[text.index("pub struct SamplePlainOptions<'a>"):]
    assert "pub bias: Option<TensorRef<'a>>," in options and "pub way: SampleWay," in options
    assert "bias: None, way: SampleWay::None, limit: 0.0, negate: false," in " ".join(options.split())
    body = text[text.index("pub fn sample_plain<'a>("):]
    body = body[:body.index("\n}\n")]
    assert "    options: SamplePlainOptions<'_>,\n" in body
    raw, struct = body.index("let bias_raw = options.bias.as_ref().map(|t| t.raw());"), body.index("let c_options = ")
    assert raw < struct < body.index("&c_options")
    assert "        bias: pointer(&bias_raw),\n        way: options.way as i32,\n        limit: options.limit,\n" in body
    assert "hipinfer_sample_plain_options { struct_size, bias, way, limit, negate }" in sample.rust.layout_table(made[2])


def test_offsets_are_looked_at_first(tmp_path):
    """Wherever they are among the arguments."""
    moved = sample.FAMILY.replace('{ name = "indptr", optional = true }, { name = "table", optional = true }',
                                  '{ name = "table", optional = true }, { name = "indptr", optional = true }')
    assert moved != sample.FAMILY
    op = next(op for op in sample.operations(tmp_path, text=moved) if op.name == "sample_table")
    assert [a.name for a in op.tensors] == ["output", "input", "table", "indptr", "lengths"]
    text = "\n".join(sample.host.contract_tables(op))
    rules = [line.split(",")[:2] for line in text[text.index("contents_rule contents[]"):].splitlines() if ".within" in line]
    assert rules == [["    {.tensor = 3", " .within = -1"], ["    {.tensor = 2", " .within = 3"], ["    {.tensor = 4", " .within = -1"]]


def test_registry(made):
    """The tests' registry has an option's tensor after the arguments, as a test lists it."""
    text = sample.host.test_registry(made[2])
    rows = text[text.index('{"sample_plain"'):text.index('{"sample_plus_one"')]
    assert rows.startswith('{"sample_plain", false, 4, {')
    names = [line.split('"')[1] for line in rows.splitlines()[1:5]]
    assert names == ["output", "input", "weight", "bias"]
    assert '{"bias", "in", true, "f32 f16", "rows", "N"}' in rows
    assert '}, 1, {{"N", 4096}}},' in rows


def test_kernel_sources(made):
    """Each instance is exported under its row's name with the dtypes of its body, in the code object that the row names."""
    files = sample.kernels.outputs(made[2])
    assert sorted(files) == ["sample_plain.hip", "sample_table.hip", "sample_table_d128.hip", "sample_table_d64.hip"]
    text = files["sample_plain.hip"]
    assert '#include "ops/sample/sample.hip"' in text
    assert ("HIPINFER_KERNEL_RESIDENT(256, 4) sample_plain_wide_f16_f32(HIPINFER_PARAMS(sample_params) p) {\n"
            "  await_previous_kernel();\n  scale_rows<f16, f32, 256, 2>(p);\n}") in text
    assert "sample_plain_wide_f32" not in text  # the row serves f16 alone
    assert "HIPINFER_KERNEL(64) sample_plain_rows_f32_f32(" in text
    assert "gather_rows<f16, 64>(p);" in files["sample_table_d64.hip"]


def test_operations_share_kernels(made, tmp_path):
    """Kernels of one parameter struct that differ in name alone are one, in the first operation's code object."""
    plain, plus_one, table = made[2]
    assert [(k.symbol, k.module) for k in plus_one.kernels] == [(k.symbol, k.module) for k in plain.kernels] == [
        ("sample_plain_wide_{data}_{weight}", "sample_plain"), ("sample_plain_rows_{data}_{weight}", "sample_plain")]
    plan = [line.split()[:3] for line in sample.generate.plan(made[1], made[2]) if line.startswith("module ")]
    assert ["module", "sample_plain", "sample_plain,sample_plus_one"] in plan
    assert ["module", "sample_table", "sample_table"] in plan
    assert '.module = "sample_plain", ' in sample.host.op_source(plus_one)
    # Another body, another number of threads, other targets: another kernel. What is the same stays shared.
    for old, new in (("scale_rows<$data, $weight, $threads, 1>(p)", "scale_rows<$data, $weight, $threads, 1, ways::$form>(p)"),
                     ('name = "rows"\nsource = "sample.hip"\nthreads = 64', 'name = "rows"\nsource = "${form}.hip"\nthreads = 64')):
        folder = sample.folder(tmp_path, sample.changed((old, new)))
        for name in ("plain.hip", "plus_one.hip"):
            (folder / "sample" / name).write_text("")
        ops = {op.name: op for f in sample.read.read_all(folder) for op in f.ops}
        assert [k.module for k in ops["sample_plus_one"].kernels] == ["sample_plain", "sample_plus_one"]
        files = sample.kernels.outputs(list(ops.values()))
        assert "sample_plus_one_rows_f32_f32(" in files["sample_plus_one.hip"] and "wide" not in files["sample_plus_one.hip"]
        assert "sample_plus_one" not in files["sample_plain.hip"]
