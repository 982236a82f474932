# SPDX-License-Identifier: Apache-2.0
"""Routing."""

import numpy as np

from golden.cases import LAYOUTS, cases
from golden.definitions.moe import chosen
from golden.reals import FLOATS, rounded


@cases("grouped_top_k", data=FLOATS, out=("data", "f32"), bias=(None, "data", "f32"), index=("i32", "i64"),
       shape=[(6, 64, 8, 4, 8), (5, 40, 1, 1, 7), (4, 256, 8, 4, 8), (3, 36, 12, 3, 5), (7, 9, 9, 2, 2), (1, 1, 1, 1, 1),
              (2, 200, 100, 70, 80), (0, 16, 2, 1, 4), (3, 130, 2, 2, 130)],
       layout=LAYOUTS, special=("plain", "nan", "inf", "none"), scaling=(1.0, 2.5, -0.5), renormalize=(True, False))
def routing(row):
    """Logits in quarters, so that there are ties, but none with a sum of 0: sigmoids of such add up to 1."""
    t, e, groups, top, k = row.shape
    dtype = row.data if row.bias == "data" else row.bias
    while True:
        x = rounded(np.round(row.normal(t, e, scale=8)) / 4 + 0.1, row.data)
        b = None if row.bias is None else rounded(np.round(row.normal(e, scale=8)) / 16, dtype)
        if row.special == "nan":
            x[::2, ::3] = np.nan
        elif row.special == "inf":
            x[::2, ::3], x[1::2, 1::4] = np.inf, -np.inf
        elif row.special == "none":
            x[::2] = -np.inf
        if all(chosen(own, b, groups, top, k)[1] for own in x):
            break
    return {"weights": row.output((t, k), row.data if row.out == "data" else row.out), "indices": row.output((t, k), row.index),
            "logits": row.tensor(x, row.data), "bias": None if b is None else row.tensor(b, dtype), "groups": groups,
            "top_groups": top, "scaling": row.scaling, "renormalize": row.renormalize}
