# SPDX-License-Identifier: Apache-2.0
"""What the tests of the HIP API share: its functions by name, its numbers, kernels that write their arguments."""

from __future__ import annotations

import ctypes
import functools
import os
import struct
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

if not os.environ.get("HIPEMU_LIBRARY"):
    pytest.skip("HIPEMU_LIBRARY names no library", allow_module_level=True)

from hip import runtime
from toolchain import compile_hip

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


@functools.cache
def image(target):
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder) / "echo.hip"
        source.write_text(SOURCE)
        return compile_hip(target, source, ("-g",))


def load(target="gfx942"):
    return out("hipModuleLoadData", pointer, image(target))


def function(module, name):
    return out("hipModuleGetFunction", pointer, module, name.encode())


def launch(function, packed, groups=(1, 1, 1), block=(1, 1, 1), lds=0, stream=None):
    buffer, bytes = ctypes.create_string_buffer(packed, max(1, len(packed))), size(len(packed))
    extra = (pointer * 5)(1, ctypes.addressof(buffer), 2, ctypes.addressof(bytes), 3)
    return code("hipModuleLaunchKernel", function, *map(ctypes.c_uint, (*groups, *block, lds)), stream, None, extra)


def words(address, *rest):
    return struct.pack(f"={1 + len(rest)}Q", address.value, *rest)


def run_python(text, **environment):
    kept = {k: v for k, v in os.environ.items() if not k.startswith("HIPEMU_") or k == "HIPEMU_LIBRARY"}
    prologue = "import ctypes, os, sys, random, struct\nhip = ctypes.CDLL(os.environ['HIPEMU_LIBRARY'])\n"
    return subprocess.run([sys.executable, "-c", prologue + text], env=kept | environment, text=True, capture_output=True, timeout=600)


def reset():
    """Every device works, and the current one is a gfx942."""
    for device in range(len(runtime().targets)):
        hip.hipSetDevice(device)
        hip.hipDeviceReset()
    hip.hipGetLastError()
    runtime().use("gfx942")
