# SPDX-License-Identifier: Apache-2.0
"""Arrays in and out: nothing is copied, results land in the caller's memory, and memory lives as long as it is used."""

import gc
import sys
import threading
import weakref

import hipinfer
import numpy as np
import pytest
from hipinfer import dlpack
from hipinfer.strides import compact_strides


def reference(x, w, eps=1e-6):
    x = x.astype(np.float64)
    return x / np.sqrt((x * x).mean(-1, keepdims=True) + eps) * w.astype(np.float64)


def test_numpy_results_land_in_the_callers_memory(rng):
    x = rng.standard_normal((5, 33), np.float32)
    w = rng.standard_normal(33, np.float32)
    y = np.full((5, 33), 7, np.float32)
    assert hipinfer.rmsnorm(y, x, w) is None
    np.testing.assert_allclose(y, reference(x, w), rtol=1e-5, atol=1e-6)


def test_strided_arrays_are_used_as_they_are(rng):
    store = rng.standard_normal((12, 64), np.float32)
    x = store[::-2, 8:41]  # negative stride, offset
    out = np.full((6, 100), 7, np.float32)
    hipinfer.rmsnorm(out[:, 50:83], x, np.ones(33, np.float32))
    np.testing.assert_allclose(out[:, 50:83], reference(x, np.ones(33)), rtol=1e-5, atol=1e-6)
    assert (out[:, :50] == 7).all() and (out[:, 83:] == 7).all()


def test_in_place(rng):
    x = rng.standard_normal((3, 16), np.float32)
    want = reference(x, np.ones(16))
    hipinfer.rmsnorm(x, x, np.ones(16, np.float32))
    np.testing.assert_allclose(x, want, rtol=1e-5, atol=1e-6)


def test_empty_batch():
    hipinfer.rmsnorm(np.empty((0, 16), np.float32), np.empty((0, 16), np.float32), np.ones(16, np.float32))


def test_bf16_through_ml_dtypes(rng):
    bf16 = pytest.importorskip("ml_dtypes").bfloat16
    x = rng.standard_normal((4, 32), np.float32).astype(bf16)
    y = np.zeros((4, 32), bf16)
    hipinfer.rmsnorm(y, x, np.ones(32, bf16))
    np.testing.assert_allclose(y.astype(np.float32), reference(x, np.ones(32)), rtol=1e-2)


FP8 = ["float8_e4m3fn", "float8_e4m3fnuz", "float8_e5m2", "float8_e5m2fnuz"]


@pytest.mark.parametrize("name", FP8)
def test_fp8_through_ml_dtypes(name):
    """Every encoding there and back. An infinity becomes the largest finite value; NaN has one encoding."""
    ml_dtypes = pytest.importorskip("ml_dtypes")
    fp8 = np.dtype(getattr(ml_dtypes, name))
    x = np.arange(256, dtype=np.uint8).view(fp8)
    wide, back = np.zeros(256, np.float32), np.zeros(256, fp8)
    hipinfer.cast(wide, x)
    np.testing.assert_array_equal(wide, x.astype(np.float32))
    hipinfer.cast(back, wide)
    finite = np.isfinite(wide)
    np.testing.assert_array_equal(back.view(np.uint8)[finite], x.view(np.uint8)[finite])
    assert np.isnan(back.astype(np.float32)[np.isnan(wide)]).all()
    largest = float(ml_dtypes.finfo(fp8).max)
    np.testing.assert_array_equal(back[np.isinf(wide)].astype(np.float32), np.sign(wide[np.isinf(wide)]) * largest)


@pytest.mark.parametrize("name", FP8)
def test_fp8_bits_in_uint8(name, cpu):
    bits = np.zeros(3, np.uint8)
    hipinfer.cast(hipinfer.as_tensor(bits, dtype=name), np.array([1.0, -1.0, np.nan], np.float32))
    one = {"float8_e4m3fn": 0x38, "float8_e4m3fnuz": 0x40, "float8_e5m2": 0x3C, "float8_e5m2fnuz": 0x40}[name]
    assert bits.tolist() == [one, one | 0x80, 0x80 if name.endswith("fnuz") else 0x7F]


def test_bf16_bits_in_uint16(rng, cpu):
    x = rng.standard_normal((4, 32), np.float32)
    bits = (x.view(np.uint32) >> 16).astype(np.uint16)
    y = np.zeros((4, 32), np.uint16)
    one = np.full(32, 0x3F80, np.uint16)
    t = [hipinfer.as_tensor(a, dtype="bf16") for a in (y, bits, one)]
    hipinfer.rmsnorm(*t)
    rounded = (bits.astype(np.uint32) << 16).view(np.float32)
    got = (y.astype(np.uint32) << 16).view(np.float32)
    np.testing.assert_allclose(got, reference(rounded, np.ones(32)), rtol=1e-2)
    with pytest.raises(TypeError, match="uint16"):
        hipinfer.rmsnorm(y, bits, one)


@pytest.mark.parametrize("make, problem", [
    (lambda: [1.0, 2.0], "list, expected a hipinfer.Tensor"),
    (lambda: np.ones(16, ">f4"), "native byte order"),
    (lambda: np.ones(16, complex), "complex128"),
    (lambda: np.ndarray(16, np.float32, bytearray(6 * 16), 0, (6,)), "no multiples"),
])
def test_what_is_no_tensor_is_refused(make, problem):
    x = np.zeros((2, 16), np.float32)
    with pytest.raises((TypeError, ValueError), match="rmsnorm: weight: .*" + problem):
        hipinfer.rmsnorm(x, x, make())


def test_a_read_only_output_is_refused():
    x = np.zeros((2, 16), np.float32)
    y = x.copy()
    y.flags.writeable = False
    with pytest.raises(ValueError, match="rmsnorm: output: .*read-only"):
        hipinfer.rmsnorm(y, x, np.ones(16, np.float32))
    hipinfer.rmsnorm(x, y, np.ones(16, np.float32))  # as an input it may be


# Tensor


def test_tensor_round_trip(context, rng):
    a = rng.standard_normal((3, 4, 5), np.float32)
    t = hipinfer.from_numpy(a, context)
    assert t.shape == (3, 4, 5) and t.strides == (20, 5, 1) and t.dtype == "f32" and len(t) == 3
    np.testing.assert_array_equal(t.numpy(), a)
    np.testing.assert_array_equal(hipinfer.zeros((2, 3), "i64", context).numpy(), np.zeros((2, 3), np.int64))
    assert hipinfer.empty((0, 3), "f16", context).numpy().shape == (0, 3)
    fresh = hipinfer.empty((3, 4, 5), "f32", context).copy_from(a.transpose(2, 1, 0).copy().transpose(2, 1, 0))
    np.testing.assert_array_equal(fresh.numpy(), a)


@pytest.mark.parametrize("key", [
    np.s_[1], np.s_[-1, 2], np.s_[:, 1:3], np.s_[::-1, ::2, 1], np.s_[..., 2], np.s_[None, :, 0, None], np.s_[2:1],
    np.s_[:, 5:], np.s_[1, 2, 3], np.s_[...], np.s_[-2:, ..., ::-3]], ids=str)
def test_views_are_numpys_views(context, rng, key):
    a = rng.standard_normal((3, 4, 5), np.float32)
    t = hipinfer.from_numpy(a, context)
    assert t[key].shape == a[key].shape
    np.testing.assert_array_equal(t[key].numpy(), a[key])


@pytest.mark.parametrize("cut, shape", [
    (np.s_[:], (12, 5)), (np.s_[:], (3, 2, 2, 5)), (np.s_[:], (-1,)), (np.s_[:], (1, 60, 1)), (np.s_[::2], (2, 20)),
    (np.s_[:, 1:3], (3, 10)), (np.s_[:, 1:3], (3, 2, 1, 5)), (np.s_[:, :, 2], (12,)), (np.s_[:, 2:2], (0, 7))], ids=str)
def test_reshape_is_a_view(cpu, rng, cut, shape):
    a = rng.standard_normal((3, 4, 5), np.float32)
    t = hipinfer.from_numpy(a, cpu)[cut].reshape(shape)
    np.testing.assert_array_equal(t.numpy(), a[cut].reshape(shape if shape != (0, 7) else (0, 7)))
    if t.size:
        assert np.shares_memory(t.numpy(), a)


def test_reshape_that_needs_a_copy_is_refused(cpu):
    t = hipinfer.zeros((4, 6), "f32", cpu)
    for view, shape in ((t[:, :4], (16,)), (t.permute(1, 0), (24,)), (t, (5, 5)), (t[:, ::-1], (24,))):
        with pytest.raises(ValueError, match="is no view of shape"):
            view.reshape(*shape)
    with pytest.raises(IndexError):
        t[4]
    with pytest.raises(IndexError):
        t[0, 0, 0]


def test_strides_reach_the_library(context, rng):
    a = rng.standard_normal((6, 40), np.float32)
    t, w = hipinfer.from_numpy(a.copy(), context), hipinfer.from_numpy(np.ones(8, np.float32), context)
    heads = t[::2, 8:32].reshape(3, 3, 8)  # of qkv-like rows
    hipinfer.rmsnorm(heads, heads, w)
    want = a.copy()
    want[::2, 8:32] = reference(a[::2, 8:32].reshape(3, 3, 8), np.ones(8)).reshape(3, 24)
    np.testing.assert_allclose(t.numpy(), want, rtol=1e-5, atol=1e-6)


def test_cpu_tensors_share_with_numpy(cpu):
    a = np.arange(6, dtype=np.float32).reshape(2, 3)
    t = hipinfer.from_numpy(a, cpu)
    t.numpy()[1, 1] = 50
    assert a[1, 1] == 50
    assert np.shares_memory(np.asarray(t), a)
    a.flags.writeable = False
    frozen = hipinfer.from_numpy(a, cpu)
    assert not frozen.writable and not frozen.numpy().flags.writeable
    with pytest.raises(ValueError, match="read-only"):
        frozen.copy_from(a)


def test_copies_check_shape_dtype_and_layout(cpu):
    t = hipinfer.zeros((4, 6), "f32", cpu)
    for source in (np.zeros((4, 5), np.float32), np.zeros((4, 6), np.float64)):
        with pytest.raises(ValueError, match=r"copy of \[4, [56]\]"):
            t.copy_from(source)
    with pytest.raises(ValueError, match="contiguous"):
        t[:, :5].copy_from(np.zeros((4, 5), np.float32))


# DLPack


def test_dlpack_to_numpy_and_back(cpu):
    t = hipinfer.zeros((2, 3), "f32", cpu)
    a = np.from_dlpack(t)
    t.numpy()[1, 2] = 5
    assert a[1, 2] == 5
    back = hipinfer.from_dlpack(a)
    assert np.shares_memory(back.numpy(), a)
    assert t.__dlpack_device__() == (1, 0)


@pytest.mark.parametrize("version", [None, (1, 0)])
def test_an_unused_capsule_gives_its_tensor_back(cpu, version):
    before = len(dlpack._exported)
    t = hipinfer.zeros(4, "f32", cpu)
    alive = weakref.ref(t)
    capsule = t.__dlpack__(max_version=version)
    del t
    gc.collect()
    assert alive() is not None and len(dlpack._exported) == before + 1
    del capsule
    gc.collect()
    assert alive() is None and len(dlpack._exported) == before


def test_a_consumer_keeps_the_memory(cpu):
    t = hipinfer.zeros(1000, "f32", cpu)
    alive = weakref.ref(t)
    a = np.from_dlpack(t)
    del t
    gc.collect()
    assert alive() is not None
    alive().numpy()[:] = 3
    assert a.sum() == 3000
    del a
    gc.collect()
    assert alive() is None


class Producer:
    """An array library of the protocol before or after version 1.0, that only speaks DLPack."""

    def __init__(self, tensor, old):
        self.tensor, self.old, self.live = tensor, old, []

    def __dlpack_device__(self):
        return self.tensor.__dlpack_device__()

    def __dlpack__(self, **words):
        if self.old and "max_version" in words:
            raise TypeError("unexpected keyword argument 'max_version'")
        self.live.append(len(dlpack._exported))
        return self.tensor.__dlpack__(**words)


@pytest.mark.parametrize("old", [True, False])
def test_any_producer_serves(cpu, rng, old):
    x = rng.standard_normal((2, 16), np.float32)
    y, w = np.zeros_like(x), np.ones(16, np.float32)
    before = len(dlpack._exported)
    arguments = [Producer(hipinfer.from_numpy(a, cpu), old) for a in (y, x, w)]
    hipinfer.rmsnorm(*arguments)
    np.testing.assert_allclose(y, reference(x, w), rtol=1e-5, atol=1e-6)
    assert all(p.live for p in arguments) and len(dlpack._exported) == before


def test_dlpack_says_what_is_read_only(cpu):
    a = np.zeros((2, 16), np.float32)
    a.flags.writeable = False
    frozen = hipinfer.from_numpy(a, cpu)
    assert not dlpack.read(frozen.__dlpack__(max_version=(1, 0)))[1]
    with pytest.raises(BufferError, match="read-only"):
        frozen.__dlpack__()
    with pytest.raises(ValueError, match="output: .*read-only"):
        hipinfer.rmsnorm(Producer(frozen, False), np.ones((2, 16), np.float32), np.ones(16, np.float32))
    with pytest.raises(BufferError, match="no copy"):
        frozen.__dlpack__(max_version=(1, 0), copy=True)


def test_dlpack_of_a_device_names_it(context):
    t = hipinfer.zeros((2, 3), "bf16", context)
    capsule = t.__dlpack__(max_version=(1, 0), stream=-1)
    tensor, writable = dlpack.read(capsule)
    assert (tensor.device.device_type, tensor.device.device_id) == t.__dlpack_device__()
    assert (tensor.dtype.code, tensor.dtype.bits, tensor.dtype.lanes) == (4, 16, 1) and writable
    assert tensor.shape[:2] == [2, 3] and tensor.strides[:2] == list(compact_strides((2, 3)))


# Lifetime and threads


def test_an_array_outlives_its_tensor_and_context():
    context = hipinfer.Context("cpu")
    t = hipinfer.empty(100_000, "f32", context)
    a = t[1000:].numpy()
    del t
    context.close()
    del context
    gc.collect()
    a[:] = 1
    assert a.sum() == 99_000


def test_a_tensor_keeps_the_array():
    a = np.ones(1000, np.float32)
    count = sys.getrefcount(a)
    t = hipinfer.from_numpy(a, hipinfer.Context("cpu"))
    view = t[10:]
    assert sys.getrefcount(a) > count
    del a, t
    gc.collect()
    assert view.numpy().sum() == 990


def test_calls_leak_no_reference(rng):
    x = rng.standard_normal((2, 16), np.float32)
    w = np.ones(16, np.float32)
    hipinfer.rmsnorm(x, x, w)
    counts = sys.getrefcount(x), sys.getrefcount(w)
    for _ in range(100):
        hipinfer.rmsnorm(x, x, w)
        with pytest.raises(hipinfer.ShapeError):
            hipinfer.rmsnorm(x, x, w[:3])
    assert (sys.getrefcount(x), sys.getrefcount(w)) == counts


def test_threads_share_a_context(context, rng):
    """Each thread has its own tensors, and its own last error."""
    problems = []

    def work(seed):
        try:
            a = np.random.default_rng(seed).standard_normal((16, 64), np.float32)
            x, w = hipinfer.from_numpy(a.copy(), context), hipinfer.from_numpy(np.ones(64, np.float32), context)
            for _ in range(30):
                y = hipinfer.empty((16, 64), "f32", context)
                hipinfer.rmsnorm(y, x, w)
                np.testing.assert_allclose(y.numpy(), reference(a, np.ones(64)), rtol=1e-5, atol=1e-6)
                with pytest.raises(hipinfer.ShapeError, match=rf"\[{seed}\]"):
                    hipinfer.rmsnorm(y, x, w[:seed])
        except BaseException as e:
            problems.append(e)

    threads = [threading.Thread(target=work, args=(i + 1,)) for i in range(8)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    assert not problems, problems[0]


def test_streams_and_events(context, rng):
    a = rng.standard_normal((64, 256), np.float32)
    stream, start, end = hipinfer.Stream(context), hipinfer.Event(context), hipinfer.Event(context)
    x = hipinfer.from_numpy(a, context, stream)
    w = hipinfer.from_numpy(np.ones(256, np.float32), context, stream)
    y = hipinfer.empty((64, 256), "f32", context)
    start.record(stream)
    hipinfer.rmsnorm(y, x, w, stream=stream)
    end.record(stream)
    np.testing.assert_allclose(y.numpy(), reference(a, np.ones(256)), rtol=1e-5, atol=1e-6)
    end.synchronize()
    assert 0 <= start.elapsed_ms(end) < 10_000
    with pytest.raises(TypeError, match="stream: str"):
        hipinfer.rmsnorm(y, x, w, stream="main")
