#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""How fast the emulator is: million wave instructions a second and core, with all checks, on loops of one kind each.

  benchmark.py [TARGET...]      default: gfx942 gfx1201

Time is that of the CPU, so other work on the machine disturbs little. Needs HIPEMU_LIBRARY, llvm-mc and ld.lld.
"""

from __future__ import annotations

import os
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent / "tests"))
from plain import Launcher, kernel
from toolchain import TARGETS, wave_size

SECONDS = 1.0  # of each measurement, about
WAVES = 4  # of a workgroup
COPIES = 8  # of what a loop repeats, before it jumps


def loops(target: str) -> dict[str, str]:
    """By name: what the loop repeats."""
    cdna = target.startswith("gfx9")
    if cdna:
        matrix = ("v_mfma_f32_32x32x8_f16 a[0:15], v[16:17], v[18:19], a[0:15]\n"
                  "v_mfma_f32_16x16x16_f16 a[16:19], v[16:17], v[18:19], a[16:19]")
    else:
        inputs = "v[16:19], v[20:23]" if target.startswith("gfx12") else "v[16:23], v[24:31]"
        matrix = f"v_wmma_f32_16x16x16_f16 v[32:39], {inputs}, v[32:39]"
    wait = "s_wait_dscnt 0x0" if target.startswith("gfx12") else "s_waitcnt lgkmcnt(0)"
    arrived = "s_wait_loadcnt 0x0" if target.startswith("gfx12") else "s_waitcnt vmcnt(0)"
    add = "v_add_u32" if cdna else "v_add_nc_u32"
    return {
        "VALU": (f"v_fma_f32 v16, v17, v18, v16\n{add} v19, v20, v21\nv_xor_b32 v22, v19, v23\n"
                 f"v_mul_f32 v24, v17, v18\n{add} v25, s4, v20\nv_fma_f32 v26, v27, v28, v26"),
        "LDS": f"ds_write_b128 v1, v[16:19]\nds_read_b128 v[20:23], v1\n{wait}",
        "memory": f"global_load_dwordx4 v[20:23], v2, s[4:5]\nglobal_store_dwordx4 v2, v[16:19], s[4:5]\n{arrived}",
        "matrix": matrix,
    }


def measure(launcher, target: str, body: str) -> float:
    """Wave instructions a second."""
    image, repetitions = kernel(target, "\n".join([body] * COPIES), WAVES), 20

    def run() -> tuple[float, int]:
        start = time.process_time()
        done = launcher.run(image, WAVES * wave_size(target), 2, repetitions)
        return time.process_time() - start, sum(done[name] for name in done if name.startswith("instructions_"))

    run()
    while (result := run())[0] < SECONDS / 4:
        repetitions *= 2
    repetitions = int(repetitions * SECONDS / result[0])
    seconds, instructions = run()
    return instructions / seconds


def main() -> None:
    targets = sys.argv[1:] or ["gfx942", "gfx1201"]
    if any(target not in TARGETS for target in targets) or not os.environ.get("HIPEMU_LIBRARY"):
        sys.exit(__doc__)
    with tempfile.TemporaryDirectory() as folder:
        os.environ |= {"HIPEMU_TARGET": ",".join(targets), "HIPEMU_THREADS": "1", "HIPEMU_COUNTERS": f"{folder}/counters",
                       "HIPEMU_LIMIT": "0"}
        launcher = Launcher()
        for target in targets:
            launcher.runtime.use(target)
            for name, body in loops(target).items():
                print(f"{target} {name}: {measure(launcher, target, body) / 1e6:.1f} M wave instructions/s")


if __name__ == "__main__":
    main()
