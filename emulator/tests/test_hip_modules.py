# SPDX-License-Identifier: Apache-2.0
"""Code objects and launches through the HIP API. What might crash runs in a process of its own."""

from __future__ import annotations

import ctypes
import json
import os
import struct
import subprocess
from pathlib import Path

import pytest
from hip_api import (FILE_NOT_FOUND, GENERIC, ILLEGAL_ADDRESS, INVALID_CONFIGURATION, INVALID_HANDLE, INVALID_IMAGE,
                     INVALID_VALUE, LAUNCH_FAILURE, NOT_FOUND, NO_BINARY, SUCCESS, TO_DEVICE, TO_HOST, code, function,
                     image, launch, load, Memory, ok, out, pointer, reset, run_python, size, words)
from hip import runtime
from toolchain import TARGETS, tool


@pytest.fixture(autouse=True)
def clean():
    yield reset()
    reset()


# Code objects

@pytest.mark.parametrize("target", TARGETS)
def test_code_runs_on_its_target_and_on_no_other(target):
    for built in dict.fromkeys((target, GENERIC.get(target, target))):
        for device in TARGETS:
            runtime().use(device)
            result = code("hipModuleLoadData", ctypes.byref(pointer()), image(built))
            assert result == (SUCCESS if built in (device, GENERIC.get(device)) else NO_BINARY), (built, device)


def test_features_must_agree():
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


def test_bundles(tmp_path, capfd):
    host = ("host-x86_64-unknown-linux-gnu-", b"")
    both = bundle([host, ("hipv4-amdgcn-amd-amdhsa--gfx9-4-generic", image("gfx9-4-generic")),
                   ("hipv4-amdgcn-amd-amdhsa--gfx942:sramecc+:xnack-", image("gfx942")),
                   ("hip-amdgcn-amd-amdhsa-unknown-gfx90a", image("gfx90a"))])
    for target in ("gfx942", "gfx950", "gfx90a"):
        runtime().use(target)
        loaded = out("hipModuleLoadData", pointer, both)
        function(loaded, "echo")
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


def test_module_from_a_file(tmp_path):
    assert code("hipModuleLoad", ctypes.byref(pointer()), str(tmp_path / "none").encode()) == FILE_NOT_FOUND
    (tmp_path / "empty").write_bytes(b"")
    assert code("hipModuleLoad", ctypes.byref(pointer()), str(tmp_path / "empty").encode()) == INVALID_IMAGE
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "loop").symlink_to("loop")
    for name, expected in (("pipe", INVALID_IMAGE), ("/dev/zero", INVALID_IMAGE), (".", INVALID_IMAGE), ("loop", FILE_NOT_FOUND)):
        assert code("hipModuleLoad", ctypes.byref(pointer()), str(tmp_path / name).encode()) == expected, name
    with open(tmp_path / "huge", "wb") as file:
        file.truncate(1 << 40)
    assert code("hipModuleLoad", ctypes.byref(pointer()), str(tmp_path / "huge").encode()) == INVALID_IMAGE
    (tmp_path / "whole").write_bytes(image("gfx942"))
    ok("hipModuleUnload", out("hipModuleLoad", pointer, str(tmp_path / "whole").encode()))


def test_functions_and_variables():
    module = load()
    assert code("hipModuleGetFunction", ctypes.byref(pointer()), module, b"none") == NOT_FOUND
    assert code("hipModuleGetFunction", ctypes.byref(pointer()), module, None) == INVALID_VALUE
    assert code("hipModuleGetFunction", ctypes.byref(pointer()), pointer(64), b"echo") == INVALID_HANDLE
    small = function(module, "small")
    assert small.value == function(module, "small").value
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


def test_unload():
    loaded = load()
    nothing = function(loaded, "nothing")
    ok("hipModuleUnload", loaded)
    assert code("hipModuleUnload", loaded) == INVALID_HANDLE
    assert launch(nothing, b"") == INVALID_HANDLE


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
def test_corrupt_images_are_refused(seed, tmp_path):
    path = tmp_path / "image"
    path.write_bytes(image("gfx942"))
    done = run_python(CORRUPT, HIPEMU_TARGET="gfx942", IMAGE=str(path), SEED=str(seed))
    assert done.returncode == 0, done.stderr[-2000:]


def test_an_image_at_the_end_of_memory_is_read_no_further(tmp_path):
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
def test_both_ways_to_give_arguments(target):
    runtime().use(target)
    loaded = load(target)
    memory = Memory(24)
    ok("hipMemset", memory.at, 0, size(24))
    assert launch(function(loaded, "echo"), words(memory.at, 5, 6)) == SUCCESS
    ok("hipDeviceSynchronize")
    assert struct.unpack("=3Q", memory.read()) == (memory.at.value, 5, 6)
    each = function(loaded, "echo_each")
    arguments = (pointer(memory.at.value), ctypes.c_int(-7), ctypes.c_int(8))
    parameters = (pointer * 3)(*(ctypes.addressof(a) for a in arguments))
    ok("hipModuleLaunchKernel", each, 1, 1, 1, 1, 1, 1, 0, None, parameters, None)
    ok("hipStreamSynchronize", None)
    assert struct.unpack("=Qii", memory.read(16)) == (memory.at.value, -7, 8)


def test_launches_that_are_refused():
    module = load()
    echo = function(module, "echo")
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
    small = function(module, "small")
    assert launch(small, good[:8], block=(128, 1, 1)) == SUCCESS
    assert launch(small, good[:8], block=(129, 1, 1)) == LAUNCH_FAILURE
    assert code("hipModuleLaunchKernel", echo, 1, 1, 1, 1, 1, 1, 0, None, None, None) == INVALID_VALUE
    assert code("hipModuleLaunchKernel", pointer(64), 1, 1, 1, 1, 1, 1, 0, None, None, None) == INVALID_HANDLE
    nothing = function(module, "nothing")
    ok("hipModuleLaunchKernel", nothing, 1, 1, 1, 1, 1, 1, 0, None, None, None)
    with_bad_tag = (pointer * 5)(1, memory.at.value, 7, 0, 3)
    assert code("hipModuleLaunchKernel", echo, 1, 1, 1, 1, 1, 1, 0, None, None, with_bad_tag) == INVALID_VALUE
    stream_elsewhere = pointer()
    runtime().use("gfx950")
    ok("hipStreamCreate", ctypes.byref(stream_elsewhere))
    assert launch(echo, good, stream=stream_elsewhere) == INVALID_HANDLE
    ok("hipDeviceSynchronize")


def test_a_fault_stays_until_the_device_is_reset(capfd):
    echo = function(load(), "echo")
    memory = Memory(24)
    assert launch(echo, words(pointer(memory.at.value + 8), 1, 2)) == SUCCESS  # 8 bytes past the end
    error = capfd.readouterr().err
    assert "echo" in error and "24 bytes" in error and "echo.hip:" in error
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


def test_threads_that_cannot_be_had(tmp_path):
    """Their stacks find no room; the others do the work."""
    path = tmp_path / "image"
    path.write_bytes(image("gfx942"))
    done = run_python("""
import resource
module, function = ctypes.c_void_p(), ctypes.c_void_p()
assert hip.hipModuleLoad(ctypes.byref(module), os.environ['IMAGE'].encode()) == 0
assert hip.hipModuleGetFunction(ctypes.byref(function), module, b'nothing') == 0
def launch():
    return hip.hipModuleLaunchKernel(function, 2000, 1, 1, 64, 1, 1, 0, None, None, None)
assert launch() == 0
used = int(open('/proc/self/statm').read().split()[0]) * 4096
resource.setrlimit(resource.RLIMIT_AS, (used + (64 << 20), resource.RLIM_INFINITY))
assert launch() == 0
assert hip.hipDeviceSynchronize() == 0
""", HIPEMU_TARGET="gfx942", HIPEMU_THREADS="64", IMAGE=str(path))
    assert done.returncode == 0, done.stderr[-2000:]


def test_counters_are_written(tmp_path):
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
