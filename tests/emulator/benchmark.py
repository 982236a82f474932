#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""How fast the emulator is: million wave instructions a second and core, with all checks, on loops of one kind each.

  benchmark.py [TARGET...]      default: gfx942 gfx1201

Time is that of the CPU, so other work on the machine disturbs little. Needs HIPEMU_LIBRARY, llvm-mc and ld.lld.
"""

from __future__ import annotations

import json
import os
import struct
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent / "tests"))
from toolchain import TARGETS, assemble, wave_size

SECONDS = 1.0  # of each measurement, about
WAVES = 4  # of a workgroup


def loops(target: str) -> dict[str, tuple[str, int]]:
    """By name: what the loop repeats, and how often it stands there before the jump."""
    cdna = target.startswith("gfx9")
    matrix = ("v_mfma_f32_32x32x8_f16 a[0:15], v[16:17], v[18:19], a[0:15]\nv_mfma_f32_16x16x16_f16 a[16:19], v[16:17], v[18:19], a[16:19]"
              if cdna else "v_wmma_f32_16x16x16_f16 v[32:39], v[16:19], v[20:23], v[32:39]" if target.startswith("gfx12") else
              "v_wmma_f32_16x16x16_f16 v[32:39], v[16:23], v[24:31], v[32:39]")
    wait = "s_wait_dscnt 0x0" if target.startswith("gfx12") else "s_waitcnt lgkmcnt(0)"
    arrived = "s_wait_loadcnt 0x0" if target.startswith("gfx12") else "s_waitcnt vmcnt(0)"
    add = "v_add_u32" if cdna else "v_add_nc_u32"
    return {
        "VALU": (f"v_fma_f32 v16, v17, v18, v16\n{add} v19, v20, v21\nv_xor_b32 v22, v19, v23\n"
                 f"v_mul_f32 v24, v17, v18\n{add} v25, s4, v20\nv_fma_f32 v26, v27, v28, v26", 8),
        "LDS": (f"ds_write_b128 v1, v[16:19]\nds_read_b128 v[20:23], v1\n{wait}", 8),
        "memory": (f"global_load_dwordx4 v[20:23], v2, s[4:5]\nglobal_store_dwordx4 v2, v[16:19], s[4:5]\n{arrived}", 8),
        "matrix": (matrix, 8),
    }


def kernel(target: str, body: str, copies: int) -> bytes:
    """kernel k(void* memory, int repetitions): v1 is the work-item's 16 bytes of LDS, v2 its offset in memory."""
    cdna = target.startswith("gfx9")
    group = "ttmp9" if target.startswith("gfx12") else "s2"
    wait = "s_wait_kmcnt 0x0" if target.startswith("gfx12") else "s_waitcnt lgkmcnt(0)"
    lanes = wave_size(target)
    fill = [f"v_cvt_f32_u32 v{n}, v0" for n in range(16, 40)] + [f"v_accvgpr_write_b32 a{n}, v0" for n in range(20) if cdna]
    text = "\n".join([
        ".amdhsa_code_object_version 5", ".text", ".globl k", ".p2align 8", ".type k,@function", "k:",
        f"s_mov_b32 s7, {group}", "s_load_dwordx2 s[4:5], s[0:1], 0x0", "s_load_dword s6, s[0:1], 0x8", wait,
        "v_and_b32 v0, 0x3ff, v0", "v_lshlrev_b32 v1, 4, v0", f"s_mul_i32 s7, s7, {16 * WAVES * lanes}",
        "v_mov_b32 v2, s7", "v_or_b32 v2, v2, v1", *fill,
        "again:", *[body] * copies, "s_sub_u32 s6, s6, 1", "s_cmp_lg_u32 s6, 0", "s_cbranch_scc1 again", "s_endpgm",
        ".rodata", ".p2align 6", ".amdhsa_kernel k", ".amdhsa_user_sgpr_kernarg_segment_ptr 1", ".amdhsa_kernarg_size 16",
        f".amdhsa_group_segment_fixed_size {16 * WAVES * lanes}", ".amdhsa_next_free_sgpr 16", ".amdhsa_next_free_vgpr 64",
        ".amdhsa_accum_offset 40" if cdna else ".amdhsa_wavefront_size32 1", ".end_amdhsa_kernel",
        ".amdgpu_metadata", f"""---
amdhsa.version: [1, 2]
amdhsa.kernels:
  - .name: k
    .symbol: k.kd
    .kernarg_segment_size: 16
    .kernarg_segment_align: 8
    .group_segment_fixed_size: {16 * WAVES * lanes}
    .private_segment_fixed_size: 0
    .wavefront_size: {lanes}
    .sgpr_count: 16
    .vgpr_count: 40
    .max_flat_workgroup_size: 1024
    .args:
      - {{.size: 8, .offset: 0, .value_kind: global_buffer, .address_space: global}}
      - {{.size: 4, .offset: 8, .value_kind: by_value}}
...""", ".end_amdgpu_metadata", ""])
    return assemble(target, text)


def measure(runtime, target: str, name: str, counters: Path) -> float:
    """Wave instructions a second."""
    from hip import Buffer
    import numpy as np

    runtime.use(target)
    function = runtime.function(runtime.load(kernel(target, *loops(target)[name])), "k")
    groups, block = 2, WAVES * wave_size(target)

    def run(repetitions: int) -> tuple[float, int]:
        counters.write_text("")
        start = time.process_time()
        runtime.launch(function, groups, block, struct.pack("=Qi", memory.address, repetitions))
        runtime.synchronize()
        seconds = time.process_time() - start
        launch = json.loads(counters.read_text())
        return seconds, sum(launch[key] for key in launch if key.startswith("instructions_"))

    with Buffer(runtime, np.zeros(groups * block * 16, np.uint8)) as memory:
        run(1)
        repetitions = 20
        while (result := run(repetitions))[0] < SECONDS / 4:
            repetitions *= 2
        seconds, instructions = run(int(repetitions * SECONDS / result[0]))
    return instructions / seconds


def main() -> None:
    targets = sys.argv[1:] or ["gfx942", "gfx1201"]
    if any(target not in TARGETS for target in targets):
        sys.exit(__doc__)
    with tempfile.TemporaryDirectory() as folder:
        counters = Path(folder) / "counters"
        os.environ |= {"HIPEMU_TARGET": ",".join(targets), "HIPEMU_THREADS": "1", "HIPEMU_COUNTERS": str(counters),
                       "HIPEMU_LIMIT": "0"}
        from hip import Runtime
        runtime = Runtime()
        for target in targets:
            for name in loops(target):
                print(f"{target} {name}: {measure(runtime, target, name, counters) / 1e6:.1f} M wave instructions/s")


if __name__ == "__main__":
    main()
