# SPDX-License-Identifier: Apache-2.0
"""Linear layers."""

from __future__ import annotations

from typing import Any, Iterator

import triton
from case import Device, Output, Version, Work, case, cdiv, label, space, wide
from triton_gemm import add, gemm


def gemm_choices(target: str, m: int, n: int, k: int) -> Iterator[dict[str, int]]:
    if m > 256:
        # MFMA of 16 rows and of 32; on RDNA there is one shape.
        shapes = (16, 32) if target.startswith("gfx9") else (0,)
        for bm, bn, warps in ((128, 128, 4), (128, 128, 8), (256, 128, 8), (256, 256, 8)):
            for bk, shape in ((32, shapes[0]), (64, shapes[0]), (64, shapes[-1])):
                yield {"BM": bm, "BN": bn, "BK": bk, "GROUP": 8, "SPLITS": 1, "num_warps": warps, "num_stages": 2,
                       "matrix_instr_nonkdim": shape}
        return
    bm = max(16, triton.next_power_of_2(min(m, 128)))
    for c in space(BM=(bm,), BN=(32, 64, 128), BK=(64, 128), GROUP=(8,), SPLITS=(1, 4, 8), num_warps=(4,), num_stages=(2,)):
        if k % (c["BK"] * c["SPLITS"]) == 0:
            yield c


@case("gemm", shapes=((4096, 4096, 4096), (16, 4096, 14336), (128, 4096, 14336)), quick=((16, 4096, 14336),),
      check=((300, 272, 512), (16, 160, 1024), (100, 160, 1024)), groups=32, note="rows x outputs x inputs, bf16")
def gemm_case(device: Device, m: int, n: int, k: int) -> Work:
    x, w, y = device.random(m, k), device.random(n, k), device.empty(m, n)

    def steps(c: dict[str, int]) -> list[tuple[int, Any]]:
        options = {name: value for name, value in c.items() if name in ("num_warps", "num_stages", "matrix_instr_nonkdim")}
        constants = {name: value for name, value in c.items() if name not in options}
        tiles = cdiv(m, c["BM"]) * cdiv(n, c["BN"])
        parts = y if c["SPLITS"] == 1 else device.empty(c["SPLITS"], m, n, dtype="f32")
        first = device.launch(gemm, (tiles, c["SPLITS"]), {"out": parts, "x": x, "w": w, "M": m, "N": n, "K": k}, constants, **options)
        if c["SPLITS"] == 1:
            return [(1, first)]
        return [(1, first), (1, device.launch(add, (cdiv(m * n, 1024),), {"out": y, "parts": parts, "count": m * n},
                                              {"SPLITS": c["SPLITS"], "BLOCK": 1024}, num_warps=4))]

    return Work(x.nbytes + w.nbytes + y.nbytes, [Output(y, lambda: wide(x) @ wide(w).T)],
                {"hipinfer": [Version("", [(1, lambda: device.hipinfer.gemm(y, x, w))])],
                 "triton": [Version(label(c), steps(c)) for c in gemm_choices(device.target, m, n, k)]}, operations=2.0 * m * n * k)
