# SPDX-License-Identifier: Apache-2.0
"""From logits or probabilities to tokens: a decoding step of a batch, over the vocabularies of Llama 2, Llama 3 and Qwen.

Bytes are those of one read of the rows. Logits are as a model's: most are far below a few, here by a factor on normal numbers;
a case with "/flat" takes them as they are, so that top-p keeps half of the vocabulary."""

from __future__ import annotations

from typing import Any, Callable, Dict

import hipinfer
import torch
from case import F32, I32, Work, case, empty, flashinfer_has, rand, size, torch_calls
from torch import Tensor

VOCABULARIES = (32000, 128256, 151936)
SHAPES = tuple((t, n) for n in VOCABULARIES for t in (1, 16, 64, 256))
QUICK = ((1, 128256), (64, 128256), (256, 128256))
TOP_K, TOP_P, MIN_P = 50, 0.9, 0.05


def logits_of(t: int, n: int, spread: float = 4.0) -> Tensor:
    return rand(t, n, dtype=F32) * spread


def probs_of(t: int, n: int, spread: float = 4.0) -> Tensor:
    return torch.softmax(logits_of(t, n, spread), -1)


def ids(t: int) -> Tensor:
    return empty(t, dtype=I32)


def draw(probs: Tensor) -> Tensor:
    """One token a row, by exponential numbers: as torch.multinomial does, without its checks."""
    return (probs / torch.empty_like(probs).exponential_()).argmax(-1)


def sort_and_draw(probs: Tensor) -> Tensor:
    best, where = probs.topk(TOP_K, -1)
    best = torch.where(best.cumsum(-1) - best < TOP_P * best.sum(-1, keepdim=True), best, 0.0)
    return where.gather(1, draw(best)[:, None])


def sort_logits_and_draw(logits: Tensor) -> Tensor:
    best, where = logits.topk(TOP_K, -1)
    best = torch.softmax(best, -1)
    best = torch.where(best.cumsum(-1) - best < TOP_P, best, 0.0)
    return where.gather(1, draw(best)[:, None])


def top_p_and_draw(probs: Tensor) -> Tensor:
    best, where = probs.sort(-1, descending=True)
    best = torch.where(best.cumsum(-1) - best < TOP_P, best, 0.0)
    return where.gather(1, draw(best)[:, None])


def compare(rows: Tensor, ours: Callable[[Tensor], Any], name: str, theirs: Dict[str, Any], plain: Callable[[Tensor], Any]) -> Work:
    y = ids(rows.shape[0])
    calls = {"hipinfer": lambda: ours(y), **torch_calls(plain, rows, dynamic=(rows,))}
    function = flashinfer_has("sampling", name)
    if function:
        calls["flashinfer"] = lambda: function(rows, **theirs)
    return size(rows), calls


def greedy(x: Tensor) -> Tensor:
    return x.argmax(-1)


@case("argmax", SHAPES, QUICK)
def argmax(t: int, n: int) -> Work:
    x, y = logits_of(t, n), ids(t)
    return size(x), {"hipinfer": lambda: hipinfer.argmax(y, x), **torch_calls(greedy, x, dynamic=(x,))}


def softmax_and_draw(logits: Tensor) -> Tensor:
    return draw(torch.softmax(logits, -1))


@case("sampling_from_logits", SHAPES, QUICK)
def sampling_from_logits(t: int, n: int) -> Work:
    x = logits_of(t, n)
    return compare(x, lambda y: hipinfer.sampling_from_logits(y, None, x, seed=1), "sampling_from_logits", {}, softmax_and_draw)


@case("sampling_from_probs", SHAPES, QUICK)
def sampling_from_probs(t: int, n: int) -> Work:
    x = probs_of(t, n)
    return compare(x, lambda y: hipinfer.sampling_from_probs(y, None, x, seed=1), "sampling_from_probs", {}, draw)


def min_p_and_draw(probs: Tensor) -> Tensor:
    return draw(torch.where(probs >= MIN_P * probs.amax(-1, keepdim=True), probs, 0.0))


@case("min_p_sampling_from_probs", SHAPES, QUICK)
def min_p_sampling_from_probs(t: int, n: int) -> Work:
    x = probs_of(t, n)
    return compare(x, lambda y: hipinfer.min_p_sampling_from_probs(y, None, x, min_p=MIN_P, seed=1), "min_p_sampling_from_probs",
                   {"min_p": MIN_P}, min_p_and_draw)


def by_top_p(t: int, n: int, spread: float) -> Work:
    x = probs_of(t, n, spread)
    return compare(x, lambda y: hipinfer.top_p_sampling_from_probs(y, None, x, top_p=TOP_P, seed=1), "top_p_sampling_from_probs",
                   {"top_p": TOP_P}, top_p_and_draw)


@case("top_p_sampling_from_probs", SHAPES, QUICK)
def top_p_sampling_from_probs(t: int, n: int) -> Work:
    return by_top_p(t, n, 4.0)


@case("top_p_sampling_from_probs/flat", SHAPES, QUICK)
def top_p_sampling_from_flat_probs(t: int, n: int) -> Work:
    return by_top_p(t, n, 1.0)


def top_k_and_draw(probs: Tensor) -> Tensor:
    best, where = probs.topk(TOP_K, -1)
    return where.gather(1, draw(best)[:, None])


@case("top_k_sampling_from_probs", SHAPES, QUICK)
def top_k_sampling_from_probs(t: int, n: int) -> Work:
    x = probs_of(t, n)
    return compare(x, lambda y: hipinfer.top_k_sampling_from_probs(y, None, x, top_k=TOP_K, seed=1), "top_k_sampling_from_probs",
                   {"top_k": TOP_K}, top_k_and_draw)


@case("top_k_top_p_sampling_from_probs", SHAPES, QUICK)
def top_k_top_p_sampling_from_probs(t: int, n: int) -> Work:
    x = probs_of(t, n)
    return compare(x, lambda y: hipinfer.top_k_top_p_sampling_from_probs(y, None, x, top_k=TOP_K, top_p=TOP_P, seed=1),
                   "top_k_top_p_sampling_from_probs", {"top_k": TOP_K, "top_p": TOP_P}, sort_and_draw)


@case("top_k_top_p_sampling_from_logits", SHAPES, QUICK)
def top_k_top_p_sampling_from_logits(t: int, n: int) -> Work:
    x = logits_of(t, n)
    return compare(x, lambda y: hipinfer.top_k_top_p_sampling_from_logits(y, None, x, top_k=TOP_K, top_p=TOP_P, seed=1),
                   "top_k_top_p_sampling_from_logits", {"top_k": TOP_K, "top_p": TOP_P}, sort_logits_and_draw)


def filtered(rows: Tensor, ours: Callable[[Tensor], Any], name: str, theirs: Dict[str, Any], plain: Callable[[Tensor], Any]) -> Work:
    y = torch.empty_like(rows)
    calls = {"hipinfer": lambda: ours(y), **torch_calls(plain, rows, dynamic=(rows,))}
    function = flashinfer_has("sampling", name)
    if function:
        calls["flashinfer"] = lambda: function(rows, **theirs)
    return 2 * size(rows), calls


def keep_top_k(probs: Tensor) -> Tensor:
    kept = torch.where(probs >= probs.topk(TOP_K, -1).values[:, -1:], probs, 0.0)
    return kept / kept.sum(-1, keepdim=True)


@case("top_k_renorm_probs", SHAPES, QUICK)
def top_k_renorm_probs(t: int, n: int) -> Work:
    x = probs_of(t, n)
    return filtered(x, lambda y: hipinfer.top_k_renorm_probs(y, x, top_k=TOP_K), "top_k_renorm_probs", {"top_k": TOP_K}, keep_top_k)


def keep_top_p(probs: Tensor) -> Tensor:
    best, where = probs.sort(-1, descending=True)
    best = torch.where(best.cumsum(-1) - best < TOP_P, best, 0.0)
    return torch.zeros_like(probs).scatter(1, where, best / best.sum(-1, keepdim=True))


@case("top_p_renorm_probs", SHAPES, QUICK)
def top_p_renorm_probs(t: int, n: int) -> Work:
    x = probs_of(t, n)
    return filtered(x, lambda y: hipinfer.top_p_renorm_probs(y, x, top_p=TOP_P), "top_p_renorm_probs", {"top_p": TOP_P}, keep_top_p)


def mask_top_k(logits: Tensor) -> Tensor:
    return torch.where(logits >= logits.topk(TOP_K, -1).values[:, -1:], logits, -torch.inf)


@case("top_k_mask_logits", SHAPES, QUICK)
def top_k_mask_logits(t: int, n: int) -> Work:
    x = logits_of(t, n)
    return filtered(x, lambda y: hipinfer.top_k_mask_logits(y, x, top_k=TOP_K), "top_k_mask_logits", {"top_k": TOP_K}, mask_top_k)


# Three tokens of a draft.
@case("chain_speculative_sampling", tuple((t, n) for n in VOCABULARIES for t in (1, 16, 64)), ((1, 128256), (64, 128256)))
def chain_speculative_sampling(t: int, n: int) -> Work:
    draft, target, y = probs_of(3 * t, n).view(t, 3, n), probs_of(4 * t, n).view(t, 4, n), empty(t, 4, dtype=I32)
    tokens = torch.randint(n, (t, 3), device="cuda", dtype=I32)
    calls = {"hipinfer": lambda: hipinfer.chain_speculative_sampling(y, None, draft, tokens, target, seed=1)}
    theirs = flashinfer_has("sampling", "chain_speculative_sampling")
    if theirs:
        calls["flashinfer"] = lambda: theirs(draft, tokens, target)
    return 2 * size(draft[:, 0]), calls


def penalised(logits: Tensor, counts: Tensor, prompt: Tensor) -> Tensor:
    x = torch.where((counts > 0) | prompt, torch.where(logits > 0, logits / 1.1, logits * 1.1), logits)
    return x - 0.2 * counts - 0.1 * (counts > 0)


@case("apply_penalties", SHAPES, QUICK)
def apply_penalties(t: int, n: int) -> Work:
    x, y = logits_of(t, n), empty(t, n, dtype=F32)
    counts, prompt = torch.randint(0, 2, (t, n), device="cuda", dtype=I32), torch.rand(t, n, device="cuda") < 0.1
    return size(x, y, counts, prompt), {
        "hipinfer": lambda: hipinfer.apply_penalties(y, x, counts, prompt, repetition=1.1, presence=0.1, frequency=0.2),
        **torch_calls(penalised, x, counts, prompt, dynamic=(x, counts, prompt))}
