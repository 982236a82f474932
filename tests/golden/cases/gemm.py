# SPDX-License-Identifier: Apache-2.0
"""The linear layer. Up to 8 rows have a kernel of their own; no extent is a multiple of a tile but in one shape."""

import numpy as np

from golden.cases import LAYOUTS, cases
from golden.reals import FLOATS


def coarse(x):
    """No subnormal f16 values: gfx90a's matrix units read them as zero."""
    return np.where(np.abs(x) < 2.0**-10, 0.5, x)


@cases("gemm", data=FLOATS, out=("data", "f32"), shape=[(5, 7, 37), (1, 9, 64), (11, 13, 24), (17, 70, 41), (64, 16, 32), (8, 3, 200),
                                                        (9, 5, 1), (3, 4, 0), (0, 5, 8)],
       layout=LAYOUTS, bias=(False, True), residual=("none", "apart", "output"))
def gemm(row):
    m, n, k = row.shape
    out = row.data if row.out == "data" else row.out
    residual = None if row.residual == "none" else row.tensor(row.normal(m, n, scale=5), out)
    return {"output": residual if row.residual == "output" else row.output((m, n), out),
            "input": row.tensor(coarse(row.normal(m, k)), row.data),
            "weight": row.tensor(coarse(row.normal(n, k, shift=0.1)), row.data),
            "bias": row.tensor(row.normal(n, scale=4), row.data) if row.bias else None, "residual": residual}
