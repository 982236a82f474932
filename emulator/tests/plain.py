# SPDX-License-Identifier: Apache-2.0
"""Kernels around a few instructions, and the counters of running them."""

from __future__ import annotations

import json
import os
import struct
import subprocess
import sys
from pathlib import Path

from toolchain import assemble, wave_size

MEMORY_BYTES, LDS_BYTES = 16384, 16384
MATRIX_REGISTERS = 40  # VGPRs of the frame, and AGPRs


def kernels(target: str, bodies: dict[str, str], waves: int = 1, wave: int = 0) -> bytes:
    """kernel name(void* memory, int repetitions), of each body: runs it so often. v0 is the work-item, v1 its 16 bytes of LDS,
    v2 those of memory, from s[4:5]; v16-v39 (a0-a39) hold numbers; s6 counts."""
    cdna, lanes = target.startswith("gfx9"), wave or wave_size(target)
    group = "ttmp9" if target.startswith("gfx12") else "s2"
    wait = "s_wait_kmcnt 0x0" if target.startswith("gfx12") else "s_waitcnt lgkmcnt(0)"
    fill = [f"v_cvt_f32_u32 v{n}, v0" for n in range(16, MATRIX_REGISTERS)]
    fill += [f"v_accvgpr_write_b32 a{n}, v0" for n in range(MATRIX_REGISTERS) if cdna]
    return code_objects(target, {name: "\n".join([
        f"s_mov_b32 s3, {group}", "s_load_dwordx2 s[4:5], s[0:1], 0x0", "s_load_dword s6, s[0:1], 0x8", wait,
        "v_and_b32 v0, 0x3ff, v0", "v_lshlrev_b32 v1, 4, v0", f"s_mul_i32 s3, s3, {16 * waves * lanes}",
        "v_mov_b32 v2, s3", "v_or_b32 v2, v2, v1", *fill,
        f"again_{name}:", body, "s_sub_u32 s6, s6, 1", "s_cmp_lg_u32 s6, 0", f"s_cbranch_scc1 again_{name}", "s_endpgm"])
        for name, body in bodies.items()}, lanes)


ARGUMENTS = ("size: 8, .offset: 0, .value_kind: global_buffer, .address_space: global", "size: 4, .offset: 8, .value_kind: by_value")


def code_objects(target: str, codes: dict[str, str], lanes: int = 0, segment: tuple[int, int] = (16, 16),
                 arguments: tuple[str, ...] = ARGUMENTS, directives: tuple[str, ...] = ()) -> bytes:
    """Kernels of these codes, whose arguments are at s[0:1]. `segment`: the bytes of the arguments, as the descriptor and the
    metadata have it."""
    cdna, lanes = target.startswith("gfx9"), lanes or wave_size(target)
    lines, metadata = [".amdhsa_code_object_version 5"], [".amdgpu_metadata", "---", "amdhsa.version: [1, 2]", "amdhsa.kernels:"]
    for name, code in codes.items():
        lines += [
            ".text", f".globl {name}", ".p2align 8", f".type {name},@function", f"{name}:", code, ".rodata", ".p2align 6",
            f".amdhsa_kernel {name}", ".amdhsa_user_sgpr_kernarg_segment_ptr 1", f".amdhsa_kernarg_size {segment[0]}",
            f".amdhsa_group_segment_fixed_size {LDS_BYTES}", ".amdhsa_next_free_sgpr 16", ".amdhsa_next_free_vgpr 80",
            f".amdhsa_accum_offset {MATRIX_REGISTERS}" if cdna else f".amdhsa_wavefront_size32 {int(lanes == 32)}",
            *directives, ".end_amdhsa_kernel"]
        metadata += [f"""  - .name: {name}
    .symbol: {name}.kd
    .kernarg_segment_size: {segment[1]}
    .kernarg_segment_align: 8
    .group_segment_fixed_size: {LDS_BYTES}
    .private_segment_fixed_size: 0
    .wavefront_size: {lanes}
    .sgpr_count: 16
    .vgpr_count: {MATRIX_REGISTERS}
    .max_flat_workgroup_size: 1024
    .args:
""" + "\n".join(f"      - {{.{a}}}" for a in arguments)]
    options = ("-mattr=+wavefrontsize64",) if lanes == 64 and not cdna else ()
    return assemble(target, "\n".join([*lines, *metadata, "...", ".end_amdgpu_metadata", ""]), options)


def code_object(target: str, code: str, *more, **named) -> bytes:
    """The same of one code, as `k`."""
    return code_objects(target, {"k": code}, *more, **named)


def kernel(target: str, body: str, waves: int = 1, wave: int = 0) -> bytes:
    """The same of one body, as `k`."""
    return kernels(target, {"k": body}, waves, wave)


class Launcher:
    """Runs kernels of one target in this process, whose HIPEMU_COUNTERS and HIPEMU_TARGET must have been set."""

    def __init__(self):
        from hip import Runtime
        self.runtime, self.counters = Runtime(), Path(os.environ["HIPEMU_COUNTERS"])

    def run(self, image: bytes, block: int, groups: int = 1, repetitions: int = 1) -> dict:
        """What it did."""
        import numpy as np
        from hip import Buffer
        self.counters.write_text("")
        with Buffer(self.runtime, np.zeros(max(MEMORY_BYTES, groups * block * 16), np.uint8)) as memory:
            function = self.runtime.function(self.runtime.load(image), "k")
            self.runtime.launch(function, groups, block, struct.pack("=Qi", memory.address, repetitions))
            self.runtime.synchronize()
        return json.loads(self.counters.read_text())


def counted(target: str, bodies: list[str], counters: Path, wave: int = 0) -> list[dict]:
    """The counters of a wave that runs each, in another process: the emulator reads its environment once."""
    environment = os.environ | {"HIPEMU_TARGET": target, "HIPEMU_COUNTERS": str(counters)}
    done = subprocess.run([sys.executable, __file__], input=json.dumps([target, bodies, wave]), env=environment, text=True,
                          capture_output=True)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


if __name__ == "__main__":
    target, bodies, wave = json.loads(sys.stdin.read())
    launcher = Launcher()
    print(json.dumps([launcher.run(kernel(target, body, wave=wave), wave or wave_size(target)) for body in bodies]))
