# SPDX-License-Identifier: Apache-2.0
"""The HIP runtime of HIPEMU_LIBRARY, through ctypes: what the tests need of it, and nothing that is not HIP's own API,
so that the same tests run on hardware with HIPEMU_LIBRARY=libamdhip64.so."""

from __future__ import annotations

import atexit
import ctypes
import os
import tempfile
from pathlib import Path

import numpy as np
from toolchain import FURTHER, TARGETS

SUCCESS = 0


class HipError(Exception):
    def __init__(self, call: str, code: int, name: str, report: str):
        super().__init__(f"{call}: {name} ({code})" + (f"\n{report}" if report else ""))
        self.call, self.code, self.name, self.report = call, code, name, report


class Runtime:
    """One for the process: a device of each target, unless the environment says what there is."""

    def __init__(self):
        handle, self._report_path = tempfile.mkstemp(prefix="hipemu-report-")
        os.close(handle)
        atexit.register(Path(self._report_path).unlink, missing_ok=True)
        os.environ.setdefault("HIPEMU_TARGET", ",".join((*TARGETS, *FURTHER)))
        os.environ.setdefault("HIPEMU_LIMIT", "20000000")
        os.environ["HIPEMU_REPORT"] = self._report_path
        self._library = ctypes.CDLL(os.environ["HIPEMU_LIBRARY"])
        self._library.hipGetErrorName.restype = ctypes.c_char_p
        count = ctypes.c_int()
        self.call("hipGetDeviceCount", ctypes.byref(count))
        self.targets = {}  # by name: the first device that is one
        for device in range(count.value):
            self.targets.setdefault(self._architecture(device), device)
        self.modules = {}  # by device: modules loaded since its last reset

    def _architecture(self, device: int) -> str:
        properties = ctypes.create_string_buffer(4096)
        self.call("hipGetDevicePropertiesR0600", properties, device)
        return properties.raw[1160:1416].split(b"\0")[0].decode().split(":")[0]  # gcnArchName

    def call(self, name: str, *arguments) -> None:
        code = getattr(self._library, name)(*arguments)
        if code != SUCCESS:
            raise HipError(name, code, self._library.hipGetErrorName(code).decode(), self.take_report())

    def take_report(self) -> str:
        """What the emulator wrote about faults since the last time."""
        path = Path(self._report_path)
        text = path.read_text(errors="replace") if path.exists() else ""
        path.write_text("")
        return text

    def use(self, target: str) -> int:
        device = self.targets[target]
        self.call("hipSetDevice", device)
        return device

    def synchronize(self) -> None:
        """Raises what a kernel did wrong. A faulty kernel leaves the device unusable, so it is reset first."""
        try:
            self.call("hipDeviceSynchronize")
        except HipError:
            device = ctypes.c_int()
            self._library.hipGetDevice(ctypes.byref(device))
            self._library.hipDeviceReset()
            self._library.hipGetLastError()
            self.modules.pop(device.value, None)
            raise

    def load(self, image: bytes) -> ctypes.c_void_p:
        module = ctypes.c_void_p()
        self.call("hipModuleLoadData", ctypes.byref(module), image)
        return module

    def function(self, module, name: str) -> ctypes.c_void_p:
        function = ctypes.c_void_p()
        self.call("hipModuleGetFunction", ctypes.byref(function), module, name.encode())
        return function

    def launch(self, function, grid, block, arguments: bytes, dynamic_lds: int = 0) -> None:
        """`arguments`: the explicit ones, laid out as the kernel wants them."""
        grid, block = ((x,) if isinstance(x, int) else tuple(x) for x in (grid, block))
        buffer = ctypes.create_string_buffer(arguments, max(1, len(arguments)))
        size = ctypes.c_size_t(len(arguments))
        extra = (ctypes.c_void_p * 5)(1, ctypes.addressof(buffer), 2, ctypes.addressof(size), 3)
        self.call("hipModuleLaunchKernel", function, *(ctypes.c_uint(x) for x in (*grid, 1, 1)[:3]),
                  *(ctypes.c_uint(x) for x in (*block, 1, 1)[:3]), ctypes.c_uint(dynamic_lds), None, None, extra)


class Buffer:
    """Device memory of exactly so many bytes, freed with the object."""

    def __init__(self, runtime: Runtime, what):
        """`what`: an array to copy there, or a number of bytes that stay as they are: unwritten."""
        self.runtime, pointer = runtime, ctypes.c_void_p()
        array = None if isinstance(what, int) else np.ascontiguousarray(what)
        self.bytes = what if array is None else array.nbytes
        runtime.call("hipMalloc", ctypes.byref(pointer), ctypes.c_size_t(max(1, self.bytes)))
        self.address = pointer.value
        if array is not None and array.nbytes:
            runtime.call("hipMemcpy", pointer, ctypes.c_void_p(array.ctypes.data), ctypes.c_size_t(array.nbytes), 1)

    def read(self, dtype, shape=None) -> np.ndarray:
        array = np.empty(self.bytes // np.dtype(dtype).itemsize if shape is None else shape, dtype)
        assert array.nbytes <= self.bytes
        if array.nbytes:
            self.runtime.call("hipMemcpy", ctypes.c_void_p(array.ctypes.data), ctypes.c_void_p(self.address),
                              ctypes.c_size_t(array.nbytes), 2)
        return array

    def free(self) -> None:
        if self.address:
            self.runtime._library.hipFree(ctypes.c_void_p(self.address))  # after a reset it is gone already
            self.address = 0

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.free()


_runtime = None


def runtime() -> Runtime:
    global _runtime
    if _runtime is None:
        _runtime = Runtime()
    return _runtime
