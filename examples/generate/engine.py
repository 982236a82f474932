# SPDX-License-Identifier: Apache-2.0
"""A checkpoint that answers prompts: a ragged prefill of a whole batch, then one token for each open request a step."""

from __future__ import annotations

import math
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Dict, Iterator, List, NamedTuple, Sequence

import hipinfer
import numpy as np
from config import Config, check_context, read_config
from fields import Refused
from model import PAGE, Model, rope_options
from text import encode, load_tokenizer
from weights import Weights, check_tensors, list_tensors


class Checkpoint:
    """A folder whose every file was looked at and none of whose weights is loaded."""

    def __init__(self, folder: Path):
        self.folder = folder
        self.config: Config = read_config(folder)
        self.entries = list_tensors(folder)
        check_tensors(folder, self.config, self.entries)
        self.tokenizer = load_tokenizer(folder)

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
    prefill_tokens: int = 0
    prefill_seconds: float = 0.0
    decode_tokens: int = 0
    decode_seconds: float = 0.0

    def __str__(self) -> str:
        def rate(tokens: int, seconds: float) -> str:
            return f"{tokens} tokens in {seconds:.3f} s, {tokens / seconds if seconds else 0:.1f} tokens/s"
        return f"prefill: {rate(self.prefill_tokens, self.prefill_seconds)}\n" \
               f"decode: {rate(self.decode_tokens, self.decode_seconds)}"


@dataclass
class Request:
    index: int
    ids: List[int]
    pages: np.ndarray  # all that it may come to need
    length: int = 0  # tokens in the cache
    made: int = 0
    next: int = field(default=-1)


class Engine:
    """Serves groups of at most `batch` prompts. Sizes are fixed by the prompts that it is made for."""

    def __init__(self, checkpoint: Checkpoint, context: hipinfer.Context, prompts: Sequence[Sequence[int]],
                 max_tokens: int, batch: int = 64, dtype: str = "auto"):
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
        self.model = Model(config, Weights(checkpoint.entries, context, dtype), max(tokens, requests), requests, pages,
                           longest)
        self.valid = hipinfer.empty(requests, "bool", context)
        context.synchronize()

    def generate(self, sampling: Sampling) -> Iterator[Token]:
        """Every token of every answer as it comes; of the prompts of a group in turn."""
        offset = 0
        for group in self.groups:
            first, open_requests = 0, []
            for i in group:
                count = pages_for(len(self.prompts[i]) + self.max_tokens)
                open_requests.append(Request(i, list(self.prompts[i]), np.arange(first, first + count, dtype=np.int32)))
                first += count
            decode = False
            while open_requests and self.max_tokens:
                start = time.perf_counter()
                ids = self._step(open_requests, decode, sampling, offset)
                seconds = time.perf_counter() - start
                offset += 1
                if decode:
                    self.stats.decode_tokens += len(ids)
                    self.stats.decode_seconds += seconds
                else:
                    self.stats.prefill_tokens += sum(len(r.ids) for r in open_requests)
                    self.stats.prefill_seconds += seconds
                decode, still_open = True, []
                for r, token in zip(open_requests, ids):
                    r.next, r.made = token, r.made + 1
                    ended = token in self.config.eos
                    last = ended or r.made == self.max_tokens
                    if not last:
                        still_open.append(r)
                    yield Token(r.index, token, last, ended)
                open_requests = still_open

    def _step(self, requests: List[Request], decode: bool, sampling: Sampling, offset: int) -> List[int]:
        hidden = self.model.forward(page_table(requests, decode), decode)
        count = len(requests)
        logits = self.model.next_logits(hidden, count, decode)
        ids, valid = self.model.ids[:count], self.valid[:count]
        hipinfer.top_k_top_p_sampling_from_logits(
            ids, valid, logits, temperature=sampling.temperature, top_k=sampling.top_k, top_p=sampling.top_p,
            seed=sampling.seed, offset=offset)
        if not valid.numpy().all():
            raise FloatingPointError("the model gave NaN or no finite logit at all")
        return ids.numpy().tolist()

    def logits(self, prompt: int) -> np.ndarray:
        """f32 logits after each token of a prompt, [tokens, vocabulary]."""
        request = Request(prompt, list(self.prompts[prompt]), np.arange(pages_for(len(self.prompts[prompt])), dtype=np.int32))
        hidden = self.model.forward(page_table([request], decode=False), decode=False)
        out = hipinfer.empty((len(request.ids), self.config.vocab_size), "f32", self.context)
        hipinfer.gemm(out, hidden, self.model.head)
        return out.numpy()


def pages_for(tokens: int) -> int:
    return -(-tokens // PAGE)


def page_table(requests: List[Request], decode: bool) -> Dict[str, np.ndarray]:
    """Marks the tokens of this pass as cached and says where: those of the prompt, or the one that was sampled."""
    counts = [1 if decode else len(r.ids) for r in requests]
    parts = {
        "tokens": np.concatenate([[r.next] if decode else r.ids for r in requests]),
        "positions": np.concatenate([np.arange(r.length, r.length + n) for r, n in zip(requests, counts)]),
        "batch_indices": np.repeat(np.arange(len(requests)), counts),
    }
    for r, n in zip(requests, counts):
        r.length += n
    used = [pages_for(r.length) for r in requests]
    parts["kv_indptr"] = np.concatenate([[0], np.cumsum(used)])
    parts["kv_indices"] = np.concatenate([r.pages[:n] for r, n in zip(requests, used)])
    parts["kv_last_page_len"] = np.array([r.length - (n - 1) * PAGE for r, n in zip(requests, used)])
    if not decode:
        parts["qo_indptr"] = np.concatenate([[0], np.cumsum(counts)])
        parts["last_rows"] = np.cumsum(counts) - 1
    return parts


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
    table, cos_sin = spec((pages,), "i32"), spec((1, c.head_dim), "f32")
    calls = {
        "rope_cos_sin_cache": ((cos_sin, c.rope_theta), rope_options(c)),
        "rope": ((q, k, q, k, cos_sin, one, False), {}),
        "append_paged_kv_cache": ((cache, cache, k, k, one, one, table, two, one), {}),
        "gemm": ((spec((1, c.vocab_size), "f32"), spec((1, c.hidden_size), dtype),
                  spec((c.vocab_size, c.hidden_size), dtype)), {}),
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
