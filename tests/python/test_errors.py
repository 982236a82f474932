# SPDX-License-Identifier: Apache-2.0
"""Every refusal is an exception with the library's own message."""

import hipinfer
import numpy as np
import pytest
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


def test_out_of_memory(cpu):
    with pytest.raises(MemoryError) as caught:
        hipinfer.empty(2**55, "f32", cpu)
    assert caught.value.status == StatusCode.OUT_OF_MEMORY


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
