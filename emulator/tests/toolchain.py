# SPDX-License-Identifier: Apache-2.0
"""The compiler's tools, and code objects made with them: assembled from text, compiled from HIP."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import tempfile
from pathlib import Path

HERE = Path(__file__).parent
TARGETS = ("gfx90a", "gfx942", "gfx950", "gfx1100", "gfx1201")
# Further targets, and those whose tests of instructions they take: what does not assemble for them, they do not have.
FURTHER = {"gfx906": ("gfx90a",), "gfx908": ("gfx90a",), "gfx1030": ("gfx1100", "gfx90a"), "gfx1151": ("gfx1100", "gfx1201"), "gfx1200": ("gfx1201",)}
OLDEST, NEWEST = 20, 40  # versions of LLVM that are looked for


def tool(name: str) -> str:
    """The tool of the newest LLVM here; the environment says otherwise: HIPEMU_LLVM_MC=/usr/bin/llvm-mc-22."""
    variable = "HIPEMU_" + name.upper().replace("-", "_").replace("+", "X").replace(".", "_")
    if chosen := os.environ.get(variable):
        return chosen
    for candidate in [f"{name}-{version}" for version in range(NEWEST, OLDEST - 1, -1)] + [name]:
        if found := shutil.which(candidate):
            return found
    raise FileNotFoundError(f"{name}-{OLDEST} or later is needed; {variable} names it where it is not on PATH")


def wave_size(target: str) -> int:
    return 64 if target.startswith("gfx9") else 32


class AssemblyError(Exception):
    """`errors`: (line, message) of each."""

    def __init__(self, text: str):
        super().__init__(text)
        self.errors = [(int(line), message) for line, message in re.findall(r"^<stdin>:(\d+):\d+: error: (.*)$", text, re.M)]


def assemble(target: str, text: str, options: tuple[str, ...] = ()) -> bytes:
    """A code object. `text` holds everything: symbols, descriptors, metadata."""
    with tempfile.TemporaryDirectory() as folder:
        relocatable, linked = Path(folder) / "a.o", Path(folder) / "a.hsaco"
        command = [tool("llvm-mc"), "-triple=amdgcn-amd-amdhsa", f"-mcpu={target}", "-filetype=obj", "-o", relocatable, *options]
        made = subprocess.run(command, input=text, text=True, capture_output=True)
        if made.returncode:
            raise AssemblyError(made.stderr)
        subprocess.run([tool("ld.lld"), "-shared", relocatable, "-o", linked], check=True)
        return linked.read_bytes()


def compile_hip(target: str, source: Path, options: tuple[str, ...] = ()) -> bytes:
    """A code object from HIP that includes no ROCm header. The target may be a generic one."""
    with tempfile.TemporaryDirectory() as folder:
        linked = Path(folder) / "a.hsaco"
        command = [tool("clang++"), "-x", "hip", f"--offload-arch={target}", "--cuda-device-only", "--no-gpu-bundle-output",
                   "-nogpuinc", "-nogpulib", "-std=c++20", "-O3", "-Wall", "-Werror", *options, source, "-o", linked]
        made = subprocess.run(command, text=True, capture_output=True)
        if made.returncode:
            raise RuntimeError(f"{source.name} for {target}:\n{made.stderr}")
        return linked.read_bytes()
