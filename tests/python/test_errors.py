# SPDX-License-Identifier: Apache-2.0
"""Every refusal is an exception with the library's own message."""

import os
import subprocess
import sys
from pathlib import Path

import hipinfer
import numpy as np
import pytest
from conftest import ROOT
from hipinfer._abi import StatusCode


def x(*shape, dtype=np.float32):
    return np.zeros(shape, dtype)


@pytest.mark.parametrize("call, kind, builtin, status, text", [
    (lambda: hipinfer.rmsnorm(x(2, 16), x(2, 16), x(15)), hipinfer.ShapeError, ValueError, "INVALID_SHAPE",
     r"rmsnorm: weight: shape \[15\], expected"),
    (lambda: hipinfer.rmsnorm(x(2, 16), x(16), x(16)), hipinfer.ShapeError, ValueError, "INVALID_RANK", "rmsnorm: input"),
    (lambda: hipinfer.rmsnorm(x(2, 16), x(2, 16, dtype=np.int32), x(16)), hipinfer.DTypeError, TypeError,
     "INVALID_DTYPE", "dtype i32, expected f32"),
    (lambda: hipinfer.rmsnorm(x(2, 16), x(2, 32)[:, ::2], x(16)), hipinfer.TensorError, ValueError, "INVALID_STRIDE",
     "stride 2 in the last dimension"),
    (lambda: hipinfer.rmsnorm(x(2, 16), x(2, 16), None), hipinfer.ArgumentError, ValueError, "NULL_POINTER",
     "weight: is NULL"),
    (lambda: hipinfer.rmsnorm(x(2, 16), x(2, 16), x(16), -1.0), hipinfer.ArgumentError, ValueError,
     "INVALID_ARGUMENT", "eps: -1"),
    (lambda: hipinfer.rmsnorm(x(2, 16), x(2, 16), x(16), float("nan")), hipinfer.ArgumentError, ValueError,
     "INVALID_ARGUMENT", "eps: .*nan"),
])
def test_messages(call, kind, builtin, status, text):
    with pytest.raises(kind, match=text) as caught:
        call()
    assert isinstance(caught.value, builtin) and isinstance(caught.value, hipinfer.HipinferError)
    assert caught.value.status == StatusCode[status] and caught.value.status_name == status
    assert status in str(caught.value) and caught.value.message in str(caught.value)


def test_nothing_is_written_on_an_error():
    y = np.full((2, 16), 7, np.float32)
    with pytest.raises(hipinfer.HipinferError):
        hipinfer.rmsnorm(y, x(2, 16), x(15))
    assert (y == 7).all()


def test_scalars_of_the_wrong_type_name_the_argument():
    with pytest.raises((TypeError, ValueError), match="rmsnorm: eps"):
        hipinfer.rmsnorm(x(2, 16), x(2, 16), x(16), "small")


def test_aliasing():
    a = x(2, 16)
    with pytest.raises(hipinfer.TensorError, match="output: is the same memory as weight"):
        hipinfer.rmsnorm(a, x(2, 16), a[0])


@pytest.mark.parametrize("device", ["hip", "cuda"])
def test_a_missing_device(device):
    count = hipinfer.device_count(device)
    with pytest.raises(hipinfer.DeviceError) as caught:
        hipinfer.Context(f"{device}:{count + 3}")
    assert caught.value.status == StatusCode.NO_DEVICE and isinstance(caught.value, RuntimeError)
    assert len(caught.value.message) > 10


def test_an_unknown_device():
    with pytest.raises(hipinfer.ArgumentError, match='device "tpu": expected hip, cuda or cpu'):
        hipinfer.Context("tpu")
    with pytest.raises(ValueError, match="expected one of"):
        hipinfer.device_count("tpu")


def test_a_closed_context():
    with hipinfer.Context("cpu") as c:
        assert "cpu:0" in repr(c)
    with pytest.raises(ValueError, match="the context is closed"):
        hipinfer.rmsnorm(x(2, 16), x(2, 16), x(16), context=c)
    assert "closed" in repr(c)


def test_a_destroyed_handle_is_null():
    """Of a cycle of garbage a buffer may be finalised after its context's handle."""
    handle = hipinfer.Context("cpu")._handle
    handle.__del__()
    assert handle.value == 0


def test_out_of_memory(cpu):
    with pytest.raises(MemoryError) as caught:
        hipinfer.empty(2**55, "f32", cpu)
    assert caught.value.status == StatusCode.OUT_OF_MEMORY


@pytest.mark.parametrize("shape", [(2**62 + 64,), (2**62, 2**62), (2**63,), (2**64 + 4,), (0, 2**64 + 4), (2**61,)])
def test_extents_past_64_bits(cpu, shape):
    for make in (hipinfer.empty, hipinfer.zeros):
        with pytest.raises(ValueError, match="64 bits|2\\^63"):
            make(shape, "f32", cpu)
    if max(shape) >= 2**63:
        with pytest.raises(ValueError, match="does not fit in 64 bits"):
            hipinfer.TensorSpec(shape)
    with pytest.raises(ValueError, match="does not fit in 64 bits"):
        hipinfer.TensorSpec((2,), strides=(2**64 + 1,))
    none = hipinfer.empty((0, 4), "f32", cpu)
    with pytest.raises(ValueError, match="does not fit in 64 bits"):
        none.reshape(2**64 + 4, 0)
    row = hipinfer.empty(4, "f32", cpu)
    assert row[::2**64].shape == (1,)


def test_disable():
    c = hipinfer.Context("cpu", disable=["rmsnorm"])
    with pytest.raises(hipinfer.UnsupportedError, match="rmsnorm: no kernel") as caught:
        hipinfer.rmsnorm(x(2, 16), x(2, 16), x(16), context=c)
    assert isinstance(caught.value, NotImplementedError)
    with pytest.raises(hipinfer.ArgumentError, match='no op or kernel "nothing"'):
        hipinfer.Context("cpu", disable="nothing")


def test_validate_only():
    for target in hipinfer.targets() + ["cpu"]:
        c = hipinfer.Context(target=target, validate_only=True)
        assert c.target == target
        a = hipinfer.TensorSpec((4, 128), "bf16")
        hipinfer.rmsnorm(a, a, hipinfer.TensorSpec((128,), "f32"), context=c)
        assert hipinfer.last_kernel().startswith("rmsnorm/")
        with pytest.raises(hipinfer.ShapeError):
            hipinfer.rmsnorm(a, a, hipinfer.TensorSpec((127,)), context=c)
        with pytest.raises(hipinfer.UnsupportedError, match="no device"):
            hipinfer.empty(4, "f32", c)
    with pytest.raises(hipinfer.ArgumentError, match="target"):
        hipinfer.Context(target="gfx942")


def test_a_host_array_on_a_gpu_context(context):
    if context.on_cpu:
        pytest.skip("needs a GPU")
    y = hipinfer.zeros((2, 16), "f32", context)
    with pytest.raises(hipinfer.TensorError, match="rmsnorm: weight: device"):
        hipinfer.rmsnorm(y, y, x(16))


def context_with(code="hipinfer.Context()", **variables):
    """What the creation of a context says in a process of its own."""
    environment = {k: v for k, v in os.environ.items() if k != "HIPINFER_DEVICE"} | variables
    done = subprocess.run([sys.executable, "-c", f"import hipinfer; print({code}.device)"], capture_output=True, text=True,
                          env=environment | {"PYTHONPATH": str(ROOT / "bindings/python")})
    return done.stdout.strip() if done.returncode == 0 else done.stderr.splitlines()[-1]


def test_a_hip_that_was_asked_for_is_not_passed_over(tmp_path):
    """HIPINFER_HIP_LIBRARY names no HIP: no other device serves without a word. Another that is asked for does."""
    (tmp_path / "text.so").write_text("no library")
    for path in (str(tmp_path / "none.so"), str(tmp_path / "text.so"), str(tmp_path), "libm.so.6"):
        said = context_with(HIPINFER_HIP_LIBRARY=path)
        assert "ArgumentError: HIPINFER_HIP_LIBRARY: " in said and Path(path).name in said, said
        assert context_with('hipinfer.Context("cpu")', HIPINFER_HIP_LIBRARY=path) == "cpu:0"


def test_a_number_of_threads_that_is_none():
    for text in ("many", "0", "-2", "1.5", "2000"):
        said = context_with('hipinfer.Context("cpu")', HIPINFER_NUM_THREADS=text)
        assert f"HIPINFER_NUM_THREADS={text}: expected a number from 1 to 1024" in said, said
    for text in ("", "1", "2"):
        assert context_with('hipinfer.Context("cpu")', HIPINFER_NUM_THREADS=text) == "cpu:0"


@pytest.mark.parametrize("change, text", [
    ({"weight": np.ones(16)}, r"rmsnorm: weight: dtype f64, expected f32; convert it with weight.astype\(numpy.float32\)"),
    ({"input": np.ones((2, 16))}, r"rmsnorm: input: dtype f64, expected f32, .*; convert it with input.astype\(numpy.float32\)"),
    ({"output": np.ones((2, 16))}, r"rmsnorm: output: dtype f64, expected f32; make it with dtype=numpy.float32"),
    ({"input": np.ones((2, 16), np.int64)}, r"rmsnorm: input: dtype i64, expected f32, .*; convert it with input.astype"),
    ({"output": np.ones((2, 16), np.float16)}, r"rmsnorm: output: dtype f16, expected f32 \[INVALID_DTYPE\]$"),
], ids=lambda v: next(iter(v)) if isinstance(v, dict) else "")
def test_the_array_of_the_wrong_type_is_named_and_how_to_convert_it(change, text):
    """NumPy makes f64 where nobody has asked for it: it is named, whatever comes before or after it."""
    given = {"output": x(2, 16), "input": x(2, 16), "weight": x(16), **change}
    with pytest.raises(hipinfer.DTypeError, match=text):
        hipinfer.rmsnorm(**given, context=hipinfer.Context("cpu"))


def test_all_in_double_is_served_on_the_cpu():
    y = np.zeros((2, 16))
    hipinfer.rmsnorm(y, np.ones((2, 16)), np.ones(16), context=hipinfer.Context("cpu"))
    assert abs(y - (1 + 1e-6) ** -0.5).max() < 1e-12
