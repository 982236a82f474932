# SPDX-License-Identifier: Apache-2.0
"""Softmax at a temperature, argmax, and sampling. Philox: Salmon et al. 2011, "Parallel random numbers: as easy as 1, 2, 3"."""

import numpy as np

from golden.definitions import operation
from golden.outcomes import Exact, OneOf
from golden.reals import FP32_UNIT, Real, exp, real, softmax as softmax_of, zeros

WORD = 2**32 - 1
STEP = 2.0**-31  # of the largest weight: the coarsest that weights are cut to


def highest(row):
    """The lowest index of the largest element; a NaN is never chosen, and a row of nothing else gives 0."""
    best = 0
    for i, x in enumerate(row):
        if not np.isnan(x) and (np.isnan(row[best]) or x > row[best]):
            best = i
    return best


@operation
def argmax(output, input):
    return {"output": Exact(np.array([highest(row) for row in input], np.int64))}


@operation
def softmax(output, input, temperature, temperatures):
    result = zeros(*input.shape)
    for t, row in enumerate(input):
        at = temperature if temperatures is None else temperatures[t]
        if not (0 <= at < np.inf) or np.isnan(row).any():
            result[t] = np.full(row.shape, np.nan)
        elif (row == -np.inf).all():
            result[t] = np.zeros(row.shape)
        elif at == 0:
            result[t] = np.arange(len(row)) == highest(row)
        else:
            # The maximum is subtracted first, and that difference is divided.
            result[t] = softmax_of((real(row) - row.max()) / at)
    return {"output": result}


def uniform(seed, offset, row):
    """The first 64 bits of Philox4x32-10 as a fraction of 2^64."""
    counter = [offset & WORD, offset >> 32 & WORD, row & WORD, row >> 32 & WORD]
    key = [seed & WORD, seed >> 32 & WORD]
    for _ in range(10):
        first, second = 0xD2511F53 * counter[0], 0xCD9E8D57 * counter[2]
        counter = [second >> 32 ^ counter[1] ^ key[0], second & WORD, first >> 32 ^ counter[3] ^ key[1], first & WORD]
        key = [key[0] + 0x9E3779B9 & WORD, key[1] + 0xBB67AE85 & WORD]
    return (counter[0] | counter[1] << 32) / 2.0**64


def sampled(logits, temperature, top_k, top_p, u):
    """The indices that may be sampled, and whether the row is valid. There is more than one where the weights' error decides."""
    usable = ~(np.isnan(logits) | (logits == -np.inf))
    if not usable.any() or np.isnan(temperature) or temperature < 0 or np.isnan(top_p):
        return [0], False
    logits = np.where(usable, logits, -np.inf)
    peak = logits.max()
    if temperature == 0:
        return [highest(logits)], True
    if peak == np.inf:
        w = Real((logits == np.inf) * 1.0)
    else:
        w = exp((real(logits) - peak) / temperature)
    w, error = w.value, np.where(w.value > 0, FP32_UNIT * w.error, 0) + STEP
    order = sorted(np.nonzero(usable)[0], key=lambda i: (-logits[i], i))
    if top_k > 0:
        order = order[:top_k]
    sums, reach = np.cumsum(w[order]), error[order].sum()
    sizes = [len(order)]
    if top_p < 1:
        goal = top_p * sums[-1]
        sizes = [n for n in range(1, len(order) + 1)
                 if (sums[n - 1] >= goal - 2 * reach or n == len(order)) and (n == 1 or sums[n - 2] < goal + 2 * reach)]
        if top_p <= 0:
            sizes = [1]
    found = []
    for n in sizes:
        kept = sorted(order[:n])
        sums = np.cumsum(w[kept])
        goal = u * sums[-1]
        found += [int(i) for j, i in enumerate(kept)
                  if w[i] > 0 and sums[j] + 2 * reach > goal and (j == 0 or sums[j - 1] <= goal + 2 * reach)]
    return sorted(set(found)), True


@operation
def top_k_top_p_sampling_from_logits(output, valid, logits, temperatures, top_ks, top_ps, philox, temperature, top_k, top_p, seed,
                                     offset):
    if philox is not None:
        seed, offset = int(philox[0]) % 2**64, int(philox[1]) % 2**64
    choices, flags = [], []
    for t, row in enumerate(logits):
        found, flag = sampled(row, temperature if temperatures is None else temperatures[t], top_k if top_ks is None else top_ks[t],
                              top_p if top_ps is None else top_ps[t], uniform(seed, offset, t))
        choices.append(found)
        flags.append(flag)
    return {"output": OneOf(choices), "valid": Exact(np.array(flags, bool))}
