# SPDX-License-Identifier: Apache-2.0
"""Which experts a token goes to. DeepSeek-V3, arXiv:2412.19437, 2.1.2."""

import numpy as np

from golden.definitions import operation
from golden.outcomes import Exact
from golden.reals import exp, real, total, zeros

CLEAR = 4e-6  # differences that fp32 cannot take for others


def sigmoid(x):
    return 1.0 / (exp(-real(x)) + 1.0)


def ranked(values, count):
    """The largest, of equal ones the lowest index first, and whether fp32 finds the same: what differs differs clearly."""
    order = sorted(range(len(values)), key=lambda i: (-values[i], i))
    with np.errstate(invalid="ignore"):  # inf - inf
        gaps = np.array([values[a] - values[b] for a, b in zip(order, order[1:])])[:count]
    return order[:count], not ((gaps > 0) & (gaps < CLEAR)).any()


def chosen(logits, bias, groups, top_groups, count):
    """Of one token: the experts, and whether fp32 chooses the same."""
    with np.errstate(over="ignore", invalid="ignore"):
        c = 1 / (1 + np.exp(-logits)) + (0 if bias is None else bias)
    c = np.where(np.isnan(c), -np.inf, c).reshape(groups, -1)
    best = np.sort(c, -1)[:, ::-1][:, :2]
    with np.errstate(invalid="ignore"):
        scores = best.sum(-1)
    kept, clear = ranked(np.where(np.isnan(scores), -np.inf, scores), top_groups)
    allowed = np.full(c.shape, np.nan)
    allowed[kept] = c[kept]
    members = np.nonzero(~np.isnan(allowed.ravel()))[0]
    order, clear_too = ranked(allowed.ravel()[members], count)
    return members[order], (clear or groups == top_groups) and clear_too


@operation
def grouped_top_k(weights, indices, logits, bias, groups, top_groups, scaling, renormalize):
    t, k = weights.shape
    found, result = np.zeros((t, k), np.int64), zeros(t, k)
    for i, row in enumerate(logits):
        found[i], clear = chosen(row, bias, groups, top_groups, k)
        assert clear, "fp32 may choose others: the case is no good"
        own = row[found[i]]
        w = sigmoid(np.where(np.isnan(own), -np.inf, own))
        if renormalize:
            whole = total(w)
            w = w / whole if whole.value > 0 else zeros(k)
        result[i] = w * scaling
    return {"weights": result, "indices": Exact(found)}
