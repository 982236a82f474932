# SPDX-License-Identifier: Apache-2.0
"""The forward pass of Llama, Mistral, Qwen2 and Qwen3, written over hipinfer's operations alone."""

from __future__ import annotations

from typing import Dict, List, Optional, Sequence

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

    def __call__(self, output: hipinfer.Tensor, x: hipinfer.Tensor) -> None:
        if len(self.weights) == 1:
            hipinfer.gemm(output, x, self.weights[0], self.biases[0])
            return
        start = 0
        for weight, bias in zip(self.weights, self.biases):
            hipinfer.gemm(output[:, start:start + len(weight)], x, weight, bias)
            start += len(weight)


class Layer:
    def __init__(self, config: Config, weights: Weights, index: int, pages: int):
        prefix = f"model.layers.{index}."
        self.input_norm = weights.get(f"{prefix}input_layernorm.weight")
        self.post_norm = weights.get(f"{prefix}post_attention_layernorm.weight")
        self.qkv = Linear(weights, f"{prefix}self_attn.", ("q_proj", "k_proj", "v_proj"), config.qkv_bias)
        self.out = Linear(weights, f"{prefix}self_attn.", ("o_proj",), config.output_bias)
        self.gate_up = Linear(weights, f"{prefix}mlp.", ("gate_proj", "up_proj"), config.mlp_bias)
        self.down = Linear(weights, f"{prefix}mlp.", ("down_proj",), config.mlp_bias)
        self.q_norm = weights.get(f"{prefix}self_attn.q_norm.weight") if config.qk_norm else None
        self.k_norm = weights.get(f"{prefix}self_attn.k_norm.weight") if config.qk_norm else None
        shape = (pages, PAGE, config.kv_heads, config.head_dim)
        self.k_cache = hipinfer.zeros(shape, weights.dtype, weights.context)
        self.v_cache = hipinfer.zeros(shape, weights.dtype, weights.context)


class Step:
    """What one forward pass reads besides weights and cache: a batch's tokens and page table, as one upload."""

    def __init__(self, memory: hipinfer.Tensor):
        self.memory = memory
        self.host = np.empty(memory.shape, np.int32)

    def load(self, parts: Dict[str, np.ndarray]) -> None:
        at = 0
        for name, part in parts.items():
            self.host[at:at + len(part)] = part
            setattr(self, name, self.memory[at:at + len(part)])
            at += len(part)
        if at:
            self.memory[:at].copy_from(self.host[:at])


class Rows:
    """The activations of a pass over `count` tokens: views of buffers that are made once."""

    def __init__(self, model: "Model", count: int):
        c, b = model.config, model.buffers
        self.residual, self.x = b["residual"][:count], b["x"][:count]
        self.qkv, self.gate_up, self.act = b["qkv"][:count], b["gate_up"][:count], b["act"][:count]
        q, kv = c.heads * c.head_dim, c.kv_heads * c.head_dim
        self.q = self.qkv[:, :q].reshape(count, c.heads, c.head_dim)
        self.k = self.qkv[:, q:q + kv].reshape(count, c.kv_heads, c.head_dim)
        self.v = self.qkv[:, q + kv:].reshape(count, c.kv_heads, c.head_dim)
        self.attention = b["attention"][:count]
        self.attention_flat = self.attention.reshape(count, q)


class Model:
    """Weights, cache and buffers for at most `tokens` tokens a pass, `requests` requests and `pages` pages."""

    def __init__(self, config: Config, weights: Weights, tokens: int, requests: int, pages: int, positions: int):
        self.config = config
        self.context = weights.context
        context, dtype = weights.context, weights.dtype
        self.embedding = weights.get("model.embed_tokens.weight")
        self.layers: List[Layer] = [Layer(config, weights, i, pages) for i in range(config.layers)]
        self.norm = weights.get("model.norm.weight")
        self.head = self.embedding if config.tied else weights.get("lm_head.weight")
        q, kv = config.heads * config.head_dim, config.kv_heads * config.head_dim
        self.buffers = {name: hipinfer.empty(shape, dtype, context) for name, shape in {
            "residual": (tokens, config.hidden_size), "x": (tokens, config.hidden_size), "qkv": (tokens, q + 2 * kv),
            "attention": (tokens, config.heads, config.head_dim), "gate_up": (tokens, 2 * config.intermediate_size),
            "act": (tokens, config.intermediate_size), "last": (requests, config.hidden_size)}.items()}
        self.logits = hipinfer.empty((requests, config.vocab_size), "f32", context)
        self.ids = hipinfer.empty(requests, "i32", context)
        # tokens, positions and requests of each token, last rows, and the page table with its two pointers
        self.step = Step(hipinfer.empty(3 * tokens + 4 * requests + 2 + pages, "i32", context))
        self.cos_sin = hipinfer.empty((positions, config.head_dim), "f32", context)
        hipinfer.rope_cos_sin_cache(self.cos_sin, config.rope_theta, **rope_options(config))
        self._rows: Dict[int, Rows] = {}

    def rows(self, count: int) -> Rows:
        if count not in self._rows:
            self._rows[count] = Rows(self, count)
        return self._rows[count]

    def forward(self, parts: Dict[str, np.ndarray], decode: bool) -> hipinfer.Tensor:
        """The final hidden state of each token. parts: tokens, positions and batch_indices of each token; kv_indptr,
        kv_indices and kv_last_page_len of each request; qo_indptr unless decode; last_rows if it is wanted."""
        config, step = self.config, self.step
        step.load(parts)
        r = self.rows(len(parts["tokens"]))
        if r.x.size == 0:
            return r.x
        eps = config.rms_eps
        hipinfer.embedding(r.residual, self.embedding, step.tokens)
        for i, layer in enumerate(self.layers):
            if i == 0:
                hipinfer.rmsnorm(r.x, r.residual, layer.input_norm, eps)
            else:
                hipinfer.fused_add_rmsnorm(r.x, r.residual, layer.input_norm, eps)
            layer.qkv(r.qkv, r.x)
            if layer.q_norm is not None:
                hipinfer.rmsnorm(r.q, r.q, layer.q_norm, eps)
                hipinfer.rmsnorm(r.k, r.k, layer.k_norm, eps)
            hipinfer.rope(r.q, r.k, r.q, r.k, self.cos_sin, step.positions, False)
            hipinfer.append_paged_kv_cache(layer.k_cache, layer.v_cache, r.k, r.v, step.batch_indices, step.positions,
                                           step.kv_indices, step.kv_indptr, step.kv_last_page_len)
            if decode:
                hipinfer.paged_attention_decode(r.attention, None, r.q, layer.k_cache, layer.v_cache, step.kv_indptr,
                                                step.kv_indices, step.kv_last_page_len)
            else:
                hipinfer.paged_attention_prefill(r.attention, None, r.q, layer.k_cache, layer.v_cache, step.qo_indptr,
                                                 step.kv_indptr, step.kv_indices, step.kv_last_page_len, causal=True)
            layer.out(r.x, r.attention_flat)
            hipinfer.fused_add_rmsnorm(r.x, r.residual, layer.post_norm, eps)
            layer.gate_up(r.gate_up, r.x)
            hipinfer.silu_and_mul(r.act, r.gate_up)
            layer.down(r.x, r.act)
        hipinfer.fused_add_rmsnorm(r.x, r.residual, self.norm, eps)
        return r.x

    def next_logits(self, hidden: hipinfer.Tensor, requests: int, decode: bool) -> hipinfer.Tensor:
        """f32 logits for the token after each request's last one. Row gather is what `embedding` does."""
        logits, last = self.logits[:requests], hidden
        if not decode:
            last = self.buffers["last"][:requests]
            hipinfer.embedding(last, hidden, self.step.last_rows)
        hipinfer.gemm(logits, last, self.head)
        return logits


def rope_options(config: Config) -> Dict[str, object]:
    s = config.rope_scaling
    if not s:
        return {}
    if s["kind"] == "linear":
        return {"scaling": "linear", "factor": s["factor"]}
    return {"scaling": "llama31", "factor": s["factor"], "low_freq_factor": s["low_freq_factor"],
            "high_freq_factor": s["high_freq_factor"], "original_context": int(s["original_max_position_embeddings"])}
