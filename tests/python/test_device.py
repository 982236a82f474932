# SPDX-License-Identifier: Apache-2.0
"""The package on a GPU, seen from the driver: tests/fake_hip.cpp logs what a HIP runtime is asked for. Its memory is the
host's and its kernels do nothing, so this is about copies, streams, workspaces and lifetimes. The library binds one HIP
runtime a process, hence the subprocesses."""

import os
import shutil
import subprocess
import sys

import hipinfer
import pytest
from conftest import ROOT

if "gfx942" not in hipinfer.targets():
    pytest.skip("the fake device is a gfx942, for which this library has no code", allow_module_level=True)

PREAMBLE = """
import ctypes, gc, sys, types
import numpy as np
fake = ctypes.CDLL(sys.argv[1])
fake.fake_hip_calls.restype = ctypes.c_char_p
fake.fake_hip_reset.argtypes = [ctypes.c_char_p, ctypes.c_int]
import hipinfer

def calls(reset=True):
    text = fake.fake_hip_calls().decode()
    if reset:
        fake.fake_hip_reset(b"", 0)
    return [c for c in text.split() if not c.startswith(("hipSetDevice", "hipThreadExchange", "hipGetDevice"))]

def count(name, log):
    return sum(c.startswith(name + "(") for c in log)

def launches(log):
    return [int(c.rstrip(")").rsplit(",", 1)[1]) for c in log if c.startswith("hipModuleLaunchKernel")]

c = hipinfer.Context("hip")
w = hipinfer.from_numpy(np.ones(64, np.float32), c)
x = hipinfer.zeros((4, 64), "f32", c)
hipinfer.rmsnorm(x, x, w)
assert launches(calls()) == [0]
"""


@pytest.fixture(scope="module")
def fake(tmp_path_factory):
    compiler = shutil.which("c++") or shutil.which("clang++") or pytest.skip("no C++ compiler")
    path = tmp_path_factory.mktemp("fake") / "libfake_hip6.so"
    subprocess.run([compiler, "-std=c++20", "-shared", "-fPIC", "-DFAKE_HIP_VERSION=6",
                    str(ROOT / "tests/fake_hip.cpp"), "-o", str(path)], check=True)
    return path


def run(fake, code):
    environment = {**os.environ, "HIPINFER_HIP_LIBRARY": str(fake), "PYTHONPATH": str(ROOT / "bindings/python")}
    done = subprocess.run([sys.executable, "-c", PREAMBLE + code, str(fake)], env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def test_copies_and_views(fake):
    run(fake, """
assert c.device == "hip:0" and c.code_target == "gfx942" and c.wave_size == 64
a = np.arange(60, dtype=np.float32).reshape(3, 4, 5)
t = hipinfer.from_numpy(a, c)
log = calls()
assert count("hipMalloc", log) == 1 and count("hipMemcpyAsync", log) == 1, log
assert not np.shares_memory(t.numpy(), a)
calls()
for key in (np.s_[:], np.s_[1:, ::-2], np.s_[..., 2], np.s_[::-1, 1, 1:4], np.s_[2:1]):
    np.testing.assert_array_equal(t[key].numpy(), a[key])
    log = calls()
    assert count("hipMemcpyAsync", log) == (a[key].size > 0) and count("hipMalloc", log) == 0, log
for refused in (lambda: np.asarray(t), lambda: hipinfer.as_tensor(a, c)):
    try:
        refused()
    except (TypeError, ValueError) as e:
        assert "copies" in str(e) or "does not copy" in str(e)
    else:
        raise AssertionError("a hidden copy")
assert not hasattr(t, "__array_interface__")
""")


def test_streams(fake):
    run(fake, """
s = hipinfer.Stream(c)
class OfTorch: cuda_stream = 21
class OfCupy: ptr = 33
for stream, number in ((s, 7), (55, 55), (OfTorch(), 21), (OfCupy(), 33), (None, 0)):
    hipinfer.rmsnorm(x, x, w, stream=stream)
    assert launches(calls()) == [number]
hipinfer.rmsnorm(x, x, w, stream=55)
calls()
x[1:].numpy()  # follows the last write to the memory, through any view
copy, wait = calls()
assert copy.endswith(",55)") and wait.startswith("hipStreamSynchronize")
hipinfer.rmsnorm(x, x, w, stream=55)
calls()
capsule = x.__dlpack__(stream=1)
assert count("hipStreamSynchronize", calls()) == 1
capsule = x.__dlpack__(stream=-1)
assert count("hipStreamSynchronize", calls()) == 0
assert x.__dlpack_device__() == (10, 0)
""")


def test_dlpack_producers_are_told_the_stream(fake):
    run(fake, """
asked = []
class Producer:
    def __dlpack_device__(self):
        return (10, 0)
    def __dlpack__(self, stream=None, max_version=None):
        asked.append(stream)
        return x.__dlpack__(stream=-1, max_version=max_version)
hipinfer.rmsnorm(Producer(), Producer(), w)
hipinfer.rmsnorm(Producer(), Producer(), w, stream=5)
assert asked == [0, 0, 5, 5], asked
""")


def test_torch_on_rocm(fake):
    """torch calls AMD GPUs "cuda". A stand-in of torch says so and has a current stream."""
    run(fake, """
torch = types.ModuleType("torch")
class Tensor:
    requires_grad, is_cuda, layout, dtype = False, True, "strided", "torch.float32"
    def __init__(self, of, device=0):
        self.of, self.shape, self.device = of, of.shape, types.SimpleNamespace(type="cuda", index=device)
    def stride(self): return self.of.strides
    def data_ptr(self): return self.of.pointer
    def is_neg(self): return False
torch.Tensor, torch.strided, torch.version = Tensor, "strided", types.SimpleNamespace(hip="6.2")
torch.is_grad_enabled = lambda: grads
grads = True
torch.cuda = types.SimpleNamespace(current_stream=lambda device: types.SimpleNamespace(cuda_stream=70 + device.index))
sys.modules["torch"] = torch
hipinfer.rmsnorm(Tensor(x), Tensor(x), Tensor(w))
assert launches(calls()) == [70]
hipinfer.rmsnorm(Tensor(x), x, w, stream=4)
assert launches(calls()) == [4]
hipinfer.rmsnorm(Tensor(x, 1), Tensor(x, 1), Tensor(w, 1))
assert launches(calls()) == [71]
try:
    hipinfer.rmsnorm(Tensor(x, 1), Tensor(x, 1), Tensor(w, 0))
except hipinfer.TensorError as e:
    assert "weight: device (10, 0)" in str(e)
else:
    raise AssertionError("two devices in one call")
grad = Tensor(x)
grad.requires_grad = True
for argument, call in {"output": lambda: hipinfer.rmsnorm(grad, x, w), "input": lambda: hipinfer.rmsnorm(x, grad, w)}.items():
    grads = True
    try:
        call()
    except ValueError as e:
        assert f"rmsnorm: {argument}: a torch tensor that requires a gradient" in str(e) and "no_grad" in str(e)
    else:
        raise AssertionError(f"{argument}: behind autograd's back")
    grads = False
    call()
""")


def test_lifetimes(fake):
    run(fake, """
assert count("hipFree", calls()) == 0
t = hipinfer.zeros((8, 8), "f32", c)
view = t[2:]
del t
gc.collect()
assert count("hipFree", calls()) == 0
del view
gc.collect()
assert count("hipFree", calls()) == 1
t = hipinfer.zeros(8, "f32", c)
c.close()
del x, w
gc.collect()
log = calls()
assert count("hipFree", log) == 2 and count("hipModuleUnload", log) == 0

del t  # the last of its context
gc.collect()
log = calls()
assert log.index("hipFree()") < log.index("hipModuleUnload()"), log
""")


def test_errors_of_the_driver(fake):
    run(fake, """
for name, status, kind in ((b"hipMalloc", 2, hipinfer.OutOfMemoryError), (b"hipModuleLaunchKernel", 719, hipinfer.DeviceError)):
    fake.fake_hip_reset(name, status)
    try:
        hipinfer.empty(10, "f32", c) if status == 2 else hipinfer.rmsnorm(x, x, w)
    except kind as e:
        assert name.decode() in str(e), e
    else:
        raise AssertionError(name)
calls()
""")


def test_workspaces(fake):
    """Kept for a stream, grown by making a second one (a captured graph may still use the first), never shared by
    streams or threads."""
    if not hasattr(hipinfer, "paged_attention_decode"):
        pytest.skip("no operation of this library has a workspace")
    run(fake, """
import threading
def arguments(requests, pages):
    q = hipinfer.zeros((requests, 8, 128), "bf16", c)
    cache = hipinfer.zeros((pages, 16, 2, 128), "bf16", c)
    i = lambda n: hipinfer.zeros(n, "i32", c)
    return q, None, q[:], cache, hipinfer.zeros((pages, 16, 2, 128), "bf16", c), i(requests + 1), i(pages), i(requests)
out, _, q, *rest = small = arguments(1, 512)
out = hipinfer.zeros((1, 8, 128), "bf16", c)
small = (out, None, q, *rest)
_, _, q, *rest = arguments(16, 512)
large = (hipinfer.zeros((16, 8, 128), "bf16", c), None, q, *rest)
need, more = (hipinfer.paged_attention_decode_workspace_bytes(*a) for a in (small, large))
assert 0 < need < more, (need, more)
calls()
def mallocs(a, **words):
    hipinfer.paged_attention_decode(*a, **words)
    return [int(m[10:-1]) for m in calls() if m.startswith("hipMalloc")]
assert mallocs(small) == [need]
assert mallocs(small) == []
assert mallocs(large) == [max(more, 2 * need)]
assert mallocs(small) == [] and mallocs(large) == []
assert mallocs(small, stream=9) == [need]
found = []
t = threading.Thread(target=lambda: found.append(mallocs(small)))
t.start(); t.join()
assert found == [[need]]
gc.collect()
own = hipinfer.empty(need, "u8", c)
calls()
assert mallocs(small, stream=11, workspace=own) == []
try:
    hipinfer.paged_attention_decode(*small, workspace=own[:need - 1])
except hipinfer.WorkspaceError as e:
    assert f"expected at least {need}" in str(e)
else:
    raise AssertionError("a workspace that is too small")
for gaps in (hipinfer.empty(2 * need, "u8", c)[::2], own[::-1]):
    try:
        hipinfer.paged_attention_decode(*small, workspace=gaps)
    except ValueError as e:
        assert "not contiguous" in str(e)
    else:
        raise AssertionError("a workspace with gaps")
""")


def kernel_folder(path, target="gfx942", code=b"code of rmsnorm"):
    """As the build makes it; the fake takes anything for code."""
    (path.parent / "rmsnorm.hsaco").write_bytes(code)
    subprocess.run([sys.executable, ROOT / "src/gen/folder.py", "--out", path, "--target", target, "--object",
                    f"{target}/rmsnorm={path.parent / 'rmsnorm.hsaco'}"], check=True)
    return path / target / "rmsnorm.hsaco"


def test_a_folder_of_code_objects(fake, tmp_path):
    """HIPINFER_KERNEL_PATH takes the place of the built-in code: a module that is not in it is missing."""
    kernel_folder(tmp_path / "kernels")
    kernel_folder(tmp_path / "other", "gfx90a")
    run(fake, f"""
folder = hipinfer.Context("hip", kernel_path={str(tmp_path / "kernels")!r})
v, y = (hipinfer.zeros(n, "f32", folder) for n in (64, (4, 64)))
calls()
hipinfer.rmsnorm(y, y, v)
log = calls()
assert count("hipModuleLoadData", log) == 1 and launches(log) == [0], log
try:
    hipinfer.silu_and_mul(hipinfer.zeros((4, 32), "f32", folder), y)
except hipinfer.HipinferError as e:
    assert "gfx942/silu_and_mul.hsaco" in str(e), e
else:
    raise AssertionError("served by code that is not in the folder")
assert launches(calls()) == []
try:
    hipinfer.Context("hip", kernel_path={str(tmp_path / "other")!r})
except hipinfer.HipinferError as e:
    assert "holds no folder for gfx942" in str(e), e
else:
    raise AssertionError("a folder for another target")
""")


def loop(file):
    file.unlink()
    file.symlink_to(file)


def folder_in_place(file):
    file.unlink()
    file.mkdir()


def pipe(file):
    file.unlink()
    os.mkfifo(file)


def huge(file):
    with open(file, "r+b") as f:
        f.truncate(1 << 40)


FILES = {  # what a code object has become, and what is said of it
    "gone": (os.unlink, "No such file or directory"),
    "shorter": (lambda f: f.write_bytes(f.read_bytes()[:-1]), "14 bytes, expected 15"),
    "longer": (lambda f: f.write_bytes(f.read_bytes() + b"!"), "16 bytes, expected 15"),
    "empty": (lambda f: f.write_bytes(b""), "0 bytes, expected 15"),
    "another": (lambda f: f.write_bytes(b"code of Rmsnorm"), "its SHA-256 is another"),
    "loop of links": (loop, "Too many levels of symbolic links"),
    "folder": (folder_in_place, "is no regular file"),
    "pipe": (pipe, "is no regular file"),
    "device": (lambda f: (f.unlink(), f.symlink_to("/dev/zero")), "is no regular file"),
    "huge": (huge, "1099511627776 bytes, expected 15"),
}


@pytest.mark.parametrize("what", FILES)
def test_a_code_object_that_is_not_the_manifests(fake, tmp_path, what):
    """The call is refused and names the operation and the file; nothing is loaded, read without end or waited for."""
    change, reason = FILES[what]
    file = kernel_folder(tmp_path / "kernels")
    change(file)
    run(fake, f"""
folder = hipinfer.Context("hip", kernel_path={str(tmp_path / "kernels")!r})
v, y = (hipinfer.zeros(n, "f32", folder) for n in (64, (4, 64)))
calls()
for call in (lambda: hipinfer.rmsnorm(y, y, v), lambda: folder.preload("rmsnorm")):
    try:
        call()
    except hipinfer.HipinferError as e:
        assert str(e).split(" (")[0].startswith("rmsnorm: " + {str(file)!r} + ": "), e
        assert {reason!r} in str(e) and e.status_name == "NO_CODE_OBJECT", e
    else:
        raise AssertionError("accepted")
assert calls() == []
""")


WHOLE = '{"version": "%s", "targets": ["gfx942"], "files": []}' % hipinfer.library_version()
MANIFESTS = {
    "none": (os.unlink, "No such file or directory"),
    "older": (lambda f: f.write_text(f.read_text().replace(hipinfer.library_version(), "0.0.9")),
              f"of version 0.0.9, the library is of {hipinfer.library_version()}"),
    "of no version": (lambda f: f.write_text(WHOLE.replace("version", "Version")), '"version" is no text'),
    "a number for a version": (lambda f: f.write_text('{"version": 0.1}'), '"version" is no text'),
    "without files": (lambda f: f.write_text(WHOLE.replace("files", "Files")), '"files" is no list'),
    "a size below 0": (lambda f: f.write_text(WHOLE.replace("[]", '[{"file": "a", "bytes": -1, "sha256": ""}]')),
                       '"bytes" is no number of bytes'),
    "a list": (lambda f: f.write_text("[]"), '"version" is no text'),
    "empty": (lambda f: f.write_text(""), "JSON: "),
    "cut": (lambda f: f.write_text(WHOLE[:-1]), "JSON: expected }, and it ends"),
    "with more": (lambda f: f.write_text(WHOLE + "x"), "JSON: something follows its end"),
    "deep": (lambda f: f.write_text("[" * 1000000), "JSON: nested too deeply"),
    "no JSON": (lambda f: f.write_bytes(bytes(range(256))), "JSON: "),
    "loop of links": (loop, "Too many levels of symbolic links"),
    "pipe": (pipe, "is no regular file"),
    "huge": (huge, "bytes, expected at most 16777216"),
}


@pytest.mark.parametrize("what", MANIFESTS)
def test_a_folder_whose_manifest_is_not_the_librarys(fake, tmp_path, what):
    change, reason = MANIFESTS[what]
    kernel_folder(tmp_path / "kernels")
    change(tmp_path / "kernels/manifest.json")
    run(fake, f"""
try:
    hipinfer.Context("hip", kernel_path={str(tmp_path / "kernels")!r})
except hipinfer.HipinferError as e:
    assert {str(tmp_path / "kernels/manifest.json")!r} in str(e) and {reason!r} in str(e), e
else:
    raise AssertionError("accepted")
""")
