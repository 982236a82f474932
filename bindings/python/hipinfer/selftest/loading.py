# SPDX-License-Identifier: Apache-2.0
"""Levels static and load: what is inside for this device, and whether its driver takes each code object and finds each kernel."""

from __future__ import annotations

import ctypes
import os
from typing import Any, Callable, Dict, Iterator, List, Tuple

from .._abi import DeviceTypeCode
from ..context import Context
from ..errors import HipinferError
from ..inside import code_object, manifest, targets
from .report import drivers, impersonal

MACHINES = {DeviceTypeCode.HIP: 224, DeviceTypeCode.CUDA: 190}  # e_machine of ELF: AMDGPU, CUDA
FUNCTIONS: Dict[int, Tuple[str, str, str]] = {
    DeviceTypeCode.HIP: ("hipModuleLoadData", "hipModuleGetFunction", "hipModuleUnload"),
    DeviceTypeCode.CUDA: ("cuModuleLoadData", "cuModuleGetFunction", "cuModuleUnload"),
}


def symbols_of(code_target: str) -> Dict[str, List[str]]:
    """By code object the kernels that it must have."""
    found: Dict[str, List[str]] = {}
    for op in manifest()["ops"]:
        for row in op["kernels"]:
            if row["symbols"] and (row["targets"] == "*" or any(code_target.startswith(t) for t in row["targets"].split())):
                names = found.setdefault(row["module"], [])
                names += [s for s in row["symbols"] if s not in names]
    return found


def static(context: Context) -> Iterator[Tuple[str, str]]:
    """Facts, and with each what is wrong with it."""
    yield f"targets inside: {' '.join(targets()) or 'none'}", ""
    if context.on_cpu:
        yield "the CPU needs no code objects", ""
        return
    wave = 64 if context.code_target.startswith("gfx9") else 32
    fits = context.wave_size == wave
    yield f"waves of {context.wave_size}", "" if fits else f"the code for {context.code_target} has waves of {wave}"
    least = 65536 if context.device_type == DeviceTypeCode.HIP else 99 << 10
    yield f"{context.lds_bytes} bytes of LDS", "" if context.lds_bytes >= least else f"kernels need up to {least}"
    modules, size, wrong = symbols_of(context.code_target), 0, []
    for module, symbols in modules.items():
        try:
            code = code_object(context.code_target, module)
        except HipinferError as e:
            wrong.append(impersonal(str(e)))
            continue
        size += len(code)
        if code[:4] != b"\x7fELF" or int.from_bytes(code[18:20], "little") != MACHINES[DeviceTypeCode(context.device_type)]:
            wrong.append(f"{module}: no ELF file of this kind of device")
        wrong += [f"{module}: {s} is not in it" for s in symbols if s.encode() + b"\0" not in code]
    count = sum(map(len, modules.values()))
    yield f"{len(modules)} code objects for {context.code_target}, {size / 2**20:.1f} MiB, {count} kernels", "; ".join(wrong)


class Driver:
    """The driver that the library has opened, asked directly."""

    def __init__(self, context: Context):
        self.load, self.find, self.unload = FUNCTIONS[context.device_type]
        hip = context.device_type == DeviceTypeCode.HIP
        paths: List[Any] = [*drivers(hip, not hip), *filter(None, [os.environ.get("HIPINFER_HIP_LIBRARY") if hip else ""])]
        if not paths:
            raise RuntimeError("the driver's library is not found in /proc/self/maps")
        self.library = ctypes.CDLL(str(paths[0]))
        if hip:
            self.must("hipSetDevice", context.device_id)
        else:
            device, primary = ctypes.c_int(), ctypes.c_void_p()
            self.must("cuDeviceGet", ctypes.byref(device), context.device_id)
            self.must("cuDevicePrimaryCtxRetain", ctypes.byref(primary), device)
            self.must("cuCtxSetCurrent", primary)

    def must(self, function: str, *arguments: Any) -> None:
        status = getattr(self.library, function)(*arguments)
        if status:
            raise RuntimeError(f"{function} gave {status}")

    def missing(self, code: bytes, symbols: List[str]) -> List[str]:
        """What does not load, or is not found."""
        module, function = ctypes.c_void_p(), ctypes.c_void_p()
        try:
            self.must(self.load, ctypes.byref(module), code)
        except RuntimeError as e:
            return [str(e)]
        wrong = []
        for symbol in symbols:
            try:
                self.must(self.find, ctypes.byref(function), module, symbol.encode())
            except RuntimeError as e:
                wrong.append(f"{symbol}: {e}")
        self.must(self.unload, module)
        return wrong


def load(context: Context, operations: List[str], progress: Callable[[int, int, str], None]) -> Tuple[str, List[str]]:
    """On a GPU: through the library, as a program loads them; then each by the driver alone, which names what it does not find."""
    wrong: List[str] = []
    modules = {m: s for m, s in symbols_of(context.code_target).items() if any(m == o or m.startswith(f"{o}_") for o in operations)}
    for done, op in enumerate(operations):
        progress(done, len(operations) + len(modules), op)
        try:
            context.preload(op)
        except HipinferError as e:
            wrong.append(impersonal(str(e)))
    try:
        driver = Driver(context)
    except (OSError, RuntimeError, AttributeError) as e:  # no such file, an error of the driver, no such function
        return "the driver could not be asked", [*wrong, impersonal(str(e))]
    for done, (module, symbols) in enumerate(modules.items()):
        progress(len(operations) + done, len(operations) + len(modules), module)
        try:
            code = code_object(context.code_target, module)
        except HipinferError as e:
            wrong.append(impersonal(str(e)))
            continue
        wrong += [f"{module}: {problem}" for problem in driver.missing(code, symbols)]
    return f"{len(modules)} code objects, {sum(map(len, modules.values()))} kernels", wrong
