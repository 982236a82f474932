# SPDX-License-Identifier: Apache-2.0
"""A checkpoint that answers prompts: a ragged prefill of a whole batch, then one token for each open request a step.

On a GPU a step is enqueued before the ids of the one before are read, so that the device never waits for the host. The price is
a token that is computed in vain for a request that an end token ends."""

from __future__ import annotations

import math
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Callable, Dict, Iterator, List, NamedTuple, Optional, Sequence

import hipinfer
import numpy as np
from config import Config, check_context, read_config
from fields import Refused
from model import PAGE, Exchange, Model, rope_options
from text import encode, load_tokenizer
from weights import Weights, check_tensors, list_tensors


class Checkpoint:
    """A folder whose every file was looked at and none of whose weights is loaded."""

    def __init__(self, folder: Path, text: bool = True):
        """text: whether prompts and answers are to be text, and not tokens alone, which needs no tokenizer."""
        self.folder = folder
        self.config: Config = read_config(folder)
        self.entries = list_tensors(folder)
        check_tensors(folder, self.config, self.entries)
        self.tokenizer = load_tokenizer(folder) if text else None

    def encode(self, prompts: List[str]) -> List[List[int]]:
        return encode(self.folder, self.config, self.tokenizer, prompts)


@dataclass
class Sampling:
    temperature: float = 0.0  # 0 is greedy
    top_k: int = 0  # 0 is all
    top_p: float = 1.0
    seed: int = 0


class Token(NamedTuple):
    prompt: int  # index of the prompt
    id: int
    last: bool  # of this answer
    ended: bool  # by an end token, which `id` then is


@dataclass
class Stats:
    load_bytes: int = 0
    load_seconds: float = 0.0
    prefill_tokens: int = 0
    prefill_seconds: float = 0.0
    decode_tokens: int = 0
    decode_steps: int = 0
    decode_seconds: float = 0.0
    step_bytes: int = 0  # the weights that a decode step reads
    copy_speed: float = 0.0  # bytes a second that the device reads and writes in a copy; 0: not known

    def bound(self) -> float:
        """Of the decode steps a second that reading the weights at copy speed allows, the share that was reached."""
        possible = self.decode_steps * self.step_bytes / self.copy_speed if self.copy_speed else 0.0
        return possible / self.decode_seconds if self.decode_seconds else 0.0

    def __str__(self) -> str:
        def rate(tokens: int, seconds: float) -> str:
            return f"{tokens} tokens in {seconds:.3f} s, {tokens / seconds if seconds else 0:.1f} tokens/s"
        lines = [f"weights: {self.load_bytes / 1e9:.3f} GB in {self.load_seconds:.3f} s",
                 f"prefill: {rate(self.prefill_tokens, self.prefill_seconds)}",
                 f"decode: {rate(self.decode_tokens, self.decode_seconds)}"]
        if self.copy_speed:
            lines.append(f"bound: {100 * self.bound():.1f} % of the steps that reading {self.step_bytes / 1e9:.3f} GB of weights at "
                         f"copy speed, {self.copy_speed / 1e9:.0f} GB/s, allows")
        return "\n".join(lines)


@dataclass
class Request:
    index: int
    ids: List[int]
    first_page: int  # of those that it may come to need, which follow one another
    length: int = 0  # tokens in the cache, those of steps under way included
    sent: int = 0  # steps that were enqueued for it
    made: int = 0
    ended: bool = False


class Step(NamedTuple):
    """What was enqueued, and is waited for."""
    requests: List[Request]
    exchange: Exchange
    prefill: bool


class Engine:
    """Serves groups of at most `batch` prompts. Sizes are fixed by the prompts that it is made for."""

    def __init__(self, checkpoint: Checkpoint, context: hipinfer.Context, prompts: Sequence[Sequence[int]],
                 max_tokens: int, batch: int = 64, dtype: str = "auto", graphs: bool = True,
                 progress: Optional[Callable[[int, int], None]] = None):
        self.config = config = checkpoint.config
        self.context, self.max_tokens, self.stats = context, max_tokens, Stats()
        longest = max(map(len, prompts)) + max_tokens
        check_context(checkpoint.folder, config, longest)
        self.groups = [list(range(i, min(i + batch, len(prompts)))) for i in range(0, len(prompts), batch)]
        self.prompts = prompts
        tokens = max(sum(len(prompts[i]) for i in g) for g in self.groups)
        requests = max(map(len, self.groups))
        pages = max(sum(pages_for(len(prompts[i]) + max_tokens) for i in g) for g in self.groups)
        dtype = config.dtype if dtype == "auto" else dtype
        check_device(checkpoint, context, dtype, pages)
        check_kernels(checkpoint.folder, config, context, dtype, pages)
        start = time.perf_counter()
        weights = Weights(checkpoint, context, dtype, progress)
        try:
            self.model = Model(config, weights, max(tokens, requests), requests, pages, longest, graphs and not context.on_cpu)
        finally:
            weights.finish()
        self.stats.load_seconds, self.stats.load_bytes = time.perf_counter() - start, weights.bytes
        self.stats.step_bytes = weights.bytes - (0 if config.tied else self.model.embedding.nbytes)
        self.turn = self.offset = 0

    def generate(self, sampling: Sampling) -> Iterator[Token]:
        """Every token of every answer as it comes; of the prompts of a group in turn."""
        self.offset = 0
        try:
            for group in self.groups if self.max_tokens else ():
                yield from self._answers(group, sampling)
        finally:
            self.model.stream.synchronize()  # nothing may be under way to pinned memory when that goes

    def _answers(self, group: List[int], sampling: Sampling) -> Iterator[Token]:
        ahead = not self.context.on_cpu
        requests, first = [], 0
        for i in group:
            requests.append(Request(i, list(self.prompts[i]), first))
            first += pages_for(len(self.prompts[i]) + self.max_tokens)
        start = time.perf_counter()
        step: Optional[Step] = self._enqueue(requests, sampling, prefill=True)
        while step:
            following = self._following(step, sampling) if ahead else None
            ids = self._wait(step)
            now = time.perf_counter()
            self._count(step, now - start)
            start = now
            yield from self._tokens(step, ids)
            step = following if ahead else self._following(step, sampling)

    def _enqueue(self, requests: List[Request], sampling: Sampling, prefill: bool) -> Step:
        model, exchange = self.model, self.model.exchanges[self.turn]
        self.turn = 1 - self.turn
        how = (sampling.temperature, sampling.top_k, sampling.top_p)
        if sampling.temperature > 0:
            exchange.done.synchronize()
            exchange.philox[:] = np.array([sampling.seed, self.offset], np.uint64).view(np.int64)
            model.philox.copy_from(exchange.philox, model.stream)
        self.offset += 1
        (model.prefill if prefill else model.decode)(page_table(requests, prefill), how, exchange)
        model.fetch(len(requests), exchange)
        for r in requests:
            r.sent += 1
        return Step(requests, exchange, prefill)

    def _following(self, step: Step, sampling: Sampling) -> Optional[Step]:
        """The next step of the requests that go on, as far as is known; their ids move together where others have left."""
        rows = [i for i, r in enumerate(step.requests) if not r.ended and r.sent < self.max_tokens]
        if not rows:
            return None
        self.model.keep(rows)
        return self._enqueue([step.requests[i] for i in rows], sampling, prefill=False)

    def _wait(self, step: Step) -> List[int]:
        step.exchange.done.synchronize()
        count = len(step.requests)
        if not all(v or r.ended for v, r in zip(step.exchange.valid[:count], step.requests)):
            raise FloatingPointError("the model gave NaN or no finite logit at all")
        return step.exchange.ids[:count].tolist()

    def _count(self, step: Step, seconds: float) -> None:
        stats = self.stats
        if step.prefill:
            stats.prefill_tokens += sum(len(r.ids) for r in step.requests)
            stats.prefill_seconds += seconds
        else:
            stats.decode_tokens += sum(not r.ended for r in step.requests)
            stats.decode_steps += 1
            stats.decode_seconds += seconds

    def _tokens(self, step: Step, ids: List[int]) -> Iterator[Token]:
        for r, token in zip(step.requests, ids):
            if r.ended:
                continue  # computed in vain
            r.made += 1
            ended = token in self.config.eos
            r.ended = ended or r.made == self.max_tokens
            yield Token(r.index, token, r.ended, ended)

    def logits(self, prompt: int) -> np.ndarray:
        """f32 logits after each token of a prompt, [tokens, vocabulary]."""
        model = self.model
        parts = page_table([Request(prompt, list(self.prompts[prompt]), 0)], prefill=True)
        model.upload(parts, model.exchanges[0])
        views = model.views(parts)
        hidden = model.forward(views["tokens"], views)
        out = hipinfer.empty((len(hidden), self.config.vocab_size), "f32", self.context)
        hipinfer.gemm(out, hidden, model.head, stream=model.stream)
        return out.numpy()


def pages_for(tokens: int) -> int:
    return -(-tokens // PAGE)


def page_table(requests: List[Request], prefill: bool) -> Dict[str, np.ndarray]:
    """Marks the tokens of this pass as cached and says where: those of the prompt, or the one that was sampled."""
    counts = np.array([len(r.ids) if prefill else 1 for r in requests])
    before = np.array([r.length for r in requests])
    for r, n in zip(requests, counts.tolist()):
        r.length += n
    ends = np.cumsum(counts)
    used = -(-(before + counts) // PAGE)
    indptr = np.concatenate([[0], np.cumsum(used)])
    first = np.array([r.first_page for r in requests])
    parts = {
        "positions": np.arange(ends[-1]) + np.repeat(before - ends + counts, counts),
        "batch_indices": np.repeat(np.arange(len(requests)), counts),
        "kv_indptr": indptr,
        "kv_last_page_len": before + counts - (used - 1) * PAGE,
    }
    if prefill:
        parts["tokens"] = np.concatenate([r.ids for r in requests])
        parts["qo_indptr"] = np.concatenate([[0], ends])
        parts["last_rows"] = ends - 1
    parts["kv_indices"] = np.arange(indptr[-1]) + np.repeat(first - indptr[:-1], used)
    return parts


def copy_speed(context: hipinfer.Context) -> float:
    """Bytes a second that a copy within the device reads and writes: what reading weights is compared with. 0 on the CPU."""
    if context.on_cpu:
        return 0.0
    size, times = 256 << 20, 5  # beyond every cache
    a, b = (hipinfer.zeros(size, "u8", context) for _ in range(2))
    start, end = hipinfer.Event(context), hipinfer.Event(context)
    b.copy_from(a)
    start.record()
    for _ in range(times):
        b.copy_from(a)
    end.record()
    end.synchronize()
    milliseconds = start.elapsed_ms(end)
    return 2e3 * size * times / milliseconds if milliseconds > 0 else 0.0


def check_device(checkpoint: Checkpoint, context: hipinfer.Context, dtype: str, pages: int) -> None:
    c, size = checkpoint.config, 4 if dtype == "f32" else 2
    weights = sum(map(math.prod, c.shapes().values())) * size
    cache = 2 * c.layers * pages * PAGE * c.kv_heads * c.head_dim * size
    if weights + cache > context.memory_bytes:
        raise Refused(checkpoint.folder, [
            f"weights of {weights >> 20} MiB and a cache of {cache >> 20} MiB exceed {context.name}'s "
            f"{context.memory_bytes >> 20} MiB"])


def check_kernels(folder: Path, c: Config, context: hipinfer.Context, dtype: str, pages: int) -> None:
    """Asks the library, without running anything, whether it takes the calls whose shapes the config decides."""
    ask = hipinfer.Context(target="cpu" if context.on_cpu else context.code_target, validate_only=True)
    spec = hipinfer.TensorSpec
    q, k = spec((1, c.heads, c.head_dim), dtype), spec((1, c.kv_heads, c.head_dim), dtype)
    cache, one, two = spec((pages, PAGE, c.kv_heads, c.head_dim), dtype), spec((1,), "i32"), spec((2,), "i32")
    table, cos_sin, head = spec((pages,), "i32"), spec((1, c.head_dim), "f32"), spec((c.head_dim,), dtype)
    x, act = spec((1, c.hidden_size), dtype), spec((1, c.intermediate_size), dtype)
    gate = spec((c.intermediate_size, c.hidden_size), dtype)
    calls = {
        "rope_cos_sin_cache": ((cos_sin, c.rope_theta), rope_options(c)),
        **({"qk_norm_rope": ((q, k, q, k, head, head, cos_sin, one), {}),
            "append_paged_kv_cache": ((cache, cache, k, k, one, one, table, two, one), {})} if c.qk_norm else
           {"rope_append_kv": ((q, cache, cache, q, k, k, cos_sin, one, one, table, two, one), {})}),
        "gemm": ((spec((1, c.vocab_size), "f32"), x, spec((c.vocab_size, c.hidden_size), dtype)), {}),
        "gate_up_swiglu": ((act, x, gate, gate), {}),
        "paged_attention_decode": ((q, None, q, cache, cache, two, table, one), {}),
        "paged_attention_prefill": ((q, None, q, cache, cache, two, two, table, one), {"causal": True}),
    }
    reasons = []
    for name, (arguments, options) in calls.items():
        try:
            getattr(hipinfer, name)(*arguments, context=ask, **options)
        except hipinfer.HipinferError as e:
            reasons.append(f"hipinfer on {context.target}: {e.message}")
    if reasons:
        raise Refused(folder, reasons)
