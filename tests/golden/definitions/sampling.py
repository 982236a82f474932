# SPDX-License-Identifier: Apache-2.0
"""Softmax at a temperature, argmax, and sampling. Philox: Salmon et al. 2011, "Parallel random numbers: as easy as 1, 2, 3"."""

import numpy as np

from golden.definitions import operation
from golden.outcomes import Exact, OneOf
from golden.reals import FP32_UNIT, Real, exp, log2, real, softmax as softmax_of, total, zeros

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


def random_bits(seed, offset, row):
    """The first 64 bits of Philox4x32-10."""
    counter = [offset & WORD, offset >> 32 & WORD, row & WORD, row >> 32 & WORD]
    key = [seed & WORD, seed >> 32 & WORD]
    for _ in range(10):
        first, second = 0xD2511F53 * counter[0], 0xCD9E8D57 * counter[2]
        counter = [second >> 32 ^ counter[1] ^ key[0], second & WORD, first >> 32 ^ counter[3] ^ key[1], first & WORD]
        key = [key[0] + 0x9E3779B9 & WORD, key[1] + 0xBB67AE85 & WORD]
    return counter[0] | counter[1] << 32


def uniform(seed, offset, row):
    return random_bits(seed, offset, row) / 2.0**64


def weighed(row, logits, temperature):
    """Which elements may be sampled, what they weigh, and the error of that. Weights of 16 bytes are summed in fp32 first."""
    if logits:
        usable = ~(np.isnan(row) | (row == -np.inf))
    else:
        usable = row >= 2.0**-126
    if not usable.any() or np.isnan(temperature) or temperature < 0:
        return usable & False, None, None
    x = np.where(usable, row, -np.inf if logits else 0.0)
    peak = x.max()
    if peak == np.inf:
        return usable, (x == np.inf) * 1.0, np.zeros(len(x))  # ones, whose sums are exact
    if temperature == 0:
        return usable, (np.arange(len(x)) == highest(x)) * 1.0, np.zeros(len(x))
    if logits:
        w = exp((real(x) - peak) / temperature)
    else:
        w = Real(x / peak)
    return usable, w.value, np.where(w.value > 0, FP32_UNIT * (w.error + 7 * w.value), 0) + STEP


def sampled(row, u, logits=False, temperature=1.0, top_k=0, top_p=1.0, min_p=0.0, joint=False):
    """The indices that may be sampled, and whether the row is valid. There is more than one where the weights' error decides."""
    usable, w, error = weighed(row, logits, temperature)
    if not usable.any() or np.isnan(top_p) or np.isnan(min_p):
        return [0], False
    if temperature == 0:
        return [highest(np.where(usable, row, -np.inf))], True
    order = sorted(np.nonzero(usable)[0], key=lambda i: (-row[i], i))
    whole, slack = w[order].sum(), 2 * error[order].sum()
    if top_k > 0:
        order = order[:top_k]
    sums = np.cumsum(w[order])
    if not joint:
        whole, slack = sums[-1], 2 * error[order].sum()
    sizes = range(1, len(order) + 1)
    if top_p >= 1:
        sizes = [len(order)]
    elif top_p <= 0:
        sizes = [1]
    else:
        goal = top_p * whole
        sizes = [n for n in sizes if (sums[n - 1] >= goal - slack or n == len(order)) and (n == 1 or sums[n - 2] < goal + slack)]
    if min_p > 0:
        least = min(min_p, 1.0) * row[order[0]]
        counts = [max(1, sum(row[order] >= least * (1 + rounding))) for rounding in (-FP32_UNIT, FP32_UNIT)]
        sizes = sorted({min(n, c) for n in sizes for c in counts})
    found = []
    for n in sizes:
        kept = sorted(order[:n])
        reach = 2 * error[kept].sum()
        sums = np.cumsum(w[kept])
        goal = u * sums[-1]
        found += [int(i) for j, i in enumerate(kept)
                  if w[i] > 0 and sums[j] + reach > goal and (j == 0 or sums[j - 1] <= goal + reach)]
    return sorted(set(found)), True


def samples(rows, indices, philox, seed, offset, each, **words):
    """Of every output. `each` has what outputs may have of their own: name to (the number for all, the tensor or None)."""
    choices, flags = [], []
    for t in range(len(rows) if indices is None else len(indices)):
        own = {name: every if tensor is None else tensor[t] for name, (every, tensor) in each.items()}
        state = (seed, offset) if philox is None else [int(v) % 2**64 for v in (philox if philox.ndim == 1 else philox[t])]
        found, flag = sampled(rows[t if indices is None else indices[t]], uniform(*state, t), **own, **words)
        choices.append(found)
        flags.append(flag)
    return {"output": OneOf(choices), "valid": Exact(np.array(flags, bool))}


@operation
def sampling_from_logits(output, valid, logits, indices, temperatures, philox, temperature, seed, offset):
    return samples(logits, indices, philox, seed, offset, {"temperature": (temperature, temperatures)}, logits=True)


@operation
def sampling_from_probs(output, valid, probs, indices, philox, seed, offset):
    return samples(probs, indices, philox, seed, offset, {})


@operation
def min_p_sampling_from_probs(output, valid, probs, indices, min_ps, philox, min_p, seed, offset):
    return samples(probs, indices, philox, seed, offset, {"min_p": (min_p, min_ps)})


@operation
def top_p_sampling_from_probs(output, valid, probs, indices, top_ps, philox, top_p, seed, offset):
    return samples(probs, indices, philox, seed, offset, {"top_p": (top_p, top_ps)})


@operation
def top_k_sampling_from_probs(output, valid, probs, indices, top_ks, philox, top_k, seed, offset):
    return samples(probs, indices, philox, seed, offset, {"top_k": (top_k, top_ks)})


@operation
def top_k_top_p_sampling_from_probs(output, valid, probs, indices, top_ks, top_ps, philox, top_k, top_p, joint, seed, offset):
    return samples(probs, indices, philox, seed, offset, {"top_k": (top_k, top_ks), "top_p": (top_p, top_ps)}, joint=joint)


@operation
def top_k_top_p_sampling_from_logits(output, valid, logits, indices, temperatures, top_ks, top_ps, philox, temperature, top_k, top_p,
                                     joint, seed, offset):
    return samples(logits, indices, philox, seed, offset, {"temperature": (temperature, temperatures), "top_k": (top_k, top_ks),
                                                           "top_p": (top_p, top_ps)}, logits=True, joint=joint)


def largest(row, logits, top_k, top_p):
    """The indices that top-k, then top-p keep. Where fp32 cannot decide the case is no good."""
    usable, w, error = weighed(row, logits, 1.0)
    order = sorted(np.nonzero(usable)[0], key=lambda i: (-row[i], i))
    if top_k > 0:
        order = order[:top_k]
    if top_p < 1 and order:
        sums, slack = np.cumsum(w[order]), 2 * error[order].sum()
        goal = top_p * sums[-1]
        fewest = max(1, 1 + int((sums < goal).sum())) if top_p > 0 else 1
        assert top_p <= 0 or (np.abs(sums[:-1] - goal) > slack).all(), "the sum of these is top_p's, but for rounding"
        order = order[:fewest]
    return np.array(order, np.int64)


def renormed(probs, top_k=0, top_p=1.0, top_ks=None, top_ps=None):
    result = zeros(*probs.shape)
    for t, row in enumerate(probs):
        k, p = top_k if top_ks is None else top_ks[t], top_p if top_ps is None else top_ps[t]
        if np.isnan(p):
            result[t] = np.full(row.shape, np.nan)
            continue
        kept = largest(row, False, k, p)
        if len(kept) == 0:
            continue
        # +inf shares all of it with the other +inf.
        w = np.where(row == np.inf, 1.0, 0.0)[kept] if row[kept].max() == np.inf else row[kept] / row[kept].max()
        made = zeros(len(row))
        for i, part in zip(kept, range(len(kept))):
            made[i] = (Real(w) / total(w))[part]
        result[t] = made
    return {"output": result}


@operation
def top_k_renorm_probs(output, probs, top_ks, top_k):
    return renormed(probs, top_k=top_k, top_ks=top_ks)


@operation
def top_p_renorm_probs(output, probs, top_ps, top_p):
    return renormed(probs, top_p=top_p, top_ps=top_ps)


@operation
def top_k_mask_logits(output, logits, top_ks, top_k):
    result = np.full(logits.shape, -np.inf)
    for t, row in enumerate(logits):
        kept = largest(row, True, top_k if top_ks is None else top_ks[t], 1.0)
        result[t, kept] = row[kept]
    return {"output": Exact(result)}


@operation
def apply_penalties(output, logits, counts, prompt, bias, repetitions, presences, frequencies, repetition, presence, frequency):
    count = np.zeros(logits.shape) if counts is None else np.maximum(counts, 0).astype(np.float64)
    seen = (count > 0) | (np.zeros(logits.shape, bool) if prompt is None else prompt.astype(bool))

    def each(every, own):
        return np.full((len(logits), 1), every) if own is None else own[:, None]
    r, p, f = each(repetition, repetitions), each(presence, presences), each(frequency, frequencies)
    divided, multiplied = real(logits) / real(np.broadcast_to(r, logits.shape)), real(logits) * np.broadcast_to(r, logits.shape)
    result = real(logits)
    for take, by in ((seen & (logits > 0), divided), (seen & ~(logits > 0), multiplied)):
        result[take] = by[take]
    less = result - (real(np.broadcast_to(p, logits.shape)) + real(np.broadcast_to(f, logits.shape)) * count)
    result[count > 0] = less[count > 0]
    return {"output": result if bias is None else result + np.broadcast_to(bias, logits.shape)}


@operation
def chain_speculative_sampling(output, valid, draft_probs, draft_token_ids, target_probs, accepted, emitted, philox, seed, offset):
    def probability(x):
        return np.where(x >= 2.0**-126, x, 0.0)  # 0 for NaN
    requests, places, v = draft_probs.shape
    choices, flags, counts, lengths = [], [], [], []
    for b in range(requests):
        state = (seed, offset) if philox is None else [int(s) % 2**64 for s in (philox if philox.ndim == 1 else philox[b])]
        agreed = []
        for i, d in enumerate(draft_token_ids[b]):
            u = (random_bits(*state, b + (i + 1 << 32)) >> 40) / 2.0**24
            agreed.append(0 <= d < v and u * probability(draft_probs[b, i, d]) < probability(target_probs[b, i, d]))
        e = agreed.index(False) if False in agreed else places
        row, u = probability(target_probs[b, e]), uniform(*state, b + (places + 1 << 32))
        with np.errstate(invalid="ignore"):  # inf - inf
            excess = probability(row - probability(draft_probs[b, e])) if e < places else row
        if places > e and excess.any():
            # The differences are rounded to fp32, which is within what weights are allowed.
            row = excess
        found, flag = sampled(row, u)
        choices.append([[int(d)] for d in draft_token_ids[b, :e]] + [found] + [[-1]] * (places - e))
        flags.append(flag)
        counts.append(sum(agreed))
        lengths.append(e)
    result = {"output": OneOf(choices), "valid": Exact(np.array(flags, bool))}
    for name, before, more in (("accepted", accepted, counts), ("emitted", emitted, lengths)):
        if before is not None:
            result[name] = Exact(before + np.array(more, np.int64))
    return result


@operation
def top_k(values, indices, input, sorted):
    count = values.shape[1]
    found = np.zeros((len(input), count), np.int64)
    for t, row in enumerate(input):
        # Numbers from the largest, and NaN behind them; a stable sort keeps the lowest indices of equal ones first.
        order = np.argsort(np.where(np.isnan(row), np.inf, -row), kind="stable")
        order = np.concatenate([order[~np.isnan(row[order])], order[np.isnan(row[order])]])[:count]
        if not sorted:
            nan = np.isnan(row[order])
            order = np.concatenate([np.sort(order[~nan]), np.sort(order[nan])])
        found[t] = order
    return {"values": Exact(np.take_along_axis(input, found, -1)), "indices": Exact(found)}


def log_probabilities(row, temperature):
    """The logarithm of a row's softmax; what is NaN counts as -inf."""
    result = zeros(len(row))
    if not 0 <= temperature < np.inf:
        result[:] = np.full(len(row), np.nan)
        return result
    row = np.where(np.isnan(row), -np.inf, row)
    result[:] = np.full(len(row), -np.inf)
    usable = np.nonzero(row > -np.inf)[0]
    if len(usable) == 0:
        return result
    peak = row.max()
    if temperature == 0:
        result[highest(row)] = 0.0
        return result
    if peak == np.inf:
        usable = np.nonzero(row == np.inf)[0]
        z = Real(np.zeros(len(usable)))
    else:
        z = (real(row[usable]) - peak) / temperature
        top = row[usable] == peak
        z[top] = np.zeros(top.sum())
    w = exp(z)
    w.error += 6 * w.value  # a thread that meets a larger logit rescales what it has
    result[usable] = z - log2(total(w)) * Real(np.log(2), np.log(2))
    return result


@operation
def token_logprobs(logprobs, ranks, top_logprobs, top_indices, logits, tokens, temperatures, temperature):
    t, v = logits.shape
    count = next((x.shape[1] for x in (top_logprobs, top_indices) if x is not None), 0)
    of_tokens, of_top, found, rank = zeros(t), zeros(t, count), np.zeros((t, count), np.int64), np.full(t, -1)
    for i, row in enumerate(logits):
        of_row = log_probabilities(row, temperature if temperatures is None else temperatures[i])
        token = int(tokens[i])
        if 0 <= token < v:
            of_tokens[i] = of_row[token]
            own = -np.inf if np.isnan(row[token]) else row[token]
            rank[i] = int((row > own).sum())
        else:
            of_tokens[i] = np.nan
        order = np.argsort(np.where(np.isnan(row), np.inf, -row), kind="stable")
        order = np.concatenate([order[~np.isnan(row[order])], order[np.isnan(row[order])]])[:count]
        found[i], of_top[i] = order, of_row[order]
    result = {"logprobs": of_tokens}
    for name, given, value in (("ranks", ranks, Exact(rank)), ("top_logprobs", top_logprobs, of_top),
                               ("top_indices", top_indices, Exact(found))):
        if given is not None:
            result[name] = value
    return result


def window_of(row, count):
    """The `count` largest of a window, in the order of the row and NaN behind; all of a window that has no more."""
    if len(row) <= count:
        return np.arange(len(row))
    order = np.argsort(np.where(np.isnan(row), np.inf, -row), kind="stable")
    order = np.concatenate([order[~np.isnan(row[order])], order[np.isnan(row[order])]])[:count]
    nan = np.isnan(row[order])
    return np.concatenate([np.sort(order[~nan]), np.sort(order[nan])])


def transformed(output, raw_indices, scores, lengths, row_starts, place):
    """place(t, index, start) is what is written for an index of row t's window, which begins at `start` as it was given."""
    t, v = scores.shape
    to = np.full(output.shape, -1, np.int64)
    raw = to.copy()
    for i in range(t):
        asked = 0 if row_starts is None else int(row_starts[i])
        start = min(max(asked, 0), v)
        window = scores[i, start:start + min(max(int(lengths[i]), 0), v - start)]
        for j, index in enumerate(window_of(window, output.shape[1])):
            raw[i, j], to[i, j] = index, place(i, int(index), asked)
    result = {"output": Exact(to)}
    if raw_indices is not None:
        result["raw_indices"] = Exact(raw)
    return result


@operation
def top_k_ragged_transform(output, scores, offsets, lengths, row_starts):
    return transformed(output, None, scores, lengths, row_starts, lambda t, index, _: int(offsets[t]) + index)


@operation
def top_k_page_table_transform(output, raw_indices, scores, page_table, lengths, row_to_batch, row_starts, page_table_starts,
                               page_size):
    def slot(t, index, start):
        batch = t if row_to_batch is None else int(row_to_batch[t])
        entry = (start if page_table_starts is None else int(page_table_starts[t])) + index // page_size
        if not (0 <= batch < page_table.shape[0] and 0 <= entry < page_table.shape[1]) or page_table[batch, entry] < 0:
            return -1
        return int(page_table[batch, entry]) * page_size + index % page_size
    return transformed(output, raw_indices, scores, lengths, row_starts, slot)
