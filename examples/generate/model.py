# SPDX-License-Identifier: Apache-2.0
"""The forward pass of Llama, Mistral, Qwen2 and Qwen3, written over hipinfer's operations alone."""

from __future__ import annotations

from typing import Dict, List, Optional, Sequence, Tuple

import hipinfer
import numpy as np
from config import Config
from weights import Weights

PAGE = 16  # tokens in a page of the cache


class Linear:
    """y = x · Wᵀ + b, where W may be several matrices whose results lie side by side."""

    def __init__(self, weights: Weights, prefix: str, names: Sequence[str], bias: bool):
        self.weights = weights.stacked([f"{prefix}{n}.weight" for n in names])
        self.biases: Sequence[Optional[hipinfer.Tensor]] = [None] * len(self.weights)
        if bias:
            self.biases = weights.stacked([f"{prefix}{n}.bias" for n in names])

    def __call__(self, output: hipinfer.Tensor, x: hipinfer.Tensor, stream: hipinfer.Stream) -> None:
        if len(self.weights) == 1:
            hipinfer.gemm(output, x, self.weights[0], self.biases[0], stream=stream)
            return
        start = 0
        for weight, bias in zip(self.weights, self.biases):
            hipinfer.gemm(output[:, start:start + len(weight)], x, weight, bias, stream=stream)
            start += len(weight)


class GateUp:
    """silu(x · Gᵀ) · (x · Uᵀ): one operation, unless there are biases."""

    def __init__(self, weights: Weights, prefix: str, bias: bool):
        self.parts = [Linear(weights, prefix, (name,), bias) for name in ("gate_proj", "up_proj")]
        self.bias = bias

    def __call__(self, act: hipinfer.Tensor, up: Optional[hipinfer.Tensor], x: hipinfer.Tensor, stream: hipinfer.Stream) -> None:
        gate_part, up_part = self.parts
        if self.bias:
            gate_part(act, x, stream)
            up_part(up, x, stream)
            hipinfer.swiglu(act, act, up, stream=stream)
        else:
            hipinfer.gate_up_swiglu(act, x, gate_part.weights[0], up_part.weights[0], stream=stream)


class Layer:
    def __init__(self, config: Config, weights: Weights, index: int, pages: int):
        prefix = f"model.layers.{index}."
        self.input_norm = weights.get(f"{prefix}input_layernorm.weight")
        self.post_norm = weights.get(f"{prefix}post_attention_layernorm.weight")
        self.qkv = Linear(weights, f"{prefix}self_attn.", ("q_proj", "k_proj", "v_proj"), config.qkv_bias)
        self.out = Linear(weights, f"{prefix}self_attn.", ("o_proj",), config.output_bias)
        self.gate_up = GateUp(weights, f"{prefix}mlp.", config.mlp_bias)
        self.down = Linear(weights, f"{prefix}mlp.", ("down_proj",), config.mlp_bias)
        self.q_norm = weights.get(f"{prefix}self_attn.q_norm.weight") if config.qk_norm else None
        self.k_norm = weights.get(f"{prefix}self_attn.k_norm.weight") if config.qk_norm else None
        shape = (pages, PAGE, config.kv_heads, config.head_dim)
        self.k_cache = hipinfer.zeros(shape, weights.dtype, weights.context)
        self.v_cache = hipinfer.zeros(shape, weights.dtype, weights.context)


class Rows:
    """The activations of a pass over `count` tokens: views of buffers that are made once."""

    def __init__(self, model: "Model", count: int):
        c, b = model.config, model.buffers
        self.residual, self.x = b["residual"][:count], b["x"][:count]
        self.qkv, self.act = b["qkv"][:count], b["act"][:count]
        self.up = b["up"][:count] if c.mlp_bias else None
        q, kv = c.heads * c.head_dim, c.kv_heads * c.head_dim
        self.q = self.qkv[:, :q].reshape(count, c.heads, c.head_dim)
        self.k = self.qkv[:, q:q + kv].reshape(count, c.kv_heads, c.head_dim)
        self.v = self.qkv[:, q + kv:].reshape(count, c.kv_heads, c.head_dim)
        self.attention = b["attention"][:count]
        self.attention_flat = self.attention.reshape(count, q)


class Exchange:
    """The host's side of a step, pinned: what it uploads, and the ids that come back."""

    def __init__(self, integers: int, requests: int, context: hipinfer.Context):
        self.integers = hipinfer.pinned(integers, "i32", context)
        self.philox = hipinfer.pinned(2, "i64", context)
        self.ids = hipinfer.pinned(requests, "i32", context)
        self.valid = hipinfer.pinned(requests, "bool", context)
        self.done = hipinfer.Event(context)


class Model:
    """Weights, cache and buffers for at most `tokens` tokens a pass, `requests` requests and `pages` pages.

    A decode step reads nothing of the host's but one upload of positions and page table: the tokens are those that the step
    before has sampled, where it left them. So it is the same launches for every step of as many requests: a graph, captured at
    the second such step (the first allocates workspace, which a capture forbids) and launched from then on.
    """

    def __init__(self, config: Config, weights: Weights, tokens: int, requests: int, pages: int, positions: int, graphs: bool):
        self.config, self.pages = config, pages
        self.context = context = weights.context
        self.stream = hipinfer.Stream(context)
        self.graphs: Optional[Dict[Tuple, Optional[hipinfer.Graph]]] = {} if graphs else None
        self.embedding = weights.get("model.embed_tokens.weight")
        self.layers: List[Layer] = [Layer(config, weights, i, pages) for i in range(config.layers)]
        self.norm = weights.get("model.norm.weight")
        self.head = self.embedding if config.tied else weights.get("lm_head.weight")
        q, kv = config.heads * config.head_dim, config.kv_heads * config.head_dim
        widths = {"residual": config.hidden_size, "x": config.hidden_size, "qkv": q + 2 * kv, "act": config.intermediate_size,
                  "up": config.intermediate_size if config.mlp_bias else 0}
        self.buffers = {name: hipinfer.empty((tokens, width), weights.dtype, context) for name, width in widths.items()}
        self.buffers["attention"] = hipinfer.empty((tokens, config.heads, config.head_dim), weights.dtype, context)
        self.buffers["last"] = hipinfer.empty((requests, config.hidden_size), weights.dtype, context)
        self.logits = hipinfer.empty((requests, config.vocab_size), "f32", context)
        self.ids = hipinfer.empty(requests, "i32", context)
        self.valid = hipinfer.empty(requests, "bool", context)
        self.philox = hipinfer.zeros(2, "i64", context)
        # tokens, positions and requests of each token, last rows, and the page table with its two pointers
        self.integers = hipinfer.empty(3 * tokens + 4 * requests + 2 + pages, "i32", context)
        # Two, so that a step can be written while the one before is under way.
        self.exchanges = [Exchange(self.integers.size, requests, context) for _ in range(2)]
        self.cos_sin = hipinfer.empty((positions, config.head_dim), "f32", context)
        hipinfer.rope_cos_sin_cache(self.cos_sin, config.rope_theta, **rope_options(config))
        self._rows: Dict[int, Rows] = {}
        context.synchronize()  # what was made on the default stream

    def rows(self, count: int) -> Rows:
        if count not in self._rows:
            self._rows[count] = Rows(self, count)
        return self._rows[count]

    def views(self, parts: Dict[str, np.ndarray]) -> Dict[str, hipinfer.Tensor]:
        """Where upload() puts each part. The page table is last and goes on to its capacity, so that its extent does not depend
        on the step: attention is then cut into the same chunks by a graph as without."""
        found, at = {}, 0
        for name, part in parts.items():
            found[name] = self.integers[at:at + (self.pages if name == "kv_indices" else len(part))]
            at += len(part)
        return found

    def upload(self, parts: Dict[str, np.ndarray], exchange: Exchange) -> None:
        count = sum(map(len, parts.values()))
        exchange.done.synchronize()
        np.concatenate(list(parts.values()), out=exchange.integers[:count], casting="unsafe")
        if count:
            self.integers[:count].copy_from(exchange.integers[:count], self.stream)

    def forward(self, tokens: hipinfer.Tensor, v: Dict[str, hipinfer.Tensor]) -> hipinfer.Tensor:
        """The final hidden state of each token. v: positions and batch_indices of each token; kv_indptr, kv_indices and
        kv_last_page_len of each request; qo_indptr where a request may have another number of tokens than one."""
        config, stream, r = self.config, self.stream, self.rows(len(tokens))
        if r.x.size == 0:
            return r.x
        eps, positions = config.rms_eps, v["positions"]
        table = v["kv_indices"], v["kv_indptr"], v["kv_last_page_len"]
        hipinfer.embedding(r.residual, self.embedding, tokens, stream=stream)
        for i, layer in enumerate(self.layers):
            if i == 0:
                hipinfer.rmsnorm(r.x, r.residual, layer.input_norm, eps, stream=stream)
            else:
                hipinfer.fused_add_rmsnorm(r.x, r.residual, layer.input_norm, eps, stream=stream)
            layer.qkv(r.qkv, r.x, stream)
            if layer.q_norm is None:
                hipinfer.rope_append_kv(r.q, layer.k_cache, layer.v_cache, r.q, r.k, r.v, self.cos_sin, positions,
                                        v["batch_indices"], *table, stream=stream)
            else:
                hipinfer.qk_norm_rope(r.q, r.k, r.q, r.k, layer.q_norm, layer.k_norm, self.cos_sin, positions, eps, stream=stream)
                hipinfer.append_paged_kv_cache(layer.k_cache, layer.v_cache, r.k, r.v, v["batch_indices"], positions, *table,
                                               stream=stream)
            self.attend(layer, r, v)
            layer.out(r.x, r.attention_flat, stream)
            hipinfer.fused_add_rmsnorm(r.x, r.residual, layer.post_norm, eps, stream=stream)
            layer.gate_up(r.act, r.up, r.x, stream)
            layer.down(r.x, r.act, stream)
        hipinfer.fused_add_rmsnorm(r.x, r.residual, self.norm, eps, stream=stream)
        return r.x

    def attend(self, layer: Layer, r: Rows, v: Dict[str, hipinfer.Tensor]) -> None:
        tensors = (r.attention, None, r.q, layer.k_cache, layer.v_cache)
        table = v["kv_indptr"], v["kv_indices"], v["kv_last_page_len"]
        if "qo_indptr" in v:
            hipinfer.paged_attention_prefill(*tensors, v["qo_indptr"], *table, causal=True, stream=self.stream)
        else:
            hipinfer.paged_attention_decode(*tensors, *table, stream=self.stream)

    def sample(self, last: hipinfer.Tensor, temperature: float, top_k: int, top_p: float) -> None:
        """From the hidden state of each request's last token, to `ids`."""
        count = len(last)
        logits = self.logits[:count]
        hipinfer.gemm(logits, last, self.head, stream=self.stream)
        hipinfer.top_k_top_p_sampling_from_logits(
            self.ids[:count], self.valid[:count], logits, philox=self.philox, temperature=temperature, top_k=top_k, top_p=top_p,
            stream=self.stream)

    def prefill(self, parts: Dict[str, np.ndarray], how: Tuple[float, int, float], exchange: Exchange) -> None:
        self.upload(parts, exchange)
        v = self.views(parts)
        last = self.buffers["last"][:len(v["last_rows"])]
        # A gather of rows is what `embedding` does.
        hipinfer.embedding(last, self.forward(v["tokens"], v), v["last_rows"], stream=self.stream)
        self.sample(last, *how)

    def decode(self, parts: Dict[str, np.ndarray], how: Tuple[float, int, float], exchange: Exchange) -> None:
        self.upload(parts, exchange)
        count = len(parts["positions"])

        def run() -> None:
            self.sample(self.forward(self.ids[:count], self.views(parts)), *how)

        key = (count, *how)
        if self.graphs is None or key not in self.graphs:
            run()
            if self.graphs is not None:
                self.graphs[key] = None
            return
        graph = self.graphs[key]
        if graph is None:
            with self.stream.capture() as graph:
                run()
            self.graphs[key] = graph
        graph.launch(self.stream)

    def keep(self, rows: Sequence[int]) -> None:
        """Moves the ids of these rows, in rising order, to the first places."""
        for to, row in enumerate(rows):
            if to != row:
                self.ids[to:to + 1].copy_from(self.ids[row:row + 1], self.stream)

    def fetch(self, count: int, exchange: Exchange) -> None:
        """Enqueues what brings the sampled ids to the host; exchange.done says when they are there."""
        self.ids[:count].copy_to(exchange.ids[:count], self.stream)
        self.valid[:count].copy_to(exchange.valid[:count], self.stream)
        exchange.done.record(self.stream)


def rope_options(config: Config) -> Dict[str, object]:
    s = config.rope_scaling
    if not s:
        return {}
    if s["kind"] == "linear":
        return {"scaling": "linear", "factor": s["factor"]}
    return {"scaling": "llama31", "factor": s["factor"], "low_freq_factor": s["low_freq_factor"],
            "high_freq_factor": s["high_freq_factor"], "original_context": int(s["original_max_position_embeddings"])}
