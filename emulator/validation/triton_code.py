# SPDX-License-Identifier: Apache-2.0
"""Kernels written in Triton: compiled without a GPU, launched through HIP. Needs PyPI's triton."""

from __future__ import annotations

import os
import struct
from dataclasses import dataclass
from typing import Any, Mapping, Union

# Triton 3.9 asks for this choice to be made; it is what 3.9 does by itself, and what hipcc and clang do.
os.environ.setdefault("TRITON_DEFAULT_FP_FUSION", "1")

import triton
from triton.backends.compiler import GPUTarget
from triton.compiler import ASTSource

WAVE_64 = "gfx9"  # targets whose name begins with it
LDS_BYTES = {"gfx950": 160 << 10}  # of a workgroup; 64 KiB elsewhere


class Refused(Exception):
    """Triton does not compile this for the target, or the target could not launch it."""


@dataclass(frozen=True)
class Memory:
    type: str  # Triton's name of an element's type: "bf16"
    address: int
    bytes: int


Argument = Union[Memory, int, float]


@dataclass(frozen=True)
class Compiled:
    image: bytes
    name: str
    threads: int
    lds_bytes: int
    passed: tuple[str, ...]  # the arguments that are not compiled in

    def pack(self, arguments: Mapping[str, Argument]) -> bytes:
        """As the kernel wants them; behind them Triton has two pointers to scratch memory, which these kernels do not use."""
        packed = b""
        for value in [*(arguments[name] for name in self.passed), Memory("i8", 0, 0), Memory("i8", 0, 0)]:
            one = (struct.pack("=Q", value.address) if isinstance(value, Memory) else
                   struct.pack("=f", value) if isinstance(value, float) else struct.pack("=i", value))
            packed += bytes(-len(packed) % len(one)) + one
        return packed


def compile_kernel(kernel: Any, target: str, arguments: Mapping[str, Argument], constants: Mapping[str, Any],
                   options: Mapping[str, int]) -> Compiled:
    """Specialised as Triton's own launcher does it: a 1 is compiled in, multiples of 16 and memory below 2 GiB are told."""
    constants = {**constants, **{name: 1 for name, value in arguments.items() if isinstance(value, int) and value == 1}}
    signature, attributes, passed = {}, {}, []
    for n, name in enumerate(kernel.arg_names):
        if name in constants:
            signature[name] = "constexpr"
            continue
        passed.append(name)
        value = arguments[name]
        if isinstance(value, Memory):
            signature[name] = "*" + value.type
            known = (["tt.divisibility", 16], value.address % 16 == 0), (["tt.pointer_range", 32], value.bytes < 2**31)
            attributes[(n,)] = [what for what, true in known if true]
        else:
            signature[name] = "fp32" if isinstance(value, float) else "i32"
            if isinstance(value, int) and value % 16 == 0:
                attributes[(n,)] = [["tt.divisibility", 16]]
    source = ASTSource(kernel, signature, constants, attributes)
    wave_size = 64 if target.startswith(WAVE_64) else 32
    try:
        made = triton.compile(source, target=GPUTarget("hip", target, wave_size), options=dict(options))
    except Exception as error:  # whatever its passes raise: the caller says which kernel it was, and goes on without
        raise Refused(f"triton does not compile {kernel.__name__} for {target}: {type(error).__name__}: {str(error)[:300]}") from error
    about = made.metadata
    limit = LDS_BYTES.get(target, 64 << 10)
    if about.shared > limit:
        raise Refused(f"{kernel.__name__} needs {about.shared} bytes of LDS, {target} has {limit}")
    if about.global_scratch_size or about.profile_scratch_size:
        raise Refused(f"{kernel.__name__} needs scratch memory of Triton's own, which is not provided here")
    return Compiled(made.asm["hsaco"], about.name, about.num_warps * wave_size, about.shared, tuple(passed))
