# SPDX-License-Identifier: Apache-2.0
"""What the emulator reports of short kernels."""

from __future__ import annotations

import re
import struct
from dataclasses import dataclass

import numpy as np
from hip import Buffer, HipError, runtime
from plain import MEMORY_BYTES, kernels
from toolchain import wave_size


@dataclass
class Report:
    """Of a fault that two instructions make: `at` and `after` are their texts, as LLVM prints them."""
    kind: str
    says: str
    at: str = ""
    after: str = ""


class Bodies:
    """Kernels of one target, assembled a few together when the first of them is run: a fault resets the device, and what is
    loaded again must not be large."""

    FEW = 16

    def __init__(self, target: str, bodies: dict[str, str], waves: int = 1, wave: int = 0):
        self.target, self.bodies, self.waves, self.wave = target, bodies, waves, wave or wave_size(target)
        self._number = {name: n // self.FEW for n, name in enumerate(bodies)}
        self._images: dict[int, bytes] = {}

    def _image(self, number: int) -> bytes:
        if number not in self._images:
            some = {name: self.bodies[name] for name, of in self._number.items() if of == number}
            self._images[number] = kernels(self.target, some, self.waves, self.wave)
        return self._images[number]

    def run(self, name: str) -> Report | None:
        """None: nothing is wrong."""
        hip, key = runtime(), (self, self._number[name])
        loaded = hip.modules.setdefault(hip.use(self.target), {})
        if key not in loaded:
            loaded[key] = hip.load(self._image(self._number[name]))
        hip.take_report()  # warnings of what ran before
        with Buffer(hip, np.zeros(MEMORY_BYTES, np.uint8)) as memory:
            try:
                hip.launch(hip.function(loaded[key], name), 1, self.waves * self.wave, struct.pack("=Qi", memory.address, 1))
                hip.synchronize()
            except HipError as error:
                return read(error.report)
        assert hip.take_report() == ""
        return None


def read(text: str) -> Report:
    first = re.match(r"hipemu: ([^:]*): (.*)", text)
    lines = dict(re.findall(r"^  (at|after) \w+\+0x[0-9a-f]+: (.*)$", text, re.M))
    return Report(first[1], first[2], lines.get("at", ""), lines.get("after", ""))
