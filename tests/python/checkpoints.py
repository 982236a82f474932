# SPDX-License-Identifier: Apache-2.0
"""Small random checkpoints of each family, and what they should say: the forward pass in double, written from the
definition, over the whole sequence at once."""

import json
import struct
from pathlib import Path

import numpy as np

BASE = dict(vocab_size=96, hidden_size=32, intermediate_size=48, num_hidden_layers=2, num_attention_heads=4,
            num_key_value_heads=2, max_position_embeddings=256, rms_norm_eps=1e-5, hidden_act="silu",
            torch_dtype="float32", eos_token_id=1, rope_theta=10000.0)
LLAMA3 = dict(rope_type="llama3", factor=4.0, low_freq_factor=1.0, high_freq_factor=4.0,
              original_max_position_embeddings=32)
FAMILIES = {
    "llama": dict(model_type="llama", tie_word_embeddings=True),
    "llama-untied-biased": dict(model_type="llama", attention_bias=True, mlp_bias=True, head_dim=16),
    "llama-linear": dict(model_type="llama", rope_scaling={"type": "linear", "factor": 2.0}),
    "llama3": dict(model_type="llama", rope_scaling=LLAMA3, rope_theta=500000.0),
    "llama3-transformers5": dict(model_type="llama", rope_theta=None, dtype="float32",
                                 rope_parameters={**LLAMA3, "rope_theta": 500000.0}),
    "mistral": dict(model_type="mistral", sliding_window=None, head_dim=None, num_key_value_heads=1),
    "qwen2": dict(model_type="qwen2", use_sliding_window=False, sliding_window=4, rope_theta=1000000.0),
    "qwen3": dict(model_type="qwen3", head_dim=24, tie_word_embeddings=True, attention_bias=False),
}


def shapes(c):
    """As transformers' modules declare them."""
    d = c.get("head_dim") or c["hidden_size"] // c["num_attention_heads"]
    n, m, q, kv = c["hidden_size"], c["intermediate_size"], c["num_attention_heads"] * d, c["num_key_value_heads"] * d
    out = {"model.embed_tokens.weight": (c["vocab_size"], n), "model.norm.weight": (n,)}
    if not c.get("tie_word_embeddings"):
        out["lm_head.weight"] = (c["vocab_size"], n)
    for i in range(c["num_hidden_layers"]):
        p = f"model.layers.{i}."
        for name, shape in {"self_attn.q_proj": (q, n), "self_attn.k_proj": (kv, n), "self_attn.v_proj": (kv, n),
                            "self_attn.o_proj": (n, q), "mlp.gate_proj": (m, n), "mlp.up_proj": (m, n),
                            "mlp.down_proj": (n, m)}.items():
            out[p + name + ".weight"] = shape
            attention = "self_attn" in name
            if (attention and c.get("attention_bias")) or (not attention and c.get("mlp_bias")) or (
                    c["model_type"] == "qwen2" and attention and "o_proj" not in name):
                out[p + name + ".bias"] = shape[:1]
        for name in ("input_layernorm", "post_attention_layernorm"):
            out[p + name + ".weight"] = (n,)
        if c["model_type"] == "qwen3":
            out[p + "self_attn.q_norm.weight"] = out[p + "self_attn.k_norm.weight"] = (d,)
    return out


def config_of(family, **changes):
    return {**BASE, **FAMILIES[family], **changes}


def random_weights(config, seed=0):
    rng = np.random.default_rng(seed)
    return {name: ((1 + 0.2 * rng.standard_normal(s)) if "norm" in name else rng.standard_normal(s) / np.sqrt(s[-1]))
            .astype(np.float32) for name, s in shapes(config).items()}


def save_safetensors(path, tensors, dtype="F32", pad=True):
    header, at, data = {"__metadata__": {"format": "pt"}}, 0, []
    for name, a in tensors.items():
        a = np.ascontiguousarray(a, np.float32)
        raw = a.tobytes() if dtype == "F32" else (a.view(np.uint32) >> 16).astype(np.uint16).tobytes() if dtype == "BF16" \
            else a.astype(np.float16).tobytes()
        header[name] = {"dtype": dtype, "shape": list(a.shape), "data_offsets": [at, at + len(raw)]}
        data.append(raw)
        at += len(raw)
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8 if pad else 1 - len(text) % 2)
    Path(path).write_bytes(struct.pack("<Q", len(text)) + text + b"".join(data))


def save(folder, config, weights, shards=1, tokenizer=True, **how):
    """A checkpoint folder. The tokenizer has a token a byte of `alphabet`."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "config.json").write_text(json.dumps(config))
    names = list(weights)
    if shards == 1:
        save_safetensors(folder / "model.safetensors", weights, **how)
    else:
        where = {}
        for s in range(shards):
            file = f"model-{s + 1:05}-of-{shards:05}.safetensors"
            part = {n: weights[n] for n in names[s::shards]}
            save_safetensors(folder / file, part, **how)
            where.update(dict.fromkeys(part, file))
        (folder / "model.safetensors.index.json").write_text(json.dumps({"metadata": {}, "weight_map": where}))
    if tokenizer:
        vocabulary = {"<bos>": 0, "<eos>": 1, **{chr(97 + i): 2 + i for i in range(26)}}
        (folder / "tokenizer.json").write_text(json.dumps({
            "version": "1.0", "truncation": None, "padding": None, "normalizer": None, "post_processor": None,
            "decoder": {"type": "Fuse"}, "added_tokens": [],
            "pre_tokenizer": {"type": "Split", "pattern": {"Regex": ""}, "behavior": "Isolated", "invert": False},
            "model": {"type": "WordLevel", "vocab": vocabulary, "unk_token": "<bos>"}}))
    return folder


def inverse_frequencies(c, d):
    table = c.get("rope_parameters") or c.get("rope_scaling") or {}
    theta = table.get("rope_theta") or c["rope_theta"]
    inv = theta ** (-np.arange(0, d, 2) / d)
    kind = table.get("rope_type", table.get("type"))
    if kind == "linear":
        return inv / table["factor"]
    if kind == "llama3":
        wave = 2 * np.pi / inv
        old, low, high = (table[k] for k in ("original_max_position_embeddings", "low_freq_factor", "high_freq_factor"))
        smooth = (old / wave - low) / (high - low)
        mixed = (1 - smooth) * inv / table["factor"] + smooth * inv
        return np.where(wave > old / low, inv / table["factor"], np.where(wave < old / high, inv, mixed))
    return inv


def logits(c, weights, ids):
    """[tokens, vocabulary] in double."""
    w = {n: a.astype(np.float64) for n, a in weights.items()}
    heads, kv = c["num_attention_heads"], c["num_key_value_heads"]
    d = c.get("head_dim") or c["hidden_size"] // heads
    t = len(ids)
    angle = np.arange(t)[:, None] * inverse_frequencies(c, d)
    cos, sin = np.cos(angle)[:, None], np.sin(angle)[:, None]

    def norm(x, name):
        return x / np.sqrt((x * x).mean(-1, keepdims=True) + c["rms_norm_eps"]) * w[name]

    def linear(x, name):
        return x @ w[name + ".weight"].T + w.get(name + ".bias", 0)

    def rotate(x):
        a, b = x[..., :d // 2], x[..., d // 2:]
        return np.concatenate([a * cos - b * sin, b * cos + a * sin], -1)

    h = w["model.embed_tokens.weight"][ids]
    for i in range(c["num_hidden_layers"]):
        p = f"model.layers.{i}."
        x = norm(h, p + "input_layernorm.weight")
        q, k, v = (linear(x, p + f"self_attn.{n}_proj").reshape(t, -1, d) for n in "qkv")
        if c["model_type"] == "qwen3":
            q, k = norm(q, p + "self_attn.q_norm.weight"), norm(k, p + "self_attn.k_norm.weight")
        q, k = rotate(q), rotate(k)
        k, v = k.repeat(heads // kv, 1), v.repeat(heads // kv, 1)
        s = np.einsum("qhd,khd->hqk", q, k) / np.sqrt(d)
        s = np.where(np.tri(t, dtype=bool), s, -np.inf)
        s = np.exp(s - s.max(-1, keepdims=True))
        a = np.einsum("hqk,khd->qhd", s / s.sum(-1, keepdims=True), v).reshape(t, -1)
        h = h + linear(a, p + "self_attn.o_proj")
        x = norm(h, p + "post_attention_layernorm.weight")
        gate = linear(x, p + "mlp.gate_proj")
        h = h + linear(gate / (1 + np.exp(-gate)) * linear(x, p + "mlp.up_proj"), p + "mlp.down_proj")
    return norm(h, "model.norm.weight") @ w.get("lm_head.weight", w["model.embed_tokens.weight"]).T
