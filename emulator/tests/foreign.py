# SPDX-License-Identifier: Apache-2.0
"""The kernels of kernels/, compiled in many ways, and run with arrays for arguments."""

from __future__ import annotations

import concurrent.futures
import os
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from hip import Buffer, runtime
from toolchain import FURTHER, HERE, TARGETS, compile_hip, wave_size

if not os.environ.get("HIPEMU_LIBRARY"):
    pytest.skip("HIPEMU_LIBRARY names no library", allow_module_level=True)


@dataclass(frozen=True)
class Variant:
    """A way to compile for a target."""

    target: str
    architecture: str = ""  # a generic one that the target runs
    options: tuple[str, ...] = ()

    @property
    def wave(self) -> int:
        return 64 if "-mwavefrontsize64" in self.options else wave_size(self.target)

    @property
    def version(self) -> int:
        """Of the code object."""
        return int(next((o[-1] for o in self.options if o.startswith("-mcode-object-version")), "6"))

    def __str__(self):
        return " ".join((self.architecture or self.target, *(o.removeprefix("-m") for o in self.options)))

    def compile(self, source: Path) -> bytes:
        hidden = int(self.version >= 5)
        return compile_hip(self.architecture or self.target, source,
                           (f"-DWAVE={self.wave}", f"-DHIDDEN_ARGUMENTS={hidden}", *self.options))


def version(n: int) -> str:
    return f"-mcode-object-version={n}"


VARIANTS = [
    *(Variant(t) for t in (*TARGETS, *FURTHER)),
    Variant("gfx906", "gfx9-generic", ("-O0",)), Variant("gfx908", "", ("-O0",)), Variant("gfx1030", "gfx10-3-generic", ("-O0",)),
    Variant("gfx942", "gfx9-4-generic"), Variant("gfx1100", "gfx11-generic"), Variant("gfx1201", "gfx12-generic"),
    Variant("gfx1100", "", ("-mwavefrontsize64",)), Variant("gfx1201", "", ("-mwavefrontsize64",)),
    # Without optimisation everything goes through scratch, calls and generic addresses.
    Variant("gfx90a", "", ("-O0",)), Variant("gfx950", "", ("-O0",)),
    Variant("gfx1100", "", ("-O0",)), Variant("gfx1201", "", ("-O0", "-mwavefrontsize64")),
    Variant("gfx90a", "", (version(4),)), Variant("gfx942", "", ("-O1", version(5))), Variant("gfx1100", "", ("-O1", version(4))),
    Variant("gfx1201", "", ("-O1", version(5))),
]


class Images:
    """Compiles what is asked for in the background, in this order."""

    def __init__(self, variants):
        self._pool = concurrent.futures.ThreadPoolExecutor(os.cpu_count())
        self._made = {v: self._pool.submit(v.compile, HERE / "kernels" / "all.hip") for v in variants}

    def __getitem__(self, variant: Variant) -> bytes:
        return self._made[variant].result()

    def close(self):
        self._pool.shutdown(cancel_futures=True)


class Out:
    """Memory that nothing has written yet; run() gives it back as an array."""

    def __init__(self, shape, dtype):
        self.shape, self.dtype = (shape,) if isinstance(shape, int) else tuple(shape), np.dtype(dtype)


class InOut:
    def __init__(self, array):
        self.array = np.ascontiguousarray(array)


class Code:
    def __init__(self, variant: Variant, image: bytes):
        self.variant, self.wave, self.target = variant, variant.wave, variant.target
        self._hip, self._image = runtime(), image
        self.random = np.random.default_rng(int(os.environ.get("HIPEMU_TEST_SEED", "0")))

    def module(self):
        loaded = self._hip.modules.setdefault(self._hip.use(self.target), {})
        if self.variant not in loaded:
            loaded[self.variant] = self._hip.load(self._image)
        return loaded[self.variant]

    def run(self, kernel: str, grid, block, *arguments, lds: int = 0):
        """Arrays are copied to the device. Gives what is Out or InOut, alone or as a list; An int is one of 32 bits, bytes are
        a struct with 8-byte alignment."""
        module, buffers, packed = self.module(), {}, b""
        for n, a in enumerate(arguments):
            if isinstance(a, int):
                a = np.int32(a)
            if isinstance(a, Out):
                buffers[n] = Buffer(self._hip, int(np.prod(a.shape)) * a.dtype.itemsize)
            elif isinstance(a, InOut) or (isinstance(a, np.ndarray) and a.ndim):
                buffers[n] = Buffer(self._hip, a.array if isinstance(a, InOut) else a)
            value = np.uint64(buffers[n].address) if n in buffers else a
            raw, align = (value, 8) if isinstance(value, bytes) else (value.tobytes(), value.itemsize)
            packed += bytes(-len(packed) % align) + raw
        self._hip.launch(self._hip.function(module, kernel), grid, block, packed, lds)
        self._hip.synchronize()
        results = [buffers[n].read(a.dtype, a.shape) if isinstance(a, Out) else buffers[n].read(a.array.dtype, a.array.shape)
                   for n, a in enumerate(arguments) if isinstance(a, (Out, InOut))]
        for b in buffers.values():
            b.free()
        return results[0] if len(results) == 1 else results


def blocks(count: int, size: int) -> int:
    return -(-count // size)
