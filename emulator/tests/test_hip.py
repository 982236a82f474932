# SPDX-License-Identifier: Apache-2.0
"""The HIP API itself, what it answers and what it refuses: devices, memory, streams, events, the environment."""

from __future__ import annotations

import ctypes
import os
import random
import shutil
import struct
import subprocess
import threading

import pytest
from hip_api import (DEFAULT, DESTROYED, GIB, INVALID_DEVICE, INVALID_DIRECTION, INVALID_HANDLE, INVALID_PITCH, INVALID_VALUE,
                     NOT_REGISTERED, NO_DEVICE, ON_DEVICE, OUT_OF_MEMORY, PEER_ENABLED, PEER_NOT_ENABLED, REGISTERED, SUCCESS,
                     TO_DEVICE, TO_HOST, code, hip, Memory, ok, out, pointer, reset, run_python, size)
from hip import runtime
from toolchain import FURTHER, TARGETS, tool, wave_size

# card, compute units as HIP counts them, LDS, memory
CARDS = {"gfx90a": ("AMD Instinct MI210", 104, 65536, 64 * GIB), "gfx942": ("AMD Instinct MI300X", 304, 65536, 192 * GIB),
         "gfx950": ("AMD Instinct MI355X", 256, 163840, 288 * GIB), "gfx1100": ("AMD Radeon RX 7900 XTX", 48, 65536, 24 * GIB),
         "gfx1201": ("AMD Radeon RX 9070 XT", 32, 65536, 16 * GIB)}


@pytest.fixture(autouse=True)
def clean():
    yield reset()
    reset()


# Devices

@pytest.mark.parametrize("target", TARGETS)
def test_properties_are_where_hipinfer_reads_them(target):
    device = runtime().use(target)
    data = ctypes.create_string_buffer(1472 + 64)
    data.raw = b"\xee" * len(data)
    ok("hipGetDevicePropertiesR0600", data, device)
    card, units, lds, memory = CARDS[target]
    assert data.raw[:256].split(b"\0")[0].decode() == card
    assert struct.unpack_from("=QQ", data.raw, 288) == (memory, lds)
    assert struct.unpack_from("=i", data.raw, 308)[0] == wave_size(target)
    assert struct.unpack_from("=i", data.raw, 388)[0] == units
    feature = ":sramecc+:xnack-" if target.startswith("gfx9") else ""
    assert data.raw[1160:1416].split(b"\0")[0].decode() == target + feature
    assert data.raw[1472:] == b"\xee" * 64  # nothing behind the struct
    for number, value in ((87, wave_size(target)), (63, units), (74, lds), (56, 1024), (26, 1024), (29, 2**31 - 1), (84, 2**31 - 1)):
        assert out("hipDeviceGetAttribute", ctypes.c_int, number, device).value == value
    name = ctypes.create_string_buffer(64)
    ok("hipDeviceGetName", name, 64, device)
    assert name.value.decode() == card


def test_devices():
    assert out("hipGetDeviceCount", ctypes.c_int).value == len(TARGETS) + len(FURTHER)
    assert code("hipSetDevice", len(TARGETS) + len(FURTHER)) == code("hipSetDevice", -1) == INVALID_DEVICE
    assert code("hipGetDeviceCount", None) == INVALID_VALUE
    assert code("hipInit", 0) == SUCCESS and code("hipInit", 1) == INVALID_VALUE
    assert out("hipRuntimeGetVersion", ctypes.c_int).value >= 60000000
    assert code("hipDeviceGetAttribute", ctypes.byref(ctypes.c_int()), 12345, 0) == INVALID_VALUE
    ok("hipSetDevice", 3)
    seen = []
    thread = threading.Thread(target=lambda: seen.append(out("hipGetDevice", ctypes.c_int).value))
    thread.start()
    thread.join()
    assert seen == [0]  # each thread has its own
    assert out("hipGetDevice", ctypes.c_int).value == 3


def test_peers():
    ok("hipSetDevice", 0)
    value = ctypes.c_int()
    ok("hipDeviceCanAccessPeer", ctypes.byref(value), 0, 1)
    assert value.value == 1
    assert code("hipDeviceEnablePeerAccess", 0, 0) == INVALID_DEVICE
    ok("hipDeviceEnablePeerAccess", 1, 0)
    assert code("hipDeviceEnablePeerAccess", 1, 0) == PEER_ENABLED
    ok("hipDeviceDisablePeerAccess", 1)
    assert code("hipDeviceDisablePeerAccess", 1) == PEER_NOT_ENABLED


def test_last_error():
    code("hipGetLastError")
    assert code("hipSetDevice", 99) == INVALID_DEVICE
    ok("hipGetDevice", ctypes.byref(ctypes.c_int()))
    assert code("hipPeekAtLastError") == INVALID_DEVICE
    assert code("hipGetLastError") == INVALID_DEVICE
    assert code("hipGetLastError") == SUCCESS
    assert hip.hipGetErrorName(719) == b"hipErrorLaunchFailure" and hip.hipGetErrorName(12345) == b"hipErrorUnknown"
    assert hip.hipGetErrorString(0) == b"no error"


# Memory

def test_allocate():
    assert out("hipMalloc", pointer, size(0)).value is None
    assert code("hipMalloc", None, size(4)) == INVALID_VALUE
    ok("hipFree", None)
    a = Memory(1000)
    assert a.at.value % 256 == 0
    assert code("hipFree", a.offset(8)) == INVALID_VALUE
    assert code("hipHostFree", a.at) == INVALID_VALUE
    ok("hipFree", a.at)
    assert code("hipFree", a.at) == INVALID_VALUE


def test_memory_is_counted_and_costs_nothing_before_use():
    free, total = size(), size()
    ok("hipMemGetInfo", ctypes.byref(free), ctypes.byref(total))
    before = free.value
    assert total.value == 192 * GIB
    large = Memory(100 * GIB)
    ok("hipMemGetInfo", ctypes.byref(free), ctypes.byref(total))
    assert free.value == before - 100 * GIB
    large_end = pointer(large.at.value + 100 * GIB - 8)
    ok("hipMemcpy", large_end, b"the end!", size(8), TO_DEVICE)
    assert code("hipMalloc", ctypes.byref(pointer()), size(93 * GIB)) == OUT_OF_MEMORY
    assert code("hipMalloc", ctypes.byref(pointer()), size(2**64 - 1)) == OUT_OF_MEMORY
    ok("hipFree", large.at)
    ok("hipFree", Memory(93 * GIB).at)


def test_copies(capfd):
    data = random.Random(1).randbytes(5000)
    a, b = Memory(5000).write(data), Memory(5000)
    ok("hipMemcpyDtoD", b.at, a.at, size(5000))
    assert b.read() == data
    ok("hipMemcpy", b.offset(1), a.at, size(4999), DEFAULT)
    assert b.read() == data[:1] + data[:4999]
    host = ctypes.create_string_buffer(5001)
    for to, from_, length, kind in ((a.at, data + b"!", 5001, TO_DEVICE), (a.offset(1), data, 5000, DEFAULT),
                                    (host, a.at, 5001, TO_HOST), (host, data, 4, TO_DEVICE),
                                    (host, data, 4, TO_HOST), (host, a.at, 4, ON_DEVICE),
                                    (None, a.at, 4, DEFAULT), (a.at, None, 4, DEFAULT), (a.offset(5000), data, 1, DEFAULT)):
        assert code("hipMemcpy", to, from_, size(length), kind) == INVALID_VALUE
    assert code("hipMemcpy", a.at, data, size(4), 5) == INVALID_DIRECTION
    assert code("hipMemcpy", None, None, size(0), DEFAULT) == SUCCESS
    assert "0 bytes past the end of the 5000 bytes" in capfd.readouterr().err
    ok("hipFree", b.at)
    assert code("hipMemcpy", host, b.at, size(4), DEFAULT) == INVALID_VALUE
    assert "freed" in capfd.readouterr().err
    ok("hipFree", a.at)


def test_copy_of_rows():
    a, b = Memory(60).write(bytes(range(60))), Memory(60)
    ok("hipMemset", b.at, 255, size(60))
    ok("hipMemcpy2D", b.at, size(20), a.at, size(10), size(5), size(3), ON_DEVICE)
    expected = bytearray(b"\xff" * 60)
    for row in range(3):
        expected[20 * row:20 * row + 5] = bytes(range(10 * row, 10 * row + 5))
    assert b.read() == expected
    assert code("hipMemcpy2D", b.at, size(4), a.at, size(10), size(5), size(3), ON_DEVICE) == INVALID_PITCH
    assert code("hipMemcpy2D", b.at, size(20), a.at, size(10), size(5), size(4), ON_DEVICE) == INVALID_VALUE
    # The last row may be shorter than the pitch.
    ok("hipMemcpy2D", b.at, size(30), a.at, size(55), size(5), size(2), ON_DEVICE)


def test_fills():
    a = Memory(32)
    ok("hipMemset", a.at, 0x1ab, size(32))
    assert a.read() == b"\xab" * 32
    ok("hipMemsetD16", a.at, ctypes.c_ushort(0x1234), size(3))
    ok("hipMemsetD32Async", a.offset(8), 0x55667788, size(2), None)
    assert a.read(20) == b"\x34\x12" * 3 + b"\xab" * 2 + b"\x88\x77\x66\x55" * 2 + b"\xab" * 4
    assert code("hipMemset", a.at, 0, size(33)) == INVALID_VALUE
    assert code("hipMemsetD32", a.offset(2), 0, size(1)) == INVALID_VALUE
    assert code("hipMemset", ctypes.create_string_buffer(8), 0, size(8)) == INVALID_VALUE


def test_host_memory():
    pinned = Memory(64, "hipHostMalloc", 0)
    ctypes.memmove(pinned.at, b"x" * 64, 64)
    device = Memory(64)
    ok("hipMemcpyAsync", device.at, pinned.at, size(64), TO_DEVICE, None)
    assert device.read() == b"x" * 64
    assert code("hipFree", pinned.at) == INVALID_VALUE
    ok("hipHostFree", pinned.at)
    own = ctypes.create_string_buffer(100)
    assert code("hipHostUnregister", own) == NOT_REGISTERED
    ok("hipHostRegister", own, size(100), 0)
    assert code("hipHostRegister", ctypes.byref(own, 50), size(10), 0) == REGISTERED
    assert code("hipHostFree", own) == INVALID_VALUE
    ok("hipHostUnregister", own)
    managed = Memory(8, "hipMallocManaged", 1)
    ok("hipFree", managed.at)


def test_pointer_attributes():
    class Attributes(ctypes.Structure):
        _fields_ = [("type", ctypes.c_int), ("device", ctypes.c_int), ("devicePointer", pointer), ("hostPointer", pointer),
                    ("isManaged", ctypes.c_int), ("allocationFlags", ctypes.c_uint)]

    runtime().use("gfx950")
    for make, rest, expected in (("hipMalloc", (), 2), ("hipHostMalloc", (0,), 1), ("hipMallocManaged", (1,), 3)):
        a = Memory(16, make, *rest)
        got = out("hipPointerGetAttributes", Attributes, a.offset(8))
        assert (got.type, got.device, got.devicePointer) == (expected, runtime().targets["gfx950"], a.at.value + 8)
    assert out("hipPointerGetAttributes", Attributes, ctypes.create_string_buffer(4)).type == 0


def test_memory_from_many_threads():
    failures = []

    def work(seed):
        numbers = random.Random(seed)
        try:
            live = []
            for _ in range(200):
                if live and numbers.random() < 0.5:
                    memory, data = live.pop(numbers.randrange(len(live)))
                    assert memory.read() == data
                    ok("hipFree", memory.at)
                else:
                    data = numbers.randbytes(numbers.randrange(1, 9000))
                    live.append((Memory(len(data)).write(data), data))
            for memory, _ in live:
                ok("hipFree", memory.at)
        except BaseException as problem:  # noqa: B036 (tells the test)
            failures.append(problem)

    threads = [threading.Thread(target=work, args=(seed,)) for seed in range(8)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    assert not failures


# Streams and events

def test_streams_and_events():
    a, b = out("hipStreamCreate"), out("hipStreamCreateWithFlags", pointer, 1)
    flags = ctypes.c_uint()
    ok("hipStreamGetFlags", b, ctypes.byref(flags))
    assert flags.value == 1
    assert code("hipStreamCreateWithFlags", ctypes.byref(pointer()), 2) == INVALID_VALUE
    start, stop, quick = out("hipEventCreate"), out("hipEventCreate"), out("hipEventCreateWithFlags", pointer, 2)
    milliseconds = ctypes.c_float()
    assert code("hipEventElapsedTime", ctypes.byref(milliseconds), start, stop) == INVALID_HANDLE
    ok("hipEventQuery", start)  # never recorded
    for event, stream in ((start, a), (stop, b), (quick, b)):
        ok("hipEventRecord", event, stream)
        ok("hipStreamWaitEvent", a, event, 0)
        ok("hipEventSynchronize", event)
    ok("hipEventElapsedTime", ctypes.byref(milliseconds), start, stop)
    assert milliseconds.value >= 0
    assert code("hipEventElapsedTime", ctypes.byref(milliseconds), start, quick) == INVALID_HANDLE
    for stream in (a, b, None, pointer(1), pointer(2)):
        ok("hipStreamSynchronize", stream)
        ok("hipStreamQuery", stream)
    for event in (start, stop, quick):
        ok("hipEventDestroy", event)
    ok("hipStreamDestroy", a)
    ok("hipStreamDestroy", b)
    assert code("hipStreamSynchronize", a) == DESTROYED
    assert code("hipEventRecord", start, None) == INVALID_HANDLE
    assert code("hipStreamDestroy", None) == INVALID_HANDLE


def test_host_functions():
    seen = []
    called = ctypes.CFUNCTYPE(None, pointer)(lambda data: seen.append((data, out("hipGetDevice", ctypes.c_int).value)))
    ok("hipLaunchHostFunc", None, called, pointer(77))
    callback = ctypes.CFUNCTYPE(None, pointer, ctypes.c_int, pointer)(lambda stream, status, data: seen.append((status, data)))
    ok("hipStreamAddCallback", None, callback, pointer(88), 0)
    assert seen == [(77, runtime().targets["gfx942"]), (0, 88)]
    assert code("hipStreamAddCallback", None, callback, None, 1) == INVALID_VALUE


# The environment

DEVICES = """
count = ctypes.c_int(-1)
code = hip.hipGetDeviceCount(ctypes.byref(count))
names = []
for device in range(count.value):
    data = ctypes.create_string_buffer(4096)
    assert hip.hipGetDevicePropertiesR0600(data, device) == 0
    names.append(data.raw[1160:1416].split(b'\\0')[0].decode().split(':')[0])
print(code, names)
"""
UNITS = DEVICES.replace("print(code, names)", "print(int.from_bytes(data.raw[388:392], 'little'))")


@pytest.mark.parametrize("environment, answer, text", [
    ({}, f"{NO_DEVICE} []", "set HIPEMU_TARGET to one of gfx906, gfx908, gfx90a, gfx942, gfx950, gfx1030, gfx1100, gfx1151, gfx1200, gfx1201"),
    ({"HIPEMU_TARGET": "gfx803"}, f"{NO_DEVICE} []", "no target 'gfx803'; there are gfx906"),
    ({"HIPEMU_TARGET": "gfx942"}, "0 ['gfx942']", ""),
    ({"HIPEMU_TARGET": "gfx942*2,gfx1201"}, "0 ['gfx942', 'gfx942', 'gfx1201']", ""),
    ({"HIPEMU_TARGET": "gfx942*two"}, f"{NO_DEVICE} []", "'two' is not a number"),
    ({"HIPEMU_TARGET": "gfx942", "HIPEMU_CHECKS": "all,-raises"}, f"{NO_DEVICE} []", "no check 'raises'; there are all, none"),
    ({"HIPEMU_TARGET": "gfx942", "HIPEMU_CHECKS": "-races", "HIPEMU_LIMIT": "5"}, "0 ['gfx942']", ""),
    ({"HIPEMU_TARGET": "gfx942", "HIPEMU_THREADS": "0"}, f"{NO_DEVICE} []", "HIPEMU_THREADS: '0' is not a number from 1")])
def test_environment(environment, answer, text):
    done = run_python(DEVICES, **environment)
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == answer
    assert text in done.stderr and bool(text) == bool(done.stderr)


@pytest.mark.parametrize("target, units, answer", [
    ("gfx942", None, 304), ("gfx942", "8", 8), ("gfx1201", "8", 4), ("gfx1201", None, 32)])
def test_compute_units(target, units, answer):
    """RDNA's runtime counts pairs."""
    done = run_python(UNITS, HIPEMU_TARGET=target, **({"HIPEMU_COMPUTE_UNITS": units} if units else {}))
    assert done.returncode == 0 and done.stdout.strip() == str(answer), done.stderr


@pytest.mark.parametrize("more, text", [
    ({"HIPEMU_COMPUTE_UNITS": "0"}, "'0' is not a number from 2"), ({"HIPEMU_COMPUTE_UNITS": "7"}, "expected an even number"),
    ({"HIPEMU_COMPUTE_UNITS": "8", "HIPEMU_TIMING": "/dev/null"}, "for whole cards alone")])
def test_compute_units_refused(more, text):
    done = run_python(DEVICES, HIPEMU_TARGET="gfx942", **more)
    assert done.stdout.strip() == f"{NO_DEVICE} []" and text in done.stderr


def test_only_hip_is_exported():
    names = subprocess.run([shutil.which("nm") or tool("llvm-nm"), "-D", "--defined-only", os.environ["HIPEMU_LIBRARY"]], text=True,
                           capture_output=True, check=True).stdout.split()
    strays = [n for n in names[2::3] if "hipemu" in n]
    assert not strays
