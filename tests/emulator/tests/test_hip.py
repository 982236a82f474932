# SPDX-License-Identifier: Apache-2.0
"""The HIP API itself: what it answers, what it refuses and with which error. Five devices in this process, one of each
target; what depends on the environment, or might crash, runs in a process of its own."""

from __future__ import annotations

import ctypes
import json
import os
import random
import shutil
import struct
import subprocess
import sys
import threading
from pathlib import Path

import pytest

if not os.environ.get("HIPEMU_LIBRARY"):
    pytest.skip("HIPEMU_LIBRARY names no library", allow_module_level=True)

from hip import runtime
from toolchain import TARGETS, compile_hip, tool, wave_size

HERE = Path(__file__).parent
SUCCESS, INVALID_VALUE, OUT_OF_MEMORY, INVALID_CONFIGURATION, INVALID_PITCH, INVALID_DIRECTION = 0, 1, 2, 9, 12, 21
NO_DEVICE, INVALID_DEVICE, INVALID_IMAGE, NO_BINARY, FILE_NOT_FOUND = 100, 101, 200, 209, 301
INVALID_HANDLE, ILLEGAL_STATE, NOT_FOUND, ILLEGAL_ADDRESS, PEER_ENABLED, PEER_NOT_ENABLED = 400, 401, 500, 700, 704, 705
DESTROYED, REGISTERED, NOT_REGISTERED, LAUNCH_FAILURE = 709, 712, 713, 719
UNSUPPORTED, INVALIDATED, MERGE, UNMATCHED, UNJOINED, ISOLATION, IMPLICIT, CAPTURED_EVENT, WRONG_THREAD = range(900, 909)
TO_DEVICE, TO_HOST, ON_DEVICE, DEFAULT = 1, 2, 3, 4
GLOBAL, THREAD_LOCAL, RELAXED = 0, 1, 2
NONE, ACTIVE = 0, 1
GIB = 1 << 30

GENERIC = {"gfx942": "gfx9-4-generic", "gfx950": "gfx9-4-generic", "gfx1100": "gfx11-generic", "gfx1201": "gfx12-generic"}
# card, compute units as HIP counts them, LDS, memory
CARDS = {"gfx90a": ("AMD Instinct MI210", 104, 65536, 64 * GIB), "gfx942": ("AMD Instinct MI300X", 304, 65536, 192 * GIB),
         "gfx950": ("AMD Instinct MI355X", 256, 163840, 288 * GIB), "gfx1100": ("AMD Radeon RX 7900 XTX", 48, 65536, 24 * GIB),
         "gfx1201": ("AMD Radeon RX 9070 XT", 32, 65536, 16 * GIB)}

hip = runtime()._library
hip.hipGetErrorString.restype = ctypes.c_char_p
pointer, size = ctypes.c_void_p, ctypes.c_size_t


def code(name, *arguments):
    return getattr(hip, name)(*arguments)


def ok(name, *arguments):
    result = code(name, *arguments)
    assert result == SUCCESS, f"{name}: {hip.hipGetErrorName(result).decode()}"


def out(name, kind=pointer, *arguments):
    """The value that a function gives through its first parameter."""
    value = kind()
    ok(name, ctypes.byref(value), *arguments)
    return value


@pytest.fixture(autouse=True)
def clean():
    """Each test begins on a gfx942 that works."""
    runtime().use("gfx942")
    yield
    for device in range(len(TARGETS)):
        hip.hipSetDevice(device)
        hip.hipDeviceReset()
    hip.hipGetLastError()


class Memory:
    def __init__(self, bytes, function="hipMalloc", *rest):
        self.at = out(function, pointer, size(bytes), *rest)
        self.bytes = bytes

    def write(self, data):
        ok("hipMemcpy", self.at, data, size(len(data)), TO_DEVICE)
        return self

    def read(self, count=None):
        data = ctypes.create_string_buffer(count or self.bytes)
        ok("hipMemcpy", data, self.at, size(len(data)), TO_HOST)
        return data.raw

    def offset(self, bytes):
        return pointer(self.at.value + bytes)


SOURCE = """
#define GLOBAL extern "C" __attribute__((global))
using u64 = unsigned long long;
extern "C" {
__attribute__((device, used)) unsigned table[4] = {11, 22, 33, 44};
__attribute__((device, used)) unsigned* into_table = table + 1;
__attribute__((device, used)) u64 cleared[3];
}
struct block { u64* out; u64 a, b; };
GLOBAL void echo(block x) { x.out[0] = (u64)x.out; x.out[1] = x.a; x.out[2] = x.b; }
GLOBAL void echo_each(u64* out, int a, int b) { out[0] = (u64)out; ((int*)out)[2] = a; ((int*)out)[3] = b; }
GLOBAL __attribute__((amdgpu_flat_work_group_size(1, 128))) void small(u64* out) { *out = (u64)out; }
GLOBAL void nothing() {}
"""


@pytest.fixture(scope="module")
def image(tmp_path_factory):
    source = tmp_path_factory.mktemp("hip") / "echo.hip"
    source.write_text(SOURCE)
    made = {}

    def compile(target):
        if target not in made:
            made[target] = compile_hip(target, source, ("-g",))
        return made[target]

    compile.source = source
    return compile


@pytest.fixture
def module(image):
    loaded = out("hipModuleLoadData", pointer, image("gfx942"))
    yield loaded
    hip.hipModuleUnload(loaded)


@pytest.fixture
def echo(module):
    return out("hipModuleGetFunction", pointer, module, b"echo")


def launch(function, packed, groups=(1, 1, 1), block=(1, 1, 1), lds=0, stream=None):
    buffer, bytes = ctypes.create_string_buffer(packed, max(1, len(packed))), size(len(packed))
    extra = (pointer * 5)(1, ctypes.addressof(buffer), 2, ctypes.addressof(bytes), 3)
    return code("hipModuleLaunchKernel", function, *map(ctypes.c_uint, (*groups, *block, lds)), stream, None, extra)


def words(address, *rest):
    return struct.pack(f"={1 + len(rest)}Q", address.value, *rest)


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
    assert out("hipGetDeviceCount", ctypes.c_int).value == len(TARGETS)
    assert code("hipSetDevice", len(TARGETS)) == code("hipSetDevice", -1) == INVALID_DEVICE
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


# Code objects

@pytest.mark.parametrize("target", TARGETS)
def test_code_runs_on_its_target_and_on_no_other(target, image):
    for built in dict.fromkeys((target, GENERIC.get(target, target))):
        for device in TARGETS:
            runtime().use(device)
            result = code("hipModuleLoadData", ctypes.byref(pointer()), image(built))
            assert result == (SUCCESS if built in (device, GENERIC.get(device)) else NO_BINARY), (built, device)


def test_features_must_agree(image):
    data = bytearray(image("gfx942"))
    flags, = struct.unpack_from("=I", data, 48)
    assert flags & 0xff == 0x4c
    # xnack in bits 8-9, sramecc in 10-11: 0 has none, 1 any, 2 off, 3 on. The device: xnack-, sramecc+.
    for xnack in range(4):
        for sramecc in range(4):
            struct.pack_into("=I", data, 48, flags & 0xff | xnack << 8 | sramecc << 10)
            result = code("hipModuleLoadData", ctypes.byref(pointer()), bytes(data))
            assert result == (NO_BINARY if xnack == 3 or sramecc == 2 else SUCCESS)


def bundle(entries):
    offset = 24 + 8 + sum(24 + len(name) for name, _ in entries)
    head, body = b"__CLANG_OFFLOAD_BUNDLE__" + struct.pack("=Q", len(entries)), b""
    for name, data in entries:
        head += struct.pack("=QQQ", offset + len(body), len(data), len(name)) + name.encode()
        body += data
    return head + body


def test_bundles(image, tmp_path, capfd):
    host = ("host-x86_64-unknown-linux-gnu-", b"")
    both = bundle([host, ("hipv4-amdgcn-amd-amdhsa--gfx9-4-generic", image("gfx9-4-generic")),
                   ("hipv4-amdgcn-amd-amdhsa--gfx942:sramecc+:xnack-", image("gfx942")),
                   ("hip-amdgcn-amd-amdhsa-unknown-gfx90a", image("gfx90a"))])
    for target in ("gfx942", "gfx950", "gfx90a"):
        runtime().use(target)
        loaded = out("hipModuleLoadData", pointer, both)
        out("hipModuleGetFunction", pointer, loaded, b"echo")
    runtime().use("gfx1100")
    assert code("hipModuleLoadData", ctypes.byref(pointer()), both) == NO_BINARY
    assert "gfx9-4-generic, gfx942:sramecc+:xnack-, gfx90a" in capfd.readouterr().err
    packed = tmp_path / "packed"
    (tmp_path / "host").write_bytes(b"")
    (tmp_path / "device").write_bytes(image("gfx942"))
    subprocess.run([tool("clang-offload-bundler"), "-type=o", "-compress",
                    "-targets=host-x86_64-unknown-linux-gnu-,hipv4-amdgcn-amd-amdhsa--gfx942",
                    f"-input={tmp_path / 'host'}", f"-input={tmp_path / 'device'}", f"-output={packed}"], check=True)
    assert packed.read_bytes()[:4] == b"CCOB"
    runtime().use("gfx942")
    out("hipModuleLoadData", pointer, packed.read_bytes())
    out("hipModuleLoad", pointer, str(packed).encode())


def test_module_from_a_file(image, tmp_path):
    assert code("hipModuleLoad", ctypes.byref(pointer()), str(tmp_path / "none").encode()) == FILE_NOT_FOUND
    (tmp_path / "empty").write_bytes(b"")
    assert code("hipModuleLoad", ctypes.byref(pointer()), str(tmp_path / "empty").encode()) == INVALID_IMAGE
    (tmp_path / "whole").write_bytes(image("gfx942"))
    ok("hipModuleUnload", out("hipModuleLoad", pointer, str(tmp_path / "whole").encode()))


def test_functions_and_variables(module):
    assert code("hipModuleGetFunction", ctypes.byref(pointer()), module, b"none") == NOT_FOUND
    assert code("hipModuleGetFunction", ctypes.byref(pointer()), module, None) == INVALID_VALUE
    assert code("hipModuleGetFunction", ctypes.byref(pointer()), pointer(64), b"echo") == INVALID_HANDLE
    small = out("hipModuleGetFunction", pointer, module, b"small")
    assert small.value == out("hipModuleGetFunction", pointer, module, b"small").value
    assert out("hipFuncGetAttribute", ctypes.c_int, 0, small).value == 128
    assert out("hipModuleOccupancyMaxActiveBlocksPerMultiprocessor", ctypes.c_int, small, 64, size(0)).value == 32
    assert out("hipModuleOccupancyMaxActiveBlocksPerMultiprocessor", ctypes.c_int, small, 64, size(30000)).value == 2

    def variable(name):
        bytes = size()
        at = out("hipModuleGetGlobal", pointer, ctypes.byref(bytes), module, name)
        data = ctypes.create_string_buffer(bytes.value)
        ok("hipMemcpy", data, at, bytes, TO_HOST)
        return at.value, data.raw

    table, values = variable(b"table")
    assert struct.unpack("=4I", values) == (11, 22, 33, 44)
    assert struct.unpack("=Q", variable(b"into_table")[1])[0] == table + 4  # a relocation
    assert variable(b"cleared")[1] == bytes(24)
    ok("hipMemcpyHtoD", pointer(table), struct.pack("=I", 7), size(4))
    assert variable(b"table")[1][:4] == struct.pack("=I", 7)
    assert code("hipModuleGetGlobal", ctypes.byref(pointer()), ctypes.byref(size()), module, b"none") == NOT_FOUND
    assert code("hipFree", pointer(table)) == INVALID_VALUE


def test_unload(image):
    loaded = out("hipModuleLoadData", pointer, image("gfx942"))
    function = out("hipModuleGetFunction", pointer, loaded, b"nothing")
    ok("hipModuleUnload", loaded)
    assert code("hipModuleUnload", loaded) == INVALID_HANDLE
    assert launch(function, b"") == INVALID_HANDLE


def run_python(text, **environment):
    kept = {k: v for k, v in os.environ.items() if not k.startswith("HIPEMU_") or k == "HIPEMU_LIBRARY"}
    prologue = "import ctypes, os, sys, random, struct\nhip = ctypes.CDLL(os.environ['HIPEMU_LIBRARY'])\n"
    return subprocess.run([sys.executable, "-c", prologue + text], env=kept | environment, text=True, capture_output=True, timeout=600)


CORRUPT = """
image, numbers = open(os.environ['IMAGE'], 'rb').read(), random.Random(int(os.environ['SEED']))
results, loaded = {}, ctypes.c_void_p()
def load(data):
    code = hip.hipModuleLoadData(ctypes.byref(loaded), data)
    results[code] = results.get(code, 0) + 1
    if code == 0: assert hip.hipModuleUnload(loaded) == 0
    return code
for n in {0, 1, 3, 4, 15, 16, 63, 64, 65, len(image) // 2, len(image) - 1} | {numbers.randrange(len(image)) for _ in range(40)}:
    with open(os.environ['IMAGE'] + '-cut', 'wb') as file: file.write(image[:n])
    assert hip.hipModuleLoad(ctypes.byref(loaded), file.name.encode()) == 200, n
    load(image[:n] + bytes(len(image) - n))
edges = [struct.unpack_from('=Q', image, o)[0] for o in (32, 40)] + [64]
for _ in range(400):
    data = bytearray(image)
    for _ in range(numbers.choice((1, 1, 4, 64))):
        near = numbers.choice(edges)
        at = numbers.choice((numbers.randrange(64), min(near + numbers.randrange(600), len(data) - 1), numbers.randrange(len(data))))
        data[at] = numbers.choice((0, 0xff, 0x7f, data[at] ^ 1 << numbers.randrange(8)))
    load(bytes(data))
assert set(results) <= {0, 2, 200, 209}, results
assert load(image) == 0
print(results)
"""


@pytest.mark.parametrize("seed", range(3))
def test_corrupt_images_are_refused(seed, image, tmp_path):
    path = tmp_path / "image"
    path.write_bytes(image("gfx942"))
    done = run_python(CORRUPT, HIPEMU_TARGET="gfx942", IMAGE=str(path), SEED=str(seed))
    assert done.returncode == 0, done.stderr[-2000:]


def test_an_image_at_the_end_of_memory_is_read_no_further(image, tmp_path):
    path = tmp_path / "image"
    path.write_bytes(image("gfx942"))
    done = run_python("""
image = open(os.environ['IMAGE'], 'rb').read()
libc = ctypes.CDLL(None)
libc.mmap.restype = ctypes.c_void_p
pages = 1 + len(image) // 4096
at = libc.mmap(None, ctypes.c_size_t((pages + 1) * 4096), 3, 0x22, -1, ctypes.c_size_t(0))
libc.mprotect(ctypes.c_void_p(at + pages * 4096), ctypes.c_size_t(4096), 0)
for n in (4, 63, 64, 1000, len(image) // 2, len(image)):
    ctypes.memmove(at + pages * 4096 - n, image, n)
    code = hip.hipModuleLoadData(ctypes.byref(ctypes.c_void_p()), ctypes.c_void_p(at + pages * 4096 - n))
    assert code == (0 if n == len(image) else 200), (n, code)
""", HIPEMU_TARGET="gfx942", IMAGE=str(path))
    assert done.returncode == 0, done.stderr[-2000:]


def test_every_code_object_of_the_library():
    if not (folder := os.environ.get("HIPINFER_KERNELS")):
        pytest.skip("HIPINFER_KERNELS names no folder of code objects")
    files = sorted(Path(folder).glob("gfx*/*.hsaco"))
    assert files
    for file in files:
        for device in TARGETS:
            runtime().use(device)
            loaded = pointer()
            result = code("hipModuleLoad", ctypes.byref(loaded), str(file).encode())
            assert result == (SUCCESS if file.parent.name in (device, GENERIC.get(device)) else NO_BINARY), (file, device)
            if result == SUCCESS:
                ok("hipModuleUnload", loaded)


# Launches

@pytest.mark.parametrize("target", TARGETS)
def test_both_ways_to_give_arguments(target, image):
    runtime().use(target)
    loaded = out("hipModuleLoadData", pointer, image(target))
    memory = Memory(24)
    ok("hipMemset", memory.at, 0, size(24))
    assert launch(out("hipModuleGetFunction", pointer, loaded, b"echo"), words(memory.at, 5, 6)) == SUCCESS
    ok("hipDeviceSynchronize")
    assert struct.unpack("=3Q", memory.read()) == (memory.at.value, 5, 6)
    each = out("hipModuleGetFunction", pointer, loaded, b"echo_each")
    arguments = (pointer(memory.at.value), ctypes.c_int(-7), ctypes.c_int(8))
    parameters = (pointer * 3)(*(ctypes.addressof(a) for a in arguments))
    ok("hipModuleLaunchKernel", each, 1, 1, 1, 1, 1, 1, 0, None, parameters, None)
    ok("hipStreamSynchronize", None)
    assert struct.unpack("=Qii", memory.read(16)) == (memory.at.value, -7, 8)


def test_launches_that_are_refused(module, echo, capfd):
    memory = Memory(24)
    good = words(memory.at, 1, 2)
    assert launch(echo, good, groups=(0, 1, 1)) == INVALID_CONFIGURATION
    assert launch(echo, good, block=(1, 0, 1)) == INVALID_CONFIGURATION
    assert launch(echo, good, block=(1025, 1, 1)) == INVALID_CONFIGURATION
    assert launch(echo, good, block=(64, 64, 1)) == INVALID_CONFIGURATION
    assert launch(echo, good, groups=(2**31, 1, 1)) == INVALID_VALUE
    assert launch(echo, good, groups=(1, 65537, 1)) == INVALID_VALUE
    assert launch(echo, good, groups=(2**30, 1, 1), block=(8, 1, 1)) == INVALID_CONFIGURATION
    assert launch(echo, good, lds=65537) == INVALID_VALUE
    assert launch(echo, good[:20]) == INVALID_VALUE
    assert "20 bytes of arguments, the kernel takes 24" in capfd.readouterr().err
    small = out("hipModuleGetFunction", pointer, module, b"small")
    assert launch(small, good[:8], block=(128, 1, 1)) == SUCCESS
    assert launch(small, good[:8], block=(129, 1, 1)) == LAUNCH_FAILURE
    assert code("hipModuleLaunchKernel", echo, 1, 1, 1, 1, 1, 1, 0, None, None, None) == INVALID_VALUE
    assert code("hipModuleLaunchKernel", pointer(64), 1, 1, 1, 1, 1, 1, 0, None, None, None) == INVALID_HANDLE
    nothing = out("hipModuleGetFunction", pointer, module, b"nothing")
    ok("hipModuleLaunchKernel", nothing, 1, 1, 1, 1, 1, 1, 0, None, None, None)
    with_bad_tag = (pointer * 5)(1, memory.at.value, 7, 0, 3)
    assert code("hipModuleLaunchKernel", echo, 1, 1, 1, 1, 1, 1, 0, None, None, with_bad_tag) == INVALID_VALUE
    stream_elsewhere = pointer()
    runtime().use("gfx950")
    ok("hipStreamCreate", ctypes.byref(stream_elsewhere))
    assert launch(echo, good, stream=stream_elsewhere) == INVALID_HANDLE
    ok("hipDeviceSynchronize")


def test_a_fault_stays_until_the_device_is_reset(echo, capfd):
    memory = Memory(24)
    assert launch(echo, words(pointer(memory.at.value + 8), 1, 2)) == SUCCESS  # 8 bytes past the end
    error = capfd.readouterr().err
    assert "echo" in error and "24 bytes" in error
    assert "echo" in runtime().take_report()
    assert code("hipDeviceSynchronize") == ILLEGAL_ADDRESS
    assert code("hipStreamSynchronize", None) == code("hipStreamQuery", None) == ILLEGAL_ADDRESS
    assert code("hipMemcpy", memory.at, b"x", size(1), TO_DEVICE) == ILLEGAL_ADDRESS
    assert launch(echo, words(memory.at, 1, 2)) == ILLEGAL_ADDRESS
    runtime().use("gfx950")  # another device knows nothing of it
    ok("hipDeviceSynchronize")
    runtime().use("gfx942")
    ok("hipFree", memory.at)  # so that programs can end in order
    ok("hipDeviceReset")
    ok("hipDeviceSynchronize")
    assert launch(echo, words(Memory(24).at, 1, 2)) == SUCCESS
    ok("hipDeviceSynchronize")


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
    function = ctypes.CFUNCTYPE(None, pointer)(lambda data: seen.append((data, out("hipGetDevice", ctypes.c_int).value)))
    ok("hipLaunchHostFunc", None, function, pointer(77))
    callback = ctypes.CFUNCTYPE(None, pointer, ctypes.c_int, pointer)(lambda stream, status, data: seen.append((status, data)))
    ok("hipStreamAddCallback", None, callback, pointer(88), 0)
    assert seen == [(77, runtime().targets["gfx942"]), (0, 88)]
    assert code("hipStreamAddCallback", None, callback, None, 1) == INVALID_VALUE


# Capture and graphs

@pytest.fixture
def stream():
    made = out("hipStreamCreate")
    yield made
    graph = pointer()
    hip.hipStreamEndCapture(made, ctypes.byref(graph))
    hip.hipStreamDestroy(made)


def status(stream):
    value = ctypes.c_int(-1)
    ok("hipStreamIsCapturing", stream, ctypes.byref(value))
    return value.value


def finish(stream):
    graph = pointer()
    ok("hipStreamEndCapture", stream, ctypes.byref(graph))
    return graph


def instantiate(graph):
    return out("hipGraphInstantiate", pointer, graph, None, None, size(0))


def test_capture_and_replay(echo, stream):
    memory, copy = Memory(24), Memory(24)
    ok("hipMemset", memory.at, 0, size(24))
    packed = words(memory.at, 3, 4)
    assert status(stream) == NONE
    ok("hipStreamBeginCapture", stream, GLOBAL)
    assert status(stream) == ACTIVE
    assert code("hipStreamBeginCapture", stream, GLOBAL) == ILLEGAL_STATE
    assert launch(echo, packed, stream=stream) == SUCCESS
    ok("hipMemcpyAsync", copy.at, memory.at, size(24), ON_DEVICE, stream)
    ok("hipMemsetAsync", memory.at, 1, size(8), stream)
    graph = finish(stream)
    assert status(stream) == NONE
    assert memory.read() == bytes(24)  # nothing ran
    count = size()
    ok("hipGraphGetNodes", graph, None, ctypes.byref(count))
    assert count.value == 3
    nodes = (pointer * 3)()
    ok("hipGraphGetNodes", graph, nodes, ctypes.byref(count))
    kinds = []
    for node in nodes:
        kind = ctypes.c_int()
        ok("hipGraphNodeGetType", pointer(node), ctypes.byref(kind))
        kinds.append(kind.value)
    assert kinds == [0, 1, 2]
    run = instantiate(graph)
    ok("hipGraphDestroy", graph)
    assert code("hipGraphDestroy", graph) == INVALID_VALUE
    for _ in range(2):
        ok("hipMemset", memory.at, 0, size(24))
        ok("hipGraphLaunch", run, stream)
        ok("hipStreamSynchronize", stream)
        assert struct.unpack("=3Q", copy.read()) == (memory.at.value, 3, 4)
        assert struct.unpack("=3Q", memory.read()) == (0x0101010101010101, 3, 4)
    # A replay looks again: the memory is gone.
    ok("hipFree", copy.at)
    assert code("hipGraphLaunch", run, stream) == INVALID_VALUE
    ok("hipGraphExecDestroy", run)
    assert code("hipGraphLaunch", run, stream) == INVALID_VALUE


def test_a_graph_inside_a_capture(echo, stream):
    memory = Memory(24)
    ok("hipStreamBeginCapture", stream, GLOBAL)
    assert launch(echo, words(memory.at, 1, 2), stream=stream) == SUCCESS
    inner = instantiate(finish(stream))
    ok("hipStreamBeginCapture", stream, GLOBAL)
    ok("hipGraphLaunch", inner, stream)
    outer = instantiate(finish(stream))
    ok("hipMemset", memory.at, 0, size(24))
    ok("hipGraphLaunch", outer, None)
    assert struct.unpack("=3Q", memory.read()) == (memory.at.value, 1, 2)


def test_a_fault_in_a_replay(echo, stream):
    ok("hipStreamBeginCapture", stream, GLOBAL)
    assert launch(echo, words(pointer(4096), 1, 2), stream=stream) == SUCCESS
    run = instantiate(finish(stream))
    ok("hipDeviceSynchronize")
    ok("hipGraphLaunch", run, stream)
    assert code("hipStreamSynchronize", stream) == ILLEGAL_ADDRESS


def test_fork_and_join(stream):
    other, fork, join = out("hipStreamCreate"), out("hipEventCreate"), out("hipEventCreate")
    memory = Memory(8)
    for joined in (True, False):
        ok("hipStreamBeginCapture", stream, GLOBAL)
        ok("hipMemsetAsync", memory.at, 1, size(8), stream)
        ok("hipEventRecord", fork, stream)
        assert code("hipEventQuery", join) == SUCCESS or not joined
        ok("hipStreamWaitEvent", other, fork, 0)
        assert status(other) == ACTIVE
        ok("hipMemsetAsync", memory.at, 2, size(4), other)
        assert code("hipStreamEndCapture", other, ctypes.byref(pointer())) == UNMATCHED
        if joined:
            ok("hipEventRecord", join, other)
            ok("hipStreamWaitEvent", stream, join, 0)
            run = instantiate(finish(stream))
            ok("hipGraphLaunch", run, None)
            assert memory.read() == b"\2" * 4 + b"\1" * 4
        else:
            assert code("hipStreamEndCapture", stream, ctypes.byref(pointer())) == UNJOINED
        assert status(other) == status(stream) == NONE


@pytest.mark.parametrize("name, arguments", [
    ("hipMalloc", lambda s: (ctypes.byref(pointer()), size(8))), ("hipFree", lambda s: (None,)),
    ("hipMemcpy", lambda s: (Kept.device.at, b"12345678", size(8), TO_DEVICE)), ("hipStreamSynchronize", lambda s: (s,)),
    ("hipStreamQuery", lambda s: (s,)), ("hipDeviceSynchronize", lambda s: ()),
    ("hipModuleLoadData", lambda s: (ctypes.byref(pointer()), b"no ELF" + bytes(64))),
    ("hipHostMalloc", lambda s: (ctypes.byref(pointer()), size(8), 0)),
    ("hipMallocAsync", lambda s: (ctypes.byref(pointer()), size(8), s))])
def test_calls_that_end_a_capture(stream, name, arguments):
    Kept.device = Memory(8)
    given = arguments(stream)
    ok("hipStreamBeginCapture", stream, GLOBAL)
    assert code(name, *given) == UNSUPPORTED
    assert status(stream) == 2
    assert code("hipMemsetAsync", Kept.device.at, 0, size(8), stream) == INVALIDATED
    graph = pointer(1)
    assert code("hipStreamEndCapture", stream, ctypes.byref(graph)) == INVALIDATED
    assert graph.value is None
    ok("hipStreamSynchronize", stream)


class Kept:
    """What a parameter's arguments refer to."""
    device = None


@pytest.mark.parametrize("mode, thread_mode, here, elsewhere", [
    (GLOBAL, GLOBAL, False, False), (THREAD_LOCAL, GLOBAL, False, True), (RELAXED, GLOBAL, True, True),
    (GLOBAL, THREAD_LOCAL, False, True), (GLOBAL, RELAXED, True, True), (THREAD_LOCAL, RELAXED, True, True)])
@pytest.mark.parametrize("own_thread", [True, False])
def test_capture_modes(stream, mode, thread_mode, here, elsewhere, own_thread):
    results = []

    def allocate():
        value = ctypes.c_int(thread_mode)
        ok("hipThreadExchangeStreamCaptureMode", ctypes.byref(value))
        assert value.value == GLOBAL
        results.append(code("hipMalloc", ctypes.byref(pointer()), size(8)))
        ok("hipThreadExchangeStreamCaptureMode", ctypes.byref(value))
        assert value.value == thread_mode

    ok("hipStreamBeginCapture", stream, mode)
    if own_thread:
        allocate()
    else:
        thread = threading.Thread(target=allocate)
        thread.start()
        thread.join()
    allowed = here if own_thread else elsewhere
    assert results == [SUCCESS if allowed else UNSUPPORTED]
    assert code("hipStreamEndCapture", stream, ctypes.byref(pointer())) == (SUCCESS if allowed else INVALIDATED)


def test_what_a_capture_refuses(stream):
    other, loose = out("hipStreamCreate"), out("hipStreamCreateWithFlags", pointer, 1)
    event, outside = out("hipEventCreate"), out("hipEventCreate")
    memory, graph = Memory(8), pointer()
    end = ctypes.byref(graph)
    assert code("hipStreamBeginCapture", None, GLOBAL) == UNSUPPORTED
    assert code("hipStreamEndCapture", stream, end) == ILLEGAL_STATE
    # An event of work that is not part of it.
    ok("hipEventRecord", outside, other)
    ok("hipStreamBeginCapture", stream, GLOBAL)
    assert code("hipStreamWaitEvent", stream, outside, 0) == ISOLATION
    assert code("hipStreamEndCapture", stream, end) == INVALIDATED
    # The null stream waits for blocking streams; asking alone does no harm.
    ok("hipStreamBeginCapture", stream, RELAXED)
    assert code("hipStreamIsCapturing", None, ctypes.byref(ctypes.c_int())) == IMPLICIT
    assert status(stream) == ACTIVE
    assert code("hipMemsetAsync", memory.at, 0, size(8), None) == IMPLICIT
    assert code("hipStreamEndCapture", stream, end) == INVALIDATED
    # Not for others.
    ok("hipStreamBeginCapture", loose, RELAXED)
    ok("hipMemsetAsync", memory.at, 0, size(8), None)
    ok("hipEventRecord", event, loose)
    assert code("hipStreamWaitEvent", None, event, 0) == IMPLICIT
    assert code("hipStreamEndCapture", loose, end) == INVALIDATED
    # Two captures cannot become one.
    ok("hipStreamBeginCapture", stream, RELAXED)
    ok("hipStreamBeginCapture", other, RELAXED)
    ok("hipEventRecord", event, stream)
    assert code("hipStreamWaitEvent", other, event, 0) == MERGE
    assert code("hipStreamEndCapture", stream, end) == code("hipStreamEndCapture", other, end) == INVALIDATED
    # A captured event happens never.
    ok("hipStreamBeginCapture", stream, RELAXED)
    ok("hipEventRecord", event, stream)
    assert code("hipEventSynchronize", event) == CAPTURED_EVENT
    assert code("hipStreamEndCapture", stream, end) == INVALIDATED
    # Who began ends.
    results = []
    for mode, expected in ((GLOBAL, WRONG_THREAD), (RELAXED, SUCCESS)):
        ok("hipStreamBeginCapture", stream, mode)
        thread = threading.Thread(target=lambda: results.append(code("hipStreamEndCapture", stream, end)))
        thread.start()
        thread.join()
        assert results.pop() == expected
        if expected:
            ok("hipStreamEndCapture", stream, end)


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


@pytest.mark.parametrize("environment, answer, text", [
    ({}, f"{NO_DEVICE} []", "set HIPEMU_TARGET to one of gfx90a, gfx942, gfx950, gfx1100, gfx1201"),
    ({"HIPEMU_TARGET": "gfx906"}, f"{NO_DEVICE} []", "no target 'gfx906'; there are gfx90a"),
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


def test_counters_are_written(image, tmp_path):
    path, counters = tmp_path / "image", tmp_path / "counters"
    path.write_bytes(image("gfx1100"))
    done = run_python("""
module, function = ctypes.c_void_p(), ctypes.c_void_p()
assert hip.hipModuleLoad(ctypes.byref(module), os.environ['IMAGE'].encode()) == 0
assert hip.hipModuleGetFunction(ctypes.byref(function), module, b'nothing') == 0
for groups in (1, 6):
    assert hip.hipModuleLaunchKernel(function, groups, 1, 1, 96, 2, 1, 128, None, None, None) == 0
""", HIPEMU_TARGET="gfx1100", HIPEMU_COUNTERS=str(counters), IMAGE=str(path))
    assert done.returncode == 0, done.stderr
    first, second = (json.loads(line) for line in counters.read_text().splitlines())
    assert (first["target"], first["kernel"], first["groups"], first["block"]) == ("gfx1100", "nothing", [1, 1, 1], [96, 2, 1])
    assert (second["groups"], second["workgroups"], second["lds_allocated"]) == ([6, 1, 1], 6, 128)
    assert {"instructions_valu", "matrix_cycles", "bytes_read", "lds_conflict_cycles", "loads_of_16"} <= second.keys()


def test_only_hip_is_exported():
    names = subprocess.run([shutil.which("nm") or tool("llvm-nm"), "-D", "--defined-only", os.environ["HIPEMU_LIBRARY"]], text=True,
                           capture_output=True, check=True).stdout.split()
    strays = [n for n in names[2::3] if "hipemu" in n]
    assert not strays
